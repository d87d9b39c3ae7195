import LinliCore
import LinliSQL

/// A time somebody stands on a roster, and who has the duty around it.
package struct DutyShift: Sendable {
    /// Somebody else on the same roster.
    package struct Holder: Sendable {
        /// Who.
        package let name: String
        /// When their shift begins and ends.
        package let from: Instant
        package let until: Instant
    }

    /// Whose roster.
    package let unit: UnitSummary
    /// When it begins and ends.
    package let from: Instant
    package let until: Instant
    /// Who begins last before it.
    package let before: Holder?
    /// Who begins next after it.
    package let after: Holder?
}

/// Reading one's own duty.
package enum DutyShifts {
    /// Further back or ahead nobody hands over.
    private static let reach = 7

    /// The shifts of an account that run now or begin before `end`, in order, with their neighbours.
    package static func own(
        _ account: ID<Account>, from now: Instant, until end: Instant, _ tx: ReadTx
    ) throws -> [DutyShift] {
        let rows = try tx.all(
            """
            SELECT d.unit_id, d.starts_at, d.ends_at FROM duty_shift d
            WHERE d.account_id = \(account) AND d.ends_at > \(now) AND d.starts_at < \(end)
            ORDER BY d.starts_at, d.id LIMIT 100
            """
        ) { (unit: try $0[0] as ID<Unit>, from: try $0[1] as Instant, until: try $0[2] as Instant) }
        return try rows.compactMap { row in
            guard let unit = try UnitsStore.find(row.unit, tx) else { return nil }
            return DutyShift(
                unit: unit, from: row.from, until: row.until,
                before: try neighbour(
                    """
                    d.unit_id = \(row.unit) AND d.account_id <> \(account) AND d.starts_at < \(row.from)
                    AND d.ends_at > \(row.from.adding(days: -reach)) ORDER BY d.starts_at DESC, d.id DESC
                    """, tx),
                after: try neighbour(
                    """
                    d.unit_id = \(row.unit) AND d.account_id <> \(account) AND d.starts_at > \(row.from)
                    AND d.starts_at < \(row.until.adding(days: reach)) AND d.ends_at > \(row.from)
                    ORDER BY d.starts_at, d.id
                    """, tx))
        }
    }

    private static func neighbour(_ condition: SQL, _ tx: ReadTx) throws -> DutyShift.Holder? {
        try tx.first(
            """
            SELECT a.name, d.starts_at, d.ends_at FROM duty_shift d JOIN account a ON a.id = d.account_id
            WHERE \(condition) LIMIT 1
            """
        ) { DutyShift.Holder(name: try $0[0], from: try $0[1], until: try $0[2]) }
    }
}

extension Migration {
    /// Who is on duty now is asked for every page of home: a roster reaches weeks ahead, and each shift to come that the
    /// index finds is decided without its row.
    static let dutyAhead = Migration(
        "2026-11-30.79-duty-ahead",
        """
        DROP INDEX duty_shift_unit;
        CREATE INDEX duty_shift_unit ON duty_shift (unit_id, ends_at, id, starts_at, account_id);
        """
    )
}
