/// One step of the schema, frozen once released.
///
/// The text is written once, in SQLite's words: tables end in `STRICT`, columns are INTEGER, TEXT, REAL or BLOB;
/// PostgreSQL reads BIGINT, TEXT, DOUBLE PRECISION and BYTEA. What only one engine has (full-text tables) goes into
/// `sqlite` and `postgres`.
package struct Migration: Sendable {
    /// `2026-11-22.1-cases`: the date orders all steps of all features, ties by id.
    package let id: String
    /// The statements, the same for both engines.
    package let script: String
    /// More statements for SQLite alone.
    package let sqlite: String
    /// More statements for PostgreSQL alone.
    package let postgres: String

    /// A step of the schema.
    package init(_ id: String, _ script: String, sqlite: String = "", postgres: String = "") {
        self.id = id
        self.script = script
        self.sqlite = sqlite
        self.postgres = postgres
    }

    /// The text as `dialect` takes it.
    package func text(for dialect: Dialect) -> String {
        switch dialect {
        case .sqlite: script + "\n" + sqlite
        case .postgres: Migration.translate(script) + "\n" + postgres
        }
    }

    /// A digest of the step: a released step that changed is refused.
    package var checksum: Int64 {
        // FNV-1a: it finds accidents, and needs no cryptography in this module.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in (script + sqlite + postgres).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int64(bitPattern: hash)
    }

    /// Whether a rule of the step waits for COMMIT: forbidden, because one job's broken rule would then fail the COMMIT
    /// that many share.
    package var defersConstraints: Bool {
        let words = (script + " " + sqlite + " " + postgres).uppercased()
            .split { !($0.isLetter || $0 == "_") }
        return words.contains { $0 == "DEFERRABLE" || $0 == "DEFERRED" || $0 == "DEFER_FOREIGN_KEYS" }
    }

    /// SQLite's words as PostgreSQL's, outside of quotes and comments.
    private static func translate(_ script: String) -> String {
        var output = ""
        var isQuoted = false
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            var previous = Substring()
            for piece in pieces(of: line) {
                if piece == "--", !isQuoted { break }
                if piece == "'" { isQuoted.toggle() }
                output += isQuoted ? String(piece) : word(piece, after: previous)
                if piece != " " { previous = piece }
            }
            output += "\n"
        }
        return output
    }

    /// Text sorts by bytes, as SQLite does, whatever the database's own collation is.
    private static func word(_ word: Substring, after previous: Substring) -> String {
        switch word {
        case "INTEGER": "BIGINT"
        case "REAL": "DOUBLE PRECISION"
        case "BLOB": "BYTEA"
        case "TEXT": previous == "AS" ? "TEXT" : "TEXT COLLATE \"C\""
        case "STRICT": ""
        default: String(word)
        }
    }

    /// Words, `--`, and every other character alone.
    private static func pieces(of line: Substring) -> [Substring] {
        var pieces: [Substring] = []
        var rest = line
        while !rest.isEmpty {
            var piece = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if piece.isEmpty { piece = rest.prefix(rest.hasPrefix("--") ? 2 : 1) }
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

/// Brings a store up to date and says what it did.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    /// A migrator for `migrations` of every feature, in any order.
    package init(_ migrations: [Migration]) {
        self.migrations = migrations.sorted { $0.id < $1.id }
    }

    /// Runs what is missing, each step in a transaction of its own, and returns the ids that ran.
    ///
    /// Several nodes may start at once: they take turns, and each step runs once.
    ///
    /// - Throws: `SQLError.failed` when a released step was edited or the store is newer than the program.
    package func migrate(_ engine: any Engine) async throws -> [String] {
        try await engine.write(.claim) { connection in
            let dialect = connection.dialect
            try connection.run(script: Migrator.takeTurn(dialect) + Migrator.table.text(for: dialect))
        }
        let done = try await engine.read { connection in
            try connection.all("SELECT id, checksum FROM schema_step") { row -> (String, Int64) in
                (try row[0], try row[1])
            }
        }
        let recorded = Dictionary(uniqueKeysWithValues: done)
        try check(recorded)
        var ran: [String] = []
        for step in migrations where recorded[step.id] == nil {
            if try await run(step, on: engine) { ran.append(step.id) }
        }
        return ran
    }

    /// Whether any step ever ran on a store; false for an empty one.
    package func hasBegun(_ engine: any Engine) async throws -> Bool {
        try await engine.read { connection in
            guard try connection.exists(SQL.tableNamed("schema_step")) else { return false }
            return try connection.exists("SELECT 1 FROM schema_step")
        }
    }

    private static let table = Migration(
        "0",
        """
        CREATE TABLE IF NOT EXISTS schema_step (
            id TEXT NOT NULL PRIMARY KEY,
            checksum INTEGER NOT NULL
        ) STRICT;
        """
    )

    /// PostgreSQL: waits, as long as it takes, until no other node migrates. SQLite has one writer.
    private static func takeTurn(_ dialect: Dialect) -> String {
        switch dialect {
        case .sqlite: ""
        case .postgres:
            """
            SET LOCAL statement_timeout = 0;
            SET LOCAL lock_timeout = 0;
            SELECT pg_advisory_xact_lock(5287541206430117);

            """
        }
    }

    /// READ COMMITTED, so that what another node did while this one waited for its turn is seen.
    private func run(_ step: Migration, on engine: any Engine) async throws -> Bool {
        try await engine.write(.claim) { connection in
            try connection.run(script: Migrator.takeTurn(connection.dialect))
            guard try !connection.exists("SELECT 1 FROM schema_step WHERE id = \(step.id)") else { return false }
            try connection.run(script: step.text(for: connection.dialect))
            try connection.execute("INSERT INTO schema_step (id, checksum) VALUES (\(step.id), \(step.checksum))")
            return true
        }
    }

    private func check(_ recorded: [String: Int64]) throws {
        let known = Dictionary(migrations.map { ($0.id, $0.checksum) }, uniquingKeysWith: { first, _ in first })
        guard known.count == migrations.count else { throw SQLError.failed("two steps of the schema share an id") }
        for (id, checksum) in recorded.sorted(by: { $0.key < $1.key }) {
            guard let expected = known[id] else {
                throw SQLError.failed("the store has step \(id), which this program does not know: use a newer program")
            }
            guard expected == checksum else {
                throw SQLError.failed("step \(id) was changed after it ran: released steps are frozen")
            }
        }
    }
}
