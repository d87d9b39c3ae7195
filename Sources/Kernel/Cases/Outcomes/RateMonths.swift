import LinliCore
import LinliSQL

extension Subscriber {
    /// Monthly sums of evidence, per division and unit: the sum of events, applied once each.
    static let rateMonths = Subscriber(
        RateMonths.subscriber,
        kinds: ["case.outcome"],
        .together { tx, events in
            var sums: [RateMonths.Cell: RateSums] = [:]
            for event in events {
                if let was = event.facts["was"].flatMap({ RateShare(fact: $0) }) {
                    for cell in RateMonths.cells(was.key) { sums[cell] = (sums[cell] ?? RateSums()) - was.sums }
                }
                guard let now = event.facts["is"].flatMap({ RateShare(fact: $0) }) else {
                    throw LinliError.fault("rates.fact", "event \(event.id) does not say what counts now")
                }
                for cell in RateMonths.cells(now.key) { sums[cell] = (sums[cell] ?? RateSums()) + now.sums }
            }
            try RateMonths.add(sums, tx)
        }
    )
}

/// The monthly sums: kept by events, proved by recounting (`RateRecount`).
package enum RateMonths {
    static let subscriber = "rates.months"

    /// The columns of sums in the order of `RateSums.numbers`.
    private static let names: SQL = """
        requests, rounds, exclusions, withdrawals, due, responded, asked, answered, solved, unreached, very, satisfied,
        basic, unsatisfied, very_unsatisfied
        """
    /// The sums over rows of `rate_month r`.
    static let totals: SQL = """
        sum(r.requests), sum(r.rounds), sum(r.exclusions), sum(r.withdrawals), sum(r.due), sum(r.responded),
        sum(r.asked), sum(r.answered), sum(r.solved), sum(r.unreached), sum(r.very), sum(r.satisfied), sum(r.basic),
        sum(r.unsatisfied), sum(r.very_unsatisfied)
        """

    /// Reads sums selected with `totals`; nothing for no rows.
    static func sums(_ row: Row, from start: Int) throws -> RateSums {
        RateSums(try (start..<start + RateSums.count).map { try row[$0] ?? 0 }) ?? RateSums()
    }

    /// What a row of the sums stands for: a division, and in it one unit or all (0).
    struct Cell: Hashable, Comparable {
        var division: DivisionCode
        var month: AssessmentMonth
        var unit: Int64
        var category: String
        var against: Int64

        /// The order they are written in, the same on every node: two that add to the same rows never wait for each other.
        static func < (left: Cell, right: Cell) -> Bool {
            (left.division, left.month, left.unit, left.category, left.against)
                < (right.division, right.month, right.unit, right.category, right.against)
        }
    }

    /// Where a row counts: in its district, street, community and grid, and above the grid also under its unit.
    static func cells(_ key: RateKey) -> [Cell] {
        func cell(_ division: DivisionCode, _ unit: Int64) -> Cell {
            Cell(
                division: division, month: key.month, unit: unit, category: key.category, against: key.against
            )
        }
        let wide = [DivisionCode.Level.district, .street, .community].map { key.division.ancestor(at: $0) }
        // A case without a grid lies in its community: that must not count it twice.
        let all = Set(wide + [key.division]).sorted()
        return all.map { cell($0, 0) } + Set(wide).sorted().map { cell($0, key.unit.rawValue) }
    }

    /// Adds to the sums. A statement a row: its text stays the same, so that it is prepared once.
    static func add(_ changes: [Cell: RateSums], _ tx: SystemTx) throws {
        for (cell, change) in changes.sorted(by: { $0.key < $1.key }) where !change.isZero { try add(change, cell, tx) }
    }

    private static func add(_ change: RateSums, _ cell: Cell, _ tx: SystemTx) throws {
        try tx.execute(
            """
            INSERT INTO rate_month (division, month, unit_id, category, against_unit, \(names))
            VALUES \(values(cell, change))
            ON CONFLICT (division, month, unit_id, category, against_unit) DO UPDATE SET
                requests = rate_month.requests + excluded.requests, rounds = rate_month.rounds + excluded.rounds,
                exclusions = rate_month.exclusions + excluded.exclusions,
                withdrawals = rate_month.withdrawals + excluded.withdrawals, due = rate_month.due + excluded.due,
                responded = rate_month.responded + excluded.responded, asked = rate_month.asked + excluded.asked,
                answered = rate_month.answered + excluded.answered, solved = rate_month.solved + excluded.solved,
                unreached = rate_month.unreached + excluded.unreached, very = rate_month.very + excluded.very,
                satisfied = rate_month.satisfied + excluded.satisfied, basic = rate_month.basic + excluded.basic,
                unsatisfied = rate_month.unsatisfied + excluded.unsatisfied,
                very_unsatisfied = rate_month.very_unsatisfied + excluded.very_unsatisfied
            """
        )
    }

    private static func values(_ cell: Cell, _ sums: RateSums) -> SQL {
        let numbers = SQL.joined(sums.numbers.map { "\($0)" }, separator: ", ")
        return "(\(cell.division), \(cell.month), \(cell.unit), \(cell.category), \(cell.against), \(numbers))"
    }
}

// MARK: Made anew

extension RateMonths {
    /// Months with evidence or sums, the oldest first.
    package static func months(_ tx: ReadTx) throws -> [AssessmentMonth] {
        try tx.all("SELECT month FROM case_outcome UNION SELECT month FROM rate_month ORDER BY month") { try $0[0] }
    }

    /// Events that have happened and are not in the sums yet: while there are some, the two may differ.
    package static func waiting(_ tx: ReadTx) throws -> Int {
        try tx.value("SELECT count(*) FROM delivery WHERE subscriber = \(subscriber)") ?? 0
    }

    /// The sums a month's evidence gives, added up by the store.
    private static func counted(_ month: AssessmentMonth, _ tx: ReadTx) throws -> [Cell: RateSums] {
        let counts: SQL = "o.exclusion = '' AND o.is_withdrawn = 0"
        let asked: SQL = "\(counts) AND o.asked_at IS NOT NULL"
        func number(_ condition: SQL) -> SQL { "sum(CASE WHEN \(condition) THEN 1 ELSE 0 END)" }
        let parts: [SQL] = [
            number("o.round = 1"), "count(*)", number("o.exclusion <> ''"),
            number("o.exclusion = '' AND o.is_withdrawn = 1"), number("\(counts) AND o.is_in_time IS NOT NULL"),
            number("\(counts) AND o.is_in_time = 1"), number(asked), number("\(asked) AND o.is_solved IS NOT NULL"),
            number("\(asked) AND o.is_solved = 1"),
            number("\(asked) AND o.is_solved IS NULL AND o.is_unreached = 1"), number("\(asked) AND o.grade = 5"),
            number("\(asked) AND o.grade = 4"), number("\(asked) AND o.grade = 3"), number("\(asked) AND o.grade = 2"),
            number("\(asked) AND o.grade = 1"),
        ]
        var found: [Cell: RateSums] = [:]
        try tx.each(
            """
            SELECT o.division, o.unit_id, o.category, o.against_unit, \(SQL.joined(parts, separator: ", "))
            FROM case_outcome o WHERE o.month = \(month)
            GROUP BY o.division, o.unit_id, o.category, o.against_unit
            """
        ) { row in
            let key = RateKey(
                month: month, division: try row[0], unit: try row[1], category: try row[2], against: try row[3]
            )
            let sums = try sums(row, from: 4)
            for cell in cells(key) { found[cell] = (found[cell] ?? RateSums()) + sums }
        }
        return found
    }

    /// Makes the sums anew from the evidence. Events that are waiting are in the evidence already, so they are taken out
    /// of the way in the same transaction.
    package static func rebuild(_ tx: SystemTx) throws {
        let months = try months(tx)
        try tx.execute("DELETE FROM rate_month")
        try tx.execute("DELETE FROM delivery WHERE subscriber = \(subscriber)")
        for month in months {
            let cells = try counted(month, tx).sorted { $0.key < $1.key }
            for start in stride(from: 0, to: cells.count, by: 100) {
                let rows = cells[start..<min(start + 100, cells.count)].map { values($0.key, $0.value) }
                try tx.execute(
                    """
                    INSERT INTO rate_month (division, month, unit_id, category, against_unit, \(names))
                    VALUES \(SQL.joined(rows, separator: ", "))
                    """
                )
            }
        }
    }
}
