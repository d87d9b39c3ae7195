import LinliCore
import LinliKernel
import LinliStandards

/// Requests of programs → commands and queries → JSON.
enum CasesAPIRoutes {
    static func signIn(_ body: Credentials, _ request: Request, _ services: Services) async throws -> String {
        let phone = PhoneNumber(body.phone)?.number ?? ""
        // Asked again it is another token: a key that opens doors is not kept for the next time.
        let context = request.context.unmarked
        let begun = try await services.signIn.begin(
            phone: phone, password: body.password, deviceToken: nil, userAgent: "API", context
        )
        // A token would pass by the second factor: staff make theirs with `linli user token`.
        guard !begun.needsSecondFactor else {
            throw LinliError(
                .forbidden,
                "access.staffToken",
                Text(
                    "工作人员的接口令牌请由管理员用 linli user token 生成",
                    "Tokens for staff are made by the operator: linli user token"
                )
            )
        }
        return try await services.signIn.makeToken(for: begun.account.id, label: body.label, context)
    }

    static func whoAmI(_: Nothing, _ request: Request, _ services: Services) async throws -> AccountSummary? {
        guard let id = request.context.actor.account else { throw LinliError.notFound("me") }
        let now = request.context.now
        return try await services.database.read { try AccessStore.account(id, at: now, $0) }
    }

    static func list(_: Nothing, _ request: Request, _ services: Services) async throws -> CasePage {
        var filter = CaseFilter(
            tab: request.query["tab"].flatMap { CaseFilter.Tab(rawValue: $0) } ?? .open,
            category: request.query["category"],
            grid: request.query["grid"].flatMap { DivisionCode($0) },
            after: request.query["after"].flatMap { CaseCursor($0) },
            limit: min(max(request.query.int("limit") ?? 50, 1), 100)
        )
        filter.handler = request.query.id("handler")
        filter.isNewestFirst = request.query["order"] == "newest"
        let actor = request.context.actor
        let rows: [CaseRow]
        if let account = actor.account, let tab = request.query["mine"].flatMap({ MyCaseTab(rawValue: $0) }) {
            let (queries, before, limit) = (services.queries, filter.after?.id, filter.limit + 1)
            rows = try await services.database.read { tx in
                try queries.mine(tab, of: account, before: before, limit: limit, tx).map(\.row)
            }
        } else if actor.isStaff {
            rows = try await services.queries.list(filter, actor.scope(for: .casesRead), at: request.context.now)
        } else if let account = actor.account {
            rows = try await services.queries.mine(account, before: filter.after?.id, limit: filter.limit + 1)
        } else {
            rows = []
        }
        let page = Array(rows.prefix(filter.limit))
        let hasMore = rows.count > filter.limit
        let next = hasMore ? page.last.map { CaseCursor(at: $0.dueAt, id: $0.id).description } : nil
        return CasePage(rows: page, isForStaff: actor.isStaff, next: next)
    }

    /// The case as it is now, for a step or a note whose reply was lost.
    static func done<Body>(_: Body, _ request: Request, _ services: Services) async throws -> CaseView?? {
        .some(try await seen(try request.id(), request, services))
    }

    static func detail(_: Nothing, _ request: Request, _ services: Services) async throws -> CaseView? {
        try await view(try request.id(), request.context, services)
    }

    /// A case for its staff, or as far as one of several voices is told of it.
    static func view(_ id: ID<Case>, _ context: Context, _ services: Services) async throws -> CaseView {
        // Staff who told it themselves, where they have no duty, read it as everybody does who told something.
        try await services.queries.viewAsTold(id, context)
    }

    static func take(_ step: CaseStep, _ request: Request, _ services: Services) async throws -> CaseView? {
        let id: ID<Case> = try request.id()
        try await services.commands.take(step, of: id, request.context)
        return try await seen(id, request, services)
    }

    /// The case as it is now; nil for who gave it away with this very step and may not see it any more.
    static func seen(_ id: ID<Case>, _ request: Request, _ services: Services) async throws -> CaseView? {
        do {
            return try await view(id, request.context, services)
        } catch let error as LinliError where error.kind == .notFound {
            return nil
        }
    }

    static func note(_ body: NoteBody, _ request: Request, _ services: Services) async throws -> CaseView? {
        let id: ID<Case> = try request.id()
        try await services.commands.remark(
            body.text, isVisible: body.isVisible, photos: body.photos, on: id, request.context
        )
        return try await view(id, request.context, services)
    }
}
