import LinliCore
import LinliKernel
import LinliStandards

/// The list of calls and one call.
enum FollowUpRoutes {
    static let all: [Route] = [
        .get("/desk/follow-up", access: .permission(.casesFollowUp), list),
        .get("/desk/follow-up/:id", access: .permission(.casesFollowUp), call),
        .post("/desk/follow-up/:id", access: .permission(.casesFollowUp), note),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        let tab = request.query["tab"].flatMap { FollowUpTab(rawValue: $0) } ?? .due
        let after = request.query["after"].flatMap { CaseCursor($0) }
        let now = request.context.now
        let rows = try await services.queries.followUps(
            tab, request.context.actor.scope(for: .casesFollowUp), at: now, after: after,
            limit: FollowUpListPage.limit + 1
        )
        let page = FollowUpListPage(
            tab: tab, rows: Array(rows.prefix(FollowUpListPage.limit)), hasMore: rows.count > FollowUpListPage.limit,
            isFirst: after == nil, done: request.query["done"], attempts: services.queries.settings.rates.attempts,
            now: now, names: services.divisions, catalogue: services.catalogue
        )
        return .page(page.page)
    }

    private static func call(_ request: Request, _ services: Services) async throws -> Reply {
        .page(try await page(request, services).page)
    }

    /// The page of a call.
    ///
    /// - Throws: `.notFound` for a case that is not theirs to see, `.forbidden` for who did the work.
    private static func page(_ request: Request, _ services: Services) async throws -> FollowUpPage {
        let view = try await services.queries.view(try request.id(), request.context)
        guard view.standing.isStaff else { throw LinliError.notFound("followUp.hidden") }
        guard view.mayFollowUp(request.context.actor) else { throw LinliError.forbidden("cases.followUp") }
        let street = view.item.division.ancestor(at: .street)
        let employer = request.context.actor.employer
        // Who calls says for whom: their own unit, else the street's centre.
        let unit = try await services.database.read { tx in
            try employer.flatMap { try UnitsStore.find($0, tx) } ?? UnitsStore.first([.streetCentre], of: street, tx)
        }
        return FollowUpPage(
            view: view, outcome: try await services.queries.outcome(view.item),
            category: services.catalogue[code: view.item.category]?.name,
            office: unit?.name ?? Text(same: services.divisions[street]),
            caller: request.context.actor.name, attempts: services.queries.settings.rates.attempts,
            formToken: request.formToken, now: request.context.now
        )
    }

    private static func note(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        do {
            try await services.commands.followUp(
                try outcome(form), version: form.int("version"), of: id, request.context
            )
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.form = form
            page.error = error
            return .page(page.page, status: status)
        }
        return .redirect("/desk/follow-up?done=\(form["outcome"] ?? "")")
    }

    /// What the form says came of the call.
    ///
    /// - Throws: `.invalid` when nothing was chosen.
    static func outcome(_ form: Form) throws -> FollowUpOutcome {
        switch form["outcome"] {
        case "answered":
            guard let solved = form["solved"], ["yes", "no"].contains(solved) else {
                throw LinliError.invalid(
                    "followUp.solved", [.init("solved", Text("请选诉求人说解决了没有", "Please choose what the reporter said"))]
                )
            }
            return .answered(
                isSolved: solved == "yes", grade: form.int("grade").flatMap { Satisfaction(rawValue: $0) },
                text: form["text"] ?? ""
            )
        case "missed":
            guard let reason = form["reason"].flatMap({ MissReason(rawValue: $0) }) else {
                throw LinliError.invalid(
                    "followUp.reason", [.init("reason", Text("请选没联系上的原因", "Please choose why"))]
                )
            }
            return .missed(reason, callAgainAt: try form["again"].map(moment))
        case "declined": return .declined
        default:
            throw LinliError.invalid(
                "followUp.outcome", [.init("outcome", Text("请选回访结果", "Please choose what came of it"))]
            )
        }
    }

    /// `2026-11-25T14:30`, as browsers write a moment of this place.
    private static func moment(_ text: String) throws -> Instant {
        let parts = text.split(separator: "T")
        let clock = parts.count == 2 ? parts[1].split(separator: ":").compactMap { Int($0) } : []
        guard let date = parts.first.flatMap({ CivilDate($0) }), clock.count >= 2, (0...23).contains(clock[0]),
            (0...59).contains(clock[1])
        else {
            throw LinliError.invalid("followUp.again", [.init("again", Text("请写日期和时间", "Please give day and time"))])
        }
        return Instant(date, hour: clock[0], minute: clock[1])
    }
}
