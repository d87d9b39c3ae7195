import LinliCore
import LinliSQL

/// What somebody does in a grid without a duty of an account: who walks it holds one, see `Role.gridWorker`.
package enum GridRoleKind: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// 网格长, of the committee; 楼门长 of a building or entrance; 志愿者.
    case head, steward, volunteer

    /// What people call it.
    package var name: Text {
        switch self {
        case .head: Text("网格长", "Grid head")
        case .steward: Text("楼门长", "Building steward")
        case .volunteer: Text("志愿者", "Volunteer")
        }
    }
}

/// Somebody who does something in a grid, for a time.
package struct GridRole: Sendable {
    /// Its identifier.
    package let id: ID<GridRole>
    /// The grid.
    package let division: DivisionCode
    /// What they do.
    package let kind: GridRoleKind
    /// Who it is; their phone is in the register, not here.
    package let name: String
    /// The address of the building or entrance a steward looks after; empty for others.
    package let address: String
    /// From when to when.
    package let from: Instant
    package let until: Instant?
}

/// Every SQL text about who does what in a grid.
package enum GridRolesStore {
    /// Who does something in a grid now or later, heads first, stewards by building.
    package static func list(of division: DivisionCode, at now: Instant, _ tx: ReadTx) throws
        -> [GridRole]
    {
        try tx.all(
            """
            SELECT r.id, r.division, r.kind, r.name, coalesce(p.address, ''), r.valid_from, r.valid_until
            FROM grid_role r LEFT JOIN place p ON p.id = r.place_id
            WHERE r.division = \(division) AND (r.valid_until IS NULL OR r.valid_until > \(now))
            ORDER BY r.kind, p.sort_key, r.id LIMIT 300
            """
        ) { row in
            GridRole(
                id: try row[0], division: try row[1], kind: try row[2], name: try row[3],
                address: try row[4],
                from: try row[5], until: try row[6]
            )
        }
    }

    /// Adds somebody.
    package static func insert(
        _ kind: GridRoleKind, _ name: String, at place: ID<Place>?, from: Instant, until: Instant?,
        in division: DivisionCode, _ tx: WriteTx
    ) throws {
        let id = try tx.newID(GridRole.self)
        try tx.execute(
            """
            INSERT INTO grid_role (id, division, kind, name, place_id, valid_from, valid_until, created_by)
            VALUES (\(id), \(division), \(kind), \(name), \(place), \(from), \(until), \(tx.context.actor.account))
            """
        )
        try tx.audit(
            Subject("gridRole", id, division: division), fields: ["kind", "name", "place"], values: [name]
        )
    }

    /// Ends somebody's work now; false when it is over already or of another grid.
    package static func end(_ id: ID<GridRole>, in division: DivisionCode, _ tx: WriteTx) throws
        -> Bool
    {
        let changed = try tx.execute(
            """
            UPDATE grid_role SET valid_until = \(tx.now), ended_by = \(tx.context.actor.account)
            WHERE id = \(id) AND division = \(division) AND (valid_until IS NULL OR valid_until > \(tx.now))
            """
        )
        try tx.audit(Subject("gridRole", id, division: division), fields: ["until"])
        return changed == 1
    }
}

extension Migration {
    /// Who does what in a grid.
    static let gridRoles = Migration(
        "2026-11-26.31-grid-roles",
        """
        CREATE TABLE grid_role (
            id INTEGER NOT NULL PRIMARY KEY,
            division INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('head', 'steward', 'volunteer')),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
            place_id INTEGER REFERENCES place (id),
            valid_from INTEGER NOT NULL,
            valid_until INTEGER,
            created_by INTEGER REFERENCES account (id),
            ended_by INTEGER REFERENCES account (id)
        ) STRICT;
        CREATE INDEX grid_role_division ON grid_role (division, kind);
        CREATE INDEX grid_role_place ON grid_role (place_id) WHERE place_id IS NOT NULL;
        """
    )
}
