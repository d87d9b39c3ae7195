import LinliCore
import LinliSQL

extension UnitsStore {
    /// Which of some units have nobody who may sign for what is sent there: no handler of their own and, of a committee,
    /// nobody who works in its community or walks a grid of it.
    ///
    /// Routing goes by whose it is and sends there all the same: a case waits in vain until somebody is given the duty.
    package static func withoutHands(
        _ units: [UnitSummary], at now: Instant, _ tx: ReadTx
    ) throws -> Set<ID<Unit>> {
        guard !units.isEmpty else { return [] }
        let roles = SQL.list(Role.all.filter { $0.permissions.contains(.casesHandle) }.map(\.id))
        let holds: SQL = """
            FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.role IN \(roles) AND a.status = 'active' AND g.valid_from <= \(now)
            AND (g.valid_until IS NULL OR g.valid_until > \(now))
            """
        let manned: [ID<Unit>] = try tx.all(
            "SELECT DISTINCT g.unit_id \(holds) AND g.unit_id IN \(SQL.list(units.map(\.id)))"
        ) { try $0[0] }
        var without = Set(units.map(\.id)).subtracting(manned)
        for unit in units where without.contains(unit.id) && [.committee, .village].contains(unit.kind) {
            let range = unit.division.range
            let works = try tx.exists(
                "SELECT 1 \(holds) AND g.division BETWEEN \(range.lowerBound) AND \(range.upperBound) LIMIT 1")
            if works { without.remove(unit.id) }
        }
        return without
    }

    /// The units of all that are not closed and have nobody who may sign, by their names; for `linli doctor`.
    package static func withoutHands(at now: Instant, _ tx: ReadTx) throws -> [UnitSummary] {
        let units = try tx.all(
            "SELECT \(UnitSummary.columns) FROM unit u WHERE u.closed_at IS NULL ORDER BY u.division, u.id"
        ) { try UnitSummary($0) }
        var found: [UnitSummary] = []
        for start in stride(from: 0, to: units.count, by: 500) {
            let part = Array(units[start..<min(start + 500, units.count)])
            let without = try withoutHands(part, at: now, tx)
            found += part.filter { without.contains($0.id) }
        }
        return found
    }
}
