import LinliCore

/// What a label or a service asks of a person: a small language over age, facts, ties and who lives together.
///
/// Rules answer yes, no, or nothing where what they ask is not known; only yes gives a label.
package indirect enum LabelRule: Sendable, Equatable {
    /// All of them, one of them, not that one.
    case all([LabelRule])
    case any([LabelRule])
    case not(LabelRule)
    /// Full years of age.
    case age(ClosedRange<Int>)
    /// Born at most so many days ago.
    case bornWithin(Int)
    /// One of the codes of GB/T 2261.1.
    case sex([Int])
    /// A fact with one of some values; without values: any that says yes.
    case fact(RegisterField, [String])
    /// How the person is tied to where they live, and what they are to the head of the household.
    case tie([ResidenceTie])
    case relation([HouseholdRelation])
    /// How the dwelling they live in is used.
    case dwelling([Occupancy])
    /// How many live in the household.
    case household(ClosedRange<Int>)
    /// Whether a rule of ages holds for everyone, or for somebody, of those who live in the household.
    case everyone(LabelRule)
    case someone(LabelRule)
    /// Whether the person has a label that was defined before.
    case label(String, Text)

    /// The facts it looks at.
    package var fields: Set<RegisterField> {
        switch self {
        case .all(let rules), .any(let rules): rules.reduce(into: []) { $0.formUnion($1.fields) }
        case .not(let rule), .everyone(let rule), .someone(let rule): rule.fields
        case .fact(let field, _): [field]
        default: []
        }
    }

    /// The labels it asks for.
    package var labels: Set<String> {
        switch self {
        case .all(let rules), .any(let rules): rules.reduce(into: []) { $0.formUnion($1.labels) }
        case .not(let rule), .everyone(let rule), .someone(let rule): rule.labels
        case .label(let id, _): [id]
        default: []
        }
    }
}

/// What a rule sees of a person on a day: in clear, so it never leaves the program.
package struct LabelSight: Sendable {
    /// Somebody who lives in the household.
    package struct Member: Sendable {
        /// The day of birth; nil where nobody knows.
        package var born: CivilDate?
        /// 1 male, 2 female, 9 not stated, 0 unknown.
        package var sex: Int

        /// Somebody.
        package init(born: CivilDate?, sex: Int) {
            self.born = born
            self.sex = sex
        }
    }

    /// The day it is.
    package var today: CivilDate
    /// The person themselves.
    package var person: Member
    /// How they are tied to where they live; nil without a home here.
    package var tie: ResidenceTie?
    /// What they are to the head.
    package var relation: HouseholdRelation?
    /// How their dwelling is used.
    package var occupancy: Occupancy?
    /// Who lives in the household, themselves included; nil where they belong to none.
    package var household: [Member]?
    /// Facts in clear, by the field's id.
    package var facts: [String: String] = [:]
    /// The labels they have so far.
    package var held: Set<String> = []
    /// Whether a fact that nobody entered leaves the answer open. Without it such a fact counts as no, because a label is
    /// given to whom it is known of; a form must not report a no that nobody said.
    package var isStrict = false
    /// The facts nobody may look at here, by the field's id: what asks for one stays open.
    var hidden: Set<String> = []
    /// The labels nobody can say yes or no to; only when strict, or where something is hidden.
    package var unsure: Set<String> = []

    /// A person of whom nothing but birth and sex is known.
    package init(_ person: Member, on today: CivilDate) {
        self.person = person
        self.today = today
    }
}

extension LabelSight {
    /// The answer to what nobody entered.
    fileprivate var open: Bool? { isStrict ? nil : false }
}

extension LabelRule {
    /// Whether it holds; nil where what it asks is not known.
    package func holds(_ sight: LabelSight) -> Bool? {
        switch self {
        case .all(let rules):
            let answers = rules.map { $0.holds(sight) }
            return answers.contains(false) ? false : answers.contains(nil) ? nil : true
        case .any(let rules):
            let answers = rules.map { $0.holds(sight) }
            return answers.contains(true) ? true : answers.contains(nil) ? nil : false
        case .not(let rule): return rule.holds(sight).map { !$0 }
        case .age(let years): return sight.person.age(on: sight.today).map { years.contains($0) }
        case .bornWithin(let days):
            return sight.person.born.map { (0...days).contains(sight.today.daysSinceEpoch - $0.daysSinceEpoch) }
        case .sex(let codes): return codes.contains(sight.person.sex)
        case .fact(let field, let values):
            guard let value = sight.facts[field.id] else { return sight.hidden.contains(field.id) ? nil : sight.open }
            if values.isEmpty { return field.value == .flag ? value == "1" : true }
            return values.contains(value)
        case .tie(let ties): return sight.tie.map { ties.contains($0) } ?? sight.open
        case .relation(let relations): return sight.relation.map { relations.contains($0) } ?? sight.open
        case .dwelling(let uses): return sight.occupancy.map { uses.contains($0) } ?? sight.open
        case .household(let sizes): return sight.household.map { sizes.contains($0.count) }
        case .everyone(let rule): return sight.household.flatMap { LabelRule.all(rule, $0, sight) }
        case .someone(let rule): return sight.household.flatMap { LabelRule.any(rule, $0, sight) }
        case .label(let id, _):
            return sight.held.contains(id) ? true : sight.unsure.contains(id) ? nil : false
        }
    }

    private static func all(_ rule: LabelRule, _ members: [LabelSight.Member], _ sight: LabelSight) -> Bool? {
        let answers = members.map { rule.holds(LabelSight($0, on: sight.today)) }
        return answers.contains(false) ? false : answers.contains(nil) ? nil : true
    }

    private static func any(_ rule: LabelRule, _ members: [LabelSight.Member], _ sight: LabelSight) -> Bool? {
        let answers = members.map { rule.holds(LabelSight($0, on: sight.today)) }
        return answers.contains(true) ? true : answers.contains(nil) ? nil : false
    }

    /// The next day after `sight.today` on which time alone may change the answer, in days since 1970; nil: never.
    package func nextChange(_ sight: LabelSight) -> Int? {
        switch self {
        case .all(let rules), .any(let rules): return rules.compactMap { $0.nextChange(sight) }.min()
        case .not(let rule): return rule.nextChange(sight)
        case .age(let years):
            guard let born = sight.person.born else { return nil }
            // Who is of no age at most stays within for ever.
            let ends = years.upperBound < LabelRule.most ? [years.upperBound + 1] : []
            return ([years.lowerBound] + ends)
                .map { PersonRecord.birthday(born, $0).daysSinceEpoch }
                .filter { $0 > sight.today.daysSinceEpoch }.min()
        case .bornWithin(let days):
            guard let born = sight.person.born else { return nil }
            return [born.daysSinceEpoch, born.daysSinceEpoch + days + 1]
                .filter { $0 > sight.today.daysSinceEpoch }.min()
        case .everyone(let rule), .someone(let rule):
            return sight.household?.compactMap { rule.nextChange(LabelSight($0, on: sight.today)) }.min()
        default: return nil
        }
    }
}

extension LabelSight.Member {
    /// Full years on a day; nil where nobody knows the birth.
    package func age(on day: CivilDate) -> Int? {
        born.map { day.year - $0.year - ((day.month, day.day) >= ($0.month, $0.day) ? 0 : 1) }
    }
}

// MARK: Words

extension LabelRule {
    /// Why it holds for somebody: `1944年出生`, `独居`; empty where it does not.
    package func reasons(_ sight: LabelSight) -> [Text] {
        guard holds(sight) == true else { return [] }
        switch self {
        case .all(let rules), .any(let rules): return rules.flatMap { $0.reasons(sight) }
        case .age:
            return sight.person.born.map { [Text("\($0.year)年出生", "born in \($0.year)")] } ?? []
        case .bornWithin:
            return sight.person.born.map { [Text("\($0.full.zh)出生", "born on \($0.full.en)")] } ?? []
        case .fact(let field, _):
            guard let value = sight.facts[field.id], field.value != .flag else { return [field.name] }
            guard case .choice = field.value else { return [field.name] }
            let shown = RegisterValue.shown(value, of: field)
            return [Text("\(field.name.zh)：\(shown.zh)", "\(field.name.en): \(shown.en)")]
        case .household:
            let count = sight.household?.count ?? 0
            return [
                count == 1
                    ? Text("登记的一户只有本人", "the only one registered in the household")
                    : Text("同住 \(count) 人", "\(count) in the household")
            ]
        case .tie: return sight.tie.map { [$0.name] } ?? []
        case .dwelling: return sight.occupancy.map { [Text("房屋\($0.name.zh)", "dwelling: \($0.name.en)")] } ?? []
        default: return [words]
        }
    }

    /// The rule as people read it: `80 岁以上，独居`.
    package var words: Text {
        switch self {
        case .all(let rules): LabelRule.joined(rules.map(\.words), "，", ", ")
        case .any(let rules): LabelRule.joined(rules.map(\.words), "，或", ", or ")
        case .not(let rule): Text("不是（\(rule.words.zh)）", "not (\(rule.words.en))")
        case .age(let years): LabelRule.span(years, Text("岁", "years"))
        case .bornWithin(let days): Text("出生 \(days) 天内", "born within \(days) days")
        case .sex(let codes): codes == [2] ? Text("女", "female") : codes == [1] ? Text("男", "male") : Text("性别", "sex")
        case .fact(let field, let values): LabelRule.words(field, values)
        case .tie(let ties): LabelRule.joined(ties.map(\.name), "、", " or ")
        case .relation(let relations):
            Text("是户主的", "to the head: ") + LabelRule.joined(relations.map(\.name), "、", " or ")
        case .dwelling(let uses): Text("房屋", "dwelling ") + LabelRule.joined(uses.map(\.name), "、", " or ")
        case .household(let sizes):
            sizes == 1...1
                ? Text("一个人住", "lives alone")
                : Text("同住", "household of ") + LabelRule.span(sizes, Text("人", "people"))
        case .everyone(let rule): Text("同住的人都（\(rule.words.zh)）", "everyone at home: \(rule.words.en)")
        case .someone(let rule): Text("同住的人里有（\(rule.words.zh)）", "somebody at home: \(rule.words.en)")
        case .label(_, let name): name
        }
    }

    private static func words(_ field: RegisterField, _ values: [String]) -> Text {
        guard !values.isEmpty else { return field.name }
        let shown = values.map { RegisterValue.shown($0, of: field) }
        return field.name + Text("：", ": ") + joined(shown, "、", " or ")
    }

    private static func joined(_ texts: [Text], _ zh: String, _ en: String) -> Text {
        Text(texts.map(\.zh).joined(separator: zh), texts.map(\.en).joined(separator: en))
    }

    private static func span(_ range: ClosedRange<Int>, _ unit: Text) -> Text {
        if range.lowerBound == range.upperBound {
            return Text("\(range.lowerBound) \(unit.zh)", "\(range.lowerBound) \(unit.en)")
        }
        if range.upperBound >= LabelRule.most {
            return Text("\(range.lowerBound) \(unit.zh)以上", "\(range.lowerBound) \(unit.en) or more")
        }
        if range.lowerBound == 0 {
            return Text("\(range.upperBound) \(unit.zh)以下", "up to \(range.upperBound) \(unit.en)")
        }
        return Text(
            "\(range.lowerBound)—\(range.upperBound) \(unit.zh)",
            "\(range.lowerBound) to \(range.upperBound) \(unit.en)")
    }

    /// What stands for an open end.
    static let most = 999
}
