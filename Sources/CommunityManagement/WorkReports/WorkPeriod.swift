import LinliCore

/// A week, month or quarter of the calendar: `2026-W48`, `2026-11`, `2026-Q4`.
struct WorkPeriod: Sendable, Equatable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case week, month, quarter

        var name: Text {
            switch self {
            case .week: Text("周报", "Week")
            case .month: Text("月报", "Month")
            case .quarter: Text("季报", "Quarter")
            }
        }
    }

    let kind: Kind
    let first: CivilDate

    /// The period of a kind that a day lies in. A week begins on Monday.
    init(_ kind: Kind, of day: CivilDate) {
        self.kind = kind
        first =
            switch kind {
            case .week: day.adding(days: 1 - day.weekday)
            case .month: day.adding(days: 1 - day.day)
            case .quarter: CivilDate(year: day.year, month: (day.month - 1) / 3 * 3 + 1, day: 1) ?? day
            }
    }

    /// Reads what `description` wrote; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 4, let year = Int(parts[0]), (1900...2200).contains(year) else {
            return nil
        }
        let found: WorkPeriod? =
            switch parts[1].first {
            case "W":
                Int(parts[1].dropFirst()).flatMap { week in
                    CivilDate(year: year, month: 1, day: 4).map { day in
                        WorkPeriod(.week, of: day.adding(days: 7 * (min(week, 60) - 1)))
                    }
                }
            case "Q":
                Int(parts[1].dropFirst()).flatMap { quarter in
                    CivilDate(year: year, month: min(quarter, 9) * 3 - 2, day: 1).map { WorkPeriod(.quarter, of: $0) }
                }
            default: CivilDate("\(text)-01").map { WorkPeriod(.month, of: $0) }
            }
        guard let found, found.description == text else { return nil }
        self = found
    }

    /// The first day after it.
    var after: CivilDate {
        switch kind {
        case .week: first.adding(days: 7)
        case .month, .quarter: WorkPeriod(kind, of: first.adding(days: kind == .month ? 31 : 95)).first
        }
    }

    var start: Instant { Instant(first) }
    var end: Instant { Instant(after) }
    var previous: WorkPeriod { WorkPeriod(kind, of: first.adding(days: -1)) }
    var next: WorkPeriod { WorkPeriod(kind, of: after) }
    /// Its days.
    var days: [CivilDate] { (0..<(after.daysSinceEpoch - first.daysSinceEpoch)).map { first.adding(days: $0) } }

    var description: String {
        switch kind {
        case .week:
            let (year, week) = number
            return "\(year)-W\(week < 10 ? "0" : "")\(week)"
        case .month: return String(first.description.prefix(7))
        case .quarter: return "\(first.year)-Q\((first.month + 2) / 3)"
        }
    }

    /// The year and number of a week: it belongs to the year of its Thursday.
    ///
    /// - Source: GB/T 7408-2005 (ISO 8601)
    private var number: (year: Int, week: Int) {
        let thursday = first.adding(days: 3)
        let start = CivilDate(year: thursday.year, month: 1, day: 1) ?? thursday
        return (thursday.year, (thursday.daysSinceEpoch - start.daysSinceEpoch) / 7 + 1)
    }

    /// Its last day.
    var last: CivilDate { after.adding(days: -1) }

    /// Its first and last day: `11月1日至11月30日`. What it is called says the year.
    var ends: Text { first.dayAndMonth + Text("至", " to ") + last.dayAndMonth }

    /// By which calendar it counts, and its days: `自然月，11月1日至11月30日`.
    var span: Text {
        let calendar: Text =
            switch kind {
            case .week: Text("自然周，", "calendar week, ")
            case .month: Text("自然月，", "calendar month, ")
            case .quarter: Text("自然季度，", "calendar quarter, ")
            }
        return calendar + ends
    }

    var name: Text {
        switch kind {
        case .week:
            return Text(
                "\(number.year)年第\(number.week)周（\(first.month)月\(first.day)日—\(last.month)月\(last.day)日）",
                "week \(description), \(first.dayAndMonth.en) to \(last.dayAndMonth.en)")
        // The month of its first day: `1 Nov 2026`.
        case .month: return Text("\(first.year)年\(first.month)月", String(first.full.en.dropFirst(2)))
        case .quarter: return Text("\(first.year)年第\((first.month + 2) / 3)季度", description)
        }
    }
}
