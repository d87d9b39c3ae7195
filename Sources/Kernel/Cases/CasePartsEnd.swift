import LinliCore
import LinliSQL

/// What a part of a case has to do with the time and the end of the whole.
extension CaseCommands {
    /// What is kept back of the time the whole has left, so that who leads can look at a part and finish: a fifth, at most a
    /// day.
    ///
    /// Configured here, no source.
    static let partMargin = (share: Int64(5), atMost: Int64(86_400_000))

    /// By when a part must be done because of the case it belongs to: before that one is due. Nil where nothing counts.
    func leadDue(_ item: CaseRecord, _ tx: WriteTx) throws -> Instant? {
        guard let parent = item.parent, let lead = try CasesStore.find(parent, tx),
            let due = try wholeDue(lead, tx)
        else { return nil }
        let left = max(due.milliseconds - tx.now.milliseconds, 0)
        let margin = min(left / CaseCommands.partMargin.share, CaseCommands.partMargin.atMost)
        return Instant(milliseconds: due.milliseconds - margin)
    }

    private func wholeDue(_ lead: CaseRecord, _ tx: ReadTx) throws -> Instant? { try queries.wholeDue(lead, tx) }

    /// What is wrong with a date that a part is to be done by: it is over, or the whole is due before.
    func dueProblem(
        _ due: Instant, _ lead: CaseRecord, at now: Instant, _ tx: ReadTx
    ) throws -> LinliError.Field? {
        guard due > now else {
            return .init("dueAt", Text("办结时间要在现在以后", "The date must be in the future"))
        }
        // While the whole stands still nothing bounds it but a year.
        let last = try wholeDue(lead, tx) ?? now.adding(days: 366)
        guard due > last else { return nil }
        let words = last.dayAndTime(at: now)
        return .init(
            "dueAt",
            Text(
                "要在这件工单的时限以内，最晚 \(words.zh)", "It must lie within the time of the whole, at the latest \(words.en)"))
    }

    /// A case was taken back: nobody works on its parts any more. What a unit has done already counts as done.
    func endParts(of item: CaseRecord, _ tx: WriteTx) throws {
        let parts: [ID<Case>] = try tx.all(
            "SELECT id FROM case_item WHERE parent_id = \(item.id) AND is_open = 1 ORDER BY id"
        ) { try $0[0] }
        for id in parts {
            let part = try CasesStore.lock(id, tx)
            let type = try queries.types.type(part.type, version: part.typeVersion)
            let way = type.transitions(from: part.state).first { way in
                way.by.contains(.lead) && !way.requires.contains(.unit)
                    && type.states.contains { $0.id == way.to && $0.isFinal }
            }
            guard let way else { continue }
            var step = CaseStep(way.id, text: "主办的工单已撤回")
            step.isUnsigned = true
            try apply(step, way, type, part, try CaseSituation(part, type, tx), tx)
            try tellEnd(of: part, tx)
        }
    }

    /// Tells who has a part in hand, or who is on duty for its unit, that it is over; who took the whole back stays unsaid.
    private func tellEnd(of part: CaseRecord, _ tx: WriteTx) throws {
        let onDuty = try part.handlerUnit.map { try UnitsStore.accountsOnDuty($0, at: tx.now, tx) } ?? []
        for account in part.handler.map({ [$0] }) ?? onDuty {
            try tx.execute(
                """
                INSERT INTO case_notice (id, account_id, case_id, kind, at, by_account)
                VALUES (\(try tx.newID(CaseNotice.self)), \(account), \(part.id),
                    \(CaseNotice.Kind.cancelled.rawValue), \(tx.now), NULL)
                ON CONFLICT (account_id, case_id, kind) WHERE seen_at IS NULL DO NOTHING
                """
            )
        }
    }
}

/// Dates by which parts are to be done, as who leads set them.
enum PartDues {
    /// The date of a part; nil where its type says how long it has.
    static func of(_ part: ID<Case>, _ tx: ReadTx) throws -> Instant? {
        try tx.value("SELECT due_at FROM case_part_due WHERE case_id = \(part)")
    }

    /// Sets the date of a part, or moves it: who said so last stands beside it, the history has the others.
    static func set(_ due: Instant, of part: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            INSERT INTO case_part_due (case_id, due_at, set_by, set_at)
            VALUES (\(part), \(due), \(tx.context.actor.account), \(tx.now))
            ON CONFLICT (case_id) DO UPDATE SET due_at = excluded.due_at, set_by = excluded.set_by,
                set_at = excluded.set_at
            """
        )
    }
}

extension Migration {
    /// Dates by which parts are to be done.
    static let partDues = Migration(
        "2026-11-29.44-part-dues",
        """
        CREATE TABLE case_part_due (
            case_id INTEGER NOT NULL PRIMARY KEY REFERENCES case_item (id),
            due_at INTEGER NOT NULL,
            set_by INTEGER REFERENCES account (id),
            set_at INTEGER NOT NULL
        ) STRICT;
        """
    )
}

/// The case a part belongs to, as who sees the part may know it.
package struct WholeCase: Sendable {
    /// Its identifier.
    package let id: ID<Case>
    /// The number people know.
    package let number: String
    /// Whether the reader may open it.
    package let isSeen: Bool
    /// When it is due itself: no part may be due later. Nil while it is over or stands still.
    package let dueAt: Instant?
}

extension CaseQueries {
    /// The case that `part` belongs to; nil for what is no part.
    package func whole(of part: CaseRecord, _ context: Context, _ tx: ReadTx) throws -> WholeCase? {
        guard let id = part.parent, let lead = try CasesStore.find(id, tx) else { return nil }
        let type = try types.type(lead.type, version: lead.typeVersion)
        let standing = Standing(context.actor, lead, try CaseSituation(lead, type, tx))
        return WholeCase(id: id, number: lead.number, isSeen: standing.isStaff, dueAt: try wholeDue(lead, tx))
    }

    /// When a case with parts is due itself: by the clock of its work or of its state. Nil while it is over or stands still.
    package func wholeDue(_ lead: CaseRecord, _ tx: ReadTx) throws -> Instant? {
        guard lead.isOpen, !lead.isPaused else { return nil }
        let type = try types.type(lead.type, version: lead.typeVersion)
        let names = Set([type.workClock, CaseClock.step].compactMap { $0 })
        return try CaseClocksStore.all(lead.id, tx).filter { names.contains($0.clock) }.compactMap(\.dueAt).min()
    }
}
