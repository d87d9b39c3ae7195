import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliTestSupport
import Testing

/// Places from the sheets people have: workbooks as they are, with their own words for the columns.
@Suite("地点从 Excel 导入")
struct PlaceSheetTests {
    /// Sends a file to be looked at, and gives what the page shows.
    private func look(_ path: String, _ house: House) async throws -> String {
        let route = try #require(
            house.services.features.routes.first { $0.method == .post && $0.path == "/admin/places/import" })
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let request = Request(
            method: .post, path: route.path,
            form: Form([(name: "under", value: "110101001901"), (name: "do", value: "look")]),
            uploads: [Upload(field: "file", filename: "places.xlsx", path: path, size: size)],
            context: try await house.context(.administrator), formToken: "token", origin: "http://127.0.0.1")
        let reply = try await route.handle(request, house.services)
        guard case .page(let page) = reply.content else { return "" }
        return page.body.string(.zh)
    }

    private static func file(_ end: String) -> String { NSTemporaryDirectory() + "linli-" + randomToken() + end }

    @Test("工作簿原样看、原样导，路巷门牌也进来；列名用别的说法也认得", arguments: TestEngine.enabled)
    func workbook(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let path = Self.file(".xlsx")
            // Only a temporary file would stay behind.
            defer { try? FileManager.default.removeItem(atPath: path) }
            let names = ["类型", "小区名称", "上级地址", "网格号", "产权性质", "街路巷", "门牌"]
            let writer = try SheetWriter(path, sheet: "地点", columns: names.map { (name: $0, width: 12.0) })
            for row in [
                ["小区", "安定里小区", "", "1", "商品房", "北街", "18号"], ["楼", "1号楼", "安定里小区", "1", "", "", ""],
                ["公共空间", "安定广场", "", "2", "", "", ""],
            ] {
                try writer.add(row.map { .text($0) })
            }
            try writer.close()
            let page = try await look(path, house)
            #expect(page.contains("新加 3 个，已有 0 个，有错 0 行"))
            let begin = try #require(page.range(of: "<textarea name=\"table\" hidden>\n"))
            let end = try #require(page[begin.upperBound...].range(of: "</textarea>"))
            let form = Form([
                (name: "under", value: "110101001901"), (name: "do", value: "import"),
                (name: "table", value: String(page[begin.upperBound..<end.lowerBound])),
            ])
            let administrator = try await house.context(.administrator)
            let done = try await house.send("/admin/places/import", form, administrator)
            #expect(done?.hasSuffix("done=import") == true)
            let estate = try await house.place("安定里小区")
            #expect(estate.road == "北街" && estate.door == "18号" && estate.propertyRight == .commercial)
            #expect(try await house.place("安定里小区1号楼").parent == estate.id)
            #expect(estate.source == "import")
            let shown = try await house.open("/admin/places/\(estate.id)", query: [], administrator)
            #expect(shown.contains("导入"))
        }
    }

    @Test("列名认不出：页面上改，下次认得；有错的行连原因下载", arguments: TestEngine.enabled)
    func columns(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func send(_ word: String, _ rows: String, _ said: [(String, String)] = []) async throws -> String {
                let table = "什么地方,叫什么,网格,产权\n" + rows
                let fields = [("under", "110101001901"), ("table", table), ("do", word)] + said
                let form = Form(fields.map { (name: $0.0, value: $0.1) })
                return try #require(try await house.send("/admin/places/import", form, administrator))
            }
            let (good, bad) = ("小区,安定里小区,1,商品房\n", "公园,\"=安定公园\",2,公共空间\n")
            let unknown = try await send("look", good + bad)
            #expect(unknown.contains("至少有种类和名称") && unknown.contains("列对不对"))
            let said = [("column-0", "kind"), ("column-1", "name"), ("column-2", "division"), ("column-3", "right")]
            let looked = try await send("look", good + bad, said)
            #expect(looked.contains("新加 1 个，已有 0 个，有错 1 行") && looked.contains("下载有错的 1 行"))
            #expect(looked.contains("<option value=\"kind\" selected>"))
            let file = try await send("wrong", good + bad, said)
            #expect(file.contains("什么地方,叫什么,网格,产权,问题"))
            #expect(file.contains("公园,'=安定公园,2,公共空间,") && file.contains("种类是其中之一") && !file.contains("安定里小区"))
            #expect(try await send("look", good).contains("至少有种类和名称"), "only what was brought in is remembered")
            #expect(try await send("import", good + bad, said).contains("1 行不对"))
            #expect(try await send("import", good, said).hasSuffix("done=import"))
            #expect(try await send("look", "小区,安定外小区,1,商品房\n").contains("新加 1 个，已有 0 个，有错 0 行"))
            let left = try await send("look", "小区,安定外小区,1,商品房\n", [("column-1", "")])
            #expect(left.contains("至少有种类和名称"), "a column that is left out is left out")
            let twice = try await send("look", "小区,安定外小区,1,商品房\n", [("column-0", "name"), ("column-1", "name")])
            #expect(twice.contains("至少有种类和名称"), "no column is taken twice")
        }
    }

    @Test("整表撤销：没人动过、没人在用的退回去，改过的、里面有房的连上级留着", arguments: TestEngine.enabled)
    func takenBack(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // Each at its own moment: what came together is taken back together.
            func send(_ path: String, _ fields: [(String, String)]) async throws -> String? {
                try await house.send(
                    path, Form(fields.map { (name: $0.0, value: $0.1) }), house.context(.administrator))
            }
            func bring(_ table: String) async throws {
                house.clock.advance(minutes: 1)
                let done = try await send(
                    "/admin/places/import", [("under", "110101001901"), ("table", table), ("do", "import")])
                #expect(done?.hasSuffix("done=import") == true)
            }
            try await bring("种类,名称,网格,产权\n小区,早先小区,1,商品房")
            try await bring(
                """
                种类,名称,上级地址,网格,产权
                小区,安定里小区,,1,商品房
                楼,1号楼,安定里小区,1,
                楼,2号楼,安定里小区,1,
                小区,安定外小区,,1,商品房
                """)
            let used = try await house.place("安定里小区1号楼")
            _ = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "301", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
                in: used.id, try await house.context(.worker), house.services.database, house.services.registers)
            let page = try await house.open(
                "/admin/places/import", query: [("under", "110101001901")], house.context(.administrator))
            #expect(page.contains("还在的 4 处") && page.contains("还在的 1 处") && page.contains("撤销这次导入"))
            let estate = try await house.place("安定里小区")
            let back = [("under", "110101001901"), ("at", "\(estate.validFrom.milliseconds)")]
            let done = try await send("/admin/places/import/back", back)
            #expect(done?.hasSuffix("removed=2&kept=2") == true)
            func addresses() async throws -> [String] {
                try await house.services.database.read { tx in
                    try tx.all("SELECT address FROM place WHERE source = 'import' ORDER BY id") { try $0[0] as String }
                }
            }
            #expect(try await addresses() == ["早先小区", "安定里小区", "安定里小区1号楼"])
            #expect(try await send("/admin/places/import/back", [("under", "110101001901"), ("at", "1")]) == nil)
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let under = #"{"under":"110101001901"}"#
                let again = try await site.shown("POST", "/admin/place-import/back", under, as: program)
                #expect(again["removed"].text == "0" && again["kept"].text == "2")
            }
        }
    }

    @Test("旧版、坏的文件说清楚，什么也不导；GBK 的 CSV 认得") func others() async throws {
        try await withHouse(.sqlite) { house in
            let path = Self.file(".xls")
            // As above.
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Data([0xD0, 0xCF, 0x11, 0xE0, 0, 0, 0, 0]).write(to: URL(fileURLWithPath: path))
            #expect(try await look(path, house).contains("旧版 .xls"))
            let encoding = String.Encoding(rawValue: 0x8000_0632)
            let table = try #require("种类,名称,网格,产权\n小区,安定里小区,1,商品房\n".data(using: encoding))
            try table.write(to: URL(fileURLWithPath: path))
            #expect(try await look(path, house).contains("新加 1 个"))
        }
    }
}
