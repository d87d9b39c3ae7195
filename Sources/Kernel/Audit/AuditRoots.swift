import LinliCore
import LinliSQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Roots of the audit's chain in a folder outside: once a day the newest one, signed, is added to a file there.
///
/// Who holds the database and the master key can write another history, but not what has left the machine. The folder is
/// the operator's choice: a share of another office, a disk that is only written to.
package struct AuditRoots: Sendable {
    private let path: String

    /// The roots in `folder`.
    package init(folder: String) {
        path = folder + "/linli-audit-roots.txt"
    }

    /// A root that was laid down.
    struct Line: Sendable, Equatable {
        let day: String
        let sequence: Int64
        let root: String
    }

    /// Adds the newest root when that of `now`'s day is not there yet; returns whether it did.
    ///
    /// - Throws: what the folder says when it cannot be written to.
    package func publish(_ database: Database, at now: Instant) async throws -> Bool {
        let day = now.date.description
        let lines = try read()
        guard lines.last?.day != day else { return false }
        let newest = try await database.read { tx in
            try tx.first("SELECT sequence, chained, signature FROM audit_batch ORDER BY sequence DESC LIMIT 1") {
                (sequence: try $0[0] as Int64, root: try $0[1] as [UInt8], signature: try $0[2] as [UInt8])
            }
        }
        guard let newest, newest.sequence > lines.last?.sequence ?? 0 else { return false }
        let line = "\(day) \(newest.sequence) \(Hex.encode(newest.root)) \(Hex.encode(newest.signature))\n"
        let old = FileManager.default.fileExists(atPath: path) ? try Data(contentsOf: URL(filePath: path)) : Data()
        // A new file in the old one's place: a line is there whole or not at all.
        try (old + Data(line.utf8)).write(to: URL(filePath: path), options: .atomic)
        return true
    }

    /// What was laid down and is not in the store any more, in words; nil when every root is still there.
    ///
    /// - Throws: what the folder or the store says.
    package func problem(_ database: Database) async throws -> (roots: Int, problem: String?) {
        let lines = try read()
        for line in lines {
            let stored: [UInt8]? = try await database.read { tx in
                try tx.value("SELECT chained FROM audit_batch WHERE sequence = \(line.sequence)")
            }
            guard let stored else { return (lines.count, "batch \(line.sequence) of \(line.day) is gone") }
            if Hex.encode(stored) != line.root {
                return (lines.count, "batch \(line.sequence) is not the one laid down on \(line.day)")
            }
        }
        return (lines.count, nil)
    }

    /// How many of the given batches (sequence and chained root) were laid down here, and the first that was laid down
    /// as another one.
    ///
    /// - Throws: what the folder says.
    package func compare(_ batches: [Int64: String]) throws -> (found: Int, problem: String?) {
        var found = 0
        for line in try read() {
            guard let root = batches[line.sequence] else { continue }
            if root != line.root { return (found, "batch \(line.sequence) is not the one laid down on \(line.day)") }
            found += 1
        }
        return (found, nil)
    }

    private func read() throws -> [Line] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        return try text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            guard parts.count == 4, let sequence = Int64(parts[1]) else {
                throw LinliError.fault("audit.roots", "\(path) holds a line that is not ours: \(line.prefix(40))")
            }
            return Line(day: String(parts[0]), sequence: sequence, root: String(parts[2]))
        }
    }
}
