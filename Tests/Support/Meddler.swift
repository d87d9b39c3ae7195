import LinliCore
import LinliSQL
import Synchronization

/// An engine in which somebody else is faster: what it was told to do happens after the last read of a command and before
/// its write.
package final class Meddler: Engine {
    /// What somebody else does.
    package typealias Deed = @Sendable () async throws -> Void

    private let engine: any Engine
    private let next = Mutex<Deed?>(nil)

    /// An engine that is like another one until `before` is called.
    package init(_ engine: any Engine) { self.engine = engine }

    /// Lets somebody do something before the next write begins; once.
    package func before(_ deed: @escaping Deed) { next.withLock { $0 = deed } }

    package var dialect: Dialect { engine.dialect }
    package var counters: EngineCounters { engine.counters }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await engine.read(body)
    }

    package func write<T: Sendable>(
        _ mode: WriteMode, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        let deed = next.withLock { deed in
            defer { deed = nil }
            return deed
        }
        try await deed?()
        return try await engine.write(mode, body)
    }

    package func copy(to path: String) async throws { try await engine.copy(to: path) }
    package func close() async { await engine.close() }
}

/// Gives `body` a house with the demo community in whose store somebody else can be made faster.
package func withMeddler(_ engine: TestEngine, _ body: (House, Meddler) async throws -> Void) async throws {
    var made: Meddler?
    try await withHouse(
        engine,
        wrap: { engine in
            let meddler = Meddler(engine)
            made = meddler
            return meddler
        },
        { house in
            guard let meddler = made else { throw LinliError.fault("test.meddler", "the store was not wrapped") }
            try await body(house, meddler)
        })
}
