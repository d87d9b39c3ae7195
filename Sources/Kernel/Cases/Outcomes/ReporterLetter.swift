import LinliCore
import LinliSQL
import LinliStandards

extension Subscriber {
    /// Short messages to whoever told a case: one for each of them and each thing that happened. They say which case and what
    /// is wanted, nothing of what was told; of a tip-off they say nothing but that there is news.
    static func reporterMessages(_ messenger: any Messenger, _ types: CaseTypes, origin: String) -> Subscriber {
        Subscriber(
            "cases.messages", kinds: ["case.message"],
            .outside { event, database in
                let now = database.clock.now
                // What is a day late says nothing that the page does not say better.
                guard now < event.at.adding(hours: 24),
                    let letter = try await database.read({ try ReporterLetter(event, types, at: now, $0) })
                else { return }
                let opened = try await database.reveal(
                    .system("cases.messages", now: now), purpose: "办理进展告知反映人", event.subject,
                    [(letter.cell, letter.sealed)])
                // Name, phone and address of mail stand on lines of their own where there is no account.
                let lines = (opened.first ?? "").split(separator: "\n", omittingEmptySubsequences: false)
                let typed = letter.isAccount ? lines.first : lines.dropFirst().first
                guard let phone = typed.flatMap({ PhoneNumber($0) }), phone.kind == .mobile else { return }
                try await messenger.sendOnce(
                    letter.words(database.keys, origin: origin), to: phone.number, about: event, database)
                try await database.write(.system("cases.messages", now: now), "cases.written") { tx in
                    try letter.markSent(tx)
                    try tx.audit(letter.told.subject, fields: ["message", letter.news.rawValue])
                }
            })
    }
}

/// One message to one of those who told a case; there is none when it says nothing new any more.
private struct ReporterLetter: Sendable {
    let told: CaseRecord
    let news: ReporterNews
    let occasion: Int64
    /// Whether they have an account: the phone is its own, and they see the case there.
    let isAccount: Bool
    let cell: Cell
    let sealed: [UInt8]
    /// Until when they may answer, or when the clock ends or runs again, as people say it now.
    private let until: Text
    /// Why there is a pause or more time, in the words of the type.
    private let reason: Text
    /// Whether the pause waits for them.
    private let isForThem: Bool
    /// Where the case went by the review.
    private let state: CaseType.State

    init?(_ event: Event, _ types: CaseTypes, at now: Instant, _ tx: ReadTx) throws {
        guard let news = event.facts["news"].flatMap({ ReporterNews(rawValue: $0) }),
            let occasion = event.facts["occasion"].flatMap({ Int64($0) }),
            let told = try CasesStore.find(ID(rawValue: event.subject.id), tx), told.isReachable,
            try ReporterLetter.isDue(told.id, news, occasion, tx), try VoicesStore.left([told.id], tx).isEmpty
        else { return nil }
        let lead = try told.speaksIn.flatMap { try CasesStore.find($0, tx) } ?? told
        let type = try types.type(lead.type, version: lead.typeVersion)
        let state = try type.state(lead.state)
        var (until, reason, isForThem) = (lead.dueAt, Text(same: ""), false)
        switch news {
        case .asked, .reminded:
            let row = try OutcomesStore.find(told.id, round: told.contests + 1, tx)
            guard state.owner == .reporter, until > now, row?.answeredAt == nil, row?.isDeclined != true else {
                return nil
            }
        case .paused, .extended:
            guard lead.isOpen, let request = try CaseRequestsStore.find(ID(rawValue: occasion), tx) else { return nil }
            let rule = type.requests.first { $0.kind == request.kind }
            reason = rule?.reasons.first { $0.id == request.reasonClass }?.name ?? request.kind.name
            isForThem = request.reasonClass == CaseRequest.waitsForReporter
            let limit = try type.workClock.flatMap { id in
                try CaseClocksStore.all(lead.id, tx).first { $0.clock == id }?.dueAt
            }
            until = (news == .paused ? request.endsAt : limit) ?? until
            guard until > now, news != .paused || lead.isPaused else { return nil }
        case .reviewed: break
        case .ended: guard state.isFinal else { return nil }
        }
        guard let (cell, sealed) = try ReporterLetter.phone(of: told, tx) else { return nil }
        (self.told, self.news, self.occasion, self.state) = (told, news, occasion, state)
        (self.cell, self.sealed, self.isAccount) = (cell, sealed, told.reporter != nil)
        (self.until, self.reason, self.isForThem) = (until.dayAndTime(at: now), reason, isForThem)
    }

    private static func isDue(
        _ id: ID<Case>, _ news: ReporterNews, _ occasion: Int64, _ tx: ReadTx
    ) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM case_message WHERE case_id = \(id) AND news = \(news) AND occasion = \(occasion)
            AND sent_at IS NULL
            """
        )
    }

    /// The sealed phone: of the account, else what was left with the case; none when its owner wants no messages.
    private static func phone(of told: CaseRecord, _ tx: ReadTx) throws -> (Cell, [UInt8])? {
        if let account = told.reporter {
            let sealed: [UInt8]? = try tx.value(
                """
                SELECT phone_sealed FROM account WHERE id = \(account) AND status = 'active' AND wants_messages = 1
                AND phone_sealed IS NOT NULL
                """
            )
            return sealed.map { (Cell("account", "phone_sealed", account.rawValue), $0) }
        }
        guard try ReporterMessages.reach(of: told, tx) != .stopped else { return nil }
        let sealed: [UInt8]? = try tx.value(
            "SELECT reporter_sealed FROM case_item WHERE id = \(told.id) AND reporter_sealed IS NOT NULL")
        return sealed.map { (Cell("case_item", "reporter_sealed", told.id.rawValue), $0) }
    }

    func markSent(_ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE case_message SET sent_at = \(tx.now) WHERE case_id = \(told.id) AND news = \(news)
            AND occasion = \(occasion)
            """
        )
    }

    func words(_ keys: KeyRing, origin: String) -> Text {
        let secret = ReporterMessages.secret(told.id, news, occasion, keys)
        // Who has an account switches messages off there.
        let link =
            isAccount
            ? Text(same: origin + CasePath.resident(told.id))
            : Text("（页面里可以停发短信）", "(you can stop messages there) ") + Text(same: origin + CasePath.receipt(secret))
        // Whoever reads the screen over a shoulder must not learn that there was a tip-off.
        if told.isSealed { return Text("您留意的事有了新进展，请打开查看：\(link.zh)", "There is news for you: \(link.en)") }
        let when = until
        let number = told.number
        switch news {
        case .asked:
            return Text(
                "您反映的事（\(number)）办完了。解决了没有、满不满意，请在 \(when.zh) 前告诉我们，没解决可以要求重办：\(link.zh)",
                "What you told us (\(number)) is done. Please say by \(when.en) whether it is solved; if not, ask for it to be done again: \(link.en)"
            )
        case .reminded:
            return Text(
                "您反映的事（\(number)）还在等您答复，\(when.zh) 截止，之后先行办结。没解决请在这里说：\(link.zh)",
                "What you told us (\(number)) still waits for your answer until \(when.en); then it is closed without one: \(link.en)"
            )
        case .paused where isForThem:
            return Text(
                "您反映的事（\(number)）需要您补充情况或配合，时限先暂停到 \(when.zh)。需要什么请看这里，也在这里补充：\(link.zh)",
                "What you told us (\(number)) waits for something from you, until \(when.en) at the latest. See what and add it here: \(link.en)"
            )
        case .paused:
            return Text(
                "您反映的事（\(number)）经批准暂停计时，最迟 \(when.zh) 恢复，原因：\(reason.zh)。进展看这里：\(link.zh)",
                "The clock of what you told us (\(number)) stands still until \(when.en) at the latest: \(reason.en). How far it is: \(link.en)"
            )
        case .extended:
            return Text(
                "您反映的事（\(number)）经批准延期到 \(when.zh)，原因：\(reason.zh)。进展看这里：\(link.zh)",
                "What you told us (\(number)) got more time, until \(when.en): \(reason.en). How far it is: \(link.en)")
        case .reviewed:
            return Text(
                "您反映的事（\(number)）复核有结论了：\(state.isFinal ? "维持原来的办理结果" : "重新办理")。理由和下一步看这里：\(link.zh)",
                "The review of what you told us (\(number)) is decided: \(state.isFinal ? "it stands as it was done" : "it is done again"). Reasons and what comes next: \(link.en)"
            )
        case .ended:
            return Text(
                "您反映的事（\(number)）有结果了：\(state.residentName.zh)。理由和不同意怎么办看这里：\(link.zh)",
                "What you told us (\(number)) has ended: \(state.residentName.en). The reasons, and what you can do if you disagree: \(link.en)"
            )
        }
    }
}
