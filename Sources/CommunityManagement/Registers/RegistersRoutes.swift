import LinliCore
import LinliKernel

/// The overview and lists of the registers.
enum RegistersRoutes {
    static let all: [Route] = [
        .get("/registers", access: .permission(.peopleRead), overview),
        .get("/registers/list", access: .permission(.peopleRead), list),
    ]

    /// How many rows a page of a list has.
    static let limit = 50

    /// The division somebody asks about, which they may see; the first of theirs by default.
    static func division(_ typed: String?, _ actor: Actor) throws -> DivisionCode {
        let scope = actor.scope(for: .peopleRead)
        guard let typed else {
            guard let first = scope.divisions.first else { throw LinliError.notFound("registers.scope") }
            return first
        }
        guard let code = DivisionCode(typed), scope.contains(code) else { throw LinliError.notFound("registers.scope") }
        return code
    }

    private static func overview(_ request: Request, _ services: Services) async throws -> Reply {
        let context = request.context
        let division = try division(request.query["under"], context.actor)
        let divisions = context.actor.scope(for: .peopleRead).divisions
        let page = try await services.database.read { tx in
            let children =
                division.level == .grid
                ? [] : try DivisionsStore.children(of: division, at: context.now, tx).map(\.code)
            let places = division.level >= .community ? try PlacesStore.tree(in: division, tx) : []
            return RegistersOverviewPage(
                frame: RegisterFrame(context.actor), division: division,
                divisions: divisions.contains(division) ? divisions : [division] + divisions, children: children,
                totals: try RegisterCounts.totals(of: [division] + children, tx), places: places,
                managers: try PlacesStore.managers(of: RegistersOverviewPage.tops(places), tx),
                classes: division.level >= .community ? try RegistersStore.classes(in: division, tx) : [],
                catalogue: services.catalogue, mayEdit: context.actor.may(.peopleEdit, in: division),
                names: services.divisions)
        }
        return .page(page.page)
    }

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let actor = request.context.actor
        let division = try division(request.query["under"], actor)
        let kind = request.query["kind"].flatMap { RegisterKind(rawValue: $0) } ?? .person
        let after: ID<RegisterItem>? = request.query.id("after")
        let rows = try await services.database.read { tx in
            try RegistersStore.list(kind, in: division, after: after?.rawValue, limit: limit + 1, tx)
        }
        let page = RegisterListPage(
            frame: RegisterFrame(actor), kind: kind, division: division, rows: Array(rows.prefix(limit)),
            next: rows.count > limit ? rows[limit - 1].subject : nil, mayEdit: actor.may(.peopleEdit, in: division),
            names: services.divisions)
        return .page(page.page)
    }
}
