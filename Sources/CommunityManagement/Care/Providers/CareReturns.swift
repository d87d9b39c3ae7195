import LinliCore
import LinliKernel
import LinliSQL

/// Why a unit has an order no more that it had taken, without having given it back.
enum CareReturnReason: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case catalogue, moved, unwanted

    var name: Text {
        switch self {
        case .catalogue: Text("服务目录改了，不再由这家送", "The catalogue changed: not theirs to bring any more")
        case .moved: Text("不在这家的服务范围了", "Outside the area they serve now")
        case .unwanted: Text("本人不要了，或已停", "Not wanted any more, or ended")
        }
    }
}

/// That a unit has an order no more.
struct CareReturn: Sendable {
    let offer: ID<CareOffer>
    let service: String
    /// Where it was when the unit had it: where somebody moved is not theirs to know.
    let grid: DivisionCode
    let unit: Text
    let why: CareReturnReason
    let at: Instant

    init(_ row: Row) throws {
        offer = try row[0]
        service = try row[1]
        grid = try row[2]
        unit = Text(try row[3], try row[4])
        why = try row[5]
        at = try row[6]
    }
}

/// Orders whose unit cannot bring them any more go back to "nobody took it", with a line of history: another unit may take
/// them, and staff see that nobody has.
enum CareReturns {
    /// How many days a unit is told of what it has no more.
    /// - Source: configured, no source
    static let days = 30

    private static let columns: SQL = "x.offer_id, o.service, x.grid, u.name, u.name_en, x.why, x.at"
    private static let tables: SQL = """
        care_return x JOIN care_offer o ON o.id = x.offer_id JOIN unit u ON u.id = x.unit_id
        """
    /// What is open: wanted, and not given once and for all.
    private static let isOpen: SQL = """
        o.state = 'accepted' AND o.ended_at IS NULL AND (o.delivered_at IS NULL OR o.due_at IS NOT NULL)
        """

    /// What became of some orders, the newest first.
    static func of(_ offers: [ID<CareOffer>], _ tx: ReadTx) throws -> [CareReturn] {
        guard !offers.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(columns) FROM \(tables)
            WHERE x.offer_id IN \(SQL.list(offers)) ORDER BY x.offer_id, x.id DESC LIMIT 200
            """
        ) { try CareReturn($0) }
    }

    /// What a unit had and has no more, lately.
    static func lately(_ unit: ID<Unit>, at now: Instant, _ tx: ReadTx) throws -> [CareReturn] {
        try tx.all(
            """
            SELECT \(columns) FROM \(tables)
            WHERE x.unit_id = \(unit) AND x.at > \(now.adding(days: -days))
            AND (o.unit_id IS NULL OR o.unit_id <> x.unit_id) ORDER BY x.id DESC LIMIT 50
            """
        ) { try CareReturn($0) }
    }

    /// Notes that a unit has an order no more. The caller changes the order, and audits.
    static func note(_ offer: CareOffer, _ unit: ID<Unit>, _ why: CareReturnReason, _ tx: WriteTx) throws {
        try tx.execute(row(try tx.newID(CareReturn.self), offer.id, in: offer.grid, unit, why, tx.now))
    }

    private static func row(
        _ id: ID<CareReturn>, _ offer: ID<CareOffer>, in grid: DivisionCode, _ unit: ID<Unit>,
        _ why: CareReturnReason, _ now: Instant
    ) -> SQL {
        """
        INSERT INTO care_return (id, offer_id, unit_id, grid, why, at)
        VALUES (\(id), \(offer), \(unit), \(grid), \(why), \(now))
        """
    }

    // MARK: Who cannot bring them any more

    /// An open order and the unit that has it.
    private struct Taken {
        let offer: ID<CareOffer>
        let service: String
        let grid: DivisionCode
        let unit: ID<Unit>

        init(_ row: Row) throws {
            offer = try row[0]
            service = try row[1]
            grid = try row[2]
            unit = try row[3]
        }
    }

    /// Looks at what some units have, or all of them: after another catalogue, and after a unit changed.
    static func look(at units: [ID<Unit>]?, _ tx: SystemTx) throws {
        let book = try LabelBook.current(tx)
        for unit in try units ?? having(tx) {
            let taken = try tx.all(
                """
                SELECT o.id, o.service, o.grid, o.unit_id FROM care_offer o
                WHERE o.unit_id = \(unit) AND \(isOpen) ORDER BY o.id
                """
            ) { try Taken($0) }
            try release(taken, to: nil, book, tx)
        }
    }

    /// The units that have any order.
    private static func having(_ tx: ReadTx) throws -> [ID<Unit>] {
        try tx.all(
            """
            SELECT DISTINCT o.unit_id FROM care_offer o WHERE o.unit_id IS NOT NULL AND o.ended_at IS NULL
            ORDER BY o.unit_id
            """
        ) { try $0[0] }
    }

    /// Looks at some orders whose people move into a grid, before they follow.
    static func look(at offers: [Int64], moving grid: DivisionCode, _ tx: SystemTx) throws {
        let taken = try tx.all(
            """
            SELECT o.id, o.service, o.grid, o.unit_id FROM care_offer o
            WHERE o.id IN \(SQL.list(offers)) AND o.unit_id IS NOT NULL AND \(isOpen) ORDER BY o.id
            """
        ) { try Taken($0) }
        try release(taken, to: grid, try LabelBook.current(tx), tx)
    }

    /// Takes from their units what these cannot bring, where it lies or will lie.
    private static func release(_ taken: [Taken], to grid: DivisionCode?, _ book: LabelBook, _ tx: SystemTx) throws {
        for (id, orders) in Dictionary(grouping: taken, by: \.unit).sorted(by: { $0.key < $1.key }) {
            guard let unit = try UnitsStore.find(id, tx) else { continue }
            let served = try CareTaskStore.served(by: unit, tx)
            for order in orders {
                let isGiven = book[service: order.service]?.units.contains(unit.kind) == true
                let isNear = served.contains { $0.contains(grid ?? order.grid) }
                guard !isGiven || !isNear else { continue }
                let changed = try tx.execute(
                    """
                    UPDATE care_offer SET unit_id = NULL, taken_at = NULL, taken_by = NULL
                    WHERE id = \(order.offer) AND unit_id = \(id)
                    """)
                guard changed == 1 else { continue }
                let why: CareReturnReason = isGiven ? .moved : .catalogue
                try tx.execute(row(try tx.newID(CareReturn.self), order.offer, in: order.grid, id, why, tx.now))
            }
        }
    }
}

extension Subscriber {
    /// Another catalogue, or a unit that serves other places: what it took and cannot bring any more is nobody's again.
    static let careReturns = Subscriber(
        "care.returns",
        kinds: ["labels.published", "unit.changed"],
        .together { tx, events in
            let isWhole = events.contains { $0.kind == "labels.published" }
            let units = Set(events.filter { $0.kind == "unit.changed" }.map { ID<Unit>(rawValue: $0.subject.id) })
            try CareReturns.look(at: isWhole ? nil : units.sorted(), tx)
        }
    )
}

extension Migration {
    /// Of each offer whether the person agreed that its unit be told who they are; which orders a unit has no more. Who
    /// agreed in the very answer that stands is kept as having agreed; of other services they are asked.
    static let careTold = Migration(
        "2026-12-01.25-care-told",
        """
        ALTER TABLE care_offer ADD COLUMN told_at INTEGER;
        ALTER TABLE care_offer ADD COLUMN told_how TEXT CHECK (length(told_how) <= 20);
        ALTER TABLE care_offer ADD COLUMN told_version TEXT CHECK (length(told_version) <= 20);
        UPDATE care_offer SET
            told_at = answered_at,
            told_how = (SELECT max(c.channel) FROM data_consent c WHERE c.person_id = care_offer.person_id
                AND c.purpose = 'providers' AND c.given_at = care_offer.answered_at),
            told_version = (SELECT max(c.text_version) FROM data_consent c WHERE c.person_id = care_offer.person_id
                AND c.purpose = 'providers' AND c.given_at = care_offer.answered_at)
        WHERE state = 'accepted' AND EXISTS (
            SELECT 1 FROM data_consent c WHERE c.person_id = care_offer.person_id
            AND c.purpose = 'providers' AND c.given_at = care_offer.answered_at);
        CREATE TABLE care_return (
            id INTEGER NOT NULL PRIMARY KEY,
            offer_id INTEGER NOT NULL REFERENCES care_offer (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            grid INTEGER NOT NULL,
            why TEXT NOT NULL CHECK (why IN ('catalogue', 'moved', 'unwanted')),
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX care_return_offer ON care_return (offer_id, id);
        CREATE INDEX care_return_unit ON care_return (unit_id, id);
        """
    )
}
