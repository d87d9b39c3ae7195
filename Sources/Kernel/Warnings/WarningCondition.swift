import LinliCore

/// What it takes of signals: so many of one kind, all of several, or one of several.
package indirect enum WarningCondition: Sendable, Equatable {
    case part(Part)
    case all([WarningCondition])
    case any([WarningCondition])

    /// Signals of one kind, and how many of them it takes.
    package struct Part: Sendable, Equatable {
        /// What it counts.
        package let signal: WarningSignalKind
        /// How many it takes.
        package var count: Int
        /// Codes of categories, or what they begin with; empty for all.
        package let categories: [String]

        /// Whether a signal is one of them.
        package func takes(_ signal: WarningSignal) -> Bool {
            signal.kind == self.signal
                && (categories.isEmpty || categories.contains { signal.category.hasPrefix($0) })
        }
    }

    /// Everything it counts, in the order of the text.
    package var parts: [Part] {
        switch self {
        case .part(let part): [part]
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.parts)
        }
    }

    /// Whether signals are enough.
    package func holds(_ window: [WarningSignal]) -> Bool {
        switch self {
        case .part(let part): window.count(where: { part.takes($0) }) >= part.count
        case .all(let conditions): conditions.allSatisfy { $0.holds(window) }
        case .any(let conditions): conditions.contains { $0.holds(window) }
        }
    }

    /// Itself with another number for what it counts first.
    func counting(_ count: Int) -> WarningCondition {
        switch self {
        case .part(var part):
            part.count = count
            return .part(part)
        case .all(let conditions): return .all(conditions.prefix(1).map { $0.counting(count) } + conditions.dropFirst())
        case .any(let conditions): return .any(conditions.prefix(1).map { $0.counting(count) } + conditions.dropFirst())
        }
    }

    /// What it asks, in words; `category` names a code.
    package func words(_ category: (String) -> Text) -> Text {
        switch self {
        case .part(let part): return part.words(category)
        case .all(let conditions): return joined(conditions, Text("，并且", ", and "), category)
        case .any(let conditions): return joined(conditions, Text("，或者", ", or "), category)
        }
    }

    private func joined(_ conditions: [WarningCondition], _ word: Text, _ category: (String) -> Text) -> Text {
        let words = conditions.map { condition -> Text in
            let words = condition.words(category)
            if case .part = condition { return words }
            return conditions.count > 1 ? Text("（\(words.zh)）", "(\(words.en))") : words
        }
        return Text(words.map(\.zh).joined(separator: word.zh), words.map(\.en).joined(separator: word.en))
    }
}

extension WarningCondition.Part {
    fileprivate func words(_ category: (String) -> Text) -> Text {
        let names = categories.map(category)
        let about =
            names.isEmpty
            ? Text(same: "")
            : Text("“\(names.map(\.zh).joined(separator: "、"))”", " about \(names.map(\.en).joined(separator: ", "))")
        let end = count == 1 ? "" : "s"
        return switch signal {
        case .need: Text("反映\(about.zh) \(count) 次", "\(count) need\(end) told\(about.en)")
        case .finding:
            Text("巡查发现\(about.zh.isEmpty ? "隐患" : about.zh) \(count) 次", "\(count) hazard\(end) found\(about.en)")
        case .missed: Text("上门没见到人 \(count) 次", "\(count) visit\(end) that met nobody")
        case .silent: Text("独住老人没有音信 \(count) 次", "an elder alone not heard of \(count) time\(end)")
        case .met: Text(same: "")
        }
    }
}

/// Reads what a rule takes: `all(need(2, R11, R1001), finding(1))`.
struct WarningConditionParser {
    private enum Token: Equatable {
        case word(String)
        case open, close, comma
    }

    private var tokens: [(token: Token, line: Int)] = []
    private var next = 0
    private let lastLine: Int
    /// Whether a word begins the code of a category.
    private let isCategory: (String) -> Bool
    /// So many parts a rule may have.
    private static let most = 8
    private var parts = 0

    /// The condition in a text that begins at `line`.
    ///
    /// - Throws: `LabelProblem` at the first thing that is wrong.
    static func parse(
        _ text: String, line: Int, isCategory: @escaping (String) -> Bool
    ) throws -> WarningCondition {
        var parser = try WarningConditionParser(text, line, isCategory)
        let condition = try parser.condition(depth: 0)
        if let rest = parser.tokens.dropFirst(parser.next).first {
            throw LabelProblem(
                line: rest.line,
                text: Text("规则到这里应该结束了，多出来的请放进 all(…) 或 any(…)", "Nothing may follow; use all(…) or any(…)"))
        }
        return condition
    }

    private init(_ text: String, _ line: Int, _ isCategory: @escaping (String) -> Bool) throws {
        self.isCategory = isCategory
        let marks: [Character: Token] = [
            "(": .open, "（": .open, ")": .close, "）": .close, ",": .comma, "，": .comma,
        ]
        var (line, rest) = (line, Substring(text))
        while let first = rest.first {
            if first.isNewline { line += 1 }
            if first.isWhitespace || first.isNewline {
                rest.removeFirst()
            } else if let mark = marks[first] {
                tokens.append((mark, line))
                rest.removeFirst()
            } else if first.isASCII, first.isLetter || first.isNumber {
                let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
                tokens.append((.word(String(word)), line))
                rest = rest.dropFirst(word.count)
            } else {
                throw LabelProblem(line: line, text: Text("看不懂“\(first)”", "“\(first)” is not understood"))
            }
        }
        lastLine = line
    }

    private var line: Int { tokens.dropFirst(next).first?.line ?? lastLine }

    private mutating func take(_ token: Token, _ name: String) throws {
        guard passes(token) else {
            throw LabelProblem(line: line, text: Text("这里应该是“\(name)”", "“\(name)” is expected here"))
        }
    }

    private mutating func passes(_ token: Token) -> Bool {
        guard tokens.dropFirst(next).first?.token == token else { return false }
        next += 1
        return true
    }

    private mutating func word() -> String? {
        guard case .word(let word)? = tokens.dropFirst(next).first?.token else { return nil }
        next += 1
        return word
    }

    private mutating func condition(depth: Int) throws -> WarningCondition {
        let start = line
        guard depth < 4 else { throw LabelProblem(line: start, text: Text("括号套得太深", "Too deeply nested")) }
        guard let name = word() else {
            throw LabelProblem(
                line: start, text: Text("这里应该是一个条件，如 need(3, R11)", "A condition such as need(3, R11) is expected"))
        }
        try take(.open, "(")
        let made: WarningCondition
        if name == "all" || name == "any" {
            var conditions = [try condition(depth: depth + 1)]
            while passes(.comma) { conditions.append(try condition(depth: depth + 1)) }
            made = name == "all" ? .all(conditions) : .any(conditions)
        } else {
            made = .part(try part(name, start))
        }
        try take(.close, ")")
        return made
    }

    private mutating func part(_ name: String, _ start: Int) throws -> WarningCondition.Part {
        guard let kind = WarningSignalKind(rawValue: name), kind != .met else {
            throw LabelProblem(
                line: start,
                text: Text(
                    "没有“\(name)”这种信号，可用：need、finding、missed、silent，还有 all、any",
                    "“\(name)” is no signal; there are need, finding, missed, silent, and all, any"))
        }
        parts += 1
        guard parts <= WarningConditionParser.most else {
            throw LabelProblem(line: start, text: Text("一条规则最多数 8 种信号", "A rule counts 8 kinds at most"))
        }
        let place = line
        guard let count = word().flatMap({ Int($0) }), (1...1000).contains(count) else {
            throw LabelProblem(line: place, text: Text("要几次：1 到 1000 的整数", "How many: a whole number, 1 to 1000"))
        }
        var categories: [String] = []
        while passes(.comma) {
            let place = line
            guard let code = word() else {
                throw LabelProblem(line: place, text: Text("这里应该是类别代码", "The code of a category is expected"))
            }
            guard kind == .need || kind == .finding else {
                throw LabelProblem(line: place, text: Text("\(name) 不分类别", "\(name) has no categories"))
            }
            guard isCategory(code) else {
                throw LabelProblem(
                    line: place, text: Text("没有 \(code) 开头的类别", "No category begins with \(code)"))
            }
            categories.append(code)
        }
        return WarningCondition.Part(signal: kind, count: count, categories: categories)
    }
}
