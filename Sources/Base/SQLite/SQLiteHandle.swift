import GRDBSQLite
import LinliSQL

/// An open connection of SQLite and the statements it has prepared, each once.
///
/// @unchecked: one thread has it at a time; the readers' pool and the committer see to that.
final class SQLiteHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Whether it is closed here; the writer's belongs to GRDB.
    private let isOurs: Bool
    private var statements: [StatementText: OpaquePointer] = [:]
    /// More statements than the program has hot ones; beyond, all are forgotten.
    private static let statementLimit = 500

    /// The connection somebody else opened and closes, after `finalize()`.
    init(borrowed pointer: OpaquePointer) {
        self.pointer = pointer
        isOurs = false
    }

    /// Opens `path` for reading only.
    ///
    /// - Throws: `SQLError.unreachable` when it cannot be opened.
    init(readingFrom path: String) throws {
        var opened: OpaquePointer?
        // No lock of SQLite's own: the pool lends it to one thread at a time.
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let message = String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw SQLError.unreachable("cannot read the database file \(path): \(message)")
        }
        pointer = opened
        isOurs = true
        sqlite3_extended_result_codes(opened, 1)
        sqlite3_busy_timeout(opened, 5000)
        _disableDoubleQuotedStringLiterals(opened)
        for setting in ["PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -16384"] {
            // Only speed depends on these.
            sqlite3_exec(opened, setting, nil, nil, nil)
        }
    }

    deinit {
        finalize()
        if isOurs { sqlite3_close_v2(pointer) }
    }

    /// Lets go of statements that nobody is in the middle of.
    private func forgetStatements() {
        statements = statements.filter { _, statement in
            guard sqlite3_stmt_busy(statement) == 0 else { return true }
            sqlite3_finalize(statement)
            return false
        }
    }

    /// Lets go of every statement.
    func finalize() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
    }

    /// Calls `body` with a statement for `text`, ready to be bound, and resets it afterwards; `isKept` remembers it.
    ///
    /// - Throws: what `body` throws, or `failure` of SQLite's code when the text cannot be prepared.
    func withStatement<T>(
        _ text: String, isKept: Bool, failure: (Int32) -> SQLError, _ body: (OpaquePointer) throws -> T
    ) throws -> T {
        // A statement that is being stepped further out cannot start again in between.
        let key = StatementText(text: text)
        if isKept, let known = statements[key], sqlite3_stmt_busy(known) == 0 {
            defer { sqlite3_reset(known) }
            return try body(known)
        }
        if statements.count >= SQLiteHandle.statementLimit { forgetStatements() }
        var prepared: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let code = sqlite3_prepare_v3(pointer, text, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw failure(code) }
        guard isKept, statements[key] == nil else {
            defer { sqlite3_finalize(prepared) }
            return try body(prepared)
        }
        statements[key] = prepared
        defer { sqlite3_reset(prepared) }
        return try body(prepared)
    }
}
