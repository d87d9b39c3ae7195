import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Offers of services follow their people into another grid, whichever way that came about; what was brought stays.
@Suite("服务告知跟着人换网格，送到过的留在原地")
struct CareGridTests {
    private static let (first, second) = (DemoDivision.grid(1), DemoDivision.grid(2))

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// Somebody of 82, alone, at an entrance: told of a check-up, and brought a meal.
    private func enter(_ house: House, at entrance: String = "幸福里小区3号楼2单元") async throws -> TestHome {
        let (database, settings) = (house.services.database, house.services.registers)
        let worker = try await house.context(.worker)
        let place = try await house.place(entrance)
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": "1901", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: place.id, worker, database, settings)
        let person = try await RegisterCommands.enterPerson(
            try House.typed([
                "person.name": "样例老人", "person.born": "1944-03-08",
            ]), .dwelling(dwelling), tie: .owner, relation: .head, worker, database, settings)
        let household = try #require(
            try await database.read { try RegisterQueries.homes(of: person, $0).first?.household })
        await house.deliver()
        try await house.workOutLabels()
        let path = "/desk/care/people/\(person)"
        for service in ["meals", "checkup"] {
            let told = try await house.send(
                path + "/offer", form([("service", service), ("how", "visit")]), worker)
            #expect(told == path + "?done=offer", "\(service)")
        }
        let meals: Int64 = try #require(
            try await house.value("SELECT id FROM care_offer WHERE service = 'meals' AND person_id = \(person)"))
        let offer = "/desk/care/offers/\(ID<Person>(rawValue: meals))"
        _ = try await house.send(offer + "/answer", form([("answer", "yes"), ("consent", "none")]), worker)
        #expect(try await house.send(offer + "/deliver", form([("signer", "样例老人")]), worker) == path + "?done=deliver")
        return TestHome(dwelling: dwelling, household: household, person: person)
    }

    /// Runs a job with its words, and all that follows.
    private func run(_ kind: String, _ payload: String, _ house: House) async throws {
        let job = try #require(try Catalogue(House.features).jobs.first { $0.id == kind })
        try await job.run(
            JobRun(
                database: house.services.database, payload: payload,
                context: Context.system(kind, now: house.clock.clock.now), logger: house.logger))
        await house.deliver()
        try await house.workOutLabels()
    }

    /// Gives a building another grid by hand.
    private func change(_ address: String, to grid: DivisionCode, _ house: House) async throws {
        let building = try await house.place(address)
        let fields = [
            ("kind", building.kind.rawValue), ("name", building.name), ("division", "\(grid)"),
            ("right", building.propertyRight.rawValue), ("latitude", "\(building.latitude ?? 0)"),
            ("longitude", "\(building.longitude ?? 0)"), ("version", "\(building.version)"),
        ]
        let path = "/admin/places/\(building.id)/change"
        let sent = try await house.send(path, form(fields), try await house.context(.administrator))
        #expect(sent?.hasSuffix("?done=change") == true)
        try await run("grids.follow", "\(building.id) \(building.division)", house)
    }

    /// Offers lie in one grid; what is told of grids equals a recount by where people live; the meal stays where it was.
    private func check(
        _ person: ID<Person>, in grid: DivisionCode, broughtIn brought: DivisionCode, _ house: House
    ) async throws {
        let (now, names) = (house.clock.clock.now, LabelKeys(house.services.database.keys))
        try await house.services.database.read { tx in
            let offers: [DivisionCode] = try tx.all(
                "SELECT DISTINCT grid FROM care_offer WHERE person_id = \(person)"
            ) { try $0[0] }
            #expect(offers == [grid])
            let community = grid.ancestor(at: .community)
            let places = try tx.all("SELECT community, street FROM care_offer WHERE person_id = \(person)") {
                row -> [DivisionCode] in [try row[0], try row[1]]
            }
            #expect(places.allSatisfy { $0 == [community, grid.ancestor(at: .street)] })

            let progress = try CareStore.progress(in: community, at: now, tx)
            var recount: [DivisionCode: Int] = [:]
            try tx.each(
                """
                SELECT p.division, count(*) FROM care_offer o JOIN person p ON p.id = o.person_id
                WHERE p.community = \(community) AND o.ended_at IS NULL GROUP BY p.division
                """
            ) { recount[try $0[0]] = try $0[1] }
            #expect(progress.mapValues { $0.values.reduce(0) { $0 + $1.asked } } == recount)
            #expect(progress[grid]?["meals"]?.reached == 1 && progress[grid]?["checkup"]?.reached == 0)
            let checkup = names.key(service: "checkup")
            func open(_ area: DivisionCode) throws -> [ID<Person>] {
                try CareStore.unreachedPeople("checkup", checkup, in: area, after: nil, limit: 1000, at: now, tx)
            }
            let here = try open(grid)
            #expect(here.contains(person), "entitled, told, and not reached")
            #expect(try CareStore.unreached("checkup", checkup, in: community, at: now, tx)[grid] == here.count)
            if brought != grid { #expect(try !open(brought).contains(person)) }
            #expect(try LabelCounts.differences(tx).isEmpty)

            let begin = now.adding(days: -30)
            let work = try CareStore.work(
                in: brought.ancestor(at: .community), from: begin, to: now.adding(days: 1), tx)
            #expect(work[brought]?.deliveries == 1 && work[brought]?.people == 1, "\(work.keys)")
            if brought != grid { #expect(work[grid] == nil) }
        }
    }

    @Test("楼改属网格，再改回来", arguments: TestEngine.enabled)
    func places(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let home = try await enter(house)
            try await check(home.person, in: Self.first, broughtIn: Self.first, house)
            try await change("幸福里小区3号楼", to: Self.second, house)
            try await check(home.person, in: Self.second, broughtIn: Self.first, house)
            try await change("幸福里小区3号楼", to: Self.first, house)
            try await check(home.person, in: Self.first, broughtIn: Self.first, house)
        }
    }

    @Test("一个人搬家，一户人搬家；停了的服务留在原来的网格", arguments: TestEngine.enabled)
    func movers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let home = try await enter(house)
            let (database, settings) = (house.services.database, house.services.registers)
            let worker = try await house.context(.worker)
            let there = try await house.place("幸福里小区8号楼")
            #expect(there.division == Self.second)
            let dwelling = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "101", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
                in: there.id, worker, database, settings)
            try await RegisterCommands.move(
                home.person, to: .dwelling(dwelling), tie: .owner, relation: .head, version: nil, worker, database)
            await house.deliver()
            try await house.workOutLabels()
            try await check(home.person, in: Self.second, broughtIn: Self.first, house)

            let household = try #require(
                try await database.read { tx in
                    try RegisterQueries.homes(of: home.person, tx).first { $0.tie.livesHere }?.household
                })
            try await RegisterCommands.moveHousehold(household, to: home.dwelling, version: nil, worker, database)
            await house.deliver()
            try await house.workOutLabels()
            try await check(home.person, in: Self.first, broughtIn: Self.first, house)

            let ended: Int64 = try #require(
                try await house.value("SELECT id FROM care_offer WHERE service = 'checkup'"))
            _ = try await house.send("/desk/care/offers/\(ID<Person>(rawValue: ended))/end", form([]), worker)
            try await change("幸福里小区3号楼", to: Self.second, house)
            let kept = try await database.read { tx in
                try tx.all("SELECT grid FROM care_offer ORDER BY service") { try $0[0] as DivisionCode }
            }
            #expect(kept == [Self.first, Self.second], "the check-up has ended, the meals go on")
        }
    }

    @Test("网格方案换版：那一天起按新网格", arguments: TestEngine.enabled)
    func plans(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let home = try await enter(house, at: "幸福里小区2号楼1单元")
            let administrator = try await house.context(.administrator)
            let path = try #require(
                try await house.send("/admin/grid-plans", form([("under", "110101001901")]), administrator))
            let edits = [
                [("op", "fill"), ("line", "116.40710,39.91640")],
                [("op", "split"), ("grid", "1"), ("line", "116.4028,39.9120\n116.4028,39.9185")],
            ]
            for edit in edits {
                #expect(try await house.send(path + "/edit", form(edit), administrator) == path + "?done=edit")
            }
            let tomorrow = house.clock.clock.now.date.adding(days: 1)
            let publish = form([("day", "\(tomorrow)"), ("reason", "楼多了，拆一个网格")])
            #expect(try await house.send(path + "/publish", publish, administrator) == path + "?done=publish")
            house.clock.set(Instant(tomorrow, hour: 0, minute: 5))
            try await run("grids.move", String(path.split(separator: "/").last ?? ""), house)
            let fifth = DemoDivision.grid(5)
            #expect(try await house.place("幸福里小区2号楼1单元").division == fifth)
            try await check(home.person, in: fifth, broughtIn: Self.first, house)
        }
    }
}
