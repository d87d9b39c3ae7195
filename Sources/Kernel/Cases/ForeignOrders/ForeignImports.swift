import LinliCore
import LinliSQL

/// Under which divisions an import of official results is found: those its results lie in, and all that hold them. So the
/// newest imports of a division are read without its results.
enum ForeignImports {
    /// The moments of the newest imports with results inside of any of some divisions.
    static func newest(in divisions: [DivisionCode], limit: Int, _ tx: ReadTx) throws -> [Instant] {
        var moments: Set<Instant> = []
        for division in divisions {
            let found: [Instant] = try tx.all(
                """
                SELECT imported_at FROM foreign_import WHERE area = \(division)
                ORDER BY imported_at DESC LIMIT \(limit)
                """
            ) { try $0[0] }
            moments.formUnion(found)
        }
        return Array(moments.sorted(by: >).prefix(limit))
    }

    /// The moments of the imports that an order's results came with.
    static func moments(_ system: String, _ number: String, _ tx: ReadTx) throws -> [Instant] {
        try tx.all(
            """
            SELECT imported_at FROM foreign_result WHERE system = \(system) AND number = \(number)
            ORDER BY month LIMIT 50
            """
        ) { try $0[0] }
    }

    /// Files an import under the divisions of its results.
    static func file(_ moment: Instant, _ tx: WriteTx) throws {
        let divisions: [DivisionCode] = try tx.all(
            "SELECT DISTINCT division FROM foreign_result WHERE imported_at = \(moment)"
        ) { try $0[0] }
        try put(moment, under: divisions, tx)
    }

    /// Results of a case lie where the case lies now.
    static func follow(_ item: ID<Case>, _ tx: WriteTx) throws {
        let rows: [(moment: Instant, division: DivisionCode)] = try tx.all(
            "SELECT imported_at, division FROM foreign_result WHERE case_id = \(item) ORDER BY id LIMIT 50"
        ) { (moment: try $0[0], division: try $0[1]) }
        for row in rows { try put(row.moment, under: [row.division], tx) }
        try tidy(Set(rows.map { $0.moment }), tx)
    }

    /// Takes away where nothing of an import holds any more.
    static func tidy(_ moments: Set<Instant>, _ tx: WriteTx) throws {
        for moment in moments.sorted() {
            try tx.execute(
                """
                DELETE FROM foreign_import WHERE imported_at = \(moment) AND NOT EXISTS (
                    SELECT 1 FROM foreign_result o WHERE o.imported_at = foreign_import.imported_at
                    AND o.division BETWEEN foreign_import.area AND foreign_import.area_last)
                """
            )
        }
    }

    private static func put(_ moment: Instant, under divisions: [DivisionCode], _ tx: WriteTx) throws {
        var areas: Set<DivisionCode> = []
        for division in divisions {
            for level in DivisionCode.Level.allCases where level <= division.level {
                areas.insert(division.ancestor(at: level))
            }
        }
        for area in areas.sorted() {
            try tx.execute(
                """
                INSERT INTO foreign_import (area, area_last, imported_at)
                VALUES (\(area), \(area.range.upperBound), \(moment)) ON CONFLICT (area, imported_at) DO NOTHING
                """
            )
        }
    }
}

extension Migration {
    /// Where imports of official results are found; those that were there are filed by where their results lie, under
    /// every level down to that of the result.
    static let foreignImports = Migration(
        "2026-12-02.11-foreign-imports",
        """
        CREATE TABLE foreign_import (
            area INTEGER NOT NULL,
            area_last INTEGER NOT NULL,
            imported_at INTEGER NOT NULL,
            PRIMARY KEY (area, imported_at)
        ) STRICT;
        CREATE INDEX foreign_import_moment ON foreign_import (imported_at);
        CREATE INDEX foreign_result_import_place ON foreign_result (imported_at, division);
        DROP INDEX foreign_result_imported;
        INSERT INTO foreign_import (area, area_last, imported_at)
        SELECT DISTINCT division / 10000000000000 * 10000000000000,
            division / 10000000000000 * 10000000000000 + 9999999999999, imported_at FROM foreign_result
        UNION SELECT division / 100000000000 * 100000000000,
            division / 100000000000 * 100000000000 + 99999999999, imported_at FROM foreign_result
            WHERE division / 100000000000 * 100000000000 <> division / 10000000000000 * 10000000000000
        UNION SELECT division / 1000000000 * 1000000000,
            division / 1000000000 * 1000000000 + 999999999, imported_at FROM foreign_result
            WHERE division / 1000000000 * 1000000000 <> division / 100000000000 * 100000000000
        UNION SELECT division / 1000000 * 1000000,
            division / 1000000 * 1000000 + 999999, imported_at FROM foreign_result
            WHERE division / 1000000 * 1000000 <> division / 1000000000 * 1000000000
        UNION SELECT division / 1000 * 1000,
            division / 1000 * 1000 + 999, imported_at FROM foreign_result
            WHERE division / 1000 * 1000 <> division / 1000000 * 1000000
        UNION SELECT division, division, imported_at FROM foreign_result WHERE division <> division / 1000 * 1000;
        """
    )
}
