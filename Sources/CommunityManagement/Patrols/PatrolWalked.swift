import LinliCore
import LinliKernel
import LinliSQL

/// A round that does not count as walked: points were left, or it was begun at another time than its route says.
struct PatrolPart: Sendable {
    let day: CivilDate
    /// How many of its points were signed, of how many.
    let signed: Int
    let points: Int

    /// In words, for who walks and who plans.
    var text: Text {
        signed < points
            ? Text("没巡完 \(signed)/\(points)", "Not finished: \(signed) of \(points)")
            : Text("巡过，不在时段里", "Walked, outside its window")
    }
}

/// Which rounds count as walked: begun in the window of their route, or close to it, and every point signed that was there.
/// Who only begins and ends a round has not walked it, and the route stays due.
enum PatrolWalked {
    /// How many minutes before its window a round may be begun, and after it.
    /// - Source: configured, no source
    static let tolerance = 30

    /// The points `q` of round `x`: none that was made after it began, was left out before it ended, or whose place was
    /// gone by then. A round without a network comes later than it was walked, so its identifier says nothing; only of
    /// points from before their time was noted the identifiers, which grow with time, have to.
    private static let ofRound: SQL = """
        q.route_id = x.route_id
        AND (q.created_at <= x.started_at OR (q.created_at IS NULL AND q.id < x.id))
        AND (q.ended_at IS NULL OR q.ended_at > x.ended_at)
        AND NOT EXISTS (SELECT 1 FROM place l WHERE l.id = q.place_id AND l.valid_to IS NOT NULL
            AND (x.ended_at IS NULL OR l.valid_to <= x.ended_at))
        """

    private static let isSigned: SQL = """
        EXISTS (SELECT 1 FROM patrol_sign s WHERE s.patrol_id = x.id AND s.point_id = q.id)
        """

    /// Whether round `x` counts as walked. Which window a route had before it was changed nobody knows: rounds of then are
    /// not judged by it.
    static var condition: SQL {
        let midnight = Instant(CivilDate(daysSinceEpoch: 0)).milliseconds
        let minute: SQL = "(x.started_at - \(midnight)) / 60000 - x.day * 1440"
        return """
            EXISTS (SELECT 1 FROM patrol_route r WHERE r.id = x.route_id
                AND (x.started_at < COALESCE(r.window_since, r.created_at)
                    OR \(minute) BETWEEN r.from_minute - \(tolerance) AND r.until_minute + \(tolerance)))
            AND NOT EXISTS (SELECT 1 FROM patrol_point q WHERE \(ofRound) AND NOT \(isSigned))
            """
    }

    /// Columns of round `x`: how many of its points were signed, and how many it had.
    fileprivate static let counts: SQL = """
        (SELECT count(*) FROM patrol_point q WHERE \(ofRound) AND \(isSigned)),
        (SELECT count(*) FROM patrol_point q WHERE \(ofRound))
        """
}

extension PatrolStore {
    /// The days since `first` on which a route was walked.
    static func days(of route: ID<PatrolRoute>, since first: CivilDate, _ tx: ReadTx) throws -> Set<CivilDate> {
        let days = try tx.all(
            """
            SELECT DISTINCT x.day FROM patrol x WHERE x.route_id = \(route) AND x.day >= \(first.daysSinceEpoch)
            AND \(PatrolWalked.condition)
            """
        ) { CivilDate(daysSinceEpoch: try $0[0]) }
        return Set(days)
    }

    /// The rounds since `first` that were ended and do not count as walked; of each day that with the most signs.
    static func parts(
        of route: ID<PatrolRoute>, since first: CivilDate, _ tx: ReadTx
    ) throws -> [CivilDate: PatrolPart] {
        let parts = try tx.all(
            """
            SELECT x.day, \(PatrolWalked.counts) FROM patrol x
            WHERE x.route_id = \(route) AND x.day >= \(first.daysSinceEpoch) AND x.ended_at IS NOT NULL
            AND NOT (\(PatrolWalked.condition)) ORDER BY x.id LIMIT 200
            """
        ) { PatrolPart(day: CivilDate(daysSinceEpoch: try $0[0]), signed: try $0[1], points: try $0[2]) }
        return Dictionary(parts.map { ($0.day, $0) }) { $0.signed >= $1.signed ? $0 : $1 }
    }

    /// Whether a round counts as walked.
    static func isWalked(_ patrol: ID<Patrol>, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM patrol x WHERE x.id = \(patrol) AND \(PatrolWalked.condition)")
    }
}
