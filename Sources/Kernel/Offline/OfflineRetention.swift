import LinliCore
import LinliSQL

/// Forgetting what phones brought back, and the keys it came under, when their days are over. The audit stays.
package enum OfflineRetention {
    private static let pageSize = 100

    /// Takes away keys of leases that ran out longer ago than the setting says, with the entries that are done and the
    /// leases nothing hangs on any more. An entry somebody has yet to decide stays, and so does its lease, without a key.
    package static func forget(
        _ settings: OfflineSettings, _ context: Context, _ database: Database
    ) async throws {
        let before = context.now.adding(days: -settings.keptDays)
        var after: ID<OfflineLease>?
        repeat {
            let from = after?.rawValue ?? 0
            let leases: [ID<OfflineLease>] = try await database.read { tx in
                try tx.all(
                    """
                    SELECT id FROM offline_lease WHERE expires_at < \(before) AND id > \(from)
                    ORDER BY id LIMIT \(pageSize)
                    """
                ) { try $0[0] }
            }
            after = leases.count < pageSize ? nil : leases.last
            guard !leases.isEmpty, try await database.read({ try isWork(leases, before, $0) }) else { continue }
            try await database.write(context, "offline.forget") { try forget(leases, before, $0) }
        } while after != nil
    }

    /// Whether anything of these leases is left to take away: most of those that stay wait for somebody's decision.
    private static func isWork(_ leases: [ID<OfflineLease>], _ before: Instant, _ tx: ReadTx) throws -> Bool {
        try tx.exists(
            """
            SELECT 1 FROM offline_lease l WHERE l.id IN \(SQL.list(leases)) AND (length(l.public_key) > 0
            OR NOT EXISTS (SELECT 1 FROM offline_entry e WHERE e.lease_id = l.id AND NOT (\(done(before)))))
            """
        )
    }

    /// An entry that is done, or was decided, before a moment.
    private static func done(_ before: Instant) -> SQL {
        "(outcome = 'taken' OR settled_at IS NOT NULL) AND coalesce(settled_at, taken_at) < \(before)"
    }

    private static func forget(_ leases: [ID<OfflineLease>], _ before: Instant, _ tx: WriteTx) throws {
        let list = SQL.list(leases)
        let entries = try tx.execute("DELETE FROM offline_entry WHERE lease_id IN \(list) AND \(done(before))")
        let gone = try tx.execute(
            """
            DELETE FROM offline_lease WHERE id IN \(list)
            AND NOT EXISTS (SELECT 1 FROM offline_entry e WHERE e.lease_id = offline_lease.id)
            """)
        let kept: [ID<OfflineLease>] = try tx.all(
            "SELECT id FROM offline_lease WHERE id IN \(list) AND length(public_key) > 0 ORDER BY id"
        ) { try $0[0] }
        for lease in kept { try OfflineLease.removeKey(lease, tx) }
        try tx.audit(
            Subject("offlineLease", 0), fields: ["entries×\(entries)", "leases×\(gone)", "keys×\(gone + kept.count)"])
    }
}

extension JobKind {
    /// The jobs of work without a network.
    package static func offline(_ settings: OfflineSettings) -> [JobKind] {
        [
            JobKind("offline.retention", everySeconds: 3600) { run in
                try await OfflineRetention.forget(settings, run.context, run.database)
            }
        ]
    }
}
