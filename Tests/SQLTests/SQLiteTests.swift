import Foundation
import LinliSQL
import LinliSQLite
import LinliTestSupport
import Testing

@Suite("SQLite: the group commit")
struct SQLiteTests {
    @Test("every commit waits for the disk")
    func synchronous() async throws {
        try await withStore { engine in
            let level = try engine.synchronousLevel()
            #expect(level == 2)
        }
    }

    @Test("many writes share few commits")
    func sharedCommits() async throws {
        try await withStore { engine in
            let before = engine.counters
            let errors = try await together(engine, (1...100).map { id in { try $0.insertPerson(id) } })
            #expect(errors.allSatisfy { $0 == nil })
            #expect(engine.counters.writes - before.writes == 101)
            // The one that holds the writer, then 100 in batches of at most 64.
            #expect(engine.counters.commits - before.commits < 50)
            #expect(try await engine.read { try $0.personIDs() } == Array(1...100))
        }
    }

    @Test("a job that fails does not hurt its neighbours")
    func neighbours() async throws {
        try await withStore { engine in
            let errors = try await together(
                engine,
                (1...30).map { id in
                    { connection in
                        try connection.insertPerson(id)
                        if id % 3 == 0 { try connection.insertPerson(id) }
                        if id % 5 == 0 { throw SQLError.failed("no") }
                    }
                })
            for (index, error) in errors.enumerated() {
                let id = index + 1
                #expect(error == (id % 3 == 0 ? .unique("person.id") : id % 5 == 0 ? .failed("no") : nil))
            }
            let kept = try await engine.read { try $0.personIDs() }
            #expect(kept == (1...30).filter { $0 % 3 != 0 && $0 % 5 != 0 })
        }
    }

    @Test("what a job leaves for the end of the batch fails that job alone")
    func neighboursAtTheEnd() async throws {
        try await withStore { engine in
            let errors = try await together(
                engine,
                (1...30).map { id in
                    { connection in
                        try connection.executeLast("INSERT INTO person (id, name) VALUES (\(id + 100), 'end')")
                        try connection.insertPerson(id)
                        guard id % 3 == 0 else { return }
                        try connection.executeLast("INSERT INTO person (id, name) VALUES (\(id), 'twice')")
                    }
                })
            for (index, error) in errors.enumerated() {
                #expect(error == ((index + 1) % 3 == 0 ? .unique("person.id") : nil))
            }
            let kept = try await engine.read { try $0.personIDs() }
            let ids = (1...30).filter { $0 % 3 != 0 }
            #expect(kept == ids + ids.map { $0 + 100 })
        }
    }

    @Test("a disk that fills up in mid-batch stops only whom it must")
    func diskFull() async throws {
        try await withStore { engine in
            try engine.limit(pages: 1)
            let errors = try await together(
                engine,
                (1...20).map { id in
                    { connection in
                        try connection.insertPerson(id)
                        if id == 7 {
                            let photo = [UInt8](repeating: 7, count: 200_000)
                            try connection.execute("UPDATE person SET photo = \(photo) WHERE id = \(id)")
                        }
                    }
                })
            for (index, error) in errors.enumerated() where index != 6 { #expect(error == nil) }
            guard case .full = errors[6] else {
                Issue.record("\(String(describing: errors[6]))")
                return
            }
            #expect(try await engine.read { try $0.personIDs() } == (1...20).filter { $0 != 7 })
        }
    }

    @Test("when COMMIT fails nothing is acknowledged that is not there", arguments: [1, 3, 12])
    func failingCommit(_ failures: Int) async throws {
        try await withStore { engine in
            let errors = try await together(
                engine, beforeRelease: { engine.failCommits(failures + 1) },
                (1...10).map { id in
                    { try $0.insertPerson(id) }
                })
            let acknowledged = (1...10).filter { errors[$0 - 1] == nil }
            #expect(try await engine.read { try $0.personIDs() } == acknowledged)
            // One failure may hit the job that holds the writer, one the batch; the rest hit single jobs.
            #expect(acknowledged.count >= 10 - failures)
            engine.failCommits(0)
            try await engine.write(.serializable) { try $0.insertPerson(11) }
        }
    }

    @Test("a rule that breaks at COMMIT stops only its own job")
    func deferredRule() async throws {
        try await withStore { engine in
            let errors = try await together(
                engine,
                (1...10).map { id in
                    { connection in
                        try connection.insertPerson(id)
                        guard id == 4 else { return }
                        try connection.run(script: "PRAGMA defer_foreign_keys = ON")
                        try connection.execute("INSERT INTO need (id, person_id) VALUES (1, 99)")
                    }
                })
            for (index, error) in errors.enumerated() where index != 3 { #expect(error == nil) }
            guard case .constraint = errors[3] else {
                Issue.record("\(String(describing: errors[3]))")
                return
            }
            #expect(try await engine.read { try $0.personIDs() } == (1...10).filter { $0 != 4 })
        }
    }

    @Test("a copy is a whole store, for its owner only, and replaces nothing")
    func copy() async throws {
        try await withStore { engine in
            try await engine.write(.serializable) { try $0.insertPerson(1) }
            try await withTemporaryDirectory { directory in
                let path = directory + "/copy.sqlite"
                try await engine.copy(to: path)
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                try await closing(try SQLiteEngine(path: path)) { copy in
                    let people = try await copy.read { try $0.personIDs() }
                    let missing = try await Migrator(Schema.all).migrate(copy)
                    #expect(people == [1])
                    #expect(missing == [])
                }
                #expect(
                    await failure { try await engine.copy(to: path) }
                        == .failed("\(path) exists: a copy replaces nothing"))
                guard case .full = await failure(of: { try await engine.copy(to: directory + "/none/copy") }) else {
                    Issue.record("a copy was written where no directory is")
                    return
                }
            }
        }
    }

    @Test("a file that cannot be opened is one sentence")
    func cannotOpen() throws {
        #expect {
            try SQLiteEngine(path: "/nowhere/linli.sqlite")
        } throws: { error in
            guard case SQLError.unreachable(let sentence) = error else { return false }
            return sentence.hasPrefix("cannot open the database file /nowhere/linli.sqlite")
        }
    }

    private func withStore(_ body: (SQLiteEngine) async throws -> Void) async throws {
        try await withSQLiteFile(migrations: Schema.all) { path in
            try await closing(try SQLiteEngine(path: path, readers: 2), body)
        }
    }

    /// Runs `jobs` in the batches that follow one job which holds the writer until all wait; their errors in order.
    private func together(
        _ engine: SQLiteEngine,
        beforeRelease: () -> Void = {},
        _ jobs: [@Sendable (any Connection) throws -> Void]
    ) async throws -> [SQLError?] {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        async let holder = failure {
            try await engine.write(.serializable) { _ in
                hasBegun.signal()
                _ = mayEnd.wait(timeout: .now() + 10)
                // It may run again, when COMMIT fails.
                mayEnd.signal()
            }
        }
        await wait(for: hasBegun)
        let errors = try await withThrowingTaskGroup(of: (Int, SQLError?).self) { group in
            for (index, job) in jobs.enumerated() {
                group.addTask { (index, await failure { try await engine.write(.serializable, job) }) }
            }
            try await Task.sleep(for: .milliseconds(100))
            beforeRelease()
            mayEnd.signal()
            return try await group.reduce(into: [SQLError?](repeating: nil, count: jobs.count)) { $0[$1.0] = $1.1 }
        }
        _ = await holder
        return errors
    }
}
