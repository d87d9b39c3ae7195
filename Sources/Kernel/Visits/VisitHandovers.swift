import LinliCore
import LinliSQL

/// Open visits that who walks a grid announced there go from hand to hand with the grid. Whoever announced one without
/// walking it, a stand-in of the community, comes themselves: theirs stays theirs.
package enum VisitHandovers {
    /// Whether somebody walks a grid now.
    static func walks(_ account: ID<Account>?, _ grid: DivisionCode, _ tx: WriteTx) throws -> Bool {
        guard let account else { return false }
        return try tx.exists(
            """
            SELECT 1 FROM access_grant g WHERE g.account_id = \(account) AND g.division = \(grid)
            AND g.role = \(Role.gridWorker.id) AND \(held(tx.now)) LIMIT 1
            """)
    }

    /// Gives the open visits of a grid whose worker walks it no more to who walks it now, in the write of the hand-over;
    /// while nobody does they are nobody's. Answers with how many changed hands.
    @discardableResult
    package static func settle(in grid: DivisionCode, _ tx: WriteTx) throws -> Int {
        guard grid.level == .grid else { return 0 }
        let visits = try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables)
            WHERE v.division = \(grid) AND v.is_open = 1 AND v.is_of_grid = 1 AND NOT (\(isWalked(tx.now))) ORDER BY v.id
            """
        ) { try Visit($0) }
        guard !visits.isEmpty else { return 0 }
        let next = try AccessStore.holder(of: .gridWorker, over: grid, at: tx.now, tx)
        let changed = visits.filter { $0.worker != next?.id }
        for visit in changed { try give(visit, to: next, tx) }
        return changed.count
    }

    /// The same for every grid somebody walked: their account is closed.
    package static func settle(of account: ID<Account>, _ tx: WriteTx) throws {
        let grids: [DivisionCode] = try tx.all(
            """
            SELECT DISTINCT division FROM access_grant
            WHERE account_id = \(account) AND role = \(Role.gridWorker.id) AND division IS NOT NULL ORDER BY division
            """
        ) { try $0[0] }
        for grid in grids { try settle(in: grid, tx) }
    }

    /// The unit and the name stay with a visit that is nobody's: who takes it over is compared with whom the household was
    /// told of.
    private static func give(_ visit: Visit, to next: AccountSummary?, _ tx: WriteTx) throws {
        let name = next?.name ?? visit.workerName
        try tx.execute(
            """
            UPDATE visit SET worker_id = \(next?.id), worker_name = \(name), unit_id = \(next?.unit ?? visit.unit)
            WHERE id = \(visit.id) AND is_open = 1
            """)
        try tx.audit(visit.subject, fields: ["worker"])
        let isOther = visit.worker != nil || name != visit.workerName
        guard next != nil, isOther else { return }
        try tx.emit("visit.handed", visit.subject, facts: ["household": "\(visit.household.rawValue)"])
    }

    /// Grids with open visits of somebody whose time there is over, or of nobody though somebody walks them: no command at a
    /// desk said so, the day or the console did.
    static func left(at now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        let over: [DivisionCode] = try tx.all(
            """
            SELECT DISTINCT v.division FROM access_grant e JOIN visit v ON v.division = e.division
            AND v.worker_id = e.account_id AND v.is_open = 1 AND v.is_of_grid = 1
            WHERE e.role = \(Role.gridWorker.id) AND e.valid_until <= \(now) AND NOT (\(isWalked(now)))
            ORDER BY v.division LIMIT 200
            """
        ) { try $0[0] }
        let waiting: [DivisionCode] = try tx.all(
            """
            SELECT DISTINCT v.division FROM access_grant g JOIN account a ON a.id = g.account_id
            JOIN visit v ON v.division = g.division AND v.worker_id IS NULL AND v.is_open = 1 AND v.is_of_grid = 1
            WHERE g.role = \(Role.gridWorker.id) AND a.status = 'active' AND \(held(now)) ORDER BY v.division LIMIT 200
            """
        ) { try $0[0] }
        return Set(over + waiting).sorted()
    }

    /// Whether the worker of a visit `v` walks its grid.
    private static func isWalked(_ now: Instant) -> SQL {
        """
        EXISTS (SELECT 1 FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.account_id = v.worker_id AND g.division = v.division AND g.role = \(Role.gridWorker.id)
            AND a.status = 'active' AND \(held(now)))
        """
    }

    private static func held(_ now: Instant) -> SQL {
        "g.valid_from <= \(now) AND (g.valid_until IS NULL OR g.valid_until > \(now))"
    }
}

extension JobKind {
    /// Duties that end by the day, or by the console, hand over, too.
    static let visitHandovers = JobKind("visits.handOver", everySeconds: 60) { run in
        let grids = try await run.database.read { try VisitHandovers.left(at: run.context.now, $0) }
        guard !grids.isEmpty else { return }
        try await run.database.write(run.context, "visits.handOver") { tx in
            let changed = try grids.reduce(0) { try $0 + VisitHandovers.settle(in: $1, tx) }
            try tx.audit(Subject("visit", 0), fields: ["worker×\(changed)"])
        }
    }
}

extension Migration {
    /// Which visits go with the grid: those that who walked it then announced.
    static let visitsOfGrids = Migration(
        "2026-12-01.14-visits-of-grids",
        """
        ALTER TABLE visit ADD COLUMN is_of_grid INTEGER NOT NULL DEFAULT 0 CHECK (is_of_grid IN (0, 1));
        UPDATE visit SET is_of_grid = 1 WHERE is_open = 1 AND EXISTS (
            SELECT 1 FROM access_grant g WHERE g.account_id = visit.worker_id AND g.division = visit.division
            AND g.role = 'gridWorker');
        """
    )
}
