import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of lost and found.
enum LostAndFoundStore {
    /// How many things a page shows.
    static let limit = 50

    /// What waits for its owner in a community, the newest first; `before` is the last one of the page before.
    static func waiting(
        in community: DivisionCode, before: ID<FoundThing>? = nil, _ tx: ReadTx
    ) throws -> [FoundRow] {
        try tx.all(
            """
            SELECT \(FoundRow.columns) FROM found_thing f
            WHERE f.community = \(community) AND f.returned_at IS NULL
            AND f.id < \(before ?? ID(rawValue: Int64.max)) ORDER BY f.id DESC LIMIT \(limit)
            """
        ) { try FoundRow($0) }
    }

    /// The row, held until the transaction ends.
    ///
    /// - Throws: `.notFound` when there is none.
    static func lock(_ id: ID<FoundThing>, _ tx: WriteTx) throws -> FoundRow {
        guard
            let thing = try tx.first(
                "SELECT \(FoundRow.columns) FROM found_thing f WHERE f.id = \(id)\(SQL.forUpdate)",
                { try FoundRow($0) }
            )
        else { throw LinliError.notFound("lostAndFound.unknown") }
        return thing
    }

    /// Adds a thing that was just handed in.
    static func insert(
        _ draft: FoundDraft, _ kind: FoundKind, in community: DivisionCode, by account: ID<Account>, _ tx: WriteTx
    ) throws -> ID<FoundThing> {
        let id = try tx.newID(FoundThing.self)
        try tx.execute(
            """
            INSERT INTO found_thing (id, community, kind, looks, place, registered_by, published_at)
            VALUES (\(id), \(community), \(kind), \(draft.looks), \(draft.place), \(account), \(tx.now))
            """
        )
        return id
    }

    /// Notes that the owner took it.
    static func markReturned(_ id: ID<FoundThing>, by account: ID<Account>, _ tx: WriteTx) throws {
        try tx.execute(
            "UPDATE found_thing SET returned_by = \(account), returned_at = \(tx.now) WHERE id = \(id)"
        )
    }
}
