import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// The list reads what it shows and no more, however many cases there are.
@Suite("Open311 查询走索引")
struct Open311PlanTests {
    /// How the engine means to run a statement, a line each.
    private func plan(_ house: House, _ sql: SQL) async throws -> String {
        try await house.services.database.read { tx in
            switch tx.dialect {
            case .sqlite: try tx.all("EXPLAIN QUERY PLAN \(sql)") { try $0[3] as String }.joined(separator: "\n")
            case .postgres:
                // A table of a hundred rows is read whole whatever indexes it has: what counts is whether it has to be.
                try tx.all("SET LOCAL enable_seqscan = off", { _ in }).isEmpty
                    ? try tx.all("EXPLAIN \(sql)") { try $0[0] as String }.joined(separator: "\n") : ""
            }
        }
    }

    @Test("按时间、按密钥、按编号、按标识、按重复都有索引", arguments: TestEngine.enabled)
    func indexed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let now = house.clock.clock.now
            let offered = try Open311Services(house.services)
            let queries: [[(name: String, value: String)]] = [
                [], [("status", "open")], [("service_code", "C0118,E0110"), ("status", "closed")],
            ]
            for fields in queries {
                let query = try Open311Query(Form(fields), offered, at: now)
                for key in [nil, ID<ProgramKey>(rawValue: 1)] {
                    let plan = try await plan(house, Open311Store.listSQL(query, key))
                    #expect(plan.contains("case_publication_told"), "\(plan)")
                    #expect(plan.contains("open311_request_key") == (key != nil), "\(plan)")
                    #expect(Self.readsWhole(plan).isEmpty, "\(plan)")
                }
            }
            let key = ID<ProgramKey>(rawValue: 1)
            let other = [
                Open311Store.findSQL(["SJ20261122-0001", "SJ20261122-0002"], key),
                Open311Store.twinSQL([1], of: key, since: now),
            ]
            for sql in other {
                let plan = try await plan(house, sql)
                #expect(Self.readsWhole(plan).isEmpty, "\(plan)")
            }
        }
    }

    /// Lines that read a whole table of cases, of what programs told or of history.
    private static func readsWhole(_ plan: String) -> [Substring] {
        plan.split(separator: "\n").filter { line in
            let names = ["c", "o", "r", "e", "n", "p"]
            return line.contains("Seq Scan") || names.contains { line == "SCAN \($0)" }
        }
    }
}
