import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Pages and API of the three rates: what each reader may count, and that denominators stand beside every share.
@Suite("三率的页面")
struct RatesPagesTests {
    struct Accused: Sendable {
        let unit: String
        let people: [DemoStaff]
        /// Who must count it all the same.
        let control: DemoStaff
    }

    static let accused = [
        Accused(unit: "安居物业", people: [.propertyHandler, .propertyManager], control: .dispatcher),
        Accused(unit: "幸福里社区居委会", people: [.head, .worker, .gridWorker1], control: .dispatcher),
        Accused(unit: "东华门街道市民诉求处置中心", people: [.dispatcher, .lateDispatcher], control: .districtOfficer),
    ]

    private func requests(_ house: House, _ person: DemoStaff) async throws -> Int {
        await house.deliver()
        let shown = try await house.open("/api/v1/rates", query: [], try await house.context(person))
        let rest = try #require(shown.components(separatedBy: "\"rounds\":").dropFirst().first, "\(shown)")
        return try #require(Int(rest.prefix { $0.isNumber }))
    }

    @Test("被投诉的单位数不到、查不到这一件", arguments: TestEngine.enabled, accused)
    func nothingReachesTheAccused(_ engine: TestEngine, _ accused: Accused) async throws {
        try await withHouse(engine) { house in
            var before: [DemoStaff: Int] = [:]
            for person in accused.people + [accused.control] { before[person] = try await requests(house, person) }
            var draft = try await house.draft("收费不公开", category: "R0804")
            draft.nature = .complaint
            draft.disclosure = .office
            draft.against = try await house.unit(accused.unit)
            let taken = try await house.services.commands.report(draft, try await house.context(.tenant))
            let asked: Int? = try await house.value(
                "SELECT count(*) FROM case_outcome WHERE case_id = \(taken.id)")
            if asked == 0 {
                // Routing found nobody: somebody sends it on.
                let office = try await house.unit("东城区城市管理指挥中心")
                try await house.take(
                    CaseStep("dispatch", unit: office), taken.id, try await house.context(accused.control))
            }
            for person in accused.people {
                #expect(try await requests(house, person) == before[person], "\(person) counts it")
                for path in ["/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/desk/follow-up", "/rates"] {
                    let context = try await house.context(person)
                    let shown = try await house.open(path, query: [("category", "R0804")], context)
                    #expect(!shown.contains(taken.number) && !shown.contains("\(taken.id)"), "\(person) \(path)")
                }
            }
            #expect(try await requests(house, accused.control) == (before[accused.control] ?? 0) + 1)
            let control = try await house.context(accused.control)
            let list = try await house.open("/desk/rates/cases", query: [("category", "R0804")], control)
            #expect(list.contains(taken.number))
        }
    }

    @Test("每个率都带分母，写明本系统自测；市级成绩留着位置", arguments: TestEngine.enabled)
    func monthPage(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let dispatcher = try await house.context(.dispatcher)
            let page = try await house.open("/desk/rates", query: [], dispatcher)
            for word in ["本系统自测", "市级考核成绩", "万人诉求比", "人口未录入", "<svg viewBox", "各单位", "未答复", "不计入"] {
                #expect(page.contains(word), "\(word) is missing")
            }
            let month = try #require(AssessmentMonth(202_611))
            let scope = dispatcher.actor.scope(for: .casesRead)
            let area = try RateArea(division: DemoDivision.street, unit: nil, scope)
            let sums = try await house.services.database.read { try RatesStore.totals([month], area, $0)[month] }
            let rate = try #require(sums).solutionRate
            #expect(rate.whole > 0 && page.contains("\(rate.percent)</b><small>\(rate.part)/\(rate.whole)"))
            let heat = try await house.open("/desk/rates/heat", query: [], dispatcher)
            #expect(heat.contains("幸福里社区") && heat.contains("/desk/rates/cases?month=202611&amp;division="))
        }
    }

    @Test("看不到别处的：范围以外查无此处", arguments: TestEngine.enabled)
    func scope(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let village = [("division", "\(DemoDivision.village)")]
            let worker = try await house.context(.worker)
            for path in ["/desk/rates", "/desk/rates/heat", "/desk/rates/cases", "/api/v1/rates"] {
                #expect(try await house.open(path, query: village, worker).isEmpty, "\(path)")
                let odd = try await house.open(path, query: [("division", "x")], worker)
                #expect(odd.isEmpty, "\(path)")
            }
            // A company sees its own work only, wherever it lies.
            let handler = try await house.context(.waterHandler)
            let own = try await house.open("/desk/rates", query: [], handler)
            #expect(own.contains("城东自来水服务站") && !own.contains("各单位"))
            let property = try await house.unit("安居物业")
            #expect(try await house.open("/desk/rates", query: [("unit", "\(property)")], handler).isEmpty)
            let list = try await house.open("/desk/rates/cases", query: [], handler)
            #expect(!list.contains("安居物业"))
            #expect(try await house.open("/desk/rates", query: [], try await house.context(.tenant)).isEmpty)
        }
    }

    @Test("公开页只有结束了的月份，剔除数和理由都在", arguments: TestEngine.enabled)
    func openPage(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let id = try await house.report(try await house.draft(), resident)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            let request = try await commands.ask(
                .exclude, reason: "lawsuit", minutes: 0, text: "已经起诉", for: id, handler)
            _ = try await commands.decide(request, isGranted: true, text: "属实", try await house.context(.dispatcher))
            await house.deliver()
            let query = [("month", "202611"), ("division", "\(DemoDivision.street)")]
            let early = try await house.open("/rates", query: query, house.visitor)
            #expect(early.contains("2026年11月还没有结束，这里只公布已经结束的月份，最近的是2026年10月"))
            #expect(early.contains(" · 2026年10月</h2>") && !early.contains(" · 2026年11月</h2>"))
            for division in ["999999", "110101001999", "nothing"] {
                let path = [("division", division)]
                #expect(try await house.open("/rates", query: path, house.visitor) == "", "\(division)")
            }
            let odd = try await house.open("/rates", query: [("month", "202613")], house.visitor)
            #expect(odd.contains("月份要写成 202610 这样的六位数字"))
            house.clock.advance(minutes: 20 * 1440)
            let page = try await house.open("/rates", query: query, house.visitor)
            #expect(page.contains("2026年11月") && page.contains("已进入诉讼、仲裁、复议等程序"))
            #expect(page.contains("本系统自测") && page.contains("不计入 1"))
        }
    }

    @Test("回访列表和话术；自己单位办的进不去", arguments: TestEngine.enabled)
    func followUp(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            house.clock.advance(minutes: 3 * 1440 - 60)
            let dispatcher = try await house.context(.dispatcher)
            let list = try await house.open("/desk/follow-up", query: [], dispatcher)
            #expect(list.contains("/desk/follow-up/\(id)"))
            let page = try await house.open("/desk/follow-up/\(id)", query: [], dispatcher)
            #expect(page.contains("请问这件事解决了没有") && page.contains("安居物业"))
            #expect(try await house.open("/desk/follow-up/\(id)", query: [], handler).isEmpty)
            let path = "/desk/follow-up/\(id)"
            let nothing = try await house.send(path, Form([("outcome", "answered")]), dispatcher)
            #expect(nothing?.contains("请选诉求人说解决了没有") == true)
            let odd = Form([("outcome", "missed"), ("reason", "busy"), ("again", "明天")])
            #expect(try await house.send(path, odd, dispatcher)?.contains("请写日期和时间") == true)
            let yes = Form([("outcome", "answered"), ("solved", "yes"), ("grade", "5"), ("text", "很快")])
            #expect(try await house.send(path, yes, dispatcher) == "/desk/follow-up?done=answered")
            #expect(try await house.state(id) == "closed")
            let after = try await house.open(path, query: [], dispatcher)
            #expect(after.contains("已经有答复了"))
        }
    }

    @Test("评价记录翻页：不重不漏", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesRead)
            let area = try RateArea(division: DemoDivision.street, unit: nil, scope)
            let month = try #require(AssessmentMonth(202_611))
            let seen = try await house.services.database.read { tx -> [String] in
                func page(_ after: String?, _ limit: Int) throws -> [String] {
                    try RatesStore.rows(month, area, .all, category: nil, after: after, limit: limit, tx).map(\.cursor)
                }
                var seen: [String] = []
                while true {
                    let next = try page(seen.last, 7)
                    if next.isEmpty { break }
                    seen += next
                }
                let whole = try page(nil, 1000)
                #expect(seen == whole)
                return seen
            }
            #expect(seen.count > 7 && Set(seen).count == seen.count)
        }
    }

    @Test("人口表：看不懂的行一次说完") func population() throws {
        let good = "# 注\ncode,residents,as_of,source\n110101001,61234,2025,统计公报\n110101001901,3480,2025,台账\n"
        let figures = try PopulationImport.figures(good)
        #expect(figures.map(\.residents) == [61_234, 3480] && figures[0].division == DemoDivision.street)
        let bad = "code,residents,as_of,source\n110101001,many,2025,x\n1,5,2025,x\n110101001,5,2025,\n"
        do {
            _ = try PopulationImport.figures(bad)
            Issue.record("it was read")
        } catch let error as LinliError {
            #expect(error.fields.count == 3)
        }
    }
}
