import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Two spellings of one address, one family entered twice: put together, and apart again.
@Suite("合并房屋和户：人、户、组织、走访、关联、照片、历史都过来，撤销各归各的，人数一直对")
struct HomeMergingTests {
    /// A home under another spelling, which an import has put into the other grid.
    private func twin(_ house: House) async throws -> TestHome {
        let (context, database) = (try await house.context(.worker), house.services.database)
        let place = try await house.place("幸福里小区8号楼1单元")
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed([
                "dwelling.number": "3-2-1201", "dwelling.kind": "flat", "dwelling.address": "幸福里小区3-2-1201",
            ]), in: place.id, context, database, house.services.registers)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(["person.name": "王五", "person.born": "1960-01-01"]), .dwelling(dwelling), tie: .family,
            relation: .head, context, database, house.services.registers)
        let household = try await database.read { try RegisterQueries.homes(of: person, $0).first?.household }
        return TestHome(dwelling: dwelling, household: try #require(household), person: person)
    }

    private func balanced(_ house: House) async throws {
        await house.deliver()
        #expect(try await house.services.database.read { try RegisterCounts.differences($0).isEmpty })
        house.clock.advance(minutes: 1)
    }

    private func division(_ house: House, _ subject: RegisterSubject) async throws -> DivisionCode {
        try #require(try await house.services.database.read { try RegisterQueries.division(of: subject, $0) })
    }

    @Test("房屋：另一个网格的也过来，人跟着住处走；撤销以后都回去", arguments: TestEngine.enabled)
    func dwellings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await twin(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let (kept, gone) = (RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.dwelling, other.dwelling))
            let second = try await house.place("幸福里小区8号楼1单元").division
            let (firm, _) = try await RegisterCommands.enterOrganization(
                try House.typed(["organization.name": "家里的裁缝铺"]), in: nil, dwelling: other.dwelling,
                division: second, head, database, house.services.registers)
            try await RegisterCommands.link(gone, .owner, to: home.subject, head, database)
            try await RegisterCommands.attach([try await house.photo(head)], to: gone, head, database)
            // Somebody tied to both is there once afterwards: where they sleep stays.
            try await RegisterCommands.addResidence(
                home.person, to: .dwelling(other.dwelling), tie: .ownerElsewhere, relation: .other, version: nil, head,
                database)
            try await balanced(house)
            let twins = try await database.read { try RegisterQueries.twins(of: kept, $0) }
            #expect(twins.map(\.item.subject) == [gone] && twins[0].sign == .address)
            let stale = try await house.refusal {
                try await RegisterCommands.mergeHomes(
                    gone, into: kept, version: 9, house.services.registerParts, head, database)
            }
            #expect(stale == .conflict)
            try await RegisterCommands.mergeHomes(
                gone, into: kept, version: 1, house.services.registerParts, head, database)
            try await balanced(house)
            let residents = try await database.read { try RegisterQueries.residents(of: home.dwelling, $0) }
            #expect(residents.map(\.person.name).sorted() == ["王五", "陈秀英"].sorted())
            #expect(residents.first { $0.person.name == "陈秀英" }?.tie == .owner)
            #expect(try await database.read { try RegisterQueries.households(of: home.dwelling, $0).count } == 2)
            let person = RegisterSubject(.person, other.person)
            #expect(try await division(house, person) == House.homeGrid)
            #expect(try await division(house, RegisterSubject(.household, other.household)) == House.homeGrid)
            let shop = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(shop.dwelling == home.dwelling && shop.division == House.homeGrid)
            let (links, photos, item, lines) = try await database.read { tx in
                (
                    try RegisterQueries.links(of: kept, tx), try RegisterQueries.photos(of: kept, tx),
                    try RegisterQueries.item(gone, tx), try RegisterHistory.lines(of: kept, database.keys, tx)
                )
            }
            #expect(links.count == 1 && photos.count == 1 && item?.mergedInto == home.dwelling.rawValue)
            #expect(Set(lines.map(\.subject)) == [kept, gone])
            let reopened = try await house.refusal {
                try await RegisterCommands.reopen(gone, version: nil, head, database)
            }
            #expect(reopened == .conflict)

            try await RegisterCommands.splitHomes(gone, house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await division(house, person) == second)
            let back = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(back.dwelling == other.dwelling && back.division == second)
            let apart = try await database.read { try RegisterQueries.residents(of: other.dwelling, $0) }
            #expect(Set(apart.map(\.tie)) == [.family, .ownerElsewhere])
            #expect(try await database.read { try RegisterQueries.residents(of: home.dwelling, $0).count } == 1)
            #expect(try await database.read { try RegisterQueries.photos(of: gone, $0).count } == 1)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("户：同一处房屋的两户并成一户，走访过来，一户只有一个户主；手机带回来的旧户也记到新户上", arguments: TestEngine.enabled)
    func households(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await twin(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let (kept, gone) = (
                RegisterSubject(.household, home.household), RegisterSubject(.household, other.household)
            )
            let apart = try await house.refusal {
                try await RegisterCommands.mergeHomes(
                    gone, into: kept, version: nil, house.services.registerParts, head, database)
            }
            #expect(apart == .invalid, "they live in two dwellings, and nobody lives in both")
            try await RegisterCommands.mergeHomes(
                RegisterSubject(.dwelling, other.dwelling), into: RegisterSubject(.dwelling, home.dwelling),
                version: nil, house.services.registerParts, head, database)
            let visit = try await VisitsTests.announce(house, other.household)
            try await database.write(head, "offline.same") { tx in
                try Households.heard(of: other.household, by: .call, tx)
                try tx.audit(gone.subject(in: House.homeGrid), fields: ["heardAt"])
            }
            try await balanced(house)
            try await RegisterCommands.mergeHomes(
                gone, into: kept, version: nil, house.services.registerParts, head, database)
            try await balanced(house)
            func relations(_ household: ID<Household>) async throws -> [String: HouseholdRelation] {
                let members = try await database.read { try RegisterQueries.members(of: household, $0) }
                return Dictionary(
                    members.map { ($0.person.name, $0.relation) }, uniquingKeysWith: { first, _ in first })
            }
            #expect(try await relations(home.household) == ["陈秀英": .head, "王五": .other])
            #expect(try await database.read { try VisitQueries.find(visit, $0)?.household } == home.household)
            let (standing, heard) = try await database.read { tx in
                (
                    try RegisterQueries.standing(other.household, tx)?.id,
                    try RegisterQueries.household(home.household, tx)?.heardAt
                )
            }
            #expect(standing == home.household && heard != nil)
            #expect(try await database.read { try VisitDebts.find(other.household, $0) } == nil)

            try await RegisterCommands.splitHomes(gone, house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await relations(home.household) == ["陈秀英": .head])
            #expect(try await relations(other.household) == ["王五": .head])
            #expect(try await database.read { try VisitQueries.find(visit, $0)?.household } == other.household)
            try await RegisterCommands.splitHomes(
                RegisterSubject(.dwelling, other.dwelling), house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await database.read { try RegisterQueries.households(of: other.dwelling, $0).count } == 1)
        }
    }

    @Test("同一家登记在两处房屋：有同一个人住在两户里才能并，人、走访、预警、网格都过来；撤销各归各的", arguments: TestEngine.enabled)
    func oneFamily(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await twin(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let (kept, gone) = (
                RegisterSubject(.household, home.household), RegisterSubject(.household, other.household)
            )
            let second = try await house.place("幸福里小区8号楼1单元").division
            // A child who was entered in one of the two only, and the mother in both: merged, she lives in both.
            let child = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "王小五", "person.born": "2015-06-01"]), .household(other.household),
                tie: .family, relation: .child, head, database, house.services.registers)
            func twins() async throws -> [RegisterTwin.Sign] {
                try await database.read { try RegisterQueries.twins(of: kept, $0) }.map(\.sign)
            }
            #expect(try await twins().isEmpty)
            try await RegisterCommands.merge(
                other.subject, into: home.subject, version: nil, because: "户口簿上是同一个人",
                house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await twins() == [.people])
            var draft = VisitDraft(other.household)
            (draft.reason, draft.slot) = ("看看您有什么需要", VisitsTests.slot(house))
            let visit = try await VisitCommands(database).announce(
                draft, try await house.context(DemoStaff.gridWorker2))
            let warning: ID<Warning> = try database.newID()
            let at = house.clock.clock.now
            _ = try await database.system { tx in
                try tx.execute(
                    """
                    INSERT INTO warning (id, rule, cause, at, division, community, household_id, category, state,
                        is_open, note, acted_name)
                    VALUES (\(warning), 'silent', 'test', \(at), \(second), \(second.ancestor(at: .community)),
                        \(other.household), '', 'open', 1, '', '')
                    """)
            }
            try await RegisterCommands.mergeHomes(
                gone, into: kept, version: nil, house.services.registerParts, head, database)
            try await balanced(house)
            let (members, homes) = try await database.read { tx in
                (
                    try RegisterQueries.members(of: home.household, tx).map(\.person.name),
                    try RegisterQueries.homes(of: child, tx).map(\.dwelling)
                )
            }
            #expect(members.sorted() == ["陈秀英", "王小五"].sorted() && homes == [home.dwelling])
            #expect(try await division(house, RegisterSubject(.person, child)) == House.homeGrid)
            #expect(try await division(house, home.subject) == House.homeGrid)
            func work() async throws -> [DivisionCode?] {
                try await database.read { tx in
                    [
                        try tx.value("SELECT division FROM visit WHERE id = \(visit)"),
                        try tx.value("SELECT division FROM warning WHERE id = \(warning)"),
                    ]
                }
            }
            #expect(try await work() == [House.homeGrid, House.homeGrid])
            #expect(try await database.read { try VisitQueries.find(visit, $0)?.household } == home.household)

            try await RegisterCommands.splitHomes(gone, house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await division(house, RegisterSubject(.person, child)) == second)
            let back = try await database.read { try RegisterQueries.homes(of: child, $0) }
            #expect(back.map(\.dwelling) == [other.dwelling] && back.map(\.household) == [other.household])
            #expect(try await database.read { try RegisterQueries.homes(of: home.person, $0).count } == 2)
            #expect(try await work() == [second, second])
            #expect(try await database.read { try VisitQueries.find(visit, $0)?.household } == other.household)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("并过来以后又搬走的，撤销时不动；别处的人合并不了", arguments: TestEngine.enabled)
    func movedSince(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await twin(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let third = try await house.enterHome("1301", ["person.name": "李"])
            let (kept, gone) = (RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.dwelling, other.dwelling))
            for stranger in [DemoStaff.locustHead, .gridWorker1] {
                let refused = try await house.refusal {
                    try await RegisterCommands.mergeHomes(
                        gone, into: kept, version: nil, house.services.registerParts, try await house.context(stranger),
                        database)
                }
                #expect(refused == .notFound)
            }
            try await RegisterCommands.mergeHomes(
                gone, into: kept, version: nil, house.services.registerParts, head, database)
            try await balanced(house)
            try await RegisterCommands.move(
                other.person, to: .household(third.household), tie: .family, relation: .other, version: nil, head,
                database)
            try await balanced(house)
            try await RegisterCommands.splitHomes(gone, house.services.registerParts, head, database)
            try await balanced(house)
            let homes = try await database.read { try RegisterQueries.homes(of: other.person, $0) }
            #expect(homes.map(\.household) == [third.household])
            #expect(try await division(house, RegisterSubject(.person, other.person)) == House.homeGrid)
            #expect(try await database.read { try RegisterQueries.residents(of: other.dwelling, $0).isEmpty })
        }
    }

    @Test("两处都住的人，并过来以后搬走了，撤销时不回去", arguments: TestEngine.enabled)
    func sleepsElsewhere(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await twin(house))
            let (head, database) = (try await house.context(.head), house.services.database)
            let third = try await house.enterHome("1301", ["person.name": "李"])
            let (kept, gone) = (RegisterSubject(.dwelling, home.dwelling), RegisterSubject(.dwelling, other.dwelling))
            // One person under two entries lives in both spellings of one home.
            try await RegisterCommands.merge(
                other.subject, into: home.subject, version: nil, because: "户口簿上是同一个人",
                house.services.registerParts, head, database)
            try await RegisterCommands.mergeHomes(
                gone, into: kept, version: nil, house.services.registerParts, head, database)
            try await balanced(house)
            #expect(try await database.read { try RegisterQueries.homes(of: home.person, $0).count } == 1)
            try await RegisterCommands.move(
                home.person, to: .household(third.household), tie: .family, relation: .other, version: nil, head,
                database)
            try await balanced(house)
            try await RegisterCommands.splitHomes(gone, house.services.registerParts, head, database)
            try await balanced(house)
            let homes = try await database.read { try RegisterQueries.homes(of: home.person, $0) }
            #expect(homes.map(\.household) == [third.household])
        }
    }
}
