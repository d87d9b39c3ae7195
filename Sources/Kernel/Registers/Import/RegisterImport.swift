import LinliCore
import LinliSQL

/// A whole sheet brought into the registers, how far it has come, and whether it was taken back.
package struct RegisterImport: Sendable {
    /// Where it stands.
    package enum State: String, Sendable, SQLConvertible, SQLDecodable {
        /// Rows come in.
        case running
        /// Every row was looked at.
        case done
        /// It stopped: its sheet is not kept any more.
        case stopped
        /// What it brought is being taken back.
        case undoing
        /// What it brought was taken back, except what somebody changed since.
        case undone

        /// What people call it.
        package var name: Text {
            switch self {
            case .running: Text("导入中", "Running")
            case .done: Text("已导入", "Done")
            case .stopped: Text("已中断", "Stopped")
            case .undoing: Text("撤销中", "Being taken back")
            case .undone: Text("已撤销", "Taken back")
            }
        }
    }

    /// Its identifier, which every row it brought carries.
    package let id: ID<RegisterImport>
    /// What the sheet holds.
    package let kind: RegisterKind
    /// Where its rows belong unless their addresses say more.
    package let division: DivisionCode
    /// Who brought it.
    package let account: ID<Account>
    package let accountName: String
    /// The sheet, kept sealed for a day.
    package let draft: ID<SheetDraft>
    package let at: Instant
    package let state: State
    /// How many rows were looked at, of how many.
    package let position: Int
    package let total: Int
    package let added: Int
    package let known: Int
    package let wrong: Int
    /// How many dwellings were entered with them.
    package let dwellings: Int
    /// How many of what the sheet holds were taken back: of a sheet of people, people.
    package let undone: Int
    /// How many entries that are known were changed.
    package let changed: Int
    /// Whether rows about what is known change it.
    package let isUpdating: Bool

    /// What `init(_:)` reads of `register_import i` and `account a`.
    static let columns: SQL = """
        i.id, i.kind, i.division, i.account_id, a.name, i.draft_id, i.at, i.state, i.position, i.total, i.added, i.known,
        i.wrong, i.dwellings, i.undone, i.changed, i.is_updating
        """

    init(_ row: Row) throws {
        id = try row[0]
        kind = try row[1]
        division = try row[2]
        account = try row[3]
        accountName = try row[4]
        draft = try row[5]
        at = try row[6]
        state = try row[7]
        position = try row[8]
        total = try row[9]
        added = try row[10]
        known = try row[11]
        wrong = try row[12]
        dwellings = try row[13]
        undone = try row[14]
        changed = try row[15]
        isUpdating = try row[16]
    }

    /// As the subject of audit entries and events.
    var subject: Subject { Subject("import", id, division: division) }
}

extension Migration {
    /// Sheets brought into the registers.
    static let registerImports = Migration(
        "2026-11-26.57-register-imports",
        """
        CREATE TABLE register_import (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 20),
            division INTEGER NOT NULL,
            account_id INTEGER NOT NULL REFERENCES account (id),
            draft_id INTEGER NOT NULL,
            at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (length(state) <= 20),
            position INTEGER NOT NULL,
            total INTEGER NOT NULL,
            added INTEGER NOT NULL,
            known INTEGER NOT NULL,
            wrong INTEGER NOT NULL,
            dwellings INTEGER NOT NULL,
            undone INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX register_import_division ON register_import (division, id);
        CREATE INDEX register_import_account ON register_import (account_id);
        """
    )
}

/// Bringing sheets in, watching them, taking them back.
package enum RegisterImports {
    /// Begins an import of a sheet somebody looked at; the rest is done by the job `registers.import`.
    package static func begin(
        _ draft: ID<SheetDraft>, _ kind: RegisterKind, rows: Int, in division: DivisionCode, isUpdating: Bool = true,
        _ context: Context, _ database: Database
    ) async throws -> ID<RegisterImport> {
        guard context.actor.may(.peopleImport, in: division), let account = context.actor.account,
            !isUpdating || context.actor.may(.peopleEdit, in: division)
        else { throw LinliError.forbidden("import.scope") }
        return try await database.write(context, "registers.beginImport") { tx in
            let id = try tx.newID(RegisterImport.self)
            try tx.execute(
                """
                INSERT INTO register_import (id, kind, division, account_id, draft_id, at, state, position, total, added,
                    known, wrong, dwellings, undone, changed, is_updating)
                VALUES (\(id), \(kind), \(division), \(account), \(draft), \(tx.now), \(RegisterImport.State.running), 0,
                    \(rows), 0, 0, 0, 0, 0, 0, \(isUpdating))
                """
            )
            try tx.request(JobKind.registerImport.id, payload: "\(id)")
            try tx.audit(Subject("import", id, division: division), fields: [kind.rawValue, "rows×\(rows)"])
            return id
        }
    }

    /// An import somebody may see.
    ///
    /// - Throws: `.notFound` for any other.
    package static func find(
        _ id: ID<RegisterImport>, _ context: Context, _ tx: ReadTx
    ) throws -> RegisterImport {
        guard let found = try load(id, tx), context.actor.may(.peopleImport, in: found.division) else {
            throw LinliError.notFound("import.unknown")
        }
        return found
    }

    static func load(_ id: ID<RegisterImport>, _ tx: ReadTx) throws -> RegisterImport? {
        try tx.first(
            """
            SELECT \(RegisterImport.columns) FROM register_import i JOIN account a ON a.id = i.account_id
            WHERE i.id = \(id)
            """
        ) { try RegisterImport($0) }
    }

    /// The newest imports of some divisions.
    package static func list(in scope: Scope, limit: Int = 50, _ tx: ReadTx) throws -> [RegisterImport] {
        try scope.divisions.flatMap { division in
            try tx.all(
                """
                SELECT \(RegisterImport.columns) FROM register_import i JOIN account a ON a.id = i.account_id
                WHERE i.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                ORDER BY i.id DESC LIMIT \(limit)
                """
            ) { try RegisterImport($0) }
        }.sorted { $0.id > $1.id }
    }

    /// Takes back what an import brought; the rest is done by the job `registers.undo`.
    ///
    /// - Throws: `.conflict` while it runs or when it was taken back already.
    package static func undo(_ id: ID<RegisterImport>, _ context: Context, _ database: Database) async throws {
        _ = try await database.read { try find(id, context, $0) }
        try await database.write(context, "registers.undoImport") { tx in
            let changed = try tx.execute(
                """
                UPDATE register_import SET state = \(RegisterImport.State.undoing),
                    undone_by = \(context.actor.account)
                WHERE id = \(id) AND state IN (\(RegisterImport.State.done), \(RegisterImport.State.stopped))
                """)
            guard changed == 1, let found = try load(id, tx) else {
                throw LinliError(
                    .conflict, "import.state",
                    Text("这次导入还没导完，或已经撤销", "This import is still running or was taken back already"))
            }
            try tx.request(JobKind.registerUndo.id, payload: "\(id)")
            try tx.audit(found.subject)
        }
    }
}
