import LinliCore
import LinliKernel

/// The places somebody follows, and what is new there.
struct Following: Sendable {
    var places: [PlaceSubscription] = []
    var news: [PlaceNews] = []
    /// The cases of the news, as everybody may see them.
    var rows: [ID<Case>: PublicCaseRow] = [:]
}

/// What somebody who is signed in may do with the places they follow.
struct FollowCommands: Sendable {
    private let database: Database
    private let context: Context
    private let account: ID<Account>

    /// - Throws: `.notFound` for who is not signed in.
    init(_ request: Request, _ services: Services) throws {
        guard let account = request.context.actor.account else { throw LinliError.notFound("places.account") }
        self.account = account
        database = services.database
        context = request.context
    }

    /// What they follow, with the newest there.
    func following(_ queries: CaseQueries) async throws -> Following {
        try await database.read { [account] tx in
            let news = try FollowStore.news(account, limit: 60, tx)
            let rows = try queries.publicCases(news.map(\.item), tx)
            return Following(
                places: try FollowStore.all(account, tx), news: news,
                rows: Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            )
        }
    }

    /// Follows a division or a place; a second time changes nothing.
    ///
    /// - Throws: `.notFound` for what cannot be followed, `.conflict` beyond the limit.
    func follow(_ division: DivisionCode?, _ place: ID<Place>?) async throws {
        try await database.write(context, "places.follow") { [account] tx in
            let target = try FollowCommands.target(division, place, tx)
            let isKnown = try FollowStore.find(target, account, tx) != nil
            guard try isKnown || FollowStore.count(account, tx) < FollowStore.limit else {
                throw FollowCommands.tooMany
            }
            try FollowStore.add(target, account, tx)
            try tx.audit(Subject("account", account), fields: ["follow"], values: [target.value])
        }
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

    /// Says that they have looked.
    func look() async throws {
        try await database.write(context, "places.look") { [account] tx in
            try FollowStore.look(account, tx)
            try tx.audit(Subject("account", account), fields: ["follow"])
        }
    }

    /// Ends following.
    ///
    /// - Throws: `.notFound` for what is not theirs.
    func end(_ id: ID<PlaceSubscription>) async throws {
        try await database.write(context, "places.unfollow") { [account] tx in
            guard try FollowStore.remove(id, account, tx) else { throw LinliError.notFound("places.subscription") }
            try tx.audit(Subject("account", account), fields: ["follow"])
        }
    }
}
