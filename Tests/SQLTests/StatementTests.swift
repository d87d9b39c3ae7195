import LinliSQL
import LinliTestSupport
import Testing

@Suite("Statements mean the same on both engines")
struct StatementTests {
    @Test("values are numbered through nested statements")
    func numbering() {
        let inner: SQL = "SELECT id FROM person WHERE name = \("张桂兰") AND id > \(3)"
        let sql: SQL = "SELECT * FROM need WHERE due < \(10) AND person_id IN (\(inner)) AND id = \(7)\(SQL.skipLocked)"
        #expect(sql.values == [.int(10), .text("张桂兰"), .int(3), .int(7)])
        let sqlite =
            "SELECT * FROM need WHERE due < ? AND person_id IN (SELECT id FROM person WHERE name = ? AND id > ?) AND id = ?"
        #expect(sql.key(for: .sqlite) == sqlite)
        #expect(sql.key(for: .postgres) == sqlite + " FOR UPDATE SKIP LOCKED")
        #expect(SQL.numbered("a = ? AND 名 = ? OR b = ?") == "a = $1 AND 名 = $2 OR b = $3")
    }

    @Test("an optional binds its value or NULL")
    func optionals() {
        let nothing: Int? = nil
        let sql: SQL = "VALUES (\(nothing), \(Optional(5)), \(String?.none))"
        #expect(sql.values == [.null, .int(5), .null])
    }

    @Test("lists: some, many, none", arguments: TestEngine.enabled)
    func lists(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            let found = try await engine.read { connection in
                try [[2, 4, 99], [], Array(1...200)].map { ids in
                    try connection.all("SELECT id FROM person WHERE id IN \(SQL.list(ids)) ORDER BY id") { row -> Int in
                        try row[0]
                    }
                }
            }
            #expect(found == [[2, 4], [], [1, 2, 3, 4, 5]])
        }
    }

    @Test("a list beyond all limits is refused", arguments: TestEngine.enabled)
    func tooManyValues(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            let error = await failure {
                _ = try await engine.read { try $0.exists("SELECT 1 WHERE 1 IN \(SQL.list(Array(1...300_000)))") }
            }
            guard case .failed = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let people = try await engine.read { try $0.personIDs() }
            #expect(people.count == 5)
        }
    }

    @Test("RETURNING, upsert, and how many rows changed", arguments: TestEngine.enabled)
    func returning(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            try await engine.write(.serializable) { connection in
                let returned = try connection.all(
                    "UPDATE person SET score = id * 1.5 WHERE id > \(3) RETURNING id, score"
                ) { row -> (Int, Double) in (try row[0], try row[1]) }
                #expect(returned.sorted { $0.0 < $1.0 }.map(\.1) == [6, 7.5])
                let upsert: SQL = """
                    INSERT INTO person (id, name) VALUES (\(1), \("李强"))
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name
                    """
                #expect(try connection.value(upsert) == "李强")
                #expect(try connection.execute("UPDATE person SET score = 0") == 5)
                #expect(try connection.execute("UPDATE person SET score = 0 WHERE id > \(100)") == 0)
                let ignored: SQL = "INSERT INTO person (id, name) VALUES (\(1), \("李强")) ON CONFLICT DO NOTHING"
                #expect(try connection.execute(ignored) == 0)
                #expect(
                    try connection.execute("DELETE FROM person WHERE id IN (SELECT id FROM person LIMIT \(2))") == 2)
            }
        }
    }

    @Test("keyset paging by row values, windows, NULLS LAST", arguments: TestEngine.enabled)
    func lists2(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            try await engine.write(.serializable) { connection in
                for (id, due) in [(1, 30), (2, nil), (3, 10), (4, 10), (5, nil)] {
                    try connection.execute("INSERT INTO need (id, person_id, due) VALUES (\(id), \(id), \(due))")
                }
            }
            try await engine.read { connection in
                let order = try connection.all("SELECT id FROM need ORDER BY due NULLS LAST, id") { row -> Int in
                    try row[0]
                }
                #expect(order == [3, 4, 1, 2, 5])
                let page = try connection.all(
                    "SELECT id FROM need WHERE (due, id) > (\(10), \(3)) ORDER BY due, id LIMIT \(2)"
                ) { row -> Int in try row[0] }
                #expect(page == [4, 1])
                let windows = try connection.all(
                    "SELECT id, count(*) OVER (PARTITION BY due), rank() OVER (ORDER BY due NULLS LAST) FROM need ORDER BY id"
                ) { row -> [Int] in [try row[1], try row[2]] }
                #expect(windows == [[1, 3], [2, 4], [2, 1], [2, 1], [2, 4]])
            }
        }
    }

    @Test("a statement may run again while its rows are read", arguments: TestEngine.enabled)
    func nestedReading(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            let pairs = try await engine.read { connection -> [Int] in
                var pairs: [Int] = []
                let people: SQL = "SELECT id FROM person WHERE id < \(4) ORDER BY id"
                try connection.query(people) { outer in
                    try connection.query(people) { inner in
                        pairs.append(try outer[0] * 10 + inner[0])
                    }
                    pairs.append(try outer[0])
                }
                return pairs
            }
            #expect(pairs == [11, 12, 13, 1, 21, 22, 23, 2, 31, 32, 33, 3])
        }
    }

    @Test("texts sort by bytes", arguments: TestEngine.enabled)
    func order(_ kind: TestEngine) async throws {
        let names = ["b", "a", "B", "_", "张", "李", "é", "𠮷", "Z", "aa", "a b"]
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                for (index, name) in names.enumerated() { try connection.insertPerson(index, name) }
            }
            let sorted = try await engine.read {
                try $0.all("SELECT name FROM person ORDER BY name") { row -> String in try row[0] }
            }
            #expect(sorted == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            guard kind == .postgres else { return }
            // Whatever the operator's database sorts by.
            let collations: SQL = "SELECT collation_name FROM information_schema.columns WHERE column_name = \("phone")"
            let collation: String? = try await engine.read { try $0.value(collations) }
            #expect(collation == "C")
        }
    }

    @Test("a misspelt column is an error, not a text", arguments: TestEngine.enabled)
    func misspelt(_ kind: TestEngine) async throws {
        try await withPeople(kind) { engine in
            for sql in [#"SELECT "nmae" FROM person"#, "SELECT nmae FROM person", "SELEC 1"] {
                let error = await failure {
                    try await engine.read { try $0.query(SQL(stringLiteral: sql)) { _ in } }
                }
                guard case .failed = error else {
                    Issue.record("\(sql) gave \(String(describing: error))")
                    continue
                }
            }
        }
    }

    private func withPeople(_ kind: TestEngine, _ body: (any Engine) async throws -> Void) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                for id in 1...5 { try connection.insertPerson(id) }
            }
            try await body(engine)
        }
    }
}
