import LinliCore
import LinliKernel

extension Feature {
    /// The JSON API of divisions and grids, public because divisions are: which there are, their polygons, and which
    /// grid a point lies in.
    package static let divisionsAPI = Feature(
        id: "divisionsAPI",
        name: Text("区划接口", "Divisions API"),
        routes: [
            .api(
                .get, "/api/v1/divisions", id: "listDivisions", "Divisions directly inside another one",
                access: .public,
                query: [under],
                body: .nothing, reply: DivisionSchemas.list
            ) { _, request, services in
                let code = request.query["under"].flatMap { DivisionCode($0) }
                let now = request.context.now
                return try await services.database.read { tx in
                    try DivisionsStore.children(of: code ?? DivisionCode(rawValue: 110_100_000_000_000), at: now, tx)
                }
            },
            .api(
                .get, "/api/v1/grids/locate", id: "locateGrid", "The grid a point lies in",
                access: .public,
                query: [
                    SchemaProperty("lat", .number(-90...90), required: true, "Latitude, WGS84"),
                    SchemaProperty("lon", .number(-180...180), required: true, "Longitude, WGS84"),
                ],
                body: .nothing, reply: DivisionSchemas.grid
            ) { _, request, services in
                guard let latitude = request.query.double("lat"), let longitude = request.query.double("lon") else {
                    throw LinliError.invalid(
                        "divisions.point",
                        [.init("lat", Text("请给出 lat 和 lon 两个数", "Give lat and lon as numbers"))]
                    )
                }
                let now = request.context.now
                let found = try await services.database.read { tx in
                    try GridLocator.grid(latitude: latitude, longitude: longitude, at: now, tx)
                }
                guard let found else { throw LinliError.notFound("divisions.nowhere") }
                return LocatedGrid(code: found, name: services.divisions.place(found))
            },
            .document(
                "/api/v1/grids.geojson", id: "listGridAreas", "The polygons of grids, a FeatureCollection of RFC 7946",
                access: .public, query: [under], type: "application/geo+json"
            ) { request, services in
                let code = request.query["under"].flatMap { DivisionCode($0) }
                let now = request.context.now
                let json = try await services.database.read { tx in
                    try GridAreasStore.geoJSON(
                        in: code ?? DivisionCode(rawValue: 110_000_000_000_000), at: now, tx
                    )
                }
                return Reply(.bytes(json.bytes, type: "application/geo+json"))
            },
        ]
    )
}

private let under = SchemaProperty("under", .shaped(.division), "6, 9, 12 or 15 digits; Beijing by default")

/// The grid a point lies in.
struct LocatedGrid: Sendable {
    var code: DivisionCode
    var name: String
}

/// The JSON objects of this API.
enum DivisionSchemas {
    static let properties = [
        SchemaProperty("code", .text(limit: 15), required: true, "15 digits"),
        SchemaProperty("name", .text(limit: 60), required: true, "Name"),
        SchemaProperty("level", .integer(1...6), required: true, "1 province to 6 grid"),
        SchemaProperty("synthetic", .flag, required: true, "Whether the code was made up and is not official"),
    ]

    static let list = Schema<[Division]>(
        "DivisionList",
        [SchemaProperty("divisions", .list(.object(properties), limit: 1000), required: true, "Divisions")],
        decode: { _ in [] },
        encode: { divisions in
            ["divisions": .array(divisions.map { .object(object($0)) })]
        }
    )

    static func object(_ division: Division) -> [String: JSONValue] {
        [
            "code": .text("\(division.code)"), "name": .text(division.name),
            "level": .int(Int64(division.level.rawValue)), "synthetic": .flag(division.isSynthetic),
        ]
    }

    static let grid = Schema<LocatedGrid?>(
        "Grid",
        [
            SchemaProperty("code", .text(limit: 15), required: true, "15 digits"),
            SchemaProperty("name", .text(limit: 120), required: true, "Community and grid"),
        ],
        decode: { _ in nil },
        encode: { grid in grid.map { ["code": .text("\($0.code)"), "name": .text($0.name)] } ?? [:] }
    )
}
