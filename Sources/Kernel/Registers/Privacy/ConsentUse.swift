import LinliCore
import LinliSQL

/// What is done with somebody's data, as far as it may rest on their consent.
package enum ConsentUse: Sendable, Equatable {
    /// Staff read fields of one person for a purpose.
    case reading(ReadingPurpose)
    /// Fields of many are taken out for a purpose, such as the list a provider gets.
    case export(ReadingPurpose)
    /// Fields go along on a phone, to be at hand on visits.
    case phone
    /// Visits are planned by what is known of people.
    case planning
}

extension ConsentPurpose {
    /// What counts as data about health.
    /// - Source: PIPL Art. 28 (medical health); which fields that are is configured, no source
    package static let health: Set<String> = [
        "person.chronicDiseases", "person.careLevel", "person.disability", "person.disabilityKind", "person.isPregnant",
    ]

    /// Whether using a field in some way rests on this consent. What does not, rests on what the law lets a community do
    /// without one: emergencies, forms the law asks for, corrections, the person's own requests (PIPL Art. 13).
    package func isNeeded(for field: RegisterField, to use: ConsentUse) -> Bool {
        guard field.kind == .person else { return self == .providers && field.id == "dwelling.address" && isTold(use) }
        switch self {
        case .healthVisits:
            return ConsentPurpose.health.contains(field.id)
                && [.reading(.visit), .export(.visit), .phone, .planning].contains(use)
        case .family:
            let calls: [ConsentUse] = [ReadingPurpose.visit, .handling, .service].flatMap {
                [ConsentUse.reading($0), .export($0)]
            }
            return field.id == "person.contactPhone" && (calls + [.phone]).contains(use)
        case .providers: return isTold(use)
        }
    }

    /// A list made to give a service goes to whoever gives it.
    private func isTold(_ use: ConsentUse) -> Bool { use == .export(.service) }

    /// The consents that using some fields rests on.
    package static func needed(for fields: some Sequence<RegisterField>, to use: ConsentUse) -> Set<ConsentPurpose> {
        let fields = Array(fields)
        return Set(allCases.filter { purpose in fields.contains { purpose.isNeeded(for: $0, to: use) } })
    }

    /// Which of some fields a person lets be used, who agreed to `given`.
    package static func allowed(
        _ fields: some Sequence<RegisterField>, to use: ConsentUse, given: Set<ConsentPurpose>
    ) -> [RegisterField] {
        fields.filter { needed(for: [$0], to: use).isSubset(of: given) }
    }
}

extension DataConsents {
    /// What each of some people agrees to on a day, by the text as it is. The last word on a purpose counts: where two
    /// entries were merged and one of them took it back later, it is not given. What a guardian agreed to counts until
    /// the child speaks for itself (`Guardianship`).
    package static func given(
        by people: some Sequence<ID<Person>>, on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>: Set<ConsentPurpose>] {
        try standing(by: people, on: today, tx).mapValues { Set($0.keys) }
    }

    /// Since when somebody agrees to a purpose without a break; nil for who does not. What was agreed to in one matter
    /// before that was taken back with the rest.
    package static func since(
        _ purpose: ConsentPurpose, for person: ID<Person>, on today: CivilDate, _ tx: ReadTx
    ) throws -> Instant? {
        try standing(by: [person], on: today, tx)[person]?[purpose]
    }

    /// What each of some people agrees to on a day, with since when.
    private static func standing(
        by people: some Sequence<ID<Person>>, on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>: [ConsentPurpose: Instant]] {
        let ids = Array(Set(people)).sorted()
        var given: [ID<Person>: [ConsentPurpose: [Instant]]] = [:]
        var taken: [ID<Person>: [ConsentPurpose: Instant]] = [:]
        for start in stride(from: 0, to: ids.count, by: 500) {
            try tx.each(
                """
                SELECT c.person_id, c.purpose, c.text_version, c.given_at, c.withdrawn_at, c.kind, p.born
                FROM data_consent c JOIN person p ON p.id = c.person_id
                WHERE c.person_id IN \(SQL.list(Array(ids[start..<min(start + 500, ids.count)]))) ORDER BY c.id
                """
            ) { row in
                // A purpose that is asked for no more allows nothing.
                let (person, named): (ID<Person>, String) = (try row[0], try row[1])
                guard let purpose = ConsentPurpose(rawValue: named) else { return }
                let (version, at): (String, Instant) = (try row[2], try row[3])
                let isByGuardian = try row[5] as String == "guardian"
                let ends = isByGuardian ? Guardianship.end(PersonRecord.day(try row[6])) : nil
                if let end: Instant = try row[4] {
                    taken[person, default: [:]][purpose] = max(end, taken[person]?[purpose] ?? end)
                } else if version == purpose.version, ends.map({ $0 > today }) ?? true {
                    given[person, default: [:]][purpose, default: []].append(at)
                }
            }
        }
        var standing: [ID<Person>: [ConsentPurpose: Instant]] = [:]
        for (person, purposes) in given {
            for (purpose, moments) in purposes {
                let last = taken[person]?[purpose]
                let counting: [Instant] = moments.filter { at in last.map { $0 <= at } ?? true }
                if let first = counting.min() { standing[person, default: [:]][purpose] = first }
            }
        }
        return standing
    }
}
