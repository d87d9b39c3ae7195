import LinliCore

extension WorkingCalendar {
    /// The moment when `minutes` of working time have passed since `start`.
    ///
    /// A clock that runs out exactly at closing time ends then, not the next morning. 0 or less gives `start`.
    package func deadline(from start: Instant, workingMinutes minutes: Int) -> Reckoned<Instant> {
        deadline(from: start, workingMilliseconds: Int64(minutes) * 60_000)
    }

    /// The moment when `milliseconds` of working time have passed since `start`; see above.
    package func deadline(from start: Instant, workingMilliseconds milliseconds: Int64) -> Reckoned<Instant> {
        var left = milliseconds
        guard left > 0 else { return Reckoned(value: start, calendarUnknown: false) }
        var day = start.date
        var calendarUnknown = false
        while true {
            if !knows(day) { calendarUnknown = true }
            if isWorkingDay(day) {
                for span in hours.spans {
                    let (from, to) = moments(of: span, on: day)
                    let begin = max(from, start)
                    let available = to.milliseconds - begin.milliseconds
                    if left <= available {
                        let end = Instant(milliseconds: begin.milliseconds + left)
                        return Reckoned(value: end, calendarUnknown: calendarUnknown)
                    }
                    left -= max(available, 0)
                }
            }
            day = day.adding(days: 1)
        }
    }

    /// Full minutes of working time between two moments; 0 when `end` is not later.
    package func workingMinutes(from start: Instant, to end: Instant) -> Reckoned<Int> {
        let spent = workingMilliseconds(from: start, to: end)
        return Reckoned(value: Int(spent.value / 60_000), calendarUnknown: spent.calendarUnknown)
    }

    /// Milliseconds of working time between two moments; 0 when `end` is not later.
    package func workingMilliseconds(from start: Instant, to end: Instant) -> Reckoned<Int64> {
        guard start < end else { return Reckoned(value: 0, calendarUnknown: false) }
        var total: Int64 = 0
        var calendarUnknown = false
        var day = start.date
        let last = end.date
        while day <= last {
            if !knows(day) { calendarUnknown = true }
            if isWorkingDay(day) {
                for span in hours.spans {
                    let (from, to) = moments(of: span, on: day)
                    total += max(0, min(to, end).milliseconds - max(from, start).milliseconds)
                }
            }
            day = day.adding(days: 1)
        }
        return Reckoned(value: total, calendarUnknown: calendarUnknown)
    }

    /// The next moment at which working time runs: `moment` itself when it does then.
    package func nextWorkingTime(_ moment: Instant) -> Instant {
        var day = moment.date
        while true {
            if isWorkingDay(day) {
                for span in hours.spans {
                    let (from, to) = moments(of: span, on: day)
                    if moment < to { return max(moment, from) }
                }
            }
            day = day.adding(days: 1)
        }
    }

    /// The last stretch in which nobody was at work: from the end of a working day to the beginning of the next one, or to
    /// `moment` while it lasts.
    package func lastRest(before moment: Instant) -> (from: Instant, until: Instant) {
        guard let last = hours.spans.last else { return (moment, moment) }
        var day = moment.date
        while !isWorkingDay(day) || moments(of: last, on: day).to > moment { day = day.adding(days: -1) }
        let from = moments(of: last, on: day).to
        return (from, min(moment, nextWorkingTime(from)))
    }

    /// Whether working time runs at a moment.
    package func isWorkingTime(_ moment: Instant) -> Bool {
        let minute = moment.secondOfDay / 60
        return isWorkingDay(moment.date) && hours.spans.contains { minute >= $0.start && minute < $0.end }
    }

    private func moments(of span: DutyHours.Span, on day: CivilDate) -> (from: Instant, to: Instant) {
        let midnight = Instant(day)
        return (midnight.adding(minutes: span.start), midnight.adding(minutes: span.end))
    }
}
