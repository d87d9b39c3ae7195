import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Where homes, organizations and things stand: typed, kept, corrected; and which unit keeps a thing up.
@Suite("坐标和养护单位")
struct RegisterPointsTests {
    private static let today = CivilDate(year: 2026, month: 11, day: 22)

    @Test("坐标两种次序都认，写法归一；中国以外、一个数、不是数都不收", arguments: ["dwelling", "organization", "thing"])
    func typed(_ kind: String) throws {
        let field = try House.field("\(kind).point")
        let today = try #require(Self.today)
        for text in ["39.914,116.402", "116.402，39.914", " 39.914 ; 116.402 ", "39.9140 116.4020"] {
            #expect(try RegisterValue.check(text, of: field, today: today)?.value == "39.914,116.402", "\(text)")
        }
        for text in ["39.914", "48.8566,2.3522", "39.914,116.402,5", "东经116,北纬39", "1e400,116", "nan,nan"] {
            #expect(throws: LinliError.self, "\(text)") {
                _ = try RegisterValue.check(text, of: field, today: today)
            }
        }
        #expect(try RegisterValue.check("  ", of: field, today: today) == nil)
        // Areas of certificates have decimals: as many as are kept, and no other sort of number.
        let area = try #require(RegisterField.named("dwelling.area"))
        for (text, kept) in [("56.5", "56.5"), ("88", "88"), ("88.00", "88"), ("60.046", "60.05"), ("7.10", "7.1")] {
            #expect(try RegisterValue.check(text, of: area, today: today)?.value == kept, "\(text)")
        }
        for text in ["0", "1e3", "-5", "五十", "nan", "100000.5", "1.2.3"] {
            #expect(throws: LinliError.self, "\(text)") {
                _ = try RegisterValue.check(text, of: area, today: today)
            }
        }
    }

    @Test("登记时写坐标、更正、拿掉；没有地点的按坐标归网格；历史写明前后", arguments: TestEngine.enabled)
    func points(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (head, database) = (try await house.context(.head), house.services.database)
            let settings = house.services.registers
            let place = try await house.place("幸福里小区3号楼2单元")
            let dwelling = try await RegisterCommands.enterDwelling(
                try House.typed([
                    "dwelling.number": "1201", "dwelling.kind": "flat", "dwelling.point": "39.9148,116.402",
                ]),
                in: place.id, head, database, settings)
            let kept = try #require(try await database.read { try RegisterQueries.dwelling(dwelling, $0) })
            #expect(kept.point == GeoPoint(longitude: 116.402, latitude: 39.9148))
            let subject = RegisterSubject(.dwelling, dwelling)
            let changed = try await RegisterCommands.change(
                try House.typed(["dwelling.point": "39.9149,116.4021"]), of: subject, version: 1, head, database,
                settings)
            #expect(changed.fields.map(\.id) == ["dwelling.point"])
            let same = try await RegisterCommands.change(
                try House.typed(["dwelling.point": "116.4021,39.9149"]), of: subject, version: 2, head, database,
                settings)
            #expect(same.fields.isEmpty, "the same place in the other order")
            let line = try #require(
                try await database.read { try RegisterHistory.lines(of: subject, database.keys, $0).first })
            #expect(line.values["dwelling.point"]?.old == "39.9148,116.402")
            #expect(line.values["dwelling.point"]?.new == "39.9149,116.4021")
            try await RegisterCommands.change(
                try House.typed(["dwelling.point": ""]), of: subject, version: nil, head, database, settings)
            #expect(try await database.read { try RegisterQueries.dwelling(dwelling, $0)?.point } == nil)

            let community = House.homeGrid.ancestor(at: .community)
            let square = try await house.place("幸福里小广场")
            let (latitude, longitude) = (try #require(square.latitude), try #require(square.longitude))
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "路灯", "thing.point": "\(latitude),\(longitude)"]), in: nil,
                division: community, head, database, settings)
            let lamp = try #require(try await database.read { try RegisterQueries.thing(thing, $0) })
            #expect(lamp.division == square.division && lamp.division.level == .grid)
            #expect(lamp.point == GeoPoint(longitude: longitude, latitude: latitude))
            let (firm, _) = try await RegisterCommands.enterOrganization(
                try House.typed(["organization.name": "样例书店", "organization.point": "\(latitude),\(longitude)"]),
                in: nil, division: community, head, database, settings)
            let shop = try #require(try await database.read { try RegisterQueries.organization(firm, $0) })
            #expect(shop.division == square.division && shop.point == lamp.point)
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("养护单位写的是本系统的一个单位就连上，改了跟着改；重名的、不认得的不连", arguments: TestEngine.enabled)
    func upkeep(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (head, database) = (try await house.context(.head), house.services.database)
            let settings = house.services.registers
            let name: String = try #require(
                try await house.value("SELECT name FROM unit GROUP BY name HAVING count(*) = 1 ORDER BY name LIMIT 1"))
            let unit = try await house.unit(name)
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "路灯", "thing.upkeepBody": name]), in: nil,
                division: House.homeGrid, head, database, settings)
            let subject = RegisterSubject(.thing, thing)
            func keeper() async throws -> ID<Unit>? {
                try await database.read { try RegisterQueries.thing(thing, $0)?.upkeepUnit }
            }
            #expect(try await keeper() == unit)
            try await RegisterCommands.change(
                try House.typed(["thing.upkeepBody": "没有这家单位"]), of: subject, version: nil, head, database, settings)
            #expect(try await keeper() == nil)
            try await RegisterCommands.change(
                try House.typed(["thing.upkeepBody": name]), of: subject, version: nil, head, database, settings)
            #expect(try await keeper() == unit)
            try await RegisterCommands.change(
                try House.typed(["thing.upkeepBody": ""]), of: subject, version: nil, head, database, settings)
            #expect(try await keeper() == nil)
        }
    }
}
