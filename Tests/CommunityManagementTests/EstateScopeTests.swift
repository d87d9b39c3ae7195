import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// An estate in two grids: who reads one of them learns nothing of the other by way of the estate.
@Suite("一个小区两个网格：各看各的")
struct EstateScopeTests {
    private static let (first, second) = (DemoDivision.grid(1), DemoDivision.grid(2))

    /// A community worker whose duty is one grid.
    private func worker(of grid: DivisionCode, _ house: House) async throws -> Context {
        let staff = try await house.context(DemoStaff.worker)
        let grants = staff.actor.grants.map {
            Grant(id: $0.id, role: $0.role, subject: .division(grid), permissions: $0.permissions)
        }
        let actor = Actor(staff.actor.kind, name: staff.actor.name, grants: grants, employer: staff.actor.employer)
        return Context(actor: actor, now: staff.now, requestID: "test")
    }

    /// A home in each grid.
    private func homes(_ house: House) async throws -> (first: TestHome, second: TestHome) {
        let worker = try await house.context(.worker)
        let (database, settings) = (house.services.database, house.services.registers)
        func home(_ name: String) async throws -> TestHome {
            let dwelling = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "1901", "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
                in: try await house.place(name).id, worker, database, settings)
            let person = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "样例甲"]), .dwelling(dwelling), tie: .owner, relation: .head, worker,
                database, settings)
            let household = try await database.read { try RegisterQueries.homes(of: person, $0).first?.household }
            return TestHome(dwelling: dwelling, household: try #require(household), person: person)
        }
        return (try await home("幸福里小区3号楼2单元"), try await home("幸福里小区8号楼1单元"))
    }

    private func warn(
        _ rule: String, in grid: DivisionCode, place: ID<Place>? = nil, household: ID<Household>? = nil, _ house: House
    ) async throws -> ID<Warning> {
        let id: ID<Warning> = try house.services.database.newID()
        let at = house.clock.clock.now
        _ = try await house.services.database.system { tx in
            try tx.execute(
                """
                INSERT INTO warning (id, rule, cause, at, division, community, place_id, household_id, category, state,
                    is_open, note, acted_name)
                VALUES (\(id), \(rule), \("test:\(id)"), \(at), \(grid), \(DemoDivision.happiness), \(place),
                    \(household), '', 'open', 1, '', '')
                """)
        }
        return id
    }

    @Test("小区页和住户页上的预警：别的网格的、别人家的都看不到", arguments: TestEngine.enabled)
    func warnings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            _ = try await house.services.database.system { tx in
                // What the demo warns of itself says nothing here.
                try tx.execute("DELETE FROM warning_reason")
                try tx.execute("DELETE FROM warning")
            }
            let estate = try await house.place("幸福里小区")
            let (near, far) = try await homes(house)
            let ofEstate = [
                try await warn("hazards", in: Self.first, place: estate.id, house),
                try await warn("quarrels", in: Self.second, place: estate.id, house),
            ]
            let ofHomes = [
                try await warn("missed", in: Self.first, household: near.household, house),
                try await warn("silent", in: Self.second, household: far.household, house),
            ]
            let (here, there) = (try await worker(of: Self.first, house), try await worker(of: Self.second, house))
            func seen(_ context: Context) async throws -> Set<ID<Warning>> {
                try await house.services.database.read { tx in
                    Set(
                        try WarningQueries.about(
                            households: [near.household, far.household], places: [estate.id], seenBy: context.actor,
                            limit: 50, tx
                        ).map(\.id))
                }.intersection(ofEstate + ofHomes)
            }
            #expect(try await seen(here) == [ofEstate[0], ofHomes[0]])
            #expect(try await seen(there) == [ofEstate[1], ofHomes[1]])
            #expect(try await seen(try await house.context(DemoStaff.head)) == Set(ofEstate + ofHomes))
            // Who handles warnings of a street and may see no home of it.
            #expect(try await seen(try await house.context(DemoStaff.dispatcher)) == Set(ofEstate))

            let names = ["同一处反复有消防隐患", "同一处反复起纠纷", "连续没见到人", "独住老人很久没有音信"]
            func shown(_ path: String, _ context: Context) async throws -> [Bool] {
                let page = try await house.open(path, query: [], context)
                #expect(!page.isEmpty, "\(path)")
                return names.map { page.contains($0) }
            }
            #expect(try await shown("/registers/places/\(estate.id)", here) == [true, false, true, false])
            #expect(try await shown("/registers/household/\(near.household)", here) == [true, false, true, false])
            #expect(try await shown("/registers/dwelling/\(far.dwelling)", there) == [false, true, false, true])
            let head = try await house.context(DemoStaff.head)
            #expect(try await shown("/registers/places/\(estate.id)", head) == [true, true, true, true])
        }
    }

    @Test("巡查在小区发现的隐患，只给看得到那个网格的人", arguments: TestEngine.enabled)
    func findings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let now = house.clock.clock.now
            _ = try await Demo.field(services, now: now)
            _ = try await PatrolDemo.install(services, now: now)
            let estate = try await house.place("幸福里小区")
            let (near, far) = try await homes(house)
            let found = try await services.database.read {
                try PatrolStore.findings(in: DemoDivision.happiness, hidden: [], limit: 30, $0)
            }
            let (first, second) = (try #require(found.first), try #require(found.last))
            #expect(first.id != second.id)
            for (finding, grid) in [(first, Self.first), (second, Self.second)] {
                _ = try await services.database.system { tx in
                    try tx.execute(
                        "UPDATE patrol_finding SET place_id = \(estate.id), division = \(grid) WHERE id = \(finding.id)"
                    )
                }
            }
            func shown(_ path: String, _ person: DemoStaff) async throws -> [Bool] {
                let page = try await house.open(path, query: [], try await house.context(person))
                return [first, second].map { page.contains("\($0.point) · ") && page.contains($0.number) }
            }
            #expect(try await shown("/registers/places/\(estate.id)", .gridWorker1) == [true, false])
            #expect(try await shown("/registers/dwelling/\(near.dwelling)", .gridWorker1) == [true, false])
            #expect(try await shown("/registers/dwelling/\(far.dwelling)", .gridWorker2) == [false, true])
            #expect(try await shown("/registers/places/\(estate.id)", .head) == [true, true])
        }
    }
}
