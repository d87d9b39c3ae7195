import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// The shipped table and a table of the size and with the faults of the real one: 16 districts, 339 streets (10 without
/// a code, 3 with the code of another), 7,169 communities with made-up codes.
@Suite("导入区划")
struct DivisionImportTests {
    private func run(_ house: House, _ text: String) async throws -> DivisionImport.Outcome {
        let now = house.clock.clock.now
        return try await DivisionImport.run(
            text: text, source: "test.csv", database: house.services.database, context: .system("test", now: now)
        )
    }

    private func count(_ house: House, _ level: DivisionCode.Level, synthetic: Bool? = nil) async throws -> Int {
        let now = house.clock.clock.now
        return try await house.services.database.read { tx in
            try DivisionsStore.all(at: now, tx)
                .count { $0.level == level && (synthetic == nil || $0.isSynthetic == synthetic) }
        }
    }

    @Test("随附的区划装一次；改过的名称不被改回", arguments: TestEngine.enabled)
    func shipped(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let database = house.services.database
            #expect(try await DivisionImport.ship(database, .system("test", now: house.clock.clock.now)) == 344)
            #expect(try await count(house, .district, synthetic: false) == 16)
            house.clock.advance(minutes: 1)
            let renamed = try await run(house, "level,code,name\n4,110101001,东华门地区\n")
            #expect(renamed.added == 1)
            house.clock.advance(minutes: 1)
            let now = house.clock.clock.now
            #expect(try await DivisionImport.ship(database, .system("test", now: now)) == 0)
            let street = DivisionCode(rawValue: 110_101_001_000_000)
            let name = try await database.read { try DivisionsStore.find(street, at: now, $0)?.name }
            #expect(name == "东华门地区")
        }
    }

    /// The real table's form, size and faults, with made-up names.
    static let wholeCity: String = {
        var lines = ["level,code,name,district_code,district,street_code,street"]
        var streets: [(code: String, name: String, district: Int)] = []
        for district in 0..<16 { lines.append("3,1101\(district + 20)000000,第\(district)区,1101\(district + 20),,,") }
        for number in 0..<339 {
            let district = number % 16 + 20
            // The last ten have no code; the three before them have that of the street sixteen before.
            let own = number < 326 ? number / 16 + 1 : number / 16
            let code = number < 329 ? "1101\(district)" + String("\(1000 + own)".dropFirst()) + "000" : ""
            let name = "街道\(number)"
            streets.append((code, name, district))
            lines.append("4,\(code),\(name),1101\(district),,,")
        }
        for number in 0..<7169 {
            let street = streets[number % 339]
            let code =
                street.code.isEmpty ? "" : street.code.dropLast(3) + String("\(1000 + number / 339 + 1)".dropFirst())
            lines.append("5,\(code),社区\(number),1101\(street.district),,\(street.code),\(street.name)")
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }()

    @Test("整张表都读进来，编的代码都标明，再导一次不变", arguments: TestEngine.enabled)
    func everything(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            _ = try await run(house, "level,code,name\n1,110000,北京市\n2,110100,市辖区\n")
            house.clock.advance(minutes: 1)
            let first = try await run(house, Self.wholeCity)
            #expect(first.skipped.isEmpty)
            #expect(first.added == 16 + 339 + 7169)
            #expect(try await count(house, .street, synthetic: true) == 13)
            #expect(try await count(house, .street) == 339)
            #expect(try await count(house, .community, synthetic: true) == 7169)
            // Ten streets without a code, three with another's, and every community of those thirteen.
            #expect(first.madeUp == 13 + (0..<7169).count { $0 % 339 >= 326 })
            house.clock.advance(minutes: 1)
            let second = try await run(house, Self.wholeCity)
            #expect(second.added == 0 && second.unchanged == first.added && second.madeUp == first.madeUp)
        }
    }

    @Test("没有代码的街道、同码的街道，它们的社区都在自己的街道里", arguments: TestEngine.enabled)
    func placed(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            _ = try await run(
                house,
                """
                level,code,name,district_code,district,street_code,street
                2,110100,市辖区,,,,
                3,110106,丰台区,110106,,,
                4,110106005,南苑街道,110106,,,
                4,110106005,南苑地区,110106,,,
                4,,宛平城地区,110106,,,
                5,110106005001,东新华社区,110106,,,南苑街道
                5,110106005001,东罗园村,110106,,,南苑地区
                5,,晓月苑社区,110106,,,宛平城地区
                """
            )
            let now = house.clock.clock.now
            let all = try await house.services.database.read { try DivisionsStore.all(at: now, $0) }
            let codes = Dictionary(all.map { ($0.name, $0.code.short) }, uniquingKeysWith: { first, _ in first })
            #expect(codes["南苑街道"] == "110106005" && codes["东新华社区"] == "110106005001")
            #expect(codes["南苑地区"] == "110106999" && codes["东罗园村"] == "110106999999")
            #expect(codes["宛平城地区"] == "110106998" && codes["晓月苑社区"] == "110106998999")
        }
    }

    @Test("看不出在哪里的行留下，说明原因；读不懂的行一起报", arguments: TestEngine.enabled)
    func leftOut(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            let outcome = try await run(house, "level,code,name\n3,110101,东城区\n5,,无名社区\n5,110102001001,孤社区\n")
            #expect(outcome.added == 0 && outcome.skipped.map(\.line) == [2, 3, 4])
            let error = await #expect(throws: LinliError.self) {
                let wrong = "9,110101,东城区\n3,1101,西城区\n3,110101001,朝阳区\n3,110102,西城区13912345678\n"
                _ = try await run(house, "level,code,name\n" + wrong)
            }
            #expect(error?.fields.count == 4 && error?.fields.last?.text.en.contains("No phone") == true)
        }
    }
}
