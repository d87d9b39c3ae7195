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
            "How a text of labels and services is read; changes nothing", access: .permission(.registersManage),
            body: text, reply: tried
        ) { draft, request, _ in
            guard LabelCommands.mayPublish(request.context.actor) else { throw LinliError.forbidden("labels") }
            return try LabelCommands.look(draft.text)
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

    private static let tried = Schema<LabelBook?>(
        "LabelBookLook", entries, decode: { _ in nil }, encode: { $0.map(json) ?? [:] })

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
