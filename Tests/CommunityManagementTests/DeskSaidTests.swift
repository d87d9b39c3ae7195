import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What the desk says and offers: deadlines that are those of the case, counts that are those of the list, steps that can
/// be taken.
@Suite("工作台说的话、给的选项都算数")
struct DeskSaidTests {
    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func promise(_ id: ID<Case>, _ house: House) async throws -> Instant {
        let due = try await house.value(
            "SELECT due_at FROM case_timer WHERE case_id = \(id) AND clock = 'promise'", as: Instant.self)
        return try #require(due)
    }

    private func told(_ text: String, _ phone: String, _ house: House) async throws -> ID<Case> {
        var draft = try await house.draft(text, category: "R0104")
        (draft.source, draft.reporterPhone) = (.staff, phone)
        return try await house.report(draft, try await house.context(.worker))
    }

    @Test("登记完照着念：编号、谁来办、最迟什么时候答复", arguments: TestEngine.enabled)
    func readOut(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await house.context(.worker)
            let place = try await house.place("幸福里小区3号楼2单元")
            let typed = form(
                ("text", "楼道灯不亮，晚上看不见路"), ("place", "\(place.id)"), ("category", "R0104"), ("similar", "seen"),
                ("once", "0123456789abcdefs"))
            let done = try #require(try await house.send("/desk/new", typed, staff))
            let found: SQL = "SELECT id FROM case_item WHERE text = '楼道灯不亮，晚上看不见路'"
            let id = try #require(try await house.value(found, as: ID<Case>.self))
            let unit: String =
                try await house.value(
                    "SELECT u.name FROM case_item c JOIN unit u ON u.id = c.handler_unit WHERE c.id = \(id)") ?? "?"
            let due = try await promise(id, house).relative(to: staff.now)
            #expect(done.contains("由\(unit)办，最迟 \(due.zh) 给您答复。”"))
        }
    }

    @Test("模板里的办理时限是这件工单的，不是眼下这一步的；办完了就空着", arguments: TestEngine.enabled)
    func deadline(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lamp = try await house.draft("楼道灯不亮", category: "R0104")
            let id = try await house.report(lamp, try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            let unit = try await house.unit("安居物业")
            let words = form(("unit", "\(unit)"), ("name", "答复时间"), ("text", "最迟{deadline}办完"))
            _ = try await house.send("/desk/templates", words, handler)
            let template = try #require(
                try await house.value("SELECT id FROM reply_template WHERE name = '答复时间'", as: ID<Case>.self))
            func filled(_ step: String) async throws -> String {
                let put = form(("insert", "yes"), ("template", "\(template)"), ("text", ""))
                return try await house.send("/desk/cases/\(id)/\(step)", put, handler) ?? ""
            }
            let due = try await promise(id, house).dayAndTime(at: house.clock.clock.now).zh
            let step: Instant? = try await house.value("SELECT due_at FROM case_item WHERE id = \(id)")
            #expect(step?.dayAndTime(at: house.clock.clock.now).zh != due, "it waits to be accepted")
            #expect(try await filled("note").contains("最迟\(due)办完"))
            try await house.take(CaseStep("accept"), id, handler)
            #expect(try await filled("finish").contains("最迟\(due)办完"))
            try await house.take(CaseStep("finish", text: "修好了"), id, handler)
            #expect(try await filled("note").contains("最迟办完"))
        }
    }

    @Test("并案的，来电时说主案办到哪一步、谁在办、最迟什么时候", arguments: TestEngine.enabled)
    func joinedCaller(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await told("3号楼2单元楼道灯不亮", "13912345681", house)
            let voice = try await told("楼道里黑，灯坏了", "13912345682", house)
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.merge(voice, into: lead, reason: "同一盏灯", dispatcher)
            try await house.take(CaseStep("accept"), lead, try await house.context(.propertyHandler))
            let number: String = try await house.value("SELECT number FROM case_item WHERE id = \(lead)") ?? "?"
            let asked = form(("phone", "13912345682"), ("purpose", "来电问进度"))
            let worker = try await house.context(.worker)
            let shown = try #require(try await house.send("/desk/caller", asked, worker))
            #expect(shown.contains("楼道里黑，灯坏了") && shown.contains("和别人反映的一起办，编号") && shown.contains(number))
            #expect(shown.contains("您反映的事现在正在办，由") && shown.contains("下一步最迟"))
            #expect(!shown.contains("3号楼2单元楼道灯不亮"), "another's words are not read out")
        }
    }

    @Test("筛选以后，页签旁边不写全部的件数", arguments: TestEngine.enabled)
    func tabs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.report(try await house.draft(), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.open("/desk", query: [], dispatcher).contains("<span class=\"n num"))
            for path in ["/desk", "/desk/tabs"] {
                let narrowed = try await house.open(path, query: [("category", "R0202")], dispatcher)
                #expect(narrowed.contains("tab=late") && !narrowed.contains("<span class=\"n num"))
            }
        }
    }

    @Test("批量只给办得了的：调度员没有签收，办结的只剩留言、更正", arguments: TestEngine.enabled)
    func bulk(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let first = try await house.report(try await house.draft(), tenant)
            let second = try await house.report(try await house.draft("5号楼电梯有异响"), tenant)
            let dispatcher = try await house.context(.dispatcher)
            func offered(_ ids: [ID<Case>], _ context: Context) async throws -> Set<String> {
                let page = try await house.open("/desk/bulk", query: ids.map { ("case", "\($0)") }, context)
                return Set(page.matches(of: /name="do" value="(\w+)"/).map { String($0.1) })
            }
            let some = try await offered([first, second], dispatcher)
            #expect(some.contains("dispatch") && some.contains("supervise") && !some.contains("accept"))
            let theirs = try await offered([first, second], try await house.context(.propertyHandler))
            #expect(theirs.contains("accept") && !theirs.contains("dispatch") && !theirs.contains("supervise"))
            try await house.take(CaseStep("withdraw"), first, tenant)
            #expect(try await offered([first], dispatcher) == ["classify", "note"])
            #expect(try await offered([first, second], dispatcher) == some, "one of them is enough")
        }
    }

    @Test("给诉求人看的留言里 @ 同事不收，写的话还在", arguments: TestEngine.enabled)
    func mentionShown(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            let manager = try await house.context(.propertyManager).actor.name
            let note = form(("text", "@\(manager) 请看"), ("visible", "yes"))
            let refused = try #require(try await house.send("/desk/cases/\(id)/note", note, handler))
            #expect(refused.contains("不能 @ 同事") && refused.contains(">@\(manager) 请看</textarea>"))
            #expect(refused.contains("name=\"visible\" value=\"yes\" checked"))
            let notes = try await house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(id) AND text LIKE '%请看%'", as: Int.self)
            #expect(notes == 0)
        }
    }
}
