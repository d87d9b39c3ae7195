import Foundation
import LinliPostgres
import LinliSQL
import LinliTestSupport
import Testing

@Suite("PostgreSQL: waking other nodes", .enabled(if: hasPostgres))
struct ListenChannelTests {
    @Test("others hear of it at once, once each, and not the speaker")
    func notifies() async throws {
        try await withTwoNodes { sender, heardBySender, heard in
            for _ in 0..<20 { for word in ["1", "2", "3"] { sender.notify(word) } }
            try await eventually { heard.withLock { $0.count >= 3 } }
            try await Task.sleep(for: .milliseconds(200))
            let words = heard.value
            #expect(Set(words) == ["1", "2", "3"])
            // Each payload once per NOTIFY, of which there are one or two unless the machine is very busy.
            #expect(words.count <= 15)
            #expect(heardBySender.value == [])
        }
    }

    @Test("at most one NOTIFY per 50 ms")
    func limited() async throws {
        try await withTwoNodes { sender, _, heard in
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .milliseconds(500) {
                sender.notify("same")
                try await Task.sleep(for: .milliseconds(2))
            }
            let elapsed = ContinuousClock.now - start
            try await eventually { heard.value.count >= 2 }
            try await Task.sleep(for: .milliseconds(150))
            let count = heard.value.count
            #expect(count <= Int(elapsed / .milliseconds(50)) + 2)
        }
    }

    @Test("a payload that is too long says: look yourself")
    func tooLong() async throws {
        let url = try #require(ScratchPostgres.server)
        let looked = Shared(0)
        let channel = "linli_\(UInt32.random(in: 0 ... .max))"
        let listener = try ListenChannel(url: url, channel: channel) { if $0 == nil { looked.withLock { $0 += 1 } } }
        let sender = try ListenChannel(url: url, channel: channel) { _ in }
        try await eventually { looked.withLock { $0 > 0 } }
        let before = looked.value
        sender.notify(String(repeating: "x", count: 9000))
        try await eventually { looked.withLock { $0 > before } }
        await sender.close()
        await listener.close()
    }

    @Test("every second without news it says: look yourself, and it survives a lost connection")
    func wakes() async throws {
        try await ScratchPostgres.withDatabase(migrations: []) { url in
            let looked = Shared(0)
            let listener = try ListenChannel(url: url, channel: "x") { if $0 == nil { looked.withLock { $0 += 1 } } }
            try await closing(try await PostgresEngine(url: url, connections: 1)) { engine in
                try await eventually { looked.withLock { $0 >= 2 } }
                let terminated = try await engine.read { connection in
                    try connection.all(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE \("LISTEN%")"
                            + " AND datname = current_database()"
                    ) { row -> Bool in try row[0] }
                }
                #expect(terminated == [true])
                let before = looked.value
                try await eventually { looked.withLock { $0 >= before + 2 } }
            }
            await listener.close()
        }
    }

    private func withTwoNodes(
        _ body: (ListenChannel, Shared<[String]>, Shared<[String]>) async throws -> Void
    ) async throws {
        let url = try #require(ScratchPostgres.server)
        let channel = "linli_\(UInt32.random(in: 0 ... .max))"
        let atSender = Shared<[String]>([])
        let atListener = Shared<[String]>([])
        let areListening = Shared<Set<String>>([])
        let sender = try ListenChannel(url: url, channel: channel) { word in
            areListening.withLock { _ = $0.insert("sender") }
            if let word { atSender.withLock { $0.append(word) } }
        }
        let listener = try ListenChannel(url: url, channel: channel) { word in
            areListening.withLock { _ = $0.insert("listener") }
            if let word { atListener.withLock { $0.append(word) } }
        }
        try await eventually { areListening.value.count == 2 }
        try await body(sender, atSender, atListener)
        await sender.close()
        await listener.close()
    }

    /// Waits until `condition` holds, 10 s at most.
    private func eventually(_ condition: () -> Bool) async throws {
        for _ in 0..<1000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(condition())
    }
}
