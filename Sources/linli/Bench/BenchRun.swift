import Foundation
import LinliCore
import NIOHTTP1

/// One measured item, or one slice of it.
struct BenchFigure: Sendable {
    var perSecond = 0.0
    var p50 = 0.0
    var p99 = 0.0
    var largest = 0.0
    /// CPU of the server, and of the bench that asked, per operation; nil where nobody's is counted.
    var serverMicroseconds: Double?
    var generatorMicroseconds: Double?
    /// The least and the most CPU of the server that a slice took.
    var spread: ClosedRange<Double>?
}

extension BenchFigure {
    /// A measurement out of its slices: medians, so that a machine that is slow for a while does not decide.
    init(slices: [BenchFigure]) {
        func median(_ values: [Double]) -> Double? {
            let sorted = values.sorted()
            guard let upper = sorted.dropFirst(sorted.count / 2).first else { return nil }
            return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
        }
        perSecond = median(slices.map(\.perSecond)) ?? 0
        p50 = median(slices.map(\.p50)) ?? 0
        p99 = median(slices.map(\.p99)) ?? 0
        largest = slices.map(\.largest).max() ?? 0
        let spent = slices.compactMap(\.serverMicroseconds)
        serverMicroseconds = median(spent)
        generatorMicroseconds = median(slices.compactMap(\.generatorMicroseconds))
        if let least = spent.min(), let most = spent.max() { spread = least...most }
    }
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
        say("plaintext")
        let nowhere = Premises(data: stage.folder, database: "", storeConnections: 1)
        return try await ServerChild.with(stage, ["bench-plaintext"], nowhere, answersAt: "/") { bare in
            let load = Load(
                port: bare.port, requests: [WireRequest(.GET, "/")], expected: 200, connections: settings.connections
            )
            let plaintext = Course(item: .plaintext) { try await measure(load, bare, "plaintext", $0) }
            guard wanted.contains(.raw) || !ofServer.isEmpty else {
                findings.figures = try await inTurn([plaintext])
                return findings
            }
            say("installing the demo and 1,000 cases")
            let premises = try await stage.make("demo")
            _ = try await stage.linli(["demo", "--scale", "1000"], premises, within: 1800)
            let isRaw = wanted.contains(.raw) || wanted.contains(.create)
            let copy = isRaw ? try await stage.copy(premises, from: "demo", to: "raw") : nil
            guard !ofServer.isEmpty else {
                if let copy { (findings.figures[.raw], findings.rawWords) = try await raw(copy) }
                return findings
            }
            try await serve(premises, copy, ofServer, plaintext, &findings)
            return findings
        }
    }

    // MARK: Slices

    /// A piece of a measurement: how long, and how long before it counts.
    struct Slice: Sendable {
        let warmUpSeconds: Double
        let seconds: Double
    }

    /// An item and what measures a slice of it.
    private struct Course {
        let item: BenchItem
        let measure: (Slice) async throws -> BenchFigure
    }

    private func slice(_ round: Int) -> Slice {
        Slice(
            warmUpSeconds: round == 0 ? settings.warmUpSeconds : min(1, settings.warmUpSeconds),
            seconds: settings.seconds / Double(settings.rounds)
        )
    }

    /// Measures the items in turn, a slice of each in every round, so that items and their ceiling meet the same machine:
    /// one that others share is a fifth slower in one minute than in the next.
    private func inTurn(_ courses: [Course]) async throws -> [BenchItem: BenchFigure] {
        var slices: [BenchItem: [BenchFigure]] = [:]
        for round in 0..<settings.rounds {
            for course in courses {
                say("\(course.item.rawValue), \(round + 1) of \(settings.rounds)")
                slices[course.item, default: []].append(try await course.measure(slice(round)))
            }
        }
        return slices.mapValues { BenchFigure(slices: $0) }
    }

    // MARK: The ceiling of a creation

    private func raw(_ copy: Premises) async throws -> (BenchFigure, String) {
        say("raw")
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

    private func serve(
        _ premises: Premises, _ copy: Premises?, _ items: [BenchItem], _ plaintext: Course, _ findings: inout Findings
    ) async throws {
        let people = BenchPeople(stage: stage, premises: premises)
        let need = try await BenchStore.with(try await premises.plan()) { try await $0.need() }
        let tokens = try await people.residentTokens()
        let dispatcherToken = try await people.dispatcherToken()
        findings = try await ServerChild.with(stage, ["serve"], premises, answersAt: "/health") { server in
            var findings = findings
            findings.startSeconds = server.startSeconds
            try await idle(server, &findings)
            var requests = BenchRequests(port: server.port, residentTokens: tokens, need: need)
            _ = try await requests.tellSome()
            requests.residents = try await people.residentSessions(server.port)
            requests.dispatcher = try await people.dispatcherSession(server.port)
            requests.cases = try await cases(dispatcherToken, server.port)
            var courses = [plaintext]
            for item in items where item != .create {
                guard try await requests.probe(item) else {
                    findings.skipped.append("\(item.rawValue): this server has no such route; skipped.")
                    continue
                }
                let load = load(item, requests)
                courses.append(Course(item: item) { try await measure(load, server, item.rawValue, $0) })
            }
            findings.figures = try await inTurn(courses)
            if let copy { try await create(items, requests, server, copy, &findings) }
            findings.loadedMemory = server.child.memory("VmRSS")
            findings.peakMemory = server.child.memory("VmHWM")
            return findings
        }
    }

    /// What it takes to do nothing.
    private func idle(_ server: ServerChild, _ findings: inout Findings) async throws {
        try await Task.sleep(for: .seconds(1))
        let cpu = server.child.cpuMicroseconds
        try await Task.sleep(for: .seconds(2))
        findings.idlePercent = (server.child.cpuMicroseconds - cpu) / 2_000_000 * 100
        findings.idleMemory = server.child.memory("VmRSS")
    }

    private func load(_ item: BenchItem, _ requests: BenchRequests) -> Load {
        Load(
            port: requests.port, requests: requests.of(item), expected: BenchRequests.status(of: item),
            connections: settings.connections
        )
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
        _ load: Load, _ server: ServerChild, _ name: String, _ slice: Slice, settle: () async throws -> Void = {}
    ) async throws -> BenchFigure {
        _ = try await load.run(seconds: slice.warmUpSeconds, named: name)
        try await settle()
        let (cpu, own) = (server.child.cpuMicroseconds, ownCPUMicroseconds())
        let outcome = try await load.run(seconds: slice.seconds, named: name)
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

    /// The ceiling of a creation, and creations before and after it.
    private func create(
        _ items: [BenchItem], _ requests: BenchRequests, _ server: ServerChild, _ copy: Premises,
        _ findings: inout Findings
    ) async throws {
        guard items.contains(.create) else {
            (findings.figures[.raw], findings.rawWords) = try await raw(copy)
            return
        }
        guard try await requests.probe(.create) else { throw Refusal("create is missing") }
        let load = load(.create, requests)
        let watch = OutboxWatch(port: server.port)
        let before = try await watch.counters()
        var slices: [BenchFigure] = []
        for round in 0..<settings.rounds {
            if round == settings.rounds / 2 { (findings.figures[.raw], findings.rawWords) = try await raw(copy) }
            say("create, \(round + 1) of \(settings.rounds)")
            slices.append(try await measureCreation(load, server, watch, slice(round)))
        }
        findings.figures[.create] = BenchFigure(slices: slices)
        let after = try await watch.counters()
        var outbox = await watch.findings
        outbox.writesPerCommit = Double(after.writes - before.writes) / Double(max(1, after.commits - before.commits))
        findings.outbox = outbox
    }

    private func measureCreation(
        _ load: Load, _ server: ServerChild, _ watch: OutboxWatch, _ slice: Slice
    ) async throws -> BenchFigure {
        // Ends with this function.
        async let _ = watch.sample()
        return try await measure(load, server, "create", slice) { try await watch.waitUntilEmpty() }
    }

    private func say(_ words: String) {
        print("… \(words)")
        // Whoever watches sees it before it is over.
        fflush(nil)
    }
}
