import LinliCore
import LinliSQL

/// A household as it goes along on a phone: numbers masked, nothing of special groups, nobody who asked that their data
/// only be kept.
package struct OfflineHousehold: Sendable {
    /// Somebody in it.
    struct Member: Sendable {
        var resident: Resident
        var facts: [RegisterFact] = []
        /// Closely kept values in clear, for who may read them and where the setting names the field.
        var opened: [RegisterField: String] = [:]
    }

    /// Its identifier.
    package var id: ID<Household> { record.id }

    let record: HouseholdRecord
    let address: String
    let number: String
    let sortKey: Int
    let occupancy: Occupancy
    let place: ID<Place>
    var members: [Member] = []

    /// Every household of a grid, by the order of its dwellings; at most 3,000.
    static func all(in division: DivisionCode, _ tx: ReadTx) throws -> [OfflineHousehold] {
        try read("h.division = \(division)", tx)
    }

    /// Some households, as they are now.
    static func some(_ ids: [ID<Household>], _ tx: ReadTx) throws -> [OfflineHousehold] {
        ids.isEmpty ? [] : try read("h.id IN \(SQL.list(ids))", tx)
    }

    private static func read(_ condition: SQL, _ tx: ReadTx) throws -> [OfflineHousehold] {
        var households = try tx.all(
            """
            SELECT \(HouseholdRecord.columns), d.address, d.number, d.sort_key, d.occupancy, d.place_id
            FROM household h JOIN dwelling d ON d.id = h.dwelling_id
            WHERE \(condition) AND h.valid_to IS NULL ORDER BY h.id LIMIT 3000
            """
        ) { row in
            OfflineHousehold(
                record: try HouseholdRecord(row), address: try row[10], number: try row[11], sortKey: try row[12],
                occupancy: try row[13], place: try row[14])
        }
        var facts: [Int64: [RegisterFact]] = [:]
        try tx.each(
            """
            SELECT f.id, f.field, f.value, f.value_sealed, f.source, f.at, f.subject_id
            FROM household h JOIN residence r ON r.household_id = h.id
            JOIN register_fact f ON f.kind = 'person' AND f.subject_id = r.person_id
            WHERE \(condition) AND h.valid_to IS NULL AND r.valid_to IS NULL
            """
        ) { row in
            guard let fact = try RegisterFact(row), fact.field.fieldClass != .special else { return }
            facts[try row[6], default: []].append(fact)
        }
        var members: [ID<Household>: [Member]] = [:]
        try tx.each(
            """
            SELECT \(PersonRecord.columns), r.id, r.household_id, r.dwelling_id, r.tie, r.relation
            FROM household h JOIN residence r ON r.household_id = h.id JOIN person p ON p.id = r.person_id
            WHERE \(condition) AND h.valid_to IS NULL AND r.valid_to IS NULL AND p.valid_to IS NULL
            AND p.restricted_at IS NULL ORDER BY r.id
            """
        ) { row in
            let resident = try Resident(row)
            guard let household = resident.household else { return }
            members[household, default: []].append(
                Member(resident: resident, facts: facts[resident.person.id.rawValue] ?? []))
        }
        for index in households.indices { households[index].members = members[households[index].record.id] ?? [] }
        return households
    }

    /// Some households with closely kept fields in clear, of whom agreed to that where it rests on their consent.
    static func opening(
        _ fields: [RegisterField], of households: [OfflineHousehold], on today: CivilDate, _ database: Database
    ) async throws -> [OfflineHousehold] {
        guard !fields.isEmpty else { return households }
        let people = households.flatMap(\.members).filter { member in
            member.facts.contains { fields.contains($0.field) }
        }.map(\.resident.person.id)
        let given = try await database.read { try DataConsents.given(by: people, on: today, $0) }
        return try households.map { try $0.opening(fields, given, database.keys) }
    }

    /// The same with closely kept fields in clear.
    private func opening(
        _ fields: [RegisterField], _ given: [ID<Person>: Set<ConsentPurpose>], _ keys: KeyRing
    ) throws -> OfflineHousehold {
        var household = self
        for index in members.indices {
            let agreed = given[members[index].resident.person.id] ?? []
            let open = Set(ConsentPurpose.allowed(fields, to: .phone, given: agreed))
            for fact in members[index].facts where open.contains(fact.field) {
                guard let sealed = fact.sealed else { continue }
                household.members[index].opened[fact.field] = try keys.open(sealed.sealed, cell: sealed.cell)
            }
        }
        return household
    }

    /// Some households as they are now, for a phone whose lease holds; what is closely kept is noted before it goes.
    package static func refreshed(
        _ ids: [ID<Household>], for lease: OfflineLease, _ context: Context, _ services: Services
    ) async throws -> [OfflineHousehold] {
        let database = services.database
        let fields = services.offline.fields.filter { context.actor.may($0.fieldClass.permission, in: lease.division) }
        let found = try await database.read { try some(Array(ids.prefix(200)), $0) }
        let households = try await opening(
            fields, of: found.filter { context.actor.may(.peopleRead, in: $0.record.division) }, on: context.now.date,
            database)
        let opened = households.filter { $0.members.contains { !$0.opened.isEmpty } }
        guard !opened.isEmpty else { return households }
        try await database.write(context, "registers.offline", reason: ReadingPurpose.visit.rawValue) { tx in
            for household in opened { try household.auditDownload(tx) }
        }
        return households
    }

    /// Notes that it went along: once for the household, and for each person of whom closely kept fields did.
    func auditDownload(_ tx: WriteTx) throws {
        try tx.audit(RegisterSubject(.household, record.id).subject(in: record.division), fields: ["offline"])
        for member in members where !member.opened.isEmpty {
            let person = member.resident.person
            try tx.audit(
                RegisterSubject(.person, person.id).subject(in: person.division),
                fields: member.opened.keys.map(\.id).sorted())
        }
    }

    /// Writes it for the phone.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", "\(record.id)")
            json.field("dwelling", "\(record.dwelling)")
            json.field("place", "\(place)")
            json.field("address", address)
            json.field("number", number)
            json.field("sort", Int64(sortKey))
            json.field("occupancy", occupancy.rawValue)
            json.field("kind", record.kind.rawValue)
            json.field("heard", record.heardAt?.milliseconds)
            json.key("members")
            json.array { list in
                for member in members { OfflineHousehold.write(member, to: &list) }
            }
        }
    }

    private static func write(_ member: Member, to json: inout JSONWriter) {
        let person = member.resident.person
        json.object { json in
            json.field("id", "\(person.id)")
            json.field("name", person.name)
            json.field("sex", "\(person.sex)")
            json.field("born", person.born?.description ?? "")
            json.field("relation", member.resident.relation.rawValue)
            json.field("tie", member.resident.tie.rawValue)
            json.field("phone", person.phoneMask)
            json.field("number", person.numberMask)
            json.key("facts")
            json.object { json in
                for fact in member.facts {
                    guard let value = fact.value ?? member.opened[fact.field] else { continue }
                    json.key(dynamic: fact.field.id)
                    json.value(value)
                }
            }
            // What is there and stays closed: how it stood can be told, what it says cannot.
            json.key("sealed")
            json.object { json in
                for fact in member.facts where fact.value == nil && member.opened[fact.field] == nil {
                    json.key(dynamic: fact.field.id)
                    json.value("#\(fact.at.milliseconds)")
                }
            }
        }
    }
}
