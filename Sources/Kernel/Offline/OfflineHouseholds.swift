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
        // What two entries of one household hold is one since somebody merged them.
        let found = try await database.read { try RegisterQueries.standing(id, $0) }
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
        case "member": return try await OfflineMembers.add(entry, to: household, context, database)
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

    /// Somebody was there, at the hour it was done: what was heard later stays.
    private static func heard(_ household: HouseholdRecord, _ entry: OfflineEntry, _ tx: WriteTx) throws {
        try Households.heard(of: household.id, by: .visit, at: entry.at, tx)
    }

    // MARK: Fields

    /// Fields of which only one side changed are set; of the others both values come back.
    private static func edit(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        let changes = try OfflineChange.all(in: entry, today: context.now.date)
        return try await unlessFaster {
            let plan = try await OfflinePlan(changes, of: household, context, database)
            let outcome = OfflineOutcome(
                kind: plan.differences.isEmpty ? .taken : .conflict, differences: plan.differences)
            try await database.write(context, "offline.edit") { tx in
                try plan.write(tx)
                try heard(household, entry, tx)
                try tx.audit(
                    RegisterSubject(.household, household.id).subject(in: household.division), fields: ["heardAt"])
                try OfflineStore.note(entry, outcome, tx)
            }
            return outcome
        }
    }

    /// Does it again when somebody changed the same thing between reading and writing.
    private static func unlessFaster(
        _ attempt: () async throws -> OfflineOutcome
    ) async throws -> OfflineOutcome {
        for _ in 0..<8 {
            do {
                return try await attempt()
            } catch let error as LinliError where error.id == "registers.version" {
                continue
            }
        }
        throw LinliError(
            .unavailable, "offline.busy",
            Text("同一户正有人在改，过一会儿自动再传", "Somebody is changing the same household; it is sent again shortly"),
            retryAfterSeconds: 5)
    }

    // MARK: Members

    /// Somebody moved or died. Who is gone already stays so: it is the same news.
    private static func gone(
        _ household: HouseholdRecord, _ entry: OfflineEntry, _ context: Context, _ database: Database
    ) async throws -> OfflineOutcome {
        guard let id: ID<Person> = entry.body.id("person") else { throw OfflineHouseholds.noMember }
        let reason = EndReason(rawValue: entry.body.text("reason")) == .died ? EndReason.died : .moved
        let subject = RegisterSubject(.person, id)
        let day = try OfflineHouseholds.day(of: entry.body)
        return try await unlessFaster {
            let item = try await database.read { tx -> RegisterItem? in
                let isMember = try RegisterQueries.members(of: household.id, tx).contains { $0.person.id == id }
                guard isMember else { return nil }
                let item = try RegisterCommands.open(subject, context, tx)
                try RegisterDays.check(day, of: subject, today: context.now.date, tx)
                return item
            }
            let history = try database.draft(
                .ended, fields: [reason.rawValue], RegisterDays.values("until", day))
            try await database.write(context, "offline.gone") { tx in
                if let item {
                    try RegisterCommands.bump(
                        item, version: item.entry.version,
                        [
                            "valid_to = \(tx.now)", "ended_on = \(RegisterDays.stored(day))",
                            "end_reason = \(reason)",
                        ], tx)
                    try RegisterStore.leave(id, reason, on: day, tx)
                    var delta = RegisterCounts.Delta()
                    delta.add(-1, .person, in: item.division)
                    try history.insert(subject, source: source, tx)
                    try RegisterCommands.tell(item, .ended, counts: delta, tx)
                }
                try heard(household, entry, tx)
                try tx.audit(
                    RegisterSubject(.household, household.id).subject(in: household.division), fields: ["members"])
                try OfflineStore.note(entry, .taken, tx)
            }
            return .taken
        }
    }

    /// What the registers keep of where a change came from.
    static let source = "offline"

    /// The day that was said; nil for today.
    ///
    /// - Throws: `.invalid` for what is no day: to take it as today would write down what nobody said.
    static func day(of body: [String: JSONValue]) throws -> CivilDate? {
        let typed = body.text("day").trimmed
        guard !typed.isEmpty else { return nil }
        guard let day = CivilDate(typed) else {
            let words = typed.prefix(20)
            throw LinliError.invalid(
                "offline.day",
                [.init("day", Text("“\(words)”看不出是哪天，请重新选日期", "“\(words)” is no day: please choose it again"))])
        }
        return day
    }

    static let noMember = LinliError.invalid(
        "offline.noMember", [.init("person", Text("这个人已不在这一户", "This person is not of this household any more"))])
}
