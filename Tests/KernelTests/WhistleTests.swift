import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Whistles: who calls whom, who comes, and what becomes of it.
@Suite("吹哨报到")
struct WhistleTests {
    static let enforcement = "东华门街道综合行政执法队"
    static let cityOffice = "城市管理办公室"

    @Test("社区的人起草，书记一点就发；报到、分工、打分，每一步都在办理过程里", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.case()
            let id = try await house.whistle(.daily, item, by: .worker)
            #expect(try await house.whistleState(id) == "draft")
            #expect(try await house.refusal { _ = try await house.see(id, .enforcementHandler) } == .notFound)
            #expect(try await house.listed(id, .toConfirm, .head))
            #expect(try await house.listed(id, .own, .worker))

            try await house.whistles.confirm(id, try await house.context(.head))
            #expect(try await house.listed(id, .toAnswer, .enforcementHandler))
            let seen = try await house.see(id, .enforcementHandler)
            #expect(seen.code == nil && !seen.standing.seesCase && seen.whistle.state == .called)

            let enforcement = try await house.unit(Self.enforcement)
            let answer = WhistleAnswer(unit: enforcement, name: "冯刚", phone: "13812345678", words: "带两个人")
            try await house.whistles.answer(answer, of: id, try await house.context(.enforcementHandler))
            let code = try #require(try await house.see(id, .worker).code)
            try await house.whistles.signIn(
                enforcement, code: code, of: id, try await house.context(.enforcementHandler))
            let city = try await house.unit(Self.cityOffice)
            try await house.whistles.signInFor(city, name: "杜建军", of: id, try await house.context(.worker))

            let head = try await house.context(.head)
            try await house.whistles.keepMinutes(lead: enforcement, text: "先清理，再装桩", of: id, head)
            let by = house.clock.clock.now.date.adding(days: 5)
            let task = WhistleTaskDraft(unit: enforcement, text: "清理占道的摊子", by: by)
            let part = try await house.whistles.addTask(task, to: id, head)
            #expect(try await house.state(part.id) == "dispatched")
            #expect(try await house.value("SELECT count(*) FROM case_timer WHERE case_id = \(part.id)") == 1)
            let open = try await house.queries.view(item, head)
            #expect(open.parts.map(\.id) == [part.id])
            // The day that was agreed is the limit, longer or shorter than the type says.
            let worker = try await house.context(.enforcementHandler)
            try await house.take(CaseStep("accept"), part.id, worker)
            let due = try await house.queries.view(part.id, worker).item.dueAt
            #expect(due.date == by && due.time == "23:59")

            try await house.whistles.close(id, head)
            try await house.whistles.score(enforcement, stars: 5, words: "", of: id, head)
            try await house.whistles.score(city, stars: 2, words: "来了不说话", of: id, head)
            let view = try await house.see(id, .head)
            #expect(view.whistle.state == .closed && view.tasks.first?.by == by && view.whistle.leadUnit == enforcement)
            #expect(view.units.map(\.stars) == [5, 2] && view.units[0].signIns.map(\.way) == [.code])
            #expect(view.units[0].contactMask == "138****5678" && !view.units[0].isLate)

            let marks = try await house.queries.view(item, head).entries.filter { $0.transition.hasPrefix("whistle") }
            #expect(
                marks.map(\.transition) == [
                    "whistleDraft", "whistleCall", "whistleAnswer", "whistleArrive", "whistleArrive",
                    "whistleMinutes", "whistleClose", "whistleScore", "whistleScore",
                ])
            #expect(marks.filter(\.isVisible).map(\.transition) == ["whistleCall"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("分按吹哨的月份记给单位，各看各的范围", arguments: TestEngine.enabled)
    func scores(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let month = try #require(AssessmentMonth(202_611))
            func score(_ person: DemoStaff, _ unit: ID<Unit>) async throws -> WhistleScore? {
                let context = try await house.context(person)
                return try await house.queries.whistleScores(month, context).first { $0.unit == unit }
            }
            let city = try await house.unit(Self.cityOffice)
            let enforcement = try await house.unit(Self.enforcement)
            let before = try await score(.dispatcher, enforcement)
            let id = try await house.whistle(.emergency, try await house.case(), by: .head)
            try await house.whistles.signIn(
                enforcement, code: nil, of: id, try await house.context(.enforcementHandler))
            house.clock.advance(minutes: 31)
            try await house.run(job: "whistles.count")
            try await house.whistles.signInFor(city, name: "杜建军", of: id, try await house.context(.head))
            let head = try await house.context(.head)
            try await house.whistles.keepMinutes(lead: enforcement, text: "商定", of: id, head)
            try await house.whistles.close(id, head)
            try await house.whistles.score(enforcement, stars: 4, words: "", of: id, head)
            let after = try #require(try await score(.dispatcher, enforcement))
            #expect(after.called == (before?.called ?? 0) + 1 && after.inTime == (before?.inTime ?? 0) + 1)
            #expect(after.stars == (before?.stars ?? 0) + 4 && after.scored == (before?.scored ?? 0) + 1)
            // A unit knows its own, another street nothing.
            let own = try #require(try await score(.cityHandler, city))
            #expect(own.late >= 1 && own.missed >= 1)
            #expect(try await score(.cityHandler, enforcement) == nil)
            #expect(try await score(.townDispatcher, enforcement) == nil)
        }
    }

    @Test("街道吹哨叫区里的部门；区里的人按所在单位报到", arguments: TestEngine.enabled)
    func street(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let district = try await house.unit("东城区城市管理指挥中心")
            let water = try await house.unit("城东自来水服务站")
            let draft = WhistleDraft(
                storey: .street, kind: .campaign, purpose: "老管线改造", location: "街道会议室", units: [district, water])
            let id = try await house.whistles.draft(
                draft, for: try await house.case(), try await house.context(.dispatcher))
            #expect(try await house.whistleState(id) == "called")
            try await house.whistles.signIn(district, code: nil, of: id, try await house.context(.districtOfficer))
            let seen = try await house.see(id, .waterHandler)
            #expect(seen.standing.units == [water] && !seen.standing.seesCase)
            house.clock.advance(minutes: 5 * 1440)
            try await house.run(job: "whistles.count")
            // The district supervises its departments.
            let told: ID<Unit>? = try await house.value(
                "SELECT unit_id FROM case_alert WHERE clock = \("whistle.\(id)") AND round = 1")
            #expect(told == district)
        }
    }

    @Test("应急哨不等书记，响到值班的人；书记点一下知道了", arguments: TestEngine.enabled)
    func emergency(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.emergency, try await house.case(), by: .worker)
            let view = try await house.see(id, .head)
            #expect(view.whistle.state == .called && view.whistle.confirmedAt == nil)
            #expect(view.whistle.dueAt == House.start.adding(minutes: 30))
            await house.deliver()
            let phones = Set(house.messages.all.map(\.phone))
            for person in [DemoStaff.head, .enforcementHandler, .cityHandler] {
                #expect(phones.contains(person.phone), "\(person) was not told")
            }
            let isLoud: Int? = try await house.value(
                "SELECT is_loud FROM case_alert WHERE clock = \("whistle.\(id)") AND round = 0")
            #expect(isLoud == 1)
            try await house.whistles.confirm(id, try await house.context(.head))
            #expect(try await house.see(id, .head).whistle.confirmedAt != nil)
            #expect(try await house.whistleState(id) == "called")
        }
    }

    @Test("日常哨夜里、周末不响，名单里等着", arguments: TestEngine.enabled)
    func quiet(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // The house begins on a Sunday.
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.roster") { tx in
                try tx.execute("UPDATE duty_shift SET ends_at = \(tx.now) WHERE starts_at < \(tx.now)")
                try tx.audit(Subject("unit", 1))
            }
            func bell() async throws -> Int { try await house.queries.alertCount(house.context(.cityHandler)) }
            let before = try await bell()
            let id = try await house.whistle(.daily, try await house.case(), by: .head)
            await house.deliver()
            #expect(house.messages.all.isEmpty)
            #expect(try await house.listed(id, .toAnswer, .cityHandler))
            // No message and no clock says so: the bell does, until somebody of them has come.
            #expect(try await bell() == before + 1)
            let city = try await house.unit(Self.cityOffice)
            try await house.whistles.signInFor(city, name: "杜建军", of: id, try await house.context(.head))
            #expect(try await bell() == before)
        }
    }

    @Test("撤回要写原因，撤回了不再算未到", arguments: TestEngine.enabled)
    func withdraws(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.emergency, try await house.case(), by: .head)
            let head = try await house.context(.head)
            #expect(try await house.refusal { try await house.whistles.withdraw(id, reason: " ", head) } == .invalid)
            let worker = try await house.context(.worker)
            #expect(
                try await house.refusal { try await house.whistles.withdraw(id, reason: "错了", worker) } == .forbidden)
            try await house.whistles.withdraw(id, reason: "叫错了单位", head)
            house.clock.advance(minutes: 60)
            try await house.run(job: "whistles.count")
            #expect(
                try await house.value(
                    "SELECT count(*) FROM whistle_unit WHERE missed_at IS NOT NULL AND whistle_id = \(id)") == 0)
            #expect(try await house.refusal { try await house.whistles.withdraw(id, reason: "再撤", head) } == .conflict)
        }
    }

    @Test("报到人的电话加密保存，看一次记一次", arguments: TestEngine.enabled)
    func contact(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.emergency, try await house.case(), by: .head)
            let unit = try await house.unit(Self.enforcement)
            let handler = try await house.context(.enforcementHandler)
            try await house.whistles.answer(
                WhistleAnswer(unit: unit, name: "冯刚 13912345678", phone: "13812345678"), of: id, handler)
            let name: String? = try await house.value(
                "SELECT contact_name FROM whistle_unit WHERE whistle_id = \(id) AND unit_id = \(unit)")
            #expect(name?.contains("13912345678") == false)
            let head = try await house.context(.head)
            #expect(try await house.queries.whistleContact(id, of: unit, purpose: "联系报到", head) == "13812345678")
            #expect(
                try await house.refusal {
                    _ = try await house.queries.whistleContact(id, of: unit, purpose: "联系报到", handler)
                } == .notFound)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }
}

/// Short ways to whistle.
extension House {
    var whistles: WhistleCommands { WhistleCommands(services.commands) }
    var queries: CaseQueries { services.queries }

    /// An ordinary case of the first estate.
    func `case`(isUrgent: Bool = false) async throws -> ID<Case> {
        var draft = try await draft()
        draft.isUrgent = isUrgent
        return try await report(draft, try await context(.tenant))
    }

    /// A community whistle for two offices of the street.
    func whistle(
        _ kind: Whistle.Kind, _ item: ID<Case>, by person: DemoStaff
    ) async throws -> ID<Whistle> {
        let units = [
            try await unit(WhistleTests.enforcement), try await unit(WhistleTests.cityOffice),
        ]
        let draft = WhistleDraft(
            storey: .community, kind: kind, purpose: "占道经营反复，请到场一起定办法", location: "小区北门", units: units)
        return try await whistles.draft(draft, for: item, try await context(person))
    }

    func whistleState(_ id: ID<Whistle>) async throws -> String? {
        try await value("SELECT state FROM whistle WHERE id = \(id)")
    }

    func see(_ id: ID<Whistle>, _ person: DemoStaff) async throws -> WhistleView {
        try await queries.whistle(id, try await context(person))
    }

    func listed(_ id: ID<Whistle>, _ tab: WhistleTab, _ person: DemoStaff) async throws -> Bool {
        try await queries.whistles(tab, limit: 100, try await context(person)).contains { $0.whistle.id == id }
    }
}
