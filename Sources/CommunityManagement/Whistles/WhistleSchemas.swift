import LinliCore
import LinliKernel

/// The JSON objects of whistles.
enum WhistleSchemas {
    /// A page of a list.
    struct WhistleList: Sendable {
        var rows: [WhistleRow]
        var next: ID<Whistle>?
    }

    /// A whistle and the case it is for.
    struct NewWhistle: Sendable {
        var item: ID<Case>
        var draft: WhistleDraft
    }

    /// What a step carries.
    struct StepBody: Sendable {
        var unit: ID<Unit>?
        var text = ""
        var name = ""
        var code: String?
        var stars = 0
    }

    static let listQuery = [
        SchemaProperty("tab", .choice(WhistleTab.allCases.map(\.rawValue)), "Which; by default those that call you"),
        SchemaProperty("before", .id, "The `next` of the page before"),
        SchemaProperty("limit", .integer(1...100), "How many; 50 by default"),
    ]

    private static let storey = SchemaProperty(
        "storey", .choice(Whistle.Storey.allCases.map(\.rawValue)), required: true, "Who calls whom")
    private static let kind = SchemaProperty(
        "kind", .choice(Whistle.Kind.allCases.map(\.rawValue)), required: true, "How pressing it is")

    private static let properties: [SchemaProperty] = [
        SchemaProperty("id", .id, required: true, "Identifier"),
        SchemaProperty("case", .text(limit: 30), required: true, "Number of its case"),
        storey, kind,
        SchemaProperty("state", .choice(Whistle.State.allCases.map(\.rawValue)), required: true, "How far it is"),
        SchemaProperty("purpose", .text(limit: 1000), required: true, "What is to be done"),
        SchemaProperty("location", .text(limit: 120), required: true, "Where to come"),
        SchemaProperty("draftedAt", .moment, required: true, "When it was written"),
        SchemaProperty("calledAt", .moment, "When the units were called"),
        SchemaProperty("dueAt", .moment, "By when they must be there"),
    ]

    private static func row(_ whistle: WhistleRecord) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "id": .text("\(whistle.id)"), "case": .text(whistle.number), "storey": .text(whistle.storey.rawValue),
            "kind": .text(whistle.kind.rawValue), "state": .text(whistle.state.rawValue),
            "purpose": .text(whistle.purpose), "location": .text(whistle.location),
            "draftedAt": .text(whistle.draftedAt.iso8601),
        ]
        json["calledAt"] = whistle.calledAt.map { .text($0.iso8601) }
        json["dueAt"] = whistle.dueAt.map { .text($0.iso8601) }
        return json
    }

    static let list = Schema<WhistleList>(
        "WhistleList",
        [
            SchemaProperty("whistles", .list(.object(properties), limit: 100), required: true, "Whistles"),
            SchemaProperty("next", .id, "Cursor of the next page; missing on the last one"),
        ],
        decode: { _ in WhistleList(rows: []) },
        encode: { page in
            var json: [String: JSONValue] = ["whistles": .array(page.rows.map { .object(row($0.whistle)) })]
            json["next"] = page.next.map { .text("\($0)") }
            return json
        }
    )

    private static let unitProperties: [SchemaProperty] = [
        SchemaProperty("unit", .id, required: true, "The unit"),
        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
        SchemaProperty("answeredAt", .moment, "When it said who comes"),
        SchemaProperty("comes", .text(limit: 40), "Who"),
        SchemaProperty("phone", .text(limit: 20), "Masked"),
        SchemaProperty("arrivedAt", .moment, "When the first of it signed in"),
        SchemaProperty("late", .flag, required: true, "Whether that was after the time"),
        SchemaProperty("missedAt", .moment, "When it was taken under supervision for not coming in time"),
        SchemaProperty("stars", .integer(1...5), "Its score"),
    ]

    private static let taskProperties: [SchemaProperty] = [
        SchemaProperty("case", .id, required: true, "The part it became"),
        SchemaProperty("state", .text(limit: 40), required: true, "State of that part"),
        SchemaProperty("by", .text(limit: 10), required: true, "The day agreed, as it holds now"),
    ]

    static let detail = Schema<WhistleView?>(
        "Whistle",
        properties + [
            SchemaProperty("units", .list(.object(unitProperties), limit: 50), required: true, "Units called"),
            SchemaProperty("lead", .id, "The unit that leads"),
            SchemaProperty("minutes", .text(limit: 2000), "What was agreed"),
            SchemaProperty("tasks", .list(.object(taskProperties), limit: 50), required: true, "Who does what"),
            SchemaProperty("code", .text(limit: 6), "For who comes; shown to the whistler while units are expected"),
        ],
        decode: { _ in nil },
        encode: { $0.map(object) ?? [:] }
    )

    private static func object(_ view: WhistleView) -> [String: JSONValue] {
        var json = row(view.whistle)
        json["units"] = .array(view.units.map { .object(unit($0)) })
        json["tasks"] = .array(
            view.tasks.map { task in
                .object([
                    "case": .text("\(task.row.id)"), "state": .text(task.row.state), "by": .text("\(task.by)"),
                ])
            })
        json["lead"] = view.whistle.leadUnit.map { .text("\($0)") }
        if view.whistle.minutedAt != nil { json["minutes"] = .text(view.whistle.minutes) }
        json["code"] = view.code.map { .text($0) }
        return json
    }

    private static func unit(_ unit: WhistleUnit) -> [String: JSONValue] {
        var json: [String: JSONValue] = [
            "unit": .text("\(unit.unit)"), "name": .text(unit.name.zh), "late": .flag(unit.isLate),
        ]
        json["answeredAt"] = unit.answeredAt.map { .text($0.iso8601) }
        if unit.answeredAt != nil {
            json["comes"] = .text(unit.contactName)
            json["phone"] = .text(unit.contactMask)
        }
        json["arrivedAt"] = unit.arrivedAt.map { .text($0.iso8601) }
        json["missedAt"] = unit.missedAt.map { .text($0.iso8601) }
        json["stars"] = unit.stars.map { .int(Int64($0)) }
        return json
    }

    /// How units came in a month.
    struct Scores: Sendable {
        let month: AssessmentMonth
        /// Which days months have.
        let calendar: AssessmentCalendar
        let units: [WhistleScore]
    }

    static let scores = Schema<Scores?>(
        "WhistleScores",
        AssessmentDays.properties + [
            SchemaProperty(
                "units",
                .list(
                    .object([
                        SchemaProperty("unit", .id, required: true, "The unit"),
                        SchemaProperty("name", .text(limit: 80), required: true, "Its name"),
                        SchemaProperty("called", .integer(0...Int64.max), required: true, "Times it was called"),
                        SchemaProperty("inTime", .integer(0...Int64.max), required: true, "Times it came in time"),
                        SchemaProperty("late", .integer(0...Int64.max), required: true, "Times it came late"),
                        SchemaProperty("missed", .integer(0...Int64.max), required: true, "Times nobody was in time"),
                        SchemaProperty("scored", .integer(0...Int64.max), required: true, "Scores given"),
                        SchemaProperty("stars", .integer(0...Int64.max), required: true, "Their sum"),
                    ]), limit: 500), required: true, "Units, in the order they were set up: no ranking")
        ],
        decode: { _ in nil },
        encode: { scores in
            guard let scores else { return [:] }
            let units = scores.units.map { score -> JSONValue in
                let numbers = [
                    "called": score.called, "inTime": score.inTime, "late": score.late, "missed": score.missed,
                    "scored": score.scored, "stars": score.stars,
                ]
                var json: [String: JSONValue] = numbers.mapValues { .int(Int64($0)) }
                json["unit"] = .text("\(score.unit)")
                json["name"] = .text(score.name.zh)
                return .object(json)
            }
            var json = AssessmentDays.json(scores.month, scores.calendar)
            json["units"] = .array(units)
            return json
        }
    )

    static let contact = Schema<String>(
        "WhistleContact", [SchemaProperty("phone", .text(limit: 20), required: true, "In clear")],
        decode: { $0.text("phone") }, encode: { ["phone": .text($0)] })

    // MARK: Bodies

    static let called = Schema<ID<Unit>?>(
        "WhistleUnit", [SchemaProperty("unit", .id, required: true, "One of the units called")],
        decode: { $0.id("unit") }, encode: { _ in [:] })

    static let draft = Schema<NewWhistle>(
        "WhistleDraft",
        [
            SchemaProperty("case", .id, required: true, "The case it is for"),
            storey, kind,
            SchemaProperty("purpose", .text(limit: 1000), required: true, "What is to be done"),
            SchemaProperty("location", .text(limit: 120), required: true, "Where to come"),
            SchemaProperty("units", .list(.id, limit: WhistleDraft.mostUnits), required: true, "Who is called"),
        ],
        decode: { json in
            guard let item = ID<Case>(json.text("case")) else { throw LinliError.notFound("whistles.case") }
            return NewWhistle(
                item: item,
                draft: WhistleDraft(
                    storey: Whistle.Storey(rawValue: json.text("storey")) ?? .community,
                    kind: Whistle.Kind(rawValue: json.text("kind")) ?? .daily, purpose: json.text("purpose"),
                    location: json.text("location"), units: json.ids("units")))
        },
        encode: { _ in [:] }
    )

    private static let unit = SchemaProperty("unit", .id, "The called unit; the first of yours by default")
    private static let calledUnit = SchemaProperty("unit", .id, required: true, "A called unit")

    static let answer = Schema<WhistleAnswer>(
        "WhistleAnswer",
        [
            unit, SchemaProperty("name", .text(limit: 40), required: true, "Who comes"),
            SchemaProperty("phone", .text(limit: 20), required: true, "Their phone; kept sealed"),
            SchemaProperty("words", .text(limit: 200), "A word to the whistler"),
        ],
        decode: { json in
            WhistleAnswer(
                unit: ID(json.text("unit")), name: json.text("name"), phone: json.text("phone"),
                words: json.text("words"))
        },
        encode: { _ in [:] }
    )

    static let signIn = Schema<StepBody>(
        "WhistleSignIn",
        [
            unit, SchemaProperty("code", .text(limit: 6), "The whistler's code"),
            SchemaProperty("name", .text(limit: 40), "As the whistler: who came without a phone"),
        ],
        decode: { json in
            StepBody(
                unit: ID(json.text("unit")), name: json.text("name"),
                code: json["code"] == nil ? nil : json.text("code"))
        },
        encode: { _ in [:] }
    )

    static let minutes = Schema<StepBody>(
        "WhistleMinutes",
        [calledUnit, SchemaProperty("text", .text(limit: 2000), required: true, "What was agreed")],
        decode: { StepBody(unit: ID($0.text("unit")), text: $0.text("text")) },
        encode: { _ in [:] }
    )

    static let task = Schema<WhistleTaskDraft>(
        "WhistleTask",
        [
            calledUnit, SchemaProperty("text", .text(limit: 1000), required: true, "What it is to do"),
            SchemaProperty("by", .text(limit: 10), required: true, "The day agreed, 2026-11-30"),
        ],
        decode: { WhistleTaskDraft(unit: ID($0.text("unit")), text: $0.text("text"), by: CivilDate($0.text("by"))) },
        encode: { _ in [:] }
    )

    static let score = Schema<StepBody>(
        "WhistleScore",
        [
            calledUnit, SchemaProperty("stars", .integer(1...5), required: true, "1 to 5"),
            SchemaProperty("words", .text(limit: 500), "Why; needed for 1 and 2"),
        ],
        decode: { json in
            StepBody(
                unit: ID(json.text("unit")), text: json.text("words"), stars: json.integer("stars").map { Int($0) } ?? 0
            )
        },
        encode: { _ in [:] }
    )

    static let reason = Schema<StepBody>(
        "WhistleReason",
        [SchemaProperty("reason", .text(limit: 500), required: true, "Why it is taken back")],
        decode: { StepBody(text: $0.text("reason")) },
        encode: { _ in [:] }
    )
}
