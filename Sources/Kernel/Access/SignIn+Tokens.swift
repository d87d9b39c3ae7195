import LinliCore
import LinliSQL
import LinliStandards

/// A bearer token by which a program acts for an account.
package enum AccessToken {}

/// A token in somebody's list; its secret was shown once and is not here.
package struct TokenSummary: Sendable {
    /// Its identifier.
    package let id: ID<AccessToken>
    /// What it is for.
    package let label: String
    /// When it was made.
    package let createdAt: Instant
    /// When it ends by itself.
    package let expiresAt: Instant
}

extension SignIn {
    /// Makes a bearer token for programs, valid for a year; it is shown once and stored as a hash.
    package func makeToken(for account: ID<Account>, label: String, _ context: Context) async throws -> String {
        let token = randomToken()
        let hash = database.keys.tokenHash("api:\(token)")
        // What somebody calls it stands readable in the store.
        let label = String(PersonalNumbers.replacing(in: label) { $0.masked }.prefix(80))
        try await database.write(context, "access.token") { tx in
            try tx.execute(
                """
                INSERT INTO api_token (id, account_id, token_hash, label, created_at, expires_at)
                VALUES (\(try tx.newID(AccessToken.self)), \(account), \(hash), \(label), \(tx.now),
                    \(tx.now.adding(days: 365)))
                """
            )
            try tx.audit(Subject("account", account), fields: ["token"])
        }
        return token
    }

    /// The tokens of an account that hold, the newest first.
    package func tokens(of account: ID<Account>, at now: Instant) async throws -> [TokenSummary] {
        try await database.read { try AccessStore.tokens(of: account, at: now, $0) }
    }

    /// Ends a token of an account at once.
    ///
    /// - Throws: `.notFound` for a token that is over or of somebody else.
    package func revokeToken(_ token: ID<AccessToken>, of account: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "access.revokeToken") { tx in
            try AccessStore.revokeToken(token, of: account, tx)
        }
    }
}

extension AccessStore {
    /// The tokens of an account that hold, the newest first.
    package static func tokens(of account: ID<Account>, at now: Instant, _ tx: ReadTx) throws -> [TokenSummary] {
        try tx.all(
            """
            SELECT id, label, created_at, expires_at FROM api_token
            WHERE account_id = \(account) AND expires_at > \(now) ORDER BY id DESC LIMIT 200
            """
        ) { TokenSummary(id: try $0[0], label: try $0[1], createdAt: try $0[2], expiresAt: try $0[3]) }
    }

    /// Ends a token of an account.
    ///
    /// - Throws: `.notFound` for a token that is over or of somebody else.
    package static func revokeToken(_ token: ID<AccessToken>, of account: ID<Account>, _ tx: WriteTx) throws {
        let ended = try tx.execute("DELETE FROM api_token WHERE id = \(token) AND account_id = \(account)")
        guard ended == 1 else { throw LinliError.notFound("access.token") }
        try tx.audit(Subject("account", account), fields: ["token"])
    }
}
