import LinliCore
import LinliSQL

/// Taking out of the registers what is known of an entry; the row stays, so that what points to it does not break.
package enum RegisterErasing {
    /// The reason of an end that cannot be taken back.
    static let reason = "erased"
    /// The kinds besides people that may be erased: their rows say when.
    static let marked: Set<RegisterKind> = [.household, .dwelling, .organization]

    /// What is to be done to an entry, with its line of history sealed already.
    struct Prepared: Sendable {
        let subject: RegisterSubject
        let what: RegisterHistory.What
        let source: String
        let history: RegisterHistory.Draft
        let parts: RegisterParts

        init(
            _ subject: RegisterSubject, _ database: Database, _ what: RegisterHistory.What, source: String,
            _ parts: RegisterParts
        ) throws {
            self.subject = subject
            self.what = what
            self.source = source
            self.parts = parts
            history = try database.draft(what)
        }

        /// Erases it, or keeps it from use, or lets it be used again; with it all that were merged into it: who was
        /// entered twice is one.
        func perform(_ tx: WriteTx) throws {
            guard let item = try RegisterQueries.item(subject, tx) else { throw LinliError.notFound("own.entry") }
            // The entry that stands goes first: what names its person elsewhere stays as long as that one is there.
            try perform(item, history, tx)
            for other in try RegisterQueries.entries(of: subject, tx).dropFirst() {
                guard let merged = try RegisterQueries.item(other, tx), !merged.isErased else { continue }
                try perform(
                    merged, RegisterHistory.Draft(id: try tx.newID(), what: what, fields: [], sealed: nil), tx)
            }
        }

        private func perform(_ item: RegisterItem, _ history: RegisterHistory.Draft, _ tx: WriteTx) throws {
            var delta = RegisterCounts.Delta()
            switch what {
            case .restricted: try set("restricted_at = \(tx.now)", item, tx)
            case .released: try set("restricted_at = NULL", item, tx)
            default:
                if item.isHere { delta.add(-1, item.subject.kind, in: item.division) }
                try RegisterErasing.erase(item, parts, tx)
            }
            try history.insert(item.subject, source: source, tx)
            try RegisterCommands.tell(item, what, counts: delta, tx)
        }

        private func set(_ column: SQL, _ item: RegisterItem, _ tx: WriteTx) throws {
            try tx.execute("UPDATE person SET \(column), version = version + 1 WHERE id = \(item.subject.id)")
        }
    }

    /// Takes out what is known of an entry: its own fields, facts, photos, ties, the values of its history, what other
    /// parts keep of it, and what the audit could prove.
    static func erase(_ item: RegisterItem, _ parts: RegisterParts, _ tx: WriteTx) throws {
        let subject = item.subject
        switch subject.kind {
        case .person: try erasePerson(ID(rawValue: subject.id), parts, tx)
        case .household: try eraseHousehold(ID(rawValue: subject.id), parts, tx)
        case .organization: try eraseOrganization(ID(rawValue: subject.id), tx)
        // A dwelling is a place: its address says nothing of anybody, and who lived there once points to it.
        case .dwelling, .thing: break
        }
        if marked.contains(subject.kind) {
            try tx.execute(
                """
                UPDATE \(RegisterQueries.table(of: subject.kind)) SET erased_at = \(tx.now),
                    valid_to = coalesce(valid_to, \(tx.now)), ended_on = NULL, version = version + 1 WHERE id = \(subject.id)
                """)
        }
        for rows in parts.rows { try rows.erase(subject, tx) }
        try eraseAround(subject, tx)
    }

    private static func eraseAround(_ subject: RegisterSubject, _ tx: WriteTx) throws {
        let (kind, id) = (subject.kind, subject.id)
        for table in ["register_fact", "register_mark", "register_photo"] {
            try tx.execute("DELETE FROM \(SQL(stringLiteral: table)) WHERE kind = \(kind) AND subject_id = \(id)")
        }
        try tx.execute(
            "UPDATE register_change SET values_sealed = NULL, fields = '' WHERE kind = \(kind) AND subject_id = \(id)")
        for end in ["from", "to"] {
            let (ofKind, ofID) = (SQL(stringLiteral: "\(end)_kind"), SQL(stringLiteral: "\(end)_id"))
            try tx.execute(
                """
                UPDATE register_link SET valid_to = \(tx.now)
                WHERE valid_to IS NULL AND \(ofKind) = \(kind) AND \(ofID) = \(id)
                """)
        }
        // A digest proves a value to who knows it; without its salt it proves nothing any more.
        try tx.execute(
            """
            UPDATE audit_entry SET salt = NULL
            WHERE subject_kind = \(kind.rawValue) AND subject_id = \(id) AND salt IS NOT NULL
            """)
    }

    private static func erasePerson(_ person: ID<Person>, _ parts: RegisterParts, _ tx: WriteTx) throws {
        if let named = try ErasedPerson(person, tx) {
            for words in parts.words { try words.erase(named, tx) }
            // What was answered for a household with nobody else in it was about this person.
            for household in named.alone.sorted() {
                for rows in parts.rows { try rows.erase(RegisterSubject(.household, household), tx) }
                // The day it ended or moved is the day they did; its own history says so, too.
                try tx.execute("UPDATE household SET ended_on = NULL WHERE id = \(household)")
                let entries: [Int64] = try RegisterQueries.entries(of: RegisterSubject(.household, household), tx)
                    .map(\.id)
                try tx.execute(
                    """
                    UPDATE register_change SET values_sealed = NULL
                    WHERE kind = 'household' AND subject_id IN \(SQL.list(entries)) AND values_sealed IS NOT NULL
                    """)
            }
        }
        try tx.execute(
            """
            UPDATE person SET name = '', sex = 0, born = 0, number_kind = 'none', number_sealed = NULL,
                number_hash = NULL, number_mask = '', phone_sealed = NULL, phone_hash = NULL, phone_mask = '',
                valid_to = coalesce(valid_to, \(tx.now)), ended_on = NULL, end_reason = \(reason), is_profiled = 0,
                version = version + 1
            WHERE id = \(person)
            """)
        try tx.execute("DELETE FROM person_account WHERE person_id = \(person)")
        try GridRolesStore.forget(person, tx)
        try tx.execute("UPDATE data_request SET text_sealed = NULL WHERE person_id = \(person)")
        try RegisterStore.leave(person, nil, tx)
        try tx.execute("UPDATE residence SET began_on = NULL, ended_on = NULL WHERE person_id = \(person)")
    }

    private static func eraseHousehold(_ household: ID<Household>, _ parts: RegisterParts, _ tx: WriteTx) throws {
        try tx.execute("UPDATE household SET heard_at = NULL WHERE id = \(household)")
        for words in parts.words { try words.eraseHome(household, tx) }
    }

    private static func eraseOrganization(_ organization: ID<Organization>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE organization SET name = '', credit_code = '', is_code_doubtful = 0, activity = '', staff_count = NULL,
                contact_name = '', phone_sealed = NULL, phone_hash = NULL, phone_mask = '', dwelling_id = NULL,
                address = '', latitude = NULL, longitude = NULL
            WHERE id = \(organization)
            """)
    }
}

extension RegisterErasing {
    /// Erases entries of a kind that ended longer ago than the settings say, some at a time; answers with how many.
    package static func retire(
        _ kind: RegisterKind, _ settings: RegisterSettings, _ parts: RegisterParts, limit: Int = 200,
        _ context: Context, _ database: Database
    ) async throws -> Int {
        let days = settings.keptDays(of: kind)
        guard days > 0 else { return 0 }
        let before = context.now.adding(days: -days)
        let left: SQL = kind == .person ? "end_reason <> \(reason)" : "erased_at IS NULL"
        let ended: [Int64] = try await database.read { tx in
            try tx.all(
                """
                SELECT id FROM \(RegisterQueries.table(of: kind))
                WHERE valid_to IS NOT NULL AND valid_to < \(before) AND \(left) ORDER BY valid_to, id LIMIT \(limit)
                """
            ) { try $0[0] }
        }
        for id in ended {
            let prepared = try Prepared(RegisterSubject(kind, id), database, .erased, source: "rule", parts)
            // One that was merged into another of them may have gone with that one.
            let isLeft = try await database.read { try RegisterQueries.item(prepared.subject, $0)?.isErased == false }
            guard isLeft else { continue }
            do {
                try await database.write(context, "registers.retire") { tx in
                    // What somebody took back since it was read is here again.
                    let item = try RegisterQueries.item(prepared.subject, tx)
                    guard let item, !item.isErased, let end = item.entry.validTo, end < before else {
                        throw LinliError.notFound("registers.retire")
                    }
                    try prepared.perform(tx)
                }
            } catch let error as LinliError where error.id == "registers.retire" {
                continue
            }
        }
        return ended.count
    }

    /// Erases people's entries that were merged into one that is erased by now; answers with how many.
    static func follow(
        _ parts: RegisterParts, limit: Int = 200, _ context: Context, _ database: Database
    ) async throws -> Int {
        let left: [Int64] = try await database.read { tx in
            try tx.all(
                """
                SELECT x.id FROM person x JOIN person k ON k.id = x.merged_into
                WHERE x.merged_into IS NOT NULL AND k.end_reason = \(reason) AND COALESCE(x.end_reason, '') <> \(reason)
                ORDER BY x.id LIMIT \(limit)
                """
            ) { try $0[0] }
        }
        for id in left {
            let prepared = try Prepared(RegisterSubject(.person, id), database, .erased, source: "rule", parts)
            try await database.write(context, "registers.retire") { try prepared.perform($0) }
        }
        return left.count
    }
}

extension RegisterSettings {
    /// After how many days entries of a kind that ended are erased; 0 keeps them. A thing is nobody.
    func keptDays(of kind: RegisterKind) -> Int {
        switch kind {
        case .person: keptDays
        case .household, .dwelling: keptHomeDays
        case .organization: keptOrganizationDays
        case .thing: 0
        }
    }
}

extension JobKind {
    /// The jobs of the registers; `parts` is what else is kept of entries.
    package static func registers(_ settings: RegisterSettings, _ parts: RegisterParts) -> [JobKind] {
        [
            JobKind("registers.retention", everySeconds: 3600) { run in
                for kind in RegisterKind.allCases {
                    while try await RegisterErasing.retire(kind, settings, parts, run.context, run.database) > 0 {}
                }
                while try await RegisterErasing.follow(parts, run.context, run.database) > 0 {}
                _ = try await GridRolesStore.retire(settings.keptDays, run.context, run.database)
            },
            .emptyHouseholds, .plateEnds, .plainWords,
        ]
    }
}

extension Migration {
    /// When a household, dwelling or organization that had ended was erased.
    static let registerRetention = Migration(
        "2026-11-29.51-register-retention",
        """
        ALTER TABLE household ADD COLUMN erased_at INTEGER;
        ALTER TABLE dwelling ADD COLUMN erased_at INTEGER;
        ALTER TABLE organization ADD COLUMN erased_at INTEGER;
        CREATE INDEX household_ended ON household (valid_to, id) WHERE valid_to IS NOT NULL AND erased_at IS NULL;
        CREATE INDEX dwelling_ended ON dwelling (valid_to, id) WHERE valid_to IS NOT NULL AND erased_at IS NULL;
        CREATE INDEX organization_ended ON organization (valid_to, id) WHERE valid_to IS NOT NULL AND erased_at IS NULL;
        CREATE INDEX data_request_person ON data_request (person_id, id) WHERE person_id IS NOT NULL;
        """
    )

    /// Whether somebody erased belonged to a household, and nobody else is known of it. One erased entry of somebody who goes
    /// on under another is nobody erased. Asked of those who are there and of those who left: each has an index.
    private static func wasTheirs(_ household: String) -> String {
        let others: [String] = ["IS NULL", "IS NOT NULL"].map { ended -> String in
            """
            NOT EXISTS (
                SELECT 1 FROM residence r JOIN person p ON p.id = r.person_id
                LEFT JOIN person k ON k.id = p.merged_into
                WHERE r.household_id = \(household) AND r.valid_to \(ended)
                AND (COALESCE(p.end_reason, '') NOT IN ('erased', 'undone')
                OR (k.id IS NOT NULL AND COALESCE(k.end_reason, '') <> 'erased'))
            )
            """
        }
        return """
            \(household) IN (
                SELECT r.household_id FROM residence r JOIN person p ON p.id = r.person_id
                WHERE p.end_reason = 'erased' AND r.household_id IS NOT NULL
            ) AND \(others.joined(separator: " AND "))
            """
    }

    /// Which days somebody came and left goes with the rest of what is known of them; those erased before kept them. So did
    /// the households in which nobody else is known: their days were theirs.
    package static let erasedDays = Migration(
        "2026-12-04.60-erased-days",
        """
        UPDATE residence SET began_on = NULL, ended_on = NULL WHERE (began_on IS NOT NULL OR ended_on IS NOT NULL)
        AND person_id IN (SELECT p.id FROM person p WHERE p.end_reason = 'erased');
        UPDATE household SET ended_on = NULL WHERE erased_at IS NOT NULL AND ended_on IS NOT NULL;
        UPDATE household SET ended_on = NULL WHERE ended_on IS NOT NULL AND \(wasTheirs("household.id"));
        UPDATE register_change SET values_sealed = NULL WHERE kind = 'household' AND values_sealed IS NOT NULL
        AND \(wasTheirs("register_change.subject_id"));
        UPDATE dwelling SET ended_on = NULL WHERE erased_at IS NOT NULL AND ended_on IS NOT NULL;
        UPDATE organization SET ended_on = NULL WHERE erased_at IS NOT NULL AND ended_on IS NOT NULL;
        """
    )
}
