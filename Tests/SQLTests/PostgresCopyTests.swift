import Foundation
import LinliPostgres
import LinliSQL
import LinliTestSupport
import Testing

/// What stands in a copy is read without a database to bring it back into.
@Suite("PostgreSQL: reading in a copy", .enabled(if: hasPostgres))
struct PostgresCopyTests {
    @Test("the first and the last rows of a table, however long it is, and nothing is left behind")
    func ends() async throws {
        try await ScratchPostgres.withDatabase(migrations: Schema.all) { url in
            try await closing(try await PostgresEngine(url: url, connections: 2)) { engine in
                _ = try await engine.write(.serializable) { connection in
                    try connection.execute(
                        """
                        INSERT INTO sample (id, note, photo)
                        SELECT n, 'a' || chr(9) || chr(10) || chr(92) || repeat('x', 100), '\\x00ff'::bytea
                        FROM generate_series(1, 9000) n
                        """)
                }
                try await withTemporaryDirectory { directory in
                    let (copy, scratch) = (directory + "/copy.dump", directory + "/scratch")
                    try await engine.copy(to: copy)
                    func read(_ table: String, _ columns: [String]) async throws -> [[String]] {
                        try await engine.rows(of: table, columns, inCopy: copy, scratch: scratch)
                    }
                    let rows = try await read("sample", ["photo", "id"])
                    #expect(rows.first == [#"\\x00ff"#, "1"])
                    #expect(rows.last == [#"\\x00ff"#, "9000"])
                    #expect(rows.allSatisfy { $0.count == 2 && $0[0] == #"\\x00ff"# })
                    #expect((200..<9000).contains(rows.count), "\(rows.count)")
                    #expect(try await read("counter", ["value"]) == [["0"]])
                    #expect(try await read("need", ["id"]) == [])
                    #expect(try await read("nothing", ["id"]) == [])
                    guard case .failed = await failure(of: { _ = try await read("counter", ["phone"]) }) else {
                        Issue.record("a column that is not there was read")
                        return
                    }
                    let none = directory + "/none"
                    let missing = await failure {
                        _ = try await engine.rows(of: "counter", ["id"], inCopy: none, scratch: scratch)
                    }
                    #expect(missing == .failed("\(none) is not a copy of a PostgreSQL store"))
                    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["copy.dump"])
                }
            }
        }
    }
}
