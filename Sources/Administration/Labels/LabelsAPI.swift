import LinliCore
import LinliKernel

/// The book of labels and services for programs of administrators: read, tried, published with a reason.
enum LabelsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/admin/labels", id: "getLabelBook",
            "The labels and services in force, as text and one by one, and what was published before",
            access: .permission(.registersRead), body: .nothing, reply: book
        ) { _, _, services in
            try await published(services)
        },
        .api(
            .post, "/api/v1/admin/labels/trial", id: "tryLabelBook",
            "How a text of labels and services is read, and whose labels and services it would change; publishes nothing",
            access: .permission(.registersManage), body: text, reply: tried
        ) { draft, request, services in
            try await LabelTrial.run(
                draft.text, services.registers, request.context.unmarked, services.database)
        },
        .api(
            .post, "/api/v1/admin/labels", id: "publishLabelBook",
            "Publish another book of labels and services; everybody is worked out again by and by",
            access: .permission(.registersManage), body: publication, reply: book,
            recover: { _, _, services in .some(try await published(services)) }
        ) { draft, request, services in
            try await LabelCommands.publish(
                draft.text, reason: draft.reason, hasSpecialGroups: services.registers.hasSpecialGroups,
                request.context, services.database)
            return try await published(services)
        },
    ]

    /// A book as somebody writes it.
    struct Draft: Sendable {
        var text: String
        var reason = ""
    }

    /// A book and those before it.
    struct Published: Sendable {
        var book: LabelBook
        var history: [(reason: String, at: Instant, by: String)]
    }

    private static func published(_ services: Services) async throws -> Published? {
        try await services.database.read { tx in
            Published(book: try LabelBook.current(tx), history: try LabelCommands.history(tx))
        }
    }

    private static let texts = SchemaProperty(
        "text", .text(limit: 60_000), required: true, "The book as text; `getLabelBook` gives the one in force")

    private static let text = Schema<Draft>(
        "LabelBookText", [texts], decode: { Draft(text: $0.text("text")) }, encode: { _ in [:] })

    private static let publication = Schema<Draft>(
        "LabelBookPublication",
        [texts, SchemaProperty("reason", .text(limit: 200), required: true, "What changes, and why")],
        decode: { Draft(text: $0.text("text"), reason: $0.text("reason")) }, encode: { _ in [:] })

    private static let entries = [
        SchemaProperty(
            "labels",
            .list(
                .object([
                    SchemaProperty("id", .text(limit: 40), required: true, "Identifier"),
                    SchemaProperty("name", .text(limit: 80), required: true, "In Chinese"),
                    SchemaProperty("english", .text(limit: 160), required: true, "In English"),
                    SchemaProperty("group", .text(limit: 80), required: true, "Under which heading, in Chinese"),
                    SchemaProperty(
                        "parent", .text(limit: 40), "What it stands directly below; who has it has that too"),
                    SchemaProperty(
                        "rule", .text(limit: 2000), required: true, "Who gets it, in Chinese; empty: by hand"),
                    SchemaProperty(
                        "class", .choice(["basic", "sensitive", "special"]), required: true, "How closely it is kept"),
                    SchemaProperty("care", .flag, required: true, "Whether who has it stands on the care list"),
                ]), limit: 1000), required: true, "In their order"),
        SchemaProperty(
            "services", .list(.text(limit: 40), limit: 1000), required: true, "Services; listCareServices tells of each"
        ),
    ]

    private static let number = SchemaKind.integer(0...Int64(Int32.max))

    private static let tried = Schema<LabelTrial?>(
        "LabelBookLook",
        entries + [
            SchemaProperty("people", number, required: true, "Over how many people it was worked out"),
            SchemaProperty("all", .flag, required: true, "Whether those are all of the author's"),
            SchemaProperty(
                "least", number, required: true, "Fewer than this are not told apart; others are rounded down"),
            SchemaProperty(
                "counts",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "The label, also one that goes"),
                        SchemaProperty("held", number, "Who would have it; missing: some, fewer than `least`"),
                        SchemaProperty("gained", number, "Who would get it; missing: likewise"),
                        SchemaProperty("lost", number, "Who would lose it; missing: likewise"),
                    ]), limit: 1000), required: true, "Labels of which anybody has, gets or loses one"),
            SchemaProperty(
                "entitlements",
                .list(
                    .object([
                        SchemaProperty("service", .text(limit: 40), required: true, "The service, also one that goes"),
                        SchemaProperty(
                            "change", .choice(LabelTrial.Change.allCases.map(\.rawValue)), required: true,
                            "What becomes of it by the text"),
                        SchemaProperty("held", number, "Who might have it; missing: some, fewer than `least`"),
                        SchemaProperty("gained", number, "Who newly might; missing: likewise"),
                        SchemaProperty("lost", number, "Who might no more; missing: likewise"),
                    ]), limit: 1000), required: true, "Each service whose people one may count"),
        ],
        decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

    private static func json(_ trial: LabelTrial) -> [String: JSONValue] {
        var object = json(trial.book)
        object["people"] = .int(Int64(trial.people))
        object["all"] = .flag(trial.isWhole)
        object["least"] = .int(Int64(trial.least))
        object["counts"] = .array(
            trial.counted.map { id, count in
                var json: [String: JSONValue] = ["id": .text(id)]
                json["held"] = trial.shown(count.held).map { .int(Int64($0)) }
                json["gained"] = trial.shown(count.gained).map { .int(Int64($0)) }
                json["lost"] = trial.shown(count.lost).map { .int(Int64($0)) }
                return .object(json)
            })
        object["entitlements"] = .array(
            trial.services.compactMap { service, change -> JSONValue? in
                guard let count = trial.count(of: service) else { return nil }
                var json: [String: JSONValue] = ["service": .text(service.id), "change": .text(change.rawValue)]
                json["held"] = trial.shown(count.held).map { .int(Int64($0)) }
                json["gained"] = trial.shown(count.gained).map { .int(Int64($0)) }
                json["lost"] = trial.shown(count.lost).map { .int(Int64($0)) }
                return .object(json)
            })
        return object
    }

    private static let book = Schema<Published?>(
        "LabelBook",
        [texts] + entries + [
            SchemaProperty(
                "history",
                .list(
                    .object([
                        SchemaProperty("at", .moment, required: true, "When"),
                        SchemaProperty("by", .text(limit: 60), required: true, "By whom"),
                        SchemaProperty("reason", .text(limit: 400), required: true, "What changed, and why"),
                    ]), limit: 50), required: true, "What was published, the newest first")
        ],
        decode: { _ in nil },
        encode: { published in
            guard let published else { return [:] }
            var object = json(published.book)
            object["text"] = .text(published.book.text)
            object["history"] = .array(
                published.history.map { entry in
                    .object([
                        "at": .text(entry.at.iso8601), "by": .text(entry.by), "reason": .text(entry.reason),
                    ])
                })
            return object
        })

    private static func json(_ book: LabelBook) -> [String: JSONValue] {
        let labels = book.labels.map { label -> JSONValue in
            var json: [String: JSONValue] = [
                "id": .text(label.id), "name": .text(label.name.zh), "english": .text(label.name.en),
                "group": .text(label.group.zh), "rule": .text(label.rule?.words.zh ?? ""),
                "class": .text("\(label.fieldClass)"), "care": .flag(label.isCare),
            ]
            json["parent"] = label.parent.map { .text($0) }
            return .object(json)
        }
        return ["labels": .array(labels), "services": .array(book.services.map { .text($0.id) })]
    }
}
