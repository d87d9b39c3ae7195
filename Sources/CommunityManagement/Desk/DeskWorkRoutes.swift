import LinliCore
import LinliKernel

/// The steps around the work on a case: asking and deciding, resuming, contacts, parts.
enum DeskWorkRoutes {
    static let all: [Route] = [
        .post("/desk/cases/:id/ask-pause", access: .permission(.casesHandle)) { try await ask(.pause, $0, $1) },
        .post("/desk/cases/:id/ask-extend", access: .permission(.casesHandle)) { try await ask(.extend, $0, $1) },
        .post("/desk/cases/:id/ask-exclude", access: .permission(.casesHandle)) { try await ask(.exclude, $0, $1) },
        .post("/desk/cases/:id/requests/:request", access: .permission(.casesSupervise), decide),
        .post("/desk/cases/:id/resume", access: .permission(.casesRead), resume),
        .post("/desk/cases/:id/contact", access: .permission(.casesRead), contact),
        .post("/desk/cases/:id/part", access: .permission(.casesRead), part),
        .post("/desk/cases/:id/date", access: .permission(.casesRead), date),
    ]

    private static func ask(_ kind: CaseRequestKind, _ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        let step = "ask-\(kind.rawValue)"
        return try await DeskCaseRoutes.perform(step, id, request, services, done: "ask") { _ in
            _ = try await services.commands.ask(
                kind, reason: form["reasonClass"] ?? "", minutes: min(form.int("days") ?? 0, 1000) * 1440,
                text: form["text"] ?? "", for: id, request.context
            )
        }
    }

    private static func decide(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let asked: ID<CaseRequest> = try request.id("request")
        let isGranted = request.form["decision"] == "granted"
        return try await DeskCaseRoutes.perform("decide-\(asked)", id, request, services, done: "decide") { _ in
            _ = try await services.commands.decide(
                asked, isGranted: isGranted, text: request.form["text"] ?? "", request.context
            )
        }
    }

    private static func resume(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        return try await DeskCaseRoutes.perform("resume", id, request, services) { _ in
            try await services.commands.resume(id, request.context)
        }
    }

    private static func contact(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let way = request.form["way"].flatMap { ContactWay(rawValue: $0) }
        let outcome = request.form["outcome"].flatMap { ContactOutcome(rawValue: $0) }
        let voices = Set(request.form.all("voice").compactMap { ID<Case>($0) })
        return try await DeskCaseRoutes.perform("contact", id, request, services) { _ in
            guard let way, let outcome else {
                throw LinliError.invalid(
                    "desk.contact",
                    [.init("text", Text("请选怎么联系的、结果怎样", "Please choose how, and what came of it"))]
                )
            }
            try await services.commands.contacted(
                way, outcome, text: request.form["text"] ?? "", voices: voices.isEmpty ? nil : voices, on: id,
                request.context
            )
        }
    }

    private static func part(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let named = (request.form["dueAt"] ?? "").trimmed
        let draft = CasePartDraft(
            unit: request.form.id("unit"), text: request.form["text"] ?? "",
            isRequired: request.form["required"] == "yes", dueAt: SheetMoment.read(named)
        )
        return try await DeskCaseRoutes.perform("part", id, request, services) { _ in
            guard named.isEmpty || draft.dueAt != nil else {
                throw LinliError.invalid(
                    "cases.part", [.init("dueAt", Text("请写一个有的日期和时间", "Please give a date and time that exist"))]
                )
            }
            _ = try await services.commands.addPart(draft, to: id, request.context)
        }
    }

    private static func date(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let due = SheetMoment.read((request.form["dueAt"] ?? "").trimmed)
        return try await DeskCaseRoutes.perform("date", id, request, services) { _ in
            try await services.commands.setDate(due, reason: request.form["text"] ?? "", of: id, request.context)
        }
    }
}
