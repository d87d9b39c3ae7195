import LinliCore
import LinliKernel
import LinliStandards

/// The register of places for programs of administrators: what the pages can do, by the same commands.
enum PlacesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/places", id: "listPlaces", "The places of a community, in their order",
            access: .permission(.registersRead),
            query: [SchemaProperty("under", .shaped(.division), "Which; by default the first of yours with places")],
            body: .nothing, reply: PlaceSchemas.list, list
        ),
        .api(
            .post, "/api/v1/admin/places", id: "addPlace", "Add a place that lies in no other",
            access: .permission(.registersManage), body: PlaceSchemas.draft, reply: PlaceSchemas.place, status: 201
        ) { draft, request, services in
            try await find(try await PlacesCommands(services).add(draft, request.context), request, services)
        },
        .api(
            .get, "/api/v1/admin/places/:id", id: "getPlace", "One place and what lies directly in it",
            access: .permission(.registersRead), body: .nothing, reply: PlaceSchemas.place
        ) { _, request, services in
            try await find(try request.id(), request, services)
        },
        .api(
            .put, "/api/v1/admin/places/:id", id: "changePlace",
            "Change a place; addresses inside that began with its own follow", access: .permission(.registersManage),
            body: PlaceSchemas.draft, reply: PlaceSchemas.place
        ) { draft, request, services in
            try await perform(request, services) { try await $0.change($1, draft, request.context) }
        },
        step("end", "End a place and what lies in it: no choice any more, its cases stay", PlaceSchemas.end) {
            commands, id, end, context in
            try await PlaceRegister.end(id, end.reason, version: end.version, context, commands.database)
        },
        step("reopen", "Bring back a place that ended, with what ended together with it", PlaceSchemas.seen) {
            commands, id, version, context in
            try await PlaceRegister.reopen(id, version: version, context, commands.database)
        },
        step(
            "merge", "Join another place with this one: what lies in it and what names it come over",
            PlaceSchemas.other
        ) { commands, id, other, context in
            try await PlaceMerging.merge(
                other.id, into: id, version: other.version, commands.uses, context, commands.database)
        },
        step("split", "Take back that this place was joined with another", Schema<Nothing>.nothing) {
            commands, id, _, context in
            try await PlaceMerging.split(id, commands.uses, context, commands.database)
        },
        step("photos", "Attach photos to a place", PlaceSchemas.photos) { commands, id, photos, context in
            try await PlaceRegister.attach(photos, to: id, .registersManage, context, commands.database)
        },
        .api(
            .delete, "/api/v1/admin/places/:id/photos/:file", id: "removePlacePhoto", "Take a photo away from a place",
            access: .permission(.registersManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await PlaceRegister.detach(
                try request.id("file"), from: try request.id(), .registersManage, request.context, services.database)
            return Nothing()
        },
        .document(
            "/api/v1/admin/places/:id/photos/:file", id: "getPlacePhoto", "A photo of a place",
            access: .permission(.registersRead),
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg",
            PlacesRoutes.photo
        ),
        .document(
            "/api/v1/admin/places.geojson", id: "listPlaceAreas",
            "The places of a community with their areas or points, a FeatureCollection of RFC 7946",
            access: .permission(.registersRead),
            query: [
                SchemaProperty("under", .shaped(.division), "Which; by default the first of yours with places"),
                SchemaProperty(
                    "datum", .choice(GeoDatum.allCases.map(\.rawValue)), "The coordinates; wgs84 by default"),
            ],
            type: "application/geo+json", PlacesShapesRoutes.download
        ),
        .api(
            .post, "/api/v1/admin/place-shapes/trial", id: "tryPlaceShapes",
            "What a GeoJSON file of places would do, feature by feature; changes nothing",
            access: .permission(.registersManage), body: PlaceSchemas.shapes, reply: PlaceSchemas.shapeLines
        ) { body, request, services in
            try await look(body, request, services)
        },
        .api(
            .post, "/api/v1/admin/place-shapes", id: "importPlaceShapes",
            "Store areas and points of places from GeoJSON, and add those that say what they are; one that is wrong "
                + "stops all of it",
            access: .permission(.registersManage), body: PlaceSchemas.shapes, reply: PlaceSchemas.shapeLines,
            recover: { body, request, services in .some(try await look(body, request, services)) }
        ) { body, request, services in
            let community = try PlacesImportRoutes.own(body.community, request.context)
            return try await PlacesCommands(services).importShapes(
                body.text, body.datum, into: community, request.context)
        },
        .api(
            .post, "/api/v1/admin/places/:id/inside", id: "addPlacesInside",
            "Add places of one kind inside another, by their names", access: .permission(.registersManage),
            body: PlaceSchemas.inside, reply: PlaceSchemas.place, status: 201
        ) { inside, request, services in
            try await perform(request, services) {
                try await $0.add(inside.names, inside.kind, inside: $1, request.context)
            }
        },
        .api(
            .delete, "/api/v1/admin/places/:id", id: "removePlace", "Take a place out that nothing names",
            access: .permission(.registersManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            _ = try await PlacesCommands(services).remove(try request.id(), request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/admin/place-import/trial", id: "tryPlacesImport",
            "What a table of places would do, line by line; changes nothing", access: .permission(.registersManage),
            body: PlaceSchemas.table, reply: PlaceSchemas.lines
        ) { body, request, services in
            try await look(body, request, services)
        },
        .api(
            .post, "/api/v1/admin/place-import", id: "importPlaces",
            "Add the places of a table; a line that is wrong stops all of it", access: .permission(.registersManage),
            body: PlaceSchemas.table, reply: PlaceSchemas.lines,
            recover: { body, request, services in .some(try await look(body, request, services)) }
        ) { body, request, services in
            let done = try await look(body, request, services)
            _ = try await PlacesCommands(services).importTable(body.text, into: body.community, request.context)
            return done
        },
    ]

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> PlaceSchemas.Listed {
        let code = request.query["under"].flatMap { DivisionCode($0) }
        let context = request.context
        return try await services.database.read { tx in
            let choice = try CommunityChoice(code, context.actor, at: context.now, tx)
            guard let community = choice.community else { return .init(community: nil, places: []) }
            return .init(community: community, places: try PlacesStore.tree(in: community, tx))
        }
    }

    private static func find(
        _ id: ID<Place>, _ request: Request, _ services: Services
    ) async throws -> PlaceSchemas.Found? {
        let actor = request.context.actor
        return try await services.database.read { tx in
            guard let place = try PlacesStore.find(id, tx), actor.may(.registersRead, in: place.division) else {
                throw LinliError.notFound("places.unknown")
            }
            return .init(
                detail: try PlaceDetail(place, services, tx),
                isInUse: try PlacesAdminStore.isNamed(id, services.features.placeUses, tx)
            )
        }
    }

    private static func perform(
        _ request: Request, _ services: Services, _ command: (PlacesCommands, ID<Place>) async throws -> Void
    ) async throws -> PlaceSchemas.Found? {
        let id: ID<Place> = try request.id()
        try await command(PlacesCommands(services), id)
        return try await find(id, request, services)
    }

    /// A change of a place: runs it and answers with how the place stands then.
    private static func step<Body>(
        _ name: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (PlacesCommands, ID<Place>, Body, Context) async throws -> Void
    ) -> Route {
        .api(
            .post, "/api/v1/admin/places/:id/" + name, id: name + "Place", summary,
            access: .permission(.registersManage), body: body, reply: PlaceSchemas.place,
            recover: { _, request, services in .some(try await find(try request.id(), request, services)) }
        ) { body, request, services in
            try await perform(request, services) { try await command($0, $1, body, request.context) }
        }
    }

    private static func look(
        _ body: PlaceSchemas.Shapes, _ request: Request, _ services: Services
    ) async throws -> PlacesShapes? {
        let community = try PlacesImportRoutes.own(body.community, request.context)
        let now = request.context.now
        let file = try await services.database.read {
            try PlacesShapes(body.text, body.datum, community: community, at: now, $0)
        }
        guard let problem = file.problem else { return file }
        throw LinliError.invalid("places.shapes", [.init("geojson", problem)])
    }

    private static func look(
        _ body: PlaceSchemas.Table, _ request: Request, _ services: Services
    ) async throws -> PlacesImport? {
        let community = try PlacesImportRoutes.own(body.community, request.context)
        let now = request.context.now
        let table = try await services.database.read {
            try PlacesImport(body.text, community: community, at: now, $0)
        }
        guard let problem = table.problem else { return table }
        throw LinliError.invalid("places.table", [.init("table", problem)])
    }
}
