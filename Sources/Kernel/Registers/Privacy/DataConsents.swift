import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What somebody may agree to with their own data. No service depends on it.
/// - Source: PIPL Art. 14, 15, 23, 29; the purposes are configured
package enum ConsentPurpose: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case healthVisits, providers, family

    /// What people call it.
    package var name: Text {
        switch self {
        case .healthVisits: Text("健康关怀", "Care for health")
        case .providers: Text("告诉服务单位", "Telling providers")
        case .family: Text("联系家人", "Calling the family")
        }
    }

    /// What one agrees to, as it is shown and hashed.
    package var text: Text {
        switch self {
        case .healthVisits:
            Text(
                "社区可以用我登记的慢性病、能力等级等健康信息，安排上门看望和随访；不给别的单位。",
                "The community may use the health data I gave to plan visits; nobody else gets it.")
        case .providers:
            Text(
                "我要服务时，社区可以把我的姓名、电话、住址告诉为我服务的单位；服务完就不再用。",
                "When I ask for a service, the community may tell the provider my name, phone and address; not longer.")
        case .family:
            Text("联系不上我时，社区可以打给我登记的紧急联系人。", "When I cannot be reached, the community may call my emergency contact.")
        }
    }

    /// The version of the text; another one asks again.
    package var version: String { "2026-11" }

    /// What proves which text was agreed to.
    package var hash: [UInt8] { Array(SHA256.hash(data: Data("\(rawValue) \(version) \(text.zh)".utf8))) }
}

/// A consent that was given, and perhaps withdrawn.
package struct DataConsent: Sendable {
    /// For what.
    package let purpose: ConsentPurpose
    /// Which text.
    package let version: String
    /// When.
    package let givenAt: Instant
    /// Until when.
    package let withdrawnAt: Instant?
    /// Whether a guardian gave it for a child.
    package let isByGuardian: Bool
    /// From when on the child speaks for itself and a guardian's word counts no more; nil for who gave it for themselves,
    /// and where nobody knows the birth.
    package let endsOn: CivilDate?

    /// Whether it ended by itself, and nobody has asked the person since.
    package func isOutgrown(on day: CivilDate) -> Bool { withdrawnAt == nil && endsOn.map { $0 <= day } ?? false }

    /// Whether it counts on a day.
    package func holds(on day: CivilDate) -> Bool {
        withdrawnAt == nil && version == purpose.version && !isOutgrown(on: day)
    }
}

/// Until when a guardian speaks for a child.
/// - Source: PIPL Art. 31 (under 14)
package enum Guardianship {
    /// At this age one speaks for oneself.
    package static let years = 14

    /// Whether a guardian speaks for somebody on a day; for nobody whose birth nobody knows.
    static func holds(for person: PersonRecord, on day: CivilDate) -> Bool {
        person.age(on: day).map { $0 < years } ?? false
    }

    /// The day from which somebody speaks for themselves; nil where nobody knows their birth.
    static func end(_ born: CivilDate?) -> CivilDate? { born.map { PersonRecord.birthday($0, years) } }
}

/// Consents of people in the registers.
package enum DataConsents {
    /// What was agreed to for an entry, the newest first.
    package static func of(_ person: ID<Person>, _ tx: ReadTx) throws -> [DataConsent] {
        try tx.all(
            """
            SELECT c.purpose, c.text_version, c.given_at, c.withdrawn_at, c.kind, p.born
            FROM data_consent c JOIN person p ON p.id = c.person_id
            WHERE c.person_id = \(person) ORDER BY c.id DESC LIMIT 100
            """
        ) { row -> DataConsent in
            let isByGuardian = try row[4] as String == "guardian"
            return DataConsent(
                purpose: try row[0], version: try row[1], givenAt: try row[2], withdrawnAt: try row[3],
                isByGuardian: isByGuardian,
                endsOn: isByGuardian ? Guardianship.end(PersonRecord.day(try row[5])) : nil)
        }
    }

    /// Whether there is a consent to the text as it is now.
    package static func isGiven(
        _ purpose: ConsentPurpose, for person: ID<Person>, on today: CivilDate, _ tx: ReadTx
    ) throws -> Bool {
        try given(by: [person], on: today, tx)[person]?.contains(purpose) == true
    }

    /// What guardians agreed to for some people who speak for themselves by now and were not asked yet, in the order of
    /// the purposes; who has nothing of the kind is left out.
    package static func outgrown(
        by people: [ID<Person>], on today: CivilDate, _ tx: ReadTx
    ) throws -> [ID<Person>: [ConsentPurpose]] {
        guard !people.isEmpty else { return [:] }
        var last: [ID<Person>: [ConsentPurpose: Bool]] = [:]
        try tx.each(
            """
            SELECT c.person_id, c.purpose, c.kind, c.withdrawn_at, p.born
            FROM data_consent c JOIN person p ON p.id = c.person_id
            WHERE c.person_id IN \(SQL.list(Array(people.prefix(500)))) ORDER BY c.id
            """
        ) { row in
            let (person, named, kind): (ID<Person>, String, String) = (try row[0], try row[1], try row[2])
            guard let purpose = ConsentPurpose(rawValue: named) else { return }
            let withdrawn: Instant? = try row[3]
            let ends = kind == "guardian" ? Guardianship.end(PersonRecord.day(try row[4])) : nil
            last[person, default: [:]][purpose] = withdrawn == nil && ends.map { $0 <= today } ?? false
        }
        return last.compactMapValues { purposes in
            let ended = ConsentPurpose.allCases.filter { purposes[$0] == true }
            return ended.isEmpty ? nil : ended
        }
    }

    /// Gives or withdraws a consent for an entry of one's own; withdrawing is as easy as giving. Who says no to what their
    /// guardian once agreed to has answered too.
    package static func set(
        _ purpose: ConsentPurpose, _ isGiven: Bool, for entry: ID<Person>, channel: String = "web",
        _ context: Context, _ database: Database
    ) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("own.account") }
        let person = try await OwnEntries.own(entry, context, database)
        let today = context.now.date
        let isWard = Guardianship.holds(for: person, on: today)
        let id: ID<DataConsent> = try database.newID()
        try await database.write(context, "own.consent") { tx in
            let was = try self.isGiven(purpose, for: entry, on: today, tx)
            if !was || !isGiven {
                try tx.execute(
                    """
                    UPDATE data_consent SET withdrawn_at = \(tx.now)
                    WHERE person_id = \(entry) AND purpose = \(purpose) AND withdrawn_at IS NULL
                    """)
                if isGiven {
                    try tx.execute(
                        """
                        INSERT INTO data_consent (id, account_id, person_id, purpose, text_version, text_hash, kind,
                            channel, given_at)
                        VALUES (\(id), \(account), \(entry), \(purpose), \(purpose.version), \(purpose.hash),
                            \(isWard ? "guardian" : "separate"), \(channel), \(tx.now))
                        """)
                }
            }
            let subject = Subject("person", entry, division: person.division)
            try tx.audit(subject, fields: ["consent", purpose.rawValue])
            // What was planned by it follows.
            if was != isGiven { try tx.emit("registers.changed", subject, facts: ["what": "consent"]) }
        }
    }
}
