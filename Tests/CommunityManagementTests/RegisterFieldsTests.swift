import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Every closely kept field, walked by its declaration: what is read is noted, what is listed is not shown, what is stored
/// is not readable.
@Suite("敏感字段一个个走一遍")
struct RegisterFieldsTests {
    /// A value of each closely kept field of a person that can be told from anything else.
    private static func value(_ field: RegisterField) -> String {
        switch field.value {
        case .citizenNumber: "110100195006150020"
        case .phone: field.id == "person.phone" ? "13855550001" : "13855550002"
        case .flag: "1"
        case .choice(let choices): choices[0].id
        case .text: "只给该看的人看\(field.id.suffix(12))"
        default: "1"
        }
    }

    private static let fields = RegisterField.all.filter { $0.kind == .person && $0.fieldClass == .sensitive }
    /// What would be a leak if it stood somewhere: flags and grades say nothing by themselves.
    private static let telling = fields.filter {
        switch $0.value {
        case .flag, .choice: false
        default: true
        }
    }.map(value)

    private func enter(_ house: House) async throws -> TestHome {
        var values = Dictionary(uniqueKeysWithValues: Self.fields.map { ($0.id, Self.value($0)) })
        values["person.name"] = "样例甲"
        let home = try await house.enterHome("1201", values)
        try await house.agree(home.person)
        return home
    }

    @Test("每个敏感字段：看了就有审计，列表和页面上一个都没有", arguments: TestEngine.enabled)
    func everySensitiveField(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            let worker = try await house.context(DemoStaff.worker)
            #expect(Self.fields.count > 15 && Self.telling.count > 8)
            let path = "/registers/person/\(home.person)"
            for field in Self.fields {
                let shown = try #require(
                    try await house.send(
                        path + "/reveal", Form([("field", field.id), ("purpose", "visit"), ("note", "约时间")]), worker))
                let people = RegisterValue.shown(Self.value(field), of: field)[.zh]
                #expect(shown.contains(people), "\(field.id) is not shown")
                let reading = try #require(
                    try await house.services.database.read {
                        try RegisterReading.readings(of: home.subject, limit: 1, $0)
                    }.first)
                #expect(reading.fields == [field] && reading.purpose == .visit, "\(field.id)")
            }
            let pages = [
                path, path + "/change", "/registers/household/\(home.household)",
                "/registers/dwelling/\(home.dwelling)",
                "/registers/places/\(try await house.place("幸福里小区3号楼2单元").id)", "/registers", "/registers/requests",
            ]
            var html = ""
            for page in pages { html += try await house.open(page, query: [], worker) }
            html += try await house.open("/registers/list", query: [("kind", "person")], worker)
            #expect(html.contains("样例甲"))
            for secret in Self.telling { #expect(!html.contains(secret), "\(secret) stands on a page") }
            // A wrong purpose shows nothing and notes nothing.
            let count = try await house.services.database.read {
                try RegisterReading.readings(of: home.subject, $0).count
            }
            let refused = try await house.send(path + "/reveal", Form([("field", "person.phone")]), worker)
            #expect(refused?.contains("13855550001") == false)
            let after = try await house.services.database.read {
                try RegisterReading.readings(of: home.subject, $0).count
            }
            #expect(after == count)
        }
    }

    @Test("登记、更正、导出以后，数据目录的文件里没有一个号码、电话、病", arguments: TestEngine.enabled)
    func nothingReadable(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            let worker = try await house.context(DemoStaff.worker)
            _ = try await RegisterCommands.change(
                try House.typed(["person.phone": "13855550003", "person.chronicDiseases": "冠心病史二十年"]), of: home.subject,
                version: nil, worker, house.services.database, house.services.registers)
            await house.deliver()
            _ = try await house.verifiedAudit()
            let stored = try await contents(house, engine)
            #expect(stored.contains { $0.range(of: Data("样例甲".utf8)) != nil }, "the search finds what is in clear")
            for secret in Self.telling + ["13855550003", "冠心病史二十年"] {
                let hex = secret.utf8.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
                for bytes in stored {
                    #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) is readable")
                    #expect(bytes.range(of: Data(hex.utf8)) == nil, "\(secret) is readable in a blob")
                }
            }
        }
    }

    /// Every file of the data folder; of PostgreSQL every row of every table as text, too.
    private func contents(_ house: House, _ engine: TestEngine) async throws -> [Data] {
        let names = FileManager.default.enumerator(atPath: house.folder)?.compactMap { $0 as? String } ?? []
        var found = names.compactMap { try? Data(contentsOf: URL(fileURLWithPath: house.folder + "/" + $0)) }
        guard engine == .postgres else { return found }
        found += try await house.services.database.read { tx in
            try tx.all(
                """
                SELECT query_to_xml(format('SELECT t::text AS row FROM %I t', table_name), true, false, '')::text
                FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name
                """
            ) { Data((try $0[0] as String).utf8) }
        }
        return found
    }

    @Test("特殊人群的字段：没打开就哪里都没有", arguments: TestEngine.enabled)
    func specialFieldsAreOff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            let head = try await house.context(DemoStaff.head)
            let special = RegisterField.all.filter { $0.fieldClass == .special }
            #expect(!special.isEmpty)
            var html = ""
            for page in ["", "/change"] {
                html += try await house.open("/registers/person/\(home.person)\(page)", query: [], head)
            }
            html += try await house.open("/registers/person/new", query: [("dwelling", "\(home.dwelling)")], head)
            for field in special {
                #expect(!html.contains(field.id) && !html.contains(field.name.zh), "\(field.id)")
                let read = try await house.refusal {
                    _ = try await RegisterReading.read(
                        [field], of: home.subject, for: .visit, note: "", head, house.services.database)
                }
                #expect(read == .forbidden)
            }
        }
    }

    @Test("网格员在手机上改一户：表单留着写的，保存后看得到；别格的人进不来")
    func pages() async throws {
        try await withHouse(.sqlite) { house in
            let home = try await enter(house)
            let (walker, other) = (
                try await house.context(DemoStaff.gridWorker1), try await house.context(DemoStaff.gridWorker3)
            )
            let path = "/registers/person/\(home.person)"
            let form: [(name: String, value: String)] = [
                ("person.name", "样例乙"), ("person.phone", "12"), ("person.education", "大专"), ("version", "1"),
            ]
            let again = try #require(try await house.send(path + "/change", Form(form), walker))
            #expect(again.contains("样例乙") && again.contains("大专") && again.contains("aria-invalid"))
            let saved = try #require(
                try await house.send(path + "/change", Form(form.filter { $0.name != "person.phone" }), walker))
            #expect(saved == path + "?done=change")
            let page = try await house.open(path, query: [], walker)
            #expect(page.contains("样例乙") && page.contains("大专") && page.contains("138****0001"))
            let closed = try await house.open(path, query: [], other)
            #expect(closed.isEmpty)
            #expect(try await house.send(path + "/change", Form(form), other) == nil)
            let moved = try #require(
                try await house.send(
                    path + "/move", Form([("home", "幸福里小区1号楼1单元101"), ("tie", "family"), ("relation", "other")]), walker
                ))
            #expect(moved == path + "?done=move")
            let ended = try #require(try await house.send(path + "/end", Form([("reason", "moved")]), walker))
            #expect(ended == path + "?done=end")
        }
    }

    @Test("为一项服务看：规则没有给的要写明为什么，页面和接口一样；给的不用写", arguments: TestEngine.enabled)
    func readForService(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            await house.deliver()
            let (head, phone) = (try await house.context(DemoStaff.head), DemoResident.elderAlone.phone)
            let path = "/registers/person/\(elder)"
            #expect(try await house.open(path, query: [], head).contains("要在说明里写明为什么"))
            func read(_ service: String, _ note: String) async throws -> String {
                let ask = [("field", "person.phone"), ("purpose", "service"), ("service", service), ("note", note)]
                let form = Form(ask.map { (name: $0.0, value: $0.1) })
                return try #require(try await house.send(path + "/reveal", form, head))
            }
            let refused = try await read("newborn", " ")
            #expect(refused.contains("登记的情况看不出符合“新生儿访视”的条件") && !refused.contains(phone))
            #expect(try await read("newborn", "孙女刚出生，打给她家里").contains(phone))
            #expect(try await read("meals", "").contains(phone))
            // That they may not have what rests on their health is told and noted.
            func readings() async throws -> [Reading] {
                try await house.services.database.read { try RegisterReading.readings(of: .init(.person, elder), $0) }
            }
            let before = try await readings().count
            #expect(try await !read("disabilityCare", "").contains(phone))
            let after = try await readings()
            #expect(after.count == before + 1 && after.first?.service == "disabilityCare")
            #expect(after.first?.fields.contains { $0.id == "person.disability" } == true)
            // So is that they may: nothing being asked tells it.
            #expect(try await read("look", "").contains(phone))
            let fitting = try #require(try await readings().first)
            #expect(fitting.service == "look" && fitting.fields.contains { $0.id == "person.phone" })
            #expect(fitting.fields.count > 1 || !fitting.others.isEmpty)
            try await withSite(house) { site in
                let program = try await site.program(for: DemoStaff.head)
                let bare = #"{"fields":["person.phone"],"purpose":"service","service":"newborn"}"#
                _ = try await site.shown("POST", path + "/readings", bare, as: program, status: 422)
                let said = #"{"fields":["person.phone"],"purpose":"service","service":"newborn","note":"孙女刚出生"}"#
                _ = try await site.shown("POST", path + "/readings", said, as: program)
            }
        }
    }

    @Test("居民看到谁看过：时间、单位、用途；自己的全部信息能带走")
    func ownPages() async throws {
        try await withHouse(.sqlite) { house in
            let home = try await house.enterHome(
                "1201",
                [
                    "person.name": "样例丙", "person.number": "110100198507200050",
                    "person.phone": DemoResident.nurse.phone, "person.work": "某医院",
                ])
            let (nurse, worker) = (
                try await house.context(DemoResident.nurse), try await house.context(DemoStaff.worker)
            )
            _ = try await RegisterReading.read(
                [try House.field("person.phone")], of: home.subject, for: .handling, note: "电梯报修回电", worker,
                house.services.database)
            let ask: [(name: String, value: String)] = [
                ("field", "person.phone"), ("purpose", "service"), ("note", "送餐前打电话"),
            ]
            let reveal = "/registers/person/\(home.person)/reveal"
            let unknown = try await house.send(reveal, Form(ask + [(name: "service", value: "fun")]), worker)
            #expect(unknown?.contains("服务目录里没有这一项") == true)
            _ = try await house.send(reveal, Form(ask + [(name: "service", value: "meals")]), worker)
            try await house.services.database.write(worker, "registers.read", reason: "visit") { tx in
                try tx.audit(home.subject.subject(in: House.homeGrid), fields: ["label.agedAlone", "answer"])
            }
            let linked = try await house.send("/me/data/link", Form([("number", "110100198507200050")]), nurse)
            #expect(linked == "/me/data?done=linked")
            let query = [("entry", "\(home.person)")]
            let readings = try await house.open("/me/data/readings", query: query, nurse)
            #expect(readings.contains("办理本人的诉求") && readings.contains("赵婷") && readings.contains("电梯报修回电"))
            #expect(readings.contains("幸福里社区居委会"))
            #expect(readings.contains("提供服务、核对资格：老年助餐") && readings.contains("送餐前打电话"))
            #expect(readings.contains("标签：高龄独居") && readings.contains("以前报表里填过的答案"))
            let all = try await house.open("/me/data/export.json", query: query, nurse)
            #expect(all.contains("某医院") && all.contains("110100198507200050"))
            let page = try await house.open("/me/data/export", query: query, nurse)
            #expect(page.contains("某医院") && page.contains("<dt>性别</dt>"))
            let stranger = try await house.context(DemoResident.courier)
            #expect(try await house.open("/me/data/export.json", query: query, stranger).isEmpty)
            let asked = try await house.send(
                "/me/data/requests", Form([("entry", "\(home.person)"), ("kind", "correct"), ("text", "工作单位换了")]), nurse
            )
            #expect(asked == "/me/data?done=asked")
            let head = try await house.context(DemoStaff.head)
            let list = try await house.open("/registers/requests", query: [], head)
            #expect(list.contains("陈静") && list.contains("提出申请以后，这条登记的信息和住处还没有改过"))
            // A refusal is said to be one.
            let request: ID<DataRequest> = try #require(
                try await house.value("SELECT id FROM data_request WHERE state = 'open' AND kind = 'correct'"))
            let decide = "/registers/requests/\(request)/decide"
            let refusal = Form([("decision", "refused"), ("reason", "登记与户口簿一致")])
            #expect(try await house.send(decide, refusal, head) == "/registers/requests?done=refused")
            let told = try await house.open("/registers/requests", query: [("done", "refused")], head)
            #expect(told.contains("没有同意") && !told.contains("已答复：办了"))
        }
    }
}
