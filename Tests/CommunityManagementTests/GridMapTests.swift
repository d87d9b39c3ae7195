import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The map of grids: shapes in few bytes, figures within the reader's scope, small groups not told apart.
@Suite("网格地图")
struct GridMapTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)

    /// Reads what `GridMapShapes` writes, as the page does.
    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func number() -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while let byte = bytes.popFirst() {
                value |= UInt64(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            return value
        }

        mutating func signed() -> Int64 {
            let value = number()
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        }
    }

    private func decode(_ bytes: [UInt8]) throws -> [(code: Int64, name: String, points: [[GeoPoint]])] {
        try #require(bytes.prefix(3).elementsEqual("LG1".utf8))
        var reader = Reader(bytes: bytes.dropFirst(3))
        let step = Int64(reader.number())
        var (x, y) = (Int64(0), Int64(0))
        let grids = (0..<reader.number()).map { _ in
            let code = Int64(reader.number())
            let length = Int(reader.number())
            let name = String(decoding: reader.bytes.prefix(length), as: UTF8.self)
            reader.bytes = reader.bytes.dropFirst(length)
            let rings = (0..<reader.number()).map { _ in
                (0..<reader.number()).map { _ in
                    x += reader.signed()
                    y += reader.signed()
                    return GeoPoint(longitudeE7: Int32(x * step), latitudeE7: Int32(y * step))
                }
            }
            return (code, name, rings)
        }
        #expect(reader.bytes.isEmpty)
        return grids
    }

    @Test("形状写出去读回来一模一样；远看少些点，差不过几米", arguments: TestEngine.enabled)
    func shapes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let grids = try await house.services.database.read {
                try GridAreasStore.outlines(in: Self.community, at: House.start, $0)
            }
            let near = try decode(GridMapShapes.encode(grids, in: Self.community, .near))
            #expect(near.map(\.code) == [1, 2, 3] && near.map(\.name) == grids.map(\.name))
            for (grid, read) in zip(grids, near) {
                #expect(grid.area.polygons.flatMap { [$0.outer] + $0.holes }.map(\.points) == read.points)
            }
            let far = try decode(GridMapShapes.encode(grids, in: Self.community, .far))
            for (grid, read) in zip(grids, far) {
                let rings = read.points.compactMap { GeoRing($0) }
                let area = try #require(GeoArea([GeoPolygon(outer: rings[0], holes: Array(rings.dropFirst()))]))
                #expect(abs(area.squareMetres / grid.area.squareMetres - 1) < 0.05)
            }
        }
    }

    @Test("数字和工单对得上；只给管这一片的人", arguments: TestEngine.enabled)
    func figures(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let head = try await house.context(DemoStaff.head)
            let code = "\(Self.community)"
            let answer = try await house.open("/desk/map/figures", query: [("under", code)], head)
            let figures = try JSONValue.object(in: Array(answer.utf8))
            let open = try await house.services.database.read { tx in
                try tx.all(
                    """
                    SELECT grid, count(*) FROM case_item WHERE community = \(Self.community) AND is_open = 1
                    AND state <> 'merged' AND grid <> \(Self.community) GROUP BY grid
                    """
                ) { row -> (Int64, Int64) in (try row[0], try row[1]) }
            }
            #expect(!open.isEmpty)
            for (grid, count) in open {
                guard case .array(let values) = figures["\(grid % 1000)"] else {
                    Issue.record("grid \(grid) is missing")
                    continue
                }
                #expect(values.first == .int(count), "grid \(grid)")
            }
            let page = try await house.open("/desk/map", query: [("under", code)], head)
            #expect(page.contains("第1网格") && page.contains("未结工单") && page.contains("data-grid-map"))
            let points = try await house.open("/desk/map/points", query: [("under", code)], head)
            #expect(points.contains("/desk/cases/") && points.contains("\"place\""))
            let town = try await house.context(DemoStaff.townDispatcher)
            #expect(try await house.open("/desk/map/figures", query: [("under", code)], town).isEmpty)
            let whole = try await house.context(.dispatcher)
            #expect(try await house.open("/desk/map/points", query: [("under", "110101001")], whole).isEmpty)
        }
    }

    @Test("被投诉的单位在地图上看不到那件事", arguments: TestEngine.enabled)
    func accused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(DemoStaff.head)
            let scope = context.actor.scope(for: .casesRead)
            let types = house.services.queries.types
            let committee = try await house.unit("幸福里社区居委会")
            func count(_ scope: Scope) async throws -> Int {
                try await house.services.database.read {
                    try GridMapStore.cases(in: Self.community, scope, types, at: House.start, $0).count
                }
            }
            let before = try await count(scope)
            var draft = try await house.draft("居委会办事拖拉", category: "R0804")
            draft.nature = .complaint
            draft.disclosure = .office
            draft.against = committee
            draft.place = try await house.place("幸福里小区3号楼2单元").id
            _ = try await house.services.commands.report(draft, try await house.context(.tenant))
            let hidden = Scope(divisions: scope.divisions, units: [], account: nil, interests: [committee])
            let seen = Scope(divisions: scope.divisions, units: [], account: nil, interests: [])
            let (mine, all) = (try await count(hidden), try await count(seen))
            #expect(mine == before && all == before + 1)
        }
    }

    @Test("人少的不说几个") func smallGroups() {
        #expect((0...6).map { GroupSize.text($0) } == ["0", "<5", "<5", "<5", "<5", "5", "6"])
    }
}
