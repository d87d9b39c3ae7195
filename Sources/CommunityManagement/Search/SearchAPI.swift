import LinliCore
import LinliKernel
import LinliStandards

/// The box that finds everything, for programs: the same words, the same scope, the same question for whole numbers.
enum SearchAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/find", id: "findEverything",
            "People, dwellings, organizations, things, places and cases by words: names, initials, addresses, last four digits",
            access: .permission(.peopleRead),
            query: [
                SchemaProperty("q", .text(limit: SearchPage.longest), required: true, "Words; all of them must fit"),
                SchemaProperty("kind", .choice(kinds), "One register alone, without places and cases"), APIPages.after,
            ], body: .nothing, reply: found, find
        ),
        .api(
            .post, "/api/v1/find", id: "findByNumber",
            "Whose a whole citizen number, mobile phone or plate is, or a plate with these last four characters; noted with its "
                + "purpose before anything is shown",
            access: .permission(.peopleReveal), body: question, reply: found, findNumber
        ),
    ]

    private static let kinds = RegisterKind.allCases.filter { $0 != .household }.map(\.rawValue)

    /// What was found.
    struct Found: Sendable {
        var hits = RegisterHits()
        var places: [RegisterHit] = []
        var cases: [CaseRow] = []
    }

    /// A whole number, and what for.
    struct Question: Sendable {
        var number: String
        var purpose: ReadingPurpose
        var note: String
    }

    private static func find(_: Nothing, _ request: Request, _ services: Services) async throws -> Found {
        let words = request.query["q"] ?? ""
        let (actor, now) = (request.context.actor, request.context.now)
        guard RegisterFinder.WholeNumber(words, today: now.date) == nil else {
            throw LinliError.invalid(
                "find.number",
                [
                    .init(
                        "q",
                        Text(
                            "完整的号码、车牌尾号请用 POST 并写明用途",
                            "Ask for a whole number or the end of a plate by POST, with a purpose"))
                ])
        }
        let scopes = (people: actor.scope(for: .peopleRead), cases: actor.scope(for: .casesRead))
        let (near, kind) = (SearchRoutes.near(actor), request.query["kind"].flatMap { RegisterKind(rawValue: $0) })
        let after: ID<RegisterItem>? = request.query.id("after")
        let isWhole = kind == nil && after == nil
        return try await services.database.read { tx in
            let hits = try RegisterFinder.find(
                words, kind, in: scopes.people, near: near, after: after?.rawValue, names: services.divisions, tx)
            return Found(
                hits: hits,
                places: isWhole
                    ? try RegisterFinder.places(words, in: scopes.people, names: services.divisions, tx) : [],
                cases: isWhole
                    ? Array(try CaseSearch.find(words, scopes.cases, at: now, tx).rows.prefix(SearchRoutes.caseLimit))
                    : [])
        }
    }

    private static func findNumber(
        _ question: Question, _ request: Request, _ services: Services
    ) async throws -> Found {
        let today = request.context.now.date
        guard let number = RegisterFinder.WholeNumber(question.number, isAsked: true, today: today) else {
            throw LinliError.invalid(
                "find.number",
                [
                    .init(
                        "number",
                        Text(
                            "请写完整的身份证号、手机号、车牌，或车牌末四位",
                            "A whole citizen number, mobile phone or plate, or a plate's last four"))
                ])
        }
        // Whose a number is is not kept as the reply of a repeated request.
        let people = try await RegisterFinder.people(
            with: number, for: question.purpose, note: question.note, request.context.unmarked, services.database)
        return Found(hits: RegisterHits(hits: people))
    }

    // MARK: Schemas

    private static let question = Schema<Question>(
        "NumberQuestion",
        [
            SchemaProperty(
                "number", .text(limit: SearchPage.longest), required: true,
                "Citizen number, mobile phone or plate; or the last four characters of a plate, for at most 50 people"),
            SchemaProperty("purpose", .choice(ReadingPurpose.allCases.map(\.rawValue)), required: true, "What for"),
            SchemaProperty("note", .text(limit: 200), "What it is about; the person reads it"),
        ],
        decode: { json in
            Question(
                number: json.text("number"), purpose: ReadingPurpose(rawValue: json.text("purpose")) ?? .visit,
                note: json.text("note"))
        },
        encode: { _ in [:] })

    private static let hit: [SchemaProperty] = [
        SchemaProperty("kind", .choice(kinds + ["place", "case"]), required: true, "What it is"),
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("title", .text(limit: 200), required: true, "Name, address or number"),
        SchemaProperty(
            "detail", .list(.text(limit: 200), limit: 4), required: true,
            "What tells it from others of this name: an address, masked numbers"),
        SchemaProperty("division", .text(limit: 15), required: true, "The grid it lies in"),
    ]

    private static let found = Schema<Found>(
        "FindResult",
        [
            SchemaProperty(
                "hits", .list(.object(hit), limit: 40), required: true, "The nearest first, then places, then cases"),
            SchemaProperty("isCut", .flag, required: true, "Whether only the nearest were looked at: add words"),
            APIPages.next,
        ],
        decode: { _ in Found() },
        encode: { found in
            var json: [String: JSONValue] = [
                "hits": .array((found.hits.hits + found.places).map(object) + found.cases.map(object)),
                "isCut": .flag(found.hits.isCut),
            ]
            json["next"] = found.hits.next.map { .text("\(ID<RegisterItem>(rawValue: $0))") }
            return json
        })

    private static func object(_ hit: RegisterHit) -> JSONValue {
        .object([
            "kind": .text(hit.kind?.rawValue ?? "place"), "id": .text("\(ID<RegisterItem>(rawValue: hit.id))"),
            "title": .text(hit.title), "detail": .array(hit.detail.map { .text($0) }),
            "division": .text("\(hit.division)"),
        ])
    }

    private static func object(_ row: CaseRow) -> JSONValue {
        .object([
            "kind": .text("case"), "id": .text("\(row.id)"), "title": .text(row.title.isEmpty ? row.number : row.title),
            "detail": .array([row.number, row.whereabouts].filter { !$0.isEmpty }.map { .text($0) }),
            "division": .text("\(row.division)"),
        ])
    }
}
