import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What must be over in two hours, when nobody is at their desk.
@Suite("两小时时限的钟")
struct DangerClocksTests {
    @Test("2 小时的一类：周六清晨来的，签收、联系也在 2 小时内；改成一般的类别就照一般的算", arguments: TestEngine.enabled)
    func dangerAtNight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A Saturday, five hours before anybody is at their desk.
            let start = Instant(CivilDate(daysSinceEpoch: 20_785), hour: 4)
            house.clock.set(start)
            let draft = try await house.draft("请来看看", category: "R0102")
            let id = try await house.report(draft, try await house.context(.tenant))
            func clocks() async throws -> [String: Instant] {
                let rows = try await house.services.database.read { tx in
                    try tx.all(
                        "SELECT clock, due_at FROM case_timer WHERE case_id = \(id) AND clock <> 'promise' ORDER BY clock"
                    ) { row -> (String, Instant?) in (try row[0], try row[1]) }
                }
                return Dictionary(uniqueKeysWithValues: rows).compactMapValues { $0 }
            }
            #expect(try await house.state(id) == "dispatched")
            let all = try await clocks()
            for name in ["step", "response", "limit"] { #expect(all[name] == start.adding(hours: 2), "\(name)") }
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.classify(.assistance, "R0104", of: id, dispatcher)
            let calm = try await clocks()
            #expect(calm["response"] == start.adding(days: 1) && calm["limit"] == start.adding(days: 7))
            let monday = Instant(CivilDate(daysSinceEpoch: 20_787), hour: 0)
            #expect(calm["step"].map { $0 > monday } == true, "working time again")
        }
    }
}
