import LinliCore
import LinliSQL

extension ErasedWords {
    /// That a household was visited, when, by whom and why stays: it is what the community did. Whoever is erased leaves no
    /// name in what was noted and no signature; of somebody nobody lived with no word, answer or picture is left.
    /// - Source: PIPL Art. 47
    package static let ofVisits = ErasedWords { person, tx in
        for household in person.households {
            let isAlone = person.alone.contains(household)
            for words in try VisitWords.all(of: household, tx) { try words.leave(person, isAlone: isAlone, tx) }
        }
    } home: { household, tx in
        for words in try VisitWords.all(of: household, tx) { try words.put(signer: "", note: "", wish: "", tx) }
        try tx.execute("DELETE FROM household_signal WHERE household_id = \(household)")
    }
}

/// Visits of long ago, also to who still lives there: what was said and drawn at the door is not kept without end.
enum VisitRetention {
    /// Takes words, answers, pictures and signatures out of visits that ended more than so many days ago, some at a time;
    /// answers with how many. That somebody came, when, and whether they met anybody stays. No days keep everything.
    static func forget(
        after days: Int, limit: Int = 200, _ context: Context, _ database: Database
    ) async throws -> Int {
        guard days > 0 else { return 0 }
        let before = context.now.adding(days: -days)
        let ended = try await database.read { try VisitWords.ended(before: before, limit: limit, $0) }
        guard !ended.isEmpty else { return 0 }
        try await database.write(context, "visits.forget") { tx in
            for words in ended {
                try words.put(signer: "", note: "", wish: "", tx)
                try tx.execute("UPDATE visit SET forgotten_at = \(tx.now) WHERE id = \(words.visit)")
            }
            try tx.audit(Subject("visit", 0), fields: ["forget×\(ended.count)"])
        }
        return ended.count
    }
}

extension JobKind {
    /// What was said at doors is forgotten when its days are over.
    static func visitRetention(_ days: Int) -> JobKind {
        JobKind("visits.retention", everySeconds: 3600) { run in
            while try await VisitRetention.forget(after: days, run.context, run.database) > 0 {}
        }
    }
}

extension Migration {
    /// When the words of a visit were forgotten.
    static let visitRetention = Migration(
        "2026-11-30.71-visit-retention",
        """
        ALTER TABLE visit ADD COLUMN forgotten_at INTEGER;
        CREATE INDEX visit_ended ON visit (ended_at, id) WHERE ended_at IS NOT NULL AND forgotten_at IS NULL;
        """
    )
}

/// What people wrote about a visit.
private struct VisitWords {
    let visit: ID<Visit>
    let signer: String
    let note: String
    let wish: String
    let reason: String

    static func all(of household: ID<Household>, _ tx: ReadTx) throws -> [VisitWords] {
        try read("WHERE household_id = \(household) ORDER BY id", tx)
    }

    /// Of visits that ended before a moment and still have theirs, the oldest first.
    static func ended(before: Instant, limit: Int, _ tx: ReadTx) throws -> [VisitWords] {
        try read(
            """
            WHERE ended_at IS NOT NULL AND ended_at < \(before) AND forgotten_at IS NULL
            ORDER BY ended_at, id LIMIT \(limit)
            """, tx)
    }

    private static func read(_ which: SQL, _ tx: ReadTx) throws -> [VisitWords] {
        try tx.all("SELECT id, signer, note, wish, reason FROM visit \(which)") {
            VisitWords(visit: try $0[0], signer: try $0[1], note: try $0[2], wish: try $0[3], reason: try $0[4])
        }
    }

    /// Takes somebody out. A signature goes with the name under it: without one it proves nothing any more.
    func leave(_ person: ErasedPerson, isAlone: Bool, _ tx: WriteTx) throws {
        let isSigner = isAlone || person.isNamed(in: signer)
        let (note, wish) = isAlone ? ("", "") : (person.removed(from: note), person.removed(from: wish))
        let reason = person.removed(from: reason)
        guard isSigner || (note, wish, reason) != (self.note, self.wish, self.reason) else { return }
        if isAlone { return try put(signer: "", note: note, wish: wish, reason: reason, tx) }
        try tx.execute(
            """
            UPDATE visit SET signer = \(isSigner ? "" : signer), note = \(note), wish = \(wish), reason = \(reason)
            WHERE id = \(visit)
            """)
        if isSigner {
            try tx.execute(
                "DELETE FROM visit_photo WHERE visit_id = \(visit) AND kind = \(VisitPhotoKind.signature)")
        }
        try unsalt(tx)
    }

    /// Leaves these words alone: no answer, no picture.
    func put(signer: String, note: String, wish: String, reason: String? = nil, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE visit SET signer = \(signer), note = \(note), wish = \(wish), reason = \(reason ?? self.reason)
            WHERE id = \(visit)
            """)
        try tx.execute("DELETE FROM visit_answer WHERE visit_id = \(visit)")
        try tx.execute("DELETE FROM visit_photo WHERE visit_id = \(visit)")
        try unsalt(tx)
    }

    /// As with the entry itself: what a digest could prove goes with its salt.
    private func unsalt(_ tx: WriteTx) throws {
        try tx.execute(
            "UPDATE audit_entry SET salt = NULL WHERE subject_kind = 'visit' AND subject_id = \(visit) AND salt IS NOT NULL"
        )
    }
}
