import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What is around a place and a home, who looks after it, yards, villages and office buildings, and places for programs.
@Suite("地点周围：物业、工单、部件、院落、楼宇、接口")
struct PlaceAroundTests {
    /// An estate of its own in the grid 李强 walks, managed by a company, with two buildings; the first has an entrance.
    private func estate(
        _ house: House
    ) async throws -> (estate: PlaceSummary, building: PlaceSummary, entrance: PlaceSummary) {
        let administrator = try await house.context(.administrator)
        func send(_ path: String, _ fields: [(String, String)]) async throws {
            _ = try await house.send(path, Form(fields.map { (name: $0.0, value: $0.1) }), administrator)
        }
        try await send(
            "/admin/places/new",
            [
                ("kind", "estate"), ("name", "和平里小区"), ("division", "110101001901001"), ("right", "commercial"),
                ("manager", "\(try await house.unit("安居物业"))"), ("under", "110101001901"),
            ])
        let estate = try await house.place("和平里小区")
        try await send("/admin/places/\(estate.id)/inside", [("kind", "building"), ("names", "1号楼\n2号楼")])
        let building = try await house.place("和平里小区1号楼")
        try await send("/admin/places/\(building.id)/inside", [("kind", "entrance"), ("names", "1单元")])
        return (estate, building, try await house.place("和平里小区1号楼1单元"))
    }

    /// A home at a place.
    private func home(_ place: PlaceSummary, _ house: House) async throws -> TestHome {
        let worker = try await house.context(.worker)
        let (database, settings) = (house.services.database, house.services.registers)
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": "301", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: place.id, worker, database, settings)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(["person.name": "样例甲"]), .dwelling(dwelling), tie: .owner, relation: .head, worker,
            database, settings)
        let household = try await database.read { try RegisterQueries.homes(of: person, $0).first?.household }
        return TestHome(dwelling: dwelling, household: try #require(household), person: person)
    }

    @Test("单元上也看得到小区的物业和值班电话，页面和接口一样", arguments: TestEngine.enabled)
    func manager(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                // Only the estate has a manager: the entrance two levels below has the same.
                let (_, building, entrance) = try await estate(house)
                let manager = try #require(
                    try await house.services.database.read { try PlacesStore.manager(of: entrance, $0) })
                #expect(entrance.manager == nil && building.manager == nil && !manager.phone.isEmpty)
                let worker = try await house.context(.gridWorker1)
                let page = try await house.open("/registers/places/\(entrance.id)", query: [], worker)
                #expect(page.contains("值班电话") && page.contains(manager.phone) && page.contains(manager.name.zh))
                #expect(!page.contains("没有物业"))
                let program = try await site.program(for: .gridWorker1)
                let found = try await site.shown("GET", "/places/\(entrance.id)", as: program)
                #expect(found["managerPhone"].text == manager.phone && found["managerName"].text == manager.name.zh)
                let admin = try await site.program(for: .administrator)
                let same = try await site.shown("GET", "/admin/places/\(entrance.id)", as: admin)
                #expect(same["managerPhone"].text == manager.phone)
            }
        }
    }

    @Test("网格员的程序按写法找到地点，别的网格的找不到", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .gridWorker1)
                let entrance = try await house.place("幸福里小区3号楼2单元")
                // 三号楼二单元
                let words = "%E4%B8%89%E5%8F%B7%E6%A5%BC%E4%BA%8C%E5%8D%95%E5%85%83"
                let found = try await site.shown("GET", "/places?q=\(words)", as: program)["places"].list
                #expect(found.map { $0["id"].text } == ["\(entrance.id)"])
                let all = try await site.shown("GET", "/places", as: program)["places"].list
                #expect(all.count > 10)
                #expect(all.allSatisfy { $0["division"].text == "\(House.homeGrid)" })
                let elsewhere = try await house.place("多福巷5号院")
                _ = try await site.shown("GET", "/places/\(elsewhere.id)", as: program, status: 404)
                _ = try await site.shown("GET", "/places?division=110101001901003", as: program, status: 404)
            }
        }
    }

    @Test("楼里的工单在小区、楼、单元、房屋、户、人的页面上都看得到", arguments: TestEngine.enabled)
    func cases(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (estate, building, entrance) = try await estate(house)
            let home = try await home(entrance, house)
            let worker = try await house.context(.worker)
            let draft = try await house.draft("一号楼楼道灯坏了", category: "R0104", at: "和平里小区1号楼")
            let id = try await house.report(draft, try await house.context(.tenant))
            let link = "/desk/cases/\(id)"
            for path in [
                "/registers/places/\(estate.id)", "/registers/places/\(building.id)",
                "/registers/dwelling/\(home.dwelling)", "/registers/household/\(home.household)",
                "/registers/person/\(home.person)",
            ] {
                #expect(try await house.open(path, query: [], worker).contains(link), "\(path)")
            }
            // The neighbouring building has no part in it.
            let other = try await house.place("和平里小区2号楼")
            #expect(try await !house.open("/registers/places/\(other.id)", query: [], worker).contains(link))
        }
    }

    @Test("小区跨两个网格：网格员在小区的页面上只看到自己网格里的", arguments: TestEngine.enabled)
    func grids(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let estate = try await house.place("幸福里小区")
            let (own, other) = (
                try await house.place("幸福里小区3号楼2单元"), try await house.place("幸福里小区8号楼1单元")
            )
            #expect(own.division == estate.division && own.division != other.division)
            for (person, seesBoth) in [(DemoStaff.gridWorker1, false), (DemoStaff.head, true)] {
                let actor = try await house.context(person).actor
                let around = try await house.services.database.read { tx in
                    try PlaceAround(estate, tx) { actor.may(.peopleRead, in: $0) }
                }
                #expect(around.inside.first == estate.id && around.inside.contains(own.id))
                #expect(around.inside.contains(other.id) == seesBoth)
            }
        }
    }

    @Test("房屋和户的页面上有附近的部件，地点页面上有里面的", arguments: TestEngine.enabled)
    func things(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (estate, building, entrance) = try await estate(house)
            let home = try await home(entrance, house)
            let worker = try await house.context(.worker)
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "一号楼消火栓", "thing.state": "damaged"]), in: building.id,
                division: House.homeGrid, worker, house.services.database, house.services.registers)
            for path in [
                "/registers/dwelling/\(home.dwelling)", "/registers/household/\(home.household)",
                "/registers/places/\(estate.id)", "/registers/places/\(building.id)",
            ] {
                let page = try await house.open(path, query: [], worker)
                #expect(page.contains("/registers/thing/\(thing)"), "\(path)")
            }
        }
    }

    @Test("胡同院子：几户同院，共用水龙头能登记；村、组、院也一样", arguments: TestEngine.enabled)
    func yards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(.worker)
            let yard = try await house.place("多福巷5号院")
            let path = "/registers/places/\(yard.id)"
            let form = try await house.open(
                "/registers/dwelling/new", query: [("place", "\(yard.id)"), ("dwelling.kind", "facility")], worker)
            #expect(form.contains("value=\"facility\" selected"))
            let (database, settings) = (house.services.database, house.services.registers)
            for name in ["公用电表箱", "煤棚"] {
                let sent = Form([
                    ("place", "\(yard.id)"), ("dwelling.number", name), ("dwelling.kind", "facility"),
                    ("dwelling.occupancy", "unknown"),
                ])
                #expect(
                    try await house.send("/registers/dwelling/new", sent, worker)?.hasSuffix("done=entered") == true)
            }
            // What nobody said of a home in a yard follows from where it lies.
            let room = Form([("place", "\(yard.id)"), ("dwelling.number", "东厢1"), ("dwelling.kind", "")])
            #expect(try await house.send("/registers/dwelling/new", room, worker)?.hasSuffix("done=entered") == true)
            let kind: String? = try await house.value("SELECT kind FROM dwelling WHERE number = '东厢1'")
            #expect(kind == "room")
            // The demo's yards: two brothers under one roof, and the tap and the toilet all share.
            let households = try await database.read {
                try RegisterQueries.households(at: [yard.id], in: [DemoDivision.happiness], $0).count
            }
            let page = try await house.open(path, query: [], worker)
            #expect(households > 4 && page.contains("本院 \(households) 户"))
            for name in ["院内水龙头", "院内厕所", "公用电表箱", "煤棚"] { #expect(page.contains(name)) }
            #expect(page.contains("dwelling.kind=facility"))
            let group = try await house.place("柳河村一组")
            let chain = try await database.read { try PlacesStore.chain(of: group.id, $0).map(\.kind) }
            #expect(chain == [.group, .village])
            let villager = try await house.context(.villageHead)
            let house1 = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "8号", "dwelling.kind": "house", "dwelling.occupancy": "owner"]),
                in: group.id, villager, database, settings)
            let record = try await database.read { try RegisterQueries.dwelling(house1, $0) }
            #expect(record?.address == "柳河村一组8号" && record?.kind == .house)
            let village = try await house.place("柳河村")
            #expect(
                try await house.open("/registers/places/\(village.id)", query: [], villager).contains("一组"))
        }
    }

    @Test("商务楼宇：一层一层列单位，楼层是地点、写在房屋上、写在地址里都认得", arguments: TestEngine.enabled)
    func floors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (database, settings) = (house.services.database, house.services.registers)
            let administrator = try await house.context(.administrator)
            let fields = [
                ("kind", "businessBuilding"), ("name", "和平中心"), ("division", "110101001901001"),
                ("right", "commercial"), ("under", "110101001901"),
            ]
            _ = try await house.send(
                "/admin/places/new", Form(fields.map { (name: $0.0, value: $0.1) }), administrator)
            let building = try await house.place("和平中心")
            let inside = Form([(name: "kind", value: "floor"), (name: "names", value: "十二层")])
            _ = try await house.send("/admin/places/\(building.id)/inside", inside, administrator)
            let floor = try await house.place("和平中心十二层")
            let worker = try await house.context(.worker)
            let office = try await RegisterCommands.enterDwelling(
                try House.typed([
                    "dwelling.number": "301", "dwelling.kind": "office", "dwelling.occupancy": "work",
                    "dwelling.floor": "3",
                ]), in: building.id, worker, database, settings)
            func enter(
                _ name: String, _ place: ID<Place>?, _ room: ID<Dwelling>? = nil, _ address: String = ""
            ) async throws {
                var values = ["organization.name": name, "organization.kind": "company"]
                if !address.isEmpty { values["organization.address"] = address }
                _ = try await RegisterCommands.enterOrganization(
                    try House.typed(values), in: place, dwelling: room, division: House.homeGrid, worker, database,
                    settings)
            }
            try await enter("样例甲公司", floor.id)
            try await enter("样例乙公司", nil, office)
            try await enter("样例丙公司", building.id, nil, "和平中心五层503")
            let page = try await house.open("/registers/places/\(building.id)", query: [], worker)
            let order = ["3层", "样例乙公司", "5层", "样例丙公司", "十二层", "样例甲公司"]
            var rest = page[...]
            for word in order {
                let range = try #require(rest.range(of: word), "\(word) is not where it should be")
                rest = rest[range.upperBound...]
            }
            let entrance = Form([(name: "kind", value: "entrance"), (name: "names", value: "东门")])
            _ = try await house.send("/admin/places/\(building.id)/inside", entrance, administrator)
            let door = try await house.place("和平中心东门")
            let again = try await house.open("/registers/places/\(building.id)", query: [], worker)
            #expect(again.contains("href=\"/registers/places/\(door.id)\""), "an entrance is found beside the floors")
            _ = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "大堂消防栓"]), in: building.id, division: House.homeGrid, worker,
                database, settings)
            let firm: ID<Organization> = try #require(
                try await house.value("SELECT id FROM organization WHERE name = '样例甲公司'"))
            let around = try await house.open("/registers/organization/\(firm)", query: [], worker)
            #expect(around.contains("大堂消防栓"), "the things of the building it is in")
        }
    }

    @Test("演示：商务中心四层七家单位，社区看得到，地图上有点", arguments: TestEngine.enabled)
    func demoOffices(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let building = try await house.place("幸福里商务中心")
            #expect(building.kind == .businessBuilding && building.division == DemoDivision.grid(3))
            let (latitude, longitude) = (try #require(building.latitude), try #require(building.longitude))
            let grid = try await house.services.database.read {
                try GridLocator.grid(latitude: latitude, longitude: longitude, at: house.clock.clock.now, $0)
            }
            #expect(grid == building.division, "it stands where its grid is drawn")
            let worker = try await house.context(.gridWorker3)
            let page = try await house.open("/registers/places/\(building.id)", query: [], worker)
            for word in ["1层", "晨光咖啡小店", "3层", "明石软件有限公司", "4层", "东街养老服务促进会"] {
                #expect(page.contains(word), "\(word)")
            }
            let found: Int? = try await house.value(
                """
                SELECT count(*) FROM organization o JOIN dwelling d ON d.id = o.dwelling_id
                JOIN place p ON p.id = d.place_id WHERE p.parent_id = \(building.id)
                """)
            #expect(found == 7)
            let head = try await house.context(.head)
            let points = try await house.open("/desk/map/points", query: [("under", "110101001901")], head)
            #expect(points.contains("幸福里商务中心"))
        }
    }

    @Test("标准地址：省市区街道社区、路巷、门牌、楼、单元、室，不合的指出来", arguments: TestEngine.enabled)
    func addresses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let entrance = try await house.place("幸福里小区3号楼2单元")
            let chain = try await house.services.database.read { try PlacesStore.chain(of: entrance.id, $0) }
            let names = ["北京市", "市辖区", "东城区", "东华门街道", "幸福里社区"]
            func name(_ code: DivisionCode) -> String? {
                let index = code.level.rawValue - 1
                return names.indices.contains(index) ? names[index] : nil
            }
            let whole = PlaceAddress(chain, room: "0302室", name: name)
            #expect(whole.text.hasPrefix("北京市东城区东华门街道幸福里社区"))
            #expect(whole.text.hasSuffix("幸福里小区3号楼2单元0302室"))
            #expect(whole.remarks.map(\.zh).contains("门牌号“0302室”一般写成“302”"))
            let found = try await house.services.database.read { try PlacesStore.named(in: "幸福里小区3#二门0302室", $0) }
            #expect(found?.id == entrance.id)
            let yard = try await house.place("多福巷5号院")
            let lane = try await house.services.database.read { try PlacesStore.chain(of: yard.id, $0) }
            let address = PlaceAddress(lane, name: name)
            #expect(address.parts.suffix(2).map(\.text) == ["多福巷", "5号院"] && address.remarks.isEmpty)
            // A lane that says its road still has yards with numbers.
            let (database, division) = (house.services.database, yard.division)
            let numbers = ["甲1号院", "试验胡同2号院"]
            let yards = try await database.write(try await house.context(.administrator), "places.add") { tx in
                func add(_ name: String, in parent: ID<Place>?, road: String, _ address: String) throws -> ID<Place> {
                    try PlacesStore.insert(
                        NewPlace(
                            parent: parent, kind: .courtyard, name: name, address: address, division: division,
                            propertyRight: .publicHousing, sortKey: 900, road: road), tx)
                }
                let lane = try add("试验胡同", in: nil, road: "试验胡同", "试验胡同")
                return try numbers.map { try add($0, in: lane, road: "", "试验胡同" + $0) }
            }
            for (id, number) in zip(yards, ["甲1号院", "2号院"]) {
                let chain = try await database.read { try PlacesStore.chain(of: id, $0) }
                #expect(PlaceAddress(chain, name: name).parts.suffix(2).map(\.text) == ["试验胡同", number])
            }
            // A village that is its community is said once, and so is its name before that of its group.
            let group = try await house.place("柳河村二组")
            let village = try await database.read { try PlacesStore.chain(of: group.id, $0) }
            let said = PlaceAddress(village) { $0.level == .community ? "柳河村" : nil }
            #expect(said.text == "柳河村二组")
            #expect(PlaceAddress(village) { _ in nil }.text == "柳河村二组")
        }
    }
}
