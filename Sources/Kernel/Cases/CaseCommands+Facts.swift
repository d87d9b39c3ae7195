import LinliCore
import LinliSQL

extension CaseCommands {
    /// What subscribers need: states, units to tell, the unit whose count changes, and whom to keep out.
    func facts(
        from: String?, to: String, units: [ID<Unit>?], unit: ID<Unit>?, oldUnit: ID<Unit>? = nil, against: Accusation
    ) -> [String: String] {
        var facts = ["to": to]
        facts["from"] = from
        let told = Set(units.compactMap { $0?.rawValue }).sorted().map { String($0) }
        if !told.isEmpty { facts["units"] = told.joined(separator: ",") }
        facts["unit"] = unit.map { String($0.rawValue) }
        facts["oldUnit"] = oldUnit.map { String($0.rawValue) }
        return facts.merging(against.facts) { $1 }
    }

    /// What of a case is found by its words.
    static func searched(_ number: String, _ text: String, _ location: String) -> String {
        SearchText.spaced([number, text, location].joined(separator: " "))
    }

    /// The divisions a case lies in, as words of its full text: scope and phrase meet in one index.
    func scopeTokens(_ division: DivisionCode) -> String {
        [DivisionCode.Level.district, .street, .community, .grid]
            .map { " d\(division.ancestor(at: $0))" }.joined()
    }

    /// Writes what lists are ordered by.
    func setDue(_ due: Instant, of id: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_item SET due_at = \(due) WHERE id = \(id)")
        try tx.execute("UPDATE case_party SET due_at = \(due) WHERE case_id = \(id) AND until IS NULL")
    }

    /// A case lies where somebody sees it, and staff register only where they may.
    func checkWhere(
        _ draft: CaseDraft, _ division: DivisionCode, isPlace: Bool, _ today: Instant, _ tx: WriteTx
    ) throws {
        let isKnown = try isPlace || DivisionsStore.find(division, at: today, tx) != nil
        guard isKnown, division.level >= .street else {
            throw LinliError.invalid(
                "cases.division",
                [.init("division", Text("没有这个街道、社区或网格，请核对区划代码", "There is no such street, community or grid"))]
            )
        }
        let isOwnDuty = draft.source.isByStaff && draft.source != .part
        guard !isOwnDuty || tx.context.actor.may(.casesReport, in: division) else {
            throw LinliError.invalid(
                "cases.scope",
                [.init("division", Text("这里不在您的管辖范围", "That is outside your duties"))]
            )
        }
    }
}
