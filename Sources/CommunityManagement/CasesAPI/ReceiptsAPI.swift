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
            "Move the case of a receipt along one of its `transitions`: confirm and rate, contest and by that ask for a "
                + "review, withdraw",
            access: .public, body: step, reply: APISchemas.detail
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            var step = body.step
            step.photos = try await FormPhotos.named(body.photos, services.database, reader.context)
            try await services.commands.take(step, of: reader.id, reader.context)
            return try await services.queries.reporterView(reader.id, reader.context)
        },
        .api(
            .post, "/api/v1/receipts/notes", id: "addNoteByReceipt",
            "Add words or photos to the case of a receipt",
            access: .public, body: note, reply: APISchemas.detail, status: 201
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            let photos = try await FormPhotos.named(body.photos, services.database, reader.context)
            try await services.commands.remark(
                body.text, isVisible: true, photos: photos, on: reader.id, reader.context
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
        .api(
            .post, "/api/v1/receipts/messages", id: "setMessagesByReceipt",
            "Say whether the phone left with the case of a receipt wants messages, about everything told from it",
            access: .public, body: messages, reply: reach
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            if let isWanted = body.isWanted {
                try await services.commands.wantMessages(isWanted, of: reader.id, reader.context)
            }
            let item = try await services.queries.reporterView(reader.id, reader.context).item
            return try await services.database.read { try ReporterMessages.reach(of: item, $0) }
        },
        .document(
            posting: "/api/v1/receipts/photos", id: "getPhotoByReceipt", "A photo of the case of a receipt",
            access: .public, body: photo, type: "image/jpeg"
        ) { body, request, services in
            let reader = try await holder(body.receipt, request, services)
            let standing = try await services.queries.view(reader.id, reader.context).standing
            let found = try await services.database.read { tx in
                try NeedsStore.photo(body.photo, of: reader.id, for: standing, tx)
            }
            guard let found else { throw LinliError.notFound("cases.photo") }
            return try CasePhotoReply.make(found, isSmall: body.isSmall, services)
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
        /// As `uploadFile` answered them.
        var photos: [String]
    }

    /// Words and the receipt they come with.
    struct Note: Sendable {
        var receipt: String
        var text: String
        /// As `uploadFile` answered them.
        var photos: [String]
    }

    /// Whether messages are wanted, and the receipt it is said with; nil only asks.
    struct Messages: Sendable {
        var receipt: String
        var isWanted: Bool?
    }

    /// A photo, and the receipt it is asked for by.
    struct Photo: Sendable {
        var receipt: String
        var photo: ID<StoredFile>
        var isSmall: Bool
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

    private static let proven = SchemaProperty(
        "photos", .list(.shaped(.photo), limit: FormPhotos.limit), "Each the `proof` of uploadFile")

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
            proven,
            SchemaProperty("answers", .map(.text(limit: 2000), limit: 100), "Answers to the step's `fields`"),
            SchemaProperty("version", .integer(0...Int64(Int32.max)), "The version you saw; checked when given"),
        ],
        decode: { json in
            var step = CaseStep(json.text("transition"), text: json.text("text"))
            step.stars = json.integer("stars").map { Int($0) }
            step.answers = APISchemas.answers(json)
            step.version = json.integer("version").map { Int($0) }
            return Step(receipt: json.text("receipt"), step: step, photos: json.texts("photos"))
        },
        encode: { _ in [:] }
    )

    private static let note = Schema<Note>(
        "ReceiptNote",
        [receipt, SchemaProperty("text", .text(limit: 2000), "Words; may be missing beside photos"), proven],
        decode: { Note(receipt: $0.text("receipt"), text: $0.text("text"), photos: $0.texts("photos")) },
        encode: { _ in [:] }
    )

    private static let photo = Schema<Photo>(
        "ReceiptPhoto",
        [
            receipt, SchemaProperty("photo", .id, required: true, "One of its `photos`"),
            SchemaProperty("size", .choice(["small", "full"]), "full by default"),
        ],
        decode: { json in
            guard let file: ID<StoredFile> = json.id("photo") else { throw LinliError.notFound("cases.photo") }
            return Photo(receipt: json.text("receipt"), photo: file, isSmall: json.text("size") == "small")
        },
        encode: { _ in [:] }
    )

    private static let answer = Schema<Answer>(
        "ReceiptAnswer", [receipt] + CaseWorkSchemas.answerProperties,
        decode: { Answer(receipt: $0.text("receipt"), answer: CaseWorkSchemas.answer($0)) }, encode: { _ in [:] }
    )

    private static let messages = Schema<Messages>(
        "ReceiptMessages",
        [receipt, SchemaProperty("wanted", .flag, "Whether messages are wanted; left out nothing changes")],
        decode: { json in
            Messages(receipt: json.text("receipt"), isWanted: json["wanted"].map { _ in json.flag("wanted") })
        },
        encode: { _ in [:] }
    )

    private static let reach = Schema<ReporterMessages.Reach>(
        "ReceiptReach",
        [
            SchemaProperty(
                "wanted", .flag, "Whether the phone gets messages; missing where none was left without an account")
        ],
        decode: { _ in .none }, encode: { $0 == .none ? [:] : ["wanted": .flag($0 == .written)] }
    )

    private static let willing = Schema<Willing>(
        "ReceiptPublicity", [receipt, CaseWorkSchemas.willingProperty],
        decode: { Willing(receipt: $0.text("receipt"), isWilling: $0.flag("willing")) }, encode: { _ in [:] }
    )
}
