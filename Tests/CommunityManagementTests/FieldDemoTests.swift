import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The grids of the demo as they are worked: rosters, people, a plan ahead, routes and rounds.
@Suite("演示：网格里有人值班、有楼门长、有巡查")
struct FieldDemoTests {
    @Test("空库里没有网格可巡：装巡查就是零次，不出错", arguments: TestEngine.enabled)
    func nothing(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let rounds = try await PatrolDemo.install(house.services, now: house.clock.clock.now)
            #expect(rounds == 0)
            let routes: Int? = try await house.value("SELECT count(*) FROM patrol_route")
            #expect(routes == 0)
        }
    }

    @Test("三个网格员都在班上，三条路线都巡过，隐患成了工单；再装一次什么也不变", arguments: TestEngine.enabled)
    func field(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let now = house.clock.clock.now
            #expect(try await Demo.field(services, now: now) == 26)
            let rounds = try await PatrolDemo.install(services, now: now)
            #expect(rounds >= 12)
            #expect(try await Demo.field(services, now: now) == 0)
            #expect(try await PatrolDemo.install(services, now: now) == 0)
            for (number, person) in [DemoStaff.gridWorker1, .gridWorker2, .gridWorker3].enumerated() {
                let grid = DemoDivision.grid(number + 1)
                let session = try await house.session(person.phone)
                let (lease, households) = try await OfflineLease.issue(
                    for: grid, session, try await house.context(person), services)
                #expect(lease.division == grid && !households.isEmpty)
                let (roles, routes) = try await services.database.read { tx in
                    (
                        try GridRolesStore.list(of: grid, at: now, tx).map(\.kind),
                        try PatrolStore.routes(in: grid, tx)
                    )
                }
                #expect(Set(roles) == Set(GridRoleKind.allCases), "\(grid)")
                #expect(routes.count == 1)
                let route = try #require(routes.first)
                let walked = try await services.database.read {
                    try PatrolStore.days(of: route.id, since: now.date.adding(days: -11), $0)
                }
                #expect(!walked.isEmpty && walked.allSatisfy { route.isDue(on: $0) })
                #expect(route.missed(walked: walked, days: 7, at: now).count <= 1)
            }
            let committee = try await house.unit("幸福里社区居委会")
            try await services.database.read { tx in
                #expect(try UnitsStore.onDuty(committee, at: now, tx) == "赵婷", "who residents see stays the same")
                let findings = try PatrolStore.findings(in: DemoDivision.happiness, hidden: [], limit: 30, tx)
                #expect(findings.map(\.hazard).sorted() == ["cable", "light"] && findings.allSatisfy { !$0.isSettled })
                let running: Int = try tx.value("SELECT count(*) FROM patrol WHERE ended_at IS NULL") ?? -1
                #expect(running == 0)
                let states = try tx.all(
                    "SELECT state FROM case_item WHERE id IN \(SQL.list(findings.map(\.item)))"
                ) { try $0[0] as String }
                #expect(states == ["handling", "handling"])
                let plan = try #require(try GridPlansStore.pending(in: DemoDivision.locust, at: now, tx))
                #expect(plan.number == 1 && plan.effectiveAt.map { $0 > now } == true)
                let building = try #require(
                    try PlacesStore.tree(in: DemoDivision.locust, tx).first { $0.name == "4号楼" })
                let (latitude, longitude) = (try #require(building.latitude), try #require(building.longitude))
                let later = try #require(plan.effectiveAt)
                let grids = try [now, later].map {
                    try GridLocator.grid(latitude: latitude, longitude: longitude, at: $0, tx)
                }
                #expect(grids == [DemoDivision.locustGrid(2), DemoDivision.locustGrid(1)])
            }
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("当场清走的留前后照片", arguments: TestEngine.enabled)
    func settled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let now = house.clock.clock.now
            _ = try await Demo.field(services, now: now)
            let paint: PatrolDemo.Painter = { try await Demo.stairPhoto(isAfter: $0, services, $1) }
            _ = try await PatrolDemo.install(services, now: now, paint: paint)
            let findings = try await services.database.read {
                try PatrolStore.findings(in: DemoDivision.grid(1), hidden: [], limit: 5, $0)
            }
            #expect(findings.map(\.hazard) == ["stairwell"] && findings.first?.isSettled == true)
            let item = try #require(findings.first?.item)
            let photos = try await house.value("SELECT count(*) FROM case_photo WHERE case_id = \(item)", as: Int.self)
            #expect(photos == 2)
            // Nobody told it, so nobody is waited for: the street closed it, and it is shown with who settled it.
            let dispatcher = try await house.context(.dispatcher)
            let view = try await services.queries.view(item, dispatcher)
            let committee = try await house.unit("幸福里社区居委会")
            #expect(view.item.category == "R1301" && view.item.type == "gridEvent" && view.state.id == "closed")
            #expect(view.item.handlerUnit == committee)
            #expect(view.item.ground == CaseRouting.Ground.onSpot.rawValue)
            let states = view.entries.map(\.toState)
            #expect(states.contains("closing") && !states.contains("confirming"))
        }
    }
}
