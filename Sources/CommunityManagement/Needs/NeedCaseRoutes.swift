import LinliCore
import LinliKernel
import LinliStandards
import LinliUI

/// Who looks at a case of their own: signed in, or holding its secret receipt.
struct NeedReader: Sendable {
    let id: ID<Case>
    let context: Context
    /// The receipt's secret; nil for who is signed in.
    let receipt: String?

    /// Who is signed in.
    static func account(_ request: Request) throws -> NeedReader {
        NeedReader(id: try request.id(), context: request.context, receipt: nil)
    }

    /// Who holds the receipt of the path; whoever else they are does not matter here.
    ///
    /// - Throws: `.notFound` for a wrong receipt.
    static func receipt(_ token: String, _ request: Request, _ services: Services) async throws -> NeedReader {
        let id = try await services.queries.caseID(receipt: token)
        return NeedReader(id: id, context: ReceiptReader.context(id, request.context), receipt: token)
    }

    /// Where this reader sees the case.
    var path: String { receipt.map { CasePath.receipt($0) } ?? CasePath.resident(id) }

    /// What live updates of the case are told under to this reader.
    var topic: String { receipt.map { "r/\($0)" } ?? CasePath.topic(id) }

    /// The address of a photo.
    func photo(_ file: ID<StoredFile>, isThumbnail: Bool) -> String {
        let path = CasePath.photo(id, file, isThumbnail: isThumbnail)
        return receipt.map { path + (isThumbnail ? "&" : "?") + "r=\($0)" } ?? path
    }
}

/// The context of who holds a receipt.
enum ReceiptReader {
    static func context(_ id: ID<Case>, _ context: Context) -> Context {
        context.acting(as: Actor(.receipt(caseID: id.rawValue)))
    }
}

/// A case as who reported it sees it, by account or by receipt, and what they may do.
enum NeedCaseRoutes {
    static let all: [Route] = [
        .get("/cases/:id", access: .signedIn) { request, services in
            try await show(try .account(request), request, services)
        },
        .get("/cases/:id/fragment", access: .signedIn) { request, services in
            try await fragment(try .account(request), request, services)
        },
        .post("/cases/:id/:step", access: .signedIn) { request, services in
            try await step(try .account(request), request, services)
        },
        .get("/cases/:id/photos/:file", access: .public, photo),
        .get("/r/:token", access: .public) { request, services in
            try await show(try await holder(request, services), request, services)
        },
        .get("/r/:token/fragment", access: .public) { request, services in
            try await fragment(try await holder(request, services), request, services)
        },
        .post("/r/:token/:step", access: .public) { request, services in
            try await step(try await holder(request, services), request, services)
        },
    ]

    private static func holder(_ request: Request, _ services: Services) async throws -> NeedReader {
        try await .receipt(request.parameters["token"] ?? "", request, services)
    }

    private static func show(
        _ reader: NeedReader, _ request: Request, _ services: Services
    ) async throws -> Reply {
        let view = try await services.queries.reporterView(reader.id, reader.context)
        guard view.standing.isReporter else { return .redirect(CasePath.desk(reader.id)) }
        return .page(NeedCasePages.page(try await model(view, reader, request, services)))
    }

    private static func fragment(
        _ reader: NeedReader, _ request: Request, _ services: Services
    ) async throws -> Reply {
        let view = try await services.queries.reporterView(reader.id, reader.context)
        guard view.standing.isReporter else { throw LinliError.notFound("needs.notReporter") }
        return .fragment(NeedCasePages.content(try await model(view, reader, request, services)))
    }

    private static func model(
        _ view: CaseView, _ reader: NeedReader, _ request: Request, _ services: Services
    ) async throws -> NeedCaseModel {
        var model = NeedCaseModel(
            view: view, reader: reader, category: services.catalogue[code: view.item.category]?.name,
            area: services.divisions.place(view.item.division), now: request.context.now, origin: request.origin,
            formToken: request.formToken, isNew: request.query["new"] != nil, done: request.query["done"]
        )
        if reader.receipt != nil {
            model.reach = try await services.database.read { try ReporterMessages.reach(of: view.item, $0) }
        } else if let account = request.context.actor.account {
            model.isSilenced = try await !services.database.read { try ReporterMessages.areWanted(by: account, $0) }
        }
        // Only where the work is done and the question is not asked any more.
        let isPast = view.state.step >= 4 && !model.transitions.contains { $0.effects.contains(.rate) }
        if isPast, let outcome = try await services.queries.outcome(view.item) {
            model.isSilent = outcome.askedAt != nil && outcome.answeredAt == nil && !outcome.isWithdrawn
        }
        return model
    }

    // MARK: What the reporter does

    private static func step(
        _ reader: NeedReader, _ request: Request, _ services: Services
    ) async throws -> Reply {
        let name = request.parameters["step"] ?? ""
        var photos = FormPhotos.none
        do {
            photos = try await NeedPhotos.take(request, services, as: reader.context)
            if let problem = photos.problem { throw problem }
            try await take(name, photos.files, reader, request, services)
            return .redirect("\(reader.path)?done=\(name)")
        } catch let error as LinliError where error.formStatus != nil {
            let view = try await services.queries.reporterView(reader.id, reader.context)
            guard view.standing.isReporter else { throw error }
            var model = try await model(view, reader, request, services)
            model.error = error
            model.typed = NeedCaseModel.Typed(
                step: name, text: request.form["text"] ?? "", stars: request.form.int("stars"),
                kept: NeedPhotos.fields(photos, services), answers: CaseFields.answers(in: request.form)
            )
            return .page(NeedCasePages.page(model), status: error.formStatus ?? 422)
        }
    }

    private static func take(
        _ name: String, _ photos: [ID<StoredFile>], _ reader: NeedReader, _ request: Request, _ services: Services
    ) async throws {
        let text = request.form["text"] ?? ""
        if name == "note" {
            try await services.commands.remark(
                text, isVisible: true, photos: photos, on: reader.id, reader.context
            )
            return
        }
        if name == "messages" {
            try await services.commands.wantMessages(
                try NeedMessages.wanted(request.form), of: reader.id, reader.context)
            return
        }
        if name == "publicity" {
            guard let isWilling = request.form["willing"].flatMap({ ["yes": true, "no": false][$0] }) else {
                throw LinliError.invalid(
                    "needs.willing", [.init("text", Text("请选愿意还是不愿意", "Please choose yes or no"))]
                )
            }
            try await services.commands.consent(isWilling, to: reader.id, reader.context)
            return
        }
        if name == "answer" {
            try await services.commands.answer(
                isSolved: true, grade: request.form.int("stars").flatMap { Satisfaction(rawValue: $0) }, text: text,
                of: reader.id, reader.context
            )
            return
        }
        var step = CaseStep(name, text: text)
        step.stars = request.form.int("stars")
        step.photos = photos
        step.version = request.form.int("version")
        step.answers = CaseFields.answers(in: request.form)
        try await services.commands.take(step, of: reader.id, reader.context)
    }

    // MARK: Photos

    /// A photo for who may see the case: its reporter, its staff, who holds its receipt (`?r=…`).
    private static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let file: ID<StoredFile> = try request.id("file")
        var context = request.context
        if let token = request.query["r"] {
            guard try await services.queries.caseID(receipt: token) == id else {
                throw LinliError.notFound("needs.receipt")
            }
            context = ReceiptReader.context(id, context)
        }
        let standing = try await services.queries.view(id, context).standing
        let found = try await services.database.read { tx in try NeedsStore.photo(file, of: id, for: standing, tx) }
        guard let found else { throw LinliError.notFound("needs.photo") }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
    }
}
