import Administration
import LinliCore
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import LinliKernel

/// A whistle for a tip-off says as little of who told it as the case itself.
@Suite("举报的哨里没有反映人")
struct WhistleTellerTests {
    private static let name = "欧阳明明"

    private func columns(_ house: House) async throws -> [String] {
        try await house.services.database.read { tx in
            let whistles: [[String]] = try tx.all(
                "SELECT purpose, location, minutes, reason FROM whistle ORDER BY id"
            ) {
                [try $0[0], try $0[1], try $0[2], try $0[3]]
            }
            let units: [[String]] = try tx.all("SELECT words, score_words FROM whistle_unit ORDER BY id") {
                [try $0[0], try $0[1]]
            }
            return (whistles + units).flatMap { $0 }
        }
    }

    @Test("吹哨的事由、地点、答复、商定、撤回里都盖住，号码也是；不是举报的不动", arguments: TestEngine.enabled)
    func hidden(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("便道被占了，天天乱收费", category: "E0404", at: "幸福里小广场")
            (draft.nature, draft.spot, draft.disclosure) = (.tipOff, .street, .office)
            draft.reporterName = Self.name
            let item = try await house.report(draft, house.visitor)
            let (head, handler) = (try await house.context(.head), try await house.context(.enforcementHandler))
            let unit = try await house.unit(WhistleTests.enforcement)
            func called() async throws -> ID<Whistle> {
                let whistle = WhistleDraft(
                    storey: .community, kind: .daily, purpose: "\(Self.name)举报的占道，电话13912340104",
                    location: "\(Self.name)家门口", units: [unit, try await house.unit(WhistleTests.cityOffice)])
                return try await house.whistles.draft(whistle, for: item, head)
            }
            let first = try await called()
            try await house.whistles.withdraw(first, reason: "\(Self.name)不方便", head)
            let id = try await called()
            let answer = WhistleAnswer(unit: unit, name: "小陈", phone: "13900000009", words: "\(Self.name)我们认识")
            try await house.whistles.answer(answer, of: id, handler)
            try await house.whistles.signIn(unit, code: nil, of: id, handler)
            try await house.whistles.keepMinutes(lead: unit, text: "先找\(Self.name)核实", of: id, head)
            let kept = try await columns(house)
            #expect(kept.contains("某某举报的占道，电话某号码") && kept.contains("某某家门口"))
            #expect(kept.contains("某某不方便") && kept.contains("某某我们认识") && kept.contains("先找某某核实"))
            #expect(!kept.contains { $0.contains(Self.name) || $0.contains("0104") })
            let view = try await house.services.queries.view(item, head)
            #expect(!view.entries.contains { $0.text.contains(Self.name) })
            let plain = try await house.case()
            _ = try await house.whistles.draft(
                WhistleDraft(
                    storey: .community, kind: .daily, purpose: "\(Self.name)说的电梯", location: "北门",
                    units: [unit, try await house.unit(WhistleTests.cityOffice)]), for: plain, head)
            #expect(try await columns(house).contains("\(Self.name)说的电梯"))
        }
    }
}
