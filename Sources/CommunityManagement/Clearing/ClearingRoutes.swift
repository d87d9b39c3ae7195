import LinliCore
import LinliKernel
import LinliUI

/// What waits for clearing, and the card's steps.
enum ClearingRoutes {
    static let all: [Route] = [
        .get("/desk/publication", access: .permission(.casesPublish), queue),
        .post("/desk/cases/:id/publication", access: .permission(.casesPublish), decide),
    ]

    private static let pageSize = 50

    private static func queue(_ request: Request, _ services: Services) async throws -> Reply {
        let scope = request.context.actor.scope(for: .casesPublish)
        let after: ID<Case>? = request.query.id("after")
        let rows = try await services.queries.clearingQueue(scope, after: after, limit: pageSize)
        let page = ClearingQueuePage(
            rows: Array(rows.prefix(pageSize)), hasMore: rows.count > pageSize, isFirst: after == nil,
            now: request.context.now, names: services.divisions, catalogue: services.catalogue
        )
        return .page(page.page)
    }

    /// Publishes, saves, withholds or shows how it would look; what was typed stays when something is wrong.
    private static func decide(_ request: Request, _ services: Services) async throws -> Reply {
        let id: ID<Case> = try request.id()
        let form = request.form
        // Who may not see the case is told the same as for a case that does not exist.
        var page = try await DeskCaseRoutes.load(id, request, services)
        let clearing = clearing(form)
        guard form["do"] != "preview" else {
            page.clearing = ClearingAttempt(clearing: clearing, error: nil)
            return .page(page.page)
        }
        do {
            let version = form.int("version")
            if form["do"] == "withhold" {
                try await services.commands.withhold(id, version: version, request.context)
                return .redirect(CasePath.desk(id) + "?done=withhold")
            }
            guard form["do"] == "publish" else {
                throw LinliError.invalid(
                    "clearing.do", [.init("do", Text("请选公开还是不公开", "Please choose to publish it or not"))]
                )
            }
            try await services.commands.publish(clearing, of: id, version: version, request.context)
            return .redirect(CasePath.desk(id) + "?done=publish")
        } catch let error as LinliError {
            guard let status = error.formStatus else { throw error }
            page = try await DeskCaseRoutes.load(id, request, services)
            page.clearing = ClearingAttempt(clearing: clearing, error: error)
            return .page(page.page, status: status)
        }
    }

    private static func clearing(_ form: Form) -> Clearing {
        Clearing(
            title: form["title"] ?? "", text: form["words"] ?? "", result: form["result"] ?? "",
            address: form["address"] ?? "", photos: form.all("photo").compactMap { ID<StoredFile>($0) }
        )
    }
}

/// The card's form that came back: to be looked at, or to be mended.
struct ClearingAttempt: Sendable {
    let clearing: Clearing
    /// What is wrong; nil for a look at how it would be.
    let error: LinliError?
}
