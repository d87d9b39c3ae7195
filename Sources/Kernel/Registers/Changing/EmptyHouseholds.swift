import LinliCore
import LinliSQL

/// Households nobody belongs to any more: they end with whoever left last, and are here again with whoever comes back.
/// An open household without people would be visited, counted and warned of for ever.
enum EmptyHouseholds {
    /// What the history says of where it came from; who ends a household by hand says something else.
    private static let source = "rule"

    /// Ends those of some households in which nobody is left, in the write in which somebody left, with everything an end
    /// by hand has: counts, history, audit and event.
    static func end(_ households: [ID<Household>], _ reason: EndReason?, _ tx: WriteTx) throws {
        for household in Set(households).sorted() {
            let subject = RegisterSubject(.household, household)
            guard let item = try RegisterQueries.item(subject, tx), item.isHere, try isEmpty(household, tx) else {
                continue
            }
            try RegisterCommands.bump(item, version: item.entry.version, ["valid_to = \(tx.now)"], tx)
            try tell(item, .ended, reason, -1, tx)
        }
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
            try RegisterCommands.bump(item, version: item.entry.version, ["valid_to = NULL"], tx)
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
    private static let hasEndedEmpty: SQL = """
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
