import LinliCore
import LinliKernel

/// The overview, places and lists of the registers.
enum RegistersRoutes {
    static let all: [Route] = [
        .get("/registers", access: .permission(.peopleRead), overview),
        .get("/registers/list", access: .permission(.peopleRead), list),
        .get("/registers/places/:place", access: .permission(.peopleRead), place),
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
            let units = try Set(places.compactMap(\.manager)).compactMap { try UnitsStore.find($0, tx) }
            return RegistersOverviewPage(
                frame: RegisterFrame(context.actor), division: division,
                divisions: divisions.contains(division) ? divisions : [division] + divisions, children: children,
                totals: try RegisterCounts.totals(of: [division] + children, tx), places: places,
                managers: Dictionary(uniqueKeysWithValues: units.map { ($0.id, $0) }),
                classes: division.level >= .community ? try RegistersStore.classes(in: division, tx) : [],
                catalogue: services.catalogue, mayEdit: context.actor.may(.peopleEdit, in: division),
                names: services.divisions)
        }
        return .page(page.page)
    }

    private static func place(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id("place")
        let context = request.context
        let page = try await services.database.read { tx in
            guard let place = try PlacesStore.find(id, tx), context.actor.may(.peopleRead, in: place.division) else {
                throw LinliError.notFound("registers.place")
            }
            let parent = try place.parent.flatMap { try PlacesStore.find($0, tx) }
            let manager = place.manager ?? parent?.manager
            let children = try RegistersStore.children(of: id, tx)
            let around = [id, place.parent].compactMap { $0 } + children.map(\.id)
            let stewards =
                context.actor.may(.gridPeopleRead, in: place.division)
                ? try GridRolesStore.stewards(of: around, at: context.now, tx) : []
            return RegisterPlacePage(
                frame: RegisterFrame(context.actor), place: place, parent: parent,
                manager: try manager.flatMap { try UnitsStore.find($0, tx) },
                children: children, stewards: stewards,
                dwellings: try RegistersStore.dwellings(of: id, tx),
                organizations: try RegistersStore.organizations(of: id, tx),
                things: try RegistersStore.things(of: id, tx),
                mayEdit: context.actor.may(.peopleEdit, in: place.division), names: services.divisions)
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
