import LinliCore
import LinliSQL

extension RegisterRows {
    /// Labels given by hand go along when two entries of one person are merged.
    static let ofLabels = RegisterRows(
        "person_label", of: [.person], column: "person_id", twins: RegisterTwins.labels, isErased: false)
}

extension RegisterTwins {
    /// Labels given by hand go along when two entries of one person are merged. A label both have by hand is one: the other
    /// entry's gives way, and comes back as it was. What a rule says gives way to what somebody said; rules say it again.
    static let labels = RegisterTwins(
        plan: { other, survivor, keys, tx in
            let rows = try tx.all(
                """
                SELECT id, person_id, label, is_by_hand, since, account_id, reason_sealed FROM person_label
                WHERE person_id IN \(SQL.list([other.id, survivor.id])) ORDER BY id
                """
            ) { try LabelTwin($0) }
            let ours = rows.filter { $0.person == survivor.id }
            var plan = Plan()
            for row in rows where row.person == other.id && row.isByHand {
                let twin = ours.first { $0.label == row.label }
                if let twin, twin.isByHand {
                    plan.yielding[row.id] = try row.words(keys)
                } else {
                    plan.moving.append(row.id)
                    if let twin { plan.yielding[twin.id] = "" }
                }
            }
            return plan
        },
        giveWay: { rows, tx in
            var counts = LabelCounts.Delta()
            try tx.each("SELECT label, grid FROM person_label WHERE id IN \(SQL.list(rows))") { row in
                counts.add(-1, try row[0], in: try row[1])
            }
            try tx.execute("DELETE FROM person_label WHERE id IN \(SQL.list(rows))")
            try counts.write(tx.connection)
        },
        restore: { rows, tx in
            for (_, words) in rows.sorted(by: { $0.key < $1.key }) { try LabelTwin.restore(words, tx) }
        })
}

/// A label of one of two entries that are merged.
private struct LabelTwin {
    let id: Int64
    let person: Int64
    let label: Int64
    let isByHand: Bool
    let since: Instant
    let account: Int64?
    let reason: [UInt8]?

    init(_ row: Row) throws {
        id = try row[0]
        person = try row[1]
        label = try row[2]
        isByHand = try row[3]
        since = try row[4]
        account = try row[5]
        reason = try row[6]
    }

    /// What `restore` needs; the reason in clear, as it is sealed for a row that will be gone.
    func words(_ keys: KeyRing) throws -> String {
        let reason = try reason.map { try keys.open($0, cell: Cell("person_label", "reason_sealed", id)) } ?? ""
        let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "\(person) \(label) \(since.milliseconds) \(account ?? 0) \(line)"
    }

    /// Gives somebody back what gave way; what rules said there meanwhile gives way to it.
    static func restore(_ words: String, _ tx: WriteTx) throws {
        let parts = words.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let person = Int64(parts[0]), let label = Int64(parts[1]),
            let since = Int64(parts[2]), let account = Int64(parts[3])
        else { return }
        let division: DivisionCode? = try tx.value(
            "SELECT division FROM person WHERE id = \(person) AND valid_to IS NULL")
        let there = try tx.first(
            "SELECT is_by_hand, grid FROM person_label WHERE person_id = \(person) AND label = \(label)"
        ) { row -> (isByHand: Bool, grid: DivisionCode) in (try row[0], try row[1]) }
        guard let division, there?.isByHand != true else { return }
        let row = try tx.newID(Label.self)
        let (reason, giver): (String, Int64?) = (String(parts[4]), account == 0 ? nil : account)
        let sealed: [UInt8]? =
            reason.isEmpty ? nil : try tx.seal(reason, table: "person_label", column: "reason_sealed", row: row)
        try tx.execute("DELETE FROM person_label WHERE person_id = \(person) AND label = \(label)")
        try tx.execute(
            """
            INSERT INTO person_label (id, person_id, label, is_by_hand, grid, community, street, since, reason_sealed,
                account_id)
            VALUES (\(row), \(person), \(label), 1, \(division), \(division.ancestor(at: .community)),
                \(division.ancestor(at: .street)), \(since), \(sealed), \(giver))
            """)
        var counts = LabelCounts.Delta()
        if let there { counts.add(-1, label, in: there.grid) }
        counts.add(1, label, in: division)
        try counts.write(tx.connection)
    }
}
