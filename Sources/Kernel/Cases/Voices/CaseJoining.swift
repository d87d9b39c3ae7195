import LinliCore
import LinliSQL
import LinliStandards

/// A case that others may join, as a stranger may see it: nothing that staff have not cleared.
package struct JoinableCase: Sendable {
    package let id: ID<Case>
    package let number: String
    package let category: String
    package let division: DivisionCode
    package let createdAt: Instant
    /// Words and place as staff cleared them; empty before. Of a lift, stairs or pipes only the building is said, and no
    /// words.
    package let title: String
    package internal(set) var address: String
    /// Whether it is of stairs, lifts, pipes and the like, which only neighbours are offered.
    package let isShared: Bool
    /// How many homes told it.
    package var count: VoiceCount?
    /// Whether the reader's own door is known by their account, so that it is not asked for to count homes.
    package var knowsDoor = false
    /// The reader's own case of it, when they told it already: they are led there, and have nothing to join.
    package var own: ID<Case>?
}

/// Somebody who is at home in a community: they may join what is wrong with the shared parts of buildings there, their
/// pipes and wires too.
package struct Neighbour: Sendable {
    /// Where they are at home.
    package let community: DivisionCode
    /// The categories of what whoever manages a building, or a utility, keeps in order there.
    let categories: [String]

    /// Somebody at home there; nil for nobody in particular.
    package init?(_ home: DivisionCode?, _ catalogue: EventCatalogue) {
        guard let home, home.level >= .community else { return nil }
        community = home.ancestor(at: .community)
        categories = catalogue.all.filter(Neighbour.shares).map(\.code)
    }

    /// Whether cases of a category are about things that neighbours share: parts of the building, and water, power, gas,
    /// heat and lines that fail for all of it. Meters and bills are of one home.
    package static func shares(_ category: EventCategory) -> Bool {
        switch category.owner {
        case .commonParts: true
        case .utilityWater, .utilityPower, .utilityGas, .utilityHeat, .utilityTelecom: category.nature == .assistance
        case .owner, .publicSpace, .government: false
        }
    }
}

extension CaseQueries {
    /// What others may join: open, not yet done, and about a facility or the environment in public space; for a neighbour
    /// also what is wrong with the shared parts of buildings where they live. On `case_item c`.
    private func isJoinable(_ neighbour: Neighbour?) -> SQL {
        let working = types.states(where: { $0.takesVoices })
        let shared: SQL =
            neighbour.map { neighbour -> SQL in
                """
                 OR (c.spot = 'shared' AND c.community = \(neighbour.community)
                AND c.category IN \(SQL.list(neighbour.categories)))
                """
            } ?? ""
        return """
            c.is_open = 1 AND (c.is_public = 1\(shared)) AND c.against_unit = 0
            AND c.nature <> 'complaint' AND c.was_tip_off = 0 AND c.parent_id IS NULL AND c.state IN \(SQL.list(working))
            """
    }

    /// Cases others may join; `condition` narrows `case_item c`.
    private func joinable(_ condition: SQL, _ neighbour: Neighbour?, _ tx: ReadTx) throws -> [JoinableCase] {
        var found = try tx.all(
            """
            SELECT c.id, c.number, c.category, c.division, c.created_at, p.title, p.address, c.is_public, c.place_id
            FROM case_item c LEFT JOIN case_publication p ON p.case_id = c.id AND p.state = 'cleared'
            WHERE \(condition) AND \(isJoinable(neighbour))
            ORDER BY c.due_at, c.id LIMIT \(settings.similar.count)
            """
        ) { row -> (JoinableCase, ID<Place>?) in
            let isCommon: Bool = try row[7]
            // What its teller let neighbours read is for the list of public cases; here a shared part is only named.
            return (
                JoinableCase(
                    id: try row[0], number: try row[1], category: try row[2], division: try row[3],
                    createdAt: try row[4], title: isCommon ? try row[5] ?? "" : "",
                    address: isCommon ? try row[6] ?? "" : "", isShared: !isCommon
                ), try row[8]
            )
        }
        let counts = try VoiceCount.of(found.map(\.0.id), tx)
        for index in found.indices {
            found[index].0.count = counts[found[index].0.id]
            guard found[index].0.isShared, let place = found[index].1 else { continue }
            found[index].0.address = try CaseQueries.building(of: place, tx)
        }
        return found.map(\.0)
    }

    /// The address of the building a place lies in; empty for what is none.
    private static func building(of place: ID<Place>, _ tx: ReadTx) throws -> String {
        var (next, steps): (ID<Place>?, Int) = (place, 0)
        while let id = next, steps < 6, let found = try PlacesStore.find(id, tx) {
            if [.building, .businessBuilding].contains(found.kind) { return found.address }
            next = found.parent
            steps += 1
        }
        return ""
    }

    /// The case with a number, for who wants to join it.
    ///
    /// - Throws: `.notFound` when there is none, or it takes nobody.
    package func joinable(_ number: String, as neighbour: Neighbour? = nil) async throws -> JoinableCase {
        let found = try await database.read { tx in
            try joinable("c.number = \(number)", neighbour, tx).first
        }
        guard let found else { throw LinliError.notFound("cases.joinable") }
        return found
    }

    /// Whether one more may join a case, and how many homes speak in it.
    package func openness(of id: ID<Case>) async throws -> (isJoinable: Bool, count: VoiceCount?) {
        try await database.read { tx -> (isJoinable: Bool, count: VoiceCount?) in
            let isComplaint = try CasesStore.find(id, tx)?.nature.isProtected ?? false
            return (
                try !joinable("c.id = \(id)", nil, tx).isEmpty, isComplaint ? nil : try VoiceCount.of([id], tx)[id]
            )
        }
    }

    /// The same of a case that neighbours see; of one of several voices of the one it speaks in, where they see that too.
    package func openness(of item: PublicCase) async throws -> (isJoinable: Bool, count: VoiceCount?) {
        let lead = item.row.leadNumber == nil ? nil : item.row.lead
        return try await openness(of: lead ?? item.row.id)
    }

    /// By which of their own cases an account speaks in each of some cases: the one it told, or a voice of it. Those it
    /// does not speak in, or left again, are left out.
    package func own(in leads: [ID<Case>], of account: ID<Account>?) async throws -> [ID<Case>: ID<Case>] {
        guard let account, !leads.isEmpty else { return [:] }
        return try await database.read { tx in try VoicesStore.own(in: leads, of: account, tx) }
    }

    /// Cases about the same thing nearby that somebody who is about to tell it may join.
    ///
    /// `categories` are the codes that count as the same, `likeliest` the one of them it most likely is; `around` is where
    /// the person stands. What is at the place itself first, then what is of that category, then what is nearest.
    package func joinable(
        categories: [String], likeliest: String = "", community: DivisionCode, place: ID<Place>?, around: GeoPoint?,
        as neighbour: Neighbour? = nil
    ) async throws -> [JoinableCase] {
        let sought = SimilarSought(
            categories: categories, likeliest: likeliest, community: community, place: place, around: around)
        return try await database.read { tx -> [JoinableCase] in
            let ids = try best(sought, where: isJoinable(neighbour), tx)
            guard !ids.isEmpty else { return [] }
            let cases = try joinable("c.id IN \(SQL.list(ids))", neighbour, tx)
            return ids.compactMap { id in cases.first { $0.id == id } }
        }
    }
}

extension CaseCommands {
    /// One more resident tells what a case is about already: their own number, receipt, words and photos, in the course
    /// of that case. They are told, may answer and may contest like who told it first.
    ///
    /// Words of danger that the case does not know yet do not join: they become a case of their own and ring.
    /// - Throws: `.notFound` when nobody may join it, `.conflict` for who told it already, `.invalid` as `report`.
    package func join(
        _ number: String, _ draft: CaseDraft, as neighbour: Neighbour? = nil, once key: String = "",
        _ context: Context
    ) async throws -> Taken {
        let id = try await queries.joinable(number, as: neighbour).id
        let lead = try await database.read { tx in try CasesStore.find(id, tx) }
        guard let lead else { throw LinliError.notFound("cases.joinable") }
        return try await join(draft, to: lead, once: key, context)
    }

    func join(
        _ draft: CaseDraft, to lead: CaseRecord, once key: String, _ context: Context
    ) async throws -> Taken {
        var draft = draft
        draft.category = lead.category
        // The kind is that of the case, and so is whether anybody said so.
        draft.doubt = draft.doubt.intersection(.nature).union(lead.doubt.intersection(.category))
        draft.division = lead.division
        let isKey = key.utf8.count >= 16
        if draft.isDanger, !lead.isUrgent {
            return isKey ? try await report(draft, once: key, context) : try await report(draft, context)
        }
        if isKey, let taken = try await taken(once: key, context) { return taken }
        let type = try queries.types.current(draft.type)
        let problems = draft.problems(type, catalogue)
        guard problems.isEmpty else { throw LinliError.invalid("cases.draft", problems) }
        let keeper = context.actor
        let context = draft.disclosure == .anonymous && !draft.source.isForOthers ? context.anonymous() : context
        let number = try await numbers.take(prefix: type.numberPrefix, at: context.now)
        let receipt = isKey ? receipt(once: key, context.acting(as: keeper)) : randomToken()
        var prepared = try prepare(draft, type: type, number: number, receipt: receipt, context)
        prepared.isCommon = false
        let ready = prepared
        let today = max(context.now, database.clock.now)
        return try await database.write(context, "cases.join") { tx in
            try insertVoice(ready, in: lead.id, keeper: keeper, today: today, tx)
        }
    }

    private func insertVoice(
        _ prepared: Prepared, in leadID: ID<Case>, keeper: Actor, today: Instant, _ tx: WriteTx
    ) throws -> Taken {
        let lead = try CasesStore.lock(leadID, tx)
        let leadType = try queries.types.type(lead.type, version: lead.typeVersion)
        let draft = prepared.draft
        let account = owner(of: draft, tx.context)
        if draft.source.isByStaff {
            try checkCaller(prepared.teller, lead, tx)
        } else {
            guard try lead.takesOne(more: leadType) else { throw LinliError.notFound("cases.joinable") }
            guard try !prepared.teller.speaks(in: leadID, account, tx), try !isOwn(leadID, draft, keeper, tx) else {
                throw CaseCommands.toldAlready
            }
        }
        let id = try tx.newID(Case.self)
        let place = try draft.place.flatMap { try PlacesStore.find($0, tx) }
        let division = place.flatMap {
            lead.division.ancestor(at: .community).contains($0.division) ? $0.division : nil
        }
        try checkWhere(draft, division ?? lead.division, isPlace: true, today, tx)
        let nobody = CaseRouting.Decision(unit: nil, ground: .none)
        try insertRow(id, prepared, place, division ?? lead.division, nobody, .merged, tx.now, account, tx)
        try prepared.teller.keep(of: id, account, draft.category, tx)
        try VoicesStore.begin(
            .join, id, in: leadID, state: prepared.type.initial, stateSince: tx.now, reason: "", tx
        )
        try note(
            id, transition: "report", from: "", to: CaseType.State.merged.id, unit: nil, text: "", isVisible: true,
            reasonClass: "", isNamed: draft.source.isForOthers, tx
        )
        for photo in draft.photos { try attach(photo, of: keeper, to: id, kind: "before", tx) }
        try tell(id, prepared, draft, division ?? lead.division, .merged, nil, tx)
        let told = try CasesStore.lock(id, tx)
        try adopt(told, lead, leadType, tx)
        try tellLead(of: told, .voiceJoined, tx)
        return Taken(id: id, number: prepared.number, receipt: prepared.receipt, state: CaseType.State.merged.id)
    }

    /// Whether who fills the draft in, with a phone or without one, speaks in a case already. Who writes down what others
    /// say may have told it themselves.
    private func isOwn(_ lead: ID<Case>, _ draft: CaseDraft, _ keeper: Actor, _ tx: WriteTx) throws -> Bool {
        guard let account = keeper.account, !draft.source.isForOthers else { return false }
        return try !VoicesStore.own(in: [lead], of: account, tx).isEmpty
    }

    /// Who told a case already does not join it.
    package static let toldAlready = LinliError(
        .conflict, "cases.toldAlready",
        Text(
            "这件事您已经反映过了，不用再加一次；办到哪一步，在“我反映的事”里或凭回执看",
            "You have told this already and need not join it; see how far it is among your needs or by your receipt")
    )

    /// The evidence of a voice that comes to a case: it counts once, with the unit that does the work and by its
    /// deadline; its own limit of contact begins when it comes.
    func adopt(_ told: CaseRecord, _ lead: CaseRecord, _ type: CaseType, _ tx: WriteTx) throws {
        guard type.asksReporter, told.source.isAsked, let unit = lead.handlerUnit else { return }
        let first = try OutcomesStore.find(lead.id, round: lead.contests + 1, tx)
        let before = try OutcomesStore.find(told.id, round: told.contests + 1, tx)
        let isDispatched = try type.state(lead.state).owner == .handler
        guard before != nil || isDispatched else { return }
        var row =
            try before
            ?? CaseOutcome(
                of: told.id, round: told.contests + 1, type: told.type, division: told.division,
                against: told.accusation.key, unit: unit, category: lead.category, nature: told.nature.rawValue,
                month: month(at: tx.now, tx), dispatchedAt: tx.now, isReachable: told.isReachable
            )
        if !row.isAccepted {
            row.unit = first?.unit ?? unit
            row.isAccepted = first?.isAccepted ?? false
        }
        if before == nil { row.contactDueAt = contactDue(lead, type, from: tx.now) }
        CaseCommands.read(try clockwork(lead, type, tx), of: type, isFirst: false, into: &row)
        try store(row, before: before, tx)
    }

    /// When a voice that comes at `start` must have been contacted; nil when the type has no such clock.
    func contactDue(_ lead: CaseRecord, _ type: CaseType, from start: Instant) -> Instant? {
        guard let rule = type.clocks.first(where: \.stopsAtContact) else { return nil }
        let limit = catalogue.limit(of: lead.category, lead.doubt)
        let minutes = rule.minutes(nature: lead.nature, limit: limit, isUrgent: lead.isUrgent)
        let counting = rule.counting(limit: limit, isUrgent: lead.isUrgent)
        return RunningClock(minutes: minutes, counting, from: start).due(calendar)?.value
    }
}
