import LinliCore
import LinliSQL

/// Every SQL text that reads cases.
enum CasesStore {
    static func find(_ id: ID<Case>, _ tx: ReadTx) throws -> CaseRecord? {
        try tx.first("SELECT \(CaseRecord.columns) FROM case_item c WHERE c.id = \(id)") { try CaseRecord($0) }
    }

    /// The row, held until the transaction ends.
    static func lock(_ id: ID<Case>, _ tx: WriteTx) throws -> CaseRecord {
        guard
            let item = try tx.first(
                "SELECT \(CaseRecord.columns) FROM case_item c WHERE c.id = \(id)\(SQL.forUpdate)",
                { try CaseRecord($0) }
            )
        else { throw LinliError.notFound("cases.unknown") }
        return item
    }

    /// Units that are parties now.
    static func parties(_ id: ID<Case>, _ tx: ReadTx) throws -> [ID<Unit>] {
        try tx.all("SELECT unit_id FROM case_party WHERE case_id = \(id) AND until IS NULL") { try $0[0] }
    }

    static func entries(_ id: ID<Case>, _ tx: ReadTx) throws -> [CaseEntry] {
        try tx.all(
            """
            SELECT \(CaseEntry.columns) FROM case_entry e \(CaseEntry.joins)
            WHERE e.case_id = \(id) ORDER BY e.id LIMIT 500
            """
        ) { try CaseEntry($0) }
    }

    static func photos(_ id: ID<Case>, _ tx: ReadTx) throws -> [CasePhoto] {
        try tx.all("SELECT file_id, kind, at FROM case_photo WHERE case_id = \(id) ORDER BY id LIMIT 60") {
            try CasePhoto($0)
        }
    }

    /// The parts of a case that other units do, in the order they were asked for.
    static func parts(of id: ID<Case>, _ tx: ReadTx) throws -> [CaseRow] {
        try rows("WHERE c.parent_id = \(id) ORDER BY c.id LIMIT 30", tx)
    }

    /// Rows of a list; `rest` is everything after FROM.
    static func rows(_ rest: SQL, _ tx: ReadTx) throws -> [CaseRow] {
        try tx.all(
            """
            SELECT \(CaseRow.columns), u.name, u.name_en FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
            \(rest)
            """
        ) { try CaseRow($0) }
    }
}

/// A place in a list of cases: the moment the list goes by, and the case.
package struct CaseCursor: Sendable, Equatable {
    package var at: Instant
    package var id: ID<Case>

    /// A place in a list.
    package init(at: Instant, id: ID<Case>) {
        self.at = at
        self.id = id
    }

    /// Parses what `description` wrote.
    package init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let at = Int64(parts[0]), let id = ID<Case>(parts[1]) else { return nil }
        self.init(at: Instant(milliseconds: at), id: id)
    }

    /// `1763…-00f…`, for addresses.
    package var description: String { "\(at.milliseconds)-\(id)" }
}

/// Which cases a desk lists.
package struct CaseFilter: Sendable {
    /// A tab of the desk.
    package enum Tab: String, Sendable, CaseIterable {
        case open, received, dispatched, handling, confirming, checking, soon, late, unconfirmed, closed

        /// The state this tab holds, when it is one state.
        package var state: String? {
            switch self {
            case .received, .dispatched, .handling, .confirming, .checking: rawValue
            case .open, .soon, .late, .unconfirmed, .closed: nil
            }
        }

        /// Whether states of case types are listed under it; the others are made of times.
        var isOfStates: Bool { state != nil || self == .closed }

        /// What the tab says.
        package var name: Text {
            switch self {
            case .open: Text("全部在办", "All open")
            case .received: Text("待派单", "To dispatch")
            case .dispatched: Text("待签收", "To accept")
            case .handling: Text("办理中", "In progress")
            case .confirming: Text("待回访", "To confirm")
            case .checking: Text("待核查", "To check")
            case .soon: Text("快到期", "Due soon")
            case .late: Text("已超期", "Overdue")
            case .unconfirmed: Text("待确认", "Kind unconfirmed")
            case .closed: Text("已办结", "Closed")
            }
        }
    }

    package var tab: Tab
    package var category: String?
    package var grid: DivisionCode?
    /// In whose hands they are; nil for anybody's.
    package var handler: ID<Account>?
    /// Whether open ones are listed the newest first, not what is due first.
    package var isNewestFirst = false
    /// The states the tab lists; filled in by the query that knows the types.
    var states: [String] = []
    /// Where the page before ended: due time and id for open cases, id for closed ones.
    package var after: CaseCursor?
    package var limit: Int

    /// A filter; by default all open cases.
    package init(
        tab: Tab = .open,
        category: String? = nil,
        grid: DivisionCode? = nil,
        after: CaseCursor? = nil,
        limit: Int = 50
    ) {
        self.tab = tab
        self.category = category
        self.grid = grid
        self.after = after
        self.limit = limit
    }
}

extension CaseFilter {
    /// Whether the list is ordered by identifier, the newest first.
    var isByID: Bool { tab == .closed || isNewestFirst }
}

extension CaseQueries {
    /// Cases of a scope, what will be late first; one more than the limit tells whether there is another page.
    package func list(_ filter: CaseFilter, _ scope: Scope, at now: Instant) async throws -> [CaseRow] {
        try await database.read { try list(filter, scope, at: now, $0) }
    }

    /// The same on a view of the store that is open already.
    package func list(_ filter: CaseFilter, _ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> [CaseRow] {
        var filter = filter
        if filter.tab.state != nil { filter.states = types.states(of: filter.tab) }
        // A list that is narrowed to everything is not narrowed.
        if let grid = filter.grid, grid.level < .district { filter.grid = nil }
        guard let sql = CaseQueries.listSQL(filter, try CaseQueries.spread(scope, at: now, tx), at: now) else {
            return []
        }
        return try tx.all(sql) { try CaseRow($0) }
    }

    /// A scope for lists: lists and counts are kept for districts and what lies inside them, so a duty over a city or a
    /// province stands for its districts.
    package static func spread(_ scope: Scope, at now: Instant, _ tx: ReadTx) throws -> Scope {
        guard scope.divisions.contains(where: { $0.level < .district }) else { return scope }
        let divisions = try scope.divisions.flatMap { code in
            code.level < .district ? try DivisionsStore.districts(in: code, at: now, tx) : [code]
        }
        return Scope(
            divisions: Set(divisions).sorted(), units: scope.units, account: scope.account, interests: scope.interests
        )
    }

    /// The list's statement: one indexed branch per division and per unit, never OR. Nil for an empty scope.
    static func listSQL(_ filter: CaseFilter, _ scope: Scope, at now: Instant) -> SQL? {
        let limit = filter.limit + 1
        let divisions = filter.grid.map { grid in scope.contains(grid) ? [grid] : [] } ?? scope.divisions
        let inside: [SQL] = divisions.compactMap { code in
            levelColumn(code.level).map { column in
                "\(isOpen(filter)) AND \(column) = \(code)\(narrow(filter, now, "c"))\(hide(scope))\(order(filter, "c")) LIMIT \(limit)"
            }
        }
        // Most desks are those of one division: the index gives its rows in order, and nothing is put together.
        if let only = inside.first, inside.count == 1, scope.units.isEmpty {
            return """
                SELECT \(CaseRow.columns), u.name, u.name_en FROM case_item c LEFT JOIN unit u ON u.id = c.handler_unit
                WHERE \(only)
                """
        }
        var branches = inside.map(branch)
        for unit in scope.units where filter.tab == .unconfirmed {
            branches.append(
                branch(
                    "\(isOpen(filter)) AND \(unconfirmed(unit, filter, divisions, now))\(hide(scope))\(order(filter, "c")) LIMIT \(limit)"
                ))
        }
        for unit in scope.units where filter.tab != .unconfirmed {
            let isClosed = filter.tab == .closed
            let open: SQL = isClosed ? "p.is_open = 0" : "p.is_open = 1"
            // Rows that a division's branch lists already are left out here.
            let outside = divisions.compactMap { code in levelColumn(code.level).map { $0 + " <> \(code)" } }
            let notTwice = outside.isEmpty ? SQL.empty : " AND " + SQL.joined(outside, separator: " AND ")
            let inGrid: SQL =
                filter.grid.map { grid in
                    " AND c.division BETWEEN \(grid.range.lowerBound) AND \(grid.range.upperBound)"
                } ?? .empty
            branches.append(
                """
                SELECT * FROM (SELECT c.id AS id, c.due_at AS due_at FROM case_party p
                JOIN case_item c ON c.id = p.case_id
                WHERE p.unit_id = \(unit) AND p.until IS NULL AND \(open)\(narrow(filter, now, "p"))\(notTwice)\
                \(inGrid)\(hide(scope))\(order(filter, "p")) LIMIT \(limit)) AS part
                """
            )
        }
        guard !branches.isEmpty else { return nil }
        let outer: SQL = filter.isByID ? "k.id DESC" : "k.due_at, k.id"
        return """
            SELECT \(CaseRow.columns), u.name, u.name_en FROM (
                SELECT * FROM (\(SQL.joined(branches, separator: " UNION ALL "))) AS united
                ORDER BY \(filter.isByID ? "id DESC" as SQL : "due_at, id") LIMIT \(limit)
            ) AS k JOIN case_item c ON c.id = k.id LEFT JOIN unit u ON u.id = c.handler_unit
            ORDER BY \(outer)
            """
    }

    /// What a unit has that nobody confirmed: few among all it has, and in an index of their own.
    private static func unconfirmed(
        _ unit: ID<Unit>, _ filter: CaseFilter, _ divisions: [DivisionCode], _ now: Instant
    ) -> SQL {
        let outside = divisions.compactMap { code in levelColumn(code.level).map { " AND " + $0 + " <> \(code)" } }
        let inGrid: SQL =
            filter.grid.map { " AND c.division BETWEEN \($0.range.lowerBound) AND \($0.range.upperBound)" } ?? .empty
        return "c.handler_unit = \(unit)\(narrow(filter, now, "c"))\(SQL.joined(outside, separator: ""))\(inGrid)"
    }

    private static func branch(_ rest: SQL) -> SQL {
        "SELECT * FROM (SELECT c.id AS id, c.due_at AS due_at FROM case_item c WHERE \(rest)) AS part"
    }

    private static func isOpen(_ filter: CaseFilter) -> SQL {
        filter.tab == .closed ? "c.is_open = 0" : "c.is_open = 1"
    }

    /// Tab, category and cursor; `table` is where due time and state are indexed.
    private static func narrow(_ filter: CaseFilter, _ now: Instant, _ table: String) -> SQL {
        let isParty = table == "p"
        let due: SQL = isParty ? "p.due_at" : "c.due_at"
        let id: SQL = isParty ? "p.case_id" : "c.id"
        let state: SQL = isParty ? "p.state" : "c.state"
        var sql = SQL.empty
        if filter.tab.state != nil { sql.append(" AND \(state) IN \(SQL.list(filter.states))") }
        if filter.tab == .late { sql.append(" AND \(due) < \(now)") }
        if filter.tab == .unconfirmed { sql.append(" AND c.doubt > 0") }
        if filter.tab == .soon { sql.append(" AND \(due) >= \(now) AND \(due) < \(now.adding(hours: 4))") }
        if let category = filter.category { sql.append(" AND c.category = \(category)") }
        if let handler = filter.handler { sql.append(" AND c.handler_id = \(handler)") }
        if let after = filter.after {
            sql.append(
                filter.isByID
                    ? " AND \(id) < \(after.id)" : " AND (\(due), \(id)) > (\(after.at), \(after.id))"
            )
        }
        return sql
    }

    private static func order(_ filter: CaseFilter, _ table: String) -> SQL {
        switch (filter.isByID, table == "p") {
        case (true, true): " ORDER BY p.case_id DESC"
        case (true, false): " ORDER BY c.id DESC"
        case (false, true): " ORDER BY p.due_at, p.case_id"
        case (false, false): " ORDER BY c.due_at, c.id"
        }
    }

    /// Those of some cases that lie in the divisions of a scope, the newest first; what is against a unit the reader works
    /// for is left out.
    package static func rows(_ ids: [ID<Case>], in scope: Scope, _ tx: ReadTx) throws -> [CaseRow] {
        guard !ids.isEmpty else { return [] }
        return try CasesStore.rows("WHERE c.id IN \(SQL.list(ids))\(hide(scope)) ORDER BY c.id DESC", tx)
            .filter { scope.contains($0.division) }
    }

    /// Leaves out cases (`case_item c`) against a unit the reader works for.
    package static func hide(_ scope: Scope) -> SQL {
        SQL.apart(from: scope.interests, "c.against_unit")
    }

    /// The column of `case_item c` that a list of a division of `level` compares; nil above districts.
    package static func levelColumn(_ level: DivisionCode.Level) -> SQL? {
        switch level {
        case .district: "c.district"
        case .street: "c.street"
        case .community: "c.community"
        case .grid: "c.grid"
        case .province, .city: nil
        }
    }
}
