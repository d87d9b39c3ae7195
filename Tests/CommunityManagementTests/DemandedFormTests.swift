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
        #expect(double.names == ["序号", "姓名", "残疾情况 › 残疾类别", "残疾情况 › 残疾等级", "联系电话"])
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
        for text in [
            "field:person.phone", "head:person.phone", "label:aged", "service:meals", "known:age", "count:age:60-150",
            "count:tie:tenant", "constant:a:b", "ask",
        ] {
            #expect(FormSource(text).text == text)
        }
        for text in ["field:person.gone", "head:dwelling.floor", "count:age:9-3", "count:tie:guest", "count:"] {
            #expect(FormSource(text) == .ask)
        }
        // Nothing is written for what nobody knows, unless somebody chooses it.
        let columns = Self.headings.map { FormMatch.suggest($0, book, remembered: [:]) }
        #expect(columns.allSatisfy { $0.missing == nil && $0.keepsDays == nil && !$0.isOfHome })
    }

    @Test("到期：按月底、按季、一次性")
    func rhythm() {
        let day = CivilDate(year: 2026, month: 11, day: 30)
        #expect(day.flatMap { FormRhythm.quarter.next(after: $0) } == CivilDate(year: 2027, month: 2, day: 28))
        #expect(day.flatMap { FormRhythm.month.next(after: $0) } == CivilDate(year: 2026, month: 12, day: 30))
        #expect(day.flatMap { FormRhythm.week.next(after: $0) } == CivilDate(year: 2026, month: 12, day: 7))
        #expect(day.flatMap { FormRhythm.once.next(after: $0) } == nil)
    }

    /// Elders as a register of a well-kept grid holds them: yes and no where somebody asked, a twentieth each without a
    /// phone, a contact or a word about the allowance. Answers with what stands on paper of each, by name and heading.
    private func elders(_ count: Int, _ house: House) async throws -> [String: [String: String]] {
        let grid = DivisionCode(rawValue: 110_101_001_901_001)
        let database = house.services.database
        let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
        var (dwellings, households, people): ([DwellingRecord], [HouseholdRecord], [NewPerson]) = ([], [], [])
        var truth: [String: [String: String]] = [:]
        for number in 0..<count {
            var (dwelling, household) = try await house.home(grid, "\(1000 + number)", entry)
            dwelling.areaSquareMetres = 60
            dwellings.append(dwelling)
            households.append(household)
            var person = NewPerson(
                name: "老人\(number)", dwelling: dwelling.id, household: household.id, division: grid, entry: entry)
            person.sex = 1 + number % 2
            person.born = CivilDate(year: 1936 + number % 30, month: 1 + number % 12, day: 1 + number % 28)
            (person.tie, person.relation) = (.owner, .head)
            let phone = "1380013\(8000 + number)"
            if number % 20 != 0 { person.phone = PhoneNumber(phone) }
            let (isDisabled, isAlone, isParty) = (number % 20 == 3, number % 5 == 0, number % 10 == 0)
            var facts = [
                ("ethnicity", "汉族"), ("education", "初中"), ("registration", "北京市东城区"), ("marriage", "已婚"),
                ("work", "退休"), ("chronicDiseases", "高血压"), ("careLevel", "0"), ("isDestitute", "0"),
                ("isVeteran", "0"), ("isEmptyNest", isAlone ? "0" : "1"), ("isLivingAlone", isAlone ? "1" : "0"),
                ("isPartyMember", isParty ? "1" : "0"), ("disabilityKind", isDisabled ? "肢体" : "无"),
            ]
            if isDisabled { facts.append(("disability", "2")) }
            if number % 20 != 1 { facts += [("contactName", "子女"), ("contactPhone", "13900139000")] }
            if number % 20 != 2 { facts.append(("isLowIncome", number % 50 == 7 ? "1" : "0")) }
            person.facts = try facts.map { (try #require(RegisterField.named("person.\($0.0)")), $0.1) }
            person.number = "11010119400101\(1000 + number)"
            person.numberKind = .citizen
            people.append(person)
            let age = LabelSight.Member(born: person.born, sex: 1).age(on: house.clock.clock.now.date) ?? 0
            truth[person.name] = [
                "姓名*": person.name, "性别": number % 2 == 0 ? "男" : "女", "年龄": "\(age)",
                "出生日期（年月日）": person.born?.description ?? "", "身份证号码": person.number ?? "", "联系电话": phone,
                "现住址": dwelling.address, "户主姓名": person.name, "政治面貌": isParty ? "中共党员" : "群众",
                "是否独居": isAlone ? "是" : "否", "是否空巢": isAlone ? "否" : "是", "是否高龄": age >= 80 ? "是" : "否",
                "残疾类别": isDisabled ? "肢体" : "无", "残疾等级": isDisabled ? "二级" : "无",
                "是否低保": number % 40 == 2 || number % 50 == 7 ? "是" : "否",
                "养老服务意愿": number % 100 == 9 ? "愿意入住机构" : "愿意居家",
            ]
        }
        try await house.enter(dwellings, households, try database.seal(people))
        return truth
    }

    /// What is the same for all of them.
    private func common(_ house: House) -> [String: String] {
        let grid = DivisionCode(rawValue: 110_101_001_901_001)
        let names = house.services.divisions
        return [
            "所属街道": names[grid.ancestor(at: .street)], "所属社区": names[grid.ancestor(at: .community)],
            "所属网格": names[grid], "民族": "汉族", "文化程度": "初中", "户籍地址": "北京市东城区", "与户主关系": "户主",
            "家庭人口数": "1", "居住类型": "产权人（住）", "婚姻状况": "已婚", "原工作单位": "退休", "失能等级": "能力完好",
            "慢性病": "高血压", "是否特困": "否", "是否退役军人": "否", "紧急联系人": "子女", "紧急联系人电话": "13900139000",
            "房屋类型": "住宅（户）", "房屋用途": "自住", "建筑面积": "60", "楼层": "3", "填报人": "马秀英",
            "填报日期": house.clock.clock.now.date.description,
        ]
    }

    /// How long the machine takes is printed, and measured where nothing else runs (docs/PERFORMANCE.md).
    @Test("四十列五百位老人：不知道的都问，逐格填完，手填不到百分之五，填得对", arguments: TestEngine.enabled)
    func bar(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let truth = try await elders(500, house)
            let common = self.common(house)
            let head = try await house.context(.head)
            let form = try await house.registerForm(Self.headings, issuer: "区民政局")
            let clock = ContinuousClock()
            let started = clock.now
            let round = try #require(
                try await house.send(form + "/rounds", Form([("period", "2026年11月")]), head))
            let opened = try await house.formRound(round)
            try #require(opened.people == 500 && opened.cells == 20_000)
            let player = FormPlayer(house: house, path: round, context: head)
            let byHand = try await player.fill { name, column in
                let heading = Self.headings[column]
                return truth[name]?[heading] ?? common[heading]
            }
            let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            let spent = clock.now - started
            let done = try await house.formRound(round)
            let share = Double(done.typed) / Double(done.cells)
            print(
                "typed once, \(engine): \(done.people) people × 40 columns, asked \(opened.asked) of \(done.cells) cells,",
                "typed \(done.typed) (\(Int(share * 10_000)) of 10,000), machine \(spent)")
            // What is pasted counts as typed, value by value; what is the same for a page, once.
            #expect(done.typed == byHand && byHand > 0)
            #expect(share <= 0.05)
            try expectRight(file, truth, common, rows: done.people)
            // What is typed once is not asked again.
            let second = try #require(
                try await house.send(form + "/rounds", Form([("period", "2026年12月")]), head))
            #expect(try await house.formRound(second).asked == 0)
            let person = try #require(
                try await house.value("SELECT min(id) FROM person WHERE name = '老人7'", as: ID<Person>.self))
            let subject = RegisterSubject(.person, person)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.count == 1 && readings.allSatisfy { $0.purpose == .report })
        }
    }

    /// Every cell of the file is what stands on paper.
    private func expectRight(
        _ file: String, _ truth: [String: [String: String]], _ common: [String: String], rows: Int
    ) throws {
        let lines = file.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(lines.count == rows + 2, "watermark, heading, people")
        #expect(lines.first?.first?.contains("马秀英 于 ") == true && lines.first?.first?.contains("用途：填报") == true)
        var wrong: [String] = []
        for (index, line) in lines.dropFirst(2).enumerated() {
            try #require(line.count == Self.headings.count)
            let paper = try #require(truth[line[4]])
            for (heading, cell) in zip(Self.headings, line) {
                let right = heading == "序号" ? "\(index + 1)" : paper[heading] ?? common[heading]
                if cell != right { wrong.append("\(line[4]) \(heading): \(cell), not \(right ?? "–")") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5))")
    }

    @Test("改列记得住，别处也要看得出，用时和下次到期；没有权限导不出", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let head = try await house.context(.head)
            let names = ["序号", "姓名", "联系电话", "鞋码", "社区电话"]
            let form = try await house.registerForm(names, issuer: "区民政局")
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
            let other = try await house.registerForm(names, issuer: "街道老龄办")
            #expect(try await house.open(other, query: [], head).contains("010-84010000"))
            let street = try await house.open("/desk/forms/demands", query: [], try await house.context(.dispatcher))
            #expect(street.contains("重复要：1 对") && street.contains("4 列相同，占前一张 100%、后一张 100%"))
            #expect(street.contains("区民政局") && street.contains("街道老龄办") && street.contains("姓名、联系电话、鞋码、社区电话"))
            try await describe(form, house)
            for stranger in [try await house.context(.worker), try await house.context(.locustHead)] {
                #expect(try await house.send(round + "/file", Form([("as", "xlsx")]), stranger) == nil)
            }
            house.clock.advance(minutes: 12)
            let later = try await house.context(.head)
            #expect(try await house.send(round + "/done", Form([("minutes", "x")]), later)?.contains("请填整数") == true)
            // Nobody's minutes are guessed from the clock, and cells that are empty are said before it goes.
            #expect(try await house.send(round + "/done", Form([]), later)?.contains("请填用了多少分钟") == true)
            let open = try await house.open(round, query: [], later)
            #expect(open.contains("格没有填，就这样交上去？") && open.contains("格没有填。</p>"))
            let before = try await house.open("/desk/forms", query: [], later)
            #expect(before.contains("填过的期数</span><b>0</b>") && before.contains("还没填完"))
            #expect(try await house.send(round + "/done", Form([("minutes", "9")]), later) == form + "?done=finish")
            let list = try await house.open("/desk/forms", query: [], later)
            #expect(list.contains("用了 9 分钟") && list.contains("12月30日前交"))
            #expect(list.contains("填过的期数</span><b>1</b>"))
            #expect(try await !house.open(round, query: [], later).contains("就这样交上去？"))
            #expect(try await house.send(other + "/retire", Form([]), later) == "/desk/forms?done=retire")
            let refused = try await house.send("/desk/forms", Form([("division", "110101001901")]), later)
            #expect(refused?.contains("请选表格文件") == true)
        }
    }

    /// Corrects what is said of a form with its second version; nothing of its periods is lost.
    private func describe(_ form: String, _ house: House) async throws {
        let head = try await house.context(.head)
        func said(_ issuer: String, _ version: String = "2") -> Form {
            Form([
                ("title", "老人表"), ("issuer", issuer), ("basis", "民发〔2026〕8号"), ("rhythm", "month"),
                ("due", "2026-11-30"), ("version", version),
            ])
        }
        let empty = try await house.send(form + "/describe", said(" "), head)
        #expect(empty?.contains("请写是谁要的") == true && empty?.contains("民发〔2026〕8号") == true)
        let other = try await house.context(.locustHead)
        #expect(try await house.send(form + "/describe", said("区民政局"), other) == nil)
        #expect(try await house.send(form + "/describe", said("区民政局"), head) == form + "?done=describe")
        #expect(try await house.send(form + "/describe", said("区民政局"), head)?.contains("别人刚改过") == true)
        let page = try await house.open(form, query: [], head)
        #expect(page.contains("民发〔2026〕8号") && page.contains("11月"))
    }

    @Test("填的是敏感标签的人：名单露面就记，带走记到事实上", arguments: TestEngine.enabled)
    func closeLabel(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局", label: "agedAlone")
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
            id: ID(rawValue: 1), name: "甲", address: "", cells: ["=1+1", "110101194001011000"])
        let filled = FilledForm(rows: [row], columns: columns)
        let bytes = try FormSheet.workbook(layout, filled, "内部资料")
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let rows = try Sheet.rows(file: path)
        #expect(rows.map(\.cells.first) == ["内部资料", "统计表", "姓名", "", "=1+1", "填表人："])
        #expect(rows[4].cells == ["=1+1", "110101194001011000"])
        #expect(FormSheet.csv(layout, filled, "内部资料").contains("'=1+1"))
    }
}
