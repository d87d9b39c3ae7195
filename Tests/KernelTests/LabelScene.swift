import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// People to label, changed at random.
enum LabelScene {
    /// Households of one to four people of all ages with some facts.
    static func enter(
        _ house: House, households count: Int, in grid: DivisionCode, _ random: inout Seeded
    ) async throws -> [ID<Person>] {
        let database = house.services.database
        let now = house.clock.clock.now
        let entry = RegisterEntry(source: "test", validFrom: now)
        var (dwellings, households, people): ([DwellingRecord], [HouseholdRecord], [NewPerson]) = ([], [], [])
        for number in 0..<count {
            let (dwelling, household) = try await house.home(grid, "\(100 + number)", entry)
            dwellings.append(dwelling)
            households.append(household)
            for member in 0...random.below(4) {
                var person = NewPerson(
                    name: "邻居\(number)-\(member)", dwelling: dwelling.id, household: household.id, division: grid,
                    entry: entry)
                let age = [1, 8, 15, 35, 58, 59, 64, 79, 79, 85][random.below(10)]
                if random.below(12) > 0 { person.born = now.date.adding(days: -age * 365 - random.below(365)) }
                person.sex = 1 + random.below(2)
                person.tie = ResidenceTie.allCases[random.below(ResidenceTie.allCases.count)]
                person.facts = try facts.filter { _ in random.below(3) == 0 }.map { name, values in
                    (try #require(RegisterField.named("person.\(name)")), values[random.below(values.count)])
                }
                people.append(person)
            }
        }
        try await house.enter(dwellings, households, try database.seal(people))
        return try await database.read { tx in
            try tx.all("SELECT id FROM person WHERE source = 'test' ORDER BY id") { try $0[0] }
        }
    }

    private static let facts: [(String, [String])] = [
        ("isLivingAlone", ["0", "1"]), ("careLevel", ["0", "2", "3"]), ("isPregnant", ["0", "1"]),
        ("disability", ["1", "3"]), ("isLowIncome", ["0", "1"]),
    ]

    /// Changes somebody: moves, dies, is born otherwise, a fact appears or goes, says no.
    static func change(_ people: [ID<Person>], _ house: House, _ elsewhere: DivisionCode, _ random: inout Seeded)
        async throws
    {
        let person = people[random.below(people.count)]
        let now = house.clock.clock.now
        switch random.below(6) {
        case 0: try await write(house, person: person, "UPDATE person SET division = \(elsewhere) WHERE id = \(person)")
        case 1: try await write(house, person: person, "UPDATE person SET valid_to = \(now) WHERE id = \(person)")
        case 2:
            let born = PersonRecord.compact(now.date.adding(days: -random.below(33_000)))
            try await write(house, person: person, "UPDATE person SET born = \(born) WHERE id = \(person)")
        case 3:
            let (name, values) = facts[random.below(facts.count)]
            let field = try #require(RegisterField.named("person.\(name)"))
            let id: ID<SealedFact> = try house.services.database.newID()
            let cell = Cell("register_fact", "value_sealed", id.rawValue)
            let sealed = try house.services.database.keys.seal(values[random.below(values.count)], cell: cell)
            try await write(
                house, person: person,
                "DELETE FROM register_fact WHERE subject_id = \(person) AND field = \(field.id)",
                """
                INSERT INTO register_fact (id, kind, subject_id, field, value_sealed, division, source, at)
                VALUES (\(id), 'person', \(person), \(field.id), \(sealed), \(elsewhere), 'test', \(now))
                """)
        case 4:
            try await write(
                house, person: person, "UPDATE person SET is_profiled = 1 - is_profiled WHERE id = \(person)")
        default:
            try await write(
                house, person: person,
                "UPDATE residence SET valid_to = \(now) WHERE person_id = \(person) AND valid_to IS NULL")
        }
    }

    /// Changes rows as a command of the registers would: with an entry and an event about the person.
    static func write(_ house: House, person: ID<Person>, _ statements: SQL...) async throws {
        let context = try await house.context(.worker)
        try await house.services.database.write(context, "registers.enter") { tx in
            for sql in statements { try tx.execute(sql) }
            let subject = Subject("person", person, division: grid)
            try tx.audit(subject)
            try tx.emit("registers.changed", subject, facts: ["what": "test"])
        }
    }

    private static let grid = DivisionCode(rawValue: 110_101_001_901_001)

    /// What the store has, `person label grid`.
    static func stored(_ house: House) async throws -> Set<String> {
        try await house.services.database.read { tx in
            Set(
                try tx.all("SELECT person_id, label, grid FROM person_label") { row in
                    let (person, label, grid): (Int64, Int64, DivisionCode) = (try row[0], try row[1], try row[2])
                    return "\(person) \(label) \(grid)"
                })
        }
    }

    /// What it should have, worked out for each person by itself with the queries of the registers.
    static func computed(_ house: House) async throws -> Set<String> {
        let (database, names) = (house.services.database, LabelKeys(house.services.database.keys))
        let today = house.clock.clock.now.date
        return try await database.read { tx in
            let book = try LabelBook.current(tx)
            var all: Set<String> = []
            for id in try tx.all("SELECT id FROM person WHERE valid_to IS NULL", { row -> ID<Person> in try row[0] }) {
                guard let person = try RegisterQueries.person(id, tx), person.isProfiled, person.restrictedAt == nil
                else {
                    continue
                }
                var sight = LabelSight(.init(born: person.born, sex: person.sex), on: today)
                let homes = try RegisterQueries.homes(of: id, tx)
                if let home = homes.first(where: { $0.tie.livesHere }) ?? homes.first {
                    (sight.tie, sight.relation) = (home.tie, home.relation)
                    sight.occupancy = try RegisterQueries.dwelling(home.dwelling, tx)?.occupancy
                    if home.tie.livesHere, let household = home.household {
                        sight.household = try RegisterQueries.members(of: household, tx).filter { $0.tie.livesHere }
                            .map { LabelSight.Member(born: $0.person.born, sex: $0.person.sex) }
                    }
                }
                for fact in try RegisterQueries.facts(of: RegisterSubject(.person, id), tx) {
                    sight.facts[fact.field.id] =
                        try fact.value
                        ?? fact.sealed.map { try database.keys.open($0.sealed, cell: $0.cell) }
                }
                let found = book.evaluate(sight, hand: [])
                for label in found.held { all.insert("\(id.rawValue) \(names.key(label: label)) \(person.division)") }
                for service in found.entitled {
                    all.insert("\(id.rawValue) \(names.key(service: service)) \(person.division)")
                }
            }
            return all
        }
    }
}
