import LinliCore
import LinliKernel
import LinliStandards

/// Things as GeoJSON points, in the coordinates of the map they are for.
enum RegisterGeoExport {
    static let routes: [Route] = [
        .get("/desk/sheets/things.geojson", access: .permission(.peopleExport), things)
    ]

    private static func things(_ request: Request, _ services: Services) async throws -> Reply {
        guard let division = request.query["division"].flatMap({ DivisionCode($0) }),
            request.context.actor.may(.peopleExport, in: division)
        else { throw LinliError.notFound("export.scope") }
        let datum = request.query["datum"].flatMap { GeoDatum(rawValue: $0) } ?? .wgs84
        let things = try await services.database.read { try RegisterExport.things(in: division, $0) }
        var json = JSONWriter()
        json.object { json in
            json.field("type", "FeatureCollection")
            json.key("features")
            json.array { json in
                for thing in things {
                    guard let point = thing.point else { continue }
                    json.object { json in write(thing, datum.degrees(of: point), &json) }
                }
            }
        }
        return Reply(.bytes(json.bytes, type: "application/geo+json"))
            .adding("content-disposition", "attachment; filename=\"things.geojson\"")
    }

    /// A point with the properties an import knows.
    private static func write(
        _ thing: ThingRecord, _ place: (longitude: Double, latitude: Double), _ json: inout JSONWriter
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
            json.field("ObjID", thing.code)
            json.field("ObjName", thing.name)
            json.field("部件类别", thing.category)
            json.field("ObjState", thing.state.rawValue)
            json.field("位置", thing.location)
        }
    }
}
