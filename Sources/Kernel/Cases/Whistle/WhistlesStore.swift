import LinliCore
import LinliSQL

/// Which whistles a list shows.
package enum WhistleTab: String, Sendable, CaseIterable {
    case toAnswer, toConfirm, own, all

    /// What the tab says.
    package var name: Text {
        switch self {
        case .toAnswer: Text("要我们报到", "Calling us")
        case .toConfirm: Text("待书记确认", "To confirm")
        case .own: Text("我吹的哨", "Mine")
        case .all: Text("辖区全部", "All here")
        }
    }
}

/// A whistle as a row of a list.
package struct WhistleRow: Sendable {
    package let whistle: WhistleRecord
    /// How many units were called, how many have come, how many did not come in time.
    package let called: Int
    package let arrived: Int
    package let missed: Int
}

/// Every SQL text that reads whistles.
package enum WhistlesStore {
    static func find(_ id: ID<Whistle>, _ tx: ReadTx) throws -> WhistleRecord? {
        try tx.first("SELECT \(WhistleRecord.columns) FROM \(WhistleRecord.tables) WHERE w.id = \(id)") {
            try WhistleRecord($0)
        }
    }

    /// The whistles of a case, the newest first.
    static func all(of id: ID<Case>, _ tx: ReadTx) throws -> [WhistleRecord] {
        try tx.all(
            """
            SELECT \(WhistleRecord.columns) FROM \(WhistleRecord.tables) WHERE w.case_id = \(id)
            ORDER BY w.id DESC LIMIT 20
            """
        ) { try WhistleRecord($0) }
    }

    /// The units a whistle calls, with who came.
    static func units(of id: ID<Whistle>, _ tx: ReadTx) throws -> [WhistleUnit] {
        var units = try tx.all(
            """
            SELECT \(WhistleUnit.columns) FROM whistle_unit n JOIN unit u ON u.id = n.unit_id
            WHERE n.whistle_id = \(id) ORDER BY n.position, n.id LIMIT 50
            """
        ) { try WhistleUnit($0) }
        for index in units.indices {
            units[index].signIns = try tx.all(
                """
                SELECT s.at, s.name, s.way FROM whistle_sign_in s WHERE s.called_id = \(units[index].id)
                ORDER BY s.id LIMIT 50
                """
            ) { WhistleSignIn(at: try $0[0], name: try $0[1], way: try $0[2]) }
        }
        return units
    }

    /// What was given to the units.
    static func tasks(of id: ID<Whistle>, _ tx: ReadTx) throws -> [WhistleTask] {
        try tx.all(
            """
            SELECT \(CaseRow.columns), u.name, u.name_en, t.by_day
            FROM whistle_task t JOIN case_item c ON c.id = t.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE t.whistle_id = \(id) ORDER BY t.case_id LIMIT 50
            """
        ) { WhistleTask(row: try CaseRow($0), by: CivilDate(daysSinceEpoch: try $0[CaseRow.width])) }
    }

    /// Whistles whose time is over and that nobody has gone through yet.
    static func due(at now: Instant, _ tx: ReadTx) throws -> [ID<Whistle>] {
        try tx.all(
            """
            SELECT w.id FROM whistle w WHERE w.is_counted = 0 AND w.due_at IS NOT NULL AND w.due_at <= \(now)\
            \(JobRound.isAwake("whistles.count", "w.id", at: now))
            ORDER BY w.due_at, w.id LIMIT 100
            """
        ) { try $0[0] }
    }

    /// Units that a whistle of a storey may call from `division`: those of the level above, and no others.
    package static func callable(
        _ storey: Whistle.Storey, from division: DivisionCode, _ tx: ReadTx
    ) throws -> [UnitSummary] {
        try tx.all(
            """
            SELECT \(UnitSummary.columns) FROM unit u
            WHERE u.division = \(division.ancestor(at: storey.calledLevel))
            AND u.kind IN \(SQL.list(storey.calledKinds)) AND u.closed_at IS NULL ORDER BY u.id LIMIT 100
            """
        ) { try UnitSummary($0) }
    }

    /// The sealed phone of who a unit said would come.
    static func contact(
        _ id: ID<Whistle>, _ unit: ID<Unit>, _ tx: ReadTx
    ) throws -> (cell: Cell, sealed: [UInt8])? {
        try tx.first(
            """
            SELECT id, contact_sealed FROM whistle_unit
            WHERE whistle_id = \(id) AND unit_id = \(unit) AND contact_sealed IS NOT NULL
            """
        ) { (Cell("whistle_unit", "contact_sealed", try $0[0]), try $0[1]) }
    }

    // MARK: Lists

    static func list(
        _ tab: WhistleTab, _ actor: Actor, before: ID<Whistle>?, limit: Int, _ tx: ReadTx
    ) throws -> [WhistleRow] {
        guard let which = condition(tab, actor) else { return [] }
        let scope = actor.scope
        let count: (SQL) -> SQL = { extra in
            "(SELECT count(*) FROM whistle_unit n WHERE n.whistle_id = w.id\(extra))"
        }
        return try tx.all(
            """
            SELECT \(WhistleRecord.columns), \(count("")), \(count(" AND n.arrived_at IS NOT NULL")),
                \(count(" AND n.missed_at IS NOT NULL"))
            FROM \(WhistleRecord.tables)
            WHERE \(which) AND w.id < \(before ?? ID(rawValue: Int64.max))\(CaseQueries.hide(scope))
            ORDER BY w.id DESC LIMIT \(limit)
            """
        ) { WhistleRow(whistle: try WhistleRecord($0), called: try $0[27], arrived: try $0[28], missed: try $0[29]) }
    }

    /// How many whistles call one of these units that somebody answers for, and nobody of it has come yet.
    static func expected(of units: [ID<Unit>], _ actor: Actor, limit: Int, _ tx: ReadTx) throws -> Int {
        let own = WhistleStanding.represented(actor).filter(units.contains)
        guard !own.isEmpty else { return 0 }
        return try tx.value(
            """
            SELECT count(*) FROM (SELECT DISTINCT w.id FROM whistle_unit n JOIN whistle w ON w.id = n.whistle_id
            JOIN case_item c ON c.id = w.case_id WHERE n.unit_id IN \(SQL.list(own)) AND n.arrived_at IS NULL
            AND n.missed_at IS NULL AND w.state IN ('called', 'minuted')\(CaseQueries.hide(actor.scope))
            LIMIT \(limit)) AS part
            """
        ) ?? 0
    }

    private static func condition(_ tab: WhistleTab, _ actor: Actor) -> SQL? {
        switch tab {
        case .toAnswer:
            let units = WhistleStanding.represented(actor)
            guard !units.isEmpty else { return nil }
            return """
                w.state IN ('called', 'minuted') AND w.id IN (SELECT n.whistle_id FROM whistle_unit n
                    WHERE n.unit_id IN \(SQL.list(units)) AND n.arrived_at IS NULL)
                """
        case .toConfirm:
            let parts = Whistle.Storey.allCases.compactMap { storey -> SQL? in
                let own = WhistleStanding.divisions(storey, .whistlesConfirm, actor)
                guard !own.isEmpty else { return nil }
                return "(w.storey = \(storey) AND (\(inside(own))))"
            }
            guard !parts.isEmpty else { return nil }
            return """
                (w.state = 'draft' OR (w.state IN ('called', 'minuted') AND w.confirmed_at IS NULL))
                AND (\(SQL.joined(parts, separator: " OR ")))
                """
        case .own:
            guard let account = actor.account else { return nil }
            return "w.drafted_by = \(account)"
        case .all:
            let divisions = actor.scope(for: .casesRead).divisions
            return divisions.isEmpty ? nil : "(\(inside(divisions)))"
        }
    }

    /// When a task must be done by the day that was agreed on the spot; nil for a case that is none.
    static func agreed(_ task: ID<Case>, _ tx: ReadTx) throws -> Instant? {
        let day: Int? = try tx.value("SELECT by_day FROM whistle_task WHERE case_id = \(task)")
        return day.map(end(ofDay:))
    }

    /// A day that was agreed lasts until its end.
    static func end(ofDay day: Int) -> Instant {
        Instant(CivilDate(daysSinceEpoch: day), hour: 23, minute: 59)
    }

    /// The storey of the whistle a task was given on; nil for a case that is none.
    static func storey(of task: ID<Case>, _ tx: ReadTx) throws -> Whistle.Storey? {
        try tx.value(
            "SELECT w.storey FROM whistle_task t JOIN whistle w ON w.id = t.whistle_id WHERE t.case_id = \(task)")
    }

    /// Moves the day a task was agreed to be done by.
    static func setAgreed(_ day: CivilDate, of task: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE whistle_task SET by_day = \(day.daysSinceEpoch) WHERE case_id = \(task)")
    }

    static func inside(_ divisions: [DivisionCode]) -> SQL {
        SQL.joined(
            divisions.map { "w.division BETWEEN \($0.range.lowerBound) AND \($0.range.upperBound)" as SQL },
            separator: " OR "
        )
    }
}
