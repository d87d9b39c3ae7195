import LinliCore
import LinliSQL
import LinliStandards

/// A clock of a case as it is stored: that of its present state, or one that runs across states.
package struct CaseClock: Sendable {
    /// The name of the clock every state has.
    package static let step = "step"

    /// `step`, or the name of a rule of its type.
    package let clock: String
    /// Counts how often it was started again: each round has its own rungs.
    package let round: Int
    /// Its whole time with what was given, in minutes.
    package let budgetMinutes: Int
    /// When this round began.
    package let startedAt: Instant
    /// How it stands.
    package let running: RunningClock
    /// When it runs out; nil while it stands still or when it was stopped.
    package let dueAt: Instant?
    /// When it was stopped; nil while it counts.
    package let stoppedAt: Instant?
    /// Whether it was stopped after it had run out.
    package let isLate: Bool
    /// How many rungs of its ladder were climbed in this round.
    package let rung: Int
    /// When the next one is due; nil for none.
    package let nextRungAt: Instant?

    /// Whether it counts, running or paused.
    package var isActive: Bool { stoppedAt == nil }

    /// When it runs out; of one that was stopped, when it would have: what is kept of it says so still.
    package func end(_ calendar: WorkingCalendar) -> Instant? {
        stoppedAt.map { running.resumed(at: $0).due(calendar)?.value } ?? dueAt
    }

    static let columns: SQL = """
        k.clock, k.round, k.counting, k.budget_minutes, k.started_at, k.left_ms, k.running_since, k.due_at, k.stopped_at,
        k.is_late, k.rung, k.next_rung_at, k.stretches
        """

    init(_ row: Row) throws {
        clock = try row[0]
        round = try row[1]
        budgetMinutes = try row[3]
        startedAt = try row[4]
        let counting: String = try row[2]
        running = RunningClock(
            counting: RunningClock.Counting(rawValue: counting) ?? .natural, left: try row[5], since: try row[6],
            past: CaseClock.stretches(try row[12])
        )
        dueAt = try row[7]
        stoppedAt = try row[8]
        isLate = try row[9]
        rung = try row[10]
        nextRungAt = try row[11]
    }

    private init(
        _ old: CaseClock, round: Int? = nil, budgetMinutes: Int? = nil, running: RunningClock? = nil,
        stoppedAt: Instant? = nil, isLate: Bool? = nil, rung: Int? = nil, rungFrom heard: Instant? = nil,
        _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar
    ) {
        let isStopped = stoppedAt != nil
        let (minutes, counted) = (budgetMinutes ?? old.budgetMinutes, running ?? old.running)
        let (length, rungs) = heard.map { CaseClock.heard(counted, minutes, at: $0, calendar) } ?? (minutes, counted)
        let next = rung ?? old.rung
        clock = old.clock
        self.round = round ?? old.round
        startedAt = old.startedAt
        self.budgetMinutes = minutes
        self.running = counted
        self.stoppedAt = stoppedAt
        self.isLate = isLate ?? old.isLate
        self.rung = next
        dueAt = isStopped ? nil : counted.due(calendar)?.value
        nextRungAt = isStopped ? nil : CaseClock.moment(of: next, ladder, length, rungs, calendar)
    }

    /// The stretches before the present one as they are stored, `began+used` in milliseconds; nil for none.
    var stretches: String? {
        running.past.isEmpty
            ? nil : running.past.map { "\($0.since.milliseconds)+\($0.used)" }.joined(separator: " ")
    }

    private static func stretches(_ text: String?) -> [RunningClock.Stretch] {
        (text ?? "").split(separator: " ").compactMap { part in
            let numbers = part.split(separator: "+").compactMap { Int64($0) }
            guard numbers.count == 2 else { return nil }
            return RunningClock.Stretch(since: Instant(milliseconds: numbers[0]), used: numbers[1])
        }
    }

    /// A clock that starts at `start`.
    init(
        _ clock: String, round: Int, minutes: Int, _ counting: RunningClock.Counting, from start: Instant,
        _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar
    ) {
        self.clock = clock
        self.round = round
        budgetMinutes = minutes
        startedAt = start
        running = RunningClock(minutes: minutes, counting, from: start)
        dueAt = running.due(calendar)?.value
        stoppedAt = nil
        isLate = false
        rung = 0
        nextRungAt = CaseClock.moment(of: 0, ladder, minutes, running, calendar)
    }

    /// Stopped at `now`, late or in time.
    func stopped(at now: Instant, _ calendar: WorkingCalendar) -> CaseClock {
        let rest = running.remaining(at: now, calendar)
        return CaseClock(
            self, running: running.paused(at: now, calendar), stoppedAt: now, isLate: rest < 0, [], calendar
        )
    }

    /// Standing still from `now` on.
    func paused(at now: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, running: running.paused(at: now, calendar), ladder, calendar)
    }

    /// Running again from `now` on.
    func resumed(at now: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, running: running.resumed(at: now), ladder, calendar)
    }

    /// Counting again, as if it had not been stopped at `moment`: the time since then counts.
    func restarted(from moment: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, running: running.resumed(at: moment), isLate: false, ladder, calendar)
    }

    /// With more time, or less.
    func extended(minutes: Int, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(
            self, budgetMinutes: budgetMinutes + minutes, running: running.extended(minutes: minutes), ladder, calendar
        )
    }

    /// Running out at `due`, around the clock, whatever was used.
    func ending(at due: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        let span = due.milliseconds - startedAt.milliseconds
        return CaseClock(
            self, budgetMinutes: Int((span + 59_999) / 60_000),
            running: RunningClock(counting: .natural, left: span, since: startedAt), ladder, calendar
        )
    }

    /// With `minutes` from `now` on, around the clock, and never more than it had; its ladder begins again. What is over
    /// already stays as late as it is.
    func hurried(
        minutes: Int, at now: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar
    ) -> CaseClock {
        let had = dueAt.map { $0.milliseconds - now.milliseconds } ?? .max
        guard had > 0 else { return self }
        let left = min(Int64(minutes) * 60_000, had)
        return CaseClock(
            self, round: round + 1, budgetMinutes: Int((left + 59_999) / 60_000),
            running: RunningClock(counting: .natural, left: left, since: now), rung: 0, ladder, calendar
        )
    }

    /// Whether its time was cut when it became urgent: it counts from then on, and not from its start.
    var isHurried: Bool { (running.past.first?.since ?? running.since).map { $0 > startedAt } ?? false }

    /// With `minutes` from its start on, as if it had never been hurried; its ladder begins again, without the rungs that
    /// were due before it was hurried: they were climbed then. What stood still before that is not given back: who
    /// supervises may grant more time.
    func calmed(
        minutes: Int, _ counting: RunningClock.Counting, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar
    ) -> CaseClock {
        let running = RunningClock(minutes: minutes, counting, from: startedAt)
        let hurriedAt = self.running.past.first?.since ?? self.running.since ?? startedAt
        var climbed = 0
        while let moment = CaseClock.moment(of: climbed, ladder, minutes, running, calendar), moment < hurriedAt {
            climbed += 1
        }
        return CaseClock(
            self, round: round + 1, budgetMinutes: minutes, running: running, rung: climbed, ladder, calendar)
    }

    /// With all its rungs before it again.
    func begunAgain(_ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, round: round + 1, rung: 0, ladder, calendar)
    }

    /// Its rungs for who knows of it since `moment`: within what was left then, or, where it was over, as if it had begun
    /// then. When it runs out stays as it is.
    func heard(from moment: Instant, _ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, rungFrom: moment, ladder, calendar)
    }

    /// The minutes and the clock by which rungs are reckoned for who knows of `running` since `moment`.
    private static func heard(
        _ running: RunningClock, _ minutes: Int, at moment: Instant, _ calendar: WorkingCalendar
    ) -> (Int, RunningClock) {
        let whole = Int64(minutes) * 60_000
        guard let begun = running.past.first?.since ?? running.since, begun < moment else { return (minutes, running) }
        let left: Int64 = RunningClock(counting: running.counting, left: whole, since: begun)
            .remaining(at: moment, calendar)
        // What is left runs out when the clock does, so it is the same clock with a shorter whole.
        return left > 0 ? (Int(left / 60_000), running) : (minutes, running.begun(at: moment, calendar))
    }

    /// With one rung more behind it.
    func climbed(_ ladder: [CaseType.Rung], _ calendar: WorkingCalendar) -> CaseClock {
        CaseClock(self, rung: rung + 1, ladder, calendar)
    }

    /// When a rung is due, counted from 0: those of the ladder, then the last one again and again if it repeats. Nil for
    /// no such rung and while the clock stands still.
    static func moment(
        of rung: Int, _ ladder: [CaseType.Rung], _ budgetMinutes: Int, _ running: RunningClock,
        _ calendar: WorkingCalendar
    ) -> Instant? {
        guard let (step, repeats) = place(of: rung, in: ladder) else { return nil }
        let budget = Int64(budgetMinutes) * 60_000
        let rest =
            step.percent.map { budget - budget * Int64($0) / 100 }
            ?? -Int64(step.overdueMinutes + repeats * (step.everyMinutes ?? 0)) * 60_000
        return running.moment(rest: rest, calendar)?.value
    }

    /// The step of a ladder a rung belongs to, and how often it was climbed before.
    static func place(of rung: Int, in ladder: [CaseType.Rung]) -> (step: CaseType.Rung, repeats: Int)? {
        if rung < ladder.count { return (ladder[rung], 0) }
        guard let last = ladder.last, last.everyMinutes != nil else { return nil }
        return (last, rung - ladder.count + 1)
    }
}

extension CaseView {
    /// The state whose end its deadline is about: the one it is in, unless the work itself has to be done before that is
    /// over. Then nobody is told to sign for it by the moment at which all of it must be done.
    package var dueState: CaseType.State {
        let step = clocks.first { $0.clock == CaseClock.step && $0.isActive }?.dueAt
        let owners: [CaseType.Performer?] = [.dispatcher, .handler, .arbiter]
        let isBefore = owners.contains(state.owner) && state.clock?.isElastic == false
        guard isBefore, let step, item.dueAt < step else { return state }
        return type.states.first { $0.owner == .handler && $0.clock?.isElastic == true } ?? state
    }
}

/// What a clock was when a round of it ended.
package struct CaseClockEnd: Sendable {
    package let clock: String
    package let round: Int
    package let counting: RunningClock.Counting
    /// Its whole time, in minutes.
    package let budgetMinutes: Int
    package let startedAt: Instant
    /// When it would have run out.
    package let dueAt: Instant?
    package let stoppedAt: Instant
    package let isLate: Bool

    /// The rounds of the clocks of a case that ended, since they are kept.
    package static func all(of id: ID<Case>, _ tx: ReadTx) throws -> [CaseClockEnd] {
        try tx.all(
            """
            SELECT clock, round, counting, budget_minutes, started_at, due_at, stopped_at, is_late FROM case_clock_end
            WHERE case_id = \(id) ORDER BY stopped_at, clock, round LIMIT 200
            """
        ) { row in
            let counting: String = try row[2]
            return CaseClockEnd(
                clock: try row[0], round: try row[1],
                counting: RunningClock.Counting(rawValue: counting) ?? .natural, budgetMinutes: try row[3],
                startedAt: try row[4], dueAt: try row[5], stoppedAt: try row[6], isLate: try row[7])
        }
    }
}

/// Every SQL text about clocks.
enum CaseClocksStore {
    /// The clocks of a case.
    static func all(_ id: ID<Case>, _ tx: ReadTx) throws -> [CaseClock] {
        try tx.all("SELECT \(CaseClock.columns) FROM case_timer k WHERE k.case_id = \(id) ORDER BY k.clock") {
            try CaseClock($0)
        }
    }

    /// Writes clocks of a case, new or changed, in one statement: there are never more than a handful.
    static func save(_ clocks: [CaseClock], of id: ID<Case>, _ tx: WriteTx) throws {
        guard !clocks.isEmpty else { return }
        let rows = clocks.map { clock -> SQL in
            """
            (\(id), \(clock.clock), \(clock.round), \(clock.running.counting.rawValue), \(clock.budgetMinutes),
                \(clock.startedAt), \(clock.running.left), \(clock.running.since), \(clock.dueAt),
                \(clock.stoppedAt), \(clock.isLate), \(clock.rung), \(clock.nextRungAt), \(clock.stretches))
            """
        }
        try tx.execute(
            """
            INSERT INTO case_timer (case_id, clock, round, counting, budget_minutes, started_at, left_ms, running_since,
                due_at, stopped_at, is_late, rung, next_rung_at, stretches)
            VALUES \(SQL.joined(rows, separator: ", "))
            ON CONFLICT (case_id, clock) DO UPDATE SET round = excluded.round, counting = excluded.counting,
                budget_minutes = excluded.budget_minutes, started_at = excluded.started_at,
                left_ms = excluded.left_ms, running_since = excluded.running_since, due_at = excluded.due_at,
                stopped_at = excluded.stopped_at, is_late = excluded.is_late, rung = excluded.rung,
                next_rung_at = excluded.next_rung_at, stretches = excluded.stretches
            """
        )
    }

    /// Keeps what rounds that ended were: the clock itself is soon that of the next one.
    static func keepEnds(_ clocks: [CaseClock], of id: ID<Case>, _ calendar: WorkingCalendar, _ tx: WriteTx) throws {
        let ended = clocks.filter { $0.clock != CaseClock.step }
        guard !ended.isEmpty else { return }
        let rows = ended.map { clock -> SQL in
            """
            (\(id), \(clock.clock), \(clock.round), \(clock.running.counting.rawValue), \(clock.budgetMinutes),
                \(clock.startedAt), \(clock.end(calendar)), \(clock.stoppedAt), \(clock.isLate))
            """
        }
        try tx.execute(
            """
            INSERT INTO case_clock_end (case_id, clock, round, counting, budget_minutes, started_at, due_at, stopped_at,
                is_late)
            VALUES \(SQL.joined(rows, separator: ", "))
            ON CONFLICT (case_id, clock, round) DO UPDATE SET counting = excluded.counting,
                budget_minutes = excluded.budget_minutes, started_at = excluded.started_at,
                due_at = excluded.due_at, stopped_at = excluded.stopped_at, is_late = excluded.is_late
            """
        )
    }

    /// Cases with a rung that is due, what waited longest first.
    static func due(at now: Instant, limit: Int, _ tx: ReadTx) throws -> [ID<Case>] {
        try tx.all(
            """
            SELECT case_id FROM case_timer t WHERE next_rung_at IS NOT NULL AND next_rung_at <= \(now)\
            \(JobRound.isAwake("cases.escalate", "t.case_id", at: now))
            ORDER BY next_rung_at LIMIT \(limit)
            """
        ) { try $0[0] }
    }
}
