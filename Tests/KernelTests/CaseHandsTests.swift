import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Who takes a case that is done again, and whose name stands in its history.
@Suite("重办换人，记录里不写诉求人")
struct CaseHandsTests {
    @Test("单位里每个人都办过了，谁都能再接，不会互相推着没人办", arguments: TestEngine.enabled)
    func everybodyHadIt(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (resident, centre) = (try await house.context(.tenant), try await house.context(.dispatcher))
            let people = [try await house.context(.propertyHandler), try await house.context(.propertyManager)]
            let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: try await house.unit("安居物业"))
            let id = try await house.report(try await house.draft(), resident)
            try await house.take(CaseStep("accept"), id, people[0])
            try await house.take(CaseStep("finish", text: "好了"), id, people[0])
            try await house.take(CaseStep("contest", text: "没好"), id, resident)
            try await house.take(again, id, centre)
            #expect(try await house.refusal { try await house.take(CaseStep("accept"), id, people[0]) } == .conflict)
            try await house.take(CaseStep("accept"), id, people[1])
            try await house.take(again, id, centre)
            try await house.take(CaseStep("accept"), id, people[0])
            #expect(try await house.state(id) == "handling")
        }
    }

    @Test("时限到了正好是诉求人在操作，提醒和督办的记录里没有他的名字", arguments: TestEngine.enabled)
    func clocksAreNobodys(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            // The job has not come by: what is due is climbed with the next step, which is the resident's.
            house.clock.advance(minutes: 2 * 1440)
            try await house.take(CaseStep("withdraw"), id, try await house.context(.tenant))
            let view = try await house.services.queries.view(id, try await house.context(.dispatcher))
            let lines = view.entries.filter { ["remind", "supervise", "raise"].contains($0.transition) }
            #expect(!lines.isEmpty && lines.allSatisfy(\.actorName.isEmpty))
        }
    }
}
