import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What a definition asks for with a step is asked on the page and by the API, checked, and kept with the step.
@Suite("办理时填的字段、退单理由")
struct StepFieldTests {
    /// The need with a cost that is asked when it is finished, who pays where it cost something, and own reasons.
    private func publish(_ house: House) throws {
        let fields = """
            fields:
              paid: { name: { zh: 花钱了, en: It cost money }, kind: flag, atSteps: true }
              cost: { name: { zh: 花了多少元, en: "Cost, yuan" }, kind: number, limit: 9000, atSteps: true, when: { field: paid, is: [yes] } }
              method: { name: { zh: 怎么修的, en: How it was done }, limit: 40, atSteps: true }
              away: { name: { zh: 为什么撤回, en: Why }, kind: choice, atSteps: true, choices: { fixed: { zh: 自己好了, en: Came right }, other: { zh: 别的, en: Other } } }
            """
        let reasons = """
            returnReasons:
              busy: { name: { zh: 同时在抢修, en: At another emergency }, basis: false }
              notOurs: { name: { zh: 管线归别家, en: Others own the pipe }, basis: true }
            """
        let shipped = CaseTypeLoader.renumbered(CaseTypeFiles.text("need"), version: 99)
        let head = shipped.split(separator: "returnReasons:\n", maxSplits: 1)
        let tail = try #require(head.last).split(separator: "\ntransitions:\n", maxSplits: 1)
        try #require(head.count == 2 && tail.count == 2)
        var text = "\(head[0])\(reasons)\n\ntransitions:\n\(tail[1])"
            .replacing("fields:\n", with: fields + "\n", maxReplacements: 1)
        let steps = [
            ("  finish:", "requires: [text]", "requires: [text, field:method]"),
            ("  finish:", "allows: [photo]", "allows: [photo, field:paid, field:cost]"),
            ("  withdraw:", "allows: [text]", "allows: [text]\n    requires: [field:away]"),
        ]
        for (step, from, to) in steps {
            let parts = text.split(separator: "\n" + step + "\n", maxSplits: 1)
            try #require(parts.count == 2 && parts[1].contains(from), "\(step) \(from)")
            let rest = String(parts[1]).replacing(from, with: to, maxReplacements: 1)
            text = "\(parts[0])\n\(step)\n\(rest)"
        }
        house.services.queries.types.add(try CaseTypeLoader.load(text))
    }

    private func handled(_ house: House) async throws -> ID<Case> {
        let id = try await house.report(try await house.draft(), try await house.context(.tenant))
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        return id
    }

    @Test("页面上问、服务器查、和这一步一起留下", arguments: TestEngine.enabled)
    func onPages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let tenant = try await house.context(.tenant)
            #expect(try await !house.open("/report", query: [], tenant).contains("怎么修的"), "it is not asked at first")
            let id = try await handled(house)
            let handler = try await house.context(.propertyHandler)
            let path = "/desk/cases/\(id)"
            let page = try await house.open(path, query: [], handler)
            #expect(page.contains("<label for=\"finish-method\">怎么修的</label>"))
            #expect(
                page.contains(
                    "<input id=\"finish-method\" name=\"answers.method\" maxlength=\"40\" value=\"\" required"))
            #expect(page.contains("data-when=\"answers.paid\" data-is=\"yes\""))

            let bare = try #require(await house.send(path + "/finish", Form([("text", "换了门机")]), handler))
            #expect(bare.contains("id=\"finish-method-error\">请填写：怎么修的") && bare.contains("换了门机"))
            let typed = [("text", "换了门机"), ("answers.method", "找 13912345678 换的"), ("answers.paid", "yes")]
            let poor = try #require(
                await house.send(path + "/finish", Form(typed + [("answers.cost", "一百")]), handler))
            #expect(poor.contains("请填 0 到 9000 的整数") && poor.contains("value=\"一百\"") && poor.contains("找 13912345678"))
            #expect(try await house.state(id) == "handling")
            _ = try await house.send(path + "/finish", Form(typed + [("answers.away", "fixed")]), handler)
            #expect(try await house.state(id) == "handling")

            _ = try await house.send(path + "/finish", Form(typed + [("answers.cost", "120")]), handler)
            #expect(try await house.state(id) == "confirming")
            let view = try await house.services.queries.view(id, handler)
            let last = try #require(view.entries.last { $0.transition == "finish" })
            #expect(last.answers["cost"] == "120" && last.answers["paid"] == "yes")
            #expect(last.answers["method"]?.contains("13912345678") == false, "numbers in answers are masked")
            #expect(view.item.answers.isEmpty, "what was told at first stays as it was told")
            // The resident reads what came with a step they may read, in their words too.
            for (path, context) in [(path, handler), ("/cases/\(id)", tenant)] {
                let shown = try await house.open(path, query: [], context)
                #expect(shown.contains("<dt>花了多少元</dt><dd>120</dd>"), "\(path)")
            }
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("取决于别的答案的，那一项没答就不留；居民的步骤也问", arguments: TestEngine.enabled)
    func conditionsAndReporters(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let id = try await handled(house)
            var step = CaseStep("finish", text: "好了")
            step.answers = ["method": "重启", "cost": "5"]
            try await house.take(step, id, try await house.context(.propertyHandler))
            let answers: String? = try await house.value(
                "SELECT answers FROM case_entry WHERE case_id = \(id) AND transition = 'finish'")
            #expect(answers == "method=重启", "nothing was paid, so no cost is asked for")

            let tenant = try await house.context(.tenant)
            let other = try await house.report(try await house.draft(), tenant)
            let page = try await house.open("/cases/\(other)", query: [], tenant)
            #expect(page.contains("为什么撤回") && page.contains("name=\"answers.away\" value=\"fixed\""))
            let bare = try #require(await house.send("/cases/\(other)/withdraw", Form([("text", "算了")]), tenant))
            #expect(bare.contains("请填写：为什么撤回") && bare.contains("算了"))
            _ = try await house.send("/cases/\(other)/withdraw", Form([("answers.away", "fixed")]), tenant)
            #expect(try await house.state(other) == "withdrawn")
            #expect(try await house.open("/cases/\(other)", query: [], tenant).contains("撤回"))
        }
    }

    @Test("接口说每一步要什么，照着填就行；不照着填的点名", arguments: TestEngine.enabled)
    func byAPI(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let id = try await handled(house)
            try await withSite(house) { site in
                let handler = try await site.program(for: .propertyHandler)
                let base = "/cases/\(id)"
                let steps = try await site.shown("GET", base, as: handler)["steps"].list
                let finish = try #require(steps.first { $0["id"].text == "finish" })
                #expect(finish["requires"].list.map(\.text) == ["text"] && finish["name"]["zh"].text == "办完了")
                #expect(finish["fields"].list.map { $0["id"].text } == ["paid", "cost", "method"])
                #expect(finish["fields"].list.last?["required"].isTrue == true)
                let body = #"{"transition":"finish","text":"好了","answers":{"method":"重启","left":"1"}}"#
                let refused = try await site.shown("POST", base + "/transitions", body, as: handler, status: 422)
                #expect(refused["fields"].list.map { $0["name"].text } == ["answers.left"])
                let right = body.replacing(#","left":"1""#, with: "")
                let done = try await site.shown("POST", base + "/transitions", right, as: handler)
                let line = try #require(done["history"].list.last { $0["state"].text == "confirming" })
                #expect(line["answers"]["method"].text == "重启")
            }
        }
    }

    @Test("退单理由是定义里的那几条：页面、接口、12345 申请都照它；要依据的才要写", arguments: TestEngine.enabled)
    func reasons(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try publish(house)
            let (order, dispatcher) = try await house.takenOrder()
            let type = try await house.services.queries.view(order, dispatcher).type
            #expect(CaseCommands.reasons(.refuse, type).map(\.id) == ["busy", "notOurs"])
            let handler = try await house.context(.propertyHandler)
            #expect(
                try await house.refusal {
                    try await house.services.commands.askThere(
                        .refuse, reason: "wrongPlace", text: "不在", of: order, handler)
                } == .invalid)
            try await house.services.commands.askThere(.refuse, reason: "notOurs", text: "有协议", of: order, handler)
            let reply = try await OrderReply.load(order, dispatcher, house.services).text
            #expect(reply.contains("退单/延期/剔除申请及依据：退单") && reply.contains("管线归别家，有协议"))

            let tenant = try await house.context(.tenant)
            let (id, other) = (
                try await house.report(try await house.draft(), tenant),
                try await house.report(try await house.draft(), tenant)
            )
            let page = try await house.open("/desk/cases/\(id)", query: [], handler)
            #expect(page.contains("<option value=\"busy\">同时在抢修") && page.contains("管线归别家（要写依据）"))
            #expect(!page.contains("不在本单位辖区"))
            let bare = try #require(
                await house.send("/desk/cases/\(id)/refuse", Form([("reasonClass", "notOurs")]), handler))
            #expect(bare.contains("这个理由要写明依据"))
            _ = try await house.send("/desk/cases/\(id)/refuse", Form([("reasonClass", "busy")]), handler)
            #expect(try await house.state(id) == "received")
            #expect(try await house.open("/desk/cases/\(id)", query: [], dispatcher).contains("<p>同时在抢修</p>"))
            try await withSite(house) { site in
                let program = try await site.program(for: .propertyHandler)
                let refuse = try await site.shown("GET", "/cases/\(other)", as: program)["steps"].list.first {
                    $0["id"].text == "refuse"
                }
                #expect(refuse?["reasons"].list.map { $0["id"].text } == ["busy", "notOurs"])
                #expect(refuse?["reasons"].list.map { $0["needsBasis"].isTrue } == [false, true])
                let body = #"{"transition":"refuse","reasonClass":"wrongPlace","text":"不在"}"#
                let wrong = try await site.shown("POST", "/cases/\(other)/transitions", body, as: program, status: 422)
                #expect(wrong["fields"].list.map { $0["name"].text } == ["reasonClass"])
            }
        }
    }
}
