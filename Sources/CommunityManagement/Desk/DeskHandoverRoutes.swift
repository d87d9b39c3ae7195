import LinliCore
import LinliKernel
import LinliUI

/// Handing over between shifts 交接班, in one screen.
enum DeskHandoverRoutes {
    static let all: [Route] = [
        .get("/desk/handover", access: .permission(.casesRead), show),
        .post("/desk/handover/note", access: .permission(.casesRead), note),
        .post("/desk/handover/take", access: .permission(.casesRead), take),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, unit: request.query.id("unit")).page)
    }

    static func page(
        _ request: Request, _ services: Services, unit wanted: ID<Unit>?
    ) async throws -> DeskHandoverPage {
        let context = request.context
        let now = context.now
        let units = try await services.database.read { try CaseQueries.dutyUnits(of: context.actor, $0) }
        let unit = wanted.map { id in units.first { $0.id == id } } ?? units.first
        // A unit that is not theirs does not exist for them; without any there is nothing to hand over.
        if wanted != nil, unit == nil { throw LinliError.notFound("desk.handover") }
        var page = DeskHandoverPage(
            units: units, unit: unit, done: request.query["done"], formToken: request.formToken, now: now,
            names: services.divisions, types: services.queries.types, me: context.actor.account,
            handlerCap: services.queries.settings.handlerCap
        )
        guard let unit else { return page }
        page.state = try await state(of: unit, context, services)
        return page
    }

    /// What is open, late and due until the next shift is over.
    private static func state(
        of unit: UnitSummary, _ context: Context, _ services: Services
    ) async throws -> DeskHandoverPage.State {
        let now = context.now
        let scope = CaseQueries.dutyScope(unit, context.actor)
        let rows = try await services.queries.list(CaseFilter(limit: DeskHandoverPage.limit), scope, at: now)
        return try await services.database.read { tx in
            let shifts = try HandoverStore.shifts(of: unit.id, at: now, tx)
            let end = shifts.next?.end ?? shifts.now?.end ?? now.adding(hours: 12)
            let until = min(end, now.adding(hours: 24))
            let counts = try DeskStore.counts(scope, at: now, tx)
            let closed = Set(services.queries.types.states(of: .closed))
            let open = counts.states.filter { !closed.contains($0.key) }.values.reduce(0, +)
            return DeskHandoverPage.State(
                shifts: shifts, until: until, open: open, late: counts.late,
                alerts: try CaseQueries.alerts(
                    of: [unit.id], apartFrom: context.actor.scope.interests, at: now, tx
                ).count,
                due: rows.filter { $0.dueAt < until }, lines: try HandoverStore.lines(of: unit.id, tx),
                people: try CaseQueries.colleagues(unit, in: unit.division, against: nil, at: now, tx)
            )
        }
    }

    private static func note(_ request: Request, _ services: Services) async throws -> Reply {
        let text = request.form["text"] ?? ""
        let page = try await page(request, services, unit: request.form.id("unit") ?? ID(rawValue: 0))
        guard let unit = page.unit else { throw LinliError.notFound("desk.handover") }
        guard !text.isEmpty, text.count <= Handover.noteLimit else {
            var page = page
            page.typed = text
            let wish = Text(
                "请写要交代的事，最多 \(Handover.noteLimit) 个字",
                "Please say what they must know, at most \(Handover.noteLimit) characters"
            )
            page.error = LinliError.invalid("desk.handover", [.init("text", wish)])
            return .page(page.page, status: 422)
        }
        try await services.database.write(request.context, "desk.handoverNote") { tx in
            try HandoverStore.insert(unit, isTaken: false, text: text, open: 0, late: 0, due: 0, tx)
        }
        return .redirect(address("/desk/handover", [("unit", "\(unit.id)"), ("done", "note")]))
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let page = try await page(request, services, unit: request.form.id("unit") ?? ID(rawValue: 0))
        guard let unit = page.unit, let state = page.state else { throw LinliError.notFound("desk.handover") }
        try await services.database.write(request.context, "desk.takeOver") { tx in
            try HandoverStore.insert(
                unit, isTaken: true, text: "", open: state.open, late: state.late, due: state.due.count, tx
            )
        }
        return .redirect(address("/desk/handover", [("unit", "\(unit.id)"), ("done", "take")]))
    }
}
