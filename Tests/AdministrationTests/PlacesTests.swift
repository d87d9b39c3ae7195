import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Places: estates with what is inside them, changes, tables.
@Suite("地点管理")
struct PlacesTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func estate(_ name: String = "和平里小区", more: [(String, String)] = []) -> Form {
        form(
            [("kind", "estate"), ("name", name), ("division", "110101001902001"), ("right", "commercial")] + more
                + [("under", "110101001902")]
        )
    }

    /// Takes a redirect apart: `/admin/places/ID?done=…`.
    private func id(_ target: String?) throws -> String {
        let target = try #require(target)
        return try #require(target.split(separator: "/").last?.split(separator: "?").first.map(String.init))
    }

    @Test("小区、楼、单元；改名时里面的地址跟着改；没用到的才能去掉", arguments: TestEngine.enabled)
    func wholeLife(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let point = [("latitude", "39.9188"), ("longitude", "116.4030")]
            let estate = try id(try await house.send("/admin/places/new", estate(more: point), administrator))
            _ = try await house.send(
                "/admin/places/\(estate)/inside", form([("kind", "building"), ("names", "1号楼\r\n2号楼\n")]), administrator
            )
            let building = try await house.place("和平里小区1号楼")
            #expect(building.kind == .building && building.division.short == "110101001902001")
            _ = try await house.send(
                "/admin/places/\(building.id)/inside", form([("kind", "entrance"), ("names", "1单元")]), administrator
            )
            let unit = try await identifier(house, "槐荫里小区物业管理委员会")
            let renamed = form([
                ("kind", "estate"), ("name", "太平里小区"), ("address", ""), ("division", "110101001902"),
                ("right", "reformed"), ("manager", unit),
            ])
            #expect(
                try await house.send("/admin/places/\(estate)/change", renamed, administrator)
                    == "/admin/places/\(estate)?done=change"
            )
            let entrance = try await house.place("太平里小区1号楼1单元")
            #expect(try await house.place("太平里小区").latitude == nil)
            let inUse = try await house.send("/admin/places/\(building.id)/remove", Form(), administrator)
            #expect(inUse?.contains("不能去掉") == true)
            #expect(
                try await house.send("/admin/places/\(entrance.id)/remove", Form(), administrator)
                    == "/admin/places/\(building.id)?done=remove"
            )
            let list = try await house.open("/admin/places", query: [("under", "110101001902")], administrator)
            #expect(list.contains("太平里小区") && list.contains("槐荫里小区"))
            let commands = try await house.services.database.read { tx -> [String] in
                try tx.all("SELECT DISTINCT command FROM audit_entry WHERE command LIKE 'places.%' ORDER BY command") {
                    try $0[0]
                }
            }
            #expect(commands == ["places.add", "places.addInside", "places.change", "places.remove"])
        }
    }

    private func identifier(_ house: House, _ name: String) async throws -> String { "\(try await house.unit(name))" }

    @Test("说不通的指出来", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            for (fields, text) in [
                ([("latitude", "116.40"), ("longitude", "39.91")], "先纬度"), ([("latitude", "39.9")], "坐标要写两个数"),
                ([("kind", "entrance")], "单元要加在楼里面"), ([("manager", "\(ID<LinliKernel.Unit>(rawValue: 5))")], "能找到的单位"),
                ([("division", "110101")], "请选社区或网格"), ([("division", "110102001001")], "管理范围内"),
            ] as [([(String, String)], String)] {
                // The first value of a name counts.
                let sent = Form(fields.map { (name: $0.0, value: $0.1) } + estate().fields)
                #expect(
                    try await house.send("/admin/places/new", sent, administrator)?.contains(text) == true, "\(text)")
            }
            let estate = try await house.place("槐荫里小区")
            let entrance = form([("kind", "entrance"), ("names", "1单元")])
            let refused = try await house.send("/admin/places/\(estate.id)/inside", entrance, administrator)
            #expect(refused?.contains("里面不能有") == true)
            let twice = form([("kind", "building"), ("names", "1号楼")])
            #expect(
                try await house.send("/admin/places/\(estate.id)/inside", twice, administrator)?.contains("重名") == true)
            let auditor = try await house.context(.auditor)
            #expect(try await house.open("/admin/places/\(estate.id)", query: [], auditor).contains("槐荫里小区"))
            #expect(try await house.send("/admin/places/\(estate.id)/remove", Form(), auditor) == nil)
            let head = try await house.context(.head)
            #expect(try await house.open("/admin/places/\(estate.id)", query: [], head).isEmpty)
        }
    }

    private static let table = """
        种类,名称,上级地址,网格,产权,谁来管,纬度,经度
        小区,"安定里小区",,1,商品房,安居物业,39.9143,116.4027
        楼,1号楼,安定里小区,1,,,39.9145,116.4025
        单元,1单元,安定里小区1号楼,,,,,
        公共空间,安定广场,,2,,,39.9150,116.4030
        """

    @Test("表格先看再导，导两次只加一次", arguments: TestEngine.enabled)
    func table(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func send(_ word: String, _ table: String) async throws -> String? {
                try await house.send(
                    "/admin/places/import", form([("under", "110101001901"), ("table", table), ("do", word)]),
                    administrator
                )
            }
            let looked = try await send("look", Self.table)
            #expect(looked?.contains("新加 4 个，已有 0 个，有错 0 行") == true)
            #expect(try await house.value("SELECT count(*) FROM place WHERE name = '安定里小区'", as: Int.self) == 0)
            #expect(try await send("import", Self.table) == "/admin/places?under=110101001901000&done=import")
            let entrance = try await house.place("安定里小区1号楼1单元")
            #expect(entrance.propertyRight == .commercial && entrance.division == DemoDivision.grid(1))
            #expect(try await house.place("安定广场").propertyRight == PropertyRight.none)
            #expect(try await send("look", Self.table)?.contains("新加 0 个，已有 4 个") == true)
            _ = try await send("import", Self.table)
            #expect(try await house.value("SELECT count(*) FROM place WHERE address LIKE '安定%'", as: Int.self) == 4)
        }
    }

    @Test("错的行都列出来，一行也不导", arguments: TestEngine.enabled)
    func wrongTable(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let table = """
                种类,名称,上级地址,网格,产权,谁来管
                小区,好小区,,1,商品房,
                大楼,1号楼,好小区,1,,
                楼,2号楼,没有的小区,1,,
                楼,3号楼,好小区,77,,
                小区,"没收口
                小区,四小区,,1,私房,没有的物业
                """
            func send(_ word: String) async throws -> String? {
                try await house.send(
                    "/admin/places/import", form([("under", "110101001901"), ("table", table), ("do", word)]),
                    administrator
                )
            }
            let looked = try await send("look")
            #expect(looked?.contains("新加 1 个，已有 0 个，有错 5 行") == true)
            for text in ["种类是其中之一", "没有“没有的小区”", "请选社区或网格", "引号没有配对", "没有单位叫“没有的物业”", "请选产权"] {
                #expect(looked?.contains(text) == true, "\(text)")
            }
            #expect(looked?.contains("value=\"import\"") == false)
            #expect(try await send("import")?.contains("5 行不对") == true)
            #expect(try await house.value("SELECT count(*) FROM place WHERE name = '好小区'", as: Int.self) == 0)
        }
    }
}
