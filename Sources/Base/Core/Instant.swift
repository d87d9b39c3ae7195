#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A moment: milliseconds since 1970-01-01T00:00Z. People see it in Beijing time.
///
/// Beijing time is UTC+8 without daylight saving since 1992; deadlines and pages use that offset.
package struct Instant: Sendable, Hashable, Comparable {
    /// Unix milliseconds, UTC.
    package let milliseconds: Int64

    /// The moment `milliseconds` after the Unix epoch.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Midnight in Beijing at the start of `date`, plus an offset into that day.
    package init(_ date: CivilDate, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        milliseconds = (seconds - Instant.beijingOffsetSeconds) * 1000
    }

    /// Seconds that Beijing is ahead of UTC.
    package static let beijingOffsetSeconds: Int64 = 8 * 3600

    package static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// This moment and some seconds.
    package func adding(seconds: Int64) -> Instant {
        Instant(milliseconds: milliseconds + seconds * 1000)
    }

    /// This moment and some minutes.
    package func adding(minutes: Int) -> Instant { adding(seconds: Int64(minutes) * 60) }
    /// This moment and some hours.
    package func adding(hours: Int) -> Instant { adding(seconds: Int64(hours) * 3600) }
    /// This moment and some days of 24 hours.
    package func adding(days: Int) -> Instant { adding(seconds: Int64(days) * 86_400) }

    /// Whole seconds from `other` to here; negative when `other` is later.
    package func seconds(since other: Instant) -> Int64 {
        (milliseconds - other.milliseconds) / 1000
    }

    private var beijingSeconds: Int64 {
        floorDivide(milliseconds, 1000) + Instant.beijingOffsetSeconds
    }

    /// Days in Beijing since 1970-01-01.
    private var day: Int { Int(floorDivide(beijingSeconds, 86_400)) }

    /// The calendar day in Beijing.
    package var date: CivilDate { CivilDate(daysSinceEpoch: day) }

    /// Seconds since midnight in Beijing, 0 to 86,399.
    package var secondOfDay: Int {
        let seconds = beijingSeconds
        return Int(seconds - floorDivide(seconds, 86_400) * 86_400)
    }

    /// Hour of the day in Beijing, 0 to 23.
    package var hour: Int { secondOfDay / 3600 }
    /// Minute of the hour, 0 to 59.
    package var minute: Int { secondOfDay / 60 % 60 }

    /// `10:30` in Beijing.
    package var time: String { twoDigits(hour) + ":" + twoDigits(minute) }

    /// `2026-11-22T10:30:00+08:00`, for programs and the `datetime` attribute.
    package var iso8601: String {
        let (date, second) = (date, secondOfDay)
        let year = min(max(date.year, 0), 9999)
        return String(unsafeUninitializedCapacity: 25) { buffer in
            func put(_ number: Int, at index: Int) {
                buffer[index] = 0x30 + UInt8(number / 10 % 10)
                buffer[index + 1] = 0x30 + UInt8(number % 10)
            }
            _ = buffer.initialize(fromContentsOf: "0000-00-00T00:00:00+08:00".utf8)
            put(year / 100, at: 0)
            put(year % 100, at: 2)
            put(date.month, at: 5)
            put(date.day, at: 8)
            put(second / 3600, at: 11)
            put(second / 60 % 60, at: 14)
            put(second % 60, at: 17)
            return 25
        }
    }

    /// `2026年11月22日 10:30`, `22 Nov 2026 10:30`: on paper, and wherever it may be read in another year.
    package var dayAndTime: Text { date.full + Text(same: " " + time) }

    /// The same on the day `now`, without the year where it is this one: `11月22日 10:30`, `22 Nov 10:30`.
    package func dayAndTime(at now: Instant) -> Text {
        date.year == now.date.year ? date.dayAndMonth + Text(same: " " + time) : dayAndTime
    }

    /// Day and time as a neighbour says it on the day `now`: `今天 10:30`, `昨天 21:05`, `11月3日 09:00`.
    package func relative(to now: Instant) -> Text {
        let time = time
        return switch day - now.day {
        case 0: Text("今天 " + time, "today " + time)
        case 1: Text("明天 " + time, "tomorrow " + time)
        case -1: Text("昨天 " + time, "yesterday " + time)
        default: dayAndTime(at: now)
        }
    }
}

/// A day of the Gregorian calendar without a time.
package struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Year, 1 to 9999.
    package let year: Int
    /// Month, 1 to 12.
    package let month: Int
    /// Day of the month, 1 to 31.
    package let day: Int

    /// A day that exists; nil for 30 February and the like.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Parses `2026-11-22`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day `daysSinceEpoch` days after 1970-01-01.
    package init(daysSinceEpoch days: Int) {
        // Eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = Int(floorDivide(Int64(shifted), 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.init(
            unchecked: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    /// Days since 1970-01-01; negative before.
    package var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = Int(floorDivide(Int64(shiftedYear), 400))
        let yearOfEra = shiftedYear - era * 400
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Days in a month of a year, 28 to 31.
    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Day of the week, 1 = Monday to 7 = Sunday.
    package var weekday: Int {
        let shifted = (daysSinceEpoch + 3) % 7
        return (shifted + 7) % 7 + 1
    }

    /// The day some days later.
    package func adding(days: Int) -> CivilDate {
        CivilDate(daysSinceEpoch: daysSinceEpoch + days)
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// `2026-11-22`.
    package var description: String {
        let digits = String(year)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            + "-" + twoDigits(month) + "-" + twoDigits(day)
    }

    /// `20261122`.
    package var compact: String { description.filter { $0 != "-" } }

    /// `11月22日`, `22 Nov`.
    package var dayAndMonth: Text {
        Text("\(month)月\(day)日", "\(day) \(CivilDate.months[month - 1])")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `2026年11月22日`, `22 Nov 2026`.
    package var full: Text { Text("\(year)年", "") + dayAndMonth + Text("", " \(year)") }
}

/// Where the time comes from: the system in production, a fixed moment in tests. Rules never ask it; they are given `now`.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Instant

    /// A clock that reads `now`.
    package init(_ now: @escaping @Sendable () -> Instant) {
        read = now
    }

    /// The moment it shows.
    package var now: Instant { read() }

    /// The machine's clock.
    package static let system = WallClock {
        Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by != 0 && (value < 0) != (by < 0) ? quotient - 1 : quotient
}

func twoDigits(_ value: Int) -> String {
    value < 10 ? "0" + String(value) : String(value)
}
