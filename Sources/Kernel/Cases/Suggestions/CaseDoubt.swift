import LinliCore
import LinliSQL
import LinliStandards

/// What of a case only its words say, and not surely enough to stand without a person's word: 待确认.
package struct CaseDoubt: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    /// A set of doubts.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// What kind it is.
    package static let category = CaseDoubt(rawValue: 1)
    /// What is wanted.
    package static let nature = CaseDoubt(rawValue: 2)
}

/// What follows from the words where nobody chose, and whether a person must say so too.
package struct Decided<Value: Sendable>: Sendable {
    /// What it is taken for.
    package let value: Value
    /// Whether that waits for a person's word.
    package let isDoubtful: Bool

    /// Something that was decided.
    package init(_ value: Value, isDoubtful: Bool) {
        self.value = value
        self.isDoubtful = isDoubtful
    }
}

extension Suggestions {
    /// The likeliest category among those wanted; nil when none stands out. Sure are words that leave no other of them.
    package func decide(
        _ text: String, among isWanted: (EventCategory) -> Bool
    ) throws -> Decided<EventCategory>? {
        try guess(text, where: isWanted).map { Decided($0.value, isDoubtful: $0.percent < confirmBelowPercent) }
    }

    /// The likeliest category of all, unless it is a stab in the dark.
    package func decide(_ text: String) throws -> Decided<EventCategory>? {
        try guess(text).map { Decided($0.value, isDoubtful: $0.percent < confirmBelowPercent) }
    }

    /// What the speaker wants, when the category is known; `wishes` are what can be wanted at all.
    package func decideNature(
        _ text: String, category: EventCategory?, wishes: [NeedNature] = NeedNature.allCases
    ) throws -> Decided<NeedNature> {
        if let only = wishes.first, wishes.count == 1 { return Decided(only, isDoubtful: false) }
        let guess = try nature(of: text, category: category)
        guard wishes.contains(guess.value) else { return Decided(wishes.first ?? guess.value, isDoubtful: true) }
        return Decided(guess.value, isDoubtful: guess.percent < confirmBelowPercent)
    }
}

extension CaseCommands {
    /// Says that nature and category are what the words suggested; a correction says so too. What cannot wait by that
    /// counts and rings as such from then on.
    ///
    /// - Throws: `.notFound` for who may not see the case, `.forbidden` for who neither dispatches nor handles it.
    package func confirmKind(of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.confirmKind") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher || standing.isHandler else { throw LinliError.forbidden("cases.confirmKind") }
            try tx.audit(item.subject, fields: ["nature", "category"], values: [item.nature.rawValue, item.category])
            guard !item.doubt.isEmpty else { return }
            try confirm(item, tx)
            if item.doubt.contains(.category) { try confirmCopies(of: item, tx) }
        }
    }

    private func confirm(_ item: CaseRecord, _ tx: WriteTx) throws {
        let limit: EventCategory.LimitClass? = catalogue[code: item.category]?.limit
        if item.isOpen, limit != catalogue.limit(of: item.category, item.doubt) { try count(item, by: limit, tx) }
        try tx.execute("UPDATE case_item SET doubt = 0, version = version + 1 WHERE id = \(item.id)")
        try noteConfirmed(item.doubt, of: item, tx)
        try tx.emit("case.noted", item.subject, facts: noted(item))
        if limit == .hours2 { try ringLate(item, tx) }
    }

    /// The parts of a case, and the voices that joined it, took their kind from it: what is said of it here holds for them.
    /// Who has a part hears at once of what cannot wait.
    func confirmCopies(of item: CaseRecord, _ tx: WriteTx) throws {
        let parts: [ID<Case>] = try tx.all(
            """
            SELECT id FROM case_item
            WHERE parent_id = \(item.id) AND is_open = 1 AND doubt > 0 AND category = \(item.category) ORDER BY id
            """
        ) { try $0[0] }
        for id in parts {
            let part = try CasesStore.lock(id, tx)
            try tx.audit(part.subject, fields: ["category"], values: [part.category])
            try confirm(part, tx)
        }
        // A voice follows the case it speaks in, as it does with its rounds (`VoicesStore.contest`): who said so stands in
        // the history and the audit of that one, whose version and event say to pages that something changed.
        try tx.execute(
            """
            UPDATE case_item SET doubt = CASE WHEN doubt IN (1, 3) THEN doubt - 1 ELSE doubt END
            WHERE speaks_in = \(item.id) AND category = \(item.category) AND id IN (
                SELECT v.voice_id FROM case_voice v
                WHERE v.case_id = \(item.id) AND v.kind = 'join' AND v.until IS NULL)
            """
        )
    }

    /// Writes into the history what of a case was only guessed, and that somebody said that it is so.
    func noteConfirmed(_ guessed: CaseDoubt, of item: CaseRecord, _ tx: WriteTx) throws {
        let kind = catalogue[code: item.category]?.name.zh ?? item.category
        let all: [(doubt: CaseDoubt, mark: CaseMark, text: String)] = [
            (.category, .confirmedCategory, kind), (.nature, .confirmedNature, item.nature.name.zh),
        ]
        for line in all where guessed.contains(line.doubt) {
            try note(
                item.id, transition: line.mark.rawValue, from: item.state, to: item.state, unit: item.handlerUnit,
                text: line.text, isVisible: false, reasonClass: "", isNamed: true, isNote: true, tx
            )
        }
    }

    /// The clocks of a case go by the class of its category from now on, as after a correction: it was only guessed before.
    private func count(_ item: CaseRecord, by limit: EventCategory.LimitClass?, _ tx: WriteTx) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var clocks = try clockwork(item, type, tx)
        clocks.correct(in: try type.state(item.state)) { $0.limit = limit }
        try save(clocks, of: item.id, tx)
        try keepEvidence(item, type, clocks, .corrected(item.nature, category: item.category), tx)
        try setDue(item.isPaused ? item.dueAt : clocks.due ?? item.dueAt, of: item.id, tx)
    }
}

extension EventCatalogue {
    /// The class a case counts by: a category that was only guessed from the words makes nothing shorter than an ordinary
    /// need, until a person says that it is that.
    func limit(of category: String, _ doubt: CaseDoubt) -> EventCategory.LimitClass? {
        let own: EventCategory.LimitClass? = self[code: category]?.limit
        let usual = EventCategory.LimitClass.days7
        guard doubt.contains(.category), let own, own.hours < usual.hours else { return own }
        return usual
    }
}

extension Migration {
    /// What waits for a person's word, with an index for each list it is looked up in: few cases are in them.
    static let caseDoubts = Migration(
        "2026-11-29.20-case-doubts",
        """
        ALTER TABLE case_item ADD COLUMN doubt INTEGER NOT NULL DEFAULT 0 CHECK (doubt BETWEEN 0 AND 3);
        CREATE INDEX case_doubt_district ON case_item (district, due_at, id) WHERE is_open = 1 AND doubt > 0;
        CREATE INDEX case_doubt_street ON case_item (street, due_at, id) WHERE is_open = 1 AND doubt > 0;
        CREATE INDEX case_doubt_community ON case_item (community, due_at, id) WHERE is_open = 1 AND doubt > 0;
        CREATE INDEX case_doubt_grid ON case_item (grid, due_at, id) WHERE is_open = 1 AND doubt > 0;
        CREATE INDEX case_doubt_unit ON case_item (handler_unit, due_at, id) WHERE is_open = 1 AND doubt > 0;
        """
    )
}
