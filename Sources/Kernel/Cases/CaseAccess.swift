import LinliCore
import LinliSQL
import LinliStandards

/// How somebody stands to a case: what they may see of it and which transitions are theirs.
package struct Standing: Sendable {
    /// Told it, signed in or by the secret link.
    package var isReporter = false
    /// Belongs to the unit that has it.
    package var isHandler = false
    /// Dispatches where it lies.
    package var isDispatcher = false
    /// Checks where it lies.
    package var isChecker = false
    /// Walks the grid it lies in.
    package var isCollector = false
    /// Decides a dispute about it.
    package var isArbiter = false
    /// Reviews an objection, and had no hand in it.
    package var isReviewer = false
    /// Belongs to the unit that has it and did not take the step that is to be checked.
    package var isColleague = false
    /// Leads the case it is a part of.
    package var isLead = false
    /// Grants pauses and more time, and supervises.
    package var isSupervisor = false
    /// Sees it as staff.
    package var isStaff = false
    /// May see who told it (masked).
    package var seesReporter = false

    /// Whether anything at all may be seen.
    package var sees: Bool { isReporter || isStaff }

    /// Whether a performer of a transition is meant.
    func plays(_ performer: CaseType.Performer) -> Bool {
        switch performer {
        case .reporter: isReporter
        case .dispatcher: isDispatcher
        case .handler: isHandler
        case .checker: isChecker
        case .collector: isCollector
        case .arbiter: isArbiter
        case .reviewer: isReviewer
        case .colleague: isColleague
        case .lead: isLead
        case .clock: false
        }
    }

    /// How `actor` stands to `item` in its situation.
    ///
    /// Whoever works for the unit complained about stands nowhere, whatever other duties they hold.
    package init(_ actor: Actor, _ item: CaseRecord, _ situation: CaseSituation) {
        switch actor.kind {
        case .account(let id): isReporter = item.reporter == id
        case .receipt(let caseID): isReporter = item.id.rawValue == caseID
        case .anonymous, .key, .system: break
        }
        let scope = actor.scope
        if item.accusation.concerns(scope) { return }
        let isUnits = actor.may(.casesHandle, for: [item.handlerUnit].compactMap { $0 })
        // Who walks a grid has a hand in what the committee has there.
        let isCommunitys =
            situation.unit.map { [.committee, .village].contains($0.kind) && $0.division.contains(item.division) }
            ?? false
        isHandler = isUnits || (isCommunitys && actor.may(.casesHandle, in: item.division))
        isColleague = isHandler && actor.account != nil && actor.account != situation.lastHand
        isDispatcher = actor.may(.casesDispatch, in: item.division)
        isChecker = actor.may(.casesCheck, in: item.division)
        // What is said against those who would look is looked at by who checks.
        isCollector =
            actor.may(.casesVerify, in: item.division)
            || (situation.isAgainstCommunity && actor.may(.casesCheck, in: item.division))
        isSupervisor = actor.may(.casesSupervise, in: item.division)
        isArbiter = situation.arbiters?.include(actor) ?? false
        // While nobody has the whole, who is to dispatch it speaks for it.
        isLead = situation.lead.map { actor.may(.casesHandle, for: [$0]) } ?? (item.parent != nil && isDispatcher)
        isReviewer = Standing.mayReview(actor, scope, item, situation)
        let isParty = actor.may(.casesRead, for: situation.parties)
        isStaff = isHandler || isDispatcher || isParty || isLead || actor.may(.casesRead, in: item.division)
        seesReporter =
            switch item.disclosure {
            case .named: isStaff
            // Who tips off is known to the street's centre and above only, never where the people named may sit; also
            // when it is filed as something else since.
            case .office where item.isSealed:
                actor.may(.reporterRead, in: item.division.ancestor(at: .street))
            case .office: actor.may(.reporterRead, in: item.division)
            case .anonymous: false
            }
    }

    /// Whether `actor` reviews an objection, having had no hand in the case.
    private static func mayReview(
        _ actor: Actor, _ scope: Scope, _ item: CaseRecord, _ situation: CaseSituation
    ) -> Bool {
        guard let hands = situation.hands, actor.may(.casesReview, in: item.division), let account = actor.account
        else { return false }
        return !hands.accounts.contains(account) && !scope.interests.contains { hands.units.contains($0) }
    }
}

/// Everything a case's page shows, already cut to what its reader may see.
package struct CaseView: Sendable {
    package internal(set) var item: CaseRecord
    package let type: CaseType
    package internal(set) var state: CaseType.State
    package let standing: Standing
    package let unit: UnitSummary?
    /// Who of the unit is on duty now.
    package let onDuty: String?
    /// The name of the person who took it, for staff.
    package let handlerName: String?
    package internal(set) var entries: [CaseEntry]
    package internal(set) var photos: [CasePhoto]
    /// Its clocks, that of the state and those that run across states.
    package let clocks: [CaseClock]
    /// What handlers asked for, for staff.
    package let requests: [CaseRequest]
    /// The parts other units do, for staff.
    package let parts: [CaseRow]
    /// By when it is to be done, where it is a part and who leads set a date, or a day was agreed on the spot.
    package let dueBy: Instant?
    /// What the reader may do now.
    package internal(set) var transitions: [CaseType.Transition]
    /// The order of another system that it came as.
    package internal(set) var order: ForeignOrder?
    /// What neighbours see of it; nil when nobody ever thought of showing it.
    package let publication: CasePublication?
    /// Who else told it, and the case it is a voice of.
    package internal(set) var voices: CaseVoices
    /// The units that have a copy of it, for staff.
    package internal(set) var copies: [Text] = []
    /// Whether the reader may move the date of a part.
    package internal(set) var mayDate = false
    /// Whether `dueBy` is a day that was agreed on the spot.
    package internal(set) var isAgreed = false
    /// What its place is called now, for staff, where that is not what the case says: a closed one keeps the address it was
    /// closed under.
    package internal(set) var placeNow: String?
    /// Who may rule or review, for staff who may not while it waits for that.
    package internal(set) var deciders: [String] = []
    /// Whether anybody was asked how it went; read only where the history says that no answer came.
    package internal(set) var wasAsked = true

    /// The day that the text names, where another one holds since: texts of before it could be moved do.
    package var outdatedDay: String? {
        guard isAgreed, let due = dueBy, let day = WhistleTask.day(in: item.text) else { return nil }
        return day == due.date.dayAndMonth.zh ? nil : day
    }

    /// Whether its unit has it in hand: where others own the step, the case still names the unit that had it.
    package var isWithUnit: Bool { unit != nil && state.owner == .handler }
}

/// Reads of cases, each cut to its reader.
package struct CaseQueries: Sendable {
    let database: Database
    /// Every definition of cases.
    package let types: CaseTypes
    /// Settings of the deployment for cases.
    package let settings: CaseSettings

    /// Queries over `database`.
    package init(_ database: Database, types: CaseTypes, settings: CaseSettings) {
        self.database = database
        self.types = types
        self.settings = settings
    }

    /// A case as its reader may see it.
    ///
    /// - Throws: `.notFound` when it does not exist or is not for this reader.
    package func view(_ id: ID<Case>, _ context: Context) async throws -> CaseView {
        try await database.read { tx in try view(id, context, tx) }
    }

    func view(_ id: ID<Case>, _ context: Context, _ tx: ReadTx) throws -> CaseView {
        guard let item = try CasesStore.find(id, tx) else { throw LinliError.notFound("cases.unknown") }
        let type = try types.type(item.type, version: item.typeVersion)
        let situation = try CaseSituation(item, type, tx)
        let standing = Standing(context.actor, item, situation)
        guard standing.sees else { throw LinliError.notFound("cases.hidden") }
        let shared = try SharedTimes(of: item, tx)
        let entries = try CasesStore.entries(id, tx).filter { entry in
            guard standing.isStaff || entry.isVisible || entry.kind != "note" else { return false }
            return try VoicesStore.mayRead(entry, context.actor.scope, tx)
        }.compactMap { standing.isStaff ? $0.withWords : $0.forTeller(of: item, shared, type) }
        let photos = try CasesStore.photos(id, tx)
        let agreed = item.parent == nil ? nil : try WhistlesStore.agreed(id, tx)
        return CaseView(
            item: item,
            type: type,
            state: try type.state(item.state),
            standing: standing,
            unit: situation.unit,
            onDuty: try situation.unit.flatMap { try UnitsStore.onDuty($0.id, at: context.now, tx) },
            handlerName: try item.handler.flatMap { id -> String? in
                try tx.value("SELECT name FROM account WHERE id = \(id)")
            },
            entries: entries,
            photos: standing.isStaff ? photos : shared.seen(photos),
            clocks: try CaseClocksStore.all(id, tx),
            requests: standing.isStaff ? try CaseRequestsStore.all(of: id, tx) : [],
            parts: standing.isStaff ? try CasesStore.parts(of: id, tx) : [],
            dueBy: item.parent == nil ? nil : try agreed ?? PartDues.of(id, tx),
            transitions: available(type, item, standing, situation, context.now),
            order: item.source == .hotline && standing.isStaff ? try ForeignOrdersStore.of(id, tx) : nil,
            publication: try PublicationStore.find(id, tx),
            voices: try voices(of: item, standing, context.actor, tx),
            copies: standing.isStaff ? try CaseCopiesStore.units(of: id, tx) : [],
            mayDate: try standing.isStaff && setsDate(of: item, context.actor, tx),
            isAgreed: agreed != nil,
            placeNow: standing.isStaff ? try placeNow(of: item, tx) : nil,
            deciders: standing.isStaff ? try situation.deciders(of: item, standing, at: context.now, tx) : [],
            wasAsked: try wasAsked(item, type, entries, tx)
        )
    }

    private func wasAsked(
        _ item: CaseRecord, _ type: CaseType, _ entries: [CaseEntry], _ tx: ReadTx
    ) throws -> Bool {
        let lapses = Set(type.transitions.filter { type.isLapse($0) }.map(\.id))
        return try !entries.contains { lapses.contains($0.transition) } || CaseAsked.somebody(about: item.id, tx)
    }

    private func placeNow(of item: CaseRecord, _ tx: ReadTx) throws -> String? {
        guard let place = item.place, let now = try PlacesStore.find(place, tx)?.address else { return nil }
        return now == item.placeAddress ? nil : now
    }

    func available(
        _ type: CaseType, _ item: CaseRecord, _ standing: Standing, _ situation: CaseSituation, _ now: Instant
    ) -> [CaseType.Transition] {
        type.transitions(from: item.state).filter { transition in
            transition.by.contains { standing.plays($0) }
                && transition.guards.allSatisfy { CaseGuards.holds($0, item, type, situation, now, settings) }
        }
    }

    /// The case a secret link leads to: that of the receipt, or of a message while it holds.
    ///
    /// - Throws: `.notFound` for a wrong link.
    package func caseID(receipt token: String) async throws -> ID<Case> {
        let hash = database.keys.tokenHash("receipt:\(token)")
        let now = database.clock.now
        let id = try await database.read { tx -> ID<Case>? in
            let own: ID<Case>? = try tx.value("SELECT id FROM case_item WHERE receipt_hash = \(hash)")
            return try own ?? ReporterMessages.find(link: hash, at: now, tx)
        }
        guard let id else { throw LinliError.notFound("cases.receipt") }
        return id
    }

    /// The cases somebody told, the newest first.
    package func mine(_ account: ID<Account>, before: ID<Case>? = nil, limit: Int = 20) async throws -> [CaseRow] {
        try await database.read { tx in
            try CasesStore.rows(
                """
                WHERE c.reporter_id = \(account) AND c.id < \(before ?? ID(rawValue: Int64.max))
                ORDER BY c.id DESC LIMIT \(limit)
                """,
                tx
            )
        }
    }
}

/// Settings of a deployment for cases.
package struct CaseSettings: Sendable {
    /// Share of confirmed cases that the street checks, in percent; urgent, contested and repeated ones always.
    package var sampledPercent: Int
    /// How sure a suggested category must be to stand without a person's word, in percent.
    package var confirmBelowPercent: Int
    /// Within how many days the same person or door telling the same kind again is a repeated need.
    package var repeatDays: Int
    /// How many hours before the deadline of another system we want to be done.
    package var orderLeadHours: Int
    /// How results count.
    package var rates: RateSettings
    /// How soon who is called by a whistle must be there.
    package var whistles = Whistle.Times()
    /// After how many days without a sign a household is to be called on.
    package var visitDays = VisitDays()
    /// After how many days what was said at a visit is forgotten; 0 keeps it.
    package var visitKeptDays = 1095
    /// For how many days the track of a patrol is kept.
    package var trackDays = 7
    /// Within how many metres of a point somebody may sign in by where they are.
    package var signInMetres = 80
    /// Counts and days of the rules of warnings that are shipped, where they are to be others.
    package var warningNumbers = WarningNumbers()
    /// After how many days without anybody's look a warning is on the list of the street.
    /// - Source: configured, no source
    package var warningDays = 3
    /// Which cases that come to a street straight the district gets a copy of.
    package var districtCopies = DistrictCopies.orders
    /// What counts as near when similar cases are looked for.
    package var similar = SimilarSettings()
    /// From how many open cases on giving somebody one more must be confirmed; 0 for no limit.
    package var handlerCap: Int
    /// Where people reach this deployment, for the links of messages.
    package var origin = ""

    /// Settings; by default one case in ten is checked.
    package init(
        sampledPercent: Int = 10, confirmBelowPercent: Int = SuggestionModel.surePercent,
        repeatDays: Int = 30, orderLeadHours: Int = 24, rates: RateSettings = RateSettings(),
        handlerCap: Int = 20
    ) {
        self.sampledPercent = sampledPercent
        self.confirmBelowPercent = confirmBelowPercent
        self.repeatDays = repeatDays
        self.orderLeadHours = orderLeadHours
        self.rates = rates
        self.handlerCap = handlerCap
    }
}

/// The named conditions of transitions.
enum CaseGuards {
    static func holds(
        _ rule: CaseType.Guard, _ item: CaseRecord, _ type: CaseType, _ situation: CaseSituation, _ now: Instant,
        _ settings: CaseSettings
    ) -> Bool {
        switch rule {
        case .sampled: isSampled(item, settings)
        case .notSampled: !isSampled(item, settings)
        case .neverRefused: item.refusals == 0 && !item.isBound
        case .refusedBefore: item.refusals > 0 && !item.isBound
        case .neverContested: item.contests == 0
        case .contestedBefore: item.contests >= 1 && item.contests <= type.reviews
        case .partsDone: situation.openParts == 0
        case .returned: situation.isReturned
        case .asked: situation.isAsked
        case .notAsked: !situation.isAsked
        case .closedRecently: item.closedAt.map { now < $0.adding(days: type.reopenDays) } ?? false
        }
    }

    /// Whether the street checks this case: decided by its identifier, so that nobody can pick.
    static func isSampled(_ item: CaseRecord, _ settings: CaseSettings) -> Bool {
        if item.isUrgent || item.contests > 0 || item.isRepeated { return true }
        let mixed = UInt64(bitPattern: item.id.rawValue) &* 0x9E37_79B9_7F4A_7C15
        return Int((mixed >> 33) % 100) < settings.sampledPercent
    }
}
