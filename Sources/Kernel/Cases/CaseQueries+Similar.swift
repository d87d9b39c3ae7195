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

    /// How many, by what is due first, are compared to find those that fit best.
    /// - Source: configured, no source
    static let candidates = 48

    /// Three within 200 metres.
    package init() {}
}

/// What somebody is about to tell, as far as it is known: what others told that may be the same is looked for by it.
struct SimilarSought: Sendable {
    /// The codes that count as the same.
    let categories: [String]
    /// The one of them it most likely is; empty where nothing says which.
    let likeliest: String
    let community: DivisionCode
    let place: ID<Place>?
    /// Where the person stands.
    let around: GeoPoint?
}

/// What is near to where something is told.
struct Nearness {
    /// On `case_item c`.
    let condition: SQL
    /// The place itself and its near kin.
    let places: Set<ID<Place>>
    /// What distances are measured from.
    let point: GeoPoint?
}

/// One of those that may be the same, with what it is compared by.
private struct SimilarCandidate {
    let id: ID<Case>
    let place: ID<Place>?
    let category: String
    let dueAt: Instant
    let latitude: Double?
    let longitude: Double?

    /// What fits better is less: the same place, the same category, what lies nearer, what is due first.
    func rank(_ sought: SimilarSought, _ near: Nearness) -> (Int, Int, Double, Instant, ID<Case>) {
        let isHere = place != nil && place == sought.place
        return (isHere ? 0 : 1, category == sought.likeliest ? 0 : 1, metres(near), dueAt, id)
    }

    /// How far off it lies. What was never measured is here when its place is, and farthest when that is another.
    private func metres(_ near: Nearness) -> Double {
        guard let point = near.point, let latitude, let longitude else {
            return place.map { near.places.contains($0) } == true ? 0 : .infinity
        }
        let (north, east) = point.degrees(metres: 1)
        let (up, aside) = ((latitude - point.latitude) / north, (longitude - point.longitude) / east)
        return (up * up + aside * aside).squareRoot()
    }
}

extension CaseQueries {
    /// Open cases about the same thing nearby that are no complaint, for who dispatches: they may be one.
    ///
    /// `categories` are the codes that count as the same, `likeliest` the one of them it most likely is; `around` is where
    /// the person stands. What is at the place itself first, then what is of that category, then what is nearest.
    package func similar(
        categories: [String],
        likeliest: String = "",
        community: DivisionCode,
        place: ID<Place>?,
        around: GeoPoint?
    ) async throws -> [CaseRow] {
        let sought = SimilarSought(
            categories: categories, likeliest: likeliest, community: community, place: place, around: around)
        return try await database.read { tx -> [CaseRow] in
            let open: SQL = """
                c.is_open = 1 AND c.against_unit = 0 AND c.nature NOT IN ('complaint', 'tipOff') AND c.parent_id IS NULL
                """
            let ids = try best(sought, where: open, tx)
            guard !ids.isEmpty else { return [] }
            let rows = try CasesStore.rows("WHERE c.id IN \(SQL.list(ids))", tx)
            return ids.compactMap { id in rows.first { $0.id == id } }
        }
    }

    /// Those that fit best of what a condition on `case_item c` lets through, the best first.
    ///
    /// What is at the place itself is looked for by itself, and so is the likeliest category among several: however much
    /// else is open around them, they are never crowded out.
    func best(_ sought: SimilarSought, where condition: SQL, _ tx: ReadTx) throws -> [ID<Case>] {
        guard !sought.categories.isEmpty, let near = try nearness(sought, tx) else { return [] }
        var whereabouts: [SQL] = []
        if let place = sought.place { whereabouts.append("c.place_id = \(place)") }
        whereabouts.append(near.condition)
        let isOneOfSeveral = sought.categories.count > 1 && sought.categories.contains(sought.likeliest)
        let kinds: [[String]] = (isOneOfSeveral ? [[sought.likeliest]] : []) + [sought.categories]
        var found: [ID<Case>: SimilarCandidate] = [:]
        for there in whereabouts {
            for kind in kinds where found.count < settings.similar.count {
                for candidate in try candidates(kind, sought.community, "(\(there)) AND \(condition)", tx) {
                    found[candidate.id] = candidate
                }
            }
        }
        let ranked = found.values.sorted { $0.rank(sought, near) < $1.rank(sought, near) }
        return ranked.prefix(settings.similar.count).map(\.id)
    }

    private func candidates(
        _ categories: [String], _ community: DivisionCode, _ condition: SQL, _ tx: ReadTx
    ) throws -> [SimilarCandidate] {
        try tx.all(
            """
            SELECT c.id, c.place_id, c.category, c.due_at, coalesce(c.latitude, (\(CaseQueries.ofPlace("latitude")))),
                coalesce(c.longitude, (\(CaseQueries.ofPlace("longitude"))))
            FROM case_item c
            WHERE c.community = \(community.ancestor(at: .community)) AND c.category IN \(SQL.list(categories))
            AND \(condition) ORDER BY \(CaseQueries.byDue(categories)) LIMIT \(SimilarSettings.candidates)
            """
        ) { row in
            SimilarCandidate(
                id: try row[0], place: try row[1], category: try row[2], dueAt: try row[3], latitude: try row[4],
                longitude: try row[5])
        }
    }

    /// At a place or in the same building or yard, or in the square around a point; nil when neither is known.
    ///
    /// Who names a place and stands nowhere known is taken to stand there. Homes of other buildings are not near to that:
    /// what is in a flat is next to the flats around it.
    private func nearness(_ sought: SimilarSought, _ tx: ReadTx) throws -> Nearness? {
        let vicinity = try sought.place.map { try PlaceVicinity(of: $0, tx) }
        var nearby: [SQL] = []
        if let vicinity { nearby.append("c.place_id IN \(SQL.list(vicinity.places))") }
        if let around = sought.around {
            nearby.append(square(around))
        } else if let point = vicinity?.point {
            nearby.append("(c.spot <> 'home' AND (\(square(point))))")
        }
        guard !nearby.isEmpty else { return nil }
        return Nearness(
            condition: SQL.joined(nearby, separator: " OR "), places: Set(vicinity?.places ?? []),
            point: sought.around ?? vicinity?.point)
    }

    /// In the square around a point. A case told without one lies where its place does, or the building that is part of;
    /// that is looked up only for those that have none.
    private func square(_ point: GeoPoint) -> SQL {
        let (north, east) = point.degrees(metres: Double(settings.similar.metres))
        let (south, top) = (point.latitude - north, point.latitude + north)
        let (west, right) = (point.longitude - east, point.longitude + east)
        return """
            (c.latitude BETWEEN \(south) AND \(top) AND c.longitude BETWEEN \(west) AND \(right))
            OR (c.latitude IS NULL AND (\(CaseQueries.ofPlace("latitude"))) BETWEEN \(south) AND \(top)
            AND (\(CaseQueries.ofPlace("longitude"))) BETWEEN \(west) AND \(right))
            """
    }

    /// A degree of where the place of a case lies, or the building or yard that is part of. Looked up for one case at a
    /// time: as a condition that something exists, an engine may read every place there is first.
    private static func ofPlace(_ degree: SQL) -> SQL {
        """
        SELECT coalesce(here.\(degree), whole.\(degree)) FROM place here LEFT JOIN place whole ON whole.id = here.parent_id
        AND whole.kind IN ('building', 'businessBuilding', 'courtyard') WHERE here.id = c.place_id
        """
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
