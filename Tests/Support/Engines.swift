import Foundation
import LinliPostgres
import LinliSQL
import LinliSQLite
import Synchronization

/// The engines that tests of the store run on, each test once per engine.
package enum TestEngine: String, Sendable, CaseIterable {
    case sqlite
    case postgres

    /// The engines of this run, never empty: without `CI` PostgreSQL is left out when there is none; with `CI` its
    /// tests run and fail, so that the matrix cannot quietly shrink.
    package static let enabled: [TestEngine] = {
        if ScratchPostgres.server != nil || ScratchPostgres.isRequired { return allCases }
        print(
            "PostgreSQL is left out: set LINLI_TEST_POSTGRES, or run Tests/Support/postgres.sh start \(ScratchPostgres.directory)"
        )
        return [.sqlite]
    }()
}

/// Gives `body` a fresh store that has `migrations`, and removes it afterwards. A PostgreSQL engine has few
/// `connections`, because many tests run side by side.
package func withEngine<T>(
    _ kind: TestEngine,
    migrations: [Migration],
    connections: Int = 2,
    _ body: (any Engine) async throws -> T
) async throws -> T {
    switch kind {
    case .sqlite:
        return try await withSQLiteFile(migrations: migrations) { path in
            try await closing(try SQLiteEngine(path: path, readers: 4), body)
        }
    case .postgres:
        return try await ScratchPostgres.withDatabase(migrations: migrations) { url in
            try await closing(try await PostgresEngine(url: url, connections: connections), body)
        }
    }
}

/// Closes `engine` after `body`, whichever way it ends.
package func closing<E: Engine, T>(_ engine: E, _ body: (E) async throws -> T) async throws -> T {
    do {
        let value = try await body(engine)
        await engine.close()
        return value
    } catch {
        await engine.close()
        throw error
    }
}

/// Gives `body` the path of a file of its own with `migrations` in it.
package func withSQLiteFile<T>(migrations: [Migration], _ body: (String) async throws -> T) async throws -> T {
    try await withTemporaryDirectory { directory in
        let path = directory + "/linli.sqlite"
        let template = try await SQLiteTemplates.shared.file(for: migrations)
        try template.write(to: URL(fileURLWithPath: path))
        return try await body(path)
    }
}

/// Gives `body` an empty directory and removes it with all it holds.
package func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
    let directory = NSTemporaryDirectory() + "linli-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // Only a temporary directory would stay behind.
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

/// Migrated files, one per set of migrations, kept in memory: to migrate for every test would take most of its time.
private actor SQLiteTemplates {
    static let shared = SQLiteTemplates()
    private var files: [Int64: Task<Data, any Error>] = [:]

    func file(for migrations: [Migration]) async throws -> Data {
        let digest = Migration.digest(of: migrations, for: .sqlite)
        if let file = files[digest] { return try await file.value }
        let file = Task {
            try await withTemporaryDirectory { directory in
                let path = directory + "/template.sqlite"
                try await closing(try SQLiteEngine(path: path)) { engine in
                    _ = try await Migrator(migrations).migrate(engine)
                }
                return try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        files[digest] = file
        return try await file.value
    }
}

extension Migration {
    /// Changes when anything of what `dialect` runs changes.
    static func digest(of migrations: [Migration], for dialect: Dialect) -> Int64 {
        let texts = migrations.sorted { $0.id < $1.id }.map { $0.id + "\n" + $0.text(for: dialect) }
        return Migration("", texts.joined(separator: "\n")).checksum
    }
}
