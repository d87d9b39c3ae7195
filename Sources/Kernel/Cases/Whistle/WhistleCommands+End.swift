import LinliCore
import LinliSQL
import LinliStandards

extension WhistleCommands {
    /// Ends a whistle: what was agreed is written down, and of each unit it is known whether it came.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who may not confirm, `.conflict` while a unit may still come in time or
    ///   nothing was written down although somebody came.
    package func close(_ id: ID<Whistle>, _ context: Context) async throws {
        try await database.write(context, "whistles.close") { tx in
            let held = try held(id, tx)
            guard held.standing.mayConfirm else { throw LinliError.forbidden("whistles.close") }
            guard held.whistle.state.isCalling else { throw CaseCommands.changed }
            let isExpected = held.units.contains { $0.arrivedAt == nil && $0.missedAt == nil }
            guard !isExpected else {
                throw LinliError(
                    .conflict, "whistles.expected",
                    Text("还有单位没到，报到时限也还没过", "A unit may still come in time")
                )
            }
            guard held.whistle.state == .minuted || held.units.allSatisfy({ $0.arrivedAt == nil }) else {
                throw LinliError(
                    .conflict, "whistles.unminuted", Text("请先写下谁牵头、怎么分工", "First write down who leads"))
            }
            try tx.execute(
                """
                UPDATE whistle SET state = \(Whistle.State.closed), closed_by = \(context.actor.account),
                    closed_at = \(tx.now)
                WHERE id = \(id)
                """
            )
            try note(held, .whistleClose, "", fields: ["close"], tx)
        }
    }

    /// The whistler scores a unit, once, when the whistle is over: the unit and never a person.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who may not confirm or works for that unit, `.conflict` before the end or
    ///   when it has a score, `.invalid` without stars, or without words for a low score.
    package func score(
        _ unit: ID<Unit>?, stars: Int, words: String, of id: ID<Whistle>, _ context: Context
    ) async throws {
        var problems: [LinliError.Field] = []
        if !(1...5).contains(stars) {
            problems.append(.init("stars", Text("请选 1 到 5 分", "Please choose 1 to 5")))
        }
        if words.count > 500 || (words.trimmed.isEmpty && stars <= 2) {
            problems.append(
                .init("words", Text("给 1、2 分请写明原因，最多 500 个字", "Say why for 1 or 2, at most 500 characters")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("whistles.score", problems) }
        try await database.write(context, "whistles.score") { tx in
            let held = try held(id, tx)
            let called = try held.called(unit)
            guard held.standing.mayConfirm, !context.actor.scope.interests.contains(called.unit) else {
                throw LinliError.forbidden("whistles.score")
            }
            guard held.whistle.state == .closed, called.stars == nil else { throw CaseCommands.changed }
            let kept = try lifted(words, held, tx)
            try tx.execute(
                """
                UPDATE whistle_unit SET stars = \(stars), score_words = \(kept),
                    scored_by = \(context.actor.account), scored_at = \(tx.now)
                WHERE id = \(called.id)
                """
            )
            let text = ["\(called.name.zh)：\(stars) 分", words.trimmed].filter { !$0.isEmpty }
            try note(held, .whistleScore, text.joined(separator: "。"), fields: ["score"], values: [words], tx)
        }
    }

    /// Goes through a whistle whose time is over, once: each unit of which nobody signed in by then is written down and
    /// taken under supervision one level up.
    ///
    /// It goes by what was signed and not by when this runs, so it is the same after the server stood still. Returns how
    /// many units did not come.
    func count(_ id: ID<Whistle>, _ context: Context) async throws -> Int {
        try await database.write(context, "whistles.count") { tx in
            let held = try hold(id, tx)
            try tx.audit(held.whistle.subject, fields: ["count"])
            let isCounted = try tx.value("SELECT is_counted FROM whistle WHERE id = \(id)", as: Bool.self) ?? true
            guard !isCounted, let due = held.whistle.dueAt, due < tx.now else { return 0 }
            try tx.execute("UPDATE whistle SET is_counted = 1 WHERE id = \(id)")
            let missing = held.units.filter { unit in unit.arrivedAt.map { $0 > due } ?? true }
            for unit in missing { try miss(unit, due, held, tx) }
            if !missing.isEmpty, held.item.isOpen {
                let supervision = max(held.item.supervision, CaseType.Rung.Action.supervise.supervision)
                try tx.execute("UPDATE case_item SET supervision = \(supervision) WHERE id = \(held.item.id)")
            }
            return missing.count
        }
    }

    private func miss(_ unit: WhistleUnit, _ due: Instant, _ held: Held, _ tx: WriteTx) throws {
        try tx.execute(
            "UPDATE whistle_unit SET missed_at = \(tx.now) WHERE id = \(unit.id) AND missed_at IS NULL")
        // The street supervises its offices, the district its departments.
        let told = try commands.addressee(.supervise, of: unit.unit, held.item, tx)
        try alert(told, unit, due, round: 1, held, tx)
        // Who did not come is asked why; in a round of its own, because an alert is unique by clock, round and rung.
        try alert(unit.unit, unit, due, round: CaseAlert.missedRound, held, tx)
        if held.item.isOpen {
            try commands.supervise(
                missing: unit.unit, "whistle.\(held.whistle.id)", held.item, by: told, reason: reason(held.whistle), tx
            )
        }
        try note(held, .whistleMiss, unit.name.zh, fields: ["missed"], tx)
    }

    private func alert(
        _ told: ID<Unit>?, _ unit: WhistleUnit, _ due: Instant, round: Int, _ held: Held, _ tx: WriteTx
    ) throws {
        let isLoud = held.whistle.kind == .emergency || held.item.isUrgent
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(held.item.id), \("whistle.\(held.whistle.id)"), \(round),
                \(unit.position), \(CaseType.Rung.Action.supervise.rawValue), \(tx.now), \(due), \(told),
                \(held.item.division), \(isLoud ? tx.now : commands.calendar.nextWorkingTime(tx.now)), \(isLoud))
            """
        )
    }

    /// Why a unit is asked, in words it may read: what the whistle said, and nothing of the case.
    private func reason(_ whistle: WhistleRecord) -> String {
        let time = "\(whistle.minutesGiven) 分钟" + (whistle.isNatural ? "" : "（工作时间）")
        return "\(whistle.unitName.zh)吹哨，\(time)内没有报到：\(whistle.purpose)（\(whistle.location)）"
    }
}

extension JobKind {
    /// Whistles whose time to come is over. One that cannot be gone through holds up nobody else.
    static func whistlesCount(_ commands: CaseCommands) -> JobKind {
        JobKind("whistles.count", everySeconds: 15) { run in
            let whistles = WhistleCommands(commands)
            for _ in 0..<50 {
                let now = commands.database.clock.now
                let due = try await run.database.read { try WhistlesStore.due(at: now, $0) }
                try await JobRound("whistles.count", run).walk(due) { id in
                    _ = try await whistles.count(id, .system("whistles.count", now: now))
                }
                if due.count < 100 { return }
            }
        }
    }
}
