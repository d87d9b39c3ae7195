import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Correcting, moving, ending, tying and merging what stands in the registers.
@Suite("台账的登记、更正、搬家、注销、合并")
struct RegisterCommandsTests {
    @Test("更正：旧的新的都封存在历史里，号码换了还查得到，别人先改了就不写", arguments: TestEngine.enabled)
    func changing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (database, settings) = (house.services.database, house.services.registers)
            let worker = try await house.context(DemoStaff.worker)
            let changed = try await RegisterCommands.change(
                try House.typed(["person.name": "陈秀兰", "person.phone": "13900139000", "person.education": "初中"]),
                of: home.subject, version: 1, worker, database, settings)
            #expect(changed.fields.map(\.id) == ["person.name", "person.phone"])
            let person = try #require(try await database.read { try RegisterQueries.person(home.person, $0) })
            #expect(person.name == "陈秀兰" && person.phoneMask == "139****9000" && person.entry.version == 2)
            let values = try await RegisterReading.read(
                [try House.field("person.phone")], of: home.subject, for: .visit, note: "", worker, database)
            #expect(values.values.first == "13900139000")
            let lines = try await database.read { try RegisterHistory.lines(of: home.subject, database.keys, $0) }
            #expect(lines.map(\.what) == [.changed, .entered])
            #expect(lines[0].values["person.name"]?.old == "陈秀英")
            #expect(lines[0].values["person.phone"] == nil, "the history shows no phone")
            #expect(lines[0].fields == ["person.name", "person.phone"])
            // Somebody else was faster.
            let late = try await house.refusal {
                _ = try await RegisterCommands.change(
                    try House.typed(["person.name": "陈"]), of: home.subject, version: 1, worker, database, settings)
            }
            #expect(late == .conflict)
            // Taking a fact away, and a mistake that names its field.
            _ = try await RegisterCommands.change(
                try House.typed(["person.chronicDiseases": ""]), of: home.subject, version: nil, worker, database,
                settings)
            let facts = try await database.read { try RegisterQueries.facts(of: home.subject, $0).map(\.field.id) }
            #expect(facts == ["person.education", "person.isLivingAlone"])
            await #expect(throws: LinliError.self) {
                _ = try await RegisterCommands.change(
                    try House.typed(["person.number": "110100195006150021"]), of: home.subject, version: nil, worker,
                    database, settings)
            }
        }
    }

    @Test("谁能改：别的网格的人看不见，居民不能；特殊人群的字段默认没有", arguments: TestEngine.enabled)
    func whoMay(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let database = house.services.database
            let typed = try House.typed(["person.name": "陈"])
            for stranger in [
                try await house.context(DemoStaff.gridWorker3), try await house.context(DemoResident.tenant),
                house.visitor,
            ] {
                let refusal = try await house.refusal {
                    _ = try await RegisterCommands.change(
                        typed, of: home.subject, version: nil, stranger, database, RegisterSettings())
                }
                #expect(refusal == .notFound)
            }
            let walker = try await house.context(DemoStaff.gridWorker1)
            _ = try await RegisterCommands.change(
                typed, of: home.subject, version: nil, walker, database, RegisterSettings())
            for settings in [RegisterSettings(), RegisterSettings(hasSpecialGroups: true)] {
                let refusal = try await house.refusal {
                    _ = try await RegisterCommands.change(
                        try House.typed(["person.isReleased": "是"]), of: home.subject, version: nil, walker, database,
                        settings)
                }
                #expect(refusal == .forbidden)
            }
        }
    }

    @Test("搬家、注销、恢复：人数跟着走，重数一遍相等", arguments: TestEngine.enabled)
    func moving(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李"]))
            let database = house.services.database
            let head = try await house.context(DemoStaff.head)
            try await RegisterCommands.move(
                home.person, to: .household(other.household), tie: .family, relation: .parent, version: 1, head,
                database)
            let homes = try await database.read { try RegisterQueries.homes(of: home.person, $0) }
            #expect(homes.map(\.address) == ["幸福里小区3号楼2单元1301"] && homes[0].relation == .parent)
            try await RegisterCommands.moveHousehold(
                other.household, to: home.dwelling, version: nil, head, database)
            let members = try await database.read { try RegisterQueries.members(of: other.household, $0) }
            #expect(members.count == 2 && members.allSatisfy { $0.dwelling == home.dwelling })
            try await balanced(house)
            // A home with people in it cannot go.
            let inhabited = try await house.refusal {
                try await RegisterCommands.end(
                    RegisterSubject(.dwelling, home.dwelling), .gone, version: nil, head, database)
            }
            #expect(inhabited == .invalid)
            let subject = RegisterSubject(.household, other.household)
            try await RegisterCommands.end(subject, .moved, version: nil, head, database)
            let left = try await database.read { try RegisterQueries.residents(of: home.dwelling, $0) }
            #expect(left.isEmpty)
            try await balanced(house)
            // One of them alone cannot come back before the household does.
            let early = try await house.refusal {
                try await RegisterCommands.reopen(home.subject, version: nil, head, database)
            }
            #expect(early == .conflict)
            try await RegisterCommands.reopen(subject, version: nil, head, database)
            let back = try await database.read { try RegisterQueries.members(of: other.household, $0) }
            #expect(back.count == 2)
            try await balanced(house)
            try await RegisterCommands.end(home.subject, .died, version: nil, head, database)
            let gone = try #require(try await database.read { try RegisterQueries.person(home.person, $0) })
            #expect(gone.endReason == "died" && gone.entry.validTo != nil)
            try await balanced(house)
        }
    }

    private func balanced(_ house: House) async throws {
        await house.deliver()
        let wrong = try await house.services.database.read { try RegisterCounts.differences($0).count }
        #expect(wrong == 0)
        house.clock.advance(minutes: 1)
    }

    @Test("关联和照片：对得上的才能连，谁都只看到自己该看的", arguments: TestEngine.enabled)
    func tying(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (home, other) = (try await house.enterHome(), try await house.enterHome("1301", ["person.name": "李"]))
            let database = house.services.database
            let worker = try await house.context(DemoStaff.worker)
            let link = try await RegisterCommands.link(
                home.subject, .guardian, to: other.subject, worker, database)
            let links = try await database.read { try RegisterQueries.links(of: other.subject, $0) }
            #expect(links.map(\.name) == ["陈秀英"] && links[0].isOutgoing == false)
            let odd = try await house.refusal {
                try await RegisterCommands.link(home.subject, .owner, to: other.subject, worker, database)
            }
            #expect(odd == .invalid)
            try await RegisterCommands.unlink(link, of: other.subject, worker, database)
            #expect(try await database.read { try RegisterQueries.links(of: home.subject, $0).isEmpty })
            let photo = try await house.photo(worker)
            try await RegisterCommands.attach([photo], to: home.subject, worker, database)
            #expect(try await database.read { try RegisterQueries.photo(photo, of: home.subject, $0) } != nil)
            #expect(try await database.read { try RegisterQueries.photo(photo, of: other.subject, $0) } == nil)
            try await RegisterCommands.detach(photo, from: home.subject, worker, database)
            #expect(try await database.read { try RegisterQueries.photos(of: home.subject, $0).isEmpty })
        }
    }

    @Test("合并：住处、信息、号码、历史都过来，撤销后各归各的", arguments: TestEngine.enabled)
    func merging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome("1201", ["person.name": "陈秀英", "person.born": "1950-06-15"])
            let twin = try await house.enterHome("1301")
            let database = house.services.database
            let head = try await house.context(DemoStaff.head)
            let found = try await database.read { try RegisterQueries.twins(of: kept.subject, $0) }
            #expect(found.map(\.item.subject) == [twin.subject] && found[0].sign == .nameAndBirth)
            try await RegisterCommands.merge(
                twin.subject, into: kept.subject, version: 1, house.services.registerParts, head, database)
            let phone = try House.field("person.phone")
            let values = try await RegisterReading.read(
                [phone], of: kept.subject, for: .visit, note: "", head, database)
            #expect(values[phone] == "13800138000", "sealed again for its new cell")
            let (homes, facts, gone, lines) = try await database.read { tx in
                (
                    try RegisterQueries.homes(of: kept.person, tx), try RegisterQueries.facts(of: kept.subject, tx),
                    try #require(try RegisterQueries.person(twin.person, tx)),
                    try RegisterHistory.lines(of: kept.subject, database.keys, tx)
                )
            }
            #expect(homes.count == 2 && facts.count == 3 && gone.mergedInto == kept.person)
            #expect(Set(lines.map(\.subject)) == [kept.subject, twin.subject])
            try await balanced(house)
            try await RegisterCommands.split(twin.subject, house.services.registerParts, head, database)
            let (here, back, mask) = try await database.read { tx in
                (
                    try RegisterQueries.homes(of: kept.person, tx), try RegisterQueries.homes(of: twin.person, tx),
                    try RegisterQueries.person(kept.person, tx)?.phoneMask
                )
            }
            #expect(here.count == 1 && back.count == 1 && mask == "")
            #expect(try await database.read { try RegisterQueries.facts(of: twin.subject, $0).count } == 3)
            try await balanced(house)
        }
    }

    @Test("登记组织和部件：试点代码提醒但收下，部件的类别从标识码来", arguments: TestEngine.enabled)
    func organizationsAndThings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, settings) = (house.services.database, house.services.registers)
            let worker = try await house.context(DemoStaff.worker)
            let place = try await house.place("幸福里小区3号楼")
            let (firm, warnings) = try await RegisterCommands.enterOrganization(
                try House.typed([
                    "organization.name": "试点公司", "organization.creditCode": "91350100M0001TGQXM",
                    "organization.kind": "company", "organization.phone": "13700137000",
                ]), in: place.id, division: place.division, worker, database, settings)
            #expect(warnings.count == 1)
            let record = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(record.isCodeDoubtful && record.phoneMask == "137****7000" && record.address == "幸福里小区3号楼")
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "路灯", "thing.code": "1101010118000099", "thing.state": "sound"]),
                in: nil, division: House.homeGrid, worker, database, settings)
            let lamp = try #require(try await database.read { try RegisterQueries.thing(thing, $0) })
            #expect(lamp.category == "C0118" && lamp.state == .sound)
            try await RegisterCommands.end(RegisterSubject(.thing, thing), .gone, version: nil, worker, database)
            try await balanced(house)
        }
    }

    @Test("组织登记在一间房里，再迁到另一间：地址、网格、人数跟着走；同一处不算迁", arguments: TestEngine.enabled)
    func organizationsInRooms(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, settings) = (house.services.database, house.services.registers)
            let worker = try await house.context(DemoStaff.worker)
            let home = try await house.enterHome()
            let (firm, _) = try await RegisterCommands.enterOrganization(
                try House.typed(["organization.name": "家门口裁缝铺"]), in: nil, dwelling: home.dwelling,
                division: House.homeGrid, worker, database, settings)
            let record = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(record.dwelling == home.dwelling && record.address == "幸福里小区3号楼2单元1201")
            let place = try await house.place("幸福里小区8号楼1单元")
            let shop = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "底商1", "dwelling.kind": "shop"]), in: place.id, worker, database,
                settings)
            try await RegisterCommands.moveOrganization(firm, to: shop, version: 1, worker, database)
            let moved = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(moved.dwelling == shop && moved.place == place.id && moved.address == "幸福里小区8号楼1单元底商1")
            #expect(moved.division == place.division && moved.division != House.homeGrid && moved.entry.version == 2)
            let subject = RegisterSubject(.organization, firm)
            let lines = try await database.read { try RegisterHistory.lines(of: subject, database.keys, $0) }
            #expect(lines.first?.what == .moved && lines.first?.values["address"]?.new == moved.address)
            let again = try await house.refusal {
                try await RegisterCommands.moveOrganization(firm, to: shop, version: nil, worker, database)
            }
            #expect(again == .invalid)
            let stranger = try await house.context(DemoStaff.gridWorker3)
            let refused = try await house.refusal {
                try await RegisterCommands.moveOrganization(firm, to: home.dwelling, version: nil, stranger, database)
            }
            #expect(refused == .notFound)
            try await balanced(house)
        }
    }
}
