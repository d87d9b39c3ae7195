import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What happens to a case from beside its way: it becomes one with another and is taken out again, turns out to be against
/// somebody, and is found to be against nobody.
extension ShippedWalker {
    /// Does one of these to a case, by who may.
    mutating func disturb(_ id: ID<Case>) async throws {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: try await join(id)
        case 1: try await forgive(id)
        default: try await accuse(id)
        }
    }

    /// The first who dispatches a case does something; false when nobody may or it cannot be.
    private func dispatching(
        _ body: (Context) async throws -> Void
    ) async throws -> Bool {
        for person in [DemoStaff.dispatcher, .districtOfficer] {
            do {
                try await body(try await house.context(person))
                return true
            } catch let error as LinliError where [.notFound, .forbidden].contains(error.kind) {
                continue
            } catch let error as LinliError where [.conflict, .invalid].contains(error.kind) {
                return false
            }
        }
        return false
    }

    /// Somebody else tells the same: it joins this one, or this one joins it; then it is taken out again, now or later.
    private mutating func join(_ id: ID<Case>) async throws {
        let item = try await record(id)
        guard item.isOpen, item.parent == nil, item.type != "gridEvent" else { return }
        var draft = try await house.draft("3号楼2单元门口的灯又不亮了")
        draft.type = item.type
        draft.answers = item.answers
        let goesIn = Bool.random(using: &random)
        // Nothing may wait longer for being merged: what it goes into must be done sooner.
        draft.isUrgent = goesIn
        let other = try await house.report(draft, try await house.context(.youngMother))
        let commands = house.services.commands
        let (voice, lead) = goesIn ? (id, other) : (other, id)
        let isMerged = try await dispatching { try await commands.merge(voice, into: lead, reason: "同一件事", $0) }
        guard isMerged else {
            try await check(other)
            return
        }
        moves[goesIn ? "merge" : "absorb", default: 0] += 1
        #expect(try await house.state(voice) == "merged")
        try await check(lead)
        house.clock.advance(minutes: Int.random(in: 1...600, using: &random))
        guard goesIn || Bool.random(using: &random) else { return }
        let isSplit = try await dispatching { try await commands.split(voice, reason: "不是一回事", $0) }
        #expect(isSplit, "nobody takes \(voice) out again")
        moves["split", default: 0] += 1
        try await check(voice)
        try await check(lead)
    }

    /// It is against somebody: who has it, anybody, or two at once. Of a part that is said of the whole.
    private mutating func accuse(_ id: ID<Case>) async throws {
        let item = try await record(id)
        var pool: [ID<LinliKernel.Unit>] = []
        for name in ShippedWalker.units { pool.append(try await house.unit(name)) }
        let type = try house.services.queries.types.type(item.type, version: item.typeVersion)
        // Who reviews must have had no hand in it, and of the district there is one in the demo.
        if !type.states.contains(where: { $0.owner == .reviewer }), item.parent == nil {
            pool.append(try await house.unit("东华门街道市民诉求处置中心"))
        }
        var units: Set<ID<LinliKernel.Unit>> = []
        if let handler = item.handlerUnit, Bool.random(using: &random) { units.insert(handler) }
        if units.isEmpty || Bool.random(using: &random), let other = pool.randomElement(using: &random) {
            units.insert(other)
        }
        let chosen = units.sorted()
        let whole = item.parent ?? id
        let isSaid = try await dispatching {
            try await house.services.commands.setAgainst(chosen, of: whole, reason: "核实过", $0)
        }
        guard isSaid else { return }
        moves[chosen.count > 1 ? "accuse several" : "accuse", default: 0] += 1
        if item.isOpen, item.handlerUnit.map(units.contains) == true { moves["accuse who has it", default: 0] += 1 }
        let now = try await record(id)
        #expect(Set(now.accusation.units) == units)
        if whole != id { try await check(whole) }
        // Once at least it was a mistake, in walks that are too few to come by that.
        guard moves["forgive"] == nil else { return }
        try await check(id)
        try await forgive(id)
    }

    /// It is against nobody after all.
    private mutating func forgive(_ id: ID<Case>) async throws {
        let item = try await record(id)
        guard !item.accusation.isEmpty else { return }
        let whole = item.parent ?? id
        if try await dispatching({ try await house.services.commands.setAgainst([], of: whole, reason: "核实过", $0) }) {
            moves["forgive", default: 0] += 1
        }
    }
}
