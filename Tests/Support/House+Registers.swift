import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A home in the registers that a test knows everything about.
package struct TestHome: Sendable {
    package let dwelling: ID<Dwelling>
    package let household: ID<Household>
    package let person: ID<Person>

    package var subject: RegisterSubject { RegisterSubject(.person, person) }

    package init(dwelling: ID<Dwelling>, household: ID<Household>, person: ID<Person>) {
        self.dwelling = dwelling
        self.household = household
        self.person = person
    }
}

extension House {
    /// The grid the homes of tests lie in: 李强 walks it.
    package static let homeGrid = DivisionCode(rawValue: 110_101_001_901_001)

    /// A field by its id.
    package static func field(_ id: String) throws -> RegisterField {
        guard let field = RegisterField.named(id) else { throw LinliError.notFound("test.field") }
        return field
    }

    /// Values by field id.
    package static func typed(_ values: [String: String]) throws -> RegisterCommands.Typed {
        var typed: RegisterCommands.Typed = [:]
        for (id, value) in values { typed[try field(id)] = value }
        return typed
    }

    /// Enters a flat with one person by the forms' commands, as the community's worker.
    package func enterHome(
        _ number: String = "1201",
        _ values: [String: String] = [
            "person.name": "陈秀英", "person.number": "110100195006150020", "person.phone": "13800138000",
            "person.chronicDiseases": "高血压三级", "person.isLivingAlone": "是", "person.education": "初中",
        ]
    ) async throws -> TestHome {
        let context = try await context(DemoStaff.worker)
        let (database, settings) = (services.database, services.registers)
        let place = try await place("幸福里小区3号楼2单元")
        let dwelling = try await RegisterCommands.enterDwelling(
            try House.typed(["dwelling.number": number, "dwelling.kind": "flat", "dwelling.occupancy": "owner"]),
            in: place.id, context, database, settings)
        let person = try await RegisterCommands.enterPerson(
            try House.typed(values), .dwelling(dwelling), tie: .owner, relation: .head, isChecked: true, context,
            database, settings)
        let household = try await database.read { try RegisterQueries.homes(of: person, $0).first?.household }
        guard let household else { throw LinliError.notFound("test.household") }
        return TestHome(dwelling: dwelling, household: household, person: person)
    }
}

extension House {
    /// Enters a child that is 14 in so many days and chronically ill, with its guardian, 赵明明, who agreed to visits by that
    /// from an account of their own.
    package func enterWard(turning14In days: Int) async throws -> (child: ID<Person>, home: TestHome) {
        let number = "110100198507200050"
        let home = try await enterHome(
            "1201",
            ["person.name": "赵明明", "person.number": number, "person.phone": DemoResident.nurse.phone])
        let (worker, nurse) = (try await context(DemoStaff.worker), try await context(DemoResident.nurse))
        let database = services.database
        let birthday = clock.clock.now.date.adding(days: days)
        let born = CivilDate(year: birthday.year - 14, month: birthday.month, day: birthday.day)
        guard let born else { throw LinliError.notFound("test.birthday") }
        let child = try await RegisterCommands.enterPerson(
            try House.typed([
                "person.name": "赵小明", "person.born": born.description, "person.chronicDiseases": "哮喘",
            ]),
            .household(home.household), tie: .family, relation: .child, worker, database, services.registers)
        try await RegisterCommands.link(
            RegisterSubject(.person, child), .guardian, to: home.subject, worker, database)
        let claim = try await OwnEntries.claim(number, nurse, database, services.dataRequests)
        guard claim == .linked(home.person) else { throw LinliError.notFound("test.claim") }
        try await DataConsents.set(.healthVisits, true, for: child, nurse, database)
        return (child, home)
    }
}

extension House {
    /// Lets somebody of the registers agree to what is done with their data, by an account of their own.
    package func agree(
        _ person: ID<Person>, to purposes: [ConsentPurpose] = ConsentPurpose.allCases, _ isGiven: Bool = true,
        as resident: DemoResident = .nurse
    ) async throws {
        let owner = try await context(resident)
        try await services.database.write(owner, "own.link") { tx in
            try tx.execute("DELETE FROM person_account WHERE account_id = \(owner.actor.account)")
            try tx.execute(
                """
                INSERT INTO person_account (account_id, person_id, at)
                VALUES (\(owner.actor.account), \(person), \(tx.now))
                """)
            try tx.audit(Subject("person", person, division: House.homeGrid), fields: ["account"])
        }
        for purpose in purposes {
            try await DataConsents.set(purpose, isGiven, for: person, owner, services.database)
        }
    }
}

extension House {
    /// Announces a visit to a household of the first grid for tomorrow morning.
    package func announceVisit(_ household: ID<Household>) async throws -> ID<Visit> {
        var draft = VisitDraft(household)
        draft.reason = "看看您有什么需要"
        draft.slot = VisitSlot(clock.clock.now.date.adding(days: 1), .morning)
        return try await VisitCommands(services.database).announce(draft, try await context(DemoStaff.gridWorker1))
    }
}
