import LinliCore
import LinliKernel

/// Early warnings for programs: what the page can do, by the same commands.
enum WarningsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/warnings", id: "listWarnings", "Warnings with their reasons, the newest first",
            access: .permission(.warningsHandle),
            query: [
                SchemaProperty("tab", .choice(WarningsPage.Tab.allCases.map(\.rawValue)), "Which; open by default")
            ] + APIPages.query, body: .nothing, reply: WarningSchemas.list
        ) { _, request, services in
            try await WarningRoutes.found(
                request.query["tab"].flatMap { WarningsPage.Tab(rawValue: $0) } ?? .open,
                before: request.query.id("after"), limit: APIPages.limit(request), request, services)
        },
        .api(
            .get, "/api/v1/warnings/rules", id: "listWarningRules", "What warns: the rules in force, in words",
            access: .permission(.warningsHandle), body: .nothing, reply: WarningSchemas.rules
        ) { _, request, services in
            try await WarningRoutes.shownRules(request, services)
        },
        step("acknowledge", id: "acknowledgeWarning", "Say that you look into it", Schema<Nothing>.nothing) {
            id, _, context, services in
            try await WarningCommands(services.database).acknowledge(id, context)
        },
        step("dismiss", id: "dismissWarning", "Say that nothing is to be done, and why", WarningSchemas.reason) {
            id, reason, context, services in
            try await WarningCommands(services.database).dismiss(id, reason: reason, context)
        },
        step(
            "visit", id: "visitForWarning",
            "Say that a visit comes of it; announceVisit with its household announces the visit",
            Schema<Nothing>.nothing
        ) { id, _, context, services in
            _ = try await WarningCommands(services.database).turnIntoVisit(id, context)
        },
        step(
            "case", id: "turnWarningIntoCase", "Make a case of it for whoever is to look into it",
            Schema<Nothing>.nothing
        ) { id, _, context, services in
            _ = try await WarningRoutes.report(id, context, services)
        },
    ]

    /// A step of a warning: runs it and answers with how the warning stands then.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<Warning>, Body, Context, Services) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/warnings/:id/\(name)", id: id, summary, access: .permission(.warningsHandle), body: body,
            reply: WarningSchemas.warning, shown: shown
        ) { id, body, request, services in
            try await command(id, body, request.context, services)
        }
    }

    private static func shown(
        _ id: ID<Warning>, _: Request, _ services: Services
    ) async throws -> WarningSchemas.Shown? {
        try await services.database.read { tx in
            guard let warning = try WarningQueries.find(id, tx) else { return nil }
            return WarningSchemas.Shown(warning: warning, reasons: try WarningQueries.reasons(of: id, tx))
        }
    }
}

/// The JSON objects of `WarningsAPI`.
enum WarningSchemas {
    /// A warning and why.
    struct Shown: Sendable {
        var warning: Warning
        var reasons: [WarningReason]
    }

    static let reason = Schema<String>(
        "WarningDismissal", [SchemaProperty("reason", .text(limit: 200), required: true, "Why")],
        decode: { $0.text("reason") }, encode: { _ in [:] })

    static let list = APIPage<Shown>.schema("WarningList", "warnings", "The newest first", properties, json)

    static let rules = Schema<WarningRulesPage>(
        "WarningRuleList",
        [
            SchemaProperty(
                "version", .integer(0...Int64(Int32.max)), required: true,
                "The version in force; 0 for the shipped rules"),
            SchemaProperty(
                "rules",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 20), required: true, "`rule` of a warning"),
                        SchemaProperty("name", .text(limit: 80), required: true, "In Chinese"),
                        SchemaProperty("english", .text(limit: 160), required: true, "In English"),
                        SchemaProperty("words", .text(limit: 4000), required: true, "What it counts, in Chinese"),
                        SchemaProperty("told", .text(limit: 400), required: true, "Who is told, in Chinese"),
                        SchemaProperty("why", .text(limit: 400), required: true, "What it is for, in Chinese"),
                    ]), limit: 100), required: true, "In their order"),
        ],
        decode: { _ in throw LinliError.fault("api.reply", "only written") }, encode: rulesJSON)

    private static func rulesJSON(_ page: WarningRulesPage) -> [String: JSONValue] {
        let rules = page.book.rules.map { rule -> JSONValue in
            .object([
                "id": .text(rule.id), "name": .text(rule.name.zh), "english": .text(rule.name.en),
                "words": .text(rule.words { page.catalogue.name(of: $0) }.zh),
                "told": .text(rule.told(usual: page.days).zh), "why": .text(rule.why.zh),
            ])
        }
        return ["version": .int(Int64(page.version)), "rules": .array(rules)]
    }

    static let warning = Schema<Shown?>(
        "Warning", properties, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static let properties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty(
            "rule", .text(limit: 40), required: true, "The rule that made it; listWarningRules tells of each"),
        SchemaProperty("name", .text(limit: 80), required: true, "What the rule was called then, in Chinese"),
        SchemaProperty("at", .moment, required: true, "When it was made"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("place", .id, "The place, for rules that bind by it"),
        SchemaProperty("household", .id, "The household, for rules that bind by it"),
        SchemaProperty("category", .text(limit: 40), required: true, "Code of the category; empty for none"),
        SchemaProperty("address", .text(limit: 400), required: true, "Where; empty for a whole community"),
        SchemaProperty(
            "state", .choice(WarningState.allCases.map(\.rawValue)), required: true, "Where it stands"),
        SchemaProperty("note", .text(limit: 200), required: true, "What who answered it wrote"),
        SchemaProperty("case", .id, "The case it became"),
        SchemaProperty(
            "reasons",
            .list(
                .object([
                    SchemaProperty(
                        "kind", .choice(WarningSignalKind.allCases.map(\.rawValue)), required: true, "What happened"),
                    SchemaProperty("at", .moment, required: true, "When"),
                    SchemaProperty(
                        "source", .choice(["case", "visit", "household"]), required: true, "What it was"),
                    SchemaProperty("id", .id, required: true, "Its identifier"),
                ]), limit: 100), required: true, "Why, in the order of time"),
    ]

    private static func json(_ shown: Shown) -> [String: JSONValue] {
        let warning = shown.warning
        var json: [String: JSONValue] = [
            "id": .text("\(warning.id)"), "rule": .text(warning.rule), "name": .text(warning.ruleName.zh),
            "at": .moment(warning.at),
            "division": .text("\(warning.division)"), "category": .text(warning.category),
            "address": .text(warning.address), "state": .text(warning.state.rawValue), "note": .text(warning.note),
        ]
        json["place"] = warning.place.map { .text("\($0)") }
        json["household"] = warning.household.map { .text("\($0)") }
        json["case"] = warning.item.map { .text("\(ID<Case>(rawValue: $0))") }
        json["reasons"] = .array(
            shown.reasons.map { reason in
                .object([
                    "kind": .text(reason.kind.rawValue), "at": .moment(reason.at),
                    "source": .text(reason.sourceKind), "id": .text("\(ID<Case>(rawValue: reason.source))"),
                ])
            })
        return json
    }
}
