import LinliCore
import LinliSQL

/// What the official follow-up found about one order; what it did not find out stays nil.
package struct ForeignResult: Sendable, Equatable {
    package var system = ForeignOrder.hotline
    package var number: String
    /// The assessment month it counts in, by their word.
    package var month: AssessmentMonth
    package var isContacted: Bool?
    package var isSolved: Bool?
    package var grade: Satisfaction?

    /// A result about which nothing is known yet.
    package init(number: String, month: AssessmentMonth) {
        self.number = number
        self.month = month
    }
}

/// Official results of a month, counted.
package struct ForeignSums: Sendable, Equatable {
    package var orders = 0
    package var contacted = 0
    package var notContacted = 0
    package var solved = 0
    package var unsolved = 0
    package var satisfied = 0
    package var graded = 0

    /// 响应率, 解决率, 满意率: each of those about whom it is known.
    package var rates: [Rate] {
        [
            Rate(contacted, of: contacted + notContacted), Rate(solved, of: solved + unsolved),
            Rate(satisfied, of: graded),
        ]
    }

    fileprivate init(_ row: Row, from start: Int) throws {
        orders = try row[start]
        contacted = try row[start + 1]
        notContacted = try row[start + 2]
        solved = try row[start + 3]
        unsolved = try row[start + 4]
        satisfied = try row[start + 5]
        graded = try row[start + 6]
    }
}

/// Every SQL text about official results.
package enum ForeignResultsStore {
    private static func sums(_ settings: RateSettings) -> SQL {
        """
        count(*), coalesce(sum(CASE WHEN o.is_contacted = 1 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN o.is_contacted = 0 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN o.is_solved = 1 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN o.is_solved = 0 THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN o.grade >= \(settings.satisfiedFrom) THEN 1 ELSE 0 END), 0), count(o.grade)
        """
    }

    /// The official sums of several months; months without any are left out.
    package static func totals(
        _ months: [AssessmentMonth], _ area: RateArea, _ settings: RateSettings, _ tx: ReadTx
    ) throws -> [AssessmentMonth: ForeignSums] {
        var conditions: [SQL] = []
        if let division = area.division {
            conditions.append(
                "o.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)"
            )
        }
        if let unit = area.unit { conditions.append("o.unit_id = \(unit)") }
        var found: [AssessmentMonth: ForeignSums] = [:]
        try tx.each(
            """
            SELECT o.month, \(sums(settings)) FROM foreign_result o
            WHERE o.month IN \(SQL.list(months)) AND \(SQL.joined(conditions, separator: " AND "))\(area.hide("o"))
            GROUP BY o.month
            """
        ) { row in found[try row[0]] = try ForeignSums(row, from: 1) }
        return found
    }

    /// What the official follow-ups found about a case, the newest first.
    package static func of(_ item: ID<Case>, _ tx: ReadTx) throws -> [ForeignResult] {
        try tx.all(
            """
            SELECT number, month, is_contacted, is_solved, grade FROM foreign_result
            WHERE case_id = \(item) ORDER BY id DESC LIMIT 20
            """
        ) { row in
            var result = ForeignResult(number: try row[0], month: try row[1])
            result.isContacted = try row[2]
            result.isSolved = try row[3]
            result.grade = try row[4]
            return result
        }
    }

    /// What is held of an order, whatever the month: one result, but for those from before that was so.
    package static func held(
        _ system: String, _ number: String, _ tx: ReadTx
    ) throws -> [(result: ForeignResult, division: DivisionCode)] {
        try tx.all(
            """
            SELECT month, is_contacted, is_solved, grade, division FROM foreign_result
            WHERE system = \(system) AND number = \(number) ORDER BY month LIMIT 50
            """
        ) { row in
            var result = ForeignResult(number: number, month: try row[0])
            result.system = system
            result.isContacted = try row[1]
            result.isSolved = try row[2]
            result.grade = try row[3]
            return (result, try row[4])
        }
    }

    /// Takes a result over: an order counts once, so what was said of it before is history.
    static func put(_ result: ForeignResult, in division: DivisionCode, _ tx: WriteTx) throws {
        for (old, _) in try held(result.system, result.number, tx) where old != result {
            let isThis: SQL = "system = \(old.system) AND number = \(old.number) AND month = \(old.month)"
            try end(isThis, as: old.month == result.month ? .corrected : .moved, tx)
        }
        let order = try ForeignOrdersStore.find(result.system, result.number, tx)
        let item = try order.flatMap { try CasesStore.find($0.item, tx) }
        try tx.execute(
            """
            INSERT INTO foreign_result (id, system, number, month, division, case_id, unit_id, against_unit,
                is_contacted, is_solved, grade, imported_at, imported_by)
            VALUES (\(try tx.newID(ForeignRequest.self)), \(result.system), \(result.number), \(result.month),
                \(item?.division ?? division), \(item?.id), \(item?.handlerUnit), \(item?.accusation.key ?? 0),
                \(result.isContacted), \(result.isSolved), \(result.grade), \(tx.now), \(tx.context.actor.account))
            ON CONFLICT (system, number, month) DO UPDATE SET division = excluded.division,
                case_id = excluded.case_id, unit_id = excluded.unit_id, against_unit = excluded.against_unit,
                is_contacted = excluded.is_contacted, is_solved = excluded.is_solved, grade = excluded.grade,
                imported_at = excluded.imported_at, imported_by = excluded.imported_by
            """
        )
    }
}

extension CaseCommands {
    /// Takes official results over; one that was there already is corrected, and counts in the month that was said last.
    /// Orders nobody imported count for `division`.
    ///
    /// - Throws: `.notFound` for a division that is not the actor's, `.invalid` for a month that has not begun.
    package func importResults(
        _ results: [ForeignResult], for division: DivisionCode, _ context: Context
    ) async throws {
        try await database.write(context, "cases.orderResults") { tx in
            guard context.actor.may(.casesDispatch, in: division) else {
                throw LinliError.notFound("orders.division")
            }
            let current = try month(at: tx.now, tx)
            for (index, result) in results.enumerated() where result.month > current {
                let text = Text(
                    "\(result.number)：考核月 \(result.month) 还没到",
                    "\(result.number): the month \(result.month) has not begun"
                )
                throw LinliError.invalid("orders.month", [.init("results.\(index).month", text)])
            }
            // What is corrected here belongs to this import from now on.
            var older: Set<Instant> = []
            for result in results {
                let known = try ForeignResultsStore.held(result.system, result.number, tx).map { $0.division }
                let home = try ForeignOrdersStore.find(result.system, result.number, tx)
                    .flatMap { try CasesStore.find($0.item, tx)?.division }
                // A number of somebody else's area is neither overwritten nor told of.
                let places = known + [home].compactMap { $0 }
                guard places.allSatisfy({ context.actor.may(.casesDispatch, in: $0) }) else {
                    throw LinliError(
                        .conflict, "orders.elsewhere",
                        Text("单号 \(result.number) 不在您的管辖范围", "Order \(result.number) is outside your duties")
                    )
                }
                older.formUnion(try ForeignImports.moments(result.system, result.number, tx))
                try ForeignResultsStore.put(result, in: division, tx)
            }
            try ForeignImports.file(tx.now, tx)
            try ForeignImports.tidy(older, tx)
            try tx.audit(
                Subject("division", division.rawValue, division: division), fields: ["officialResults"],
                values: results.map(\.number)
            )
        }
    }
}
