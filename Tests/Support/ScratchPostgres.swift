import Foundation
import LinliPostgres
import LinliSQL

/// Databases for tests on a throw-away PostgreSQL cluster: a fresh one per test, cloned from a migrated template.
///
/// The cluster is named by `LINLI_TEST_POSTGRES` (`./linli test` sets it), or was started by hand with
/// `Tests/Support/postgres.sh start` in `directory`.
package enum ScratchPostgres {
    /// Where a cluster started by hand is found.
    package static let directory = NSTemporaryDirectory() + "linli-test-postgres"

    /// Whether tests fail without PostgreSQL.
    package static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

    /// The URL of a superuser's database, or nil when there is no cluster.
    package static let server: String? = {
        if let url = ProcessInfo.processInfo.environment["LINLI_TEST_POSTGRES"] { return url }
        let isRunning = FileManager.default.fileExists(atPath: directory + "/.s.PGSQL.5432")
        return isRunning ? "postgres:///postgres?host=\(directory)&user=postgres" : nil
    }()

    /// Gives `body` the URL of a database of its own with `migrations` in it, and drops it afterwards.
    ///
    /// At most 24 exist at once, so that hundreds of tests in parallel do not use up the server's connections.
    package static func withDatabase<T>(migrations: [Migration], _ body: (String) async throws -> T) async throws -> T {
        try await withDatabase(
            cloning: { try await PostgresTemplates.shared.database(for: migrations, on: $0) }, body
        )
    }

    /// The same with whatever is in the database that `template` names; it gets the server's URL.
    package static func withDatabase<T>(
        cloning template: (String) async throws -> String,
        _ body: (String) async throws -> T
    ) async throws -> T {
        // A test inside one that has a database already must not wait for itself.
        if hasPermit { return try await withClone(of: template, body) }
        await Permits.shared.take()
        do {
            let value = try await $hasPermit.withValue(true) { try await withClone(of: template, body) }
            await Permits.shared.giveBack()
            return value
        } catch {
            await Permits.shared.giveBack()
            throw error
        }
    }

    /// Starts a cluster of its own for a test that restarts or stops it, and removes it afterwards; `body` gets the
    /// superuser's URL and a function that restarts the server as a crash would.
    package static func withOwnCluster<T>(
        _ body: (_ url: String, _ restart: @Sendable () async throws -> Void) async throws -> T
    ) async throws -> T {
        // The path of a socket is short: not the temporary directory of a test.
        let directory = NSTemporaryDirectory() + "linli-pg-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        let url = try await script("start", directory)
        do {
            let value = try await body(url) { _ = try await script("restart", directory) }
            _ = try await script("stop", directory)
            return value
        } catch {
            _ = try await script("stop", directory)
            throw error
        }
    }

    /// `url` with another database's name.
    package static func url(_ url: String, database: String) -> String {
        guard let scheme = url.range(of: "://") else { return url }
        let query = url.firstIndex(of: "?") ?? url.endIndex
        let path = url[scheme.upperBound..<query].firstIndex(of: "/") ?? query
        return url[..<path] + "/" + database + url[query...]
    }

    @TaskLocal private static var hasPermit = false

    private static func withClone<T>(
        of template: (String) async throws -> String,
        _ body: (String) async throws -> T
    ) async throws -> T {
        guard let server else { throw SQLError.unreachable("no PostgreSQL for tests: set LINLI_TEST_POSTGRES") }
        let template = try await template(server)
        let name = "linli_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        // wal_log copies page by page; the other way makes the whole server write everything to disk.
        try await PostgresAdministration.run(
            "CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY wal_log", at: server
        )
        do {
            let value = try await body(url(server, database: name))
            try await PostgresAdministration.run("DROP DATABASE \(name) WITH (FORCE)", at: server)
            return value
        } catch {
            try await PostgresAdministration.run("DROP DATABASE \(name) WITH (FORCE)", at: server)
            throw error
        }
    }

    /// Runs `postgres.sh` beside this file and returns what it prints.
    private static func script(_ command: String, _ directory: String) async throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("postgres.sh")
            .path
        let (status, output) = try await PostgresProgram.run(
            "/bin/sh", [path, command, directory], reading: STDOUT_FILENO)
        guard status == 0 else { throw SQLError.failed("postgres.sh \(command) ended with \(status)") }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Migrated databases to clone, one per set of migrations, shared by all test processes of a cluster.
private actor PostgresTemplates {
    static let shared = PostgresTemplates()
    private var names: [Int64: Task<String, any Error>] = [:]

    func database(for migrations: [Migration], on server: String) async throws -> String {
        let digest = Migration.digest(of: migrations, for: .postgres)
        if let name = names[digest] { return try await name.value }
        let name = Task {
            let name = "linli_template_" + String(UInt64(bitPattern: digest), radix: 16)
            try await PostgresTemplates.make(name, migrations, on: server)
            return name
        }
        names[digest] = name
        return try await name.value
    }

    /// Migrates under another name first: whoever sees the template sees all of it.
    private static func make(_ name: String, _ migrations: [Migration], on server: String) async throws {
        let exists = try await closing(try await PostgresEngine(url: server, connections: 1)) { engine in
            try await engine.read { try $0.exists("SELECT 1 FROM pg_database WHERE datname = \(name)") }
        }
        if exists { return }
        let draft = name + "_\(ProcessInfo.processInfo.processIdentifier)"
        try await PostgresAdministration.run("CREATE DATABASE \(draft) TEMPLATE template0 ENCODING 'UTF8'", at: server)
        let url = ScratchPostgres.url(server, database: draft)
        try await closing(try await PostgresEngine(url: url, connections: 1)) { engine in
            _ = try await Migrator(migrations).migrate(engine)
        }
        do {
            try await PostgresAdministration.run("ALTER DATABASE \(draft) RENAME TO \(name)", at: server)
        } catch {
            // Another process was faster: its template is the same. A real trouble shows when it is cloned.
            try await PostgresAdministration.run("DROP DATABASE \(draft)", at: server)
        }
    }
}

/// A number of permits; those who come too late wait in the order they came.
private actor Permits {
    static let shared = Permits()
    private var free = 24
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
