import LinliCore
import LinliKernel
import LinliUI

/// What clocks told the units of who is on duty, and what came in while nobody was at work.
enum DeskAlertRoutes {
    static let all: [Route] = [
        .get("/desk/alerts", access: .permission(.casesRead), list),
        .get("/desk/alerts/list", access: .permission(.casesRead), fragment),
        .get("/desk/alerts/count", access: .permission(.casesRead), count),
        .post("/desk/alerts/seen", access: .permission(.casesRead), see),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    private static func fragment(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(try await page(request, services).content)
    }

    private static func count(_ request: Request, _ services: Services) async throws -> Reply {
        .fragment(AlertBell.number(try await services.queries.alertCount(request.context)))
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DeskAlertsPage {
        let duty = try await DutyAlerts(request.context, services)
        let redated = duty.notices.filter { $0.kind == .redated }.map(\.row.id)
        let dates = try await services.database.read { try CaseQueries.partDates(of: redated, $0) }
        return DeskAlertsPage(
            onDuty: duty.onDuty, groups: DeskAlertsPage.grouped(duty.alerts), requests: duty.requests,
            mayAnswer: request.context.actor.may(.peopleReveal), times: duty.times,
            notices: duty.notices, dates: dates, asked: duty.asked, called: duty.called, night: duty.night,
            rest: duty.rest, done: request.query["done"], formToken: request.formToken, now: request.context.now,
            names: services.divisions, types: services.queries.types
        )
    }

    /// Marks what was named as seen.
    private static func see(_ request: Request, _ services: Services) async throws -> Reply {
        let ids = request.form.all("alert").compactMap { ID<CaseAlert>($0) }
        try await DutyAlerts.see(ids, request.context, services)
        let requests = request.form.all("request").compactMap { ID<DataRequestAlert>($0) }
        try await DutyAlerts.see(requests, request.context, services)
        for id in request.form.all("notice").prefix(100).compactMap({ ID<CaseNotice>($0) }) {
            do {
                try await services.commands.see(id, request.context)
            } catch let error as LinliError where error.kind == .notFound {
                // Somebody else's: nothing to note.
                continue
            }
        }
        return .redirect("/desk/alerts?done=seen")
    }
}
