extension Instant {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// `Sun, 22 Nov 2026 10:30:00 +0800`, for feeds.
    ///
    /// - Source: RFC 822 §5.1, with the four-digit year of RFC 2822 that RSS 2.0 asks for
    package var mailDate: String { internetDate + " +0800" }

    /// `Sun, 22 Nov 2026 02:30:00 GMT`, for `Last-Modified` and its like.
    ///
    /// - Source: RFC 9110 §5.6.7
    package var httpDate: String { adding(seconds: -Instant.beijingOffsetSeconds).internetDate + " GMT" }

    private var internetDate: String {
        let day = date
        let month = day.dayAndMonth.en.suffix(3)
        let clock = time + ":" + twoDigits(secondOfDay % 60)
        return "\(Instant.weekdays[day.weekday - 1]), \(twoDigits(day.day)) \(month) \(day.year) \(clock)"
    }
}
