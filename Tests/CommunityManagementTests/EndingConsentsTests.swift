import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Whom to ask themselves at 14, by grid: who is on the list, who is not any more, and that each look at it is noted.
@Suite("满 14 周岁，要问本人的名单")
struct EndingConsentsTests {
    private func listed(
        _ house: House, in division: DivisionCode = House.homeGrid
    ) async throws -> [EndingConsent] {
        let (head, database) = (try await house.context(DemoStaff.head), house.services.database)
        let today = house.clock.clock.now.date
        let found = try await EndingConsents.read(in: division, limit: 10, head, database).people
        let count = try await database.read { try EndingConsents.count(in: division, on: today, $0) }
        #expect(count == found.count)
        return found
    }

    private func readings(_ child: ID<Person>, _ house: House) async throws -> [Reading] {
        try await house.services.database.read { try RegisterReading.readings(of: RegisterSubject(.person, child), $0) }
    }

    @Test("生日前 30 天上名单，满了还在，本人答复了就不在；只在自己的网格里", arguments: TestEngine.enabled)
    func untilAnswered(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, home) = try await house.enterWard(turning14In: 31)
            let birthday = house.clock.clock.now.date.adding(days: 31)
            #expect(try await listed(house).isEmpty)
            #expect(try await readings(child, house).isEmpty)
            house.clock.advance(minutes: 24 * 60)
            for division in [House.homeGrid, House.homeGrid.ancestor(at: .community)] {
                let one = try #require(try await listed(house, in: division).first)
                #expect(one.person.id == child && one.endsOn == birthday && one.purposes == [.healthVisits])
                #expect(one.home?.household == home.household)
            }
            let noted = try await readings(child, house)
            #expect(noted.count == 2 && noted.allSatisfy { $0.purpose == .visit })
            #expect(noted.first?.fields.map(\.id) == ["person.born"])
            #expect(try await readings(home.person, house).isEmpty, "the guardian is not on it")
            #expect(try await listed(house, in: DivisionCode(rawValue: 110_101_001_901_002)).isEmpty)

            house.clock.advance(minutes: 30 * 24 * 60)
            #expect(try await listed(house).map(\.person.id) == [child])
            try await house.agree(child, to: [.healthVisits], false, as: .courier)
            #expect(try await listed(house).isEmpty, "a no is an answer")
        }
    }

    @Test("不参加推荐的、只保存不使用的、监护人自己撤回的，不上名单", arguments: TestEngine.enabled)
    func optedOut(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, _) = try await house.enterWard(turning14In: 10)
            let (nurse, database) = (try await house.context(DemoResident.nurse), house.services.database)
            let worker = try await house.context(DemoStaff.worker)
            func restrict(_ moment: Instant?) async throws {
                try await database.write(worker, "test.restrict") { tx in
                    try tx.execute("UPDATE person SET restricted_at = \(moment) WHERE id = \(child)")
                    try tx.audit(Subject("person", child, division: House.homeGrid), fields: ["restrictedAt"])
                }
            }
            #expect(try await listed(house).map(\.person.id) == [child])
            try await OwnEntries.setProfiled(false, of: child, nurse, database)
            #expect(try await listed(house).isEmpty)
            try await OwnEntries.setProfiled(true, of: child, nurse, database)
            #expect(try await listed(house).map(\.person.id) == [child])
            try await restrict(worker.now)
            #expect(try await listed(house).isEmpty)
            try await restrict(nil)
            #expect(try await listed(house).map(\.person.id) == [child])
            try await DataConsents.set(.healthVisits, false, for: child, nurse, database)
            #expect(try await listed(house).isEmpty)
        }
    }

    @Test("走访页上先只有人数，打开才有名字，留痕；不在班打不开；别的网格看不到；一步去约走访", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, home) = try await house.enterWard(turning14In: 1)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let here = [("division", "\(House.homeGrid)")]
            let opened = here + [("open", "yes")]
            let shut = try await house.open("/grid/visits", query: here, worker)
            #expect(shut.contains("满 14 周岁，要问本人") && shut.contains("打开名单") && !shut.contains("赵小明"))
            #expect(try await house.open("/grid/visits", query: opened, worker).isEmpty, "off duty")
            #expect(try await readings(child, house).isEmpty)

            try await house.roster(DemoStaff.gridWorker1.phone)
            let early = try await house.open("/grid/visits", query: opened, worker)
            #expect(early.contains("赵小明") && early.contains("健康关怀") && early.contains("到那天再问"))
            #expect(early.contains("/registers/person/\(child)") && !early.contains(">约走访<"))
            #expect(!early.contains("哮喘"))
            #expect(try await readings(child, house).map(\.name) == ["李强"])
            let other = try await house.context(DemoStaff.gridWorker3)
            #expect(try await !house.open("/grid/visits", query: opened, other).contains("要问本人"))

            house.clock.advance(minutes: 24 * 60)
            let head = try await house.context(DemoStaff.head)
            #expect(try await !house.open("/desk/visits", query: [], head).contains("赵小明"))
            let desk = try await house.open("/desk/visits", query: [("open", "yes")], head)
            let link = "/grid/visits/new?household=\(home.household)"
            #expect(desk.contains("赵小明") && desk.contains(link) && desk.contains(">约走访<"))
            #expect(try await readings(child, house).count == 2)
            _ = try await house.announceVisit(home.household)
            let asked = try await house.open("/desk/visits", query: [("open", "yes")], head)
            #expect(asked.contains("约好的走访上问") && !asked.contains(link))
        }
    }

    @Test("接口：同样的名单，同样留痕，别的网格 404", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, home) = try await house.enterWard(turning14In: 1)
            try await withSite(house) { site in
                let path = "/ending-consents?division=\(House.homeGrid)"
                let walker = try await site.program(for: .gridWorker1)
                _ = try await site.shown("GET", path, as: walker, status: 403)
                let stranger = try await site.program(for: .gridWorker3)
                _ = try await site.shown("GET", path, as: stranger, status: 404)
                #expect(try await readings(child, house).isEmpty)
                let head = try await site.program(for: .head)
                let page = try await site.shown("GET", path + "&limit=1", as: head)
                let one = try #require(page["people"].list.first)
                #expect(page["people"].list.count == 1 && page["next"].text.isEmpty)
                #expect(one["id"].text == "\(child)" && one["household"].text == "\(home.household)")
                #expect(one["purposes"].list.map(\.text) == [ConsentPurpose.healthVisits.rawValue])
                #expect(one["endsOn"].text == "\(house.clock.clock.now.date.adding(days: 1))")
                #expect(try await readings(child, house).map(\.purpose) == [.visit])
                let rest = try await site.shown("GET", path + "&after=\(child)", as: head)
                #expect(rest["people"].list.isEmpty)
            }
        }
    }
}
