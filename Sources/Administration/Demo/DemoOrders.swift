import LinliCore
import LinliKernel
import LinliStandards

/// Orders of the city's hotline in the demo: one waits, one is late soon, one is confidential, one was answered; and the
/// city's results of the month before.
struct DemoOrders: Sendable {
    let services: Services
    let cast: DemoCast
    let now: Instant

    private struct Order: Sendable {
        var number: String
        var text: String
        var category: String
        var nature = NeedNature.assistance
        var place: DemoPlace
        var caller: (name: String, phone: String)
        var hoursAgo: Int
        var limitHours: Int
        var classes: String
        var isPrivate = false
        /// What was done, when it is finished.
        var result: String?
    }

    private static let all: [Order] = [
        Order(
            number: "DEMO-12345-0001", text: "3号楼电梯运行时抖动有异响，老人不敢坐。", category: "R0202", place: .entrance(3, 1),
            caller: ("韩先生", "19900001201"), hoursAgo: 60, limitHours: 168, classes: "住宅小区 / 电梯 / 电梯故障",
            result: "更换了导靴，调整了轨道，试运行二十次没有异响。"
        ),
        Order(
            number: "DEMO-12345-0002", text: "北街路灯连着三盏不亮，晚上看不清路。", category: "C0118", place: .northStreet,
            caller: ("吴女士", "19900001202"), hoursAgo: 20, limitHours: 24, classes: "市政 / 路灯 / 路灯不亮"
        ),
        Order(
            number: "DEMO-12345-0003", text: "反映安居物业停车费收取标准没有公示。", category: "R0804", nature: .complaint,
            place: .estate, caller: ("郑女士", "19900001203"), hoursAgo: 5, limitHours: 168,
            classes: "住宅小区 / 物业收费", isPrivate: true
        ),
        Order(
            number: "DEMO-12345-0004", text: "5号楼门前下水道返味，请尽快疏通。", category: "R0103", place: .building(5),
            caller: ("冯先生", "19900001204"), hoursAgo: 2, limitHours: 72, classes: "住宅小区 / 上下水"
        ),
    ]

    /// Takes every order in that is not there yet; returns how many.
    func takeAll() async throws -> Int {
        var count = 0
        for order in Self.all {
            let known = try await services.database.read {
                try ForeignOrdersStore.find(ForeignOrder.hotline, order.number, $0) != nil
            }
            guard !known else { continue }
            try await take(order)
            count += 1
        }
        if count == Self.all.count { try await results() }
        return count
    }

    private func take(_ order: Order) async throws {
        let place = try cast.place(order.place)
        let sent = now.adding(hours: -order.hoursAgo)
        let context = Context(actor: try cast.actor(.dispatcher), now: sent.adding(minutes: 10), requestID: "demo")
        var draft = CaseDraft(text: order.text, division: place.division)
        (draft.category, draft.nature, draft.place) = (order.category, order.nature, place.id)
        draft.spot = order.place == .northStreet ? .street : .shared
        (draft.reporterName, draft.reporterPhone) = order.caller
        draft.disclosure = order.isPrivate ? .office : .named
        var received = ForeignOrderDraft()
        received.number = order.number
        received.kind = order.nature.name.zh
        received.classes = order.classes
        received.accused = order.nature == .complaint ? "安居物业" : ""
        (received.calledAt, received.dispatchedAt) = (sent.adding(minutes: -40), sent)
        received.dueAt = sent.adding(hours: order.limitHours)
        received.isPrivate = order.isPrivate
        received.received = [
            ("工单编号", order.number), ("诉求人", order.caller.name), ("联系电话", order.caller.phone),
            ("主要内容", order.text), ("问题分类", order.classes),
        ]
        let item = try await services.commands.takeOrder(draft, received, context).item
        if let result = order.result { try await finish(item, result, sent) }
    }

    /// The property company takes it, calls, and is done; the reply is pasted into the hotline's system.
    private func finish(_ item: ID<Case>, _ result: String, _ sent: Instant) async throws {
        func handler(_ hours: Int) throws -> Context {
            Context(actor: try cast.actor(.propertyHandler), now: sent.adding(hours: hours), requestID: "demo")
        }
        let commands = services.commands
        try await commands.take(CaseStep("accept"), of: item, try handler(1))
        try await commands.contacted(.phone, .reached, text: "约好当天上门", on: item, try handler(2))
        try await commands.take(CaseStep("finish", text: result), of: item, try handler(30))
        let dispatcher = Context(actor: try cast.actor(.dispatcher), now: sent.adding(hours: 31), requestID: "demo")
        try await commands.replied("办理情况：\(result)", to: item, dispatcher)
    }

    /// What the city found out about the month before.
    private func results() async throws {
        let month = try await services.queries.assessmentCalendar().month(of: now).previous
        let grades: [Satisfaction?] = [.very, .satisfied, .satisfied, .basic, .unsatisfied, nil]
        let results = (1...18).map { number -> ForeignResult in
            var result = ForeignResult(number: "DEMO-12345-1\(number < 10 ? "0" : "")\(number)", month: month)
            result.isContacted = number != 7
            result.isSolved = number % 6 == 0 ? nil : number % 5 != 0
            result.grade = grades[number % grades.count]
            return result
        }
        let context = Context(actor: try cast.actor(.dispatcher), now: now, requestID: "demo")
        try await services.commands.importResults(results, for: DemoDivision.street, context)
    }
}
