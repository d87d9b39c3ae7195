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

    private static func translate(_ script: String) -> String {
        let words = ["INTEGER": "BIGINT", "REAL": "DOUBLE PRECISION", "BLOB": "BYTEA", "STRICT": ""]
        var output = ""
        var word = ""
        func flush() {
            output += words[word] ?? word
            word = ""
        }
        for character in script {
            if character.isLetter || character == "_" || character.isNumber {
                word.append(character)
            } else {
                flush()
                output.append(character)
            }
        }
        flush()
        return output
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
    /// - Throws: `SQLError.failed` when a released step was edited or the store is newer than the program.
    package func migrate(_ engine: any Engine) async throws -> [String] {
        let table = Migration(
            "0",
            """
            CREATE TABLE IF NOT EXISTS schema_step (
                id TEXT NOT NULL PRIMARY KEY,
                checksum INTEGER NOT NULL
            ) STRICT;
            """
        )
        try await engine.write(.serializable) { try $0.run(script: table.text(for: $0.dialect)) }
        let done = try await engine.read { connection in
            try connection.all("SELECT id, checksum FROM schema_step") { row -> (String, Int64) in
                (try row[0], try row[1])
            }
        }
        let recorded = Dictionary(uniqueKeysWithValues: done)
        try check(recorded)
        var ran: [String] = []
        for step in migrations where recorded[step.id] == nil {
            try await engine.write(.serializable) { connection in
                try connection.run(script: step.text(for: connection.dialect))
                try connection.execute(
                    "INSERT INTO schema_step (id, checksum) VALUES (\(step.id), \(step.checksum))"
                )
            }
            ran.append(step.id)
        }
        return ran
    }

    private func check(_ recorded: [String: Int64]) throws {
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.id, $0.checksum) })
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
