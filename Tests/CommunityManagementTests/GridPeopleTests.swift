import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Who to call in a grid, and one's own duty: pages and programs.
@Suite("网格上找谁；自己的班")
struct GridPeopleTests {
    private static let grid = "110101001901001"

    private func onDuty(
        _ house: House, _ person: DemoStaff, from: Double, until: Double
    ) async throws {
        let context = try await house.context(person)
        let account = try #require(context.actor.account)
        let unit = try await house.unit("幸福里社区居委会")
        try await house.services.database.write(context, "test.roster") { tx in
            try UnitsStore.roster(
                account, unit, from: tx.now.adding(seconds: Int64(from * 3600)),
                until: tx.now.adding(seconds: Int64(until * 3600)), tx)
        }
    }

    @Test("网格员的今天、楼的页面、地图上都找得到；在班看号码", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let head = try await house.context(DemoStaff.head)
            let entrance = try await house.place("幸福里小区3号楼2单元").id
            var draft = GridRoleDraft()
            (draft.kind, draft.name, draft.phone, draft.place) = (.steward, "高原原", "13900005577", entrance)
            let steward = draft
            let commands = GridRoleCommands(house.services.database)
            let id = try await commands.add(steward, to: House.homeGrid, head)
            let worker = try await house.context(DemoStaff.gridWorker1)
            let row = "href=\"/grid/people/\(id)\""
            for (path, query) in [
                ("/grid", []), ("/desk/map", [("under", Self.grid)]), ("/registers/places/\(entrance)", []),
            ] as [(String, [(String, String)])] {
                let page = try await house.open(path, query: query, worker)
                #expect(page.contains(row) && page.contains("139****5577"), "\(path)")
                #expect(!page.contains("13900005577"), "\(path)")
            }
            #expect(
                try await house.open("/desk/map", query: [("under", Self.grid)], head).contains("/admin/grid-roles/"))
            #expect(try await house.open("/grid/people/\(id)", query: [], worker).contains("看号码"))
            let call = "/grid/people/\(id)/phone"
            #expect(try await house.send(call, Form(), worker) == nil, "off duty")
            try await onDuty(house, .gridWorker1, from: -1, until: 3)
            let opened = try await house.send(call, Form(), try await house.context(DemoStaff.gridWorker1))
            #expect(opened?.contains("tel:13900005577") == true)
            let other = try await house.context(DemoStaff.gridWorker3)
            #expect(try await house.open("/grid/people/\(id)", query: [], other).isEmpty)
            try await commands.end(id, in: House.homeGrid, head)
            #expect(try await house.open("/grid/people/\(id)", query: [], worker).isEmpty)
            #expect(try await !house.open("/grid", query: [], worker).contains(row))
        }
    }

    @Test("接口：加、列、看号码、结束；没有权的不行", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let worker = try await site.program(for: .gridWorker1)
                let draft =
                    #"{"division":"\#(Self.grid)","kind":"volunteer","name":"周立新","phone":"13900005588"}"#
                _ = try await site.shown("POST", "/grid-people", draft, as: worker, status: 403)
                let steward = draft.replacing("volunteer", with: "steward")
                _ = try await site.shown("POST", "/grid-people", steward, as: head, status: 422)
                let made = try await site.shown("POST", "/grid-people", draft, as: head, status: 201)
                #expect(made["phone"].text == "139****5588" && made["kind"].text == "volunteer")
                let path = "/grid-people/\(made["id"].text)"
                let list = try await site.shown("GET", "/grid-people?division=\(Self.grid)", as: worker)
                #expect(list["people"].list.map { $0["id"].text } == [made["id"].text])
                #expect(try await site.shown("POST", path + "/readings", as: head)["phone"].text == "13900005588")
                _ = try await site.shown("POST", path + "/readings", as: worker, status: 403)
                _ = try await site.shown("DELETE", path, as: worker, status: 403)
                _ = try await site.shown("DELETE", path, as: head, status: 204)
                _ = try await site.shown("GET", path, as: head, status: 404)
            }
        }
    }

    @Test("自己两周的班，上一班下一班是谁；别人的看不到", arguments: TestEngine.enabled)
    func roster(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(DemoStaff.gridWorker1)
            #expect(try await house.open("/grid/roster", query: [], worker).contains("没有排您的班"))
            try await onDuty(house, .gridWorker2, from: 24, until: 32)
            try await onDuty(house, .gridWorker1, from: 32, until: 40)
            try await onDuty(house, .gridWorker3, from: 40, until: 48)
            // Too far ahead to be shown.
            try await onDuty(house, .gridWorker1, from: 24 * 20, until: 24 * 20 + 8)
            let second = try await house.context(DemoStaff.gridWorker2).actor.name
            let third = try await house.context(DemoStaff.gridWorker3).actor.name
            let account = try #require(worker.actor.account)
            let now = house.clock.clock.now
            let shifts = try await house.services.database.read {
                try DutyShifts.own(account, from: now, until: now.adding(days: 14), $0)
            }
            #expect(shifts.count == 1 && shifts.first?.from == now.adding(hours: 32))
            #expect(shifts.first?.before?.name == second && shifts.first?.after?.name == third)
            let page = try await house.open("/grid/roster", query: [], worker)
            #expect(page.contains("上一班") && page.contains(second) && page.contains("下一班") && page.contains(third))
            #expect(try await house.open("/grid", query: [], worker).contains("/grid/roster"))
            try await withSite(house) { site in
                let program = try await site.program(for: .gridWorker1)
                let own = try await site.shown("GET", "/roster", as: program)["shifts"].list
                #expect(own.count == 1 && own.first?["before"]["name"].text == second)
            }
        }
    }
}
