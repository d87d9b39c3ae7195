import FoundationEssentials
import LinliCore

extension GeoArea {
    /// Why a text is not an area.
    package enum Invalid: Error, Sendable, Hashable {
        /// More text or corners than this takes.
        case tooLarge
        /// Not JSON, or not an object with type and coordinates.
        case notGeoJSON
        /// Another type than Polygon and MultiPolygon.
        case type(String)
        /// No polygon at all, or a polygon without a ring.
        case empty
        /// A ring, both numbers counted from 1, that is not closed, too short, encloses nothing or leaves the earth.
        case ring(polygon: Int, ring: Int)

        /// What to tell the person who brought the file.
        package var text: Text {
            switch self {
            case .tooLarge:
                Text(
                    "边界太大：文件最多 1 MB，最多 20000 个点",
                    "The border is too large: at most 1 MB and 20,000 points"
                )
            case .notGeoJSON: Text("这不是 GeoJSON 边界", "This is not a GeoJSON border")
            case .type(let type):
                Text(
                    "边界应是 Polygon 或 MultiPolygon，现在是 \(type)",
                    "A border is a Polygon or MultiPolygon; this is \(type)"
                )
            case .empty: Text("边界里没有多边形", "The border has no polygon")
            case .ring(let polygon, let ring):
                Text(
                    "第 \(polygon) 个多边形的第 \(ring) 个环不对：要首尾相同、至少 4 个点、围住一块面积，坐标是经度在前",
                    "Ring \(ring) of polygon \(polygon) cannot be right: first and last point equal, at least 4 points, "
                        + "around some area, longitude first"
                )
            }
        }
    }

    /// Most bytes of a text.
    package static let maximumBytes = 1 << 20
    /// Most corners of an area.
    package static let maximumPoints = 20_000

    /// Reads a GeoJSON geometry of type Polygon or MultiPolygon in WGS 84; heights are left out.
    ///
    /// Rings may run either way. That a ring does not cross itself is not checked: what is inside twice is then outside.
    /// - Throws: the first thing that is wrong.
    /// - Source: RFC 7946 §3.1.6, §3.1.7
    package init(geoJSON text: String) throws(Invalid) {
        guard text.utf8.count <= GeoArea.maximumBytes else { throw .tooLarge }
        let (json, decoder) = (Data(text.utf8), JSONDecoder())
        let type: String
        let coordinates: [[[[Double]]]]
        do {
            type = try decoder.decode(Kind.self, from: json).type
            switch type {
            case "Polygon": coordinates = [try decoder.decode(Shape<[[[Double]]]>.self, from: json).coordinates]
            case "MultiPolygon": coordinates = try decoder.decode(Shape<[[[[Double]]]]>.self, from: json).coordinates
            default: coordinates = []
            }
        } catch {
            throw .notGeoJSON
        }
        guard type == "Polygon" || type == "MultiPolygon" else { throw .type(String(type.prefix(40))) }
        let count = coordinates.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
        guard count <= GeoArea.maximumPoints else { throw .tooLarge }
        var polygons: [GeoPolygon] = []
        for (index, polygon) in coordinates.enumerated() {
            polygons.append(try GeoArea.polygon(polygon, number: index + 1))
        }
        guard let area = GeoArea(polygons) else { throw .empty }
        self = area
    }

    /// Writes the area as a GeoJSON geometry.
    package func writeGeoJSON(to json: inout JSONWriter) {
        json.object { json in
            json.field("type", polygons.count == 1 ? "Polygon" : "MultiPolygon")
            json.key("coordinates")
            if polygons.count == 1 {
                GeoArea.write(polygons[0], to: &json)
            } else {
                json.array { json in
                    for polygon in polygons { GeoArea.write(polygon, to: &json) }
                }
            }
        }
    }

    private struct Kind: Decodable {
        var type: String
    }

    private struct Shape<Coordinates: Decodable>: Decodable {
        var coordinates: Coordinates
    }

    private static func polygon(_ coordinates: [[[Double]]], number: Int) throws(Invalid) -> GeoPolygon {
        var rings: [GeoRing] = []
        for (index, positions) in coordinates.enumerated() {
            let invalid = Invalid.ring(polygon: number, ring: index + 1)
            guard positions.count >= 4, positions.first?.prefix(2) == positions.last?.prefix(2) else { throw invalid }
            var points: [GeoPoint] = []
            for position in positions {
                guard (2...3).contains(position.count),
                    let point = GeoPoint(longitude: position[0], latitude: position[1])
                else { throw invalid }
                points.append(point)
            }
            guard let ring = GeoRing(points) else { throw invalid }
            rings.append(ring)
        }
        guard let outer = rings.first else { throw .empty }
        return GeoPolygon(outer: outer, holes: Array(rings.dropFirst()))
    }

    private static func write(_ polygon: GeoPolygon, to json: inout JSONWriter) {
        json.array { json in
            for ring in [polygon.outer] + polygon.holes {
                json.array { json in
                    for point in ring.points + ring.points.prefix(1) {
                        json.array { json in
                            json.value(point.longitude)
                            json.value(point.latitude)
                        }
                    }
                }
            }
        }
    }
}
