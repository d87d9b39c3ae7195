import LinliCore
import LinliStandards

/// The clocks of one case while something happens with it: starts, stops, pauses and extends them as its type says, and
/// remembers which must be written.
struct CaseClockwork: Sendable {
    private let type: CaseType
    private var facts: Facts
    private let calendar: WorkingCalendar
    /// The moment of what happens with it.
    let now: Instant
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

    /// The clocks that were stopped just now.
    var ended: [CaseClock] { dirty.filter { $0.stoppedAt == now } }

    /// The clocks that must be written.
    var dirty: [CaseClock] { changed.sorted().compactMap { clocks[$0] } }

    /// The earliest deadline by which the work must be done or passed on; nil when no clock runs. A clock that a contact
    /// stops is not one of them: it has its own alerts. Neither is our own beside another system's deadline.
    var due: Instant? {
        let answered = Set(type.clocks.filter(\.stopsAtContact).map(\.id))
        return clocks.values.filter { !answered.contains($0.clock) && !isInternal($0.clock) }.compactMap(\.dueAt).min()
    }

    /// The case is in `state` from now on: its step clock starts, and those that start or stop there do.
    ///
    /// Going back to be dispatched again stops nothing: what was used stays used, whoever refuses.
    mutating func enter(_ state: CaseType.State) {
        let round = (clocks[CaseClock.step]?.round ?? 0) + 1
        // An order of another system runs from when it was sent to us there, whether we know already whose it is or not.
        let isArriving = facts.foreign != nil && clocks.isEmpty
        if let clock = state.clock {
            let (minutes, counting) = length(of: clock, in: state)
            put(CaseClock(CaseClock.step, round: round, minutes: minutes, counting, from: now, state.ladder, calendar))
        } else {
            stop(CaseClock.step)
        }
        for rule in type.clocks {
            let isAwaited = isAwaited(rule.id, in: state)
            if rule.stops.contains(state.id), !isAwaited { stop(rule.id) }
            let isStarted =
                isAwaited || rule.starts.contains(state.id) || (isArriving && !rule.stops.contains(state.id))
            guard isStarted, clocks[rule.id]?.isActive != true else { continue }
            let start = start(of: rule.id)
            let counting = rule.counting(limit: facts.limit, isUrgent: facts.isUrgent)
            put(
                CaseClock(
                    rule.id, round: (clocks[rule.id]?.round ?? 0) + 1, minutes: minutes(rule), counting, from: start,
                    rule.ladder, calendar
                )
            )
        }
        signInTime(in: state)
    }

    /// Whether a clock runs in `state` whatever the type says: the deadline of another system and our own before it, while
    /// that one waits for our reply and the work is to be done again, is reviewed or has nobody yet.
    private func isAwaited(_ name: String, in state: CaseType.State) -> Bool {
        guard let foreign = facts.foreign, !foreign.isAnswered, let clock = clocks[name], !state.isFinal,
            state.owner != .reporter, state.owner != .checker,
            name == type.workClock || type.internalClocks.contains(name)
        else { return false }
        return foreign.holds(from: clock.isActive ? clock.startedAt : start(of: name))
    }

    /// When a clock that is started now begins: with an order when that was sent to us there, also once more.
    private func start(of name: String) -> Instant {
        guard let sent = facts.foreign?.sentAt, sent < now else { return now }
        guard let clock = clocks[name] else { return sent }
        return clock.stoppedAt.map { $0 < sent ? sent : now } ?? now
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

    /// Elastic clocks stand still; the deadline of another system does not.
    mutating func pause(in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) where !isOfficial(clock.clock) {
            put(clock.paused(at: now, ladder, calendar))
        }
    }

    /// Elastic clocks run again, from now on or from when their pause was over.
    mutating func resume(in state: CaseType.State, from moment: Instant? = nil) {
        for (clock, ladder) in elastic(in: state) where clock.running.isPaused {
            put(clock.resumed(at: moment ?? now, ladder, calendar))
        }
    }

    /// Elastic clocks get more time; only who set it moves the deadline of another system.
    mutating func extend(minutes: Int, in state: CaseType.State) {
        for (clock, ladder) in elastic(in: state) where !isOfficial(clock.clock) {
            put(clock.extended(minutes: minutes, ladder, calendar))
        }
    }

    /// The deadline of the system the case came from moved: the clock that is that deadline says so at once, and our own
    /// get the time it gave and stay before it.
    mutating func followForeign(moreMinutes: Int, in state: CaseType.State) {
        if let name = type.workClock, let clock = clocks[name], clock.isActive {
            // What was overdue and is not any more has its rungs before it again.
            let isOpenAgain = clock.rung > 0 && (facts.foreign?.due.map { $0 > now } ?? false)
            put(isOpenAgain ? clock.begunAgain(ladder(of: name, in: state), calendar) : clock)
        }
        for (clock, ladder) in elastic(in: state) where clock.clock != type.workClock {
            if clock.clock == CaseClock.step, let due = facts.foreign?.due, isOfficial(clock.clock) {
                put(clock.ending(at: due, ladder, calendar))
            } else {
                put(clock.extended(minutes: moreMinutes, ladder, calendar))
            }
        }
        let before = clocks
        for rule in type.clocks where rule.stopsAtContact {
            let counting = rule.counting(limit: facts.limit, isUrgent: facts.isUrgent)
            regain(rule.id, (minutes(rule), counting), rule.ladder)
        }
        if let length = state.clock, !length.isElastic, facts.agreed == nil {
            regain(CaseClock.step, usual(length, state), state.ladder)
        }
        signInTime(in: state)
        reopen(type.clocks.filter(\.stopsAtContact).map(\.id) + [CaseClock.step], since: before, in: state)
    }

    /// What runs out later than it did `before` rings again: its rungs were climbed for an end that holds no more.
    private mutating func reopen(_ names: [String], since before: [String: CaseClock], in state: CaseType.State) {
        for name in names {
            guard let old = before[name], let clock = clocks[name], clock.isActive, old.rung > 0, let was = old.dueAt,
                let end = clock.dueAt, end > was, end > now
            else { continue }
            let ladder = self.ladder(of: name, in: state)
            // By the end as it is now: the first word has its rungs by when it was known here.
            put(clock.begunAgain(ladder, calendar))
            // What is behind it also by the new end was rung once and is not again.
            while let again = clocks[name], again.rung < old.rung, again.nextRungAt.map({ $0 <= now }) ?? false {
                put(again.climbed(ladder, calendar))
            }
        }
    }

    /// Nature, category or urgency were corrected: running clocks keep what was used and get their new length. What
    /// becomes urgent has its urgent time from now on, around the clock, and never more than it had; what is urgent no
    /// longer counts again as if it had never been.
    mutating func correct(in state: CaseType.State, _ change: (inout Facts) -> Void) {
        let old = facts
        change(&facts)
        defer { signInTime(in: state) }
        let isTurned = old.isUrgent != facts.isUrgent
        for rule in type.clocks {
            guard let clock = clocks[rule.id], clock.isActive else { continue }
            let after = minutes(rule)
            if isTurned {
                let counting = rule.counting(limit: facts.limit, isUrgent: facts.isUrgent)
                turn(clock, to: after, counting, rule.ladder)
            } else {
                let before = rule.minutes(nature: old.nature, limit: old.limit, isUrgent: old.isUrgent)
                // Time that was given stays given; what another system's deadline took off is taken off anew.
                let whole = after + max(0, clock.budgetMinutes - before)
                if before != after { put(clock.extended(minutes: whole - clock.budgetMinutes, rule.ladder, calendar)) }
            }
        }
        guard let length = state.clock, let clock = clocks[CaseClock.step], clock.isActive else { return }
        let own = self.length(of: length, in: state)
        if isTurned {
            guard !length.isElastic || (facts.agreed == nil && !isOfficial(CaseClock.step)) else { return }
            turn(clock, to: own.minutes, own.1, state.ladder)
        } else if (old.limit == .hours2) != (facts.limit == .hours2), isToSign(length, state), facts.agreed == nil {
            put(clock.calmed(minutes: own.minutes, own.1, state.ladder, calendar))
        }
    }

    /// Whether a state is where its unit signs for a case, by a time that work does not lengthen.
    private func isToSign(_ clock: CaseType.Clock, _ state: CaseType.State) -> Bool {
        state.owner == .handler && !clock.isElastic && !facts.isUrgent
    }

    /// The length of the clock of a state by urgency and class alone. What must be over in two hours around the clock
    /// does not wait until Monday to be signed for.
    private func usual(
        _ clock: CaseType.Clock, _ state: CaseType.State
    ) -> (minutes: Int, RunningClock.Counting) {
        if facts.isUrgent { return (clock.urgentMinutes, .natural) }
        guard let limit = facts.limit, limit == .hours2, isToSign(clock, state) else {
            return (clock.minutes, clock.kind)
        }
        return (min(clock.minutes, limit.hours * 60), .natural)
    }

    private mutating func turn(
        _ clock: CaseClock, to minutes: Int, _ counting: RunningClock.Counting, _ ladder: [CaseType.Rung]
    ) {
        if facts.isUrgent { return put(clock.hurried(minutes: minutes, at: now, ladder, calendar)) }
        // What was over already when it became urgent was left as it was, and its rungs are behind it.
        guard clock.isHurried || clock.budgetMinutes < minutes else { return }
        put(clock.calmed(minutes: minutes, counting, ladder, calendar))
    }

    /// The date the work is to be done by moved: its clock runs until then, whatever was used, and who is still to take it
    /// has no longer than that either. What the old date had cut off its own time comes back, and rungs that were climbed
    /// for it stand before the new one again.
    mutating func redate(to day: Instant, in state: CaseType.State) {
        facts.agreed = day
        guard state.owner == .handler, let length = state.clock, let clock = clocks[CaseClock.step], clock.isActive
        else { return }
        let ending = clock.ending(at: day, state.ladder, calendar)
        let cut = clock.rung > 0 ? ending.begunAgain(state.ladder, calendar) : ending
        if length.isElastic { return put(cut) }
        let again = usual(length, state)
        let own = facts.isUrgent ? clock : clock.calmed(minutes: again.minutes, again.1, state.ladder, calendar)
        let isLonger = own.dueAt.map { $0 > day } ?? false
        let moved = isLonger ? cut : own
        if moved.dueAt != clock.dueAt { put(moved) }
    }

    /// The next rung of a clock was climbed.
    mutating func climb(_ name: String, in state: CaseType.State) {
        if let clock = clocks[name] { put(clock.climbed(ladder(of: name, in: state), calendar)) }
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

    /// How long the clock of a state is. Where work is done by an agreed day, it runs until that day, over or not, and who
    /// is to take it has no longer either; where another system's deadline is still ahead, until that.
    private func length(
        of clock: CaseType.Clock, in state: CaseType.State
    ) -> (minutes: Int, RunningClock.Counting) {
        let ahead = facts.foreign.flatMap { $0.holds(from: now) ? $0.due : nil }
        if clock.isElastic, let day = facts.agreed ?? ahead {
            return (max(0, Int((day.seconds(since: now) + 59) / 60)), .natural)
        }
        let own = usual(clock, state)
        if state.owner == .handler, let day = facts.agreed, day > now {
            return shorter(own, Int((day.seconds(since: now) + 59) / 60))
        }
        guard clock.isElastic, let due = facts.leadDue else { return own }
        // An hour is left also where the whole is late: who helps cannot be late before they begin.
        return shorter(own, max(CaseClockwork.shortestPart, Int(due.seconds(since: now) / 60)))
    }

    /// A length, unless so many minutes around the clock are over first.
    private func shorter(
        _ usual: (minutes: Int, RunningClock.Counting), _ left: Int
    ) -> (minutes: Int, RunningClock.Counting) {
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

    /// What a rung does: where the deadline of another system holds, our own earlier clocks remind and raise nothing. An
    /// urgent case is supervised by them still: danger does not wait for the day it is due there.
    func action(of rung: CaseType.Rung, _ name: String) -> CaseType.Rung.Action {
        guard isInternal(name) else { return rung.action }
        return facts.isUrgent && rung.action == .supervise ? .supervise : .remind
    }

    /// Whether a clock is the deadline of the system the case came from.
    private func isOfficial(_ name: String) -> Bool {
        guard let foreign = facts.foreign, let clock = clocks[name], foreign.holds(from: clock.startedAt) else {
            return false
        }
        return name == type.workClock || name == CaseClock.step
    }

    /// Whether a clock is our own earlier deadline beside that of another system.
    private func isInternal(_ name: String) -> Bool {
        guard let foreign = facts.foreign, let clock = clocks[name], foreign.holds(from: clock.startedAt) else {
            return false
        }
        return type.internalClocks.contains(name)
    }

    /// As the deadline of another system wants it: the clock of the work runs out when that does, our own never after
    /// our lead before it, and not before there was time for it here.
    private func aligned(_ clock: CaseClock) -> CaseClock {
        if type.clocks.contains(where: { $0.id == clock.clock && $0.stopsAtContact }) { return spoken(clock) }
        guard let foreign = facts.foreign, let due = foreign.due, clock.isActive, foreign.holds(from: clock.startedAt)
        else { return clock }
        if clock.clock == type.workClock { return clock.ending(at: due, ladder(clock), calendar) }
        // The elastic clock of a state gets its length where the state is known.
        guard type.internalClocks.contains(clock.clock), !clock.running.isPaused, let own = foreign.own else {
            return clock
        }
        if let end = clock.dueAt, let least = earliestEnd(of: clock, foreign, due), end < least {
            return clock.ending(at: least, ladder(clock), calendar)
        }
        let beyond = clock.running.remaining(at: own, calendar)
        guard beyond > 0 else { return clock }
        return clock.extended(minutes: -Int((beyond + 59_999) / 60_000), ladder(clock), calendar)
    }

    /// The first word as an order wants it: never later than the work itself is due there.
    private func spoken(_ clock: CaseClock) -> CaseClock {
        guard let foreign = facts.foreign, clock.isActive else { return clock }
        var word = clock
        if let due = foreign.due, foreign.holds(from: clock.startedAt), let end = clock.dueAt, end > due {
            word = clock.ending(at: due, ladder(clock), calendar)
        }
        let known = foreign.known(since: clock.startedAt)
        guard clock.startedAt < known else { return word }
        // Until when the first word is in time goes by when it was sent there. Who has to say it is rung within what was
        // left of that here; what was late already does not ring at once for each of a sheet of orders.
        return word.heard(from: known, ladder(clock), calendar)
    }

    /// Who is to sign for an order, or to find who does, has no longer than until our own deadline of the whole, or theirs
    /// where ours is over; what came when nothing was left has its own time.
    private mutating func signInTime(in state: CaseType.State) {
        guard let length = state.clock, !length.isElastic, state.owner == .handler || state.owner == .dispatcher,
            let clock = clocks[CaseClock.step], let end = clock.dueAt, let foreign = facts.foreign,
            foreign.holds(from: clock.startedAt)
        else { return }
        let ours = clocks.values.filter { isInternal($0.clock) }.compactMap(\.dueAt).min() ?? foreign.own
        guard let last = [ours, foreign.due].compactMap({ $0 }).first(where: { $0 > now }), last < end else { return }
        put(clock.ending(at: last, state.ladder, calendar))
    }

    /// What the deadline there had cut off of a clock comes back when that moved.
    private mutating func regain(
        _ name: String, _ whole: (minutes: Int, RunningClock.Counting), _ ladder: [CaseType.Rung]
    ) {
        guard let clock = clocks[name], let due = clock.dueAt, !clock.isHurried else { return }
        let end = RunningClock(minutes: whole.minutes, whole.1, from: clock.startedAt).due(calendar)?.value
        put(end.map { due < $0 ? clock.ending(at: $0, ladder, calendar) : clock } ?? clock)
    }

    /// When one of our own clocks beside that deadline runs out at the earliest: it has its own length from when the order
    /// was here, but no more than half of what was left then. Urgency gives none of them more than they have without it.
    private func earliestEnd(of clock: CaseClock, _ foreign: ForeignClock, _ due: Instant) -> Instant? {
        guard let rule = type.clocks.first(where: { $0.id == clock.clock }) else { return nil }
        let taken = foreign.taken(since: clock.startedAt)
        let usual = rule.minutes(nature: facts.nature, limit: facts.limit, isUrgent: false)
        let counting = rule.counting(limit: facts.limit, isUrgent: facts.isUrgent)
        let whole = RunningClock(minutes: min(minutes(rule), usual), counting, from: taken).due(calendar)?.value
        return whole.map { min($0, ForeignClock.half(of: due, from: taken)) }
    }

    private func ladder(_ clock: CaseClock) -> [CaseType.Rung] {
        type.clocks.first { $0.id == clock.clock }?.ladder ?? []
    }

    private mutating func put(_ clock: CaseClock) {
        clocks[clock.clock] = aligned(clock)
        changed.insert(clock.clock)
    }
}
