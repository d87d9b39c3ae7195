import LinliCore
import LinliStandards
import Testing

/// The two notices named in `Data/holidays.txt`, written out here a second time as ranges of their clauses.
@Suite("工作日历")
struct WorkingCalendarTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    private func moment(_ text: String) throws -> Instant {
        let parts = text.split(separator: " ")
        let time = parts[1].split(separator: ":").compactMap { Int($0) }
        return Instant(try day(String(parts[0])), hour: time[0], minute: time[1], second: time.count > 2 ? time[2] : 0)
    }

    /// Clause by clause: days off, then weekend days worked.
    private static let clauses: [(String, String, [String])] = [
        ("2025-01-01", "2025-01-01", []), ("2025-01-28", "2025-02-04", ["2025-01-26", "2025-02-08"]),
        ("2025-04-04", "2025-04-06", []), ("2025-05-01", "2025-05-05", ["2025-04-27"]),
        ("2025-05-31", "2025-06-02", []),
        ("2025-10-01", "2025-10-08", ["2025-09-28", "2025-10-11"]), ("2026-01-01", "2026-01-03", ["2026-01-04"]),
        ("2026-02-15", "2026-02-23", ["2026-02-14", "2026-02-28"]), ("2026-04-04", "2026-04-06", []),
        ("2026-05-01", "2026-05-05", ["2026-05-09"]), ("2026-06-19", "2026-06-21", []),
        ("2026-09-25", "2026-09-27", []),
        ("2026-10-01", "2026-10-07", ["2026-09-20", "2026-10-10"]),
    ]

    @Test("2025、2026 两年每一天都与通知一致")
    func everyDay() throws {
        let calendar = try WorkingCalendar.bundled()
        var off: Set<CivilDate> = []
        var work: Set<CivilDate> = []
        for (first, last, worked) in WorkingCalendarTests.clauses {
            var date = try day(first)
            while date <= (try day(last)) {
                off.insert(date)
                date = date.adding(days: 1)
            }
            for text in worked { work.insert(try day(text)) }
        }
        var date = try day("2025-01-01")
        let end = try day("2027-01-01")
        var counts: [Int: Int] = [:]
        while date < end {
            let expected = work.contains(date) || (date.weekday <= 5 && !off.contains(date))
            #expect(calendar.isWorkingDay(date) == expected, "\(date)")
            #expect(calendar.knows(date))
            #expect((calendar.name(of: date) != nil) == (off.contains(date) || work.contains(date)))
            counts[date.year, default: 0] += expected ? 1 : 0
            date = date.adding(days: 1)
        }
        // The law leaves 365 - 104 - 13 = 248 working days in a year of 365 days with 104 weekend days.
        #expect(counts == [2025: 248, 2026: 248])
        #expect(calendar.sources.map(\.year) == [2025, 2026])
        #expect(calendar.sources[1].source.contains("国办发明电〔2025〕7号"))
        #expect(calendar.name(of: try day("2026-02-17"))?.zh == "春节放假")
        #expect(calendar.name(of: try day("2026-02-28"))?.zh == "春节调休上班")
    }

    @Test("没有数据的年份按周一至周五，并且说明")
    func unknownYear() throws {
        let calendar = try WorkingCalendar.bundled()
        #expect(!calendar.knows(try day("2027-01-01")))
        #expect(calendar.isWorkingDay(try day("2027-01-01")))
        #expect(!calendar.isWorkingDay(try day("2027-01-02")))
    }

    @Test(
        "第几个工作日",
        arguments: [
            ("2026-11-20", 1, "2026-11-23", false), ("2026-11-22", 1, "2026-11-23", false),
            ("2026-11-23", 0, "2026-11-23", false),
            ("2026-02-13", 1, "2026-02-14", false), ("2026-02-14", 1, "2026-02-24", false),
            ("2026-02-13", 5, "2026-02-27", false),
            ("2026-02-13", 6, "2026-02-28", false), ("2026-09-30", 20, "2026-11-03", false),
            ("2026-10-08", -1, "2026-09-30", false),
            ("2026-12-31", 1, "2027-01-01", true), ("2026-12-30", 1, "2026-12-31", false),
            ("2025-01-02", -1, "2024-12-31", true),
        ]
    )
    func addingWorkingDays(start: String, count: Int, end: String, unknown: Bool) throws {
        let result = try WorkingCalendar.bundled().addingWorkingDays(count, after: try day(start))
        #expect(result.value.description == end)
        #expect(result.calendarUnknown == unknown)
    }

    @Test("数工作日是加工作日的逆")
    func workingDaysInverse() throws {
        let calendar = try WorkingCalendar.bundled()
        let first = try day("2025-01-01")
        for offset in stride(from: 0, to: 700, by: 7) {
            for count in [0, 1, 5, 20] {
                let start = first.adding(days: offset)
                let end = calendar.addingWorkingDays(count, after: start)
                #expect(calendar.workingDays(after: start, through: end.value).value == count)
                #expect(count == 0 || calendar.isWorkingDay(end.value))
            }
        }
        #expect(calendar.workingDays(after: first, through: first.adding(days: -3)).value == 0)
    }

    @Test(
        "工作时间的期限（9:00–12:00，13:30–18:00）",
        arguments: [
            ("2026-11-23 09:00", 30, "2026-11-23 09:30"), ("2026-11-23 08:00", 30, "2026-11-23 09:30"),
            ("2026-11-23 11:45", 30, "2026-11-23 13:45"), ("2026-11-23 11:30", 30, "2026-11-23 12:00"),
            ("2026-11-23 12:15", 60, "2026-11-23 14:30"), ("2026-11-23 17:45", 30, "2026-11-24 09:15"),
            ("2026-11-23 17:30", 30, "2026-11-23 18:00"), ("2026-11-20 17:45", 30, "2026-11-23 09:15"),
            ("2026-11-21 10:00", 30, "2026-11-23 09:30"), ("2026-02-14 17:59", 2, "2026-02-24 09:01"),
            ("2026-11-23 09:00", 450, "2026-11-23 18:00"), ("2026-11-23 09:00", 451, "2026-11-24 09:01"),
            ("2026-11-23 10:30", 0, "2026-11-23 10:30"), ("2026-11-23 23:00", -5, "2026-11-23 23:00"),
            ("2026-11-23 11:59:30", 1, "2026-11-23 13:30:30"),
        ]
    )
    func deadline(start: String, minutes: Int, end: String) throws {
        let result = try WorkingCalendar.bundled().deadline(from: try moment(start), workingMinutes: minutes)
        #expect(result.value == (try moment(end)), "\(result.value.iso8601)")
        #expect(!result.calendarUnknown)
    }

    @Test("期限跨进没有数据的年份会说明")
    func deadlineUnknown() throws {
        let calendar = try WorkingCalendar.bundled()
        let start = try moment("2026-12-31 17:59")
        #expect(!calendar.deadline(from: start, workingMinutes: 1).calendarUnknown)
        let late = calendar.deadline(from: start, workingMinutes: 2)
        #expect(late.value == (try moment("2027-01-01 09:01")))
        #expect(late.calendarUnknown)
        let back = calendar.workingMinutes(from: start, to: late.value)
        #expect(back.value == 2 && back.calendarUnknown)
    }

    @Test("从起点到期限正好是那么多工作分钟；起点和分钟数越大期限越晚")
    func deadlineProperties() throws {
        let calendar = try WorkingCalendar.bundled()
        var random = SeededRandom(3)
        let base = try moment("2025-01-01 00:00")
        for _ in 0..<500 {
            let start = base.adding(seconds: Int64.random(in: 0..<600 * 86_400, using: &random))
            let minutes = Int.random(in: 1...5000, using: &random)
            let end = calendar.deadline(from: start, workingMinutes: minutes).value
            #expect(calendar.workingMinutes(from: start, to: end).value == minutes)
            #expect(calendar.workingMinutes(from: start, to: end.adding(seconds: -1)).value < minutes)
            #expect(calendar.deadline(from: start, workingMinutes: minutes + 1).value > end)
            #expect(calendar.deadline(from: start.adding(minutes: 7), workingMinutes: minutes).value >= end)
        }
    }

    @Test("是不是上班时间")
    func isWorkingTime() throws {
        let calendar = try WorkingCalendar.bundled()
        let expected = [
            ("2026-11-23 08:59:59", false), ("2026-11-23 09:00", true), ("2026-11-23 11:59:59", true),
            ("2026-11-23 12:00", false),
            ("2026-11-23 13:30", true), ("2026-11-23 18:00", false), ("2026-11-22 10:00", false),
            ("2026-02-14 10:00", true),
        ]
        for (text, works) in expected { #expect(calendar.isWorkingTime(try moment(text)) == works, "\(text)") }
    }

    @Test("上班时段的写法")
    func dutyHours() throws {
        let hours = try #require(DutyHours("08:30–11:30，13:00-17:00"))
        #expect(hours.description == "08:30-11:30,13:00-17:00")
        #expect(hours.minutes == 420)
        #expect(DutyHours(hours.description) == hours)
        #expect(DutyHours.office.description == "09:00-12:00,13:30-18:00")
        #expect(DutyHours("00:00-24:00")?.minutes == 1440)
        for text in [
            "", "09:00", "9:00-12:00", "12:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-10:00",
            "09:00-12:00,11:00-13:00", "ab:cd-ef:gh",
        ] {
            #expect(DutyHours(text) == nil, "\(text)")
        }
        let round = try WorkingCalendar.bundled(hours: try #require(DutyHours("00:00-24:00")))
        let start = try moment("2026-11-23 23:59")
        #expect(round.deadline(from: start, workingMinutes: 2).value == (try moment("2026-11-24 00:01")))
    }

    @Test("管理员补的年份代替同一年的旧数据，别的年份不变")
    func replacingYears() throws {
        let added = try WorkingCalendar(
            table: """
                2027 | source | 示例通知
                2027 | off | 2026-12-31 | 2027-01-02 | 元旦 | New Year's Day\r
                2027 | work | 2027-01-03 | 元旦 | New Year's Day
                2026 | source | 更正
                """
        )
        let calendar = try WorkingCalendar.bundled().replacingYears(of: added)
        #expect(calendar.sources.map(\.source)[1...] == ["更正", "示例通知"])
        #expect(!calendar.isWorkingDay(try day("2026-12-31")))
        #expect(calendar.isWorkingDay(try day("2027-01-03")))
        #expect(calendar.isWorkingDay(try day("2026-10-01")))
        #expect(!calendar.isWorkingDay(try day("2025-10-01")))
    }

    @Test("写错的表说得出每一行错在哪")
    func invalidTable() throws {
        let table = """
            # 示例
            2027 | off | 2027-02-30 | 2027-03-01 | 节 | Day
            二〇二七 | off | 2027-01-01 | 2027-01-01 | 节 | Day
            2027 | off | 2027-01-03 | 2027-01-01 | 节 | Day
            2027 | off | 2028-01-01 | 2028-01-01 | 节 | Day
            2027 | work | 2027-01-04 | 节 | Day
            2027 | off | 2027-05-01 | 2027-05-02 | 节 | Day
            2027 | work | 2027-05-02 | 节 | Day
            2027 | off | 2027-06-01 | 2027-06-01 | 节 |
            2027 | holiday | 2027-06-01
            2027 | off | 2027-07-01 | 2027-07-20 | 节 | Day
            2027
            """
        let error = #expect(throws: TableInvalid.self) { try WorkingCalendar(table: table) }
        let problems = try #require(error).problems
        #expect(problems.map(\.line) == [2, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12])
        #expect(
            problems.allSatisfy { $0.text.zh.hasPrefix("第 \($0.line) 行：") && $0.text.en.hasPrefix("Line \($0.line): ") }
        )
        #expect(problems.contains { $0.line == 2 && $0.text.zh.contains("2027-02-30") })
        #expect(problems.contains { $0.line == 2 && $0.text.zh.contains("没有写依据") })
    }
}
