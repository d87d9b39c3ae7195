import LinliCore
import LinliSQL

/// A line of the ledger of visits 走访台账: one contact, whether somebody was met or not, or an answer of the household.
package struct VisitLedgerLine: Sendable {
    /// The contact.
    package let attempt: VisitAttempt
    /// The visit it belongs to, as it stands now.
    package let visit: Visit
    /// What was answered at it, in the order of its questions.
    package let answers: [(question: Text, value: Text)]

    /// When it was.
    package var at: Instant { attempt.at }

    /// How it was made.
    package var way: Text { attempt.outcome == .well ? Text("住户回复", "Reply") : attempt.way.name }

    /// Whether somebody was met.
    package var met: Text {
        switch (attempt.outcome, attempt.way) {
        case (.well, _): Text("回复平安", "All is well")
        case (.met, .door): attempt.isAgain ? Text("再去见到", "Met the second time") : Text("见到", "Met")
        case (.met, .call): attempt.isAgain ? Text("再联系上", "Reached the second time") : Text("联系上", "Reached")
        case (.missed, .door): Text("没见到", "Not met")
        case (.missed, .call): Text("没打通", "No answer")
        }
    }

    /// What was noted of the visit, and which case follows, belong to its last contact.
    private var isLast: Bool { attempt.at == visit.happenedAt }

    /// The number of the case that follows from it.
    package var followUp: String { isLast ? visit.followUp : "" }

    /// The answers in one line, and what was noted.
    package var short: Text {
        let parts = answers.map { Text("\($0.question.zh)：\($0.value.zh)", "\($0.question.en) \($0.value.en)") }
        let note = isLast && attempt.outcome != .missed ? visit.note : ""
        let all = parts + (note.isEmpty ? [] : [Text(same: note)])
        return Text(all.map(\.zh).joined(separator: "；"), all.map(\.en).joined(separator: "; "))
    }
}

/// Visits of a month: the work done, the newest first; nobody is counted or ranked by it.
package enum VisitLedger {
    /// The most lines one table holds.
    package static let limit = 5000

    /// Lines between two moments, behind the moment and contact where a page before ended. Scope is the caller's.
    package static func lines(
        in division: DivisionCode, from: Instant, until: Instant, after: (at: Instant, id: ID<VisitAttempt>)?,
        limit: Int, _ tx: ReadTx
    ) throws -> [VisitLedgerLine] {
        let (at, id) = (after?.at ?? until, after?.id.rawValue ?? 0)
        let contacts: [Contact] = try tx.all(
            """
            SELECT \(Visit.columns), \(VisitAttempt.columns)
            FROM \(Visit.tables) JOIN visit_attempt a ON a.visit_id = v.id
            WHERE \(RegisterQueries.place("a", division)) AND a.at >= \(from)
            AND (a.at, a.id) < (\(at), \(id)) ORDER BY a.at DESC, a.id DESC LIMIT \(limit)
            """
        ) { Contact(visit: try Visit($0), attempt: try VisitAttempt($0, Visit.columnCount)) }
        return try lines(of: contacts, tx)
    }

    private struct Contact {
        let visit: Visit
        let attempt: VisitAttempt
    }

    /// At which contact of which visit something was answered.
    private struct Place: Hashable {
        let visit: ID<Visit>
        let at: Instant
    }

    private static func lines(of contacts: [Contact], _ tx: ReadTx) throws -> [VisitLedgerLine] {
        guard !contacts.isEmpty else { return [] }
        let visits = Set(contacts.map(\.visit.id)).sorted()
        var given: [Place: [String: String]] = [:]
        try tx.each(
            "SELECT visit_id, at, question, value FROM visit_answer WHERE visit_id IN \(SQL.list(visits)) ORDER BY id"
        ) { row in
            let place = Place(visit: try row[0], at: try row[1])
            given[place, default: [:]][try row[2]] = try row[3]
        }
        var forms: [ID<VisitPlan>: VisitForm] = [:]
        for plan in Set(contacts.compactMap(\.visit.plan)).sorted() {
            forms[plan] = try VisitPlansStore.find(plan, tx).map { try VisitForm($0.form) }
        }
        return contacts.map { contact in
            let (visit, attempt) = (contact.visit, contact.attempt)
            let form = visit.plan.flatMap { forms[$0] } ?? .standard
            let answered = attempt.outcome == .met ? given[Place(visit: visit.id, at: attempt.at)] ?? [:] : [:]
            let answers = form.questions.compactMap { question in
                answered[question.id].map { (question: question.name, value: question.name(of: $0)) }
            }
            return VisitLedgerLine(attempt: attempt, visit: visit, answers: answers)
        }
    }
}
