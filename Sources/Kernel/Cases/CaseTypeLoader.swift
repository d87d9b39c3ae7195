import LinliCore
import LinliStandards
import Yams

/// What is wrong with a definition, with the line where it stands.
package struct CaseTypeProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line in the YAML text, from 1; 0 when it is missing altogether.
    package let line: Int
    /// What is wrong and what is expected.
    package let text: Text

    /// The same in English: for the command line and the log.
    package var message: String { text.en }

    /// What is wrong with the line before it, where there is one, for people.
    package var placed: Text { line > 0 ? Text("第 \(line) 行：", "Line \(line): ") + text : text }

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
    var problems: [CaseTypeProblem] = []
    /// Whether it was stored before, and goes by what was asked then.
    var isKept = false

    /// The case type in a YAML text. One that was `kept` goes by what was asked when it came: rules that were added since
    /// do not stop a program from reading what its running cases go by.
    ///
    /// - Throws: `CaseTypeProblem.Several` with every problem found.
    package static func load(_ yaml: String, kept: Bool = false) throws -> CaseType {
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                throw CaseTypeProblem.Several(problems: [.init(line: 0, text: Text("定义是空的", "the text is empty"))])
            }
            root = node
        } catch let error as YamlError {
            throw CaseTypeProblem.Several(problems: [.init(line: error.line, text: error.words)])
        }
        var loader = CaseTypeLoader(isKept: kept)
        let type = loader.read(root)
        loader.check(type, root)
        if !kept { loader.checkJustice(type, root) }
        if !kept { loader.checkSteps(type, root) }
        if !kept { loader.checkRating(type, root) }
        if !kept { loader.checkKeys(root) }
        guard loader.problems.isEmpty else { throw CaseTypeProblem.Several(problems: loader.problems) }
        return type
    }

    private mutating func read(_ root: Node) -> CaseType {
        let initial = word(root, "initial")
        return CaseType(
            id: word(root, "id"),
            version: number(root, "version"),
            name: text(root, "name"),
            numberPrefix: word(root, "numberPrefix"),
            routing: root["routing"] == nil ? .ownership : choice(root, "routing") ?? .ownership,
            fields: entries(root, "fields").map { field(id: $0, $1) },
            returnReasons: returnReasons(root),
            states: entries(root, "states").map { state(id: $0, $1) },
            initial: initial,
            assigned: root["assigned"] == nil ? initial : word(root, "assigned"),
            settled: root["settled"] == nil ? nil : word(root, "settled"),
            found: root["found"] == nil ? nil : word(root, "found"),
            opening: opening(root),
            transitions: entries(root, "transitions").map { transition(id: $0, $1) },
            clocks: root["clocks"] == nil ? [] : entries(root, "clocks").map { clock(id: $0, $1) },
            requests: root["requests"] == nil ? [] : entries(root, "requests").compactMap { request($0, $1) },
            retentionDays: root["retentionDays"] == nil ? nil : number(root, "retentionDays"),
            visibility: root["visibility"] == nil ? .place : choice(root, "visibility") ?? .place,
            reopenDays: root["reopenDays"] == nil ? 30 : number(root, "reopenDays"),
            reviews: root["reviews"] == nil ? 2 : number(root, "reviews"),
            rating: rating(root)
        )
    }

    private mutating func field(id: String, _ node: Node) -> CaseType.Field {
        let kind: CaseType.Field.Kind = node["kind"] == nil ? .text : choice(node, "kind") ?? .text
        let hasLimit = kind == .text || kind == .number
        var condition: CaseType.Field.Condition?
        if let when = node["when"] {
            condition = CaseType.Field.Condition(field: word(when, "field"), values: words(when, "is"))
        }
        return CaseType.Field(
            id: id,
            name: text(node, "name"),
            isOfSteps: flag(node, "atSteps"),
            hint: node["hint"] == nil ? nil : text(node, "hint"),
            kind: kind,
            isRequired: flag(node, "required"),
            limit: hasLimit ? number(node, "limit") : 0,
            choices: kind == .choice || kind == .choices ? namedChoices(node, "choices") : [],
            condition: condition
        )
    }

    private mutating func state(id: String, _ node: Node) -> CaseType.State {
        let isFinal = flag(node, "final")
        var clock: CaseType.Clock?
        if let time = node["clock"] {
            clock = CaseType.Clock(
                minutes: number(time, "minutes"),
                kind: choice(time, "kind") ?? .natural,
                urgentMinutes: number(time, "urgentMinutes"),
                isElastic: flag(time, "elastic")
            )
        } else if !isFinal {
            note(node, Text("状态 \(id) 要有时限（clock）：不能没完没了地等", "state \(id) needs a clock: nothing may wait for ever"))
        }
        let owner: CaseType.Performer? = node["owner"] == nil ? nil : choice(node, "owner")
        if owner == nil, !isFinal { note(node, Text("状态 \(id) 要有负责方（owner）", "state \(id) needs an owner")) }
        let tab = node["tab"] == nil ? CaseTypeLoader.tab(id, owner, isFinal) : word(node, "tab")
        if CaseFilter.Tab(rawValue: tab)?.isOfStates != true {
            let known = CaseFilter.Tab.allCases.filter(\.isOfStates).map(\.rawValue).joined(separator: ", ")
            note(node["tab"] ?? node, Text("“\(tab)”不对，只能是：\(known)", "\"\(tab)\" is not one of: \(known)"))
        }
        return CaseType.State(
            id: id,
            name: text(node, "name"),
            residentName: text(node, "resident"),
            tab: tab,
            verb: node["verb"] == nil ? nil : text(node, "verb"),
            step: number(node, "step"),
            owner: owner,
            clock: clock,
            ladder: ladder(node),
            isFinal: isFinal
        )
    }

    /// The tab of the desk that fits who must act, for definitions that do not say.
    private static func tab(_ id: String, _ owner: CaseType.Performer?, _ isFinal: Bool) -> String {
        if let tab = CaseFilter.Tab(rawValue: id), tab.isOfStates { return id }
        if isFinal { return CaseFilter.Tab.closed.rawValue }
        let tab: CaseFilter.Tab =
            switch owner {
            case .dispatcher, .arbiter: .received
            case .reporter: .confirming
            case .checker, .collector, .reviewer, .colleague: .checking
            case .handler, .lead, .clock, nil: .handling
            }
        return tab.rawValue
    }

    private mutating func clock(id: String, _ node: Node) -> CaseClockRule {
        var natures: [NeedNature: Int] = [:]
        if node["natures"] != nil {
            for (name, minutes) in entries(node, "natures") {
                guard let nature = NeedNature(rawValue: name), let minutes = minutes.int, minutes > 0 else {
                    note(
                        node["natures"] ?? node,
                        Text("“\(name)”要是诉求类型，后面写分钟数", "\"\(name)\" must be a nature with a number of minutes"))
                    continue
                }
                natures[nature] = minutes
            }
        }
        let basis: CaseClockRule.Basis? = choice(node, "basis")
        return CaseClockRule(
            id: id,
            name: text(node, "name"),
            basis: basis ?? .promised,
            counting: choice(node, "kind") ?? .natural,
            minutes: node["minutes"] == nil ? nil : number(node, "minutes"),
            percent: node["percent"] == nil ? 100 : number(node, "percent"),
            urgentMinutes: number(node, "urgentMinutes"),
            natureMinutes: natures,
            starts: words(node, "starts"),
            stops: words(node, "stops"),
            stopsAtContact: flag(node, "stopsAtContact"),
            isElastic: flag(node, "elastic"),
            ladder: ladder(node)
        )
    }

    private mutating func ladder(_ node: Node) -> [CaseType.Rung] {
        guard let list = node["ladder"]?.sequence else {
            if let wrong = node["ladder"] {
                note(wrong, Text("“ladder”要是一级一级提醒的列表", "\"ladder\" must be a list of rungs"))
            }
            return []
        }
        return list.map { rung in
            CaseType.Rung(
                action: choice(rung, "action") ?? .remind,
                percent: rung["percent"] == nil ? nil : number(rung, "percent"),
                overdueMinutes: rung["overdueMinutes"] == nil ? 0 : number(rung, "overdueMinutes"),
                everyMinutes: rung["everyMinutes"] == nil ? nil : number(rung, "everyMinutes")
            )
        }
    }

    private mutating func request(_ name: String, _ node: Node) -> CaseType.RequestRule? {
        guard let kind = CaseRequestKind(rawValue: name) else {
            let known = CaseRequestKind.allCases.map(\.rawValue).joined(separator: ", ")
            note(node, Text("“\(name)”不对，只能是：\(known)", "\"\(name)\" is not one of: \(known)"))
            return nil
        }
        return CaseType.RequestRule(
            kind: kind,
            from: words(node, "from"),
            by: choices(node, "by"),
            reasons: namedChoices(node, "reasons"),
            capMinutes: number(node, "capMinutes"),
            limit: number(node, "limit")
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
            requires: requirements(node, "requires"),
            allows: requirements(node, "allows"),
            requiredFields: fieldNames(node, "requires"),
            allowedFields: fieldNames(node, "allows"),
            guards: node["guards"] == nil ? [] : choices(node, "guards"),
            effects: node["effects"] == nil ? [] : choices(node, "effects"),
            isVisible: flag(node, "visible")
        )
    }
}
