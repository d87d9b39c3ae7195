import Foundation
import LinliCore
import LinliWeb
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// `linli bench [ITEM …]`, `linli bench scale`, `linli bench rates`, `linli bench storm`, `linli bench suggestions`,
/// `linli bench city`, `linli bench import`, and the words its children are started with.
enum BenchCommand {
    static func run(_ invocation: Invocation) async throws {
        switch invocation.words.first {
        case "bench-plaintext": try await servePlaintext()
        case "bench-raw": try await RawCommand.run(invocation)
        case "bench-node": try await StormClock.serve(invocation)
        case "bench" where invocation.words.dropFirst().first == "suggestions":
            try invocation.understood()
            try BenchSuggestions.run()
        case "bench":
            let settings = try BenchSettings(invocation)
            try await untilStopped { try await measure(settings, invocation) }
        case let word: throw Refusal("\(word ?? "") is not a command; `linli help` lists them")
        }
    }

    private static func measure(_ settings: BenchSettings, _ invocation: Invocation) async throws {
        let loadBefore = Machine.load
        let report = try await Stage.with(settings) { stage in
            if settings.isScale { return try await BenchScale(stage: stage).run() }
            if settings.isRates { return try await BenchRates(stage: stage).run() }
            if settings.isCity { return try await BenchCity.run(stage, invocation) }
            if settings.isImport { return try await BenchImport(stage: stage).run() }
            if settings.isStorm { return try await BenchStorm(stage: stage).run() }
            return BenchTables.report(try await BenchRun(stage: stage).run(), settings)
        }
        var complete = report
        complete.add(["Load average: \(loadBefore) before, \(Machine.load) after."])
        print("\n" + complete.text)
        if settings.writes { try complete.write() }
    }

    private static func servePlaintext() async throws {
        let server = PlaintextServer.application(logger: quiet) { port in
            print("listening on http://127.0.0.1:\(port)")
            // Whoever waits for this line must not wait for a full buffer.
            fflush(nil)
        }
        let configuration = ServiceGroupConfiguration(
            services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet
        )
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Runs `body`; SIGINT and SIGTERM cancel it, so that it cleans up on its way out.
    private static func untilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let job = Job(body)
        let configuration = ServiceGroupConfiguration(
            services: [.init(service: job, successTerminationBehavior: .gracefullyShutdownGroup)],
            cancellationSignals: [.sigint, .sigterm],
            logger: quiet
        )
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            throw Refusal("stopped; everything it had started is gone")
        }
        guard job.isFinished else { throw Refusal("stopped; everything it had started is gone") }
    }

    private static var quiet: Logger {
        var logger = Logger(label: "linli.bench")
        logger.logLevel = .critical
        return logger
    }
}

/// Work that ends by itself, as a service that signals can cancel.
private final class Job: Service {
    private let body: @Sendable () async throws -> Void
    private let finished = Mutex(false)

    init(_ body: @escaping @Sendable () async throws -> Void) {
        self.body = body
    }

    var isFinished: Bool { finished.withLock { $0 } }

    func run() async throws {
        try await body()
        finished.withLock { $0 = true }
    }
}
