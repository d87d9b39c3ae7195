import LinliCore
import LinliKernel
import LinliSQL

/// Why a unit cannot bring a service to somebody who wants it.
enum CareRefusalReason: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case noAnswer, unwanted, noHands, outOfArea, unfit, unsafe

    var name: Text {
        switch self {
        case .noAnswer: Text("联系不上、不在家", "Nobody answers")
        case .unwanted: Text("本人说不要了", "They do not want it any more")
        case .noHands: Text("人手、餐位不够", "Not enough hands or places")
        case .outOfArea: Text("不在服务范围", "Outside the area served")
        case .unfit: Text("不符合这项服务的条件", "Does not meet what the service asks")
        case .unsafe: Text("现场条件做不了", "Cannot be done there")
        }
    }

    /// Whether the unit keeps the task and tries again.
    var isTriedAgain: Bool { self == .noAnswer }

    /// Whether only who has taken it can know: before that a unit has met nobody.
    var asksTaking: Bool {
        switch self {
        case .noAnswer, .unwanted, .unfit, .unsafe: true
        case .noHands, .outOfArea: false
        }
    }

    /// What a unit may say of an offer: before it took it only what it knows of itself; that the person does not want it
    /// any more only of what it was never brought and whose person it sees; nothing of what was given once and for all.
    static func allowed(_ offer: CareOffer, isTaken: Bool, closing: CareClosing?) -> [CareRefusalReason] {
        guard !offer.isDone else { return [] }
        return allCases.filter { reason in
            guard isTaken else { return !reason.asksTaking }
            return reason != .unwanted || (offer.deliveredAt == nil && closing == nil)
        }
    }
}

/// A unit that gives services, where, and which.
struct CareProvider: Sendable {
    let unit: UnitSummary
    let divisions: [DivisionCode]
    let services: [CareService]

    /// Whether an offer is one the unit may bring.
    func gives(_ offer: CareOffer) -> Bool {
        services.contains { $0.id == offer.service } && divisions.contains { $0.contains(offer.grid) }
    }
}

/// What a unit said of an offer it could not bring.
struct CareRefusal: Sendable {
    let offer: ID<CareOffer>
    let unit: Text
    let reason: CareRefusalReason
    let at: Instant
}

/// Which unit has an offer, and what units said of it.
struct CareTaking: Sendable {
    var unit: Text?
    var refusals: [CareRefusal] = []
    /// Which units had it and have it no more, without having said so themselves.
    var returns: [CareReturn] = []
}

/// How many offers units could not bring, by service and reason.
struct CareRefusalCount: Sendable {
    let service: String
    let unit: Text
    let reason: CareRefusalReason
    let count: Int
}

/// Every SQL text about who brings services.
enum CareTaskStore {
    /// The units somebody brings services for. A unit whose kind no service names is none.
    static func providers(of actor: Actor, _ book: LabelBook, _ tx: ReadTx) throws -> [CareProvider] {
        let units = actor.grants.compactMap { grant -> ID<Unit>? in
            guard case .unit(let id) = grant.subject, grant.permissions.contains(.careDeliver) else { return nil }
            return id
        }
        return try Set(units).sorted().compactMap { id in
            guard let unit = try UnitsStore.find(id, tx), try !isClosed(id, tx) else { return nil }
            let services = book.services.filter { $0.units.contains(unit.kind) }
            guard !services.isEmpty else { return nil }
            return CareProvider(unit: unit, divisions: try served(by: unit, tx), services: services)
        }
    }

    /// Whether a unit is no more.
    static func isClosed(_ unit: ID<Unit>, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM unit WHERE id = \(unit) AND closed_at IS NOT NULL")
    }

    /// Where a unit may bring something: its own division and those it serves, without any that lies inside another.
    static func served(by unit: UnitSummary, _ tx: ReadTx) throws -> [DivisionCode] {
        let served: [DivisionCode] = try tx.all(
            "SELECT division FROM unit_service WHERE kind = \(unit.kind) AND unit_id = \(unit.id) ORDER BY division"
        ) { try $0[0] }
        let all = Set(served + [unit.division])
        return all.filter { code in !all.contains { $0 != code && $0.contains(code) } }.sorted()
    }

    /// How many were told of a unit's services and have not answered: whoever has not said yes is not named.
    static func waiting(for provider: CareProvider, _ tx: ReadTx) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for division in provider.divisions {
            try tx.each(
                """
                SELECT o.service, count(*) FROM care_offer o WHERE \(CareStore.place(division))
                AND o.service IN \(SQL.list(provider.services.map(\.id))) AND o.ended_at IS NULL
                AND o.state = 'offered' AND \(CareStore.isHere) GROUP BY o.service
                """
            ) { counts[try $0[0], default: 0] += try $0[1] }
        }
        return counts
    }

    /// What a unit may take: somebody said yes, no unit has it, it was not given once and for all, and this one has not
    /// said that it cannot.
    static func open(
        for provider: CareProvider, after: ID<CareOffer>?, limit: Int, _ tx: ReadTx
    ) throws -> [CareOffer] {
        var found: [CareOffer] = []
        for division in provider.divisions {
            for service in provider.services {
                found += try tx.all(
                    """
                    SELECT \(CareOffer.columns) FROM care_offer o WHERE \(CareStore.place(division))
                    AND o.service = \(service.id) AND o.state = 'accepted' AND o.unit_id IS NULL
                    AND (o.delivered_at IS NULL OR o.due_at IS NOT NULL) AND o.ended_at IS NULL
                    AND o.id > \(after?.rawValue ?? 0) AND \(CareStore.isHere)
                    AND NOT EXISTS (
                        SELECT 1 FROM care_refusal x WHERE x.offer_id = o.id AND x.unit_id = \(provider.unit.id))
                    ORDER BY o.id LIMIT \(limit)
                    """
                ) { try CareOffer($0) }
            }
        }
        return Array(found.sorted { $0.id < $1.id }.prefix(limit))
    }

    /// What a unit has taken: what is due now, or what is not due before later.
    static func taken(
        by unit: ID<Unit>, isDue: Bool, after: ID<CareOffer>?, limit: Int, at now: Instant, _ tx: ReadTx
    ) throws -> [CareOffer] {
        let due: SQL =
            isDue
            ? "(o.delivered_at IS NULL OR o.due_at <= \(now))"
            : "o.delivered_at IS NOT NULL AND (o.due_at IS NULL OR o.due_at > \(now))"
        return try tx.all(
            """
            SELECT \(CareOffer.columns) FROM care_offer o
            WHERE o.unit_id = \(unit) AND o.ended_at IS NULL AND o.state = 'accepted' AND \(due)
            AND o.id > \(after?.rawValue ?? 0) AND \(CareStore.isHere) ORDER BY o.id LIMIT \(limit)
            """
        ) { try CareOffer($0) }
    }

    /// Which unit has some offers, and what units said of them.
    static func takings(of offers: [ID<CareOffer>], _ tx: ReadTx) throws -> [ID<CareOffer>: CareTaking] {
        guard !offers.isEmpty else { return [:] }
        var all: [ID<CareOffer>: CareTaking] = [:]
        try tx.each(
            """
            SELECT o.id, u.name, u.name_en FROM care_offer o JOIN unit u ON u.id = o.unit_id
            WHERE o.id IN \(SQL.list(offers))
            """
        ) { all[try $0[0], default: CareTaking()].unit = Text(try $0[1], try $0[2]) }
        try tx.each(
            """
            SELECT x.offer_id, u.name, u.name_en, x.reason, x.at FROM care_refusal x JOIN unit u ON u.id = x.unit_id
            WHERE x.offer_id IN \(SQL.list(offers)) ORDER BY x.offer_id, x.id DESC LIMIT 200
            """
        ) { row in
            let refusal = CareRefusal(
                offer: try row[0], unit: Text(try row[1], try row[2]), reason: try row[3], at: try row[4])
            all[refusal.offer, default: CareTaking()].refusals.append(refusal)
        }
        for found in try CareReturns.of(offers, tx) { all[found.offer, default: CareTaking()].returns.append(found) }
        return all
    }

    /// What units could not bring to people of a place, of what is still wanted.
    static func refusals(in division: DivisionCode, _ tx: ReadTx) throws -> [CareRefusalCount] {
        try tx.all(
            """
            SELECT o.service, u.id, u.name, u.name_en, x.reason, count(DISTINCT o.id)
            FROM care_offer o JOIN care_refusal x ON x.offer_id = o.id JOIN unit u ON u.id = x.unit_id
            WHERE \(CareStore.place(division)) AND o.ended_at IS NULL AND o.state = 'accepted' AND \(CareStore.isHere)
            GROUP BY o.service, u.id, u.name, u.name_en, x.reason ORDER BY o.service, u.id, x.reason LIMIT 500
            """
        ) { row in
            CareRefusalCount(
                service: try row[0], unit: Text(try row[2], try row[3]), reason: try row[4], count: try row[5])
        }
    }
}

extension Migration {
    /// Which unit brings what somebody wants, and why one could not.
    static let careTasks = Migration(
        "2026-11-29.60-care-tasks",
        """
        ALTER TABLE care_offer ADD COLUMN unit_id INTEGER REFERENCES unit (id);
        ALTER TABLE care_offer ADD COLUMN taken_at INTEGER;
        ALTER TABLE care_offer ADD COLUMN taken_by INTEGER REFERENCES account (id);
        CREATE INDEX care_offer_unit ON care_offer (unit_id, id) WHERE unit_id IS NOT NULL AND ended_at IS NULL;
        CREATE INDEX care_offer_free_community ON care_offer (community, service, id)
            WHERE state = 'accepted' AND unit_id IS NULL AND ended_at IS NULL;
        CREATE INDEX care_offer_free_street ON care_offer (street, service, id)
            WHERE state = 'accepted' AND unit_id IS NULL AND ended_at IS NULL;
        CREATE TABLE care_refusal (
            id INTEGER NOT NULL PRIMARY KEY,
            offer_id INTEGER NOT NULL REFERENCES care_offer (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            reason TEXT NOT NULL CHECK (reason IN ('noAnswer', 'unwanted', 'noHands', 'outOfArea', 'unfit', 'unsafe')),
            at INTEGER NOT NULL,
            account_id INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE INDEX care_refusal_offer ON care_refusal (offer_id, id);
        CREATE INDEX care_refusal_unit ON care_refusal (unit_id, id);
        """
    )
}
