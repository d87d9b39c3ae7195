import Foundation
import LinliCore
import LinliPostgres
import NIOHTTP1

/// What the bench is asked to do, checked.
struct BenchSettings: Sendable {
    let items: [BenchItem]
    let isScale: Bool
    let isRates: Bool
    let isStorm: Bool
    /// Pages of the registers of the store that is there.
    let isCity: Bool
    /// A sheet of people brought in.
    let isImport: Bool
    let seconds: Double
    let connections: Int
    let scale: Int
    /// Reports of a storm.
    let storm: Int
    let data: String
    /// A PostgreSQL server to make databases on; empty for SQLite.
    let server: String
    let storeConnections: Int
    let writes: Bool

    var isPostgres: Bool { !server.isEmpty }
    var engine: String { isPostgres ? "PostgreSQL" : "SQLite" }
    /// Every measurement begins warm.
    var warmUpSeconds: Double { min(5, max(1, seconds / 4)) }
    /// In how many slices an item is measured; a short look is one.
    var rounds: Int { seconds >= 30 ? 6 : 1 }

    /// - Throws: `Invocation.Misunderstood` with a sentence for each mistake.
    init(_ invocation: Invocation) throws {
        var problems = invocation.problems
        let words = invocation.words.dropFirst()
        isScale = words.first == "scale"
        isRates = words.first == "rates"
        isStorm = words.first == "storm"
        isCity = words.first == "city"
        isImport = words.first == "import"
        let named = words.map { BenchItem(rawValue: $0) }
        if !isScale, !isRates, !isStorm, !isCity, !isImport, named.contains(nil) {
            let all = BenchItem.allCases.map(\.rawValue).joined(separator: " ")
            problems.append(
                "say `linli bench scale`, `rates`, `storm`, `city`, `import`, `suggestions`, or any of: linli bench \(all)"
            )
        }
        items = words.isEmpty ? BenchItem.allCases : named.compactMap { $0 }
        let seconds = invocation.number("seconds") ?? 0
        if !(1...600).contains(seconds) { problems.append("--seconds must be a number from 1 to 600") }
        self.seconds = Double(seconds)
        connections = invocation.number("connections-out") ?? 0
        if !(1...1000).contains(connections) { problems.append("--connections-out must be a number from 1 to 1000") }
        let scale = invocation.number("scale") ?? -1
        if !(0...10_000_000).contains(scale) { problems.append("--scale must be a number up to 10000000") }
        self.scale = scale > 0 ? scale : 1_000_000
        storm = scale > 0 ? scale : 20_000
        storeConnections = invocation.number("connections") ?? 0
        if !(1...64).contains(storeConnections) { problems.append("--connections must be a number from 1 to 64") }
        data = invocation.text("data")
        server = invocation.text("database")
        if !server.isEmpty, !server.hasPrefix("postgres://"), !server.hasPrefix("postgresql://") {
            problems.append("bench makes its own SQLite store: leave --database out, or name a PostgreSQL server")
        }
        writes = invocation.isOn("write")
        if writes, BenchSettings.isDebugBuild {
            problems.append("this is a debug build: its figures are not written down (swift build -c release)")
        }
        guard problems.isEmpty else { throw Invocation.Misunderstood(sentences: problems) }
    }

    static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}

/// A store of a bench, as its children are told about it.
struct Premises: Sendable {
    let data: String
    let database: String
    let storeConnections: Int

    var flags: [String] { ["--data", data, "--connections", "\(storeConnections)"] }

    /// This process's environment without settings of Linli. The address of a database may hold a password, and
    /// arguments can be read by everybody on the machine: it goes here.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LINLI_") }
        if !database.isEmpty { environment["LINLI_DATABASE"] = database }
        return environment
    }

    /// What `linli` would run with here.
    func plan() async throws -> Plan {
        try await Plan(try await Invocation(["bench"] + flags, environment: environment), for: .create)
    }
}

/// The folder and the databases of one bench, gone when it ends.
///
/// The folder lies in the data folder: the disk that is measured is the one a neighbourhood would live on.
struct Stage: Sendable {
    let settings: BenchSettings
    let folder: String
    /// The program itself, to start again as a child.
    let program: String

    private static let names = ["demo", "raw", "small", "large"]

    static func with<Value>(_ settings: BenchSettings, _ body: (Stage) async throws -> Value) async throws -> Value {
        let files = FileManager.default
        let hadData = files.fileExists(atPath: settings.data)
        let stage = Stage(
            settings: settings,
            folder: settings.data + "/bench-\(ProcessInfo.processInfo.processIdentifier)",
            program: try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        )
        do {
            try files.createDirectory(atPath: stage.folder, withIntermediateDirectories: true)
        } catch {
            throw Refusal("the folder \(stage.folder) cannot be created: choose another with --data")
        }
        do {
            let value = try await body(stage)
            try await stage.clear(hadData)
            return value
        } catch {
            // What went wrong first is what the reader needs to know.
            try? await stage.clear(hadData)
            throw error
        }
    }

    private func clear(_ hadData: Bool) async throws {
        if settings.isPostgres {
            for name in Stage.names {
                try await administer("DROP DATABASE IF EXISTS \(databaseName(name)) WITH (FORCE)")
            }
        }
        try FileManager.default.removeItem(atPath: folder)
        // Only an empty folder goes away, and only one that was not there before.
        if !hadData { rmdir(settings.data) }
    }

    /// An empty store; `name` is one of the few known ones.
    func make(_ name: String) async throws -> Premises {
        if settings.isPostgres {
            try await administer("CREATE DATABASE \(databaseName(name)) TEMPLATE template0 ENCODING 'UTF8'")
        }
        return premises(name)
    }

    /// A copy of a store that nobody has open.
    func copy(_ original: Premises, from: String, to name: String) async throws -> Premises {
        if settings.isPostgres {
            try await administer("CREATE DATABASE \(databaseName(name)) TEMPLATE \(databaseName(from))")
        }
        let copy = premises(name)
        try FileManager.default.copyItem(atPath: original.data, toPath: copy.data)
        return copy
    }

    /// Runs one of the program's own words to its end.
    func linli(_ words: [String], _ premises: Premises, within seconds: Int = 120) async throws -> String {
        try await Child.run(
            program, words + premises.flags, environment: premises.environment, output: folder + "/words.out",
            within: seconds
        )
    }

    private func premises(_ name: String) -> Premises {
        let url = settings.isPostgres ? Stage.url(settings.server, database: databaseName(name)) : ""
        return Premises(data: "\(folder)/\(name)", database: url, storeConnections: settings.storeConnections)
    }

    private func databaseName(_ name: String) -> String {
        "linli_bench_\(ProcessInfo.processInfo.processIdentifier)_\(name)"
    }

    private func administer(_ statement: String) async throws {
        try await PostgresAdministration.run(statement, at: settings.server)
    }

    /// `url` with another database's name.
    private static func url(_ url: String, database: String) -> String {
        guard let scheme = url.range(of: "://") else { return url }
        let query = url.firstIndex(of: "?") ?? url.endIndex
        let path = url[scheme.upperBound..<query].firstIndex(of: "/") ?? query
        return url[..<path] + "/" + database + url[query...]
    }
}

/// `linli serve` or the bare server, as a child.
struct ServerChild: Sendable {
    let child: Child
    let port: Int
    /// From its start until it answered.
    let startSeconds: Double

    /// Starts a server, waits for its first answer, and stops it after `body`, whatever happens.
    static func with<Value>(
        _ stage: Stage, _ words: [String], _ premises: Premises, answersAt path: String,
        _ body: (ServerChild) async throws -> Value
    ) async throws -> Value {
        let server = try await start(stage, words, premises, answersAt: path)
        defer { server.child.stop() }
        do {
            return try await body(server)
        } catch let refusal as Refusal {
            // A server that broke down explains more than the request that noticed it.
            guard let status = server.child.ended else { throw refusal }
            throw Refusal("\(refusal.sentence); the server had ended with status \(status): \(server.child.complaint)")
        }
    }

    /// Starts a server and waits for its first answer; whoever starts it stops it.
    static func start(
        _ stage: Stage, _ words: [String], _ premises: Premises, environment: [String: String] = [:],
        name: String = "server", answersAt path: String = "/health"
    ) async throws -> ServerChild {
        let start = ContinuousClock.now
        let child = try Child(
            stage.program,
            words + premises.flags + [
                "--port", "0", "--log-level", "error", "--forms-per-minute", "0", "--account-forms-per-minute", "0",
                "--requests-per-minute", "0", "--account-requests-per-minute", "0",
            ],
            environment: premises.environment.merging(environment) { $1 }, output: stage.folder + "/\(name).out"
        )
        do {
            let port = try await port(of: child)
            let answer = try await Wire.fetch(WireRequest(.GET, path), port)
            guard answer.status == 200 else { throw Refusal("the server answers \(path) with \(answer.status)") }
            return ServerChild(child: child, port: port, startSeconds: (ContinuousClock.now - start) / .seconds(1))
        } catch {
            child.stop()
            throw error
        }
    }

    /// Reads the port from `listening on http://127.0.0.1:40123`.
    private static func port(of child: Child) async throws -> Int {
        for _ in 0..<30_000 {
            if let line = child.printed.split(separator: "\n").first(where: { $0.hasPrefix("listening on ") }),
                let port = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                return port
            }
            guard child.ended == nil else { throw Refusal("the server did not start: \(child.complaint)") }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Refusal("the server did not start within a minute")
    }
}
