import LinliCore
import LinliSQL

/// Who heads a household after its head has gone: the spouse, else the eldest adult who lives there, else nobody. Noted
/// with what the successor was before, so that it can be taken back with what caused it.
enum HeadSuccession {
    /// Of age, by the Civil Code.
    /// - Source: Civil Code, Art. 17 [H]
    private static let adultYears = 18

    /// A household somebody heads, and the row that says so.
    struct Led: Sendable {
        let household: ID<Household>
        let residence: ID<Residence>
    }

    /// The households a person heads now; asked before they leave.
    static func led(by person: ID<Person>, _ tx: ReadTx) throws -> [Led] {
        try RegisterQueries.homes(of: person, tx).compactMap { home in
            guard home.relation == .head, let household = home.household else { return nil }
            return Led(household: household, residence: home.residence)
        }
    }

    /// The households that people of an import head and that go on when it is taken back: somebody lives there whom it has
    /// not brought, or whom somebody has changed since.
    static func led(byPeopleOf id: ID<RegisterImport>, _ people: [Int64], _ tx: ReadTx) throws -> [Led] {
        let list = SQL.list(people)
        return try tx.all(
            """
            SELECT r.household_id, r.id FROM residence r
            WHERE r.person_id IN \(list) AND r.valid_to IS NULL AND r.relation = \(HouseholdRelation.head)
            AND EXISTS (
                SELECT 1 FROM residence o JOIN person p ON p.id = o.person_id
                WHERE o.household_id = r.household_id AND o.valid_to IS NULL AND p.valid_to IS NULL
                AND (COALESCE(p.import_id, 0) <> \(id) OR p.version > 1)
            )
            ORDER BY r.id
            """
        ) { Led(household: try $0[0], residence: try $0[1]) }
    }

    /// Finds another head for households whose head has left; `heir` goes before everybody: the same person under another
    /// entry. Whom an import brought that is being taken back will leave, too: they are passed over, as is who heads it
    /// no more though they stay.
    static func settle(
        _ led: [Led], heir: ID<Person>? = nil, passing undone: ID<RegisterImport>? = nil,
        without former: ID<Person>? = nil, _ tx: WriteTx
    ) throws {
        for one in led {
            guard let household = try RegisterQueries.household(one.household, tx), household.entry.validTo == nil
            else {
                continue
            }
            let members = try RegisterQueries.members(of: one.household, tx).filter { resident in
                let entry = resident.person.entry
                guard resident.person.id != former else { return false }
                return undone == nil || entry.importID != undone?.rawValue || entry.version > 1
            }
            guard !members.contains(where: { $0.relation == .head }),
                let next = next(members, heir: heir, on: tx.now.date)
            else { continue }
            try tx.execute("UPDATE residence SET relation = \(HouseholdRelation.head) WHERE id = \(next.residence)")
            try tx.execute(
                """
                INSERT INTO head_change (id, household_id, left_residence, next_residence, relation_before, at)
                VALUES (\(try tx.newID(Residence.self)), \(one.household), \(one.residence), \(next.residence),
                    \(next.relation), \(tx.now))
                """)
            try note(one.household, next.person.id, tx)
        }
    }

    /// The one who heads it next, of those who live there.
    static func next(_ members: [Resident], heir: ID<Person>?, on today: CivilDate) -> Resident? {
        let here = members.filter { $0.tie.livesHere }
        if let heir, let same = here.first(where: { $0.person.id == heir }) { return same }
        if let spouse = here.first(where: { $0.relation == .spouse }) { return spouse }
        let adults = here.filter { resident in
            resident.person.born.map { isAdult(born: $0, on: today) } ?? false
        }
        return adults.min { ($0.person.born ?? today, $0.person.id) < ($1.person.born ?? today, $1.person.id) }
    }

    private static func isAdult(born: CivilDate, on today: CivilDate) -> Bool {
        (today.year - adultYears, today.month, today.day) >= (born.year, born.month, born.day)
    }

    /// Somebody was made the head of a household by hand: who headed it before is to them what fits what they were.
    static func handOver(
        to residence: ID<Residence>, was relation: HouseholdRelation, in household: ID<Household>, source: String,
        _ tx: WriteTx
    ) throws {
        let heads = try tx.all(
            """
            SELECT id, person_id FROM residence
            WHERE household_id = \(household) AND valid_to IS NULL AND relation = 'head' AND id <> \(residence)
            ORDER BY id
            """
        ) { (residence: try $0[0] as ID<Residence>, person: try $0[1] as ID<Person>) }
        for head in heads {
            try tx.execute("UPDATE residence SET relation = \(relation.inverse) WHERE id = \(head.residence)")
            let subject = RegisterSubject(.person, head.person)
            guard let item = try RegisterQueries.item(subject, tx) else { continue }
            let line = RegisterHistory.Draft(id: try tx.newID(), what: .homeChanged, fields: ["relation"], sealed: nil)
            try line.insert(subject, source: source, tx)
            try RegisterCommands.tell(item, .homeChanged, fields: ["relation"], tx)
        }
    }

    /// Who headed households before is back: whoever took over is again what they were, unless somebody has decided
    /// otherwise since.
    static func takeBack(_ residences: [Int64], _ tx: WriteTx) throws {
        guard !residences.isEmpty else { return }
        let changes = try tx.all(
            """
            SELECT c.id, c.household_id, c.next_residence, c.relation_before, r.person_id
            FROM head_change c JOIN residence r ON r.id = c.next_residence JOIN residence b ON b.id = c.left_residence
            WHERE c.left_residence IN \(SQL.list(residences)) AND c.undone_at IS NULL
            AND b.valid_to IS NULL AND b.relation = 'head' ORDER BY c.id
            """
        ) { row in
            (
                id: try row[0] as Int64, household: try row[1] as ID<Household>,
                residence: try row[2] as ID<Residence>, before: try row[3] as HouseholdRelation,
                person: try row[4] as ID<Person>
            )
        }
        for change in changes {
            try tx.execute("UPDATE head_change SET undone_at = \(tx.now) WHERE id = \(change.id)")
            let count = try tx.execute(
                """
                UPDATE residence SET relation = \(change.before)
                WHERE id = \(change.residence) AND relation = 'head' AND valid_to IS NULL
                """)
            if count == 1 { try note(change.household, change.person, tx) }
        }
    }

    /// The same where ties went on as other rows since, as when the household moved: `following` says as which.
    static func takeBack(following: [Int64: Int64], _ tx: WriteTx) throws {
        guard !following.isEmpty else { return }
        let changes = try tx.all(
            """
            SELECT c.id, c.household_id, c.left_residence, c.next_residence, c.relation_before FROM head_change c
            WHERE c.left_residence IN \(SQL.list(following.keys.sorted())) AND c.undone_at IS NULL ORDER BY c.id
            """
        ) { row in
            (
                id: try row[0] as Int64, household: try row[1] as ID<Household>, left: try row[2] as Int64,
                next: try row[3] as Int64, before: try row[4] as HouseholdRelation
            )
        }
        for change in changes {
            let (left, next) = (following[change.left] ?? change.left, following[change.next] ?? change.next)
            let person: ID<Person>? = try tx.first(
                """
                SELECT n.person_id FROM residence b JOIN residence n ON n.household_id = b.household_id
                WHERE b.id = \(left) AND n.id = \(next) AND b.household_id = \(change.household)
                AND b.valid_to IS NULL AND b.relation = 'head' AND n.valid_to IS NULL AND n.relation = 'head'
                """
            ) { try $0[0] }
            guard let person else { continue }
            try tx.execute("UPDATE head_change SET undone_at = \(tx.now) WHERE id = \(change.id)")
            try tx.execute("UPDATE residence SET relation = \(change.before) WHERE id = \(next)")
            try note(change.household, person, tx)
        }
    }

    /// A line in the history of the household and of who heads it, and the event by which labels follow.
    private static func note(_ household: ID<Household>, _ person: ID<Person>, _ tx: WriteTx) throws {
        for subject in [RegisterSubject(.household, household), RegisterSubject(.person, person)] {
            guard let item = try RegisterQueries.item(subject, tx) else { continue }
            let line = RegisterHistory.Draft(id: try tx.newID(), what: .headed, fields: [], sealed: nil)
            try line.insert(subject, source: "rule", tx)
            try RegisterCommands.tell(item, .headed, tx)
        }
    }
}

extension Migration {
    /// Who became the head of a household after whom, and what they were to the head before.
    static let headChanges = Migration(
        "2026-11-27.32-head-changes",
        """
        CREATE TABLE head_change (
            id INTEGER NOT NULL PRIMARY KEY,
            household_id INTEGER NOT NULL REFERENCES household (id),
            left_residence INTEGER NOT NULL REFERENCES residence (id),
            next_residence INTEGER NOT NULL REFERENCES residence (id),
            relation_before TEXT NOT NULL CHECK (length(relation_before) <= 20),
            at INTEGER NOT NULL,
            undone_at INTEGER
        ) STRICT;
        CREATE INDEX head_change_left ON head_change (left_residence, id) WHERE undone_at IS NULL;
        """
    )
}
