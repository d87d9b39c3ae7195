import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Rules of the house that a reader would otherwise have to remember.
@Suite("代码的规矩")
struct HouseRulesTests {
    /// The Swift files below `folder` with their lines.
    private static func sources(_ folder: String) throws -> [(path: String, lines: [Substring])] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let names = FileManager.default.enumerator(atPath: root + "/" + folder)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: "\(root)/\(folder)/\(name)", encoding: .utf8)
            return ("\(folder)/\(name)", text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    @Test("文件不超过 400 行", arguments: ["Sources", "Tests"]) func files(_ folder: String) throws {
        let files = try Self.sources(folder)
        #expect(files.count > 20)
        for file in files { #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines") }
    }

    @Test("函数不超过 60 行") func functions() throws {
        var count = 0
        for file in try Self.sources("Sources") {
            for (index, line) in file.lines.enumerated() where Self.beginsFunction(line) {
                let indent = line.prefix { $0 == " " }
                let rest = file.lines[index...].prefix(500)
                // A requirement of a protocol has no body: a blank line or a closing brace comes before any opening one.
                let head = rest.prefix { !$0.isEmpty && !$0.hasSuffix("{") && !$0.hasSuffix("}") }
                guard !line.hasSuffix("}"), rest.dropFirst(head.count).first?.hasSuffix("{") == true,
                    let end = rest.firstIndex(where: { $0 == indent + "}" })
                else { continue }
                #expect(end - index < 60, "\(file.path):\(index + 1) has \(end - index + 1) lines")
                count += 1
            }
        }
        #expect(count > 500)
    }

    private static func beginsFunction(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        return words.contains("func") || words.contains { $0.hasPrefix("init(") }
    }

    @Test("不写会让程序崩掉的话，不留待办") func forbiddenWords() throws {
        let forbidden = ["try" + "!", "fatal" + "Error(", " as" + "! ", "TO" + "DO", "FIX" + "ME"]
        for file in try Self.sources("Sources") {
            for (index, line) in file.lines.enumerated() {
                for word in forbidden where line.contains(word) {
                    Issue.record("\(file.path):\(index + 1) says \(word)")
                }
            }
        }
    }

    @Test("两个数据库的表、列、可空和索引一样") func schema() async throws {
        guard TestEngine.enabled.contains(.postgres) else { return }
        let sqlite = try await shape(
            .sqlite,
            columns: """
                SELECT m.name, c.name, CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN 1 ELSE 0 END
                FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'case_search%'
                """,
            indexes: """
                SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%'
                AND tbl_name NOT LIKE 'case_search%'
                """
        )
        let postgres = try await shape(
            .postgres,
            columns: """
                SELECT table_name::text, column_name::text, CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END
                FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name NOT LIKE 'case_search%'
                """,
            indexes: """
                SELECT i.indexname::text FROM pg_indexes i WHERE i.schemaname = 'public'
                AND i.tablename NOT LIKE 'case_search%'
                AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conname = i.indexname)
                """
        )
        #expect(sqlite.count > 100)
        #expect(sqlite.subtracting(postgres).sorted() == [])
        #expect(postgres.subtracting(sqlite).sorted() == [])
    }

    private func shape(_ engine: TestEngine, columns: SQL, indexes: SQL) async throws -> Set<String> {
        try await withHouse(engine, isEmpty: true) { house in
            try await house.services.database.read { tx in
                let found = try tx.all(columns) { row in
                    "\(try row[0] as String).\(try row[1] as String) \(try row[2] as Int == 1 ? "not null" : "null")"
                }
                return Set(found + (try tx.all(indexes) { "index " + (try $0[0] as String) }))
            }
        }
    }

    @Test("没有推迟到提交才查的约束", arguments: [Dialect.sqlite, .postgres]) func deferrable(_ dialect: Dialect) throws {
        for migration in try Catalogue(House.features).migrations {
            let text = migration.text(for: dialect).uppercased()
            #expect(!text.contains("DEFERR" + "ABLE"), "\(migration.id)")
        }
    }
}
