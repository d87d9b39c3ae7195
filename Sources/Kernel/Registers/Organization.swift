import LinliCore
import LinliSQL
import LinliStandards

/// An organization that is here: a firm, a shop, a social organization, a school. Units, which act in cases, are others.
package enum Organization {}
/// A component or facility: a manhole cover, a street lamp, a hydrant, a bench.
package enum Thing {}

/// What an organization is.
/// - Source: GB/T 31000-2015 classes of organizations [M]; the words are configured
package enum OrganizationKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case company, shop, socialOrganization, school, clinic, publicBody, propertyCompany, team, other

    /// What people call it.
    package var name: Text {
        switch self {
        case .company: Text("企业", "Company")
        case .shop: Text("个体商户", "Shop")
        case .socialOrganization: Text("社会组织", "Social organization")
        case .school: Text("学校、托幼", "School, nursery")
        case .clinic: Text("医疗机构", "Clinic")
        case .publicBody: Text("机关事业单位", "Public body")
        case .propertyCompany: Text("物业服务企业", "Property company")
        case .team: Text("群防群治、志愿队伍", "Volunteers' team")
        case .other: Text("其他", "Other")
        }
    }

    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

/// The state of a component.
/// - Source: attributes of components in practice, ObjState [V2:5]
package enum ThingState: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case sound, damaged, lost, disused, removed

    /// What people call it.
    package var name: Text {
        switch self {
        case .sound: Text("完好", "Sound")
        case .damaged: Text("破损", "Damaged")
        case .lost: Text("丢失", "Lost")
        case .disused: Text("废弃", "Disused")
        case .removed: Text("移除", "Removed")
        }
    }

    static let choices = allCases.map { RegisterField.Choice($0.rawValue, $0.name) }
}

/// An organization as it stands in the register.
package struct OrganizationRecord: Sendable {
    /// Its identifier.
    package var id: ID<Organization>
    /// Its full name.
    package var name: String
    /// What it is.
    package var kind = OrganizationKind.other
    /// 18 characters, or empty.
    package var creditCode = ""
    /// Whether the code's check does not fit: pilot codes are valid all the same.
    package var isCodeDoubtful = false
    /// What it does.
    package var activity = ""
    /// How many work there; nil where nobody said.
    package var staffCount: Int?
    /// Who answers for it.
    package var contactName = ""
    /// The contact's phone, only when it is to be stored; reading gives the mask alone.
    package var phone: Secret?
    /// `138****1234`, empty without one.
    package var phoneMask = ""
    /// The building it sits in.
    package var place: ID<Place>?
    /// The rooms it has.
    package var dwelling: ID<Dwelling>?
    /// The whole address.
    package var address = ""
    /// The grid it lies in.
    package var division: DivisionCode
    /// WGS84; nil: where its building is.
    package var point: GeoPoint?
    /// The entry that stands for it since two were joined.
    package var mergedInto: ID<Organization>?
    /// What is the same for all kinds.
    package var entry: RegisterEntry

    /// What `init(_:)` reads, of a table called `o`.
    package static let columns: SQL = """
        o.id, o.name, o.kind, o.credit_code, o.is_code_doubtful, o.activity, o.staff_count, o.contact_name, o.phone_mask,
        o.place_id, o.dwelling_id, o.address, o.division, o.latitude, o.longitude, o.merged_into,
        \(RegisterEntry.columns("o"))
        """

    /// Reads `columns` from a row.
    package init(_ row: Row) throws {
        id = try row[0]
        name = try row[1]
        kind = try row[2]
        creditCode = try row[3]
        isCodeDoubtful = try row[4]
        activity = try row[5]
        staffCount = try row[6]
        contactName = try row[7]
        phoneMask = try row[8]
        place = try row[9]
        dwelling = try row[10]
        address = try row[11]
        division = try row[12]
        point = try GeoPoint(row, 13)
        mergedInto = try row[15]
        entry = try RegisterEntry(row, 16)
    }

    /// A new one.
    package init(id: ID<Organization>, name: String, division: DivisionCode, entry: RegisterEntry) {
        self.id = id
        self.name = name
        self.division = division
        self.entry = entry
    }
}

/// A component or facility as it stands in the register, with the three bodies that answer for it.
package struct ThingRecord: Sendable {
    /// Its identifier.
    package var id: ID<Thing>
    /// 16 digits, or empty.
    package var code = ""
    /// Its class, `C0108`; see `EventCatalogue`.
    package var category = ""
    /// Its name.
    package var name: String
    /// Its state.
    package var state = ThingState.sound
    /// 主管部门.
    package var competentBody = ""
    /// 权属单位.
    package var ownerBody = ""
    /// 养护单位.
    package var upkeepBody = ""
    /// The unit of this system that keeps it up, if one has the name; the store says it.
    package var upkeepUnit: ID<Unit>?
    /// The place it is part of.
    package var place: ID<Place>?
    /// Where to find it, in words.
    package var location = ""
    /// The grid it lies in.
    package var division: DivisionCode
    /// WGS84.
    package var point: GeoPoint?
    /// What else is to be said.
    package var note = ""
    /// The entry that stands for it since two were joined.
    package var mergedInto: ID<Thing>?
    /// What is the same for all kinds.
    package var entry: RegisterEntry

    /// What `init(_:)` reads, of a table called `t`.
    package static let columns: SQL = """
        t.id, t.code, t.category, t.name, t.state, t.competent_body, t.owner_body, t.upkeep_body, t.upkeep_unit,
        t.place_id, t.location, t.division, t.latitude, t.longitude, t.note, t.merged_into,
        \(RegisterEntry.columns("t"))
        """

    /// Reads `columns` from a row.
    package init(_ row: Row) throws {
        id = try row[0]
        code = try row[1]
        category = try row[2]
        name = try row[3]
        state = try row[4]
        competentBody = try row[5]
        ownerBody = try row[6]
        upkeepBody = try row[7]
        upkeepUnit = try row[8]
        place = try row[9]
        location = try row[10]
        division = try row[11]
        point = try GeoPoint(row, 12)
        note = try row[14]
        mergedInto = try row[15]
        entry = try RegisterEntry(row, 16)
    }

    /// A new one.
    package init(id: ID<Thing>, name: String, division: DivisionCode, entry: RegisterEntry) {
        self.id = id
        self.name = name
        self.division = division
        self.entry = entry
    }
}

extension GeoPoint {
    /// Reads latitude and longitude, in this order, from two columns; nil when one is empty.
    init?(_ row: Row, _ start: Int) throws {
        guard let latitude: Double = try row[start], let longitude: Double = try row[start + 1] else { return nil }
        self.init(longitude: longitude, latitude: latitude)
    }
}
