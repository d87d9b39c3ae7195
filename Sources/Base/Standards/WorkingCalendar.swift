import LinliCore

/// Which days are worked, with the holidays and the weekend days worked in exchange that the State Council announces
/// each year, and arithmetic in working days and working time.
///
/// A year without data counts Monday to Friday; every result that touched such a year says so.
/// - Source: the yearly notices 国务院办公厅关于部分节假日安排的通知, named in `Data/holidays.txt`
package struct WorkingCalendar: Sendable {
    /// A value and whether it can be relied on.
    package struct Reckoned<Value: Sendable & Hashable>: Sendable, Hashable {
        /// The result.
        package let value: Value
        /// A day of a year whose holidays are not known was counted: the result may move when they are announced.
        package let calendarUnknown: Bool
    }

    /// How a day differs from what its weekday says.
    private struct Change: Sendable {
        var works: Bool
        var holiday: Text
    }

    private struct Year: Sendable {
        var source: String
        var changes: [Int: Change] = [:]
    }

    /// When clocks for working time run on a working day.
    package let hours: DutyHours
    private var years: [Int: Year] = [:]
    private var changes: [Int: Change] = [:]

    /// Reads a calendar; the form is described at the top of `Data/holidays.txt`.
    ///
    /// - Throws: everything that is wrong, each with its line.
    package init(table: String, hours: DutyHours = .office) throws(TableInvalid) {
        self.hours = hours
        var reader = Reader()
        for row in TableRow.rows(of: table) { reader.read(row) }
        for (number, line) in reader.lines.sorted(by: { $0.value < $1.value }) where reader.years[number]?.source == ""
        {
            reader.report(line, Text("\(number) 年没有写依据（source）", "The year \(number) has no source line"))
        }
        guard reader.problems.isEmpty else {
            throw TableInvalid(problems: reader.problems.sorted { $0.line < $1.line })
        }
        years = reader.years
        for year in years.values { changes.merge(year.changes) { _, new in new } }
    }

    /// The calendar this version came with.
    package static func bundled(hours: DutyHours = .office) throws -> WorkingCalendar {
        try WorkingCalendar(table: standardData("holidays"), hours: hours)
    }

    /// This calendar with the years of `newer` in place of its own, for what an administrator has entered.
    package func replacingYears(of newer: WorkingCalendar) -> WorkingCalendar {
        var calendar = self
        calendar.years.merge(newer.years) { _, new in new }
        calendar.changes = [:]
        for year in calendar.years.values { calendar.changes.merge(year.changes) { _, new in new } }
        return calendar
    }

    /// The years whose holidays are known and the notice each comes from, in order.
    package var sources: [(year: Int, source: String)] {
        years.sorted { $0.key < $1.key }.map { ($0.key, $0.value.source) }
    }

    /// The lines of one year in the table this version came with; empty for a year it lacks.
    package static func bundledTable(of year: Int) throws -> String {
        let table = try standardData("holidays")
        let lines = table.split(separator: "\n").filter { $0.hasPrefix("\(year) |") }
        return lines.joined(separator: "\n")
    }

    /// A day that differs from what its weekday says.
    package struct SpecialDay: Sendable, Hashable {
        /// The day.
        package let date: CivilDate
        /// Whether it is worked.
        package let isWorked: Bool
        /// The holiday it belongs to.
        package let holiday: Text
    }

    /// What a year's notice says, day by day.
    package func specialDays(of year: Int) -> [SpecialDay] {
        (years[year]?.changes ?? [:]).sorted { $0.key < $1.key }.map { day, change in
            SpecialDay(date: CivilDate(daysSinceEpoch: day), isWorked: change.works, holiday: change.holiday)
        }
    }

    /// How many days of a calendar year are worked.
    package func workingDays(in year: Int) -> Int {
        guard let first = CivilDate(year: year, month: 1, day: 1), let last = CivilDate(year: year, month: 12, day: 31)
        else { return 0 }
        return (first.daysSinceEpoch...last.daysSinceEpoch).count { isWorkingDay(CivilDate(daysSinceEpoch: $0)) }
    }

    /// Whether the holidays of that day's year are known.
    package func knows(_ date: CivilDate) -> Bool { years[date.year] != nil }

    /// Whether a day is worked.
    package func isWorkingDay(_ date: CivilDate) -> Bool {
        changes[date.daysSinceEpoch]?.works ?? (date.weekday <= 5)
    }

    /// What is special about a day: `春节放假`, `春节调休上班`; nil for an ordinary day.
    package func name(of date: CivilDate) -> Text? {
        changes[date.daysSinceEpoch].map { change in
            change.works
                ? change.holiday + Text("调休上班", ": a working weekend day")
                : change.holiday + Text("放假", " holiday")
        }
    }

    /// The `count`th working day after a day that is not itself counted; before it when `count` is negative.
    ///
    /// 0 gives the day itself.
    package func addingWorkingDays(_ count: Int, after date: CivilDate) -> Reckoned<CivilDate> {
        var day = date
        var left = count.magnitude
        var calendarUnknown = false
        while left > 0 {
            day = day.adding(days: count > 0 ? 1 : -1)
            if !knows(day) { calendarUnknown = true }
            if isWorkingDay(day) { left -= 1 }
        }
        return Reckoned(value: day, calendarUnknown: calendarUnknown)
    }

    /// How many working days lie after `start` up to and including `end`; 0 when `end` is not later.
    package func workingDays(after start: CivilDate, through end: CivilDate) -> Reckoned<Int> {
        var count = 0
        var calendarUnknown = false
        var day = start
        while day < end {
            day = day.adding(days: 1)
            if !knows(day) { calendarUnknown = true }
            if isWorkingDay(day) { count += 1 }
        }
        return Reckoned(value: count, calendarUnknown: calendarUnknown)
    }
}

extension WorkingCalendar {
    /// Collects the years of a table and what is wrong with it.
    private struct Reader {
        var years: [Int: Year] = [:]
        var lines: [Int: Int] = [:]
        var problems: [TableInvalid.Problem] = []

        mutating func report(_ line: Int, _ text: Text) {
            problems.append(TableInvalid.Problem(line, text))
        }

        mutating func read(_ row: TableRow) {
            guard let number = Int(row.cells[0]), (1950...2200).contains(number) else {
                return report(row.line, Text("第一格应是年份，例如 2027", "The first cell must be a year such as 2027"))
            }
            if lines[number] == nil {
                lines[number] = row.line
                years[number] = Year(source: "")
            }
            switch (row.cells.dropFirst().first, row.cells.count) {
            case ("source", 3) where !row.cells[2].isEmpty:
                if years[number]?.source != "" {
                    report(row.line, Text("\(number) 年的依据写了两次", "The year \(number) has two source lines"))
                }
                years[number]?.source = row.cells[2]
            case ("off", 6): readHoliday(row, number)
            case ("work", 5): readWorkingDay(row, number)
            default:
                report(
                    row.line,
                    Text(
                        "应写成：年份 | source | 依据，年份 | off | 第一天 | 最后一天 | 节日 | English，"
                            + "或 年份 | work | 日期 | 节日 | English",
                        "Expected: year | source | notice, year | off | first day | last day | 节日 | English, "
                            + "or year | work | day | 节日 | English"
                    )
                )
            }
        }

        private mutating func readHoliday(_ row: TableRow, _ number: Int) {
            guard let first = date(row, 2, number), let last = date(row, 3, number), let name = name(row, 4) else {
                return
            }
            guard first <= last, last.daysSinceEpoch - first.daysSinceEpoch < 15 else {
                let text = Text("放假应从早到晚写，最多 15 天", "A holiday runs forward and has at most 15 days")
                return report(row.line, text)
            }
            for day in first.daysSinceEpoch...last.daysSinceEpoch {
                add(row, number, day, Change(works: false, holiday: name))
            }
        }

        private mutating func readWorkingDay(_ row: TableRow, _ number: Int) {
            guard let day = date(row, 2, number), let name = name(row, 3) else { return }
            guard day.weekday > 5 else {
                let text = Text(
                    "\(day) 不是周六或周日，调休上班只写周末",
                    "\(day) is not a Saturday or Sunday; only weekend days are worked in exchange"
                )
                return report(row.line, text)
            }
            add(row, number, day.daysSinceEpoch, Change(works: true, holiday: name))
        }

        private mutating func add(_ row: TableRow, _ number: Int, _ day: Int, _ change: Change) {
            if years[number]?.changes.updateValue(change, forKey: day) != nil {
                let date = CivilDate(daysSinceEpoch: day)
                report(row.line, Text("\(date) 写了两次", "\(date) stands here twice"))
            }
        }

        /// The day in a cell. A New Year holiday may begin in the December before.
        private mutating func date(_ row: TableRow, _ cell: Int, _ number: Int) -> CivilDate? {
            guard let date = CivilDate(row.cells[cell]) else {
                report(
                    row.line,
                    Text(
                        "“\(row.cells[cell])”不是日期，应写成 2027-01-01",
                        "“\(row.cells[cell])” is not a date; write 2027-01-01"
                    )
                )
                return nil
            }
            guard date.year == number || (date.year == number - 1 && date.month == 12) else {
                report(row.line, Text("\(date) 不在 \(number) 年", "\(date) is not in \(number)"))
                return nil
            }
            return date
        }

        private mutating func name(_ row: TableRow, _ cell: Int) -> Text? {
            guard !row.cells[cell].isEmpty, !row.cells[cell + 1].isEmpty else {
                report(row.line, Text("请写节日的中文和英文名称", "Give the holiday's name in Chinese and English"))
                return nil
            }
            return Text(row.cells[cell], row.cells[cell + 1])
        }
    }
}
