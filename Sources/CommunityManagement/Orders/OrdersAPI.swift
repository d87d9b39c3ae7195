import LinliCore
import LinliKernel
import LinliStandards

/// Orders for programs: in by number, the reply out.
enum OrdersAPI {
    /// An order as a program sends it.
    struct Body: Sendable {
        var draft: CaseDraft
        var order: ForeignOrderDraft
        var address: String
        var hasNature: Bool
    }

    /// What became of an order.
    struct Answer: Sendable {
        var item: ID<Case>
        var number: String
        var news: ForeignOrderNews
    }

    static let routes: [Route] = [
        .api(
            .post, "/api/v1/orders", id: "takeOrder",
            "Take an order of 12345 in; one with a known number brings deadline and facts up to date",
            body: body, reply: answer, recover: taken, take
        ),
        .api(
            .get, "/api/v1/orders/:number/reply", id: "getOrderReply", "The reply to an order, ready to be pasted",
            parameters: [
                SchemaProperty("number", .text(limit: 60), required: true, "工单编号, the order's number there")
            ],
            body: .nothing, reply: replied, reply
        ),
    ]

    private static let body = Schema<Body>(
        "Order",
        [
            SchemaProperty("number", .text(limit: 60), required: true, "工单编号, its number there"),
            SchemaProperty("text", .text(limit: 4000), required: true, "标题 and 内容"),
            SchemaProperty(
                "division", .text(limit: 15), required: true, "Where, unless the address says: 9, 12 or 15 digits"),
            SchemaProperty("address", .text(limit: 120), "事发地址"),
            SchemaProperty("category", .text(limit: 40), "Code of the category; by default from the words"),
            SchemaProperty("nature", .choice(NeedNature.allCases.map(\.rawValue)), "By default from the words"),
            SchemaProperty("kind", .text(limit: 40), "诉求类型 as received"),
            SchemaProperty("classes", .text(limit: 200), "问题分类 level by level as received"),
            SchemaProperty("urgency", .text(limit: 40), "紧急程度 as received"),
            SchemaProperty("urgent", .flag, "Danger, or a sudden incident"),
            SchemaProperty("callerName", .text(limit: 30), "诉求人"),
            SchemaProperty("callerPhone", .text(limit: 20), "号码"),
            SchemaProperty("confidential", .flag, "是否保密"),
            SchemaProperty("accused", .text(limit: 100), "被反映对象"),
            SchemaProperty("calledAt", .moment, "来电时间"),
            SchemaProperty("dispatchedAt", .moment, "派单时间"),
            SchemaProperty("dueAt", .moment, "办理时限; it wins over ours"),
            SchemaProperty("repeated", .flag, "是否重复"),
            SchemaProperty("related", .text(limit: 60), "关联单号"),
        ],
        decode: decode(_:),
        encode: { _ in [:] }
    )

    private static let answer = Schema<Answer>(
        "OrderTaken",
        [
            SchemaProperty("id", .id, required: true, "The case"),
            SchemaProperty("number", .text(limit: 60), required: true, "The order's number"),
            SchemaProperty(
                "result", .choice(["added", "updated", "unchanged"]), required: true, "What was done with it"),
        ],
        decode: { _ in throw LinliError.notFound("orders.answer") },
        encode: { answer in
            ["id": .text("\(answer.item)"), "number": .text(answer.number), "result": .text("\(answer.news)")]
        }
    )

    private static let replied = Schema<OrderReply?>(
        "OrderReply",
        [
            SchemaProperty("id", .id, required: true, "The case"),
            SchemaProperty("number", .text(limit: 60), required: true, "The order's number"),
            SchemaProperty("text", .text(limit: 8000), required: true, "The reply in Chinese"),
            SchemaProperty("dueAt", .moment, "The deadline there"),
            SchemaProperty("ownDueAt", .moment, "What our own clock says; missing when the case is over"),
            SchemaProperty("repliedAt", .moment, "When a reply was last taken over there"),
        ],
        decode: { _ in nil },
        encode: { reply in
            guard let reply else { return [:] }
            var json: [String: JSONValue] = [
                "id": .text("\(reply.view.item.id)"), "number": .text(reply.order.number), "text": .text(reply.text),
            ]
            json["dueAt"] = reply.order.dueAt.map { .text($0.iso8601) }
            if reply.view.item.isOpen { json["ownDueAt"] = .text(reply.view.item.dueAt.iso8601) }
            json["repliedAt"] = reply.order.repliedAt.map { .text($0.iso8601) }
            return json
        }
    )

    private static func decode(_ json: [String: JSONValue]) throws -> Body {
        var problems: [LinliError.Field] = []
        func moment(_ name: String) -> Instant? {
            let text = json.text(name)
            guard !text.isEmpty else { return nil }
            let found = Instant(w3c: text)
            if found == nil { problems.append(.init(name, Text("时间格式应为 RFC 3339", "Must be RFC 3339"))) }
            return found
        }
        let division = DivisionCode(json.text("division"))
        if division == nil {
            problems.append(.init("division", Text("区划代码应为 9、12 或 15 位数字", "A division has 9, 12 or 15 digits")))
        }
        var order = ForeignOrderDraft()
        order.number = json.text("number").filter { !$0.isWhitespace }
        (order.kind, order.classes, order.urgency) = (json.text("kind"), json.text("classes"), json.text("urgency"))
        (order.accused, order.related) = (json.text("accused"), json.text("related"))
        (order.isPrivate, order.isRepeat) = (json["confidential"] == .flag(true), json["repeated"] == .flag(true))
        (order.calledAt, order.dispatchedAt, order.dueAt) = (
            moment("calledAt"), moment("dispatchedAt"), moment("dueAt")
        )
        guard problems.isEmpty, let division else { throw LinliError.invalid("orders.body", problems) }
        order.received = json.keys.sorted().map { name in
            (name, json[name] == .flag(true) ? "true" : json.text(name))
        }
        var draft = CaseDraft(text: json.text("text"), division: division)
        draft.category = json.text("category")
        let nature = NeedNature(rawValue: json.text("nature"))
        draft.nature = nature ?? .assistance
        draft.isUrgent = json["urgent"] == .flag(true)
        draft.reporterName = json.text("callerName")
        let phone = json.text("callerPhone")
        draft.reporterPhone = PhoneNumber(phone)?.number ?? phone
        draft.location = json.text("address")
        return Body(draft: draft, order: order, address: json.text("address"), hasNature: nature != nil)
    }

    private static func take(_ body: Body, _ request: Request, _ services: Services) async throws -> Answer {
        guard request.context.actor.may(.casesReport) else { throw LinliError.forbidden("orders.take") }
        var draft = body.draft
        let place =
            body.address.isEmpty
            ? nil : try await services.database.read { try PlacesStore.named(in: body.address, $0) }
        if let place, draft.division.contains(place.division) {
            (draft.place, draft.division, draft.spot) = (place.id, place.division, .estate)
        } else {
            draft.spot = .street
        }
        if draft.category.isEmpty { draft.category = try services.suggestions.category(of: draft.text)?.code ?? "" }
        if !body.hasNature {
            draft.nature = try services.suggestions.nature(
                of: draft.text, category: services.catalogue[code: draft.category]
            ).value
        }
        if draft.reporterName.isEmpty, draft.reporterPhone.isEmpty {
            draft.disclosure = .anonymous
        } else {
            draft.disclosure = body.order.isPrivate || draft.nature.isProtected ? .office : .named
        }
        let (item, news) = try await services.commands.takeOrder(draft, body.order, request.context)
        return Answer(item: item, number: body.order.number, news: news)
    }

    /// What a request has done whose reply was lost: the order is there as it was sent.
    private static func taken(_ body: Body, _ request: Request, _ services: Services) async throws -> Answer? {
        guard let item = try await item(body.order.number, request, services) else { return nil }
        return Answer(item: item, number: body.order.number, news: .unchanged)
    }

    private static func item(
        _ number: String, _ request: Request, _ services: Services
    ) async throws -> ID<Case>? {
        let order = try await services.database.read { try ForeignOrdersStore.find(ForeignOrder.hotline, number, $0) }
        guard let order else { return nil }
        do {
            return try await services.queries.view(order.item, request.context).standing.isStaff ? order.item : nil
        } catch let error as LinliError where error.kind == .notFound {
            return nil
        }
    }

    private static func reply(_: Nothing, _ request: Request, _ services: Services) async throws -> OrderReply? {
        guard let item = try await item(request.parameters["number"] ?? "", request, services) else {
            throw LinliError.notFound("orders.number")
        }
        return try await OrderReply.load(item, request.context, services)
    }
}
