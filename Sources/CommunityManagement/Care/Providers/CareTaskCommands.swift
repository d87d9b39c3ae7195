import LinliCore
import LinliKernel
import LinliSQL

/// Somebody as the unit that brings them a service needs to know them: nothing of why they may have it.
struct CareContact: Sendable {
    var offer: CareOffer
    var service: CareService
    /// Why the unit does not see whom it is for; nil where it does.
    var closing: CareClosing?
    /// Empty when it is closed, like the address and the phone.
    var name: String
    var address: String
    /// In clear; empty without one.
    var phone: String
    /// Whom to ask instead.
    var community: UnitSummary?
    /// How many days after it was brought for good it closes.
    var closedAfter: Int
    var deliveries: [CareDelivery]
    var taking: CareTaking
    /// When it was opened.
    var now: Instant
}

/// What a unit does with services people want: taken, brought with proof, or not, and why.
struct CareTaskCommands: Sendable {
    let database: Database
    /// How many days after something was brought for good its unit sees whom it was for.
    let closedAfter: Int

    init(_ services: Services) {
        database = services.database
        closedAfter = services.registers.providerDays
    }

    /// An offer and the unit of the actor's that may bring it.
    ///
    /// - Throws: `.notFound` for one that is not for their units, that another unit has, or that nobody said yes to.
    func find(_ id: ID<CareOffer>, _ context: Context) async throws -> (offer: CareOffer, provider: CareProvider) {
        let found = try await database.read { try CareTaskCommands.held(id, context, $0) }
        guard let found else { throw LinliError.notFound("care.task") }
        return found
    }

    /// The same in a read or write of the caller: what is decided on an offer is decided on it as it stands there.
    private static func held(
        _ id: ID<CareOffer>, _ context: Context, _ tx: ReadTx
    ) throws -> (offer: CareOffer, provider: CareProvider)? {
        guard let offer = try CareStore.live(id, tx), offer.state == .accepted,
            try RegisterQueries.person(offer.person, tx)?.entry.validTo == nil
        else { return nil }
        let providers = try CareTaskStore.providers(of: context.actor, try LabelBook.current(tx), tx)
        let provider = providers.first {
            $0.gives(offer) && (offer.unit == nil ? !offer.isDone : offer.unit == $0.unit.id)
        }
        return provider.map { (offer: offer, provider: $0) }
    }

    private func own(_ id: ID<CareOffer>, _ context: Context) async throws -> (CareOffer, CareProvider) {
        let (offer, provider) = try await find(id, context)
        guard offer.unit == provider.unit.id else { throw CareCommands.notTaken }
        return (offer, provider)
    }

    /// Takes an offer for the unit: from now on it may see whom it is for.
    ///
    /// - Throws: `.conflict` when another unit was faster.
    func take(_ id: ID<CareOffer>, _ context: Context) async throws {
        let (offer, _) = try await find(id, context)
        guard offer.unit == nil else { return }
        try await database.write(context, "care.take") { tx in
            guard let (offer, provider) = try CareTaskCommands.held(id, context, tx) else {
                throw LinliError(
                    .conflict, "care.taken",
                    Text(
                        "这一单刚被别的单位接走，或者不归您的单位送了",
                        "Another unit took it just now, or it is not for your unit any more"))
            }
            // A colleague was faster: it is theirs and yours.
            if offer.unit == nil {
                try tx.execute(
                    """
                    UPDATE care_offer SET unit_id = \(provider.unit.id), taken_at = \(tx.now),
                        taken_by = \(context.actor.account) WHERE id = \(id)
                    """
                )
            }
            try tx.audit(Subject("careOffer", id, division: offer.grid), fields: ["unit"])
        }
    }

    /// Says why the unit does not bring it. Where nobody answered it is tried again; what the person does not want any
    /// more is a no of theirs; else it is free for other units.
    ///
    /// - Throws: `.conflict` for a reason that the unit cannot know, or that is for the community to find out.
    func refuse(_ id: ID<CareOffer>, _ reason: CareRefusalReason, _ context: Context) async throws {
        _ = try await find(id, context)
        try await database.write(context, "care.refuse") { tx in
            guard let (offer, provider) = try CareTaskCommands.held(id, context, tx) else {
                throw CareCommands.changed
            }
            let isTaken = offer.unit == provider.unit.id
            let since = try DataConsents.since(.providers, for: offer.person, on: tx.now.date, tx)
            let closing = offer.closing(toldSince: since, after: closedAfter, tx.now)
            guard CareRefusalReason.allowed(offer, isTaken: isTaken, closing: closing).contains(reason) else {
                throw LinliError(.conflict, "care.refusal", CareTaskCommands.why(offer, isTaken: isTaken))
            }
            try CareTaskCommands.note(reason, on: offer, by: provider.unit.id, tx)
            try tx.audit(Subject("careOffer", id, division: offer.grid), fields: [reason.rawValue])
        }
    }

    /// Keeps what a unit said of an offer, and what follows from it.
    private static func note(
        _ reason: CareRefusalReason, on offer: CareOffer, by unit: ID<Unit>, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO care_refusal (id, offer_id, unit_id, reason, at, account_id, grid)
            VALUES (\(try tx.newID(CareDelivery.self)), \(offer.id), \(unit), \(reason), \(tx.now),
                \(tx.context.actor.account), \(offer.grid))
            """
        )
        if reason == .unwanted {
            let days = try LabelBook.current(tx)[service: offer.service]?.askAgainDays ?? 180
            try tx.execute(
                """
                UPDATE care_offer SET state = 'declined', answered_at = \(tx.now), answered_how = 'visit',
                    again_at = \(tx.now.adding(days: days)), unit_id = NULL, taken_at = NULL, taken_by = NULL
                WHERE id = \(offer.id)
                """
            )
        } else if !reason.isTriedAgain {
            try tx.execute(
                """
                UPDATE care_offer SET unit_id = NULL, taken_at = NULL, taken_by = NULL
                WHERE id = \(offer.id) AND unit_id = \(unit)
                """
            )
        }
    }

    /// Why a unit cannot say so of an offer, and what to do instead.
    private static func why(_ offer: CareOffer, isTaken: Bool) -> Text {
        if offer.isDone {
            return Text(
                "已经送到的不能再退；有投诉、要返工的，请问社区", "It was brought and cannot be given back; in doubt please ask the community")
        }
        guard isTaken else {
            return Text(
                "没接下、没见过本人，只能说人手不够或不在服务范围；别的原因请先接下再说",
                "Not taken, you have met nobody: say that hands are too few or it is outside your area, or take it first"
            )
        }
        return Text(
            "送到过的，或不显示是谁的，本人还要不要由社区来问：请告诉社区",
            "Where it was brought before, or it is not shown who it is, the community asks whether they want it: tell them"
        )
    }

    /// Notes that the unit brought it, with what proves it.
    ///
    /// - Throws: `.conflict` for what was given once and for all and is closed by now: nothing opens it again.
    func deliver(
        _ id: ID<CareOffer>, signer: String, note: String, photo: ID<StoredFile>?, _ context: Context
    ) async throws {
        let (offer, provider) = try await own(id, context)
        guard !offer.isOver(after: closedAfter, context.now) else {
            throw LinliError(.conflict, "care.over", CareClosing.over.words(after: closedAfter))
        }
        try await CareCommands(database: database).put(
            offer, by: provider.unit.id, signer: signer, note: note, photo: photo, context)
    }

    /// Whom a taken service is for, where, and how to call them: as long as they agree that the unit be told, and until
    /// some days after it was brought for good. What is shown is noted first, for the purpose of giving the service, and
    /// the person can see it; what stays closed is not read.
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
                taking: try CareTaskStore.takings(of: [id], tx)[id] ?? CareTaking(),
                toldSince: try DataConsents.since(.providers, for: offer.person, on: context.now.date, tx),
                community: try UnitsStore.first(
                    [.committee, .village], of: offer.grid.ancestor(at: .community), tx)
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
        var contact = CareContact(
            offer: offer, service: service,
            closing: offer.closing(toldSince: found.toldSince, after: closedAfter, context.now),
            name: "", address: "", phone: "", community: found.community, closedAfter: closedAfter,
            deliveries: found.deliveries, taking: found.taking, now: context.now)
        guard contact.closing == nil else { return contact }
        let fields = ["person.name", "dwelling.address"] + found.cells.map(\.field.id)
        let reason = ReadingPurpose.service.reason(for: service.id)
        try await database.write(context, "registers.read", reason: reason) { tx in
            try tx.audit(subject.subject(in: person.division), fields: fields)
        }
        let clear = try found.cells.first.map { try database.keys.open($0.secret.sealed, cell: $0.secret.cell) }
        (contact.name, contact.address, contact.phone) = (person.name, found.home?.address ?? "", clear ?? "")
        return contact
    }
}
