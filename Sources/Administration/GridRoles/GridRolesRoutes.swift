import LinliCore
import LinliKernel

/// The page of a grid's people.
enum GridRolesRoutes {
    static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services, attempt: nil).page)
    }

    static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let code = try code(request)
        return try await AdminAttempt.answer("add", request) {
            _ = try await GridRoleCommands(services.database).add(draft(request.form), to: code, request.context)
            return "/admin/grid-roles/\(code)?done=add"
        } again: { attempt in
            try await page(request, services, attempt: attempt).page
        }
    }

    static func end(_ request: Request, _ services: Services) async throws -> Reply {
        let code = try code(request)
        guard let id: ID<GridRole> = request.form.id("role") else {
            throw LinliError.notFound("gridRoles.unknown")
        }
        try await GridRoleCommands(services.database).end(id, in: code, request.context)
        return .redirect("/admin/grid-roles/\(code)?done=end")
    }

    private static func draft(_ form: Form) -> GridRoleDraft {
        var draft = GridRoleDraft()
        draft.kind = form["kind"].flatMap { GridRoleKind(rawValue: $0) }
        draft.name = form["name"] ?? ""
        draft.phone = form["phone"] ?? ""
        draft.place = form.id("place")
        let days = ["from", "until"].map { (form[$0] ?? "").trimmed }
        (draft.from, draft.until) = (CivilDate(days[0]), CivilDate(days[1]))
        draft.hasWrongDate = zip(days, [draft.from, draft.until]).contains { !$0.isEmpty && $1 == nil }
        return draft
    }

    private static func code(_ request: Request) throws -> DivisionCode {
        guard let code = request.parameters["code"].flatMap({ DivisionCode($0) }), code.level == .grid
        else {
            throw LinliError.notFound("gridRoles.grid")
        }
        return code
    }

    private static func page(
        _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> GridRolesPage {
        let code = try code(request)
        let context = request.context
        return try await services.database.read { tx in
            guard context.actor.may(.gridPeopleRead, in: code),
                let grid = try DivisionsStore.find(code, at: context.now, tx)
            else { throw LinliError.notFound("gridRoles.grid") }
            let workers = try AccessStore.staff(in: code, at: context.now, tx).filter { account in
                account.grants.contains { $0.role == Role.gridWorker.id && $0.subject == .division(code) }
            }
            let committee = try UnitsStore.first(
                [.committee, .village], of: code.ancestor(at: .community), tx)
            return GridRolesPage(
                grid: grid,
                roles: try GridRolesStore.list(of: code, at: context.now, tx),
                workers: workers.map { ($0.id, $0.name) },
                dutyPhone: committee?.phone ?? "",
                places: try PlacesStore.tree(in: code, tx).filter {
                    [.building, .entrance, .courtyard].contains($0.kind)
                },
                mayChange: context.actor.may(.gridPeopleManage, in: code),
                mayAppoint: context.actor.may(.accountsManage, in: code),
                seesBorders: context.actor.may(.registersRead, in: code),
                done: request.query["done"],
                attempt: attempt,
                formToken: request.formToken,
                now: context.now,
                names: services.divisions
            )
        }
    }
}
