import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// To whom a case may be given, and by whom.
@Suite("派给谁：社区不往上推，裁定不由别人改")
struct CaseTakersTests {
    /// A case the committee has.
    private func committees(_ house: House) async throws -> ID<Case> {
        let id = try await house.report(
            try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
        let committee = try await house.unit("幸福里社区居委会")
        try await house.take(CaseStep("dispatch", unit: committee), id, try await house.context(.dispatcher))
        return id
    }

    @Test("社区派给自己范围里的单位；上级单位、别的社区不行，街道可以", arguments: TestEngine.enabled)
    func fromTheCommunity(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await committees(house)
            let head = try await house.context(.head)
            let above = [
                "东华门街道综合行政执法队", "东华门街道市民诉求处置中心", "城市管理办公室", "东城区城市管理指挥中心", "槐荫社区居委会",
            ]
            let item = try await house.services.queries.view(id, head).item
            let offered = try await house.services.database.read { tx in
                try CaseTakers.units(of: item, for: head.actor, tx).map(\.id)
            }
            for name in above {
                let unit = try await house.unit(name)
                let error = try await house.refusal { try await house.take(CaseStep("dispatch", unit: unit), id, head) }
                #expect(error == .invalid && !offered.contains(unit), "\(name)")
            }
            let property = try await house.unit("安居物业")
            #expect(offered.contains(property))
            try await house.take(CaseStep("dispatch", unit: property), id, head)
            // The street gives it to its own offices.
            let office = try await house.unit("城市管理办公室")
            try await house.take(CaseStep("dispatch", unit: office), id, try await house.context(.dispatcher))
        }
    }

    @Test("裁定了由谁办，别人不能再派走；作裁定的一级可以改派，改派也不能再退", arguments: TestEngine.enabled)
    func ruled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            var refuse = CaseStep("refuse", text: "不是我们管的")
            refuse.reasonClass = "notOurs"
            let refusal = refuse
            let (committee, property) = (try await house.unit("幸福里社区居委会"), try await house.unit("安居物业"))
            let dispatcher = try await house.context(.dispatcher)
            try await house.take(refusal, id, try await house.context(.propertyHandler))
            house.clock.advance(minutes: 30)
            try await house.take(CaseStep("dispatch", unit: committee), id, dispatcher)
            try await house.take(refusal, id, try await house.context(.worker))
            try await house.take(CaseStep("rule", text: "属公共区域", unit: committee), id, dispatcher)
            let head = try await house.context(.head)
            let pushed = try await house.refusal {
                try await house.take(CaseStep("dispatch", unit: property), id, head)
            }
            #expect(pushed == .conflict)
            try await house.take(CaseStep("dispatch", unit: property), id, dispatcher)
            // It is decided anew by that.
            let again = try await house.refusal {
                try await house.take(refusal, id, try await house.context(.propertyHandler))
            }
            #expect(again == .conflict)
        }
    }
}
