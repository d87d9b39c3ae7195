import LinliCore
import LinliSQL

/// How the store and what runs over it are: for who looks after the server and has no shell on it.
package struct StoreState: Sendable {
    /// Something that was put aside after ten tries, and how many of it.
    package struct Dead: Sendable {
        /// The subscriber or the kind of job.
        package let name: String
        /// How many.
        package let count: Int
    }

    /// A regular job and when it runs next.
    package struct Regular: Sendable {
        /// Its kind.
        package let kind: String
        /// When it runs next, or until when a node has it.
        package let nextAt: Instant
        /// Whether its last run failed; why, the log says.
        package let hasFailed: Bool
    }

    /// A copy of the whole store, made or brought back.
    package struct Copy: Sendable {
        /// When.
        package let at: Instant
        /// By whom on the machine, and where.
        package let words: String
    }

    /// A node that holds a number.
    package struct Holder: Sendable {
        /// Its number.
        package let node: Int
        /// Until when it holds it, unless it renews.
        package let until: Instant
    }

    /// `SQLite` or `PostgreSQL`.
    package let engine: String
    /// How many bytes the store takes, without photos.
    package let bytes: Int64
    /// The figures that `/metrics` gives, too.
    package let vitals: Vitals
    /// Which deliveries and jobs were put aside.
    package let deadDeliveries: [Dead]
    package let deadJobs: [Dead]
    /// Jobs that are due and not begun.
    package let jobsDue: Int
    /// Jobs that run by themselves, the next one first.
    package let regular: [Regular]
    /// The last backup and the last time one was brought back.
    package let backup: Copy?
    package let restore: Copy?
    /// Nodes that serve from this store now.
    package let nodes: [Holder]

    /// How many bytes the store takes, without photos.
    package static func bytes(_ database: Database) async throws -> Int {
        try await database.read { try $0.value(.storeBytes) ?? 0 }
    }

    /// Reads the state.
    package static func read(_ database: Database) async throws -> StoreState {
        let vitals = try await Vitals.read(database)
        let now = database.clock.now
        let engine = database.engine.dialect == .sqlite ? "SQLite" : "PostgreSQL"
        return try await database.read { tx in
            StoreState(
                engine: engine,
                bytes: try tx.value(.storeBytes) ?? 0,
                vitals: vitals,
                deadDeliveries: try tx.all(
                    """
                    SELECT subscriber, count(*) FROM delivery WHERE dead = 1 GROUP BY subscriber
                    ORDER BY subscriber LIMIT 100
                    """
                ) { Dead(name: try $0[0], count: try $0[1]) },
                deadJobs: try tx.all(
                    "SELECT kind, count(*) FROM job WHERE dead = 1 GROUP BY kind ORDER BY kind LIMIT 100"
                ) { Dead(name: try $0[0], count: try $0[1]) },
                jobsDue: try tx.value("SELECT count(*) FROM job WHERE dead = 0 AND run_at <= \(now)") ?? 0,
                regular: try tx.all(
                    """
                    SELECT kind, run_at, CASE WHEN error IS NULL THEN 0 ELSE 1 END FROM job
                    WHERE dead = 0 AND unique_key = kind ORDER BY run_at, kind LIMIT 200
                    """
                ) { Regular(kind: try $0[0], nextAt: try $0[1], hasFailed: try $0[2]) },
                backup: try copy("store.backup", tx),
                restore: try copy("store.restore", tx),
                nodes: try tx.all("SELECT node, expires_at FROM node_lease WHERE expires_at > \(now) ORDER BY node") {
                    Holder(node: try $0[0], until: try $0[1])
                }
            )
        }
    }

    /// The last copy of a kind, from the audit: the program makes them, and keeps no other list.
    private static func copy(_ command: String, _ tx: ReadTx) throws -> Copy? {
        try tx.first(
            """
            SELECT at, reason FROM audit_entry WHERE subject_kind = 'store' AND subject_id = 0 AND command = \(command)
            ORDER BY id DESC LIMIT 1
            """
        ) { Copy(at: try $0[0], words: try $0[1] ?? "") }
    }
}
