import LinliCore
import LinliKernel

/// The book of labels and services.
enum LabelsRoutes {
    static let all: [Route] = [
        .get("/admin/labels", access: .permission(.registersRead), show),
        .post("/admin/labels", access: .permission(.registersManage), publish),
    ]

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        var page = try await page(request, services)
        page.done = request.query["done"]
        return .page(page.page)
    }

    private static func page(_ request: Request, _ services: Services) async throws -> LabelsPage {
        let (book, history) = try await services.database.read { tx in
            (try LabelBook.current(tx), try LabelCommands.history(tx))
        }
        return LabelsPage(
            book: book, history: history, mayChange: LabelCommands.mayPublish(request.context.actor),
            now: request.context.now, formToken: request.formToken)
    }

    /// Looks at a text, or publishes it: what was published is never changed, another follows.
    private static func publish(_ request: Request, _ services: Services) async throws -> Reply {
        let text = (request.form.all("text").first ?? "").split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).joined(separator: "\n")
        do {
            guard LabelCommands.mayPublish(request.context.actor) else { throw LinliError.forbidden("labels") }
            guard request.form["do"] == "publish" else {
                let trial = try await LabelTrial.run(text, services.registers, request.context, services.database)
                var page = try await page(request, services)
                page.typed = request.form
                page.trial = trial
                return .page(page.page)
            }
            try await LabelCommands.publish(
                text, reason: request.form["reason"] ?? "", hasSpecialGroups: services.registers.hasSpecialGroups,
                request.context, services.database)
            return .redirect("/admin/labels?done=publish")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            var page = try await page(request, services)
            page.typed = request.form
            page.error = error
            return .page(page.page, status: status)
        }
    }
}
