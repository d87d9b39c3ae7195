import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the places' administration that the kernel does not have.
enum PlacesAdminStore {
    /// The places directly inside one.
    static func children(of id: ID<Place>, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.parent_id = \(id) ORDER BY p.sort_key, p.id LIMIT 1000
            """
        ) { try PlaceSummary($0) }
    }

    /// How many cases, accounts and places hang on a place, up to 1,000: one that is named somewhere cannot go.
    static func ties(of id: ID<Place>, _ tx: ReadTx) throws -> Int {
        try tx.value(
            """
            SELECT count(*) FROM (
                SELECT 1 AS one FROM case_item c WHERE c.place_id = \(id)
                UNION ALL SELECT 1 AS one FROM account a WHERE a.place_id = \(id)
                UNION ALL SELECT 1 AS one FROM place p WHERE p.parent_id = \(id)
                LIMIT 1000) AS part
            """
        ) ?? 0
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

    /// Changes a place; places inside whose address began with its old one follow.
    static func update(_ id: ID<Place>, _ place: NewPlace, was address: String, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE place SET kind = \(place.kind), name = \(place.name), address = \(place.address),
                division = \(place.division), latitude = \(place.latitude), longitude = \(place.longitude),
                property_right = \(place.propertyRight), manager_id = \(place.manager) WHERE id = \(id)
            """
        )
        if address != place.address { try readdress(below: id, from: address, to: place.address, depth: 0, tx) }
        try tx.audit(
            Subject("place", id, division: place.division), fields: ["name", "address", "division", "manager"]
        )
    }

    private static func readdress(
        below id: ID<Place>, from old: String, to new: String, depth: Int, _ tx: WriteTx
    ) throws {
        // Estate, building, entrance; a place cannot lie in itself, but a broken table must not run for ever.
        guard depth < 8 else { return }
        for child in try children(of: id, tx) where child.address.hasPrefix(old) {
            let address = String((new + child.address.dropFirst(old.count)).prefix(160))
            try tx.execute("UPDATE place SET address = \(address) WHERE id = \(child.id)")
            try readdress(below: child.id, from: child.address, to: address, depth: depth + 1, tx)
        }
    }

    /// Takes a place out of the register that nothing names.
    static func remove(_ id: ID<Place>, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM place WHERE id = \(id)")
        try tx.audit(Subject("place", id), fields: ["removed"])
    }
}
