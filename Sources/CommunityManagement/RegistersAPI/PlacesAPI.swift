import LinliCore
import LinliKernel

/// Places for programs of those who look after people: found by words, or all of a grid or community, each within the
/// reader's divisions, with photos of them. Changing them is for administrators.
enum RegisterPlacesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/places", id: "findPlaces",
            "Places you may see: those with all of some words in their address, however they are spelled, or all of a grid "
                + "or community",
            access: .permission(.peopleRead),
            query: [
                SchemaProperty("q", .text(limit: 60), "Words of an address, `幸福里 三号楼`"),
                SchemaProperty("division", .shaped(.division), "Which grid or community; by default all of yours"),
            ],
            body: .nothing, reply: list, find
        ),
        .api(
            .get, "/api/v1/places/:place", id: "readPlace",
            "One place: who looks after it with their duty phone, its standard address, area, history, what lies in it",
            access: .permission(.peopleRead), body: .nothing, reply: one
        ) { _, request, services in
            try await shown(try request.id("place"), request, services)
        },
        .document(
            "/api/v1/places/:place/photos/:file", id: "readPlacePhoto", "A photo of a place",
            access: .permission(.peopleRead),
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg",
            RegisterPlaceRoutes.photo
        ),
        .step(
            "/api/v1/places/:place/photos", id: "addPhotosOfPlace",
            "Attach photos to a place whose people you look after", access: .permission(.peopleEdit), of: "place",
            body: RegisterStepSchemas.photos, reply: one, shown: shown
        ) { id, photos, request, services in
            try await PlaceRegister.attach(photos, to: id, .peopleEdit, request.context, services.database)
        },
        .api(
            .delete, "/api/v1/places/:place/photos/:file", id: "removePhotoOfPlace",
            "Take a photo away from a place whose people you look after", access: .permission(.peopleEdit),
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await PlaceRegister.detach(
                try request.id("file"), from: try request.id("place"), .peopleEdit, request.context, services.database)
            return Nothing()
        },
    ]

    private static func shown(
        _ id: ID<Place>, _ request: Request, _ services: Services
    ) async throws -> PlaceDetail? {
        let actor = request.context.actor
        return try await services.database.read { tx in
            guard let place = try PlacesStore.find(id, tx), actor.may(.peopleRead, in: place.division) else {
                throw LinliError.notFound("registers.place")
            }
            return try PlaceDetail(place, services, tx)
        }
    }

    /// How many places a search answers with.
    private static let most = 50

    private static func find(_: Nothing, _ request: Request, _ services: Services) async throws -> [PlaceSummary] {
        let actor = request.context.actor
        var scope = actor.scope(for: .peopleRead)
        if let typed = request.query["division"] {
            let division = try RegistersRoutes.division(typed, actor)
            scope = Scope(
                divisions: [division], units: scope.units, account: scope.account, interests: scope.interests)
        }
        let (asked, words) = (scope, request.query["q"] ?? "")
        return try await services.database.read { tx in
            guard words.isEmpty else {
                let names = services.divisions
                let hits = try RegisterFinder.places(words, in: asked, limit: most, names: names, tx)
                return try hits.compactMap { try PlacesStore.find(ID(rawValue: $0.id), tx) }
            }
            var places: [PlaceSummary] = []
            for division in asked.divisions where places.count < 2000 && division.level >= .community {
                places += try PlacesStore.tree(in: division, tx)
            }
            return Array(places.prefix(2000))
        }
    }

    private static let list = Schema<[PlaceSummary]>(
        "FoundPlaces",
        [SchemaProperty("places", .list(.object(PlaceDetail.listed), limit: 2000), required: true, "Places")],
        decode: { _ in [] }, encode: { ["places": .array($0.map { .object(PlaceDetail.json($0)) })] })

    private static let one = Schema<PlaceDetail?>(
        "PlaceEntry", PlaceDetail.properties, decode: { _ in nil }, encode: { $0?.json ?? [:] })
}
