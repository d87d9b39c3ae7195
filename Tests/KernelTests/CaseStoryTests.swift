import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Logging
import Testing

/// One need from hand to hand: who may take each step, who may not, and what the clock does.
@Suite("一件诉求的一生")
struct CaseStoryTests {
    @Test("电梯坏了：物业签收、办完，本人确认，办结；每一步别人都做不了", arguments: TestEngine.enabled)
    func fromTellingToClosing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let neighbour = try await house.context(.nurse as DemoResident)
            let id = try await house.report(try await house.draft(), resident)
            let view = try await house.services.queries.view(id, resident)
            #expect(view.unit?.name.zh == "安居物业")
            #expect(view.state.id == "dispatched")
            // A neighbour does not see it; another company does not; who told it cannot accept it.
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, neighbour) } == .notFound)
            let water = try await house.context(.waterHandler)
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, water) } == .notFound)
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, resident) } == .forbidden)
            #expect(
                try await house.refusal { try await house.take(CaseStep("accept"), id, house.visitor) } == .notFound)
            try await house.take(CaseStep("accept"), id, handler)
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, handler) } == .conflict)
            #expect(try await house.refusal { try await house.take(CaseStep("finish"), id, handler) } == .invalid)
            let dispatcher = try await house.context(.dispatcher)
            let early = CaseStep("finish", text: "好了")
            #expect(try await house.refusal { try await house.take(early, id, dispatcher) } == .forbidden)
            try await house.take(CaseStep("finish", text: "换了门机皮带"), id, handler)
            let confirm = CaseStep("confirm")
            #expect(try await house.refusal { try await house.take(confirm, id, handler) } == .forbidden)
            #expect(try await house.refusal { try await house.take(confirm, id, dispatcher) } == .forbidden)
            var rated = CaseStep("confirm", text: "很快")
            rated.stars = 6
            let tooMany = rated
            #expect(try await house.refusal { try await house.take(tooMany, id, resident) } == .invalid)
            rated.stars = 5
            try await house.take(rated, id, resident)
            let closed = try await house.services.queries.view(id, resident)
            #expect(closed.state.id == "closed" && closed.item.stars == 5 && closed.item.closedAt == resident.now)
            #expect(closed.entries.map(\.transition) == ["report", "accept", "finish", "confirm"])
            let party = try await house.value("SELECT is_open FROM case_party WHERE case_id = \(id)", as: Bool.self)
            #expect(party == false)
        }
    }

    @Test("退单要写理由，重派给自来水，物业不再看得见", arguments: TestEngine.enabled)
    func refusedAndDispatchedAgain(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            var refuse = CaseStep("refuse", text: "这是市政管线")
            let without = refuse
            #expect(try await house.refusal { try await house.take(without, id, handler) } == .invalid)
            refuse.reasonClass = "notOurs"
            try await house.take(refuse, id, handler)
            #expect(try await house.state(id) == "received")
            #expect(try await house.refusal { _ = try await house.services.queries.view(id, handler) } == .notFound)
            let water = try await house.unit("城东自来水服务站")
            let dispatch = CaseStep("dispatch", unit: water)
            for person in [DemoStaff.worker, .locustHead, .villageDistrictOfficer, .administrator, .auditor] {
                let stranger = try await house.context(person)
                let kind = try await house.refusal { try await house.take(dispatch, id, stranger) }
                #expect(kind == .notFound || kind == .forbidden, "\(person)")
            }
            let centre = try await house.context(.dispatcher)
            #expect(try await house.refusal { try await house.take(CaseStep("dispatch"), id, centre) } == .invalid)
            try await house.take(dispatch, id, centre)
            try await house.take(CaseStep("accept"), id, try await house.context(.waterHandler))
            #expect(try await house.state(id) == "handling")
        }
    }

    @Test("没解决，我要重办：回到派单，抽查不了的也要核查；核查不通过退回办理", arguments: TestEngine.enabled)
    func contestedIsChecked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let centre = try await house.context(.dispatcher)
            let id = try await house.report(try await house.draft(), resident)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            #expect(try await house.refusal { try await house.take(CaseStep("contest"), id, resident) } == .invalid)
            try await house.take(CaseStep("contest", text: "还是不动"), id, resident)
            #expect(try await house.state(id) == "received")
            let unit = try await house.unit("安居物业")
            try await house.take(CaseStep("dispatch", text: "维保在它，请换人", unit: unit), id, centre)
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyManager))
            try await house.take(CaseStep("finish", text: "又修了一次"), id, handler)
            try await house.take(CaseStep("confirm"), id, resident)
            #expect(try await house.state(id) == "checking")
            #expect(try await house.refusal { try await house.take(CaseStep("pass"), id, handler) } == .forbidden)
            let head = try await house.context(.head)
            #expect(try await house.refusal { try await house.take(CaseStep("pass"), id, head) } == .forbidden)
            try await house.take(CaseStep("fail", text: "电话核实没修好"), id, centre)
            #expect(try await house.state(id) == "handling")
            try await house.take(CaseStep("finish", text: "换了主板"), id, handler)
            try await house.take(CaseStep("confirm"), id, resident)
            try await house.take(CaseStep("pass"), id, try await house.context(.districtOfficer))
            #expect(try await house.state(id) == "closed")
        }
    }

    @Test("办结 30 天内可以重办，过了就不行；撤回只在办理之前", arguments: TestEngine.enabled)
    func reopenedAndWithdrawn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let handler = try await house.context(.propertyHandler)
            func closed() async throws -> ID<Case> {
                let resident = try await house.context(.tenant)
                let id = try await house.report(try await house.draft(), resident)
                try await house.take(CaseStep("accept"), id, handler)
                #expect(
                    try await house.refusal { try await house.take(CaseStep("withdraw"), id, resident) } == .conflict)
                try await house.take(CaseStep("finish", text: "好了"), id, handler)
                try await house.take(CaseStep("confirm"), id, resident)
                return id
            }
            let (early, late) = (try await closed(), try await closed())
            house.clock.advance(minutes: 30 * 24 * 60 - 1)
            try await house.take(CaseStep("reopen", text: "又坏了"), early, try await house.context(.tenant))
            #expect(try await house.state(early) == "received")
            house.clock.advance(minutes: 2)
            let resident = try await house.context(.tenant)
            let reopen = CaseStep("reopen", text: "又坏了")
            #expect(try await house.refusal { try await house.take(reopen, late, resident) } == .conflict)
            let other = try await house.report(try await house.draft(), resident)
            try await house.take(CaseStep("withdraw"), other, resident)
            #expect(try await house.state(other) == "withdrawn")
        }
    }

    @Test("三天没答复：先行办结；要抽查的转核查；旁人不能替时钟走", arguments: TestEngine.enabled, [0, 100])
    func lapse(_ engine: TestEngine, _ percent: Int) async throws {
        try await withHouse(engine, settings: CaseSettings(sampledPercent: percent)) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), resident)
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "好了"), id, handler)
            #expect(try await house.refusal { try await house.take(CaseStep("lapse"), id, resident) } == .forbidden)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let runner = JobRunner(
                house.services.database, kinds: JobKind.cases(house.services.commands), wake: Wake(), logger: logger
            )
            try await runner.enrol()
            func run() async { while await runner.runNext() {} }
            house.clock.advance(minutes: 4320)
            await run()
            #expect(try await house.state(id) == "confirming")
            house.clock.advance(minutes: 1)
            await run()
            #expect(try await house.state(id) == (percent == 0 ? "closed" : "checking"))
            await run()
        }
    }

    @Test("版本不对就说有新进展；一起点的两个人只有一个成", arguments: TestEngine.enabled)
    func whoeverIsFaster(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let id = try await house.report(try await house.draft(), resident)
            var stale = CaseStep("accept")
            stale.version = 99
            let handlers = [try await house.context(.propertyHandler), try await house.context(.propertyManager)]
            let old = stale
            #expect(try await house.refusal { try await house.take(old, id, handlers[0]) } == .conflict)
            let kinds = try await withThrowingTaskGroup(of: LinliError.Kind?.self) { group in
                for handler in handlers {
                    group.addTask { try await house.refusal { try await house.take(CaseStep("accept"), id, handler) } }
                }
                return try await group.reduce(into: [LinliError.Kind?]()) { $0.append($1) }
            }
            #expect(kinds.filter { $0 == nil }.count == 1)
            #expect(kinds.contains(.conflict))
        }
    }

    @Test("看着页面时到了提醒、督办的时候：照样办得成，有人动过才说有新进展", arguments: TestEngine.enabled)
    func remindedMeanwhile(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            var seen = CaseStep("accept")
            seen.version = try await house.services.queries.view(id, handler).item.version
            house.clock.advance(minutes: 7200)
            let alerts: SQL = "SELECT count(*) FROM case_alert WHERE case_id = \(id)"
            let before = try #require(try await house.value(alerts, as: Int.self))
            try await house.run(job: "cases.escalate")
            let after = try #require(try await house.value(alerts, as: Int.self))
            #expect(after > before)
            let later = try await house.context(.propertyHandler)
            try await house.take(seen, id, later)
            // What somebody did meanwhile still counts.
            var finish = CaseStep("finish", text: "修好了")
            finish.version = try await house.services.queries.view(id, later).item.version
            try await house.services.commands.remark("配件明天到", isVisible: false, photos: [], on: id, later)
            let stale = finish
            #expect(try await house.refusal { try await house.take(stale, id, later) } == .conflict)
        }
    }

    @Test("时限从派单算起：一般七天、承诺八成，紧急两小时；签收按工作时间", arguments: TestEngine.enabled)
    func deadlines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft("楼道灯不亮", category: "R0104"), resident)
            let queries = house.services.queries
            // A Sunday: four working hours from Monday nine o'clock.
            let accept = try await queries.view(id, resident).item.dueAt
            let monday = CivilDate(daysSinceEpoch: 20_780)
            #expect(accept.date == monday && accept > Instant(monday, hour: 12))
            house.clock.advance(minutes: 60)
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
            let view = try await queries.view(id, resident)
            let due = Dictionary(uniqueKeysWithValues: view.clocks.map { ($0.clock, $0.dueAt) })
            // From dispatch, an hour before it was accepted.
            #expect(due["limit"] == resident.now.adding(days: 7))
            #expect(due["promise"] == resident.now.adding(minutes: 7 * 1440 * 80 / 100))
            #expect(due["response"] == resident.now.adding(days: 1))
            #expect(view.item.dueAt == due["promise"])
            var urgent = try await house.draft("电梯困人", category: "R0201")
            urgent.isUrgent = true
            let second = try await house.report(urgent, resident)
            #expect(try await queries.view(second, resident).item.dueAt == resident.now.adding(minutes: 30))
            try await house.take(CaseStep("accept"), second, handler)
            let urgentClocks = try await queries.view(second, resident).clocks
            let limit = urgentClocks.first { $0.clock == "limit" }
            #expect(limit?.dueAt == resident.now.adding(hours: 2) && limit?.running.counting == .natural)
            try await house.take(CaseStep("finish", text: "救出来了"), second, handler)
            try await house.take(CaseStep("confirm"), second, resident)
            // Urgent ones are always checked.
            #expect(try await house.state(second) == "checking")
        }
    }

    @Test("内部备注居民看不到，给居民看的看得到", arguments: TestEngine.enabled)
    func notes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let id = try await house.report(try await house.draft(), resident)
            let commands = house.services.commands
            try await commands.remark("内部：零件没货", isVisible: false, photos: [], on: id, handler)
            try await commands.remark("师傅明天上午到", isVisible: true, photos: [], on: id, handler)
            let outsider = try await house.context(.waterHandler)
            let kind = try await house.refusal {
                try await commands.remark("打听一下", isVisible: true, photos: [], on: id, outsider)
            }
            #expect(kind == .notFound)
            let mine = try await house.services.queries.view(id, resident).entries.map(\.text)
            #expect(mine.contains("师傅明天上午到") && !mine.contains("内部：零件没货"))
            #expect(try await house.services.queries.view(id, handler).entries.contains { $0.text == "内部：零件没货" })
        }
    }
}

/// Whose a need is, before anybody dispatches it.
@Suite("先问是谁的责任")
struct RoutingTests {
    struct Row: Sendable {
        let category: String
        let spot: Spot
        let address: String
        let unit: String?
        let ground: CaseRouting.Ground
        var against: String?
    }

    static let table: [Row] = [
        Row(category: "R0202", spot: .shared, address: "幸福里小区3号楼2单元", unit: "安居物业", ground: .manager),
        Row(category: "R0110", spot: .estate, address: "幸福里小区", unit: "安居物业", ground: .manager),
        // Inside a dwelling the owner is responsible: nobody is told that shared parts belong to the manager.
        Row(category: "R0107", spot: .home, address: "幸福里小区3号楼2单元", unit: "安居物业", ground: .ownerManager),
        // What backs up in a kitchen is the drain of the house.
        Row(category: "R0103", spot: .home, address: "幸福里小区3号楼2单元", unit: "安居物业", ground: .manager),
        Row(category: "R0104", spot: .shared, address: "多福巷7号院", unit: "东华门房管所", ground: .manager),
        Row(
            category: "R0104", spot: .shared, address: "槐荫里小区1号楼1单元", unit: "槐荫里小区物业管理委员会",
            ground: .managementCommittee
        ),
        Row(category: "R0104", spot: .shared, address: "柳河村一组", unit: "柳河村村委会", ground: .community),
        Row(category: "R0301", spot: .home, address: "幸福里小区3号楼2单元", unit: "城东自来水服务站", ground: .utility),
        Row(category: "R0401", spot: .home, address: "柳河村二组", unit: "城东供电服务站", ground: .utility),
        Row(category: "R0501", spot: .home, address: "多福巷5号院", unit: "城东燃气服务站", ground: .utility),
        Row(category: "R0601", spot: .home, address: "幸福里小区1号楼1单元", unit: "城东供热服务站", ground: .utility),
        Row(category: "R0701", spot: .home, address: "幸福里小区1号楼1单元", unit: "城东通信服务站", ground: .utility),
        Row(category: "R1003", spot: .street, address: "幸福里小广场", unit: "东华门街道市民诉求处置中心", ground: .street),
        Row(
            category: "R0202", spot: .shared, address: "幸福里小区3号楼2单元", unit: "幸福里社区居委会", ground: .community,
            against: "安居物业"
        ),
        Row(
            category: "R0104", spot: .shared, address: "柳河村一组", unit: "兴寿镇市民诉求处置中心", ground: .street,
            against: "柳河村村委会"
        ),
        Row(
            category: "R1003", spot: .street, address: "幸福里小广场", unit: "东城区城市管理指挥中心", ground: .district,
            against: "东华门街道市民诉求处置中心"
        ),
    ]

    @Test("每一行都派到该管的单位，被投诉的单位永远派不到", arguments: TestEngine.enabled)
    func table(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for row in Self.table {
                let place = try await house.place(row.address)
                let owner = try #require(house.services.catalogue[code: row.category]).owner
                var against: ID<Unit>?
                if let name = row.against { against = try await house.unit(name) }
                let accused = against
                let decision = try await house.services.database.read { tx in
                    try CaseRouting.decide(
                        owner: owner, spot: row.spot, division: place.division, place: place.id, against: accused, tx
                    )
                }
                #expect(decision.unit?.name.zh == row.unit, "\(row)")
                #expect(decision.ground == row.ground, "\(row)")
            }
        }
    }
}
