import Foundation
import GRDB
import LinliSQL
import Synchronization

/// Runs the writes of many callers in one transaction: one COMMIT and one fsync for all.
///
/// They run without a way back for each, because a savepoint makes the full text write its index out and hardly any job
/// fails. When one does, nothing of the batch stays and its jobs run again with a savepoint each; so do the next batches for
/// a while (`docs/adr/0016-batches-without-savepoints.md`). If SQLite leaves the transaction after a job's error, or COMMIT fails, nothing of the batch is acknowledged and its
/// jobs run again one by one.
final class GroupCommitter: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `condition`, except the connection, which only the thread touches.
    private let pool: DatabasePool
    private let condition = NSCondition()
    /// The writer's connection with its statements, from the first batch to the end of the thread.
    private var handle: SQLiteHandle?
    private var waiting: [Job] = []
    private var background: [Job] = []
    private var stopped = false
    private var finished = false
    private var total = EngineCounters()
    private var commitsToFail = 0
    /// How many batches still get savepoints, because a job failed not long ago; of the writer's thread alone.
    private var carefulBatches = 0

    /// A batch ends at this many jobs.
    private static let batchLimit = 64
    /// A batch ends after this long.
    private static let batchNanoseconds: UInt64 = 20_000_000
    /// So many batches get savepoints after a job failed: whoever makes jobs fail makes one batch in these run twice.
    private static let carefulLength = 32

    /// One caller's write: `run` does the work, `finish` tells the caller after the commit.
    private struct Job {
        var run: (any LinliSQL.Connection) throws -> Void
        var finish: ((any Error)?) -> Void
    }

    init(_ pool: DatabasePool) {
        self.pool = pool
        let thread = Thread { [self] in loop() }
        thread.name = "linli-writer"
        thread.start()
    }

    var counters: EngineCounters {
        condition.withLock { total }
    }

    func failCommits(_ count: Int) {
        condition.withLock { commitsToFail = count }
    }

    func submit<T: Sendable>(
        background isBackground: Bool,
        _ body: @escaping @Sendable (any LinliSQL.Connection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            let box = ResultBox<T>()
            let job = Job(
                run: { box.value = try body($0) },
                finish: { error in
                    if let error {
                        continuation.resume(throwing: error)
                    } else if let value = box.value {
                        continuation.resume(returning: value)
                    } else {
                        continuation.resume(throwing: SQLError.failed("a write ended without a result"))
                    }
                }
            )
            condition.lock()
            defer { condition.unlock() }
            guard !stopped else {
                continuation.resume(throwing: SQLError.unreachable("the store is closing"))
                return
            }
            if isBackground { background.append(job) } else { waiting.append(job) }
            condition.signal()
        }
    }

    /// Finishes what was accepted and ends the thread.
    func stop() {
        condition.lock()
        stopped = true
        condition.broadcast()
        while !finished { condition.wait() }
        condition.unlock()
    }

    private func loop() {
        while let batch = nextBatch() {
            pool.writeWithoutTransaction { database in
                guard let handle = handle ?? database.sqliteConnection.map(SQLiteHandle.init(borrowed:)) else {
                    for job in batch { job.finish(SQLError.unreachable("the store is closed")) }
                    return
                }
                self.handle = handle
                commit(batch, on: handle)
            }
        }
        // GRDB cannot close a connection that still has statements.
        pool.writeWithoutTransaction { _ in handle?.finalize() }
        condition.lock()
        finished = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for work; nil when stopped and empty. Background work comes alone and only when nobody else waits.
    private func nextBatch() -> [Job]? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty && background.isEmpty && !stopped { condition.wait() }
        if !waiting.isEmpty {
            let count = min(waiting.count, GroupCommitter.batchLimit)
            defer { waiting.removeFirst(count) }
            return Array(waiting.prefix(count))
        }
        return background.isEmpty ? nil : [background.removeFirst()]
    }

    private func commit(_ batch: [Job], on handle: SQLiteHandle) {
        if carefulBatches == 0, runTogether(batch, on: handle) { return }
        carefulBatches = carefulBatches == 0 ? GroupCommitter.carefulLength : carefulBatches - 1
        runWithSavepoints(batch, on: handle)
    }

    /// Runs jobs without savepoints; false, with nothing done and nobody told, when one of them failed.
    private func runTogether(_ batch: [Job], on handle: SQLiteHandle) -> Bool {
        let control = SQLiteConnection(handle)
        var connections: [SQLiteConnection] = []
        do {
            try control.control("BEGIN IMMEDIATE")
            let start = DispatchTime.now().uptimeNanoseconds
            for job in batch {
                let connection = SQLiteConnection(handle)
                try job.run(connection)
                if let failed = connection.failed { throw failed }
                connections.append(connection)
                if DispatchTime.now().uptimeNanoseconds - start > GroupCommitter.batchNanoseconds { break }
            }
            // After the last job: any statement of many rows makes FTS5 write out what it collected until then.
            for connection in connections { try connection.finish() }
            try commitNow(control)
        } catch {
            rollBack(control)
            return false
        }
        let done = connections.count
        count(jobs: done)
        for job in batch.prefix(done) { job.finish(nil) }
        requeue(batch.dropFirst(done))
        return true
    }

    private func runWithSavepoints(_ batch: [Job], on handle: SQLiteHandle) {
        let control = SQLiteConnection(handle)
        var outcomes: [(any Error)?] = []
        do {
            try control.control("BEGIN IMMEDIATE")
            let start = DispatchTime.now().uptimeNanoseconds
            for job in batch {
                outcomes.append(try runInSavepoint(job, on: handle))
                let isLate = DispatchTime.now().uptimeNanoseconds - start > GroupCommitter.batchNanoseconds
                if isLate { break }
            }
            try commitNow(control)
        } catch {
            rollBack(control)
            runAlone(batch, on: handle)
            return
        }
        count(jobs: outcomes.count { $0 == nil })
        for (job, error) in zip(batch, outcomes) { job.finish(error) }
        requeue(batch.dropFirst(outcomes.count))
    }

    /// Runs one job; returns its own error with its changes undone.
    ///
    /// - Throws: when SQLite left the transaction, so that the batch as a whole is lost.
    private func runInSavepoint(_ job: Job, on handle: SQLiteHandle) throws -> (any Error)? {
        let connection = SQLiteConnection(handle)
        try connection.control("SAVEPOINT job")
        do {
            try job.run(connection)
            try connection.finish()
            try connection.control("RELEASE job")
            return nil
        } catch {
            guard connection.isInTransaction else { throw error }
            try connection.control("ROLLBACK TO job")
            try connection.control("RELEASE job")
            return error
        }
    }

    private func runAlone(_ batch: [Job], on handle: SQLiteHandle) {
        for job in batch {
            let connection = SQLiteConnection(handle)
            do {
                try connection.control("BEGIN IMMEDIATE")
                try job.run(connection)
                try connection.finish()
                try commitNow(connection)
                count(jobs: 1)
                job.finish(nil)
            } catch {
                rollBack(connection)
                job.finish(error)
            }
        }
    }

    private func commitNow(_ connection: SQLiteConnection) throws {
        let isFailing = condition.withLock { () -> Bool in
            guard commitsToFail > 0 else { return false }
            commitsToFail -= 1
            return true
        }
        if isFailing { throw SQLError.full("COMMIT failed on request of a test") }
        try connection.control("COMMIT")
    }

    private func rollBack(_ connection: SQLiteConnection) {
        guard connection.isInTransaction else { return }
        // If even this fails SQLite rolls back by itself when the next BEGIN finds the transaction broken.
        try? connection.control("ROLLBACK")
    }

    private func count(jobs: Int) {
        condition.withLock {
            total.commits += 1
            total.writes += jobs
        }
    }

    private func requeue(_ jobs: ArraySlice<Job>) {
        guard !jobs.isEmpty else { return }
        condition.withLock { waiting.insert(contentsOf: jobs, at: 0) }
    }
}

/// Carries a result from the writer's thread to the caller; written before the continuation resumes, read after.
private final class ResultBox<T: Sendable>: @unchecked Sendable {
    var value: T?
}
