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

    /// The rows of a file in a datum; the first names the columns, places are in WGS84 from here on. A position that is none
    /// is a row like others, with what stood there: what is wrong with it is said with that row.
    ///
    /// - Throws: `.invalid` for what is no collection of points.
    static func rows(_ path: String, _ datum: GeoDatum) throws -> [SheetRow] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // What exactly is wrong with the JSON helps nobody who chose the wrong file.
        guard let collection = try? JSONValue.object(in: Array(bytes)),
            case .array(let features) = collection["features"], !features.isEmpty, features.count <= limits.points
        else { throw wrong }
        var headings: [String] = []
        var points: [(properties: [String: String], position: (String, String))] = []
        for case .object(let feature) in features {
            var properties: [String: String] = [:]
            if case .object(let known) = feature["properties"] {
                for (name, value) in known { properties[String(name.prefix(60))] = text(value) }
            }
            for name in properties.keys.sorted() where !headings.contains(name) { headings.append(name) }
            guard headings.count <= limits.properties else { throw wrong }
            points.append((properties, position(feature, datum)))
        }
        guard points.contains(where: { Double($0.position.0) != nil }) else { throw wrong }
        var rows = [SheetRow(number: 1, cells: headings + ["经度", "纬度"])]
        for (index, (properties, position)) in points.enumerated() {
            let cells = headings.map { properties[$0] ?? "" } + [position.0, position.1]
            rows.append(SheetRow(number: index + 2, cells: cells))
        }
        return rows
    }

    /// Longitude and latitude of a feature as cells: nothing for one without a geometry, and what stood there for one that
    /// is no point on this earth.
    private static func position(_ feature: [String: JSONValue], _ datum: GeoDatum) -> (String, String) {
        guard case .object(let geometry) = feature["geometry"] else { return ("", "") }
        guard geometry["type"] == .text("Point"), case .array(let pair) = geometry["coordinates"], pair.count >= 2,
            let longitude = number(pair[0]), let latitude = number(pair[1])
        else { return ("不是点", "不是点") }
        guard let point = datum.point(longitude: longitude, latitude: latitude) else {
            return ("\(longitude)", "\(latitude)")
        }
        return ("\(point.longitude)", "\(point.latitude)")
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
