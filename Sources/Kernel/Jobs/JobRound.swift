import LinliCore
import LinliSQL
import Logging

/// A walk of a job over many subjects – cases, whistles –, each in a write of its own. One that fails holds up nobody:
/// it is logged by its identifier, counted, and left alone for a while, longer each time; the others go on.
struct JobRound: Sendable {
    /// How long one that failed is left alone at first, and at most, in seconds.
    /// - Source: configured, no source
    static let rest = (first: Int64(30), most: Int64(21_600))

    private let job: String
    private let database: Database
    private let logger: Logger

    /// A walk of a job's run.
    init(_ job: String, _ run: JobRun) {
        self.job = job
        database = run.database
        logger = run.logger
    }

    /// What keeps those out of a query that failed and are left alone yet: ` AND …`.
    static func isAwake(_ job: String, _ subject: SQL, at now: Instant) -> SQL {
        """
         AND NOT EXISTS (SELECT 1 FROM job_failure jf WHERE jf.job = \(job) AND jf.subject_id = \(subject)
            AND jf.next_at > \(now))
        """
    }

    private struct Failure: Sendable {
        let subject: Int64
        let error: String
    }

    /// Does `work` for each; returns how many went through.
    ///
    /// - Throws: what is not the fault of one of them: the store is away, or the run is over.
    @discardableResult
    func walk<Kind>(_ subjects: [ID<Kind>], _ work: (ID<Kind>) async throws -> Void) async throws -> Int {
        guard !subjects.isEmpty else { return 0 }
        let job = job
        let known: Set<Int64> = try await database.read { tx in
            Set(try tx.all("SELECT subject_id FROM job_failure WHERE job = \(job)") { try $0[0] as Int64 })
        }
        var (failed, healed): ([Failure], [Int64]) = ([], [])
        for subject in subjects {
            do {
                try await work(subject)
                if known.contains(subject.rawValue) { healed.append(subject.rawValue) }
            } catch let error where JobRound.isOfAll(error) {
                try await note(failed, healed)
                throw error
            } catch {
                failed.append(Failure(subject: subject.rawValue, error: JobRound.name(error)))
            }
        }
        try await note(failed, healed)
        return subjects.count - failed.count
    }

    /// Whether a failure is not about one of them.
    private static func isOfAll(_ error: any Error) -> Bool {
        if error is CancellationError { return true }
        return (error as? LinliError)?.kind == .unavailable
    }

    /// What may be said of a failure: which it is, never what it is about. Details of errors may hold what people wrote.
    private static func name(_ error: any Error) -> String {
        (error as? LinliError)?.id ?? "\(type(of: error))"
    }

    private func note(_ failed: [Failure], _ healed: [Int64]) async throws {
        guard !failed.isEmpty || !healed.isEmpty else { return }
        let job = job
        for failure in failed {
            database.failures.count(job)
            logger.error(
                "jobs.subjectFailed",
                metadata: ["job": "\(job)", "subject": "\(failure.subject)", "error": "\(failure.error)"])
        }
        try await database.system { tx in
            if !healed.isEmpty {
                try tx.execute("DELETE FROM job_failure WHERE job = \(job) AND subject_id IN \(SQL.list(healed))")
            }
            for failure in failed {
                let attempts: Int =
                    try tx.value(
                        "SELECT attempts FROM job_failure WHERE job = \(job) AND subject_id = \(failure.subject)") ?? 0
                let delay = min(JobRound.rest.first << Int64(min(attempts, 20)), JobRound.rest.most)
                try tx.execute(
                    """
                    INSERT INTO job_failure (job, subject_id, attempts, failed_at, next_at, error)
                    VALUES (\(job), \(failure.subject), \(attempts + 1), \(tx.now), \(tx.now.adding(seconds: delay)),
                        \(String(failure.error.prefix(100))))
                    ON CONFLICT (job, subject_id) DO UPDATE SET attempts = excluded.attempts,
                        failed_at = excluded.failed_at, next_at = excluded.next_at, error = excluded.error
                    """
                )
            }
        }
    }
}

extension Migration {
    /// What walks of jobs failed at, and until when it is left alone.
    static let jobFailures = Migration(
        "2026-11-29.42-job-failures",
        """
        CREATE TABLE job_failure (
            job TEXT NOT NULL CHECK (length(job) <= 60),
            subject_id INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            failed_at INTEGER NOT NULL,
            next_at INTEGER NOT NULL,
            error TEXT NOT NULL CHECK (length(error) <= 100),
            PRIMARY KEY (job, subject_id)
        ) STRICT;
        """
    )
}
