import LinliCore
import LinliSQL

/// What became of two households that were merged and moved as one before that is taken back: who belonged to the one that
/// is here again has moved with the other, and so it is here again where they live, with them and its head.
///
/// - Who left since stays where they are: nobody moved them with it.
/// - Where nobody of it moved along it is here again where it was.
/// - Who was tied to both is so again, to each where it is now. Known fault: where nobody else of it moved along, that is
///   where the household that is here again lived before, though its member has moved with the other.
struct HomesMoved {
    /// Ties that followed those that came over with the merge, by these; in their order.
    private let followed: [Int64: [Int64]]
    /// Whether the household that is here again has moved with the other one.
    var isGone: Bool { !followed.isEmpty }

    /// What followed since `gone` was merged into `item`; nothing of dwellings, which do not move.
    init(_ moves: RegisterMerging.Moves, of gone: RegisterItem, with item: RegisterItem, _ tx: ReadTx) throws {
        var followed: [Int64: [Int64]] = [:]
        if item.subject.kind == .household {
            var rows: [ReturnedHomes.Tie] = []
            // Each has an index of its own.
            for ended: SQL in ["IS NULL", "IS NOT NULL"] {
                rows += try tx.all(
                    """
                    SELECT \(ReturnedHomes.Tie.columns) FROM residence r
                    WHERE r.household_id = \(item.subject.id) AND r.valid_to \(ended) ORDER BY r.id
                    """
                ) { try ReturnedHomes.Tie($0) }
            }
            let came = Set(moves.residences)
            for row in rows where came.contains(row.id.rawValue) {
                let along = HomesMoved.along(row, in: rows)
                if !along.isEmpty { followed[row.id.rawValue] = along }
            }
        }
        self.followed = followed
    }

    /// The ties by which somebody went along each time the household moved.
    private static func along(_ start: ReturnedHomes.Tie, in rows: [ReturnedHomes.Tie]) -> [Int64] {
        var (last, found): (ReturnedHomes.Tie, [Int64]) = (start, [])
        while let until = last.until,
            let next = rows.first(where: { row in
                row.person == last.person && row.from == until && row.id > last.id && ReturnedHomes.isAlong(row, last)
            })
        {
            found.append(next.id.rawValue)
            last = next
        }
        return found
    }

    /// Hangs what followed on the household that is here again, which lives where the other one does; answers as which rows
    /// those of the merge go on.
    func giveBack(
        _ moves: RegisterMerging.Moves, to gone: RegisterItem, in item: RegisterItem, _ parts: [HouseholdRows],
        _ tx: WriteTx
    ) throws -> [Int64: Int64] {
        guard isGone, let home = try RegisterQueries.household(ID(rawValue: item.subject.id), tx)?.dwelling else {
            return try follow(moves.doubled, tx)
        }
        let ties = followed.values.flatMap { $0 }.sorted()
        try tx.execute(
            """
            UPDATE residence SET household_id = \(gone.subject.id)
            WHERE id IN \(SQL.list(ties)) AND household_id = \(item.subject.id)
            """)
        let place = SQL.joined(RegisterStore.place(item.division), separator: ", ")
        try tx.execute("UPDATE household SET \(place), dwelling_id = \(home) WHERE id = \(gone.subject.id)")
        try RegisterStore.moveFacts(of: gone.subject, to: item.division, tx)
        for part in parts { try part.settle(ID(rawValue: gone.subject.id), item.division, tx) }
        let rows: [Int64: Int64] = followed.compactMapValues(\.last)
        return rows.merging(try follow(moves.doubled, tx)) { first, _ in first }
    }

    /// Ties to the other of the two that hold again: where it lives now.
    private func follow(_ doubled: [Int64], _ tx: WriteTx) throws -> [Int64: Int64] {
        var rows: [Int64: Int64] = [:]
        for id in doubled.sorted() { rows[id] = try ReturnedHomes.follow(ID(rawValue: id), tx) }
        return rows
    }
}
