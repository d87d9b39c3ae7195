import LinliCore
import LinliKernel

/// The graph of a case type as a picture: states one below the other in bands of their steps, transitions that go on to
/// the right of them, those that go back to the left. What leads to one state runs along one line.
///
/// The picture is for eyes only; the same stands beside it as a list.
package struct CaseGraph: Sendable {
    /// A way from one state to another: one transition, or several with the same words.
    struct Edge {
        let from: Int
        let to: Int
        let label: Text

        var isForward: Bool { to > from || to == from }
    }

    /// Where something stands, in units of the picture.
    private struct Box {
        let top: Int
        let height: Int
        /// The height at which lines come in.
        let entry: Int
        /// The height of each line that goes out, by its number.
        let ports: [Int: Int]
    }

    private let type: CaseType
    private let states: [CaseType.State]
    private let edges: [Edge]

    /// The graph of a type.
    package init(_ type: CaseType) {
        self.type = type
        states = type.states.enumerated().sorted { one, other in
            let (left, right) = (one.element, other.element)
            return (left.step, left.isFinal ? 1 : 0, one.offset) < (right.step, right.isFinal ? 1 : 0, other.offset)
        }.map(\.element)
        edges = CaseGraph.edges(type, states)
    }

    private static func edges(_ type: CaseType, _ states: [CaseType.State]) -> [Edge] {
        let places = Dictionary(states.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        var edges: [Edge] = []
        var seen: Set<String> = []
        for way in type.transitions {
            let who = Text(
                way.by.map(\.name.zh).joined(separator: "、"), way.by.map(\.name.en).joined(separator: ", ")
            )
            // The picture has no room for conditions: they stand in the list.
            let mark = way.guards.isEmpty ? "" : " *"
            let label = Text("\(way.name.zh) · \(who.zh)\(mark)", "\(way.name.en) · \(who.en)\(mark)")
            for id in way.from {
                guard let from = places[id], let to = places[way.to] else { continue }
                let isNew = seen.insert("\(from) \(to) \(label.zh)").inserted
                if isNew { edges.append(Edge(from: from, to: to, label: label)) }
            }
        }
        return edges
    }

    // MARK: Measures

    private static let row = 22
    private static let label = 236
    private static let box = 148
    private static let gap = 26
    private static let track = 14
    private static let lane = 52

    /// The numbers of the edges that leave a state on one side.
    private func leaving(_ state: Int, forward: Bool) -> [Int] {
        edges.indices.filter { edges[$0].from == state && edges[$0].isForward == forward }
    }

    private var boxes: [Box] {
        var top = CaseGraph.gap
        return states.indices.map { index in
            let (right, left) = (leaving(index, forward: true), leaving(index, forward: false))
            let rows = max(right.count, left.count, 1)
            let height = CaseGraph.row * (rows + 1) + 14
            var ports: [Int: Int] = [:]
            for side in [right, left] {
                for (place, edge) in side.enumerated() { ports[edge] = top + 20 + CaseGraph.row * (place + 1) }
            }
            defer { top += height + CaseGraph.gap }
            return Box(top: top, height: height, entry: top + 16, ports: ports)
        }
    }

    /// The track of the line that leads to each state on one side, the shortest next to the states.
    private func tracks(_ boxes: [Box], forward: Bool) -> [Int: Int] {
        let targets = Set(edges.filter { $0.isForward == forward }.map(\.to))
        let spans = targets.map { target -> (target: Int, low: Int, high: Int) in
            let ends = edges.indices.filter { edges[$0].to == target && edges[$0].isForward == forward }
                .compactMap { boxes[edges[$0].from].ports[$0] }
            let all = ends + [boxes[target].entry]
            return (target, all.min() ?? 0, all.max() ?? 0)
        }.sorted { ($0.high - $0.low, $0.target) < ($1.high - $1.low, $1.target) }
        var taken: [[(low: Int, high: Int)]] = []
        var tracks: [Int: Int] = [:]
        for span in spans {
            let free = taken.firstIndex { $0.allSatisfy { $0.high + 4 < span.low || span.high + 4 < $0.low } }
            let track = free ?? taken.count
            if free == nil { taken.append([]) }
            taken[track].append((span.low, span.high))
            tracks[span.target] = track
        }
        return tracks
    }

    // MARK: Picture

    /// The picture in a part that scrolls by itself.
    package var html: HTML {
        let boxes = boxes
        let (right, left) = (tracks(boxes, forward: true), tracks(boxes, forward: false))
        let hasLeft = !left.isEmpty
        let x = CaseGraph.lane + (hasLeft ? CaseGraph.label + tracksWidth(left) : 12)
        let width = x + CaseGraph.box + CaseGraph.label + tracksWidth(right) + 8
        let height = (boxes.last.map { $0.top + $0.height } ?? 0) + CaseGraph.gap
        let name = Text("“\(type.name.zh)”的流程图", "The graph of “\(type.name.en)”")
        return """
            <div class="graph" role="region" tabindex="0" aria-label="\(name)">
            <svg viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" aria-hidden="true">
            \(each: bands(boxes), { band($0, width) })
            \(each: edges.indices, { line($0, boxes, edges[$0].isForward ? right : left, x) })
            \(each: states.indices, { node($0, boxes[$0], x) })
            </svg></div>
            """
    }

    private func tracksWidth(_ tracks: [Int: Int]) -> Int { ((tracks.values.max() ?? -1) + 2) * CaseGraph.track }

    private func bands(_ boxes: [Box]) -> [(step: Int, top: Int, height: Int)] {
        Set(states.map(\.step)).sorted().compactMap { step in
            let inside = states.indices.filter { states[$0].step == step }
            guard let first = inside.first, let last = inside.last else { return nil }
            let top = boxes[first].top - CaseGraph.gap / 2
            return (step, top, boxes[last].top + boxes[last].height + CaseGraph.gap / 2 - top)
        }
    }

    private func band(_ band: (step: Int, top: Int, height: Int), _ width: Int) -> HTML {
        """
        <rect class="band\(when: band.step % 2 == 0, " even")" x="0" y="\(band.top)" width="\(width)" height="\(band.height)"/>\
        <text class="step" x="8" y="\(band.top + 20)">\(Text("第 \(band.step) 步", "Step \(band.step)"))</text>
        """
    }

    private func node(_ index: Int, _ box: Box, _ x: Int) -> HTML {
        let state = states[index]
        let clock = type.length(of: state)
        let isFirst = [type.initial, type.assigned, type.settled, type.found].contains(state.id)
        return """
            <g class="node\(when: state.isFinal, " final")\(when: isFirst, " first")">\
            <rect x="\(x)" y="\(box.top)" width="\(CaseGraph.box)" height="\(box.height)" rx="8"/>\
            <text class="name" x="\(x + 10)" y="\(box.top + 21)">\(state.name)</text>\
            \(state.owner.map { owner in
                "<text class=\"sub\" x=\"\(x + 10)\" y=\"\(box.top + 38)\">\(owner.name)</text>" as HTML
            })\
            \(clock.map { "<text class=\"sub\" x=\"\(x + 10)\" y=\"\(box.top + 53)\">\($0)</text>" as HTML })</g>
            """
    }

    private func line(_ number: Int, _ boxes: [Box], _ tracks: [Int: Int], _ x: Int) -> HTML {
        let edge = edges[number]
        let y = boxes[edge.from].ports[number] ?? boxes[edge.from].entry
        let target = boxes[edge.to].entry
        let side = edge.isForward ? 1 : -1
        let start = edge.isForward ? x + CaseGraph.box : x
        let away = CaseGraph.label + CaseGraph.track * ((tracks[edge.to] ?? 0) + 1) - 8
        let turn = start + side * away
        let words: HTML =
            edge.isForward
            ? "<text x=\"\(start + 8)\" y=\"\(y - 4)\">\(edge.label)</text>"
            : "<text x=\"\(start - 8)\" y=\"\(y - 4)\" text-anchor=\"end\">\(edge.label)</text>"
        return """
            <g class="way\(when: !edge.isForward, " back")"><path d="M\(start) \(y)H\(turn)V\(target)H\(start + side * 7)"/>\
            <path class="tip" d="M\(start) \(target)l\(side * 9) -5v10z"/>\(words)</g>
            """
    }
}

/// The same graph in words: each state, what leaves it, and who may take it there.
package struct CaseGraphList: Sendable {
    private let type: CaseType

    /// The list of a type.
    package init(_ type: CaseType) {
        self.type = type
    }

    /// The list.
    package var html: HTML { "<ul class=\"ways\">\(each: type.states, state)</ul>" }

    private func state(_ state: CaseType.State) -> HTML {
        let ways = type.transitions(from: state.id)
        let rungs = state.clock.map { clock in state.ladder.map { $0.words(clock.kind) } } ?? []
        let ladder = Text(rungs.map(\.zh).joined(separator: "；"), rungs.map(\.en).joined(separator: "; "))
        return """
            <li><b>\(state.name)</b> <code>\(state.id)</code>\
            \(state.owner.map { " · \($0.name)" as HTML })\(state.clock.map { " · \($0.words)" as HTML })\
            \(when: !rungs.isEmpty, " · \(ladder)")\(besides(state))\
            \(when: state.isFinal, " · \(Text("到此结束", "the end"))")
            \(when: !ways.isEmpty, "<ul>\(each: ways, way)</ul>")</li>
            """
    }

    /// The clocks of the whole case that run meanwhile, which may be over first.
    private func besides(_ state: CaseType.State) -> HTML {
        let names = type.running(in: state).map(\.name)
        guard !names.isEmpty else { return .empty }
        let (zh, en) = (names.map(\.zh).joined(separator: "、"), names.map(\.en).joined(separator: ", "))
        return " · \(Text("同时还走：\(zh)", "besides: \(en)"))"
    }

    private func way(_ way: CaseType.Transition) -> HTML {
        let to = type.states.first { $0.id == way.to }?.name ?? Text(same: way.to)
        let who = Text(way.by.map(\.name.zh).joined(separator: "、"), way.by.map(\.name.en).joined(separator: ", "))
        let all: [Text] =
            way.requires.map(\.name)
            + way.requiredFields.compactMap { id in type.fields.first { $0.id == id }?.name }.map {
                Text("“\($0.zh)”", "“\($0.en)”")
            }
        let needs = Text(all.map(\.zh).joined(separator: "、"), all.map(\.en).joined(separator: ", "))
        let guards = way.guards.map { $0.words(type) }
        let only = Text(guards.map(\.zh).joined(separator: "；"), guards.map(\.en).joined(separator: "; "))
        return """
            <li>\(way.name) → \(to)\(Text("（", " ("))\(who)\(Text("）", ")"))\
            \(when: !all.isEmpty, "\(Text("，要有\(needs.zh)", ", needs \(needs.en)"))")\
            \(when: !guards.isEmpty, "<br><span class=\"note\">\(Text("条件：\(only.zh)", "If \(only.en)"))</span>")</li>
            """
    }
}
