import LinliCore
import LinliSQL
import LinliStandards

/// What may be done with cases: each a write with its audit entry and its event.
package struct CaseCommands: Sendable {
    let database: Database
    let queries: CaseQueries
    let numbers: CaseNumbers
    let catalogue: EventCatalogue
    private let days: WorkingDays
    let book: DispatchBook

    /// Commands over `database`.
    package init(
        _ database: Database,
        queries: CaseQueries,
        numbers: CaseNumbers,
        catalogue: EventCatalogue,
        days: WorkingDays,
        book: DispatchBook
    ) {
        self.database = database
        self.queries = queries
        self.numbers = numbers
        self.catalogue = catalogue
        self.days = days
        self.book = book
    }

    /// The working calendar as it holds now; taken once for a step, so that all its clocks go by the same.
    var calendar: WorkingCalendar { days.current }

    /// A case that was just taken in; the receipt exists only here and in the person's hands.
    package struct Taken: Sendable {
        package let id: ID<Case>
        package let number: String
        /// The secret of the receipt link.
        package let receipt: String
        package let state: String
    }

    /// Takes a need in: numbers it, finds whose it is, starts its clock.
    ///
    /// One transaction of case, party, history, photos, full text, audit and event, and of what a feature keeps `also`.
    /// With an idempotency key the caller keeps the reply.
    /// - Throws: `.invalid` naming each field that is missing or wrong.
    package func report(
        _ draft: CaseDraft,
        _ context: Context,
        receipt: String = randomToken(),
        also: @escaping @Sendable (ID<Case>, WriteTx) throws -> Void = { _, _ in }
    ) async throws -> Taken {
        let type = try queries.types.current(draft.type)
        let problems =
            draft.problems(type, catalogue) + type.problems(of: draft, catalogue)
            + type.problems(of: draft.answers).map { .init("answers.\($0.name)", $0.text) }
        guard problems.isEmpty else { throw LinliError.invalid("cases.draft", problems) }
        // Who stays anonymous is so in the audit too; who writes it down for somebody answers for that.
        let isNobodys = draft.disclosure == .anonymous && !draft.source.isForOthers
        let keeper = context.actor
        let context = isNobodys ? context.anonymous() : context
        let number = try await numbers.take(prefix: type.numberPrefix, at: context.now)
        let names = try await tellerNames(of: draft, keeper: keeper)
        let prepared = try prepare(draft, type: type, number: number, receipt: receipt, hiding: names, context)
        let today = max(context.now, database.clock.now)
        return try await database.write(context, "cases.report") { tx in
            let taken = try insert(prepared, keeper: keeper, today: today, tx)
            try also(taken.id, tx)
            return taken
        }
    }

    /// What can be worked out before the transaction: masking, dates, texts. Closures of writes stay short.
    struct Prepared: Sendable {
        var draft: CaseDraft
        var type: CaseType
        var number: String
        var receipt: String
        var receiptHash: [UInt8]
        var title: String
        var text: LiftedText
        var location: LiftedText
        var reporterMask: String
        var owner: EventCategory.OwnerClass
        var facts: CaseClockwork.Facts
        /// The answers to the extra fields, as they are stored.
        var answers: String
        /// Whether others may join it.
        var isCommon: Bool
        var search: String
        /// Who tells it, as keyed hashes, and whether they or their door told the same before.
        var teller: CaseTeller
        var isRepeated = false
    }

    func prepare(
        _ draft: CaseDraft, type: CaseType, number: String, receipt: String, hiding names: TellerNames = .nobody,
        _ context: Context
    ) throws -> Prepared {
        var draft = draft
        let category = catalogue[code: draft.category]
        draft.isUrgent = draft.isDanger
        // A tip-off is sealed: whoever tells it, those who handle it never know.
        if draft.nature == .tipOff, draft.disclosure == .named { draft.disclosure = .office }
        if draft.disclosure == .anonymous {
            draft.reporterName = ""
            draft.reporterPhone = ""
            draft.reporterEmail = ""
        }
        let text = LiftedText(draft.text.trimmed, hiding: names)
        let location = LiftedText(draft.location.trimmed, hiding: names)
        let mayBePublic = type.visibility == .place && category?.mayBePublic ?? false
        return Prepared(
            draft: draft,
            type: type,
            number: number,
            receipt: receipt,
            receiptHash: database.keys.tokenHash("receipt:\(receipt)"),
            title: CaseTitle.of(text.masked),
            text: text,
            location: location,
            reporterMask: CaseCommands.mask(name: draft.reporterName, phone: draft.reporterPhone),
            owner: category?.owner ?? .publicSpace,
            facts: .init(
                nature: draft.nature, limit: catalogue.limit(of: draft.category, draft.doubt), isUrgent: draft.isUrgent,
                foreign: draft.foreign?.clock(at: context.now, leadHours: queries.settings.orderLeadHours),
                agreed: draft.dueBy
            ),
            answers: Facts.encode(type.kept(draft.answers).mapValues { LiftedText($0, hiding: names).masked }),
            // What units do for each other is nobody else's.
            isCommon: draft.parent == nil
                && PublicGround.isCommon(
                    nature: draft.nature, isFacility: mayBePublic, spot: draft.spot, isAgainst: !draft.accused.isEmpty),
            search: CaseCommands.searched(number, text.masked, location.masked),
            teller: CaseTeller(draft, database.keys)
        )
    }

    private func insert(
        _ prepared: Prepared, keeper: Actor, today: Instant, _ tx: WriteTx
    ) throws -> Taken {
        var prepared = prepared
        var draft = prepared.draft
        let id = try tx.newID(Case.self)
        let place = try draft.place.flatMap { try PlacesStore.find($0, tx) }
        let division = place?.division ?? draft.division
        try checkWhere(draft, division, isPlace: place != nil, today, tx)
        let accused = try accused(draft, division, tx)
        let isFound = draft.accused.isEmpty
        draft.accused = accused.accused.map(\.id)
        draft.accusation = try Accusation.of(draft.accused, tx)
        prepared.draft = draft
        let decision = try decide(prepared, division, avoiding: Set(accused.all.map(\.id)), tx)
        let first = draft.source == .grid ? prepared.type.found ?? prepared.type.initial : prepared.type.initial
        let initial = decision.unit == nil ? first : prepared.type.assigned
        let isSettled = draft.settledWith != nil && prepared.type.settled != nil
        let state = try prepared.type.state(isSettled ? prepared.type.settled ?? initial : initial)
        var clocks = CaseClockwork([], prepared.type, prepared.facts, calendar, at: tx.now)
        clocks.enter(state)
        let due = clocks.due ?? tx.now
        let account = owner(of: draft, tx.context)
        prepared.isRepeated = try prepared.teller.isRepeated(account, draft, queries.settings, tx)
        try insertRow(id, prepared, place, division, decision, state, due, account, tx)
        try prepared.teller.keep(of: id, account, draft.category, tx)
        if let unit = decision.unit {
            try join(id, unit.id, isOpen: !state.isFinal, due: due, state: state.id, tx)
        }
        try note(
            id, transition: "report", from: "", to: state.id, unit: nil, text: draft.settledWith ?? "",
            isVisible: true, reasonClass: "", isNamed: draft.source.isByStaff, tx
        )
        if isFound { try noteFound(accused.accused, of: id, in: state.id, tx) }
        try save(clocks, of: id, tx)
        if !isSettled {
            try beginEvidence(id, prepared.type, draft, division, decision.unit?.id, account, clocks, tx)
        }
        if let words = draft.staffNote {
            try note(
                id, transition: "note", from: state.id, to: state.id, unit: nil, text: words, isVisible: false,
                reasonClass: "", isNamed: false, tx
            )
        }
        if let order = draft.foreign { try keepOrder(order, by: keeper, of: id, in: division, tx) }
        try attachPhotos(of: draft, by: keeper, to: id, tx)
        try openPublication(id, draft, division, isOpen: !state.isFinal, tx)
        try tell(id, prepared, draft, division, state, decision.unit?.id, tx)
        if let grid = decision.grid, !isSettled { try handToWalker(of: grid, id, tx) }
        if draft.parent == nil {
            try copyUp(
                id, draft.source, division, unit: decision.unit?.id, against: draft.accusation, state: state.id,
                isOpen: !state.isFinal, tx
            )
        }
        return Taken(id: id, number: prepared.number, receipt: prepared.receipt, state: state.id)
    }

    private func attachPhotos(of draft: CaseDraft, by keeper: Actor, to id: ID<Case>, _ tx: WriteTx) throws {
        for photo in draft.photos { try attach(photo, of: keeper, to: id, kind: "before", tx) }
        for photo in draft.photosAfter { try attach(photo, of: keeper, to: id, kind: "after", tx) }
    }

    /// What others find of a new case and hear of it: full text, audit, event, and what rings at once.
    func tell(
        _ id: ID<Case>, _ prepared: Prepared, _ draft: CaseDraft, _ division: DivisionCode, _ state: CaseType.State,
        _ unit: ID<Unit>?, _ tx: WriteTx
    ) throws {
        try tx.executeLast(
            "INSERT INTO case_search (rowid, body) VALUES (\(id), \(SQL.searchBody(prepared.search + scopeTokens(division))))"
        )
        let subject = Subject("case", id, division: division)
        try tx.audit(subject, fields: ["report"], values: [draft.text, draft.reporterPhone])
        try tx.emit(
            "case.changed", subject,
            facts: facts(
                from: nil, to: state.id, units: [unit], unit: unit, against: draft.accusation
            )
        )
        try tx.emit("case.told", subject, facts: told(draft, tx.context))
        if draft.isUrgent || prepared.facts.limit == .hours2, !state.isFinal, draft.settledWith == nil {
            try ring(unit, for: id, division, round: 0, draft.accusation, tx)
        }
    }

    private func decide(
        _ prepared: Prepared, _ division: DivisionCode, avoiding accused: Set<ID<Unit>>, _ tx: WriteTx
    ) throws -> CaseRouting.Decision {
        let draft = prepared.draft
        switch prepared.type.routing {
        // Nobody is to act on what was settled where it was found: the unit it shows is the one that did.
        case .none where draft.settledWith == nil: return CaseRouting.Decision(unit: nil, ground: .none)
        case .none, .given:
            let named = draft.unit.flatMap { accused.contains($0) ? nil : $0 }
            let unit = try named.flatMap { try UnitsStore.find($0, tx) }
            let ground: CaseRouting.Ground = prepared.type.routing == .given ? .staff : .onSpot
            return CaseRouting.Decision(unit: unit, ground: unit == nil ? .none : ground)
        case .ownership:
            let facts = DispatchRule.Facts(
                division: division, category: draft.category, nature: draft.nature, spot: draft.spot,
                text: prepared.text.masked, at: tx.now, answers: draft.answers
            )
            var question = CaseRouting.Question(
                owner: prepared.owner, place: draft.place, against: draft.accused.first, facts: facts
            )
            question.avoided = accused
            return try CaseRouting.decide(question, book, tx)
        }
    }

    func insertRow(
        _ id: ID<Case>, _ prepared: Prepared, _ place: PlaceSummary?, _ division: DivisionCode,
        _ decision: CaseRouting.Decision, _ state: CaseType.State, _ due: Instant, _ account: ID<Account>?,
        _ tx: WriteTx
    ) throws {
        let draft = prepared.draft
        let locationSealed = try prepared.location.original.map {
            try tx.seal($0, table: "case_item", column: "location_sealed", row: id)
        }
        let textSealed = try prepared.text.original.map {
            try tx.seal($0, table: "case_item", column: "text_sealed", row: id)
        }
        let contact = [draft.reporterName, draft.reporterPhone, draft.reporterEmail]
        let reporterSealed =
            contact.allSatisfy(\.isEmpty)
            ? nil
            : try tx.seal(contact.joined(separator: "\n"), table: "case_item", column: "reporter_sealed", row: id)
        let registeredBy = draft.source.isByStaff ? tx.context.actor.account : nil
        try tx.execute(
            """
            INSERT INTO case_item (id, number, type, type_version, state, is_open, nature, category, title, text,
                text_sealed, location, location_sealed, spot, division, district, street, community, grid, place_id, place_address,
                latitude, longitude, source, disclosure, reporter_id, reporter_sealed, reporter_mask, is_on_behalf,
                registered_by, receipt_hash, handler_unit, against_unit, ground, is_urgent, contests, is_repeated,
                created_at, state_since, due_at, is_public, version, parent_id, is_required, answers, doubt,
                was_tip_off)
            VALUES (\(id), \(prepared.number), \(prepared.type.id), \(prepared.type.version), \(state.id),
                \(!state.isFinal), \(draft.nature), \(draft.category), \(prepared.title), \(prepared.text.masked),
                \(textSealed), \(prepared.location.masked), \(locationSealed), \(draft.spot), \(division),
                \(division.ancestor(at: .district)), \(division.ancestor(at: .street)),
                \(division.ancestor(at: .community)), \(division), \(draft.place), \(place?.address ?? ""),
                \(draft.latitude ?? place?.latitude), \(draft.longitude ?? place?.longitude), \(draft.source),
                \(draft.disclosure), \(account), \(reporterSealed), \(prepared.reporterMask), \(draft.isOnBehalf),
                \(registeredBy), \(prepared.receiptHash), \(decision.unit?.id), \(draft.accusation.key),
                \(decision.ground.rawValue), \(draft.isUrgent), 0, \(prepared.isRepeated), \(tx.now), \(tx.now), \(due),
                \(prepared.isCommon), 1, \(draft.parent), \(draft.isRequired), \(prepared.answers), \(draft.doubt.rawValue),
                \(draft.nature == .tipOff))
            """
        )
    }
}

extension CaseCommands {
    /// The case, held until the transaction ends, and how who asks stands to it.
    func locked(_ id: ID<Case>, _ context: Context, _ tx: WriteTx) throws -> (item: CaseRecord, standing: Standing) {
        let item = try CasesStore.lock(id, tx)
        let type = try queries.types.type(item.type, version: item.typeVersion)
        return (item, Standing(context.actor, item, try CaseSituation(item, type, tx)))
    }

    /// The clocks of a case at this moment, every rung that is due climbed: what was late before this write stays late,
    /// however soon the job would have come by.
    func clockwork(_ item: CaseRecord, _ type: CaseType, _ tx: WriteTx) throws -> CaseClockwork {
        var clocks = try storedClocks(item, type, tx)
        _ = try climb(&clocks, item, type, tx)
        return clocks
    }

    /// The clocks of a case at this moment.
    func storedClocks(_ item: CaseRecord, _ type: CaseType, _ tx: WriteTx) throws -> CaseClockwork {
        let limit = catalogue.limit(of: item.category, item.doubt)
        return CaseClockwork(
            try CaseClocksStore.all(item.id, tx), type,
            .init(
                nature: item.nature, limit: limit, isUrgent: item.isUrgent,
                foreign: try ForeignOrdersStore.clock(item, leadHours: queries.settings.orderLeadHours, tx),
                agreed: item.parent == nil
                    ? nil : try WhistlesStore.agreed(item.id, tx) ?? PartDues.of(item.id, tx),
                leadDue: try leadDue(item, tx)
            ), calendar, at: tx.now
        )
    }

    /// Writes the clocks that changed.
    func save(_ clocks: CaseClockwork, of id: ID<Case>, _ tx: WriteTx) throws {
        try CaseClocksStore.save(clocks.dirty, of: id, tx)
        try CaseClocksStore.keepEnds(clocks.ended, of: id, calendar, tx)
    }

    /// Makes a unit a party of a case.
    func join(_ id: ID<Case>, _ unit: ID<Unit>, isOpen: Bool, due: Instant, state: String, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO case_party (case_id, unit_id, role, since, is_open, due_at, state)
            VALUES (\(id), \(unit), 'handler', \(tx.now), \(isOpen), \(due), \(state))
            ON CONFLICT (case_id, unit_id, role) DO UPDATE SET since = excluded.since, until = NULL,
                is_open = excluded.is_open, due_at = excluded.due_at, state = excluded.state
            """
        )
    }

    /// Adds a line to the history; numbers in the words are lifted as in the case itself. `saidIn` is the line of another
    /// case that has the words.
    @discardableResult
    func note(
        _ id: ID<Case>, transition: String, from: String, to: String, unit: ID<Unit>?, text: String,
        isVisible: Bool, reasonClass: String, isNamed: Bool, isNote: Bool = false, answers: [String: String] = [:],
        saidIn: ID<CaseEntry>? = nil, _ tx: WriteTx
    ) throws -> ID<CaseEntry> {
        let entry = try tx.newID(CaseEntry.self)
        let names: TellerNames = text.isEmpty && answers.isEmpty ? .nobody : try tellerNames(of: id, tx)
        let lifted = LiftedText(text, hiding: names)
        let sealed = try lifted.original.map {
            try tx.seal($0, table: "case_entry", column: "text_sealed", row: entry)
        }
        // A resident's name never stands in the history: the reporter is protected there too.
        let actor = isNamed ? tx.context.actor : .anonymous
        try tx.execute(
            """
            INSERT INTO case_entry (id, case_id, at, kind, transition, from_state, to_state, actor_id, actor_name,
                unit_id, text, text_sealed, is_visible, reason_class, answers, said_in)
            VALUES (\(entry), \(id), \(tx.now), \(isNote || transition == "note" ? "note" : "transition"),
                \(transition), \(from), \(to), \(actor.account), \(actor.name), \(unit), \(lifted.masked), \(sealed), \(isVisible),
                \(reasonClass), \(Facts.encode(names.hidden(in: answers))), \(saidIn))
            """
        )
        if transition == "note", isVisible, !isNamed { try tellSupplied(id, tx) }
        return entry
    }

    /// Adds a photo to a case that `keeper` stored: by default who acts, because who tells a need anonymously may have
    /// stored its photos as themselves.
    ///
    /// - Throws: `.invalid` for a photo of somebody else.
    func attach(
        _ file: ID<StoredFile>, of keeper: Actor? = nil, to id: ID<Case>, kind: String, _ tx: WriteTx
    ) throws {
        try FileStore.use(file, by: keeper ?? tx.context.actor, tx)
        try tx.execute(
            """
            INSERT INTO case_photo (id, case_id, file_id, kind, at)
            VALUES (\(try tx.newID(CasePhoto.self)), \(id), \(file), \(kind), \(tx.now))
            """
        )
    }
}
