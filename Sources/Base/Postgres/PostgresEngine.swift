import LinliSQL
import Synchronization

/// For many nodes: PostgreSQL through libpq, SERIALIZABLE unless said otherwise.
///
/// Parameters go as text without a declared type, PostgreSQL finds it from the place: where it cannot (`SELECT \(value)`,
/// `\(a) + \(b)`, `\(value) IS NULL`) the statement says `CAST(\(value) AS BIGINT)`.
package final class PostgresEngine: Engine {
    package let dialect = Dialect.postgres
    let address: PostgresAddress
    private let workers: PostgresWorkers
    private let turns = PostgresTurns()
    private let total = Mutex(EngineCounters())

    /// Opens the database at `url` with up to 16 connections.
    ///
    /// - Throws: `SQLError.unreachable` with one plain sentence, never with the password, when that does not work.
    package init(url: String, connections: Int = 8) async throws {
        address = try PostgresAddress(url)
        workers = PostgresWorkers(address, count: min(max(connections, 1), 16))
        do {
            try await run(.read) { try $0.run(script: "SELECT 1") }
        } catch {
            await workers.close()
            throw error
        }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        total.withLock { $0.reads += 1 }
        return try await run(.read, body)
    }

    package func write<T: Sendable>(
        _ mode: WriteMode,
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        let kind: PostgresTransaction = mode == .claim ? .claim : .serializable
        let value = try await run(kind, background: mode == .background, body)
        total.withLock {
            $0.commits += 1
            $0.writes += 1
        }
        return value
    }

    package var counters: EngineCounters { total.withLock { $0 } }

    package func close() async {
        await workers.close()
    }

    private func run<T: Sendable>(
        _ kind: PostgresTransaction,
        background: Bool = false,
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let isAccepted = workers.submit(background: background) { [self] connection in
                continuation.resume(with: Result { try connection.transaction(kind, turns, onRetry: countRetry, body) })
            }
            if !isAccepted { continuation.resume(throwing: SQLError.unreachable("the store is closing")) }
        }
    }

    private func countRetry() {
        total.withLock { $0.retries += 1 }
    }
}
