import LinliCore
import LinliKernel
import LinliStandards
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
        let context = request.context
        let now = context.now
        let calendar = services.days.current
        let found = try await services.database.read { tx in
            let units = try CaseQueries.dutyUnits(of: context.actor, tx)
            let alerts = try CaseQueries.alerts(
                of: units.map(\.id), apartFrom: context.actor.scope.interests, at: now, tx
            )
            var times: [ID<Case>: UsedTime] = [:]
            for id in Set(alerts.map(\.row.id)) {
                times[id] = try CaseQueries.usedTime(of: id, calendar, at: now, tx)
            }
            let notices = try CaseQueries.notices(for: context.actor, tx)
            let onDuty = try units.map { unit in (unit, try UnitsStore.onDuty(unit.id, at: now, tx)) }
            return (onDuty, alerts, times, notices)
        }
        let rest = calendar.lastRest(before: now)
        let night = try await services.queries.arrived(
            context.actor.scope(for: .casesRead), from: rest.from, until: rest.until, calendar, at: now
        )
        return DeskAlertsPage(
            onDuty: found.0, groups: DeskAlertsPage.grouped(found.1), times: found.2, notices: found.3, night: night,
            rest: rest,
            done: request.query["done"], formToken: request.formToken, now: now, names: services.divisions,
            types: services.queries.types
        )
    }

    /// Marks what was named as seen, each alert in a write of its own.
    private static func see(_ request: Request, _ services: Services) async throws -> Reply {
        let ids = request.form.all("alert").prefix(2 * CaseQueries.alertLimit).compactMap { ID<CaseAlert>($0) }
        for id in ids {
            do {
                try await services.commands.see(id, request.context)
            } catch let error as LinliError where error.kind == .notFound {
                // It went to another unit meanwhile, or never was theirs: nothing to note.
                continue
            }
        }
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
