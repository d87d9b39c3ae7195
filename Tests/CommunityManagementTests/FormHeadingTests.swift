import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Headings of several rows, columns of the same name, workbooks of several sheets, and what was handed in.
@Suite("报表：分组的表头、同名的列、几张工作表、交了就不变")
struct FormHeadingTests {
    private static func rows(_ lines: [[String]]) -> [SheetRow] {
        lines.enumerated().map { SheetRow(number: $0.offset + 1, cells: $0.element) }
    }

    @Test("分组的表头连上一层一起认：监护人的不填老人自己的，要问；贴进来的空格也连得上")
    func grouped() throws {
        let names = ["老人 › 姓名", "老人 › 性别", "老人 › 身份证号", "监护人 › 姓名", "监护人 › 联系电话"]
        let lowest = ["姓名", "性别", "身份证号", "姓名", "联系电话"]
        let title = Array(repeating: "老人监护情况登记表", count: 5)
        let merged = try FormLayout.find(Self.rows([title, ["老人", "老人", "老人", "监护人", "监护人"], lowest]))
        #expect(merged.names == names && merged.above.count == 1)
        #expect(merged.heading == [["老人", "", "", "监护人", ""], lowest])
        let pasted = try FormLayout.find(Self.rows([["老人", "", "", "监护人", ""], lowest]))
        #expect(pasted.names == names)
        let book = try LabelBook.read(try LabelBook.shippedText())
        func source(_ heading: String, _ about: FormAbout = .person) -> String {
            FormMatch.suggest(heading, book, about: about, remembered: [:]).source.text
        }
        #expect(
            names.map { source($0) } == [
                "field:person.name", "field:person.sex", "field:person.number", "ask", "ask",
            ])
        for heading in ["邻居 › 联系电话", "配偶 › 身份证号", "子女 › 工作单位", "邻居联系电话", "配偶身份证号码"] {
            #expect(source(heading) == "ask", "\(heading)")
        }
        #expect(source("监护人 › 电话") == "field:person.contactPhone", "a relation the register knows")
        #expect(source("户主 › 姓名") == "known:headName")
        #expect(source("户主 › 联系电话", .household) == "head:person.phone")
        #expect(source("房东 › 姓名", .dwelling) == "ask")
        // Rows above a table are no groups of its columns.
        let plain = try FormLayout.find(
            Self.rows([["填报单位", "北新桥街道", "", "2026年"], ["序号", "姓名", "性别", "联系电话"]]))
        #expect(plain.names == ["序号", "姓名", "性别", "联系电话"])
    }

    @Test("答案按整条列名和位置记：独一份的还用原来的名字，别人的、重名的分开")
    func keys() {
        let names = ["序号", "老人 › 称呼", "监护人 › 称呼", "邻居 › 称呼", "基本情况 › 鞋码", "备注", "备注"]
        #expect(
            FormHeading.keys(of: names) == ["序号", "称呼", "监护人称呼", "邻居称呼", "鞋码", "备注", "备注#2"])
        #expect(FormHeading.keys(of: ["上半年 › 金额", "下半年 › 金额"]) == ["上半年金额", "下半年金额"])
        let long = String(repeating: "长", count: 70)
        #expect(FormHeading.keys(of: ["\(long) › 甲", "\(long) › 乙", long, long]).allSatisfy { $0.count <= 60 })
    }

    @Test("监护人称呼和邻居称呼各是各的；真重名的列写明第几列，各填各的", arguments: TestEngine.enabled)
    func sameNames(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let made = try await house.send(
                "/desk/forms",
                Form([
                    ("title", "监护情况表"), ("issuer", "区民政局"), ("rhythm", "month"), ("label", ""),
                    ("division", "110101001901"),
                    ("table", "老人\t\t监护人\t邻居\t\t\n姓名\t性别\t称呼\t称呼\t备注\t备注"),
                ]), head)
            let form = try #require(made?.split(separator: "?").first.map(String.init))
            let page = try await house.open(form, query: [], head)
            #expect(page.contains("监护人 › 称呼") && page.contains("邻居 › 称呼") && page.contains("邻居 › 备注（第 6 列）"))
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            let cells = try await house.open(round, query: [], head)
            #expect(cells.contains("监护人 › 称呼") && cells.contains("邻居 › 称呼") && cells.contains("（第 6 列）"))
            let typed = try await house.cells(
                round,
                [
                    ("c-\(elder)-2", "女儿"), ("c-\(elder)-3", "王姐"), ("c-\(elder)-4", "住对门"),
                    ("c-\(elder)-5", "有钥匙"),
                ])
            #expect(try await house.send(round + "/answers", typed, head) == round + "?done=answers")
            let file = try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            #expect(file.contains("女儿,王姐,住对门,有钥匙"))
        }
    }

    @Test("早先只读了最下面一行表头的，认得出来；现在读的、本来就一行的不算")
    func flat() throws {
        let lowest = ["姓名", "性别", "身份证号", "姓名", "联系电话"]
        let group = ["老人", "", "", "监护人", ""]
        let old = FormLayout(above: [["登记表"], group], heading: [lowest], below: [], names: lowest)
        #expect(old.isFlat(.person))
        let twice = ["姓名", "称呼", "称呼", "电话"]
        let once = FormLayout(
            above: [["老人", "监护人", "邻居", ""]], heading: [["姓名", "称呼", "", "电话"]], below: [], names: twice)
        #expect(once.isFlat(.person), "what merged cells left out is in the names")
        #expect(try !FormLayout.find(Self.rows([group, lowest])).isFlat(.person))
        #expect(try !FormLayout.find(Self.rows([["填报单位", "街道", "", "2026年"], lowest])).isFlat(.person))
    }

    @Test("换表样：认过的列照旧，归到别人名下的不当本人的；同名的按次序对")
    func renewedColumns() {
        func column(_ name: String, _ source: String) -> FormColumn {
            FormColumn(name: name, source: FormSource(source), missing: nil, sureness: 100)
        }
        let form = DemandedForm(
            id: ID(rawValue: 1), division: House.homeGrid, title: "", issuer: "", basis: "", rhythm: .month, label: "",
            layout: FormLayout(above: [], heading: [], below: [], names: []),
            columns: [
                column("姓名", "field:person.name"), column("性别", "constant:女"), column("姓名", "field:person.name"),
                column("电话", "ask"), column("备注", "constant:无"),
            ], version: 1)
        let names = ["老人 › 姓名", "老人 › 性别", "监护人 › 姓名", "监护人 › 电话", "备注", "新的"]
        let columns = form.renewing(under: names, suggest: { column($0, "ask") }).columns
        #expect(columns.map(\.name) == names)
        #expect(
            columns.map(\.source.text) == [
                "field:person.name", "constant:女", "ask", "ask", "constant:无", "ask",
            ])
    }

    @Test("换表样：交过的期还是交的时候的样子；新的期按完整的表头；先打开的页面要重填", arguments: TestEngine.enabled)
    func renewed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "称呼", "鞋码"], issuer: "区民政局", label: "")
            let first = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            let typed = try await house.cells(first, [("c-\(elder)-1", "女儿"), ("c-\(elder)-2", "三十六")])
            #expect(try await house.send(first + "/answers", typed, head) == first + "?done=answers")
            #expect(try await house.send(first + "/done", Form([("minutes", "9")]), head) == form + "?done=finish")
            let second = try #require(try await house.send(form + "/rounds", Form([("period", "12月")]), head))
            let before = try await house.open(second, query: [], head)
            #expect(!before.contains("监护人"))
            let id = try #require(ID<DemandedForm>(String(form.split(separator: "/").last ?? "")))
            let version = try await FormsCommands(house.services).find(id, head).version
            let table = "老人\t监护人\t\n姓名\t称呼\t鞋码"
            let look = Form([("version", "\(version)"), ("table", table)])
            let seen = try #require(try await house.send(form + "/layout", look, head))
            #expect(seen.contains("换了会这样") && seen.contains("监护人 › 称呼"))
            #expect(try await !house.open(form, query: [], head).contains("监护人 › 称呼"), "nothing is changed yet")
            let sheet = Form([("version", "\(version)"), ("table", table), ("sure", "yes")])
            #expect(try await house.send(form + "/layout", sheet, head) == form + "?done=layout")
            #expect(try await house.send(form + "/layout", sheet, head)?.contains("别人刚改过") == true)
            let page = try await house.open(form, query: [], head)
            #expect(page.contains("监护人 › 称呼") && page.contains("老人 › 姓名"))
            func file(_ round: String) async throws -> String {
                try #require(try await house.send(round + "/file", Form([("as", "csv")]), head))
            }
            let old = try await file(first)
            #expect(old.contains("张桂兰,女儿,三十六") && !old.contains("监护人"))
            let stale = Form([("headings", "1"), ("c-\(elder)-1", "儿子")])
            #expect(try await house.send(second + "/answers", stale, head)?.contains("刚换过表样") == true)
            let unsaid = Form([("c-\(elder)-1", "儿子")])
            #expect(try await house.send(second + "/answers", unsaid, head)?.contains("刚换过表样") == true)
            for headings in [[(name: "headings", value: "1")], []] {
                let pasted = Form(headings + [(name: "column", value: "1"), (name: "pasted", value: "张桂兰\t儿子")])
                let refused = try #require(try await house.send(second + "/paste", pasted, head))
                #expect(refused.contains("刚换过表样") && !refused.contains("对上 1 行"))
            }
            let fresh = try await house.cells(second, [("c-\(elder)-1", "儿媳")])
            #expect(try await house.send(second + "/answers", fresh, head) == second + "?done=answers")
            #expect(try await file(second).contains("监护人"))
            #expect(try await file(second).contains("张桂兰,儿媳"))
            #expect(try await file(first).contains("张桂兰,女儿,三十六"))
            let list = try await house.open("/desk/forms", query: [], head)
            #expect(list.components(separatedBy: "老年人基本情况表").count == 2, "the form as it was is on no list")
            #expect(try await house.send(first + "/done", Form([("again", "yes")]), head) == first + "?done=reopen")
            #expect(try await !house.open(first, query: [], head).contains("监护人"), "it keeps its columns")
            #expect(try await file(first).contains("张桂兰,女儿,三十六"))
            let anew = try await house.cells(first, [("c-\(elder)-1", "儿媳")])
            #expect(try await house.send(first + "/answers", anew, head) == first + "?done=answers")
            #expect(try await house.send(first + "/done", Form([("minutes", "9")]), head) == form + "?done=finish")
            #expect(try await file(first).contains("张桂兰,儿媳,三十六"))
            #expect(try await file(second).contains("张桂兰,儿媳"))
        }
    }

    @Test("别处也在要：每列只数一次，序号不算，和街道看到的一样多", arguments: TestEngine.enabled)
    func overlaps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let names = ["序号", "姓名", "性别", "联系电话", "备注", "备注", "备注"]
            let form = try await house.registerForm(names, issuer: "区民政局")
            _ = try await house.registerForm(names, issuer: "街道老龄办")
            let id = try #require(ID<DemandedForm>(String(form.split(separator: "/").last ?? "")))
            let community = try #require(DivisionCode("110101001901"))
            let keys = house.services.database.keys
            let (overlaps, pairs) = try await house.services.database.read { tx in
                let found = try #require(try FormsStore.find(id, keys, tx))
                return (try FormsStore.overlaps(of: found, tx), try FormsStore.pairs(in: [community], tx))
            }
            #expect(overlaps.map(\.columns) == [4] && pairs.map(\.shared.count) == [4], "\(overlaps) \(pairs)")
        }
    }

    @Test("交了的一期不再变：后面的期填了别的，前面导出的还是交的时候的；交错了重新打开", arguments: TestEngine.enabled)
    func handedIn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "鞋码"], issuer: "区民政局")
            let first = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            func answer(_ round: String, _ value: String) async throws -> String? {
                let typed = try await house.cells(round, [("c-\(elder)-1", value)])
                return try await house.send(round + "/answers", typed, try await house.context(.head))
            }
            func file(_ round: String) async throws -> String {
                let now = try await house.context(.head)
                return try #require(try await house.send(round + "/file", Form([("as", "csv")]), now))
            }
            #expect(try await answer(first, "三十六") == first + "?done=answers")
            house.clock.advance(minutes: 1)
            #expect(try await answer(first, "三十七") == first + "?done=answers")
            let kept: SQL = "SELECT count(*) FROM demanded_answer WHERE person_id = \(elder)"
            #expect(try await house.value(kept, as: Int.self) == 1, "what was never handed in is not kept")
            house.clock.advance(minutes: 1)
            let minutes = Form([("minutes", "9")])
            #expect(
                try await house.send(first + "/done", minutes, try await house.context(.head)) == form + "?done=finish")
            house.clock.set(house.clock.clock.now.adding(days: 31))
            let later = try await house.context(.head)
            let second = try #require(try await house.send(form + "/rounds", Form([("period", "12月")]), later))
            #expect(try await file(second).contains("张桂兰,三十七"))
            #expect(try await answer(second, "三十八") == second + "?done=answers")
            #expect(try await file(first).contains("张桂兰,三十七"))
            #expect(try await file(second).contains("张桂兰,三十八"))
            #expect(try await house.value(kept, as: Int.self) == 1, "its rows have what it was handed in with")
            #expect(try await answer(first, "四十")?.contains("已经交上去了") == true)
            #expect(try await house.open(first, query: [], later).contains("交上去了"))
            let again = Form([("again", "yes")])
            #expect(try await house.send(first + "/done", again, later) == first + "?done=reopen")
            #expect(try await answer(first, "四十") == first + "?done=answers")
            #expect(try await house.send(first + "/done", minutes, later) == form + "?done=finish")
            let list = try await house.open("/desk/forms", query: [], later)
            #expect(list.contains("12月30日前交"), "it was due once")
        }
    }

    @Test("交了的一期：登记的以后改了，导出的还是交的时候的；要求只保存的、删除了的不在里面", arguments: TestEngine.enabled)
    func kept(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.emptyRegisters()
            let database = house.services.database
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let form = try await house.registerForm(["姓名", "户主姓名", "鞋码"], issuer: "区民政局")
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            func file() async throws -> String {
                let now = try await house.context(.head)
                return try #require(try await house.send(round + "/file", Form([("as", "csv")]), now))
            }
            func change(_ what: SQL) async throws {
                try await database.write(head, "registers.change") { tx in
                    try tx.execute("UPDATE person SET \(what) WHERE id = \(elder)")
                    try tx.audit(Subject("person", elder), fields: ["name"])
                }
            }
            let shown = try await file()
            let lines = shown.split(separator: "\r\n").map(String.init)
            let line = try #require(lines.first { $0.hasPrefix("张桂兰") })
            #expect(try await house.send(round + "/done", Form([("minutes", "9")]), head) == form + "?done=finish")
            try await change("name = '改了名'")
            let later = try await file()
            #expect(later.contains(line) && !later.contains("改了名"))
            // Who may take it out is asked of what stood in it then.
            let sources = try await house.formRound(round).sources
            #expect(sources == ["field:person.name", "known:headName", "ask"])
            #expect(try await house.open(round, query: [], head).contains("导出的就是交的时候的样子"))
            let rows: SQL = "SELECT count(*) FROM demanded_filled WHERE kind = 'person' AND subject_id = \(elder)"
            let pieces = try await house.value(rows, as: Int.self)
            #expect(pieces ?? 0 > 0)
            try await change("restricted_at = 1")
            #expect(try await !file().contains("张桂兰"))
            try await change("restricted_at = NULL")
            #expect(try await file().contains(line))
            let again = Form([("again", "yes")])
            #expect(try await house.send(round + "/done", again, head) == round + "?done=reopen")
            // Reopened it begins with what was handed in; only what somebody changes is another.
            let reopened = try await file()
            #expect(reopened.contains(line) && !reopened.contains("改了名"))
            #expect(try await house.value(rows, as: Int.self) ?? 0 >= pieces ?? 0)
        }
    }

    @Test("登记的表封着存：别的工作表里的名字、号码，数据目录里看不到；以前没封的补封", arguments: TestEngine.enabled)
    func sealed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (head, database) = (try await house.context(.head), house.services.database)
            let secrets = ["暗号欧阳辛", "110101197303051040"]
            var layout = FormLayout(above: [["填表人暗号欧阳辛"]], heading: [["姓名"]], below: [], names: ["姓名"])
            layout.sheet = "名单"
            layout.others = [FormLayout.Other(name: "样子", rows: [secrets])]
            let id = try await FormsCommands(house.services).register(
                DemandedForm(
                    id: ID(rawValue: 0), division: try #require(DivisionCode("110101001901")), title: "封着的表",
                    issuer: "区民政局", basis: "", rhythm: .once, label: "", due: nil, layout: layout, columns: [],
                    version: 1), head)
            func isClear() async throws -> Bool {
                let text: SQL = "SELECT layout FROM demanded_form WHERE id = \(id)"
                return try await house.value(text, as: String.self) != ""
            }
            #expect(try await !isClear())
            if engine == .sqlite {
                let names = FileManager.default.enumerator(atPath: house.folder)?.compactMap { $0 as? String } ?? []
                for name in names {
                    // A folder has no content of its own.
                    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: house.folder + "/" + name)) else {
                        continue
                    }
                    for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)") }
                }
            }
            let found = try await FormsCommands(house.services).find(id, head)
            #expect(found.layout == layout)
            // As it was stored before.
            let text = String(decoding: try JSONEncoder().encode(layout), as: UTF8.self)
            try await database.write(head, "forms.register") { tx in
                try tx.execute("UPDATE demanded_form SET layout = \(text), layout_sealed = NULL WHERE id = \(id)")
                try tx.audit(Subject("demandedForm", id), fields: ["layout"])
            }
            #expect(try await FormsCommands(house.services).find(id, head).layout == layout)
            try await FormLayouts.seal(head, database)
            #expect(try await !isClear())
            #expect(try await FormsCommands(house.services).find(id, head).layout == layout)
        }
    }

    @Test("几张工作表：不写就取列名认得最多的，写了按写的；说明一起导出，像名单的不留")
    func sheets() throws {
        let path = NSTemporaryDirectory() + "linli-" + randomToken() + ".xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try SheetWriter(path, sheet: "填表说明", columns: [("填表说明", 20)])
        try writer.add([.text("请于月底前填好，打 13800138000 问。")])
        writer.add(sheet: "名单", [["序号", "姓名", "联系电话"]])
        writer.add(sheet: "上月", [["序号", "姓名", "联系电话"], ["1", "张三", "13900139000"]])
        try writer.close()
        #expect(try Sheet.names(file: path) == ["填表说明", "名单", "上月"])
        func layout(_ sheet: String?) throws -> FormLayout {
            try FormSheetChoice.layout(file: path, sheet: sheet, about: .person, SheetLimits())
        }
        let found = try layout(nil)
        #expect(found.names == ["序号", "姓名", "联系电话"] && found.sheet == "名单")
        let others = try #require(found.others)
        #expect(others.map(\.name) == ["填表说明", "上月"] && others.map { $0.rows == nil } == [false, true])
        #expect(others.first?.rows?.flatMap { $0 }.joined().contains("13800138000") == false)
        #expect(try layout("上月").sheet == "上月" && layout("1").sheet == "填表说明")
        #expect(throws: LinliError.self) { _ = try layout("没有") }
        let filled = FilledForm(
            rows: [FilledForm.Row(id: ID(rawValue: 1), name: "甲", address: "", cells: ["1", "甲", ""])], columns: [])
        try Data(try FormSheet.workbook(found, filled, "内部资料")).write(to: URL(fileURLWithPath: path))
        #expect(try Sheet.names(file: path) == ["名单", "填表说明"])
        #expect(try Sheet.rows(file: path, sheet: 1).first?.cells.first == "填表说明")
        #expect(try JSONDecoder().decode(FormLayout.self, from: try JSONEncoder().encode(found)) == found)
    }
}
