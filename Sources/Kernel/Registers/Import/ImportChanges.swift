import LinliCore
import LinliSQL

extension Migration {
    /// What an import changed of people who stood in the register, so that it can be taken back.
    static let importChanges = Migration(
        "2026-11-27.20-import-changes",
        """
        ALTER TABLE register_import ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE register_import ADD COLUMN is_updating INTEGER NOT NULL DEFAULT 0 CHECK (is_updating IN (0, 1));
        CREATE TABLE register_import_change (
            change_id INTEGER NOT NULL PRIMARY KEY,
            import_id INTEGER NOT NULL REFERENCES register_import (id),
            person_id INTEGER NOT NULL REFERENCES person (id),
            version INTEGER NOT NULL,
            undone_at INTEGER
        ) STRICT;
        CREATE INDEX register_import_change_import ON register_import_change (import_id, change_id);
        CREATE INDEX register_import_change_person ON register_import_change (person_id, import_id);
        """
    )
}

extension RegisterImports {
    /// Changes of people who are known, made ready: by the same path as one by hand.
    static func ready(
        _ changes: [(person: ID<Person>, values: RegisterCommands.Typed)], in division: DivisionCode,
        _ database: Database
    ) async throws -> [RegisterCommands.ReadyChange] {
        guard !changes.isEmpty else { return [] }
        let known = try await database.read { tx in
            try changes.compactMap { person, values -> (RegisterCommands.Known, RegisterCommands.Typed)? in
                // Who moved away or wants nothing but keeping since the row was looked at is left alone.
                guard let item = try RegisterQueries.item(RegisterSubject(.person, person), tx), item.isHere,
                    item.restrictedAt == nil, division.contains(item.division)
                else { return nil }
                return (try RegisterCommands.Known(item, Array(values.keys), tx), values)
            }
        }
        return try known.compactMap { try RegisterCommands.ReadyChange($1, of: $0, database) }
    }

    /// Stores changes of an import, and that it made them.
    static func apply(_ changes: [RegisterCommands.ReadyChange], of id: ID<RegisterImport>, _ tx: WriteTx) throws {
        for change in changes {
            try change.apply(source: "import", tx)
            try tx.execute(
                """
                INSERT INTO register_import_change (change_id, import_id, person_id, version)
                VALUES (\(change.history.id), \(id), \(change.item.subject.id), \(change.item.entry.version + 1))
                """
            )
        }
    }

    /// Gives people whom an import changed their old values back, where nobody changed them since.
    static func restore(_ found: RegisterImport, _ context: Context, _ database: Database) async throws {
        var after: Int64 = 0
        while true {
            let from = after
            let rows = try await database.read { try changed(by: found.id, after: from, $0) }
            guard let last = rows.last else { return }
            after = last.change.rawValue
            let known = try await database.read { tx in
                try rows.compactMap { row -> (ID<RegisterChangeRow>, RegisterCommands.Known, RegisterCommands.Typed)? in
                    guard let sealed = row.sealed,
                        let item = try RegisterQueries.item(RegisterSubject(.person, row.person), tx), item.isHere,
                        item.restrictedAt == nil, item.entry.version == row.version
                    else { return nil }
                    var old: RegisterCommands.Typed = [:]
                    for (name, value) in try RegisterHistory.open(sealed, row.change, database.keys) {
                        if let field = RegisterField.named(name) { old[field] = value.old }
                    }
                    return (row.change, try RegisterCommands.Known(item, Array(old.keys), tx), old)
                }
            }
            let ready = try known.compactMap { change, known, old in
                try RegisterCommands.ReadyChange(old, of: known, database).map { (change, $0) }
            }
            try await database.write(context, "registers.undoChanges") { tx in
                for (change, back) in ready {
                    try back.apply(source: "import", tx)
                    try tx.execute(
                        "UPDATE register_import_change SET undone_at = \(tx.now) WHERE change_id = \(change)")
                }
                try tx.execute(
                    "UPDATE register_import SET undone = undone + \(ready.count) WHERE id = \(found.id)")
                try tx.audit(found.subject, fields: ["changed×\(ready.count)"])
            }
        }
    }

    private typealias Row = (
        change: ID<RegisterChangeRow>, person: ID<Person>, version: Int, sealed: [UInt8]?
    )

    private static func changed(by id: ID<RegisterImport>, after: Int64, _ tx: ReadTx) throws -> [Row] {
        try tx.all(
            """
            SELECT i.change_id, i.person_id, i.version, c.values_sealed
            FROM register_import_change i JOIN register_change c ON c.id = i.change_id
            WHERE i.import_id = \(id) AND i.change_id > \(after) AND i.undone_at IS NULL
            ORDER BY i.change_id LIMIT \(chunk)
            """
        ) { (try $0[0], try $0[1], try $0[2], try $0[3]) }
    }
}
