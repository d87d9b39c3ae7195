import Foundation
import GRDBSQLite
import LinliSQL

/// A transaction on one connection; statements are prepared once per connection and stepped by position.
final class SQLiteConnection: Connection {
    let dialect = Dialect.sqlite
    private let handle: SQLiteHandle
    /// The first statement that failed, if any: nothing of this transaction may be committed.
    private(set) var failed: SQLError?
    /// What is to run after everything else of the batch.
    private var last: [SQL] = []

    init(_ handle: SQLiteHandle) {
        self.handle = handle
    }

    func query(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        try withStatement(sql) { statement in
            let row = Row(SQLiteCursor(statement))
            while try step(statement) { try each(row) }
        }
    }

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        try withStatement(sql) { statement in
            while try step(statement) {}
            return Int(sqlite3_changes(handle.pointer))
        }
    }

    func executeLast(_ sql: SQL) throws {
        last.append(sql)
    }

    /// Runs what was kept for the end; throws the first error of the job, whenever it came.
    func finish() throws {
        for sql in last { try execute(sql) }
        last = []
        if let failed { throw failed }
    }

    func run(script: String) throws {
        if let failed { throw failed }
        let code = sqlite3_exec(handle.pointer, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw fail(failure(code)) }
    }

    /// Runs one statement of the engine itself (BEGIN, SAVEPOINT …), whether or not one of the job failed.
    func control(_ statement: String) throws {
        try prepared(statement, isKept: true) { _ = try step($0) }
    }

    /// Whether a transaction is open; SQLite leaves it by itself after some errors (disk full, I/O).
    var isInTransaction: Bool { sqlite3_get_autocommit(handle.pointer) == 0 }

    /// Prepares, binds and resets a statement around `body`.
    private func withStatement<T>(_ sql: SQL, _ body: (OpaquePointer) throws -> T) throws -> T {
        if let failed { throw failed }
        // Lists beyond it come in any length and would push what is used all the time out.
        return try prepared(sql.key(for: .sqlite), isKept: sql.values.count <= SQL.longestPrepared) { statement in
            for (index, value) in sql.values.enumerated() {
                try bind(value, to: statement, at: Int32(index + 1))
            }
            return try body(statement)
        }
    }

    /// Whether there is another row.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        let code = sqlite3_step(statement)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw fail(failure(code)) }
        return false
    }

    private func prepared<T>(_ text: String, isKept: Bool, _ body: (OpaquePointer) throws -> T) throws -> T {
        try handle.withStatement(
            text, isKept: isKept,
            failure: { code in
                // Full and busy mean the same here as at any step; else the text itself is wrong.
                let error = failure(code)
                if case .failed(let message) = error { return fail(.failed("\(message): \(text)")) }
                return fail(error)
            },
            body
        )
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) throws {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(statement, index)
        case .int(let number): code = sqlite3_bind_int64(statement, index, number)
        case .real(let number):
            if number.isNaN { throw fail(.notANumber) }
            code = sqlite3_bind_double(statement, index, number)
        case .text(var text):
            let bound: Int32? = text.withUTF8 { utf8 in
                guard let base = utf8.baseAddress, !utf8.isEmpty else {
                    return sqlite3_bind_text(statement, index, "", 0, transient)
                }
                if memchr(base, 0, utf8.count) != nil { return nil }
                return utf8.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
                }
            }
            guard let bound else { throw fail(.nulInText) }
            code = bound
        case .blob(let bytes):
            code =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : bytes.withUnsafeBytes {
                    sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), transient)
                }
        }
        guard code == SQLITE_OK else { throw fail(failure(code)) }
    }

    /// Remembers the first error: the job cannot go on as if it had not happened.
    private func fail(_ error: SQLError) -> SQLError {
        if failed == nil { failed = error }
        return error
    }

    private func failure(_ code: Int32) -> SQLError {
        let extended = sqlite3_extended_errcode(handle.pointer)
        let message = String(cString: sqlite3_errmsg(handle.pointer))
        switch code & 0xFF {
        case SQLITE_CONSTRAINT:
            // The extended codes UNIQUE, PRIMARYKEY and ROWID are macros that Swift does not import.
            switch extended {
            case 2067, 1555, 2579: return .unique(SQLiteConnection.columns(of: message))
            default: return .constraint(message)
            }
        case SQLITE_MISMATCH, SQLITE_TOOBIG: return .constraint(message)
        case SQLITE_FULL, SQLITE_IOERR: return .full(message)
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy(message)
        default: return .failed("\(message) (\(extended))")
        }
    }

    /// `person.phone` of `UNIQUE constraint failed: person.phone`.
    private static func columns(of message: String) -> String {
        let prefix = "UNIQUE constraint failed: "
        return message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    }
}

/// Reads the row a statement stands on.
private final class SQLiteCursor: RowCursor {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    func isNull(_ index: Int) -> Bool { sqlite3_column_type(statement, Int32(index)) == SQLITE_NULL }
    func int(_ index: Int) -> Int64 { sqlite3_column_int64(statement, Int32(index)) }
    func real(_ index: Int) -> Double { sqlite3_column_double(statement, Int32(index)) }

    func text(_ index: Int) -> String {
        guard let pointer = sqlite3_column_text(statement, Int32(index)) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, Int32(index)))
        return String(decoding: UnsafeBufferPointer(start: pointer, count: count), as: UTF8.self)
    }

    func blob(_ index: Int) -> [UInt8] {
        guard let pointer = sqlite3_column_blob(statement, Int32(index)) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, Int32(index)))
        return Array(UnsafeRawBufferPointer(start: pointer, count: count))
    }
}
