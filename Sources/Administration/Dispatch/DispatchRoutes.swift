import LinliCore
import LinliKernel
import LinliStandards

/// The rules of dispatch.
enum DispatchRoutes {
    static let all: [Route] = [
        .get("/admin/dispatch", access: .permission(.dispatchManage), show),
        .post("/admin/dispatch", access: .permission(.dispatchManage), save),
        .post("/admin/dispatch/:id/remove", access: .permission(.dispatchManage), remove),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        if let id: ID<DispatchRule> = request.query.id("rule") {
            guard let rule = page.rules.first(where: { $0.id == id }) else {
                throw LinliError.notFound("dispatch.rule")
            }
            page.editing = rule
        }
        page.done = request.query["done"]
        return .page(page.page)
    }

    /// The rules of the reader's divisions; those of others also decide, but are not theirs to see.
    private static func page(_ request: Request, _ services: Services) async throws -> DispatchPage {
        let scope = request.context.actor.scope(for: .dispatchManage)
        let now = request.context.now
        return try await services.database.read { tx in
            DispatchPage(
                rules: try DispatchStore.rules(tx).filter { scope.contains($0.division) },
                units: try DispatchAdminStore.units(scope.divisions, tx),
                divisions: try DivisionChoices.within(scope.divisions, at: now, tx),
                names: services.divisions,
                catalogue: services.catalogue,
                formToken: request.formToken
            )
        }
    }

    private static func save(_ request: Request, _ services: Services) async throws -> Reply {
        let commands = DispatchCommands(services)
        do {
            let rule = try await commands.rule(draft(request.form), request.form.id("id"), request.context)
            guard request.form["do"] == "save" else {
                var page = try await page(request, services)
                page.editing = rule
                page.typed = request.form
                page.trial = try await commands.trial(rule, request.context)
                return .page(page.page)
            }
            _ = try await commands.save(rule, request.context)
            return .redirect("/admin/dispatch?done=save")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func remove(_ request: Request, _ services: Services) async throws -> Reply {
        try await DispatchCommands(services).remove(try request.id(), request.context)
        return .redirect("/admin/dispatch?done=remove")
    }

    private static func draft(_ form: Form) -> DispatchDraft {
        var draft = DispatchDraft(
            name: form["name"] ?? "", division: form["division"].flatMap { DivisionCode($0) }, unit: form.id("unit"))
        draft.isToGrid = form["unit"] == DispatchPage.grid
        draft.position = form.int("position") ?? draft.position
        draft.categories = words(form["categories"])
        draft.natures = form.all("nature").compactMap { NeedNature(rawValue: $0) }
        draft.spots = form.all("spot").compactMap { Spot(rawValue: $0) }
        draft.words = words(form["words"])
        draft.from = form["from"]
        draft.until = form["until"]
        draft.answer = form["answer"] ?? ""
        draft.isActive = form["active"] == "yes"
        return draft
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: { $0.isWhitespace || "，,、|".contains($0) }).map(String.init)
    }
}
