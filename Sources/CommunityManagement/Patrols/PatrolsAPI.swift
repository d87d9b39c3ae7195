import LinliCore
import LinliKernel

/// Patrols for programs: routes and what was missed and found at the desk, rounds of who walks them.
enum PatrolsAPI {
    static let all: [Route] =
        [
            .api(
                .get, "/api/v1/patrol-routes", id: "listPatrolRoutes",
                "The routes of a division with the days on which each was walked and missed, the oldest first",
                access: .permission(.casesReport), query: [APIPages.division] + APIPages.query, body: .nothing,
                reply: PatrolSchemas.routes
            ) { _, request, services in
                let (division, now) = (try APIPages.division(request, .casesReport), request.context.now)
                let (after, limit): (ID<PatrolRoute>?, Int) = (request.query.id("after"), APIPages.limit(request))
                return try await services.database.read { tx in
                    let routes = try PatrolStore.routes(in: division, after: after, limit: limit + 1, tx)
                    let page = APIPage(routes, limit) { "\($0.id)" }
                    return APIPage(
                        rows: try page.rows.map { try PatrolSchemas.Shown($0, at: now, tx) }, next: page.next)
                }
            },
            .api(
                .post, "/api/v1/patrol-routes", id: "createPatrolRoute",
                "Make a route with its points and its checklist",
                access: .permission(.patrolsPlan), body: PatrolSchemas.draft, reply: PatrolSchemas.route, status: 201
            ) { draft, request, services in
                try await shown(try await PatrolCommands(services).makeRoute(draft, request.context), request, services)
            },
            .api(
                .get, "/api/v1/patrol-routes/:id", id: "getPatrolRoute", "A route with its points",
                access: .permission(.casesReport), body: .nothing, reply: PatrolSchemas.route
            ) { _, request, services in
                try await shown(try request.id(), request, services)
            },
            .api(
                .put, "/api/v1/patrol-routes/:id", id: "changePatrolRoute",
                "Change name, window, days, points and checklist of a route; a point that keeps its name keeps its code",
                access: .permission(.patrolsPlan), body: PatrolSchemas.change, reply: PatrolSchemas.route,
                recover: { _, request, services in
                    .some(try await shown(try request.id(), request, services))
                }
            ) { change, request, services in
                let id: ID<PatrolRoute> = try request.id()
                try await PatrolCommands(services).changeRoute(
                    id, change.draft, version: change.version, request.context)
                return try await shown(id, request, services)
            },
            .api(
                .delete, "/api/v1/patrol-routes/:id", id: "endPatrolRoute", "End a route; what was found on it stays",
                access: .permission(.patrolsPlan), body: .nothing, reply: .nothing
            ) { _, request, services in
                try await PatrolCommands(services).endRoute(try request.id(), request.context)
                return Nothing()
            },
            .api(
                .get, "/api/v1/patrol-routes/:id/codes", id: "getPatrolCodes",
                "The codes that hang at the points of a route",
                access: .permission(.patrolsPlan), body: .nothing, reply: PatrolSchemas.codes
            ) { _, request, services in
                let (id, actor): (ID<PatrolRoute>, Actor) = (try request.id(), request.context.actor)
                let keys = services.database.keys
                return try await services.database.read { tx in
                    guard let route = try PatrolStore.route(id, tx), actor.may(.patrolsPlan, in: route.division) else {
                        throw LinliError.notFound("patrols.route")
                    }
                    return try PatrolStore.points(of: id, tx).map { ($0, $0.code(keys)) }
                }
            },
            .api(
                .get, "/api/v1/patrol-findings", id: "listPatrolFindings",
                "What rounds found in a division, the newest first",
                access: .permission(.patrolsPlan), query: [APIPages.division] + APIPages.query, body: .nothing,
                reply: PatrolSchemas.findings
            ) { _, request, services in
                let (division, limit) = (try APIPages.division(request, .patrolsPlan), APIPages.limit(request))
                let hidden = request.context.actor.scope.interests
                let before: ID<PatrolFinding>? = request.query.id("after")
                let rows = try await services.database.read { tx in
                    try PatrolStore.findings(in: division, hidden: hidden, before: before, limit: limit + 1, tx)
                }
                return APIPage(rows, limit) { "\($0.id)" }
            },
        ] + PatrolRoundsAPI.all

    private static func shown(
        _ id: ID<PatrolRoute>, _ request: Request, _ services: Services
    ) async throws -> PatrolSchemas.Shown? {
        let (actor, now) = (request.context.actor, request.context.now)
        return try await services.database.read { tx in
            guard let route = try PatrolStore.route(id, tx),
                actor.may(.casesReport, in: route.division) || actor.may(.patrolsPlan, in: route.division)
            else { throw LinliError.notFound("patrols.route") }
            return try PatrolSchemas.Shown(route, at: now, tx)
        }
    }
}

/// Rounds of who walks them; nobody else opens one.
enum PatrolRoundsAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/patrols", id: "listPatrols", "The rounds you are walking now",
            access: .permission(.casesReport), body: .nothing, reply: PatrolSchemas.rounds
        ) { _, request, services in
            guard let account = request.context.actor.account else { return [] }
            return try await services.database.read { tx in
                try PatrolStore.running(account, tx).map { try PatrolSchemas.Round($0, tx) }
            }
        },
        .api(
            .post, "/api/v1/patrols", id: "beginPatrol",
            "Begin a round of a route, on duty; the one you are on when it is of the same route",
            access: .permission(.casesReport), body: PatrolSchemas.begin, reply: PatrolSchemas.round, status: 201
        ) { route, request, services in
            try await shown(try await PatrolCommands(services).begin(route, request.context), request, services)
        },
        .api(
            .get, "/api/v1/patrols/:id", id: "getPatrol", "A round of yours with how each of its points stands",
            access: .permission(.casesReport), body: .nothing, reply: PatrolSchemas.round
        ) { _, request, services in
            try await shown(try request.id(), request, services)
        },
        step(
            "points/:point/sign", id: "signPatrolPoint",
            "Sign in at a point that is as it should be, by its code or where you stand", PatrolSchemas.sign
        ) { id, sign, request, services in
            try await PatrolCommands(services).normal(
                id, try request.id("point"), sign.proof, photos: sign.photos, request.context)
        },
        step(
            "points/:point/findings", id: "reportPatrolFinding",
            "Something at a point is not as it should be: a case of it, or settled on the spot with a photo of it now",
            PatrolSchemas.finding
        ) { id, finding, request, services in
            _ = try await PatrolCommands(services).find(
                id, try request.id("point"), finding.proof, finding.draft, once: finding.once, request.context)
        },
        step("end", id: "endPatrol", "End a round", Schema<Nothing>.nothing) { id, _, request, services in
            try await PatrolCommands(services).finish(id, request.context)
        },
        step(
            "track", id: "trackPatrol", "Keep where the round is, for a few days; only while it is walked, on duty",
            PatrolSchemas.position
        ) { id, position, request, services in
            try await PatrolCommands(services).track(id, position, request.context)
        },
        .api(
            .post, "/api/v1/patrols/:id/track/readings", id: "readPatrolTrack",
            "Where a round went: for who walks it, and for their head when safety is at stake; noted first",
            access: .permission(.casesReport), body: PatrolSchemas.reason, reply: PatrolSchemas.track
        ) { reason, request, services in
            // What is read is not kept as the reply of a repeated request.
            try await PatrolCommands(services).look(try request.id(), reason: reason, request.context.unmarked)
        },
    ]

    /// A step of a round: runs it and answers with how the round stands then.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (ID<Patrol>, Body, Request, Services) async throws -> Void
    ) -> Route {
        .step(
            "/api/v1/patrols/:id/\(name)", id: id, summary, access: .permission(.casesReport), body: body,
            reply: PatrolSchemas.round, shown: shown, command)
    }

    private static func shown(
        _ id: ID<Patrol>, _ request: Request, _ services: Services
    ) async throws -> PatrolSchemas.Round? {
        let account = request.context.actor.account
        return try await services.database.read { tx in
            guard let patrol = try PatrolStore.patrol(id, tx), patrol.worker == account else {
                throw LinliError.notFound("patrols.unknown")
            }
            return try PatrolSchemas.Round(patrol, tx)
        }
    }
}
