import LinliCore
import LinliSQL

/// What surrounds a case: who has it, who takes part, what is still open; standings and guards are decided by it.
package struct CaseSituation: Sendable {
    /// The unit that has it.
    package let unit: UnitSummary?
    /// Units that are parties now.
    package let parties: [ID<Unit>]
    /// The unit that leads the case this one is a part of.
    let lead: ID<Unit>?
    /// How many parts that must be done are still open.
    let openParts: Int
    /// Whether the system it came from takes it back; read only where that opens a way.
    let isReturned: Bool
    /// Whether somebody asked for it, or joined who did; read only where that opens a way.
    let isAsked: Bool
    /// Where a dispute about it is decided; read only while one waits.
    let arbiters: DivisionCode?
    /// Who took the last step; read only while a colleague is to check it.
    let lastHand: ID<Account>?
    /// Who has had a hand in it, and for which units; read only while it is reviewed.
    let hands: Hands?
    /// Whether it is against the community's own committee: whoever walks its grids stands nowhere then.
    let isAgainstCommunity: Bool

    /// People and units that handled a case.
    struct Hands: Sendable {
        var accounts: Set<ID<Account>>
        var units: Set<ID<Unit>>
    }

    /// The situation of `item`, reading only what its present state asks for.
    init(_ item: CaseRecord, _ type: CaseType, _ tx: ReadTx) throws {
        unit = try item.handlerUnit.flatMap { try UnitsStore.find($0, tx) }
        // Who works on a case reads every voice of it.
        parties = try ([item.id] + [item.speaksIn].compactMap { $0 }).flatMap { try CasesStore.parties($0, tx) }
        lead = try CaseSituation.lead(of: item, tx)
        let ways = type.transitions(from: item.state)
        openParts =
            ways.contains { $0.guards.contains(.partsDone) }
            ? try tx.value(
                "SELECT count(*) FROM case_item WHERE parent_id = \(item.id) AND is_open = 1 AND is_required = 1"
            ) ?? 0 : 0
        isReturned =
            item.source == .hotline && ways.contains { $0.guards.contains(.returned) }
            ? try ForeignOrdersStore.isReturned(item.id, tx) : false
        isAsked =
            ways.contains { $0.guards.contains(.asked) || $0.guards.contains(.notAsked) }
            ? try CaseSituation.isAsked(item, tx) : false
        arbiters = ways.contains { $0.by.contains(.arbiter) } ? try CaseSituation.arbiters(of: item, tx) : nil
        lastHand = try ways.contains { $0.by.contains(.colleague) } ? CaseSituation.lastHand(on: item, tx) : nil
        hands = ways.contains { $0.by.contains(.reviewer) } ? try CaseSituation.hands(on: item, tx) : nil
        isAgainstCommunity = try item.accusation.units.contains { id in
            try UnitsStore.find(id, tx).map { DutyCatalogue.isCommunity($0.kind) } ?? false
        }
    }

    /// The unit that leads the case a part belongs to.
    static func lead(of item: CaseRecord, _ tx: ReadTx) throws -> ID<Unit>? {
        try item.parent.flatMap { parent in
            try tx.value("SELECT handler_unit FROM case_item WHERE id = \(parent)", as: ID<Unit>?.self).flatMap { $0 }
        }
    }

    /// A dispute between bodies of one street is decided by the street; one with a body from outside it, or with the
    /// street's own centre, by the district: nobody decides their own dispute. Where no office of the district is
    /// registered the street decides all the same, because otherwise nobody could.
    static func arbiters(of item: CaseRecord, _ tx: ReadTx) throws -> DivisionCode {
        let street = item.division.ancestor(at: .street)
        let disputants: [(division: DivisionCode, kind: UnitKind)] = try tx.all(
            """
            SELECT DISTINCT u.division, u.kind FROM case_entry e JOIN unit u ON u.id = e.unit_id
            WHERE e.case_id = \(item.id) AND e.reason_class <> ''
            """
        ) { (division: try $0[0], kind: try $0[1]) }
        if disputants.allSatisfy({ street.contains($0.division) && $0.kind != .streetCentre }) { return street }
        let district = item.division.ancestor(at: .district)
        return try UnitsStore.first([.district], of: district, tx) == nil ? street : district
    }

    private static func lastHand(on item: CaseRecord, _ tx: ReadTx) throws -> ID<Account>? {
        try tx.value(
            """
            SELECT actor_id FROM case_entry WHERE case_id = \(item.id) AND from_state <> to_state
            ORDER BY id DESC LIMIT 1
            """,
            as: ID<Account>?.self
        ).flatMap { $0 }
    }

    /// What a grid worker found has somebody to judge it once a resident's voice was joined to it.
    private static func isAsked(_ item: CaseRecord, _ tx: ReadTx) throws -> Bool {
        if item.source.isAsked { return true }
        let found = CaseSource.allCases.filter { !$0.isAsked }
        return try tx.exists(
            "SELECT 1 FROM case_item c WHERE c.speaks_in = \(item.id) AND c.source NOT IN \(SQL.list(found)) LIMIT 1"
        )
    }

    private static func hands(on item: CaseRecord, _ tx: ReadTx) throws -> Hands {
        // Who only sent it on has not handled it; who took it, finished it or checked it has.
        let accounts: [ID<Account>] = try tx.all(
            """
            SELECT DISTINCT actor_id FROM case_entry WHERE case_id = \(item.id) AND actor_id IS NOT NULL
            AND from_state <> to_state AND transition <> 'dispatch'
            """
        ) { try $0[0] }
        let units: [ID<Unit>] = try tx.all(
            "SELECT DISTINCT unit_id FROM case_party WHERE case_id = \(item.id) AND role = 'handler'"
        ) { try $0[0] }
        let hands = Hands(accounts: Set(accounts), units: Set(units))
        if try isReviewable(item, apartFrom: hands, tx) { return hands }
        // After some rounds everybody who reviews here has had a hand in it: then only who decided last does not decide
        // again, and at last not even a unit that handled it is barred, because otherwise nobody could.
        let last: ID<Account>? = try tx.value(
            """
            SELECT e.actor_id FROM case_entry e WHERE e.case_id = \(item.id) AND e.actor_id IS NOT NULL
            AND e.from_state <> e.to_state AND e.transition <> 'dispatch'
            AND EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = e.actor_id
                AND g.role IN \(SQL.list(reviewers))) ORDER BY e.id DESC LIMIT 1
            """
        )
        let fewer = Hands(accounts: Set([last].compactMap { $0 }), units: hands.units)
        return try isReviewable(item, apartFrom: fewer, tx) ? fewer : Hands(accounts: fewer.accounts, units: [])
    }

    /// The roles that review objections.
    private static let reviewers = Role.all.filter { $0.permissions.contains(.casesReview) }.map(\.id)

    /// Whether somebody is left who may review a case and had no hand in it.
    private static func isReviewable(_ item: CaseRecord, apartFrom hands: Hands, _ tx: ReadTx) throws -> Bool {
        let places = Set(DivisionCode.Level.allCases.map { item.division.ancestor(at: $0) }).sorted()
        // Nobody is 0: of an empty list the store says neither yes nor no.
        let accounts = hands.accounts.isEmpty ? [ID(rawValue: 0)] : hands.accounts.sorted()
        let units = hands.units.union(item.accusation.units)
        let barred = SQL.list(units.isEmpty ? [ID(rawValue: 0)] : units.sorted())
        return try tx.exists(
            """
            SELECT 1 FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.division IN \(SQL.list(places)) AND g.role IN \(SQL.list(reviewers)) AND a.status = 'active'
            AND (g.valid_until IS NULL OR g.valid_until > \(item.stateSince))
            AND a.id NOT IN \(SQL.list(accounts)) AND (a.unit_id IS NULL OR a.unit_id NOT IN \(barred))
            AND NOT EXISTS (SELECT 1 FROM access_grant o WHERE o.account_id = a.id AND o.unit_id IN \(barred)) LIMIT 1
            """
        )
    }
}
