import LinliCore
import LinliStandards
import Testing

/// RFC 7946 §3.1.6 and §3.1.7: rings closed, at least four positions, longitude first.
@Suite("GeoJSON 边界")
struct GeoJSONTests {
    private static let square = "[[116.4,39.9],[116.41,39.9],[116.41,39.91],[116.4,39.91],[116.4,39.9]]"
    private static let hole = "[[116.402,39.902],[116.402,39.904],[116.404,39.904],[116.404,39.902],[116.402,39.902]]"

    @Test("Polygon、MultiPolygon、洞、高程")
    func valid() throws {
        let single = try GeoArea(geoJSON: "{\"type\":\"Polygon\",\"coordinates\":[\(GeoJSONTests.square)]}")
        #expect(single.polygons.count == 1 && single.polygons[0].outer.points.count == 4)
        let holed = try GeoArea(
            geoJSON: "{\"type\":\"Polygon\",\"coordinates\":[\(GeoJSONTests.square),\(GeoJSONTests.hole)]}")
        #expect(holed.squareMetres < single.squareMetres)
        let inHole = try #require(GeoPoint(longitude: 116.403, latitude: 39.903))
        #expect(!holed.contains(inHole))
        let multi = try GeoArea(
            geoJSON:
                "{\"coordinates\":[[\(GeoJSONTests.square)],[\(GeoJSONTests.hole)]],\"type\":\"MultiPolygon\",\"bbox\":[]}"
        )
        #expect(multi.polygons.count == 2)
        let high = try GeoArea(
            geoJSON: "{\"type\":\"Polygon\",\"coordinates\":[[[1,1,50],[2,1,50.5],[2,2,0],[1,1,50]]]}"
        )
        #expect(high.polygons[0].outer.points.count == 3)
    }

    @Test("写出再读回不变")
    func roundTrip() throws {
        for text in [
            "{\"type\":\"Polygon\",\"coordinates\":[\(GeoJSONTests.square),\(GeoJSONTests.hole)]}",
            "{\"type\":\"MultiPolygon\",\"coordinates\":[[\(GeoJSONTests.square)],[\(GeoJSONTests.hole)]]}",
        ] {
            let area = try GeoArea(geoJSON: text)
            var json = JSONWriter()
            area.writeGeoJSON(to: &json)
            #expect(try GeoArea(geoJSON: String(decoding: json.bytes, as: UTF8.self)) == area)
        }
        var json = JSONWriter()
        try GeoArea(geoJSON: "{\"type\":\"Polygon\",\"coordinates\":[\(GeoJSONTests.square)]}").writeGeoJSON(to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == "{\"type\":\"Polygon\",\"coordinates\":[\(GeoJSONTests.square)]}"
        )
    }

    @Test(
        "不收的",
        arguments: [
            ("", GeoArea.Invalid.notGeoJSON), ("[]", .notGeoJSON), ("{\"type\":\"Polygon\"}", .notGeoJSON),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[2,\"x\"],[1,1]]]}", .notGeoJSON),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[2,2],[1,1]]]", .notGeoJSON),
            ("{\"type\":\"Point\",\"coordinates\":[1,2]}", .type("Point")),
            ("{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}", .type("Feature")),
            ("{\"type\":\"Polygon\",\"coordinates\":[]}", .empty),
            ("{\"type\":\"MultiPolygon\",\"coordinates\":[]}", .empty),
            ("{\"type\":\"MultiPolygon\",\"coordinates\":[[]]}", .empty),
            ("{\"type\":\"Polygon\",\"coordinates\":[[]]}", .ring(polygon: 1, ring: 1)),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[2,2],[1,2]]]}", .ring(polygon: 1, ring: 1)),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[1,1]]]}", .ring(polygon: 1, ring: 1)),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[3,1],[1,1]]]}", .ring(polygon: 1, ring: 1)),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2],[2,2],[1,1]]]}", .ring(polygon: 1, ring: 1)),
            ("{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1,0,0],[2,2],[1,1]]]}", .ring(polygon: 1, ring: 1)),
            (
                "{\"type\":\"Polygon\",\"coordinates\":[[[39.9,116.4],[40,116.4],[40,116.5],[39.9,116.4]]]}",
                .ring(polygon: 1, ring: 1)
            ),
            (
                "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[1,1],[2,1],[2,2],[1,1]]],"
                    + "[[[1,1],[2,1],[2,2],[1,1]],[[1,1],[1,1],[1,1],[1,1]]]]}", .ring(polygon: 2, ring: 2)
            ),
        ]
    )
    func invalid(text: String, expected: GeoArea.Invalid) {
        let error = #expect(throws: GeoArea.Invalid.self) { try GeoArea(geoJSON: text) }
        #expect(error == expected)
        #expect(error?.text.zh.isEmpty == false)
    }

    @Test("太大的、嵌得太深的都有限度")
    func limits() throws {
        let many = (0...GeoArea.maximumPoints).map { "[\(Double($0) / 1000),\($0 % 2)]" }.joined(separator: ",")
        let text = "{\"type\":\"Polygon\",\"coordinates\":[[\(many),[0,0]]]}"
        try #require(text.utf8.count < GeoArea.maximumBytes)
        #expect(throws: GeoArea.Invalid.tooLarge) { try GeoArea(geoJSON: text) }
        let long = String(repeating: " ", count: GeoArea.maximumBytes) + "{}"
        #expect(throws: GeoArea.Invalid.tooLarge) { try GeoArea(geoJSON: long) }
        let deep = "{\"type\":\"Polygon\",\"coordinates\":" + String(repeating: "[", count: 100_000)
        #expect(throws: GeoArea.Invalid.notGeoJSON) { try GeoArea(geoJSON: deep) }
    }
}
