import LinliSQL
import LinliTestSupport
import Testing

@Suite("What the engines spell in their own way")
struct DialectTests {
    @Test("the larger and the smaller", arguments: TestEngine.enabled)
    func extremes(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                try connection.execute("UPDATE counter SET value = \(SQL.greatest("value", "\(9)"))")
                #expect(try connection.value("SELECT value FROM counter") == 9)
                try connection.execute("UPDATE counter SET value = \(SQL.least("value", "\(10)")) - 2")
                #expect(try connection.value("SELECT value FROM counter") == 7)
            }
        }
    }

    @Test("locks are taken and the statement stays valid", arguments: TestEngine.enabled)
    func locks(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.claim) { connection in
                let locked: SQL = "SELECT value FROM counter WHERE id = \(1) LIMIT \(1)"
                let skipping: Int? = try connection.value(locked + .skipLocked)
                let waiting: Int? = try connection.value(locked + .forUpdate)
                #expect(skipping == 0)
                #expect(waiting == 0)
            }
        }
    }

    @Test("Chinese words of any length are found exactly", arguments: TestEngine.enabled)
    func chinese(_ kind: TestEngine) async throws {
        try await withTexts(kind) { search in
            try await expect(
                search,
                [
                    ("电梯", [1, 4]),
                    ("梯电", []),
                    ("困人", [1]),
                    ("3单元电梯", [1]),
                    ("修", [2, 4]),
                    ("路灯不亮", [2]),
                    ("灯亮", []),
                    ("𠮷野", [5]),
                ])
        }
    }

    @Test("several phrases must all occur", arguments: TestEngine.enabled)
    func severalPhrases(_ kind: TestEngine) async throws {
        try await withTexts(kind) { search in
            try await expect(
                search,
                [
                    ("电梯 维修", [4]),
                    ("维修　电梯", [4]),
                    ("电梯 路灯", []),
                    ("  ", [1, 2, 3, 4, 5]),
                ])
        }
    }

    @Test("letters and digits in any width and case", arguments: TestEngine.enabled)
    func letters(_ kind: TestEngine) async throws {
        try await withTexts(kind) { search in
            try await expect(
                search,
                [
                    ("wifi", [3]),
                    ("ＷｉＦｉ", [3]),
                    ("wif", []),
                    ("CAFÉ", [3]),
                    ("cafe", []),
                    ("101", [3]),
                    ("１０１室", [3]),
                    ("a\"b' OR *", []),
                ])
        }
    }

    @Test("one word of a text is replaced, the others stay", arguments: TestEngine.enabled)
    func replacedWord(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            func rows(_ word: String) async throws -> [Int] {
                try await engine.read { connection in
                    try connection.all(
                        "SELECT rowid FROM need_text WHERE \(SQL.matches("need_text", [word])) ORDER BY rowid"
                    ) { try $0[0] }
                }
            }
            try await engine.write(.serializable) { connection in
                for row in 1...2 {
                    let body = SQL.searchBody("电 梯 d110101001901000 d110101001901001")
                    try connection.execute("INSERT INTO need_text (rowid, body) VALUES (\(row), \(body))")
                }
                try connection.execute(
                    SQL.replaceSearchWord("need_text", of: 2, "d110101001901001", by: "d110101001901005")
                )
            }
            #expect(try await rows("d110101001901001") == [1])
            #expect(try await rows("d110101001901005") == [2])
            #expect(try await rows("d110101001901000") == [1, 2])
            #expect(try await rows("电 梯") == [1, 2])
        }
    }

    @Test("one way of several, in the order of the rows, no more than asked for", arguments: TestEngine.enabled)
    func alternatives(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                for (index, text) in ["王芳 ywf n0020", "王小芳 ywxf p0020", "李芳 ylf 0020", "芳王"].enumerated() {
                    let body = SQL.searchBody(SearchText.spaced(text))
                    try connection.execute("INSERT INTO need_text (rowid, body) VALUES (\(index + 1), \(body))")
                }
            }
            func find(_ terms: [[String]], limit: Int = 10, within bounds: [String] = []) async throws -> [Int] {
                var query = SearchQuery()
                for term in terms { query.require(term) }
                let asked = bounds.reduce(query) { $0.requiring($1) }
                return try await engine.read { connection in
                    _ = try connection.exists(.useIndexes)
                    return try connection.all(
                        .found(in: "need_text", asked, limit: limit, connection.dialect)
                    ) { try $0[0] }
                }
            }
            #expect(try await find([["王芳"]]) == [1])
            #expect(try await find([["wf", "ywf"]]) == [1])
            #expect(try await find([["0020", "n0020", "p0020"]]) == [1, 2, 3])
            #expect(try await find([["王"], ["0020", "n0020", "p0020"]]) == [1, 2])
            #expect(try await find([["芳"]], limit: 2) == [1, 2])
            #expect(try await find([["\" OR 1 ' | !x:*"], ["王"]]) == [])
            #expect(try await find([["王"]], within: ["0020"]) == [])
            #expect(try await find([["芳"]], within: ["0020"]) == [3])
            #expect(try await find([["芳"], ["王"]], within: ["n0020", "ywf"]) == [1])
            #expect(try await find([["芳"]], within: [" ，"]) == [1, 2, 3, 4])
            var nothing = SearchQuery()
            nothing.require([" ，' ", "\""])
            #expect(nothing.isEmpty)
        }
    }

    @Test("statistics are of now, and time for an index ends with its transaction", arguments: TestEngine.enabled)
    func largeWork(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                for index in 1...50 {
                    let body = SQL.searchBody("电 梯")
                    try connection.execute("INSERT INTO need_text (rowid, body) VALUES (\(index), \(body))")
                }
            }
            try await engine.write(.serializable) { connection in
                try connection.execute(.gatherStatistics)
                #expect(try connection.exists(.makingIndexes))
            }
            guard kind == .postgres else { return }
            let (rows, timeout) = try await engine.read { connection in
                (
                    try connection.all("SELECT reltuples::bigint FROM pg_class WHERE relname = 'need_text'") {
                        try $0[0] as Int
                    },
                    try connection.all("SELECT current_setting('statement_timeout')") { try $0[0] as String }
                )
            }
            #expect(rows.contains(50) && timeout == ["30s"])
        }
    }

    @Test("spacing")
    func spacing() {
        #expect(SearchText.spaced("3单元电梯，困人！") == "3 单 元 电 梯 困 人")
        #expect(SearchText.spaced("Wi-Fi坏了 A座１０１") == "wi fi 坏 了 a 座 101")
        #expect(SearchText.phrases(" 电梯　困人 ，") == ["电 梯", "困 人"])
        #expect(SearchText.phrases(String(repeating: "修 ", count: 20)).count == 8)
    }

    private func expect(_ search: (String) async throws -> [Int], _ cases: [(query: String, found: [Int])]) async throws
    {
        for (query, expected) in cases {
            let found = try await search(query)
            #expect(found == expected, "\(query)")
        }
    }

    private func withTexts(
        _ kind: TestEngine,
        _ body: (_ search: (String) async throws -> [Int]) async throws -> Void
    ) async throws {
        let texts = ["3单元电梯困人", "路灯不亮，请来修", "Café 的WiFi在101室", "电梯需要维修，请维修", "𠮷野家门口"]
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                for (index, text) in texts.enumerated() {
                    let body = SQL.searchBody(SearchText.spaced(text))
                    try connection.execute("INSERT INTO need_text (rowid, body) VALUES (\(index + 1), \(body))")
                }
            }
            try await body { query in
                let phrases = SearchText.phrases(query)
                return try await engine.read { connection in
                    try connection.all(
                        "SELECT rowid FROM need_text WHERE \(SQL.matches("need_text", phrases)) ORDER BY rowid"
                    ) { try $0[0] }
                }
            }
        }
    }
}
