import LinliCore
import LinliKernel

/// The pages of places.
enum PlacesRoutes {
    static let all: [Route] = [
        .get("/admin/places", access: .permission(.registersRead), list),
        .post("/admin/places/new", access: .permission(.registersManage), add),
        .get("/admin/places/:id", access: .permission(.registersRead), show),
        .post("/admin/places/:id/change", access: .permission(.registersManage), change),
        .post("/admin/places/:id/inside", access: .permission(.registersManage), addInside),
        .post("/admin/places/:id/remove", access: .permission(.registersManage), remove),
    ]

    // MARK: A community

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let code = request.query["under"].flatMap { DivisionCode($0) }
        return .page(try await listPage(code, request, services, attempt: nil).page)
    }

    private static func listPage(
        _ code: DivisionCode?, _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> PlacesListPage {
        let actor = request.context.actor
        let now = request.context.now
        return try await services.database.read { tx in
            let choice = try CommunityChoice(code, actor, at: now, tx)
            guard let community = choice.community else {
                return PlacesListPage(
                    choice: choice, places: [], divisions: [], units: [], mayChange: false,
                    done: nil, attempt: nil, formToken: request.formToken, names: services.divisions
                )
            }
            return PlacesListPage(
                choice: choice,
                places: try PlacesStore.tree(in: community, tx),
                divisions: try [community] + DivisionsStore.children(of: community, at: now, tx).map(\.code),
                units: try UnitsStore.reachable(from: community, tx),
                mayChange: actor.may(.registersManage, in: community),
                done: request.query["done"],
                attempt: attempt,
                formToken: request.formToken,
                names: services.divisions
            )
        }
    }

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        try await AdminAttempt.answer("new", request) {
            let id = try await PlacesCommands(services).add(PlaceDraft(request.form), request.context)
            return "/admin/places/\(id)?done=add"
        } again: { attempt in
            let under = request.form["under"].flatMap { DivisionCode($0) }
            return try await listPage(under, request, services, attempt: attempt).page
        }
    }

    // MARK: One place

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await placePage(request, services, attempt: nil).page)
    }

    private static func placePage(
        _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> PlacePage {
        let id: ID<Place> = try request.id()
        let actor = request.context.actor
        let now = request.context.now
        return try await services.database.read { tx in
            guard let place = try PlacesStore.find(id, tx), actor.may(.registersRead, in: place.division) else {
                throw LinliError.notFound("places.unknown")
            }
            let community = place.division.ancestor(at: .community)
            return PlacePage(
                place: place,
                parent: try place.parent.flatMap { try PlacesStore.find($0, tx) },
                children: try PlacesAdminStore.children(of: id, tx),
                isInUse: try PlacesAdminStore.ties(of: id, tx) > 0,
                manager: try place.manager.flatMap { try UnitsStore.find($0, tx) },
                divisions: try [community] + DivisionsStore.children(of: community, at: now, tx).map(\.code),
                units: try UnitsStore.reachable(from: community, tx),
                mayChange: actor.may(.registersManage, in: place.division),
                done: request.query["done"],
                attempt: attempt,
                formToken: request.formToken,
                names: services.divisions
            )
        }
    }

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("change", request, services) {
            try await $0.change(id, PlaceDraft(request.form), request.context)
        }
    }

    private static func addInside(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        let lines = (request.form["names"] ?? "").split(whereSeparator: \.isNewline).map(String.init)
        return try await perform("inside", request, services) {
            let kind = request.form["kind"].flatMap { PlaceKind(rawValue: $0) }
            try await $0.add(lines, kind, inside: id, request.context)
        }
    }

    private static func perform(
        _ name: String, _ request: Request, _ services: Services, _ command: (PlacesCommands) async throws -> Void
    ) async throws -> Reply {
        try await AdminAttempt.answer(name, request) {
            try await command(PlacesCommands(services))
            let id: ID<Place> = try request.id()
            return "/admin/places/\(id)?done=\(name)"
        } again: { attempt in
            try await placePage(request, services, attempt: attempt).page
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        try await AdminAttempt.answer("remove", request) {
            let place = try await PlacesCommands(services).remove(try request.id(), request.context)
            return place.parent.map { "/admin/places/\($0)?done=remove" }
                ?? "/admin/places?under=\(place.division.ancestor(at: .community))&done=remove"
        } again: { attempt in
            try await placePage(request, services, attempt: attempt).page
        }
    }
}
