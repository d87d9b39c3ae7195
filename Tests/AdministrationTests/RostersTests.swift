import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Rosters: one day, every week, through the night, and who is on duty then.
@Suite("值班表")
struct RostersTests {
    /// The house begins on a Sunday, 22 November 2026, at ten.
    private func form(_ house: House, first: String = "2026-11-23", _ more: [(String, String)] = []) async throws
        -> Form
    {
        let account = try #require(try await house.context(.cityHandler).actor.account)
        let fields = more + [("account", "\(account)"), ("first", first), ("start", "09:00"), ("end", "18:00")]
        return Form(fields.map { (name: $0.0, value: $0.1) })
    }

    private func onDuty(_ house: House, _ unit: ID<LinliKernel.Unit>, _ day: String, hour: Int) async throws -> String?
    {
        let date = try #require(CivilDate(day))
        return try await house.services.database.read { try UnitsStore.onDuty(unit, at: Instant(date, hour: hour), $0) }
    }

    /// A unit without the demo's year-long shift.
    private func emptied(_ house: House) async throws -> ID<LinliKernel.Unit> {
        let unit = try await house.unit("城市管理办公室")
        try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.clear") { tx in
            try tx.execute("DELETE FROM duty_shift WHERE unit_id = \(unit)")
            try tx.audit(Subject("unit", unit))
        }
        return unit
    }

    @Test("排一天、每周重复、过夜；那时值班的就是他", arguments: TestEngine.enabled)
    func shifts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let unit = try await emptied(house)
            let path = "/admin/rosters/\(unit)/shifts"
            let one = try await house.send(path, try await form(house), administrator)
            #expect(one == "/admin/rosters/\(unit)?week=2026-11-23&done=add")
            #expect(try await onDuty(house, unit, "2026-11-23", hour: 10) == "杜建军")
            #expect(try await onDuty(house, unit, "2026-11-23", hour: 18) == nil)
            let weekly: [(String, String)] = [
                ("start", "20:00"), ("end", "06:00"), ("weekday", "2"), ("weekday", "5"), ("last", "2026-12-31"),
            ]
            _ = try await house.send(path, try await form(house, weekly), administrator)
            // Tuesdays and Fridays from 23 November to 31 December.
            #expect(
                try await house.value("SELECT count(*) FROM duty_shift WHERE unit_id = \(unit)", as: Int.self) == 1 + 11
            )
            #expect(try await onDuty(house, unit, "2026-11-25", hour: 5) == "杜建军")
            let clash = try await house.send(path, try await form(house), administrator)
            #expect(clash?.contains("已经排了这个人") == true)
            let page = try await house.open("/admin/rosters/\(unit)", query: [("week", "2026-11-26")], administrator)
            #expect(page.contains("09:00–18:00") && page.contains("20:00–11月25日 06:00"))
            #expect(try await house.open("/admin/rosters", query: [], administrator).contains("城市管理办公室"))
        }
    }

    @Test("排了几天、跨了年的班，每天都看得到，写着哪年到头，第一天能去掉", arguments: TestEngine.enabled)
    func longShift(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let unit = try await house.unit("城市管理办公室")
            let page = try await house.open("/admin/rosters/\(unit)", query: [("week", "2026-11-26")], administrator)
            #expect(!page.contains("没有排班") && page.contains("–2027年"))
            #expect(page.components(separatedBy: "/remove\"").count == 2, "on its first day here")
            #expect(!page.contains("以后每"), "it repeats on no weekday")
        }
    }

    @Test("去掉一班，或者以后每周这一班", arguments: TestEngine.enabled)
    func removing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let unit = try await emptied(house)
            let weekly = try await form(house, [("weekday", "1"), ("weekday", "3"), ("last", "2026-12-20")])
            _ = try await house.send("/admin/rosters/\(unit)/shifts", weekly, administrator)
            func ids() async throws -> [Int64] {
                try await house.services.database.read { tx in
                    try tx.all("SELECT id FROM duty_shift WHERE unit_id = \(unit) ORDER BY starts_at") { try $0[0] }
                }
            }
            let all = try await ids()
            #expect(all.count == 8)
            func remove(_ id: Int64, _ form: Form) async throws -> String? {
                try await house.send(
                    "/admin/rosters/\(unit)/shifts/\(ID<Account>(rawValue: id))/remove", form, administrator)
            }
            _ = try await remove(all[0], Form([("week", "2026-11-23")]))
            #expect(try await ids().count == 7)
            // The Mondays after it.
            _ = try await remove(all[2], Form([("week", "2026-11-30"), ("all", "yes")]))
            #expect(try await ids() == [all[1], all[3], all[5], all[7]])
            house.clock.set(Instant(try #require(CivilDate("2027-01-10")), hour: 9))
            let late = try await house.context(.administrator)
            let over = try await house.send(
                "/admin/rosters/\(unit)/shifts/\(ID<Account>(rawValue: all[1]))/remove", Form(), late
            )
            #expect(over?.contains("已经过去") == true)
        }
    }

    @Test("说不通的指出来；审计员只看", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let unit = try await house.unit("城市管理办公室")
            let path = "/admin/rosters/\(unit)/shifts"
            for (fields, text) in [
                ([("first", "2026-11-20")], "已经过了"), ([("start", "25:00")], "几点开始"), ([("account", "x")], "请选值班的人"),
                ([("weekday", "1")], "重复到哪天"), ([("weekday", "1"), ("last", "2027-12-31")], "最多 26 周"),
                ([("weekday", "3"), ("last", "2026-11-24")], "没有选中的日子"),
            ] as [([(String, String)], String)] {
                #expect(
                    try await house.send(path, try await form(house, fields), administrator)?.contains(text) == true,
                    "\(text)")
            }
            let stranger = try #require(try await house.context(.propertyHandler).actor.account)
            let foreign = try await house.send(path, try await form(house, [("account", "\(stranger)")]), administrator)
            #expect(foreign?.contains("这个单位的人") == true)
            let auditor = try await house.context(.auditor)
            #expect(try await house.open("/admin/rosters/\(unit)", query: [], auditor).contains("值班表"))
            #expect(try await house.send(path, try await form(house), auditor) == nil)
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.open("/admin/rosters/\(unit)", query: [], dispatcher).isEmpty)
        }
    }
}
