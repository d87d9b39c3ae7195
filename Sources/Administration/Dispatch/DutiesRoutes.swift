import LinliCore
import LinliKernel
import LinliStandards

/// The catalogue of duties.
enum DutiesRoutes {
    static let all: [Route] = [
        .get("/admin/duties", access: .permission(.dispatchManage), show),
        .post("/admin/duties", access: .permission(.dispatchManage), publish),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> DutiesPage {
        let version = services.book.duties.version
        let (history, stored) = try await services.database.read { tx in
            (try DispatchStore.catalogues(tx), try DispatchStore.catalogueText(version, tx))
        }
        return DutiesPage(
            duties: services.book.duties,
            text: try stored ?? DutyCatalogue.shippedText(),
            history: history,
            mayChange: DutiesCommands.mayChange(request.context.actor),
            catalogue: services.catalogue,
            now: request.context.now,
            formToken: request.formToken
        )
    }

    /// Looks at a text, or publishes it: a version is never changed, a new one follows.
    private static func publish(_ request: Request, _ services: Services) async throws -> Reply {
        let commands = DutiesCommands(services)
        let text = request.form["text"] ?? ""
        let note = request.form["note"] ?? ""
        do {
            guard request.form["do"] == "publish" else {
                let looked = try commands.read(text, note, request.context)
                var page = try await page(request, services)
                page.typed = request.form
                page.looked = looked
                return .page(page.page)
            }
            try await commands.publish(text, note: note, request.context)
            return .redirect("/admin/duties?done=publish")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }
}
