import LinliCore
import LinliSQL

/// What rates are asked about: a division, one unit, or one unit inside a division.
package struct RateArea: Sendable, Equatable {
    /// The division; nil for a unit wherever it works.
    package let division: DivisionCode?
    /// The unit; nil for all of them.
    package let unit: ID<Unit>?
    /// Units the reader works for: what is said against them is in none of the sums.
    let interests: [ID<Unit>]
    /// Whether complaints against any unit are left out, for pages that everybody reads.
    let isPublic: Bool

    /// What a member of staff may ask about; without a wish the first of their divisions, else of their units.
    ///
    /// - Throws: `.notFound` for what lies outside their scope.
    package init(division: DivisionCode?, unit: ID<Unit>?, _ scope: Scope) throws {
        let isOwn = unit.map(scope.units.contains) ?? false
        if let division {
            guard scope.contains(division) else { throw LinliError.notFound("rates.division") }
        } else if unit != nil, !isOwn {
            guard !scope.divisions.isEmpty else { throw LinliError.notFound("rates.unit") }
        }
        self.division = division ?? (isOwn ? nil : scope.divisions.first)
        self.unit = unit ?? (self.division == nil ? scope.units.first : nil)
        guard self.division != nil || self.unit != nil else { throw LinliError.notFound("rates.scope") }
        interests = scope.interests
        isPublic = false
    }

    private init(_ division: DivisionCode?, _ unit: ID<Unit>?, _ interests: [ID<Unit>], isPublic: Bool) {
        self.division = division
        self.unit = unit
        self.interests = interests
        self.isPublic = isPublic
    }

    /// What everybody may read: a division, without what is said against single units. Otherwise a unit could find out
    /// from two sums that somebody complained.
    package static func open(_ division: DivisionCode) -> RateArea {
        RateArea(division, nil, [], isPublic: true)
    }

    /// The same about one of its units.
    package func of(_ unit: ID<Unit>) -> RateArea { RateArea(division, unit, interests, isPublic: isPublic) }

    /// Leaves out what the reader must not count, of the table `table`.
    func hide(_ table: SQL) -> SQL {
        if isPublic { return " AND \(table).against_unit = 0" }
        return SQL.apart(from: interests, table + ".against_unit")
    }

    /// The rows of `rate_month r` it is about.
    var owner: SQL {
        guard let division else {
            // A unit wherever it works: its sums by district.
            return "r.division % 1000000000 = 0 AND r.unit_id = \(unit)"
        }
        return "\(RateArea.inside(division)) AND r.unit_id = \(unit?.rawValue ?? 0)"
    }

    /// The rows whose division this is; sums begin with districts.
    static func inside(_ division: DivisionCode) -> SQL {
        guard division.level < .district else { return "r.division = \(division)" }
        return """
            r.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND r.division % 1000000000 = 0
            """
    }
}

/// Reads of rates: sums come from the roll-up, single rows from the evidence.
package enum RatesStore {
    /// The sums of several months; months without any are left out.
    package static func totals(
        _ months: [AssessmentMonth], _ area: RateArea, _ tx: ReadTx
    ) throws -> [AssessmentMonth: RateSums] {
        var found: [AssessmentMonth: RateSums] = [:]
        try tx.each(
            """
            SELECT r.month, \(RateMonths.totals) FROM rate_month r
            WHERE \(area.owner) AND r.month IN \(SQL.list(months))\(area.hide("r")) GROUP BY r.month
            """
        ) { row in found[try row[0]] = try RateMonths.sums(row, from: 1) }
        return found
    }

    /// The sums of one month by division, of these divisions.
    package static func divisions(
        _ codes: [DivisionCode], _ month: AssessmentMonth, _ area: RateArea, _ tx: ReadTx
    ) throws -> [DivisionCode: RateSums] {
        var found: [DivisionCode: RateSums] = [:]
        try tx.each(
            """
            SELECT r.division, \(RateMonths.totals) FROM rate_month r
            WHERE r.division IN \(SQL.list(codes)) AND r.month = \(month) AND r.unit_id = 0\(area.hide("r"))
            GROUP BY r.division
            """
        ) { row in found[try row[0]] = try RateMonths.sums(row, from: 1) }
        return found
    }

    /// A unit and what it did in a month.
    package struct UnitRow: Sendable {
        package let unit: UnitSummary
        package let sums: RateSums
    }

    /// The units that had something to do in a division, the busiest first: not the best, nobody is ranked.
    package static func units(
        _ month: AssessmentMonth, _ area: RateArea, _ tx: ReadTx
    ) throws -> [UnitRow] {
        guard let division = area.division else { return [] }
        return try tx.all(
            """
            SELECT \(UnitSummary.columns), \(RateMonths.totals) FROM rate_month r JOIN unit u ON u.id = r.unit_id
            WHERE \(RateArea.inside(division)) AND r.month = \(month) AND r.unit_id > 0\(area.hide("r"))
            GROUP BY \(UnitSummary.columns) HAVING sum(r.rounds) > 0
            ORDER BY sum(r.rounds) DESC, u.id LIMIT 200
            """
        ) { UnitRow(unit: try UnitSummary($0), sums: try RateMonths.sums($0, from: 6)) }
    }

    /// How often a category came up in a division.
    package struct Heat: Sendable {
        package let division: DivisionCode
        package let category: String
        package let sums: RateSums
    }

    /// Every category of these divisions in a month.
    package static func heat(
        _ codes: [DivisionCode], _ month: AssessmentMonth, _ area: RateArea, _ tx: ReadTx
    ) throws -> [Heat] {
        try tx.all(
            """
            SELECT r.division, r.category, \(RateMonths.totals) FROM rate_month r
            WHERE r.division IN \(SQL.list(codes)) AND r.month = \(month) AND r.unit_id = 0\(area.hide("r"))
            GROUP BY r.division, r.category HAVING sum(r.rounds) > 0
            """
        ) { Heat(division: try $0[0], category: try $0[1], sums: try RateMonths.sums($0, from: 2)) }
    }

    /// How many cases were left out of a month, by reason class.
    package static func exclusions(
        _ month: AssessmentMonth, _ area: RateArea, _ tx: ReadTx
    ) throws -> [(reason: String, count: Int)] {
        try tx.all(
            """
            SELECT o.exclusion, count(*) FROM case_outcome o
            WHERE o.month = \(month) AND o.exclusion <> ''\(place(area))\(area.hide("o"))
            GROUP BY o.exclusion ORDER BY count(*) DESC, o.exclusion
            """
        ) { (reason: try $0[0], count: try $0[1]) }
    }

    private static func place(_ area: RateArea) -> SQL {
        var sql = SQL.empty
        if let division = area.division {
            sql.append(" AND o.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)")
        }
        if let unit = area.unit { sql.append(" AND o.unit_id = \(unit)") }
        return sql
    }
}

/// Which evidence rows a list shows.
package enum OutcomeFilter: String, Sendable, CaseIterable {
    case all, late, unsolved, unsatisfied, silent, unreached, excluded, repeated

    /// What the tab says.
    package var name: Text {
        switch self {
        case .all: Text("全部", "All")
        case .late: Text("联系超时", "Contacted late")
        case .unsolved: Text("没解决", "Not solved")
        case .unsatisfied: Text("不满意", "Unsatisfied")
        case .silent: Text("未答复", "No answer")
        case .unreached: Text("联系不上", "Not reached")
        case .excluded: Text("不计入", "Left out")
        case .repeated: Text("重办", "Done again")
        }
    }

    fileprivate var condition: SQL {
        let counts: SQL = " AND o.exclusion = '' AND o.is_withdrawn = 0"
        return switch self {
        case .all: .empty
        case .late: counts + " AND o.is_in_time = 0"
        case .unsolved: counts + " AND o.is_solved = 0"
        case .unsatisfied: counts + " AND o.grade <= 2"
        case .silent: counts + " AND o.asked_at IS NOT NULL AND o.is_solved IS NULL AND o.is_unreached = 0"
        case .unreached: counts + " AND o.asked_at IS NOT NULL AND o.is_solved IS NULL AND o.is_unreached = 1"
        case .excluded: " AND o.exclusion <> ''"
        case .repeated: " AND o.round > 1"
        }
    }
}

/// An evidence row with what a list shows of its case: never what it says or who told it.
package struct OutcomeRow: Sendable {
    package let outcome: CaseOutcome
    package let number: String
    package let unit: Text

    /// The place in the list, for the next page.
    package var cursor: String { "\(outcome.division)-\(outcome.item)-\(outcome.round)" }
}

extension RatesStore {
    /// Evidence rows of a month by place and number; one more than the limit tells whether there is another page.
    package static func rows(
        _ month: AssessmentMonth, _ area: RateArea, _ filter: OutcomeFilter, category: String?, after: String?,
        limit: Int, _ tx: ReadTx
    ) throws -> [OutcomeRow] {
        try tx.all(rowsSQL(month, area, filter, category: category, after: after, limit: limit)) { row in
            let next = CaseOutcome.columnCount
            return OutcomeRow(
                outcome: try CaseOutcome(row), number: try row[next],
                unit: Text(try row[next + 1], try row[next + 2])
            )
        }
    }

    /// The list's statement; what went wrong has an index of its own (`case_outcome_unsolved` and so on).
    package static func rowsSQL(
        _ month: AssessmentMonth, _ area: RateArea, _ filter: OutcomeFilter, category: String?, after: String?,
        limit: Int
    ) -> SQL {
        var more = filter.condition
        if let category { more.append(" AND o.category = \(category)") }
        if let after = after.flatMap(cursor) {
            more.append(" AND (o.division, o.case_id, o.round) > (\(after.division), \(after.item), \(after.round))")
        }
        return """
            SELECT \(CaseOutcome.columns), c.number, u.name, u.name_en FROM case_outcome o
            JOIN case_item c ON c.id = o.case_id JOIN unit u ON u.id = o.unit_id
            WHERE o.month = \(month)\(place(area))\(area.hide("o"))\(more)
            ORDER BY o.division, o.case_id, o.round LIMIT \(limit)
            """
    }

    private static func cursor(_ text: String) -> (division: DivisionCode, item: ID<Case>, round: Int)? {
        let parts = text.split(separator: "-")
        guard parts.count == 3, let division = Int64(parts[0]), let item = ID<Case>(parts[1]),
            let round = Int(parts[2])
        else { return nil }
        return (DivisionCode(rawValue: division), item, round)
    }
}
