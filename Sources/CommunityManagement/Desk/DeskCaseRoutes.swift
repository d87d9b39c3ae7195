import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// A case's page, its fragments and its steps.
enum DeskCaseRoutes {
    static let all: [Route] = [
        .get("/desk/cases/:id", access: .permission(.casesRead), show),
        .get("/desk/cases/:id/pane", access: .permission(.casesRead), pane),
        .get("/desk/cases/:id/fragment", access: .permission(.casesRead), fragment),
        .post("/desk/cases/:id/note", access: .permission(.casesRead), note),
        .post("/desk/cases/:id/classify", access: .permission(.casesRead), classify),
        .post("/desk/cases/:id/confirm-kind", access: .permission(.casesRead), confirmKind),
        .post("/desk/cases/:id/urgency", access: .permission(.casesDispatch), setUrgent),
        .post("/desk/cases/:id/against", access: .permission(.casesDispatch), setAgainst),
        .post("/desk/cases/:id/reveal", access: .permission(.casesRead), reveal),
        .post("/desk/cases/:id/:transition", access: .permission(.casesRead), take),
    ]

    // MARK: Reading

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(request.id(), request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    /// The details beside the list; the query is the list's own, so that a step leads back to it.
    private static func pane(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        return .fragment(try await load(id, request, services, back: listAddress(request.query, id)).pane)
    }

    private static func fragment(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let back = request.query["in"] == "pane" ? listAddress(request.query, id) : nil
        return .fragment(try await load(id, request, services, back: back).content)
    }

    private static func listAddress(_ query: Form, _ id: ID<Case>) -> DeskReturn {
        DeskReturn(filter: DeskQuery.filter(query), shown: id)
    }

    /// A case as its page shows it.
    ///
    /// - Throws: `.notFound` for who is not staff of it, also when they told it themselves.
    static func load(
        _ id: ID<Case>, _ request: Request, _ services: Services, back: DeskReturn? = nil
    ) async throws -> DeskCase {
        let view = try await services.queries.view(id, request.context)
        guard view.standing.isStaff else { throw LinliError.notFound("desk.notStaff") }
        let owner = services.catalogue[code: view.item.category]?.owner
        let queries = services.queries
        let (surroundings, whole, partsUntil) = try await services.database.read { tx in
            let whole = try queries.whole(of: view.item, request.context, tx)
            return (
                try DeskStore.surroundings(view, owner: owner, services.book, request.context, tx), whole,
                try whole == nil ? queries.wholeDue(view.item, tx) : whole?.dueAt
            )
        }
        let similar = view.item.isOpen && view.standing.isDispatcher ? try await similar(view.item, services) : []
        var page = DeskCase(
            view: view,
            surroundings: surroundings,
            similar: similar,
            suggestion: try await suggestion(view, services),
            back: back,
            formToken: request.formToken,
            now: request.context.now,
            names: services.divisions,
            catalogue: services.catalogue,
            types: services.queries.types,
            handlerCap: services.queries.settings.handlerCap,
            mayPublish: request.context.actor.may(.casesPublish, in: view.item.division)
        )
        (page.whole, page.partsUntil) = (whole, partsUntil)
        page.leadHours = services.queries.settings.orderLeadHours
        page.mayTakeEvidence = request.context.actor.may(.casesEvidence, in: view.item.division)
        let whistles = try await services.queries.whistles(of: view, request.context)
        page.whistles = WhistleCard(
            item: id, whistles: whistles.whistles, storeys: whistles.storeys, now: request.context.now)
        return page
    }

    /// What an open case's words suggest, for who may correct it; the unit goes by the category it has.
    private static func suggestion(_ view: CaseView, _ services: Services) async throws -> Suggestion? {
        guard view.item.isOpen, view.standing.isDispatcher || view.standing.isHandler else { return nil }
        return try await services.suggestions.suggest(
            view.item.text, in: view.item.division, category: services.catalogue[code: view.item.category]
        )
    }

    /// Open cases about the same thing nearby, so that a dispatcher need not send somebody twice.
    private static func similar(_ item: CaseRecord, _ services: Services) async throws -> [CaseRow] {
        let point = item.latitude.flatMap { latitude in
            item.longitude.flatMap { GeoPoint(longitude: $0, latitude: latitude) }
        }
        return try await services.queries.similar(
            categories: [item.category],
            community: item.division,
            place: item.place,
            around: point
        ).filter { $0.id != item.id && $0.id != item.parent }
    }

    // MARK: Steps

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let name = request.parameters["transition"] ?? ""
        var step = CaseStep(name, text: request.form["text"] ?? "", unit: request.form.id("unit"))
        step.reasonClass = request.form["reasonClass"] ?? ""
        step.version = request.form.int("version")
        step.isSure = request.form["sure"] == "yes"
        step.answers = CaseFields.answers(in: request.form)
        let filled = step
        return try await perform(name, id, request, services) { photos in
            var step = filled
            step.photos = photos
            try await services.commands.take(step, of: id, request.context)
        }
    }

    private static func note(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let text = request.form["text"] ?? ""
        let isVisible = request.form["visible"] == "yes"
        return try await perform("note", id, request, services) { photos in
            try await services.commands.remark(text, isVisible: isVisible, photos: photos, on: id, request.context)
        }
    }

    private static func classify(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let nature = request.form["nature"].flatMap { NeedNature(rawValue: $0) }
        let category = request.form["category"] ?? ""
        return try await perform("classify", id, request, services) { _ in
            guard let nature else {
                throw LinliError.invalid(
                    "desk.classify",
                    [.init("category", Text("请选性质和类别", "Please choose nature and category"))]
                )
            }
            let reason = request.form["text"] ?? ""
            try await services.commands.classify(nature, category, of: id, reason: reason, request.context)
        }
    }

    private static func confirmKind(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        return try await perform("confirm-kind", id, request, services) { _ in
            try await services.commands.confirmKind(of: id, request.context)
        }
    }

    private static func setUrgent(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let isUrgent = ["yes": true, "no": false][request.form["urgent"] ?? ""]
        return try await perform("urgency", id, request, services) { _ in
            guard let isUrgent else {
                throw LinliError.invalid(
                    "desk.urgency", [.init("text", Text("请从这件工单的页面上改", "Please do it on the page of the case"))]
                )
            }
            try await services.commands.setUrgent(
                isUrgent, reason: request.form["text"] ?? "", of: id, request.context
            )
        }
    }

    private static func setAgainst(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let chosen = request.form.all("against").map(\.trimmed).filter { !$0.isEmpty }
        let units = chosen.compactMap { ID<Unit>($0) }
        return try await perform("against", id, request, services) { _ in
            // Nothing chosen takes the accusation back; what is no unit must not.
            guard units.count == chosen.count else {
                throw LinliError.invalid(
                    "desk.against", [.init("against", Text("请从列表里选单位", "Please choose a unit from the list"))]
                )
            }
            let reason = request.form["text"] ?? ""
            try await services.commands.setAgainst(units, of: id, reason: reason, request.context)
        }
    }

    /// Runs a step; when it cannot be taken as it is, shows the case again with everything that was typed.
    static func perform(
        _ name: String,
        _ id: ID<Case>,
        _ request: Request,
        _ services: Services,
        done: String? = nil,
        _ step: ([ID<StoredFile>]) async throws -> Void
    ) async throws -> Reply {
        // Who may not see the case must not leave photos on the server either.
        let seen = try await load(id, request, services)
        let photos = try await FormPhotos(request, services)
        if request.form["insert"] != nil, photos.problem == nil {
            return .page(inserted(name, seen, request.form, photos, services).page)
        }
        do {
            if let problem = photos.problem { throw problem }
            try await step(photos.files)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await load(id, request, services)
            page.attempt = DeskAttempt(
                step: name,
                form: request.form,
                kept: photos.files.map { FormPhotos.value($0, services.database.keys) },
                error: error
            )
            return .page(page.page, status: status)
        }
        return try await .redirect(landing(done ?? name, id, request, services))
    }

    /// The case with a prepared answer put behind what was typed into a form: nothing is sent yet.
    private static func inserted(
        _ name: String, _ page: DeskCase, _ form: Form, _ photos: FormPhotos, _ services: Services
    ) -> DeskCase {
        let wanted: ID<ReplyTemplate>? = form.id("template")
        let words = page.surroundings.templates.first { $0.id == wanted }?.filled(for: page.view, at: page.now) ?? ""
        let text = [form["text"] ?? "", words].filter { !$0.isEmpty }.joined(separator: "\n")
        var page = page
        page.attempt = DeskAttempt(
            step: name, form: Form(form.fields.filter { $0.name != "text" } + [(name: "text", value: text)]),
            kept: photos.files.map { FormPhotos.value($0, services.database.keys) }, error: nil
        )
        return page
    }

    /// Where a step leads: back to the list it came from, else to the case, unless it is somebody else's now.
    private static func landing(
        _ name: String, _ id: ID<Case>, _ request: Request, _ services: Services
    ) async throws -> String {
        let back = request.form["back"].map { DeskReturn(fields: $0, shown: id) }
        do {
            _ = try await load(id, request, services)
        } catch let error as LinliError where error.kind == .notFound {
            return (back ?? DeskReturn(filter: CaseFilter(), shown: id)).address(done: name, isVisible: false)
        }
        return back?.address(done: name, isVisible: true) ?? CasePath.desk(id) + "?done=" + name
    }

    // MARK: Reporter

    /// Shows once who told the case and what was masked, after the audit has it.
    private static func reveal(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await load(try request.id(), request, services)
        do {
            page.revealed = try await ReporterReveal.reveal(
                page.view, purpose: request.form["purpose"] ?? "", request.context, services
            )
            return .page(page.page)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page.attempt = DeskAttempt(step: "reveal", form: request.form, kept: [], error: error)
            return .page(page.page, status: status)
        }
    }
}

/// The list a step in the pane leads back to.
struct DeskReturn: Sendable {
    private let filter: CaseFilter
    private let shown: ID<Case>

    init(filter: CaseFilter, shown: ID<Case>) {
        self.filter = filter
        self.shown = shown
    }

    /// Reads the hidden field `back`: tab, category, grid, cursor, handler and order.
    init(fields: String, shown: ID<Case>) {
        let names = ["tab", "category", "grid", "after", "handler", "order"]
        let values = fields.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let form = Form(zip(names, values).map { (name: $0, value: $1) })
        self.init(filter: DeskQuery.filter(form), shown: shown)
    }

    /// The hidden field `back`.
    var fields: String {
        DeskQuery.fields(filter).map { $0.1 ?? "" }.joined(separator: "|")
    }

    /// The query of the list, for fragments that must lead back to it.
    var query: [(String, String?)] { DeskQuery.fields(filter) }

    /// The list, with the case beside it while it is visible.
    func address(done: String, isVisible: Bool) -> String {
        LinliUI.address("/desk", query + [("case", isVisible ? "\(shown)" : nil), ("done", done)])
    }
}

/// A form that came back: what was typed and what is wrong.
struct DeskAttempt: Sendable {
    /// The step it was for.
    let step: String
    /// What was typed.
    let form: Form
    /// Photos that are stored already, as hidden fields say them.
    let kept: [String]
    /// What is wrong; nil when words were put in and nothing was sent.
    let error: LinliError?
}
