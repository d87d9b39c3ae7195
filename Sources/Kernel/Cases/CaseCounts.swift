import LinliCore
import LinliSQL

extension Subscriber {
    /// Counts of cases by state, per division and unit: the sum of events, applied once each.
    static let caseCounts = Subscriber(
        "cases.counts",
        kinds: ["case.changed", "case.moved"],
        .together { tx, events in
            var changes: [CaseCounts.Cell: Int] = [:]
            for event in events { CaseCounts.count(event, into: &changes) }
            try CaseCounts.add(changes, tx)
        }
    )
}

/// Counts of cases for tabs and tiles.
package enum CaseCounts {
    /// What a number stands for: the cases of a division or a unit in a state, by the unit complained about (0: none).
    struct Cell: Hashable, Comparable {
        let kind: String
        let owner: Int64
        let state: String
        let against: Int64

        init(_ kind: String, _ owner: Int64, _ state: String, _ against: Int64) {
            self.kind = kind
            self.owner = owner
            self.state = state
            self.against = against
        }

        /// The order they are written in, the same on every node: two that add to the same rows never wait for each other.
        static func < (left: Cell, right: Cell) -> Bool {
            (left.kind, left.owner, left.state, left.against) < (right.kind, right.owner, right.state, right.against)
        }
    }

    /// What one `case.changed` moves: a case leaves one state and enters another, maybe in another unit.
    fileprivate static func count(_ event: Event, into changes: inout [Cell: Int]) {
        if event.kind == "case.moved" { return move(event, into: &changes) }
        guard let division = event.subject.division, let to = event.facts["to"] else { return }
        let from = event.facts["from"]
        let against = event.facts["against"].flatMap { Int64($0) } ?? 0
        // Only a correction of the unit complained about has another one before it.
        let oldAgainst = event.facts["oldAgainst"].flatMap { Int64($0) } ?? against
        for owner in owners(division) {
            if let from { changes[Cell("division", owner, from, oldAgainst), default: 0] -= 1 }
            changes[Cell("division", owner, to, against), default: 0] += 1
        }
        if let from, let unit = event.facts["oldUnit"].flatMap({ Int64($0) }) {
            changes[Cell("unit", unit, from, oldAgainst), default: 0] -= 1
        }
        if let unit = event.facts["unit"].flatMap({ Int64($0) }) {
            changes[Cell("unit", unit, to, against), default: 0] += 1
        }
    }

    /// The divisions a case is counted in. One without a grid lies in its community: that must not count it twice.
    private static func owners(_ division: DivisionCode) -> Set<Int64> {
        Set([DivisionCode.Level.district, .street, .community, .grid].map { division.ancestor(at: $0).rawValue })
    }

    /// A case that lies elsewhere now: in another grid of its community as a rule, anywhere once its place was corrected.
    private static func move(_ event: Event, into changes: inout [Cell: Int]) {
        guard let division = event.subject.division, let state = event.facts["state"],
            let old = event.facts["old"].flatMap({ DivisionCode($0) })
        else { return }
        let against = event.facts["against"].flatMap { Int64($0) } ?? 0
        // What holds both counts it before and after.
        let (before, after) = (owners(old), owners(division))
        for owner in before.subtracting(after) { changes[Cell("division", owner, state, against), default: 0] -= 1 }
        for owner in after.subtracting(before) { changes[Cell("division", owner, state, against), default: 0] += 1 }
    }

    fileprivate static func add(_ changes: [Cell: Int], _ tx: SystemTx) throws {
        let rows = changes.sorted { $0.key < $1.key }.filter { $0.value != 0 }
            .map { cell, change -> SQL in
                "(\(cell.kind), \(cell.owner), \(cell.state), \(cell.against), \(change))"
            }
        try tx.connection.insert(
            into: "case_count (owner_kind, owner, state, against_unit, total)", rows, columns: 5,
            """
            ON CONFLICT (owner_kind, owner, state, against_unit)
            DO UPDATE SET total = case_count.total + excluded.total
            """)
    }

    /// Totals by state for a scope: what its lists show. Who has duties over divisions and in units counts for units what
    /// lies outside the divisions, of closed cases at most `closedLimit`.
    package static func totals(_ scope: Scope, _ tx: ReadTx) throws -> [String: Int] {
        var totals: [String: Int] = [:]
        let isVisible = SQL.apart(from: scope.interests, "against_unit")
        let owner: SQL
        if !scope.divisions.isEmpty {
            owner = "owner_kind = 'division' AND owner IN \(SQL.list(scope.divisions))"
        } else if !scope.units.isEmpty {
            owner = "owner_kind = 'unit' AND owner IN \(SQL.list(scope.units))"
        } else {
            return [:]
        }
        try tx.each("SELECT state, sum(total) FROM case_count WHERE \(owner)\(isVisible) GROUP BY state") { row in
            totals[try row[0]] = try row[1]
        }
        if !scope.divisions.isEmpty, !scope.units.isEmpty {
            for isOpen in [true, false] {
                try tx.each(outside(scope, isOpen: isOpen)) { row in
                    let state: String = try row[0]
                    totals[state, default: 0] += try row[1]
                }
            }
        }
        return totals
    }

    /// Where counting closed cases of units stops: nobody reads more than "999+".
    private static let closedLimit = 1000

    /// Cases of the units of a scope that lie outside its divisions, by state.
    private static func outside(_ scope: Scope, isOpen: Bool) -> SQL {
        let elsewhere = scope.divisions.compactMap { code in
            CaseQueries.levelColumn(code.level).map { " AND " + $0 + " <> \(code)" }
        }
        return """
            SELECT part.state, count(*) FROM (
                SELECT DISTINCT p.case_id AS id, p.state AS state FROM case_party p JOIN case_item c ON c.id = p.case_id
                WHERE p.unit_id IN \(SQL.list(scope.units)) AND p.until IS NULL AND p.is_open = \(isOpen)\
            \(SQL.joined(elsewhere, separator: ""))\(CaseQueries.hide(scope)) LIMIT \(isOpen ? 100_000 : closedLimit)
            ) AS part GROUP BY part.state
            """
    }

    /// Open cases of some divisions, by division; for who looks after many of them.
    package static func open(_ scope: Scope, of types: CaseTypes, _ tx: ReadTx) throws -> [DivisionCode: Int] {
        guard !scope.divisions.isEmpty else { return [:] }
        let isVisible = SQL.apart(from: scope.interests, "against_unit")
        var totals: [DivisionCode: Int] = [:]
        try tx.each(
            """
            SELECT owner, sum(total) FROM case_count WHERE owner_kind = 'division'
            AND owner IN \(SQL.list(scope.divisions)) AND state NOT IN \(SQL.list(types.states(of: .closed)))\(isVisible)
            GROUP BY owner
            """
        ) { totals[try $0[0]] = try $0[1] }
        return totals
    }

    /// Every count that is not what the cases themselves say, in words, at most twenty; for `linli doctor`.
    package static func differences(_ tx: ReadTx) throws -> [(what: String, stored: Int, counted: Int)] {
        var (counted, stored): ([Cell: Int], [Cell: Int]) = ([:], [:])
        try tx.each(
            """
            SELECT division, state, against_unit, handler_unit, count(*) FROM case_item
            GROUP BY division, state, against_unit, handler_unit
            """
        ) { row in
            let (division, state, against): (DivisionCode, String, Int64) = (try row[0], try row[1], try row[2])
            let (unit, total): (Int64?, Int) = (try row[3], try row[4])
            for owner in owners(division) { counted[Cell("division", owner, state, against), default: 0] += total }
            if let unit { counted[Cell("unit", unit, state, against), default: 0] += total }
        }
        try tx.each("SELECT owner_kind, owner, state, against_unit, total FROM case_count") { row in
            stored[Cell(try row[0], try row[1], try row[2], try row[3])] = try row[4]
        }
        return Set(counted.keys).union(stored.keys).sorted().lazy
            .filter { (counted[$0] ?? 0) != (stored[$0] ?? 0) }.prefix(20)
            .map { ("\($0.kind) \($0.owner), \($0.state)", stored[$0] ?? 0, counted[$0] ?? 0) }
    }

    /// How many cases there are, and how many the counts say in all; for `linli doctor`.
    package static func recount(_ tx: ReadTx) throws -> (counted: Int, stored: Int) {
        let counted: Int = try tx.value("SELECT count(*) FROM case_item") ?? 0
        let stored: Int =
            try tx.value(
                """
                SELECT sum(c.total) FROM case_count c WHERE c.owner_kind = 'division'
                AND c.owner IN (SELECT DISTINCT district FROM case_item)
                """,
                as: Int?.self
            ).flatMap { $0 } ?? 0
        return (counted, stored)
    }
}

extension JobKind {
    /// Closes or passes on cases whose resident did not answer in time: silence stays silence.
    static func casesLapse(_ commands: CaseCommands) -> JobKind {
        JobKind("cases.lapse", everySeconds: 60) { run in
            let waiting = commands.queries.types.states(where: { $0.owner == .reporter })
            let due = try await run.database.read { tx -> [ID<Case>] in
                try tx.all(
                    """
                    SELECT c.id FROM case_item c
                    WHERE c.state IN \(SQL.list(waiting)) AND c.is_open = 1 AND c.due_at < \(run.context.now)\
                    \(JobRound.isAwake("cases.lapse", "c.id", at: run.context.now))
                    ORDER BY c.due_at LIMIT 200
                    """
                ) { try $0[0] }
            }
            try await JobRound("cases.lapse", run).walk(due) { id in
                do {
                    try await commands.take(CaseStep("lapse"), of: id, run.context)
                } catch let error as LinliError where error.kind == .conflict {
                    // Somebody answered in the same moment: the case is not ours any more.
                }
            }
        }
    }
}

extension JobKind {
    /// The jobs of cases; they need the commands, so they join the others when the services exist.
    package static func cases(_ commands: CaseCommands) -> [JobKind] {
        [
            .casesLapse(commands), .casesResume(commands), .casesEscalate(commands), .outcomesLate(commands),
            .casesMessages(commands), .casesRetention(commands), .ratesRules(commands),
            .whistlesCount(commands), .visitDebts(commands.queries.settings.visitDays),
            .visitLabels(commands.queries.settings.visitDays),
            .visitRetention(commands.queries.settings.visitKeptDays), .visitHandovers,
            .silentHouseholds(commands.queries.settings.warningNumbers, commands.queries.settings.visitDays),
            .changedWarnings(commands.queries.settings.warningNumbers),
        ]
    }
}
