import LinliCore
import LinliKernel

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
                place: place, children: try PlacesAdminStore.children(of: id, tx),
                isInUse: try PlacesAdminStore.ties(of: id, tx) > 0
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

/// The JSON objects of `PlacesAPI`.
enum PlaceSchemas {
    /// The places of a community.
    struct Listed: Sendable {
        var community: DivisionCode?
        var places: [PlaceSummary]
    }

    /// A place and what lies in it.
    struct Found: Sendable {
        var place: PlaceSummary
        var children: [PlaceSummary]
        var isInUse: Bool
    }

    /// Places to add inside another.
    struct Inside: Sendable {
        var kind: PlaceKind?
        var names: [String]
    }

    /// A table and the community it is for.
    struct Table: Sendable {
        var community: DivisionCode
        var text: String
    }

    private static let kind = SchemaProperty(
        "kind", .choice(PlaceKind.allCases.map(\.rawValue)), required: true, "What it is")
    private static let right = SchemaProperty(
        "right", .choice(PropertyRight.allCases.map(\.rawValue)), required: true, "Whose the buildings are")

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        kind,
        SchemaProperty("name", .text(limit: 60), required: true, "Its own name"),
        SchemaProperty("address", .text(limit: 160), required: true, "Its whole address"),
        SchemaProperty("division", .text(limit: 15), required: true, "Where it lies, 15 digits"),
        right,
        SchemaProperty("parent", .id, "The place it lies in"),
        SchemaProperty("manager", .id, "The unit that looks after shared parts"),
        SchemaProperty("latitude", .number(-90...90), "WGS84"),
        SchemaProperty("longitude", .number(-180...180), "WGS84"),
    ]

    private static func object(_ place: PlaceSummary) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(place.id)"), "kind": .text(place.kind.rawValue), "name": .text(place.name),
            "address": .text(place.address), "division": .text("\(place.division)"),
            "right": .text(place.propertyRight.rawValue),
        ]
        json["parent"] = place.parent.map { .text("\($0)") }
        json["manager"] = place.manager.map { .text("\($0)") }
        json["latitude"] = place.latitude.map { .real($0) }
        json["longitude"] = place.longitude.map { .real($0) }
        return json
    }

    static let list = Schema<Listed>(
        "PlaceList",
        [
            SchemaProperty("community", .text(limit: 15), "15 digits; missing when you have none"),
            SchemaProperty("places", .list(.object(properties), limit: 2000), required: true, "Places"),
        ],
        decode: { _ in Listed(places: []) },
        encode: { listed in
            var json: [String: JSONValue] = ["places": .array(listed.places.map { .object(object($0)) })]
            json["community"] = listed.community.map { .text("\($0)") }
            return json
        }
    )

    static let place = Schema<Found?>(
        "Place",
        properties + [
            SchemaProperty(
                "inside", .list(.object(properties), limit: 1000), required: true, "What lies directly in it"),
            SchemaProperty("inUse", .flag, required: true, "Whether a case, a resident or a place inside names it"),
        ],
        decode: { _ in nil },
        encode: { found in
            guard let found else { return [:] }
            var json = object(found.place)
            json["inside"] = .array(found.children.map { .object(object($0)) })
            json["inUse"] = .flag(found.isInUse)
            return json
        }
    )

    static let draft = Schema<PlaceDraft>(
        "PlaceDraft",
        [
            kind,
            SchemaProperty("name", .text(limit: 60), required: true, "Its own name"),
            SchemaProperty("address", .text(limit: 160), "By default that of the place it lies in, and its name"),
            SchemaProperty("division", .shaped(.division), required: true, "Its community or grid"),
            right,
            SchemaProperty("manager", .id, "The unit that looks after shared parts"),
            SchemaProperty("latitude", .number(-90...90), "WGS84, with longitude"),
            SchemaProperty("longitude", .number(-180...180), "WGS84, with latitude"),
        ],
        decode: { json in
            func degrees(_ name: String) -> String { json.number(name).map { "\($0)" } ?? "" }
            var draft = PlaceDraft(
                kind: PlaceKind(rawValue: json.text("kind")), name: json.text("name").trimmed,
                division: DivisionCode(json.text("division")), right: PropertyRight(rawValue: json.text("right")),
                manager: json.id("manager"), latitude: degrees("latitude"), longitude: degrees("longitude")
            )
            draft.address = json.text("address").trimmed
            return draft
        },
        encode: { _ in [:] }
    )

    static let inside = Schema<Inside>(
        "PlacesInside",
        [kind, SchemaProperty("names", .list(.text(limit: 60), limit: 200), required: true, "Their names")],
        decode: { Inside(kind: PlaceKind(rawValue: $0.text("kind")), names: $0.texts("names")) },
        encode: { _ in [:] }
    )

    static let table = Schema<Table>(
        "PlaceTable",
        [
            SchemaProperty("under", .shaped(.division), required: true, "The community they lie in"),
            SchemaProperty(
                "table", .text(limit: PlacesImport.maximumBytes), required: true,
                "CSV; its first line names the columns kind, name, parent, division, right, manager, latitude, longitude"
            ),
        ],
        decode: { json in
            Table(community: DivisionCode(json.text("under")) ?? DivisionCode(rawValue: 0), text: json.text("table"))
        },
        encode: { _ in [:] }
    )

    private enum Result: String, CaseIterable {
        case add, present, wrong
    }

    static let lines = Schema<PlacesImport?>(
        "PlaceTableLines",
        [
            SchemaProperty("added", .integer(0...1000), required: true, "How many are new"),
            SchemaProperty("wrong", .integer(0...1000), required: true, "How many lines are wrong"),
            SchemaProperty(
                "lines",
                .list(
                    .object([
                        SchemaProperty("line", .integer(0...1_000_000), required: true, "Its number"),
                        SchemaProperty("address", .text(limit: 160), required: true, "The whole address"),
                        SchemaProperty(
                            "result", .choice(Result.allCases.map(\.rawValue)), required: true, "What becomes of it"),
                        SchemaProperty(
                            "problems", .list(.text(limit: 200), limit: 20), required: true, "What is wrong"),
                    ]),
                    limit: PlacesImport.maximumLines
                ),
                required: true, "Every line"
            ),
        ],
        decode: { _ in nil },
        encode: { table in
            guard let table else { return [:] }
            return [
                "added": .int(Int64(table.added)), "wrong": .int(Int64(table.wrong)),
                "lines": .array(table.lines.map(line)),
            ]
        }
    )

    private static func line(_ line: PlacesImport.Line) -> JSONValue {
        let (result, problems): (Result, [Text]) =
            switch line.result {
            case .add: (.add, [])
            case .present: (.present, [])
            case .wrong(let problems): (.wrong, problems)
            }
        return .object([
            "line": .int(Int64(line.number)), "address": .text(line.address), "result": .text(result.rawValue),
            "problems": .array(problems.map { .text($0.zh) }),
        ])
    }
}
