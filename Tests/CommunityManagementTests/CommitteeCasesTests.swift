import Administration
import CommunityManagement
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@Suite("派给居委会的，不管事情登记在哪里，居委会的人都看得见、办得了")
struct CommitteeCasesTests {
    private func open(_ house: House, _ person: DemoStaff) async throws -> Set<ID<Case>> {
        let context = try await house.context(person)
        let scope = context.actor.scope(for: .casesRead)
        return Set(try await house.services.queries.list(CaseFilter(), scope, at: context.now).map(\.id))
    }

    private func total(_ house: House, _ person: DemoStaff) async throws -> Int {
        let context = try await house.context(person)
        let totals = try await house.services.database.read {
            try CaseCounts.totals(context.actor.scope(for: .casesRead), $0)
        }
        return totals.values.reduce(0, +)
    }

    @Test("地点只知道在哪条街道：派给居委会，签收、提醒、件数都在；别的居委会和网格员没有", arguments: TestEngine.enabled)
    func streetOnly(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let before = (staff: try await total(house, .worker), others: try await total(house, .locustWorker))
            var draft = CaseDraft(text: "5号楼1单元门口的废纸箱没人收", division: DemoDivision.street)
            draft.category = "R1402"
            let id = try await house.report(draft, try await house.context(.dispatcher))
            let committee = try await house.unit("幸福里社区居委会")
            try await house.take(CaseStep("dispatch", unit: committee), id, try await house.context(.dispatcher))
            await house.deliver()
            for person in [DemoStaff.worker, .head, .locustWorker, .gridWorker1] {
                let sees = person == .worker || person == .head
                #expect(try await open(house, person).contains(id) == sees, "\(person)")
            }
            #expect(try await total(house, .worker) == before.staff + 1)
            #expect(try await total(house, .locustWorker) == before.others)
            #expect(
                try await house.refusal {
                    _ = try await house.services.queries.view(id, try await house.context(.locustWorker))
                } == .notFound)
            try await house.take(CaseStep("accept"), id, try await house.context(.worker))
            #expect(try await house.state(id) == "handling")
        }
    }

    @Test("街道可以把这边社区的事派给那边的居委会，那边看得见", arguments: TestEngine.enabled)
    func nextDoor(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("垃圾分类点离单元门太近", category: "R1402"), try await house.context(.tenant))
            let dispatcher = try await house.context(.dispatcher)
            let other = try await house.unit("槐荫社区居委会")
            try await house.take(CaseStep("dispatch", unit: other), id, dispatcher)
            let view = try await house.services.queries.view(id, try await house.context(.locustWorker))
            #expect(view.standing.isHandler)
            try await house.take(CaseStep("accept"), id, try await house.context(.locustWorker))
            #expect(try await house.state(id) == "handling")
        }
    }

    @Test("这样派来的，居委会自己吹哨，自己的书记确认；别的社区吹不了", arguments: TestEngine.enabled)
    func whistles(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = CaseDraft(text: "店外堆了三车木板，占了人行道", division: DemoDivision.street)
            draft.category = "R1402"
            let id = try await house.report(draft, try await house.context(.dispatcher))
            let committee = try await house.unit("幸福里社区居委会")
            try await house.take(CaseStep("dispatch", unit: committee), id, try await house.context(.dispatcher))
            let office = try await house.unit("城市管理办公室")
            let whistle = WhistleDraft(
                storey: .community, kind: .daily, purpose: "一起清走占道木板", location: "北街口", units: [office])
            let commands = WhistleCommands(house.services.commands)
            #expect(
                try await house.refusal {
                    _ = try await commands.draft(whistle, for: id, try await house.context(.locustWorker))
                } == .notFound)
            let made = try await commands.draft(whistle, for: id, try await house.context(.worker))
            try await commands.confirm(made, try await house.context(.head))
            let unit = try await house.value("SELECT unit_id FROM whistle WHERE id = \(made)", as: ID<Unit>.self)
            #expect(unit == committee)
        }
    }
}
