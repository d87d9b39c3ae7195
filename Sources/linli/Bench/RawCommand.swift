import Foundation
import LinliCore
import LinliSQL
import LinliSQLite

/// The ceiling of a creation: its own statements, straight to the store. `linli bench-raw`, a child of the bench.
///
/// On SQLite it writes the same rows through the group committer, for as long and from as many tasks as it is told. On
/// PostgreSQL it prints the same transaction for pgbench.
enum RawCommand {
    /// What `linli bench-raw` prints.
    struct Outcome: Codable {
        var operations = 0
        var seconds = 0.0
        /// Of the writes alone: what it costs to make fresh values is measured apart and taken off.
        var cpuMicrosecondsPerOperation = 0.0
        var p50 = 0.0
        var p99 = 0.0
        var largest = 0.0
        /// Statements of one transaction.
        var statements = 0

        var perSecond: Double { seconds > 0 ? Double(operations) / seconds : 0 }
    }

    static func run(_ invocation: Invocation) async throws {
        let plan = try await Plan(invocation, for: .existing)
        let template = try await BenchStore.with(plan) { try await $0.recordCreation() }
        switch plan.store {
        case .postgres: print(pgbenchScript(template))
        case .sqlite(let path):
            guard let seconds = invocation.number("seconds"), let tasks = invocation.number("connections-out") else {
                throw Refusal("--seconds and --connections-out must be numbers")
            }
            let engine = try SQLiteEngine(path: path)
            let replay = Replay(engine: engine, template: template.changes, tasks: tasks)
            _ = try await replay.run(seconds: Double(min(seconds, 2)), startingAt: 10_000_000)
            let outcome = try await replay.run(seconds: Double(seconds), startingAt: 1_000_000_000)
            await engine.close()
            print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
        }
    }

    // MARK: PostgreSQL

    /// The transaction as pgbench repeats it, all reads included, but no more isolated than PostgreSQL does by itself:
    /// what SERIALIZABLE costs is part of the program's price, not of the ceiling.
    ///
    /// Identifiers count upward and stay apart by client, so that they meet the indexes as real ones do.
    static func pgbenchScript(_ template: TransactionTemplate) -> String {
        var lines = [#"\set n :n + 1"#, #"\set number :n * 64 + :client_id + 10000000"#]
        for slot in 0..<template.slots {
            lines.append(#"\set id\#(slot) 4000000000000000000 + :number * \#(template.slots) + \#(slot)"#)
        }
        lines.append("BEGIN;")
        for statement in template.statements {
            let values = statement.values.map(literal) + [""]
            lines.append(zip(statement.pieces, values).map { $0 + $1 }.joined() + ";")
        }
        return (lines + ["COMMIT;"]).joined(separator: "\n")
    }

    private static func literal(_ value: TransactionTemplate.Value) -> String {
        switch value {
        case .identifier(let slot): ":id\(slot)"
        case .text(let before, let after): "(\(quoted(before)) || :number::text || \(quoted(after)))"
        case .bytes(let count): "decode(lpad(to_hex(:number::bigint), \(count * 2), '0'), 'hex')"
        case .fixed(.null): "NULL"
        case .fixed(.int(let number)): "\(number)"
        case .fixed(.real(let number)): "\(number)"
        case .fixed(.text(let text)): quoted(text)
        case .fixed(.blob(let bytes)): "decode('\(bytes.map(hex).joined())', 'hex')"
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// A literal in one line and without a colon: pgbench would take it for the beginning of a variable.
    private static func quoted(_ text: String) -> String {
        var quoted = "E'"
        for character in text.unicodeScalars {
            switch character {
            case "'": quoted += "''"
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case ":": quoted += "\\x3A"
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "'"
    }
}

/// Writes one template's rows again and again from many tasks.
private struct Replay: Sendable {
    let engine: SQLiteEngine
    let template: TransactionTemplate
    let tasks: Int
    private let ids = IDGenerator(node: 1023, clock: .system)

    func run(seconds: Double, startingAt start: Int) async throws -> RawCommand.Outcome {
        let preparing = try preparingMicroseconds()
        let (cpu, begin) = (ownCPUMicroseconds(), ContinuousClock.now)
        let end = begin + .seconds(seconds)
        let times = try await withThrowingTaskGroup(of: Histogram.self) { group in
            for task in 0..<tasks {
                group.addTask { try await writeUntil(end, startingAt: start + task) }
            }
            var times = Histogram()
            for try await part in group { times.add(part) }
            return times
        }
        let spent = ownCPUMicroseconds() - cpu
        var outcome = RawCommand.Outcome()
        outcome.operations = times.count
        outcome.seconds = (ContinuousClock.now - begin) / .seconds(1)
        outcome.cpuMicrosecondsPerOperation = spent / Double(max(1, times.count)) - preparing
        outcome.p50 = times.milliseconds(50)
        outcome.p99 = times.milliseconds(99)
        outcome.largest = Double(times.largest) / 1000
        outcome.statements = template.statements.count
        return outcome
    }

    private func writeUntil(_ end: ContinuousClock.Instant, startingAt start: Int) async throws -> Histogram {
        var times = Histogram()
        var number = start
        while ContinuousClock.now < end {
            let statements = try template.fresh(ids, number: number)
            number += tasks
            let begin = ContinuousClock.now
            try await engine.write(.serializable) { connection in
                for statement in statements { try connection.execute(statement) }
            }
            times.add(ContinuousClock.now - begin)
        }
        return times
    }

    /// What making the values of one transaction costs.
    private func preparingMicroseconds() throws -> Double {
        let rounds = 5000
        let cpu = ownCPUMicroseconds()
        for number in 0..<rounds { _ = try template.fresh(ids, number: number) }
        return (ownCPUMicroseconds() - cpu) / Double(rounds)
    }
}
