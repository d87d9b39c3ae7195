import LinliCore
import LinliSQL

/// A line of the ledger of visits 走访台账: one visit at which somebody was there, or that the household answered.
package struct VisitLedgerLine: Sendable {
    /// The visit.
    package let visit: Visit
    /// When it was.
    package let at: Instant
    /// What was answered at it, in the order of its questions.
    package let answers: [(question: Text, value: Text)]

    /// How it was made.
    package var way: Text { visit.result == .well ? Text("住户回复", "Reply") : visit.way.name }

    /// Whether somebody was met.
    package var met: Text {
        switch (visit.state, visit.result) {
        case (.done, .well): Text("回复平安", "All is well")
        case (.done, _): visit.missedAt == nil ? Text("见到", "Met") : Text("再去见到", "Met the second time")
        default: Text("没见到", "Not met")
        }
    }

    /// The answers in one line, and what was noted.
    package var short: Text {
        let parts = answers.map { Text("\($0.question.zh)：\($0.value.zh)", "\($0.question.en) \($0.value.en)") }
        let all = parts + (visit.note.isEmpty ? [] : [Text(same: visit.note)])
        return Text(all.map(\.zh).joined(separator: "；"), all.map(\.en).joined(separator: "; "))
    }
}

/// Visits of a month: the work done, the newest first; nobody is counted or ranked by it.
package enum VisitLedger {
    /// The most lines one table holds.
    package static let limit = 5000

    /// Lines between two moments, behind the moment and visit where a page before ended. Scope is the caller's.
    package static func lines(
        in division: DivisionCode, from: Instant, until: Instant, after: (at: Instant, id: ID<Visit>)?, limit: Int,
        _ tx: ReadTx
    ) throws -> [VisitLedgerLine] {
        let (at, id) = (after?.at ?? until, after?.id.rawValue ?? 0)
        let visits = try tx.all(
            """
            SELECT \(Visit.columns) FROM \(Visit.tables)
            WHERE \(RegisterQueries.place("v", division)) AND v.happened_at IS NOT NULL AND v.happened_at >= \(from)
            AND (v.happened_at, v.id) < (\(at), \(id)) ORDER BY v.happened_at DESC, v.id DESC LIMIT \(limit)
            """
        ) { try Visit($0) }
        return try lines(of: visits, tx)
    }

    private static func lines(of visits: [Visit], _ tx: ReadTx) throws -> [VisitLedgerLine] {
        guard !visits.isEmpty else { return [] }
        var given: [ID<Visit>: [String: String]] = [:]
        try tx.each(
            """
            SELECT visit_id, question, value FROM visit_answer WHERE visit_id IN \(SQL.list(visits.map(\.id)))
            ORDER BY id
            """
        ) { given[try $0[0], default: [:]][try $0[1]] = try $0[2] }
        var forms: [ID<VisitPlan>: VisitForm] = [:]
        for plan in Set(visits.compactMap(\.plan)).sorted() {
            forms[plan] = try VisitPlansStore.find(plan, tx).map { try VisitForm($0.form) }
        }
        return visits.map { visit in
            let form = visit.plan.flatMap { forms[$0] } ?? .standard
            let answers = form.questions.compactMap { question in
                given[visit.id]?[question.id].map { (question: question.name, value: question.name(of: $0)) }
            }
            return VisitLedgerLine(visit: visit, at: visit.happenedAt ?? visit.startsAt, answers: answers)
        }
    }
}
