import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What makes a repeated request the same: a key of the client's choice and the digest of the body.
package struct IdempotencyMark: Sendable, Equatable {
    let actor: String
    let key: String
    let digest: [UInt8]
}

/// Gives a repeated request its first reply. The mark is stored in the same transaction as the write, so a request is
/// done once even when its reply was lost.
enum Idempotency {
    static func once(
        _ request: Request,
        _ database: Database,
        _ handle: (Request) async throws -> Reply
    ) async throws -> Reply {
        guard let key = request.idempotencyKey, request.method != .get else { return try await handle(request) }
        let who = request.context.actor.account.map { "account:\($0)" } ?? "anonymous"
        // A hash: an anonymous need must not lead back to the account whose program told it.
        let actor = Base32.encode(database.keys.tokenHash("idempotency:\(who):\(key)"))
        let digest = Array(SHA256.hash(data: Data(request.path.utf8 + [0] + request.body)))
        let mark = IdempotencyMark(actor: actor, key: key, digest: digest)
        if let known = try await stored(mark, database) { return known }
        let reply: Reply
        do {
            reply = try await handle(request.marked(mark))
        } catch let error as LinliError where error.kind == .conflict {
            // Another request with the same key was faster.
            if let known = try await stored(mark, database) { return known }
            throw error
        }
        guard case .json(let bytes) = reply.content else { return reply }
        try await database.system { tx in
            _ = try tx.execute(
                """
                UPDATE idempotency SET status = \(reply.status), reply = \(bytes)
                WHERE actor = \(mark.actor) AND key = \(mark.key)
                """
            )
        }
        return reply
    }

    /// The first reply to a request with this mark; nil when there was none.
    ///
    /// - Throws: `.mismatch` for another body, `.conflict` while the first is still under way.
    private static func stored(_ mark: IdempotencyMark, _ database: Database) async throws -> Reply? {
        let found = try await database.read { tx in
            try tx.first(
                """
                SELECT body_digest, status, reply FROM idempotency WHERE actor = \(mark.actor) AND key = \(mark.key)
                """
            ) { row -> ([UInt8], Int, [UInt8]) in (try row[0], try row[1], try row[2]) }
        }
        guard let (digest, status, reply) = found else { return nil }
        guard digest == mark.digest else {
            throw LinliError(
                .mismatch,
                "idempotency.mismatch",
                Text("同一个 Idempotency-Key 只能用于同一个请求", "This Idempotency-Key was used for another request")
            )
        }
        guard status > 0 else {
            throw LinliError(
                .conflict,
                "idempotency.running",
                Text("同样的请求正在处理，请稍后再取结果", "The same request is still under way; ask again shortly"),
                retryAfterSeconds: 1
            )
        }
        return Reply(.json(reply), status: status)
    }
}

extension IdempotencyMark {
    /// Stores the mark with the write it belongs to.
    func insert(_ connection: any Connection, at now: Instant) throws {
        try connection.execute(
            """
            INSERT INTO idempotency (actor, key, body_digest, status, reply, at)
            VALUES (\(actor), \(key), \(digest), 0, \([UInt8]()), \(now))
            """
        )
    }
}
