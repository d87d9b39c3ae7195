import LinliCore
import LinliKernel
import LinliStandards

/// What staff do around a case besides its transitions: finding it, correcting it, seeing who told it.
enum CasesAPIWork {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/categories", id: "listCategories", "Categories of needs, events and components",
            access: .public, query: [WorkSchemas.scheme], body: .nothing, reply: WorkSchemas.categories, categories
        ),
        .api(
            .get, "/api/v1/units", id: "listUnits", "Units that may be sent to, or be complained about, at a place",
            query: [SchemaProperty("division", .shaped(.division), required: true, "Where: 6, 9, 12 or 15 digits")],
            body: .nothing, reply: WorkSchemas.units, units
        ),
        .api(
            .get, "/api/v1/search", id: "searchCases",
            "Cases that contain every word, or have that number, the newest first; at most 50",
            access: .permission(.casesRead),
            query: [SchemaProperty("q", .text(limit: 60), required: true, "Words or a number")], body: .nothing,
            reply: WorkSchemas.found, search
        ),
        .api(
            .put, "/api/v1/cases/:id/classification", id: "classifyCase", "Correct nature and category",
            access: .permission(.casesRead), body: WorkSchemas.classification, reply: APISchemas.after, classify
        ),
        .api(
            .put, "/api/v1/cases/:id/urgency", id: "setUrgency",
            "Make a running case urgent, or ordinary again, with the reason: its clocks count anew, and danger rings",
            access: .permission(.casesDispatch), body: WorkSchemas.urgency, reply: APISchemas.after, setUrgent
        ),
        .api(
            .put, "/api/v1/cases/:id/against", id: "setAccusedUnit",
            "Say which units a case is against, which then see and hear nothing of it, with the reason; without any against none",
            access: .permission(.casesDispatch), body: WorkSchemas.against, reply: APISchemas.after, setAgainst
        ),
        .api(
            .post, "/api/v1/cases/:id/reporter", id: "revealReporter",
            "Who told a case and what was masked; the purpose is audited, and the reply is kept nowhere",
            access: .permission(.casesRead), body: WorkSchemas.purpose, reply: WorkSchemas.reporter, reveal
        ),
        .document(
            "/api/v1/cases/:id/photos/:file", id: "getPhoto", "A photo of a case",
            query: [SchemaProperty("size", .choice(["small", "full"]), "full by default")], type: "image/jpeg", photo
        ),
    ]

    private static func categories(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> [EventCategory] {
        let scheme = request.query["scheme"]
        return services.catalogue.all.filter { scheme == nil || $0.scheme.rawValue == scheme }
    }

    private static func units(_: Nothing, _ request: Request, _ services: Services) async throws -> [UnitSummary] {
        guard let division = request.query["division"].flatMap({ DivisionCode($0) }) else { return [] }
        return try await services.database.read { try UnitsStore.reachable(from: division, $0) }
    }

    private static func search(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> CaseSearch.Found {
        let words = request.query["q"] ?? ""
        let scope = request.context.actor.scope(for: .casesRead)
        let now = request.context.now
        return try await services.database.read { try CaseSearch.find(words, scope, at: now, $0) }
    }

    private static func classify(
        _ body: WorkSchemas.Classification, _ request: Request, _ services: Services
    ) async throws -> CaseView? {
        let id: ID<Case> = try request.id()
        try await services.commands.classify(body.nature, body.category, of: id, reason: body.text, request.context)
        return try await CasesAPIRoutes.seen(id, request, services)
    }

    private static func setUrgent(
        _ body: WorkSchemas.Urgency, _ request: Request, _ services: Services
    ) async throws -> CaseView? {
        let id: ID<Case> = try request.id()
        try await services.commands.setUrgent(body.isUrgent, reason: body.text, of: id, request.context)
        return try await CasesAPIRoutes.seen(id, request, services)
    }

    private static func setAgainst(
        _ body: WorkSchemas.Accused, _ request: Request, _ services: Services
    ) async throws -> CaseView? {
        let id: ID<Case> = try request.id()
        try await services.commands.setAgainst(body.units, of: id, reason: body.text, request.context)
        return try await CasesAPIRoutes.seen(id, request, services)
    }

    private static func reveal(
        _ purpose: String, _ request: Request, _ services: Services
    ) async throws -> DeskRevealed {
        let view = try await services.queries.view(try request.id(), request.context)
        // What is shown in clear is not kept for the next time: asked again it is another reading.
        let context = request.context.unmarked
        return try await ReporterReveal.reveal(view, purpose: purpose, context, services)
    }

    private static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let file: ID<StoredFile> = try request.id("file")
        let standing = try await services.queries.view(id, request.context).standing
        let found = try await services.database.read { tx in try NeedsStore.photo(file, of: id, for: standing, tx) }
        guard let found else {
            throw LinliError.notFound("cases.photo")
        }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }
}

/// The JSON objects of `CasesAPIWork`.
enum WorkSchemas {
    /// A corrected nature and category.
    struct Classification: Sendable {
        var nature: NeedNature
        var category: String
        /// Why; a tip-off needs it to become something else.
        var text: String
    }

    /// Whom a case is against, and why.
    struct Accused: Sendable {
        var units: [ID<Unit>]
        var text: String
    }

    /// Whether a case is urgent from now on, and why.
    struct Urgency: Sendable {
        var isUrgent: Bool
        var text: String
    }

    static let scheme = SchemaProperty(
        "scheme", .choice(EventCategory.Scheme.allCases.map(\.rawValue)),
        "Only this list: R residents' needs, E events, C components (GB/T 30428.2)"
    )

    static let categories = Schema<[EventCategory]>(
        "CategoryList",
        [
            SchemaProperty(
                "categories",
                .list(
                    .object([
                        SchemaProperty("code", .text(limit: 10), required: true, "What cases carry, R0201"),
                        SchemaProperty("parent", .text(limit: 10), "Code of the major class; a major class has none"),
                        SchemaProperty("scheme", .text(limit: 1), required: true, "R, E or C"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Name in Chinese"),
                        SchemaProperty("nameEn", .text(limit: 120), required: true, "Name in English"),
                        SchemaProperty("owner", .text(limit: 40), required: true, "Who has to act by default"),
                        SchemaProperty("nature", .text(limit: 20), required: true, "What people usually want"),
                        SchemaProperty("hours", .integer(1...1000), required: true, "Limit in natural hours"),
                        SchemaProperty("public", .flag, required: true, "Whether cases may be shown to everybody"),
                    ]),
                    limit: 2000
                ),
                required: true, "Categories; only those with a parent are taken by createCase"
            )
        ],
        decode: { _ in [] },
        encode: { ["categories": .array($0.map(category))] }
    )

    private static func category(_ category: EventCategory) -> JSONValue {
        var json: [String: JSONValue] = [
            "code": .text(category.code), "scheme": .text(category.scheme.rawValue), "name": .text(category.name.zh),
            "nameEn": .text(category.name.en), "owner": .text(category.owner.rawValue),
            "nature": .text(category.nature.rawValue), "hours": .int(Int64(category.limit.hours)),
            "public": .flag(category.mayBePublic),
        ]
        json["parent"] = category.parent.map { .text($0) }
        return .object(json)
    }

    static let units = Schema<[UnitSummary]>(
        "UnitList",
        [
            SchemaProperty(
                "units",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier"),
                        SchemaProperty("kind", .choice(UnitKind.allCases.map(\.rawValue)), required: true, "Kind"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Name in Chinese"),
                        SchemaProperty("nameEn", .text(limit: 120), required: true, "Name in English"),
                        SchemaProperty("division", .text(limit: 15), required: true, "Where it belongs, 15 digits"),
                        SchemaProperty("phone", .text(limit: 40), required: true, "The duty phone it publishes"),
                    ]),
                    limit: 400
                ),
                required: true, "Units"
            )
        ],
        decode: { _ in [] },
        encode: { units in
            let list = units.map { unit -> JSONValue in
                .object([
                    "id": .text("\(unit.id)"), "kind": .text(unit.kind.rawValue), "name": .text(unit.name.zh),
                    "nameEn": .text(unit.name.en), "division": .text("\(unit.division)"), "phone": .text(unit.phone),
                ])
            }
            return ["units": .array(list)]
        }
    )

    static let found = Schema<CaseSearch.Found>(
        "SearchResult",
        [
            APISchemas.cases(limit: CaseSearch.shownLimit + 1),
            SchemaProperty("hasMore", .flag, required: true, "Whether more were found than are listed"),
            SchemaProperty("isCut", .flag, required: true, "Whether only the newest candidates were looked at"),
        ],
        decode: { _ in CaseSearch.Found() },
        encode: { found in
            [
                "cases": .array(found.rows.map { .object(APISchemas.row($0)) }), "hasMore": .flag(found.hasMore),
                "isCut": .flag(found.isCut),
            ]
        }
    )

    static let classification = Schema<Classification>(
        "Classification",
        [
            SchemaProperty("nature", .choice(NeedNature.allCases.map(\.rawValue)), required: true, "Nature"),
            SchemaProperty("category", .text(limit: 40), required: true, "Code of a category with a parent"),
            SchemaProperty("text", .text(limit: 1000), "The reason; needed to make a tip-off something else"),
        ],
        decode: { json in
            Classification(
                nature: NeedNature(rawValue: json.text("nature")) ?? .assistance, category: json.text("category"),
                text: json.text("text")
            )
        },
        encode: { _ in [:] }
    )

    static let urgency = Schema<Urgency>(
        "CaseUrgency",
        [
            SchemaProperty("urgent", .flag, required: true, "Whether it is urgent from now on"),
            SchemaProperty("text", .text(limit: 1000), required: true, "The reason"),
        ],
        decode: { Urgency(isUrgent: $0.flag("urgent"), text: $0.text("text")) }, encode: { _ in [:] }
    )

    static let against = Schema<Accused>(
        "AccusedUnits",
        [
            SchemaProperty("units", .list(.id, limit: Accusation.limit), "The units; without any it is against none"),
            SchemaProperty("unit", .id, "The same for one"),
            SchemaProperty("text", .text(limit: 1000), "The reason; needed when it changes"),
        ],
        decode: { json in
            let one: ID<Unit>? = json.id("unit")
            return Accused(units: json.ids("units") + [one].compactMap { $0 }, text: json.text("text"))
        },
        encode: { _ in [:] }
    )

    static let purpose = Schema<String>(
        "RevealPurpose",
        [SchemaProperty("purpose", .text(limit: 200), required: true, "What for, at least 4 characters; audited")],
        decode: { $0.text("purpose") }, encode: { _ in [:] }
    )

    static let reporter = Schema<DeskRevealed>(
        "Reporter",
        [
            SchemaProperty("name", .text(limit: 60), required: true, "Name; empty when none was given"),
            SchemaProperty("phone", .text(limit: 40), required: true, "Phone; empty when none was given"),
            SchemaProperty("email", .text(limit: 200), required: true, "Email; empty when none was given"),
            SchemaProperty(
                "words", .list(.text(limit: 4000), limit: 60), required: true, "What was written, before it was masked"
            ),
        ],
        decode: { _ in DeskRevealed() },
        encode: { revealed in
            [
                "name": .text(revealed.name), "phone": .text(revealed.phone), "email": .text(revealed.email),
                "words": .array(revealed.words.map { .text($0) }),
            ]
        }
    )
}
