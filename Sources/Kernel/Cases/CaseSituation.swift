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
    /// Where a dispute about it is decided, and by whom; read only while one waits.
    let arbiters: Arbiters?
    /// Who took the last step; read only while a colleague is to check it.
    let lastHand: ID<Account>?
    /// Who has had a hand in it, and for which units; read only while it is reviewed.
    let hands: Hands?
    /// Whether it is against the community's own committee: whoever walks its grids stands nowhere then.
    let isAgainstCommunity: Bool

    /// People and units that handled a case.
    struct Hands: Sendable {
        var accounts: Set<ID<Account>> = []
        var units: Set<ID<Unit>> = []
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
        hands = ways.contains { $0.by.contains(.reviewer) } ? try CaseSituation.hands(on: item, type, tx) : nil
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
}
