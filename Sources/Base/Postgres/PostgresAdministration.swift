import CLibPQ
import Foundation
import LinliSQL

/// What cannot run inside a transaction: `CREATE DATABASE` and the like.
package enum PostgresAdministration {
    /// Runs one statement on a connection of its own, outside of any transaction. Nothing is bound to it: its words are
    /// the program's own.
    ///
    /// - Throws: `SQLError`, as a statement in a transaction would.
    package static func run(_ statement: String, at url: String) async throws {
        let address = try PostgresAddress(url)
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try runNow(statement, at: address) }) }
            thread.name = "linli-postgres-administration"
            thread.start()
        }
    }

    private static func runNow(_ statement: String, at address: PostgresAddress) throws {
        guard let connection = address.connect() else { throw address.explain() }
        defer { PQfinish(connection) }
        let result = PQexec(connection, statement)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
            throw PostgresFailure(result, of: connection, key: statement).error
        }
    }
}
