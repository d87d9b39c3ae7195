import LinliCore
import LinliSQL

/// That a case speaks in another one: since when, how, and what it goes back to.
struct VoiceMembership: Sendable {
    /// How it came to speak there.
    enum Kind: String, SQLConvertible, SQLDecodable {
        /// Its teller joined: it never had a course of its own.
        case join
        /// Staff merged it.
        case merge
    }

    let id: Int64
    let voice: ID<Case>
    let lead: ID<Case>
    let kind: Kind
    /// The case it came along with.
    let with: ID<Case>?
    /// The state it had before, and since when.
    let state: String
    let stateSince: Instant
    let since: Instant
}

/// Every SQL text about voices.
enum VoicesStore {
    /// All cases that speak in another one, the first first, however many: who is left out is never asked. They are read
    /// by pages, so that no statement grows with them.
    static func records(in lead: ID<Case>, page: Int = 500, _ tx: ReadTx) throws -> [CaseRecord] {
        var all: [CaseRecord] = []
        while true {
            let last = all.last?.id ?? ID(rawValue: Int64.min)
            let next = try tx.all(
                """
                SELECT \(CaseRecord.columns) FROM case_item c WHERE c.speaks_in = \(lead) AND c.id > \(last)
                ORDER BY c.id LIMIT \(page)
                """
            ) { try CaseRecord($0) }
            all += next
            if next.count < page { return all }
        }
    }

    /// By which of their own cases an account speaks in each of some cases; what it left is not its own any more.
    static func own(in leads: [ID<Case>], of account: ID<Account>, _ tx: ReadTx) throws -> [ID<Case>: ID<Case>] {
        var found: [ID<Case>: ID<Case>] = [:]
        try tx.each(
            """
            SELECT coalesce(c.speaks_in, c.id), c.id FROM case_item c LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.reporter_id = \(account) AND coalesce(c.speaks_in, c.id) IN \(SQL.list(leads)) AND t.left_at IS NULL
            ORDER BY c.id DESC
            """
        ) { row in
            found[try row[0]] = try row[1]
        }
        return found
    }

    /// What a case is a voice of now; nil for a case of its own.
    static func membership(_ voice: ID<Case>, _ tx: ReadTx) throws -> VoiceMembership? {
        try memberships("v.voice_id = \(voice)", tx).first
    }

    /// What came along when a case was merged.
    static func came(with id: ID<Case>, into lead: ID<Case>, _ tx: ReadTx) throws -> [VoiceMembership] {
        try memberships("v.case_id = \(lead) AND v.with_id = \(id)", tx)
    }

    private static func memberships(_ condition: SQL, _ tx: ReadTx) throws -> [VoiceMembership] {
        try tx.all(
            """
            SELECT v.id, v.voice_id, v.case_id, v.kind, v.with_id, v.state, v.state_since, v.since FROM case_voice v
            WHERE v.until IS NULL AND \(condition) ORDER BY v.id
            """
        ) { row in
            VoiceMembership(
                id: try row[0], voice: try row[1], lead: try row[2], kind: try row[3], with: try row[4],
                state: try row[5], stateSince: try row[6], since: try row[7]
            )
        }
    }

    /// From now on `voice` speaks in `lead`.
    static func begin(
        _ kind: VoiceMembership.Kind, _ voice: ID<Case>, in lead: ID<Case>, with: ID<Case>? = nil, state: String,
        stateSince: Instant, since: Instant? = nil, reason: String, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO case_voice (id, voice_id, case_id, kind, with_id, state, state_since, reason, begun_by, since)
            VALUES (\(try tx.newID(CaseVoice.self)), \(voice), \(lead), \(kind), \(with), \(state), \(stateSince),
                \(LiftedText(reason).masked), \(tx.context.actor.account), \(since ?? tx.now))
            """
        )
        try tx.execute("UPDATE case_item SET speaks_in = \(lead) WHERE id = \(voice)")
    }

    /// It does not any more.
    static func end(_ membership: VoiceMembership, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE case_voice SET until = \(tx.now), ended_by = \(tx.context.actor.account)
            WHERE id = \(membership.id)
            """
        )
        try tx.execute("UPDATE case_item SET speaks_in = NULL WHERE id = \(membership.voice)")
    }

    /// Every voice begins another round with the case it speaks in.
    static func contest(in lead: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_item SET contests = contests + 1, stars = NULL WHERE speaks_in = \(lead)")
    }

    /// Who told it took it back, while the case goes on for the others.
    static func leave(_ item: CaseRecord, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO case_teller (case_id, category, told_at, left_at)
            VALUES (\(item.id), \(item.category), \(item.createdAt), \(tx.now))
            ON CONFLICT (case_id) DO UPDATE SET left_at = excluded.left_at
            """
        )
    }

    /// Which of these took it back.
    static func left(_ ids: [ID<Case>], _ tx: ReadTx) throws -> Set<ID<Case>> {
        var left: Set<ID<Case>> = []
        for start in stride(from: 0, to: ids.count, by: 500) {
            let some = Array(ids[start..<min(start + 500, ids.count)])
            try tx.each(
                "SELECT case_id FROM case_teller WHERE case_id IN \(SQL.list(some)) AND left_at IS NOT NULL"
            ) { left.insert(try $0[0]) }
        }
        return left
    }

    /// When who told it took it back while the case goes on for others; nil for who did not.
    static func leftAt(_ item: CaseRecord, _ tx: ReadTx) throws -> Instant? {
        let at: Instant? = try tx.value(
            "SELECT left_at FROM case_teller WHERE case_id = \(item.id) AND left_at IS NOT NULL")
        guard let at, try item.speaksIn != nil || isShared(item.id, tx) else { return nil }
        return at
    }

    /// Whether other cases speak in this one.
    static func isShared(_ lead: ID<Case>, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM case_item WHERE speaks_in = \(lead) LIMIT 1")
    }

    /// A case as voices move it: its state and whether it is open.
    static func set(
        _ state: CaseType.State, since: Instant, due: Instant, of item: CaseRecord, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE case_item SET state = \(state.id), is_open = \(!state.isFinal), state_since = \(since),
                due_at = \(due), closed_at = \(state.isFinal ? tx.now : nil), version = version + 1,
                supervision = \(state.isFinal ? 0 : item.supervision)
            WHERE id = \(item.id)
            """
        )
        try tx.execute(
            """
            UPDATE case_party SET is_open = \(!state.isFinal), due_at = \(due), state = \(state.id)
            WHERE case_id = \(item.id) AND until IS NULL
            """
        )
        try CaseCopiesStore.follow(item.id, isOpen: !state.isFinal, tx)
    }

    /// The voices of a case as staff read them, the first first; one more than the limit tells that there are more.
    static func list(of lead: CaseRecord, for actor: Actor, limit: Int, _ tx: ReadTx) throws -> [CaseVoice] {
        let next = CaseRecord.width
        let found = try tx.all(
            """
            SELECT \(CaseRecord.columns), o.answered_at, o.is_solved, o.grade, t.left_at
            FROM case_item c LEFT JOIN case_outcome o ON o.case_id = c.id AND o.round = c.contests + 1
            LEFT JOIN case_teller t ON t.case_id = c.id
            WHERE c.speaks_in = \(lead.id) ORDER BY c.id LIMIT \(limit)
            """
        ) { row in
            CaseVoice(
                item: try CaseRecord(row), answeredAt: try row[next], isSolved: try row[next + 1],
                grade: try row[next + 2], hasLeft: !row.isNull(next + 3), showsReporter: false
            )
        }
        return found.filter { !$0.item.accusation.concerns(actor.scope) }.map { voice in
            var voice = voice
            let item = voice.item
            voice.showsReporter =
                item.disclosure == .named
                || (item.disclosure == .office
                    && actor.may(.reporterRead, in: item.isSealed ? item.division.ancestor(at: .street) : item.division))
            return voice
        }
    }
}
