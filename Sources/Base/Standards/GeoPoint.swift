/// A place on the earth in WGS 84 (CGCS2000 differs by centimetres), in ten-millionths of a degree: about one centimetre.
///
/// Whole numbers make "inside or outside" exact: neighbouring areas neither overlap nor leave a gap.
package struct GeoPoint: Sendable, Hashable {
    /// Degrees east times 10⁷.
    package let longitudeE7: Int32
    /// Degrees north times 10⁷.
    package let latitudeE7: Int32

    /// A place read from the database.
    package init(longitudeE7: Int32, latitudeE7: Int32) {
        self.longitudeE7 = longitudeE7
        self.latitudeE7 = latitudeE7
    }

    /// A place in degrees, rounded to 10⁻⁷; nil beyond ±180 and ±90 or when a number is not finite.
    package init?(longitude: Double, latitude: Double) {
        guard (-180...180).contains(longitude), (-90...90).contains(latitude) else { return nil }
        longitudeE7 = Int32((longitude * 1e7).rounded())
        latitudeE7 = Int32((latitude * 1e7).rounded())
    }

    /// A place given in GCJ-02, as Chinese map services and phones' map pickers do.
    package init?(gcj02Longitude longitude: Double, latitude: Double) {
        guard (-180...180).contains(longitude), (-90...90).contains(latitude) else { return nil }
        let wgs84 = GCJ02.toWGS84(longitude: longitude, latitude: latitude)
        self.init(longitude: wgs84.longitude, latitude: wgs84.latitude)
    }

    /// Whether it lies in the box around China in which map services shift coordinates: 0, 0 and what was typed the wrong
    /// way round do not.
    package var isInChina: Bool { GCJ02.box.longitude.contains(longitude) && GCJ02.box.latitude.contains(latitude) }

    /// Degrees east.
    package var longitude: Double { Double(longitudeE7) / 1e7 }
    /// Degrees north.
    package var latitude: Double { Double(latitudeE7) / 1e7 }

    /// The same place in GCJ-02, for links into Chinese map services.
    package var gcj02: (longitude: Double, latitude: Double) {
        GCJ02.fromWGS84(longitude: longitude, latitude: latitude)
    }
}

/// The smallest box of longitudes and latitudes around something; its borders belong to it.
package struct GeoBox: Sendable, Hashable {
    /// The corner with the smallest longitude and latitude.
    package let southWest: GeoPoint
    /// The corner with the largest longitude and latitude.
    package let northEast: GeoPoint

    /// A box between two corners.
    package init(southWest: GeoPoint, northEast: GeoPoint) {
        self.southWest = southWest
        self.northEast = northEast
    }

    /// The box around some points; nil when there are none.
    package init?(_ points: some Sequence<GeoPoint>) {
        var box: (west: Int32, south: Int32, east: Int32, north: Int32)?
        for point in points {
            let (x, y) = (point.longitudeE7, point.latitudeE7)
            guard let old = box else {
                box = (x, y, x, y)
                continue
            }
            box = (min(old.west, x), min(old.south, y), max(old.east, x), max(old.north, y))
        }
        guard let box else { return nil }
        southWest = GeoPoint(longitudeE7: box.west, latitudeE7: box.south)
        northEast = GeoPoint(longitudeE7: box.east, latitudeE7: box.north)
    }

    /// Whether a point lies in the box or on its border.
    package func contains(_ point: GeoPoint) -> Bool {
        (southWest.longitudeE7...northEast.longitudeE7).contains(point.longitudeE7)
            && (southWest.latitudeE7...northEast.latitudeE7).contains(point.latitudeE7)
    }

    /// Whether two boxes share a point.
    package func intersects(_ other: GeoBox) -> Bool {
        southWest.longitudeE7 <= other.northEast.longitudeE7 && other.southWest.longitudeE7 <= northEast.longitudeE7
            && southWest.latitudeE7 <= other.northEast.latitudeE7 && other.southWest.latitudeE7 <= northEast.latitudeE7
    }
}
