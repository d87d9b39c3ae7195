import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Case types while administrators change them.
@Suite("改工单类型")
struct CaseTypeEditingTests {
    private func commands(_ house: House) -> CaseTypeCommands {
        CaseTypeCommands(house.services.database, types: house.services.queries.types)
    }

    /// The shipped definition of a type with another version, and whatever a test changes.
    private func yaml(
        _ id: String, _ house: House, version: Int? = nil, _ changes: [(String, String)] = []
    ) throws -> String {
        let shipped = try #require(house.services.queries.types.shipped(id))
        let (text, next) = (shipped.yaml, version ?? shipped.type.version + 1)
        return changes.reduce(CaseTypeLoader.renumbered(text, version: next)) { text, change in
            #expect(text.contains(change.0), "the definition does not say \(change.0)")
            return text.replacing(change.0, with: change.1, maxReplacements: 1)
        }
    }

    private func stored(_ type: String, _ house: House) async throws -> CaseTypeDraft? {
        try await house.services.database.read { try CaseTypeDrafts.find(type, $0) }
    }

    @Test("草稿存了不算数，发布才算；新件用新版，在办的照旧", arguments: TestEngine.enabled)
    func publishing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let tenant = try await house.context(.tenant)
            let types = house.services.queries.types
            let before = try await house.report(try await house.draft(), tenant)
            let text = try yaml("need", house, [("{ zh: 待派单, en: To dispatch }", "{ zh: 等派单, en: To dispatch }")])
            try await commands(house).save(text, of: "need", revision: 0, administrator)
            let old = try types.current("need").version
            #expect(old == types.shipped("need")?.type.version)
            let draft = try #require(try await stored("need", house))
            #expect(draft.yaml == text && draft.base == old && draft.revision == 1 && draft.savedBy == "孙立")
            let silent = try await house.refusal {
                _ = try await commands(house).publish("need", revision: 1, reason: "  ", administrator)
            }
            #expect(silent == .invalid)
            let published = try await commands(house).publish("need", revision: 1, reason: "换个说法", administrator)
            #expect(published.version == old + 1)
            #expect(try types.current("need").version == old + 1)
            #expect(try await stored("need", house) == nil)
            let versions = try await house.services.database.read { try CaseTypeDrafts.versions("need", $0) }
            #expect(versions.map(\.version) == [old + 1] && versions.map(\.reason) == ["换个说法"])
            #expect(try await house.services.queries.view(before, tenant).type.version == old)
            let after = try await house.report(try await house.draft(), tenant)
            #expect(try await house.services.queries.view(after, tenant).type.version == old + 1)
            let running = try await house.services.database.read { try CaseTypeDrafts.running("need", $0) }
            #expect(running[old + 1] == 1 && running[old] ?? 0 > 0)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("两个人改同一份，后存的不会盖掉先存的", arguments: TestEngine.enabled)
    func conflicts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            let text = try yaml("repair", house)
            let old = try house.services.queries.types.current("repair").version
            try await commands(house).save(text, of: "repair", revision: 0, administrator)
            for revision in [0, 2] {
                let kind = try await house.refusal {
                    try await commands(house).save(text + "\n# 别的", of: "repair", revision: revision, administrator)
                }
                #expect(kind == .conflict)
            }
            #expect(try await stored("repair", house)?.yaml == text)
            try await commands(house).save(text + "\n# 我的", of: "repair", revision: 1, administrator)
            let stale = try await house.refusal {
                _ = try await commands(house).publish("repair", revision: 1, reason: "旧的", administrator)
            }
            #expect(stale == .conflict)
            // What is in force changed since the draft was stored.
            _ = try await house.services.database.write(administrator, "caseTypes.publish") {
                try house.services.queries.types.publish(text, $0)
            }
            try await house.services.queries.types.load(house.services.database)
            let late = try await house.refusal {
                _ = try await commands(house).publish("repair", revision: 2, reason: "晚了", administrator)
            }
            #expect(late == .conflict)
            // Nor is it stored as if it had been written from the new one: only who compared them may.
            for compared in [nil, old] {
                let outrun = try await house.refusal {
                    try await commands(house).save(
                        text, of: "repair", revision: 2, compared: compared, administrator)
                }
                #expect(outrun == .conflict)
            }
            let page = try await house.open("/admin/case-types/repair", query: [], administrator)
            #expect(page.contains("草稿是照第 \(old) 版写的") && !page.contains("发布存好的草稿"))
            try await commands(house).save(text, of: "repair", revision: 2, compared: old + 1, administrator)
            #expect(try await stored("repair", house)?.base == old + 1)
            let gone = try await house.refusal {
                try await commands(house).discard("repair", revision: 1, administrator)
            }
            #expect(gone == .conflict)
            try await commands(house).discard("repair", revision: 3, administrator)
            #expect(try await stored("repair", house) == nil)
        }
    }

    @Test("只有管理员能改；有错的能存不能发布", arguments: TestEngine.enabled)
    func whoAndWhat(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let text = try yaml("repair", house)
            for person in [DemoStaff.dispatcher, .auditor, .head, .districtOfficer] {
                let context = try await house.context(person)
                for attempt in 0..<3 {
                    let kind = try await house.refusal {
                        switch attempt {
                        case 0: try await commands(house).save(text, of: "repair", revision: 0, context)
                        case 1: try await commands(house).discard("repair", revision: 0, context)
                        default: _ = try await commands(house).publish("repair", revision: 0, reason: "试", context)
                        }
                    }
                    #expect(kind == .forbidden, "\(person) \(attempt)")
                }
            }
            let administrator = try await house.context(.administrator)
            let wrong = try yaml("repair", house, version: 1, [("to: handling", "to: nowhere")])
            try await commands(house).save(wrong, of: "repair", revision: 0, administrator)
            let kind = try await house.refusal {
                _ = try await commands(house).publish("repair", revision: 1, reason: "试", administrator)
            }
            #expect(kind == .invalid)
            for name in ["", "R", "报修", "two words", "a/b", String(repeating: "a", count: 41)] {
                let kind = try await house.refusal {
                    try await commands(house).save(text, of: name, revision: 0, administrator)
                }
                #expect(kind == .invalid, "\(name)")
            }
        }
    }

    @Test("代号、版本号不对指出行号")
    func numbers() throws {
        let yaml = CaseTypeLoaderTests.right
        #expect(CaseTypeLoader.look(yaml, as: "demo", above: 0).problems.isEmpty)
        #expect(CaseTypeLoader.look(yaml, as: "other", above: 0).problems.map(\.line) == [1])
        #expect(CaseTypeLoader.look(yaml, as: "demo", above: 1).problems.map(\.line) == [2])
        let next = CaseTypeLoader.renumbered(yaml, version: 7, id: "other")
        let looked = CaseTypeLoader.look(next, as: "other", above: 6)
        #expect(looked.problems.isEmpty && looked.type?.version == 7)
    }

    @Test("和现行版的差别写成话")
    func changes() throws {
        let old = try CaseTypeLoader.load(CaseTypeLoaderTests.right)
        #expect(CaseTypeChange.all(from: old, to: old).isEmpty)
        let text = CaseTypeLoaderTests.right.replacing("minutes: 10,", with: "minutes: 90,")
            .replacing("limit: 100 }\n", with: "limit: 100 }\n" + Self.floor)
            .replacing("    by: [handler]", with: "    by: [handler, lead]")
        let changes = CaseTypeChange.all(from: old, to: try CaseTypeLoader.load(text))
        #expect(changes.map(\.kind) == [.added, .changed, .changed])
        #expect(
            changes.map(\.text.zh) == [
                "新增字段“楼层”",
                "状态“开”的时限：10 分钟（自然时间），紧急 5 分钟 → 1 小时 30 分钟（自然时间），紧急 5 分钟",
                "动作“办完”的谁能做：承办单位 → 承办单位、主办单位",
            ]
        )
        let back = CaseTypeChange.all(from: try CaseTypeLoader.load(text), to: old)
        #expect(back.first { $0.kind == .removed }?.text.en == "Removed: Field “Floor”")
    }

    @Test("自己发布过的，程序带来新版也不自动换")
    func shippedIsOffered() throws {
        let text = CaseTypeLoaderTests.right
        let newer = CaseTypeLoader.renumbered(text, version: 3)
        let types = try CaseTypes(yaml: [text, newer])
        #expect(try types.current("demo").version == 3)
        let own = try CaseTypeLoader.load(CaseTypeLoader.renumbered(text, version: 2))
        types.add(own)
        #expect(try types.current("demo").version == 2, "the deployment's own stays in force")
        #expect(types.shipped("demo")?.type.version == 3 && types.largestVersion("demo") == 3)
        #expect(try types.type("demo", version: 1).version == 1, "running cases keep their version")
        // A number that both have means the published one.
        let same = text.replacing("{ zh: 开, en: Open }", with: "{ zh: 自己的, en: Own }")
        types.add(try CaseTypeLoader.load(CaseTypeLoader.renumbered(same, version: 3)))
        #expect(try types.type("demo", version: 3).states.first?.name.zh == "自己的")
    }

    @Test("升级换了随程序的定义，在办的工单照旧；同号改了内容的，先来的算数", arguments: TestEngine.enabled)
    func shippedIsKept(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let first = CaseTypeLoaderTests.right
            #expect(try await CaseTypes(yaml: [first]).remember(database).isEmpty)
            let second = CaseTypeLoader.renumbered(first, version: 2)
            let upgraded = try CaseTypes(yaml: [second])
            #expect(throws: LinliError.self) { try upgraded.type("demo", version: 1) }
            #expect(try await upgraded.remember(database).isEmpty)
            #expect(try upgraded.type("demo", version: 1).version == 1)
            #expect(try upgraded.current("demo").version == 2 && upgraded.shippedText("demo", version: 1) == first)
            let careless = second.replacing("{ zh: 开, en: Open }", with: "{ zh: 变了, en: Changed }")
            let again = try CaseTypes(yaml: [careless])
            #expect(try await again.remember(database) == ["demo 2"])
            #expect(try again.type("demo", version: 2).states.first?.name.zh == "开")
            #expect(again.shipped("demo")?.yaml == second)
        }
    }

    // MARK: Trial

    /// One day for the repair in place of three.
    private static let floor =
        "  floor: { name: { zh: 楼层, en: Floor }, kind: number, required: true, limit: 40 }\n"
    private static let hurry = (
        "minutes: 4320, kind: natural, urgentMinutes: 120", "minutes: 1440, kind: natural, urgentMinutes: 120"
    )

    private func tried(_ text: String, _ house: House) async throws -> CaseTypeTrial {
        let draft = try CaseTypeLoader.load(text)
        let services = house.services
        let scope = try await house.context(.administrator).actor.scope(for: .caseTypesManage)
        let (calendar, now) = (services.days.current, house.clock.clock.now)
        return try await services.database.read { tx in
            try CaseTypeTrial.run(draft, services.queries.types, calendar, services.catalogue, scope, at: now, tx)
        }
    }

    /// Two repairs: one refused and sent again, one finished on the third day.
    private func tell(_ house: House) async throws -> (refused: ID<Case>, finished: ID<Case>) {
        let tenant = try await house.context(.tenant)
        var draft = try await house.draft("楼道灯不亮", category: "R0104")
        (draft.type, draft.answers) = ("repair", ["entry": "shared"])
        let refused = try await house.report(draft, tenant)
        let finished = try await house.report(draft, tenant)
        var step = CaseStep("refuse", text: "不归我们")
        step.reasonClass = "notOurs"
        try await house.take(step, refused, try await house.context(.propertyHandler))
        house.clock.advance(minutes: 30)
        try await house.take(CaseStep("accept"), finished, try await house.context(.propertyHandler))
        house.clock.advance(minutes: 2 * 1440)
        let handler = try await house.context(.propertyHandler)
        var finish = CaseStep("finish", text: "换了灯")
        finish.photos = [try await house.photo(handler)]
        try await house.take(finish, finished, handler)
        return (refused, finished)
    }

    @Test("试算：走不通的步骤、会退回的表单、时限的差别", arguments: TestEngine.enabled)
    func trial(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A trial looks a month back: the repairs of the demo are older.
            house.clock.advance(minutes: 31 * 1440)
            let (refused, finished) = try await tell(house)
            let same = try await tried(try yaml("repair", house), house)
            #expect(same.looked == 2 && same.blocked == 0 && same.refused == 0 && same.examples.isEmpty)
            #expect(same.wereLate == same.wouldBeLate && same.clocks.isEmpty)

            let short = try yaml("repair", house, [Self.hurry])
            let hurried = try await tried(short, house)
            #expect(hurried.clocks.map(\.name.zh) == ["状态“维修中”"])
            #expect(hurried.clocks.map(\.were) == [0] && hurried.clocks.map(\.wouldBe) == [1])
            #expect(hurried.examples.map(\.id) == [finished])
            #expect(hurried.examples.first?.what.map(\.zh) == ["状态“维修中”会超时"])

            let strict = try yaml(
                "repair", house,
                [
                    ("from: [dispatched]\n    to: received", "from: [handling]\n    to: received"),
                    ("  entry:\n", Self.floor + "  entry:\n"),
                ]
            )
            let blocked = try await tried(strict, house)
            #expect(blocked.blocked == 1 && blocked.refused == 2)
            let example = try #require(blocked.examples.first { $0.id == refused })
            #expect(example.what.map(\.zh) == ["“退单”做不了：在状态 dispatched 不能做", "请填写：楼层"])
            house.clock.advance(minutes: 31 * 1440)
            #expect(try await tried(short, house).looked == 0, "older than a month")
        }
    }

    @Test("试算把挂账和延期算进去", arguments: TestEngine.enabled)
    func trialWithPauses(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A trial looks a month back: the repairs of the demo are older.
            house.clock.advance(minutes: 31 * 1440)
            let tenant = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            var draft = try await house.draft("楼道灯不亮", category: "R0104")
            (draft.type, draft.answers) = ("repair", ["entry": "shared"])
            let id = try await house.report(draft, tenant)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            let request = try await commands.ask(
                .pause, reason: "material", minutes: 3 * 1440, text: "等灯具", for: id, handler
            )
            _ = try await commands.decide(
                request, isGranted: true, text: "同意", try await house.context(.dispatcher)
            )
            house.clock.advance(minutes: 2 * 1440)
            let short = try yaml("repair", house, [Self.hurry])
            #expect(try await tried(short, house).clocks.isEmpty, "its clock stands still")
            house.clock.advance(minutes: 3 * 1440)
            #expect(try await tried(short, house).clocks.map(\.wouldBe) == [1])
        }
    }
}
