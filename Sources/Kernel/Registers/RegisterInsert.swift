import LinliCore
import LinliSQL
import LinliStandards

extension Database {
    /// Gives identifiers to people, seals, hashes and masks what is not for everyone's eyes: outside a transaction,
    /// because it takes time.
    ///
    /// - Throws: a fault when identifiers run out or a key is missing.
    package func seal(_ people: [NewPerson]) throws -> [SealedPerson] {
        try people.map { person in
            let id: ID<Person> = try ids.next()
            let number = try person.number.map { number in
                try sealed(
                    number, .number, Cell("person", "number_sealed", id.rawValue),
                    mask: CitizenID.masked(number))
            }
            let phone = try person.phone.map { phone in
                try sealed(
                    phone.number, .phone, Cell("person", "phone_sealed", id.rawValue),
                    mask: phone.masked)
            }
            let facts = try person.facts.map { try seal($0.value, of: $0.field) }
            return SealedPerson(
                id: id, residence: try ids.next(), person: person, number: number, phone: phone, facts: facts,
                search: RegisterSearch.body(
                    name: person.name, numbers: [number?.mask, phone?.mask], person.division, .person))
        }
    }

    /// Gives a fact its identifier and seals its value unless its field is basic.
    package func seal(_ value: String, of field: RegisterField) throws -> SealedFact {
        let id: ID<SealedFact> = try ids.next()
        guard field.fieldClass != .basic else { return SealedFact(id: id, field: field, value: value, sealed: nil) }
        let sealed = try keys.seal(value, cell: Cell("register_fact", "value_sealed", id.rawValue))
        return SealedFact(
            id: id, field: field, value: nil, sealed: sealed, marks: RegisterSearch.marks(value, of: field, keys))
    }

    /// Seals, hashes and masks a value for a cell.
    package func sealed(_ value: String, _ kind: RegisterHash, _ cell: Cell, mask: String) throws -> Secret {
        try Secret(value, cell, hash: kind.of(value, keys), mask: mask, keys)
    }

    /// The next identifier, for rows that are made ready outside a transaction.
    package func newID<Entity>(_ entity: Entity.Type = Entity.self) throws -> ID<Entity> { try ids.next() }
}

/// The keyed hash under which the registers find a number or a phone again, without saying what it is.
package enum RegisterHash: Sendable {
    case number, phone

    /// The hash of a value, 16 bytes.
    package func of(_ value: String, _ keys: KeyRing) -> [UInt8] {
        switch self {
        case .number: Array(keys.index(value, kind: "person.number").prefix(16))
        case .phone: RegisterHash.phone(index: keys.index(value, kind: "phone"), keys)
        }
    }

    /// The hash of a phone of which only the index of an account or a case is known: nothing has to be opened to see
    /// that the two are one.
    package static func phone(index: [UInt8], _ keys: KeyRing) -> [UInt8] {
        Array(keys.index(Base32.encode(index), kind: "person.phone").prefix(16))
    }
}

extension WriteTx {
    /// Inserts many rows, some at a time, with one statement that stays prepared.
    package func insert(into target: SQL, _ rows: [SQL], columns: Int) throws {
        try connection.insert(into: target, rows, columns: columns)
    }
}

/// Inserting into the registers: rows only; audit and events are the caller's, one per row or one per batch.
package enum RegisterInsert {
    /// Stores dwellings.
    package static func dwellings(_ dwellings: [DwellingRecord], _ tx: WriteTx) throws {
        let rows = dwellings.map { dwelling -> SQL in
            let entry = dwelling.entry
            return """
                (\(dwelling.id), \(dwelling.place), \(dwelling.kind), \(dwelling.number), \(dwelling.floor),
                \(dwelling.address), \(dwelling.division), \(dwelling.division.ancestor(at: .community)),
                \(dwelling.occupancy), \(dwelling.propertyRight), \(dwelling.areaSquareMetres), \(dwelling.sortKey),
                \(dwelling.point?.latitude), \(dwelling.point?.longitude), \(entry.source), \(entry.importID),
                \(entry.validFrom), \(entry.validTo), \(entry.version))
                """
        }
        try tx.insert(
            into: """
                dwelling (id, place_id, kind, number, floor, address, division, community, occupancy, property_right,
                    area_square_metres, sort_key, latitude, longitude, source, import_id, valid_from, valid_to, version)
                """, rows, columns: 19)
        try RegisterSearch.insert(dwellings.map { ($0.id.rawValue, RegisterSearch.body($0)) }, tx)
    }

    /// Stores households.
    package static func households(_ households: [HouseholdRecord], _ tx: WriteTx) throws {
        let rows = households.map { household -> SQL in
            let entry = household.entry
            return """
                (\(household.id), \(household.dwelling), \(household.division),
                \(household.division.ancestor(at: .community)), \(household.kind), \(household.heardAt),
                \(entry.source), \(entry.importID), \(entry.validFrom), \(entry.validTo), \(entry.version))
                """
        }
        try tx.insert(
            into: """
                household (id, dwelling_id, division, community, kind, heard_at, source, import_id, valid_from, valid_to,
                    version)
                """, rows, columns: 11)
    }

    /// Stores people with where they live and what else is known of them.
    package static func people(_ people: [SealedPerson], _ tx: WriteTx) throws {
        try tx.insert(
            into: """
                person (id, name, sex, born, number_kind, number_sealed, number_hash, number_mask, phone_sealed,
                    phone_hash, phone_mask, division, community, source, import_id, valid_from, valid_to, is_profiled,
                    version)
                """, people.map(row), columns: 19)
        try tx.insert(
            into: "residence (id, person_id, household_id, dwelling_id, tie, relation, valid_from, valid_to)",
            people.map { sealed in
                let person = sealed.person
                return """
                    (\(sealed.residence), \(sealed.id), \(person.household), \(person.dwelling), \(person.tie),
                    \(person.relation), \(person.entry.validFrom), \(person.entry.validTo))
                    """
            }, columns: 8)
        var facts: [SQL] = []
        for sealed in people {
            for fact in sealed.facts {
                facts.append(row(fact, of: RegisterSubject(.person, sealed.id), sealed.person, tx))
            }
        }
        try tx.insert(
            into: "register_fact (id, kind, subject_id, field, value, value_sealed, division, source, at)",
            facts, columns: 9)
        let here = people.filter { $0.person.entry.validTo == nil }
        try RegisterSearch.insert(here.map { ($0.id.rawValue, $0.search) }, tx)
        let marks = people.flatMap { sealed in
            sealed.facts.flatMap { RegisterSearch.rows($0, of: RegisterSubject(.person, sealed.id)) }
        }
        try tx.insert(into: "register_mark (mark, kind, subject_id, field)", marks, columns: 4)
    }

    private static func row(_ sealed: SealedPerson) -> SQL {
        let person = sealed.person
        let entry = person.entry
        return """
            (\(sealed.id), \(person.name), \(person.sex), \(PersonRecord.compact(person.born)), \(person.numberKind),
            \(sealed.number?.sealed), \(sealed.number?.hash), \(sealed.number?.mask ?? ""), \(sealed.phone?.sealed),
            \(sealed.phone?.hash), \(sealed.phone?.mask ?? ""), \(person.division),
            \(person.division.ancestor(at: .community)), \(entry.source), \(entry.importID), \(entry.validFrom),
            \(entry.validTo), \(true), \(entry.version))
            """
    }

    private static func row(_ fact: SealedFact, of subject: RegisterSubject, _ person: NewPerson, _ tx: WriteTx) -> SQL
    {
        """
        (\(fact.id), \(subject.kind), \(subject.id), \(fact.field.id), \(fact.value), \(fact.sealed),
        \(person.division), \(person.entry.source), \(tx.now))
        """
    }

    /// Stores organizations; see `OrganizationRecord`.
    package static func organizations(_ organizations: [OrganizationRecord], _ tx: WriteTx) throws {
        let rows = organizations.map { organization -> SQL in
            let entry = organization.entry
            return """
                (\(organization.id), \(organization.name), \(organization.kind), \(organization.creditCode),
                \(organization.isCodeDoubtful), \(organization.activity), \(organization.staffCount),
                \(organization.contactName), \(organization.phone?.sealed), \(organization.phone?.hash),
                \(organization.phoneMask), \(organization.place), \(organization.dwelling), \(organization.address),
                \(organization.division), \(organization.division.ancestor(at: .community)),
                \(organization.point?.latitude), \(organization.point?.longitude), \(entry.source), \(entry.importID),
                \(entry.validFrom), \(entry.validTo), \(entry.version))
                """
        }
        try tx.insert(
            into: """
                organization (id, name, kind, credit_code, is_code_doubtful, activity, staff_count, contact_name,
                    phone_sealed, phone_hash, phone_mask, place_id, dwelling_id, address, division, community, latitude,
                    longitude, source, import_id, valid_from, valid_to, version)
                """, rows, columns: 23)
        try RegisterSearch.insert(organizations.map { ($0.id.rawValue, RegisterSearch.body($0)) }, tx)
    }

    /// Stores things; see `ThingRecord`.
    package static func things(_ things: [ThingRecord], _ tx: WriteTx) throws {
        let rows = things.map { thing -> SQL in
            let entry = thing.entry
            let upkeep: SQL = thing.upkeepBody.isEmpty ? "NULL" : RegisterColumns.upkeepUnit(thing.upkeepBody)
            return """
                (\(thing.id), \(thing.code), \(thing.category), \(thing.name), \(thing.state), \(thing.competentBody),
                \(thing.ownerBody), \(thing.upkeepBody), \(upkeep), \(thing.place), \(thing.location),
                \(thing.division), \(thing.division.ancestor(at: .community)), \(thing.point?.latitude),
                \(thing.point?.longitude), \(thing.note), \(entry.source), \(entry.importID), \(entry.validFrom),
                \(entry.validTo), \(entry.version))
                """
        }
        try tx.insert(
            into: """
                thing (id, code, category, name, state, competent_body, owner_body, upkeep_body, upkeep_unit, place_id,
                    location, division, community, latitude, longitude, note, source, import_id, valid_from, valid_to,
                    version)
                """, rows, columns: 21)
        try RegisterSearch.insert(things.map { ($0.id.rawValue, RegisterSearch.body($0)) }, tx)
    }
}
