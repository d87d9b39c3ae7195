import LinliCore
import LinliSQL

/// A case under supervision 督办: who took it there, since when, and what the unit answered.
package struct SupervisedCase: Sendable {
    package let id: ID<SupervisedCase>
    package internal(set) var row: CaseRow
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
    /// Who answered, and in the name of which unit: empty for what was answered before that was kept.
    package let answeredBy: String
    package let answeredUnit: Text
    /// Who answered, as they were: unit and name.
    package var answerer: Text {
        answeredUnit.zh.isEmpty ? Text(same: answeredBy) : answeredUnit + Text(same: " · " + answeredBy)
    }
    /// The unit that is asked; nil when that is whoever has the case.
    package let asked: ID<Unit>?
    package let askedName: Text
    /// The whistle that it came from.
    package var whistle: ID<Whistle>? {
        clock.hasPrefix("whistle.") ? ID<Whistle>(String(clock.dropFirst("whistle.".count))) : nil
    }
    /// Whether its reader may see the case itself: who was only called by a whistle may not.
    package internal(set) var seesCase = true
    private let byAccount: ID<Account>?
    private let handlerKind: UnitKind?
    private let handlerDivision: DivisionCode?

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
        let next = 12 + CaseRow.width
        byAccount = try row[next]
        asked = try row[next + 1]
        askedName = Text(try row[next + 2] ?? "", try row[next + 3] ?? "")
        answeredUnit = Text(try row[next + 4] ?? "", try row[next + 5] ?? "")
        handlerKind = try row[next + 6]
        handlerDivision = try row[next + 7]
    }

    static let columns: SQL = """
        s.id, s.level, s.clock, s.since, s.raised_at, b.name, b.name_en, p.name, s.reason, s.answer, s.answered_at,
        w.name, \(CaseRow.columns), u.name, u.name_en, s.by_account, s.asked_unit, k.name, k.name_en, t.name, t.name_en,
        u.kind, u.division
        """

    static let joins: SQL = """
        JOIN case_item c ON c.id = s.case_id LEFT JOIN unit u ON u.id = c.handler_unit
        LEFT JOIN unit b ON b.id = s.by_unit LEFT JOIN account p ON p.id = s.by_account
        LEFT JOIN account w ON w.id = s.answered_by LEFT JOIN unit k ON k.id = s.asked_unit
        LEFT JOIN unit t ON t.id = s.answered_unit
        """

    /// Whether somebody belongs to the unit that is asked and may answer for it. Who ordered it never answers it.
    package func isAsked(_ actor: Actor) -> Bool {
        if let byAccount, byAccount == actor.account { return false }
        if let asked { return WhistleStanding.represented(actor).contains(asked) }
        // While no unit has it, who is to dispatch it answers.
        guard let unit = row.handlerUnit else { return actor.may(.casesDispatch, in: row.division) }
        let isCommunitys =
            [UnitKind.committee, .village].contains { $0 == handlerKind }
            && handlerDivision?.contains(row.division) == true
        return actor.may(.casesHandle, for: [unit]) || (isCommunitys && actor.may(.casesHandle, in: row.division))
    }

    /// As somebody reads it who was called by a whistle and has nothing else to do with the case.
    fileprivate var cut: SupervisedCase {
        var copy = self
        (copy.row, copy.seesCase) = (row.cut, false)
        return copy
    }
}

extension CaseRow {
    /// What somebody may know of it who was only called to the spot: neither the words nor the door.
    var cut: CaseRow {
        var copy = self
        (copy.title, copy.whereabouts) = ("", "")
        return copy
    }
}

extension CaseQueries {
    /// Cases under supervision in a scope, what was taken there first comes first; `after` is where the page before
    /// ended. A unit of `asked` also finds what it is asked itself of cases of others.
    package func supervised(
        _ scope: Scope, asked: [ID<Unit>] = [], after: ID<SupervisedCase>? = nil, limit: Int
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
            // Last, because of what is found twice the first stays: that is not cut.
            for unit in asked {
                found += try tx.all(
                    """
                    SELECT \(SupervisedCase.columns) FROM case_supervision s \(SupervisedCase.joins)
                    WHERE s.asked_unit = \(unit) AND s.lifted_at IS NULL AND s.id > \(cursor)\
                    \(CaseQueries.hide(scope)) ORDER BY s.id LIMIT \(limit)
                    """
                ) { try SupervisedCase($0).cut }
            }
            var known: Set<ID<SupervisedCase>> = []
            return Array(
                found.filter { known.insert($0.id).inserted }.sorted { $0.id < $1.id }.prefix(limit)
            )
        }
    }

    /// What somebody sees of it: in their divisions and units, and what a unit of theirs is asked.
    package func supervised(
        for actor: Actor, after: ID<SupervisedCase>? = nil, limit: Int
    ) async throws -> [SupervisedCase] {
        try await supervised(
            actor.scope(for: .casesRead), asked: WhistleStanding.represented(actor), after: after, limit: limit
        )
    }

    /// The supervision of a case that is not lifted: of whoever has it, and of units that were called and did not come.
    fileprivate static func openSupervision(of id: ID<Case>, _ tx: ReadTx) throws -> [SupervisedCase] {
        try tx.all(
            """
            SELECT \(SupervisedCase.columns) FROM case_supervision s \(SupervisedCase.joins)
            WHERE s.case_id = \(id) AND s.lifted_at IS NULL ORDER BY s.id LIMIT 100
            """
        ) { try SupervisedCase($0) }
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

    /// A unit that a whistle called did not come: it is asked, whoever has the case. Was it asked before and that not
    /// lifted, it is asked anew.
    func supervise(
        missing unit: ID<Unit>, _ clock: String, _ item: CaseRecord, by supervisor: ID<Unit>?, reason: String,
        _ tx: WriteTx
    ) throws {
        let changed = try tx.execute(
            """
            UPDATE case_supervision SET clock = \(clock), reason = \(reason), since = \(tx.now), by_unit = \(supervisor),
                answer = '', answered_at = NULL, answered_by = NULL, answered_unit = NULL
            WHERE case_id = \(item.id) AND asked_unit = \(unit) AND lifted_at IS NULL
            """
        )
        guard changed == 0 else { return }
        try tx.execute(
            """
            INSERT INTO case_supervision (id, case_id, division, level, clock, since, by_unit, reason, answer, asked_unit)
            VALUES (\(try tx.newID(SupervisedCase.self)), \(item.id), \(item.division), 2, \(clock), \(tx.now),
                \(supervisor), \(reason), '', \(unit))
            """
        )
    }

    private func takeUnderSupervision(
        _ level: Int, _ clock: String, _ item: CaseRecord, by unit: ID<Unit>?, account: ID<Account>?, reason: String,
        _ tx: WriteTx
    ) throws {
        let found = try tx.first(
            """
            SELECT id, level FROM case_supervision
            WHERE case_id = \(item.id) AND lifted_at IS NULL AND asked_unit IS NULL
            """
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

    /// A case that is over is supervised no more, also by a rung that was climbed in this very write: `item` does not
    /// know of that yet.
    func endSupervision(_ item: CaseRecord, _ tx: WriteTx) throws {
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
            guard item.isOpen else { throw CaseCommands.changed }
            guard try !CaseQueries.openSupervision(of: id, tx).contains(where: { $0.asked == nil }) else {
                throw LinliError(
                    .conflict, "cases.supervised",
                    Text("这件已经在督办了", "This case is under supervision already")
                )
            }
            let unit = try supervisor(of: item, context.actor, tx)
            let said = LiftedText(text.trimmed, hiding: try tellerNames(of: id, tx)).masked
            try takeUnderSupervision(2, "", item, by: unit, account: context.actor.account, reason: said, tx)
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

    /// The unit that is asked answers who supervises: whoever has the case, or who was called by a whistle and did not
    /// come. Of several only `row` where it is given.
    ///
    /// - Throws: `.notFound` for who may not see the case and is not asked, `.forbidden` for who is not asked or ordered
    ///   it, `.conflict` when it is not supervised any more.
    package func answerSupervision(
        _ text: String, of id: ID<Case>, row: ID<SupervisedCase>? = nil, _ context: Context
    ) async throws {
        try check(supervision: text)
        try await database.write(context, "cases.answerSupervision") { tx in
            let (item, standing) = try locked(id, context, tx)
            let all = try CaseQueries.openSupervision(of: id, tx)
            let open = all.filter { row == nil || row == $0.id }
            let own = item.accusation.concerns(context.actor.scope) ? [] : open.filter { $0.isAsked(context.actor) }
            guard standing.isStaff || !own.isEmpty else { throw LinliError.notFound("cases.hidden") }
            guard !open.isEmpty else { throw CaseCommands.changed }
            guard !own.isEmpty else { throw LinliError.forbidden("cases.supervision") }
            let said = LiftedText(text.trimmed, hiding: try tellerNames(of: id, tx)).masked
            for asked in own {
                let unit = asked.asked ?? item.handlerUnit
                try tx.execute(
                    """
                    UPDATE case_supervision SET answer = \(said), answered_at = \(tx.now),
                        answered_by = \(context.actor.account), answered_unit = \(unit)
                    WHERE id = \(asked.id)
                    """
                )
                try mark(.answerSupervision, item, by: unit, text: text.trimmed, isVisible: false, tx)
            }
            try tx.audit(item.subject, fields: ["supervision"], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// Lifts supervision, of several only `row` where it is given. A clock that goes on running takes the case there
    /// again at its next rung.
    ///
    /// - Throws: as `answerSupervision`, `.forbidden` for who does not supervise there.
    package func liftSupervision(
        _ text: String, of id: ID<Case>, row: ID<SupervisedCase>? = nil, _ context: Context
    ) async throws {
        try check(supervision: text)
        try await database.write(context, "cases.liftSupervision") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isSupervisor else { throw LinliError.forbidden("cases.supervise") }
            let one: SQL = row.map { " AND id = \($0)" } ?? .empty
            let changed = try tx.execute(
                """
                UPDATE case_supervision SET lifted_at = \(tx.now), lifted_by = \(context.actor.account)
                WHERE case_id = \(id) AND lifted_at IS NULL\(one)
                """
            )
            guard changed > 0 else { throw CaseCommands.changed }
            let left = try CaseQueries.openSupervision(of: id, tx).map(\.level).max() ?? 0
            try tx.execute("UPDATE case_item SET supervision = \(left), version = version + 1 WHERE id = \(id)")
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
