import LinliCore
import LinliKernel

/// The rules of warnings: in force, as a draft, and tried on what happened.
enum WarningRulesRoutes {
    static let all: [Route] = [
        .get("/admin/warnings", access: .permission(.registersRead), show),
        .post("/admin/warnings", access: .permission(.registersManage), change),
        .get("/admin/warnings/:version", access: .permission(.registersRead), download),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.drafting.done = request.query["done"]
        return .page(page.page)
    }

    /// The rules in force, and the draft where there is one.
    static func page(_ request: Request, _ services: Services) async throws -> WarningRulesPage {
        let settings = services.queries.settings
        let (book, version, draft, history) = try await services.database.read { tx in
            (
                try WarningBook.current(settings.warningNumbers, tx), try WarningBooks.version(tx),
                try WarningBooks.draft(tx), try WarningBooks.history(tx)
            )
        }
        return WarningRulesPage(
            book: book, version: version, draft: draft, history: history, catalogue: services.catalogue,
            names: services.divisions, usualDays: settings.warningDays,
            drafting: Drafting(
                "/admin/warnings", revision: draft?.revision,
                mayChange: WarningBookCommands.mayChange(request.context.actor), request))
    }

    private static func typed(_ request: Request) -> String {
        (request.form.all("text").first ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .joined(separator: "\n")
    }

    /// What the buttons of the page do with the draft.
    private static func change(_ request: Request, _ services: Services) async throws -> Reply {
        let form = request.form
        let revision = form.int("revision") ?? 0
        let commands = WarningBookCommands(services.database)
        do {
            switch form["do"] {
            case "start", "startShipped":
                let text = try await start(form["do"] == "startShipped", services)
                // A fresh copy of what is in force, or of what the program ships, takes nothing back unseen.
                try await commands.save(
                    text.text, revision: revision, compared: text.version, request.context)
                return .redirect("/admin/warnings?done=start")
            case "save":
                try await commands.save(
                    typed(request), revision: revision, compared: form.int("compared"), request.context)
                return .redirect("/admin/warnings?done=save")
            case "discard":
                try await commands.discard(revision: revision, request.context)
                return .redirect("/admin/warnings?done=discard")
            case "publish":
                try await commands.publish(revision: revision, reason: form["reason"] ?? "", request.context)
                return .redirect("/admin/warnings?done=publish")
            default: return .page(try await tried(typed(request), request, services).page)
            }
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.drafting.typed = form["do"] == "save" ? typed(request) : nil
            page.drafting.reason = form["reason"]
            page.drafting.error = error
            return .page(page.page, status: status)
        }
    }

    /// What a draft begins with, and the version in force.
    private static func start(_ isShipped: Bool, _ services: Services) async throws -> (text: String, version: Int) {
        try await services.database.read { tx in
            let version = try WarningBooks.version(tx)
            guard let text = try WarningBooks.text(isShipped ? 0 : version, tx) else {
                throw LinliError.notFound("warnings.version")
            }
            return (text, version)
        }
    }

    /// Tries a text on the signals of the last months, without storing it.
    static func tried(_ text: String, _ request: Request, _ services: Services) async throws -> WarningRulesPage {
        guard WarningBookCommands.mayChange(request.context.actor) else { throw LinliError.forbidden("warnings.rules") }
        var page = try await page(request, services)
        page.drafting.typed = text
        page.drafting.isChecked = true
        let looked = WarningBooks.look(text)
        guard request.form["do"] != "check", let draft = looked.book else { return page }
        let (current, scope, now) = (
            page.book, request.context.actor.scope(for: .registersManage), request.context.now
        )
        page.trial = try await services.database.read { tx in
            try WarningTrial.run(draft, beside: current, scope, at: now, tx)
        }
        return page
    }

    /// A version, `0` for the shipped one, or `draft`, as a file.
    static func download(_ request: Request, _ services: Services) async throws -> Reply {
        let word = request.parameters["version"] ?? ""
        let text = try await services.database.read { tx -> String? in
            if word == "draft" { return try WarningBooks.draft(tx)?.text }
            guard let version = Int(word), version >= 0 else { return nil }
            return try WarningBooks.text(version, tx)
        }
        guard let text else { throw LinliError.notFound("warnings.version") }
        return Reply(.bytes(Array(text.utf8), type: "application/yaml; charset=utf-8"))
            .adding("content-disposition", "attachment; filename=\"warnings-\(word).yaml\"")
    }
}
