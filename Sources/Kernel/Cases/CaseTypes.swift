import LinliCore
import LinliSQL
import Synchronization

/// The case types a deployment knows, every version: those the program ships and those its administrators published.
///
/// Running cases keep the version they began with, so a version that was ever published stays.
package final class CaseTypes: Sendable {
    private let versions: Mutex<[String: [Int: CaseType]]>

    /// Loads YAML definitions.
    ///
    /// - Throws: `CaseTypeProblem.Several` naming every problem with its line.
    package init(yaml texts: [String]) throws {
        var versions: [String: [Int: CaseType]] = [:]
        for text in texts {
            let type = try CaseTypeLoader.load(text)
            versions[type.id, default: [:]][type.version] = type
        }
        self.versions = Mutex(versions)
    }

    /// Adds a published version; one that is known already stays as it is.
    package func add(_ type: CaseType) {
        versions.withLock { versions in
            if versions[type.id]?[type.version] == nil { versions[type.id, default: [:]][type.version] = type }
        }
    }

    /// Whether a version is known.
    package func knows(_ id: String, version: Int) -> Bool {
        versions.withLock { $0[id]?[version] != nil }
    }

    /// A version of a type.
    package func type(_ id: String, version: Int) throws -> CaseType {
        guard let type = versions.withLock({ $0[id]?[version] }) else {
            throw LinliError.fault("caseType.unknown", "\(id) v\(version)")
        }
        return type
    }

    /// The newest version of a type: new cases begin with it.
    package func current(_ id: String) throws -> CaseType {
        guard let newest = newest(id) else { throw LinliError.fault("caseType.unknown", id) }
        return newest
    }

    /// The newest version of a type, if it is known.
    package func newest(_ id: String) -> CaseType? {
        versions.withLock { $0[id]?.max { $0.key < $1.key }?.value }
    }

    /// The newest version of every type.
    package var all: [CaseType] {
        versions.withLock { versions in
            versions.keys.sorted().compactMap { id in versions[id]?.max { $0.key < $1.key }?.value }
        }
    }

    /// A state as staff read it; its identifier when no version of the type has it any more.
    package func state(_ id: String, of type: String) -> CaseType.State? {
        versions.withLock { versions in
            let known = (versions[type] ?? [:]).sorted { $0.key > $1.key }
            return known.lazy.compactMap { $0.value.states.first { $0.id == id } }.first
                ?? (id == CaseType.State.merged.id ? .merged : nil)
        }
    }

    /// Identifiers of the states listed under a tab of the desk, over all types and versions.
    package func states(of tab: CaseFilter.Tab) -> [String] {
        states(where: { $0.tab == tab.rawValue }) + (tab == .closed ? [CaseType.State.merged.id] : [])
    }

    /// Identifiers of the states that satisfy a condition, over all types and versions, in order.
    package func states(where matches: (CaseType.State) -> Bool) -> [String] {
        let all = versions.withLock { versions in versions.values.flatMap { $0.values.flatMap(\.states) } }
        return Set(all.filter(matches).map(\.id)).sorted()
    }
}

extension CaseTypes {
    /// Reads the versions that were published here, beside those the program ships.
    package func load(_ database: Database) async throws {
        let texts: [String] = try await database.read { tx in
            try tx.all("SELECT yaml FROM case_type_version ORDER BY type, version") { try $0[0] }
        }
        for text in texts { add(try CaseTypeLoader.load(text)) }
    }

    /// Publishes a version: new cases begin with it, running ones keep theirs.
    ///
    /// - Throws: `CaseTypeProblem.Several` for a definition that is not right, `.conflict` for a version that is taken.
    package func publish(_ yaml: String, _ tx: WriteTx) throws -> CaseType {
        let type = try CaseTypeLoader.load(yaml)
        guard !knows(type.id, version: type.version) else {
            throw LinliError(
                .conflict,
                "caseTypes.version",
                Text("第 \(type.version) 版已经有了，请把 version 改大", "Version \(type.version) exists; take a larger one")
            )
        }
        try tx.execute(
            """
            INSERT INTO case_type_version (type, version, yaml, published_by, published_at)
            VALUES (\(type.id), \(type.version), \(yaml), \(tx.context.actor.account), \(tx.now))
            """
        )
        try tx.raise(.caseTypes)
        try tx.audit(Subject("caseType", Int64(type.version)), fields: ["published", type.id])
        return type
    }
}
