import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The pages of visits: the worker's phone, the household's door, the desk.
@Suite("走访的页面")
struct VisitPagesTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    private func enter(_ house: House) async throws -> ID<Household> {
        let database = house.services.database
        let now = house.clock.clock.now
        let place = try await house.place("幸福里小区3号楼2单元")
        let entry = RegisterEntry(source: "test", validFrom: now)
        let dwelling = DwellingRecord(
            id: try database.newID(), place: place.id, kind: .flat, number: "1201", floor: 12,
            address: "幸福里小区3号楼2单元1201", division: Self.grid, occupancy: .owner, entry: entry)
        let household = HouseholdRecord(
            id: try database.newID(), dwelling: dwelling.id, division: Self.grid, entry: entry)
        var person = NewPerson(
            name: "陈秀英", dwelling: dwelling.id, household: household.id, division: Self.grid, entry: entry)
        person.born = CivilDate(year: 1950, month: 6, day: 15)
        (person.tie, person.relation) = (.owner, .head)
        var batch = RegisterBatch()
        batch.dwellings = [dwelling]
        batch.households = [household]
        batch.people = try database.seal([person])
        let entered = batch
        try await database.write(try await house.context(.worker), "registers.enter") { tx in
            try RegisterCommands.enter(entered, as: Subject("household", household.id, division: Self.grid), tx)
        }
        await house.deliver()
        return household.id
    }

    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    @Test("从该走访了到约好、改约、敲门条、记完、台账", arguments: TestEngine.enabled)
    func wholeVisit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await enter(house)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let tomorrow = worker.now.date.adding(days: 1).description
            // Behind whoever the demo has that is due for longer.
            let mark = "\(worker.now.milliseconds - 1)-0000000000000"
            let list = try await house.open(
                "/grid/visits", query: [("division", "\(Self.grid)"), ("after", mark)], worker)
            #expect(list.contains("幸福里小区3号楼2单元1201") && list.contains("还没联系过") && list.contains("老人独住"))
            #expect(try await house.open("/grid/visits", query: [], house.context(DemoStaff.dispatcher)).isEmpty)
            let new = try await house.open("/grid/visits/new", query: [("household", "\(household)")], worker)
            #expect(new.contains("陈秀英"))
            let empty = try await house.send("/grid/visits/new", form(("household", "\(household)")), worker)
            #expect(empty?.contains("请写为什么来") == true)
            let target = try #require(
                try await house.send(
                    "/grid/visits/new",
                    form(("household", "\(household)"), ("reason", "看看您"), ("day", tomorrow), ("part", "morning")),
                    worker))
            let path = String(target.prefix { $0 != "?" })
            #expect(try await house.open(path, query: [], worker).contains("见到人了，没变化"))
            #expect(try await house.open(path, query: [], house.context(DemoStaff.gridWorker3)).isEmpty)
            let slip = try await house.open(path + "/slip", query: [], worker)
            let id = try #require(path.split(separator: "/").last.flatMap { ID<Visit>($0) })
            let code = VisitCode.make(id, house.services.database.keys)
            #expect(slip.contains(VisitCode.shown(code)))
            // The household, without an account.
            let visitor = house.visitor
            #expect(
                try await house.open("/visit", query: [("code", VisitCode.shown(code))], visitor) == "/visit/\(code)")
            #expect(try await house.open("/visit", query: [("code", "aaaa-bbbb-cccc")], visitor).contains("没有这个走访码"))
            let door = try await house.open("/visit/\(code)", query: [], visitor)
            #expect(door.contains("李强") && !door.contains("陈秀英"))
            let past = form(("day", "2020-01-01"), ("part", "morning"))
            #expect(try await house.send("/visit/\(code)/move", past, visitor)?.contains("请选今天起") == true)
            let moved = form(("day", tomorrow), ("part", "evening"), ("way", "call"), ("wish", "晚上在"))
            #expect(try await house.send("/visit/\(code)/move", moved, visitor)?.hasSuffix("done=move") == true)
            #expect(try await house.open("/grid/visits", query: [], worker).contains("住户改了时间"))
            #expect(try await house.send(path + "/miss", form(), worker)?.hasSuffix("/slip") == true)
            // It was a call: nobody came, and the page is opened days later as well.
            let unanswered = try await house.open("/visit/\(code)", query: [], visitor)
            #expect(unanswered.contains("今天 ") && unanswered.contains("打过电话，没打通"))
            #expect(!unanswered.contains("您不在家"))
            let left = try await house.open(path + "/slip", query: [], worker)
            #expect(left.contains("打过电话，没打通") && left.contains("不放心就挂断"))
            #expect(!left.contains("来过") && !left.contains("来人会出示"))
            #expect(try await house.open(path, query: [], worker).contains("打通了，没变化"))
            house.clock.advance(minutes: 1440)
            let later = try await house.open("/visit/\(code)", query: [], house.visitor)
            #expect(later.contains("昨天 ") && later.contains("打过电话，没打通"))
            house.clock.advance(minutes: -1440)
            let done = form(("changed", "yes"), ("q.gasAlarm", "坏了"), ("note", "报警器坏了"))
            #expect(try await house.send(path + "/done", done, worker) == "/grid/visits?done=done")
            let over = try await house.open(path, query: [], worker)
            #expect(over.contains("报警器坏了") && over.contains("坏了") && !over.contains("见到人了，没变化"))
            let head = try await house.context(DemoStaff.head)
            let ledger = try await house.open("/desk/visits", query: [], head)
            #expect(ledger.contains("幸福里小区3号楼2单元1201") && ledger.contains("有变化"))
            #expect(!ledger.contains("李强"), "the ledger is of households, not of workers")
        }
    }

    @Test("住户打电话来改，替他改约，算联系上；自己去不了改时间，再发短信告诉住户", arguments: TestEngine.enabled)
    func movedByStaff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let database = house.services.database
            let household: ID<Household> = try #require(
                try await house.value("SELECT household_id FROM residence WHERE person_id = \(elder)"))
            await house.deliver()
            let id = try await house.announceVisit(household)
            await house.deliver()
            let sent = house.messages.all.count
            let worker = try await house.context(DemoStaff.gridWorker1)
            let path = "/grid/visits/\(id)"
            let tomorrow = worker.now.date.adding(days: 1).description
            func signals() async throws -> [ContactSignal] {
                try await database.read { try Households.signals(of: household, $0).map(\.signal) }
            }
            #expect(try await signals().isEmpty)
            #expect(try await house.open(path, query: [], worker).contains("改成打电话"))

            let past = form(("day", "2020-01-01"), ("part", "morning"), ("asked", "yes"))
            #expect(try await house.send(path + "/move", past, worker)?.contains("请选今天起") == true)
            let asked = form(
                ("day", tomorrow), ("part", "evening"), ("way", "call"), ("asked", "yes"),
                ("wish", "女儿 13800138000 晚上在"))
            #expect(try await house.send(path + "/move", asked, house.context(DemoStaff.gridWorker3)) == nil)
            #expect(try await house.send(path + "/move", asked, worker) == path + "?done=moved")
            await house.deliver()
            #expect(house.messages.all.count == sent, "they know")
            #expect(try await signals() == [.call])
            let shown = try await house.open(path, query: [], worker)
            #expect(shown.contains("女儿 138****8000 晚上在") && shown.contains("住户改了时间"))

            let unasked = form(("day", tomorrow), ("part", "afternoon"), ("way", "door"), ("wish", "下午方便"))
            let refused = try await house.send(path + "/move", unasked, worker)
            #expect(refused?.contains("请勾上") == true && refused?.contains("下午方便") == true, "no word is lost")
            let ill = form(("day", tomorrow), ("part", "afternoon"), ("way", "door"))
            #expect(try await house.send(path + "/move", ill, worker) == path + "?done=moved")
            let moved = try await house.open(path, query: [], worker)
            #expect(!moved.contains("住户改了时间") && moved.contains("晚上在"), "the last to move it were the staff")
            await house.deliver()
            #expect(house.messages.all.count == sent + 1)
            let visit = try #require(try await database.read { try VisitQueries.find(id, $0) })
            #expect(visit.moves == 1 && visit.way == .door && visit.startsAt.hour == 14)
            #expect(visit.wish.contains("晚上在"), "what they said stays")
            try await VisitCommands(database).finish(id, VisitOutcome(), worker)
            #expect(try await house.send(path + "/move", asked, worker)?.contains("已经结束") == true)
        }
    }

    @Test("计划的表单；工作证扫出来是谁，凭码才说来不来我家", arguments: TestEngine.enabled)
    func plansAndPass(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(DemoStaff.head)
            let wrong = form(("name", ""), ("division", "110101001901"), ("everyDays", "0"), ("form", "乱写：一个"))
            let refused = try await house.send("/desk/visits/plans", wrong, head)
            #expect(refused?.contains("请填 1 到 730 天") == true && refused?.contains("这一行看不懂") == true)
            let offered = try await house.open("/desk/visits", query: [], head)
            #expect(offered.contains("燃气报警器能用吗：能用、坏了、没装") && !offered.contains("代号"))
            let right = form(
                ("name", "入冬用气安全"), ("division", "110101001901"), ("care", "alone"), ("everyDays", "5"),
                ("form", VisitForm.standardText))
            #expect(try await house.send("/desk/visits/plans", right, head) == "/desk/visits?done=plan")
            #expect(try await house.open("/desk/visits", query: [], head).contains("入冬用气安全"))
            let id: Int64 = try #require(try await house.value("SELECT max(id) FROM visit_plan"))
            let end = "/desk/visits/plans/\(ID<VisitPlan>(rawValue: id))/end"
            #expect(try await house.send(end, form(), house.context(DemoStaff.locustHead)) == nil)
            #expect(try await house.send(end, form(), head) == "/desk/visits?done=end")
            let worker = try await house.context(DemoStaff.gridWorker1)
            try await house.services.database.write(.system("test", now: worker.now), "test.roster") { tx in
                try tx.execute("DELETE FROM duty_shift")
                try tx.audit(Subject("unit", 0), fields: ["roster"])
            }
            let shown = try await house.open("/grid/pass", query: [], worker)
            #expect(shown.contains("工作证二维码") && shown.contains("您现在不在班上"))
            let token = WorkPass.token(try #require(worker.actor.account), at: worker.now, house.services.database.keys)
            let scanned = try await house.open("/pass/\(token)", query: [], house.visitor)
            #expect(scanned.contains("李强") && scanned.contains("幸福里社区居委会"))
            #expect(scanned.contains("现在不在班上"))
            let account = try #require(worker.actor.account)
            let unit = try await house.unit("幸福里社区居委会")
            try await house.services.database.write(.system("test", now: worker.now), "test.roster") { tx in
                try UnitsStore.roster(
                    account, unit, from: worker.now.adding(hours: -1), until: worker.now.adding(hours: 8), tx)
                try tx.audit(Subject("unit", 0), fields: ["roster"])
            }
            #expect(try await !house.open("/grid/pass", query: [], worker).contains("您现在不在班上"))
            #expect(try await house.open("/pass/\(token)", query: [], house.visitor).contains("现在在班上"))
            let asked = try await house.open("/pass/\(token)", query: [("code", "0123456789ab")], house.visitor)
            #expect(asked.contains("没有约这位来您家"))
            house.clock.advance(minutes: 4)
            #expect(try await house.open("/pass/\(token)", query: [], house.visitor).contains("过期"))
            #expect(try await house.open("/pass/x.1.y", query: [], house.visitor).contains("不是本系统"))
        }
    }
}
