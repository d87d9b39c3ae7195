import LinliCore
import LinliSQL

/// Facts that came over with a merge and were corrected since: undoing the merge leaves the correction where it was made.
extension RegisterMerging {
    /// A fact that was corrected since it came over.
    struct Corrected: Sendable {
        /// Its row, which stays with the one that stays.
        let fact: Int64
        /// Which fact it is.
        let field: RegisterField
        /// What it said when it came over; nil where nobody knows any more.
        let old: String?
    }

    /// Which facts of those that came over were written again after the merge, with what the history says they were.
    static func corrected(
        _ facts: [Int64], in survivor: RegisterSubject, since merged: Instant?, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Corrected] {
        guard let merged, !facts.isEmpty else { return [] }
        let rows = try tx.all(
            """
            SELECT id, field FROM register_fact WHERE id IN \(SQL.list(facts)) AND kind = \(survivor.kind)
            AND subject_id = \(survivor.id) AND at > \(merged) ORDER BY id
            """
        ) { row -> (id: Int64, field: String) in (try row[0], try row[1]) }
        guard !rows.isEmpty else { return [] }
        let lines = try tx.all(
            """
            SELECT id, fields, values_sealed FROM register_change WHERE kind = \(survivor.kind)
            AND subject_id = \(survivor.id) AND at > \(merged) ORDER BY id LIMIT 500
            """
        ) { row -> (id: ID<RegisterChangeRow>, fields: String, sealed: [UInt8]?) in
            (try row[0], try row[1], try row[2])
        }
        var found: [Corrected] = []
        for row in rows {
            guard let field = RegisterField.named(row.field) else { continue }
            // Only the first change says what came over; where its values are gone, later ones would say something else.
            let first = lines.first { $0.fields.split(separator: ",").contains { $0 == row.field } }
            var old: String?
            if let first, let sealed = first.sealed {
                old = try RegisterHistory.open(sealed, first.id, keys)[row.field]?.old
            }
            found.append(Corrected(fact: row.id, field: field, old: old))
        }
        return found
    }

    /// What goes back without the facts that stay.
    static func leaving(_ corrected: [Corrected], of moves: Moves) -> Moves {
        var moves = moves
        moves.facts.removeAll { id in corrected.contains { $0.fact == id } }
        return moves
    }

    /// What gives the entry that is here again the facts it had, as far as they are known.
    static func restored(
        _ corrected: [Corrected], to gone: RegisterItem, _ database: Database
    ) throws -> [RegisterCommands.Change] {
        var changes: [RegisterCommands.Change] = []
        for fact in corrected {
            guard let old = fact.old, !old.isEmpty else { continue }
            changes.append(
                try RegisterCommands.Change(
                    fact.field, old: "", new: old, fact: nil, of: gone.subject, database))
        }
        return changes
    }
}
