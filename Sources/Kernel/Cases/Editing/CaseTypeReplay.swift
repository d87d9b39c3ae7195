import LinliCore
import LinliStandards

/// One past case walked through a version of its type: which of its steps that version has no room for, and which of its
/// clocks would have run out.
struct CaseTypeReplay {
    /// What happened to the case.
    struct Event {
        /// What came with a step.
        struct With {
            let hasText: Bool
            let hasReason: Bool
            let hasUnit: Bool
            /// The fields that were filled in.
            let fields: Set<String>
        }

        enum Deed {
            /// A transition, with what came with it.
            case moved(String, from: String, to: String, With)
            case contacted
            case paused
            case resumed
            case extended(minutes: Int)
        }

        let at: Instant
        let deed: Deed
    }

    /// Why a step could not have been taken.
    struct Obstacle: Equatable {
        let transition: String
        let why: Text
    }

    private let type: CaseType
    private let facts: CaseClockwork.Facts
    private let calendar: WorkingCalendar
    private var clocks: [CaseClock] = []
    private var state: CaseType.State?
    private(set) var obstacles: [Obstacle] = []
    /// The clocks that ran out: `step:` and a state, or the name of one that runs across states.
    private(set) var late: Set<String> = []

    /// The walk of a case that began in `state` at `start` and is looked at until `end`.
    init(
        _ type: CaseType, _ facts: CaseClockwork.Facts, _ calendar: WorkingCalendar, begins state: String,
        at start: Instant, _ events: [Event], until end: Instant
    ) {
        self.type = type
        self.facts = facts
        self.calendar = calendar
        enter(state, at: start, by: "report")
        for event in events where self.state != nil { take(event) }
        if self.state?.isFinal == false { lookAtClocks(at: end) }
    }

    private mutating func enter(_ id: String, at moment: Instant, by transition: String) {
        lookAtClocks(at: moment)
        guard let next = type.states.first(where: { $0.id == id }) else {
            obstacles.append(.init(transition: transition, why: Text("没有状态 \(id)", "there is no state \(id)")))
            state = nil
            return
        }
        change(at: moment) { $0.enter(next) }
        state = next
    }

    private mutating func take(_ event: Event) {
        guard let state else { return }
        switch event.deed {
        case .moved(let id, let from, let to, let with):
            // The program itself moves a case on, as when the unit with it is complained about.
            if state.id != from { enter(from, at: event.at, by: id) }
            guard self.state != nil else { return }
            // Whoever moves a paused case sets its clocks going.
            change(at: event.at) { $0.resume(in: state) }
            let way = type.transitions.first { $0.id == id }
            if let why = obstacle(way, from: from, to: to, with) {
                obstacles.append(.init(transition: id, why: why))
            }
            enter(to, at: event.at, by: id)
        case .contacted: change(at: event.at) { $0.contact() }
        case .paused: change(at: event.at) { $0.pause(in: state) }
        case .resumed: change(at: event.at) { $0.resume(in: state) }
        case .extended(let minutes): change(at: event.at) { $0.extend(minutes: minutes, in: state) }
        }
    }

    private func obstacle(
        _ way: CaseType.Transition?, from: String, to: String, _ with: Event.With
    ) -> Text? {
        guard let way else { return Text("没有这个动作", "there is no such transition") }
        if !way.from.contains(from) { return Text("在状态 \(from) 不能做", "it does not leave state \(from)") }
        if way.to != to { return Text("会到 \(way.to)，不是 \(to)", "it leads to \(way.to), not \(to)") }
        if way.requires.contains(.text), !with.hasText { return Text("当时没有写文字", "no words came with it") }
        if way.requires.contains(.reasonClass), !with.hasReason { return Text("当时没有选理由", "no reason came with it") }
        if way.requires.contains(.unit), !with.hasUnit { return Text("当时没有选单位", "no unit came with it") }
        // What depends on another answer may rightly have been left out.
        let always = type.fields.filter { way.requiredFields.contains($0.id) && $0.condition == nil }
        if let field = always.first(where: { !with.fields.contains($0.id) }) {
            return Text("当时没有填“\(field.name.zh)”", "“\(field.name.en)” did not come with it")
        }
        return nil
    }

    private mutating func change(at moment: Instant, _ body: (inout CaseClockwork) -> Void) {
        var work = CaseClockwork(clocks, type, facts, calendar, at: moment)
        body(&work)
        clocks = work.all
        for clock in clocks where clock.clock != CaseClock.step && clock.isLate { late.insert(clock.clock) }
    }

    /// Notes the clocks that have run out by `moment`.
    private mutating func lookAtClocks(at moment: Instant) {
        for clock in clocks where clock.dueAt.map({ $0 < moment }) ?? false {
            late.insert(clock.clock == CaseClock.step ? "\(CaseClock.step):\(state?.id ?? "")" : clock.clock)
        }
    }
}
