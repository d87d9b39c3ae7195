import LinliCore
import LinliKernel
import LinliStandards

/// The catalogue of duties.
enum DutiesRoutes {
    static let all: [Route] = [
        .get("/admin/duties", access: .permission(.dispatchManage), show),
        .post("/admin/duties", access: .permission(.dispatchManage), publish),
    ]

    /// Whether somebody may change what the whole deployment goes by: with a duty over a street or wider.
    private static func mayChange(_ actor: Actor) -> Bool {
        actor.scope(for: .dispatchManage).divisions.contains { $0.level <= .street }
    }

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
            mayChange: mayChange(request.context.actor),
            catalogue: services.catalogue,
            now: request.context.now,
            formToken: request.formToken
        )
    }

    /// Looks at a text, or publishes it: a version is never changed, a new one follows.
    private static func publish(_ request: Request, _ services: Services) async throws -> Reply {
        guard mayChange(request.context.actor) else { throw LinliError.forbidden("dispatch.duties") }
        let text = (request.form["text"] ?? "").replacing("\r\n", with: "\n")
        let note = request.form["note"] ?? ""
        do {
            let looked = try read(text, note, services)
            guard request.form["do"] == "publish" else {
                var page = try await page(request, services)
                page.typed = request.form
                page.looked = looked
                return .page(page.page)
            }
            _ = try await services.database.write(request.context, "dispatch.publishDuties") {
                try DispatchStore.publish(text, note: note, $0)
            }
            try await services.book.load(services.database)
            return .redirect("/admin/duties?done=publish")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }

    private static func read(_ text: String, _ note: String, _ services: Services) throws -> DutyCatalogue {
        guard text.count <= 60_000, note.count <= 200 else {
            throw LinliError.invalid("dispatch.long", [.init("text", Text("太长了", "That is too long"))])
        }
        do {
            return try DutyCatalogue(
                text, version: services.book.duties.version + 1, categories: services.catalogue
            )
        } catch let error as DutyCatalogue.Invalid {
            let fields = error.problems.prefix(20).map { problem in
                let line = Text("第 \(problem.line) 行：", "Line \(problem.line): ")
                return LinliError.Field("text", line + problem.text)
            }
            throw LinliError.invalid("dispatch.duties", Array(fields))
        }
    }
}
