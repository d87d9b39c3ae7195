import LinliCore
import LinliKernel
import LinliStandards

/// What words suggest, each with how sure and whether a person must confirm it, and confirming what a case was filed as.
enum SuggestionsAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/suggestions", id: "suggest",
            "What the words of a need suggest: category, nature, and for staff the unit that closed most of such cases there",
            access: .public, body: asked, reply: found, suggest
        ),
        .step(
            "/api/v1/cases/:id/confirmation", id: "confirmKind",
            "Say that nature and category of a case are what the words suggested; classifyCase corrects them",
            access: .permission(.casesRead), body: .nothing, reply: APISchemas.after,
            shown: { id, request, services in try await CasesAPIRoutes.seen(id, request, services) }
        ) { id, _, request, services in
            try await services.commands.confirmKind(of: id, request.context)
        },
    ]

    /// Words, and where they are about.
    struct Asked: Sendable {
        var text: String
        var form: NeedForm
        var division: DivisionCode?
    }

    /// What was suggested; from how sure on nobody must confirm it.
    struct Found: Sendable {
        var suggestion: Suggestion?
        var unit: UnitSummary?
        var confirmBelow = 0
    }

    private static func suggest(_ asked: Asked, _ request: Request, _ services: Services) async throws -> Found {
        let (form, now) = (asked.form, request.context.now)
        let category = services.catalogue[code: form.category]
        guard form.category.isEmpty || category != nil else {
            throw LinliError.invalid(
                "cases.category", [.init("category", Text("没有这个类别", "There is no such category"))])
        }
        let isStaff = request.context.actor.isStaff && request.session?.isVerified != false
        let division = try await services.database.read { tx in
            try NeedsStore.place(form, tx)?.division ?? asked.division
                ?? form.point.flatMap {
                    try GridLocator.grid(latitude: $0.latitude, longitude: $0.longitude, at: now, tx)
                }
        }
        let suggestion = try await services.suggestions.suggest(
            asked.text, in: isStaff ? division : nil, category: category)
        let id = suggestion.unit?.value
        let unit = try await services.database.read { tx in try id.flatMap { try UnitsStore.find($0, tx) } }
        return Found(
            suggestion: suggestion, unit: unit, confirmBelow: services.suggestions.confirmBelowPercent)
    }

    // MARK: Schemas

    private static let asked = Schema<Asked>(
        "SuggestionRequest",
        [
            SchemaProperty("text", .text(limit: 2000), required: true, "What it is about"),
            SchemaProperty("category", .text(limit: 40), "The category, where a person has chosen it already"),
            SchemaProperty("place", .id, "Where it is"),
            SchemaProperty("division", .shaped(.division), "Where it is"),
            SchemaProperty("latitude", .number(-90...90), "Where it is, WGS84"),
            SchemaProperty("longitude", .number(-180...180), "Where it is, WGS84"),
        ],
        decode: { json in
            var form = NeedForm()
            form.category = json.text("category")
            form.listed = json.id("place")
            form.latitude = json.number("latitude")
            form.longitude = json.number("longitude")
            return Asked(text: json.text("text").trimmed, form: form, division: DivisionCode(json.text("division")))
        },
        encode: { _ in [:] }
    )

    /// How sure, and whether a person must confirm.
    private static let sureness = [
        SchemaProperty("percent", .integer(0...99), required: true, "How sure"),
        SchemaProperty("confirm", .flag, required: true, "Whether a person must confirm it"),
    ]

    private static let found = Schema<Found>(
        "Suggestions",
        [
            SchemaProperty(
                "categories",
                .list(
                    .object(
                        [
                            SchemaProperty("code", .text(limit: 10), required: true, "Code of the category"),
                            SchemaProperty("name", .text(limit: 80), required: true, "Name"),
                        ] + sureness), limit: 3), required: true,
                "The likeliest first; none when the words say nothing"),
            SchemaProperty(
                "nature",
                .object(
                    [SchemaProperty("value", .choice(NeedNature.allCases.map(\.rawValue)), required: true, "Nature")]
                        + sureness), required: true, "What the speaker wants"),
            SchemaProperty(
                "unit",
                .object(
                    [
                        SchemaProperty("id", .id, required: true, "The unit"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Name"),
                    ] + sureness), "For staff, once enough of such cases were closed there"),
            SchemaProperty(
                "confirmBelow", .integer(0...100), required: true, "Below so many percent a person confirms"),
        ],
        decode: { _ in Found() }, encode: json
    )

    private static func json(_ found: Found) -> [String: JSONValue] {
        func sureness(_ percent: Int) -> [String: JSONValue] {
            ["percent": .int(Int64(max(0, percent))), "confirm": .flag(percent < found.confirmBelow)]
        }
        guard let suggestion = found.suggestion else { return [:] }
        // A stab in the dark helps nobody, as on the page.
        let categories = suggestion.category == nil ? [] : suggestion.categories
        var json: [String: JSONValue] = [
            "categories": .array(
                categories.map { guess in
                    let own: [String: JSONValue] = [
                        "code": .text(guess.value.code), "name": .text(guess.value.name.zh),
                    ]
                    return .object(own.merging(sureness(guess.percent)) { first, _ in first })
                }),
            "nature": .object(
                ["value": JSONValue.text(suggestion.nature.value.rawValue)]
                    .merging(sureness(suggestion.nature.percent)) { first, _ in first }),
            "confirmBelow": .int(Int64(found.confirmBelow)),
        ]
        if let unit = found.unit, let guess = suggestion.unit {
            let own: [String: JSONValue] = ["id": .text("\(unit.id)"), "name": .text(unit.name.zh)]
            json["unit"] = .object(own.merging(sureness(guess.percent)) { first, _ in first })
        }
        return json
    }
}

extension CaseDoubt {
    /// The names of what nobody confirmed.
    var names: [String] {
        [(CaseDoubt.category, "category"), (.nature, "nature")].filter { contains($0.0) }.map(\.1)
    }
}
