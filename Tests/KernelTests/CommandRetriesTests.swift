import Administration
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Which commands ran again, by name.
@Suite("哪个命令重来了几次")
struct CommandRetriesTests {
    @Test("输给别人再来一次，记在命令名下；没重来的不记", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        let mode = StumblingMode()
        try await withHouse(engine, wrap: { StumblingEngine($0, mode) }) { house in
            let database = house.services.database
            let worker = try await house.context(.worker)
            func note(_ command: CommandID) async throws {
                try await database.write(worker, command) { tx in
                    try tx.audit(Subject("test", 1), fields: ["one"])
                }
            }
            try await note("test.calm")
            mode.set(.runsTwice)
            for _ in 0..<3 { try await note("test.busy") }
            mode.set(.calm)
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
