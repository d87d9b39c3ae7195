import LinliCore
import LinliKernel
import LinliStandards

/// Rules of dispatch and the catalogue of duties for programs: what the pages can do, by the same commands.
enum DispatchAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/dispatch/rules", id: "listDispatchRules", "Rules over divisions of yours, in order",
            access: .permission(.dispatchManage), body: .nothing, reply: DispatchSchemas.list
        ) { _, request, services in
            let scope = request.context.actor.scope(for: .dispatchManage)
            return try await services.database.read { tx in
                try DispatchStore.rules(tx).filter { scope.contains($0.division) }
            }
        },
        .api(
            .post, "/api/v1/admin/dispatch/rules", id: "addDispatchRule",
            "Add a rule: cases that fit go to its unit or to their grid before anything else is asked",
            access: .permission(.dispatchManage), body: DispatchSchemas.draft, reply: DispatchSchemas.rule, status: 201
        ) { draft, request, services in
            try await save(draft, nil, request, services)
        },
        .api(
            .put, "/api/v1/admin/dispatch/rules/:id", id: "changeDispatchRule", "Put a rule in place of one",
            access: .permission(.dispatchManage), body: DispatchSchemas.draft, reply: DispatchSchemas.rule
        ) { draft, request, services in
            let id: ID<DispatchRule> = try request.id()
            let context = request.context
            _ = try await services.database.read { try DispatchCommands.own(id, context, $0) }
            return try await save(draft, id, request, services)
        },
        .api(
            .delete, "/api/v1/admin/dispatch/rules/:id", id: "removeDispatchRule", "Take a rule away",
            access: .permission(.dispatchManage), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await DispatchCommands(services).remove(try request.id(), request.context)
            return Nothing()
        },
        .api(
            .post, "/api/v1/admin/dispatch/trial", id: "tryDispatchRule",
            "What a rule would change for the cases of the last 30 days, among all rules and duties; changes nothing",
            access: .permission(.dispatchManage), body: DispatchSchemas.draft, reply: DispatchSchemas.trial
        ) { draft, request, services in
            let commands = DispatchCommands(services)
            return try await commands.trial(try await commands.rule(draft, nil, request.context), request.context)
        },
        .api(
            .get, "/api/v1/admin/duties", id: "getDuties", "The catalogue of duties in force and its versions",
            access: .permission(.dispatchManage), body: .nothing, reply: DispatchSchemas.duties
        ) { _, _, services in
            try await duties(services)
        },
        .api(
            .post, "/api/v1/admin/duties/trial", id: "tryDuties", "Read a text as a catalogue; changes nothing",
            access: .permission(.dispatchManage), body: DispatchSchemas.text, reply: DispatchSchemas.read
        ) { body, request, services in
            try DutiesCommands(services).read(body.text, body.note, request.context).all.count
        },
        .api(
            .post, "/api/v1/admin/duties", id: "publishDuties", "Publish a text as the next version",
            access: .permission(.dispatchManage), body: DispatchSchemas.text, reply: DispatchSchemas.duties,
            status: 201, recover: { _, _, services in try await duties(services) }
        ) { body, request, services in
            try await DutiesCommands(services).publish(body.text, note: body.note, request.context)
            return try await duties(services)
        },
    ]

    private static func save(
        _ draft: DispatchDraft, _ id: ID<DispatchRule>?, _ request: Request, _ services: Services
    ) async throws -> DispatchRule? {
        let commands = DispatchCommands(services)
        var rule = try await commands.rule(draft, id, request.context)
        rule.id = try await commands.save(rule, request.context)
        return rule
    }

    private static func duties(_ services: Services) async throws -> DispatchSchemas.Duties? {
        let (duties, text) = try await DutiesCommands(services).current()
        let history = try await services.database.read { try DispatchStore.catalogues($0) }
        return .init(version: duties.version, text: text, history: history)
    }
}

/// The JSON objects of `DispatchAPI`.
enum DispatchSchemas {
    /// The catalogue in force.
    struct Duties: Sendable {
        var version: Int
        var text: String
        var history: [PublishedVersion]
    }

    /// A text to publish.
    struct NewText: Sendable {
        var text: String
        var note: String
    }

    private static let properties = [
        SchemaProperty("name", .text(limit: 60), required: true, "What it is called"),
        SchemaProperty("division", .shaped(.division), required: true, "Where it holds"),
        SchemaProperty("unit", .id, "Where cases that fit are sent; this or `grid`"),
        SchemaProperty(
            "grid", .flag, "Sent to the grid they lie in: who walks it, else the community's roster; this or `unit`"),
        SchemaProperty("position", .integer(1...9999), "Rules are asked in this order; 100 by default"),
        SchemaProperty("categories", .list(.text(limit: 10), limit: 60), "Major or minor classes; none for all"),
        SchemaProperty(
            "natures", .list(.choice(NeedNature.allCases.map(\.rawValue)), limit: 5), "Natures; none for all"),
        SchemaProperty(
            "spots", .list(.choice(Spot.allCases.map(\.rawValue)), limit: 4), "Whose it may be; none for all"),
        SchemaProperty("words", .list(.text(limit: 20), limit: 30), "One of these stands in the text; none for any"),
        SchemaProperty("from", .text(limit: 5), "From what time of day, 22:00; with `until`"),
        SchemaProperty("until", .text(limit: 5), "Until what time of day; before `from` it is the next morning"),
        SchemaProperty("answer", .text(limit: 100), "An answer of the form, field=value"),
        SchemaProperty("active", .flag, "Whether it holds; true by default"),
    ]

    static let draft = Schema<DispatchDraft>(
        "DispatchRuleDraft", properties,
        decode: { json in
            func time(_ name: String) -> String? { json.text(name).isEmpty ? nil : json.text(name) }
            var draft = DispatchDraft(
                name: json.text("name").trimmed, division: DivisionCode(json.text("division")), unit: json.id("unit"))
            draft.isToGrid = json["grid"] == .flag(true)
            draft.position = json.integer("position").map { Int($0) } ?? draft.position
            draft.categories = json.texts("categories")
            draft.natures = json.texts("natures").compactMap { NeedNature(rawValue: $0) }
            draft.spots = json.texts("spots").compactMap { Spot(rawValue: $0) }
            draft.words = json.texts("words").map(\.trimmed).filter { !$0.isEmpty }
            (draft.from, draft.until) = (time("from"), time("until"))
            draft.answer = json.text("answer").trimmed
            draft.isActive = json["active"] != .flag(false)
            return draft
        },
        encode: { _ in [:] }
    )

    private static let ruleProperties = [SchemaProperty("id", .id, required: true, "Identifier")] + properties

    static let rule = Schema<DispatchRule?>(
        "DispatchRule", ruleProperties, decode: { _ in nil }, encode: { $0.map(object) ?? [:] }
    )

    static let list = Schema<[DispatchRule]>(
        "DispatchRuleList",
        [SchemaProperty("rules", .list(.object(ruleProperties), limit: 500), required: true, "Rules")],
        decode: { _ in [] }, encode: { rules in ["rules": .array(rules.map { .object(object($0)) })] }
    )

    private static func object(_ rule: DispatchRule) -> [String: JSONValue] {
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .text($0) }) }
        func time(_ minute: Int) -> JSONValue {
            let (hour, rest) = ("\(minute / 60)", "\(minute % 60)")
            return .text((hour.count < 2 ? "0" : "") + hour + ":" + (rest.count < 2 ? "0" : "") + rest)
        }
        var json: [String: JSONValue] = [
            "id": .text("\(rule.id)"), "name": .text(rule.name), "division": .text(rule.division.short),
            "grid": .flag(rule.unit == nil), "position": .int(Int64(rule.position)),
            "categories": texts(rule.categories), "natures": texts(rule.natures.map(\.rawValue)),
            "spots": texts(rule.spots.map(\.rawValue)), "words": texts(rule.words), "answer": .text(rule.answer),
            "active": .flag(rule.isActive),
        ]
        json["unit"] = rule.unit.map { .text("\($0)") }
        json["from"] = rule.hours.map { time($0.from) }
        json["until"] = rule.hours.map { time($0.until) }
        return json
    }

    static let trial = Schema<DispatchTrial>(
        "DispatchTrial",
        [
            SchemaProperty("looked", .integer(0...10_000), required: true, "How many cases were looked at"),
            SchemaProperty("isCut", .flag, required: true, "Whether there are more than were looked at"),
            SchemaProperty("fits", .integer(0...10_000), required: true, "How many fit"),
            SchemaProperty("decides", .integer(0...10_000), required: true, "For how many of those the rule decides"),
            SchemaProperty("same", .integer(0...10_000), required: true, "How many of those are there anyway"),
            SchemaProperty("moved", .integer(0...10_000), required: true, "How many would go elsewhere than today"),
            SchemaProperty(
                "examples",
                .list(
                    .object([
                        SchemaProperty("number", .text(limit: 30), required: true, "Number of the case"),
                        SchemaProperty("title", .text(limit: 60), required: true, "First words"),
                        SchemaProperty("at", .moment, required: true, "When it was told"),
                        SchemaProperty("unit", .text(limit: 80), required: true, "Who has it, or had it last"),
                        SchemaProperty("before", .text(limit: 160), required: true, "Where it would be sent today"),
                        SchemaProperty("after", .text(limit: 160), required: true, "Where with the rule"),
                    ]),
                    limit: DispatchTrial.shown
                ),
                required: true, "The newest that would have gone elsewhere"
            ),
        ],
        decode: { _ in DispatchTrial() },
        encode: { trial in
            let examples = trial.examples.map { example -> JSONValue in
                .object([
                    "number": .text(example.number), "title": .text(example.title),
                    "at": .text(example.at.iso8601), "unit": .text(example.unit.zh),
                    "before": .text(example.before.zh), "after": .text(example.after.zh),
                ])
            }
            return [
                "looked": .int(Int64(trial.looked)), "isCut": .flag(trial.isCut), "fits": .int(Int64(trial.fits)),
                "decides": .int(Int64(trial.decides)), "same": .int(Int64(trial.same)),
                "moved": .int(Int64(trial.moved)), "examples": .array(examples),
            ]
        }
    )

    static let duties = Schema<Duties?>(
        "DutyCatalogue",
        [
            SchemaProperty(
                "version", .integer(0...Int64(Int32.max)), required: true, "0 for the one the program ships"),
            SchemaProperty("text", .text(limit: 65_536), required: true, "Its text; the form stands at its top"),
            SchemaProperty(
                "history",
                .list(
                    .object([
                        SchemaProperty("version", .integer(1...Int64(Int32.max)), required: true, "Version"),
                        SchemaProperty("note", .text(limit: 200), required: true, "What it is about"),
                        SchemaProperty("at", .moment, required: true, "When it was published"),
                        SchemaProperty("by", .text(limit: 40), required: true, "Who did; may be empty"),
                    ]),
                    limit: 100
                ),
                required: true, "Published versions, the newest first"
            ),
        ],
        decode: { _ in nil },
        encode: { duties in
            guard let duties else { return [:] }
            let history = duties.history.map { version -> JSONValue in
                .object([
                    "version": .int(Int64(version.version)), "note": .text(version.reason),
                    "at": .text(version.at.iso8601), "by": .text(version.by),
                ])
            }
            return [
                "version": .int(Int64(duties.version)), "text": .text(duties.text), "history": .array(history),
            ]
        }
    )

    static let text = Schema<NewText>(
        "DutyText",
        [
            SchemaProperty("text", .text(limit: 60_000), required: true, "The whole catalogue"),
            SchemaProperty("note", .text(limit: 200), "What it is about"),
        ],
        decode: { NewText(text: $0.text("text"), note: $0.text("note").trimmed) }, encode: { _ in [:] }
    )

    static let read = Schema<Int>(
        "DutyTrial", [SchemaProperty("lines", .integer(0...10_000), required: true, "How many lines it has")],
        decode: { _ in 0 }, encode: { ["lines": .int(Int64($0))] }
    )
}
