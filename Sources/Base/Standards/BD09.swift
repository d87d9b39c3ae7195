#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// The coordinates of Baidu's maps: GCJ-02, turned and shifted once more.
/// - Source: the generally known formula (no official text is published); checked against recorded values
package enum BD09 {
    private static let ripple = Double.pi * 3000 / 180

    /// BD-09 degrees of a WGS 84 place.
    package static func fromWGS84(longitude: Double, latitude: Double) -> (longitude: Double, latitude: Double) {
        let (x, y) = GCJ02.fromWGS84(longitude: longitude, latitude: latitude)
        let length = (x * x + y * y).squareRoot() + 0.000_02 * sin(y * ripple)
        let angle = atan2(y, x) + 0.000_003 * cos(x * ripple)
        return (length * cos(angle) + 0.0065, length * sin(angle) + 0.006)
    }

    /// WGS 84 degrees of a BD-09 place, to better than a centimetre.
    package static func toWGS84(longitude: Double, latitude: Double) -> (longitude: Double, latitude: Double) {
        // The way back of the formula is good to a decimetre only: a few rounds take off what is missing.
        let (x, y) = (longitude - 0.0065, latitude - 0.006)
        var place = GCJ02.toWGS84(longitude: x, latitude: y)
        for _ in 0..<10 {
            let there = fromWGS84(longitude: place.longitude, latitude: place.latitude)
            let (missingEast, missingNorth) = (longitude - there.longitude, latitude - there.latitude)
            if abs(missingEast) < 1e-10, abs(missingNorth) < 1e-10 { break }
            place = (place.longitude + missingEast, place.latitude + missingNorth)
        }
        return place
    }
}

/// In which coordinates a place or a border was brought; everything is kept in WGS 84.
package enum GeoDatum: String, Sendable, CaseIterable {
    /// WGS 84 and CGCS2000, which differ by centimetres.
    case wgs84
    /// Maps of Amap, Tencent, WeChat.
    case gcj02
    /// Maps of Baidu.
    case bd09

    /// WGS 84 of a place in these coordinates; nil beyond the earth.
    package func point(longitude: Double, latitude: Double) -> GeoPoint? {
        guard (-180...180).contains(longitude), (-90...90).contains(latitude) else { return nil }
        switch self {
        case .wgs84: return GeoPoint(longitude: longitude, latitude: latitude)
        case .gcj02: return GeoPoint(gcj02Longitude: longitude, latitude: latitude)
        case .bd09:
            let place = BD09.toWGS84(longitude: longitude, latitude: latitude)
            return GeoPoint(longitude: place.longitude, latitude: place.latitude)
        }
    }

    /// A place in these coordinates, as longitude and latitude.
    package func degrees(of point: GeoPoint) -> (longitude: Double, latitude: Double) {
        switch self {
        case .wgs84: (point.longitude, point.latitude)
        case .gcj02: point.gcj02
        case .bd09: BD09.fromWGS84(longitude: point.longitude, latitude: point.latitude)
        }
    }
}

extension GeoArea {
    /// The same area, brought in other coordinates: every corner in WGS 84. Nil when nothing is left of it.
    package func converted(from datum: GeoDatum) -> GeoArea? {
        guard datum != .wgs84 else { return self }
        func convert(_ ring: GeoRing) -> GeoRing? {
            GeoRing(ring.points.compactMap { datum.point(longitude: $0.longitude, latitude: $0.latitude) })
        }
        return GeoArea(
            polygons.compactMap { polygon in
                convert(polygon.outer).map { GeoPolygon(outer: $0, holes: polygon.holes.compactMap(convert)) }
            }
        )
    }
}
