import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One line of the audit: who did what to which thing, never a personal value.
struct AuditEntry: Sendable {
    var id: ID<AuditEntry>
    var at: Instant
    var actor: Actor.Kind
    var command: String
    var subject: Subject
    var fields: [String]
    var reason: String?
    var requestID: String
    var digest: SaltedDigest?

    /// Writes entries in their order, many with one statement: an export leaves one for each person.
    static func insert(_ entries: [AuditEntry], _ connection: any Connection) throws {
        try connection.insert(
            into: """
                audit_entry (id, at, actor_kind, actor_id, command, subject_kind, subject_id, division,
                    fields, reason, request_id, salt, digest)
                """,
            entries.map(\.row), columns: 13)
    }

    private var row: SQL {
        let (actorKind, actorID) = AuditEntry.columns(of: actor)
        return """
            (\(id), \(at), \(actorKind), \(actorID), \(command), \(subject.kind), \(subject.id),
                \(subject.division), \(fields.joined(separator: ",")), \(reason), \(requestID),
                \(digest?.salt), \(digest?.digest))
            """
    }

    private static func columns(of actor: Actor.Kind) -> (String, Int64) {
        switch actor {
        case .anonymous: ("anonymous", 0)
        case .receipt(let caseID): ("receipt", caseID)
        case .account(let id): ("account", id.rawValue)
        case .key(let id, let name): ("key:\(name)", id.rawValue)
        case .system(let job): ("system:\(job)", 0)
        }
    }
}

/// An entry as it is sealed and shown to auditors.
package struct AuditRecord: Sendable {
    /// Its identifier.
    package let id: Int64
    /// When.
    package let at: Instant
    /// `account`, `anonymous`, `receipt`, `key:name` or `system:job`.
    package let actorKind: String
    /// The account, the case of a receipt, the key of a program, or 0.
    package let actorID: Int64
    /// The use case.
    package let command: String
    /// What it was about.
    package let subject: Subject
    /// Names of fields that changed or were read.
    package let fields: String
    /// Why, when a reason was asked for.
    package let reason: String?
    /// Ties it to log lines.
    package let requestID: String
    /// The salted digest of the values.
    package let digest: [UInt8]?

    static let columns: SQL = """
        id, at, actor_kind, actor_id, command, subject_kind, subject_id, division, fields, reason, request_id, digest
        """

    init(_ row: Row) throws {
        id = try row[0]
        at = try row[1]
        actorKind = try row[2]
        actorID = try row[3]
        command = try row[4]
        subject = Subject(try row[5], try row[6], division: try row[7])
        fields = try row[8]
        reason = try row[9]
        requestID = try row[10]
        digest = try row[11]
    }

    /// The leaf of the Merkle tree: everything but the salt, each part with its length so that none can slide.
    var leaf: [UInt8] {
        let parts = [
            String(id), String(at.milliseconds), actorKind, String(actorID), command, subject.kind,
            String(subject.id), subject.division?.description ?? "", fields, reason ?? "", requestID,
            Base32.encode(digest ?? []),
        ]
        return AuditRecord.leaf(of: parts)
    }

    /// The leaf of an entry's parts.
    static func leaf(of parts: [String]) -> [UInt8] {
        var bytes: [UInt8] = [0]
        for part in parts {
            bytes.append(contentsOf: String(part.utf8.count).utf8)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: part.utf8)
        }
        return Array(SHA256.hash(data: bytes))
    }
}

/// The Merkle tree over the entries of a batch; leaves and nodes are hashed apart (RFC 6962).
enum MerkleTree {
    /// The root over `leaves`, at least one.
    static func root(_ leaves: [[UInt8]]) -> [UInt8] {
        var level = leaves
        while level.count > 1 {
            var next: [[UInt8]] = []
            for index in stride(from: 0, to: level.count, by: 2) {
                next.append(index + 1 < level.count ? node(level[index], level[index + 1]) : level[index])
            }
            level = next
        }
        return level.first ?? []
    }

    /// What leads from leaf `index` to the root: each step says on which side its hash stands.
    static func proof(_ leaves: [[UInt8]], index: Int) -> [(isLeft: Bool, hash: [UInt8])] {
        var steps: [(isLeft: Bool, hash: [UInt8])] = []
        var level = leaves
        var index = index
        while level.count > 1 {
            let sibling = index ^ 1
            if sibling < level.count { steps.append((isLeft: sibling < index, hash: level[sibling])) }
            level = stride(from: 0, to: level.count, by: 2).map { start in
                start + 1 < level.count ? node(level[start], level[start + 1]) : level[start]
            }
            index /= 2
        }
        return steps
    }

    /// The root that a leaf and its proof lead to.
    static func root(leaf: [UInt8], proof: [(isLeft: Bool, hash: [UInt8])]) -> [UInt8] {
        proof.reduce(leaf) { $1.isLeft ? node($1.hash, $0) : node($0, $1.hash) }
    }

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [1])
        hash.update(data: left)
        hash.update(data: right)
        return Array(hash.finalize())
    }
}
