import Foundation
import LinliSQL

/// Backup and restore by PostgreSQL's own `pg_dump` and `pg_restore`, in their custom format.
///
/// An own container of `COPY` data was weighed against it and lost: it could only be read by the program that wrote it,
/// into a schema of exactly that release, and would have to sort tables by foreign key. The custom format carries the
/// schema it was written with, is one consistent snapshot taken while others write, is compressed, and an operator can
/// look into it and restore it by hand when Linli does not start any more. The price is that `postgresql-client` of the
/// server's version (or newer) is installed where `linli backup` runs.
extension PostgresEngine {
    /// Writes a consistent copy of the whole database to a new file, readable by its owner only.
    ///
    /// - Throws: `SQLError.failed` with one sentence; half a copy does not stay behind.
    package func copy(to path: String) async throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw SQLError.failed("\(path) exists: a copy replaces nothing")
        }
        // Personal data: nobody else may read it. pg_dump writes into the file that is there.
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw SQLError.full("cannot write the copy \(path)")
        }
        do {
            let arguments = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", "--file=\(path)"]
            try await PostgresProgram.run("pg_dump", arguments, at: address)
        } catch {
            // The error below says enough if even this fails.
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    /// Brings a copy back into an empty database, all of it or nothing; the migrator then brings it up to date.
    ///
    /// - Throws: `SQLError.failed` with one sentence when the database has tables or the file is no copy.
    package func restore(from path: String) async throws {
        let magic = Array("PGDMP".utf8)
        // A file that cannot be read is no copy either; the sentence is the same.
        let start = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: magic.count)
        guard start.map(Array.init) == magic else {
            throw SQLError.failed("\(path) is not a copy of a PostgreSQL store")
        }
        let hasTables = try await read { connection in
            try connection.exists(
                "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"
            )
        }
        if hasTables { throw SQLError.failed("the database is not empty: restore into a new one") }
        // An empty name makes it connect, and to the database of its environment.
        let arguments = [
            "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password", "--dbname=",
            path,
        ]
        try await PostgresProgram.run("pg_restore", arguments, at: address)
    }
}
