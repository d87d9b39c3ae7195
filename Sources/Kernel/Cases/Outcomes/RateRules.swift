import LinliCore
import LinliSQL

/// By which rules a month was scored: weights and what counts as satisfied are settings, and what was said of a month that
/// is over must not change when they do.
package enum RateRules {
    /// The settings for each of some months: those that were kept when it ended, else today's.
    package static func settings(
        of months: [AssessmentMonth], _ today: RateSettings, _ tx: ReadTx
    ) throws -> [AssessmentMonth: RateSettings] {
        var rules = Dictionary(months.map { ($0, today) }, uniquingKeysWith: { first, _ in first })
        guard !months.isEmpty else { return rules }
        try tx.each(
            """
            SELECT month, response, solution, satisfaction, satisfied_from FROM rate_rule
            WHERE month IN \(SQL.list(months))
            """
        ) { row in
            let month: AssessmentMonth = try row[0]
            var settings = today
            settings.weights = [try row[1], try row[2], try row[3]]
            settings.satisfiedFrom = try row[4]
            rules[month] = settings
        }
        return rules
    }

    /// The settings for one month.
    package static func settings(
        of month: AssessmentMonth, _ today: RateSettings, _ tx: ReadTx
    ) throws -> RateSettings {
        try settings(of: [month], today, tx)[month] ?? today
    }

    /// How far back months without rules of their own are given some: after an update there are months from before it.
    static let monthsBack = 60

    /// Months that are over, have evidence, and have no rules yet.
    static func missing(_ today: RateSettings, at now: Instant, _ tx: ReadTx) throws -> [AssessmentMonth] {
        let newest = try AssessmentCalendar.kept(otherwise: today.cutoff, tx).month(of: now).previous
        let months = newest.back(monthsBack)
        let known: [AssessmentMonth] = try tx.all(
            "SELECT month FROM rate_rule WHERE month IN \(SQL.list(months))"
        ) { try $0[0] }
        return try Set(months).subtracting(known).sorted().filter { month in
            try tx.exists("SELECT 1 FROM case_outcome WHERE month = \(month) LIMIT 1")
        }
    }
}

extension CaseCommands {
    /// Keeps the rules of months that ended; returns how many there were.
    func keepRules(_ context: Context) async throws -> Int {
        let settings = queries.settings.rates
        let isAny = try await database.read { try !RateRules.missing(settings, at: context.now, $0).isEmpty }
        guard isAny, settings.weights.count == 3 else { return 0 }
        return try await database.write(context, "rates.rules") { tx in
            let months = try RateRules.missing(settings, at: tx.now, tx)
            for month in months {
                try tx.execute(
                    """
                    INSERT INTO rate_rule (month, response, solution, satisfaction, satisfied_from, kept_at)
                    VALUES (\(month), \(settings.weights[0]), \(settings.weights[1]), \(settings.weights[2]),
                        \(settings.satisfiedFrom), \(tx.now))
                    ON CONFLICT (month) DO NOTHING
                    """
                )
            }
            try tx.audit(Subject("rates", 0), fields: ["rules"], values: months.map { "\($0)" })
            return months.count
        }
    }
}

extension JobKind {
    /// Keeps by which rules a month is scored, as soon as it is over, and on which day months end.
    static func ratesRules(_ commands: CaseCommands) -> JobKind {
        JobKind("rates.rules", everySeconds: 3600) { _ in
            let context = Context.system("rates.rules", now: commands.database.clock.now)
            try await commands.keepCutoff(context)
            _ = try await commands.keepRules(context)
        }
    }
}

extension Migration {
    /// By which weights a month that is over is scored, and from which grade on somebody counted as satisfied.
    static let rateRules = Migration(
        "2026-11-28.22-rate-rules",
        """
        CREATE TABLE rate_rule (
            month INTEGER NOT NULL PRIMARY KEY,
            response INTEGER NOT NULL CHECK (response >= 0),
            solution INTEGER NOT NULL CHECK (solution >= 0),
            satisfaction INTEGER NOT NULL CHECK (satisfaction >= 0),
            satisfied_from INTEGER NOT NULL CHECK (satisfied_from BETWEEN 1 AND 5),
            kept_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
