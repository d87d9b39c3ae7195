import LinliCore
import LinliSQL

/// Links by which somebody chooses a password: the first one, or a new one for who forgot theirs. The link is shown once
/// to whoever hands it on; the store keeps a keyed hash.
extension SignIn {
    /// How long a link opens.
    /// - Source: configured, no source
    package static let setupDays = 7

    /// What the holder of a link may know of whose it is.
    package struct Setup: Sendable {
        package let account: ID<Account>
        package let name: String
        package let phoneMask: String
    }

    /// The path that a link's token opens.
    package static func setupPath(_ token: String) -> String { "/setup/\(token)" }

    /// Makes the link of an account in place of the one it had; returns its token, which is kept nowhere.
    package static func makeSetup(
        for account: ID<Account>, token: String, keys: KeyRing, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            INSERT INTO account_setup (account_id, token_hash, created_at, expires_at)
            VALUES (\(account), \(keys.tokenHash("setup:\(token)")), \(tx.now), \(tx.now.adding(days: setupDays)))
            ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at,
                expires_at = excluded.expires_at
            """
        )
        try tx.audit(Subject("account", account), fields: ["setup"])
    }

    /// Whose link it is; nil when it was used, replaced or is too old.
    package func setup(_ token: String, _ context: Context) async throws -> Setup? {
        let hash = database.keys.tokenHash("setup:\(token)")
        return try await database.read { try SignIn.setup(hash, at: context.now, $0) }
    }

    private static func setup(_ hash: [UInt8], at now: Instant, _ tx: ReadTx) throws -> Setup? {
        try tx.first(
            """
            SELECT a.id, a.name, a.phone_mask FROM account_setup s JOIN account a ON a.id = s.account_id
            WHERE s.token_hash = \(hash) AND s.expires_at > \(now) AND a.status = 'active'
            """
        ) { Setup(account: try $0[0], name: try $0[1], phoneMask: try $0[2]) }
    }

    /// Sets the password a link was made for: the link is used up, every session ends, and a lock is opened.
    ///
    /// - Throws: `.notFound` when the link no longer opens.
    package func choosePassword(_ password: String, link token: String, _ context: Context) async throws -> Setup {
        let hash = database.keys.tokenHash("setup:\(token)")
        let stored = try await passwords.hash(password)
        return try await database.write(context, "access.choosePassword") { tx in
            guard let setup = try SignIn.setup(hash, at: tx.now, tx) else { throw LinliError.notFound("access.setup") }
            let account = setup.account
            try tx.execute("DELETE FROM account_setup WHERE account_id = \(account)")
            try tx.execute(
                "UPDATE account SET password = \(stored), failures = 0, locked_until = 0 WHERE id = \(account)"
            )
            try tx.execute("DELETE FROM session WHERE account_id = \(account)")
            try tx.audit(Subject("account", account), fields: ["password", "setup", "session"])
            return setup
        }
    }
}

extension Migration {
    /// Links by which a password is chosen.
    static let accountSetup = Migration(
        "2026-11-25.10-account-setup",
        """
        CREATE TABLE account_setup (
            account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id),
            token_hash BLOB NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}
