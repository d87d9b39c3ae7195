import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Corrects what the program suggested: nature and category. Staff read in the history who changed what.
    ///
    /// What takes the nature off a tip-off is a decision of the street's centre, with its reason: nobody who must not know
    /// who told it may make it something else.
    ///
    /// - Throws: `.invalid` for what is no minor class of the catalogue and for a reason that is missing, `.notFound`,
    ///   `.forbidden` for who neither dispatches nor handles it, and for a tip-off for who may not know its reporter.
    package func classify(
        _ nature: NeedNature, _ category: String, of id: ID<Case>, reason: String = "", _ context: Context
    ) async throws {
        guard let entry = catalogue[code: category], !entry.isMajor else {
            throw LinliError.invalid(
                "cases.classify", [.init("category", Text("请选性质和类别", "Please choose nature and category"))]
            )
        }
        let reason = try CaseCommands.reason(reason, "cases.classify", isNeeded: false)
        try await database.write(context, "cases.classify") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher || standing.isHandler else { throw LinliError.forbidden("cases.classify") }
            try CaseCommands.checkUnsealing(item, to: nature, reason, context.actor)
            if nature != item.nature, nature.isProtected || item.nature.isProtected { try mustSpeakAlone(item, tx) }
            // A protected case stays protected: a correction may hide the reporter, never show them.
            let disclosure = nature.isProtected && item.disclosure == .named ? Disclosure.office : item.disclosure
            // What is late by the corrected kind is late at once; what has more time now gets it.
            let type = try queries.types.type(item.type, version: item.typeVersion)
            var clocks = try clockwork(item, type, tx)
            let before = clocks.all
            clocks.correct(in: try type.state(item.state)) { ($0.nature, $0.limit) = (nature, entry.limit) }
            let street = item.division.ancestor(at: .street)
            let isOwn = standing.isHandler && !context.actor.may(.casesDispatch, in: street)
            if isOwn { try CaseCommands.checkNotLonger(before, clocks.all) }
            try save(clocks, of: id, tx)
            try keepEvidence(item, type, clocks, .corrected(nature, category: category), tx)
            let due = item.isPaused || !item.isOpen ? item.dueAt : clocks.due ?? item.dueAt
            try setDue(due, of: id, tx)
            let isCommon = try reclassifyPublication(item, nature, entry, tx)
            try tx.execute(
                """
                UPDATE case_item SET nature = \(nature), category = \(category), disclosure = \(disclosure),
                    is_public = \(isCommon), doubt = 0, was_tip_off = \(item.isSealed || nature == .tipOff),
                    version = version + 1
                WHERE id = \(id)
                """
            )
            try noteKind(item, nature, entry, reason, tx)
            try tx.audit(item.subject, fields: ["nature", "category"], values: [nature.rawValue, category, reason])
            try tx.emit("case.noted", item.subject, facts: noted(item))
            if nature.isProtected, !item.nature.isProtected { try accuseByWords(item, tx) }
            if nature == .tipOff { try hideTeller(of: item, tx) }
            try passOnBarred(id, tx)
            if entry.limit == .hours2 { try ringLate(item, tx) }
            // That it is of this kind was said for its parts and voices, too: they took the guess from it.
            if entry.code == item.category, item.doubt.contains(.category) { try confirmCopies(of: item, tx) }
        }
    }

    /// Who has a case may say what it is, but not give itself time by that.
    private static func checkNotLonger(_ before: [CaseClock], _ after: [CaseClock]) throws {
        let known = Dictionary(uniqueKeysWithValues: before.map { ($0.clock, $0) })
        let isLonger = after.contains { clock in
            guard clock.isActive, let old = known[clock.clock] else { return false }
            // One that stands still has no end, but a length.
            guard let due = clock.dueAt, let before = old.dueAt else { return clock.budgetMinutes > old.budgetMinutes }
            return due > before
        }
        guard isLonger else { return }
        throw LinliError(
            .conflict, "cases.classifyLonger",
            Text(
                "改成这一类，办理时限会变长：请街道的调度员来改，或者申请延期",
                "Filed like that it has more time: ask the street's dispatcher to do it, or ask for an extension"))
    }

    /// A case that cannot wait, as is known only now, rings for who has it.
    func ringLate(_ item: CaseRecord, _ tx: WriteTx) throws {
        guard !isLoud(item), item.isOpen else { return }
        let now = try CasesStore.lock(item.id, tx)
        // Whoever it was passed on to was rung with that.
        guard now.handlerUnit == nil || now.handlerUnit == item.handlerUnit else { return }
        try ring(now.handlerUnit, for: item.id, now.division, round: item.version, now.accusation, tx)
    }

    /// Whether somebody may take the nature off a tip-off.
    private static func checkUnsealing(
        _ item: CaseRecord, to nature: NeedNature, _ reason: String, _ actor: Actor
    ) throws {
        guard item.nature == .tipOff, nature != .tipOff else { return }
        guard actor.may(.reporterRead, in: item.division.ancestor(at: .street)) else {
            throw LinliError(
                .forbidden, "cases.tipOff",
                Text(
                    "举报只能由街道诉求处置中心改成别的性质，请把理由写在内部留言里请他们改",
                    "Only the street's centre makes a tip-off something else: ask them in an internal note"))
        }
        guard !reason.isEmpty else {
            throw LinliError.invalid(
                "cases.classify",
                [
                    .init(
                        "text",
                        Text("这是举报，改成别的性质请写明理由", "This is a tip-off: please say why it becomes something else"))
                ])
        }
    }

    /// A reason as it is kept.
    ///
    /// - Throws: `.invalid` for one that is missing, too long or with control characters.
    static func reason(_ text: String, _ id: String, isNeeded: Bool) throws -> String {
        let reason = text.trimmed
        guard CasePlaceDraft.isPlain(text), !isNeeded || !reason.isEmpty, reason.unicodeScalars.count <= 1000 else {
            throw LinliError.invalid(
                id, [.init("text", Text("请写明理由，最多 1000 个字", "Please say why, at most 1,000 characters"))])
        }
        return reason
    }

    /// Writes into the history what a case was filed as and is filed as now, and what of it was only guessed and is so.
    private func noteKind(
        _ item: CaseRecord, _ nature: NeedNature, _ entry: EventCategory, _ reason: String, _ tx: WriteTx
    ) throws {
        var guessed = item.doubt
        if entry.code != item.category { guessed.remove(.category) }
        if nature != item.nature { guessed.remove(.nature) }
        try noteConfirmed(guessed, of: item, tx)
        guard nature != item.nature || entry.code != item.category else { return }
        let before = "\(item.nature.name.zh)·\(catalogue[code: item.category]?.name.zh ?? item.category)"
        let words = "由“\(before)”更正为“\(nature.name.zh)·\(entry.name.zh)”"
        try mark(
            .classified, item, text: [words, reason].filter { !$0.isEmpty }.joined(separator: "。"), isVisible: false,
            tx)
    }
}

extension Migration {
    /// Which cases ever were tip-offs: who told them stays sealed whatever they are filed as later. What is one now was one.
    static let onceTipOffs = Migration(
        "2026-12-01.31-once-tip-offs",
        """
        ALTER TABLE case_item ADD COLUMN was_tip_off INTEGER NOT NULL DEFAULT 0 CHECK (was_tip_off IN (0, 1));
        UPDATE case_item SET was_tip_off = 1 WHERE nature = 'tipOff';
        """
    )
}
