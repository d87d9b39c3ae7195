import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The small map of entries, and the three ways to say where something stands.
@Suite("登记页上的小地图和取坐标")
struct RegisterMapTests {
    @Test("登记表有坐标、定位、点选；登记好的页上有地图和养护单位的电话；没有坐标的没有地图", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.worker)
            let form = try await house.open("/registers/thing/new", query: [], worker)
            for part in ["data-spot", "data-spot-field", "data-locate", "data-pick=\"register\"", "name=\"lat\""] {
                #expect(form.contains(part), "\(part)")
            }
            let home = try await house.enterHome()
            let dwelling = "/registers/dwelling/\(home.dwelling)"
            #expect(try await house.open(dwelling, query: [], worker).contains("data-map") == false)
            let wrong = try #require(
                try await house.send(dwelling + "/change", Form([("dwelling.point", "12"), ("version", "1")]), worker))
            #expect(wrong.contains("请写两个数") && wrong.contains("value=\"12\""))
            let saved = try await house.send(
                dwelling + "/change", Form([("dwelling.point", "116.402，39.9148"), ("version", "1")]), worker)
            #expect(saved == dwelling + "?done=change")
            let shown = try await house.open(dwelling, query: [], worker)
            #expect(shown.contains("data-point=\"39.9148,116.402\"") && shown.contains("39.9148,116.402</dd>"))
            #expect(
                try await house.open("/registers/person/\(home.person)", query: [], worker).contains("data-map")
                    == false)
            let unit: String = try #require(
                try await house.value(
                    """
                    SELECT name FROM unit GROUP BY name HAVING count(*) = 1 AND min(phone) <> '' ORDER BY name LIMIT 1
                    """))
            let thing = try await RegisterCommands.enterThing(
                try House.typed(["thing.name": "路灯", "thing.upkeepBody": unit]), in: nil, division: House.homeGrid,
                worker, house.services.database, house.services.registers)
            let lamp = try await house.open("/registers/thing/\(thing)", query: [], worker)
            #expect(lamp.contains("谁来养护") && lamp.contains("href=\"tel:"))
        }
    }

    @Test("房屋、户、人的页上有这里和附近的部件，远的没有", arguments: TestEngine.enabled)
    func thingsAround(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (worker, database) = (try await house.context(DemoStaff.worker), house.services.database)
            let home = try await house.enterHome()
            let place = try await house.place("幸福里小区3号楼2单元")
            let (latitude, longitude) = (try #require(place.latitude), try #require(place.longitude))
            func enter(_ name: String, _ point: String, in place: ID<Place>? = nil) async throws {
                _ = try await RegisterCommands.enterThing(
                    try House.typed(["thing.name": name, "thing.point": point]), in: place, division: House.homeGrid,
                    worker, database, house.services.registers)
            }
            try await enter("样例灭火器", "", in: place.id)
            try await enter("样例消火栓", "\(latitude),\(longitude)")
            try await enter("样例远处路灯", "\(latitude + 0.004),\(longitude)")
            for path in [
                "dwelling/\(home.dwelling)", "household/\(home.household)", "person/\(home.person)",
            ] {
                let page = try await house.open("/registers/" + path, query: [], worker)
                #expect(page.contains("这里和附近的部件、设施"), "\(path)")
                #expect(page.contains("样例灭火器") && page.contains("就在这里"), "\(path)")
                #expect(page.contains("样例消火栓") && page.contains("约 10 米"), "\(path)")
                #expect(!page.contains("样例远处路灯"), "\(path)")
            }
        }
    }
}
