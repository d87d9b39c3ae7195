import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliSpreadsheets
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Reports over work: counted out of the rows, honest about what is missing, with people only for a purpose.
@Suite("工作报表")
struct WorkReportTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)
    private static let community = grid.ancestor(at: .community)

    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    @Test("周、月、季：从哪天到哪天，前后一期，写出来再读回去")
    func periods() throws {
        let rows: [(String, String, String)] = [
            ("2026-11", "2026-11-01", "2026-12-01"), ("2026-12", "2026-12-01", "2027-01-01"),
            ("2028-02", "2028-02-01", "2028-03-01"), ("2026-W48", "2026-11-23", "2026-11-30"),
            ("2026-W53", "2026-12-28", "2027-01-04"), ("2027-W01", "2027-01-04", "2027-01-11"),
            ("2024-W01", "2024-01-01", "2024-01-08"), ("2026-Q4", "2026-10-01", "2027-01-01"),
            ("2026-Q1", "2026-01-01", "2026-04-01"),
        ]
        for (text, first, after) in rows {
            let period = try #require(WorkPeriod(text), "\(text)")
            #expect(period.description == text && period.first.description == first, "\(text)")
            #expect(period.after.description == after && period.next.first == period.after, "\(text)")
            #expect(period.next.previous == period && period.previous.next == period, "\(text)")
            #expect(period.days.first == period.first && period.days.last?.adding(days: 1) == period.after)
            for day in period.days { #expect(WorkPeriod(period.kind, of: day) == period) }
        }
        for odd in [
            "", "2026", "2026-13", "2026-W54", "2025-W53", "2026-Q5", "2026-Q0", "2026-W0", "26-11", "2026-11-01",
        ] {
            #expect(WorkPeriod(odd) == nil, "\(odd)")
        }
        #expect(WorkPeriod("2026-11")?.name == Text("2026年11月", "Nov 2026"))
        #expect(WorkPeriod("2026-W48")?.name.en == "week 2026-W48, 23 Nov to 29 Nov")
    }

    /// Rounds of a week, a visit, a service, a form that took 37 minutes and one that is not done.
    private func work(_ house: House) async throws -> ID<Person> {
        let services = house.services
        _ = try await Demo.field(services, now: house.clock.clock.now)
        _ = try await PatrolDemo.install(services, now: house.clock.clock.now)
        let elder = try await house.enterElder()
        let household = try #require(
            try await services.database.read {
                try RegisterQueries.homes(of: elder, $0).compactMap(\.household).first
            })
        let walker = try await house.context(DemoStaff.gridWorker1)
        let made = try await house.send(
            "/grid/visits/new",
            form(
                ("household", "\(household)"), ("reason", "看看您"), ("day", walker.now.date.adding(days: 1).description),
                ("part", "morning")), walker)
        let visit = String(try #require(made).prefix { $0 != "?" })
        #expect(try await house.send(visit + "/done", form(("changed", "no")), walker) == "/grid/visits?done=done")
        let worker = try await house.context(DemoStaff.worker)
        let care = CareCommands(database: services.database)
        let offer = try await care.offer("meals", to: elder, .visit, worker)
        _ = try await care.answer(offer, yes: true, .visit, reason: "", worker)
        _ = try await care.deliver(offer, signer: "张桂兰", note: "", photo: nil, worker)
        let head = try await house.context(.head)
        let wanted: [(String, Int?)] = [("摸底表", 37), ("没填完的表", nil)]
        for (title, minutes) in wanted {
            let layout = FormLayout(above: [], heading: [["姓名", "年龄"]], below: [], names: ["姓名", "年龄"])
            let commands = FormsCommands(services)
            let id = try await commands.register(
                DemandedForm(
                    id: ID(rawValue: 0), division: Self.community, title: title, issuer: "区民政局", basis: "试验",
                    rhythm: .month, label: "aged", due: nil, layout: layout, columns: [], version: 1), head)
            let round = try await commands.open(id, period: "11月", head)
            guard let minutes else { continue }
            let opened = try #require(try await services.database.read { try FormsStore.round(round, $0) })
            try await commands.finish(opened, minutes: minutes, head)
        }
        await house.deliver()
        return elder
    }

    private func report(
        _ area: DivisionCode, _ period: WorkPeriod, _ house: House
    ) async throws -> WorkReport {
        let now = house.clock.clock.now
        return try await house.services.database.read { tx in
            try WorkReport(area, period, AssessmentCalendar(otherwise: 31), hidden: [], at: now, tx)
        }
    }

    @Test("数出来的和一行一行点的一样；各部分加起来等于合计；别的月没有", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await work(house)
            let now = house.clock.clock.now
            for kind in WorkPeriod.Kind.allCases {
                let period = WorkPeriod(kind, of: now.date)
                let found = try await report(Self.community, period, house)
                func count(_ table: SQL, _ column: SQL, _ more: SQL = "") async throws -> Int {
                    try await house.value(
                        """
                        SELECT count(*) FROM \(table) WHERE \(column) >= \(period.start) AND \(column) < \(period.end)
                        \(more)
                        """, as: Int.self) ?? 0
                }
                let total = found.total
                let rounds = try await count("patrol", "started_at")
                let hazards = try await count("patrol_finding", "at")
                #expect(total[.rounds] == rounds && total[.hazards] == hazards, "\(kind)")
                // The demo's visits lie in the month and the quarter, too.
                let met = try await count(
                    "visit_attempt", "at", "AND outcome = 'met' AND way = 'door'")
                let missed = try await count("visit_attempt", "at", "AND outcome = 'missed'")
                let households = try await house.value(
                    """
                    SELECT count(DISTINCT household_id) FROM visit_attempt
                    WHERE at >= \(period.start) AND at < \(period.end)
                    """, as: Int.self)
                #expect(met >= 1 && total[.met] == met && total[.missed] == missed, "\(kind)")
                #expect(total[.households] == households, "\(kind)")
                #expect(total[.deliveries] == 1 && total[.people] == 1 && total[.refused] == 0)
                #expect(total[.forms] == 1 && total[.minutes] == 37)
                let own = try #require(found.rows.first { $0.division == Self.community })
                #expect(own.figures[.minutes] == 37 && own.figures[.met] == 0, "a form is of no grid")
                let grid = try #require(found.rows.first { $0.division == Self.grid })
                #expect(grid.figures[.met] == met && grid.figures[.deliveries] == 1, "all visits are in this grid")
                let alone = try await report(Self.grid, period, house)
                #expect(alone.total[.rounds] == grid.figures[.rounds] && alone.total[.met] == met)
                #expect(alone.total[.minutes] == 0 && alone.rows.count == 1)
                let street = try await report(Self.grid.ancestor(at: .street), period, house)
                for column in WorkColumn.allCases { #expect(street.total[column] >= total[column], "\(column)") }
                let notes = found.notes.map(\.zh).joined()
                #expect(notes.contains("还没过完") && notes.contains("有 1 期报表本期在填") && notes.contains("3 条路线"))
            }
            let month = WorkPeriod(.month, of: now.date)
            #expect(try await report(Self.community, month, house).total[.rounds] > 3)
            // The demo begins at the end of September.
            let before = try await report(Self.community, month.previous.previous.previous, house)
            for column in [WorkColumn.met, .missed, .rounds, .deliveries, .forms] {
                #expect(before.total[column] == 0, "\(column)")
            }
            #expect(!before.notes.map(\.zh).joined().contains("还没过完"))
            let elsewhere = try await report(DemoDivision.village, month, house)
            #expect(elsewhere.notes.map(\.zh).joined().contains("没有巡查路线"))
        }
    }

    @Test("该巡没巡按路线的日子数：没走的算，没到时候的不算", arguments: TestEngine.enabled)
    func skipped(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await Demo.field(house.services, now: house.clock.clock.now)
            _ = try await PatrolDemo.install(house.services, now: house.clock.clock.now)
            house.clock.set(house.clock.clock.now.adding(days: 21))
            let now = house.clock.clock.now
            let week = WorkPeriod(.week, of: now.date).previous
            let routes = try await house.services.database.read { try PatrolStore.routes(in: Self.community, $0) }
            let due = routes.reduce(0) { sum, route in sum + week.days.count { route.isDue(on: $0) } }
            let found = try await report(Self.community, week, house)
            #expect(found.total[.skipped] == due && due > 0)
            #expect(try await report(Self.community, week.next.next, house).total[.skipped] == 0)
        }
    }

    @Test("页面和只有数的表谁有权看数都能拿；明细要用途，留痕、有标记；没有姓名", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await work(house)
            let head = try await house.context(.head)
            let area = ("division", "\(Self.community)")
            let page = try await house.open("/desk/reports", query: [area], head)
            for word in ["上门见到", "该巡没巡", "当场办结", "用时（分钟）", "37", "还没过完", "导出明细"] {
                #expect(page.contains(word), "\(word)")
            }
            #expect(page.contains("2026年11月是同样的几天"), "months of assessment end with the month here")
            let csv = try await house.open("/desk/reports", query: [area, ("as", "csv")], head)
            #expect(csv.contains("不含个人信息") && csv.contains("上级报表：用时（分钟）") && csv.contains("还没过完"))
            #expect(!csv.contains("张桂兰") && !csv.contains("2单元301") && !csv.contains("李强"))
            let street = try await house.context(.dispatcher)
            #expect(try await house.open("/desk/reports", query: [area], street).contains("上门见到"))
            #expect(try await !house.open("/desk/reports", query: [area], street).contains("导出明细"))
            for stranger in [DemoStaff.locustHead, .propertyHandler] {
                #expect(try await house.open("/desk/reports", query: [area], house.context(stranger)).isEmpty)
            }
            func ask(_ purpose: String, _ format: String) -> Form {
                form(
                    area, ("period", "\(WorkPeriod(.month, of: head.now.date))"), ("purpose", purpose),
                    ("format", format))
            }
            let refused = try await house.send("/desk/reports", ask("看", "csv"), head)
            #expect(refused?.contains("请写明用途") == true)
            #expect(try await house.send("/desk/reports", ask("月度检查用", "csv"), street) == nil)
            let audited = "SELECT count(*) FROM audit_entry WHERE command = 'reports.export'"
            #expect(try await house.value(SQL(stringLiteral: audited), as: Int.self) == 0)
            let lines = try #require(try await house.send("/desk/reports", ask("月度检查用", "csv"), head))
            #expect(lines.contains("马秀英 于 ") && lines.contains("用途：月度检查用"))
            #expect(lines.contains("幸福里小区3号楼2单元301") && lines.contains("老年助餐，送到") && lines.contains("隐患"))
            #expect(!lines.contains("张桂兰"))
            #expect(try await house.value(SQL(stringLiteral: audited), as: Int.self) == 1)
            let sheet = try await house.reply("/desk/reports", ask("月度检查用", "xlsx"), head)
            guard case .bytes(let bytes, _) = sheet.content else {
                Issue.record("no workbook")
                return
            }
            let path = "\(house.folder)/work.xlsx"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let rows = try Sheet.rows(file: path)
            #expect(ExportMark.isMark(rows[0].cells) && rows[1].cells[0] == "时间" && rows.count > 4)
        }
    }

    @Test("接口：数、表、明细，限制一样", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await work(house)
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let path = "/work-reports?division=\(Self.community)"
                let found = try await site.shown("GET", path, as: head)
                #expect(found["total"]["minutes"].text == "37" && found["total"]["met"].text == "1")
                #expect(found["period"].text == "2026-11" && found["notes"].list.count > 2)
                #expect(found["parts"].list.contains { $0["division"].text == "\(Self.grid)" })
                let week = try await site.shown("GET", path + "&period=2026-W47", as: head)
                #expect(week["from"].text.hasPrefix("2026-11-1"))
                _ = try await site.shown("GET", path + "&period=lately", as: head, status: 422)
                let stranger = try await site.program(for: .locustHead)
                _ = try await site.shown("GET", path, as: stranger, status: 404)
            }
        }
    }
}
