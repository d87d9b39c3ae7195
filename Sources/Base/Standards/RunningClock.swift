import LinliCore

/// A deadline's clock as a value: how much time was left when its present stretch began, what counts, and since when.
///
/// It never looks at a watch: whoever asks gives the moment. A moment before the stretch began (the system clock went
/// back) counts as its beginning, so time that was used is never given back and none is counted twice.
package struct RunningClock: Sendable, Hashable {
    /// What counts as time.
    package enum Counting: String, Sendable, CaseIterable {
        /// Around the clock.
        case natural
        /// Only duty hours of working days.
        case working
    }

    /// What counts.
    package let counting: Counting
    /// Milliseconds left when the present stretch began, or while it stands still; below 0 when overdue.
    package private(set) var left: Int64
    /// When the present stretch began; nil while the clock stands still.
    package private(set) var since: Instant?
    /// The stretches before it, in order: what ran out in one of them ran out then, however often the clock stood still
    /// after that.
    package private(set) var past: [Stretch]

    /// A stretch that is over.
    package struct Stretch: Sendable, Hashable {
        /// When it began.
        package let since: Instant
        /// Milliseconds of clock time that passed in it.
        package let used: Int64

        /// A stretch as it was stored.
        package init(since: Instant, used: Int64) {
            self.since = since
            self.used = used
        }
    }

    /// A clock as it was stored.
    package init(counting: Counting, left: Int64, since: Instant?, past: [Stretch] = []) {
        self.counting = counting
        self.left = left
        self.since = since
        self.past = past
    }

    /// A clock of `minutes` that starts now.
    package init(minutes: Int, _ counting: Counting, from start: Instant) {
        self.init(counting: counting, left: Int64(minutes) * 60_000, since: start)
    }

    /// Whether it stands still.
    package var isPaused: Bool { since == nil }

    /// When it runs out, or ran out; nil while it stands still.
    package func due(_ calendar: WorkingCalendar) -> WorkingCalendar.Reckoned<Instant>? {
        moment(rest: 0, calendar)
    }

    /// The moment when `left` is down to `rest` milliseconds; a negative rest is a moment after the deadline. Nil while
    /// it stands still, and the beginning of the first stretch for what had passed before.
    package func moment(rest: Int64, _ calendar: WorkingCalendar) -> WorkingCalendar.Reckoned<Instant>? {
        guard let since else { return nil }
        var (start, wanted) = (since, left - rest)
        for stretch in past.reversed() where wanted <= 0 {
            start = stretch.since
            wanted += stretch.used
        }
        return moment(wanted, after: start, calendar)
    }

    private func moment(
        _ milliseconds: Int64, after start: Instant, _ calendar: WorkingCalendar
    ) -> WorkingCalendar.Reckoned<Instant> {
        guard milliseconds > 0 else { return .init(value: start, calendarUnknown: false) }
        switch counting {
        case .natural:
            let moment = Instant(milliseconds: start.milliseconds + milliseconds)
            return .init(value: moment, calendarUnknown: false)
        case .working: return calendar.deadline(from: start, workingMilliseconds: milliseconds)
        }
    }

    /// Milliseconds of clock time left at `now`; below 0 when overdue.
    package func remaining(at now: Instant, _ calendar: WorkingCalendar) -> Int64 {
        guard let since, now > since else { return left }
        switch counting {
        case .natural: return left - (now.milliseconds - since.milliseconds)
        case .working: return left - calendar.workingMilliseconds(from: since, to: now).value
        }
    }

    /// The clock standing still from `now` on; one that stands still already is left as it is.
    package func paused(at now: Instant, _ calendar: WorkingCalendar) -> RunningClock {
        guard let since else { return self }
        let rest = remaining(at: now, calendar)
        return RunningClock(
            counting: counting, left: rest, since: nil, past: past + [Stretch(since: since, used: left - rest)])
    }

    /// The clock running again from `now` on; one that runs already is left as it is.
    package func resumed(at now: Instant) -> RunningClock {
        RunningClock(counting: counting, left: left, since: since ?? now, past: past)
    }

    /// The clock as if nothing of it had passed before `moment`: what was used until then is given back.
    package func begun(at moment: Instant, _ calendar: WorkingCalendar) -> RunningClock {
        var whole = left
        var kept: [Stretch] = []
        for stretch in past {
            // Only how much passed is asked here, whatever the length.
            let run = RunningClock(counting: counting, left: 0, since: stretch.since)
            let gone: Int64 = min(stretch.used, -run.remaining(at: moment, calendar))
            whole += gone
            kept.append(Stretch(since: max(stretch.since, moment), used: stretch.used - gone))
        }
        return RunningClock(counting: counting, left: whole, since: since.map { max($0, moment) }, past: kept)
    }

    /// The clock with more time, running or not.
    package func extended(minutes: Int) -> RunningClock {
        RunningClock(counting: counting, left: left + Int64(minutes) * 60_000, since: since, past: past)
    }
}
