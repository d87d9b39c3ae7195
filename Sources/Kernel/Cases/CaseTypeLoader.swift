import LinliCore
import Yams

/// What is wrong with a definition, with the line where it stands.
package struct CaseTypeProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line in the YAML text, from 1; 0 when it is missing altogether.
    package let line: Int
    /// What is wrong and what is expected.
    package let message: String

    package var description: String { "line \(line): \(message)" }

    /// All problems of one text.
    package struct Several: Error, Sendable, CustomStringConvertible {
        package let problems: [CaseTypeProblem]
        package var description: String { problems.map(\.description).joined(separator: "\n") }
    }
}

/// Reads and checks a definition: unreachable states, dead ends, missing texts and unknown words are refused with their
/// line.
package struct CaseTypeLoader {
    private var problems: [CaseTypeProblem] = []

    /// The case type in a YAML text.
    ///
    /// - Throws: `CaseTypeProblem.Several` with every problem found.
    package static func load(_ yaml: String) throws -> CaseType {
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                throw CaseTypeProblem.Several(problems: [.init(line: 0, message: "the text is empty")])
            }
            root = node
        } catch let error as YamlError {
            throw CaseTypeProblem.Several(problems: [.init(line: line(of: error), message: "not YAML: \(error)")])
        }
        var loader = CaseTypeLoader()
        let type = loader.read(root)
        loader.check(type, root)
        guard loader.problems.isEmpty else { throw CaseTypeProblem.Several(problems: loader.problems) }
        return type
    }

    private static func line(of error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: 0
        }
    }

    private mutating func read(_ root: Node) -> CaseType {
        CaseType(
            id: word(root, "id"),
            version: number(root, "version"),
            name: text(root, "name"),
            numberPrefix: word(root, "numberPrefix"),
            fields: entries(root, "fields").map { id, node in
                CaseType.Field(
                    id: id,
                    name: text(node, "name"),
                    isRequired: flag(node, "required"),
                    limit: number(node, "limit")
                )
            },
            states: entries(root, "states").map { state(id: $0, $1) },
            initial: word(root, "initial"),
            transitions: entries(root, "transitions").map { transition(id: $0, $1) }
        )
    }

    private mutating func state(id: String, _ node: Node) -> CaseType.State {
        let isFinal = flag(node, "final")
        var clock: CaseType.Clock?
        if let time = node["clock"] {
            clock = CaseType.Clock(
                minutes: number(time, "minutes"),
                kind: choice(time, "kind") ?? .natural,
                urgentMinutes: number(time, "urgentMinutes")
            )
        } else if !isFinal {
            note(node, "state \(id) needs a clock: nothing may wait for ever")
        }
        let owner: CaseType.Performer? = node["owner"] == nil ? nil : choice(node, "owner")
        if owner == nil, !isFinal { note(node, "state \(id) needs an owner") }
        return CaseType.State(
            id: id,
            name: text(node, "name"),
            residentName: text(node, "resident"),
            step: number(node, "step"),
            owner: owner,
            clock: clock,
            isFinal: isFinal
        )
    }

    private mutating func transition(id: String, _ node: Node) -> CaseType.Transition {
        CaseType.Transition(
            id: id,
            name: text(node, "name"),
            done: text(node, "done"),
            from: words(node, "from"),
            to: word(node, "to"),
            by: choices(node, "by"),
            requires: node["requires"] == nil ? [] : choices(node, "requires"),
            allows: node["allows"] == nil ? [] : choices(node, "allows"),
            guards: node["guards"] == nil ? [] : choices(node, "guards"),
            effects: node["effects"] == nil ? [] : choices(node, "effects"),
            isVisible: flag(node, "visible")
        )
    }

    // MARK: The graph

    private mutating func check(_ type: CaseType, _ root: Node) {
        let ids = Set(type.states.map(\.id))
        let states = root["states"] ?? root
        let transitions = root["transitions"] ?? root
        if !ids.contains(type.initial) { note(root, "initial state \"\(type.initial)\" does not exist") }
        for transition in type.transitions {
            let node = transitions[transition.id] ?? transitions
            for name in transition.from + [transition.to] where !ids.contains(name) {
                note(node, "transition \(transition.id) names state \"\(name)\", which does not exist")
            }
            if transition.from.isEmpty { note(node, "transition \(transition.id) leaves no state") }
            if transition.by.isEmpty { note(node, "transition \(transition.id) has nobody who may take it") }
        }
        var reached: Set<String> = [type.initial]
        var queue = [type.initial]
        while let next = queue.popLast() {
            for transition in type.transitions(from: next) where reached.insert(transition.to).inserted {
                queue.append(transition.to)
            }
        }
        for state in type.states {
            let node = states[state.id] ?? states
            if !reached.contains(state.id) { note(node, "state \(state.id) cannot be reached") }
            let ways = type.transitions(from: state.id)
            if !state.isFinal, ways.isEmpty { note(node, "state \(state.id) is a dead end") }
            if !state.isFinal, !ways.contains(where: { way in way.by.contains { $0 == state.owner } }) {
                note(node, "the owner of state \(state.id) can do nothing there")
            }
        }
        if !type.states.contains(where: \.isFinal) { note(states, "no state is final") }
    }

    // MARK: Words of the YAML text

    private mutating func note(_ node: Node, _ message: String) {
        problems.append(CaseTypeProblem(line: node.mark?.line ?? 0, message: message))
    }

    private mutating func word(_ node: Node, _ key: String) -> String {
        guard let value = node[key]?.string, !value.isEmpty else {
            note(node, "\"\(key)\" is missing")
            return ""
        }
        return value
    }

    private mutating func number(_ node: Node, _ key: String) -> Int {
        guard let value = node[key]?.int, value >= 0 else {
            note(node[key] ?? node, "\"\(key)\" must be a whole number")
            return 0
        }
        return value
    }

    private mutating func flag(_ node: Node, _ key: String) -> Bool {
        guard let value = node[key] else { return false }
        guard let flag = value.bool else {
            note(value, "\"\(key)\" must be true or false")
            return false
        }
        return flag
    }

    private mutating func text(_ node: Node, _ key: String) -> Text {
        guard let pair = node[key] else {
            note(node, "\"\(key)\" is missing: { zh: …, en: … }")
            return Text(same: "")
        }
        guard let zh = pair["zh"]?.string, let en = pair["en"]?.string, !zh.isEmpty, !en.isEmpty else {
            note(pair, "\"\(key)\" needs zh and en")
            return Text(same: "")
        }
        return Text(zh, en)
    }

    private mutating func words(_ node: Node, _ key: String) -> [String] {
        guard let list = node[key]?.sequence else {
            note(node[key] ?? node, "\"\(key)\" must be a list")
            return []
        }
        return list.compactMap(\.string)
    }

    private mutating func choice<Choice>(_ node: Node, _ key: String) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        let name = word(node, key)
        guard let choice = Choice(rawValue: name) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(node[key] ?? node, "\"\(name)\" is not one of: \(known)")
            return nil
        }
        return choice
    }

    private mutating func choices<Choice>(_ node: Node, _ key: String) -> [Choice]
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        words(node, key).compactMap { name in
            if let choice = Choice(rawValue: name) { return choice }
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(node[key] ?? node, "\"\(name)\" is not one of: \(known)")
            return nil
        }
    }

    private mutating func entries(_ node: Node, _ key: String) -> [(String, Node)] {
        guard let mapping = node[key]?.mapping else {
            note(node, "\"\(key)\" is missing")
            return []
        }
        return mapping.compactMap { pair in pair.key.string.map { ($0, pair.value) } }
    }
}
