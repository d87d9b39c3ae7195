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
        let desk = try await HandoverDesk(request.query.id("unit"), request.context, services)
        return .page(page(desk, request, services).page)
    }

    /// The page as it stands.
    static func page(_ desk: HandoverDesk, _ request: Request, _ services: Services) -> DeskHandoverPage {
        DeskHandoverPage(
            units: desk.units, unit: desk.unit, done: request.query["done"], formToken: request.formToken,
            now: request.context.now, names: services.divisions, types: services.queries.types,
            me: request.context.actor.account, handlerCap: services.queries.settings.handlerCap, state: desk.state
        )
    }

    /// What the form's unit hands over; a form always names one.
    private static func desk(_ request: Request, _ services: Services) async throws -> HandoverDesk {
        try await HandoverDesk(request.form.id("unit") ?? ID(rawValue: 0), request.context, services)
    }

    private static func note(_ request: Request, _ services: Services) async throws -> Reply {
        let text = request.form["text"] ?? ""
        let desk = try await desk(request, services)
        do {
            try await desk.note(text, request.context, services)
            return .redirect(address("/desk/handover", [("unit", desk.unit.map { "\($0.id)" }), ("done", "note")]))
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = page(desk, request, services)
            page.typed = text
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func take(_ request: Request, _ services: Services) async throws -> Reply {
        let desk = try await desk(request, services)
        try await desk.take(request.context, services)
        return .redirect(address("/desk/handover", [("unit", desk.unit.map { "\($0.id)" }), ("done", "take")]))
    }
}
