import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A table on its way in: read once, kept sealed while its person looks at what it would do and says which column is
/// what.
package struct SheetDraft: Sendable, Codable {
    /// A row of it.
    package struct Line: Sendable, Codable {
        /// Its number as the sheet shows it.
        package let number: Int
        package let cells: [String]

        /// A row.
        package init(number: Int, cells: [String]) {
            self.number = number
            self.cells = cells
        }
    }

    /// What the columns are called.
    package var headers: [String]
    package var lines: [Line]
    /// What each column is taken for; empty for one that is only kept.
    package var fields: [String]
    /// The division it is for.
    package var division: Int64
    /// A photo that came with it.
    package var photo: Int64?

    /// A table.
    package init(headers: [String], lines: [Line], fields: [String], division: DivisionCode) {
        self.headers = headers
        self.lines = lines
        self.fields = fields
        self.division = division.rawValue
    }
}

/// Every SQL text about tables on their way in.
package enum SheetDrafts {
    /// How long somebody may look at one.
    /// - Source: configured, no source
    static let hours = 24

    /// Keeps a table for who brought it.
    package static func keep(
        _ draft: SheetDraft, kind: String, _ database: Database, _ context: Context
    ) async throws -> ID<SheetDraft> {
        guard let account = context.actor.account else { throw LinliError.forbidden("sheets.nobody") }
        let text = String(decoding: try JSONEncoder().encode(draft), as: UTF8.self)
        return try await database.system { tx in
            let id = try tx.newID(SheetDraft.self)
            let sealed = try tx.seal(text, table: "sheet_draft", column: "sealed", row: id)
            try tx.execute(
                """
                INSERT INTO sheet_draft (id, account_id, kind, sealed, at)
                VALUES (\(id), \(account), \(kind), \(sealed), \(tx.now))
                """
            )
            return id
        }
    }

    /// The table with an id, for who brought it.
    ///
    /// - Throws: `.notFound` for anybody else, and when it is too old.
    package static func open(
        _ id: ID<SheetDraft>, kind: String, _ database: Database, _ context: Context
    ) async throws -> SheetDraft {
        let oldest = database.clock.now.adding(hours: -hours)
        let account = context.actor.account
        let sealed: [UInt8]? = try await database.read { tx in
            try tx.value(
                """
                SELECT sealed FROM sheet_draft
                WHERE id = \(id) AND account_id = \(account) AND kind = \(kind) AND at > \(oldest)
                """
            )
        }
        guard let sealed else { throw LinliError.notFound("sheets.draft") }
        let text = try database.keys.open(sealed, cell: Cell("sheet_draft", "sealed", id.rawValue))
        return try JSONDecoder().decode(SheetDraft.self, from: Data(text.utf8))
    }

    /// The table with an id for the job that takes it over, with who brought it asked before; nil when it is not kept any
    /// more.
    package static func open(_ id: ID<SheetDraft>, _ database: Database) async throws -> SheetDraft? {
        let sealed: [UInt8]? = try await database.read {
            try $0.value("SELECT sealed FROM sheet_draft WHERE id = \(id)")
        }
        guard let sealed else { return nil }
        let text = try database.keys.open(sealed, cell: Cell("sheet_draft", "sealed", id.rawValue))
        return try JSONDecoder().decode(SheetDraft.self, from: Data(text.utf8))
    }

    /// Keeps a table's columns as its person corrected them.
    package static func settle(
        _ draft: SheetDraft, _ id: ID<SheetDraft>, _ database: Database, _ context: Context
    ) async throws {
        let text = String(decoding: try JSONEncoder().encode(draft), as: UTF8.self)
        let account = context.actor.account
        try await database.system { tx in
            let sealed = try tx.seal(text, table: "sheet_draft", column: "sealed", row: id)
            _ = try tx.execute(
                "UPDATE sheet_draft SET sealed = \(sealed) WHERE id = \(id) AND account_id = \(account)")
        }
    }

    /// Forgets a table that was taken over.
    package static func drop(_ id: ID<SheetDraft>, _ database: Database) async throws {
        try await database.system { tx in
            _ = try tx.execute("DELETE FROM sheet_draft WHERE id = \(id)")
        }
    }

    /// What columns of this name were taken for before in a division or one around it; what was said nearest to it counts.
    package static func remembered(
        _ kind: String, _ headers: [String], in division: DivisionCode, _ tx: ReadTx
    ) throws -> [String: String] {
        guard !headers.isEmpty else { return [:] }
        let around = [shared] + DivisionCode.Level.allCases.map { division.ancestor(at: $0).rawValue }
        var fields: [String: String] = [:]
        // A division has a larger code than those around it: the nearest comes last.
        try tx.each(
            """
            SELECT header, field FROM sheet_column
            WHERE kind = \(kind) AND header IN \(SQL.list(headers)) AND division IN \(SQL.list(around))
            ORDER BY division
            """
        ) { fields[try $0[0]] = try $0[1] }
        return fields
    }

    /// Where those stand that were remembered before it was kept for whom: they go for everybody who said nothing else.
    private static let shared: Int64 = 0

    /// Remembers what somebody said that columns are, for the next sheet of the division, or of one in it, that has them.
    package static func remember(
        _ fields: [String: String], _ kind: String, in division: DivisionCode, _ database: Database, _ context: Context
    ) async throws {
        let named = fields.filter { !$0.key.isEmpty && $0.key.unicodeScalars.count <= 60 }
        guard !named.isEmpty else { return }
        try await database.write(context, "sheets.remember") { tx in
            for (header, field) in named.sorted(by: { $0.key < $1.key }) {
                try tx.execute(
                    """
                    INSERT INTO sheet_column (kind, division, header, field)
                    VALUES (\(kind), \(division), \(header), \(field))
                    ON CONFLICT (kind, division, header) DO UPDATE SET field = excluded.field
                    """
                )
            }
            try tx.audit(Subject("sheet", 0, division: division), fields: named.keys.sorted())
        }
    }
}

extension Migration {
    /// What columns were said to be, by whom it was said: a correction of one community is none of another.
    static let sheetColumnsSaid = Migration(
        "2026-12-02.31-sheet-columns-said",
        """
        CREATE TABLE sheet_column_said (
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            division INTEGER NOT NULL,
            header TEXT NOT NULL CHECK (length(header) <= 60),
            field TEXT NOT NULL CHECK (length(field) <= 40),
            PRIMARY KEY (kind, division, header)
        ) STRICT;
        INSERT INTO sheet_column_said (kind, division, header, field)
        SELECT kind, 0, header, field FROM sheet_column;
        DROP TABLE sheet_column;
        ALTER TABLE sheet_column_said RENAME TO sheet_column;
        """
    )
}
