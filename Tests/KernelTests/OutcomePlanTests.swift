import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The lists of what went wrong read what they show, however many cases a month has.
@Suite("没解决、联系不上的清单走索引")
struct OutcomePlanTests {
    @Test("四种清单各有索引，按清单的次序读，不排序、不翻整月", arguments: TestEngine.enabled)
    func indexed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let month = AssessmentMonth(at: house.clock.clock.now, cutoff: house.services.queries.settings.rates.cutoff)
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesRead)
            let area = try RateArea(division: nil, unit: nil, scope)
            let lists: [(OutcomeFilter, String)] = [
                (.unsolved, "case_outcome_unsolved"), (.unreached, "case_outcome_unreached"),
                (.unsatisfied, "case_outcome_unsatisfied"), (.late, "case_outcome_late"),
            ]
            for (filter, index) in lists {
                let sql = RatesStore.rowsSQL(month, area, filter, category: nil, after: nil, limit: 51)
                let plan = try await plan(house, sql)
                #expect(plan.contains(index), "\(filter): \(plan)")
                #expect(!plan.contains("USE TEMP B-TREE") && !plan.contains("Seq Scan"), "\(plan)")
            }
        }
    }

    /// How the engine means to run a statement, a line each.
    private func plan(_ house: House, _ sql: SQL) async throws -> String {
        try await house.services.database.read { tx in
            switch tx.dialect {
            case .sqlite: try tx.all("EXPLAIN QUERY PLAN \(sql)") { try $0[3] as String }.joined(separator: "\n")
            case .postgres:
                // Some dozens of rows are read whole whatever indexes there are: what counts is which one fits.
                try tx.all("SET LOCAL enable_seqscan = off", { _ in }).isEmpty
                    ? try tx.all("EXPLAIN \(sql)") { try $0[0] as String }.joined(separator: "\n") : ""
            }
        }
    }
}
