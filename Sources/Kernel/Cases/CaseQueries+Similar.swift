import LinliCore
import LinliSQL
import LinliStandards

/// What counts as near when somebody is about to tell what others told already, and how many of those are shown.
package struct SimilarSettings: Sendable {
    /// How far around a point.
    /// - Source: configured, no source
    package var metres = 200
    /// How many are offered.
    /// - Source: configured, no source
    package var count = 3

    /// The most that can be offered.
    package static let most = 10

    /// Three within 200 metres.
    package init() {}
}

extension CaseQueries {
    /// Open cases about the same thing nearby that are no complaint, for who dispatches: they may be one.
    ///
    /// `categories` are the codes that count as the same; `around` is where the person stands. What is due first.
    package func similar(
        categories: [String],
        community: DivisionCode,
        place: ID<Place>?,
        around: GeoPoint?
    ) async throws -> [CaseRow] {
        guard !categories.isEmpty, let near = near(place, around) else { return [] }
        let rest: SQL = """
            WHERE c.community = \(community.ancestor(at: .community)) AND c.is_open = 1 AND c.against_unit = 0
            AND c.nature NOT IN ('complaint', 'tipOff') AND c.parent_id IS NULL AND c.category IN \(SQL.list(categories)) AND (\(near))
            ORDER BY \(CaseQueries.byDue(categories)) LIMIT \(settings.similar.count)
            """
        return try await database.read { tx in try CasesStore.rows(rest, tx) }
    }

    /// At a place, or in the square around a point; nil when neither is known.
    func near(_ place: ID<Place>?, _ around: GeoPoint?) -> SQL? {
        var nearby: [SQL] = []
        if let place { nearby.append("c.place_id = \(place)") }
        if let around {
            let (north, east) = around.degrees(metres: Double(settings.similar.metres))
            nearby.append(
                """
                (c.latitude BETWEEN \(around.latitude - north) AND \(around.latitude + north)
                AND c.longitude BETWEEN \(around.longitude - east) AND \(around.longitude + east))
                """
            )
        }
        return nearby.isEmpty ? nil : SQL.joined(nearby, separator: " OR ")
    }

    /// What is due first, by the index of a community's open cases of a category.
    ///
    /// Of several categories the index gives no order; the plus keeps engines from walking everything open for it.
    static func byDue(_ categories: [String]) -> SQL {
        categories.count == 1 ? "c.due_at, c.id" : "+c.due_at, c.id"
    }
}

extension Migration {
    /// Open cases of a community by what they are about, so that looking for the same need nearby costs the same in a
    /// community with ten thousand open ones; with what "near" asks for, so that others are passed over unread.
    static let similarCases = Migration(
        "2026-11-27.41-similar-cases",
        """
        CREATE INDEX case_community_category
            ON case_item (community, category, due_at, id, place_id, latitude, longitude) WHERE is_open = 1;
        """
    )
}
