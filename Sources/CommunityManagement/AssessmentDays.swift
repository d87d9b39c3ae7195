import LinliCore
import LinliKernel

/// An assessment month and its days, as pages and replies about one say them.
enum AssessmentDays {
    /// Which month it is, by which calendar: `考核月，10月26日至11月25日`. Where months end on another day from this one on, it
    /// says so: it is shorter or longer than others.
    static func text(_ month: AssessmentMonth, _ calendar: AssessmentCalendar) -> Text {
        let days = Text("考核月，", "assessment month, ") + calendar.days(of: month)
        guard let change = calendar.change(with: month) else { return days }
        let (before, after) = (ending(change.before), ending(change.after))
        return days
            + Text(
                "（截止日从这个月起由\(before.zh)改为\(after.zh)）",
                " (months end on \(after.en) from this one on; before it was \(before.en))")
    }

    /// The day months end on.
    private static func ending(_ cutoff: Int) -> Text {
        cutoff == 31 ? Text("月末", "their last day") : Text("\(cutoff)日", "day \(cutoff)")
    }

    /// The month, its first and its last day.
    static let properties: [SchemaProperty] = [
        SchemaProperty("month", .text(limit: 6), required: true, "考核月, by the calendar month it ends in"),
        SchemaProperty("from", .text(limit: 10), required: true, "Its first day"),
        SchemaProperty(
            "to", .text(limit: 10), required: true,
            "Its last day: the cut-off is a setting, and a month that began keeps its own"),
    ]

    /// What a reply says of a month.
    static func json(_ month: AssessmentMonth, _ calendar: AssessmentCalendar) -> [String: JSONValue] {
        [
            "month": .text("\(month)"), "from": .text("\(calendar.firstDay(of: month))"),
            "to": .text("\(calendar.lastDay(of: month))"),
        ]
    }
}
