import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who heads a household after its head has gone, and when that is taken back.
@Suite("户主走了：配偶接，其次最年长的成年人，都没有就空着")
struct HeadSuccessionTests {
    private func add(
        _ house: House, to home: TestHome, _ name: String, born: String, _ relation: HouseholdRelation,
        tie: ResidenceTie = .family
    ) async throws -> ID<Person> {
        try await RegisterCommands.enterPerson(
            try House.typed(["person.name": name, "person.born": born]), .household(home.household), tie: tie,
            relation: relation, try await house.context(.worker), house.services.database, house.services.registers)
    }

    /// What everybody is to the head, by name.
    private func relations(_ house: House, _ household: ID<Household>) async throws -> [String: HouseholdRelation] {
        let members = try await house.services.database.read { try RegisterQueries.members(of: household, $0) }
        return Dictionary(members.map { ($0.person.name, $0.relation) }, uniquingKeysWith: { first, _ in first })
    }

    private func lines(_ house: House, _ subject: RegisterSubject) async throws -> [RegisterHistory.What] {
        let database = house.services.database
        return try await database.read { try RegisterHistory.lines(of: subject, database.keys, $0).map(\.what) }
    }

    @Test("户主去世：配偶接；恢复以后还是原来的户主；历史都有一行", arguments: TestEngine.enabled)
    func spouse(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            _ = try await add(house, to: home, "陈大", born: "1925-01-01", .parent)
            let spouse = try await add(house, to: home, "李二", born: "1955-03-02", .spouse)
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.end(home.subject, .died, version: nil, head, database)
            #expect(try await relations(house, home.household) == ["陈大": .parent, "李二": .head])
            let household = RegisterSubject(.household, home.household)
            #expect(try await lines(house, household).first == .headed)
            #expect(try await lines(house, RegisterSubject(.person, spouse)).first == .headed)
            try await RegisterCommands.reopen(home.subject, version: nil, head, database)
            #expect(
                try await relations(house, home.household) == ["陈秀英": .head, "陈大": .parent, "李二": .spouse])
            #expect(try await lines(house, household).prefix(2) == [.headed, .headed])
            // Labels are worked out by the relation: the event must be there for each who changed.
            await house.deliver()
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("户主搬走：没有配偶时最年长的成年人接，孩子和不住这里的不接", arguments: TestEngine.enabled)
    func eldest(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "王五"])
            let son = try await add(house, to: home, "陈长", born: "1975-05-01", .child)
            _ = try await add(house, to: home, "陈次", born: "1978-05-01", .child)
            _ = try await add(house, to: home, "陈远", born: "1930-05-01", .parent, tie: .registeredOnly)
            _ = try await add(house, to: home, "陈小", born: "2015-05-01", .grandchild)
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.move(
                home.person, to: .household(other.household), tie: .family, relation: .other, version: nil, head,
                database)
            let after = try await relations(house, home.household)
            #expect(after == ["陈长": .head, "陈次": .child, "陈远": .parent, "陈小": .grandchild])
            #expect(try await relations(house, other.household) == ["王五": .head, "陈秀英": .other])
            // The next one goes, too; then only a child and somebody who does not live there are left.
            try await RegisterCommands.end(RegisterSubject(.person, son), .moved, version: nil, head, database)
            #expect(try await relations(house, home.household)["陈次"] == .head)
            let second = try await database.read { tx in
                try RegisterQueries.members(of: home.household, tx).first { $0.person.name == "陈次" }?.person.id
            }
            try await RegisterCommands.end(
                RegisterSubject(.person, try #require(second)), .moved, version: nil, head, database)
            #expect(try await relations(house, home.household) == ["陈远": .parent, "陈小": .grandchild])
        }
    }

    @Test("同一户里登记了两次，户主那条并进来：留下的那条是户主；撤销合并就退回", arguments: TestEngine.enabled)
    func merged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let twin = try await add(house, to: home, "陈秀英", born: "1950-06-15", .other)
            _ = try await add(house, to: home, "李二", born: "1949-03-02", .spouse)
            let (head, database) = (try await house.context(.head), house.services.database)
            let kept = RegisterSubject(.person, twin)
            try await RegisterCommands.merge(
                home.subject, into: kept, version: nil, house.services.registerParts, head, database)
            func relation(_ person: ID<Person>) async throws -> [HouseholdRelation] {
                try await database.read { try RegisterQueries.homes(of: person, $0).map(\.relation) }
            }
            #expect(try await relation(twin) == [.head])
            #expect(try await relations(house, home.household)["李二"] == .spouse)
            #expect(try await lines(house, RegisterSubject(.household, home.household)).first == .headed)
            try await RegisterCommands.split(home.subject, house.services.registerParts, head, database)
            #expect(try await relation(twin) == [.other])
            #expect(try await relation(home.person) == [.head])
        }
    }

    @Test("后来有人改过的不动", arguments: TestEngine.enabled)
    func decided(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let son = try await add(house, to: home, "陈长", born: "1975-05-01", .child)
            let other = try await house.enterHome("1301", ["person.name": "王五"])
            let (head, database) = (try await house.context(.head), house.services.database)
            try await RegisterCommands.end(home.subject, .moved, version: nil, head, database)
            #expect(try await relations(house, home.household) == ["陈长": .head])
            try await RegisterCommands.move(
                son, to: .household(other.household), tie: .family, relation: .child, version: nil, head, database)
            try await RegisterCommands.reopen(home.subject, version: nil, head, database)
            #expect(try await relations(house, home.household) == ["陈秀英": .head])
            #expect(try await relations(house, other.household) == ["王五": .head, "陈长": .child])
        }
    }
}
