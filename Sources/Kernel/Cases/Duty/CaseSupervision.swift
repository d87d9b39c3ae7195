import LinliCore
import LinliSQL

/// A case under supervision 督办: who took it there, since when, and what the unit answered.
package struct SupervisedCase: Sendable {
    package let id: ID<SupervisedCase>
    package let row: CaseRow
    /// 2 under supervision, 3 raised a level.
    package let level: Int
    /// The clock that ran out; empty when somebody took it there.
    package let clock: String
    package let since: Instant
    package let raisedAt: Instant?
    /// The unit that supervises.
    package let byUnit: Text
    /// Who took it there; empty when a clock did.
    package let byName: String
    package let reason: String
    package let answer: String
    package let answeredAt: Instant?
    package let answeredBy: String

    init(_ row: Row) throws {
        id = try row[0]
        level = try row[1]
        clock = try row[2]
        since = try row[3]
        raisedAt = try row[4]
        byUnit = Text(try row[5] ?? "", try row[6] ?? "")
        byName = try row[7] ?? ""
        reason = try row[8]
        answer = try row[9]
        answeredAt = try row[10]
        answeredBy = try row[11] ?? ""
        self.row = try CaseRow(row, from: 12)
    }

    static let columns: SQL = """
        s.id, s.level, s.clock, s.since, s.raised_at, b.name, b.name_en, p.name, s.reason, s.answer, s.answered_at,
        w.name, \(CaseRow.columns), u.name, u.name_en
        """

    static let joins: SQL = """
        JOIN case_item c ON c.id = s.case_id LEFT JOIN unit u ON u.id = c.handler_unit
        LEFT JOIN unit b ON b.id = s.by_unit LEFT JOIN account p ON p.id = s.by_account
        LEFT JOIN account w ON w.id = s.answered_by
        """
}

extension CaseQueries {
    /// Cases under supervision in a scope, what was taken there first comes first; `after` is where the page before
    /// ended.
    package func supervised(
        _ scope: Scope, after: ID<SupervisedCase>? = nil, limit: Int
    ) async throws -> [SupervisedCase] {
        let cursor = after ?? ID(rawValue: 0)
        return try await database.read { tx in
            var found: [SupervisedCase] = []
            for code in scope.divisions {
                found += try tx.all(
                    """
                    SELECT \(SupervisedCase.columns) FROM case_supervision s \(SupervisedCase.joins)
                    WHERE s.lifted_at IS NULL AND s.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)
                    AND s.id > \(cursor)\(CaseQueries.hide(scope)) ORDER BY s.id LIMIT \(limit)
                    """
                ) { try SupervisedCase($0) }
            }
            for unit in scope.units {
                found += try tx.all(
                    """
                    SELECT \(SupervisedCase.columns) FROM case_party y
                    JOIN case_supervision s ON s.case_id = y.case_id AND s.lifted_at IS NULL \(SupervisedCase.joins)
                    WHERE y.unit_id = \(unit) AND y.until IS NULL AND y.is_open = 1 AND s.id > \(cursor)\
                    \(CaseQueries.hide(scope)) ORDER BY s.id LIMIT \(limit)
                    """
                ) { try SupervisedCase($0) }
            }
            var known: Set<ID<SupervisedCase>> = []
            return Array(
                found.filter { known.insert($0.id).inserted }.sorted { $0.id < $1.id }.prefix(limit)
            )
        }
    }
}

extension CaseCommands {
    /// A rung was climbed: the case is under supervision from now on, or one level up.
    func supervise(
        _ action: CaseType.Rung.Action, _ clock: String, _ item: CaseRecord, by unit: ID<Unit>?, _ tx: WriteTx
    ) throws {
        guard action.supervision > 1 else { return }
        try takeUnderSupervision(action.supervision, clock, item, by: unit, account: nil, reason: "", tx)
    }

    private func takeUnderSupervision(
        _ level: Int, _ clock: String, _ item: CaseRecord, by unit: ID<Unit>?, account: ID<Account>?, reason: String,
        _ tx: WriteTx
    ) throws {
        let found = try tx.first(
            "SELECT id, level FROM case_supervision WHERE case_id = \(item.id) AND lifted_at IS NULL"
        ) { (id: try $0[0] as ID<SupervisedCase>, level: try $0[1] as Int) }
        guard let found else {
            try tx.execute(
                """
                INSERT INTO case_supervision (id, case_id, division, level, clock, since, by_unit, by_account, reason,
                    answer)
                VALUES (\(try tx.newID(SupervisedCase.self)), \(item.id), \(item.division), \(level), \(clock),
                    \(tx.now), \(unit), \(account), \(reason), '')
                """
            )
            return
        }
        guard level > found.level else { return }
        try tx.execute(
            """
            UPDATE case_supervision SET level = \(level), raised_at = \(tx.now), by_unit = \(unit)
            WHERE id = \(found.id)
            """
        )
    }

    /// A case that is over is supervised no more.
    func endSupervision(_ item: CaseRecord, _ tx: WriteTx) throws {
        guard item.supervision > 1 else { return }
        try tx.execute(
            "UPDATE case_supervision SET lifted_at = \(tx.now) WHERE case_id = \(item.id) AND lifted_at IS NULL"
        )
    }

    /// Takes a case under supervision before any clock does; the unit is told why.
    ///
    /// - Throws: `.notFound` for who may not see it, `.forbidden` for who does not supervise there, `.conflict` when it is
    ///   supervised already or over.
    package func supervise(_ text: String, _ id: ID<Case>, _ context: Context) async throws {
        try check(supervision: text)
        try await database.write(context, "cases.supervise") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isSupervisor else { throw LinliError.forbidden("cases.supervise") }
            guard item.isOpen, item.supervision < 2 else { throw CaseCommands.changed }
            let unit = try supervisor(of: item, context.actor, tx)
            try takeUnderSupervision(
                2, "", item, by: unit, account: context.actor.account, reason: LiftedText(text.trimmed).masked, tx
            )
            try tx.execute("UPDATE case_item SET supervision = 2, version = version + 1 WHERE id = \(id)")
            try mark(.superviseByHand, item, text: text.trimmed, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["supervision"], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// The unit in whose name somebody supervises: the street's centre, or the district's or city's office for who looks
    /// from above.
    private func supervisor(of item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws -> ID<Unit>? {
        let street = item.division.ancestor(at: .street)
        let levels = actor.scope.divisions.map(\.level)
        if levels.contains(where: { $0 >= .street }) {
            return try UnitsStore.first([.streetCentre], of: street, tx)?.id
        }
        let district = try UnitsStore.first([.district], of: item.division.ancestor(at: .district), tx)?.id
        return levels.contains(.district) ? district : try CaseLevels.city(over: item.division, tx) ?? district
    }

    /// The unit answers who supervises.
    ///
    /// - Throws: `.notFound` for who may not see the case, `.forbidden` for who does not handle it, `.conflict` when it is
    ///   not supervised any more.
    package func answerSupervision(_ text: String, of id: ID<Case>, _ context: Context) async throws {
        try check(supervision: text)
        try await database.write(context, "cases.answerSupervision") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isHandler || standing.isDispatcher else { throw LinliError.forbidden("cases.supervision") }
            let changed = try tx.execute(
                """
                UPDATE case_supervision SET answer = \(LiftedText(text.trimmed).masked), answered_at = \(tx.now),
                    answered_by = \(context.actor.account)
                WHERE case_id = \(id) AND lifted_at IS NULL
                """
            )
            guard changed == 1 else { throw CaseCommands.changed }
            try mark(.answerSupervision, item, text: text.trimmed, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["supervision"], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// Lifts supervision. A clock that goes on running takes the case there again at its next rung.
    ///
    /// - Throws: as `answerSupervision`, `.forbidden` for who does not supervise there.
    package func liftSupervision(_ text: String, of id: ID<Case>, _ context: Context) async throws {
        try check(supervision: text)
        try await database.write(context, "cases.liftSupervision") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isSupervisor else { throw LinliError.forbidden("cases.supervise") }
            let changed = try tx.execute(
                """
                UPDATE case_supervision SET lifted_at = \(tx.now), lifted_by = \(context.actor.account)
                WHERE case_id = \(id) AND lifted_at IS NULL
                """
            )
            guard changed == 1 else { throw CaseCommands.changed }
            try tx.execute("UPDATE case_item SET supervision = 0, version = version + 1 WHERE id = \(id)")
            try mark(.liftSupervision, item, text: text.trimmed, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["supervision"], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    private func check(supervision text: String) throws {
        guard !text.trimmed.isEmpty, text.count <= 2000 else {
            throw LinliError.invalid(
                "cases.supervision",
                [.init("text", Text("请写明情况，最多 2000 个字", "Please say how it stands, at most 2,000 characters"))]
            )
        }
    }
}
