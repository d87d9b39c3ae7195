import LinliCore
import LinliSQL
import LinliStandards

extension Permission {
    /// See who does what in the grids of one's divisions, their phones masked.
    package static let gridPeopleRead = Permission(
        "gridPeople.read", Text("查看网格长、楼门长、志愿者", "See heads, stewards and volunteers"))
    /// Add them and end their work.
    package static let gridPeopleManage = Permission(
        "gridPeople.manage", Text("管理网格长、楼门长、志愿者", "Manage heads, stewards and volunteers"))
}

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
    /// Who it is.
    package let name: String
    /// The building or entrance a steward looks after.
    package let place: ID<Place>?
    /// Its address; empty for others.
    package let address: String
    /// From when to when.
    package let from: Instant
    package let until: Instant?
    /// Their entry in the register of people, where they have one.
    package let person: ID<Person>?
    /// Their account, where they have one.
    package let account: ID<Account>?
    /// Their phone as anybody who may see them sees it; empty for none.
    package let phoneMask: String

    static let columns: SQL = """
        r.id, r.division, r.kind, r.name, r.place_id, coalesce(p.address, ''), r.valid_from, r.valid_until,
        r.person_id, r.account_id, r.phone_mask
        """
    static let tables: SQL = "grid_role r LEFT JOIN place p ON p.id = r.place_id"

    init(_ row: Row) throws {
        id = try row[0]
        division = try row[1]
        kind = try row[2]
        name = try row[3]
        place = try row[4]
        address = try row[5]
        from = try row[6]
        until = try row[7]
        person = try row[8]
        account = try row[9]
        phoneMask = try row[10]
    }

    /// Whether they do it at a moment.
    package func isNow(_ now: Instant) -> Bool { from <= now && until.map { $0 > now } ?? true }
    var subject: Subject { Subject("gridRole", id, division: division) }
}

/// Every SQL text about who does what in a grid.
package enum GridRolesStore {
    /// Who does something in a grid, or in the grids of a wider division, now or later: heads first, stewards by building.
    package static func list(of division: DivisionCode, at now: Instant, _ tx: ReadTx) throws
        -> [GridRole]
    {
        try tx.all(
            """
            SELECT \(GridRole.columns) FROM \(GridRole.tables)
            WHERE \(inside(division)) AND (r.valid_until IS NULL OR r.valid_until > \(now))
            ORDER BY r.division, r.kind, p.sort_key, r.id LIMIT 300
            """
        ) { try GridRole($0) }
    }

    /// The same in the order they were entered, for pages of them.
    package static func page(
        of division: DivisionCode, at now: Instant, after: ID<GridRole>?, limit: Int, _ tx: ReadTx
    ) throws -> [GridRole] {
        try tx.all(
            """
            SELECT \(GridRole.columns) FROM \(GridRole.tables)
            WHERE \(inside(division)) AND (r.valid_until IS NULL OR r.valid_until > \(now))
            AND r.id > \(after?.rawValue ?? 0) ORDER BY r.id LIMIT \(limit)
            """
        ) { try GridRole($0) }
    }

    /// Who looks after some buildings and entrances now.
    package static func stewards(of places: [ID<Place>], at now: Instant, _ tx: ReadTx) throws -> [GridRole] {
        guard !places.isEmpty else { return [] }
        return try tx.all(
            """
            SELECT \(GridRole.columns) FROM \(GridRole.tables) WHERE r.place_id IN \(SQL.list(places))
            AND r.valid_from <= \(now) AND (r.valid_until IS NULL OR r.valid_until > \(now))
            ORDER BY p.sort_key, r.id LIMIT 50
            """
        ) { try GridRole($0) }
    }

    /// Somebody who does something now or later; nil for who has ended.
    package static func find(_ id: ID<GridRole>, at now: Instant, _ tx: ReadTx) throws -> GridRole? {
        try tx.first(
            """
            SELECT \(GridRole.columns) FROM \(GridRole.tables)
            WHERE r.id = \(id) AND (r.valid_until IS NULL OR r.valid_until > \(now))
            """
        ) { try GridRole($0) }
    }

    private static func inside(_ division: DivisionCode) -> SQL {
        "r.division BETWEEN \(division.range.lowerBound) AND \(division.range.upperBound)"
    }

    /// Whether somebody of this name does the same at the same place in this time already; another phone is another person.
    static func isThere(
        _ kind: GridRoleKind, _ name: String, phone: PhoneNumber?, at place: ID<Place>?, from: Instant, until: Instant?,
        in division: DivisionCode, _ tx: ReadTx
    ) throws -> Bool {
        let samePhone = phone.map { phone -> SQL in "AND phone_mask IN ('', \(phone.masked))" } ?? ""
        let samePlace = place.map { place -> SQL in "place_id = \(place)" } ?? "place_id IS NULL"
        let before = until.map { until -> SQL in "AND valid_from < \(until)" } ?? ""
        return try tx.exists(
            """
            SELECT 1 FROM grid_role WHERE division = \(division) AND kind = \(kind) AND name = \(name) AND \(samePlace)
            AND (valid_until IS NULL OR valid_until > \(from)) \(before) \(samePhone)
            """)
    }

    /// Adds somebody; a phone is sealed.
    package static func insert(
        _ kind: GridRoleKind, _ name: String, phone: PhoneNumber? = nil, person: ID<Person>? = nil,
        account: ID<Account>? = nil, at place: ID<Place>?, from: Instant, until: Instant?,
        in division: DivisionCode, _ tx: WriteTx
    ) throws -> ID<GridRole> {
        let id = try tx.newID(GridRole.self)
        let sealed = try phone.map { try tx.seal($0.number, table: "grid_role", column: "phone_sealed", row: id) }
        try tx.execute(
            """
            INSERT INTO grid_role (id, division, kind, name, place_id, valid_from, valid_until, created_by, person_id,
                account_id, phone_sealed, phone_mask)
            VALUES (\(id), \(division), \(kind), \(name), \(place), \(from), \(until),
                \(tx.context.actor.account), \(person), \(account), \(sealed), \(phone?.masked ?? ""))
            """
        )
        try tx.audit(
            Subject("gridRole", id, division: division), fields: ["kind", "name", "place", "phone"],
            values: [name, phone?.number].compactMap { $0 }
        )
        return id
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

    /// Ends the work of whoever looks after some places, because those are there no more.
    static func end(at places: [ID<Place>], _ tx: WriteTx) throws {
        guard !places.isEmpty else { return }
        let here: SQL = """
            place_id IN \(SQL.list(places)) AND (valid_until IS NULL OR valid_until > \(tx.now))
            """
        let roles = try tx.all("SELECT id, division FROM grid_role WHERE \(here) ORDER BY id LIMIT 1000") {
            (id: try $0[0] as ID<GridRole>, division: try $0[1] as DivisionCode)
        }
        try tx.execute(
            "UPDATE grid_role SET valid_until = \(tx.now), ended_by = \(tx.context.actor.account) WHERE \(here)")
        for role in roles {
            try tx.audit(Subject("gridRole", role.id, division: role.division), fields: ["until", "placeEnded"])
        }
    }

    /// What stands in place of a name that is forgotten.
    static let nobody = "某某"

    /// Forgets whoever an entry of the register, or one that was merged into it, is about; what they still did ends.
    static func forget(_ person: ID<Person>, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE grid_role SET name = \(nobody), phone_sealed = NULL, phone_mask = '', account_id = NULL,
                person_id = NULL,
                valid_until = CASE WHEN valid_until IS NULL OR valid_until > \(tx.now) THEN \(tx.now)
                    ELSE valid_until END
            WHERE person_id = \(person) OR person_id IN (SELECT id FROM person WHERE merged_into = \(person))
            """)
    }

    /// Forgets those whose work ended longer ago than entries of people are kept; answers with how many.
    static func retire(_ keptDays: Int, _ context: Context, _ database: Database) async throws -> Int {
        guard keptDays > 0 else { return 0 }
        let before = context.now.adding(days: -keptDays)
        let old: SQL = "valid_until < \(before) AND name <> \(nobody)"
        let isAny = try await database.read { try $0.exists("SELECT 1 FROM grid_role WHERE \(old) LIMIT 1") }
        guard isAny else { return 0 }
        return try await database.write(context, "gridRoles.retire") { tx in
            let gone = try tx.execute(
                """
                UPDATE grid_role SET name = \(nobody), phone_sealed = NULL, phone_mask = '', account_id = NULL,
                    person_id = NULL
                WHERE \(old)
                """)
            try tx.audit(Subject("gridRole", 0), fields: ["forget×\(gone)"])
            return gone
        }
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

    /// Who they are in the registers, and how to call them.
    static let gridRolePhones = Migration(
        "2026-11-28.80-grid-role-phones",
        """
        ALTER TABLE grid_role ADD COLUMN person_id INTEGER REFERENCES person (id);
        ALTER TABLE grid_role ADD COLUMN account_id INTEGER REFERENCES account (id);
        ALTER TABLE grid_role ADD COLUMN phone_sealed BLOB;
        ALTER TABLE grid_role ADD COLUMN phone_mask TEXT NOT NULL DEFAULT '' CHECK (length(phone_mask) <= 40);
        CREATE INDEX grid_role_person ON grid_role (person_id) WHERE person_id IS NOT NULL;
        CREATE INDEX grid_role_until ON grid_role (valid_until) WHERE valid_until IS NOT NULL;
        """
    )
}
