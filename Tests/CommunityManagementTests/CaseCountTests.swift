import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@Suite("工单数")
struct CaseCountTests {
    @Test("没有网格的事，在社区只数一次；一起送来的几件加在一起", arguments: TestEngine.enabled)
    func withoutGrid(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let community = try await house.place("幸福里小区3号楼2单元").division.ancestor(at: .community)
            let before = try await total(house, community)
            for text in ["大门口的路灯不亮", "围墙边有一堆碎砖", "公告栏的玻璃裂了"] {
                var draft = CaseDraft(text: text, division: community)
                draft.category = "R0202"
                _ = try await house.report(draft, try await house.context(.tenant))
            }
            await house.deliver()
            #expect(try await total(house, community) == before + 3)
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored)
            #expect(try await differences(house) == [])
        }
    }

    @Test("一件记在别的状态、别的单位下，合计不变也查得出来", arguments: TestEngine.enabled)
    func miscounted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            #expect(try await differences(house) == [])
            let street = DemoDivision.street.rawValue
            let property = try await house.unit("安居物业").rawValue
            for (owner, change) in [(street, -1), (property, 1)] {
                try await house.services.database.system { tx in
                    _ = try tx.execute(
                        """
                        UPDATE case_count SET total = total + \(change)
                        WHERE owner = \(owner) AND state = 'handling' AND against_unit = 0
                        """)
                }
            }
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored, "the sum over the districts tells nothing")
            #expect(try await differences(house) == ["division \(street), handling", "unit \(property), handling"])
        }
    }

    private func differences(_ house: House) async throws -> [String] {
        try await house.services.database.read { tx in try CaseCounts.differences(tx).map { $0.what } }
    }

    private func total(_ house: House, _ community: DivisionCode) async throws -> Int {
        try await house.value(
            "SELECT coalesce(sum(total), 0) FROM case_count WHERE owner_kind = 'division' AND owner = \(community)"
        ) ?? 0
    }
}
