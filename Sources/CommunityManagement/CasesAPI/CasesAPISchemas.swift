import LinliCore
import LinliKernel
import LinliStandards

/// A phone number and a password.
struct Credentials: Sendable {
    var phone: String
    var password: String
    var label: String
}

/// A page of a list.
struct CasePage: Sendable {
    var rows: [CaseRow]
    /// Whether what nobody confirmed of them is said.
    var isForStaff = false
    var next: String?
}

/// Words of a note.
struct NoteBody: Sendable {
    var text: String
    var isVisible: Bool
    var photos: [ID<StoredFile>]
}

/// The JSON objects of the API.
enum APISchemas {
    static let credentials = Schema<Credentials>(
        "Credentials",
        [
            SchemaProperty("phone", .text(limit: 20), required: true, "11 digits"),
            SchemaProperty("password", .text(limit: 200), required: true, "The account's password"),
            SchemaProperty("label", .text(limit: 80), "What the token is for"),
        ],
        decode: { json in
            Credentials(phone: json.text("phone"), password: json.text("password"), label: json.text("label"))
        },
        encode: { _ in [:] }
    )

    static let token = Schema<String>(
        "Token",
        [SchemaProperty("token", .text(limit: 64), required: true, "Send it as Authorization: Bearer …")],
        decode: { $0.text("token") },
        encode: { ["token": .text($0)] }
    )

    static let account = Schema<AccountSummary?>(
        "Account",
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("name", .text(limit: 40), required: true, "Name"),
            SchemaProperty("phone", .text(limit: 20), required: true, "Masked phone number"),
            SchemaProperty("duties", .list(.text(limit: 40), limit: 100), required: true, "Roles held now"),
        ],
        decode: { _ in nil },
        encode: { account in
            guard let account else { return [:] }
            return [
                "id": .text("\(account.id)"), "name": .text(account.name), "phone": .text(account.phoneMask),
                "duties": .array(account.grants.map { .text($0.role) }),
            ]
        }
    )

    static let listQuery = [
        SchemaProperty("tab", .choice(CaseFilter.Tab.allCases.map(\.rawValue)), "Which cases; open by default"),
        SchemaProperty(
            "mine", .choice(MyCaseTab.allCases.map(\.rawValue)), "Only what you told yourself, in place of `tab`"),
        SchemaProperty("category", .text(limit: 40), "Only this category"),
        SchemaProperty("grid", .shaped(.division), "Only this division within yours; for staff"),
        SchemaProperty("handler", .id, "Only what this account has in hand; for staff"),
        SchemaProperty("order", .choice(["due", "newest"]), "What comes first; due by default; for staff"),
        SchemaProperty("after", .shaped(.cursor), "The cursor `next` of the page before"),
        SchemaProperty("limit", .integer(1...100), "How many; 50 by default"),
    ]

    static let rowProperties = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("number", .text(limit: 30), required: true, "Human number, SJ20261122-0412"),
        SchemaProperty("title", .text(limit: 60), required: true, "First words"),
        SchemaProperty("state", .text(limit: 40), required: true, "State of its case type"),
        SchemaProperty("nature", .choice(NeedNature.allCases.map(\.rawValue)), required: true, "Nature"),
        SchemaProperty("category", .text(limit: 40), required: true, "Code of the category"),
        SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("place", .text(limit: 400), required: true, "Where"),
        SchemaProperty("urgent", .flag, required: true, "Whether it is urgent"),
        SchemaProperty("createdAt", .moment, required: true, "When it was told"),
        SchemaProperty("dueAt", .moment, required: true, "When the present state is due"),
        SchemaProperty(
            "unconfirmed", .list(.choice(["category", "nature"]), limit: 2),
            "What was only guessed from the words and nobody confirmed yet; for staff, in listCases and getCase"),
    ]

    /// What nobody confirmed; nothing where there is nothing.
    private static func unconfirmed(_ doubt: CaseDoubt) -> [String: JSONValue] {
        doubt.isEmpty ? [:] : ["unconfirmed": .array(doubt.names.map { .text($0) })]
    }

    /// A list of cases, at most `limit`.
    static func cases(limit: Int) -> SchemaProperty {
        SchemaProperty("cases", .list(.object(rowProperties), limit: limit), required: true, "Cases")
    }

    static let caseList = Schema<CasePage>(
        "CaseList",
        [
            cases(limit: 100),
            SchemaProperty("next", .text(limit: 60), "Cursor of the next page; missing on the last one"),
        ],
        decode: { _ in CasePage(rows: []) },
        encode: { page in
            let rows = page.rows.map { item in
                let doubt = page.isForStaff ? item.doubt : []
                return JSONValue.object(row(item).merging(unconfirmed(doubt)) { first, _ in first })
            }
            var json: [String: JSONValue] = ["cases": .array(rows)]
            json["next"] = page.next.map { .text($0) }
            return json
        }
    )

    static func row(_ row: CaseRow) -> [String: JSONValue] {
        [
            "id": .text("\(row.id)"), "number": .text(row.number), "title": .text(row.title),
            "state": .text(row.state), "nature": .text(row.nature.rawValue), "category": .text(row.category),
            "division": .text("\(row.division)"), "place": .text(row.whereabouts), "urgent": .flag(row.isUrgent),
            "createdAt": .text(row.createdAt.iso8601), "dueAt": .text(row.dueAt.iso8601),
        ]
    }

    static let taken = Schema<CaseCommands.Taken?>(
        "CaseTaken",
        [
            SchemaProperty("id", .id, required: true, "Identifier"),
            SchemaProperty("number", .text(limit: 30), required: true, "Human number"),
            SchemaProperty("state", .text(limit: 40), required: true, "State"),
            SchemaProperty("receipt", .text(limit: 32), required: true, "Secret of the receipt link /r/…"),
        ],
        decode: { _ in nil },
        encode: { taken in
            guard let taken else { return [:] }
            return [
                "id": .text("\(taken.id)"), "number": .text(taken.number), "state": .text(taken.state),
                "receipt": .text(taken.receipt),
            ]
        }
    )

    /// What a body answers, by field.
    static func answers(_ json: [String: JSONValue]) -> [String: String] {
        guard case .object(let answers)? = json["answers"] else { return [:] }
        return answers.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
    }

    static let step = Schema<CaseStep>(
        "CaseStep",
        [
            SchemaProperty("transition", .text(limit: 40), required: true, "One of the case's `transitions`"),
            SchemaProperty("text", .text(limit: 2000), "Words that go with it"),
            SchemaProperty("unit", .id, "The unit to send it to"),
            SchemaProperty("reasonClass", .text(limit: 40), "Why it is returned: one of the step's `reasons`"),
            SchemaProperty("answers", .map(.text(limit: 2000), limit: 100), "Answers to the step's `fields`"),
            SchemaProperty("stars", .integer(1...5), "Rating"),
            SchemaProperty("photos", .list(.id, limit: 9), "Files from uploadFile"),
            SchemaProperty("version", .integer(0...Int64(Int32.max)), "The version you saw; checked when given"),
            SchemaProperty("sure", .flag, "Also when you take it with as many cases in hand as the setting allows"),
        ],
        decode: { json in
            var step = CaseStep(json.text("transition"), text: json.text("text"), unit: ID(json.text("unit")))
            step.isSure = json.flag("sure")
            step.reasonClass = json.text("reasonClass")
            step.answers = answers(json)
            step.stars = json.integer("stars").map { Int($0) }
            step.photos = json.ids("photos")
            step.version = json.integer("version").map { Int($0) }
            return step
        },
        encode: { _ in [:] }
    )

    static let note = Schema<NoteBody>(
        "CaseNote",
        [
            SchemaProperty("text", .text(limit: 2000), required: true, "Words"),
            SchemaProperty("visible", .flag, "Whether the resident sees it"),
            SchemaProperty("photos", .list(.id, limit: 9), "Files from uploadFile"),
        ],
        decode: { NoteBody(text: $0.text("text"), isVisible: $0["visible"] == .flag(true), photos: $0.ids("photos")) },
        encode: { _ in [:] }
    )

    /// A case as its reader may see it.
    static let detail = Schema<CaseView?>(
        "Case", detailProperties, decode: { _ in nil }, encode: { view in view.map(detail(_:)) ?? [:] }
    )

    /// The same after a step, with which somebody may have given it out of their sight.
    static let after = Schema<CaseView?>(
        "CaseAfterStep", detailProperties.map { SchemaProperty($0.name, $0.kind, $0.meaning) }, decode: { _ in nil },
        encode: { view in view.map(detail(_:)) ?? [:] }
    )

    private static let detailProperties =
        rowProperties + [
            SchemaProperty("text", .text(limit: 4000), required: true, "What was said, numbers masked"),
            SchemaProperty("type", .text(limit: 40), required: true, "Its case type"),
            SchemaProperty("typeVersion", .integer(1...Int64.max), required: true, "The version it began with"),
            SchemaProperty(
                "answers", .map(.text(limit: 2000), limit: 100), required: true,
                "Answers to the fields of its type, numbers masked"
            ),
            SchemaProperty("source", .text(limit: 20), required: true, "How it came in"),
            SchemaProperty(
                "version", .integer(0...Int64(Int32.max)), required: true, "Grows with every change somebody makes"),
            SchemaProperty("handler", .text(limit: 200), "The unit that has it"),
            SchemaProperty("transitions", .list(.text(limit: 40), limit: 40), required: true, "What you may do now"),
            SchemaProperty(
                "steps", .list(CaseTypeSchemas.step, limit: 40), required: true,
                "The same with what must come with each"
            ),
            SchemaProperty(
                "history",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("kind", .text(limit: 20), required: true, "transition or note"),
                        SchemaProperty("state", .text(limit: 40), required: true, "State after it"),
                        SchemaProperty("text", .text(limit: 4000), required: true, "Words"),
                        SchemaProperty("reasonClass", .text(limit: 40), "Why it was returned, for staff"),
                        SchemaProperty(
                            "voice", .text(limit: 30), "Number of the voice whose step and words it was, for staff"),
                        SchemaProperty(
                            "unattributed", .flag,
                            "For staff: whether it is a step of one of several voices, and which was not kept then"),
                        SchemaProperty(
                            "answers", .map(.text(limit: 2000), limit: 100), required: true,
                            "The fields that came with it, numbers masked"
                        ),
                    ]),
                    limit: 500
                ),
                required: true,
                "What happened, as far as you may see it"
            ),
            SchemaProperty(
                "photos",
                .list(
                    .object([
                        SchemaProperty("id", .id, required: true, "Identifier, for getPhoto"),
                        SchemaProperty("kind", .text(limit: 20), required: true, "before or after the work"),
                        SchemaProperty("at", .moment, required: true, "When it was added"),
                    ]),
                    limit: 60
                ),
                required: true,
                "Photos"
            ),
        ] + workProperties

    private static func detail(_ view: CaseView) -> [String: JSONValue] {
        let item = view.item
        let history = view.entries.map { entry -> JSONValue in
            let isShown = view.standing.isStaff || entry.isVisible
            var line: [String: JSONValue] = [
                "at": .text(entry.at.iso8601), "kind": .text(entry.kind), "state": .text(entry.toState),
                "text": .text(isShown ? entry.text : ""),
                "answers": .object(isShown ? entry.answers.mapValues { .text($0) } : [:]),
            ]
            if view.standing.isStaff, !entry.reasonClass.isEmpty { line["reasonClass"] = .text(entry.reasonClass) }
            if view.standing.isStaff { line["voice"] = entry.said.map { .text($0.number) } }
            let isReporters = view.type.transitions.first { $0.id == entry.transition }?.by == [.reporter]
            if view.standing.isStaff, entry.isUnattributed, isReporters { line["unattributed"] = .flag(true) }
            return .object(line)
        }
        var json: [String: JSONValue] = [
            "id": .text("\(item.id)"), "number": .text(item.number), "title": .text(item.title),
            "state": .text(item.state), "nature": .text(item.nature.rawValue), "category": .text(item.category),
            "division": .text("\(item.division)"), "place": .text(item.whereabouts), "urgent": .flag(item.isUrgent),
            "createdAt": .text(item.createdAt.iso8601), "dueAt": .text(item.dueAt.iso8601),
            "type": .text(item.type), "typeVersion": .int(Int64(item.typeVersion)),
            "answers": .object(item.answers.mapValues { .text($0) }),
            "text": .text(item.text), "source": .text(item.source.rawValue), "version": .int(Int64(item.version)),
            "transitions": .array(view.transitions.map { .text($0.id) }), "history": .array(history),
            "steps": .array(view.transitions.map { CaseTypeSchemas.shown($0, view) }),
        ]
        json["handler"] = view.unit.map { .text($0.name.zh) }
        json["photos"] = .array(
            view.photos.map { photo in
                .object([
                    "id": .text("\(photo.file)"), "kind": .text(photo.kind), "at": .text(photo.at.iso8601),
                ])
            }
        )
        if view.standing.isStaff { json.merge(unconfirmed(item.doubt)) { first, _ in first } }
        return json.merging(work(view)) { first, _ in first }
    }
}
