import Administration
import LinliCore
import LinliKernel
import LinliSQL

/// What a storm left in the store, worked out again: states from what was acknowledged, clocks and alerts by
/// `ClockProof` from the histories.
struct StormCheck: Sendable {
    let store: BenchStore
    let outcome: Storm.Outcome
    /// When the storm began.
    let from: Instant

    func run(until end: Instant) async throws -> [ClockProof.Row] {
        let from = from
        let services = store.services
        let (book, recount) = try await services.database.read { tx in
            (
                try ClockBook(of: "need", by: .api, in: DemoDivision.street, since: from, tx),
                try CaseCounts.recount(tx)
            )
        }
        // A clock that ran out while the nodes were stopping has moved a case whose event nobody has delivered yet.
        let isSettled = try await Vitals.read(services.database).deliveriesWaiting == 0
        let miscounts = try await isSettled ? services.database.read { try CaseCounts.differences($0) } : []
        var counts = ClockProof.Row(name: "cases in the counts of the desk")
        counts.count = recount.counted
        if recount.counted != recount.stored {
            counts.wrong.append("\(recount.counted) cases, \(recount.stored) counted")
        }
        counts.wrong += miscounts.map { "\($0.what): \($0.counted) cases, \($0.stored) counted" }
        let proof = try ClockProof(
            try services.queries.types.current("need"), services.catalogue,
            hours: [(9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)], until: end, slackMinutes: BenchStorm.slackMinutes
        )
        return [states(book), asked(book), counts] + proof.run(book)
    }

    /// Every acknowledged case stands where its last acknowledged step left it, and there is no other.
    private func states(_ book: ClockBook) -> ClockProof.Row {
        var row = ClockProof.Row(name: "states of cases")
        row.count = outcome.cases.count
        for (id, script) in outcome.cases {
            guard let sheet = ID<Case>(id).flatMap({ book.sheets[$0] }) else {
                row.wrong.append("\(id) was acknowledged and is not there")
                continue
            }
            if sheet.state != script.state { row.wrong.append("\(id) is \(sheet.state), not \(script.state)") }
            if sheet.isUrgent != outcome.urgent.contains(id) { row.wrong.append("\(id) is urgent: \(sheet.isUrgent)") }
        }
        if book.sheets.count != outcome.cases.count {
            row.wrong.append("\(book.sheets.count) cases, \(outcome.cases.count) acknowledged")
        }
        return row
    }

    /// Every step that was acknowledged stands in the history once, and no other: nothing was done twice.
    private func asked(_ book: ClockBook) -> ClockProof.Row {
        var row = ClockProof.Row(name: "steps in histories")
        for (id, script) in outcome.cases {
            let lines = ID<Case>(id).flatMap { book.sheets[$0] }?.lines ?? []
            let marks = [CaseMark.remind, .supervise, .raise].map(\.rawValue)
            let found = lines.map(\.name).filter { !marks.contains($0) }
            let right = ["report"] + script.steps.map { $0 == "take" ? "accept" : $0 }
            row.count += right.count
            if found != right { row.wrong.append("\(id): \(found), not \(right)") }
        }
        return row
    }
}
