import LinliCore
import LinliSQL

/// Why somebody was not reached.
package enum MissReason: String, Sendable, CaseIterable {
    case noAnswer, switchedOff, wrongNumber, busy

    /// What who calls chooses between.
    package var name: Text {
        switch self {
        case .noAnswer: Text("无人接听", "Nobody answered")
        case .switchedOff: Text("关机、停机", "Switched off")
        case .wrongNumber: Text("号码不对", "Wrong number")
        case .busy: Text("现在不方便，另约时间", "Not now, call again")
        }
    }
}

/// What came of a call 电话回访.
package enum FollowUpOutcome: Sendable {
    /// They said whether it is solved, how satisfied they are, and what else.
    case answered(isSolved: Bool, grade: Satisfaction?, text: String)
    /// They were not reached; with when to call again.
    case missed(MissReason, callAgainAt: Instant?)
    /// They were reached and did not want to say anything: that stays silence.
    case declined

    /// Whether it may be said also by who has answered already, as they may on their own page: it is not solved after all.
    var asksAgain: Bool {
        if case .answered(isSolved: false, grade: _, text: _) = self { true } else { false }
    }
}

/// Which calls a list shows.
package enum FollowUpTab: String, Sendable, CaseIterable {
    case due, waiting, later

    /// What the tab says.
    package var name: Text {
        switch self {
        case .due: Text("该打电话了", "To call now")
        case .waiting: Text("还在等答复", "Still waiting")
        case .later: Text("约了时间再打", "Call again later")
        }
    }
}

/// A case whose reporter was asked and has not answered.
package struct FollowUpRow: Sendable {
    package let row: CaseRow
    package let outcome: CaseOutcome
}

extension CaseQueries {
    /// Cases whose reporter was asked, can be called and has not answered, what was asked first comes first. Somebody of
    /// the unit that did the work does not call.
    package func followUps(
        _ tab: FollowUpTab, _ scope: Scope, at now: Instant, after: CaseCursor? = nil, limit: Int
    ) async throws -> [FollowUpRow] {
        guard !scope.divisions.isEmpty else { return [] }
        let asking = types.states(where: { $0.owner == .reporter })
        let isWaiting: SQL = """
            (coalesce(l.is_open, c.is_open) = 1 AND coalesce(l.state, c.state) IN \(SQL.list(asking))
            AND coalesce(l.due_at, c.due_at) >= \(now.adding(hours: settings.rates.callHours)))
            """
        let isLater: SQL = "(o.call_again_at IS NOT NULL AND o.call_again_at > \(now))"
        let which: SQL =
            switch tab {
            case .due: "NOT \(isLater) AND NOT \(isWaiting)"
            case .waiting: "NOT \(isLater) AND \(isWaiting)"
            case .later: isLater
            }
        let inside = scope.divisions.map { code -> SQL in
            "o.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        let own: SQL = scope.interests.isEmpty ? .empty : " AND o.unit_id NOT IN \(SQL.list(scope.interests))"
        let cursor: SQL = after.map { " AND (o.asked_at, o.case_id) > (\($0.at), \($0.id))" } ?? .empty
        let sql: SQL = """
            SELECT \(CaseRow.columns), u.name, u.name_en, \(CaseOutcome.columns)
            FROM case_outcome o JOIN case_item c ON c.id = o.case_id LEFT JOIN case_item l ON l.id = c.speaks_in
            LEFT JOIN unit u ON u.id = o.unit_id
            WHERE o.asked_at IS NOT NULL AND o.answered_at IS NULL AND o.is_unreached = 0 AND o.is_declined = 0
            AND \(callable(at: now)) AND o.is_reachable = 1 AND o.exclusion = ''
            AND o.is_withdrawn = 0
            AND o.round = c.contests + 1 AND (\(SQL.joined(inside, separator: " OR ")))
            AND \(which)\(own)\(CaseQueries.hide(scope))\(cursor)
            ORDER BY o.asked_at, o.case_id LIMIT \(limit)
            """
        return try await database.read { tx in
            try tx.all(sql) { FollowUpRow(row: try CaseRow($0), outcome: try CaseOutcome($0, from: CaseRow.width)) }
        }
    }

    /// Asked not longer ago than the definition says that the case goes by, of one of several voices that of the case it
    /// speaks in; or the settings where it does not.
    private func callable(at now: Instant) -> SQL {
        let usual: Instant = now.adding(days: -settings.rates.callDays)
        var own: [String: [Int: [Int]]] = [:]
        for type in types.versions {
            guard let days = type.rating?.days else { continue }
            own[type.id, default: [:]][days, default: []].append(type.version)
        }
        guard !own.isEmpty else { return "o.asked_at >= \(usual)" }
        var since: Instant = usual
        var ways: [SQL] = []
        for (type, terms) in own.sorted(by: { $0.key < $1.key }) {
            for (days, versions) in terms.sorted(by: { $0.key < $1.key }) {
                let from: Instant = now.adding(days: -days)
                since = min(since, from)
                ways.append(
                    """
                    WHEN coalesce(l.type, c.type) = \(type)
                    AND coalesce(l.type_version, c.type_version) IN \(SQL.list(versions)) THEN o.asked_at >= \(from)
                    """)
            }
        }
        // The first bound is that of the index.
        return """
            o.asked_at >= \(since) AND CASE \(SQL.joined(ways, separator: " ")) ELSE o.asked_at >= \(usual) END
            """
    }

    /// The evidence of the round a case is in; nil when it never began, or the next has not begun.
    package func outcome(_ item: CaseRecord) async throws -> CaseOutcome? {
        try await database.read { try OutcomesStore.find(item.id, round: item.contests + 1, $0) }
    }
}

extension CaseView {
    /// Whether `actor` may call the reporter about it: by duty, and never for work of their own or of their unit.
    package func mayFollowUp(_ actor: Actor) -> Bool {
        CaseView.mayFollowUp(actor, item, standing, doneBy: item.handlerUnit)
    }

    static func mayFollowUp(
        _ actor: Actor, _ item: CaseRecord, _ standing: Standing, doneBy unit: ID<Unit>?
    ) -> Bool {
        guard standing.isStaff, actor.may(.casesFollowUp, in: item.division), !standing.isHandler else { return false }
        guard item.handler == nil || item.handler != actor.account else { return false }
        return unit.map { !actor.scope.interests.contains($0) } ?? true
    }
}

extension CaseView {
    /// Whether who told it may still ask for it to be done again, by themselves or on the phone.
    package func mayBeContested(at now: Instant) -> Bool {
        type.transitions(from: item.state).contains { way in
            way.effects.contains(.contest)
                && way.guards.allSatisfy { rule in
                    switch rule {
                    case .closedRecently: item.closedAt.map { now < $0.adding(days: type.reopenDays) } ?? false
                    case .neverContested: item.contests == 0
                    case .contestedBefore: item.contests >= 1 && item.contests <= type.reviews
                    default: true
                    }
                }
        }
    }
}

extension CaseCommands {
    /// Writes down what came of a call to the reporter: their answer is taken as their own, by phone, and the history
    /// names who called.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who may not call or did the work, `.conflict` when there is nothing to
    ///   ask any more, `.invalid` naming what is missing.
    package func followUp(
        _ outcome: FollowUpOutcome, version: Int? = nil, of id: ID<Case>, _ context: Context
    ) async throws {
        try await database.write(context, "cases.followUp") { tx in
            let (item, told) = try leading(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let standing = Standing(context.actor, item, try CaseSituation(item, type, tx))
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            if let version, version != told.version { throw CaseCommands.changed }
            guard let row = try OutcomesStore.find(id, round: told.contests + 1, tx), row.askedAt != nil,
                row.answeredAt == nil || outcome.asksAgain
            else { throw CaseCommands.changed }
            let mayCall = CaseView.mayFollowUp(context.actor, item, standing, doneBy: item.handlerUnit)
            guard mayCall, !context.actor.scope.interests.contains(row.unit) else {
                throw LinliError.forbidden("cases.followUp")
            }
            switch outcome {
            case .answered(let isSolved, let grade, let text):
                let answer = CaseAnswer(isSolved: isSolved, grade: grade, text: text, channel: .phone)
                try receive(answer, item, told, row, tx)
            case .missed(let reason, let again): try miss(reason, again, told, row, tx)
            case .declined:
                var after = row
                after.isDeclined = true
                try store(after, before: row, tx)
                try mark(.followUpDeclined, told, text: "", isVisible: false, tx)
                try tx.emit("case.noted", told.subject, facts: noted(told))
            }
            try tx.audit(told.subject, fields: ["followUp"])
        }
    }

    private func miss(
        _ reason: MissReason, _ again: Instant?, _ item: CaseRecord, _ row: CaseOutcome, _ tx: WriteTx
    ) throws {
        if let again, !(tx.now...tx.now.adding(days: 30)).contains(again) {
            throw LinliError.invalid(
                "cases.callAgain",
                [.init("again", Text("再打的时间应在今后 30 天内", "Call again within the next 30 days"))]
            )
        }
        guard row.attempts < queries.settings.rates.attempts else {
            let most = queries.settings.rates.attempts
            throw LinliError(
                .conflict, "cases.callsOver",
                Text("打了 \(most) 次都没联系上，不再打了", "Called \(most) times in vain: nobody calls any more"))
        }
        var after = row
        after.attempts += 1
        after.callAgainAt = again
        after.isUnreached = after.attempts >= queries.settings.rates.attempts
        try store(after, before: row, tx)
        try mark(.followUpMissed, item, text: reason.name.zh, isVisible: false, tx)
        try tx.emit("case.noted", item.subject, facts: noted(item))
    }

    /// The reporter's answer in the words of the type: the transition that is open to them, or the evidence alone when
    /// the case has gone on without one.
    private func receive(
        _ answer: CaseAnswer, _ item: CaseRecord, _ told: CaseRecord, _ row: CaseOutcome, _ tx: WriteTx
    ) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        let situation = try CaseSituation(item, type, tx)
        var reporter = Standing(Actor.anonymous, item, situation)
        reporter.isReporter = true
        let effect: CaseType.Effect = answer.isSolved ? .rate : .contest
        let open = queries.available(type, item, reporter, situation, tx.now).first { $0.effects.contains(effect) }
        if answer.channel == .phone { try mark(.followUp, told, text: "", isVisible: true, tx) }
        guard let open else {
            // What was answered is not overwritten: too late to ask again.
            guard row.answeredAt == nil else { throw CaseCommands.changed }
            return try keep(answer, told, row, tx)
        }
        var step = CaseStep(open.id, text: answer.text)
        step.stars = answer.grade?.rawValue
        step.channel = answer.channel
        step.voice = told.id
        try move(step, type, item, reporter, situation, tx)
    }

    /// An answer that moves nothing any more.
    private func keep(_ answer: CaseAnswer, _ item: CaseRecord, _ row: CaseOutcome, _ tx: WriteTx) throws {
        guard answer.text.count <= 2000 else {
            throw LinliError.invalid("cases.answer", [.init("text", Text("最多 2000 个字", "At most 2,000 characters"))])
        }
        var after = row
        after.answer(answer.isSolved, answer.grade, answer.channel, at: tx.now)
        try store(after, before: row, tx)
        if let grade = answer.grade {
            try tx.execute("UPDATE case_item SET stars = \(grade.rawValue) WHERE id = \(item.id)")
        }
        let said: CaseMark = answer.isSolved ? .answeredSolved : .answeredUnsolved
        try note(
            item.id, transition: said.rawValue, from: item.state, to: item.state, unit: item.handlerUnit,
            text: answer.text.trimmed, isVisible: true, reasonClass: "", isNamed: false, isNote: true, tx
        )
        try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(item.id)")
        try tx.emit("case.noted", item.subject, facts: noted(item))
    }

    /// The reporter breaks their silence after the case went on without them.
    ///
    /// - Throws: `.notFound` for everybody else, `.conflict` when they have answered or were not asked.
    package func answer(
        isSolved: Bool, grade: Satisfaction?, text: String, of id: ID<Case>, _ context: Context
    ) async throws {
        try await database.write(context, "cases.answer") { tx in
            let (item, told) = try leading(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let standing = try stance(item, told, try CaseSituation(item, type, tx), tx)
            guard standing.isReporter else { throw LinliError.notFound("cases.hidden") }
            guard let row = try OutcomesStore.find(id, round: told.contests + 1, tx), row.askedAt != nil,
                row.answeredAt == nil, !row.isWithdrawn
            else { throw CaseCommands.changed }
            let channel = CaseCommands.channel(of: context.actor)
            try receive(CaseAnswer(isSolved: isSolved, grade: grade, text: text, channel: channel), item, told, row, tx)
            try tx.audit(told.subject, fields: ["answer"], values: [text])
        }
    }
}

/// What the reporter says about a round.
private struct CaseAnswer {
    var isSolved: Bool
    var grade: Satisfaction?
    var text: String
    var channel: AnswerChannel
}
