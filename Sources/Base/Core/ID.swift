import Synchronization

/// The identifier of one `Entity`: a time-ordered 64-bit number, 13 characters of Crockford base32 outside.
///
/// 41 bits of milliseconds since 2025-01-01T00:00Z, 10 bits of node, 12 bits of sequence. Identifiers of
/// different entities do not mix.
package struct ID<Entity>: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number stored in the database; never negative.
    package let rawValue: Int64

    /// An identifier read from the database.
    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Parses the 13 characters of an address; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 13 else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8 {
            guard let digit = crockfordDigit(byte) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 32)
            guard !overflow else { return nil }
            value = shifted | UInt64(digit)
        }
        guard value <= UInt64(Int64.max) else { return nil }
        rawValue = Int64(value)
    }

    /// 13 characters, in the order of the numbers.
    package var description: String {
        String(unsafeUninitializedCapacity: 13) { buffer in
            var value = UInt64(bitPattern: rawValue)
            for index in stride(from: 12, through: 0, by: -1) {
                buffer[index] = crockford[Int(value & 31)]
                value >>= 5
            }
            return 13
        }
    }

    /// When it was issued.
    package var issuedAt: Instant {
        Instant(milliseconds: rawValue >> 22 + identifierEpochMilliseconds)
    }

    package static func < (left: ID, right: ID) -> Bool { left.rawValue < right.rawValue }
}

private let crockford = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
private let identifierEpochMilliseconds: Int64 = 1_735_689_600_000

private func crockfordDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x5A, 0x61...0x7A: crockford.firstIndex(of: byte | 0x20).map { UInt8($0) }
    default: nil
    }
}

/// Issues identifiers for one node; safe to call from any thread.
///
/// A full millisecond borrows from the next one. It stops when the clock went back by more than two seconds or
/// the node's lease is gone, because an identifier issued twice is worse than none.
package final class IDGenerator: Sendable {
    private struct State {
        var milliseconds: Int64 = 0
        var sequence: Int64 = 0
        var node: Int64?
    }

    private let clock: WallClock
    private let state: Mutex<State>

    /// A generator for `node`, 0 to 1,023; nil waits for a lease.
    package init(node: Int?, clock: WallClock) {
        self.clock = clock
        state = Mutex(State(node: node.map(Int64.init)))
    }

    /// Takes the node number of a new lease, or stops issuing when the lease is lost.
    package func hold(node: Int?) {
        state.withLock { $0.node = node.map(Int64.init) }
    }

    /// The next identifier.
    ///
    /// - Throws: `.unavailable` when the node has no lease or the clock went back.
    package func next<Entity>() throws -> ID<Entity> {
        let now = clock.now.milliseconds - identifierEpochMilliseconds
        let value = state.withLock { state -> Int64? in
            guard let node = state.node, now >= state.milliseconds - 2000 else { return nil }
            if now > state.milliseconds {
                state.milliseconds = now
                state.sequence = 0
            } else if state.sequence == 4095 {
                state.milliseconds += 1
                state.sequence = 0
            } else {
                state.sequence += 1
            }
            return state.milliseconds << 22 | node << 12 | state.sequence
        }
        guard let value else {
            throw LinliError(
                .unavailable,
                "ids.stopped",
                Text("服务正在切换，请一分钟后再试", "The server is switching over; please try again in a minute"),
                detail: "no node lease, or the clock went back",
                retryAfterSeconds: 60
            )
        }
        return ID(rawValue: value)
    }
}
