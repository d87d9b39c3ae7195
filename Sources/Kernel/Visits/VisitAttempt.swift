import LinliCore
import LinliSQL

/// One contact of a visit: somebody was at the door or phoned, or the household answered by itself. It is written with what
/// came of it and never changed by a later one: ledger and reports read these.
package struct VisitAttempt: Sendable {
    /// What came of it.
    package enum Outcome: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case met, missed, well
    }

    /// Its identifier.
    package let id: ID<VisitAttempt>
    /// The grid it was made in.
    package let division: DivisionCode
    /// When it was.
    package let at: Instant
    /// At the door or by phone.
    package let way: VisitWay
    /// What came of it.
    package let outcome: Outcome
    /// Who went or phoned; of an answer of the household, who was to come.
    package let workerName: String
    /// Whether nobody was met at the same visit before.
    package let isAgain: Bool

    /// What `init(_:_:)` reads, of `visit_attempt a`.
    static let columns: SQL = """
        a.id, a.division, a.at, a.way, a.outcome, a.worker_name,
        CASE WHEN EXISTS (SELECT 1 FROM visit_attempt b WHERE b.visit_id = a.visit_id AND b.outcome = 'missed'
            AND b.at < a.at) THEN 1 ELSE 0 END
        """

    init(_ row: Row, _ first: Int) throws {
        id = try row[first]
        division = try row[first + 1]
        at = try row[first + 2]
        way = try row[first + 3]
        outcome = try row[first + 4]
        workerName = try row[first + 5]
        isAgain = try row[first + 6]
    }

    /// Notes a contact in the write of what came of it; no actor: the household answered.
    static func note(
        _ outcome: Outcome, of visit: Visit, by actor: Actor?, at moment: Instant, _ tx: WriteTx
    ) throws {
        let isThere = actor?.account != nil
        let worker: ID<Account>? = isThere ? actor?.account : visit.worker
        let name: String = isThere ? actor?.name ?? "" : visit.workerName
        try tx.execute(
            """
            INSERT INTO visit_attempt (id, visit_id, household_id, division, community, at, way, outcome, worker_id,
                worker_name)
            VALUES (\(try tx.newID(VisitAttempt.self)), \(visit.id), \(visit.household), \(visit.division),
                \(visit.division.ancestor(at: .community)), \(moment), \(visit.way), \(outcome), \(worker), \(name))
            """
        )
    }

    /// Who was there in vain last; nil when nobody was.
    package static func lastMissed(of visit: ID<Visit>, _ tx: ReadTx) throws -> VisitAttempt? {
        try tx.first(
            """
            SELECT \(columns) FROM visit_attempt a WHERE a.visit_id = \(visit) AND a.outcome = \(Outcome.missed)
            ORDER BY a.at DESC, a.id DESC LIMIT 1
            """
        ) { try VisitAttempt($0, 0) }
    }
}

extension Migration {
    /// Each contact of a visit is a row of its own. Of visits made before only the last door or call at which nobody was
    /// met is known, and how each of them ended.
    static let visitAttempts = Migration(
        "2026-12-01.27-visit-attempts",
        """
        CREATE TABLE visit_attempt (
            id INTEGER NOT NULL PRIMARY KEY,
            visit_id INTEGER NOT NULL REFERENCES visit (id),
            household_id INTEGER NOT NULL REFERENCES household (id),
            division INTEGER NOT NULL,
            community INTEGER NOT NULL,
            at INTEGER NOT NULL,
            way TEXT NOT NULL CHECK (length(way) <= 20),
            outcome TEXT NOT NULL CHECK (length(outcome) <= 20),
            worker_id INTEGER REFERENCES account (id),
            worker_name TEXT NOT NULL CHECK (length(worker_name) <= 40)
        ) STRICT;
        CREATE INDEX visit_attempt_visit ON visit_attempt (visit_id, at);
        CREATE INDEX visit_attempt_household ON visit_attempt (household_id, id);
        CREATE INDEX visit_attempt_division ON visit_attempt (division, at, id);
        CREATE INDEX visit_attempt_community ON visit_attempt (community, at, id);
        INSERT INTO visit_attempt (id, visit_id, household_id, division, community, at, way, outcome, worker_id,
            worker_name)
        SELECT row_number() OVER (ORDER BY k.at, k.visit_id), k.visit_id, k.household_id, k.division, k.community, k.at,
            k.way, k.outcome, k.worker_id, k.worker_name
        FROM (
            SELECT id AS visit_id, household_id, division, community, missed_at AS at, way, 'missed' AS outcome,
                worker_id, worker_name
            FROM visit WHERE missed_at IS NOT NULL
            UNION ALL
            SELECT id, household_id, division, community, ended_at, way,
                CASE WHEN result = 'well' THEN 'well' ELSE 'met' END, worker_id, worker_name
            FROM visit WHERE state = 'done' AND ended_at IS NOT NULL
        ) AS k;
        """
    )
}
