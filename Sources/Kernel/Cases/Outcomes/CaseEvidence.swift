import LinliCore
import LinliSQL
import LinliStandards

/// What happened with a case, as far as its evidence is concerned.
enum OutcomeNews {
    /// It moved; with the unit that has it afterwards.
    case moved(CaseType.Transition, CaseStep, to: CaseType.State, unit: ID<Unit>?)
    /// These voices were reached.
    case contacted(Set<ID<Case>>)
    /// Its clocks were paused, resumed or got more time.
    case clocks
    /// Nature and category were corrected: that is about the case, so about every round.
    case corrected(NeedNature, category: String)
    /// It is left out of the rates, for a reason class; one round of it where that is given.
    case excluded(String, round: Int?)
    /// It is against these units, which have it no more: somebody else does. That is about every round.
    case accused(Accusation, handler: ID<Unit>?)
    /// The unit that had it may not, and this one has it, although nobody dispatched it.
    case passedOn(ID<Unit>)

    /// Whether the round is over with it, so that clocks which run from now on are not its own.
    var endsRound: Bool {
        guard case .moved(let transition, _, _, _) = self else { return false }
        return transition.effects.contains(.contest)
    }
}

extension CaseType {
    /// Whether somebody is asked how it went: only such cases count in the rates.
    var asksReporter: Bool { states.contains { $0.owner == .reporter } }

    /// The clock of the first contact.
    var contactClock: String? { clocks.first(where: \.stopsAtContact)?.id }
    /// The clock of the work itself: the statutory one, if there is one.
    var workClock: String? {
        let others = clocks.filter { !$0.stopsAtContact }
        return (others.first { $0.basis == .statutory } ?? others.first)?.id
    }
    /// Our own earlier clocks, where the deadline of another system is that of the work.
    package var internalClocks: Set<String> {
        Set(clocks.filter { $0.isElastic && !$0.stopsAtContact && $0.id != workClock }.map(\.id))
    }
}

extension CaseSource {
    /// Whether a resident asked: what staff found themselves has nobody to judge it.
    var isAsked: Bool { ![.grid, .part].contains(self) }
}

extension CaseCommands {
    /// Begins the evidence of a case that was told and dispatched in one step.
    func beginEvidence(
        _ id: ID<Case>, _ type: CaseType, _ draft: CaseDraft, _ division: DivisionCode, _ unit: ID<Unit>?,
        _ account: ID<Account>?, _ clocks: CaseClockwork, _ tx: WriteTx
    ) throws {
        guard let unit, type.asksReporter, draft.source.isAsked else { return }
        let isReachable = draft.disclosure != .anonymous && (account != nil || !draft.reporterPhone.isEmpty)
        // An order is ours from when it was sent to us there.
        let sent = min(draft.foreign?.dispatchedAt ?? tx.now, tx.now)
        var row = CaseOutcome(
            of: id, round: 1, type: type.id, division: division, against: draft.accusation.key, unit: unit,
            category: draft.category, nature: draft.nature.rawValue, month: try month(at: sent, tx),
            dispatchedAt: sent, isReachable: isReachable
        )
        CaseCommands.read(clocks, of: type, into: &row)
        row.judgeResponse(at: tx.now)
        try store(row, before: nil, tx)
    }

    /// Brings the evidence of a case up to date in the transaction of what happened.
    ///
    /// `item` is the case before it happened: a contest ends the round it is about. Each voice of it has its own row.
    func keepEvidence(
        _ item: CaseRecord, _ type: CaseType, _ clocks: CaseClockwork, _ news: OutcomeNews, _ tx: WriteTx
    ) throws {
        guard type.asksReporter else { return }
        let all = [item] + (try VoicesStore.records(in: item.id, tx))
        // Who took it back while it goes on for others is asked no more: no other round begins for them.
        let gone: Set<ID<Case>> = all.count > 1 ? try VoicesStore.left(all.map(\.id), tx) : []
        for told in all where told.source.isAsked {
            try keepRow(of: told, in: item, type, clocks, news, isGone: gone.contains(told.id), tx)
        }
    }

    private func keepRow(
        of told: CaseRecord, in item: CaseRecord, _ type: CaseType, _ clocks: CaseClockwork, _ news: OutcomeNews,
        isGone: Bool, _ tx: WriteTx
    ) throws {
        switch news {
        case .corrected, .excluded, .accused:
            for before in try OutcomesStore.all(of: told.id, tx) {
                var row = before
                switch news {
                case .corrected(let nature, let category):
                    row.nature = nature.rawValue
                    row.category = category
                    if row.round == told.contests + 1 {
                        CaseCommands.read(clocks, of: type, isFirst: told.id == item.id, into: &row)
                    }
                case .excluded(let reason, let round):
                    // Who told it too may have begun with another round.
                    let isMeant = round.map { row.round - told.contests == $0 - item.contests } ?? true
                    if isMeant { row.exclusion = reason }
                case .accused(let accusation, let handler):
                    row.against = accusation.key
                    if !row.isAccepted, let handler { row.unit = handler }
                case .moved, .contacted, .clocks, .passedOn: break
                }
                row.judgeResponse(at: tx.now)
                try store(row, before: before, tx)
            }
        case .moved, .contacted, .clocks, .passedOn:
            let before = try OutcomesStore.find(told.id, round: told.contests + 1, tx)
            if isGone, before == nil { return }
            if var row = try before ?? opened(told, item, type, clocks, news, tx) {
                note(news, told.id, item, &row, at: tx.now, by: tx.context.actor)
                if !news.endsRound {
                    CaseCommands.read(clocks, of: type, isFirst: told.id == item.id, into: &row)
                }
                row.judgeResponse(at: tx.now)
                try store(row, before: before, tx)
            }
            if !isGone { try beginNext(of: told, item, news, tx) }
        }
    }

    /// Who contests a result that goes straight back to its unit begins the next round with it: nobody dispatches it.
    private func beginNext(of told: CaseRecord, _ item: CaseRecord, _ news: OutcomeNews, _ tx: WriteTx) throws {
        guard case .moved(let transition, _, let state, let unit?) = news, state.owner == .handler,
            transition.effects.contains(.contest)
        else { return }
        var row = CaseOutcome(
            of: told.id, round: told.contests + 2, type: item.type, division: told.division,
            against: told.accusation.key, unit: unit, category: item.category, nature: told.nature.rawValue,
            month: try month(at: tx.now, tx), dispatchedAt: tx.now, isReachable: told.isReachable
        )
        row.exclusion = try OutcomesStore.exclusion(of: item.id, tx)
        try store(row, before: nil, tx)
    }

    /// The row of a round that begins: the case came to somebody who is to handle it.
    private func opened(
        _ told: CaseRecord, _ item: CaseRecord, _ type: CaseType, _ clocks: CaseClockwork, _ news: OutcomeNews,
        _ tx: WriteTx
    ) throws -> CaseOutcome? {
        guard case .moved(let transition, _, let state, let unit?) = news, state.owner == .handler,
            !transition.effects.contains(.contest)
        else { return nil }
        // A case that was dispatched before evidence was kept begins where its clock began.
        // The clocks of an order run before its next round is dispatched.
        let started =
            told.contests > 0
            ? nil : [type.workClock, type.contactClock].compactMap { $0 }.compactMap { clocks[$0]?.startedAt }.first
        var row = CaseOutcome(
            of: told.id, round: told.contests + 1, type: type.id, division: told.division,
            against: told.accusation.key, unit: unit, category: item.category, nature: told.nature.rawValue,
            month: try month(at: started ?? tx.now, tx), dispatchedAt: started ?? tx.now,
            isReachable: told.isReachable
        )
        // Who joined has a limit of contact of their own, from when the case was first dispatched with them.
        if told.id != item.id { row.contactDueAt = contactDue(item, type, from: row.dispatchedAt) }
        // Who had a case left out need not ask again because it is contested.
        if row.round > 1 { row.exclusion = try OutcomesStore.exclusion(of: item.id, tx) }
        return row
    }

    private func note(
        _ news: OutcomeNews, _ told: ID<Case>, _ item: CaseRecord, _ row: inout CaseOutcome, at now: Instant,
        by actor: Actor
    ) {
        switch news {
        case .contacted(let voices): if voices.contains(told) { row.contactedAt = row.contactedAt ?? now }
        case .passedOn(let unit): if !row.isAccepted { row.unit = unit }
        case .clocks, .corrected, .excluded, .accused: break
        case .moved(let transition, let step, let state, let unit):
            if !row.isAccepted, let unit { row.unit = unit }
            if transition.effects.contains(.takePersonally) || state.owner == .reporter { row.isAccepted = true }
            if state.owner == .reporter {
                row.finishedAt = now
                row.askedAt = now
            } else if state.owner == .handler, row.finishedAt != nil, !transition.effects.contains(.contest) {
                row.redo()
            }
            guard transition.by == [.reporter], told == step.voice ?? item.id else { return }
            let isAnswer = transition.effects.contains(.rate) || transition.effects.contains(.contest)
            // What is said when the round is over begins the next one; only silence can still be broken.
            if isAnswer, row.askedAt != nil, item.isOpen || row.answeredAt == nil {
                row.answer(
                    transition.effects.contains(.rate), step.stars.flatMap { Satisfaction(rawValue: $0) },
                    step.channel ?? CaseCommands.channel(of: actor), at: now
                )
            }
            if !isAnswer, state.isFinal { row.isWithdrawn = true }
        }
    }

    /// How an answer of `actor` comes.
    static func channel(of actor: Actor) -> AnswerChannel {
        if case .receipt = actor.kind { .link } else { .page }
    }

    /// When work and contact are due; a clock that was stopped keeps what it said. The clock of contact is about the
    /// voice that was first.
    static func read(_ clocks: CaseClockwork, of type: CaseType, isFirst: Bool = true, into row: inout CaseOutcome) {
        if let clock = type.workClock.flatMap({ clocks[$0] }), clock.isActive { row.dueAt = clock.dueAt }
        guard isFirst else { return }
        if let clock = type.contactClock.flatMap({ clocks[$0] }), clock.isActive { row.contactDueAt = clock.dueAt }
    }

    /// Writes a row and tells the months what changed; nothing when nothing did.
    func store(_ row: CaseOutcome, before: CaseOutcome?, _ tx: WriteTx) throws {
        guard row != before else { return }
        if before == nil { try OutcomesStore.insert([row], tx) } else { try OutcomesStore.update(row, tx) }
        let (was, now) = (before.map { RateShare($0) }, RateShare(row))
        guard was != now else { return }
        var facts = ["is": now.fact]
        facts["was"] = was?.fact
        try tx.emit("case.outcome", Subject("case", row.item, division: row.division), facts: facts)
    }

    /// Notes where the limit of contact has passed without one; returns how many.
    func judgeLate(only item: ID<Case>? = nil, _ context: Context) async throws -> Int {
        try await database.write(context, "rates.late") { tx in
            let late = try OutcomesStore.late(at: tx.now, limit: 50, of: item, tx)
            for before in late {
                var row = before
                row.judgeResponse(at: tx.now)
                try store(row, before: before, tx)
                try tx.audit(Subject("case", row.item, division: row.division), fields: ["response"])
            }
            if late.isEmpty { try tx.audit(Subject("rates", 0), fields: ["response"]) }
            return late.count
        }
    }
}

extension JobKind {
    /// Decides about responses whose limit has passed.
    static func outcomesLate(_ commands: CaseCommands) -> JobKind {
        JobKind("rates.late", everySeconds: 60) { run in
            let context = Context.system("rates.late", now: commands.database.clock.now)
            // Together while nothing is wrong with any of them, else one by one.
            // In rounds after the server stood still, but never without end.
            for _ in 0..<200 {
                let due = try await run.database.read { try OutcomesStore.late(at: context.now, limit: 50, $0) }
                guard !due.isEmpty else { return }
                do {
                    guard try await commands.judgeLate(context) > 0 else { return }
                } catch let error as LinliError where error.kind != .unavailable {
                    let items = Set(due.map(\.item)).sorted()
                    try await JobRound("rates.late", run).walk(items) { item in
                        _ = try await commands.judgeLate(only: item, context)
                    }
                }
            }
        }
    }
}
