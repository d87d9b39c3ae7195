import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Orders for programs: in by number, what is asked there and ruled, the reply out, and the official results.
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

    /// Orders of a list, and where the next ones begin.
    struct Listing: Sendable {
        var rows: [ForeignOrdersStore.Listed]
        var next: ID<ForeignOrder>?
    }

    /// One order with what was asked there, ruled, replied and found out.
    struct Detail: Sendable {
        var reply: OrderReply
        var leadHours: Int
        var replies: [(at: Instant, text: String)]
        var results: [ForeignResult]
    }

    /// Official results as a program sends them.
    struct Results: Sendable {
        var division: DivisionCode
        var results: [ForeignResult]
    }

    /// What they sum up to in a month, for an area.
    struct Official: Sendable {
        var month: AssessmentMonth
        /// Which days months have.
        var calendar: AssessmentCalendar
        var sums: ForeignSums?
    }

    private static let number = [
        SchemaProperty("number", .text(limit: 60), required: true, "工单编号, the order's number there")
    ]

    static let routes: [Route] = taking + work + official

    private static let taking: [Route] = [
        .api(
            .post, "/api/v1/orders", id: "takeOrder",
            "Take an order of 12345 in; one with a known number brings deadline, urgency and confidence up to date",
            body: OrderSchemas.body, reply: OrderSchemas.answer, recover: taken, take
        ),
        .api(
            .get, "/api/v1/orders", id: "listOrders", "Orders of your area, the newest first; those to be answered",
            access: .permission(.casesRead), query: OrderSchemas.listQuery, body: .nothing,
            reply: OrderSchemas.list, list
        ),
        .api(
            .get, "/api/v1/orders/:number", id: "getOrder",
            "One order: both deadlines, what was asked there and ruled, what was replied, and the official results",
            access: .permission(.casesRead), parameters: number, body: .nothing, reply: OrderSchemas.detail
        ) { _, request, services in try await detail(request, services) },
        .api(
            .get, "/api/v1/orders/:number/reply", id: "getOrderReply", "The reply to an order, ready to be pasted",
            parameters: number, body: .nothing, reply: OrderSchemas.replied, reply
        ),
        .api(
            .post, "/api/v1/orders/:number/received", id: "readOrder",
            "Every column of an order as it came; the purpose is audited, and the reply is kept nowhere",
            access: .permission(.casesRead), parameters: number, body: WorkSchemas.purpose,
            reply: OrderSchemas.columns, received
        ),
        .document(
            "/api/v1/orders/:number/sheet", id: "getOrderSheet", "The photo of the paper an order came on",
            access: .permission(.casesRead), parameters: number, type: "image/jpeg"
        ) { request, services in
            try await OrderRoutes.sheet(of: try await known(request, services), request.context, services)
        },
    ]

    private static let work: [Route] = [
        step(
            "requests", id: "askForOrder", "Note what was asked of 12345: 退单, 延期 or 剔除, with reason and basis",
            .permission(.casesRead), OrderSchemas.asking
        ) { body, item, request, services in
            try await services.commands.askThere(
                body.kind, reason: body.reason, text: body.text, of: item, request.context)
        },
        step(
            "rulings", id: "ruleOrder",
            "Write down a ruling of 12345: it holds here; our rates leave a case out once a second person agrees",
            .permission(.casesDispatch), OrderSchemas.ruling
        ) { body, item, request, services in
            try await services.commands.ruleThere(
                body.kind, isGranted: body.isGranted, text: body.text, due: body.due, of: item, request.context)
        },
        step(
            "seen", id: "seeOrderDifference",
            "Note that the `difference` of an order was looked at and the deadline stays; another one shows again",
            .permission(.casesDispatch), OrderSchemas.seen
        ) { due, item, request, services in
            try await services.commands.seeDifference(due, of: item, request.context)
        },
        step(
            "replies", id: "noteOrderReply", "Note that a reply was taken over there, and keep its words",
            .permission(.casesRead), OrderSchemas.reply
        ) { text, item, request, services in
            try await services.commands.replied(text, to: item, request.context)
        },
    ]

    private static let official: [Route] = [
        .api(
            .post, "/api/v1/order-results", id: "importOrderResults",
            "Take official follow-up results over: of each order what was said last counts, in one month",
            access: .permission(.casesDispatch), body: OrderSchemas.results, reply: OrderSchemas.imported, importResults
        ),
        .api(
            .get, "/api/v1/order-results", id: "getOrderResults",
            "What the official results of a month sum up to: the city's own, never mixed with `rates`",
            access: .permission(.casesRead), query: RatesAPI.query, body: .nothing, reply: OrderSchemas.sums, sums
        ),
        .api(
            .get, "/api/v1/order-results/imports", id: "listOrderResultImports",
            "The imports of official results, the newest first, as far as they still hold",
            access: .permission(.casesDispatch), body: .nothing, reply: OrderSchemas.imports, imports
        ),
        .api(
            .post, "/api/v1/order-results/back", id: "takeBackOrderResults",
            "Take back what was imported by mistake, one import or one order: it counts no more; the reason is audited",
            access: .permission(.casesDispatch), body: OrderSchemas.takingBack, reply: OrderSchemas.takenBack, takeBack
        ),
    ]

    /// A step with an order: runs the command and answers with the order as it is then.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ access: Access, _ body: Schema<Body>,
        _ command: @escaping @Sendable (Body, ID<Case>, Request, Services) async throws -> Void
    ) -> Route {
        .api(
            .post, "/api/v1/orders/:number/\(name)", id: id, summary, access: access, parameters: number, body: body,
            reply: OrderSchemas.detail, status: 201,
            recover: { _, request, services in try await detail(request, services) }
        ) { (body: Body, request: Request, services: Services) in
            try await command(body, try await known(request, services), request, services)
            return try await detail(request, services)
        }
    }

    // MARK: Taking it in

    /// Without a category the likeliest one is taken, as the page preselects it; staff confirm it on the desk.
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
        if draft.category.isEmpty, let found = try services.suggestions.decide(draft.text) {
            draft.category = found.value.code
            if found.isDoubtful { draft.doubt.insert(.category) }
        }
        if !body.hasNature {
            let found = try services.suggestions.decideNature(
                draft.text, category: services.catalogue[code: draft.category])
            draft.nature = found.value
            if found.isDoubtful { draft.doubt.insert(.nature) }
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

    // MARK: Reading it

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

    /// The case of the order in the address.
    ///
    /// - Throws: `.notFound` for one that is not there, or not for this reader.
    private static func known(_ request: Request, _ services: Services) async throws -> ID<Case> {
        guard let item = try await item(request.parameters["number"] ?? "", request, services) else {
            throw LinliError.notFound("orders.number")
        }
        return item
    }

    private static func list(_: Nothing, _ request: Request, _ services: Services) async throws -> Listing {
        let scope = request.context.actor.scope(for: .casesRead)
        let limit = min(max(request.query.int("limit") ?? 50, 1), 100)
        let isOpen = request.query["all"] != "true"
        let before: ID<ForeignOrder>? = request.query.id("before")
        let clocks = OrdersRoutes.internalClocks(services)
        let rows = try await services.database.read { tx in
            try ForeignOrdersStore.list(scope, isOpen: isOpen, before: before, clocks: clocks, limit: limit + 1, tx)
        }
        let page = Array(rows.prefix(limit))
        return Listing(rows: page, next: rows.count > limit ? page.last?.order.id : nil)
    }

    /// Nil for who gave it away with the step they just took.
    private static func detail(_ request: Request, _ services: Services) async throws -> Detail? {
        let item = try await known(request, services)
        let reply = try await OrderReply.load(item, request.context, services)
        return try await services.database.read { tx in
            Detail(
                reply: reply, leadHours: services.queries.settings.orderLeadHours,
                replies: try ForeignOrdersStore.replies(reply.order.id, tx),
                results: try ForeignResultsStore.of(item, tx)
            )
        }
    }

    private static func reply(_: Nothing, _ request: Request, _ services: Services) async throws -> Detail? {
        try await detail(request, services)
    }

    private static func received(
        _ purpose: String, _ request: Request, _ services: Services
    ) async throws -> [OrderColumn] {
        let reply = try await OrderReply.load(try await known(request, services), request.context, services)
        // What is shown in clear is not kept for the next time: asked again it is another reading.
        let context = request.context.unmarked
        return try await OrderRoutes.columns(of: reply, purpose: purpose, context, services)
            .map { OrderColumn(name: $0.name, text: $0.text) }
    }

    // MARK: Official results

    private static func importResults(_ body: Results, _ request: Request, _ services: Services) async throws -> Int {
        try await services.commands.importResults(body.results, for: body.division, request.context)
        return body.results.count
    }

    private static func imports(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> [ForeignResultImport] {
        let scope = request.context.actor.scope(for: .casesDispatch)
        return try await services.database.read {
            try ForeignResultsStore.imports(scope, limit: OrderResultsRoutes.limit, $0)
        }
    }

    private static func takeBack(
        _ body: OrderSchemas.TakingBack, _ request: Request, _ services: Services
    ) async throws -> Int {
        let choice = try OrderResultsRoutes.choice(body.batch, number: body.number)
        return try await services.commands.takeBackResults(choice, reason: body.reason, request.context)
    }

    private static func sums(_: Nothing, _ request: Request, _ services: Services) async throws -> Official {
        let calendar = try await services.queries.assessmentCalendar()
        let query = try RatesQuery(request, calendar)
        let settings = services.queries.settings.rates
        let found = try await services.database.read { tx in
            try ForeignResultsStore.totals([query.month], query.area, settings, tx)
        }
        return Official(month: query.month, calendar: calendar, sums: found[query.month])
    }
}
