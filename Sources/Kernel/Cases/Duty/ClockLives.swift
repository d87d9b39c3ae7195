import LinliCore
import LinliStandards

/// One clock from its start to its stop, as the history of its case has it.
struct ClockLife {
    /// Time on it, and whether it is the clock of a state.
    struct Length {
        let minutes: Int
        let isWorking: Bool
        let isElastic: Bool
        let ladder: [CaseType.Rung]
    }

    let clock: String
    let round: Int
    let length: Length
    let start: Instant
    var stop: Instant?
    /// When it stood still.
    var pauses: [Range<Instant>] = []
    /// Since when it stands still now.
    var pausedSince: Instant?
    var given: [ClockBook.Extension] = []

    /// Its whole time in the end.
    var minutes: Int { given.reduce(length.minutes) { $0 + $1.minutes } }
}

/// How many hours the kind of a case gives it, in the words of the rule: those of its category. While only the words of the
/// case say that it is of it, no less than the week that an ordinary need has.
struct ClockKind {
    private let own: Int
    /// Before which line of the history nobody had said so; 0 where a person chose the kind, nil where nobody has said so yet.
    private let saidAt: Int?

    init(_ sheet: ClockBook.Sheet, _ catalogue: EventCatalogue) {
        let limit: EventCategory.LimitClass? = catalogue[code: sheet.category]?.limit
        own =
            switch limit?.rawValue {
            case "H2": 2
            case "H24": 24
            case "D15": 360
            default: 168
            }
        let said = sheet.lines.firstIndex { $0.isNote && $0.name == CaseMark.confirmedCategory.rawValue }
        saidAt = sheet.doubt.contains(.category) ? nil : said ?? 0
    }

    /// The hours as they are known with a line of the history.
    func hours(at line: Int) -> Int {
        guard let saidAt, line >= saidAt else { return max(own, 168) }
        return own
    }

    /// Since which line it is known to be over in two hours; nil for what is not.
    var isDangerSince: Int? { own == 2 ? saidAt : nil }
}

/// Every clock a case ever had, worked out from the lines of its history alone: which line starts, stops, holds and
/// lengthens which. What the engine keeps of its clocks is not looked at.
struct ClockLives {
    private(set) var all: [ClockLife] = []
    private let type: CaseType
    private let sheet: ClockBook.Sheet
    /// How many hours its kind gives it, as is known by now.
    private var hours: Int
    /// Where it stands by now.
    private var state: CaseType.State?
    /// The clocks that count, by name, as places in `all`.
    private var active: [String: Int] = [:]
    private var rounds: [String: Int] = [:]

    init(_ sheet: ClockBook.Sheet, _ type: CaseType, _ catalogue: EventCatalogue) {
        self.type = type
        self.sheet = sheet
        let kind = ClockKind(sheet, catalogue)
        hours = kind.hours(at: 0)
        for (place, line) in sheet.lines.enumerated() {
            let known = kind.hours(at: place)
            if known != hours { count(by: known, from: line.at) }
            if line.isNote { hear(line) } else { enter(line.to, at: line.at) }
        }
    }

    private mutating func enter(_ name: String, at now: Instant) {
        guard let state = type.states.first(where: { $0.id == name }) else { return }
        self.state = state
        goOn(at: now)
        stop(CaseClock.step, at: now)
        if let clock = state.clock {
            let isUrgent = sheet.isUrgent
            // Danger is signed for within its two hours, by night too.
            let isQuick = isDanger && state.owner == .handler && !clock.isElastic
            let minutes = isQuick ? min(clock.minutes, 120) : clock.minutes
            start(
                CaseClock.step, at: now,
                ClockLife.Length(
                    minutes: isUrgent ? clock.urgentMinutes : minutes,
                    isWorking: !isUrgent && !isQuick && clock.kind == .working, isElastic: clock.isElastic,
                    ladder: state.ladder
                )
            )
        }
        for rule in type.clocks {
            if rule.stops.contains(name) { stop(rule.id, at: now) }
            guard rule.starts.contains(name), active[rule.id] == nil else { continue }
            start(
                rule.id, at: now,
                ClockLife.Length(
                    minutes: minutes(of: rule),
                    isWorking: !sheet.isUrgent && !(isDanger && rule.stopsAtContact) && rule.counting == .working,
                    isElastic: rule.isElastic, ladder: rule.ladder
                )
            )
        }
    }

    /// Somebody says that it is of its kind: each clock that runs has the time of that from its start, and what must be over
    /// in two hours is to be signed for in two from when it came, with every rung before it again.
    private mutating func count(by known: Int, from moment: Instant) {
        let before = type.clocks.map { minutes(of: $0) }
        hours = known
        for (rule, old) in zip(type.clocks, before) {
            guard let place = active[rule.id] else { continue }
            let more = minutes(of: rule) - old
            if more != 0 { all[place].given.append(ClockBook.Extension(at: moment, minutes: more)) }
        }
        guard isDanger, !sheet.isUrgent, let place = active[CaseClock.step], let state, state.owner == .handler,
            let clock = state.clock, !clock.isElastic
        else { return }
        stop(CaseClock.step, at: moment)
        start(
            CaseClock.step, at: all[place].start,
            ClockLife.Length(
                minutes: min(clock.minutes, 120), isWorking: false, isElastic: false, ladder: state.ladder))
    }

    private mutating func hear(_ line: ClockBook.Line) {
        switch CaseMark(rawValue: line.name) {
        case .grantPause: for place in elastic { all[place].pausedSince = line.at }
        case .resume: goOn(at: line.at)
        case .grantExtend:
            for place in elastic { all[place].given += sheet.given.filter { $0.at == line.at } }
        case .contact where sheet.reached.contains(line.at):
            for rule in type.clocks where rule.stopsAtContact { stop(rule.id, at: line.at) }
        default: break
        }
    }

    private var elastic: [Int] { active.values.filter { all[$0].length.isElastic } }

    private mutating func start(_ clock: String, at now: Instant, _ length: ClockLife.Length) {
        let round = (rounds[clock] ?? 0) + 1
        rounds[clock] = round
        active[clock] = all.count
        all.append(ClockLife(clock: clock, round: round, length: length, start: now))
    }

    private mutating func stop(_ clock: String, at now: Instant) {
        guard let place = active.removeValue(forKey: clock) else { return }
        all[place].stop = now
    }

    private mutating func goOn(at now: Instant) {
        for place in active.values {
            guard let since = all[place].pausedSince else { continue }
            // A pause ends when it is over, whenever somebody sees that.
            let end = min(now, sheet.pauseEnds[since] ?? now)
            if since < end { all[place].pauses.append(since..<end) }
            all[place].pausedSince = nil
        }
    }

    /// The length of a clock of the whole case, by its rule and the class of the category: urgency goes before nature,
    /// nature before a length of the rule's own, and that before a share of the class.
    private func minutes(of rule: CaseClockRule) -> Int {
        if sheet.isUrgent { return rule.urgentMinutes }
        return isDanger && rule.stopsAtContact ? min(ordinary(rule), 120) : ordinary(rule)
    }

    /// Whether it must be over in two hours.
    private var isDanger: Bool { hours == 2 }

    private func ordinary(_ rule: CaseClockRule) -> Int {
        if let own = rule.natureMinutes[sheet.nature] { return own }
        if let fixed = rule.minutes { return fixed }
        return hours * 60 * rule.percent / 100
    }
}
