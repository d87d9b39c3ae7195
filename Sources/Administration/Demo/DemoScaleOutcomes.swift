import LinliCore
import LinliKernel
import LinliStandards

extension ScaledCase {
    /// What became of a made-up case, as its evidence would say; nil before it is dispatched.
    ///
    /// Made-up cases carry no contact, but their evidence counts them as people who could be reached: it is the sums and
    /// lists of a real month that are measured.
    func outcome(_ id: ID<Case>, type: String, _ calendar: AssessmentCalendar, now: Instant) -> CaseOutcome? {
        guard let unit else { return nil }
        var random = DemoRandom(seed &+ 1_000_003)
        var row = CaseOutcome(
            of: id, round: 1, type: type, division: place.division, against: 0, unit: unit,
            category: topic.category, nature: topic.nature.rawValue,
            month: calendar.month(of: createdAt), dispatchedAt: createdAt, isReachable: true
        )
        row.isAccepted = state != "dispatched"
        row.dueAt = createdAt.adding(days: 7)
        row.contactDueAt = createdAt.adding(hours: 24)
        // Nineteen of twenty are called within a day.
        let call = createdAt.adding(minutes: 10 + Int(random.next() % (random.next() % 20 == 0 ? 4320 : 1380)))
        if call <= now { row.contactedAt = call }
        row.judgeResponse(at: now)
        if state == "withdrawn" { row.isWithdrawn = true }
        guard ["confirming", "checking", "closed"].contains(state) else { return row }
        row.finishedAt = stateSince
        row.askedAt = stateSince
        if state != "confirming" { conclude(&row, &random) }
        return row
    }

    /// Two of three answer, nine of ten of them are content.
    private func conclude(_ row: inout CaseOutcome, _ random: inout DemoRandom) {
        if random.next() % 80 == 0 { row.exclusion = "unreasonable" }
        guard state == "checking" || random.next() % 3 < 2 else {
            row.isUnreached = random.next() % 8 == 0
            if row.isUnreached { row.attempts = 3 }
            return
        }
        row.answeredAt = stateSince
        row.channel = AnswerChannel.allCases[Int(random.next() % 3)]
        let isSolved = random.next() % 10 > 0
        row.isSolved = isSolved
        if random.next() % 6 > 0 {
            row.grade = stars.flatMap { Satisfaction(rawValue: $0) } ?? (isSolved ? .satisfied : .unsatisfied)
        }
    }
}
