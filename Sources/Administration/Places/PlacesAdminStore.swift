import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// Every SQL text of the places' administration that the kernel does not have.
enum PlacesAdminStore {
    /// Whether something names a place: by one of the columns that all features declare, or as what it was joined with.
    /// Such a place cannot go, it can end.
    static func isNamed(_ id: ID<Place>, _ uses: [PlaceUse], _ tx: ReadTx) throws -> Bool {
        for use in uses where try use.isNamed(id, tx) { return true }
        return try tx.exists("SELECT 1 FROM place p WHERE p.merged_into = \(id) LIMIT 1")
    }

    /// Places of a community that are there no more, the last first.
    static func ended(in community: DivisionCode, limit: Int, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p
            WHERE p.division BETWEEN \(community.range.lowerBound) AND \(community.range.upperBound)
            AND p.valid_to IS NOT NULL ORDER BY p.valid_to DESC, p.id LIMIT \(limit)
            """
        ) { try PlaceSummary($0) }
    }

    /// The places that are there with an address.
    static func places(at address: String, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.address = \(address) AND p.valid_to IS NULL
            ORDER BY p.id LIMIT 20
            """
        ) { try PlaceSummary($0) }
    }

    /// The place after which a new one comes.
    static func nextSortKey(in division: DivisionCode, _ tx: ReadTx) throws -> Int {
        let last: Int? =
            try tx.value(
                """
                SELECT max(p.sort_key) FROM place p
                WHERE p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
                """,
                as: Int?.self
            ) ?? nil
        return (last ?? -1) + 1
    }

    /// The communities of some divisions that have places.
    static func communities(in divisions: [DivisionCode], _ tx: ReadTx) throws -> [DivisionCode] {
        let ranges = divisions.map { code -> SQL in
            "p.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        guard !ranges.isEmpty else { return [] }
        let codes: [DivisionCode] = try tx.all(
            "SELECT DISTINCT p.division FROM place p WHERE \(SQL.joined(ranges, separator: " OR ")) LIMIT 2000"
        ) { try $0[0] }
        return Set(codes.map { $0.ancestor(at: .community) }).sorted()
    }

    // MARK: Changes

    /// Changes a place; places inside and what is entered there follow where their address began with its old one.
    ///
    /// - Throws: `.conflict` when somebody changed it since `version`.
    static func update(_ old: PlaceSummary, _ place: NewPlace, version: Int?, _ tx: WriteTx) throws {
        try PlaceRegister.bump(
            old, version: version,
            [
                "kind = \(place.kind)", "name = \(place.name)", "address = \(place.address)", "road = \(place.road)",
                "door = \(place.door)", "division = \(place.division)", "latitude = \(place.latitude)",
                "longitude = \(place.longitude)", "property_right = \(place.propertyRight)",
                "manager_id = \(place.manager)",
            ], tx)
        if old.address != place.address {
            try PlaceReaddressing.follow(in: old.id, from: old.address, to: place.address, tx)
        }
    }

    /// Measures a place anew.
    static func move(_ place: PlaceSummary, to point: GeoPoint, _ tx: WriteTx) throws {
        try PlaceRegister.bump(
            place, ["latitude = \(point.latitude)", "longitude = \(point.longitude)"], tx)
    }

    /// Takes a place out of the register that nothing names, with its area and its history.
    static func remove(_ id: ID<Place>, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM place_area WHERE place_id = \(id)")
        try tx.execute("DELETE FROM register_change WHERE kind = 'place' AND subject_id = \(id)")
        try tx.execute("DELETE FROM place WHERE id = \(id)")
        try tx.audit(Subject("place", id), fields: ["removed"])
    }
}
