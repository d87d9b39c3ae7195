import LinliCore
import LinliSQL

/// Elders who live alone and of whom nothing was heard for the days of their care and those the book gives them.
///
/// Whoever was never heard of is counted from the day the register has known them, and gets the same days: what is imported
/// today warns nobody today.
enum SilentHouseholds {
    struct Row: Sendable {
        let household: ID<Household>
        let division: DivisionCode
        /// The moment from which the silence means something.
        let at: Instant
    }

    /// So many are warned of in one run, and so many in one transaction.
    private static let (most, step) = (1000, 200)

    /// Those that are silent and were not noted for this silence yet, the longest first; only `some` when they are named.
    static func due(
        _ silence: Int, _ days: VisitDays, at now: Instant, some: [ID<Household>]? = nil, _ tx: ReadTx
    ) throws -> [Row] {
        let wait = days[.alone]
        let (heard, never) = (now.adding(days: -silence), now.adding(days: -silence - wait))
        let named: SQL = some.map { "AND x.household_id IN \(SQL.list($0))" } ?? ""
        return try tx.all(
            """
            SELECT x.household_id, x.division, x.due_at, x.heard_at FROM visit_debt x
            WHERE x.care = \(HouseholdCare.alone) AND x.due_at <= \(heard)
            AND (x.heard_at > 0 OR x.due_at <= \(never)) \(named)
            AND EXISTS (SELECT 1 FROM household h WHERE h.id = x.household_id AND h.valid_to IS NULL)
            AND NOT EXISTS (SELECT 1 FROM warning_signal s WHERE s.household_id = x.household_id
                AND s.kind = 'silent' AND s.at > x.due_at)
            ORDER BY x.due_at, x.household_id LIMIT \(most)
            """
        ) { row in
            let (due, heardAt): (Instant, Int64) = (try row[2], try row[3])
            return Row(
                household: try row[0], division: try row[1],
                at: due.adding(days: heardAt > 0 ? silence : wait + silence))
        }
    }

    /// Notes them, a few in each transaction; whoever was heard of meanwhile is left out.
    static func note(
        _ numbers: WarningNumbers, _ days: VisitDays, at now: Instant, _ database: Database
    ) async throws {
        let all = try await database.read { tx -> [Row] in
            guard let silence = try WarningBook.current(numbers, tx).silence else { return [] }
            return try due(silence, days, at: now, tx)
        }.map(\.household)
        for start in stride(from: 0, to: all.count, by: step) {
            let some = Array(all[start..<min(start + step, all.count)])
            try await database.system(.background) { tx in
                let book = try WarningBook.current(numbers, tx)
                guard let silence = book.silence else { return }
                for one in try due(silence, days, at: now, some: some, tx) {
                    let place = SignalPlace(division: one.division, household: one.household)
                    try WarningSums.note(
                        .silent, at: one.at, place, source: ("household", one.household.rawValue), book, tx)
                }
            }
        }
    }
}

extension JobKind {
    /// Warns of elders who live alone and of whom nothing is heard.
    static func silentHouseholds(_ numbers: WarningNumbers, _ days: VisitDays) -> JobKind {
        JobKind("warnings.silent", everySeconds: 3600) { run in
            try await SilentHouseholds.note(numbers, days, at: run.context.now, run.database)
        }
    }
}
