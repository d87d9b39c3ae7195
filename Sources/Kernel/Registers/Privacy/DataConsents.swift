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
                "我要服务时，社区可以把我的姓名、电话、住址告诉为我服务的单位，只用来提供服务、处理投诉和返工；服务完过了规定的天数，单位就看不到了。",
                "When I ask for a service, the community may tell the provider my name, phone and home: to give it, and for "
                    + "complaints and rework. A set number of days after it was given the provider sees them no more.")
        case .family:
            Text("联系不上我时，社区可以打给我登记的紧急联系人。", "When I cannot be reached, the community may call my emergency contact.")
        }
    }

    /// The version of the text; another one asks again.
    package var version: String {
        switch self {
        case .healthVisits, .family: "2026-11"
        // Since then it says for how long a unit sees them.
        case .providers: "2026-12"
        }
    }

    /// What proves which text was agreed to.
    package var hash: [UInt8] { Array(SHA256.hash(data: Data("\(rawValue) \(version) \(text.zh)".utf8))) }
}

/// How somebody agreed.
package enum ConsentChannel: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case web, api, oral, written

    /// Whether a member of staff noted what they were told or given.
    package var isByStaff: Bool { self == .oral || self == .written }

    /// What people call it.
    package var name: Text {
        switch self {
        case .web: Text("网页", "On the page")
        case .api: Text("程序", "By a program")
        case .oral: Text("念给本人听，口头同意", "Read out, agreed in words")
        case .written: Text("本人看过，书面同意", "Read by them, agreed in writing")
        }
    }
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
    /// How; nil for a way this program does not know.
    package let channel: ConsentChannel?
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
            SELECT c.purpose, c.text_version, c.given_at, c.withdrawn_at, c.kind, p.born, c.channel
            FROM data_consent c JOIN person p ON p.id = c.person_id
            WHERE c.person_id = \(person) ORDER BY c.id DESC LIMIT 100
            """
        ) { row -> DataConsent in
            let isByGuardian = try row[4] as String == "guardian"
            return DataConsent(
                purpose: try row[0], version: try row[1], givenAt: try row[2], withdrawnAt: try row[3],
                isByGuardian: isByGuardian, channel: ConsentChannel(rawValue: try row[6]),
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
        _ purpose: ConsentPurpose, _ isGiven: Bool, for entry: ID<Person>, channel: ConsentChannel = .web,
        _ context: Context, _ database: Database
    ) async throws {
        guard context.actor.account != nil else { throw LinliError.notFound("own.account") }
        _ = try await OwnEntries.own(entry, context, database)
        try await database.write(context, "own.consent") { tx in
            try put(purpose, isGiven, for: try OwnEntries.stillOwn(entry, tx), channel, tx)
        }
    }

    /// Notes that somebody agreed to the text as it is now, in the write of what they agreed by: who accepts a service,
    /// themselves or towards a member of staff who read it out. What holds already is not noted twice.
    ///
    /// - Throws: `.notFound` for nobody's account: whose word it is and who noted it must be known.
    package static func note(
        _ purpose: ConsentPurpose, by person: PersonRecord, _ channel: ConsentChannel, _ tx: WriteTx
    ) throws {
        guard try !isGiven(purpose, for: person.id, on: tx.now.date, tx) else { return }
        try put(purpose, true, for: person, channel, tx)
    }

    private static func put(
        _ purpose: ConsentPurpose, _ isGiven: Bool, for person: PersonRecord, _ channel: ConsentChannel, _ tx: WriteTx
    ) throws {
        guard let account = tx.context.actor.account else { throw LinliError.notFound("own.account") }
        let today = tx.now.date
        let was = try self.isGiven(purpose, for: person.id, on: today, tx)
        if !was || !isGiven {
            try tx.execute(
                """
                UPDATE data_consent SET withdrawn_at = \(tx.now)
                WHERE person_id = \(person.id) AND purpose = \(purpose) AND withdrawn_at IS NULL
                """)
            if isGiven {
                let id: ID<DataConsent> = try tx.newID()
                let kind = Guardianship.holds(for: person, on: today) ? "guardian" : "separate"
                try tx.execute(
                    """
                    INSERT INTO data_consent (id, account_id, person_id, purpose, text_version, text_hash, kind,
                        channel, given_at)
                    VALUES (\(id), \(account), \(person.id), \(purpose), \(purpose.version), \(purpose.hash),
                        \(kind), \(channel), \(tx.now))
                    """)
            }
        }
        let subject = Subject("person", person.id, division: person.division)
        try tx.audit(subject, fields: ["consent", purpose.rawValue])
        // What was planned by it follows.
        if was != isGiven { try tx.emit("registers.changed", subject, facts: ["what": "consent"]) }
    }
}
