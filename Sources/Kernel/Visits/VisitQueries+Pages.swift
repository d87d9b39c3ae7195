import LinliCore
import LinliSQL

extension VisitQueries {
    /// A page of what is announced or was missed in a grid or a wider division, the soonest first.
    package static func openPage(
        in division: DivisionCode, after: (at: Instant, id: ID<Visit>)?, limit: Int, _ tx: ReadTx
    ) throws -> [Visit] {
        let (from, id) = (after?.at.milliseconds ?? -1, after?.id.rawValue ?? 0)
        return try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables)
            WHERE \(RegisterQueries.place("v", division)) AND v.is_open = 1 AND (v.starts_at, v.id) > (\(from), \(id))
            ORDER BY v.starts_at, v.id LIMIT \(limit)
            """
        ) { try Visit($0) }
    }

    /// The visits of some households, the newest first.
    package static func visits(of households: [ID<Household>], limit: Int, _ tx: ReadTx) throws -> [Visit] {
        guard !households.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables) WHERE v.household_id IN \(SQL.list(households))
            ORDER BY v.id DESC LIMIT \(limit)
            """
        ) { try Visit($0) }
    }
}
