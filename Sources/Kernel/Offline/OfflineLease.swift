import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What of the registers may lie on a phone, and for how long.
package struct OfflineSettings: Sendable {
    /// How many hours a lease lasts at most; it never outlives the session it was given to.
    package var hours = 12
    /// Closely kept fields that go along for who may read them; fields of special groups never do.
    package var fields: [RegisterField] = []
    /// For how many days after a lease has run out its key is kept for work that comes late, and what came under it.
    /// - Source: configured, no source
    package var keptDays = 30

    /// Twelve hours, thirty days, and nothing that is closely kept.
    package init() {}

    /// The fields named in a setting, `person.phone,person.careLevel`; nil when one is unknown or special.
    package static func fields(_ text: String) -> [RegisterField]? {
        let names = text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        let fields = names.compactMap { RegisterField.named($0) }
        guard fields.count == names.count, fields.allSatisfy({ $0.kind == .person && $0.fieldClass != .special }) else {
            return nil
        }
        return fields
    }
}

/// Leave to carry the households of one grid on a phone for one duty, and the key pair its work comes back under.
///
/// It lives only as long as the session it was given to: who signs out, here or everywhere, ends it, and so does an
/// administrator who ends the session.
package struct OfflineLease: Sendable {
    /// Its identifier.
    package let id: ID<OfflineLease>
    /// Whose it is: nobody else's work is taken under it.
    package let account: ID<Account>
    /// The grid.
    package let division: DivisionCode
    /// P-256, uncompressed: what the phone seals its work to.
    package let publicKey: [UInt8]
    /// When it began.
    package let issuedAt: Instant
    /// When it ends at the latest.
    package let expiresAt: Instant
    private let privateSealed: [UInt8]

    private static let columns: SQL =
        "l.id, l.account_id, l.division, l.public_key, l.issued_at, l.expires_at, l.private_sealed"

    private init(_ row: Row) throws {
        id = try row[0]
        account = try row[1]
        division = try row[2]
        publicKey = try row[3]
        issuedAt = try row[4]
        expiresAt = try row[5]
        privateSealed = try row[6]
    }

    private static func cell(_ id: ID<OfflineLease>) -> Cell { Cell("offline_lease", "private_sealed", id.rawValue) }

    /// Gives leave for a grid to who walks it now, and says for each household that it went along. The entries of the
    /// audit are committed before anything is handed out.
    ///
    /// - Throws: `.notFound` for a grid that is not theirs, `.forbidden` for who is on no roster now.
    package static func issue(
        for division: DivisionCode, _ session: Session, _ context: Context, _ services: Services
    ) async throws -> (lease: OfflineLease, households: [OfflineHousehold]) {
        guard division.level == .grid, context.actor.may(.peopleRead, in: division) else {
            throw LinliError.notFound("offline.division")
        }
        let database = services.database
        let fields = services.offline.fields.filter { context.actor.may($0.fieldClass.permission, in: division) }
        let (isOnDuty, found) = try await database.read { tx in
            (try RegisterReading.isOnDuty(context, tx), try OfflineHousehold.all(in: division, tx))
        }
        guard isOnDuty else { throw OfflineLease.offDuty }
        let households = try await OfflineHousehold.opening(fields, of: found, on: context.now.date, database)
        let key = P256.KeyAgreement.PrivateKey()
        let id: ID<OfflineLease> = try database.newID()
        let sealed = try database.keys.seal(Base32.encode(key.rawRepresentation), cell: cell(id))
        let hours = services.offline.hours
        let lease = try await database.write(context, "registers.offline", reason: ReadingPurpose.visit.rawValue) {
            tx in
            let token = session.tokenHash
            let until: Instant? = try tx.value("SELECT expires_at FROM session WHERE token_hash = \(token)")
            guard let account = tx.context.actor.account, let until else {
                throw LinliError.notFound("offline.session")
            }
            // One phone, one lease: a new one takes the place of the one before.
            try tx.execute(
                """
                UPDATE offline_lease SET ended_at = \(tx.now)
                WHERE account_id = \(account) AND session_hash = \(session.tokenHash) AND ended_at IS NULL
                """
            )
            try tx.execute(
                """
                INSERT INTO offline_lease (id, account_id, session_hash, division, public_key, private_sealed,
                    issued_at, expires_at)
                VALUES (\(id), \(account), \(session.tokenHash), \(division),
                    \(Array(key.publicKey.x963Representation)), \(sealed), \(tx.now),
                    \(min(tx.now.adding(hours: hours), until)))
                """
            )
            try tx.audit(Subject("offlineLease", id, division: division), fields: ["key"])
            for household in households { try household.auditDownload(tx) }
            return try find(id, tx)
        }
        guard let lease else { throw LinliError.notFound("offline.lease") }
        return (lease, households)
    }

    /// A lease, or nil.
    package static func find(_ id: ID<OfflineLease>, _ tx: ReadTx) throws -> OfflineLease? {
        try tx.first("SELECT \(columns) FROM offline_lease l WHERE l.id = \(id)") { try OfflineLease($0) }
    }

    /// Whether the phone may keep what it holds: not ended, not run out, its session alive, the duty still held.
    package static func isAlive(
        _ id: ID<OfflineLease>, for session: Session?, _ context: Context, _ tx: ReadTx
    ) throws -> Bool {
        guard let session, let lease = try find(id, tx), lease.account == session.account.id,
            context.actor.may(.peopleRead, in: lease.division)
        else { return false }
        return try tx.exists(
            """
            SELECT 1 FROM offline_lease l JOIN session s ON s.token_hash = l.session_hash
            WHERE l.id = \(id) AND l.session_hash = \(session.tokenHash)
            AND l.ended_at IS NULL AND l.expires_at > \(context.now) AND s.expires_at > \(context.now)
            """
        )
    }

    /// Ends a lease of one's own before its time: a phone was lost, or the day is over.
    package static func end(_ id: ID<OfflineLease>, _ context: Context, _ database: Database) async throws {
        try await database.write(context, "offline.end") { tx in
            let lease = try find(id, tx)
            guard let lease, lease.account == tx.context.actor.account else {
                throw LinliError.notFound("offline.lease")
            }
            try tx.execute("UPDATE offline_lease SET ended_at = \(tx.now) WHERE id = \(id) AND ended_at IS NULL")
            try tx.audit(Subject("offlineLease", id, division: lease.division), fields: ["end"])
        }
    }

    /// The leases of somebody that have not ended, the newest first.
    package static func open(of account: ID<Account>, at now: Instant, _ tx: ReadTx) throws -> [OfflineLease] {
        try tx.all(
            """
            SELECT \(columns) FROM offline_lease l JOIN session s ON s.token_hash = l.session_hash
            WHERE l.account_id = \(account) AND l.ended_at IS NULL AND l.expires_at > \(now) AND s.expires_at > \(now)
            ORDER BY l.id DESC LIMIT 20
            """
        ) { try OfflineLease($0) }
    }

    /// Opens what a phone sealed for the entry `key`: the key it made once (65 bytes), the nonce (12), AES-256-GCM.
    ///
    /// - Throws: `.invalid` for anything that was not sealed for this lease and this entry.
    func open(_ sealed: [UInt8], for key: String, _ keys: KeyRing) throws -> [UInt8] {
        guard !publicKey.isEmpty else { throw OfflineLease.keyGone }
        let secret = Base32.decode(try keys.open(privateSealed, cell: OfflineLease.cell(id)))
        let info = Data("linli offline 1 \(id) \(key)".utf8)
        do {
            let mine = try P256.KeyAgreement.PrivateKey(rawRepresentation: secret)
            let theirs = try P256.KeyAgreement.PublicKey(x963Representation: sealed.prefix(65))
            let shared = try mine.sharedSecretFromKeyAgreement(with: theirs).hkdfDerivedSymmetricKey(
                using: SHA256.self, salt: Data(sealed.prefix(65) + publicKey), sharedInfo: info, outputByteCount: 32
            )
            let box = try AES.GCM.SealedBox(combined: Data(sealed.dropFirst(65)))
            return Array(try AES.GCM.open(box, using: shared, authenticating: info))
        } catch {
            throw LinliError.invalid(
                "offline.unreadable",
                [.init("entry", Text("这一条打不开，可能已损坏", "This entry does not open; it may be damaged"))]
            )
        }
    }

    /// Takes the key pair of a lease away; what was sealed to it cannot be opened by anybody any more.
    static func removeKey(_ id: ID<OfflineLease>, _ tx: WriteTx) throws {
        let nothing = try tx.seal("", table: "offline_lease", column: "private_sealed", row: id)
        try tx.execute(
            "UPDATE offline_lease SET public_key = \([UInt8]()), private_sealed = \(nothing) WHERE id = \(id)")
    }

    /// Its key was destroyed when its days were over.
    static let keyGone = LinliError.invalid(
        "offline.keyGone",
        [
            .init(
                "entry",
                Text(
                    "这条记录来得太晚，打开它的钥匙已经按规定销毁；请重新填写",
                    "This came too late: the key that opens it was destroyed as the rules say. Please enter it again"))
        ])

    private static let offDuty = LinliError(
        .forbidden,
        "offline.offDuty",
        Text("您现在不在班上，不能把台账带到手机里；排班后再来", "You are on no roster now, so nothing goes to this phone")
    )
}

extension FieldClass {
    /// What somebody must be allowed to read fields of this class.
    var permission: Permission {
        switch self {
        case .basic: .peopleRead
        case .sensitive: .peopleReveal
        case .special: .peopleSpecial
        }
    }
}
