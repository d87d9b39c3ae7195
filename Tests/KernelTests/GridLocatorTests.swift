import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// From a place on the map to its grid, through the stored tiles.
@Suite("点落在哪个网格")
struct GridLocatorTests {
    private static let west = DivisionCode(rawValue: 110_101_001_901_001)
    private static let east = DivisionCode(rawValue: 110_101_001_901_002)
    private static let yard = DivisionCode(rawValue: 110_101_001_901_003)

    /// A rectangle as GeoJSON, with an optional rectangular hole.
    private static func rectangle(
        _ west: Double, _ south: Double, _ east: Double, _ north: Double,
        hole: (Double, Double, Double, Double)? = nil
    ) -> String {
        func ring(_ box: (Double, Double, Double, Double)) -> String {
            let (west, south, east, north) = box
            let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
            return "[" + corners.map { "[\($0.0),\($0.1)]" }.joined(separator: ",") + "]"
        }
        let rings = [ring((west, south, east, north))] + (hole.map { [ring($0)] } ?? [])
        return #"{"type":"Polygon","coordinates":[\#(rings.joined(separator: ","))]}"#
    }

    private func put(_ house: House, _ code: DivisionCode, _ geoJSON: String) async throws {
        let area = try GridArea(code, geoJSON: geoJSON)
        let now = house.clock.clock.now
        try await house.services.database.write(.system("test", now: now), "test.grid") { tx in
            try GridAreasStore.put(area, tx)
        }
    }

    private func grid(_ house: House, _ longitude: Double, _ latitude: Double) async throws -> DivisionCode? {
        try await house.services.database.read { tx in
            try GridLocator.grid(latitude: latitude, longitude: longitude, at: house.clock.clock.now, tx)
        }
    }

    @Test("边上的点只归一家，洞里的归洞里那家，外面的谁也不归", arguments: TestEngine.enabled)
    func holesAndEdges(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let hole = (116.402, 39.912, 116.404, 39.914)
            try await put(house, Self.west, Self.rectangle(116.400, 39.910, 116.410, 39.920, hole: hole))
            try await put(house, Self.east, Self.rectangle(116.410, 39.910, 116.430, 39.920))
            #expect(try await grid(house, 116.4051, 39.9151) == Self.west)
            #expect(try await grid(house, 116.4250, 39.9151) == Self.east)
            #expect(try await grid(house, 116.4030, 39.9130) == nil, "the hole belongs to nobody")
            #expect(try await grid(house, 116.4301, 39.9151) == nil)
            #expect(try await grid(house, 116.4051, 39.9201) == nil)
            #expect(try await grid(house, 200, 39.9201) == nil)
            let border = try await grid(house, 116.410, 39.9151)
            #expect(border == Self.west || border == Self.east)
            try await put(house, Self.yard, Self.rectangle(116.402, 39.912, 116.404, 39.914))
            #expect(try await grid(house, 116.4030, 39.9130) == Self.yard)
            // Each point of the hole's border belongs to exactly one of the two, whatever tile it lies in.
            for step in 0...20 {
                let along = 116.402 + Double(step) * 0.0001
                let found = try await grid(house, along, 39.912)
                #expect(found == Self.west || found == Self.yard, "\(along)")
            }
        }
    }

    @Test("改了边界，旧的不再算；删了就没有了", arguments: TestEngine.enabled)
    func replaced(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let before = house.clock.clock.now
            try await put(house, Self.west, Self.rectangle(116.400, 39.910, 116.410, 39.920))
            house.clock.advance(minutes: 5)
            try await put(house, Self.west, Self.rectangle(116.500, 39.910, 116.510, 39.920))
            #expect(try await grid(house, 116.405, 39.915) == nil)
            #expect(try await grid(house, 116.505, 39.915) == Self.west)
            house.clock.advance(minutes: 5)
            let later = house.clock.clock.now
            try await house.services.database.write(.system("test", now: later), "test.grid") { tx in
                try GridAreasStore.remove(Self.west, tx)
            }
            #expect(try await grid(house, 116.505, 39.915) == nil)
            #expect(try await house.value("SELECT count(*) FROM grid_shape", as: Int.self) == 2)
            // On an earlier day it lay where it lay then.
            let then = try await house.services.database.read {
                try GridLocator.grid(latitude: 39.915, longitude: 116.405, at: before, $0)
            }
            #expect(then == Self.west)
        }
    }

    @Test("演示社区里每栋楼都落在自己的网格里", arguments: TestEngine.enabled)
    func demoBuildings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let places = try await house.services.database.read { tx in
                try tx.all("SELECT division, latitude, longitude, address FROM place WHERE latitude IS NOT NULL") {
                    row -> (DivisionCode, Double, Double, String) in
                    (try row[0], try row[1], try row[2], try row[3])
                }
            }
            #expect(places.count > 30)
            for (division, latitude, longitude, address) in places {
                #expect(try await grid(house, longitude, latitude) == division, "\(address)")
            }
        }
    }

    @Test("不是网格的没有边界，太大的、坏的不收") func refuses() {
        let community = DivisionCode(rawValue: 110_101_001_901_000)
        let small = Self.rectangle(116.400, 39.910, 116.410, 39.920)
        for (code, text) in [
            (community, small), (Self.west, Self.rectangle(110, 30, 120, 40)), (Self.west, "{}"), (Self.west, "["),
            (Self.west, #"{"type":"Polygon","coordinates":[[[116,39],[117,39]]]}"#),
        ] {
            let error = #expect(throws: LinliError.self) { try GridArea(code, geoJSON: text) }
            #expect(error?.kind == .invalid && error?.fields.isEmpty == false)
        }
    }
}
