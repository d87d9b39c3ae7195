import LinliCore
import LinliKernel
import LinliUI

/// The worker's side of visits, on the phone.
enum VisitRoutes {
    static let all: [Route] = [
        .get("/grid/visits", access: .permission(.peopleEdit), today),
        .get("/grid/visits/new", access: .permission(.peopleEdit), new),
        .post("/grid/visits/new", access: .permission(.peopleEdit), announce),
        .get("/grid/visits/:id", access: .permission(.peopleEdit), show),
        .get("/grid/visits/:id/slip", access: .permission(.peopleEdit), slip),
        .get("/grid/visits/:id/photos/:file", access: .permission(.peopleEdit), photo),
        .get("/grid/visits/:id/signature", access: .permission(.peopleEdit), signature),
        .post("/grid/visits/:id/follow-up", access: .permission(.peopleEdit), followUp),
        .post("/grid/visits/:id/unchanged", access: .permission(.peopleEdit), unchanged),
        .post("/grid/visits/:id/done", access: .permission(.peopleEdit), done),
        .post("/grid/visits/:id/miss", access: .permission(.peopleEdit), miss),
        .post("/grid/visits/:id/move", access: .permission(.peopleEdit), move),
        .post("/grid/visits/:id/withdraw", access: .permission(.peopleEdit), withdraw),
        .get("/grid/pass", access: .staff, pass),
        .get("/grid/pass/code", access: .staff, passCode),
    ]

    // MARK: Lists

    /// The division somebody asked for, inside their own, else their own first one.
    static func division(_ request: Request, _ permission: Permission) -> DivisionCode? {
        let scope = request.context.actor.scope(for: permission)
        let wished = request.query["division"].flatMap { DivisionCode($0) }
        return wished.flatMap { scope.contains($0) ? $0 : nil } ?? scope.divisions.first
    }

    private static func today(_ request: Request, _ services: Services) async throws -> Reply {
        let now = request.context.now
        guard let division = division(request, .peopleEdit) else { throw LinliError.notFound("visits.scope") }
        let (open, due, members, signals, total) = try await services.database.read { tx in
            let due = try VisitDebts.due(
                in: division, at: now, after: request.query["after"], limit: VisitsTodayPage.limit + 1, tx)
            var members: [ID<Household>: [Resident]] = [:]
            var signals: [ID<Household>: [(signal: ContactSignal, at: Instant)]] = [:]
            for debt in due {
                members[debt.household] = try RegisterQueries.members(of: debt.household, tx)
                signals[debt.household] = try Households.signals(of: debt.household, tx)
            }
            let total = try VisitDebts.counts(in: division, at: now, tx).reduce(0) { $0 + $1.total }
            return (try VisitQueries.open(in: division, tx), due, members, signals, total)
        }
        let isFirst = request.query["after"] == nil
        var page = VisitsTodayPage(
            division: division, scope: request.context.actor.scope(for: .peopleEdit).divisions, open: open, due: due,
            members: members, signals: signals, total: total, isFirst: isFirst,
            done: request.query["done"], now: now, names: services.divisions)
        if isFirst {
            page.consents = try await VisitConsentCard.html(in: division, on: "/grid/visits", request, services)
        }
        return .page(page.page)
    }

    // MARK: Announcing

    private static func new(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await newPage(request, request.query, nil, services).page)
    }

    private static func newPage(
        _ request: Request, _ form: Form, _ error: LinliError?, _ services: Services
    ) async throws -> VisitNewPage {
        let id: ID<Household>? = form.id("household")
        let now = request.context.now
        let found = try await services.database.read { tx -> VisitNewPage? in
            guard let id, let household = try RegisterQueries.household(id, tx), household.entry.validTo == nil,
                request.context.actor.may(.peopleEdit, in: household.division),
                let dwelling = try RegisterQueries.dwelling(household.dwelling, tx)
            else { return nil }
            return VisitNewPage(
                household: household, address: dwelling.address, members: try RegisterQueries.members(of: id, tx),
                plans: try VisitPlansStore.list(in: household.division, tx), debt: try VisitDebts.find(id, tx),
                signals: try Households.signals(of: id, tx), form: form, error: error, formToken: request.formToken,
                now: now)
        }
        guard let found else { throw LinliError.notFound("visits.household") }
        return found
    }

    private static func announce(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        guard let household: ID<Household> = form.id("household") else { throw LinliError.notFound("visits.household") }
        var draft = VisitDraft(household)
        draft.plan = form.id("plan")
        draft.way = form["way"].flatMap { VisitWay(rawValue: $0) } ?? .door
        draft.reason = form["reason"] ?? ""
        draft.slot = VisitWords.slot(of: form)
        do {
            let id = try await VisitCommands(services.database).announce(draft, request.context)
            return .redirect("/grid/visits/\(id)?done=announced")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await newPage(request, form, error, services).page, status: status)
        }
    }

    // MARK: One visit

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> VisitPage {
        let visit = try await visit(request, services)
        let (members, answers, signals, photos, isSigned, plan, unit) = try await services.database.read { tx in
            (
                try RegisterQueries.members(of: visit.household, tx),
                try VisitQueries.answers(of: visit.household, tx), try Households.signals(of: visit.household, tx),
                try VisitQueries.photos(of: visit.id, .photo, tx).map(\.file),
                try !VisitQueries.photos(of: visit.id, .signature, tx).isEmpty,
                try visit.plan.flatMap { try VisitPlansStore.find($0, tx) },
                try visit.unit.flatMap { try UnitsStore.find($0, tx)?.name }
            )
        }
        return VisitPage(
            visit: visit, members: members, unit: unit, questions: try plan.map { try VisitForm($0.form) } ?? .standard,
            answers: answers, signals: signals, photos: photos, isSigned: isSigned, form: request.form, error: error,
            done: request.query["done"], formToken: request.formToken, now: request.context.now)
    }

    /// The visit of an address, for who may visit there.
    static func visit(_ request: Request, _ services: Services) async throws -> Visit {
        let id: ID<Visit> = try request.id()
        let visit = try await services.database.read { try VisitQueries.find(id, $0) }
        guard let visit, request.context.actor.may(.peopleEdit, in: visit.division) else {
            throw LinliError.notFound("visits.unknown")
        }
        return visit
    }

    /// The note before a visit, or the slip after one that met nobody.
    private static func slip(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        let (unit, missed) = try await services.database.read { tx in
            (
                try visit.unit.flatMap { try UnitsStore.find($0, tx) },
                try VisitAttempt.lastMissed(of: visit.id, tx)
            )
        }
        let code = VisitCode.make(visit.id, services.database.keys)
        let page = VisitSlip(
            visit: visit, unit: unit, went: missed?.workerName ?? visit.workerName, code: code,
            origin: request.origin, now: request.context.now)
        return .page(page.page)
    }

    /// A photo of a visit, for people and for programs.
    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        let file: ID<StoredFile> = try request.id("file")
        let photos = try await services.database.read { try VisitQueries.photos(of: visit.id, .photo, $0) }
        guard let photo = photos.first(where: { $0.file == file }) else { throw LinliError.notFound("visits.photo") }
        return try CasePhotoReply.make((photo.hash, photo.size), isSmall: request.query["size"] == "small", services)
    }

    /// What was drawn as a signature, for people and for programs; that somebody looked is in the audit.
    static func signature(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        let file = try await VisitCommands(services.database).signature(of: visit.id, request.context)
        return try CasePhotoReply.make(file, isSmall: false, services)
    }

    private static func followUp(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        do {
            try await follow(visit, by: request.form["number"] ?? "", request.context, services)
            return .redirect("/grid/visits/\(visit.id)?done=follow")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }

    /// Says which case follows from a visit: one that whoever notes it may read.
    ///
    /// - Throws: `.invalid` when there is none with this number for them.
    static func follow(_ visit: Visit, by number: String, _ context: Context, _ services: Services) async throws {
        let scope = context.actor.scope(for: .casesRead)
        let number = number.trimmed.uppercased()
        let found = try await services.database.read { try CaseSearch.numbered(number, scope, $0)?.number }
        guard let found else {
            throw LinliError.invalid(
                "visits.followUp", [.init("number", Text("没有这个编号的工单，请对一对", "No such case: please check the number"))])
        }
        try await VisitCommands(services.database).follow(visit.id, by: found, context)
    }

    private static func unchanged(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        try await VisitCommands(services.database).finish(visit.id, VisitOutcome(), request.context)
        return .redirect("/grid/visits?done=unchanged")
    }

    private static func done(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        let photos = try await FormPhotos(request, services)
        let drawn = try await FormPhotos(request, field: "signature", services)
        var outcome = VisitOutcome()
        outcome.signature = drawn.files.first
        outcome.signer = request.form["signer"] ?? ""
        outcome.isAgreed = request.form["signed"] == "yes"
        outcome.isUnchanged = request.form["changed"] != "yes"
        outcome.note = request.form["note"] ?? ""
        outcome.photos = photos.files
        for field in request.form.fields where field.name.hasPrefix("q.") && !field.value.isEmpty {
            outcome.answers[String(field.name.dropFirst(2))] = field.value
        }
        do {
            if let problem = photos.problem ?? drawn.problem { throw problem }
            try await VisitCommands(services.database).finish(visit.id, outcome, request.context)
            return .redirect("/grid/visits?done=done")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, error, services)
            page.kept = photos.files.map { FormPhotos.value($0, services.database.keys) }
            page.keptSignature = drawn.files.first.map { FormPhotos.value($0, services.database.keys) }
            return .page(page.page, status: status)
        }
    }

    private static func miss(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        try await VisitCommands(services.database).miss(visit.id, request.context)
        return .redirect("/grid/visits/\(visit.id)/slip")
    }

    private static func move(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        let form = request.form
        do {
            try await VisitCommands(services.database).move(
                visit.id, to: VisitWords.slot(of: form), form["way"].flatMap { VisitWay(rawValue: $0) },
                wish: form["wish"] ?? "", isAsked: form["asked"] == "yes", request.context)
            return .redirect("/grid/visits/\(visit.id)?done=moved")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }

    private static func withdraw(_ request: Request, _ services: Services) async throws -> Reply {
        let visit = try await visit(request, services)
        try await VisitCommands(services.database).withdraw(visit.id, request.context)
        return .redirect("/grid/visits?done=withdrawn")
    }

    // MARK: The work pass

    private static func pass(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await passPage(request, services).page)
    }

    private static func passCode(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(try await passPage(request, services).code)
    }

    private static func passPage(_ request: Request, _ services: Services) async throws -> WorkPassPage {
        guard let account = request.context.actor.account else { throw LinliError.notFound("pass.account") }
        let token = WorkPass.token(account, at: request.context.now, services.database.keys)
        let context = request.context
        let isOnDuty = try await services.database.read { try RegisterReading.isOnDuty(context, $0) }
        return WorkPassPage(
            name: request.context.actor.name, link: "\(request.origin)/pass/\(token)",
            mayVisit: request.context.actor.may(.peopleEdit), isOnDuty: isOnDuty, now: request.context.now)
    }
}
