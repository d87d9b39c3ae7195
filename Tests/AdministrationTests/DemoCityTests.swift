import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// The made-up city: as many people as it says, counted right, found by name, and going on where it stopped.
@Suite("演示城市")
struct DemoCityTests {
    @Test("千分之一的城：人数对、网格人数和重数一遍相等、人查得到、再跑一遍不再加", arguments: TestEngine.enabled)
    func fraction(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let services = house.services
            let now = house.clock.clock.now
            let report = try await Demo.city(fraction: 0.0006, services, now: now)
            #expect(report.communities == 1 && report.grids == 6)
            // One of 1,672 communities.
            #expect((5790...5800).contains(report.people))
            #expect((2185...2195).contains(report.households))
            await house.deliver()
            let community = try #require(
                try await house.value("SELECT min(community) FROM person", as: DivisionCode.self))
            try await services.database.read { tx in
                let city = community.ancestor(at: .city)
                let totals = try RegisterCounts.totals(of: [city, community], tx)
                #expect(totals[city]?[.person] == report.people)
                #expect(totals[community]?[.household] == report.households)
                #expect(try RegisterCounts.differences(tx).isEmpty)
                let scope = Scope(divisions: [city], units: [], account: nil, interests: [])
                let found = try RegisterFinder.find("王", .person, in: scope, tx)
                #expect(found.hits.count == RegisterFinder.pageSize && found.next != nil)
                let someone = try #require(
                    try tx.first("SELECT name, number_mask FROM person ORDER BY id DESC LIMIT 1") {
                        row -> (String, String) in (try row[0], try row[1])
                    })
                let hits = try RegisterFinder.find(
                    "\(someone.0) \(someone.1.suffix(4))", in: scope, tx
                ).hits
                #expect(hits.contains { $0.title == someone.0 && $0.detail.contains(someone.1) })
                #expect(hits.first?.detail.first?.isEmpty == false)
                // Numbers come once, and nobody has them.
                let twice: Int? = try tx.value(
                    """
                    SELECT count(*) FROM (SELECT number_hash FROM person GROUP BY number_hash HAVING count(*) > 1) AS t
                    """)
                #expect(twice == 0)
                let other: Int? = try tx.value("SELECT count(*) FROM person WHERE number_mask NOT LIKE '110%'")
                #expect(other == 0)
            }
            let again = try await Demo.city(fraction: 0.0006, services, now: now)
            #expect(again.people == 0 && again.known == 6)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("人多时先不建乱序的索引，填完了再建，和迁移里的一模一样", arguments: TestEngine.enabled)
    func indexes(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let isPostgres = engine == .postgres
            let names = ["person_number", "person_phone", "person_name"] + (isPostgres ? ["register_search_body"] : [])
            func definitions() async throws -> [String] {
                try await house.services.database.read { tx in
                    let text: SQL =
                        tx.dialect == .sqlite
                        ? "SELECT sql FROM sqlite_master WHERE type = 'index' AND name IN \(SQL.list(names)) ORDER BY name"
                        : "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname IN \(SQL.list(names)) ORDER BY indexname"
                    return try tx.all(text) { try $0[0] }
                }
            }
            let before = try await definitions()
            #expect(before.count == names.count)
            let now = house.clock.clock.now
            _ = try await Demo.city(fraction: 0.0006, house.services, now: now, large: true)
            #expect(try await definitions() == before)
            // As if the program had ended with the indexes gone: the next run makes them.
            _ = try await house.services.database.system { try $0.execute("DROP INDEX person_phone") }
            #expect(try await definitions().count == names.count - 1)
            let again = try await Demo.city(fraction: 0.0006, house.services, now: now)
            #expect(again.people == 0)
            #expect(try await definitions() == before)
        }
    }

    @Test("停在半路：空着的网格接着填", arguments: TestEngine.enabled)
    func resumes(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let services = house.services
            let now = house.clock.clock.now
            let first = try await Demo.city(fraction: 0.0006, services, now: now)
            let grid = try #require(try await house.value("SELECT max(division) FROM person", as: DivisionCode.self))
            let gone = try #require(
                try await house.value("SELECT count(*) FROM person WHERE division = \(grid)", as: Int.self))
            // As if the program had ended before this grid.
            try await services.database.write(.system("demo", now: now), "registers.change") { tx in
                try tx.execute(
                    "DELETE FROM residence WHERE person_id IN (SELECT id FROM person WHERE division = \(grid))")
                try tx.execute("DELETE FROM person WHERE division = \(grid)")
                try tx.execute("DELETE FROM household WHERE division = \(grid)")
                try tx.execute("DELETE FROM dwelling WHERE division = \(grid)")
                try tx.audit(Subject("division", grid.rawValue))
            }
            let second = try await Demo.city(fraction: 0.0006, services, now: now)
            #expect(second.people == gone && second.grids == 1 && second.known == 5)
            let total: Int? = try await house.value("SELECT count(*) FROM person", as: Int.self)
            #expect(total == first.people)
        }
    }
}
