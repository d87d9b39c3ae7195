import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What was half written when a lease ended, kind by kind: what nobody chose is asked and never guessed, and completed on
/// the page it is done once.
@Suite("没写完的离线记录：没选的要问，补好就办一次")
struct OfflineCompletingTests {
    /// A grid worker's phone, and the page on which they complete what it had.
    private struct Desk {
        let house: House
        let phone: PhoneWork
        var context: Context
        private let list = "/grid/phone/entries"

        init(_ house: House, _ person: DemoStaff = .gridWorker1) async throws {
            self.house = house
            try await house.roster(person.phone)
            let session = try await house.session(person.phone)
            let (lease, _) = try await OfflineLease.issue(
                for: House.homeGrid, session, try await house.context(person), house.services)
            phone = PhoneWork(lease)
            context = try await house.context(person)
        }

        /// Sends a piece of work, half filled in unless told otherwise; `body` without its braces.
        func take(
            _ key: String, _ part: String, _ body: String, photos: [[UInt8]] = [], isUnfinished: Bool = true
        ) async throws -> OfflineOutcome {
            let words = isUnfinished ? "{\(body),\"unfinished\":true}" : "{\(body)}"
            let sealed = try phone.sealed(key, part: part, at: context.now, body: words, photos: photos)
            return try await OfflineSync.take(sealed, key: key, lease: phone.lease.id, context, house.services)
        }

        func page() async throws -> String { try await house.open(list, query: [], context) }

        func entry() async throws -> ID<OfflineEntry> {
            try #require(
                try await house.value(
                    "SELECT max(id) FROM offline_entry WHERE settled_at IS NULL AND outcome <> 'taken'",
                    as: ID<OfflineEntry>.self))
        }

        /// Presses "send" with what was answered; what came of it.
        func send(_ answers: (String, String)...) async throws -> String {
            let fields = [(name: "use", value: "mine")] + answers.map { (name: "fix-\($0.0)", value: $0.1) }
            let path = "\(list)/\(try await entry())"
            let reply = try #require(try await house.send(path, Form(fields), context))
            #expect(reply.hasPrefix("\(list)?done="))
            // What could not be done is led to; which it is counts in tests of its own.
            return String(reply.dropFirst("\(list)?done=".count).prefix { $0 != "#" })
        }

        func count(_ sql: SQL) async throws -> Int { try await house.value(sql) ?? 0 }

        func isDone() async throws -> Bool {
            try await count("SELECT count(*) FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL") == 0
        }
    }

    @Test("新增成员：没选的关系和居住情况先空着、要选，不替人选户主、产权人", arguments: TestEngine.enabled)
    func member(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let desk = try await Desk(house)
            let body = #""kind":"member","household":"\#(home.household)","name":"陈小宝","sex":"","born":"","phone":"""#
            let half = body + #","relation":"","tie":"""#
            #expect(try await desk.take("kkkkkkkk-1", "households", half).kind == .refused)
            let people: SQL = "SELECT count(*) FROM person WHERE name = '陈小宝' AND valid_to IS NULL"
            let page = try await desk.page()
            #expect(page.contains("<option value=\"\">请选</option>") && page.contains("补好，传上去"))
            #expect(!page.contains("value=\"head\" selected") && !page.contains("value=\"owner\" selected"))
            #expect(try await desk.send(("relation", ""), ("tie", "")) == "refused")
            #expect(try await desk.page().contains("请选与户主关系和居住情况"))
            #expect(try await desk.send(("relation", "grandchild")) == "refused")
            #expect(try await desk.page().contains("请选居住情况"))
            #expect(try await desk.count(people) == 0)
            #expect(try await desk.send(("tie", "family"), ("day", "2026-11-02")) == "taken")
            #expect(try await desk.count(people) == 1)
            let since: SQL = """
                SELECT r.began_on FROM residence r JOIN person p ON p.id = r.person_id
                WHERE p.name = '陈小宝' AND r.relation = 'grandchild' AND r.tie = 'family'
                """
            #expect(try await desk.count(since) == 20_261_102)
            #expect(try await desk.isDone())
            // Whole, and yet without them: no phone of ours sends it, and it is not guessed either.
            let missing = try await desk.take("kkkkkkkk-2", "households", body, isUnfinished: false)
            #expect(missing.kind == .refused && missing.text?.zh == "请选与户主关系和居住情况")
        }
    }

    @Test("看不懂的日子不当今天：没收下，写着原来填的，选了才办", arguments: TestEngine.enabled)
    func days(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let desk = try await Desk(house)
            let new = #""kind":"member","household":"\#(home.household)","name":"陈小宝","sex":"1","born":"","phone":"""#
            let wrong = new + #","relation":"child","tie":"family","day":"2026-13-40""#
            let refused = try await desk.take("llllllll-2", "households", wrong, isUnfinished: false)
            #expect(refused.kind == .refused && refused.text?.zh.contains("2026-13-40") == true)
            let who = #""kind":"gone","household":"\#(home.household)","person":"\#(home.person)","reason":"moved""#
            let gone = try await desk.take(
                "llllllll-1", "households", who + #","day":"11月3日""#, isUnfinished: false)
            #expect(gone.kind == .refused && gone.text?.zh.contains("看不出是哪天") == true)
            let here: SQL = "SELECT count(*) FROM person WHERE id = \(home.person) AND valid_to IS NULL"
            #expect(try await desk.count(here) == 1)
            let page = try await desk.page()
            #expect(page.contains("手机里填的是“11月3日”") && page.contains("type=\"date\" autocomplete=\"off\" required"))
            #expect(try await desk.send(("day", "")) == "refused", "nothing chosen is not today either")
            #expect(try await desk.count(here) == 1)
            #expect(try await desk.send(("day", "2026-11-03")) == "taken")
            #expect(try await desk.count("SELECT ended_on FROM person WHERE id = \(home.person)") == 20_261_103)
        }
    }

    @Test("住户信息和交接：补好办一次；清空的就是清空，不悄悄用回原来的", arguments: TestEngine.enabled)
    func fields(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let desk = try await Desk(house)
            func change(_ field: String, _ before: String, _ value: String) -> String {
                let whose = #""kind":"person","id":"\#(home.person)""#
                return #"{\#(whose),"field":"person.\#(field)","before":"\#(before)","value":"\#(value)"}"#
            }
            let changes = change("education", "=初中", "初") + "," + change("contactName", "=", "陈")
            let edit = #""kind":"edit","household":"\#(home.household)","changes":[\#(changes)]"#
            #expect(try await desk.take("mmmmmmmm-1", "households", edit).kind == .refused)
            #expect(try await desk.page().contains("value=\"陈\""))
            #expect(try await desk.send(("0", "高中"), ("1", "")) == "taken")
            let facts: SQL = """
                SELECT count(*) FROM register_fact WHERE kind = 'person' AND subject_id = \(home.person)
                """
            #expect(try await desk.count(facts + " AND field = 'person.education' AND source = 'offline'") == 1)
            #expect(try await desk.count(facts + " AND field = 'person.contactName'") == 0)
            #expect(try await desk.take("mmmmmmmm-2", "handover", #""text":"3号楼""#).kind == .refused)
            #expect(try await desk.send(("text", "3号楼老人等回电")) == "taken")
            #expect(try await desk.count("SELECT count(*) FROM duty_handover WHERE text = '3号楼老人等回电'") == 1)
            #expect(try await desk.isDone())
        }
    }

    @Test("走访：有没有变化、问题、签名都能补；没选有没有变化、签了一半都不收", arguments: TestEngine.enabled)
    func visit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let desk = try await Desk(house)
            var draft = VisitDraft(home.household)
            draft.reason = "看看您有什么需要"
            draft.slot = VisitSlot(desk.context.now.date.adding(days: 1), .morning)
            let id = try await VisitCommands(house.services.database).announce(draft, desk.context)
            let about = #""kind":"done","visit":"\#(id)","household":"\#(home.household)","before":"open-0-door""#
            let half =
                about + #","answers":{"gasAlarm":"坏了"},"note":"换了电池","signer":"陈秀英","signed":false"#
                + #","changed":true,"signature":false"#
            let photos = [PhoneWork.picture("door")]
            #expect(try await desk.take("nnnnnnnn-1", "visits", half, photos: photos).kind == .refused)
            let page = try await desk.page()
            let shown = [
                ">换了电池</textarea>", "value=\"陈秀英\"", "name=\"fix-changed\"", "name=\"fix-signed\"",
                "value=\"坏了\" selected", "name=\"fix-q.wiring\"", "1 张照片都留着", "enctype=\"multipart/form-data\"",
            ]
            for words in shown { #expect(page.contains(words), "\(words)") }
            #expect(!page.contains("value=\"1\" selected"), "the phone wrote that something changed, nobody chose it")
            #expect(try await desk.send() == "refused")
            #expect(try await desk.page().contains("请选有没有变化"))
            #expect(try await desk.send(("changed", "1"), ("q.wiring", "没有")) == "refused")
            #expect(try await desk.page().contains("并由本人确认打勾"))
            let open = try await house.services.database.read { try VisitQueries.find(id, $0)?.isOpen }
            #expect(open == true)
            #expect(try await desk.send(("signed", "1"), ("note", "换了电池，能响了")) == "taken")
            let (done, given, files) = try await house.services.database.read { tx in
                (
                    try VisitQueries.find(id, tx), try VisitQueries.given(at: id, tx),
                    try VisitQueries.photos(of: id, .photo, tx).count
                )
            }
            #expect(done?.state == .done && done?.result == .changed && done?.signer == "陈秀英")
            #expect(done?.note == "换了电池，能响了" && given == ["gasAlarm": "坏了", "wiring": "没有"] && files == 1)
            #expect(try await desk.count("SELECT count(*) FROM visit_attempt WHERE visit_id = \(id)") == 1)
            #expect(try await desk.isDone())
        }
    }

    /// The words of a piece of work at a point, in a round of the phone's own.
    private func at(_ point: ID<Place>, _ route: ID<Place>, _ kind: String, _ more: String, round: Int = 1) -> String {
        #""kind":"\#(kind)","route":"\#(route)","round":"round-000\#(round)","point":"\#(point)","before":"open--"\#(more)"#
    }

    @Test("巡查：正常还是有隐患、是什么隐患、点位码、照片都能补；缺证明的说明白", arguments: TestEngine.enabled)
    func patrol(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await PatrolsTests.route(house)
            let points = try await PatrolsTests.points(house)
            let code = try await PatrolsTests.code(points[0], route, house)
            let desk = try await Desk(house)
            let proof = #","code":"\#(code)""#
            let entrance = [PhoneWork.picture("entrance")]
            let signed = at(points[0], route, "sign", proof)
            let seen = try await desk.take("oooooooo-1", "patrols", signed, photos: entrance)
            #expect(seen.kind == .refused)
            let page = try await desk.page()
            for words in ["3号楼消防 · 幸福里小区3号楼2单元", "name=\"fix-kind\"", "楼道堆物", "name=\"after\""] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(try await desk.send() == "refused", "a photo does not say which it is")
            #expect(try await desk.page().contains("请选正常，还是有隐患"))
            #expect(try await desk.count("SELECT count(*) FROM patrol_sign") == 0)
            #expect(try await desk.send(("kind", "sign")) == "taken")
            #expect(try await desk.count("SELECT count(*) FROM patrol_sign WHERE is_normal = 1") == 1)
            #expect(try await desk.count("SELECT count(*) FROM patrol_photo") == 1)
            // Words and a photo of it now, and nobody chose what it is.
            let heap =
                #","lat":39.91525,"lon":116.40205,"hazard":"","text":"纸箱","settled":"清走了","after":1"#
            let pictures = [PhoneWork.picture("heap"), PhoneWork.picture("clear")]
            let found = at(points[1], route, "finding", heap)
            #expect(try await desk.take("oooooooo-2", "patrols", found, photos: pictures).kind == .refused)
            #expect(try await desk.page().contains(">纸箱</textarea>"))
            #expect(try await desk.send(("kind", "sign")) == "refused")
            #expect(try await desk.page().contains("请改一处"))
            #expect(try await desk.send(("kind", "finding")) == "refused")
            #expect(try await desk.page().contains("请选是什么隐患"))
            #expect(try await desk.send(("hazard", "heap")) == "taken")
            #expect(try await desk.count("SELECT count(*) FROM patrol_finding WHERE is_settled = 1") == 1)
            #expect(
                try await desk.count("SELECT count(*) FROM case_photo p JOIN patrol_finding f USING (case_id)") == 2)
            #expect(try await desk.isDone())
        }
    }

    @Test("巡查没有定位也没有码：说明白去哪里重新签到，写的还在；有码能补，缺的照片能加", arguments: TestEngine.enabled)
    func unproven(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await PatrolsTests.route(house)
            let points = try await PatrolsTests.points(house)
            let code = try await PatrolsTests.code(points[0], route, house)
            let desk = try await Desk(house)
            let words = #","hazard":"stairwell","text":"三楼堆了纸箱","settled":"","after":0"#
            let things = at(points[0], route, "finding", words)
            #expect(try await desk.take("qqqqqqqq-1", "patrols", things).kind == .refused)
            let page = try await desk.page()
            #expect(page.contains("这一条在这里补不了") && page.contains("href=\"/grid/patrols\""))
            #expect(page.contains(">三楼堆了纸箱</textarea>") && page.contains("value=\"stairwell\" selected"))
            #expect(try await desk.send() == "refused")
            #expect(try await desk.page().contains("请扫点位码"))
            #expect(try await desk.send(("code", code)) == "taken")
            #expect(try await desk.count("SELECT count(*) FROM patrol_finding") == 1)
            // As it should be after all, at a point that asks for a photo: it is added on the page.
            let normal = at(points[0], route, "finding", #","code":"\#(code)","hazard":"","text":"看过了""#, round: 2)
            #expect(try await desk.take("qqqqqqqq-2", "patrols", normal).kind == .refused)
            #expect(try await desk.send(("kind", "sign"), ("text", "")) == "refused")
            #expect(try await desk.page().contains("要拍一张照片"))
            var added = OfflineForm.Added()
            added.photos = [try await house.photo(desk.context)]
            let outcome = try await OfflineSync.insist(
                on: try await desk.entry(), added: added, desk.context, house.services)
            #expect(outcome == .taken)
            #expect(try await desk.count("SELECT count(*) FROM patrol_photo") == 1)
            #expect(try await desk.isDone())
        }
    }

    @Test("这一趟在这个点位签到过：不用再证明，补好就办；清单、照片按带走的时候的", arguments: TestEngine.enabled)
    func signed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await PatrolsTests.route(house)
            let points = try await PatrolsTests.points(house)
            let code = try await PatrolsTests.code(points[0], route, house)
            var desk = try await Desk(house)
            let sign = at(points[0], route, "sign", #","code":"\#(code)""#)
            let taken = try await desk.take(
                "rrrrrrrr-1", "patrols", sign, photos: [PhoneWork.picture("entrance")], isUnfinished: false)
            #expect(taken == .taken)
            // The list is changed after it went along and before the hazard is seen.
            try await house.services.database.write(try await house.context(.head), "test.list") { tx in
                let (old, new) = ("stairwell | 楼道堆物 | Things | R1301", "heap | 乱堆物料 | Materials | E0407")
                try tx.execute(
                    """
                    UPDATE patrol_route SET checklist = \(new), checklist_before = \(old),
                        checklist_since = \(tx.now.adding(minutes: 5)) WHERE id = \(route)
                    """)
                try tx.audit(Subject("patrolRoute", route), fields: ["route"])
            }
            house.clock.advance(minutes: 10)
            desk.context = try await house.context(DemoStaff.gridWorker1)
            // As the phone writes it at a point it has a sign of: without code and position.
            let words = #","hazard":"","text":"三楼堆了纸箱","settled":"","did":"叫了物业","after":0"#
            let half = try await desk.take("rrrrrrrr-2", "patrols", at(points[0], route, "finding", words))
            #expect(half.kind == .refused)
            let page = try await desk.page()
            #expect(!page.contains("这一条在这里补不了") && page.contains(">三楼堆了纸箱</textarea>"))
            #expect(page.contains("写的是“叫了物业”"), "written without the tick: shown, and not taken for settled")
            #expect(page.contains("value=\"stairwell\""), "the list that went along is offered, not only the new one")
            #expect(try await desk.send(("kind", "finding"), ("hazard", "stairwell")) == "taken")
            #expect(try await desk.count("SELECT count(*) FROM patrol_finding WHERE is_settled = 0") == 1)
            #expect(try await desk.isDone())
        }
    }

    @Test("比对以后、上报以前，同事先报了：不报第二件，两边并排", arguments: TestEngine.enabled)
    func faster(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let route = try await PatrolsTests.route(house)
            let points = try await PatrolsTests.points(house)
            let code = try await PatrolsTests.code(points[0], route, house)
            try await house.roster(DemoStaff.worker.phone)
            let colleague = try await house.context(.worker)
            let desk = try await Desk(house)
            let begun = try await house.send(
                "/grid/patrols", Form([(name: "route", value: "\(route)")]), colleague)
            let path = "\(try #require(begun))/points/\(points[0])/finding"
            let theirs = Form([(name: "code", value: code), (name: "hazard", value: "stairwell")])
            meddler.before { _ = try await house.send(path, theirs, colleague) }
            let mine = at(points[0], route, "finding", #","code":"\#(code)","hazard":"stairwell""#)
            let outcome = try await desk.take(
                "rrrrrrrr-1", "patrols", mine, photos: [PhoneWork.picture("mine")], isUnfinished: false)
            #expect(outcome.kind == .conflict && outcome.differences.map(\.field) == ["patrol.hazard"])
            #expect(try await desk.count("SELECT count(*) FROM patrol_finding") == 1)
            #expect(try await desk.count("SELECT count(*) FROM patrol_sign") == 1)
        }
    }
}
