import GRDB
import GRDBSQLite
import LinliSQL

/// A transaction on one GRDB connection; statements are prepared once per connection and stepped by position.
final class SQLiteConnection: LinliSQL.Connection, LinliSQL.RowCursor {
    let dialect = Dialect.sqlite
    private let database: GRDB.Database
    /// The statement being stepped; rows are read from here.
    private var current: OpaquePointer?

    init(_ database: GRDB.Database) {
        self.database = database
    }

    func query(_ sql: LinliSQL.SQL, _ each: (LinliSQL.Row) throws -> Void) throws {
        let statement = try prepared(sql)
        let outer = current
        defer {
            sqlite3_reset(statement)
            current = outer
        }
        let row = LinliSQL.Row(self)
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code) }
            current = statement
            try each(row)
        }
    }

    @discardableResult
    func execute(_ sql: LinliSQL.SQL) throws -> Int {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return Int(sqlite3_changes(database.sqliteConnection)) }
            guard code == SQLITE_ROW else { throw failure(code) }
        }
    }

    func run(script: String) throws {
        let code = sqlite3_exec(database.sqliteConnection, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Whether a transaction is open; SQLite leaves it by itself after some errors (disk full, I/O).
    var isInTransaction: Bool { sqlite3_get_autocommit(database.sqliteConnection) == 0 }

    private func prepared(_ sql: LinliSQL.SQL) throws -> OpaquePointer {
        let statement: OpaquePointer
        do {
            statement = try database.cachedStatement(sql: sql.key(for: .sqlite)).sqliteStatement
        } catch let error as DatabaseError {
            throw SQLError.failed("\(error.message ?? "prepare failed"): \(sql.key(for: .sqlite))")
        }
        sqlite3_reset(statement)
        for (index, value) in sql.values.enumerated() {
            try bind(value, to: statement, at: Int32(index + 1))
        }
        return statement
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) throws {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .int(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(var text):
                text.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(statement, index, $0.baseAddress ?? emptyText, Int32($0.count), transient)
                    }
                }
            case .blob(let bytes):
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : bytes.withUnsafeBytes {
                        sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), transient)
                    }
            }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func failure(_ code: Int32) -> SQLError {
        let extended = sqlite3_extended_errcode(database.sqliteConnection)
        let message = String(cString: sqlite3_errmsg(database.sqliteConnection))
        switch code & 0xFF {
        case SQLITE_CONSTRAINT:
            // The extended codes UNIQUE, PRIMARYKEY and ROWID are macros that Swift does not import.
            switch extended {
            case 2067, 1555, 2579:
                return .unique(message)
            default: return .constraint(message)
            }
        case SQLITE_FULL, SQLITE_IOERR: return .full(message)
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy(message)
        default: return .failed("\(message) (\(extended))")
        }
    }

    // MARK: RowCursor

    func isNull(_ index: Int) -> Bool { sqlite3_column_type(current, Int32(index)) == SQLITE_NULL }
    func int(_ index: Int) -> Int64 { sqlite3_column_int64(current, Int32(index)) }
    func real(_ index: Int) -> Double { sqlite3_column_double(current, Int32(index)) }

    func text(_ index: Int) -> String {
        guard let pointer = sqlite3_column_text(current, Int32(index)) else { return "" }
        let count = Int(sqlite3_column_bytes(current, Int32(index)))
        return String(decoding: UnsafeBufferPointer(start: pointer, count: count), as: UTF8.self)
    }

    func blob(_ index: Int) -> [UInt8] {
        guard let pointer = sqlite3_column_blob(current, Int32(index)) else { return [] }
        let count = Int(sqlite3_column_bytes(current, Int32(index)))
        return Array(UnsafeRawBufferPointer(start: pointer, count: count))
    }
}

/// SQLite reads a null pointer as NULL; an empty text needs an address.
private nonisolated(unsafe) let emptyText = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))
