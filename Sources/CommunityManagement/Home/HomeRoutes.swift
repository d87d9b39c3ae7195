import LinliCore
import LinliKernel

/// What the home page answers.
enum HomeRoutes {
    static let all: [Route] = [
        .get("/", access: .public, home),
        .get("/home/cases", access: .signedIn, cases),
    ]

    private static func home(_ request: Request, _ services: Services) async throws -> Reply {
        let model = try await load(request, services)
        return .page(HomePages.page(model, services.divisions, isElder: request.preferences.isElder))
    }

    /// The part that changes while somebody looks.
    private static func cases(_ request: Request, _ services: Services) async throws -> Reply {
        let model = try await load(request, services)
        return .fragment(HomePages.myCases(model, isElder: request.preferences.isElder))
    }

    private static func load(_ request: Request, _ services: Services) async throws -> HomeModel {
        let account = request.session?.account
        let now = request.context.now
        let queries = services.queries
        return try await services.database.read { tx in try HomeStore.load(account, queries, at: now, tx) }
    }
}
