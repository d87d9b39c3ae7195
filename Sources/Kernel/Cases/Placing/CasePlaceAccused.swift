import LinliCore
import LinliSQL
import LinliStandards

/// Whom the words of a case name depends on where it lies: `居委会` is the committee there, `物业` who manages that house.
extension CaseCommands {
    /// Whom a case is against from now on, where its words name others at its corrected place; nil where that changes
    /// nothing or a person decided it.
    ///
    /// What words found and nobody looked at is found anew. What staff confirmed as it was found stays, beside what the
    /// words name now. What the reporter or staff chose stays as it is. What the field of an order named is found anew like
    /// what words found, and stays where that names nobody at the new place.
    func accusedAgain(_ item: CaseRecord, at here: CaseWhereabouts, _ tx: WriteTx) throws -> AccusedUnits.Named? {
        guard item.nature.isProtected, item.source.isInOwnWords, item.parent == nil,
            here.place != item.place || here.division != item.division
        else { return nil }
        let known = item.accusation.units
        let units = try known.compactMap { try UnitsStore.find($0, tx) }
        let before = try accusedByWords(item, item.division, item.place, tx)
        var now = try accusedByWords(item, here.division, here.place, known: units, tx)
        let isAsFound = Set(before.accused.map(\.id)) == Set(known)
        switch CaseView.accusing(try CasesStore.entries(item.id, tx)) {
        case .foundAccused?: break
        case .against?:
            guard isAsFound, !known.isEmpty else { return nil }
            now.accused = units + now.accused.filter { !known.contains($0.id) }.prefix(Accusation.limit - units.count)
        default:
            // Words that named somebody there and accuse nobody: who told it said that it is against nobody.
            guard !known.isEmpty || before.accused.isEmpty else { return nil }
            if !known.isEmpty {
                let isByField = try accusedByField(item, item.division, item.place, tx) != nil
                guard isByField, isAsFound, !now.accused.isEmpty else { return nil }
            }
        }
        return Set(now.accused.map(\.id)) == Set(known) ? nil : now
    }

    private func accusedByWords(
        _ item: CaseRecord, _ division: DivisionCode, _ place: ID<Place>?, known: [UnitSummary] = [], _ tx: WriteTx
    ) throws -> AccusedUnits.Named {
        try accusedByField(item, division, place, known: known, tx)
            ?? accused(in: item.text, item.source, item.category, division, place, tx)
    }

    /// A case whose place was corrected is against these from now on, found by its words: they have it no more, and who
    /// dispatches it is asked to check that.
    func accuseAgain(_ named: AccusedUnits.Named, of id: ID<Case>, _ tx: WriteTx) throws {
        let item = try CasesStore.lock(id, tx)
        try keepAway(named.accused.map(\.id), from: item, avoiding: Set(named.all.map(\.id)), tx)
        let names = named.accused.map(\.name.zh).joined(separator: "、")
        let state = try CasesStore.lock(id, tx).state
        try note(
            id, transition: CaseMark.foundAccused.rawValue, from: state, to: state, unit: nil,
            text: "更正地点以后：\(names.isEmpty ? "没有说到哪个单位" : names)", isVisible: false, reasonClass: "",
            isNamed: false, isNote: true, tx
        )
    }
}
