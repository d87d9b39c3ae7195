import LinliCore
import LinliStandards
import Testing

/// Clocks against deadlines worked out by hand (`Clocks/cases.txt`).
@Suite("走着、停着、延期的时限")
struct RunningClockTests {
    private static let cases = (try? ClockTable.shared.get().cases) ?? []  // `table` reports why it cannot be read

    @Test("手算的表：至少 200 行，编号不重复，每行有依据和算法，每条规则用到")
    func table() throws {
        let table = try ClockTable.shared.get()
        #expect(table.cases.count >= 200)
        #expect(Set(table.cases.map(\.id)).count == table.cases.count)
        for row in table.cases {
            #expect(!row.rules.isEmpty && !row.reckoning.isEmpty, "\(row.id)")
            for rule in row.rules { #expect(table.rules[rule] != nil, "\(row.id) cites \(rule)") }
        }
        #expect(Set(table.cases.flatMap(\.rules)) == Set(table.rules.keys))
    }

    @Test("每一行都与手算的一致", arguments: cases)
    func handComputed(_ row: ClockCase) throws {
        let calendar = try WorkingCalendar.bundled(hours: row.hours)
        var clock = RunningClock(minutes: row.minutes, row.counting, from: row.start)
        for step in row.steps {
            switch step {
            case .pause(let moment): clock = clock.paused(at: moment, calendar)
            case .resume(let moment): clock = clock.resumed(at: moment)
            case .extend(let minutes): clock = clock.extended(minutes: minutes)
            case .remaining(let moment, let minutes):
                let left = clock.remaining(at: moment, calendar)
                #expect(left == Int64(minutes) * 60_000, "at \(moment.iso8601)")
            case .rest(let minutes, let moment):
                let found = clock.moment(rest: Int64(minutes) * 60_000, calendar)?.value
                #expect(found == moment, "\(found?.iso8601 ?? "") for \(minutes)")
            }
            // What is stored is all there is: a restart changes nothing.
            clock = RunningClock(
                counting: clock.counting, left: clock.left, since: clock.since, past: clock.past)
        }
        switch row.outcome {
        case .due(let moment, let calendarUnknown):
            let due = try #require(clock.due(calendar))
            #expect(due.value == moment, "\(due.value.iso8601)")
            #expect(due.calendarUnknown == calendarUnknown)
        case .stands(let minutes):
            #expect(clock.isPaused && clock.due(calendar) == nil)
            #expect(clock.left == Int64(minutes) * 60_000)
        }
    }

    @Test("从半路算起：那以前用掉的还回来，停过的还是停过；还没到那一刻的不变")
    func begun() throws {
        let calendar = try WorkingCalendar.bundled()
        let start = Instant(CivilDate(daysSinceEpoch: 20_780), hour: 8)
        let whole = RunningClock(minutes: 60, .natural, from: start)
        let later = start.adding(minutes: 45)
        #expect(whole.begun(at: later, calendar).due(calendar)?.value == start.adding(minutes: 105))
        #expect(whole.begun(at: start.adding(minutes: -5), calendar) == whole)
        // Twenty minutes, a pause of thirty, then on: of what passed, ten or all twenty are given back.
        let paused = whole.paused(at: start.adding(minutes: 20), calendar).resumed(at: start.adding(minutes: 50))
        let early = start.adding(minutes: 10)
        #expect(paused.begun(at: early, calendar).due(calendar)?.value == start.adding(minutes: 100))
        #expect(paused.begun(at: later, calendar).due(calendar)?.value == start.adding(minutes: 110))
    }

    /// The pauses of a row and the time it was given in all; nil when its clock stands still at the end or the system
    /// clock went back, which a walk over the minutes cannot express.
    private func walk(_ row: ClockCase) -> (minutes: Int, pauses: [Range<Instant>])? {
        var minutes = row.minutes
        var pauses: [Range<Instant>] = []
        var pausedAt: Instant?
        for step in row.steps {
            switch step {
            case .pause(let moment): pausedAt = pausedAt ?? moment
            case .resume(let moment):
                guard let from = pausedAt else { continue }
                if moment < from { return nil }
                pauses.append(from..<moment)
                pausedAt = nil
            case .extend(let more): minutes += more
            case .remaining, .rest: continue
            }
        }
        return pausedAt == nil && !row.rules.contains("back") ? (minutes, pauses) : nil
    }

    @Test("逐分钟数的计算器也得出手算的结果")
    func naiveAgreesWithTheTable() throws {
        var count = 0
        for row in try ClockTable.shared.get().cases {
            guard let (minutes, pauses) = walk(row), case .due(let expected, _) = row.outcome else { continue }
            let naive = try NaiveClock.bundled(hours: row.hours.spans.map { ($0.start, $0.end) })
            let isWorking = row.counting == .working
            let due = naive.due(start: row.start, minutes: minutes, isWorking: isWorking, pauses: pauses)
            #expect(due == expected, "\(row.id)")
            count += 1
        }
        #expect(count > 250)
    }

    @Test("随机停表、恢复、延期，与逐分钟数的计算器一毫秒不差", arguments: UInt64(1)...8)
    func agreesWithTheNaiveClock(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let duties = ["09:00-12:00,13:30-18:00", "08:30-11:30,14:00-17:30", "00:00-24:00", "18:00-24:00"]
        var (running, overdue, standing) = (0, 0, 0)
        for _ in 0..<50 {
            let hours = try #require(DutyHours(random.pick(duties)))
            let calendar = try WorkingCalendar.bundled(hours: hours)
            let naive = try NaiveClock.bundled(hours: hours.spans.map { ($0.start, $0.end) })
            let story = try ClockStory(&random, calendar)
            let later = story.now.adding(seconds: Int64.random(in: 0...200_000, using: &random))
            let isWorking = story.clock.counting == .working
            let used = naive.used(
                from: story.start,
                to: later,
                isWorking: isWorking,
                pauses: story.pauses + (story.pausedAt.map { [$0..<later] } ?? [])
            )
            let left = Int64(story.minutes) * 60_000 - used
            #expect(story.clock.remaining(at: later, calendar) == left, "\(story)")
            guard let due = story.clock.due(calendar) else {
                standing += 1
                continue
            }
            running += 1
            let found = naive.due(
                start: story.start,
                minutes: story.minutes,
                isWorking: isWorking,
                pauses: story.pauses
            )
            #expect(found == due.value, "\(story)")
            #expect((left < 0) == (due.value < later) || left == 0, "\(story)")
            if left < 0 { overdue += 1 }
            let stopped = story.clock.paused(at: later, calendar).resumed(at: later.adding(minutes: left > 0 ? 0 : 500))
            #expect(stopped.due(calendar) == due, "a stop of no length, or one after the end, moves \(story)")
        }
        #expect(running >= 10 && overdue >= 3 && standing >= 3)
    }
}

/// A clock with what happened to it at random.
private struct ClockStory {
    let start: Instant
    var clock: RunningClock
    /// All the time it was given.
    var minutes: Int
    var pauses: [Range<Instant>] = []
    var pausedAt: Instant?
    var now: Instant

    /// Starts somewhere in 2025 or 2026, early enough to end in them.
    init(_ random: inout SeededRandom, _ calendar: WorkingCalendar) throws {
        let first = try ClockCase.moment("2025-01-01 00:00")
        start = Instant(milliseconds: first.milliseconds + Int64.random(in: 0..<660 * 86_400_000, using: &random))
        minutes = Int.random(in: 0...random.pick([60, 480, 3000]), using: &random)
        clock = RunningClock(minutes: minutes, random.pick([.natural, .working, .working]), from: start)
        now = start
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let longest = random.pick([0, 1_800_000, 36_000_000, 260_000_000])
            now = Instant(milliseconds: now.milliseconds + Int64.random(in: 0...Int64(longest), using: &random))
            if Bool.random(using: &random) && Bool.random(using: &random) {
                let more = random.pick([0, 30, 240, 900])
                minutes += more
                clock = clock.extended(minutes: more)
            } else if let from = pausedAt {
                pauses.append(from..<now)
                pausedAt = nil
                clock = clock.resumed(at: now)
            } else {
                pausedAt = now
                clock = clock.paused(at: now, calendar)
            }
        }
    }
}
