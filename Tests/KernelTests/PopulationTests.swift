import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// How many people live where, as it is imported.
@Suite("人口数")
struct PopulationTests {
    @Test("人口数导入两次，后一次的数算数，每次都进审计", arguments: TestEngine.enabled)
    func imported(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let street = DivisionCode(rawValue: 110_101_001_000_000)
            let context = Context.system("import", now: house.clock.clock.now)
            for residents in [52_000, 53_500] {
                let figures = try PopulationImport.figures(
                    "code,residents,as_of,source\n110101001,\(residents),2025-12-31,街道年报")
                try await house.services.database.write(context, "population.import") { tx in
                    try PopulationStore.put(figures, tx)
                }
            }
            let stored = try await house.services.database.read { try PopulationStore.of([street], $0)[street] }
            #expect(
                stored == Population(division: street, residents: 53_500, asOf: "2025-12-31", source: "街道年报"))
            let traces = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'population.import'", as: Int.self)
            #expect(traces == 2)
        }
    }
}
