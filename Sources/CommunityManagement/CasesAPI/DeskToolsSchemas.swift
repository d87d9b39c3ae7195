import LinliCore
import LinliKernel
import LinliStandards

/// The JSON objects of `DeskToolsAPI`.
enum DeskToolsSchemas {
    // MARK: Prepared answers

    /// Prepared answers with their units; each with what it says in one case, when one was named.
    struct Templates: Sendable {
        var units: [UnitSummary]
        var list: [(template: ReplyTemplate, filled: String?)]
    }

    /// An answer to add.
    struct NewTemplate: Sendable {
        var unit: ID<Unit>?
        var name: String
        var text: String
    }

    private static let unit = SchemaKind.object([
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("name", .text(limit: 80), required: true, "Name"),
    ])

    private static let templateProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("unit", .id, required: true, "Whose it is"),
        SchemaProperty("name", .text(limit: 40), required: true, "Name"),
        SchemaProperty("text", .text(limit: 1200), required: true, "What it says, with places in braces"),
    ]

    static let templates = Schema<Templates>(
        "TemplateList",
        [
            SchemaProperty("units", .list(unit, limit: 200), required: true, "Your units"),
            SchemaProperty(
                "templates",
                .list(
                    .object(
                        templateProperties + [
                            SchemaProperty("filled", .text(limit: 4000), "The same for the case that was named")
                        ]
                    ),
                    limit: 200
                ),
                required: true, "Their answers"
            ),
        ],
        decode: { _ in Templates(units: [], list: []) },
        encode: { templates in
            let list = templates.list.map { entry -> JSONValue in
                var json = object(entry.template)
                json["filled"] = entry.filled.map { .text($0) }
                return .object(json)
            }
            let units = templates.units.map { JSONValue.object(["id": .text("\($0.id)"), "name": .text($0.name.zh)]) }
            return ["units": .array(units), "templates": .array(list)]
        }
    )

    static let template = Schema<ReplyTemplate?>(
        "Template", templateProperties, decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ template: ReplyTemplate) -> [String: JSONValue] {
        [
            "id": .text("\(template.id)"), "unit": .text("\(template.unit)"), "name": .text(template.name),
            "text": .text(template.text),
        ]
    }

    static let newTemplate = Schema<NewTemplate>(
        "TemplateDraft",
        [
            SchemaProperty("unit", .id, required: true, "One of your units"),
            SchemaProperty("name", .text(limit: ReplyTemplate.nameLimit), required: true, "Name"),
            SchemaProperty("text", .text(limit: ReplyTemplate.textLimit), required: true, "What it says"),
        ],
        decode: { NewTemplate(unit: $0.id("unit"), name: $0.text("name").trimmed, text: $0.text("text").trimmed) },
        encode: { _ in [:] }
    )

    // MARK: Named lists

    /// A list to name.
    struct NewView: Sendable {
        var name: String
        var filter: CaseFilter
        var isShared: Bool
    }

    private static let order = ["due", "newest"]

    private static let filterProperties = [
        SchemaProperty("tab", .choice(CaseFilter.Tab.allCases.map(\.rawValue)), "Which cases; open by default"),
        SchemaProperty("category", .text(limit: 40), "Only this category"),
        SchemaProperty("grid", .shaped(.division), "Only this division within yours"),
        SchemaProperty("handler", .id, "Only what this account has in hand"),
        SchemaProperty("order", .choice(order), "What comes first; due by default"),
    ]

    private static let viewProperties =
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("name", .text(limit: DeskView.nameLimit), required: true, "Name"),
            SchemaProperty("own", .flag, required: true, "Whether it is yours to take away"),
            SchemaProperty("shared", .flag, required: true, "Whether your unit sees it"),
        ] + filterProperties

    static let views = Schema<[DeskView]>(
        "ViewList",
        [SchemaProperty("views", .list(.object(viewProperties), limit: 200), required: true, "Named lists")],
        decode: { _ in [] }, encode: { views in ["views": .array(views.map { .object(object($0)) })] }
    )

    static let view = Schema<DeskView?>(
        "View", viewProperties, decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ view: DeskView) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(view.id)"), "name": .text(view.name), "own": .flag(view.isOwn),
            "shared": .flag(view.isShared),
        ]
        // As listCases takes them.
        for (name, value) in DeskQuery.fields(DeskQuery.filter(DeskQuery.parse(view.query))) {
            json[name] = value.map { .text($0) }
        }
        return json
    }

    static let newView = Schema<NewView>(
        "ViewDraft",
        [
            SchemaProperty("name", .text(limit: DeskView.nameLimit), required: true, "Name"),
            SchemaProperty("shared", .flag, "Share it with your unit"),
        ] + filterProperties,
        decode: { json in
            var filter = CaseFilter(
                tab: CaseFilter.Tab(rawValue: json.text("tab")) ?? .open,
                category: json["category"].map { _ in json.text("category") },
                grid: json["grid"].flatMap { _ in DivisionCode(json.text("grid")) }
            )
            filter.handler = json.id("handler")
            filter.isNewestFirst = json.text("order") == "newest"
            return NewView(name: json.text("name").trimmed, filter: filter, isShared: json.flag("shared"))
        },
        encode: { _ in [:] }
    )

    // MARK: Being away

    /// Until when somebody is away, and how many cases went to the roster just now.
    struct Absence: Sendable {
        var until: Instant?
        var handed: Int?
    }

    static let absence = Schema<Absence>(
        "Absence",
        [
            SchemaProperty("until", .moment, "When you are back; missing when you are not away"),
            SchemaProperty("handed", .integer(0...500), "How many cases went to whoever is on duty"),
        ],
        decode: { _ in Absence() },
        encode: { absence in
            var json: [String: JSONValue] = [:]
            json["until"] = absence.until.map { .text($0.iso8601) }
            json["handed"] = absence.handed.map { .int(Int64($0)) }
            return json
        }
    )

    static let back = Schema<CivilDate?>(
        "AbsenceDraft", [SchemaProperty("until", .shaped(.day), required: true, "The day you are back")],
        decode: { CivilDate($0.text("until")) }, encode: { _ in [:] }
    )

    // MARK: Many at once

    private static let works = ["accept", "dispatch", "assign", "classify", "note", "supervise"]

    static let work = Schema<Form>(
        "CaseWork",
        [
            SchemaProperty("do", .choice(works), required: true, "What is done to each"),
            SchemaProperty("cases", .list(.id, limit: DeskBulkRoutes.limit), required: true, "The cases"),
            SchemaProperty("unit", .id, "For dispatch: where they go"),
            SchemaProperty("account", .id, "For assign: who gets them; whoever is on duty without it"),
            SchemaProperty("nature", .choice(NeedNature.allCases.map(\.rawValue)), "For classify"),
            SchemaProperty("category", .text(limit: 40), "For classify"),
            SchemaProperty(
                "text", .text(limit: 2000),
                """
                For note: an internal one; for dispatch: the reason or a word to them; for supervise: why; for classify: the \
                reason, needed where a tip-off becomes something else. Kept on each
                """
            ),
            SchemaProperty("sure", .flag, "For accept and assign: also beyond what the setting allows one person"),
        ],
        decode: { json in
            let names = ["do", "unit", "account", "nature", "category", "text"]
            var fields = names.filter { json[$0] != nil }.map { (name: $0, value: json.text($0)) }
            if json.flag("sure") { fields.append((name: "sure", value: "yes")) }
            // The page has a choice for it; here it is said by naming nobody.
            if json["account"] == nil { fields.append((name: "account", value: DeskAssignRoutes.roster)) }
            return Form(fields + json.texts("cases").map { (name: "case", value: $0) })
        },
        encode: { _ in [:] }
    )

    static let results = Schema<[(ID<Case>, Result<Void, LinliError>)]>(
        "CaseWorkResults",
        [
            SchemaProperty(
                "results",
                .list(
                    .object([
                        SchemaProperty("case", .id, required: true, "Which"),
                        SchemaProperty("done", .flag, required: true, "Whether it went through"),
                        SchemaProperty("problem", .text(limit: 400), "Why it did not"),
                    ]),
                    limit: DeskBulkRoutes.limit
                ),
                required: true, "What became of each"
            )
        ],
        decode: { _ in [] },
        encode: { results in
            let list = results.map { id, result -> JSONValue in
                var json: [String: JSONValue] = ["case": .text("\(id)"), "done": .flag(true)]
                if case .failure(let error) = result {
                    json["done"] = .flag(false)
                    json["problem"] = .text((error.fields.first?.text ?? error.publicText).zh)
                }
                return .object(json)
            }
            return ["results": .array(list)]
        }
    )

    // MARK: Chats

    /// What came out of a chat group.
    struct Chat: Sendable {
        var text: String
        var photos: [ID<StoredFile>]
    }

    static let chat = Schema<Chat>(
        "Chat",
        [
            SchemaProperty("text", .text(limit: 8000), "What was copied"),
            SchemaProperty("photos", .list(.id, limit: 9), "Screenshots from uploadFile; their words are read"),
        ],
        decode: { Chat(text: $0.text("text"), photos: $0.ids("photos")) }, encode: { _ in [:] }
    )

    static let groupReply = Schema<String>(
        "GroupReply", [SchemaProperty("text", .text(limit: 600), required: true, "Ready to paste; in Chinese")],
        decode: { $0.text("text") }, encode: { ["text": .text($0)] }
    )

    static let messages = Schema<[PasteDraft]>(
        "ChatMessages",
        [
            SchemaProperty(
                "messages",
                .list(
                    .object([
                        SchemaProperty("speaker", .text(limit: 60), required: true, "As the group shows them"),
                        SchemaProperty("time", .text(limit: 60), required: true, "As it stood there; may be empty"),
                        SchemaProperty("words", .text(limit: 8000), required: true, "What was said"),
                        SchemaProperty("category", .text(limit: 40), "What it seems to be, for createCase"),
                        SchemaProperty("percent", .integer(0...100), required: true, "How sure that is"),
                        SchemaProperty(
                            "place", .id, "The place of yours its words name, else the building in the speaker's nick"),
                        SchemaProperty("division", .shaped(.division), "Where that place lies"),
                        SchemaProperty("urgent", .flag, required: true, "Whether it speaks of danger"),
                        SchemaProperty(
                            "photos", .list(.id, limit: 9), required: true, "Pictures without words that may go with it"
                        ),
                        SchemaProperty(
                            "similar", .list(.id, limit: SimilarSettings.most), required: true,
                            "Open cases of the same kind there"),
                    ]),
                    limit: GroupChat.limit
                ),
                required: true, "The messages"
            )
        ],
        decode: { _ in [] },
        encode: { drafts in
            let list = drafts.map { draft -> JSONValue in
                var json: [String: JSONValue] = [
                    "speaker": .text(draft.message.speaker), "time": .text(draft.message.time),
                    "words": .text(draft.message.words), "percent": .int(Int64(draft.percent ?? 0)),
                    "urgent": .flag(draft.isUrgent), "photos": .array(draft.photos.map { .text("\($0)") }),
                    "similar": .array(draft.similar.map { .text("\($0.id)") }),
                ]
                json["category"] = draft.category.map { .text($0.code) }
                json["place"] = draft.place.map { .text("\($0.id)") }
                json["division"] = draft.place.map { .text($0.division.short) }
                return .object(json)
            }
            return ["messages": .array(list)]
        }
    )
}
