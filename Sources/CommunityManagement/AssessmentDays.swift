import LinliCore
import LinliKernel

/// An assessment month and its days, as pages and replies about one say them.
enum AssessmentDays {
    /// Which month it is, by which calendar: `考核月，10月26日至11月25日`, when months end with `cutoff`.
    static func text(_ month: AssessmentMonth, cutoff: Int) -> Text {
        Text("考核月，", "assessment month, ") + month.days(cutoff: cutoff)
    }

    /// The month, its first and its last day.
    static let properties: [SchemaProperty] = [
        SchemaProperty("month", .text(limit: 6), required: true, "考核月, by the calendar month it ends in"),
        SchemaProperty("from", .text(limit: 10), required: true, "Its first day"),
        SchemaProperty("to", .text(limit: 10), required: true, "Its last day: the cut-off is a setting"),
    ]

    /// What a reply says of a month when months end with `cutoff`.
    static func json(_ month: AssessmentMonth, cutoff: Int) -> [String: JSONValue] {
        [
            "month": .text("\(month)"), "from": .text("\(month.firstDay(cutoff: cutoff))"),
            "to": .text("\(month.lastDay(cutoff: cutoff))"),
        ]
    }
}
