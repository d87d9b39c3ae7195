import LinliCore
import Yams

/// Reads a book of labels and services; what is missing, odd or unknown is refused with its line.
struct LabelBookLoader: BookReading {
    var problems: [LabelProblem] = []
    private var names: [String: Text] = [:]
    private var labels: [Read] = []
    /// Every label of the text, also those that are not read yet, and how they hang together.
    private var order: [String] = []
    private var tree = LabelTree([:])

    /// How much a book may hold.
    static let limit = 60_000

    static func load(_ text: String) throws -> LabelBook {
        let root = try compose(text, limit: limit)
        var loader = LabelBookLoader()
        loader.readLabels(root)
        let services = loader.readServices(root)
        guard loader.problems.isEmpty else { throw LabelProblem.Several(problems: loader.problems) }
        return LabelBook(labels: loader.finished, services: services, text: text)
    }

    /// A label as it was read: facts and class of its own, without what stands below it.
    private struct Read {
        var id: String
        var name: Text
        var group: Text
        var rule: LabelRule?
        var isCare: Bool
        var fields: Set<RegisterField>
        var fieldClass: FieldClass
    }

    // MARK: Labels

    private mutating func readLabels(_ root: Node) {
        let groups = entries(root, "groups")
        readTree(groups)
        for (group, node) in groups {
            let name = text(node, "name")
            for (id, label) in node["labels"] == nil ? [] : entries(node, "labels") {
                if names[id] != nil { note(label, Text("\(id) 写了两次", "\(id) stands twice")) }
                check(id, label)
                let rule = label["rule"] == nil ? nil : rule(label, "rule")
                checkBranches(rule, of: id, label)
                let fields = fields(of: rule, asker: id)
                let made = Read(
                    id: id, name: text(label, "name"), group: name, rule: rule, isCare: flag(label, "care"),
                    fields: fields, fieldClass: fieldClass(label, fields, of: rule, asker: id))
                labels.append(made)
                names[id] = made.name
            }
            if node["labels"] == nil { note(node, Text("\(group) 里没有标签", "\(group) has no labels")) }
        }
        for (_, node) in groups {
            for (id, label) in node["labels"] == nil ? [] : entries(node, "labels") { checkSeen(id, label) }
        }
    }

    /// Which label stands below which: known before rules are read, because they ask for whole branches.
    private mutating func readTree(_ groups: [(String, Node)]) {
        var (parents, heading): ([String: String], [String: String]) = ([:], [:])
        let all: [(String, String, Node)] = groups.flatMap { group, node in
            (node["labels"]?.entries ?? []).map { id, label in (group, id, label) }
        }
        for (group, id, node) in all {
            order.append(id)
            heading[id] = group
            if let parent = node["parent"] { parents[id] = parent.string ?? "" }
        }
        tree = LabelTree(parents)
        for (group, id, node) in all {
            guard let place = node["parent"], let parent = parents[id] else { continue }
            if heading[parent] != group {
                note(place, Text("这一组里没有叫 \(parent) 的标签", "There is no label \(parent) under this heading"))
            }
            switch tree.above(id) {
            case nil: note(place, Text("\(id) 绕了一圈又成了自己的上级", "\(id) stands above itself"))
            case let above? where above.count >= LabelTree.levels:
                note(
                    place,
                    Text("最多 \(LabelTree.levels) 层", "A tree has at most \(LabelTree.levels) levels"))
            default: break
            }
        }
    }

    /// A rule sees a whole branch, so all of it stands above; below a label only that label's own rule is asked.
    private mutating func checkBranches(_ rule: LabelRule?, of id: String, _ node: Node) {
        for asked in (rule?.labels ?? []).sorted() where tree.above(id)?.contains(asked) != true {
            let late = tree.branch(asked, of: order).filter { names[$0] == nil && $0 != id }
            if let first = order.first(where: { late.contains($0) }) {
                note(
                    node["rule"] ?? node,
                    Text(
                        "规则用到 \(asked)，它下面的 \(first) 要写在前面",
                        "The rule asks for \(asked), so \(first) below it must stand above"))
            }
        }
    }

    /// The labels that answer when a rule asks for one.
    private func asked(_ rule: LabelRule, by asker: String?) -> [Read] {
        let ids = rule.labels.reduce(into: Set<String>()) { all, id in
            let isAbove = asker.flatMap { tree.above($0) }?.contains(id) == true
            all.formUnion(isAbove ? [id] : tree.branch(id, of: order))
        }
        return labels.filter { ids.contains($0.id) }
    }

    /// What a rule tells of, also through the labels it asks for.
    private func fields(of rule: LabelRule?, asker: String? = nil) -> Set<RegisterField> {
        guard let rule else { return [] }
        return asked(rule, by: asker).reduce(into: rule.fields) { $0.formUnion($1.fields) }
    }

    private mutating func fieldClass(
        _ node: Node, _ fields: Set<RegisterField>, of rule: LabelRule?, asker: String? = nil
    ) -> FieldClass {
        let ofLabels = rule.map { asked($0, by: asker).map(\.fieldClass) } ?? []
        let least = max(fields.map(\.fieldClass).max() ?? .basic, ofLabels.max() ?? .basic)
        guard let seen = node["seen"] else { return least }
        guard let named = FieldClass(rawValue: seen.string ?? "") else {
            note(seen, Text("seen 只能是 basic、sensitive、special", "seen is basic, sensitive or special"))
            return least
        }
        if named < least { noteWider(seen, least) }
        return max(named, least)
    }

    /// What stands below a label is not wider seen through it.
    private mutating func checkSeen(_ id: String, _ node: Node) {
        guard let seen = node["seen"], let named = FieldClass(rawValue: seen.string ?? ""),
            let own = labels.first(where: { $0.id == id })?.fieldClass, own <= named
        else { return }
        let branch = tree.branch(id, of: order)
        let least = labels.filter { branch.contains($0.id) }.map(\.fieldClass).max() ?? own
        if named < least { noteWider(seen, least) }
    }

    private mutating func noteWider(_ seen: Node, _ least: FieldClass) {
        note(seen, Text("它用到更敏感的信息，要写 \(least.rawValue)", "It tells of what is kept closer: say \(least.rawValue)"))
    }

    /// The labels with what they tell of through those below them.
    private var finished: [Label] {
        labels.map { label in
            let branch = tree.branch(label.id, of: order)
            let below = labels.filter { branch.contains($0.id) }
            let above = tree.above(label.id) ?? []
            return Label(
                id: label.id, name: label.name, group: label.group, rule: label.rule, isCare: label.isCare,
                fields: below.reduce(into: []) { $0.formUnion($1.fields) },
                fieldClass: below.map(\.fieldClass).max() ?? label.fieldClass, above: above,
                asksAbove: label.rule?.labels.intersection(above) ?? [])
        }
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

    private mutating func check(_ id: String, _ node: Node) {
        if !id.isName(upTo: 40) {
            note(node, Text("代号 \(id) 只能用英文字母和数字，40 个以内", "The name \(id) takes letters and digits"))
        }
    }

    private mutating func rule(_ node: Node, _ key: String) -> LabelRule {
        let names = names
        return rule(node, key, otherwise: LabelRule.any([])) { words, line in
            try LabelRuleParser.parse(words, line: line, labels: names)
        }
    }

    private mutating func word(_ node: Node, _ key: String) -> String {
        guard let value = node[key]?.string, !value.isEmpty, value.count <= 200 else {
            note(node, Text("缺 \(key)，或超过 200 字", "“\(key)” is missing or longer than 200"))
            return ""
        }
        return value
    }

    private mutating func text(_ node: Node, _ key: String) -> Text {
        if let text = node[key]?.text(upTo: 100) { return text }
        note(node[key] ?? node, Text("\(key) 要有 zh 和 en", "“\(key)” needs zh and en"))
        return Text(same: "")
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
        if let entries = node[key]?.entries { return entries }
        note(node, Text("缺 \(key)", "“\(key)” is missing"))
        return []
    }
}
