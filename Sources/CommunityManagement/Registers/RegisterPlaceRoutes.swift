import LinliCore
import LinliKernel
import LinliUI

/// The page of a place, its map and its photos.
enum RegisterPlaceRoutes {
    static let all: [Route] = [
        .get("/registers/places/:place", access: .permission(.peopleRead), show),
        .get("/registers/places/:place/area.geojson", access: .permission(.peopleRead), area),
        .post("/registers/places/:place/photos", access: .permission(.peopleEdit), addPhotos),
        .post("/registers/places/:place/remove-photo", access: .permission(.peopleEdit), removePhoto),
        .get("/registers/places/:place/photos/:file", access: .permission(.peopleRead), photo),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> RegisterPlacePage {
        let id: ID<Place> = try request.id("place")
        let context = request.context
        let actor = context.actor
        let view = try await services.database.read { try RegisterPlaceView(id, actor, services, $0) }
        var panels: [HTML] = []
        for panel in services.features.placePanels where actor.may(panel.permission) {
            if let html = try await panel.show(view.around, request, services) { panels.append(html) }
        }
        return RegisterPlacePage(
            frame: RegisterFrame(actor), view: view, panels: panels,
            mayEdit: actor.may(.peopleEdit, in: view.place.division), formToken: request.formToken,
            names: services.divisions, now: context.now)
    }

    /// The shapes of the small map.
    private static func area(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id("place")
        let actor = request.context.actor
        let view = try await services.database.read { try RegisterPlaceView(id, actor, services, $0) }
        let json = view.map.geoJSON { "/registers/places/\($0.id)" }
        return Reply(.bytes(json.bytes, type: "application/geo+json"))
    }

    private static func addPhotos(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id("place")
        let photos = try await FormPhotos(request, services)
        do {
            if let problem = photos.problem { throw problem }
            try await PlaceRegister.attach(photos.files, to: id, .peopleEdit, request.context, services.database)
            return .redirect("/registers/places/\(id)?done=photo")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.error = error
            page.keptPhotos = photos.files.map { FormPhotos.value($0, services.database.keys) }
            return .page(page.page, status: status)
        }
    }

    private static func removePhoto(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id("place")
        guard let file: ID<StoredFile> = request.form.id("file") else { throw LinliError.notFound("places.photo") }
        try await PlaceRegister.detach(file, from: id, .peopleEdit, request.context, services.database)
        return .redirect("/registers/places/\(id)?done=photo")
    }

    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Place> = try request.id("place")
        let file: ID<StoredFile> = try request.id("file")
        let actor = request.context.actor
        let found = try await services.database.read { tx -> (hash: String, size: Int)? in
            guard let place = try PlacesStore.find(id, tx), actor.may(.peopleRead, in: place.division) else {
                return nil
            }
            return try PlaceRegister.photo(file, of: id, tx)
        }
        guard let found else { throw LinliError.notFound("places.photo") }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }
}
