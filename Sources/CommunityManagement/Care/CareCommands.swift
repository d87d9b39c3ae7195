import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Services for people: told, answered, delivered, ended.
struct CareCommands: Sendable {
    let database: Database

    /// Tells somebody of a service they may have.
    ///
    /// - Throws: `.notFound` outside one's duties, `.conflict` for who was told already or said no not long ago.
    func offer(
        _ service: String, to person: ID<Person>, _ how: CareOffer.Way, _ context: Context
    ) async throws -> ID<CareOffer> {
        let (found, book) = try await standing(person, context)
        guard let service = book[service: service] else { throw LinliError.notFound("care.service") }
        try await check(service, found, context)
        return try await database.write(context, "care.offer") { tx in
            let id = try CareCommands.insert(service, found, how, at: tx.now, tx)
            try tx.audit(Subject("careOffer", id, division: found.division), fields: [service.id])
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
        let key = LabelKeys(database.keys).key(service: service.id)
        let isEntitled = try await database.read { try LabelQueries.labels(of: [person], $0)[person]?[key] != nil }
        guard isEntitled else {
            throw LinliError(
                .conflict, "care.notEntitled",
                Text("登记的情况不符合这项服务的条件，请先核对登记", "What is registered does not meet the rules of this service"))
        }
    }

    private static func insert(
        _ service: CareService, _ person: PersonRecord, _ how: CareOffer.Way, at now: Instant, _ tx: WriteTx
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
        try tx.execute(
            """
            INSERT INTO care_offer (id, person_id, service, grid, community, street, state, how, offered_at, offered_by)
            VALUES (\(id), \(person.id), \(service.id), \(division), \(division.ancestor(at: .community)),
                \(division.ancestor(at: .street)), 'offered', \(how), \(now), \(tx.context.actor.account))
            """
        )
        return id
    }

    // MARK: Answers

    /// Notes what somebody said to a member of staff.
    func answer(
        _ id: ID<CareOffer>, yes: Bool, _ how: CareOffer.Way, reason: String, _ context: Context
    ) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await settle(offer, yes: yes, how, reason: reason, context)
        return offer.person
    }

    private func own(_ id: ID<CareOffer>, _ context: Context) async throws -> CareOffer {
        let offer = try await database.read { try CareStore.live(id, $0) }
        guard let offer, offer.state != .ended, context.actor.may(.peopleEdit, in: offer.grid) else {
            throw LinliError.notFound("care.offer")
        }
        return offer
    }

    /// What the person themselves says on their page, also to what nobody told them of yet.
    func answer(_ service: String, of person: ID<Person>, yes: Bool, reason: String, _ context: Context) async throws {
        let own = try await OwnEntries.own(person, context, database)
        let book = try await database.read { try LabelBook.current($0) }
        guard let service = book[service: service] else { throw LinliError.notFound("care.service") }
        let live = try await database.read { tx in
            try CareStore.offers(of: [person], tx)[person]?.first { $0.service == service.id }
        }
        if let live {
            try await settle(live, yes: yes, .page, reason: reason, context)
        } else {
            try await checkEntitled(service, person)
            let made = try await database.write(context, "care.ask") { tx in
                let id = try CareCommands.insert(service, own, .page, at: tx.now, tx)
                try tx.audit(Subject("careOffer", id, division: own.division), fields: [service.id])
                return try CareStore.offer(id, tx)
            }
            guard let made else { throw LinliError.fault("care.lost", "the offer just made is not there") }
            try await settle(made, yes: yes, .page, reason: reason, context)
        }
    }

    private func settle(
        _ offer: CareOffer, yes: Bool, _ how: CareOffer.Way, reason: String, _ context: Context
    ) async throws {
        let reason = PersonalNumbers.replacing(in: String(reason.trimmed.prefix(200))) { $0.masked }
        try await database.write(context, "care.answer") { tx in
            let days = try LabelBook.current(tx)[service: offer.service]?.askAgainDays ?? 180
            let sealed =
                reason.isEmpty ? nil : try tx.seal(reason, table: "care_offer", column: "reason_sealed", row: offer.id)
            let state: CareOffer.State = yes ? .accepted : .declined
            let again: Instant? = yes ? nil : tx.now.adding(days: days)
            let changed = try tx.execute(
                """
                UPDATE care_offer SET state = \(state), answered_at = \(tx.now), answered_how = \(how),
                    reason_sealed = \(sealed), again_at = \(again)\(CareCommands.free(unless: yes))
                WHERE id = \(offer.id) AND ended_at IS NULL
                """
            )
            guard changed == 1 else { throw LinliError.notFound("care.offer") }
            try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: [state.rawValue])
        }
    }

    /// Who says no is no unit's any more.
    private static func free(unless isWanted: Bool) -> SQL {
        isWanted ? .empty : ", unit_id = NULL, taken_at = NULL, taken_by = NULL"
    }

    // MARK: Deliveries

    /// Notes that a service reached the person, with what proves it.
    ///
    /// - Throws: `.invalid` when proof is missing, `.conflict` for who did not say yes.
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
        guard let service = book[service: offer.service] else { throw LinliError.notFound("care.service") }
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
                missing.map { .init($0.rawValue, Text("请补上\($0.name.zh)", "Please add: \($0.name.en)")) })
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
            try tx.execute("UPDATE care_offer SET delivered_at = \(tx.now), due_at = \(due) WHERE id = \(offer.id)")
            // Who was served was seen: the household is heard of, without a word of what the service was.
            let homes = try RegisterQueries.homes(of: offer.person, tx).filter(\.tie.livesHere)
            for household in homes.compactMap(\.household) {
                try Households.heard(of: household, by: .service, tx)
            }
            try tx.audit(
                Subject("careOffer", offer.id, division: offer.grid), fields: service.evidence.map(\.rawValue))
        }
    }

    /// Ends a service: it is not wanted or not needed any more.
    func end(_ id: ID<CareOffer>, _ context: Context) async throws -> ID<Person> {
        let offer = try await own(id, context)
        try await database.write(context, "care.end") { tx in
            try tx.execute("UPDATE care_offer SET state = 'ended', ended_at = \(tx.now) WHERE id = \(offer.id)")
            try tx.audit(Subject("careOffer", offer.id, division: offer.grid), fields: ["ended"])
        }
        return offer.person
    }
}
