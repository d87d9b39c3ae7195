import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The date of a part, moved by who set it: clocks follow, the history says why, and who has it is told.
@Suite("协办改时间")
struct PartDateTests {
    private let water = "城东自来水服务站"

    /// A case that the property company leads.
    private func led(_ house: House) async throws -> ID<Case> {
        let draft = try await house.draft("楼道灯不亮", category: "R0104")
        let id = try await house.report(draft, try await house.context(.tenant))
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        return id
    }

    private func part(of id: ID<Case>, due: Instant?, _ house: House) async throws -> ID<Case> {
        let draft = CasePartDraft(unit: try await house.unit(water), text: "请查线路", dueAt: due)
        return try await house.services.commands.addPart(draft, to: id, try await house.context(.propertyHandler)).id
    }

    private func move(
        _ part: ID<Case>, to due: Instant?, _ reason: String = "等住户在家", by person: DemoStaff, _ house: House
    ) async throws {
        let context = try await house.context(person)
        try await house.services.commands.setDate(due, reason: reason, of: part, context)
    }

    private func seen(_ part: ID<Case>, _ house: House) async throws -> CaseView {
        try await house.services.queries.view(part, try await house.context(.waterHandler))
    }

    @Test("主办改协办的时间：时限跟着走，两边的记录都写，告诉在办的人；再说一遍不重复记", arguments: TestEngine.enabled)
    func moves(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let id = try await led(house)
            let task = try await part(of: id, due: now.adding(hours: 26), house)
            try await house.take(CaseStep("accept"), task, try await house.context(.waterHandler))
            house.clock.advance(minutes: 60)
            let new = now.adding(hours: 40)
            for _ in 0..<2 { try await move(task, to: new, by: .propertyHandler, house) }
            let view = try await seen(task, house)
            #expect(view.dueBy == new && view.item.dueAt == new && !view.mayDate)
            #expect(view.clocks.first { $0.clock == CaseClock.step }?.dueAt == new)
            let lines = view.entries.filter { $0.transition == "partDate" }
            #expect(lines.count == 1 && lines.first?.text.contains("等住户在家") == true)
            #expect(lines.first?.text.contains("（原来是 ") == true && lines.first?.isVisible == false)
            let said = new.dayAndTime(at: house.clock.clock.now).zh
            #expect(lines.first?.text.hasPrefix("改到 \(said) 前办完") == true, "as people say a date")
            let whole = try await house.services.queries.view(id, try await house.context(.propertyHandler))
            let noted = whole.entries.filter { $0.transition == "partDate" }
            #expect(noted.count == 1 && noted.first?.text.contains(view.item.number) == true)
            let helper = try await house.context(.waterHandler)
            let told = try await house.services.database.read { try CaseQueries.notices(for: helper.actor, $0) }
            #expect(told.filter { $0.kind == .redated && $0.row.id == task }.count == 1)
            let alerts = try await house.open("/desk/alerts", query: [], helper)
            #expect(alerts.contains("把这件协办的办结时间改到 \(new.dayAndTime(at: house.clock.clock.now).zh)"))
            let audited: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.setPartDate' AND subject_id = \(task)")
            #expect(audited == 2)
            // Earlier again, and by who dispatches.
            try await move(task, to: now.adding(hours: 5), by: .dispatcher, house)
            #expect(try await seen(task, house).item.dueAt == now.adding(hours: 5))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("别人不能改；没有理由、过去的、晚过主办的、不是协办的、挂账的都不行", arguments: TestEngine.enabled)
    func refuses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let id = try await led(house)
            let due = now.adding(hours: 26)
            let task = try await part(of: id, due: due, house)
            try await house.take(CaseStep("accept"), task, try await house.context(.waterHandler))
            func refusal(
                of part: ID<Case>, to due: Instant?, _ reason: String = "等住户在家", by person: DemoStaff = .propertyHandler
            ) async throws -> LinliError.Kind? {
                try await house.refusal { try await move(part, to: due, reason, by: person, house) }
            }
            let later = now.adding(hours: 30)
            #expect(try await refusal(of: task, to: later, by: .waterHandler) == .forbidden)
            #expect(try await refusal(of: task, to: later, by: .powerHandler) == .notFound)
            #expect(try await refusal(of: id, to: later) == .conflict)
            for wrong in [nil, now, now.adding(days: 300)] {
                #expect(try await refusal(of: task, to: wrong) == .invalid, "\(String(describing: wrong))")
            }
            #expect(try await refusal(of: task, to: later, " ") == .invalid)
            #expect(try await refusal(of: task, to: later, String(repeating: "长", count: 1001)) == .invalid)
            #expect(try await seen(task, house).dueBy == due, "nothing moved")
            let commands = house.services.commands
            let asked = try await commands.ask(
                .pause, reason: "material", minutes: 1440, text: "等配件", for: task,
                try await house.context(.waterHandler))
            _ = try await commands.decide(asked, isGranted: true, text: "同意", try await house.context(.dispatcher))
            #expect(try await refusal(of: task, to: later) == .conflict, "it stands still")
        }
    }

    @Test("还没签收的：签收的时间不晚过新的日子，放宽了就回到本来的；超了再改，重新提醒、重新算超时", arguments: TestEngine.enabled)
    func rungs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let id = try await led(house)
            let plain = try await part(of: id, due: nil, house)
            let usual = try await seen(plain, house).item.dueAt
            let task = try await part(of: id, due: now.adding(minutes: 90), house)
            #expect(try await seen(task, house).item.dueAt == now.adding(minutes: 90))
            try await move(task, to: now.adding(minutes: 120), by: .propertyHandler, house)
            #expect(try await seen(task, house).item.dueAt == now.adding(minutes: 120))
            try await move(task, to: now.adding(hours: 60), by: .propertyHandler, house)
            #expect(try await seen(task, house).item.dueAt == usual)
            try await house.take(CaseStep("accept"), task, try await house.context(.waterHandler))
            func supervised() async throws -> Int {
                let clock = CaseClock.step
                return try await house.value(
                    """
                    SELECT count(*) FROM case_alert WHERE case_id = \(task) AND clock = \(clock) AND action = 'supervise'
                    """) ?? 0
            }
            house.clock.set(now.adding(hours: 60).adding(minutes: 1))
            try await house.run(job: "cases.escalate")
            #expect(try await supervised() == 1)
            let again = now.adding(hours: 80)
            try await move(task, to: again, by: .propertyHandler, house)
            #expect(try await seen(task, house).item.dueAt == again)
            try await house.run(job: "cases.escalate")
            #expect(try await supervised() == 1)
            house.clock.set(again.adding(minutes: 1))
            try await house.run(job: "cases.escalate")
            #expect(try await supervised() == 2, "the new date is enforced too")
        }
    }

    /// What a unit finds of moved dates now.
    private func alerts(_ unit: String, _ house: House) async throws -> [CaseAlert] {
        let unit = try await house.unit(unit)
        let now = house.clock.clock.now
        return try await house.services.database.read { try CaseQueries.alerts(of: [unit], at: now, $0) }
            .filter { $0.clock == CaseAlert.partDate }
    }

    /// Ends every shift there is.
    private func sendHome(_ house: House) async throws {
        try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.roster") { tx in
            try tx.execute("UPDATE duty_shift SET ends_at = \(tx.now) WHERE starts_at < \(tx.now)")
            try tx.audit(Subject("unit", 1))
        }
    }

    @Test("还没人接的，提醒它的单位：在岗的马上看到；没人在岗，上班时全单位看到；没看过的不重复", arguments: TestEngine.enabled)
    func tellsTheUnit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let id = try await led(house)
            let task = try await part(of: id, due: now.adding(hours: 26), house)
            let helper = try await house.context(.waterHandler)
            let before = try await house.queries.alertCount(helper)
            try await move(task, to: now.adding(hours: 30), by: .propertyHandler, house)
            let first = try #require(try await alerts(water, house).first)
            #expect(first.row.id == task && first.ringsAt == now && !first.isLoud)
            #expect(try await house.queries.alertCount(helper) == before + 1)
            try await house.services.commands.see(first.id, helper)
            #expect(try await alerts(water, house).isEmpty)
            // A Sunday on which nobody is there: it lies in the list on Monday when work begins.
            try await sendHome(house)
            try await move(task, to: now.adding(hours: 31), by: .propertyHandler, house)
            #expect(try await alerts(water, house).isEmpty)
            let monday = Instant(CivilDate(daysSinceEpoch: 20_780), hour: 9)
            house.clock.set(monday)
            let second = try #require(try await alerts(water, house).first)
            #expect(second.row.id == task && second.ringsAt == monday && second.meantFor == now)
            #expect(try await house.open("/desk/alerts", query: [], house.context(.waterHandler)).contains("协办改了时间"))
            #expect(try await !house.open("/desk/alerts", query: [], house.context(.powerHandler)).contains("协办改了时间"))
            // Not seen yet: said once.
            try await move(task, to: now.adding(hours: 32), by: .propertyHandler, house)
            #expect(try await alerts(water, house).map(\.id) == [second.id])
            try await house.services.commands.see(second.id, try await house.context(.waterHandler))
            try await move(task, to: now.adding(hours: 33), by: .propertyHandler, house)
            #expect(try await alerts(water, house).count == 1)
            // Once somebody has it in hand, they are told themselves.
            try await house.take(CaseStep("accept"), task, try await house.context(.waterHandler))
            try await move(task, to: now.adding(hours: 34), by: .propertyHandler, house)
            #expect(try await alerts(water, house).count == 1)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("退回主办的，派单员改了时间提醒主办单位，主办自己改不提醒自己；紧急的夜里也马上响", arguments: TestEngine.enabled)
    func tellsWhoMustAct(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            try await sendHome(house)
            let id = try await led(house)
            let task = try await part(of: id, due: now.adding(hours: 26), house)
            var decline = CaseStep("decline", text: "不归我们管")
            decline.reasonClass = "notOurs"
            try await house.take(decline, task, try await house.context(.waterHandler))
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 9))
            try await move(task, to: now.adding(hours: 30), by: .propertyHandler, house)
            #expect(try await alerts("安居物业", house).isEmpty)
            try await move(task, to: now.adding(hours: 31), by: .dispatcher, house)
            #expect(try await alerts("安居物业", house).map(\.row.id) == [task])
            #expect(try await alerts(water, house).isEmpty)
            // Ten at night, and nobody is there.
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 22))
            var draft = try await house.draft("楼道灯线头露着", category: "R0104")
            draft.isUrgent = true
            let urgent = try await house.report(draft, try await house.context(.tenant))
            try await house.take(CaseStep("accept"), urgent, try await house.context(.propertyHandler))
            let night = house.clock.clock.now
            let pressing = try await part(of: urgent, due: nil, house)
            try await move(pressing, to: night.adding(minutes: 20), by: .propertyHandler, house)
            let loud = try await alerts(water, house)
            #expect(loud.map(\.row.id) == [pressing] && loud.allSatisfy { $0.isLoud && $0.ringsAt == night })
        }
    }

    @Test("吹哨时约定的日子由吹哨方改，按天算，到那天结束；只主办没吹哨的不能改", arguments: TestEngine.enabled)
    func agreed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.case()
            let id = try await house.whistle(.emergency, item, by: .head)
            let enforcement = try await house.unit(WhistleTests.enforcement)
            let by = house.clock.clock.now.date.adding(days: 5)
            let task = WhistleTaskDraft(unit: enforcement, text: "清理占道的摊子", by: by)
            let part = try await house.whistles.addTask(task, to: id, try await house.context(.head)).id
            try await house.take(CaseStep("accept"), part, try await house.context(.enforcementHandler))
            let later = Instant(by.adding(days: 2), hour: 9)
            // Who dispatches the case may set dates of parts, but did not agree to this one.
            #expect(
                try await house.refusal { try await move(part, to: later, by: .dispatcher, house) } == .forbidden)
            try await move(part, to: later, by: .head, house)
            let view = try await house.queries.view(part, try await house.context(.enforcementHandler))
            #expect(view.item.dueAt == Instant(by.adding(days: 2), hour: 23, minute: 59))
            #expect(view.dueBy == view.item.dueAt)
            let line = view.entries.last { $0.transition == "partDate" }?.text ?? ""
            #expect(line.hasPrefix("改到 \(by.adding(days: 2).dayAndMonth.zh) 前办完"), "a day, without its last minute")
            #expect(try await house.see(id, .head).tasks.first?.by == by.adding(days: 2))
            let gone = Instant(by.adding(days: -9))
            #expect(try await house.refusal { try await move(part, to: gone, by: .head, house) } == .invalid)
        }
    }
}
