import LinliCore
import LinliSQL

/// Copies of the whole store. Nothing is read in clear by one, and everything leaves with it: so the audit says when, where
/// to and by whom on the machine.
package enum StoreCopies {
    /// What the audit calls everything there is.
    private static let everything = ["everything"]

    /// Notes that the store is about to be copied; committed before the copy is made, so that the copy has it, too.
    package static func leaving(to folder: String, by user: String, _ database: Database) async throws {
        let reason = words(folder, user)
        try await database.write(.system("backup", now: database.clock.now), "store.backup", reason: reason) { tx in
            try tx.audit(Subject("store", 0), fields: everything)
        }
    }

    /// Notes that this store is a copy that was brought back.
    package static func broughtBack(from folder: String, by user: String, _ database: Database) async throws {
        let reason = words(folder, user)
        try await database.write(.system("restore", now: database.clock.now), "store.restore", reason: reason) { tx in
            try tx.audit(Subject("store", 0), fields: everything)
        }
    }

    /// A sealed value as it lies in a store or in a copy of one.
    package struct SealedValue: Sendable, Equatable {
        let cell: Cell
        let sealed: [UInt8]

        /// A sealed value of a column, in a row.
        package init(_ column: ProofColumn, row: Int64, _ sealed: [UInt8]) {
            cell = Cell(column.table, column.name, row)
            self.sealed = sealed
        }
    }

    /// A column that a key is tried on.
    package struct ProofColumn: Sendable {
        /// Its table, whose key is `id`.
        package let table: String
        /// Its name.
        package let name: String

        /// What a key is tried on: what was sealed for this, whatever else a store holds, and the phones of its accounts.
        package static let all = [
            ProofColumn(table: "key_proof", name: "value"), ProofColumn(table: "account", name: "phone_sealed"),
        ]
    }

    /// The first and the last sealed values of a store as it lies there, of any age; none when it is no store of ours.
    package static func values(_ engine: any Engine) async throws -> [SealedValue] {
        try await engine.read { connection in
            try ProofColumn.all.flatMap { column -> [SealedValue] in
                guard try connection.exists(SQL.tableNamed(column.table)) else { return [] }
                let (table, name) = (SQL(stringLiteral: column.table), SQL(stringLiteral: column.name))
                let ends: [SQL] = [
                    "SELECT id, \(name) FROM \(table) ORDER BY id LIMIT 100",
                    "SELECT id, \(name) FROM \(table) ORDER BY id DESC LIMIT 100",
                ]
                return try ends.flatMap { end in
                    try connection.all(end) { SealedValue(column, row: try $0[0], try $0[1]) }
                }
            }
        }
    }

    /// Whether keys open what was sealed, the newest as well as the oldest: a sheet from before a rotation does not.
    package static func fits(_ keys: KeyRing, _ values: [SealedValue]) -> Bool {
        values.allSatisfy { value in
            // Any failure to open means the same: it is not this key.
            (try? keys.open(value.sealed, cell: value.cell)) != nil
        }
    }

    /// Seals a word with the newest key, once for each: a copy of a store that nobody has signed in to yet tells its own key
    /// from others by it. Keys that do not open what the store holds leave none.
    package static func proveKeys(_ database: Database) async throws {
        let keys = database.keys
        let newest = Int64(keys.newest)
        let isProved = try await database.read { try $0.exists("SELECT 1 FROM key_proof WHERE id = \(newest)") }
        guard !isProved, fits(keys, try await values(database.engine)) else { return }
        let sealed = try keys.seal("linli", cell: Cell("key_proof", "value", newest))
        try await database.system(.claim) { tx in
            _ = try tx.execute(
                "INSERT INTO key_proof (id, value) VALUES (\(newest), \(sealed)) ON CONFLICT (id) DO NOTHING")
        }
    }

    /// Adds a master key, which `add` writes to where the keys are kept, and proves it before anybody goes on: a copy that is
    /// made, or brought back, before the next start tells the new key from others, too. Answers with how many there are.
    ///
    /// - Throws: a fault for keys that do not open what the store holds, which are not added to, and for a key that did not
    ///   come.
    package static func rotate(_ database: Database, adding add: () throws -> Int) async throws -> Int {
        guard fits(database.keys, try await values(database.engine)) else {
            throw LinliError.fault(
                "keys.foreign", "the master key does not open what the store holds: no key was added to it")
        }
        let count = try add()
        database.keys.renew()
        guard Int(database.keys.newest) == count else {
            throw LinliError.fault("keys.renew", "master key \(count) was added and cannot be read again")
        }
        try await proveKeys(database)
        return count
    }

    private static func words(_ folder: String, _ user: String) -> String {
        "\(user.prefix(60)): \(folder.suffix(400))"
    }
}

extension Migration {
    /// A word sealed with each master key that was the newest, by its number. It stays sealed with that key.
    static let keyProofs = Migration(
        "2026-12-01.15-key-proofs",
        """
        CREATE TABLE key_proof (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id BETWEEN 1 AND 255),
            value BLOB NOT NULL CHECK (length(value) <= 100)
        ) STRICT;
        """
    )
}
