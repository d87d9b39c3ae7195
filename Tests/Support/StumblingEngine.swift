import LinliSQL
import Synchronization

/// Whether the transactions of a `StumblingEngine` stumble now, and how.
package final class StumblingMode: Sendable {
    /// How a transaction stumbles: not at all, it fails at its commit, or it loses to another and runs a second time.
    package enum Kind { case calm, fails, runsTwice }

    private let state = Mutex(Kind.calm)

    /// Calm until told otherwise.
    package init() {}

    /// How they stumble now.
    package var kind: Kind { state.withLock { $0 } }

    /// Sets how they stumble from now on.
    package func set(_ kind: Kind) { state.withLock { $0 = kind } }
}

/// An engine whose transactions fail at their commit, or run a second time, while told so.
package final class StumblingEngine: Engine {
    private struct Rolled: Error {}

    private let engine: any Engine
    private let mode: StumblingMode

    /// Wraps an engine; what it does is `mode`'s to say.
    package init(_ engine: any Engine, _ mode: StumblingMode) {
        self.engine = engine
        self.mode = mode
    }

    package var dialect: Dialect { engine.dialect }
    package var counters: EngineCounters { engine.counters }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await engine.read(body)
    }

    package func write<T: Sendable>(
        _ mode: WriteMode, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        guard self.mode.kind != .calm else { return try await engine.write(mode, body) }
        do {
            _ = try await engine.write(mode) { connection -> T in
                _ = try body(connection)
                throw Rolled()
            }
        } catch is Rolled {
            // Rolled back at the commit.
        }
        if self.mode.kind == .fails { throw SQLError.busy("the commit failed") }
        return try await engine.write(mode, body)
    }

    package func copy(to path: String) async throws { try await engine.copy(to: path) }
    package func close() async { await engine.close() }
}
