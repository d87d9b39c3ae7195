import LinliCore
import LinliSQL

/// An entry that was merged into another one, for the page of the one that stays: when, by whom.
package struct MergedEntry: Sendable {
    /// The entry that is not here any more.
    package let item: RegisterItem
    /// When they were merged.
    package let at: Instant
    /// By whom; empty for the program.
    package let actor: String
}

/// A place that was joined with another one.
package struct MergedPlace: Sendable {
    /// The place that is there no more.
    package let place: PlaceSummary
    /// When they were joined.
    package let at: Instant
    /// By whom; empty for the program.
    package let actor: String

    /// The places that were joined with one, the last first.
    package static func find(into place: ID<Place>, _ tx: ReadTx) throws -> [MergedPlace] {
        let gone = try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.merged_into = \(place) AND p.merged_into IS NOT NULL
            ORDER BY p.valid_to DESC, p.id DESC LIMIT 20
            """
        ) { try PlaceSummary($0) }
        return try gone.map { other in
            let line = try RegisterQueries.merging(of: PlaceHistory.kind, other.id.rawValue, tx)
            return MergedPlace(
                place: other, at: line?.at ?? other.validTo ?? other.validFrom, actor: line?.actor ?? "")
        }
    }
}

extension RegisterQueries {
    /// The entries that were merged into one, the last first; those of which nothing may be done or known any more stay out.
    package static func merged(into subject: RegisterSubject, _ tx: ReadTx) throws -> [MergedEntry] {
        let ids: [Int64] = try tx.all(
            """
            SELECT id FROM \(table(of: subject.kind)) WHERE merged_into = \(subject.id) AND merged_into IS NOT NULL
            ORDER BY valid_to DESC, id DESC LIMIT 20
            """
        ) { try $0[0] }
        return try ids.compactMap { id in
            guard let gone = try item(RegisterSubject(subject.kind, id), tx), gone.restrictedAt == nil, !gone.isErased
            else { return nil }
            let line = try merging(of: subject.kind.rawValue, id, tx)
            return MergedEntry(
                item: gone, at: line?.at ?? gone.entry.validTo ?? gone.entry.validFrom, actor: line?.actor ?? "")
        }
    }

    /// The line of the history that says when an entry was merged into another, the last time.
    fileprivate static func merging(
        of kind: String, _ id: Int64, _ tx: ReadTx
    ) throws -> (at: Instant, actor: String)? {
        try tx.first(
            """
            SELECT at, actor_name FROM register_change
            WHERE kind = \(kind) AND subject_id = \(id) AND what = \(RegisterHistory.What.merged) ORDER BY id DESC LIMIT 1
            """
        ) { (at: try $0[0], actor: try $0[1]) }
    }
}
