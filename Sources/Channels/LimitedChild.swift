import Foundation
import Subprocess
import SystemPackage

/// Programs that work on pictures from strangers: as child processes with limits on time, memory and number, because
/// decoders are where hostile files aim.
actor LimitedChild {
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private static let atOnce = 2
    private static let seconds = 20
    private static let memoryKilobytes = 1_500_000

    /// What became of a child.
    struct Ended: Sendable {
        /// Whether it ended by itself and well.
        let isDone: Bool
        let output: String
        let complaint: String
    }

    /// What `body` returns; at most two bodies at once, the others wait their turn.
    func alone<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        if running < LimitedChild.atOnce {
            running += 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }

    /// What a child is told of our surroundings: where programs and scratch are, and not the address of the database.
    private static let inherited = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL"]

    /// Runs a program with its arguments, every file among them named by us; of our environment it has `inherited` only.
    ///
    /// - Throws: when it cannot be started, or prints more than a megabyte.
    static func run(_ command: [String], environment: [Environment.Key: String] = [:]) async throws -> Ended {
        // prlimit caps memory and CPU; timeout ends what hangs.
        let arguments =
            [
                "--as=\(memoryKilobytes * 1024)", "--cpu=\(seconds)", "--core=0", "timeout", "\(seconds)",
            ] + command
        let ours = ProcessInfo.processInfo.environment
        var given = environment
        for name in inherited { given[Environment.Key(stringLiteral: name)] = ours[name] }
        let result = try await Subprocess.run(
            .name("prlimit"),
            arguments: Arguments(arguments),
            environment: .custom(given),
            output: .string(limit: 1 << 20),
            error: .string(limit: 4096)
        )
        return Ended(
            isDone: result.terminationStatus.isSuccess, output: result.standardOutput,
            complaint: result.standardError
        )
    }
}
