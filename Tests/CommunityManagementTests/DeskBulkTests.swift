import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What is done to many cases at once takes its reason along, and each keeps it.
@Suite("批量办理带理由")
struct DeskBulkTests {
    private func told(_ house: House) async throws -> [ID<Case>] {
        let tenant = try await house.context(.tenant)
        return [
            try await house.report(try await house.draft("楼道灯不亮", category: "R0104"), tenant),
            try await house.report(try await house.draft("3号楼楼道灯闪", category: "R0104"), tenant),
        ]
    }

    private func form(_ ids: [ID<Case>], _ fields: [(String, String)]) -> Form {
        Form((ids.map { ("case", "\($0)") } + fields).map { (name: $0.0, value: $0.1) })
    }

    private func words(_ ids: [ID<Case>], _ transition: String, _ house: House) async throws -> [String] {
        var found: [String] = []
        for id in ids {
            let text: String? = try await house.value(
                "SELECT text FROM case_entry WHERE case_id = \(id) AND transition = \(transition) ORDER BY id DESC LIMIT 1"
            )
            found.append(text ?? "")
        }
        return found
    }

    @Test("批量派单：理由每件都记；没选单位时写的理由还在", arguments: TestEngine.enabled)
    func dispatch(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let ids = try await told(house)
            let dispatcher = try await house.context(.dispatcher)
            let unit = try await house.unit("城东自来水服务站")
            let page = try await house.open("/desk/bulk", query: ids.map { ("case", "\($0)") }, dispatcher)
            #expect(page.contains("id=\"dispatch-text\"") && page.contains("列为督办"))
            let fields = [("do", "dispatch"), ("text", "线路归供电，请一并查")]
            let bare = try await house.send("/desk/bulk", form(ids, fields), dispatcher) ?? ""
            #expect(bare.contains("请选要做什么") && bare.contains(">线路归供电，请一并查</textarea>"))
            let done = try await house.send("/desk/bulk", form(ids, fields + [("unit", "\(unit)")]), dispatcher) ?? ""
            #expect(done.contains("2 件都办好了"), "\(done.suffix(1500))")
            #expect(try await words(ids, "dispatch", house) == ["线路归供电，请一并查", "线路归供电，请一并查"])
            for id in ids {
                let shown = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
                #expect(shown.contains("线路归供电，请一并查"))
            }
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("居民要求重办的，批量派回原单位要写理由", arguments: TestEngine.enabled)
    func contested(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let ids = try await told(house)
            let (tenant, handler) = (try await house.context(.tenant), try await house.context(.propertyHandler))
            for id in ids {
                try await house.take(CaseStep("accept"), id, handler)
                try await house.take(CaseStep("finish", text: "修好了"), id, handler)
                try await house.take(CaseStep("contest", text: "还是不亮"), id, tenant)
            }
            let dispatcher = try await house.context(.dispatcher)
            let unit = try await house.unit("安居物业")
            let again = [("do", "dispatch"), ("unit", "\(unit)")]
            let bare = try await house.send("/desk/bulk", form(ids, again), dispatcher) ?? ""
            #expect(bare.contains("办好 0 件，2 件没办成"))
            let said = again + [("text", "只有它管这栋楼的灯，请换人去")]
            #expect(try await house.send("/desk/bulk", form(ids, said), dispatcher)?.contains("2 件都办好了") == true)
            #expect(Set(try await words(ids, "dispatch", house)) == ["只有它管这栋楼的灯，请换人去"])
        }
    }

    @Test("批量督办要写为什么，每件都有；没有这个权限的办不成", arguments: TestEngine.enabled)
    func supervise(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let ids = try await told(house)
            let dispatcher = try await house.context(.dispatcher)
            let bare = try await house.send("/desk/bulk", form(ids, [("do", "supervise"), ("text", " ")]), dispatcher)
            #expect(bare?.contains("请选要做什么") == true)
            let fields = [("do", "supervise"), ("text", "节前都要亮")]
            #expect(try await house.send("/desk/bulk", form(ids, fields), dispatcher)?.contains("2 件都办好了") == true)
            #expect(try await words(ids, "superviseByHand", house) == ["节前都要亮", "节前都要亮"])
            let handler = try await house.context(.propertyHandler)
            let theirs = try await house.send("/desk/bulk", form(ids, fields), handler) ?? ""
            #expect(theirs.contains("办好 0 件，2 件没办成"))
            #expect(
                try await !house.open("/desk/bulk", query: ids.map { ("case", "\($0)") }, handler).contains("列为督办"))
        }
    }

    @Test("里面有举报的，批量改性质：逐件说办成没有、为什么；写了理由街道才改得了", arguments: TestEngine.enabled)
    func tipOffs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var ids = try await told(house)
            var sealed = try await house.draft("有人在地下室做群租房", category: "R0104")
            sealed.nature = .tipOff
            ids.append(try await house.report(sealed, try await house.context(.youngMother)))
            let dispatcher = try await house.context(.dispatcher)
            let page = try await house.open("/desk/bulk", query: ids.map { ("case", "\($0)") }, dispatcher)
            #expect(page.contains("id=\"classify-text\"") && page.contains("选中的有举报"))
            let kind = [("do", "classify"), ("nature", "assistance"), ("category", "R0104")]
            let bare = try await house.send("/desk/bulk", form(ids, kind), dispatcher) ?? ""
            #expect(bare.contains("办好 2 件，1 件没办成") && bare.contains("这是举报，改成别的性质请写明理由"))
            #expect(try await natures(ids, house) == ["assistance", "assistance", "tipOff"])
            let said = kind + [("text", "是求助，不是举报")]
            let done = try await house.send("/desk/bulk", form(ids, said), dispatcher) ?? ""
            #expect(done.contains("3 件都办好了"), "\(done.suffix(1500))")
            #expect(try await natures(ids, house) == ["assistance", "assistance", "assistance"])
        }
    }

    private func natures(_ ids: [ID<Case>], _ house: House) async throws -> [String] {
        var found: [String] = []
        for id in ids {
            found.append(try await house.value("SELECT nature FROM case_item WHERE id = \(id)") ?? "")
        }
        return found
    }

    @Test("选的里面有现在看不到的：说清楚有几件没有办，不说是哪件", arguments: TestEngine.enabled)
    func leftOut(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let ids = try await told(house)
            let handler = try await house.context(.propertyHandler)
            let water = try await house.unit("城东自来水服务站")
            try await house.take(CaseStep("dispatch", text: "归水务", unit: water), ids[1], house.context(.dispatcher))
            let note = [("do", "note"), ("text", "周三一起换")]
            let done = try await house.send("/desk/bulk", form(ids, note), handler) ?? ""
            #expect(done.contains("1 件都办好了") && done.contains("另有 1 件没有办"))
            #expect(!done.contains("\(ids[1])"))
            let gone = try await house.send("/desk/bulk", form([ids[1]], note), handler) ?? ""
            #expect(gone.contains("没有选中工单") && gone.contains("另有 1 件没有办"))
        }
    }

    @Test("接口一样：dispatch、supervise 带 text", arguments: TestEngine.enabled)
    func api(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let ids = try await told(house)
            let unit = try await house.unit("城东自来水服务站")
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
                func work(_ fields: String) async throws -> [Bool] {
                    let body = "{\(fields),\"cases\":[\(list)]}"
                    return try await site.shown("POST", "/bulk", body, as: dispatcher)["results"].list.map {
                        $0["done"].isTrue
                    }
                }
                #expect(try await work(#""do":"dispatch","unit":"\#(unit)","text":"归供电""#) == [true, true])
                #expect(try await work(#""do":"supervise","text":"节前都要亮""#) == [true, true])
            }
            #expect(try await words(ids, "dispatch", house) == ["归供电", "归供电"])
            #expect(try await words(ids, "superviseByHand", house) == ["节前都要亮", "节前都要亮"])
        }
    }
}
