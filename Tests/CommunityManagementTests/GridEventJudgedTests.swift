import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A grid event that somebody told is judged by them, as a need is; one that a grid worker found goes as before.
@Suite("有人反映的网格事件由反映人评价")
struct GridEventJudgedTests {
    private let enforcement = "东华门街道综合行政执法队"

    private func tell(
        _ house: House, by source: CaseSource = .staff, phone: String? = nil
    ) async throws -> ID<Case> {
        let worker = try await house.context(.gridWorker1)
        var draft = try await house.draft("摊贩占了便道", category: "E0404")
        (draft.type, draft.source, draft.spot) = ("gridEvent", source, .street)
        draft.photos = [try await house.photo(worker)]
        if let phone { (draft.reporterName, draft.reporterPhone) = ("王五", phone) }
        let id = try await house.report(draft, worker)
        if source != .grid { try await house.take(CaseStep("verify"), id, worker) }
        return id
    }

    /// From dispatch to the check on the spot.
    private func handle(_ id: ID<Case>, _ house: House) async throws {
        let handler = try await house.context(.enforcementHandler)
        let dispatch = CaseStep("dispatch", text: "请换人去处置", unit: try await house.unit(enforcement))
        try await house.take(dispatch, id, try await house.context(.dispatcher))
        try await house.take(CaseStep("accept"), id, handler)
        var finish = CaseStep("finish", text: "劝离了")
        finish.photos = [try await house.photo(handler)]
        try await house.take(finish, id, handler)
        try await house.take(CaseStep("checked"), id, try await house.context(.gridWorker1))
    }

    /// Handled, found solved by its reporter, and closed by somebody of the centre.
    private func conclude(_ id: ID<Case>, by closer: DemoStaff, _ house: House) async throws {
        try await handle(id, house)
        try await house.take(CaseStep("confirm"), id, house.holder(of: id))
        try await house.take(CaseStep("close"), id, try await house.context(closer))
        #expect(try await house.state(id) == "closed")
    }

    private func ways(_ id: ID<Case>, _ context: Context, _ house: House) async throws -> [String] {
        try await house.services.queries.view(id, context).transitions.map(\.id)
    }

    @Test("代登的网格事件：核查后先问反映人，没解决重办，电话也能答，再不满意由没经手的人复核", arguments: TestEngine.enabled)
    func judged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let id = try await tell(house)
            let caller = house.holder(of: id)
            try await house.take(CaseStep("file"), id, dispatcher)
            try await handle(id, house)
            #expect(try await house.state(id) == "confirming")
            #expect(Set(try await ways(id, caller, house)) == ["confirm", "contest"])
            let silent = CaseStep("contest")
            #expect(try await house.refusal { try await house.take(silent, id, caller) } == .invalid)
            try await house.take(CaseStep("contest", text: "下午又来了"), id, caller)
            #expect(try await house.state(id) == "received")
            let unit = try await house.unit(enforcement)
            let unsaid = CaseStep("dispatch", unit: unit)
            #expect(try await house.refusal { try await house.take(unsaid, id, dispatcher) } == .invalid)
            try await handle(id, house)
            let answer = FollowUpOutcome.answered(isSolved: true, grade: .satisfied, text: "这回没再来")
            try await house.services.commands.followUp(answer, of: id, try await house.context(.lateDispatcher))
            #expect(try await house.state(id) == "closing")
            try await house.take(CaseStep("close"), id, dispatcher)
            try await house.take(CaseStep("reopen", text: "周末又摆上了"), id, caller)
            #expect(try await house.state(id) == "reviewing")
            let dismiss = CaseStep("dismiss", text: "周末现场看过两次，没有摊贩")
            #expect(try await house.refusal { try await house.take(dismiss, id, dispatcher) } == .forbidden)
            try await house.take(dismiss, id, try await house.context(.districtOfficer))
            #expect(try await house.state(id) == "closed")
            let rounds = try await house.services.database.read { tx in
                try tx.all("SELECT is_solved, grade FROM case_outcome WHERE case_id = \(id) ORDER BY round") {
                    (solved: try $0[0] as Bool?, grade: try $0[1] as Int?)
                }
            }
            #expect(rounds.map { $0.solved } == [false, true] && rounds.last?.grade == 4)
            await house.deliver()
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.cases > 0 && proof.different == 0, "\(proof.differences)")
        }
    }

    @Test("网格员自己发现的，核查通过直接待结案，不问谁；并进了居民的诉求，就问居民", arguments: TestEngine.enabled)
    func found(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let own = try await tell(house, by: .grid)
            try await house.take(CaseStep("file"), own, dispatcher)
            try await handle(own, house)
            #expect(try await house.state(own) == "closing")
            #expect(try await ways(own, house.holder(of: own), house).isEmpty)
            try await house.take(CaseStep("close"), own, dispatcher)
            #expect(try await ways(own, house.holder(of: own), house).isEmpty)
            let counted = try await house.value(
                "SELECT count(*) FROM case_outcome WHERE case_id = \(own)", as: Int.self)
            #expect(counted == 0)

            let lead = try await tell(house, by: .grid)
            try await house.take(CaseStep("file"), lead, dispatcher)
            let unit = try await house.unit(enforcement)
            try await house.take(CaseStep("dispatch", unit: unit), lead, dispatcher)
            house.clock.advance(minutes: 5)
            let tenant = try await house.context(.tenant)
            var draft = try await house.draft("便道让摊贩占了，走不过去", category: "E0404")
            draft.spot = .street
            let need = try await house.report(draft, tenant)
            let now = try await house.context(.dispatcher)
            try await house.services.commands.merge(need, into: lead, reason: "同一处摊贩", now)
            let handler = try await house.context(.enforcementHandler)
            try await house.take(CaseStep("accept"), lead, handler)
            var finish = CaseStep("finish", text: "劝离了")
            finish.photos = [try await house.photo(handler)]
            try await house.take(finish, lead, handler)
            try await house.take(CaseStep("checked"), lead, try await house.context(.gridWorker1))
            #expect(try await house.state(lead) == "confirming")
            try await house.take(CaseStep("confirm"), need, tenant)
            #expect(try await house.state(lead) == "closing")
        }
    }

    @Test("没有答复就是没有答复：到时转待结案，不算解决也不算没解决", arguments: TestEngine.enabled)
    func silence(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await tell(house)
            try await house.take(CaseStep("file"), id, try await house.context(.dispatcher))
            try await handle(id, house)
            house.clock.advance(minutes: 4321)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(id) == "closing")
            let said = try await house.value(
                """
                SELECT count(*) FROM case_outcome
                WHERE case_id = \(id) AND asked_at IS NOT NULL AND answered_at IS NULL AND is_solved IS NULL
                """, as: Int.self)
            #expect(said == 1)
            // Until it is closed, and for 30 days after, it may still be said that it is not solved.
            #expect(try await ways(id, house.holder(of: id), house) == ["contest"])
        }
    }

    @Test("不立案：反映人可以申请复核一次，由没经手的人定；网格员发现的没有这一步", arguments: TestEngine.enabled)
    func notFiled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let district = try await house.context(.districtOfficer)
            let slight = CaseStep("notFiled", text: "不够立案标准")
            let appeal = CaseStep("appeal", text: "天天占着，童车推不进来")
            var ids: [ID<Case>] = []
            for verdict in ["upholdAppeal", "dismissAppeal"] {
                let id = try await tell(house, phone: "13855550123")
                try await house.take(slight, id, dispatcher)
                // Who told it hears of it at once, before anybody asked them anything.
                await house.deliver()
                let number = try #require(
                    try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
                let heard = house.messages.all.filter { $0.text.zh.contains("\(number)）有结果了：核实后没有立案") }
                #expect(heard.count == 1, "\(house.messages.all.map(\.text.zh))")
                try await house.take(appeal, id, house.holder(of: id))
                #expect(try await house.state(id) == "appealed")
                let decided = CaseStep(verdict, text: "到现场量过")
                #expect(try await house.refusal { try await house.take(decided, id, dispatcher) } == .forbidden)
                let silent = CaseStep(verdict)
                #expect(try await house.refusal { try await house.take(silent, id, district) } == .invalid)
                try await house.take(decided, id, district)
                ids.append(id)
            }
            #expect(try await house.state(ids[0]) == "received")
            #expect(try await house.state(ids[1]) == "rejected")
            #expect(try await ways(ids[1], house.holder(of: ids[1]), house).isEmpty)
            try await conclude(ids[0], by: .dispatcher, house)
            let own = try await tell(house, by: .grid)
            try await house.take(slight, own, dispatcher)
            #expect(try await ways(own, house.holder(of: own), house).isEmpty)
            await house.deliver()
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.different == 0, "\(proof.differences)")
        }
    }

    @Test("能复核的人都经过手以后，只有上一个经手的不能复核；复核有次数", arguments: TestEngine.enabled)
    func everybodyHadAHand(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await tell(house)
            let caller = house.holder(of: id)
            let reopen = CaseStep("reopen", text: "又摆上了")
            let uphold = CaseStep("uphold", text: "现场看过，确实又来了")
            try await house.take(CaseStep("file"), id, try await house.context(.dispatcher))
            try await conclude(id, by: .dispatcher, house)
            try await house.take(reopen, id, caller)
            try await conclude(id, by: .lateDispatcher, house)
            try await house.take(reopen, id, caller)
            #expect(try await house.state(id) == "reviewing")
            for hand in [DemoStaff.dispatcher, .lateDispatcher] {
                let context = try await house.context(hand)
                #expect(try await house.refusal { try await house.take(uphold, id, context) } == .forbidden)
            }
            try await house.take(uphold, id, try await house.context(.districtOfficer))
            try await conclude(id, by: .dispatcher, house)
            try await house.take(reopen, id, caller)
            // All three had a hand in it; the dispatcher closed it last.
            let last = try await house.context(.dispatcher)
            #expect(try await house.refusal { try await house.take(uphold, id, last) } == .forbidden)
            let dismiss = CaseStep("dismiss", text: "这次是固定摊位，有许可")
            try await house.take(dismiss, id, try await house.context(.lateDispatcher))
            #expect(try await house.state(id) == "closed")
            #expect(try await house.refusal { try await house.take(reopen, id, caller) } == .conflict)
        }
    }
}
