import LinliCore
import LinliKernel
import LinliStandards

/// A column of an order, as it came.
struct OrderColumn: Sendable {
    var name: String
    var text: String
}

/// The JSON objects that `OrdersAPI` takes.
enum OrderSchemas {
    /// What is asked of 12345.
    struct Asking: Sendable {
        var kind: ForeignRequestKind
        var reason: String
        var text: String
    }

    /// What it ruled.
    struct Ruling: Sendable {
        var kind: ForeignRequestKind
        var isGranted: Bool
        var text: String
        var due: Instant?
    }

    static let listQuery = [
        SchemaProperty("all", .flag, "Also those that were answered or are over"),
        SchemaProperty("before", .id, "The cursor `next` of the page before"),
        SchemaProperty("limit", .integer(1...100), "How many; 50 by default"),
    ]

    /// The columns of a row of a sheet, or of one order.
    static let columnList = SchemaKind.list(
        .object([
            SchemaProperty("name", .text(limit: 60), required: true, "What the column is called there"),
            SchemaProperty("text", .text(limit: 4000), required: true, "What stood in it"),
        ]), limit: 80)

    static let body = Schema<OrdersAPI.Body>(
        "Order",
        [
            SchemaProperty("number", .text(limit: 60), required: true, "工单编号, its number there"),
            SchemaProperty("title", .text(limit: 200), "标题; put before `text` unless that begins with it"),
            SchemaProperty("text", .text(limit: 4000), required: true, "内容"),
            SchemaProperty(
                "division", .text(limit: 15), required: true, "Where, unless the address says: 9, 12 or 15 digits"),
            SchemaProperty("address", .text(limit: 120), "事发地址"),
            SchemaProperty(
                "category", .text(limit: 40), "Code of the category; else the likeliest by the words, unconfirmed"),
            SchemaProperty("nature", .choice(NeedNature.allCases.map(\.rawValue)), "By default from the words"),
            SchemaProperty("kind", .text(limit: 40), "诉求类型 as received"),
            SchemaProperty("classes", .text(limit: 200), "问题分类 level by level as received"),
            SchemaProperty("urgency", .text(limit: 40), "紧急程度 as received; 紧急, 特急, 加急 and 突发 make it urgent"),
            SchemaProperty("urgent", .flag, "Danger, or a sudden incident"),
            SchemaProperty("callerName", .text(limit: 30), "诉求人"),
            SchemaProperty("callerPhone", .text(limit: 20), "号码"),
            SchemaProperty("confidential", .flag, "是否保密"),
            SchemaProperty("accused", .text(limit: 100), "被反映对象"),
            SchemaProperty("calledAt", .moment, "来电时间"),
            SchemaProperty("dispatchedAt", .moment, "派单时间; its clocks count from then"),
            SchemaProperty("dueAt", .moment, "办理时限; it is the deadline of the case"),
            SchemaProperty(
                "updatedAt", .moment, "更新时间, when it last changed there: of two states of one order the newer holds"),
            SchemaProperty("repeated", .flag, "是否重复"),
            SchemaProperty("related", .text(limit: 60), "关联单号"),
            SchemaProperty("columns", columnList, "Other columns, kept sealed as they came"),
            SchemaProperty("sheet", .id, "A photo of the paper, from uploadFile"),
        ],
        decode: decode(_:),
        encode: { _ in [:] }
    )

    private static func decode(_ json: [String: JSONValue]) throws -> OrdersAPI.Body {
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
        order.statedAt = moment("updatedAt")
        guard problems.isEmpty, let division else { throw LinliError.invalid("orders.body", problems) }
        order.received = received(json)
        order.sheet = json.id("sheet")
        let (title, text) = (json.text("title").trimmed, json.text("text"))
        var draft = CaseDraft(
            text: title.isEmpty || text.hasPrefix(title) ? text : title + "\n" + text, division: division)
        draft.category = json.text("category")
        let nature = NeedNature(rawValue: json.text("nature"))
        draft.nature = nature ?? .assistance
        draft.isUrgent = json["urgent"] == .flag(true) || ForeignOrderDraft.isUrgent(order.urgency)
        draft.reporterName = json.text("callerName")
        let phone = json.text("callerPhone")
        draft.reporterPhone = PhoneNumber(phone)?.number ?? phone
        draft.location = json.text("address")
        return OrdersAPI.Body(
            draft: draft, order: order, address: json.text("address"), hasNature: nature != nil)
    }

    /// Every column as it came: those we know under their names here, then the others.
    private static func received(_ json: [String: JSONValue]) -> [(name: String, text: String)] {
        let own = json.keys.filter { !["columns", "sheet"].contains($0) }.sorted().map { name in
            (name: name, text: json[name] == .flag(true) ? "true" : json.text(name))
        }
        guard case .array(let columns) = json["columns"] else { return own }
        return own
            + columns.compactMap { column in
                guard case .object(let column) = column else { return nil }
                return (name: column.text("name"), text: column.text("text"))
            }
    }

    static let answer = Schema<OrdersAPI.Answer>(
        "OrderTaken",
        [
            SchemaProperty("id", .id, required: true, "The case"),
            SchemaProperty("number", .text(limit: 60), required: true, "The order's number"),
            SchemaProperty(
                "result", .choice(["added", "updated", "reopened", "unchanged", "kept"]), required: true,
                "`reopened`: it was over here and they sent it once more; `kept`: which deadline is newer nobody can tell"
            ),
        ],
        decode: { _ in throw LinliError.notFound("orders.answer") },
        encode: { answer in
            ["id": .text("\(answer.item)"), "number": .text(answer.number), "result": .text("\(answer.news)")]
        }
    )

    static let asking = Schema<Asking>(
        "OrderAsking",
        [
            SchemaProperty("kind", .choice(ForeignRequestKind.allCases.map(\.rawValue)), required: true, "What for"),
            SchemaProperty("reasonClass", .text(limit: 40), required: true, "One of the order's `reasons`"),
            SchemaProperty("text", .text(limit: 2000), required: true, "The basis"),
        ],
        decode: { json in
            Asking(
                kind: ForeignRequestKind(rawValue: json.text("kind")) ?? .refuse, reason: json.text("reasonClass"),
                text: json.text("text"))
        },
        encode: { _ in [:] }
    )

    static let ruling = Schema<Ruling>(
        "OrderRuling",
        [
            SchemaProperty("kind", .choice(ForeignRequestKind.allCases.map(\.rawValue)), required: true, "About what"),
            SchemaProperty("granted", .flag, required: true, "Whether it was granted"),
            SchemaProperty("text", .text(limit: 2000), "Their words"),
            SchemaProperty("dueAt", .moment, "The new deadline, where more time was granted"),
        ],
        decode: { json in
            Ruling(
                kind: ForeignRequestKind(rawValue: json.text("kind")) ?? .refuse, isGranted: json.flag("granted"),
                text: json.text("text"), due: Instant(w3c: json.text("dueAt")))
        },
        encode: { _ in [:] }
    )

    static let seen = Schema<Instant>(
        "OrderDifferenceSeen",
        [SchemaProperty("dueAt", .moment, required: true, "The deadline that was looked at, as `difference` says it")],
        decode: { json in
            guard let due = Instant(w3c: json.text("dueAt")) else {
                throw LinliError.invalid(
                    "orders.seen", [.init("dueAt", Text("时间格式应为 RFC 3339", "Must be RFC 3339"))])
            }
            return due
        },
        encode: { _ in [:] }
    )

    static let reply = Schema<String>(
        "OrderReplyNote",
        [SchemaProperty("text", .text(limit: 8000), required: true, "The words as they were pasted")],
        decode: { $0.text("text") }, encode: { _ in [:] }
    )

    static let results = Schema<OrdersAPI.Results>(
        "OrderResults",
        [
            SchemaProperty(
                "division", .shaped(.division), required: true, "Where orders count that are no case here"),
            SchemaProperty(
                "results",
                .list(
                    .object([
                        SchemaProperty("number", .text(limit: 60), required: true, "工单编号"),
                        SchemaProperty(
                            "month", .integer(197_001...999_912), required: true, "考核月 it counts in, 202611"),
                        SchemaProperty("contacted", .flag, "是否响应; missing when it was not found out"),
                        SchemaProperty("solved", .flag, "是否解决; missing when it was not found out"),
                        SchemaProperty("grade", .integer(1...5), "满意度, 5 the best; missing when nobody said"),
                    ]), limit: 3000), required: true, "Each number once in a month"),
        ],
        decode: results(_:),
        encode: { _ in [:] }
    )

    private static func results(_ json: [String: JSONValue]) throws -> OrdersAPI.Results {
        guard let division = DivisionCode(json.text("division")), case .array(let rows) = json["results"] else {
            throw LinliError.invalid(
                "orders.results", [.init("division", Text("区划代码不对", "This is no code of a division"))])
        }
        var seen: Set<String> = []
        var results: [ForeignResult] = []
        for (index, row) in rows.enumerated() {
            guard case .object(let row) = row else { continue }
            func wrong(_ name: String, _ text: Text) -> LinliError {
                LinliError.invalid("orders.result", [.init("results.\(index).\(name)", text)])
            }
            let number = row.text("number").filter { !$0.isWhitespace }
            guard !number.isEmpty else { throw wrong("number", Text("缺少工单编号", "The number is missing")) }
            guard let month = row.integer("month").flatMap({ AssessmentMonth(Int($0)) }) else {
                throw wrong("month", Text("没有这个月", "There is no such month"))
            }
            guard seen.insert("\(month) \(number)").inserted else {
                throw wrong("number", Text("编号和前面的重复", "The number stands there already"))
            }
            var result = ForeignResult(number: number, month: month)
            result.isContacted = row["contacted"].map { $0 == .flag(true) }
            result.isSolved = row["solved"].map { $0 == .flag(true) }
            result.grade = row.integer("grade").flatMap { Satisfaction(rawValue: Int($0)) }
            results.append(result)
        }
        return OrdersAPI.Results(division: division, results: results)
    }
}
