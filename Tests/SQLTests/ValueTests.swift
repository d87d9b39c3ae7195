import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

private enum Channel: String, SQLConvertible, SQLDecodable {
    case web
    case phone
}

@Suite("Values survive the store")
struct ValueTests {
    @Test("whole numbers, to both ends", arguments: TestEngine.enabled)
    func integers(_ kind: TestEngine) async throws {
        let numbers = [Int64.min, -1, 0, 1, 1_763_800_000_000, 110_101_001_001_002, Int64.max, nil]
        #expect(try await stored(numbers, in: "number", kind) == numbers)
    }

    @Test("numbers", arguments: TestEngine.enabled)
    func reals(_ kind: TestEngine) async throws {
        let numbers = [
            0.1, -2.5, 3, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, nil,
        ]
        #expect(try await stored(numbers, in: "score", kind) == numbers)
    }

    @Test("texts", arguments: TestEngine.enabled)
    func texts(_ kind: TestEngine) async throws {
        let long = String(repeating: "邻里", count: 50_000)
        let texts = ["", "12", "张桂兰", "𠮷野家 🏮 é", "a'b\"c\\d\n\te?f$1", #"\x00"#, "e\u{301}", long, nil]
        let back = try await stored(texts, in: "note", kind)
        // Byte for byte: Swift calls composed and decomposed letters equal.
        #expect(back.map { $0.map { Array($0.utf8) } } == texts.map { $0.map { Array($0.utf8) } })
    }

    @Test("bytes", arguments: TestEngine.enabled)
    func blobs(_ kind: TestEngine) async throws {
        let blobs = [[], [0], Array(0...255), [UInt8](repeating: 0xFF, count: 100_000), nil]
        #expect(try await stored(blobs, in: "photo", kind) == blobs)
    }

    @Test("the house's own types", arguments: TestEngine.enabled)
    func ownTypes(_ kind: TestEngine) async throws {
        let instants = [Instant(milliseconds: 1_763_800_000_123), nil]
        #expect(try await stored(instants, in: "number", kind) == instants)
        let amounts = [Money(fen: -1_234)]
        #expect(try await stored(amounts, in: "number", kind) == amounts)
        let ids = [ID<Channel>(rawValue: .max)]
        #expect(try await stored(ids, in: "number", kind) == ids)
        let codes = [DivisionCode(rawValue: 110_101_001_001_002)]
        #expect(try await stored(codes, in: "number", kind) == codes)
        #expect(try await stored([true, false], in: "number", kind) == [true, false])
        #expect(try await stored([Channel.phone, nil], in: "note", kind) == [.phone, nil])
    }

    @Test("NUL and NaN are refused by both", arguments: TestEngine.enabled)
    func refused(_ kind: TestEngine) async throws {
        #expect(await failure { _ = try await stored(["a\0b"], in: "note", kind) } == .nulInText)
        #expect(await failure { _ = try await stored(["\0"], in: "note", kind) } == .nulInText)
        #expect(await failure { _ = try await stored([Double.nan], in: "score", kind) } == .notANumber)
    }

    @Test("what the program does not know is an error, never a default", arguments: TestEngine.enabled)
    func unknown(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { try $0.insertPerson(1, phone: "pigeon") }
            let word = await failure {
                _ = try await engine.read { try $0.value("SELECT phone FROM person", as: Channel.self) }
            }
            #expect(word == .unknownWord("pigeon", type: "Channel"))
            let null = await failure {
                _ = try await engine.read { try $0.value("SELECT score FROM person", as: Double.self) }
            }
            #expect(null == .null(column: 0))
        }
    }

    @Test("conditions and sums read as numbers", arguments: TestEngine.enabled)
    func computed(_ kind: TestEngine) async throws {
        try await withEngine(kind, migrations: Schema.all) { engine in
            let row = try await engine.read { connection in
                try connection.first(
                    "SELECT 1 = 1, 1 = 2, (SELECT sum(x.a) FROM (SELECT 2 AS a UNION ALL SELECT 3) x), 7 / 2, length('邻里')"
                ) { row -> [Int] in
                    try (0..<5).map { try row[$0] }
                }
            }
            #expect(row == [1, 0, 5, 3, 2])
        }
    }

    /// Writes values into a column of a fresh store and reads them back.
    private func stored<T: SQLConvertible & SQLDecodable>(
        _ values: [T],
        in column: String,
        _ kind: TestEngine
    ) async throws -> [T] {
        try await withEngine(kind, migrations: Schema.all) { engine in
            let insert = SQL(stringLiteral: "INSERT INTO sample (id, \(column)) VALUES (")
            try await engine.write(.serializable) { connection in
                for (id, value) in values.enumerated() { try connection.execute(insert + "\(id), \(value))") }
            }
            return try await engine.read { connection in
                try connection.all(SQL(stringLiteral: "SELECT \(column) FROM sample ORDER BY id")) { try $0[0] }
            }
        }
    }
}
