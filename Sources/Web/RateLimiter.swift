import LinliCore
import Synchronization

/// Counts what each address does in a minute, on this node. Addresses are kept for a minute and never written down.
final class RateLimiter: Sendable {
    private struct State {
        var minute: Int64 = 0
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// How many seconds are left of this minute, for `Retry-After`.
    static func secondsLeft(at now: Instant) -> Int {
        Int(60 - now.milliseconds / 1000 % 60)
    }

    /// Whether `key` may go on; false once it did so `limit` times this minute.
    func allows(_ key: String, limit: Int, at now: Instant) -> Bool {
        guard limit > 0 else { return true }
        let minute = now.milliseconds / 60_000
        return state.withLock { state in
            if state.minute != minute {
                state.minute = minute
                state.counts.removeAll(keepingCapacity: true)
            }
            state.counts[key, default: 0] += 1
            return state.counts[key, default: 0] <= limit
        }
    }
}
