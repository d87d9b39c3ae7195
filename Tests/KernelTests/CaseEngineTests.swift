import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Clocks, ladders, pauses, parts, rulings and reviews of cases, as the people who meet them.
@Suite("时限、督办、挂账、协办、裁定、复核")
struct CaseEngineTests {
    @Test("到时提醒、督办、再上报，停机后补上，哪一级都不重复", arguments: TestEngine.enabled)
    func climbsEachRungOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            try await house.run(job: "cases.escalate")
            #expect(try await house.value("SELECT count(*) FROM case_alert WHERE case_id = \(id)", as: Int.self) == 0)
            // Nobody looks for ten days: everything that was missed is climbed, in order, each once.
            house.clock.advance(minutes: 10 * 1440)
            try await house.run(job: "cases.escalate")
            try await house.run(job: "cases.escalate")
            let rows = try await house.services.database.read { tx in
                try tx.all(
                    "SELECT clock, rung, action, at, meant_for FROM case_alert WHERE case_id = \(id) ORDER BY id"
                ) { row -> (String, Int, String, Instant, Instant) in
                    (try row[0], try row[1], try row[2], try row[3], try row[4])
                }
            }
            let told = House.start
            let steps = rows.filter { $0.0 == "step" }.map { "\($0.1) \($0.2)" }
            #expect(steps == ["0 remind", "1 supervise"])
            let promise = rows.filter { $0.0 == "promise" }
            #expect(promise.map(\.2) == ["remind", "remind", "supervise"])
            #expect(promise.map(\.4) == [50, 90, 100].map { told.adding(seconds: 8064 * 60 * $0 / 100) })
            // Raised at the limit, and again every day after it.
            let limit = rows.filter { $0.0 == "limit" }
            #expect(limit.map(\.4) == [7, 8, 9, 10].map { told.adding(days: $0) })
            #expect(limit.allSatisfy { $0.2 == "raise" && $0.3 >= $0.4 })
            #expect(try await house.value("SELECT supervision FROM case_item WHERE id = \(id)", as: Int.self) == 3)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("24 小时和 15 天两类：从派单算起，承诺时限打八折，到点上报", arguments: TestEngine.enabled)
    func classesOfLimits(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let property = try await house.unit("安居物业")
            // A blocked drain and an old lift: classes H24 and D15 of the catalogue, natural time.
            for (category, hours) in [("R0103", 24), ("R0204", 360)] {
                let draft = try await house.draft("请来看看", category: category)
                let id = try await house.report(draft, try await house.context(.tenant))
                if try await house.state(id) == "received" {
                    let step = CaseStep("dispatch", unit: property)
                    try await house.take(step, id, try await house.context(.dispatcher))
                }
                let start = house.clock.clock.now
                let clocks = try await house.services.database.read { tx in
                    try tx.all(
                        """
                        SELECT clock, budget_minutes, started_at, due_at FROM case_timer
                        WHERE case_id = \(id) AND clock IN ('limit', 'promise') ORDER BY clock
                        """
                    ) { row -> (String, Int, Instant, Instant?) in
                        (try row[0], try row[1], try row[2], try row[3])
                    }
                }
                #expect(clocks.map(\.0) == ["limit", "promise"], "\(category)")
                #expect(clocks.map(\.1) == [hours * 60, hours * 48], "\(category)")
                #expect(clocks.allSatisfy { $0.2 == start }, "\(category)")
                #expect(clocks.first?.3 == start.adding(hours: hours), "\(category)")
                house.clock.advance(minutes: hours * 60 - 1)
                try await house.run(job: "cases.escalate")
                let raised: SQL = "SELECT meant_for FROM case_alert WHERE case_id = \(id) AND clock = 'limit'"
                #expect(try await house.value(raised, as: Instant.self) == nil, "\(category)")
                house.clock.advance(minutes: 1)
                try await house.run(job: "cases.escalate")
                let limit = start.adding(hours: hours)
                #expect(try await house.value(raised, as: Instant.self) == limit, "\(category)")
            }
        }
    }

    @Test("到时没人提醒就先办了，那一级也照样记下、照样督办", arguments: TestEngine.enabled)
    func climbsWhatIsDueBeforeItMoves(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            // Taken two days later, before the job that climbs has come by.
            house.clock.advance(minutes: 2 * 1440)
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
            let rungs = try await house.services.database.read { tx in
                try tx.all("SELECT clock, rung FROM case_alert WHERE case_id = \(id) AND clock = 'step' ORDER BY rung")
                {
                    row -> (String, Int) in (try row[0], try row[1])
                }
            }
            #expect(rungs.map(\.1) == [0, 1])
            #expect(try await house.value("SELECT supervision FROM case_item WHERE id = \(id)", as: Int.self) == 2)
            try await house.run(job: "cases.escalate")
            let twice = try await house.value(
                "SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock = 'step'", as: Int.self)
            #expect(twice == 2)
        }
    }

    @Test("夜里只有紧急的响，其余的等早上上班", arguments: TestEngine.enabled)
    func ringsAtNightOnlyWhenUrgent(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // Half past ten on Monday evening.
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 22, minute: 30))
            let resident = try await house.context(.tenant)
            var urgent = try await house.draft("电梯困人", category: "R0201")
            urgent.isUrgent = true
            let loud = try await house.report(urgent, resident)
            let quiet = try await house.report(try await house.draft("家里停水", category: "R0301"), resident)
            house.clock.advance(minutes: 20)
            try await house.run(job: "cases.escalate")
            let night = house.clock.clock.now
            #expect(
                try await house.value("SELECT max(rings_at) FROM case_alert WHERE case_id = \(loud)", as: Instant.self)
                    == night)
            // A water cut has its promise at 80 % of 24 hours: half of it is Tuesday 08:06, before anybody is at work.
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_781), hour: 8, minute: 10))
            try await house.run(job: "cases.escalate")
            let morning = Instant(CivilDate(daysSinceEpoch: 20_781), hour: 9)
            #expect(
                try await house.value("SELECT min(rings_at) FROM case_alert WHERE case_id = \(quiet)", as: Instant.self)
                    == morning)
        }
    }

    @Test("退单绕不过时限：第二次退单由上一级裁定，裁定后不能再退", arguments: TestEngine.enabled)
    func refusalsEnd(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let draft = try await house.draft("楼道灯不亮", category: "R0104")
            let id = try await house.report(draft, try await house.context(.tenant))
            let started = try await house.value(
                "SELECT started_at FROM case_timer WHERE case_id = \(id) AND clock = 'limit'", as: Instant.self)
            var refuse = CaseStep("refuse", text: "不是我们管的")
            refuse.reasonClass = "notOurs"
            let first = refuse
            try await house.take(first, id, try await house.context(.propertyHandler))
            house.clock.advance(minutes: 30)
            let committee = try await house.unit("幸福里社区居委会")
            let dispatcher = try await house.context(.dispatcher)
            try await house.take(CaseStep("dispatch", unit: committee), id, dispatcher)
            try await house.take(first, id, try await house.context(.worker))
            #expect(try await house.state(id) == "arbitrating")
            // Both bodies are of this street: the street decides. The community's head may not.
            let property = try await house.unit("安居物业")
            let rule = CaseStep("rule", text: "楼道灯属共用部位，物业服务合同第三条", unit: property)
            let head = try await house.context(.head)
            #expect(try await house.refusal { try await house.take(rule, id, head) } == .forbidden)
            try await house.take(rule, id, try await house.context(.dispatcher))
            let bound = try await house.refusal { try await house.take(first, id, house.context(.propertyHandler)) }
            #expect(bound == .conflict)
            let restarted = try await house.value(
                "SELECT started_at FROM case_timer WHERE case_id = \(id) AND clock = 'limit'", as: Instant.self)
            #expect(started != nil && restarted == started)
        }
    }

    @Test("挂账要审批，有上限，到点自动恢复；暂停的时间不算", arguments: TestEngine.enabled)
    func pauses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            func ask(_ days: Int, _ context: Context) async throws -> ID<CaseRequest> {
                try await commands.ask(
                    .pause, reason: "material", minutes: days * 1440, text: "灯具厂家缺货", for: id, context)
            }
            #expect(try await house.refusal { _ = try await ask(31, handler) } == .invalid)
            #expect(try await house.refusal { _ = try await ask(3, house.context(.tenant)) } == .forbidden)
            let request = try await ask(3, handler)
            #expect(try await house.refusal { _ = try await ask(3, handler) } == .conflict)
            #expect(
                try await house.refusal {
                    _ = try await commands.decide(request, isGranted: true, text: "同意", handler)
                } == .forbidden)
            _ = try await commands.decide(request, isGranted: true, text: "同意", house.context(.dispatcher))
            let paused = try await house.services.queries.view(id, handler)
            #expect(paused.item.isPaused && paused.item.dueAt == House.start.adding(days: 3))
            // The reporter is told that and why the clock stands still.
            let resident = try await house.context(.tenant)
            let told = try await house.services.queries.view(id, resident).entries
            #expect(told.contains { $0.transition == "grantPause" && $0.text == "原因：等材料、等配件。审批意见：同意" })
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(
                try await house.value(
                    "SELECT count(*) FROM case_alert WHERE case_id = \(id) AND clock IN ('limit', 'promise')",
                    as: Int.self) == 0)
            house.clock.advance(minutes: 1440)
            try await house.run(job: "cases.resume")
            let resumed = try await house.services.queries.view(id, handler)
            #expect(!resumed.item.isPaused)
            let limit = resumed.clocks.first { $0.clock == "limit" }
            #expect(limit?.dueAt == House.start.adding(days: 10))
        }
    }

    @Test("延期要审批，时限变长，居民看得到；一轮只批一次", arguments: TestEngine.enabled)
    func extends(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            func ask() async throws -> ID<CaseRequest> {
                try await commands.ask(
                    .extend, reason: "complex", minutes: 2 * 1440, text: "涉及产权单位", for: id, handler)
            }
            let first = try await ask()
            _ = try await commands.decide(first, isGranted: false, text: "先办着", house.context(.dispatcher))
            let unchanged = try await house.services.queries.view(id, handler).clocks.first { $0.clock == "limit" }
            #expect(unchanged?.dueAt == House.start.adding(days: 7))
            _ = try await commands.decide(try await ask(), isGranted: true, text: "同意", house.context(.dispatcher))
            let longer = try await house.services.queries.view(id, handler).clocks.first { $0.clock == "limit" }
            #expect(longer?.dueAt == House.start.adding(days: 9) && longer?.budgetMinutes == 9 * 1440)
            // Who told it sees it in the history and the new end, and is written to once; what was refused is no news.
            let tenant = try await house.context(.tenant)
            let seen = try await house.services.queries.reporterView(id, tenant)
            #expect(seen.entries.map(\.transition).filter { $0.hasSuffix("Extend") } == ["grantExtend"])
            #expect(seen.clocks.first { $0.clock == "limit" }?.dueAt == longer?.dueAt)
            #expect(!seen.entries.contains { $0.text.contains("涉及产权单位") })
            await house.deliver()
            let texts = house.messages.all.filter { $0.phone == DemoResident.tenant.phone }.map(\.text.zh)
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(id)") ?? "?"
            #expect(texts.filter { $0.contains(number) }.count == 1)
            #expect(texts.contains { $0.contains(number) && $0.contains("延期到 12月1日 10:00") && $0.contains("情况复杂") })
            #expect(try await house.refusal { _ = try await ask() } == .conflict)
        }
    }

    @Test("协办没办完，主办办不结；协办的人看不到是谁反映的", arguments: TestEngine.enabled)
    func parts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let water = try await house.unit("城东自来水服务站")
            let part = CasePartDraft(unit: water, text: "电梯井渗水，请查供水管")
            let taken = try await house.services.commands.addPart(part, to: id, handler)
            let finish = CaseStep("finish", text: "换了门机皮带")
            #expect(try await house.refusal { try await house.take(finish, id, handler) } == .conflict)
            let helper = try await house.context(.waterHandler)
            // The part is theirs; the case it belongs to is not.
            #expect(try await house.refusal { _ = try await house.services.queries.view(id, helper) } == .notFound)
            let seen = try await house.services.queries.view(taken.id, helper)
            #expect(seen.item.parent == id && seen.item.reporterMask.isEmpty && !seen.standing.seesReporter)
            try await house.take(CaseStep("accept"), taken.id, helper)
            try await house.take(CaseStep("finish", text: "阀门换了"), taken.id, helper)
            #expect(try await house.refusal { try await house.take(CaseStep("agree"), taken.id, helper) } == .forbidden)
            try await house.take(CaseStep("agree"), taken.id, handler)
            try await house.take(finish, id, handler)
            #expect(try await house.state(id) == "confirming")
        }
    }

    @Test("重办后还不满意，由没经手的人复核，说明理由", arguments: TestEngine.enabled)
    func reviews(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            let centre = try await house.context(.dispatcher)
            let id = try await house.report(try await house.draft(), resident)
            let property = try await house.unit("安居物业")
            try await house.take(CaseStep("accept"), id, handler)
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            try await house.take(CaseStep("contest", text: "没好"), id, resident)
            // It does not simply go back to who did it: a reason stands in the history, and another person takes it.
            do {
                try await house.take(CaseStep("dispatch", unit: property), id, centre)
                Issue.record("it went back without a word")
            } catch let error as LinliError {
                #expect(error.kind == .invalid && error.text(for: "text") != nil)
            }
            let again = CaseStep("dispatch", text: "电梯维保合同在它，请换一位师傅", unit: property)
            try await house.take(again, id, centre)
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, handler) } == .conflict)
            try await house.take(CaseStep("accept"), id, try await house.context(.propertyManager))
            try await house.take(CaseStep("finish", text: "又修了"), id, handler)
            try await house.take(CaseStep("confirm"), id, resident)
            try await house.take(CaseStep("fail", text: "没修到位"), id, centre)
            try await house.take(CaseStep("finish", text: "再修"), id, handler)
            try await house.take(CaseStep("contest", text: "还是响"), id, resident)
            #expect(try await house.state(id) == "reviewing")
            // The dispatcher checked it once: a hand in it. The handler has one anyway.
            let dismiss = CaseStep("dismiss", text: "经检测运行正常")
            #expect(try await house.refusal { try await house.take(dismiss, id, centre) } == .forbidden)
            #expect(try await house.refusal { try await house.take(dismiss, id, handler) } == .forbidden)
            let other = try await house.context(.lateDispatcher)
            let without = CaseStep("dismiss")
            #expect(try await house.refusal { try await house.take(without, id, other) } == .invalid)
            try await house.take(dismiss, id, other)
            let told = try await house.services.queries.view(id, resident)
            #expect(told.state.id == "closed" && told.entries.last?.text == "经检测运行正常")
        }
    }

    @Test("几天内可以重办、复核几次、公不公开，都写在类型里", arguments: TestEngine.enabled)
    func typeData(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let types = house.services.queries.types
            let shipped = try #require(types.shipped("need")?.yaml)
            let lamp = CaseDraft(text: "路灯不亮", division: DemoDivision.happiness)
            func told() async throws -> Int? {
                var draft = lamp
                (draft.category, draft.spot) = ("C0118", .street)
                let id = try await house.report(draft, try await house.context(.tenant))
                return try await house.value("SELECT is_public FROM case_item WHERE id = \(id)")
            }
            #expect(try await told() == 1)
            let own = CaseTypeLoader.renumbered(shipped, version: 9) + "\nvisibility: none\nreopenDays: 5\nreviews: 0\n"
            types.add(try CaseTypeLoader.load(own))
            #expect(try await told() == 0)
            let handler = try await house.context(.propertyHandler)
            func closed() async throws -> ID<Case> {
                let resident = try await house.context(.tenant)
                let id = try await house.report(try await house.draft(), resident)
                try await house.take(CaseStep("accept"), id, handler)
                try await house.take(CaseStep("finish", text: "好了"), id, handler)
                try await house.take(CaseStep("confirm"), id, resident)
                return id
            }
            let (early, late) = (try await closed(), try await closed())
            house.clock.advance(minutes: 5 * 1440 - 1)
            let reopen = CaseStep("reopen", text: "又坏了")
            try await house.take(reopen, early, try await house.context(.tenant))
            #expect(try await house.state(early) == "received")
            house.clock.advance(minutes: 2)
            let resident = try await house.context(.tenant)
            #expect(try await house.refusal { try await house.take(reopen, late, resident) } == .conflict)
            // One redo, and no review after it.
            let again = CaseStep("dispatch", text: "请换人", unit: try await house.unit("安居物业"))
            try await house.take(again, early, try await house.context(.dispatcher))
            try await house.take(CaseStep("accept"), early, try await house.context(.propertyManager))
            try await house.take(CaseStep("finish", text: "换了主板"), early, try await house.context(.propertyManager))
            let contest = CaseStep("contest", text: "还是响")
            #expect(try await house.refusal { try await house.take(contest, early, resident) } == .conflict)
        }
    }

    @Test("换一家办，不用写理由；单位只有一个人，还是他办", arguments: TestEngine.enabled)
    func redoneElsewhere(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (resident, centre) = (try await house.context(.tenant), try await house.context(.dispatcher))
            let (water, city) = (try await house.unit("城东自来水服务站"), try await house.unit("城市管理办公室"))
            let clerk = try await house.context(.waterHandler)
            for isElsewhere in [true, false] {
                let id = try await house.report(try await house.draft("家里停水", category: "R0301"), resident)
                try await house.take(CaseStep("accept"), id, clerk)
                try await house.take(CaseStep("finish", text: "来水了"), id, clerk)
                try await house.take(CaseStep("contest", text: "又停了"), id, resident)
                if isElsewhere {
                    try await house.take(CaseStep("dispatch", unit: city), id, centre)
                    try await house.take(CaseStep("accept"), id, try await house.context(.cityHandler))
                } else {
                    let again = CaseStep("dispatch", text: "管网只有它能修", unit: water)
                    try await house.take(again, id, centre)
                    try await house.take(CaseStep("accept"), id, clerk)
                }
                #expect(try await house.state(id) == "handling")
            }
        }
    }

    @Test("联系上了诉求人，响应时限才停", arguments: TestEngine.enabled)
    func contacts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            let commands = house.services.commands
            func response() async throws -> CaseClock? {
                try await house.services.queries.view(id, handler).clocks.first { $0.clock == "response" }
            }
            try await commands.contacted(.phone, .noAnswer, text: "", on: id, handler)
            #expect(try await response()?.isActive == true)
            try await commands.contacted(.phone, .reached, text: "约了下午", on: id, handler)
            #expect(try await response()?.isActive == false)
            #expect(try await response()?.isLate == false)
        }
    }
}
