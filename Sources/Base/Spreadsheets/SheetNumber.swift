import LinliCore

/// Numbers of cells as people read them.
enum SheetNumber {
    /// `13800001111`, `0.5`; nothing is cut where a number is exact.
    static func text(_ number: Double) -> String {
        guard number.isFinite else { return "" }
        if number == number.rounded(), abs(number) < 1e18 { return String(Int64(number)) }
        return String(number)
    }

    /// A day, a time or both, of the days since the workbook's beginning; nil for what is none.
    ///
    /// Before March 1900 workbooks count a 29 February that never was.
    /// - Source: ECMA-376 part 1 §18.17.4
    static func moment(_ serial: Double, countsFrom1904: Bool) -> String? {
        guard serial.isFinite, serial >= 0, serial < 2_958_466 else { return nil }
        var days = Int(serial)
        var seconds = Int(((serial - Double(days)) * 86_400).rounded())
        if seconds == 86_400 { (days, seconds) = (days + 1, 0) }
        let clock = seconds == 0 && days > 0 ? "" : SheetNumber.clock(seconds)
        // A time alone stands on day 0.
        if days == 0, !countsFrom1904 { return clock }
        guard countsFrom1904 || days != 60 else { return nil }
        let beginning =
            countsFrom1904
            ? CivilDate(year: 1904, month: 1, day: 1)
            : CivilDate(year: 1899, month: 12, day: days > 60 ? 30 : 31)
        guard let day = beginning?.adding(days: days) else { return nil }
        return clock.isEmpty ? "\(day)" : "\(day) \(clock)"
    }

    private static func clock(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = "\(two(seconds / 3600)):\(two(seconds / 60 % 60))"
        return seconds % 60 == 0 ? minutes : minutes + ":" + two(seconds % 60)
    }
}
