import LinliCore
import LinliKernel
import LinliSQL

/// A time somebody is on duty for a unit.
enum Shift {}

/// Every SQL text of rosters that the kernel does not have.
enum RostersStore {
    /// A shift as pages show it.
    struct Entry: Sendable {
        let id: ID<Shift>
        let account: ID<Account>
        let name: String
        let start: Instant
        let end: Instant
    }

    /// A unit and how its roster stands.
    struct Standing: Sendable {
        let unit: UnitSummary
        let onDuty: String?
        /// When the last shift that is planned ends.
        let plannedUntil: Instant?
    }

    /// A week of a unit's roster.
    struct Week: Sendable {
        let unit: UnitSummary
        let monday: CivilDate
        let shifts: [Entry]
        let people: [(id: ID<Account>, name: String)]
        let onDuty: String?
        /// Whether the reader may change it.
        let mayChange: Bool
    }

    /// The week that begins on a Monday, for who may read the registers there.
    static func week(of id: ID<Unit>, from monday: CivilDate, _ context: Context, _ tx: ReadTx) throws -> Week {
        let actor = context.actor
        let now = context.now
        guard let unit = try UnitsStore.find(id, tx), actor.may(.registersRead, in: unit.division) else {
            throw LinliError.notFound("rosters.unit")
        }
        let isOpen = try UnitsAdminStore.ties(of: id, at: now, tx).closedAt == nil
        return Week(
            unit: unit,
            monday: monday,
            shifts: try shifts(of: id, from: Instant(monday), until: Instant(monday.adding(days: 7)), tx),
            people: try people(of: id, at: now, tx),
            onDuty: try UnitsStore.onDuty(id, at: now, tx),
            mayChange: isOpen && actor.may(.registersManage, in: unit.division)
        )
    }

    /// The shifts of a unit that touch a span of time, in order.
    static func shifts(of unit: ID<Unit>, from: Instant, until: Instant, _ tx: ReadTx) throws -> [Entry] {
        try tx.all(
            """
            SELECT d.id, d.account_id, a.name, d.starts_at, d.ends_at FROM duty_shift d
            JOIN account a ON a.id = d.account_id
            WHERE d.unit_id = \(unit) AND d.ends_at > \(from) AND d.starts_at < \(until)
            ORDER BY d.starts_at, d.id LIMIT 2000
            """
        ) { Entry(id: try $0[0], account: try $0[1], name: try $0[2], start: try $0[3], end: try $0[4]) }
    }

    /// Who may be on duty for a unit: whoever works for it or holds a duty in it.
    static func people(of unit: ID<Unit>, at now: Instant, _ tx: ReadTx) throws -> [(id: ID<Account>, name: String)] {
        try tx.all(
            """
            SELECT a.id, a.name FROM account a WHERE a.status = 'active' AND (a.unit_id = \(unit) OR a.id IN (
                SELECT g.account_id FROM access_grant g WHERE g.unit_id = \(unit)
                AND (g.valid_until IS NULL OR g.valid_until > \(now))))
            ORDER BY a.id LIMIT 500
            """
        ) { (id: try $0[0], name: try $0[1]) }
    }

    /// The units of some divisions and how their rosters stand.
    static func standings(in divisions: [DivisionCode], at now: Instant, _ tx: ReadTx) throws -> [Standing] {
        try divisions.flatMap { try UnitsStore.list(in: $0, tx) }.prefix(500).map { unit in
            Standing(
                unit: unit,
                onDuty: try UnitsStore.onDuty(unit.id, at: now, tx),
                plannedUntil: try tx.value(
                    "SELECT max(ends_at) FROM duty_shift WHERE unit_id = \(unit.id) AND ends_at > \(now)",
                    as: Instant?.self
                ) ?? nil
            )
        }
    }

    // MARK: Changes

    /// Takes shifts away that have not begun; one that runs ends now.
    static func remove(_ ids: [ID<Shift>], of unit: UnitSummary, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM duty_shift WHERE id IN \(SQL.list(ids)) AND starts_at >= \(tx.now)")
        try tx.execute(
            "UPDATE duty_shift SET ends_at = \(tx.now) WHERE id IN \(SQL.list(ids)) AND ends_at > \(tx.now)"
        )
        try tx.audit(Subject("unit", unit.id, division: unit.division), fields: ["roster"])
    }
}
