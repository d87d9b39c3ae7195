import LinliCore
import LinliSQL
import LinliStandards

/// A place of the register: an estate, a building, a yard.
package enum Place {}

/// What a place is.
package enum PlaceKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case estate, courtyard, village, group, building, businessBuilding, floor, entrance, publicSpace

    /// What people call it.
    package var name: Text {
        switch self {
        case .estate: Text("小区", "Estate")
        case .courtyard: Text("胡同、院子", "Lane, yard")
        case .village: Text("村", "Village")
        case .group: Text("村民小组", "Villagers' group")
        case .building: Text("楼", "Building")
        case .businessBuilding: Text("商务楼宇", "Office building")
        case .floor: Text("楼层", "Floor")
        case .entrance: Text("单元", "Entrance")
        case .publicSpace: Text("公共空间", "Public space")
        }
    }

    /// What may lie directly inside it.
    package var inside: [PlaceKind] {
        switch self {
        case .estate: [.building, .businessBuilding, .publicSpace]
        case .courtyard: [.courtyard, .building]
        // Groups that were entered as villages before there was a kind of their own stay where they are.
        case .village: [.group, .village, .courtyard, .building, .publicSpace]
        case .group: [.courtyard, .building, .publicSpace]
        case .building: [.entrance]
        case .businessBuilding: [.floor, .entrance]
        case .floor, .entrance, .publicSpace: []
        }
    }
}

/// Who owns the buildings of an estate; decides who repairs what.
package enum PropertyRight: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case commercial, reformed, publicHousing, central, military, collective, none

    /// What people call it.
    package var name: Text {
        switch self {
        case .commercial: Text("商品房", "Commercial housing")
        case .reformed: Text("房改房", "Reformed housing")
        case .publicHousing: Text("直管公房", "Public housing")
        case .central: Text("央产房", "Central-government housing")
        case .military: Text("部队产权", "Military housing")
        case .collective: Text("集体产权", "Collective housing")
        case .none: Text("公共空间", "Public space")
        }
    }
}

/// A place as pages show it.
package struct PlaceSummary: Sendable {
    /// Its identifier.
    package let id: ID<Place>
    /// The place it is part of.
    package let parent: ID<Place>?
    /// What it is.
    package let kind: PlaceKind
    /// Its own name, `3号楼`.
    package let name: String
    /// The full address, `幸福里小区3号楼`.
    package let address: String
    /// The road or lane it lies at, `北街`; empty: as what it lies in.
    package let road: String
    /// Its number there, `18号`; empty: as what it lies in.
    package let door: String
    /// The grid it lies in.
    package let division: DivisionCode
    /// WGS84; nil where nobody measured.
    package let latitude: Double?
    package let longitude: Double?
    /// Who owns the buildings.
    package let propertyRight: PropertyRight
    /// Who looks after shared parts: a property company, an owner unit, a management committee; nil for nobody.
    package let manager: ID<Unit>?
    /// Where it stands among its neighbours.
    package let sortKey: Int
    /// Who or what said so: `staff`, `import`, `demo`.
    package let source: String
    /// Since when it holds; the beginning of time for what was there before that was noted.
    package let validFrom: Instant
    /// Until when it held; nil: it holds.
    package let validTo: Instant?
    /// Why it holds no more.
    package let endReason: PlaceEndReason?
    /// The place that stands for it since two were joined.
    package let mergedInto: ID<Place>?
    /// Grows with each change; a form that names an older one is refused.
    package let version: Int

    /// Whether it holds now.
    package var isHere: Bool { validTo == nil }

    /// Where it lies, if somebody measured.
    package var point: GeoPoint? {
        guard let latitude, let longitude else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    /// What `init(_:)` reads, of a table called `p`.
    package static let columns: SQL = """
        p.id, p.parent_id, p.kind, p.name, p.address, p.division, p.latitude, p.longitude, p.property_right, p.manager_id,
        p.sort_key, p.source, p.valid_from, p.valid_to, p.end_reason, p.merged_into, p.version, p.road, p.door
        """

    /// Reads `columns` from a row.
    package init(_ row: Row) throws {
        id = try row[0]
        parent = try row[1]
        kind = try row[2]
        name = try row[3]
        address = try row[4]
        division = try row[5]
        latitude = try row[6]
        longitude = try row[7]
        propertyRight = try row[8]
        manager = try row[9]
        sortKey = try row[10]
        source = try row[11]
        validFrom = try row[12]
        validTo = try row[13]
        endReason = try row[14]
        mergedInto = try row[15]
        version = try row[16]
        road = try row[17]
        door = try row[18]
    }
}

/// Why a place is there no more.
package enum PlaceEndReason: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case demolished, rebuilt, mistaken, merged

    /// What people call it.
    package var name: Text {
        switch self {
        case .demolished: Text("拆除", "Taken down")
        case .rebuilt: Text("改建、重新编号", "Rebuilt or numbered anew")
        case .mistaken: Text("登记错了", "Entered by mistake")
        case .merged: Text("并入另一处", "Joined with another")
        }
    }

    /// What somebody may say; a merge says its own.
    package static let choices: [PlaceEndReason] = [.demolished, .rebuilt, .mistaken]
}

/// Every SQL text about places.
package enum PlacesStore {
    /// A place, or nil.
    package static func find(_ id: ID<Place>, _ tx: ReadTx) throws -> PlaceSummary? {
        try tx.first("SELECT \(PlaceSummary.columns) FROM place p WHERE p.id = \(id)") { try PlaceSummary($0) }
    }

    /// Estates, yards, villages and public spaces of a division, with their buildings, as they hold now.
    package static func tree(in division: DivisionCode, _ tx: ReadTx) throws -> [PlaceSummary] {
        try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p
            WHERE p.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)
            AND p.valid_to IS NULL ORDER BY p.sort_key, p.id LIMIT 2000
            """
        ) { try PlaceSummary($0) }
    }

    /// The place with the longest address that stands in a text, `东城区幸福里小区3号楼201`, or in its usual spelling,
    /// `幸福里小区三号楼`; nil when there is none, or more than one has it.
    package static func named(in text: String, _ tx: ReadTx) throws -> PlaceSummary? {
        try located(in: text, tx)?.place
    }

    /// The same with the spelling in which it was found.
    package static func located(in text: String, _ tx: ReadTx) throws -> (place: PlaceSummary, text: String)? {
        let found = try longest(in: text, tx)
        let spelled = AddressSpelling.normal(text)
        guard spelled != text, let other = try longest(in: spelled, tx),
            other.address.count > found?.address.count ?? 0
        else { return found.map { ($0, text) } }
        return (other, spelled)
    }

    /// The place with the longest address that stands in a text as it is.
    ///
    /// An address of fewer than four characters (北街) stands in too many texts to say anything. Costs one look into the
    /// index of addresses for each of the first 60 characters, seldom more.
    private static func longest(in text: String, _ tx: ReadTx) throws -> PlaceSummary? {
        // Scalars sort as their bytes do, and so does the index.
        let scalars = Array(text.unicodeScalars.filter { !$0.properties.isWhitespace }.prefix(200))
        var best = String.UnicodeScalarView()
        for start in scalars.indices.prefix(60) {
            var candidate = String.UnicodeScalarView(scalars[start...].prefix(80))
            // The address just before the candidate is a beginning of it, or shares one with it: a longer address that
            // is a beginning of the candidate would stand between the two.
            while candidate.count >= max(4, best.count + 1) {
                let before: String? = try tx.value(
                    """
                    SELECT address FROM place WHERE address <= \(String(candidate)) AND valid_to IS NULL
                    ORDER BY address DESC LIMIT 1
                    """
                )
                guard let before = before?.unicodeScalars else { break }
                if candidate.starts(with: before) {
                    if before.count >= 4, before.count > best.count { best = before }
                    break
                }
                candidate = String.UnicodeScalarView(zip(candidate, before).prefix { $0 == $1 }.map(\.0))
            }
        }
        guard !best.isEmpty else { return nil }
        let found = try tx.all(
            """
            SELECT \(PlaceSummary.columns) FROM place p WHERE p.address = \(String(best)) AND p.valid_to IS NULL
            ORDER BY p.id LIMIT 2
            """
        ) { try PlaceSummary($0) }
        return found.count == 1 ? found.first : nil
    }

    /// Adds a place.
    package static func insert(_ place: NewPlace, _ tx: WriteTx) throws -> ID<Place> {
        let id = try tx.newID(Place.self)
        try tx.execute(
            """
            INSERT INTO place (id, parent_id, kind, name, address, division, latitude, longitude, property_right,
                manager_id, sort_key, source, valid_from, version, road, door)
            VALUES (\(id), \(place.parent), \(place.kind), \(place.name), \(place.address), \(place.division),
                \(place.latitude), \(place.longitude), \(place.propertyRight), \(place.manager), \(place.sortKey),
                \(place.source), \(tx.now), 1, \(place.road), \(place.door))
            """
        )
        try tx.audit(Subject("place", id, division: place.division), fields: ["name", "address", "manager"])
        return id
    }
}

/// A place to add.
package struct NewPlace: Sendable {
    package var parent: ID<Place>?
    package var kind: PlaceKind
    package var name: String
    package var address: String
    package var road: String
    package var door: String
    package var division: DivisionCode
    package var latitude: Double?
    package var longitude: Double?
    package var propertyRight: PropertyRight
    package var manager: ID<Unit>?
    package var sortKey: Int
    package var source: String

    /// A place to add; see `PlaceSummary`.
    package init(
        parent: ID<Place>? = nil,
        kind: PlaceKind,
        name: String,
        address: String,
        division: DivisionCode,
        latitude: Double? = nil,
        longitude: Double? = nil,
        propertyRight: PropertyRight,
        manager: ID<Unit>? = nil,
        sortKey: Int,
        source: String = "staff",
        road: String = "",
        door: String = ""
    ) {
        self.parent = parent
        self.kind = kind
        self.name = name
        self.address = address
        self.road = road
        self.door = door
        self.division = division
        self.latitude = latitude
        self.longitude = longitude
        self.propertyRight = propertyRight
        self.manager = manager
        self.sortKey = sortKey
        self.source = source
    }
}
