import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

extension House {
    /// An order with a number of the hotline.
    static func order(_ number: String, due: Instant?, sent: Instant) -> ForeignOrderDraft {
        var order = ForeignOrderDraft()
        order.number = number
        order.dispatchedAt = sent
        order.dueAt = due
        order.received = [("工单编号", number), ("诉求人", "李四")]
        return order
    }

    /// An order of the demo's street, and the context of its dispatcher.
    func takenOrder(
        hours: Int = 48, category: String = "R0801"
    ) async throws -> (item: ID<Case>, dispatcher: Context) {
        let dispatcher = try await context(.dispatcher)
        let now = clock.clock.now
        // Our own limit of R0801 is fifteen days.
        var draft = try await self.draft("保安晚上不在岗", category: category)
        draft.reporterName = "李四"
        draft.reporterPhone = "13800001111"
        let order = House.order("12345-9", due: now.adding(hours: hours), sent: now)
        return (try await services.commands.takeOrder(draft, order, dispatcher).item, dispatcher)
    }
}

/// The clocks of an order: the hotline's deadline is the case's, from when it was sent there; what it says later holds.
@Suite("12345 的时限")
struct OrderClocksTests {
    /// When clocks of a case run out, as its dispatcher sees it.
    private func due(_ clock: String, _ item: ID<Case>, _ house: House) async throws -> Instant? {
        let view = try await house.services.queries.view(item, house.context(.dispatcher))
        return view.clocks.first { $0.clock == clock }?.dueAt
    }

    @Test("12345 的时限就是这件的时限；内部时限总在它前面；延期以它的裁定为准", arguments: TestEngine.enabled)
    func deadlines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let commands = house.services.commands
            let now = house.clock.clock.now
            func limit() async throws -> Instant? { try await due("limit", item, house) }
            func own() async throws -> Instant? { try await due("promise", item, house) }
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, handler)
            // 48 hours there: a fifth is less than the 24 hours we would like.
            #expect(try await limit() == now.adding(hours: 48))
            #expect(try await own() == now.adding(minutes: 48 * 60 * 4 / 5))
            let begun = try await house.services.queries.view(item, dispatcher)
            #expect(begun.item.dueAt == now.adding(hours: 48))
            #expect(begun.internalDue(leadHours: 24) == now.adding(minutes: 48 * 60 * 4 / 5))
            // They shorten it.
            let sooner = House.order("12345-9", due: now.adding(hours: 20), sent: now)
            var result = try await commands.takeOrder(try await house.draft(), sooner, dispatcher)
            #expect(result.news == .updated)
            #expect(try await limit() == now.adding(hours: 20))
            #expect(try await own() == now.adding(hours: 16))
            #expect(
                try await house.services.queries.view(item, dispatcher).item.dueAt == now.adding(hours: 20))
            result = try await commands.takeOrder(try await house.draft(), sooner, dispatcher)
            #expect(result.news == .unchanged)
            // Asked for more time and got it.
            try await commands.askThere(.extend, reason: "complex", text: "要等厂家配件", of: item, handler)
            #expect(
                try await house.refusal {
                    try await commands.askThere(.extend, reason: "complex", text: "再等", of: item, handler)
                } == .conflict
            )
            #expect(
                try await house.refusal {
                    try await commands.ruleThere(.extend, isGranted: true, text: "", due: nil, of: item, dispatcher)
                } == .invalid
            )
            #expect(
                try await house.refusal {
                    try await commands.ruleThere(.extend, isGranted: false, text: "", due: nil, of: item, handler)
                } == .forbidden
            )
            try await commands.ruleThere(
                .extend, isGranted: true, text: "同意", due: now.adding(hours: 100), of: item, dispatcher)
            #expect(try await limit() == now.adding(hours: 100))
            #expect(try await own() == now.adding(hours: 80))
            // Refused: nothing moves.
            try await commands.ruleThere(.extend, isGranted: false, text: "不再延", due: nil, of: item, dispatcher)
            #expect(try await limit() == now.adding(hours: 100))
            // Our own supervisor may grant what they like: never beyond theirs.
            let request = try await commands.ask(
                .extend, reason: "complex", minutes: 20_000, text: "再要几天", for: item, handler)
            _ = try await commands.decide(request, isGranted: true, text: "可以", dispatcher)
            #expect(try await limit() == now.adding(hours: 100))
            #expect(try await own() == now.adding(hours: 80))
        }
    }

    @Test("12345 给 15 天、本系统 7 天：内部到期只提醒，过了 12345 的时限才上报", arguments: TestEngine.enabled)
    func longer(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, _) = try await house.takenOrder(hours: 15 * 24, category: "R0104")
            let sent = house.clock.clock.now
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, handler)
            try await house.services.commands.contacted(.phone, .reached, text: "", on: item, handler)
            #expect(try await due("limit", item, house) == sent.adding(days: 15))
            // What we promise ourselves of seven days.
            #expect(try await due("promise", item, house) == sent.adding(minutes: 7 * 1440 * 80 / 100))
            house.clock.advance(minutes: 8 * 1440)
            try await house.run(job: "cases.escalate")
            let view = try await house.services.queries.view(item, house.context(.dispatcher))
            #expect(view.item.supervision == 1 && view.item.dueAt == sent.adding(days: 15))
            let harder: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND action <> 'remind'")
            #expect(harder == 0)
            let reminded: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND clock = 'promise'")
            #expect(reminded == 3)
            house.clock.advance(minutes: 7 * 1440 + 1)
            try await house.run(job: "cases.escalate")
            let late = try await house.services.queries.view(item, house.context(.dispatcher))
            #expect(late.item.supervision == 3)
        }
    }

    @Test("8 小时后才导入：时限、联系期限、成绩都从派单时间算，签收从导入算", arguments: TestEngine.enabled)
    func lateImport(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let now = house.clock.clock.now
            let sent = now.adding(hours: -8)
            var draft = try await house.draft("保安晚上不在岗", category: "R0801")
            draft.reporterName = "李四"
            draft.reporterPhone = "13800001111"
            let late = House.order("12345-late", due: now.adding(hours: 16), sent: sent)
            let item = try await house.services.commands.takeOrder(draft, late, dispatcher).item
            let view = try await house.services.queries.view(item, dispatcher)
            let clocks = Dictionary(uniqueKeysWithValues: view.clocks.map { ($0.clock, $0) })
            #expect(clocks["limit"]?.startedAt == sent && clocks["limit"]?.dueAt == now.adding(hours: 16))
            #expect(clocks["response"]?.dueAt == sent.adding(hours: 24))
            #expect(clocks["step"]?.startedAt == now)
            // 24 hours there, so a fifth of them earlier here, and not what is to be signed for first.
            let own = now.adding(minutes: 16 * 60 - 24 * 60 / 5)
            #expect(view.internalDue(leadHours: 24) == own)
            let scope = dispatcher.actor.scope(for: .casesRead)
            let listed = try await house.services.database.read {
                try ForeignOrdersStore.list(scope, isOpen: true, clocks: ["promise"], limit: 10, $0)
            }
            #expect(listed.first { $0.order.number == "12345-late" }?.internalDue == own)
            let rows = try await house.services.database.read { try OutcomesStore.all(of: item, $0) }
            #expect(rows.count == 1 && rows.first?.dispatchedAt == sent)
            #expect(rows.first?.contactDueAt == sent.adding(hours: 24) && rows.first?.dueAt == now.adding(hours: 16))
        }
    }

    @Test("导入时本该早就到的内部到期：给剩下时间的一半，不一进来就督办", arguments: TestEngine.enabled)
    func noTimeBefore(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let now = house.clock.clock.now
            // A category of two hours, four hours after it was sent, two hours before it is due.
            var draft = try await house.draft("门口那边又停了一排", category: "R0803")
            draft.reporterName = "李四"
            draft.reporterPhone = "13800001111"
            let late = House.order("12345-two", due: now.adding(hours: 2), sent: now.adding(hours: -4))
            let item = try await house.services.commands.takeOrder(draft, late, dispatcher).item
            let half = now.adding(hours: 1)
            #expect(try await due("promise", item, house) == half)
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(view.internalDue(leadHours: 24) == half && view.order?.ownDeadline(leadHours: 24) == half)
            try await house.run(job: "cases.escalate")
            #expect(try await due("promise", item, house) == half, "a climbed rung moves nothing")
            let over: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND clock = 'promise' AND rung = 2")
            #expect(over == 0)
            // Nothing is left: theirs is ours.
            let gone = House.order("12345-gone", due: now.adding(hours: -1), sent: now.adding(hours: -9))
            let other = try await house.services.commands.takeOrder(draft, gone, dispatcher).item
            #expect(try await due("promise", other, house) == now.adding(hours: -1))
        }
    }

    @Test("联系期限导入前就过了：如实算超时，不一导入就提醒、督办；过了一个联系期限还没联系才响", arguments: TestEngine.enabled)
    func contactLateBefore(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            // A category of two hours, sent three hours ago: the first word was due an hour before it came here.
            var draft = try await house.draft("门口那边又停了一排", category: "R0803")
            (draft.reporterName, draft.reporterPhone) = ("李四", "13800001111")
            let order = House.order("12345-word", due: now.adding(hours: 20), sent: now.adding(hours: -3))
            let dispatcher = try await house.context(.dispatcher)
            let item = try await house.services.commands.takeOrder(draft, order, dispatcher).item
            #expect(try await due("response", item, house) == now.adding(hours: -1))
            func rung() async throws -> [String] {
                try await house.run(job: "cases.escalate")
                return try await house.services.database.read { tx in
                    try tx.all(
                        "SELECT action FROM case_alert WHERE case_id = \(item) AND clock = 'response' ORDER BY rung"
                    ) { try $0[0] }
                }
            }
            #expect(try await rung().isEmpty)
            try await house.run(job: "rates.late")
            let row = try await house.services.database.read { try OutcomesStore.all(of: item, $0) }.first
            #expect(row?.contactDueAt == now.adding(hours: -1) && row?.isInTime == false)
            house.clock.advance(minutes: 91)
            #expect(try await rung() == ["remind"])
            #expect(try await due("response", item, house) == now.adding(hours: -1), "a climbed rung moves nothing")
            house.clock.advance(minutes: 30)
            #expect(try await rung() == ["remind", "supervise"])
        }
    }

    @Test("晚导入的，联系的提醒在剩下的时间里响，不到期限以后才响；来时就过了的从导入起算，没有一下子全响的", arguments: TestEngine.enabled)
    func contactRungs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let now = dispatcher.now
            var items: [ID<Case>] = []
            // A category of two hours has as long for the first word: rungs after three quarters of it, and at its end.
            for minutes in [0, 30, 89, 91, 119, 120, 121, 600] {
                var draft = try await house.draft("门口那边又停了一排", category: "R0803")
                (draft.reporterName, draft.reporterPhone) = ("李四", "13800001111")
                let order = House.order(
                    "12345-word-\(minutes)", due: now.adding(days: 5), sent: now.adding(minutes: -minutes))
                let item = try await house.services.commands.takeOrder(draft, order, dispatcher).item
                let view = try await house.services.queries.view(item, dispatcher)
                let clock = try #require(view.clocks.first { $0.clock == "response" })
                #expect(clock.dueAt == now.adding(minutes: 120 - minutes), "\(minutes)")
                let left = Int64(minutes < 120 ? 120 - minutes : 120)
                #expect(clock.nextRungAt == Instant(milliseconds: now.milliseconds + left * 45_000), "\(minutes)")
                items.append(item)
            }
            try await house.run(job: "cases.escalate")
            let rung: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE clock = 'response' AND case_id IN \(SQL.list(items))")
            #expect(rung == 0)
        }
    }

    @Test("晚导入几分钟还是几小时：内部时限从导入起算自己的长度，不跳，也不比自己的长", arguments: TestEngine.enabled)
    func ownLength(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let now = dispatcher.now
            func taken(_ category: String, _ isUrgent: Bool, after minutes: Int) async throws -> ID<Case> {
                var draft = try await house.draft("门口那边又停了一排", category: category)
                (draft.reporterName, draft.reporterPhone, draft.isUrgent) = ("李四", "13800001111", isUrgent)
                let order = House.order(
                    "12345-\(category)-\(minutes)", due: now.adding(days: 5), sent: now.adding(minutes: -minutes))
                return try await house.services.commands.takeOrder(draft, order, dispatcher).item
            }
            // Two hours: 96 minutes of our own. Urgent: 100.
            for minutes in [0, 10, 95, 97, 3000] {
                let two = try await taken("R0803", false, after: minutes)
                #expect(try await due("promise", two, house) == now.adding(minutes: 96), "\(minutes)")
                let urgent = try await taken("R0104", true, after: minutes)
                #expect(try await due("promise", urgent, house) == now.adding(minutes: 100), "\(minutes)")
            }
            // Becoming urgent gives nobody more than they had.
            let two = try await taken("R0803", false, after: 60)
            try await house.services.commands.setUrgent(true, reason: "有人被困", of: two, dispatcher)
            #expect(try await due("promise", two, house) == now.adding(minutes: 96))
        }
    }

    @Test("早就超了内部时限的，12345 按原时限又派一次不算从头；换了时限才重新给时间", arguments: TestEngine.enabled)
    func sentAgainLate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, _) = try await house.takenOrder(hours: 120, category: "R0102")
            let sent = house.clock.clock.now
            let commands = house.services.commands
            try await house.take(CaseStep("accept"), item, try await house.context(.propertyHandler))
            #expect(try await due("promise", item, house) == sent.adding(minutes: 96))
            house.clock.advance(minutes: 3 * 1440)
            let (handler, dispatcher) = (
                try await house.context(.propertyHandler), try await house.context(.dispatcher)
            )
            let now = dispatcher.now
            let same = House.order("12345-9", due: sent.adding(hours: 120), sent: now.adding(minutes: -5))
            #expect(try await commands.takeOrder(try await house.draft(), same, dispatcher).news == .updated)
            // Whatever moves the clock now: it is as late as it was.
            let asked = try await commands.ask(
                .extend, reason: "complex", minutes: 60, text: "要等厂家配件", for: item, handler)
            _ = try await commands.decide(asked, isGranted: true, text: "同意", dispatcher)
            #expect(try await due("promise", item, house) == sent.adding(minutes: 156))
            house.clock.advance(minutes: 10)
            let later = try await house.context(.dispatcher)
            let other = House.order("12345-9", due: sent.adding(hours: 132), sent: later.now.adding(minutes: -5))
            #expect(try await commands.takeOrder(try await house.draft(), other, later).news == .updated)
            #expect(try await due("limit", item, house) == sent.adding(hours: 132))
            #expect(try await due("promise", item, house) == later.now.adding(minutes: 96))
        }
    }

    @Test("还不知道派给谁，12345 的时限也已经在走；挂账停不住它", arguments: TestEngine.enabled)
    func standsStillForNobody(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let now = house.clock.clock.now
            let (item, _) = try await house.takenOrder(hours: 24)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, handler)
            let commands = house.services.commands
            let asked = try await commands.ask(
                .pause, reason: "material", minutes: 3 * 1440, text: "等配件", for: item, handler)
            _ = try await commands.decide(asked, isGranted: true, text: "同意", dispatcher)
            #expect(try await due("limit", item, house) == now.adding(hours: 24))
            #expect(try await due("promise", item, house) == nil)
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(view.item.isPaused && view.item.dueAt == now.adding(hours: 24))
            var returned = CaseStep("refuse", text: "不是我们管的")
            returned.reasonClass = "notOurs"
            let other = try await second(house, sent: now.adding(hours: -2), due: now.adding(hours: 30))
            try await house.take(returned, other, handler)
            #expect(try await house.state(other) == "received")
            #expect(try await due("limit", other, house) == now.adding(hours: 30))
        }
    }

    /// Another order of the demo's street.
    private func second(_ house: House, sent: Instant, due: Instant) async throws -> ID<Case> {
        var draft = try await house.draft("保安白天也不在岗", category: "R0801")
        draft.reporterName = "王五"
        draft.reporterPhone = "13800002222"
        let order = House.order("12345-10", due: due, sent: sent)
        let dispatcher = try await house.context(.dispatcher)
        return try await house.services.commands.takeOrder(draft, order, dispatcher).item
    }

    @Test("再来一次说要保密、说紧急：诉求人藏起来，这件变紧急；改回来的不会又变", arguments: TestEngine.enabled)
    func sentAgain(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let (commands, queries) = (house.services.commands, house.services.queries)
            let now = house.clock.clock.now
            let handler = try await house.context(.propertyHandler)
            #expect(try await queries.view(item, handler).standing.seesReporter)
            var again = House.order("12345-9", due: now.adding(hours: 48), sent: now)
            again.isPrivate = true
            #expect(try await commands.takeOrder(try await house.draft(), again, dispatcher).news == .updated)
            let hidden = try await queries.view(item, handler)
            #expect(!hidden.standing.seesReporter && hidden.item.disclosure == .office)
            #expect(hidden.order?.isPrivate == true)
            #expect(try await !house.open("/desk/orders/\(item)", query: [], handler).contains("李**"))
            #expect(try await queries.view(item, dispatcher).standing.seesReporter)
            // Who wanted it once keeps it.
            again.isPrivate = false
            again.urgency = "一般"
            #expect(try await commands.takeOrder(try await house.draft(), again, dispatcher).news == .updated)
            #expect(try await queries.view(item, handler).item.disclosure == .office)
            #expect(try await queries.view(item, dispatcher).order?.isPrivate == true)
            again.urgency = "紧急"
            #expect(try await commands.takeOrder(try await house.draft(), again, dispatcher).news == .updated)
            let urgent = try await queries.view(item, dispatcher)
            #expect(urgent.item.isUrgent && urgent.order?.urgency == "紧急")
            #expect(try await due("step", item, house) == now.adding(minutes: 30))
            #expect(try await due("promise", item, house) == now.adding(minutes: 100))
            #expect(try await due("limit", item, house) == now.adding(hours: 48))
            let rings: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND clock = 'urgent'")
            #expect(rings == 1)
            try await commands.setUrgent(false, reason: "核实过，没有人受伤", of: item, dispatcher)
            again.dueAt = now.adding(hours: 40)
            #expect(try await commands.takeOrder(try await house.draft(), again, dispatcher).news == .updated)
            #expect(try await !queries.view(item, dispatcher).item.isUrgent)
        }
    }
}
