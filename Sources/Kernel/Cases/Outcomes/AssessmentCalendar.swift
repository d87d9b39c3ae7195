import LinliCore
import LinliSQL

/// Which days the assessment months have. The day they end on is a setting, and a month that has begun keeps its days when
/// the setting changes: what was counted in it stays in it, and pages name the days it was counted by.
package struct AssessmentCalendar: Sendable, Equatable {
    /// On which day months end from one of them on.
    package struct Rule: Sendable, Equatable {
        /// The first month that ends so.
        package let from: AssessmentMonth
        /// The day; 31 for the last of the month.
        package let cutoff: Int

        /// A rule.
        package init(from: AssessmentMonth, cutoff: Int) {
            self.from = from
            self.cutoff = cutoff
        }
    }

    /// What holds since when, the oldest first; none while nothing was kept.
    package let rules: [Rule]
    /// The day months end on while nothing was kept.
    private let usual: Int

    /// Months that end by rules, the oldest first; without any they all end on the day `cutoff`.
    package init(_ rules: [Rule] = [], otherwise cutoff: Int) {
        self.rules = rules
        usual = cutoff
    }

    /// The day a month ends on by its rule; 31 for its last.
    package func cutoff(of month: AssessmentMonth) -> Int {
        let rule = rules.last(where: { $0.from <= month }) ?? rules.first
        return rule?.cutoff ?? usual
    }

    /// The last day of a month.
    package func lastDay(of month: AssessmentMonth) -> CivilDate { month.lastDay(cutoff: cutoff(of: month)) }

    /// The first day of a month: the one after the last of the month before, so that no day is in two months or in none.
    package func firstDay(of month: AssessmentMonth) -> CivilDate { lastDay(of: month.previous).adding(days: 1) }

    /// The days of a month: `10月26日至11月25日`.
    package func days(of month: AssessmentMonth) -> Text {
        firstDay(of: month).dayAndMonth + Text("至", " to ") + lastDay(of: month).dayAndMonth
    }

    /// The month a moment belongs to.
    package func month(of moment: Instant) -> AssessmentMonth {
        // Every month ends in the month of the calendar that it takes its name from.
        let named = AssessmentMonth(at: moment, cutoff: 31)
        return moment.date > lastDay(of: named) ? named.next : named
    }

    /// Whether a month is over at `now`.
    package func isOver(_ month: AssessmentMonth, at now: Instant) -> Bool { now.date > lastDay(of: month) }

    /// On which days months ended before one that ends otherwise, and end from it on; nil for a month like the one before.
    package func change(with month: AssessmentMonth) -> (before: Int, after: Int)? {
        let (before, after) = (cutoff(of: month.previous), cutoff(of: month))
        return before == after ? nil : (before: before, after: after)
    }

    /// From which month on months are to end on the day `wanted`; nil where they do. The month that goes on keeps its end,
    /// since what came in it is counted in it, and the one after it is as much shorter or longer. While nothing was ever
    /// counted, a change holds for all.
    func change(to wanted: Int, at now: Instant, isUsed: Bool) -> AssessmentMonth? {
        guard isUsed, !rules.isEmpty else {
            return rules == [Rule(from: .first, cutoff: wanted)] ? nil : AssessmentMonth.first
        }
        let coming = month(of: now).next
        return cutoff(of: coming) == wanted && rules.last?.cutoff == wanted ? nil : coming
    }
}

// MARK: Kept

extension AssessmentCalendar {
    /// What the store keeps; while it keeps nothing, months end on the day of the settings.
    package static func kept(otherwise cutoff: Int, _ tx: ReadTx) throws -> AssessmentCalendar {
        let rules = try tx.all("SELECT month, cutoff FROM assessment_cutoff ORDER BY month") { row in
            Rule(from: try row[0], cutoff: try row[1])
        }
        return AssessmentCalendar(rules, otherwise: cutoff)
    }

    /// From which month on the store is to say that months end on the day `wanted`; nil where it does.
    fileprivate static func pending(_ wanted: Int, at now: Instant, _ tx: ReadTx) throws -> AssessmentMonth? {
        let isUsed = try tx.exists("SELECT 1 FROM case_item LIMIT 1")
        return try kept(otherwise: wanted, tx).change(to: wanted, at: now, isUsed: isUsed)
    }
}

extension CaseQueries {
    /// Which days the assessment months have.
    package func assessmentCalendar() async throws -> AssessmentCalendar {
        let cutoff = settings.rates.cutoff
        return try await database.read { try AssessmentCalendar.kept(otherwise: cutoff, $0) }
    }
}

extension CaseCommands {
    /// The assessment month of a moment.
    func month(at moment: Instant, _ tx: ReadTx) throws -> AssessmentMonth {
        try AssessmentCalendar.kept(otherwise: queries.settings.rates.cutoff, tx).month(of: moment)
    }

    /// Keeps from which month on months end on the day of the settings; false where that was kept.
    @discardableResult
    package func keepCutoff(_ context: Context) async throws -> Bool {
        try await keep(cutoff: queries.settings.rates.cutoff, context)
    }

    /// Keeps from which month on months end on a day; false where that was kept.
    @discardableResult
    package func keep(cutoff: Int, _ context: Context) async throws -> Bool {
        let now = context.now
        let isNew = try await database.read { try AssessmentCalendar.pending(cutoff, at: now, $0) != nil }
        guard isNew else { return false }
        return try await database.write(context, "rates.cutoff") { tx in
            // Another node may have kept it in between.
            let month = try AssessmentCalendar.pending(cutoff, at: tx.now, tx)
            if let month {
                let before = try AssessmentCalendar.kept(otherwise: cutoff, tx)
                // What was to hold from a month that has not begun never held.
                try tx.execute("DELETE FROM assessment_cutoff WHERE month >= \(month)")
                if month == .first || before.cutoff(of: month.previous) != cutoff {
                    try tx.execute(
                        """
                        INSERT INTO assessment_cutoff (month, cutoff, kept_at) VALUES (\(month), \(cutoff), \(tx.now))
                        ON CONFLICT (month) DO NOTHING
                        """
                    )
                }
            }
            try tx.audit(Subject("rates", 0), fields: ["cutoff"], values: month.map { ["\($0)", "\(cutoff)"] } ?? [])
            return month != nil
        }
    }
}

extension Migration {
    /// On which day assessment months end, and from which month on: what was counted by one day is not renamed by another.
    static let assessmentCutoffs = Migration(
        "2026-12-01.10-assessment-cutoffs",
        """
        CREATE TABLE assessment_cutoff (
            month INTEGER NOT NULL PRIMARY KEY,
            cutoff INTEGER NOT NULL CHECK (cutoff BETWEEN 1 AND 31),
            kept_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
