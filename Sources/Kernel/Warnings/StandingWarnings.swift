import LinliCore
import LinliSQL

/// The warnings of one cause that stand around a signal, and when its household was met.
struct StandingWarnings {
    private let rule: WarningRule
    /// The newest first.
    private let warnings: [(id: ID<Warning>, at: Instant)]
    private let met: [Instant]

    /// Those that may cover a moment less than the days of the rule away from `at`; what a corrected place ended keeps
    /// nothing quiet.
    init(
        of rule: WarningRule, _ cause: String, _ household: ID<Household>?, around at: Instant, _ tx: ReadTx
    ) throws {
        self.rule = rule
        let (from, until) = (at.adding(days: -rule.days - rule.quietDays), at.adding(days: 2 * rule.days))
        let warnings = try tx.all(
            """
            SELECT id, at FROM warning WHERE rule = \(rule.id) AND cause = \(cause)
            AND at > \(from) AND at < \(until) AND state <> \(WarningState.misplaced) ORDER BY at DESC, id DESC
            """
        ) { (id: try $0[0] as ID<Warning>, at: try $0[1] as Instant) }
        self.warnings = warnings
        guard rule.area == .household, !warnings.isEmpty else {
            met = []
            return
        }
        met = try tx.all(
            """
            SELECT at FROM warning_signal WHERE household_id = \(household) AND kind = \(WarningSignalKind.met)
            AND at > \(from) AND at < \(until)
            """
        ) { try $0[0] as Instant }
    }

    /// The warning whose days a moment lies in: those its first reasons had, and those for which it is quiet.
    func covering(_ at: Instant) -> ID<Warning>? {
        let found = warnings.first {
            $0.at > at.adding(days: -rule.quietDays) && $0.at < at.adding(days: rule.days)
        }
        guard let found else { return nil }
        // Whoever was met in between begins anew.
        let between = min(at, found.at)...max(at, found.at)
        return met.contains { between.contains($0) } ? nil : found.id
    }
}
