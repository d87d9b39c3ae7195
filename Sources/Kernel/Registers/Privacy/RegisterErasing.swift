import LinliCore
import LinliSQL

/// Taking out of the registers what is known of a person; the row stays, so that what points to it does not break.
package enum RegisterErasing {
    /// What is to be done to an entry, with its line of history sealed already.
    struct Prepared: Sendable {
        let person: ID<Person>
        let what: RegisterHistory.What
        let history: RegisterHistory.Draft
        let words: [ErasedWords]

        init(
            _ person: ID<Person>, _ database: Database, _ what: RegisterHistory.What, _ words: [ErasedWords]
        ) throws {
            self.person = person
            self.what = what
            self.words = words
            history = try database.draft(what)
        }

        /// Erases it, or keeps it from use, or lets it be used again.
        func perform(_ tx: WriteTx) throws {
            let subject = RegisterSubject(.person, person)
            guard let item = try RegisterQueries.item(subject, tx) else { throw LinliError.notFound("own.entry") }
            var delta = RegisterCounts.Delta()
            switch what {
            case .restricted:
                try tx.execute(
                    "UPDATE person SET restricted_at = \(tx.now), version = version + 1 WHERE id = \(person)")
            case .released:
                try tx.execute("UPDATE person SET restricted_at = NULL, version = version + 1 WHERE id = \(person)")
            default:
                if let named = try ErasedPerson(person, tx) {
                    for words in words { try words.erase(named, tx) }
                }
                try RegisterErasing.erase(person, tx)
                if item.isHere { delta.add(-1, .person, in: item.division) }
            }
            try history.insert(subject, source: "resident", tx)
            try RegisterCommands.tell(item, what, counts: delta, tx)
        }
    }

    /// Takes out name, numbers, facts, photos, ties, consents and the values of the history of one entry.
    static func erase(_ person: ID<Person>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE person SET name = '', sex = 0, born = 0, number_kind = 'none', number_sealed = NULL,
                number_hash = NULL, number_mask = '', phone_sealed = NULL, phone_hash = NULL, phone_mask = '',
                valid_to = coalesce(valid_to, \(tx.now)), end_reason = 'erased', is_profiled = 0,
                version = version + 1
            WHERE id = \(person)
            """)
        try tx.execute("DELETE FROM register_fact WHERE kind = 'person' AND subject_id = \(person)")
        try tx.execute("DELETE FROM register_mark WHERE kind = 'person' AND subject_id = \(person)")
        try tx.execute("DELETE FROM register_photo WHERE kind = 'person' AND subject_id = \(person)")
        try tx.execute(
            """
            UPDATE register_change SET values_sealed = NULL, fields = ''
            WHERE kind = 'person' AND subject_id = \(person)
            """)
        try tx.execute(
            """
            UPDATE register_link SET valid_to = \(tx.now) WHERE valid_to IS NULL
            AND (from_kind = 'person' AND from_id = \(person) OR to_kind = 'person' AND to_id = \(person))
            """)
        try tx.execute("DELETE FROM person_account WHERE person_id = \(person)")
        try GridRolesStore.forget(person, tx)
        try tx.execute("UPDATE data_request SET text_sealed = NULL WHERE person_id = \(person)")
        try RegisterStore.leave(person, tx)
        // A digest proves a value to who knows it; without its salt it proves nothing any more.
        try tx.execute(
            "UPDATE audit_entry SET salt = NULL WHERE subject_kind = 'person' AND subject_id = \(person) AND salt IS NOT NULL"
        )
    }

    /// Erases people who ended longer ago than the setting says, some at a time; answers with how many.
    package static func retire(
        _ settings: RegisterSettings, _ words: [ErasedWords], limit: Int = 200, _ context: Context,
        _ database: Database
    ) async throws -> Int {
        guard settings.keptDays > 0 else { return 0 }
        let before = context.now.adding(days: -settings.keptDays)
        let people = try await database.read { tx in
            try tx.all(
                """
                SELECT id FROM person WHERE valid_to IS NOT NULL AND valid_to < \(before)
                AND end_reason <> 'erased' ORDER BY valid_to, id LIMIT \(limit)
                """
            ) { try $0[0] as ID<Person> }
        }
        for person in people {
            let prepared = try Prepared(person, database, .erased, words)
            try await database.write(context, "registers.retire") { try prepared.perform($0) }
        }
        return people.count
    }
}

extension JobKind {
    /// The jobs of the registers; `words` is what else names people.
    package static func registers(_ settings: RegisterSettings, _ words: [ErasedWords]) -> [JobKind] {
        [
            JobKind("registers.retention", everySeconds: 3600) { run in
                while try await RegisterErasing.retire(settings, words, run.context, run.database) > 0 {}
                _ = try await GridRolesStore.retire(settings.keptDays, run.context, run.database)
            }
        ]
    }
}
