import LinliCore
import LinliKernel

/// Case types for programs of administrators: what the pages can do, by the same commands.
enum CaseTypesAPI {
    private static let type = SchemaProperty("type", .text(limit: 40), required: true, "Its id, such as need")

    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/case-types", id: "listCaseTypeVersions",
            "Every type with the version in force, its open cases and whether it has a draft",
            access: .permission(.caseTypesManage), body: .nothing, reply: CaseTypeDraftSchemas.list
        ) { _, request, services in
            try await CaseTypesRoutes.listPage(request, services)
        },
        .api(
            .get, "/api/v1/admin/case-types/:type", id: "getCaseType",
            "One type: its versions, its open cases by version, its draft and what is wrong with that",
            access: .permission(.caseTypesManage), parameters: [type], body: .nothing,
            reply: CaseTypeDraftSchemas.type
        ) { _, request, services in
            try await CaseTypesRoutes.page(request, services)
        },
        .document(
            "/api/v1/admin/case-types/:type/versions/:version", id: "getCaseTypeText",
            "The text of a version; a new one begins with it and a larger number",
            access: .permission(.caseTypesManage),
            parameters: [type, SchemaProperty("version", .integer(1...Int64(Int32.max)), required: true, "Number")],
            type: "application/yaml", CaseTypesRoutes.download
        ),
        .api(
            .put, "/api/v1/admin/case-types/:type/draft", id: "saveCaseTypeDraft",
            "Store the draft of a type, or of a new one, right or not; it is not in force yet",
            access: .permission(.caseTypesManage), parameters: [type], body: CaseTypeDraftSchemas.draft,
            reply: CaseTypeDraftSchemas.type
        ) { draft, request, services in
            try await commands(services).save(
                draft.yaml, of: CaseTypesRoutes.id(request), revision: draft.revision, request.context
            )
            return try await CaseTypesRoutes.page(request, services)
        },
        .api(
            .delete, "/api/v1/admin/case-types/:type/draft", id: "discardCaseTypeDraft", "Throw the draft away",
            access: .permission(.caseTypesManage), parameters: [type], query: [DraftSchemas.revision],
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await commands(services).discard(
                CaseTypesRoutes.id(request), revision: request.query.int("revision") ?? 0, request.context
            )
            return Nothing()
        },
        .api(
            .post, "/api/v1/admin/case-types/:type/trial", id: "tryCaseType",
            "What is wrong with a text, and what it would have done with the cases of the last 30 days; changes nothing",
            access: .permission(.caseTypesManage), parameters: [type], body: CaseTypeDraftSchemas.text,
            reply: CaseTypeDraftSchemas.trial
        ) { yaml, request, services in
            try await CaseTypesRoutes.tried(yaml, request, services)
        },
        .api(
            .post, "/api/v1/admin/case-types/:type/publish", id: "publishCaseType",
            "Make the stored draft the version new cases begin with; running ones keep theirs",
            access: .permission(.caseTypesManage), parameters: [type], body: CaseTypeDraftSchemas.publication,
            reply: CaseTypeDraftSchemas.type, status: 201,
            recover: { _, request, services in .some(try await CaseTypesRoutes.page(request, services)) }
        ) { body, request, services in
            _ = try await commands(services).publish(
                CaseTypesRoutes.id(request), revision: body.revision, reason: body.reason, request.context
            )
            return try await CaseTypesRoutes.page(request, services)
        },
    ]

    private static func commands(_ services: Services) -> CaseTypeCommands {
        CaseTypeCommands(services.database, types: services.queries.types)
    }
}

/// The JSON objects of `CaseTypesAPI`.
enum CaseTypeDraftSchemas {
    /// A text to store, over the draft its writer saw.
    struct NewDraft: Sendable {
        var yaml: String
        var revision: Int
    }

    private static let number = DraftSchemas.number
    private static let yaml = SchemaProperty(
        "yaml", .text(limit: CaseTypeDrafts.limit), required: true, "The definition, see docs/tutorials/case-types.md"
    )

    static let list = Schema<CaseTypesPage?>(
        "CaseTypeOverview",
        [
            SchemaProperty(
                "types",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "Its id"),
                        SchemaProperty("name", .text(limit: 400), required: true, "Its name"),
                        SchemaProperty("version", number, required: true, "The version in force"),
                        SchemaProperty("open", number, required: true, "Open cases of all versions"),
                        SchemaProperty("draft", .flag, required: true, "Whether there is a draft of the next one"),
                        SchemaProperty("newer", .flag, required: true, "Whether the program ships a newer one"),
                    ]),
                    limit: 200
                ),
                required: true, "Types that were published"
            ),
            SchemaProperty(
                "begun", .list(.text(limit: 40), limit: 200), required: true, "Types of one's own that are drafts only"),
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let types = page.types.map { type -> JSONValue in
                let open = (page.running[type.id] ?? [:]).values.reduce(0, +)
                return .object([
                    "id": .text(type.id), "name": .text(type.name.zh), "version": .int(Int64(type.version)),
                    "open": .int(Int64(open)), "draft": .flag(page.drafts.contains(type.id)),
                    "newer": .flag(page.newer.contains(type.id)),
                ])
            }
            let known = Set(page.types.map(\.id))
            return [
                "types": .array(types),
                "begun": .array(page.drafts.filter { !known.contains($0) }.map { .text($0) }),
            ]
        }
    )

    private static let draftProperties = [
        yaml, SchemaProperty("base", number, required: true, "The version it was written from; 0 for a new type"),
        SchemaProperty("revision", number, required: true, "Grows each time it is stored"),
        SchemaProperty("savedBy", .text(limit: 40), required: true, "By whom"),
        SchemaProperty("savedAt", .moment, required: true, "When"), DraftSchemas.problems,
    ]

    static let type = Schema<CaseTypePage?>(
        "CaseTypeDetail",
        [
            SchemaProperty("id", .text(limit: 40), required: true, "Its id"),
            SchemaProperty("version", number, "The version in force; missing for one that was never published"),
            SchemaProperty("largest", number, required: true, "The largest number; the next one must be larger"),
            SchemaProperty("draft", .object(draftProperties), "The draft of the next version"),
            SchemaProperty(
                "versions",
                .list(
                    .object([
                        SchemaProperty("version", number, required: true, "Number"),
                        SchemaProperty("at", .moment, required: true, "When it was published"),
                        SchemaProperty("by", .text(limit: 40), required: true, "By whom"),
                        SchemaProperty("reason", .text(limit: 200), required: true, "Why"),
                    ]),
                    limit: 1000
                ),
                required: true, "Versions published here, the newest first"
            ),
            SchemaProperty(
                "running",
                .list(
                    .object([
                        SchemaProperty("version", number, required: true, "Number"),
                        SchemaProperty("open", number, required: true, "Open cases that began with it"),
                    ]),
                    limit: 1000
                ),
                required: true, "Open cases by version"
            ),
            SchemaProperty("shipped", number, "A newer version that the program ships"),
        ],
        decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ page: CaseTypePage) -> [String: JSONValue] {
        var json: [String: JSONValue] = ["id": .text(page.id), "largest": .int(Int64(page.largest))]
        json["version"] = page.current.map { .int(Int64($0.version)) }
        json["shipped"] = page.shipped.map { .int(Int64($0.version)) }
        json["draft"] = page.draft.map { draft in
            .object([
                "yaml": .text(draft.yaml), "base": .int(Int64(draft.base)), "revision": .int(Int64(draft.revision)),
                "savedBy": .text(draft.savedBy), "savedAt": .text(draft.savedAt.iso8601),
                "problems": problems(page),
            ])
        }
        json["versions"] = .array(page.versions.map { DraftSchemas.json($0) })
        json["running"] = .array(
            page.running.sorted { $0.key > $1.key }.map { version, open in
                .object(["version": .int(Int64(version)), "open": .int(Int64(open))])
            }
        )
        return json
    }

    private static func problems(_ page: CaseTypePage) -> JSONValue {
        DraftSchemas.json(page.looked.problems.map { (line: $0.line, text: $0.text) }, page.drafting.language)
    }

    static let draft = Schema<NewDraft>(
        "CaseTypeDraft", [yaml, DraftSchemas.revision],
        decode: { NewDraft(yaml: $0.text("yaml"), revision: $0.integer("revision").map { Int($0) } ?? 0) },
        encode: { _ in [:] }
    )

    static let text = Schema<String>(
        "CaseTypeText", [yaml], decode: { $0.text("yaml") }, encode: { _ in [:] }
    )

    static let publication = DraftSchemas.publication("CaseTypePublication", reason: "Why it changes")

    static let trial = Schema<CaseTypePage?>(
        "CaseTypeTrial",
        [
            DraftSchemas.problems,
            SchemaProperty("looked", number, "How many cases were looked at; missing for a wrong text"),
            SchemaProperty("isCut", .flag, "Whether there are more"),
            SchemaProperty("blocked", number, "Cases with a step it has no room for"),
            SchemaProperty("refused", number, "Cases whose answers it would not take"),
            SchemaProperty("wereLate", number, "Cases with a clock that ran out"),
            SchemaProperty("wouldBeLate", number, "Cases with one that would have run out"),
            SchemaProperty(
                "examples",
                .list(
                    .object([
                        SchemaProperty("case", .id, required: true, "Which"),
                        SchemaProperty("number", .text(limit: 30), required: true, "Its number"),
                        SchemaProperty("what", .list(.text(limit: 1000), limit: 100), required: true, "What differs"),
                    ]),
                    limit: CaseTypeTrial.shown
                ),
                "The newest that would have gone otherwise"
            ),
        ],
        decode: { _ in nil },
        encode: { page in
            guard let page else { return [:] }
            let trial = page.trial.map { object($0, page.drafting.language) } ?? [:]
            return trial.merging(["problems": problems(page)]) { $1 }
        }
    )

    private static func object(_ trial: CaseTypeTrial, _ language: Language) -> [String: JSONValue] {
        let examples = trial.examples.map { example -> JSONValue in
            .object([
                "case": .text("\(example.id)"), "number": .text(example.number),
                "what": .array(example.what.map { .text($0[language]) }),
            ])
        }
        return [
            "looked": .int(Int64(trial.looked)), "isCut": .flag(trial.isCut), "blocked": .int(Int64(trial.blocked)),
            "refused": .int(Int64(trial.refused)), "wereLate": .int(Int64(trial.wereLate)),
            "wouldBeLate": .int(Int64(trial.wouldBeLate)), "examples": .array(examples),
        ]
    }
}
