import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import Administration

/// A building that is given another grid by hand: everything that lies there follows, and the figures equal a recount.
@Suite("楼改属另一个网格：人、户、标签、工单、码、点位都跟着走")
struct PlaceGridTests {
    private static let (first, second) = (DemoDivision.grid(1), DemoDivision.grid(2))
    private static let days = VisitDays()

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func change(_ place: String, to grid: DivisionCode, _ house: House) async throws -> String? {
        let building = try await house.place(place)
        let fields = [
            ("kind", building.kind.rawValue), ("name", building.name), ("division", "\(grid)"),
            ("right", building.propertyRight.rawValue), ("latitude", "\(building.latitude ?? 0)"),
            ("longitude", "\(building.longitude ?? 0)"), ("version", "\(building.version)"),
        ]
        let administrator = try await house.context(.administrator)
        let sent = try await house.send("/admin/places/\(building.id)/change", form(fields), administrator)
        return sent?.hasSuffix("?done=change") == true ? nil : sent
    }

    /// Runs what the change asked for, and what follows from it.
    private func settle(_ house: House) async throws {
        let job = try #require(try Catalogue(House.features).jobs.first { $0.id == "grids.follow" })
        let payloads = try await house.services.database.read { tx in
            try tx.all("SELECT payload FROM job WHERE kind = 'grids.follow' ORDER BY id") { try $0[0] as String }
        }
        #expect(!payloads.isEmpty)
        for payload in payloads {
            let context = Context.system("grids.follow", now: house.clock.clock.now)
            // Twice: a stop in the middle moves nothing twice.
            for _ in 0..<2 {
                try await job.run(
                    JobRun(database: house.services.database, payload: payload, context: context, logger: house.logger))
            }
        }
        _ = try await house.services.database.system { try $0.execute("DELETE FROM job WHERE kind = 'grids.follow'") }
        await house.deliver()
        try await house.workOutLabels()
    }

    /// What stands in the building before it changes.
    private struct Scene {
        let home: TestHome
        let thing: ID<Thing>
        let item: ID<Case>
        let handler: Int64
    }

    private func scene(_ house: House) async throws -> Scene {
        let (database, settings) = (house.services.database, house.services.registers)
        let worker = try await house.context(.worker)
        let entrance = try await house.place("幸福里小区3号楼2单元")
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": "1901", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: entrance.id, worker, database, settings)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(["person.name": "样例老人", "person.born": "1944-03-08"]), .dwelling(dwelling), tie: .owner,
            relation: .head, worker, database, settings)
        let household = try #require(
            try await database.read { try RegisterQueries.homes(of: person, $0).first?.household })
        let thing = try await RegisterCommands.enterThing(
            try House.typed(["thing.name": "三号楼灭火器", "thing.state": "sound"]), in: entrance.id,
            division: Self.first, worker, database, settings)
        let item = try await house.report(try await house.draft(), try await house.context(.tenant))
        let handler: Int64? = try await house.value("SELECT handler_unit FROM case_item WHERE id = \(item)")
        let head = try await house.context(.head)
        _ = try await house.send("/desk/wall-codes", form([("place", "\(entrance.id)")]), head)
        let route = [
            ("name", "三号楼一线"), ("division", "\(Self.first)"), ("from", "09:00"), ("until", "11:00"),
            ("points", "幸福里小区3号楼2单元"), ("checklist", "stairwell | 楼道堆物 | Things | R1301"),
        ]
        _ = try await house.send("/desk/patrols", form(route + (1...7).map { ("weekday", "\($0)") }), head)
        try await database.write(try await house.context(.administrator), "test.role") { tx in
            _ = try GridRolesStore.insert(
                .steward, "样例楼门长", at: entrance.id, from: tx.now, until: nil, in: Self.first, tx)
        }
        _ = try await database.system { tx in
            try tx.execute(
                """
                INSERT INTO warning (id, rule, cause, at, division, community, household_id, category, state, is_open,
                    note, acted_name)
                VALUES (\(try tx.newID(Warning.self)), 'silent', 'test', \(tx.now), \(Self.first),
                    \(DemoDivision.happiness), \(household), '', 'open', 1, '', '')
                """)
        }
        await house.deliver()
        try await house.workOutLabels()
        return Scene(
            home: TestHome(dwelling: dwelling, household: household, person: person), thing: thing, item: item,
            handler: try #require(handler))
    }

    /// Every row of the scene, by what it is, with the grid it is kept under.
    private func grids(_ scene: Scene, _ house: House) async throws -> [String: DivisionCode] {
        let entrance = try await house.place("幸福里小区3号楼2单元").id
        return try await house.services.database.read { tx in
            var grids: [String: DivisionCode] = [:]
            let rows: [(String, SQL)] = [
                ("dwelling", "SELECT division FROM dwelling WHERE id = \(scene.home.dwelling)"),
                ("household", "SELECT division FROM household WHERE id = \(scene.home.household)"),
                ("person", "SELECT division FROM person WHERE id = \(scene.home.person)"),
                ("thing", "SELECT division FROM thing WHERE id = \(scene.thing)"),
                ("label", "SELECT grid FROM person_label WHERE person_id = \(scene.home.person) LIMIT 1"),
                ("debt", "SELECT division FROM visit_debt WHERE household_id = \(scene.home.household)"),
                ("warning", "SELECT division FROM warning WHERE household_id = \(scene.home.household)"),
                ("case", "SELECT grid FROM case_item WHERE id = \(scene.item)"),
                ("code", "SELECT division FROM wall_code WHERE place_id = \(entrance)"),
                ("steward", "SELECT division FROM grid_role WHERE place_id = \(entrance) AND name = '样例楼门长'"),
                ("entrance", "SELECT division FROM place WHERE id = \(entrance)"),
            ]
            for (name, sql) in rows { grids[name] = try tx.value(sql) }
            #expect(grids.count == rows.count, "\(grids.keys.sorted())")
            return grids
        }
    }

    /// Counts equal a recount, and the full text lies where the rows do.
    private func check(_ scene: Scene, in grid: DivisionCode, _ house: House) async throws {
        let day = house.clock.clock.now.date
        try await house.services.database.read { tx in
            let (people, labels) = (try RegisterCounts.differences(tx), try LabelCounts.differences(tx))
            #expect(people.isEmpty && labels.isEmpty, "\(people) \(labels)")
            #expect(
                try VisitDebts.differences(
                    in: DemoDivision.happiness, Self.days, on: day, house.services.database.keys, tx
                ).isEmpty)
            for division in [Self.first, Self.second] {
                let rows: Int? = try tx.value("SELECT count(*) FROM case_item WHERE grid = \(division)")
                let counted: Int? = try tx.value(
                    "SELECT coalesce(sum(total), 0) FROM case_count WHERE owner_kind = 'division' AND owner = \(division)"
                )
                let found: Int? = try tx.value(
                    "SELECT count(*) FROM case_search WHERE \(SQL.matches("case_search", ["d\(division)"]))")
                #expect(rows == counted && rows == found, "\(division)")
                let isFound = try tx.exists(
                    """
                    SELECT 1 FROM register_search WHERE rowid = \(scene.home.person)
                    AND \(SQL.matches("register_search", ["d\(division)"]))
                    """)
                #expect(isFound == (division == grid), "who looks after the other grid finds them")
            }
            let homeless: Int? = try tx.value(
                """
                SELECT count(*) FROM account a JOIN place p ON p.id = a.place_id WHERE a.division <> p.division
                AND p.division BETWEEN \(DemoDivision.happiness.range.lowerBound)
                AND \(DemoDivision.happiness.range.upperBound)
                """)
            #expect(homeless == 0)
        }
    }

    @Test("改过去、改回来：一样不落，数字和重数的一样；谁在办还是谁办", arguments: TestEngine.enabled)
    func follows(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let scene = try await scene(house)
            #expect(Set(try await grids(scene, house).values) == [Self.first])
            #expect(try await change("幸福里小区3号楼", to: Self.second, house) == nil)
            #expect(try await house.place("幸福里小区3号楼1单元").division == Self.second, "entrances go with it")
            try await settle(house)
            let moved = try await grids(scene, house)
            #expect(Set(moved.values) == [Self.second], "\(moved.filter { $0.value != Self.second }.keys)")
            try await check(scene, in: Self.second, house)
            // Whoever has the case goes on with it, and its history says so.
            #expect(
                try await house.value("SELECT handler_unit FROM case_item WHERE id = \(scene.item)") == scene.handler)
            let told: [String] = try await house.services.database.read { tx in
                try tx.all(
                    "SELECT text FROM case_entry WHERE case_id = \(scene.item) AND transition = 'gridMoved' ORDER BY id"
                ) { try $0[0] }
            }
            #expect(told.count == 1 && told.first?.contains("“3号楼”改属网格") == true)
            #expect(told.first?.contains("由谁办不变") == true)
            // What is told from now on lies in the new grid.
            let next = try await house.report(try await house.draft(), try await house.context(.tenant))
            #expect(
                try await house.value("SELECT grid FROM case_item WHERE id = \(next)") == Self.second.rawValue)
            let desk = try await house.open("/desk/patrols", query: [], try await house.context(.head))
            #expect(desk.contains("请改路线：幸福里小区3号楼2单元（现在属"))

            #expect(try await change("幸福里小区3号楼", to: Self.first, house) == nil)
            try await settle(house)
            #expect(Set(try await grids(scene, house).values) == [Self.first])
            try await check(scene, in: Self.first, house)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("小区改网格，有坐标的楼按地图留下；有人住的不能改到别的社区", arguments: TestEngine.enabled)
    func estates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            _ = try await scene(house)
            let refused = try await change("幸福里小区3号楼", to: DemoDivision.locustGrid(1), house)
            #expect(refused?.contains("不能改到别的社区") == true)
            #expect(try await house.place("幸福里小区3号楼").division == Self.first)
            #expect(try await change("幸福里小区", to: Self.second, house) == nil)
            #expect(try await house.place("幸福里小区").division == Self.second)
            #expect(try await house.place("幸福里小区3号楼").division == Self.first, "the map has it in grid 1")
            #expect(try await house.place("幸福里小区8号楼").division == Self.second)
        }
    }
}
