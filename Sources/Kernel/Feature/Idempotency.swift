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
    /// Whether a write has stored it already, so that what finds out about it does not store it again.
    var isStored = false
}

/// Gives a repeated request its first reply. The mark is stored in the same transaction as the write, so a request is
/// done once even when its reply was lost; then `recover` works the reply out again from what was written.
enum Idempotency {
    /// How long a request may be under way. Who finds a mark older than this without a reply knows that the reply was
    /// lost, and not that it is still to come.
    /// - Source: configured, no source
    private static let patienceSeconds: Int64 = 60

    static func once(
        _ request: Request,
        _ database: Database,
        recover: (Request) async throws -> Reply?,
        _ handle: (Request) async throws -> Reply
    ) async throws -> Reply {
        guard let key = request.idempotencyKey, request.method == .post else { return try await handle(request) }
        let who = request.context.actor.account.map { "account:\($0)" } ?? "anonymous"
        // A hash: an anonymous need must not lead back to the account whose program told it.
        let actor = Base32.encode(database.keys.tokenHash("idempotency:\(who):\(key)"))
        let mark = IdempotencyMark(actor: actor, key: key, digest: try digest(request))
        switch try await stored(mark, database) {
        case .reply(let reply): return reply
        case .lost:
            var done = mark
            done.isStored = true
            guard let reply = try await recover(request.marked(done)) else { throw Idempotency.lost }
            return try await keep(reply, mark, database)
        case .nothing: break
        }
        do {
            return try await keep(try await handle(request.marked(mark)), mark, database)
        } catch let error as LinliError where error.kind == .conflict {
            // Another request with the same key was faster.
            guard case .reply(let known) = try await stored(mark, database) else { throw error }
            return known
        }
    }

    /// What two requests must have in common to be the same: path and body, and of a form its fields and files.
    private static func digest(_ request: Request) throws -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Data(request.path.utf8 + [0] + request.body))
        for field in request.form.fields {
            hash.update(data: Data(field.name.utf8 + [0] + field.value.utf8 + [0]))
        }
        for upload in request.uploads {
            hash.update(data: Data(upload.field.utf8 + [0]))
            hash.update(data: try Data(contentsOf: URL(fileURLWithPath: upload.path)))
        }
        return Array(hash.finalize())
    }

    /// Keeps a reply for the next time; sealed, because the reply to a new case holds its receipt.
    private static func keep(_ reply: Reply, _ mark: IdempotencyMark, _ database: Database) async throws -> Reply {
        guard case .json(let bytes) = reply.content else { return reply }
        let sealed = try database.keys.seal(String(decoding: bytes, as: UTF8.self), cell: mark.cell)
        try await database.system { tx in
            _ = try tx.execute(
                """
                UPDATE idempotency SET status = \(reply.status), reply = \(sealed)
                WHERE actor = \(mark.actor) AND key = \(mark.key)
                """
            )
        }
        return reply
    }

    private enum Stored {
        case nothing, lost
        case reply(Reply)
    }

    private static let lost = LinliError(
        .conflict,
        "idempotency.lost",
        Text("这个请求已经办好，但答复没有留下来，请查询结果", "This request was done, but its reply was lost; please read the result")
    )

    /// What is known of a request with this mark.
    ///
    /// - Throws: `.mismatch` for another body, `.conflict` while the first is still under way.
    private static func stored(_ mark: IdempotencyMark, _ database: Database) async throws -> Stored {
        let found = try await database.read { tx in
            try tx.first(
                """
                SELECT body_digest, status, reply, at FROM idempotency
                WHERE actor = \(mark.actor) AND key = \(mark.key)
                """
            ) { row -> ([UInt8], Int, [UInt8], Instant) in (try row[0], try row[1], try row[2], try row[3]) }
        }
        guard let (digest, status, reply, at) = found else { return .nothing }
        guard digest == mark.digest else {
            throw LinliError(
                .mismatch,
                "idempotency.mismatch",
                Text("同一个 Idempotency-Key 只能用于同一个请求", "This Idempotency-Key was used for another request")
            )
        }
        guard status > 0 else {
            guard at.adding(seconds: patienceSeconds) > database.clock.now else { return .lost }
            throw LinliError(
                .conflict,
                "idempotency.running",
                Text("同样的请求正在处理，请稍后再取结果", "The same request is still under way; ask again shortly"),
                retryAfterSeconds: 1
            )
        }
        let text = try database.keys.open(reply, cell: mark.cell)
        return .reply(Reply(.json(Array(text.utf8)), status: status))
    }
}

extension Request {
    /// What makes this request the same when it is sent again; nil without an `Idempotency-Key`.
    package var once: String? {
        context.mark.map { "\($0.key) \(Base32.encode($0.digest))" }
    }
}

extension IdempotencyMark {
    /// Where its reply is sealed; the row is found by text, so a part of its hash stands for it.
    fileprivate var cell: Cell {
        let row = Base32.decode(actor).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Cell("idempotency", "reply", Int64(bitPattern: row))
    }

    /// Stores the mark with the write it belongs to.
    func insert(_ connection: any Connection, at now: Instant) throws {
        guard !isStored else { return }
        try connection.execute(
            """
            INSERT INTO idempotency (actor, key, body_digest, status, reply, at)
            VALUES (\(actor), \(key), \(digest), 0, \([UInt8]()), \(now))
            """
        )
    }
}
