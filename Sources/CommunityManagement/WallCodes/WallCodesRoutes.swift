import LinliCore
import LinliKernel
import LinliSQL

/// Codes on walls: made, printed and revoked by staff, scanned by everybody.
enum WallCodesRoutes {
    static let all: [Route] = [
        .get("/desk/wall-codes", access: .permission(.casesReport), list),
        .post("/desk/wall-codes", access: .permission(.casesReport), make),
        .get("/desk/wall-codes/:id/print", access: .permission(.casesReport), print),
        .post("/desk/wall-codes/:id/revoke", access: .permission(.casesReport), revoke),
        .get("/q/:code", access: .public, scanned),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> WallCodesPage {
        let scope = request.context.actor.scope(for: .casesReport)
        let now = request.context.now
        let (codes, places) = try await services.database.read { tx in
            (try WallCodesStore.list(scope, tx), try DeskStore.intakeChoices(scope, at: now, tx).places)
        }
        return WallCodesPage(
            codes: codes, places: places, form: request.form, error: error, done: request.query["done"],
            formToken: request.formToken, now: now, names: services.divisions
        )
    }

    private static func make(_ request: Request, _ services: Services) async throws -> Reply {
        do {
            let id = try await WallCodesCommands(database: services.database).make(
                request.form.id("place"), note: request.form["note"] ?? "", request.context
            )
            return .redirect("/desk/wall-codes/\(id)/print")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await page(request, error, services).page, status: status)
        }
    }

    private static func print(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<WallCode> = try request.id()
        let (code, committee) = try await services.database.read { tx -> (WallCode?, UnitSummary?) in
            let code = try WallCodesStore.find(id, tx)
            return (code, try code.flatMap { try WallCodesStore.committee($0.division, tx) })
        }
        guard let code, request.context.actor.may(.casesReport, in: code.division) else {
            throw LinliError.notFound("wallCodes.unknown")
        }
        guard code.gone == nil, code.revokedAt == nil else { return .redirect("/desk/wall-codes") }
        let page = WallCodeSheet(
            code: code, committee: committee, link: request.origin + code.path, isSmall: request.query["size"] == "a6",
            formToken: request.formToken
        )
        return .page(page.page)
    }

    private static func revoke(_ request: Request, _ services: Services) async throws -> Reply {
        try await WallCodesCommands(database: services.database).revoke(try request.id(), request.context)
        return .redirect("/desk/wall-codes?done=revoke")
    }

    /// Opens the report form at the place; nobody learns who scanned it.
    private static func scanned(_ request: Request, _ services: Services) async throws -> Reply {
        let typed = String((request.parameters["code"] ?? "").lowercased().prefix(20))
        let found = try await services.database.read { tx in
            try WallCodesStore.scanned(typed, tx).map { ($0, try WallCodesStore.committee($0.division, tx)) }
        }
        guard let (code, committee) = found else { throw LinliError.notFound("wallCodes.unknown") }
        // What happened there, and where to turn: whoever stands before it needs somebody all the same.
        guard code.gone == nil, code.revokedAt == nil else {
            return .page(WallCodeGonePage(code: code, committee: committee).page, status: 410)
        }
        // By its own token: the form reads place and exact place from the code, so that no address says either.
        return .redirect("/report?code=\(code.code)")
    }
}
