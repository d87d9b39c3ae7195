import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import Administration

/// Plans of grids: drawn, checked, published for a day; what lies in the grids follows on that day.
@Suite("网格方案")
struct GridPlansTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)
    /// North through grid 1, between its buildings 1, 3 and 2, 4.
    private static let line = "116.4028,39.9120\n116.4028,39.9185"

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// Begins a draft and gives its address.
    private func draft(_ house: House, _ context: Context) async throws -> String {
        let path = try await house.send("/admin/grid-plans", form([("under", "110101001901")]), context)
        return try #require(path)
    }

    private func grid(_ house: House, _ latitude: Double, _ longitude: Double) async throws -> Int64? {
        try await house.services.database.read { tx in
            try GridLocator.grid(latitude: latitude, longitude: longitude, at: house.clock.clock.now, tx)
                .map { $0.rawValue % 1000 }
        }
    }

    private func day(_ house: House, _ days: Int) -> String { "\(house.clock.clock.now.date.adding(days: days))" }

    private func move(_ house: House, _ path: String) async throws {
        let jobs = try Catalogue(House.features).jobs
        let job = try #require(jobs.first { $0.id == "grids.move" })
        let plan = String(path.split(separator: "/").last ?? "")
        let context = Context.system("grids.move", now: house.clock.clock.now)
        try await job.run(
            JobRun(database: house.services.database, payload: plan, context: context, logger: house.logger)
        )
        await house.deliver()
    }

    /// Draws what the tests publish: the school's yard is a grid, grid 1 is cut in two.
    private func drawn(_ house: House, _ context: Context) async throws -> String {
        let path = try await draft(house, context)
        let page = try await house.open(path, query: [], context)
        #expect(page.contains("空隙") && page.contains("补成一个网格"), "the school's yard belongs to nobody")
        let fill = form([("op", "fill"), ("line", "116.40710,39.91640")])
        #expect(try await house.send(path + "/edit", fill, context) == path + "?done=edit")
        let split = form([("op", "split"), ("grid", "1"), ("line", Self.line)])
        #expect(try await house.send(path + "/edit", split, context) == path + "?done=edit")
        return path
    }

    @Test("画、查、公布；当天起点按新网格，地点、工单、数字跟着走", arguments: TestEngine.enabled)
    func wholeLife(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = try await drawn(house, administrator)
            let checked = try await house.open(path, query: [], administrator)
            #expect(checked.contains("没有重叠，没有空隙") && checked.contains("第5网格"))
            let when = form([("day", day(house, 1)), ("reason", "楼多了，拆一个网格")])
            #expect(try await house.send(path + "/publish", when, administrator) == path + "?done=publish")
            // Until the day has come everything is as it was.
            #expect(try await grid(house, 39.9138, 116.4035) == 1)
            try await move(house, path)
            #expect(try await house.place("幸福里小区2号楼").division.rawValue % 1000 == 1)
            let before = try await openCases(house)
            house.clock.set(Instant(house.clock.clock.now.date.adding(days: 1), hour: 0, minute: 5))
            #expect(try await grid(house, 39.9138, 116.4035) == 5)
            #expect(try await grid(house, 39.9138, 116.4020) == 1)
            #expect(try await grid(house, 39.9164, 116.4071) == 4, "the school's yard")
            try await move(house, path)
            #expect(try await house.place("幸福里小区2号楼").division.rawValue % 1000 == 5)
            #expect(try await house.place("幸福里小区2号楼1单元").division.rawValue % 1000 == 5)
            #expect(try await house.place("幸福里小区1号楼").division.rawValue % 1000 == 1)
            let after = try await openCases(house)
            #expect(after[5, default: 0] > 0 && after.values.reduce(0, +) == before.values.reduce(0, +))
            try await check(house)
            let list = try await house.open("/admin/grid-plans", query: [("under", "110101001901")], administrator)
            #expect(list.contains("第 1 版") && list.contains("楼多了，拆一个网格") && list.contains("已划入新网格"))
            // Doing it again moves nothing.
            try await move(house, path)
            #expect(try await openCases(house) == after)
        }
    }

    /// Open cases of the community by the number of their grid, those of the community as a whole under 0.
    private func openCases(_ house: House) async throws -> [Int64: Int] {
        try await house.services.database.read { tx in
            var counts: [Int64: Int] = [:]
            try tx.each(
                "SELECT grid, count(*) FROM case_item WHERE community = \(Self.community) AND is_open = 1 GROUP BY grid"
            ) { row in
                let grid: Int64 = try row[0]
                counts[grid % 1000] = try row[1]
            }
            return counts
        }
    }

    /// Rows agree with their places, counts with the rows, and the full text with both.
    private func check(_ house: House) async throws {
        try await house.services.database.read { tx in
            let astray: Int? = try tx.value(
                """
                SELECT count(*) FROM case_item c JOIN place p ON p.id = c.place_id
                WHERE c.community = \(Self.community) AND c.is_open = 1 AND c.latitude IS NULL AND c.grid <> p.division
                """
            )
            #expect(astray == 0)
            let homeless: Int? = try tx.value(
                """
                SELECT count(*) FROM account a JOIN place p ON p.id = a.place_id
                WHERE p.division BETWEEN \(Self.community.range.lowerBound) AND \(Self.community.range.upperBound)
                AND a.division <> p.division
                """
            )
            #expect(homeless == 0)
            let told: Int? = try tx.value("SELECT count(*) FROM case_entry WHERE transition = 'gridMoved'")
            let moved: Int? = try tx.value("SELECT coalesce(sum(moved), 0) FROM grid_move WHERE kind = 'case'")
            #expect(told == moved, "each case that moved says so in its history")
            for number in Int64(1)...5 {
                let grid = Self.community.rawValue + number
                let rows: Int? = try tx.value("SELECT count(*) FROM case_item WHERE grid = \(grid)")
                let counted: Int? = try tx.value(
                    "SELECT coalesce(sum(total), 0) FROM case_count WHERE owner_kind = 'division' AND owner = \(grid)"
                )
                let found: Int? = try tx.value(
                    "SELECT count(*) FROM case_search WHERE \(SQL.matches("case_search", ["d\(grid)"]))"
                )
                #expect(rows == counted && rows == found, "grid \(number)")
            }
            let differences = try RegisterCounts.differences(tx)
            #expect(differences.isEmpty)
        }
    }

    @Test("并走的网格由接替的接下，岗位以外都跟着走", arguments: TestEngine.enabled)
    func merging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = try await drawn(house, administrator)
            let (home, person) = try await work(in: Self.community.rawValue + 3, house)
            // What is left of grid 1 lies west of the line: grid 3 has a border with grid 5 alone.
            let apart = form([("op", "merge"), ("grid", "3"), ("other", "1")])
            let refused = try await house.send(path + "/edit", apart, administrator)
            #expect(refused?.contains("没有共同的边界") == true)
            let merge = form([("op", "merge"), ("grid", "3"), ("other", "5")])
            #expect(try await house.send(path + "/edit", merge, administrator) == path + "?done=edit")
            #expect(try await house.open(path, query: [], administrator).contains("孙鹏的岗位"), "who walks grid 3 is named")
            let today = form([("day", day(house, 0)), ("reason", "第3网格太小")])
            #expect(try await house.send(path + "/publish", today, administrator) == path + "?done=publish")
            house.clock.advance(minutes: 1)
            try await move(house, path)
            let code = DivisionCode(rawValue: Self.community.rawValue + 3)
            try await house.services.database.read { tx in
                let found = try DivisionsStore.find(code, at: house.clock.clock.now, tx)
                let next = try DivisionsStore.current(code, tx)
                let places = try tx.exists("SELECT 1 FROM place WHERE division = \(code)")
                let accounts = try tx.exists("SELECT 1 FROM account WHERE division = \(code)")
                #expect(found == nil && next.rawValue % 1000 == 5 && !places && !accounts)
            }
            #expect(try await openCases(house)[3] == nil)
            try await check(house)
            // Routes, plans of visits, codes on walls and homes are worked on in the grid that took over.
            try await house.services.database.read { tx in
                let next = Self.community.rawValue + 5
                let households: SQL = "SELECT id FROM household WHERE dwelling_id = \(home)"
                for sql: SQL in [
                    "SELECT division FROM patrol_route WHERE name = '多福巷'",
                    "SELECT division FROM visit_plan WHERE name = '老人'", "SELECT division FROM wall_code",
                    "SELECT division FROM household WHERE dwelling_id = \(home)",
                    "SELECT DISTINCT division FROM visit_debt WHERE household_id IN (\(households))",
                ] {
                    #expect(try tx.all(sql) { try $0[0] as Int64 } == [next], "\(sql)")
                }
                let found: Int? = try tx.value(
                    """
                    SELECT count(*) FROM register_search WHERE rowid IN (\(home), \(person))
                    AND \(SQL.matches("register_search", ["d\(next)"]))
                    """)
                #expect(found == 2, "a dwelling and who lives there")
                let left: Int? = try tx.value(
                    "SELECT count(*) FROM register_search WHERE \(SQL.matches("register_search", ["d\(code)"]))")
                #expect(left == 0, "found in a grid that is no more")
            }
        }
    }

    /// The home of an elder in the lane, a code on its wall, a route and a plan of visits, all in grid 3.
    private func work(in grid: Int64, _ house: House) async throws -> (home: ID<Dwelling>, person: ID<Person>) {
        let (database, settings) = (house.services.database, house.services.registers)
        let worker = try await house.context(.worker)
        let yard = try await house.place("多福巷5号院")
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": "东屋", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: yard.id, worker, database, settings)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(["person.name": "样例甲", "person.born": "1944-03-08"]), .dwelling(dwelling), tie: .owner,
            relation: .head, worker, database, settings)
        let head = try await house.context(.head)
        _ = try await house.send("/desk/wall-codes", form([("place", "\(yard.id)")]), head)
        let route = [
            ("name", "多福巷"), ("division", "\(grid)"), ("from", "09:00"), ("until", "11:00"), ("points", "多福巷5号院"),
            ("checklist", "heap | 乱堆物料 | Materials | E0407"),
        ]
        _ = try await house.send("/desk/patrols", form(route + (1...7).map { ("weekday", "\($0)") }), head)
        _ = try await database.write(head, "test.plan") { tx in
            try tx.execute(
                """
                INSERT INTO visit_plan (id, name, division, care, every_days, form, created_at)
                VALUES (\(try tx.newID(VisitPlan.self)), '老人', \(grid), 'alone', 7, '', \(tx.now))
                """)
            try tx.audit(Subject("visitPlan", 1), fields: ["plan"])
        }
        await house.deliver()
        try await house.workOutLabels()
        return (dwelling, person)
    }

    @Test("没到日子可以收回，一切照旧，还是草稿", arguments: TestEngine.enabled)
    func withdrawing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = try await drawn(house, administrator)
            func state() async throws -> [String] {
                try await house.services.database.read { tx in
                    let grids = try DivisionsStore.children(of: Self.community, at: .init(milliseconds: 1 << 42), tx)
                    let areas = try GridAreasStore.outlines(in: Self.community, at: .init(milliseconds: 1 << 42), tx)
                    return grids.map(\.name) + areas.map { "\($0.code) \($0.area.squareMetres.rounded())" }
                }
            }
            let before = try await state()
            let when = form([("day", day(house, 30)), ("reason", "下个月再说")])
            #expect(try await house.send(path + "/publish", when, administrator) == path + "?done=publish")
            #expect(try await state() != before)
            let rename = form([("name", "东边网格")])
            let refused = try await house.send("/admin/divisions/110101001901001/rename", rename, administrator)
            #expect(refused?.contains("要改先收回它") == true)
            let second = try await draft(house, administrator)
            #expect(try await house.send(second + "/publish", when, administrator)?.contains("先收回它") == true)
            #expect(try await house.send(path + "/withdraw", Form(), administrator)?.contains("先处理手里的草稿") == true)
            _ = try await house.send(second + "/drop", Form(), administrator)
            #expect(try await house.send(path + "/withdraw", Form(), administrator) == path + "?done=withdraw")
            #expect(try await state() == before)
            let jobs = try await house.value("SELECT count(*) FROM job WHERE kind = 'grids.move'", as: Int.self)
            #expect(jobs == 0)
            #expect(try await house.send(path + "/publish", when, administrator) == path + "?done=publish")
        }
    }

    @Test("中断以后接着移，一个不少", arguments: TestEngine.enabled)
    func resumes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = try await drawn(house, administrator)
            let plan = try #require(ID<GridPlan>(String(path.split(separator: "/").last ?? "")))
            let building = try await house.place("幸福里小区2号楼")
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.places") { tx in
                for number in 1...450 {
                    _ = try PlacesStore.insert(
                        NewPlace(
                            parent: building.id, kind: .entrance, name: "\(number)门", address: "幸福里小区2号楼\(number)门",
                            division: building.division, latitude: 39.9138, longitude: 116.4035,
                            propertyRight: .commercial, sortKey: number
                        ), tx)
                }
            }
            let today = form([("day", day(house, 0)), ("reason", "拆开第1网格")])
            #expect(try await house.send(path + "/publish", today, administrator) == path + "?done=publish")
            house.clock.advance(minutes: 1)
            // As if the program had stopped after the first step: what was looked at then is not looked at again.
            let stop: Int64? = try await house.services.database.read { tx in
                try tx.value(
                    "SELECT id FROM place WHERE division BETWEEN 110101001901000 AND 110101001901999 ORDER BY id LIMIT 1"
                )
            }
            let last = try #require(stop)
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.stop") { tx in
                try tx.execute(
                    "INSERT INTO grid_move (plan_id, kind, last_id, moved) VALUES (\(plan), 'place', \(last), 7)"
                )
                try tx.audit(Subject("gridPlan", plan))
            }
            try await move(house, path)
            let progress = try await house.services.database.read { try GridPlansStore.progress(of: plan, $0) }
            let places = try #require(progress.first { $0.kind == "place" })
            #expect(places.isDone && places.moved > 457 && progress.allSatisfy(\.isDone))
            let left = try await house.value(
                "SELECT count(*) FROM place WHERE address LIKE '幸福里小区2号楼%' AND division <> 110101001901005",
                as: Int.self)
            #expect(left == 0)
        }
    }

    @Test("有毛病的不公布，说出在哪里；别人改过的不覆盖", arguments: TestEngine.enabled)
    func refuses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let path = try await draft(house, administrator)
            let when = form([("day", day(house, 1)), ("reason", "试试")])
            #expect(try await house.send(path + "/publish", when, administrator)?.contains("不属于任何网格") == true)
            for (fields, words) in [
                ([("day", ""), ("reason", "好")], "请选从哪天起"),
                ([("day", day(house, -1)), ("reason", "试试")], "请选从哪天起"),
                ([("day", day(house, 1)), ("reason", "打 13900001234")], "不要写手机号"),
            ] {
                #expect(try await house.send(path + "/publish", form(fields), administrator)?.contains(words) == true)
            }
            for (fields, words) in [
                ([("op", "split"), ("grid", "1"), ("line", "116,39\n117,39")], "没有把网格切成两块"),
                ([("op", "split"), ("grid", "1"), ("line", "hello")], "每行一个点"),
                ([("op", "merge"), ("grid", "1"), ("other", "1")], "没有这个网格"),
                ([("op", "merge"), ("grid", ""), ("other", "1")], "请选网格"),
                ([("op", "fill"), ("line", "116.4020,39.9138")], "不是四面围住的空隙"),
                ([("op", "add"), ("line", "116.4,39.9\n116.41,39.9")], "每行一个点"),
            ] {
                let answer = try await house.send(path + "/edit", form(fields), administrator)
                #expect(answer?.contains(words) == true, "\(words)")
            }
            let text = try await house.open(path + "/grids.geojson", query: [], administrator)
            func save(_ text: String, _ version: Int) async throws -> String? {
                try await house.send(path + "/save", form([("plan", text), ("version", "\(version)")]), administrator)
            }
            #expect(try await save(text, 1) == path + "?done=save")
            #expect(try await save(text, 1)?.contains("别人刚改过") == true)
            #expect(try await save(text.replacing("第1网格", with: "打13900001234"), 2)?.contains("手机号") == true)
            #expect(try await save(text.replacing("\"number\":2", with: "\"number\":1"), 2)?.contains("和前面的一样") == true)
            #expect(try await save("{", 2)?.contains("这不是 GeoJSON") == true)
            #expect(try await save(text.replacing("第2网格", with: "第1网格"), 2) == path + "?done=save")
            #expect(try await house.open(path, query: [], administrator).contains("有两个网格都叫"))
            // What the page sends along is answered and not stored.
            let fields = [("plan", text), ("op", "split"), ("grid", "1"), ("line", Self.line)]
            let answer = try await house.send(path + "/edit", form(fields), administrator)
            #expect(answer?.contains("\"number\":4") == true && answer?.contains("\"remarks\"") == true)
            #expect(try await !house.open(path, query: [], administrator).contains("第4网格"))
            let auditor = try await house.context(.auditor)
            #expect(try await house.open(path, query: [], auditor).contains("检查"))
            #expect(try await house.send(path + "/save", form([("plan", text)]), auditor) == nil)
        }
    }

    @Test("楼被切开、地点没有网格、户数不合适，都提醒") func remarks() throws {
        let community = Self.community
        func box(_ west: Double, _ east: Double) throws -> GeoArea {
            let corners = [(west, 39.91), (east, 39.91), (east, 39.92), (west, 39.92)]
            let ring = GeoRing(corners.compactMap { GeoPoint(longitude: $0.0, latitude: $0.1) })
            return try #require(ring.flatMap { GeoArea([GeoPolygon(outer: $0)]) })
        }
        func part(_ number: Int64, _ west: Double, _ east: Double) throws -> GridOutline {
            GridOutline(
                code: DivisionCode(rawValue: community.rawValue + number), name: "第\(number)网格",
                area: try box(west, east)
            )
        }
        let sketch = GridSketch(
            community: community, parts: [try part(1, 116.40, 116.41), try part(2, 116.41, 116.42)], territory: nil
        )
        let neighbour = GridOutline(
            code: DivisionCode(rawValue: 110_101_001_902_001), name: "槐荫第1网格", area: try box(116.4195, 116.43)
        )
        let always = Instant(milliseconds: 0)
        let check = try GridPlanCheck(
            sketch, neighbours: [GridNeighbours(from: always, grids: [neighbour])], places: [])
        #expect(check.remarks.count == 1 && !check.isGood)
        #expect(check.remarks[0].text.zh.contains("“第2网格”和“槐荫第1网格”重叠 "), "\(check.remarks[0].text.zh)")
        #expect(GridPlanCheck.metres(1_234_567.4) == "1,234,567" && GridPlanCheck.metres(240) == "240")
        #expect(try GridPlanCheck(sketch, neighbours: [], places: []).isGood)
        // What a grid has now and nobody would have is said, unless a border of the community leaves it out.
        let present = [try part(1, 116.40, 116.41), try part(2, 116.41, 116.425)]
        let shrunk = try GridPlanCheck(sketch, neighbours: [], present: present, places: [])
        #expect(shrunk.isGood && !shrunk.isCovered && shrunk.remarks.count == 1)
        #expect(shrunk.remarks.first?.text.zh.hasPrefix("现在归“第2网格”的 ") == true, "\(shrunk.remarks.map(\.text.zh))")
        var bordered = sketch
        bordered.territory = try box(116.40, 116.42)
        #expect(try GridPlanCheck(bordered, neighbours: [], present: present, places: []).isCovered)
        // Once it holds, what it left to nobody is still said.
        let held = try GridPlanCheck(sketch, neighbours: [], on: always, present: present, isInForce: true, places: [])
        #expect(!held.isCovered && held.remarks.first?.text.zh.hasPrefix("原来归“第2网格”的 ") == true)
        // A neighbour that is about to give the land up: wait for its day; with an earlier day it is a fault.
        let leaving = [
            GridNeighbours(from: always, grids: [neighbour]),
            GridNeighbours(from: Instant(try #require(CivilDate(year: 2026, month: 12, day: 28))), grids: []),
        ]
        let early = try GridPlanCheck(sketch, neighbours: leaving, places: [])
        #expect(early.isGood && !early.isCovered && early.remarks.count == 1)
        #expect(early.remarks.first?.text.zh.contains("要到那天再起用") == true, "\(early.remarks.map(\.text.zh))")
        #expect(try !GridPlanCheck(sketch, neighbours: leaving, on: always, places: []).isGood)
    }
}
