import LinliCore
import LinliSQL
import LinliStandards

/// What becomes of a row of a sheet.
package struct ImportOutcome: Sendable {
    /// What becomes of it.
    package enum Fate: Sendable {
        case new
        /// It stands in the register already.
        case known(Int64)
        case wrong
    }

    /// The row's number as the sheet shows it.
    package let line: Int
    /// What becomes of it.
    package var fate: Fate
    /// Whose row it is: a name.
    package let title: String
    /// Where: the address as it will stand.
    package var address: String
    /// Whether a dwelling is entered with it.
    package var addsDwelling = false
    /// What is wrong.
    package var problems: [Text] = []
    /// What is doubtful: taken all the same where the row is.
    package var warnings: [Text] = []
    /// What it would change of somebody known.
    package var changes: [ImportChange] = []
}

/// Works out what the rows of a sheet would do, some at a time; the import does the same. What it has met is remembered,
/// so that a person who stands in the sheet twice is entered once.
package struct ImportPlanner: Sendable {
    /// What the rows bring in, not yet sealed.
    package struct Entries: Sendable {
        var dwellings: [DwellingRecord] = []
        var households: [HouseholdRecord] = []
        var people: [NewPerson] = []
        var organizations: [(record: OrganizationRecord, phone: PhoneNumber?)] = []
        var things: [ThingRecord] = []
        var changes: [(person: ID<Person>, values: RegisterCommands.Typed)] = []
        var moves: [ImportMove] = []
        /// Of entries that are no people.
        var updates: [(subject: RegisterSubject, values: RegisterCommands.Typed)] = []
        /// Whom a row was about first, by the row.
        var met: [(id: Int64, line: Int)] = []
    }

    struct HomeFound: Sendable {
        var dwelling: ID<Dwelling>
        var household: ID<Household>?
        var division: DivisionCode
    }

    let kind: RegisterKind
    let division: DivisionCode
    let entry: RegisterEntry
    let ids: @Sendable () throws -> Int64
    let hash: @Sendable (String) -> [UInt8]
    let phoneHash: @Sendable (String) -> [UInt8]
    /// Whether rows about what is known change what they say otherwise.
    let isUpdating: Bool

    var homes: [String: HomeFound] = [:]
    private var places: [String: PlaceSummary?] = [:]
    var seen: [String: Int] = [:]
    /// Which districts codes of components named, and whether the store knows them.
    var districts: [DivisionCode: Bool] = [:]
    /// Whom a row was about, by the row: of the rows of this run, and of those before as far as rows are about the same.
    var met: [Int64: Int] = [:]
    /// Whether rows were looked at before this run began.
    private var isContinued = false
    /// Who heads households that are known or come in, as far as the name may be told.
    var heads: [ID<Household>: String] = [:]
    /// Rows that enter somebody, by name with phone and by name with home.
    var namesakes: [String: [Namesake]] = [:]

    /// A planner for a sheet of a kind that belongs to a division.
    package init(
        _ kind: RegisterKind, in division: DivisionCode, entry: RegisterEntry, isUpdating: Bool = true,
        _ database: Database
    ) {
        self.kind = kind
        self.division = division
        self.entry = entry
        ids = { try (database.newID() as ID<RegisterImport>).rawValue }
        hash = { RegisterHash.number.of($0, database.keys) }
        phoneHash = { RegisterHash.phone.of($0, database.keys) }
        self.isUpdating = isUpdating
    }

    /// What some rows would do, and what they bring in.
    package mutating func plan(
        _ rows: [ImportRow], _ tx: ReadTx
    ) throws -> (outcomes: [ImportOutcome], entries: Entries) {
        var entries = Entries()
        var outcomes: [ImportOutcome]
        switch kind {
        case .person:
            outcomes = try people(rows, &entries, tx)
            if isUpdating { try propose(rows, &outcomes, &entries, tx) }
        case .organization: outcomes = try organizations(rows, &entries, tx)
        case .thing: outcomes = try things(rows, &entries, tx)
        case .dwelling: outcomes = try dwellings(rows, &entries, tx)
        case .household: throw LinliError.notFound("import.kind")
        }
        if isUpdating, kind != .person { try proposeOthers(rows, &outcomes, &entries, tx) }
        for (index, row) in rows.enumerated() { outcomes[index].doubt(row) }
        return (outcomes, entries)
    }

    /// Notes rows that were looked at before this run began, so that what comes twice is still known.
    package mutating func remember(_ rows: [ImportRow]) {
        isContinued = true
        for row in rows where row.problems.isEmpty {
            let key: String
            switch kind {
            case .person:
                let born = PersonRecord.compact(RegisterValue.day(row["person.born"]))
                let number = row["person.number"]
                key = number.isEmpty ? "\(row["person.name"])|\(born)|\(ImportPlanner.address(row))" : number
            case .dwelling: key = ImportPlanner.address(row)
            case .thing:
                let code = row["thing.code"]
                key = code.isEmpty ? "\(row["thing.name"])|\(row["thing.location"])" : code
            default:
                let code = row["organization.creditCode"]
                key = code.isEmpty ? "\(row["organization.name"])|\(row["organization.address"])" : code
            }
            if seen[key] == nil { seen[key] = row.line }
        }
    }

    /// Recalls which of some entries rows were about before this run began: the import keeps it until it ends, so that a
    /// long sheet needs no more memory than a run of it.
    mutating func recall(_ ids: [Int64], _ tx: ReadTx) throws {
        guard isContinued, let importID = entry.importID else { return }
        let asked = Set(ids).filter { met[$0] == nil }.sorted()
        guard !asked.isEmpty else { return }
        try tx.each(
            """
            SELECT subject_id, line FROM register_import_met
            WHERE import_id = \(importID) AND subject_id IN \(SQL.list(asked))
            """
        ) { met[try $0[0]] = try $0[1] as Int }
    }

    // MARK: Homes

    /// The address of a row as a dwelling has it: with its number behind it, without blanks and the word 室.
    static func address(_ row: ImportRow) -> String {
        var address = (row["dwelling.address"] + row["dwelling.number"]).filter { !$0.isWhitespace }
        if row["dwelling.address"].hasSuffix(row["dwelling.number"]), !row["dwelling.number"].isEmpty {
            address = row["dwelling.address"].filter { !$0.isWhitespace }
        }
        if address.hasSuffix("室") { address.removeLast() }
        return String(address.prefix(200))
    }

    /// Finds the dwellings with some addresses and the households in them.
    mutating func findHomes(_ addresses: [String], _ tx: ReadTx) throws {
        guard !addresses.isEmpty else { return }
        var found: [ID<Dwelling>: String] = [:]
        try tx.each(
            """
            SELECT id, address, division FROM dwelling WHERE address IN \(SQL.list(addresses))
            AND valid_to IS NULL ORDER BY id DESC
            """
        ) { row in
            let (id, address, place): (ID<Dwelling>, String, DivisionCode) = (try row[0], try row[1], try row[2])
            guard division.contains(place) else { return }
            homes[address] = HomeFound(dwelling: id, household: nil, division: place)
            found[id] = address
        }
        // How an address was spelled before two were merged, it may be spelled again.
        try tx.each(
            """
            SELECT s.id, d.address, s.division FROM dwelling d JOIN dwelling s ON s.id = d.merged_into
            WHERE d.address IN \(SQL.list(addresses)) AND d.merged_into IS NOT NULL AND s.valid_to IS NULL
            ORDER BY d.id DESC
            """
        ) { row in
            let (id, address, place): (ID<Dwelling>, String, DivisionCode) = (try row[0], try row[1], try row[2])
            guard homes[address] == nil, division.contains(place) else { return }
            homes[address] = HomeFound(dwelling: id, household: nil, division: place)
            found[id] = address
        }
        guard !found.isEmpty else { return }
        try tx.each(
            """
            SELECT dwelling_id, min(id) FROM household
            WHERE dwelling_id IN \(SQL.list(found.keys.sorted())) AND valid_to IS NULL
            GROUP BY dwelling_id
            """
        ) { row in
            guard let address = found[try row[0]] else { return }
            homes[address]?.household = try row[1]
        }
        let households = found.values.compactMap { homes[$0]?.household }
        for (household, name) in try findHeads(households, tx) { heads[household] = name }
    }

    /// Homes whose address is written otherwise than it is kept: 三号楼二单元0302室.
    mutating func findSpelled(_ addresses: [String], _ tx: ReadTx) throws {
        let spelled = addresses.filter { homes[$0] == nil }.map { ($0, AddressSpelling.normal($0)) }
            .filter { $0.0 != $0.1 }
        try findHomes(Set(spelled.map(\.1)).filter { homes[$0] == nil }.sorted(), tx)
        for (address, usual) in spelled { if let home = homes[usual] { homes[address] = home } }
    }

    /// What an address names.
    enum AddressFound: Sendable {
        /// A home that is known, by its own address.
        case known(HomeFound, address: String)
        /// A dwelling that is not, of a building that is.
        case new(DwellingRecord)
        case wrong(Text)
    }

    /// What an address names; nothing is entered by asking.
    mutating func find(_ address: String, _ tx: ReadTx) throws -> AddressFound {
        if let known = homes[address] { return .known(known, address: address) }
        guard let (place, text) = try located(address, tx) else {
            return .wrong(
                Text("住址认不出是哪栋楼、哪个院，请先建地点或照地点的写法写", "The address names no building or yard that is known"))
        }
        let rest = ImportPlanner.rest(of: text, after: place.address)
        let number = String(rest.drop { "-－—".contains($0) }.prefix(40))
        let isYard = [.courtyard, .village, .group].contains(place.kind)
        guard !number.isEmpty || isYard else {
            return .wrong(Text("住址要写到门牌，例如 1201", "The address lacks the number of the home, such as 1201"))
        }
        // Written otherwise, with the city before it or a dash in it, it is the same home.
        let own = place.address + number
        if own != address, homes[own] == nil { try findHomes([own], tx) }
        if let known = homes[own] { return .known(known, address: own) }
        let digits = number.filter { $0.isASCII && $0.isNumber }
        let floor = isYard || digits.count < 3 ? nil : Int(digits.dropLast(2)).flatMap { $0 <= 200 ? $0 : nil }
        return .new(
            DwellingRecord(
                id: ID(rawValue: try ids()), place: place.id, kind: ImportPlanner.kind(number, in: place.kind),
                number: number, floor: floor, address: own, division: place.division, entry: entry))
    }

    /// The home with an address: one that is known, or a new dwelling of a building that is.
    mutating func home(
        _ address: String, _ outcome: inout ImportOutcome, _ entries: inout Entries, _ tx: ReadTx
    ) throws -> HomeFound? {
        var home: HomeFound
        let own: String
        switch try find(address, tx) {
        case .known(let known, let found): (home, own) = (known, found)
        case .wrong(let problem):
            outcome.problems.append(problem)
            return nil
        case .new(let dwelling):
            entries.dwellings.append(dwelling)
            outcome.addsDwelling = true
            home = HomeFound(dwelling: dwelling.id, household: nil, division: dwelling.division)
            own = dwelling.address
        }
        if home.household == nil {
            let household = HouseholdRecord(
                id: ID(rawValue: try ids()), dwelling: home.dwelling, division: home.division, entry: entry)
            entries.households.append(household)
            home.household = household.id
        }
        (homes[own], homes[address]) = (home, home)
        return home
    }

    /// What a dwelling nobody knows yet is, by where it lies.
    static func kind(_ number: String, in place: PlaceKind) -> DwellingKind {
        switch place {
        case .courtyard, .village: number.isEmpty ? .house : .room
        case .group: .house
        case .businessBuilding, .floor: .office
        default: .flat
        }
    }

    /// What stands behind `part` in a text.
    static func rest(of text: String, after part: String) -> Substring {
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(part) { return rest.dropFirst(part.count) }
            rest = rest.dropFirst()
        }
        return rest
    }

    /// The building, entrance or yard in an address, and the spelling in which it stands there: as it is written, else as
    /// such addresses are usually kept.
    private mutating func located(_ address: String, _ tx: ReadTx) throws -> (place: PlaceSummary, text: String)? {
        let found = try place(address, tx)
        let spelled = AddressSpelling.normal(address)
        if spelled != address, let other = try place(spelled, tx),
            other.address.count > found?.address.count ?? 0 || other.id == found?.id && spelled.contains(other.address)
        {
            return (other, spelled)
        }
        guard let found else { return nil }
        // Found in the usual spelling of its beginning.
        return (found, address.contains(found.address) ? address : spelled)
    }

    /// The building, entrance or yard in an address; asked once for each of its entrances.
    mutating func place(_ address: String, _ tx: ReadTx) throws -> PlaceSummary? {
        let stem = String(
            address.reversed().drop { $0.isASCII && ($0.isNumber || $0.isLetter || $0 == "-") }.reversed())
        if let known = places[stem] { return known }
        let found = try PlacesStore.named(in: stem.isEmpty ? address : stem, tx)
        let place = found.flatMap { division.contains($0.division) ? $0 : nil }
        places[stem] = .some(place)
        return place
    }
}
