import LinliCore
import LinliKernel

/// What waits for somebody on duty: alerts, the hand-over between shifts, supervision, calls, clearing.
enum DutyAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/alerts", id: "listAlerts",
            "Alerts of your units that nobody has seen, the loud ones first, and what came in while nobody was at work",
            access: .permission(.casesRead), body: .nothing, reply: DutySchemas.alerts
        ) { _, request, services in
            try await DutyAlerts(request.context, services)
        },
        .api(
            .post, "/api/v1/alerts/seen", id: "seeAlerts",
            "Mark alerts as seen; answers with those that are left. What is not yours is passed over",
            access: .permission(.casesRead), body: DutySchemas.seen, reply: DutySchemas.alerts,
            recover: { _, request, services in .some(try await DutyAlerts(request.context, services)) }
        ) { ids, request, services in
            try await DutyAlerts.see(ids, request.context, services)
            let requests = ids.map { ID<DataRequestAlert>(rawValue: $0.rawValue) }
            try await DutyAlerts.see(requests, request.context, services)
            let notices = ids.map { ID<CaseNotice>(rawValue: $0.rawValue) }
            try await DutyAlerts.see(notices, request.context, services)
            return try await DutyAlerts(request.context, services)
        },
        .api(
            .get, "/api/v1/handover", id: "getHandover", "How a unit of yours stands between two shifts",
            access: .permission(.casesRead),
            query: [SchemaProperty("unit", .id, "Which; by default the first of yours")], body: .nothing,
            reply: DutySchemas.handover
        ) { _, request, services in
            try await HandoverDesk(request.query.id("unit"), request.context, services)
        },
        handover("notes", id: "leaveHandoverNote", "Leave a note for the next shift", DutySchemas.note) {
            desk, note, context, services in try await desk.note(note.text, context, services)
        },
        handover("take", id: "takeOver", "Take over: keeps who did, and how it stood", DutySchemas.unit) {
            desk, _, context, services in try await desk.take(context, services)
        },
        .api(
            .get, "/api/v1/supervised", id: "listSupervised",
            "Cases under supervision, what was taken there first comes first", access: .permission(.casesRead),
            query: APIPages.query, body: .nothing, reply: DutySchemas.supervised, supervised
        ),
        .api(
            .get, "/api/v1/copies", id: "listCopies",
            "Cases that came to streets of your district straight, the newest first",
            access: .permission(.casesSupervise),
            query: APIPages.query, body: .nothing, reply: DutySchemas.copies
        ) { _, request, services in
            let limit = APIPages.limit(request)
            let copies = try await services.queries.copies(
                after: request.query.id("after"), limit: limit + 1, request.context
            )
            return CopiesPage(
                page: APIPage(copies, limit) { "\($0.row.id)" },
                open: try await services.queries.openCopies(request.context)
            )
        },
        .api(
            .get, "/api/v1/follow-ups", id: "listFollowUps",
            "Cases whose reporter was asked and has not answered, the longest waiting first",
            access: .permission(.casesFollowUp), query: DutySchemas.followUpQuery, body: .nothing,
            reply: DutySchemas.followUps, followUps
        ),
        .api(
            .get, "/api/v1/clearing", id: "listClearing",
            "Cases whose words and photos wait for clearing before neighbours see them, the oldest first",
            access: .permission(.casesPublish), query: APIPages.query, body: .nothing,
            reply: DutySchemas.clearing, clearing
        ),
    ]

    /// A step of handing over: runs it and answers with how the unit stands then.
    private static func handover(
        _ name: String, id: String, _ summary: String, _ body: Schema<DutySchemas.Note>,
        _ command: @escaping @Sendable (HandoverDesk, DutySchemas.Note, Context, Services) async throws -> Void
    ) -> Route {
        .api(
            .post, "/api/v1/handover/\(name)", id: id, summary, access: .permission(.casesRead), body: body,
            reply: DutySchemas.handover, status: 201,
            recover: { body, request, services in .some(try await HandoverDesk(body.unit, request.context, services)) }
        ) { body, request, services in
            try await command(
                try await HandoverDesk(body.unit, request.context, services), body, request.context, services
            )
            return try await HandoverDesk(body.unit, request.context, services)
        }
    }

    private static func supervised(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> APIPage<SupervisedCase> {
        let limit = APIPages.limit(request)
        let rows = try await services.queries.supervised(
            for: request.context.actor, after: request.query.id("after"), limit: limit + 1
        )
        return .init(rows, limit) { "\($0.id)" }
    }

    private static func followUps(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> APIPage<FollowUpRow> {
        let limit = APIPages.limit(request)
        let rows = try await services.queries.followUps(
            request.query["tab"].flatMap { FollowUpTab(rawValue: $0) } ?? .due,
            request.context.actor.scope(for: .casesFollowUp), at: request.context.now,
            after: request.query["after"].flatMap { CaseCursor($0) }, limit: limit + 1
        )
        return .init(rows, limit) { row in
            CaseCursor(at: row.outcome.askedAt ?? request.context.now, id: row.row.id).description
        }
    }

    private static func clearing(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> APIPage<ClearingRow> {
        let limit = APIPages.limit(request)
        let rows = try await services.queries.clearingQueue(
            request.context.actor.scope(for: .casesPublish), after: request.query.id("after"), limit: limit
        )
        return .init(rows, limit) { "\($0.id)" }
    }
}
