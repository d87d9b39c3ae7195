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
        guard let parent = item.parent, let lead = try CasesStore.find(parent, tx), lead.isOpen, !lead.isPaused
        else { return nil }
        let type = try queries.types.type(lead.type, version: lead.typeVersion)
        let names = Set([type.workClock, CaseClock.step].compactMap { $0 })
        let due = try CaseClocksStore.all(parent, tx).filter { names.contains($0.clock) }.compactMap(\.dueAt).min()
        return due.map { due in
            let left = max(due.milliseconds - tx.now.milliseconds, 0)
            let margin = min(left / CaseCommands.partMargin.share, CaseCommands.partMargin.atMost)
            return Instant(milliseconds: due.milliseconds - margin)
        }
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
