import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Makes a case one of the voices of another about the same: its clocks stop, who told it follows the other one.
    /// What it was is kept, so that `split` takes it out again. Complaints go with complaints against the same units only.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch both, `.conflict` for what cannot be joined or would
    ///   wait longer, `.invalid` without a reason.
    package func merge(_ id: ID<Case>, into leadID: ID<Case>, reason: String, _ context: Context) async throws {
        try Self.check(reason)
        guard id != leadID else { throw Self.notMergeable }
        try await database.write(context, "cases.merge") { tx in
            // In one order, whichever goes into which.
            for held in [id, leadID].sorted() { _ = try CasesStore.lock(held, tx) }
            let (item, standing) = try locked(id, context, tx)
            let (lead, leadStanding) = try locked(leadID, context, tx)
            guard standing.isStaff, leadStanding.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher, leadStanding.isDispatcher else { throw LinliError.forbidden("cases.merge") }
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let leadType = try queries.types.type(lead.type, version: lead.typeVersion)
            try checkMergeable(item, type, lead, leadType, tx)
            var clocks = try clockwork(item, type, tx)
            clocks.end()
            try save(clocks, of: id, tx)
            for voice in try VoicesStore.records(in: id, tx) {
                guard let old = try VoicesStore.membership(voice.id, tx) else { continue }
                try VoicesStore.end(old, tx)
                try VoicesStore.begin(
                    old.kind, voice.id, in: leadID, with: id, state: old.state, stateSince: old.stateSince,
                    since: old.since, reason: reason, tx
                )
                try adopt(voice, lead, leadType, tx)
            }
            try VoicesStore.begin(
                .merge, id, in: leadID, state: item.state, stateSince: item.stateSince, reason: reason, tx
            )
            try VoicesStore.set(.merged, since: tx.now, due: tx.now, of: item, tx)
            try endSupervision(item, tx)
            try adopt(item, lead, leadType, tx)
            // Neighbours who see it see from now on how far the other one is.
            _ = try PublicationStore.follow(id, isOpen: lead.isOpen, isContested: false, isDone: false, tx)
            try say(.merged, on: item, .absorbed, on: lead, reason, tx)
            try moved(item, from: item.state, to: CaseType.State.merged.id, tx)
        }
    }

    /// Takes a voice out again: a case that was merged goes on where it stood, and the time meanwhile counts; what was
    /// never a case of its own begins one, with the time since it was told.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch it, `.conflict` for a case of its own and when the
    ///   work is done, `.invalid` without a reason.
    package func split(_ id: ID<Case>, reason: String, _ context: Context) async throws {
        try Self.check(reason)
        try await database.write(context, "cases.split") { tx in
            let (lead, item) = try leading(id, tx)
            let type = try queries.types.type(item.type, version: item.typeVersion)
            let standing = Standing(context.actor, item, try CaseSituation(item, type, tx))
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher else { throw LinliError.forbidden("cases.split") }
            let leadType = try queries.types.type(lead.type, version: lead.typeVersion)
            guard let membership = try VoicesStore.membership(id, tx), try leadType.state(lead.state).takesVoices else {
                throw Self.notSplittable
            }
            try VoicesStore.end(membership, tx)
            for old in try VoicesStore.came(with: id, into: lead.id, tx) {
                try VoicesStore.end(old, tx)
                try VoicesStore.begin(
                    old.kind, old.voice, in: id, state: old.state, stateSince: old.stateSince, since: old.since,
                    reason: reason, tx
                )
            }
            let (state, clocks) = try resumed(item, type, membership, tx)
            let since = membership.kind == .merge ? membership.stateSince : item.createdAt
            try VoicesStore.set(state, since: since, due: clocks.due ?? tx.now, of: item, tx)
            try standAlone(item, type, membership, clocks, tx)
            _ = try PublicationStore.follow(id, isOpen: true, isContested: false, isDone: false, tx)
            try say(.split, on: item, .splitOff, on: lead, reason, tx)
            try moved(item, from: CaseType.State.merged.id, to: state.id, tx)
        }
    }

    /// Where a voice goes on by itself, with clocks as if they had never stopped.
    private func resumed(
        _ item: CaseRecord, _ type: CaseType, _ membership: VoiceMembership, _ tx: WriteTx
    ) throws -> (CaseType.State, CaseClockwork) {
        let state = try type.state(membership.state)
        var clocks = try clockwork(item, type, tx)
        if membership.kind == .merge {
            clocks.restart(from: membership.since, in: state)
        } else {
            let limit = catalogue.limit(of: item.category, item.doubt)
            clocks = CaseClockwork(
                [], type, .init(nature: item.nature, limit: limit, isUrgent: item.isUrgent), calendar,
                at: item.createdAt
            )
            clocks.enter(state)
        }
        try save(clocks, of: item.id, tx)
        return (state, clocks)
    }

    /// The evidence of a voice that is a case of its own again: the work on it is not done.
    private func standAlone(
        _ item: CaseRecord, _ type: CaseType, _ membership: VoiceMembership, _ clocks: CaseClockwork, _ tx: WriteTx
    ) throws {
        guard let before = try OutcomesStore.find(item.id, round: item.contests + 1, tx) else { return }
        var row = before
        row.redo()
        if membership.kind == .join {
            row.isAccepted = false
            row.dueAt = nil
        }
        CaseCommands.read(clocks, of: type, into: &row)
        row.judgeResponse(at: tx.now)
        try store(row, before: before, tx)
    }

    private func checkMergeable(
        _ item: CaseRecord, _ type: CaseType, _ lead: CaseRecord, _ leadType: CaseType, _ tx: WriteTx
    ) throws {
        let isWork = try type.state(item.state).takesVoices && leadType.state(lead.state).takesVoices
        let isFree = item.speaksIn == nil && lead.speaksIn == nil && item.mayMerge(with: lead)
        let near = item.division.ancestor(at: .street) == lead.division.ancestor(at: .street)
        guard isWork, isFree, near, leadType.asksReporter || !type.asksReporter else { throw Self.notMergeable }
        let parts: Int =
            try tx.value("SELECT count(*) FROM case_item WHERE parent_id = \(item.id) AND is_open = 1") ?? 0
        guard parts == 0, !item.isPaused else {
            throw LinliError(
                .conflict, "cases.mergeBusy",
                Text("还有协办没办完或者在挂账，先办好再并", "Parts are still open, or it is paused: that comes first")
            )
        }
        guard item.isUrgent == false || lead.isUrgent else { throw Self.laterDeadline }
        let mine = try clockwork(item, type, tx)[type.workClock ?? ""]?.dueAt
        let theirs = try clockwork(lead, leadType, tx)[leadType.workClock ?? ""]?.dueAt
        guard let mine else { return }
        guard let theirs, theirs <= mine else { throw Self.laterDeadline }
    }

    private func say(
        _ mark: CaseMark, on item: CaseRecord, _ other: CaseMark, on lead: CaseRecord, _ reason: String, _ tx: WriteTx
    ) throws {
        // The number of the other case leads there; its words do not stand here.
        try self.mark(mark, item, text: "\(lead.number) \(reason)", isVisible: false, tx)
        try self.mark(other, lead, text: "\(item.number) \(reason)", isVisible: false, tx)
        try tx.audit(item.subject, fields: [mark.rawValue], values: [reason])
        try tx.audit(lead.subject, fields: [other.rawValue], values: [reason])
        try tx.emit("case.noted", lead.subject, facts: noted(lead))
    }

    private func moved(_ item: CaseRecord, from: String, to: String, _ tx: WriteTx) throws {
        try tx.emit(
            "case.changed", item.subject,
            facts: facts(
                from: from, to: to, units: [item.handlerUnit], unit: item.handlerUnit, oldUnit: item.handlerUnit,
                against: item.accusation
            )
        )
    }

    private static func check(_ reason: String) throws {
        guard !reason.trimmed.isEmpty, reason.count <= 1000 else {
            throw LinliError.invalid(
                "cases.mergeReason",
                [.init("text", Text("请写明理由，最多 1000 个字", "Please say why, at most 1,000 characters"))]
            )
        }
    }

    private static let notMergeable = LinliError(
        .conflict, "cases.notMergeable",
        Text(
            "这两件不能并案：举报、协办和已经办完的都不并，投诉只和针对同样单位的投诉并，也不跨街道",
            "These cannot become one: no tip-offs or parts, nothing done or of another street; complaints only if against the same"
        )
    )

    private static let notSplittable = LinliError(
        .conflict, "cases.notSplittable",
        Text("没有并案，或者已经办完：没解决的，诉求人可以要求重办", "It is no voice of a case, or the work is done")
    )

    private static let laterDeadline = LinliError(
        .conflict, "cases.laterDeadline",
        Text("并过去期限会变晚，请反过来，把那一件并到这一件", "That would move its deadline back: merge the other one into this")
    )
}
