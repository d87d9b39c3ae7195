import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// A merge taken back after somebody moved, or a home ended: everybody is where they are now, nobody in two homes.
@Suite("合并以后搬了家、注销了住处，再撤销合并：各归各的家")
struct ReturnedHomesTests {
    private func dwelling(_ number: String, _ house: House) async throws -> ID<Dwelling> {
        try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": number, "dwelling.kind": "flat"]),
            in: try await house.place("幸福里小区3号楼2单元").id, try await house.context(.head),
            house.services.database, house.services.registers)
    }

    private func add(
        _ name: String, _ door: RegisterCommands.Door, _ relation: HouseholdRelation, born: String = "", _ house: House
    ) async throws -> RegisterSubject {
        var values = ["person.name": name]
        if !born.isEmpty { values["person.born"] = born }
        let person = try await RegisterCommands.enterPerson(
            try House.typed(values), door, tie: .family, relation: relation, try await house.context(.head),
            house.services.database, house.services.registers)
        return RegisterSubject(.person, person)
    }

    private func merge(_ gone: RegisterSubject, into kept: RegisterSubject, _ house: House) async throws {
        house.clock.advance(minutes: 5)
        try await RegisterCommands.merge(
            gone, into: kept, version: nil, house.services.registerParts, try await house.context(.head),
            house.services.database)
        house.clock.advance(minutes: 5)
    }

    /// Takes the merge back; nobody is lost to the counts.
    private func split(_ gone: RegisterSubject, _ house: House) async throws {
        house.clock.advance(minutes: 5)
        let (head, database) = (try await house.context(.head), house.services.database)
        let parts = house.services.registerParts
        if gone.kind == .person {
            try await RegisterCommands.split(gone, parts, head, database)
        } else {
            try await RegisterCommands.splitHomes(gone, parts, head, database)
        }
        await house.deliver()
        let wrong = try await database.read { try RegisterCounts.differences($0) }
        #expect(wrong.isEmpty, "\(wrong)")
        #expect(try await house.verifiedAudit().problem == nil)
    }

    private func moveHousehold(_ household: ID<Household>, to dwelling: ID<Dwelling>, _ house: House) async throws {
        try await RegisterCommands.moveHousehold(
            household, to: dwelling, version: nil, try await house.context(.head), house.services.database)
    }

    private func homes(_ person: RegisterSubject, _ house: House) async throws -> [Home] {
        try await house.services.database.read { try RegisterQueries.homes(of: ID(rawValue: person.id), $0) }
    }

    private func members(_ household: ID<Household>, _ house: House) async throws -> [Int64: HouseholdRelation] {
        let found = try await house.services.database.read { try RegisterQueries.members(of: household, $0) }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.person.id.rawValue, $0.relation) })
    }

    private func residents(_ dwelling: ID<Dwelling>, _ house: House) async throws -> Set<Int64> {
        let found = try await house.services.database.read { try RegisterQueries.residents(of: dwelling, $0) }
        return Set(found.map(\.person.id.rawValue))
    }

    @Test("同一户里的两条，合并以后整户搬走：撤销以后两条都在新住处，户主还是原来的", arguments: TestEngine.enabled)
    func sharedHousehold(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let twin = try await add("陈秀英", .household(home.household), .other, house)
            _ = try await add("李二", .household(home.household), .spouse, born: "1949-03-02", house)
            let (first, second) = (try await dwelling("1401", house), try await dwelling("1402", house))
            // Once the head is the one that is not here any more, once the other.
            for (gone, kept, next) in [(twin, home.subject, first), (home.subject, twin, second)] {
                try await merge(gone, into: kept, house)
                let before = try await homes(kept, house).map(\.dwelling)
                try await moveHousehold(home.household, to: next, house)
                try await split(gone, house)
                for person in [gone, kept] {
                    let own = try await homes(person, house)
                    #expect(own.map(\.dwelling) == [next] && own.map(\.household) == [home.household])
                }
                let here = try await members(home.household, house)
                #expect(here.count == 3 && here[home.person.rawValue] == .head && here[twin.id] == .other)
                #expect(try await residents(next, house).count == 3)
                for dwelling in before { #expect(try await residents(dwelling, house).isEmpty) }
                let lived = try await house.services.database.read {
                    try RegisterQueries.formerHomes(of: ID(rawValue: gone.id), for: nil, $0)
                }
                #expect(lived.first?.dwelling == before.first)
            }
        }
    }

    @Test("两户里的两条，合并以后那一户搬走：撤销以后回自己那一户的新住处，不留在别人家", arguments: TestEngine.enabled)
    func otherHousehold(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "王五"])
            let kept = try await add("王小五", .household(home.household), .grandchild, born: "2020-06-01", house)
            let gone = try await add("王小五", .household(other.household), .child, born: "2020-06-01", house)
            let next = try await dwelling("1401", house)
            try await merge(gone, into: kept, house)
            try await moveHousehold(other.household, to: next, house)
            try await split(gone, house)
            #expect(try await homes(gone, house).map(\.household) == [other.household])
            #expect(try await homes(gone, house).map(\.dwelling) == [next])
            #expect(try await homes(kept, house).map(\.dwelling) == [home.dwelling])
            let there = try await members(other.household, house)
            #expect(there == [other.person.rawValue: .head, gone.id: .child])
            #expect(try await members(home.household, house)[kept.id] == .grandchild)
        }
    }

    @Test("合并以后注销了其中一处：撤销以后他还在那一处；那一户也注销了的没有住处，历史里写明", arguments: TestEngine.enabled)
    func endedHome(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "王五"])
            let kept = try await add("王小五", .household(home.household), .grandchild, born: "2020-06-01", house)
            let gone = try await add("王小五", .household(other.household), .child, born: "2020-06-01", house)
            let database = house.services.database
            try await merge(gone, into: kept, house)
            let second = try #require(
                try await homes(kept, house).first { $0.household == other.household }?.residence)
            try await RegisterCommands.endResidence(
                second, of: ID(rawValue: kept.id), version: nil, try await house.context(.head), database)
            try await split(gone, house)
            #expect(try await homes(gone, house).map(\.household) == [other.household])
            #expect(try await homes(kept, house).map(\.household) == [home.household])

            try await merge(gone, into: kept, house)
            try await RegisterCommands.end(
                RegisterSubject(.household, other.household), .moved, version: nil, try await house.context(.head),
                database)
            try await split(gone, house)
            #expect(try await homes(gone, house).isEmpty)
            #expect(try await homes(kept, house).map(\.household) == [home.household])
            let keys = database.keys
            let line = try await database.read { tx in
                try RegisterHistory.lines(of: gone, keys, tx).first { $0.what == .split }
            }
            #expect(line?.fields == [ReturnedHomes.noHome])
            let page = try await house.open(
                "/registers/person/\(ID<Person>(rawValue: gone.id))", query: [("done", "split")],
                try await house.context(.head))
            #expect(page.contains("原来的住处已经没有了") && page.contains("没有住处可以还给他了"))
        }
    }

    @Test("合并以后本人搬走：撤销以后两条都在那里，各一处", arguments: TestEngine.enabled)
    func movedAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "陈秀英"])
            let next = try await dwelling("1401", house)
            try await merge(other.subject, into: home.subject, house)
            try await RegisterCommands.move(
                home.person, to: .dwelling(next), tie: .tenant, relation: .head, version: nil,
                try await house.context(.head), house.services.database)
            try await split(other.subject, house)
            let (kept, gone) = (try await homes(home.subject, house), try await homes(other.subject, house))
            #expect(kept.map(\.dwelling) == [next] && gone.map(\.dwelling) == [next])
            #expect(kept.map(\.household) == gone.map(\.household) && gone.map(\.tie) == [.tenant])
            #expect(kept.map(\.relation) == [.head] && gone.map(\.relation) == [.other])
            for dwelling in [home.dwelling, other.dwelling] {
                #expect(try await residents(dwelling, house).isEmpty)
            }
        }
    }

    @Test("两户合并以后搬走：撤销以后那一户带着自己的人在新住处，户主还是户主", arguments: TestEngine.enabled)
    func households(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let first = try await add("王五", .dwelling(home.dwelling), .head, house)
            let second = try #require(try await homes(first, house).first?.household)
            let child = try await add("王小五", .household(second), .child, house)
            let left = try await add("赵六", .household(second), .other, house)
            let (next, elsewhere) = (try await dwelling("1401", house), try await dwelling("1402", house))
            let gone = RegisterSubject(.household, second)
            let database = house.services.database
            house.clock.advance(minutes: 5)
            try await RegisterCommands.mergeHomes(
                gone, into: RegisterSubject(.household, home.household), version: nil, house.services.registerParts,
                try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.move(
                ID(rawValue: left.id), to: .dwelling(elsewhere), tie: .family, relation: .head, version: nil,
                try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await moveHousehold(home.household, to: next, house)
            try await split(gone, house)
            #expect(try await members(second, house) == [first.id: .head, child.id: .child])
            #expect(try await members(home.household, house) == [home.person.rawValue: .head])
            #expect(try await database.read { try RegisterQueries.household(second, $0)?.dwelling } == next)
            for person in [first, child, home.subject] {
                #expect(try await homes(person, house).map(\.dwelling) == [next])
            }
            #expect(try await homes(left, house).map(\.dwelling) == [elsewhere])
            #expect(try await residents(home.dwelling, house).isEmpty)
            let keys = database.keys
            let lines = try await database.read { try RegisterHistory.lines(of: gone, keys, $0) }
            #expect(lines.first { $0.what == .split }?.values["address"]?.new == "幸福里小区3号楼2单元1401")
        }
    }

    @Test("两处住处一起搬走、那一户后来又搬了：撤销以后在那一户只有一条", arguments: TestEngine.enabled)
    func twoHomes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "陈秀英"])
            let twin = try await house.enterHome("1302", ["person.name": "陈秀英"])
            let host = try await house.enterHome("1401", ["person.name": "李"])
            let (owned, next) = (try await dwelling("1402", house), try await dwelling("1403", house))
            let database = house.services.database
            try await merge(twin.subject, into: other.subject, house)
            #expect(try await homes(other.subject, house).count == 2)
            try await merge(other.subject, into: home.subject, house)
            try await RegisterCommands.move(
                home.person, to: .household(host.household), tie: .family, relation: .other, version: nil,
                try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.addResidence(
                home.person, to: .dwelling(owned), tie: .ownerElsewhere, relation: .other, version: nil,
                try await house.context(.head), database)
            let moved = try #require(
                try await homes(home.subject, house).first { $0.household == host.household }?.residence)
            house.clock.advance(minutes: 5)
            try await RegisterCommands.endResidence(
                moved, of: home.person, version: nil, try await house.context(.head), database)
            house.clock.advance(minutes: 5)
            try await moveHousehold(host.household, to: next, house)
            try await split(other.subject, house)
            let own = try await homes(other.subject, house)
            #expect(own.map(\.household) == [host.household] && own.map(\.dwelling) == [next])
        }
    }
}
