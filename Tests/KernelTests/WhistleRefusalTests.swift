import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What whistles refuse, their clocks, and who did not come.
@Suite("吹哨的规矩")
struct WhistleRefusalTests {
    @Test("只能叫上一级的单位，各级吹各级的哨", arguments: TestEngine.enabled)
    func storeys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.case()
            func refusal(
                _ storey: Whistle.Storey, _ unit: String, _ person: DemoStaff, purpose: String = "一起办"
            ) async throws -> LinliError.Kind? {
                let draft = WhistleDraft(
                    storey: storey, kind: .daily, purpose: purpose, location: "北门", units: [try await house.unit(unit)])
                return try await house.refusal {
                    _ = try await house.whistles.draft(draft, for: item, try await house.context(person))
                }
            }
            let office = WhistleTests.cityOffice
            let district = "东城区城市管理指挥中心"
            for unit in [district, "幸福里社区居委会", "安居物业", "城东自来水服务站", "东华门街道市民诉求处置中心"] {
                #expect(try await refusal(.community, unit, .head) == .invalid, "\(unit)")
            }
            #expect(try await refusal(.street, office, .dispatcher) == .invalid)
            #expect(try await refusal(.street, "昌平区城市管理指挥中心", .dispatcher) == .invalid)
            #expect(try await refusal(.street, district, .head) == .forbidden)
            #expect(try await refusal(.community, office, .dispatcher) == .forbidden)
            #expect(try await refusal(.community, office, .propertyHandler) == .forbidden)
            #expect(try await refusal(.community, office, .locustHead) == .notFound)
            #expect(try await refusal(.community, office, .townDispatcher) == .notFound)
            #expect(try await refusal(.community, office, .head, purpose: " ") == .invalid)
            #expect(
                try await refusal(.community, office, .head, purpose: String(repeating: "字", count: 1001)) == .invalid)
            #expect(try await refusal(.community, office, .gridWorker1) == nil)
            #expect(try await refusal(.community, office, .head) == .conflict)
            let resident = WhistleDraft(
                storey: .community, kind: .daily, purpose: "x", location: "y", units: [try await house.unit(office)])
            #expect(
                try await house.refusal {
                    _ = try await house.whistles.draft(resident, for: item, try await house.context(.tenant))
                } == .notFound)
        }
    }

    @Test("被投诉的单位叫不到，也什么都看不到", arguments: TestEngine.enabled)
    func accused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("执法队收了东西不给条子", category: "R0804")
            draft.nature = .complaint
            draft.against = try await house.unit(WhistleTests.enforcement)
            let item = try await house.report(draft, try await house.context(.tenant))
            #expect(try await house.refusal { _ = try await house.whistle(.daily, item, by: .head) } == .invalid)
            // Called first and complained about afterwards: gone from their lists the same moment.
            let other = try await house.case()
            let id = try await house.whistle(.emergency, other, by: .head)
            #expect(try await house.listed(id, .toAnswer, .enforcementHandler))
            try await house.services.commands.setAgainst(
                draft.accused, of: other, reason: "核实过", try await house.context(.dispatcher))
            #expect(try await !house.listed(id, .toAnswer, .enforcementHandler))
            #expect(try await house.refusal { _ = try await house.see(id, .enforcementHandler) } == .notFound)
            let scores = try await house.queries.whistleScores(
                try #require(AssessmentMonth(202_611)), try await house.context(.enforcementHandler))
            let called: Int? = try await house.value(
                """
                SELECT count(*) FROM whistle_unit n JOIN whistle w ON w.id = n.whistle_id
                WHERE n.unit_id = \(draft.against) AND w.month = 202611 AND w.id <> \(id)
                """)
            #expect((scores.first { $0.unit == draft.against }?.called ?? 0) == called)
        }
    }

    @Test("该谁点的谁点：确认、签到、牵头、结束、打分", arguments: TestEngine.enabled)
    func steps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.daily, try await house.case(), by: .worker)
            let unit = try await house.unit(WhistleTests.enforcement)
            let (head, worker) = (try await house.context(.head), try await house.context(.worker))
            let handler = try await house.context(.enforcementHandler)
            let whistles = house.whistles
            func refusal(_ body: () async throws -> Void) async throws -> LinliError.Kind? {
                try await house.refusal(body)
            }
            #expect(try await refusal { try await whistles.confirm(id, worker) } == .forbidden)
            #expect(
                try await refusal { try await whistles.confirm(id, try await house.context(.dispatcher)) } == .forbidden
            )
            #expect(try await refusal { try await whistles.signIn(unit, code: nil, of: id, handler) } == .notFound)
            try await whistles.confirm(id, head)
            #expect(try await refusal { try await whistles.confirm(id, head) } == .conflict)
            let other = try await house.context(.waterHandler)
            #expect(try await refusal { try await whistles.signIn(unit, code: nil, of: id, other) } == .notFound)
            let city = try await house.unit(WhistleTests.cityOffice)
            #expect(try await refusal { try await whistles.signIn(city, code: nil, of: id, handler) } == .forbidden)
            #expect(try await refusal { try await whistles.signInFor(unit, name: "", of: id, head) } == .invalid)
            #expect(try await refusal { try await whistles.signInFor(unit, name: "冯刚", of: id, handler) } == .forbidden)
            let bad = WhistleAnswer(unit: unit, name: "冯刚", phone: "123")
            #expect(try await refusal { try await whistles.answer(bad, of: id, handler) } == .invalid)
            #expect(
                try await refusal { try await whistles.keepMinutes(lead: unit, text: "商定", of: id, head) } == .invalid)
            try await whistles.signIn(unit, code: nil, of: id, handler)
            #expect(try await refusal { try await whistles.signIn(unit, code: nil, of: id, handler) } == .conflict)
            #expect(try await refusal { try await whistles.close(id, head) } == .conflict)
            let task = WhistleTaskDraft(unit: try await house.unit("安居物业"), text: "x", by: head.now.date)
            #expect(try await refusal { _ = try await whistles.addTask(task, to: id, head) } == .invalid)
            let past = WhistleTaskDraft(unit: unit, text: "x", by: head.now.date.adding(days: -1))
            #expect(try await refusal { _ = try await whistles.addTask(past, to: id, head) } == .invalid)
            #expect(
                try await refusal { try await whistles.score(unit, stars: 5, words: "", of: id, head) } == .conflict)
            #expect(try await refusal { try await whistles.score(unit, stars: 1, words: "", of: id, head) } == .invalid)
            try await whistles.signInFor(city, name: "杜建军", of: id, worker)
            #expect(try await refusal { try await whistles.close(id, head) } == .conflict)
            try await whistles.keepMinutes(lead: unit, text: "商定", of: id, worker)
            #expect(try await refusal { try await whistles.close(id, worker) } == .forbidden)
            try await whistles.close(id, head)
            #expect(
                try await refusal { try await whistles.score(unit, stars: 5, words: "", of: id, worker) } == .forbidden)
            try await whistles.score(unit, stars: 5, words: "", of: id, head)
            #expect(
                try await refusal { try await whistles.score(unit, stars: 4, words: "", of: id, head) } == .conflict)
            #expect(try await refusal { try await whistles.signIn(unit, code: nil, of: id, handler) } == .conflict)
        }
    }

    @Test("签到码试错有数，试多了只能代签", arguments: TestEngine.enabled)
    func codes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.emergency, try await house.case(), by: .head)
            let unit = try await house.unit(WhistleTests.enforcement)
            let handler = try await house.context(.enforcementHandler)
            let code = try #require(try await house.see(id, .head).code)
            #expect(code.count == 6)
            let wrong = code == "000000" ? "000001" : "000000"
            for _ in 0..<10 {
                #expect(
                    try await house.refusal {
                        try await house.whistles.signIn(unit, code: wrong, of: id, handler)
                    } == .invalid)
            }
            #expect(
                try await house.refusal { try await house.whistles.signIn(unit, code: code, of: id, handler) }
                    == .conflict)
            try await house.whistles.signInFor(unit, name: "冯刚", of: id, try await house.context(.head))
            #expect(try await house.see(id, .head).units[0].arrivedAt != nil)
        }
    }

    // MARK: Clocks

    struct Row: Sendable {
        let day: Int
        let hour: Int
        let minute: Int
        let kind: Whistle.Kind
        var isUrgent = false
        /// Day, hour and minute of November 2026 by which they must be there.
        let due: (day: Int, hour: Int, minute: Int)
    }

    /// 22 November 2026 is a Sunday. Duty hours 09:00–12:00 and 13:30–18:00, seven and a half hours a day.
    static let rows: [Row] = [
        Row(day: 22, hour: 10, minute: 0, kind: .daily, due: (23, 18, 0)),
        Row(day: 22, hour: 10, minute: 0, kind: .emergency, due: (22, 10, 30)),
        Row(day: 22, hour: 10, minute: 0, kind: .campaign, due: (25, 18, 0)),
        Row(day: 22, hour: 10, minute: 0, kind: .daily, isUrgent: true, due: (22, 17, 30)),
        Row(day: 23, hour: 9, minute: 0, kind: .daily, due: (23, 18, 0)),
        Row(day: 23, hour: 10, minute: 0, kind: .daily, due: (24, 10, 0)),
        Row(day: 23, hour: 12, minute: 30, kind: .daily, due: (24, 12, 0)),
        Row(day: 23, hour: 23, minute: 50, kind: .emergency, due: (24, 0, 20)),
        Row(day: 24, hour: 20, minute: 0, kind: .daily, due: (25, 18, 0)),
        Row(day: 25, hour: 15, minute: 0, kind: .campaign, due: (30, 15, 0)),
        Row(day: 26, hour: 8, minute: 0, kind: .campaign, isUrgent: true, due: (27, 6, 30)),
        Row(day: 27, hour: 17, minute: 0, kind: .daily, due: (30, 17, 0)),
        Row(day: 28, hour: 3, minute: 15, kind: .emergency, due: (28, 3, 45)),
    ]

    private static func moment(_ day: Int, _ hour: Int, _ minute: Int) -> Instant {
        Instant(CivilDate(daysSinceEpoch: 20_757 + day), hour: hour, minute: minute)
    }

    @Test("报到时限一张表：日常、攻坚算工作时间，应急和紧急工单不看日历", arguments: TestEngine.enabled)
    func clocks(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for row in Self.rows {
                house.clock.set(Self.moment(row.day, row.hour, row.minute))
                let item = try await house.case(isUrgent: row.isUrgent)
                let id = try await house.whistle(row.kind, item, by: .head)
                let whistle = try await house.see(id, .head).whistle
                let expected = Self.moment(row.due.day, row.due.hour, row.due.minute)
                #expect(whistle.dueAt == expected, "\(row): \(whistle.dueAt?.iso8601 ?? "none")")
                #expect(whistle.isNatural == (row.kind == .emergency || row.isUrgent))
            }
        }
    }

    @Test("草稿不计时，从确认那一刻起算", arguments: TestEngine.enabled)
    func runsFromTheCall(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.daily, try await house.case(), by: .worker)
            #expect(try await house.see(id, .worker).whistle.dueAt == nil)
            house.clock.set(Self.moment(23, 10, 0))
            try await house.whistles.confirm(id, try await house.context(.head))
            #expect(try await house.see(id, .worker).whistle.dueAt == Self.moment(24, 10, 0))
        }
    }

    // MARK: Who did not come

    @Test("到点没人签到转督办：每个单位一次，停机以后补上，再跑也不重复", arguments: TestEngine.enabled)
    func missedOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.case()
            let id = try await house.whistle(.emergency, item, by: .head)
            func alerts() async throws -> Int? {
                try await house.value(
                    "SELECT count(*) FROM case_alert WHERE clock = \("whistle.\(id)") AND round = 1")
            }
            house.clock.advance(minutes: 30)
            try await house.run(job: "whistles.count")
            // The last minute still counts.
            #expect(try await alerts() == 0)
            let unit = try await house.unit(WhistleTests.enforcement)
            try await house.whistles.signIn(unit, code: nil, of: id, try await house.context(.enforcementHandler))
            // The server stood still for two days.
            house.clock.advance(minutes: 2 * 1440)
            for _ in 0..<3 { try await house.run(job: "whistles.count") }
            #expect(try await alerts() == 1)
            let view = try await house.see(id, .head)
            #expect(view.units.map { $0.missedAt != nil } == [false, true])
            let told: ID<Unit>? = try await house.value(
                "SELECT unit_id FROM case_alert WHERE clock = \("whistle.\(id)") AND round = 1")
            #expect(try await house.unit("东华门街道市民诉求处置中心") == told)
            let meant: Instant? = try await house.value(
                "SELECT meant_for FROM case_alert WHERE clock = \("whistle.\(id)") AND round = 1")
            #expect(meant == House.start.adding(minutes: 30))
            let item2 = try await house.queries.view(item, try await house.context(.dispatcher))
            #expect(item2.item.supervision >= 2)
            #expect(item2.entries.filter { $0.transition == "whistleMiss" }.map(\.text) == [WhistleTests.cityOffice])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("没报到的单位自己收到督办、自己答复；承办的、吹哨的、督办的都答不了", arguments: TestEngine.enabled)
    func missedIsAsked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.case()
            let id = try await house.whistle(.emergency, item, by: .head)
            house.clock.advance(minutes: 31)
            try await house.run(job: "whistles.count")
            let (city, dispatcher) = (try await house.context(.cityHandler), try await house.context(.dispatcher))
            func row(_ reader: Context) async throws -> SupervisedCase? {
                try await house.queries.supervised(for: reader.actor, limit: 200).first {
                    $0.row.id == item && $0.askedName.zh == WhistleTests.cityOffice
                }
            }
            let asked = try #require(try await row(city))
            #expect(asked.whistle == id && asked.reason.contains("30 分钟内没有报到"))
            // It was called and no more: it reads what the whistle says, and not the case.
            #expect(!asked.seesCase && asked.row.title.isEmpty && asked.row.whereabouts.isEmpty)
            let office = try await house.unit(WhistleTests.cityOffice)
            let alert = try await house.services.database.read {
                try CaseQueries.alerts(of: [office], at: city.now, $0)
            }.first { $0.row.id == item }
            #expect(alert?.isMissed == true && alert?.row.title.isEmpty == true)
            let commands = house.services.commands
            for person in [DemoStaff.head, .dispatcher] {
                let context = try await house.context(person)
                #expect(
                    try await house.refusal { try await commands.answerSupervision("来了", of: item, context) }
                        == .forbidden, "\(person)")
            }
            let water = try await house.context(.waterHandler)
            #expect(try await house.refusal { try await commands.answerSupervision("x", of: item, water) } == .notFound)
            try await commands.answerSupervision("车坏在路上，四点到", of: item, city)
            let answered = try #require(try await row(dispatcher))
            #expect(answered.answer == "车坏在路上，四点到" && answered.answeredBy == city.actor.name)
            #expect(answered.answeredUnit.zh == WhistleTests.cityOffice && answered.seesCase)
            // Whoever has the case was not asked, and can be; each is lifted for itself.
            try await commands.supervise("请抓紧", item, dispatcher)
            try await commands.liftSupervision("说明了", of: item, row: answered.id, dispatcher)
            #expect(try await row(city) == nil)
            #expect(try await house.value("SELECT supervision FROM case_item WHERE id = \(item)", as: Int.self) == 2)
            try await commands.liftSupervision("办了", of: item, dispatcher)
            #expect(try await house.value("SELECT supervision FROM case_item WHERE id = \(item)", as: Int.self) == 0)
        }
    }

    @Test("停机时迟到的，先签了到也照样记未按时到", arguments: TestEngine.enabled)
    func lateBeforeTheJob(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.whistle(.emergency, try await house.case(), by: .head)
            house.clock.advance(minutes: 45)
            let unit = try await house.unit(WhistleTests.enforcement)
            try await house.whistles.signIn(unit, code: nil, of: id, try await house.context(.enforcementHandler))
            try await house.run(job: "whistles.count")
            let units = try await house.see(id, .head).units
            #expect(units.map { $0.missedAt != nil } == [true, true] && units[0].isLate)
            // Nobody may come in time any more: it may end, but not before it is said what was agreed.
            let head = try await house.context(.head)
            #expect(try await house.refusal { try await house.whistles.close(id, head) } == .conflict)
            try await house.whistles.keepMinutes(lead: unit, text: "商定", of: id, head)
            try await house.whistles.close(id, head)
        }
    }
}
