import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Who adds up the rows of a page of rates gets its total: what lies in none of the places listed is said.
@Suite("三率：各地加起来等于合计")
struct RatesPlacesTests {
    @Test("没有一处可列的，不说；列得全的，不说")
    func counts() {
        func sums(_ requests: Int) -> RateSums {
            var sums = RateSums()
            sums.requests = requests
            return sums
        }
        #expect(RatesWords.unplaced(sums(9), []) == 0)
        #expect(RatesWords.unplaced(sums(9), [sums(4), sums(5)]) == 0)
        #expect(RatesWords.unplaced(sums(9), [sums(4), sums(2)]) == 3)
        #expect(RatesWords.unplacedNote(0).string(.zh).isEmpty)
    }

    @Test("类别和地点：三十类以外的说还有几类，点一下全列出来")
    func allKinds() async throws {
        try await withHouse(.sqlite) { house in
            let dispatcher = try await house.context(.dispatcher)
            let request = Request(path: "/desk/rates/heat", context: dispatcher)
            let page = try await RatesRoutes.heatPage(request, house.services)
            let codes = house.services.catalogue.all.filter { !$0.isMajor }.map(\.code).prefix(34)
            let rest = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, 100 - $0) })
            var heat = RatesHeatPage(
                query: page.query, words: page.words, cells: [], rest: rest, columns: page.columns, names: page.names,
                catalogue: page.catalogue)
            func rows(_ html: String) -> Int { html.split(separator: "<th scope=\"row\">").count - 1 }
            let first = heat.page.body.string(.zh)
            #expect(rows(first) == 30 && first.contains("还有 4 类件数更少") && first.contains("列出全部 34 类"))
            #expect(first.contains("kinds=all"))
            heat.showsAll = true
            let all = heat.page.body.string(.zh)
            #expect(rows(all) == 34 && !all.contains("kinds=all"))
            let asked = try await house.open("/desk/rates/heat", query: [("kinds", "all")], dispatcher)
            #expect(!asked.contains("kinds=all"))
        }
    }

    @Test("公开页、单位页、接口：不在所列各处的有几件，都写明", arguments: TestEngine.enabled)
    func unplaced(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            await house.deliver()
            house.clock.set(Instant(try #require(CivilDate("2026-12-02")), hour: 9))
            let query = [("month", "202611"), ("division", "\(DemoDivision.street)")]
            func asked(_ path: String, _ context: Context) -> Request {
                Request(path: path, query: Form(query.map { (name: $0.0, value: $0.1) }), context: context)
            }
            func page() async throws -> RatesOpenPage {
                try await RatesRoutes.openPage(asked("/rates", house.visitor), house.services)
            }
            let before = try await page()
            // Of this one only the street is known.
            try await house.services.database.system { tx in
                try tx.execute("UPDATE case_outcome SET division = \(DemoDivision.street) WHERE case_id = \(id)")
                try RateMonths.rebuild(tx)
            }
            let after = try await page()
            #expect(after.sums.requests == before.sums.requests && after.unplaced == before.unplaced + 1)
            #expect(after.children.reduce(after.unplaced) { $0 + $1.sums.requests } == after.sums.requests)
            let words = "另有 \(after.unplaced) 件算在合计里，不在上面"
            #expect(try await house.open("/rates", query: query, house.visitor).contains(words))
            let told = try await house.open("/api/v1/rates/open", query: query, house.visitor)
            #expect(told.contains("\"unplaced\":\(after.unplaced)"))
            // The desk counts complaints about units, too.
            let dispatcher = try await house.context(.dispatcher)
            let desk = try await RatesRoutes.monthPage(asked("/desk/rates", dispatcher), house.services)
            #expect(desk.children.reduce(desk.unplaced) { $0 + $1.sums.requests } == desk.sums.requests)
            let shown = try await house.open("/desk/rates", query: query, dispatcher)
            #expect(shown.contains("另有 \(desk.unplaced) 件算在合计里，不在上面"))
            let parts = try await house.open("/api/v1/rates/parts", query: query, dispatcher)
            #expect(parts.contains("\"unplaced\":\(desk.unplaced)"))
            // A community lists no places: there is nothing to add up.
            let inside = [("month", "202611"), ("division", "\(DemoDivision.happiness)")]
            #expect(try await !house.open("/rates", query: inside, house.visitor).contains("算在合计里"))
        }
    }
}
