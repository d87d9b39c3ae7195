import Foundation
import LinliPostgres
import LinliSQL
import LinliTestSupport
import Testing

@Suite("PostgreSQL: a server that is away, strict or restarted", .enabled(if: hasPostgres))
struct PostgresServerTests {
    @Test(
        "a URL that is none",
        arguments: ["", "linli.sqlite", "postgres://u:geheim%zz@h/d", "http://u:geheim@h/d", "postgres://[::1/d"])
    func wrongURL(_ url: String) async {
        let sentence =
            "the database address is not a valid URL; it looks like postgres://user:password@host:5432/database"
        #expect(await openError(url) == sentence)
    }

    @Test("nobody answers")
    func away() async {
        let socket = await openError("postgres://linli:geheim@/linli?host=/nowhere")
        #expect(socket == "PostgreSQL at /nowhere does not answer: is it running?")
        let port = await openError("postgres://linli:geheim@127.0.0.1:1/linli")
        #expect(port == "PostgreSQL at 127.0.0.1:1 does not answer: is it running?")
    }

    @Test("no such database, no such user")
    func missing() async throws {
        let server = try #require(ScratchPostgres.server)
        let database = try #require(await openError(ScratchPostgres.url(server, database: "nothing_here")))
        #expect(database.hasSuffix(" has no database nothing_here: create it first"))
        let user = try #require(await openError(server + "&user=nobody_here"))
        #expect(user.hasSuffix(" refuses user nobody_here: wrong name or password"))
    }

    @Test("a wrong password, then a crash of the server under load")
    func ownServer() async throws {
        try await ScratchPostgres.withOwnCluster { url, restart in
            try await checkPassword(url)
            try await closing(try await PostgresEngine(url: url, connections: 8)) { engine in
                _ = try await Migrator(Schema.all).migrate(engine)
                try await writeThroughRestart(engine, restart)
            }
        }
    }

    /// Makes the server ask one role for a password.
    private func checkPassword(_ url: String) async throws {
        try await closing(try await PostgresEngine(url: url, connections: 1)) { engine in
            try await engine.write(.claim) { connection in
                try connection.run(script: "CREATE ROLE strict LOGIN PASSWORD 'geheim'")
                let directory: String = try connection.value("SELECT current_setting('data_directory')") ?? ""
                let rules = "local all strict scram-sha-256\nlocal all all trust"
                try connection.run(
                    script:
                        "COPY (SELECT '\(rules)') TO PROGRAM 'printf \"%b\\n\" \"$(cat)\" > \(directory)/pg_hba.conf'")
                try connection.query("SELECT pg_reload_conf()") { _ in }
            }
        }
        let place = url.split(separator: "?")[1].split(separator: "&")[0].dropFirst("host=".count)
        let wrong = "postgres://strict:falsch@/postgres?host=\(place)"
        var sentence: String?
        // The server reads its rules a moment after it was told to.
        for _ in 0..<50 where sentence == nil {
            sentence = await openError(wrong)
            if sentence == nil { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect(sentence == "PostgreSQL at \(place) refuses user strict: wrong name or password")
        let right = wrong.replacing("falsch", with: "geheim")
        try await closing(try await PostgresEngine(url: right, connections: 1)) { engine in
            let user = try await engine.read { try $0.value("SELECT current_user", as: String.self) }
            #expect(user == "strict")
        }
    }

    private func writeThroughRestart(_ engine: PostgresEngine, _ restart: @Sendable () async throws -> Void)
        async throws
    {
        let acknowledged = Shared<Set<Int>>([])
        let others = Shared<[SQLError?]>([])
        let isOver = Shared(false)
        @Sendable func count() -> Int { acknowledged.withLock { $0.count } }
        try await withThrowingTaskGroup { group in
            for client in 0..<8 {
                group.addTask {
                    var id = client
                    while !isOver.value {
                        id += 8
                        let current = id
                        switch await failure(of: {
                            try await engine.write(.serializable) { try $0.insertPerson(current) }
                        }) {
                        case nil: acknowledged.withLock { _ = $0.insert(current) }
                        case .outcomeUnknown: break
                        case let error: others.withLock { $0.append(error) }
                        }
                    }
                }
            }
            while count() < 100 { try await Task.sleep(for: .milliseconds(5)) }
            try await restart()
            let before = count()
            while count() < before + 100, others.withLock({ $0.isEmpty }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(others.value == [])
        let stored = Set(try await engine.read { try $0.personIDs() })
        let lost = acknowledged.value.subtracting(stored)
        #expect(lost.isEmpty)
    }

    /// Why `url` cannot be opened, or nil when it can; never with the password in it.
    private func openError(_ url: String) async -> String? {
        let error = await failure { await (try PostgresEngine(url: url, connections: 1)).close() }
        guard let error else { return nil }
        guard case .unreachable(let sentence) = error else { return "\(error)" }
        #expect(!sentence.contains("geheim") && !sentence.contains("falsch") && !sentence.contains("\n"))
        return sentence
    }
}
