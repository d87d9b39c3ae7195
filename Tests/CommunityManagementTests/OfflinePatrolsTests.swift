import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Rounds without a network: what goes along, done once at the hour it was done, on duty only, both sides where they differ.
@Suite("离线巡查")
struct OfflinePatrolsTests {
    /// A phone that holds the grid of the demo's first grid worker, on duty for twelve hours, and the route of `PatrolsTests`.
    private struct Walk {
        let house: House
        let phone: PhoneWork
        let route: ID<Place>
        /// The entrance, which asks for a photo, and the gate.
        let points: [ID<Place>]
        let code: String

        /// Seals a piece of work of the round that the phone calls `round-0001` and sends it.
        func take(
            _ key: String, _ kind: String, _ more: String = "", point: ID<Place>? = nil, round: String = "round-0001",
            at: Instant? = nil, photos: [[UInt8]] = [], by person: DemoStaff = .gridWorker1
        ) async throws -> OfflineOutcome {
            let now = house.clock.clock.now
            let spot = point.map { #","point":"\#($0)""# } ?? ""
            let begun = phone.lease.issuedAt.adding(minutes: 5).milliseconds
            let body =
                #"{"kind":"\#(kind)","route":"\#(route)","round":"\#(round)","begun":\#(begun)\#(spot)\#(more)}"#
            let sealed = try phone.sealed(key, part: "patrols", at: at ?? now, body: body, photos: photos)
            return try await OfflineSync.take(
                sealed, key: key, lease: phone.lease.id, try await house.context(person), house.services)
        }

        func count(_ sql: SQL) async throws -> Int { try await house.value(sql) ?? 0 }
    }

    private static let casePhotos: SQL = "SELECT count(*) FROM case_photo p JOIN patrol_finding f USING (case_id)"

    private func withWalk(_ engine: TestEngine, _ body: (Walk) async throws -> Void) async throws {
        try await withHouse(engine) { house in
            let route = try await PatrolsTests.route(house)
            let points = try await PatrolsTests.points(house)
            let worker = DemoStaff.gridWorker1
            try await house.roster(worker.phone)
            let (lease, _) = try await OfflineLease.issue(
                for: try #require(DivisionCode("110101001901001")), try await house.session(worker.phone),
                try await house.context(worker), house.services)
            let code = try await PatrolsTests.code(points[0], route, house)
            try await body(Walk(house: house, phone: PhoneWork(lease), route: route, points: points, code: code))
        }
    }

    private func given(_ walk: Walk, _ person: DemoStaff = .gridWorker1) async throws -> String {
        let part = try #require(walk.house.services.features.offline.first { $0.id == "patrols" })
        let json = try await part.give(
            walk.phone.lease, [], try await walk.house.context(person), walk.house.services)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("带走的是本网格的路线、点位和班次，没有点位码", arguments: TestEngine.enabled)
    func goesAlong(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let all = try await given(walk)
            for part in [#""name":"3号楼消防""#, #""photo":true"#, #""metres":80"#, #""id":"stairwell""#, #""duty":[["#] {
                #expect(all.contains(part), "\(part)")
            }
            #expect(!all.contains(walk.code), "the code itself stays on the wall")
            #expect(all.contains(#""patrol":"","begun":null"#))
            let worker = try await walk.house.context(DemoStaff.gridWorker1)
            _ = try await walk.house.send(
                "/grid/patrols", Form([(name: "route", value: "\(walk.route)")]), worker)
            #expect(try await !given(walk).contains(#""patrol":"""#), "the round that is walked goes along")
        }
    }

    @Test("离线巡一趟：各到一次，按现场的钟点，照片、隐患工单、轨迹都在", arguments: TestEngine.enabled)
    func wholeRound(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let began = walk.phone.lease.issuedAt
            let (first, second, third) = (
                began.adding(minutes: 10), began.adding(minutes: 20), began.adding(minutes: 30)
            )
            walk.house.clock.advance(minutes: 120)
            let track =
                #","track":[{"at":\#(first.milliseconds),"lat":39.9152,"lon":116.402}"#
                + #",{"at":\#(began.adding(minutes: -60).milliseconds),"lat":39.9,"lon":116.4}]"#
            for _ in 0..<2 {
                let signed = try await walk.take(
                    "pppppppp-1", "sign", #","code":"\#(walk.code)","before":"open--""# + track, point: walk.points[0],
                    at: first, photos: [PhoneWork.picture("entrance")])
                #expect(signed == .taken)
                let found = try await walk.take(
                    "pppppppp-2", "finding",
                    #","lat":39.91525,"lon":116.40205,"before":"open--","hazard":"heap","text":"纸箱","#
                        + #""settled":"清走了","after":1"#,
                    point: walk.points[1], at: second,
                    photos: [PhoneWork.picture("heap"), PhoneWork.picture("clear")])
                #expect(found.kind == .taken && found.number != nil)
                #expect(try await walk.take("pppppppp-3", "finish", at: third) == .taken)
            }
            let round = try await walk.house.services.database.read { tx in
                try tx.all("SELECT started_at, ended_at FROM patrol") { (try $0[0] as Instant, try $0[1] as Instant?) }
            }
            #expect(round.count == 1 && round[0].0 == began.adding(minutes: 5) && round[0].1 == third)
            let signs = try await walk.house.services.database.read { tx in
                try tx.all("SELECT at, way, is_normal FROM patrol_sign ORDER BY at") {
                    (at: try $0[0] as Instant, way: try $0[1] as String, isNormal: try $0[2] as Bool)
                }
            }
            #expect(signs.map(\.at) == [first, second] && signs.map(\.way) == ["code", "position"])
            #expect(signs.map(\.isNormal) == [true, false])
            #expect(try await walk.count("SELECT count(*) FROM patrol_photo") == 1)
            #expect(try await walk.count("SELECT count(*) FROM patrol_finding WHERE is_settled = 1") == 1)
            #expect(
                try await walk.count(Self.casePhotos) == 2)
            // Only what was on the way: an hour before the round nobody was followed.
            let places = try await walk.house.services.database.read { tx in
                try tx.all("SELECT at FROM patrol_track") { try $0[0] as Instant }
            }
            #expect(places == [first])
            let audited = try await walk.count(
                "SELECT count(*) FROM audit_entry WHERE command = 'offline.patrol' AND subject_kind = 'patrol'")
            #expect(audited >= 2)
            #expect(try await walk.count("SELECT count(*) FROM offline_entry WHERE part = 'patrols'") == 3)
        }
    }

    @Test("不在班、码不对、缺照片、别人的网格：没收下，说明原因；路线停了，巡过的仍然收", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let proof = #","code":"\#(walk.code)""#
            let wrong = try await walk.take(
                "qqqqqqqq-1", "sign", #","code":"\#(walk.points[0])-aaaaaaaa""#, point: walk.points[0])
            #expect(wrong.kind == .refused && wrong.text?.zh.contains("不是这个点位的码") == true)
            let bare = try await walk.take("qqqqqqqq-2", "sign", proof, point: walk.points[0])
            #expect(bare.kind == .refused && bare.text?.zh.contains("要拍一张照片") == true)
            let away = try await walk.take(
                "qqqqqqqq-3", "sign", #","lat":39.92,"lon":116.402"#, point: walk.points[1])
            #expect(away.text?.zh.contains("米以内才能签到") == true)
            let unproven = try await walk.take(
                "qqqqqqqq-4", "finding", proof + #","hazard":"heap","settled":"清走了""#, point: walk.points[0])
            #expect(unproven.text?.zh.contains("处理后的照片") == true)
            for (key, kind) in [("qqqqqqqq-5", "dance"), ("qqqqqqqq-6", "sign")] {
                #expect(try await walk.take(key, kind, proof, point: ID(rawValue: 77)).kind == .refused)
            }
            let head = try await walk.house.context(DemoStaff.head)
            _ = try await walk.house.send("/desk/patrols/\(walk.route)/end", Form(), head)
            let late = try await walk.take(
                "qqqqqqqq-7", "sign", proof, point: walk.points[0], photos: [PhoneWork.picture("late")])
            #expect(late == .taken)
            // The shift ended before it was noted: nobody works, and nobody is followed, off duty.
            let now = walk.house.clock.clock.now
            try await walk.house.services.database.write(head, "test.roster") { tx in
                try tx.execute("UPDATE duty_shift SET ends_at = \(now.adding(minutes: 30))")
                try tx.audit(Subject("unit", 0), fields: ["roster"])
            }
            walk.house.clock.advance(minutes: 60)
            let off = try await walk.take(
                "qqqqqqqq-8", "sign", #","lat":39.91525,"lon":116.40205"#, point: walk.points[1])
            #expect(off.kind == .refused && off.text?.zh.contains("不在班上") == true)
            let before = try await walk.take(
                "qqqqqqqq-9", "sign", #","lat":39.91525,"lon":116.40205"#, point: walk.points[1],
                at: now.adding(minutes: 20))
            #expect(before == .taken, "sent after the shift, done in it")
        }
    }

    @Test("带走以后才加的点位、才要拍照的点位，不算已经走着的这一趟的；以后的一趟算", arguments: TestEngine.enabled)
    func changedMeanwhile(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let (house, began) = (walk.house, walk.phone.lease.issuedAt)
            house.clock.advance(minutes: 40)
            let changed = try await house.send(
                "/desk/patrols/\(walk.route)/edit",
                Form(
                    [
                        (name: "name", value: "3号楼消防"), (name: "from", value: "09:00"),
                        (name: "until", value: "11:00"), (name: "version", value: "1"),
                        (
                            name: "points",
                            value: "幸福里小区3号楼2单元 *\n小区北门 @39.9152,116.4020 *\n小区南门 @39.9148,116.4020"
                        ),
                        (name: "checklist", value: "stairwell | 楼道堆物 | Things | R1301"),
                    ] + (1...7).map { (name: "weekday", value: "\($0)") }), try await house.context(DemoStaff.head))
            #expect(changed == "/desk/patrols?done=change")
            let south = try #require(try await PatrolsTests.points(house).last)
            #expect(!walk.points.contains(south))
            // Walked before the change, sent after it.
            let entrance = try await walk.take(
                "tttttttt-1", "sign", #","code":"\#(walk.code)","before":"open--""#, point: walk.points[0],
                at: began.adding(minutes: 10), photos: [PhoneWork.picture("entrance")])
            let gate = try await walk.take(
                "tttttttt-2", "sign", #","lat":39.91525,"lon":116.40205,"before":"open--""#, point: walk.points[1],
                at: began.adding(minutes: 20))
            #expect(entrance == .taken && gate == .taken, "the phone did not ask for a photo of the gate")
            let found = try await walk.take(
                "tttttttt-4", "finding",
                #","lat":39.91525,"lon":116.40205,"before":"open-normal-","hazard":"escape""#, point: walk.points[1],
                at: began.adding(minutes: 25), photos: [PhoneWork.picture("blocked")])
            #expect(found.kind == .taken && found.number != nil, "what the list had when it was walked")
            #expect(try await walk.take("tttttttt-3", "finish", at: began.adding(minutes: 30)) == .taken)
            #expect(try await given(walk).contains(#""walked":true"#), "both points that there were")
            // Who begins after the change has three points to sign.
            let worker = try await house.context(DemoStaff.gridWorker1)
            let base = try #require(
                try await house.send("/grid/patrols", Form([(name: "route", value: "\(walk.route)")]), worker))
            #expect(try await house.send(base + "/finish", Form(), worker) == "/grid/patrols?done=part")
            #expect(try await house.open("/desk/patrols", query: [], house.context(DemoStaff.head)).contains("3 个点位"))
        }
    }

    @Test("带走以后点位挪了位置，挪两次也一样：离线的这一趟按当时的位置算距离", arguments: TestEngine.enabled)
    func movedMeanwhile(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let (house, began) = (walk.house, walk.phone.lease.issuedAt)
            for (version, gate) in [("1", "39.9252,116.4020"), ("2", "39.9352,116.4020")] {
                house.clock.advance(minutes: 20)
                let head = try await house.context(DemoStaff.head)
                let changed = try await house.send(
                    "/desk/patrols/\(walk.route)/edit",
                    Form(
                        [
                            (name: "name", value: "3号楼消防"), (name: "from", value: "09:00"),
                            (name: "until", value: "11:00"), (name: "version", value: version),
                            (name: "points", value: "幸福里小区3号楼2单元 *\n小区北门 @\(gate)"),
                            (name: "checklist", value: "stairwell | 楼道堆物 | Things | R1301"),
                        ] + (1...7).map { (name: "weekday", value: "\($0)") }), head)
                #expect(changed == "/desk/patrols?done=change")
            }
            let away = try await walk.take(
                "uuuuuuuu-1", "sign", #","lat":39.93521,"lon":116.40202,"before":"open--""#, point: walk.points[1],
                at: began.adding(minutes: 10))
            #expect(away.kind == .refused, "where it is now nobody was then")
            let gate = try await walk.take(
                "uuuuuuuu-2", "sign", #","lat":39.91525,"lon":116.40205,"before":"open--""#, point: walk.points[1],
                at: began.adding(minutes: 10))
            #expect(gate == .taken)
            #expect(try await walk.count("SELECT metres FROM patrol_sign") < 80)
            #expect(try await walk.count("SELECT count(*) FROM patrol_point_before") == 2)
        }
    }

    @Test("同事先报了同一隐患：两边并排；用现在的，不再报；用我的，另成一件", arguments: TestEngine.enabled)
    func sameHazard(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let house = walk.house
            try await house.roster(DemoStaff.worker.phone)
            let colleague = try await house.context(DemoStaff.worker)
            func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }
            let base = try #require(
                try await house.send("/grid/patrols", form(("route", "\(walk.route)")), colleague))
            let told = try await house.send(
                "\(base)/points/\(walk.points[0])/finding", form(("code", walk.code), ("hazard", "stairwell")),
                colleague)
            #expect(told?.hasPrefix("\(base)?done=") == true)
            house.clock.advance(minutes: 30)
            let proof = #","code":"\#(walk.code)","before":"open--","hazard":"stairwell""#
            let seen = try await walk.take(
                "rrrrrrrr-1", "finding", proof, point: walk.points[0], photos: [PhoneWork.picture("mine")])
            #expect(seen.kind == .conflict && seen.differences.map(\.field) == ["patrol.hazard"])
            #expect(seen.differences.first?.words?.theirs.zh.contains("同事已上报") == true)
            #expect(try await walk.count("SELECT count(*) FROM patrol_finding") == 1)
            let mark = seen.differences.first?.mark ?? ""
            let mine = try await walk.take(
                "rrrrrrrr-2", "mine", #","settles":"rrrrrrrr-1","before":"\#(mark)""#, point: walk.points[0])
            #expect(mine.kind == .taken && mine.number != nil)
            #expect(try await walk.count("SELECT count(*) FROM patrol_finding") == 2)
            #expect(
                try await walk.count(Self.casePhotos) == 1)
            let again = try await walk.take("rrrrrrrr-3", "finding", proof, point: walk.points[0])
            #expect(again.kind == .conflict)
            let theirs = try await walk.take("rrrrrrrr-4", "theirs", #","settles":"rrrrrrrr-3""#, point: walk.points[0])
            #expect(theirs == .taken)
            #expect(try await walk.count("SELECT count(*) FROM patrol_finding") == 2)
            #expect(
                try await walk.count(
                    "SELECT count(*) FROM offline_entry WHERE outcome = 'conflict' AND settled_at IS NULL") == 0)
            // What is against their own committee is not told to them, not by its number either.
            let theirCase = try #require(
                try await house.value("SELECT case_id FROM patrol_finding ORDER BY id LIMIT 1", as: ID<Case>.self))
            let committee = try await house.unit("幸福里社区居委会")
            try await house.services.commands.setAgainst(
                [committee], of: theirCase, reason: "核实过", try await house.context(.dispatcher))
            let sealed = try await walk.take("rrrrrrrr-5", "finding", proof, point: walk.points[0])
            #expect(sealed.kind != .conflict && sealed.differences.isEmpty)
        }
    }

    @Test("同一趟在网页上签了隐患或结束了：离线的“正常”先问人；在电脑上也能定", arguments: TestEngine.enabled)
    func sameRound(_ engine: TestEngine) async throws {
        try await withWalk(engine) { walk in
            let house = walk.house
            let worker = try await house.context(DemoStaff.gridWorker1)
            func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }
            let base = try #require(try await house.send("/grid/patrols", form(("route", "\(walk.route)")), worker))
            _ = try await house.send(
                "\(base)/points/\(walk.points[0])/finding", form(("code", walk.code), ("hazard", "stairwell")), worker)
            _ = try await house.send(base + "/finish", form(), worker)
            let patrol = String(base.split(separator: "/").last ?? "")
            house.clock.advance(minutes: 10)
            let normal = try await walk.take(
                "ssssssss-1", "sign", #","patrol":"\#(patrol)","code":"\#(walk.code)","before":"open--""#,
                point: walk.points[0], photos: [PhoneWork.picture("normal")])
            #expect(normal.kind == .conflict)
            #expect(normal.differences.map(\.field) == ["patrol.round", "patrol.sign"])
            #expect(try await walk.count("SELECT count(*) FROM patrol_sign WHERE is_normal = 1") == 0)
            let context = try await house.context(DemoStaff.gridWorker1)
            let keys = house.services.database.keys
            let account = try #require(context.actor.account)
            let waiting = try await house.services.database.read { try OfflineStore.undecided(of: account, keys, $0) }
            let id = try #require(waiting.first?.id)
            let page = try await house.open("/grid/phone/entries", query: [], context)
            #expect(page.contains("已在") && page.contains("有隐患") && page.contains("1 张照片"))
            #expect(try await OfflineSync.insist(on: id, context, house.services) == .taken)
            #expect(try await walk.count("SELECT count(*) FROM patrol_sign WHERE is_normal = 1") == 1)
            #expect(try await walk.count("SELECT count(*) FROM patrol_photo") == 1)
        }
    }
}
