import LinliCore
import LinliKernel

/// Following a case by its secret receipt, without an account: reading it, acting on it, adding to it. The receipt stands
/// in the body, so that no log of addresses has it.
enum ReceiptsAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/receipts", id: "findByReceipt", "The case of a receipt, as who told it sees it",
            access: .public, body: find, reply: APISchemas.detail
        ) { typed, request, services in
            let reader = try await holder(typed, request, services)
            return try await services.queries.reporterView(reader.id, reader.context)
        },
        .api(
            .post, "/api/v1/receipts/transitions", id: "takeTransitionByReceipt",
            "Move the case of a receipt along one of its transitions: confirm, contest, withdraw …",
            access: .public, body: step, reply: APISchemas.detail
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            try await services.commands.take(body.step, of: reader.id, reader.context)
            return try await services.queries.reporterView(reader.id, reader.context)
        },
        .api(
            .post, "/api/v1/receipts/notes", id: "addNoteByReceipt", "Add words to the case of a receipt",
            access: .public, body: note, reply: APISchemas.detail, status: 201
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            try await services.commands.remark(
                body.text, isVisible: true, photos: [], on: reader.id, reader.context
            )
            return try await services.queries.reporterView(reader.id, reader.context)
        },
        .api(
            .post, "/api/v1/receipts/answer", id: "answerLaterByReceipt",
            "Say that it is solved, after the case of a receipt went on without your answer", access: .public,
            body: answer, reply: APISchemas.detail
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            let answer = body.answer
            try await services.commands.answer(
                isSolved: true, grade: answer.grade, text: answer.text, of: reader.id, reader.context
            )
            return try await services.queries.reporterView(reader.id, reader.context)
        },
        .api(
            .post, "/api/v1/receipts/publicity", id: "setPublicityByReceipt",
            "Say whether neighbours may see the case of a receipt, without who you are", access: .public,
            body: willing, reply: APISchemas.detail
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            try await services.commands.consent(body.isWilling, to: reader.id, reader.context)
            return try await services.queries.reporterView(reader.id, reader.context)
        },
    ]

    private static func holder(
        _ typed: String, _ request: Request, _ services: Services
    ) async throws -> NeedReader {
        try await .receipt(MyNeedsRoutes.receipt(in: typed), request, services)
    }

    /// A step and the receipt it is taken with.
    struct Step: Sendable {
        var receipt: String
        var step: CaseStep
    }

    /// Words and the receipt they come with.
    struct Note: Sendable {
        var receipt: String
        var text: String
    }

    /// A late answer and the receipt it comes with.
    struct Answer: Sendable {
        var receipt: String
        var answer: CaseWorkSchemas.Answer
    }

    /// What neighbours may see, and the receipt it is said with.
    struct Willing: Sendable {
        var receipt: String
        var isWilling: Bool
    }

    private static let receipt = SchemaProperty(
        "receipt", .text(limit: 300), required: true, "The code of the receipt, or its whole link"
    )

    private static let find = Schema<String>(
        "ReceiptLookup", [receipt], decode: { $0.text("receipt") }, encode: { _ in [:] }
    )

    private static let step = Schema<Step>(
        "ReceiptStep",
        [
            receipt,
            SchemaProperty("transition", .text(limit: 40), required: true, "One of the case's `transitions`"),
            SchemaProperty("text", .text(limit: 2000), "Words that go with it"),
            SchemaProperty("stars", .integer(1...5), "Rating"),
            SchemaProperty("version", .integer(0...Int64(Int32.max)), "The version you saw; checked when given"),
        ],
        decode: { json in
            var step = CaseStep(json.text("transition"), text: json.text("text"))
            step.stars = json.integer("stars").map { Int($0) }
            step.version = json.integer("version").map { Int($0) }
            return Step(receipt: json.text("receipt"), step: step)
        },
        encode: { _ in [:] }
    )

    private static let note = Schema<Note>(
        "ReceiptNote", [receipt, SchemaProperty("text", .text(limit: 2000), required: true, "Words")],
        decode: { Note(receipt: $0.text("receipt"), text: $0.text("text")) }, encode: { _ in [:] }
    )

    private static let answer = Schema<Answer>(
        "ReceiptAnswer", [receipt] + CaseWorkSchemas.answerProperties,
        decode: { Answer(receipt: $0.text("receipt"), answer: CaseWorkSchemas.answer($0)) }, encode: { _ in [:] }
    )

    private static let willing = Schema<Willing>(
        "ReceiptPublicity", [receipt, CaseWorkSchemas.willingProperty],
        decode: { Willing(receipt: $0.text("receipt"), isWilling: $0.flag("willing")) }, encode: { _ in [:] }
    )
}
