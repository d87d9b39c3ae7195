import LinliCore
import LinliSQL

/// What the entry that stays takes over besides rows: fields of its own that nobody had filled in, and under what it is
/// found.
extension RegisterMerging {
    /// A field as it was and as it came over.
    struct Taken: Sendable, Equatable {
        let old: String
        let new: String
    }

    /// Fields kept in clear that the one that stays lacks and the other one has; with `sealed`, what comes over of the
    /// closely kept ones, birth and sex follow from the number.
    static func taken(
        from other: RegisterItem, to survivor: RegisterItem, _ sealed: [(field: RegisterField, value: String)],
        today: CivilDate
    ) -> [RegisterField: Taken] {
        var new: RegisterCommands.Typed = other.values.filter { field, value in
            isSaid(value, of: field) && !isSaid(survivor.values[field] ?? "", of: field)
        }
        if let number = sealed.first(where: { $0.field.id == "person.number" }) {
            new[number.field] = number.value
            // What is no citizen's number says nothing of birth and sex.
            try? RegisterCommands.derive(&new, today: today)
            new[number.field] = nil
        }
        var taken: [RegisterField: Taken] = [:]
        for (field, value) in new where value != survivor.values[field] ?? "" {
            taken[field] = Taken(old: survivor.values[field] ?? "", new: value)
        }
        return taken
    }

    /// Whether somebody filled a field in.
    private static func isSaid(_ value: String, of field: RegisterField) -> Bool {
        !value.isEmpty && !(field.id == "person.sex" && value == "0")
    }

    /// The sealed fields that came over and are still those of the entry they came from: what was corrected since is the
    /// survivor's own.
    static func leaving(
        _ sealed: [RegisterField], from survivor: RegisterSubject, to other: RegisterSubject, _ tx: ReadTx
    ) throws -> [RegisterField] {
        let table = RegisterQueries.table(of: other.kind)
        return try sealed.filter { field in
            let hash: SQL = field.id == "person.number" ? "number_hash" : "phone_hash"
            return try tx.exists(
                """
                SELECT 1 FROM \(table) s JOIN \(table) o ON o.\(hash) = s.\(hash)
                WHERE s.id = \(survivor.id) AND o.id = \(other.id)
                """)
        }
    }

    /// The fields in clear that go back: birth and sex stay where the number they agree with stays.
    static func taken(_ moves: Moves, leaving: [RegisterField]) -> [RegisterField: Taken] {
        let isCorrected = moves.sealed.contains { field in
            field.id == "person.number" && !leaving.contains(field)
        }
        guard isCorrected else { return moves.taken }
        return moves.taken.filter { field, _ in !["person.born", "person.sex"].contains(field.id) }
    }

    /// What gives back the fields that came over and are still as they came.
    static func givenBack(_ taken: [RegisterField: Taken], by item: RegisterItem) -> [SQL] {
        taken.filter { field, value in item.values[field] == value.new }
            .sorted { $0.key.id < $1.key.id }.map { field, value in RegisterColumns.set(field, value.old) }
    }

    /// What is sealed and yet found follows the facts it is found by.
    static func carryMarks(
        of facts: [Int64], from source: RegisterSubject, to subject: RegisterSubject, _ tx: WriteTx
    ) throws {
        guard !facts.isEmpty else { return }
        let fields: [String] = try tx.all(
            """
            SELECT field FROM register_fact WHERE id IN \(SQL.list(facts)) AND kind = \(subject.kind)
            AND subject_id = \(subject.id) ORDER BY id
            """
        ) { try $0[0] }
        try tx.execute(
            """
            DELETE FROM register_mark WHERE kind = \(subject.kind) AND subject_id = \(subject.id)
            AND field IN \(SQL.list(fields))
            """)
        try tx.execute(
            """
            UPDATE register_mark SET subject_id = \(subject.id)
            WHERE kind = \(source.kind) AND subject_id = \(source.id) AND field IN \(SQL.list(fields))
            """)
    }
}
