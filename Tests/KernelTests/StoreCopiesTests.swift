import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who copies the whole store leaves a line, though nothing is read in clear.
@Suite("备份和恢复留痕")
struct StoreCopiesTests {
    @Test("备份、恢复各一行：谁、哪里，能封能验", arguments: TestEngine.enabled)
    func lines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            try await StoreCopies.leaving(to: "/var/backups/2026-11-26", by: "linli", database)
            try await StoreCopies.broughtBack(from: String(repeating: "长", count: 900), by: "root", database)
            let lines = try await database.read { tx in
                try tx.all(
                    """
                    SELECT command, actor_kind, fields, reason FROM audit_entry WHERE subject_kind = 'store' ORDER BY id
                    """
                ) { row -> [String] in [try row[0], try row[1], try row[2], try row[3]] }
            }
            #expect(lines.count == 2)
            #expect(
                lines.first == ["store.backup", "system:backup", "everything", "linli: /var/backups/2026-11-26"])
            #expect(lines.last?.prefix(2) == ["store.restore", "system:restore"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }
}
