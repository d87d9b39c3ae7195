import Foundation
import LinliSQL
import LinliTestSupport
import Testing

@Suite("Transactions")
struct TransactionTests {
    @Test("the schema's rules come back as the same errors", arguments: TestEngine.enabled)
    func rules(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                try connection.insertPerson(1, phone: "1")
                try connection.execute("INSERT INTO need (id, person_id, due) VALUES (1, 1, 5)")
            }
            func refused(_ sql: SQL) async -> SQLError? {
                await failure { try await engine.write(.serializable) { _ = try $0.execute(sql) } }
            }
            #expect(await refused("INSERT INTO person (id, name) VALUES (1, 'a')") == .unique("person.id"))
            #expect(
                await refused("INSERT INTO person (id, name, phone) VALUES (2, 'a', '1')") == .unique("person.phone"))
            let pair: SQL = "INSERT INTO need (id, person_id, due) VALUES (2, 1, 5)"
            #expect(await refused(pair) == .unique("need.person_id, need.due"))
            let others: [SQL] = [
                "INSERT INTO person (id, name) VALUES (2, '')",
                "INSERT INTO person (id, name) VALUES (2, NULL)",
                "INSERT INTO need (id, person_id) VALUES (2, 99)",
                "DELETE FROM person WHERE id = 1",
                "INSERT INTO need (id, person_id) VALUES (\("two"), 1)",
            ]
            for sql in others {
                guard case .constraint = await refused(sql) else {
                    Issue.record("\(sql.key(for: .sqlite)) was not refused as a constraint")
                    continue
                }
            }
            let kept = try await engine.read { try $0.personIDs() }
            #expect(kept == [1])
        }
    }

    @Test("an error of the closure undoes all of it", arguments: TestEngine.enabled)
    func closureError(_ kind: TestEngine) async throws {
        struct Refusal: Error {}
        try await withEngine(kind, migrations: Schema.all) { engine in
            for mode in [WriteMode.serializable, .claim, .background] {
                await #expect(throws: Refusal.self) {
                    try await engine.write(mode) { connection in
                        try connection.insertPerson(1)
                        throw Refusal()
                    }
                }
            }
            let kept = try await engine.read { try $0.personIDs() }
            #expect(kept == [])
        }
    }

    @Test("a statement that failed cannot be swallowed", arguments: TestEngine.enabled)
    func swallowed(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            let error = await failure {
                try await engine.write(.serializable) { connection in
                    try connection.insertPerson(1)
                    // The mistake under test: going on as if nothing had happened.
                    try? connection.insertPerson(1)
                }
            }
            #expect(error == .unique("person.id"))
            let later = await failure {
                try await engine.write(.serializable) { connection in
                    try connection.insertPerson(1)
                    do { try connection.insertPerson(1) } catch { try connection.insertPerson(2) }
                }
            }
            #expect(later == .unique("person.id"))
            let refusedValue = await failure {
                try await engine.write(.serializable) { connection in
                    try connection.insertPerson(1)
                    try? connection.insertPerson(2, "\0")
                }
            }
            #expect(refusedValue == .nulInText)
            let kept = try await engine.read { try $0.personIDs() }
            #expect(kept == [])
        }
    }

    @Test("what comes last is part of the transaction: kept with it, lost with it", arguments: TestEngine.enabled)
    func last(_ kind: TestEngine) async throws {
        struct Refusal: Error {}
        try await withEngine(kind, migrations: Schema.all) { engine in
            for mode in [WriteMode.serializable, .claim, .background] {
                let first = try await engine.read { try $0.personIDs().count }
                try await engine.write(mode) { connection in
                    let id = first + 1
                    try connection.executeLast("INSERT INTO person (id, name) VALUES (\(id + 1), 'after')")
                    try connection.insertPerson(id)
                }
                #expect(try await engine.read { try $0.personIDs().count } == first + 2)
                await #expect(throws: Refusal.self) {
                    try await engine.write(mode) { connection in
                        try connection.executeLast("INSERT INTO person (id, name) VALUES (99, 'never')")
                        throw Refusal()
                    }
                }
                let error = await failure {
                    try await engine.write(mode) { connection in
                        try connection.executeLast("INSERT INTO person (id, name) VALUES (1, 'twice')")
                        try connection.insertPerson(98)
                    }
                }
                #expect(error == .unique("person.id"))
            }
            #expect(try await engine.read { try $0.personIDs() } == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("a read sees one moment", arguments: TestEngine.enabled)
    func snapshot(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            let hasBegun = DispatchSemaphore(value: 0)
            let isWritten = DispatchSemaphore(value: 0)
            async let seen = engine.read { connection in
                let before = try connection.personIDs()
                hasBegun.signal()
                _ = isWritten.wait(timeout: .now() + 10)
                return (before, try connection.personIDs())
            }
            await wait(for: hasBegun)
            try await engine.write(.serializable) { try $0.insertPerson(1) }
            isWritten.signal()
            let (before, after) = try await seen
            #expect(before == [])
            #expect(after == [])
            #expect(try await engine.read { try $0.personIDs() } == [1])
        }
    }

    @Test("a read cannot write", arguments: TestEngine.enabled)
    func readOnly(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            guard case .failed = await failure(of: { try await engine.read { try $0.insertPerson(1) } }) else {
                Issue.record("a read wrote")
                return
            }
            let kept = try await engine.read { try $0.personIDs() }
            #expect(kept == [])
        }
    }

    @Test("background work comes last and all of it is done before closing", arguments: TestEngine.enabled)
    func background(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all, connections: 1) { engine in
            let order = Shared<[String]>([])
            let hasBegun = DispatchSemaphore(value: 0)
            let mayEnd = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await engine.write(.serializable) { _ in
                        hasBegun.signal()
                        _ = mayEnd.wait(timeout: .now() + 10)
                    }
                }
                await wait(for: hasBegun)
                for _ in 0..<3 {
                    group.addTask { try await engine.write(.background) { _ in order.withLock { $0.append("low") } } }
                }
                try await Task.sleep(for: .milliseconds(50))
                for _ in 0..<3 {
                    group.addTask {
                        try await engine.write(.serializable) { _ in order.withLock { $0.append("high") } }
                    }
                }
                try await Task.sleep(for: .milliseconds(50))
                mayEnd.signal()
                try await group.waitForAll()
            }
            #expect(order.value == ["high", "high", "high", "low", "low", "low"])
        }
    }

    @Test("closing finishes what was accepted and refuses the rest", arguments: TestEngine.enabled)
    func closing(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { try $0.insertPerson(1) }
            await engine.close()
            await engine.close()
            let write = await failure { try await engine.write(.serializable) { try $0.insertPerson(2) } }
            let read = await failure { _ = try await engine.read { try $0.personIDs() } }
            guard case .unreachable = write, case .unreachable = read else {
                Issue.record("\(String(describing: write)) \(String(describing: read))")
                return
            }
        }
    }

    @Test("no update is lost among many writers", arguments: TestEngine.enabled)
    func lostUpdates(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all, connections: 16) { engine in
            try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask {
                        for _ in 0..<50 {
                            try await engine.write(.serializable) { connection in
                                let value: Int = try connection.value("SELECT value FROM counter WHERE id = 1") ?? 0
                                try connection.execute("UPDATE counter SET value = \(value + 1) WHERE id = 1")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await engine.read { try $0.value("SELECT value FROM counter") } == 800)
            if kind == .postgres { #expect(engine.counters.retries > 0) }
        }
    }

    @Test("16 clients claim every job exactly once, without conflicts", arguments: TestEngine.enabled)
    func claims(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all, connections: 16) { engine in
            try await engine.write(.serializable) { connection in
                try connection.insertPerson(1)
                for id in 1...300 {
                    try connection.execute("INSERT INTO need (id, person_id, due) VALUES (\(id), 1, \(id))")
                }
            }
            let claimed = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        var mine: [Int] = []
                        while let id = try await claimOne(engine) { mine.append(id) }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.sorted() == Array(1...300))
            #expect(engine.counters.retries == 0)
        }
    }

    private func claimOne(_ engine: any Engine) async throws -> Int? {
        try await engine.write(.claim) { connection in
            let next: SQL = "SELECT id FROM need WHERE claimed = 0 ORDER BY id LIMIT 1\(SQL.skipLocked)"
            guard let id: Int = try connection.value(next) else { return nil }
            try connection.execute("UPDATE need SET claimed = 1 WHERE id = \(id)")
            return id
        }
    }
}
