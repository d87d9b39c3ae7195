import LinliCore
import LinliSQL
import LinliStandards

/// A flat, room, yard house, office or shop: where somebody lives or works.
package enum Dwelling {}

/// Who lives together and keeps house together; a dwelling may hold several, as a yard does.
package enum Household {}

/// What a dwelling is.
package enum DwellingKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case flat, room, house, office, shop, facility

    /// What people call it.
    package var name: Text {
        switch self {
        case .flat: Text("住宅（户）", "Flat")
        case .room: Text("平房（间）", "Room in a yard")
        case .house: Text("院落、宅基地", "House")
        case .office: Text("办公用房", "Office")
        case .shop: Text("商铺", "Shop")
        case .facility: Text("公共用房", "Shared facility")
        }
    }

    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

/// How a dwelling is used.
/// - Source: GB/T 31000-2015 实有房屋、出租房 [M]; the words are configured
package enum Occupancy: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case owner, rented, shared, empty, work, unknown

    /// What people call it.
    package var name: Text {
        switch self {
        case .owner: Text("自住", "Lived in by its owner")
        case .rented: Text("出租", "Let")
        case .shared: Text("合租、群租", "Let to several")
        case .empty: Text("空置", "Empty")
        case .work: Text("经营、办公", "Business")
        case .unknown: Text("未了解", "Unknown")
        }
    }

    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

/// What kind of household it is.
package enum HouseholdKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case family, tenants, collective

    /// What people call it.
    package var name: Text {
        switch self {
        case .family: Text("家庭户", "Family")
        case .tenants: Text("合住户", "People who share a home")
        case .collective: Text("集体户", "Collective household")
        }
    }

    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

extension PropertyRight {
    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

/// A dwelling as it stands in the register.
package struct DwellingRecord: Sendable {
    /// Its identifier.
    package var id: ID<Dwelling>
    /// The entrance, building, yard or village it is part of.
    package var place: ID<Place>
    /// What it is.
    package var kind: DwellingKind
    /// Its own number, `1201`.
    package var number: String
    /// The floor; nil where nobody said.
    package var floor: Int?
    /// The whole address, `幸福里小区3号楼2单元1201`.
    package var address: String
    /// The grid it lies in.
    package var division: DivisionCode
    /// How it is used.
    package var occupancy: Occupancy
    /// Who owns it; nil: as its estate.
    package var propertyRight: PropertyRight?
    /// Square metres of floor; nil where nobody said.
    package var areaSquareMetres: Double?
    /// Where it stands in lists: floor × 1000 + number.
    package var sortKey: Int
    /// WGS84; nil: where its building is.
    package var point: GeoPoint?
    /// What is the same for all kinds.
    package var entry: RegisterEntry

    /// What `init(_:_:)` reads, of a table called `d`.
    package static let columns: SQL = """
        d.id, d.place_id, d.kind, d.number, d.floor, d.address, d.division, d.occupancy, d.property_right,
        d.area_square_metres, d.sort_key, d.latitude, d.longitude,
        \(RegisterEntry.columns("d"))
        """

    /// How many columns `init(_:_:)` reads.
    package static let columnCount = 18

    /// Reads `columns` from a row, beginning at `start`.
    package init(_ row: Row, _ start: Int = 0) throws {
        id = try row[start]
        place = try row[start + 1]
        kind = try row[start + 2]
        number = try row[start + 3]
        floor = try row[start + 4]
        address = try row[start + 5]
        division = try row[start + 6]
        occupancy = try row[start + 7]
        propertyRight = try row[start + 8]
        areaSquareMetres = try row[start + 9]
        sortKey = try row[start + 10]
        point = try GeoPoint(row, start + 11)
        entry = try RegisterEntry(row, start + 13)
    }

    /// A new one.
    package init(
        id: ID<Dwelling>, place: ID<Place>, kind: DwellingKind, number: String, floor: Int? = nil, address: String,
        division: DivisionCode, occupancy: Occupancy = .unknown, entry: RegisterEntry
    ) {
        self.id = id
        self.place = place
        self.kind = kind
        self.number = number
        self.floor = floor
        self.address = address
        self.division = division
        self.occupancy = occupancy
        self.entry = entry
        sortKey = (floor ?? 0) * 1000 + (Int(number.filter { $0.isASCII && $0.isNumber }.suffix(6)) ?? 0)
    }
}

/// A household as it stands in the register.
package struct HouseholdRecord: Sendable {
    /// Its identifier.
    package var id: ID<Household>
    /// Where it lives.
    package var dwelling: ID<Dwelling>
    /// The grid it lies in.
    package var division: DivisionCode
    /// What kind it is.
    package var kind: HouseholdKind
    /// When anything was last heard of it, by whatever signal; nil: never.
    package var heardAt: Instant?
    /// What is the same for all kinds.
    package var entry: RegisterEntry

    /// What `init(_:_:)` reads, of a table called `h`.
    package static let columns: SQL = """
        h.id, h.dwelling_id, h.division, h.kind, h.heard_at, \(RegisterEntry.columns("h"))
        """
    /// How many columns `init(_:_:)` reads.
    package static let columnCount = 10

    /// Reads `columns` from a row, beginning at `start`.
    package init(_ row: Row, _ start: Int = 0) throws {
        id = try row[start]
        dwelling = try row[start + 1]
        division = try row[start + 2]
        kind = try row[start + 3]
        heardAt = try row[start + 4]
        entry = try RegisterEntry(row, start + 5)
    }

    /// A new one.
    package init(
        id: ID<Household>, dwelling: ID<Dwelling>, division: DivisionCode, kind: HouseholdKind = .family,
        entry: RegisterEntry
    ) {
        self.id = id
        self.dwelling = dwelling
        self.division = division
        self.kind = kind
        self.entry = entry
    }
}

/// What every row of a register has: where it came from, from when to when it holds, how often it changed.
package struct RegisterEntry: Sendable {
    /// Who or what said so: `gridWorker`, `import`, `resident`, `demo`.
    package var source: String
    /// The import that brought it; nil when a person typed it.
    package var importID: Int64?
    /// Since when it holds.
    package var validFrom: Instant
    /// Until when it held; nil: it holds.
    package var validTo: Instant?
    /// Grows with each change; a form that names an older one is refused.
    package var version: Int

    /// A row that holds from now on.
    package init(source: String, importID: Int64? = nil, validFrom: Instant, validTo: Instant? = nil, version: Int = 1)
    {
        self.source = source
        self.importID = importID
        self.validFrom = validFrom
        self.validTo = validTo
        self.version = version
    }

    /// What `init(_:_:)` reads, of a table.
    static func columns(_ table: SQL) -> SQL {
        "\(table).source, \(table).import_id, \(table).valid_from, \(table).valid_to, \(table).version"
    }

    init(_ row: Row, _ start: Int) throws {
        source = try row[start]
        importID = try row[start + 1]
        validFrom = try row[start + 2]
        validTo = try row[start + 3]
        version = try row[start + 4]
    }
}
