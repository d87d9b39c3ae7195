import LinliCore

/// The independent check of ``RunningClock`` and ``WorkingCalendar``: a clock that walks minute by minute.
///
/// Deliberately slow and simple, for tests and for the benchmark that recounts every deadline. It has nothing in common
/// with what it checks but the text of the holiday table: own reading, own calendar, own counting. Keep it so.
package struct NaiveClock: Sendable {
    /// Days off and weekend days worked, in days since 1970-01-01.
    private var off: Set<Int> = []
    private var worked: Set<Int> = []
    /// Whether each minute of a working day counts.
    private var counts = [Bool](repeating: false, count: 1440)

    /// A clock for the holidays of a table that is known to be well formed, and duty hours as pairs of minutes after
    /// midnight, the second not included.
    package init(holidays: String, hours: [(Int, Int)]) {
        for line in holidays.split(whereSeparator: \.isNewline) {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
            guard cells.count >= 4, !cells[0].hasPrefix("#") else { continue }
            if cells[1] == "off" {
                for day in NaiveClock.day(cells[2])...NaiveClock.day(cells[3]) { off.insert(day) }
            } else if cells[1] == "work" {
                worked.insert(NaiveClock.day(cells[2]))
            }
        }
        for (start, end) in hours { for minute in start..<end { counts[minute] = true } }
    }

    /// A clock for the holidays this version came with.
    package static func bundled(hours: [(Int, Int)]) throws -> NaiveClock {
        NaiveClock(holidays: try standardData("holidays"), hours: hours)
    }

    /// When `minutes` have passed since `start` outside of the pauses; `start` when there are none to pass, nil when they
    /// have not passed after ten years.
    package func due(start: Instant, minutes: Int, isWorking: Bool, pauses: [Range<Instant>] = []) -> Instant? {
        var left = Int64(minutes) * 60_000
        if left <= 0 { return start }
        var moment = start.milliseconds
        while moment < start.milliseconds + 3653 * 86_400_000 {
            let next = step(from: moment, pauses)
            if runs(at: moment, isWorking, pauses) {
                if left <= next - moment { return Instant(milliseconds: moment + left) }
                left -= next - moment
            }
            moment = next
        }
        return nil
    }

    /// The milliseconds that count between two moments.
    package func used(from start: Instant, to end: Instant, isWorking: Bool, pauses: [Range<Instant>] = []) -> Int64 {
        var total: Int64 = 0
        var moment = start.milliseconds
        while moment < end.milliseconds {
            let next = min(step(from: moment, pauses), end.milliseconds)
            if runs(at: moment, isWorking, pauses) { total += next - moment }
            moment = next
        }
        return total
    }

    /// The next full minute, or an edge of a pause before it.
    private func step(from moment: Int64, _ pauses: [Range<Instant>]) -> Int64 {
        var next = (moment / 60_000 + 1) * 60_000
        for pause in pauses {
            if pause.lowerBound.milliseconds > moment { next = min(next, pause.lowerBound.milliseconds) }
            if pause.upperBound.milliseconds > moment { next = min(next, pause.upperBound.milliseconds) }
        }
        return next
    }

    private func runs(at moment: Int64, _ isWorking: Bool, _ pauses: [Range<Instant>]) -> Bool {
        for pause in pauses where pause.lowerBound.milliseconds <= moment && moment < pause.upperBound.milliseconds {
            return false
        }
        if !isWorking { return true }
        let beijingMinute = Int(moment / 60_000) + 8 * 60
        let day = beijingMinute / 1440
        // 1970-01-01 was a Thursday: 0 is Monday, 5 and 6 are the weekend.
        let weekday = (day + 3) % 7
        let isWorkingDay = worked.contains(day) || (weekday < 5 && !off.contains(day))
        return isWorkingDay && counts[beijingMinute % 1440]
    }

    /// The days from 1970-01-01 to a date written `2026-02-14`, counted year by year and month by month.
    private static func day(_ text: String) -> Int {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, parts[0] >= 1970 else { return -1 }
        func isLeap(_ year: Int) -> Bool { year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) }
        let lengths = [31, isLeap(parts[0]) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var days = parts[2] - 1
        for year in 1970..<parts[0] { days += isLeap(year) ? 366 : 365 }
        for month in 1..<parts[1] { days += lengths[month - 1] }
        return days
    }
}
