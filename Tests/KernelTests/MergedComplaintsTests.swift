import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Complaints that say the same about the same unit become one by staff; whom they are against is kept out of all of them,
/// and nobody who complained reads another.
@Suite("投诉并案")
struct MergedComplaintsTests {
    private func complaint(
        _ house: House, _ text: String, _ resident: DemoResident, against names: [String] = ["安居物业"],
        _ nature: NeedNature = .complaint
    ) async throws -> ID<Case> {
        var draft = try await house.draft(text, category: "R1301")
        (draft.nature, draft.disclosure) = (nature, .office)
        for name in names { draft.accused.append(try await house.unit(name)) }
        draft.isAgainstNobody = names.isEmpty
        let id = try await house.report(draft, try await house.context(resident))
        await house.deliver()
        return id
    }

    private func refused(_ id: ID<Case>, into lead: ID<Case>, _ house: House) async throws -> Bool {
        let dispatcher = try await house.context(.dispatcher)
        return try await house.refusal {
            try await house.services.commands.merge(id, into: lead, reason: "同一件事", dispatcher)
        } == .conflict
    }

    @Test("并案前后、拆开以后，被投诉的单位都看不到、数不到、听不到", arguments: TestEngine.enabled)
    func apart(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, database) = (house.services.commands, house.services.database)
            let accused = try await house.context(.propertyHandler)
            let scope = accused.actor.scope(for: .casesRead)
            let before = try await database.read { try CaseCounts.totals(scope, $0) }
            let head: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let lead = try await complaint(house, "账本不给看，问了三次", .tenant)
            house.clock.advance(minutes: 10)
            let voice = try await complaint(house, "账目不公开，还骂人", .youngMother)
            let stood = try await house.state(voice)
            let dispatcher = try await house.context(.dispatcher)
            func unseen(_ when: String) async throws {
                await house.deliver()
                for id in [lead, voice] {
                    let sees = try await house.refusal { _ = try await house.services.queries.view(id, accused) }
                    #expect(sees == .notFound, "\(when)")
                }
                #expect(try await database.read { try CaseCounts.totals(scope, $0) } == before, "\(when)")
                let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: accused.actor.scope), after: head)
                #expect(!heard.contains(CasePath.topic(lead)) && !heard.contains(CasePath.topic(voice)), "\(when)")
            }
            try await commands.merge(voice, into: lead, reason: "同一本账", dispatcher)
            #expect(try await house.state(voice) == "merged")
            try await unseen("merged")
            // Against others, or no complaint any more, they are only once they are apart.
            #expect(
                try await house.refusal { try await commands.setAgainst([], of: lead, reason: "不是", dispatcher) }
                    == .conflict)
            #expect(
                try await house.refusal { try await commands.setAgainst([], of: voice, reason: "不是", dispatcher) }
                    == .conflict)
            #expect(
                try await house.refusal { try await commands.classify(.assistance, "R1301", of: lead, dispatcher) }
                    == .conflict)
            try await commands.split(voice, reason: "说的是另一本账", dispatcher)
            #expect(try await house.state(voice) == stood)
            try await unseen("split")
            let totals = try await database.read { try CaseCounts.recount($0) }
            #expect(totals.counted == totals.stored)
            try await house.proveRates()
        }
    }

    @Test("只和针对同样单位的投诉并；举报、求助都不并；居民加不进去，来电的人也不加", arguments: TestEngine.enabled)
    func kinds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let lead = try await complaint(house, "账本不给看，问了三次", .tenant)
            house.clock.advance(minutes: 10)
            let others = [
                try await complaint(house, "账目不公开", .youngMother, against: []),
                try await complaint(house, "账目不公开", .youngMother, against: ["安居物业", "幸福里社区居委会"]),
                try await complaint(house, "账目不公开", .youngMother, .tipOff),
                try await house.report(
                    try await house.draft("账目想看一看", category: "R1301"), house.context(.youngMother)),
            ]
            for id in others {
                #expect(try await refused(id, into: lead, house))
                #expect(try await refused(lead, into: id, house))
            }
            let tip = try await complaint(house, "账目作假", .tenant, .tipOff)
            #expect(try await refused(others[2], into: tip, house), "tip-offs go with nothing")
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(lead)") ?? ""
            let draft = try await house.draft("我也要看账本", category: "R1301")
            let resident = try await house.context(.youngMother)
            #expect(try await house.refusal { _ = try await commands.join(number, draft, resident) } == .notFound)
            let dispatcher = try await house.context(.dispatcher)
            let caller = try await house.refusal { _ = try await commands.join(caller: draft, to: lead, dispatcher) }
            #expect(caller == .conflict)
            // Both against no unit they may.
            let same = try await complaint(house, "账目看不懂", .tenant, against: [])
            try await commands.merge(same, into: others[0], reason: "同一件事", dispatcher)
            #expect(try await house.state(same) == "merged")
        }
    }

    @Test("投诉并了案，反映人只看到自己的话，看不到别人的话、照片和有几户", arguments: TestEngine.enabled)
    func words(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (commands, queries) = (house.services.commands, house.services.queries)
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            let lead = try await complaint(house, "账本不给看，我家窗台的事也没人管", .tenant)
            house.clock.advance(minutes: 10)
            let voice = try await complaint(house, "账目不公开，婴儿车被扔了", .youngMother)
            let dispatcher = try await house.context(.dispatcher)
            try await commands.remark("窗台的事周三上门看", isVisible: true, photos: [], on: lead, dispatcher)
            house.clock.advance(minutes: 1)
            try await commands.merge(
                voice, into: lead, reason: "同一本账", try await house.context(.dispatcher))
            try await commands.remark(
                "婴儿车在门卫那里", isVisible: true, photos: [], on: lead, try await house.context(.dispatcher))
            try await commands.remark("补充：窗台又掉了一块", isVisible: true, photos: [], on: lead, first)
            let own = try await queries.reporterView(voice, second)
            #expect(own.item.text == "账目不公开，婴儿车被扔了" && own.photos.isEmpty)
            #expect(!own.entries.contains { $0.text.contains("窗台") || $0.text.contains("账本") })
            #expect(!own.entries.contains { $0.text.contains("门卫") })
            #expect(own.voices.count == nil && own.voices.list.isEmpty)
            let theirs = try await queries.reporterView(lead, first)
            #expect(theirs.entries.contains { $0.text.contains("窗台的事") }, "what was answered to them they read")
            #expect(theirs.entries.contains { $0.text.contains("又掉了一块") })
            #expect(!theirs.entries.contains { $0.text.contains("婴儿车") || $0.text.contains("同一本账") })
            #expect(theirs.voices.count == nil && theirs.voices.list.isEmpty)
            let desk = try await queries.view(lead, dispatcher)
            #expect(desk.voices.list.map(\.item.text) == ["账目不公开，婴儿车被扔了"] && desk.voices.count?.voices == 2)
        }
    }

    @Test("并了的投诉，一位要求重办、办理后的照片，几位反映人都看不到", arguments: TestEngine.enabled)
    func steps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let queries = house.services.queries
            let lead = try await complaint(house, "账本不给看，问了三次", .tenant)
            house.clock.advance(minutes: 10)
            let voice = try await complaint(house, "账目不公开，还骂人", .youngMother)
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.merge(voice, into: lead, reason: "同一本账", dispatcher)
            let city = try await house.unit("城市管理办公室")
            let unit: SQL = "SELECT coalesce(handler_unit, 0) FROM case_item WHERE id = \(lead)"
            if try await house.value(unit, as: Int64.self) != city.rawValue {
                try await house.take(CaseStep("dispatch", text: "请看一看", unit: city), lead, dispatcher)
            }
            house.clock.advance(minutes: 10)
            let handler = try await house.context(.cityHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            var done = CaseStep("finish", text: "账本贴出来了")
            done.photos = [try await house.photo(handler)]
            try await house.take(done, lead, handler)
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            let told = [(lead, first), (voice, second)]
            func unseen(_ when: String) async throws {
                let others: [CaseMark] = [.voiceSolved, .voiceUnsolved, .voiceLeft]
                for (id, reader) in told {
                    let view = try await queries.reporterView(id, reader)
                    #expect(view.entries.contains { $0.text == "账本贴出来了" }, "\(when)")
                    #expect(view.photos.isEmpty && !view.voices.isContestedByOther, "\(when)")
                    let lines = view.entries.filter { line in others.contains { $0.rawValue == line.transition } }
                    #expect(lines.isEmpty, "\(when)")
                }
            }
            try await unseen("finished")
            try await house.take(CaseStep("contest", text: "还在骂人"), voice, second)
            try await unseen("contested")
            let theirs = try await queries.reporterView(lead, first)
            #expect(!theirs.entries.contains { $0.text.contains("还在骂人") } && theirs.voices.hidesContest)
            #expect(try await !queries.reporterView(voice, second).voices.hidesContest)
            #expect(try await queries.view(lead, dispatcher).photos.count == 1)
        }
    }
}
