import CLibPQ
import Foundation
import LinliSQL

/// One connection to the server with its prepared statements; it never leaves the thread that made it.
///
/// Results arrive whole and are read in place by position; large lists are asked for in pages.
final class PostgresConnection: LinliSQL.Connection {
    let dialect = Dialect.postgres
    let address: PostgresAddress
    let availability: PostgresAvailability
    /// Nil while there is no connection.
    var handle: OpaquePointer?
    /// The first failure of the current transaction, if any: nothing of it can be committed.
    var failure: PostgresFailure?

    /// Names of prepared statements by `SQL.key`.
    private var statements: [String: String] = [:]
    private var parameters = ParameterBuffer()

    /// More prepared statements than the program has hot ones; beyond, all are forgotten.
    private static let statementLimit = 500
    /// Longer lists come in many lengths and are not prepared.
    private static let preparedValueLimit = 64

    init(_ address: PostgresAddress, _ availability: PostgresAvailability) {
        self.address = address
        self.availability = availability
    }

    // MARK: Connection

    func query(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        let result = try perform(sql)
        defer { PQclear(result) }
        let cursor = PostgresCursor(result)
        let row = Row(cursor)
        while cursor.advance() { try each(row) }
    }

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        let result = try perform(sql)
        defer { PQclear(result) }
        // Empty for statements that change no rows.
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func run(script: String) throws {
        if let failure { throw failure.error }
        PQclear(try checked(PQexec(handle, script), key: ""))
    }

    // MARK: Statements

    /// Runs a statement; the caller clears the result.
    private func perform(_ sql: SQL) throws -> OpaquePointer {
        if let failure { throw failure.error }
        let key = sql.key(for: .postgres)
        do {
            try parameters.fill(sql.values)
        } catch {
            failure = PostgresFailure(error)
            throw error
        }
        if sql.values.count > PostgresConnection.preparedValueLimit {
            let result = parameters.withPointers { PQexecParams(handle, SQL.numbered(key), $0, nil, $1, nil, nil, 0) }
            return try checked(result, key: key)
        }
        let name = try prepared(key)
        return try checked(parameters.withPointers { PQexecPrepared(handle, name, $0, $1, nil, nil, 0) }, key: key)
    }

    private func prepared(_ key: String) throws -> String {
        if let name = statements[key] { return name }
        if statements.count == PostgresConnection.statementLimit { try forgetStatements() }
        let name = "s\(statements.count)"
        PQclear(try checked(PQprepare(handle, name, SQL.numbered(key), 0, nil), key: key))
        statements[key] = name
        return name
    }

    /// Lets go of all prepared statements, for a new connection or after tables were changed.
    func forgetStatements() throws {
        statements.removeAll()
        if handle != nil { PQclear(try checked(PQexec(handle, "DEALLOCATE ALL"), key: "")) }
    }

    /// `result` when it is one; else notes the failure and throws it.
    func checked(_ result: OpaquePointer?, key: String) throws -> OpaquePointer {
        if let result {
            let status = PQresultStatus(result)
            if status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY { return result }
        }
        defer { PQclear(result) }
        let failure = PostgresFailure(result, of: handle, key: key)
        self.failure = failure
        throw failure.error
    }
}
