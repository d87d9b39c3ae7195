import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Roots of the audit that left the machine.
@Suite("审计根存到外面")
struct AuditRootsTests {
    @Test("每天存一份；换了历史就对不上；认不得的行不放过", arguments: TestEngine.enabled)
    func laysDown(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let folder = house.folder + "/roots"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let roots = AuditRoots(folder: folder)
            let database = house.services.database
            #expect(try await house.verifiedAudit().problem == nil)
            #expect(try await roots.publish(database, at: house.clock.clock.now))
            #expect(try await !roots.publish(database, at: house.clock.clock.now), "one a day")
            house.clock.advance(minutes: 1440)
            #expect(try await !roots.publish(database, at: house.clock.clock.now), "nothing new was sealed")
            _ = try await house.report(try await house.draft(), try await house.context(.tenant))
            _ = try await house.verifiedAudit()
            #expect(try await roots.publish(database, at: house.clock.clock.now))
            let sound = try await roots.problem(database)
            #expect(sound.roots == 2 && sound.problem == nil)
            // Another history with the same keys: its chain is right in itself, and not the one that was laid down.
            try await database.write(.system("test", now: house.clock.clock.now), "test.rewrite") { tx in
                try tx.execute(
                    "UPDATE audit_batch SET chained = \([UInt8](repeating: 1, count: 32)) WHERE sequence = 1")
                try tx.execute("UPDATE audit_batch SET chained = root WHERE sequence > 1")
                try tx.audit(Subject("audit", 1))
            }
            #expect(try await roots.problem(database).problem?.contains("is not the one laid down") == true)
            let file = URL(fileURLWithPath: folder + "/linli-audit-roots.txt")
            try Data("something else\n".utf8).write(to: file)
            await #expect(throws: LinliError.self) { try await roots.problem(database) }
        }
    }
}
