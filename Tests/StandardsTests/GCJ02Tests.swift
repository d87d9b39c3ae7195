import LinliStandards
import Testing

/// Recorded pairs; there is no official text to cite.
@Suite("GCJ-02 坐标")
struct GCJ02Tests {
    @Test(
        "已知的换算",
        arguments: [
            (120.15, 30.27, 120.154_708_63, 30.267_679_70, 1e-8), (116.397428, 39.90923, 116.403672, 39.910634, 1e-6),
            (121.4737, 31.2304, 121.478223, 31.228458, 1e-6), (116.3912757, 39.906217, 116.397517, 39.907618, 1e-6),
        ]
    )
    func known(longitude: Double, latitude: Double, east: Double, north: Double, tolerance: Double) {
        let shifted = GCJ02.fromWGS84(longitude: longitude, latitude: latitude)
        #expect(abs(shifted.longitude - east) < tolerance)
        #expect(abs(shifted.latitude - north) < tolerance)
        let back = GCJ02.toWGS84(longitude: shifted.longitude, latitude: shifted.latitude)
        #expect(abs(back.longitude - longitude) < 1e-9)
        #expect(abs(back.latitude - latitude) < 1e-9)
    }

    @Test("中国各地往返误差都小于 10⁻⁹ 度，偏移在 1 公里以内")
    func roundTrip() {
        var random = SeededRandom(2)
        for _ in 0..<2000 {
            let (longitude, latitude) = (
                Double.random(in: 73...135, using: &random), Double.random(in: 3...54, using: &random)
            )
            let shifted = GCJ02.fromWGS84(longitude: longitude, latitude: latitude)
            #expect(abs(shifted.longitude - longitude) < 0.02 && abs(shifted.latitude - latitude) < 0.01)
            let back = GCJ02.toWGS84(longitude: shifted.longitude, latitude: shifted.latitude)
            #expect(abs(back.longitude - longitude) < 1e-9 && abs(back.latitude - latitude) < 1e-9)
        }
    }

    @Test("国外不偏移", arguments: [(2.35, 48.86), (139.69, 35.69), (-74.0, 40.7), (100.0, 0.5)])
    func abroad(longitude: Double, latitude: Double) {
        let same = GCJ02.fromWGS84(longitude: longitude, latitude: latitude)
        #expect(same.longitude == longitude && same.latitude == latitude)
    }

    @Test("点的取入和取出")
    func points() throws {
        let point = try #require(GeoPoint(gcj02Longitude: 120.154_708_63, latitude: 30.267_679_70))
        #expect(point == GeoPoint(longitude: 120.15, latitude: 30.27))
        #expect(abs(point.gcj02.longitude - 120.154_708_63) < 1e-8)
        #expect(GeoPoint(longitude: 180.1, latitude: 0) == nil)
        #expect(GeoPoint(longitude: 0, latitude: -90.1) == nil)
        #expect(GeoPoint(longitude: .nan, latitude: 0) == nil)
        #expect(GeoPoint(gcj02Longitude: .infinity, latitude: 0) == nil)
    }
}

@Suite("百度坐标")
struct BD09Tests {
    @Test(
        "和记录的数值一样，来回不差一厘米",
        arguments: [
            (116.397428, 39.90923, 116.410044, 39.916973), (121.4737, 31.2304, 121.484781, 31.234311),
            (116.3912757, 39.906217, 116.403891, 39.913962),
        ])
    func vectors(_ east: Double, _ north: Double, _ bdEast: Double, _ bdNorth: Double) {
        let there = BD09.fromWGS84(longitude: east, latitude: north)
        #expect(abs(there.longitude - bdEast) < 1e-6 && abs(there.latitude - bdNorth) < 1e-6)
        for datum in GeoDatum.allCases {
            let point = GeoPoint(longitude: east, latitude: north)
            let degrees = point.map { datum.degrees(of: $0) }
            let back = degrees.flatMap { datum.point(longitude: $0.longitude, latitude: $0.latitude) }
            #expect(back.map { abs($0.longitude - east) < 1e-7 && abs($0.latitude - north) < 1e-7 } == true)
        }
    }
}
