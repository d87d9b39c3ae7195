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
    /// What is to be sent before the first statement of the current transaction.
    var begin: PostgresTransaction?
    /// The COMMIT of a read is under way.
    var isReading = false
    /// The first failure of the current transaction, if any: nothing of it can be committed.
    var failure: PostgresFailure?

    /// Names of prepared statements by `SQL.key`.
    private var statements: [StatementText: String] = [:]
    private var parameters = ParameterBuffer()

    /// More prepared statements than the program has hot ones; beyond, all are forgotten.
    private static let statementLimit = 500

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
        if let begin {
            self.begin = nil
            PQclear(try checked(PQexec(handle, begin.rawValue), key: ""))
        }
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
            // It counts as a statement that failed, as it does in SQLite.
            failure = PostgresFailure(error)
            throw error
        }
        guard begin == nil, let name = statements[StatementText(text: key)] else {
            return try performTogether(key, isLong: sql.values.count > SQL.longestPrepared)
        }
        return try checked(parameters.withPointers { PQexecPrepared(handle, name, $0, $1, nil, nil, 0) }, key: key)
    }

    /// Sends BEGIN, PREPARE and the statement, as far as they are needed, and waits once instead of three times.
    private func performTogether(_ key: String, isLong: Bool) throws -> OpaquePointer {
        if statements.count == PostgresConnection.statementLimit { try forgetStatements() }
        let known = statements[StatementText(text: key)]
        let isNew = !isLong && known == nil
        let name = known ?? "s\(statements.count)"
        PQenterPipelineMode(handle)
        var commands = 1
        if let begin {
            PQsendQueryParams(handle, begin.rawValue, 0, nil, nil, nil, nil, 0)
            commands += 1
            self.begin = nil
        }
        if isNew {
            PQsendPrepare(handle, name, SQL.numbered(key), 0, nil)
            commands += 1
        }
        _ = parameters.withPointers { count, values in
            isLong
                ? PQsendQueryParams(handle, SQL.numbered(key), count, nil, values, nil, nil, 0)
                : PQsendQueryPrepared(handle, name, count, values, nil, nil, 0)
        }
        PQpipelineSync(handle)
        var results = (0..<commands).map { _ in takeResult() }
        PQclear(PQgetResult(handle))
        PQexitPipelineMode(handle)
        if isNew, PQresultStatus(results[commands - 2]) == PGRES_COMMAND_OK {
            statements[StatementText(text: key)] = name
        }
        // The first that failed says why; those after it were skipped.
        let chosen = results.firstIndex { !PostgresConnection.isGood($0) } ?? commands - 1
        let result = results.remove(at: chosen)
        results.forEach { PQclear($0) }
        return try checked(result, key: key)
    }

    /// The result of the next command of a pipeline; when several come, the last: how the connection ended.
    private func takeResult() -> OpaquePointer? {
        var last: OpaquePointer?
        while let result = PQgetResult(handle) {
            PQclear(last)
            last = result
        }
        return last
    }

    private static func isGood(_ result: OpaquePointer?) -> Bool {
        let status = PQresultStatus(result)
        return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY
    }

    /// Lets go of all prepared statements, for a new connection or after tables were changed.
    func forgetStatements() throws {
        statements.removeAll()
        if handle != nil { PQclear(try checked(PQexec(handle, "DEALLOCATE ALL"), key: "")) }
    }

    /// `result` when it is one; else notes the failure and throws it.
    func checked(_ result: OpaquePointer?, key: String) throws -> OpaquePointer {
        if let result, PostgresConnection.isGood(result) { return result }
        defer { PQclear(result) }
        let failure = PostgresFailure(result, of: handle, key: key)
        self.failure = failure
        throw failure.error
    }
}
