import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Whole sheets: what each row would do, bringing them in by chunks, taking them back.
@Suite("导入、撤销、导出台账")
struct RegisterImportTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)
    private static let headers = ["序号", "姓名", "身份证号", "出生年月日", "现住址", "联系电话", "与户主关系", "是否独居"]

    private func draft(_ rows: [[String]], _ headers: [String] = Self.headers, _ kind: RegisterKind = .person)
        -> SheetDraft
    {
        let lines = rows.enumerated().map { SheetDraft.Line(number: $0.offset + 2, cells: $0.element) }
        return SheetDraft(
            headers: headers, lines: lines, fields: ImportColumn.suggest(headers, kind, remembered: [:]),
            division: Self.community)
    }

    private static let rows = [
        ["1", "赵一", "110100195006150020", "", "幸福里小区3号楼2单元1201", "13800138000", "户主", "是"],
        ["2", "钱二", "", "18429", "幸福里小区3号楼2单元 1201室", "", "配偶", ""],
        ["3", "孙三", "110100195006150021", "", "幸福里小区3号楼2单元1202", "", "", ""],
        ["4", "赵一", "110100195006150020", "", "幸福里小区3号楼2单元1203", "", "", ""],
        ["5", "李四", "", "1980-01-02 00:00", "没有这个地方1栋", "", "", ""],
        ["6", "周五", "", "", "幸福里小区3号楼2单元", "123", "", "也许"],
        ["7", "", "", "", "幸福里小区3号楼2单元1204", "", "", ""],
        ["8", "吴六", "", "1990年3月4日", "幸福里小区3号楼2单元1205", "", "子女", "否"],
    ]

    private func outcomes(_ draft: SheetDraft, _ kind: RegisterKind = .person, _ house: House) async throws
        -> [ImportOutcome]
    {
        let database = house.services.database
        let now = house.clock.clock.now
        let entry = RegisterEntry(source: "import", validFrom: now)
        return try await database.read { tx in
            var planner = ImportPlanner(kind, in: Self.community, entry: entry, database)
            let rows = draft.lines.map { ImportRow($0, fields: draft.fields, kind, today: now.date) }
            return try planner.plan(rows, tx).outcomes
        }
    }

    private func words(_ outcome: ImportOutcome) -> String {
        switch outcome.fate {
        case .new: outcome.addsDwelling ? "new+" : "new"
        case .known: "known"
        case .wrong: outcome.problems.map(\.zh).joined(separator: "；")
        }
    }

    private func bring(_ draft: SheetDraft, _ kind: RegisterKind = .person, _ house: House) async throws
        -> ID<RegisterImport>
    {
        let database = house.services.database
        let head = try await house.context(.head)
        let kept = try await SheetDrafts.keep(draft, kind: RegisterImports.sheet(of: kind), database, head)
        let id = try await RegisterImports.begin(
            kept, kind, rows: draft.lines.count, in: Self.community, head, database)
        try await RegisterImports.run(id, database)
        return id
    }

    @Test("列名自动认出来，改过的下次记得")
    func columns() {
        #expect(
            ImportColumn.suggest(Self.headers, .person, remembered: [:]) == [
                "", "person.name", "person.number", "person.born", "dwelling.address", "person.phone",
                "residence.relation", "person.isLivingAlone",
            ])
        #expect(
            ImportColumn.suggest(["甲", "姓 名*"], .person, remembered: ["甲": "person.phone"]) == [
                "person.phone", "person.name",
            ])
        #expect(ImportColumn.suggest(["吸毒人员"], .person, remembered: ["吸毒人员": "person.isDrugUser"]) == [""])
        #expect(ImportColumn.heading(of: [["某社区人口表"], ["姓名", "住址"], ["赵一", "幸福里"]], .person) == 1)
    }

    @Test("预演：每一行会怎样，错在哪里", arguments: TestEngine.enabled)
    func dryRun(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.value("SELECT count(*) FROM person", as: Int.self)
            let outcomes = try await outcomes(draft(Self.rows), .person, house)
            let found = outcomes.map(words)
            #expect(found[0] == "new+")
            #expect(found[1] == "new")
            #expect(found[2].hasPrefix("身份证号码的最后一位对不上"))
            #expect(found[3] == "和第 2 行重复")
            #expect(found[4].hasPrefix("住址认不出"))
            #expect(found[5].contains("手机号：") && found[5].contains("独居：请填"))
            #expect(found[6] == "缺姓名")
            #expect(found[7] == "new+")
            #expect(try await house.value("SELECT count(*) FROM person", as: Int.self) == before)
        }
    }

    @Test("导入一份表：按块进、记数、找得到，再导一次都是已有", arguments: TestEngine.enabled)
    func imports(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let head = try await house.context(.head)
            let id = try await bring(draft(Self.rows), .person, house)
            let done = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(done.state == .done && done.position == 8 && done.added == 3 && done.wrong == 5)
            #expect(done.dwellings == 2)
            await house.deliver()
            try await database.read { tx in
                #expect(try RegisterCounts.differences(tx).isEmpty)
                let hits = try RegisterFinder.find("赵一", in: head.actor.scope(for: .peopleRead), tx).hits
                #expect(hits.first?.detail.first == "幸福里小区3号楼2单元1201")
                let members = try RegisterQueries.homes(of: ID(rawValue: try #require(hits.first).id), tx)
                let household = try #require(members.first?.household)
                let family = try RegisterQueries.members(of: household, tx)
                #expect(family.map(\.person.name) == ["赵一", "钱二"])
                #expect(family.first?.relation == .head && family.last?.relation == .spouse)
                #expect(family.last?.person.born == CivilDate(year: 1950, month: 6, day: 15))
            }
            let again = try await bring(draft(Self.rows), .person, house)
            let second = try await database.read { try RegisterImports.find(again, head, $0) }
            #expect(second.added == 0 && second.known == 3)
            let stranger = try await house.context(.villageHead)
            let refusal = try await house.refusal {
                _ = try await database.read { try RegisterImports.find(id, stranger, $0) }
            }
            #expect(refusal == .notFound)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("停在半路接着来，重复的仍认得出", arguments: TestEngine.enabled)
    func resumes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let head = try await house.context(.head)
            var rows = (0..<250).map { number in
                ["", "人\(number)", "", "1980-01-01", "幸福里小区3号楼2单元\(number / 3 + 101)", "", "", ""]
            }
            rows.append(rows[0])
            let kept = try await SheetDrafts.keep(draft(rows), kind: "register.person", database, head)
            let id = try await RegisterImports.begin(
                kept, .person, rows: rows.count, in: Self.community, head, database)
            // As a node that ended after the first chunk left it.
            try await RegisterImports.run(id, database, chunks: 1, rows: 50)
            let first = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(first.position == 50 && first.state == .running)
            // Homes reach over the ends of chunks, and the next is looked at while the one before is written.
            try await RegisterImports.run(id, database, rows: 50)
            let done = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(done.state == .done && done.added == 250 && done.wrong == 1)
            let twice: Int? = try await house.value(
                """
                SELECT count(*) FROM dwelling a JOIN dwelling b ON b.address = a.address AND b.id > a.id
                WHERE a.valid_to IS NULL AND b.valid_to IS NULL
                """)
            #expect(twice == 0)
            await house.deliver()
            let differences = try await database.read { try RegisterCounts.differences($0).map(\.what) }
            #expect(differences.isEmpty)
        }
    }

    @Test("撤销：都退回去，改过的留着列出来", arguments: TestEngine.enabled)
    func undo(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let head = try await house.context(.head)
            let id = try await bring(draft(Self.rows), .person, house)
            await house.deliver()
            let visited: SQL =
                "SELECT count(*) FROM visit_debt x JOIN household h ON h.id = x.household_id WHERE h.import_id = \(id)"
            let before = try await house.value(visited, as: Int.self) ?? 0
            #expect(before > 1)
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET version = 2 WHERE name = '吴六' AND import_id = \(id)")
                try tx.audit(Subject("person", 1))
            }
            try await RegisterImports.undo(id, head, database)
            let twice = try await house.refusal { try await RegisterImports.undo(id, head, database) }
            #expect(twice == .conflict)
            try await RegisterImports.takeBack(id, database)
            await house.deliver()
            let late = house.clock.clock.now.adding(days: 400)
            // Nobody is sent to visit a household that came with the import and is gone again.
            #expect(try await house.value(visited + " AND h.valid_to IS NOT NULL", as: Int.self) == 0)
            try await database.read { tx in
                let done = try RegisterImports.find(id, head, tx)
                #expect(done.state == .undone)
                for debt in try VisitDebts.due(in: Self.community, at: late, limit: 5000, tx) {
                    #expect(try RegisterQueries.household(debt.household, tx)?.entry.validTo == nil)
                }
                #expect(try RegisterImports.kept(id, tx).map(\.name) == ["吴六"])
                #expect(try RegisterCounts.differences(tx).isEmpty)
                let scope = head.actor.scope(for: .peopleRead)
                #expect(try RegisterFinder.find("赵一", in: scope, tx).hits.isEmpty)
                #expect(try RegisterFinder.find("1201", .dwelling, in: scope, tx).hits.isEmpty)
                #expect(try RegisterFinder.find("1205", .dwelling, in: scope, tx).hits.count == 1)
            }
        }
    }

    @Test("撤销带进来的户主：这一户还在，就按同样的规矩换户主；一起退回去的人不接", arguments: TestEngine.enabled)
    func undoneHeads(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let (head, worker) = (try await house.context(.head), try await house.context(.worker))
            // A household whose head has gone, and a son who was a child then.
            let home = try await house.enterHome()
            _ = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈小", "person.born": "2015-05-01"]), .household(home.household),
                tie: .family, relation: .grandchild, worker, database, house.services.registers)
            try await RegisterCommands.end(home.subject, .moved, version: nil, head, database)
            let son = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈长", "person.born": "1975-05-01"]), .household(home.household),
                tie: .family, relation: .child, worker, database, house.services.registers)
            let address = "幸福里小区3号楼2单元"
            var rows = [["", "陈新", "", "1960-01-02", address + "1201", "", "户主", ""]]
            // Older than the son, and of the same sheet.
            rows.append(["", "陈老", "", "1940-01-02", address + "1201", "", "父母", ""])
            rows.append(["", "甲", "", "1970-01-02", address + "1301", "", "户主", ""])
            rows += (0..<205).map { ["", "人\($0)", "", "1980-01-01", address + "\($0 / 3 + 1401)", "", "户主", ""] }
            // Chunks after its head: nobody heads this household for a while.
            rows.append(["", "乙", "", "1971-01-02", address + "1301", "", "配偶", ""])
            rows.append(["", "丙", "", "1972-01-02", address + "1501", "", "户主", ""])
            rows.append(["", "丁", "", "1973-01-02", address + "1501", "", "子女", ""])
            let id = try await bring(draft(rows), .person, house)
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET version = 2 WHERE name = '丁' AND import_id = \(id)")
                try tx.audit(Subject("person", 1))
            }
            func relation(_ name: String) async throws -> String? {
                try await database.read { tx in
                    try tx.value(
                        """
                        SELECT r.relation FROM person p JOIN residence r ON r.person_id = p.id
                        WHERE p.name = \(name) AND p.valid_to IS NULL AND r.valid_to IS NULL ORDER BY p.id DESC LIMIT 1
                        """)
                }
            }
            #expect(try await relation("陈长") == "child")
            #expect(try await relation("陈新") == "head")
            let count: SQL = "SELECT count(*) FROM register_change WHERE what = 'headed'"
            let before = try await house.value(count, as: Int.self)
            try await RegisterImports.undo(id, head, database)
            try await RegisterImports.takeBack(id, database)
            await house.deliver()
            #expect(try await relation("陈长") == "head")
            #expect(try await relation("陈老") == nil, "older, but of the same sheet")
            #expect(try await relation("陈新") == nil)
            #expect(try await relation("丁") == "head", "changed by hand since: stays, and heads what is left")
            let after = try await house.value(count, as: Int.self)
            #expect(after == (before ?? 0) + 4, "a line of each household and of who heads it, and none of what ended")
            let keys = database.keys
            for subject in [RegisterSubject(.household, home.household), RegisterSubject(.person, son)] {
                let line = try await database.read { try RegisterHistory.lines(of: subject, keys, $0).first }
                #expect(line?.what == .headed && line?.source == "rule")
            }
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("组织和部件也能导", arguments: TestEngine.enabled)
    func others(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let head = try await house.context(.head)
            let shops = draft(
                [["春风便利店", "幸福里小区3号楼", "13800139876"], ["春风便利店", "幸福里小区3号楼", ""], ["", "x", ""]],
                ["单位名称", "经营地址", "联系电话"], .organization)
            let id = try await bring(shops, .organization, house)
            let done = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(done.added == 1 && done.wrong == 2)
            let lamps = draft([["路灯一号", "幸福里小区"], ["路灯二号", ""]], ["部件名称", "位置"], .thing)
            let things = try await bring(lamps, .thing, house)
            let put = try await database.read { try RegisterImports.find(things, head, $0) }
            #expect(put.added == 2)
            let titles = try await database.read { tx in
                try RegisterFinder.find("9876", in: head.actor.scope(for: .peopleRead), tx).hits.map(\.title)
            }
            #expect(titles == ["春风便利店"])
        }
    }

    @Test("导出：要用途和权限，敏感的逐人记下，限制处理的不出去", arguments: TestEngine.enabled)
    func export(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let head = try await house.context(.head)
            _ = try await bring(draft(Self.rows), .person, house)
            await house.deliver()
            try await database.write(head, "registers.change") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE name = '吴六'")
                try tx.audit(Subject("person", 1))
            }
            let ids = ["person.phone", "person.name", "person.isLivingAlone", "person.number", "person.isDrugUser"]
            let wanted = RegisterExport(
                ids.compactMap { RegisterField.named($0) }, in: Self.community, for: .report,
                note: "找 13800138000")
            #expect(
                wanted.fields.map(\.id) == ["person.name", "person.number", "person.phone", "person.isLivingAlone"])
            var rows: [[String]] = []
            let count = try await wanted.rows(head, database) { rows.append($0) }
            #expect(count == rows.count)
            #expect(rows.contains(["赵一", "110100195006150020", "13800138000", "是"]))
            #expect(rows.contains(["钱二", "", "", ""]))
            #expect(!rows.contains { $0[0] == "吴六" })
            let person = try #require(
                try await house.value("SELECT id FROM person WHERE name = '赵一'", as: ID<Person>.self))
            let readings = try await database.read {
                try RegisterReading.readings(of: RegisterSubject(.person, person), $0)
            }
            #expect(readings.first?.command == "registers.export" && readings.first?.purpose == .report)
            #expect(readings.first?.note.contains("13800138000") == false)
            for person in [DemoStaff.worker, .villageHead, .dispatcher] {
                let context = try await house.context(person)
                let refusal = try await house.refusal { _ = try await wanted.rows(context, database) { _ in } }
                #expect(refusal == .forbidden)
            }
        }
    }
}
