import LinliCore
import LinliKernel

/// The JSON objects that `OrdersAPI` answers with.
extension OrderSchemas {
    private static let rowProperties = [
        SchemaProperty("id", .id, required: true, "The case"),
        SchemaProperty("number", .text(limit: 60), required: true, "工单编号, the order's number there"),
        SchemaProperty("caseNumber", .text(limit: 30), required: true, "Its number here"),
        SchemaProperty("title", .text(limit: 60), required: true, "First words"),
        SchemaProperty("state", .text(limit: 40), required: true, "State of its case type"),
        SchemaProperty("open", .flag, required: true, "Whether the case is open"),
        SchemaProperty("urgent", .flag, required: true, "Whether the case is urgent"),
        SchemaProperty("confidential", .flag, required: true, "是否保密"),
        SchemaProperty("repeated", .flag, required: true, "是否重复"),
        SchemaProperty("dispatchedAt", .moment, required: true, "派单时间"),
        SchemaProperty("dueAt", .moment, "办理时限 there, which is the deadline; missing when the order says none"),
        SchemaProperty("ownDueAt", .moment, "内部时限, our own, earlier; missing when the work is done or it stands still"),
        SchemaProperty("repliedAt", .moment, "When a reply was last taken over there"),
        SchemaProperty("handler", .text(limit: 80), "In lists: the unit that has the case; missing: none yet"),
    ]

    private static func row(
        _ order: ForeignOrder, _ number: String, _ title: String, _ state: String, isOpen: Bool, isUrgent: Bool,
        ownDue: Instant?
    ) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(order.item)"), "number": .text(order.number), "caseNumber": .text(number),
            "title": .text(title), "state": .text(state), "open": .flag(isOpen), "urgent": .flag(isUrgent),
            "confidential": .flag(order.isPrivate), "repeated": .flag(order.isRepeat),
            "dispatchedAt": .text(order.dispatchedAt.iso8601),
        ]
        json["dueAt"] = order.dueAt.map { .text($0.iso8601) }
        if isOpen { json["ownDueAt"] = ownDue.map { .text($0.iso8601) } }
        json["repliedAt"] = order.repliedAt.map { .text($0.iso8601) }
        return json
    }

    static let list = Schema<OrdersAPI.Listing>(
        "OrderList",
        [
            SchemaProperty("orders", .list(.object(rowProperties), limit: 100), required: true, "Orders"),
            SchemaProperty("next", .id, "Cursor of the next page; missing on the last one"),
        ],
        decode: { _ in OrdersAPI.Listing(rows: []) },
        encode: { listing in
            let rows = listing.rows.map { listed -> JSONValue in
                let row = listed.row
                var json = Self.row(
                    listed.order, row.number, row.title, row.state, isOpen: row.isOpen, isUrgent: row.isUrgent,
                    ownDue: row.isPaused ? nil : listed.internalDue)
                if !row.handlerName.zh.isEmpty { json["handler"] = .text(row.handlerName.zh) }
                return .object(json)
            }
            var json: [String: JSONValue] = ["orders": .array(rows)]
            json["next"] = listing.next.map { .text("\($0)") }
            return json
        }
    )

    static let detail = Schema<OrdersAPI.Detail?>(
        "OrderDetail",
        rowProperties + [
            SchemaProperty("kind", .text(limit: 40), required: true, "诉求类型 as received"),
            SchemaProperty("classes", .text(limit: 200), required: true, "问题分类 as received"),
            SchemaProperty("urgency", .text(limit: 40), required: true, "紧急程度 as received"),
            SchemaProperty("calledAt", .moment, "来电时间"),
            SchemaProperty(
                "accused", .text(limit: 200), required: true, "被反映对象 as received, numbers masked; empty for none"),
            SchemaProperty("related", .text(limit: 200), required: true, "关联单号; empty for none"),
            SchemaProperty(
                "difference",
                .object([
                    SchemaProperty("dueAt", .moment, required: true, "The deadline that came"),
                    SchemaProperty("at", .moment, required: true, "When it came"),
                    SchemaProperty("seenAt", .moment, "When a dispatcher looked at it and left the deadline"),
                ]), "Another deadline that came since, of which nobody can tell whether it is newer; `dueAt` holds"),
            SchemaProperty("hasSheet", .flag, required: true, "Whether there is a photo of the paper: getOrderSheet"),
            SchemaProperty(
                "reasons",
                .list(
                    .object([
                        SchemaProperty("kind", kinds, required: true, "Of what request"),
                        SchemaProperty("id", .text(limit: 40), required: true, "What `askForOrder` takes"),
                        SchemaProperty("name", .text(limit: 100), required: true, "Its name in Chinese"),
                    ]), limit: 100), required: true, "Why something may be asked of 12345"),
            SchemaProperty(
                "requests", .list(.object(requestProperties), limit: 100), required: true, "What was asked and ruled"),
            SchemaProperty(
                "replies",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("text", .text(limit: 8000), required: true, "Its words, numbers masked"),
                    ]), limit: 20), required: true, "Replies taken over there, the newest first"),
            SchemaProperty(
                "results", .list(.object(resultProperties), limit: 20), required: true, "市级回访, the city's own results"),
        ],
        decode: { _ in nil },
        encode: { $0.map(detail(_:)) ?? [:] }
    )

    private static let kinds = SchemaKind.choice(ForeignRequestKind.allCases.map(\.rawValue))

    private static let requestProperties = [
        SchemaProperty("kind", kinds, required: true, "What for"),
        SchemaProperty(
            "state", .choice(ForeignRequest.State.allCases.map(\.rawValue)), required: true, "How far it is"),
        SchemaProperty("reasonClass", .text(limit: 40), required: true, "Why; empty when they ruled unasked"),
        SchemaProperty("text", .text(limit: 4000), required: true, "The basis"),
        SchemaProperty("askedAt", .moment, required: true, "When it was noted"),
        SchemaProperty("ruledAt", .moment, "When they ruled"),
        SchemaProperty("ruling", .text(limit: 4000), required: true, "Their words"),
        SchemaProperty("dueAt", .moment, "The new deadline, where more time was granted"),
    ]

    private static let resultProperties = [
        SchemaProperty("month", .text(limit: 6), required: true, "考核月"),
        SchemaProperty("contacted", .flag, "是否响应"), SchemaProperty("solved", .flag, "是否解决"),
        SchemaProperty("grade", .integer(1...5), "满意度, 5 the best"),
    ]

    private static func detail(_ detail: OrdersAPI.Detail) -> [String: JSONValue] {
        let (view, order) = (detail.reply.view, detail.reply.order)
        let item = view.item
        var json = row(
            order, item.number, item.title, item.state, isOpen: item.isOpen, isUrgent: item.isUrgent,
            ownDue: view.internalDue(leadHours: detail.leadHours))
        json["kind"] = .text(order.kind)
        json["classes"] = .text(order.classes)
        json["urgency"] = .text(order.urgency)
        json["calledAt"] = order.calledAt.map { .text($0.iso8601) }
        json["accused"] = .text(order.accused)
        json["related"] = .text(order.related)
        json["difference"] = order.difference.map { other -> JSONValue in
            var shown: [String: JSONValue] = ["dueAt": .text(other.due.iso8601), "at": .text(other.at.iso8601)]
            shown["seenAt"] = order.differenceSeenAt.map { .text($0.iso8601) }
            return .object(shown)
        }
        json["hasSheet"] = .flag(order.sheet != nil)
        let reasons = ForeignRequestKind.allCases.flatMap { kind in
            CaseCommands.reasons(kind, view.type).map { reason -> JSONValue in
                .object([
                    "kind": .text(kind.rawValue), "id": .text(reason.id), "name": .text(reason.name.zh),
                ])
            }
        }
        json["reasons"] = .array(reasons)
        json["requests"] = .array(detail.reply.requests.map { .object(request($0)) })
        json["replies"] = .array(
            detail.replies.map { .object(["at": .text($0.at.iso8601), "text": .text($0.text)]) })
        json["results"] = .array(detail.results.map { .object(result($0)) })
        return json
    }

    private static func request(_ request: ForeignRequest) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "kind": .text(request.kind.rawValue), "state": .text(request.state.rawValue),
            "reasonClass": .text(request.reasonClass), "text": .text(request.text),
            "askedAt": .text(request.askedAt.iso8601), "ruling": .text(request.ruling),
        ]
        json["ruledAt"] = request.ruledAt.map { .text($0.iso8601) }
        json["dueAt"] = request.dueAt.map { .text($0.iso8601) }
        return json
    }

    private static func result(_ result: ForeignResult) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["month": .text("\(result.month)")]
        json["contacted"] = result.isContacted.map { .flag($0) }
        json["solved"] = result.isSolved.map { .flag($0) }
        json["grade"] = result.grade.map { .int(Int64($0.rawValue)) }
        return json
    }

    static let replied = Schema<OrdersAPI.Detail?>(
        "OrderReply",
        [
            SchemaProperty("id", .id, required: true, "The case"),
            SchemaProperty("number", .text(limit: 60), required: true, "The order's number"),
            SchemaProperty("text", .text(limit: 8000), required: true, "The reply in Chinese"),
            SchemaProperty("dueAt", .moment, "The deadline there, which holds"),
            SchemaProperty("ownDueAt", .moment, "Our own, earlier; missing when work is done or it stands still"),
            SchemaProperty("repliedAt", .moment, "When a reply was last taken over there"),
        ],
        decode: { _ in nil },
        encode: { detail in
            guard let detail else { return [:] }
            let (view, order) = (detail.reply.view, detail.reply.order)
            var json: [String: JSONValue] = [
                "id": .text("\(view.item.id)"), "number": .text(order.number), "text": .text(detail.reply.text),
            ]
            json["dueAt"] = order.dueAt.map { .text($0.iso8601) }
            json["ownDueAt"] = view.internalDue(leadHours: detail.leadHours).map { .text($0.iso8601) }
            json["repliedAt"] = order.repliedAt.map { .text($0.iso8601) }
            return json
        }
    )

    static let columns = Schema<[OrderColumn]>(
        "OrderColumns",
        [SchemaProperty("columns", columnsShown, required: true, "Every column as it came")],
        decode: { _ in [] },
        encode: { columns in
            [
                "columns": .array(
                    columns.map { .object(["name": .text($0.name), "text": .text($0.text)]) })
            ]
        }
    )

    private static let columnsShown = SchemaKind.list(
        .object([
            SchemaProperty("name", .text(limit: 200), required: true, "What it is called there, or the name here"),
            SchemaProperty("text", .text(limit: 8000), required: true, "What stood in it"),
        ]), limit: 200)

    static let imported = Schema<Int>(
        "OrderResultsTaken",
        [SchemaProperty("imported", .integer(0...3000), required: true, "How many were taken over")],
        decode: { _ in 0 }, encode: { ["imported": .int(Int64($0))] }
    )

    static let sums = Schema<OrdersAPI.Official>(
        "OfficialResults",
        AssessmentDays.properties + [
            SchemaProperty("source", .choice(["city"]), required: true, "市级考核成绩, imported and not counted here"),
            SchemaProperty("orders", .integer(0...Int64.max), required: true, "Orders with a result"),
            SchemaProperty("contacted", .integer(0...Int64.max), required: true, "是否响应: yes"),
            SchemaProperty("notContacted", .integer(0...Int64.max), required: true, "No"),
            SchemaProperty("solved", .integer(0...Int64.max), required: true, "是否解决: yes"),
            SchemaProperty("unsolved", .integer(0...Int64.max), required: true, "No"),
            SchemaProperty("satisfied", .integer(0...Int64.max), required: true, "Satisfied, of those who graded"),
            SchemaProperty("graded", .integer(0...Int64.max), required: true, "Who graded"),
        ],
        decode: { _ in throw LinliError.notFound("orders.sums") },
        encode: { official in
            func number(_ value: Int?) -> JSONValue { .int(Int64(value ?? 0)) }
            let sums = official.sums
            let json: [String: JSONValue] = [
                "source": .text("city"), "orders": number(sums?.orders),
                "contacted": number(sums?.contacted), "notContacted": number(sums?.notContacted),
                "solved": number(sums?.solved), "unsolved": number(sums?.unsolved),
                "satisfied": number(sums?.satisfied), "graded": number(sums?.graded),
            ]
            return json.merging(AssessmentDays.json(official.month, official.calendar)) { $1 }
        }
    )
}
