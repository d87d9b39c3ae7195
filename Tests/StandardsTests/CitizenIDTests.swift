import LinliCore
import LinliStandards
import Testing

/// GB 11643-1999: six digits of the county, eight of the birthday, three in sequence (odd male, even female), one check
/// character by ISO 7064 MOD 11-2. The numbers are synthetic: 110100 was never given out as a place of birth.
@Suite("公民身份号码")
struct CitizenIDTests {
    static let today = CivilDate(daysSinceEpoch: 20_779)

    @Test(
        "正确的号码：出生日期和性别",
        arguments: [
            ("110100195006150020", "1950-06-15", CitizenID.Sex.female), ("11010019500615008X", "1950-06-15", .female),
            ("11010019400229003X", "1940-02-29", .male), ("110100198507200050", "1985-07-20", .male),
            ("110100201509090048", "2015-09-09", .female), ("110100188001010015", "1880-01-01", .male),
            ("110101190001010014", "1900-01-01", .male),
        ]
    )
    func valid(number: String, birth: String, sex: CitizenID.Sex) throws {
        let id = try CitizenID(number, today: CitizenIDTests.today)
        #expect(id.number == number)
        #expect(id.birthDate.description == birth)
        #expect(id.sex == sex)
        #expect(id.county == number.prefix(6))
    }

    @Test(
        "怎么写都认：小写 x、空格、横线、全角",
        arguments: [
            "11010019500615008x", "110100 19500615 008X", " 110100-19500615-008X ", "１１０１００１９５００６１５００８Ｘ",
            "110100\u{3000}19500615\u{200B}008ｘ",
        ]
    )
    func forms(typed: String) throws {
        #expect(try CitizenID(typed, today: CitizenIDTests.today).number == "11010019500615008X")
    }

    @Test(
        "15 位旧号码补成 18 位",
        arguments: [("110100500615002", "110100195006150020"), ("110100500615008", "11010019500615008X")])
    func upgraded(old: String, new: String) throws {
        #expect(try CitizenID(old, today: CitizenIDTests.today).number == new)
    }

    @Test("撤销的区县（原崇文 110103、宣武 110104）仍然有效", arguments: ["110103", "110104", "999999"])
    func historicalCounty(county: String) throws {
        let body = county + "19500615002"
        let ids = "0123456789X".compactMap { try? CitizenID(body + String($0), today: CitizenIDTests.today) }
        // Exactly one of the eleven characters is the right one.
        #expect(ids.count == 1)
        #expect(ids.first?.county == county)
    }

    @Test(
        "错误的号码说得出错在哪",
        arguments: [
            ("", CitizenID.Invalid.length(0)), ("1101001950061500", .length(16)), ("1101001950061500201", .length(19)),
            ("11010019500615002A", .character), ("1101001950061500X0", .character), ("11010050061500X", .character),
            ("身份证", .character), ("110100201502300048", .birthDate), ("110100199902290010", .birthDate),
            ("110100190002290014", .birthDate), ("110100195013150020", .birthDate), ("110100500631002", .birthDate),
            ("110100195006150021", .checkCharacter), ("11010019500615002X", .checkCharacter),
            ("11010019500615008０", .checkCharacter), ("110100202611230010", .age), ("110100187511220010", .age),
        ]
    )
    func invalid(typed: String, expected: CitizenID.Invalid) {
        let error = #expect(throws: CitizenID.Invalid.self) { try CitizenID(typed, today: CitizenIDTests.today) }
        #expect(error == expected)
        #expect(error?.text.zh.isEmpty == false && error?.text.en.isEmpty == false)
    }

    @Test("改错任何一位数字都查得出")
    func everySingleMistake() throws {
        let right = Array("110100198507200050")
        for place in right.indices {
            for digit in "0123456789" where digit != right[place] {
                var wrong = right
                wrong[place] = digit
                #expect(throws: CitizenID.Invalid.self) { try CitizenID(String(wrong), today: CitizenIDTests.today) }
            }
        }
    }

    @Test("今天出生可以，明天出生不行")
    func bornToday() throws {
        let numbers = "0123456789X".map { "11010020261122001" + String($0) }
        let today = CitizenIDTests.today
        let valid = numbers.compactMap { try? CitizenID($0, today: today) }
        #expect(valid.count == 1)
        let number = try #require(valid.first?.number)
        let error = #expect(throws: CitizenID.Invalid.self) { try CitizenID(number, today: today.adding(days: -1)) }
        #expect(error == .age)
    }

    @Test("周岁在生日当天增加")
    func age() throws {
        let id = try CitizenID("110100198507200050", today: CitizenIDTests.today)
        #expect(id.age(on: try #require(CivilDate("2026-07-19"))) == 40)
        #expect(id.age(on: try #require(CivilDate("2026-07-20"))) == 41)
        #expect(id.age(on: id.birthDate) == 0)
        let leap = try CitizenID("11010019400229003X", today: CitizenIDTests.today)
        #expect(leap.age(on: try #require(CivilDate("2026-02-28"))) == 85)
        #expect(leap.age(on: try #require(CivilDate("2026-03-01"))) == 86)
    }

    @Test("打印、拼接都只见掩码")
    func masked() throws {
        let id = try CitizenID("110100195006150020", today: CitizenIDTests.today)
        #expect(id.masked == "110***********0020")
        #expect("\(id)" == id.masked)
        #expect(!"\([id]) \(Optional(id) as Any)".contains("19500615"))
        #expect(CitizenID.masked("1234567") == "*******")
    }
}
