import LinliCore
import LinliSQL

/// A column that holds the identifier of a stored file.
package struct FileColumn: Sendable, Hashable, Comparable {
    package let table: String
    package let column: String

    /// A column.
    package init(table: String, column: String) {
        self.table = table
        self.column = column
    }

    package static func < (left: FileColumn, right: FileColumn) -> Bool {
        (left.table, left.column) < (right.table, right.column)
    }
}

/// Who uses stored files: the schema is asked for every column that refers to them, so that no list can forget one.
package enum FileUses {
    /// Every column that refers to a stored file.
    package static func columns(_ tx: ReadTx) throws -> [FileColumn] {
        try tx.all(SQL.columnsReferring(to: "stored_file")) { FileColumn(table: try $0[0], column: try $0[1]) }.sorted()
    }

    /// Which of some files are used by anything.
    package static func used(
        _ files: [ID<StoredFile>], by columns: [FileColumn], _ tx: ReadTx
    ) throws -> Set<ID<StoredFile>> {
        guard !files.isEmpty else { return [] }
        var used: Set<ID<StoredFile>> = []
        for place in columns {
            let (table, column) = (SQL(stringLiteral: place.table), SQL(stringLiteral: place.column))
            try tx.each("SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IN \(SQL.list(files))") { row in
                used.insert(try row[0])
            }
        }
        return used
    }
}

/// Takes away files that nothing uses any more: first they are marked, and when nothing used them for the days of grace,
/// the row goes, and after the last row that has it the content (`FileSweep.removeContents`).
package struct FileSweep: Sendable {
    /// For how many days a file that nothing uses is kept.
    /// - Source: configured, no source
    package static let graceDays = 30

    let files: FileStore
    /// A content that came again within these seconds is left: whoever sent it is about to record it.
    let quietSeconds: Double

    /// A sweep of a store.
    package init(_ files: FileStore, quietSeconds: Double = 86_400) {
        self.files = files
        self.quietSeconds = quietSeconds
    }

    private struct Found: Sendable {
        let id: ID<StoredFile>
        let isMarked: Bool
        let isUsed: Bool
        let createdAt: Instant
    }

    /// Marks what nothing uses, and takes the mark off what is used again; in pages, each a write of its own where there
    /// is anything to write.
    package func mark(_ database: Database) async throws {
        let columns = try await database.read { try FileUses.columns($0) }
        guard !columns.isEmpty else { return }
        var last = ID<StoredFile>(rawValue: 0)
        while true {
            let context = Context.system("files.sweep", now: database.clock.now)
            let after = last
            let page = try await database.read { try FileSweep.page(after: after, context.now, $0) }
            guard let end = page.last?.id else { return }
            last = end
            let (marked, unmarked) = try await database.read { tx in try FileSweep.changes(page, columns, tx) }
            guard !marked.isEmpty || !unmarked.isEmpty else { continue }
            try await database.write(context, "files.unused") { tx in
                if !marked.isEmpty {
                    try tx.execute(
                        """
                        UPDATE stored_file SET unused_since = \(tx.now)
                        WHERE id IN \(SQL.list(marked)) AND unused_since IS NULL
                        """
                    )
                }
                if !unmarked.isEmpty {
                    try tx.execute("UPDATE stored_file SET unused_since = NULL WHERE id IN \(SQL.list(unmarked))")
                }
                for file in marked + unmarked { try tx.audit(Subject("file", file), fields: ["unused"]) }
            }
        }
    }

    /// The next files that are a day old: a form may take so long.
    private static func page(after last: ID<StoredFile>, _ now: Instant, _ tx: ReadTx) throws -> [Found] {
        try tx.all(
            """
            SELECT id, unused_since, is_used, created_at FROM stored_file
            WHERE id > \(last) AND created_at < \(now.adding(days: -1)) ORDER BY id LIMIT 500
            """
        ) { row in
            Found(id: try row[0], isMarked: !row.isNull(1), isUsed: try row[2], createdAt: try row[3])
        }
    }

    private static func changes(
        _ page: [Found], _ columns: [FileColumn], _ tx: ReadTx
    ) throws -> (marked: [ID<StoredFile>], unmarked: [ID<StoredFile>]) {
        let used = try FileUses.used(page.map(\.id), by: columns, tx)
        // Work of a phone that somebody has yet to decide names its pictures in sealed words: what came since the oldest of
        // it and was never used may be one of them.
        let undecided: Instant? = try tx.value(
            """
            SELECT taken_at FROM offline_entry WHERE outcome <> 'taken' AND settled_at IS NULL
            ORDER BY taken_at LIMIT 1
            """
        )
        var (marked, unmarked): ([ID<StoredFile>], [ID<StoredFile>]) = ([], [])
        for file in page {
            let mayBeNamed = !file.isUsed && (undecided.map { file.createdAt >= $0 } ?? false)
            let isFree = !used.contains(file.id) && !mayBeNamed
            if isFree, !file.isMarked { marked.append(file.id) }
            if !isFree, file.isMarked { unmarked.append(file.id) }
        }
        return (marked, unmarked)
    }

    /// Takes the next files away whose grace is over; returns how many there were. Their rows go first, in a transaction
    /// that touches no disk; what content nobody has any more is noted there and goes after the commit. What a crash leaves
    /// noted, the next run takes away.
    package func remove(_ database: Database, limit: Int = 50) async throws -> Int {
        let count = try await forget(database, limit: limit)
        try await removeContents(database)
        return count
    }

    /// Takes the rows away and notes the contents that are nobody's now.
    func forget(_ database: Database, limit: Int = 50) async throws -> Int {
        let context = Context.system("files.sweep", now: database.clock.now)
        let latest = context.now.adding(days: -FileSweep.graceDays)
        let due = try await database.read { tx in
            try tx.all(
                """
                SELECT id, hash FROM stored_file WHERE unused_since < \(latest) ORDER BY unused_since, id LIMIT \(limit)
                """
            ) { (id: try $0[0] as ID<StoredFile>, hash: try $0[1] as String) }
        }
        // What came again just now waits until who sent it has recorded it. The disk is asked before the transaction.
        let waiting = Set(try due.map { $0.hash }.filter { try files.cameAgain($0, withinSeconds: quietSeconds) })
        guard !due.isEmpty else { return 0 }
        return try await database.write(context, "files.remove") { tx in
            let used = try FileUses.used(due.map { $0.id }, by: try FileUses.columns(tx), tx)
            var count = 0
            for file in due {
                guard try tx.exists("SELECT 1 FROM stored_file WHERE id = \(file.id)") else { continue }
                let isShared = try tx.exists(
                    "SELECT 1 FROM stored_file WHERE hash = \(file.hash) AND id <> \(file.id) LIMIT 1")
                if !isShared, waiting.contains(file.hash) { continue }
                try tx.audit(Subject("file", file.id), fields: ["content"])
                count += 1
                if used.contains(file.id) {
                    try tx.execute("UPDATE stored_file SET unused_since = NULL WHERE id = \(file.id)")
                    continue
                }
                try tx.execute("DELETE FROM stored_file WHERE id = \(file.id)")
                if !isShared { try tx.execute(FileSweep.note(file.hash, at: tx.now)) }
            }
            if count == 0 { try tx.audit(Subject("file", 0), fields: ["content"]) }
            return count
        }
    }
}

extension JobKind {
    /// The jobs of stored files.
    package static func files(_ files: FileStore) -> [JobKind] {
        [
            JobKind("files.sweep", everySeconds: 86_400) { run in
                let sweep = FileSweep(files)
                try await sweep.mark(run.database)
                while try await sweep.remove(run.database) > 0 {}
                try await sweep.noteLeftovers(run.database)
                try await sweep.removeContents(run.database)
            }
        ]
    }
}
