import LinliCore
import LinliSQL

/// Somebody whose guardian's word ended with their 14th birthday, or soon ends: they are asked themselves from then on.
package struct EndingConsent: Sendable {
    /// Who.
    package let person: PersonRecord
    /// Where they live; nil without a home here.
    package let home: Home?
    /// What their guardian agreed to.
    package let purposes: [ConsentPurpose]
    /// From when on they speak for themselves.
    package let endsOn: CivilDate
}

/// Whom to ask themselves in a grid or community, because what their guardian agreed to ends with their 14th
/// birthday. Who answered, whose guardian took it back, who wants no list made of their data or nothing but keeping is on
/// none.
package enum EndingConsents {
    /// How many days before the birthday somebody is listed.
    /// - Source: configured, no source
    package static let ahead = 30
    /// How many are counted at most, and shown on one page.
    package static let limit = 100

    /// Whether a division is near enough to be listed: a grid or a community, where somebody knows whom to ask.
    package static func isNear(_ division: DivisionCode) -> Bool { division.level >= .community }

    /// How many there are, at most `limit`. Nobody is named.
    package static func count(in division: DivisionCode, on today: CivilDate, _ tx: ReadTx) throws -> Int {
        try found(in: division, on: today, after: nil, limit: limit, tx).count
    }

    /// Who they are, a page of them in the order of their identifiers, and whether there are more; each is in the audit, for
    /// the purpose of a visit, before they are shown.
    ///
    /// - Throws: `.notFound` for who may not see people there, `.malformed` for what is wider than a community, `.forbidden`
    ///   for who walks a grid and is off duty.
    package static func read(
        in division: DivisionCode, after: ID<Person>? = nil, limit: Int, _ context: Context, _ database: Database
    ) async throws -> (people: [EndingConsent], isMore: Bool) {
        guard context.actor.may(.peopleRead, in: division) else { throw LinliError.notFound("registers.scope") }
        guard isNear(division) else {
            throw LinliError(.malformed, "consents.division", Text("请选社区或网格", "Please choose a community or a grid"))
        }
        let (people, isMore, onDuty) = try await database.read { tx -> ([EndingConsent], Bool, Bool) in
            let all = try found(in: division, on: context.now.date, after: after, limit: limit + 1, tx)
            let some = try all.prefix(limit).map { try shown($0, tx) }
            return (some, all.count > limit, try RegisterReading.isOnDuty(context, tx))
        }
        guard !people.isEmpty else { return ([], false) }
        try RegisterReading.check([.sensitive], context, division, onDuty: onDuty)
        try await database.write(context, "registers.read", reason: ReadingPurpose.visit.rawValue) { tx in
            for one in people {
                let subject = RegisterSubject(.person, one.person.id).subject(in: one.person.division)
                try tx.audit(subject, fields: ["consent", "person.born"])
            }
        }
        return (people, isMore)
    }

    /// Somebody, with what they are to be asked.
    private typealias Found = (person: PersonRecord, purposes: [ConsentPurpose])

    private static func found(
        in division: DivisionCode, on today: CivilDate, after: ID<Person>?, limit: Int, _ tx: ReadTx
    ) throws -> [Found] {
        let day = today.adding(days: ahead)
        var (found, last): ([Found], ID<Person>?) = ([], after)
        while found.count < limit {
            let some = try candidates(in: division, bornBy: day, after: last, tx)
            let outgrown = try DataConsents.outgrown(by: some.map(\.id), on: day, tx)
            for person in some {
                if let purposes = outgrown[person.id] { found.append((person, purposes)) }
            }
            guard some.count == looked else { break }
            last = some.last?.id
        }
        return Array(found.prefix(limit))
    }

    /// How many one look takes.
    private static let looked = 200

    /// People who are 14 by a day and of whom a guardian's word is left.
    private static func candidates(
        in division: DivisionCode, bornBy day: CivilDate, after: ID<Person>?, _ tx: ReadTx
    ) throws -> [PersonRecord] {
        let born = PersonRecord.compact(day) - Guardianship.years * 10_000
        return try tx.all(
            """
            SELECT \(PersonRecord.columns) FROM person p
            WHERE \(RegisterQueries.place("p", division)) AND p.valid_to IS NULL AND p.id > \(after?.rawValue ?? 0)
            AND p.born BETWEEN 1 AND \(born) AND p.is_profiled = 1 AND p.restricted_at IS NULL
            AND EXISTS (SELECT 1 FROM data_consent c
                WHERE c.person_id = p.id AND c.kind = 'guardian' AND c.withdrawn_at IS NULL)
            ORDER BY p.id LIMIT \(looked)
            """
        ) { try PersonRecord($0) }
    }

    private static func shown(_ found: Found, _ tx: ReadTx) throws -> EndingConsent {
        let (person, purposes) = found
        let homes = try RegisterQueries.homes(of: person.id, tx)
        return EndingConsent(
            person: person, home: homes.first(where: \.tie.livesHere) ?? homes.first, purposes: purposes,
            endsOn: Guardianship.end(person.born) ?? person.entry.validFrom.date)
    }
}
