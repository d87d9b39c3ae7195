import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Plans of visits by a label that tells of health and of other things: who has it for other reasons is planned without a
/// consent, who has it by their health alone is not.
@Suite("按混合标签安排走访：不涉及健康的理由够了就安排，只因健康的等本人同意")
struct VisitPlanHealthTests {
    private static let grid = House.homeGrid

    private func plan(_ label: String, _ house: House) async throws {
        var plan = VisitPlanDraft()
        (plan.name, plan.division, plan.label, plan.everyDays) = ("多去看看", Self.grid, label, 3)
        let head = try await house.context(DemoStaff.head)
        _ = try await VisitCommands(house.services.database).makePlan(plan, head)
        try await follow(house)
    }

    /// Labels after what changed, and debts after these.
    private func follow(_ house: House) async throws {
        await house.deliver()
        try await house.workOutLabels()
        try await house.run(job: "visits.labels")
    }

    private func hear(of households: [ID<Household>], _ house: House) async throws {
        try await house.services.database.write(try await house.context(DemoStaff.worker), "test.heard") { tx in
            for household in households {
                try Households.heard(of: household, by: .call, tx)
                try tx.audit(Subject("household", household, division: Self.grid), fields: ["heardAt"])
            }
        }
    }

    /// After how many days without a sign a household is due, which a recount must say as well.
    private func wait(_ household: ID<Household>, _ house: House) async throws -> Int {
        let (database, day) = (house.services.database, house.clock.clock.now.date)
        let wrong = try await database.read { tx in
            try VisitDebts.differences(in: Self.grid, VisitDays(), on: day, database.keys, tx)
        }
        #expect(!wrong.contains(household))
        let debt = try #require(try await database.read { try VisitDebts.find(household, $0) })
        let heard = try #require(debt.heardAt)
        return Int(debt.dueAt.seconds(since: heard) / 86_400)
    }

    @Test("失能又独居的照样安排；有人同住、只因失能的等同意；同意了安排，撤回就不按它", arguments: TestEngine.enabled)
    func perPerson(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder(in: Self.grid)
            let database = house.services.database
            let home = try #require(
                try await database.read { try RegisterQueries.homes(of: elder, $0).compactMap(\.household).first })
            try await hear(of: [home], house)
            let field = try House.field("person.careLevel")
            let id: ID<SealedFact> = try database.newID()
            let sealed = try database.keys.seal("3", cell: Cell("register_fact", "value_sealed", id.rawValue))
            try await LabelScene.write(
                house, person: elder,
                """
                INSERT INTO register_fact (id, kind, subject_id, field, value_sealed, division, source, at)
                VALUES (\(id), 'person', \(elder), \(field.id), \(sealed), \(Self.grid), 'test', \(house.clock.clock.now))
                """)
            try await plan("frailElder", house)
            #expect(try await wait(home, house) == 3, "she lives alone, which needs no consent")

            // With a daughter of 40 she is neither alone nor in an empty nest: only her frailty is left.
            let worker = try await house.context(DemoStaff.worker)
            _ = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "张小兰", "person.born": "1986-05-01"]), .household(home),
                tie: .family, relation: .child, worker, database, house.services.registers)
            try await LabelScene.write(
                house, person: elder,
                "DELETE FROM register_fact WHERE subject_id = \(elder) AND field = 'person.isLivingAlone'")
            try await follow(house)
            #expect(try await wait(home, house) == 15, "as every household with somebody over 80")
            try await house.agree(elder, to: [.healthVisits], as: .elderAlone)
            try await follow(house)
            #expect(try await wait(home, house) == 3)
            try await house.agree(elder, to: [.healthVisits], false, as: .elderAlone)
            try await follow(house)
            #expect(try await wait(home, house) == 15)
        }
    }

    @Test("一条规则里年龄或慢病：没同意的，病不病排得一样；满 80 那天都按年龄安排", arguments: TestEngine.enabled)
    func birthdays(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let text = try LabelBook.shippedText().replacing(
                "      destitute:\n",
                with: """
                          either:
                            name: { zh: 高龄或慢性病, en: Old or ill }
                            rule: any(age(80..), fact(chronicDiseases))
                          destitute:

                    """)
            try await LabelCommands.publish(
                text, reason: "试点", hasSpecialGroups: false, try await house.context(.administrator),
                house.services.database)
            let tomorrow = house.clock.clock.now.date.adding(days: 1)
            let born = try #require(CivilDate(year: tomorrow.year - 80, month: tomorrow.month, day: tomorrow.day))
            let well = try await house.enterHome(
                "1201", ["person.name": "周建国", "person.born": born.description])
            let ill = try await house.enterHome(
                "1202", ["person.name": "吴秀兰", "person.born": born.description, "person.chronicDiseases": "高血压"])
            let homes = [well.household, ill.household]
            try await hear(of: homes, house)
            try await follow(house)
            try await plan("either", house)
            for home in homes { #expect(try await wait(home, house) == 7, "as every elder alone") }
            house.clock.advance(minutes: 24 * 60)
            try await follow(house)
            for home in homes { #expect(try await wait(home, house) == 3) }
        }
    }

    @Test("走访名单翻页：等同意的人不占位子，也不在页末露出来", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var people: [ID<Person>] = []
            for (number, name) in [("1201", "周建国"), ("1202", "吴秀兰"), ("1203", "郑淑珍")] {
                let home = try await house.enterHome(
                    number, ["person.name": name, "person.born": "1960-05-01", "person.chronicDiseases": "高血压"])
                people.append(home.person)
            }
            // Behind whoever the demo has.
            let (everybody, last, before) = (people, people[2], ID<Person>(rawValue: people[0].rawValue - 1))
            try await house.agree(last, to: [.healthVisits])
            try await follow(house)
            let (names, today) = (LabelKeys(house.services.database.keys), house.clock.clock.now.date)
            let listed = try await house.services.database.read { tx in
                let chronic = try #require(try LabelBook.current(tx)[label: "chronic"])
                #expect(
                    try LabelQueries.people(
                        withAny: [names.key(label: "chronic")], in: Self.grid, after: before, limit: 10, tx)
                        == everybody)
                return try LabelQueries.visitable(
                    by: [chronic], in: Self.grid, after: before, limit: 1, names, on: today, tx)
            }
            #expect(listed == [last])
        }
    }
}
