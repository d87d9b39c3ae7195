import LinliCore
import LinliKernel
import LinliSQL

/// Why a unit has an order no more that it had taken, without having given it back.
enum CareReturnReason: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case catalogue, moved, unwanted, gone, closed

    var name: Text {
        switch self {
        case .catalogue: Text("服务目录改了，不再由这家送", "The catalogue changed: not theirs to bring any more")
        case .moved: Text("不在这家的服务范围了", "Outside the area they serve now")
        case .unwanted: Text("本人不要了，或已停", "Not wanted any more, or ended")
        case .gone: Text("登记里已没有这个人，不用送了", "Not in the register any more; no need to deliver")
        case .closed: Text("这家单位停用了", "The unit is closed")
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
        /// Whether its person is still here.
        let isHere: Bool

        static let columns: SQL = """
            o.id, o.service, o.grid, o.unit_id, CASE WHEN \(CareStore.isHere) THEN 1 ELSE 0 END
            """

        init(_ row: Row) throws {
            offer = try row[0]
            service = try row[1]
            grid = try row[2]
            unit = try row[3]
            isHere = try row[4]
        }
    }

    /// Looks at what some units have, or all of them: after another catalogue, after a unit changed or was closed, and once
    /// a day. Each order that is nobody's again stands in the audit.
    static func look(at units: [ID<Unit>]?, _ context: Context, _ database: Database) async throws {
        let all = try await database.read { tx in try units ?? having(tx) }
        for unit in all {
            // Looked at first: a write that changes nothing leaves no trace, and must not be.
            let found = try await database.read { tx -> [ID<CareOffer>] in
                try stranded(try taken(by: unit, tx), to: nil, tx).map { $0.order.offer }
            }
            for start in stride(from: 0, to: found.count, by: 200) {
                let some = Array(found[start..<min(start + 200, found.count)])
                try await release(some, of: unit, context, database)
            }
        }
    }

    /// Frees those of some orders that their unit still cannot bring.
    private static func release(
        _ offers: [ID<CareOffer>], of unit: ID<Unit>, _ context: Context, _ database: Database
    ) async throws {
        try await database.write(context, "care.return") { tx in
            let left = try stranded(try taken(by: unit, tx).filter { offers.contains($0.offer) }, to: nil, tx)
            for (order, why) in left {
                try tx.execute(free(order))
                try tx.execute(row(try tx.newID(CareReturn.self), order.offer, in: order.grid, unit, why, tx.now))
                try tx.audit(
                    Subject("careOffer", order.offer, division: order.grid), fields: ["unit", why.rawValue])
            }
            // Somebody was faster: that it was looked at is all there is to say.
            if left.isEmpty { try tx.audit(Subject("unit", unit), fields: ["careOffers"]) }
        }
    }

    /// The open orders a unit has.
    private static func taken(by unit: ID<Unit>, _ tx: ReadTx) throws -> [Taken] {
        try tx.all(
            """
            SELECT \(Taken.columns) FROM care_offer o
            WHERE o.unit_id = \(unit) AND \(isOpen) ORDER BY o.id
            """
        ) { try Taken($0) }
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
            SELECT \(Taken.columns) FROM care_offer o
            WHERE o.id IN \(SQL.list(offers)) AND o.unit_id IS NOT NULL AND \(isOpen) ORDER BY o.id
            """
        ) { try Taken($0) }
        for (order, why) in try stranded(taken, to: grid, tx) {
            try tx.execute(free(order))
            try tx.execute(row(try tx.newID(CareReturn.self), order.offer, in: order.grid, order.unit, why, tx.now))
        }
    }

    /// What of some orders their units cannot bring, where it lies or will lie, and why.
    private static func stranded(
        _ taken: [Taken], to grid: DivisionCode?, _ tx: ReadTx
    ) throws -> [(order: Taken, why: CareReturnReason)] {
        guard !taken.isEmpty else { return [] }
        let book = try LabelBook.current(tx)
        var stranded: [(order: Taken, why: CareReturnReason)] = []
        for (id, orders) in Dictionary(grouping: taken, by: \.unit).sorted(by: { $0.key < $1.key }) {
            guard let unit = try UnitsStore.find(id, tx) else { continue }
            let isClosed = try CareTaskStore.isClosed(id, tx)
            let served = try CareTaskStore.served(by: unit, tx)
            for order in orders {
                let isGiven = book[service: order.service]?.units.contains(unit.kind) == true
                let isNear = served.contains { $0.contains(grid ?? order.grid) }
                let why: CareReturnReason? =
                    if !order.isHere {
                        .gone
                    } else if isClosed {
                        .closed
                    } else if !isGiven {
                        .catalogue
                    } else {
                        isNear ? nil : .moved
                    }
                if let why { stranded.append((order: order, why: why)) }
            }
        }
        return stranded
    }

    /// An order that is nobody's again.
    private static func free(_ order: Taken) -> SQL {
        """
        UPDATE care_offer SET unit_id = NULL, taken_at = NULL, taken_by = NULL
        WHERE id = \(order.offer) AND unit_id = \(order.unit)
        """
    }
}

extension Subscriber {
    /// Another catalogue, a unit that serves other places or is closed: what it took and cannot bring any more is nobody's
    /// again.
    static let careReturns = Subscriber(
        "care.returns",
        kinds: ["labels.published", "unit.changed"],
        .writes { events, database in
            let isWhole = events.contains { $0.kind == "labels.published" }
            let units = Set(events.filter { $0.kind == "unit.changed" }.map { ID<Unit>(rawValue: $0.subject.id) })
            let context = Context.system("care.returns", now: database.clock.now)
            try await CareReturns.look(at: isWhole ? nil : units.sorted(), context, database)
        }
    )
}

extension JobKind {
    /// Once a day: what a unit has that it cannot bring and no event told of, as of units closed in a store of before.
    static let careReturns = JobKind("care.returns", everySeconds: 86_400) { run in
        try await CareReturns.look(at: nil, run.context, run.database)
    }
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

    /// An order may also come back because its unit is closed.
    static let careReturnsClosed = Migration(
        "2026-12-02.41-care-returns-closed",
        """
        CREATE TABLE care_return_why (
            id INTEGER NOT NULL PRIMARY KEY,
            offer_id INTEGER NOT NULL REFERENCES care_offer (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            grid INTEGER NOT NULL,
            why TEXT NOT NULL CHECK (why IN ('catalogue', 'moved', 'unwanted', 'closed')),
            at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO care_return_why (id, offer_id, unit_id, grid, why, at)
        SELECT id, offer_id, unit_id, grid, why, at FROM care_return;
        DROP TABLE care_return;
        ALTER TABLE care_return_why RENAME TO care_return;
        CREATE INDEX care_return_offer ON care_return (offer_id, id);
        CREATE INDEX care_return_unit ON care_return (unit_id, id);
        """
    )

    /// Or because its person is not here any more: they did not say that they do not want it. What was written down so before
    /// stands as it is, since nobody can tell the two apart now.
    static let careReturnsGone = Migration(
        "2026-12-04.72-care-returns-gone",
        """
        CREATE TABLE care_return_next (
            id INTEGER NOT NULL PRIMARY KEY,
            offer_id INTEGER NOT NULL REFERENCES care_offer (id),
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            grid INTEGER NOT NULL,
            why TEXT NOT NULL CHECK (why IN ('catalogue', 'moved', 'unwanted', 'gone', 'closed')),
            at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO care_return_next (id, offer_id, unit_id, grid, why, at)
        SELECT id, offer_id, unit_id, grid, why, at FROM care_return;
        DROP TABLE care_return;
        ALTER TABLE care_return_next RENAME TO care_return;
        CREATE INDEX care_return_offer ON care_return (offer_id, id);
        CREATE INDEX care_return_unit ON care_return (unit_id, id);
        """
    )
}
