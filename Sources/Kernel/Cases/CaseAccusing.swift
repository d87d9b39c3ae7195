import LinliCore
import LinliSQL
import LinliStandards

extension CaseSource {
    /// Whether its words tell what happened: what a unit asks another to do are staff's.
    var isInOwnWords: Bool { self != .part }
    /// Whether its words also say who is to act, as the hotline writes them.
    var namesHandlers: Bool { self == .hotline }
}

extension CaseCommands {
    /// Whom a draft speaks against: as who tells it said, else by its own words, and for property management the manager of
    /// the place. `all` are also those it only mentions: it goes to none of them.
    ///
    /// - Throws: `.invalid` for a unit that is not there, and for too many.
    func accused(_ draft: CaseDraft, _ division: DivisionCode, _ tx: WriteTx) throws -> AccusedUnits.Named {
        if !draft.accused.isEmpty {
            let units = try known(draft.accused, tx)
            return AccusedUnits.Named(all: units, accused: units)
        }
        // A part is against whom the whole is against.
        guard draft.nature.isProtected, draft.source.isInOwnWords, draft.parent == nil, !draft.isAgainstNobody else {
            return AccusedUnits.Named()
        }
        return try accused(in: draft.text, draft.source, draft.category, division, draft.place, tx)
    }

    /// Whom words name at a place, and of what is said of property management the manager there.
    func accused(
        in text: String, _ source: CaseSource, _ category: String, _ division: DivisionCode, _ place: ID<Place>?,
        _ tx: WriteTx
    ) throws -> AccusedUnits.Named {
        let named = try AccusedUnits.named(
            in: text, isOrder: source.namesHandlers, division: division, place: place, at: tx.now, tx)
        guard named.all.isEmpty, category.hasPrefix("R17") else { return named }
        let manager = [try CaseRouting.manager(of: place, tx)].compactMap { $0 }
        return AccusedUnits.Named(all: manager, accused: manager)
    }

    /// Whom an order of another system names at a place in the field it has for that; nil where that names nobody there.
    /// Who of `known` stands there by its own name is meant wherever the case lies.
    func accusedByField(
        _ item: CaseRecord, _ division: DivisionCode, _ place: ID<Place>?, known: [UnitSummary] = [], _ tx: WriteTx
    ) throws -> AccusedUnits.Named? {
        guard item.source == .hotline, var words = try ForeignOrdersStore.of(item.id, tx)?.accused, !words.isEmpty
        else { return nil }
        var all: [UnitSummary] = []
        for unit in known.sorted(by: { $0.name.zh.count > $1.name.zh.count })
        where unit.name.zh.count >= 3 && words.contains(unit.name.zh) {
            words = words.replacing(unit.name.zh, with: "　")
            all.append(unit)
        }
        let named = try AccusedUnits.named(in: words, division: division, place: place, at: tx.now, tx)
        for unit in named.all where !all.contains(where: { $0.id == unit.id }) { all.append(unit) }
        guard !all.isEmpty else { return nil }
        return AccusedUnits.Named(all: all, accused: Array(all.prefix(Accusation.limit)))
    }

    /// The units with these identifiers.
    ///
    /// - Throws: `.invalid` naming what is wrong with them.
    private func known(_ ids: [ID<Unit>], _ tx: ReadTx) throws -> [UnitSummary] {
        guard Set(ids).count <= Accusation.limit else {
            throw LinliError.invalid(
                "cases.against",
                [
                    .init(
                        "against",
                        Text("最多选 \(Accusation.limit) 个单位", "Please choose at most \(Accusation.limit) units"))
                ]
            )
        }
        return try Set(ids).sorted().map { id in
            guard let unit = try UnitsStore.find(id, tx) else {
                throw LinliError.invalid(
                    "cases.against", [.init("against", Text("请从列表里选单位", "Please choose a unit from the list"))]
                )
            }
            return unit
        }
    }

    /// Writes into the history that words decided, for whoever dispatches it to look at.
    func noteFound(_ accused: [UnitSummary], of id: ID<Case>, in state: String, _ tx: WriteTx) throws {
        guard !accused.isEmpty else { return }
        try note(
            id, transition: CaseMark.foundAccused.rawValue, from: state, to: state, unit: nil,
            text: accused.map(\.name.zh).joined(separator: "、"), isVisible: false, reasonClass: "", isNamed: false,
            isNote: true, tx
        )
    }

    /// A case turned out to be a complaint: whom the field of its order or its own words name, has it no more.
    func accuseByWords(_ item: CaseRecord, _ tx: WriteTx) throws {
        guard item.accusation.isEmpty, item.source.isInOwnWords, item.parent == nil else { return }
        let byField = try accusedByField(item, item.division, item.place, tx)
        let named =
            try byField
            ?? AccusedUnits.named(
                in: item.text, isOrder: item.source.namesHandlers, division: item.division, place: item.place,
                at: tx.now, tx)
        guard !named.accused.isEmpty else { return }
        try keepAway(
            named.accused.map(\.id), from: try CasesStore.lock(item.id, tx), avoiding: Set(named.all.map(\.id)), tx)
        try noteFound(named.accused, of: item.id, in: try CasesStore.lock(item.id, tx).state, tx)
    }

    /// Says which units a case is against, or that it is against none, with the reason: they see and hear nothing of it any
    /// more, and when one of them has the case, it goes to the next one. What is said again as it stands only says that
    /// somebody looked at it, and needs no reason.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch it, `.invalid` for a unit that is not there, for one that
    ///   is over who says it, and without a reason.
    package func setAgainst(
        _ units: [ID<Unit>], of id: ID<Case>, reason: String, _ context: Context
    ) async throws {
        try await database.write(context, "cases.setAgainst") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher else { throw LinliError.forbidden("cases.setAgainst") }
            let named = try known(units, tx)
            let isChanged = named.map(\.id) != item.accusation.units
            let reason = try CaseCommands.reason(reason, "cases.against", isNeeded: isChanged)
            guard isChanged else {
                // Said again it changes nothing but that somebody looked at it.
                if try isUnconfirmed(item, tx) { try mark(.against, item, text: reason, isVisible: false, tx) }
                return try tx.audit(item.subject, fields: ["against"], values: [reason])
            }
            try checkNotOver(named.map(\.id), item, context.actor, tx)
            let words = named.isEmpty ? "不针对单位" : "针对：" + named.map(\.name.zh).joined(separator: "、")
            try keepAway(named.map(\.id), from: item, saying: "\(words)。\(reason)", tx)
        }
    }

    /// Nobody hides a case from who is over them, or hands them one that is about them: the centre of a street and of a
    /// district is named, and taken off, by who dispatches over all that it serves.
    private func checkNotOver(_ units: [ID<Unit>], _ item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws {
        for id in Set(units).symmetricDifference(item.accusation.units).sorted() {
            guard let unit = try UnitsStore.find(id, tx), [.streetCentre, .district].contains(unit.kind),
                !actor.may(.casesDispatch, in: unit.division)
            else { continue }
            throw LinliError.invalid(
                "cases.againstAbove",
                [
                    .init(
                        "against",
                        Text(
                            "是不是针对\(unit.name.zh)，要由它本级或者上一级来定；请写在内部留言里，请上级处理",
                            "Whether it is against \(unit.name.en) is said there or by the level above: ask in an internal note"
                        ))
                ])
        }
    }

    /// Whether a unit would go on with a case that who is over it may not look at any more: that is then the district's, as
    /// if it had been told so at first.
    private func isUnwatched(_ item: CaseRecord, _ accusation: Accusation, _ tx: ReadTx) throws -> Bool {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        guard item.parent == nil, type.routing == .ownership, try type.state(item.state).owner == .handler,
            let unit = try item.handlerUnit.flatMap({ try UnitsStore.find($0, tx) })
        else { return false }
        return try accusation.units.contains { id in
            guard let centre = try UnitsStore.find(id, tx), centre.kind == .streetCentre else { return false }
            return centre.division.contains(unit.division)
        }
    }

    /// Whether words decided whom it is against, and nobody said anything about it since.
    private func isUnconfirmed(_ item: CaseRecord, _ tx: ReadTx) throws -> Bool {
        CaseView.accusedByWords(try CasesStore.entries(item.id, tx))
    }

    /// Does what `setAgainst` says, for the case and the parts of it; passed on, it goes to none of `avoided` either.
    func keepAway(
        _ units: [ID<Unit>], from item: CaseRecord, avoiding avoided: Set<ID<Unit>> = [], saying words: String = "",
        _ tx: WriteTx
    ) throws {
        let accusation = try Accusation.of(units, tx)
        guard accusation != item.accusation else { return }
        try mustSpeakAlone(item, tx)
        try mark(.against, item, text: words, isVisible: false, tx)
        var change = CaseChange(item)
        var (state, due) = (item.state, item.dueAt)
        let barred = avoided.union(accusation.units)
        if item.isOpen, !accusation.isEmpty {
            let isBarred = item.handlerUnit.map(barred.contains) ?? false
            if try isBarred || isUnwatched(item, accusation, tx) {
                (state, due) = try passOn(item, avoiding: barred, &change, tx)
            }
        }
        try accuse(accusation, item, handler: change.unit, tx)
        try tx.execute(
            """
            UPDATE case_item SET against_unit = \(accusation.key), handler_unit = \(change.unit),
                handler_id = \(change.handler), ground = \(change.ground), state = \(state), due_at = \(due),
                state_since = \(state == item.state ? item.stateSince : tx.now),
                is_bound = \(item.isBound && change.unit == item.handlerUnit),
                refusals = \(item.isBound && change.unit != item.handlerUnit ? 0 : item.refusals),
                is_public = \(item.isCommon && accusation.isEmpty)
            WHERE id = \(item.id)
            """
        )
        try takeAway(item, from: accusation, handler: change.unit, tx)
        if let next = change.unit, next != item.handlerUnit {
            try join(item.id, next, isOpen: true, due: due, state: state, tx)
            if isLoud(item) { try ring(next, for: item.id, item.division, round: item.version, accusation, tx) }
        }
        try tx.audit(item.subject, fields: ["against"])
        var facts = facts(
            from: item.state, to: state, units: [change.unit], unit: change.unit, oldUnit: item.handlerUnit,
            against: accusation
        )
        facts["oldAgainst"] = String(item.accusation.key)
        try tx.emit("case.changed", item.subject, facts: facts)
        let parts: [ID<Case>] = try tx.all("SELECT id FROM case_item WHERE parent_id = \(item.id) ORDER BY id") {
            try $0[0]
        }
        for part in parts { try keepAway(units, from: try CasesStore.lock(part, tx), avoiding: avoided, tx) }
    }

    /// Ends what the accused have of a case: their part in it and their copy.
    private func takeAway(
        _ item: CaseRecord, from accusation: Accusation, handler: ID<Unit>?, _ tx: WriteTx
    ) throws {
        if !accusation.isEmpty {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND unit_id IN \(SQL.list(accusation.units)) AND until IS NULL
                """
            )
            try tx.execute(
                "DELETE FROM case_copy WHERE case_id = \(item.id) AND unit_id IN \(SQL.list(accusation.units))"
            )
        }
        if handler != item.handlerUnit {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND role = 'handler' AND until IS NULL
                """
            )
        }
    }

    /// The evidence of every round says so too, and what official follow-ups found: otherwise the units would count and find
    /// the case among their results.
    private func accuse(
        _ accusation: Accusation, _ item: CaseRecord, handler: ID<Unit>?, _ tx: WriteTx
    ) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        try keepEvidence(item, type, try storedClocks(item, type, tx), .accused(accusation, handler: handler), tx)
        try tx.execute(
            "UPDATE foreign_result SET against_unit = \(accusation.key) WHERE case_id = \(item.id)"
        )
    }
}

extension CaseView {
    /// Whether words decided whom it is against, and nobody confirmed or corrected it yet.
    package var isAccusedByWords: Bool { !item.accusation.isEmpty && CaseView.accusedByWords(entries) }

    static func accusedByWords(_ entries: [CaseEntry]) -> Bool { accusing(entries) == .foundAccused }

    /// What decided last whom a case is against: words or somebody of staff; nil where only who told it said it.
    static func accusing(_ entries: [CaseEntry]) -> CaseMark? {
        let marks = [CaseMark.foundAccused, .against]
        return entries.last { entry in marks.contains { $0.rawValue == entry.transition } }
            .flatMap { CaseMark(rawValue: $0.transition) }
    }
}
