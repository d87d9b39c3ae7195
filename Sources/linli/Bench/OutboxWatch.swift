import Foundation
import LinliCore
import NIOHTTP1

/// Looks at a server's outbox through `/health` and `/metrics`, like any monitor.
actor OutboxWatch {
    private let port: Int
    private(set) var findings = BenchRun.OutboxFindings()

    init(port: Int) {
        self.port = port
    }

    /// Notes the lag each second until the task is cancelled.
    func sample() async {
        while !Task.isCancelled {
            // A look that fails is not counted: the load that runs beside it says when the server is gone.
            if let lag = try? await lag() { findings.lags.append(lag) }
            // Cancelled while sleeping: the loop's condition ends it.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Waits until every delivery was made; the lag found at the beginning is that at the end of the load,
    /// and of several loads the longest stands.
    ///
    /// - Throws: one sentence when it takes longer than two minutes, or a delivery was given up.
    func waitUntilEmpty() async throws {
        findings.lagAtEnd = max(findings.lagAtEnd, try await lag())
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(120) {
            let metrics = try await metrics()
            if metrics["linli_outbox_dead", default: 0] > 0 { throw Refusal("create: the outbox gave deliveries up") }
            let waited = (ContinuousClock.now - start) / .seconds(1)
            findings.secondsToEmpty = max(findings.secondsToEmpty, waited)
            if metrics["linli_outbox_waiting", default: 0] == 0 { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw Refusal("create: the outbox was not empty two minutes after the last creation")
    }

    /// Commits, and writes in them, since the start of the server.
    func counters() async throws -> (commits: Int, writes: Int) {
        let metrics = try await metrics()
        return (metrics["linli_store_commits_total", default: 0], metrics["linli_store_writes_total", default: 0])
    }

    private func lag() async throws -> Int {
        struct Health: Decodable { let outboxLagSeconds: Int }
        let answer = try await Wire.fetch(WireRequest(.GET, "/health"), port)
        guard answer.status == 200 else { throw Refusal("/health was answered with \(answer.status)") }
        return try answer.decode(Health.self).outboxLagSeconds
    }

    private func metrics() async throws -> [String: Int] {
        let answer = try await Wire.fetch(WireRequest(.GET, "/metrics"), port)
        guard answer.status == 200 else { throw Refusal("/metrics was answered with \(answer.status)") }
        var metrics: [String: Int] = [:]
        for line in answer.body.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Int(words[1]) { metrics[String(words[0])] = value }
        }
        return metrics
    }
}
