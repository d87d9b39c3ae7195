import LinliCore
import LinliSQL
import Logging

/// Households nobody belongs to any more: they end with whoever left last, and are here again with whoever comes back.
/// An open household without people would be visited, counted and warned of for ever.
package enum EmptyHouseholds {
    /// What the history says of where it came from; who ends a household by hand says something else.
    private static let source = "rule"

    /// Ends those of some households in which nobody is left, in the write in which somebody left, with everything an end
    /// by hand has: counts, history, audit and event. `day` is when whoever left last left, nil for today.
    static func end(
        _ households: [ID<Household>], _ reason: EndReason?, on day: CivilDate? = nil, _ tx: WriteTx
    ) throws {
        for household in Set(households).sorted() {
            let subject = RegisterSubject(.household, household)
            guard let item = try RegisterQueries.item(subject, tx), item.isHere, try isEmpty(household, tx) else {
                continue
            }
            let endedOn = try day.map { try lastDay(of: household, notBefore: $0, tx) }
            try RegisterCommands.bump(
                item, version: item.entry.version,
                ["valid_to = \(tx.now)", "ended_on = \(RegisterDays.stored(endedOn))"], tx)
            try HouseholdVisits.close([household], tx)
            try tell(item, .ended, reason, -1, tx)
        }
    }

    /// The day the last of a household left: whoever is entered last may have left before others whose day was said.
    private static func lastDay(
        of household: ID<Household>, notBefore day: CivilDate, _ tx: ReadTx
    ) throws -> CivilDate {
        let said: Int?? = try tx.value(
            "SELECT max(ended_on) FROM residence WHERE household_id = \(household) AND valid_to IS NOT NULL")
        return max((said ?? nil).flatMap { PersonRecord.day($0) } ?? day, day)
    }

    /// Brings back the households that had ended because they were empty, and to which somebody belongs who is back.
    static func reopen(with person: ID<Person>, _ tx: WriteTx) throws {
        let households: [ID<Household>] = try tx.all(
            """
            SELECT DISTINCT h.id FROM residence r JOIN household h ON h.id = r.household_id
            WHERE r.person_id = \(person) AND r.valid_to IS NULL AND \(hasEndedEmpty) ORDER BY h.id
            """
        ) { try $0[0] }
        try reopen(households, tx)
    }

    /// Brings back those of some households that had ended because they were empty and are no more.
    static func reopen(_ households: [ID<Household>], _ tx: WriteTx) throws {
        guard !households.isEmpty else { return }
        let ended: [ID<Household>] = try tx.all(
            "SELECT h.id FROM household h WHERE h.id IN \(SQL.list(households)) AND \(hasEndedEmpty) ORDER BY h.id"
        ) { try $0[0] }
        for household in ended where try !isEmpty(household, tx) {
            guard let item = try RegisterQueries.item(RegisterSubject(.household, household), tx) else { continue }
            try RegisterCommands.bump(item, version: item.entry.version, ["valid_to = NULL", "ended_on = NULL"], tx)
            try HouseholdVisits.reopen(household, endedAt: item.entry.validTo, tx)
            try tell(item, .reopened, nil, 1, tx)
        }
    }

    /// The households some residences are in: those that may be empty without them.
    static func of(_ residences: [Int64], _ tx: ReadTx) throws -> [ID<Household>] {
        guard !residences.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT DISTINCT household_id FROM residence
            WHERE id IN \(SQL.list(residences)) AND household_id IS NOT NULL ORDER BY household_id
            """
        ) { try $0[0] }
    }

    /// Whether a household `h` has ended because nobody was left.
    static let hasEndedEmpty: SQL = """
        h.valid_to IS NOT NULL AND h.merged_into IS NULL AND h.erased_at IS NULL AND EXISTS (
            SELECT 1 FROM register_change c WHERE c.kind = 'household' AND c.subject_id = h.id
            AND c.what = 'ended' AND c.source = 'rule' AND c.at = h.valid_to
        )
        """

    private static func isEmpty(_ household: ID<Household>, _ tx: ReadTx) throws -> Bool {
        try !tx.exists(
            """
            SELECT 1 FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = \(household) AND r.valid_to IS NULL AND p.valid_to IS NULL LIMIT 1
            """)
    }

    // MARK: Left over

    /// How many households are open although everybody who belonged to them has left; for `linli doctor`.
    package static func leftOver(_ tx: ReadTx) throws -> Int {
        let count: Int? = try tx.value("SELECT count(*) FROM household h WHERE \(isLeftOver)")
        return count ?? 0
    }

    /// The next households in their order, and which of them are left over.
    private static func page(
        after: ID<Household>?, _ tx: ReadTx
    ) throws -> (leftOver: [ID<Household>], last: ID<Household>?) {
        let ids: [ID<Household>] = try tx.all(
            "SELECT id FROM household WHERE id > \(after?.rawValue ?? 0) ORDER BY id LIMIT 1000"
        ) { try $0[0] }
        guard !ids.isEmpty else { return ([], nil) }
        let found: [ID<Household>] = try tx.all(
            "SELECT h.id FROM household h WHERE h.id IN \(SQL.list(ids)) AND \(isLeftOver) ORDER BY h.id"
        ) { try $0[0] }
        return (found, ids.last)
    }

    /// Ends the households from which everybody left before a household ended with the last of its people; answers with
    /// how many. One that nobody was ever entered in is somebody's work to come, and stays.
    static func endLeftOver(_ context: Context, _ database: Database) async throws -> Int {
        var (after, ended): (ID<Household>?, Int) = (nil, 0)
        while true {
            let from = after
            let (found, last) = try await database.read { try page(after: from, $0) }
            if !found.isEmpty {
                try await database.write(context, "registers.endEmpty") { tx in
                    try end(found, nil, tx)
                    try tx.audit(Subject("household", 0), fields: ["empty×\(found.count)"])
                }
                ended += found.count
            }
            guard let last else { return ended }
            after = last
        }
    }

    /// Whether a household `h` is open, somebody belonged to it where it is, and nobody does. Former people are looked for
    /// by the dwelling: of those the household's index knows nothing.
    private static let isLeftOver: SQL = """
        h.valid_to IS NULL
        AND EXISTS (SELECT 1 FROM residence f WHERE f.dwelling_id = h.dwelling_id AND f.household_id = h.id)
        AND NOT EXISTS (
            SELECT 1 FROM residence r JOIN person p ON p.id = r.person_id
            WHERE r.household_id = h.id AND r.valid_to IS NULL AND p.valid_to IS NULL
        )
        """

    private static func tell(
        _ item: RegisterItem, _ what: RegisterHistory.What, _ reason: EndReason?, _ change: Int, _ tx: WriteTx
    ) throws {
        let fields: [String] = reason.map { [$0.rawValue] } ?? []
        var delta = RegisterCounts.Delta()
        delta.add(change, .household, in: item.division)
        let line = RegisterHistory.Draft(id: try tx.newID(), what: what, fields: fields, sealed: nil)
        try line.insert(item.subject, source: source, tx)
        try RegisterCommands.tell(item, what, fields: fields, counts: delta, tx)
    }
}

extension JobKind {
    /// Once a day: households that everybody left before they ended by it, in a store of then, end with a line of history.
    static let emptyHouseholds = JobKind("registers.endEmpty", everySeconds: 86_400) { run in
        let ended = try await EmptyHouseholds.endLeftOver(run.context, run.database)
        if ended > 0 { run.logger.notice("registers.endEmpty", metadata: ["ended": "\(ended)"]) }
    }
}
