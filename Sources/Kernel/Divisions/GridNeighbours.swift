import LinliCore
import LinliSQL
import LinliStandards

/// The grids of other communities around some areas, as they lie from a moment on.
package struct GridNeighbours: Sendable {
    /// From when on they lie so: until the next such moment, or for good.
    package let from: Instant
    /// The grids, each with the name of its community before its own: nearly every community has a 第1网格.
    package let grids: [GridOutline]

    /// Grids around some areas.
    package init(from: Instant, grids: [GridOutline]) {
        self.from = from
        self.grids = grids
    }
}

extension GridAreasStore {
    /// How the grids of other communities lie around some areas, whatever their street: at a moment, and after each change
    /// that is published already and comes later. Looked for by the tiles the areas touch: who overlaps shares one.
    package static func neighbours(
        of community: DivisionCode, near areas: [GeoArea], from moment: Instant, _ tx: ReadTx
    ) throws -> [GridNeighbours] {
        var tiles: Set<Int64> = []
        for area in areas { tiles.formUnion(GridTile.covering(area) ?? []) }
        let sorted = tiles.sorted()
        var (shapes, moments): (Set<Int64>, Set<Instant>) = ([], [moment])
        for start in stride(from: 0, to: sorted.count, by: 500) {
            let some = Array(sorted[start..<min(start + 500, sorted.count)])
            try tx.each(
                """
                SELECT DISTINCT s.id, s.valid_from, s.valid_until
                FROM grid_shape_tile t JOIN grid_shape s ON s.id = t.shape_id
                WHERE t.tile IN \(SQL.list(some)) AND (s.valid_until IS NULL OR s.valid_until > \(moment))
                AND s.division NOT BETWEEN \(community.range.lowerBound) AND \(community.range.upperBound)
                """
            ) { row in
                let (id, from, until): (Int64, Instant, Instant?) = (try row[0], try row[1], try row[2])
                shapes.insert(id)
                if from > moment { moments.insert(from) }
                if let until { moments.insert(until) }
            }
        }
        let found = shapes.sorted()
        return try moments.sorted().map { GridNeighbours(from: $0, grids: try named(found, at: $0, tx)) }
    }

    /// Some shapes, of those that hold at a moment, with the names of their communities.
    private static func named(_ shapes: [Int64], at moment: Instant, _ tx: ReadTx) throws -> [GridOutline] {
        var grids: [GridOutline] = []
        for start in stride(from: 0, to: shapes.count, by: 500) {
            let some = Array(shapes[start..<min(start + 500, shapes.count)])
            grids += try tx.all(
                """
                SELECT s.division, d.name, s.geometry FROM grid_shape s JOIN division d ON d.code = s.division
                WHERE s.id IN \(SQL.list(some))
                AND s.valid_from <= \(moment) AND (s.valid_until IS NULL OR s.valid_until > \(moment))
                AND d.valid_from <= \(moment) AND (d.valid_until IS NULL OR d.valid_until > \(moment))
                """
            ) { row in
                GridOutline(code: try row[0], name: try row[1], area: try GridGeometry.decode(try row[2]))
            }
        }
        var communities: [DivisionCode: String] = [:]
        for code in Set(grids.map { $0.code.ancestor(at: .community) }) {
            communities[code] = try DivisionsStore.find(code, at: moment, tx)?.name
        }
        return grids.sorted { $0.code < $1.code }.map { grid in
            let name = communities[grid.code.ancestor(at: .community)] ?? ""
            return GridOutline(code: grid.code, name: name + grid.name, area: grid.area)
        }
    }
}
