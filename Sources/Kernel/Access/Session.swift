import LinliCore
import LinliSQL

/// A device somebody signed in from.
package enum Device {}

/// A signed-in session.
package struct Session: Sendable {
    /// The account.
    package let account: AccountSummary
    /// The device it runs on.
    package let device: ID<Device>
    /// Whether the second factor was given on this device; staff pages need it.
    package let isVerified: Bool
    /// The hash of its token, its key in the store.
    let tokenHash: [UInt8]

    /// Whose streams of live updates these are.
    package var holder: LiveHub.Holder {
        LiveHub.Holder(session: tokenHash, account: account.id, access: access)
    }

    /// Everything that decides what the person may see, as one text.
    private var access: String {
        let duties = account.grants.map { "\($0.id)" }.joined(separator: " ")
        return "\(isVerified) \(account.unit.map { "\($0)" } ?? "") \(duties)"
    }
}

extension AccessStore {
    /// What those of some sessions that are not over may see at `now`; for `LiveHub`.
    static func standings(_ hashes: [[UInt8]], at now: Instant, _ tx: ReadTx) throws -> [[UInt8]: String] {
        var standings: [[UInt8]: String] = [:]
        for hash in hashes { standings[hash] = try session(hash, at: now, tx)?.holder.access }
        return standings
    }
}

/// An account as pages show it: the phone is masked.
package struct AccountSummary: Sendable {
    /// Its identifier.
    package let id: ID<Account>
    /// The person's name.
    package let name: String
    /// `138****1234`.
    package let phoneMask: String
    /// The unit the person works for, if any.
    package let unit: ID<Unit>?
    /// Where a resident lives, down to the grid.
    package let division: DivisionCode?
    /// The building a resident lives in.
    package let place: ID<Place>?
    /// Whether a second factor is enrolled.
    package let hasSecondFactor: Bool
    /// The duties held now.
    package var grants: [Grant]

    static let columns: SQL = """
        a.id, a.name, a.phone_mask, a.unit_id, a.division, a.place_id,
        CASE WHEN a.totp_sealed IS NULL THEN 0 ELSE 1 END
        """

    init(_ row: Row, _ start: Int = 0) throws {
        id = try row[start]
        name = try row[start + 1]
        phoneMask = try row[start + 2]
        unit = try row[start + 3]
        division = try row[start + 4]
        place = try row[start + 5]
        hasSecondFactor = try row[start + 6]
        grants = []
    }

    /// The account as an actor.
    package var actor: Actor { Actor(.account(id), name: name, grants: grants, employer: unit) }

    /// Whether any duty is held.
    package var isStaff: Bool { !grants.isEmpty }
}

/// Every SQL text about accounts, duties and sessions.
package enum AccessStore {
    /// An account with the duties it holds at `now`, or nil.
    package static func account(_ id: ID<Account>, at now: Instant, _ tx: ReadTx) throws -> AccountSummary? {
        guard
            var account = try tx.first(
                "SELECT \(AccountSummary.columns) FROM account a WHERE a.id = \(id) AND a.status = 'active'",
                { try AccountSummary($0) }
            )
        else { return nil }
        account.grants = try grants(of: id, at: now, tx)
        return account
    }

    /// The duties an account holds at `now`.
    package static func grants(of account: ID<Account>, at now: Instant, _ tx: ReadTx) throws -> [Grant] {
        try tx.all(
            """
            SELECT g.id, g.role, g.division, g.unit_id, \(AccessStore.office) FROM access_grant g
            WHERE g.account_id = \(account) AND g.valid_from <= \(now)
            AND (g.valid_until IS NULL OR g.valid_until > \(now))
            ORDER BY g.id
            """
        ) { row -> Grant? in
            let role: String = try row[1]
            let division: DivisionCode? = try row[2]
            let unit: ID<Unit>? = try row[3]
            guard let permissions = Role.named(role)?.permissions,
                let subject = division.map(Grant.Subject.division) ?? unit.map(Grant.Subject.unit)
            else { return nil }
            return Grant(id: try row[0], role: role, subject: subject, permissions: permissions, office: try row[4])
        }.compactMap { $0 }
    }

    /// The unit that a duty (`access_grant g`) over a grid, community, street or district is done for: six digits after a
    /// street say the community and the grid in it.
    private static let office: SQL = """
        (SELECT u.id FROM unit u WHERE u.closed_at IS NULL
        AND u.division = CASE WHEN g.division % 1000000 = 0 THEN g.division ELSE g.division - g.division % 1000 END
        AND u.kind IN ('committee', 'village', 'streetCentre', 'district') ORDER BY u.id LIMIT 1)
        """

    /// The session of a token that has not expired, with its account.
    package static func session(_ tokenHash: [UInt8], at now: Instant, _ tx: ReadTx) throws -> Session? {
        let found = try tx.first(
            """
            SELECT \(AccountSummary.columns), s.device_id, s.is_verified,
                CASE WHEN EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id) THEN 1 ELSE 0 END
            FROM session s
            JOIN account a ON a.id = s.account_id
            WHERE s.token_hash = \(tokenHash) AND s.expires_at > \(now) AND a.status = 'active'
            """
        ) { row -> (AccountSummary, ID<Device>, Bool, Bool) in
            (try AccountSummary(row), try row[7], try row[8], try row[9])
        }
        guard let (owner, device, isVerified, hadDuties) = found else { return nil }
        var account = owner
        // Most people never had a duty; they are not asked for each time.
        if hadDuties { account.grants = try grants(of: account.id, at: now, tx) }
        return Session(account: account, device: device, isVerified: isVerified, tokenHash: tokenHash)
    }

    /// The account a bearer token belongs to.
    package static func tokenOwner(_ tokenHash: [UInt8], at now: Instant, _ tx: ReadTx) throws -> AccountSummary? {
        let id: ID<Account>? = try tx.value(
            "SELECT account_id FROM api_token WHERE token_hash = \(tokenHash) AND expires_at > \(now)"
        )
        return try id.flatMap { try account($0, at: now, tx) }
    }

    /// Somebody who holds `role` exactly over `division`, the longest-serving first.
    package static func holder(
        of role: Role,
        over division: DivisionCode,
        at now: Instant,
        _ tx: ReadTx
    ) throws -> AccountSummary? {
        try tx.first(
            """
            SELECT \(AccountSummary.columns) FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.division = \(division) AND g.role = \(role.id) AND g.valid_from <= \(now)
            AND (g.valid_until IS NULL OR g.valid_until > \(now)) AND a.status = 'active'
            ORDER BY g.id LIMIT 1
            """
        ) { try AccountSummary($0) }
    }

    /// Accounts whose duties lie inside a division, by name; for administration.
    package static func staff(in division: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> [AccountSummary] {
        let accounts = try tx.all(
            """
            SELECT DISTINCT \(AccountSummary.columns) FROM account a
            WHERE a.status = 'active' AND (
                a.id IN (SELECT g.account_id FROM access_grant g
                    WHERE g.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound))
                OR a.unit_id IN (SELECT u.id FROM unit u
                    WHERE u.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound))
            )
            ORDER BY a.id LIMIT 500
            """
        ) { try AccountSummary($0) }
        return try accounts.map { account in
            var account = account
            account.grants = try grants(of: account.id, at: now, tx)
            return account
        }
    }
}

/// An account to add.
package struct NewAccount: Sendable {
    package var name: String
    package var phone: String
    /// The stored form of a password, from `Passwords.hash`.
    package var passwordHash: String?
    package var unit: ID<Unit>?
    package var division: DivisionCode?
    package var place: ID<Place>?

    /// An account to add; `phone` in clear, 11 digits, sealed when it is stored.
    package init(
        name: String,
        phone: String,
        passwordHash: String? = nil,
        unit: ID<Unit>? = nil,
        division: DivisionCode? = nil,
        place: ID<Place>? = nil
    ) {
        self.name = name
        self.phone = phone
        self.passwordHash = passwordHash
        self.unit = unit
        self.division = division
        self.place = place
    }
}

extension AccessStore {
    /// Adds an account; its phone is sealed and found again by its keyed hash only.
    ///
    /// - Throws: `.conflict` when the phone already has an account.
    package static func insert(_ account: NewAccount, keys: KeyRing, _ tx: WriteTx) throws -> ID<Account> {
        let id = try tx.newID(Account.self)
        let phone = try Secret(
            account.phone, Cell("account", "phone_sealed", id.rawValue),
            hash: keys.index(account.phone, kind: "phone"), mask: maskedPhone(account.phone), keys)
        try tx.execute(
            """
            INSERT INTO account (id, name, phone_sealed, phone_index, phone_mask, password, unit_id, division,
                place_id, status, failures, locked_until, created_at)
            VALUES (\(id), \(account.name), \(phone.sealed), \(phone.hash), \(phone.mask), \(account.passwordHash),
                \(account.unit), \(account.division), \(account.place), 'active', 0, 0, \(tx.now))
            """
        )
        try tx.audit(Subject("account", id, division: account.division), fields: ["name", "phone"])
        return id
    }

    /// Gives a duty.
    package static func grant(
        _ role: Role,
        _ subject: Grant.Subject,
        to account: ID<Account>,
        until: Instant? = nil,
        _ tx: WriteTx
    ) throws {
        var division: DivisionCode?
        var unit: ID<Unit>?
        switch subject {
        case .division(let code): division = code
        case .unit(let id): unit = id
        }
        try tx.execute(
            """
            INSERT INTO access_grant (id, account_id, role, division, unit_id, valid_from, valid_until)
            VALUES (\(try tx.newID(Grant.self)), \(account), \(role.id), \(division), \(unit), \(tx.now), \(until))
            """
        )
        try tx.audit(Subject("account", account, division: division), fields: ["duty"], values: [role.id])
    }

    /// Ends a duty now; its row stays as history.
    package static func revoke(_ grant: ID<Grant>, of account: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE access_grant SET valid_until = \(tx.now)
            WHERE id = \(grant) AND account_id = \(account) AND (valid_until IS NULL OR valid_until > \(tx.now))
            """
        )
        try tx.audit(Subject("account", account), fields: ["duty"])
    }

    /// The identifier of the account with a phone, or nil.
    package static func find(phone: String, keys: KeyRing, _ tx: ReadTx) throws -> ID<Account>? {
        try tx.value("SELECT id FROM account WHERE phone_index = \(keys.index(phone, kind: "phone"))")
    }
}

/// `138****1234`; what is too short shows nothing.
package func maskedPhone(_ phone: String) -> String {
    guard phone.count >= 7 else { return "****" }
    return phone.prefix(3) + "****" + phone.suffix(4)
}
