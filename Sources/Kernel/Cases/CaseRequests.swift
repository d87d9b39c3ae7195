import LinliCore
import LinliSQL

/// What a handler may ask of who supervises.
package enum CaseRequestKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// The clock stands still for a while 挂账.
    case pause
    /// The clock gets more time 延期.
    case extend
    /// The case does not count in the rates 剔除.
    case exclude

    /// What people call it.
    package var name: Text {
        switch self {
        case .pause: Text("挂账", "Pause")
        case .extend: Text("延期", "More time")
        case .exclude: Text("剔除", "Leave out of the rates")
        }
    }
}

/// A request and what became of it.
package struct CaseRequest: Sendable {
    /// How far it is.
    package enum State: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
        case waiting, granted, denied
    }

    package let id: ID<CaseRequest>
    package let item: ID<Case>
    package let kind: CaseRequestKind
    package let state: State
    /// A code of the type's `reasons`.
    package let reasonClass: String
    package let text: String
    /// How long, in minutes.
    package let minutes: Int
    /// The unit that asked.
    package let unit: ID<Unit>?
    package let askedBy: ID<Account>?
    package let askedAt: Instant
    package let decidedAt: Instant?
    package let decision: String
    /// When a granted pause ends at the latest.
    package let endsAt: Instant?

    /// The reason class of a pause that waits for who told the case: what is asked of them is in its text, which they read
    /// once it is granted.
    package static let waitsForReporter = "applicant"

    /// What who told the case reads when it is granted: the class of the reason and the words of who granted it; where it
    /// waits for them, also what is wanted.
    func told(_ decision: String, _ type: CaseType) -> String {
        var words = GrantedWords.reason(reasonName(type)).zh
        if reasonClass == CaseRequest.waitsForReporter { words += "\(GrantedWords.wanted.zh)\(text.trimmed)\n" }
        words += "\(GrantedWords.decision.zh)\(decision.trimmed)"
        return String(String.UnicodeScalarView(words.unicodeScalars.prefix(4000)))
    }

    static let columns: SQL = """
        r.id, r.case_id, r.kind, r.state, r.reason_class, r.text, r.minutes, r.unit_id, r.asked_by, r.asked_at,
        r.decided_at, r.decision, r.ends_at
        """

    init(_ row: Row) throws {
        id = try row[0]
        item = try row[1]
        kind = try row[2]
        state = try row[3]
        reasonClass = try row[4]
        text = try row[5]
        minutes = try row[6]
        unit = try row[7]
        askedBy = try row[8]
        askedAt = try row[9]
        decidedAt = try row[10]
        decision = try row[11]
        endsAt = try row[12]
    }
}

/// Every SQL text about requests.
package enum CaseRequestsStore {
    /// The requests of a case, the oldest first.
    static func all(of id: ID<Case>, _ tx: ReadTx) throws -> [CaseRequest] {
        try tx.all("SELECT \(CaseRequest.columns) FROM case_request r WHERE r.case_id = \(id) ORDER BY r.id LIMIT 100")
        {
            try CaseRequest($0)
        }
    }

    static func find(_ id: ID<CaseRequest>, _ tx: ReadTx) throws -> CaseRequest? {
        try tx.first("SELECT \(CaseRequest.columns) FROM case_request r WHERE r.id = \(id)") { try CaseRequest($0) }
    }

    /// Pauses that end at the latest now.
    static func ended(at now: Instant, _ tx: ReadTx) throws -> [ID<Case>] {
        try tx.all(
            """
            SELECT q.case_id FROM case_request q
            WHERE q.ends_at IS NOT NULL AND q.is_over = 0 AND q.ends_at <= \(now)\
            \(JobRound.isAwake("cases.resume", "q.case_id", at: now))
            ORDER BY q.ends_at LIMIT 200
            """
        ) { try $0[0] }
    }

    /// Ends the pause of a case; answers with when it ended: now, or when its time was over, had nobody looked until now.
    static func endPauses(of id: ID<Case>, _ tx: WriteTx) throws -> Instant {
        let over: Instant? = try tx.value(
            "SELECT max(ends_at) FROM case_request WHERE case_id = \(id) AND ends_at IS NOT NULL AND is_over = 0")
        try tx.execute(
            "UPDATE case_request SET is_over = 1 WHERE case_id = \(id) AND ends_at IS NOT NULL AND is_over = 0"
        )
        return min(over ?? tx.now, tx.now)
    }

    /// What waits for the decision of somebody who supervises, the oldest first: nothing that they or a unit of theirs
    /// asked for, and nothing of cases against units they work for.
    package static func waiting(
        for actor: Actor, limit: Int, _ tx: ReadTx
    ) throws -> [(request: CaseRequest, row: CaseRow)] {
        let scope = actor.scope(for: .casesSupervise)
        guard !scope.divisions.isEmpty else { return [] }
        let inside = scope.divisions.map { code -> SQL in
            "r.division BETWEEN \(code.range.lowerBound) AND \(code.range.upperBound)"
        }
        let units: SQL =
            scope.interests.isEmpty
            ? .empty : " AND (r.unit_id IS NULL OR r.unit_id NOT IN \(SQL.list(scope.interests)))"
        let person: SQL = actor.account.map { " AND (r.asked_by IS NULL OR r.asked_by <> \($0))" } ?? .empty
        return try tx.all(
            """
            SELECT \(CaseRequest.columns), \(CaseRow.columns), u.name, u.name_en
            FROM case_request r JOIN case_item c ON c.id = r.case_id LEFT JOIN unit u ON u.id = c.handler_unit
            WHERE r.state = 'waiting' AND (\(SQL.joined(inside, separator: " OR ")))\(units)\(person)\
            \(CaseQueries.hide(scope))
            ORDER BY r.id LIMIT \(limit)
            """
        ) { (try CaseRequest($0), try CaseRow($0, from: 13)) }
    }
}

extension CaseCommands {
    /// Asks for a pause, more time or to be left out of the rates; who supervises decides.
    ///
    /// - Throws: `.notFound` for who may not see the case, `.forbidden` for who may not ask, `.conflict` when one waits
    ///   already or no more can be granted, `.invalid` naming what is missing.
    package func ask(
        _ kind: CaseRequestKind, reason: String, minutes: Int, text: String, for id: ID<Case>, _ context: Context
    ) async throws -> ID<CaseRequest> {
        try await database.write(context, "cases.ask") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.sees else { throw LinliError.notFound("cases.hidden") }
            let type = try queries.types.type(item.type, version: item.typeVersion)
            guard let rule = type.requests.first(where: { $0.kind == kind }) else {
                throw LinliError.notFound("cases.request")
            }
            guard rule.by.contains(where: { standing.plays($0) }) else { throw LinliError.forbidden("cases.ask") }
            guard rule.from.contains(item.state) else { throw CaseCommands.changed }
            try check(rule, reason, minutes, text)
            try checkRoom(rule, item, tx)
            let request = try tx.newID(CaseRequest.self)
            let lifted = LiftedText(text.trimmed, hiding: try tellerNames(of: id, tx)).masked
            try tx.execute(
                """
                INSERT INTO case_request (id, case_id, kind, state, reason_class, text, minutes, unit_id, asked_by,
                    asked_at, division, decision, is_over)
                VALUES (\(request), \(id), \(kind), 'waiting', \(reason), \(lifted), \(minutes), \(item.handlerUnit),
                    \(context.actor.account), \(tx.now), \(item.division), '', 0)
                """
            )
            try mark(CaseMark.of(kind, .waiting), item, text: text, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["request", kind.rawValue], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
            return request
        }
    }

    private func check(_ rule: CaseType.RequestRule, _ reason: String, _ minutes: Int, _ text: String) throws {
        var problems: [LinliError.Field] = []
        if !rule.reasons.contains(where: { $0.id == reason }) {
            problems.append(.init("reasonClass", Text("请选理由", "Please choose a reason")))
        }
        if rule.kind != .exclude, !(1...max(rule.capMinutes, 1)).contains(minutes) {
            let days = rule.capMinutes / 1440
            problems.append(.init("days", Text("请写 1 到 \(days) 天", "Please give 1 to \(days) days")))
        }
        if text.trimmed.isEmpty || text.count > 2000 {
            problems.append(.init("text", Text("请写明情况，最多 2000 个字", "Please explain, at most 2,000 characters")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("cases.request", problems) }
    }

    private func checkRoom(_ rule: CaseType.RequestRule, _ item: CaseRecord, _ tx: WriteTx) throws {
        let known = try CaseRequestsStore.all(of: item.id, tx).filter {
            // What 12345 took back is no request of the unit's.
            $0.kind == rule.kind && $0.reasonClass != CaseRequest.returnedThere
        }
        if known.contains(where: { $0.state == .waiting }) {
            throw LinliError(
                .conflict, "cases.requestWaits",
                Text("已经有一条申请在等审批", "One request is waiting for a decision already")
            )
        }
        if known.filter({ $0.state == .granted }).count >= rule.limit {
            throw LinliError(
                .conflict, "cases.requestLimit",
                Text("这件事最多批 \(rule.limit) 次，已经用完", "At most \(rule.limit) can be granted, and they are used")
            )
        }
    }

    /// Decides about a request: never the person who asked, nor somebody of the unit that did.
    ///
    /// - Throws: `.notFound`, `.forbidden`, `.conflict` when it was decided already, `.invalid` without words.
    package func decide(
        _ id: ID<CaseRequest>, isGranted: Bool, text: String, _ context: Context
    ) async throws -> ID<Case> {
        guard !text.trimmed.isEmpty, text.count <= 2000 else {
            throw LinliError.invalid(
                "cases.decision", [.init("text", Text("请写明理由", "Please give your reasons"))]
            )
        }
        return try await database.write(context, "cases.decide") { tx in
            guard let request = try CaseRequestsStore.find(id, tx) else { throw LinliError.notFound("cases.request") }
            let (item, standing) = try locked(request.item, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            let isOwn =
                request.askedBy == context.actor.account
                || (request.unit.map { context.actor.scope.interests.contains($0) } ?? false)
            guard standing.isSupervisor, !isOwn else { throw LinliError.forbidden("cases.decide") }
            // Time is given for work that is going on; what came too late is refused.
            let mayBeGranted = try isOpen(request, item)
            guard request.state == .waiting, !isGranted || mayBeGranted else { throw CaseCommands.changed }
            let state: CaseRequest.State = isGranted ? .granted : .denied
            let ends = isGranted && request.kind == .pause ? try pauseEnd(request, item, tx) : nil
            let said = LiftedText(text.trimmed, hiding: try tellerNames(of: item.id, tx)).masked
            try tx.execute(
                """
                UPDATE case_request SET state = \(state), decided_by = \(context.actor.account),
                    decided_at = \(tx.now), decision = \(said), ends_at = \(ends)
                WHERE id = \(id)
                """
            )
            if isGranted { try grant(request, item, ends, tx) }
            let isTold = isGranted && request.kind != .exclude
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let words = isTold ? request.told(text, type) : text
            try mark(CaseMark.of(request.kind, state), item, text: words, isVisible: isTold, tx)
            try tx.audit(item.subject, fields: ["request", state.rawValue], values: [text])
            var facts = noted(item)
            facts["request"] = request.kind.rawValue
            facts["decision"] = state.rawValue
            try tx.emit("case.noted", item.subject, facts: facts)
            if isGranted { try writeAbout(request, item, tx) }
            if let asker = request.askedBy { try notify(asker, .decided, of: item, tx) }
            return item.id
        }
    }

    /// Whether what was asked for can still be granted.
    private func isOpen(_ request: CaseRequest, _ item: CaseRecord) throws -> Bool {
        if request.kind == .exclude { return true }
        let type = try queries.types.type(item.type, version: item.typeVersion)
        return type.requests.contains { $0.kind == request.kind && $0.from.contains(item.state) }
    }

    /// What was asked for and nobody decided falls away when the work goes on without it: otherwise it could be granted
    /// to another unit, and a case that is over would wait for it. What is to be left out of the rates stays.
    func endRequests(
        of item: CaseRecord, _ type: CaseType, entering state: CaseType.State, _ tx: WriteTx
    ) throws {
        let over = type.requests.filter {
            $0.kind != .exclude && $0.from.contains(item.state) && !$0.from.contains(state.id)
        }
        guard !over.isEmpty else { return }
        let words = "工单已有新进展，申请自动失效"
        try tx.execute(
            """
            UPDATE case_request SET state = 'denied', decided_at = \(tx.now), decision = \(words)
            WHERE case_id = \(item.id) AND state = 'waiting' AND kind IN \(SQL.list(over.map(\.kind)))
            """
        )
    }

    /// When a pause ends at the latest: not after the day another system wants it done, which stands still for nobody.
    private func pauseEnd(_ request: CaseRequest, _ item: CaseRecord, _ tx: WriteTx) throws -> Instant {
        let end = tx.now.adding(minutes: request.minutes)
        let foreign = try ForeignOrdersStore.clock(item, leadHours: 0, tx)?.due
        return foreign.map { $0 > tx.now ? min($0, end) : end } ?? end
    }

    private func grant(_ request: CaseRequest, _ item: CaseRecord, _ ends: Instant?, _ tx: WriteTx) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        let state = try type.state(item.state)
        var clocks = try clockwork(item, type, tx)
        switch request.kind {
        case .pause:
            clocks.pause(in: state)
            try tx.execute("UPDATE case_item SET is_paused = 1 WHERE id = \(item.id)")
        case .extend: clocks.extend(minutes: request.minutes, in: state)
        case .exclude:
            let round = try tx.value("SELECT round FROM case_request WHERE id = \(request.id)", as: Int?.self).flatMap {
                $0
            }
            try keepEvidence(item, type, clocks, .excluded(request.reasonClass, round: round), tx)
            return
        }
        try save(clocks, of: item.id, tx)
        try keepEvidence(item, type, clocks, .clocks, tx)
        try setDue(ends ?? (item.isPaused ? item.dueAt : clocks.due ?? item.dueAt), of: item.id, tx)
    }

    /// The clock of a paused case runs again: its handler says so, or the pause is over.
    ///
    /// - Throws: `.conflict` when it is not paused.
    package func resume(_ id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.resume") { tx in
            let (item, standing) = try locked(id, context, tx)
            let isSystem = if case .system = context.actor.kind { true } else { false }
            guard standing.isStaff || isSystem else { throw LinliError.notFound("cases.hidden") }
            guard isSystem || standing.isHandler || standing.isSupervisor else {
                throw LinliError.forbidden("cases.resume")
            }
            guard item.isPaused else { throw CaseCommands.changed }
            let type = try queries.types.type(item.type, version: item.typeVersion)
            var clocks = try clockwork(item, type, tx)
            clocks.resume(in: try type.state(item.state), from: try CaseRequestsStore.endPauses(of: id, tx))
            try save(clocks, of: id, tx)
            try keepEvidence(item, type, clocks, .clocks, tx)
            try tx.execute("UPDATE case_item SET is_paused = 0 WHERE id = \(id)")
            try setDue(clocks.due ?? item.dueAt, of: id, tx)
            try mark(.resume, item, text: "", isVisible: true, tx)
            try tx.audit(item.subject, fields: ["resume"])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// Adds a line to the history and, where a person did it, makes the case newer; `unit` is who acts where that is not
    /// who has the case.
    func mark(
        _ mark: CaseMark, _ item: CaseRecord, by unit: ID<Unit>? = nil, text: String, isVisible: Bool, _ tx: WriteTx
    ) throws {
        let isSystem = if case .system = tx.context.actor.kind { true } else { false }
        // What a clock did is nobody's word, whoever's step it was seen with: that may be the reporter's.
        let isClocks = [CaseMark.remind, .supervise, .raise].contains(mark)
        try note(
            item.id, transition: mark.rawValue, from: item.state, to: item.state, unit: unit ?? item.handlerUnit,
            text: text.trimmed, isVisible: isVisible, reasonClass: "", isNamed: !isSystem && !isClocks, isNote: true, tx
        )
        // A reminder at its time changes nothing of what somebody is about to do, whose page was opened a moment before.
        guard !isSystem, !isClocks else { return }
        try tx.execute("UPDATE case_item SET version = version + 1 WHERE id = \(item.id)")
    }

    /// What subscribers hear of a change that moves nothing.
    func noted(_ item: CaseRecord) -> [String: String] {
        facts(from: nil, to: item.state, units: [item.handlerUnit], unit: nil, against: item.accusation)
    }
}

extension JobKind {
    /// Pauses that are over: the clocks run again.
    static func casesResume(_ commands: CaseCommands) -> JobKind {
        JobKind("cases.resume", everySeconds: 60) { run in
            let due = try await run.database.read { try CaseRequestsStore.ended(at: run.context.now, $0) }
            try await JobRound("cases.resume", run).walk(due) { id in
                do {
                    try await commands.resume(id, run.context)
                } catch let error as LinliError where error.kind == .conflict {
                    // Somebody resumed or moved it in the same moment.
                }
            }
        }
    }
}
