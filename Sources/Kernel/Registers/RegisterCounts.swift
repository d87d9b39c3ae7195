import LinliCore
import LinliSQL

extension Subscriber {
    /// How many people, households, dwellings, organizations and things there are per grid and above: the sum of events.
    static let registerCounts = Subscriber(
        "registers.counts",
        kinds: ["registers.changed"],
        .together { tx, events in
            var changes: [RegisterCounts.Key: Int] = [:]
            for event in events {
                for (key, change) in RegisterCounts.Delta(event.facts["counts"] ?? "").changes {
                    // A row without a grid lies in its community: that must not count it twice.
                    let levels = [DivisionCode.Level.city, .district, .street, .community, .grid]
                    for division in Set(levels.map { key.division.ancestor(at: $0) }) {
                        changes[RegisterCounts.Key(division, key.what), default: 0] += change
                    }
                }
            }
            try RegisterCounts.add(changes, tx)
        }
    )
}

/// Head-counts of grids and everything above them.
package enum RegisterCounts {
    /// What a number counts: a word in a division.
    package struct Key: Hashable, Comparable, Sendable {
        let division: DivisionCode
        let what: String

        init(_ division: DivisionCode, _ what: String) {
            self.division = division
            self.what = what
        }

        /// The order rows are written in, the same on every node.
        package static func < (left: Key, right: Key) -> Bool {
            (left.division, left.what) < (right.division, right.what)
        }
    }

    /// What a change or a batch adds and takes away, as a fact of its event: `person 110101001001002 12;…`.
    package struct Delta: Sendable {
        package private(set) var changes: [Key: Int] = [:]

        /// Nothing yet.
        package init() {}

        /// Reads `text`; what is no count is left out.
        init(_ text: String) {
            for part in text.split(separator: ";") {
                let words = part.split(separator: " ")
                guard words.count == 3, let division = DivisionCode(words[1]), let change = Int(words[2]) else {
                    continue
                }
                changes[Key(division, String(words[0])), default: 0] += change
            }
        }

        /// Adds something of a kind in a grid, or takes it away.
        package mutating func add(_ change: Int, _ kind: RegisterKind, in division: DivisionCode) {
            changes[Key(division, kind.rawValue), default: 0] += change
        }

        /// The fact of an event.
        package var text: String {
            changes.sorted { $0.key < $1.key }.filter { $0.value != 0 }
                .map { "\($0.key.what) \($0.key.division) \($0.value)" }.joined(separator: ";")
        }
    }

    fileprivate static func add(_ changes: [Key: Int], _ tx: SystemTx) throws {
        let rows = changes.sorted { $0.key < $1.key }.filter { $0.value != 0 }
            .map { key, change -> SQL in "(\(key.division), \(key.what), \(change))" }
        try tx.connection.insert(
            into: "register_count (division, what, total)", rows, columns: 3,
            "ON CONFLICT (division, what) DO UPDATE SET total = register_count.total + excluded.total")
    }

    /// The counts of some divisions, by kind.
    package static func totals(
        of divisions: [DivisionCode], _ tx: ReadTx
    ) throws -> [DivisionCode: [RegisterKind: Int]] {
        var totals: [DivisionCode: [RegisterKind: Int]] = [:]
        try tx.each("SELECT division, what, total FROM register_count WHERE division IN \(SQL.list(divisions))") {
            row in
            let what: String = try row[1]
            guard let kind = RegisterKind(rawValue: what) else { return }
            totals[try row[0], default: [:]][kind] = try row[2]
        }
        return totals
    }

    /// Divisions whose stored count differs from what their rows say, at most 20; for `linli doctor`.
    package static func differences(_ tx: ReadTx) throws -> [(
        division: DivisionCode, what: String, stored: Int, counted: Int
    )] {
        var (counted, stored): ([Key: Int], [Key: Int]) = ([:], [:])
        for kind in RegisterKind.allCases {
            try tx.each(
                """
                SELECT division, count(*) FROM \(RegisterQueries.table(of: kind)) WHERE valid_to IS NULL GROUP BY division
                """
            ) { row in
                let (division, total): (DivisionCode, Int) = (try row[0], try row[1])
                let levels = [DivisionCode.Level.city, .district, .street, .community, .grid]
                for above in Set(levels.map { division.ancestor(at: $0) }) {
                    counted[Key(above, kind.rawValue), default: 0] += total
                }
            }
        }
        let kinds = RegisterKind.allCases.map(\.rawValue)
        try tx.each("SELECT division, what, total FROM register_count WHERE what IN \(SQL.list(kinds))") { row in
            stored[Key(try row[0], try row[1])] = try row[2]
        }
        return Set(counted.keys).union(stored.keys).sorted().lazy
            .filter { (counted[$0] ?? 0) != (stored[$0] ?? 0) }.prefix(20)
            .map { ($0.division, $0.what, stored[$0] ?? 0, counted[$0] ?? 0) }
    }
}
