import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Plans of visits by a label: who is due follows who has it, by events as by a recount.
@Suite("按标签安排走访")
struct VisitPlanLabelsTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)
    private static let otherGrid = DivisionCode(rawValue: 110_101_001_901_002)
    private static let days = VisitDays()

    private func plan(_ label: String, _ everyDays: Int, in division: DivisionCode) -> VisitPlanDraft {
        var plan = VisitPlanDraft()
        (plan.name, plan.division, plan.label, plan.everyDays) = ("多去看看", division, label, everyDays)
        return plan
    }

    /// Labels after what changed, and debts after these.
    private func follow(_ house: House) async throws {
        await house.deliver()
        try await house.workOutLabels()
        try await house.run(job: "visits.labels")
    }

    private func differences(_ house: House) async throws -> [ID<Household>] {
        let day = house.clock.clock.now.date
        return try await house.services.database.read { tx in
            try VisitDebts.differences(
                in: Self.grid.ancestor(at: .community), Self.days, on: day, house.services.database.keys, tx)
        }
    }

    @Test("有标签的户更早该走访，没有的不变；停了计划就照旧；特殊人群的标签不能选", arguments: TestEngine.enabled)
    func byLabel(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let database = house.services.database
            let young = try await VisitsTests.enter(
                house, born: CivilDate(year: 1990, month: 1, day: 1), phone: "13800138001")
            let home = try #require(
                try await database.read { try RegisterQueries.homes(of: elder, $0).compactMap(\.household).first })
            let context = try await house.context(DemoStaff.worker)
            try await database.write(context, "test.heard") { tx in
                for household in [home, young] { try Households.heard(of: household, by: .call, tx) }
                try tx.audit(Subject("household", home, division: Self.grid), fields: ["heardAt"])
            }
            try await follow(house)
            func wait(_ household: ID<Household>) async throws -> Int {
                let debt = try #require(try await database.read { try VisitDebts.find(household, $0) })
                return Int(debt.dueAt.seconds(since: context.now) / 86_400)
            }
            #expect(try await wait(home) == 7)
            let commands = VisitCommands(database)
            let head = try await house.context(DemoStaff.head)
            // A book in which a label tells of a special group.
            let book = try LabelBook.shippedText().replacing("rule: fact(isVeteran)", with: "rule: fact(isReleased)")
            try await LabelCommands.publish(
                book, reason: "试点", hasSpecialGroups: true, try await house.context(.administrator), database)
            for label in ["unheardOf", "veteran"] {
                #expect(
                    try await house.refusal { _ = try await commands.makePlan(plan(label, 3, in: Self.grid), head) }
                        == .invalid)
            }
            let other = try await commands.makePlan(plan("aged", 4, in: Self.grid), head)
            let id = try await commands.makePlan(plan("aged", 3, in: Self.grid.ancestor(at: .community)), head)
            try await follow(house)
            #expect(try await wait(home) == 3)
            #expect(try await wait(young) == 180)
            let stored = try await database.read { try VisitPlansStore.find(id, $0)?.label }
            #expect(stored == LabelKeys(database.keys).key(label: "aged"), "a keyed number, not a word")
            #expect(try await differences(house).isEmpty)
            try await commands.endPlan(id, head)
            try await follow(house)
            #expect(try await wait(home) == 4)
            #expect(try await house.value("SELECT count(*) FROM label_follow", as: Int.self) == 1)
            try await commands.endPlan(other, head)
            try await follow(house)
            #expect(try await wait(home) == 7)
            #expect(try await house.value("SELECT count(*) FROM label_follow", as: Int.self) == 0)
        }
    }

    @Test("正要安排的时候换了标签册，这个标签成了特殊人群的：不安排", arguments: TestEngine.enabled)
    func bookChanged(_ engine: TestEngine) async throws {
        try await withMeddler(engine) { house, meddler in
            let database = house.services.database
            let commands = VisitCommands(database)
            let head = try await house.context(DemoStaff.head)
            let administrator = try await house.context(.administrator)
            let shipped = try LabelBook.shippedText()
            let book = shipped.replacing("rule: fact(isVeteran)", with: "rule: fact(isReleased)")
            meddler.before {
                try await LabelCommands.publish(
                    book, reason: "试点", hasSpecialGroups: true, administrator, database)
            }
            let refused = try await house.refusal {
                _ = try await commands.makePlan(plan("veteran", 3, in: Self.grid), head)
            }
            #expect(refused == .invalid)
            let plans: SQL = "SELECT count(*) FROM visit_plan WHERE label IS NOT NULL"
            #expect(try await house.value(plans, as: Int.self) == 0)
        }
    }

    @Test("登记、变化、生日、拒绝推荐都跟上：事件算的和重算的一样", arguments: TestEngine.enabled)
    func equalsARecount(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var random = SystemRandomNumberGenerator()
            let seed = UInt64.random(in: 0..<1_000_000, using: &random)
            var generator = Seeded(state: seed)
            let people = try await LabelScene.enter(house, households: 12, in: Self.grid, &generator)
            try await follow(house)
            let commands = VisitCommands(house.services.database)
            let head = try await house.context(DemoStaff.head)
            let community = Self.grid.ancestor(at: .community)
            _ = try await commands.makePlan(plan("aged", 3, in: community), head)
            _ = try await commands.makePlan(plan("lowIncome", 5, in: Self.grid), head)
            _ = try await commands.makePlan(plan("preschool", 20, in: community), head)
            _ = try await commands.makePlan(plan("frailElder", 2, in: community), head)
            try await follow(house)
            #expect(try await differences(house).isEmpty, "seed \(seed)")
            var withLabels = 0
            for _ in 0..<15 {
                try await LabelScene.change(people, house, Self.otherGrid, &generator)
                if generator.below(4) == 0 {
                    house.clock.set(house.clock.clock.now.adding(days: 1 + generator.below(400)))
                    // Ages change the care of a household by the job of the day, before labels follow.
                    try await house.run(job: "visits.debts")
                }
                withLabels += try await house.value("SELECT count(*) FROM label_news", as: Int.self) ?? 0
                await house.deliver()
                try await house.workOutLabels()
                withLabels += try await house.value("SELECT count(*) FROM label_news", as: Int.self) ?? 0
                try await house.run(job: "visits.labels")
                #expect(try await differences(house).isEmpty, "seed \(seed)")
            }
            #expect(withLabels > 0, "seed \(seed): nobody got or lost a followed label")
            #expect(try await house.value("SELECT count(*) FROM label_news", as: Int.self) == 0)
        }
    }
}
