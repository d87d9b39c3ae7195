import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Which days a month has: figures of the assessment say so everywhere, and what goes by the calendar says that.
@Suite("考核月和自然月")
struct AssessmentDaysTests {
    /// Months of assessment end on the 25th.
    private static var settings: CaseSettings {
        var settings = CaseSettings(sampledPercent: 0)
        settings.rates.cutoff = 25
        return settings
    }

    @Test("三率、万人诉求比、吹哨得分：页面写明考核月从哪天到哪天", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: Self.settings) { house in
            let dispatcher = try await house.context(.dispatcher)
            for path in ["/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/whistles/units"] {
                let page = try await house.open(path, query: [], dispatcher)
                #expect(page.contains("2026年11月") && page.contains("考核月，10月26日至11月25日"), "\(path)")
                #expect(page.contains("本系统自测"), "\(path)")
            }
            let trend = try await house.open("/desk/rates", query: [], dispatcher)
            #expect(trend.contains("9月26日至10月25日"), "the months before, too")
            // Everybody reads months that are over.
            let open = try await house.open("/rates", query: [], Context(actor: .anonymous, now: dispatcher.now))
            #expect(open.contains("2026年10月") && open.contains("考核月，9月26日至10月25日"))
            // The day after the cut-off belongs to the next month.
            house.clock.set(Instant(try #require(CivilDate("2026-11-26")), hour: 9))
            let next = try await house.open("/desk/rates", query: [], try await house.context(.dispatcher))
            #expect(next.contains("<b>2026年12月</b>") && next.contains("考核月，11月26日至12月25日"))
        }
    }

    @Test("接口：一样的头一天、末一天", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: Self.settings) { house in
            let dispatcher = try await house.context(.dispatcher)
            func days(_ month: String, _ from: String, _ to: String) -> [String] {
                ["\"month\":\"\(month)\"", "\"from\":\"\(from)\"", "\"to\":\"\(to)\""]
            }
            let now = days("202611", "2026-10-26", "2026-11-25")
            let before = days("202610", "2026-09-26", "2026-10-25")
            for (path, words) in [
                ("rates", now), ("rates/parts", now), ("rates/heat", now), ("rates/cases", now),
                ("rates/months", now + before), ("rates/open", before), ("order-results", now),
                ("whistles/units", now),
            ] {
                let answer = try await house.open("/api/v1/\(path)", query: [], dispatcher)
                for word in words { #expect(answer.contains(word), "\(path): \(word)") }
            }
        }
    }

    @Test("截止日改了：已经开始的月份天数不变，改的那个月写明，前后不重不漏", arguments: TestEngine.enabled)
    func changed(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: Self.settings) { house in
            func set(_ date: String) throws {
                house.clock.set(Instant(try #require(CivilDate(date)), hour: 9))
            }
            func shown(_ path: String, _ month: String? = nil) async throws -> String {
                let query = month.map { [("month", $0)] } ?? []
                return try await house.open(path, query: query, try await house.context(.dispatcher))
            }
            func keep(_ cutoff: Int) async throws {
                let context = Context.system("test", now: house.clock.clock.now)
                try await house.services.commands.keep(cutoff: cutoff, context)
            }
            try await house.run(job: "rates.rules")
            try await keep(20)
            for path in ["/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/whistles/units"] {
                #expect(try await shown(path).contains("考核月，10月26日至11月25日<"), "\(path)")
            }
            try set("2026-11-26")
            let shorter = "考核月，11月26日至12月20日（截止日从这个月起由25日改为20日）"
            for path in ["/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/whistles/units"] {
                #expect(try await shown(path).contains(shorter), "\(path)")
                #expect(try await shown(path, "202611").contains("考核月，10月26日至11月25日<"), "\(path)")
            }
            let answer = try await shown("/api/v1/rates")
            #expect(answer.contains("\"from\":\"2026-11-26\"") && answer.contains("\"to\":\"2026-12-20\""))
            try set("2026-12-21")
            #expect(try await shown("/desk/rates").contains("考核月，12月21日至1月20日<"), "over the end of the year")
            #expect(try await shown("/rates").contains(shorter), "everybody reads it, too")
            // The other way: the month after is longer.
            try await keep(25)
            #expect(try await shown("/desk/rates").contains("考核月，12月21日至1月20日<"))
            let longer = "考核月，1月21日至2月25日（截止日从这个月起由20日改为25日）"
            try set("2027-01-21")
            #expect(try await shown("/desk/rates").contains(longer))
            #expect(try await shown("/desk/rates", "202703").contains("考核月，2月26日至3月25日<"))
        }
    }

    @Test("工作报表、走访台账按自然月：写明哪天到哪天，和考核月不是同样的几天", arguments: TestEngine.enabled)
    func calendar(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: Self.settings) { house in
            let head = try await house.context(.head)
            let area = ("division", "\(DemoDivision.happiness)")
            let (own, other) = ("自然月，11月1日至11月30日", "2026年11月是10月26日至11月25日，不是同样的几天")
            let page = try await house.open("/desk/reports", query: [area], head)
            #expect(page.contains(own) && page.contains(other))
            let table = try await house.open("/desk/reports", query: [area, ("as", "csv")], head)
            #expect(table.contains(own) && table.contains(other))
            let week = try await house.open("/desk/reports", query: [area, ("period", "2026-W48")], head)
            #expect(week.contains("自然周，11月23日至11月29日") && week.contains("按考核月算，不在这里"))
            let quarter = try await house.open("/desk/reports", query: [area, ("period", "2026-Q4")], head)
            #expect(quarter.contains("自然季度，10月1日至12月31日"))
            let answer = try await house.open("/api/v1/work-reports", query: [area], head)
            #expect(answer.contains("\"firstDay\":\"2026-11-01\"") && answer.contains("\"lastDay\":\"2026-11-30\""))
            #expect(answer.contains(other))
            let ledger = try await house.open("/desk/visits/ledger", query: [], head)
            #expect(ledger.contains(own + "；不是考核月"))
        }
    }
}
