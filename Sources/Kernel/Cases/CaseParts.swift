import LinliCore
import LinliSQL

/// How somebody spoke with who told a case.
package enum ContactWay: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case phone, faceToFace, message

    /// What staff choose between.
    package var name: Text {
        switch self {
        case .phone: Text("电话", "By phone")
        case .faceToFace: Text("见面", "Face to face")
        case .message: Text("短信、微信", "By message")
        }
    }
}

/// Whether the reporter was reached.
package enum ContactOutcome: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    case reached, noAnswer

    /// What staff choose between.
    package var name: Text {
        switch self {
        case .reached: Text("联系上了", "Reached")
        case .noAnswer: Text("没联系上", "No answer")
        }
    }
}

/// A part of a case that another unit is to do.
package struct CasePartDraft: Sendable {
    package var unit: ID<Unit>?
    package var text: String
    /// Whether the case cannot end before it.
    package var isRequired: Bool
    /// By when it is to be done; nil lets the type and the time of the whole say.
    package var dueAt: Instant?

    /// A part; by default the case waits for it, and its time is that of its type.
    package init(unit: ID<Unit>?, text: String, isRequired: Bool = true, dueAt: Instant? = nil) {
        self.unit = unit
        self.text = text
        self.isRequired = isRequired
        self.dueAt = dueAt
    }
}

extension CaseCommands {
    /// Notes that the handler spoke with the reporter, or tried to; the first that reached them stops the clock of
    /// response. Of several voices `voices` says which were reached; by default the one the case began with.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not handle it, `.conflict` when it is over.
    package func contacted(
        _ way: ContactWay, _ outcome: ContactOutcome, text: String, voices: Set<ID<Case>>? = nil, on id: ID<Case>,
        _ context: Context
    ) async throws {
        guard text.count <= 2000 else {
            throw LinliError.invalid("cases.contact", [.init("text", Text("最多 2000 个字", "At most 2,000 characters"))])
        }
        try await database.write(context, "cases.contact") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isHandler || standing.isDispatcher else { throw LinliError.forbidden("cases.contact") }
            guard item.isOpen else { throw CaseCommands.changed }
            try tx.execute(
                """
                INSERT INTO case_contact (id, case_id, at, way, outcome, account_id, unit_id)
                VALUES (\(try tx.newID(CaseEntry.self)), \(id), \(tx.now), \(way), \(outcome),
                    \(context.actor.account), \(item.handlerUnit))
                """
            )
            if outcome == .reached {
                let type = try queries.types.type(item.type, version: item.typeVersion)
                var clocks = try clockwork(item, type, tx)
                let reached = voices ?? [id]
                // The clock is about who told it first; each voice has its own limit in its evidence.
                if reached.contains(id) { clocks.contact() }
                try save(clocks, of: id, tx)
                try keepEvidence(item, type, clocks, .contacted(reached), tx)
                if !item.isPaused { try setDue(clocks.due ?? item.dueAt, of: id, tx) }
            }
            let words = [way.name.zh + "，" + outcome.name.zh, text.trimmed].filter { !$0.isEmpty }
            try mark(.contact, item, text: words.joined(separator: "。"), isVisible: outcome == .reached, tx)
            try tx.audit(item.subject, fields: ["contact"], values: [text])
            var facts = noted(item)
            facts["contact"] = outcome.rawValue
            try tx.emit("case.noted", item.subject, facts: facts)
        }
    }

    /// Gives a part of a case to another unit: a case of its own with its own clocks, which the leading unit sees.
    ///
    /// Who leads stays responsible 首接负责: a case whose required parts are open cannot be finished. What is kept `also`
    /// stands in the transaction that makes the part.
    /// - Throws: `.notFound`, `.forbidden` for who neither leads nor dispatches, `.invalid` naming what is missing.
    package func addPart(
        _ part: CasePartDraft, to id: ID<Case>, _ context: Context,
        also: @escaping @Sendable (ID<Case>, WriteTx) throws -> Void = { _, _ in }
    ) async throws -> Taken {
        let view = try await queries.view(id, context)
        guard view.standing.isStaff else { throw LinliError.notFound("cases.hidden") }
        guard view.standing.isHandler || view.standing.isDispatcher else { throw LinliError.forbidden("cases.addPart") }
        guard view.item.isOpen, view.item.parent == nil else { throw CaseCommands.changed }
        var problems: [LinliError.Field] = []
        let helper = try await database.read { tx in try part.unit.flatMap { try UnitsStore.find($0, tx) } }
        if helper == nil || view.item.accusation.names(part.unit) || part.unit == view.item.handlerUnit {
            problems.append(.init("unit", Text("请选协办单位", "Please choose another unit")))
        }
        if let helper, !book.duties.mayHelp(helper.kind, view.item.category) {
            problems.append(.init("unit", Text("这类事不能派社区协办", "A community may not be asked for this kind")))
        }
        if part.text.trimmed.isEmpty {
            problems.append(.init("text", Text("请写明要它做什么", "Please say what it is to do")))
        }
        if let due = part.dueAt {
            let wrong = try await database.read { try dueProblem(due, view.item, at: context.now, $0) }
            if let wrong { problems.append(wrong) }
        }
        guard problems.isEmpty else { throw LinliError.invalid("cases.part", problems) }
        var draft = CaseDraft(text: part.text, division: view.item.division)
        draft.type = "task"
        draft.unit = part.unit
        draft.parent = id
        draft.isRequired = part.isRequired
        draft.dueBy = part.dueAt
        draft.source = .part
        draft.category = view.item.category
        // What was only guessed of the whole is no surer of its part.
        draft.doubt = view.item.doubt.intersection(.category)
        draft.nature = view.item.nature
        draft.spot = view.item.spot
        draft.place = view.item.place
        draft.location = view.item.location
        draft.isUrgent = view.item.isUrgent
        draft.accused = view.item.accusation.units
        // A part says what is to be done; who asked stays with the case it belongs to.
        draft.disclosure = .anonymous
        let due = part.dueAt
        let taken = try await report(draft, context) { id, tx in
            if let due { try PartDues.set(due, of: id, tx) }
            try also(id, tx)
        }
        // The part is there: a request that is repeated is known by it.
        try await database.write(context.unmarked, "cases.addPart") { tx in
            let item = try CasesStore.lock(id, tx)
            try mark(.addPart, item, text: part.text, isVisible: false, tx)
            try tx.audit(item.subject, fields: ["part"], values: [part.text])
            try tx.emit("case.noted", item.subject, facts: noted(item))
        }
        return taken
    }
}
