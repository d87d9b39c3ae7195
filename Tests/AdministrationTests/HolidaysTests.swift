import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Logging
import Testing

/// Holidays typed in: they are checked, stored, and every clock of every node goes by them.
@Suite("节假日管理")
struct HolidaysTests {
    private static let table = """
        2027 | source | 测试用的通知
        2027 | off | 2027-01-01 | 2027-01-03 | 元旦 | New Year's Day
        2027 | off | 2027-02-05 | 2027-02-11 | 春节 | Spring Festival
        2027 | work | 2027-02-14 | 春节 | Spring Festival
        """

    private func form(_ table: String = Self.table, year: String = "2027", save: Bool = true) -> Form {
        let fields = [("year", year), ("table", table)] + (save ? [("do", "save")] : [])
        return Form(fields.map { (name: $0.0, value: $0.1) })
    }

    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test("先看再存；存下马上算数，别的节点看一眼也算数", arguments: TestEngine.enabled)
    func stored(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let days = house.services.days
            let (festival, sunday) = (try day("2027-02-08"), try day("2027-02-14"))
            #expect(!days.current.knows(festival) && days.current.isWorkingDay(festival))
            // As another node holds it: it reads what was stored when the number was raised.
            let other = try WorkingDays(hours: .office)
            let looked = try await house.send("/admin/holidays", form(save: false), administrator)
            #expect(looked?.contains("放假 7 天") == true && looked?.contains("value=\"save\"") == true)
            #expect(!days.current.knows(festival))
            #expect(
                try await house.send("/admin/holidays", form(), administrator) == "/admin/holidays?year=2027&done=save")
            #expect(!days.current.isWorkingDay(festival) && days.current.isWorkingDay(sunday))
            // The years this version came with stay.
            #expect(days.current.knows(try day("2026-10-01")))
            try await other.load(house.services.database)
            #expect(!other.current.isWorkingDay(festival))
            let page = try await house.open("/admin/holidays", query: [("year", "2027")], administrator)
            #expect(page.contains("测试用的通知") && page.contains("2027 | work | 2027-02-14"))
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("改动在别的节点两秒内读到", arguments: TestEngine.enabled)
    func refreshed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let refresher = Refresher(house.services, logger: Logger(label: "test"))
            let before = try await refresher.look([:])
            let now = house.clock.clock.now
            try await house.services.database.write(.system("test", now: now), "test.holidays") { tx in
                try HolidaysStore.put(2027, table: Self.table, tx)
                let grid = NewDivision(code: DemoDivision.grid(9), level: .grid, name: "第9网格", isSynthetic: true)
                _ = try DivisionsStore.put([grid], source: "test", tx)
            }
            #expect(house.services.divisions[DemoDivision.grid(9)] != "第9网格")
            let after = try await refresher.look(before)
            #expect(after != before)
            #expect(house.services.days.current.knows(try day("2027-02-08")))
            #expect(house.services.divisions[DemoDivision.grid(9)] == "第9网格")
            #expect(try await refresher.look(after) == after)
        }
    }

    @Test("工单的时限跟着改", arguments: TestEngine.enabled)
    func deadlines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A Thursday afternoon before the festival that nobody has entered yet.
            house.clock.set(Instant(try day("2027-02-04"), hour: 17))
            let resident = try await house.context(.tenant)
            func due() async throws -> Instant? {
                let id = try await house.report(try await house.draft("楼道灯坏了", category: "R0104"), resident)
                return try await house.value("SELECT due_at FROM case_item WHERE id = \(id)", as: Instant?.self) ?? nil
            }
            let before = try #require(try await due())
            _ = try await house.send("/admin/holidays", form(), try await house.context(.administrator))
            let after = try #require(try await due())
            #expect(before < after, "\(before.iso8601) \(after.iso8601)")
        }
    }

    @Test("写错的行都指出来；别的年份不收；改回附带的", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let broken = "2027 | off | 2027-02-30 | 2027-03-01 | 春节 | Spring\n2027 | work | 2027-02-08 | 春节 | Spring\n"
            let said = try await house.send("/admin/holidays", form(broken), administrator)
            for text in ["第 1 行", "第 2 行", "没有写依据"] { #expect(said?.contains(text) == true, "\(text)") }
            #expect(said?.contains("2027 | work | 2027-02-08") == true)
            let other = try await house.send("/admin/holidays", form(year: "2028"), administrator)
            #expect(other?.contains("每一行都要以 2028 开头") == true)
            let changed = try WorkingCalendar.bundledTable(of: 2026)
                .replacingOccurrences(
                    "2026 | off  | 2026-01-01 | 2026-01-03", with: "2026 | off  | 2026-01-01 | 2026-01-02")
            _ = try await house.send("/admin/holidays", form(changed, year: "2026"), administrator)
            #expect(house.services.days.current.isWorkingDay(try day("2026-01-03")) == false)
            #expect(house.services.days.current.name(of: try day("2026-01-03")) == nil)
            _ = try await house.send("/admin/holidays/2026/reset", Form(), administrator)
            #expect(house.services.days.current.name(of: try day("2026-01-03")) != nil)
        }
    }

    @Test("只看不改的人，社区的管理员", arguments: TestEngine.enabled)
    func access(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let auditor = try await house.context(.auditor)
            #expect(try await house.open("/admin/holidays", query: [], auditor).contains("2026 年节假日"))
            #expect(try await house.send("/admin/holidays", form(), auditor) == nil)
            let wish = OperatorAccounts.Wish(
                phone: "13900003333", name: "社区管理员", role: "administrator", division: "110101001901", unit: ""
            )
            _ = try await OperatorAccounts(house.services).add(wish, .system("user", now: auditor.now))
            let local = try await house.context("13900003333")
            #expect(try await house.send("/admin/holidays", form(), local) == nil)
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.open("/admin/holidays", query: [], dispatcher).isEmpty)
        }
    }
}

extension String {
    /// This text with the first occurrence of a part replaced.
    fileprivate func replacingOccurrences(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
