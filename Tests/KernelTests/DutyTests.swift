import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Whom clocks tell, what waits in the morning, supervision with its answers, and counts that count once.
@Suite("值守：提醒给在岗的人，早上一张清单，督办有答复")
struct DutyTests {
    private func lateCase(_ house: House) async throws -> ID<Case> {
        let id = try await house.report(
            try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
        house.clock.advance(minutes: 10 * 1440)
        try await house.run(job: "cases.escalate")
        return id
    }

    @Test("提醒数只给在岗的人；没排班的单位，谁都看得到；知悉以后少一件", arguments: TestEngine.enabled)
    func alertsAddressTheRoster(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await lateCase(house)
            let queries = house.services.queries
            let count = try await queries.alertCount(house.context(.dispatcher))
            #expect(count > 0)
            // The other dispatcher is at home, and the water company has nothing to do with it.
            #expect(try await queries.alertCount(house.context(.lateDispatcher)) == 0)
            #expect(try await queries.alertCount(house.context(.gridWorker1)) == 0)
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.roster") { tx in
                try tx.execute("UPDATE duty_shift SET ends_at = \(tx.now) WHERE starts_at < \(tx.now)")
                try tx.audit(Subject("unit", 1))
            }
            #expect(try await queries.alertCount(house.context(.lateDispatcher)) == count)
            let centre = try await house.unit("东华门街道市民诉求处置中心")
            let dispatcher = try await house.context(.dispatcher)
            let alerts = try await house.services.database.read {
                try CaseQueries.alerts(of: [centre], at: dispatcher.now, $0)
            }.filter { $0.row.id == id }
            #expect(!alerts.isEmpty)
            for alert in alerts { try await house.services.commands.see(alert.id, dispatcher) }
            #expect(try await queries.alertCount(house.context(.lateDispatcher)) == count - 1)
        }
    }

    @Test("夜里进来的早上列出来，带着已经用掉的时间；接了就不在了", arguments: TestEngine.enabled)
    func morningList(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // Half past ten on Monday evening, then nine on Tuesday.
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 22, minute: 30))
            let id = try await house.report(
                try await house.draft("家里停水", category: "R0301"), try await house.context(.tenant))
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_781), hour: 9))
            let calendar = house.services.days.current
            let now = house.clock.clock.now
            let rest = calendar.lastRest(before: now)
            #expect(rest.from == Instant(CivilDate(daysSinceEpoch: 20_780), hour: 18) && rest.until == now)
            func listed(_ person: DemoStaff) async throws -> NightCase? {
                try await house.services.queries.arrived(
                    house.context(person).actor.scope(for: .casesRead), from: rest.from, until: rest.until, calendar,
                    at: now
                ).first { $0.row.id == id }
            }
            let found = try #require(try await listed(.dispatcher))
            // Natural time: ten and a half hours of 24 went by while nobody was at work.
            #expect(found.time?.used == 37_800 && found.time?.whole == 86_400)
            #expect(try await listed(.waterHandler) != nil)
            #expect(try await listed(.powerHandler) == nil)
            try await house.take(CaseStep("accept"), id, try await house.context(.waterHandler))
            #expect(try await listed(.dispatcher) == nil)
        }
    }

    @Test("督办：谁、从何时、第几级、单位怎么答复；解除要说明，时限再到又会转来", arguments: TestEngine.enabled)
    func supervision(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await lateCase(house)
            let commands = house.services.commands
            let dispatcher = try await house.context(.dispatcher)
            let handler = try await house.context(.propertyHandler)
            func open(_ context: Context) async throws -> SupervisedCase? {
                try await house.services.queries.supervised(context.actor.scope(for: .casesRead), limit: 200)
                    .first { $0.row.id == id }
            }
            let raised = try #require(try await open(dispatcher))
            #expect(raised.level == 3 && raised.raisedAt != nil && raised.byName.isEmpty && raised.answer.isEmpty)
            #expect(try await open(handler) != nil)
            #expect(try await open(house.context(.waterHandler)) == nil)
            #expect(
                try await house.refusal { try await commands.answerSupervision(" ", of: id, handler) } == .invalid)
            try await commands.answerSupervision("灯具周三到货，周四装好，电话 13800138000", of: id, handler)
            let answered = try #require(try await open(dispatcher))
            #expect(answered.answer.contains("周四装好") && !answered.answer.contains("13800138000"))
            #expect(try await house.refusal { try await commands.liftSupervision("行", of: id, handler) } == .forbidden)
            try await commands.liftSupervision("答复清楚，有日期", of: id, dispatcher)
            #expect(try await open(dispatcher) == nil)
            #expect(try await house.value("SELECT supervision FROM case_item WHERE id = \(id)", as: Int.self) == 0)
            #expect(
                try await house.refusal { try await commands.liftSupervision("再解除", of: id, dispatcher) } == .conflict)
            // The limit's ladder goes on every day.
            house.clock.advance(minutes: 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await open(try await house.context(.dispatcher))?.level == 3)
        }
    }

    @Test("人工列为督办：街道可以，承办单位不行；办结自动解除", arguments: TestEngine.enabled)
    func supervisedByHand(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let commands = house.services.commands
            let dispatcher = try await house.context(.dispatcher)
            let handler = try await house.context(.propertyHandler)
            #expect(try await house.refusal { try await commands.supervise("请抓紧", id, handler) } == .forbidden)
            try await commands.supervise("老人多，今天修好", id, dispatcher)
            #expect(try await house.refusal { try await commands.supervise("再督办", id, dispatcher) } == .conflict)
            do {
                try await commands.supervise("再督办", id, dispatcher)
            } catch let error as LinliError {
                #expect(error.publicText.zh == "这件已经在督办了")
            }
            #expect(
                try await house.refusal { try await commands.answerSupervision("好", of: id, dispatcher) } == .forbidden)
            let rows = try await house.services.queries.supervised(dispatcher.actor.scope(for: .casesRead), limit: 200)
            let row = try #require(rows.first { $0.row.id == id })
            #expect(row.level == 2 && row.byName == dispatcher.actor.name && row.reason == "老人多，今天修好")
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            try await house.take(CaseStep("confirm"), id, try await house.context(.tenant))
            #expect(try await house.state(id) == "closed")
            let open = try await house.value(
                "SELECT count(*) FROM case_supervision WHERE case_id = \(id) AND lifted_at IS NULL", as: Int.self)
            #expect(open == 0)
        }
    }

    @Test("时限已过、任务还没跑就了结的：提醒照样记下，督办不留下", arguments: TestEngine.enabled)
    func endedWhileClimbing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            // The rung is climbed by the write that ends the case.
            house.clock.advance(minutes: 10 * 1440)
            try await house.take(CaseStep("withdraw"), id, try await house.context(.tenant))
            #expect(try await house.state(id) == "withdrawn")
            let rows = try await house.value(
                "SELECT count(*) FROM case_supervision WHERE case_id = \(id)", as: Int.self)
            #expect(rows == 1, "it was late")
            let dispatcher = try await house.context(.dispatcher)
            let open = try await house.services.queries.supervised(dispatcher.actor.scope(for: .casesRead), limit: 200)
            #expect(!open.contains { $0.row.id == id }, "nobody is asked about what is over")
        }
    }

    /// The units that heard of a case, with what they were told, in order.
    private func told(_ house: House, _ id: ID<Case>) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all(
                """
                SELECT a.action, u.name FROM case_alert a JOIN unit u ON u.id = a.unit_id
                WHERE a.case_id = \(id) ORDER BY a.id
                """
            ) { row -> String in
                let (action, name): (String, String) = (try row[0], try row[1])
                return action + " " + name
            }
        }
    }

    @Test("提醒找该动手的单位：网格的事找社区，协办等主办确认找主办；调度中心自己超时，由区里督办", arguments: TestEngine.enabled)
    func addressees(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (centre, district) = ("东华门街道市民诉求处置中心", "东城区城市管理指挥中心")
            let (committee, property) = ("幸福里社区居委会", "安居物业")
            // What waits for whoever walks the grid is the community's; later the street looks after it.
            var draft = try await house.draft("路口堆着东西", category: "E0102")
            (draft.type, draft.source, draft.spot) = ("gridEvent", .staff, .street)
            let event = try await house.report(draft, try await house.context(.dispatcher))
            #expect(try await house.state(event) == "verifying")
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await told(house, event) == ["remind \(committee)", "supervise \(centre)"])
            // A part that its unit has done waits for the unit that leads.
            let handler = try await house.context(.propertyHandler)
            let whole = try await house.report(try await house.draft(), try await house.context(.tenant))
            try await house.take(CaseStep("accept"), whole, handler)
            let part = CasePartDraft(unit: try await house.unit("城东自来水服务站"), text: "请查供水管")
            let task = try await house.services.commands.addPart(part, to: whole, handler).id
            let helper = try await house.context(.waterHandler)
            try await house.take(CaseStep("accept"), task, helper)
            try await house.take(CaseStep("finish", text: "阀门换了"), task, helper)
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await told(house, task) == ["remind \(property)"])
            // Nobody supervises themselves: what the street's centre leaves lying is the district's.
            let waiting = try await house.report(try await house.draft("灯不亮"), try await house.context(.tenant))
            try await refuse(house, waiting, try await house.context(.propertyHandler))
            #expect(try await house.state(waiting) == "received")
            house.clock.advance(minutes: 240)
            try await house.run(job: "cases.escalate")
            let heard = try await told(house, waiting).filter { !$0.hasSuffix(property) }
            #expect(heard == ["remind \(centre)", "supervise \(district)"])
        }
    }

    @Test("裁定超时前先提醒裁定的一级：街道内的纠纷是街道，涉及专业公司的是区里", arguments: TestEngine.enabled)
    func arbitersHear(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A Monday at ten: six hours of duty are left, and arbitration takes eight.
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 10))
            let rows = [
                ("城东自来水服务站", DemoStaff.waterHandler, "东城区城市管理指挥中心"),
                ("城市管理办公室", .cityHandler, "东华门街道市民诉求处置中心"),
            ]
            for (unit, second, arbiter) in rows {
                let id = try await house.report(try await house.draft(), try await house.context(.tenant))
                try await refuse(house, id, try await house.context(.propertyHandler))
                let dispatch = CaseStep("dispatch", unit: try await house.unit(unit))
                try await house.take(dispatch, id, try await house.context(.dispatcher))
                try await refuse(house, id, try await house.context(second), "refuseAgain")
                #expect(try await house.state(id) == "arbitrating")
                let before = try await told(house, id).count
                house.clock.advance(minutes: 1440)
                try await house.run(job: "cases.escalate")
                let heard = try await told(house, id).dropFirst(before)
                #expect(heard.first == "remind \(arbiter)", "\(unit): \(Array(heard))")
            }
        }
    }

    private func refuse(_ house: House, _ id: ID<Case>, _ context: Context, _ step: String = "refuse") async throws {
        var refusal = CaseStep(step, text: "不在我们的范围")
        refusal.reasonClass = "notOurs"
        try await house.take(refusal, id, context)
    }

    @Test("没有网格的社区，一件只计一件", arguments: TestEngine.enabled)
    func countsOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            func totals(_ code: DivisionCode) async throws -> Int {
                let scope = Scope(divisions: [code], units: [], account: nil, interests: [])
                return try await house.services.database.read { try CaseCounts.totals(scope, $0) }.values.reduce(0, +)
            }
            let before = (try await totals(DemoDivision.happiness), try await totals(DemoDivision.street))
            var draft = CaseDraft(text: "社区门口的路灯不亮", division: DemoDivision.happiness)
            draft.category = "C0118"
            draft.spot = .street
            _ = try await house.report(draft, try await house.context(.tenant))
            draft.division = DemoDivision.street
            _ = try await house.report(draft, try await house.context(.tenant))
            await house.deliver()
            #expect(try await totals(DemoDivision.happiness) == before.0 + 1)
            #expect(try await totals(DemoDivision.street) == before.1 + 2)
        }
    }

    @Test("市级职责看得到各区的工单，数得清，翻得了页", arguments: TestEngine.enabled)
    func cityDesk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let city = try await house.context(.cityOfficer)
            let scope = city.actor.scope(for: .casesRead)
            #expect(scope.divisions == [DemoDivision.city])
            let queries = house.services.queries
            let all = try await queries.list(CaseFilter(limit: 500), scope, at: city.now)
            let open = try await house.value("SELECT count(*) FROM case_item WHERE is_open = 1", as: Int.self)
            #expect(all.count == open && all.contains { $0.division.ancestor(at: .district) == DemoDivision.district })
            #expect(all.contains { $0.division.ancestor(at: .district) == DemoDivision.villageDistrict })
            let first = try await queries.list(CaseFilter(limit: 10), scope, at: city.now)
            let last = try #require(first.dropLast().last)
            let next = try await queries.list(
                CaseFilter(after: .init(at: last.dueAt, id: last.id), limit: 10), scope, at: city.now)
            #expect(first.count == 11 && next.first?.id == first.last?.id)
            let page = try await house.open("/desk", query: [], city)
            #expect(page.contains("各区在办") && page.contains("grid=\(DemoDivision.district)"))
            let narrowed = try await house.open("/desk", query: [("grid", "\(DemoDivision.villageDistrict)")], city)
            #expect(!narrowed.contains("各区在办") && narrowed.contains("data-case="))
            let found = try await house.open("/desk/search", query: [("q", "路灯")], city)
            #expect(found.contains("data-case="))
        }
    }

    @Test("没批的申请，活办完、转给别家就失效：不能再批给别人，也不挡着到期清除", arguments: TestEngine.enabled)
    func requestsFallAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (dispatcher, handler) = (
                try await house.context(.dispatcher), try await house.context(.propertyHandler)
            )
            let commands = house.services.commands
            let steps = [
                CaseStep("finish", text: "换了灯"), CaseStep("dispatch", unit: try await house.unit("城市管理办公室")),
            ]
            for step in steps {
                let id = try await house.report(
                    try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
                try await house.take(CaseStep("accept"), id, handler)
                let asked = try await commands.ask(
                    .pause, reason: "material", minutes: 1440, text: "等灯具", for: id, handler)
                let left = try await commands.ask(
                    .exclude, reason: "lawsuit", minutes: 0, text: "已经起诉", for: id, handler)
                try await house.take(step, id, step.transition == "finish" ? handler : dispatcher)
                func state(_ request: ID<CaseRequest>) async throws -> String? {
                    try await house.value("SELECT state FROM case_request WHERE id = \(request)")
                }
                #expect(try await state(asked) == "denied")
                #expect(try await state(left) == "waiting")
                let late = try await house.refusal {
                    _ = try await commands.decide(asked, isGranted: true, text: "同意", dispatcher)
                }
                #expect(late == .conflict)
                #expect(try await !house.services.queries.view(id, dispatcher).item.isPaused)
            }
        }
    }
}
