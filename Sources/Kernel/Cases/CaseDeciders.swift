import LinliCore
import LinliSQL

/// Who decides about a case that waits for a ruling or a review: not who is in the dispute, not who had a hand in it.
extension CaseSituation {
    /// Where a dispute is decided, and by whom.
    struct Arbiters: Sendable, Equatable {
        let place: DivisionCode
        /// Whether the level above decides too, because nobody of the place may.
        let isAlsoAbove: Bool

        /// Whether somebody is one of them. What the bodies of a street dispute is the street's to decide: the district
        /// looks after it all the same and decides only where the street is a party itself, or has nobody.
        func include(_ actor: Actor) -> Bool {
            guard place.level == .street, !isAlsoAbove else { return actor.may(.casesArbitrate, in: place) }
            return actor.grants.contains { grant in
                guard case .division(let code) = grant.subject else { return false }
                return code == place && grant.permissions.contains(.casesArbitrate)
            }
        }
    }

    /// A dispute between bodies of one street is decided by the street; one with a body from outside it, or with the
    /// street's own centre, by the district: nobody decides their own dispute. Where the district has no office, or nobody
    /// who decides for good, the street decides too, because otherwise nobody could: a duty that ends some day may have
    /// ended since, and whose a dispute is goes by what was written, not by the clock of who looks.
    static func arbiters(of item: CaseRecord, _ tx: ReadTx) throws -> Arbiters {
        let street = item.division.ancestor(at: .street)
        let disputants: [(division: DivisionCode, kind: UnitKind)] = try tx.all(
            """
            SELECT DISTINCT u.division, u.kind FROM case_entry e JOIN unit u ON u.id = e.unit_id
            WHERE e.case_id = \(item.id) AND e.reason_class <> ''
            """
        ) { (division: try $0[0], kind: try $0[1]) }
        let isStreets = disputants.allSatisfy { street.contains($0.division) && $0.kind != .streetCentre }
        if !isStreets {
            let district = item.division.ancestor(at: .district)
            let there = try people(
                .casesArbitrate, in: above(district), item, apartFrom: Hands(), .lasting, limit: 1, tx)
            let isManned = try !there.isEmpty && UnitsStore.first([.district], of: district, tx) != nil
            return Arbiters(place: isManned ? district : street, isAlsoAbove: true)
        }
        let here = try people(.casesArbitrate, in: [street], item, apartFrom: Hands(), .lasting, limit: 1, tx)
        return Arbiters(place: street, isAlsoAbove: here.isEmpty)
    }

    /// Who had a hand in a case: who took it, finished it, checked it or decided about it. Who only sent it on has not
    /// handled it; sent again after a refusal or an objection it was: that says who is right.
    static func hands(on item: CaseRecord, _ type: CaseType, _ tx: ReadTx) throws -> Hands {
        let units: [ID<Unit>] = try tx.all(
            "SELECT DISTINCT unit_id FROM case_party WHERE case_id = \(item.id) AND role = 'handler'"
        ) { try $0[0] }
        let judged: SQL = """
            ((e.from_state <> e.to_state AND e.transition NOT IN \(SQL.list(sending(type))))
            OR e.transition IN \(SQL.list([CaseMark.grantExclude.rawValue, CaseMark.denyExclude.rawValue])))
            """
        let sentAgain: SQL = """
            (e.transition IN \(SQL.list(sending(type))) AND EXISTS (SELECT 1 FROM case_entry p
            WHERE p.case_id = e.case_id AND p.id < e.id AND p.transition IN \(SQL.list(turning(type)))))
            """
        // After some rounds everybody who reviews here has had a hand in it: then who sent it again may, then all but who
        // decided last, and at last not even a unit that handled it is barred, because otherwise nobody could.
        let conditions: [SQL] = ["(\(judged) OR \(sentAgain))", judged]
        for condition in conditions {
            let accounts: [ID<Account>] = try tx.all(
                """
                SELECT DISTINCT e.actor_id FROM case_entry e
                WHERE e.case_id = \(item.id) AND e.actor_id IS NOT NULL AND \(condition)
                """
            ) { try $0[0] }
            let hands = Hands(accounts: Set(accounts), units: Set(units))
            if try isReviewable(item, apartFrom: hands, tx) { return hands }
        }
        let last: ID<Account>? = try tx.value(
            """
            SELECT e.actor_id FROM case_entry e WHERE e.case_id = \(item.id) AND e.actor_id IS NOT NULL AND \(judged)
            AND EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = e.actor_id
                AND g.role IN \(SQL.list(roles(.casesReview)))) ORDER BY e.id DESC LIMIT 1
            """
        )
        let fewer = Hands(accounts: Set([last].compactMap { $0 }), units: Set(units))
        return try isReviewable(item, apartFrom: fewer, tx) ? fewer : Hands(accounts: fewer.accounts)
    }

    /// The names of who may decide what a case waits for, where its reader may not; a few of them.
    func deciders(
        of item: CaseRecord, _ standing: Standing, at now: Instant, _ tx: ReadTx
    ) throws -> [String] {
        if let hands, !standing.isReviewer {
            let places = CaseSituation.above(item.division)
            return try CaseSituation.people(.casesReview, in: places, item, apartFrom: hands, .at(now), limit: 5, tx)
        }
        if let arbiters, !standing.isArbiter {
            let isPlaces = arbiters.place.level == .street && !arbiters.isAlsoAbove
            let places = isPlaces ? [arbiters.place] : CaseSituation.above(arbiters.place)
            return try CaseSituation.people(
                .casesArbitrate, in: places, item, apartFrom: Hands(), .at(now), limit: 5, tx)
        }
        return []
    }

    /// The names of who is the receiving office of what was told to it only, a few of them: they alone may call.
    package static func receivers(of item: CaseRecord, at now: Instant, _ tx: ReadTx) throws -> [String] {
        let place = item.isSealed ? item.division.ancestor(at: .street) : item.division
        return try people(.reporterRead, in: above(place), item, apartFrom: Hands(), .at(now), limit: 3, tx)
    }

    /// The steps that only send a case to a unit; of none the empty name, because an empty list says neither yes nor no.
    private static func sending(_ type: CaseType) -> [String] {
        let ways = type.transitions.filter { $0.effects.contains(.assignUnit) && !$0.effects.contains(.bind) }
        return ways.isEmpty ? [""] : ways.map(\.id)
    }

    /// The steps after which sending it again says who is right: refusals and objections.
    private static func turning(_ type: CaseType) -> [String] {
        type.transitions.filter { $0.effects.contains(.countRefusal) || $0.effects.contains(.contest) }.map(\.id)
    }

    private static func roles(_ permission: Permission) -> [String] {
        Role.all.filter { $0.permissions.contains(permission) }.map(\.id)
    }

    /// A division and those it lies in.
    private static func above(_ division: DivisionCode) -> [DivisionCode] {
        Set(DivisionCode.Level.allCases.map { division.ancestor(at: $0) }).sorted()
    }

    /// Whether somebody is left who may review a case and had no hand in it. Who stops before the review is due may be
    /// gone when it is done: they are no reason to keep everybody else from it.
    private static func isReviewable(_ item: CaseRecord, apartFrom hands: Hands, _ tx: ReadTx) throws -> Bool {
        let due: Instant = max(item.dueAt, item.stateSince)
        let free = try people(
            .casesReview, in: above(item.division), item, apartFrom: hands, .until(due), limit: 1, tx)
        return !free.isEmpty
    }

    /// Which duties count.
    private enum Term {
        /// Those without an end.
        case lasting
        /// Those that go on until a moment that is written with the case.
        case until(Instant)
        /// Those held at a moment: for names only, because they change with the clock.
        case at(Instant)

        var condition: SQL {
            switch self {
            case .lasting: "g.valid_until IS NULL"
            case .until(let moment): "(g.valid_until IS NULL OR g.valid_until > \(moment))"
            case .at(let now): "g.valid_from <= \(now) AND (g.valid_until IS NULL OR g.valid_until > \(now))"
            }
        }
    }

    /// Names of people with a duty over one of some divisions that allows `permission`, who are none of `hands` and work
    /// for nobody the case is against.
    private static func people(
        _ permission: Permission, in places: [DivisionCode], _ item: CaseRecord, apartFrom hands: Hands,
        _ term: Term, limit: Int, _ tx: ReadTx
    ) throws -> [String] {
        // Nobody is 0: of an empty list the store says neither yes nor no.
        let accounts: [ID<Account>] = hands.accounts.isEmpty ? [ID(rawValue: 0)] : hands.accounts.sorted()
        let units: Set<ID<Unit>> = hands.units.union(item.accusation.units)
        let barred: SQL = SQL.list(units.isEmpty ? [ID<Unit>(rawValue: 0)] : units.sorted())
        return try tx.all(
            """
            SELECT DISTINCT a.name FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.division IN \(SQL.list(places)) AND g.role IN \(SQL.list(roles(permission)))
            AND a.status = 'active' AND \(term.condition)
            AND a.id NOT IN \(SQL.list(accounts)) AND (a.unit_id IS NULL OR a.unit_id NOT IN \(barred))
            AND NOT EXISTS (SELECT 1 FROM access_grant o WHERE o.account_id = a.id AND o.unit_id IN \(barred))
            ORDER BY a.name LIMIT \(limit)
            """
        ) { try $0[0] }
    }
}
