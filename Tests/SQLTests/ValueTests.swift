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
        for number in [Int64.min, -1, 0, 1, 1_763_800_000_000, 110_101_001_001_002, Int64.max] {
            #expect(try await stored(number, in: "due", kind) == number)
        }
        #expect(try await stored(Int64?.none, in: "due", kind) == nil)
    }

    @Test("numbers", arguments: TestEngine.enabled)
    func reals(_ kind: TestEngine) async throws {
        for number in [0.1, -2.5, 3, 1e300, 5e-324, .greatestFiniteMagnitude, .infinity, -.infinity] {
            #expect(try await stored(number, in: "score", kind) == number)
        }
    }

    @Test("texts", arguments: TestEngine.enabled)
    func texts(_ kind: TestEngine) async throws {
        let long = String(repeating: "邻里", count: 50_000)
        for text in ["", "12", "张桂兰", "𠮷野家 🏮 é", "a'b\"c\\d\n\te?f$1", #"\x00"#, "e\u{301}", long] {
            #expect(try await stored(text, in: "phone", kind) == text)
            // Byte for byte: Swift calls composed and decomposed letters equal.
            #expect(try await stored(text, in: "phone", kind).map { Array($0.utf8) } == Array(text.utf8))
        }
        #expect(try await stored(String?.none, in: "phone", kind) == nil)
    }

    @Test("bytes", arguments: TestEngine.enabled)
    func blobs(_ kind: TestEngine) async throws {
        for bytes in [[], [0], Array(0...255), [UInt8](repeating: 0xFF, count: 100_000)] {
            #expect(try await stored(bytes, in: "photo", kind) == bytes)
        }
    }

    @Test("the house's own types", arguments: TestEngine.enabled)
    func ownTypes(_ kind: TestEngine) async throws {
        #expect(try await stored(Instant(milliseconds: 1_763_800_000_123), in: "due", kind)?.milliseconds == 1_763_800_000_123)
        #expect(try await stored(Money(fen: -1_234), in: "due", kind)?.fen == -1_234)
        #expect(try await stored(ID<Channel>(rawValue: .max), in: "due", kind)?.rawValue == .max)
        #expect(try await stored(DivisionCode(rawValue: 110_101_001_001_002), in: "due", kind)?.rawValue == 110_101_001_001_002)
        #expect(try await stored(true, in: "due", kind) == true)
        #expect(try await stored(false, in: "due", kind) == false)
        #expect(try await stored(Channel.phone, in: "phone", kind) == .phone)
    }

    @Test("NUL and NaN are refused by both", arguments: TestEngine.enabled)
    func refused(_ kind: TestEngine) async throws {
        #expect(await failure { _ = try await stored("a\0b", in: "phone", kind) } == .nulInText)
        #expect(await failure { _ = try await stored("\0", in: "phone", kind) } == .nulInText)
        #expect(await failure { _ = try await stored(Double.nan, in: "score", kind) } == .notANumber)
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

    /// Writes a value into a column of a fresh store and reads it back.
    private func stored<T: SQLConvertible & SQLDecodable & Sendable>(
        _ value: T,
        in column: String,
        _ kind: TestEngine
    ) async throws -> T? {
        try await withEngine(kind, migrations: Schema.all) { engine in
            try await engine.write(.serializable) { connection in
                try connection.insertPerson(1)
                if column == "due" {
                    try connection.execute("INSERT INTO need (id, person_id, due) VALUES (1, 1, \(value))")
                } else {
                    let assignment = SQL(stringLiteral: "UPDATE person SET \(column) = ") + "\(value)"
                    try connection.execute(assignment)
                }
            }
            return try await engine.read { connection in
                let table = column == "due" ? "need" : "person"
                return try connection.value(SQL(stringLiteral: "SELECT \(column) FROM \(table)"))
            }
        }
    }
}
