import LinliCore
import LinliSQL

extension SignIn {
    /// Failures before an account is locked, and for how long.
    /// - Source: configured, no source (GB/T 22239 gives no numbers)
    static let failuresBeforeLock = 5
    static let lockMinutes = 15

    /// A try that was counted as a failure before anything was compared; a right one takes it back.
    struct Attempt: Sendable {
        let account: ID<Account>
        /// Whether it filled the count, so that the account is locked unless this try is right.
        let locks: Bool
    }

    /// Counts a try of the account that `condition` names, in one statement: however many come at the same moment, no
    /// more are judged than the lock allows. Nil when there is no such account.
    ///
    /// - Throws: `.tooMany` while the account is locked.
    func count(where condition: SQL) async throws -> Attempt? {
        try await database.system(.claim) { tx in
            let last = SignIn.failuresBeforeLock - 1
            let until = tx.now.adding(minutes: SignIn.lockMinutes)
            let counted = try tx.first(
                """
                UPDATE account SET failures = CASE WHEN failures >= \(last) THEN 0 ELSE failures + 1 END,
                    locked_until = CASE WHEN failures >= \(last) THEN CAST(\(until) AS BIGINT) ELSE 0 END
                WHERE \(condition) AND status = 'active' AND locked_until <= \(tx.now) RETURNING id, failures
                """
            ) { row -> Attempt in Attempt(account: try row[0], locks: try row[1] as Int == 0) }
            if let counted { return counted }
            let locked: Instant? = try tx.value(
                "SELECT locked_until FROM account WHERE \(condition) AND status = 'active'"
            )
            if let locked { throw SignIn.locked(until: locked, tx.now) }
            return nil
        }
    }

    /// Notes that a try was wrong, and says what its person is told: `reason`, or that the account is locked now.
    func refusal(_ attempt: Attempt, _ reason: LinliError, _ context: Context) async throws -> LinliError {
        try await database.write(context, attempt.locks ? "access.lock" : "access.refuse") { tx in
            try tx.audit(Subject("account", attempt.account), fields: ["failures"])
        }
        guard attempt.locks else { return reason }
        return SignIn.locked(until: context.now.adding(minutes: SignIn.lockMinutes), context.now)
    }

    /// Takes a right try back. Failures are forgotten only when nothing more is asked of the person: who knows a
    /// password must not get new tries at the second factor by giving it again.
    static func takeBack(_ attempt: Attempt?, of account: ID<Account>, forgetting: Bool, _ tx: WriteTx) throws {
        if forgetting {
            try tx.execute("UPDATE account SET failures = 0, locked_until = 0 WHERE id = \(account)")
        } else if let attempt {
            try tx.execute(
                attempt.locks
                    ? """
                    UPDATE account SET failures = \(SignIn.failuresBeforeLock - 1), locked_until = 0
                    WHERE id = \(account)
                    """
                    : "UPDATE account SET failures = failures - 1 WHERE id = \(account) AND failures > 0"
            )
        }
    }

    static func locked(until: Instant, _ now: Instant) -> LinliError {
        LinliError(
            .tooMany,
            "access.locked",
            Text(
                "连续输错多次，账号已锁定到 \(until.time)，到时再试或请管理员解锁",
                "Too many wrong tries: the account is locked until \(until.time)"
            ),
            retryAfterSeconds: Int(until.seconds(since: now))
        )
    }
}
