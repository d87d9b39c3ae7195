import LinliCore
import LinliSQL
import LinliStandards

/// Households without a network: what is seen of them, and changes, new and gone members, "nothing changed" and openings
/// on their way back.
package enum OfflineHouseholds {
    /// Whether a field can be changed without a network.
    package static func isOffered(_ field: RegisterField) -> Bool { OfflineChange.isOffered(field) }

    /// Takes an entry about one household.
    ///
    /// - Throws: `.notFound` for a household that is not there or not theirs, `.invalid` saying what does not fit.
    package static func take(
        _ entry: OfflineEntry, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        let database = services.database
        guard let id: ID<Household> = entry.body.id("household") else { throw LinliError.notFound("offline.household") }
        let found = try await database.read { try RegisterQueries.household(id, $0) }
        guard let household = found, context.actor.may(.peopleRead, in: household.division) else {
            throw LinliError.notFound("offline.household")
        }
        if entry.body.text("kind") == "opened" { return try await opened(household, entry, context, database) }
        guard context.actor.may(.peopleEdit, in: household.division) else {
            throw LinliError.forbidden("offline.household")
        }
        switch entry.body.text("kind") {
        case "edit": return try await edit(household, entry, context, database)
        case "same": return try await same(household, entry, context, database)
        case "member": return try await member(household, entry, context, database)
        case "gone": return try await gone(household, entry, context, database)
        default: throw LinliError.notFound("offline.kind")
        }
    }

    // MARK: Seen, and nothing changed

    /// Somebody looked at a household without a network: its owner reads that, with the hour.
    private static func opened(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        let reason = "\(ReadingPurpose.visit.rawValue): \(entry.at.iso8601)"
        try await database.write(context, "registers.offline", reason: reason) { tx in
            try tx.audit(RegisterSubject(.household, household.id).subject(in: household.division))
            try OfflineStore.note(entry, .taken, tx)
        }
        return .taken
    }

    private static func same(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        try await database.write(context, "offline.same") { tx in
            try heard(household, entry, tx)
            try tx.audit(RegisterSubject(.household, household.id).subject(in: household.division), fields: ["heardAt"])
            try OfflineStore.note(entry, .taken, tx)
        }
        return .taken
    }

    private static func heard(_ household: HouseholdRecord, _ entry: OfflineEntry, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE household SET heard_at = \(entry.at)
            WHERE id = \(household.id) AND (heard_at IS NULL OR heard_at < \(entry.at))
            """
        )
    }

    // MARK: Fields

    /// Fields of which only one side changed are set; of the others both values come back.
    private static func edit(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        let changes = try OfflineChange.all(in: entry, today: context.now.date).map { try $0.sealed(database) }
        let keys = database.keys
        return try await database.write(context, "offline.edit") { tx in
            let members = Set(try RegisterQueries.members(of: household.id, tx).map(\.person.id.rawValue))
            var outcome = OfflineOutcome.taken
            var done: [RegisterSubject: [String]] = [:]
            for change in changes {
                guard change.belongs(to: household, members) else { throw OfflineHouseholds.noMember }
                if let difference = try change.apply(keys, in: household, tx) {
                    outcome.differences.append(difference)
                } else {
                    done[change.subject, default: []].append(change.field.id)
                }
            }
            if !outcome.differences.isEmpty { outcome.kind = .conflict }
            try heard(household, entry, tx)
            if let settled = entry.body["settles"], case .text(let key) = settled {
                try OfflineStore.settle(key: key, of: entry.lease.account, tx)
            }
            for (subject, fields) in done.sorted(by: { $0.key.id < $1.key.id }) {
                try note(subject, "changed", fields, entry, in: household.division, tx)
            }
            try tx.audit(RegisterSubject(.household, household.id).subject(in: household.division), fields: ["heardAt"])
            try OfflineStore.note(entry, outcome, tx)
            return outcome
        }
    }

    /// A line of the history, a newer version, an entry of the audit, an event.
    private static func note(
        _ subject: RegisterSubject, _ what: String, _ fields: [String], _ entry: OfflineEntry,
        in division: DivisionCode, counts: String? = nil, _ tx: WriteTx
    ) throws {
        try tx.execute(
            "UPDATE \(RegisterQueries.table(of: subject.kind)) SET version = version + 1 WHERE id = \(subject.id)")
        try tx.execute(
            """
            INSERT INTO register_change (id, kind, subject_id, at, what, fields, account_id, actor_name, source)
            VALUES (\(try tx.newID(OfflineEntry.self)), \(subject.kind), \(subject.id), \(entry.at), \(what),
                \(fields.joined(separator: ",")), \(entry.lease.account), \(tx.context.actor.name), 'offline')
            """
        )
        try tx.audit(subject.subject(in: division), fields: fields)
        var facts = ["what": what]
        facts["counts"] = counts
        try tx.emit("registers.changed", subject.subject(in: division), facts: facts)
    }

    // MARK: Members

    private static func member(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        let today = context.now.date
        func value(_ field: String) throws -> String {
            guard let known = RegisterField.named(field) else { return "" }
            return try RegisterValue.check(entry.body.text(String(field.dropFirst(7))), of: known, today: today)?.value
                ?? ""
        }
        var person = NewPerson(
            name: try value("person.name"), dwelling: household.dwelling, household: household.id,
            division: household.division, entry: RegisterEntry(source: "offline", validFrom: entry.at))
        guard !person.name.isEmpty else {
            throw LinliError.invalid("offline.member", [.init("name", Text("请填姓名", "Please give the name"))])
        }
        person.sex = Int(try value("person.sex")) ?? 0
        person.born = RegisterValue.day(try value("person.born"))
        person.phone = PhoneNumber(try value("person.phone"))
        person.tie = ResidenceTie(rawValue: entry.body.text("tie")) ?? .family
        person.relation = HouseholdRelation(rawValue: entry.body.text("relation")) ?? .other
        var batch = RegisterBatch()
        batch.people = try database.seal([person])
        let entered = batch
        try await database.write(context, "offline.member") { tx in
            try RegisterCommands.enter(
                entered, as: RegisterSubject(.household, household.id).subject(in: household.division), tx)
            try heard(household, entry, tx)
            try OfflineStore.note(entry, .taken, tx)
        }
        return .taken
    }

    /// Somebody moved or died. Who is gone already stays so: it is the same news.
    private static func gone(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        guard let id: ID<Person> = entry.body.id("person") else { throw OfflineHouseholds.noMember }
        let reason = entry.body.text("reason") == "died" ? "died" : "moved"
        try await database.write(context, "offline.gone") { tx in
            let ended = try tx.execute(
                """
                UPDATE residence SET valid_to = \(entry.at)
                WHERE person_id = \(id) AND household_id = \(household.id) AND valid_to IS NULL
                """
            )
            let isHome = try tx.exists("SELECT 1 FROM residence WHERE person_id = \(id) AND valid_to IS NULL")
            if ended > 0, !isHome {
                try tx.execute(
                    """
                    UPDATE person SET valid_to = \(entry.at), end_reason = \(reason)
                    WHERE id = \(id) AND valid_to IS NULL
                    """
                )
                var delta = RegisterCounts.Delta()
                delta.add(-1, .person, in: household.division)
                try note(
                    RegisterSubject(.person, id), reason, ["residence"], entry, in: household.division,
                    counts: delta.text, tx)
            }
            try heard(household, entry, tx)
            try tx.audit(RegisterSubject(.household, household.id).subject(in: household.division), fields: ["members"])
            try OfflineStore.note(entry, .taken, tx)
        }
        return .taken
    }

    static let noMember = LinliError.invalid(
        "offline.noMember", [.init("person", Text("这个人已不在这一户", "This person is not of this household any more"))])
}
