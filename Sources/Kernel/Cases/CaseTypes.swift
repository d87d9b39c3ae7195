import LinliCore
import LinliSQL
import Synchronization

/// The case types a deployment knows, every version: those the program ships and those its administrators published.
///
/// Running cases keep the version they began with, so a version that was ever published stays. What was published here
/// goes before what a newer program ships: that is offered to the administrators, never put in its place.
package final class CaseTypes: Sendable {
    private struct Known {
        private(set) var shipped: [String: [Int: CaseType]] = [:]
        private(set) var published: [String: [Int: CaseType]] = [:]
        /// Every state by type and name, of the newest version that has it: lists ask for two in each row.
        private(set) var states: [String: [String: CaseType.State]] = [:]
        /// The names of states by the tab they are listed under.
        private(set) var tabs: [String: [String]] = [:]

        /// The texts of those that were shipped.
        private(set) var texts: [String: [Int: String]] = [:]

        mutating func ship(_ type: CaseType, _ text: String) {
            shipped[type.id, default: [:]][type.version] = type
            texts[type.id, default: [:]][type.version] = text
            learn(type.id)
        }

        mutating func publish(_ type: CaseType) {
            published[type.id, default: [:]][type.version] = type
            learn(type.id)
        }

        private mutating func learn(_ id: String) {
            var known: [String: CaseType.State] = [:]
            for (_, type) in versions(id).sorted(by: { $0.key < $1.key }) {
                for state in type.states { known[state.id] = state }
            }
            states[id] = known
            var named: [String: Set<String>] = [:]
            for id in ids {
                for state in versions(id).values.flatMap(\.states) { named[state.tab, default: []].insert(state.id) }
            }
            tabs = named.mapValues { $0.sorted() }
        }

        /// Every version of a type; of one number the published one.
        func versions(_ id: String) -> [Int: CaseType] {
            (shipped[id] ?? [:]).merging(published[id] ?? [:]) { _, published in published }
        }

        var ids: Set<String> { Set(shipped.keys).union(published.keys) }

        func newest(_ id: String) -> CaseType? {
            (published[id] ?? shipped[id])?.max { $0.key < $1.key }?.value
        }
    }

    private let known: Mutex<Known>

    /// Loads YAML definitions.
    ///
    /// - Throws: `CaseTypeProblem.Several` naming every problem with its line.
    package init(yaml texts: [String]) throws {
        var known = Known()
        for text in texts { known.ship(try CaseTypes.read(text), text) }
        self.known = Mutex(known)
    }

    /// Texts that were read. Those that ship are few and part of the program; a process that opens the house a thousand
    /// times, as the tests do, spent a tenth of its time reading them again.
    private static let readTexts = Mutex<[String: CaseType]>([:])

    private static func read(_ text: String) throws -> CaseType {
        if let type = readTexts.withLock({ $0[text] }) { return type }
        let type = try CaseTypeLoader.load(text)
        readTexts.withLock { $0[text] = type }
        return type
    }

    /// Adds a published version; it goes before a shipped one of its number.
    package func add(_ type: CaseType) {
        known.withLock { $0.publish(type) }
    }

    /// Whether a version is known.
    package func knows(_ id: String, version: Int) -> Bool {
        known.withLock { $0.versions(id)[version] != nil }
    }

    /// A version of a type.
    package func type(_ id: String, version: Int) throws -> CaseType {
        guard let type = known.withLock({ $0.versions(id)[version] }) else {
            throw LinliError.fault("caseType.unknown", "\(id) v\(version)")
        }
        return type
    }

    /// The newest version of a type: new cases begin with it.
    package func current(_ id: String) throws -> CaseType {
        guard let newest = newest(id) else { throw LinliError.fault("caseType.unknown", id) }
        return newest
    }

    /// The newest version of a type, if it is known: of those published here when there are any.
    package func newest(_ id: String) -> CaseType? { known.withLock { $0.newest(id) } }

    /// The largest number a version of a type has, 0 for a type nobody knows.
    package func largestVersion(_ id: String) -> Int { known.withLock { $0.versions(id).keys.max() ?? 0 } }

    /// The newest version the program ships with its text; nil for a deployment's own type.
    package func shipped(_ id: String) -> (type: CaseType, yaml: String)? {
        known.withLock { known in
            guard let type = known.shipped[id]?.max(by: { $0.key < $1.key })?.value,
                let yaml = known.texts[id]?[type.version]
            else { return nil }
            return (type, yaml)
        }
    }

    /// The numbers of every version of a type that a program shipped, the newest first.
    package func shippedVersions(_ id: String) -> [Int] {
        known.withLock { ($0.shipped[id] ?? [:]).keys.sorted(by: >) }
    }

    /// The text of a shipped version.
    package func shippedText(_ id: String, version: Int) -> String? { known.withLock { $0.texts[id]?[version] } }

    /// The newest version of every type.
    package var all: [CaseType] {
        known.withLock { known in known.ids.sorted().compactMap { known.newest($0) } }
    }

    /// Every version of every type that is known.
    var versions: [CaseType] {
        known.withLock { known in
            known.ids.sorted().flatMap { id in known.versions(id).sorted { $0.key < $1.key }.map(\.value) }
        }
    }

    /// A state as staff read it; its identifier when no version of the type has it any more.
    package func state(_ id: String, of type: String) -> CaseType.State? {
        known.withLock { $0.states[type]?[id] } ?? (id == CaseType.State.merged.id ? .merged : nil)
    }

    /// Identifiers of the states listed under a tab of the desk, over all types and versions.
    package func states(of tab: CaseFilter.Tab) -> [String] {
        known.withLock { $0.tabs[tab.rawValue] ?? [] } + (tab == .closed ? [CaseType.State.merged.id] : [])
    }

    /// Identifiers of the states that satisfy a condition, over all types and versions, in order.
    package func states(where matches: (CaseType.State) -> Bool) -> [String] {
        let all = known.withLock { known in known.ids.flatMap { known.versions($0).values.flatMap(\.states) } }
        return Set(all.filter(matches).map(\.id)).sorted()
    }
}

extension CaseTypes {
    /// Keeps what the program ships in the store, and takes up what older programs shipped: a case that began with a
    /// definition goes by it to its end, also when an upgrade replaced the file. Returns those that this program ships
    /// with another text under a number that is in force here already: what was first there goes on counting.
    @discardableResult
    package func remember(_ database: Database) async throws -> [String] {
        let stored = try await database.read { tx in
            try tx.all("SELECT type, version, yaml FROM case_type_shipped ORDER BY type, version") {
                (type: try $0[0] as String, version: try $0[1] as Int, yaml: try $0[2] as String)
            }
        }
        var changed: [String] = []
        var fresh = known.withLock { $0.texts }
        for kept in stored {
            let shipped = fresh[kept.type]?.removeValue(forKey: kept.version)
            guard shipped != kept.yaml else { continue }
            if shipped != nil { changed.append("\(kept.type) \(kept.version)") }
            let type = try CaseTypeLoader.load(kept.yaml, kept: true)
            known.withLock { known in
                known.ship(type, kept.yaml)
            }
        }
        let rows = fresh.flatMap { type, texts in texts.map { (type: type, version: $0.key, yaml: $0.value) } }
        guard !rows.isEmpty else { return changed }
        try await database.system { tx in
            for row in rows {
                try tx.execute(
                    """
                    INSERT INTO case_type_shipped (type, version, yaml, seen_at)
                    VALUES (\(row.type), \(row.version), \(row.yaml), \(tx.now))
                    ON CONFLICT (type, version) DO NOTHING
                    """
                )
            }
        }
        return changed
    }

    /// Reads the versions that were published here, beside those the program ships.
    package func load(_ database: Database) async throws {
        let texts: [String] = try await database.read { tx in
            try tx.all("SELECT yaml FROM case_type_version ORDER BY type, version") { try $0[0] }
        }
        for text in texts { add(try CaseTypeLoader.load(text, kept: true)) }
    }

    /// Publishes a version: new cases begin with it, running ones keep theirs.
    ///
    /// - Throws: `CaseTypeProblem.Several` for a definition that is not right, `.conflict` for a version that is taken.
    package func publish(_ yaml: String, reason: String = "", _ tx: WriteTx) throws -> CaseType {
        let type = try CaseTypeLoader.load(yaml)
        guard !knows(type.id, version: type.version) else {
            throw LinliError(
                .conflict,
                "caseTypes.version",
                Text("第 \(type.version) 版已经有了，请把 version 改大", "Version \(type.version) exists; take a larger one")
            )
        }
        if let other = holder(of: type.numberPrefix, besides: type.id) {
            throw LinliError(
                .conflict, "caseTypes.prefix",
                Text(
                    "编号前缀 \(type.numberPrefix) 已经是“\(other)”的，请换一个",
                    "The number prefix \(type.numberPrefix) is that of “\(other)”: please take another"))
        }
        try tx.execute(
            """
            INSERT INTO case_type_version (type, version, yaml, published_by, published_at, reason)
            VALUES (\(type.id), \(type.version), \(yaml), \(tx.context.actor.account), \(tx.now), \(reason))
            """
        )
        try tx.raise(.caseTypes)
        try tx.audit(Subject("caseType", Int64(type.version)), fields: ["published", type.id], values: [reason])
        return type
    }

    /// Whose numbers begin with a prefix, besides a type's own; nil when nobody's do.
    private func holder(of prefix: String, besides type: String) -> String? {
        known.withLock { known in
            known.ids.sorted().first { $0 != type && known.newest($0)?.numberPrefix == prefix }
        }
    }

    /// A prefix for the numbers of a type to come that no other type has: the first letters of its id.
    package func freePrefix(for id: String) -> String {
        let letters = id.uppercased().filter { $0.isASCII && $0.isLetter }
        let tries = (2...8).map { String(letters.prefix($0)) } + (2...99).map { String(letters.prefix(2)) + "\($0)" }
        return tries.first { !$0.isEmpty && holder(of: $0, besides: id) == nil } ?? letters
    }
}
