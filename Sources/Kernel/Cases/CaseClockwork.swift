import LinliCore
import LinliStandards

/// The clocks of one case while something happens with it: starts, stops, pauses and extends them as its type says, and
/// remembers which must be written.
struct CaseClockwork: Sendable {
    /// What decides how long clocks are.
    struct Facts: Sendable {
        var nature: NeedNature
        var limit: EventCategory.LimitClass?
        var isUrgent: Bool
        /// When elastic clocks run out at the latest: the deadline of the system the case came from, less our lead.
        var ceiling: Instant?
        /// When the work must be done by what was agreed on the spot: that, and not the length of the type, is the limit.
        var agreed: Instant?
        /// When a part must be done at the latest, because the case it belongs to is due soon after.
        var leadDue: Instant?
    }

    private let type: CaseType
    private let facts: Facts
    private let calendar: WorkingCalendar
    private let now: Instant
    private var clocks: [String: CaseClock] = [:]
    private var changed: Set<String> = []

    /// The clocks `stored` of a case of `type` at `now`.
    init(_ stored: [CaseClock], _ type: CaseType, _ facts: Facts, _ calendar: WorkingCalendar, at now: Instant) {
        self.type = type
        self.facts = facts
        self.calendar = calendar
        self.now = now
        for clock in stored { clocks[clock.clock] = clock }
    }

    /// The clock with a name, as it stands now.
    subscript(name: String) -> CaseClock? { clocks[name] }

    /// Every clock, as it stands now.
    var all: [CaseClock] { clocks.values.sorted { $0.clock < $1.clock } }

    /// The clocks that must be written.
    var dirty: [CaseClock] { changed.sorted().compactMap { clocks[$0] } }

    /// The earliest deadline by which the work must be done or passed on; nil when no clock runs. A clock that a contact
    /// stops is not one of them: it has its own alerts.
    var due: Instant? {
        let answered = Set(type.clocks.filter(\.stopsAtContact).map(\.id))
        return clocks.values.filter { !answered.contains($0.clock) }.compactMap(\.dueAt).min()
    }

    /// The case is in `state` from now on: its step clock starts, and those that start or stop there do.
    ///
    /// Going back to be dispatched again stops nothing: what was used stays used, whoever refuses.
    mutating func enter(_ state: CaseType.State) {
        let round = (clocks[CaseClock.step]?.round ?? 0) + 1
        if let clock = state.clock {
            let (minutes, counting) = length(of: clock)
            put(CaseClock(CaseClock.step, round: round, minutes: minutes, counting, from: now, state.ladder, calendar))
        } else {
            stop(CaseClock.step)
        }
        for rule in type.clocks {
            if rule.stops.contains(state.id) { stop(rule.id) }
            guard rule.starts.contains(state.id), clocks[rule.id]?.isActive != true else { continue }
            let counting = facts.isUrgent ? .natural : rule.counting
            put(
                CaseClock(
                    rule.id, round: (clocks[rule.id]?.round ?? 0) + 1, minutes: minutes(rule), counting, from: now,
                    rule.ladder, calendar
                )
            )
        }
    }

    /// The case ends as part of another one: whatever counts stops.
    mutating func end() {
        for name in clocks.keys.sorted() { stop(name) }
    }

    /// The case is one of its own again: what `end` stopped at `moment` counts on, with the time since then.
    mutating func restart(from moment: Instant, in state: CaseType.State) {
        for (name, clock) in clocks.sorted(by: { $0.key < $1.key }) where clock.stoppedAt == moment {
            put(clock.restarted(from: moment, ladder(of: name, in: state), calendar))
        }
    }

    /// Somebody spoke with the reporter.
    mutating func contact() {
        for rule in type.clocks where rule.stopsAtContact { stop(rule.id) }
    }

    /// Elastic clocks stand still.
    mutating func pause(in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) { put(clock.paused(at: now, ladder, calendar)) }
    }

    /// Elastic clocks run again.
    mutating func resume(in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) where clock.running.isPaused {
            put(clock.resumed(at: now, ladder, calendar))
        }
    }

    /// Elastic clocks get more time.
    mutating func extend(minutes: Int, in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) {
            put(clock.extended(minutes: minutes, ladder, calendar))
        }
    }

    /// The deadline of the system the case came from moved: elastic clocks get the time it gave and stay before it.
    mutating func followCeiling(moreMinutes: Int, in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) { put(clock.extended(minutes: moreMinutes, ladder, calendar)) }
    }

    /// Nature, category or urgency were corrected: running clocks keep what was used and get their new length.
    mutating func correct(to new: Facts) {
        for rule in type.clocks {
            guard let clock = clocks[rule.id], clock.isActive else { continue }
            let before = minutes(rule)
            let after = rule.minutes(nature: new.nature, limit: new.limit, isUrgent: new.isUrgent)
            if before != after { put(clock.extended(minutes: after - before, rule.ladder, calendar)) }
        }
    }

    /// The next rung of a clock was climbed.
    mutating func climb(_ name: String, in state: CaseType.State) {
        if let clock = clocks[name] { put(clock.climbed(ladder(of: name, in: state), calendar)) }
    }

    /// A clock whose next rung is due.
    func dueRung() -> CaseClock? {
        clocks.values.filter { $0.isActive && ($0.nextRungAt.map { $0 <= now } ?? false) }
            .min { ($0.nextRungAt ?? now, $0.clock) < ($1.nextRungAt ?? now, $1.clock) }
    }

    /// The ladder of a clock.
    func ladder(of name: String, in state: CaseType.State) -> [CaseType.Rung] {
        name == CaseClock.step ? state.ladder : type.clocks.first { $0.id == name }?.ladder ?? []
    }

    private func elastic(in state: CaseType.State) -> [(CaseClock, [CaseType.Rung])] {
        var names = type.clocks.filter(\.isElastic).map(\.id)
        if state.clock?.isElastic == true { names.append(CaseClock.step) }
        return names.compactMap { name in
            clocks[name].flatMap { $0.isActive ? ($0, ladder(of: name, in: state)) : nil }
        }
    }

    /// How long the clock of a state is. Where work is done by an agreed day, it runs until that day, over or not.
    private func length(of clock: CaseType.Clock) -> (minutes: Int, RunningClock.Counting) {
        if clock.isElastic, let agreed = facts.agreed {
            return (max(0, Int((agreed.seconds(since: now) + 59) / 60)), .natural)
        }
        let usual: (minutes: Int, RunningClock.Counting) =
            facts.isUrgent ? (clock.urgentMinutes, .natural) : (clock.minutes, clock.kind)
        guard clock.isElastic, let due = facts.leadDue else { return usual }
        // An hour is left also where the whole is late: who helps cannot be late before they begin.
        let left = max(CaseClockwork.shortestPart, Int(due.seconds(since: now) / 60))
        let usualEnd = RunningClock(minutes: usual.minutes, usual.1, from: now).due(calendar)?.value
        return usualEnd.map { $0 <= now.adding(minutes: left) } ?? false ? usual : (left, .natural)
    }

    /// Minutes a part has at least. Configured here, no source.
    private static let shortestPart = 60

    private func minutes(_ rule: CaseClockRule) -> Int {
        rule.minutes(nature: facts.nature, limit: facts.limit, isUrgent: facts.isUrgent)
    }

    private mutating func stop(_ name: String) {
        guard let clock = clocks[name], clock.isActive else { return }
        put(clock.stopped(at: now, calendar))
    }

    /// A running elastic clock of the whole case never runs out after the ceiling.
    private func capped(_ clock: CaseClock) -> CaseClock {
        guard let ceiling = facts.ceiling, clock.isActive, !clock.running.isPaused,
            let rule = type.clocks.first(where: { $0.id == clock.clock }), rule.isElastic
        else { return clock }
        let beyond = clock.running.remaining(at: ceiling, calendar)
        guard beyond > 0 else { return clock }
        return clock.extended(minutes: -Int((beyond + 59_999) / 60_000), rule.ladder, calendar)
    }

    private mutating func put(_ clock: CaseClock) {
        clocks[clock.clock] = capped(clock)
        changed.insert(clock.clock)
    }
}
