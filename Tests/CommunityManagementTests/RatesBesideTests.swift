import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What stands beside the rates and is none of them: the city's own result, and how units came to whistles.
@Suite("三率旁边：市级成绩、吹哨报到")
struct RatesBesideTests {
    @Test("公开页把导入的市级成绩和本系统自测分开写；没有导入就说没有", arguments: TestEngine.enabled)
    func official(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let cutoff = house.services.queries.settings.rates.cutoff
            // The demo brought the results of the month before along: the one before that has none.
            let month = AssessmentMonth(at: dispatcher.now, cutoff: cutoff).previous.previous
            let query = [("month", "\(month)"), ("division", "\(DemoDivision.street)")]
            let stranger = Context(actor: .anonymous, now: dispatcher.now)
            let before = try await house.open("/rates", query: query, stranger)
            #expect(before.contains("没有导入市级考核成绩") && before.contains("本系统自测"))
            var results: [ForeignResult] = []
            for number in 0..<4 {
                var result = ForeignResult(number: "12345-T\(number)", month: month)
                (result.isContacted, result.isSolved) = (true, number > 0)
                results.append(result)
            }
            try await house.services.commands.importResults(results, for: DemoDivision.street, dispatcher)
            let after = try await house.open("/rates", query: query, stranger)
            #expect(after.contains(#"市级考核成绩</h2><span class="tag ok">导入</span>"#))
            #expect(after.contains("75.0% (3/4)") && after.contains("100.0% (4/4)"))
            #expect(after.contains("12345 回访 4 件") && !after.contains("没有导入市级考核成绩"))
            let other = try await house.open(
                "/rates", query: [("month", "\(month.previous)"), ("division", "\(DemoDivision.street)")], stranger)
            #expect(other.contains("没有导入市级考核成绩"))
        }
    }

    @Test("吹哨报到按单位、按地方比，分母只算时限已过或已到的", arguments: TestEngine.enabled)
    func whistles(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let item = try await house.report(
                try await house.draft("北门路面塌了个坑", category: "E0110", at: "幸福里小区"), tenant)
            let units = [try await house.unit("东华门街道综合行政执法队"), try await house.unit("城市管理办公室")]
            let whistles = WhistleCommands(house.services.commands)
            let head = try await house.context(.head)
            _ = try await whistles.draft(
                WhistleDraft(
                    storey: .community, kind: .daily, purpose: "一起定怎么修", location: "小区北门", units: units),
                for: item, head)
            let month = AssessmentMonth(at: head.now, cutoff: house.services.queries.settings.rates.cutoff)
            let dispatcher = try await house.context(.dispatcher)
            let area = try RateArea(
                division: DemoDivision.street, unit: nil, dispatcher.actor.scope(for: .casesRead))
            func read() async throws -> (units: [WhistleScore], places: [WhistlePlace]) {
                try await house.services.database.read { tx in
                    let children = try DivisionsStore.children(of: DemoDivision.street, at: head.now, tx).map(\.code)
                    return (
                        try WhistleScore.units(month, area, tx), try WhistleScore.places(month, children, area, tx)
                    )
                }
            }
            // The unit that did not come to the whistle of the demo is counted before ours.
            try await house.run(job: "whistles.count")
            let before = try await read()
            func mine(_ scores: [WhistleScore]) -> [WhistleScore] { scores.filter { units.contains($0.unit) } }
            let id = try #require(
                try await house.value("SELECT max(id) FROM whistle WHERE case_id = \(item)", as: ID<Whistle>.self))
            try await whistles.signIn(
                units[1], code: nil, of: id, try await house.context(.cityHandler))
            let came = try await read()
            func known(_ scores: [WhistleScore]) -> Int { mine(scores).reduce(0) { $0 + $1.known } }
            // Who may still come is in no denominator.
            #expect(known(came.units) == known(before.units) + 1)
            house.clock.advance(minutes: 3 * 1440)
            try await house.run(job: "whistles.count")
            let over = try await read()
            #expect(known(over.units) == known(before.units) + 2)
            let place = try #require(over.places.first { $0.division == DemoDivision.happiness })
            let was = before.places.first { $0.division == DemoDivision.happiness }
            #expect(place.missed == (was?.missed ?? 0) + 1 && place.inTime == (was?.inTime ?? 0) + 1)
            let page = try await house.open(
                "/desk/rates", query: [("division", "\(DemoDivision.street)")], try await house.context(.dispatcher))
            #expect(page.contains("吹哨报到") && page.contains("未按时到") && page.contains("城市管理办公室"))
        }
    }

    @Test("网格事件按责任单位评价：立案、结案、按期、返工；返工前就超时限的不算按期", arguments: TestEngine.enabled)
    func gridEvents(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let unit = try await house.unit("东华门街道综合行政执法队")
            let calendar = try await house.services.queries.assessmentCalendar()
            let month = calendar.month(of: dispatcher.now)
            let scope = dispatcher.actor.scope(for: .casesRead)
            let areas = [
                try RateArea(division: DemoDivision.street, unit: unit, scope),
                try RateArea(division: DemoDivision.street, unit: nil, scope),
            ]
            func read() async throws -> [GridEventSums] {
                let now = house.services.database.clock.now
                return try await house.services.database.read { tx in
                    try areas.map { area in
                        try GridEventRow.units(month, calendar, area, at: now, tx)
                            .reduce(GridEventSums()) { $0 + $1.sums }
                    }
                }
            }
            let before = try await read()
            let prompt = try await filed(house, with: unit)
            try await finish(prompt, house)
            try await conclude(prompt, house)
            // Its reporter objects: that is done again too, as what a check sent back.
            let contested = try await filed(house, with: unit)
            try await finish(contested, house)
            try await house.take(CaseStep("checked"), contested, try await house.context(.gridWorker1))
            try await house.take(CaseStep("contest", text: "摊子又摆回来了"), contested, house.holder(of: contested))
            let again = CaseStep("dispatch", text: "换一组人去", unit: unit)
            try await house.take(again, contested, try await house.context(.dispatcher))
            try await house.take(CaseStep("accept"), contested, try await house.context(.enforcementHandler))
            try await finish(contested, house)
            try await conclude(contested, house)
            // One that waits for its reporter's word does not have to be closed.
            let waiting = try await filed(house, with: unit)
            try await finish(waiting, house)
            try await house.take(CaseStep("checked"), waiting, try await house.context(.gridWorker1))
            #expect(try await house.state(waiting) == "confirming")
            let slow = try await filed(house, with: unit)
            let slight = try await told(house)
            try await house.take(CaseStep("notFiled", text: "不够立案标准"), slight, try await house.context(.dispatcher))
            house.clock.advance(minutes: 20 * 1440)
            try await house.run(job: "cases.escalate")
            try await finish(slow, house)
            try await house.take(CaseStep("rework", text: "又回来了"), slow, try await house.context(.gridWorker1))
            try await finish(slow, house)
            try await conclude(slow, house)
            let after = try await read()
            #expect(after[0].filed == before[0].filed + 4 && after[0].closed == before[0].closed + 3)
            #expect(after[0].inTime == before[0].inTime + 2 && after[0].reworked == before[0].reworked + 2)
            #expect(after[1].told == before[1].told + 5 && after[1].filed == before[1].filed + 4)
            #expect(after[0].due == before[0].due + 3)
            let query = [("division", "\(DemoDivision.street)"), ("month", "\(month)")]
            let reader = try await house.context(.dispatcher)
            let page = try await house.open("/desk/rates", query: query, reader)
            for words in ["网格事件综合评价", "立案率", "按期结案率", "返工率"] { #expect(page.contains(words), "\(words)") }
            let parts = try await house.open("/api/v1/rates/parts", query: query, reader)
            #expect(parts.contains("\"gridEvents\":[{") && parts.contains("\"reworked\":"))
        }
    }

    /// Checked on the spot, found solved by who told it, and closed.
    private func conclude(_ id: ID<Case>, _ house: House) async throws {
        try await house.take(CaseStep("checked"), id, try await house.context(.gridWorker1))
        try await house.take(CaseStep("confirm"), id, house.holder(of: id))
        try await house.take(CaseStep("close"), id, try await house.context(.dispatcher))
    }

    /// A grid event that was told and seen to be so.
    private func told(_ house: House) async throws -> ID<Case> {
        let dispatcher = try await house.context(.dispatcher)
        var draft = try await house.draft("摊贩占了便道", category: "E0404")
        (draft.type, draft.source, draft.spot) = ("gridEvent", .staff, .street)
        let id = try await house.report(draft, dispatcher)
        try await house.take(CaseStep("verify"), id, try await house.context(.gridWorker1))
        return id
    }

    /// One that was filed and accepted.
    private func filed(_ house: House, with unit: ID<Unit>) async throws -> ID<Case> {
        let id = try await told(house)
        let dispatcher = try await house.context(.dispatcher)
        try await house.take(CaseStep("file"), id, dispatcher)
        try await house.take(CaseStep("dispatch", unit: unit), id, dispatcher)
        try await house.take(CaseStep("accept"), id, try await house.context(.enforcementHandler))
        return id
    }

    private func finish(_ id: ID<Case>, _ house: House) async throws {
        let handler = try await house.context(.enforcementHandler)
        var step = CaseStep("finish", text: "劝离了")
        step.photos = [try await house.photo(handler)]
        try await house.take(step, id, handler)
    }

    @Test("来电话术里要问的，照工单类型的表单来", arguments: TestEngine.enabled)
    func caller(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let page = try await house.open("/desk/caller", query: [], try await house.context(.dispatcher))
            let types = house.services.queries.types.offered(at: .staff)
            let asked = types.flatMap(\.extraFields)
            #expect(!asked.isEmpty)
            for field in asked {
                #expect(page.contains("“\(field.name.zh)？”"), "\(field.id)")
                for choice in field.choices { #expect(page.contains(choice.name.zh), "\(choice.id)") }
            }
        }
    }
}
