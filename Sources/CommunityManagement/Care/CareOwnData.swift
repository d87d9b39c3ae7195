import LinliCore
import LinliKernel
import LinliSQL

extension OwnDataPart {
    /// Services that were offered to somebody, what they said, and what reached them.
    static let ofCare = OwnDataPart(
        "services", Text("告知和送达的服务", "Services offered and delivered"), of: .entry, isClose: true
    ) { ask, services in
        guard let person = ask.person else { return [] }
        let (book, offers, deliveries) = try await services.database.read { tx in
            let offers = try CareStore.kept(of: person.id, tx)
            let book = try LabelBook.current(tx).remembering(Set(offers.map(\.service)), tx)
            return (book, offers, try CareStore.given(to: offers.map(\.id), tx))
        }
        let said = try await opened(offers.map { ($0.id, $0.closed) }, ask, services)
        let why = try await opened(offers.map { ($0.id, $0.exception) }, ask, services)
        let noted = try await opened(deliveries.map { ($0.id, $0.closed) }, ask, services)
        let told = offers.map { offer in
            var record = OwnDataRecord(at: offer.at)
            record.add("service", Text("服务", "Service"), offer.service, name(offer.service, book))
            record.add("state", Text("到哪一步了", "State"), offer.state.rawValue, offer.state.name)
            record.add("answeredAt", Text("答复时间", "Answered"), offer.answeredAt)
            record.add("toldAt", Text("同意告诉这项服务的单位", "Agreed that its provider be told"), offer.toldAt)
            record.add("reason", Text("我说的", "My words"), said[offer.id])
            record.add("exception", Text("特殊情况", "Offered by way of exception"), why[offer.id].map { ask.masked($0) })
            record.add("endedAt", Text("停止", "Ended"), offer.endedAt)
            return record
        }
        let got = deliveries.map { delivery in
            var record = OwnDataRecord(at: delivery.at)
            let service = offers.first { $0.id == delivery.offer }?.service ?? ""
            record.add("delivered", Text("送达", "Delivered"), service, name(service, book))
            record.add("by", Text("谁", "Who"), OwnDataAsk.mask(delivery.by))
            record.add("note", Text("说明", "Note"), noted[delivery.id].map { ask.masked($0) })
            if delivery.signer.contains(person.name) {
                record.add("signer", Text("签收人", "Who signed"), ask.masked(delivery.signer))
            }
            return record
        }
        return (told + got).sorted { $0.at > $1.at }
    }

    private static func name(_ service: String, _ book: LabelBook) -> Text {
        CareOffer.name(service, book)
    }

    /// The words of some rows in clear, of those that have some.
    private static func opened<Entity>(
        _ rows: [(id: ID<Entity>, closed: OwnDataAsk.Closed?)], _ ask: OwnDataAsk, _ services: Services
    ) async throws -> [ID<Entity>: String] {
        let closed = rows.compactMap { row in row.closed.map { (id: row.id, closed: $0) } }
        let words = try await ask.open(closed.map(\.closed), services.database)
        return Dictionary(zip(closed.map(\.id), words), uniquingKeysWith: { first, _ in first })
    }
}

/// A service that was offered, as its person may read it.
struct KeptOffer: Sendable {
    let id: ID<CareOffer>
    let service: String
    let state: CareOffer.State
    let at: Instant
    let answeredAt: Instant?
    let endedAt: Instant?
    /// When they agreed that its unit be told who they are.
    let toldAt: Instant?
    /// What they said, and why they were told of what the rule does not give them.
    let closed: OwnDataAsk.Closed?
    let exception: OwnDataAsk.Closed?
}

/// What reached somebody, as they may read it.
struct KeptDelivery: Sendable {
    let id: ID<CareDelivery>
    let offer: ID<CareOffer>
    let at: Instant
    let by: String
    let signer: String
    let closed: OwnDataAsk.Closed?
}

extension CareStore {
    /// Every offer to somebody, also those that are over, the newest first.
    static func kept(of person: ID<Person>, _ tx: ReadTx) throws -> [KeptOffer] {
        try tx.all(
            """
            SELECT o.id, o.service, o.state, o.offered_at, o.answered_at, o.ended_at, o.reason_sealed, o.grid,
                o.exception_sealed, o.told_at
            FROM care_offer o WHERE o.person_id = \(person) ORDER BY o.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let (id, grid): (ID<CareOffer>, DivisionCode) = (try row[0], try row[7])
            let (said, exception): ([UInt8]?, [UInt8]?) = (try row[6], try row[8])
            return KeptOffer(
                id: id, service: try row[1], state: try row[2], at: try row[3], answeredAt: try row[4],
                endedAt: try row[5], toldAt: try row[9],
                closed: said.map { closed($0, "reason_sealed", of: id, in: grid) },
                exception: exception.map { closed($0, "exception_sealed", of: id, in: grid) })
        }
    }

    private static func closed(
        _ sealed: [UInt8], _ column: String, of id: ID<CareOffer>, in grid: DivisionCode
    ) -> OwnDataAsk.Closed {
        OwnDataAsk.Closed(
            Subject("careOffer", id, division: grid), column, Cell("care_offer", column, id.rawValue), sealed)
    }

    /// Every delivery of some offers, the newest first.
    static func given(to offers: [ID<CareOffer>], _ tx: ReadTx) throws -> [KeptDelivery] {
        guard !offers.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT d.id, d.offer_id, d.at, a.name, d.signer, d.note_sealed, o.grid
            FROM care_delivery d JOIN care_offer o ON o.id = d.offer_id LEFT JOIN account a ON a.id = d.account_id
            WHERE d.offer_id IN \(SQL.list(offers)) ORDER BY d.id DESC LIMIT \(OwnDataPart.limit)
            """
        ) { row in
            let (id, offer): (ID<CareDelivery>, ID<CareOffer>) = (try row[0], try row[1])
            let (sealed, grid): ([UInt8]?, DivisionCode) = (try row[5], try row[6])
            return KeptDelivery(
                id: id, offer: offer, at: try row[2], by: try row[3] ?? "", signer: try row[4],
                closed: sealed.map {
                    OwnDataAsk.Closed(
                        Subject("careOffer", offer, division: grid), "note_sealed",
                        Cell("care_delivery", "note_sealed", id.rawValue), $0)
                })
        }
    }
}
