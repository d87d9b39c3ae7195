import LinliSQL
import LinliTestSupport
import Testing

@Suite("The schema's steps")
struct MigrationTests {
    private static let first = Migration("2026-11-22.1-a", "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;")
    private static let second = Migration("2026-11-23.1-b", "CREATE TABLE b (a_id INTEGER REFERENCES a (id)) STRICT;")

    @Test("run once, in order of their ids", arguments: TestEngine.enabled)
    func idempotent(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: []) { engine in
            let both = Migrator([Self.second, Self.first])
            let runs = [
                try await Migrator([Self.first]).migrate(engine), try await both.migrate(engine),
                try await both.migrate(engine),
            ]
            #expect(runs == [[Self.first.id], [Self.second.id], []])
        }
    }

    @Test("run once when two nodes start together", arguments: TestEngine.enabled)
    func twoNodes(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: [], connections: 4) { engine in
            let ran = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { try await Migrator([Self.first, Self.second]).migrate(engine) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(ran.sorted() == [Self.first.id, Self.second.id])
        }
    }

    @Test("a step that was edited is refused", arguments: TestEngine.enabled)
    func edited(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: [Self.first]) { engine in
            let edited = Migration(Self.first.id, Self.first.script + "\n")
            let error = await failure { _ = try await Migrator([edited]).migrate(engine) }
            #expect(error == .failed("step 2026-11-22.1-a was changed after it ran: released steps are frozen"))
        }
    }

    @Test("a store of a newer program is refused", arguments: TestEngine.enabled)
    func newer(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: [Self.first, Self.second]) { engine in
            let error = await failure { _ = try await Migrator([Self.first]).migrate(engine) }
            let sentence = "the store has step 2026-11-23.1-b, which this program does not know: use a newer program"
            #expect(error == .failed(sentence))
        }
    }

    @Test("a step that fails leaves nothing behind", arguments: TestEngine.enabled)
    func broken(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: [Self.first]) { engine in
            let broken = Migration(
                "2026-11-24.1-c", "CREATE TABLE c (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
            #expect(await failure { _ = try await Migrator([Self.first, broken]).migrate(engine) } != nil)
            let mended = Migration("2026-11-24.1-c", "CREATE TABLE c (id INTEGER) STRICT;")
            let ran = try await Migrator([Self.first, mended]).migrate(engine)
            #expect(ran == [mended.id])
        }
    }

    @Test("two steps cannot share an id", arguments: TestEngine.enabled)
    func sharedID(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: []) { engine in
            let twin = Migration(Self.first.id, "CREATE TABLE twin (id INTEGER) STRICT;")
            let error = await failure { _ = try await Migrator([Self.first, twin]).migrate(engine) }
            #expect(error == .failed("two steps of the schema share an id"))
        }
    }

    @Test("the words of one engine become the other's")
    func translation() {
        let step = Migration(
            "1",
            """
            CREATE TABLE t ( -- a table's TEXT isn't one
                id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'TEXT -- STRICT', ratio REAL, photo BLOB,
                label TEXT GENERATED ALWAYS AS (CAST(id AS TEXT)) STORED
            ) STRICT;
            """,
            sqlite: "-- only there",
            postgres: "-- only here"
        )
        #expect(step.text(for: .sqlite) == step.script + "\n-- only there")
        #expect(
            step.text(for: .postgres) == """
                CREATE TABLE t (\u{20}
                    id BIGINT PRIMARY KEY, name TEXT COLLATE "C" NOT NULL DEFAULT 'TEXT -- STRICT', ratio DOUBLE PRECISION, photo BYTEA,
                    label TEXT COLLATE "C" GENERATED ALWAYS AS (CAST(id AS TEXT)) STORED
                )\u{20};

                -- only here
                """
        )
    }

    @Test("rules that wait for COMMIT are found")
    func deferred() {
        let words = [
            "a INTEGER REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED", "pragma defer_foreign_keys = on",
            "UNIQUE (a) deferrable",
        ]
        for word in words {
            #expect(Migration("1", word).defersConstraints)
            #expect(Migration("1", "", sqlite: word).defersConstraints)
            #expect(Migration("1", "", postgres: word).defersConstraints)
        }
        #expect(!Schema.all.contains { $0.defersConstraints })
    }
}
