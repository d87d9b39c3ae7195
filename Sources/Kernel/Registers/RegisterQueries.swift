import LinliCore
import LinliSQL

/// Finding and listing what stands in the registers. Scope is the caller's: a division it may see, or one row it then
/// checks.
package enum RegisterQueries {
    /// A person, or nil; also one who is not here any more.
    package static func person(_ id: ID<Person>, _ tx: ReadTx) throws -> PersonRecord? {
        try tx.first("SELECT \(PersonRecord.columns) FROM person p WHERE p.id = \(id)") { try PersonRecord($0) }
    }

    /// A dwelling, or nil.
    package static func dwelling(_ id: ID<Dwelling>, _ tx: ReadTx) throws -> DwellingRecord? {
        try tx.first("SELECT \(DwellingRecord.columns) FROM dwelling d WHERE d.id = \(id)") { try DwellingRecord($0) }
    }

    /// A household, or nil.
    package static func household(_ id: ID<Household>, _ tx: ReadTx) throws -> HouseholdRecord? {
        try tx.first("SELECT \(HouseholdRecord.columns) FROM household h WHERE h.id = \(id)") {
            try HouseholdRecord($0)
        }
    }

    /// An organization, or nil.
    package static func organization(_ id: ID<Organization>, _ tx: ReadTx) throws -> OrganizationRecord? {
        try tx.first("SELECT \(OrganizationRecord.columns) FROM organization o WHERE o.id = \(id)") {
            try OrganizationRecord($0)
        }
    }

    /// A component or facility, or nil.
    package static func thing(_ id: ID<Thing>, _ tx: ReadTx) throws -> ThingRecord? {
        try tx.first("SELECT \(ThingRecord.columns) FROM thing t WHERE t.id = \(id)") { try ThingRecord($0) }
    }

    /// Where something of the registers lies; nil when there is no such thing.
    package static func division(of subject: RegisterSubject, _ tx: ReadTx) throws -> DivisionCode? {
        try tx.value("SELECT division FROM \(table(of: subject.kind)) WHERE id = \(subject.id)")
    }

    /// The table of a kind.
    package static func table(of kind: RegisterKind) -> SQL {
        switch kind {
        case .person: "person"
        case .household: "household"
        case .dwelling: "dwelling"
        case .organization: "organization"
        case .thing: "thing"
        }
    }

    /// The dwellings of an entrance, building or yard, by floor and number.
    package static func dwellings(of place: ID<Place>, limit: Int = 500, _ tx: ReadTx) throws -> [DwellingRecord] {
        try tx.all(
            """
            SELECT \(DwellingRecord.columns) FROM dwelling d WHERE d.place_id = \(place) AND d.valid_to IS NULL
            ORDER BY d.sort_key, d.id LIMIT \(limit)
            """
        ) { try DwellingRecord($0) }
    }

    /// The households of a dwelling.
    package static func households(of dwelling: ID<Dwelling>, _ tx: ReadTx) throws -> [HouseholdRecord] {
        try tx.all(
            """
            SELECT \(HouseholdRecord.columns) FROM household h WHERE h.dwelling_id = \(dwelling) AND h.valid_to IS NULL
            ORDER BY h.id LIMIT 50
            """
        ) { try HouseholdRecord($0) }
    }

    /// Who belongs to a household, the head first. Who wants nothing but keeping is left out, here and in every list.
    package static func members(of household: ID<Household>, _ tx: ReadTx) throws -> [Resident] {
        let residents = try tx.all(
            """
            SELECT \(PersonRecord.columns), r.id, r.household_id, r.dwelling_id, r.tie, r.relation
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = \(household) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.restricted_at IS NULL ORDER BY r.id LIMIT 100
            """
        ) { try Resident($0) }
        return residents.filter { $0.relation == .head } + residents.filter { $0.relation != .head }
    }

    /// The same of many households, in no order.
    static func members(of households: [ID<Household>], _ tx: ReadTx) throws -> [ID<Household>: [Resident]] {
        var members: [ID<Household>: [Resident]] = [:]
        try tx.each(
            """
            SELECT \(PersonRecord.columns), r.id, r.household_id, r.dwelling_id, r.tie, r.relation
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id IN \(SQL.list(households)) AND r.valid_to IS NULL
            """
        ) { row in
            let resident = try Resident(row)
            // Not asked in the statement: it would offer PostgreSQL the indexes of everybody who is here.
            guard resident.person.entry.validTo == nil, resident.person.restrictedAt == nil else { return }
            if let household = resident.household { members[household, default: []].append(resident) }
        }
        return members
    }

    /// Everybody tied to a dwelling: who lives there, who owns it, who is registered there.
    package static func residents(of dwelling: ID<Dwelling>, _ tx: ReadTx) throws -> [Resident] {
        try tx.all(
            """
            SELECT \(PersonRecord.columns), r.id, r.household_id, r.dwelling_id, r.tie, r.relation
            FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.dwelling_id = \(dwelling) AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.restricted_at IS NULL ORDER BY r.id LIMIT 200
            """
        ) { try Resident($0) }
    }

    /// Where a person lives or is tied to now, with the address.
    package static func homes(of person: ID<Person>, _ tx: ReadTx) throws -> [Home] {
        try tx.all(
            """
            SELECT r.id, r.household_id, r.dwelling_id, r.tie, r.relation, d.address, d.division
            FROM residence r JOIN dwelling d ON d.id = r.dwelling_id
            WHERE r.person_id = \(person) AND r.valid_to IS NULL ORDER BY r.id LIMIT 20
            """
        ) { try Home($0) }
    }

    /// What is known of something besides its columns: basic values in clear, others only that they are there.
    package static func facts(of subject: RegisterSubject, _ tx: ReadTx) throws -> [RegisterFact] {
        try tx.all(
            """
            SELECT id, field, value, value_sealed, source, at FROM register_fact
            WHERE kind = \(subject.kind) AND subject_id = \(subject.id) ORDER BY field
            """
        ) { try RegisterFact($0) }.compactMap { $0 }
    }

    /// The people of a division who live there now, a page of them.
    package static func people(
        in division: DivisionCode, after: RegisterCursor? = nil, limit: Int, _ tx: ReadTx
    ) throws -> [PersonRecord] {
        let page = page("p", in: division, after: after)
        return try tx.all(
            """
            SELECT \(PersonRecord.columns) FROM person p
            WHERE \(page.condition) AND p.valid_to IS NULL AND p.restricted_at IS NULL
            ORDER BY \(page.order) LIMIT \(limit)
            """
        ) { try PersonRecord($0) }
    }

    /// The condition for the rows of `table` in a division after one of them, and their order: in anything wider than a
    /// community by community first, because that is how the index goes.
    package static func page(
        _ table: SQL, in division: DivisionCode, after: RegisterCursor?
    ) -> (condition: SQL, order: SQL) {
        guard division.level < .community else {
            return ("\(place(table, division)) AND \(table).id > \(after?.id ?? 0)", "\(table).id")
        }
        let start = after.map { ($0.community, $0.id) } ?? (DivisionCode(rawValue: division.range.lowerBound), 0)
        return (
            "\(place(table, division)) AND (\(table).community, \(table).id) > (\(start.0), \(start.1))",
            "\(table).community, \(table).id"
        )
    }

    /// The condition that a row of `table` lies in a grid or community, or, wider, in a range.
    package static func place(_ table: SQL, _ division: DivisionCode) -> SQL {
        switch division.level {
        case .grid: "\(table).division = \(division)"
        case .community: "\(table).community = \(division)"
        default: "\(table).community BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)"
        }
    }

    /// Whether the division in a column lies in one of some: what a reader of those may see.
    package static func lies(_ column: SQL, in divisions: [DivisionCode]) -> SQL {
        guard !divisions.isEmpty else { return "1 = 0" }
        let inside = divisions.map { code -> SQL in
            "\(column) BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return "(\(SQL.joined(inside, separator: " OR ")))"
    }
}

/// Where a page of a list of the registers ended.
package struct RegisterCursor: Sendable {
    let community: DivisionCode
    let id: Int64

    /// After a person.
    package init(_ person: PersonRecord) {
        (community, id) = (person.division.ancestor(at: .community), person.id.rawValue)
    }

    /// After an entry.
    init(_ item: RegisterItem) {
        (community, id) = (item.division.ancestor(at: .community), item.subject.id)
    }

    /// After something known by its identifier only; nil when there is no such thing.
    package init?(_ subject: RegisterSubject, _ tx: ReadTx) throws {
        let table: SQL =
            switch subject.kind {
            case .person: "person"
            case .household: "household"
            case .dwelling: "dwelling"
            case .organization: "organization"
            case .thing: "thing"
            }
        guard let community: DivisionCode = try tx.value("SELECT community FROM \(table) WHERE id = \(subject.id)")
        else {
            return nil
        }
        (self.community, id) = (community, subject.id)
    }
}

/// A person as somebody tied to a dwelling.
package struct Resident: Sendable {
    /// Who.
    package var person: PersonRecord
    /// The tie's row.
    package var residence: ID<Residence>
    /// The household, if they belong to one.
    package var household: ID<Household>?
    /// The dwelling.
    package var dwelling: ID<Dwelling>
    /// How they are tied to it.
    package var tie: ResidenceTie
    /// What they are to the head.
    package var relation: HouseholdRelation

    init(_ row: Row) throws {
        let next = PersonRecord.columnCount
        person = try PersonRecord(row)
        residence = try row[next]
        household = try row[next + 1]
        dwelling = try row[next + 2]
        tie = try row[next + 3]
        relation = try row[next + 4]
    }
}

/// A dwelling somebody is tied to.
package struct Home: Sendable {
    /// The tie's row.
    package var residence: ID<Residence>
    /// The household, if they belong to one.
    package var household: ID<Household>?
    /// The dwelling.
    package var dwelling: ID<Dwelling>
    /// How they are tied to it.
    package var tie: ResidenceTie
    /// What they are to the head.
    package var relation: HouseholdRelation
    /// The whole address.
    package var address: String
    /// The grid.
    package var division: DivisionCode

    init(_ row: Row) throws {
        residence = try row[0]
        household = try row[1]
        dwelling = try row[2]
        tie = try row[3]
        relation = try row[4]
        address = try row[5]
        division = try row[6]
    }
}

/// Something known of a person besides the columns.
package struct RegisterFact: Sendable {
    /// Its row.
    package var id: ID<SealedFact>
    /// Which field.
    package var field: RegisterField
    /// The value when it is basic; nil when it is sealed.
    package var value: String?
    /// The sealed value and its cell.
    package var sealed: (cell: Cell, sealed: [UInt8])?
    /// Who or what said so.
    package var source: String
    /// Since when.
    package var at: Instant

    /// Reads a row; nil for a field this program does not know any more.
    init?(_ row: Row) throws {
        let name: String = try row[1]
        guard let field = RegisterField.named(name) else { return nil }
        self.field = field
        id = try row[0]
        value = try row[2]
        let bytes: [UInt8]? = try row[3]
        sealed = bytes.map { [id] in (Cell("register_fact", "value_sealed", id.rawValue), $0) }
        source = try row[4]
        at = try row[5]
    }
}
