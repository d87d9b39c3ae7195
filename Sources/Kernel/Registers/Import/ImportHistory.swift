import LinliCore
import LinliSQL

extension RegisterHistory {
    /// A sheet that was brought in, as a line of history names it.
    package struct Sheet: Sendable {
        /// The import.
        package let id: ID<RegisterImport>
        /// When it was brought.
        package let at: Instant
        /// How many rows it had.
        package let rows: Int
        /// For where.
        package let division: DivisionCode
    }

    /// How a sheet brought something in, as the first line of its history; nil for what came otherwise. It stands in no
    /// row of its own: a sheet of a city would write as many lines as people.
    static func brought(_ subject: RegisterSubject, _ tx: ReadTx) throws -> Line? {
        try tx.first(
            """
            SELECT i.id, i.at, i.total, i.division, a.name, x.valid_from, x.source
            FROM \(RegisterQueries.table(of: subject.kind)) x JOIN register_import i ON i.id = x.import_id
            JOIN account a ON a.id = i.account_id WHERE x.id = \(subject.id)
            """
        ) { row in
            let id: ID<RegisterImport> = try row[0]
            return Line(
                id: ID(rawValue: id.rawValue), at: try row[5], what: .entered, fields: [], actor: try row[4],
                source: try row[6], values: [:], subject: subject,
                sheet: Sheet(id: id, at: try row[1], rows: try row[2], division: try row[3]))
        }
    }

    /// Notes that entries were taken back with the import that had brought them.
    static func undo(_ ids: [Int64], _ kind: RegisterKind, _ tx: WriteTx) throws {
        let context = tx.context
        let (fields, source) = ("", "import")
        let rows = try ids.map { id -> SQL in
            let line: ID<RegisterChangeRow> = try tx.newID()
            return """
                (\(line), \(kind), \(id), \(tx.now), \(What.undone), \(fields), \(context.actor.account),
                \(String(context.actor.name.prefix(60))), \(source))
                """
        }
        try tx.insert(
            into: "register_change (id, kind, subject_id, at, what, fields, account_id, actor_name, source)", rows,
            columns: 9)
    }
}

/// Something of an import that is still there although it was taken back.
package struct ImportKept: Sendable {
    /// Which entry.
    package let subject: RegisterSubject
    /// What people call it.
    package let name: String
    /// The masked number of a person; empty without one.
    package let mask: String
    /// The entry it was merged into, and what people call that; nil for what somebody changed since.
    package let mergedInto: (subject: RegisterSubject, name: String)?
}

extension RegisterImports {
    /// What an import brought or changed and what is still as it left it although it was taken back: somebody changed it
    /// since, or it was merged into another entry.
    package static func kept(
        _ id: ID<RegisterImport>, limit: Int = 200, _ tx: ReadTx
    ) throws -> [ImportKept] {
        guard let found = try load(id, tx) else { return [] }
        let brought: [Int64] = try tx.all(
            """
            SELECT x.id FROM \(RegisterQueries.table(of: found.kind)) x
            WHERE x.import_id = \(id) AND (x.valid_to IS NULL OR x.merged_into IS NOT NULL) ORDER BY x.id LIMIT \(limit)
            """
        ) { try $0[0] }
        let changed = try tx.all(
            """
            SELECT p.id FROM register_import_change c JOIN person p ON p.id = c.person_id
            WHERE c.import_id = \(id) AND c.undone_at IS NULL AND (p.valid_to IS NULL OR p.merged_into IS NOT NULL)
            ORDER BY c.change_id LIMIT \(limit)
            """
        ) { RegisterSubject(.person, try $0[0] as Int64) }
        let updated = try tx.all(
            """
            SELECT kind, subject_id FROM register_import_update WHERE import_id = \(id) AND undone_at IS NULL
            ORDER BY change_id LIMIT \(limit)
            """
        ) { RegisterSubject(try $0[0], try $0[1] as Int64) }
        let all = brought.map { RegisterSubject(found.kind, $0) } + changed + updated
        return try all.prefix(limit).compactMap { subject in
            try kept(subject, tx)
        }
    }

    private static func kept(_ subject: RegisterSubject, _ tx: ReadTx) throws -> ImportKept? {
        guard let item = try RegisterQueries.item(subject, tx), !item.isErased else { return nil }
        let person = subject.kind == .person ? try RegisterQueries.person(ID(rawValue: subject.id), tx) : nil
        let survivor = try RegisterQueries.survivor(of: subject, tx)
        var into: (subject: RegisterSubject, name: String)?
        if survivor != subject { into = (survivor, try RegisterQueries.item(survivor, tx)?.name ?? "") }
        return ImportKept(subject: subject, name: item.name, mask: person?.numberMask ?? "", mergedInto: into)
    }
}

extension Migration {
    /// Who took an import back; and what an import changed of entries that are no people.
    static let importUndoers = Migration(
        "2026-12-01.30-import-undoers",
        """
        ALTER TABLE register_import ADD COLUMN undone_by INTEGER REFERENCES account (id);
        CREATE TABLE register_import_update (
            change_id INTEGER NOT NULL PRIMARY KEY,
            import_id INTEGER NOT NULL REFERENCES register_import (id),
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            subject_id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            undone_at INTEGER
        ) STRICT;
        CREATE INDEX register_import_update_import ON register_import_update (import_id, change_id);
        """
    )

    /// Whom the rows of an import that goes on were about, and which row first: a sheet of more rows than one run takes is
    /// gone on with by another run, which must know it.
    static let importMet = Migration(
        "2026-12-02.30-import-met",
        """
        CREATE TABLE register_import_met (
            import_id INTEGER NOT NULL REFERENCES register_import (id),
            subject_id INTEGER NOT NULL,
            line INTEGER NOT NULL,
            PRIMARY KEY (import_id, subject_id)
        ) STRICT;
        """
    )
}
