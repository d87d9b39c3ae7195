import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import Administration

/// Borders of grids: the check, files, and a point that finds its grid.
@Suite("网格边界")
struct GridBordersTests {
    /// A rectangle in thousandths of a degree around 幸福里.
    private func box(_ west: Int, _ south: Int, _ east: Int, _ north: Int) -> String {
        func point(_ x: Int, _ y: Int) -> String { "[\(116.4 + Double(x) / 1000),\(39.91 + Double(y) / 1000)]" }
        let ring = [point(west, south), point(east, south), point(east, north), point(west, north), point(west, south)]
        return "{\"type\":\"Polygon\",\"coordinates\":[[\(ring.joined(separator: ","))]]}"
    }

    private func outline(_ number: Int, _ geometry: String) throws -> GridOutline {
        GridOutline(code: DemoDivision.grid(number), name: "第\(number)网格", area: try GeoArea(geoJSON: geometry))
    }

    private func collection(_ features: [(String, String)]) -> String {
        let list = features.map { "{\"type\":\"Feature\",\"properties\":{\($0.0)},\"geometry\":\($0.1)}" }
        return "{\"type\":\"FeatureCollection\",\"features\":[\(list.joined(separator: ","))]}"
    }

    @Test("相邻不算重叠；重叠说出多大") func overlaps() throws {
        let touching = GridBorderCheck([try outline(1, box(0, 0, 4, 4)), try outline(2, box(4, 0, 8, 4))], others: [])
        #expect(touching.isGood && touching.overlaps.isEmpty && touching.gap == 0 && touching.crossings.isEmpty)
        let both = [try outline(1, box(0, 0, 4, 4)), try outline(2, box(3, 0, 8, 4))]
        let check = GridBorderCheck(both, others: [])
        let overlap = try #require(check.overlaps.first)
        // A thousandth of a degree by four: 85.5 m by 444 m here.
        #expect(!check.isGood && abs(overlap.squareMetres - 37_950) < 50, "\(overlap.squareMetres)")
        #expect(overlap.names == ["第1网格", "第2网格"] && !check.marks.isEmpty)
    }

    @Test("和别的社区已有的边界重叠也算") func neighbours() throws {
        let other = GridOutline(
            code: DemoDivision.locustGrid(1), name: "槐荫第1网格", area: try GeoArea(geoJSON: box(7, 0, 9, 4))
        )
        let check = GridBorderCheck([try outline(1, box(0, 0, 8, 4))], others: [other])
        #expect(check.overlaps.map(\.names) == [["第1网格", "槐荫第1网格"]])
        #expect(GridBorderCheck([try outline(1, box(0, 0, 7, 4))], others: [other]).isGood)
    }

    @Test("四面围住的空隙算出来，敞开的不算") func gaps() throws {
        // A frame of four grids around a square of 2 by 2.
        let frame = [
            try outline(1, box(0, 0, 6, 2)), try outline(2, box(0, 4, 6, 6)), try outline(3, box(0, 2, 2, 4)),
            try outline(4, box(4, 2, 6, 4)),
        ]
        let check = GridBorderCheck(frame, others: [])
        // 171 m by 222 m.
        #expect(check.isGood && abs(check.gap - 37_950) < 50, "\(check.gap)")
        #expect(GridBorderCheck(Array(frame.dropLast()), others: []).gap == 0)
    }

    @Test("比现在缩小，空出来没人管的说出多大；让给邻居的不算") func lost() throws {
        let before = [try outline(1, box(0, 0, 5, 4))]
        let smaller = GridBorderCheck([try outline(1, box(0, 0, 4, 4))], others: [], before: before)
        #expect(smaller.isGood && smaller.gap == 0 && abs(smaller.lost - 37_950) < 50, "\(smaller.lost)")
        #expect(smaller.marks.count == 1)
        let given = GridBorderCheck(
            [try outline(1, box(0, 0, 4, 4)), try outline(2, box(4, 0, 5, 4))], others: [], before: before)
        #expect(given.lost == 0 && given.marks.isEmpty)
        #expect(GridBorderCheck([try outline(1, box(0, 0, 6, 4))], others: [], before: before).lost == 0)
    }

    @Test("自己交叉的边界指出来") func crossing() throws {
        let bowTie =
            "{\"type\":\"Polygon\",\"coordinates\":[[[116.4,39.91],[116.408,39.914],[116.408,39.91],[116.4,39.918],[116.4,39.91]]]}"
        let check = GridBorderCheck([try outline(1, bowTie)], others: [])
        #expect(check.crossings == ["第1网格"] && !check.isGood)
    }

    @Test("存下以后，点到网格按新的边界来；去掉以后找不到", arguments: TestEngine.enabled)
    func stored(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func grid() async throws -> DivisionCode? {
                try await house.services.database.read {
                    try GridLocator.grid(latitude: 39.891, longitude: 116.381, at: house.clock.clock.now, $0)
                }
            }
            #expect(try await grid() == nil)
            let code = DemoDivision.grid(3).description
            let text = collection([
                ("\"code\":\"\(code)\"", box(-20, -20, -18, -18)), ("\"name\":\"第2网格\"", box(-18, -20, -16, -18)),
            ])
            func form(_ text: String) -> Form {
                Form([("under", "110101001901"), ("borders", text)].map { (name: $0.0, value: $0.1) })
            }
            #expect(
                try await house.send("/admin/grids", form(text), administrator)
                    == "/admin/grids?under=110101001901000&done=put")
            #expect(try await grid() == DemoDivision.grid(3))
            let overlapping = collection([("\"number\":1", box(-20, -20, -15, -18))])
            #expect(try await house.send("/admin/grids", form(overlapping), administrator)?.contains("有重叠") == true)
            #expect(try await grid() == DemoDivision.grid(3))
            let page = try await house.open("/admin/grids", query: [("under", "110101001901")], administrator)
            #expect(page.contains("第3网格") && page.contains("<path class=\"g l2\""))
            _ = try await house.send("/admin/grids/\(code)/remove", Form(), administrator)
            #expect(try await grid() == nil)
            let commands = try await house.services.database.read { tx -> [String] in
                try tx.all("SELECT DISTINCT command FROM audit_entry WHERE command LIKE 'grids.%' ORDER BY command") {
                    try $0[0]
                }
            }
            #expect(commands == ["grids.put", "grids.remove"])
        }
    }

    @Test("看不懂的文件说明白；审计员只看", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func send(_ text: String, _ context: Context) async throws -> String? {
                let fields = [("under", "110101001901"), ("borders", text)]
                return try await house.send("/admin/grids", Form(fields.map { (name: $0.0, value: $0.1) }), context)
            }
            for (text, words) in [
                ("hello", "这不是 GeoJSON"), ("{\"type\":\"FeatureCollection\",\"features\":[]}", "这不是 GeoJSON"),
                (collection([("\"name\":\"第9网格\"", box(0, 0, 1, 1))]), "看不出是哪个网格"),
                (collection([("\"number\":1", "{\"type\":\"Point\",\"coordinates\":[116,39]}")]), "Polygon"),
                (collection([("\"number\":1", box(0, 0, 1, 1)), ("\"number\":1", box(1, 0, 2, 1))]), "有两个边界"),
            ] {
                #expect(try await send(text, administrator)?.contains(words) == true, "\(words)")
            }
            let auditor = try await house.context(.auditor)
            #expect(try await house.open("/admin/grids", query: [], auditor).contains("第1网格"))
            #expect(try await send(collection([]), auditor) == nil)
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.open("/admin/grids", query: [], dispatcher).isEmpty)
        }
    }
}
