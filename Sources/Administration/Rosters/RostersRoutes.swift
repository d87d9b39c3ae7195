import LinliCore
import LinliKernel

/// The pages of rosters.
enum RostersRoutes {
    static let all: [Route] = [
        .get("/admin/rosters", access: .permission(.registersRead), list),
        .get("/admin/rosters/:unit", access: .permission(.registersRead), week),
        .post("/admin/rosters/:unit/shifts", access: .permission(.registersManage), add),
        .post("/admin/rosters/:unit/shifts/:shift/remove", access: .permission(.registersManage), remove),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let divisions = request.context.actor.scope(for: .registersRead).divisions
        let now = request.context.now
        let standings = try await services.database.read { try RostersStore.standings(in: divisions, at: now, $0) }
        return .page(RostersListPage(standings: standings, now: now, names: services.divisions).page)
    }

    private static func week(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await weekPage(request.query["week"], request, services, attempt: nil).page)
    }

    /// The Monday of the week that a day lies in.
    static func monday(_ text: String?, _ now: Instant) -> CivilDate {
        let day = text.flatMap { CivilDate($0) } ?? now.date
        return day.adding(days: 1 - day.weekday)
    }

    private static func weekPage(
        _ week: String?, _ request: Request, _ services: Services, attempt: AdminAttempt?
    ) async throws -> RosterPage {
        let id: ID<Unit> = try request.id("unit")
        let context = request.context
        let monday = monday(week, context.now)
        let found = try await services.database.read { try RostersStore.week(of: id, from: monday, context, $0) }
        return RosterPage(
            unit: found.unit, monday: monday, shifts: found.shifts, people: found.people, onDuty: found.onDuty,
            mayChange: found.mayChange, done: request.query["done"], attempt: attempt, formToken: request.formToken,
            now: context.now
        )
    }

    private static func add(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id("unit")
        let plan = ShiftPlan(request.form)
        return try await perform("add", plan.first.map { "\($0)" }, request, services) {
            try await $0.add(plan, to: id, request.context)
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Unit> = try request.id("unit")
        let shift: ID<Shift> = try request.id("shift")
        return try await perform("remove", request.form["week"], request, services) {
            try await $0.remove(shift, all: request.form["all"] == "yes", of: id, request.context)
        }
    }

    private static func perform(
        _ name: String, _ week: String?, _ request: Request, _ services: Services,
        _ command: (RostersCommands) async throws -> Void
    ) async throws -> Reply {
        try await AdminAttempt.answer(name, request) {
            try await command(RostersCommands(services))
            let id: ID<Unit> = try request.id("unit")
            return "/admin/rosters/\(id)?week=\(monday(week, request.context.now))&done=\(name)"
        } again: { attempt in
            try await weekPage(week, request, services, attempt: attempt).page
        }
    }
}
