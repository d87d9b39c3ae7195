import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Takes an order of another system in: a case like every other, found again by its number there.
    ///
    /// The same order twice changes nothing; one that comes again with another deadline or other facts brings those up to
    /// date. Wanting confidence now hides the reporter as if it had been wanted at first, and an order that is urgent now
    /// makes its case urgent.
    /// - Throws: `.invalid` naming what is missing, `.conflict` for an order of somebody else's area.
    package func takeOrder(
        _ draft: CaseDraft, _ order: ForeignOrderDraft, _ context: Context
    ) async throws -> (item: ID<Case>, news: ForeignOrderNews) {
        let problems = order.problems(at: context.now)
        guard problems.isEmpty else { throw LinliError.invalid("orders.draft", problems) }
        var marked = order
        marked.isUrgent = draft.isUrgent || ForeignOrderDraft.isUrgent(order.urgency)
        let order = marked
        if let known = try await known(order) { return try await update(known, with: order, draft, context) }
        var filled = draft
        filled.source = .hotline
        filled.foreign = order
        // Whom it is about may stand in a field of its own; where it does not, its words decide, as by every other door.
        if filled.accused.isEmpty, filled.nature.isProtected, !order.accused.isEmpty {
            let (division, place) = (filled.division, filled.place)
            let named = try await database.read { tx in
                try AccusedUnits.named(in: order.accused, division: division, place: place, at: context.now, tx)
            }
            filled.accused = named.all.prefix(Accusation.limit).map(\.id)
        }
        do {
            return (try await report(filled, context).id, .added)
        } catch let error as LinliError where error.kind == .conflict {
            // It came by two ways in one moment: the first one has made the case.
            guard let known = try await known(order) else { throw error }
            return try await update(known, with: order, draft, context)
        }
    }

    /// Keeps an order beside its new case; `keeper` stored the photo of its paper.
    func keepOrder(
        _ order: ForeignOrderDraft, by keeper: Actor, of id: ID<Case>, in division: DivisionCode, _ tx: WriteTx
    ) throws {
        if let sheet = order.sheet { try FileStore.use(sheet, by: keeper, tx) }
        try ForeignOrdersStore.insert(order, accused: try lifted(order.accused, id, tx), of: id, in: division, tx)
    }

    private func known(_ order: ForeignOrderDraft) async throws -> ForeignOrder? {
        try await database.read { try ForeignOrdersStore.find(order.system, order.number, $0) }
    }

    private func update(
        _ known: ForeignOrder, with draft: ForeignOrderDraft, _ told: CaseDraft, _ context: Context
    ) async throws -> (item: ID<Case>, news: ForeignOrderNews) {
        let news = try await database.write(context, "cases.orderUpdate") { tx -> ForeignOrderNews in
            // The case it speaks in is held first, as everywhere.
            let lead = try leading(known.item, tx).item
            let (held, standing) = try locked(known.item, context, tx)
            var item = held
            guard standing.isStaff, context.actor.may(.casesReport, in: item.division) else {
                throw LinliError(
                    .conflict, "orders.elsewhere",
                    Text("这个单号已由别处登记", "This number was registered by somebody else")
                )
            }
            try tx.audit(item.subject, fields: ["order"], values: [draft.number])
            // What its time took away does not come back with an old sheet.
            guard try !CaseRetention.isCleared(item.id, tx), let before = try ForeignOrdersStore.of(item.id, tx)
            else { return .unchanged }
            let age = try ForeignOrdersStore.age(of: draft, beside: before, tx)
            guard age == .newer else { return try keep(before, beside: draft, age, item, tx) }
            let accused = try lifted(draft.accused, item.id, tx)
            guard try ForeignOrdersStore.update(before, with: draft, accused: accused, tx) else { return .unchanged }
            let isBegun = try takeAgain(before, with: draft, of: lead.id, tx)
            if isBegun {
                item = try CasesStore.lock(item.id, tx)
            } else if let due = draft.dueAt, due != before.dueAt {
                try followDeadline(item, from: before.dueAt, to: due, tx)
            } else {
                try mark(.orderUpdate, item, text: "", isVisible: false, tx)
            }
            if draft.isPrivate, item.disclosure == .named { try conceal(item, tx) }
            try tx.emit("case.noted", item.subject, facts: noted(item))
            if CaseCommands.becomesUrgent(told, draft, item, before) {
                let held = try CasesStore.lock(lead.id, tx)
                let words = draft.urgency.isEmpty ? "12345 来单说紧急" : "12345：\(draft.urgency)"
                _ = try turn(held, isUrgent: true, reason: words, tx)
            }
            return isBegun ? .reopened : .updated
        }
        return (known.item, news)
    }

    /// What holds stays beside something older, or of an age nobody can tell; of that staff see the other deadline.
    private func keep(
        _ order: ForeignOrder, beside draft: ForeignOrderDraft, _ age: ForeignOrderAge, _ item: CaseRecord,
        _ tx: WriteTx
    ) throws -> ForeignOrderNews {
        let other = age == .unclear ? draft.dueAt : nil
        if try ForeignOrdersStore.keep(order, beside: draft, differing: other, tx) {
            if let other, other != order.difference?.due {
                let held = order.dueAt.map { "\($0.date) \($0.time)" } ?? "没有时限"
                let words = "来单写的是 \(other.date) \(other.time)，分不清新旧，仍按 \(held) 办"
                try mark(.orderDiffers, item, text: words, isVisible: false, tx)
            }
            if draft.isPrivate, item.disclosure == .named { try conceal(item, tx) }
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
        return age == .unclear ? .kept : .unchanged
    }

    /// Whether an order says now what it did not say before: that it is urgent, or that there is danger. What staff found
    /// to be in no danger stays so while it only comes again.
    private static func becomesUrgent(
        _ told: CaseDraft, _ draft: ForeignOrderDraft, _ item: CaseRecord, _ before: ForeignOrder
    ) -> Bool {
        let speaks = DangerWords.speak(in: told.text) && !DangerWords.speak(in: item.text)
        // How it was said is kept with the order, so that the same said again is no news.
        return (draft.isUrgent && !before.isUrgent) || speaks
    }

    /// Hides who told a case from those who handle it, as an order that wants confidence does at first.
    private func conceal(_ item: CaseRecord, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_item SET disclosure = \(Disclosure.office) WHERE id = \(item.id)")
        try mark(.orderPrivate, item, text: "", isVisible: false, tx)
        try tx.audit(item.subject, fields: ["disclosure"])
    }

    /// The deadline there moved: the one here with it, and our own stays before it.
    private func followDeadline(_ item: CaseRecord, from old: Instant?, to new: Instant, _ tx: WriteTx) throws {
        let words = "\(new.date) \(new.time)"
        try mark(.orderDeadline, item, text: words, isVisible: false, tx)
        guard item.isOpen else { return }
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var clocks = try clockwork(item, type, tx)
        let more = old.map { Int(new.seconds(since: $0) / 60) } ?? 0
        clocks.followForeign(moreMinutes: max(0, more), in: try type.state(item.state))
        try save(clocks, of: item.id, tx)
        try keepEvidence(item, type, clocks, .clocks, tx)
        if !item.isPaused { try setDue(clocks.due ?? item.dueAt, of: item.id, tx) }
    }

    /// Notes what was asked of the other system, with its reason and basis.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who neither handles nor dispatches it, `.conflict` while one of the kind
    ///   waits, `.invalid` naming what is missing.
    package func askThere(
        _ kind: ForeignRequestKind, reason: String, text: String, of id: ID<Case>, _ context: Context
    ) async throws {
        try await database.write(context, "cases.orderAsk") { tx in
            let (item, order) = try heldOrder(id, context, tx) { $0.isHandler || $0.isDispatcher }
            try check(kind, reason, text, item)
            let requests = try ForeignOrdersStore.requests(order.id, tx)
            guard !requests.contains(where: { $0.kind == kind && $0.state == .waiting }) else {
                throw LinliError(
                    .conflict, "orders.requestWaits", Text("这类申请已经提过，在等答复", "One of this kind is waiting already")
                )
            }
            _ = try ForeignOrdersStore.ask(kind, reason, try lifted(text, id, tx), of: order, tx)
            try mark(.of(kind, .waiting), item, text: text, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["orderAsk", kind.rawValue], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// The reason classes of a request: those of the case's type, and of giving a case back.
    package static func reasons(_ kind: ForeignRequestKind, _ type: CaseType) -> [(id: String, name: Text)] {
        let own: CaseRequestKind? =
            switch kind {
            case .refuse: nil
            case .extend: .extend
            case .exclude: .exclude
            }
        guard let own else { return type.returnReasons.map { ($0.id, $0.name) } }
        return type.requests.first { $0.kind == own }?.reasons.map { ($0.id, $0.name) } ?? []
    }

    private func check(_ kind: ForeignRequestKind, _ reason: String, _ text: String, _ item: CaseRecord) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var problems: [LinliError.Field] = []
        if !CaseCommands.reasons(kind, type).contains(where: { $0.id == reason }) {
            problems.append(.init("reasonClass", Text("请选理由", "Please choose a reason")))
        }
        if text.trimmed.isEmpty || text.count > 2000 {
            problems.append(.init("text", Text("请写明依据，最多 2000 个字", "Please give the basis, at most 2,000 characters")))
        }
        guard problems.isEmpty else { throw LinliError.invalid("orders.request", problems) }
    }

    /// Writes down what the other system ruled; it holds here too: the deadline moves, or the case is given back. What it
    /// leaves out of its results is left out of our rates when a second person agrees.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch, `.invalid` naming what is missing.
    package func ruleThere(
        _ kind: ForeignRequestKind, isGranted: Bool, text: String, due: Instant?, of id: ID<Case>, _ context: Context
    ) async throws {
        guard text.count <= 2000 else {
            throw LinliError.invalid("orders.ruling", [.init("text", Text("最多 2000 个字", "At most 2,000 characters"))])
        }
        try await database.write(context, "cases.orderRule") { tx in
            let (item, order) = try heldOrder(id, context, tx) { $0.isDispatcher }
            if kind == .extend, isGranted, due.map({ $0 <= order.dispatchedAt }) ?? true {
                throw LinliError.invalid(
                    "orders.due", [.init("due", Text("请填新的办理时限", "Please give the new deadline"))]
                )
            }
            let state: ForeignRequest.State = isGranted ? .granted : .denied
            let waiting = try ForeignOrdersStore.requests(order.id, tx).first {
                $0.kind == kind && $0.state == .waiting
            }
            // They may rule without having been asked, or somebody asked there directly.
            let request = try waiting?.id ?? ForeignOrdersStore.ask(kind, "", "", of: order, tx)
            try ForeignOrdersStore.rule(request, state, try lifted(text, id, tx), due: isGranted ? due : nil, tx)
            try mark(.of(kind, state), item, text: text, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["orderRule", kind.rawValue, state.rawValue], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
            if isGranted { try obey(kind, waiting?.reasonClass ?? "", text, due, item, order, tx) }
        }
    }

    /// Does what was granted there.
    private func obey(
        _ kind: ForeignRequestKind, _ reason: String, _ text: String, _ due: Instant?, _ item: CaseRecord,
        _ order: ForeignOrder, _ tx: WriteTx
    ) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        switch kind {
        case .extend:
            guard let due else { return }
            try ForeignOrdersStore.setDue(due, of: order, tx)
            try followDeadline(item, from: order.dueAt, to: due, tx)
        case .exclude: try askToLeaveOut(reason, text, item, tx)
        case .refuse:
            guard let way = type.transitions(from: item.state).first(where: { $0.guards.contains(.returned) }) else {
                return
            }
            let now = try CasesStore.lock(item.id, tx)
            let situation = try CaseSituation(now, type, tx)
            let standing = Standing(tx.context.actor, now, situation)
            let words = text.trimmed.isEmpty ? "12345 同意退单" : text
            try move(CaseStep(way.id, text: words), type, now, standing, situation, tx)
        }
    }

    /// Notes that the other deadline an order came with was looked at and nothing follows from it: what holds stays, and
    /// nobody is shown the difference as news any more, until another one comes. `due` is the one that was looked at, so
    /// that what came meanwhile is not put away unseen. Said again it changes nothing.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch, `.conflict` when it is not what differs now.
    package func seeDifference(_ due: Instant, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.orderSeen") { tx in
            let (item, order) = try heldOrder(id, context, tx) { $0.isDispatcher }
            // To the second, as pages and programs say it.
            guard let other = order.difference, other.due.iso8601 == due.iso8601 else {
                throw LinliError(
                    .conflict, "orders.difference",
                    Text("来单的时限已经变了，请再看一遍", "What came differs otherwise now: please look again")
                )
            }
            let held = order.dueAt.map { "\($0.date) \($0.time)" } ?? "没有时限"
            let words = "来单写的 \(other.due.date) \(other.due.time) 看过了，仍按 \(held) 办"
            try tx.audit(item.subject, fields: ["orderSeen"], values: [words])
            guard order.differenceSeenAt == nil else { return }
            try ForeignOrdersStore.see(order, tx)
            try mark(.orderSeen, item, text: words, isVisible: false, tx)
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// Notes that a reply was taken over there, and keeps its words.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who neither handles nor dispatches it, `.invalid` without words.
    package func replied(_ text: String, to id: ID<Case>, _ context: Context) async throws {
        guard !text.trimmed.isEmpty, text.unicodeScalars.count <= 8000 else {
            throw LinliError.invalid(
                "orders.reply", [.init("text", Text("答复不能空，最多 8000 个字", "A reply of at most 8,000 characters"))]
            )
        }
        try await database.write(context, "cases.orderReply") { tx in
            let (item, order) = try heldOrder(id, context, tx) { $0.isHandler || $0.isDispatcher }
            try ForeignOrdersStore.reply(try lifted(text, id, tx), to: order, tx)
            try mark(.orderReply, item, text: "", isVisible: false, tx)
            try tx.audit(item.subject, fields: ["orderReply"], values: [text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
    }

    /// The case, held, and its order, for who may act on it.
    private func heldOrder(
        _ id: ID<Case>, _ context: Context, _ tx: WriteTx, _ may: (Standing) -> Bool
    ) throws -> (CaseRecord, ForeignOrder) {
        let (item, standing) = try locked(id, context, tx)
        guard standing.isStaff, let order = try ForeignOrdersStore.of(id, tx) else {
            throw LinliError.notFound("orders.unknown")
        }
        guard may(standing) else { throw LinliError.forbidden("orders.act") }
        return (item, order)
    }
}
