import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What a sheet says that nobody should take silently, and what is said of an import that was taken back.
@Suite("导入：关系的说法、第二个户主、可能是同一个人、和号码对不上；撤销留下什么、删掉什么")
struct RegisterSheetDoubtsTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)
    private static let headers = ["姓名", "身份证号", "出生日期", "性别", "现住址", "联系电话", "与户主关系", "人房关系", "车牌号"]
    private static let entrance = "幸福里小区3号楼2单元"

    private func draft(_ rows: [[String]], _ headers: [String], _ kind: RegisterKind) -> SheetDraft {
        let lines = rows.enumerated().map { SheetDraft.Line(number: $0.offset + 2, cells: $0.element) }
        return SheetDraft(
            headers: headers, lines: lines, fields: ImportColumn.suggest(headers, kind, remembered: [:]),
            division: Self.community)
    }

    /// A row: name, number, birth, sex, door, phone, relation, tie, plates.
    private func row(
        _ name: String, _ number: String = "", born: String = "", sex: String = "", at door: String = "1201",
        phone: String = "", relation: String = "", tie: String = "", plates: String = ""
    ) -> [String] {
        [name, number, born, sex, Self.entrance + door, phone, relation, tie, plates]
    }

    private func look(_ rows: [[String]], _ house: House) async throws -> [ImportOutcome] {
        let (database, now) = (house.services.database, house.clock.clock.now)
        let draft = draft(rows, Self.headers, .person)
        return try await database.read { tx in
            var planner = ImportPlanner(
                .person, in: Self.community, entry: RegisterEntry(source: "import", validFrom: now), database)
            let rows = draft.lines.map { ImportRow($0, fields: draft.fields, .person, today: now.date) }
            return try planner.plan(rows, tx).outcomes
        }
    }

    /// What becomes of each row and what is doubtful of it.
    private func words(_ rows: [[String]], _ house: House) async throws -> [String] {
        try await look(rows, house).map { outcome in
            let fate =
                switch outcome.fate {
                case .new: "new"
                case .known: "known"
                case .wrong: "wrong"
                }
            return ([fate] + (outcome.problems + outcome.warnings).map(\.zh)).joined(separator: "；")
        }
    }

    private func bring(
        _ rows: [[String]], _ house: House, _ headers: [String] = Self.headers, _ kind: RegisterKind = .person
    ) async throws -> ID<RegisterImport> {
        let (database, head) = (house.services.database, try await house.context(.head))
        let kept = try await SheetDrafts.keep(
            draft(rows, headers, kind), kind: RegisterImports.sheet(of: kind), database, head)
        let id = try await RegisterImports.begin(
            kept, kind, rows: rows.count, in: Self.community, head, database)
        try await RegisterImports.run(id, database)
        await house.deliver()
        return id
    }

    private func takeBack(_ id: ID<RegisterImport>, _ house: House) async throws -> RegisterImport {
        let (database, head) = (house.services.database, try await house.context(.head))
        try await RegisterImports.undo(id, head, database)
        try await RegisterImports.takeBack(id, database)
        await house.deliver()
        return try await database.read { try RegisterImports.find(id, head, $0) }
    }

    private func person(_ name: String, _ house: House) async throws -> PersonRecord {
        let found = try await house.services.database.read { tx in
            try tx.first(
                "SELECT \(PersonRecord.columns) FROM person p WHERE p.name = \(name) AND p.source = 'import' ORDER BY p.id"
            ) { try PersonRecord($0) }
        }
        return try #require(found)
    }

    private func home(_ name: String, _ house: House) async throws -> Home? {
        let id = try await person(name, house).id
        return try await house.services.database.read { try RegisterQueries.homes(of: id, $0).first }
    }

    @Test("常用的说法都认得；不认得的写明原话，不悄悄当成别的", arguments: TestEngine.enabled)
    func relations(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let said: [(word: String, relation: HouseholdRelation)] = [
                ("妻", .spouse), ("长子", .child), ("女儿", .child), ("儿媳", .childInLaw), ("女婿", .childInLaw),
                ("外孙女", .grandchild), ("岳父", .parent), ("奶奶", .grandparent), ("弟弟", .sibling), ("侄子", .other),
                ("配 偶", .spouse), ("本人", .head),
            ]
            let ties: [(word: String, tie: ResidenceTie)] = [
                ("租房", .tenant), ("承租人", .tenant), ("业主", .owner), ("房东", .ownerElsewhere), ("人户分离", .registeredOnly),
                ("产权人（不住）", .ownerElsewhere), ("借住", .lodger), ("家属", .family),
            ]
            var rows = said.enumerated().map { index, one in
                row("甲\(index)", born: "1980-01-01", at: "\(1401 + index)", relation: one.word)
            }
            rows += ties.enumerated().map { index, one in
                row("乙\(index)", born: "1980-01-01", at: "\(1501 + index)", tie: one.word)
            }
            let doubts = try await words(
                rows + [row("丙", born: "1980-01-01", at: "1601", relation: "老相好", tie: "蹭住")], house)
            #expect(doubts.dropLast().allSatisfy { $0 == "new" })
            #expect(doubts.last?.contains("“老相好”认不出") == true && doubts.last?.contains("“蹭住”认不出") == true)
            _ = try await bring(rows, house)
            for (index, one) in said.enumerated() {
                #expect(try await home("甲\(index)", house)?.relation == one.relation, "\(one.word)")
            }
            for (index, one) in ties.enumerated() {
                #expect(try await home("乙\(index)", house)?.tie == one.tie, "\(one.word)")
            }
        }
    }

    @Test("一户一个户主：登记里有的、前面行里有的，都说出来，后来的不当户主", arguments: TestEngine.enabled)
    func heads(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterHome()
            let rows = [
                row("甲", born: "1980-01-01", relation: "户主"), row("乙", born: "1981-01-01", at: "1401", relation: "户主"),
                row("丙", born: "1982-01-01", at: "1401", relation: "户主"),
            ]
            let found = try await words(rows, house)
            #expect(found[0].contains("已有户主（陈秀英）") && found[1] == "new" && found[2].contains("已有户主（乙）"))
            _ = try await bring(rows, house)
            #expect(try await home("甲", house)?.relation == .other)
            #expect(try await home("乙", house)?.relation == .head)
            #expect(try await home("丙", house)?.relation == .other)
        }
    }

    @Test("手工登记：第二个户主先问；号码已有的先问，看不到的只说在别处；性别生日和号码对不上不收", arguments: TestEngine.enabled)
    func byHand(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (database, settings) = (house.services.database, house.services.registers)
            let (worker, far) = (try await house.context(.worker), try await house.context(.locustWorker))
            func enter(
                _ values: [String: String], relation: HouseholdRelation = .other, replaces: Bool = false,
                checked: Bool = false
            ) async throws -> LinliError? {
                do {
                    let typed = try House.typed(values)
                    _ = try await RegisterCommands.enterPerson(
                        typed, .household(home.household), tie: .family, relation: relation,
                        replacesHead: replaces, isChecked: checked, worker, database, settings)
                    return nil
                } catch let error as LinliError { return error }
            }
            let second = try await enter(["person.name": "甲"], relation: .head)
            #expect(second?.id == "registers.head" && second?.text(for: "relation")?.zh.contains("陈秀英") == true)
            #expect(try await enter(["person.name": "甲"], relation: .head, replaces: true) == nil)
            let members = try await database.read { try RegisterQueries.members(of: home.household, $0) }
            #expect(members.filter { $0.relation == .head }.map(\.person.name) == ["甲"])

            let number = ["person.name": "乙", "person.number": "110100195006150020"]
            let twin = try await enter(number)
            #expect(twin?.id == "registers.twin")
            #expect(twin?.text(for: "person.number")?.zh.contains("陈秀英") == true)
            func noted() async throws -> Int? {
                try await house.value(
                    """
                    SELECT count(*) FROM audit_entry WHERE command = 'registers.find' AND subject_kind = 'person'
                    AND subject_id = \(home.person) AND fields = 'person.number' AND reason = 'correction'
                    """, as: Int.self)
            }
            #expect(try await noted() == 1, "who was told whose it is has read it")
            #expect(try await enter(number, checked: true) == nil)
            // Who may not see that entry learns only that there is one.
            let area = try #require(far.actor.scope(for: .peopleEdit).divisions.first).range
            let dwelling: ID<Dwelling>? = try await house.value(
                """
                SELECT id FROM dwelling WHERE community BETWEEN \(area.lowerBound) AND \(area.upperBound)
                AND valid_to IS NULL ORDER BY id LIMIT 1
                """)
            if let dwelling {
                do {
                    _ = try await RegisterCommands.enterPerson(
                        try House.typed(number), .dwelling(dwelling), tie: .family, relation: .head, far, database,
                        settings)
                    Issue.record("nobody asked")
                } catch let error as LinliError {
                    let words = error.text(for: "person.number")?.zh ?? ""
                    #expect(words.contains("在别处") && !words.contains("陈秀英"))
                }
            }
            // Nor does who walks the grid and is off duty.
            try await database.write(try await house.context(.head), "test.rosters") { tx in
                try tx.execute("DELETE FROM duty_shift")
                try tx.audit(Subject("division", House.homeGrid.rawValue))
            }
            do {
                _ = try await RegisterCommands.enterPerson(
                    try House.typed(number), .dwelling(home.dwelling), tie: .family, relation: .other,
                    try await house.context(.gridWorker1), database, settings)
                Issue.record("nobody asked")
            } catch let error as LinliError {
                #expect(error.id == "registers.twin")
                #expect(error.text(for: "person.number")?.zh.contains("陈秀英") == false)
            }
            #expect(try await noted() == 1)
            let odd = try await enter([
                "person.name": "丙", "person.number": "110100198507200050", "person.sex": "女",
                "person.born": "1985-01-01",
            ])
            #expect(odd?.text(for: "person.born")?.zh.contains("1985-01-01") == true)
            #expect(odd?.text(for: "person.born")?.zh.contains("1985-07-20") == true)
            #expect(odd?.text(for: "person.sex")?.zh.contains("男") == true)
        }
    }

    @Test("同名同住处同电话的认作已有；只有一样对得上的存疑，登记里的、前面行里的都算；和号码对不上的存疑", arguments: TestEngine.enabled)
    func sameness(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterHome()
            let found = try await words(
                [
                    row("陈秀英", phone: "13800138000"), row("陈秀英", at: "1401", phone: "13800138000"),
                    row("赵一", at: "1501", phone: "13900139000"), row("赵一", at: "1502", phone: "13900139000"),
                    row("陈秀英", born: "1990-01-01", phone: "13700137000"),
                    row("钱二", "110100198507200050", born: "1985-01-01", sex: "女", at: "1503"),
                ], house)
            #expect(found[0] == "known")
            #expect(found[1].contains("姓名、手机号都和已登记的一个人相同"))
            #expect(found[2] == "new" && found[3].contains("和第 4 行同名"))
            #expect(found[4] == "new", "another birth: another person of this name")
            #expect(found[5].contains("出生日期写的是 1985-01-01，证件号码里是 1985-07-20"))
            #expect(found[5].contains("性别写的是女，证件号码里是男"))
            let soft = try await words([row("陈秀英")], house)
            #expect(soft[0].contains("这处房屋里登记有同名的人"))
        }
    }

    @Test("撤销：号码、电话、车牌当场删掉，历史有登记和撤销两行；并进别处的列出来，不算撤销", arguments: TestEngine.enabled)
    func undone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome("1301", ["person.name": "孙七"])
            let id = try await bring(
                [
                    row("赵一", "110100195006150020", at: "1401", phone: "13800138000", plates: "京A12345"),
                    row("孙七", "110100198507200050", at: "1402", phone: "13900139000", plates: "京A54321"),
                ], house)
            let (database, head) = (house.services.database, try await house.context(.head))
            let (zhao, sun) = (try await person("赵一", house), try await person("孙七", house))
            try await RegisterCommands.merge(
                RegisterSubject(.person, sun.id), into: home.subject, version: nil, house.services.registerParts, head,
                database)
            let keys = database.keys
            let subject = RegisterSubject(.person, zhao.id)
            let before = try await database.read { try RegisterHistory.lines(of: subject, keys, $0) }
            #expect(before.map(\.what) == [.entered] && before.first?.sheet?.id == id && before.first?.sheet?.rows == 2)
            let page = try await house.open("/registers/person/\(zhao.id)", query: [], head)
            #expect(page.contains("/desk/sheets/imports/\(id)") && !page.contains("还没有改动"))

            let done = try await takeBack(id, house)
            #expect(done.state == .undone && done.undone == 1, "one person: no homes, and not who was merged")
            let kept = try await database.read { try RegisterImports.kept(id, $0) }
            #expect(kept.map(\.subject) == [RegisterSubject(.person, sun.id)])
            #expect(kept.first?.mergedInto?.subject == home.subject && kept.first?.mergedInto?.name == "孙七")
            let list = try await house.open("/desk/sheets/imports/\(id)", query: [], head)
            #expect(list.contains("先撤销合并") && list.contains("/registers/person/\(home.person)"))

            let lines = try await database.read { try RegisterHistory.lines(of: subject, keys, $0) }
            #expect(lines.map(\.what) == [.undone, .entered] && lines.first?.sheet?.id == id)
            let gone = try await person("赵一", house)
            #expect(gone.endReason == "undone" && gone.numberMask.isEmpty && gone.phoneMask.isEmpty)
            let left = try await house.value(
                """
                SELECT count(*) FROM person p WHERE p.id = \(zhao.id) AND (p.number_sealed IS NOT NULL
                    OR p.number_hash IS NOT NULL OR p.phone_sealed IS NOT NULL OR p.phone_hash IS NOT NULL
                    OR EXISTS (SELECT 1 FROM register_fact f WHERE f.kind = 'person' AND f.subject_id = p.id)
                    OR EXISTS (SELECT 1 FROM register_mark m WHERE m.kind = 'person' AND m.subject_id = p.id))
                """, as: Int.self)
            #expect(left == 0)
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("已有的组织、部件：写得不一样的列出来、改过去、撤销改回；电话不露；改过的留着", arguments: TestEngine.enabled)
    func updates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, head) = (house.services.database, try await house.context(.head))
            let headers = ["单位名称", "统一社会信用代码", "法定代表人", "联系电话"]
            let code = "91110105TE0T00041A"
            _ = try await bring([["样例小店", code, "王老板", "13800138000"]], house, headers, .organization)
            let id = try await bring([["样例小店", code, "李老板", "13900139000"]], house, headers, .organization)
            let firm: ID<Organization> = try #require(
                try await house.value("SELECT id FROM organization WHERE credit_code = \(code) AND valid_to IS NULL"))
            func record() async throws -> OrganizationRecord? {
                try await database.read { try RegisterQueries.organization(firm, $0) }
            }
            let done = try await database.read { try RegisterImports.find(id, head, $0) }
            #expect(done.changed == 1 && done.known == 0 && done.added == 0)
            #expect(try await record()?.contactName == "李老板")
            #expect(try await record()?.phoneMask == "139****9000")
            let same = try await bring([["样例小店", code, "李老板", "13900139000"]], house, headers, .organization)
            #expect(try await database.read { try RegisterImports.find(same, head, $0) }.changed == 0)
            #expect(try await takeBack(id, house).undone == 1)
            #expect(try await record()?.contactName == "王老板")
            #expect(try await record()?.phoneMask == "138****8000")

            let lamps = ["部件名称", "位置", "备注"]
            _ = try await bring([["样例路灯", "东门内", ""]], house, lamps, .thing)
            let noted = try await bring([["样例路灯", "东门内", "灯罩裂了"]], house, lamps, .thing)
            let lamp: ID<Thing> = try #require(
                try await house.value("SELECT id FROM thing WHERE name = '样例路灯' AND valid_to IS NULL"))
            func note() async throws -> String? {
                try await database.read { try RegisterQueries.thing(lamp, $0)?.note }
            }
            #expect(try await note() == "灯罩裂了")
            try await RegisterCommands.change(
                try House.typed(["thing.location": "西门内"]), of: RegisterSubject(.thing, lamp), version: nil, head,
                database, house.services.registers)
            #expect(try await takeBack(noted, house).undone == 0)
            #expect(try await note() == "灯罩裂了", "somebody changed it since")
            #expect(try await database.read { try RegisterImports.kept(noted, $0) }.map(\.name) == ["样例路灯"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("搬家、再登记一处：和导入、搜索一样认得各种写法", arguments: TestEngine.enabled)
    func spellings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome("1201", ["person.name": "孙七"])
            let other = try await house.enterHome("1302", ["person.name": "周八"])
            let (database, head) = (house.services.database, try await house.context(.head))
            for address in [
                "幸福里小区3号楼2单元1302", "幸福里小区3号楼2单元1302室", "幸福里小区三号楼二单元1302", " 幸福里小区 3号楼2单元 1302 ",
                "北京市东城区幸福里小区3号楼2单元1302室",
            ] {
                let found = try await database.read { try RegisterQueries.dwelling(at: address, head.actor, $0)?.id }
                #expect(found == other.dwelling, "\(address)")
            }
            #expect(
                try await database.read { try RegisterQueries.dwelling(at: "幸福里小区3号楼2单元13022", head.actor, $0) }
                    == nil)
            let moved = try await house.send(
                "/registers/person/\(home.person)/move",
                Form([
                    (name: "home", value: "幸福里小区三号楼2单元1302室"), (name: "tie", value: "family"),
                    (name: "relation", value: "other"),
                ]), head)
            #expect(moved == "/registers/person/\(home.person)?done=move")
        }
    }
}
