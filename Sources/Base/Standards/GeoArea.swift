#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// A closed line of at least three corners; the last is joined to the first and not repeated.
package struct GeoRing: Sendable, Hashable {
    /// The corners in order.
    package let points: [GeoPoint]

    /// A ring, without corners that repeat the one before; nil when fewer than three are left or it encloses nothing.
    package init?(_ points: [GeoPoint]) {
        var corners: [GeoPoint] = []
        for point in points where corners.last != point { corners.append(point) }
        if corners.count > 1, corners.first == corners.last { corners.removeLast() }
        self.points = corners
        guard corners.count >= 3, signedArea != 0 else { return nil }
    }

    /// Whether a line due east from the point crosses the ring an odd number of times.
    ///
    /// A point on the western or southern border is inside, on the eastern or northern border outside. The answer for
    /// an edge does not depend on its direction, so of two areas that share an edge exactly one has its points.
    package func contains(_ point: GeoPoint) -> Bool {
        var isInside = false
        guard var last = points.last else { return false }
        for next in points {
            if (last.latitudeE7 > point.latitudeE7) != (next.latitudeE7 > point.latitudeE7) {
                let (low, high) = last.latitudeE7 < next.latitudeE7 ? (last, next) : (next, last)
                // Both products stay below 2⁶³: 3.6·10⁹ times 1.8·10⁹.
                let edge =
                    (Int64(high.longitudeE7) - Int64(low.longitudeE7))
                    * (Int64(point.latitudeE7) - Int64(low.latitudeE7))
                let here =
                    (Int64(point.longitudeE7) - Int64(low.longitudeE7))
                    * (Int64(high.latitudeE7) - Int64(low.latitudeE7))
                if here < edge { isInside.toggle() }
            }
            last = next
        }
        return isInside
    }

    /// Whether the corners run counter-clockwise.
    package var isCounterClockwise: Bool { signedArea > 0 }

    /// The same ring the other way round.
    package var reversed: GeoRing { GeoRing(unchecked: Array(points.reversed())) }

    private init(unchecked points: [GeoPoint]) {
        self.points = points
    }

    /// Square metres on the WGS 84 ellipsoid, positive counter-clockwise.
    var signedArea: Double {
        guard let first = points.first, var last = points.last else { return 0 }
        let base = GeoRing.areaFromEquator(first.latitude)
        var sum = 0.0
        var lastArea = GeoRing.areaFromEquator(last.latitude) - base
        for next in points {
            let nextArea = GeoRing.areaFromEquator(next.latitude) - base
            let width = Double(Int64(last.longitudeE7) - Int64(next.longitudeE7)) / 1e7 * Double.pi / 180
            sum += width * (lastArea + nextArea) / 2
            (last, lastArea) = (next, nextArea)
        }
        return sum
    }

    /// Square metres between the equator and a latitude, per radian of longitude.
    ///
    /// - Source: the authalic-latitude formula of the ellipsoid, with the WGS 84 axis 6,378,137 m and 1/f 298.257223563
    private static func areaFromEquator(_ latitude: Double) -> Double {
        let axis = 6_378_137.0
        let flattening = 1 / 298.257_223_563
        let squared = flattening * (2 - flattening)
        let eccentricity = squared.squareRoot()
        let sine = sin(latitude * Double.pi / 180)
        let curve = sine / (1 - squared * sine * sine)
        let logarithm = log((1 - eccentricity * sine) / (1 + eccentricity * sine)) / (2 * eccentricity)
        return axis * axis * (1 - squared) / 2 * (curve - logarithm)
    }

    /// Twice the planar area in units of the grid, and the sums for a centroid, relative to `origin`.
    func moments(around origin: GeoPoint) -> (area: Double, x: Double, y: Double) {
        var (area, x, y) = (0.0, 0.0, 0.0)
        guard let end = points.last else { return (area, x, y) }
        var last = GeoRing.offset(end, origin)
        for point in points {
            let next = GeoRing.offset(point, origin)
            let cross = last.0 * next.1 - next.0 * last.1
            area += cross
            x += (last.0 + next.0) * cross
            y += (last.1 + next.1) * cross
            last = next
        }
        return (area, x, y)
    }

    private static func offset(_ point: GeoPoint, _ origin: GeoPoint) -> (Double, Double) {
        (
            Double(Int64(point.longitudeE7) - Int64(origin.longitudeE7)),
            Double(Int64(point.latitudeE7) - Int64(origin.latitudeE7))
        )
    }
}

/// A ring with holes; the outer ring runs counter-clockwise and the holes clockwise, as GeoJSON wants.
package struct GeoPolygon: Sendable, Hashable {
    /// The outer border.
    package let outer: GeoRing
    /// What is cut out of it.
    package let holes: [GeoRing]

    /// A polygon; the rings are turned where needed.
    package init(outer: GeoRing, holes: [GeoRing] = []) {
        self.outer = outer.isCounterClockwise ? outer : outer.reversed
        self.holes = holes.map { $0.isCounterClockwise ? $0.reversed : $0 }
    }

    /// Whether a point is inside; see `GeoRing.contains(_:)` for points on a border.
    ///
    /// A point on the border of a hole belongs to either the polygon or what fills the hole.
    package func contains(_ point: GeoPoint) -> Bool {
        outer.contains(point) != (holes.count { $0.contains(point) } % 2 == 1)
    }
}

/// The area of a grid, community or other division: one or more polygons.
package struct GeoArea: Sendable, Hashable {
    /// At least one.
    package let polygons: [GeoPolygon]
    /// The box around all of it.
    package let box: GeoBox

    /// An area; nil without polygons.
    package init?(_ polygons: [GeoPolygon]) {
        guard let box = GeoBox(polygons.lazy.flatMap { $0.outer.points }) else { return nil }
        self.polygons = polygons
        self.box = box
    }

    /// Whether a point is inside; see `GeoRing.contains(_:)` for points on a border.
    package func contains(_ point: GeoPoint) -> Bool {
        box.contains(point) && polygons.contains { $0.contains(point) }
    }

    /// Square metres on the ellipsoid.
    package var squareMetres: Double {
        polygons.reduce(0) { $0 + $1.holes.reduce($1.outer.signedArea) { $0 + $1.signedArea } }
    }

    /// The centre of gravity, for a label; outside the area when it bends around.
    package var centroid: GeoPoint {
        let origin = box.southWest
        var (area, x, y) = (0.0, 0.0, 0.0)
        for ring in polygons.flatMap({ [$0.outer] + $0.holes }) {
            let moments = ring.moments(around: origin)
            area += moments.area
            x += moments.x
            y += moments.y
        }
        // Polygons that cancel out have no centre of gravity; the middle of the box is as good.
        let width = Double(Int64(box.northEast.longitudeE7) - Int64(origin.longitudeE7))
        let height = Double(Int64(box.northEast.latitudeE7) - Int64(origin.latitudeE7))
        let offset = area == 0 ? (width / 2, height / 2) : (x / area / 3, y / area / 3)
        return GeoPoint(
            longitude: origin.longitude + offset.0 / 1e7,
            latitude: origin.latitude + offset.1 / 1e7
        ) ?? origin
    }
}
