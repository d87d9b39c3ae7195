#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// The shifted coordinates that Chinese map services use, and the way back.
///
/// Outside a box around China nothing is shifted. Everything is stored as WGS 84; conversion happens where coordinates
/// come in or go out.
/// - Source: the generally known formula (no official text is published); checked against recorded values
package enum GCJ02 {
    /// The box around China, in degrees.
    static let box = (longitude: 72.004...137.8347, latitude: 0.8293...55.8271)

    /// GCJ-02 degrees of a WGS 84 place.
    package static func fromWGS84(longitude: Double, latitude: Double) -> (longitude: Double, latitude: Double) {
        guard box.longitude.contains(longitude), box.latitude.contains(latitude) else {
            return (longitude, latitude)
        }
        let (x, y) = (longitude - 105, latitude - 35)
        let radians = latitude / 180 * Double.pi
        let sine = sin(radians)
        let magic = 1 - eccentricity * sine * sine
        let meridian = radius * (1 - eccentricity) / (magic * magic.squareRoot())
        let parallel = radius / magic.squareRoot() * cos(radians)
        return (
            longitude + eastward(x, y) * 180 / (parallel * Double.pi),
            latitude + northward(x, y) * 180 / (meridian * Double.pi)
        )
    }

    /// WGS 84 degrees of a GCJ-02 place, to better than 10⁻⁹ degrees.
    package static func toWGS84(longitude: Double, latitude: Double) -> (longitude: Double, latitude: Double) {
        var (east, north) = (longitude, latitude)
        // Each round leaves about a hundredth of the error; ten end on the box's edge too, where it jumps.
        for _ in 0..<10 {
            let shifted = fromWGS84(longitude: east, latitude: north)
            let (missingEast, missingNorth) = (longitude - shifted.longitude, latitude - shifted.latitude)
            if abs(missingEast) < 1e-10, abs(missingNorth) < 1e-10 { break }
            east += missingEast
            north += missingNorth
        }
        return (east, north)
    }

    /// The semi-major axis of the Krasovsky ellipsoid in metres.
    private static let radius = 6_378_245.0
    /// Its eccentricity squared.
    private static let eccentricity = 0.006_693_421_622_965_943_23

    /// The two terms of short waves along x that both shifts share.
    private static func ripple(_ x: Double) -> Double {
        let pi = Double.pi
        return 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    }

    /// The longer waves along one axis; the last two differ in strength between the axes.
    private static func wave(_ value: Double, _ slow: Double, _ slowest: Double) -> Double {
        let pi = Double.pi
        let short = 20 * sin(value * pi) + 40 * sin(value / 3 * pi)
        return short + slow * sin(value / 12 * pi) + slowest * sin(value / 30 * pi)
    }

    private static func northward(_ x: Double, _ y: Double) -> Double {
        let base = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x).squareRoot()
        return base + (ripple(x) + wave(y, 160, 320)) * 2 / 3
    }

    private static func eastward(_ x: Double, _ y: Double) -> Double {
        let base = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x).squareRoot()
        return base + (ripple(x) + wave(x, 150, 300)) * 2 / 3
    }
}
