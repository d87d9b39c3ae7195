import LinliCore
import Testing

@Suite("时刻和日期")
struct InstantTests {
    @Test(
        "已知的日子离 1970-01-01 的天数和星期",
        arguments: [
            ("1970-01-01", 0, 4), ("1969-12-31", -1, 3), ("1970-01-02", 1, 5), ("2000-01-01", 10_957, 6),
            ("2000-02-29", 11_016, 2), ("2000-03-01", 11_017, 3), ("2024-02-29", 19_782, 4), ("2026-11-22", 20_779, 7),
            ("2100-02-28", 47_540, 7), ("2100-03-01", 47_541, 1), ("1900-01-01", -25_567, 1),
            ("1900-03-01", -25_508, 4),
            ("0001-01-01", -719_162, 1), ("9999-12-31", 2_932_896, 5),
        ]
    )
    func knownDays(text: String, days: Int, weekday: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSinceEpoch == days)
        #expect(date.weekday == weekday)
        #expect(CivilDate(daysSinceEpoch: days) == date)
        #expect(date.description == text)
        #expect(date.compact == text.filter { $0 != "-" })
    }

    @Test("闰年", arguments: [(1900, 28), (2000, 29), (2023, 28), (2024, 29), (2100, 28), (2400, 29)])
    func leapYears(year: Int, days: Int) {
        #expect(CivilDate.days(inMonth: 2, of: year) == days)
        #expect((CivilDate(year: year, month: 2, day: 29) != nil) == (days == 29))
    }

    @Test("1899 年到 2101 年每天都接着前一天")
    func everyDay() throws {
        var date = try #require(CivilDate("1899-12-31"))
        let last = try #require(CivilDate("2101-01-01"))
        while date < last {
            let next = date.adding(days: 1)
            let follows =
                next.day == date.day + 1 && next.month == date.month && next.year == date.year
                || next.day == 1 && next.month == date.month + 1 && next.year == date.year
                    && date.day == CivilDate.days(inMonth: date.month, of: date.year)
                || next.day == 1 && next.month == 1 && next.year == date.year + 1 && date.month == 12 && date.day == 31
            try #require(follows, "\(date) → \(next)")
            try #require(next.weekday == date.weekday % 7 + 1)
            try #require(next.daysSinceEpoch == date.daysSinceEpoch + 1)
            date = next
        }
    }

    @Test(
        "不存在的日子和别的写法",
        arguments: [
            "", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "2026-1-1",
            "20260101",
            "2026/01/01", "2026-01-01 ", "+026-01-01", "2026-+1-01", "2026-01--1", "２０２６-01-01", "0000-01-01",
        ]
    )
    func refused(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test("北京时间比世界时早八小时，日子在北京的零点换")
    func beijing() throws {
        let date = try #require(CivilDate("2026-11-22"))
        let midnight = Instant(date)
        #expect(midnight.milliseconds == (20_779 * 86_400 - 8 * 3600) * 1000)
        #expect(midnight.iso8601 == "2026-11-22T00:00:00+08:00")
        #expect(midnight.date == date)
        #expect(Instant(milliseconds: midnight.milliseconds - 1).date == date.adding(days: -1))
        #expect(Instant(milliseconds: midnight.milliseconds - 1).iso8601 == "2026-11-21T23:59:59+08:00")
        #expect(Instant(milliseconds: 0).iso8601 == "1970-01-01T08:00:00+08:00")
        #expect(Instant(milliseconds: -1).secondOfDay == 8 * 3600 - 1)
        #expect(Instant(date, hour: 10, minute: 30, second: 5).iso8601 == "2026-11-22T10:30:05+08:00")
    }

    @Test("给人看的写法")
    func wording() throws {
        let day = try #require(CivilDate("2026-11-22"))
        let now = Instant(day, hour: 10, minute: 30)
        #expect(now.time == "10:30")
        #expect(now.dayAndTime == Text("2026年11月22日 10:30", "22 Nov 2026 10:30"))
        #expect(now.dayAndTime(at: now.adding(days: 39)) == Text("11月22日 10:30", "22 Nov 10:30"))
        #expect(now.dayAndTime(at: now.adding(days: 40)) == Text("2026年11月22日 10:30", "22 Nov 2026 10:30"))
        #expect(now.adding(days: 365).relative(to: now) == Text("2027年11月22日 10:30", "22 Nov 2027 10:30"))
        #expect(now.adding(days: -365).relative(to: now).zh == "2025年11月22日 10:30")
        #expect(day.full == Text("2026年11月22日", "22 Nov 2026"))
        #expect(now.relative(to: now).zh == "今天 10:30")
        #expect(now.adding(days: 1).relative(to: now).zh == "明天 10:30")
        #expect(now.adding(hours: -11).relative(to: now) == Text("昨天 23:30", "yesterday 23:30"))
        #expect(now.adding(days: -19).relative(to: now).zh == "11月3日 10:30")
    }

    @Test("加减")
    func arithmetic() {
        let start = Instant(milliseconds: 1000)
        #expect(start.adding(minutes: 90) == start.adding(seconds: 5400))
        #expect(start.adding(days: 2).seconds(since: start) == 172_800)
        #expect(start.seconds(since: start.adding(hours: 1)) == -3600)
    }

    @Test(
        "RFC 822 和 HTTP 的日期",
        arguments: [
            (0, "Thu, 01 Jan 1970 08:00:00 +0800", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_795_314_605_999, "Sun, 22 Nov 2026 10:30:05 +0800", "Sun, 22 Nov 2026 02:30:05 GMT"),
            (1_795_276_800_000, "Sun, 22 Nov 2026 00:00:00 +0800", "Sat, 21 Nov 2026 16:00:00 GMT"),
        ] as [(Int64, String, String)]
    )
    func internetDates(milliseconds: Int64, mail: String, http: String) {
        let instant = Instant(milliseconds: milliseconds)
        #expect(instant.mailDate == mail)
        #expect(instant.httpDate == http)
    }
}
