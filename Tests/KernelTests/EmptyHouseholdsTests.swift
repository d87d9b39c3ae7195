import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Nobody is sent to visit a household in which nobody is left, and nobody is warned of it.
@Suite("最后一个人走了，这一户跟着注销；人回来，户也回来")
struct EmptyHouseholdsTests {
    private func isHere(_ household: ID<Household>, _ house: House) async throws -> Bool {
        let found = try await house.services.database.read { try RegisterQueries.household(household, $0) }
        return try #require(found).entry.validTo == nil
    }

    private func balanced(_ house: House) async throws {
        await house.deliver()
        #expect(try await house.services.database.read { try RegisterCounts.differences($0).isEmpty })
        house.clock.advance(minutes: 1)
    }

    private func warnings(_ household: ID<Household>, _ house: House) async throws -> [WarningState] {
        await house.deliver()
        return try await house.services.database.read { tx in
            try WarningQueries.list(
                in: VisitsTests.grid, households: [VisitsTests.grid], isOpen: false, limit: 50, tx
            )
            .filter { $0.household == household }.map(\.state)
        }
    }

    @Test("独住老人去世：户注销、不再催走访、预警说明原因了结；登记错了一起恢复", arguments: TestEngine.enabled)
    func death(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let household = try await VisitsTests.enter(
                house, born: CivilDate(year: 1950, month: 6, day: 15), phone: "13800138000")
            let members = try await database.read { try RegisterQueries.members(of: household, $0) }
            let person = RegisterSubject(.person, try #require(members.first).person.id)
            house.clock.advance(minutes: 16 * 1440)
            try await house.run(job: "warnings.silent")
            #expect(try await warnings(household, house) == [.open])
            let head = try await house.context(.head)
            try await RegisterCommands.end(person, .died, version: nil, head, database)
            #expect(try await !isHere(household, house))
            #expect(try await warnings(household, house) == [.gone])
            #expect(try await database.read { try VisitDebts.find(household, $0) } == nil)
            let subject = RegisterSubject(.household, household)
            let line = try await database.read { try RegisterHistory.lines(of: subject, database.keys, $0).first }
            #expect(line?.what == .ended && line?.fields == ["died"] && line?.source == "rule")
            try await balanced(house)
            try await house.run(job: "warnings.silent")
            #expect(try await warnings(household, house) == [.gone], "nobody is missed there any more")

            let later = try await house.context(.head)
            try await RegisterCommands.reopen(person, version: nil, later, database)
            #expect(try await isHere(household, house))
            #expect(try await warnings(household, house) == [.open])
            #expect(try await database.read { try VisitDebts.find(household, $0) } != nil)
            try await balanced(house)
            // A whole household that moves away is no more to be warned of, either.
            try await RegisterCommands.end(subject, .moved, version: nil, try await house.context(.head), database)
            #expect(try await warnings(household, house) == [.gone])
            try await balanced(house)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("一家人先后走：最后一个走了才注销；先走的那个登记错了，户和他一起回来", arguments: TestEngine.enabled)
    func oneAfterTheOther(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, database) = (try await house.enterHome(), house.services.database)
            let son = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈长", "person.born": "1975-05-01"]), .household(home.household),
                tie: .family, relation: .child, try await house.context(.head), database, house.services.registers)
            try await RegisterCommands.end(
                home.subject, .died, version: nil, try await house.context(.head), database)
            #expect(try await isHere(home.household, house))
            try await balanced(house)
            let other = try await house.enterHome("1301", ["person.name": "李"])
            try await RegisterCommands.move(
                son, to: .household(other.household), tie: .family, relation: .other, version: nil,
                try await house.context(.head), database)
            #expect(try await !isHere(home.household, house))
            try await balanced(house)
            try await RegisterCommands.reopen(
                home.subject, version: nil, try await house.context(.head), database)
            #expect(try await isHere(home.household, house))
            let members = try await database.read { try RegisterQueries.members(of: home.household, $0) }
            #expect(members.map(\.person.id) == [home.person])
            try await balanced(house)
        }
    }

    @Test("删除本人信息：只有他一个人的户也注销，不再催走访", arguments: TestEngine.enabled)
    func erasure(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, database) = (try await house.enterHome(), house.services.database)
            let (head, nurse) = (try await house.context(.head), try await house.context(DemoResident.nurse))
            try await house.agree(home.person, to: [])
            let requests = house.services.dataRequests
            let ask = try await requests.open(.erase, of: home.person, "不在这里住了", nurse)
            try await requests.decide(ask, isGranted: true, reason: "", head)
            #expect(try await !isHere(home.household, house))
            try await balanced(house)
            #expect(try await database.read { try VisitDebts.find(home.household, $0) } == nil)
            // The household may come back by hand, who was erased with it does not.
            try await RegisterCommands.reopen(
                RegisterSubject(.household, home.household), version: nil, try await house.context(.head), database)
            #expect(try await database.read { try RegisterQueries.residents(of: home.dwelling, $0).isEmpty })
            try await balanced(house)
        }
    }

    @Test("同一处房屋点了两次“加一户”，合并以后只剩先登记的那一户；撤销合并又是两户", arguments: TestEngine.enabled)
    func twice(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, database) = (try await house.enterHome(), house.services.database)
            let parts = house.services.registerParts
            let twin = RegisterSubject(
                .person,
                try await RegisterCommands.enterPerson(
                    try House.typed(["person.name": "陈秀英", "person.born": "1950-06-15"]), .dwelling(home.dwelling),
                    tie: .owner, relation: .head, try await house.context(.head), database, house.services.registers))
            func homes(_ person: RegisterSubject) async throws -> [ID<Household>] {
                try await database.read {
                    try RegisterQueries.homes(of: ID(rawValue: person.id), $0).compactMap(\.household)
                }
            }
            func households() async throws -> [ID<Household>] {
                try await database.read { try RegisterQueries.households(of: home.dwelling, $0).map(\.id) }
            }
            let second = try #require(try await homes(twin).first)
            #expect(try await households() == [home.household, second])
            // Whichever of the two stays, it lives where it was entered first.
            for (gone, kept) in [(twin, home.subject), (home.subject, twin)] {
                try await balanced(house)
                try await RegisterCommands.merge(
                    gone, into: kept, version: nil, parts, try await house.context(.head), database)
                #expect(try await homes(kept) == [home.household])
                #expect(try await households() == [home.household])
                let residents = try await database.read { try RegisterQueries.residents(of: home.dwelling, $0) }
                #expect(residents.map(\.relation) == [.head])
                try await balanced(house)
                try await RegisterCommands.split(gone, parts, try await house.context(.head), database)
                #expect(try await households() == [home.household, second])
                #expect(try await homes(home.subject) == [home.household])
                #expect(try await homes(twin) == [second])
            }
            try await balanced(house)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("以前就搬空的户：每天补着注销，doctor 数得出来；从没登记过人的不动", arguments: TestEngine.enabled)
    func leftOver(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, database) = (try await house.enterHome(), house.services.database)
            let other = try await house.enterHome("1301", ["person.name": "李"])
            let entry = RegisterEntry(source: "test", validFrom: house.clock.clock.now)
            let (dwelling, fresh) = try await house.home(VisitsTests.grid, "1399", entry)
            try await house.enter([dwelling], [fresh], [])
            let visit = try await VisitsTests.announce(house, home.household)
            let before = try await database.read { try EmptyHouseholds.leftOver($0) }
            // As it was before: who lived there is not there any more, and nobody asked for the household.
            try await database.write(try await house.context(.head), "registers.move") { tx in
                try tx.execute(
                    "UPDATE residence SET valid_to = \(tx.now) WHERE person_id = \(home.person) AND valid_to IS NULL")
                try tx.audit(home.subject.subject(in: VisitsTests.grid))
            }
            #expect(try await database.read { try EmptyHouseholds.leftOver($0) } == before + 1)
            house.clock.advance(minutes: 1)
            try await house.run(job: "registers.endEmpty")
            #expect(try await database.read { try EmptyHouseholds.leftOver($0) } == 0)
            #expect(try await !isHere(home.household, house))
            #expect(try await isHere(other.household, house))
            #expect(try await isHere(fresh.id, house), "nobody was ever entered there: somebody is about to")
            #expect(try await database.read { try VisitQueries.find(visit, $0)?.result } == .gone)
            try await balanced(house)
            try await house.run(job: "registers.endEmpty")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("注销一户，约好的走访跟着取消；恢复这一户，走访也回来", arguments: TestEngine.enabled)
    func visits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, database) = (try await house.enterHome(), house.services.database)
            let visit = try await VisitsTests.announce(house, home.household)
            let subject = RegisterSubject(.household, home.household)
            house.clock.advance(minutes: 1)
            try await RegisterCommands.end(subject, .moved, version: nil, try await house.context(.head), database)
            let gone = try #require(try await database.read { try VisitQueries.find(visit, $0) })
            #expect(gone.state == .withdrawn && gone.result == .gone && !gone.isOpen)
            try await balanced(house)
            #expect(house.messages.all.last?.text.zh.contains("搬走或注销") == true)
            try await RegisterCommands.reopen(subject, version: nil, try await house.context(.head), database)
            let back = try #require(try await database.read { try VisitQueries.find(visit, $0) })
            #expect(back.state == .announced && back.isOpen && back.endedAt == nil)
            try await balanced(house)
            #expect(house.messages.all.last?.text.zh.contains("又恢复了") == true)
        }
    }
}
