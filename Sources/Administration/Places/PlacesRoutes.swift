import LinliCore
import LinliKernel
import LinliUI

/// The pages of places.
enum PlacesRoutes {
    static let all: [Route] = [
        .get("/admin/places", access: .permission(.registersRead), list),
        .post("/admin/places/new", access: .permission(.registersManage), add),
        .get("/admin/places/:id", access: .permission(.registersRead), show),
        .post("/admin/places/:id/change", access: .permission(.registersManage), change),
        .post("/admin/places/:id/inside", access: .permission(.registersManage), addInside),
        .post("/admin/places/:id/remove", access: .permission(.registersManage), remove),
        .post("/admin/places/:id/end", access: .permission(.registersManage), end),
        .post("/admin/places/:id/reopen", access: .permission(.registersManage), reopen),
        .post("/admin/places/:id/merge", access: .permission(.registersManage), merge),
        .post("/admin/places/:id/split", access: .permission(.registersManage), split),
        .post("/admin/places/:id/photos", access: .permission(.registersManage), addPhotos),
        .post("/admin/places/:id/remove-photo", access: .permission(.registersManage), removePhoto),
        .get("/admin/places/:id/photos/:file", access: .permission(.registersRead), photo),
        .get("/admin/places/:id/area.geojson", access: .permission(.registersRead), area),
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
                    choice: choice, places: [], ended: [], divisions: [], units: [], mayChange: false,
                    done: nil, attempt: nil, formToken: request.formToken, names: services.divisions
                )
            }
            return PlacesListPage(
                choice: choice,
                places: try PlacesStore.tree(in: community, tx),
                ended: try PlacesAdminStore.ended(in: community, limit: 100, tx),
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
        let view = try await services.database.read { tx in
            try PlaceView(id, actor, at: now, services, tx)
        }
        return PlacePage(
            view: view, mayChange: actor.may(.registersManage, in: view.place.division), done: request.query["done"],
            attempt: attempt, formToken: request.formToken, names: services.divisions, base: services.baseMap, now: now
        )
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

    // MARK: There no more

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("end", request, services) { commands in
            guard let reason = request.form["reason"].flatMap({ PlaceEndReason(rawValue: $0) }),
                PlaceEndReason.choices.contains(reason)
            else {
                throw LinliError.invalid("places.end", [.init("reason", Text("请选原因", "Please choose why"))])
            }
            try await PlaceRegister.end(
                id, reason, version: request.form.int("version"), request.context, commands.database)
        }
    }

    private static func reopen(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("reopen", request, services) { commands in
            try await PlaceRegister.reopen(
                id, version: request.form.int("version"), request.context, commands.database)
        }
    }

    // MARK: Two that are one

    private static func merge(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("merge", request, services) { commands in
            guard let other = try await other(request, services) else {
                throw LinliError.invalid(
                    "places.mergeOther",
                    [.init("other", Text("没有找到这处地点，请写完整地址", "No such place; write its whole address"))])
            }
            try await PlaceMerging.merge(
                other, into: id, version: request.form.int("version"), commands.uses, request.context,
                commands.database)
        }
    }

    /// The place a form names: by its identifier, or by its whole address.
    private static func other(_ request: Request, _ services: Services) async throws -> ID<Place>? {
        if let other: ID<Place> = request.form.id("other") { return other }
        guard let address = request.form["other"] else { return nil }
        let id: ID<Place> = try request.id()
        let found = try await services.database.read { try PlacesAdminStore.places(at: address, $0) }
        let others = found.filter {
            $0.id != id && request.context.actor.may(.registersManage, in: $0.division)
        }
        return others.count == 1 ? others[0].id : nil
    }

    private static func split(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("split", request, services) { commands in
            try await PlaceMerging.split(id, commands.uses, request.context, commands.database)
        }
    }

    // MARK: Pictures and the map

    private static func addPhotos(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            try await PlaceRegister.attach(
                photos.files, to: id, .registersManage, request.context, services.database)
            return .redirect("/admin/places/\(id)?done=photos")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            let attempt = AdminAttempt(name: "photos", form: request.form, error: error)
            var page = try await placePage(request, services, attempt: attempt)
            page.keptPhotos = photos.files.map { FormPhotos.value($0, services.database.keys) }
            return .page(page.page, status: status)
        }
    }

    private static func removePhoto(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        return try await perform("photos", request, services) { commands in
            guard let file: ID<StoredFile> = request.form.id("file") else { throw LinliError.notFound("places.photo") }
            try await PlaceRegister.detach(file, from: id, .registersManage, request.context, commands.database)
        }
    }

    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        let file: ID<StoredFile> = try request.id("file")
        let actor = request.context.actor
        let found = try await services.database.read { tx -> (hash: String, size: Int)? in
            guard let place = try PlacesStore.find(id, tx), actor.may(.registersRead, in: place.division) else {
                return nil
            }
            return try PlaceRegister.photo(file, of: id, tx)
        }
        guard let found else { throw LinliError.notFound("places.photo") }
        return try PhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }

    /// The shapes of the small map.
    private static func area(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id()
        let actor = request.context.actor
        let now = request.context.now
        let view = try await services.database.read { try PlaceView(id, actor, at: now, services, $0) }
        let json = view.map(services.baseMap).geoJSON { "/admin/places/\($0.id)" }
        return Reply(.bytes(json.bytes, type: "application/geo+json"))
    }
}
