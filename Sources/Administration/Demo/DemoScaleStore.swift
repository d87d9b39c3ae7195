import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of the made-up cases: many rows per statement.
enum DemoScaleStore {
    /// How many cases there are.
    static func count(_ tx: ReadTx) throws -> Int { try tx.value("SELECT count(*) FROM case_item") ?? 0 }

    /// The type of the demo's cases and its version.
    ///
    /// - Throws: a fault when there is no case.
    static func type(_ tx: ReadTx) throws -> (id: String, version: Int) {
        let found = try tx.first("SELECT type, type_version FROM case_item ORDER BY id DESC LIMIT 1") {
            row -> (String, Int) in (try row[0], try row[1])
        }
        guard let found else { throw LinliError.fault("demo.missing", "install the demo first") }
        return found
    }

    /// Stores cases with parties, history, full text and counts.
    static func insert(
        _ rows: [ScaledCase], _ type: (id: String, version: Int), _ calendar: AssessmentCalendar, _ tx: WriteTx
    ) throws {
        var cases: [(id: ID<Case>, row: ScaledCase)] = []
        for row in rows { cases.append((try tx.newID(Case.self), row)) }
        guard let first = cases.first else { return }
        // 50 rows a statement: the text is the same for every chunk, so it is prepared once.
        for start in stride(from: 0, to: cases.count, by: 50) {
            let part = cases[start..<min(start + 50, cases.count)]
            try insertItems(part, type, tx)
            try insertParties(part, tx)
            try insertEntries(part, tx)
            try OutcomesStore.insert(
                part.compactMap { $0.row.outcome($0.id, type: type.id, calendar, now: tx.now) }, tx
            )
            let bodies: [SQL] = part.map { "(\($0.id), \(SQL.searchBody($0.row.search)))" }
            try tx.execute("INSERT INTO case_search (rowid, body) VALUES \(SQL.joined(bodies, separator: ", "))")
        }
        try addCounts(rows, tx)
        try tx.audit(Subject("case", first.id, division: first.row.place.division), fields: ["demo"])
    }

    private typealias Part = ArraySlice<(id: ID<Case>, row: ScaledCase)>

    private static func insertItems(_ part: Part, _ type: (id: String, version: Int), _ tx: WriteTx) throws {
        let values: [SQL] = part.map { id, row in
            let division = row.place.division
            return """
                (\(id), \(row.number), \(type.id), \(type.version), \(row.state), \(row.isOpen), \(row.topic.nature),
                \(row.topic.category), \(row.title), \(row.text), '', \(row.topic.spot), \(division),
                \(division.ancestor(at: .district)), \(division.ancestor(at: .street)),
                \(division.ancestor(at: .community)), \(division), \(row.place.id), \(row.place.address),
                \(row.place.latitude), \(row.place.longitude), 'web', 'anonymous', '', 0, \(row.unit), 0,
                \(row.ground.rawValue), \(row.isUrgent), 0, 0, \(row.stars), \(row.createdAt),
                \(row.stateSince), \(row.dueAt), \(row.isOpen ? nil : row.stateSince), \(row.topic.isPublic), 2)
                """
        }
        try tx.execute(
            """
            INSERT INTO case_item (id, number, type, type_version, state, is_open, nature, category, title, text,
                location, spot, division, district, street, community, grid, place_id, place_address, latitude,
                longitude, source, disclosure, reporter_mask, is_on_behalf, handler_unit, against_unit, ground,
                is_urgent, contests, is_repeated, stars, created_at, state_since, due_at, closed_at, is_public, version)
            VALUES \(SQL.joined(values, separator: ", "))
            """
        )
    }

    private static func insertParties(_ part: Part, _ tx: WriteTx) throws {
        let values: [SQL] = part.compactMap { id, row in
            guard let unit = row.unit else { return nil }
            return "(\(id), \(unit), 'handler', \(row.createdAt), \(row.isOpen), \(row.dueAt), \(row.state))"
        }
        guard !values.isEmpty else { return }
        try tx.execute(
            """
            INSERT INTO case_party (case_id, unit_id, role, since, is_open, due_at, state)
            VALUES \(SQL.joined(values, separator: ", "))
            """
        )
    }

    /// How it came in, and how it got to where it is.
    private static func insertEntries(_ part: Part, _ tx: WriteTx) throws {
        var values: [SQL] = []
        for (id, row) in part {
            let reported = try tx.newID(CaseEntry.self)
            values.append(
                """
                (\(reported), \(id), \(row.createdAt), 'transition', 'report', '', 'dispatched', '', \(row.unit), '', 1, '')
                """
            )
            guard let step = steps[row.state] else { continue }
            let last = try tx.newID(CaseEntry.self)
            values.append(
                """
                (\(last), \(id), \(row.stateSince), 'transition', \(step.transition), \(step.from), \(row.state), '',
                \(row.unit), '', 1, '')
                """
            )
        }
        try tx.execute(
            """
            INSERT INTO case_entry (id, case_id, at, kind, transition, from_state, to_state, actor_name, unit_id, text,
                is_visible, reason_class)
            VALUES \(SQL.joined(values, separator: ", "))
            """
        )
    }

    private static let steps: [String: (transition: String, from: String)] = [
        "received": ("refuse", "dispatched"),
        "handling": ("accept", "dispatched"),
        "confirming": ("finish", "handling"),
        "checking": ("confirmSampled", "confirming"),
        "closed": ("confirm", "confirming"),
        "withdrawn": ("withdraw", "dispatched"),
    ]

    private struct Counted: Hashable {
        var kind: String
        var owner: Int64
        var state: String
    }

    /// Adds to the counts what the subscriber of the events would have added.
    private static func addCounts(_ rows: [ScaledCase], _ tx: WriteTx) throws {
        var counts: [Counted: Int] = [:]
        for row in rows {
            for level in [DivisionCode.Level.district, .street, .community, .grid] {
                let owner = row.place.division.ancestor(at: level).rawValue
                counts[Counted(kind: "division", owner: owner, state: row.state), default: 0] += 1
            }
            if let unit = row.unit {
                counts[Counted(kind: "unit", owner: unit.rawValue, state: row.state), default: 0] += 1
            }
        }
        for (key, total) in counts.sorted(by: { ($0.key.owner, $0.key.state) < ($1.key.owner, $1.key.state) }) {
            try tx.execute(
                """
                INSERT INTO case_count (owner_kind, owner, state, against_unit, total)
                VALUES (\(key.kind), \(key.owner), \(key.state), 0, \(total))
                ON CONFLICT (owner_kind, owner, state, against_unit)
                DO UPDATE SET total = case_count.total + excluded.total
                """
            )
        }
    }
}
