import LinliCore
import LinliSQL
import Synchronization

/// A version of a division: a code, its name, and from when to when it holds.
package struct Division: Sendable {
    /// Its code.
    package let code: DivisionCode
    /// Its level.
    package let level: DivisionCode.Level
    /// Its name, `东华门街道`.
    package let name: String
    /// The wider division it belongs to.
    package let parent: DivisionCode?
    /// Whether the code was made up here and is not an official one.
    package let isSynthetic: Bool

    static let columns: SQL = "d.code, d.level, d.name, d.parent, d.is_synthetic"

    init(_ row: Row) throws {
        code = try row[0]
        level = DivisionCode.Level(rawValue: try row[1]) ?? .grid
        name = try row[2]
        parent = try row[3]
        isSynthetic = try row[4]
    }
}

/// A division to add or to change.
package struct NewDivision: Sendable {
    package var code: DivisionCode
    package var level: DivisionCode.Level
    package var name: String
    package var isSynthetic: Bool

    /// A division; its parent follows from the code unless the table says otherwise.
    package init(code: DivisionCode, level: DivisionCode.Level, name: String, isSynthetic: Bool) {
        self.code = code
        self.level = level
        self.name = name
        self.isSynthetic = isSynthetic
    }
}

/// Every SQL text about divisions.
package enum DivisionsStore {
    /// The version of a division in force at `now`.
    package static func find(_ code: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> Division? {
        try tx.first(
            "SELECT \(Division.columns) FROM division d WHERE d.code = \(code) AND \(inForce(now))"
        ) { try Division($0) }
    }

    /// The divisions directly inside another one.
    package static func children(of code: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> [Division] {
        try tx.all(
            """
            SELECT \(Division.columns) FROM division d
            WHERE d.parent = \(code) AND \(inForce(now)) ORDER BY d.code LIMIT 1000
            """
        ) { try Division($0) }
    }

    /// The divisions that lie in no other: who holds a duty over all of them holds it over the whole deployment.
    package static func tops(at now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        try tx.all("SELECT d.code FROM division d WHERE d.parent IS NULL AND \(inForce(now)) ORDER BY d.code LIMIT 100")
        {
            try $0[0]
        }
    }

    /// The districts inside a division that is wider than one, however many levels lie between.
    package static func districts(in code: DivisionCode, at now: Instant, _ tx: ReadTx) throws -> [DivisionCode] {
        try children(of: code, at: now, tx).flatMap { child in
            child.code.level < .district && child.code != code
                ? try districts(in: child.code, at: now, tx) : [child.code]
        }.filter { $0.level == .district }
    }

    /// Every division in force.
    package static func all(at now: Instant, _ tx: ReadTx) throws -> [Division] {
        try tx.all("SELECT \(Division.columns) FROM division d WHERE \(inForce(now)) ORDER BY d.code") {
            try Division($0)
        }
    }

    /// Every code that any version of any division ever had.
    package static func everUsed(_ tx: ReadTx) throws -> Set<DivisionCode> {
        Set(try tx.all("SELECT DISTINCT code FROM division") { try $0[0] })
    }

    /// Adds divisions, or a new version where name or level changed, from now or a later moment on; returns how many rows
    /// were written. Repeating an import writes nothing.
    package static func put(
        _ divisions: [NewDivision], source: String, from: Instant? = nil, _ tx: WriteTx
    ) throws -> Int {
        var written = 0
        let from = from ?? tx.now
        for division in divisions {
            let current = try find(division.code, at: from, tx)
            if let current {
                guard current.name != division.name || current.level != division.level else { continue }
                try tx.execute(
                    "UPDATE division SET valid_until = \(from) WHERE code = \(division.code) AND valid_until IS NULL"
                )
            }
            try tx.execute(
                """
                INSERT INTO division (code, level, name, parent, is_synthetic, source, valid_from)
                VALUES (\(division.code), \(division.level.rawValue), \(division.name), \(division.code.parent),
                    \(division.isSynthetic), \(source), \(from))
                """
            )
            written += 1
        }
        if written > 0 { try tx.raise(.divisions) }
        try tx.audit(Subject("division", divisions.first?.code.rawValue ?? 0), fields: ["name", "level"])
        return written
    }

    /// Ends a division, now or at a later moment; `successor` takes it over.
    package static func end(
        _ code: DivisionCode, successor: DivisionCode, from: Instant? = nil, _ tx: WriteTx
    ) throws {
        let changed = try tx.execute(
            """
            UPDATE division SET valid_until = \(from ?? tx.now), successor = \(successor)
            WHERE code = \(code) AND valid_until IS NULL
            """
        )
        guard changed == 1 else { throw LinliError.notFound("divisions.unknown") }
        try tx.raise(.divisions)
        try tx.audit(Subject("division", code.rawValue, division: code), fields: ["successor"])
    }

    /// The code that a code of any year leads to today.
    package static func current(_ code: DivisionCode, _ tx: ReadTx) throws -> DivisionCode {
        var code = code
        // A chain of mergers longer than this is a mistake in the table.
        for _ in 0..<20 {
            guard
                let successor: DivisionCode = try tx.value(
                    """
                    SELECT successor FROM division WHERE code = \(code) AND successor IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM division n WHERE n.code = \(code) AND n.valid_until IS NULL)
                    ORDER BY valid_until DESC LIMIT 1
                    """
                )
            else { return code }
            code = successor
        }
        return code
    }

    /// Takes back what was to change in the grids of a community at a later moment.
    static func withdraw(in community: DivisionCode, from: Instant, _ tx: WriteTx) throws {
        let inside: SQL = "parent = \(community) AND level = \(DivisionCode.Level.grid.rawValue)"
        try tx.execute("DELETE FROM division WHERE \(inside) AND valid_from = \(from)")
        try tx.execute(
            "UPDATE division SET valid_until = NULL, successor = NULL WHERE \(inside) AND valid_until = \(from)"
        )
        try tx.raise(.divisions)
        try tx.audit(Subject("division", community.rawValue, division: community), fields: ["name", "successor"])
    }

    private static func inForce(_ now: Instant) -> SQL {
        "d.valid_from <= \(now) AND (d.valid_until IS NULL OR d.valid_until > \(now))"
    }
}

/// The names of divisions, kept in memory because every row of every list shows one.
package final class DivisionNames: Sendable {
    private let names = Mutex<[DivisionCode: String]>([:])
    private let codes = Mutex<[String: [DivisionCode]]>([:])
    private let first = Mutex<DivisionCode?>(nil)

    /// Knows nothing until `load`.
    package init() {}

    /// Reads all names in force.
    package func load(_ database: Database) async throws {
        let now = database.clock.now
        let (divisions, committee) = try await database.read { tx in
            (try DivisionsStore.all(at: now, tx), try UnitsStore.firstCommittee(tx))
        }
        let table = Dictionary(divisions.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        // Grids are numbered; nobody says them in an address.
        let called = Dictionary(grouping: divisions.filter { $0.level < .grid }, by: \.name)
            .mapValues { $0.map(\.code) }
        names.withLock { $0 = table }
        codes.withLock { $0 = called }
        first.withLock { $0 = committee }
    }

    /// What the place is called to visitors who are at home nowhere yet: its first community; empty before there is one.
    package var home: String { first.withLock { $0 }.map { self[$0] } ?? "" }

    /// The name of one division; its digits when the table does not have it.
    package subscript(code: DivisionCode) -> String {
        names.withLock { $0[code] } ?? code.short
    }

    /// The name of one division; nil when the table does not have it.
    package func known(_ code: DivisionCode) -> String? { names.withLock { $0[code] } }

    /// The divisions of a name, from provinces to communities.
    package func codes(called name: String) -> [DivisionCode] { codes.withLock { $0[name] } ?? [] }

    /// Community and grid in one line, `幸福里社区 第2网格`.
    package func place(_ code: DivisionCode) -> String {
        let community = self[code.ancestor(at: .community)]
        return code.level == .grid ? community + " " + self[code] : community
    }
}

extension Migration {
    /// Divisions with their versions, and the polygons of grids.
    static let divisions = Migration(
        "2026-11-22.08-divisions",
        """
        CREATE TABLE division (
            code INTEGER NOT NULL,
            level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 6),
            name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
            parent INTEGER,
            is_synthetic INTEGER NOT NULL CHECK (is_synthetic IN (0, 1)),
            source TEXT NOT NULL CHECK (length(source) <= 120),
            valid_from INTEGER NOT NULL,
            valid_until INTEGER,
            successor INTEGER,
            PRIMARY KEY (code, valid_from)
        ) STRICT;
        CREATE UNIQUE INDEX division_current ON division (code) WHERE valid_until IS NULL;
        CREATE INDEX division_parent ON division (parent);
        CREATE TABLE grid_area (
            division INTEGER NOT NULL PRIMARY KEY,
            geometry TEXT NOT NULL CHECK (length(geometry) <= 200000),
            version INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE grid_tile (
            tile INTEGER NOT NULL,
            division INTEGER NOT NULL REFERENCES grid_area (division),
            PRIMARY KEY (tile, division)
        ) STRICT;
        """
    )
}
