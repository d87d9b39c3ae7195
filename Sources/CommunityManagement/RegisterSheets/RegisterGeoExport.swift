import LinliCore
import LinliKernel
import LinliStandards

/// Dwellings, organizations and things as GeoJSON points, in the coordinates of the map they are for: for a purpose,
/// noted, and saying in the file who took it out, as every table does.
enum RegisterGeoExport {
    /// What of it stands on the map, with the properties an import knows; closely kept fields go out as tables alone.
    static func file(
        _ wanted: RegisterExport, _ datum: GeoDatum, _ context: Context, _ database: Database
    ) async throws -> Reply {
        guard wanted.kind != .person else {
            throw LinliError.invalid(
                "export.kind", [.init("kind", Text("人的信息不导出成地图", "People are not taken out as a map"))])
        }
        let fields = RegisterExport.choices(of: wanted.kind).filter { $0.fieldClass == .basic }
        let basic = RegisterExport(
            fields, of: wanted.kind, in: wanted.division, for: wanted.purpose, service: wanted.service,
            note: wanted.note)
        let place = basic.fields.firstIndex { $0.value == .point }
        var points: [(properties: [(String, String)], point: GeoPoint)] = []
        _ = try await basic.rows(context, database) { cells in
            guard let place, let point = RegisterValue.point(cells[place]) else { return }
            let known = zip(basic.fields, cells).filter { $0.0.value != .point && !$0.1.isEmpty }
            points.append((known.map { (property($0.0), $0.1) }, point))
        }
        var json = JSONWriter()
        json.object { json in
            json.field("type", "FeatureCollection")
            json.field("mark", RegisterExportRoutes.mark(wanted, context))
            json.key("features")
            json.array { json in
                for (properties, point) in points {
                    json.object { json in write(properties, datum.degrees(of: point), &json) }
                }
            }
        }
        return Reply(.bytes(json.bytes, type: "application/geo+json"))
            .adding("content-disposition", "attachment; filename=\"\(wanted.kind.rawValue)s.geojson\"")
    }

    /// The heading under which an import takes a field.
    /// - Source: standards of city components for the names of things' properties [V2:5]
    private static func property(_ field: RegisterField) -> String {
        field.headings.last { $0.allSatisfy(\.isASCII) } ?? field.name.zh
    }

    private static func write(
        _ properties: [(String, String)], _ place: (longitude: Double, latitude: Double), _ json: inout JSONWriter
    ) {
        json.field("type", "Feature")
        json.key("geometry")
        json.object { json in
            json.field("type", "Point")
            json.key("coordinates")
            json.array { json in
                json.value(place.longitude)
                json.value(place.latitude)
            }
        }
        json.key("properties")
        json.object { json in
            for (name, value) in properties {
                json.key(dynamic: name)
                json.value(value)
            }
        }
    }
}
