import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What somebody agreed to is asked wherever something rests on it: without it, after it was taken back, and for another
/// text it is not done.
@Suite("同意管用：没有同意、撤回了、同意的是旧文本，都不做")
struct ConsentUseTests {
    /// Does what rests on a purpose with somebody's data; says whether it was done.
    private func isDone(_ purpose: ConsentPurpose, _ home: TestHome, _ house: House) async throws -> [Bool] {
        switch purpose {
        case .healthVisits:
            return [
                try await reads("person.chronicDiseases", for: .visit, home, house),
                try await takesOut("person.chronicDiseases", for: .visit, "高血压三级", home, house),
                try await carries("person.chronicDiseases", "高血压三级", home, house),
                try await plans(home, house), try await labels(home, house), try await chosen(home, house),
            ]
        case .family:
            return [
                try await reads("person.contactPhone", for: .handling, home, house),
                try await takesOut("person.contactPhone", for: .visit, "13900139000", home, house),
                try await carries("person.contactPhone", "13900139000", home, house),
            ]
        case .providers:
            return [
                try await takesOut("person.name", for: .service, "陈秀英", home, house),
                try await takesOut("dwelling.address", for: .service, "幸福里小区3号楼2单元1201", home, house),
            ]
        }
    }

    private func enter(_ house: House) async throws -> TestHome {
        let home = try await house.enterHome(
            "1201",
            [
                "person.name": "陈秀英", "person.number": "110100195006150020", "person.phone": "13800138000",
                "person.chronicDiseases": "高血压三级", "person.contactPhone": "13900139000",
            ])
        let head = try await house.context(.head)
        let plan = VisitPlanDraft.test("chronic", everyDays: 2, in: House.homeGrid)
        _ = try await VisitCommands(house.services.database).makePlan(plan, head)
        try await house.services.database.write(head, "test.heard") { tx in
            try Households.heard(of: home.household, by: .call, tx)
            try tx.audit(Subject("household", home.household, division: House.homeGrid), fields: ["heardAt"])
        }
        try await house.roster(DemoStaff.gridWorker1.phone)
        return home
    }

    // MARK: Uses

    private func reads(
        _ field: String, for purpose: ReadingPurpose, _ home: TestHome, _ house: House
    ) async throws -> Bool {
        let (field, head) = (try House.field(field), try await house.context(.head))
        do {
            return try await !RegisterReading.read(
                [field], of: home.subject, for: purpose, note: "", head, house.services.database
            ).isEmpty
        } catch let error as LinliError where error.id == "registers.consent" {
            #expect(error.kind == .forbidden)
            return false
        }
    }

    private func takesOut(
        _ field: String, for purpose: ReadingPurpose, _ value: String, _ home: TestHome, _ house: House
    ) async throws -> Bool {
        let export = RegisterExport([try House.field(field)], in: House.homeGrid, for: purpose, note: "")
        var rows: [[String]] = []
        _ = try await export.rows(try await house.context(.head), house.services.database) { rows.append($0) }
        return rows.contains([value])
    }

    private func carries(_ field: String, _ value: String, _ home: TestHome, _ house: House) async throws -> Bool {
        var settings = OfflineSettings()
        settings.fields = try #require(OfflineSettings.fields(field))
        let (session, context) = (
            try await house.session(DemoStaff.gridWorker1.phone), try await house.context(.gridWorker1)
        )
        let households = try await OfflineLease.issue(
            for: House.homeGrid, session, context, house.services.carrying(settings)
        ).households
        var json = JSONWriter()
        for household in households where household.id == home.household { household.write(to: &json) }
        return String(decoding: json.bytes, as: UTF8.self).contains("\"\(field)\":\"\(value)\"")
    }

    /// Whether the plan by the label is what the household waits by.
    private func plans(_ home: TestHome, _ house: House) async throws -> Bool {
        await house.deliver()
        try await house.workOutLabels()
        try await house.run(job: "visits.labels")
        let debt = try #require(
            try await house.services.database.read { try VisitDebts.find(home.household, $0) })
        let heard = try #require(debt.heardAt)
        return debt.dueAt == heard.adding(days: 2)
    }

    private func labels(_ home: TestHome, _ house: House) async throws -> Bool {
        let shown = try await LabelReading.read(
            [home.person], in: House.homeGrid, for: .visit, try await house.context(.head), house.services.database)
        let one = try #require(shown[home.person])
        #expect(one.labels.contains { $0.label.id == "elder" }, "what does not rest on it is shown as ever")
        return one.labels.contains { $0.label.id == "chronic" }
    }

    /// Whether they are on a list for visits that was made by labels about health.
    private func chosen(_ home: TestHome, _ house: House) async throws -> Bool {
        let names = LabelKeys(house.services.database.keys)
        let today = house.clock.clock.now.date
        return try await house.services.database.read { tx in
            let book = try LabelBook.current(tx)
            let (chronic, aged) = (try #require(book[label: "chronic"]), try #require(book[label: "elder"]))
            let byAge = try LabelQueries.visitable([home.person], by: [chronic, aged], names, on: today, tx)
            #expect(byAge == [home.person], "there is another reason")
            return try LabelQueries.visitable([home.person], by: [chronic], names, on: today, tx) == [home.person]
        }
    }

    // MARK: Tests

    @Test("每一种用途：没同意不做，同意了才做，撤回马上停，文本换了要重新问", arguments: TestEngine.enabled)
    func everyPurpose(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            for purpose in ConsentPurpose.allCases {
                let before = try await isDone(purpose, home, house)
                #expect(!before.isEmpty && before.allSatisfy { !$0 }, "\(purpose) before: \(before)")
                try await house.agree(home.person, to: [purpose])
                let agreed = try await isDone(purpose, home, house)
                #expect(agreed.allSatisfy { $0 }, "\(purpose) agreed: \(agreed)")
                try await house.agree(home.person, to: [purpose], false)
                let taken = try await isDone(purpose, home, house)
                #expect(taken.allSatisfy { !$0 }, "\(purpose) taken back: \(taken)")
                try await house.agree(home.person, to: [purpose])
                let nurse = try await house.context(DemoResident.nurse)
                try await house.services.database.write(nurse, "own.consent") { tx in
                    try tx.execute(
                        "UPDATE data_consent SET text_version = '2020-01' WHERE withdrawn_at IS NULL")
                    let subject = home.subject.subject(in: House.homeGrid)
                    try tx.audit(subject, fields: ["consent"])
                    try tx.emit("registers.changed", subject, facts: ["what": "consent"])
                }
                let old = try await isDone(purpose, home, house)
                #expect(old.allSatisfy { !$0 }, "\(purpose) of an older text: \(old)")
            }
        }
    }

    @Test("名单里的每一种用途都有地方在问；紧急情况、依法填报、本人查询不靠同意")
    func everyPurposeIsAsked() throws {
        let fields = RegisterField.of(.person)
        let uses =
            ReadingPurpose.allCases.flatMap { [ConsentUse.reading($0), .export($0)] } + [.phone, .planning]
        for purpose in ConsentPurpose.allCases {
            let asked = uses.filter { use in fields.contains { purpose.isNeeded(for: $0, to: use) } }
            #expect(!asked.isEmpty, "nothing obeys \(purpose)")
        }
        for free in [ReadingPurpose.emergency, .report, .rights, .correction] {
            for use in [ConsentUse.reading(free), .export(free)] {
                #expect(ConsentPurpose.needed(for: RegisterField.all, to: use).isEmpty)
            }
        }
    }

    @Test("没同意的，紧急情况照样看得到，留痕", arguments: TestEngine.enabled)
    func emergencies(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            #expect(try await reads("person.contactPhone", for: .emergency, home, house))
            let readings = try await house.services.database.read { try RegisterReading.readings(of: home.subject, $0) }
            #expect(readings.first?.purpose == .emergency)
        }
    }
}

extension VisitPlanDraft {
    /// A plan by a label.
    fileprivate static func test(_ label: String, everyDays: Int, in division: DivisionCode) -> VisitPlanDraft {
        var plan = VisitPlanDraft()
        (plan.name, plan.division, plan.label, plan.everyDays) = ("多去看看", division, label, everyDays)
        return plan
    }
}
