import LinliCore
import LinliKernel
import LinliUI

/// Following places, for who is signed in.
enum FollowRoutes {
    static let all: [Route] = [
        .get("/neighbourhood/following", access: .signedIn, show),
        .post("/neighbourhood/following", access: .signedIn, follow),
        .post("/neighbourhood/following/seen", access: .signedIn, look),
        .post("/neighbourhood/following/:id/end", access: .signedIn, end),
    ]

    private static let path = "/neighbourhood/following"

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let following = try await FollowCommands(request, services).following(services.queries)
        let page = FollowPage(
            places: following.places, news: following.news, rows: following.rows, names: services.divisions,
            catalogue: services.catalogue, now: request.context.now, formToken: request.formToken
        )
        return .page(page.page)
    }

    private static func follow(_ request: Request, _ services: Services) async throws -> Reply {
        try await FollowCommands(request, services).follow(
            request.form["area"].flatMap { DivisionCode($0) }, request.form.id("place")
        )
        return .redirect(path)
    }

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        try await FollowCommands(request, services).look()
        return .redirect(path)
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        try await FollowCommands(request, services).end(try request.id())
        return .redirect(path)
    }
}
