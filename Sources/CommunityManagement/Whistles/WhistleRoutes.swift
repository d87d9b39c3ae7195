import LinliCore
import LinliKernel

/// A form of whistles that came back: which one, what was typed, what is wrong.
struct WhistleAttempt: Sendable {
    let step: String
    let form: Form
    let error: LinliError
}

/// Lists and pages of whistles, and whistling from a case.
enum WhistleRoutes {
    static let all: [Route] = [
        .get("/desk/whistles", access: .permission(.casesRead), list),
        .get("/desk/whistles/units", access: .permission(.casesRead), units),
        .get("/desk/whistles/:id", access: .permission(.casesRead), show),
        .get("/desk/whistles/:id/fragment", access: .permission(.casesRead), fragment),
        .get("/desk/cases/:id/whistle", access: .permission(.whistlesDraft), form),
        .post("/desk/cases/:id/whistle", access: .permission(.whistlesDraft), draft),
    ]

    /// The tabs that somebody has any use for.
    static func tabs(_ actor: Actor) -> [WhistleTab] {
        WhistleTab.allCases.filter { tab in
            switch tab {
            case .toAnswer: true
            case .toConfirm: actor.may(.whistlesConfirm)
            case .own: actor.may(.whistlesDraft)
            case .all: !actor.scope(for: .casesRead).divisions.isEmpty
            }
        }
    }

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let actor = request.context.actor
        let tabs = tabs(actor)
        let usual: WhistleTab = actor.may(.whistlesConfirm) ? .toConfirm : actor.may(.whistlesDraft) ? .all : .toAnswer
        let asked = request.query["tab"].flatMap { WhistleTab(rawValue: $0) } ?? usual
        let tab = tabs.contains(asked) ? asked : .toAnswer
        let before: ID<Whistle>? = request.query.id("before")
        let rows = try await services.queries.whistles(
            tab, before: before, limit: WhistleListPage.limit + 1, request.context)
        let page = WhistleListPage(
            tab: tab, tabs: tabs, rows: Array(rows.prefix(WhistleListPage.limit)),
            hasMore: rows.count > WhistleListPage.limit, isFirst: before == nil, formToken: request.formToken,
            now: request.context.now, names: services.divisions
        )
        return .page(page.page)
    }

    private static func units(_ request: Request, _ services: Services) async throws -> Reply {
        let calendar = try await services.queries.assessmentCalendar()
        let current = calendar.month(of: request.context.now)
        let asked = request.query["month"].flatMap { AssessmentMonth($0) } ?? current
        let month = min(asked, current)
        let page = WhistleScoresPage(
            month: month, calendar: calendar, isLast: month == current,
            scores: try await services.queries.whistleScores(month, request.context)
        )
        return .page(page.page)
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(request, services)
        page.done = request.query["done"]
        page.scanned = request.query["code"].map { String($0.filter(\.isNumber).prefix(6)) }
        return .page(page.page)
    }

    private static func fragment(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(try await load(request, services).status)
    }

    /// The page of a whistle.
    static func load(_ request: Request, _ services: Services) async throws -> WhistlePage {
        WhistlePage(
            view: try await services.queries.whistle(try request.id(), request.context),
            formToken: request.formToken, origin: request.origin, now: request.context.now,
            names: services.divisions, types: services.queries.types
        )
    }

    // MARK: Whistling

    private static func form(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await formPage(request.query["storey"], request, services).page)
    }

    private static func formPage(
        _ storey: String?, _ request: Request, _ services: Services
    ) async throws -> WhistleNewPage {
        let view = try await services.queries.view(try request.id(), request.context)
        guard view.standing.isStaff else { throw LinliError.notFound("whistles.case") }
        let open = try await services.queries.whistles(of: view, request.context).storeys
        let asked = storey.flatMap { Whistle.Storey(rawValue: $0) }
        let chosen = asked.flatMap { open.contains($0) ? $0 : nil } ?? open.first
        return WhistleNewPage(
            view: view, storeys: open, storey: chosen,
            units: try await chosen.asyncMap { try await services.queries.callable($0, for: view.item) } ?? [],
            mayConfirm: chosen.map {
                WhistleStanding.may(
                    .whistlesConfirm, $0, request.context.actor, view.item.division, handledBy: view.item.handlerUnit)
            } ?? false,
            times: services.queries.settings.whistles, formToken: request.formToken, names: services.divisions
        )
    }

    private static func draft(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        let id: ID<Case> = try request.id()
        do {
            let whistle = try await WhistleCommands(services.commands).draft(
                try draft(form), for: id, request.context)
            return .redirect(WhistlePath.page(whistle) + "?done=draft")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await formPage(form["storey"], request, services)
            page.attempt = WhistleAttempt(step: "draft", form: form, error: error)
            return .page(page.page, status: status)
        }
    }

    private static func draft(_ form: Form) throws -> WhistleDraft {
        guard let kind = form["kind"].flatMap({ Whistle.Kind(rawValue: $0) }),
            let storey = form["storey"].flatMap({ Whistle.Storey(rawValue: $0) })
        else {
            throw LinliError.invalid(
                "whistles.kind", [.init("kind", Text("请选日常、应急还是攻坚", "Please choose how pressing it is"))]
            )
        }
        return WhistleDraft(
            storey: storey, kind: kind, purpose: form["purpose"] ?? "", location: form["location"] ?? "",
            units: form.all("units").compactMap { ID<Unit>($0) }
        )
    }
}

extension Optional where Wrapped: Sendable {
    /// What `transform` makes of the value, if there is one.
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let value = self else { return nil }
        return try await transform(value)
    }
}
