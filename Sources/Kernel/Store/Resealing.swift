import LinliCore
import LinliSQL

/// A column of sealed values and the key of its rows: the schema is asked, so that no list can forget one.
package struct SealedColumn: Sendable, Hashable, Comparable {
    /// The table.
    package let table: String
    /// The column, whose name ends in `_sealed`.
    package let column: String
    /// The primary key, whose value binds a sealed value to its row.
    package let key: String

    /// A column.
    package init(table: String, column: String, key: String) {
        self.table = table
        self.column = column
        self.key = key
    }

    package static func < (left: SealedColumn, right: SealedColumn) -> Bool {
        (left.table, left.column) < (right.table, right.column)
    }
}

/// Encrypting everything again with the newest master key while the server goes on: in chunks, each a write of its own
/// with its audit entry, that can be stopped and begun again. Values that live for an hour or some days (kept forms, sheets
/// being looked at, replies for repeated requests) are left to run out.
package enum Resealing {
    /// Every column of sealed values the store has.
    package static func columns(_ tx: ReadTx) throws -> [SealedColumn] {
        try tx.all(SQL.columnsWithKeys(endingIn: "_sealed")) { row in
            SealedColumn(table: try row[0], column: try row[1], key: try row[2])
        }.sorted()
    }

    /// What a chunk did.
    package struct Chunk: Sendable {
        /// The last row it looked at; nil when there was none left.
        package let last: Int64?
        /// How many values it sealed again.
        package let count: Int
    }

    /// Looks at the next rows of a column and seals again what an older key sealed. What somebody changes meanwhile is
    /// left as they left it.
    package static func chunk(
        _ column: SealedColumn, after: Int64, limit: Int = 500, _ context: Context, _ database: Database
    ) async throws -> Chunk {
        let (table, name, key) = (
            SQL(stringLiteral: column.table), SQL(stringLiteral: column.column), SQL(stringLiteral: column.key)
        )
        let rows = try await database.read { tx in
            try tx.all(
                """
                SELECT \(key), \(name) FROM \(table) WHERE \(key) > \(after) AND \(name) IS NOT NULL
                ORDER BY \(key) LIMIT \(limit)
                """
            ) { row -> (id: Int64, sealed: [UInt8]) in (try row[0], try row[1]) }
        }
        let keys = database.keys
        let fresh = try rows.filter { $0.sealed.first != keys.newest }.map { id, sealed in
            let cell = Cell(column.table, column.column, id)
            return (id: id, old: sealed, new: try keys.seal(try keys.open(sealed, cell: cell), cell: cell))
        }
        if !fresh.isEmpty {
            try await database.write(context, "keys.reseal") { tx in
                for row in fresh {
                    try tx.execute(
                        "UPDATE \(table) SET \(name) = \(row.new) WHERE \(key) = \(row.id) AND \(name) = \(row.old)")
                }
                try tx.audit(Subject("keys", Int64(keys.newest)), fields: [column.table + "." + column.column])
            }
        }
        return Chunk(last: rows.last?.id, count: fresh.count)
    }

    /// Seals everything again; answers with how many values that were. Called again it goes on where it stopped.
    package static func all(
        _ context: Context, _ database: Database, progress: @Sendable (SealedColumn, Int) -> Void = { _, _ in }
    ) async throws -> Int {
        database.keys.renew()
        let columns = try await database.read { try self.columns($0) }
        var total = 0
        for column in columns {
            var (after, count): (Int64, Int) = (Int64.min, 0)
            while true {
                let chunk = try await chunk(column, after: after, context, database)
                count += chunk.count
                guard let last = chunk.last else { break }
                after = last
            }
            progress(column, count)
            total += count
        }
        return total
    }
}
