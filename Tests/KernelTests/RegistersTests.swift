import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What stands in the registers: entered in batches, kept sealed, counted by events, read for a purpose.
@Suite("人、房、户、组织、部件台账")
struct RegistersTests {
    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    /// One flat with an elder who lives alone: enough to look at.
    private func enter(_ house: House) async throws -> (
        dwelling: ID<Dwelling>, household: ID<Household>, person: ID<Person>
    ) {
        let database = house.services.database
        let place: ID<Place> = try #require(
            try await house.value("SELECT min(id) FROM place WHERE kind = 'entrance'", as: ID<Place>.self))
        let now = house.clock.clock.now
        let entry = RegisterEntry(source: "test", validFrom: now)
        let dwelling = DwellingRecord(
            id: try database.newID(), place: place, kind: .flat, number: "1201", floor: 12,
            address: "幸福里小区3号楼2单元1201", division: Self.grid, occupancy: .owner, entry: entry)
        let household = HouseholdRecord(
            id: try database.newID(), dwelling: dwelling.id, division: Self.grid, entry: entry)
        var elder = NewPerson(
            name: "陈秀英", dwelling: dwelling.id, household: household.id, division: Self.grid, entry: entry)
        elder.take(try CitizenID("110100195006150020", today: now.date))
        elder.phone = PhoneNumber("13800138000")
        (elder.tie, elder.relation) = (.owner, .head)
        let alone = try #require(RegisterField.named("person.isLivingAlone"))
        let education = try #require(RegisterField.named("person.education"))
        elder.facts = [(alone, "1"), (education, "初中")]
        var batch = RegisterBatch()
        batch.dwellings = [dwelling]
        batch.households = [household]
        batch.people = try database.seal([elder])
        let entered = batch
        try await database.write(try await house.context(.worker), "registers.enter") { tx in
            try RegisterCommands.enter(entered, as: Subject("household", household.id, division: Self.grid), tx)
        }
        let person = try #require(
            try await database.read { tx in
                try RegisterQueries.members(of: household.id, tx).first?.person.id
            })
        return (dwelling.id, household.id, person)
    }

    @Test("登记一户：打了码，号码另存密文，谁住哪儿查得到", arguments: TestEngine.enabled)
    func entered(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            let (member, home, facts) = try await house.services.database.read { tx in
                (
                    try #require(try RegisterQueries.members(of: known.household, tx).first),
                    try #require(try RegisterQueries.homes(of: known.person, tx).first),
                    try RegisterQueries.facts(of: RegisterSubject(.person, known.person), tx)
                )
            }
            #expect(member.person.numberMask == "110***********0020")
            #expect(member.person.phoneMask == "138****8000")
            #expect(member.person.born == CivilDate(year: 1950, month: 6, day: 15))
            #expect(member.person.sex == 2)
            #expect(member.relation == .head)
            #expect(home.address == "幸福里小区3号楼2单元1201")
            #expect(facts.map(\.field.id) == ["person.education", "person.isLivingAlone"])
            #expect(facts[0].value == "初中")
            #expect(facts[1].value == nil && facts[1].sealed != nil)
        }
    }

    @Test("网格人数随事件加，和重数一遍相等", arguments: TestEngine.enabled)
    func counted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await enter(house)
            await house.deliver()
            try await house.services.database.read { tx in
                let divisions = [Self.grid, Self.grid.ancestor(at: .community), Self.grid.ancestor(at: .district)]
                let totals = try RegisterCounts.totals(of: divisions, tx)
                for division in divisions {
                    #expect((totals[division]?[.person] ?? 0) >= 1)
                    #expect((totals[division]?[.dwelling] ?? 0) >= 1)
                }
                #expect(try RegisterCounts.differences(tx).isEmpty)
            }
        }
    }

    @Test("一页一页翻：不漏、不重，不管看一格还是一个区", arguments: TestEngine.enabled)
    func paged(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await enter(house)
            let levels: [DivisionCode.Level] = [.grid, .community, .street, .district, .city]
            for area in levels.map({ Self.grid.ancestor(at: $0) }) {
                try await house.services.database.read { tx in
                    let all = try RegisterQueries.people(in: area, limit: 10_000, tx).map(\.id)
                    let expected: Set<ID<Person>> = Set(
                        try tx.all(
                            """
                            SELECT p.id FROM person p WHERE \(RegisterQueries.place("p", area)) AND p.valid_to IS NULL
                            AND p.restricted_at IS NULL
                            """
                        ) { try $0[0] })
                    #expect(Set(all) == expected && all.count == expected.count)
                    var (pages, last): ([ID<Person>], ID<Person>?) = ([], nil)
                    while pages.count <= all.count {
                        let cursor = try last.flatMap { try RegisterCursor(RegisterSubject(.person, $0), tx) }
                        let page = try RegisterQueries.people(in: area, after: cursor, limit: 7, tx).map(\.id)
                        pages += page
                        guard let end = page.last, page.count == 7 else { break }
                        last = end
                    }
                    #expect(pages == all)
                }
            }
        }
    }

    @Test("看敏感信息：要有权限和用途，网格员要在岗、在本格，先记后看", arguments: TestEngine.enabled)
    func readForAPurpose(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let known = try await enter(house)
            let subject = RegisterSubject(.person, known.person)
            let database = house.services.database
            let fields = ["person.number", "person.phone", "person.isLivingAlone", "person.disability"]
                .compactMap { RegisterField.named($0) }
            // Nobody may read without standing over the place.
            for stranger in [
                try await house.context(.tenant), house.visitor, try await house.context(.propertyHandler),
            ] {
                await #expect(throws: LinliError.self) {
                    try await RegisterReading.read(fields, of: subject, for: .visit, note: "", stranger, database)
                }
            }
            let head = try await house.context(.head)
            let values = try await RegisterReading.read(
                fields, of: subject, for: .visit, note: "约上门时间，电话 13800138000", head, database)
            let number = try #require(RegisterField.named("person.number"))
            let phone = try #require(RegisterField.named("person.phone"))
            #expect(values[number] == "110100195006150020")
            #expect(values[phone] == "13800138000")
            #expect(values.count == 3, "a field without a value is left out")
            let readings = try await database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.count == 1)
            #expect(readings.first?.purpose == .visit)
            #expect(readings.first?.note.contains("13800138000") == false)
            #expect(Set(readings.first?.fields.map(\.id) ?? []) == Set(values.keys.map(\.id)))
        }
    }
}
