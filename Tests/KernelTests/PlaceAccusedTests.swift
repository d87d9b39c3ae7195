import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// Whom the words of a complaint name depends on where it lies: corrected, it is hidden from those of the right place.
@Suite("更正地点以后，话里说的是那里的单位")
struct PlaceAccusedTests {
    private static let words = "举报网格员收钱不给条子，居委会也知道"

    private func told(
        _ house: House, _ text: String = PlaceAccusedTests.words, nature: NeedNature = .tipOff,
        category: String = "E0404", at address: String = "幸福里小广场", against units: [String] = []
    ) async throws -> ID<Case> {
        var draft = try await house.draft(text, category: category, at: address)
        (draft.nature, draft.disclosure, draft.spot) = (nature, .office, .street)
        for name in units { draft.accused.append(try await house.unit(name)) }
        return try await house.report(draft, try await house.context(.tenant))
    }

    private func against(_ id: ID<Case>, _ house: House) async throws -> Set<String> {
        try await house.services.database.read { tx in
            let units = try CasesStore.find(id, tx)?.accusation.units ?? []
            return Set(try units.compactMap { try UnitsStore.find($0, tx)?.name.zh })
        }
    }

    private func move(_ id: ID<Case>, to address: String, _ house: House) async throws {
        let place = CasePlaceDraft(place: try await house.place(address).id, reason: "记错了小区")
        try await house.services.commands.setPlace(place, of: id, try await house.context(.dispatcher))
    }

    private func sees(_ id: ID<Case>, _ person: DemoStaff, _ house: House) async throws -> Bool {
        let context = try await house.context(person)
        return try await house.refusal { _ = try await house.services.queries.view(id, context) } == nil
    }

    private func differences(_ house: House) async throws -> [String] {
        await house.deliver()
        return try await house.services.database.read { tx in try CaseCounts.differences(tx).map { $0.what } }
    }

    @Test("改到别的社区：那里的书记、社区工作者、网格员看不到、听不到，数字对得上", arguments: TestEngine.enabled)
    func hidden(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(house)
            #expect(try await against(id, house) == ["幸福里社区居委会"])
            #expect(try await differences(house) == [])
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            try await move(id, to: "槐荫口袋公园", house)
            #expect(try await against(id, house) == ["槐荫社区居委会"])
            #expect(try await differences(house) == [])
            for person in [DemoStaff.locustHead, .locustWorker, .locustGridWorker] {
                #expect(try await !sees(id, person, house), "\(person)")
                let scope = try await house.context(person).actor.scope
                let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: scope), after: last)
                #expect(!heard.contains(CasePath.topic(id)), "\(person) hears of it")
            }
            let view = try await house.services.queries.view(id, try await house.context(.dispatcher))
            #expect(view.isAccusedByWords, "a dispatcher is asked to check it")
            #expect(view.entries.contains { $0.transition == "foundAccused" && $0.text == "更正地点以后：槐荫社区居委会" })
            try await house.proveRates()
        }
    }

    @Test("12345 来单写了被反映对象：留着，再派来也还在；更正地点以后按它找那里的单位", arguments: TestEngine.enabled)
    func orders(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            func take(_ number: String, _ accused: String, _ sent: Instant) async throws -> ID<Case> {
                var draft = try await house.draft("市民反映办事推诿", category: "R1301", at: "幸福里小广场")
                draft.nature = .complaint
                var order = ForeignOrderDraft()
                (order.number, order.accused) = (number, accused)
                order.dispatchedAt = sent
                order.dueAt = dispatcher.now.adding(days: 7)
                order.received = [(name: "派单时间", text: sent.iso8601)]
                return try await house.services.commands.takeOrder(draft, order, dispatcher).item
            }
            func kept(_ id: ID<Case>) async throws -> String? {
                try await house.value("SELECT accused FROM foreign_order WHERE case_id = \(id)")
            }
            let sent = dispatcher.now.adding(hours: -3)
            let id = try await take("12345-8001", "居委会 13800001111", sent)
            #expect(try await against(id, house) == ["幸福里社区居委会"])
            let words = try #require(try await kept(id))
            #expect(words.hasPrefix("居委会") && !words.contains("13800001111"))
            // Sent once more, and that one does not say it.
            #expect(try await take("12345-8001", "", sent.adding(hours: 1)) == id)
            #expect(try await kept(id) == words)
            try await move(id, to: "槐荫口袋公园", house)
            #expect(try await against(id, house) == ["槐荫社区居委会"])
            #expect(try await !sees(id, .locustWorker, house))
            // Who stands there by its own name is that one wherever it happened.
            let other = try await take("12345-8002", "幸福里社区居委会", sent)
            try await move(other, to: "槐荫口袋公园", house)
            #expect(try await against(other, house) == ["幸福里社区居委会"])
            #expect(try await differences(house) == [])
        }
    }

    @Test("正办着的单位成了被举报的，就转给上一级", arguments: TestEngine.enabled)
    func passedOn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await told(
                house, "投诉居委会不开门，电梯坏了也不管", nature: .complaint, category: "R0202", at: "幸福里小区3号楼2单元")
            let other = try await house.unit("槐荫社区居委会")
            try await house.take(CaseStep("dispatch", unit: other), id, try await house.context(.dispatcher))
            try await move(id, to: "槐荫口袋公园", house)
            let handler: String? = try await house.value(
                "SELECT u.name FROM case_item c JOIN unit u ON u.id = c.handler_unit WHERE c.id = \(id)")
            #expect(handler == "东华门街道市民诉求处置中心")
            #expect(try await !sees(id, .locustWorker, house))
            #expect(try await differences(house) == [])
        }
    }

    @Test("人定的不跟着变：核对过的留下、再加上那里的；自己选的原样；物业换成那里的", arguments: TestEngine.enabled)
    func decided(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let checked = try await told(house)
            let happy = try await house.unit("幸福里社区居委会")
            try await house.services.commands.setAgainst(
                [happy], of: checked, reason: "", try await house.context(.dispatcher))
            try await move(checked, to: "槐荫口袋公园", house)
            #expect(try await against(checked, house) == ["幸福里社区居委会", "槐荫社区居委会"])
            let chosen = try await told(house, against: ["东华门派出所"])
            try await move(chosen, to: "槐荫口袋公园", house)
            #expect(try await against(chosen, house) == ["东华门派出所"])
            let nobody = try await told(house)
            try await house.services.commands.setAgainst(
                [], of: nobody, reason: "说的是外来的人", try await house.context(.dispatcher))
            try await move(nobody, to: "槐荫口袋公园", house)
            #expect(try await against(nobody, house).isEmpty)
            let property = try await told(
                house, "投诉物业乱收费", nature: .complaint, category: "R1701", at: "幸福里小区3号楼2单元")
            #expect(try await against(property, house) == ["安居物业"])
            try await move(property, to: "槐荫口袋公园", house)
            #expect(try await !against(property, house).contains("安居物业"))
            #expect(try await differences(house) == [])
        }
    }
}
