import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text about what is answered in a round.
extension FormsStore {
    /// How many of some rows of a form are known in its division, and how many of those are still here: whoever was erased
    /// keeps an entry, and nothing may be said of them any more. Those that a round was handed in with stand in it also
    /// when they moved away since, `outside` of the division: whoever was erased does not.
    static func rows(
        _ ids: [ID<FormRow>], of form: DemandedForm, in round: FormRound, at now: Instant, _ tx: ReadTx
    ) throws -> (known: Int, here: Int, outside: Set<Int64>) {
        guard let kind = form.about.kind else {
            let inside = try DivisionsStore.children(of: form.division, at: now, tx).map(\.code.rawValue)
            let known = ids.count { inside.contains($0.rawValue) }
            return (known: known, here: known, outside: [])
        }
        var kept: Set<Int64> = []
        if round.isCorrected {
            let rows: [Int64] = try tx.all(
                """
                SELECT subject_id FROM demanded_filled WHERE kind = \(kind) AND subject_id IN \(SQL.list(ids))
                AND round_id = \(round.id) AND role = 'row' AND reopening_id IS NULL
                """
            ) { try $0[0] }
            kept = Set(rows)
        }
        let range = form.division.range
        let found: [(id: Int64, until: Instant?)] = try tx.all(
            """
            SELECT id, valid_to FROM \(RegisterQueries.table(of: kind)) WHERE id IN \(SQL.list(ids))
            AND division BETWEEN \(range.lowerBound) AND \(range.upperBound)
            """
        ) { row -> (id: Int64, until: Instant?) in (id: try row[0], until: try row[1]) }
        let here = Set(found.filter { $0.until == nil }.map(\.id))
        let known = Set(found.map(\.id))
        return (
            known: known.union(kept).count, here: here.union(kept).count, outside: kept.subtracting(known)
        )
    }

    /// Keeps answers in place of those that hold now. Those of rounds that were handed in before their rows were kept stay
    /// until whom they are about goes, later rounds have them in their rows; those of another round that is still open stay
    /// for it. What is answered for an earlier period than what holds now is known for its own round alone, and so is what
    /// is answered for rows `outside` of the division: others hold what is known of them.
    static func put(
        _ answers: [FormAnswer], of round: FormRound? = nil, about: FormAbout, outside: Set<Int64> = [], _ tx: WriteTx
    ) throws {
        let handedIn: Instant? = try tx.value(
            """
            SELECT done_at FROM demanded_round WHERE kept_sources IS NULL AND done_at IS NOT NULL
            ORDER BY done_at DESC LIMIT 1
            """, as: Instant.self)
        let past = try round.map { try earlier($0, than: answers, about: about, tx) } ?? []
        for answer in answers {
            let (table, which): (SQL, SQL) =
                about == .person
                ? ("demanded_answer", "person_id = \(answer.row) AND name = \(answer.name)")
                : ("demanded_row_answer", "kind = \(about) AND subject_id = \(answer.row) AND name = \(answer.name)")
            let isPast = past.contains(FormAnswerPlace(answer)) || outside.contains(answer.row.rawValue)
            if let round {
                try tx.execute(
                    "DELETE FROM \(table) WHERE \(which) AND round_id = \(round.id) AND until_at IS NOT NULL")
            }
            if !isPast { try end(table, which, of: round, handedIn: handedIn, tx) }
            guard let sealed = answer.sealed else { continue }
            let until: Instant? = isPast ? tx.now : nil
            if about == .person {
                try tx.execute(
                    """
                    INSERT INTO demanded_answer (id, person_id, name, value_sealed, at, account_id, from_at, until_at,
                        round_id)
                    VALUES (\(answer.id), \(answer.row), \(answer.name), \(sealed), \(tx.now),
                        \(tx.context.actor.account), \(tx.now), \(until), \(round?.id))
                    """)
            } else {
                try tx.execute(
                    """
                    INSERT INTO demanded_row_answer (id, kind, subject_id, name, value_sealed, at, account_id, from_at,
                        until_at, round_id)
                    VALUES (\(answer.id), \(about), \(answer.row), \(answer.name), \(sealed), \(tx.now),
                        \(tx.context.actor.account), \(tx.now), \(until), \(round?.id))
                    """)
            }
        }
    }

    /// Ends the answer that holds, where a new one takes its place.
    private static func end(
        _ table: SQL, _ which: SQL, of round: FormRound?, handedIn: Instant?, _ tx: WriteTx
    ) throws {
        let held: SQL = "\(which) AND until_at IS NULL"
        if let handedIn {
            try tx.execute("UPDATE \(table) SET until_at = \(tx.now) WHERE \(held) AND from_at <= \(handedIn)")
        }
        if let round {
            try tx.execute(
                """
                UPDATE \(table) SET until_at = \(tx.now) WHERE \(held) AND round_id <> \(round.id)
                AND EXISTS (SELECT 1 FROM demanded_round r WHERE r.id = round_id AND r.done_at IS NULL)
                """)
        }
        try tx.execute("DELETE FROM \(table) WHERE \(held)")
    }

    /// For which of some answers, given in a round, one holds that was given in a later period of the same form; or, in
    /// a round that was opened again, anywhere else since it was first handed in: that is newer than what it corrects.
    private static func earlier(
        _ round: FormRound, than answers: [FormAnswer], about: FormAbout, _ tx: ReadTx
    ) throws -> Set<FormAnswerPlace> {
        let rows = Set(answers.map(\.row)).sorted()
        guard !rows.isEmpty else { return [] }
        let (table, named): (SQL, SQL) =
            about == .person
            ? ("demanded_answer", "a.person_id")
            : ("demanded_row_answer", "a.subject_id")
        let kind: SQL = about == .person ? "" : " AND a.kind = \(about)"
        var handedIn: Instant?
        if round.isCorrected {
            handedIn = try tx.value(
                "SELECT done_at FROM demanded_reopening WHERE round_id = \(round.id) ORDER BY done_at LIMIT 1",
                as: Instant.self)
        }
        // Answers from before they knew their round stand beside none.
        let held: [FormAnswerHeld] = try tx.all(
            """
            SELECT \(named), a.name, a.at, r.period, r.opened_at FROM \(table) a
            LEFT JOIN demanded_round r ON r.id = a.round_id AND r.form_id = \(round.form)
            WHERE \(named) IN \(SQL.list(rows))\(kind) AND a.until_at IS NULL
            AND (a.round_id IS NULL OR a.round_id <> \(round.id))
            """
        ) { try FormAnswerHeld($0) }
        return Set(held.filter { $0.isLater(than: round, handedIn: handedIn) }.map(\.place))
    }

    /// Forgets what was answered in a round and holds no more: its rows have it.
    static func forgetEnded(in round: ID<FormRound>, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM demanded_answer WHERE round_id = \(round) AND until_at IS NOT NULL")
        try tx.execute("DELETE FROM demanded_row_answer WHERE round_id = \(round) AND until_at IS NOT NULL")
    }
}

/// Of which row an answer is, and under which name.
struct FormAnswerPlace: Hashable, Sendable {
    let row: ID<FormRow>
    let name: String

    init(row: ID<FormRow>, name: String) { (self.row, self.name) = (row, name) }

    init(_ answer: FormAnswer) { (row, name) = (answer.row, answer.name) }
}

/// An answer that holds, with the period of a form it was given in.
private struct FormAnswerHeld: Sendable {
    let place: FormAnswerPlace
    private let at: Instant
    private let period: String?
    private let opened: Instant?

    init(_ row: Row) throws {
        place = FormAnswerPlace(row: try row[0], name: try row[1])
        at = try row[2]
        period = try row[3]
        opened = try row[4]
    }

    /// Whether it is of a later period than a round, or was given after that was handed in.
    func isLater(than round: FormRound, handedIn: Instant?) -> Bool {
        if let handedIn, at > handedIn { return true }
        guard let period, let opened else { return false }
        return FormPeriod.isLater((period, opened), than: (round.period, round.openedAt))
    }
}

extension FormPeriod {
    /// Whether a period comes after another of the same form: by the numbers of its name, else by when its round was opened.
    static func isLater(_ one: (name: String, opened: Instant), than other: (name: String, opened: Instant)) -> Bool {
        let (left, right) = (numbers(one.name), numbers(other.name))
        let years = [left.first, right.first].compactMap { $0 }.filter { (2000...2100).contains($0) }
        guard left.count == right.count, left != right, years.count == 2 else { return one.opened > other.opened }
        return right.lexicographicallyPrecedes(left)
    }

    /// `2026年第4季度` is 2026 and 4, `2026年下半年` 2026 and 2.
    private static func numbers(_ name: String) -> [Int] {
        var (numbers, digits): ([Int], String) = ([], "")
        for character in name + " " {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            if let number = Int(digits) { numbers.append(number) }
            digits = ""
            if character == "上" { numbers.append(1) }
            if character == "下" { numbers.append(2) }
        }
        return numbers
    }
}

extension Migration {
    /// Answers know the round they were given in: what counts for its own period alone counts in no other, and what was
    /// answered in an open round stays for it when a later one is answered.
    static let demandedAnswerRounds = Migration(
        "2026-12-05.70-demanded-answer-rounds",
        """
        ALTER TABLE demanded_answer ADD COLUMN round_id INTEGER REFERENCES demanded_round (id);
        ALTER TABLE demanded_row_answer ADD COLUMN round_id INTEGER REFERENCES demanded_round (id);
        CREATE INDEX demanded_answer_round ON demanded_answer (round_id);
        CREATE INDEX demanded_row_answer_round ON demanded_row_answer (round_id);
        """
    )
}
