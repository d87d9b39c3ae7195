import LinliCore
import LinliSQL

/// Every SQL text about work that came back from phones.
package enum OfflineStore {
    /// Notes an entry and what came of it, in the write that did it. Sealed: the answer and, unless it is done, what was
    /// asked for, so that it can still be decided when the phone is gone; its pictures are recorded then too.
    ///
    /// - Throws: `.conflict` of the store when the same entry was taken in the same moment.
    package static func note(_ entry: OfflineEntry, _ outcome: OfflineOutcome, _ tx: WriteTx) throws {
        // What was kept for want of a duty is tried again when it comes again.
        try tx.execute(
            "DELETE FROM offline_entry WHERE account_id = \(entry.lease.account) AND key = \(entry.key) AND outcome = 'kept'"
        )
        let id = try tx.newID(OfflineEntry.self)
        let isDone = outcome.kind == .taken
        let hasWords = !isDone || outcome.number != nil
        let answer =
            hasWords
            ? try tx.seal(outcome.stored, table: "offline_entry", column: "answer_sealed", row: id) : nil
        let body = isDone ? nil : try tx.seal(entry.words, table: "offline_entry", column: "body_sealed", row: id)
        if !isDone { try entry.pictures.insert(tx) }
        try tx.execute(
            """
            INSERT INTO offline_entry (id, account_id, key, lease_id, part, happened_at, taken_at, outcome,
                answer_sealed, body_sealed)
            VALUES (\(id), \(entry.lease.account), \(entry.key), \(entry.lease.id), \(entry.part), \(entry.at),
                \(tx.now), \(outcome.kind.rawValue), \(answer), \(body))
            """
        )
        // What corrects or decides an earlier entry takes its place, whatever came of it. A decision without words of its
        // own still needs those of the earlier one: its part puts that away when it is done.
        let settles = entry.body.text("settles")
        guard !settles.isEmpty, outcome.kind != .kept, !["mine", "theirs"].contains(entry.body.text("kind")) else {
            return
        }
        try settle(key: settles, of: entry.lease.account, tx)
    }

    /// What came of an entry already, or nil; what was kept or asked and is decided by now is done. With the pictures
    /// that were recorded with it.
    static func known(
        _ key: String, of account: ID<Account>, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (outcome: OfflineOutcome, pictures: OfflinePictures)? {
        try tx.first(
            """
            SELECT id, outcome, answer_sealed, body_sealed, settled_at FROM offline_entry
            WHERE account_id = \(account) AND key = \(key)
            """
        ) { row in
            let (id, name): (Int64, String) = (try row[0], try row[1])
            let (answer, body, settledAt): ([UInt8]?, [UInt8]?, Instant?) = (try row[2], try row[3], try row[4])
            let kind = OfflineOutcome.Kind(rawValue: name) ?? .taken
            if settledAt != nil, kind != .refused { return (.taken, .none) }
            guard let answer else { return (OfflineOutcome(kind: kind), .none) }
            let outcome = try OfflineOutcome(
                stored: keys.open(answer, cell: Cell("offline_entry", "answer_sealed", id)))
            guard let body else { return (outcome, .none) }
            let words = try keys.open(body, cell: Cell("offline_entry", "body_sealed", id))
            return (outcome, OfflinePictures(noted: try JSONValue.object(in: Array(words.utf8))))
        }
    }

    /// Something that is not done yet: both sides changed it, it was refused, or it is kept.
    package struct Undecided: Sendable {
        /// Its row.
        package let id: ID<OfflineEntry>
        /// Which part it belongs to.
        package let part: String
        /// When it was done.
        package let at: Instant
        /// When it came.
        package let takenAt: Instant
        /// When the lease was issued under which it was done: since then the phone knows of nobody else's work.
        package let issuedAt: Instant
        /// How it stands.
        package let outcome: OfflineOutcome
        /// What was asked for.
        package let body: [String: JSONValue]

        /// The pictures that came with it.
        package var pictures: OfflinePictures { OfflinePictures(noted: body) }
    }

    /// What of somebody's work is not done yet, the oldest first.
    package static func undecided(of account: ID<Account>, _ keys: KeyRing, _ tx: ReadTx) throws -> [Undecided] {
        try tx.all(
            """
            SELECT e.id, e.part, e.happened_at, e.taken_at, e.answer_sealed, e.body_sealed, l.issued_at
            FROM offline_entry e JOIN offline_lease l ON l.id = e.lease_id
            WHERE e.account_id = \(account) AND e.outcome <> 'taken' AND e.settled_at IS NULL ORDER BY e.id LIMIT 200
            """
        ) { row in
            let (id, answer, body): (Int64, [UInt8], [UInt8]) = (try row[0], try row[4], try row[5])
            let words = try keys.open(body, cell: Cell("offline_entry", "body_sealed", id))
            return Undecided(
                id: try row[0], part: try row[1], at: try row[2], takenAt: try row[3], issuedAt: try row[6],
                outcome: try OfflineOutcome(
                    stored: keys.open(answer, cell: Cell("offline_entry", "answer_sealed", id))),
                body: try JSONValue.object(in: Array(words.utf8)))
        }
    }

    /// One of them, with the lease it came under; nil for anybody else's.
    static func undecided(
        _ id: ID<OfflineEntry>, of account: ID<Account>, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> (entry: Undecided, key: String, lease: OfflineLease)? {
        guard let entry = try undecided(of: account, keys, tx).first(where: { $0.id == id }) else { return nil }
        let row = try tx.first("SELECT key, lease_id FROM offline_entry WHERE id = \(id)") { row in
            (try row[0] as String, try row[1] as ID<OfflineLease>)
        }
        guard let row, let lease = try OfflineLease.find(row.1, tx) else { return nil }
        return (entry, row.0, lease)
    }

    /// An entry of one's own that is not done yet, by its key; nil for any other.
    static func undecided(
        key: String, of account: ID<Account>, _ keys: KeyRing, _ tx: ReadTx
    ) throws -> Undecided? {
        let id: ID<OfflineEntry>? = try tx.value(
            "SELECT id FROM offline_entry WHERE account_id = \(account) AND key = \(key) AND settled_at IS NULL")
        return try id.flatMap { try undecided($0, of: account, keys, tx)?.entry }
    }

    /// Whether an entry of one's own was waiting for a decision and has it.
    static func isDecided(key: String, of account: ID<Account>, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM offline_entry
            WHERE account_id = \(account) AND key = \(key) AND settled_at IS NOT NULL AND outcome <> 'taken'
            """)
    }

    /// What of somebody's work was decided since a moment, by the phones' names for it, the latest first; at most 500.
    package static func decided(of account: ID<Account>, since: Instant, _ tx: ReadTx) throws -> [String] {
        try tx.all(
            """
            SELECT key FROM offline_entry WHERE account_id = \(account) AND settled_at >= \(since)
            AND outcome <> 'taken' ORDER BY settled_at DESC, id DESC LIMIT 500
            """
        ) { try $0[0] }
    }

    /// Puts an undecided entry of one's own away, decided.
    static func settle(key: String, of account: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE offline_entry SET settled_at = \(tx.now)
            WHERE account_id = \(account) AND key = \(key) AND settled_at IS NULL AND outcome <> 'taken'
            """
        )
    }

    /// Puts an undecided entry of one's own away on the desk, as it stands there now.
    ///
    /// - Throws: `.notFound` for anybody else's.
    package static func drop(_ id: ID<OfflineEntry>, _ context: Context, _ database: Database) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("offline.entry") }
        try await database.write(context, "offline.drop") { tx in
            let dropped = try tx.execute(
                """
                UPDATE offline_entry SET settled_at = \(tx.now)
                WHERE id = \(id) AND account_id = \(account) AND settled_at IS NULL AND outcome <> 'taken'
                """
            )
            guard dropped == 1 else { throw LinliError.notFound("offline.entry") }
            try tx.audit(Subject("offlineEntry", id), fields: ["settled"])
        }
    }
}

/// Taking back what was done without a network.
package enum OfflineSync {
    /// The largest sealed entry taken, as large as the largest file of a form: nine photos that the page has made small,
    /// a signature and the words.
    /// - Source: configured, no source
    package static let limit = FileStore.limit

    /// What becomes of an entry beyond the limit: it stands in nobody's way.
    package static let tooLarge = OfflineOutcome(
        kind: .refused,
        text: Text("这一条太大，收不下：请少带几张照片，重新记一次", "This entry is too large: note it again with fewer photos"))

    /// Takes one sealed entry, once however often it is sent. It is taken also after its lease: what was done must not
    /// be lost. It is taken from nobody but the person whose lease it was.
    ///
    /// - Throws: `.forbidden` for somebody else; what is worth another try (the store is away) as it is.
    package static func take(
        _ sealed: [UInt8], key: String, lease id: ID<OfflineLease>, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        let database = services.database
        guard let account = context.actor.account, (8...40).contains(key.utf8.count) else {
            throw LinliError.invalid("offline.key", [.init("entry", Text("这一条没有编号", "This entry has no name"))])
        }
        let (lease, known) = try await database.read { tx in
            (try OfflineLease.find(id, tx), try OfflineStore.known(key, of: account, database.keys, tx))
        }
        // A lease that is gone ran out long ago, and its key with it.
        guard let lease else {
            return OfflineOutcome(kind: .refused, text: OfflineLease.keyGone.fields.first?.text)
        }
        guard lease.account == account else { throw OfflineSync.notTheirs }
        if let known, known.outcome.kind != .kept { return known.outcome }
        var opened: OfflineEntry
        do {
            let bytes = try lease.open(sealed, for: key, database.keys)
            opened = try OfflineEntry(bytes, key: key, lease: lease, now: context.now)
        } catch let error as LinliError where error.kind == .invalid {
            return OfflineOutcome(kind: .refused, text: error.fields.first?.text ?? error.publicText)
        }
        // What was kept comes again and again: its pictures are here already.
        if let known, known.pictures.files.count == opened.taken.count {
            opened.pictures = known.pictures
        } else {
            let isSigned = OfflinePictures.isSigned(opened.body)
            opened.pictures = try await OfflinePictures(opened.taken, isSigned: isSigned, services)
                .with(try await OfflineDecision.pictures(correctedBy: opened, database))
        }
        do {
            return try await take(opened, context, services)
        } catch let error as LinliError where error.kind == .conflict {
            // The same entry came twice in one moment: the first one has done it.
            let known = try await database.read { try OfflineStore.known(key, of: account, database.keys, $0) }
            guard let known else { throw error }
            return known.outcome
        }
    }

    static func take(
        _ sent: OfflineEntry, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        if OfflineDecision.putsAway(sent) { return try await keep(sent, .taken, context, services) }
        // Whatever comes of a decision, the words it is about are noted with it: it takes their place.
        let entry = try await OfflineMembers.whole(sent, services.database)
        guard let part = services.features.offline.first(where: { $0.id == entry.part }) else {
            return try await keep(entry, OfflineOutcome(kind: .kept, text: OfflineSync.unknownPart), context, services)
        }
        guard context.actor.may(part.permission) else {
            return try await keep(entry, OfflineOutcome(kind: .kept, text: OfflineSync.noDuty), context, services)
        }
        if entry.isUnfinished {
            let outcome = OfflineOutcome(kind: .refused, text: OfflineSync.unfinished)
            return try await keep(entry, outcome, context, services)
        }
        do {
            try await OfflineDecision.checkOpen(entry, services.database)
            return try await part.take(entry, context, services)
        } catch let error as LinliError where OfflineSync.isFinal(error) {
            let text = error.fields.first?.text ?? error.publicText
            return try await keep(entry, OfflineOutcome(kind: .refused, text: text), context, services)
        }
    }

    /// Notes what a part did that could not note it itself, and what is not done.
    package static func keep(
        _ entry: OfflineEntry, _ outcome: OfflineOutcome, _ context: Context, _ services: Services
    ) async throws -> OfflineOutcome {
        let keys = services.database.keys
        try await services.database.write(context, "offline.take") { tx in
            if OfflineDecision.putsAway(entry) { try OfflineDecision.settleAll(entry, keys, tx) }
            try OfflineStore.note(entry, outcome, tx)
            try tx.audit(
                Subject("offlineLease", entry.lease.id, division: entry.lease.division), fields: [entry.part])
        }
        return outcome
    }

    /// Whether trying again would give the same answer.
    private static func isFinal(_ error: LinliError) -> Bool {
        [.invalid, .notFound, .forbidden, .unsupported, .tooLarge, .malformed].contains(error.kind)
            || ["registers.ended", "registers.restricted"].contains(error.id)
    }

    private static let notTheirs = LinliError(
        .forbidden,
        "offline.otherPerson",
        Text("这台手机里的记录是别人的，请原来的人登录后再传", "This work is somebody else's: they must sign in to send it")
    )
    private static let unknownPart = Text("这类记录现在没有地方收，先替您留着", "Nothing takes this kind of entry now; it is kept")
    private static let unfinished = Text(
        "台账到期时这一条还没写完：补好再传，或者不要了",
        "It was not finished when the lease ended: complete it and send it, or put it away")
    private static let noDuty = Text("您现在没有这项职责，记录替您留着", "You do not hold this duty any more; the entry is kept")
}
