import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Services for people: told, answered, delivered, ended.
struct CareCommands: Sendable {
    let database: Database

    /// Tells somebody of a service they may have. Who may not by the rule is told for a reason in words: some families
    /// need what the rule does not name.
    ///
    /// - Throws: `.notFound` outside one's duties, `.conflict` for who was told already or said no not long ago, `.invalid`
    ///   without a reason for who does not meet the rule.
    func offer(
        _ service: String, to person: ID<Person>, _ how: CareOffer.Way, because exception: String = "",
        _ context: Context
    ) async throws -> ID<CareOffer> {
        let (found, asked) = try await database.read { try CareCommands.standing(service, person, context, $0) }
        let why = try await self.exception(exception, asked, found, context)
        let names = LabelKeys(database.keys)
        return try await database.write(context, "care.offer") { tx in
            let now = try CareCommands.standing(service, person, context, tx)
            if why == nil { try CareCommands.checkEntitled(now.service, person, names, tx) }
            let id = try CareCommands.insert(now.service, now.person, how, because: why, at: tx.now, tx)
            let fields = [now.service.id] + (why == nil ? [] : ["exception"])
            try tx.audit(Subject("careOffer", id, division: now.person.division), fields: fields)
            return id
        }
    }

    /// Somebody who may be told of a service, and the service as the book has it now.
    private static func standing(
        _ service: String, _ person: ID<Person>, _ context: Context, _ tx: ReadTx
    ) throws -> (person: PersonRecord, service: CareService) {
        guard let found = try RegisterQueries.person(person, tx), found.entry.validTo == nil, found.restrictedAt == nil,
            context.actor.may(.peopleEdit, in: found.division)
        else { throw LinliError.notFound("care.person") }
        guard let service = try LabelBook.current(tx)[service: service] else {
            throw LinliError.notFound("care.service")
        }
        let onDuty = try RegisterReading.isOnDuty(context, tx)
        try RegisterReading.check([service.fieldClass], context, found.division, onDuty: onDuty)
        return (found, service)
    }

    /// Whether the rules give somebody a service: worked out when a fact changes and kept as their labels are.
    ///
    /// - Throws: `.conflict` for who does not meet them.
    private static func checkEntitled(
        _ service: CareService, _ person: ID<Person>, _ names: LabelKeys, _ tx: ReadTx
    ) throws {
        guard try isEntitled(service, person, names, tx) else {
            throw LinliError(
                .conflict, "care.notEntitled",
                Text("登记的情况不符合这项服务的条件，请先核对登记", "What is registered does not meet the rules of this service"))
        }
    }

    /// What stands of labels follows a moment after the person does: of who said no to rules they say nothing from then on.
    private static func isEntitled(
        _ service: CareService, _ person: ID<Person>, _ names: LabelKeys, _ tx: ReadTx
    ) throws -> Bool {
        guard try RegisterQueries.person(person, tx)?.isProfiled == true else { return false }
        return try LabelQueries.labels(of: [person], tx)[person]?[names.key(service: service.id)] != nil
    }

    /// Why somebody is offered what the rule does not give them; nil for who may have it by the rule.
    ///
    /// - Throws: `.invalid` without words.
    private func exception(
        _ words: String, _ service: CareService, _ person: PersonRecord, _ context: Context
    ) async throws -> String? {
        let names = LabelKeys(database.keys)
        let isEntitled = try await database.read { try CareCommands.isEntitled(service, person.id, names, $0) }
        guard !isEntitled else { return nil }
        let noted = service.noted().sorted()
        if !noted.isEmpty {
            // That they may not have it tells of them, too: it was looked up to see who may have it.
            let subject = RegisterSubject(.person, person.id).subject(in: person.division)
            try await database.write(
                context.unmarked, "registers.read", reason: ReadingPurpose.service.reason(for: service.id)
            ) { try $0.audit(subject, fields: noted) }
        }
        let said = PersonalNumbers.replacing(in: String(words.trimmed.prefix(200))) { $0.masked }
        guard said.isEmpty else { return said }
        let lacking =
            person.isProfiled
            ? Text("登记的情况不符合这项服务的条件", "What is registered does not meet the rule of this service")
            : Text("本人不同意按信息推荐服务，条件没有核对", "They said no to suggestions from their data, so the rule was not checked")
        throw LinliError.invalid(
            "care.exception",
            [
                .init(
                    "exception",
                    lacking
                        + Text("；特殊情况确实需要的，请写明情况再告知", "; where they need it all the same, say why and tell them"))
            ])
    }

    private static func insert(
        _ service: CareService, _ person: PersonRecord, _ how: CareOffer.Way, because exception: String? = nil,
        at now: Instant, _ tx: WriteTx
    ) throws -> ID<CareOffer> {
        if let live = try CareStore.offers(of: [person.id], tx)[person.id]?.first(where: { $0.service == service.id }) {
            guard live.state == .declined, let again = live.againAt, again <= now else {
                throw LinliError(
                    .conflict, "care.twice",
                    live.state == .declined
                        ? Text("他/她说过不需要，过一段时间再问", "They said no; please do not ask again so soon")
                        : Text("这项服务已经告知过了", "They have been told of it already"))
            }
            try tx.execute("UPDATE care_offer SET ended_at = \(now) WHERE id = \(live.id)")
        }
        let id = try tx.newID(CareOffer.self)
        let division = person.division
        let sealed = try exception.map { try tx.seal($0, table: "care_offer", column: "exception_sealed", row: id) }
        try tx.execute(
            """
            INSERT INTO care_offer (id, person_id, service, grid, community, street, state, how, offered_at, offered_by,
                is_exception, exception_sealed)
            VALUES (\(id), \(person.id), \(service.id), \(division), \(division.ancestor(at: .community)),
                \(division.ancestor(at: .street)), 'offered', \(how), \(now), \(tx.context.actor.account),
                \(exception != nil), \(sealed))
            """
        )
        return id
    }

    // MARK: Answers

    /// Notes what somebody said to a member of staff; with a yes also that the unit may be told who they are, where the
    /// text was read out and agreed to.
    func answer(
        _ id: ID<CareOffer>, yes: Bool, _ how: CareOffer.Way, reason: String, consent: CareConsent? = nil,
        _ context: Context
    ) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await answer(offer, Answer(isYes: yes, how: how, reason: reason, consent: consent), context)
        return offer.person
    }

    /// Notes what was said to an offer as whoever noted it saw it.
    ///
    /// - Throws: `.conflict` when somebody else decided meanwhile.
    func answer(_ seen: CareOffer, _ answer: Answer, _ context: Context) async throws {
        let answer = try answer.checked()
        try await database.write(context, "care.answer") { tx in
            try CareCommands.settle(try CareCommands.unchanged(seen, tx), answer, tx)
        }
    }

    /// What somebody said to a service.
    struct Answer: Sendable {
        var isYes: Bool
        var how: CareOffer.Way
        var reason = ""
        /// Whether the unit may be told who they are; of a no nothing is kept.
        var consent: CareConsent?

        /// As it is kept: numbers masked.
        ///
        /// - Throws: as `CareConsent.check`.
        fileprivate func checked() throws -> Answer {
            var answer = self
            if !isYes { answer.consent = nil }
            try answer.consent?.check()
            answer.reason = PersonalNumbers.replacing(in: String(reason.trimmed.prefix(200))) { $0.masked }
            return answer
        }
    }

    /// An offer in the write that decides on it, as it was when somebody looked at it.
    ///
    /// - Throws: `.conflict` when it was answered, brought or ended meanwhile.
    private static func unchanged(_ seen: CareOffer, _ tx: ReadTx) throws -> CareOffer {
        guard let offer = try CareStore.live(seen.id, tx), offer.state == seen.state,
            offer.answeredAt == seen.answeredAt, offer.deliveredAt == seen.deliveredAt
        else {
            throw changed
        }
        return offer
    }

    static let changed = LinliError(
        .conflict, "care.changed",
        Text(
            "刚刚有人改过这一项，这次没有记下，请看看现在的情况再定",
            "Somebody changed this just now, and yours was not noted: please look again"))

    private func own(_ id: ID<CareOffer>, _ context: Context) async throws -> CareOffer {
        let offer = try await database.read { try CareStore.live(id, $0) }
        guard let offer, offer.state != .ended, context.actor.may(.peopleEdit, in: offer.grid) else {
            throw LinliError.notFound("care.offer")
        }
        return offer
    }

    /// What the person themselves says on their page, also to what nobody told them of yet. A yes after reading what the
    /// unit is told is their consent to that.
    func answer(
        _ service: String, of person: ID<Person>, yes: Bool, reason: String, consent: CareConsent? = nil,
        _ context: Context
    ) async throws {
        _ = try await OwnEntries.own(person, context, database)
        let answer = try Answer(isYes: yes, how: .page, reason: reason, consent: consent).checked()
        let names = LabelKeys(database.keys)
        try await database.write(context, "care.answer") { tx in
            let live = try CareStore.offers(of: [person], tx)[person]?.first { $0.service == service }
            // Also to what is not in the catalogue any more: it can be stopped.
            try CareCommands.settle(try live ?? CareCommands.asked(service, by: person, names, tx), answer, tx)
        }
    }

    /// What nobody told somebody of and they ask for themselves.
    private static func asked(
        _ service: String, by person: ID<Person>, _ names: LabelKeys, _ tx: WriteTx
    ) throws -> CareOffer {
        guard let service = try LabelBook.current(tx)[service: service],
            let own = try RegisterQueries.person(person, tx)
        else { throw LinliError.notFound("care.service") }
        try checkEntitled(service, person, names, tx)
        let id = try insert(service, own, .page, at: tx.now, tx)
        try tx.audit(Subject("careOffer", id, division: own.division), fields: [service.id])
        guard let made = try CareStore.offer(id, tx) else {
            throw LinliError.fault("care.lost", "the offer just made is not there")
        }
        return made
    }

    /// Notes an answer to an offer as it stands in this write.
    private static func settle(_ offer: CareOffer, _ answer: Answer, _ tx: WriteTx) throws {
        let isYes = answer.isYes
        guard isYes || !offer.isDone else {
            throw LinliError(
                .conflict, "care.done",
                Text("这项服务已经送到了，没有可以停的", "It was brought already: there is nothing to stop"))
        }
        let service = try LabelBook.current(tx)[service: offer.service]
        guard service != nil || !isYes else { throw gone }
        let sealed =
            answer.reason.isEmpty
            ? nil : try tx.seal(answer.reason, table: "care_offer", column: "reason_sealed", row: offer.id)
        let state: CareOffer.State = isYes ? .accepted : .declined
        let again: Instant? = isYes ? nil : tx.now.adding(days: service?.askAgainDays ?? 180)
        try tx.execute(
            """
            UPDATE care_offer SET state = \(state), answered_at = \(tx.now), answered_how = \(answer.how),
                reason_sealed = \(sealed), again_at = \(again), \(told(answer.consent, at: tx.now))\
            \(free(unless: isYes))
            WHERE id = \(offer.id)
            """
        )
        if !isYes, let unit = offer.unit { try CareReturns.note(offer, unit, .unwanted, tx) }
        let fields = [state.rawValue] + (answer.consent == nil ? [] : ["consent"])
        try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: fields)
        if let consent = answer.consent, let person = try RegisterQueries.person(offer.person, tx) {
            try DataConsents.note(.providers, by: person, consent.channel, tx)
        }
    }

    private static let gone = LinliError(
        .conflict, "care.gone",
        Text("目录里没有这项服务了，只能停掉", "The service is not in the catalogue any more: it can only be stopped"))

    /// What is kept with the offer: whether they agreed that the unit of this service be told, how, and to which text.
    private static func told(_ consent: CareConsent?, at now: Instant) -> SQL {
        guard let consent else { return "told_at = NULL, told_how = NULL, told_version = NULL" }
        return "told_at = \(now), told_how = \(consent.channel), told_version = \(consent.version)"
    }

    /// Who says no is no unit's any more.
    private static func free(unless isWanted: Bool) -> SQL {
        isWanted ? .empty : ", unit_id = NULL, taken_at = NULL, taken_by = NULL"
    }

    // MARK: Deliveries

    /// Notes that a service reached the person, with what proves it.
    ///
    /// - Throws: `.invalid` when proof is missing, `.conflict` for who did not say yes and for what is listed no more.
    func deliver(
        _ id: ID<CareOffer>, signer: String, note: String, photo: ID<StoredFile>?, _ context: Context
    ) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await put(offer, signer: signer, note: note, photo: photo, context)
        return offer.person
    }

    /// The same, whoever brought it; the caller has seen to it that they may. What a unit brings it must still have.
    ///
    /// - Throws: `.conflict` also when somebody else decided on it, or noted it, meanwhile.
    func put(
        _ seen: CareOffer, by unit: ID<Unit>? = nil, signer: String, note: String, photo: ID<StoredFile>?,
        _ context: Context
    ) async throws {
        let signer = String(signer.trimmed.prefix(60))
        let note = PersonalNumbers.replacing(in: String(note.trimmed.prefix(400))) { $0.masked }
        let given: [CareService.Evidence: Bool] = [.photo: photo != nil, .sign: !signer.isEmpty, .note: !note.isEmpty]
        try await database.write(context, "care.deliver") { tx in
            let offer = try CareCommands.unchanged(seen, tx)
            guard unit == nil || offer.unit == unit else { throw CareCommands.notTaken }
            let service = try CareCommands.deliverable(offer, with: given, tx)
            let delivery = try tx.newID(CareDelivery.self)
            let sealed =
                note.isEmpty ? nil : try tx.seal(note, table: "care_delivery", column: "note_sealed", row: delivery)
            if let photo { try FileStore.use(photo, by: context.actor, tx) }
            try tx.execute(
                """
                INSERT INTO care_delivery (id, offer_id, at, account_id, signer, note_sealed, file_id, grid, community)
                VALUES (\(delivery), \(offer.id), \(tx.now), \(context.actor.account), \(signer), \(sealed), \(photo),
                    \(offer.grid), \(offer.grid.ancestor(at: .community)))
                """
            )
            let due: Instant? = service.everyDays.map { tx.now.adding(days: $0) }
            // What was given once and for all is given at its first delivery: rework does not open it for longer.
            let isAgain: SQL = due == nil ? "AND (delivered_at IS NULL OR due_at IS NOT NULL)" : .empty
            try tx.execute(
                """
                UPDATE care_offer SET delivered_at = \(tx.now), due_at = \(due) WHERE id = \(offer.id) \(isAgain)
                """)
            // Who was served was seen: the household is heard of, without a word of what the service was.
            let homes = try RegisterQueries.homes(of: offer.person, tx).filter(\.tie.livesHere)
            for household in homes.compactMap(\.household) {
                try Households.heard(of: household, by: .service, tx)
            }
            try tx.audit(
                Subject("careOffer", offer.id, division: offer.grid), fields: service.evidence.map(\.rawValue))
        }
    }

    /// The service of an offer that may be brought now.
    private static func deliverable(
        _ offer: CareOffer, with given: [CareService.Evidence: Bool], _ tx: ReadTx
    ) throws -> CareService {
        guard let service = try LabelBook.current(tx)[service: offer.service] else { throw gone }
        guard offer.state == .accepted else {
            throw LinliError(.conflict, "care.notYet", Text("本人还没有说愿意", "They have not said yes"))
        }
        let missing = service.evidence.filter { given[$0] != true }
        guard missing.isEmpty else {
            throw LinliError.invalid(
                "care.evidence",
                missing.map { .init($0.field, Text("请补上\($0.name.zh)", "Please add: \($0.name.en)")) })
        }
        return service
    }

    static let notTaken = LinliError(.conflict, "care.notTaken", Text("请先接下这一单", "Please take it first"))

    /// Ends a service: it is not wanted or not needed any more, or is not given any more.
    func end(_ id: ID<CareOffer>, _ context: Context) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await end(offer, context)
        return offer.person
    }

    /// Ends an offer as whoever ends it saw it.
    ///
    /// - Throws: `.conflict` when somebody else decided meanwhile.
    func end(_ seen: CareOffer, _ context: Context) async throws {
        try await database.write(context, "care.end") { tx in
            let offer = try CareCommands.unchanged(seen, tx)
            try tx.execute("UPDATE care_offer SET state = 'ended', ended_at = \(tx.now) WHERE id = \(offer.id)")
            if !offer.isDone, let unit = offer.unit { try CareReturns.note(offer, unit, .unwanted, tx) }
            try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: ["ended"])
        }
    }
}
