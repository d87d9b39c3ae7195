import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Registered here and living there, in either order, and ties to homes that were said wrong.
@Suite("人户分离：先登记哪一处都行；怎么住、与户主关系可以更正；人数对得上")
struct ResidenceTests {
    /// A flat in the other grid of the community, with a person who heads the household there.
    private func elsewhere(_ house: House, _ number: String = "501") async throws -> TestHome {
        let (context, database) = (try await house.context(.worker), house.services.database)
        let place = try await house.place("幸福里小区8号楼1单元")
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": number, "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: place.id, context, database, house.services.registers)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(["person.name": "王五", "person.born": "1960-01-01"]), .dwelling(dwelling), tie: .owner,
            relation: .head, context, database, house.services.registers)
        let household = try await database.read { try RegisterQueries.homes(of: person, $0).first?.household }
        return TestHome(dwelling: dwelling, household: try #require(household), person: person)
    }

    private func homes(_ house: House, _ person: ID<Person>) async throws -> [Home] {
        try await house.services.database.read { try RegisterQueries.homes(of: person, $0) }
    }

    private func record(_ house: House, _ person: ID<Person>) async throws -> PersonRecord {
        try #require(try await house.services.database.read { try RegisterQueries.person(person, $0) })
    }

    private func balanced(_ house: House) async throws {
        await house.deliver()
        #expect(try await house.services.database.read { try RegisterCounts.differences($0).isEmpty })
        house.clock.advance(minutes: 1)
    }

    private func lines(_ house: House, _ subject: RegisterSubject) async throws -> [RegisterHistory.Line] {
        let database = house.services.database
        return try await database.read { try RegisterHistory.lines(of: subject, database.keys, $0) }
    }

    @Test("住在这里，户籍在另一个网格：住处不动，人还算在住的地方；旧版本不收", arguments: TestEngine.enabled)
    func livingFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.addResidence(
                home.person, to: .household(other.household), tie: .registeredOnly, relation: .parent, version: 1,
                head, database)
            let after = try await homes(house, home.person)
            #expect(after.map(\.tie) == [.owner, .registeredOnly])
            #expect(after.map(\.household) == [home.household, other.household])
            let person = try await record(house, home.person)
            #expect(person.division == House.homeGrid && person.entry.version == 2)
            try await balanced(house)
            let line = try #require(try await lines(house, home.subject).first)
            #expect(line.what == .homeAdded && line.values["tie"]?.new == "registeredOnly")
            #expect(line.values["address"]?.new == "幸福里小区8号楼1单元501")
            let stale = try await house.refusal {
                try await RegisterCommands.addResidence(
                    home.person, to: .household(try await elsewhere(house, "502").household), tie: .ownerElsewhere,
                    relation: .other, version: 1, head, database)
            }
            #expect(stale == .conflict)
            let twice = try await house.refusal {
                try await RegisterCommands.addResidence(
                    home.person, to: .dwelling(other.dwelling), tie: .registeredOnly, relation: .other, version: nil,
                    head, database)
            }
            #expect(twice == .invalid)
            let second = try await house.refusal {
                try await RegisterCommands.addResidence(
                    home.person, to: .household(try await elsewhere(house, "503").household), tie: .family,
                    relation: .other, version: nil, head, database)
            }
            #expect(second == .invalid, "a second home to live in is a move")
            try await balanced(house)
        }
    }

    @Test("一个人搬出去自成一户：原来那户什么时候联系过，跟着人走", arguments: TestEngine.enabled)
    func heardComesAlong(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            house.clock.advance(minutes: 60)
            let (head, database) = (try await house.context(.head), house.services.database)
            let old = home.household
            try await database.write(head, "test.heard") { tx in
                try Households.heard(of: old, by: .call, tx)
                try tx.audit(Subject("household", old), fields: ["heardAt"])
            }
            let heard = try await database.read { try Households.signals(of: old, $0) }
            try #require(heard.count == 1)
            try await RegisterCommands.move(
                home.person, to: .dwelling(other.dwelling), tie: .tenant, relation: .head, version: nil, head, database)
            let own = try #require(try await homes(house, home.person).last?.household)
            #expect(own != old)
            let kept = try await database.read { try Households.signals(of: own, $0) }
            #expect(kept.map(\.signal) == [.call] && kept.map(\.at) == heard.map(\.at))
            #expect(try await database.read { try RegisterQueries.household(own, $0)?.heardAt } == heard[0].at)
        }
    }

    @Test("先登记户籍，再登记住在另一个网格：人算到住的地方，户籍留着", arguments: TestEngine.enabled)
    func registeredFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let person = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈远"]), .household(home.household), tie: .registeredOnly,
                relation: .child, head, database, house.services.registers)
            #expect(try await record(house, person).division == House.homeGrid)
            try await RegisterCommands.addResidence(
                person, to: .dwelling(other.dwelling), tie: .tenant, relation: .head, version: nil, head, database)
            let grid = try await house.place("幸福里小区8号楼1单元").division
            #expect(try await record(house, person).division == grid && grid != House.homeGrid)
            let after = try await homes(house, person)
            #expect(after.map(\.tie) == [.registeredOnly, .tenant])
            let own = try #require(after.last?.household)
            #expect(own != other.household, "a household of their own")
            #expect(
                try await database.read { try RegisterQueries.household(own, $0)?.kind } == .tenants)
            try await balanced(house)
            // The move home ends both: they live where they are registered.
            try await RegisterCommands.move(
                person, to: .household(home.household), tie: .family, relation: .child, version: nil, head, database)
            let back = try await homes(house, person)
            #expect(back.map(\.tie) == [.family] && back[0].household == home.household)
            #expect(try await record(house, person).division == House.homeGrid)
            try await balanced(house)
            let wrong = try await house.refusal {
                try await RegisterCommands.move(
                    person, to: .household(other.household), tie: .registeredOnly, relation: .other, version: nil,
                    head, database)
            }
            #expect(wrong == .invalid, "a registration alone is no move")
        }
    }

    @Test("更正：租户改产权人不动别处，户主换人两边都对，只是户籍的搬不走人数", arguments: TestEngine.enabled)
    func correcting(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let son = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "陈长", "person.born": "1975-05-01"]), .household(home.household),
                tie: .family, relation: .child, head, database, house.services.registers)
            let residence = try #require(try await homes(house, son).first?.residence)
            func correct(
                _ tie: ResidenceTie, _ relation: HouseholdRelation, version: Int? = nil
            ) async throws -> Bool {
                try await RegisterCommands.correctResidence(
                    residence, of: son, tie: tie, relation: relation, version: version, head, database)
            }
            #expect(try await correct(.family, .child) == false)
            #expect(try await record(house, son).entry.version == 1, "nothing was different")
            #expect(try await correct(.owner, .head, version: 1))
            func relations() async throws -> [String: HouseholdRelation] {
                let members = try await database.read { try RegisterQueries.members(of: home.household, $0) }
                return Dictionary(
                    members.map { ($0.person.name, $0.relation) }, uniquingKeysWith: { first, _ in first })
            }
            #expect(try await relations() == ["陈长": .head, "陈秀英": .parent])
            let line = try #require(try await lines(house, RegisterSubject(.person, son)).first)
            #expect(
                line.what == .homeChanged && line.values["tie"]?.old == "family" && line.values["tie"]?.new == "owner")
            #expect(try await lines(house, home.subject).first?.what == .homeChanged)
            #expect(try await house.refusal { _ = try await correct(.tenant, .head, version: 1) } == .conflict)
            // Who heads it no more: the next of age does, not they themselves.
            #expect(try await correct(.owner, .child))
            #expect(try await relations() == ["陈长": .child, "陈秀英": .head])
            try await balanced(house)
            // Gone to the other grid, still registered here: the tie is corrected, the count follows where they sleep.
            try await RegisterCommands.move(
                son, to: .household(other.household), tie: .lodger, relation: .other, version: nil, head, database)
            try await RegisterCommands.addResidence(
                son, to: .household(home.household), tie: .registeredOnly, relation: .child, version: nil, head,
                database)
            let there = try #require(try await homes(house, son).first)
            #expect(there.tie == .lodger)
            let both = try await house.refusal {
                let here = try #require(try await homes(house, son).last)
                try await RegisterCommands.correctResidence(
                    here.residence, of: son, tie: .family, relation: .child, version: nil, head, database)
            }
            #expect(both == .invalid)
            try await RegisterCommands.endResidence(there.residence, of: son, version: nil, head, database)
            #expect(try await homes(house, son).map(\.tie) == [.registeredOnly])
            #expect(try await record(house, son).division == House.homeGrid)
            try await balanced(house)
            let last = try await house.refusal {
                let only = try #require(try await homes(house, son).first)
                try await RegisterCommands.endResidence(only.residence, of: son, version: nil, head, database)
            }
            #expect(last == .invalid)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("产权人不住的不算一户；自己来住了才有一户；别处的人、别的网格的网格员改不了", arguments: TestEngine.enabled)
    func owners(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let empty = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "1202", "dwelling.kind": "flat"]),
                in: try await house.place("幸福里小区3号楼2单元").id, head, database, house.services.registers)
            try await RegisterCommands.addResidence(
                other.person, to: .dwelling(empty), tie: .ownerElsewhere, relation: .other, version: nil, head,
                database)
            let owned = try #require(try await homes(house, other.person).last)
            #expect(owned.household == nil && owned.tie == .ownerElsewhere)
            #expect(try await database.read { try RegisterQueries.households(of: empty, $0).isEmpty })
            let grid = try await house.place("幸福里小区8号楼1单元").division
            #expect(try await record(house, other.person).division == grid)
            // Their first home ends: they live in what they own now, and keep house there.
            let first = try #require(try await homes(house, other.person).first)
            for stranger in [DemoStaff.locustHead, .gridWorker1] {
                let refused = try await house.refusal {
                    try await RegisterCommands.endResidence(
                        first.residence, of: other.person, version: nil, try await house.context(stranger), database)
                }
                #expect(refused == .notFound)
            }
            try await RegisterCommands.endResidence(first.residence, of: other.person, version: nil, head, database)
            try await RegisterCommands.correctResidence(
                owned.residence, of: other.person, tie: .owner, relation: .head, version: nil, head, database)
            let now = try #require(try await homes(house, other.person).first)
            #expect(now.household != nil && now.tie == .owner && now.relation == .head)
            #expect(try await record(house, other.person).division == House.homeGrid)
            try await balanced(house)
            let notTheirs = try await house.refusal {
                try await RegisterCommands.correctResidence(
                    now.residence, of: home.person, tie: .tenant, relation: .other, version: nil, head, database)
            }
            #expect(notTheirs == .notFound)
        }
    }

    @Test("整户搬走、整户注销再恢复：只是户籍在这一户、住在别处的人还在别处", arguments: TestEngine.enabled)
    func wholeHouseholds(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await elsewhere(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.addResidence(
                other.person, to: .household(home.household), tie: .registeredOnly, relation: .child, version: nil,
                head, database)
            let grid = try await house.place("幸福里小区8号楼1单元").division
            let next = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "1203", "dwelling.kind": "flat"]),
                in: try await house.place("幸福里小区3号楼2单元").id, head, database, house.services.registers)
            try await RegisterCommands.moveHousehold(home.household, to: next, version: nil, head, database)
            #expect(try await record(house, other.person).division == grid)
            try await balanced(house)
            let subject = RegisterSubject(.household, home.household)
            try await RegisterCommands.end(subject, .moved, version: nil, head, database)
            let stayed = try await record(house, other.person)
            #expect(stayed.entry.validTo == nil && stayed.division == grid)
            #expect(try await homes(house, other.person).map(\.household) == [other.household])
            #expect(try await record(house, home.person).entry.validTo != nil)
            try await balanced(house)
            try await RegisterCommands.reopen(subject, version: nil, head, database)
            #expect(Set(try await homes(house, other.person).map(\.tie)) == [.owner, .registeredOnly])
            let members = try await database.read { try RegisterQueries.members(of: home.household, $0) }
            #expect(members.count == 2)
            try await balanced(house)
        }
    }
}
