import LinliCore
import LinliSQL
import LinliStandards

/// What comes with a transition.
package struct CaseStep: Sendable {
    package var transition: String
    package var text: String
    package var unit: ID<Unit>?
    package var reasonClass: String
    package var stars: Int?
    package var photos: [ID<StoredFile>]
    /// The fields of the definition that came with it.
    package var answers: [String: String] = [:]
    /// How a reporter's answer came; nil says it by who acts.
    package var channel: AnswerChannel?
    /// The version the person saw; nil does not check.
    package var version: Int?
    /// Whether somebody takes it who has as many cases as the setting allows already.
    package var isSure = false
    /// Which of several voices speaks; nil for the one that the case began with.
    var voice: ID<Case>?
    /// Whether it follows from a step of another case: whoever took that one does not sign here.
    var isUnsigned = false

    /// A step by its transition's name.
    package init(_ transition: String, text: String = "", unit: ID<Unit>? = nil) {
        self.transition = transition
        self.text = text
        self.unit = unit
        reasonClass = ""
        photos = []
    }
}

extension CaseCommands {
    /// Moves a case along a transition of its type.
    ///
    /// - Throws: `.notFound` for who may not see it, `.forbidden` for who may not take this step, `.conflict` when
    ///   somebody was faster, `.invalid` naming what is missing.
    package func take(_ step: CaseStep, of id: ID<Case>, _ context: Context) async throws {
        let command = CommandID(stringLiteral: "cases.\(step.transition)")
        try await database.write(context, command) { tx in
            let (item, told) = try leading(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let situation = try CaseSituation(item, type, tx)
            let standing = try stance(item, told, situation, tx)
            let isClock = if case .system = context.actor.kind { true } else { false }
            guard standing.sees || isClock else { throw LinliError.notFound("cases.hidden") }
            if let version = step.version, version != item.version { throw CaseCommands.changed }
            var step = step
            step.voice = told.id
            try move(step, type, item, standing, situation, tx)
        }
    }

    /// Moves a case that is held, as who stands to it like `standing`.
    func move(
        _ step: CaseStep, _ type: CaseType, _ item: CaseRecord, _ standing: Standing, _ situation: CaseSituation,
        _ tx: WriteTx
    ) throws {
        let transition = try choose(step, type, item, standing, situation, tx.context)
        let step = try checked(step, transition, type, item)
        if transition.effects.contains(.takePersonally) { try checkRoom(step, item, tx) }
        if try speaksForItself(step, transition, item, tx) { return }
        try apply(step, transition, type, item, situation, tx)
    }

    /// The transition meant: the named one, or its twin with the same words whose guard holds.
    private func choose(
        _ step: CaseStep, _ type: CaseType, _ item: CaseRecord, _ standing: Standing, _ situation: CaseSituation,
        _ context: Context
    ) throws -> CaseType.Transition {
        guard let named = type.transitions.first(where: { $0.id == step.transition }) else {
            throw LinliError.notFound("cases.transition")
        }
        guard named.from.contains(item.state) else { throw CaseCommands.changed }
        let isSystem = if case .system = context.actor.kind { true } else { false }
        let twins = type.transitions(from: item.state).filter { $0.name == named.name && $0.by == named.by }
        let mine = twins.filter { transition in
            isSystem ? transition.by.contains(.clock) : transition.by.contains { standing.plays($0) }
        }
        guard !mine.isEmpty else { throw LinliError.forbidden("cases.\(step.transition)") }
        let open = mine.first { transition in
            transition.guards.allSatisfy { CaseGuards.holds($0, item, type, situation, context.now, queries.settings) }
        }
        guard let open else { throw closedWay(mine, item, situation) }
        return open
    }

    /// Why a way that is there is not open.
    private func closedWay(
        _ ways: [CaseType.Transition], _ item: CaseRecord, _ situation: CaseSituation
    ) -> LinliError {
        if situation.openParts > 0, ways.contains(where: { $0.guards.contains(.partsDone) }) {
            return LinliError(
                .conflict,
                "cases.partsOpen",
                Text(
                    "还有 \(situation.openParts) 件协办没有办完，办完才能办结",
                    "\(situation.openParts) parts of other units are still open; they come first"
                )
            )
        }
        if item.isBound {
            return LinliError(
                .conflict,
                "cases.bound",
                Text("已经裁定由本单位办理，不能再退单", "A ruling says that this unit must take it")
            )
        }
        return CaseCommands.changed
    }

    func apply(
        _ step: CaseStep, _ transition: CaseType.Transition, _ type: CaseType, _ item: CaseRecord,
        _ situation: CaseSituation, _ tx: WriteTx
    ) throws {
        var change = CaseChange(item)
        for effect in transition.effects { try CaseEffects.apply(effect, step, item, &change, book.duties, tx) }
        // The grade of one of several voices is its own.
        if transition.effects.contains(.rate), step.voice ?? item.id != item.id { change.stars = item.stars }
        let state = try CaseCommands.spared(&change, try type.state(transition.to), item, type)
        var clocks = try clockwork(item, type, tx)
        if item.isPaused {
            clocks.resume(in: try type.state(item.state), from: try CaseRequestsStore.endPauses(of: item.id, tx))
        }
        clocks.enter(state)
        let due = state.isFinal ? tx.now : clocks.due ?? tx.now
        try save(clocks, of: item.id, tx)
        try tx.execute(
            """
            UPDATE case_item SET state = \(state.id), is_open = \(!state.isFinal), state_since = \(tx.now),
                due_at = \(due), closed_at = \(state.isFinal ? tx.now : nil), handler_unit = \(change.unit),
                handler_id = \(change.handler), ground = \(change.ground), contests = \(change.contests),
                stars = \(change.stars), refusals = \(change.refusals), is_bound = \(change.isBound), is_paused = 0,
                supervision = \(state.isFinal ? "0" : "supervision" as SQL), version = version + 1
            WHERE id = \(item.id)
            """
        )
        if state.isFinal { try endSupervision(item, tx) }
        try endRequests(of: item, type, entering: state, tx)
        if CaseCommands.isTakenBack(state, type) { try endParts(of: item, tx) }
        try keepEvidence(item, type, clocks, .moved(transition, step, to: state, unit: change.unit), tx)
        if change.contests > item.contests { try VoicesStore.contest(in: item.id, tx) }
        try moveParties(item, to: change.unit, isOpen: !state.isFinal, due: due, state: state.id, tx)
        let unit = transition.effects.contains(.assignUnit) ? change.unit : item.handlerUnit
        try keepLine(step, transition, of: item, to: state, unit, tx)
        // What another unit of the city is to do is no result of ours, once a second person agrees.
        if transition.guards.contains(.returned), state.isFinal {
            try askToLeaveOut(CaseRequest.returnedThere, step.text, try CasesStore.lock(item.id, tx), tx)
        }
        try keepCopies(of: item, with: change.unit, in: state, tx)
        try followPublication(item, transition, to: state, of: type, tx)
        try tx.audit(item.subject, fields: ["state"], values: [item.state, state.id, step.text])
        try tx.emit(
            "case.changed", item.subject,
            facts: facts(
                from: item.state, to: state.id, units: [change.unit, item.handlerUnit, situation.lead],
                unit: change.unit, oldUnit: item.handlerUnit, against: item.accusation
            )
        )
        for voice in try VoicesStore.records(in: item.id, tx) {
            try tx.emit("case.noted", voice.subject, facts: noted(voice))
        }
        try writeAboutMove(item, transition, to: state, due: due, tx)
        if isLoud(item), !state.isFinal, let unit = change.unit, unit != item.handlerUnit {
            try ring(unit, for: item.id, item.division, round: item.version, item.accusation, tx)
        }
    }

    /// The line of a step in the history of a case, with its words and photos: those of one of several voices stay with it.
    private func keepLine(
        _ step: CaseStep, _ transition: CaseType.Transition, of item: CaseRecord, to state: CaseType.State,
        _ unit: ID<Unit>?, _ tx: WriteTx
    ) throws {
        let isReporters = transition.by == [.reporter]
        let said = try keepSaid(step, transition, of: item, to: state, tx)
        try note(
            item.id, transition: transition.id, from: item.state, to: state.id, unit: unit,
            text: said == nil ? step.text.trimmed : "", isVisible: transition.isVisible,
            reasonClass: step.reasonClass, isNamed: !isReporters && !step.isUnsigned,
            answers: said == nil ? step.answers : [:], saidIn: said, tx
        )
        guard said == nil else { return }
        for photo in step.photos { try attach(photo, to: item.id, kind: isReporters ? "before" : "after", tx) }
    }

    /// Said to be against its unit when it was done already, and open again: that one does not get it back.
    private static func spared(
        _ change: inout CaseChange, _ state: CaseType.State, _ item: CaseRecord, _ type: CaseType
    ) throws -> CaseType.State {
        guard !state.isFinal, item.accusation.names(change.unit) else { return state }
        (change.unit, change.handler, change.ground) = (nil, nil, CaseRouting.Ground.none.rawValue)
        return state.owner == .handler ? try type.state(CasePassing.waiting(type)) : state
    }

    private func moveParties(
        _ item: CaseRecord, to unit: ID<Unit>?, isOpen: Bool, due: Instant, state: String, _ tx: WriteTx
    ) throws {
        if unit != item.handlerUnit {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND role = 'handler' AND until IS NULL
                """
            )
        }
        if let unit, unit != item.handlerUnit {
            try join(item.id, unit, isOpen: isOpen, due: due, state: state, tx)
        } else {
            try tx.execute(
                """
                UPDATE case_party SET is_open = \(isOpen), due_at = \(due), state = \(state)
                WHERE case_id = \(item.id) AND until IS NULL
                """
            )
        }
    }

    /// Adds words or photos without moving the case; `isVisible` shows them to the resident.
    package func remark(
        _ text: String, isVisible: Bool, photos: [ID<StoredFile>], on id: ID<Case>, _ context: Context
    ) async throws {
        guard !text.trimmed.isEmpty || !photos.isEmpty, text.count <= 2000 else {
            throw LinliError.invalid(
                "cases.note",
                [.init("text", Text("请写点什么，最多 2000 个字", "Please write something, at most 2,000 characters"))]
            )
        }
        try await database.write(context, "cases.note") { tx in
            _ = try leading(id, tx)
            let (item, standing) = try locked(id, context, tx)
            guard standing.sees else { throw LinliError.notFound("cases.hidden") }
            if standing.isStaff, isVisible { try mustMentionNobody(in: text) }
            if !standing.isStaff { try tellLead(of: item, .voiceAdded, tx) }
            try note(
                id, transition: "note", from: item.state, to: item.state, unit: item.handlerUnit,
                text: text.trimmed, isVisible: isVisible || !standing.isStaff, reasonClass: "",
                isNamed: standing.isStaff && !standing.isReporter, tx
            )
            for photo in photos { try attach(photo, to: id, kind: standing.isHandler ? "after" : "before", tx) }
            if standing.isStaff, !isVisible { try tellMentioned(in: text, item, tx) }
            try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(id)")
            try tx.audit(item.subject, fields: ["note"], values: [text])
            try tx.emit(
                "case.noted", item.subject,
                facts: facts(from: nil, to: item.state, units: [item.handlerUnit], unit: nil, against: item.accusation)
            )
        }
    }

    static let changed = LinliError(
        .conflict,
        "cases.changed",
        Text("现在办不了这一步，可能刚有新进展，请看一眼最新情况", "This step is not open now, perhaps since a moment ago; please look again")
    )
}

/// What a transition changes besides the state.
struct CaseChange {
    var unit: ID<Unit>?
    var handler: ID<Account>?
    var ground: String
    var contests: Int
    var stars: Int?
    var refusals: Int
    var isBound: Bool

    init(_ item: CaseRecord) {
        unit = item.handlerUnit
        handler = item.handler
        ground = item.ground
        contests = item.contests
        stars = item.stars
        refusals = item.refusals
        isBound = item.isBound
    }
}

/// The named effects of transitions.
enum CaseEffects {
    static func apply(
        _ effect: CaseType.Effect, _ step: CaseStep, _ item: CaseRecord, _ change: inout CaseChange,
        _ duties: DutyCatalogue, _ tx: WriteTx
    ) throws {
        switch effect {
        case .assignUnit:
            guard let id = step.unit, let unit = try UnitsStore.find(id, tx), !item.accusation.names(unit.id) else {
                throw LinliError.invalid(
                    "cases.unit",
                    [.init("unit", Text("不能派给这个单位，请另选", "This unit cannot take it; please choose another"))]
                )
            }
            // A part is help: the unit that leads answers for the whole.
            let isPart = item.parent != nil
            guard isPart ? duties.mayHelp(unit.kind, item.category) : duties.mayLead(unit.kind, item.category) else {
                throw try CaseRouting.barred(
                    item.category, item.division, duties, against: item.accusation.units, isPart: isPart, field: "unit",
                    tx
                )
            }
            try CaseRedo.checkUnit(unit.id, step, item, tx)
            try CaseTakers.check(unit, for: item, tx.context.actor, tx)
            try CaseTakers.checkRuling(unit.id, on: item, tx.context.actor, tx)
            change.unit = unit.id
            change.handler = nil
            change.ground = CaseRouting.Ground.staff.rawValue
        case .releaseUnit:
            change.unit = nil
            change.handler = nil
            change.ground = CaseRouting.Ground.none.rawValue
        case .takePersonally:
            try CaseRedo.checkPerson(item, tx)
            change.handler = tx.context.actor.account
        case .contest:
            change.contests += 1
            change.handler = nil
            change.stars = nil
            // A new round: who takes it may say once more that it is not theirs.
            change.refusals = 0
            change.isBound = false
        case .rate:
            change.stars = step.stars
        case .countRefusal:
            change.refusals += 1
        case .bind:
            change.isBound = true
        }
    }
}
