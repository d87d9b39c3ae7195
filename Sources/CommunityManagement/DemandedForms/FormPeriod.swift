import LinliCore

/// Which period a round of a form is for, read from what people type: `2026年11月`, `2026-11`, `11月` and `２０２６．１１` are
/// one, so a period has one round however somebody writes it.
struct FormPeriod: Sendable, Equatable {
    /// In the one spelling that is kept: `2026年11月`, `2026年第4季度`, `2026年第48周`.
    let text: String

    private init(text: String) { self.text = text }

    /// Reads a period of a rhythm; what has no year is the nearest one to `today`, the past one between two. Nil for what
    /// is no such period. What is demanded once may be called anything.
    init?(_ typed: String, _ rhythm: FormRhythm, on today: CivilDate) {
        let folded = FormPeriod.folded(typed)
        let signs = FormPeriodSigns(folded.lowercased(), rhythm, on: today)
        let found: String? =
            switch rhythm {
            case .week: signs?.week ?? signs?.weekOfDay
            case .month: signs?.month
            case .quarter: signs?.quarter
            case .halfYear: signs?.half
            case .year: signs?.year
            case .once:
                signs?.dated ?? ((1...FormPeriod.longest).contains(folded.count) ? folded : nil)
            }
        guard let found else { return nil }
        text = found
    }

    /// The period of a round that was opened on a day, whatever it is called: earlier rounds keep the name somebody typed,
    /// also when the form is demanded in another rhythm since.
    init(stored: String, _ rhythm: FormRhythm, openedOn day: CivilDate) {
        self = FormPeriod(stored, rhythm, on: day) ?? FormPeriod(stored, .once, on: day) ?? FormPeriod(text: stored)
    }

    /// The period of a rhythm that a day lies in.
    init(_ rhythm: FormRhythm, around day: CivilDate) {
        switch rhythm {
        case .once, .month: text = "\(day.year)年\(day.month)月"
        case .week: text = FormPeriod.week(of: day)
        case .quarter: text = "\(day.year)年第\((day.month + 2) / 3)季度"
        case .halfYear: text = "\(day.year)年\(day.month <= 6 ? "上" : "下")半年"
        case .year: text = "\(day.year)年"
        }
    }

    /// Names somebody chose are the same in capitals.
    static func == (left: FormPeriod, right: FormPeriod) -> Bool { left.text.lowercased() == right.text.lowercased() }

    /// How long a name may be, as the table has it.
    static let longest = 20

    /// The week a day lies in, Monday to Sunday; the first is the one with the first Thursday of the year.
    /// - Source: GB/T 7408.1-2023 (ISO 8601-1)
    static func week(of day: CivilDate) -> String {
        let found = number(of: day)
        return "\(found.year)年第\(found.week)周"
    }

    static func number(of day: CivilDate) -> (year: Int, week: Int) {
        let thursday = day.adding(days: 4 - day.weekday)
        let first = CivilDate(year: thursday.year, month: 1, day: 1) ?? thursday
        return (thursday.year, (thursday.daysSinceEpoch - first.daysSinceEpoch) / 7 + 1)
    }

    /// Half width, and one blank between words.
    private static func folded(_ typed: String) -> String {
        var text = ""
        for scalar in typed.unicodeScalars {
            let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
            text.unicodeScalars.append(isFullWidth ? Unicode.Scalar(UInt8(scalar.value - 0xFEE0)) : scalar)
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension FormRhythm {
    /// How a period may be written, for who wrote none that can be read.
    var periods: Text {
        switch self {
        case .once: Text("如 2026年11月，或 20 字以内的几个字", "such as 2026-11, or up to 20 characters of your own")
        case .week:
            Text("如 2026年第48周、2026-W48，或那一周里的一天 2026-11-23", "such as 2026-W48, or a day of that week: 2026-11-23")
        case .month: Text("如 2026年11月、2026-11、11月", "such as 2026-11, Nov 2026 or 2026年11月")
        case .quarter: Text("如 2026年第4季度、2026Q4、四季度", "such as 2026 Q4 or 2026年第4季度")
        case .halfYear: Text("如 2026年下半年、2026H2、下半年", "such as 2026 H2 or 2026年下半年")
        case .year: Text("如 2026年、2026", "such as 2026")
        }
    }
}

/// What a spelling of a period says, number by number.
struct FormPeriodSigns {
    private enum Unit { case year, half, quarter, month, week, day }
    private enum Sign {
        case number(Int, digits: Int)
        case unit(Unit)
    }

    private var said: [Unit: Int] = [:]
    private let today: CivilDate

    /// Reads half-width text in small letters; nil for anything that is no number, no unit and no sign between them.
    init?(_ text: String, _ rhythm: FormRhythm, on today: CivilDate) {
        self.today = today
        guard let signs = FormPeriodSigns.signs(text), let bare = take(signs) else { return nil }
        guard take(bare: bare, rhythm), (2000...2100).contains(said[.year] ?? 2000) else { return nil }
    }

    // MARK: Signs

    private static let units: [String: Unit] = [
        "年": .year, "月": .month, "日": .day, "号": .day, "季": .quarter, "周": .week, "q": .quarter, "quarter": .quarter,
        "h": .half, "half": .half, "w": .week, "wk": .week, "week": .week,
    ]
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let longMonths = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    /// What says nothing by itself: 第4季度, 2026年度, 11月份.
    private static let silent: Set<Character> = ["第", "度", "份", " ", "-", "–", "—", "/", ".", "·", ",", "，", "、", "_"]
    private static let numerals: [Character: Int] = [
        "〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    ]

    private static func signs(_ text: String) -> [Sign]? {
        var signs: [Sign] = []
        var rest = Substring(text)
        while let first = rest.first {
            if silent.contains(first) {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("上半年") || rest.hasPrefix("下半年") {
                signs += [.number(first == "上" ? 1 : 2, digits: 1), .unit(.half)]
                rest = rest.dropFirst(3)
            } else if numerals[first] != nil {
                let run = rest.prefix { numerals[$0] != nil }
                guard let sign = chinese(run) else { return nil }
                signs.append(sign)
                rest = rest.dropFirst(run.count)
            } else if first.isASCII, first.isNumber {
                let run = rest.prefix { $0.isASCII && $0.isNumber }
                guard run.count <= 8, let number = Int(run) else { return nil }
                signs.append(.number(number, digits: run.count))
                rest = rest.dropFirst(run.count)
            } else {
                let run = first.isASCII ? rest.prefix { $0.isASCII && $0.isLetter } : rest.prefix(1)
                guard !run.isEmpty, let word = word(String(run)) else { return nil }
                signs += word
                rest = rest.dropFirst(run.count)
            }
        }
        return signs
    }

    private static func word(_ word: String) -> [Sign]? {
        if let unit = units[word] { return [.unit(unit)] }
        let month = months.firstIndex(of: word) ?? longMonths.firstIndex(of: word)
        return month.map { [.number($0 + 1, digits: 2), .unit(.month)] }
    }

    /// 二〇二六, 十一, 二十: digit by digit, or tens and ones.
    private static func chinese(_ run: Substring) -> Sign? {
        let values = run.compactMap { numerals[$0] }
        guard let ten = values.firstIndex(of: 10) else {
            guard values.count <= 8 else { return nil }
            return .number(values.reduce(0) { $0 * 10 + $1 }, digits: values.count)
        }
        let ones = values.dropFirst(ten + 1)
        guard ten <= 1, ones.count <= 1, ones.first != 10 else { return nil }
        return .number((ten == 1 ? values[0] : 1) * 10 + (ones.first ?? 0), digits: 2)
    }

    // MARK: What they say

    private mutating func set(_ unit: Unit, _ value: Int) -> Bool {
        guard said[unit] == nil else { return false }
        said[unit] = value
        return true
    }

    /// Takes numbers with their units, before or behind; answers with those of one or two digits that have none.
    private mutating func take(_ signs: [Sign]) -> [Int]? {
        var bare: [Int] = []
        var index = 0
        while index < signs.count {
            let next: Sign? = index + 1 < signs.count ? signs[index + 1] : nil
            switch (signs[index], next) {
            case (.number(let value, let digits), .unit(let unit)?) where digits <= 2 || unit == .year && digits == 4:
                guard set(unit, unit == .year && digits <= 2 ? 2000 + value : value) else { return nil }
                index += 2
            case (.number(let value, let digits), _):
                switch digits {
                case 1, 2: bare.append(value)
                case 4: guard set(.year, value) else { return nil }
                case 6: guard set(.year, value / 100), set(.month, value % 100) else { return nil }
                case 8:
                    guard set(.year, value / 10_000), set(.month, value / 100 % 100), set(.day, value % 100) else {
                        return nil
                    }
                default: return nil
                }
                index += 1
            case (.unit(let unit), .number(let value, let digits)?) where digits <= 2:
                guard [.half, .quarter, .week].contains(unit), set(unit, value) else { return nil }
                index += 2
            default: return nil
            }
        }
        return bare
    }

    /// Numbers without a unit: month and day behind a year, else what the rhythm counts.
    private mutating func take(bare: [Int], _ rhythm: FormRhythm) -> Bool {
        guard let first = bare.first else { return true }
        guard bare.count <= 2 else { return false }
        if bare.count == 2 { return set(.month, first) && set(.day, bare[1]) }
        if said[.year] == nil, said.isEmpty {
            switch rhythm {
            case .week: return set(.week, first)
            case .month: return set(.month, first)
            case .quarter: return set(.quarter, first)
            default: return false
            }
        }
        return said[.month] == nil ? set(.month, first) : set(.day, first)
    }

    // MARK: Periods

    /// Whether it says these units alone, a year or not.
    private func says(_ units: Set<Unit>) -> Bool { Set(said.keys).subtracting([.year]) == units }

    /// The year that was said, else the nearest in which `place` of `count` lies, the past one between two.
    private func nearestYear(_ place: Int, _ now: Int, of count: Int, in current: Int) -> Int {
        if let year = said[.year] { return year }
        let distance = place - now
        if distance > (count - 1) / 2 { return current - 1 }
        return distance < -(count / 2) ? current + 1 : current
    }

    var year: String? { says([]) ? said[.year].map { "\($0)年" } : nil }

    var half: String? {
        guard says([.half]), let half = said[.half], (1...2).contains(half) else { return nil }
        let year = nearestYear(half, today.month <= 6 ? 1 : 2, of: 2, in: today.year)
        return "\(year)年\(half == 1 ? "上" : "下")半年"
    }

    var quarter: String? {
        guard says([.quarter]), let quarter = said[.quarter], (1...4).contains(quarter) else { return nil }
        return "\(nearestYear(quarter, (today.month + 2) / 3, of: 4, in: today.year))年第\(quarter)季度"
    }

    var month: String? {
        guard says([.month]), let month = said[.month], (1...12).contains(month) else { return nil }
        return "\(nearestYear(month, today.month, of: 12, in: today.year))年\(month)月"
    }

    var week: String? {
        guard says([.week]), let week = said[.week] else { return nil }
        let now = FormPeriod.number(of: today)
        let year = nearestYear(week, now.week, of: 52, in: now.year)
        // The 28th of December lies in the last week of its year, always.
        guard let last = CivilDate(year: year, month: 12, day: 28) else { return nil }
        guard (1...FormPeriod.number(of: last).week).contains(week) else { return nil }
        return "\(year)年第\(week)周"
    }

    private var date: CivilDate? {
        guard says([.month, .day]), let month = said[.month], let day = said[.day] else { return nil }
        return CivilDate(year: nearestYear(month, today.month, of: 12, in: today.year), month: month, day: day)
    }

    var weekOfDay: String? { date.map { FormPeriod.week(of: $0) } }

    /// Whatever it is that can be read.
    var dated: String? {
        date.map { "\($0.year)年\($0.month)月\($0.day)日" } ?? month ?? quarter ?? half ?? week ?? year
    }
}
