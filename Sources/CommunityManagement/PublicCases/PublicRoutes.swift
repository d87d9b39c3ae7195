import LinliCore
import LinliKernel
import LinliUI

/// What everybody may read, signed in or not.
enum PublicRoutes {
    static let all: [Route] = [
        .get("/neighbourhood", access: .public, list),
        .get("/neighbourhood/map.geojson", access: .public, map),
        .get("/neighbourhood/feed.rss", access: .public, feed),
        .get("/neighbourhood/:number", access: .public, show),
        .get("/neighbourhood/:number/photos/:file", access: .public, photo),
    ]

    private static func list(_ request: Request, _ services: Services) async throws -> Reply {
        var model = try await PublicListModel.load(request, services)
        model.formToken = request.formToken
        let page = PublicListPage(
            model: model, names: services.divisions, catalogue: services.catalogue, base: services.baseMap
        )
        return .page(page.page)
    }

    private static func map(_ request: Request, _ services: Services) async throws -> Reply {
        let model = try await PublicListModel.load(
            request, services, isPage: false, limit: PublicListModel.mapLimit
        )
        let now = request.context.now
        let grids = try await services.database.read { tx in
            try PublicListModel.grids(of: model.query.filter, model.place, at: now, tx)
        }
        let map = PublicMap(rows: model.rows, grids: grids, now: now)
        return Reply(.bytes(map.geoJSON().bytes, type: "application/geo+json"))
    }

    private static func feed(_ request: Request, _ services: Services) async throws -> Reply {
        let model = try await PublicListModel.load(request, services, isPage: false, limit: PublicFeed.limit)
        let feed = PublicFeed(
            model: model, origin: request.origin, names: services.divisions, catalogue: services.catalogue,
            language: request.context.language
        )
        // Kept, but asked for each time: what is withdrawn must be gone at the next look.
        let reply = Reply(.bytes(feed.bytes, type: "application/rss+xml; charset=utf-8"))
            .adding("cache-control", "no-cache").adding("etag", "\"\(feed.etag)\"").adding(
                "vary", "accept-language, cookie")
        return feed.changedAt.map { reply.adding("last-modified", $0.httpDate) } ?? reply
    }

    private static func show(_ request: Request, _ services: Services) async throws -> Reply {
        let item = try await services.database.read { tx in
            try services.queries.publicCase(number(request), tx)
        }
        var page = PublicCasePage(
            item: item, names: services.divisions, catalogue: services.catalogue, now: request.context.now
        )
        (page.isJoinable, page.count) = try await services.queries.openness(of: item)
        return .page(page.page)
    }

    static func photo(_ request: Request, _ services: Services) async throws -> Reply {
        let file: ID<StoredFile> = try request.id("file")
        let found = try await services.database.read { tx in
            try services.queries.publicPhoto(file, of: number(request), tx)
        }
        guard let found else { throw LinliError.notFound("publicCases.photo") }
        return try CasePhotoReply.make(found, isSmall: request.query["size"] == "small", services)
            .adding("cache-control", "no-cache")
    }

    static func number(_ request: Request) -> String { (request.parameters["number"] ?? "").uppercased() }
}
