import LinliCore
import LinliKernel

/// What neighbours see of cases, and the places somebody follows, for programs.
enum PublicCasesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/neighbourhood", id: "listPublicCases",
            "Cases as staff cleared them for everybody, what was published last comes first", access: .public,
            query: PublicSchemas.query, body: .nothing, reply: PublicSchemas.list, list
        ),
        .api(
            .get, "/api/v1/neighbourhood/:number", id: "getPublicCase", "One case as everybody may see it",
            access: .public, parameters: [PublicSchemas.number], body: .nothing, reply: PublicSchemas.detail
        ) { _, request, services in
            try await services.database.read { try services.queries.publicCase(PublicRoutes.number(request), $0) }
        },
        .document(
            "/api/v1/neighbourhood/:number/photos/:file", id: "getPublicPhoto", "A photo that was cleared",
            access: .public, parameters: [PublicSchemas.number],
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg",
            PublicRoutes.photo
        ),
        .api(
            .get, "/api/v1/following", id: "listFollowing", "Places you follow, and what is new there",
            body: .nothing, reply: PublicSchemas.following
        ) { _, request, services in
            try await following(request, services)
        },
        .api(
            .post, "/api/v1/following", id: "followPlace", "Follow a district, street or community, or a place",
            body: PublicSchemas.target, reply: PublicSchemas.following, status: 201,
            recover: { _, request, services in .some(try await following(request, services)) }
        ) { target, request, services in
            try await FollowCommands(request, services).follow(target.division, target.place)
            return try await following(request, services)
        },
        .api(
            .post, "/api/v1/news/seen", id: "seeFollowing", "Say that you have looked: nothing is new any more",
            body: .nothing, reply: PublicSchemas.following,
            recover: { _, request, services in .some(try await following(request, services)) }
        ) { _, request, services in
            try await FollowCommands(request, services).look()
            return try await following(request, services)
        },
        .api(
            .delete, "/api/v1/following/:id", id: "unfollowPlace", "End following a place", body: .nothing,
            reply: .nothing
        ) { _, request, services in
            try await FollowCommands(request, services).end(try request.id())
            return Nothing()
        },
    ]

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> PublicSchemas.Page {
        let query = request.query
        guard let area = query["area"].flatMap({ DivisionCode($0) }) else { throw LinliError.notFound("places.area") }
        let filter = PublicCaseFilter(
            area: area.level == .grid ? area.ancestor(at: .community) : area, place: query.id("place"),
            major: query["kind"], isOpen: query["open"].map { $0 == "true" },
            after: query["after"].flatMap { CaseCursor($0) }, limit: query.int("limit") ?? 20
        )
        let rows = try await services.database.read { try services.queries.publicList(filter, $0) }
        let page = Array(rows.prefix(filter.limit))
        let last = rows.count > filter.limit ? page.last : nil
        return .init(
            rows: page,
            next: last.map { CaseCursor(at: $0.publishedAt, id: $0.id).description }
        )
    }

    private static func following(_ request: Request, _ services: Services) async throws -> Following {
        try await FollowCommands(request, services).following(services.queries)
    }
}

/// The JSON objects of `PublicCasesAPI`.
enum PublicSchemas {
    /// A page of a list.
    struct Page: Sendable {
        var rows: [PublicCaseRow]
        var next: String?
    }

    /// What somebody wants to follow.
    struct Target: Sendable {
        var division: DivisionCode?
        var place: ID<Place>?
    }

    static let number = SchemaProperty("number", .text(limit: 30), required: true, "Human number, SJ20261122-0412")

    static let query = [
        SchemaProperty("area", .shaped(.division), required: true, "A district, street or community"),
        SchemaProperty("place", .id, "Only this place"),
        SchemaProperty("kind", .text(limit: 10), "Only this major class of categories, R01"),
        SchemaProperty("open", .flag, "Only open ones, or only closed ones"),
        SchemaProperty("after", .shaped(.cursor), "`next` of the page before"),
        SchemaProperty("limit", .integer(1...100), "How many; 20 by default"),
    ]

    private static let properties = [
        number,
        SchemaProperty("title", .text(limit: 80), required: true, "As cleared"),
        SchemaProperty("text", .text(limit: 2000), required: true, "As cleared"),
        SchemaProperty("result", .text(limit: 2000), required: true, "What was done, as cleared; may be empty"),
        SchemaProperty("address", .text(limit: 160), required: true, "Where, never a door"),
        SchemaProperty("category", .text(limit: 40), required: true, "Code of the category"),
        SchemaProperty("community", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("latitude", .number(-90...90), "WGS84, rounded"),
        SchemaProperty("longitude", .number(-180...180), "WGS84, rounded"),
        SchemaProperty("state", .text(limit: 40), required: true, "State of its case type"),
        SchemaProperty("open", .flag, required: true, "Whether it is open"),
        SchemaProperty("unit", .text(limit: 80), required: true, "Who has it; may be empty"),
        SchemaProperty("createdAt", .moment, required: true, "When it was told"),
        SchemaProperty("publishedAt", .moment, required: true, "When neighbours saw it first"),
        SchemaProperty("closedAt", .moment, "When it was closed"),
        SchemaProperty(
            "togetherWith", .text(limit: 30), "Number of the public case it is handled with, which several told"),
    ]

    private static func object(_ row: PublicCaseRow) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "number": .text(row.number), "title": .text(row.title), "text": .text(row.text),
            "result": .text(row.result), "address": .text(row.address), "category": .text(row.category),
            "community": .text("\(row.community)"), "state": .text(row.state.id), "open": .flag(row.isOpen),
            "unit": .text(row.unit.zh), "createdAt": .text(row.createdAt.iso8601),
            "publishedAt": .text(row.publishedAt.iso8601),
        ]
        json["latitude"] = row.latitude.map { .real($0) }
        json["longitude"] = row.longitude.map { .real($0) }
        json["closedAt"] = row.closedAt.map { .text($0.iso8601) }
        json["togetherWith"] = row.leadNumber.map { .text($0) }
        return json
    }

    static let list = Schema<Page>(
        "PublicCaseList",
        [
            SchemaProperty("cases", .list(.object(properties), limit: 100), required: true, "Cases"),
            SchemaProperty("next", .text(limit: 60), "`after` of the next page; missing on the last one"),
        ],
        decode: { _ in Page(rows: []) },
        encode: { page in
            var json: [String: JSONValue] = ["cases": .array(page.rows.map { .object(object($0)) })]
            json["next"] = page.next.map { .text($0) }
            return json
        }
    )

    static let detail = Schema<PublicCase?>(
        "PublicCase",
        properties + [
            SchemaProperty(
                "steps",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("what", .text(limit: 200), required: true, "What was done"),
                    ]),
                    limit: 500
                ),
                required: true, "Steps, without who and without words"
            ),
            SchemaProperty("photos", .list(.id, limit: 60), required: true, "For getPublicPhoto"),
        ],
        decode: { _ in nil },
        encode: { item in
            guard let item else { return [:] }
            var json = object(item.row)
            json["steps"] = .array(
                item.lines.map { .object(["at": .text($0.at.iso8601), "what": .text($0.what.zh)]) })
            json["photos"] = .array(item.photos.map { .text("\($0.file)") })
            return json
        }
    )

    static let target = Schema<Target>(
        "FollowTarget",
        [
            SchemaProperty("area", .shaped(.division), "A district, street or community"),
            SchemaProperty("place", .id, "Or a place that is no building"),
        ],
        decode: { Target(division: DivisionCode($0.text("area")), place: $0.id("place")) }, encode: { _ in [:] }
    )

    static let following = Schema<Following>(
        "Following",
        [
            SchemaProperty(
                "places",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for unfollowPlace"),
                        SchemaProperty("area", .text(limit: 15), "A division, 15 digits"),
                        SchemaProperty("place", .id, "A place"),
                        SchemaProperty("address", .text(limit: 160), "Its address"),
                        SchemaProperty("news", .integer(0...Int64.max), required: true, "How many cases are new"),
                    ]),
                    limit: FollowStore.limit
                ),
                required: true, "What you follow"
            ),
            SchemaProperty(
                "news",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("change", .choice(["published", "closed"]), required: true, "What happened"),
                        SchemaProperty("new", .flag, required: true, "Whether it happened since you looked"),
                        SchemaProperty("case", .object(properties), required: true, "The case"),
                    ]),
                    limit: 60
                ),
                required: true, "What happened there, the newest first"
            ),
        ],
        decode: { _ in Following() },
        encode: { following in
            let news = following.news.compactMap { news -> JSONValue? in
                following.rows[news.item].map { row in
                    .object([
                        "at": .text(news.at.iso8601), "change": .text(news.change.rawValue),
                        "new": .flag(news.isNew), "case": .object(object(row)),
                    ])
                }
            }
            return ["places": .array(following.places.map(place)), "news": .array(news)]
        }
    )

    private static func place(_ place: PlaceSubscription) -> JSONValue {
        var json: [String: JSONValue] = ["id": .text("\(place.id)"), "news": .int(Int64(place.news))]
        json[place.target.field] = .text(place.target.value)
        if !place.address.isEmpty { json["address"] = .text(place.address) }
        return .object(json)
    }
}
