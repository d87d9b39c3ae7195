import LinliCore
import LinliKernel

/// One order: both clocks, the reply, what was asked of 12345 and ruled.
enum OrderRoutes {
    static let all: [Route] = [
        .get("/desk/orders/:id", access: .permission(.casesRead), show),
        .get("/desk/orders/:id/sheet", access: .permission(.casesRead), sheet),
        .post("/desk/orders/:id/reply", access: .permission(.casesRead), reply),
        .post("/desk/orders/:id/ask", access: .permission(.casesRead), ask),
        .post("/desk/orders/:id/ruling", access: .permission(.casesDispatch), rule),
        .post("/desk/orders/:id/seen", access: .permission(.casesDispatch), see),
        .post("/desk/orders/:id/received", access: .permission(.casesRead), received),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    private static func load(_ request: Request, _ services: Services) async throws -> OrderPage {
        let id: ID<Case> = try request.id()
        let reply = try await OrderReply.load(id, request.context, services)
        let order = reply.order
        let (replies, results, related) = try await services.database.read { tx in
            (
                try ForeignOrdersStore.replies(order.id, tx),
                try ForeignResultsStore.of(id, tx),
                order.related.isEmpty ? nil : try ForeignOrdersStore.find(order.system, order.related, tx)?.item
            )
        }
        var seen: ID<Case>?
        // A related order may lie where the reader sees nothing.
        if let related { seen = try await visible(related, request.context, services) }
        return OrderPage(
            reply: reply, replies: replies, results: results, related: seen,
            leadHours: services.queries.settings.orderLeadHours, formToken: request.formToken,
            now: request.context.now
        )
    }

    private static func visible(
        _ id: ID<Case>, _ context: Context, _ services: Services
    ) async throws -> ID<Case>? {
        do {
            return try await services.queries.view(id, context).standing.isStaff ? id : nil
        } catch let error as LinliError where error.kind == .notFound {
            return nil
        }
    }

    /// Does something with an order; when it cannot be done as it is, shows the page again with what was typed.
    private static func perform(
        _ step: String, _ request: Request, _ services: Services, _ work: (ID<Case>) async throws -> Void
    ) async throws -> Reply {
        let id: ID<Case> = try request.id()
        var page = try await load(request, services)
        do {
            try await work(id)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.attempt = (step, request.form, error)
            return .page(page.page, status: status)
        }
        return .redirect("/desk/orders/\(id)?done=\(step)")
    }

    private static func reply(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("reply", request, services) { id in
            try await services.commands.replied(request.form["text"] ?? "", to: id, request.context)
        }
    }

    private static func ask(_ request: Request, _ services: Services) async throws -> Reply {
        let kind = request.form["kind"].flatMap { ForeignRequestKind(rawValue: $0) }
        let reason = request.form["reasonClass"] ?? ""
        let prefix = kind.map { $0.rawValue + "." } ?? ""
        return try await perform("ask", request, services) { id in
            guard let kind, reason.hasPrefix(prefix) else {
                throw LinliError.invalid(
                    "orders.kind", [.init("reasonClass", Text("请选申请和理由", "Please choose what for and why"))]
                )
            }
            try await services.commands.askThere(
                kind, reason: String(reason.dropFirst(prefix.count)), text: request.form["text"] ?? "", of: id,
                request.context
            )
        }
    }

    private static func rule(_ request: Request, _ services: Services) async throws -> Reply {
        let kind = request.form["kind"].flatMap { ForeignRequestKind(rawValue: $0) }
        let isGranted = request.form["verdict"].flatMap { ["granted": true, "denied": false][$0] }
        let named = request.form["due"] ?? ""
        let due = SheetMoment.read(named, isDeadline: true)
        return try await perform("ruling", request, services) { id in
            guard let kind, let isGranted else {
                throw LinliError.invalid(
                    "orders.verdict", [.init("verdict", Text("请选 12345 的答复", "Please choose what 12345 said"))]
                )
            }
            guard named.isEmpty || due != nil else {
                throw LinliError.invalid(
                    "orders.due", [.init("due", Text("请写一个有的日期和时间", "Please give a date and time that exist"))]
                )
            }
            try await services.commands.ruleThere(
                kind, isGranted: isGranted, text: request.form["text"] ?? "", due: due, of: id, request.context
            )
        }
    }

    private static func see(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("seen", request, services) { id in
            guard let due = Instant(w3c: request.form["due"] ?? "") else {
                throw LinliError.invalid(
                    "orders.seen", [.init("due", Text("没说看过的是哪个时限", "Please say which deadline was seen"))]
                )
            }
            try await services.commands.seeDifference(due, of: id, request.context)
        }
    }

    /// Shows once every column as it came, after the audit has it.
    private static func received(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(request, services)
        do {
            page.columns = try await columns(
                of: page.reply, purpose: request.form["purpose"] ?? "", request.context, services)
            return .page(page.page)
        } catch let error as LinliError where error.formStatus != nil {
            page.attempt = ("received", request.form, error)
            return .page(page.page, status: error.formStatus ?? 422)
        }
    }

    /// Every column of an order as it came, in clear, after the audit has the purpose.
    ///
    /// - Throws: `.forbidden` for who may not know who called, `.invalid` without a purpose.
    static func columns(
        of reply: OrderReply, purpose: String, _ context: Context, _ services: Services
    ) async throws -> [(name: String, text: String)] {
        guard OrderReply.mayReadOriginal(reply.view) else { throw LinliError.forbidden("orders.reporter") }
        let purpose = String(purpose.trimmed.prefix(200))
        guard purpose.count >= 4 else {
            let text = Text("请写明用途，如“核对事发地址”", "Please say what for, such as “to check the address”")
            throw LinliError.invalid("orders.purpose", [.init("purpose", text)])
        }
        let cell = try await services.database.read { try ForeignOrdersStore.received(reply.order.id, $0) }
        // The audit keeps the purpose, never a number somebody typed into it.
        let clear = try await services.database.reveal(
            context, purpose: PersonalWords.masked(purpose),
            Subject("case", reply.view.item.id, division: reply.view.item.division), [cell].compactMap { $0 }
        )
        return try clear.first.map { try ForeignOrdersStore.columns($0) } ?? []
    }

    /// The photo of the paper it came on: it shows who called, so only who may know that sees it.
    private static func sheet(_ request: Request, _ services: Services) async throws -> Reply {
        try await sheet(of: try request.id(), request.context, services)
    }

    static func sheet(of id: ID<Case>, _ context: Context, _ services: Services) async throws -> Reply {
        let view = try await services.queries.view(id, context)
        guard view.standing.isStaff, OrderReply.mayReadOriginal(view), let file = view.order?.sheet else {
            throw LinliError.notFound("orders.sheet")
        }
        let photo = try await services.database.read { try ForeignOrdersStore.sheet(file, $0) }
        guard let photo else { throw LinliError.notFound("orders.sheet") }
        return try CasePhotoReply.make(photo, isSmall: false, services)
    }
}
