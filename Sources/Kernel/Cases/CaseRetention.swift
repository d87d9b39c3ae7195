import LinliCore
import LinliSQL

/// What is kept of a case when the time its type names is over: that there was one, where, of which kind, which units did
/// what and when, how it was judged. Who told it, every word, place, photo and link is gone.
enum CaseRetention {
    /// What lists show in place of the title.
    static let title = "保存期满，内容已清除 · cleared"

    /// Cases of a type that were closed before `moment` and are not cleared yet, the oldest first. What is not really over
    /// waits: open parts, supervision, a whistle, a request that nobody decided. Voices and parts go with their case.
    static func due(
        _ type: String, before moment: Instant, at now: Instant, limit: Int, _ tx: ReadTx
    ) throws -> [ID<Case>] {
        try tx.all(
            """
            SELECT c.id FROM case_item c
            WHERE c.type = \(type) AND c.closed_at < \(moment) AND c.is_open = 0 AND c.cleared_at IS NULL
            AND c.speaks_in IS NULL AND c.parent_id IS NULL\
            \(JobRound.isAwake("cases.retention", "c.id", at: now))
            AND NOT EXISTS (SELECT 1 FROM case_item p WHERE p.parent_id = c.id AND p.is_open = 1)
            AND NOT EXISTS (SELECT 1 FROM case_supervision s WHERE s.case_id = c.id AND s.lifted_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM case_request r WHERE r.case_id = c.id AND r.state = 'waiting')
            AND NOT EXISTS (
                SELECT 1 FROM whistle w WHERE w.case_id = c.id AND w.state IN ('draft', 'called', 'minuted'))
            AND NOT EXISTS (
                SELECT 1 FROM foreign_order f JOIN foreign_request q ON q.order_id = f.id
                WHERE f.case_id = c.id AND q.state = 'waiting')
            ORDER BY c.closed_at, c.id LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    /// Clears a case, its voices, and the parts of all of them; returns how many cases that were.
    static func clear(_ id: ID<Case>, _ tx: WriteTx) throws -> Int {
        let item = try CasesStore.lock(id, tx)
        guard !item.isOpen else { return 0 }
        let others: [ID<Case>] = try tx.all(
            """
            SELECT id FROM case_item WHERE speaks_in = \(id)
            UNION SELECT id FROM case_item WHERE parent_id = \(id)
            UNION SELECT p.id FROM case_item v JOIN case_item p ON p.parent_id = v.id WHERE v.speaks_in = \(id)
            ORDER BY id
            """
        ) { try $0[0] }
        for one in [id] + others {
            try clearCase(one, tx)
            try clearWords(of: one, tx)
            try clearWhistles(of: one, tx)
            try clearOrder(of: one, tx)
            // What a digest of the audit could prove goes with its salt; the entries stay.
            try tx.execute(
                """
                UPDATE audit_entry SET salt = NULL
                WHERE subject_kind = 'case' AND subject_id = \(one) AND salt IS NOT NULL
                """
            )
            try tx.audit(Subject("case", one, division: item.division), fields: ["cleared"])
        }
        return 1 + others.count
    }

    /// Whether nothing personal of a case is left, and nothing of it may come back.
    static func isCleared(_ id: ID<Case>, _ tx: ReadTx) throws -> Bool {
        try tx.exists("SELECT 1 FROM case_item WHERE id = \(id) AND cleared_at IS NOT NULL")
    }

    private static func clearCase(_ id: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE case_item SET title = \(title), text = '', text_sealed = NULL, location = '', location_sealed = NULL,
                place_id = NULL, place_address = '', latitude = NULL, longitude = NULL, reporter_id = NULL,
                reporter_sealed = NULL, reporter_mask = '', receipt_hash = NULL, answers = '', is_public = 0,
                had_teller = CASE WHEN \(CaseAsked.isKnown("case_item")) THEN 1 ELSE had_teller END,
                cleared_at = \(tx.now), version = version + 1
            WHERE id = \(id)
            """
        )
        try tx.execute("DELETE FROM case_search WHERE rowid = \(id)")
        try tx.execute("DELETE FROM case_photo WHERE case_id = \(id)")
        try tx.execute("DELETE FROM case_publication_photo WHERE case_id = \(id)")
        try tx.execute(
            """
            UPDATE case_publication SET state = 'withheld', withheld_by = 'kind', is_due = 0, title = '', text = '',
                result = '', address = '', place_id = NULL, latitude = NULL, longitude = NULL
            WHERE case_id = \(id)
            """
        )
        try tx.execute("DELETE FROM case_teller WHERE case_id = \(id)")
        // What it taught stays as counts; where it was is no part of them.
        try tx.execute("UPDATE suggestion_case SET left_out = NULL WHERE case_id = \(id)")
        try tx.execute("DELETE FROM case_message WHERE case_id = \(id)")
        try tx.execute("DELETE FROM case_notice WHERE case_id = \(id)")
    }

    private static func clearWords(of id: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_entry SET text = '', text_sealed = NULL, answers = '' WHERE case_id = \(id)")
        try tx.execute("UPDATE case_request SET text = '', decision = '' WHERE case_id = \(id)")
        try tx.execute("UPDATE case_supervision SET reason = '', answer = '' WHERE case_id = \(id)")
        // Who joined did it themselves; who merged is staff.
        try tx.execute(
            """
            UPDATE case_voice SET reason = '', begun_by = CASE WHEN kind = 'join' THEN NULL ELSE begun_by END
            WHERE voice_id = \(id)
            """
        )
    }

    private static func clearWhistles(of id: ID<Case>, _ tx: WriteTx) throws {
        let called: SQL = """
            (SELECT u.id FROM whistle_unit u JOIN whistle w ON w.id = u.whistle_id WHERE w.case_id = \(id))
            """
        try tx.execute("UPDATE whistle_sign_in SET name = '—' WHERE called_id IN \(called)")
        try tx.execute(
            """
            UPDATE whistle_unit SET contact_name = '', contact_sealed = NULL, contact_mask = '', words = '',
                score_words = ''
            WHERE id IN \(called)
            """
        )
        try tx.execute(
            "UPDATE whistle SET purpose = '—', location = '—', minutes = '', reason = '' WHERE case_id = \(id)")
    }

    /// The order of another system keeps its number, its times and its results.
    private static func clearOrder(of id: ID<Case>, _ tx: WriteTx) throws {
        let found: ID<ForeignOrder>? = try tx.value("SELECT id FROM foreign_order WHERE case_id = \(id)")
        guard let order = found else { return }
        let nothing = try tx.seal("[]", table: "foreign_order", column: "received_sealed", row: order)
        try tx.execute(
            """
            UPDATE foreign_order SET received_sealed = \(nothing), received_hash = \([UInt8]()), related = '',
                sheet_file = NULL, accused = ''
            WHERE id = \(order)
            """
        )
        try tx.execute("UPDATE foreign_request SET text = '', ruling = '' WHERE order_id = \(order)")
        try tx.execute("UPDATE foreign_reply SET text = '' WHERE order_id = \(order)")
    }
}

extension CaseCommands {
    /// How long each type keeps its cases, by what holds now: terms change for old cases too. What may still be asked for
    /// again is kept, whatever an older definition says.
    private var terms: [(type: String, days: Int)] {
        queries.types.all.compactMap { type in
            type.retentionDays.map { (type.id, max($0, type.reopenDays + 1)) }
        }
    }

    /// The next cases whose time is over.
    func overKept(_ now: Instant, limit: Int = 20) async throws -> [ID<Case>] {
        let terms = terms
        return try await database.read { tx in
            var due: [ID<Case>] = []
            for term in terms where due.count < limit {
                let before = now.adding(days: -term.days)
                due += try CaseRetention.due(term.type, before: before, at: now, limit: limit - due.count, tx)
            }
            return due
        }
    }

    /// Clears a case whose time is over, with its voices and parts.
    func clearKept(_ id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.clear") { tx in
            if try CaseRetention.clear(id, tx) == 0 { try tx.audit(Subject("case", 0), fields: ["cleared"]) }
        }
    }
}

extension JobKind {
    /// Clears cases whose time is over, some at a time: what is cleared is not looked at again, so that a run that was
    /// broken off goes on where it was.
    static func casesRetention(_ commands: CaseCommands) -> JobKind {
        JobKind("cases.retention", everySeconds: 3600) { run in
            for _ in 0..<500 {
                let context = Context.system("cases.retention", now: commands.database.clock.now)
                let due = try await commands.overKept(context.now)
                if due.isEmpty { return }
                try await JobRound("cases.retention", run).walk(due) { try await commands.clearKept($0, context) }
            }
        }
    }
}

extension Migration {
    /// Which cases are cleared, since when files are used by nothing, and which files neighbours see.
    static let retention = Migration(
        "2026-11-28.21-retention",
        """
        ALTER TABLE case_item ADD COLUMN cleared_at INTEGER;
        CREATE INDEX case_retention ON case_item (type, closed_at, id) WHERE is_open = 0 AND cleared_at IS NULL;
        ALTER TABLE stored_file ADD COLUMN unused_since INTEGER;
        CREATE INDEX stored_file_unused ON stored_file (unused_since, id) WHERE unused_since IS NOT NULL;
        CREATE INDEX case_publication_photo_file ON case_publication_photo (file_id);
        CREATE INDEX case_voice_voice ON case_voice (voice_id);
        CREATE INDEX case_supervision_all ON case_supervision (case_id);
        CREATE INDEX case_notice_case ON case_notice (case_id);
        """
    )

    /// That who told a case could be asked how it went outlives who it was: the history goes on to say so. Of what was
    /// cleared before the evidence knows.
    static let clearedTellers = Migration(
        "2026-12-05.10-cleared-tellers",
        """
        ALTER TABLE case_item ADD COLUMN had_teller INTEGER NOT NULL DEFAULT 0 CHECK (had_teller IN (0, 1));
        UPDATE case_item SET had_teller = 1 WHERE cleared_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM case_outcome o WHERE o.case_id = case_item.id AND o.is_reachable = 1);
        """
    )
}
