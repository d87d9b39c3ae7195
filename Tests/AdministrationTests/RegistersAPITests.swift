import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Registers and dispatch by programs: the commands of the pages, with the same limits.
@Suite("登记管理接口：地点、值班、节假日、派单规则和目录")
struct RegistersAPITests {
    @Test("地点：加、里面加、改、去掉，从表格导入先试再导", arguments: TestEngine.enabled)
    func places(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let auditor = try await site.program(for: .auditor)
                let draft = #"{"kind":"estate","name":"和平里小区","division":"110101001902001","right":"commercial"}"#
                let point = draft.replacing("}", with: #","latitude":39.9188,"longitude":116.403}"#)
                let made = try await site.shown("POST", "/admin/places", point, as: program, status: 201)
                let path = "/admin/places/\(made["id"].text)"
                #expect(made["latitude"].text == "39.9188" && made["address"].text == "和平里小区")
                _ = try await site.shown("POST", "/admin/places", draft, as: auditor, status: 403)
                for (was, wrong, field) in [
                    ("和平里小区", "找13912345678", "name"), ("110101001902001", "110102001001", "division"),
                    (#""right""#, #""latitude":39.9,"right""#, "latitude"),
                ] {
                    let answer = try await site.shown(
                        "POST", "/admin/places", draft.replacing(was, with: wrong), as: program, status: 422)
                    #expect(answer["fields"].list.map { $0["name"].text } == [field])
                }
                let inside = #"{"kind":"building","names":["1号楼","2号楼"]}"#
                let grown = try await site.shown("POST", path + "/inside", inside, as: program, status: 201)
                #expect(grown["inside"].list.map { $0["address"].text } == ["和平里小区1号楼", "和平里小区2号楼"])
                _ = try await site.shown("POST", path + "/inside", inside, as: program, status: 422)
                let renamed = draft.replacing("和平里", with: "太平里")
                let changed = try await site.shown("PUT", path, renamed, as: program)
                #expect(changed["inside"].list.first?["address"].text == "太平里小区1号楼" && changed["inUse"].isTrue)
                _ = try await site.shown("DELETE", path, as: program, status: 422)
                let child = changed["inside"].list.first?["id"].text ?? ""
                _ = try await site.shown("DELETE", "/admin/places/\(child)", as: program, status: 204)
                _ = try await site.shown("GET", "/admin/places/\(child)", as: auditor, status: 404)
                let listed = try await site.shown("GET", "/admin/places?under=110101001902", as: auditor)
                #expect(listed["places"].list.contains { $0["address"].text == "太平里小区2号楼" })
                _ = try await site.shown("GET", "/admin/places?under=110102001001", as: auditor, status: 404)
            }
        }
    }

    @Test("表格：试的不改，错一行全不导，导两次只加一次", arguments: TestEngine.enabled)
    func table(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                func body(_ row: String, under: String = "110101001901") -> String {
                    let table = #"种类,名称,上级地址,网格,产权\n小区,安定里小区,,1,商品房\n"#
                    return #"{"under":"\#(under)","table":"\#(table)\#(row)"}"#
                }
                let good = body("楼,1号楼,安定里小区,1,")
                let tried = try await site.shown("POST", "/admin/place-import/trial", good, as: program)
                #expect(tried["added"].text == "2" && tried["wrong"].text == "0")
                let count = { () async throws -> Int? in
                    try await house.value("SELECT count(*) FROM place WHERE address LIKE '安定里%'")
                }
                #expect(try await count() == 0)
                let bad = body("大楼,2号楼,安定里小区,1,")
                let wrong = try await site.shown("POST", "/admin/place-import/trial", bad, as: program)
                #expect(wrong["wrong"].text == "1" && wrong["lines"].list.last?["problems"].list.isEmpty == false)
                _ = try await site.shown("POST", "/admin/place-import", bad, as: program, status: 422)
                #expect(try await count() == 0)
                _ = try await site.shown("POST", "/admin/place-import", good, as: program)
                let again = try await site.shown("POST", "/admin/place-import", good, as: program)
                #expect(again["added"].text == "0")
                #expect(try await count() == 2)
                let far = body("", under: "110101001")
                _ = try await site.shown("POST", "/admin/place-import", far, as: program, status: 404)
            }
        }
    }

    @Test("值班：排班、看一周、去掉；不是这个单位的人排不了", arguments: TestEngine.enabled)
    func rosters(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let unit = try await house.unit("城市管理办公室")
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.clear") { tx in
                try tx.execute("DELETE FROM duty_shift WHERE unit_id = \(unit)")
                try tx.audit(Subject("unit", unit))
            }
            let account = try #require(try await house.context(.cityHandler).actor.account)
            let stranger = try #require(try await house.context(.propertyHandler).actor.account)
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let auditor = try await site.program(for: .auditor)
                let path = "/admin/rosters/\(unit)"
                func plan(_ who: ID<Account>, _ more: String = "") -> String {
                    #"{"account":"\#(who)","first":"2026-11-23","start":"09:00","end":"18:00"\#(more)}"#
                }
                let weekly = plan(account, #","weekdays":[1,3],"last":"2026-12-06""#)
                let added = try await site.shown("POST", path + "/shifts", weekly, as: program, status: 201)
                #expect(added["monday"].text == "2026-11-23" && added["shifts"].list.count == 2)
                #expect(added["people"].list.contains { $0["id"].text == "\(account)" })
                _ = try await site.shown("POST", path + "/shifts", plan(account), as: program, status: 422)
                _ = try await site.shown("POST", path + "/shifts", plan(stranger), as: program, status: 422)
                _ = try await site.shown("POST", path + "/shifts", plan(account), as: auditor, status: 403)
                let late = plan(account).replacing("09:00", with: "25:00")
                let refused = try await site.shown("POST", path + "/shifts", late, as: program, status: 422)
                #expect(refused["fields"].list.map { $0["name"].text } == ["start"])
                let shifts = added["shifts"].list.map { $0["id"].text }
                _ = try await site.shown("DELETE", path + "/shifts/\(shifts[0])?all=true", as: program, status: 204)
                let next = try await site.shown("GET", path + "?week=2026-12-01", as: auditor)["shifts"].list
                #expect(next.count == 1, "the Monday of the next week is gone too")
                _ = try await site.shown("DELETE", path + "/shifts/\(shifts[0])", as: program, status: 422)
                let all = try await site.shown("GET", "/admin/rosters", as: auditor)["rosters"].list
                let standing = all.first { $0["unit"].text == "\(unit)" }
                #expect(standing?["plannedUntil"].text.hasPrefix("2026-12-02") == true)
            }
        }
    }

    @Test("节假日：看、试、存、恢复；社区的管理员改不了", arguments: TestEngine.enabled)
    func holidays(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let auditor = try await site.program(for: .auditor)
                let path = "/admin/holidays/2027"
                let before = try await site.shown("GET", path, as: auditor)
                #expect(!before["known"].isTrue && before["table"].text.isEmpty && before["days"].list.isEmpty)
                let table = #"2027 | source | 通知\n2027 | off | 2027-02-05 | 2027-02-11 | 春节 | Spring Festival"#
                let body = #"{"table":"\#(table)"}"#
                let tried = try await site.shown("POST", path + "/trial", body, as: program)
                #expect(tried["days"].list.count == 7)
                #expect(try await !site.shown("GET", path, as: auditor)["known"].isTrue)
                _ = try await site.shown("PUT", path, body, as: auditor, status: 403)
                _ = try await site.shown("PUT", path, body.replacing("02-11", with: "13-11"), as: program, status: 422)
                let stored = try await site.shown("PUT", path, body, as: program)
                #expect(stored["known"].isTrue && stored["entered"].isTrue && stored["workingDays"].text != "0")
                let reset = try await site.shown("DELETE", path, as: program)
                #expect(!reset["known"].isTrue && !reset["entered"].isTrue)
                _ = try await site.shown("GET", "/admin/holidays/1800", as: auditor, status: 400)
            }
        }
    }

    @Test("派单规则：先试再存、改、去掉；别人街道的管不了", arguments: TestEngine.enabled)
    func rules(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let water = try await house.unit("城东自来水服务站")
            _ = try await house.report(try await house.draft("地下室积水", category: "R0101"), house.context(.tenant))
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let far = try await site.program(for: .townDispatcher)
                let path = "/admin/dispatch/rules"
                let rule =
                    #"{"name":"地下室积水","division":"110101001","unit":"\#(water)","words":["地下室"],"position":10}"#
                let tried = try await site.shown("POST", "/admin/dispatch/trial", rule, as: program)
                #expect((Int(tried["fits"].text) ?? 0) > 0 && (Int(tried["looked"].text) ?? 0) > 0)
                #expect(try await site.shown("GET", path, as: program)["rules"].list.isEmpty)
                let made = try await site.shown("POST", path, rule, as: program, status: 201)
                let own = path + "/\(made["id"].text)"
                #expect(house.services.book.rules.map(\.words) == [["地下室"]])
                let night = rule.replacing(#""position":10"#, with: #""from":"22:00","until":"06:00","active":false"#)
                let changed = try await site.shown("PUT", own, night, as: program)
                #expect(
                    changed["from"].text == "22:00" && changed["until"].text == "06:00" && !changed["active"].isTrue)
                let both = rule.replacing(#""position":10"#, with: #""grid":true"#)
                let twice = try await site.shown("POST", path, both, as: program, status: 422)
                #expect(twice["fields"].list.map { $0["name"].text } == ["unit"])
                let gridded = both.replacing(#""unit":"\#(water)","#, with: "")
                let sent = try await site.shown("PUT", own, gridded, as: program)
                #expect(sent["grid"].isTrue && sent["unit"].text.isEmpty)
                let odd = rule.replacing(#""position":10"#, with: #""categories":["Z99"],"from":"25:00""#)
                let wrong = try await site.shown("POST", path, odd, as: program, status: 422)
                #expect(Set(wrong["fields"].list.map { $0["name"].text }) == ["categories", "until"])
                _ = try await site.shown("PUT", own, rule, as: far, status: 404)
                _ = try await site.shown("DELETE", own, as: far, status: 404)
                #expect(try await site.shown("GET", path, as: far)["rules"].list.isEmpty)
                _ = try await site.shown("POST", path, rule, as: try await site.program(for: .head), status: 403)
                _ = try await site.shown("DELETE", own, as: program, status: 204)
                #expect(house.services.book.rules.isEmpty)
            }
        }
    }

    @Test("派单目录：读、试、发布新的一版", arguments: TestEngine.enabled)
    func duties(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .districtOfficer)
                let shipped = try await site.shown("GET", "/admin/duties", as: program)
                #expect(shipped["version"].text == "0" && shipped["text"].text.contains("E04 | enforcement"))
                func body(_ line: String) -> String { #"{"text":"\#(line)","note":"试行"}"# }
                let good = body("E04 | streetOffice | | help | 试行")
                #expect(try await site.shown("POST", "/admin/duties/trial", good, as: program)["lines"].text == "1")
                _ = try await site.shown("POST", "/admin/duties", body("R99 | property"), as: program, status: 422)
                let done = try await site.shown("POST", "/admin/duties", good, as: program, status: 201)
                #expect(done["version"].text == "1" && done["history"].list.first?["note"].text == "试行")
                #expect(house.services.book.duties["E0404"]?.leads == [.streetOffice])
                let administrator = try await site.program(for: .administrator)
                _ = try await site.shown("GET", "/admin/duties", as: administrator, status: 403)
            }
        }
    }

    @Test("网格边界：先试再存、去掉；重叠的存不了", arguments: TestEngine.enabled)
    func borders(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func square(_ grid: Int, _ west: Double) -> String {
                let (east, south, north) = (west + 0.002, 39.95, 39.952)
                let ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
                let points = ring.map { "[\($0.0),\($0.1)]" }.joined(separator: ",")
                let shape = #"{\"type\":\"Polygon\",\"coordinates\":[[\#(points)]]}"#
                return #"{\"type\":\"Feature\",\"properties\":{\"number\":\#(grid)},\"geometry\":\#(shape)}"#
            }
            func body(_ features: [String]) -> String {
                let list = features.joined(separator: ",")
                return #"{"under":"110101001901","geojson":"{\"type\":\"FeatureCollection\",\"features\":[\#(list)]}"}"#
            }
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let good = body([square(1, 116.5), square(2, 116.51)])
                let tried = try await site.shown("POST", "/admin/grid-trial", good, as: program)
                #expect(
                    tried["good"].isTrue && tried["grids"].list.map(\.text) == ["110101001901001", "110101001901002"])
                let bad = body([square(1, 116.5), square(2, 116.501)])
                let overlapping = try await site.shown("POST", "/admin/grid-trial", bad, as: program)
                #expect(!overlapping["good"].isTrue && overlapping["overlaps"].list.count == 1)
                _ = try await site.shown("POST", "/admin/grids", bad, as: program, status: 422)
                func found() async throws -> String {
                    let path = "/grids/locate?lat=39.951&lon=116.511"
                    let answer = try await site.ask("GET", "/api/v1" + path, headers: program.headers)
                    return Shown(answer)["code"].text
                }
                #expect(try await found() != "110101001901002")
                _ = try await site.shown("POST", "/admin/grids", good, as: program)
                #expect(try await found() == "110101001901002")
                _ = try await site.shown("DELETE", "/admin/grids/110101001901002", as: program, status: 204)
                #expect(try await found() != "110101001901002")
                let auditor = try await site.program(for: .auditor)
                _ = try await site.shown("POST", "/admin/grids", good, as: auditor, status: 403)
            }
        }
    }
}
