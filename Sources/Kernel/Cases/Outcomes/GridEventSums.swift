import LinliCore
import LinliSQL

/// What came of the grid events that were told in a month, the last of the seven steps: 综合评价. Of units and places only;
/// no person has a figure.
///
/// - Source: 立案率, 结案率, 按期结案率 and 返工率 as 数字化城市管理 counts them; which months they lie in: configured, no source.
package struct GridEventSums: Sendable, Equatable {
    /// How many were told.
    package var told = 0
    /// Of those, how many were filed.
    package var filed = 0
    /// Of the filed, which are closed or had to be. What was done and waits for its reporter's word, or for a review of it,
    /// does not have to be yet.
    package var due = 0
    package var closed = 0
    /// Closed, and handled within the time limit.
    package var inTime = 0
    /// Closed, and done again: sent back to work by who checked, or because its reporter objected.
    package var reworked = 0

    package init() {}

    /// Filed, of those that were told 立案率.
    package var filingRate: Rate { Rate(filed, of: told) }
    /// Closed, of those that had to be 结案率.
    package var closingRate: Rate { Rate(closed, of: due) }
    /// Closed within the limit, of those that had to be 按期结案率.
    package var inTimeRate: Rate { Rate(inTime, of: due) }
    /// Done again, of those that are closed 返工率.
    package var reworkRate: Rate { Rate(reworked, of: closed) }

    package static func + (left: GridEventSums, right: GridEventSums) -> GridEventSums {
        var sums = left
        sums.told += right.told
        sums.filed += right.filed
        sums.due += right.due
        sums.closed += right.closed
        sums.inTime += right.inTime
        sums.reworked += right.reworked
        return sums
    }
}

/// The grid events of a month that one unit has.
package struct GridEventRow: Sendable {
    /// The unit in charge; nil for what was sent to nobody.
    package let unit: ID<Unit>?
    package let name: Text
    package let sums: GridEventSums

    /// The units in charge inside what rates are asked about, in the order they were set up: it is no ranking.
    package static func units(
        _ month: AssessmentMonth, _ calendar: AssessmentCalendar, _ area: RateArea, at now: Instant, _ tx: ReadTx
    ) throws -> [GridEventRow] {
        let from = Instant(calendar.firstDay(of: month))
        let until = Instant(calendar.firstDay(of: month.next))
        var place = SQL.empty
        if let division = area.division {
            place.append(" AND c.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)")
        }
        if let unit = area.unit { place.append(" AND c.handler_unit = \(unit)") }
        return try tx.all(
            """
            SELECT c.handler_unit, u.name, u.name_en, count(*), \(counts(now))
            FROM case_item c LEFT JOIN case_timer t ON t.case_id = c.id AND t.clock = 'limit'
            LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE c.type = 'gridEvent' AND c.created_at >= \(from) AND c.created_at < \(until)
            AND c.state <> 'merged'\(place)\(area.hide("c"))
            GROUP BY c.handler_unit, u.name, u.name_en ORDER BY c.handler_unit LIMIT 500
            """
        ) { try GridEventRow($0) }
    }

    /// By which steps it is done again: whoever checked says so, whoever told it – straight away, or once a review agreed.
    private static let redone: SQL = "('rework', 'contest', 'reopen', 'uphold')"

    /// Filed, due, closed, in time, reworked: of the cases `c` with their time limits `t`. What was settled where it was
    /// found had no limit to miss; what missed it once and was sent back to work stays late, though the limit begins anew.
    private static func counts(_ now: Instant) -> SQL {
        """
        sum(CASE WHEN c.state IN ('verifying', 'filing', 'rejected', 'appealed') THEN 0 ELSE 1 END),
        sum(CASE WHEN c.state = 'closed' OR (c.is_open = 1 AND t.due_at <= \(now)
            AND c.state NOT IN ('confirming', 'reviewing')) THEN 1 ELSE 0 END),
        sum(CASE WHEN c.state = 'closed' THEN 1 ELSE 0 END),
        sum(CASE WHEN c.state = 'closed' AND coalesce(t.is_late, 0) = 0 AND NOT EXISTS (
            SELECT 1 FROM case_alert a WHERE a.case_id = c.id AND a.clock = 'limit' AND a.action <> 'remind'
        ) THEN 1 ELSE 0 END),
        sum(CASE WHEN c.state = 'closed' AND EXISTS (
            SELECT 1 FROM case_entry e WHERE e.case_id = c.id AND e.transition IN \(redone)
        ) THEN 1 ELSE 0 END)
        """
    }

    private init(_ row: Row) throws {
        unit = try row[0]
        let (name, english): (String?, String?) = (try row[1], try row[2])
        self.name =
            name.map { Text($0, english ?? $0) } ?? Text("没有派遣，含当场解决的", "Sent to nobody, or settled on the spot")
        var sums = GridEventSums()
        sums.told = try row[3]
        sums.filed = try row[4]
        sums.due = try row[5]
        sums.closed = try row[6]
        sums.inTime = try row[7]
        sums.reworked = try row[8]
        self.sums = sums
    }
}

extension Migration {
    /// The grid events of a month, among all cases there ever were.
    static let gridEventMonths = Migration(
        "2026-11-30.66-grid-event-months",
        "CREATE INDEX case_grid_event ON case_item (type, created_at, division) WHERE type = 'gridEvent';"
    )
}
