import LinliCore
import LinliKernel
import LinliStandards

/// Where borders that are about to hold overlap each other or their neighbours, and what they leave out between them.
///
/// Looked at on a lattice, because that says how large a fault is and where: what is narrower than a cell may stay
/// unseen. Points on a shared border belong to one grid, so neighbours that touch do not overlap.
struct GridBorderCheck: Sendable {
    /// Two grids and how much they have in common.
    struct Overlap: Sendable {
        let first: String
        let second: String
        let squareMetres: Int
    }

    /// A grid whose area and whose cells differ: its border crosses itself.
    struct Crossing: Sendable {
        let name: String
    }

    let overlaps: [Overlap]
    /// Square metres inside of the whole that belong to no grid.
    let gap: Int
    let crossings: [Crossing]
    /// The side of a cell in metres.
    let cellMetres: Int
    let marks: [(box: GeoBox, isOverlap: Bool)]

    /// More overlap than this is a mistake that must be corrected.
    /// - Source: configured, a tenth of a small courtyard
    static let tolerated = 100

    /// Whether the borders may hold.
    var isGood: Bool { overlaps.allSatisfy { $0.squareMetres <= GridBorderCheck.tolerated } && crossings.isEmpty }

    private static let side = 200

    /// Checks `areas` against each other and against `others`, which hold already.
    init(_ areas: [GridOutline], others: [GridOutline]) {
        let corners = areas.flatMap { [$0.area.box.southWest, $0.area.box.northEast] }
        guard let box = GeoBox(corners) else {
            (overlaps, gap, crossings, cellMetres, marks) = ([], 0, [], 0, [])
            return
        }
        let near = others.filter { $0.area.box.intersects(box) }
        var lattice = Lattice(box, side: GridBorderCheck.side)
        lattice.fill(areas + near, new: areas.count)
        let cell = lattice.cellSquareMetres
        let names = (areas + near).map(\.name)
        overlaps = lattice.shared.sorted { $0.value > $1.value }.map { pair, cells in
            Overlap(
                first: names[pair.first], second: names[pair.second],
                squareMetres: Int((Double(cells) * cell).rounded())
            )
        }
        gap = Int((Double(lattice.enclosed.count) * cell).rounded())
        crossings = areas.indices.compactMap { index in
            let (seen, said) = (Double(lattice.counts[index]) * cell, areas[index].area.squareMetres)
            // A few hundred cells tell an area to a few per cent.
            guard lattice.counts[index] > 300, abs(seen - said) > 0.1 * max(seen, said) else { return nil }
            return Crossing(name: areas[index].name)
        }
        cellMetres = max(1, Int(cell.squareRoot().rounded()))
        marks =
            lattice.sharedCells.prefix(2000).map { (lattice.box(of: $0), true) }
            + lattice.enclosed.prefix(2000).map { (lattice.box(of: $0), false) }
    }

    private struct Pair: Hashable {
        var first: Int
        var second: Int
    }

    /// Cells of equal size over a box, and what each of their middles belongs to.
    private struct Lattice {
        let west: Int64
        let south: Int64
        let step: Int64
        let columns: Int
        let rows: Int
        var shared: [Pair: Int] = [:]
        var sharedCells: [Int] = []
        /// Cells that belong to nobody and cannot be left without crossing a grid.
        var enclosed: [Int] = []
        /// How many cells each area has.
        var counts: [Int] = []

        init(_ box: GeoBox, side: Int) {
            west = Int64(box.southWest.longitudeE7)
            south = Int64(box.southWest.latitudeE7)
            let (width, height) = (Int64(box.northEast.longitudeE7) - west, Int64(box.northEast.latitudeE7) - south)
            step = max(10, max(width, height) / Int64(side))
            columns = Int(width / step) + 1
            rows = Int(height / step) + 1
        }

        /// A cell is nearly a rectangle: metres of a degree of latitude, and of longitude at its latitude.
        var cellSquareMetres: Double {
            let corner = GeoBox(
                southWest: point(0, 0),
                northEast: GeoPoint(
                    longitudeE7: Int32(clamping: west + step * 100), latitudeE7: Int32(clamping: south + step * 100)
                )
            )
            let ring = [
                corner.southWest,
                GeoPoint(longitudeE7: corner.northEast.longitudeE7, latitudeE7: corner.southWest.latitudeE7),
                corner.northEast,
                GeoPoint(longitudeE7: corner.southWest.longitudeE7, latitudeE7: corner.northEast.latitudeE7),
            ]
            let area = GeoRing(ring).flatMap { GeoArea([GeoPolygon(outer: $0)]) }
            return (area?.squareMetres ?? 0) / 10_000
        }

        private func point(_ column: Int, _ row: Int) -> GeoPoint {
            GeoPoint(
                longitudeE7: Int32(clamping: west + Int64(column) * step + step / 2),
                latitudeE7: Int32(clamping: south + Int64(row) * step + step / 2)
            )
        }

        func box(of cell: Int) -> GeoBox {
            let middle = point(cell % columns, cell / columns)
            let half = Int32(clamping: step / 2 + 1)
            return GeoBox(
                southWest: GeoPoint(longitudeE7: middle.longitudeE7 - half, latitudeE7: middle.latitudeE7 - half),
                northEast: GeoPoint(longitudeE7: middle.longitudeE7 + half, latitudeE7: middle.latitudeE7 + half)
            )
        }

        mutating func fill(_ areas: [GridOutline], new: Int) {
            counts = Array(repeating: 0, count: areas.count)
            var isEmpty = Array(repeating: false, count: columns * rows)
            for row in 0..<rows {
                for column in 0..<columns {
                    let middle = point(column, row)
                    let hits = areas.indices.filter { areas[$0].area.contains(middle) }
                    for hit in hits { counts[hit] += 1 }
                    let cell = row * columns + column
                    isEmpty[cell] = hits.isEmpty
                    guard let first = hits.first, first < new, hits.count > 1 else { continue }
                    sharedCells.append(cell)
                    for second in hits.dropFirst() { shared[Pair(first: first, second: second), default: 0] += 1 }
                }
            }
            enclosed = unreachable(isEmpty)
        }

        /// Empty cells that no way through empty cells leads to from outside.
        private func unreachable(_ isEmpty: [Bool]) -> [Int] {
            var isOutside = Array(repeating: false, count: isEmpty.count)
            var waiting: [Int] = []
            func visit(_ column: Int, _ row: Int) {
                guard (0..<columns).contains(column), (0..<rows).contains(row) else { return }
                let cell = row * columns + column
                guard isEmpty[cell], !isOutside[cell] else { return }
                isOutside[cell] = true
                waiting.append(cell)
            }
            for column in 0..<columns {
                visit(column, 0)
                visit(column, rows - 1)
            }
            for row in 0..<rows {
                visit(0, row)
                visit(columns - 1, row)
            }
            while let cell = waiting.popLast() {
                let (column, row) = (cell % columns, cell / columns)
                visit(column - 1, row)
                visit(column + 1, row)
                visit(column, row - 1)
                visit(column, row + 1)
            }
            return isEmpty.indices.filter { isEmpty[$0] && !isOutside[$0] }
        }
    }
}
