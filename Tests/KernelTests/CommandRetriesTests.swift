import Administration
import LinliKernel
import LinliSQL
import LinliTestSupport
import Synchronization
import Testing

/// Which commands ran again, by name.
@Suite("哪个命令重来了几次")
struct CommandRetriesTests {
    @Test("输给别人再来一次，记在命令名下；没重来的不记", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        let isLosing = Flag()
        try await withHouse(engine, wrap: { LosingEngine($0, isLosing) }) { house in
            let database = house.services.database
            let worker = try await house.context(.worker)
            func note(_ command: CommandID) async throws {
                try await database.write(worker, command) { tx in
                    try tx.audit(Subject("test", 1), fields: ["one"])
                }
            }
            try await note("test.calm")
            isLosing.set(true)
            for _ in 0..<3 { try await note("test.busy") }
            isLosing.set(false)
            let counted = database.retries.all.filter { $0.command.hasPrefix("test.") }
            #expect(counted.map(\.command) == ["test.busy"])
            // SQLite tries a batch with a failed job once more, with savepoints.
            let count = counted.first?.count ?? 0
            #expect(engine == .postgres ? count == 3 : count >= 3, "\(count)")
            let lines = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'test.busy'", as: Int.self)
            #expect(lines == 3, "what ran twice is written once")
        }
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isOn: Bool { state.withLock { $0 } }
    func set(_ isOn: Bool) { state.withLock { $0 = isOn } }
}

/// An engine whose transactions, while told so, lose once before they win.
private final class LosingEngine: Engine {
    private struct Lost: Error {}

    private let engine: any Engine
    private let isLosing: Flag

    init(_ engine: any Engine, _ isLosing: Flag) {
        self.engine = engine
        self.isLosing = isLosing
    }

    var dialect: Dialect { engine.dialect }
    var counters: EngineCounters { engine.counters }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await engine.read(body)
    }

    func write<T: Sendable>(
        _ mode: WriteMode, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        if isLosing.isOn {
            do {
                _ = try await engine.write(mode) { connection -> T in
                    _ = try body(connection)
                    throw Lost()
                }
            } catch is Lost {
                // Rolled back; now it wins.
            }
        }
        return try await engine.write(mode, body)
    }

    func copy(to path: String) async throws { try await engine.copy(to: path) }
    func close() async { await engine.close() }
}
