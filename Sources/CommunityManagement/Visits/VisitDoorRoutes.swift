import LinliCore
import LinliKernel
import LinliUI

/// The household's side: a code instead of an account, and the pass of who stands at the door.
enum VisitDoorRoutes {
    static let all: [Route] = [
        .get("/visit", access: .public, enter),
        .get("/visit/:code", access: .public, show),
        .post("/visit/:code/move", access: .public, move),
        .post("/visit/:code/well", access: .public, well),
        .get("/pass/:token", access: .public, pass),
    ]

    private static func enter(_ request: Request, _ services: Services) async throws -> Reply {
        guard let typed = request.query["code"] else { return .page(VisitEnterPage(typed: nil).page) }
        let code = VisitCode.read(typed)
        let keys = services.database.keys
        let isKnown = try await services.database.read { tx in
            try VisitQueries.opened(by: code, at: request.context.now, keys, tx) != nil
        }
        return isKnown
            ? .redirect("/visit/\(code)") : .page(VisitEnterPage(typed: String(typed.prefix(30))).page, status: 422)
    }

    private static func page(
        _ request: Request, _ error: LinliError?, _ services: Services
    ) async throws -> VisitDoorPage {
        let code = VisitCode.read(request.parameters["code"] ?? "")
        let (now, keys) = (request.context.now, services.database.keys)
        let found = try await services.database.read { tx -> (Visit, UnitSummary?)? in
            guard let visit = try VisitQueries.opened(by: code, at: now, keys, tx) else { return nil }
            return (visit, try visit.unit.flatMap { try UnitsStore.find($0, tx) })
        }
        guard let (visit, unit) = found else { throw LinliError.notFound("visits.code") }
        return VisitDoorPage(
            visit: visit, unit: unit, code: code, form: request.form, error: error, done: request.query["done"],
            formToken: request.formToken, now: now)
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, nil, services).page)
    }

    private static func move(_ request: Request, _ services: Services) async throws -> Reply {
        let page = try await page(request, nil, services)
        let way = request.form["way"].flatMap { VisitWay(rawValue: $0) } ?? page.visit.way
        do {
            try await VisitCommands(services.database).move(
                page.code, to: VisitWords.slot(of: request.form), way, wish: request.form["wish"] ?? "", request.context
            )
            return .redirect("/visit/\(page.code)?done=move")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            return .page(try await self.page(request, error, services).page, status: status)
        }
    }

    private static func well(_ request: Request, _ services: Services) async throws -> Reply {
        let page = try await page(request, nil, services)
        try await VisitCommands(services.database).allWell(page.code, request.context)
        return .redirect("/visit/\(page.code)?done=well")
    }

    /// Who stands there; whom they may visit is said only to a household that proves itself by its code.
    private static func pass(_ request: Request, _ services: Services) async throws -> Reply {
        let (now, keys) = (request.context.now, services.database.keys)
        let token = String((request.parameters["token"] ?? "").prefix(80))
        let typed = request.query["code"]
        let (verdict, visit) = try await services.database.read { tx in
            (
                try WorkPass.read(token, at: now, keys, tx),
                try typed.flatMap { try VisitQueries.opened(by: $0, at: now, keys, tx) }
            )
        }
        return .page(PassDoorPage(token: token, verdict: verdict, typed: typed != nil, visit: visit, now: now).page)
    }
}
