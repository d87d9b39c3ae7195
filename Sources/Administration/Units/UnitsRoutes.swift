import LinliCore
import LinliKernel
import LinliSQL

/// The pages of units.
enum UnitsRoutes {
    static let all: [Route] = [
        .get("/admin/units", access: .permission(.registersRead), list),
        .get("/admin/units/new", access: .permission(.registersManage), newForm),
        .post("/admin/units/new", access: .permission(.registersManage), add),
        .get("/admin/units/:id", access: .permission(.registersRead), show),
        .post("/admin/units/:id/change", access: .permission(.registersManage), change),
        .post("/admin/units/:id/services", access: .permission(.registersManage), serve),
        .post("/admin/units/:id/services/:division/end", access: .permission(.registersManage), unserve),
        .post("/admin/units/:id/close", access: .permission(.registersManage), close),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let divisions = request.context.actor.scope(for: .registersRead).divisions
        let wanted = UnitsAdminStore.Search(request.query)
        let now = request.context.now
        let (entries, without) = try await services.database.read { tx in
            let entries = try UnitsAdminStore.list(wanted, in: divisions, tx)
            let open = entries.filter { $0.closedAt == nil }.map(\.unit)
            return (entries, try UnitsStore.withoutHands(open, at: now, tx))
        }
        let page = UnitsListPage(
            entries: Array(entries.prefix(wanted.limit)),
            hasMore: entries.count > wanted.limit,
            withoutHands: without,
            search: wanted,
            mayAdd: request.context.actor.may(.registersManage),
            done: request.query["done"],
            names: services.divisions
        )
        return .page(page.page)
    }

    // MARK: New

    private static func newForm(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await newPage(request, services, AdminForm()).page)
    }

    private static func newPage(
        _ request: Request, _ services: Services, _ form: AdminForm
    ) async throws -> NewUnitPage {
        let divisions = request.context.actor.scope(for: .registersManage).divisions
        let now = request.context.now
        return NewUnitPage(
            form: form,
            divisions: try await services.database.read { try DivisionChoices.within(divisions, at: now, $0) },
            formToken: request.formToken,
            names: services.divisions
        )
    }

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        try await AdminAttempt.answer("new", request) {
            let id = try await UnitsCommands(services).add(UnitsCommands.Draft(request.form), request.context)
            return "/admin/units/\(id)?done=add"
        } again: { attempt in
            try await newPage(request, services, AdminForm(typed: attempt.form, error: attempt.error)).page
        }
    }

    // MARK: One unit

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await unitPage(request, services, attempt: nil).page)
    }

    private static func unitPage(
        _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> UnitPage {
        let id: ID<Unit> = try request.id()
        let actor = request.context.actor
        let now = request.context.now
        let own = actor.scope(for: .registersManage).divisions
        return try await services.database.read { tx in
            let unit = try UnitsAdminStore.readable(id, actor, tx)
            return UnitPage(
                unit: unit,
                ties: try UnitsAdminStore.ties(of: id, apartFrom: actor.scope.interests, at: now, tx),
                mayChange: actor.may(.registersManage, in: unit.division),
                divisions: try DivisionChoices.within(own, at: now, tx),
                done: request.query["done"],
                attempt: attempt,
                formToken: request.formToken,
                names: services.divisions
            )
        }
    }

    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id()
        return try await perform("change", request, services) {
            try await $0.change(id, UnitsCommands.Draft(request.form), request.context)
        }
    }

    private static func serve(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id()
        return try await perform("service", request, services) {
            try await $0.serve(id, request.form["service"].flatMap { DivisionCode($0) }, request.context)
        }
    }

    private static func unserve(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id()
        guard let division = request.parameters["division"].flatMap({ DivisionCode($0) }) else {
            throw LinliError.notFound("units.service")
        }
        return try await perform("unserve", request, services) {
            try await $0.unserve(id, division, request.context)
        }
    }

    private static func close(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id()
        return try await perform("close", request, services) { try await $0.close(id, request.context) }
    }

    /// Runs a command and shows the unit again; a form that cannot be taken comes back as it was typed.
    private static func perform(
        _ name: String, _ request: Request, _ services: Services, _ command: (UnitsCommands) async throws -> Void
    ) async throws -> Reply {
        try await AdminAttempt.answer(name, request) {
            try await command(UnitsCommands(services))
            let id: ID<Unit> = try request.id()
            return "/admin/units/\(id)?done=\(name)"
        } again: { attempt in
            try await unitPage(request, services, attempt: attempt).page
        }
    }
}
