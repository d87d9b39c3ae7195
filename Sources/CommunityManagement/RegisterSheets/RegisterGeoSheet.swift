import Foundation
import LinliCore
import LinliKernel
import LinliSpreadsheets
import LinliStandards

/// Points of a GeoJSON file as rows of a sheet: a heading for each property, and two for where the point lies.
enum RegisterGeoSheet {
    /// How many points and properties are taken.
    /// - Source: configured, no source
    private static let limits = (points: 50_000, properties: 60)

    /// Whether a file is GeoJSON: it begins with a brace, which no table does.
    static func isGeoJSON(_ path: String) -> Bool {
        // What cannot be opened is refused by who reads tables.
        guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 64) else {
            return false
        }
        return head.first { ![0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF].contains($0) } == 0x7B
    }

    /// The rows of a file in a datum; the first names the columns, places are in WGS84 from here on.
    ///
    /// - Throws: `.invalid` for what is no collection of points.
    static func rows(_ path: String, _ datum: GeoDatum) throws -> [SheetRow] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // What exactly is wrong with the JSON helps nobody who chose the wrong file.
        guard let collection = try? JSONValue.object(in: Array(bytes)),
            case .array(let features) = collection["features"], !features.isEmpty, features.count <= limits.points
        else { throw wrong }
        var headings: [String] = []
        var points: [(properties: [String: String], point: GeoPoint)] = []
        for case .object(let feature) in features {
            guard case .object(let geometry) = feature["geometry"], case .array(let pair) = geometry["coordinates"],
                geometry["type"] == .text("Point"), pair.count >= 2, let longitude = number(pair[0]),
                let latitude = number(pair[1]), let point = datum.point(longitude: longitude, latitude: latitude)
            else { throw wrong }
            var properties: [String: String] = [:]
            if case .object(let known) = feature["properties"] {
                for (name, value) in known { properties[String(name.prefix(60))] = text(value) }
            }
            for name in properties.keys.sorted() where !headings.contains(name) { headings.append(name) }
            guard headings.count <= limits.properties else { throw wrong }
            points.append((properties, point))
        }
        var rows = [SheetRow(number: 1, cells: headings + ["经度", "纬度"])]
        for (index, (properties, point)) in points.enumerated() {
            let cells = headings.map { properties[$0] ?? "" } + ["\(point.longitude)", "\(point.latitude)"]
            rows.append(SheetRow(number: index + 2, cells: cells))
        }
        return rows
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .text(let text): text
        case .int(let number): String(number)
        case .real(let number): String(number)
        case .flag(let flag): flag ? "1" : "0"
        default: ""
        }
    }

    private static var wrong: LinliError {
        LinliError.invalid(
            "sheets.geoJSON",
            [
                .init(
                    "table",
                    Text(
                        "这不是由点组成的 GeoJSON（FeatureCollection），或者点太多",
                        "This is no GeoJSON collection of points, or there are too many"))
            ])
    }
}
