import LinliCore
import LinliSQL

/// The day something was, said by who enters it later: somebody died on the third, a tenant is there since the first. When
/// it was entered stands beside it and is what retention, visits and warnings go by, as nobody could know it before.
package enum RegisterDays {
    /// As the tables keep a day; nil where nobody said one.
    static func stored(_ day: CivilDate?) -> Int? { day.map { PersonRecord.compact($0) } }

    /// Values of the history that say the day.
    static func values(_ word: String, _ day: CivilDate?) -> RegisterHistory.Values {
        day.map { [word: (old: "", new: $0.description)] } ?? [:]
    }

    /// Refuses a day on which it cannot have been: to come, before the birth of whom it is about, or before the day the
    /// homes began that end by it; `homes` are those, or nil for all. A household was there as soon as its first was: who
    /// was born or came later is given a day of their own, see `own`.
    static func check(
        _ day: CivilDate?, of subject: RegisterSubject, ending homes: [ID<Residence>]? = nil, today: CivilDate,
        _ tx: ReadTx
    ) throws {
        guard let day else { return }
        try check(day, born: nil, today: today)
        let days: SQL
        let from: SQL
        switch subject.kind {
        case .person:
            let only: SQL = homes.map { ids -> SQL in "r.id IN \(SQL.list(ids))" } ?? "r.valid_to IS NULL"
            days = "max(p.born), max(r.began_on)"
            from = """
                person p LEFT JOIN residence r ON r.person_id = p.id AND \(only) WHERE p.id = \(subject.id)
                """
        case .household:
            // Since when somebody is there of whom nobody said it is not known, and so refuses nothing.
            days = "min(p.born), CASE WHEN count(*) = count(r.began_on) THEN min(r.began_on) END"
            from = """
                residence r JOIN person p ON p.id = r.person_id
                WHERE r.household_id = \(subject.id) AND r.valid_to IS NULL AND p.valid_to IS NULL
                """
        case .dwelling, .organization, .thing: return
        }
        let found = try tx.first("SELECT \(days) FROM \(from)") { row -> (Int?, Int?) in
            (try row[0], try row[1])
        }
        try check(day, born: found?.0.flatMap { PersonRecord.day($0) }, today: today)
        if let began = found?.1.flatMap({ PersonRecord.day($0) }), day < began {
            throw refusal(Text("不能早于住进来的那天（", "Not before they came to live there, ") + began.full + Text("）", ""))
        }
    }

    /// The day something of a whole household was for one of them: who was born or came later was with them from then on.
    static func own(
        _ day: CivilDate?, of person: ID<Person>, in household: ID<Household>, _ tx: ReadTx
    ) throws -> CivilDate? {
        guard let day else { return nil }
        let found = try tx.first(
            """
            SELECT p.born, max(r.began_on) FROM person p LEFT JOIN residence r ON r.person_id = p.id
            AND r.household_id = \(household) AND r.valid_to IS NULL WHERE p.id = \(person) GROUP BY p.born
            """
        ) { row -> (Int, Int?) in (try row[0], try row[1]) }
        let kept: [Int?] = [found?.0, found?.1]
        return kept.compactMap { $0.flatMap { PersonRecord.day($0) } }.reduce(day) { max($0, $1) }
    }

    /// Refuses a day that is to come or before a birth.
    static func check(_ day: CivilDate?, born: CivilDate?, today: CivilDate) throws {
        guard let day else { return }
        if day > today { throw refusal(Text("不能晚于今天", "Not later than today")) }
        if let born, day < born { throw refusal(Text("不能早于出生那天", "Not before the birth")) }
    }

    private static func refusal(_ text: Text) -> LinliError {
        LinliError.invalid("registers.day", [.init("day", text)])
    }

    /// The day something ended, where somebody said so.
    package static func ended(_ subject: RegisterSubject, _ tx: ReadTx) throws -> CivilDate? {
        let found: Int?? = try tx.value(
            """
            SELECT ended_on FROM \(RegisterQueries.table(of: subject.kind))
            WHERE id = \(subject.id) AND valid_to IS NOT NULL
            """)
        return (found ?? nil).flatMap { PersonRecord.day($0) }
    }

    /// The days from which somebody has the homes they have, where somebody said so.
    package static func began(_ person: ID<Person>, _ tx: ReadTx) throws -> [ID<Residence>: CivilDate] {
        var found: [ID<Residence>: CivilDate] = [:]
        try tx.each(
            """
            SELECT id, began_on FROM residence
            WHERE person_id = \(person) AND valid_to IS NULL AND began_on IS NOT NULL ORDER BY id LIMIT 50
            """
        ) { row in
            let residence: ID<Residence> = try row[0]
            found[residence] = PersonRecord.day(try row[1])
        }
        return found
    }
}
