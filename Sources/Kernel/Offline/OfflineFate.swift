import LinliCore
import LinliSQL

extension OfflineStore {
    /// What became of an entry of one's own that is not to be decided any more.
    package enum Fate: Sendable, Equatable {
        /// It is done, or was put away.
        case decided
        /// It was tried on the desk and could not be done: another entry took its place and is to be decided.
        case replaced(ID<OfflineEntry>)
    }

    /// How often one entry is followed from try to try.
    /// - Source: configured, no source
    private static let tries = 100

    /// What became of an entry; nil for anybody else's, and for one that is still to be decided.
    package static func fate(
        of id: ID<OfflineEntry>, _ account: ID<Account>, _ tx: ReadTx
    ) throws -> Fate? {
        let isOver = try tx.exists(
            """
            SELECT 1 FROM offline_entry WHERE id = \(id) AND account_id = \(account)
            AND (settled_at IS NOT NULL OR outcome = 'taken')
            """)
        guard isOver else { return nil }
        var last = id
        for _ in 0..<tries {
            let key = "\(OfflineSync.desk)\(last)"
            let next = try tx.first(
                """
                SELECT id, CASE WHEN settled_at IS NULL AND outcome <> 'taken' THEN 1 ELSE 0 END FROM offline_entry
                WHERE account_id = \(account) AND key = \(key)
                """
            ) { row -> (id: ID<OfflineEntry>, isOpen: Bool) in (id: try row[0], isOpen: try row[1]) }
            guard let next else { return .decided }
            if next.isOpen { return .replaced(next.id) }
            last = next.id
        }
        return .decided
    }
}
