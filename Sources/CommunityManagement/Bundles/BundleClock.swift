import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

/// A clock of one round of a case, as the evidence shows it: what it asked for and what became of it.
struct BundleClock: Sendable, Equatable {
    /// The name of a rule of the case's type.
    let clock: String
    /// The first, the second and so on of its name.
    var round: Int
    /// Its whole time, and whether only duty hours count; nil where that is not kept.
    let length: Length?
    let startedAt: Instant
    /// When it runs out; of one that was stopped, when it would have. Nil while it stands still.
    let dueAt: Instant?
    let stoppedAt: Instant?
    let isLate: Bool

    /// How long a clock is.
    struct Length: Sendable, Equatable {
        let minutes: Int
        let counting: RunningClock.Counting
    }

    /// How long after its end it was stopped; nil for in time, and while it runs.
    var lateSeconds: Int64? {
        guard isLate, let stoppedAt, let dueAt, stoppedAt > dueAt else { return nil }
        return stoppedAt.seconds(since: dueAt)
    }

    /// The clocks of every round: those that run, those that ended, and of rounds from before ends were kept what their
    /// evidence says.
    static func all(of view: CaseView, _ calendar: WorkingCalendar, _ tx: ReadTx) throws -> [BundleClock] {
        let present = view.clocks.filter { $0.clock != CaseClock.step }
        let ended = try CaseClockEnd.all(of: view.item.id, tx).filter { end in
            // What was stopped and goes on is one clock, not two.
            !present.contains { $0.clock == end.clock && $0.round == end.round }
        }
        var clocks = present.map { clock in
            BundleClock(
                clock: clock.clock, round: 0,
                length: Length(minutes: clock.budgetMinutes, counting: clock.running.counting),
                startedAt: clock.startedAt, dueAt: clock.end(calendar),
                stoppedAt: clock.stoppedAt, isLate: clock.isLate)
        }
        clocks += ended.map { end in
            BundleClock(
                clock: end.clock, round: 0, length: Length(minutes: end.budgetMinutes, counting: end.counting),
                startedAt: end.startedAt, dueAt: end.dueAt, stoppedAt: end.stoppedAt, isLate: end.isLate)
        }
        for row in try OutcomesStore.all(of: view.item.id, tx) { clocks += before(row, view.type, beside: clocks) }
        clocks.sort { ($0.startedAt, $0.clock) < ($1.startedAt, $1.clock) }
        var rounds: [String: Int] = [:]
        for index in clocks.indices {
            rounds[clocks[index].clock, default: 0] += 1
            clocks[index].round = rounds[clocks[index].clock] ?? 1
        }
        return clocks
    }

    /// What the evidence of a round says of clocks of which nothing else is kept.
    private static func before(_ row: CaseOutcome, _ type: CaseType, beside known: [BundleClock]) -> [BundleClock] {
        let contact = type.clocks.first(where: \.stopsAtContact)?.id
        let others = type.clocks.filter { !$0.stopsAtContact }
        let work = (others.first { $0.basis == .statutory } ?? others.first)?.id
        let parts = [(work, row.dueAt, row.finishedAt), (contact, row.contactDueAt, row.contactedAt)]
        return parts.compactMap { name, due, stopped in
            guard let name, let due, let stopped,
                !known.contains(where: { $0.clock == name && $0.startedAt <= stopped && $0.isOver(at: stopped) })
            else { return nil }
            return BundleClock(
                clock: name, round: 0, length: nil, startedAt: row.dispatchedAt, dueAt: due, stoppedAt: stopped,
                isLate: stopped > due)
        }
    }

    /// Whether it had not been stopped before a moment.
    private func isOver(at moment: Instant) -> Bool { stoppedAt.map { $0 >= moment } ?? true }
}
