import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Rules that send to the grid a case lies in: whoever walks it has it, else the roster of the community.
@Suite("派到网格的规则")
struct DispatchToGridTests {
    private func saveRule(_ house: House) async throws {
        let context = try await house.context(.districtOfficer)
        try await house.services.database.write(context, "dispatch.saveRule") { tx in
            var rule = DispatchRule(
                id: try tx.newID(), position: 1, name: "便道先由网格员看", division: DemoDivision.street, unit: nil)
            rule.words = ["便道"]
            try DispatchStore.save(rule, tx)
        }
        try await house.services.book.load(house.services.database)
        #expect(house.services.book.rules.map { $0.unit } == [nil])
    }

    private func told(
        _ house: House, _ text: String = "便道上扔着垃圾", _ category: String = "R0104",
        change: (inout CaseDraft) -> Void = { _ in }
    ) async throws -> CaseView {
        var draft = try await house.draft(text, category: category)
        draft.spot = .street
        change(&draft)
        let id = try await house.report(draft, try await house.context(.tenant))
        return try await house.services.queries.view(id, house.holder(of: id))
    }

    @Test("符合的给走这个网格的人，收到提醒，不写是谁派的；请假的不派，由社区值班办", arguments: TestEngine.enabled)
    func handed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await saveRule(house)
            let worker = try await house.context(.gridWorker1)
            let first = try await told(house)
            #expect(first.unit?.name.zh == "幸福里社区居委会" && first.item.ground == CaseRouting.Ground.rule.rawValue)
            #expect(first.item.handler == worker.actor.account && first.item.state == "dispatched")
            let signed = try await house.value(
                """
                SELECT count(*) FROM case_entry
                WHERE case_id = \(first.item.id) AND transition = 'assign' AND actor_id IS NOT NULL
                """, as: Int.self)
            let lines = try await house.value(
                "SELECT count(*) FROM case_entry WHERE case_id = \(first.item.id) AND transition = 'assign'",
                as: Int.self)
            #expect(lines == 1 && signed == 0, "the resident chose no handler")
            let notices = try await house.services.database.read { try CaseQueries.notices(for: worker.actor, $0) }
            let notice = try #require(notices.first { $0.row.id == first.item.id })
            #expect(notice.kind == .assigned && notice.byName.isEmpty)
            try await house.take(CaseStep("accept"), first.item.id, worker)
            #expect(try await house.state(first.item.id) == "handling")
            _ = try await house.services.commands.goAway(until: worker.now.adding(days: 3), worker)
            let second = try await told(house)
            #expect(second.unit?.name.zh == "幸福里社区居委会" && second.item.handler == nil)
        }
    }

    @Test("不得派社区的、投诉社区的、没有网格的、没人走的网格，都不按这条规则派", arguments: TestEngine.enabled)
    func passedOver(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await saveRule(house)
            let rule = CaseRouting.Ground.rule.rawValue
            let barred = try await told(house, "饭馆把桌子摆到便道上", "E0404")
            #expect(barred.unit?.kind == .enforcement && barred.item.handler == nil)
            let committee = try await house.unit("幸福里社区居委会")
            let against = try await told(house) { $0.against = committee }
            #expect(against.unit?.id != committee && against.item.ground != rule)
            let nowhere = try await told(house) { draft in
                (draft.place, draft.division) = (nil, DemoDivision.happiness)
            }
            #expect(nowhere.item.ground != rule)
            try await house.services.database.write(try await house.context(.administrator), "test.duty") { tx in
                try tx.execute("UPDATE access_grant SET valid_until = \(tx.now) WHERE division = \(House.homeGrid)")
                try tx.audit(Subject("unit", committee))
            }
            let unwalked = try await told(house)
            #expect(unwalked.item.ground != rule && unwalked.item.handler == nil)
        }
    }
}
