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

/// Forms from above: read once, filled each period, only what nobody knows is asked.
@Suite("一次采集、多处复用")
struct DemandedFormTests {
    /// Forty columns as a street might ask about its elders.
    static let headings = [
        "序号", "所属街道", "所属社区", "所属网格", "姓名*", "性别", "出生日期（年月日）", "年龄", "民族", "文化程度", "身份证号码", "联系电话",
        "户籍地址", "现住址", "户主姓名", "与户主关系", "家庭人口数", "居住类型", "婚姻状况", "政治面貌", "原工作单位", "是否独居", "是否空巢",
        "是否高龄", "残疾类别", "残疾等级", "失能等级", "慢性病", "是否低保", "是否特困", "是否退役军人", "紧急联系人", "紧急联系人电话",
        "房屋类型", "房屋用途", "建筑面积", "楼层", "养老服务意愿", "填报人", "填报日期",
    ]

    private static func rows(_ lines: [[String]]) -> [SheetRow] {
        lines.enumerated().map { SheetRow(number: $0.offset + 1, cells: $0.element) }
    }

    @Test("找表头：上面的标题、合并的两行表头、样例行、表尾")
    func layout() throws {
        let plain = try FormLayout.find(
            Self.rows([
                ["2026年老年人基本情况统计表", "2026年老年人基本情况统计表", "2026年老年人基本情况统计表"],
                ["填报单位：", "", "日期："], ["序号", "姓名", "身份证号"], ["1", "张三", "110101"], ["填表人：", "", "审核人："],
            ]))
        #expect(plain.names == ["序号", "姓名", "身份证号"])
        #expect(plain.above == [["2026年老年人基本情况统计表", "", ""], ["填报单位：", "", "日期："]])
        #expect(plain.below == [["填表人：", "", "审核人："]])
        let double = try FormLayout.find(
            Self.rows([
                ["序号", "姓名", "残疾情况", "残疾情况", "联系电话"], ["序号", "姓名", "残疾类别", "残疾等级", "联系电话"],
                ["1", "李四", "肢体", "二级", "138"],
            ]))
        #expect(double.names == ["序号", "姓名", "残疾类别", "残疾等级", "联系电话"])
        #expect(double.heading.count == 2)
        #expect(double.heading[0] == ["序号", "姓名", "残疾情况", "", "联系电话"])
        #expect(try FormLayout.find(Self.rows([["甲", "乙"], ["1", "2"]])).names == ["甲", "乙"])
        #expect(throws: LinliError.self) {
            _ = try FormLayout.find(Self.rows([(0..<130).map { "列\($0)" }]))
        }
    }

    @Test("认列：原名、别名、标签、像的、不认得的，记住的优先")
    func matching() throws {
        let book = try LabelBook.read(try LabelBook.shippedText())
        func source(_ heading: String, _ remembered: [String: String] = [:]) -> (String, Int) {
            let column = FormMatch.suggest(heading, book, remembered: remembered)
            return (column.source.text, column.sureness)
        }
        #expect(source("姓 名*") == ("field:person.name", 95))
        #expect(source("居民身份证号码（18位）").0 == "field:person.number")
        #expect(source("是否特困") == ("field:person.isDestitute", 90))
        #expect(source("户主姓名") == ("known:headName", 95))
        #expect(source("政治面貌").0 == "field:person.isPartyMember")
        #expect(source("是否高龄") == ("label:aged", 80))
        #expect(source("失能老人") == ("label:disabledElder", 80))
        #expect(source("享受老年助餐") == ("service:meals", 80))
        #expect(source("养老服务意愿") == ("ask", 0))
        #expect(source("养老服务意愿", ["养老服务意愿": "constant:无"]) == ("constant:无", 100))
        for text in ["field:person.phone", "label:aged", "service:meals", "known:age", "constant:a:b", "ask"] {
            #expect(FormSource(text).text == text)
        }
        #expect(FormSource("field:person.gone") == .ask)
    }

    @Test("到期：按月底、按季、一次性")
    func rhythm() {
        let day = CivilDate(year: 2026, month: 11, day: 30)
        #expect(day.flatMap { FormRhythm.quarter.next(after: $0) } == CivilDate(year: 2027, month: 2, day: 28))
        #expect(day.flatMap { FormRhythm.month.next(after: $0) } == CivilDate(year: 2026, month: 12, day: 30))
        #expect(day.flatMap { FormRhythm.week.next(after: $0) } == CivilDate(year: 2026, month: 12, day: 7))
        #expect(day.flatMap { FormRhythm.once.next(after: $0) } == nil)
    }

    /// Elders with what a register of a well-kept grid holds; a tenth lacks a phone, a contact or a citizen number.
    private func elders(_ count: Int, _ house: House) async throws {
        let grid = DivisionCode(rawValue: 110_101_001_901_001)
        let database = house.services.database
        let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
        var (dwellings, households, people): ([DwellingRecord], [HouseholdRecord], [NewPerson]) = ([], [], [])
        for number in 0..<count {
            let (dwelling, household) = try await house.home(grid, "\(1000 + number)", entry)
            dwellings.append(dwelling)
            households.append(household)
            var person = NewPerson(
                name: "老人\(number)", dwelling: dwelling.id, household: household.id, division: grid, entry: entry)
            person.sex = 1 + number % 2
            person.born = CivilDate(year: 1936 + number % 30, month: 1 + number % 12, day: 1 + number % 28)
            (person.tie, person.relation) = (.owner, .head)
            if number % 20 != 0 { person.phone = PhoneNumber("1380013\(8000 + number)") }
            var facts = [
                ("ethnicity", "汉族"), ("education", "初中"), ("registration", "北京市东城区"), ("marriage", "已婚"),
                ("work", "退休"), ("chronicDiseases", "高血压"),
            ]
            if number % 20 != 1 { facts += [("contactName", "子女"), ("contactPhone", "13900139000")] }
            if number % 5 == 0 { facts.append(("isLivingAlone", "1")) }
            person.facts = try facts.map { (try #require(RegisterField.named("person.\($0.0)")), $0.1) }
            person.number = "11010119400101\(1000 + number)"
            person.numberKind = .citizen
            people.append(person)
        }
        try await house.enter(dwellings, households, try database.seal(people))
    }

    private func register(
        _ headings: [String], issuer: String, label: String = "elder", _ house: House
    ) async throws -> String {
        let form = Form([
            ("title", "老年人基本情况表"), ("issuer", issuer), ("basis", "试验"), ("rhythm", "month"), ("due", "2026-11-30"),
            ("label", label), ("division", "110101001901"), ("table", headings.joined(separator: "\t")),
        ])
        let path = try await house.send("/desk/forms", form, try await house.context(.head))
        return try #require(path?.split(separator: "?").first.map(String.init))
    }

    @Test("四十列五百位老人：手填不到百分之五，机器几秒钟", arguments: TestEngine.enabled)
    func bar(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await elders(500, house)
            let head = try await house.context(.head)
            let form = try await register(Self.headings, issuer: "区民政局", house)
            let clock = ContinuousClock()
            let started = clock.now
            let round = try #require(
                try await house.send(form + "/rounds", Form([("period", "2026年11月")]), head))
            let page = try await house.open(round, query: [], head)
            let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            let spent = clock.now - started
            let id = try #require(ID<FormRound>(String(round.split(separator: "/").last ?? "")))
            let first = try #require(try await house.services.database.read { try FormsStore.round(id, $0) })
            #expect(first.people >= 500)
            #expect(first.cells == first.people * 40)
            let share = Double(first.asked) / Double(first.cells)
            print(
                "typed once, \(engine): \(first.people) people × 40 columns, asked \(first.asked) of \(first.cells) cells",
                "(\(Int(share * 10_000)) of 10,000), machine \(spent)")
            #expect(share <= 0.05)
            #expect(spent < .seconds(180))
            #expect(page.contains("养老服务意愿"))
            let lines = file.split(separator: "\r\n")
            #expect(lines.count == first.people + 2, "heading, people, watermark")
            #expect(lines.last?.contains("导出：马秀英") == true)
            // What is typed once is not asked again.
            let person = try #require(
                try await house.value("SELECT min(id) FROM person WHERE name = '老人7'", as: ID<Person>.self))
            let typed = try await house.send(
                round + "/answers", Form([("c-\(person)-37", "愿意居家"), ("c-\(person)-3x", "")]), head)
            #expect(typed == round + "?done=answers")
            let second = try #require(
                try await house.send(form + "/rounds", Form([("period", "2026年12月")]), head))
            let number = try #require(ID<FormRound>(String(second.split(separator: "/").last ?? "")))
            let next = try #require(try await house.services.database.read { try FormsStore.round(number, $0) })
            #expect(next.asked == first.asked - 1)
            let again = try #require(try await house.send(second + "/file", Form([("as", "csv")]), head))
            #expect(again.contains("愿意居家"))
            let subject = RegisterSubject(.person, person)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.count == 2 && readings.allSatisfy { $0.purpose == .report })
        }
    }

    @Test("改列记得住，别处也要看得出，用时和下次到期；没有权限导不出", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let head = try await house.context(.head)
            let names = ["序号", "姓名", "联系电话", "鞋码", "社区电话"]
            let form = try await register(names, issuer: "区民政局", house)
            let page = try await house.open(form, query: [], head)
            #expect(page.contains("不认得，要人填") && page.contains("鞋码"))
            let columns = Form([
                ("version", "1"), ("source-4", "constant:"), ("value-4", "010-84010000"), ("source-3", "ask"),
            ])
            #expect(try await house.send(form + "/columns", columns, head) == form + "?done=columns")
            #expect(try await house.send(form + "/columns", columns, head)?.contains("别人刚改过") == true)
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            #expect(try await house.open(round, query: [], head).contains("鞋码"))
            // The street's form asks for the same; a heading somebody explained is known.
            let other = try await register(names, issuer: "街道老龄办", house)
            #expect(try await house.open(other, query: [], head).contains("010-84010000"))
            let street = try await house.open("/desk/forms/demands", query: [], try await house.context(.dispatcher))
            #expect(street.contains("5 列相同") && street.contains("重复要"))
            for stranger in [try await house.context(.worker), try await house.context(.locustHead)] {
                #expect(try await house.send(round + "/file", Form([("as", "xlsx")]), stranger) == nil)
            }
            house.clock.advance(minutes: 12)
            let later = try await house.context(.head)
            #expect(try await house.send(round + "/done", Form([("minutes", "x")]), later)?.contains("请填整数") == true)
            #expect(try await house.send(round + "/done", Form([]), later) == form + "?done=finish")
            let list = try await house.open("/desk/forms", query: [], later)
            #expect(list.contains("用了 12 分钟") && list.contains("2026-12-30 前交"))
            #expect(try await house.send(other + "/retire", Form([]), later) == "/desk/forms?done=retire")
            let refused = try await house.send("/desk/forms", Form([("division", "110101001901")]), later)
            #expect(refused?.contains("请选表格文件") == true)
        }
    }

    @Test("填的是敏感标签的人：名单露面就记，带走记到事实上", arguments: TestEngine.enabled)
    func closeLabel(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await register(["姓名", "鞋码"], issuer: "区民政局", label: "agedAlone", house)
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            func readings() async throws -> [Reading] {
                try await house.services.database.read {
                    try RegisterReading.readings(of: RegisterSubject(.person, elder), $0)
                }
            }
            #expect(try await readings().isEmpty)
            #expect(try await house.open(round, query: [], head).contains("张桂兰"))
            let named = try #require(try await readings().first)
            #expect(named.purpose == .report && named.fields.map(\.id) == ["person.isLivingAlone"])
            let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            #expect(file.contains("张桂兰"))
            let taken = try #require(try await readings().first)
            #expect(taken.command == "registers.export")
            #expect(Set(taken.fields.map(\.id)) == ["person.isLivingAlone", "person.name"])
        }
    }

    @Test("写回原来的样子：标题、两行表头、表尾、水印；十八位号码不变")
    func workbook() throws {
        let layout = FormLayout(
            above: [["统计表", ""]], heading: [["姓名", "证件"], ["", "身份证号"]], below: [["填表人：", ""]], names: ["姓名", "身份证号"])
        let columns = ["姓名", "身份证号"].map { FormColumn(name: $0, source: .ask, missing: nil, sureness: 0) }
        let row = FilledForm.Row(
            person: ID(rawValue: 1), name: "甲", address: "", cells: ["=1+1", "110101194001011000"])
        let filled = FilledForm(rows: [row], columns: columns)
        let bytes = try FormSheet.workbook(layout, filled, "内部资料")
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let rows = try Sheet.rows(file: path)
        #expect(rows.map(\.cells.first) == ["统计表", "姓名", "", "=1+1", "填表人：", "内部资料"])
        #expect(rows[3].cells == ["=1+1", "110101194001011000"])
        #expect(FormSheet.csv(layout, filled, "内部资料").contains("'=1+1"))
    }
}
