import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// What a storm left in the store, worked out again: states from what was acknowledged, deadlines and rungs by a clock
/// that walks minute by minute and has nothing in common with the one it checks.
struct StormCheck: Sendable {
    struct Row: Sendable {
        let name: String
        var count = 0
        var wrong: [String] = []
    }

    struct Findings: Sendable {
        var rows: [Row] = []
    }

    private struct Item: Sendable {
        let id: ID<Case>
        let state: String
        let since: Instant
        let isUrgent: Bool
    }

    private struct Timer: Sendable {
        let item: ID<Case>
        let clock: String
        let round: Int
        let isWorking: Bool
        let minutes: Int
        let started: Instant
        let due: Instant?
        let stopped: Instant?
        let isLate: Bool
    }

    private struct Step: Hashable {
        let item: ID<Case>
        let clock: String
        let round: Int
        let rung: Int
    }

    private struct Book: Sendable {
        var items: [ID<Case>: Item] = [:]
        var timers: [Timer] = []
        var dispatched: [ID<Case>: Instant] = [:]
        var alerts: [Step: [Instant]] = [:]
    }

    let store: BenchStore
    let outcome: Storm.Outcome
    /// When the storm began.
    let from: Instant

    func run(until end: Instant) async throws -> Findings {
        let type = try store.services.queries.types.current("need")
        let naive = try NaiveClock.bundled(hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)])
        let book = try await read()
        let recount = try await store.services.database.read { try CaseCounts.recount($0) }
        var counts = Row(name: "cases in the counts of the desk", count: recount.counted)
        if recount.counted != recount.stored {
            counts.wrong.append("\(recount.counted) cases, \(recount.stored) counted")
        }
        return Findings(
            rows: [
                states(book), counts, starts(book), deadlines(book, naive), rungs(book, type, naive, until: end),
                twice(book),
            ]
        )
    }

    private func read() async throws -> Book {
        let from = from
        return try await store.services.database.read { tx in
            var book = Book()
            try tx.each(
                """
                SELECT id, state, state_since, is_urgent FROM case_item
                WHERE type = 'need' AND source = 'api' AND created_at >= \(from)
                """
            ) { row in
                let item = Item(id: try row[0], state: try row[1], since: try row[2], isUrgent: try row[3])
                book.items[item.id] = item
            }
            try tx.each(
                """
                SELECT case_id, clock, round, counting, budget_minutes, started_at, due_at, stopped_at, is_late
                FROM case_timer WHERE started_at >= \(from)
                """
            ) { row in
                let counting: String = try row[3]
                let timer = Timer(
                    item: try row[0], clock: try row[1], round: try row[2], isWorking: counting == "working",
                    minutes: try row[4], started: try row[5], due: try row[6], stopped: try row[7], isLate: try row[8]
                )
                if book.items[timer.item] != nil { book.timers.append(timer) }
            }
            try tx.each(
                """
                SELECT case_id, min(at) FROM case_entry
                WHERE to_state = 'dispatched' AND from_state <> to_state AND at >= \(from) GROUP BY case_id
                """
            ) { book.dispatched[try $0[0]] = try $0[1] }
            try tx.each("SELECT case_id, clock, round, rung, meant_for FROM case_alert WHERE at >= \(from)") { row in
                let step = Step(item: try row[0], clock: try row[1], round: try row[2], rung: try row[3])
                book.alerts[step, default: []].append(try row[4])
            }
            return book
        }
    }

    // MARK: What must hold

    /// Every acknowledged case stands where its last acknowledged step left it, and there is no other.
    private func states(_ book: Book) -> Row {
        var row = Row(name: "states of cases", count: outcome.cases.count)
        for (id, script) in outcome.cases {
            guard let item = ID<Case>(id).flatMap({ book.items[$0] }) else {
                row.wrong.append("\(id) was acknowledged and is not there")
                continue
            }
            if item.state != script.state { row.wrong.append("\(id) is \(item.state), not \(script.state)") }
            if item.isUrgent != outcome.urgent.contains(id) { row.wrong.append("\(id) is urgent: \(item.isUrgent)") }
        }
        if book.items.count != outcome.cases.count {
            row.wrong.append("\(book.items.count) cases, \(outcome.cases.count) acknowledged")
        }
        return row
    }

    /// Clocks of a case run from its first dispatch, that of a state from its beginning.
    private func starts(_ book: Book) -> Row {
        var row = Row(name: "starts of clocks", count: book.timers.count)
        for timer in book.timers {
            let expected = timer.clock == CaseClock.step ? book.items[timer.item]?.since : book.dispatched[timer.item]
            if timer.started != expected {
                row.wrong.append("\(timer.item) \(timer.clock): \(timer.started), not \(StormCheck.words(expected))")
            }
        }
        return row
    }

    private func deadlines(_ book: Book, _ naive: NaiveClock) -> Row {
        var row = Row(name: "deadlines", count: book.timers.count)
        for timer in book.timers {
            if let stopped = timer.stopped {
                let used = naive.used(from: timer.started, to: stopped, isWorking: timer.isWorking)
                let isLate = used > Int64(timer.minutes) * 60_000
                if isLate != timer.isLate { row.wrong.append("\(timer.item) \(timer.clock): late \(timer.isLate)") }
                continue
            }
            let due = naive.due(start: timer.started, minutes: timer.minutes, isWorking: timer.isWorking)
            if due != timer.due {
                row.wrong.append(
                    "\(timer.item) \(timer.clock): \(StormCheck.words(timer.due)), not \(StormCheck.words(due))"
                )
            }
        }
        return row
    }

    private static func words(_ moment: Instant?) -> String { moment.map { "\($0)" } ?? "–" }

    /// Each rung that was reached is an alert meant for its moment, and none that was not.
    private func rungs(_ book: Book, _ type: CaseType, _ naive: NaiveClock, until end: Instant) -> Row {
        var row = Row(name: "rungs of escalation")
        let slack = Int64(BenchStorm.slackMinutes) * 60_000
        for timer in book.timers {
            let ladder =
                timer.clock == CaseClock.step
                ? type.states.first { $0.id == book.items[timer.item]?.state }?.ladder ?? []
                : type.clocks.first { $0.id == timer.clock }?.ladder ?? []
            let used = naive.used(from: timer.started, to: timer.stopped ?? end, isWorking: timer.isWorking)
            for (index, reached) in StormCheck.reached(ladder, minutes: timer.minutes, within: used + slack) {
                row.count += 1
                let step = Step(item: timer.item, clock: timer.clock, round: timer.round, rung: index)
                guard let meant = book.alerts[step]?.first else {
                    // Who moves a case climbs what is due before; only what still runs waits for the job.
                    if used >= reached + (timer.stopped == nil ? slack : 0) {
                        row.wrong.append("\(timer.item) \(timer.clock): rung \(index) missed")
                    }
                    continue
                }
                let passed = naive.used(from: timer.started, to: meant, isWorking: timer.isWorking)
                if passed != reached {
                    row.wrong.append("\(timer.item) \(timer.clock): rung \(index) after \(passed) ms, not \(reached)")
                }
            }
        }
        return row
    }

    /// The rungs of a ladder whose time comes within so many milliseconds, with that time.
    private static func reached(_ ladder: [CaseType.Rung], minutes: Int, within used: Int64) -> [(Int, Int64)] {
        let budget = Int64(minutes) * 60_000
        var found: [(Int, Int64)] = []
        for index in 0..<10_000 {
            let (rung, repeats): (CaseType.Rung, Int)
            if index < ladder.count {
                (rung, repeats) = (ladder[index], 0)
            } else {
                guard let last = ladder.last, last.everyMinutes != nil else { break }
                (rung, repeats) = (last, index - ladder.count + 1)
            }
            let time =
                rung.percent.map { budget * Int64($0) / 100 }
                ?? budget + Int64(rung.overdueMinutes + repeats * (rung.everyMinutes ?? 0)) * 60_000
            guard time <= used else { break }
            found.append((index, time))
        }
        return found
    }

    private func twice(_ book: Book) -> Row {
        let many = book.alerts.filter { $0.value.count > 1 }
        return Row(
            name: "alerts, each once", count: book.alerts.count,
            wrong: many.keys.map { "\($0.item) \($0.clock) rung \($0.rung): \(many[$0]?.count ?? 0) times" }
        )
    }
}
