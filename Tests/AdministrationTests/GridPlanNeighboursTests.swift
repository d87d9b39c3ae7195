import LinliCore
import LinliKernel
import LinliStandards
import LinliTestSupport
import Testing

@testable import Administration

/// Plans of grids and what lies around them: on their day, after it, and across the borders of streets.
@Suite("网格方案和邻居")
struct GridPlanNeighboursTests {
    private static let community = DivisionCode(rawValue: 110_101_001_901_000)

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func day(_ house: House, _ days: Int) -> String { "\(house.clock.clock.now.date.adding(days: days))" }

    /// The draft of a community with other grids than it began with, its border left open.
    private func redrawn(
        _ community: DivisionCode, _ house: House, _ context: Context, _ change: ([GridOutline]) -> [GridOutline]
    ) async throws -> String {
        let begun = try await house.send("/admin/grid-plans", form([("under", "\(community)")]), context)
        let path = try #require(begun)
        let id = try #require(ID<GridPlan>(String(path.split(separator: "/").last ?? "")))
        let (parts, plan) = try await house.services.database.read { tx in
            (try GridPlansStore.parts(of: id, tx), try GridPlansStore.find(id, tx))
        }
        let sketch = GridSketch(community: community, parts: change(parts), territory: nil)
        let text = String(decoding: sketch.geoJSON.bytes, as: UTF8.self)
        let saved = form([("plan", text), ("version", "\(plan?.version ?? 0)")])
        #expect(try await house.send(path + "/save", saved, context) == path + "?done=save")
        return path
    }

    /// Free land east of the demo's communities.
    private func freeLand() throws -> GeoArea {
        let corners = [(116.4090, 39.9140), (116.4120, 39.9140), (116.4120, 39.9200), (116.4090, 39.9200)]
        let ring = GeoRing(corners.compactMap { GeoPoint(longitude: $0.0, latitude: $0.1) })
        return try #require(ring.flatMap { GeoArea([GeoPolygon(outer: $0)]) })
    }

    private func adding(_ area: GeoArea, to community: DivisionCode) -> ([GridOutline]) -> [GridOutline] {
        // Grid 1 alone beside it: the yard of the school leaves no gap in that.
        { parts in
            let new = GridOutline(code: DivisionCode(rawValue: community.rawValue + 90), name: "东边网格", area: area)
            return parts.filter { $0.code.rawValue % 1000 == 1 } + [new]
        }
    }

    @Test("两版已公布的方案不能重叠：按起用那天查，公布时再查", arguments: TestEngine.enabled)
    func plansToCome(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let land = try freeLand()
            let first = try await redrawn(Self.community, house, administrator, adding(land, to: Self.community))
            func publish(_ path: String, in days: Int) async throws -> String? {
                let when = form([("day", day(house, days)), ("reason", "东边没人管")])
                return try await house.send(path + "/publish", when, administrator)
            }
            #expect(try await publish(first, in: 30) == first + "?done=publish")
            // What it leaves to nobody is said after publishing as it was before.
            let published = try await house.open(first, query: [], administrator)
            #expect(published.contains("以后不属于任何网格") && !published.contains("没有重叠，没有空隙"))
            let second = try await redrawn(
                DemoDivision.locust, house, administrator, adding(land, to: DemoDivision.locust))
            let page = try await house.open(second, query: [], administrator)
            #expect(page.contains("重叠 ") && !page.contains("没有重叠，没有空隙"))
            for days in [1, 30, 40] {
                #expect(try await publish(second, in: days)?.contains("重叠 ") == true, "in \(days) days")
            }
            // Taken back the land is free again, for whoever publishes first.
            #expect(try await house.send(first + "/withdraw", Form(), administrator) == first + "?done=withdraw")
            #expect(try await publish(second, in: 10) == second + "?done=publish")
            #expect(try await publish(first, in: 30)?.contains("重叠 ") == true)
        }
    }

    @Test("邻居让出的地到那天才能要；别人已经按它公布了，就不能收回", arguments: TestEngine.enabled)
    func landGivenUp(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let held = try await house.services.database.read { tx in
                try GridAreasStore.outlines(in: Self.community, at: house.clock.clock.now, tx)
            }
            let given = try #require(held.first { $0.code.rawValue % 1000 == 3 }).area
            let giving = try await redrawn(Self.community, house, administrator) { parts in
                parts.filter { $0.code.rawValue % 1000 == 1 }
            }
            func publish(_ path: String, in days: Int) async throws -> String? {
                let when = form([("day", day(house, days)), ("reason", "巷子归槐荫")])
                return try await house.send(path + "/publish", when, administrator)
            }
            #expect(try await publish(giving, in: 20) == giving + "?done=publish")
            let taking = try await redrawn(
                DemoDivision.locust, house, administrator, adding(given, to: DemoDivision.locust))
            #expect(try await house.open(taking, query: [], administrator).contains("要到那天再起用"))
            #expect(try await publish(taking, in: 10)?.contains("重叠 ") == true)
            #expect(try await publish(taking, in: 20) == taking + "?done=publish")
            let refused = try await house.send(giving + "/withdraw", Form(), administrator)
            #expect(refused?.contains("先收回邻居的那一版") == true)
            #expect(try await house.send(taking + "/withdraw", Form(), administrator) == taking + "?done=withdraw")
            #expect(try await house.send(giving + "/withdraw", Form(), administrator) == giving + "?done=withdraw")
        }
    }

    @Test("别的街道的网格压着也查得出，画和传文件都一样", arguments: TestEngine.enabled)
    func acrossStreets(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let land = try freeLand()
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.area") { tx in
                try GridAreasStore.put(try GridArea(DemoDivision.villageGrid, land), tx)
            }
            let path = try await redrawn(Self.community, house, administrator, adding(land, to: Self.community))
            #expect(try await house.open(path, query: [], administrator).contains("重叠 "))
            let when = form([("day", day(house, 1)), ("reason", "东边没人管")])
            #expect(try await house.send(path + "/publish", when, administrator)?.contains("重叠 ") == true)
            var geometry = JSONWriter()
            land.writeGeoJSON(to: &geometry)
            let border = String(decoding: geometry.bytes, as: UTF8.self)
            let file =
                "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
                + "\"properties\":{\"number\":3},\"geometry\":\(border)}]}"
            let fields = form([("under", "110101001901"), ("borders", file)])
            #expect(try await house.send("/admin/grids", fields, administrator)?.contains("有重叠") == true)
        }
    }

    @Test("邻居社区的网格连社区名一起说，都叫第1网格也分得清", arguments: TestEngine.enabled)
    func neighbourNames(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let (own, near) = try await house.services.database.read { tx in
                (
                    try GridAreasStore.outlines(in: Self.community, at: now, tx).map(\.name),
                    try GridAreasStore.neighbours(
                        of: Self.community,
                        near: try GridAreasStore.outlines(in: Self.community, at: now, tx).map(\.area), from: now, tx
                    ).flatMap(\.grids)
                )
            }
            #expect(own.contains("第1网格") && !near.isEmpty)
            #expect(near.allSatisfy { !Self.community.contains($0.code) && !$0.name.hasPrefix("第") })
            #expect(near.contains { $0.name.hasSuffix("第1网格") }, "\(near.map(\.name))")
        }
    }
}
