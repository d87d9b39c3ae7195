import LinliCore
import LinliKernel
import LinliSQL

/// What somebody answered for the rows of a form.
extension FormsReading {
    /// Which answers `a` count: those of now and those given in the round that is filled, or those that held when it was
    /// handed in.
    private var holding: SQL {
        if let handedIn { return "a.from_at <= \(handedIn) AND (a.until_at IS NULL OR a.until_at > \(handedIn))" }
        guard let round else { return "a.until_at IS NULL" }
        return "(a.until_at IS NULL OR a.round_id = \(round))"
    }

    /// What was given in the round comes last, and so stands.
    private var lastOfAll: SQL {
        guard let round, handedIn == nil else { return "" }
        return "CASE WHEN a.round_id = \(round) THEN 1 ELSE 0 END, "
    }

    func readAnswers(_ ids: [Int64], _ subjects: inout [Int64: FormSubject]) throws {
        guard form.about == .person else {
            return try tx.each(
                """
                SELECT a.id, a.subject_id, a.name, a.value_sealed, a.at, a.until_at, ar.period
                FROM demanded_row_answer a LEFT JOIN demanded_round ar ON ar.id = a.round_id
                WHERE a.kind = \(form.about) AND a.subject_id IN \(SQL.list(ids)) AND \(holding)
                ORDER BY \(lastOfAll)a.id
                """
            ) { row in try keep(row, "demanded_row_answer", &subjects) }
        }
        try tx.each(
            """
            SELECT a.id, a.person_id, a.name, a.value_sealed, a.at, a.until_at, ar.period
            FROM demanded_answer a LEFT JOIN demanded_round ar ON ar.id = a.round_id
            WHERE a.person_id IN \(SQL.list(ids)) AND \(holding) ORDER BY \(lastOfAll)a.id
            """
        ) { row in try keep(row, "demanded_answer", &subjects) }
        try readHomeAnswers(&subjects)
    }

    private func keep(_ row: Row, _ table: String, _ subjects: inout [Int64: FormSubject]) throws {
        let (subject, name, until): (Int64, String, Instant?) = (try row[1], try row[2], try row[5])
        var answer = try answer(row, table)
        answer.period = try row[6]
        subjects[subject]?.answers[name] = answer
        if until == nil { subjects[subject]?.countHeld(answer.at) }
    }

    /// What was answered for others of the households, the newest of each; not of who wants nothing but keeping or left.
    private func readHomeAnswers(_ subjects: inout [Int64: FormSubject]) throws {
        var rows: [ID<Household>: [Int64]] = [:]
        for (id, subject) in subjects {
            if let household = subject.householdID { rows[household, default: []].append(id) }
        }
        guard !rows.isEmpty else { return }
        try tx.each(
            """
            SELECT a.id, r.household_id, a.name, a.value_sealed, a.at, a.person_id, p.name, a.until_at, ar.period
            FROM residence r JOIN demanded_answer a ON a.person_id = r.person_id
            JOIN person p ON p.id = r.person_id AND p.restricted_at IS NULL AND p.valid_to IS NULL
            LEFT JOIN demanded_round ar ON ar.id = a.round_id
            WHERE r.household_id IN \(SQL.list(rows.keys.sorted())) AND r.valid_to IS NULL AND \(holding)
            ORDER BY \(lastOfAll)a.at, a.id
            """
        ) { row in
            let (household, name, person): (ID<Household>, String, Int64) = (try row[1], try row[2], try row[5])
            let until: Instant? = try row[7]
            var answer = try answer(row, "demanded_answer")
            (answer.owner, answer.ownerName, answer.period) = (person, try row[6], try row[8])
            for id in rows[household] ?? [] {
                if id != person { subjects[id]?.homeAnswers[name] = answer }
                if until == nil { subjects[id]?.noteHeld(answer.at) }
            }
        }
    }

    private func answer(_ row: Row, _ table: String) throws -> FormSubject.Answer {
        let (id, sealed): (Int64, [UInt8]) = (try row[0], try row[3])
        return FormSubject.Answer(
            value: try keys.open(sealed, cell: Cell(table, "value_sealed", id)), at: try row[4])
    }

    /// What was answered in a round since it was opened again, by the row and under the name it is kept by.
    static func given(
        _ about: FormAbout, in round: ID<FormRound>, since moment: Instant, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Int64: [String: FormSubject.Answer]] {
        let table = FormAnswer.table(about)
        let (named, kind): (SQL, SQL) =
            about == .person ? ("a.person_id", "") : ("a.subject_id", " AND a.kind = \(about)")
        var given: [Int64: [String: FormSubject.Answer]] = [:]
        try tx.each(
            """
            SELECT a.id, \(named), a.name, a.value_sealed, a.at FROM \(SQL(stringLiteral: table)) a
            WHERE a.round_id = \(round) AND a.from_at >= \(moment)\(kind) ORDER BY a.id
            """
        ) { row in
            let (id, subject, name): (Int64, Int64, String) = (try row[0], try row[1], try row[2])
            let value = try keys.open(try row[3], cell: Cell(table, "value_sealed", id))
            given[subject, default: [:]][name] = FormSubject.Answer(value: value, at: try row[4])
        }
        return given
    }

    /// Of whose households others answered for them: by the person, who of `people` live with them and want more than keeping.
    static func mates(of people: [Int64], _ tx: ReadTx) throws -> [Int64: [Int64]] {
        var mates: [Int64: [Int64]] = [:]
        guard !people.isEmpty else { return mates }
        try tx.each(
            """
            SELECT o.person_id, r.person_id FROM residence r
            JOIN person p ON p.id = r.person_id AND p.restricted_at IS NULL AND p.valid_to IS NULL
            JOIN residence o ON o.household_id = r.household_id AND o.valid_to IS NULL AND o.person_id <> r.person_id
            WHERE r.person_id IN \(SQL.list(people)) AND r.valid_to IS NULL ORDER BY r.id
            """
        ) { row in
            let (other, person): (Int64, Int64) = (try row[0], try row[1])
            mates[other, default: []].append(person)
        }
        return mates
    }
}
