import LinliCore
import LinliSQL
import LinliStandards

extension RegisterCommands {
    /// An entry with what a change of some of its fields must know of it.
    struct Known: Sendable {
        let item: RegisterItem
        let facts: [RegisterFact]
        let cells: [(field: RegisterField, secret: (cell: Cell, sealed: [UInt8]))]

        init(_ item: RegisterItem, _ fields: [RegisterField], _ tx: ReadTx) throws {
            self.item = item
            facts = try RegisterQueries.facts(of: item.subject, tx)
            cells = try RegisterReading.cells(fields, of: item.subject, tx)
        }
    }

    /// A change with its history, made ready outside of the transaction that stores it.
    struct ReadyChange: Sendable {
        let item: RegisterItem
        let changes: [Change]
        let history: RegisterHistory.Draft

        /// Compares checked values with what stands there; nil when nothing would be different.
        init?(_ values: Typed, of known: Known, _ database: Database) throws {
            item = known.item
            var old: Typed = item.values
            for fact in known.facts { old[fact.field] = fact.value }
            for (field, secret) in known.cells { old[field] = try database.keys.open(secret.sealed, cell: secret.cell) }
            var changes: [Change] = []
            for (field, value) in values where value != old[field] ?? "" {
                let row = known.facts.first { $0.field == field }?.id
                changes.append(
                    try Change(field, old: old[field] ?? "", new: value, fact: row, of: item.subject, database))
            }
            guard !changes.isEmpty else { return nil }
            self.changes = changes.sorted { $0.field.id < $1.field.id }
            history = try database.draft(
                .changed,
                Dictionary(uniqueKeysWithValues: changes.map { ($0.field.id, (old: $0.old, new: $0.new)) }))
        }

        /// Stores it, unless somebody changed the entry since `version`.
        func apply(version: Int? = nil, source: String, _ tx: WriteTx) throws {
            try bump(item, version: version ?? item.entry.version, changes.flatMap(\.sets), tx)
            for change in changes where change.field.isFact { try change.writeFact(of: item, source: source, tx) }
            try history.insert(item.subject, source: source, tx)
            try tell(item, .changed, fields: changes.map(\.field.id), tx)
        }
    }
}
