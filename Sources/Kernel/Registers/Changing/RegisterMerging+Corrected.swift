import LinliCore
import LinliSQL

/// Facts that came over with a merge and were corrected or taken away since: undoing the merge leaves that where it was
/// done, and who is here again has what they had. What was taken away was taken away of the one that stays: they are two,
/// and nobody said it of the other. What was erased is in no history and does not come back.
extension RegisterMerging {
    /// A fact that is not any more as it came over.
    struct Corrected: Sendable {
        /// Its row, which stays with the one that stays, or with another one, or is gone.
        let fact: Int64
        /// Which fact it is.
        let field: RegisterField
        /// What it said when it came over; nil where nobody knows any more.
        let old: String?
        /// The row that the one that stays has in its place since another merge was undone: it says what came over, nobody
        /// corrected it, and so it goes back for the first.
        let copy: Int64?
    }

    /// A row of a fact.
    private struct Fact: Sendable {
        let id: Int64
        let field: String
        let at: Instant
    }

    /// A line of history that may name facts.
    private struct Line: Sendable {
        let id: ID<RegisterChangeRow>
        let at: Instant
        let what: RegisterHistory.What
        let fields: [String]
        let sealed: [UInt8]?
    }

    /// Which facts of those that came over were written again or taken away after the merge, or went on with the one that
    /// stays to a third one and stayed there, with what the history says they were.
    static func corrected(
        _ moves: Moves, in survivor: RegisterSubject, since merged: Instant?, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> [Corrected] {
        guard let merged, !moves.facts.isEmpty else { return [] }
        let here = try facts("subject_id = \(survivor.id)", of: survivor.kind, tx)
        let rest = moves.facts.filter { id in !here.contains { $0.id == id && $0.at <= merged } }
        guard !rest.isEmpty else { return [] }
        let anywhere = try facts("id IN \(SQL.list(rest))", of: survivor.kind, tx)
        let lines = try lines(of: survivor, since: merged, tx)
        return try rest.compactMap { id -> Corrected? in
            // Merges of before kept no names: what is in no row any more is not known.
            guard let name = anywhere.first(where: { $0.id == id })?.field ?? moves.factFields[id],
                let field = RegisterField.named(name)
            else { return nil }
            let named = lines.filter { $0.fields.contains(name) }
            var copy: Int64?
            if !here.contains(where: { $0.id == id }), let last = named.last, named.allSatisfy({ $0.what == .split }) {
                copy = here.first { $0.field == name && $0.at == last.at }?.id
            }
            return Corrected(fact: id, field: field, old: try said(of: name, by: named.first, keys), copy: copy)
        }
    }

    /// What a fact was when it came over. Only the first line that names it says so; where its values are gone, later ones
    /// would say something else. What another merge gave back is as it had come.
    private static func said(of name: String, by first: Line?, _ keys: KeyRing) throws -> String? {
        guard let first, let sealed = first.sealed else { return nil }
        let value = try RegisterHistory.open(sealed, first.id, keys)[name]
        return first.what == .split ? value?.new : value?.old
    }

    private static func facts(_ which: SQL, of kind: RegisterKind, _ tx: ReadTx) throws -> [Fact] {
        try tx.all("SELECT id, field, at FROM register_fact WHERE kind = \(kind) AND \(which) ORDER BY id") { row in
            Fact(id: try row[0], field: try row[1], at: try row[2])
        }
    }

    private static func lines(
        of survivor: RegisterSubject, since merged: Instant, _ tx: ReadTx
    ) throws -> [Line] {
        try tx.all(
            """
            SELECT id, at, what, fields, values_sealed FROM register_change WHERE kind = \(survivor.kind)
            AND subject_id = \(survivor.id) AND at > \(merged) ORDER BY id LIMIT 500
            """
        ) { row -> Line in
            let fields: String = try row[3]
            return Line(
                id: try row[0], at: try row[1], what: try row[2],
                fields: fields.split(separator: ",").map(String.init), sealed: try row[4])
        }
    }

    /// What goes back without the facts that stay, and without homes: what became of them is looked up in the write.
    static func leaving(_ corrected: [Corrected], of moves: Moves) -> Moves {
        var moves = moves
        moves.facts.removeAll { id in corrected.contains { $0.fact == id } }
        moves.facts += corrected.compactMap(\.copy)
        (moves.residences, moves.doubled, moves.later) = ([], [], [])
        return moves
    }

    /// What gives the entry that is here again the facts it had, as far as they are known.
    static func restored(
        _ corrected: [Corrected], to gone: RegisterItem, _ database: Database
    ) throws -> [RegisterCommands.Change] {
        var changes: [RegisterCommands.Change] = []
        for fact in corrected {
            guard fact.copy == nil, let old = fact.old, !old.isEmpty else { continue }
            changes.append(
                try RegisterCommands.Change(
                    fact.field, old: "", new: old, fact: nil, of: gone.subject, database))
        }
        return changes
    }
}
