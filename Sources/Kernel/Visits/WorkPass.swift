import LinliCore
import LinliSQL

/// The work pass on a worker's phone: a signed code that changes every minute, so that a photo of it is soon worth
/// nothing. Whoever scans it sees who stands there, without an account.
package enum WorkPass {
    /// How many minutes a code holds besides its own: time to scan and to open.
    package static let graceMinutes = 2

    /// What a scanned code says.
    package enum Verdict: Sendable {
        /// It holds.
        case holds(Holder)
        /// It was real and is over.
        case expired
        /// It is none of ours.
        case unknown
    }

    /// Who holds a pass.
    package struct Holder: Sendable {
        /// Who.
        package let account: ID<Account>
        /// Their name.
        package let name: String
        /// For which unit they work.
        package let unit: Text?
        /// The unit's phone, to ask.
        package let phone: String
        /// Whether they are on the roster now.
        package let isOnDuty: Bool
    }

    /// The code of an account at a moment.
    package static func token(_ account: ID<Account>, at now: Instant, _ keys: KeyRing) -> String {
        let minute = now.milliseconds / 60_000
        return "\(account).\(minute).\(signature(account, minute, keys))"
    }

    private static func signature(_ account: ID<Account>, _ minute: Int64, _ keys: KeyRing) -> String {
        Base32.encode(keys.tokenHash("pass:\(account):\(minute)").prefix(10))
    }

    /// Who stands behind a code.
    package static func read(_ token: String, at now: Instant, _ keys: KeyRing, _ tx: ReadTx) throws -> Verdict {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let account = ID<Account>(parts[0]), let minute = Int64(parts[1]),
            constantTimeEqual(Array(parts[2].utf8), Array(signature(account, minute, keys).utf8))
        else { return .unknown }
        guard (0...Int64(graceMinutes)).contains(now.milliseconds / 60_000 - minute) else { return .expired }
        let holder = try tx.first(
            """
            SELECT a.name, u.name, u.name_en, u.phone, (SELECT count(*) FROM duty_shift s WHERE s.account_id = a.id
                AND s.starts_at <= \(now) AND s.ends_at > \(now))
            FROM account a LEFT JOIN unit u ON u.id = a.unit_id WHERE a.id = \(account) AND a.status = 'active'
            """
        ) { row in
            let unit: String? = try row[1]
            let shifts: Int = try row[4]
            return Holder(
                account: account, name: try row[0], unit: try unit.map { Text($0, try row[2] ?? $0) },
                phone: try row[3] ?? "", isOnDuty: shifts > 0)
        }
        return holder.map { .holds($0) } ?? .unknown
    }
}
