import LinliCore
import LinliSQL

/// Whom a case is against: nobody, one unit or several.
///
/// One unit stands in the case's own row by its identifier. Several are a set of their own, whose number below zero stands
/// there: lists, counts and roll-ups compare one column whoever it is, and look into the sets only where they meet one.
package struct Accusation: Sendable, Equatable {
    /// The units, in the order of their identifiers.
    package let units: [ID<Unit>]
    /// What stands in every column `against_unit`.
    package let key: Int64

    /// Against nobody.
    package static let none = Accusation(units: [], key: 0)
    /// How many units one case may be against.
    package static let limit = 6

    /// Whether it is against nobody.
    package var isEmpty: Bool { units.isEmpty }

    /// Whether a unit is one of them.
    package func names(_ unit: ID<Unit>?) -> Bool { unit.map(units.contains) ?? false }

    /// Whether somebody acts or works for one of them: the case does not exist for such a person.
    package func concerns(_ scope: Scope) -> Bool { units.contains { scope.interests.contains($0) } }

    /// The units of a set, where `column` names one; the second column that `init(key:members:)` reads.
    package static func members(_ column: SQL) -> SQL {
        "CASE WHEN \(column) < 0 THEN (SELECT s.members FROM accused_set s WHERE s.id = \(column)) END"
    }

    /// What a row says.
    package init(key: Int64, members: String?) {
        self.key = key
        units = members.map(Accusation.ids) ?? (key > 0 ? [ID(rawValue: key)] : [])
    }

    private init(units: [ID<Unit>], key: Int64) {
        self.units = units
        self.key = key
    }

    private static func ids(_ members: String) -> [ID<Unit>] {
        members.split(separator: ",").compactMap { Int64($0) }.map { ID(rawValue: $0) }
    }

    /// The accusation of some units; a set that was there before is used again.
    static func of(_ units: [ID<Unit>], _ tx: WriteTx) throws -> Accusation {
        let units = Set(units).sorted()
        guard units.count > 1 else { return Accusation(units: units, key: units.first?.rawValue ?? 0) }
        let members = units.map { String($0.rawValue) }.joined(separator: ",")
        if let known: Int64 = try tx.value("SELECT id FROM accused_set WHERE members = \(members)") {
            return Accusation(units: units, key: known)
        }
        let key = -(try tx.newID(Accusation.self).rawValue)
        try tx.execute("INSERT INTO accused_set (id, members) VALUES (\(key), \(members))")
        for unit in units {
            try tx.execute("INSERT INTO accused_member (unit_id, set_id) VALUES (\(unit), \(key))")
        }
        return Accusation(units: units, key: key)
    }
}

extension Accusation {
    /// What subscribers are told: the key for counts, and the units of a set for whom to keep out.
    var facts: [String: String] {
        guard !isEmpty else { return [:] }
        var facts = ["against": String(key)]
        if units.count > 1 { facts["accused"] = units.map { String($0.rawValue) }.joined(separator: ",") }
        return facts
    }

    /// The units that an event keeps out.
    static func units(in facts: [String: String]) -> [ID<Unit>] {
        if let set = facts["accused"] { return ids(set) }
        return ids(facts["against"] ?? "")
    }
}

extension SQL {
    /// Leaves out what is against one of these units: a condition behind others, for a column `against_unit`.
    package static func apart(from units: [ID<Unit>], _ column: SQL) -> SQL {
        guard !units.isEmpty else { return .empty }
        let list = SQL.list(units)
        return " AND \(column) NOT IN \(list)"
            + " AND (\(column) >= 0 OR \(column) NOT IN (SELECT m.set_id FROM accused_member m WHERE m.unit_id IN \(list)))"
    }
}

extension Migration {
    /// Cases against several units. What was told before is against one at most.
    static let accusations = Migration(
        "2026-11-29.30-accusations",
        """
        CREATE TABLE accused_set (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id < 0),
            members TEXT NOT NULL UNIQUE CHECK (length(members) <= 200)
        ) STRICT;
        CREATE TABLE accused_member (
            unit_id INTEGER NOT NULL REFERENCES unit (id),
            set_id INTEGER NOT NULL REFERENCES accused_set (id),
            PRIMARY KEY (unit_id, set_id)
        ) STRICT;
        ALTER TABLE live_event ADD COLUMN accused TEXT NOT NULL DEFAULT '' CHECK (length(accused) <= 200);
        """
    )
}
