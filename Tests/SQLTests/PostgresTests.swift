import Foundation
import LinliPostgres
import LinliSQL
import LinliTestSupport
import Testing

/// Whether tests of PostgreSQL alone run here.
let hasPostgres = TestEngine.enabled.contains(.postgres)

@Suite("PostgreSQL: conflicts and lost connections", .enabled(if: hasPostgres))
struct PostgresTests {
    @Test("a session is set up as the engine relies on")
    func settings() async throws {
        try await withEngine(.postgres, migrations: []) { engine in
            let expected = [
                "application_name": "linli", "client_encoding": "UTF8", "TimeZone": "UTC", "statement_timeout": "30s",
                "lock_timeout": "10s", "synchronous_commit": "on", "default_transaction_isolation": "serializable",
            ]
            for (name, value) in expected {
                let setting = try await engine.read { try $0.value("SELECT current_setting(\(name))", as: String.self) }
                #expect(setting == value, "\(name)")
            }
            func begun(_ sql: SQL) -> @Sendable (any Connection) throws -> [String] {
                { connection in
                    try connection.all(
                        "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                    ) { row -> String in try row[0] + " " + row[1] }
                }
            }
            #expect(try await engine.read(begun("")) == ["repeatable read on"])
            #expect(try await engine.write(.serializable, begun("")) == ["serializable off"])
            #expect(try await engine.write(.background, begun("")) == ["serializable off"])
            #expect(try await engine.write(.claim, begun("")) == ["read committed off"])
        }
    }

    @Test("full text is searched along the key or by the index of words, as it is told, in one transaction")
    func searchWays() async throws {
        try await withEngine(.postgres, migrations: []) { engine in
            try await engine.write(.serializable) { connection in
                try connection.run(
                    script: """
                        CREATE TABLE words (rowid BIGINT NOT NULL PRIMARY KEY, body TSVECTOR NOT NULL);
                        CREATE INDEX words_body ON words USING GIN (body);
                        """)
                try connection.execute(
                    """
                    INSERT INTO words (rowid, body)
                    SELECT n, to_tsvector('simple', CASE WHEN n % 3 = 0 THEN 'lift' ELSE 'lamp' END)
                    FROM generate_series(1, 3000) n
                    """)
            }
            try await engine.read { connection in
                func plan(_ piece: SQL) throws -> String {
                    let query: SQL = """
                        SELECT rowid FROM words WHERE \(SQL.matches("words", ["lift"])) \(piece)
                        ORDER BY rowid DESC LIMIT \(200)
                        """
                    // As often as makes PostgreSQL keep a plan, were it let to.
                    for _ in 0..<8 { #expect(try connection.all(query) { try $0[0] as Int64 }.first == 3000) }
                    return try connection.all("EXPLAIN (COSTS OFF) \(query)") { try $0[0] as String }.joined(
                        separator: "\n")
                }
                let piece: SQL = "AND rowid >= \(10)"
                for (way, piece, wanted) in [
                    (SQL.SearchWay.alongKey, piece, "Index Scan Backward using words_pkey"),
                    (.byWords, "", "Bitmap Index Scan on words_body"),
                ] {
                    _ = try connection.exists(.search(way))
                    let found = try plan(piece)
                    #expect(found.contains(wanted), "\(found)")
                }
                _ = try connection.exists(.search(.free))
                #expect(try connection.value("SELECT current_setting('enable_bitmapscan')") == "on")
                #expect(try connection.value("SELECT current_setting('plan_cache_mode')") == "auto")
            }
        }
    }

    @Test("who loses against another tries again")
    func conflict() async throws {
        try await withEngine(.postgres, migrations: Schema.all) { engine in
            let tries = Shared(0)
            let hasRead = DispatchSemaphore(value: 0)
            let mayWrite = DispatchSemaphore(value: 0)
            async let loser: Void = engine.write(.serializable) { connection in
                let value: Int = try connection.value("SELECT value FROM counter") ?? 0
                let isFirst = tries.withLock { tries in
                    tries += 1
                    return tries == 1
                }
                if isFirst {
                    hasRead.signal()
                    _ = mayWrite.wait(timeout: .now() + 10)
                }
                try connection.execute("UPDATE counter SET value = \(value + 1)")
            }
            await wait(for: hasRead)
            _ = try await engine.write(.serializable) { try $0.execute("UPDATE counter SET value = value + 100") }
            mayWrite.signal()
            try await loser
            #expect(tries.value == 2)
            #expect(engine.counters.retries == 1)
            #expect(try await engine.read { try $0.value("SELECT value FROM counter") } == 101)
        }
    }

    @Test("who always loses is told so after 8 tries", arguments: ["40001", "40P01"])
    func alwaysConflict(_ state: String) async throws {
        try await withEngine(.postgres, migrations: Schema.all) { engine in
            let tries = Shared(0)
            let error = await failure {
                try await engine.write(.claim) { connection in
                    tries.withLock { $0 += 1 }
                    try connection.run(script: "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '\(state)'; END $$")
                }
            }
            #expect(error == .busy("gave way to others 8 times"))
            #expect(tries.value == 8)
            #expect(engine.counters.retries == 7)
        }
    }

    @Test("other errors are not tried again", arguments: ["23514", "55P03", "57014", "53100", "XX000"])
    func otherErrors(_ state: String) async throws {
        try await withEngine(.postgres, migrations: []) { engine in
            let tries = Shared(0)
            let error = await failure {
                try await engine.write(.serializable) { connection in
                    tries.withLock { $0 += 1 }
                    try connection.run(script: "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '\(state)'; END $$")
                }
            }
            #expect(tries.value == 1)
            switch (state, error) {
            case ("23514", .constraint), ("55P03", .busy), ("57014", .busy), ("53100", .full), ("XX000", .failed): break
            default: Issue.record("\(state) gave \(String(describing: error))")
            }
        }
    }

    @Test("a connection lost before COMMIT is replaced and the transaction runs once more")
    func lostBeforeCommit() async throws {
        try await withEngine(.postgres, migrations: Schema.all) { engine in
            let tries = Shared(0)
            try await engine.write(.serializable) { connection in
                try connection.insertPerson(1)
                if isFirst(tries) { try connection.query("SELECT pg_terminate_backend(pg_backend_pid())") { _ in } }
            }
            #expect(tries.value == 2)
            let reads = Shared(0)
            let ids = try await engine.read { connection in
                if isFirst(reads) { try connection.query("SELECT pg_terminate_backend(pg_backend_pid())") { _ in } }
                return try connection.personIDs()
            }
            #expect(ids == [1])
            let always = await failure {
                try await engine.write(.serializable) { connection in
                    try connection.query("SELECT pg_terminate_backend(pg_backend_pid())") { _ in }
                }
            }
            #expect(always == .unreachable("the connection to PostgreSQL was lost"))
        }
    }

    @Test("connections that broke while idle are replaced unseen")
    func lostWhileIdle() async throws {
        try await withEngine(.postgres, migrations: Schema.all) { engine in
            for id in 1...6 {
                try await engine.write(.serializable) { try $0.insertPerson(id) }
                try await engine.read { connection in
                    let others: SQL = """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """
                    try connection.query(others) { _ in }
                }
            }
            #expect(try await engine.read { try $0.personIDs() } == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("a connection lost during COMMIT leaves the outcome unknown, and is never tried again")
    func lostDuringCommit() async throws {
        // A rule that waits for COMMIT, and then ends the connection that commits.
        let trap = Migration(
            "2026-11-22.3-trap",
            "",
            postgres: """
                CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON person DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.name = 'cut') EXECUTE FUNCTION cut();
                """
        )
        try await withEngine(.postgres, migrations: Schema.all + [trap]) { engine in
            let tries = Shared(0)
            let error = await failure {
                try await engine.write(.serializable) { connection in
                    tries.withLock { $0 += 1 }
                    try connection.insertPerson(1, "cut")
                }
            }
            #expect(error == .outcomeUnknown("the connection to PostgreSQL was lost during COMMIT"))
            #expect(tries.value == 1)
            try await engine.write(.serializable) { try $0.insertPerson(2) }
            #expect(try await engine.read { try $0.personIDs() } == [2])
        }
    }

    @Test("a statement prepared before a table changed is prepared anew")
    func changedTable() async throws {
        try await withEngine(.postgres, migrations: Schema.all, connections: 1) { engine in
            let all: SQL = "SELECT * FROM counter"
            #expect(try await engine.read { try $0.all(all) { row -> Int in try row[1] } } == [0])
            try await engine.write(.serializable) { try $0.run(script: "ALTER TABLE counter ADD COLUMN note TEXT") }
            #expect(try await engine.read { try $0.all(all) { row -> Bool in row.isNull(2) } } == [true])
        }
    }

    @Test("more statements than are kept prepared")
    func manyStatements() async throws {
        try await withEngine(.postgres, migrations: Schema.all, connections: 1) { engine in
            let sum = try await engine.read { connection in
                try (0..<1200).reduce(0) { sum, number in
                    let sql = SQL(stringLiteral: "SELECT value + \(number) FROM counter WHERE id = ") + "\(1)"
                    return try sum + (connection.value(sql) ?? 0)
                }
            }
            #expect(sum == 1199 * 600)
        }
    }

    @Test("a backup is a whole store, restored into an empty one only")
    func backup() async throws {
        try await withEngine(.postgres, migrations: Schema.all) { source in
            try await source.write(.serializable) { connection in
                try connection.insertPerson(1, "张桂兰", phone: "a\\b\n'")
                try connection.execute("UPDATE person SET photo = \([UInt8](0...255))")
                let body = SQL.searchBody(SearchText.spaced("电梯困人"))
                try connection.execute("INSERT INTO need_text (rowid, body) VALUES (1, \(body))")
            }
            try await withTemporaryDirectory { directory in
                let path = directory + "/copy.dump"
                try await source.copy(to: path)
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                guard case .failed = await failure(of: { try await source.copy(to: path) }) else {
                    Issue.record("a copy replaced another")
                    return
                }
                try await restore(path, wrong: directory + "/none")
            }
        }
    }

    private func restore(_ path: String, wrong: String) async throws {
        try await ScratchPostgres.withDatabase(migrations: []) { url in
            try await closing(try await PostgresEngine(url: url, connections: 2)) { target in
                // The migrator's own table is in every store of a test.
                let full = await failure { try await target.restore(from: path) }
                #expect(full == .failed("the database is not empty: restore into a new one"))
                try await target.write(.serializable) { try $0.run(script: "DROP TABLE schema_step") }
                let missing = await failure { try await target.restore(from: wrong) }
                #expect(missing == .failed("\(wrong) is not a copy of a PostgreSQL store"))
                try await target.restore(from: path)
                #expect(try await Migrator(Schema.all).migrate(target) == [])
                let person = try await target.read { connection in
                    try connection.first("SELECT name, phone, photo FROM person") { row -> (String, String, [UInt8]) in
                        (try row[0], try row[1], try row[2])
                    }
                }
                #expect(person?.0 == "张桂兰")
                #expect(person?.1 == "a\\b\n'")
                #expect(person?.2 == [UInt8](0...255))
                let found: SQL = "SELECT rowid FROM need_text WHERE \(SQL.matches("need_text", ["困 人"]))"
                #expect(try await target.read { try $0.value(found) } == 1)
            }
        }
    }

    private func isFirst(_ count: Shared<Int>) -> Bool {
        count.withLock { count in
            count += 1
            return count == 1
        }
    }
}
