import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Rules of dispatch and the catalogue of duties, as who manages them meets them.
@Suite("派单规则与目录的页面")
struct DispatchPagesTests {
    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    @Test("规则先试后存；试的时候不改任何东西；存了新件就按它派", arguments: TestEngine.enabled)
    func triedThenStored(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let water = try await house.unit("城东自来水服务站")
            let resident = try await house.context(.tenant)
            _ = try await house.report(try await house.draft("地下室积水", category: "R0101"), resident)
            func fields(_ what: String) -> Form {
                form([
                    ("name", "地下室积水"), ("division", "110101001"), ("unit", "\(water)"), ("words", "地下室 地库"),
                    ("position", "10"), ("active", "yes"), ("do", what),
                ])
            }
            let tried = try await house.send("/admin/dispatch", fields("try"), dispatcher)
            #expect(tried?.contains("件会改派") == true && tried?.contains("地下室积水") == true)
            #expect(try await house.value("SELECT count(*) FROM dispatch_rule", as: Int.self) == 0)
            let stored = try await house.send("/admin/dispatch", fields("save"), dispatcher)
            #expect(stored == "/admin/dispatch?done=save")
            let page = try await house.open("/admin/dispatch", query: [], dispatcher)
            #expect(page.contains("地下室积水") && page.contains("城东自来水服务站"))
            let id = try await house.report(try await house.draft("地库又积水", category: "R0101"), resident)
            #expect(try await house.services.queries.view(id, resident).unit?.id == water)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("写错的都指出来，填的还在；别人街道的管不了", arguments: TestEngine.enabled)
    func mistakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let wrong = form([
                ("name", ""), ("division", "110102001"), ("categories", "Z99"), ("from", "25:00"), ("until", "06:00"),
                ("answer", "随便"), ("do", "save"),
            ])
            let page = try await house.send("/admin/dispatch", wrong, dispatcher) ?? ""
            for words in ["请给规则起个名", "请选您管的范围", "请选派给谁", "没有类别 Z99", "22:00", "字段=答案"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(page.contains("value=\"25:00\""))
            #expect(try await house.value("SELECT count(*) FROM dispatch_rule", as: Int.self) == 0)
        }
    }

    @Test("试一条规则，连同前面的规则、派单目录和被投诉的单位一起算，说得出每件从哪改到哪", arguments: TestEngine.enabled)
    func triedAmongOthers(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let (water, office) = (try await house.unit("城东自来水服务站"), try await house.unit("城市管理办公室"))
            func rule(_ name: String, _ unit: ID<LinliKernel.Unit>, _ words: String, _ position: Int, _ what: String)
                -> Form
            {
                form([
                    ("name", name), ("division", "110101001"), ("unit", "\(unit)"), ("words", words),
                    ("position", "\(position)"), ("active", "yes"), ("do", what),
                ])
            }
            let first = try await house.send("/admin/dispatch", rule("灯先给城管办", office, "彩灯", 1, "save"), dispatcher)
            #expect(first == "/admin/dispatch?done=save")
            let resident = try await house.context(.tenant)
            // One that the earlier rule decides, one that the new one does, one that is against its unit.
            for text in ["天台彩灯泡在水里", "天台泡在水里"] {
                _ = try await house.report(try await house.draft(text, category: "R0101"), resident)
            }
            var against = try await house.draft("天台被抢修的人泡在水里", category: "R0101")
            against.against = water
            _ = try await house.report(against, resident)
            let tried = try await house.send("/admin/dispatch", rule("天台积水", water, "天台", 10, "try"), dispatcher)
            let page = tried ?? ""
            #expect(page.contains("符合 3 件：1 件由这条规则定，2 件先由"))
            #expect(page.contains("1 件会改派") && page.contains("安居物业 → 城东自来水服务站"))
            #expect(!page.contains("天台彩灯泡在水里"))
        }
    }

    @Test("规则不能把不得派社区的类别派给社区，说明该派给谁；社区能办的存得下", arguments: TestEngine.enabled)
    func barredRule(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let committee = try await house.unit("幸福里社区居委会")
            func fields(_ categories: String) -> Form {
                form([
                    ("name", "社区先看"), ("division", "110101001"), ("unit", "\(committee)"), ("position", "10"),
                    ("categories", categories), ("active", "yes"), ("do", "save"),
                ])
            }
            for categories in ["E0404", "R0104 E04"] {
                let page = try await house.send("/admin/dispatch", fields(categories), dispatcher) ?? ""
                #expect(page.contains("不能派社区主办") && page.contains("东华门街道综合行政执法队"), "\(categories)")
            }
            #expect(try await house.value("SELECT count(*) FROM dispatch_rule", as: Int.self) == 0)
            let stored = try await house.send("/admin/dispatch", fields("R0104"), dispatcher)
            #expect(stored == "/admin/dispatch?done=save")
        }
    }

    @Test("派到所在网格：先试看得到到哪个网格，不得派社区的类别存不了，单位和网格不能都选", arguments: TestEngine.enabled)
    func toGrid(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            let resident = try await house.context(.tenant)
            var draft = try await house.draft("便道上扔着垃圾", category: "R0104")
            draft.spot = .shared
            _ = try await house.report(draft, resident)
            func fields(_ categories: String, _ what: String) -> Form {
                form([
                    ("name", "网格员先看"), ("division", "110101001"), ("unit", "grid"), ("position", "10"),
                    ("words", "便道"), ("categories", categories), ("active", "yes"), ("do", what),
                ])
            }
            let tried = try await house.send("/admin/dispatch", fields("R0104", "try"), dispatcher) ?? ""
            #expect(tried.contains("1 件会改派") && tried.contains("安居物业 → 幸福里社区居委会 · "))
            #expect(tried.contains("value=\"grid\" selected"))
            let barred = try await house.send("/admin/dispatch", fields("E0404", "save"), dispatcher) ?? ""
            #expect(barred.contains("不能派社区主办") && barred.contains("东华门街道综合行政执法队"))
            #expect(try await house.value("SELECT count(*) FROM dispatch_rule", as: Int.self) == 0)
            let stored = try await house.send("/admin/dispatch", fields("R0104", "save"), dispatcher)
            #expect(stored == "/admin/dispatch?done=save")
            let page = try await house.open("/admin/dispatch", query: [], dispatcher)
            #expect(page.contains("→ 所在网格（网格员办，不在就由社区值班办）"))
            let again = try await house.report(draft, resident)
            let worker = try await house.context(.gridWorker1)
            #expect(try await house.services.queries.view(again, resident).item.handler == worker.actor.account)
        }
    }

    @Test("目录写错了发布不了，写对了先看差别再发布；旧版留着", arguments: TestEngine.enabled)
    func publishesDuties(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let officer = try await house.context(.districtOfficer)
            let good = try DutyCatalogue.shippedText().replacing("E04 | enforcement", with: "E04 | streetOffice")
            let bad = good + "\nR99 | property | | yes | 没有这一类"
            let refused = try await house.send("/admin/duties", form([("text", bad), ("do", "publish")]), officer)
            #expect(refused?.contains("没有类别“R99”") == true)
            #expect(try await house.value("SELECT count(*) FROM duty_catalogue", as: Int.self) == 0)
            let looked = try await house.send("/admin/duties", form([("text", good)]), officer)
            #expect(looked?.contains("会改 1 行，去掉 0 行") == true)
            let published = try await house.send(
                "/admin/duties", form([("text", good), ("note", "试行"), ("do", "publish")]), officer)
            #expect(published == "/admin/duties?done=publish")
            #expect(house.services.book.duties.version == 1)
            #expect(house.services.book.duties["E0404"]?.leads == [.streetOffice])
            let page = try await house.open("/admin/duties", query: [], officer)
            #expect(page.contains("第 1 版") && page.contains("试行"))
        }
    }
}
