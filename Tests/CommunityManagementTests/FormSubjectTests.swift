import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Forms whose rows are no people: households, dwellings, shops, things, and counts of grids and communities.
@Suite("报表：一户、一房、一店、一件、一格一行")
struct FormSubjectTests {
    /// Registers a form and opens a round; answers with the round's address.
    private func round(
        _ headings: [String], about: FormAbout, division: String = "110101001901", _ house: House
    ) async throws -> String {
        let form = Form([
            ("title", "摸底表"), ("issuer", "区民政局"), ("basis", "试验"), ("rhythm", "month"), ("about", about.rawValue),
            ("division", division), ("table", headings.joined(separator: "\t")),
        ])
        let head = try await house.context(.head)
        let path = try await house.send("/desk/forms", form, head)
        let made = try #require(path?.split(separator: "?").first.map(String.init))
        try #require(made.hasPrefix("/desk/forms/"), "\(made.prefix(3000))")
        return try #require(try await house.send(made + "/rounds", Form([("period", "11月")]), head))
    }

    /// The cells of the row that begins with a text.
    private func cells(_ round: String, _ beginning: String, _ house: House) async throws -> [String] {
        let head = try await house.context(.head)
        let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
        let line = file.split(separator: "\r\n").first { $0.hasPrefix(beginning) }
        return try #require(line, "\(file)").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("一户一行：户主的电话出现在表上，户主自己查得到；答案记在户上", arguments: TestEngine.enabled)
    func households(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome("1601")
            let head = try await house.context(.head)
            let round = try await round(["现住址", "户主姓名", "联系电话", "家庭人口", "户的类型", "取暖方式"], about: .household, house)
            let address = "幸福里小区3号楼2单元1601"
            #expect(try await cells(round, address, house) == [address, "陈秀英", "13800138000", "1", "家庭户", ""])
            let subject = RegisterSubject(.person, home.person)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.first?.command == "registers.export")
            #expect(readings.first?.fields.map(\.id) == ["person.phone"])
            let typed = try await house.cells(round, [("c-\(home.household)-5", "集中供暖")])
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            #expect(try await cells(round, address, house).last == "集中供暖")
            let kept = try await house.value(
                "SELECT count(*) FROM demanded_row_answer WHERE kind = 'household'", as: Int.self)
            #expect(kept == 1)
            let stranger = try await house.cells(round, [("c-\(home.person)-5", "别家")])
            #expect(try await house.send(round + "/answers", stranger, head) == nil, "no household of the community")
            let outside = try await house.context(.locustHead)
            #expect(try await house.send(round + "/answers", typed, outside) == nil)
        }
    }

    @Test("一房一行：用途、面积、产权，不知道的空着要问", arguments: TestEngine.enabled)
    func dwellings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome("1602")
            let round = try await round(["现住址", "房屋类型", "使用情况", "建筑面积", "户主姓名", "居住人数"], about: .dwelling, house)
            let address = "幸福里小区3号楼2单元1602"
            #expect(try await cells(round, address, house) == [address, "住宅（户）", "自住", "", "陈秀英", "1"])
            let typed = try await house.cells(round, [("c-\(home.dwelling)-3", "58")])
            let head = try await house.context(.head)
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            #expect(try await cells(round, address, house)[3] == "58")
        }
    }

    @Test("一店一行：电话是敏感的，带走记在这家单位上；一件一行", arguments: TestEngine.enabled)
    func shopsAndThings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, settings) = (house.services.database, house.services.registers)
            let worker = try await house.context(.worker)
            let shop = try await RegisterCommands.enterOrganization(
                try House.typed([
                    "organization.name": "样例便民店", "organization.kind": "shop", "organization.staffCount": "3",
                    "organization.phone": "13800138009",
                ]), in: nil, division: House.homeGrid, worker, database, settings
            ).id
            let round = try await round(["单位名称", "组织类型", "从业人数", "联系电话", "消防检查"], about: .organization, house)
            #expect(try await cells(round, "样例便民店", house) == ["样例便民店", "个体商户", "3", "13800138009", ""])
            let subject = RegisterSubject(.organization, shop)
            let readings = try await database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.first?.fields.contains { $0.id == "organization.phone" } == true)
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "样例路灯", "thing.state": "damaged", "thing.ownerBody": "区城管委"]),
                in: nil, division: House.homeGrid, worker, database, settings)
            let things = try await self.round(["部件名称", "状态", "权属单位", "下次检修"], about: .thing, house)
            #expect(try await cells(things, "样例路灯", house) == ["样例路灯", "破损", "区城管委", ""])
            let head = try await house.context(.head)
            let row = ID<FormRow>(rawValue: thing.rawValue)
            let typed = try await house.cells(things, [("c-\(row)-3", "12月")])
            #expect(try await house.send(things + "/answers", typed, head) == things + "?done=answers")
            #expect(try await cells(things, "样例路灯", house).last == "12月")
        }
    }

    @Test("填数的表：一格一行，人、户、年龄、标签、居住方式、商户各几个，和逐条数出来的一样", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            await house.deliver()
            let headings = ["网格", "总人口", "户数", "60岁以上人数", "高龄老人数", "租户数", "商户数", "女性人数", "在建工地数"]
            let round = try await round(headings, about: .division, house)
            let grid = House.homeGrid
            let name = house.services.divisions[grid]
            let found = try await cells(round, name, house)
            func count(_ sql: SQL) async throws -> String { String(try await house.value(sql, as: Int.self) ?? 0) }
            let here: SQL = "p.division = \(grid) AND p.valid_to IS NULL"
            let today = house.clock.clock.now.date
            let born = try await house.services.database.read { tx in
                try tx.all("SELECT p.born FROM person p WHERE \(here)") { PersonRecord.day(try $0[0]) }
            }
            let old = born.compactMap { LabelSight.Member(born: $0, sex: 0).age(on: today) }.count { $0 >= 60 }
            let label = LabelKeys(house.services.database.keys).key(label: "aged")
            let aged = try await count("SELECT count(*) FROM person_label WHERE grid = \(grid) AND label = \(label)")
            #expect(old > 0 && aged != "0")
            let right = [
                name, try await count("SELECT count(*) FROM person p WHERE \(here)"),
                try await count("SELECT count(*) FROM household p WHERE \(here)"), "\(old)", aged,
                try await count(
                    """
                    SELECT count(DISTINCT p.id) FROM person p JOIN residence r ON r.person_id = p.id
                    WHERE \(here) AND r.valid_to IS NULL AND r.tie = 'tenant'
                    """),
                try await count("SELECT count(*) FROM organization p WHERE \(here) AND p.kind = 'shop'"),
                try await count("SELECT count(*) FROM person p WHERE \(here) AND p.sex = 2"), "",
            ]
            #expect(found == right)
            // What nobody counts is asked of the grid.
            let head = try await house.context(.head)
            let typed = try await house.cells(round, [("c-\(ID<FormRow>(rawValue: grid.rawValue))-8", "2")])
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            #expect(try await cells(round, name, house).last == "2")
            let elsewhere = ID<FormRow>(rawValue: 110_101_001_902_001)
            let other = try await house.cells(round, [("c-\(elsewhere)-8", "2")])
            #expect(try await house.send(round + "/answers", other, head) == nil)
        }
    }

    @Test("一格一行不选网格，按标签只填人；别种行的列选不了", arguments: TestEngine.enabled)
    func refusals(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(.head)
            func register(_ about: String, _ label: String, _ division: String) async throws -> String? {
                try await house.send(
                    "/desk/forms",
                    Form([
                        ("title", "摸底表"), ("issuer", "区民政局"), ("rhythm", "month"), ("about", about), ("label", label),
                        ("division", division), ("table", "序号\t名称"),
                    ]), head)
            }
            #expect(try await register("division", "", "110101001901001")?.contains("请选社区或街道") == true)
            #expect(try await register("household", "elder", "110101001901")?.contains("只有一人一行的表") == true)
            let made = try await register("thing", "", "110101001901")
            let path = try #require(made?.split(separator: "?").first.map(String.init))
            let columns = Form([("version", "1"), ("source-1", "field:person.phone")])
            #expect(try await house.send(path + "/columns", columns, head)?.contains("填不了这样的列") == true)
        }
    }

    @Test("认数：岁数、标签、方式；认户主")
    func matching() throws {
        let book = try LabelBook.read(try LabelBook.shippedText())
        func source(_ heading: String, _ about: FormAbout) -> String {
            FormMatch.suggest(heading, book, about: about, remembered: [:]).source.text
        }
        #expect(source("60周岁及以上人数", .division) == "count:age:60-150")
        #expect(source("18至59岁", .division) == "count:age:18-59")
        #expect(source("16岁以下", .division) == "count:age:0-16")
        #expect(source("独居老人数", .division) == "count:label:elderAlone")
        #expect(source("人户分离人数", .division) == "count:tie:registeredOnly")
        #expect(source("出租房屋套数", .division) == "count:dwelling:rented")
        #expect(source("在建工地数", .division) == "ask")
        #expect(source("户主身份证号", .household) == "head:person.number")
        #expect(source("户主", .household) == "known:headName")
        #expect(source("联系电话", .household) == "head:person.phone")
        #expect(source("联系电话", .organization) == "field:organization.phone")
        #expect(FormMatch.suggest("姓名", book, about: .thing, remembered: ["姓名": "field:person.name"]).source == .ask)
    }

    private static let open = [("甲", "一单元"), ("乙", "二单元"), ("甲", "三单元"), ("丙 丁", "四单元")].enumerated().map {
        FilledForm.Row(
            id: ID(rawValue: Int64($0.offset)), name: $0.element.0, address: $0.element.1, cells: [nil])
    }

    @Test("粘贴：按名字、同名看住址、只有一列就按顺序；对不上的说出来")
    func pasting() {
        let named = FormPaste("姓名\t尺码\n乙\t38\n丙丁\t39\n甲\t三单元\t40\n甲\t41\n乙\t42\n丁\t\n", Self.open)
        #expect(named.values == [ID(rawValue: 1): "38", ID(rawValue: 3): "39", ID(rawValue: 2): "40"])
        #expect(named.rows.map(\.id.rawValue) == [1, 3, 2])
        #expect(named.left.map(\.line) == [1, 5, 6, 7])
        #expect(named.left[1].why.zh.contains("同名") && named.left[2].why.zh.contains("两次"))
        let ordered = FormPaste("38\n\n40\n41\n42\n", Self.open)
        #expect(ordered.values == [ID(rawValue: 0): "38", ID(rawValue: 2): "40", ID(rawValue: 3): "41"])
        #expect(ordered.left.map(\.text) == ["42"] && ordered.rows.count == 4)
        #expect(FormPaste("38\n39", Self.open, limit: 1).values.count == 1)
    }

    @Test("别人上次的答案：只有全户一样的列才拿来问，还说明是谁的")
    func offeredOfHome() throws {
        let now = Instant(milliseconds: 1_795_000_000_000)
        let columns = [true, false].map { isOfHome in
            FormColumn(
                name: isOfHome ? "取暖方式" : "鞋码", source: .ask, missing: nil, sureness: 100, keepsDays: 30,
                isOfHome: isOfHome)
        }
        let fill = FormFill(columns: columns, now: now, opened: now, filler: "张三") { $0.description }
        let division = try #require(DivisionCode("110101001901001"))
        var subject = FormSubject(id: ID(rawValue: 2), name: "同住乙", division: division)
        let before = FormSubject.Answer(value: "旧的", at: now.adding(days: -60), owner: 1, ownerName: "同住甲")
        subject.homeAnswers = ["取暖方式": before, "鞋码": before]
        let row = fill.row(1, subject)
        #expect(row.offered.keys.sorted() == [0] && row.offered[0]?.ownerName == "同住甲")
        subject.answers = ["鞋码": FormSubject.Answer(value: "四十", at: now.adding(days: -60))]
        #expect(fill.row(1, subject).offered[1]?.value == "四十", "one's own is offered as before")
    }

    @Test("一页的格子：手填的、空着都填的、还是上次的，各算各的")
    func cells() throws {
        let (one, two): (ID<FormRow>, ID<FormRow>) = (ID(rawValue: 1), ID(rawValue: 2))
        let cells = FormCells(
            Form([
                ("c-\(one)-0", " 甲 "), ("c-\(two)-0", ""), ("same-0", "乙"), ("c-\(one)-1", ""), ("c-\(two)-1", ""),
                ("again-1", "1"), ("same-1", "丙"), ("c-x-1", "丁"), ("column", "1"), ("csrf", "t"),
            ]))
        let (typed, byHand) = cells.typed([.init(row: one, column: 1): "上次"])
        #expect(typed.map { "\($0.row.rawValue) \($0.column) \($0.value)" } == ["1 0 甲", "2 0 乙", "1 1 上次", "2 1 丙"])
        #expect(byHand == 3, "one cell, and two that are the same for the rest")
    }
}
