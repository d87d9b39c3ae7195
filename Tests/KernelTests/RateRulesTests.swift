import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// What was said of a month that is over does not change when the weights do.
@Suite("考核月的权重")
struct RateRulesTests {
    @Test("月份结束时记下当时的权重，以后改了只管以后", arguments: TestEngine.enabled)
    func keeps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.finished(try await house.context(.tenant))
            let database = house.services.database
            let november = try #require(AssessmentMonth(202_611))
            var today = RateSettings()
            func kept(_ month: AssessmentMonth) async throws -> RateSettings {
                let settings = today
                return try await database.read { try RateRules.settings(of: month, settings, $0) }
            }
            try await house.run(job: "rates.rules")
            // The month goes on: what is set today counts.
            today.weights = [20, 40, 40]
            #expect(try await kept(november).weights == [20, 40, 40])
            house.clock.advance(minutes: 10 * 1440)
            for _ in 0..<2 { try await house.run(job: "rates.rules") }
            let rows: Int? = try await house.value("SELECT count(*) FROM rate_rule WHERE month = 202611")
            #expect(rows == 1)
            (today.weights, today.satisfiedFrom) = ([0, 0, 100], .very)
            let rules = try await kept(november)
            #expect(rules.weights == [10, 45, 45] && rules.satisfiedFrom == .basic)
            #expect(try await kept(november.next).weights == [0, 0, 100])
            // A month nobody has evidence of has no rules of its own.
            let empty: Int? = try await house.value("SELECT count(*) FROM rate_rule WHERE month = 202512")
            #expect(empty == 0)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }
}
