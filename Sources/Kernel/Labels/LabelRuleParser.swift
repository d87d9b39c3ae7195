import LinliCore

/// What is wrong with a book of labels, with the line where it stands.
package struct LabelProblem: Error, Sendable, Equatable {
    /// Line in the text, from 1; 0 when it is missing altogether.
    package let line: Int
    /// What is wrong and what is expected.
    package let text: Text

    /// What is wrong with the line before it, where there is one.
    package var placed: Text { line > 0 ? Text("第 \(line) 行：", "Line \(line): ") + text : text }

    /// All problems of one text.
    package struct Several: Error, Sendable {
        package let problems: [LabelProblem]
    }
}

/// Reads a rule: `all(age(80..), any(fact(isLivingAlone), household(1)))`.
package struct LabelRuleParser {
    private enum Token: Equatable {
        case word(String)
        case number(Int)
        case open, close, comma, dots
    }

    private var tokens: [(token: Token, line: Int)]
    private var next = 0
    private let lastLine: Int
    private let known: [String: Text]

    /// The rule in a text that begins at `line`; `labels` are those it may ask for.
    ///
    /// - Throws: `LabelProblem` at the first thing that is wrong.
    package static func parse(
        _ text: String, line: Int = 1, labels: [String: Text] = [:]
    ) throws -> LabelRule {
        var parser = try LabelRuleParser(text, line, labels)
        let rule = try parser.rule(depth: 0, isOfMember: false)
        if let rest = parser.tokens.dropFirst(parser.next).first {
            throw LabelProblem(
                line: rest.line,
                text: Text("规则到这里应该结束了，多出来的请放进 all(…) 或 any(…)", "Nothing may follow; use all(…) or any(…)"))
        }
        return rule
    }

    private init(_ text: String, _ line: Int, _ labels: [String: Text]) throws {
        known = labels
        tokens = []
        var (line, rest) = (line, Substring(text))
        while let first = rest.first {
            if first.isNewline { line += 1 }
            if first.isWhitespace || first.isNewline {
                rest.removeFirst()
            } else if rest.hasPrefix("..") {
                tokens.append((.dots, line))
                rest.removeFirst(2)
            } else if let mark = LabelRuleParser.marks[first] {
                tokens.append((mark, line))
                rest.removeFirst()
            } else if first.isASCII, first.isNumber {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard let number = Int(digits), number < LabelRule.most else {
                    throw LabelProblem(line: line, text: Text("数字 \(digits) 太大", "The number \(digits) is too large"))
                }
                tokens.append((.number(number), line))
                rest = rest.dropFirst(digits.count)
            } else if first.isASCII, first.isLetter {
                let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
                tokens.append((.word(String(word)), line))
                rest = rest.dropFirst(word.count)
            } else {
                throw LabelProblem(line: line, text: Text("看不懂“\(first)”", "“\(first)” is not understood"))
            }
        }
        lastLine = line
    }

    private static let marks: [Character: Token] = [
        "(": .open, "（": .open, ")": .close, "）": .close, ",": .comma, "，": .comma,
    ]

    // MARK: Reading

    private var line: Int { tokens.dropFirst(next).first?.line ?? lastLine }

    private mutating func take(_ token: Token, _ name: String) throws {
        guard tokens.dropFirst(next).first?.token == token else {
            throw LabelProblem(line: line, text: Text("这里应该是“\(name)”", "“\(name)” is expected here"))
        }
        next += 1
    }

    private mutating func passes(_ token: Token) -> Bool {
        guard tokens.dropFirst(next).first?.token == token else { return false }
        next += 1
        return true
    }

    private mutating func rule(depth: Int, isOfMember: Bool) throws -> LabelRule {
        let start = line
        guard depth < 12 else { throw LabelProblem(line: start, text: Text("括号套得太深", "Too deeply nested")) }
        guard case .word(let word)? = tokens.dropFirst(next).first?.token else {
            throw LabelProblem(
                line: start, text: Text("这里应该是一个条件，如 age(80..)", "A condition such as age(80..) is expected"))
        }
        next += 1
        try take(.open, "(")
        if isOfMember, !["all", "any", "not", "age", "bornWithin", "sex"].contains(word) {
            throw LabelProblem(
                line: start,
                text: Text("everyone、someone 里只能问年龄和性别", "everyone and someone ask for ages and sex only"))
        }
        let rule = try condition(word, start, depth, isOfMember)
        try take(.close, ")")
        return rule
    }

    private mutating func condition(
        _ word: String, _ start: Int, _ depth: Int, _ isOfMember: Bool
    ) throws -> LabelRule {
        switch word {
        case "all": return .all(try rules(depth, isOfMember))
        case "any": return .any(try rules(depth, isOfMember))
        case "not": return .not(try rule(depth: depth + 1, isOfMember: isOfMember))
        case "everyone": return .everyone(try rule(depth: depth + 1, isOfMember: true))
        case "someone": return .someone(try rule(depth: depth + 1, isOfMember: true))
        case "age": return .age(try range())
        case "household": return .household(try range())
        case "bornWithin": return .bornWithin(try number())
        case "sex": return .sex(try list { parser in try parser.number() })
        case "fact": return try fact()
        case "tie": return .tie(try choices())
        case "relation": return .relation(try choices())
        case "dwelling": return .dwelling(try choices())
        case "label":
            let id = try self.word()
            guard let name = known[id] else {
                throw LabelProblem(line: start, text: Text("前面没有叫 \(id) 的标签", "No label \(id) stands above"))
            }
            return .label(id, name)
        default:
            throw LabelProblem(
                line: start,
                text: Text(
                    "没有“\(word)”这种条件，可用：all、any、not、age、bornWithin、sex、fact、tie、relation、dwelling、household、everyone、someone、label",
                    """
                    “\(word)” is no condition; there are all, any, not, age, bornWithin, sex, fact, tie, relation, \
                    dwelling, household, everyone, someone, label
                    """))
        }
    }

    private mutating func list<Item>(
        _ item: (inout LabelRuleParser) throws -> Item
    ) throws -> [Item] {
        var items = [try item(&self)]
        while passes(.comma) { items.append(try item(&self)) }
        return items
    }

    private mutating func rules(_ depth: Int, _ isOfMember: Bool) throws -> [LabelRule] {
        try list { parser in try parser.rule(depth: depth + 1, isOfMember: isOfMember) }
    }

    private mutating func word() throws -> String {
        switch tokens.dropFirst(next).first?.token {
        case .word(let word):
            next += 1
            return word
        case .number(let number):
            next += 1
            return String(number)
        default: throw LabelProblem(line: line, text: Text("这里应该是一个词", "A word is expected here"))
        }
    }

    private mutating func number() throws -> Int {
        guard case .number(let number)? = tokens.dropFirst(next).first?.token else {
            throw LabelProblem(line: line, text: Text("这里应该是一个数", "A number is expected here"))
        }
        next += 1
        return number
    }

    /// `80..`, `..17`, `60..79` or `1`.
    private mutating func range() throws -> ClosedRange<Int> {
        let start = line
        if passes(.dots) { return 0...(try number()) }
        let low = try number()
        guard passes(.dots) else { return low...low }
        guard case .number(let high)? = tokens.dropFirst(next).first?.token else { return low...LabelRule.most }
        next += 1
        guard low <= high else {
            throw LabelProblem(line: start, text: Text("\(low) 比 \(high) 大", "\(low) is more than \(high)"))
        }
        return low...high
    }

    private mutating func fact() throws -> LabelRule {
        let start = line
        let name = try word()
        guard let field = RegisterField.named("person.\(name)"), field.isFact else {
            throw LabelProblem(line: start, text: Text("没有叫 \(name) 的信息项", "There is no fact called \(name)"))
        }
        guard passes(.comma) else { return .fact(field, []) }
        let values = try list { parser in try parser.word() }
        if case .choice(let choices) = field.value {
            for value in values where !choices.contains(where: { $0.id == value }) {
                let names = choices.map { "\($0.id) \($0.name.zh)" }.joined(separator: "、")
                throw LabelProblem(
                    line: start, text: Text("\(value) 不在 \(names) 里", "\(value) is not one of its values"))
            }
        }
        return .fact(field, values)
    }

    private mutating func choices<Choice: RawRepresentable & CaseIterable>() throws -> [Choice]
    where Choice.RawValue == String {
        try list { parser in
            let line = parser.line
            let word = try parser.word()
            guard let choice = Choice(rawValue: word) else {
                let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw LabelProblem(line: line, text: Text("\(word) 不在这些里：\(all)", "\(word) is not one of: \(all)"))
            }
            return choice
        }
    }
}
