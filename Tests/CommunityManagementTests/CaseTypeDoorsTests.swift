import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Cases of every type come in by the doors their definition names, and ask for what it says.
@Suite("各类工单的入口")
struct CaseTypeDoorsTests {
    /// The identifier of the newest case of a type.
    private func newest(_ type: String, _ house: House) async throws -> ID<Case> {
        let id: ID<Case>? = try await house.value("SELECT max(id) FROM case_item WHERE type = \(type)")
        return try #require(id)
    }

    private func count(_ type: String, _ house: House) async throws -> Int {
        try await house.value("SELECT count(*) FROM case_item WHERE type = \(type)", as: Int.self) ?? 0
    }

    @Test("居民报修：该填的才要填，填错了原样留着", arguments: TestEngine.enabled)
    func repairs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let before = try await count("repair", house)
            let page = try await house.open("/report", query: [("type", "repair")], tenant)
            for words in ["哪里坏了", "师傅怎么进门", "answers.appointment", "“师傅怎么进门”答了“约个时间”才要填。"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("name=\"nature\""), "a repair has one nature only")
            let place = try await house.place("幸福里小区3号楼2单元")
            var fields: [(String, String)] = [
                ("type", "repair"), ("text", "厨房水龙头关不上"), ("entrance", "\(place.id)"), ("once", randomToken()),
                ("answers.entry", "appointment"), ("answers.period", "evening"), ("answers.unknown", "x"),
            ]
            let refused = try #require(try await house.send("/report", Form(fields), tenant))
            #expect(refused.contains("请填写：哪天方便") && refused.contains("厨房水龙头关不上"))
            #expect(refused.contains("value=\"appointment\" checked") && refused.contains("value=\"evening\" checked"))
            #expect(try await count("repair", house) == before)

            fields.append(("answers.appointment", "2026-11-30"))
            let told = try #require(try await house.send("/report", Form(fields), tenant))
            #expect(told.hasPrefix("/r/"), "\(told)")
            #expect(try await count("repair", house) == before + 1)
            let id = try await newest("repair", house)
            let view = try await house.services.queries.view(id, tenant)
            #expect(view.item.answers == ["entry": "appointment", "appointment": "2026-11-30", "period": "evening"])
            #expect(view.item.nature == .assistance && view.item.number.hasPrefix("BX"))
            let category = try #require(house.services.catalogue[code: view.item.category])
            #expect(view.item.state == "dispatched" && view.type.opening?.takes(category) == true)
            let both = [
                (Language.zh, ["师傅怎么进门", "约个时间"]), (.en, ["How the worker gets in", "At an agreed time"]),
            ]
            for (language, words) in both {
                let reader = try await house.context(.tenant, language: language)
                let own = try await house.open("/cases/\(id)", query: [], reader)
                let staff = try await house.context(.dispatcher, language: language)
                let desk = try await house.open("/desk/cases/\(id)", query: [], staff)
                for word in words { #expect(own.contains(word) && desk.contains(word), "\(word)") }
            }
        }
    }

    @Test("不归这一类的答案不算数，也不要求", arguments: TestEngine.enabled)
    func whatIsNotAskedDoesNotCount(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await count("repair", house)
            var draft = try await house.draft("楼道灯不亮", category: "R0104")
            draft.type = "repair"
            draft.answers = ["entry": "home", "appointment": "not a date", "period": "never"]
            let id = try await house.report(draft, try await house.context(.tenant))
            let kept = try await house.services.queries.view(id, try await house.context(.tenant)).item.answers
            #expect(kept == ["entry": "home"])
            let wrong: [@Sendable (inout CaseDraft) -> Void] = [
                { $0.answers = ["entry": "window"] }, { $0.answers = [:] }, { $0.category = "R0804" },
                { $0.nature = .complaint }, { $0.spot = .street }, { $0.type = "task" },
                { $0.answers = ["entry": "appointment", "appointment": "2026-02-30"] }, { $0.settledWith = "好了" },
            ]
            for (index, spoil) in wrong.enumerated() {
                var other = draft
                spoil(&other)
                let kind = try await house.refusal {
                    _ = try await house.report(other, try await house.context(.tenant))
                }
                #expect(kind == .invalid, "\(index)")
            }
            #expect(try await count("repair", house) == before + 1)
        }
    }

    @Test("网格员上报网格事件：到场看过的直接待立案，当场解决的待结案", arguments: TestEngine.enabled)
    func gridEvents(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(.gridWorker1)
            let page = try await house.open("/grid/report", query: [("type", "gridEvent")], worker)
            #expect(page.contains("发现了什么") && page.contains("已当场解决"))
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields: [(String, String)] = [
                ("type", "gridEvent"), ("text", "便道上井盖翘起来了"), ("category", "C0101"), ("place", "\(place.id)"),
                ("spot", "street"), ("once", randomToken()),
            ]
            _ = try await house.send("/grid/report", Form(fields), worker)
            let found = try await newest("gridEvent", house)
            #expect(try await house.state(found) == "filing")
            let settled = fields.dropLast() + [("once", randomToken()), ("settled", "yes"), ("settledWith", "扶正压实了")]
            _ = try await house.send("/grid/report", Form(Array(settled)), worker)
            let done = try await newest("gridEvent", house)
            #expect(try await house.state(done) == "closing")
            // A repair is not settled by looking at it: the page offers no such tick.
            let repair = try await house.open("/grid/report", query: [("type", "repair")], worker)
            #expect(!repair.contains("name=\"settled\"") && repair.contains("师傅怎么进门"))
            // Without an estate the words about the place must be there.
            var elsewhere = try await house.draft("井盖翘起来了", category: "C0101")
            (elsewhere.type, elsewhere.source, elsewhere.spot, elsewhere.place) = ("gridEvent", .grid, .street, nil)
            let kind = try await house.refusal { _ = try await house.report(elsewhere, worker) }
            #expect(kind == .invalid)
        }
    }

    // MARK: Every transition

    private func finish(_ words: String, _ id: ID<Case>, _ context: Context, _ house: House) async throws {
        var step = CaseStep("finish", text: words)
        step.photos = [try await house.photo(context)]
        try await house.take(step, id, context)
    }

    private func refuse(
        _ id: ID<Case>, _ context: Context, _ house: House, by transition: String = "refuse"
    ) async throws {
        var step = CaseStep(transition, text: "不归我们管")
        step.reasonClass = "notOurs"
        try await house.take(step, id, context)
    }

    @Test("网格事件走完七步，退单、裁定、不立案都走得通", arguments: TestEngine.enabled)
    func sevenSteps(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let worker = try await house.context(.gridWorker1)
            let handler = try await house.context(.enforcementHandler)
            let unit = try await house.unit("东华门街道综合行政执法队")
            func tell() async throws -> ID<Case> {
                var draft = try await house.draft("摊贩占了便道", category: "E0404")
                (draft.type, draft.source, draft.spot) = ("gridEvent", .staff, .street)
                return try await house.report(draft, dispatcher)
            }
            let id = try await tell()
            #expect(try await house.state(id) == "verifying")
            try await house.take(CaseStep("verify", text: "在现场"), id, worker)
            try await house.take(CaseStep("file"), id, dispatcher)
            try await house.take(CaseStep("dispatch", unit: unit), id, dispatcher)
            try await refuse(id, handler, house)
            try await house.take(CaseStep("dispatch", unit: unit), id, dispatcher)
            try await refuse(id, handler, house, by: "refuseAgain")
            #expect(try await house.state(id) == "arbitrating")
            try await house.take(CaseStep("rule", text: "归执法队", unit: unit), id, dispatcher)
            try await house.take(CaseStep("accept"), id, handler)
            try await finish("劝离了", id, handler, house)
            try await house.take(CaseStep("rework", text: "又回来了"), id, worker)
            try await finish("再次劝离", id, handler, house)
            try await house.take(CaseStep("checked"), id, worker)
            // Somebody told it: they are asked before it is closed.
            try await house.take(CaseStep("confirm"), id, house.holder(of: id))
            try await house.take(CaseStep("close"), id, dispatcher)
            #expect(try await house.state(id) == "closed")
            let false1 = try await tell()
            try await house.take(CaseStep("notSo", text: "到场没有看到"), false1, worker)
            let slight = try await tell()
            try await house.take(CaseStep("verify"), slight, worker)
            try await house.take(CaseStep("notFiled", text: "不够立案标准"), slight, dispatcher)
            for other in [false1, slight] { #expect(try await house.state(other) == "rejected") }
        }
    }

    @Test("报修从派单到验收、返工、撤回、到时办结", arguments: TestEngine.enabled)
    func repairWalk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let dispatcher = try await house.context(.dispatcher)
            let handler = try await house.context(.propertyHandler)
            let property = try await house.unit("安居物业")
            func tell() async throws -> ID<Case> {
                var draft = try await house.draft("楼道灯不亮", category: "R0104")
                (draft.type, draft.answers) = ("repair", ["entry": "shared"])
                return try await house.report(draft, tenant)
            }
            let id = try await tell()
            #expect(try await house.state(id) == "dispatched")
            try await refuse(id, handler, house)
            try await house.take(CaseStep("dispatch", unit: property), id, dispatcher)
            try await house.take(CaseStep("accept"), id, handler)
            try await finish("换了灯", id, handler, house)
            try await house.take(CaseStep("contest", text: "又不亮了"), id, tenant)
            try await finish("换了线", id, handler, house)
            try await house.take(CaseStep("confirm"), id, tenant)
            // Repaired again and still dark: somebody who had no hand in it looks, with reasons.
            try await house.take(CaseStep("reopen", text: "还是不亮"), id, tenant)
            #expect(try await house.state(id) == "reviewing")
            let uphold = CaseStep("uphold", text: "现场看过，灯确实不亮")
            #expect(try await house.refusal { try await house.take(uphold, id, handler) } == .forbidden)
            let silent = CaseStep("uphold")
            // The dispatcher sent it there against a refusal: that decided whose it is.
            #expect(try await house.refusal { try await house.take(uphold, id, dispatcher) } == .forbidden)
            let other = try await house.context(.lateDispatcher)
            #expect(try await house.refusal { try await house.take(silent, id, other) } == .invalid)
            try await house.take(uphold, id, other)
            #expect(try await house.state(id) == "received")
            let taken = try await tell()
            try await house.take(CaseStep("withdraw"), taken, tenant)
            #expect(try await house.state(taken) == "withdrawn")
            let unanswered = try await tell()
            try await house.take(CaseStep("accept"), unanswered, handler)
            try await finish("换了灯", unanswered, handler, house)
            house.clock.advance(minutes: 4321)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(unanswered) == "closed")
        }
    }

    @Test(
        "每种工单的第二次退单都要裁定：物业和自来水之间由区里定，街道调度员定不了；裁定后不能再退",
        arguments: TestEngine.enabled, ["need", "repair"]
    )
    func secondRefusal(_ engine: TestEngine, _ type: String) async throws {
        try await withHouse(engine) { house in
            let (dispatcher, district) = (
                try await house.context(.dispatcher), try await house.context(.districtOfficer)
            )
            var draft = try await house.draft("楼道灯不亮", category: "R0104")
            draft.type = type
            if type == "repair" { draft.answers = ["entry": "shared"] }
            let id = try await house.report(draft, try await house.context(.tenant))
            try await refuse(id, try await house.context(.propertyHandler), house)
            let water = try await house.unit("城东自来水服务站")
            try await house.take(CaseStep("dispatch", unit: water), id, dispatcher)
            var again = CaseStep("refuseAgain", text: "不是供水的事")
            again.reasonClass = "notOurs"
            let clerk = try await house.context(.waterHandler)
            try await house.take(again, id, clerk)
            #expect(try await house.state(id) == "arbitrating")
            // The water company is not the street's: a dispute with it is decided by the district.
            let rule = CaseStep("rule", text: "照明线路归物业", unit: try await house.unit("安居物业"))
            #expect(try await house.refusal { try await house.take(rule, id, dispatcher) } == .forbidden)
            #expect(try await house.refusal { try await house.take(rule, id, clerk) } == .notFound)
            try await house.take(rule, id, district)
            #expect(try await house.state(id) == "dispatched")
            let third = try await house.refusal {
                try await refuse(id, try await house.context(.propertyHandler), house)
            }
            #expect(third == .conflict)
        }
    }

    @Test("街道内两家的争议，街道调度员就能裁定", arguments: TestEngine.enabled)
    func decidedInTheStreet(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            try await refuse(id, try await house.context(.propertyHandler), house)
            try await house.take(CaseStep("dispatch", unit: try await house.unit("城市管理办公室")), id, dispatcher)
            var again = CaseStep("refuseAgain", text: "不是我们科的事")
            again.reasonClass = "notOurs"
            try await house.take(again, id, try await house.context(.cityHandler))
            let rule = CaseStep("rule", text: "合同在物业", unit: try await house.unit("安居物业"))
            try await house.take(rule, id, dispatcher)
            #expect(try await house.state(id) == "dispatched")
        }
    }

    @Test("街道中心自己退的，街道定不了，由区里定；没有区级单位的由街道定，不会没人定", arguments: TestEngine.enabled)
    func nobodyDecidesTheirOwn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let centre = try await house.unit("东华门街道市民诉求处置中心")
            let account = try #require(try await house.context(.lateDispatcher).actor.account)
            try await house.services.database.write(try await house.context(.administrator), "test.grant") { tx in
                try AccessStore.grant(.unitHandler, .unit(centre), to: account, tx)
            }
            let rule = CaseStep("rule", text: "合同在物业", unit: try await house.unit("安居物业"))
            func disputed() async throws -> ID<Case> {
                let draft = try await house.draft("楼道灯不亮", category: "R0104")
                let id = try await house.report(draft, try await house.context(.tenant))
                try await refuse(id, try await house.context(.propertyHandler), house)
                try await house.take(CaseStep("dispatch", unit: centre), id, dispatcher)
                try await refuse(id, try await house.context(.lateDispatcher), house, by: "refuseAgain")
                return id
            }
            let first = try await disputed()
            #expect(try await house.refusal { try await house.take(rule, first, dispatcher) } == .forbidden)
            try await house.take(rule, first, try await house.context(.districtOfficer))
            #expect(try await house.state(first) == "dispatched")
            try await house.services.database.write(try await house.context(.administrator), "test.close") { tx in
                try tx.execute("UPDATE unit SET closed_at = \(tx.now) WHERE kind = 'district'")
                try tx.audit(Subject("unit", centre))
            }
            let second = try await disputed()
            try await house.take(rule, second, dispatcher)
            #expect(try await house.state(second) == "dispatched")
        }
    }

    @Test("报修也按类别的时限：电梯 24 小时，从派单算起，退单、签收都不重算；一般的 7 天", arguments: TestEngine.enabled)
    func repairLimit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let property = try await house.unit("安居物业")
            for (text, category, hours) in [("电梯停在三层不走", "R0202", 24), ("楼道灯不亮", "R0104", 7 * 24)] {
                var draft = try await house.draft(text, category: category)
                (draft.type, draft.answers) = ("repair", ["entry": "shared"])
                let told = house.clock.clock.now
                let id = try await house.report(draft, try await house.context(.tenant))
                func limit() async throws -> Instant? {
                    try await house.value("SELECT due_at FROM case_timer WHERE case_id = \(id) AND clock = 'limit'")
                }
                #expect(try await limit() == told.adding(hours: hours), "\(category)")
                house.clock.advance(minutes: 60)
                try await refuse(id, try await house.context(.propertyHandler), house)
                try await house.take(
                    CaseStep("dispatch", unit: property), id, try await house.context(.dispatcher))
                house.clock.advance(minutes: 60)
                let handler = try await house.context(.propertyHandler)
                try await house.take(CaseStep("accept"), id, handler)
                #expect(try await limit() == told.adding(hours: hours), "\(category): begins again")
                let due = try await house.services.queries.view(id, handler).item.dueAt
                let taken = house.clock.clock.now
                #expect(due == min(told.adding(hours: hours), taken.adding(hours: 72)), "\(category): what comes first")
            }
        }
    }

    @Test("柜台代报修，接口报修", arguments: TestEngine.enabled)
    func deskAndPrograms(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(.worker)
            let before = try await count("repair", house)
            let page = try await house.open("/desk/new", query: [("type", "repair")], worker)
            #expect(page.contains("师傅怎么进门") && page.contains("href=\"/desk/new?type=gridEvent\""))
            let place = try await house.place("幸福里小区3号楼2单元")
            let fields: [(String, String)] = [
                ("type", "repair"), ("text", "单元门关不上"), ("category", "R0105"), ("place", "\(place.id)"),
                ("spot", "shared"), ("once", randomToken()), ("name", "赵奶奶"), ("similar", "seen"),
            ]
            let refused = try #require(try await house.send("/desk/new", Form(fields), worker))
            #expect(refused.contains("请填写：师傅怎么进门") && refused.contains("赵奶奶"))
            #expect(try await count("repair", house) == before)
            _ = try await house.send("/desk/new", Form(fields + [("answers.entry", "shared")]), worker)
            #expect(try await count("repair", house) == before + 1)

            let resident = try await house.context(.tenant)
            let body = """
                {"type": "repair", "text": "水龙头坏了", "category": "R0107", "division": "110101001901001", \
                "spot": "home", "answers": {"entry": "appointment", "appointment": "2026-12-01"}}
                """
            #expect(try await house.call("/api/v1/cases", body, resident).status == 201)
            let id = try await newest("repair", house)
            let seen = try await house.open("/api/v1/cases/\(id)", query: [], resident)
            #expect(seen.contains(#""type":"repair""#) && seen.contains(#""appointment":"2026-12-01""#), "\(seen)")
            for (from, to) in [("\"repair\"", "\"task\""), ("\"repair\"", "\"nothing\""), ("\"R0107\"", "\"R0804\"")] {
                let spoiled = body.replacing(from, with: to)
                let kind = try await house.refusal { _ = try await house.call("/api/v1/cases", spoiled, resident) }
                #expect(kind == .invalid, "\(to)")
            }
            let types = try await house.open("/api/v1/case-types", query: [], resident)
            #expect(types.contains(#""id":"repair""#) && types.contains(#""en":"Which day suits you""#))
            #expect(types.contains(#""when":{"field":"entry","is":["appointment"]}"#), "\(types)")
            #expect(!types.contains(#""id":"task""#), "a part of a case is told by nobody")
        }
    }

    @Test("自己定的类型不用写代码就能报", arguments: TestEngine.enabled)
    func ownType(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let yaml = CaseTypeFiles.text("repair").replacing("id: repair", with: "id: piano")
                .replacing("name: { zh: 报修, en: Repair }", with: "name: { zh: 钢琴调律, en: Piano tuning }")
                .replacing("numberPrefix: BX", with: "numberPrefix: GQ")
            let administrator = try await house.context(.administrator)
            let types = house.services.queries.types
            _ = try await house.services.database.write(administrator, "caseTypes.publish") {
                try types.publish(yaml, $0)
            }
            try await types.load(house.services.database)
            let tenant = try await house.context(.tenant)
            #expect(try await house.open("/report", query: [], tenant).contains("钢琴调律"))
            let form = Form([
                ("type", "piano"), ("text", "琴键按下去不响"), ("answers.entry", "home"), ("once", randomToken()),
            ])
            #expect(try await house.send("/report", form, tenant)?.hasPrefix("/r/") == true)
            #expect(try await count("piano", house) == 1)
        }
    }
}
