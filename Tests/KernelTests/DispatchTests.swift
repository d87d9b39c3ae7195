import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Rules of a deployment, the catalogue of duties, and what may not be sent to a community.
@Suite("派单规则与派单目录")
struct DispatchTests {
    @Test("随程序带的目录读得通，每个类别都有主责") func shippedCatalogueCoversEveryCategory() throws {
        let categories = try EventCatalogue.shared()
        let duties = try DutyCatalogue(DutyCatalogue.shippedText(), version: 0, categories: categories)
        let minors = categories.majors().flatMap { categories.children(of: $0.code) }
        #expect(minors.count > 150)
        let without = minors.filter { duties[$0.code] == nil }.map(\.code)
        #expect(without.isEmpty)
        // A minor class has its own line where it differs from its major class.
        #expect(duties["R1601"]?.community == .no && duties["R1202"]?.community == .yes)
        #expect(duties["R1601"]?.leads.first == .enforcement)
    }

    @Test("目录里没有的类别不能派社区，别的单位可以；还没分类的不拦") func outOfTheList() throws {
        let duties = try DutyCatalogue("E01 | property | committee | help | 依据", version: 1, categories: .shared())
        for kind in [UnitKind.committee, .village] {
            #expect(!duties.mayLead(kind, "E0404") && !duties.mayHelp(kind, "E0404"))
            #expect(!duties.mayLead(kind, "E0102") && duties.mayHelp(kind, "E0102"))
            #expect(duties.mayLead(kind, "") && duties.mayHelp(kind, ""))
        }
        #expect(duties.mayLead(.property, "E0404") && duties.mayHelp(.enforcement, "E0404"))
    }

    struct Mistake: Sendable {
        let line: String
        let words: String
    }

    @Test(
        "写错的行都指出来",
        arguments: [
            Mistake(line: "R99 | property | | yes | 依据", words: "没有类别"),
            Mistake(line: "R01 | landlord | | help | 依据", words: "没有这种单位"),
            Mistake(line: "R01 | property | | maybe | 依据", words: "只能写"),
            Mistake(line: "R01 | property | yes", words: "5 格"),
            Mistake(line: "R01 | | | help | 依据", words: "主责"),
            Mistake(line: "R01 | committee | | no | 依据", words: "可派社区"),
        ]
    ) func mistakes(_ mistake: Mistake) throws {
        let categories = try EventCatalogue.shared()
        do {
            _ = try DutyCatalogue("# 表头\n" + mistake.line, version: 1, categories: categories)
            Issue.record("it was taken")
        } catch let error as DutyCatalogue.Invalid {
            #expect(error.problems.count == 1 && error.problems[0].line == 2)
            #expect(error.problems[0].text.zh.contains(mistake.words), "\(error.problems[0].text.zh)")
        }
    }

    @Test("只有说明、一行也没有的目录不收：收了就等于什么都不许派社区") func emptyCatalogue() throws {
        let categories = try EventCatalogue.shared()
        #expect(throws: DutyCatalogue.Invalid.self) {
            try DutyCatalogue("# 只有表头\n\n", version: 1, categories: categories)
        }
    }

    private static let facts = DispatchRule.Facts(
        division: DivisionCode(rawValue: 110_101_001_001_002), category: "E0404", nature: .complaint, spot: .street,
        text: "饭馆把桌子摆到人行道上", at: Instant(CivilDate(daysSinceEpoch: 20_780), hour: 22),
        answers: ["entry": "home,shared"]
    )

    struct Condition: Sendable {
        let name: String
        let fits: Bool
        let change: @Sendable (inout DispatchRule) -> Void
    }

    @Test(
        "规则的每个条件",
        arguments: [
            Condition(name: "没有条件", fits: true, change: { _ in }),
            Condition(name: "停用", fits: false, change: { $0.isActive = false }),
            Condition(name: "大类", fits: true, change: { $0.categories = ["E04"] }),
            Condition(name: "别的类", fits: false, change: { $0.categories = ["E03", "R"] }),
            Condition(name: "性质", fits: true, change: { $0.natures = [.complaint, .tipOff] }),
            Condition(name: "别的性质", fits: false, change: { $0.natures = [.consultation] }),
            Condition(name: "地点", fits: false, change: { $0.spots = [.home] }),
            Condition(name: "有这个词", fits: true, change: { $0.words = ["烧烤", "人行道"] }),
            Condition(name: "没有这些词", fits: false, change: { $0.words = ["烧烤"] }),
            Condition(name: "夜里十点到早上六点", fits: true, change: { $0.hours = (1320, 360) }),
            Condition(name: "白天", fits: false, change: { $0.hours = (540, 1080) }),
            Condition(name: "晚上十点为止", fits: false, change: { $0.hours = (1080, 1320) }),
            Condition(name: "答了这一项", fits: true, change: { $0.answer = "entry=shared" }),
            Condition(name: "没答这一项", fits: false, change: { $0.answer = "entry=appointment" }),
            Condition(name: "别的街道", fits: false, change: { $0.division = DivisionCode(rawValue: 110_101_002_000_000) }),
        ]
    ) func conditions(_ condition: Condition) {
        var rule = DispatchRule(
            id: ID(rawValue: 1), position: 1, name: "规则", division: DivisionCode(rawValue: 110_101_000_000_000),
            unit: ID(rawValue: 2)
        )
        condition.change(&rule)
        #expect(rule.fits(Self.facts) == condition.fits, "\(condition.name)")
    }

    @Test("执法的事不派社区：路由绕开，调度员硬派也派不进去，并说明该派给谁", arguments: TestEngine.enabled)
    func barsCommunities(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("楼下饭馆天天把桌子摆到便道上", category: "E0404")
            draft.spot = .street
            let id = try await house.report(draft, try await house.context(.tenant))
            let view = try await house.services.queries.view(id, try await house.context(.dispatcher))
            #expect(view.unit?.kind == .enforcement && view.item.ground == CaseRouting.Ground.duty.rawValue)
            let committee = try await house.unit("幸福里社区居委会")
            do {
                try await house.take(CaseStep("dispatch", unit: committee), id, try await house.context(.dispatcher))
                Issue.record("it was sent to the community")
            } catch let error as LinliError {
                #expect(error.kind == .invalid && error.text(for: "unit")?.zh.contains("综合行政执法队") == true)
            }
        }
    }

    @Test("规则先于权责；改了规则，各节点都知道；删了就不再用", arguments: TestEngine.enabled)
    func rulesComeFirst(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let water = try await house.unit("城东自来水服务站")
            let context = try await house.context(.districtOfficer)
            let id: ID<DispatchRule> = try await services.database.write(context, "dispatch.saveRule") { tx in
                var rule = DispatchRule(
                    id: try tx.newID(), position: 1, name: "地下室积水先找自来水",
                    division: DivisionCode(rawValue: 110_101_001_000_000), unit: water
                )
                rule.words = ["地下室"]
                try DispatchStore.save(rule, tx)
                return rule.id
            }
            try await services.book.load(services.database)
            #expect(services.book.rules.map(\.id) == [id])
            let resident = try await house.context(.tenant)
            let flooded = try await house.report(try await house.draft("地下室又积水了", category: "R0101"), resident)
            let other = try await house.report(try await house.draft("楼顶漏雨", category: "R0101"), resident)
            let units = [
                try await services.queries.view(flooded, resident), try await services.queries.view(other, resident),
            ]
            #expect(units[0].unit?.id == water && units[0].item.ground == CaseRouting.Ground.rule.rawValue)
            #expect(units[1].unit?.name.zh == "安居物业")
            // A rule never sends a case to the unit it is against.
            var against = try await house.draft("自来水的人把地下室弄积水了", category: "R0101")
            against.against = water
            let third = try await house.report(against, resident)
            #expect(try await services.queries.view(third, resident).unit?.id != water)
            try await services.database.write(context, "dispatch.removeRule") { tx in
                guard let rule = try DispatchStore.rule(id, tx) else { throw LinliError.notFound("rule") }
                try DispatchStore.remove(rule, tx)
            }
            try await services.book.load(services.database)
            #expect(services.book.rules.isEmpty)
        }
    }

    private func saveRule(_ house: House, _ words: String, to unit: ID<Unit>, position: Int) async throws {
        let context = try await house.context(.districtOfficer)
        try await house.services.database.write(context, "dispatch.saveRule") { tx in
            var rule = DispatchRule(
                id: try tx.newID(), position: position, name: words,
                division: DivisionCode(rawValue: 110_101_001_000_000), unit: unit
            )
            rule.words = [words]
            try DispatchStore.save(rule, tx)
        }
        try await house.services.book.load(house.services.database)
    }

    @Test("规则也不能把执法的事派给社区：跳过这条，用下一条，再没有就按目录", arguments: TestEngine.enabled)
    func rulesAreNotAboveTheCatalogue(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let committee = try await house.unit("幸福里社区居委会")
            try await saveRule(house, "便道", to: committee, position: 1)
            let (resident, queries) = (try await house.context(.tenant), house.services.queries)
            func told(_ text: String, _ category: String) async throws -> CaseView {
                var draft = try await house.draft(text, category: category)
                draft.spot = .street
                return try await queries.view(try await house.report(draft, resident), resident)
            }
            let barred = try await told("饭馆把桌子摆到便道上", "E0404")
            #expect(barred.unit?.kind == .enforcement && barred.item.ground == CaseRouting.Ground.duty.rawValue)
            // What a community may lead the same rule sends there.
            let open = try await told("便道上扔着垃圾", "R0104")
            #expect(open.unit?.id == committee && open.item.ground == CaseRouting.Ground.rule.rawValue)
            let office = try await house.unit("城市管理办公室")
            try await saveRule(house, "桌子", to: office, position: 2)
            let next = try await told("饭馆又把桌子摆到便道上", "E0404")
            #expect(next.unit?.id == office && next.item.ground == CaseRouting.Ground.rule.rawValue)
        }
    }

    /// A case that the community has accepted.
    private func withCommunity(_ house: House) async throws -> ID<Case> {
        var draft = try await house.draft("门口乱糟糟的，没人管", category: "R0104")
        draft.spot = .street
        let id = try await house.report(draft, try await house.context(.tenant))
        let committee = try await house.unit("幸福里社区居委会")
        try await house.take(CaseStep("dispatch", unit: committee), id, try await house.context(.dispatcher))
        try await house.take(CaseStep("accept"), id, try await house.context(.worker))
        return id
    }

    @Test("改成不得派社区的类别，就从社区转给该管的单位；改成社区能办的，不动", arguments: TestEngine.enabled)
    func reclassifiedLeavesTheCommunity(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            for person in [DemoStaff.dispatcher, .worker] {
                let id = try await withCommunity(house)
                let dispatcher = try await house.context(.dispatcher)
                try await commands.classify(.assistance, "R0105", of: id, dispatcher)
                #expect(try await house.state(id) == "handling")
                try await commands.classify(.assistance, "E0404", of: id, try await house.context(person))
                let view = try await house.services.queries.view(id, dispatcher)
                #expect(view.unit?.kind == .enforcement && view.item.state == "dispatched")
                #expect(view.item.handler == nil && view.item.ground == CaseRouting.Ground.duty.rawValue)
                #expect(view.entries.contains { $0.transition == "passedOn" })
                await house.deliver()
                let recount = try await house.services.database.read { try CaseCounts.recount($0) }
                #expect(recount.counted == recount.stored)
                try await house.take(CaseStep("accept"), id, try await house.context(.enforcementHandler))
                let parties = try await house.services.database.read { tx in
                    try tx.all(
                        """
                        SELECT u.kind FROM case_party p JOIN unit u ON u.id = p.unit_id
                        WHERE p.case_id = \(id) AND p.until IS NULL
                        """
                    ) { try $0[0] as String }
                }
                #expect(parties == ["enforcement"])
            }
        }
    }

    @Test("自己不会找单位的工单，改类别时说明该派给谁，什么也不改", arguments: TestEngine.enabled)
    func reclassifiedWithoutRouting(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("路口堆着东西", category: "E0102")
            (draft.type, draft.source, draft.spot) = ("gridEvent", .grid, .street)
            draft.photos = [try await house.photo(try await house.context(.gridWorker1))]
            let id = try await house.report(draft, try await house.context(.gridWorker1))
            let dispatcher = try await house.context(.dispatcher)
            try await house.take(CaseStep("file"), id, dispatcher)
            let committee = try await house.unit("幸福里社区居委会")
            try await house.take(CaseStep("dispatch", unit: committee), id, dispatcher)
            do {
                try await house.services.commands.classify(.assistance, "E0404", of: id, dispatcher)
                Issue.record("the community kept it")
            } catch let error as LinliError {
                #expect(error.kind == .invalid && error.text(for: "category")?.zh.contains("综合行政执法队") == true)
            }
            let category: String? = try await house.value("SELECT category FROM case_item WHERE id = \(id)")
            #expect(category == "E0102")
        }
    }

    @Test("工单页预选的也照规则和目录：不会先选上不得派的社区", arguments: TestEngine.enabled)
    func pagePreselectsTheLawful(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("饭馆把桌子摆到便道上", category: "E0404")
            draft.spot = .street
            let id = try await house.report(draft, try await house.context(.tenant))
            let (dispatcher, office) = (try await house.context(.dispatcher), try await house.unit("城市管理办公室"))
            try await house.take(CaseStep("dispatch", unit: office), id, dispatcher)
            let page = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
            #expect(page.contains("东华门街道综合行政执法队（按地点和类别推荐）"))
            #expect(!page.contains("幸福里社区居委会（按地点和类别推荐）"))
        }
    }

    @Test("协办改派按能不能配合看：能配合的社区收得到，不得派的连协办也不行", arguments: TestEngine.enabled)
    func resentPartsAreHelp(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (dispatcher, office) = (try await house.context(.dispatcher), try await house.unit("城市管理办公室"))
            let committee = try await house.unit("幸福里社区居委会")
            for (category, takes) in [("R0203", true), ("E0404", false)] {
                var draft = try await house.draft("请几家一起看看", category: category)
                draft.spot = .street
                let id = try await house.report(draft, try await house.context(.tenant))
                let part = CasePartDraft(unit: office, text: "请到现场配合")
                let taken = try await house.services.commands.addPart(part, to: id, dispatcher)
                var decline = CaseStep("decline", text: "不归我们管")
                decline.reasonClass = "notOurs"
                try await house.take(decline, taken.id, try await house.context(.cityHandler))
                do {
                    try await house.take(CaseStep("resend", unit: committee), taken.id, dispatcher)
                    #expect(takes, "\(category)")
                } catch let error as LinliError {
                    #expect(!takes && error.text(for: "unit")?.zh.contains("协办") == true, "\(category)")
                }
                #expect(try await house.state(taken.id) == (takes ? "dispatched" : "declined"))
            }
        }
    }

    @Test("发布的目录各节点都换上，写错的发布不了", arguments: TestEngine.enabled)
    func publishesCatalogues(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let text = try DutyCatalogue.shippedText().replacing("E04 | enforcement", with: "E04 | streetOffice")
            let context = try await house.context(.districtOfficer)
            let version = try await services.database.write(context, "dispatch.publishDuties") {
                try DispatchStore.publish(text, note: "试行", $0)
            }
            try await services.book.load(services.database)
            #expect(version == 1 && services.book.duties.version == 1)
            #expect(services.book.duties["E0404"]?.leads == [.streetOffice])
        }
    }

    @Test("发布的工单类型新件用新版，在办的照旧", arguments: TestEngine.enabled)
    func publishesCaseTypes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let services = house.services
            let types = services.queries.types
            let resident = try await house.context(.tenant)
            let before = try await house.report(try await house.draft(), resident)
            let old = try types.current("need").version
            let yaml = CaseTypeLoaderTests.right.replacing("id: demo", with: "id: need").replacing(
                "version: 1", with: "version: 9")
            let context = try await house.context(.administrator)
            _ = try await services.database.write(context, "caseTypes.publish") { try types.publish(yaml, $0) }
            try await types.load(services.database)
            #expect(try types.current("need").version == 9)
            #expect(try await services.queries.view(before, resident).type.version == old)
            let after = try await house.report(try await house.draft(), resident)
            #expect(try await services.queries.view(after, resident).type.version == 9)
            let again = try await house.refusal {
                _ = try await services.database.write(context, "caseTypes.publish") { try types.publish(yaml, $0) }
            }
            #expect(again == .conflict)
        }
    }
}
