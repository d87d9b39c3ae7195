import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Both engines hold the same tables: columns with their types, what may be empty, keys, unique rules, foreign keys and
/// indexes. Only the full-text table differs, by name.
@Suite("两个数据库结构一样")
struct SchemaTests {
    @Test("表、列、类型、可空、主键、唯一、外键和索引一样") func equal() async throws {
        guard TestEngine.enabled.contains(.postgres) else { return }
        let sqlite = try await shape(.sqlite, Self.sqlite)
        let postgres = try await shape(.postgres, Self.postgres)
        #expect(sqlite.count > 250)
        #expect(sqlite.subtracting(postgres).sorted() == [])
        #expect(postgres.subtracting(sqlite).sorted() == [])
        for kind in ["column", "index", "unique", "key", "foreign"] {
            #expect(sqlite.contains { $0.hasPrefix(kind + " ") }, "no \(kind) was compared")
        }
    }

    private func shape(_ engine: TestEngine, _ queries: [SQL]) async throws -> Set<String> {
        try await withHouse(engine, isEmpty: true) { house in
            try await house.services.database.read { tx in
                var found: Set<String> = []
                for query in queries { found.formUnion(try tx.all(query) { try $0[0] as String }) }
                return found
            }
        }
    }

    private static let sqlite: [SQL] = [
        """
        SELECT 'column ' || m.name || '.' || c.name || ' '
            || CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea'
                WHEN 'REAL' THEN 'double precision' ELSE c.type END
            || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END
        FROM sqlite_schema m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '%_search%'
        """,
        """
        SELECT 'key ' || m.name || ' ' || group_concat(c.name, ',')
        FROM sqlite_schema m JOIN (SELECT * FROM sqlite_schema) s ON s.name = m.name
        JOIN pragma_table_info(m.name) c ON c.pk > 0
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '%_search%'
        GROUP BY m.name
        """,
        """
        SELECT CASE i.origin WHEN 'u' THEN 'unique ' || m.name ELSE 'index ' || i.name END || ' '
            || (SELECT group_concat(x.name, ',') FROM (
                SELECT x.name FROM pragma_index_info(i.name) x ORDER BY x.seqno) x)
            || CASE WHEN i."unique" = 1 AND i.origin = 'c' THEN ' unique' ELSE '' END
            || CASE WHEN i.partial = 1 THEN ' partial' ELSE '' END
        FROM sqlite_schema m JOIN pragma_index_list(m.name) i
        WHERE m.type = 'table' AND i.origin <> 'pk' AND m.name NOT LIKE '%_search%'
        """,
        """
        SELECT 'foreign ' || m.name || '.' || f."from" || ' ' || f."table" || '.' || f."to"
        FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' AND m.name NOT LIKE '%_search%'
        """,
    ]

    private static let postgres: [SQL] = [
        """
        SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
            || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%_search%'
        """,
        """
        SELECT 'key ' || t.relname || ' ' || string_agg(a.attname, ',' ORDER BY a.attnum)
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (k.conkey)
        WHERE k.contype = 'p' AND k.connamespace = 'public'::regnamespace AND t.relname NOT LIKE '%_search%'
        GROUP BY t.relname
        """,
        """
        SELECT CASE WHEN k.contype = 'u' THEN 'unique ' || t.relname ELSE 'index ' || c.relname END || ' '
            || (SELECT string_agg(a.attname, ',' ORDER BY p.place)
                FROM unnest(i.indkey) WITH ORDINALITY AS p (number, place)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = p.number)
            || CASE WHEN i.indisunique AND k.contype IS NULL THEN ' unique' ELSE '' END
            || CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('u', 'p')
        WHERE t.relnamespace = 'public'::regnamespace AND NOT i.indisprimary AND t.relname NOT LIKE '%_search%'
        """,
        """
        SELECT 'foreign ' || t.relname || '.' || a.attname || ' ' || o.relname || '.' || b.attname
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
        JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
        """,
    ]
}
