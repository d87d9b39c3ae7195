import LinliCore
import LinliSQL

/// SQL of moving, ending and bringing back.
enum RegisterStore {
    static func place(_ division: DivisionCode) -> [SQL] {
        ["division = \(division)", "community = \(division.ancestor(at: .community))"]
    }

    static func insert(
        _ id: ID<Residence>, _ person: ID<Person>, _ household: ID<Household>?, _ dwelling: ID<Dwelling>,
        _ tie: ResidenceTie, _ relation: HouseholdRelation, since day: CivilDate? = nil, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from, valid_to,
                began_on)
            VALUES (\(id), \(person), \(household), \(dwelling), \(tie), \(relation), \(tx.now), NULL,
                \(RegisterDays.stored(day)))
            """
        )
    }

    static func end(_ residence: ID<Residence>, on day: CivilDate? = nil, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE residence SET valid_to = \(tx.now), ended_on = \(RegisterDays.stored(day))
            WHERE id = \(residence) AND valid_to IS NULL
            """)
    }

    /// The day from which somebody who has just been entered has their home.
    static func begin(_ residence: ID<Residence>, on day: CivilDate?, _ tx: WriteTx) throws {
        guard let day else { return }
        try tx.execute("UPDATE residence SET began_on = \(RegisterDays.stored(day)) WHERE id = \(residence)")
    }

    static func moveFacts(of subject: RegisterSubject, to division: DivisionCode, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE register_fact SET division = \(division)
            WHERE kind = \(subject.kind) AND subject_id = \(subject.id)
            """)
    }

    /// Somebody is not here any more, which their entry says already: their residences end, what they headed gets another
    /// head, and a household that was theirs alone ends with them. Why, if it is to be told.
    static func leave(
        _ person: ID<Person>, _ reason: EndReason?, on day: CivilDate? = nil, _ tx: WriteTx
    ) throws {
        let led = try HeadSuccession.led(by: person, tx)
        let households = try RegisterQueries.homes(of: person, tx).compactMap(\.household)
        try endResidences(of: person, on: day, tx)
        try HeadSuccession.settle(led, tx)
        try EmptyHouseholds.end(households, reason, on: day, tx)
    }

    static func endResidences(of person: ID<Person>, on day: CivilDate?, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE residence SET valid_to = \(tx.now), ended_on = \(RegisterDays.stored(day))
            WHERE person_id = \(person) AND valid_to IS NULL
            """)
    }

    /// Brings back the residences that ended at a moment, but none that a move at that very moment had replaced.
    static func reopenResidences(of person: ID<Person>, _ endedAt: Instant, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE residence SET valid_to = NULL, ended_on = NULL
            WHERE person_id = \(person) AND valid_to = \(endedAt)
            AND NOT EXISTS (
                SELECT 1 FROM residence n
                WHERE n.person_id = \(person) AND n.valid_from = \(endedAt) AND n.id > residence.id
            )
            """)
    }

    static func isInEndedHousehold(_ person: ID<Person>, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM residence r JOIN household h ON h.id = r.household_id
            WHERE r.person_id = \(person) AND r.valid_to IS NULL AND h.valid_to IS NOT NULL LIMIT 1
            """)
    }

    /// Who belongs to a household and sleeps in another one.
    static func liveElsewhere(_ household: ID<Household>, _ tx: ReadTx) throws -> Set<ID<Person>> {
        Set(
            try tx.all(
                """
                SELECT r.person_id FROM residence r
                WHERE r.household_id = \(household) AND r.valid_to IS NULL AND EXISTS (
                    SELECT 1 FROM residence o WHERE o.person_id = r.person_id AND o.valid_to IS NULL
                    AND o.tie NOT IN ('registeredOnly', 'ownerElsewhere')
                    AND COALESCE(o.household_id, 0) <> \(household)
                )
                """
            ) { try $0[0] })
    }

    /// Ends everybody of a household; answers with the grid of each. Who sleeps in another one stays there: only what ties
    /// them to this one ends.
    static func endMembers(
        of household: ID<Household>, _ reason: EndReason, on day: CivilDate? = nil, _ tx: WriteTx
    ) throws -> [DivisionCode] {
        let members = try tx.all(
            """
            SELECT p.id, p.division FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = \(household) AND r.valid_to IS NULL AND p.valid_to IS NULL ORDER BY p.id
            """
        ) { row -> (ID<Person>, DivisionCode) in (try row[0], try row[1]) }
        let elsewhere = try liveElsewhere(household, tx)
        for person in elsewhere.sorted() {
            let own = try RegisterDays.own(day, of: person, in: household, tx)
            try tx.execute(
                """
                UPDATE residence SET valid_to = \(tx.now), ended_on = \(RegisterDays.stored(own))
                WHERE household_id = \(household) AND valid_to IS NULL AND person_id = \(person)
                """)
        }
        let ended = members.filter { !elsewhere.contains($0.0) }
        for (person, _) in ended {
            let own = try RegisterDays.own(day, of: person, in: household, tx)
            try tx.execute(
                """
                UPDATE person SET valid_to = \(tx.now), ended_on = \(RegisterDays.stored(own)),
                    end_reason = \(reason), version = version + 1
                WHERE id = \(person)
                """)
            try endResidences(of: person, on: own, tx)
        }
        try RegisterSearch.index(ended.map { RegisterSubject(.person, $0.0) }, tx)
        return ended.map(\.1)
    }

    /// Brings back everybody who ended with a household; answers with the grid of each. Who was erased or merged at that
    /// very moment does not come back by it, and who moved on at it stays where they are.
    static func reopenMembers(of household: ID<Household>, _ endedAt: Instant, _ tx: WriteTx) throws -> [DivisionCode] {
        let members = try tx.all(
            """
            SELECT DISTINCT p.id, p.division FROM household h JOIN residence r ON r.dwelling_id = h.dwelling_id
            JOIN person p ON p.id = r.person_id
            WHERE h.id = \(household) AND r.household_id = \(household) AND r.valid_to = \(endedAt)
            AND p.valid_to = \(endedAt) AND p.merged_into IS NULL
            AND COALESCE(p.end_reason, '') <> \(RegisterErasing.reason) ORDER BY p.id
            """
        ) { row -> (ID<Person>, DivisionCode) in (try row[0], try row[1]) }
        for (person, _) in members {
            try tx.execute(
                """
                UPDATE person SET valid_to = NULL, ended_on = NULL, end_reason = NULL, version = version + 1
                WHERE id = \(person)
                """)
            try reopenResidences(of: person, endedAt, tx)
        }
        // Who lived elsewhere all the time is tied to it again, unless they are already.
        try tx.execute(
            """
            UPDATE residence SET valid_to = NULL, ended_on = NULL
            WHERE household_id = \(household) AND valid_to = \(endedAt)
            AND dwelling_id = (SELECT h.dwelling_id FROM household h WHERE h.id = \(household))
            AND EXISTS (SELECT 1 FROM person p WHERE p.id = residence.person_id AND p.valid_to IS NULL)
            AND NOT EXISTS (
                SELECT 1 FROM residence n WHERE n.person_id = residence.person_id AND n.valid_to IS NULL
                AND n.household_id = \(household)
            )
            AND NOT EXISTS (
                SELECT 1 FROM residence m WHERE m.person_id = residence.person_id AND m.valid_from = \(endedAt)
                AND m.id > residence.id
            )
            """)
        try RegisterSearch.index(members.map { RegisterSubject(.person, $0.0) }, tx)
        return members.map(\.1)
    }
}
