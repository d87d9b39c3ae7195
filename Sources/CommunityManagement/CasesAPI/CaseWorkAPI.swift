import LinliCore
import LinliKernel

/// The steps around the work on a case: asking and deciding, contacts, parts, supervision, calls, and what neighbours see.
enum CaseWorkAPI {
    static let all: [Route] = assigning + placing + requests + help + joining + supervision + answers + publication

    private static let assigning: [Route] = [
        .api(
            .get, "/api/v1/cases/:id/colleagues", id: "listColleagues",
            "Who of the unit that has a case can be given it, in no order of merit", access: .permission(.casesRead),
            body: .nothing, reply: CaseWorkSchemas.colleagues, colleagues
        ),
        step(
            .post, "assignment", id: "assignCase",
            "Give a case to somebody of its unit, or without `account` to whoever is on duty; who is away gets none",
            .permission(.casesRead), CaseWorkSchemas.assignment
        ) { body, id, request, services in
            _ = try await services.commands.assign(
                body.account, of: id, isSure: body.isSure, version: body.version, request.context
            )
        },
    ]

    private static let placing: [Route] = [
        step(
            .put, "place", id: "correctPlace",
            "Correct where a case lies, with the reason: lists, counts, rates and what neighbours see follow, its unit stays",
            .permission(.casesRead), CaseWorkSchemas.place
        ) { draft, id, request, services in
            try await services.commands.setPlace(draft, of: id, request.context)
        }
    ]

    private static func colleagues(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> CaseWorkSchemas.Colleagues {
        let context = request.context
        let view = try await services.queries.view(try request.id(), context)
        guard view.standing.isHandler || view.standing.isDispatcher else { throw LinliError.forbidden("cases.assign") }
        let cap = services.queries.settings.handlerCap
        guard let unit = view.unit, view.item.isOpen else { return .init(people: [], cap: cap) }
        let item = view.item
        let people = try await services.database.read { tx in
            try CaseQueries.colleagues(
                unit, in: item.division, against: item.accusation.units, hidden: context.actor.scope.interests,
                at: context.now, tx)
        }
        return .init(people: people, cap: cap)
    }

    private static let requests: [Route] = [
        step(
            .post, "requests", id: "askForCase", "Ask for a pause, for more time or to leave the case out of the rates",
            .permission(.casesHandle), CaseWorkSchemas.asking, status: 201
        ) { body, id, request, services in
            _ = try await services.commands.ask(
                body.kind, reason: body.reason, minutes: body.days * 1440, text: body.text, for: id, request.context
            )
        },
        step(
            .post, "requests/:request/decision", id: "decideRequest", "Grant or refuse what a handler asked for",
            .permission(.casesSupervise), CaseWorkSchemas.decision, decide
        ),
        step(
            .post, "resume", id: "resumeClocks", "Let a paused case's clocks run again", .permission(.casesRead),
            .nothing
        ) {
            _, id, request, services in
            try await services.commands.resume(id, request.context)
        },
    ]

    private static let help: [Route] = [
        step(
            .post, "contacts", id: "noteContact", "Note that you spoke with the reporter, or tried to",
            .permission(.casesRead), CaseWorkSchemas.contact, status: 201
        ) { body, id, request, services in
            try await services.commands.contacted(
                body.way, body.outcome, text: body.text, voices: body.voices, on: id, request.context
            )
        },
        step(
            .post, "parts", id: "addPart",
            "Ask another unit to do a part: a case of its own, among the `parts` of this one",
            .permission(.casesRead), CaseWorkSchemas.part, status: 201
        ) { part, id, request, services in
            _ = try await services.commands.addPart(part, to: id, request.context)
        },
        step(
            .put, "date", id: "setPartDate",
            "Move the date a part is to be done by, with the reason: its clock follows, and who has it, or its unit, is told",
            .permission(.casesRead), CaseWorkSchemas.date
        ) { body, id, request, services in
            try await services.commands.setDate(body.due, reason: body.text, of: id, request.context)
        },
    ]

    private static let joining: [Route] = [
        step(
            .post, "merge", id: "mergeCase", "Make a case a voice of another that is about the same",
            .permission(.casesDispatch), CaseWorkSchemas.merging
        ) { body, id, request, services in
            try await DeskVoicesRoutes.merge(id, into: body.number, reason: body.text, request.context, services)
        },
        step(
            .post, "split", id: "splitCase", "Take a voice out again: it goes on as a case of its own",
            .permission(.casesDispatch), CaseWorkSchemas.words
        ) { text, id, request, services in
            try await services.commands.split(id, reason: text, request.context)
        },
    ]

    private static let supervision: [Route] = [
        step(
            .post, "supervision", id: "superviseCase", "Take a case under supervision; its unit reads why",
            .permission(.casesSupervise), CaseWorkSchemas.words
        ) { text, id, request, services in
            try await services.commands.supervise(text, id, request.context)
        },
        step(
            .post, "supervision/answer", id: "answerSupervision",
            "Answer who supervises, as the unit that is asked",
            .permission(.casesRead), CaseWorkSchemas.words
        ) { text, id, request, services in
            try await services.commands.answerSupervision(text, of: id, request.context)
        },
        step(
            .post, "supervision/lift", id: "liftSupervision", "Lift supervision, with the reason",
            .permission(.casesSupervise), CaseWorkSchemas.words
        ) { text, id, request, services in
            try await services.commands.liftSupervision(text, of: id, request.context)
        },
    ]

    private static let answers: [Route] = [
        step(
            .post, "follow-up", id: "noteFollowUp", "Write down what came of a call to the reporter",
            .permission(.casesFollowUp), CaseWorkSchemas.followUp
        ) { call, id, request, services in
            try await services.commands.followUp(call.outcome, version: call.version, of: id, request.context)
        },
        step(
            .post, "answer", id: "answerLater",
            "As the reporter: say it is solved, after the case went on without an answer",
            .token, CaseWorkSchemas.answer
        ) { answer, id, request, services in
            try await services.commands.answer(
                isSolved: true, grade: answer.grade, text: answer.text, of: id, request.context
            )
        },
    ]

    private static let publication: [Route] = [
        step(
            .put, "publicity", id: "setPublicity", "As the reporter: whether neighbours may see it, without you",
            .token, CaseWorkSchemas.willing
        ) { isWilling, id, request, services in
            try await services.commands.consent(isWilling, to: id, request.context)
        },
        step(
            .put, "publication", id: "publishCase", "Show a case to neighbours, with words and photos cleared for them",
            .permission(.casesPublish), CaseWorkSchemas.clearing
        ) { body, id, request, services in
            try await services.commands.publish(body.clearing, of: id, version: body.version, request.context)
        },
        step(
            .delete, "publication", id: "withholdCase", "Keep a case from neighbours, also one they have seen",
            .permission(.casesPublish), query: [CaseWorkSchemas.version], .nothing
        ) { _, id, request, services in
            try await services.commands.withhold(id, version: request.query.int("version"), request.context)
        },
    ]

    /// A step of a case: runs the command and answers with the case as it is now.
    private static func step<Body>(
        _ method: Request.Method, _ name: String, id: String, _ summary: String, _ access: Access,
        query: [SchemaProperty] = [], _ body: Schema<Body>, status: Int = 200,
        _ command: @escaping @Sendable (Body, ID<Case>, Request, Services) async throws -> Void
    ) -> Route {
        .api(
            method, "/api/v1/cases/:id/\(name)", id: id, summary, access: access, query: query, body: body,
            reply: APISchemas.after, status: status, recover: CasesAPIRoutes.done
        ) { (body: Body, request: Request, services: Services) in
            let item: ID<Case> = try request.id()
            try await command(body, item, request, services)
            return try await CasesAPIRoutes.seen(item, request, services)
        }
    }

    private static func decide(
        _ body: CaseWorkSchemas.Decision, _ id: ID<Case>, _ request: Request, _ services: Services
    ) async throws {
        let asked: ID<CaseRequest> = try request.id("request")
        let view = try await services.queries.view(id, request.context)
        guard view.requests.contains(where: { $0.id == asked }) else { throw LinliError.notFound("cases.request") }
        _ = try await services.commands.decide(
            asked, isGranted: body.isGranted, text: body.text, request.context
        )
    }
}
