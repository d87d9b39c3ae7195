import Synchronization

/// How often the closure of each command ran again on this node, because its transaction lost against another or, on
/// SQLite, because somebody of its batch failed: which commands stand in each other's way, for `/metrics`.
package final class CommandRetries: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Nothing yet.
    package init() {}

    /// The commands that ran again, by name.
    package var all: [(command: String, count: Int)] {
        counts.withLock { counts in counts.sorted { $0.key < $1.key }.map { (command: $0.key, count: $0.value) } }
    }

    func count(_ command: CommandID) {
        counts.withLock { $0[command.name, default: 0] += 1 }
    }
}

/// Tells the first run of a closure from those after it.
final class Runs: Sendable {
    private let hasBegun = Atomic(false)

    /// Whether it ran before.
    func isAgain() -> Bool { hasBegun.exchange(true, ordering: .relaxed) }
}
