import LinliCore
import LinliKernel
import LinliStandards

/// The steps of a whistle: each runs a command, and shows the page again with what was typed when it cannot.
enum WhistleStepRoutes {
    static let all: [Route] = [
        .post("/desk/whistles/:id/confirm", access: .permission(.whistlesConfirm), confirm),
        .post("/desk/whistles/:id/withdraw", access: .permission(.whistlesDraft), withdraw),
        .post("/desk/whistles/:id/answer", access: .permission(.casesRead), answer),
        .post("/desk/whistles/:id/sign-in", access: .permission(.casesRead), signIn),
        .post("/desk/whistles/:id/sign-in-for", access: .permission(.whistlesDraft), signInFor),
        .post("/desk/whistles/:id/minutes", access: .permission(.whistlesDraft), keepMinutes),
        .post("/desk/whistles/:id/task", access: .permission(.whistlesDraft), task),
        .post("/desk/whistles/:id/close", access: .permission(.whistlesConfirm), close),
        .post("/desk/whistles/:id/score", access: .permission(.whistlesConfirm), score),
        .post("/desk/whistles/:id/contact", access: .permission(.whistlesDraft), contact),
    ]

    private static func perform(
        _ step: String, _ request: Request, _ services: Services,
        _ command: (WhistleCommands, ID<Whistle>, Form) async throws -> Void
    ) async throws -> Reply {
        let id: ID<Whistle> = try request.id()
        do {
            try await command(WhistleCommands(services.commands), id, request.form)
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await WhistleRoutes.load(request, services)
            page.attempt = WhistleAttempt(step: step, form: request.form, error: error)
            return .page(page.page, status: status)
        }
        return .redirect(WhistlePath.page(id) + "?done=\(step)")
    }

    private static func confirm(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("confirm", request, services) { commands, id, _ in
            try await commands.confirm(id, request.context)
        }
    }

    private static func withdraw(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("withdraw", request, services) { commands, id, form in
            try await commands.withdraw(id, reason: form["reason"] ?? "", request.context)
        }
    }

    private static func answer(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("answer", request, services) { commands, id, form in
            let answer = WhistleAnswer(
                unit: form.id("unit"), name: form["name"] ?? "", phone: form["phone"] ?? "", words: form["words"] ?? ""
            )
            try await commands.answer(answer, of: id, request.context)
        }
    }

    private static func signIn(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("sign-in", request, services) { commands, id, form in
            try await commands.signIn(form.id("unit"), code: form["code"], of: id, request.context)
        }
    }

    private static func signInFor(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("sign-in-for", request, services) { commands, id, form in
            try await commands.signInFor(form.id("unit"), name: form["name"] ?? "", of: id, request.context)
        }
    }

    private static func keepMinutes(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("minutes", request, services) { commands, id, form in
            try await commands.keepMinutes(
                lead: form.id("lead"), text: form["minutes"] ?? "", of: id, request.context)
        }
    }

    private static func task(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("task", request, services) { commands, id, form in
            let task = WhistleTaskDraft(
                unit: form.id("unit"), text: form["text"] ?? "", by: form["by"].flatMap { CivilDate($0) })
            _ = try await commands.addTask(task, to: id, request.context)
        }
    }

    private static func close(_ request: Request, _ services: Services) async throws -> Reply {
        try await perform("close", request, services) { commands, id, _ in
            try await commands.close(id, request.context)
        }
    }

    private static func score(_ request: Request, _ services: Services) async throws -> Reply {
        let step = "score-\(request.form["unit"] ?? "")"
        return try await perform(step, request, services) { commands, id, form in
            try await commands.score(
                form.id("unit"), stars: form.int("stars") ?? 0, words: form["words"] ?? "", of: id, request.context)
        }
    }

    /// Shows once the phone of who a unit said would come, after the audit has it.
    private static func contact(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await WhistleRoutes.load(request, services)
        guard let unit: ID<Unit> = request.form.id("unit") else { throw LinliError.notFound("whistles.unit") }
        let phone = try await services.queries.whistleContact(
            page.view.whistle.id, of: unit, purpose: contactPurpose, request.context)
        page.phone = (unit, phone)
        return .page(page.page)
    }

    /// What somebody who was called is rung up for, as the audit keeps it.
    static let contactPurpose = "吹哨后联系报到的人"
}
