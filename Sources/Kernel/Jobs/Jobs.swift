import LinliCore
import LinliSQL
import Logging

/// A kind of work done later or regularly, declared by a feature.
package struct JobKind: Sendable {
    /// The stable name, `cases.lapse`.
    package let id: String
    /// How often it runs by itself; nil when only somebody's request starts it.
    package let everySeconds: Int64?
    /// The work; may run again after a crash, so it must not mind.
    package let run: @Sendable (JobRun) async throws -> Void

    /// A kind of work.
    package init(_ id: String, everySeconds: Int64? = nil, run: @escaping @Sendable (JobRun) async throws -> Void) {
        self.id = id
        self.everySeconds = everySeconds
        self.run = run
    }
}

/// One run of a job.
package struct JobRun: Sendable {
    /// The store.
    package let database: Database
    /// What the request gave along: ids and words only.
    package let payload: String
    /// The program's own context at this moment.
    package let context: Context
    /// For what an operator should know.
    package let logger: Logger

    /// A run; the runner makes them, and tests.
    package init(database: Database, payload: String, context: Context, logger: Logger) {
        self.database = database
        self.payload = payload
        self.context = context
        self.logger = logger
    }
}

/// Claims jobs that are due and runs them, each on one node only.
package struct JobRunner: Sendable {
    private let database: Database
    private let kinds: [String: JobKind]
    private let wake: Wake
    private let logger: Logger

    /// How long a node may be silent before another takes its job over.
    private static let leaseSeconds: Int64 = 300

    /// A runner for the kinds of all features.
    package init(_ database: Database, kinds: [JobKind], wake: Wake, logger: Logger) {
        self.database = database
        self.kinds = Dictionary(kinds.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.wake = wake
        self.logger = logger
    }

    /// Puts regular jobs on the list; may be called on every start and by every node.
    package func enrol() async throws {
        let regular = kinds.values.filter { $0.everySeconds != nil }.map(\.id).sorted()
        try await database.system { tx in
            for kind in regular {
                try tx.execute(
                    """
                    INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
                    VALUES (\(try tx.newID(JobRun.self)), \(kind), \(kind), '', \(tx.now), 0, 0)
                    ON CONFLICT (unique_key) DO NOTHING
                    """
                )
            }
        }
    }

    /// Runs jobs until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            let ran = await runNext()
            if !ran { await wake.wait(seconds: 1) }
        }
    }

    /// Runs one job that is due; false when there is none.
    @discardableResult
    package func runNext() async -> Bool {
        let known = Array(kinds.keys)
        do {
            let claimed = try await database.system(.claim) { tx -> Claimed? in
                guard
                    let job = try tx.first(
                        """
                        SELECT id, kind, payload, attempts FROM job
                        WHERE dead = 0 AND run_at <= \(tx.now) AND kind IN \(SQL.list(known))
                        ORDER BY run_at LIMIT 1\(SQL.skipLocked)
                        """, Claimed.init)
                else { return nil }
                try tx.execute(
                    """
                    UPDATE job SET run_at = \(tx.now.adding(seconds: JobRunner.leaseSeconds)), attempts = attempts + 1
                    WHERE id = \(job.id)
                    """
                )
                return job
            }
            guard let claimed, let kind = kinds[claimed.kind] else { return false }
            await run(claimed, kind)
            return true
        } catch {
            logger.error("jobs.claim", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func run(_ job: Claimed, _ kind: JobKind) async {
        let context = Context.system(job.kind, now: database.clock.now)
        var failure: String?
        do {
            try await kind.run(
                JobRun(database: database, payload: job.payload, context: context, logger: logger)
            )
        } catch {
            failure = String("\(error)".prefix(400))
            logger.error("jobs.failed", metadata: ["job": "\(job.kind)", "error": "\(error)"])
        }
        do {
            try await conclude(job, kind, failure)
        } catch {
            // The lease runs out and another run concludes it.
            logger.error("jobs.conclude", metadata: ["job": "\(job.kind)", "error": "\(error)"])
        }
    }

    private func conclude(_ job: Claimed, _ kind: JobKind, _ failure: String?) async throws {
        try await database.system(.claim) { tx in
            if let every = kind.everySeconds {
                try tx.execute(
                    """
                    UPDATE job SET run_at = \(tx.now.adding(seconds: every)), attempts = 0, error = \(failure)
                    WHERE id = \(job.id)
                    """
                )
            } else if let failure {
                let attempts = job.attempts + 1
                let delay = Int64(10) << Int64(min(attempts, 10))
                try tx.execute(
                    """
                    UPDATE job SET run_at = \(tx.now.adding(seconds: delay)), error = \(failure),
                        dead = \(attempts >= 10)
                    WHERE id = \(job.id)
                    """
                )
            } else {
                try tx.execute("DELETE FROM job WHERE id = \(job.id)")
            }
        }
    }

    private struct Claimed: Sendable {
        var id: ID<JobRun>
        var kind: String
        var payload: String
        var attempts: Int

        init(_ row: Row) throws {
            id = try row[0]
            kind = try row[1]
            payload = try row[2]
            attempts = try row[3]
        }
    }
}

extension WriteTx {
    /// Asks for a job in the same transaction; with a `key`, a second request for the same waiting work is dropped.
    package func request(_ kind: String, payload: String = "", key: String? = nil, at time: Instant? = nil) throws {
        try execute(
            """
            INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
            VALUES (\(try newID(JobRun.self)), \(kind), \(key), \(payload), \(time ?? now), 0, 0)
            ON CONFLICT (unique_key) DO NOTHING
            """
        )
    }
}

extension Migration {
    /// Work to do later.
    static let jobs = Migration(
        "2026-11-22.03-jobs",
        """
        CREATE TABLE job (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (length(kind) <= 60),
            unique_key TEXT UNIQUE CHECK (length(unique_key) <= 120),
            payload TEXT NOT NULL CHECK (length(payload) <= 4000),
            run_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            dead INTEGER NOT NULL CHECK (dead IN (0, 1)),
            error TEXT CHECK (length(error) <= 500)
        ) STRICT;
        CREATE INDEX job_due ON job (run_at) WHERE dead = 0;
        """
    )
}
