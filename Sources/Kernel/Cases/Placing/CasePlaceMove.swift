import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// Gives a case its place, and everything that is kept by its place or division the same: lists, counts, full text,
    /// evidence, what is asked and supervised about it, alerts nobody saw, copies, and what neighbours see.
    ///
    /// Whom it turns out to be against there, who are `apart`, hear nothing of its coming.
    func put(_ item: CaseRecord, _ here: CaseWhereabouts, apart: [ID<Unit>] = [], _ tx: WriteTx) throws {
        let division = here.division
        var told = noted(item)
        if !apart.isEmpty {
            let barred = (apart + item.accusation.units.filter { !apart.contains($0) }).prefix(10)
            told["accused"] = barred.map { String($0.rawValue) }.joined(separator: ",")
        }
        try tx.execute(
            """
            UPDATE case_item SET division = \(division), district = \(division.ancestor(at: .district)),
                street = \(division.ancestor(at: .street)), community = \(division.ancestor(at: .community)),
                grid = \(division), place_id = \(here.place), place_address = \(here.address),
                location = \(here.location), latitude = \(here.latitude), longitude = \(here.longitude)
            WHERE id = \(item.id)
            """
        )
        let words = SearchText.spaced([item.number, item.text, here.location].joined(separator: " "))
        try tx.execute(
            "UPDATE case_search SET body = \(SQL.searchBody(words + scopeTokens(division))) WHERE rowid = \(item.id)"
        )
        try CaseTeller.follow(item, to: here, database.keys, tx)
        try movePublication(of: item, to: here, tx)
        let subject = Subject("case", item.id, division: division)
        // What counts repeated trouble counts it where it lies.
        var placed = told
        placed["place"] = here.place.map { String($0.rawValue) }
        placed["nature"] = item.nature.rawValue
        try tx.emit("case.placed", subject, facts: placed)
        guard division != item.division else {
            return try tx.emit("case.noted", subject, facts: told)
        }
        try moveRows(of: item, to: division, tx)
        try moveEvidence(of: item, to: division, tx)
        try moveAlerts(of: item, to: division, tx)
        try moveCopy(of: item, to: division, tx)
        // Lists of where it lay lose it, lists of where it lies get it.
        try tx.emit("case.noted", item.subject, facts: told)
        var facts = told
        facts["old"] = "\(item.division)"
        facts["state"] = item.state
        try tx.emit("case.moved", subject, facts: facts)
    }

    /// What is kept about the case by its division. Of an order of another system that is ours: who reads it here.
    private func moveRows(of item: CaseRecord, to division: DivisionCode, _ tx: WriteTx) throws {
        let tables: [SQL] = ["case_alert", "case_request", "case_supervision", "foreign_order", "foreign_result"]
        for table in tables {
            try tx.execute(
                "UPDATE \(table) SET division = \(division) WHERE case_id = \(item.id) AND division = \(item.division)"
            )
        }
        try ForeignImports.follow(item.id, tx)
        // Whistles that are over were blown where they were.
        try tx.execute(
            """
            UPDATE whistle SET division = \(division) WHERE case_id = \(item.id) AND division = \(item.division)
            AND state IN ('draft', 'called', 'minuted')
            """
        )
    }

    /// The evidence of every round: it always lay there, so it counts there, and the months are told.
    private func moveEvidence(of item: CaseRecord, to division: DivisionCode, _ tx: WriteTx) throws {
        let rows = try OutcomesStore.all(of: item.id, tx).filter { $0.division != division }
        guard !rows.isEmpty else { return }
        try tx.execute("UPDATE case_outcome SET division = \(division) WHERE case_id = \(item.id)")
        for row in rows {
            let was = RateShare(row)
            var now = was
            now.key.division = division
            try tx.emit(
                "case.outcome", Subject("case", item.id, division: division),
                facts: ["was": was.fact, "is": now.fact])
        }
    }

    /// Alerts nobody saw yet go to the offices above the place where it lies: those above the other one have nothing to do
    /// with it. What its unit hears it goes on hearing.
    private func moveAlerts(of item: CaseRecord, to division: DivisionCode, _ tx: WriteTx) throws {
        let old = try CaseLevels(of: item.division, item.accusation, tx)
        let new = try CaseLevels(of: division, item.accusation, tx)
        for (left, right) in [(old.street, new.street), (old.district, new.district), (old.city, new.city)] {
            guard let left, let right, left != right, left != item.handlerUnit, !item.accusation.names(right) else {
                continue
            }
            try tx.execute(
                """
                UPDATE case_alert SET unit_id = \(right)
                WHERE case_id = \(item.id) AND unit_id = \(left) AND seen_at IS NULL
                """
            )
        }
    }

    /// The copy of the district it does not lie in any more; that of the other one comes as if it had been told there.
    private func moveCopy(of item: CaseRecord, to division: DivisionCode, _ tx: WriteTx) throws {
        let (old, new) = (item.division.ancestor(at: .district), division.ancestor(at: .district))
        guard old != new, item.parent == nil else { return }
        if let office = try UnitsStore.first([.district], of: old, tx) {
            try tx.execute("DELETE FROM case_copy WHERE case_id = \(item.id) AND unit_id = \(office.id)")
        }
        try copyUp(
            item.id, item.source, division, unit: item.handlerUnit, against: item.accusation, state: item.state,
            isOpen: item.isOpen, tx)
    }

    /// What neighbours see lies where the case lies, and names no more of it than before; the words stay as staff cleared
    /// them. What they do not see is filed there.
    private func movePublication(of item: CaseRecord, to here: CaseWhereabouts, _ tx: WriteTx) throws {
        guard let publication = try PublicationStore.lock(item.id, tx) else { return }
        let division = here.division
        try tx.execute(
            """
            UPDATE case_publication SET district = \(division.ancestor(at: .district)),
                street = \(division.ancestor(at: .street)), community = \(division.ancestor(at: .community))
            WHERE case_id = \(item.id)
            """
        )
        if publication.state == .cleared {
            let shown = PublicWhereabouts(
                spot: item.spot, chain: try PublicationStore.chain(here.place, tx), latitude: here.latitude,
                longitude: here.longitude)
            // What staff wrote in the place of the address stays true while the place does.
            let stays = here.place == item.place && division == item.division
            let address = stays ? publication.address : String(shown.address.prefix(60))
            try tx.execute(
                """
                UPDATE case_publication SET address = \(address), place_id = \(shown.place),
                    latitude = \(shown.latitude), longitude = \(shown.longitude), changed_at = \(tx.now),
                    version = version + 1
                WHERE case_id = \(item.id)
                """
            )
        }
        try tx.emit("case.public", Subject("case", item.id, division: division), facts: ["change": "placed"])
    }
}
