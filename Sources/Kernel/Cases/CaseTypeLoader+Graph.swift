import LinliCore
import Yams

/// What a definition must be as a whole: every state can be reached and left, somebody may act in each, and clocks name
/// states that exist.
extension CaseTypeLoader {
    /// Notes every problem of the graph with the line of the state, transition or clock it belongs to.
    mutating func check(_ type: CaseType, _ root: Node) {
        let ids = Set(type.states.map(\.id))
        if type.fields.first(where: { $0.id == "text" }) == nil {
            note(root["fields"] ?? root, Text("缺少字段“text”", "the field \"text\" is missing"))
        }
        let first: [(String, String?)] = [
            ("initial", type.initial), ("assigned", type.assigned), ("settled", type.settled), ("found", type.found),
        ]
        for (key, name) in first {
            if let name, !ids.contains(name) {
                note(root, Text("\(key) 写的状态“\(name)”不存在", "\(key) state \"\(name)\" does not exist"))
            }
        }
        checkTransitions(type, ids, root["transitions"] ?? root)
        checkStates(type, root["states"] ?? root)
        checkClocks(type, ids, root)
        checkFields(type, root["fields"] ?? root)
        checkOpening(type, root)
    }

    private mutating func checkTransitions(_ type: CaseType, _ ids: Set<String>, _ nodes: Node) {
        for transition in type.transitions {
            let node = nodes[transition.id] ?? nodes
            for name in transition.from + [transition.to] where !ids.contains(name) {
                note(
                    node,
                    Text(
                        "步骤 \(transition.id) 用到的状态“\(name)”不存在",
                        "transition \(transition.id) names state \"\(name)\", which does not exist"))
            }
            if transition.from.isEmpty {
                note(node, Text("步骤 \(transition.id) 没写从哪个状态走（from）", "transition \(transition.id) leaves no state"))
            }
            if transition.by.isEmpty {
                note(
                    node,
                    Text("步骤 \(transition.id) 没有人能走（by 是空的）", "transition \(transition.id) has nobody who may take it"))
            }
            if transition.by.contains(.colleague), transition.by.contains(.handler) {
                note(
                    node,
                    Text(
                        "步骤 \(transition.id) 要同事核对，又让办理人自己走",
                        "transition \(transition.id) asks for a colleague's check and lets the handler take it too"))
            }
            if transition.effects.contains(.assignUnit), !transition.requires.contains(.unit) {
                note(
                    node,
                    Text(
                        "步骤 \(transition.id) 会派给单位，requires 里要有 unit",
                        "transition \(transition.id) assigns a unit and must require one"))
            }
            let saysWhy = transition.requires.contains(.text) || transition.requires.contains(.reasonClass)
            if transition.effects.contains(.releaseUnit), !saysWhy {
                note(
                    node,
                    Text(
                        "步骤 \(transition.id) 会退单，requires 里要有 text 或 reasonClass",
                        "transition \(transition.id) gives the case back and must require a text or a reasonClass"))
            }
        }
    }

    private mutating func checkStates(_ type: CaseType, _ nodes: Node) {
        let entrances = [type.initial, type.assigned, type.settled, type.found].compactMap { $0 }
        let reached = CaseTypeLoader.reach(from: entrances) { state in type.transitions(from: state).map(\.to) }
        let finals = type.states.filter(\.isFinal).map(\.id)
        let ending = CaseTypeLoader.reach(from: finals) { state in
            type.transitions.filter { $0.to == state }.flatMap(\.from)
        }
        for state in type.states {
            let node = nodes[state.id] ?? nodes
            if state.id == CaseType.State.merged.id {
                note(node, Text("“merged”留给并入别件的工单，不能用作状态名", "\"merged\" is the state of what was joined"))
            }
            if !reached.contains(state.id) {
                note(node, Text("状态 \(state.id) 走不到", "state \(state.id) cannot be reached"))
            }
            let ways = type.transitions(from: state.id)
            if !state.isFinal, ways.isEmpty {
                note(node, Text("状态 \(state.id) 走进去出不来", "state \(state.id) is a dead end"))
            }
            if !state.isFinal, !ways.isEmpty, !ending.contains(state.id) {
                note(node, Text("从状态 \(state.id) 走不到任何结束状态", "from state \(state.id) no way leads to an end"))
            }
            if !state.isFinal, !ways.contains(where: { way in way.by.contains { $0 == state.owner } }) {
                note(node, Text("状态 \(state.id) 的负责方在这一步什么也做不了", "the owner of state \(state.id) can do nothing there"))
            }
            if !isKept, !CaseTypeLoader.isAlwaysOpen(ways.filter { $0.by == [.clock] }) {
                note(
                    node,
                    Text(
                        "状态 \(state.id) 到点自己走的步骤都有条件，条件不成立就永远停在这里",
                        "every step the clock takes from state \(state.id) has a condition: where none holds it stays for good"
                    ))
            }
            checkLadder(state.ladder, node["ladder"] ?? node, of: Text("状态 \(state.id)", "state \(state.id)"))
        }
        if finals.isEmpty { note(nodes, Text("没有一个结束状态（final）", "no state is final")) }
    }

    /// Whether of the steps the clock takes one is open whatever holds; also when there is none.
    private static func isAlwaysOpen(_ ways: [CaseType.Transition]) -> Bool {
        let pairs: [(CaseType.Guard, CaseType.Guard)] = [(.sampled, .notSampled), (.asked, .notAsked)]
        return ways.isEmpty || ways.contains { $0.guards.isEmpty }
            || pairs.contains { one, other in
                ways.contains { $0.guards == [one] } && ways.contains { $0.guards == [other] }
            }
    }

    private mutating func checkClocks(_ type: CaseType, _ ids: Set<String>, _ root: Node) {
        let nodes = root["clocks"] ?? root
        for clock in type.clocks {
            let node = nodes[clock.id] ?? nodes
            if clock.id == CaseClock.step {
                note(node, Text("“step”是状态时限专用的名字", "\"step\" is the name of the clock of states"))
            }
            for name in clock.starts + clock.stops where !ids.contains(name) {
                note(
                    node,
                    Text(
                        "时限 \(clock.id) 用到的状态“\(name)”不存在",
                        "clock \(clock.id) names state \"\(name)\", which does not exist"))
            }
            let finals = Set(type.states.filter(\.isFinal).map(\.id))
            if !finals.isSubset(of: clock.stops) {
                note(node, Text("时限 \(clock.id) 到每个结束状态都要停（stops）", "clock \(clock.id) must stop in every final state"))
            }
            checkLadder(clock.ladder, node["ladder"] ?? node, of: Text("时限 \(clock.id)", "clock \(clock.id)"))
        }
        let requests = root["requests"] ?? root
        for request in type.requests {
            let node = requests[request.kind.rawValue] ?? requests
            for name in request.from where !ids.contains(name) {
                note(
                    node,
                    Text(
                        "申请 \(request.kind) 用到的状态“\(name)”不存在",
                        "request \(request.kind) names state \"\(name)\", which does not exist"))
            }
            if request.reasons.isEmpty {
                note(
                    node,
                    Text("申请 \(request.kind) 要有可选的理由（reasons）", "request \(request.kind) needs reasons to choose from"))
            }
        }
    }

    private mutating func checkLadder(_ ladder: [CaseType.Rung], _ node: Node, of name: Text) {
        // Shares come before the deadline, minutes after it; each rung later than the one before.
        let places = ladder.map { rung in rung.percent.map { ($0 - 100) * 1_000_000 } ?? rung.overdueMinutes }
        if zip(places, places.dropFirst()).contains(where: { $0 >= $1 }) {
            note(node, Text("\(name.zh)的各级提醒要按时间先后排", "the rungs of \(name.en) must follow each other in time"))
        }
        if ladder.contains(where: { ($0.percent ?? 1) < 1 || ($0.percent ?? 1) > 99 }) {
            note(
                node,
                Text(
                    "\(name.zh)的提醒百分比是 1 到 99；过了时限的写 overdueMinutes",
                    "a share of \(name.en) is from 1 to 99 percent; after the deadline say overdueMinutes"))
        }
        if ladder.dropLast().contains(where: { $0.everyMinutes != nil }) {
            note(node, Text("\(name.zh)只有最后一级提醒可以重复", "only the last rung of \(name.en) may repeat"))
        }
        if ladder.contains(where: { ($0.everyMinutes ?? 1) < 1 }) {
            note(node, Text("\(name.zh)的 everyMinutes 至少是 1", "everyMinutes of \(name.en) must be at least 1"))
        }
    }

    /// What a reporter may expect of every type: who objects to what was done comes, at last, before somebody who had no
    /// hand in it. A type that has no such way says why not, in both languages, under `noReview`.
    ///
    /// Asks for pauses and more time are made by somebody, somewhere: an empty list would never offer them.
    mutating func checkJustice(_ type: CaseType, _ root: Node) {
        let nodes = root["transitions"] ?? root
        let ways = type.transitions.filter { $0.effects.contains(.contest) }
        let isReviewed = ways.contains { way in type.states.first { $0.id == way.to }?.owner == .reviewer }
        if let first = ways.first, !isReviewed, root["noReview"] == nil {
            note(
                nodes[first.id] ?? nodes,
                Text(
                    "步骤 \(first.id) 是对结果有异议，却没有一条走到由复核人负责的状态；不复核的，在 noReview 里写明为什么",
                    "transition \(first.id) contests the result, but no such way leads to a state of a reviewer; say why not in noReview"
                )
            )
        }
        if root["noReview"] != nil { _ = text(root, "noReview") }
        if let days = type.retentionDays, days <= type.reopenDays {
            note(
                root["retentionDays"] ?? root,
                Text(
                    "retentionDays 要大于 reopenDays（\(type.reopenDays)）：还能再要求办的不能先删",
                    "retentionDays must be more than reopenDays (\(type.reopenDays)): what may be asked for again is kept"
                )
            )
        }
        let requests = root["requests"] ?? root
        for request in type.requests {
            let node = requests[request.kind.rawValue] ?? requests
            if request.by.isEmpty {
                note(node, Text("申请 \(request.kind) 没有人能提（by 是空的）", "request \(request.kind) has nobody who may ask"))
            }
            if request.from.isEmpty {
                note(
                    node,
                    Text(
                        "申请 \(request.kind) 在哪个状态都不能提（from 是空的）", "request \(request.kind) can be asked for in no state"
                    ))
            }
        }
    }

    private mutating func checkFields(_ type: CaseType, _ nodes: Node) {
        var known: [String: CaseType.Field] = [:]
        for field in type.fields {
            let node = nodes[field.id] ?? nodes
            if [.choice, .choices].contains(field.kind), field.choices.isEmpty {
                note(node, Text("字段 \(field.id) 要有选项（choices）", "field \(field.id) needs choices"))
            }
            if let condition = field.condition {
                let other = known[condition.field]
                let values = other?.kind == .flag ? ["yes"] : (other?.choices.map(\.id) ?? [])
                if other == nil {
                    note(
                        node,
                        Text(
                            "字段 \(field.id) 取决于“\(condition.field)”，它前面没有这个字段",
                            "field \(field.id) depends on \"\(condition.field)\", which does not come before it"))
                } else if let odd = condition.values.first(where: { !values.contains($0) }) {
                    note(
                        node,
                        Text(
                            "字段 \(field.id) 取决于“\(odd)”，\(condition.field) 没有这个值",
                            "field \(field.id) depends on \"\(odd)\", which \(condition.field) cannot be"))
                }
            }
            known[field.id] = field
        }
    }

    /// Everything that can be reached from `starts` along `next`.
    private static func reach(from starts: [String], _ next: (String) -> [String]) -> Set<String> {
        var reached = Set(starts)
        var queue = starts
        while let state = queue.popLast() {
            for other in next(state) where reached.insert(other).inserted { queue.append(other) }
        }
        return reached
    }
}
