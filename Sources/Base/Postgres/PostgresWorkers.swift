import Foundation
import LinliSQL

/// Threads that own a connection each, fed by one queue; background work waits until nobody else does.
///
/// PostgreSQL shares one fsync among connections: a thread that blocks per connection was measured as fast as any
/// event-driven design, and is far simpler.
final class PostgresWorkers: @unchecked Sendable {
    // @unchecked: everything mutable is guarded by `condition`; each connection is made, used and ended on one thread.
    private let address: PostgresAddress
    private let availability = PostgresAvailability()
    private let condition = NSCondition()
    private var waiting = JobQueue()
    private var background = JobQueue()
    private var runningBackground = 0
    private let backgroundLimit: Int
    private var runningThreads: Int
    private var isStopped = false
    private var closers: [CheckedContinuation<Void, Never>] = []

    typealias Job = (PostgresConnection) -> Void

    init(_ address: PostgresAddress, count: Int) {
        self.address = address
        runningThreads = count
        // However much background work there is, half of the connections are for people.
        backgroundLimit = max(1, count / 2)
        for number in 1...count {
            let thread = Thread { [self] in loop() }
            thread.name = "linli-postgres-\(number)"
            thread.start()
        }
    }

    /// Takes a job; false when the engine is closing.
    func submit(background isBackground: Bool, _ job: @escaping Job) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopped else { return false }
        if isBackground { background.append(job) } else { waiting.append(job) }
        condition.signal()
        return true
    }

    /// Finishes what was accepted, ends the threads and their connections.
    func close() async {
        availability.close()
        await withCheckedContinuation { continuation in
            condition.lock()
            defer { condition.unlock() }
            isStopped = true
            condition.broadcast()
            if runningThreads == 0 { continuation.resume() } else { closers.append(continuation) }
        }
    }

    private func loop() {
        let connection = PostgresConnection(address, availability)
        while let (job, isBackground) = next() {
            job(connection)
            if isBackground { finishBackground() }
        }
        connection.disconnect()
        condition.lock()
        runningThreads -= 1
        let waiters = runningThreads == 0 ? closers : []
        condition.unlock()
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for work; nil when stopped and empty.
    private func next() -> (job: Job, isBackground: Bool)? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let job = waiting.popFirst() { return (job, false) }
            if runningBackground < backgroundLimit, let job = background.popFirst() {
                runningBackground += 1
                return (job, true)
            }
            if isStopped && background.isEmpty { return nil }
            condition.wait()
        }
    }

    private func finishBackground() {
        condition.lock()
        runningBackground -= 1
        // One may wait for background work, all for the end.
        condition.broadcast()
        condition.unlock()
    }
}

/// First in, first out, without moving the rest for each job taken.
private struct JobQueue {
    private var jobs: [PostgresWorkers.Job?] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }

    mutating func append(_ job: @escaping PostgresWorkers.Job) { jobs.append(job) }

    mutating func popFirst() -> PostgresWorkers.Job? {
        guard !isEmpty else { return nil }
        defer {
            jobs[head] = nil
            head += 1
            if head > 256 || head == jobs.count {
                jobs.removeFirst(head)
                head = 0
            }
        }
        return jobs[head]
    }
}
