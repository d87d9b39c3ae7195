import LinliCore
import LinliSQL
import LinliStandards

/// A field somebody changed without a network: what they saw before, and what it shall be.
struct OfflineChange: Sendable {
    let subject: RegisterSubject
    let field: RegisterField
    /// What the phone saw: `=value` for what is shown, `#milliseconds` for what stays closed.
    let before: String
    /// As it is kept; empty takes it away, what is kept closely only where the entry says so (`OfflineSync.removes`).
    let value: String

    /// Fields that can be changed without a network; numbers of papers are entered on the desk, where they are checked
    /// against the paper's copy.
    static func isOffered(_ field: RegisterField) -> Bool {
        field.fieldClass != .special
            && (field.isFact
                || ["person.name", "person.sex", "person.born", "person.phone", "dwelling.occupancy"]
                    .contains(field.id))
    }

    /// The changes of an entry, checked; of two of one field the later one.
    ///
    /// - Throws: `.invalid` with the field and what to do about it.
    static func all(in entry: OfflineEntry, today: CivilDate) throws -> [OfflineChange] {
        guard case .array(let values)? = entry.body["changes"] else { return [] }
        var changes: [OfflineChange] = []
        for value in values.prefix(60) {
            guard case .object(let change) = value, let kind = RegisterKind(rawValue: change.text("kind")),
                let id: ID<OfflineChange> = change.id("id"), let field = RegisterField.named(change.text("field")),
                field.kind == kind, isOffered(field)
            else { throw LinliError.notFound("offline.field") }
            // Nobody sees what is kept closely, so an empty box leaves it as it is; that it goes is said.
            let isEmpty = change.text("value").trimmed.isEmpty
            if field.fieldClass != .basic, isEmpty, !change.flag(OfflineSync.removes) { continue }
            let checked = try RegisterCommands.check([field: change.text("value")], today: today).values
            let subject = RegisterSubject(kind, id)
            changes.removeAll { $0.subject == subject && $0.field == field }
            changes.append(
                OfflineChange(
                    subject: subject, field: field, before: change.text("before"), value: checked[field] ?? ""))
        }
        return changes
    }

    /// Whether it is about somebody or something of the household.
    func belongs(to household: HouseholdRecord, _ members: Set<Int64>) -> Bool {
        switch subject.kind {
        case .person: members.contains(subject.id)
        case .dwelling: subject.id == household.dwelling.rawValue
        default: false
        }
    }
}

/// What an entry's changes come to over what stands there now: made outside a write, done by it unless somebody was
/// faster.
struct OfflinePlan: Sendable {
    /// What is set of one thing.
    private struct Part: Sendable {
        let item: RegisterItem
        let changes: [RegisterCommands.Change]
        let history: RegisterHistory.Draft
    }

    /// One thing as it stands.
    private struct Known: Sendable {
        let item: RegisterItem
        let facts: [RegisterFact]
        let cells: [(field: RegisterField, secret: (cell: Cell, sealed: [UInt8]))]
    }

    /// What both sides changed.
    private(set) var differences: [OfflineOutcome.Difference] = []
    private var parts: [Part] = []

    /// Compares what the phone saw with what stands there.
    ///
    /// - Throws: `.invalid` for who is not of the household any more, `.conflict` for what has ended or is only kept.
    init(
        _ changes: [OfflineChange], of household: HouseholdRecord, _ context: Context, _ database: Database
    ) async throws {
        let known = try await database.read { tx in
            let members = Set(try RegisterQueries.members(of: household.id, tx).map(\.person.id.rawValue))
            var known: [RegisterSubject: Known] = [:]
            for change in changes {
                guard change.belongs(to: household, members) else { throw OfflineHouseholds.noMember }
                guard known[change.subject] == nil else { continue }
                let fields = changes.filter { $0.subject == change.subject }.map(\.field)
                known[change.subject] = Known(
                    item: try RegisterCommands.open(change.subject, context, tx),
                    facts: try RegisterQueries.facts(of: change.subject, tx),
                    cells: try RegisterReading.cells(fields, of: change.subject, tx))
            }
            return known
        }
        for (subject, thing) in known.sorted(by: { $0.key.id < $1.key.id }) {
            var done: [RegisterCommands.Change] = []
            for change in changes where change.subject == subject {
                let (old, marks, shown) = try OfflinePlan.now(change.field, thing, database.keys)
                if change.value == old { continue }
                guard marks.contains(change.before) else {
                    differences.append(
                        OfflineOutcome.Difference(
                            kind: subject.kind.rawValue, id: "\(ID<OfflineChange>(rawValue: subject.id))",
                            field: change.field.id, mine: change.value, theirs: shown, mark: marks.last ?? "="))
                    continue
                }
                let fact = thing.facts.first { $0.field == change.field }?.id
                done.append(
                    try RegisterCommands.Change(
                        change.field, old: old, new: change.value, fact: fact, of: subject, database))
            }
            guard !done.isEmpty else { continue }
            let values = done.map { ($0.field.id, (old: $0.old, new: $0.new)) }
            let history = try database.draft(.changed, Dictionary(values, uniquingKeysWith: { _, later in later }))
            parts.append(Part(item: thing.item, changes: done, history: history))
        }
    }

    /// How a field of something stands for whoever decides: in the word a phone would have for it, and its value where it
    /// may be shown.
    static func present(
        _ field: RegisterField, of item: RegisterItem, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (mark: String, shown: String?) {
        let thing = Known(
            item: item, facts: try RegisterQueries.facts(of: item.subject, tx),
            cells: try RegisterReading.cells([field], of: item.subject, tx))
        let (_, marks, shown) = try now(field, thing, keys)
        return (marks.last ?? "=", shown)
    }

    /// How a field stands: its value, every word a phone may have for it, the safest to tell last, and the value where
    /// it may be shown.
    private static func now(
        _ field: RegisterField, _ thing: Known, _ keys: KeyRing
    ) throws -> (value: String, marks: [String], shown: String?) {
        let secret = try thing.cells.first { $0.field == field }.map { cell in
            try keys.open(cell.secret.sealed, cell: cell.secret.cell)
        }
        guard field.isFact else {
            guard field.id == "person.phone" else {
                let value = thing.item.values[field] ?? ""
                return (value, ["=" + value], value)
            }
            let mask = secret.flatMap { PhoneNumber($0)?.masked } ?? ""
            return (secret ?? "", ["=" + mask], mask)
        }
        guard let fact = thing.facts.first(where: { $0.field == field }) else { return ("", ["="], "") }
        if let value = fact.value { return (value, ["=" + value], value) }
        return (secret ?? "", ["=" + (secret ?? ""), "#\(fact.at.milliseconds)"], nil)
    }

    /// Sets what only this side changed.
    ///
    /// - Throws: `.conflict` when somebody changed it since it was read.
    func write(_ tx: WriteTx) throws {
        for part in parts {
            try RegisterCommands.bump(part.item, version: part.item.entry.version, part.changes.flatMap(\.sets), tx)
            for change in part.changes where change.field.isFact {
                try change.writeFact(of: part.item, source: OfflineHouseholds.source, tx)
            }
            try part.history.insert(part.item.subject, source: OfflineHouseholds.source, tx)
            try RegisterCommands.tell(part.item, .changed, fields: part.changes.map(\.field.id), tx)
        }
    }
}
