import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What makes work at the desk lighter: prepared answers, named lists, many cases at once.
@Suite("工作台的工具：模板、存下的列表、批量")
struct DeskToolsTests {
    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    @Test("模板填进答复，占位换成这一件的；别的单位用不了、删不掉", arguments: TestEngine.enabled)
    func templates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            let unit = try await house.unit("安居物业")
            let nameless = try await house.send("/desk/templates", form(("unit", "\(unit)")), handler)
            #expect(nameless?.contains("请起个名字") == true)
            let words = form(
                ("unit", "\(unit)"), ("name", "电梯已修"), ("text", "您好，{number} 已修好，有问题打 {phone}"))
            let bogus = form(("unit", "\(unit)"), ("name", "错的"), ("text", "您好，{other} 已修好"))
            let refused = try await house.send("/desk/templates", bogus, handler) ?? ""
            #expect(refused.contains("{other} 没有这样的占位") && refused.contains("{deadline}"))
            #expect(refused.contains("您好，{other} 已修好"), "what was typed stays")
            #expect(try await house.send("/desk/templates", words, handler)?.hasSuffix("done=add") == true)
            let template = try #require(
                try await house.value("SELECT id FROM reply_template WHERE name = '电梯已修'", as: ID<Case>.self))
            let page = try await house.open("/desk/cases/\(id)", query: [], handler)
            #expect(page.contains("电梯已修") && page.contains("name=\"insert\""))
            let put = form(("insert", "yes"), ("template", "\(template)"), ("text", "先说一句"))
            let filled = try await house.send("/desk/cases/\(id)/finish", put, handler) ?? ""
            let number: String? = try await house.value("SELECT number FROM case_item WHERE id = \(id)")
            #expect(filled.contains("先说一句\n您好，\(number ?? "?") 已修好"))
            #expect(try await house.state(id) == "handling", "nothing was sent")
            let other = try await house.context(.waterHandler)
            #expect(try await !house.open("/desk/templates", query: [], other).contains("电梯已修"))
            #expect(try await house.send("/desk/templates/\(template)/remove", form(), other) == nil)
            #expect(try await house.send("/desk/templates/\(template)/remove", form(), handler) != nil)
            #expect(try await !house.open("/desk/templates", query: [], handler).contains("电梯已修"))
        }
    }

    @Test("存下的列表：自己的、单位共用的；只存认得的条件；别人的删不掉", arguments: TestEngine.enabled)
    func views(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let mine = try await house.context(.dispatcher)
            let other = try await house.context(.lateDispatcher)
            _ = try await house.send(
                "/desk/views", form(("name", "超期的"), ("query", "tab=late&order=newest&evil=1"), ("shared", "yes")), mine
            )
            _ = try await house.send("/desk/views", form(("name", "电梯"), ("query", "category=R0202")), mine)
            let nameless = try await house.send("/desk/views", form(("query", "tab=late")), mine)
            #expect(nameless?.contains("problem=view") == true)
            let own = try await house.open("/desk", query: [], mine)
            #expect(own.contains("/desk?tab=late&amp;order=newest\"") && own.contains("/desk?category=R0202\""))
            #expect(!own.contains("evil"))
            let shared = try await house.open("/desk", query: [], other)
            #expect(shared.contains("<span class=\"note\">（共用）</span>"), "two of one name are told apart")
            #expect(shared.contains("超期的") && !shared.contains("/desk?category=R0202\""))
            let id = try #require(
                try await house.value("SELECT id FROM desk_view WHERE name = '超期的'", as: ID<Case>.self))
            #expect(try await house.send("/desk/views/\(id)/remove", form(), other) == nil)
            #expect(try await house.send("/desk/views/\(id)/remove", form(), mine) != nil)
            #expect(try await !house.open("/desk", query: [], other).contains("超期的"))
        }
    }

    @Test("批量：每件单独办，办成的留下，没办成的写明原因，别人的工单进不来", arguments: TestEngine.enabled)
    func bulk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let first = try await house.report(try await house.draft(), tenant)
            let second = try await house.report(try await house.draft("5号楼电梯有异响"), tenant)
            let foreign = try await house.report(try await house.draft("家里停水", category: "R0301"), tenant)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), second, handler)
            let ids = [first, second, foreign].map { ("case", "\($0)") }
            let chosen = try await house.open("/desk/bulk", query: ids, handler)
            #expect(chosen.contains("批量处理 2 件") && !chosen.contains("\(foreign)"))
            #expect(
                try await house.send("/desk/bulk", Form(ids.map { (name: $0.0, value: $0.1) }), handler)?
                    .contains("请选要做什么") == true)
            let accept = Form((ids + [("do", "accept")]).map { (name: $0.0, value: $0.1) })
            let result = try await house.send("/desk/bulk", accept, handler) ?? ""
            #expect(result.contains("办好 1 件，1 件没办成"))
            #expect(try await house.state(first) == "handling")
            #expect(try await house.state(foreign) == "dispatched")
            let note = Form((ids + [("do", "note"), ("text", "周三统一检修")]).map { (name: $0.0, value: $0.1) })
            #expect(try await house.send("/desk/bulk", note, handler)?.contains("2 件都办好了") == true)
            let notes = try await house.value(
                "SELECT count(*) FROM case_entry WHERE text = '周三统一检修'", as: Int.self)
            #expect(notes == 2)
            #expect(try await house.open("/desk", query: [], handler).contains("name=\"case\""))
        }
    }

    @Test("手上满了：签收、批量都要勾选才接，交接班写明上限，不按件数排", arguments: TestEngine.enabled)
    func limits(_ engine: TestEngine) async throws {
        let settings = CaseSettings(sampledPercent: 0, handlerCap: 1)
        try await withHouse(engine, settings: settings) { house in
            let tenant = try await house.context(.tenant)
            let first = try await house.report(try await house.draft(), tenant)
            let second = try await house.report(try await house.draft("5号楼电梯有异响"), tenant)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), first, handler)
            let path = "/desk/cases/\(second)/accept"
            let refused = try await house.send(path, Form([]), handler) ?? ""
            #expect(refused.contains("上限 1 件") && refused.contains("仍然由我办"))
            #expect(try await house.state(second) == "dispatched")
            func work(_ fields: [(String, String)]) async throws -> String {
                let all = [("case", "\(second)")] + fields
                return try await house.send("/desk/bulk", Form(all.map { (name: $0.0, value: $0.1) }), handler) ?? ""
            }
            #expect(try await work([("do", "accept")]).contains("没办成"))
            #expect(try await work([("do", "accept"), ("sure", "yes")]).contains("1 件都办好了"))
            let manager = try #require(try await house.context(.propertyManager).actor.account)
            #expect(
                try await work([("do", "assign"), ("account", "\(manager)"), ("sure", "yes")]).contains("1 件都办好了"))
            let third = try await house.report(try await house.draft("6号楼电梯有异响"), tenant)
            func assign(_ fields: [(String, String)]) async throws -> String {
                let all = [("case", "\(third)"), ("do", "assign"), ("account", "\(manager)")] + fields
                return try await house.send("/desk/bulk", Form(all.map { (name: $0.0, value: $0.1) }), handler) ?? ""
            }
            #expect(try await assign([]).contains("没办成"))
            #expect(try await assign([("sure", "yes")]).contains("1 件都办好了"))
            let handover = try await house.open("/desk/handover", query: [], handler)
            #expect(handover.contains("每人上限 1 件") && handover.contains("不是排名"))
        }
    }

    @Test("列表能只看自己手上的，能最新的在前", arguments: TestEngine.enabled)
    func mineAndNewest(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let first = try await house.report(try await house.draft(), tenant)
            let second = try await house.report(try await house.draft("5号楼电梯有异响"), tenant)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), first, handler)
            var filter = CaseFilter(limit: 100)
            filter.handler = handler.actor.account
            let scope = handler.actor.scope(for: .casesRead)
            let mine = try await house.services.queries.list(filter, scope, at: handler.now).map(\.id)
            #expect(mine.contains(first) && !mine.contains(second))
            filter.handler = nil
            filter.isNewestFirst = true
            let newest = try await house.services.queries.list(filter, scope, at: handler.now).map(\.id)
            #expect(newest.first == second && newest == newest.sorted(by: >))
            let city = try await house.context(.dispatcher)
            let all = try await house.services.queries.list(
                filter, city.actor.scope(for: .casesRead), at: city.now
            ).map(\.id)
            #expect(all.first == second && all == all.sorted(by: >))
        }
    }
}
