import LinliCore
import LinliKernel
import LinliStandards
import Testing

/// The language of labels: what it reads, what it refuses with a line, what it answers.
@Suite("标签规则")
struct LabelRuleTests {
    private static let today = CivilDate(daysSinceEpoch: 20_779)

    private static func sight(
        born: String? = nil, sex: Int = 0, facts: [String: String] = [:], household: [String?]? = nil,
        tie: ResidenceTie? = nil, relation: HouseholdRelation? = nil, occupancy: Occupancy? = nil,
        held: Set<String> = []
    ) -> LabelSight {
        var sight = LabelSight(.init(born: born.flatMap { CivilDate($0) }, sex: sex), on: today)
        sight.facts = facts
        sight.household = household?.map { LabelSight.Member(born: $0.flatMap { CivilDate($0) }, sex: 0) }
        (sight.tie, sight.relation, sight.occupancy, sight.held) = (tie, relation, occupancy, held)
        return sight
    }

    private static let elder = sight(
        born: "1944-11-22", sex: 2, facts: ["person.isLivingAlone": "1", "person.careLevel": "2"],
        household: ["1944-11-22"], tie: .owner, relation: .head, occupancy: .owner, held: ["aged"])
    private static let stranger = sight()
    private static let couple = sight(born: "1960-01-01", household: ["1960-01-01", "1966-11-22"], tie: .family)

    /// Today is 2026-11-22.
    private static let cases: [(rule: String, who: LabelSight, answer: Bool?)] = [
        ("age(80..)", elder, true), ("age(82)", elder, true), ("age(83..)", elder, false), ("age(..81)", elder, false),
        ("age(60..82)", elder, true), ("age(80..)", stranger, nil), ("not(age(80..))", stranger, nil),
        ("all(age(80..), fact(isLivingAlone))", elder, true), ("all(age(80..), sex(1))", stranger, false),
        ("any(age(80..), sex(0))", stranger, true), ("any(sex(1), sex(2))", stranger, false),
        ("any(age(80..), sex(1))", stranger, nil), ("not(sex(1))", elder, true),
        ("fact(isLivingAlone)", stranger, false), ("fact(careLevel, 2, 3)", elder, true),
        ("fact(careLevel, 4)", elder, false), ("fact(chronicDiseases)", elder, false),
        ("fact(careLevel)", elder, true),
        ("household(1)", elder, true), ("household(2..)", elder, false), ("household(1)", stranger, nil),
        ("tie(owner, tenant)", elder, true), ("tie(tenant)", elder, false), ("tie(owner)", stranger, false),
        ("relation(head)", elder, true), ("relation(spouse)", elder, false), ("dwelling(owner)", elder, true),
        ("dwelling(rented, shared)", elder, false),
        ("everyone(age(60..))", couple, true), ("everyone(age(61..))", couple, false),
        ("someone(age(..15))", couple, false), ("someone(age(60..61))", couple, true),
        ("everyone(age(60..))", stranger, nil), ("everyone(age(60..))", sight(household: [nil]), nil),
        ("someone(age(60..))", sight(household: [nil, "1950-01-01"]), true),
        ("bornWithin(30)", sight(born: "2026-10-23"), true), ("bornWithin(30)", sight(born: "2026-10-22"), false),
        ("bornWithin(30)", sight(born: "2026-11-23"), false), ("label(aged)", elder, true),
        ("label(aged)", couple, false), ("all（age(60..)，household(2)）", couple, true),
    ]

    @Test("每种条件的答案：是、不是、不知道")
    func answers() throws {
        for row in Self.cases {
            let rule = try LabelRuleParser.parse(row.rule, labels: ["aged": Text("高龄", "Aged")])
            #expect(rule.holds(row.who) == row.answer, "\(row.rule)")
        }
    }

    @Test("填表时没人说过的不算“不是”：缺事实就悬着，能定的还是定")
    func open() throws {
        let book = try LabelBook.read(try LabelBook.shippedText())
        func open(_ sight: LabelSight, _ isProfiled: Bool = true) -> Set<String> {
            book.open(sight, hand: [], isProfiled: isProfiled).labels
        }
        // Two of them live there: whether she is alone nobody said; that she is 82 decides the rest.
        let couple = Self.sight(born: "1944-11-22", household: ["1944-11-22", "1950-01-01"], tie: .owner)
        #expect(open(couple).isSuperset(of: ["elderAlone", "agedAlone", "disabledElder", "lowIncome", "chronic"]))
        #expect(open(couple).isDisjoint(with: ["elder", "aged", "childInNeed", "tenant", "bereaved"]))
        // The only one of the household: alone for certain.
        let alone = Self.sight(born: "1944-11-22", household: ["1944-11-22"], tie: .owner, occupancy: .owner)
        #expect(open(alone).isDisjoint(with: ["elderAlone", "agedAlone", "letHome"]))
        // A child is no elder, whatever else is not known.
        let child = Self.sight(born: "2020-01-01", facts: ["person.isChildInNeed": "0"], household: ["2020-01-01"])
        #expect(open(child).isDisjoint(with: ["elderAlone", "disabledElder", "childInNeed"]))
        #expect(open(child, false).contains("elder"), "who wants no rules is nothing by a rule")
        let withSon = Self.sight(born: "1944-11-22", household: ["1944-11-22", "1980-01-01"], tie: .owner)
        #expect(!book.open(withSon, hand: ["elderAlone"], isProfiled: true).services.contains("look"))
        #expect(book.open(withSon, hand: [], isProfiled: true).services.contains("look"))
    }

    @Test("哪天会自己变：生日、出生满天数、同住人的生日")
    func changes() throws {
        let rows: [(String, LabelSight, String?)] = [
            ("age(80..)", Self.sight(born: "1946-11-23"), "2026-11-23"),
            ("age(80..)", Self.sight(born: "1946-11-22"), nil),
            ("age(60..79)", Self.sight(born: "1950-03-01"), "2030-03-01"),
            ("age(60..)", Self.sight(born: "1968-02-29"), "2028-02-29"),
            ("age(59..)", Self.sight(born: "1968-02-29"), "2027-03-01"),
            ("bornWithin(30)", Self.sight(born: "2026-11-01"), "2026-12-02"),
            ("not(age(..59))", Self.sight(born: "1967-01-05"), "2027-01-05"),
            (
                "all(age(60..), everyone(age(60..)))", Self.sight(born: "1950-01-01", household: ["1967-06-01"]),
                "2027-06-01"
            ),
            ("fact(isPregnant)", Self.elder, nil), ("age(80..)", Self.stranger, nil),
        ]
        for (text, sight, day) in rows {
            let next = try LabelRuleParser.parse(text).nextChange(sight)
            #expect(next == day.flatMap { CivilDate($0)?.daysSinceEpoch }, "\(text)")
        }
    }

    @Test("写错的地方带行号")
    func refuses() throws {
        let rows: [(String, Int, String)] = [
            ("age(80..", 1, "“)”"), ("all(\n age(80..),\n fast(isPregnant))", 3, "fast"),
            ("fact(isHappy)", 1, "isHappy"),
            ("all(age(60..)\n)\nage(3)", 3, "all(…)"), ("age(80..70)", 1, "80 比 70 大"), ("age(old)", 1, "数"),
            ("tie(landlord)", 1, "landlord"), ("fact(careLevel, 9)", 1, "9"), ("everyone(household(1))", 1, "年龄"),
            ("label(nothing)", 1, "nothing"), ("age(80..) $", 1, "$"), ("age(99999999999999999999)", 1, "太大"),
            ("", 1, "条件"), (String(repeating: "not(", count: 40) + "age(1)", 1, "太深"),
        ]
        for (text, line, word) in rows {
            do {
                _ = try LabelRuleParser.parse(text)
                Issue.record("\(text) was taken")
            } catch let problem as LabelProblem {
                #expect(problem.line == line, "\(text)")
                #expect(problem.text.zh.contains(word), "\(text): \(problem.text.zh)")
            }
        }
    }

    @Test("附带的标签本读得进去，敏感程度随所用信息")
    func shipped() throws {
        let book = try LabelBook.read(try LabelBook.shippedText())
        #expect(book.labels.count > 15)
        #expect(book.services.count > 4)
        #expect(book[label: "aged"]?.fieldClass == .basic)
        #expect(book[label: "elderAlone"]?.fieldClass == .sensitive)
        #expect(book[label: "watch"]?.rule == nil)
        #expect(book[label: "watch"]?.fieldClass == .sensitive)
        #expect(book[service: "look"]?.fieldClass == .sensitive)
        #expect(book[service: "meals"]?.fieldClass == .basic)
        let found = book.evaluate(Self.elder, hand: [])
        #expect(found.held.isSuperset(of: ["elder", "elder65", "aged", "elderAlone", "agedAlone", "disabledElder"]))
        #expect(!found.held.contains("emptyNest"))
        #expect(found.entitled.isSuperset(of: ["meals", "look", "assessment", "checkup"]))
        var sight = Self.elder
        sight.held = found.held
        let rule = try #require(book[label: "agedAlone"]?.rule)
        #expect(book.because(rule, sight).map(\.zh) == ["1944年出生", "独居", "登记的一户只有本人"])
        let hand = book.evaluate(Self.couple, hand: ["elderAlone"])
        #expect(hand.entitled.contains("look"), "a label given by hand opens services too")
    }

    @Test("标签本里的错带行号，不能放宽敏感信息")
    func refusesBooks() throws {
        let text = """
            groups:
              a:
                name: { zh: 甲, en: A }
                labels:
                  x:
                    name: { zh: 低保, en: Low }
                    seen: basic
                    rule: fact(isLowIncome)
                  y:
                    name: { zh: 乙, en: B }
                    rule: |
                      all(
                        age(60..),
                        fact(isRich))
            services:
              z:
                name: { zh: 送饭, en: Meals }
                what: { zh: 饭, en: Food }
                for: label(unknown)
                by: [mealPoint, nobody]
                evidence: [sign]
                basis: 无
            """
        do {
            _ = try LabelBook.read(text)
            Issue.record("taken")
        } catch let error as LabelProblem.Several {
            #expect(error.problems.map(\.line) == [7, 14, 19, 20], "\(error.problems)")
        }
        for odd in ["", "- a", "groups: [", "groups: {}\nservices: 3"] {
            #expect(throws: LabelProblem.Several.self) { _ = try LabelBook.read(odd) }
        }
    }
}
