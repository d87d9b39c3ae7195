import LinliCore
import LinliKernel
import LinliSQL

extension Feature {
    /// What neighbours see of cases 大家反映的事: list and map of what staff cleared, a page per case, an RSS feed, and for
    /// who is signed in the places they follow.
    ///
    /// For everybody, signed in or not. Pages: `/neighbourhood`, `/neighbourhood/…`, `/neighbourhood/following`; for programs
    /// `/api/v1/neighbourhood` and `/api/v1/following`. What may
    /// be public is decided by the kernel's `PublicGround`, what is shown by staff on the desk.
    package static let publicCases = Feature(
        id: "publicCases",
        name: Text("大家反映的事", "Public cases"),
        routes: PublicRoutes.all + FollowRoutes.all + PublicCasesAPI.all,
        migrations: [.placeSubscriptions, .newsOfCases],
        jobs: [.placeNewsRetention],
        subscribers: [.placeNews],
        placeUses: [
            // Who follows both goes on following the one that stays.
            PlaceUse("place_subscription", "target", only: "x.target_kind = 'place'") { place in
                """
                EXISTS (SELECT 1 FROM place_subscription o WHERE o.account_id = x.account_id
                    AND o.target_kind = 'place' AND o.target = \(place))
                """
            }
        ],
        ownData: [.ofFollowing]
    )
}

extension OwnDataPart {
    /// The places somebody follows.
    static let ofFollowing = OwnDataPart(
        "following", Text("我关注的地方", "Places I follow"), of: .account
    ) { ask, services in
        try await services.database.read { try FollowStore.all(ask.account, $0) }.map { follow in
            var record = OwnDataRecord(at: follow.seenAt)
            let division = DivisionCode(rawValue: follow.target.target)
            let place = follow.target.kind == .division ? services.divisions.place(division) : follow.address
            record.add("place", Text("哪里", "Where"), place)
            record.add("seenAt", Text("最近看过", "Last looked at"), follow.seenAt)
            return record
        }
    }
}

extension Migration {
    /// Which places somebody follows, and what is new there.
    static let placeSubscriptions = Migration(
        "2026-11-25.51-place-subscriptions",
        """
        CREATE TABLE place_subscription (
            id INTEGER NOT NULL PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            target_kind TEXT NOT NULL CHECK (target_kind IN ('division', 'place')),
            target INTEGER NOT NULL,
            since INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            UNIQUE (account_id, target_kind, target)
        ) STRICT;
        CREATE INDEX place_subscription_target ON place_subscription (target_kind, target);
        CREATE TABLE subscription_news (
            subscription_id INTEGER NOT NULL REFERENCES place_subscription (id),
            case_id INTEGER NOT NULL REFERENCES case_item (id),
            at INTEGER NOT NULL,
            change TEXT NOT NULL CHECK (change IN ('published', 'closed')),
            PRIMARY KEY (subscription_id, case_id)
        ) STRICT;
        CREATE INDEX subscription_news_at ON subscription_news (at);
        """
    )

    /// The news of one case, for when it turns out to lie elsewhere.
    static let newsOfCases = Migration(
        "2026-12-01.11-news-of-cases",
        "CREATE INDEX subscription_news_case ON subscription_news (case_id);"
    )
}
