import LinliCore
import LinliKernel
import LinliStandards

/// Dates and deadlines as sheets of others write them.
enum SheetMoment {
    /// A moment: `2026-11-22 10:30`, `2026/11/22`, `2026年11月22日10时30分`, `20261122103000`; nil for anything else.
    ///
    /// A day alone is its beginning, or as a deadline its end.
    static func read(_ text: String, isDeadline: Bool = false) -> Instant? {
        let digits = text.allSatisfy { $0.isNumber } ? text : ""
        if [8, 12, 14].contains(digits.count) { return compact(Array(digits), isDeadline) }
        guard let first = text.first, first.isNumber else { return nil }
        var numbers: [Int] = []
        for part in text.split(whereSeparator: { !("0"..."9").contains($0) }) {
            guard part.count <= 4, let number = Int(part) else { return nil }
            numbers.append(number)
        }
        guard numbers.count >= 3, numbers[0] > 1900 else { return nil }
        let isAfternoon = text.contains("下午") || text.lowercased().contains("pm")
        if isAfternoon, numbers.count > 3, numbers[3] < 12 { numbers[3] += 12 }
        return moment(numbers, isDeadline)
    }

    private static func compact(_ digits: [Character], _ isDeadline: Bool) -> Instant? {
        func number(_ range: Range<Int>) -> Int { Int(String(digits[range])) ?? -1 }
        var numbers = [number(0..<4), number(4..<6), number(6..<8)]
        for start in stride(from: 8, to: digits.count, by: 2) { numbers.append(number(start..<start + 2)) }
        return moment(numbers, isDeadline)
    }

    private static func moment(_ numbers: [Int], _ isDeadline: Bool) -> Instant? {
        guard let day = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]) else { return nil }
        guard numbers.count > 3 else { return isDeadline ? Instant(day, hour: 23, minute: 59) : Instant(day) }
        let (hour, minute) = (numbers[3], numbers.count > 4 ? numbers[4] : 0)
        let second = numbers.count > 5 ? numbers[5] : 0
        guard (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        return Instant(day, hour: hour, minute: minute, second: second)
    }

    /// A deadline: a moment, or a time from `start` on such as `7天`, `24小时`, `3个工作日`.
    static func deadline(_ text: String, from start: Instant?, _ calendar: WorkingCalendar) -> Instant? {
        if let moment = read(text, isDeadline: true) { return moment }
        let plain = text.filter { !$0.isWhitespace && $0 != "个" }
        let digits = plain.prefix { ("0"..."9").contains($0) }
        guard let start, let count = Int(digits), (1...400).contains(count) else { return nil }
        switch plain.dropFirst(digits.count) {
        case "天", "日", "自然日": return start.adding(days: count)
        case "小时", "h", "H": return start.adding(hours: count)
        case "工作日":
            var day = start.date
            var left = count
            // The day it was sent does not count; the last one counts to its end.
            while left > 0 {
                day = day.adding(days: 1)
                if calendar.isWorkingDay(day) { left -= 1 }
            }
            return Instant(day, hour: 23, minute: 59)
        default: return nil
        }
    }
}

/// Yes and no as sheets of others write them.
enum SheetAnswer: Equatable {
    case yes, no
    /// Nobody was asked, or did not say.
    case open
    /// A word that means neither.
    case odd

    private static let nothing: Set<String> = [
        "", "/", "-", "—", "无", "未回访", "未评价", "未接通", "无法联系", "联系不上", "拒绝回答", "拒访", "不清楚",
    ]
    private static let affirmed: Set<String> = [
        "是", "y", "yes", "1", "true", "√", "有", "已响应", "响应", "已联系", "联系", "已解决", "解决", "基本解决", "满意",
        "保密", "重复", "紧急", "匿名",
    ]
    private static let denied: Set<String> = [
        "否", "n", "no", "0", "false", "×", "未响应", "未联系", "没联系", "未解决", "没解决", "没有解决", "不满意", "不保密",
        "不重复", "非重复", "公开", "一般", "普通", "不紧急",
    ]

    init(_ text: String) {
        let word = text.trimmed.lowercased()
        if SheetAnswer.nothing.contains(word) {
            self = .open
        } else if SheetAnswer.affirmed.contains(word) {
            self = .yes
        } else {
            self = SheetAnswer.denied.contains(word) ? .no : .odd
        }
    }
}
