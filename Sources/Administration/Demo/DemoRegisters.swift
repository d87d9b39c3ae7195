import LinliCore
import LinliKernel
import LinliStandards

/// Who and what stands in the demo's registers. Everything is made up: numbers begin with 110100, which no birthplace has,
/// phones with 199 0000, and the same demo always has the same people.
struct DemoRegisters {
    private let database: Database
    private let cast: DemoCast
    private let now: Instant
    private let entry: RegisterEntry
    private var batch = RegisterBatch()
    private var people: [NewPerson] = []
    private var numbers: Set<String> = []
    private var turn = 0

    init(_ database: Database, _ cast: DemoCast, now: Instant) {
        self.database = database
        self.cast = cast
        self.now = now
        entry = RegisterEntry(source: "demo", validFrom: now.adding(days: -400))
    }

    /// Enters everything, once; answers with how many rows there are.
    static func enter(_ services: Services, _ cast: DemoCast, now: Instant) async throws -> Int {
        let database = services.database
        let isThere = try await database.read { try DemoStore.hasRegisters($0) }
        guard !isThere else { return 0 }
        var registers = DemoRegisters(database, cast, now: now)
        try registers.fill()
        registers.batch.people = try database.seal(registers.people)
        let batch = registers.batch
        try await database.write(.system("demo", now: now.adding(days: -400)), "demo.registers") { tx in
            try RegisterCommands.enter(batch, as: Subject("demo", 1, division: DemoDivision.city), tx)
            // Whoever was heard of was heard of by something: the list of who is due says by what.
            for (index, household) in batch.households.enumerated() {
                guard let heard = household.heardAt else { continue }
                try Households.heard(of: household.id, by: index % 2 == 0 ? .call : .visit, at: heard, tx)
            }
        }
        return batch.dwellings.count + batch.households.count + batch.people.count + batch.organizations.count
            + batch.things.count
    }

    private mutating func fill() throws {
        for place in DemoPlace.all {
            let facts = place.facts
            switch place {
            case .entrance, .locustEntrance: try entrance(place, facts)
            case .yard: try yard(place, facts)
            case .group: try group(place, facts)
            default: break
            }
        }
        try organizations()
        try things()
        try offices()
    }

    /// A number below `limit` that looks like chance and is the same every time.
    private mutating func pick(_ limit: Int) -> Int {
        turn += 1
        return Int((UInt64(turn) &* 0x9E37_79B9_7F4A_7C15) >> 33) % limit
    }

    // MARK: Homes

    /// Two floors of two flats.
    private mutating func entrance(_ place: DemoPlace, _ facts: DemoPlace.Facts) throws {
        var known = DemoResident.allCases.filter { $0.facts.home == place }
        for floor in 1...2 {
            for door in 1...2 {
                let use: Occupancy = [.owner, .owner, .owner, .rented, .empty][pick(5)]
                let own = known.popLast()
                let flat = try dwelling(
                    place, facts, "\(floor)0\(door)", .flat, floor: floor, own != nil && use == .empty ? .owner : use)
                if own == nil, use == .empty { continue }
                try household(in: flat, own, isLet: use == .rented)
            }
        }
        for own in known {
            let flat = try dwelling(place, facts, "301", .flat, floor: 3, .owner)
            try household(in: flat, own, isLet: false)
        }
    }

    /// A yard of rooms with several households, and the tap and toilet they share.
    private mutating func yard(_ place: DemoPlace, _ facts: DemoPlace.Facts) throws {
        var known = DemoResident.allCases.filter { $0.facts.home == place }
        for (number, side) in ["北房", "东房", "西房", "南房"].enumerated() {
            let room = try dwelling(place, facts, side, .room, number: number, number == 2 ? .rented : .owner)
            try household(in: room, known.popLast(), isLet: number == 2)
            // Two brothers under one roof, as in many yards.
            if number == 0 { try household(in: room, nil, isLet: false) }
        }
        _ = try dwelling(place, facts, "院内水龙头", .facility, number: 8, .unknown)
        _ = try dwelling(place, facts, "院内厕所", .facility, number: 9, .unknown)
    }

    private mutating func group(_ place: DemoPlace, _ facts: DemoPlace.Facts) throws {
        var known = DemoResident.allCases.filter { $0.facts.home == place }
        for number in 1...6 {
            let house = try dwelling(place, facts, "\(number)号", .house, number: number, .owner)
            try household(in: house, known.popLast(), isLet: false)
        }
    }

    private mutating func dwelling(
        _ place: DemoPlace, _ facts: DemoPlace.Facts, _ number: String, _ kind: DwellingKind, floor: Int? = nil,
        number order: Int = 0, _ use: Occupancy
    ) throws -> DwellingRecord {
        var dwelling = DwellingRecord(
            id: try database.newID(), place: try cast.place(place).id, kind: kind, number: number, floor: floor,
            address: facts.address + number, division: facts.division, occupancy: use, entry: entry)
        if floor == nil { dwelling.sortKey = order }
        if kind == .flat { dwelling.areaSquareMetres = Double(48 + pick(60)) }
        batch.dwellings.append(dwelling)
        return dwelling
    }

    /// A household: that of somebody with an account, or one of the shapes there are.
    private mutating func household(in dwelling: DwellingRecord, _ resident: DemoResident?, isLet: Bool) throws {
        var household = HouseholdRecord(
            id: try database.newID(), dwelling: dwelling.id, division: dwelling.division,
            kind: isLet ? .tenants : .family, entry: entry)
        household.heardAt = now.adding(days: -pick(70))
        batch.households.append(household)
        let tie: ResidenceTie = isLet ? .tenant : .owner
        let surname = DemoRegisters.surnames[pick(DemoRegisters.surnames.count)]
        func member(_ name: String, _ sex: Int, _ year: Int, _ relation: HouseholdRelation) -> Member {
            Member(name: name, sex: sex, year: year, relation: relation, tie: relation == .head ? tie : .family)
        }
        var members: [Member] = []
        if let resident {
            let name = resident.facts.name
            let isElder = DemoRegisters.elders.contains(resident)
            let isWoman = DemoRegisters.women.contains(resident)
            members.append(member(name, isWoman ? 2 : 1, isElder ? 1942 + pick(14) : 1970 + pick(30), .head))
            members[0].account = resident
        } else {
            switch pick(4) {
            case 0:
                members.append(member(surname + given(2), 2, 1938 + pick(18), .head))
            case 1:
                members.append(member(surname + given(1), 1, 1948 + pick(12), .head))
                members.append(member(DemoRegisters.surnames[pick(20)] + given(2), 2, 1950 + pick(12), .spouse))
            default:
                members.append(member(surname + given(1), 1, 1976 + pick(16), .head))
                members.append(member(DemoRegisters.surnames[pick(20)] + given(2), 2, 1978 + pick(16), .spouse))
                let (sex, year) = (1 + pick(2), 2008 + pick(16))
                members.append(member(surname + given(sex), sex, year, .child))
            }
        }
        for person in members { try enter(person, dwelling, household.id, isAlone: members.count == 1) }
    }

    private struct Member {
        var name: String
        var sex: Int
        var year: Int
        var relation: HouseholdRelation
        var tie: ResidenceTie
        var account: DemoResident?
    }

    private mutating func given(_ sex: Int) -> String {
        let names = sex == 1 ? DemoRegisters.men : DemoRegisters.womenNames
        return names[pick(names.count)]
    }

    private mutating func enter(
        _ member: Member, _ dwelling: DwellingRecord, _ household: ID<Household>, isAlone: Bool
    ) throws {
        var person = NewPerson(
            name: member.name, dwelling: dwelling.id, household: household, division: dwelling.division, entry: entry)
        (person.tie, person.relation) = (member.tie, member.relation)
        if member.account == .foreigner {
            (person.sex, person.born) = (2, CivilDate(year: member.year, month: 5, day: 12))
        } else {
            person.take(try CitizenID(citizenNumber(member.year, member.sex), today: now.date))
        }
        let age = now.date.year - member.year
        if let account = member.account {
            person.phone = PhoneNumber(account.phone)
        } else if age >= 16 {
            person.phone = PhoneNumber(demoPhone(2001 + people.count))
        }
        func add(_ id: String, _ value: String) {
            if let field = RegisterField.named(id) { person.facts.append((field, value)) }
        }
        if age >= 65 {
            if isAlone { add("person.isLivingAlone", "1") }
            if pick(2) == 0 { add("person.chronicDiseases", ["高血压", "糖尿病", "冠心病"][pick(3)]) }
            if age >= 80 { add("person.careLevel", String(pick(3))) }
            if isAlone { add("person.contactPhone", demoPhone(6001 + people.count)) }
        }
        if age >= 22 { add("person.education", ["初中", "高中", "大专", "本科"][pick(4)]) }
        if pick(9) == 0, age >= 25 { add("person.isPartyMember", "1") }
        if member.account == .wheelchairUser {
            add("person.disability", "2")
            add("person.disabilityKind", "肢体")
        }
        people.append(person)
    }

    /// A number that is valid and nobody's.
    private mutating func citizenNumber(_ year: Int, _ sex: Int) -> String {
        while true {
            let (month, day, serial) = (1 + pick(12), 1 + pick(28), pick(490) * 2 + (sex == 1 ? 1 : 2))
            func digits(_ number: Int, _ width: Int) -> String {
                let text = String(number)
                return String(repeating: "0", count: max(0, width - text.count)) + text
            }
            let body = "110100\(year)\(digits(month, 2))\(digits(day, 2))\(digits(serial, 3))"
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
            let number = body + String(Array("10X98765432")[sum % 11])
            if numbers.insert(number).inserted { return number }
        }
    }

    // MARK: Organizations and things

    private mutating func organizations() throws {
        for (index, firm) in DemoRegisters.firms.enumerated() {
            try organization(firm, index)
        }
    }

    private mutating func organization(_ firm: Firm, _ index: Int, in room: DwellingRecord? = nil) throws {
        let place = try cast.place(firm.place)
        var organization = OrganizationRecord(
            id: try database.newID(), name: firm.name, division: place.division, entry: entry)
        organization.kind = firm.kind
        organization.creditCode = DemoRegisters.creditCode(index)
        organization.activity = firm.activity
        organization.staffCount = 2 + pick(30)
        organization.contactName = DemoRegisters.surnames[pick(20)] + given(1)
        if let phone = PhoneNumber(demoPhone(8001 + index)) {
            let cell = Cell("organization", "phone_sealed", organization.id.rawValue)
            let sealed = try database.sealed(
                phone.number, .phone, cell, mask: phone.masked)
            (organization.phone, organization.phoneMask) = (sealed, phone.masked)
        }
        (organization.place, organization.dwelling) = (place.id, room?.id)
        organization.address = room?.address ?? place.address
        batch.organizations.append(organization)
    }

    /// The rooms of the office building with who has them; one stands empty.
    private mutating func offices() throws {
        for (index, tenant) in DemoRegisters.officeTenants.enumerated() {
            let place = DemoPlace.officeFloor(tenant.floor)
            let room = try dwelling(
                place, place.facts, tenant.room, tenant.kind == .shop ? .shop : .office, floor: tenant.floor, .work)
            try organization(
                Firm(tenant.name, tenant.kind, tenant.activity, place), DemoRegisters.firms.count + index, in: room)
        }
        let top = DemoPlace.officeFloor(4)
        _ = try dwelling(top, top.facts, "402", .office, floor: 4, .empty)
    }

    private mutating func things() throws {
        for (index, kind) in DemoRegisters.parts.enumerated() {
            for serial in 1...kind.total {
                let place = try cast.place(kind.places[serial % kind.places.count])
                var thing = ThingRecord(
                    id: try database.newID(), name: kind.name + "\(serial)号", division: place.division, entry: entry)
                let number = String(index * 1000 + serial)
                thing.code = "110101\(kind.code.dropFirst())\(String(repeating: "0", count: 6 - number.count))\(number)"
                thing.category = kind.code
                thing.state = pick(12) == 0 ? .damaged : .sound
                thing.competentBody = kind.competent
                thing.upkeepBody = kind.upkeep
                thing.place = place.id
                thing.location = place.address + ["北侧", "南侧", "门口", "东侧"][pick(4)]
                if let latitude = place.latitude, let longitude = place.longitude {
                    thing.point = GeoPoint(
                        longitude: longitude + Double(pick(40) - 20) * 0.00001,
                        latitude: latitude + Double(pick(40) - 20) * 0.00001)
                }
                batch.things.append(thing)
            }
        }
    }
}
