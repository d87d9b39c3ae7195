import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What was answered for an entry goes along when it is merged, comes back when that is undone, and goes when it is erased.
@Suite("报表的答案跟着走：合并过来，撤销回去，删除就没了")
struct FormAnswerMovesTests {
    private func answer<Entity>(
        _ about: FormAbout, _ row: ID<Entity>, _ name: String, _ value: String, _ house: House
    ) async throws {
        let database = house.services.database
        let id: ID<FormAnswer> = try database.newID()
        let cell = Cell(FormAnswer.table(about), "value_sealed", id.rawValue)
        let answer = FormAnswer(
            id: id, row: ID(rawValue: row.rawValue), name: name, sealed: try database.keys.seal(value, cell: cell))
        try await database.write(try await house.context(.head), "forms.answer") { tx in
            try FormsStore.put([answer], about: about, tx)
            try tx.audit(Subject("form", row), fields: [name])
        }
    }

    /// The answers of an entry in clear, by name.
    private func answers<Entity>(_ about: FormAbout, _ row: ID<Entity>, _ house: House) async throws -> [String: String]
    {
        let (table, keys) = (FormAnswer.table(about), house.services.database.keys)
        let named: SQL =
            about == .person ? "person_id = \(row)" : "kind = \(about) AND subject_id = \(row)"
        return try await house.services.database.read { tx in
            var found: [String: String] = [:]
            try tx.each("SELECT id, name, value_sealed FROM \(SQL(stringLiteral: table)) WHERE \(named)") { row in
                found[try row[1]] = try keys.open(try row[2], cell: Cell(table, "value_sealed", try row[0]))
            }
            return found
        }
    }

    @Test("户和房屋：缺的过来，有的不动；撤销各归各的，合并后新答的留下", arguments: TestEngine.enabled)
    func homes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let second = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "王五"]), .dwelling(home.dwelling), tie: .family, relation: .head, head,
                database, house.services.registers)
            let other = try #require(
                try await database.read { try RegisterQueries.homes(of: second, $0).compactMap(\.household).first })
            let spelled = try await house.enterHome("1301", ["person.name": "李"])
            try await answer(.household, home.household, "取暖", "集中供暖", house)
            try await answer(.household, other, "取暖", "自采暖", house)
            try await answer(.household, other, "养犬", "一只", house)
            try await answer(.dwelling, spelled.dwelling, "漏水", "厨房", house)
            let (kept, gone) = (RegisterSubject(.household, home.household), RegisterSubject(.household, other))
            try await RegisterCommands.mergeHomes(gone, into: kept, version: nil, parts, head, database)
            #expect(try await answers(.household, home.household, house) == ["取暖": "集中供暖", "养犬": "一只"])
            #expect(try await answers(.household, other, house) == ["取暖": "自采暖"])
            try await answer(.household, home.household, "车位", "没有", house)
            try await RegisterCommands.splitHomes(gone, parts, head, database)
            #expect(try await answers(.household, home.household, house) == ["取暖": "集中供暖", "车位": "没有"])
            #expect(try await answers(.household, other, house) == ["取暖": "自采暖", "养犬": "一只"])

            let (here, twin) = (RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.dwelling, spelled.dwelling))
            try await RegisterCommands.mergeHomes(twin, into: here, version: nil, parts, head, database)
            #expect(try await answers(.dwelling, home.dwelling, house) == ["漏水": "厨房"])
            try await RegisterCommands.splitHomes(twin, parts, head, database)
            #expect(try await answers(.dwelling, home.dwelling, house).isEmpty)
            #expect(try await answers(.dwelling, spelled.dwelling, house) == ["漏水": "厨房"])
        }
    }

    @Test("人：答案、同意、账号都过来；撤销都回去", arguments: TestEngine.enabled)
    func people(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "陈秀英", "person.born": "1950-06-15"])
            let gone = try await house.enterHome("1301")
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            let nurse = try await house.context(DemoResident.nurse)
            try await house.agree(gone.person, to: [.family])
            try await answer(.person, gone.person, "鞋码", "三十七", house)
            func own() async throws -> [ID<Person>] {
                let account = try #require(nurse.actor.account)
                return try await database.read {
                    try OwnEntries.of(account, today: nurse.now.date, $0).map(\.person.id)
                }
            }
            func agrees(_ person: ID<Person>) async throws -> Bool {
                try await database.read { try DataConsents.isGiven(.family, for: person, on: nurse.now.date, $0) }
            }
            try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            #expect(try await answers(.person, kept.person, house) == ["鞋码": "三十七"])
            #expect(try await own() == [kept.person], "the account is that of the entry that stands")
            #expect(try await [agrees(kept.person), agrees(gone.person)] == [true, false])
            try await RegisterCommands.split(gone.subject, parts, head, database)
            #expect(try await answers(.person, gone.person, house) == ["鞋码": "三十七"])
            #expect(try await own() == [gone.person])
            #expect(try await [agrees(kept.person), agrees(gone.person)] == [false, true])
        }
    }

    @Test("留下的那条只有从前的答案：并来的现在算数的答案照样过来，撤销回去", arguments: TestEngine.enabled)
    func ended(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "陈秀英"])
            let gone = try await house.enterHome("1301")
            let (head, database, parts) = (
                try await house.context(.head), house.services.database, house.services.registerParts
            )
            try await answer(.person, kept.person, "鞋码", "三十六", house)
            try await answer(.person, gone.person, "鞋码", "三十七", house)
            try await database.write(head, "forms.answer") { tx in
                try tx.execute("UPDATE demanded_answer SET until_at = \(tx.now) WHERE person_id = \(kept.person)")
                try tx.audit(Subject("form", kept.person), fields: [])
            }
            func holding(_ person: ID<Person>) async throws -> Int? {
                try await house.value(
                    "SELECT count(*) FROM demanded_answer WHERE person_id = \(person) AND until_at IS NULL",
                    as: Int.self)
            }
            try await RegisterCommands.merge(gone.subject, into: kept.subject, version: nil, parts, head, database)
            #expect(try await holding(kept.person) == 1)
            try await RegisterCommands.split(gone.subject, parts, head, database)
            #expect(try await [holding(kept.person), holding(gone.person)] == [0, 1])
        }
    }

    @Test("删除：本人的、一个人住的那一户的、注销到期的户和房屋的、组织的，都没了，同一笔写入里", arguments: TestEngine.enabled)
    func erasing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (alone, family) = (try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李"]))
            let (head, database) = (try await house.context(.head), house.services.database)
            try await house.agree(alone.person, to: [])
            try await answer(.person, alone.person, "鞋码", "三十七", house)
            try await answer(.household, alone.household, "养犬", "一只", house)
            try await answer(.household, family.household, "养犬", "两只", house)
            try await answer(.dwelling, family.dwelling, "漏水", "厨房", house)
            let form = try await house.registerForm(["姓名"], issuer: "区民政局", label: "")
            let round = try #require(try await house.send(form + "/rounds", Form([("period", "11月")]), head))
            #expect(try await house.send(round + "/done", Form([("minutes", "1")]), head) == form + "?done=finish")
            let handedIn: SQL =
                "SELECT count(*) FROM demanded_filled WHERE kind = 'person' AND subject_id = \(alone.person)"
            #expect(try await house.value(handedIn, as: Int.self) == 1)
            let nurse = try await house.context(DemoResident.nurse)
            let ask = try await house.services.dataRequests.open(.erase, of: alone.person, "不在这里住了", nurse)
            try await house.services.dataRequests.decide(ask, isGranted: true, reason: "", head)
            // Not by an event some time later.
            #expect(try await answers(.person, alone.person, house).isEmpty)
            #expect(try await house.value(handedIn, as: Int.self) == 0, "what was handed in goes, too")
            #expect(try await answers(.household, alone.household, house).isEmpty)
            #expect(try await answers(.household, family.household, house) == ["养犬": "两只"])
            try await RegisterCommands.end(
                RegisterSubject(.household, family.household), .moved, version: nil, head, database)
            try await RegisterCommands.end(
                RegisterSubject(.dwelling, family.dwelling), .gone, version: nil, head, database)
            house.clock.advance(minutes: 1096 * 24 * 60)
            #expect(try await answers(.household, family.household, house).count == 1)
            try await house.run(job: "registers.retention")
            #expect(try await answers(.household, family.household, house).isEmpty)
            #expect(try await answers(.dwelling, family.dwelling, house).isEmpty)
            let left = try await house.value("SELECT count(*) FROM demanded_row_answer", as: Int.self)
            #expect(left == 0)
        }
    }
}
