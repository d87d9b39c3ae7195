import LinliCore
import LinliSQL
import LinliStandards

/// Working out what people have by the rules, and writing down what changed.
enum LabelEvaluation {
    /// Works out some people again: their labels, the sums of their divisions, and the day on which time alone may change
    /// it. Done twice it does nothing the second time.
    static func run(_ ids: [ID<Person>], _ book: LabelBook, _ keys: KeyRing, _ tx: SystemTx) throws {
        let sights = try LabelSights(of: ids, book, on: tx.now.date, lock: true, keys, tx)
        let names = LabelKeys(keys)
        let byNumber = Dictionary(
            book.labels.map { (names.key(label: $0.id), $0.id) }, uniquingKeysWith: { first, _ in first })
        var change = LabelChange(mixed: Set(book.mixed.map { names.key(label: $0.id) }))
        for person in sights.people.values.sorted(by: { $0.id < $1.id }) {
            let hand = person.isHere ? person.rows.filter(\.isByHand) : []
            let named = Set(hand.compactMap { byNumber[$0.label] })
            // What was given by hand stands in a tree too, also for who wants no rules applied.
            var wanted = Set(hand.map(\.label)).union(book.above(named).map { names.key(label: $0) })
            var day: Int?
            if person.isHere, person.isProfiled {
                let found = book.evaluate(person.sight, hand: named)
                wanted.formUnion(found.held.map { names.key(label: $0) })
                wanted.formUnion(found.entitled.map { names.key(service: $0) })
                day = found.nextDay
            }
            change.add(person, wanted: wanted, nextDay: day)
        }
        try change.write(tx)
    }
}

/// What differs between the labels that are stored and those the rules give.
private struct LabelChange {
    /// Labels that tell of health and of other things: who goes on having one may have it for other reasons than before.
    private let mixed: Set<Int64>
    private var gone: [Int64] = []
    private var moved: [(id: Int64, to: DivisionCode)] = []
    private var new: [(person: ID<Person>, label: Int64, division: DivisionCode)] = []
    private var touched: [(person: ID<Person>, label: Int64)] = []
    private var days: [(person: ID<Person>, day: Int?)] = []
    private var counts = LabelCounts.Delta()

    init(mixed: Set<Int64>) { self.mixed = mixed }

    mutating func add(_ person: LabelSights.Person, wanted: Set<Int64>, nextDay: Int?) {
        for row in person.rows {
            if !wanted.contains(row.label) {
                gone.append(row.id)
                touched.append((person.id, row.label))
                counts.add(-1, row.label, in: row.grid)
            } else if row.grid != person.division {
                moved.append((row.id, person.division))
                counts.add(-1, row.label, in: row.grid)
                counts.add(1, row.label, in: person.division)
            }
        }
        for label in wanted.subtracting(person.rows.map(\.label)).sorted() {
            new.append((person.id, label, person.division))
            touched.append((person.id, label))
            counts.add(1, label, in: person.division)
        }
        for label in wanted.intersection(mixed).sorted() { touched.append((person.id, label)) }
        days.append((person.id, nextDay))
    }

    func write(_ tx: SystemTx) throws {
        if !gone.isEmpty { try tx.execute("DELETE FROM person_label WHERE id IN \(SQL.list(gone))") }
        for row in moved {
            try tx.execute(
                """
                UPDATE person_label SET grid = \(row.to), community = \(row.to.ancestor(at: .community)),
                    street = \(row.to.ancestor(at: .street)) WHERE id = \(row.id)
                """
            )
        }
        let rows = try new.map { row -> SQL in
            """
            (\(try tx.newID(Label.self)), \(row.person), \(row.label), 0, \(row.division),
            \(row.division.ancestor(at: .community)), \(row.division.ancestor(at: .street)), \(tx.now))
            """
        }
        try tx.connection.insert(
            into: "person_label (id, person_id, label, is_by_hand, grid, community, street, since)", rows, columns: 8)
        let never = days.filter { $0.day == nil }.map(\.person)
        if !never.isEmpty { try tx.execute("DELETE FROM label_due WHERE person_id IN \(SQL.list(never))") }
        let dated = days.compactMap { entry -> SQL? in entry.day.map { "(\(entry.person), \($0))" } }
        try tx.connection.insert(
            into: "label_due (person_id, day)", dated, columns: 2,
            "ON CONFLICT (person_id) DO UPDATE SET day = excluded.day")
        try counts.write(tx.connection)
        try LabelNews.note(touched, tx)
    }
}

/// How many people have a label, per grid and above.
package enum LabelCounts {
    /// What a change adds to the sums and takes away.
    struct Delta {
        private struct Key: Hashable, Comparable {
            let division: DivisionCode
            let label: Int64

            static func < (left: Key, right: Key) -> Bool {
                (left.division, left.label) < (right.division, right.label)
            }
        }

        private var changes: [Key: Int] = [:]

        /// Adds to the sums of a grid and everything above it.
        mutating func add(_ change: Int, _ label: Int64, in grid: DivisionCode) {
            // A person without a grid lies in their community: that must not count twice.
            let levels = [DivisionCode.Level.city, .district, .street, .community, .grid]
            for division in Set(levels.map { grid.ancestor(at: $0) }) {
                changes[Key(division: division, label: label), default: 0] += change
            }
        }

        /// Writes it, in one order on every node.
        func write(_ connection: any Connection) throws {
            let rows = changes.sorted { $0.key < $1.key }.filter { $0.value != 0 }
                .map { key, change -> SQL in "(\(key.division), \(key.label), \(change))" }
            try connection.insert(
                into: "label_count (division, label, total)", rows, columns: 3,
                "ON CONFLICT (division, label) DO UPDATE SET total = label_count.total + excluded.total")
        }
    }

    /// How many have each of some labels, per division.
    package static func totals(
        of labels: [Int64], in divisions: [DivisionCode], _ tx: ReadTx
    ) throws -> [DivisionCode: [Int64: Int]] {
        var totals: [DivisionCode: [Int64: Int]] = [:]
        try tx.each(
            """
            SELECT division, label, total FROM label_count
            WHERE division IN \(SQL.list(divisions)) AND label IN \(SQL.list(labels))
            """
        ) { row in totals[try row[0], default: [:]][try row[1]] = try row[2] }
        return totals
    }

    /// How many have a label in every grid inside a division.
    package static func totals(
        of label: Int64, ofGridsIn division: DivisionCode, _ tx: ReadTx
    ) throws -> [DivisionCode: Int] {
        var totals: [DivisionCode: Int] = [:]
        try tx.each(
            """
            SELECT division, total FROM label_count
            WHERE division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound) AND label = \(label)
            """
        ) { row in
            let code: DivisionCode = try row[0]
            if code.level == .grid { totals[code] = try row[1] }
        }
        return totals
    }

    /// Divisions and labels whose stored sum differs from what the rows say, at most 20; for `linli doctor` and tests.
    package static func differences(_ tx: ReadTx) throws -> [(division: DivisionCode, stored: Int, counted: Int)] {
        var (counted, stored): ([String: Int], [String: Int]) = ([:], [:])
        try tx.each("SELECT grid, label, count(*) FROM person_label GROUP BY grid, label") { row in
            let (grid, label, total): (DivisionCode, Int64, Int) = (try row[0], try row[1], try row[2])
            let levels = [DivisionCode.Level.city, .district, .street, .community, .grid]
            for division in Set(levels.map { grid.ancestor(at: $0) }) {
                counted["\(division) \(label)", default: 0] += total
            }
        }
        try tx.each("SELECT division, label, total FROM label_count WHERE total <> 0") { row in
            let (division, label): (DivisionCode, Int64) = (try row[0], try row[1])
            stored["\(division) \(label)"] = try row[2]
        }
        let keys = Set(counted.keys).union(stored.keys).sorted().filter { (counted[$0] ?? 0) != (stored[$0] ?? 0) }
        return keys.prefix(20).compactMap { key in
            DivisionCode(key.prefix { $0 != " " }).map { ($0, stored[key] ?? 0, counted[key] ?? 0) }
        }
    }
}
