import LinliCore
import LinliSQL

extension VoicesStore {
    /// Whether somebody may read a line of a history: those of merging and splitting name another case, which may have turned
    /// out to be against a unit of theirs since.
    static func mayRead(_ entry: CaseEntry, _ scope: Scope, _ tx: ReadTx) throws -> Bool {
        let joints: [CaseMark] = [.merged, .absorbed, .split, .splitOff]
        guard !scope.interests.isEmpty, joints.map(\.rawValue).contains(entry.transition) else { return true }
        let number = String(entry.text.prefix { $0 != " " })
        let other = try tx.first(
            "SELECT c.against_unit, \(Accusation.members("c.against_unit")) FROM case_item c WHERE c.number = \(number)"
        ) { Accusation(key: try $0[0], members: try $0[1]) }
        return !(other?.concerns(scope) ?? false)
    }
}

/// What one of several voices said with a step that it took for the case it speaks in. The words stand in its own history.
package struct SaidElsewhere: Sendable {
    /// Whose step it was.
    package let voice: ID<Case>
    /// The same by the number people know.
    package let number: String
    let text: String
    let answers: [String: String]
}

extension CaseEntry {
    /// The line as staff read it: with the words of the voice whose step it was.
    var withWords: CaseEntry {
        guard let said else { return self }
        var entry = self
        (entry.text, entry.answers) = (said.text, said.answers)
        return entry
    }

    /// Which of those who told the case `lead` took a step of theirs; nil where that was not kept.
    private func teller(in lead: ID<Case>) -> ID<Case>? { said?.voice ?? (isUnattributed ? nil : lead) }

    /// The line of the case `lead` as one of those who told it reads it: of a step that another of them took only that it
    /// was taken, without a word of theirs. Where nobody can tell whose step it was, it is nobody's own.
    func seen(by reader: ID<Case>, in lead: ID<Case>, _ type: CaseType) -> CaseEntry {
        guard teller(in: lead) != reader, let way = type.transitions.first(where: { $0.id == transition }),
            way.by == [.reporter]
        else { return self }
        let mark: CaseMark
        if way.effects.contains(.contest) {
            mark = .voiceUnsolved
        } else {
            mark = way.effects.contains(.rate) ? .voiceSolved : .voiceLeft
        }
        var entry = self
        (entry.kind, entry.transition, entry.isVisible) = ("note", mark.rawValue, true)
        (entry.text, entry.answers, entry.said) = ("", [:], nil)
        return entry
    }

    /// The lines of the case `lead` that one of its voices reads beside its own.
    static func shared(
        _ entries: [CaseEntry], with voice: ID<Case>, in lead: ID<Case>, _ type: CaseType
    ) -> [CaseEntry] {
        entries.compactMap { entry in
            // What it said itself stands in its own history.
            if entry.said?.voice == voice { return nil }
            let seen = entry.seen(by: voice, in: lead, type)
            return seen.transition != entry.transition || entry.isForAll(type) ? seen : nil
        }
    }

    /// Whether somebody had the case `lead` done again last of whom it cannot be said that it was `reader`.
    static func isContestedByOther(
        _ entries: [CaseEntry], than reader: ID<Case>, in lead: ID<Case>, _ type: CaseType
    ) -> Bool {
        let contests = Set(type.transitions.filter { $0.effects.contains(.contest) }.map(\.id))
        guard let last = entries.last(where: { contests.contains($0.transition) }) else { return false }
        return last.teller(in: lead) != reader
    }
}

extension CaseCommands {
    /// Keeps what who told a case said with a step of theirs, and returns the line that has it: one of several voices has
    /// its words, photos and grade with itself, the case it speaks in only that the step was taken. Nil where it is the
    /// case's own teller.
    func keepSaid(
        _ step: CaseStep, _ transition: CaseType.Transition, of item: CaseRecord, to state: CaseType.State,
        _ tx: WriteTx
    ) throws -> ID<CaseEntry>? {
        guard transition.by == [.reporter], let voice = step.voice, voice != item.id else { return nil }
        let told = try CasesStore.lock(voice, tx)
        let mark: CaseMark?
        if transition.effects.contains(.contest) {
            mark = .saidUnsolved
        } else if transition.effects.contains(.rate) {
            mark = .answeredSolved
        } else {
            mark = state.isFinal ? .voiceLeft : nil
        }
        let entry = try note(
            told.id, transition: mark?.rawValue ?? "note", from: told.state, to: told.state, unit: nil,
            text: step.text.trimmed, isVisible: true, reasonClass: "", isNamed: false, isNote: true,
            answers: step.answers, tx
        )
        for photo in step.photos { try attach(photo, to: told.id, kind: "before", tx) }
        let stars = transition.effects.contains(.rate) ? step.stars : told.stars
        try tx.execute("UPDATE case_item SET stars = \(stars), version = version + 1 WHERE id = \(told.id)")
        if mark == .voiceLeft {
            try VoicesStore.leave(told, tx)
            try PublicationStore.takeBack(told.id, tx)
        }
        try tx.audit(told.subject, fields: ["answer"], values: [step.text])
        return entry
    }
}
