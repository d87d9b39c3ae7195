import LinliCore
import LinliSQL

/// How a unit answered the whistles of a month, and what the whistlers said of it. Units only; no person has a score.
package struct WhistleScore: Sendable {
    package let unit: ID<Unit>
    package let name: Text
    package let called: Int
    package let inTime: Int
    package let late: Int
    /// Nobody had signed in when the time was over; who came later is among the late ones too.
    package let missed: Int
    package let scored: Int
    /// The sum of the stars.
    package let stars: Int

    /// The mean score in tenths; nil while nobody scored it.
    package var tenths: Int? { scored == 0 ? nil : (stars * 20 + scored) / (scored * 2) }
}

extension CaseQueries {
    /// The scores of a month, counted in the month the whistles were blown: of all whistles in the reader's divisions,
    /// else of the reader's own units. In the order the units were set up: it is no ranking.
    package func whistleScores(_ month: AssessmentMonth, _ context: Context) async throws -> [WhistleScore] {
        let scope = context.actor.scope(for: .casesRead)
        let own = WhistleStanding.represented(context.actor)
        var parts: [SQL] = []
        if !scope.divisions.isEmpty { parts.append("(\(WhistlesStore.inside(scope.divisions)))") }
        if !own.isEmpty { parts.append("n.unit_id IN \(SQL.list(own))") }
        guard !parts.isEmpty else { return [] }
        let which = SQL.joined(parts, separator: " OR ")
        return try await database.read { tx in
            try tx.all(
                """
                SELECT n.unit_id, u.name, u.name_en, count(*),
                    sum(CASE WHEN n.arrived_at IS NOT NULL AND n.is_late = 0 THEN 1 ELSE 0 END),
                    sum(n.is_late), sum(CASE WHEN n.missed_at IS NOT NULL THEN 1 ELSE 0 END), count(n.stars),
                    sum(CASE WHEN n.stars IS NULL THEN 0 ELSE n.stars END)
                FROM whistle w JOIN whistle_unit n ON n.whistle_id = w.id JOIN unit u ON u.id = n.unit_id
                JOIN case_item c ON c.id = w.case_id
                WHERE w.month = \(month) AND w.state <> 'withdrawn' AND (\(which))\
                \(CaseQueries.hide(scope))
                GROUP BY n.unit_id, u.name, u.name_en ORDER BY n.unit_id LIMIT 500
                """
            ) { row in
                WhistleScore(
                    unit: try row[0], name: Text(try row[1], try row[2]), called: try row[3], inTime: try row[4],
                    late: try row[5], missed: try row[6], scored: try row[7], stars: try row[8]
                )
            }
        }
    }
}
