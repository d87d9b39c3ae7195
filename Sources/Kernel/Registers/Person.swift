import LinliCore
import LinliSQL
import LinliStandards

/// A person who lives or lived here, whether or not they have an account.
package enum Person {}
/// Who lives where, and as what.
package enum Residence {}

/// How somebody is tied to a dwelling.
/// - Source: GB/T 31000-2015 人户分离, 空挂户 [M]; the words are configured
package enum ResidenceTie: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case owner, tenant, family, lodger, registeredOnly, ownerElsewhere

    /// What people call it.
    package var name: Text {
        switch self {
        case .owner: Text("产权人（住）", "Owner, lives here")
        case .tenant: Text("租户", "Tenant")
        case .family: Text("家庭成员", "Family")
        case .lodger: Text("借住", "Lodger")
        case .registeredOnly: Text("户在人不在（人户分离）", "Registered here, lives elsewhere")
        case .ownerElsewhere: Text("产权人（不住）", "Owner, lives elsewhere")
        }
    }

    /// Whether the person sleeps there.
    package var livesHere: Bool { self != .registeredOnly && self != .ownerElsewhere }
}

/// What somebody is to the head of the household.
/// - Source: GB/T 4761 names of relations, shortened [M]
package enum HouseholdRelation: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case head, spouse, child, childInLaw, grandchild, parent, grandparent, sibling, other

    /// What people call it.
    package var name: Text {
        switch self {
        case .head: Text("户主", "Head")
        case .spouse: Text("配偶", "Spouse")
        case .child: Text("子女", "Child")
        case .childInLaw: Text("儿媳、女婿", "Child-in-law")
        case .grandchild: Text("孙辈", "Grandchild")
        case .parent: Text("父母", "Parent")
        case .grandparent: Text("祖父母", "Grandparent")
        case .sibling: Text("兄弟姐妹", "Sibling")
        case .other: Text("其他", "Other")
        }
    }
}

/// What kind of number somebody is known by.
package enum PersonNumberKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case citizen, residencePermit, passport, none

    /// What people call it.
    package var name: Text {
        switch self {
        case .citizen: Text("居民身份证", "Citizen ID")
        case .residencePermit: Text("居住证、永居证", "Residence permit")
        case .passport: Text("护照", "Passport")
        case .none: Text("没有登记", "None")
        }
    }
}

/// A person as lists and pages show them: numbers masked.
package struct PersonRecord: Sendable {
    /// Their identifier.
    package var id: ID<Person>
    /// Their name.
    package var name: String
    /// 1 male, 2 female, 9 not stated, 0 unknown.
    package var sex: Int
    /// The day of birth; nil where nobody knows.
    package var born: CivilDate?
    /// What kind of number they are known by.
    package var numberKind: PersonNumberKind
    /// `110***********0020`, empty without one.
    package var numberMask: String
    /// `138****1234`, empty without one.
    package var phoneMask: String
    /// The grid they live in.
    package var division: DivisionCode
    /// Why they are not here any more: `moved`, `died`, `merged`, `undone`, `erased`.
    package var endReason: String?
    /// The entry that stands for them since two were joined.
    package var mergedInto: ID<Person>?
    /// Since when nothing but keeping is done with their data, at their wish.
    package var restrictedAt: Instant?
    /// Whether rules may suggest services from their data; they may say no.
    package var isProfiled: Bool
    /// What is the same for all kinds.
    package var entry: RegisterEntry

    /// What `init(_:_:)` reads, of a table called `p`.
    package static let columns: SQL = """
        p.id, p.name, p.sex, p.born, p.number_kind, p.number_mask, p.phone_mask, p.division, p.end_reason,
        p.merged_into, p.restricted_at, p.is_profiled, \(RegisterEntry.columns("p"))
        """
    /// How many columns `init(_:_:)` reads.
    package static let columnCount = 17

    /// Reads `columns` from a row, beginning at `start`.
    package init(_ row: Row, _ start: Int = 0) throws {
        id = try row[start]
        name = try row[start + 1]
        sex = try row[start + 2]
        born = PersonRecord.day(try row[start + 3])
        numberKind = try row[start + 4]
        numberMask = try row[start + 5]
        phoneMask = try row[start + 6]
        division = try row[start + 7]
        endReason = try row[start + 8]
        mergedInto = try row[start + 9]
        restrictedAt = try row[start + 10]
        isProfiled = try row[start + 11]
        entry = try RegisterEntry(row, start + 12)
    }

    /// A day from `yyyymmdd`, as the table keeps it; nil for 0.
    package static func day(_ compact: Int) -> CivilDate? {
        CivilDate(year: compact / 10_000, month: compact / 100 % 100, day: compact % 100)
    }

    /// `yyyymmdd`, as the table keeps a day; 0 for nil.
    package static func compact(_ day: CivilDate?) -> Int {
        day.map { $0.year * 10_000 + $0.month * 100 + $0.day } ?? 0
    }

    /// The day somebody is so many years old: 1 March for who was born on 29 February.
    package static func birthday(_ born: CivilDate, _ years: Int) -> CivilDate {
        CivilDate(year: born.year + years, month: born.month, day: born.day)
            ?? CivilDate(year: born.year + years, month: 3, day: 1) ?? born
    }

    /// Full years on a day; nil where nobody knows the birth.
    package func age(on day: CivilDate) -> Int? {
        born.map { day.year - $0.year - ((day.month, day.day) >= ($0.month, $0.day) ? 0 : 1) }
    }
}

/// Somebody to enter, in clear; `Database.seal(_:)` makes of it what may be stored.
package struct NewPerson: Sendable {
    /// Their name.
    package var name: String
    /// 1 male, 2 female, 9 not stated, 0 unknown; taken from the number where that says it.
    package var sex = 0
    /// The day of birth; taken from the number where that says it.
    package var born: CivilDate?
    /// What kind of number it is.
    package var numberKind = PersonNumberKind.none
    /// The number in clear, or nil.
    package var number: String?
    /// The phone in clear, or nil.
    package var phone: PhoneNumber?
    /// Where they live, and as what.
    package var dwelling: ID<Dwelling>
    /// The household they belong to.
    package var household: ID<Household>?
    /// How they are tied to the dwelling.
    package var tie = ResidenceTie.family
    /// What they are to the head.
    package var relation = HouseholdRelation.other
    /// The grid.
    package var division: DivisionCode
    /// Whatever else is known, by field; checked by `RegisterValue` before.
    package var facts: [(field: RegisterField, value: String)] = []
    /// Where it comes from.
    package var entry: RegisterEntry

    /// Somebody to enter; see the properties.
    package init(
        name: String, dwelling: ID<Dwelling>, household: ID<Household>?, division: DivisionCode, entry: RegisterEntry
    ) {
        self.name = name
        self.dwelling = dwelling
        self.household = household
        self.division = division
        self.entry = entry
    }

    /// Takes a citizen number, and birth and sex from it.
    package mutating func take(_ citizenID: CitizenID) {
        number = citizenID.number
        numberKind = .citizen
        born = citizenID.birthDate
        sex = citizenID.sex == .male ? 1 : 2
    }
}

/// Somebody ready to be stored: identifiers given, numbers sealed, hashed and masked. Made outside a transaction.
package struct SealedPerson: Sendable {
    let id: ID<Person>
    let residence: ID<Residence>
    let person: NewPerson
    let number: Secret?
    let phone: Secret?
    let facts: [SealedFact]
    /// Its row of the full text.
    let search: String
}

/// A fact ready to be stored: in clear when it is basic, sealed otherwise.
package struct SealedFact: Sendable {
    let id: ID<SealedFact>
    let field: RegisterField
    let value: String?
    let sealed: [UInt8]?
    /// Keyed hashes under which the sealed value is found when it is known as a whole; see `RegisterSearch.marks`.
    var marks: [[UInt8]] = []
}
