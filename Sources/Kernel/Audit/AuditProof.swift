import Crypto
import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The entries of the audit about one thing, each with what proves it without the rest of the audit.
package struct AuditProof: Sendable {
    /// One entry, the way from it to the root of its batch, and what it was about.
    package struct Entry: Sendable {
        /// The entry; nil where its reader may not know who it was: then its hash alone stands in the batch.
        package let record: AuditRecord?
        /// Its hash, a leaf of the batch's tree.
        package let leaf: [UInt8]
        /// The batch it was sealed in.
        package let batch: Int64
        /// What leads to the root: each step says on which side its hash stands.
        package let path: [(isLeft: Bool, hash: [UInt8])]
        let salt: [UInt8]
        /// Words that the entry's digest was made of, when they are known to who reads; empty otherwise.
        package var values: [String] = []

        /// Whether these are the values the entry was written with.
        package func proves(_ values: [String]) -> Bool {
            guard let digest = record?.digest, !values.isEmpty, !salt.isEmpty else { return false }
            return SaltedDigest.digest(of: values, salt: salt) == digest
        }
    }

    /// A sealed batch without its entries.
    package struct Batch: Sendable {
        /// Its place in the chain.
        package let sequence: Int64
        /// How many entries it holds.
        package let entries: Int
        /// What the batch before it was chained to.
        package let previous: [UInt8]
        /// The root over its entries.
        package let root: [UInt8]
        /// Previous, root and number in one hash: what was signed.
        package let chained: [UInt8]
        /// Of the deployment.
        package let signature: [UInt8]
        /// When.
        package let sealedAt: Instant
    }

    /// With which the signatures are checked.
    package let publicKey: [UInt8]
    /// The batches its entries lie in, the oldest first.
    package let batches: [Batch]
    /// The entries, the oldest first.
    package var entries: [Entry]
    /// Entries that no batch holds yet.
    package let waiting: Int

    /// Entries that are proved at most; a case has some dozens.
    package static let most = 400

    /// The proof of everything about `subject`, sealing what waits first; `hides` says which entries are given as
    /// their hash only.
    package static func make(
        _ subject: Subject, _ database: Database, hides: @escaping @Sendable (AuditRecord, ReadTx) throws -> Bool
    ) async throws -> AuditProof {
        try await seal(subject, database)
        let (found, waiting) = try await database.read { tx in
            let found = try tx.all(
                """
                SELECT \(AuditRecord.columns), batch, salt FROM audit_entry
                WHERE subject_kind = \(subject.kind) AND subject_id = \(subject.id) AND batch IS NOT NULL
                ORDER BY id LIMIT \(most)
                """
            ) { Found(try AuditRecord($0), batch: try $0[12], salt: try $0[13] ?? []) }
            let waiting: Int = try tx.value(unsealed(subject, "count(*)")) ?? 0
            return (
                try found.map { entry in
                    var entry = entry
                    entry.isHidden = try hides(entry.record, tx)
                    return entry
                }, waiting
            )
        }
        var batches: [Batch] = []
        var entries: [Entry] = []
        for sequence in Set(found.map(\.batch)).sorted() {
            // One batch at a time: what is sealed does not change between two reads.
            let (batch, leaves) = try await read(sequence, database)
            batches.append(batch)
            for entry in found where entry.batch == sequence {
                guard let index = leaves.firstIndex(where: { $0.id == entry.record.id }) else {
                    throw LinliError.fault("audit.proof", "entry \(entry.record.id) is not in batch \(sequence)")
                }
                entries.append(
                    Entry(
                        record: entry.isHidden ? nil : entry.record, leaf: leaves[index].leaf, batch: sequence,
                        path: MerkleTree.proof(leaves.map(\.leaf), index: index),
                        salt: entry.isHidden ? [] : entry.salt))
            }
        }
        return AuditProof(publicKey: database.keys.publicKey, batches: batches, entries: entries, waiting: waiting)
    }

    private struct Found: Sendable {
        let record: AuditRecord
        let batch: Int64
        let salt: [UInt8]
        var isHidden = false

        init(_ record: AuditRecord, batch: Int64, salt: [UInt8]) {
            self.record = record
            self.batch = batch
            self.salt = salt
        }
    }

    /// Seals until nothing about the subject waits; a busy audit may need some batches, and is not waited for for ever.
    private static func seal(_ subject: Subject, _ database: Database) async throws {
        let sealer = AuditSealer(database)
        for _ in 0..<5 {
            guard try await database.read({ try $0.exists(unsealed(subject, "1")) }) else { return }
            try await sealer.seal()
        }
    }

    private static func unsealed(_ subject: Subject, _ columns: SQL) -> SQL {
        """
        SELECT \(columns) FROM audit_entry
        WHERE subject_kind = \(subject.kind) AND subject_id = \(subject.id) AND batch IS NULL
        """
    }

    private static func read(
        _ sequence: Int64, _ database: Database
    ) async throws -> (Batch, [(id: Int64, leaf: [UInt8])]) {
        try await database.read { tx in
            let previous: [UInt8]? = try tx.value(
                "SELECT chained FROM audit_batch WHERE sequence = \(sequence - 1)")
            let batch = try tx.first(
                "SELECT entries, root, chained, signature, sealed_at FROM audit_batch WHERE sequence = \(sequence)"
            ) { row in
                Batch(
                    sequence: sequence, entries: try row[0], previous: previous ?? [UInt8](repeating: 0, count: 32),
                    root: try row[1], chained: try row[2], signature: try row[3], sealedAt: try row[4])
            }
            guard let batch else { throw LinliError.fault("audit.proof", "batch \(sequence) is gone") }
            let leaves = try tx.all(
                "SELECT \(AuditRecord.columns) FROM audit_entry WHERE batch = \(sequence) ORDER BY id"
            ) { row -> (id: Int64, leaf: [UInt8]) in
                let record = try AuditRecord(row)
                return (record.id, record.leaf)
            }
            return (batch, leaves)
        }
    }

    /// Adds the words that a line of the history was written with to the entry whose digest they make; returns that
    /// entry's identifier, nil when none was made of them.
    package mutating func prove(_ values: [String], at moment: Instant) -> Int64? {
        for index in entries.indices where entries[index].record?.at == moment {
            guard entries[index].proves(values), let record = entries[index].record else { continue }
            entries[index].values = values
            return record.id
        }
        return nil
    }
}

extension SaltedDigest {
    /// The digest that values make with a salt: each with its length, so that none can slide.
    static func digest(of values: [String], salt: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: salt)
        for value in values { hash.update(data: Data("\(value.utf8.count):\(value)".utf8)) }
        return Array(hash.finalize())
    }
}
