import LinliCore
import LinliSQL
import LinliStandards

/// What may be done with whistles: each a write with its audit entry, its line in the case's history and its event.
package struct WhistleCommands: Sendable {
    let commands: CaseCommands
    var database: Database { commands.database }

    /// Commands over those of cases.
    package init(_ commands: CaseCommands) {
        self.commands = commands
    }

    /// What a command holds while it works: the whistle and its case, and how who acts stands to it.
    struct Held {
        var whistle: WhistleRecord
        var item: CaseRecord
        var units: [WhistleUnit]
        var standing: WhistleStanding

        func called(_ unit: ID<Unit>?) throws -> WhistleUnit {
            guard let found = units.first(where: { $0.unit == unit }) else {
                throw LinliError.invalid(
                    "whistles.unit", [.init("unit", Text("请选吹哨叫到的单位", "Please choose a unit that was called"))]
                )
            }
            return found
        }
    }

    /// The whistle and its case, held until the transaction ends; the case first, as everywhere.
    func hold(_ id: ID<Whistle>, _ tx: WriteTx) throws -> Held {
        guard let item = try tx.value("SELECT case_id FROM whistle WHERE id = \(id)", as: ID<Case>.self) else {
            throw LinliError.notFound("whistles.unknown")
        }
        let held = try CasesStore.lock(item, tx)
        _ = try tx.value("SELECT id FROM whistle WHERE id = \(id)\(SQL.forUpdate)", as: ID<Whistle>.self)
        guard let whistle = try WhistlesStore.find(id, tx) else { throw LinliError.notFound("whistles.unknown") }
        let type = try commands.queries.types.type(held.type, version: held.typeVersion)
        let units = try WhistlesStore.units(of: id, tx)
        let situation = try CaseSituation(held, type, tx)
        let standing = WhistleStanding(tx.context.actor, whistle, units.map(\.unit), held, situation)
        return Held(whistle: whistle, item: held, units: units, standing: standing)
    }

    /// The same, for who may see it.
    ///
    /// - Throws: `.notFound` for everybody else.
    func held(_ id: ID<Whistle>, _ tx: WriteTx) throws -> Held {
        let held = try hold(id, tx)
        guard held.standing.sees else { throw LinliError.notFound("whistles.hidden") }
        return held
    }

    /// The six digits that who came types or scans: derived from the whistle and a key of this deployment, kept nowhere.
    static func code(_ id: ID<Whistle>, _ keys: KeyRing) -> String {
        let hash = keys.tokenHash("whistle:\(id)").prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(hash % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Makes the whistle newer, tells its case's history and page, and notes it in the audit.
    func note(
        _ held: Held, _ mark: CaseMark, _ text: String, fields: [String], values: [String] = [],
        isVisible: Bool = false, _ tx: WriteTx
    ) throws {
        try tx.execute("UPDATE whistle SET version = version + 1 WHERE id = \(held.whistle.id)")
        try commands.mark(mark, held.item, text: text, isVisible: isVisible, tx)
        try tx.audit(held.whistle.subject, fields: fields, values: values)
        try tx.emit("case.noted", held.item.subject, facts: commands.noted(held.item))
    }

    /// Words about a whistle as they are kept: numbers masked, and of a tip-off nothing that says who told it.
    func lifted(_ words: String, _ held: Held, _ tx: ReadTx) throws -> String {
        try commands.lifted(words, held.item.id, tx)
    }

    // MARK: Whistling

    /// Writes a whistle down. One that its writer may confirm goes out at once, and so does an emergency, of which the
    /// secretary is told; everything else waits for the secretary.
    ///
    /// - Throws: `.notFound` for who does not see the case, `.forbidden` for who is not of that storey, `.conflict` when
    ///   one is open already, `.invalid` naming what is missing and units that are not of the level called.
    package func draft(_ draft: WhistleDraft, for id: ID<Case>, _ context: Context) async throws -> ID<Whistle> {
        let problems = draft.problems()
        guard problems.isEmpty else { throw LinliError.invalid("whistles.draft", problems) }
        return try await database.write(context, "whistles.draft") { tx in
            let (item, standing) = try commands.locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard
                WhistleStanding.may(
                    .whistlesDraft, draft.storey, context.actor, item.division, handledBy: item.handlerUnit)
            else {
                throw LinliError.forbidden("whistles.draft")
            }
            guard item.isOpen, item.parent == nil else { throw CaseCommands.changed }
            let open = try WhistlesStore.all(of: id, tx).contains { $0.storey == draft.storey && $0.state.isOpen }
            guard !open else { throw WhistleCommands.openAlready }
            try checkLawful(draft.units, draft.storey, item, tx)
            let whistle = try insert(draft, item, tx)
            try tx.audit(
                Subject("whistle", whistle, division: item.division), fields: ["draft"], values: [draft.purpose])
            let mayConfirm = WhistleStanding.may(
                .whistlesConfirm, draft.storey, context.actor, item.division, handledBy: item.handlerUnit)
            let held = try hold(whistle, tx)
            if !mayConfirm { try tellSecretary(held, tx) }
            if mayConfirm || draft.kind == .emergency {
                try call(held, isConfirmed: mayConfirm, tx)
            } else {
                try note(held, .whistleDraft, draft.kind.name.zh, fields: ["draft"], tx)
            }
            return whistle
        }
    }

    private static let openAlready = LinliError(
        .conflict, "whistles.open",
        Text("这件事已经吹过哨，还没有结束", "A whistle for this case is open already")
    )

    /// Only units of the level above may be called, and never one the case is against.
    private func checkLawful(
        _ units: [ID<Unit>], _ storey: Whistle.Storey, _ item: CaseRecord, _ tx: ReadTx
    ) throws {
        let lawful = try WhistlesStore.callable(storey, from: item.division, tx).filter {
            !item.accusation.names($0.id)
        }
        let known = Set(lawful.map(\.id))
        guard units.allSatisfy(known.contains) else {
            let who =
                storey == .community
                ? Text("社区吹哨只能叫本街道的科室、站所", "A community may call its street's offices only")
                : Text("街道吹哨只能叫本区的部门", "A street may call its district's departments only")
            throw LinliError.invalid("whistles.units", [.init("units", who)])
        }
    }

    private func insert(_ draft: WhistleDraft, _ item: CaseRecord, _ tx: WriteTx) throws -> ID<Whistle> {
        let home = item.division.ancestor(at: draft.storey.ownLevel)
        // The committee that has the case whistles for it, wherever it lies; its own secretary confirms.
        let handler = try item.handlerUnit.flatMap { unit -> UnitSummary? in
            guard draft.storey == .community, tx.context.actor.may(.whistlesDraft, for: [unit]) else { return nil }
            return try UnitsStore.find(unit, tx)
        }
        guard let whistler = try handler ?? UnitsStore.first(draft.storey.whistlers, of: home, tx) else {
            throw LinliError.invalid(
                "whistles.nobody", [.init("storey", Text("这里还没有设吹哨的单位", "No unit is set up to whistle here"))]
            )
        }
        let isElsewhere = handler != nil && !whistler.division.contains(item.division)
        let division = isElsewhere ? whistler.division : item.division
        let id = try tx.newID(Whistle.self)
        let names = try commands.tellerNames(of: item.id, tx)
        try tx.execute(
            """
            INSERT INTO whistle (id, case_id, storey, kind, state, unit_id, division, purpose, location, drafted_by,
                drafted_at, budget_minutes, is_natural, is_counted, minutes, reason, version)
            VALUES (\(id), \(item.id), \(draft.storey), \(draft.kind), \(Whistle.State.draft), \(whistler.id),
                \(division), \(LiftedText(draft.purpose.trimmed, hiding: names).masked),
                \(LiftedText(draft.location.trimmed, hiding: names).masked), \(tx.context.actor.account), \(tx.now), 0, 0, 0, '', '', 1)
            """
        )
        for (position, unit) in draft.units.enumerated() {
            try tx.execute(
                """
                INSERT INTO whistle_unit (id, whistle_id, unit_id, position, contact_name, contact_mask, words, is_late,
                    wrong_codes, score_words)
                VALUES (\(try tx.newID(WhistleUnit.self)), \(id), \(unit), \(position), '', '', '', 0, 0, '')
                """
            )
        }
        return id
    }

    /// The secretary says yes in one tap: the units are called now. To an emergency that went out already they say that
    /// they know.
    ///
    /// - Throws: `.notFound`, `.forbidden` for everybody else, `.conflict` when it was confirmed or taken back.
    package func confirm(_ id: ID<Whistle>, _ context: Context) async throws {
        try await database.write(context, "whistles.confirm") { tx in
            let held = try held(id, tx)
            guard held.standing.mayConfirm else { throw LinliError.forbidden("whistles.confirm") }
            guard held.whistle.confirmedAt == nil, held.whistle.state.isOpen else { throw CaseCommands.changed }
            guard held.whistle.state == .draft else {
                try tx.execute(
                    """
                    UPDATE whistle SET confirmed_by = \(context.actor.account), confirmed_at = \(tx.now)
                    WHERE id = \(id)
                    """
                )
                return try note(held, .whistleConfirm, "", fields: ["confirm"], tx)
            }
            // A unit may have been closed, or be the one complained about, since it was chosen.
            try checkLawful(held.units.map(\.unit), held.whistle.storey, held.item, tx)
            try call(held, isConfirmed: true, tx)
        }
    }

    /// The units are called: their time runs from now.
    private func call(_ held: Held, isConfirmed: Bool, _ tx: WriteTx) throws {
        let whistle = held.whistle
        let settings = commands.queries.settings
        let isNatural = whistle.kind == .emergency || held.item.isUrgent
        let minutes = settings.whistles.minutes(whistle.kind)
        let clock = RunningClock(minutes: minutes, isNatural ? .natural : .working, from: tx.now)
        let due = clock.due(commands.calendar)?.value ?? tx.now
        let month = try commands.month(at: tx.now, tx)
        try tx.execute(
            """
            UPDATE whistle SET state = \(Whistle.State.called), called_at = \(tx.now), due_at = \(due),
                confirmed_by = \(isConfirmed ? tx.context.actor.account : nil),
                confirmed_at = \(isConfirmed ? tx.now : nil), budget_minutes = \(minutes), is_natural = \(isNatural),
                month = \(month)
            WHERE id = \(whistle.id)
            """
        )
        let names = held.units.map(\.name.zh).joined(separator: "、")
        let text = "\(whistle.kind.name.zh)，请\(names)在 \(due.dayAndTime(at: tx.now).zh) 前到场"
        try note(held, .whistleCall, text, fields: ["call"], isVisible: true, tx)
        var facts = self.facts(held)
        facts["units"] = held.units.map { String($0.unit.rawValue) }.joined(separator: ",")
        try tx.emit("whistle.called", whistle.subject, facts: facts)
    }

    private func facts(_ held: Held) -> [String: String] {
        var facts = ["storey": held.whistle.storey.rawValue]
        if held.whistle.kind == .emergency || held.item.isUrgent { facts["loud"] = "yes" }
        facts.merge(held.item.accusation.facts) { $1 }
        return facts
    }

    /// Puts an alert into the list of the unit that whistles, and tells its secretary: a draft waits for them, or an
    /// emergency went out without waiting.
    private func tellSecretary(_ held: Held, _ tx: WriteTx) throws {
        let isLoud = held.whistle.kind == .emergency
        try tx.execute(
            """
            INSERT INTO case_alert (id, case_id, clock, round, rung, action, at, meant_for, unit_id, division, rings_at,
                is_loud)
            VALUES (\(try tx.newID(CaseAlert.self)), \(held.item.id), \("whistle.\(held.whistle.id)"), 0, 0,
                \(CaseType.Rung.Action.remind.rawValue), \(tx.now), \(tx.now), \(held.whistle.unit),
                \(held.item.division), \(isLoud ? tx.now : commands.calendar.nextWorkingTime(tx.now)), \(isLoud))
            """
        )
        try tx.emit("whistle.drafted", held.whistle.subject, facts: facts(held))
    }

    /// Takes a whistle back, with a reason: a draft by its writer or the secretary, one that went out by the secretary.
    ///
    /// - Throws: `.notFound`, `.forbidden`, `.conflict` when it is over, `.invalid` without a reason.
    package func withdraw(_ id: ID<Whistle>, reason: String, _ context: Context) async throws {
        guard !reason.trimmed.isEmpty, reason.count <= 500 else {
            throw LinliError.invalid(
                "whistles.reason",
                [.init("reason", Text("请写明为什么撤回，最多 500 个字", "Say why, at most 500 characters"))]
            )
        }
        try await database.write(context, "whistles.withdraw") { tx in
            let held = try held(id, tx)
            let isOwnDraft = held.whistle.state == .draft && held.whistle.draftedBy == context.actor.account
            guard held.standing.mayConfirm || (isOwnDraft && held.standing.isWhistler) else {
                throw LinliError.forbidden("whistles.withdraw")
            }
            guard held.whistle.state.isOpen else { throw CaseCommands.changed }
            let lifted = try lifted(reason, held, tx)
            try tx.execute(
                """
                UPDATE whistle SET state = \(Whistle.State.withdrawn), withdrawn_by = \(context.actor.account),
                    withdrawn_at = \(tx.now), reason = \(lifted), is_counted = 1
                WHERE id = \(id)
                """
            )
            try note(held, .whistleWithdraw, reason, fields: ["withdraw"], values: [reason], tx)
        }
    }
}
