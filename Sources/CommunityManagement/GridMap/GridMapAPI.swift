import LinliCore
import LinliKernel
import LinliStandards

/// The map of grids for programs: its figures and points; its borders are `listGridAreas`.
enum GridMapAPI {
    static let all: [Route] = [
        .api(
            .get, "/api/v1/map/figures", id: "getMapFigures",
            "What is open, overdue, registered and to be repaired in each grid of a district or of what lies in one",
            access: .permission(.casesRead),
            query: [
                under,
                SchemaProperty(
                    "layer", .text(limit: 60), "`group.` and the id of one of `groups`: counts its people, too"),
            ], body: .nothing, reply: figures
        ) { _, request, services in
            try await GridMapRoutes.loadFigures(request, services)
        },
        .api(
            .get, "/api/v1/map/points", id: "listMapPoints",
            "Buildings, devices and open cases of a community or grid that have a point, what is overdue first",
            access: .permission(.casesRead), query: [under], body: .nothing, reply: points
        ) { _, request, services in
            try await GridMapRoutes.loadPoints(request, services)
        },
    ]

    private static let under = SchemaProperty(
        "under", .shaped(.division), "Where; by default the widest of your divisions that can be drawn")
    private static let count = SchemaKind.integer(0...Int64.max)
    /// People are as many as the reader may tell apart.
    private static let people = SchemaKind.integer(-1...Int64.max)

    private static let figures = Schema<GridMapRoutes.Figures?>(
        "MapFigures",
        [
            SchemaProperty("division", .text(limit: 15), required: true, "15 digits"),
            SchemaProperty(
                "grids",
                .list(
                    .object([
                        SchemaProperty("grid", .text(limit: 15), required: true, "15 digits"),
                        SchemaProperty("open", count, required: true, "Open cases"),
                        SchemaProperty("late", count, required: true, "Overdue cases"),
                        SchemaProperty("people", people, required: true, "People; -1: some, too few to be told apart"),
                        SchemaProperty("things", count, required: true, "Things of the register"),
                        SchemaProperty("devices", count, required: true, "Devices"),
                        SchemaProperty("broken", count, required: true, "Those that are not sound"),
                        SchemaProperty("group", people, "People of the group that was asked for, counted as people"),
                    ]), limit: GridMapStore.mostGrids), required: true, "In the order of their codes; none for nothing"),
            SchemaProperty(
                "groups",
                .list(
                    .object([
                        SchemaProperty("id", .text(limit: 40), required: true, "Identifier"),
                        .name("name", "What people call it"),
                    ]), limit: 200), required: true, "Groups whose people you may count here"),
        ],
        decode: { _ in nil },
        encode: { figures in
            guard let figures else { return [:] }
            func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
            let grids = figures.grids.sorted { $0.key < $1.key }.map { code, grid -> JSONValue in
                var json: [String: JSONValue] = [
                    "grid": .text("\(code)"), "open": number(grid.open), "late": number(grid.late),
                    "people": number(grid.people.least), "things": number(grid.things),
                    "devices": number(grid.devices), "broken": number(grid.broken),
                ]
                if figures.hasGroup { json["group"] = number(grid.group.least) }
                return .object(json)
            }
            let groups = figures.groups.map { JSONValue.object(["id": .text($0.id), "name": .name($0.name)]) }
            return [
                "division": .text("\(figures.division)"), "grids": .array(grids), "groups": .array(groups),
            ]
        })

    private static let points = Schema<[MapPoint]>(
        "MapPoints",
        [
            SchemaProperty(
                "points",
                .list(
                    .object([
                        SchemaProperty("longitude", .number(-180...180), required: true, "WGS 84"),
                        SchemaProperty("latitude", .number(-90...90), required: true, "WGS 84"),
                        SchemaProperty(
                            "state", .choice(["place", "sound", "broken", "open", "late"]), required: true,
                            "A place; a device; a case"),
                        SchemaProperty("name", .text(limit: 400), required: true, "What people call it"),
                        SchemaProperty("case", .id, "The case it is"),
                    ]), limit: 3 * GridMapStore.mostPoints), required: true, "Places, then devices, then cases")
        ],
        decode: { _ in [] },
        encode: { points in
            let points = points.map { point -> JSONValue in
                var json: [String: JSONValue] = [
                    "longitude": .real(point.point.longitude),
                    "latitude": .real(point.point.latitude),
                    "state": .text(point.state), "name": .text(point.name),
                ]
                json["case"] = point.item.map { .text("\($0)") }
                return .object(json)
            }
            return ["points": .array(points)]
        })
}
