import LinliCore
import Yams

/// Words, numbers and texts of a YAML definition; what is missing or odd becomes a problem with its line.
extension CaseTypeLoader {
    mutating func note(_ node: Node, _ text: Text) {
        problems.append(CaseTypeProblem(line: node.line, text: text))
    }

    mutating func word(_ node: Node, _ key: String) -> String {
        guard let value = node[key]?.string, !value.isEmpty else {
            note(node, Text("缺少“\(key)”", "\"\(key)\" is missing"))
            return ""
        }
        return value
    }

    mutating func number(_ node: Node, _ key: String) -> Int {
        guard let value = node[key]?.int, value >= 0 else {
            note(node[key] ?? node, Text("“\(key)”要是不小于 0 的整数", "\"\(key)\" must be a whole number"))
            return 0
        }
        return value
    }

    mutating func flag(_ node: Node, _ key: String) -> Bool {
        guard let value = node[key] else { return false }
        guard let flag = value.bool else {
            note(value, Text("“\(key)”要写 true 或 false", "\"\(key)\" must be true or false"))
            return false
        }
        return flag
    }

    mutating func text(_ node: Node, _ key: String) -> Text {
        guard let pair = node[key] else {
            note(node, Text("缺少“\(key)”：{ zh: …, en: … }", "\"\(key)\" is missing: { zh: …, en: … }"))
            return Text(same: "")
        }
        guard let zh = pair["zh"]?.string, let en = pair["en"]?.string, !zh.isEmpty, !en.isEmpty else {
            note(pair, Text("“\(key)”要写 zh 和 en", "\"\(key)\" needs zh and en"))
            return Text(same: "")
        }
        return Text(zh, en)
    }

    mutating func words(_ node: Node, _ key: String) -> [String] {
        guard let list = node[key]?.sequence else {
            note(node[key] ?? node, Text("“\(key)”要是列表", "\"\(key)\" must be a list"))
            return []
        }
        return list.compactMap(\.string)
    }

    mutating func choice<Choice>(_ node: Node, _ key: String) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        let name = word(node, key)
        guard let choice = Choice(rawValue: name) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(node[key] ?? node, Text("“\(name)”不对，只能是：\(known)", "\"\(name)\" is not one of: \(known)"))
            return nil
        }
        return choice
    }

    mutating func choices<Choice>(_ node: Node, _ key: String) -> [Choice]
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        words(node, key).compactMap { name in
            if let choice = Choice(rawValue: name) { return choice }
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(node[key] ?? node, Text("“\(name)”不对，只能是：\(known)", "\"\(name)\" is not one of: \(known)"))
            return nil
        }
    }

    mutating func entries(_ node: Node, _ key: String) -> [(String, Node)] {
        if let entries = node[key]?.entries { return entries }
        note(node, Text("缺少“\(key)”", "\"\(key)\" is missing"))
        return []
    }

    /// Codes with what people read: `{ code: { zh: …, en: … } }`.
    mutating func namedChoices(_ node: Node, _ key: String) -> [CaseType.Choice] {
        entries(node, key).map { id, _ in CaseType.Choice(id: id, name: text(node[key] ?? node, id)) }
    }
}
