import LinliCore
import LinliSQL

/// What whoever told a case is written to about.
enum ReporterNews: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// The work is done, and they are asked how it went.
    case asked
    /// They have not answered, and half of the time for it is over.
    case reminded
    /// A pause was granted; where it waits for them, what they have is wanted.
    case paused
    /// More time was granted.
    case extended
    /// The review of their objection is decided.
    case reviewed
    /// It ended without their being asked how it went, such as an event that was not filed.
    case ended
}

/// Short messages to whoever told a case: what becomes of them, and whether somebody wants any.
package enum ReporterMessages {
    /// For how many days the link of a message holds: longer than an answer and the time to contest a closed case take.
    /// - Source: configured, no source
    static let linkDays = 45

    /// Whether an account is written to about what it told.
    package static func areWanted(by account: ID<Account>, _ tx: ReadTx) throws -> Bool {
        try tx.value("SELECT wants_messages FROM account WHERE id = \(account)") ?? false
    }

    /// Whoever is signed in wants messages about what they told, or none.
    ///
    /// - Throws: `.notFound` for who has no account.
    package static func want(_ isWanted: Bool, _ context: Context, _ database: Database) async throws {
        guard let account = context.actor.account else { throw LinliError.notFound("messages.account") }
        try await database.write(context, "accounts.messages") { tx in
            try tx.execute("UPDATE account SET wants_messages = \(isWanted) WHERE id = \(account)")
            try tx.audit(Subject("account", account), fields: ["messages"])
        }
    }

    /// The secret of a message's own link. It is made from the key each time it is needed: the store has its hash only,
    /// and a message that is sent again has the same link.
    static func secret(_ id: ID<Case>, _ news: ReporterNews, _ occasion: Int64, _ keys: KeyRing) -> String {
        keys.secret(of: "message:\(id):\(news.rawValue):\(occasion)")
    }

    /// The case that the link of a message leads to, while it holds.
    static func find(link hash: [UInt8], at now: Instant, _ tx: ReadTx) throws -> ID<Case>? {
        try tx.value("SELECT case_id FROM case_message WHERE link_hash = \(hash) AND link_until > \(now)")
    }
}

extension CaseCommands {
    /// Writes to everybody who told a case that was just moved: that it waits for their answer, that a review is decided,
    /// that it ended before anybody asked them.
    func writeAboutMove(
        _ item: CaseRecord, _ transition: CaseType.Transition, to state: CaseType.State, due: Instant, _ tx: WriteTx
    ) throws {
        let isAsked = state.owner == .reporter
        let isReviewed = transition.by.contains(.reviewer)
        // What another unit of the city is to do is not over: that one writes.
        let isPassed = transition.guards.contains(.returned)
        let isEnded =
            item.isOpen && state.isFinal && !isReviewed && !isPassed && !transition.by.contains(.reporter)
        guard isAsked || isReviewed || isEnded else { return }
        let occasion = Int64(item.version)
        let soon = item.isUrgent ? tx.now : MessageHours.daytime(tx.now)
        for told in try written(item, tx) {
            if isReviewed { try plan(.reviewed, occasion, for: told, at: soon, tx) }
            if isEnded, try OutcomesStore.find(told.id, round: told.contests + 1, tx)?.askedAt == nil {
                try plan(.ended, occasion, for: told, at: soon, tx)
            }
            guard isAsked else { continue }
            // What was to be said about an answer that was wanted before is over.
            try tx.execute("UPDATE case_message SET is_out = 1 WHERE case_id = \(told.id) AND is_out = 0")
            try plan(.asked, occasion, for: told, at: soon, tx)
            try plan(.reminded, occasion, for: told, at: CaseCommands.reminder(due, tx.now), tx)
        }
    }

    /// Half-way to the end, before anybody is called; by day where that is not too late.
    private static func reminder(_ due: Instant, _ now: Instant) -> Instant {
        let half = now.adding(seconds: due.seconds(since: now) / 2)
        let day = MessageHours.daytime(half)
        return day < due.adding(hours: -1) ? day : half
    }

    /// Writes to everybody who told a case that its clock stands still or got more time.
    func writeAbout(_ request: CaseRequest, _ item: CaseRecord, _ tx: WriteTx) throws {
        let news: ReporterNews
        switch request.kind {
        case .pause: news = .paused
        case .extend: news = .extended
        case .exclude: return
        }
        let soon = item.isUrgent ? tx.now : MessageHours.daytime(tx.now)
        for told in try written(item, tx) { try plan(news, request.id.rawValue, for: told, at: soon, tx) }
    }

    /// Who told a case and may be written to: who left a way, did not take it back, and did not say that they do not want
    /// to be asked.
    private func written(_ item: CaseRecord, _ tx: ReadTx) throws -> [CaseRecord] {
        let all = [item] + (try VoicesStore.records(in: item.id, tx))
        let known = all.filter { $0.source.isAsked && $0.isReachable }
        guard !known.isEmpty else { return [] }
        let gone = try VoicesStore.left(known.map(\.id), tx)
        return try known.filter { told in
            if gone.contains(told.id) { return false }
            let row = try OutcomesStore.find(told.id, round: told.contests + 1, tx)
            return row.map { !$0.isDeclined && !$0.isWithdrawn } ?? true
        }
    }

    /// Notes a message, with a link of its own for who has no account; what is to go out now does.
    private func plan(
        _ news: ReporterNews, _ occasion: Int64, for told: CaseRecord, at moment: Instant, _ tx: WriteTx
    ) throws {
        let isNow = moment <= tx.now
        let secret = ReporterMessages.secret(told.id, news, occasion, database.keys)
        let hash = told.reporter == nil ? database.keys.tokenHash("receipt:\(secret)") : nil
        try tx.execute(
            """
            INSERT INTO case_message (case_id, news, occasion, send_at, is_out, link_hash, link_until)
            VALUES (\(told.id), \(news), \(occasion), \(moment), \(isNow), \(hash),
                \(max(moment, tx.now).adding(days: ReporterMessages.linkDays)))
            ON CONFLICT (case_id, news, occasion) DO NOTHING
            """
        )
        if isNow { try send(news, occasion, told, tx) }
    }

    private func send(_ news: ReporterNews, _ occasion: Int64, _ told: CaseRecord, _ tx: WriteTx) throws {
        try tx.emit("case.message", told.subject, facts: ["news": news.rawValue, "occasion": String(occasion)])
    }

    /// Sends what was put off until now; returns how many there were.
    func sendMessages(_ context: Context) async throws -> Int {
        try await database.write(context, "cases.messages") { tx in
            let due = try tx.all(
                """
                SELECT case_id, news, occasion FROM case_message WHERE is_out = 0 AND send_at <= \(tx.now)
                ORDER BY send_at, case_id LIMIT 100
                """
            ) { row -> (item: ID<Case>, news: ReporterNews, occasion: Int64) in (try row[0], try row[1], try row[2]) }
            for message in due {
                try tx.execute(
                    """
                    UPDATE case_message SET is_out = 1 WHERE case_id = \(message.item) AND news = \(message.news)
                    AND occasion = \(message.occasion)
                    """
                )
                guard let told = try CasesStore.find(message.item, tx) else { continue }
                try send(message.news, message.occasion, told, tx)
                try tx.audit(told.subject, fields: ["message"])
            }
            if due.isEmpty { try tx.audit(Subject("case", 0), fields: ["message"]) }
            return due.count
        }
    }
}

extension JobKind {
    /// Reminders whose time has come, and what was put off over night.
    static func casesMessages(_ commands: CaseCommands) -> JobKind {
        JobKind("cases.messages", everySeconds: 60) { run in
            // In rounds after the server stood still, but never without end.
            for _ in 0..<50 {
                let context = Context.system("cases.messages", now: commands.database.clock.now)
                let isAny = try await run.database.read {
                    try $0.exists("SELECT 1 FROM case_message WHERE is_out = 0 AND send_at <= \(context.now) LIMIT 1")
                }
                guard isAny, try await commands.sendMessages(context) > 0 else { return }
            }
        }
    }
}
