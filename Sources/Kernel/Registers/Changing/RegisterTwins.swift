import LinliCore
import LinliSQL

/// Rows of which two entries may both have one where it is not simply the one of the entry that stays that counts, as for
/// a service that both were told of. Whoever owns the table says which go along in a merge, which give way, and how these
/// come back when the merge is undone.
package struct RegisterTwins: Sendable {
    /// What a merge does with the rows of both entries.
    package struct Plan: Sendable, Equatable {
        /// Rows of the other entry that go along.
        package var moving: [Int64]
        /// Rows of either entry that give way, each with what its owner needs to bring it back; kept sealed.
        package var yielding: [Int64: String]

        /// A plan; see the properties.
        package init(moving: [Int64] = [], yielding: [Int64: String] = [:]) {
            self.moving = moving
            self.yielding = yielding
        }
    }

    let plan: @Sendable (RegisterSubject, RegisterSubject, KeyRing, ReadTx) throws -> Plan
    let giveWay: @Sendable ([Int64], WriteTx) throws -> Void
    let restore: @Sendable ([Int64: String], WriteTx) throws -> Void

    /// Twins: what a merge of one entry into another does, how rows give way, and how they come back.
    package init(
        plan:
            @escaping @Sendable (
                _ other: RegisterSubject, _ survivor: RegisterSubject, _ keys: KeyRing, _ tx: ReadTx
            ) throws -> Plan,
        giveWay: @escaping @Sendable (_ rows: [Int64], _ tx: WriteTx) throws -> Void,
        restore: @escaping @Sendable (_ rows: [Int64: String], _ tx: WriteTx) throws -> Void
    ) {
        self.plan = plan
        self.giveWay = giveWay
        self.restore = restore
    }
}

extension RegisterMerging.Moves {
    /// What gave way, as one text: a row and its words on a line.
    static func text(_ rows: [Int64: String]) -> String {
        rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
    }

    /// The same read back.
    static func rows(_ text: String) -> [Int64: String] {
        var rows: [Int64: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let id = Int64(first) else { continue }
            rows[id] = parts.count > 1 ? String(parts[1]) : ""
        }
        return rows
    }
}
