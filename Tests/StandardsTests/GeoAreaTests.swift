import LinliCore
import LinliStandards
import Testing

@Suite("区域边界")
struct GeoAreaTests {
    private static func point(_ x: Int, _ y: Int) -> GeoPoint {
        GeoPoint(longitudeE7: 1_164_000_000 + Int32(x), latitudeE7: 399_000_000 + Int32(y))
    }

    private static func polygon(_ corners: [(Int, Int)], holes: [[(Int, Int)]] = []) throws -> GeoPolygon {
        let rings = try ([corners] + holes).map { try #require(GeoRing($0.map { point($0.0, $0.1) })) }
        return GeoPolygon(outer: rings[0], holes: Array(rings.dropFirst()))
    }

    @Test("西、南边界在内，东、北边界在外")
    func edgeRule() throws {
        let square = try GeoAreaTests.polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
        let inside = [(0, 0), (5, 0), (0, 5), (9, 9), (5, 5), (9, 0), (0, 9)]
        let outside = [(10, 0), (10, 5), (10, 10), (5, 10), (0, 10), (-1, 5), (5, -1), (11, 5)]
        for (x, y) in inside { #expect(square.contains(GeoAreaTests.point(x, y)), "\(x),\(y)") }
        for (x, y) in outside { #expect(!square.contains(GeoAreaTests.point(x, y)), "\(x),\(y)") }
    }

    @Test("一片网格的每个点，包括公共边和公共角，恰好属于一格")
    func gridOfCells() throws {
        let cells = try (0..<5).flatMap { row in
            try (0..<5).map { column in
                let (x, y) = (column * 10, row * 10)
                // Every other cell is drawn clockwise and begins at another corner.
                let corners = [(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)]
                return try GeoAreaTests.polygon((row + column) % 2 == 0 ? corners : [2, 1, 0, 3].map { corners[$0] })
            }
        }
        for x in -2...52 {
            for y in -2...52 {
                let count = cells.count { $0.contains(GeoAreaTests.point(x, y)) }
                #expect(count == ((0..<50).contains(x) && (0..<50).contains(y) ? 1 : 0), "\(x),\(y)")
            }
        }
    }

    @Test("斜边、弯边的网格也不重叠、不留缝")
    func crookedCells() throws {
        var random = SeededRandom(9)
        for _ in 0..<20 {
            // Corners of a 4 × 4 net moved at random, except those on its border.
            var net: [[(Int, Int)]] = []
            for row in 0...4 {
                net.append(
                    (0...4).map { column in
                        let isBorder = row % 4 == 0 || column % 4 == 0
                        let shift = { (random: inout SeededRandom) in
                            isBorder ? 0 : Int.random(in: -8...8, using: &random)
                        }
                        return (column * 20 + shift(&random), row * 20 + shift(&random))
                    }
                )
            }
            var cells: [GeoPolygon] = []
            for row in 0..<4 {
                for column in 0..<4 {
                    let corners = [
                        net[row][column], net[row][column + 1], net[row + 1][column + 1], net[row + 1][column],
                    ]
                    cells.append(try GeoAreaTests.polygon(Bool.random(using: &random) ? corners : corners.reversed()))
                }
            }
            for x in 0..<80 {
                for y in 0..<80 {
                    let count = cells.count { $0.contains(GeoAreaTests.point(x, y)) }
                    try #require(count == 1, "\(x),\(y): \(count) in \(net)")
                }
            }
        }
    }

    @Test("洞里的不算在内；洞和填洞的多边形分得清清楚楚")
    func holes() throws {
        let hole = [(3, 3), (7, 4), (6, 8), (2, 7)]
        let ring = try GeoAreaTests.polygon([(0, 0), (10, 0), (10, 10), (0, 10)], holes: [hole])
        let filling = try GeoAreaTests.polygon(hole)
        var filled = 0
        for x in 0..<10 {
            for y in 0..<10 {
                let point = GeoAreaTests.point(x, y)
                #expect(ring.contains(point) != filling.contains(point), "\(x),\(y)")
                filled += filling.contains(point) ? 1 : 0
            }
        }
        #expect(filled > 0)
        #expect(ring.outer.isCounterClockwise && !ring.holes[0].isCounterClockwise)
    }

    @Test("全球的框也算得准")
    func wholeEarth() throws {
        let corners = [(-180.0, -90.0), (180, -90), (180, 90), (-180, 90)].compactMap {
            GeoPoint(longitude: $0.0, latitude: $0.1)
        }
        let ring = try #require(GeoRing(corners))
        let earth = try #require(GeoArea([GeoPolygon(outer: ring)]))
        let beijing = try #require(GeoPoint(longitude: 116.4, latitude: 39.9))
        #expect(earth.contains(beijing))
        // The surface of the WGS 84 ellipsoid is 510,065,621.724 km².
        #expect(abs(earth.squareMetres / 510_065_621_724_000 - 1) < 1e-9)
        #expect(earth.centroid == GeoPoint(longitude: 0, latitude: 0))
    }

    @Test("面积：与沿纬度积分的椭球面积一致，洞要减去，方向不影响")
    func area() throws {
        let (south, north, west, east) = (39.9, 39.9009, 116.4, 116.4012)
        let corners = [(west, south), (east, south), (east, north), (west, north)]
            .compactMap { GeoPoint(longitude: $0.0, latitude: $0.1) }
        let ring = try #require(GeoRing(corners))
        let other = try #require(GeoRing(corners.reversed()))
        let cell = try #require(GeoArea([GeoPolygon(outer: ring)]))
        let turned = try #require(GeoArea([GeoPolygon(outer: other)]))
        let expected = EllipsoidStrip.squareMetres(south: south, north: north, width: east - west)
        #expect(abs(cell.squareMetres / expected - 1) < 1e-6, "\(cell.squareMetres) \(expected)")
        #expect(cell.squareMetres > 9000 && cell.squareMetres < 11_000)
        #expect(abs(turned.squareMetres - cell.squareMetres) < 1e-6)
        let outer = try GeoAreaTests.polygon([(0, 0), (10_000, 0), (10_000, 10_000), (0, 10_000)])
        let hole = [(2000, 2000), (7000, 2000), (7000, 7000), (2000, 7000)]
        let holed = try GeoAreaTests.polygon([(0, 0), (10_000, 0), (10_000, 10_000), (0, 10_000)], holes: [hole])
        let (part, whole) = (try #require(GeoArea([holed])), try #require(GeoArea([outer])))
        let ratio = part.squareMetres / whole.squareMetres
        #expect(abs(ratio - 0.75) < 1e-5)
    }

    @Test("重心")
    func centroid() throws {
        let corners = try GeoAreaTests.polygon([(0, 0), (100, 0), (100, 100), (0, 100)])
        let square = try #require(GeoArea([corners]))
        #expect(square.centroid == GeoAreaTests.point(50, 50))
        // An L of three squares: ((1+3+1)/3, (1+1+3)/3) half-widths of 50.
        let corner = try GeoAreaTests.polygon([(0, 0), (200, 0), (200, 100), (100, 100), (100, 200), (0, 200)])
        #expect(GeoArea([corner])?.centroid == GeoAreaTests.point(83, 83))
        let pair = try [0, 300].map { try GeoAreaTests.polygon([($0, 0), ($0 + 100, 0), ($0 + 100, 100), ($0, 100)]) }
        #expect(GeoArea(pair)?.centroid == GeoAreaTests.point(200, 50))
    }

    @Test("外框")
    func box() throws {
        let triangle = try GeoAreaTests.polygon([(0, 5), (10, 0), (7, 20)])
        let area = try #require(GeoArea([triangle]))
        #expect(area.box == GeoBox(southWest: GeoAreaTests.point(0, 0), northEast: GeoAreaTests.point(10, 20)))
        #expect(area.box.contains(GeoAreaTests.point(10, 20)))
        #expect(!area.box.contains(GeoAreaTests.point(11, 20)))
        #expect(
            area.box.intersects(GeoBox(southWest: GeoAreaTests.point(10, 20), northEast: GeoAreaTests.point(30, 30))))
        #expect(
            !area.box.intersects(GeoBox(southWest: GeoAreaTests.point(11, 0), northEast: GeoAreaTests.point(30, 30))))
        #expect(GeoBox([GeoPoint]()) == nil)
        #expect(GeoArea([]) == nil)
    }

    @Test("不成面的环")
    func degenerate() {
        let cases: [[(Int, Int)]] = [
            [], [(0, 0)], [(0, 0), (1, 1)], [(0, 0), (1, 1), (0, 0)], [(0, 0), (1, 0), (2, 0)],
            [(0, 0), (0, 0), (1, 1), (1, 1)],
        ]
        for corners in cases { #expect(GeoRing(corners.map { GeoAreaTests.point($0.0, $0.1) }) == nil, "\(corners)") }
        #expect(
            GeoRing([(0, 0), (0, 0), (9, 0), (9, 9), (0, 0)].map { GeoAreaTests.point($0.0, $0.1) })?.points.count == 3)
    }
}

/// The area of a strip by adding thin slices of meridian and parallel radii, as a check on the closed formula.
private enum EllipsoidStrip {
    static func squareMetres(south: Double, north: Double, width: Double) -> Double {
        let (axis, squared) = (6_378_137.0, 0.006_694_379_990_141_317)
        let slices = 1000
        let step = (north - south) / Double(slices) * Double.pi / 180
        return (0..<slices).reduce(0.0) { sum, index in
            let latitude = south * Double.pi / 180 + (Double(index) + 0.5) * step
            let (sine, cosine) = sineAndCosine(latitude)
            let root = (1 - squared * sine * sine).squareRoot()
            let meridian = axis * (1 - squared) / (root * root * root)
            return sum + meridian * axis / root * cosine * step * width * Double.pi / 180
        }
    }

    /// By series, independent of the library the code under test uses.
    private static func sineAndCosine(_ angle: Double) -> (Double, Double) {
        var (sine, cosine, term) = (0.0, 0.0, 1.0)
        for order in 0..<30 {
            if order > 0 { term *= angle / Double(order) }
            switch order % 4 {
            case 0: cosine += term
            case 1: sine += term
            case 2: cosine -= term
            default: sine -= term
            }
        }
        return (sine, cosine)
    }
}
