import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signing in: phone with password or one-time code, a second factor for staff once per device.
package struct SignIn: Sendable {
    let database: Database
    let passwords: Passwords
    private let messenger: any Messenger
    private static let codeMinutes = 5

    /// Signing in against `database`.
    package init(_ database: Database, passwords: Passwords, messenger: any Messenger) {
        self.database = database
        self.passwords = passwords
        self.messenger = messenger
    }

    /// A session that has just begun: the tokens exist only here and in the person's cookies.
    package struct Begun: Sendable {
        /// The session cookie's value.
        package let token: String
        /// The device cookie's value.
        package let deviceToken: String
        /// Whose it is.
        package let account: AccountSummary
        /// Staff on a device without a second factor must give it before any staff page.
        package let needsSecondFactor: Bool
    }

    /// Sends a one-time code. Whether the phone has an account is not told.
    ///
    /// - Throws: `.tooMany` after three codes in ten minutes.
    package func sendCode(to phone: String, _ context: Context) async throws {
        let code = String(String(UInt32.random(in: 1_000_000...1_999_999)).dropFirst())
        let keys = database.keys
        let index = keys.index(phone, kind: "phone")
        let isKnown = try await database.system { tx -> Bool in
            let sent = try tx.first(
                "SELECT sent, sent_at FROM login_code WHERE phone_index = \(index)"
            ) { row -> (Int, Instant) in (try row[0], try row[1]) }
            let recent = sent.flatMap { $0.1 > tx.now.adding(minutes: -10) ? $0.0 : nil } ?? 0
            guard recent < 3 else { throw SignIn.tooMany }
            try tx.execute(
                """
                INSERT INTO login_code (phone_index, code_hash, attempts, sent, sent_at, expires_at)
                VALUES (\(index), \(keys.tokenHash("code:\(code)")), 0, \(recent + 1), \(tx.now),
                    \(tx.now.adding(minutes: SignIn.codeMinutes)))
                ON CONFLICT (phone_index) DO UPDATE SET code_hash = excluded.code_hash, attempts = 0,
                    sent = excluded.sent, sent_at = excluded.sent_at, expires_at = excluded.expires_at
                """
            )
            return try tx.exists("SELECT 1 FROM account WHERE phone_index = \(index) AND status = 'active'")
        }
        guard isKnown else { return }
        try await messenger.send(
            Text(
                "您的登录验证码是 \(code)，\(SignIn.codeMinutes) 分钟内有效，请勿告诉他人。",
                "Your sign-in code is \(code), valid for \(SignIn.codeMinutes) minutes. Do not share it."
            ),
            to: phone, key: .fresh()
        )
    }

    /// Signs in with a one-time code.
    package func begin(
        phone: String, code: String, deviceToken: String?, userAgent: String, _ context: Context
    ) async throws -> Begun {
        let keys = database.keys
        let index = keys.index(phone, kind: "phone")
        let attempt = try await count(where: "phone_index = \(index)")
        let isRight = try await database.system { tx -> Bool in
            let stored = try tx.first(
                "SELECT code_hash, attempts, expires_at FROM login_code WHERE phone_index = \(index)"
            ) { row -> ([UInt8], Int, Instant) in (try row[0], try row[1], try row[2]) }
            guard let (hash, attempts, expires) = stored, attempts < SignIn.failuresBeforeLock, expires > tx.now,
                constantTimeEqual(hash, keys.tokenHash("code:\(code)"))
            else {
                try tx.execute("UPDATE login_code SET attempts = attempts + 1 WHERE phone_index = \(index)")
                return false
            }
            try tx.execute("DELETE FROM login_code WHERE phone_index = \(index)")
            return true
        }
        return try await conclude(attempt, isRight: isRight, deviceToken, userAgent, context)
    }

    /// Signs in with a password.
    package func begin(
        phone: String, password: String, deviceToken: String?, userAgent: String, _ context: Context
    ) async throws -> Begun {
        let index = database.keys.index(phone, kind: "phone")
        let attempt = try await count(where: "phone_index = \(index)")
        let stored = try await database.read { tx -> String? in
            try tx.value("SELECT password FROM account WHERE phone_index = \(index)", as: String?.self) ?? nil
        }
        let isRight = try await passwords.verify(password, stored)
        return try await conclude(attempt, isRight: isRight, deviceToken, userAgent, context)
    }

    private func conclude(
        _ attempt: Attempt?,
        isRight: Bool,
        _ deviceToken: String?,
        _ userAgent: String,
        _ context: Context
    ) async throws -> Begun {
        guard let attempt else { throw SignIn.wrong }
        guard isRight else { throw try await refusal(attempt, SignIn.wrong, context) }
        return try await open(attempt.account, deviceToken, userAgent, context, after: attempt)
    }

    /// Opens a session without a factor of its own: after a right code or password, and for tests.
    package func open(
        _ id: ID<Account>, _ deviceToken: String?, _ userAgent: String, _ context: Context
    ) async throws -> Begun {
        try await open(id, deviceToken, userAgent, context, after: nil)
    }

    private func open(
        _ id: ID<Account>, _ deviceToken: String?, _ userAgent: String, _ context: Context, after attempt: Attempt?
    ) async throws -> Begun {
        let token = randomToken()
        let newDeviceToken = randomToken()
        let keys = database.keys
        return try await database.write(context, "access.signIn") { tx in
            guard let account = try AccessStore.account(id, at: tx.now, tx) else { throw SignIn.wrong }
            let known = try deviceToken.flatMap { token in
                try tx.first(
                    "SELECT id, verified_at FROM device WHERE token_hash = \(keys.tokenHash(token)) AND account_id = \(id)"
                ) { row -> (ID<Device>, Instant?) in (try row[0], try row[1]) }
            }
            let device = try known?.0 ?? tx.newID(Device.self)
            let isVerified = !account.isStaff || known?.1 != nil
            if known == nil {
                try tx.execute(
                    """
                    INSERT INTO device (id, account_id, token_hash, label, seen_at)
                    VALUES (\(device), \(id), \(keys.tokenHash(newDeviceToken)), \(userAgent), \(tx.now))
                    """
                )
            }
            try SignIn.takeBack(attempt, of: id, forgetting: isVerified, tx)
            try tx.execute(
                """
                INSERT INTO session (token_hash, account_id, device_id, is_verified, created_at, seen_at, expires_at)
                VALUES (\(keys.tokenHash(token)), \(id), \(device), \(isVerified), \(tx.now), \(tx.now),
                    \(tx.now.adding(hours: account.isStaff ? 12 : 24 * 30)))
                """
            )
            try tx.audit(Subject("account", id), fields: ["session"])
            return Begun(
                token: token,
                deviceToken: known == nil ? newDeviceToken : deviceToken ?? newDeviceToken,
                account: account,
                needsSecondFactor: !isVerified
            )
        }
    }

    private static let wrong = LinliError(
        .invalid,
        "access.wrong",
        Text("手机号、密码或验证码不对，请重新填写", "The phone number, password or code is wrong; please try again"),
        fields: [.init("phone", Text("请核对手机号和密码（验证码）", "Check the phone number and the password or code"))]
    )

    private static let tooMany = LinliError(
        .tooMany,
        "access.codes",
        Text(
            "验证码已经发过几次了，请 10 分钟后再试，或改用密码登录",
            "Several codes were sent already; try again in 10 minutes or use your password"
        ),
        retryAfterSeconds: 600
    )
}

extension SignIn {
    /// The secret a person types into an authenticator app, RFC 4648 base 32; made on the first call and kept sealed.
    package func secondFactorSecret(_ account: ID<Account>, _ context: Context) async throws -> [UInt8] {
        let keys = database.keys
        let cell = Cell("account", "totp_sealed", account.rawValue)
        let sealed = try await database.read { tx -> [UInt8]? in
            try tx.value("SELECT totp_sealed FROM account WHERE id = \(account)", as: [UInt8]?.self) ?? nil
        }
        if let sealed { return Base32.decode(try keys.open(sealed, cell: cell)) }
        let secret = randomBytes(20)
        let fresh = try keys.seal(Base32.encode(secret), cell: cell)
        try await database.write(context, "access.enrol") { tx in
            try tx.execute("UPDATE account SET totp_sealed = \(fresh) WHERE id = \(account) AND totp_sealed IS NULL")
            try tx.audit(Subject("account", account), fields: ["secondFactor"])
        }
        return secret
    }

    /// Takes the second factor and remembers the device. A code opens one door once: its time step is kept, and neither
    /// it nor an older one is taken again.
    ///
    /// - Throws: `.invalid` when the code is wrong or was used; five wrong ones lock the account.
    package func verify(code: String, _ session: Session, _ context: Context) async throws {
        let account = session.account.id
        let secret = try await secondFactorSecret(account, context)
        guard let attempt = try await count(where: "id = \(account)") else { throw SignIn.wrong }
        guard let step = TOTP.step(of: code, secret: secret, at: context.now) else {
            throw try await refusal(attempt, SignIn.wrongCode, context)
        }
        do {
            try await database.write(context, "access.verify") { tx in
                let isFresh = try tx.execute(
                    "UPDATE account SET totp_step = \(step) WHERE id = \(account) AND totp_step < \(step)"
                )
                guard isFresh == 1 else { throw SignIn.usedCode }
                try tx.execute("UPDATE session SET is_verified = 1 WHERE token_hash = \(session.tokenHash)")
                try tx.execute("UPDATE device SET verified_at = \(tx.now) WHERE id = \(session.device)")
                try SignIn.takeBack(attempt, of: account, forgetting: true, tx)
                try tx.audit(Subject("account", account), fields: ["device"])
            }
        } catch let error as LinliError where error.id == SignIn.usedCode.id {
            throw try await refusal(attempt, error, context)
        }
    }

    private static let wrongCode = LinliError.invalid(
        "access.secondFactor",
        [.init("code", Text("动态码不对，请看手机上最新的 6 位数字", "Wrong code; use the newest 6 digits"))]
    )

    private static let usedCode = LinliError.invalid(
        "access.secondFactor.used",
        [.init("code", Text("这个动态码用过了，请等下一个", "This code was used already; please wait for the next one"))]
    )

    /// Ends one session.
    package func end(_ session: Session, _ context: Context) async throws {
        try await database.write(context, "access.signOut") { tx in
            try tx.execute("DELETE FROM session WHERE token_hash = \(session.tokenHash)")
            try tx.audit(Subject("account", session.account.id), fields: ["session"])
        }
    }

    /// Ends every session and every token of an account and forgets its devices: whoever took one of them is out.
    package func endEverywhere(_ account: ID<Account>, _ context: Context) async throws {
        try await database.write(context, "access.signOutEverywhere") { tx in
            try tx.execute("DELETE FROM session WHERE account_id = \(account)")
            try tx.execute("UPDATE device SET verified_at = NULL WHERE account_id = \(account)")
            try tx.execute("DELETE FROM api_token WHERE account_id = \(account)")
            try tx.audit(Subject("account", account), fields: ["session", "device", "token"])
        }
    }

    /// A device in somebody's list.
    package struct DeviceSummary: Sendable {
        package let id: ID<Device>
        package let label: String
        package let seenAt: Instant
        package let isVerified: Bool
    }

    /// The devices of an account, the last used first.
    package func devices(_ account: ID<Account>) async throws -> [DeviceSummary] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT id, label, seen_at, CASE WHEN verified_at IS NULL THEN 0 ELSE 1 END FROM device
                WHERE account_id = \(account) ORDER BY seen_at DESC LIMIT 50
                """
            ) { DeviceSummary(id: try $0[0], label: try $0[1], seenAt: try $0[2], isVerified: try $0[3]) }
        }
    }
}
