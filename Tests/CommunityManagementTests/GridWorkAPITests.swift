import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Visits, patrols and warnings by programs: the commands of the pages, with the same limits.
@Suite("网格工作接口：走访、巡查、预警")
struct GridWorkAPITests {
    private static let grid = "110101001901001"

    /// The elder's household.
    private func household(_ house: House) async throws -> ID<Household> {
        let elder = try await house.enterElder()
        await house.deliver()
        let found = try await house.services.database.read { try RegisterQueries.homes(of: elder, $0).first?.household }
        return try #require(found)
    }

    @Test("走访：该走访的、约、住户凭码改约和报平安、记完、没见到人、取消", arguments: TestEngine.enabled)
    func visits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await household(house)
            try await withSite(house) { site in
                let worker = try await site.program(for: .gridWorker1)
                let stranger = try await site.program(for: .gridWorker3)
                var after = ""
                var due: [String] = []
                repeat {
                    let page = try await site.shown(
                        "GET", "/visit-debts?division=\(Self.grid)&limit=20\(after)", as: worker)
                    due += page["households"].list.map { $0["household"].text }
                    after = page["next"].text.isEmpty ? "" : "&after=" + page["next"].text
                } while !after.isEmpty
                #expect(due.contains("\(household)") && Set(due).count == due.count)
                _ = try await site.shown("GET", "/visit-debts?division=\(Self.grid)", as: stranger, status: 404)

                let day = house.clock.clock.now.date.adding(days: 1)
                let draft = #"{"household":"\#(household)","reason":"冬季用气安全","day":"\#(day)","part":"morning"}"#
                _ = try await site.shown("POST", "/visits", draft, as: stranger, status: 404)
                let late = draft.replacing("\(day)", with: "2020-01-01")
                _ = try await site.shown("POST", "/visits", late, as: worker, status: 422)
                let made = try await site.shown("POST", "/visits", draft, as: worker, status: 201)
                _ = try await site.shown("POST", "/visits", draft, as: worker, status: 409)
                let path = "/visits/\(made["id"].text)"
                #expect(
                    made["questions"].list.contains { $0["id"].text == "gasAlarm" } && made["state"].text == "announced"
                )
                _ = try await site.shown("GET", path, as: stranger, status: 404)
                let open = try await site.shown("GET", "/visits?division=\(Self.grid)&limit=1", as: worker)
                let rest = try await site.shown(
                    "GET",
                    "/visits?division=\(Self.grid)\(open["next"].text.isEmpty ? "" : "&after=" + open["next"].text)",
                    as: worker)
                #expect((open["visits"].list + rest["visits"].list).contains { $0["id"].text == made["id"].text })

                // The household, without an account.
                let code = made["code"].text
                let read = try await site.shown("POST", "/visit-codes", #"{"code":"\#(code)"}"#, as: site.bare)
                #expect(read["reason"].text == "冬季用气安全" && !read.names.contains("household"))
                _ = try await site.shown(
                    "POST", "/visit-codes", #"{"code":"aaaa-aaaa-aaaa"}"#, as: site.bare, status: 404)
                let move = #"{"code":"\#(code)","day":"\#(day)","part":"evening","way":"call","wish":"打 13800138000"}"#
                let moved = try await site.shown("POST", "/visit-codes/move", move, as: site.bare)
                #expect(moved["moves"].text == "1" && moved["way"].text == "call")
                #expect(moved["wish"].text.contains("138****8000"))
                let called = #"{"day":"\#(day)","part":"afternoon","asked":true}"#
                _ = try await site.shown("POST", path + "/move", called, as: stranger, status: 404)
                let again = try await site.shown("POST", path + "/move", called, as: worker)
                #expect(again["moves"].text == "2" && again["way"].text == "call")

                let wrong = #"{"answers":{"gasAlarm":"能用"},"note":"\#(String(repeating: "长", count: 501))"}"#
                _ = try await site.shown("POST", path + "/end", wrong, as: worker, status: 422)
                let outcome = #"{"changed":true,"answers":{"gasAlarm":"坏了"},"note":"装了新的"}"#
                let ended = try await site.shown("POST", path + "/end", outcome, as: worker)
                #expect(ended["state"].text == "done" && ended["result"].text == "changed")
                _ = try await site.shown("POST", path + "/end", outcome, as: worker, status: 409)

                let second = try await site.shown("POST", "/visits", draft, as: worker, status: 201)
                let next = "/visits/\(second["id"].text)"
                #expect(try await site.shown("POST", next + "/miss", as: worker)["state"].text == "missed")
                _ = try await site.shown("DELETE", next, as: worker, status: 204)
                let third = try await site.shown("POST", "/visits", draft, as: worker, status: 201)
                let well = #"{"code":"\#(third["code"].text)"}"#
                #expect(try await site.shown("POST", "/visit-codes/well", well, as: site.bare)["result"].text == "well")

                let head = try await site.program(for: .head)
                let ledger = try await site.whole("/visit-ledger", "visits", limit: 2, as: head).map { $0["id"].text }
                // The demo has visits, too, and its node's identifiers may be the greater ones.
                let ours = [third["id"].text, second["id"].text, made["id"].text]
                #expect(ledger.filter { ours.contains($0) } == ours)
                #expect(ledger == ledger.sorted(by: >) && Set(ledger).count == ledger.count)
                _ = try await site.shown("GET", "/visit-ledger", as: worker, status: 403)
            }
        }
    }

    @Test("走访计划：定、看、停；巡查路线：定、看、停", arguments: TestEngine.enabled)
    func plans(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let stranger = try await site.program(for: .locustHead)
                let plan = #"{"name":"独居老人","division":"\#(Self.grid)","care":"alone","everyDays":7}"#
                let made = try await site.shown("POST", "/visit-plans", plan, as: head, status: 201)
                #expect(made["care"].text == "alone" && made["form"].text.contains("gasAlarm"))
                _ = try await site.shown("POST", "/visit-plans", plan, as: stranger, status: 422)
                let path = "/visit-plans/\(made["id"].text)"
                _ = try await site.shown("DELETE", path, as: stranger, status: 404)
                let listed = try await site.shown("GET", "/visit-plans?division=\(Self.grid)", as: head)
                #expect(listed["plans"].list.contains { $0["id"].text == made["id"].text })
                let second = try await site.shown(
                    "POST", "/visit-plans", plan.replacing("独居老人", with: "空巢老人"), as: head, status: 201)
                let paged = try await site.whole("/visit-plans?division=\(Self.grid)", "plans", as: head)
                // The demo has a plan, too, and its node's identifiers may be the greater ones.
                let (ids, ours) = (paged.map { $0["id"].text }, [made["id"].text, second["id"].text])
                #expect(ids.filter { ours.contains($0) } == ours)
                #expect(ids == ids.sorted() && Set(ids).count == ids.count)
                #expect(paged.count == listed["plans"].list.count + 1)
                _ = try await site.shown(
                    "GET", "/visit-plans?division=\(Self.grid)&after=x", as: head, status: 400)
                _ = try await site.shown("DELETE", path, as: head, status: 204)
                let left = try await site.shown("GET", "/visit-plans?division=\(Self.grid)", as: head)
                #expect(!left["plans"].list.contains { $0["id"].text == made["id"].text })

                let bad = #"{"name":"x","division":"\#(Self.grid)","from":600,"until":540,"points":["北门"]}"#
                let wrong = try await site.shown("POST", "/patrol-routes", bad, as: head, status: 422)
                #expect(wrong["fields"].list.map { $0["name"].text } == ["until"])
                let route = bad.replacing(#""from":600"#, with: #""from":480"#)
                _ = try await site.shown("POST", "/patrol-routes", route, as: stranger, status: 422)
                let drawn = try await site.shown("POST", "/patrol-routes", route, as: head, status: 201)
                #expect(drawn["weekdays"].list.count == 7 && drawn["points"].list.map { $0["name"].text } == ["北门"])
                let beside = try await site.shown(
                    "POST", "/patrol-routes", route.replacing("北门", with: "南门"), as: head, status: 201)
                let routes = try await site.whole("/patrol-routes?division=\(Self.grid)", "routes", as: head)
                    .map { $0["id"].text }
                let walked = [drawn["id"].text, beside["id"].text]
                #expect(routes.filter { walked.contains($0) } == walked)
                #expect(routes == routes.sorted() && Set(routes).count == routes.count)
                let at = "/patrol-routes/\(drawn["id"].text)"
                _ = try await site.shown("GET", at + "/codes", as: stranger, status: 404)
                _ = try await site.shown("DELETE", at, as: head, status: 204)
                _ = try await site.shown("GET", at, as: head, status: 404)
            }
        }
    }

    @Test("巡查：开始、凭码或位置签到、隐患成工单、轨迹写明原因才看；不在班的不行", arguments: TestEngine.enabled)
    func patrols(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(DemoStaff.gridWorker1)
            let account = try #require(context.actor.account)
            let unit = try await house.unit("幸福里社区居委会")
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let worker = try await site.program(for: .gridWorker1)
                let other = try await site.program(for: .gridWorker3)
                let draft =
                    #"{"name":"3号楼消防","division":"\#(Self.grid)","from":480,"until":660,"points":["#
                    + #""幸福里小区3号楼2单元","小区北门 @39.9152,116.4020","小区北门门房 @39.9152,116.4020"]}"#
                let route = try await site.shown("POST", "/patrol-routes", draft, as: head, status: 201)["id"].text
                let begin = #"{"route":"\#(route)"}"#
                _ = try await site.shown("POST", "/patrols", begin, as: worker, status: 403)
                try await house.services.database.write(context, "test.roster") { tx in
                    try UnitsStore.roster(
                        account, unit, from: tx.now.adding(hours: -1), until: tx.now.adding(hours: 3), tx)
                }
                _ = try await site.shown("POST", "/patrols", begin, as: other, status: 404)
                let begun = try await site.shown("POST", "/patrols", begin, as: worker, status: 201)
                let path = "/patrols/\(begun["id"].text)"
                let points = begun["points"].list.map { $0["id"].text }
                #expect(try await site.shown("GET", "/patrols", as: worker)["patrols"].list.count == 1)
                _ = try await site.shown("GET", path, as: head, status: 404)
                let codes = try await site.shown("GET", "/patrol-routes/\(route)/codes", as: head)["codes"].list
                let code = try #require(codes.first { $0["point"].text == points[0] })["code"].text
                let sign = path + "/points/\(points[0])/sign"
                let wrong = #"{"code":"\#(codes[1]["code"].text)"}"#
                _ = try await site.shown("POST", sign, wrong, as: worker, status: 422)
                _ = try await site.shown("POST", sign, "{}", as: worker, status: 422)
                let signed = try await site.shown("POST", sign, #"{"code":"\#(code)"}"#, as: worker)
                #expect(signed["points"].list[0]["normal"].isTrue && signed["points"].list[1]["signedAt"].text.isEmpty)
                let far = #"{"latitude":39.99,"longitude":116.4,"hazard":"stairwell"}"#
                let finding = path + "/points/\(points[1])/findings"
                _ = try await site.shown("POST", finding, far, as: worker, status: 422)
                let near = #"{"latitude":39.9152,"longitude":116.402,"hazard":"stairwell","text":"堆了纸箱"}"#
                let found = try await site.shown("POST", finding, near, as: worker)
                #expect(!found["points"].list[1]["normal"].isTrue && !found["points"].list[1]["signedAt"].text.isEmpty)
                let desk = try await site.shown("GET", "/patrol-findings", as: head)["findings"].list
                #expect(desk.first?["hazard"].text == "stairwell" && desk.first?["number"].text.isEmpty == false)
                let dark = near.replacing("stairwell", with: "light")
                _ = try await site.shown("POST", path + "/points/\(points[2])/findings", dark, as: worker)
                let paged = try await site.whole("/patrol-findings", "findings", as: head).map { $0["id"].text }
                #expect(paged.count == desk.count + 1 && Array(paged.dropFirst()) == desk.map { $0["id"].text })
                let here = #"{"latitude":39.9152,"longitude":116.402}"#
                _ = try await site.shown("POST", path + "/track", here, as: worker)
                let look = path + "/track/readings"
                _ = try await site.shown("POST", look, #"{"reason":"电话打不通"}"#, as: other, status: 404)
                let track = try await site.shown("POST", look, #"{"reason":"电话打不通"}"#, as: head)
                #expect(track["positions"].list.count == 1)
                #expect(try await !site.shown("POST", path + "/end", as: worker)["endedAt"].text.isEmpty)
                _ = try await site.shown("POST", sign, #"{"code":"\#(code)"}"#, as: worker, status: 409)
                let walked = try await site.shown("GET", "/patrol-routes?division=\(Self.grid)", as: worker)
                #expect(walked["routes"].list.first { $0["id"].text == route }?["walked"].list.count == 1)
            }
        }
    }

    @Test("预警：不能看住户的人一页一页也看不到住户的，也没有空页；知道号码也动不了", arguments: TestEngine.enabled)
    func closedWarnings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await household(house)
            let at = house.clock.clock.now
            var ids: [ID<Warning>] = []
            for _ in 0..<9 { ids.append(try house.services.database.newID()) }
            let made = ids
            // The oldest is the community's; every newer one is about the household.
            _ = try await house.services.database.system { tx in
                for (index, id) in made.enumerated() {
                    let about: ID<Household>? = index == 0 ? nil : household
                    try tx.execute(
                        """
                        INSERT INTO warning (id, rule, cause, at, division, community, household_id, category, state,
                            is_open, note, acted_name, made_at)
                        VALUES (\(id), \(index == 0 ? "kind" : "silent"), \("test:\(index)"), \(at),
                            \(DemoDivision.grid(1)), \(DemoDivision.happiness), \(about), '', 'open', 1,
                            '', '', \(at))
                        """)
                }
            }
            let hidden = Set(ids.dropFirst().map { "\($0)" })
            house.clock.advance(minutes: 4 * 1440)
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let street = try await site.program(for: .dispatcher)
                for tab in ["open", "unseen", "all"] {
                    let all = try await site.whole("/warnings?tab=\(tab)", "warnings", limit: 2, as: head)
                        .map { $0["id"].text }
                    #expect(hidden.isSubset(of: Set(all)) && Set(all).count == all.count)
                    let seen = try await site.whole("/warnings?tab=\(tab)", "warnings", limit: 2, as: street)
                    #expect(seen.contains { $0["id"].text == "\(ids[0])" }, "\(tab)")
                    #expect(seen.allSatisfy { $0["household"].text.isEmpty && !hidden.contains($0["id"].text) })
                }
                let path = "/warnings/\(ids[1])"
                _ = try await site.shown("POST", path + "/acknowledge", as: street, status: 404)
                _ = try await site.shown("POST", path + "/visit", as: street, status: 404)
                _ = try await site.shown("POST", path + "/case", as: street, status: 404)
                _ = try await site.shown("POST", path + "/dismiss", #"{"reason":"好了"}"#, as: street, status: 404)
                let mine = try await site.shown("POST", path + "/acknowledge", as: head)
                #expect(mine["household"].text == "\(household)")
            }
        }
    }

    @Test("预警：带原因列出，知道了、不用处理要写原因、转工单", arguments: TestEngine.enabled)
    func warnings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let tenant = try await house.context(.tenant)
            for _ in 0..<3 {
                _ = try await house.report(try await house.draft("楼上又漏水吵架", category: "R1102"), tenant)
            }
            await house.deliver()
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let stranger = try await site.program(for: .locustHead)
                let page = try await site.shown("GET", "/warnings?limit=1", as: head)
                var all = page["warnings"].list
                if !page["next"].text.isEmpty {
                    all += try await site.shown("GET", "/warnings?after=\(page["next"].text)", as: head)["warnings"]
                        .list
                }
                #expect(Set(all.map { $0["id"].text }).count == all.count)
                let quarrel = try #require(all.first { $0["rule"].text == "quarrels" })
                #expect(quarrel["reasons"].list.count >= 3 && quarrel["reasons"].list[0]["source"].text == "case")
                let path = "/warnings/\(quarrel["id"].text)"
                _ = try await site.shown("POST", path + "/acknowledge", as: stranger, status: 404)
                #expect(try await site.shown("POST", path + "/acknowledge", as: head)["state"].text == "acknowledged")
                _ = try await site.shown("POST", path + "/dismiss", #"{"reason":" "}"#, as: head, status: 422)
                _ = try await site.shown("POST", path + "/visit", as: head, status: 404)
                let turned = try await site.shown("POST", path + "/case", as: head)
                #expect(turned["state"].text == "turned" && !turned["case"].text.isEmpty)
                _ = try await site.shown("POST", path + "/dismiss", #"{"reason":"好了"}"#, as: head, status: 409)
                _ = try await site.shown("GET", "/cases/\(turned["case"].text)", as: head)
            }
        }
    }
}
