import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What came back from phones and was not taken, or met somebody else's work: shown, corrected, decided once.
@Suite("离线记录的处理")
struct OfflineEntriesTests {
    private let list = "/grid/phone/entries"

    private func phone(
        _ house: House, _ person: DemoStaff = .gridWorker1
    ) async throws -> (phone: PhoneWork, session: Session) {
        try await house.roster(person.phone)
        let session = try await house.session(person.phone)
        let (lease, _) = try await OfflineLease.issue(
            for: House.homeGrid, session, try await house.context(person), house.services)
        return (PhoneWork(lease), session)
    }

    private func take(
        _ phone: PhoneWork, _ key: String, part: String = "households", _ body: String, photos: [[UInt8]] = [],
        by person: DemoStaff = .gridWorker1, _ house: House
    ) async throws -> OfflineOutcome {
        let context = try await house.context(person)
        let sealed = try phone.sealed(key, part: part, at: context.now, body: body, photos: photos)
        return try await OfflineSync.take(sealed, key: key, lease: phone.lease.id, context, house.services)
    }

    private func change(_ person: ID<Person>, _ field: String, from before: String, to value: String) -> String {
        let words = #""kind":"person","id":"\#(person)","field":"\#(field)","before":"\#(before)","value":"\#(value)""#
        return "{\(words)}"
    }

    private func edit(_ home: TestHome, settles: String = "", _ changes: [String]) -> String {
        let all = changes.joined(separator: ",")
        return #"{"kind":"edit","household":"\#(home.household)","settles":"\#(settles)","changes":[\#(all)]}"#
    }

    private func entry(_ house: House) async throws -> ID<OfflineEntry> {
        try #require(
            try await house.value(
                "SELECT max(id) FROM offline_entry WHERE settled_at IS NULL AND outcome <> 'taken'",
                as: ID<OfflineEntry>.self))
    }

    private func undecided(_ house: House) async throws -> Int? {
        try await house.value(
            "SELECT count(*) FROM offline_entry WHERE settled_at IS NULL AND outcome <> 'taken'", as: Int.self)
    }

    @Test("没收下的：填了什么都在，写着是谁家谁的；在电脑上改好就收，在手机上改好的也算", arguments: TestEngine.enabled)
    func corrected(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (phone, _) = try await phone(house)
            let context = try await house.context(.gridWorker1)
            func changes(_ number: String) -> [String] {
                [
                    change(home.person, "person.education", from: "=初中", to: "高中"),
                    change(home.person, "person.contactName", from: "=", to: "陈明"),
                    change(home.person, "person.phone", from: "=138****8000", to: number),
                ]
            }
            #expect(try await take(phone, "aaaaaaaa-1", edit(home, changes("12345")), house).kind == .refused)
            let page = try await house.open(list, query: [], context)
            for words in ["value=\"高中\"", "value=\"陈明\"", "value=\"12345\"", "陈秀英 · ", "1201", "现在：138****8000"] {
                #expect(page.contains(words), "\(words)")
            }
            let path = "\(list)/\(try await entry(house))"
            let wrong = Form([(name: "use", value: "mine"), (name: "fix-2", value: "1391234")])
            let still = try await house.send(path, wrong, context)
            let newer = try await entry(house)
            #expect(still == "\(list)?done=refused#entry-\(newer)")
            #expect(try await house.open(list, query: [], context).contains("value=\"1391234\""), "typed anew and kept")
            #expect(try await undecided(house) == 1)
            let right = Form([(name: "use", value: "mine"), (name: "fix-2", value: "13912340077")])
            let last = "\(list)/\(try await entry(house))"
            #expect(try await house.send(last, right, context) == "\(list)?done=taken")
            let mask = try await house.value("SELECT phone_mask FROM person WHERE id = \(home.person)", as: String.self)
            #expect(mask == "139****0077")
            // On the phone the corrected one takes the place of the one before, also when it is wrong once more.
            let late = change(home.person, "person.phone", from: "=139****0077", to: "12")
            #expect(try await take(phone, "aaaaaaaa-2", edit(home, [late]), house).kind == .refused)
            let again = change(home.person, "person.phone", from: "=139****0077", to: "123")
            let body = edit(home, settles: "aaaaaaaa-2", [again])
            #expect(try await take(phone, "aaaaaaaa-3", body, house).kind == .refused)
            #expect(try await undecided(house) == 1)
            let good = change(home.person, "person.phone", from: "=139****0077", to: "13912340088")
            let settled = edit(home, settles: "aaaaaaaa-3", [good])
            #expect(try await take(phone, "aaaaaaaa-4", settled, house) == .taken)
            #expect(try await undecided(house) == 0)
        }
    }

    @Test("没收下的上报改好再传：原来的照片一起报", arguments: TestEngine.enabled)
    func correctedReport(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, _) = try await phone(house)
            func body(_ text: String, _ settles: String = "") -> String {
                #"{"text":"\#(text)","type":"gridEvent","location":"北门","urgent":false,"settled":"","settles":"\#(settles)"}"#
            }
            let photos = [PhoneWork.picture("one")]
            let refused = try await take(phone, "bbbbbbbb-1", part: "cases", body(""), photos: photos, house)
            #expect(refused.kind == .refused)
            let more = [PhoneWork.picture("two")]
            let done = try await take(
                phone, "bbbbbbbb-2", part: "cases", body("顶楼平台堆了杂物", "bbbbbbbb-1"), photos: more, house)
            #expect(done.kind == .taken && done.number != nil)
            let now = house.clock.clock.now
            let count = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE c.created_at = \(now)
                """, as: Int.self)
            #expect(count == 2)
            #expect(try await undecided(house) == 0)
        }
    }

    @Test("两台手机加了同一个人：摆出来，不成两个；不是同一个人照样加", arguments: TestEngine.enabled)
    func twins(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (one, _) = try await phone(house)
            let (other, _) = try await phone(house, .worker)
            func baby(_ born: String, _ more: String = "") -> String {
                let who = #""name":"陈小宝","sex":"1","born":"\#(born)""#
                let words = #""kind":"member","household":"\#(home.household)",\#(who)"#
                return "{\(words),\"relation\":\"grandchild\",\"tie\":\"family\"\(more)}"
            }
            func babies() async throws -> Int? {
                try await house.value(
                    "SELECT count(*) FROM person WHERE name = '陈小宝' AND valid_to IS NULL", as: Int.self)
            }
            #expect(try await take(one, "cccccccc-1", baby("2026-11-01"), house) == .taken)
            let known = try await take(other, "cccccccc-2", baby("2026-11-01"), by: .worker, house)
            #expect(known.kind == .conflict && known.differences.first?.words?.name.zh == "已经加过了")
            #expect(known.differences.first?.words?.theirs.zh == "陈小宝 · 2026-11-01 · 孙辈")
            #expect(try await babies() == 1)
            let context = try await house.context(.worker)
            let page = try await house.open(list, query: [], context)
            #expect(page.contains("已经加过了") && page.contains("是同一个人，不加了") && page.contains("1201"))
            // The same, said on the phone; then somebody else, said on the desk and on the phone.
            let same = edit(home, settles: "cccccccc-2", [])
            #expect(try await take(other, "cccccccc-3", same, by: .worker, house) == .taken)
            #expect(try await undecided(house) == 0)
            #expect(try await babies() == 1)
            #expect(try await take(other, "cccccccc-4", baby(""), by: .worker, house).kind == .conflict)
            let mine = Form([(name: "use", value: "mine")])
            let decided = try await house.send("\(list)/\(try await entry(house))", mine, context)
            #expect(decided == "\(list)?done=taken")
            #expect(try await babies() == 2)
            #expect(try await take(other, "cccccccc-5", baby(""), by: .worker, house).kind == .conflict)
            let other5 = baby("", #","isOther":true,"settles":"cccccccc-5""#)
            #expect(try await take(other, "cccccccc-6", other5, by: .worker, house) == .taken)
            #expect(try await babies() == 3)
            #expect(try await undecided(house) == 0)
        }
    }

    @Test("在电脑上决定过的：手机下次联网就知道，也翻不过来", arguments: TestEngine.enabled)
    func decidedOnTheDesk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (phone, session) = try await phone(house)
            let context = try await house.context(.gridWorker1)
            let clash = edit(home, [change(home.person, "person.name", from: "=没有见过", to: "甲")])
            #expect(try await take(phone, "dddddddd-1", clash, house).kind == .conflict)
            let state = try #require(house.services.features.routes.first { $0.path == "/grid/phone/state" })
            func told(_ session: Session?) async throws -> [String] {
                let asked = Request(
                    path: state.path, query: Form([(name: "lease", value: "\(phone.lease.id)")]),
                    context: try await house.context(.gridWorker1), session: session)
                guard case .json(let bytes) = try await state.handle(asked, house.services).content else { return [] }
                return try JSONValue.object(in: bytes).texts("decided")
            }
            #expect(try await told(session).isEmpty)
            let page = try await house.open(list, query: [], context)
            #expect(page.contains("陈秀英 · ") && page.contains("1201"), "whose it is")
            let start = try #require(page.firstRange(of: "name=\"seen\" value=\"")).upperBound
            let seen = String(page[start...].prefix { $0 != "\"" })
            let theirs = Form([(name: "use", value: "theirs"), (name: "seen", value: seen)])
            let dropped = try await house.send("\(list)/\(try await entry(house))", theirs, context)
            #expect(dropped == "\(list)?done=dropped")
            #expect(try await told(session) == ["dddddddd-1"])
            #expect(try await told(nil).isEmpty)
            let mine = change(home.person, "person.name", from: "=陈秀英", to: "甲")
            let late = try await take(phone, "dddddddd-2", edit(home, settles: "dddddddd-1", [mine]), house)
            #expect(late.kind == .refused && late.text?.zh.contains("已经决定过") == true)
            let name = try await house.value("SELECT name FROM person WHERE id = \(home.person)", as: String.self)
            #expect(name == "陈秀英")
        }
    }

    private func report(_ text: String, settles: String = "", unfinished: Bool = false) -> String {
        let words = #""text":"\#(text)","type":"gridEvent","location":"北门","urgent":false,"settled":"""#
        return #"{\#(words),"settles":"\#(settles)","unfinished":\#(unfinished)}"#
    }

    private func cases(_ house: House) async throws -> Int? {
        try await house.value("SELECT count(*) FROM case_item WHERE title LIKE '顶楼平台%'", as: Int.self)
    }

    @Test("电脑上改好收下了，手机上又改好传来：不再办一遍，交接也是", arguments: TestEngine.enabled)
    func correctedInTwoPlaces(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, _) = try await phone(house)
            let context = try await house.context(.gridWorker1)
            #expect(try await take(phone, "eeeeeeee-1", part: "cases", report(""), house).kind == .refused)
            let right = Form([(name: "use", value: "mine"), (name: "fix-text", value: "顶楼平台堆了杂物")])
            let done = try await house.send("\(list)/\(try await entry(house))", right, context)
            #expect(done == "\(list)?done=taken")
            let body = report("顶楼平台堆了杂物", settles: "eeeeeeee-1")
            let late = try await take(phone, "eeeeeeee-2", part: "cases", body, house)
            #expect(late.kind == .refused && late.text?.zh.contains("已经决定过") == true)
            #expect(try await cases(house) == 1)
            let empty = #"{"text":""}"#
            #expect(try await take(phone, "eeeeeeee-3", part: "handover", empty, house).kind == .refused)
            let note = Form([(name: "use", value: "mine"), (name: "fix-text", value: "3号楼老人等回电")])
            let noted = try await house.send("\(list)/\(try await entry(house))", note, context)
            #expect(noted == "\(list)?done=taken")
            let again = #"{"text":"3号楼老人等回电","settles":"eeeeeeee-3"}"#
            #expect(try await take(phone, "eeeeeeee-4", part: "handover", again, house).kind == .refused)
            let notes = try await house.value(
                "SELECT count(*) FROM duty_handover WHERE text = '3号楼老人等回电'", as: Int.self)
            #expect(notes == 1)
        }
    }

    @Test("手机上不要了的：电脑上也不再列着，连同它要接着办的那一条", arguments: TestEngine.enabled)
    func putAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (phone, _) = try await phone(house)
            #expect(try await take(phone, "ffffffff-1", part: "cases", report(""), house).kind == .refused)
            let drop = #"{"kind":"drop","settles":"ffffffff-1"}"#
            #expect(try await take(phone, "ffffffff-2", part: "cases", drop, house) == .taken)
            #expect(try await undecided(house) == 0)
            // A visit that was tried again stands there twice: what is not wanted goes with what it was to do over.
            let visit = #""visit":"\#(home.household)""#
            let signed = #"{"kind":"done",\#(visit),"signer":"王建国","signed":false}"#
            #expect(try await take(phone, "ffffffff-3", part: "visits", signed, house).kind == .refused)
            let mine = #"{"kind":"mine",\#(visit),"settles":"ffffffff-3","before":""}"#
            #expect(try await take(phone, "ffffffff-4", part: "visits", mine, house).kind == .refused)
            #expect(try await undecided(house) == 2)
            let away = #"{"kind":"drop","settles":"ffffffff-4"}"#
            #expect(try await take(phone, "ffffffff-5", part: "visits", away, house) == .taken)
            #expect(try await undecided(house) == 0)
            // Nobody puts away what is somebody else's.
            #expect(try await take(phone, "ffffffff-6", part: "cases", report(""), house).kind == .refused)
            let (other, _) = try await self.phone(house, .worker)
            let theirs = #"{"kind":"drop","settles":"ffffffff-6"}"#
            #expect(try await take(other, "ffffffff-7", part: "cases", theirs, by: .worker, house) == .taken)
            #expect(try await undecided(house) == 1)
        }
    }

    @Test("“不是同一个人”没能收下：新成员填的字还在", arguments: TestEngine.enabled)
    func wordsOfTheDecided(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (phone, _) = try await phone(house)
            let context = try await house.context(.gridWorker1)
            let who = #""kind":"member","household":"\#(home.household)""#
            let more = #""name":"陈秀英","sex":"2","born":"","relation":"parent","tie":"family""#
            #expect(try await take(phone, "gggggggg-1", "{\(who),\(more)}", house).kind == .conflict)
            // The household is another grid's by now: only what the decision means comes, and it cannot be done.
            let elsewhere = DivisionCode(rawValue: 110_101_001_902_002)
            try await house.services.database.write(context, "test.away") { tx in
                try tx.execute("UPDATE household SET division = \(elsewhere) WHERE id = \(home.household)")
                try tx.audit(Subject("household", home.household))
            }
            let other = "{\(who),\"isOther\":true,\"settles\":\"gggggggg-1\"}"
            #expect(try await take(phone, "gggggggg-2", other, house).kind == .refused)
            #expect(try await undecided(house) == 1)
            let keys = house.services.database.keys
            let account = try #require(context.actor.account)
            let left = try await house.services.database.read { try OfflineStore.undecided(of: account, keys, $0) }
            #expect(left.first?.body.text("name") == "陈秀英" && left.first?.body.text("relation") == "parent")
        }
    }

    @Test("没写完台账就到期的：传上来等人补，补好才办，照片都在", arguments: TestEngine.enabled)
    func unfinished(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (phone, _) = try await phone(house)
            let context = try await house.context(.gridWorker1)
            let half = report("顶楼平台", unfinished: true)
            let photos = [PhoneWork.picture("half")]
            let kept = try await take(phone, "hhhhhhhh-1", part: "cases", half, photos: photos, house)
            #expect(kept.kind == .refused && kept.text?.zh.contains("没写完") == true)
            #expect(try await cases(house) == 0)
            #expect(try await house.open(list, query: [], context).contains(">顶楼平台</textarea>"))
            let whole = Form([(name: "use", value: "mine"), (name: "fix-text", value: "顶楼平台堆了杂物")])
            let done = try await house.send("\(list)/\(try await entry(house))", whole, context)
            #expect(done == "\(list)?done=taken")
            let count = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE c.created_at = \(context.now)
                """, as: Int.self)
            #expect(count == 1)
            // Finished on the phone after all it takes the place of the half one, with its own photos only.
            let again = report("北门", unfinished: true)
            #expect(try await take(phone, "hhhhhhhh-2", part: "cases", again, photos: photos, house).kind == .refused)
            let finished = report("北门的灯坏了", settles: "hhhhhhhh-2")
            let own = [PhoneWork.picture("own")]
            let taken = try await take(phone, "hhhhhhhh-3", part: "cases", finished, photos: own, house)
            #expect(taken.kind == .taken)
            #expect(try await undecided(house) == 0)
            let all = try await house.value(
                """
                SELECT count(*) FROM case_photo p JOIN case_item c ON c.id = p.case_id
                WHERE c.created_at = \(context.now)
                """, as: Int.self)
            #expect(all == 2)
        }
    }
}
