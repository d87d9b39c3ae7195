import Administration
import CommunityManagement
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Logging
import Testing

/// Patrols through their pages: routes, signing in by code and by position, hazards as cases, tracks only on duty.
@Suite("巡查：点位签到、一点正常、隐患成工单、下班不记轨迹")
struct PatrolsTests {
    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// Puts somebody on the roster of the committee from an hour ago for three hours.
    private func onDuty(_ house: House, _ person: DemoStaff) async throws -> Context {
        let context = try await house.context(person)
        let account = try #require(context.actor.account)
        let unit = try await house.unit("幸福里社区居委会")
        try await house.services.database.write(context, "test.roster") { tx in
            try UnitsStore.roster(account, unit, from: tx.now.adding(hours: -1), until: tx.now.adding(hours: 3), tx)
        }
        return context
    }

    static func route(_ house: House) async throws -> ID<Place> {
        let head = try await house.context(DemoStaff.head)
        let made = try await house.send(
            "/desk/patrols",
            Form(
                [
                    (name: "name", value: "3号楼消防"), (name: "division", value: "110101001901001"),
                    (name: "from", value: "09:00"), (name: "until", value: "11:00"),
                    (name: "points", value: "幸福里小区3号楼2单元 *\n小区北门 @39.9152,116.4020"),
                    (
                        name: "checklist",
                        value:
                            "stairwell | 楼道堆物 | Things | R1301\nescape | 通道堵塞 | Blocked | R1302 | danger\nheap | 乱堆物料 | Materials | E0407"
                    ),
                ] + (1...7).map { (name: "weekday", value: "\($0)") }), head)
        #expect(made?.hasSuffix("/codes") == true)
        let id: Int64 = try #require(try await house.value("SELECT max(id) FROM patrol_route"))
        return ID(rawValue: id)
    }

    static func points(_ house: House) async throws -> [ID<Place>] {
        try await house.services.database.read {
            try $0.all("SELECT id FROM patrol_point ORDER BY position") { try $0[0] }
        }
    }

    /// The code of a point, read from the sheet that is printed.
    static func code(_ point: ID<Place>, _ route: ID<Place>, _ house: House) async throws -> String {
        let sheet = try await house.open("/desk/patrols/\(route)/codes", query: [], house.context(DemoStaff.head))
        let start = try #require(sheet.range(of: "\(point)-"))
        return String(sheet[start.lowerBound...].prefix { $0 != "<" && $0 != "\"" })
    }

    @Test("走一趟：码、定位签到，太远不行；隐患进工单，当场解决要有处理后的照片", arguments: TestEngine.enabled)
    func wholeRound(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await Self.route(house)
            let points = try await Self.points(house)
            let (first, second) = (points[0], points[1])
            let idle = try await house.context(DemoStaff.gridWorker2)
            #expect(
                try await house.send("/grid/patrols", form(("route", "\(route)")), idle) == nil, "off duty or elsewhere"
            )
            let worker = try await onDuty(house, .gridWorker1)
            #expect(try await house.open("/grid/patrols", query: [], worker).contains("3号楼消防"))
            let base = try #require(try await house.send("/grid/patrols", form(("route", "\(route)")), worker))
            #expect(try await house.send("/grid/patrols", form(("route", "\(route)")), worker) == base)
            #expect(try await house.open(base, query: [], idle).isEmpty)
            let code = try await Self.code(first, route, house)
            #expect(
                try await house.open("/grid/patrols/at/\(code)", query: [], worker).hasPrefix("\(base)/points/\(first)")
            )
            #expect(try await house.open("/grid/patrols/at/\(code)0", query: [], worker).isEmpty)
            let at = "\(base)/points/\(first)"
            let noPhoto = try await house.send(at + "/normal", form(("code", code)), worker)
            #expect(noPhoto?.contains("要拍一张照片") == true)
            let wrong = try await house.send(at + "/normal", form(("code", "\(first)-aaaaaaaa")), worker)
            #expect(wrong?.contains("这不是这个点位的码") == true)
            let gate = "\(base)/points/\(second)"
            let far = try await house.send(gate + "/normal", form(("lat", "39.9200"), ("lon", "116.4020")), worker)
            #expect(far?.contains("米以内才能签到") == true)
            #expect(
                try await house.send(gate + "/normal", form(("lat", "39.91525"), ("lon", "116.40205")), worker) == base
                    + "?done=normal")
            let metres: Int = try #require(
                try await house.value("SELECT metres FROM patrol_sign ORDER BY id DESC LIMIT 1"))
            #expect((5...9).contains(metres), "\(metres) m")
            // A hazard becomes a case, once.
            let hazard = form(
                ("code", code), ("hazard", "stairwell"), ("text", "二层堆了纸箱"), ("once", "0123456789abcdef0123"))
            let told = try #require(try await house.send(at + "/finding", hazard, worker))
            #expect(try await house.send(at + "/finding", hazard, worker) == told)
            #expect(try await house.value("SELECT count(*) FROM patrol_finding") == 1)
            let category: String? = try await house.value(
                "SELECT c.category FROM patrol_finding f JOIN case_item c ON c.id = f.case_id")
            #expect(category == "R1301")
            let none = try await house.send(at + "/finding", form(("code", code), ("hazard", "x")), worker)
            #expect(none?.contains("请选是什么隐患") == true)
            let unproven = form(("code", code), ("hazard", "heap"), ("settled", "yes"), ("settledWith", "清走了"))
            #expect(try await house.send(at + "/finding", unproven, worker)?.contains("请拍一张处理后的照片") == true)
            #expect(try await house.open(base, query: [], worker).contains("有隐患"))
            let desk = try await house.open("/desk/patrols", query: [], house.context(DemoStaff.head))
            #expect(desk.contains("二层堆了纸箱") && desk.contains("正在巡") && !desk.contains("李强"))
            #expect(try await house.send(base + "/finish", form(), worker) == "/grid/patrols?done=finish")
        }
    }

    @Test("空趟、漏了点位、不在时段里的都不算巡过：写没巡完几分之几，路线还要巡，过了时段算漏巡", arguments: TestEngine.enabled)
    func emptyRound(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let start = Instant(house.clock.clock.now.date.adding(days: 1), hour: 9)
            let route = try await Self.route(house)
            let points = try await Self.points(house)
            house.clock.set(start)
            _ = try await onDuty(house, .gridWorker1)
            func round(signing count: Int) async throws -> String? {
                let worker = try await house.context(DemoStaff.gridWorker1)
                let base = try #require(try await house.send("/grid/patrols", form(("route", "\(route)")), worker))
                for point in points.prefix(count) {
                    let finding = form(
                        ("code", try await Self.code(point, route, house)), ("hazard", "stairwell"),
                        ("once", randomToken()))
                    _ = try await house.send("\(base)/points/\(point)/finding", finding, worker)
                }
                return try await house.send(base + "/finish", form(), worker)
            }
            func report() async throws -> String {
                try await house.open(
                    "/desk/reports", query: [("division", "110101001901"), ("as", "csv")],
                    house.context(DemoStaff.head))
            }
            #expect(try await round(signing: 0) == "/grid/patrols?done=part")
            #expect(try await round(signing: 1) == "/grid/patrols?done=part")
            let today = try await house.open("/grid/patrols", query: [], house.context(DemoStaff.gridWorker1))
            #expect(today.contains("没巡完 1/2") && today.contains("今天要巡") && !today.contains("今天巡过"))
            let counted = try await report()
            #expect(counted.contains("有 2 趟没巡完或不在时段里"))
            house.clock.set(start.adding(minutes: 121))
            let desk = try await house.open("/desk/patrols", query: [], house.context(DemoStaff.head))
            #expect(desk.contains("漏巡：") && desk.contains("（没巡完 1/2）"))
            // Long after its window even a whole round is late.
            house.clock.set(start.adding(minutes: 151))
            #expect(try await round(signing: 2) == "/grid/patrols?done=part")
            let late = try await house.open("/grid/patrols", query: [], house.context(DemoStaff.gridWorker1))
            #expect(late.contains("巡过，不在时段里") && late.contains("今天没巡"))
            // Within the tolerance it counts, and the day is missed no more.
            house.clock.set(start.adding(minutes: 1440 - 26))
            _ = try await onDuty(house, .gridWorker1)
            #expect(try await round(signing: 2) == "/grid/patrols?done=finish")
            let walked = try await house.open("/grid/patrols", query: [], house.context(DemoStaff.gridWorker1))
            #expect(walked.contains("今天巡过"))
        }
    }

    @Test("轨迹只在巡查、在班时记，写明原因才看，到期删", arguments: TestEngine.enabled)
    func tracks(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await Self.route(house)
            let worker = try await onDuty(house, .gridWorker1)
            let base = try #require(try await house.send("/grid/patrols", form(("route", "\(route)")), worker))
            let here = form(("lat", "39.9152"), ("lon", "116.4020"))
            #expect(try await house.send(base + "/track", here, worker) == base)
            let id = try #require(base.split(separator: "/").last)
            let look = "/desk/patrols/tracks/\(id)"
            let head = try await house.context(DemoStaff.head)
            let stranger = try await house.context(DemoStaff.locustHead)
            #expect(try await house.send(look, form(("reason", "电话打不通")), stranger) == nil)
            await #expect(throws: LinliError.self) { _ = try await house.send(look, form(), head) }
            #expect(try await house.send(look, form(("reason", "电话打不通")), head)?.contains("39.9152") == true)
            let looked: Int? = try await house.value("SELECT count(*) FROM audit_entry WHERE command = 'patrols.look'")
            #expect(looked == 1)
            // Off duty nothing is kept, whatever the phone sends.
            house.clock.advance(minutes: 4 * 60)
            let later = try await house.context(DemoStaff.gridWorker1)
            #expect(try await house.send(base + "/track", here, later) == nil)
            #expect(try await house.value("SELECT count(*) FROM patrol_track") == 1)
            house.clock.advance(minutes: 8 * 1440)
            let now = house.clock.clock.now
            for job in Feature.patrols.jobs {
                try await job.run(
                    JobRun(
                        database: house.services.database, payload: "", context: .system(job.id, now: now),
                        logger: house.logger))
            }
            #expect(try await house.value("SELECT count(*) FROM patrol_track") == 0)
        }
    }

    @Test("漏巡按路线说，停了的路线不再巡；填错了说哪里", arguments: TestEngine.enabled)
    func missedWindows(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await Self.route(house)
            let head = try await house.context(DemoStaff.head)
            #expect(try await house.open("/desk/patrols", query: [], head).contains("7 天没漏"))
            house.clock.advance(minutes: 3 * 1440)
            let later = try await house.context(DemoStaff.head)
            let desk = try await house.open("/desk/patrols", query: [], later)
            #expect(desk.contains("漏巡：") && desk.contains("11月22日"))
            let wrong = form(
                ("name", ""), ("division", "110101001901"), ("from", "12:00"), ("until", "11:00"), ("checklist", "x"))
            let refused = try #require(try await house.send("/desk/patrols", wrong, later))
            #expect(refused.contains("要比开始晚") && refused.contains("一行一个") && refused.contains("看不懂"))
            #expect(
                try await house.send("/desk/patrols/\(route)/end", form(), house.context(DemoStaff.locustHead)) == nil)
            #expect(try await house.send("/desk/patrols/\(route)/end", form(), later) == "/desk/patrols?done=end")
            #expect(try await house.open("/desk/patrols", query: [], later).contains("还没有路线"))
        }
    }

    @Test("巡到半夜 24:00 的路线也能改，“到”填 00:00 就是 24:00；不比开始晚的，说在“到”那里", arguments: TestEngine.enabled)
    func untilMidnight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await Self.route(house)
            let head = try await house.context(DemoStaff.head)
            try await house.services.database.write(head, "test.until") { tx in
                try tx.execute("UPDATE patrol_route SET until_minute = 1440 WHERE id = \(route)")
                try tx.audit(Subject("patrolRoute", route), fields: ["route"])
            }
            let path = "/desk/patrols/\(route)/edit"
            let page = try await house.open(path, query: [], head)
            #expect(page.contains("name=\"until\" type=\"time\" required value=\"00:00\""))
            func fields(_ from: String, _ until: String) -> Form {
                Form(
                    [
                        (name: "name", value: "夜里一圈"), (name: "from", value: from), (name: "until", value: until),
                        (name: "points", value: "小区北门 *"),
                        (name: "checklist", value: "heap | 乱堆物料 | Materials | E0407"), (name: "version", value: "1"),
                    ] + (1...7).map { (name: "weekday", value: "\($0)") })
            }
            let wrong = try #require(try await house.send(path, fields("22:00", "21:00"), head))
            #expect(wrong.contains("id=\"until-error\"") && !wrong.contains("id=\"from-error\""))
            #expect(try await house.send(path, fields("22:00", "00:00"), head) == "/desk/patrols?done=change")
            let until = try await house.value(
                "SELECT until_minute FROM patrol_route WHERE id = \(route)", as: Int.self)
            #expect(until == 1440)
            #expect(try await house.open("/desk/patrols", query: [], head).contains("22:00–24:00"))
        }
    }

    @Test("改路线：没改名的点位码照旧，去掉的不再签；旧版本改不了；改了时段从今天起算漏巡", arguments: TestEngine.enabled)
    func changed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let route = try await Self.route(house)
            let points = try await Self.points(house)
            let gate = points[1]
            let oldCode = try await Self.code(gate, route, house)
            house.clock.advance(minutes: 3 * 1440)
            let head = try await house.context(DemoStaff.head)
            let path = "/desk/patrols/\(route)/edit"
            let page = try await house.open(path, query: [], head)
            #expect(page.contains("小区北门") && page.contains("幸福里小区3号楼2单元 *"))
            #expect(try await house.open("/desk/patrols", query: [], head).contains("漏巡："))
            func fields(_ version: Int, points: String) -> Form {
                Form(
                    [
                        (name: "name", value: "3号楼和北门"), (name: "from", value: "14:00"),
                        (name: "until", value: "23:30"), (name: "points", value: points),
                        (name: "checklist", value: "heap | 乱堆物料 | Materials | E0407"),
                        (name: "version", value: "\(version)"),
                    ] + (1...7).map { (name: "weekday", value: "\($0)") })
            }
            let wished = "小区北门 *\n小区南门"
            let stranger = try await house.context(DemoStaff.locustHead)
            #expect(try await house.open(path, query: [], stranger).isEmpty)
            #expect(try await house.send(path, fields(1, points: wished), stranger) == nil)
            #expect(try await house.send(path, fields(1, points: ""), head)?.contains("一行一个") == true)
            #expect(try await house.send(path, fields(1, points: wished), head) == "/desk/patrols?done=change")
            #expect(try await house.send(path, fields(1, points: wished), head)?.contains("别人刚改过") == true)
            // The gate is the same point with the same code, where it was; the entrance is walked no more.
            let now = try await house.services.database.read { tx in
                try tx.all(
                    """
                    SELECT name, id, needs_photo, CASE WHEN latitude IS NULL THEN 0 ELSE 1 END FROM patrol_point
                    WHERE ended_at IS NULL ORDER BY position
                    """
                ) {
                    (
                        name: try $0[0] as String, id: try $0[1] as ID<Place>, photo: try $0[2] as Bool,
                        isSomewhere: try $0[3] as Bool
                    )
                }
            }
            #expect(now.map(\.name) == ["小区北门", "小区南门"])
            #expect(now[0].id == gate && now[0].photo && now[0].isSomewhere && now[1].id != points[0])
            #expect(try await Self.code(gate, route, house) == oldCode)
            let desk = try await house.open("/desk/patrols", query: [], head)
            #expect(desk.contains("3号楼和北门") && desk.contains("14:00–23:30") && desk.contains("7 天没漏"))
            let worker = try await onDuty(house, .gridWorker1)
            let base = try #require(try await house.send("/grid/patrols", form(("route", "\(route)")), worker))
            #expect(try await house.open("\(base)/points/\(points[0])", query: [], worker).isEmpty)
            #expect(try await !house.open("\(base)/points/\(gate)", query: [], worker).isEmpty)
        }
    }
}
