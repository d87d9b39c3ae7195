import LinliCore
import LinliSQL
import LinliStandards

/// Where the fields that are no facts lie in the table of their kind.
enum RegisterColumns {
    /// Whether a field may not be left empty.
    static func isRequired(_ field: RegisterField) -> Bool {
        switch field.id {
        case "person.name", "dwelling.number", "dwelling.address", "dwelling.kind", "dwelling.occupancy",
            "household.kind", "organization.name", "organization.kind", "thing.name", "thing.state":
            true
        default: false
        }
    }

    /// What sets a field that is kept in clear; an empty value means nobody said.
    static func set(_ field: RegisterField, _ value: String) -> SQL {
        let number = Int(value)
        return switch field.id {
        case "person.sex": "sex = \(number ?? 0)"
        case "person.born": "born = \(PersonRecord.compact(CivilDate(value)))"
        case "dwelling.floor": "floor = \(number)"
        case "dwelling.area": "area_square_metres = \(Double(value))"
        case "dwelling.propertyRight": "property_right = \(value.isEmpty ? nil : value)"
        case "organization.staffCount": "staff_count = \(number)"
        case "dwelling.point", "organization.point", "thing.point": set(RegisterValue.point(value))
        case "thing.upkeepBody": "upkeep_body = \(value), upkeep_unit = \(upkeepUnit(value))"
        case "organization.creditCode":
            "credit_code = \(value), is_code_doubtful = \(RegisterValue.isDoubtful(creditCode: value))"
        default: "\(column(field)) = \(value)"
        }
    }

    private static func set(_ point: GeoPoint?) -> SQL {
        "latitude = \(point?.latitude), longitude = \(point?.longitude)"
    }

    /// The unit of this system that a body's name means; none where several have the name.
    static func upkeepUnit(_ name: String) -> SQL {
        "(SELECT CASE WHEN count(*) = 1 THEN min(u.id) END FROM unit u WHERE u.name = \(name))"
    }

    /// The columns of fields whose name differs from their column's by nothing but capitals.
    private static func column(_ field: RegisterField) -> SQL {
        switch field.id {
        case "organization.contactName": "contact_name"
        case "thing.competentBody": "competent_body"
        case "thing.ownerBody": "owner_body"
        case "person.name", "organization.name", "thing.name": "name"
        case "dwelling.number": "number"
        case "dwelling.address", "organization.address": "address"
        case "dwelling.kind", "household.kind", "organization.kind": "kind"
        case "dwelling.occupancy": "occupancy"
        case "organization.activity": "activity"
        case "thing.code": "code"
        case "thing.category": "category"
        case "thing.state": "state"
        case "thing.location": "location"
        default: "note"
        }
    }

    /// What sets a sealed field, its hash and its mask.
    static func set(_ field: RegisterField, _ value: Secret?) -> SQL {
        field.id == "person.number"
            ? """
            number_sealed = \(value?.sealed), number_hash = \(value?.hash), number_mask = \(value?.mask ?? ""),
            number_kind = \(value == nil ? PersonNumberKind.none : .citizen)
            """
            : "phone_sealed = \(value?.sealed), phone_hash = \(value?.hash), phone_mask = \(value?.mask ?? "")"
    }
}

extension RegisterValue {
    /// Whether a credit code is taken although its check does not fit.
    static func isDoubtful(creditCode: String) -> Bool {
        guard !creditCode.isEmpty else { return false }
        // What cannot be read as a code at all was refused before.
        return (try? UnifiedSocialCreditCode(creditCode))?.warnings.isEmpty == false
    }
}

/// Something of the registers with what is the same for every kind.
package struct RegisterItem: Sendable {
    /// What it is and which.
    package let subject: RegisterSubject
    /// What people call it: a name, an address.
    package let name: String
    /// The grid it lies in.
    package let division: DivisionCode
    /// What is the same for all kinds.
    package let entry: RegisterEntry
    /// The fields kept in clear, by field.
    package let values: [RegisterField: String]
    /// Why it is not here any more; of what is no person only that it was erased.
    package private(set) var endReason: String?
    /// Since when a person wants nothing but keeping.
    package let restrictedAt: Instant?
    /// The entry that stands for it since two were joined.
    package let mergedInto: Int64?

    /// Whether it is here now.
    package var isHere: Bool { entry.validTo == nil }

    /// Whether what was known of it was taken out; it cannot come back.
    package var isErased: Bool { endReason == RegisterErasing.reason }

    /// The same, erased where it was.
    fileprivate func erasedOrNot(_ tx: ReadTx) throws -> RegisterItem {
        guard !isHere, RegisterErasing.marked.contains(subject.kind) else { return self }
        var item = self
        let isErased = try tx.exists(
            "SELECT 1 FROM \(RegisterQueries.table(of: subject.kind)) WHERE id = \(subject.id) AND erased_at IS NOT NULL"
        )
        if isErased { item.endReason = RegisterErasing.reason }
        return item
    }
}

extension RegisterQueries {
    /// Something of the registers, or nil; also what is not here any more.
    package static func item(_ subject: RegisterSubject, _ tx: ReadTx) throws -> RegisterItem? {
        try found(subject, tx)?.erasedOrNot(tx)
    }

    private static func found(_ subject: RegisterSubject, _ tx: ReadTx) throws -> RegisterItem? {
        switch subject.kind {
        case .person: try person(ID(rawValue: subject.id), tx).map(RegisterItem.init)
        case .household:
            try household(ID(rawValue: subject.id), tx).map { household in
                let address = try dwelling(household.dwelling, tx)?.address ?? ""
                return RegisterItem(
                    subject, address, household.division, household.entry, ["kind": household.kind.rawValue],
                    mergedInto: try mergedInto(subject, household.entry, tx))
            }
        case .dwelling:
            try dwelling(ID(rawValue: subject.id), tx).map { dwelling in
                RegisterItem(dwelling, mergedInto: try mergedInto(subject, dwelling.entry, tx))
            }
        case .organization: try organization(ID(rawValue: subject.id), tx).map(RegisterItem.init)
        case .thing: try thing(ID(rawValue: subject.id), tx).map(RegisterItem.init)
        }
    }
}

extension RegisterQueries {
    /// A page of the dwellings, organizations or things of a division, with their fields kept in clear.
    static func items(
        _ kind: RegisterKind, in division: DivisionCode, after: RegisterCursor?, limit: Int, _ tx: ReadTx
    ) throws -> [RegisterItem] {
        func rows(_ columns: SQL, _ alias: SQL, _ read: (Row) throws -> RegisterItem) throws -> [RegisterItem] {
            let page = page(alias, in: division, after: after)
            return try tx.all(
                """
                SELECT \(columns) FROM \(table(of: kind)) \(alias) WHERE \(page.condition)
                AND \(alias).valid_to IS NULL ORDER BY \(page.order) LIMIT \(limit)
                """, read)
        }
        switch kind {
        case .dwelling:
            return try rows(DwellingRecord.columns, "d") { RegisterItem(try DwellingRecord($0), mergedInto: nil) }
        case .organization:
            return try rows(OrganizationRecord.columns, "o") { RegisterItem(try OrganizationRecord($0)) }
        case .thing: return try rows(ThingRecord.columns, "t") { RegisterItem(try ThingRecord($0)) }
        case .person, .household: throw LinliError.notFound("registers.kind")
        }
    }
}

extension RegisterItem {
    fileprivate init(
        _ subject: RegisterSubject, _ name: String, _ division: DivisionCode, _ entry: RegisterEntry,
        _ values: [String: String], endReason: String? = nil, restrictedAt: Instant? = nil, mergedInto: Int64? = nil
    ) {
        self.subject = subject
        self.name = name
        self.division = division
        self.entry = entry
        self.endReason = endReason
        self.restrictedAt = restrictedAt
        self.mergedInto = mergedInto
        var byField: [RegisterField: String] = [:]
        for (id, value) in values {
            if let field = RegisterField.named("\(subject.kind.rawValue).\(id)") { byField[field] = value }
        }
        self.values = byField
    }

    fileprivate init(_ person: PersonRecord) {
        self.init(
            RegisterSubject(.person, person.id), person.name, person.division, person.entry,
            ["name": person.name, "sex": "\(person.sex)", "born": person.born?.description ?? ""],
            endReason: person.endReason, restrictedAt: person.restrictedAt, mergedInto: person.mergedInto?.rawValue)
    }

    fileprivate init(_ dwelling: DwellingRecord, mergedInto: Int64?) {
        self.init(
            RegisterSubject(.dwelling, dwelling.id), dwelling.address, dwelling.division, dwelling.entry,
            [
                "number": dwelling.number, "address": dwelling.address, "kind": dwelling.kind.rawValue,
                "occupancy": dwelling.occupancy.rawValue, "floor": dwelling.floor.map { "\($0)" } ?? "",
                "area": dwelling.areaSquareMetres.map { RegisterValue.text(of: $0) } ?? "",
                "propertyRight": dwelling.propertyRight?.rawValue ?? "",
                "point": dwelling.point.map { RegisterValue.text(of: $0) } ?? "",
            ], mergedInto: mergedInto)
    }

    fileprivate init(_ organization: OrganizationRecord) {
        self.init(
            RegisterSubject(.organization, organization.id), organization.name, organization.division,
            organization.entry,
            [
                "name": organization.name, "creditCode": organization.creditCode, "kind": organization.kind.rawValue,
                "activity": organization.activity, "staffCount": organization.staffCount.map { "\($0)" } ?? "",
                "contactName": organization.contactName, "address": organization.address,
                "point": organization.point.map { RegisterValue.text(of: $0) } ?? "",
            ], mergedInto: organization.mergedInto?.rawValue)
    }

    fileprivate init(_ thing: ThingRecord) {
        self.init(
            RegisterSubject(.thing, thing.id), thing.name, thing.division, thing.entry,
            [
                "code": thing.code, "name": thing.name, "category": thing.category, "state": thing.state.rawValue,
                "competentBody": thing.competentBody, "ownerBody": thing.ownerBody, "upkeepBody": thing.upkeepBody,
                "location": thing.location, "note": thing.note,
                "point": thing.point.map { RegisterValue.text(of: $0) } ?? "",
            ], mergedInto: thing.mergedInto?.rawValue)
    }
}
