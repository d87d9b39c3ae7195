import LinliCore
import LinliStandards

/// A grid and the area it covers, checked and ready to be stored.
package struct GridArea: Sendable {
    /// The grid.
    package let division: DivisionCode
    /// Where it is.
    package let area: GeoArea
    /// The tiles it touches, see `GridTile`.
    let tiles: [Int64]
    /// The area as it is stored, see `GridGeometry`.
    let geometry: String

    /// A grid and its area.
    ///
    /// - Throws: `.invalid` when the code is not a grid's or the area is larger than a grid can be.
    package init(_ division: DivisionCode, _ area: GeoArea) throws {
        guard division.level == .grid else {
            throw LinliError.invalid(
                "grids.level",
                [
                    .init(
                        "division",
                        Text("只有网格有边界，\(division.short) 不是网格", "Only grids have a border; \(division.short) is not one")
                    )
                ]
            )
        }
        guard let tiles = GridTile.covering(area) else { throw GridArea.tooLarge }
        let geometry = GridGeometry.encode(area)
        guard geometry.utf8.count <= 200_000 else { throw GridArea.tooLarge }
        self.division = division
        self.area = area
        self.tiles = tiles
        self.geometry = geometry
    }

    /// A grid and its area as a GeoJSON geometry, Polygon or MultiPolygon in WGS 84.
    ///
    /// - Throws: `.invalid` saying what is wrong with it.
    package init(_ division: DivisionCode, geoJSON: String) throws {
        let area: GeoArea
        do {
            area = try GeoArea(geoJSON: geoJSON)
        } catch {
            throw LinliError.invalid("grids.geometry", [.init("geometry", error.text)])
        }
        try self.init(division, area)
    }

    private static let tooLarge = LinliError.invalid(
        "grids.tooLarge",
        [
            .init(
                "geometry", Text("这个网格的边界太大，请核对坐标", "This border is too large for a grid; please check the coordinates")
            )
        ]
    )
}

/// A stored grid as maps draw it.
package struct GridOutline: Sendable {
    /// The grid.
    package let code: DivisionCode
    /// Its name, `第2网格`.
    package let name: String
    /// Where it is.
    package let area: GeoArea

    /// A grid with its area, stored or about to be.
    package init(code: DivisionCode, name: String, area: GeoArea) {
        self.code = code
        self.name = name
        self.area = area
    }
}

/// Squares of 0.005°, in Beijing about 430 m by 560 m, by which a place finds the few grids it may lie in.
enum GridTile {
    /// The side of a tile in ten-millionths of a degree.
    private static let side: Int64 = 50_000
    /// More tiles than any grid has: about 950 km².
    private static let maximum: Int64 = 4096

    /// The tile a point lies in; its western and southern border belong to it.
    static func holding(_ point: GeoPoint) -> Int64 {
        number(column(point.longitudeE7), column(point.latitudeE7))
    }

    /// The tiles an area touches, in order; nil when there are too many of them.
    static func covering(_ area: GeoArea) -> [Int64]? {
        let (west, south) = (column(area.box.southWest.longitudeE7), column(area.box.southWest.latitudeE7))
        let (east, north) = (column(area.box.northEast.longitudeE7), column(area.box.northEast.latitudeE7))
        guard (east - west + 1) * (north - south + 1) <= maximum else { return nil }
        var touched: Set<Int64> = []
        for polygon in area.polygons {
            for ring in [polygon.outer] + polygon.holes { mark(ring, &touched) }
        }
        // A tile that no border touches lies inside or outside as a whole, and any of its points tells.
        for y in south...north {
            for x in west...east where !touched.contains(number(x, y)) {
                let corner = GeoPoint(longitudeE7: Int32(x * side), latitudeE7: Int32(y * side))
                if area.contains(corner) { touched.insert(number(x, y)) }
            }
        }
        return touched.sorted()
    }

    private static func column(_ degreesE7: Int32) -> Int64 {
        let value = Int64(degreesE7)
        return value >= 0 ? value / side : -((side - 1 - value) / side)
    }

    private static func number(_ x: Int64, _ y: Int64) -> Int64 { (y + 18_000) * 100_000 + x + 36_000 }

    private static func mark(_ ring: GeoRing, _ touched: inout Set<Int64>) {
        guard var from = ring.points.last else { return }
        for to in ring.points {
            let columns = column(min(from.longitudeE7, to.longitudeE7))...column(max(from.longitudeE7, to.longitudeE7))
            for y in column(min(from.latitudeE7, to.latitudeE7))...column(max(from.latitudeE7, to.latitudeE7)) {
                for x in columns where touches(from, to, x, y) { touched.insert(number(x, y)) }
            }
            from = to
        }
    }

    /// Whether a line touches a tile inside its own box: not when all four corners are on one side of it.
    private static func touches(_ from: GeoPoint, _ to: GeoPoint, _ x: Int64, _ y: Int64) -> Bool {
        let (width, height) = (
            Int64(to.longitudeE7) - Int64(from.longitudeE7), Int64(to.latitudeE7) - Int64(from.latitudeE7)
        )
        var (isLeft, isRight) = (false, false)
        for (cornerX, cornerY) in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
            let cross =
                width * (cornerY * side - Int64(from.latitudeE7)) - height * (cornerX * side - Int64(from.longitudeE7))
            isLeft = isLeft || cross >= 0
            isRight = isRight || cross <= 0
        }
        return isLeft && isRight
    }
}

/// The text an area is stored in: whole numbers in ten-millionths of a degree, because JSON takes fifty times as long
/// to read and a lookup reads one for every grid nearby.
///
/// `west south east north|x y dx dy dx dy;…|…`: the box, then the polygons, each its rings parted by `;`, each ring its
/// first corner and the steps to the next ones.
enum GridGeometry {
    static func encode(_ area: GeoArea) -> String {
        let (low, high) = (area.box.southWest, area.box.northEast)
        var text = "\(low.longitudeE7) \(low.latitudeE7) \(high.longitudeE7) \(high.latitudeE7)"
        for polygon in area.polygons {
            for (index, ring) in ([polygon.outer] + polygon.holes).enumerated() {
                text += index == 0 ? "|" : ";"
                var (x, y) = (Int64(0), Int64(0))
                for (index, point) in ring.points.enumerated() {
                    text += index == 0 ? "" : " "
                    text += "\(Int64(point.longitudeE7) - x) \(Int64(point.latitudeE7) - y)"
                    (x, y) = (Int64(point.longitudeE7), Int64(point.latitudeE7))
                }
            }
        }
        return text
    }

    /// Whether a point lies in the box of a stored area.
    static func mayContain(_ text: String, _ point: GeoPoint) throws -> Bool {
        var reader = NumberReader(text)
        return try reader.box().contains(point)
    }

    /// Reads what `encode` wrote.
    ///
    /// - Throws: a fault: only `encode` writes these.
    static func decode(_ text: String) throws -> GeoArea {
        var reader = NumberReader(text)
        _ = try reader.box()
        var polygons: [GeoPolygon] = []
        var rings: [GeoRing] = []
        while let end = try reader.ring(&rings) {
            guard end != UInt8(ascii: ";") else { continue }
            guard let outer = rings.first else { throw NumberReader.broken }
            polygons.append(GeoPolygon(outer: outer, holes: Array(rings.dropFirst())))
            rings.removeAll(keepingCapacity: true)
        }
        guard let area = GeoArea(polygons) else { throw NumberReader.broken }
        return area
    }

    /// Goes through the numbers of a stored area.
    private struct NumberReader {
        private var bytes: String.UTF8View.Iterator
        /// What ended the last number: a blank, `;`, `|`, or 0 at the end of the text.
        private var end: UInt8 = UInt8(ascii: " ")

        static let broken = LinliError.fault("grids.broken", "a stored area cannot be read")

        init(_ text: String) { bytes = text.utf8.makeIterator() }

        mutating func box() throws -> GeoBox {
            let (west, south, east, north) = (try number(), try number(), try number(), try number())
            return GeoBox(
                southWest: GeoPoint(longitudeE7: west, latitudeE7: south),
                northEast: GeoPoint(longitudeE7: east, latitudeE7: north)
            )
        }

        /// Adds the next ring and says what ended it; nil when there is none.
        mutating func ring(_ rings: inout [GeoRing]) throws -> UInt8? {
            guard end != 0 else { return nil }
            var points: [GeoPoint] = []
            var (x, y) = (Int32(0), Int32(0))
            repeat {
                let (stepX, stepY) = (try number(), try number())
                let (nextX, isFarX) = x.addingReportingOverflow(stepX)
                let (nextY, isFarY) = y.addingReportingOverflow(stepY)
                guard !isFarX, !isFarY else { throw NumberReader.broken }
                (x, y) = (nextX, nextY)
                points.append(GeoPoint(longitudeE7: x, latitudeE7: y))
            } while end == UInt8(ascii: " ")
            guard let ring = GeoRing(points) else { throw NumberReader.broken }
            rings.append(ring)
            return end
        }

        private mutating func number() throws -> Int32 {
            var value: Int64 = 0
            var isNegative = false
            var isEmpty = true
            end = 0
            while let byte = bytes.next() {
                switch byte {
                case 0x30...0x39:
                    value = value * 10 + Int64(byte - 0x30)
                    isEmpty = false
                    guard value <= 4_000_000_000 else { throw NumberReader.broken }
                case UInt8(ascii: "-") where isEmpty && !isNegative: isNegative = true
                default:
                    end = byte
                    return try whole(value, isNegative, isEmpty)
                }
            }
            return try whole(value, isNegative, isEmpty)
        }

        private func whole(_ value: Int64, _ isNegative: Bool, _ isEmpty: Bool) throws -> Int32 {
            guard !isEmpty, let number = Int32(exactly: isNegative ? -value : value) else { throw NumberReader.broken }
            return number
        }
    }
}
