import Synchronization

/// How often walks of jobs failed at one of their subjects on this node, for `/metrics`.
package final class RoundFailures: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Nothing yet.
    package init() {}

    /// The jobs that had any, by name.
    package var all: [(job: String, count: Int)] {
        counts.withLock { counts in counts.sorted { $0.key < $1.key }.map { (job: $0.key, count: $0.value) } }
    }

    func count(_ job: String) {
        counts.withLock { $0[job, default: 0] += 1 }
    }
}
