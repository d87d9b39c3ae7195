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
            try await PostgresProgram("pg_dump", arguments, address).run()
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
        guard start.map(Array.init) == magic else { throw SQLError.failed("\(path) is not a copy of a PostgreSQL store") }
        let hasTables = try await read { connection in
            try connection.exists(
                "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1"
            )
        }
        if hasTables { throw SQLError.failed("the database is not empty: restore into a new one") }
        // An empty name makes it connect, and to the database of its environment.
        let arguments = [
            "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password", "--dbname=", path,
        ]
        try await PostgresProgram("pg_restore", arguments, address).run()
    }
}

/// A program of PostgreSQL as a child process. It finds the database in its environment: nothing secret is an argument.
private struct PostgresProgram: Sendable {
    private let name: String
    private let arguments: [String]
    private let environment: [String: String]

    init(_ name: String, _ arguments: [String], _ address: PostgresAddress) {
        self.name = name
        self.arguments = arguments
        environment = ProcessInfo.processInfo.environment
            .merging(address.environment) { $1 }
            .merging(["LC_ALL": "C"]) { $1 }
    }

    /// The newest one of Debian's and Red Hat's places, else the one in PATH.
    private var path: String? {
        let manager = FileManager.default
        let versions = ["/usr/lib/postgresql/", "/usr/pgsql-"].flatMap { prefix in
            (1...40).map { "\(prefix)\($0)/bin/\(name)" }
        }
        let inPath = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        return (versions.reversed() + inPath).first { manager.isExecutableFile(atPath: $0) }
    }

    /// Runs it to its end, on a thread of its own.
    func run() async throws {
        guard let path else { throw SQLError.failed("\(name) is not installed: install postgresql-client") }
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try runNow(path) }) }
            thread.name = name
            thread.start()
        }
    }

    private func runNow(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let words = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return }
        let firstLine = String(decoding: words.prefix(1000), as: UTF8.self).split(separator: "\n").first ?? ""
        throw SQLError.failed("\(name) failed: \(firstLine)")
    }
}
