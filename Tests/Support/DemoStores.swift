import Administration
import Foundation
import LinliKernel
import LinliPostgres
import LinliSQL
import LinliSQLite

/// Gives `body` an engine over a store of its own that has the demo community in it.
func withDemoStore<T>(
    _ kind: TestEngine,
    _ folder: String,
    _ body: (any Engine) async throws -> T
) async throws -> T {
    switch kind {
    case .sqlite:
        let path = folder + "/linli.sqlite"
        try await DemoStores.shared.file().write(to: URL(fileURLWithPath: path))
        return try await closing(try SQLiteEngine(path: path, readers: 4), body)
    case .postgres:
        return try await ScratchPostgres.withDatabase(cloning: { try await DemoStores.shared.database(on: $0) }) {
            url in
            try await closing(try await PostgresEngine(url: url, connections: 2), body)
        }
    }
}

/// Stores with the demo community, made once per process and engine: to tell fifty stories for every test would take
/// most of its time.
private actor DemoStores {
    static let shared = DemoStores()
    private var bytes: Task<Data, any Error>?
    private var name: Task<String, any Error>?

    /// The bytes of a SQLite file.
    func file() async throws -> Data {
        if let bytes { return try await bytes.value }
        let task = Task {
            let migrations = try Catalogue(House.features).migrations
            return try await withSQLiteFile(migrations: migrations) { path in
                try await closing(try SQLiteEngine(path: path)) { try await DemoStores.fill($0) }
                return try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        bytes = task
        return try await task.value
    }

    /// The name of a database on `server`.
    func database(on server: String) async throws -> String {
        if let name { return try await name.value }
        let task = Task {
            try await DemoStores.dropLeftOver(on: server)
            let name = "linli_house_\(ProcessInfo.processInfo.processIdentifier)"
            try await PostgresAdministration.run(
                "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'", at: server)
            let url = ScratchPostgres.url(server, database: name)
            try await closing(try await PostgresEngine(url: url, connections: 2)) { engine in
                _ = try await Migrator(try Catalogue(House.features).migrations).migrate(engine)
                try await DemoStores.fill(engine)
            }
            return name
        }
        name = task
        return try await task.value
    }

    private static func fill(_ engine: any Engine) async throws {
        try await withTemporaryDirectory { folder in
            let house = try await House(
                engine, folder: folder, node: 1, CaseSettings(sampledPercent: 0), isTemplate: true)
            _ = try await Demo.install(house.services, now: House.start, photos: false)
            await house.deliver()
        }
    }

    /// A cluster that was started by hand keeps the stores of runs that are over.
    private static func dropLeftOver(on server: String) async throws {
        let names = try await closing(try await PostgresEngine(url: server, connections: 1)) { engine in
            try await engine.read { connection in
                try connection.all("SELECT datname FROM pg_database WHERE datname LIKE 'linli_house_%'") { row in
                    try row[0] as String
                }
            }
        }
        for name in names {
            guard let process = name.split(separator: "_").last.flatMap({ Int32($0) }), kill(process, 0) != 0 else {
                continue
            }
            try await PostgresAdministration.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", at: server)
        }
    }
}
