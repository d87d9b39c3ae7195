import Foundation
import LinliCore

/// The ceiling on PostgreSQL: pgbench with the statements of a creation.
struct Pgbench: Sendable {
    let stage: Stage
    let premises: Premises

    func run() async throws -> (BenchFigure, String) {
        let script = stage.folder + "/creation.pgbench"
        let text = try await stage.linli(["bench-raw"], premises)
        guard FileManager.default.createFile(atPath: script, contents: Data(text.utf8)) else {
            throw Refusal("\(script) cannot be written")
        }
        _ = try await transactions(script, seconds: 2, startingAt: 0)
        let seconds = Int(stage.settings.seconds)
        let printed = try await transactions(script, seconds: seconds, startingAt: 1_000_000)
        guard let perSecond = Pgbench.number(after: "tps = ", printed),
            let latency = Pgbench.number(after: "latency average = ", printed),
            let failed = Pgbench.number(after: "number of failed transactions: ", printed)
        else { throw Refusal("pgbench printed no figures") }
        guard failed == 0 else { throw Refusal("pgbench: \(Int(failed)) transactions failed") }
        let figure = BenchFigure(perSecond: perSecond, p50: latency)
        let words =
            "raw: `pgbench -n -c 16 -j 2 -M prepared` repeats the whole transaction of a creation, its reads included, "
            + "READ COMMITTED (the program's is SERIALIZABLE); its p50 is the average latency."
        return (figure, words)
    }

    private func transactions(_ script: String, seconds: Int, startingAt start: Int) async throws -> String {
        guard let program = Pgbench.program else {
            throw Refusal("pgbench is not installed: it comes with Debian's package postgresql")
        }
        var environment = premises.environment
        var url = premises.database
        // Arguments can be read by everybody on the machine: a password goes into the environment.
        if var parts = URLComponents(string: url), let password = parts.password {
            environment["PGPASSWORD"] = password
            parts.password = nil
            url = parts.string ?? url
        }
        return try await Child.run(
            program,
            [
                "-n", "-c", "16", "-j", "2", "-T", "\(seconds)", "-M", "prepared",
                "-D", "n=\(start)", "-f", script, url,
            ],
            environment: environment.merging(["LC_ALL": "C"]) { $1 }, output: stage.folder + "/pgbench.out",
            within: seconds + 60
        )
    }

    /// Debian's newest one.
    private static var program: String? {
        (1...40).reversed().map { "/usr/lib/postgresql/\($0)/bin/pgbench" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func number(after words: String, _ text: String) -> Double? {
        guard let range = text.range(of: words) else { return nil }
        return Double(text[range.upperBound...].prefix { $0.isNumber || $0 == "." })
    }
}
