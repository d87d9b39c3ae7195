import LinliCore
import LinliStandards

/// The clocks and alerts of a store, worked out again from the histories of its cases: lengths from the type, the class
/// and the urgency, times by a clock that walks minute by minute, and for each alert a rung that was reached, for each
/// rung that was reached an alert.
package struct ClockProof: Sendable {
    /// One thing that was looked at.
    package struct Row: Sendable {
        package let name: String
        package var count = 0
        /// What is not as it must be, a sentence each.
        package var wrong: [String] = []

        /// Nothing looked at yet.
        package init(name: String) { self.name = name }
    }

    let type: CaseType
    let naive: NaiveClock
    let end: Instant
    let slack: Int64
    let catalogue: EventCatalogue

    /// A proof for cases of `type` as they stood at `end`; a rung that was reached in the last `slackMinutes` may still
    /// wait for the job that looks. `hours` are the duty hours of a working day, in minutes after midnight.
    package init(
        _ type: CaseType, _ catalogue: EventCatalogue, hours: [(Int, Int)], until end: Instant, slackMinutes: Int
    ) throws {
        self.type = type
        self.catalogue = catalogue
        naive = try .bundled(hours: hours)
        self.end = end
        slack = Int64(slackMinutes) * 60_000
    }

    /// Looks at every case of a book.
    package func run(_ book: ClockBook) -> [Row] {
        var found = Found()
        for (id, sheet) in book.sheets.sorted(by: { $0.key < $1.key }) {
            let lives = ClockLives(sheet, type, catalogue).all
            clocks("\(id)", sheet, lives, &found)
            let stands = ClockStands(sheet, type, book)
            rungs("\(id)", sheet, lives, stands, &found)
            urgent("\(id)", sheet, stands, &found)
            marks("\(id)", sheet, &found)
        }
        return [found.starts, found.budgets, found.deadlines, found.rungs, found.alerts, found.urgent, found.marks]
    }

    /// What was found so far.
    struct Found {
        var starts = Row(name: "starts and stops of clocks")
        var budgets = Row(name: "lengths of clocks")
        var deadlines = Row(name: "deadlines")
        var rungs = Row(name: "rungs that were reached")
        var alerts = Row(name: "alerts, each for a rung")
        var urgent = Row(name: "alerts of urgent cases")
        var marks = Row(name: "marks in histories")
    }

    /// The milliseconds on a clock from its start to a moment.
    func used(_ life: ClockLife, to moment: Instant) -> Int64 {
        var pauses = life.pauses
        if let since = life.pausedSince, since < moment { pauses.append(since..<moment) }
        return naive.used(from: life.start, to: moment, isWorking: life.length.isWorking, pauses: pauses)
    }

    static func words(_ moment: Instant?) -> String { moment.map { "\($0)" } ?? "–" }

    // MARK: Clocks

    /// The stored clocks are the last ones of each name, and what they say is so.
    private func clocks(_ id: String, _ sheet: ClockBook.Sheet, _ lives: [ClockLife], _ found: inout Found) {
        var last: [String: ClockLife] = [:]
        for life in lives { last[life.clock] = life }
        for name in Set(last.keys).union(sheet.timers.map(\.clock)).sorted() {
            found.starts.count += 1
            guard let life = last[name] else {
                found.starts.wrong.append("\(id) \(name): nothing started it")
                continue
            }
            guard let timer = sheet.timers.first(where: { $0.clock == name }) else {
                found.starts.wrong.append("\(id) \(name): is not there")
                continue
            }
            if timer.started != life.start || timer.round != life.round || timer.stopped != life.stop {
                let right = "\(life.start) to \(ClockProof.words(life.stop)), round \(life.round)"
                let wrong = "\(timer.started) to \(ClockProof.words(timer.stopped)), round \(timer.round)"
                found.starts.wrong.append("\(id) \(name): \(wrong), not \(right)")
            }
            found.budgets.count += 1
            if timer.minutes != life.minutes || timer.isWorking != life.length.isWorking {
                found.budgets.wrong.append("\(id) \(name): \(timer.minutes) minutes, not \(life.minutes)")
            }
            found.deadlines.count += 1
            if let words = deadline(timer, life) { found.deadlines.wrong.append("\(id) \(name): \(words)") }
        }
    }

    /// What is wrong with a deadline, or with whether it was kept; nil for nothing.
    private func deadline(_ timer: ClockBook.Timer, _ life: ClockLife) -> String? {
        if let stop = life.stop {
            let isLate = used(life, to: stop) > Int64(life.minutes) * 60_000
            return isLate == timer.isLate ? nil : "late \(timer.isLate), not \(isLate)"
        }
        let isPaused = life.pausedSince != nil
        let due =
            isPaused
            ? nil
            : naive.due(
                start: life.start, minutes: life.minutes, isWorking: life.length.isWorking, pauses: life.pauses
            )
        return due == timer.due ? nil : "\(ClockProof.words(timer.due)), not \(ClockProof.words(due))"
    }
}
