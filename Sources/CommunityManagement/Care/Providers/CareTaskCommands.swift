import LinliCore
import LinliKernel
import LinliSQL

/// Somebody as the unit that brings them a service needs to know them: nothing of why they may have it.
struct CareContact: Sendable {
    var offer: CareOffer
    var service: CareService
    var name: String
    var address: String
    /// In clear; empty without one.
    var phone: String
    var deliveries: [CareDelivery]
    var taking: CareTaking
    /// When it was opened.
    var now: Instant
}

/// What a unit does with services people want: taken, brought with proof, or not, and why.
struct CareTaskCommands: Sendable {
    let database: Database

    /// An offer and the unit of the actor's that may bring it.
    ///
    /// - Throws: `.notFound` for one that is not for their units, that another unit has, or that nobody said yes to.
    func find(_ id: ID<CareOffer>, _ context: Context) async throws -> (offer: CareOffer, provider: CareProvider) {
        let found = try await database.read { tx -> (CareOffer, CareProvider)? in
            guard let offer = try CareStore.live(id, tx), offer.state == .accepted else { return nil }
            let providers = try CareTaskStore.providers(of: context.actor, try LabelBook.current(tx), tx)
            let provider = providers.first {
                $0.gives(offer) && (offer.unit == nil || offer.unit == $0.unit.id)
            }
            return provider.map { (offer, $0) }
        }
        guard let found else { throw LinliError.notFound("care.task") }
        return found
    }

    private func own(_ id: ID<CareOffer>, _ context: Context) async throws -> (CareOffer, CareProvider) {
        let (offer, provider) = try await find(id, context)
        guard offer.unit == provider.unit.id else {
            throw LinliError(.conflict, "care.notTaken", Text("请先接下这一单", "Please take it first"))
        }
        return (offer, provider)
    }

    /// Takes an offer for the unit: from now on it may see whom it is for.
    ///
    /// - Throws: `.conflict` when another unit was faster.
    func take(_ id: ID<CareOffer>, _ context: Context) async throws {
        let (offer, provider) = try await find(id, context)
        guard offer.unit == nil else { return }
        try await database.write(context, "care.take") { tx in
            let changed = try tx.execute(
                """
                UPDATE care_offer SET unit_id = \(provider.unit.id), taken_at = \(tx.now),
                    taken_by = \(context.actor.account)
                WHERE id = \(id) AND unit_id IS NULL AND state = 'accepted' AND ended_at IS NULL
                """
            )
            guard changed == 1 else {
                throw LinliError(.conflict, "care.taken", Text("这一单刚被别的单位接走了", "Another unit took it just now"))
            }
            try tx.audit(Subject("careOffer", id, division: offer.grid), fields: ["unit"])
        }
    }

    /// Says why the unit does not bring it. Where nobody answered it is tried again; what the person does not want any
    /// more is a no of theirs; else it is free for other units.
    func refuse(_ id: ID<CareOffer>, _ reason: CareRefusalReason, _ context: Context) async throws {
        let (offer, provider) = try await find(id, context)
        try await database.write(context, "care.refuse") { tx in
            let row = try tx.newID(CareDelivery.self)
            try tx.execute(
                """
                INSERT INTO care_refusal (id, offer_id, unit_id, reason, at, account_id, grid)
                VALUES (\(row), \(id), \(provider.unit.id), \(reason), \(tx.now), \(context.actor.account),
                    \(offer.grid))
                """
            )
            let unit = provider.unit.id
            if reason == .unwanted {
                let days = try LabelBook.current(tx)[service: offer.service]?.askAgainDays ?? 180
                try tx.execute(
                    """
                    UPDATE care_offer SET state = 'declined', answered_at = \(tx.now), answered_how = 'visit',
                        again_at = \(tx.now.adding(days: days)), unit_id = NULL, taken_at = NULL, taken_by = NULL
                    WHERE id = \(id) AND ended_at IS NULL AND (unit_id = \(unit) OR unit_id IS NULL)
                    """
                )
            } else if !reason.isTriedAgain {
                try tx.execute(
                    """
                    UPDATE care_offer SET unit_id = NULL, taken_at = NULL, taken_by = NULL
                    WHERE id = \(id) AND unit_id = \(unit)
                    """
                )
            }
            try tx.audit(Subject("careOffer", id, division: offer.grid), fields: [reason.rawValue])
        }
    }

    /// Notes that the unit brought it, with what proves it.
    func deliver(
        _ id: ID<CareOffer>, signer: String, note: String, photo: ID<StoredFile>?, _ context: Context
    ) async throws {
        let (offer, _) = try await own(id, context)
        try await CareCommands(database: database).put(offer, signer: signer, note: note, photo: photo, context)
    }

    /// Whom a taken service is for, where, and how to call them. What is shown is noted first, for the purpose of giving
    /// the service, and the person can see it.
    ///
    /// - Throws: `.conflict` before it is taken, and for who asked that nothing be done with their data.
    func contact(_ id: ID<CareOffer>, _ context: Context) async throws -> CareContact {
        let (offer, provider) = try await own(id, context)
        let subject = RegisterSubject(.person, offer.person)
        let phone = ["person.phone"].compactMap { RegisterField.named($0) }
        let found = try await database.read { tx in
            (
                person: try RegisterQueries.person(offer.person, tx),
                home: try CareStore.homes(of: [offer.person], tx)[offer.person],
                cells: try RegisterReading.cells(phone, of: subject, tx),
                deliveries: try CareStore.deliveries(of: [id], tx),
                taking: try CareTaskStore.takings(of: [id], tx)[id] ?? CareTaking()
            )
        }
        guard let person = found.person, person.entry.validTo == nil,
            let service = provider.services.first(where: { $0.id == offer.service })
        else { throw LinliError.notFound("care.task") }
        guard person.restrictedAt == nil else {
            throw LinliError(
                .conflict, "care.restricted",
                Text("本人要求限制使用信息，请联系社区", "They asked that their data be left alone; please call the community"))
        }
        let fields = ["person.name", "dwelling.address"] + found.cells.map(\.field.id)
        try await database.write(context, "registers.read", reason: ReadingPurpose.service.rawValue) { tx in
            try tx.audit(subject.subject(in: person.division), fields: fields)
        }
        let clear = try found.cells.first.map { try database.keys.open($0.secret.sealed, cell: $0.secret.cell) }
        return CareContact(
            offer: offer, service: service, name: person.name, address: found.home?.address ?? "", phone: clear ?? "",
            deliveries: found.deliveries, taking: found.taking, now: context.now)
    }
}
