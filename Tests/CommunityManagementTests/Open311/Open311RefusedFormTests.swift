import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Forms that must not become a case: each mistake alone, then hundreds of mixtures.
@Suite("Open311 不收乱填的")
struct Open311RefusedFormTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var changes: [String: String] = [:]
        var without: [String] = []
        var status = 400
        /// The field the sentence names.
        var names: String

        var testDescription: String { "\(changes) \(without)" }
    }

    private static let long = String(repeating: "字", count: 4001)
    /// Forty characters of seven code points each.
    private static let family = String(repeating: "👨‍👩‍👧‍👦", count: 40)

    static let wrong: [Wrong] = [
        Wrong(without: ["service_code"], names: "service_code"),
        Wrong(changes: ["service_code": "  "], names: "service_code"),
        Wrong(changes: ["service_code": "X1"], status: 404, names: "service_code"),
        Wrong(changes: ["service_code": "R0901"], status: 404, names: "service_code"),
        Wrong(changes: ["jurisdiction_id": "elsewhere.gov"], status: 404, names: "jurisdiction_id"),
        Wrong(without: ["lat", "long"], names: "lat"),
        Wrong(without: ["lat"], names: "lat"),
        Wrong(without: ["long"], names: "long"),
        Wrong(changes: ["lat": "91"], names: "lat"),
        Wrong(changes: ["lat": "0x27"], names: "lat"),
        Wrong(changes: ["lat": "nan"], names: "lat"),
        Wrong(changes: ["lat": "1e1"], names: "lat"),
        Wrong(changes: ["lat": "--1"], names: "lat"),
        Wrong(changes: ["long": "116,4"], names: "long"),
        Wrong(changes: ["lat": "52.5200", "long": "13.4050"], names: "lat"),
        Wrong(changes: ["address_id": "幸福里"], names: "address_id"),
        Wrong(changes: ["address_id": "0000000000000"], names: "address_id"),
        Wrong(changes: ["address_string": "火星路1号"], without: ["lat", "long"], names: "address_string"),
        Wrong(changes: ["address_string": "幸福里小区" + String(repeating: "东", count: 120)], names: "address_string"),
        Wrong(changes: ["attribute[location]": String(repeating: "东", count: 121)], names: "attribute[location]"),
        Wrong(changes: ["description": long], names: "description"),
        Wrong(changes: ["description": "灯\u{0}坏了"], names: "description"),
        Wrong(changes: ["description": "灯\u{1B}[31m坏了"], names: "description"),
        Wrong(changes: ["description": "\u{FFFD}\u{FFFD}GBK"], names: "description"),
        Wrong(changes: ["first_name": "三\n张"], names: "first_name"),
        Wrong(changes: ["first_name": String(repeating: "三", count: 31)], names: "first_name"),
        Wrong(changes: ["last_name": String(repeating: "张", count: 41)], names: "last_name"),
        Wrong(changes: ["email": "zhang"], names: "email"),
        Wrong(changes: ["email": "zhang@localhost"], names: "email"),
        Wrong(changes: ["email": "a@b@c.org"], names: "email"),
        Wrong(changes: ["email": "<a@b.org>"], names: "email"),
        Wrong(changes: ["email": "a b@c.org"], names: "email"),
        Wrong(changes: ["email": String(repeating: "a", count: 250) + "@b.org"], names: "email"),
        Wrong(changes: ["phone": "12"], names: "phone"),
        Wrong(changes: ["phone": "call me"], names: "phone"),
        Wrong(changes: ["media_url": "http://photos.example.org/a.jpg"], names: "media_url"),
        Wrong(changes: ["media_url": "javascript:alert(1)"], names: "media_url"),
        Wrong(changes: ["media_url": "https://u:p@photos.example.org/a.jpg"], names: "media_url"),
        Wrong(changes: ["media_url": "https://localhost/a.jpg"], names: "media_url"),
        Wrong(changes: ["media_url": "https://photos.example.org/a b"], names: "media_url"),
        Wrong(changes: ["media_url": "https://photos.example.org/<script>"], names: "media_url"),
        Wrong(changes: ["media_url": "https://照片.example.org/a"], names: "media_url"),
        Wrong(changes: ["media_url": "https://a.org:x/"], names: "media_url"),
        Wrong(changes: ["media_url": "https://a.org/" + String(repeating: "a", count: 2000)], names: "media_url"),
        Wrong(changes: ["attribute[spot]": "moon"], names: "attribute[spot]"),
        Wrong(changes: ["attribute[disclosure]": "x"], names: "attribute[disclosure]"),
        Wrong(changes: ["attribute[colour]": "red"], names: "attribute[colour]"),
        Wrong(changes: ["attribute[spot": "street"], names: "attribute[spot"),
        Wrong(changes: ["device_id": String(repeating: "d", count: 201)], names: "device_id"),
    ]

    private func cases(_ house: House) async throws -> Int {
        try await house.value("SELECT count(*) FROM case_item") ?? 0
    }

    @Test("每一种错都点名是哪一项，什么也不登记", arguments: TestEngine.enabled)
    func eachMistake(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            let before = try await cases(house)
            for wrong in Self.wrong {
                let form = Open311RequestTests.form(key, wrong.changes, without: wrong.without)
                let answer = try await house.ask(.post, "/open311/v2/requests.json", form: form)
                #expect(answer.status == wrong.status, "\(wrong.testDescription): \(answer.text)")
                try Open311DocumentTests.isError(answer, wrong.status, isJSON: true, says: wrong.names)
            }
            let twice = Open311RequestTests.form(key) + [("lat", "39.9")]
            let answer = try await house.ask(.post, "/open311/v2/requests.xml", form: twice)
            try Open311DocumentTests.isError(answer, 400, isJSON: false, says: "lat")
            #expect(try await cases(house) == before)
        }
    }

    @Test("几处一起错，一次说完", arguments: TestEngine.enabled)
    func several(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let changes = ["email": "x", "phone": "y", "lat": "z", "attribute[spot]": "moon"]
            let form = Open311RequestTests.form(try await house.key(), changes)
            let answer = try await house.ask(.post, "/open311/v2/requests.json", form: form, language: .en)
            #expect(answer.status == 400)
            for name in changes.keys {
                try Open311DocumentTests.isError(answer, 400, isJSON: true, says: name + ": ")
            }
        }
    }

    /// Values of a field: nil leaves it out.
    private struct Choice {
        var good: [String?]
        var bad: [String?]
    }

    /// Everything that may go wrong with each field, apart from what depends on others.
    private static let choices: [(name: String, choice: Choice)] = [
        ("service_code", Choice(good: ["C0118", "R0202", "E0110"], bad: [nil, "", "R01", "'; --", "R0901", "\u{0}"])),
        (
            "lat",
            Choice(
                good: ["39.9143", "39.91430000"], bad: ["", nil, "39..1", "−39", "1/0", "999999999999999999999999"])
        ),
        ("long", Choice(good: ["116.40275"], bad: [nil, "116.4E", "inf", "\t\u{7}", "116.402750000000000000000000"])),
        (
            "description",
            Choice(good: [nil, "", "灯坏了", "🏮🏮 <b>&", family, "a\r\nb"], bad: ["\u{0}", "\u{FFFF}", "\u{8}", long])
        ),
        (
            "email",
            Choice(good: [nil, "", "a.b+c@d.example"], bad: ["@", "a@", "@b.c", "a@b..c", "a,b@c.d", "a@b.c\n"])
        ),
        ("phone", Choice(good: [nil, "+86 138 0013 8000", "010-65123456"], bad: ["1", "1380013800x", "😀", "++"])),
        ("first_name", Choice(good: [nil, "Anna", "三"], bad: ["a\u{0}", "a\nb", long])),
        (
            "media_url",
            Choice(good: [nil, "https://a.example/p?x=1#y"], bad: ["a", "https://", "https://.b/", "ftp://a.b/"])
        ),
        ("attribute[spot]", Choice(good: [nil, "", "home", "street"], bad: ["HOME", "home,street", "\u{0}"])),
        ("attribute[disclosure]", Choice(good: [nil, "office", "anonymous"], bad: ["nobody", "1"])),
        ("attribute[location]", Choice(good: [nil, "楼下"], bad: [long, "a\u{1}"])),
        ("attribute[x]", Choice(good: [nil], bad: ["", "y"])),
        ("address_id", Choice(good: [nil], bad: ["x", "zzzzzzzzzzzzz", "0"])),
        ("jurisdiction_id", Choice(good: [nil, "", "LINLI.example"], bad: ["linli", "*"])),
        ("api_key", Choice(good: ["key"], bad: [nil, "", "x", "\u{0}"])),
        ("unheard_of", Choice(good: [nil, "\u{0}", long], bad: [])),
    ]

    @Test("五百张随意拼出的表：对的都收，错的都不收，没有一次出故障", arguments: TestEngine.enabled)
    func mixtures(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key()
            var random = SeededRandom(seed: 311)
            var accepted = 0
            for round in 0..<500 {
                let (form, isGood) = Self.mixture(key, round, &random)
                let isJSON = Bool.random(using: &random)
                let path = "/open311/v2/requests." + (isJSON ? "json" : "xml")
                let answer = try await house.ask(.post, path, form: form)
                #expect((answer.status == 200) == isGood, "round \(round): \(answer.status) \(answer.text) \(form)")
                #expect([200, 400, 403, 404].contains(answer.status), "round \(round): \(answer.text)")
                let isReadable = isJSON ? readJSON(answer.text) != nil : XMLTree.read(answer.text) != nil
                #expect(isReadable, "round \(round): \(answer.text)")
                accepted += answer.status == 200 ? 1 : 0
            }
            #expect((100...400).contains(accepted), "\(accepted) of 500")
        }
    }

    private static func mixture(
        _ key: String, _ round: Int, _ random: inout SeededRandom
    ) -> (form: [(String, String)], isGood: Bool) {
        // Half of the forms have no mistake, the others one or more.
        let mistakes = Bool.random(using: &random) ? 0 : Int.random(in: 1...3, using: &random)
        let spoiled = Set(choices.map(\.name).shuffled(using: &random).prefix(mistakes))
        var isGood = true
        var form: [(String, String)] = [("address_string", "第\(round)号")]
        for (name, choice) in choices {
            let isSpoiled = spoiled.contains(name) && !choice.bad.isEmpty
            if isSpoiled { isGood = false }
            guard let value = (isSpoiled ? choice.bad : choice.good).randomElement(using: &random) ?? nil else {
                continue
            }
            form.append((name, name == "api_key" && value == "key" ? key : value))
        }
        return (form.shuffled(using: &random), isGood)
    }

    @Test("随意的查询从不出故障，回答总读得懂", arguments: TestEngine.enabled)
    func queries(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var random = SeededRandom(seed: 2)
            let names = ["service_request_id", "service_code", "start_date", "end_date", "status", "api_key", "x"]
            let values = [
                "", ",", "open", "closed,open", "C0118", "SJ20261122-0001", "'", "%", "\u{0}", "\u{FFFF}", "-1",
                "9999-12-31T23:59:59Z",
                "0001-01-01T00:00:00Z", "2026-11-22T00:00:00 08:00", "2026-02-30T00:00:00Z", "🏮",
                String(repeating: "A,", count: 1500),
            ]
            let paths = [
                "requests", "services", "discovery", "requests/SJ1", "tokens/\u{0}", "services/C0118", "services/\u{0}",
                "a/b", ".",
            ]
            for round in 0..<500 {
                var query: [(String, String)] = []
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    query.append(
                        (names.randomElement(using: &random) ?? "", values.randomElement(using: &random) ?? ""))
                }
                let isJSON = Bool.random(using: &random)
                let path = "/open311/v2/" + (paths.randomElement(using: &random) ?? "") + (isJSON ? ".json" : ".xml")
                let answer = try await house.ask(.get, path, query: query)
                #expect(
                    [200, 400, 403, 404].contains(answer.status), "round \(round): \(path) \(query) \(answer.text)")
                let isReadable = isJSON ? readJSON(answer.text) != nil : XMLTree.read(answer.text) != nil
                #expect(isReadable, "round \(round): \(path) \(query) \(answer.text)")
            }
        }
    }
}

/// The same numbers for the same seed.
///
/// - Source: SplitMix64, Steele, Lea and Flood 2014
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
