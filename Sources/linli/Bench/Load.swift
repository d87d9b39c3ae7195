import LinliCore
import NIOCore
import Synchronization

/// Many connections that each send the next request when the answer came.
struct Load: Sendable {
    let port: Int
    /// Sent in turn.
    let requests: [WireRequest]
    /// The one status that counts; a page that sends to sign-in is not the page.
    let expected: Int
    let connections: Int

    /// What came of it.
    struct Outcome: Sendable {
        var times = Histogram()
        /// From the first request to the last answer.
        var seconds = 0.0
        /// What went wrong, and how often.
        var failures: [String: Int] = [:]

        var operations: Int { times.count }
        var perSecond: Double { seconds > 0 ? Double(operations) / seconds : 0 }
    }

    /// Asks for `seconds` and waits for the last answers.
    ///
    /// - Throws: one sentence when any request failed.
    func run(seconds: Double, named name: String) async throws -> Outcome {
        let tally = Tally(requests, expected)
        var channels: [any Channel] = []
        do {
            for _ in 0..<connections {
                channels.append(try await Wire.open(port, next: { tally.next() }, report: { tally.note($0) }))
            }
            try await Task.sleep(for: .seconds(seconds))
        } catch {
            tally.stop()
            channels.forEach { $0.close(promise: nil) }
            throw error
        }
        tally.stop()
        for channel in channels {
            // A server that hangs must not hold up the bench; its missing answer then counts as a failure.
            let limit = channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
            try await channel.closeFuture.get()
            limit.cancel()
        }
        let outcome = tally.outcome
        guard outcome.failures.isEmpty else {
            let words = outcome.failures.sorted { $0.value > $1.value }.map { "\($0.value) × \($0.key)" }
            throw Refusal("\(name): beside \(outcome.operations) good answers \(words.joined(separator: ", "))")
        }
        guard outcome.operations > 0 else { throw Refusal("\(name): no answer at all") }
        return outcome
    }
}

/// Gives its requests out one after the other, once.
final class Handful: Sendable {
    private let requests: Mutex<[WireRequest]>

    init(_ requests: [WireRequest]) {
        self.requests = Mutex(requests.reversed())
    }

    func next() -> WireRequest? { requests.withLock { $0.popLast() } }
}

/// What the connections of one load share; they all run on one thread.
private final class Tally: Sendable {
    private struct State {
        var isStopped = false
        var sent = 0
        var outcome = Load.Outcome()
        var firstSent: ContinuousClock.Instant?
    }

    private let requests: [WireRequest]
    private let expected: Int
    private let state = Mutex(State())

    init(_ requests: [WireRequest], _ expected: Int) {
        self.requests = requests
        self.expected = expected
    }

    var outcome: Load.Outcome { state.withLock { $0.outcome } }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    func next() -> WireRequest? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            if state.firstSent == nil { state.firstSent = .now }
            state.sent += 1
            return requests[state.sent % requests.count]
        }
    }

    func note(_ outcome: Wire.Outcome) {
        state.withLock { state in
            switch outcome {
            case .answer(let answer, let time) where answer.status == expected:
                state.outcome.times.add(time)
                if let first = state.firstSent { state.outcome.seconds = (ContinuousClock.now - first) / .seconds(1) }
            case .answer(let answer, _): state.outcome.failures["status \(answer.status)", default: 0] += 1
            case .failure(let words): state.outcome.failures[words, default: 0] += 1
            }
        }
    }
}
