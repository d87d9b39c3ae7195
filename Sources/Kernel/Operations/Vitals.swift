import LinliCore
import LinliSQL

/// The figures an operator looks at: for `/health`, `/metrics` and `linli doctor`.
package struct Vitals: Sendable {
    /// Deliveries waiting, and put aside as dead.
    package let deliveriesWaiting: Int
    package let deliveriesDead: Int
    /// How long the oldest due delivery has been waiting, in seconds.
    package let outboxLagSeconds: Int64
    /// Jobs put aside as dead.
    package let jobsDead: Int
    /// Cases and other subjects that walks of jobs failed at and come back to.
    package let subjectsFailing: Int
    /// Transactions committed, writes in them, tries lost to others, and reads, since the start of this node.
    package let commits: Int
    package let writes: Int
    package let retries: Int
    package let reads: Int

    /// Reads the figures.
    package static func read(_ database: Database) async throws -> Vitals {
        let now = database.clock.now
        let counters = database.engine.counters
        return try await database.read { tx in
            let oldest: Instant? =
                try tx.value("SELECT min(next_at) FROM delivery WHERE dead = 0", as: Instant?.self) ?? nil
            return Vitals(
                deliveriesWaiting: try tx.value("SELECT count(*) FROM delivery WHERE dead = 0") ?? 0,
                deliveriesDead: try tx.value("SELECT count(*) FROM delivery WHERE dead = 1") ?? 0,
                outboxLagSeconds: oldest.map { max(0, now.seconds(since: $0)) } ?? 0,
                jobsDead: try tx.value("SELECT count(*) FROM job WHERE dead = 1") ?? 0,
                subjectsFailing: try tx.value("SELECT count(*) FROM job_failure") ?? 0,
                commits: counters.commits,
                writes: counters.writes,
                retries: counters.retries,
                reads: counters.reads
            )
        }
    }
}
