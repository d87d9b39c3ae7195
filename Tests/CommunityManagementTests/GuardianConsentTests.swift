import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What a guardian agreed to for a child holds until the child is 14; from that day on the child is asked.
@Suite("监护人替孩子同意的：满 14 周岁就到期，要问本人")
struct GuardianConsentTests {
    /// What a visit is told of the child's health: the words, or why not.
    private func told(_ child: ID<Person>, _ house: House) async throws -> String {
        let (field, head) = (try House.field("person.chronicDiseases"), try await house.context(DemoStaff.head))
        do {
            return try await RegisterReading.read(
                [field], of: RegisterSubject(.person, child), for: .visit, note: "", head, house.services.database)[
                    field] ?? ""
        } catch let error as LinliError where error.id == "registers.consent" {
            return error.publicText.zh
        }
    }

    private func agrees(_ child: ID<Person>, _ house: House) async throws -> Bool {
        let today = house.clock.clock.now.date
        return try await house.services.database.read {
            try DataConsents.isGiven(.healthVisits, for: child, on: today, $0)
        }
    }

    private func outgrown(_ child: ID<Person>, _ house: House) async throws -> [ConsentPurpose] {
        let today = house.clock.clock.now.date
        return try await house.services.database.read {
            try DataConsents.outgrown(by: [child], on: today, $0)[child] ?? []
        }
    }

    @Test("生日那天起不算数，监护人管不了了；本人说同意才又算数，说不同意也是答复", arguments: TestEngine.enabled)
    func outgrowing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, _) = try await house.enterWard(turning14In: 1)
            #expect(try await told(child, house) == "哮喘")
            #expect(try await agrees(child, house))
            #expect(try await outgrown(child, house).isEmpty)

            house.clock.advance(minutes: 24 * 60)
            let words = try await told(child, house)
            #expect(words.contains("满 14 周岁") && words.contains("要问本人"), "\(words)")
            #expect(try await !agrees(child, house))
            #expect(try await outgrown(child, house) == [.healthVisits])
            let nurse = try await house.context(DemoResident.nurse)
            let late = try await house.refusal {
                try await DataConsents.set(.healthVisits, true, for: child, nurse, house.services.database)
            }
            #expect(late == .notFound, "a guardian speaks for children only")

            try await house.agree(child, to: [.healthVisits], false, as: .courier)
            #expect(try await outgrown(child, house).isEmpty, "they were asked")
            let refused = try await told(child, house)
            #expect(refused.contains("本人没有同意"), "\(refused)")
            try await house.agree(child, to: [.healthVisits], as: .courier)
            #expect(try await told(child, house) == "哮喘")
            let kinds = try await house.services.database.read { try DataConsents.of(child, $0).map(\.isByGuardian) }
            #expect(kinds == [false, true])
        }
    }

    @Test("不知道哪天出生的，监护人同意的留着", arguments: TestEngine.enabled)
    func unknownBirth(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, _) = try await house.enterWard(turning14In: 1)
            let worker = try await house.context(DemoStaff.worker)
            try await house.services.database.write(worker, "test.born") { tx in
                try tx.execute("UPDATE person SET born = 0 WHERE id = \(child)")
                try tx.audit(Subject("person", child, division: House.homeGrid), fields: ["born"])
            }
            house.clock.advance(minutes: 24 * 60)
            #expect(try await agrees(child, house))
            #expect(try await told(child, house) == "哮喘")
            #expect(try await outgrown(child, house).isEmpty)
        }
    }

    @Test("本人的页面、接口，工作人员看的人和户的页面，都说到期了、要问本人", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (child, home) = try await house.enterWard(turning14In: 1)
            try await house.agree(child, to: [], as: .courier)
            try await withSite(house) { site in
                let paths = ["/registers/person/\(child)", "/registers/household/\(home.household)"]
                let before = try await site.staff(.head)
                for path in paths {
                    #expect(try await !site.open(path, as: before).text.contains("要问本人同不同意"), "\(path)")
                }
                house.clock.advance(minutes: 24 * 60)
                let head = try await site.staff(.head)
                for path in paths {
                    let page = try await site.open(path, as: head)
                    #expect(page.status == 200 && page.text.contains("要问本人同不同意"), "\(path)")
                    #expect(page.text.contains("“健康关怀”不再算数"))
                }
                let own = try await site.resident(.courier)
                let page = try await site.open("/me/data", as: own)
                #expect(page.text.contains("小时候监护人同意的") && page.text.contains("不同意"))
                let program = try await site.program(for: DemoResident.courier)
                let entry = try #require(try await site.shown("GET", "/me/data", as: program)["entries"].list.first)
                let consent = try #require(
                    entry["consents"].list.first { $0["purpose"].text == ConsentPurpose.healthVisits.rawValue })
                #expect(!consent["given"].isTrue && consent["outgrownOn"].text == "\(house.clock.clock.now.date)")
                _ = try await site.send(
                    "/me/data/consents",
                    [("entry", "\(child)"), ("purpose", ConsentPurpose.healthVisits.rawValue), ("given", "no")],
                    as: own)
                #expect(try await outgrown(child, house).isEmpty)
                let answered = try await site.open("/me/data", as: own)
                #expect(!answered.text.contains("小时候监护人同意的"))
            }
        }
    }
}
