import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What the page of an entry says of its surroundings, and the same for programs: what was merged into it, where it lies
/// in the standard form, what was found and warned of there.
@Suite("登记周围：并进来的、标准地址、隐患和预警")
struct RegisterAroundTests {
    private func enterShop(_ name: String, _ house: House) async throws -> ID<Organization> {
        let place = try await house.place("幸福里小区3号楼")
        return try await RegisterCommands.enterOrganization(
            try House.typed(["organization.name": name, "organization.kind": "shop"]), in: place.id,
            division: House.homeGrid, try await house.context(.worker), house.services.database,
            house.services.registers
        ).id
    }

    private func enterHydrant(_ house: House) async throws -> ID<Thing> {
        let place = try await house.place("幸福里小区3号楼")
        return try await RegisterCommands.enterThing(
            try House.typed(["thing.name": "消防栓"]), in: place.id, division: House.homeGrid,
            try await house.context(.worker), house.services.database, house.services.registers)
    }

    @Test("并进来的列在留下的那一条上：名称、谁并的、去看、撤销；程序也看得到", arguments: TestEngine.enabled)
    func merged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(.worker)
            let (one, twin) = (try await enterShop("老张修鞋", house), try await enterShop("老张修鞋铺", house))
            let (path, gone) = ("/registers/organization/\(one)", "/registers/organization/\(twin)")
            try await withSite(house) { site in
                let program = try await site.program(for: .worker)
                #expect(try await site.shown("GET", path + "/around", as: program)["merged"].list.isEmpty)
                _ = try await RegisterCommands.merge(
                    RegisterSubject(.organization, twin), into: RegisterSubject(.organization, one), version: nil,
                    house.services.registerParts, worker, house.services.database)
                let page = try await house.open(path, query: [], worker)
                #expect(page.contains("并进来的登记") && page.contains("老张修鞋铺") && page.contains(worker.actor.name))
                #expect(page.contains("href=\"\(gone)\"") && page.contains("action=\"\(gone)/split\""))
                let merged = try await site.shown("GET", path + "/around", as: program)["merged"].list
                #expect(merged.map { $0["id"].text } == ["\(twin)"])
                #expect(merged.first?["by"].text == worker.actor.name && merged.first?["name"].text == "老张修鞋铺")
                #expect(try await house.send(gone + "/split", Form([]), worker) == gone + "?done=split")
                #expect(try await !house.open(path, query: [], worker).contains("并进来的登记"))
                #expect(try await site.shown("GET", path + "/around", as: program)["merged"].list.isEmpty)
            }
        }
    }

    @Test("房屋和户写着标准地址，程序读到的一样", arguments: TestEngine.enabled)
    func standardAddress(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let worker = try await house.context(.worker)
            let names = house.services.divisions
            let community = try #require(names.known(House.homeGrid.ancestor(at: .community)))
            try await withSite(house) { site in
                let program = try await site.program(for: .worker)
                for path in ["/registers/dwelling/\(home.dwelling)", "/registers/household/\(home.household)"] {
                    let shown = try await site.shown("GET", path, as: program)["standardAddress"].text
                    #expect(shown.hasSuffix(community + "幸福里小区3号楼2单元1201"))
                    let page = try await house.open(path, query: [], worker)
                    #expect(page.contains("标准地址") && page.contains(">\(shown)<"), "\(path)")
                }
                let person = try await site.shown("GET", "/registers/person/\(home.person)", as: program)
                #expect(person["standardAddress"].text.isEmpty)
            }
        }
    }

    @Test("组织和部件上看得到那里的隐患和预警，程序读到的一样；别处的、不该看的看不到", arguments: TestEngine.enabled)
    func foundAndWarned(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let now = house.clock.clock.now
            _ = try await Demo.field(services, now: now)
            _ = try await PatrolDemo.install(services, now: now)
            let (shop, hydrant) = (try await enterShop("老张修鞋", house), try await enterHydrant(house))
            let building = try await house.place("幸福里小区3号楼")
            let finding = try #require(
                try await services.database.read {
                    try PatrolStore.findings(in: DemoDivision.happiness, hidden: [], limit: 1, $0)
                }.first)
            let warning: ID<Warning> = try services.database.newID()
            _ = try await services.database.system { tx in
                try tx.execute(
                    """
                    UPDATE patrol_finding SET place_id = \(building.id), division = \(House.homeGrid)
                    WHERE id = \(finding.id)
                    """)
                try tx.execute(
                    """
                    INSERT INTO warning (id, rule, cause, at, division, community, place_id, category, state, is_open,
                        note, acted_name)
                    VALUES (\(warning), 'hazards', 'test', \(now), \(House.homeGrid), \(DemoDivision.happiness),
                        \(building.id), '', 'open', 1, '', '')
                    """)
            }
            let (head, walker) = (try await house.context(.head), try await house.context(.gridWorker1))
            try await withSite(house) { site in
                let program = try await site.program(for: .head)
                let stranger = try await site.program(for: .locustHead)
                for path in ["/registers/organization/\(shop)", "/registers/thing/\(hydrant)"] {
                    let page = try await house.open(path, query: [], head)
                    #expect(page.contains(finding.number) && page.contains("同一处反复有消防隐患"), "\(path)")
                    let around = try await site.shown("GET", path + "/around", as: program)["around"].list
                    let known = around.map { "\($0["kind"].text) \($0["id"].text)" }
                    #expect(known.contains("finding \(finding.id)") && known.contains("warning \(warning)"), "\(path)")
                    #expect(known.contains("thing \(hydrant)") == path.contains("organization"), "not itself")
                    // Warnings are not for who walks the grid.
                    #expect(try await !house.open(path, query: [], walker).contains("同一处反复有消防隐患"))
                    _ = try await site.shown("GET", path + "/around", as: stranger, status: 404)
                }
            }
        }
    }

    @Test("信息已删除的人，页面上不再请人给他登记住处", arguments: TestEngine.enabled)
    func erased(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let worker = try await house.context(.worker)
            let path = "/registers/person/\(home.person)"
            func close(_ end: SQL) async throws {
                _ = try await house.services.database.system { tx in
                    try tx.execute("UPDATE residence SET valid_to = \(tx.now) WHERE person_id = \(home.person)")
                    try tx.execute(end)
                }
            }
            try await close("UPDATE person SET version = version + 1 WHERE id = \(home.person)")
            #expect(try await house.open(path, query: [], worker).contains("用“搬家”给他登记"))
            let now = house.clock.clock.now
            try await close(
                "UPDATE person SET name = '', valid_to = \(now), end_reason = 'erased' WHERE id = \(home.person)")
            let page = try await house.open(path, query: [], worker)
            #expect(page.contains("现在没有登记住处") && !page.contains("用“搬家”给他登记"))
        }
    }
}
