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
        let (found, book) = try await standing(person, context)
        guard let service = book[service: service] else { throw LinliError.notFound("care.service") }
        try await check(service, found, context)
        let why = try await self.exception(exception, service, found, context)
        return try await database.write(context, "care.offer") { tx in
            let id = try CareCommands.insert(service, found, how, because: why, at: tx.now, tx)
            let fields = [service.id] + (why == nil ? [] : ["exception"])
            try tx.audit(Subject("careOffer", id, division: found.division), fields: fields)
            return id
        }
    }

    private func standing(_ person: ID<Person>, _ context: Context) async throws -> (PersonRecord, LabelBook) {
        let (found, book) = try await database.read { tx in
            (try RegisterQueries.person(person, tx), try LabelBook.current(tx))
        }
        guard let found, found.entry.validTo == nil, found.restrictedAt == nil,
            context.actor.may(.peopleEdit, in: found.division)
        else { throw LinliError.notFound("care.person") }
        return (found, book)
    }

    private func check(_ service: CareService, _ person: PersonRecord, _ context: Context) async throws {
        let onDuty = try await database.read { try RegisterReading.isOnDuty(context, $0) }
        try RegisterReading.check([service.fieldClass], context, person.division, onDuty: onDuty)
    }

    /// Whether the rules give somebody a service: worked out when a fact changes and kept as their labels are.
    ///
    /// - Throws: `.conflict` for who does not meet them.
    private func checkEntitled(_ service: CareService, _ person: ID<Person>) async throws {
        guard try await isEntitled(service, person) else {
            throw LinliError(
                .conflict, "care.notEntitled",
                Text("登记的情况不符合这项服务的条件，请先核对登记", "What is registered does not meet the rules of this service"))
        }
    }

    private func isEntitled(_ service: CareService, _ person: ID<Person>) async throws -> Bool {
        let key = LabelKeys(database.keys).key(service: service.id)
        return try await database.read { try LabelQueries.labels(of: [person], $0)[person]?[key] != nil }
    }

    /// Why somebody is offered what the rule does not give them; nil for who may have it by the rule.
    ///
    /// - Throws: `.invalid` without words.
    private func exception(
        _ words: String, _ service: CareService, _ person: PersonRecord, _ context: Context
    ) async throws -> String? {
        guard try await !isEntitled(service, person.id) else { return nil }
        let noted = service.noted().sorted()
        if !noted.isEmpty {
            // That they may not have it tells of them, too: it was looked up to see who may have it.
            let subject = RegisterSubject(.person, person.id).subject(in: person.division)
            try await database.write(
                context.unmarked, "registers.read", reason: ReadingPurpose.service.rawValue
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
        try await settle(offer, yes: yes, how, reason: reason, consent, context)
        return offer.person
    }

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
        let own = try await OwnEntries.own(person, context, database)
        let (book, live) = try await database.read { tx in
            let offers = try CareStore.offers(of: [person], tx)[person] ?? []
            return (try LabelBook.current(tx), offers.first { $0.service == service })
        }
        if let live {
            // Also to what is not in the catalogue any more: it can be stopped.
            try await settle(live, yes: yes, .page, reason: reason, consent, context)
        } else {
            guard let service = book[service: service] else { throw LinliError.notFound("care.service") }
            if yes { try consent?.check() }
            try await checkEntitled(service, person)
            let made = try await database.write(context, "care.ask") { tx in
                let id = try CareCommands.insert(service, own, .page, at: tx.now, tx)
                try tx.audit(Subject("careOffer", id, division: own.division), fields: [service.id])
                return try CareStore.offer(id, tx)
            }
            guard let made else { throw LinliError.fault("care.lost", "the offer just made is not there") }
            try await settle(made, yes: yes, .page, reason: reason, consent, context)
        }
    }

    private func settle(
        _ offer: CareOffer, yes: Bool, _ how: CareOffer.Way, reason: String, _ consent: CareConsent?,
        _ context: Context
    ) async throws {
        let consent = yes ? consent : nil
        try consent?.check()
        guard yes || !offer.isDone else {
            throw LinliError(
                .conflict, "care.done",
                Text("这项服务已经送到了，没有可以停的", "It was brought already: there is nothing to stop"))
        }
        let reason = PersonalNumbers.replacing(in: String(reason.trimmed.prefix(200))) { $0.masked }
        try await database.write(context, "care.answer") { tx in
            let service = try LabelBook.current(tx)[service: offer.service]
            guard service != nil || !yes else { throw CareCommands.gone }
            let days = service?.askAgainDays ?? 180
            let sealed =
                reason.isEmpty ? nil : try tx.seal(reason, table: "care_offer", column: "reason_sealed", row: offer.id)
            let state: CareOffer.State = yes ? .accepted : .declined
            let again: Instant? = yes ? nil : tx.now.adding(days: days)
            let changed = try tx.execute(
                """
                UPDATE care_offer SET state = \(state), answered_at = \(tx.now), answered_how = \(how),
                    reason_sealed = \(sealed), again_at = \(again), \(CareCommands.told(consent, at: tx.now))\
                \(CareCommands.free(unless: yes))
                WHERE id = \(offer.id) AND ended_at IS NULL
                """
            )
            guard changed == 1 else { throw LinliError.notFound("care.offer") }
            if !yes, let unit = offer.unit { try CareReturns.note(offer, unit, .unwanted, tx) }
            let fields = [state.rawValue] + (consent == nil ? [] : ["consent"])
            try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: fields)
            if let consent, let person = try RegisterQueries.person(offer.person, tx) {
                try DataConsents.note(.providers, by: person, consent.channel, tx)
            }
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

    /// The same, whoever brought it; the caller has seen to it that they may.
    func put(
        _ offer: CareOffer, signer: String, note: String, photo: ID<StoredFile>?, _ context: Context
    ) async throws {
        let book = try await database.read { try LabelBook.current($0) }
        guard let service = book[service: offer.service] else { throw CareCommands.gone }
        guard offer.state == .accepted else {
            throw LinliError(.conflict, "care.notYet", Text("本人还没有说愿意", "They have not said yes"))
        }
        let signer = String(signer.trimmed.prefix(60))
        let note = PersonalNumbers.replacing(in: String(note.trimmed.prefix(400))) { $0.masked }
        let given: [CareService.Evidence: Bool] = [.photo: photo != nil, .sign: !signer.isEmpty, .note: !note.isEmpty]
        let missing = service.evidence.filter { given[$0] != true }
        guard missing.isEmpty else {
            throw LinliError.invalid(
                "care.evidence",
                missing.map { .init($0.field, Text("请补上\($0.name.zh)", "Please add: \($0.name.en)")) })
        }
        try await database.write(context, "care.deliver") { tx in
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

    /// Ends a service: it is not wanted or not needed any more, or is not given any more.
    func end(_ id: ID<CareOffer>, _ context: Context) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await database.write(context, "care.end") { tx in
            try tx.execute("UPDATE care_offer SET state = 'ended', ended_at = \(tx.now) WHERE id = \(offer.id)")
            if !offer.isDone, let unit = offer.unit { try CareReturns.note(offer, unit, .unwanted, tx) }
            try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: ["ended"])
        }
        return offer.person
    }
}
