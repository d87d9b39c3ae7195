import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What a rule would have done with past cases.
struct DispatchTrial: Sendable {
    /// A case that fits.
    struct Example: Sendable {
        let number: String
        let title: String
        let at: Instant
        /// Who has it or had it last.
        let unit: Text
    }

    /// How many were looked at.
    var looked = 0
    /// Whether there were more than were looked at.
    var isCut = false
    /// How many fit.
    var fits = 0
    /// How many of those are with the rule's unit anyway.
    var same = 0
    /// The newest that would have gone elsewhere.
    var examples: [Example] = []

    /// How many are looked at.
    static let limit = 5000
    /// How many are shown.
    static let shown = 10
}

/// Every SQL text of the pages of dispatch.
enum DispatchAdminStore {
    /// Tries a rule on the cases of the last 30 days in its division, the newest first, without cases the reader's own
    /// units are complained about in.
    static func trial(_ rule: DispatchRule, _ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> DispatchTrial {
        guard let column = CaseQueries.levelColumn(rule.division.level) else { return DispatchTrial() }
        var trial = DispatchTrial()
        try tx.each(
            """
            SELECT c.division, c.category, c.nature, c.spot, c.text, c.created_at, c.answers, c.handler_unit, c.number,
                c.title, u.name, u.name_en
            FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE \(column) = \(rule.division) AND c.created_at >= \(now.adding(days: -30))\(CaseQueries.hide(scope))
            ORDER BY c.id DESC LIMIT \(DispatchTrial.limit + 1)
            """
        ) { row in
            trial.looked += 1
            let facts = DispatchRule.Facts(
                division: try row[0], category: try row[1], nature: try row[2], spot: try row[3], text: try row[4],
                at: try row[5], answers: DispatchRule.answers(try row[6])
            )
            guard rule.fits(facts) else { return }
            trial.fits += 1
            let unit: ID<Unit>? = try row[7]
            if unit == rule.unit {
                trial.same += 1
            } else if trial.examples.count < DispatchTrial.shown {
                let name = Text(try row[10] ?? "", try row[11] ?? "")
                trial.examples.append(.init(number: try row[8], title: try row[9], at: facts.at, unit: name))
            }
        }
        trial.isCut = trial.looked > DispatchTrial.limit
        return trial
    }

    /// Units a rule over some divisions may send to.
    static func units(_ divisions: [DivisionCode], _ tx: ReadTx) throws -> [UnitSummary] {
        var known: Set<ID<Unit>> = []
        return try divisions.flatMap { try UnitsStore.reachable(from: $0, tx) }.filter { known.insert($0.id).inserted }
    }
}
