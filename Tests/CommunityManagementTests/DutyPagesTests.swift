import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The pages of who is on duty: alerts, handing over, supervision.
@Suite("值守的页面：提醒、交接班、督办")
struct DutyPagesTests {
    @Test("交接班一屏：在办、到期、交代的事；一点接班，记下是谁、什么时候", arguments: TestEngine.enabled)
    func handsOver(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let leaving = try await house.context(.dispatcher)
            let unit = try await house.unit("东华门街道市民诉求处置中心")
            let screen = try await house.open("/desk/handover", query: [], leaving)
            #expect(screen.contains("现在值班") && screen.contains("接班"))
            let words = Form([(name: "unit", value: "\(unit)"), (name: "text", value: "3号楼电梯困人已解救，联系 13800138000 回访")])
            #expect(try await house.send("/desk/handover/note", words, leaving)?.hasPrefix("/desk/handover?") == true)
            let empty = Form([(name: "unit", value: "\(unit)")])
            #expect(try await house.send("/desk/handover/note", empty, leaving)?.contains("请写要交代的事") == true)
            let coming = try await house.context(.lateDispatcher)
            #expect(try await house.send("/desk/handover/take", empty, coming) != nil)
            let after = try await house.open("/desk/handover", query: [], coming)
            #expect(after.contains("电梯困人已解救") && !after.contains("13800138000"))
            #expect(after.contains(coming.actor.name))
            let open = try await house.value(
                "SELECT open_cases FROM duty_handover WHERE is_taken = 1 ORDER BY id DESC LIMIT 1", as: Int.self)
            #expect((open ?? 0) > 0)
            // Another unit's screen does not exist.
            let other = try await house.context(.waterHandler)
            #expect(try await house.open("/desk/handover", query: [("unit", "\(unit)")], other).isEmpty)
            #expect(try await house.send("/desk/handover/take", empty, other) == nil)
        }
    }

    @Test("提醒页：没看的列出来，点知道了就没了；页头有数", arguments: TestEngine.enabled)
    func alerts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            house.clock.advance(minutes: 10 * 1440)
            try await house.run(job: "cases.escalate")
            let handler = try await house.context(.propertyHandler)
            let page = try await house.open("/desk/alerts", query: [], handler)
            #expect(page.contains("\(id)"))
            let count = try await house.open("/desk/alerts/count", query: [], handler)
            #expect(count.contains("<em"))
            let unit = try await house.unit("安居物业")
            let ids = try await house.services.database.read {
                try CaseQueries.alerts(of: [unit], at: handler.now, $0)
            }.map { (name: "alert", value: "\($0.id)") }
            // Somebody of another unit changes nothing.
            _ = try await house.send("/desk/alerts/seen", Form(ids), house.context(.waterHandler))
            #expect(try await house.open("/desk/alerts", query: [], handler).contains("\(id)"))
            _ = try await house.send("/desk/alerts/seen", Form(ids), handler)
            #expect(try await !house.open("/desk/alerts", query: [], handler).contains("\(id)"))
            // What is left is what a colleague of the demo told them in person.
            let told = try await house.services.database.read { try CaseQueries.notices(for: handler.actor, $0) }
            #expect(try await house.services.queries.alertCount(handler) == told.count)
            let noticed = Form(told.map { (name: "notice", value: "\($0.id)") })
            _ = try await house.send("/desk/alerts/seen", noticed, handler)
            #expect(try await house.open("/desk/alerts/count", query: [], handler).isEmpty)
        }
    }

    @Test("督办页：承办单位答复，街道解除；空着不行", arguments: TestEngine.enabled)
    func supervision(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let handler = try await house.context(.propertyHandler)
            let base = "/desk/supervised/\(id)"
            func words(_ text: String) -> Form { Form([(name: "text", value: text)]) }
            _ = try await house.send("/desk/cases/\(id)/supervise", words("今天修好"), dispatcher)
            #expect(try await house.open("/desk/supervised", query: [], handler).contains("今天修好"))
            // Who ordered it never answers for the unit.
            #expect(try await !house.open("/desk/supervised", query: [], dispatcher).contains(base + "/answer"))
            #expect(try await house.send(base + "/answer", words("好的"), dispatcher) == nil)
            #expect(try await house.send(base + "/answer", words(""), handler)?.contains("请写明情况") == true)
            #expect(try await house.send(base + "/answer", words("下午四点前修好"), handler)?.hasSuffix("done=answer") == true)
            #expect(try await house.send(base + "/lift", words("好"), handler) == nil)
            let page = try await house.open("/desk/supervised", query: [], dispatcher)
            #expect(page.contains("下午四点前修好") && page.contains(base + "/lift"))
            #expect(page.contains("安居物业 · \(handler.actor.name)"))
            #expect(try await house.send(base + "/lift", words("修好了"), dispatcher)?.hasSuffix("done=lift") == true)
            #expect(try await !house.open("/desk/supervised", query: [], dispatcher).contains(base))
        }
    }

    @Test("申请挂账、延期、剔除：等谁审批，谁的提醒页和铃上有；批了就没了，提的人收到一条", arguments: TestEngine.enabled)
    func toDecide(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let (dispatcher, handler) = (
                try await house.context(.dispatcher), try await house.context(.propertyHandler)
            )
            try await house.take(CaseStep("accept"), id, handler)
            let (queries, commands) = (house.services.queries, house.services.commands)
            func page(_ reader: Context) async throws -> String {
                try await house.open("/desk/alerts", query: [], reader)
            }
            let before = try await queries.alertCount(dispatcher)
            #expect(try await !page(dispatcher).contains("等您审批的申请"))
            let asked = try await commands.ask(
                .pause, reason: "material", minutes: 2 * 1440, text: "等灯具", for: id, handler)
            let waiting = try await page(dispatcher)
            for words in ["等您审批的申请", "/desk/cases/\(id)", "等材料、等配件", "挂账"] {
                #expect(waiting.contains(words), "\(words)")
            }
            #expect(try await queries.alertCount(dispatcher) == before + 1)
            let json = try await house.open("/api/v1/alerts", query: [], dispatcher)
            #expect(json.contains("\"toDecide\":[{") && json.contains("\(asked)"))
            // Who asked does not decide, and who looks from the district may.
            #expect(try await !page(handler).contains("等您审批的申请"))
            #expect(try await page(house.context(.districtOfficer)).contains("/desk/cases/\(id)"))
            _ = try await commands.decide(asked, isGranted: true, text: "同意", dispatcher)
            #expect(try await !page(dispatcher).contains("等您审批的申请"))
            #expect(try await queries.alertCount(dispatcher) == before)
            #expect(try await page(handler).contains("审批了您的申请"))
        }
    }
}
