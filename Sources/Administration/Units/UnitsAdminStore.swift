import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the units' administration that the kernel does not have.
enum UnitsAdminStore {
    /// Which units are listed.
    struct Search: Sendable {
        var name: String?
        var kind: UnitKind?
        var isClosed = false
        var after: ID<Unit>?
        var limit = 50
    }

    /// The unit, if it is within what `actor` may read.
    static func readable(_ id: ID<Unit>, _ actor: Actor, _ tx: ReadTx) throws -> UnitSummary {
        guard let unit = try UnitsStore.find(id, tx), actor.may(.registersRead, in: unit.division) else {
            throw LinliError.notFound("units.unknown")
        }
        return unit
    }

    /// A unit of the list.
    struct Entry: Sendable {
        let unit: UnitSummary
        let closedAt: Instant?
        /// How many accounts work for it.
        let people: Int
    }

    /// What hangs on a unit.
    struct Ties: Sendable {
        var closedAt: Instant?
        var people = 0
        /// Open cases it has to handle, up to 1,000.
        var openCases = 0
        /// Places it manages, up to 1,000.
        var places = 0
        /// Divisions it serves.
        var serves: [DivisionCode] = []
        var onDuty: String?
        /// Whether cases may be sent there and nobody may sign for them.
        var isWithoutHands = false
    }

    /// Units of the divisions; one more than the limit tells whether there is another page.
    static func list(_ search: Search, in divisions: [DivisionCode], _ tx: ReadTx) throws -> [Entry] {
        var conditions: [SQL] = [
            inside(divisions), search.isClosed ? "u.closed_at IS NOT NULL" : "u.closed_at IS NULL",
            "u.id > \(search.after ?? ID(rawValue: 0))",
        ]
        if let kind = search.kind { conditions.append("u.kind = \(kind)") }
        if let name = search.name {
            conditions.append("(\(SQL.contains("u.name", name)) OR \(SQL.contains("u.name_en", name)))")
        }
        return try tx.all(
            """
            SELECT \(UnitSummary.columns), u.closed_at, (SELECT count(*) FROM account a
                WHERE a.unit_id = u.id AND a.status = 'active')
            FROM unit u WHERE \(SQL.joined(conditions, separator: " AND ")) ORDER BY u.id LIMIT \(search.limit + 1)
            """
        ) { Entry(unit: try UnitSummary($0), closedAt: try $0[6], people: try $0[7]) }
    }

    static func inside(_ divisions: [DivisionCode]) -> SQL {
        let ranges = divisions.map { "u.division BETWEEN \($0.range.lowerBound) AND \($0.range.upperBound)" as SQL }
        return ranges.isEmpty ? "1 = 0" : "(" + SQL.joined(ranges, separator: " OR ") + ")"
    }

    /// What hangs on a unit now; for who only looks, without cases against one of `hidden`.
    static func ties(
        of unit: ID<Unit>, apartFrom hidden: [ID<Unit>] = [], at now: Instant, _ tx: ReadTx
    ) throws -> Ties {
        let open = try UnitsStore.find(unit, tx).map { [$0] } ?? []
        func count(_ sql: SQL) throws -> Int { try tx.value("SELECT count(*) FROM (\(sql) LIMIT 1000) AS part") ?? 0 }
        return Ties(
            closedAt: try tx.value("SELECT closed_at FROM unit WHERE id = \(unit)", as: Instant?.self) ?? nil,
            people: try count("SELECT a.id FROM account a WHERE a.unit_id = \(unit) AND a.status = 'active'"),
            openCases: try count(
                """
                SELECT c.id FROM case_item c WHERE c.handler_unit = \(unit)
                AND c.is_open = 1\(SQL.apart(from: hidden, "c.against_unit"))
                """),
            places: try count("SELECT p.id FROM place p WHERE p.manager_id = \(unit)"),
            serves: try tx.all("SELECT division FROM unit_service WHERE unit_id = \(unit) ORDER BY division") {
                try $0[0]
            },
            onDuty: try UnitsStore.onDuty(unit, at: now, tx),
            isWithoutHands: try !UnitsStore.withoutHands(open, at: now, tx).isEmpty
        )
    }

    // MARK: Changes

    /// Changes what a unit is; what it serves, it serves as what it is now.
    static func update(
        _ id: ID<Unit>, kind: UnitKind, name: Text, division: DivisionCode, phone: String, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE unit SET kind = \(kind), name = \(name.zh), name_en = \(name.en), division = \(division),
                phone = \(phone) WHERE id = \(id)
            """
        )
        try tx.execute("UPDATE unit_service SET kind = \(kind) WHERE unit_id = \(id)")
        try tx.audit(Subject("unit", id, division: division), fields: ["name", "kind", "division", "phone"])
    }

    /// Says that a unit no longer serves a division.
    static func unserve(_ id: ID<Unit>, _ division: DivisionCode, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM unit_service WHERE unit_id = \(id) AND division = \(division)")
        try tx.audit(Subject("unit", id, division: division), fields: ["service"])
    }

    /// Closes a unit: what it served, its roster and the duties in it end; its history stays.
    static func close(_ id: ID<Unit>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE unit SET closed_at = \(tx.now) WHERE id = \(id)")
        try tx.execute("DELETE FROM unit_service WHERE unit_id = \(id)")
        try tx.execute("DELETE FROM duty_shift WHERE unit_id = \(id) AND starts_at >= \(tx.now)")
        try tx.execute("UPDATE duty_shift SET ends_at = \(tx.now) WHERE unit_id = \(id) AND ends_at > \(tx.now)")
        try tx.execute(
            """
            UPDATE access_grant SET valid_until = \(tx.now)
            WHERE unit_id = \(id) AND (valid_until IS NULL OR valid_until > \(tx.now))
            """
        )
        try tx.audit(Subject("unit", id), fields: ["closed", "service", "roster", "duty"])
    }
}

extension UnitsAdminStore.Search {
    /// What an address asks for.
    init(_ query: Form) {
        self.init()
        name = query["q"].map { String($0.prefix(40)) }
        kind = query["kind"].flatMap { UnitKind(rawValue: $0) }
        isClosed = query["status"] == "closed"
        after = query.id("after")
    }
}
