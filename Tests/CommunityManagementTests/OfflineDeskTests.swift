import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Completing on the page what a phone brought: it does no more than the desk would, says truly what came of it, and
/// pressed twice does it once.
@Suite("离线记录上补好：和台账里一样严，说的是真的，按两次办一次")
struct OfflineDeskTests {
    private static let list = "/grid/phone/entries"

    private func phone(_ house: House) async throws -> PhoneWork {
        try await house.roster(DemoStaff.gridWorker1.phone)
        let session = try await house.session(DemoStaff.gridWorker1.phone)
        let (lease, _) = try await OfflineLease.issue(
            for: House.homeGrid, session, try await house.context(DemoStaff.gridWorker1), house.services)
        return PhoneWork(lease)
    }

    private func take(
        _ phone: PhoneWork, _ key: String, part: String = "households", _ body: String, _ house: House
    ) async throws -> OfflineOutcome {
        let context = try await house.context(DemoStaff.gridWorker1)
        let sealed = try phone.sealed(key, part: part, at: context.now, body: "{\(body)}")
        return try await OfflineSync.take(sealed, key: key, lease: phone.lease.id, context, house.services)
    }

    /// The entry that was noted last of those that are to be decided.
    private func entry(_ house: House) async throws -> ID<OfflineEntry> {
        try #require(
            try await house.value(
                "SELECT max(id) FROM offline_entry WHERE settled_at IS NULL AND outcome <> 'taken'",
                as: ID<OfflineEntry>.self))
    }

    /// Presses "send" on an entry; where the answer leads.
    private func press(
        _ id: ID<OfflineEntry>, _ house: House, _ answers: (String, String)..., by person: DemoStaff = .gridWorker1
    ) async throws -> String? {
        let fields = [(name: "use", value: "mine")] + answers.map { (name: "fix-\($0.0)", value: $0.1) }
        return try await house.send("\(Self.list)/\(id)", Form(fields), try await house.context(person))
    }

    private func page(_ house: House, done: String? = nil) async throws -> String {
        let query: [(String, String)] = done.map { [("done", $0)] } ?? []
        return try await house.open(Self.list, query: query, try await house.context(DemoStaff.gridWorker1))
    }

    private func member(_ name: String, _ home: TestHome, relation: String, tie: String = "family") -> String {
        let who = #""kind":"member","household":"\#(home.household)","name":"\#(name)""#
        return who + #","sex":"1","born":"","phone":"","relation":"\#(relation)","tie":"\#(tie)""#
    }

    @Test("这一户有户主：再加一个户主不收，写明原来是谁、怎么换；改了关系就收", arguments: TestEngine.enabled)
    func secondHead(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let phone = try await phone(house)
            let heads: SQL = """
                SELECT count(*) FROM residence WHERE household_id = \(home.household) AND relation = 'head'
                AND valid_to IS NULL
                """
            let refused = try await take(phone, "aaaaaaaa-1", member("陈建国", home, relation: "head"), house)
            #expect(refused.kind == .refused)
            #expect(refused.text?.zh.hasPrefix("这一户已有户主（陈秀英）：不换就改选与户主的关系") == true)
            #expect(refused.text?.zh.contains("勾上") == false, "there is nothing to tick")
            let first = try await entry(house)
            #expect(try await press(first, house)?.hasPrefix("\(Self.list)?done=refused#entry-") == true)
            #expect(try await page(house).contains("这一户已有户主（陈秀英）"))
            #expect(try await house.value(heads, as: Int.self) == 1)
            let people: SQL = "SELECT count(*) FROM person WHERE name = '陈建国'"
            #expect(try await house.value(people, as: Int.self) == 0)
            let again = try await entry(house)
            #expect(try await press(again, house, ("relation", "spouse")) == "\(Self.list)?done=taken")
            #expect(try await house.value(heads, as: Int.self) == 1)
            #expect(try await house.value(people, as: Int.self) == 1)
        }
    }

    @Test("保密的项清空了是不改，登记的号码还在；勾上“清掉”才删", arguments: TestEngine.enabled)
    func closedFields(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let phone = try await phone(house)
            func edit(_ number: String) -> String {
                let whose = #""kind":"person","id":"\#(home.person)","field":"person.phone""#
                let change = #"{\#(whose),"before":"=138****8000","value":"\#(number)"}"#
                return #""kind":"edit","household":"\#(home.household)","changes":[\#(change)]"#
            }
            func mask() async throws -> String? {
                try await house.value("SELECT phone_mask FROM person WHERE id = \(home.person)", as: String.self)
            }
            #expect(try await take(phone, "bbbbbbbb-1", edit("123"), house).kind == .refused)
            let shown = try await page(house)
            #expect(shown.contains("现在：138****8000。空着就不改") && shown.contains("清掉"))
            let first = try await entry(house)
            #expect(try await press(first, house, ("0", "")) == "\(Self.list)?done=taken")
            #expect(try await mask() == "138****8000")
            // A phone with pages of before sends the empty box itself.
            #expect(try await take(phone, "bbbbbbbb-2", edit(""), house) == .taken)
            #expect(try await mask() == "138****8000")
            #expect(try await take(phone, "bbbbbbbb-3", edit("123"), house).kind == .refused)
            let second = try await entry(house)
            let said = try await press(second, house, ("0", "123"), ("0-remove", "1"))
            #expect(said == "\(Self.list)?done=taken")
            #expect(try await mask() == "")
        }
    }

    @Test("两个窗口、返回再按：不办第二遍，说处理过了，或领到新的一条；别人的还是没有", arguments: TestEngine.enabled)
    func pressedTwice(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let phone = try await phone(house)
            let notes: SQL = "SELECT count(*) FROM duty_handover WHERE text LIKE '3号楼%'"
            #expect(try await take(phone, "cccccccc-1", part: "handover", #""text":"""#, house).kind == .refused)
            let first = try await entry(house)
            let refused = try await press(first, house, ("text", ""))
            let second = try await entry(house)
            #expect(second != first && refused == "\(Self.list)?done=refused#entry-\(second)")
            let back = try await press(first, house, ("text", "3号楼老人等回电"))
            #expect(back == "\(Self.list)?done=replaced#entry-\(second)")
            #expect(try await house.value(notes, as: Int.self) == 0)
            #expect(try await press(second, house, ("text", "3号楼老人等回电")) == "\(Self.list)?done=taken")
            for id in [first, second] {
                let twice = try await press(id, house, ("text", "3号楼老人等回电"))
                #expect(twice == "\(Self.list)?done=decided")
                #expect(try await press(id, house, by: .worker) == nil)
            }
            #expect(try await house.value(notes, as: Int.self) == 1)
            #expect(try await page(house, done: "decided").contains("这次没有再办"))
            #expect(try await page(house, done: "replaced").contains("请在新的一条里改"))
        }
    }

    @Test("还是没收下的：不像办成了，领到那一条，填的、原因都在，位置不变", arguments: TestEngine.enabled)
    func refusedAgain(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let phone = try await phone(house)
            let one = member("陈小宝", home, relation: "", tie: "")
            #expect(try await take(phone, "dddddddd-1", one, house).kind == .refused)
            let first = try await entry(house)
            house.clock.advance(minutes: 10)
            let other = member("陈小贝", home, relation: "", tie: "")
            #expect(try await take(phone, "dddddddd-2", other, house).kind == .refused)
            let answer = try await press(first, house, ("relation", "child"), ("tie", ""))
            let newer = try await entry(house)
            #expect(answer == "\(Self.list)?done=refused#entry-\(newer)")
            let shown = try await page(house, done: "refused")
            #expect(shown.contains("class=\"alert warn\"") && !shown.contains("class=\"alert ok\""))
            #expect(shown.contains("还是没能改好") && shown.contains("请选居住情况"))
            #expect(shown.contains("id=\"entry-\(newer)\"") && shown.contains("value=\"child\" selected"))
            let mine = try #require(shown.firstRange(of: "新增成员：陈小宝")).lowerBound
            let theirs = try #require(shown.firstRange(of: "新增成员：陈小贝")).lowerBound
            #expect(mine < theirs, "it was noted first")
        }
    }
}
