import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A sheet about people who stand in the register: what it would change, changing it by the path of the hand, taking it back.
@Suite("用表格更新已有的人")
struct RegisterUpdateTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)
    private static let headers = ["姓名", "身份证号", "出生日期", "现住址", "联系电话", "文化程度", "是否独居", "紧急联系人电话"]
    private static let home = "幸福里小区3号楼2单元1201"
    private static let first = [
        ["赵一", "110100195006150020", "", home, "13800138000", "初中", "是", "13900139000"],
        ["钱二", "", "1955-03-04", home, "", "", "", ""],
        ["吴六", "", "1990-03-04", "幸福里小区3号楼2单元1205", "", "", "", ""],
    ]

    private func draft(_ rows: [[String]]) -> SheetDraft {
        let lines = rows.enumerated().map { SheetDraft.Line(number: $0.offset + 2, cells: $0.element) }
        return SheetDraft(
            headers: Self.headers, lines: lines,
            fields: ImportColumn.suggest(Self.headers, .person, remembered: [:]), division: Self.community)
    }

    private func bring(_ rows: [[String]], _ house: House, isUpdating: Bool = true) async throws -> RegisterImport {
        let database = house.services.database
        let head = try await house.context(.head)
        let kept = try await SheetDrafts.keep(
            draft(rows), kind: RegisterImports.sheet(of: .person), database, head)
        let id = try await RegisterImports.begin(
            kept, .person, rows: rows.count, in: Self.community, isUpdating: isUpdating, head, database)
        try await RegisterImports.run(id, database)
        await house.deliver()
        return try await database.read { try RegisterImports.find(id, head, $0) }
    }

    /// What each row would do, in words: `文化程度：初中→高中`.
    private func words(_ rows: [[String]], _ house: House) async throws -> [String] {
        let (database, now) = (house.services.database, house.clock.clock.now)
        let draft = draft(rows)
        let outcomes = try await database.read { tx in
            var planner = ImportPlanner(
                .person, in: Self.community, entry: RegisterEntry(source: "import", validFrom: now), database)
            let rows = draft.lines.map { ImportRow($0, fields: draft.fields, .person, today: now.date) }
            return try planner.plan(rows, tx).outcomes
        }
        return outcomes.map { outcome in
            switch outcome.fate {
            case .new: "new"
            case .wrong: outcome.problems.map(\.zh).joined(separator: "；")
            case .known:
                outcome.changes.map { "\($0.field.name.zh)：\($0.old?.zh ?? "空")→\($0.new.zh)" }
                    .joined(separator: "；")
            }
        }
    }

    private func person(_ name: String, _ house: House) async throws -> PersonRecord {
        let found = try await house.services.database.read { tx in
            try tx.first(
                "SELECT \(PersonRecord.columns) FROM person p WHERE p.name = \(name) AND p.source = 'import' ORDER BY p.id"
            ) { try PersonRecord($0) }
        }
        return try #require(found)
    }

    private func fact(_ name: String, of person: ID<Person>, _ house: House) async throws -> String? {
        try await house.services.database.read { tx in
            try RegisterQueries.facts(of: RegisterSubject(.person, person), tx).first { $0.field.id == name }?.value
        }
    }

    @Test("分几次导完：前几次见过的人后面换个写法再来，仍认得出是同一行", arguments: TestEngine.enabled)
    func continued(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let (database, head) = (house.services.database, try await house.context(.head))
            // By the number, saying nothing new; then by name, birth and home, saying something else.
            let rows = [
                ["赵一", "110100195006150020", "", Self.home, "", "", "", ""],
                ["赵一", "", "1950-06-15", Self.home, "", "高中", "", ""],
            ]
            let kept = try await SheetDrafts.keep(
                draft(rows), kind: RegisterImports.sheet(of: .person), database, head)
            let id = try await RegisterImports.begin(
                kept, .person, rows: rows.count, in: Self.community, isUpdating: true, head, database)
            try await RegisterImports.run(id, database, chunks: 1, rows: 1)
            let met: SQL = "SELECT count(*) FROM register_import_met WHERE import_id = \(id)"
            #expect(try await house.value(met, as: Int.self) == 1)
            try await RegisterImports.run(id, database, rows: 1)
            let done = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(done.state == .done && done.known == 1 && done.changed == 0 && done.wrong == 1)
            #expect(try await house.value(met, as: Int.self) == 0, "what an import knew ends with it")
        }
    }

    @Test("预演：旧的→新的，空格不改，敏感的旧值不露，也不说猜得对不对", arguments: TestEngine.enabled)
    func dryRun(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let before = try await house.value("SELECT count(*) FROM audit_entry", as: Int.self)
            let rows = [
                ["赵一", "110100195006150020", "", Self.home, "13800138001", "高中", "", "13900139000"],
                ["钱二", "", "1955-03-04", Self.home, "13700137000", "", "", ""],
                ["吴六", "", "1990-03-04", "幸福里小区3号楼2单元1205", "", "", "", ""],
            ]
            let found = try await words(rows, house)
            #expect(found[0].contains("138****8000→138****8001") && found[0].contains("初中→高中"))
            #expect(found[0].contains("已登记，不显示→139****9000"), "it is the same, and nobody learns that")
            #expect(!found[0].contains("独居"), "a blank cell changes nothing")
            #expect(found[1].hasSuffix("空→137****7000") && found[2].isEmpty)
            #expect(try await house.value("SELECT count(*) FROM audit_entry", as: Int.self) == before)
            #expect(try await person("赵一", house).phoneMask == "138****8000")
        }
    }

    @Test("导入：和手改一样留下加密的前后值，再导不变；整次撤销改回原样，别人改过的留着", arguments: TestEngine.enabled)
    func changesAndBack(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            let rows = [
                ["赵一", "110100195006150020", "", Self.home, "13800138001", "高中", "", "13900139000"],
                ["钱二", "110100195503040025", "1955-03-04", Self.home, "13700137000", "", "", ""],
                ["吴六", "", "1990-03-04", "幸福里小区3号楼2单元1205", "", "本科", "", ""],
                ["郑七", "", "1991-03-04", "幸福里小区3号楼2单元1205", "", "", "", ""],
            ]
            let left = try await bring(rows, house, isUpdating: false)
            #expect(left.changed == 0 && left.known == 3 && left.added == 1)
            let done = try await bring(rows, house)
            #expect(done.changed == 3 && done.known == 1 && done.added == 0 && done.wrong == 0)
            let (zhao, qian, wu) = (
                try await person("赵一", house), try await person("钱二", house), try await person("吴六", house)
            )
            #expect(zhao.phoneMask == "138****8001" && zhao.entry.version == 2)
            #expect(qian.numberMask.hasPrefix("110") && qian.numberKind == .citizen && qian.sex == 2)
            let keys = database.keys
            let lines = try await database.read {
                try RegisterHistory.lines(of: RegisterSubject(.person, zhao.id), keys, $0)
            }
            let line = try #require(lines.first)
            #expect(line.what == .changed && line.source == "import" && line.actor == "马秀英")
            #expect(line.fields == ["person.education", "person.phone"])
            #expect(line.values["person.phone"] == nil, "closely kept values stay sealed in the history")
            #expect(try await bring(rows, house).changed == 0, "the same sheet again changes nothing")
            // Somebody corrects one of them by hand: that stays.
            let head = try await house.context(.head)
            let education = try #require(RegisterField.named("person.education"))
            try await RegisterCommands.change(
                [education: "大专"], of: RegisterSubject(.person, wu.id), version: nil, head, database,
                house.services.registers)
            try await RegisterImports.undo(done.id, head, database)
            try await RegisterImports.takeBack(done.id, database)
            await house.deliver()
            let undone = try await database.read { try RegisterImports.find(done.id, head, $0) }
            #expect(undone.state == .undone && undone.undone == 2)
            let back = try await person("赵一", house)
            #expect(back.phoneMask == "138****8000" && back.entry.validTo == nil)
            #expect(try await person("钱二", house).numberMask.isEmpty)
            let value = try await RegisterReading.read(
                [try #require(RegisterField.named("person.phone"))], of: RegisterSubject(.person, zhao.id),
                for: .visit, note: "", head, database)
            #expect(value.values.map { $0 } == ["13800138000"])
            let kept = try await database.read { try RegisterImports.kept(done.id, $0) }
            #expect(kept.map(\.name) == ["吴六"])
            try await database.read { tx in
                #expect(try RegisterCounts.differences(tx).isEmpty)
                let found = try RegisterFinder.find("8001", in: head.actor.scope(for: .peopleRead), tx).hits
                #expect(!found.contains { $0.id == zhao.id.rawValue }, "the old phone is found again, the new one not")
            }
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("坏的行：别人的号码、同一个人两行、别的社区的人、限制使用的人、公式，都不坏事", arguments: TestEngine.enabled)
    func hostile(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            let zhao = try await person("赵一", house)
            let wu = try await person("吴六", house)
            try await database.write(try await house.context(.head), "test.restrict") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(wu.id)")
                try tx.audit(RegisterSubject(.person, wu.id).subject(in: wu.division))
            }
            let rows = [
                ["赵一", "110100195006150047", "1950-06-15", Self.home, "", "高中", "", ""],
                ["=cmd|'/c calc'!A1", "110100195006150020", "", Self.home, "", "", "", ""],
                ["赵一", "", "1950-06-15", Self.home, "", "本科", "", ""],
                ["钱二", "", "1955-03-04", Self.home, "", String(repeating: "长", count: 900), "", ""],
                ["吴六", "", "1990-03-04", "幸福里小区3号楼2单元1205", "13600136000", "", "", ""],
            ]
            let found = try await words(rows, house)
            #expect(found[0].contains("证件号码不一样"))
            #expect(found[1].contains("赵一→=cmd"), "shown as what it is: another name")
            #expect(found[2] == "和第 3 行是同一个人")
            #expect(found[3].contains("文化程度"))
            #expect(found[4].contains("只保存、不使用"))
            let done = try await bring(rows, house)
            #expect(done.changed == 1 && done.wrong == 4 && done.added == 0)
            #expect(try await fact("person.education", of: zhao.id, house) == "初中")
            let page = try await house.open("/registers/person/\(zhao.id)", query: [], house.context(.head))
            #expect(page.contains("=cmd|"), "a name like any other, escaped on the page")
            let worker = try await house.context(.gridWorker1)
            let refusal = try await house.refusal {
                _ = try await RegisterImports.begin(
                    ID(rawValue: 1), .person, rows: 1, in: Self.community, worker, database)
            }
            #expect(refusal == .forbidden)
        }
    }
}
