import LinliCore
import LinliSQL

/// A case as a row of the list of who told it.
package struct MyCase: Sendable {
    /// The row.
    package let row: CaseRow
    /// The definition it began with.
    package let type: CaseType
    /// Its state there.
    package let state: CaseType.State
}

/// Which of somebody's own cases are listed.
package enum MyCaseTab: String, Sendable, CaseIterable {
    /// Somebody is still to act.
    case open
    /// Done, and the reporter is asked how it went.
    case rating
    /// Every one.
    case all
}

extension CaseQueries {
    /// The cases somebody told, the newest first.
    package func mine(
        _ tab: MyCaseTab,
        of account: ID<Account>,
        before: ID<Case>? = nil,
        limit: Int,
        _ tx: ReadTx
    ) throws -> [MyCase] {
        let condition: SQL =
            switch tab {
            case .open:
                " AND \(goesOn) = 1 AND coalesce(l.state, c.state) NOT IN \(SQL.list(statesOfReporter))"
            case .rating:
                " AND \(goesOn) = 1 AND coalesce(l.state, c.state) IN \(SQL.list(statesOfReporter))"
            case .all: .empty
            }
        return try tx.all(
            """
            SELECT \(CaseRow.columns), u.name, u.name_en, coalesce(l.type, c.type), coalesce(l.type_version, c.type_version),
                l.state, l.is_open, l.due_at, l.handler_unit, l.is_paused, CASE WHEN \(hasLeft) THEN 1 ELSE 0 END
            FROM case_item c LEFT JOIN case_item l ON l.id = c.speaks_in LEFT JOIN case_teller t ON t.case_id = c.id
            LEFT JOIN unit u ON u.id = coalesce(l.handler_unit, c.handler_unit)
            WHERE c.reporter_id = \(account) AND c.id < \(before ?? ID(rawValue: Int64.max))\(condition)
            ORDER BY c.id DESC LIMIT \(limit)
            """
        ) { row in
            var item = try CaseRow(row)
            let last = CaseRow.width
            let type = try types.type(try row[last], version: try row[last + 1])
            // One of several voices is as far as the case it speaks in.
            if let state: String = try row[last + 2] {
                item.state = state
                item.isOpen = try row[last + 3]
                item.dueAt = try row[last + 4]
                item.handlerUnit = try row[last + 5]
                item.isPaused = try row[last + 6]
            }
            if try row[last + 7] as Bool {
                let over = type.states.first { CaseCommands.isTakenBack($0, type) } ?? .merged
                (item.state, item.isOpen, item.isPaused) = (over.id, false, false)
            }
            return MyCase(row: item, type: type, state: try type.state(item.state))
        }
    }

    /// How many cases each tab of somebody's list holds; the work grows with what this one person told.
    package func mineCounts(of account: ID<Account>, _ tx: ReadTx) throws -> [MyCaseTab: Int] {
        let waiting = Set(statesOfReporter)
        var totals: [MyCaseTab: Int] = [.open: 0, .rating: 0, .all: 0]
        try tx.each(
            """
            SELECT coalesce(l.state, c.state), \(goesOn), count(*)
            FROM case_item c LEFT JOIN case_item l ON l.id = c.speaks_in LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.reporter_id = \(account) GROUP BY 1, 2
            """
        ) { row in
            let state: String = try row[0]
            let isOpen: Bool = try row[1]
            let count: Int = try row[2]
            totals[.all, default: 0] += count
            if isOpen { totals[waiting.contains(state) ? .rating : .open, default: 0] += count }
        }
        return totals
    }

    /// Whether who told `c` (`case_teller t`) took it back, while it goes on for others.
    private var hasLeft: SQL {
        """
        t.left_at IS NOT NULL AND (c.speaks_in IS NOT NULL
            OR EXISTS (SELECT 1 FROM case_item o WHERE o.speaks_in = c.id))
        """
    }

    /// Whether a case goes on for who told it.
    private var goesOn: SQL { "CASE WHEN \(hasLeft) THEN 0 ELSE coalesce(l.is_open, c.is_open) END" }

    /// Ids of states in which the reporter is to act.
    private var statesOfReporter: [String] {
        Set(types.all.flatMap { type in type.states.filter { $0.owner == .reporter }.map(\.id) }).sorted()
    }
}
