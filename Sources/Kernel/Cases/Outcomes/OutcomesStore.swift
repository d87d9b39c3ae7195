import LinliCore
import LinliSQL

/// Every SQL text that reads and writes single evidence rows.
package enum OutcomesStore {
    /// The evidence of one round.
    static func find(_ id: ID<Case>, round: Int, _ tx: ReadTx) throws -> CaseOutcome? {
        try tx.first(
            "SELECT \(CaseOutcome.columns) FROM case_outcome o WHERE o.case_id = \(id) AND o.round = \(round)"
        ) { try CaseOutcome($0) }
    }

    /// The evidence of a case, the first round first.
    package static func all(of id: ID<Case>, _ tx: ReadTx) throws -> [CaseOutcome] {
        try tx.all(
            "SELECT \(CaseOutcome.columns) FROM case_outcome o WHERE o.case_id = \(id) ORDER BY o.round LIMIT 100"
        ) {
            try CaseOutcome($0)
        }
    }

    /// Rows whose limit of contact has passed without one, what waited longest first.
    static func late(
        at now: Instant, limit: Int, of item: ID<Case>? = nil, _ tx: ReadTx
    ) throws -> [CaseOutcome] {
        try tx.all(
            """
            SELECT \(CaseOutcome.columns) FROM case_outcome o
            WHERE o.is_in_time IS NULL AND o.contact_due_at IS NOT NULL AND o.is_reachable = 1
            AND o.contact_due_at < \(now) AND o.contacted_at IS NULL\
            \(JobRound.isAwake("rates.late", "o.case_id", at: now))
            \(item.map { "AND o.case_id = \($0)" as SQL } ?? .empty)
            ORDER BY o.contact_due_at LIMIT \(limit)
            """
        ) { try CaseOutcome($0) }
    }

    /// The reason class of the request by which a case is left out of the rates; empty for none, and for one that was about
    /// a single round.
    static func exclusion(of id: ID<Case>, _ tx: ReadTx) throws -> String {
        try tx.value(
            """
            SELECT reason_class FROM case_request WHERE case_id = \(id) AND kind = 'exclude' AND state = 'granted'
            AND round IS NULL ORDER BY id DESC LIMIT 1
            """
        ) ?? tx.value(
            """
            SELECT CASE WHEN q.reason_class = '' THEN 'order' ELSE q.reason_class END
            FROM foreign_order f JOIN foreign_request q ON q.order_id = f.id
            WHERE f.case_id = \(id) AND q.kind = 'exclude' AND q.is_unapproved = 1 ORDER BY q.id DESC LIMIT 1
            """
        ) ?? ""
    }

    /// Writes rows that are new.
    package static func insert(_ rows: some Collection<CaseOutcome>, _ tx: WriteTx) throws {
        guard !rows.isEmpty else { return }
        let values: [SQL] = rows.map { row in
            let head: SQL = """
                (\(row.item), \(row.round), \(row.type), \(row.division), \(row.against), \(row.unit),
                \(row.isAccepted), \(row.category), \(row.nature), \(row.month), \(row.dispatchedAt), \(row.dueAt),
                \(row.contactDueAt), \(row.isReachable), \(row.contactedAt), \(row.isInTime),
                """
            let tail: SQL = """
                 \(row.finishedAt), \(row.askedAt), \(row.answeredAt), \(row.channel), \(row.isSolved), \(row.grade),
                \(row.attempts), \(row.callAgainAt), \(row.isUnreached), \(row.isDeclined), \(row.exclusion),
                \(row.isWithdrawn))
                """
            return head + tail
        }
        try tx.execute(
            """
            INSERT INTO case_outcome (case_id, round, type, division, against_unit, unit_id, is_accepted, category,
                nature, month, dispatched_at, due_at, contact_due_at, is_reachable, contacted_at, is_in_time,
                finished_at, asked_at, answered_at, channel, is_solved, grade, attempts, call_again_at, is_unreached,
                is_declined, exclusion, is_withdrawn)
            VALUES \(SQL.joined(values, separator: ", "))
            """
        )
    }

    /// Writes a row that changed.
    static func update(_ row: CaseOutcome, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE case_outcome SET against_unit = \(row.against), unit_id = \(row.unit),
                is_accepted = \(row.isAccepted), category = \(row.category), nature = \(row.nature),
                due_at = \(row.dueAt), contact_due_at = \(row.contactDueAt),
                contacted_at = \(row.contactedAt), is_in_time = \(row.isInTime), finished_at = \(row.finishedAt),
                asked_at = \(row.askedAt), answered_at = \(row.answeredAt), channel = \(row.channel),
                is_solved = \(row.isSolved), grade = \(row.grade), attempts = \(row.attempts),
                call_again_at = \(row.callAgainAt), is_unreached = \(row.isUnreached),
                is_declined = \(row.isDeclined), exclusion = \(row.exclusion), is_withdrawn = \(row.isWithdrawn)
            WHERE case_id = \(row.item) AND round = \(row.round)
            """
        )
    }
}
