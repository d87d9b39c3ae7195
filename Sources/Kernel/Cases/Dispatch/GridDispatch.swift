import LinliCore
import LinliSQL

/// Rules that send to the grid a case lies in: to the community there, and in it to who walks that grid.
extension CaseRouting {
    /// Where a rule sends a case. A grid that nobody walks, or a case that lies in no grid, is nothing to send to: then the
    /// next rule is asked.
    static func target(
        of rule: DispatchRule, _ facts: DispatchRule.Facts, _ tx: ReadTx
    ) throws -> (unit: UnitSummary, grid: DivisionCode?)? {
        if let id = rule.unit {
            guard let unit = try UnitsStore.find(id, tx) else { return nil }
            return (unit, nil)
        }
        let grid = facts.division
        guard grid.level == .grid, try !walkers(of: grid, at: facts.at, tx).isEmpty,
            let unit = try UnitsStore.first([.committee, .village], of: grid.ancestor(at: .community), tx)
        else { return nil }
        return (unit, grid)
    }

    /// The roles that walk a grid.
    private static let walking = Role.all.filter { $0.permissions.contains(.casesVerify) }.map(\.id)

    /// Who walks a grid.
    static func walkers(of grid: DivisionCode, at moment: Instant, _ tx: ReadTx) throws -> [ID<Account>] {
        try tx.all(
            """
            SELECT DISTINCT a.id FROM access_grant g JOIN account a ON a.id = g.account_id
            WHERE g.division = \(grid) AND g.role IN \(SQL.list(walking)) AND a.status = 'active'
            AND (g.valid_until IS NULL OR g.valid_until > \(moment)) ORDER BY a.id LIMIT 50
            """
        ) { try $0[0] }
    }
}

extension CaseCommands {
    /// Gives a new case that a rule sent to its grid to who walks it.
    func handToWalker(of grid: DivisionCode, _ id: ID<Case>, _ tx: WriteTx) throws {
        let item = try CasesStore.lock(id, tx)
        let free = try freeWalker(of: grid, item.handlerUnit, against: item.accusation.units, tx)
        guard let person = free else { return }
        try tx.execute("UPDATE case_item SET handler_id = \(person.id), version = version + 1 WHERE id = \(id)")
        try sayHanded(item, to: person, tx)
    }

    /// Who of a grid gets a case: whoever is on duty before others, then who has fewest in hand. Who is away, or has as many
    /// as the setting allows, gets none: then the community's roster has it.
    func freeWalker(
        of grid: DivisionCode, _ unit: ID<Unit>?, against: [ID<Unit>], _ tx: WriteTx
    ) throws -> Colleague? {
        guard let unit = try unit.flatMap({ try UnitsStore.find($0, tx) }) else { return nil }
        let walkers = Set(try CaseRouting.walkers(of: grid, at: tx.now, tx))
        let cap = queries.settings.handlerCap
        let free = try CaseQueries.colleagues(unit, in: grid, against: against, at: tx.now, tx).filter { person in
            walkers.contains(person.id) && person.awayUntil == nil && (cap == 0 || person.open < cap)
        }
        return free.min { one, other in
            (one.isOnDuty ? 0 : 1, one.open, one.id) < (other.isOnDuty ? 0 : 1, other.open, other.id)
        }
    }

    /// Says in the history, and to who gets it, that a rule gave them a case. Nobody signs it: whoever tells a case, or finds
    /// out whom it is against, has chosen no handler.
    func sayHanded(_ item: CaseRecord, to person: Colleague, _ tx: WriteTx) throws {
        try note(
            item.id, transition: CaseMark.assign.rawValue, from: item.state, to: item.state, unit: nil,
            text: person.name, isVisible: false, reasonClass: "", isNamed: false, isNote: true, tx
        )
        try notify(person.id, .assigned, of: item, isUnsigned: true, tx)
        try tx.audit(item.subject, fields: ["handler"])
    }
}

extension Migration {
    /// A rule without a unit sends to the grid.
    static let dispatchToGrid = Migration(
        "2026-11-30.75-dispatch-to-grid",
        """
        CREATE TABLE dispatch_rule_target (
            id INTEGER NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            division INTEGER NOT NULL,
            unit_id INTEGER REFERENCES unit (id),
            categories TEXT NOT NULL CHECK (length(categories) <= 1000),
            natures TEXT NOT NULL CHECK (length(natures) <= 100),
            spots TEXT NOT NULL CHECK (length(spots) <= 100),
            words TEXT NOT NULL CHECK (length(words) <= 1000),
            from_minute INTEGER CHECK (from_minute BETWEEN 0 AND 1440),
            until_minute INTEGER CHECK (until_minute BETWEEN 0 AND 1440),
            answer TEXT NOT NULL CHECK (length(answer) <= 100),
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
        ) STRICT;
        INSERT INTO dispatch_rule_target (id, position, name, division, unit_id, categories, natures, spots, words,
            from_minute, until_minute, answer, is_active)
        SELECT id, position, name, division, unit_id, categories, natures, spots, words, from_minute, until_minute,
            answer, is_active FROM dispatch_rule;
        DROP TABLE dispatch_rule;
        ALTER TABLE dispatch_rule_target RENAME TO dispatch_rule;
        """
    )
}
