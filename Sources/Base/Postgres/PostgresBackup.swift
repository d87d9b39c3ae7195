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
        try PostgresEngine.requireCopy(path)
        try await requireEmpty()
        // An empty name makes it connect, and to the database of its environment.
        let arguments = [
            "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password", "--dbname=",
            path,
        ]
        try await PostgresProgram.run("pg_restore", arguments, at: address)
    }

    /// Goes on only when the database has no tables.
    ///
    /// - Throws: `SQLError.failed` with one sentence.
    package func requireEmpty() async throws {
        let hasTables = try await read { connection in
            try connection.exists(
                "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"
            )
        }
        if hasTables { throw SQLError.failed("the database is not empty: restore into a new one") }
    }

    /// The first and the last rows of a table in a copy, the named columns as `COPY` writes them, while nothing is
    /// brought back; none when the copy has no such table. `scratch` is where the table may lie meanwhile.
    ///
    /// - Throws: `SQLError.failed` with one sentence when the file is no copy, or its table has no such column.
    package func rows(
        of table: String, _ columns: [String], inCopy path: String, scratch: String
    ) async throws -> [[String]] {
        try PostgresEngine.requireCopy(path)
        // Personal data, as in the copy.
        guard FileManager.default.createFile(atPath: scratch, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw SQLError.full("cannot write \(scratch)") }
        // Sealed as in the copy and for its owner only: when this fails, nobody learns more by it.
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let arguments = ["--data-only", "--table=\(table)", "--file=\(scratch)", path]
        try await PostgresProgram.run("pg_restore", arguments, at: address)
        return try CopyText.ends(of: scratch, table: table, columns)
    }

    private static func requireCopy(_ path: String) throws {
        let magic = Array("PGDMP".utf8)
        // A file that cannot be read is no copy either; the sentence is the same.
        let start = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: magic.count)
        guard start.map(Array.init) == magic else {
            throw SQLError.failed("\(path) is not a copy of a PostgreSQL store")
        }
    }
}

/// A script of `COPY … FROM stdin`, of which the beginning and the end are read, however large it is.
private enum CopyText {
    /// More than a hundred rows of any table.
    private static let window = 1 << 18

    static func ends(of path: String, table: String, _ columns: [String]) throws -> [[String]] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        // Only read from: nothing is lost when it does not close.
        defer { try? file.close() }
        let size = try file.seekToEnd()
        try file.seek(toOffset: 0)
        let head = try lines(file)
        let start = head.firstIndex { $0.hasPrefix("COPY ") && $0.contains(".\(table) (") }
        guard let start else { return [] }
        let names = head[start].split { " (),".contains($0) }.dropFirst(2).map(String.init)
        let places = columns.compactMap { names.firstIndex(of: $0) }
        guard places.count == columns.count else {
            throw SQLError.failed("the copy's table \(table) has no \(columns.joined(separator: " or no "))")
        }
        // Where a window ends in the middle of a line, that line is left out.
        var found = rows(head.dropFirst(start + 1).dropLast())
        if size > UInt64(window) {
            try file.seek(toOffset: size - UInt64(window))
            found += rows(try lines(file).dropFirst())
        }
        return found.compactMap { row in
            places.allSatisfy { $0 < row.count } ? places.map { row[$0] } : nil
        }
    }

    private static func lines(_ file: FileHandle) throws -> [Substring] {
        let text = String(decoding: try file.read(upToCount: window) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The rows up to the end of the table.
    private static func rows(_ lines: some Sequence<Substring>) -> [[String]] {
        lines.prefix { $0 != "\\." }.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
