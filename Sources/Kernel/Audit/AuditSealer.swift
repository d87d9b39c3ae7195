import Crypto
import LinliCore
import LinliSQL

/// Seals audit entries in batches: each batch's Merkle root is chained to the one before and signed.
///
/// Entries are written plain in their own transactions, so the chain never makes writers wait for each other.
package struct AuditSealer: Sendable {
    private let database: Database
    private static let batchLimit = 2000

    /// A sealer for `database`.
    package init(_ database: Database) {
        self.database = database
    }

    /// Seals what is waiting, at most 2,000 entries; returns how many. One hand at a time: on PostgreSQL the last batch
    /// row is the lock.
    @discardableResult
    package func seal() async throws -> Int {
        let keys = database.keys
        return try await database.system(.claim) { tx in
            // The row of the chain's head serialises sealers of several nodes.
            let head = try tx.first(
                "SELECT sequence, root FROM audit_head WHERE id = 1\(SQL.forUpdate)"
            ) { row -> (Int64, [UInt8]) in (try row[0], try row[1]) }
            let records = try tx.all(
                """
                SELECT \(AuditRecord.columns) FROM audit_entry
                WHERE batch IS NULL ORDER BY id LIMIT \(AuditSealer.batchLimit)
                """
            ) { try AuditRecord($0) }
            guard let (sequence, previous) = head, !records.isEmpty else { return 0 }
            let root = MerkleTree.root(records.map(\.leaf))
            let chained = AuditSealer.chain(previous: previous, root: root, count: records.count)
            let next = sequence + 1
            try tx.execute(
                """
                INSERT INTO audit_batch (sequence, entries, root, chained, signature, sealed_at)
                VALUES (\(next), \(records.count), \(root), \(chained), \(try keys.sign(chained)), \(tx.now))
                """
            )
            for chunk in records.chunks(of: 200) {
                try tx.execute("UPDATE audit_entry SET batch = \(next) WHERE id IN \(SQL.list(chunk.map(\.id)))")
            }
            try tx.execute("UPDATE audit_head SET sequence = \(next), root = \(chained) WHERE id = 1")
            return records.count
        }
    }

    static func chain(previous: [UInt8], root: [UInt8], count: Int) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: previous)
        hash.update(data: root)
        hash.update(data: Array(String(count).utf8))
        return Array(hash.finalize())
    }

    /// What verification found.
    package struct Verdict: Sendable {
        /// Batches that were checked.
        package var batches = 0
        /// Entries inside them.
        package var entries = 0
        /// Entries not sealed yet.
        package var waiting = 0
        /// The first thing that does not add up, or nil.
        package var problem: String?
    }

    /// Recomputes every root, link and signature.
    package func verify() async throws -> Verdict {
        let keys = database.keys
        return try await database.read { tx in
            var verdict = Verdict()
            var previous = [UInt8](repeating: 0, count: 32)
            var expected: Int64 = 1
            let batches = try tx.all(
                "SELECT sequence, entries, root, chained, signature FROM audit_batch ORDER BY sequence"
            ) { row -> Batch in
                Batch(
                    sequence: try row[0], entries: try row[1], root: try row[2],
                    chained: try row[3], signature: try row[4]
                )
            }
            for batch in batches {
                let leaves = try tx.all(
                    "SELECT \(AuditRecord.columns) FROM audit_entry WHERE batch = \(batch.sequence) ORDER BY id"
                ) { try AuditRecord($0).leaf }
                let chained = AuditSealer.chain(previous: previous, root: batch.root, count: batch.entries)
                if batch.sequence != expected {
                    verdict.problem = "batch \(expected) is missing"
                } else if leaves.count != batch.entries {
                    verdict.problem = "batch \(batch.sequence) has \(leaves.count) of \(batch.entries) entries"
                } else if MerkleTree.root(leaves) != batch.root {
                    verdict.problem = "an entry of batch \(batch.sequence) was changed"
                } else if chained != batch.chained {
                    verdict.problem = "batch \(batch.sequence) does not follow the one before"
                } else if !keys.isSignature(batch.signature, of: chained) {
                    verdict.problem = "the signature of batch \(batch.sequence) is not ours"
                }
                if verdict.problem != nil { return verdict }
                previous = chained
                expected += 1
                verdict.batches += 1
                verdict.entries += leaves.count
            }
            verdict.waiting = try tx.value("SELECT count(*) FROM audit_entry WHERE batch IS NULL") ?? 0
            return verdict
        }
    }

    private struct Batch: Sendable {
        var sequence: Int64
        var entries: Int
        var root: [UInt8]
        var chained: [UInt8]
        var signature: [UInt8]
    }
}

extension Array {
    /// The elements in runs of at most `size`.
    package func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
