import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import Administration

/// How the server is, for who has no shell on it.
@Suite("看运行情况")
struct OperationsViewTests {
    @Test("接口说库多大、等着什么、任务、备份、节点；只有该看的看", arguments: TestEngine.enabled)
    func figures(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            try await StoreCopies.leaving(to: "/var/backups/2026-11-26", by: "linli", database)
            try await database.system { tx in
                for (kind, dead) in [("test.dead", 1), ("test.due", 0)] {
                    try tx.execute(
                        """
                        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead)
                        VALUES (\(try tx.newID(JobRun.self)), \(kind), \(kind), '', \(tx.now), 0, \(dead))
                        """)
                }
            }
            try await withSite(house) { site in
                for person in [DemoStaff.auditor, .administrator] {
                    let program = try await site.program(for: person)
                    let state = try await site.shown("GET", "/admin/operations", as: program)
                    #expect(state["engine"].text == (engine == .sqlite ? "SQLite" : "PostgreSQL"))
                    #expect((Int(state["storeBytes"].text) ?? 0) > 100_000)
                    #expect(state["deadJobs"].list.map { $0["name"].text } == ["test.dead"])
                    #expect(state["jobs"].list.contains { $0["kind"].text == "test.due" && !$0["failed"].isTrue })
                    #expect((Int(state["jobsDue"].text) ?? 0) >= 1)
                    #expect(state["lastBackup"]["words"].text == "linli: /var/backups/2026-11-26")
                    #expect(!state.names.contains("lastRestore"))
                }
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("GET", "/admin/operations", as: dispatcher, status: 403)
            }
        }
    }

    @Test("页面先说要人动手的：放到一边的、没备份", arguments: TestEngine.enabled)
    func page(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let auditor = try await site.staff(.auditor)
                let first = try await site.open("/admin/operations", as: auditor).text
                #expect(first.contains("还没有用 linli backup 备份过") && !first.contains("放到一边"))
                let database = house.services.database
                try await StoreCopies.leaving(to: "/srv/copy", by: "root", database)
                _ = try await database.system { tx in
                    try tx.execute(
                        """
                        INSERT INTO job (id, kind, unique_key, payload, run_at, attempts, dead, error)
                        VALUES (\(try tx.newID(JobRun.self)), 'test.dead', NULL, '', \(tx.now), 10, 1, '13912345678')
                        """)
                }
                let second = try await site.open("/admin/operations", as: auditor).text
                #expect(second.contains("test.dead") && second.contains("root: /srv/copy"))
                #expect(!second.contains("还没有用 linli backup") && !second.contains("13912345678"))
                house.clock.advance(minutes: 3 * 24 * 60)
                let third = try await site.open("/admin/operations", as: try await site.staff(.auditor)).text
                #expect(third.contains("已经 3 天没有备份"))
            }
        }
    }

    @Test("大小写给人看")
    func sizes() {
        #expect(OperationsPage.size(0) == "0 B" && OperationsPage.size(1023) == "1023 B")
        #expect(OperationsPage.size(1024) == "1.0 KB" && OperationsPage.size(1536) == "1.5 KB")
        #expect(OperationsPage.size(25 << 30) == "25.0 GB" && OperationsPage.size(5 << 50) == "5120.0 TB")
    }
}
