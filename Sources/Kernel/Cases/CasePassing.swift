import LinliCore
import LinliSQL
import LinliStandards

/// A case leaves the unit that has it although nobody dispatched it elsewhere.
extension CaseCommands {
    /// The next unit for a case, none of `avoided`, or nobody until a dispatcher chooses; returns its state and when that
    /// is due.
    func passOn(
        _ item: CaseRecord, avoiding avoided: Set<ID<Unit>>, _ change: inout CaseChange, _ tx: WriteTx
    ) throws -> (state: String, due: Instant) {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var decision = CaseRouting.Decision(unit: nil, ground: .none)
        if type.routing == .ownership {
            var question = CaseRouting.Question(item, owner: catalogue[code: item.category]?.owner, at: tx.now)
            (question.against, question.avoided) = (nil, avoided)
            decision = try CaseRouting.decide(question, book, tx)
        }
        let next = try type.state(decision.unit == nil ? CasePassing.waiting(type) : type.assigned)
        (change.unit, change.handler, change.ground) = (decision.unit?.id, nil, decision.ground.rawValue)
        if let grid = decision.grid,
            let person = try freeWalker(of: grid, decision.unit?.id, against: avoided.sorted(), tx)
        {
            change.handler = person.id
            try sayHanded(item, to: person, tx)
        }
        var clocks = try clockwork(item, type, tx)
        if item.isPaused {
            clocks.resume(in: try type.state(item.state), from: try CaseRequestsStore.endPauses(of: item.id, tx))
            try tx.execute("UPDATE case_item SET is_paused = 0 WHERE id = \(item.id)")
        }
        clocks.enter(next)
        try save(clocks, of: item.id, tx)
        try endRequests(of: item, type, entering: next, tx)
        return (next.id, clocks.due ?? tx.now)
    }

    /// A case whose category was corrected to one the community that has it may not lead 社区工作准入 goes to who leads, as
    /// if it had been told so at first.
    ///
    /// - Throws: `.invalid` naming the lawful unit, where the type finds none by itself or it is a part of another case.
    func passOnBarred(_ id: ID<Case>, _ tx: WriteTx) throws {
        let item = try CasesStore.lock(id, tx)
        let type = try queries.types.type(item.type, version: item.typeVersion)
        guard item.isOpen, try type.state(item.state).owner == .handler,
            let unit = try item.handlerUnit.flatMap({ try UnitsStore.find($0, tx) })
        else { return }
        let isPart = item.parent != nil
        let duties = book.duties
        guard isPart ? !duties.mayHelp(unit.kind, item.category) : !duties.mayLead(unit.kind, item.category) else {
            return
        }
        guard type.routing == .ownership, !isPart else {
            throw try CaseRouting.barred(
                item.category, item.division, duties, against: item.accusation.units, isPart: isPart, field: "category",
                tx
            )
        }
        try mark(.passedOn, item, text: unit.name.zh, isVisible: false, tx)
        var change = CaseChange(item)
        let (state, due) = try passOn(item, avoiding: Set(item.accusation.units), &change, tx)
        // Otherwise it would count for the unit that may not have it until the next one accepts it.
        if let next = change.unit {
            try keepEvidence(item, type, try storedClocks(item, type, tx), .passedOn(next), tx)
        }
        try tx.execute(
            """
            UPDATE case_item SET handler_unit = \(change.unit), handler_id = \(change.handler),
                ground = \(change.ground), state = \(state), due_at = \(due), is_bound = 0,
                state_since = \(state == item.state ? item.stateSince : tx.now), version = version + 1
            WHERE id = \(item.id)
            """
        )
        try tx.execute(
            """
            UPDATE case_party SET until = \(tx.now)
            WHERE case_id = \(item.id) AND unit_id = \(unit.id) AND role = 'handler' AND until IS NULL
            """
        )
        if let next = change.unit { try join(item.id, next, isOpen: true, due: due, state: state, tx) }
        try tx.audit(item.subject, fields: ["unit"])
        try tx.emit(
            "case.changed", item.subject,
            facts: facts(
                from: item.state, to: state, units: [change.unit, unit.id], unit: change.unit, oldUnit: unit.id,
                against: item.accusation
            )
        )
        if isLoud(item), let next = change.unit {
            try ring(next, for: item.id, item.division, round: item.version + 1, item.accusation, tx)
        }
    }
}

enum CasePassing {
    /// Where a case waits that no unit has: at its beginning, unless that is already somebody's work, as of a part, which
    /// goes back to who leads.
    static func waiting(_ type: CaseType) throws -> String {
        guard try type.state(type.initial).owner == .handler else { return type.initial }
        let back = try type.transitions.first { way in
            try way.effects.contains(.releaseUnit) && type.state(way.to).owner == .lead
        }
        return back?.to ?? type.initial
    }
}
