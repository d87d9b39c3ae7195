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
    /// Whose time is over or who came before: what a share in time is of.
    package let known: Int

    /// The mean score in tenths; nil while nobody scored it.
    package var tenths: Int? { scored == 0 ? nil : (stars * 20 + scored) / (scored * 2) }
}

/// How the whistles that were blown in one division went.
package struct WhistlePlace: Sendable {
    package let division: DivisionCode
    /// How many whistles.
    package var whistles = 0
    /// Units they called.
    package var called = 0
    /// Of those, whose time is over or who came before.
    package var known = 0
    package var inTime = 0
    package var missed = 0
    package var scored = 0
    package var stars = 0

    /// The mean score in tenths; nil while nobody scored one.
    package var tenths: Int? { scored == 0 ? nil : (stars * 20 + scored) / (scored * 2) }
}

extension WhistleScore {
    /// The units that were called in a month inside what rates are asked about, in the order they were set up.
    package static func units(_ month: AssessmentMonth, _ area: RateArea, _ tx: ReadTx) throws -> [WhistleScore] {
        try tx.all(
            """
            SELECT n.unit_id, u.name, u.name_en, \(sums) \(from(month, area))
            GROUP BY n.unit_id, u.name, u.name_en ORDER BY n.unit_id LIMIT 500
            """
        ) { try WhistleScore($0) }
    }

    /// The same by the places where the whistles were blown.
    package static func places(
        _ month: AssessmentMonth, _ divisions: [DivisionCode], _ area: RateArea, _ tx: ReadTx
    ) throws -> [WhistlePlace] {
        var places = divisions.map { WhistlePlace(division: $0) }
        try tx.each(
            """
            SELECT w.division, count(DISTINCT w.id), \(sums) \(from(month, area)) GROUP BY w.division
            """
        ) { row in
            let division: DivisionCode = try row[0]
            guard let index = places.firstIndex(where: { $0.division.contains(division) }) else { return }
            places[index].whistles += try row[1]
            places[index].called += try row[2]
            places[index].inTime += try row[3]
            places[index].missed += try row[5]
            places[index].scored += try row[6]
            places[index].stars += try row[7]
            places[index].known += try row[8]
        }
        return places.filter { $0.whistles > 0 }
    }

    /// Called, in time, late, not in time, scored, stars, known: of the called units `n`.
    fileprivate static let sums: SQL = """
        count(*), sum(CASE WHEN n.arrived_at IS NOT NULL AND n.is_late = 0 THEN 1 ELSE 0 END),
        sum(n.is_late), sum(CASE WHEN n.missed_at IS NOT NULL THEN 1 ELSE 0 END), count(n.stars),
        coalesce(sum(n.stars), 0), sum(CASE WHEN n.arrived_at IS NULL AND n.missed_at IS NULL THEN 0 ELSE 1 END)
        """

    private static func from(_ month: AssessmentMonth, _ area: RateArea) -> SQL {
        var place = SQL.empty
        if let division = area.division { place.append(" AND \(WhistlesStore.inside([division]))") }
        if let unit = area.unit { place.append(" AND n.unit_id = \(unit)") }
        return """
            FROM whistle w JOIN whistle_unit n ON n.whistle_id = w.id JOIN unit u ON u.id = n.unit_id
            JOIN case_item c ON c.id = w.case_id
            WHERE w.month = \(month) AND w.state <> 'withdrawn'\(place)\(area.hide("c"))
            """
    }

    fileprivate init(_ row: Row) throws {
        self.init(
            unit: try row[0], name: Text(try row[1], try row[2]), called: try row[3], inTime: try row[4],
            late: try row[5], missed: try row[6], scored: try row[7], stars: try row[8], known: try row[9])
    }
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
                SELECT n.unit_id, u.name, u.name_en, \(WhistleScore.sums)
                FROM whistle w JOIN whistle_unit n ON n.whistle_id = w.id JOIN unit u ON u.id = n.unit_id
                JOIN case_item c ON c.id = w.case_id
                WHERE w.month = \(month) AND w.state <> 'withdrawn' AND (\(which))\
                \(CaseQueries.hide(scope))
                GROUP BY n.unit_id, u.name, u.name_en ORDER BY n.unit_id LIMIT 500
                """
            ) { try WhistleScore($0) }
        }
    }
}
