import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Sheets of the registers by programs: the steps of the pages, with the same limits.
@Suite("台账表格接口：上传、列名、先试、错行、导入、撤销、导出")
struct RegisterSheetsAPITests {
    private static let table = """
        大名,身份证号,住址,电话
        赵一,110100195006150020,幸福里小区3号楼2单元1201,13800138000
        钱二,110100195006150021,幸福里小区3号楼2单元1202,13800138001
        """

    @Test("上传、改列名、先试不改、导入、看进度、撤销；别人的表看不到，没有权限的传不了", arguments: TestEngine.enabled)
    func imports(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let worker = try await site.program(for: .worker)
                let other = try await site.program(for: .locustHead)
                let file = (field: "file", name: "people.csv", bytes: Array(Self.table.utf8))
                let about = [("kind", "person"), ("division", "110101001901")]
                _ = try await site.sent("/register-sheets", about, files: [file], as: worker, status: 403)
                _ = try await site.sent("/register-sheets", about, files: [file], as: other, status: 422)
                _ = try await site.sent(
                    "/register-sheets", [("kind", "household"), ("division", "110101001901")], files: [file], as: head,
                    status: 422)
                let sheet = try await site.sent("/register-sheets", about, files: [file], as: head)
                #expect(sheet["rows"].text == "2")
                #expect(sheet["columns"].list.map { $0["heading"].text } == ["大名", "身份证号", "住址", "电话"])
                #expect(sheet["columns"].list.map { $0["field"].text }.dropFirst().first == "person.number")
                let path = "/register-sheets/\(sheet["id"].text)"
                let columns =
                    #"["person.name","person.number","dwelling.address","person.phone"]"#
                let wish = #"{"kind":"person","columns":\#(columns)}"#
                let bare = try await site.shown("POST", path + "/trial", #"{"kind":"person"}"#, as: head)
                #expect(bare["new"].text == "0" && bare["wrong"].text == "2", "nobody's name is known yet")
                _ = try await site.shown(
                    "POST", path + "/trial", #"{"kind":"person","columns":["person.name"]}"#, as: head, status: 422)
                _ = try await site.shown("POST", path + "/trial", wish, as: other, status: 404)
                let trial = try await site.shown("POST", path + "/trial", wish, as: head)
                #expect(trial["new"].text == "1" && trial["known"].text == "0" && trial["wrong"].text == "1")
                let wrong = try #require(trial["wrongRows"].list.first)
                #expect(wrong["row"].text == "3" && wrong["cells"].list.first?.text == "钱二")
                #expect(wrong["problems"].list.first?.text.contains("身份证号码") == true)
                #expect(trial["doubtful"].text == "0" && trial["doubtfulRows"].list.isEmpty)
                let people: SQL = "SELECT count(*) FROM person WHERE name = '赵一' AND valid_to IS NULL"
                #expect(try await house.value(people, as: Int.self) == 0, "a trial changes nothing")
                _ = try await site.shown("POST", path + "/imports", wish, as: other, status: 404)
                let begun = try await site.shown("POST", path + "/imports", wish, as: head, status: 201)
                let id = try #require(ID<RegisterImport>(begun["id"].text))
                try await RegisterImports.run(id, database)
                let at = "/register-imports/\(id)"
                let done = try await site.shown("GET", at, as: head)
                #expect(done["state"].text == "done" && done["added"].text == "1" && done["wrong"].text == "1")
                #expect(try await house.value(people, as: Int.self) == 1)
                _ = try await site.shown("GET", at, as: other, status: 404)
                let list = try await site.shown("GET", "/register-imports", as: head)["imports"].list
                #expect(list.contains { $0["id"].text == "\(id)" && $0["by"].text == "马秀英" })
                #expect(try await site.shown("GET", "/register-imports", as: other)["imports"].list.isEmpty)
                _ = try await site.shown("POST", at + "/undo", as: other, status: 404)
                #expect(try await site.shown("POST", at + "/undo", as: head)["state"].text == "undoing")
                try await RegisterImports.takeBack(id, database)
                #expect(try await site.shown("GET", at, as: head)["state"].text == "undone")
                _ = try await site.shown("POST", at + "/undo", as: head, status: 409)
                #expect(try await house.value(people, as: Int.self) == 0)
                // What was corrected is right the next time.
                let again = try await site.sent("/register-sheets", about, files: [file], as: head)
                #expect(again["columns"].list.first?["field"].text == "person.name")
            }
        }
    }

    @Test("导出：要用途和字段，记到每个人；别处的、没有权限的不行；地图点里没有人", arguments: TestEngine.enabled)
    func exports(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            await house.deliver()
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let worker = try await site.program(for: .worker)
                let start = "/api/v1/exports/registers"
                let about = "?kind=person&division=110101001901&purpose=report&note=abc"
                func answer(_ path: String, _ visitor: SiteVisitor) async throws -> Site.Answer {
                    try await site.ask("GET", start + path, headers: visitor.headers)
                }
                let table = try await answer(".csv\(about)&fields=person.name,person.phone,dwelling.address", head)
                #expect(table.status == 200 && table.text.contains("陈秀英,13800138000,幸福里小区3号楼2单元1201,"))
                let readings = try await house.services.database.read {
                    try RegisterReading.readings(of: home.subject, $0)
                }
                #expect(readings.first?.command == "registers.export" && readings.first?.note == "abc")
                #expect(try await answer(".xlsx\(about)&fields=person.name", head).status == 200)
                #expect(try await answer(".csv\(about)&fields=person.isDrugUser", head).status == 422)
                #expect(try await answer(".csv\(about)&fields=person.name", worker).status == 403)
                #expect(try await answer(".csv?kind=person&fields=person.name", head).status == 400)
                let far = about.replacing("110101001901", with: "110101001902")
                #expect(try await answer(".csv\(far)&fields=person.name", head).status == 404)
                #expect(try await answer(".geojson\(about)", head).status == 422)
                let things = about.replacing("person", with: "thing")
                let points = try await answer(".geojson\(things)", head)
                #expect(
                    points.status == 200 && points.text.contains("FeatureCollection") && points.text.contains("马秀英"))
            }
        }
    }
}
