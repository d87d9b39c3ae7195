#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// Areas that together cover a territory: the grids of a community.
///
/// Neighbours share every corner of their common border, as whole numbers: what moves for one moves for the other, so
/// that neither a gap nor an overlap can come from editing.
package struct GeoCoverage: Sendable, Hashable {
    /// One of the areas with its number, the code of a grid.
    package struct Part: Sendable, Hashable {
        /// Its number.
        package let key: Int64
        /// Where it is.
        package var area: GeoArea

        /// An area with its number.
        package init(key: Int64, area: GeoArea) {
            self.key = key
            self.area = area
        }
    }

    /// Why an edit cannot be made.
    package enum Refusal: Error, Sendable, Hashable {
        /// No part has this number, or one has it already.
        case unknownPart, takenKey
        /// The line does not lead across the part from border to border.
        case notAcross
        /// The two have no border in common.
        case notNeighbours
        /// No part has a corner there, or nothing would be left of a part.
        case noCorner, collapses
    }

    /// The areas by number.
    package private(set) var parts: [Part]

    /// More than this many ten-millionths of a degree no territory reaches: products of distances then fit 64 bits.
    private static let widest: Int64 = 1_000_000_000

    /// Areas that belong together; nil when they are too far apart or two have one number.
    package init?(_ parts: [Part]) {
        guard Set(parts.map(\.key)).count == parts.count else { return nil }
        if let box = GeoBox(parts.flatMap { [$0.area.box.southWest, $0.area.box.northEast] }) {
            guard Int64(box.northEast.longitudeE7) - Int64(box.southWest.longitudeE7) < GeoCoverage.widest,
                Int64(box.northEast.latitudeE7) - Int64(box.southWest.latitudeE7) < GeoCoverage.widest
            else { return nil }
        }
        self.parts = parts.sorted { $0.key < $1.key }
    }

    /// One of the areas.
    package subscript(key: Int64) -> GeoArea? {
        index(key).map { parts[$0].area }
    }

    func index(_ key: Int64) -> Int? { parts.firstIndex { $0.key == key } }

    /// Puts an area in place of the one a number had; nil takes the part away.
    mutating func set(_ key: Int64, _ area: GeoArea?) {
        parts.removeAll { $0.key == key }
        guard let area else { return }
        parts.insert(Part(key: key, area: area), at: parts.firstIndex { $0.key > key } ?? parts.count)
    }

    /// Every part with its rings changed; a part nothing is left of makes it throw.
    func mapRings(_ change: (GeoRing) -> [GeoPoint]) throws(Refusal) -> GeoCoverage {
        var changed = self
        for index in changed.parts.indices {
            var polygons: [GeoPolygon] = []
            for polygon in changed.parts[index].area.polygons {
                guard let outer = GeoRing(GeoCoverage.withoutSpikes(change(polygon.outer))) else { continue }
                let holes = polygon.holes.compactMap { GeoRing(GeoCoverage.withoutSpikes(change($0))) }
                polygons.append(GeoPolygon(outer: outer, holes: holes))
            }
            guard let area = GeoArea(polygons) else { throw .collapses }
            changed.parts[index].area = area
        }
        return changed
    }

    /// The corners of a ring without ways there and back.
    static func withoutSpikes(_ points: [GeoPoint]) -> [GeoPoint] {
        var kept: [GeoPoint] = []
        for point in points {
            if kept.last == point { continue }
            if kept.count > 1, kept[kept.count - 2] == point {
                kept.removeLast()
            } else {
                kept.append(point)
            }
        }
        while kept.count > 2, kept.first == kept.last || kept[1] == kept[kept.count - 1] {
            if kept.first != kept.last { kept.removeFirst() }
            kept.removeLast()
        }
        while kept.count > 2, kept[0] == kept[kept.count - 2] { kept.removeLast(2) }
        return kept
    }

    /// The gap that holds a point, when parts surround it wholly; nil when it is none.
    package func enclosedGap(at point: GeoPoint) -> GeoArea? {
        guard !parts.contains(where: { $0.area.contains(point) }) else { return nil }
        let holes = outline?.polygons.flatMap(\.holes) ?? []
        return holes.first { $0.contains(point) }.flatMap { GeoArea([GeoPolygon(outer: $0)]) }
    }

    /// The border of all parts together, without the borders between them; nil without parts.
    ///
    /// Right for parts that neither overlap nor leave gaps; others give a border that crosses itself.
    package var outline: GeoArea? {
        var edges: [RingTracer.Edge] = []
        for part in parts { edges += RingTracer.edges(of: part.area) }
        return RingTracer.area(of: RingTracer.withoutPairs(edges))
    }
}

extension GeoPoint {
    /// How many degrees north and east a distance is here.
    package func degrees(metres: Double) -> (north: Double, east: Double) {
        let north = metres / (GeoScale.metres * 1e7)
        // At the poles every longitude is near.
        return (north, north / max(GeoScale(latitude: latitude).squeeze, 0.001))
    }
}

/// Distances on the ground between points that are near each other.
struct GeoScale: Sendable {
    /// Metres of a ten-millionth of a degree of latitude.
    /// - Source: the mean radius 6,371,008.8 m
    static let metres = 6_371_008.8 * Double.pi / 180 / 1e7
    /// How much shorter one of longitude is here.
    let squeeze: Double

    init(latitude: Double) { squeeze = cos(latitude * Double.pi / 180) }

    /// Metres east and north of `origin`.
    func offset(_ point: GeoPoint, from origin: GeoPoint) -> (x: Double, y: Double) {
        (
            Double(Int64(point.longitudeE7) - Int64(origin.longitudeE7)) * GeoScale.metres * squeeze,
            Double(Int64(point.latitudeE7) - Int64(origin.latitudeE7)) * GeoScale.metres
        )
    }

    /// Metres between two points.
    func distance(_ first: GeoPoint, _ second: GeoPoint) -> Double {
        let (x, y) = offset(second, from: first)
        return (x * x + y * y).squareRoot()
    }

    /// How far a point is from a line, in metres, and how far along the line, 0 to 1.
    func distance(_ point: GeoPoint, _ start: GeoPoint, _ end: GeoPoint) -> (metres: Double, along: Double) {
        let (x, y) = offset(point, from: start)
        let (width, height) = offset(end, from: start)
        let length = width * width + height * height
        let along = length == 0 ? 0 : max(0, min(1, (x * width + y * height) / length))
        let (missX, missY) = (x - along * width, y - along * height)
        return ((missX * missX + missY * missY).squareRoot(), along)
    }
}

/// On which side of a line through two points a third one lies: positive left, 0 on the line. Exact while they are less
/// than a hundred degrees apart.
func geoSide(_ start: GeoPoint, _ end: GeoPoint, _ point: GeoPoint) -> Int64 {
    let width = Int64(end.longitudeE7) - Int64(start.longitudeE7)
    let height = Int64(end.latitudeE7) - Int64(start.latitudeE7)
    return width * (Int64(point.latitudeE7) - Int64(start.latitudeE7))
        - height * (Int64(point.longitudeE7) - Int64(start.longitudeE7))
}

/// Makes rings of directed edges whose area lies on the left.
enum RingTracer {
    /// A step from one corner to the next.
    struct Edge: Sendable, Hashable {
        let from: GeoPoint
        let to: GeoPoint

        var reversed: Edge { Edge(from: to, to: from) }
    }

    /// The edges of an area; polygons keep their area on the left.
    static func edges(of area: GeoArea) -> [Edge] {
        area.polygons.flatMap { polygon in
            ([polygon.outer] + polygon.holes).flatMap { edges(of: $0.points) }
        }
    }

    static func edges(of points: [GeoPoint]) -> [Edge] {
        points.indices.map { Edge(from: points[$0], to: points[($0 + 1) % points.count]) }
    }

    /// The edges that nobody goes the other way.
    static func withoutPairs(_ edges: [Edge]) -> [Edge] {
        var counts: [Edge: Int] = [:]
        for edge in edges {
            if let back = counts[edge.reversed] {
                counts[edge.reversed] = back > 1 ? back - 1 : nil
            } else {
                counts[edge, default: 0] += 1
            }
        }
        return edges.filter { edge in
            guard let count = counts[edge] else { return false }
            counts[edge] = count > 1 ? count - 1 : nil
            return true
        }
    }

    /// The closed ways along the edges, always turning left as sharply as it goes. Every edge is used once; what does not
    /// come back to its beginning is left out.
    static func rings(_ edges: [Edge]) -> [[Edge]] {
        var leaving: [GeoPoint: [Int]] = [:]
        for (index, edge) in edges.enumerated() { leaving[edge.from, default: []].append(index) }
        var isUsed = Array(repeating: false, count: edges.count)
        var rings: [[Edge]] = []
        for start in edges.indices where !isUsed[start] {
            var ring: [Edge] = []
            var next: Int? = start
            while let current = next, !isUsed[current] {
                isUsed[current] = true
                ring.append(edges[current])
                let choices = leaving[edges[current].to, default: []].filter { !isUsed[$0] || $0 == start }
                next = sharpest(choices, after: edges[current], edges)
            }
            if next == start { rings.append(ring) }
        }
        return rings
    }

    /// Of the edges that leave a corner, the first one clockwise from where we came.
    private static func sharpest(_ choices: [Int], after edge: Edge, _ edges: [Edge]) -> Int? {
        guard choices.count > 1 else { return choices.first }
        let back = angle(edge.reversed)
        return choices.min { clockwise(from: back, edges[$0]) < clockwise(from: back, edges[$1]) }
    }

    private static func clockwise(from back: Double, _ edge: Edge) -> Double {
        let turn = back - angle(edge)
        // Back along the same line comes last.
        return turn > 1e-12 ? turn : turn + 2 * Double.pi
    }

    private static func angle(_ edge: Edge) -> Double {
        atan2(
            Double(Int64(edge.to.latitudeE7) - Int64(edge.from.latitudeE7)),
            Double(Int64(edge.to.longitudeE7) - Int64(edge.from.longitudeE7))
        )
    }

    /// The area with these edges on its border; nil when they enclose nothing.
    static func area(of edges: [Edge]) -> GeoArea? { area(of: rings(edges).map { $0.map(\.from) }) }

    /// The area of rings: those that run counter-clockwise hold, the others are holes in the smallest that holds them.
    static func area(of lines: [[GeoPoint]]) -> GeoArea? {
        let rings = lines.compactMap { GeoRing(GeoCoverage.withoutSpikes($0)) }
        let outers = rings.filter(\.isCounterClockwise).sorted { $0.signedArea < $1.signedArea }
        var holes: [[GeoRing]] = outers.map { _ in [] }
        for hole in rings where !hole.isCounterClockwise {
            // A hole may touch its outer ring at a corner: most of its corners tell.
            let owner = outers.firstIndex { outer in
                hole.points.count { outer.contains($0) } * 2 > hole.points.count
            }
            if let owner { holes[owner].append(hole) }
        }
        return GeoArea(zip(outers, holes).map { GeoPolygon(outer: $0, holes: $1) })
    }
}
