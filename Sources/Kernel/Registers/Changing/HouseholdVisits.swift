import LinliCore
import LinliSQL

/// What goes along when households end and begin.
///
/// What is announced to a household that ends: nobody is to be sent there. Closed in the very write in which the household
/// ends, so that no list shows it meanwhile, and open again with a household that is here again.
enum HouseholdVisits {
    private struct Announced {
        let id: Int64
        let household: ID<Household>
        let division: DivisionCode
        let worker: ID<Account>?
        let isMissed: Bool

        var subject: Subject { Subject("visit", id, division: division) }
    }

    /// Closes what is open of some households; who was to come hears of it.
    static func close(_ households: [ID<Household>], _ tx: WriteTx) throws {
        guard !households.isEmpty else { return }
        for visit in try read("household_id IN \(SQL.list(households)) AND is_open = 1", tx) {
            try tx.execute(
                """
                UPDATE visit SET state = 'withdrawn', is_open = 0, result = 'gone', ended_at = \(tx.now),
                    happened_at = missed_at WHERE id = \(visit.id) AND is_open = 1
                """)
            try tell("visit.ended", visit, state: "withdrawn", tx)
        }
    }

    /// Opens again what was closed with a household that ended at a moment.
    static func reopen(_ household: ID<Household>, endedAt: Instant?, _ tx: WriteTx) throws {
        guard let endedAt else { return }
        let closed: SQL = """
            household_id = \(household) AND ended_at = \(endedAt) AND state = 'withdrawn' AND result = 'gone'
            """
        for visit in try read(closed, tx) {
            let state = visit.isMissed ? "missed" : "announced"
            try tx.execute(
                "UPDATE visit SET state = \(state), is_open = 1, result = NULL, ended_at = NULL WHERE id = \(visit.id)")
            try tell("visit.reopened", visit, state: state, tx)
        }
    }

    /// Somebody moved: where nobody belonged before they came, what was last heard of where they lived, since they lived
    /// there, was heard of them too. Of those who lived there already it says nothing. The caller audits.
    static func comeAlong(_ residences: [ID<Residence>], to household: ID<Household>, _ tx: WriteTx) throws {
        guard !residences.isEmpty else { return }
        let isLivedIn = try tx.exists(
            """
            SELECT 1 FROM residence
            WHERE household_id = \(household) AND valid_to IS NULL AND valid_from < \(tx.now) LIMIT 1
            """)
        guard !isLivedIn else { return }
        // The last first: only that is news.
        let heard = try tx.all(
            """
            SELECT s.signal, max(s.at) FROM residence r JOIN household_signal s ON s.household_id = r.household_id
            WHERE r.id IN \(SQL.list(residences)) AND s.at >= r.valid_from
            GROUP BY s.signal ORDER BY max(s.at) DESC, s.signal
            """
        ) { row -> (signal: ContactSignal, at: Instant) in (try row[0], try row[1]) }
        for one in heard { try Households.heard(of: household, by: one.signal, at: one.at, tx) }
    }

    private static func read(_ which: SQL, _ tx: ReadTx) throws -> [Announced] {
        try tx.all("SELECT id, household_id, division, worker_id, missed_at FROM visit WHERE \(which) ORDER BY id") {
            Announced(
                id: try $0[0], household: try $0[1], division: try $0[2], worker: try $0[3], isMissed: !$0.isNull(4))
        }
    }

    private static func tell(_ kind: String, _ visit: Announced, state: String, _ tx: WriteTx) throws {
        try tx.audit(visit.subject, fields: [state, "household"])
        var facts = ["household": "\(visit.household.rawValue)", "state": state]
        if visit.worker != nil, visit.worker != tx.context.actor.account { facts["tell"] = "worker" }
        try tx.emit(kind, visit.subject, facts: facts)
    }
}
