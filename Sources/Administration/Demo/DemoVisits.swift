import LinliCore
import LinliKernel

/// Visits of the demo: a plan, households met, moved, missed and due, among the people whom the register has.
struct DemoVisits: Sendable {
    let services: Services
    let cast: DemoCast
    let now: Instant

    /// Makes them once; nothing where the register is empty.
    func makeAll() async throws {
        let grid = DemoDivision.grid(1)
        let households = try await services.database.read { tx -> [ID<Household>] in
            guard try VisitPlansStore.list(in: DemoDivision.happiness, tx).isEmpty else { return [] }
            var found: [ID<Household>] = []
            for person in try RegisterQueries.people(in: grid, limit: 60, tx) {
                for home in try RegisterQueries.homes(of: person.id, tx) where home.division == grid {
                    if let household = home.household, !found.contains(household) { found.append(household) }
                }
            }
            return found
        }
        guard households.count >= 6 else { return }
        let commands = VisitCommands(services.database)
        var plan = VisitPlanDraft()
        plan.name = "入冬用气用电安全走访"
        plan.division = DemoDivision.happiness
        plan.care = .alone
        plan.everyDays = 7
        let planned = try await commands.makePlan(plan, context(.head, now.adding(days: -30)))
        // The oldest first, as they would have been made.
        for (index, household) in households.prefix(14).enumerated().reversed() {
            try await visit(household, index, planned, commands)
        }
    }

    private func context(_ person: DemoStaff, _ moment: Instant) throws -> Context {
        Context(actor: try cast.actor(person), now: moment, requestID: "demo")
    }

    private func visit(
        _ household: ID<Household>, _ index: Int, _ plan: ID<VisitPlan>, _ commands: VisitCommands
    ) async throws {
        let isComing = index < 3
        let daysAgo = isComing ? 0 : 2 + index * 4
        let told = now.adding(days: -daysAgo).adding(hours: -20)
        var draft = VisitDraft(household)
        draft.plan = plan
        draft.reason = ["看看暖气热不热，有什么要帮忙的", "查一查燃气报警器和插线板", "例行走访，看看您有什么需要"][index % 3]
        draft.slot = VisitSlot(told.date.adding(days: 1), index % 2 == 0 ? .morning : .afternoon)
        let id = try await commands.announce(draft, context(.gridWorker1, told))
        let code = VisitCode.make(id, services.database.keys)
        let visitor = Context(actor: .anonymous, now: told.adding(hours: 2), requestID: "demo")
        switch index {
        case 0:
            let slot = VisitSlot(now.date.adding(days: 1), .evening)
            try await commands.move(code, to: slot, .call, wish: "晚上在家，打电话就行", visitor)
        case 1, 2: break
        case 3: try await commands.miss(id, context(.gridWorker1, told.adding(hours: 18)))
        case 4:
            try await commands.miss(id, context(.gridWorker1, told.adding(hours: 18)))
            try await commands.allWell(code, Context(actor: .anonymous, now: told.adding(hours: 20), requestID: "demo"))
        case 5:
            var outcome = VisitOutcome()
            outcome.isUnchanged = false
            outcome.answers = ["gasAlarm": "坏了", "wiring": "没有", "passage": "是", "helper": "要等", "phone": "是"]
            outcome.note = "燃气报警器不响了，已帮着约燃气公司来换。"
            try await commands.finish(id, outcome, context(.gridWorker1, told.adding(hours: 18)))
        default:
            try await commands.finish(id, VisitOutcome(), context(.gridWorker1, told.adding(hours: 18)))
        }
    }
}
