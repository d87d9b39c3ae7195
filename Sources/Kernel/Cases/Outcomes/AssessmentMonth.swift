import LinliCore
import LinliSQL

/// A month of assessment 考核月: it ends on the cut-off day, which is a setting, and takes its name from the month it
/// ends in. Which days it has says the `AssessmentCalendar`, which keeps what held before a setting was changed.
package struct AssessmentMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Year and month in one number, `202611`.
    package let rawValue: Int

    private init(unchecked rawValue: Int) {
        self.rawValue = rawValue
    }

    /// The first there is: what holds from it on has always held.
    static let first = AssessmentMonth(unchecked: 197_001)

    /// The month with a number; nil for what is no month.
    package init?(_ rawValue: Int) {
        guard (1970...9999).contains(rawValue / 100), (1...12).contains(rawValue % 100) else { return nil }
        self.rawValue = rawValue
    }

    /// Parses `202611`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 6, let number = Int(text) else { return nil }
        self.init(number)
    }

    /// The month a moment belongs to when months end with `cutoff`; a day the month does not have means its last.
    package init(at moment: Instant, cutoff: Int) {
        let date = moment.date
        let last = min(cutoff, CivilDate.days(inMonth: date.month, of: date.year))
        let calendar = AssessmentMonth(unchecked: date.year * 100 + date.month)
        self = date.day > last ? calendar.next : calendar
    }

    /// The year it ends in.
    package var year: Int { rawValue / 100 }
    /// The month it ends in, 1 to 12.
    package var month: Int { rawValue % 100 }

    /// The one after it.
    package var next: AssessmentMonth {
        AssessmentMonth(unchecked: month == 12 ? (year + 1) * 100 + 1 : rawValue + 1)
    }

    /// The one before it.
    package var previous: AssessmentMonth {
        AssessmentMonth(unchecked: month == 1 ? (year - 1) * 100 + 12 : rawValue - 1)
    }

    /// The last `count` months up to this one, the oldest first.
    package func back(_ count: Int) -> [AssessmentMonth] {
        var months = [self]
        while months.count < count { months.append((months.last ?? self).previous) }
        return months.reversed()
    }

    /// Its last day when months end with `cutoff`.
    package func lastDay(cutoff: Int) -> CivilDate {
        let day = min(cutoff, CivilDate.days(inMonth: month, of: year))
        return CivilDate(year: year, month: month, day: day) ?? CivilDate(daysSinceEpoch: 0)
    }

    /// Its first day: the one after the last of the month before.
    package func firstDay(cutoff: Int) -> CivilDate {
        previous.lastDay(cutoff: cutoff).adding(days: 1)
    }

    /// `2026年11月`, `Nov 2026`.
    package var name: Text {
        Text("\(year)年\(month)月", "\(AssessmentMonth.names[month - 1]) \(year)")
    }

    /// Its month without the year, for the foot of a chart.
    package var short: Text {
        Text("\(month)月", AssessmentMonth.names[month - 1])
    }

    private static let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    package static func < (left: AssessmentMonth, right: AssessmentMonth) -> Bool { left.rawValue < right.rawValue }

    /// `202611`, for addresses.
    package var description: String { String(rawValue) }
}

extension AssessmentMonth: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(Int64(rawValue)) }
    package static func decode(_ row: Row, _ index: Int) throws -> AssessmentMonth {
        AssessmentMonth(unchecked: try row[index])
    }
}
