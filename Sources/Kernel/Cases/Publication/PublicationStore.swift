import LinliCore
import LinliSQL
import LinliStandards

/// Every SQL text that writes what neighbours see of cases, and reads it for who works on it.
enum PublicationStore {
    static func find(_ id: ID<Case>, _ tx: ReadTx) throws -> CasePublication? {
        try find(id, ending: .empty, tx)
    }

    /// The row, held until the transaction ends.
    static func lock(_ id: ID<Case>, _ tx: WriteTx) throws -> CasePublication? {
        try find(id, ending: SQL.forUpdate, tx)
    }

    private static func find(_ id: ID<Case>, ending: SQL, _ tx: ReadTx) throws -> CasePublication? {
        let photos: [ID<StoredFile>] = try tx.all(
            "SELECT file_id FROM case_publication_photo WHERE case_id = \(id) ORDER BY file_id"
        ) { try $0[0] }
        return try tx.first(
            "SELECT \(CasePublication.columns) FROM case_publication p WHERE p.case_id = \(id)\(ending)"
        ) { try CasePublication($0, photos: photos) }
    }

    /// Begins a row that staff have not looked at; `withheldBy` begins it as one that nobody sees.
    static func open(
        _ id: ID<Case>, _ division: DivisionCode, category: String, isOpen: Bool, toldAt: Instant, consent: Consent,
        withheldBy: WithheldBy = .nobody, _ tx: WriteTx
    ) throws {
        let isWaiting = withheldBy == .nobody
        let state = isWaiting ? PublicationState.waiting : .withheld
        try tx.execute(
            """
            INSERT INTO case_publication (case_id, state, withheld_by, consent, is_due, district, street, community,
                title, text, result, address, major, is_open, told_at, changed_at, version)
            VALUES (\(id), \(state), \(withheldBy), \(consent), \(isWaiting), \(division.ancestor(at: .district)),
                \(division.ancestor(at: .street)), \(division.ancestor(at: .community)), '', '', '', '',
                \(String(category.prefix(3))), \(isOpen), \(toldAt), \(tx.now), 1)
            """
        )
    }

    /// Changes who sees it, and what its reporter said.
    static func set(
        _ state: PublicationState, withheldBy: WithheldBy, consent: Consent, of id: ID<Case>, _ tx: WriteTx
    ) throws {
        // Seen already, it may still wait for the words of what was done.
        let due: SQL = state == .cleared ? "is_due" : "\(state == .waiting)"
        try tx.execute(
            """
            UPDATE case_publication SET state = \(state), withheld_by = \(withheldBy), consent = \(consent),
                is_due = \(due), changed_at = \(tx.now), version = version + 1
            WHERE case_id = \(id)
            """
        )
    }

    /// Files it under another class of categories.
    static func file(under category: String, _ id: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute("UPDATE case_publication SET major = \(String(category.prefix(3))) WHERE case_id = \(id)")
    }

    /// Shows what staff cleared.
    static func clear(
        _ clearing: Clearing, _ whereabouts: PublicWhereabouts, of item: CaseRecord, _ tx: WriteTx
    ) throws {
        try tx.execute(
            """
            UPDATE case_publication SET state = \(PublicationState.cleared), withheld_by = \(WithheldBy.nobody),
                is_due = 0, title = \(clearing.title), text = \(clearing.text), result = \(clearing.result),
                address = \(clearing.address), place_id = \(whereabouts.place), latitude = \(whereabouts.latitude),
                longitude = \(whereabouts.longitude), major = \(String(item.category.prefix(3))),
                is_open = \(item.isOpen), published_at = coalesce(published_at, \(tx.now)), changed_at = \(tx.now),
                cleared_by = \(tx.context.actor.account), cleared_at = \(tx.now), version = version + 1
            WHERE case_id = \(item.id)
            """
        )
        try tx.execute("DELETE FROM case_publication_photo WHERE case_id = \(item.id)")
        for photo in Set(clearing.photos).sorted() {
            try tx.execute("INSERT INTO case_publication_photo (case_id, file_id) VALUES (\(item.id), \(photo))")
        }
    }

    /// Follows a step of a case that neighbours see; tells whether they do. `isContested` takes back what was said to be
    /// done; `isDone` asks staff to say it in public.
    static func follow(
        _ id: ID<Case>, isOpen: Bool, isContested: Bool, isDone: Bool, _ tx: WriteTx
    ) throws -> Bool {
        let result: SQL = isContested ? "''" : "result"
        let due: SQL = isDone ? "1" : isContested ? "0" : "is_due"
        return try tx.execute(
            """
            UPDATE case_publication SET is_open = \(isOpen), result = \(result), is_due = \(due),
                changed_at = \(tx.now), version = version + 1
            WHERE case_id = \(id) AND state = 'cleared'
            """
        ) > 0
    }

    /// Takes a case down that its reporter took back.
    static func takeBack(_ id: ID<Case>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE case_publication SET state = 'withheld', withheld_by = 'reporter', is_due = 0, is_open = 0,
                changed_at = \(tx.now), version = version + 1
            WHERE case_id = \(id) AND state <> 'withheld'
            """
        )
    }

    /// A place and what it is part of, the innermost first.
    static func chain(_ place: ID<Place>?, _ tx: ReadTx) throws -> [PlaceSummary] {
        var chain: [PlaceSummary] = []
        var next = place
        // Estate, building, entrance: a longer chain is a mistake in the register.
        while let id = next, chain.count < 6, let found = try PlacesStore.find(id, tx) {
            chain.append(found)
            next = found.parent
        }
        return chain
    }
}
