import Foundation
import Glibc
import LinliCore
import Synchronization

/// `linli bench-node`: a server whose clock runs faster than the machine's. Only the storm starts it.
///
/// How fast, and from when, stands in the environment under a name of its own: it is no setting of a neighbourhood.
struct StormClock: Sendable {
    static let variable = "BENCH_CLOCK"
    /// The moment it shows first, and when that was by the machine.
    let start: Instant
    let rate: Int64

    /// `1795600000000x60`.
    var words: String { "\(start.milliseconds)x\(rate)" }

    init(start: Instant, rate: Int64) {
        self.start = start
        self.rate = rate
    }

    init?(_ words: String) {
        let parts = words.split(separator: "x").compactMap { Int64($0) }
        guard parts.count == 2, parts[1] > 0 else { return nil }
        self.init(start: Instant(milliseconds: parts[0]), rate: parts[1])
    }

    /// Shows `start` at `start` by the machine, and runs `rate` times as fast from there.
    var clock: WallClock {
        WallClock { [start, rate] in
            let passed = WallClock.system.now.milliseconds - start.milliseconds
            return Instant(milliseconds: start.milliseconds + passed * rate)
        }
    }

    /// Serves with the clock of the environment.
    static func serve(_ invocation: Invocation) async throws {
        guard let clock = ProcessInfo.processInfo.environment[variable].flatMap({ StormClock($0) }) else {
            throw Refusal("bench-node is started by `linli bench storm` alone")
        }
        try await ServeCommand.run(invocation, clock: clock.clock)
    }
}

/// The nodes of a storm: which are up, and how one is killed and comes back.
actor StormNodes {
    private let stage: Stage
    private let premises: Premises
    private let clock: StormClock
    private var nodes: [ServerChild?]

    init(_ stage: Stage, _ premises: Premises, _ clock: StormClock, count: Int) {
        self.stage = stage
        self.premises = premises
        self.clock = clock
        nodes = Array(repeating: nil, count: count)
    }

    /// The port of a node for the caller's `turn`, another one than last time; nil while none is up.
    func port(_ turn: Int) -> Int? {
        let up = nodes.compactMap { $0?.port }
        return up.isEmpty ? nil : up[turn % up.count]
    }

    /// Starts a node.
    func start(_ index: Int) async throws {
        nodes[index] = try await ServerChild.start(
            stage, ["bench-node"], premises, environment: [StormClock.variable: clock.words], name: "node\(index)"
        )
    }

    /// Kills a node without a word.
    func kill(_ index: Int) {
        guard let node = nodes[index] else { return }
        nodes[index] = nil
        Glibc.kill(node.child.id, SIGKILL)
        node.child.stop()
    }

    /// Stops every node in order.
    func stop() {
        for index in nodes.indices {
            nodes[index]?.child.stop()
            nodes[index] = nil
        }
    }
}
