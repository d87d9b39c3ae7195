import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement
@testable import LinliKernel

/// An old sheet does not take back what was granted since; of two states the newer holds.
@Suite("12345 工单再来一次：新的算数，旧的不倒回去")
struct OrderAgeTests {
    private func due(_ item: ID<Case>, _ house: House) async throws -> Instant? {
        try await house.services.database.read { try ForeignOrdersStore.of(item, $0)?.dueAt }
    }

    private func send(
        _ order: ForeignOrderDraft, _ house: House, urgent: Bool = false
    ) async throws -> ForeignOrderNews {
        let dispatcher = try await house.context(.dispatcher)
        var draft = try await house.draft("保安晚上不在岗", category: "R0801")
        draft.isUrgent = urgent
        return try await house.services.commands.takeOrder(draft, order, dispatcher).news
    }

    @Test("延期以后再导旧表：时限不变；分不清的两个时限都给人看，答复了就不再提", arguments: TestEngine.enabled)
    func oldSheet(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let now = house.clock.clock.now
            let old = House.order("12345-9", due: now.adding(hours: 48), sent: now)
            func rule(_ hours: Int) async throws {
                try await house.services.commands.ruleThere(
                    .extend, isGranted: true, text: "同意", due: now.adding(hours: hours), of: item, dispatcher)
            }
            try await rule(100)
            // Word for word what was there before the ruling: it is older, beyond doubt.
            #expect(try await send(old, house) == .unchanged)
            #expect(try await due(item, house) == now.adding(hours: 100))
            // Another sheet, without a time of its own: nobody can tell.
            var odd = old
            odd.received.append(("科室意见", "请速办"))
            #expect(try await send(odd, house) == .kept)
            #expect(try await due(item, house) == now.adding(hours: 100))
            let limit = try await house.services.queries.view(item, dispatcher).clocks.first { $0.clock == "limit" }
            #expect(limit?.dueAt == now.adding(hours: 100))
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(page.contains("分不清新旧，仍按") && page.contains(now.adding(hours: 48).dayAndTime(at: now).zh))
            let lines: Int? = try await house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(item) AND transition = 'orderDiffers'")
            #expect(try await send(odd, house) == .kept)
            let again: Int? = try await house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(item) AND transition = 'orderDiffers'")
            #expect(lines == 1 && again == 1, "the same difference is said once")
            house.clock.advance(minutes: 30)
            try await rule(120)
            #expect(try await !house.open("/desk/orders/\(item)", query: [], dispatcher).contains("分不清新旧"))
            #expect(try await due(item, house) == now.adding(hours: 120))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("时限对不上的，派单员看过了就不再提，记下是谁；又来一个不一样的再给人看", arguments: TestEngine.enabled)
    func seen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let commands = house.services.commands
            let now = house.clock.clock.now
            func came(_ hours: Int) async throws -> ForeignOrderNews {
                var order = House.order("12345-9", due: now.adding(hours: hours), sent: now)
                order.received.append(("科室意见", "请速办 \(hours)"))
                return try await send(order, house)
            }
            func isShown() async throws -> Bool {
                try await house.open("/desk/orders/\(item)", query: [], dispatcher).contains("分不清新旧")
            }
            func see(_ hours: Int, _ who: Context) async throws -> LinliError.Kind? {
                try await house.refusal { try await commands.seeDifference(now.adding(hours: hours), of: item, who) }
            }
            try await commands.ruleThere(
                .extend, isGranted: true, text: "同意", due: now.adding(hours: 100), of: item, dispatcher)
            #expect(try await see(60, dispatcher) == .conflict, "nothing differs yet")
            #expect(try await came(60) == .kept)
            #expect(try await isShown())
            #expect(try await see(61, dispatcher) == .conflict, "that is not what came")
            let handler = try await house.context(.propertyHandler)
            #expect(try await see(60, handler) == .forbidden)
            #expect(try await isShown())
            let form = Form([("due", now.adding(hours: 60).iso8601)])
            let address = try await house.send("/desk/orders/\(item)/seen", form, dispatcher)
            #expect(address == "/desk/orders/\(item)?done=seen")
            let page = try await house.open("/desk/orders/\(item)", query: [], dispatcher)
            #expect(!page.contains("分不清新旧") && page.contains("看过了，没有改"))
            #expect(try await due(item, house) == now.adding(hours: 100))
            try await commands.seeDifference(now.adding(hours: 60), of: item, dispatcher)
            let by: [ID<Account>?] = try await house.services.database.read { tx in
                try tx.all("SELECT actor_id FROM case_entry WHERE case_id = \(item) AND transition = 'orderSeen'") {
                    try $0[0]
                }
            }
            #expect(by == [dispatcher.actor.account], "said again it is the same")
            // The same comes again: nobody is asked twice. Another one is news.
            #expect(try await came(60) == .kept)
            #expect(try await !isShown())
            #expect(try await came(70) == .kept)
            #expect(try await isShown())
            #expect(try await see(60, dispatcher) == .conflict, "one that came meanwhile is not put away unseen")
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let body = #"{"dueAt":"\#(now.adding(hours: 70).iso8601)"}"#
                let before = try await site.shown("GET", "/orders/12345-9", as: program)["difference"]
                #expect(before["dueAt"].text == now.adding(hours: 70).iso8601 && before["seenAt"].text.isEmpty)
                let after = try await site.shown("POST", "/orders/12345-9/seen", body, as: program, status: 201)
                #expect(!after["difference"]["seenAt"].text.isEmpty)
                _ = try await site.shown("POST", "/orders/12345-9/seen", "{}", as: program, status: 422)
            }
            #expect(try await !isShown())
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("写了更新时间的：新的改，旧的不动，先导哪份都一样", arguments: TestEngine.enabled)
    func stated(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, dispatcher) = try await house.takenOrder()
            let now = house.clock.clock.now
            func sheet(_ hours: Int, at stated: Instant) -> ForeignOrderDraft {
                var order = House.order("12345-9", due: now.adding(hours: hours), sent: now)
                order.statedAt = stated
                order.received.append(("更新时间", "\(stated)"))
                return order
            }
            let (first, second) = (sheet(60, at: now.adding(hours: 1)), sheet(72, at: now.adding(hours: 2)))
            #expect(try await send(second, house) == .updated)
            #expect(try await send(first, house) == .unchanged)
            #expect(try await due(item, house) == now.adding(hours: 72))
            #expect(try await send(second, house) == .unchanged)
            // A ruling beside sheets: the later of both.
            house.clock.advance(minutes: 180)
            try await house.services.commands.ruleThere(
                .extend, isGranted: true, text: "同意", due: now.adding(hours: 100), of: item,
                try await house.context(.dispatcher))
            #expect(try await send(second, house) == .unchanged)
            #expect(try await due(item, house) == now.adding(hours: 100))
            #expect(try await send(sheet(90, at: now.adding(hours: 4)), house) == .updated)
            #expect(try await due(item, house) == now.adding(hours: 90))
            let order = try await house.services.queries.view(item, dispatcher).order
            #expect(order?.dueRuledAt == nil && order?.statedAt == now.adding(hours: 4))
        }
    }

    @Test("没有延期、也没写更新时间：来什么改什么；改过以后又来原样的旧表，给人看", arguments: TestEngine.enabled)
    func superseded(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (item, _) = try await house.takenOrder()
            let now = house.clock.clock.now
            let first = House.order("12345-9", due: now.adding(hours: 48), sent: now)
            var second = House.order("12345-9", due: now.adding(hours: 30), sent: now)
            second.received.append(("办理时限", "改短了"))
            #expect(try await send(second, house) == .updated)
            #expect(try await due(item, house) == now.adding(hours: 30))
            #expect(try await send(first, house) == .kept)
            #expect(try await due(item, house) == now.adding(hours: 30))
            // What never goes back still counts: whoever wants to stay unknown does.
            var hidden = first
            hidden.isPrivate = true
            #expect(try await send(hidden, house) == .kept)
            let order = try await house.services.database.read { try ForeignOrdersStore.of(item, $0) }
            #expect(order?.isPrivate == true && order?.dueAt == now.adding(hours: 30))
        }
    }

    @Test("导入的表里有更新时间一列；对不上的在结果里列出来", arguments: TestEngine.enabled)
    func imported(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            func bring(_ rows: String) async throws -> String {
                let table =
                    "工单编号\t诉求人\t主要内容\t派单时间\t办理时限\t更新时间\n" + rows
                let form = Form([("table", table), ("division", "\(DemoDivision.street)")])
                let address = try #require(await house.send("/desk/orders/import/orders", form, dispatcher))
                return try #require(await house.send(address, Form([("do", "import")]), dispatcher))
            }
            let rest = "12345-77\t李四\t3号楼2单元电梯坏了\t2026-11-22 09:00\t"
            #expect(try await bring(rest + "2026-11-24 09:00\t2026-11-22 09:00").contains("导入 1 件"))
            #expect(try await bring(rest + "2026-11-26 09:00\t2026-11-22 09:30").contains("更新 1 件"))
            #expect(try await bring(rest + "2026-11-24 09:00\t2026-11-22 09:00").contains("没有变化 1 件"))
            let odd = try await bring(rest + "2026-11-25 09:00\t")
            #expect(odd.contains("时限对不上、按原来办的 1 件") && odd.contains(">12345-77</a>"))
            let held: Instant? = try await house.value("SELECT due_at FROM foreign_order WHERE number = '12345-77'")
            #expect(held?.iso8601 == "2026-11-26T09:00:00+08:00")
        }
    }

    @Test("接口说过紧急的，改回一般后再发同样的不会又变；先不急后急的才变", arguments: TestEngine.enabled)
    func urgentByAPI(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func body(_ more: String, due: Int) -> String {
                """
                {"number":"12345-U","text":"幸福里小区门口的灯坏了","division":"110101001","address":"幸福里小区",
                "category":"C0118","dispatchedAt":"2026-11-22T09:00:00+08:00","dueAt":"2026-11-\(due)T09:00:00+08:00"\(more)}
                """
            }
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                func send(_ more: String, due: Int = 25) async throws -> String {
                    try await site.shown("POST", "/orders", body(more, due: due), as: dispatcher)["result"].text
                }
                #expect(try await send(#","urgent":true"#, due: 24) == "added")
                let id = try await site.shown("GET", "/orders/12345-U", as: dispatcher)["id"].text
                func isUrgent() async throws -> Bool {
                    try await site.shown("GET", "/orders/12345-U", as: dispatcher)["urgent"].isTrue
                }
                #expect(try await isUrgent())
                let calm = #"{"urgent":false,"text":"现场看过，没有危险"}"#
                _ = try await site.shown("PUT", "/cases/\(id)/urgency", calm, as: dispatcher)
                #expect(try await send(#","urgent":true"#, due: 24) == "unchanged")
                #expect(try await !isUrgent(), "staff found it in no danger")
                #expect(try await send(#","urgent":true"#) == "updated")
                #expect(try await !isUrgent())
                #expect(try await send("") == "updated")
                #expect(try await send(#","urgent":true,"related":"12345-V""#) == "updated")
                #expect(try await isUrgent(), "it was ordinary there in between, and is urgent again")
                // An old state that came late does not make it urgent.
                _ = try await site.shown("PUT", "/cases/\(id)/urgency", calm, as: dispatcher)
                _ = try await send(#","updatedAt":"2026-11-22T12:00:00+08:00","related":"12345-W""#)
                #expect(try await send(#","urgent":true,"updatedAt":"2026-11-22T11:00:00+08:00""#) == "unchanged")
                #expect(try await !isUrgent())
            }
        }
    }

    @Test("以前没存被反映对象的，再导同一张表只补上它：不算更新，页面不过期；真改了才算", arguments: TestEngine.enabled)
    func accusedRead(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            var order = House.order("12345-9", due: now.adding(hours: 48), sent: now)
            order.accused = "安居物业"
            order.received.append(("被反映对象", "安居物业"))
            #expect(try await send(order, house) == .added)
            // As a store has it from before this was kept.
            _ = try await house.services.database.system { tx in
                try tx.execute("UPDATE foreign_order SET accused = '' WHERE number = '12345-9'")
            }
            func held() async throws -> [String] {
                let item: SQL = "(SELECT case_id FROM foreign_order WHERE number = '12345-9')"
                let accused: String? = try await house.value(
                    "SELECT accused FROM foreign_order WHERE number = '12345-9'")
                let version: Int? = try await house.value("SELECT version FROM case_item WHERE id = \(item)")
                let lines: Int? = try await house.value(
                    "SELECT count(*) FROM case_entry WHERE case_id = \(item) AND transition = 'orderUpdate'")
                return [accused ?? "?", "\(version ?? -1)", "\(lines ?? -1)"]
            }
            let before = try await held()
            #expect(before.first == "" && before.last == "0")
            let filled: [String] = ["安居物业"] + before.dropFirst()
            for _ in 0..<2 {
                #expect(try await send(order, house) == .unchanged)
                #expect(try await held() == filled)
            }
            order.accused = "幸福里社区居委会"
            order.received[order.received.count - 1].text = "幸福里社区居委会"
            #expect(try await send(order, house) == .updated)
            #expect(try await held().first == "幸福里社区居委会")
        }
    }

    @Test("旧的、新的、分不清的，各种情形")
    func ages() {
        let base = House.start
        func age(
            stated: Int? = nil, due: Int? = 50, heldStated: Int? = nil, ruled: Int? = nil, heldDue: Int = 48,
            isSame: Bool = false, isSuperseded: Bool = false
        ) -> ForeignOrderAge {
            func moment(_ hours: Int?) -> Instant? { hours.map { base.adding(hours: $0) } }
            var draft = ForeignOrderDraft()
            (draft.statedAt, draft.dueAt) = (moment(stated), moment(due))
            let held = ForeignOrderAge.Held(
                dueAt: moment(heldDue), statedAt: moment(heldStated), dueRuledAt: moment(ruled))
            return ForeignOrderAge(of: draft, beside: held, isSame: isSame, isSuperseded: isSuperseded)
        }
        #expect(age() == .newer && age(stated: 1) == .newer)
        #expect(age(stated: 1, heldStated: 2) == .older && age(stated: 2, heldStated: 2) == .newer)
        #expect(age(stated: 3, heldStated: 1, ruled: 5) == .older && age(stated: 6, heldStated: 1, ruled: 5) == .newer)
        #expect(age(ruled: 5) == .unclear && age(ruled: 5, isSame: true) == .older)
        #expect(age(due: 48, ruled: 5) == .newer && age(due: nil, ruled: 5) == .newer)
        #expect(age(heldStated: 1) == .unclear && age(due: 48, heldStated: 1) == .newer)
        #expect(age(isSuperseded: true) == .unclear && age(due: 48, isSuperseded: true) == .older)
    }
}
