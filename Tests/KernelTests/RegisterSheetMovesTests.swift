import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// A sheet that says where people who are known live: who lives elsewhere moves as by hand, and back with the import.
@Suite("用表格给已有的人搬家")
struct RegisterSheetMovesTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)
    private static let headers = ["姓名", "身份证号", "出生日期", "现住址", "与户主关系", "人房关系", "文化程度"]
    private static let entrance = "幸福里小区3号楼2单元"
    private static let zhao = "110100195006150020"
    private static let qian = "110100195503040025"
    private static let first = [
        ["赵一", zhao, "", entrance + "1201", "户主", "", "初中"], ["钱二", qian, "", entrance + "1201", "配偶", "", ""],
        ["吴六", "", "1990-03-04", entrance + "1205", "户主", "", ""],
    ]

    private func draft(_ rows: [[String]]) -> SheetDraft {
        let lines = rows.enumerated().map { SheetDraft.Line(number: $0.offset + 2, cells: $0.element) }
        return SheetDraft(
            headers: Self.headers, lines: lines,
            fields: ImportColumn.suggest(Self.headers, .person, remembered: [:]), division: Self.community)
    }

    private func bring(
        _ rows: [[String]], _ house: House, isUpdating: Bool = true, atOnce: Int = 400
    ) async throws -> RegisterImport {
        let (database, head) = (house.services.database, try await house.context(.head))
        let kept = try await SheetDrafts.keep(
            draft(rows), kind: RegisterImports.sheet(of: .person), database, head)
        let id = try await RegisterImports.begin(
            kept, .person, rows: rows.count, in: Self.community, isUpdating: isUpdating, head, database)
        try await RegisterImports.run(id, database, rows: atOnce)
        await house.deliver()
        return try await database.read { try RegisterImports.find(id, head, $0) }
    }

    private func takeBack(_ done: RegisterImport, _ house: House) async throws -> RegisterImport {
        let (database, head) = (house.services.database, try await house.context(.head))
        try await RegisterImports.undo(done.id, head, database)
        try await RegisterImports.takeBack(done.id, database)
        await house.deliver()
        return try await database.read { try RegisterImports.find(done.id, head, $0) }
    }

    /// What each row would do, in words: `住址：…1201→…1203`.
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
            guard case .known = outcome.fate else { return outcome.problems.map(\.zh).joined(separator: "；") }
            return outcome.changes.map { "\($0.field.name.zh)：\($0.old?.zh ?? "空")→\($0.new.zh)" }
                .joined(separator: "；")
        }
    }

    private func person(_ name: String, _ house: House) async throws -> PersonRecord {
        let found = try await house.services.database.read { tx in
            try tx.first("SELECT \(PersonRecord.columns) FROM person p WHERE p.name = \(name) AND p.source = 'import'")
            {
                try PersonRecord($0)
            }
        }
        return try #require(found)
    }

    /// Where somebody lives, as what: `1203 head`.
    private func home(_ name: String, _ house: House) async throws -> [String] {
        let id = try await person(name, house).id
        return try await house.services.database.read { try RegisterQueries.homes(of: id, $0) }
            .map { "\($0.address.replacing(Self.entrance, with: "")) \($0.relation)" }
    }

    private func heads(_ house: House) async throws -> Int {
        try await house.value("SELECT count(*) FROM register_change WHERE what = 'headed'", as: Int.self) ?? 0
    }

    @Test("预演写明旧址和新址；导入和手工搬家一样，户主走了按规矩接；撤销就搬回原处、还当户主", arguments: TestEngine.enabled)
    func movesAndBack(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            let before = try await heads(house)
            let rows = [["赵一", Self.zhao, "", Self.entrance + " 1203室", "户主", "", "高中"]]
            let found = try await words(rows, house)
            #expect(found[0].contains("住址：\(Self.entrance)1201→\(Self.entrance)1203") && found[0].contains("初中→高中"))
            #expect(try await home("赵一", house) == ["1201 head"], "looking moves nobody")

            let left = try await bring(rows, house, isUpdating: false)
            #expect(left.changed == 0 && left.dwellings == 0)
            #expect(try await home("赵一", house) == ["1201 head"])
            let done = try await bring(rows, house)
            #expect(done.changed == 1 && done.known == 0 && done.dwellings == 1 && done.wrong == 0)
            #expect(try await home("赵一", house) == ["1203 head"])
            #expect(try await home("钱二", house) == ["1201 head"], "the spouse heads the household that is left")
            #expect(try await heads(house) == before + 2)
            let zhao = try await person("赵一", house)
            let keys = database.keys
            let lines = try await database.read {
                try RegisterHistory.lines(of: RegisterSubject(.person, zhao.id), keys, $0)
            }
            let moved = try #require(lines.first { $0.what == .moved })
            #expect(moved.source == "import" && moved.actor == "马秀英")
            #expect(moved.values["address"]?.old == Self.entrance + "1201")
            #expect(moved.values["address"]?.new == Self.entrance + "1203")
            #expect(try await bring(rows, house).changed == 0, "the same sheet again moves nobody")
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })

            let undone = try await takeBack(done, house)
            #expect(undone.state == .undone && undone.undone >= 1)
            #expect(try await home("赵一", house) == ["1201 head"])
            #expect(try await home("钱二", house) == ["1201 spouse"])
            try await database.read { tx in
                let facts = try RegisterQueries.facts(of: RegisterSubject(.person, zhao.id), tx)
                #expect(facts.first { $0.field.id == "person.education" }?.value == "初中")
                let scope = try RegisterFinder.find(
                    "1203", .dwelling,
                    in: .init(
                        divisions: [Self.community], units: [], account: nil, interests: []), tx)
                #expect(scope.hits.isEmpty, "the dwelling that came with the move has gone with it")
                #expect(try RegisterCounts.differences(tx).isEmpty)
            }
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("用表格搬去自成一户：原来什么时候联系过，跟着人走；搬进有人住的一户不带", arguments: TestEngine.enabled)
    func heardComesAlong(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            func household(_ name: String) async throws -> ID<Household> {
                let id = try await person(name, house).id
                let homes = try await database.read { try RegisterQueries.homes(of: id, $0) }
                return try #require(homes.first?.household)
            }
            let old = try await household("赵一")
            house.clock.advance(minutes: 60)
            let heard = house.clock.clock.now
            try await database.write(try await house.context(.head), "test.heard") { tx in
                try Households.heard(of: old, by: .call, tx)
                try tx.audit(Subject("household", old), fields: ["heardAt"])
            }
            house.clock.advance(minutes: 5)
            _ = try await bring([["赵一", Self.zhao, "", Self.entrance + "1203", "户主", "", ""]], house)
            let own = try await household("赵一")
            #expect(own != old)
            let kept = try await database.read { try Households.signals(of: own, $0) }
            #expect(kept.map(\.signal) == [.call] && kept.map(\.at) == [heard])
            #expect(try await database.read { try RegisterQueries.household(own, $0)?.heardAt } == heard)
            let theirs = try await household("吴六")
            try await RegisterCommands.move(
                try await person("钱二", house).id, to: .household(theirs), tie: .lodger, relation: .other, version: nil,
                try await house.context(.head), database)
            let others = try await database.read { try Households.signals(of: theirs, $0) }
            #expect(others.isEmpty, "of those who lived there nothing was heard")
        }
    }

    @Test("一户人全搬：留下的空户没人当户主，不乱记；后来手工又搬的，撤销时留着", arguments: TestEngine.enabled)
    func wholeHouseholds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let (database, head) = (house.services.database, try await house.context(.head))
            let before = try await heads(house)
            let done = try await bring(
                [
                    ["钱二", Self.qian, "", Self.entrance + "1203", "配偶", "", ""],
                    ["赵一", Self.zhao, "", Self.entrance + "1203", "户主", "", ""],
                ], house)
            #expect(done.changed == 2 && done.dwellings == 1)
            #expect(try await home("赵一", house) == ["1203 head"])
            #expect(try await home("钱二", house) == ["1203 spouse"])
            let homes = try await database.read { tx in
                try ["赵一", "钱二"].flatMap { name in
                    try tx.all(
                        """
                        SELECT r.household_id FROM residence r JOIN person p ON p.id = r.person_id
                        WHERE p.name = \(name) AND p.source = 'import' AND r.valid_to IS NULL
                        """
                    ) { try $0[0] as ID<Household> }
                }
            }
            #expect(Set(homes).count == 1, "one household")
            #expect(try await heads(house) == before)
            // Somebody moves one of them on by hand: that stays.
            let qian = try await person("钱二", house)
            let wu = try await person("吴六", house)
            let theirs = try await database.read { try RegisterQueries.homes(of: wu.id, $0).first?.household }
            try await RegisterCommands.move(
                qian.id, to: .household(try #require(theirs)), tie: .lodger, relation: .other, version: nil, head,
                database)
            _ = try await takeBack(done, house)
            #expect(try await home("赵一", house) == ["1201 head"])
            #expect(try await home("钱二", house) == ["1205 other"])
            #expect(try await database.read { try RegisterImports.kept(done.id, $0) }.map(\.name) == ["钱二"])
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("一户人全搬走：这户跟着注销，约好的走访取消；撤销以后户、户主、走访原样回来", arguments: TestEngine.enabled)
    func emptied(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            let zhao = try await person("赵一", house)
            let left = try await database.read { try RegisterQueries.homes(of: zhao.id, $0).first?.household }
            let household = try #require(left)
            let visit = try await VisitsTests.announce(house, household)
            func stands() async throws -> (isHere: Bool, visit: Visit) {
                let found = try await database.read { tx in
                    (try RegisterQueries.household(household, tx), try VisitQueries.find(visit, tx))
                }
                return (try #require(found.0).entry.validTo == nil, try #require(found.1))
            }
            house.clock.advance(minutes: 5)
            let rows = [
                ["钱二", Self.qian, "", Self.entrance + "1203", "配偶", "", ""],
                ["赵一", Self.zhao, "", Self.entrance + "1203", "户主", "", ""],
            ]
            let done = try await bring(rows, house)
            #expect(done.changed == 2)
            let gone = try await stands()
            #expect(!gone.isHere && gone.visit.state == .withdrawn && gone.visit.result == .gone)
            let open = try await database.read { try VisitQueries.open(in: VisitsTests.grid, $0).map(\.id) }
            #expect(!open.contains(visit))
            #expect(house.messages.all.last?.text.zh.contains("搬走或注销") == true, "who was to come hears of it")
            let keys = database.keys
            let line = try await database.read {
                try RegisterHistory.lines(of: RegisterSubject(.household, household), keys, $0).first
            }
            #expect(line?.what == .ended && line?.fields == ["moved"] && line?.source == "rule")
            #expect(try await database.read { try VisitDebts.find(household, $0) } == nil)
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })

            house.clock.advance(minutes: 5)
            _ = try await takeBack(done, house)
            let back = try await stands()
            #expect(back.isHere && back.visit.state == .announced && back.visit.isOpen && back.visit.result == nil)
            #expect(try await home("赵一", house) == ["1201 head"])
            #expect(try await home("钱二", house) == ["1201 spouse"])
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("一行一行导：中间换了户主也原样换回来；最后一个走了以后搬进来的是新的一户", arguments: TestEngine.enabled)
    func rowByRow(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let database = house.services.database
            let zhao = try await person("赵一", house)
            let left = try await database.read { try RegisterQueries.homes(of: zhao.id, $0).first?.household }
            let household = try #require(left)
            func isHere() async throws -> Bool {
                let found = try await database.read { try RegisterQueries.household(household, $0) }
                return try #require(found).entry.validTo == nil
            }
            house.clock.advance(minutes: 5)
            let rows = [
                ["坏行", "123", "", Self.entrance + "1201", "户主", "", ""],
                ["赵一", Self.zhao, "", Self.entrance + "1203", "户主", "", ""],
                ["钱二", Self.qian, "", Self.entrance + "1203", "配偶", "", ""],
                ["孙七", "", "1980-03-04", Self.entrance + "1201", "户主", "", ""],
            ]
            let slow = try await bring(rows, house, atOnce: 1)
            #expect(slow.changed == 2 && slow.added == 1 && slow.wrong == 1)
            #expect(try await !isHere())
            let sun = try await person("孙七", house)
            let fresh = try await database.read { try RegisterQueries.homes(of: sun.id, $0).first?.household }
            #expect(fresh != nil && fresh != household)
            house.clock.advance(minutes: 5)
            _ = try await takeBack(slow, house)
            #expect(try await isHere())
            #expect(try await home("赵一", house) == ["1201 head"])
            #expect(try await home("钱二", house) == ["1201 spouse"])
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("不算搬家的：认不出的、别的社区的、写法不同的同一处、不住那里的关系；限制使用的人不动；原来那一户没了就不搬回", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await bring(Self.first, house)
            let (database, head) = (house.services.database, try await house.context(.head))
            func words(_ address: String, _ tie: String = "") async throws -> String {
                try await self.words([["赵一", Self.zhao, "", address, "", tie, ""]], house)[0]
            }
            let own = Self.community.range
            let outside = try #require(
                try await house.value(
                    """
                    SELECT min(address) FROM place WHERE kind IN ('entrance', 'courtyard', 'village')
                    AND division NOT BETWEEN \(own.lowerBound) AND \(own.upperBound)
                    """, as: String.self))
            for address in [
                "没有这个地方1栋", Self.entrance, "幸福里小区", outside + "101", "'; DROP TABLE residence; --",
                "北京市东城区" + Self.entrance + "1201", Self.entrance + "-1201", String(repeating: "长", count: 900),
            ] {
                #expect(try await !words(address).contains("→"), "\(address.prefix(40))")
            }
            #expect(try await words(Self.entrance + "1207", "registeredOnly").isEmpty, "that is not where they live")
            #expect(try await words(Self.entrance + "1207").hasSuffix("→\(Self.entrance)1207"))
            #expect(try await words(Self.entrance + "1205").hasSuffix("→\(Self.entrance)1205"))

            let done = try await bring([["赵一", Self.zhao, "", Self.entrance + "1205", "", "", ""]], house)
            #expect(done.changed == 1 && done.dwellings == 0)
            #expect(try await home("赵一", house) == ["1205 other"])
            #expect(try await home("吴六", house) == ["1205 head"])
            // What they left has ended since: there is no way back.
            let qian = try await person("钱二", house)
            let theirs = try await database.read { try RegisterQueries.homes(of: qian.id, $0).first?.household }
            let household = RegisterSubject(.household, try #require(theirs))
            try await RegisterCommands.end(household, .moved, version: nil, head, database)
            _ = try await takeBack(done, house)
            #expect(try await home("赵一", house) == ["1205 other"])
            #expect(try await database.read { try RegisterImports.kept(done.id, $0) }.map(\.name) == ["赵一"])

            let zhao = try await person("赵一", house)
            try await database.write(head, "test.restrict") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(zhao.id)")
                try tx.audit(RegisterSubject(.person, zhao.id).subject(in: zhao.division))
            }
            let rows = [["赵一", Self.zhao, "", Self.entrance + "1209", "", "", ""]]
            #expect(try await self.words(rows, house)[0].contains("只保存、不使用"))
            let kept = try await bring(rows, house)
            #expect(kept.wrong == 1 && kept.changed == 0 && kept.dwellings == 0)
            #expect(try await home("赵一", house) == ["1205 other"])
        }
    }
}
