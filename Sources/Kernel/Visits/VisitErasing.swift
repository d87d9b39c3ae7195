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

/// What people wrote about a visit.
private struct VisitWords {
    let visit: ID<Visit>
    let signer: String
    let note: String
    let wish: String
    let reason: String

    static func all(of household: ID<Household>, _ tx: ReadTx) throws -> [VisitWords] {
        try tx.all("SELECT id, signer, note, wish, reason FROM visit WHERE household_id = \(household) ORDER BY id") {
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
