import LinliCore
import Yams

/// Reads a book of labels and services; what is missing, odd or unknown is refused with its line.
struct LabelBookLoader {
    private var problems: [LabelProblem] = []
    private var names: [String: Text] = [:]
    private var labels: [Label] = []

    /// How much a book may hold.
    static let limit = 60_000

    static func load(_ text: String) throws -> LabelBook {
        guard text.utf8.count <= limit else {
            throw LabelProblem.Several(problems: [.init(line: 0, text: Text("太长了", "That is too long"))])
        }
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw LabelProblem.Several(problems: [.init(line: 0, text: Text("里面什么也没有", "The text is empty"))])
            }
            root = node
        } catch let error as YamlError {
            let line = LabelBookLoader.line(of: error)
            throw LabelProblem.Several(problems: [
                .init(line: line, text: Text("不是合规的 YAML", "This is not YAML"))
            ])
        }
        var loader = LabelBookLoader()
        loader.readLabels(root)
        let services = loader.readServices(root)
        guard loader.problems.isEmpty else { throw LabelProblem.Several(problems: loader.problems) }
        return LabelBook(labels: loader.labels, services: services, text: text)
    }

    private static func line(of error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: 0
        }
    }

    // MARK: Labels

    private mutating func readLabels(_ root: Node) {
        for (group, node) in entries(root, "groups") {
            let name = text(node, "name")
            for (id, label) in entries(node, "labels") {
                if names[id] != nil { note(label, Text("\(id) 写了两次", "\(id) stands twice")) }
                check(id, label)
                let rule = label["rule"] == nil ? nil : rule(label, "rule")
                let fields = fields(of: rule)
                let made = Label(
                    id: id, name: text(label, "name"), group: name, rule: rule, isCare: flag(label, "care"),
                    fields: fields, fieldClass: fieldClass(label, fields, of: rule))
                labels.append(made)
                names[id] = made.name
            }
            if node["labels"] == nil { note(node, Text("\(group) 里没有标签", "\(group) has no labels")) }
        }
    }

    /// What a rule tells of, also through the labels it asks for.
    private func fields(of rule: LabelRule?) -> Set<RegisterField> {
        guard let rule else { return [] }
        return rule.labels.reduce(into: rule.fields) { all, id in
            all.formUnion(labels.first { $0.id == id }?.fields ?? [])
        }
    }

    private mutating func fieldClass(_ node: Node, _ fields: Set<RegisterField>, of rule: LabelRule?) -> FieldClass {
        let ofLabels = (rule?.labels ?? []).compactMap { id in labels.first { $0.id == id }?.fieldClass }
        let least = max(fields.map(\.fieldClass).max() ?? .basic, ofLabels.max() ?? .basic)
        guard let seen = node["seen"] else { return least }
        guard let named = FieldClass(rawValue: seen.string ?? "") else {
            note(seen, Text("seen 只能是 basic、sensitive、special", "seen is basic, sensitive or special"))
            return least
        }
        if named < least {
            note(
                seen,
                Text("它用到更敏感的信息，不能放宽到 \(named.rawValue)", "It tells of what is kept closer than \(named.rawValue)"))
        }
        return max(named, least)
    }

    // MARK: Services

    private mutating func readServices(_ root: Node) -> [CareService] {
        guard root["services"] != nil else { return [] }
        return entries(root, "services").map { id, node in
            check(id, node)
            let rule = rule(node, "for")
            let fields = fields(of: rule)
            return CareService(
                id: id, name: text(node, "name"), what: text(node, "what"), rule: rule, units: words(node, "by"),
                evidence: words(node, "evidence"), basis: word(node, "basis"),
                everyDays: node["every"] == nil ? nil : number(node, "every", 1...3660),
                askAgainDays: node["again"] == nil ? 180 : number(node, "again", 1...3660),
                fields: fields, fieldClass: fieldClass(node, fields, of: rule))
        }
    }

    // MARK: Words

    private mutating func note(_ node: Node, _ text: Text) {
        problems.append(LabelProblem(line: node.mark?.line ?? 0, text: text))
    }

    private mutating func check(_ id: String, _ node: Node) {
        let isFine = id.count <= 40 && !id.isEmpty && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if !isFine { note(node, Text("代号 \(id) 只能用英文字母和数字，40 个以内", "The name \(id) takes letters and digits")) }
    }

    private mutating func rule(_ node: Node, _ key: String) -> LabelRule {
        guard let value = node[key]?.scalar else {
            note(node, Text("缺 \(key)", "“\(key)” is missing"))
            return .any([])
        }
        let isBlock = value.style == .literal || value.style == .folded
        do {
            let line = (value.mark?.line ?? node.mark?.line ?? 0) + (isBlock ? 1 : 0)
            return try LabelRuleParser.parse(value.string, line: line, labels: names)
        } catch let problem as LabelProblem {
            problems.append(problem)
        } catch {
            note(node, Text("规则读不懂", "The rule cannot be read"))
        }
        return .any([])
    }

    private mutating func word(_ node: Node, _ key: String) -> String {
        guard let value = node[key]?.string, !value.isEmpty, value.count <= 200 else {
            note(node, Text("缺 \(key)，或超过 200 字", "“\(key)” is missing or longer than 200"))
            return ""
        }
        return value
    }

    private mutating func number(_ node: Node, _ key: String, _ range: ClosedRange<Int>) -> Int {
        guard let value = node[key]?.int, range.contains(value) else {
            note(
                node[key] ?? node,
                Text(
                    "\(key) 要填 \(range.lowerBound) 到 \(range.upperBound) 的整数",
                    "“\(key)” is a whole number from \(range.lowerBound) to \(range.upperBound)"))
            return range.lowerBound
        }
        return value
    }

    private mutating func flag(_ node: Node, _ key: String) -> Bool {
        guard let value = node[key] else { return false }
        if value.bool == nil { note(value, Text("\(key) 只能是 true 或 false", "“\(key)” is true or false")) }
        return value.bool ?? false
    }

    private mutating func text(_ node: Node, _ key: String) -> Text {
        guard let pair = node[key], let zh = pair["zh"]?.string, let en = pair["en"]?.string, !zh.isEmpty,
            !en.isEmpty, zh.count <= 100, en.count <= 200
        else {
            note(node[key] ?? node, Text("\(key) 要有 zh 和 en", "“\(key)” needs zh and en"))
            return Text(same: "")
        }
        return Text(zh, en)
    }

    private mutating func words<Choice>(_ node: Node, _ key: String) -> [Choice]
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let list = node[key]?.sequence else {
            note(node[key] ?? node, Text("\(key) 要写成 [ … ]", "“\(key)” must be a list"))
            return []
        }
        return list.compactMap { item in
            if let choice = Choice(rawValue: item.string ?? "") { return choice }
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(item, Text("\(item.string ?? "") 不在这些里：\(known)", "\(item.string ?? "") is not one of: \(known)"))
            return nil
        }
    }

    private mutating func entries(_ node: Node, _ key: String) -> [(String, Node)] {
        guard let mapping = node[key]?.mapping else {
            note(node, Text("缺 \(key)", "“\(key)” is missing"))
            return []
        }
        return mapping.compactMap { pair in pair.key.string.map { ($0, pair.value) } }
    }
}
