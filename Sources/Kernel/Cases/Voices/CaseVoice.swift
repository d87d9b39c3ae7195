import LinliCore
import LinliSQL
import LinliStandards

/// One of several who told the same: a case of its own number, reporter, words and photos, without a course of its own
/// while it speaks in another.
package struct CaseVoice: Sendable {
    /// The case as it was told.
    package let item: CaseRecord
    /// What its teller said of the present round; nil for silence.
    package let answeredAt: Instant?
    package let isSolved: Bool?
    package let grade: Satisfaction?
    /// Whether its teller took it back.
    package let hasLeft: Bool
    /// Whether the reader may see who told it.
    package internal(set) var showsReporter: Bool
}

/// The voices around a case, as its page needs them.
package struct CaseVoices: Sendable {
    /// How many homes it speaks for; nil for a case with one voice.
    package var count: VoiceCount?
    /// The others, for staff.
    package var list: [CaseVoice] = []
    /// The case it speaks in.
    package var lead: CaseRow?
    /// Whether its reader has answered while others still may.
    package var hasAnswered = false
    /// Whether its reader took it back, while it goes on for others.
    package var hasLeft = false
    /// Whether another of those who told it had it done again last, or one of them and nobody can tell which.
    package var isContestedByOther = false
    /// Whether that is so and kept from its reader: it was had done again, and they did not say so.
    package var hidesContest = false

    /// How many voices a page lists.
    package static let limit = 50
}

extension CaseType.State {
    /// Where a case stands that is a voice of another one; every type has it.
    package static let merged = CaseType.State(
        id: "merged",
        name: Text("已并案", "Part of another case"),
        residentName: Text("和别人反映的同一件事一起办", "Handled with others who told the same"),
        tab: "closed", verb: nil, step: 4, owner: nil, clock: nil, ladder: [], isFinal: true
    )

    /// Whether the work is still to be done: only then may voices come and go.
    var takesVoices: Bool {
        switch owner {
        case .dispatcher, .handler, .arbiter, .collector, .colleague: true
        case .reporter, .checker, .reviewer, .lead, .clock, nil: false
        }
    }
}

extension CaseRecord {
    /// Whether it may be one of several voices: what protects who told it stays alone, and so does a part of a case.
    var mayShare: Bool { !nature.isProtected && !wasTipOff && accusation.isEmpty && parent == nil }

    /// Whether staff may make it and another one case. Complaints go with complaints of the same units only, or both of
    /// none, so that whom they are against is kept out of all of them alike; what ever was a tip-off goes with nothing.
    func mayMerge(with other: CaseRecord) -> Bool {
        if mayShare, other.mayShare { return true }
        return isComplaintAlone && other.isComplaintAlone && accusation == other.accusation
    }

    private var isComplaintAlone: Bool { nature == .complaint && !wasTipOff && parent == nil }

    /// Whether its reporter left a way to be contacted.
    var isReachable: Bool {
        disclosure != .anonymous && (reporter != nil || reporterMask.contains(where: \.isNumber))
    }

    /// The same told case, as far as the one it speaks in is.
    func following(_ lead: CaseRecord) -> CaseRecord {
        var item = self
        item.state = lead.state
        item.isOpen = lead.isOpen
        item.handlerUnit = lead.handlerUnit
        item.handler = lead.handler
        // Why that unit has it: the voice itself was never sent anywhere, or somewhere else before it was merged.
        item.ground = lead.ground
        item.stateSince = lead.stateSince
        item.dueAt = lead.dueAt
        item.closedAt = lead.closedAt
        item.version = lead.version
        item.isPaused = lead.isPaused
        return item
    }
}

extension CaseQueries {
    /// A case as who told it sees it: one of several voices sees its own words, and how far the case is that it speaks
    /// in, without a word of the others.
    ///
    /// - Throws: as `view(_:_:)`.
    package func reporterView(_ id: ID<Case>, _ context: Context) async throws -> CaseView {
        try await database.read { tx in
            let own = try view(id, context, tx)
            return own.standing.isReporter ? try told(own, context, tx) : own
        }
    }

    /// A case for its staff, or as far as one of several voices is told of it: who told it and is staff reads it as staff.
    ///
    /// - Throws: as `view(_:_:)`.
    package func viewAsTold(_ id: ID<Case>, _ context: Context) async throws -> CaseView {
        try await database.read { tx in
            let own = try view(id, context, tx)
            return own.standing.isReporter && !own.standing.isStaff ? try told(own, context, tx) : own
        }
    }

    /// A case that was read already, as who told it sees it.
    private func told(_ read: CaseView, _ context: Context, _ tx: ReadTx) throws -> CaseView {
        var own = read
        let id = own.item.id
        let shared = try SharedTimes(of: own.item, tx)
        own.entries = own.entries.compactMap { $0.forTeller(of: own.item, shared, own.type) }
        own.photos = shared.seen(own.photos)
        let answered = try OutcomesStore.find(id, round: own.item.contests + 1, tx)?.answeredAt != nil
        let left = try VoicesStore.leftAt(own.item, tx)
        guard let leadID = own.item.speaksIn, let lead = try CasesStore.find(leadID, tx) else {
            if let left { return own.left(at: left) }
            if own.item.contests > 0 {
                let lines = try CasesStore.entries(id, tx)
                own.voices.isContestedByOther = CaseEntry.isContestedByOther(lines, than: id, in: id, own.type)
                if own.voices.isContestedByOther, shared.containContest(in: lines, own.type) {
                    (own.voices.hidesContest, own.voices.isContestedByOther) = (true, false)
                }
            }
            guard own.voices.count != nil, answered else { return own.discreet() }
            return own.quieted().discreet()
        }
        let type = try types.type(lead.type, version: lead.typeVersion)
        let situation = try CaseSituation(lead, type, tx)
        var standing = Standing(Actor.anonymous, lead, situation)
        standing.isReporter = true
        let lines = try CasesStore.entries(leadID, tx)
        var view = CaseView(
            item: own.item.following(lead), type: type, state: try type.state(lead.state), standing: standing,
            unit: situation.unit,
            onDuty: try situation.unit.flatMap { try UnitsStore.onDuty($0.id, at: context.now, tx) },
            handlerName: nil,
            entries: own.entries
                + CaseEntry.shared(lines, with: id, in: leadID, type).filter { $0.isFor(own.item) },
            photos: own.photos + (try workPhotos(of: leadID, for: own.item, tx)),
            clocks: [], requests: [], parts: [], dueBy: nil,
            transitions: available(type, lead, standing, situation, context.now), publication: own.publication,
            voices: CaseVoices(count: try VoiceCount.of([leadID], tx)[leadID])
        )
        view.entries.sort { $0.id < $1.id }
        if let left { return view.left(at: left) }
        view.voices.isContestedByOther = CaseEntry.isContestedByOther(lines, than: id, in: leadID, type)
        view.item.stars = try OutcomesStore.find(id, round: own.item.contests + 1, tx)?.grade?.rawValue
        return (answered ? view.quieted() : view).discreet()
    }

    /// What was done about a case, for whoever told it: of one of several voices what the units say in the case it speaks
    /// in, never the words of the others.
    package func course(of view: CaseView, _ tx: ReadTx) throws -> CaseCourse {
        guard let id = view.item.speaksIn, let lead = try CasesStore.find(id, tx) else {
            let shared = try SharedTimes(of: view.item, tx)
            let entries = view.entries.filter { $0.forTeller(of: view.item, shared, view.type) != nil }
            return CaseCourse(
                number: nil, type: view.type, accepted: view.entries.first { $0.isAcceptance(view.type) },
                entries: entries, photos: shared.seen(view.photos))
        }
        let type = try types.type(lead.type, version: lead.typeVersion)
        let entries = try CasesStore.entries(id, tx)
        return CaseCourse(
            number: lead.number, type: type, accepted: entries.first { $0.isAcceptance(type) },
            entries: entries.filter { $0.isForAll(type) && $0.isFor(view.item) },
            photos: view.photos + (try workPhotos(of: id, for: view.item, tx)))
    }

    /// The photos of the work on the case `lead` that one of its voices sees; of complaints none, because they may show
    /// where another of those who complained lives.
    private func workPhotos(of lead: ID<Case>, for told: CaseRecord, _ tx: ReadTx) throws -> [CasePhoto] {
        guard !told.nature.isProtected else { return [] }
        return try CasesStore.photos(lead, tx).filter { $0.kind == "after" }
    }

    /// The voices around a case for its reader.
    func voices(of item: CaseRecord, _ standing: Standing, _ actor: Actor, _ tx: ReadTx) throws -> CaseVoices {
        var voices = CaseVoices()
        if let lead = item.speaksIn {
            voices.lead = try CasesStore.rows("WHERE c.id = \(lead)", tx).first
            voices.count = try VoiceCount.of([lead], tx)[lead]
        } else {
            voices.count = try VoiceCount.of([item.id], tx)[item.id]
            // Also those who all left by now.
            if standing.isStaff, try voices.count != nil || VoicesStore.isShared(item.id, tx) {
                voices.list = try VoicesStore.list(of: item, for: actor, limit: CaseVoices.limit, tx)
            }
        }
        return voices
    }
}

/// What was done about what somebody told; see `CaseQueries.course`.
package struct CaseCourse: Sendable {
    /// The number of the case that was worked on, when it was told as one of several voices.
    package let number: String?
    /// Its definition.
    package let type: CaseType
    /// The first time somebody took it; kept apart from what every voice may read, for its moment and unit.
    package let accepted: CaseEntry?
    package let entries: [CaseEntry]
    package let photos: [CasePhoto]
}

extension CaseView {
    /// As it is for who took it back: over, whatever becomes of it for the others.
    fileprivate func left(at moment: Instant) -> CaseView {
        var view = self
        let over = type.states.first { CaseCommands.isTakenBack($0, type) } ?? .merged
        view.state = over
        (view.item.state, view.item.isOpen, view.item.closedAt) = (over.id, false, moment)
        view.item.isPaused = false
        view.transitions = []
        view.entries.removeAll { $0.at > moment }
        view.voices.count = nil
        view.voices.hasLeft = true
        return view
    }

    /// Without how many told it, and that another had it done again, for who complained: that others did is for the units
    /// that have it.
    fileprivate func discreet() -> CaseView {
        guard item.nature.isProtected else { return self }
        var view = self
        view.voices.count = nil
        if view.voices.isContestedByOther { view.voices.hidesContest = true }
        view.voices.isContestedByOther = false
        return view
    }

    /// Without the question that was answered already.
    fileprivate func quieted() -> CaseView {
        var view = self
        view.transitions.removeAll { $0.effects.contains(.rate) }
        view.voices.hasAnswered = true
        return view
    }
}

extension CaseEntry {
    /// Whether somebody of the unit took the case in person.
    func isAcceptance(_ type: CaseType) -> Bool {
        type.transitions.first { $0.id == transition }?.effects.contains(.takePersonally) ?? false
    }

    /// Whether a line of the case that `told` speaks in is for its teller, too: of complaints only the steps of the work.
    /// What a unit wrote beside them may answer another of those who complained, and that another did is not for them.
    func isFor(_ told: CaseRecord) -> Bool { !told.nature.isProtected || isForEach }

    /// Whether a line is for each of several who complained.
    var isForEach: Bool {
        guard kind == "note" else { return true }
        let marks: [CaseMark] = [.grantPause, .resume, .grantExtend]
        return marks.map(\.rawValue).contains(transition)
    }

    /// Whether every voice may read it: what the units say of the work, never the words of one of those who told it.
    func isForAll(_ type: CaseType) -> Bool {
        guard transition != "report", isVisible else { return false }
        if let mark = CaseMark(rawValue: transition) {
            return !mark.isReporters && ![.contact, .followUp, .placeCorrected].contains(mark)
        }
        if kind == "note" { return !actorName.isEmpty }
        return type.transitions.first { $0.id == transition }?.by.contains(.reporter) == false
    }
}

extension CaseCommands {
    /// The case that has the course, held, and the one that was told: the same unless that is one of several voices.
    ///
    /// - Throws: `.notFound`, `.conflict` when it was merged or taken out in the same moment.
    func leading(_ id: ID<Case>, _ tx: WriteTx) throws -> (item: CaseRecord, told: CaseRecord) {
        guard let seen = try CasesStore.find(id, tx) else { throw LinliError.notFound("cases.unknown") }
        let item = try CasesStore.lock(seen.speaksIn ?? id, tx)
        let told = seen.speaksIn == nil ? item : try CasesStore.lock(id, tx)
        guard told.speaksIn == seen.speaksIn else { throw CaseCommands.changed }
        return (item, told)
    }

    /// How who acts stands to the case; through one of several voices only as who told that one.
    func stance(
        _ item: CaseRecord, _ told: CaseRecord, _ situation: CaseSituation, _ tx: WriteTx
    ) throws -> Standing {
        guard told.id != item.id else { return Standing(tx.context.actor, item, situation) }
        let type = try queries.types.type(told.type, version: told.typeVersion)
        let own = Standing(tx.context.actor, told, try CaseSituation(told, type, tx))
        if own.isStaff, !own.isReporter { throw CaseCommands.changed }
        var standing = Standing(Actor.anonymous, item, situation)
        standing.isReporter = own.isReporter
        return standing
    }

    /// Adds a line to the case that `item` speaks in, without anybody's words. Staff who joined whom they had before them
    /// stand there by name: it was their step.
    func tellLead(of item: CaseRecord, _ mark: CaseMark, _ tx: WriteTx) throws {
        guard let lead = try item.speaksIn.flatMap({ try CasesStore.find($0, tx) }) else { return }
        try note(
            lead.id, transition: mark.rawValue, from: lead.state, to: lead.state, unit: lead.handlerUnit, text: "",
            isVisible: false, reasonClass: "", isNamed: mark == .voiceJoined && item.source.isByStaff, isNote: true, tx
        )
        try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(lead.id)")
        if mark == .voiceAdded { try tellSupplied(lead.id, tx) }
        try tx.emit("case.noted", lead.subject, facts: noted(lead))
    }

    /// - Throws: `.conflict` for a case with several voices: one of them must not make all of them sealed, nor be against
    ///   others than they are.
    func mustSpeakAlone(_ item: CaseRecord, _ tx: ReadTx) throws {
        guard try item.speaksIn != nil || !VoicesStore.records(in: item.id, tx).isEmpty else { return }
        throw LinliError(
            .conflict, "cases.severalVoices",
            Text(
                "有几个人一起反映，是不是投诉、举报，投诉谁，都不能一起改；请先拆出来",
                "Several told it: take it out first, then say whether it is a complaint, and against whom"
            )
        )
    }

    /// What one of several voices says for itself: that it is solved, while others have not answered, or that it takes
    /// its need back. The case goes on as it is. False when the step moves the case.
    func speaksForItself(
        _ step: CaseStep, _ transition: CaseType.Transition, _ item: CaseRecord, _ tx: WriteTx
    ) throws -> Bool {
        guard transition.by == [.reporter] else { return false }
        let all = try [item] + VoicesStore.records(in: item.id, tx)
        guard all.count > 1, let told = all.first(where: { $0.id == step.voice ?? item.id }) else { return false }
        let gone = try VoicesStore.left(all.map(\.id), tx)
        // Who took it back has no more part in it.
        guard !gone.contains(told.id) else { throw CaseCommands.changed }
        guard !transition.effects.contains(.contest) else { return false }
        let others = all.filter { $0.id != told.id && !gone.contains($0.id) }
        if transition.effects.contains(.rate) {
            let row = try OutcomesStore.find(told.id, round: told.contests + 1, tx)
            if row?.answeredAt != nil { throw CaseCommands.changed }
            guard let row, try others.contains(where: { try isAwaited($0, tx) }) else { return false }
            try keepSolved(step, told, row, tx)
            return true
        }
        let type = try queries.types.type(item.type, version: item.typeVersion)
        guard try type.state(transition.to).isFinal, !others.isEmpty else { return false }
        try takeBack(step, told, item, tx)
        return true
    }

    private func isAwaited(_ voice: CaseRecord, _ tx: ReadTx) throws -> Bool {
        guard let row = try OutcomesStore.find(voice.id, round: voice.contests + 1, tx) else { return false }
        return row.askedAt != nil && row.answeredAt == nil && !row.isDeclined && !row.isUnreached && !row.isWithdrawn
    }

    private func keepSolved(_ step: CaseStep, _ told: CaseRecord, _ row: CaseOutcome, _ tx: WriteTx) throws {
        var after = row
        after.answer(
            true, step.stars.flatMap { Satisfaction(rawValue: $0) },
            step.channel ?? CaseCommands.channel(of: tx.context.actor), at: tx.now
        )
        try store(after, before: row, tx)
        try note(
            told.id, transition: CaseMark.answeredSolved.rawValue, from: told.state, to: told.state, unit: nil,
            text: step.text.trimmed, isVisible: true, reasonClass: "", isNamed: false, isNote: true, tx
        )
        try tx.execute(
            "UPDATE case_item SET stars = \(step.stars ?? told.stars), version = version + 1 WHERE id = \(told.id)"
        )
        try tellLead(of: told, .voiceSolved, tx)
        try tx.audit(told.subject, fields: ["answer"], values: [step.text])
        try tx.emit("case.noted", told.subject, facts: noted(told))
    }

    private func takeBack(_ step: CaseStep, _ told: CaseRecord, _ item: CaseRecord, _ tx: WriteTx) throws {
        try VoicesStore.leave(told, tx)
        try PublicationStore.takeBack(told.id, tx)
        if let before = try OutcomesStore.find(told.id, round: told.contests + 1, tx) {
            var after = before
            after.isWithdrawn = true
            try store(after, before: before, tx)
        }
        try note(
            told.id, transition: CaseMark.voiceLeft.rawValue, from: told.state, to: told.state, unit: nil,
            text: step.text.trimmed, isVisible: true, reasonClass: "", isNamed: false, isNote: true, tx
        )
        try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(told.id)")
        try tellLead(of: told, .voiceLeft, tx)
        try tx.audit(told.subject, fields: ["left"], values: [step.text])
        try tx.emit("case.noted", told.subject, facts: noted(told))
    }
}
