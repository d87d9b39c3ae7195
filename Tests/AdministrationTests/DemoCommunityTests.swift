import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What `linli demo` puts into a store: whoever tries something out meets it there, and so do the tests.
@Suite("演示社区里什么都有")
struct DemoCommunityTests {
    @Test("诉求的每一种状态都有工单", arguments: TestEngine.enabled)
    func everyState(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let states = Set(try house.services.queries.types.current("need").states.map(\.id))
            let found = try await house.services.database.read { tx in
                Set(try tx.all("SELECT DISTINCT state FROM case_item WHERE type = 'need'") { try $0[0] as String })
            }
            #expect(states.subtracting(found) == [], "the demo has no case in these states")
        }
    }

    @Test("说有联系的每一户，都说得出是怎么联系上的", arguments: TestEngine.enabled)
    func heardBySomething(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let unsaid: SQL = """
                SELECT count(*) FROM household h WHERE h.heard_at IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM household_signal s WHERE s.household_id = h.id AND s.at = h.heard_at)
                """
            #expect(try await house.value(unsaid, as: Int.self) == 0)
            let heard: Int? = try await house.value("SELECT count(*) FROM household WHERE heard_at IS NOT NULL")
            #expect((heard ?? 0) > 10)
        }
    }

    @Test("每一种职责都有人；两个小区十二栋楼、一条胡同、一个村，三个网格都有边界", arguments: TestEngine.enabled)
    func everyRoleAndPlace(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (roles, kinds, bordered) = try await house.services.database.read { tx in
                let roles = Set(try tx.all("SELECT DISTINCT role FROM access_grant") { try $0[0] as String })
                let kinds = try tx.all("SELECT kind, count(*) FROM place GROUP BY kind") { row in
                    (try row[0] as String, try row[1] as Int)
                }
                let range = DemoDivision.happiness.range
                let bordered: Int? = try tx.value(
                    """
                    SELECT count(*) FROM grid_shape
                    WHERE division BETWEEN \(range.lowerBound) AND \(range.upperBound) AND valid_until IS NULL
                    """)
                return (roles, Dictionary(uniqueKeysWithValues: kinds), bordered)
            }
            #expect(Set(Role.all.map(\.id)).subtracting(roles) == [], "nobody of the demo has these duties")
            #expect(kinds["estate"] == 2 && kinds["building"] == 12 && kinds["village"] == 1)
            #expect((kinds["courtyard"] ?? 0) >= 4 && bordered == 3)
        }
    }
}
