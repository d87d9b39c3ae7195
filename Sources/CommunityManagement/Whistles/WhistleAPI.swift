import LinliCore
import LinliKernel

/// Whistles for programs: what the pages can do.
enum WhistleAPI {
    static let routes: [Route] = [
        .api(
            .get, "/api/v1/whistles", id: "listWhistles", "Whistles of a tab, the newest first",
            query: WhistleSchemas.listQuery, body: .nothing, reply: WhistleSchemas.list, list
        ),
        .api(
            .post, "/api/v1/whistles", id: "draftWhistle",
            "Whistle for a case; it goes out at once when you may confirm it or it is an emergency",
            body: WhistleSchemas.draft, reply: WhistleSchemas.detail, status: 201, draft
        ),
        .api(
            .get, "/api/v1/whistles/units", id: "whistleScores", "How units came in a month, and their scores",
            query: [SchemaProperty("month", .text(limit: 6), "Assessment month, 202611; the present one by default")],
            body: .nothing, reply: WhistleSchemas.scores, scores
        ),
        .api(
            .get, "/api/v1/whistles/:id", id: "getWhistle", "One whistle as you may see it", body: .nothing,
            reply: WhistleSchemas.detail
        ) { (_: Nothing, request: Request, services: Services) in try await detail(request, services) },
        step("confirm", id: "confirmWhistle", "Say yes as the secretary: the units are called", .nothing) {
            commands, id, _, context in try await commands.confirm(id, context)
        },
        step("answer", id: "answerWhistle", "Say who of your unit comes", WhistleSchemas.answer) {
            try await $0.answer($2, of: $1, $3)
        },
        step("sign-ins", id: "signInAtWhistle", "Sign in, or sign somebody in as the whistler", WhistleSchemas.signIn) {
            commands, id, body, context in
            guard body.name.isEmpty else {
                return try await commands.signInFor(body.unit, name: body.name, of: id, context)
            }
            try await commands.signIn(body.unit, code: body.code, of: id, context)
        },
        step("minutes", id: "keepWhistleMinutes", "Write down who leads and what was agreed", WhistleSchemas.minutes) {
            try await $0.keepMinutes(lead: $2.unit, text: $2.text, of: $1, $3)
        },
        step("tasks", id: "addWhistleTask", "Give a called unit a part of the case", WhistleSchemas.task) {
            _ = try await $0.addTask($2, to: $1, $3)
        },
        step("close", id: "closeWhistle", "End it", .nothing) { commands, id, _, context in
            try await commands.close(id, context)
        },
        step("scores", id: "scoreWhistle", "Score a unit after the end", WhistleSchemas.score) {
            try await $0.score($2.unit, stars: $2.stars, words: $2.text, of: $1, $3)
        },
        step("withdraw", id: "withdrawWhistle", "Take it back", WhistleSchemas.reason) {
            try await $0.withdraw($1, reason: $2.text, $3)
        },
        .api(
            .post, "/api/v1/whistles/:id/contact", id: "readWhistleContact",
            "As the whistler: the phone of who a unit said would come, in clear; noted first, and kept nowhere",
            access: .permission(.whistlesDraft), body: WhistleSchemas.called, reply: WhistleSchemas.contact
        ) { unit, request, services in
            guard let unit else { throw LinliError.notFound("whistles.unit") }
            // What is read is not kept as the reply of a repeated request.
            return try await services.queries.whistleContact(
                try request.id(), of: unit, purpose: WhistleStepRoutes.contactPurpose, request.context.unmarked)
        },
    ]

    /// A step of a whistle: runs the command and answers with the whistle as it is now.
    private static func step<Body>(
        _ name: String, id: String, _ summary: String, _ body: Schema<Body>,
        _ command: @escaping @Sendable (WhistleCommands, ID<Whistle>, Body, Context) async throws -> Void
    ) -> Route {
        .api(
            .post, "/api/v1/whistles/:id/\(name)", id: id, summary, body: body, reply: WhistleSchemas.detail,
            recover: { (_: Body, request: Request, services: Services) in try await .some(detail(request, services)) }
        ) { (body: Body, request: Request, services: Services) in
            try await command(WhistleCommands(services.commands), try request.id(), body, request.context)
            return try await detail(request, services)
        }
    }

    private static func detail(_ request: Request, _ services: Services) async throws -> WhistleView? {
        try await services.queries.whistle(try request.id(), request.context)
    }

    private static func list(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> WhistleSchemas.WhistleList {
        let tab = request.query["tab"].flatMap { WhistleTab(rawValue: $0) } ?? .toAnswer
        let limit = min(max(request.query.int("limit") ?? 50, 1), 100)
        let rows = try await services.queries.whistles(
            tab, before: request.query.id("before"), limit: limit + 1, request.context)
        let page = Array(rows.prefix(limit))
        return .init(rows: page, next: rows.count > limit ? page.last?.whistle.id : nil)
    }

    private static func draft(
        _ body: WhistleSchemas.NewWhistle, _ request: Request, _ services: Services
    ) async throws -> WhistleView? {
        let id = try await WhistleCommands(services.commands).draft(body.draft, for: body.item, request.context)
        return try await services.queries.whistle(id, request.context)
    }

    private static func scores(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> WhistleSchemas.Scores? {
        let calendar = try await services.queries.assessmentCalendar()
        let current = calendar.month(of: request.context.now)
        let month = request.query["month"].flatMap { AssessmentMonth($0) } ?? current
        let units = try await services.queries.whistleScores(month, request.context)
        return WhistleSchemas.Scores(month: month, calendar: calendar, units: units)
    }
}
