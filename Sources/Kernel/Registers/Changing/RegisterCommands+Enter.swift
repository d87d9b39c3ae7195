import LinliCore
import LinliSQL
import LinliStandards

extension RegisterCommands {
    /// Where somebody is entered or moved to.
    package enum Door: Sendable {
        /// Into a household that is there.
        case household(ID<Household>)
        /// Into a new household of a dwelling.
        case dwelling(ID<Dwelling>)
    }

    /// Enters a person by form, with a household of their own where they belong to none yet. `replacesHead` says that who
    /// heads the household gives way, `isChecked` that another entry has the number and this one is wanted all the same,
    /// `day` since when they are there where it is not today.
    ///
    /// - Throws: `.invalid` where there is a head or an entry with the number, and nobody said so.
    package static func enterPerson(
        _ typed: Typed, _ door: Door, tie: ResidenceTie, relation: HouseholdRelation, since day: CivilDate? = nil,
        source: String = "staff", replacesHead: Bool = false, isChecked: Bool = false, _ context: Context,
        _ database: Database, _ settings: RegisterSettings
    ) async throws -> ID<Person> {
        let home = try await database.read { try self.home(door, context, $0) }
        try allow(typed, .person, in: home.division, context, settings)
        let checked = try check(complete(typed, "person.name"), today: context.now.date)
        try refuseContradiction(checked.values, today: context.now.date)
        if !isChecked, let field = RegisterField.named("person.number") {
            try await refuseTwin(checked.values[field] ?? "", context, database)
        }
        let name = RegisterField.named("person.name").flatMap { checked.values[$0] } ?? ""
        let entry = RegisterEntry(source: source, validFrom: context.now)
        var batch = RegisterBatch()
        let household: ID<Household>
        if let known = home.household {
            household = known
        } else {
            household = try database.newID()
            batch.households = [
                HouseholdRecord(
                    id: household, dwelling: home.dwelling, division: home.division,
                    kind: tie == .tenant ? .tenants : .family, entry: entry)
            ]
        }
        var person = NewPerson(
            name: name, dwelling: home.dwelling, household: household, division: home.division, entry: entry)
        (person.tie, person.relation) = (tie, relation)
        try person.take(checked.values, today: context.now.date)
        try RegisterDays.check(day, born: person.born, today: context.now.date)
        batch.people = try database.seal([person])
        guard let sealed = batch.people.first else { throw LinliError.fault("registers.enter", "nobody was sealed") }
        let entered = batch
        let subject = RegisterSubject(.person, sealed.id)
        let history = try database.draft(
            .entered, fields: checked.values.filter { !$0.value.isEmpty }.keys.map(\.id).sorted(),
            RegisterDays.values("since", day))
        try await database.write(context, "registers.enter") { tx in
            try stillThere(door, home.dwelling, home.division, context, tx)
            try enter(entered, as: subject.subject(in: home.division), tx)
            try RegisterStore.begin(sealed.residence, on: day, tx)
            try history.insert(subject, source: source, tx)
            if relation == .head {
                try takeHead(of: household, sealed.residence, isReplacing: replacesHead, source: source, tx)
            }
        }
        return sealed.id
    }

    /// Enters a dwelling of a place by form; its address is the place's and its number where none was typed.
    package static func enterDwelling(
        _ typed: Typed, in placeID: ID<Place>, source: String = "staff", _ context: Context, _ database: Database,
        _ settings: RegisterSettings
    ) async throws -> ID<Dwelling> {
        let place = try await database.read { try self.place(placeID, context, $0) }
        var typed = typed
        if let address = RegisterField.named("dwelling.address"), let number = RegisterField.named("dwelling.number"),
            (typed[address] ?? "").trimmed.isEmpty
        {
            typed[address] = place.address + (typed[number] ?? "").trimmed
        }
        // What it is where nobody chose follows from where it lies, as when a sheet brings it.
        if let kind = RegisterField.named("dwelling.kind"), let number = RegisterField.named("dwelling.number"),
            (typed[kind] ?? "").trimmed.isEmpty
        {
            typed[kind] = ImportPlanner.kind((typed[number] ?? "").trimmed, in: place.kind).rawValue
        }
        let checked = try check(complete(typed, "dwelling.number"), today: context.now.date)
        let words = self.words(checked.values)
        var dwelling = DwellingRecord(
            id: try database.newID(), place: place.id, kind: DwellingKind(rawValue: words["kind"] ?? "") ?? .flat,
            number: words["number"] ?? "", floor: words["floor"].flatMap { Int($0) }, address: words["address"] ?? "",
            division: place.division, occupancy: Occupancy(rawValue: words["occupancy"] ?? "") ?? .unknown,
            entry: RegisterEntry(source: source, validFrom: context.now))
        dwelling.propertyRight = words["propertyRight"].flatMap { PropertyRight(rawValue: $0) }
        dwelling.areaSquareMetres = words["area"].flatMap { Double($0) }
        dwelling.point = words["point"].flatMap { RegisterValue.point($0) }
        var batch = RegisterBatch()
        batch.dwellings = [dwelling]
        try await enter(
            batch, RegisterSubject(.dwelling, dwelling.id), in: place.division, typed, source, context, database)
        return dwelling.id
    }

    /// Enters an organization by form, in a dwelling, in a place or in a grid alone. Answers with what is doubtful.
    package static func enterOrganization(
        _ typed: Typed, in place: ID<Place>?, dwelling: ID<Dwelling>? = nil, division: DivisionCode,
        source: String = "staff", _ context: Context,
        _ database: Database, _ settings: RegisterSettings
    ) async throws -> (id: ID<Organization>, warnings: [Text]) {
        let (rooms, spot) = try await database.read { tx in
            let rooms = try dwelling.flatMap { id in
                _ = try home(.dwelling(id), context, tx)
                return try RegisterQueries.dwelling(id, tx)
            }
            return (rooms, try self.spot(rooms?.place ?? place, division, context, tx))
        }
        let checked = try check(complete(typed, "organization.name"), today: context.now.date)
        let words = self.words(checked.values)
        let id: ID<Organization> = try database.newID()
        let point = words["point"].flatMap { RegisterValue.point($0) }
        let grid = try await grid(of: point, in: spot, context, database)
        var organization = OrganizationRecord(
            id: id, name: words["name"] ?? "", division: rooms?.division ?? grid,
            entry: RegisterEntry(source: source, validFrom: context.now))
        organization.kind = OrganizationKind(rawValue: words["kind"] ?? "") ?? .other
        organization.creditCode = words["creditCode"] ?? ""
        organization.isCodeDoubtful = RegisterValue.isDoubtful(creditCode: organization.creditCode)
        organization.activity = words["activity"] ?? ""
        organization.staffCount = words["staffCount"].flatMap { Int($0) }
        organization.contactName = words["contactName"] ?? ""
        if let phone = RegisterField.named("organization.phone"), let number = words["phone"] {
            let sealed = try database.sealed(number, of: phone, for: RegisterSubject(.organization, id))
            (organization.phone, organization.phoneMask) = (sealed, sealed.mask)
        }
        organization.place = spot.place?.id
        organization.dwelling = rooms?.id
        organization.point = point
        organization.address = words["address"] ?? rooms?.address ?? spot.place?.address ?? ""
        var batch = RegisterBatch()
        batch.organizations = [organization]
        try await enter(
            batch, RegisterSubject(.organization, id), in: organization.division, typed, source, context, database)
        return (id, checked.warnings)
    }

    /// Enters a component or facility by form, in a place or in a grid alone.
    package static func enterThing(
        _ typed: Typed, in place: ID<Place>?, division: DivisionCode, source: String = "staff", _ context: Context,
        _ database: Database, _ settings: RegisterSettings
    ) async throws -> ID<Thing> {
        let spot = try await database.read { try self.spot(place, division, context, $0) }
        let words = self.words(try check(complete(typed, "thing.name"), today: context.now.date).values)
        let point = words["point"].flatMap { RegisterValue.point($0) }
        let grid = try await grid(of: point, in: spot, context, database)
        var thing = ThingRecord(
            id: try database.newID(), name: words["name"] ?? "", division: grid,
            entry: RegisterEntry(source: source, validFrom: context.now))
        thing.code = words["code"] ?? ""
        thing.category = words["category"] ?? ComponentCode(thing.code)?.category ?? ""
        thing.state = ThingState(rawValue: words["state"] ?? "") ?? .sound
        thing.competentBody = words["competentBody"] ?? ""
        thing.ownerBody = words["ownerBody"] ?? ""
        thing.upkeepBody = words["upkeepBody"] ?? ""
        thing.place = spot.place?.id
        thing.point = point
        thing.location = words["location"] ?? ""
        thing.note = words["note"] ?? ""
        var batch = RegisterBatch()
        batch.things = [thing]
        try await enter(batch, RegisterSubject(.thing, thing.id), in: grid, typed, source, context, database)
        return thing.id
    }

    private static func enter(
        _ batch: RegisterBatch, _ subject: RegisterSubject, in division: DivisionCode, _ typed: Typed,
        _ source: String, _ context: Context, _ database: Database
    ) async throws {
        let fields = typed.filter { !$0.value.trimmed.isEmpty }.keys.map(\.id).sorted()
        let history = try database.draft(.entered, fields: fields)
        try await database.write(context, "registers.enter") { tx in
            try enter(batch, as: subject.subject(in: division), tx)
            try history.insert(subject, source: source, tx)
        }
    }

    // MARK: Where

    /// The dwelling and the household somebody comes into, which who asks may change.
    static func home(
        _ door: Door, _ context: Context, _ tx: ReadTx
    ) throws -> (dwelling: ID<Dwelling>, household: ID<Household>?, division: DivisionCode, address: String) {
        switch door {
        case .household(let id):
            let item = try open(RegisterSubject(.household, id), context, tx)
            guard let household = try RegisterQueries.household(id, tx) else {
                throw LinliError.notFound("registers.household")
            }
            return (household.dwelling, id, item.division, item.name)
        case .dwelling(let id):
            let item = try open(RegisterSubject(.dwelling, id), context, tx)
            return (id, nil, item.division, item.name)
        }
    }

    /// Asks in a write once more for where somebody comes: what ended, moved or was merged since it was read takes nobody.
    static func stillThere(
        _ door: Door, _ dwelling: ID<Dwelling>, _ division: DivisionCode, _ context: Context, _ tx: ReadTx
    ) throws {
        let now = try home(door, context, tx)
        guard now.dwelling == dwelling, now.division == division else {
            throw LinliError(
                .conflict, "registers.homeMoved",
                Text("那一处刚刚变了，请看一眼再登记", "That home has just changed: please look at it again first"))
        }
    }

    private static func place(_ id: ID<Place>, _ context: Context, _ tx: ReadTx) throws -> PlaceSummary {
        guard let place = try PlacesStore.find(id, tx), context.actor.may(.peopleRead, in: place.division) else {
            throw LinliError.notFound("registers.place")
        }
        guard context.actor.may(.peopleEdit, in: place.division) else { throw LinliError.forbidden("people.edit") }
        guard place.isHere else {
            throw LinliError(
                .conflict, "places.ended", Text("这处地点已经注销，不能再登记", "This place has ended: nothing can be entered there"))
        }
        return place
    }

    private static func spot(
        _ place: ID<Place>?, _ division: DivisionCode, _ context: Context, _ tx: ReadTx
    ) throws -> (place: PlaceSummary?, division: DivisionCode) {
        if let place {
            let found = try self.place(place, context, tx)
            return (found, found.division)
        }
        guard context.actor.may(.peopleEdit, in: division), division.level >= .community else {
            throw LinliError.forbidden("people.edit")
        }
        return (nil, division)
    }

    /// The grid something lies in: that of its place, else the one its point lies in where only the community was said.
    private static func grid(
        of point: GeoPoint?, in spot: (place: PlaceSummary?, division: DivisionCode), _ context: Context,
        _ database: Database
    ) async throws -> DivisionCode {
        guard spot.place == nil, spot.division.level < .grid, let point else { return spot.division }
        let found = try await database.read { tx in
            try GridLocator.grid(latitude: point.latitude, longitude: point.longitude, at: context.now, tx)
        }
        return found.flatMap { spot.division.contains($0) && context.actor.may(.peopleEdit, in: $0) ? $0 : nil }
            ?? spot.division
    }

    private static func allow(
        _ typed: Typed, _ kind: RegisterKind, in division: DivisionCode, _ context: Context,
        _ settings: RegisterSettings
    ) throws {
        let allowed = Set(settings.fields(of: kind, for: context.actor, in: division))
        guard allowed.isSuperset(of: typed.keys) else { throw LinliError.forbidden("registers.field") }
    }

    /// What was typed, with the field that may not be left out.
    private static func complete(_ typed: Typed, _ id: String) -> Typed {
        var typed = typed
        if let field = RegisterField.named(id), typed[field] == nil { typed[field] = "" }
        return typed
    }

    /// Values by the short name of their field, without the empty ones.
    private static func words(_ values: Typed) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: values.filter { !$0.value.isEmpty }.map { field, value in
                (String(field.id.split(separator: ".").last ?? ""), value)
            })
    }
}

extension NewPerson {
    /// Takes checked values: columns as columns, the rest as facts.
    mutating func take(_ values: RegisterCommands.Typed, today: CivilDate) throws {
        for (field, value) in values.sorted(by: { $0.key.id < $1.key.id }) where !value.isEmpty {
            switch field.id {
            case "person.name": name = value
            case "person.sex": sex = Int(value) ?? 0
            case "person.born": born = CivilDate(value)
            case "person.phone": phone = PhoneNumber(value)
            case "person.number": break
            default: if field.isFact { facts.append((field, value)) }
            }
        }
        // The number says birth and sex better than whoever typed them.
        if let field = RegisterField.named("person.number"), let number = values[field], !number.isEmpty {
            take(try CitizenID(number, today: today))
        }
    }
}
