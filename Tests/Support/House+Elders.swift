import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// People in the registers, entered as an import or a grid worker would.
extension House {
    /// An elder of 1944 who lives alone in a flat of the first estate, known by the phone of the demo's own account.
    package func enterElder(
        in grid: DivisionCode = DivisionCode(rawValue: 110_101_001_901_001)
    ) async throws -> ID<Person> {
        let database = services.database
        let entry = RegisterEntry(source: "test", validFrom: clock.clock.now)
        let (dwelling, household) = try await home(grid, "301", entry)
        var elder = NewPerson(
            name: "张桂兰", dwelling: dwelling.id, household: household.id, division: grid, entry: entry)
        elder.born = CivilDate(year: 1944, month: 3, day: 8)
        elder.sex = 2
        elder.phone = PhoneNumber(DemoResident.elderAlone.phone)
        (elder.tie, elder.relation) = (.owner, .head)
        if let alone = RegisterField.named("person.isLivingAlone") { elder.facts = [(alone, "1")] }
        try await enter([dwelling], [household], try database.seal([elder]))
        let id = try await database.read { try RegisterQueries.members(of: household.id, $0).first?.person.id }
        guard let id else { throw LinliError.notFound("test.elder") }
        // Her own account, as if she had proved number and phone.
        let own = try await context(.elderAlone)
        try await database.write(own, "own.link") { tx in
            try tx.execute(
                "INSERT INTO person_account (account_id, person_id, at) VALUES (\(own.actor.account), \(id), \(tx.now))"
            )
            try tx.audit(Subject("person", id, division: grid), fields: ["account"])
        }
        return id
    }

    /// A flat and a household in it, not entered yet.
    package func home(
        _ grid: DivisionCode, _ number: String, _ entry: RegisterEntry
    ) async throws -> (DwellingRecord, HouseholdRecord) {
        let place: ID<Place>? = try await value("SELECT min(id) FROM place WHERE kind = 'entrance'")
        guard let place else { throw LinliError.notFound("test.entrance") }
        let database = services.database
        let dwelling = DwellingRecord(
            id: try database.newID(), place: place, kind: .flat, number: number, floor: 3,
            address: "幸福里小区3号楼2单元\(number)", division: grid, occupancy: .owner, entry: entry)
        return (
            dwelling, HouseholdRecord(id: try database.newID(), dwelling: dwelling.id, division: grid, entry: entry)
        )
    }

    /// Enters homes and people in one batch.
    package func enter(
        _ dwellings: [DwellingRecord], _ households: [HouseholdRecord], _ people: [SealedPerson]
    ) async throws {
        guard let first = households.first else { return }
        var batch = RegisterBatch()
        (batch.dwellings, batch.households, batch.people) = (dwellings, households, people)
        let entered = batch
        let subject = Subject("demo", first.id, division: first.division.ancestor(at: .community))
        try await services.database.write(try await context(.worker), "registers.enter") { tx in
            try RegisterCommands.enter(entered, as: subject, tx)
        }
        await deliver()
        try await workOutLabels()
    }

    /// Runs the job of labels until nothing is left.
    package func workOutLabels() async throws {
        try await JobKind.labels.run(
            JobRun(
                database: services.database, payload: "", context: .system("labels.evaluate", now: clock.clock.now),
                logger: logger))
    }
}
