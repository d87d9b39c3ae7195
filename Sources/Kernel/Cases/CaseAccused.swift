import LinliCore
import LinliSQL
import LinliStandards

/// Finds the units a complaint speaks of, so that it goes to none of them although nobody chose one from a list.
enum AccusedUnits {
    /// What people call the units of their neighbourhood; longer words first, because they may hold shorter ones.
    ///
    /// Configured here, no source.
    private static let words: [(word: String, kinds: [UnitKind])] = [
        ("物业管理委员会", [.managementCommittee]), ("便民服务中心", [.serviceCentre]), ("诉求处置中心", [.streetCentre]),
        ("居民委员会", [.committee]), ("村民委员会", [.village]), ("业主委员会", [.ownersCommittee]),
        ("自来水公司", [.water]), ("供水公司", [.water]), ("供电公司", [.power]), ("电力公司", [.power]),
        ("燃气公司", [.gas]), ("热力公司", [.heat]), ("供热公司", [.heat]), ("供暖公司", [.heat]), ("卫生服务站", [.clinic]),
        ("物管会", [.managementCommittee]), ("居委会", [.committee]), ("村委会", [.village]),
        ("业委会", [.ownersCommittee]), ("执法队", [.enforcement]), ("派出所", [.police]),
        ("司法所", [.judicial]), ("街道办", [.streetOffice]), ("助餐点", [.mealPoint]), ("养老驿站", [.elderStation]),
        ("城管", [.enforcement]), ("物业", [.property]),
    ]

    /// What stands before the one a complaint is about.
    private static let verbs = ["投诉", "举报", "告", "反映", "控告"]

    /// The units of a place that `text` names by their name or by what they are, the one it is most about first.
    static func named(
        in text: String, division: DivisionCode, place: ID<Place>?, _ tx: ReadTx
    ) throws -> [UnitSummary] {
        let units = try UnitsStore.reachable(from: division.ancestor(at: .community), tx)
        var rest = text
        var found: [(unit: UnitSummary, rank: Int)] = []
        func take(_ word: String, _ unit: UnitSummary?) {
            guard let unit, let range = rest.firstRange(of: word) else { return }
            let before = rest[..<range.lowerBound]
            let isObject = verbs.contains { before.hasSuffix($0) || before.hasSuffix($0 + "了") }
            let position = rest.distance(from: rest.startIndex, to: range.lowerBound)
            found.append((unit, isObject ? position : position + 10_000))
            // What was understood is not understood again as something shorter; positions stay.
            rest = rest.replacing(word, with: String(repeating: "　", count: word.count))
        }
        for unit in units.sorted(by: { $0.name.zh.count > $1.name.zh.count }) where unit.name.zh.count >= 3 {
            take(unit.name.zh, unit)
        }
        for (word, kinds) in words where rest.contains(word) {
            take(word, try unit(of: kinds, units, division, place, tx))
        }
        var seen: Set<ID<Unit>> = []
        return found.sorted { $0.rank < $1.rank }.map(\.unit).filter { seen.insert($0.id).inserted }
    }

    /// The unit that somebody who lives there means: the manager of the house, what serves it, the community's own. Nil
    /// when several could be meant.
    private static func unit(
        of kinds: [UnitKind], _ units: [UnitSummary], _ division: DivisionCode, _ place: ID<Place>?, _ tx: ReadTx
    ) throws -> UnitSummary? {
        if kinds == [.property], let manager = try CaseRouting.manager(of: place, tx) { return manager }
        for kind in kinds { if let serving = try UnitsStore.serving(kind, division, tx) { return serving } }
        let own = units.filter { kinds.contains($0.kind) && $0.division.contains(division) }
        return own.count == 1 ? own.first : nil
    }
}

extension CaseCommands {
    /// The units a draft speaks against: those of its words, and for property management the manager of the place.
    func accused(_ draft: CaseDraft, _ division: DivisionCode, _ tx: ReadTx) throws -> [UnitSummary] {
        guard draft.nature.isProtected, draft.against == nil, !draft.isAgainstNobody else { return [] }
        let named = try AccusedUnits.named(in: draft.text, division: division, place: draft.place, tx)
        guard named.isEmpty, draft.category.hasPrefix("R17") else { return named }
        return [try CaseRouting.manager(of: draft.place, tx)].compactMap { $0 }
    }

    /// Says which unit a case is against, or that it is against none: that unit sees and hears nothing of it any more,
    /// and when it has the case, the case goes to the next one.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch it, `.invalid` for a unit that is not there.
    package func setAgainst(_ unit: ID<Unit>?, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.setAgainst") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher else { throw LinliError.forbidden("cases.setAgainst") }
            guard try unit.map({ try UnitsStore.find($0, tx) != nil }) ?? true else {
                throw LinliError.invalid(
                    "cases.against", [.init("against", Text("请从列表里选单位", "Please choose a unit from the list"))]
                )
            }
            // Said again it changes nothing; who said it stands in the audit all the same.
            if unit == item.against { try tx.audit(item.subject, fields: ["against"]) }
            try keepAway(unit, from: item, tx)
        }
    }

    /// Does what `setAgainst` says, for the case and the parts of it.
    func keepAway(_ unit: ID<Unit>?, from item: CaseRecord, _ tx: WriteTx) throws {
        guard unit != item.against else { return }
        if unit != nil { try mustSpeakAlone(item, tx) }
        try mark(.against, item, text: "", isVisible: false, tx)
        var change = CaseChange(item)
        var (state, due) = (item.state, item.dueAt)
        if let unit, item.handlerUnit == unit, item.isOpen {
            (state, due) = try passOn(item, against: unit, &change, tx)
        }
        try accuse(unit, item, handler: change.unit, tx)
        try tx.execute(
            """
            UPDATE case_item SET against_unit = \(unit?.rawValue ?? 0), handler_unit = \(change.unit),
                handler_id = \(change.handler), ground = \(change.ground), state = \(state), due_at = \(due),
                state_since = \(state == item.state ? item.stateSince : tx.now),
                is_public = \(item.isPublic && unit == nil)
            WHERE id = \(item.id)
            """
        )
        if let unit {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND unit_id = \(unit) AND until IS NULL
                """
            )
        }
        if let next = change.unit, next != item.handlerUnit {
            try join(item.id, next, isOpen: true, due: due, state: state, tx)
        }
        try tx.audit(item.subject, fields: ["against"])
        var facts = facts(
            from: item.state, to: state, units: [change.unit], unit: change.unit, oldUnit: item.handlerUnit,
            against: unit
        )
        facts["oldAgainst"] = String(item.against?.rawValue ?? 0)
        try tx.emit("case.changed", item.subject, facts: facts)
        let parts: [ID<Case>] = try tx.all("SELECT id FROM case_item WHERE parent_id = \(item.id) ORDER BY id") {
            try $0[0]
        }
        for part in parts { try keepAway(unit, from: try CasesStore.lock(part, tx), tx) }
    }

    /// The evidence of every round says so too: otherwise the unit would count and find the case among its results.
    private func accuse(_ unit: ID<Unit>?, _ item: CaseRecord, handler: ID<Unit>?, _ tx: WriteTx) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        try keepEvidence(item, type, try storedClocks(item, type, tx), .accused(unit, handler: handler), tx)
    }

    /// The next unit for a case, or nobody until a dispatcher chooses; returns its state and when that is due.
    private func passOn(
        _ item: CaseRecord, against unit: ID<Unit>, _ change: inout CaseChange, _ tx: WriteTx
    ) throws -> (state: String, due: Instant) {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        var decision = CaseRouting.Decision(unit: nil, ground: .none)
        if type.routing == .ownership {
            let facts = DispatchRule.Facts(
                division: item.division, category: item.category, nature: item.nature, spot: item.spot, text: item.text,
                at: tx.now, answers: item.answers
            )
            let owner = catalogue[code: item.category]?.owner ?? .publicSpace
            decision = try CaseRouting.decide(
                .init(owner: owner, place: item.place, against: unit, facts: facts), book, tx
            )
        }
        let next = try type.state(decision.unit == nil ? type.initial : type.assigned)
        (change.unit, change.handler, change.ground) = (decision.unit?.id, nil, decision.ground.rawValue)
        var clocks = try clockwork(item, type, tx)
        if item.isPaused {
            clocks.resume(in: try type.state(item.state))
            try CaseRequestsStore.endPauses(of: item.id, tx)
            try tx.execute("UPDATE case_item SET is_paused = 0 WHERE id = \(item.id)")
        }
        clocks.enter(next)
        try save(clocks, of: item.id, tx)
        return (next.id, clocks.due ?? tx.now)
    }
}
