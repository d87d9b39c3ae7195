import LinliCore
import LinliStandards
import Yams

/// Reads a book of warning rules; what is missing, odd or unknown is refused with its line.
struct WarningBookLoader: BookReading {
    var problems: [LabelProblem] = []
    private let catalogue: EventCatalogue

    /// How much a book may hold, in bytes and in rules: each signal is looked at by each rule.
    static let (limit, most) = (60_000, 40)
    private static let keys: Set<String> = ["name", "why", "area", "alike", "when", "within", "quiet", "street"]

    static func load(_ text: String, _ catalogue: EventCatalogue) throws -> WarningBook {
        let root = try compose(text, limit: limit)
        var loader = WarningBookLoader(catalogue: catalogue)
        let rules = loader.rules(root)
        let counts = rules.contains { $0.parts.contains { $0.signal == .silent } }
        let silence: Int? =
            counts || root["silence"] != nil ? loader.number(root, "silence", 0...365) : nil
        loader.refuse(root, but: ["silence", "rules"])
        guard loader.problems.isEmpty else {
            throw LabelProblem.Several(problems: loader.problems.sorted { $0.line < $1.line })
        }
        return WarningBook(rules: rules, silence: counts ? silence : nil, text: text)
    }

    private init(catalogue: EventCatalogue) { self.catalogue = catalogue }

    // MARK: Rules

    private mutating func rules(_ root: Node) -> [WarningRule] {
        guard let mapping = root["rules"]?.mapping else {
            note(root, Text("缺 rules", "“rules” is missing"))
            return []
        }
        if mapping.count > WarningBookLoader.most {
            let most = WarningBookLoader.most
            note(root["rules"] ?? root, Text("规则最多 \(most) 条", "At most \(most) rules"))
        }
        var known: Set<String> = []
        return mapping.compactMap { pair in
            guard let id = pair.key.string else { return nil }
            if !known.insert(id).inserted { note(pair.key, Text("\(id) 写了两次", "\(id) stands twice")) }
            if !id.isName(upTo: 20) {
                note(
                    pair.key, Text("代号 \(id) 只能用英文字母和数字，20 个以内", "The name \(id) takes letters and digits, at most 20"))
            }
            guard pair.value.mapping != nil else {
                note(pair.value, Text("\(id) 里没有内容", "\(id) says nothing"))
                return nil
            }
            return rule(id, pair.value)
        }
    }

    private mutating func rule(_ id: String, _ node: Node) -> WarningRule {
        refuse(node, but: WarningBookLoader.keys)
        let rule = WarningRule(
            id: id, name: text(node, "name", 40), why: text(node, "why", 200), area: area(node),
            isAlike: flag(node, "alike"), when: condition(node), days: number(node, "within", 1...365),
            quietDays: number(node, "quiet", 1...365), street: street(node))
        check(rule, node)
        return rule
    }

    /// Signals of households stay with households: who may not see homes learns nothing of them by another way.
    private mutating func check(_ rule: WarningRule, _ node: Node) {
        let place = node["area"] ?? node
        let ofHouseholds = rule.parts.filter { $0.signal == .missed || $0.signal == .silent }
        if rule.area == .household {
            if ofHouseholds.count < rule.parts.count {
                note(place, Text("一户的规则只能数 missed、silent", "A rule of households counts missed and silent only"))
            }
            if rule.isAlike { note(node["alike"] ?? node, Text("一户的信号不分类别", "Signals of households have no kinds")) }
        } else if !ofHouseholds.isEmpty {
            note(place, Text("missed、silent 只能用在 area: household", "missed and silent need area: household"))
        }
    }

    private mutating func condition(_ node: Node) -> WarningCondition {
        let catalogue = catalogue
        return rule(node, "when", otherwise: WarningCondition.any([])) { words, line in
            try WarningConditionParser.parse(words, line: line) { code in
                catalogue.all.contains { $0.code.hasPrefix(code) }
            }
        }
    }

    private mutating func area(_ node: Node) -> WarningRule.Area {
        if let area = WarningRule.Area(rawValue: node["area"]?.string ?? "") { return area }
        let known = WarningRule.Area.allCases.map(\.rawValue).joined(separator: ", ")
        note(node["area"] ?? node, Text("area 要是这些里的一个：\(known)", "“area” is one of: \(known)"))
        return .place
    }

    private mutating func street(_ node: Node) -> WarningRule.Street {
        guard let value = node["street"] else { return .usual }
        if value.string == "never" { return .never }
        guard let days = value.int, (0...90).contains(days) else {
            note(value, Text("street 填 0 到 90 的天数，或者 never", "“street” is a number of days, 0 to 90, or never"))
            return .usual
        }
        return .after(days: days)
    }

    // MARK: Words

    private mutating func refuse(_ node: Node, but known: Set<String>) {
        for pair in node.mapping ?? [:] {
            guard let key = pair.key.string, !known.contains(key) else { continue }
            let all = known.sorted().joined(separator: ", ")
            note(pair.key, Text("没有“\(key)”这一项，可用：\(all)", "“\(key)” is none of: \(all)"))
        }
    }

    private mutating func text(_ node: Node, _ key: String, _ limit: Int) -> Text {
        if let text = node[key]?.text(upTo: limit) { return text }
        note(
            node[key] ?? node,
            Text("\(key) 要有 zh 和 en，最多 \(limit) 字", "“\(key)” needs zh and en, at most \(limit) characters"))
        return Text(same: "")
    }
}
