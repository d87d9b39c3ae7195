import Foundation
import LinliCore
import NIOHTTP1

/// One measured item.
struct BenchFigure: Sendable {
    var perSecond = 0.0
    var p50 = 0.0
    var p99 = 0.0
    var largest = 0.0
    /// CPU of the server, and of the bench that asked, per operation; nil where nobody's is counted.
    var serverMicroseconds: Double?
    var generatorMicroseconds: Double?
}

/// `linli bench`: every path and its ceiling in one run, each with servers of its own.
struct BenchRun: Sendable {
    let stage: Stage
    var settings: BenchSettings { stage.settings }

    /// What was found.
    struct Findings: Sendable {
        var figures: [BenchItem: BenchFigure] = [:]
        var skipped: [String] = []
        var startSeconds: Double?
        /// How much of a core it takes to do nothing.
        var idlePercent = 0.0
        var idleMemory = 0.0
        var loadedMemory = 0.0
        var peakMemory = 0.0
        var outbox: OutboxFindings?
        /// Words on how the ceiling was measured.
        var rawWords = ""
    }

    /// What the outbox was seen doing while cases were created.
    struct OutboxFindings: Sendable {
        /// In seconds, sampled each second.
        var lags: [Int] = []
        var lagAtEnd = 0
        /// Until the last delivery was made.
        var secondsToEmpty = 0.0
        var writesPerCommit = 0.0

        var lagP99: Int {
            let sorted = lags.sorted()
            return sorted.isEmpty
                ? 0 : sorted[min(sorted.count - 1, Int((Double(sorted.count) * 0.99).rounded(.up)) - 1)]
        }
    }

    func run() async throws -> Findings {
        var findings = Findings()
        let wanted = Set(settings.items)
        let ofServer = BenchItem.allCases.filter { $0.isOfServer && wanted.contains($0) }
        if wanted.contains(.plaintext) || !ofServer.isEmpty {
            findings.figures[.plaintext] = try await plaintext()
        }
        guard wanted.contains(.raw) || !ofServer.isEmpty else { return findings }
        say("installing the demo and 1,000 cases")
        let premises = try await stage.make("demo")
        _ = try await stage.linli(["demo", "--scale", "1000"], premises, within: 1800)
        if wanted.contains(.raw) || wanted.contains(.create) {
            (findings.figures[.raw], findings.rawWords) = try await raw(premises)
        }
        if !ofServer.isEmpty { try await serve(premises, ofServer, &findings) }
        return findings
    }

    // MARK: Ceilings

    private func plaintext() async throws -> BenchFigure {
        say("plaintext")
        let nowhere = Premises(data: stage.folder, database: "", storeConnections: 1)
        return try await ServerChild.with(stage, ["bench-plaintext"], nowhere, answersAt: "/") { server in
            let load = Load(
                port: server.port, requests: [WireRequest(.GET, "/")], expected: 200, connections: settings.connections
            )
            return try await measure(load, server, "plaintext")
        }
    }

    private func raw(_ premises: Premises) async throws -> (BenchFigure, String) {
        say("raw")
        let copy = try await stage.copy(premises, from: "demo", to: "raw")
        if settings.isPostgres { return try await Pgbench(stage: stage, premises: copy).run() }
        let seconds = Int(settings.seconds)
        let words = ["bench-raw", "--seconds", "\(seconds)", "--connections-out", "\(settings.connections)"]
        let printed = try await stage.linli(words, copy, within: seconds + 120)
        let outcome = try JSONDecoder().decode(RawCommand.Outcome.self, from: Data(printed.utf8))
        let figure = BenchFigure(
            perSecond: outcome.perSecond, p50: outcome.p50, p99: outcome.p99, largest: outcome.largest,
            serverMicroseconds: outcome.cpuMicrosecondsPerOperation
        )
        return (figure, "raw: the \(outcome.statements) statements of a creation that change rows, with fresh values.")
    }

    // MARK: The server

    private func serve(_ premises: Premises, _ items: [BenchItem], _ findings: inout Findings) async throws {
        let people = BenchPeople(stage: stage, premises: premises)
        let need = try await BenchStore.with(try await premises.plan()) { try await $0.need() }
        let tokens = try await people.residentTokens()
        let dispatcherToken = try await people.dispatcherToken()
        findings = try await ServerChild.with(stage, ["serve"], premises, answersAt: "/health") { server in
            var findings = findings
            findings.startSeconds = server.startSeconds
            try await Task.sleep(for: .seconds(1))
            let cpu = server.child.cpuMicroseconds
            try await Task.sleep(for: .seconds(2))
            findings.idlePercent = (server.child.cpuMicroseconds - cpu) / 2_000_000 * 100
            findings.idleMemory = server.child.memory("VmRSS")
            var requests = BenchRequests(port: server.port, residentTokens: tokens, need: need)
            _ = try await requests.tellSome()
            requests.residents = try await people.residentSessions(server.port)
            requests.dispatcher = try await people.dispatcherSession(server.port)
            requests.cases = try await cases(dispatcherToken, server.port)
            for item in items {
                guard try await requests.probe(item) else {
                    findings.skipped.append("\(item.rawValue): this server has no such route; skipped.")
                    continue
                }
                say(item.rawValue)
                let load = Load(
                    port: server.port, requests: requests.of(item), expected: BenchRequests.status(of: item),
                    connections: settings.connections
                )
                if item == .create {
                    (findings.figures[item], findings.outbox) = try await measureCreation(load, server)
                } else {
                    findings.figures[item] = try await measure(load, server, item.rawValue)
                }
            }
            findings.loadedMemory = server.child.memory("VmRSS")
            findings.peakMemory = server.child.memory("VmHWM")
            return findings
        }
    }

    /// The first fifty cases a dispatcher sees.
    private func cases(_ token: String, _ port: Int) async throws -> [String] {
        struct Row: Decodable { let id: String }
        struct List: Decodable { let cases: [Row] }
        let request = WireRequest(.GET, "/api/v1/cases?limit=50", [("authorization", "Bearer \(token)")])
        let answer = try await Wire.fetch(request, port)
        guard answer.status == 200 else { throw Refusal("the list of cases was answered with \(answer.status)") }
        return try answer.decode(List.self).cases.map(\.id)
    }

    /// Warms up, then measures; `settle` waits until nothing is left to do.
    func measure(
        _ load: Load, _ server: ServerChild, _ name: String, settle: () async throws -> Void = {}
    ) async throws -> BenchFigure {
        _ = try await load.run(seconds: settings.warmUpSeconds, named: name)
        try await settle()
        let (cpu, own) = (server.child.cpuMicroseconds, ownCPUMicroseconds())
        let outcome = try await load.run(seconds: settings.seconds, named: name)
        let generator = ownCPUMicroseconds() - own
        // What an operation leaves to be done afterwards (counts, live updates, seals) is part of its price.
        try await settle()
        let spent = server.child.cpuMicroseconds - cpu
        let operations = Double(outcome.operations)
        return BenchFigure(
            perSecond: outcome.perSecond,
            p50: outcome.times.milliseconds(50),
            p99: outcome.times.milliseconds(99),
            largest: Double(outcome.times.largest) / 1000,
            serverMicroseconds: spent / operations,
            generatorMicroseconds: generator / operations
        )
    }

    private func measureCreation(_ load: Load, _ server: ServerChild) async throws -> (BenchFigure, OutboxFindings) {
        let watch = OutboxWatch(port: server.port)
        let before = try await watch.counters()
        // Ends with this function.
        async let _ = watch.sample()
        let figure = try await measure(load, server, "create") { try await watch.waitUntilEmpty() }
        var findings = await watch.findings
        let after = try await watch.counters()
        findings.writesPerCommit =
            Double(after.writes - before.writes) / Double(max(1, after.commits - before.commits))
        return (figure, findings)
    }

    private func say(_ words: String) {
        print("… \(words)")
        // Whoever watches sees it before it is over.
        fflush(nil)
    }
}
