import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Signing for an order, our own deadline, the first word and the deadline there never contradict each other.
@Suite("12345 的几个时限先后不打架")
struct OrderStepTests {
    /// An order that came at three on a Tuesday, with when its clocks run out.
    private func taken(
        _ house: House, sent: Int, due: Int, _ number: String = "12345-lt"
    ) async throws -> (item: ID<Case>, now: Instant) {
        house.clock.set(Instant(try #require(CivilDate("2026-11-24")), hour: 15))
        let dispatcher = try await house.context(.dispatcher)
        var draft = try await house.draft("保安晚上不在岗", category: "R0801")
        (draft.reporterName, draft.reporterPhone) = ("李四", "13800001111")
        let now = dispatcher.now
        let order = House.order(number, due: now.adding(hours: due), sent: now.adding(hours: sent))
        return (try await house.services.commands.takeOrder(draft, order, dispatcher).item, now)
    }

    private func dues(_ item: ID<Case>, _ house: House) async throws -> [String: Instant] {
        let view = try await house.services.queries.view(item, house.context(.dispatcher))
        var dues: [String: Instant] = [:]
        for clock in view.clocks { dues[clock.clock] = clock.dueAt }
        #expect(view.item.dueAt == [dues["step"], dues["limit"]].compactMap { $0 }.min())
        return dues
    }

    @Test("上午派、晚上到期，下午才来：先签收、再内部到期、再到 12345 的时限，联系不晚于它", arguments: TestEngine.enabled)
    func sameDay(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, now) = try await taken(house, sent: -6, due: 4)
            let dispatcher = try await house.context(.dispatcher)
            var due = try await dues(item, house)
            // A fifth of ten hours before theirs; four hours of working time would be over tomorrow.
            #expect(due["limit"] == now.adding(hours: 4) && due["promise"] == now.adding(hours: 2))
            #expect(due["step"] == now.adding(hours: 2), "signed for after it must be done")
            #expect(due["response"] == now.adding(hours: 4), "a first word after the deadline")
            let row = try await house.services.database.read { try OutcomesStore.all(of: item, $0) }.first
            #expect(row?.contactDueAt == now.adding(hours: 4))
            let page = try await house.open("/desk/cases/\(item)", query: [], dispatcher)
            #expect(page.contains("应于今天 17:00 前签收") && !page.contains("应于今天 19:00 前签收"))
            // They give more time: what the old deadline had cut off comes back.
            try await house.services.commands.ruleThere(
                .extend, isGranted: true, text: "同意", due: now.adding(hours: 30), of: item, dispatcher)
            due = try await dues(item, house)
            #expect(due["limit"] == now.adding(hours: 30))
            #expect(due["response"] == now.adding(hours: 18), "a day from when it was sent")
            #expect(due["step"] == now.adding(hours: 19), "four hours of working time")
            #expect(try #require(due["step"]) <= #require(due["promise"]))
            // And take it back.
            try await house.services.commands.ruleThere(
                .extend, isGranted: true, text: "改回来", due: now.adding(hours: 3), of: item, dispatcher)
            due = try await dues(item, house)
            #expect(due["limit"] == now.adding(hours: 3) && due["response"] == now.adding(hours: 3))
            #expect(try #require(due["step"]) <= #require(due["promise"]))
        }
    }

    @Test("夜里内部到期的，签收不排到第二天上班", arguments: TestEngine.enabled)
    func overnight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, now) = try await taken(house, sent: -1, due: 11)
            let due = try await dues(item, house)
            #expect(due["promise"] == now.adding(minutes: 11 * 60 - 12 * 60 / 5))
            #expect(due["step"] == due["promise"])
            // Given back, it is to be dispatched in time, too.
            var returned = CaseStep("refuse", text: "不是我们管的")
            returned.reasonClass = "notOurs"
            try await house.take(returned, item, try await house.context(.propertyHandler))
            #expect(try await house.state(item) == "received")
            let after = try await dues(item, house)
            #expect(try #require(after["step"]) <= #require(after["promise"]))
        }
    }

    @Test("来的时候已经过期：不说应于那时签收，也不说内部时限留了时间；不一进来就催签收", arguments: TestEngine.enabled)
    func overdue(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, now) = try await taken(house, sent: -9, due: -1)
            let due = try await dues(item, house)
            #expect(due["limit"] == now.adding(hours: -1) && due["promise"] == now.adding(hours: -1))
            #expect(due["response"] == now.adding(hours: -1))
            #expect(try #require(due["step"]) > now, "nobody can have signed for it before it came")
            try await house.run(job: "cases.escalate")
            let rung: Int? = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(item) AND clock IN ('response', 'step')")
            #expect(rung == 0)
            let handler = try await house.context(.propertyHandler)
            let page = try await house.open("/desk/cases/\(item)", query: [], handler)
            #expect(page.contains("应于今天 14:00 前办完") && !page.contains("14:00 前签收"))
            #expect(page.contains("来的时候已经没有时间留给内部时限"))
            let order = try await house.open("/desk/orders/\(item)", query: [], handler)
            #expect(order.contains("和 12345 的时限是同一刻") && !order.contains("给复核和答复留时间"))
            let (other, _) = try await taken(house, sent: -6, due: 4, "12345-lt-2")
            #expect(try await house.open("/desk/orders/\(other)", query: [], handler).contains("给复核和答复留时间"))
        }
    }

    @Test("期限改晚了，签收和联系的提醒按新的期限再响一遍", arguments: TestEngine.enabled)
    func ringsAgain(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, now) = try await taken(house, sent: -6, due: 4)
            func rungs(_ clock: String) async throws -> [String] {
                try await house.run(job: "cases.escalate")
                return try await house.services.database.read { tx in
                    try tx.all(
                        """
                        SELECT action FROM case_alert WHERE case_id = \(item) AND clock = \(clock) ORDER BY round, rung
                        """
                    ) { try $0[0] }
                }
            }
            func next(_ clock: String) async throws -> Instant? {
                let view = try await house.services.queries.view(item, house.context(.dispatcher))
                return view.clocks.first { $0.clock == clock }?.nextRungAt
            }
            // To be signed for within two hours, spoken with within four.
            #expect(try await next("response") == now.adding(hours: 3))
            house.clock.set(now.adding(minutes: 181))
            #expect(try await rungs("step") == ["remind", "supervise"])
            #expect(try await rungs("response") == ["remind"])
            #expect(try await next("step") == nil)
            #expect(try await next("response") == now.adding(hours: 4), "supervision after the deadline")
            house.clock.set(now.adding(minutes: 245))
            #expect(try await rungs("response") == ["remind", "supervise"])
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.ruleThere(
                .extend, isGranted: true, text: "同意", due: now.adding(hours: 30), of: item, dispatcher)
            #expect(try await dues(item, house)["step"] == now.adding(hours: 19))
            #expect(try await next("step") != nil, "nobody hears of it again")
            #expect(try await next("response") == now.adding(minutes: 13 * 60 + 30), "nobody hears of it again")
            let (signed, spoken) = (try await rungs("step"), try await rungs("response"))
            #expect(!signed.dropFirst(2).contains("supervise") && spoken.count == 2, "rung at once")
            house.clock.set(now.adding(hours: 20))
            #expect(try await rungs("step").suffix(1) == ["supervise"])
            #expect(try await rungs("step").filter { $0 == "supervise" }.count == 2)
            #expect(try await rungs("response") == ["remind", "supervise", "remind", "supervise"])
        }
    }
}
