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
        let account = try account(request)
        let queries = services.queries
        let (places, news, rows) = try await services.database.read { tx in
            let news = try FollowStore.news(account, limit: 60, tx)
            let rows = try queries.publicCases(news.map(\.item), tx)
            return (try FollowStore.all(account, tx), news, rows)
        }
        let page = FollowPage(
            places: places, news: news,
            rows: Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            names: services.divisions, catalogue: services.catalogue, now: request.context.now,
            formToken: request.formToken
        )
        return .page(page.page)
    }

    private static func follow(_ request: Request, _ services: Services) async throws -> Reply {
        let account = try account(request)
        let place: ID<Place>? = request.form.id("place")
        let division = request.form["area"].flatMap { DivisionCode($0) }
        try await services.database.write(request.context, "places.follow") { tx in
            let target = try target(division, place, tx)
            let isKnown = try FollowStore.find(target, account, tx) != nil
            guard try isKnown || FollowStore.count(account, tx) < FollowStore.limit else { throw tooMany }
            try FollowStore.add(target, account, tx)
            try tx.audit(Subject("account", account), fields: ["follow"], values: [target.value])
        }
        return .redirect(path)
    }

    /// What may be followed: a district, street or community there is, or a place that neighbours may know.
    private static func target(
        _ division: DivisionCode?, _ place: ID<Place>?, _ tx: WriteTx
    ) throws -> FollowTarget {
        if let place {
            guard let found = try PlacesStore.find(place, tx), found.kind != .building, found.kind != .entrance else {
                throw LinliError.notFound("places.unknown")
            }
            return FollowTarget(division: found.division, place: place)
        }
        guard let division, [.district, .street, .community].contains(division.level),
            try DivisionsStore.find(division, at: tx.now, tx) != nil
        else { throw LinliError.notFound("places.unknown") }
        return FollowTarget(division: division)
    }

    private static let tooMany = LinliError(
        .conflict, "places.tooMany",
        Text(
            "最多关注 \(FollowStore.limit) 个地方，请先取消几个",
            "At most \(FollowStore.limit) places can be followed; please end some first"
        )
    )

    private static func look(_ request: Request, _ services: Services) async throws -> Reply {
        let account = try account(request)
        try await services.database.write(request.context, "places.look") { tx in
            try FollowStore.look(account, tx)
            try tx.audit(Subject("account", account), fields: ["follow"])
        }
        return .redirect(path)
    }

    private static func end(_ request: Request, _ services: Services) async throws -> Reply {
        let account = try account(request)
        let id: ID<PlaceSubscription> = try request.id()
        try await services.database.write(request.context, "places.unfollow") { tx in
            guard try FollowStore.remove(id, account, tx) else { throw LinliError.notFound("places.subscription") }
            try tx.audit(Subject("account", account), fields: ["follow"])
        }
        return .redirect(path)
    }

    private static func account(_ request: Request) throws -> ID<Account> {
        guard let account = request.context.actor.account else { throw LinliError.notFound("places.account") }
        return account
    }
}
