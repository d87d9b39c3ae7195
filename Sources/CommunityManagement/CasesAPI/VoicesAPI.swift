import LinliCore
import LinliKernel
import LinliStandards

/// Several who told the same, and finding what somebody told by their number: what the pages can do.
enum VoicesAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/joins", id: "joinCase",
            "Say that you have the same trouble as a case: one more voice of it with its own number; staff say it for a caller",
            access: .public, body: joining, reply: APISchemas.taken, status: 201,
            recover: { (body: Joining, request: Request, services: Services) in
                let context = TellingAPI.writer(body.form.disclosure, photos: body.photos, request.context)
                guard let once = request.once, let taken = try await services.commands.taken(once: once, context)
                else { return .none }
                return .some(taken)
            }, join
        ),
        .api(
            .get, "/api/v1/similar", id: "listSimilar",
            "Open cases that may be what you are about to tell, as neighbours see them, to join in place of telling it again",
            access: .public,
            query: [
                SchemaProperty("category", .text(limit: 40), required: true, "A category of listCategories"),
                SchemaProperty("place", .id, "Where it is"),
                SchemaProperty("latitude", .number(-90...90), "Where it is, WGS 84"),
                SchemaProperty("longitude", .number(-180...180), "Where it is, WGS 84"),
            ],
            body: .nothing, reply: similar
        ) { _, request, services in
            guard let category = services.catalogue[code: request.query["category"] ?? ""] else { return [] }
            let point = request.query.double("latitude").flatMap { latitude in
                request.query.double("longitude").flatMap { GeoPoint(longitude: $0, latitude: latitude) }
            }
            return try await SimilarCases.forNeighbours(
                SimilarCases.codes(of: category, services.catalogue), at: request.query.id("place"), around: point,
                request, services)
        },
        .api(
            .post, "/api/v1/callers", id: "findCaller",
            "What was told from a phone number, as far as you may know who did; the purpose is audited, the reply kept nowhere",
            access: .permission(.casesReport), body: caller, reply: found
        ) { body, request, services in
            // A number that is looked up again is another look.
            try await DeskCallerRoutes.found(body.phone, purpose: body.purpose, request.context.unmarked, services)
        },
    ]

    /// A voice and the case it joins.
    struct Joining: Sendable {
        var number: String
        var form: NeedForm
        /// As `uploadFile` answered them.
        var photos: [String]
    }

    /// A number and why it is looked up.
    struct Caller: Sendable {
        var phone: String
        var purpose: String
    }

    private static func join(
        _ body: Joining, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken? {
        try TellingAPI.admit(request)
        let context = TellingAPI.writer(body.form.disclosure, photos: body.photos, request.context)
        if context.actor.isStaff { return try await joinCaller(body, context, request, services) }
        guard body.form.elder.isEmpty else {
            throw LinliError.invalid(
                "cases.staff", [.init("onBehalf", Text("只有工作人员能填", "For staff only"))])
        }
        let neighbour = try await LocalCommunity.neighbour(request, services)
        let lead = try await services.queries.joinable(body.number, as: neighbour)
        let photos = try await FormPhotos.named(body.photos, services.database, context)
        var draft = try await JoinRoutes.draft(body.form, photos, lead, request, services)
        draft.source = .api
        let once = request.once ?? ""
        guard try await JoinRoutes.told(lead, draft, once: once, context, request, services) == nil else {
            throw CaseCommands.toldAlready
        }
        return try await services.commands.join(lead.number, draft, as: neighbour, once: once, context)
    }

    /// Whom staff have before them, or on the phone, as one more voice of a case.
    private static func joinCaller(
        _ body: Joining, _ context: Context, _ request: Request, _ services: Services
    ) async throws -> CaseCommands.Taken? {
        let scope = context.actor.scope(for: .casesRead)
        let lead = try await services.database.read { try CaseSearch.numbered(body.number, scope, $0) }
        guard let lead else { throw LinliError.notFound("cases.joinable") }
        var form = body.form
        form.category = lead.category
        let told = form
        let place = try await services.database.read { try NeedsStore.place(told, $0) }
        let photos = try await FormPhotos.named(body.photos, services.database, context)
        var draft = try form.draft(
            in: lead.division, place: place?.id, photos: photos, teller: nil, services.catalogue, services.suggestions)
        draft.home = form.home
        draft.disclosure = form.disclosure ?? .named
        return try await services.commands.join(caller: draft, to: lead.id, once: request.once ?? "", context)
    }

    private static let joining = Schema<Joining>(
        "CaseJoining",
        [
            SchemaProperty("number", .text(limit: 30), required: true, "Number of the case, SJ20261122-0412"),
            SchemaProperty("text", .text(limit: 2000), required: true, "What it is like for you"),
            SchemaProperty("location", .text(limit: 120), "Where exactly"),
            SchemaProperty("home", .text(limit: 40), "The door of who tells it, only to count homes"),
            SchemaProperty(
                "disclosure", .choice(Disclosure.allCases.map(\.rawValue)), "Who may know you; named by default"),
            SchemaProperty("reporterName", .text(limit: 30), "Name of who tells it"),
            SchemaProperty("reporterPhone", .text(limit: 20), "Phone of who tells it, or of whom they speak for"),
            SchemaProperty("onBehalf", .text(limit: 12), "Name of the elder a caller speaks for; for staff"),
            SchemaProperty("place", .id, "Where it is for you, a place of getReportOptions"),
            SchemaProperty(
                "addsOnly", .flag,
                "Your words only add to the case; without it, what is surely a complaint of your own is refused"),
            TellingSchemas.photos,
        ],
        decode: { json in
            var form = NeedForm()
            form.text = json.text("text")
            form.location = json.text("location")
            form.home = json.text("home")
            form.disclosure = Disclosure(rawValue: json.text("disclosure"))
            form.name = json.text("reporterName")
            form.phone = json.text("reporterPhone")
            form.elder = json.text("onBehalf").trimmed
            form.listed = json.id("place")
            if json.flag("addsOnly") { form.nature = .assistance }
            return Joining(number: json.text("number").uppercased(), form: form, photos: json.texts("photos"))
        },
        encode: { _ in [:] }
    )

    private static let similar = Schema<[JoinableCase]>(
        "SimilarCases",
        [
            SchemaProperty(
                "cases",
                .list(
                    .object([
                        SchemaProperty("number", .text(limit: 30), required: true, "For joinCase"),
                        SchemaProperty("category", .text(limit: 40), required: true, "Code of the category"),
                        SchemaProperty("title", .text(limit: 40), required: true, "As staff cleared it; may be empty"),
                        SchemaProperty(
                            "address", .text(limit: 200), required: true,
                            "As staff cleared it, or the building of a shared part; may be empty"),
                        SchemaProperty("createdAt", .moment, required: true, "When it was told first"),
                        SchemaProperty("households", .integer(0...1_000_000), "How many homes told it, by known doors"),
                        SchemaProperty("withoutDoor", .integer(0...1_000_000), "How many told it without a known door"),
                        SchemaProperty("own", .id, "Your own case of it: you told it already, and joinCase refuses"),
                    ]),
                    limit: SimilarSettings.most
                ),
                required: true, "What is at the place itself first, then what is nearest"
            )
        ],
        decode: { _ in [] },
        encode: { rows in
            let list = rows.map { row -> JSONValue in
                var json: [String: JSONValue] = [
                    "number": .text(row.number), "category": .text(row.category), "title": .text(row.title),
                    "address": .text(row.address), "createdAt": .text(row.createdAt.iso8601),
                ]
                json["households"] = row.count.map { .int(Int64($0.households)) }
                json["withoutDoor"] = row.count.map { .int(Int64($0.unknown)) }
                json["own"] = row.own.map { .text("\($0)") }
                return .object(json)
            }
            return ["cases": .array(list)]
        }
    )

    private static let caller = Schema<Caller>(
        "CallerLook",
        [
            SchemaProperty("phone", .text(limit: 20), required: true, "11 digits"),
            SchemaProperty("purpose", .text(limit: 200), required: true, "What for; audited"),
        ],
        decode: { Caller(phone: $0.text("phone"), purpose: $0.text("purpose")) }, encode: { _ in [:] }
    )

    private static let found = Schema<[CaseRow]>(
        "CallerCases", [APISchemas.cases(limit: 60)], decode: { _ in [] },
        encode: { ["cases": .array($0.map { .object(APISchemas.row($0)) })] }
    )
}
