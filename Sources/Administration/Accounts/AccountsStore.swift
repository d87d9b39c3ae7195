import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text about accounts as administrators see them; each takes the divisions of the administrator's own duty.
enum AccountsStore {
    /// Which accounts are listed.
    struct Search: Sendable {
        var name: String?
        var phoneIndex: [UInt8]?
        var isClosed = false
        var lacksSecondFactor = false
        var after: ID<Account>?
        var limit = 50
    }

    /// How many accounts there are, and how many of them have no second factor yet.
    struct Totals: Sendable {
        var accounts = 0
        var withoutSecondFactor = 0
    }

    /// Staff of the divisions; one more than the limit tells whether there is another page.
    static func list(
        _ search: Search, in divisions: [DivisionCode], at now: Instant, _ tx: ReadTx
    ) throws -> [StaffAccount] {
        let status = search.isClosed ? "closed" : "active"
        var conditions: [SQL] = [
            "a.id IN (\(staff(of: divisions, now)))", "a.status = \(status)",
            "a.id > \(search.after ?? ID(rawValue: 0))",
        ]
        if let name = search.name { conditions.append(SQL.contains("a.name", name)) }
        // A phone is only ever compared as a whole, by its keyed hash.
        if let index = search.phoneIndex { conditions.append("a.phone_index = \(index)") }
        if search.lacksSecondFactor { conditions.append("a.totp_sealed IS NULL") }
        let accounts = try tx.all(
            "\(select) WHERE \(SQL.joined(conditions, separator: " AND ")) ORDER BY a.id LIMIT \(search.limit + 1)",
            decode
        )
        return try withDuties(accounts, tx)
    }

    /// The same; for a phone of nobody's staff, the resident of the divisions who may be given a first duty.
    static func find(
        _ search: Search, in divisions: [DivisionCode], at now: Instant, _ tx: ReadTx
    ) throws -> [StaffAccount] {
        let accounts = try list(search, in: divisions, at: now, tx)
        guard accounts.isEmpty, let index = search.phoneIndex else { return accounts }
        return try [resident(index, in: divisions, tx)].compactMap { $0 }
    }

    /// Anybody whose work or home lies in the divisions; nil for everybody else.
    static func find(
        _ id: ID<Account>, in divisions: [DivisionCode], at now: Instant, _ tx: ReadTx
    ) throws -> StaffAccount? {
        let account = try tx.first(
            """
            \(select) WHERE a.id = \(id) AND (a.id IN (\(staff(of: divisions, now)))
            OR \(inside("a.division", divisions)))
            """,
            decode
        )
        return try account.flatMap { try withDuties([$0], tx).first }
    }

    /// A resident of the divisions by phone, who may be given a first duty.
    static func resident(_ phoneIndex: [UInt8], in divisions: [DivisionCode], _ tx: ReadTx) throws -> StaffAccount? {
        try tx.first(
            """
            \(select) WHERE a.phone_index = \(phoneIndex) AND a.status = 'active' AND \(inside("a.division", divisions))
            """,
            decode
        )
    }

    /// The totals of the divisions.
    static func totals(in divisions: [DivisionCode], at now: Instant, _ tx: ReadTx) throws -> Totals {
        try tx.first(
            """
            SELECT count(*), count(CASE WHEN a.totp_sealed IS NULL THEN 1 END) FROM account a
            WHERE a.status = 'active' AND a.id IN (\(staff(of: divisions, now)))
            """
        ) { Totals(accounts: try $0[0], withoutSecondFactor: try $0[1]) } ?? Totals()
    }

    // MARK: Pieces

    private static let select: SQL = """
        SELECT a.id, a.name, a.phone_mask, u.name, u.name_en, a.status,
            CASE WHEN a.totp_sealed IS NULL THEN 0 ELSE 1 END,
            a.locked_until, (SELECT max(d.seen_at) FROM device d WHERE d.account_id = a.id)
        FROM account a LEFT JOIN unit u ON u.id = a.unit_id
        """

    private static func decode(_ row: Row) throws -> StaffAccount {
        let status: String = try row[5]
        return StaffAccount(
            id: try row[0],
            name: try row[1],
            phoneMask: try row[2],
            unitName: Text(try row[3] ?? "", try row[4] ?? ""),
            isActive: status == "active",
            hasSecondFactor: try row[6],
            lockedUntil: try row[7],
            lastSeen: try row[8]
        )
    }

    /// Ids of accounts with a duty in the divisions or in a unit of theirs, and of who works for such a unit.
    private static func staff(of divisions: [DivisionCode], _ now: Instant) -> SQL {
        let held: SQL = "(g.valid_until IS NULL OR g.valid_until > \(now))"
        return """
            SELECT g.account_id FROM access_grant g WHERE \(inside("g.division", divisions)) AND \(held)
            UNION SELECT g.account_id FROM access_grant g JOIN unit w ON w.id = g.unit_id
            WHERE \(inside("w.division", divisions)) AND \(held)
            UNION SELECT s.id FROM account s JOIN unit w ON w.id = s.unit_id WHERE \(inside("w.division", divisions))
            """
    }

    private static func inside(_ column: SQL, _ divisions: [DivisionCode]) -> SQL {
        let ranges = divisions.map { code -> SQL in
            column + " BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        return ranges.isEmpty ? "1 = 0" : "(" + SQL.joined(ranges, separator: " OR ") + ")"
    }

    private static func withDuties(_ accounts: [StaffAccount], _ tx: ReadTx) throws -> [StaffAccount] {
        guard !accounts.isEmpty else { return [] }
        var duties: [ID<Account>: [StaffDuty]] = [:]
        try tx.each(
            """
            SELECT g.account_id, g.id, g.role, g.division, g.unit_id, u.name, u.name_en, u.division, g.valid_from,
                g.valid_until
            FROM access_grant g LEFT JOIN unit u ON u.id = g.unit_id
            WHERE g.account_id IN \(SQL.list(accounts.map(\.id))) ORDER BY g.id
            """
        ) { row in
            let division: DivisionCode? = try row[3]
            let unit: ID<Unit>? = try row[4]
            let unitDivision: DivisionCode? = try row[7]
            guard let subject = division.map(Grant.Subject.division) ?? unit.map(Grant.Subject.unit),
                let place = division ?? unitDivision
            else { return }
            let duty = StaffDuty(
                id: try row[1], role: try row[2], subject: subject, unitName: Text(try row[5] ?? "", try row[6] ?? ""),
                division: place, from: try row[8], until: try row[9]
            )
            duties[try row[0], default: []].append(duty)
        }
        return accounts.map { account in
            var account = account
            account.duties = duties[account.id] ?? []
            return account
        }
    }

    // MARK: Changes

    /// Lets an account try again at once.
    static func unlock(_ id: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE account SET failures = 0, locked_until = 0 WHERE id = \(id)")
        try tx.audit(Subject("account", id), fields: ["failures"])
    }

    /// Forgets the second factor and every device: the next sign-in sets it up anew.
    static func resetSecondFactor(_ id: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE account SET totp_sealed = NULL WHERE id = \(id)")
        try tx.execute("UPDATE device SET verified_at = NULL WHERE account_id = \(id)")
        try tx.execute("DELETE FROM session WHERE account_id = \(id)")
        try tx.audit(Subject("account", id), fields: ["secondFactor", "session", "device"])
    }

    /// Closes an account: its duties end, its sessions and tokens are gone, its history stays.
    static func close(_ id: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE account SET status = 'closed' WHERE id = \(id)")
        try tx.execute(
            """
            UPDATE access_grant SET valid_until = \(tx.now)
            WHERE account_id = \(id) AND (valid_until IS NULL OR valid_until > \(tx.now))
            """
        )
        try tx.execute("DELETE FROM session WHERE account_id = \(id)")
        try tx.execute("DELETE FROM api_token WHERE account_id = \(id)")
        try tx.audit(Subject("account", id), fields: ["status", "duty", "session"])
        try VisitHandovers.settle(of: id, tx)
    }
}
