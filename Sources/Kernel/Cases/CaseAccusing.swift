import LinliCore
import LinliSQL
import LinliStandards

extension CaseSource {
    /// Whether its words are those of who tells it. An order's were written by the hotline and say who is to act; what a
    /// unit asks another to do are staff's.
    var isInOwnWords: Bool { self != .hotline && self != .part }
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
        let named = try AccusedUnits.named(in: draft.text, division: division, place: draft.place, at: tx.now, tx)
        guard named.all.isEmpty, draft.category.hasPrefix("R17") else { return named }
        let manager = [try CaseRouting.manager(of: draft.place, tx)].compactMap { $0 }
        return AccusedUnits.Named(all: manager, accused: manager)
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

    /// A case turned out to be a complaint: whom its own words name, has it no more.
    func accuseByWords(_ item: CaseRecord, _ tx: WriteTx) throws {
        guard item.accusation.isEmpty, item.source.isInOwnWords, item.parent == nil else { return }
        let named = try AccusedUnits.named(
            in: item.text, division: item.division, place: item.place, at: tx.now, tx)
        guard !named.accused.isEmpty else { return }
        try keepAway(
            named.accused.map(\.id), from: try CasesStore.lock(item.id, tx), avoiding: Set(named.all.map(\.id)), tx)
        try noteFound(named.accused, of: item.id, in: try CasesStore.lock(item.id, tx).state, tx)
    }

    /// Says which units a case is against, or that it is against none: they see and hear nothing of it any more, and when
    /// one of them has the case, it goes to the next one.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch it, `.invalid` for a unit that is not there.
    package func setAgainst(_ units: [ID<Unit>], of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.setAgainst") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher else { throw LinliError.forbidden("cases.setAgainst") }
            let named = try known(units, tx).map(\.id)
            if named == item.accusation.units {
                // Said again it changes nothing but that somebody looked at it.
                if try isUnconfirmed(item, tx) { try mark(.against, item, text: "", isVisible: false, tx) }
                try tx.audit(item.subject, fields: ["against"])
            }
            try keepAway(named, from: item, tx)
        }
    }

    /// Whether words decided whom it is against, and nobody said anything about it since.
    private func isUnconfirmed(_ item: CaseRecord, _ tx: ReadTx) throws -> Bool {
        CaseView.accusedByWords(try CasesStore.entries(item.id, tx))
    }

    /// Does what `setAgainst` says, for the case and the parts of it; passed on, it goes to none of `avoided` either.
    func keepAway(
        _ units: [ID<Unit>], from item: CaseRecord, avoiding avoided: Set<ID<Unit>> = [], _ tx: WriteTx
    ) throws {
        let accusation = try Accusation.of(units, tx)
        guard accusation != item.accusation else { return }
        if !accusation.isEmpty { try mustSpeakAlone(item, tx) }
        try mark(.against, item, text: "", isVisible: false, tx)
        var change = CaseChange(item)
        var (state, due) = (item.state, item.dueAt)
        let barred = avoided.union(accusation.units)
        if item.isOpen, !accusation.isEmpty, item.handlerUnit.map(barred.contains) ?? false {
            (state, due) = try passOn(item, avoiding: barred, &change, tx)
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

    static func accusedByWords(_ entries: [CaseEntry]) -> Bool {
        let said = entries.last { [CaseMark.foundAccused, .against].map(\.rawValue).contains($0.transition) }
        return said?.transition == CaseMark.foundAccused.rawValue
    }
}
