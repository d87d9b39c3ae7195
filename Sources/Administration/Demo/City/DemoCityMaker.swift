import LinliCore
import LinliKernel
import LinliStandards

/// Makes up what is in a grid: an estate with buildings and entrances, a dwelling and a household each, people, shops and
/// lamps. The same for the same grid.
struct DemoCityMaker: Sendable {
    let database: Database
    let now: Instant

    /// What is in a grid, sealed and ready to be stored.
    struct Filled: Sendable {
        var grid: DemoCityPlan.Grid
        var places: [(id: ID<Place>, place: NewPlace)] = []
        var batch = RegisterBatch()
    }

    private static let perFloor = 2
    private static let floors = 12
    private static let entrancesPerBuilding = 4

    func fill(_ grid: DemoCityPlan.Grid) throws -> Filled {
        var random = DemoRandom(grid.index + 1)
        var filled = Filled(grid: grid)
        let entry = RegisterEntry(source: "demo", validFrom: now)
        let homes = try homes(grid, entry, &filled)
        var people: [NewPerson] = []
        people.reserveCapacity(grid.people)
        var numbers = DemoCityNumbers(grid: grid.index)
        let sizes = DemoCityMaker.sizes(households: grid.households, people: grid.people, &random)
        for (home, size) in zip(homes, sizes) {
            try people.append(contentsOf: household(of: size, home, entry, &numbers, &random))
        }
        filled.batch.people = try database.seal(people)
        try around(grid, entry, &filled, &random)
        return filled
    }

    // MARK: Homes

    private func homes(
        _ grid: DemoCityPlan.Grid, _ entry: RegisterEntry, _ filled: inout Filled
    ) throws -> [(dwelling: DwellingRecord, household: ID<Household>)] {
        func place(_ parent: ID<Place>?, _ kind: PlaceKind, _ name: String, _ address: String) throws -> ID<Place> {
            let id: ID<Place> = try database.newID()
            let place = NewPlace(
                parent: parent, kind: kind, name: name, address: address, division: grid.division,
                latitude: grid.latitude, longitude: grid.longitude, propertyRight: .commercial,
                sortKey: filled.places.count)
            filled.places.append((id, place))
            return id
        }
        let estate = try place(nil, .estate, grid.estate, grid.address)
        var homes: [(DwellingRecord, ID<Household>)] = []
        let perEntrance = DemoCityMaker.perFloor * DemoCityMaker.floors
        var building = 0
        var (buildingID, buildingAddress) = (estate, grid.address)
        for entrance in 0..<(grid.households + perEntrance - 1) / perEntrance {
            let door = entrance % DemoCityMaker.entrancesPerBuilding + 1
            if door == 1 {
                building += 1
                buildingAddress = "\(grid.address)\(building)号楼"
                buildingID = try place(estate, .building, "\(building)号楼", buildingAddress)
            }
            let address = "\(buildingAddress)\(door)单元"
            let id = try place(buildingID, .entrance, "\(door)单元", address)
            for home in 0..<min(perEntrance, grid.households - homes.count) {
                let floor = home / DemoCityMaker.perFloor + 1
                let number = "\(floor)0\(home % DemoCityMaker.perFloor + 1)"
                let dwelling = DwellingRecord(
                    id: try database.newID(), place: id, kind: .flat, number: number, floor: floor,
                    address: address + number, division: grid.division, occupancy: .owner, entry: entry)
                let household = HouseholdRecord(
                    id: try database.newID(), dwelling: dwelling.id, division: grid.division, entry: entry)
                filled.batch.dwellings.append(dwelling)
                filled.batch.households.append(household)
                homes.append((dwelling, household.id))
            }
        }
        return homes
    }

    /// How many live in each household, so that all together are exactly as many as the grid has.
    private static func sizes(households: Int, people: Int, _ random: inout DemoRandom) -> [Int] {
        var sizes: [Int] = []
        for _ in 0..<households {
            switch random.next() % 100 {
            case 0..<23: sizes.append(1)
            case 23..<51: sizes.append(2)
            case 51..<74: sizes.append(3)
            case 74..<89: sizes.append(4)
            case 89..<96: sizes.append(5)
            default: sizes.append(6)
            }
        }
        guard !sizes.isEmpty else { return sizes }
        var (difference, index) = (people - sizes.reduce(0, +), 0)
        while difference != 0 {
            let change = difference > 0 ? 1 : -1
            if sizes[index] + change >= 1, sizes[index] + change <= 7 {
                sizes[index] += change
                difference -= change
            }
            index = (index + 1) % sizes.count
        }
        return sizes
    }

    // MARK: People

    private func household(
        of size: Int, _ home: (dwelling: DwellingRecord, household: ID<Household>), _ entry: RegisterEntry,
        _ numbers: inout DemoCityNumbers, _ random: inout DemoRandom
    ) throws -> [NewPerson] {
        let headAge = size == 1 ? 25 + Int(random.next() % 65) : 28 + Int(random.next() % 52)
        return try (0..<size).map { member in
            let isFemale = member == 1 ? random.next() % 100 < 92 : random.next() % 2 == 0
            let (age, relation) = DemoCityMaker.member(member, headAge, &random)
            var person = NewPerson(
                name: DemoCityNames.person(isFemale: isFemale, &random), dwelling: home.dwelling.id,
                household: home.household, division: home.dwelling.division, entry: entry)
            person.take(try numbers.next(born: now.date.year - 1 - age, isFemale: isFemale, today: now.date))
            if age >= 14 { person.phone = numbers.phone() }
            person.relation = relation
            person.tie = member == 0 ? .owner : .family
            facts(age: age, size: size, &person)
            return person
        }
    }

    private static func member(
        _ member: Int, _ headAge: Int, _ random: inout DemoRandom
    ) -> (age: Int, relation: HouseholdRelation) {
        switch member {
        case 0: (headAge, .head)
        case 1: (max(22, headAge - 4 + Int(random.next() % 8)), .spouse)
        case 2, 3: (max(0, headAge - 24 - Int(random.next() % 10)), .child)
        case 4: (min(95, headAge + 22 + Int(random.next() % 8)), .parent)
        default: (max(0, headAge - 50), .grandchild)
        }
    }

    private func facts(age: Int, size: Int, _ person: inout NewPerson) {
        func fact(_ id: String) {
            if let field = RegisterField.named(id) { person.facts.append((field, "1")) }
        }
        if age >= 65, size == 1 { fact("person.isLivingAlone") }
        if age >= 65, size == 2 { fact("person.isEmptyNest") }
    }

    // MARK: What else is there

    private func around(
        _ grid: DemoCityPlan.Grid, _ entry: RegisterEntry, _ filled: inout Filled, _ random: inout DemoRandom
    ) throws {
        let shops = [("零售", "便利店"), ("理发", "理发店"), ("药品", "大药房"), ("餐饮", "面馆"), ("维修", "家电维修部")]
        for (kind, name) in shops {
            var organization = OrganizationRecord(
                id: try database.newID(), name: grid.address + name, division: grid.division, entry: entry)
            (organization.kind, organization.activity) = (.shop, kind)
            (organization.address, organization.place) = (grid.address, filled.places.first?.id)
            organization.contactName = DemoCityNames.person(isFemale: false, &random)
            filled.batch.organizations.append(organization)
        }
        for number in 1...10 {
            var thing = ThingRecord(
                id: try database.newID(), name: "路灯\(number)号", division: grid.division, entry: entry)
            (thing.category, thing.location) = ("C0118", grid.address)
            thing.point = GeoPoint(
                longitude: grid.longitude + Double(number) * 0.0001,
                latitude: grid.latitude + Double(number % 4) * 0.0001)
            filled.batch.things.append(thing)
        }
    }
}

/// Numbers nobody has: the citizen numbers of a county that was never given out, phones of a range no operator has. Each
/// grid takes its own of both, so that none comes twice.
struct DemoCityNumbers: Sendable {
    /// A prime above the number of grids.
    private static let step = 10_037
    /// Sequences of 365 days: a year more would give the first of January twice.
    private static let perYear = 365_000

    private let grid: Int
    private var taken: [Int: Int] = [:]
    private var phones = 0

    init(grid: Int) {
        self.grid = grid
    }

    /// A citizen number for somebody born in about that year.
    /// - Source: 110100 is a roll-up code that is no county of birth, see docs of `CitizenID`
    mutating func next(born year: Int, isFemale: Bool, today: CivilDate) throws -> CitizenID {
        var year = year
        while true {
            // A slot is a day of the year and a sequence; odd sequences are men.
            let round = taken[year, default: isFemale ? 0 : 1]
            taken[year] = round + 1
            let slot = grid + DemoCityNumbers.step * round
            guard slot < DemoCityNumbers.perYear else {
                year -= 1
                continue
            }
            let sequence = slot % 1000
            guard (sequence % 2 == 1) != isFemale else { continue }
            guard let day = CivilDate(year: year, month: 1, day: 1)?.adding(days: slot / 1000), day <= today else {
                year -= 1
                continue
            }
            let digits =
                "110100" + String(day.year * 10_000 + day.month * 100 + day.day)
                + String(repeating: "0", count: 3 - String(sequence).count) + String(sequence)
            return try CitizenID(digits + CitizenID.check(of: digits), today: today)
        }
    }

    /// A phone number of its own.
    /// - Source: 154 is given to no operator as far as known; configured
    mutating func phone() -> PhoneNumber? {
        let digits = String(grid * 2000 + phones)
        phones += 1
        return PhoneNumber("154" + String(repeating: "0", count: 8 - digits.count) + digits)
    }
}
