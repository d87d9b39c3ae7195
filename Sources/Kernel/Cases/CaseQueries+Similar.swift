import LinliCore
import LinliSQL
import LinliStandards

extension CaseQueries {
    /// Public cases about the same thing nearby that are still open, for the hint "somebody may have said this already".
    ///
    /// `categories` are the codes that count as the same; `around` is where the person stands, within some 200 metres.
    /// At most three, what is due first.
    package func similar(
        categories: [String],
        community: DivisionCode,
        place: ID<Place>?,
        around: GeoPoint?
    ) async throws -> [CaseRow] {
        guard !categories.isEmpty, place != nil || around != nil else { return [] }
        var nearby: [SQL] = []
        if let place { nearby.append("c.place_id = \(place)") }
        if let around {
            // 0.002 degrees are some 220 metres north and 170 metres east at Beijing's latitude.
            nearby.append(
                """
                (c.latitude BETWEEN \(around.latitude - 0.002) AND \(around.latitude + 0.002)
                AND c.longitude BETWEEN \(around.longitude - 0.002) AND \(around.longitude + 0.002))
                """
            )
        }
        let rest: SQL = """
            WHERE c.community = \(community.ancestor(at: .community)) AND c.is_open = 1 AND c.is_public = 1
            AND c.category IN \(SQL.list(categories)) AND (\(SQL.joined(nearby, separator: " OR ")))
            ORDER BY c.due_at, c.id LIMIT 3
            """
        return try await database.read { tx in try CasesStore.rows(rest, tx) }
    }
}
