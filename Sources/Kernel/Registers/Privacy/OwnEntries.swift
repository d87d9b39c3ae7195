import LinliCore
import LinliSQL
import LinliStandards

/// An entry of the registers that is one's own, or a child's whose guardian one is.
package struct OwnEntry: Sendable {
    /// The entry.
    package let person: PersonRecord
    /// Whether it is that of a child under 14 whose guardian the account's person is.
    package let isWard: Bool
    /// Where they live.
    package let homes: [Home]
    /// Where they lived before, as staff see it, too; every address is theirs to know.
    package let formerHomes: [FormerHome]
}

/// Which entry of the registers is whose.
package enum OwnEntries {
    /// The entries of an account: its own and those of children under 14 whose guardian they are.
    /// - Source: PIPL Art. 31 (guardians speak for children under 14)
    package static func of(_ account: ID<Account>, today: CivilDate, _ tx: ReadTx) throws -> [OwnEntry] {
        let own: ID<Person>? = try tx.value("SELECT person_id FROM person_account WHERE account_id = \(account)")
        guard let own, let person = try RegisterQueries.person(own, tx) else { return [] }
        let wards = try RegisterQueries.links(of: RegisterSubject(.person, own), tx)
            .filter { !$0.isOutgoing && $0.relation == .guardian && $0.other.kind == .person }
            .compactMap { try RegisterQueries.person(ID(rawValue: $0.other.id), tx) }
            .filter { Guardianship.holds(for: $0, on: today) && $0.entry.validTo == nil }
        return try ([person] + wards).map {
            OwnEntry(
                person: $0, isWard: $0.id != own, homes: try RegisterQueries.homes(of: $0.id, tx),
                formerHomes: try RegisterQueries.formerHomes(of: $0.id, for: nil, tx))
        }
    }

    /// What came of saying that an entry is one's own.
    package enum Claim: Sendable, Equatable {
        /// Number and phone fit one entry.
        case linked(ID<Person>)
        /// They do not: staff look at it.
        case asked
    }

    /// Says that somebody of the registers is oneself. When the number and the phone of the account both fit one entry,
    /// that is enough; otherwise staff are asked, and the answer does not say which of the two was wrong.
    ///
    /// - Throws: `.invalid` for what is no citizen number, `.conflict` while an earlier claim waits or when it is done, and
    ///   where the entry changed meanwhile.
    package static func claim(
        _ typed: String, _ context: Context, _ database: Database, _ requests: DataRequests
    ) async throws -> Claim {
        guard let account = context.actor.account else { throw LinliError.notFound("own.account") }
        let number: CitizenID
        do {
            number = try CitizenID(typed, today: context.now.date)
        } catch { throw LinliError.invalid("own.number", [.init("number", error.text)]) }
        let found = try await database.read { tx in
            guard try !tx.exists("SELECT 1 FROM person_account WHERE account_id = \(account)") else {
                throw LinliError(.conflict, "own.linked", Text("您的账号已经关联好了", "Your account is linked already"))
            }
            let phone: [UInt8]? = try tx.value("SELECT phone_sealed FROM account WHERE id = \(account)")
            return phone
        }
        let keys = database.keys
        let phone = try found.map {
            try keys.open($0, cell: Cell("account", "phone_sealed", account.rawValue))
        }
        let (numberHash, phoneHash) = (
            RegisterHash.number.of(number.number, keys),
            RegisterHash.phone.of(phone ?? "", keys)
        )
        let fits = try await database.read { tx in
            try tx.all(
                """
                SELECT id, division FROM person WHERE number_hash = \(numberHash) AND phone_hash = \(phoneHash)
                AND valid_to IS NULL ORDER BY id LIMIT 2
                """
            ) { row -> (ID<Person>, DivisionCode) in (try row[0], try row[1]) }
        }
        guard fits.count == 1, let (person, division) = fits.first else {
            try await requests.open(.link, of: nil, number.number, context)
            return .asked
        }
        try await database.write(context, "own.link") { tx in
            // Merged, ended or corrected since it was read, it may be theirs no more.
            let isStill = try tx.exists(
                """
                SELECT 1 FROM person WHERE id = \(person) AND number_hash = \(numberHash) AND phone_hash = \(phoneHash)
                AND valid_to IS NULL
                """)
            guard isStill else { throw moved }
            try link(account, person, confirmedBy: nil, tx)
            try tx.audit(Subject("person", person, division: division), fields: ["account"])
        }
        return .linked(person)
    }

    static func link(_ account: ID<Account>, _ person: ID<Person>, confirmedBy: ID<Account>?, _ tx: WriteTx) throws {
        try tx.execute("DELETE FROM person_account WHERE account_id = \(account)")
        try tx.execute(
            """
            INSERT INTO person_account (account_id, person_id, at, confirmed_by)
            VALUES (\(account), \(person), \(tx.now), \(confirmedBy))
            """)
    }

    /// Everything the registers hold of an entry of one's own, in clear, for its owner. The audit has it before anything
    /// is shown.
    package static func everything(
        of entry: ID<Person>, _ context: Context, _ database: Database
    ) async throws -> (person: PersonRecord, values: [RegisterField: String]) {
        let person = try await own(entry, context, database)
        let subject = RegisterSubject(.person, entry)
        let fields = RegisterField.of(.person)
        let (cells, facts) = try await database.read { tx in
            (
                try RegisterReading.cells(fields.filter { $0.fieldClass != .basic }, of: subject, tx),
                try RegisterQueries.facts(of: subject, tx)
            )
        }
        try await database.write(context, "own.export") { tx in
            try tx.audit(subject.subject(in: person.division), fields: cells.map(\.field.id))
        }
        var values: [RegisterField: String] = [:]
        for fact in facts { values[fact.field] = fact.value }
        // Name and birth stand in the record; sex has a word only as a field.
        if let sex = RegisterField.named("person.sex") { values[sex] = "\(person.sex)" }
        for (field, secret) in cells { values[field] = try database.keys.open(secret.sealed, cell: secret.cell) }
        return (person, values)
    }

    /// An entry that is one's own.
    ///
    /// - Throws: `.notFound` for anybody else's.
    package static func own(
        _ entry: ID<Person>, _ context: Context, _ database: Database
    ) async throws -> PersonRecord {
        guard let account = context.actor.account else { throw LinliError.notFound("own.account") }
        let entries = try await database.read { try of(account, today: context.now.date, $0) }
        guard let found = entries.first(where: { $0.person.id == entry }) else {
            throw LinliError.notFound("own.entry")
        }
        return found.person
    }

    /// The same inside a write: after a merge the word of its owner belongs to the entry that stands.
    ///
    /// - Throws: `.conflict` saying what to do where it is theirs no more.
    static func stillOwn(_ entry: ID<Person>, _ tx: WriteTx) throws -> PersonRecord {
        guard let account = tx.context.actor.account else { throw LinliError.notFound("own.account") }
        guard let found = try of(account, today: tx.now.date, tx).first(where: { $0.person.id == entry }) else {
            throw moved
        }
        return found.person
    }

    private static let moved = LinliError(
        .conflict, "own.merged",
        Text(
            "您的登记刚刚变了，还没有保存。请重新打开“我的信息”，再选一次",
            "Your entry has just changed, so nothing was saved. Open “My data” again and choose once more"))

    /// Says whether rules may suggest services from one's data; done at once.
    package static func setProfiled(
        _ isProfiled: Bool, of entry: ID<Person>, _ context: Context, _ database: Database
    ) async throws {
        let person = try await own(entry, context, database)
        let subject = RegisterSubject(.person, entry)
        let history = try database.draft(.profiling)
        try await database.write(context, "own.profiling") { tx in
            _ = try stillOwn(entry, tx)
            try tx.execute(
                "UPDATE person SET is_profiled = \(isProfiled), version = version + 1 WHERE id = \(entry)")
            try history.insert(subject, source: "resident", tx)
            try tx.audit(subject.subject(in: person.division), fields: ["isProfiled"])
            try tx.emit(
                "registers.changed", subject.subject(in: person.division),
                facts: ["what": RegisterHistory.What.profiling.rawValue])
        }
    }
}
