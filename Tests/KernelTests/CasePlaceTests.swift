import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Where a case lies, put right: everything that goes by its place or division follows and equals a recount.
@Suite("更正地点：网格、数字、评价、检索、公开的位置都跟着走")
struct CasePlaceTests {
    private static let (first, park) = (DemoDivision.grid(1), DemoDivision.locustGrid(2))

    private func differences(_ house: House) async throws -> [String] {
        await house.deliver()
        return try await house.services.database.read { tx in try CaseCounts.differences(tx).map { $0.what } }
    }

    private func found(_ words: String, _ person: DemoStaff, _ house: House) async throws -> [ID<Case>] {
        let context = try await house.context(person)
        let scope = context.actor.scope(for: .casesRead)
        return try await house.services.database.read { tx in
            try CaseSearch.find(words, scope, at: context.now, tx).rows.map(\.id)
        }
    }

    private func lines(_ id: ID<Case>, _ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            try tx.all(
                "SELECT text FROM case_entry WHERE case_id = \(id) AND transition = 'placeCorrected' ORDER BY id"
            ) { try $0[0] as String }
        }
    }

    @Test("改到别的社区：数字、三率、检索、列表都在新的地方，单位不变，诉求人读得到由哪里改到哪里", arguments: TestEngine.enabled)
    func follows(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            #expect(try await differences(house) == [])
            let resident = try await house.context(.tenant)
            let id = try await house.report(try await house.draft(), resident)
            let dispatcher = try await house.context(.dispatcher)
            let before = try await house.services.queries.view(id, dispatcher)
            #expect(before.item.division == Self.first && before.item.handlerUnit != nil)
            #expect(try await house.outcomes(id).map(\.division) == [Self.first])
            #expect(try await differences(house) == [])
            house.clock.advance(minutes: 10 * 1440)
            try await house.run(job: "cases.escalate")
            let place = try await house.place("槐荫口袋公园")
            let right = CasePlaceDraft(place: place.id, location: "东门外", reason: "电话里记错了小区")
            try await house.services.commands.setPlace(right, of: id, try await house.context(.dispatcher))
            let view = try await house.services.queries.view(id, try await house.context(.dispatcher))
            #expect(view.item.division == Self.park && view.item.place == place.id)
            #expect(view.item.placeAddress == "槐荫口袋公园" && view.item.location == "东门外")
            #expect(view.item.latitude == place.latitude && view.item.longitude == place.longitude)
            #expect(view.item.handlerUnit == before.item.handlerUnit && view.item.state == before.item.state)
            // What is kept of it elsewhere.
            #expect(try await house.outcomes(id).map(\.division) == [Self.park])
            #expect(try await differences(house) == [])
            try await house.proveRates()
            #expect(try await house.services.queries.proveEvidence().differences == [])
            for table: SQL in ["case_alert", "case_supervision"] {
                let left = try await house.value(
                    "SELECT count(*) FROM \(table) WHERE case_id = \(id) AND division <> \(Self.park)", as: Int.self)
                #expect(left == 0)
            }
            #expect(try await found("东门外", .locustHead, house) == [id])
            #expect(try await found(view.item.number, .locustHead, house) == [id])
            #expect(try await found(view.item.number, .head, house) == [])
            // The history, for staff and for who told it.
            let line = try #require(try await lines(id, house).first)
            #expect(line.contains("地点由“幸福里小区3号楼2单元（幸福里社区 第1网格）”更正为“槐荫口袋公园 东门外（槐荫社区 第2网格）”"))
            #expect(line.hasSuffix("电话里记错了小区"))
            let told = try await house.services.queries.reporterView(id, resident)
            #expect(told.entries.contains { $0.text == line })
            let audited = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.setPlace' AND subject_id = \(id)", as: Int.self
            )
            #expect((audited ?? 0) > 0)
        }
    }

    @Test("同一社区内经办的也能改；别的社区、别人的、没有理由的、没有变的都不行，话说得清楚", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let entrance = try await house.place("幸福里小区3号楼2单元")
            let square = try await house.place("幸福里小广场")
            let park = try await house.place("槐荫口袋公园")
            let (head, handler) = (try await house.context(.head), try await house.context(.propertyHandler))
            func refusal(_ draft: CasePlaceDraft, _ context: Context) async throws -> LinliError.Kind? {
                try await house.refusal { try await commands.setPlace(draft, of: id, context) }
            }
            let away = CasePlaceDraft(place: park.id, reason: "在那边")
            #expect(try await refusal(away, try await house.context(.waterHandler)) == .notFound)
            #expect(try await refusal(away, try await house.context(.locustHead)) == .notFound)
            #expect(try await refusal(away, head) == .invalid, "nobody hands a case to neighbours")
            #expect(try await refusal(away, handler) == .invalid)
            #expect(try await refusal(CasePlaceDraft(place: square.id, reason: " "), head) == .invalid)
            #expect(try await refusal(CasePlaceDraft(place: ID(rawValue: 77), reason: "错了"), head) == .invalid)
            #expect(try await refusal(CasePlaceDraft(place: entrance.id, reason: "没有变"), head) == .invalid)
            #expect(try await refusal(CasePlaceDraft(location: "哪里", reason: "没有地方"), head) == .invalid)
            let nowhere = CasePlaceDraft(division: DivisionCode("110101001999"), reason: "没有这里")
            #expect(try await refusal(nowhere, head) == .invalid)
            let odd = CasePlaceDraft(place: square.id, location: "门\u{0}口", reason: "错了")
            #expect(try await refusal(odd, head) == .invalid)
            #expect(try await lines(id, house) == [])
            try await commands.setPlace(
                CasePlaceDraft(place: square.id, location: "请打13812345678", reason: "是广场上"), of: id, handler)
            let item = try await house.services.queries.view(id, head).item
            #expect(item.division == DemoDivision.grid(3) && item.location == "请打138****5678")
            let sealed: [UInt8]? = try await house.value("SELECT location_sealed FROM case_item WHERE id = \(id)")
            #expect(sealed != nil)
            #expect(try await differences(house) == [])
            _ = try await WhistleCommands(commands).draft(
                WhistleDraft(
                    storey: .community, kind: .daily, purpose: "一起看看", location: "小广场",
                    units: [try await house.unit("城市管理办公室"), try await house.unit("东华门街道综合行政执法队")]),
                for: id, head)
            #expect(try await refusal(away, try await house.context(.dispatcher)) == .conflict)
        }
    }

    @Test("没有名册上的地方：区划和地图点说在哪个网格，别处的点不收", arguments: TestEngine.enabled)
    func points(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let point = try #require(GeoPoint(longitude: 116.40700, latitude: 39.91470))
            let grid = try #require(
                try await house.services.database.read { tx in
                    try GridLocator.grid(
                        latitude: point.latitude, longitude: point.longitude, at: dispatcher.now, tx)
                })
            let wrong = CasePlaceDraft(division: DemoDivision.village, point: point, reason: "不在那里")
            let kind = try await house.refusal { try await commands.setPlace(wrong, of: id, dispatcher) }
            #expect(kind == .invalid)
            let wide = CasePlaceDraft(
                division: DemoDivision.happiness, location: "路口", point: point, reason: "按照片上的位置")
            try await commands.setPlace(wide, of: id, dispatcher)
            let item = try await house.services.queries.view(id, dispatcher).item
            #expect(item.division == grid && item.place == nil && item.placeAddress == "")
            #expect(item.latitude == point.latitude && item.whereabouts == "路口")
            #expect(try await differences(house) == [])
        }
    }

    @Test("邻居看到的位置、一起反映的人和协办一起走，谁也读不到别人写的", arguments: TestEngine.enabled)
    func neighbours(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let (first, second) = (try await house.context(.tenant), try await house.context(.youngMother))
            var draft = try await house.draft("路灯不亮", category: "C0118", at: "幸福里小广场")
            (draft.spot, draft.isWilling, draft.location) = (.street, true, "滑梯旁")
            let id = try await house.report(draft, first)
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(id)", as: String.self))
            draft.location = "长椅旁"
            let voice = try await commands.join(number, draft, second).id
            let head = try await house.context(.head)
            let vague = Clearing(title: "路灯不亮", text: "路灯不亮。", address: "广场附近")
            try await commands.publish(vague, of: id, head)
            let square = try await house.place("幸福里小广场")
            try await commands.setPlace(
                CasePlaceDraft(place: square.id, location: "滑梯南边", reason: "看了照片"), of: id, head)
            let words: String? = try await house.value("SELECT address FROM case_publication WHERE case_id = \(id)")
            #expect(words == "广场附近", "what staff wrote stays while the place does")
            let dispatcher = try await house.context(.dispatcher)
            let water = try await house.unit("城东自来水服务站")
            let part = try await commands.addPart(
                CasePartDraft(unit: water, text: "请看看井盖", isRequired: false), to: id, dispatcher
            ).id
            await house.deliver()
            let place = try await house.place("槐荫口袋公园")
            try await commands.setPlace(
                CasePlaceDraft(place: place.id, location: "东门暗语", reason: "看了照片"), of: id, dispatcher)
            #expect(try await differences(house) == [])
            try await house.proveRates()
            func shown(_ area: DivisionCode) async throws -> [PublicCaseRow] {
                try await house.services.database.read { tx in
                    try house.services.queries.publicList(PublicCaseFilter(area: area, limit: 100), tx)
                        .filter { $0.id == id }
                }
            }
            #expect(try await shown(DemoDivision.happiness).isEmpty)
            let row = try #require(try await shown(DemoDivision.locust).first)
            #expect(row.address == "槐荫口袋公园" && row.place == place.id && row.latitude == 39.9201)
            for one in [voice, part] {
                let lies: DivisionCode? = try await house.value("SELECT division FROM case_item WHERE id = \(one)")
                #expect(lies == Self.park)
            }
            let kept: String? = try await house.value("SELECT location FROM case_item WHERE id = \(voice)")
            #expect(kept == "长椅旁")
            let joined = try await house.services.queries.reporterView(voice, second)
            #expect(joined.entries.contains { $0.text.contains("更正为“槐荫口袋公园") })
            #expect(!joined.entries.contains { $0.text.contains("东门暗语") || $0.text.contains("滑梯旁") })
            // Of a voice and of a part it is said with the case they belong to.
            for one in [voice, part] {
                let kind = try await house.refusal {
                    try await commands.setPlace(CasePlaceDraft(place: place.id, reason: "再改"), of: one, dispatcher)
                }
                #expect(kind == .conflict || kind == .notFound)
            }
        }
    }
}
