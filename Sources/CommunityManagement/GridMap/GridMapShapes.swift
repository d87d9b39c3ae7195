import LinliCore
import LinliKernel
import LinliStandards

/// The grids of a division in few bytes, for a map that draws thousands of them.
///
/// `LG1`, then whole numbers of seven bits a byte, the lowest first, the highest bit saying that another byte follows
/// (signed ones with the sign in the lowest bit): the step in ten-millionths of a degree, how many grids; of each grid its
/// code less that of the division, its name (bytes, UTF-8), how many rings; of each ring how many corners, then the steps
/// east and north from the corner before, the very first from zero.
enum GridMapShapes {
    /// How much a map leaves out, by how far it is away.
    enum Detail: String, CaseIterable {
        case far, near

        /// Lines move by no more than this, in metres.
        var metres: Double { self == .far ? 8 : 0 }
        /// Corners are rounded to so many ten-millionths of a degree: 100 are 1.1 m, less than a dot from afar.
        var step: Int64 { self == .far ? 100 : 1 }
    }

    /// Writes grids of a division.
    static func encode(_ grids: [GridOutline], in division: DivisionCode, _ detail: Detail) -> [UInt8] {
        let parts = grids.map { GeoCoverage.Part(key: $0.code.rawValue, area: $0.area) }
        let coverage = GeoCoverage(parts)?.simplified(metres: detail.metres)
        let simple = Dictionary(
            (coverage?.parts ?? parts).map { ($0.key, $0.area) }, uniquingKeysWith: { first, _ in first })
        var bytes = Array("LG1".utf8)
        bytes.reserveCapacity(grids.count * 96)
        var (x, y) = (Int64(0), Int64(0))
        put(UInt64(detail.step), &bytes)
        put(UInt64(grids.count), &bytes)
        for grid in grids {
            let area = simple[grid.code.rawValue] ?? grid.area
            let rings = area.polygons.flatMap { [$0.outer] + $0.holes }
            put(UInt64(max(0, grid.code.rawValue - division.rawValue)), &bytes)
            let name = Array(grid.name.utf8)
            put(UInt64(name.count), &bytes)
            bytes += name
            put(UInt64(rings.count), &bytes)
            for ring in rings {
                put(UInt64(ring.points.count), &bytes)
                for point in ring.points {
                    let (east, north) = (round(point.longitudeE7, detail.step), round(point.latitudeE7, detail.step))
                    putSigned(east - x, &bytes)
                    putSigned(north - y, &bytes)
                    (x, y) = (east, north)
                }
            }
        }
        return bytes
    }

    private static func round(_ value: Int32, _ step: Int64) -> Int64 {
        let doubled = 2 * Int64(value) + (value < 0 ? -step : step)
        return doubled / (2 * step)
    }

    private static func put(_ value: UInt64, _ bytes: inout [UInt8]) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func putSigned(_ value: Int64, _ bytes: inout [UInt8]) {
        put(UInt64(bitPattern: value << 1 ^ value >> 63), &bytes)
    }
}
