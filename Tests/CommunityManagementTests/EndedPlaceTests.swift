import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// A place that is there no more: its code on the wall, its point on a round, and who looked after it.
@Suite("地点注销以后：楼道码、巡查点位、楼门长")
struct EndedPlaceTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// A building with an entrance in grid 1, entered for the test; nobody lives there.
    private func entrance(_ house: House) async throws -> (building: PlaceSummary, entrance: PlaceSummary) {
        let administrator = try await house.context(.administrator)
        let estate = try await house.place("幸福里小区")
        _ = try await house.send(
            "/admin/places/\(estate.id)/inside", form([("kind", "building"), ("names", "20号楼")]), administrator)
        let building = try await house.place("幸福里小区20号楼")
        _ = try await house.send(
            "/admin/places/\(building.id)/inside", form([("kind", "entrance"), ("names", "1单元")]), administrator)
        return (building, try await house.place("幸福里小区20号楼1单元"))
    }

    private func steward(_ place: PlaceSummary, _ house: House) async throws -> ID<GridRole> {
        try await house.services.database.write(try await house.context(.administrator), "test.role") { tx in
            try GridRolesStore.insert(
                .steward, "样例楼门长", at: place.id, from: tx.now, until: nil, in: place.division, tx)
        }
    }

    private func end(_ place: PlaceSummary, _ house: House) async throws {
        let path = "/admin/places/\(place.id)"
        let sent = try await house.send(
            path + "/end", form([("reason", "demolished")]), try await house.context(.administrator))
        #expect(sent == path + "?done=end")
    }

    @Test("扫到的人知道出了什么事、找谁；楼门长结束；恢复后要重新指定", arguments: TestEngine.enabled)
    func codesAndRoles(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (building, entrance) = try await entrance(house)
            let head = try await house.context(DemoStaff.head)
            let commands = WallCodesCommands(database: house.services.database)
            let id = try await commands.make(entrance.id, note: "门口", head)
            let code = try #require(try await house.services.database.read { try WallCodesStore.find(id, $0) })
            #expect(try await house.open(code.path, query: [], house.visitor) == "/report?code=\(code.code)")
            let mine = try await steward(building, house)
            let other = try await steward(try await house.place("幸福里小区3号楼"), house)
            house.clock.advance(minutes: 1)
            try await end(building, house)

            let page = try await house.open(code.path, query: [], house.visitor)
            #expect(page.contains("这处地点已经没有了") && page.contains("幸福里小区20号楼1单元") && page.contains("拆除"))
            #expect(
                page.contains("href=\"/report\"") && page.contains("幸福里社区居委会") && page.contains("tel:010-6555-0101"))
            let list = try await house.open("/desk/wall-codes", query: [], head)
            #expect(list.contains("地点已注销，请取下") && !list.contains("/desk/wall-codes/\(id)/print"))
            #expect(try await house.open("/desk/wall-codes/\(id)/print", query: [], head) == "/desk/wall-codes")

            func holds(_ role: ID<GridRole>) async throws -> Bool {
                try await house.services.database.read {
                    try GridRolesStore.find(role, at: house.clock.clock.now, $0) != nil
                }
            }
            #expect(try await !holds(mine))
            #expect(try await holds(other))
            _ = try await house.send(
                "/admin/places/\(building.id)/reopen", Form(), try await house.context(.administrator))
            #expect(try await !holds(mine), "who looks after it is named anew")
            #expect(try await house.open(code.path, query: [], house.visitor) == "/report?code=\(code.code)")
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("巡查路线上标出注销的点位，不用再去，社区看到要改", arguments: TestEngine.enabled)
    func points(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (building, _) = try await entrance(house)
            let head = try await house.context(DemoStaff.head)
            let sent =
                [
                    ("name", "北边一线"), ("division", "110101001901001"), ("from", "00:00"), ("until", "23:59"),
                    ("points", "幸福里小区20号楼1单元 *\n幸福里小区3号楼2单元"),
                    ("checklist", Hazards.standardText),
                ] + (1...7).map { ("weekday", "\($0)") }
            #expect(try await house.send("/desk/patrols", form(sent), head)?.hasSuffix("/codes") == true)
            let route = try #require(
                try await house.services.database.read { try PatrolStore.routes(in: DemoDivision.grid(1), $0).last })
            let points = try await house.services.database.read { try PatrolStore.points(of: route.id, $0) }
            #expect(points.map(\.isGone) == [false, false] && points.allSatisfy { !$0.isOutside(route) })
            let worker = try await house.context(DemoStaff.gridWorker1)
            let unit = try await house.unit("幸福里社区居委会")
            try await house.services.database.write(worker, "test.roster") { tx in
                guard let account = worker.actor.account else { return }
                try UnitsStore.roster(account, unit, from: tx.now.adding(hours: -1), until: tx.now.adding(hours: 3), tx)
            }
            let patrol = try await PatrolCommands(house.services).begin(route.id, worker)
            try await end(building, house)

            let walk = try await house.open("/grid/patrols/\(patrol)", query: [], worker)
            #expect(walk.contains("签到 0 / 1") && walk.contains("地点已注销：拆除"))
            #expect(!walk.contains("/points/\(points[0].id)") && walk.contains("/points/\(points[1].id)"))
            let code = points[0].code(house.services.database.keys)
            #expect(try await house.open("/grid/patrols/at/\(code)", query: [], worker) == "/grid/patrols?done=gone")
            let refused = try await house.refusal {
                try await PatrolCommands(house.services).normal(patrol, points[0].id, .code(code), photos: [], worker)
            }
            #expect(refused == .conflict)
            for path in ["/desk/patrols", "/desk/patrols/\(route.id)/edit"] {
                let page = try await house.open(path, query: [], head)
                #expect(page.contains("请改路线：幸福里小区20号楼1单元（地点已注销：拆除）"), "\(path)")
            }
            let codes = try await house.open("/desk/patrols/\(route.id)/codes", query: [], head)
            #expect(!codes.contains(code) && codes.contains("幸福里小区3号楼2单元"))
        }
    }
}
