import LinliCore
import LinliSQL

/// The proof of the monthly sums: evidence rows, read one by one and added up here.
///
/// The sums were made by events, when something happened (`RateShare`), or by one statement of the store
/// (`RateMonths.rebuild`). This has nothing in common with either but the rows: own reading, own counting, own divisions.
/// Keep it so.
struct RateRecount {
    /// What a row counts under, as it stands in the store.
    private struct Key: Hashable {
        let division: Int64
        let unit: Int64
        let category: String
        let against: Int64
    }

    /// Rows that were read.
    private(set) var evidence = 0
    private let month: AssessmentMonth
    private var tallies: [Key: Tally] = [:]

    /// Rows read at a time: memory holds no more of them, however many a month has.
    private static let page = 2000

    /// Reads a month's evidence to its end.
    init(_ month: AssessmentMonth, _ tx: ReadTx) throws {
        self.month = month
        var (division, item, round): (Int64, Int64, Int64) = (0, 0, 0)
        var isMore = true
        while isMore {
            var found = 0
            try tx.each(
                """
                SELECT o.division, o.case_id, o.round, o.unit_id, o.category, o.against_unit, o.exclusion, o.is_withdrawn,
                    o.is_in_time, o.asked_at, o.is_solved, o.is_unreached, o.grade
                FROM case_outcome o
                WHERE o.month = \(month) AND (o.division, o.case_id, o.round) > (\(division), \(item), \(round))
                ORDER BY o.division, o.case_id, o.round LIMIT \(RateRecount.page)
                """
            ) { row in
                (division, item, round) = (try row[0], try row[1], try row[2])
                let key = Key(division: division, unit: try row[3], category: try row[4], against: try row[5])
                try tallies[key, default: Tally()].count(row)
                found += 1
            }
            evidence += found
            isMore = found == RateRecount.page
        }
    }

    /// What the sums of the month must be.
    var cells: [RateMonths.Cell: RateSums] {
        var cells: [RateMonths.Cell: RateSums] = [:]
        for (key, tally) in tallies {
            // A code has 15 digits: district, street, community and grid, each with the digits of the one before.
            let wide = Set([1_000_000_000, 1_000_000, 1000].map { key.division / $0 * $0 })
            var owners = wide.map { (division: $0, unit: key.unit) }
            owners += wide.union([key.division]).map { (division: $0, unit: 0) }
            for owner in owners {
                let cell = RateMonths.Cell(
                    division: DivisionCode(rawValue: owner.division), month: month, unit: owner.unit,
                    category: key.category, against: key.against
                )
                cells[cell] = (cells[cell] ?? RateSums()) + tally.sums
            }
        }
        return cells
    }
}

/// Counts rows of evidence as the rates are defined: what was left out or taken back counts as nothing else, what nobody
/// was asked about in no answer, and silence in no denominator.
private struct Tally {
    private(set) var sums = RateSums()

    mutating func count(_ row: Row) throws {
        let round: Int64 = try row[2]
        let (reason, isWithdrawn): (String, Bool) = (try row[6], try row[7])
        sums.rounds += 1
        if round == 1 { sums.requests += 1 }
        if reason != "" {
            sums.exclusions += 1
        } else if isWithdrawn {
            sums.withdrawals += 1
        } else {
            try respond(row)
            if !row.isNull(9) { try answer(row) }
        }
    }

    private mutating func respond(_ row: Row) throws {
        guard !row.isNull(8) else { return }
        let isInTime: Bool = try row[8]
        sums.due += 1
        if isInTime { sums.responded += 1 }
    }

    private mutating func answer(_ row: Row) throws {
        sums.asked += 1
        if row.isNull(10) {
            let isUnreached: Bool = try row[11]
            if isUnreached { sums.unreached += 1 }
        } else {
            let isSolved: Bool = try row[10]
            sums.answered += 1
            if isSolved { sums.solved += 1 }
        }
        guard !row.isNull(12) else { return }
        let grade: Int64 = try row[12]
        switch grade {
        case 5: sums.very += 1
        case 4: sums.satisfied += 1
        case 3: sums.basic += 1
        case 2: sums.unsatisfied += 1
        default: sums.veryUnsatisfied += 1
        }
    }
}

extension RateMonths {
    /// What a recount of one month found.
    package struct Recount: Sendable {
        /// The month.
        package let month: AssessmentMonth
        /// Evidence rows that were counted.
        package let evidence: Int
        /// Rows of sums that were compared.
        package let compared: Int
        /// Where they differ, a sentence each, at most twenty.
        package let differences: [String]
    }

    /// Counts a month's evidence again, row by row and by another way than the sums were made, and compares every sum.
    package static func recount(_ month: AssessmentMonth, _ tx: ReadTx) throws -> Recount {
        let counted = try RateRecount(month, tx)
        let expected = counted.cells
        let stored = try stored(month, tx)
        var differences: [String] = []
        for cell in Set(expected.keys).union(stored.keys).sorted() where expected[cell] != stored[cell] {
            guard differences.count < 20 else { break }
            let (right, wrong) = (expected[cell]?.numbers ?? [], stored[cell]?.numbers ?? [])
            differences.append(
                "\(month) \(cell.division) unit \(cell.unit) \(cell.category): counted \(right), stored \(wrong)"
            )
        }
        return Recount(month: month, evidence: counted.evidence, compared: stored.count, differences: differences)
    }

    /// How many evidence rows of a month were dispatched on none of its days: counted by a day that months ended on before
    /// it was kept, they are not renamed, and the days a page says of the month are not theirs.
    package static func outside(
        _ month: AssessmentMonth, _ calendar: AssessmentCalendar, _ tx: ReadTx
    ) throws -> Int {
        let from = Instant(calendar.firstDay(of: month))
        let until = Instant(calendar.firstDay(of: month.next))
        return try tx.value(
            """
            SELECT count(*) FROM case_outcome
            WHERE month = \(month) AND (dispatched_at < \(from) OR dispatched_at >= \(until))
            """
        ) ?? 0
    }

    private static func stored(_ month: AssessmentMonth, _ tx: ReadTx) throws -> [Cell: RateSums] {
        var stored: [Cell: RateSums] = [:]
        try tx.each(
            """
            SELECT r.division, r.unit_id, r.category, r.against_unit, r.requests, r.rounds, r.exclusions, r.withdrawals,
                r.due, r.responded, r.asked, r.answered, r.solved, r.unreached, r.very, r.satisfied, r.basic,
                r.unsatisfied, r.very_unsatisfied
            FROM rate_month r WHERE r.month = \(month)
            """
        ) { row in
            let cell = Cell(
                division: try row[0], month: month, unit: try row[1], category: try row[2], against: try row[3]
            )
            let sums = try sums(row, from: 4)
            // What was counted once and corrected away leaves a row of zeros.
            if !sums.isZero { stored[cell] = sums }
        }
        return stored
    }
}
