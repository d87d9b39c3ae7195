import LinliCore
import LinliKernel

/// Visits for programs of staff: who is due, what is announced, announcing, ending, and the plans.
enum VisitsAPI {
    static let all: [Route] =
        [
            .api(
                .get, "/api/v1/visit-debts", id: "listVisitDebts",
                "Households nothing was heard of for longer than they should wait, the longest overdue first",
                access: .permission(.peopleEdit), query: [APIPages.division, APIPages.afterMoment, APIPages.limit],
                body: .nothing, reply: VisitSchemas.debts
            ) { _, request, services in
                let (division, limit) = (try APIPages.division(request, .peopleEdit), APIPages.limit(request))
                let rows = try await services.database.read { tx in
                    try VisitDebts.due(
                        in: division, at: request.context.now, after: request.query["after"], limit: limit + 1, tx)
                }
                return APIPage(rows, limit) { $0.mark }
            },
            .api(
                .get, "/api/v1/visits", id: "listVisits", "Visits that are announced or met nobody, the soonest first",
                access: .permission(.peopleEdit), query: [APIPages.division, APIPages.afterMoment, APIPages.limit],
                body: .nothing, reply: VisitSchemas.open
            ) { _, request, services in
                let (division, limit) = (try APIPages.division(request, .peopleEdit), APIPages.limit(request))
                let cursor = request.query["after"].flatMap { CaseCursor($0) }
                let after = cursor.map { (at: $0.at, id: ID<Visit>(rawValue: $0.id.rawValue)) }
                let rows = try await services.database.read { tx in
                    try VisitQueries.openPage(in: division, after: after, limit: limit + 1, tx)
                }
                return APIPage(rows, limit) { visit in
                    CaseCursor(at: visit.startsAt, id: ID(rawValue: visit.id.rawValue)).description
                }
            },
            .api(
                .get, "/api/v1/visit-ledger", id: "listVisitLedger", "Every visit of a division, the newest first",
                access: .permission(.visitsPlan), query: [APIPages.division] + APIPages.query, body: .nothing,
                reply: VisitSchemas.ledger
            ) { _, request, services in
                let (division, limit) = (try APIPages.division(request, .visitsPlan), APIPages.limit(request))
                let rows = try await services.database.read { tx in
                    try VisitQueries.ledger(in: division, before: request.query.id("after"), limit: limit + 1, tx)
                }
                return APIPage(rows, limit) { "\($0.id)" }
            },
            .api(
                .post, "/api/v1/visits", id: "announceVisit",
                "Announce a visit to a household: who comes, why and when",
                access: .permission(.peopleEdit), body: VisitSchemas.draft, reply: VisitSchemas.visit, status: 201
            ) { draft, request, services in
                try await shown(
                    try await VisitCommands(services.database).announce(draft, request.context), request, services)
            },
            .api(
                .get, "/api/v1/visits/:id", id: "getVisit",
                "A visit with the code the household answers it by, and what to ask", access: .permission(.peopleEdit),
                body: .nothing, reply: VisitSchemas.visit
            ) { _, request, services in
                try await shown(try request.id(), request, services)
            },
            step(
                "end", id: "endVisit", "Note what came of a visit; nothing changed when nothing is said",
                VisitSchemas.outcome
            ) { id, outcome, context, services in
                try await VisitCommands(services.database).finish(id, outcome, context)
            },
            step(
                "miss", id: "missVisit", "Say that nobody was at home; the slip with the code is left",
                Schema<Nothing>.nothing
            ) { id, _, context, services in
                try await VisitCommands(services.database).miss(id, context)
            },
            step(
                "move", id: "moveVisit",
                "Move a visit or make it a call: because the household asked, or because who comes cannot",
                VisitSchemas.staffMove
            ) { id, move, context, services in
                try await VisitCommands(services.database).move(
                    id, to: move.slot, move.way, wish: move.wish, isAsked: move.isAsked, context)
            },
            .api(
                .delete, "/api/v1/visits/:id", id: "withdrawVisit", "Take a visit back that will not be made",
                access: .permission(.peopleEdit), body: .nothing, reply: .nothing
            ) { _, request, services in
                try await VisitCommands(services.database).withdraw(try request.id(), request.context)
                return Nothing()
            },
            .api(
                .get, "/api/v1/visit-plans", id: "listVisitPlans",
                "The plans that hold in a division, its own and those around and inside it, the oldest first",
                access: .permission(.visitsPlan), query: [APIPages.division] + APIPages.query, body: .nothing,
                reply: VisitSchemas.plans
            ) { _, request, services in
                let (division, limit) = (try APIPages.division(request, .visitsPlan), APIPages.limit(request))
                let after: ID<VisitPlan>? = request.query.id("after")
                let rows = try await services.database.read { tx in
                    try VisitPlansStore.list(in: division, after: after, limit: limit + 1, tx)
                }
                return APIPage(rows, limit) { "\($0.id)" }
            },
            .api(
                .post, "/api/v1/visit-plans", id: "createVisitPlan", "Say whom to visit how often, and what to ask",
                access: .permission(.visitsPlan), body: VisitSchemas.planDraft, reply: VisitSchemas.plan, status: 201
            ) { draft, request, services in
                let id = try await VisitCommands(services.database).makePlan(draft, request.context)
                return try await services.database.read { try VisitPlansStore.find(id, $0) }
            },
            .api(
                .delete, "/api/v1/visit-plans/:id", id: "endVisitPlan",
                "End a plan; visits that were announced under it stay", access: .permission(.visitsPlan),
                body: .nothing,
                reply: .nothing
            ) { _, request, services in
                try await VisitCommands(services.database).endPlan(try request.id(), request.context)
                return Nothing()
            },
        ] + VisitCodesAPI.all

    /// A step of a visit: runs it and answers with how the visit stands then.
    static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<Visit>, Body, Context, Services) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/visits/:id/\(name)", id: id, summary, access: .permission(.peopleEdit), body: body,
            reply: VisitSchemas.visit, shown: shown
        ) { id, body, request, services in
            try await command(id, body, request.context, services)
        }
    }

    private static func shown(
        _ id: ID<Visit>, _ request: Request, _ services: Services
    ) async throws -> VisitSchemas.Shown? {
        let (actor, keys) = (request.context.actor, services.database.keys)
        return try await services.database.read { tx in
            guard let visit = try VisitQueries.find(id, tx), actor.may(.peopleEdit, in: visit.division) else {
                throw LinliError.notFound("visits.unknown")
            }
            let plan = try visit.plan.flatMap { try VisitPlansStore.find($0, tx) }
            return VisitSchemas.Shown(
                visit: visit, code: VisitCode.make(id, keys),
                form: try plan.map { try VisitForm($0.form) } ?? .standard,
                photos: try VisitQueries.photos(of: id, .photo, tx).map(\.file))
        }
    }
}

/// The household's side: a code instead of an account. It stands in the body, so that no log of addresses has it.
enum VisitCodesAPI {
    static let all: [Route] = [
        .api(
            .post, "/api/v1/visit-codes", id: "findVisitByCode", "The visit a household's code opens",
            access: .public, body: VisitSchemas.code, reply: VisitSchemas.announced
        ) { code, request, services in
            try await opened(code, request, services)
        },
        .api(
            .post, "/api/v1/visit-codes/move", id: "moveVisitByCode",
            "Move the visit of a code to another time, or ask for a call instead", access: .public,
            body: VisitSchemas.move, reply: VisitSchemas.announced
        ) { move, request, services in
            let visit = try await opened(move.code, request, services)
            try await VisitCommands(services.database).move(
                move.code, to: move.slot, move.way ?? visit?.way ?? .door, wish: move.wish, request.context)
            return try await opened(move.code, request, services)
        },
        .api(
            .post, "/api/v1/visit-codes/well", id: "sayAllIsWellByCode",
            "Say that all is well and nobody needs to come", access: .public, body: VisitSchemas.code,
            reply: VisitSchemas.announced
        ) { code, request, services in
            try await VisitCommands(services.database).allWell(code, request.context)
            return try await opened(code, request, services)
        },
    ]

    private static func opened(_ code: String, _ request: Request, _ services: Services) async throws -> Visit? {
        let (now, keys) = (request.context.now, services.database.keys)
        let found = try await services.database.read { try VisitQueries.opened(by: code, at: now, keys, $0) }
        guard let found else { throw LinliError.notFound("visits.code") }
        return found
    }
}
