/// The hours of a working day in which a clock for working time runs.
package struct DutyHours: Sendable, Hashable, CustomStringConvertible {
    /// A stretch of a day in minutes after midnight, `start` included and `end` not.
    package struct Span: Sendable, Hashable {
        /// When it begins, 0 to 1,439.
        package let start: Int
        /// When it ends, up to 1,440.
        package let end: Int
    }

    /// In order, without overlap; never empty.
    package let spans: [Span]

    /// Reads `09:00-12:00,13:30-18:00`; nil when a time does not exist or the spans are not in order.
    package init?(_ text: some StringProtocol) {
        var spans: [Span] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == "，" }) {
            let times = part.split(whereSeparator: { $0 == "-" || $0 == "–" }).map { DutyHours.minutes($0) }
            guard times.count == 2, let start = times[0], let end = times[1], start < end,
                start >= (spans.last?.end ?? 0)
            else { return nil }
            spans.append(Span(start: start, end: end))
        }
        guard !spans.isEmpty else { return nil }
        self.spans = spans
    }

    private init(spans: [Span]) {
        self.spans = spans
    }

    /// 09:00 to 12:00 and 13:30 to 18:00; a setting, not a rule of law.
    package static let office = DutyHours(spans: [Span(start: 540, end: 720), Span(start: 810, end: 1080)])

    /// Working minutes of one working day.
    package var minutes: Int { spans.reduce(0) { $0 + $1.end - $1.start } }

    /// `09:00-12:00,13:30-18:00`.
    package var description: String {
        spans.map { DutyHours.time($0.start) + "-" + DutyHours.time($0.end) }.joined(separator: ",")
    }

    private static func minutes(_ time: some StringProtocol) -> Int? {
        let bytes = Array(time.utf8.filter { $0 != 0x20 })
        guard bytes.count == 5, bytes[2] == 0x3A, areDigits(bytes[..<2]), areDigits(bytes[3...]) else { return nil }
        let (hour, minute) = (number(bytes[..<2]), number(bytes[3...]))
        return minute < 60 && hour * 60 + minute <= 1440 ? hour * 60 + minute : nil
    }

    private static func time(_ minutes: Int) -> String {
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return parts[0] + ":" + parts[1]
    }
}
