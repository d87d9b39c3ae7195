import LinliCore
import LinliKernel
import LinliSQL

extension Subscriber {
    /// What is offered to somebody follows them into another grid: whoever moved, whichever place or plan of grids changed.
    /// What was brought, and what could not be brought, stays where it was; what its unit cannot bring there is nobody's.
    static let careGrids = Subscriber(
        "care.grids",
        kinds: ["registers.changed"],
        .together { tx, events in
            var people: Set<Int64> = []
            var divisions: Set<DivisionCode> = []
            for event in events {
                if RegisterKind(rawValue: event.subject.kind) != nil {
                    people.formUnion(try CareStore.people(of: event.subject, tx))
                } else if event.facts["what"] == "moved", let division = event.subject.division {
                    divisions.insert(division)
                }
            }
            try CareStore.follow(try CareStore.astray(people.sorted(), tx), tx)
            for division in divisions.sorted() {
                try CareStore.follow(try CareStore.astray(in: division, tx), tx)
            }
        }
    )
}

extension CareStore {
    /// An offer that is kept in another grid than its person's, and that grid.
    struct Astray: Sendable {
        let offer: Int64
        let grid: DivisionCode
    }

    /// Whose offers may have to follow when something of the registers changed.
    static func people(of subject: Subject, _ tx: ReadTx) throws -> [Int64] {
        let column: SQL
        switch RegisterKind(rawValue: subject.kind) {
        case .person: return [subject.id]
        case .household: column = "household_id"
        case .dwelling: column = "dwelling_id"
        default: return []
        }
        return try tx.all("SELECT person_id FROM residence WHERE \(column) = \(subject.id) AND valid_to IS NULL") {
            try $0[0]
        }
    }

    /// What is open for some people and kept in another grid than theirs.
    static func astray(_ people: [Int64], _ tx: ReadTx) throws -> [Astray] {
        var found: [Astray] = []
        for start in stride(from: 0, to: people.count, by: 500) {
            let some = Array(people[start..<min(start + 500, people.count)])
            // What has ended is left out here, as in `services(of:_:)`.
            try tx.each(
                """
                SELECT o.id, o.grid, o.ended_at, p.division FROM care_offer o JOIN person p ON p.id = o.person_id
                WHERE o.person_id IN \(SQL.list(some)) ORDER BY o.id
                """
            ) { row in
                let (kept, now): (DivisionCode, DivisionCode) = (try row[1], try row[3])
                let ended: Instant? = try row[2]
                if ended == nil, kept != now { found.append(Astray(offer: try row[0], grid: now)) }
            }
        }
        return found
    }

    /// What is open in a division and kept in another grid than its person's.
    static func astray(in division: DivisionCode, _ tx: ReadTx) throws -> [Astray] {
        try tx.all(
            """
            SELECT o.id, p.division FROM care_offer o JOIN person p ON p.id = o.person_id
            WHERE \(place(division)) AND o.ended_at IS NULL AND o.grid <> p.division ORDER BY o.id
            """
        ) { Astray(offer: try $0[0], grid: try $0[1]) }
    }

    /// Keeps offers where their people are.
    static func follow(_ astray: [Astray], _ tx: SystemTx) throws {
        for (grid, offers) in Dictionary(grouping: astray, by: \.grid).sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: offers.count, by: 500) {
                let some = offers[start..<min(start + 500, offers.count)].map(\.offer)
                try CareReturns.look(at: some, moving: grid, tx)
                try tx.execute(
                    """
                    UPDATE care_offer SET grid = \(grid), community = \(grid.ancestor(at: .community)),
                        street = \(grid.ancestor(at: .street)) WHERE id IN \(SQL.list(some))
                    """)
            }
        }
    }
}

extension Migration {
    /// Where something was brought or could not be brought is kept with it, and what is open goes to where its person is.
    static let careGrids = Migration(
        "2026-11-30.20-care-grids",
        """
        ALTER TABLE care_delivery ADD COLUMN grid INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE care_delivery ADD COLUMN community INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE care_refusal ADD COLUMN grid INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX care_refusal_grid ON care_refusal (at, grid);
        UPDATE care_delivery SET
            grid = (SELECT o.grid FROM care_offer o WHERE o.id = care_delivery.offer_id),
            community = (SELECT o.community FROM care_offer o WHERE o.id = care_delivery.offer_id);
        UPDATE care_refusal SET grid = (SELECT o.grid FROM care_offer o WHERE o.id = care_refusal.offer_id);
        UPDATE care_offer SET
            grid = (SELECT p.division FROM person p WHERE p.id = care_offer.person_id),
            community = (SELECT p.division / 1000 * 1000 FROM person p WHERE p.id = care_offer.person_id),
            street = (SELECT p.division / 1000000 * 1000000 FROM person p WHERE p.id = care_offer.person_id)
        WHERE ended_at IS NULL AND EXISTS (
            SELECT 1 FROM person p WHERE p.id = care_offer.person_id AND p.division <> care_offer.grid);
        """
    )
}
