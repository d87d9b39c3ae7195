import LinliCore
import LinliKernel

/// What makes work at the desk lighter, for programs: prepared answers, named lists, many cases at once, being away, and
/// reading what was copied out of a chat group.
enum DeskToolsAPI {
    static let all: [Route] = templates + views + absence + bulk

    // MARK: Prepared answers

    private static let templates: [Route] = [
        .api(
            .get, "/api/v1/templates", id: "listTemplates",
            "Prepared answers of your units; with `case` each filled in for that case",
            access: .permission(.casesRead),
            query: [SchemaProperty("case", .id, "A case you may see")], body: .nothing,
            reply: DeskToolsSchemas.templates, listTemplates
        ),
        .api(
            .post, "/api/v1/templates", id: "addTemplate",
            "Add an answer; {number}, {deadline}, {unit}, {phone} and {place} stand for what differs from case to case",
            access: .permission(.casesRead), body: DeskToolsSchemas.newTemplate, reply: DeskToolsSchemas.template,
            status: 201
        ) { body, request, services in
            let id = try await TemplateCommands(services).add(
                to: body.unit, name: body.name, text: body.text, request.context
            )
            let actor = request.context.actor
            return try await services.database.read { tx in
                let units = try CaseQueries.dutyUnits(of: actor, tx).map(\.id)
                return try TemplateStore.list(of: units, tx).first { $0.id == id }
            }
        },
        .api(
            .delete, "/api/v1/templates/:id", id: "removeTemplate", "Take an answer of your units away",
            access: .permission(.casesRead), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await TemplateCommands(services).remove(try request.id(), request.context)
            return Nothing()
        },
    ]

    private static func listTemplates(
        _: Nothing, _ request: Request, _ services: Services
    ) async throws -> DeskToolsSchemas.Templates {
        let actor = request.context.actor
        let item: ID<Case>? = request.query.id("case")
        var view: CaseView?
        if let item { view = try await services.queries.view(item, request.context) }
        let (units, list) = try await services.database.read { tx in
            let units = try CaseQueries.dutyUnits(of: actor, tx)
            return (units, try TemplateStore.list(of: units.map(\.id), tx))
        }
        let now = request.context.now
        return .init(
            units: units, list: list.map { template in (template, view.map { template.filled(for: $0, at: now) }) })
    }

    // MARK: Named lists

    private static let views: [Route] = [
        .api(
            .get, "/api/v1/views", id: "listViews",
            "Lists you named, and those your units share; their fields are the parameters of listCases",
            access: .permission(.casesRead), body: .nothing, reply: DeskToolsSchemas.views
        ) { _, request, services in
            try await DeskViewCommands.list(request.context, services)
        },
        .api(
            .post, "/api/v1/views", id: "addView", "Name a list for yourself or for your unit",
            access: .permission(.casesRead), body: DeskToolsSchemas.newView, reply: DeskToolsSchemas.view, status: 201
        ) { body, request, services in
            let id = try await DeskViewCommands.add(
                body.name, body.filter, isShared: body.isShared, request.context, services
            )
            return try await DeskViewCommands.list(request.context, services).first { $0.id == id }
        },
        .api(
            .delete, "/api/v1/views/:id", id: "removeView", "Take a list of your own away",
            access: .permission(.casesRead), body: .nothing, reply: .nothing
        ) { _, request, services in
            try await DeskViewCommands.remove(try request.id(), request.context, services)
            return Nothing()
        },
    ]

    // MARK: Being away

    private static let absence: [Route] = [
        .api(
            .get, "/api/v1/me/absence", id: "getAbsence", "Until when you are away; empty when you are not",
            access: .permission(.casesRead), body: .nothing, reply: DeskToolsSchemas.absence
        ) { _, request, services in
            try await away(request, services)
        },
        .api(
            .put, "/api/v1/me/absence", id: "goAway",
            "Say on which day you are back, at most 90 days on; what you have goes to whoever is on duty",
            access: .permission(.casesRead), body: DeskToolsSchemas.back, reply: DeskToolsSchemas.absence
        ) { day, request, services in
            let handed = try await services.commands.goAway(
                until: day.map { Instant($0) } ?? Instant(milliseconds: 0), request.context
            )
            var absence = try await away(request, services)
            absence.handed = handed
            return absence
        },
        .api(
            .delete, "/api/v1/me/absence", id: "comeBack", "Say that you are back", access: .permission(.casesRead),
            body: .nothing, reply: .nothing
        ) { _, request, services in
            try await services.commands.comeBack(request.context)
            return Nothing()
        },
    ]

    private static func away(_ request: Request, _ services: Services) async throws -> DeskToolsSchemas.Absence {
        guard let account = request.context.actor.account else { throw LinliError.notFound("duty.away") }
        let now = request.context.now
        let until = try await services.database.read { try AbsenceStore.until([account], at: now, $0)[account] }
        return .init(until: until)
    }

    // MARK: Many at once

    private static let bulk: [Route] = [
        .api(
            .post, "/api/v1/bulk", id: "workOnCases",
            "Do one thing to several cases, each for itself; the reply says what became of each",
            access: .permission(.casesRead), body: DeskToolsSchemas.work, reply: DeskToolsSchemas.results
        ) { form, request, services in
            guard let work = DeskBulkWork(form, services) else {
                let missing = Text("请把要做的事填全", "Please say what is to be done")
                throw LinliError.invalid("desk.bulk", [.init("do", missing)])
            }
            let ids = DeskBulkWork.cases(of: form)
            let chosen = try await DeskBulkWork.chosen(ids, request.context, services)
            let done = try await work.run(on: chosen.map(\.id), services.commands, request.context)
            // What they may not see is not there for them, as on every other door.
            return ids.map { id in (id, done[id] ?? .failure(LinliError.notFound("cases.hidden"))) }
        },
        .api(
            .post, "/api/v1/chats/read", id: "readChat",
            "Read what was copied out of a chat group, or its screenshots, into messages, with what each seems to be about; changes nothing",
            access: .permission(.casesReport), body: DeskToolsSchemas.chat, reply: DeskToolsSchemas.messages
        ) { chat, request, services in
            try await DeskPasteRoutes.drafts(
                chat.text, pictures: chat.photos, reads: true, request.context, services
            )
        },
        .api(
            .get, "/api/v1/cases/:id/group-reply", id: "getGroupReply",
            "What to paste back into the group about a case: number, who has it, until when, and where others join",
            access: .permission(.casesReport), body: .nothing, reply: DeskToolsSchemas.groupReply
        ) { _, request, services in
            let id: ID<Case> = try request.id()
            let item = try await services.queries.view(id, request.context).item
            return try await PasteReply(
                id, item.number, receipt: "", origin: request.origin, request.context, services
            ).words
        },
    ]
}
