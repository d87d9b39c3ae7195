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
            #expect(
                page.contains("第1网格") && page.contains("未结工单") && page.contains("要修的设备")
                    && page.contains("data-grid-map"))
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

    @Test("人少的不说几个，从合计里也减不出来") func smallGroups() {
        let size = GroupSize(least: 5)
        #expect([0, 1, 4, 5, 6].map { size.text($0).zh } == ["0", "少于 5", "少于 5", "5", "6"])
        #expect([0, 1, 4].map { GroupSize(least: 1).text($0).zh } == ["0", "1", "4"])
        func together(_ counts: Int...) -> GroupTotal {
            var total = GroupTotal()
            for count in counts { total.add(count, size) }
            return total
        }
        #expect(together(7, 5).text(size).zh == "12" && together(0).text(size).zh == "0")
        #expect(together(3, 0).text(size).zh == "少于 5" && together(3, 0).least == -1)
        // 7 and some in one other part: at least one there, whoever knows the 7 does not learn more.
        #expect(together(7, 4).text(size).en == "at least 8" && together(7, 1).text(size).en == "at least 8")
        #expect(together(2, 4).least == 2)
    }

    @Test("人群按网格数：能看名单的看准数，街道的看“少于几个”；特殊人群谁也选不到", arguments: TestEngine.enabled)
    func groups(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            try await house.workOutLabels()
            let code = "\(Self.community)"
            let label = LabelKeys(house.services.database.keys).key(label: "elderAlone")
            let counted = try await house.services.database.read {
                try LabelCounts.totals(of: label, ofGridsIn: Self.community, $0)
            }
            try #require(counted.values.contains { (1..<5).contains($0) })
            func figures(_ person: DemoStaff, _ layer: String = "group.elderAlone") async throws -> [String: JSONValue]
            {
                let query = [("under", code), ("layer", layer)]
                let answer = try await house.open("/desk/map/figures", query: query, try await house.context(person))
                return try JSONValue.object(in: Array(answer.utf8))
            }
            func last(_ value: JSONValue?) -> JSONValue? { if case .array(let all) = value { all.last } else { nil } }
            let (exact, blurred) = (try await figures(.head), try await figures(.dispatcher))
            for (grid, count) in counted {
                let key = "\(grid.rawValue % 1000)"
                #expect(last(exact[key]) == .int(Int64(count)))
                #expect(last(blurred[key]) == .int(Int64((1..<5).contains(count) ? -1 : count)))
            }
            func length(_ value: JSONValue?) -> Int { if case .array(let all) = value { all.count } else { 0 } }
            let unknown = try await figures(.dispatcher, "group.nothing")
            #expect(unknown.values.allSatisfy { length($0) == 6 })
            let book = try LabelBook.read(
                """
                groups:
                  some:
                    name: { zh: 某类, en: Some }
                    labels:
                      old: { name: { zh: 老, en: Old }, rule: age(60..) }
                      released: { name: { zh: 刑满释放, en: Released }, rule: fact(isReleased) }
                """)
            let open = GridMapLayer.groups(book, for: try await house.context(.head).actor, in: Self.community)
            #expect(open.map(\.id) == ["old"], "what is special is no layer")
            let handler = try await house.context(.propertyHandler).actor
            #expect(GridMapLayer.groups(book, for: handler, in: Self.community).isEmpty)
            let page = try await house.open(
                "/desk/map", query: [("under", code), ("layer", "group.elderAlone")],
                try await house.context(.dispatcher))
            #expect(page.contains("独居老人") && page.contains("少于 5"))
            #expect(page.contains("value=\"group.elderAlone\" selected"))
        }
    }

    @Test("哪些部件算设备由部署来定：代码或大类，不是部件的不收") func deviceKinds() throws {
        let catalogue = try EventCatalogue.shared()
        #expect(DeviceKinds(DeviceKinds.usual.text, catalogue) == .usual)
        let own = try #require(DeviceKinds("C0118, C02,C0118", catalogue))
        #expect(own.codes == ["C0118"] + catalogue.children(of: "C02").map(\.code) && own.codes.count > 5)
        for wrong in ["", "C9999", "R1101", "C0118;C0119", "路灯"] {
            #expect(DeviceKinds(wrong, catalogue) == nil, "\(wrong)")
        }
    }

    @Test("设备按好坏分层：数对得上，要修的列出来，近看有点", arguments: TestEngine.enabled)
    func devices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let code = "\(Self.community)"
            let head = try await house.context(.head)
            let rows = try await house.services.database.read { tx in
                try tx.all(
                    "SELECT division, category, state, name FROM thing WHERE community = \(Self.community)"
                ) {
                    (
                        grid: try $0[0] as Int64, kind: try $0[1] as String, state: try $0[2] as String,
                        name: try $0[3] as String
                    )
                }
            }.filter { DeviceKinds.usual.codes.contains($0.kind) }
            let broken = rows.filter { $0.state != "sound" }
            try #require(!rows.isEmpty && !broken.isEmpty)
            let answer = try await house.open("/desk/map/figures", query: [("under", code)], head)
            let figures = try JSONValue.object(in: Array(answer.utf8))
            for grid in Set(rows.map(\.grid)) {
                guard case .array(let values) = figures["\(grid % 1000)"] else {
                    Issue.record("grid \(grid) is missing")
                    continue
                }
                #expect(values[4] == .int(Int64(rows.filter { $0.grid == grid }.count)))
                #expect(values[5] == .int(Int64(broken.filter { $0.grid == grid }.count)))
            }
            let page = try await house.open("/desk/map", query: [("under", code), ("layer", "devices")], head)
            #expect(broken.allSatisfy { page.contains($0.name) } && page.contains("/registers/thing/"))
            let points = try await house.open("/desk/map/points", query: [("under", code)], head)
            #expect(points.contains("\"broken\"") && points.contains("\"sound\"") && points.contains("破损"))
            // Whoever may not open the register gets no address of it.
            let dispatcher = try await house.context(.dispatcher)
            let above = try await house.open("/desk/map/points", query: [("under", code)], dispatcher)
            #expect(above.contains("\"broken\"") && !above.contains("/registers/"))
        }
    }
}
