import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliUI

/// The list of warnings, and what is done with each.
enum WarningRoutes {
    static let all: [Route] = [
        .get("/desk/warnings", access: .permission(.warningsHandle), list),
        .get("/desk/warnings/rules", access: .permission(.warningsHandle), rules),
        .post("/desk/warnings/:id/acknowledge", access: .permission(.warningsHandle), acknowledge),
        .post("/desk/warnings/:id/dismiss", access: .permission(.warningsHandle), dismiss),
        .post("/desk/warnings/:id/visit", access: .permission(.warningsHandle), visit),
        .post("/desk/warnings/:id/case", access: .permission(.warningsHandle), turnIntoCase),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> WarningsPage {
        let actor = request.context.actor
        let divisions = actor.scope(for: .warningsHandle).divisions
        // Each warning is its community's. Who looks after several hears of those nobody there has looked at.
        let isAbove = divisions.contains { $0.level < .community }
        let tab = WarningsPage.Tab(rawValue: request.query["tab"] ?? "") ?? (isAbove ? .unseen : .open)
        let before: ID<Warning>? = request.query.id("before")
        let (now, days) = (request.context.now, services.queries.settings.warningDays)
        let found = try await found(tab, before: before, limit: WarningsPage.limit, request, services)
        let (rows, closed, book) = try await services.database.read { tx in
            let book = try services.warningBook(tx)
            let told = try cases(of: found.rows, actor, tx)
            let rows = try found.rows.map { shown in
                WarningsPage.Row(
                    warning: shown.warning, reasons: shown.reasons, cases: told,
                    silence: try silence(of: shown.warning, at: now, tx),
                    unit: isAbove ? try WarningQueries.unit(of: shown.warning.division, tx) : nil,
                    mayVisit: shown.warning.household != nil && actor.may(.peopleEdit, in: shown.warning.division),
                    mayReport: actor.may(.casesReport, in: shown.warning.division))
            }
            guard tab == .unseen, before == nil else { return (rows, [WarningsPage.Closed](), book) }
            let closed = try divisions.filter { !actor.may(.peopleRead, in: $0) }.flatMap { division in
                try WarningQueries.unseenHouseholds(in: division, since: now.adding(days: -days), at: now, tx).map {
                    WarningsPage.Closed(unseen: $0, unit: try WarningQueries.unit(of: $0.community, tx))
                }
            }
            return (rows, closed, book)
        }
        return WarningsPage(
            rows: rows, older: found.next, closed: closed, tab: tab, isAbove: isAbove, days: days,
            book: book, catalogue: services.catalogue, error: error,
            failed: request.parameters["id"], done: request.query["done"], formToken: request.formToken, now: now,
            names: services.divisions)
    }

    /// The cases among the reasons of some warnings that the reader may read.
    private static func cases(
        of shown: [WarningSchemas.Shown], _ actor: Actor, _ tx: ReadTx
    ) throws -> [ID<Case>: CaseRow] {
        let ids = shown.flatMap(\.reasons).filter { $0.sourceKind == "case" }.map { ID<Case>(rawValue: $0.source) }
        let rows = try CaseQueries.rows(Array(Set(ids)).sorted(), in: actor.scope(for: .casesRead), tx)
        return Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
    }

    /// For how many days nothing has been heard of an open warning's household; nil for one that was never heard of, and
    /// for warnings about anything else.
    private static func silence(of warning: Warning, at now: Instant, _ tx: ReadTx) throws -> Int? {
        guard warning.isOpen, let household = warning.household else { return nil }
        return try VisitDebts.find(household, tx)?.days(at: now)
    }

    /// A page of the warnings of one's divisions. Whoever may not see households sees no warning about one: only that some
    /// wait, and whose they are.
    static func found(
        _ tab: WarningsPage.Tab, before: ID<Warning>?, limit: Int, _ request: Request, _ services: Services
    ) async throws -> APIPage<WarningSchemas.Shown> {
        let actor = request.context.actor
        let seenBy = request.context.now.adding(days: -services.queries.settings.warningDays)
        let households = actor.scope(for: .peopleRead).divisions
        return try await services.database.read { tx in
            let all = try actor.scope(for: .warningsHandle).divisions.flatMap { division in
                tab == .unseen
                    ? try WarningQueries.unseen(
                        in: division, households: households, since: seenBy, at: request.context.now, after: before,
                        limit: limit + 1, tx)
                    : try WarningQueries.list(
                        in: division, households: households, isOpen: tab == .open, before: before, limit: limit + 1,
                        tx)
            }
            let page = APIPage(all.sorted { $0.id > $1.id }, limit) { "\($0.id)" }
            return APIPage(
                rows: try page.rows.map { .init(warning: $0, reasons: try WarningQueries.reasons(of: $0.id, tx)) },
                next: page.next)
        }
    }

    /// What warns, in plain words.
    private static func rules(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await shownRules(request, services).page)
    }

    /// The rules in force.
    static func shownRules(_ request: Request, _ services: Services) async throws -> WarningRulesPage {
        let (book, version) = try await services.database.read { tx in
            (try services.warningBook(tx), try WarningBooks.version(tx))
        }
        return WarningRulesPage(
            book: book, version: version, days: services.queries.settings.warningDays,
            mayChange: WarningBookCommands.mayChange(request.context.actor), catalogue: services.catalogue)
    }

    private static func acknowledge(_ request: Request, _ services: Services) async throws -> Reply {
        try await WarningCommands(services.database).acknowledge(try request.id(), request.context)
        return .redirect("/desk/warnings?done=acknowledge")
    }

    private static func dismiss(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            try await WarningCommands(services.database).dismiss(
                try request.id(), reason: request.form["reason"] ?? "", request.context)
            return .redirect("/desk/warnings?done=dismiss")
        } catch let error as LinliError where error.kind == .invalid {
            return .page(try await page(request, error, services).page, status: error.formStatus ?? 422)
        }
    }

    private static func visit(_ request: Request, _ services: Services) async throws -> Reply {
        let household = try await WarningCommands(services.database).turnIntoVisit(try request.id(), request.context)
        return .redirect("/grid/visits/new?household=\(household)")
    }

    private static func turnIntoCase(_ request: Request, _ services: Services) async throws -> Reply {
        .redirect(CasePath.desk(try await report(try request.id(), request.context, services)))
    }

    /// A case for whoever is to look into it, and the warning answered, in one transaction.
    static func report(_ id: ID<Warning>, _ context: Context, _ services: Services) async throws -> ID<Case> {
        let found = try await services.database.read { tx -> (Warning, [WarningReason], WarningBook)? in
            try WarningQueries.find(id, tx).map {
                ($0, try WarningQueries.reasons(of: id, tx), try services.warningBook(tx))
            }
        }
        guard let (warning, reasons, book) = found, warning.isSeen(by: context.actor) else {
            throw LinliError.notFound("warnings.unknown")
        }
        let category = services.catalogue[code: warning.category]
        var draft = CaseDraft(
            text: WarningWords.story(warning, book, reasons, category?.name), division: warning.division)
        // What is only about a household has no kind of its own: it is a request for help.
        draft.category = category?.code ?? "R11"
        draft.nature = .assistance
        draft.spot = warning.place == nil ? .estate : .shared
        draft.place = warning.place
        draft.location = warning.address.isEmpty ? services.divisions[warning.division] : warning.address
        draft.source = .staff
        let taken = try await services.commands.report(draft, context) { item, tx in
            try WarningCommands.answer(id, .turned, note: "", item: item.rawValue, context, tx)
        }
        return taken.id
    }
}
