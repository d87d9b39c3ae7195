import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Sheets of the registers on their pages: brought, corrected, done, taken back, taken out.
@Suite("台账表格页面")
struct RegisterSheetPagesTests {
    private static let table = """
        姓名\t身份证号\t住址\t电话
        赵一\t110100195006150020\t幸福里小区3号楼2单元1201\t13800138000
        =HYPERLINK("http://x")\t110100195006150021\t幸福里小区3号楼2单元1202\t<script>
        """

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func bring(_ house: House, _ context: Context) async throws -> String {
        let fields = [("kind", "person"), ("division", "110101001901"), ("table", Self.table)]
        return try #require(try await house.send("/desk/sheets", form(fields), context))
    }

    private func open(_ address: String, _ house: House, _ context: Context) async throws -> String {
        let path = String(address.prefix { $0 != "?" })
        return try await house.open(path, query: [("kind", "person")], context)
    }

    @Test("贴进来、看错行、下载、导入、撤销", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let address = try await bring(house, head)
            #expect(address.hasPrefix("/desk/sheets/"))
            let preview = try await open(address, house, head)
            #expect(preview.contains("新登记 1 条，已有 0 条，有错 1 行。"))
            #expect(preview.contains("身份证号码的最后一位对不上") && preview.contains("手机号："))
            #expect(!preview.contains("身份证号码："), "a field is named once")
            #expect(!preview.contains("<script>") && !preview.contains("13800138000"))
            let path = String(address.prefix { $0 != "?" })
            let wrong = try await house.open(path + "/wrong", query: [("kind", "person")], head)
            #expect(wrong.contains("'=HYPERLINK") && wrong.contains("问题"))
            #expect(!wrong.contains("赵一"))
            // Another colleague does not see what this one looks at.
            let other = try await house.context(.locustHead)
            #expect(try await open(address, house, other).isEmpty)
            let done = try #require(
                try await house.send(path, form([("kind", "person"), ("do", "import")]), head))
            #expect(done.hasPrefix("/desk/sheets/imports/"))
            let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
            try await RegisterImports.run(id, house.services.database)
            #expect(try await house.open(done, query: [], head).contains("新登记 1 条"))
            #expect(try await house.open("/desk/sheets", query: [], head).contains(done))
            #expect(try await house.open(done, query: [], other).isEmpty)
            #expect(try await house.send(done + "/undo", form([]), head) == done)
            try await RegisterImports.takeBack(id, house.services.database)
            let undone = try await house.open(done, query: [], head)
            #expect(undone.contains("撤销了 1 条"), "homes that came along are not counted")
        }
    }

    @Test("已有的人：列出旧的和新的，能选不改；导入、结果、撤销都说清楚", arguments: TestEngine.enabled)
    func updates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            func take(_ table: String, _ more: [(String, String)] = []) async throws -> (preview: String, done: String)
            {
                let fields = [("kind", "person"), ("division", "110101001901"), ("table", table)]
                let address = try #require(try await house.send("/desk/sheets", form(fields), head))
                let preview = try await open(address, house, head)
                let go = form([("kind", "person"), ("do", "import")] + more)
                let done = try #require(try await house.send(String(address.prefix { $0 != "?" }), go, head))
                if let id = ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? "") {
                    try await RegisterImports.run(id, house.services.database)
                }
                return (preview, done)
            }
            let table = "姓名\t身份证号\t住址\t电话\t文化程度\n赵一\t110100195006150020\t幸福里小区3号楼2单元1201\t"
            _ = try await take(table + "13800138000\t初中\n")
            let (preview, kept) = try await take(table + "13800138001\t<b>高中</b>\n", [("keep", "yes")])
            #expect(preview.contains("更新 1 人") && preview.contains("已有的人不改，只登记新的"))
            #expect(preview.contains("<del>138****8000</del> → <ins>138****8001</ins>"))
            #expect(preview.contains("<del>初中</del> → <ins>&lt;b&gt;高中"), "what a sheet says is text")
            #expect(try await house.open(kept, query: [], head).contains("新登记 0 条，已有 1 条"))
            let (_, done) = try await take(table + "13800138001\t高中\n")
            #expect(try await house.open(done, query: [], head).contains("更新了 1 人"))
            let (same, again) = try await take(table + "13800138001\t高中\n")
            #expect(same.contains("已有 1 条") && !same.contains("<del>"))
            #expect(!again.hasPrefix("/desk/sheets/imports/"), "there is nothing to import")
            #expect(try await house.send(done + "/undo", form([]), head) == done)
            let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
            try await RegisterImports.takeBack(id, house.services.database)
            #expect(try await house.open(done, query: [], head).contains("撤销了 1 条"))
        }
    }

    @Test("存疑的代码、车牌：预演里逐行说，下载里也有，照样导入；不改的不说", arguments: TestEngine.enabled)
    func doubts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            func look(_ kind: String, _ table: String) async throws -> (path: String, preview: String) {
                let fields = [("kind", kind), ("division", "110101001901"), ("table", table)]
                let address = try #require(try await house.send("/desk/sheets", form(fields), head))
                let path = String(address.prefix { $0 != "?" })
                return (path, try await house.open(path, query: [("kind", kind)], head))
            }
            // The check character does not fit: a pilot code, or a slip of the pen.
            let firms = "单位名称\t统一社会信用代码\n样例公司\t91350100M0001TGQXM\n样例小店\t\n"
            let (path, preview) = try await look("organization", firms + "样例二店\t123\n")
            #expect(preview.contains("新登记 2 条，已有 0 条，有错 1 行。有 1 行存疑，照样导入"))
            #expect(preview.contains("存疑</span> <span class=\"sub\">统一社会信用代码："))
            #expect(preview.contains("下载有错的 1 行、存疑的 1 行"))
            let file = try await house.open(path + "/wrong", query: [("kind", "organization")], head)
            #expect(file.contains("样例二店") && file.contains("样例公司") && file.contains("存疑，照样导入：统一社会信用代码："))
            #expect(!file.contains("样例小店"))
            let done = try #require(
                try await house.send(path, form([("kind", "organization"), ("do", "import")]), head))
            let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
            try await RegisterImports.run(id, house.services.database)
            #expect(try await house.open(done, query: [], head).contains("新登记 2 条"))
            let marked: SQL = "SELECT count(*) FROM organization WHERE is_code_doubtful = 1 AND name = '样例公司'"
            #expect(try await house.value(marked, as: Int.self) == 1, "its own page says so too")
            let (_, again) = try await look("organization", firms)
            #expect(!again.contains("存疑"), "of what is known nothing is taken")
            // A place that is none is said, not dropped; a code of a district nobody here knows is asked about.
            let lamps = "部件名称\t部件标识码\t经度\t纬度\n路灯一\t1101010118000098\t216.4\t39.9\n"
            let more = "路灯二\t9999990118000098\t116.402\t39.9152\n路灯三\t1101010118000097\t\t\n路灯四\t\t116.4\t\n"
            let (_, things) = try await look("thing", lamps + more)
            #expect(things.contains("新登记 2 条，已有 0 条，有错 2 行。有 1 行存疑，照样导入"))
            #expect(things.contains("经纬度用不了（经度“216.4”") && things.contains("前六位 999999 不是这里知道的区县"))
            let people = "姓名\t住址\t车牌\n赵一\t幸福里小区3号楼2单元1201\t没有车\n"
            let (_, plates) = try await look("person", people)
            #expect(plates.contains("车牌号：“没有车”不像车牌") && plates.contains("下载存疑的 1 行"))
        }
    }

    @Test("改了列再下载有错的行：按改过的列", arguments: TestEngine.enabled)
    func wrongRowsByColumns(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let table = "姓名\t住址\t甲\n赵一\t幸福里小区3号楼2单元1201\t123\n钱二\t幸福里小区3号楼2单元1202\t\n"
            let fields = [("kind", "person"), ("division", "110101001901"), ("table", table)]
            let address = try #require(try await house.send("/desk/sheets", form(fields), head))
            let path = String(address.prefix { $0 != "?" })
            #expect(try await !open(address, house, head).contains("/wrong?"))
            let chosen = [
                ("kind", "person"), ("column-0", ""), ("column-1", "dwelling.address"), ("column-2", "person.phone"),
                ("do", "look"),
            ]
            let preview = try #require(try await house.send(path, form(chosen), head))
            #expect(preview.contains("下载有错的 2 行"))
            let start = try #require(preview.range(of: "\(path)/wrong?"))
            let link = preview[start.upperBound...].prefix { $0 != "\"" }.replacing("&amp;", with: "&")
            let query = link.split(separator: "&").map { part -> (String, String) in
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(pair[0]), String(pair[1]))
            }
            let file = try await house.open(path + "/wrong", query: query, head)
            #expect(file.contains("赵一") && file.contains("手机号：") && file.contains("钱二"))
            let suggested = try await house.open(path + "/wrong", query: [("kind", "person")], head)
            #expect(!suggested.contains("赵一"))
        }
    }

    @Test("改过的列名下次认得", arguments: TestEngine.enabled)
    func remembers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let table = "大名\t住址\n赵一\t幸福里小区3号楼2单元1201\n"
            func bring() async throws -> String {
                let fields = [("kind", "person"), ("division", "110101001901"), ("table", table)]
                return try #require(try await house.send("/desk/sheets", form(fields), head))
            }
            let first = String(try await bring().prefix { $0 != "?" })
            #expect(try await open(first, house, head).contains("缺姓名"))
            let fields = [("kind", "person"), ("column-0", "person.name"), ("do", "import")]
            let done = try #require(try await house.send(first, form(fields), head))
            #expect(done.hasPrefix("/desk/sheets/imports/"))
            let second = String(try await bring().prefix { $0 != "?" })
            #expect(try await open(second, house, head).contains("新登记 1 条"))
            // For those it was said of and below, and for nobody else.
            let said = try await house.services.database.read { tx in
                try [
                    DivisionCode(rawValue: 110_101_001_901_001), DivisionCode(rawValue: 110_101_001_000_000),
                    DivisionCode(rawValue: 110_101_001_902_000),
                ].map { division in
                    try SheetDrafts.remembered("register.person", ["大名"], in: division, tx)["大名"]
                }
            }
            #expect(said == ["person.name", nil, nil])
        }
    }

    @Test("GeoJSON 里一个点不对，只错那一行；一个点也没有才整份不收")
    func geoJSONRows() throws {
        let path = NSTemporaryDirectory() + "points-\(randomToken()).geojson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func rows(_ geometries: [String]) throws -> [[String]] {
            let features = geometries.map { #"{"type":"Feature","geometry":\#($0),"properties":{"名称":"灯"}}"# }
            try #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#
                .write(toFile: path, atomically: true, encoding: .utf8)
            return try RegisterGeoSheet.rows(path, .wgs84).dropFirst().map(\.cells)
        }
        let line = #"{"type":"LineString","coordinates":[[116.4,39.9],[116.5,39.9]]}"#
        func point(_ longitude: Double) -> String { #"{"type":"Point","coordinates":[\#(longitude),39.9]}"# }
        #expect(
            try rows([point(116.4), point(216.4), "null", line]) == [
                ["灯", "116.4", "39.9"], ["灯", "216.4", "39.9"], ["灯", "", ""], ["灯", "不是点", "不是点"],
            ])
        #expect(throws: LinliError.self) { try rows([line, "null"]) }
    }

    @Test("部件用 GeoJSON 进出，百度坐标换成 GPS", arguments: TestEngine.enabled)
    func geoJSON(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let place = BD09.fromWGS84(longitude: 116.402, latitude: 39.9152)
            let feature = """
                {"type":"Feature","geometry":{"type":"Point","coordinates":[\(place.longitude),\(place.latitude)]},\
                "properties":{"ObjName":"路灯甲","位置":"北街","高":3.5}}
                """
            let path = house.folder + "/lamps.geojson"
            try "{\"type\":\"FeatureCollection\",\"features\":[\(feature)]}"
                .write(toFile: path, atomically: true, encoding: .utf8)
            #expect(RegisterGeoSheet.isGeoJSON(path))
            let rows = try RegisterGeoSheet.rows(path, .bd09)
            let fields = ImportColumn.suggest(rows[0].cells, .thing, remembered: [:])
            let draft = SheetDraft(
                headers: rows[0].cells, lines: rows.dropFirst().map { .init(number: $0.number, cells: $0.cells) },
                fields: fields, division: DivisionCode(rawValue: 110_101_001_901_000))
            let database = house.services.database
            let kept = try await SheetDrafts.keep(draft, kind: "register.thing", database, head)
            let id = try await RegisterImports.begin(
                kept, .thing, rows: 1, in: DivisionCode(rawValue: draft.division), head, database)
            try await RegisterImports.run(id, database)
            let asked = [
                ("kind", "thing"), ("division", "110101001901"), ("datum", "wgs84"), ("format", "geojson"),
            ]
            #expect(try await house.send("/desk/sheets/export", form(asked), head)?.contains("请选用途") == true)
            let lines = "SELECT count(*) FROM audit_entry WHERE command = 'registers.export'"
            let before = try await house.value(SQL(stringLiteral: lines), as: Int.self) ?? 0
            let out = try #require(
                try await house.send("/desk/sheets/export", form(asked + [("purpose", "report")]), head))
            #expect(out.contains("路灯甲") && out.contains("[116.40") && out.contains("马秀英"))
            #expect(out.contains("\"DeptName1\""), "the bodies that answer for it")
            #expect(try await house.value(SQL(stringLiteral: lines), as: Int.self) == before + 1)
            let forMeals = asked + [("purpose", "service"), ("service", "meals")]
            let marked = try await house.send("/desk/sheets/export", form(forMeals), head)
            #expect(marked?.contains("提供服务、核对资格：老年助餐") == true)
            let named = "SELECT count(*) FROM audit_entry WHERE reason = 'service/meals'"
            #expect(try await house.value(SQL(stringLiteral: named), as: Int.self) == 1)
            let unknown = asked + [("purpose", "service"), ("service", "fun")]
            #expect(try await house.send("/desk/sheets/export", form(unknown), head)?.contains("目录里没有") == true)
            let people = [
                ("kind", "person"), ("division", "110101001901"), ("purpose", "report"), ("format", "geojson"),
            ]
            #expect(try await house.send("/desk/sheets/export", form(people), head)?.contains("不导出成地图") == true)
            try "{\"type\":\"Feature\"}".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: LinliError.self) { _ = try RegisterGeoSheet.rows(path, .wgs84) }
        }
    }

    @Test("房屋表：没有人的房也进来，带用途、楼层、坐标；写法不同的认得；撤销", arguments: TestEngine.enabled)
    func dwellings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (head, database) = (try await house.context(.head), house.services.database)
            let known = try await house.enterHome()
            let table = """
                住址\t房屋类型\t使用情况\t楼层\t建筑面积\t经度\t纬度
                幸福里小区3号楼2单元1401\t住宅（户）\t空置\t14\t56.5\t116.402\t39.9148
                幸福里小区3号楼2单元1402室\t\t\t\t\t\t
                北京市幸福里小区3号楼2单元1402\t\t\t\t\t\t
                幸福里小区3号楼2单元1201\t\t空置\t\t\t\t
                没有这个小区1号楼101\t\t\t\t\t\t
                """
            let fields = [("kind", "dwelling"), ("division", "110101001901"), ("table", table)]
            let address = try #require(try await house.send("/desk/sheets", form(fields), head))
            let path = String(address.prefix { $0 != "?" })
            let preview = try await house.open(path, query: [("kind", "dwelling")], head)
            #expect(preview.contains("新登记 2 条，更新 1 条，已有 1 条，有错 1 行。"))
            #expect(preview.contains("<del>自住</del> → <ins>空置</ins>") && preview.contains("已有的不改，只登记新的"))
            let done = try #require(
                try await house.send(path, form([("kind", "dwelling"), ("do", "import")]), head))
            let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
            try await RegisterImports.run(id, database)
            let empty = try #require(
                try await database.read {
                    try RegisterQueries.dwelling(at: "幸福里小区3号楼2单元1401", head.actor, $0)
                })
            #expect(empty.occupancy == .empty && empty.floor == 14 && empty.areaSquareMetres == 56.5)
            #expect(empty.point == GeoPoint(longitude: 116.402, latitude: 39.9148))
            #expect(try await database.read { try RegisterQueries.households(of: empty.id, $0).isEmpty })
            #expect(
                try await database.read { try RegisterQueries.dwelling(known.dwelling, $0)?.occupancy } == .empty,
                "what the sheet says of a home that is known is taken")
            #expect(try await house.open(done, query: [], head).contains("更新了 1 条"))
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.send(done + "/undo", form([]), head) == done)
            try await RegisterImports.takeBack(id, database)
            await house.deliver()
            #expect(try await house.open(done, query: [], head).contains("撤销了 3 条"), "with what it had changed")
            #expect(
                try await database.read { try RegisterQueries.dwelling(known.dwelling, $0)?.occupancy } == .owner)
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("导出房屋、组织、部件和人的住址：每行、页眉页脚、文档属性都写着谁、何时、做什么", arguments: TestEngine.enabled)
    func exportOthers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let home = try await house.enterHome()
            let (firm, _) = try await RegisterCommands.enterOrganization(
                try House.typed(["organization.name": "样例书店", "organization.phone": "13800138009"]), in: nil,
                dwelling: home.dwelling, division: House.homeGrid, head, house.services.database,
                house.services.registers)
            await house.deliver()
            func take(_ kind: String, _ fields: [String], _ format: String = "csv") async throws -> String {
                let chosen = fields.map { ("field", $0) }
                let asked =
                    [("kind", kind), ("division", "110101001901"), ("purpose", "report"), ("format", format)] + chosen
                return try #require(try await house.send("/desk/sheets/export", form(asked), head))
            }
            let people = try await take("person", ["person.name", "dwelling.address"])
            let row = try #require(people.split(separator: "\r\n").first { $0.hasPrefix("陈秀英,") })
            #expect(row.hasPrefix("陈秀英,幸福里小区3号楼2单元1201,") && row.contains("马秀英") && row.contains("填报依法要报的表"))
            let homes = try await take("dwelling", ["dwelling.address", "dwelling.occupancy"])
            #expect(homes.contains("幸福里小区3号楼2单元1201,自住,"))
            let things = try await take("thing", ["thing.name", "thing.competentBody"])
            #expect(things.contains("部件名称,主管部门,"))
            let firms = try await take("organization", ["organization.name", "organization.phone"])
            #expect(firms.contains("样例书店,13800138009,"))
            let readings = try await house.services.database.read {
                try RegisterReading.readings(of: RegisterSubject(.organization, firm), $0)
            }
            #expect(readings.first?.command == "registers.export" && readings.first?.purpose == .report)
            let page = try await house.open("/desk/sheets/export", query: [("kind", "thing")], head)
            #expect(page.contains("thing.upkeepBody") && page.contains("GeoJSON") && !page.contains("person.name"))
        }
    }

    @Test("导出：没有用途不给，有了用途带水印", arguments: TestEngine.enabled)
    func export(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            let address = String(try await bring(house, head).prefix { $0 != "?" })
            let done = try #require(
                try await house.send(address, form([("kind", "person"), ("do", "import")]), head))
            let id = try #require(ID<RegisterImport>(done.split(separator: "/").last.map(String.init) ?? ""))
            try await RegisterImports.run(id, house.services.database)
            let fields = [
                ("division", "110101001901"), ("field", "person.name"), ("field", "person.phone"), ("format", "csv"),
            ]
            let asked = try await house.send("/desk/sheets/export", form(fields), head)
            #expect(asked?.contains("请选用途") == true)
            let table = try #require(
                try await house.send("/desk/sheets/export", form(fields + [("purpose", "report")]), head))
            #expect(table.contains("姓名,手机号") && table.contains("赵一,13800138000"))
            #expect(table.contains("马秀英") && table.contains("请勿外传"))
            // A table of ours that comes back is read without its line, with one column as with many.
            for taken in [table, table.replacing("姓名,手机号", with: "姓名,别的")] {
                let back = [
                    ("kind", "person"), ("division", "110101001901"), ("table", taken.replacing(",", with: "\t")),
                ]
                let again = try #require(try await house.send("/desk/sheets", form(back), head))
                let preview = try await house.open(
                    String(again.prefix { $0 != "?" }), query: [("kind", "person")], head)
                #expect(!preview.contains("请勿外传") && !preview.isEmpty)
            }
            let worker = try await house.context(.worker)
            #expect(try await house.send("/desk/sheets/export", form(fields), worker) == nil)
        }
    }
}
