import LinliCore
import LinliKernel

/// `linli rates recount [--month YYYYMM] [--repair] [--evidence [--newest N]]`.
enum RatesCommand {
    static func run(_ invocation: Invocation) async throws {
        let month = AssessmentMonth(invocation.text("month"))
        let plan = try await Plan(invocation, for: .existing) { _ in
            var problems: [String] = []
            if invocation.words != ["rates", "recount"] {
                problems.append("say `linli rates recount`, with --month YYYYMM for one month")
            }
            if !invocation.text("month").isEmpty, month == nil { problems.append("--month must look like 202611") }
            if !invocation.text("newest").isEmpty, (invocation.number("newest") ?? 0) < 1 {
                problems.append("--newest must be a number from 1")
            }
            return problems
        }
        let node = try await Node.open(plan)
        let outcome: Outcome
        var proof: EvidenceProof?
        do {
            if invocation.isOn("repair") { try await repair(node) }
            outcome = try await recount(month, node)
            if invocation.isOn("evidence") {
                proof = try await node.services.queries.proveEvidence(newest: invocation.number("newest"))
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        print(outcome.sentence)
        for note in outcome.notes { print(note) }
        if let proof { print(sentence(proof)) }
        let differences = outcome.differences + (proof?.differences ?? [])
        guard differences.isEmpty else { throw Invocation.Misunderstood(sentences: differences) }
    }

    /// What a recount found.
    struct Outcome: Sendable {
        var months = 0
        var evidence = 0
        var compared = 0
        var waiting = 0
        var differences: [String] = []
        /// On which days months end, and where rows were counted by other days.
        var notes: [String] = []

        var sentence: String {
            let found = "\(evidence) evidence rows of \(months) months, \(compared) sums compared"
            if waiting > 0 { return found + "; \(waiting) events are not counted yet, so they may differ: try again" }
            return found + (differences.isEmpty ? ": all equal" : ": \(differences.count) differ")
        }
    }

    /// Compares one month, or all of them, each on one view of the store. While events are on their way a difference
    /// means nothing, and none is told.
    static func recount(_ month: AssessmentMonth?, _ node: Node) async throws -> Outcome {
        let database = node.services.database
        var outcome = Outcome()
        let all = try await database.read { try RateMonths.months($0) }
        let calendar = try await node.services.queries.assessmentCalendar()
        outcome.notes = endings(calendar, node.services.queries.settings.rates.cutoff)
        for month in month.map({ [$0] }) ?? all {
            let (found, waiting, outside) = try await database.read { tx in
                (
                    try RateMonths.recount(month, tx), try RateMonths.waiting(tx),
                    try RateMonths.outside(month, calendar, tx)
                )
            }
            if outside > 0 {
                let days = "\(calendar.firstDay(of: month)) to \(calendar.lastDay(of: month))"
                outcome.notes.append(
                    "\(month): \(outside) of \(found.evidence) rows were dispatched on none of its days, \(days): "
                        + "they were counted when months ended on another day, and stay where they are")
            }
            outcome.months += 1
            outcome.evidence += found.evidence
            outcome.compared += found.compared
            outcome.waiting = max(outcome.waiting, waiting)
            if waiting == 0 { outcome.differences += found.differences }
        }
        return outcome
    }

    /// On which days months end, and whether the setting here is another one.
    private static func endings(_ calendar: AssessmentCalendar, _ setting: Int) -> [String] {
        guard let last = calendar.rules.last else { return [] }
        let parts = calendar.rules.enumerated().map { index, rule in
            (index == 0 ? "" : "from \(rule.from) on ") + "on day \(rule.cutoff)"
        }
        let kept = "months end " + parts.joined(separator: ", ")
        guard last.cutoff != setting else { return [kept] }
        return [
            kept,
            "--month-cutoff is \(setting) here: it holds from the first month that begins after the server started with it",
        ]
    }

    private static func sentence(_ proof: EvidenceProof) -> String {
        var words = "\(proof.rounds) rounds of \(proof.cases) cases compared with their histories: "
        words += proof.different == 0 ? "all equal" : "\(proof.different) cases differ"
        if proof.shared > 0 { words += "; \(proof.shared) told by several left out" }
        if proof.cut > 0 { words += "; \(proof.cut) without a history from their beginning left out" }
        return words
    }

    private static func repair(_ node: Node) async throws {
        try await node.services.database.system { try RateMonths.rebuild($0) }
        print("the monthly sums were made anew")
    }
}
