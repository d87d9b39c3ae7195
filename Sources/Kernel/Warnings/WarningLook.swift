import LinliCore
import LinliSQL

extension WarningSums {
    /// So many signals are looked at in one transaction.
    private static let pageSize = 500

    /// Looks at the next signals under rules that have changed since the last time; whether that was the last of them.
    /// What was warned of before stays: somebody may have acted on it.
    static func lookBack(_ numbers: WarningNumbers, _ tx: SystemTx) throws -> Bool {
        let book = try WarningBook.current(numbers, tx)
        let (rules, words) = (book.rules, book.mark)
        let known = try tx.first("SELECT rules, after FROM warning_look WHERE id = 1") {
            (rules: try $0[0] as String, after: try $0[1] as Int64?)
        }
        if let known, known.rules == words, known.after == nil { return true }
        let after = known.flatMap { $0.rules == words ? $0.after : nil } ?? 0
        // Nobody is warned today of what would have been one last year.
        let since = tx.now.adding(days: -(rules.map(\.days).max() ?? 0))
        let found = try tx.all(
            """
            SELECT id, kind, at, category, division, place_id, household_id FROM warning_signal
            WHERE id > \(after) AND at > \(since) ORDER BY id LIMIT \(pageSize)
            """
        ) { row -> (WarningSignal, SignalPlace) in
            let signal = WarningSignal(id: try row[0], kind: try row[1], at: try row[2], category: try row[3])
            return (
                signal,
                SignalPlace(
                    division: try row[4], place: try row[5], household: try row[6], category: signal.category)
            )
        }
        for (signal, place) in found where signal.kind != .met {
            for rule in rules where rule.takes(signal) { try put(rule, place, signal, tx) }
        }
        let next = found.count < pageSize ? nil : found.last?.0.id.rawValue
        try tx.execute(
            """
            INSERT INTO warning_look (id, rules, after) VALUES (1, \(words), \(next))
            ON CONFLICT (id) DO UPDATE SET rules = excluded.rules, after = excluded.after
            """
        )
        return next == nil
    }
}

extension JobKind {
    /// Rules that were published, or given other numbers, count for what was heard before, too.
    static func changedWarnings(_ numbers: WarningNumbers) -> JobKind {
        JobKind("warnings.rules", everySeconds: 600) { run in
            while try await !run.database.system(.background, { try WarningSums.lookBack(numbers, $0) }) {}
        }
    }
}
