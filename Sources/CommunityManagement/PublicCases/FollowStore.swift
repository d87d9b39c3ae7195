import LinliCore
import LinliKernel
import LinliSQL

/// What somebody follows: a division or a place.
struct FollowTarget: Sendable, Equatable {
    enum Kind: String, Sendable, SQLConvertible, SQLDecodable {
        case division, place
    }

    let kind: Kind
    let target: Int64

    /// What a list shows.
    init(_ filter: PublicCaseFilter) {
        self.init(division: filter.area, place: filter.place)
    }

    init(division: DivisionCode, place: ID<Place>? = nil) {
        kind = place == nil ? .division : .place
        target = place?.rawValue ?? division.rawValue
    }

    /// The field of a form that says it.
    var field: String { kind == .division ? "area" : "place" }
    var value: String { kind == .division ? "\(DivisionCode(rawValue: target))" : "\(ID<Place>(rawValue: target))" }
}

/// A place that somebody follows.
struct PlaceSubscription: Sendable {
    let id: ID<PlaceSubscription>
    let target: FollowTarget
    let seenAt: Instant
    /// The address of a place; empty for a division.
    let address: String
    /// How many cases are new there since somebody looked.
    let news: Int
}

/// Something new at a place that somebody follows.
struct PlaceNews: Sendable {
    /// What happened last.
    enum Change: String, Sendable, SQLConvertible, SQLDecodable {
        case published, closed
    }

    let item: ID<Case>
    let at: Instant
    let change: Change
    /// Whether it happened since somebody looked.
    let isNew: Bool
}

/// Every SQL text of followed places.
enum FollowStore {
    /// How many places somebody may follow.
    static let limit = 50

    /// Somebody's subscription to a target, if there is one.
    static func find(
        _ target: FollowTarget, _ account: ID<Account>, _ tx: ReadTx
    ) throws -> ID<PlaceSubscription>? {
        try tx.value(
            """
            SELECT id FROM place_subscription
            WHERE account_id = \(account) AND target_kind = \(target.kind) AND target = \(target.target)
            """
        )
    }

    /// What somebody follows, with how much is new.
    static func all(_ account: ID<Account>, _ tx: ReadTx) throws -> [PlaceSubscription] {
        try tx.all(
            """
            SELECT s.id, s.target_kind, s.target, s.seen_at, q.address, (
                SELECT count(*) FROM subscription_news n JOIN case_publication p ON p.case_id = n.case_id
                WHERE n.subscription_id = s.id AND n.at > s.seen_at AND p.state = 'cleared'
            )
            FROM place_subscription s LEFT JOIN place q ON s.target_kind = 'place' AND q.id = s.target
            WHERE s.account_id = \(account) ORDER BY s.id LIMIT \(limit)
            """
        ) { row in
            let kind: FollowTarget.Kind = try row[1]
            let target: Int64 = try row[2]
            let place = kind == .place ? ID<Place>(rawValue: target) : nil
            return PlaceSubscription(
                id: try row[0], target: FollowTarget(division: DivisionCode(rawValue: target), place: place),
                seenAt: try row[3], address: try row[4] ?? "", news: try row[5]
            )
        }
    }

    /// What is new at the places somebody follows, the newest first, each case once.
    static func news(_ account: ID<Account>, limit: Int, _ tx: ReadTx) throws -> [PlaceNews] {
        var seen: Set<ID<Case>> = []
        return try tx.all(
            """
            SELECT n.case_id, n.at, n.change, CASE WHEN n.at > s.seen_at THEN 1 ELSE 0 END
            FROM place_subscription s JOIN subscription_news n ON n.subscription_id = s.id
            JOIN case_publication p ON p.case_id = n.case_id
            WHERE s.account_id = \(account) AND p.state = 'cleared' ORDER BY n.at DESC, n.case_id DESC LIMIT \(limit)
            """
        ) { PlaceNews(item: try $0[0], at: try $0[1], change: try $0[2], isNew: try $0[3]) }
        .filter { seen.insert($0.item).inserted }
    }

    static func count(_ account: ID<Account>, _ tx: ReadTx) throws -> Int {
        try tx.value("SELECT count(*) FROM place_subscription WHERE account_id = \(account)") ?? 0
    }

    static func add(_ target: FollowTarget, _ account: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO place_subscription (id, account_id, target_kind, target, since, seen_at)
            VALUES (\(try tx.newID(PlaceSubscription.self)), \(account), \(target.kind), \(target.target), \(tx.now),
                \(tx.now))
            ON CONFLICT (account_id, target_kind, target) DO NOTHING
            """
        )
    }

    /// Ends a subscription of somebody's own; false when there is none.
    static func remove(_ id: ID<PlaceSubscription>, _ account: ID<Account>, _ tx: WriteTx) throws -> Bool {
        let isOwn = try tx.exists(
            "SELECT 1 FROM place_subscription WHERE id = \(id) AND account_id = \(account)"
        )
        guard isOwn else { return false }
        try tx.execute("DELETE FROM subscription_news WHERE subscription_id = \(id)")
        try tx.execute("DELETE FROM place_subscription WHERE id = \(id)")
        return true
    }

    static func look(_ account: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE place_subscription SET seen_at = \(tx.now) WHERE account_id = \(account)")
    }

    /// Notes a change of a public case for everybody who follows where it lies.
    static func tell(_ change: PlaceNews.Change, of item: Int64, at: Instant, _ tx: SystemTx) throws {
        let places = try tx.first(
            """
            SELECT district, street, community, place_id FROM case_publication
            WHERE case_id = \(item) AND state = 'cleared'
            """
        ) { row -> (divisions: [Int64], place: Int64?) in
            (divisions: [try row[0], try row[1], try row[2]], place: try row[3])
        }
        guard let places else { return }
        try tell(change, item, at, "target_kind = 'division' AND target IN \(SQL.list(places.divisions))", tx)
        if let place = places.place {
            try tell(change, item, at, "target_kind = 'place' AND target = \(place)", tx)
        }
    }

    /// A case that neighbours see lies elsewhere than was said: who follows only where it was is told nothing of it any
    /// more, and who follows where it is reads of it.
    static func follow(placed item: Int64, at: Instant, _ tx: SystemTx) throws {
        let found = try tx.first(
            "SELECT district, street, community, place_id, state FROM case_publication WHERE case_id = \(item)"
        ) { row -> (divisions: [Int64], place: Int64, isSeen: Bool) in
            let (place, state): (Int64?, String) = (try row[3], try row[4])
            return ([try row[0], try row[1], try row[2]], place ?? 0, state == "cleared")
        }
        guard let found else { return }
        let who: SQL = """
            ((target_kind = 'division' AND target IN \(SQL.list(found.divisions)))
            OR (target_kind = 'place' AND target = \(found.place)))
            """
        try tx.execute(
            """
            DELETE FROM subscription_news WHERE case_id = \(item)
            AND subscription_id NOT IN (SELECT id FROM place_subscription WHERE \(who))
            """
        )
        guard found.isSeen else { return }
        try tx.execute(
            """
            INSERT INTO subscription_news (subscription_id, case_id, at, change)
            SELECT id, CAST(\(item) AS BIGINT), CAST(\(at) AS BIGINT), CAST(\(PlaceNews.Change.published) AS TEXT)
            FROM place_subscription WHERE \(who)
            ON CONFLICT (subscription_id, case_id) DO NOTHING
            """
        )
    }

    private static func tell(
        _ change: PlaceNews.Change, _ item: Int64, _ at: Instant, _ who: SQL, _ tx: SystemTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO subscription_news (subscription_id, case_id, at, change)
            SELECT id, CAST(\(item) AS BIGINT), CAST(\(at) AS BIGINT), CAST(\(change) AS TEXT)
            FROM place_subscription WHERE \(who)
            ON CONFLICT (subscription_id, case_id) DO UPDATE SET at = excluded.at, change = excluded.change
            """
        )
    }
}

extension Subscriber {
    /// What is new at followed places: a case that neighbours see for the first time, one that is closed, and one that
    /// turns out to lie there.
    static let placeNews = Subscriber(
        "places.news",
        kinds: ["case.public"],
        .inStore { tx, event in
            if event.facts["change"] == "placed" {
                return try FollowStore.follow(placed: event.subject.id, at: event.at, tx)
            }
            guard let change = event.facts["change"].flatMap({ PlaceNews.Change(rawValue: $0) }) else { return }
            try FollowStore.tell(change, of: event.subject.id, at: event.at, tx)
        }
    )
}

extension JobKind {
    /// News are forgotten after sixty days, looked at or not; the cases stay.
    static let placeNewsRetention = JobKind("places.news.retention", everySeconds: 86_400) { run in
        let before = run.context.now.adding(days: -60)
        try await run.database.system(.background) { tx in
            _ = try tx.execute("DELETE FROM subscription_news WHERE at < \(before)")
        }
    }
}
