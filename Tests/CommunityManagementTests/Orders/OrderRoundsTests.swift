import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What happens with an order after its first round: taken back, sent once more, contested here.
@Suite("12345 退单、又派来、有异议")
struct OrderRoundsTests {
    private func rows(_ item: ID<Case>, _ house: House) async throws -> [CaseOutcome] {
        try await house.services.database.read { try OutcomesStore.all(of: item, $0) }
    }

    private func due(_ clock: String, _ item: ID<Case>, _ house: House) async throws -> Instant? {
        let view = try await house.services.queries.view(item, house.context(.dispatcher))
        return view.clocks.first { $0.clock == clock }?.dueAt
    }

    private func open(_ house: House) async throws -> [String] {
        let scope = try await house.context(.dispatcher).actor.scope(for: .casesRead)
        let listed = try await house.services.database.read {
            try ForeignOrdersStore.list(scope, isOpen: true, clocks: ["promise"], limit: 50, $0)
        }
        return listed.map { $0.order.number }
    }

    @Test("退单由一个人登记：这里不再办，另一个人同意了才不计入，分开写明", arguments: TestEngine.enabled)
    func returned(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let commands = house.services.commands
            try await commands.ruleThere(.refuse, isGranted: true, text: "改派铁路", due: nil, of: item, dispatcher)
            #expect(try await house.state(item) == "withdrawn")
            #expect(try await rows(item, house).map { $0.isWithdrawn || !$0.exclusion.isEmpty } == [false])
            let asked = try await house.value(
                "SELECT id FROM case_request WHERE case_id = \(item) AND kind = 'exclude' AND state = 'waiting'",
                as: ID<CaseRequest>.self)
            let request = try #require(asked)
            let own = try await house.refusal {
                _ = try await commands.decide(request, isGranted: true, text: "属实", dispatcher)
            }
            #expect(own == .forbidden)
            let colleague = try await house.context(.lateDispatcher)
            #expect(try await house.open("/desk/alerts", query: [], colleague).contains("退单（市级同意）"))
            _ = try await commands.decide(request, isGranted: true, text: "核对过市里的单子", colleague)
            #expect(try await rows(item, house).map(\.exclusion) == ["returned"])
            let rates = try await house.open("/desk/rates", query: [("month", "202611")], dispatcher)
            #expect(rates.contains("退单（市级同意）"))
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.different == 0, "\(proof.differences)")
        }
    }

    @Test("退单以后 12345 又派来：新的一轮，新的时限，回到还没答复的；旧的裁定不再算数", arguments: TestEngine.enabled)
    func again(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, first) = try await house.takenOrder()
            let sent = first.now
            let commands = house.services.commands
            try await commands.ruleThere(.refuse, isGranted: true, text: "登记错了", due: nil, of: item, first)
            #expect(try await !open(house).contains("12345-9"))
            house.clock.advance(minutes: 60)
            let dispatcher = try await house.context(.dispatcher)
            let now = dispatcher.now
            let order = House.order("12345-9", due: now.adding(hours: 30), sent: now.adding(minutes: -10))
            let came = try await commands.takeOrder(try await house.draft(), order, dispatcher)
            #expect(came.news == .reopened && came.item == item)
            #expect(try await house.state(item) == "received")
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(view.order?.dispatchedAt == now.adding(minutes: -10) && view.order?.dueAt == now.adding(hours: 30))
            #expect(view.entries.contains { $0.transition == CaseMark.orderAgain.rawValue })
            #expect(try await due("limit", item, house) == now.adding(hours: 30))
            #expect(view.internalDue(leadHours: 24).map { $0 < now.adding(hours: 30) } == true)
            #expect(try await open(house).contains("12345-9"))
            #expect(try await commands.takeOrder(try await house.draft(), order, dispatcher).news == .unchanged)
            #expect(
                try await house.refusal { try await house.take(CaseStep("recall", text: "x"), item, dispatcher) }
                    == .conflict)
            let reply = try await OrderReply.load(item, dispatcher, house.services).text
            #expect(reply.contains("签收时间：尚未签收") && reply.contains("退单/延期/剔除申请及依据：无"), "\(reply)")
            let unit = try await house.unit("安居物业")
            try await house.take(CaseStep("dispatch", text: "还由物业办，换人上门", unit: unit), item, dispatcher)
            let told = try await rows(item, house)
            #expect(told.map(\.round) == [1, 2] && told.allSatisfy { $0.exclusion.isEmpty })
            #expect(told.first?.dispatchedAt == sent && told.first?.dueAt == sent.adding(hours: 48))
            #expect(told.last?.dispatchedAt == now && told.last?.dueAt == now.adding(hours: 30))
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.different == 0, "\(proof.differences)")
        }
    }

    @Test("诉求人有异议，12345 还没答复：它的时限和内部时限接着走，照样提醒", arguments: TestEngine.enabled)
    func contested(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, _) = try await house.takenOrder()
            let sent = house.clock.clock.now
            try await house.take(CaseStep("accept"), item, try await house.context(.propertyHandler))
            house.clock.advance(minutes: 60)
            let done = try await house.context(.propertyHandler)
            try await house.take(CaseStep("finish", text: "加了岗"), item, done)
            house.clock.advance(minutes: 60)
            try await house.services.commands.followUp(
                .answered(isSolved: false, grade: nil, text: "晚上还是没人"), of: item,
                try await house.context(.dispatcher))
            #expect(try await house.state(item) == "received")
            #expect(try await due("limit", item, house) == sent.adding(hours: 48))
            let own = try #require(try await due("promise", item, house))
            #expect(own < sent.adding(hours: 48))
            let dispatcher = try await house.context(.dispatcher)
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(view.item.dueAt <= sent.adding(hours: 48) && view.internalDue(leadHours: 24) == own)
            #expect(try await rows(item, house).map(\.dueAt) == [sent.adding(hours: 48)])
            // The evidence shows the clocks of both rounds, with when each was due.
            let calendar = house.services.days.current
            let clocks = try await house.services.database.read { try BundleClock.all(of: view, calendar, $0) }
            let limits = clocks.filter { $0.clock == "limit" }
            #expect(limits.map(\.dueAt) == [sent.adding(hours: 48), sent.adding(hours: 48)])
            #expect(limits.map(\.stoppedAt) == [done.now, nil] && limits.first?.startedAt == sent)
            house.clock.advance(minutes: 46 * 60)
            try await house.run(job: "cases.escalate")
            let reminded: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND clock = 'promise' AND round = 2")
            #expect(reminded.map { $0 > 0 } == true)
            let proof = try await house.services.queries.proveEvidence()
            #expect(proof.different == 0, "\(proof.differences)")
        }
    }

    @Test("导入批次：哪一级都看得到自己的，后来改过的算在后一批", arguments: TestEngine.enabled)
    func imports(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.advance(minutes: 1)
            let dispatcher = try await house.context(.dispatcher)
            let commands = house.services.commands
            func result(_ number: String, _ isSolved: Bool) throws -> ForeignResult {
                var result = ForeignResult(number: number, month: try #require(AssessmentMonth(202_611)))
                result.isSolved = isSolved
                return result
            }
            func imports(_ context: Context) async throws -> [Int] {
                let scope = context.actor.scope(for: .casesDispatch)
                return try await house.services.database.read {
                    try ForeignResultsStore.imports(scope, limit: 60, $0).map(\.count)
                }
            }
            // The demo's own.
            let others = try await imports(dispatcher)
            let levelsBefore = try await house.value("SELECT count(*) FROM foreign_import", as: Int.self) ?? 0
            try await commands.importResults(
                [try result("Z1", true), try result("Z2", true)], for: DemoDivision.street, dispatcher)
            #expect(try await imports(dispatcher) == [2] + others)
            house.clock.advance(minutes: 1)
            let later = try await house.context(.dispatcher)
            try await commands.importResults([try result("Z2", false)], for: DemoDivision.street, later)
            #expect(try await imports(later) == [1, 1] + others)
            // The same said once more belongs to the newest import.
            house.clock.advance(minutes: 1)
            let last = try await house.context(.dispatcher)
            try await commands.importResults(
                [try result("Z1", true), try result("Z2", false)], for: DemoDivision.street, last)
            #expect(try await imports(last) == [2] + others)
            #expect(try await imports(try await house.context(.townDispatcher)).isEmpty)
            let moment = house.clock.clock.now
            let levels: Int? = try await house.value(
                "SELECT count(*) FROM foreign_import WHERE imported_at = \(moment)")
            let all: Int? = try await house.value("SELECT count(*) FROM foreign_import")
            #expect(all == levelsBefore + 4, "nothing is left of the imports before")
            #expect(levels == 4, "province, city, district and street")
        }
    }

    @Test("市级结果：以后的月份不收，一件只算一个月，导错了能收回", arguments: TestEngine.enabled)
    func results(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let commands = house.services.commands
            func result(_ number: String, _ month: Int) throws -> ForeignResult {
                var result = ForeignResult(number: number, month: try #require(AssessmentMonth(month)))
                result.isSolved = true
                return result
            }
            func counted(_ month: Int) async throws -> Int? {
                try await house.value(
                    "SELECT count(*) FROM foreign_result WHERE number LIKE 'W%' AND month = \(month)", as: Int.self)
            }
            let (early, late, never) = (try result("W1", 202_609), try result("W1", 202_611), try result("W1", 209_911))
            let other = try result("W2", 202_611)
            let before = try await house.value("SELECT count(*) FROM foreign_import", as: Int.self)
            try await commands.importResults([early], for: DemoDivision.street, dispatcher)
            let refused = try await house.refusal {
                try await commands.importResults([never], for: DemoDivision.street, dispatcher)
            }
            #expect(refused == .invalid)
            try await commands.importResults([late, other], for: DemoDivision.street, dispatcher)
            #expect(try await counted(202_609) == 0)
            #expect(try await counted(202_611) == 2)
            let past: String? = try await house.value("SELECT reason FROM foreign_result_past WHERE number = 'W1'")
            #expect(past == "moved")
            let page = try await house.open("/desk/orders/results", query: [], dispatcher)
            #expect(page.contains("收回，不再计入"))
            let stranger = try await house.context(.townDispatcher)
            let hidden = try await house.refusal {
                _ = try await commands.takeBackResults(.order("W1"), reason: "导错了", stranger)
            }
            #expect(hidden == .notFound)
            #expect(try await commands.takeBackResults(.order("W1"), reason: "导错了", dispatcher) == 1)
            #expect(try await commands.takeBackResults(.order("W1"), reason: "导错了", dispatcher) == 0)
            let form = Form([("choice", "order"), ("number", "W2"), ("reason", "月份导错了")])
            let done = try await house.send("/desk/orders/results/back", form, dispatcher)
            #expect(done?.contains("back=1") == true, "\(done ?? "")")
            #expect(try await counted(202_611) == 0)
            let left: Int? = try await house.value("SELECT count(*) FROM foreign_import")
            #expect(left == before, "nothing of these imports holds")
        }
    }
}
