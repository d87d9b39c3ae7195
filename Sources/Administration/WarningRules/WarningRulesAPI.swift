import LinliCore
import LinliKernel
import LinliStandards

/// The rules of warnings for programs of administrators: what the page can do, by the same commands.
enum WarningRulesAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/warnings", id: "getWarningRules",
            "The rules of warnings in force, as text and one by one, the draft, and what was published before",
            access: .permission(.registersRead), body: .nothing, reply: WarningRuleSchemas.book
        ) { _, request, services in
            try await shown(request, services)
        },
        .document(
            "/api/v1/admin/warnings/versions/:version", id: "getWarningRulesText",
            "The text of a version; 0 is the shipped one", access: .permission(.registersRead),
            parameters: [SchemaProperty("version", .integer(0...Int64(Int32.max)), required: true, "Number")],
            type: "application/yaml", WarningRulesRoutes.download
        ),
        .api(
            .put, "/api/v1/admin/warnings/draft", id: "saveWarningRulesDraft",
            "Store the draft of the rules, right or not; it is not in force yet",
            access: .permission(.registersManage), body: WarningRuleSchemas.draft, reply: WarningRuleSchemas.book
        ) { draft, request, services in
            try await WarningBookCommands(services.database).save(
                draft.text, revision: draft.revision, compared: draft.compared, request.context)
            return try await shown(request, services)
        },
        .api(
            .delete, "/api/v1/admin/warnings/draft", id: "discardWarningRulesDraft", "Throw the draft away",
            access: .permission(.registersManage), query: [DraftSchemas.revision], body: .nothing,
            reply: .nothing
        ) { _, request, services in
            try await WarningBookCommands(services.database).discard(
                revision: request.query.int("revision") ?? 0, request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/admin/warnings/trial", id: "tryWarningRules",
            "What is wrong with a text, and what it would have warned of in the last 90 days; warns nobody",
            access: .permission(.registersManage), body: WarningRuleSchemas.text, reply: WarningRuleSchemas.trial
        ) { text, request, services in
            try await WarningRulesRoutes.tried(text, request, services)
        },
        .api(
            .post, "/api/v1/admin/warnings/publish", id: "publishWarningRules",
            "Put the stored draft in force; what happened before is looked at again, warnings that stand stay",
            access: .permission(.registersManage), body: WarningRuleSchemas.publication,
            reply: WarningRuleSchemas.book, status: 201,
            recover: { _, request, services in .some(try await shown(request, services)) }
        ) { body, request, services in
            try await WarningBookCommands(services.database).publish(
                revision: body.revision, reason: body.reason, request.context)
            return try await shown(request, services)
        },
    ]

    private static func shown(_ request: Request, _ services: Services) async throws -> WarningRulesPage? {
        try await WarningRulesRoutes.page(request, services)
    }
}

/// The JSON objects of `WarningRulesAPI`.
enum WarningRuleSchemas {
    /// A text to store, over the draft its writer saw.
    struct NewDraft: Sendable {
        var text: String
        var revision: Int
        var compared: Int?
    }

    private static let number = DraftSchemas.number
    private static let words = SchemaProperty(
        "text", .text(limit: WarningBooks.limit), required: true, "The rules, see docs/operations/warnings.md")

    static let draft = Schema<NewDraft>(
        "WarningRulesDraft",
        [
            words, DraftSchemas.revision,
            SchemaProperty("compared", number, "The version in force, where the draft was written from another one"),
        ],
        decode: {
            NewDraft(
                text: $0.text("text"), revision: $0.integer("revision").map { Int($0) } ?? 0,
                compared: $0.integer("compared").map { Int($0) })
        }, encode: { _ in [:] })

    static let text = Schema<String>(
        "WarningRulesText", [words], decode: { $0.text("text") }, encode: { _ in [:] })

    static let publication = DraftSchemas.publication("WarningRulesPublication", reason: "Why they change")

    static let book = Schema<WarningRulesPage?>(
        "WarningRules",
        [
            words, SchemaProperty("version", number, required: true, "The version in force; 0 for the shipped rules"),
            SchemaProperty(
                "rules",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 20), required: true, "Identifier"),
                        SchemaProperty("name", .text(limit: 80), required: true, "In Chinese"),
                        SchemaProperty("english", .text(limit: 160), required: true, "In English"),
                        SchemaProperty(
                            "area", .choice(WarningRule.Area.allCases.map(\.rawValue)), required: true,
                            "What its signals share"),
                        SchemaProperty("words", .text(limit: 4000), required: true, "What it says, in Chinese"),
                    ]), limit: 100), required: true, "In their order"),
            SchemaProperty(
                "draft",
                .object([
                    words, SchemaProperty("base", number, required: true, "The version it was written from"),
                    SchemaProperty("revision", number, required: true, "Grows each time it is stored"),
                    SchemaProperty("savedBy", .text(limit: 60), required: true, "By whom"),
                    SchemaProperty("savedAt", .moment, required: true, "When"), DraftSchemas.problems,
                ]), "The draft of the next version"),
            SchemaProperty(
                "history",
                .list(
                    .object([
                        SchemaProperty("version", number, required: true, "Number"),
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("by", .text(limit: 60), required: true, "By whom"),
                        SchemaProperty("reason", .text(limit: 400), required: true, "Why"),
                    ]), limit: 50), required: true, "What was published, the newest first"),
        ],
        decode: { _ in nil }, encode: { $0.map(object) ?? [:] })

    private static func object(_ page: WarningRulesPage) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "text": .text(page.book.text), "version": .int(Int64(page.version)),
            "rules": .array(
                page.book.rules.map { rule in
                    .object([
                        "id": .text(rule.id), "name": .text(rule.name.zh), "english": .text(rule.name.en),
                        "area": .text(rule.area.rawValue),
                        "words": .text(rule.words { page.catalogue.name(of: $0) }.zh),
                    ])
                }),
            "history": .array(page.history.map { DraftSchemas.json($0) }),
        ]
        json["draft"] = page.draft.map { draft in
            .object([
                "text": .text(draft.text), "base": .int(Int64(draft.base)), "revision": .int(Int64(draft.revision)),
                "savedBy": .text(draft.savedBy), "savedAt": .text(draft.savedAt.iso8601),
                "problems": problems(page),
            ])
        }
        return json
    }

    private static func problems(_ page: WarningRulesPage) -> JSONValue {
        DraftSchemas.json(page.looked.problems.map { (line: $0.line, text: $0.text) }, page.drafting.language)
    }

    static let trial = Schema<WarningRulesPage?>(
        "WarningRulesTrial",
        [
            DraftSchemas.problems,
            SchemaProperty("looked", number, "How many signals were looked at; missing for a wrong text"),
            SchemaProperty("isCut", .flag, "Whether there are more"),
            SchemaProperty(
                "rules",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 20), required: true, "The rule"),
                        SchemaProperty("were", number, "What the rules in force warn of; missing where it is new"),
                        SchemaProperty("wouldBe", number, "What it would; missing where it was taken out"),
                    ]), limit: 100), "Each rule of the text, then those taken out"),
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            return (page.trial.map(object) ?? [:]).merging(["problems": problems(page)]) { $1 }
        })

    private static func object(_ trial: WarningTrial) -> [String: JSONValue] {
        let rules = trial.lines.map { line -> JSONValue in
            var json: [String: JSONValue] = ["id": .text(line.rule)]
            json["were"] = line.were.map { .int(Int64($0)) }
            json["wouldBe"] = line.wouldBe.map { .int(Int64($0)) }
            return .object(json)
        }
        return ["looked": .int(Int64(trial.looked)), "isCut": .flag(trial.isCut), "rules": .array(rules)]
    }
}
