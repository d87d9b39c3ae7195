import LinliCore
import LinliSQL

/// Whether the evidence rows say what the histories of their cases say; `HistoryRounds` works out the latter.
///
/// Not in a history, and so taken from the row: until when a contact was due, and how satisfied somebody was with a round
/// before the present one.
package struct EvidenceProof: Sendable {
    /// Cases whose history was read.
    package private(set) var cases = 0
    /// Rounds that were compared.
    package private(set) var rounds = 0
    /// Cases that several told, which are left out: no history says whose word moved them.
    package private(set) var shared = 0
    /// Cases without a history from their beginning, which are left out.
    package private(set) var cut = 0
    /// Cases that differ.
    package private(set) var different = 0
    /// How they differ, a sentence each, at most twenty.
    package private(set) var differences: [String] = []

    fileprivate init() {}

    /// Looks at a case; `rows` is its evidence, the first round first.
    fileprivate mutating func look(
        _ told: ToldCase, _ history: HistoryRounds, _ rows: [CaseOutcome], attempts: Int
    ) {
        guard !history.isShared, !told.isVoice else {
            shared += 1
            return
        }
        guard history.isWhole else {
            cut += 1
            return
        }
        cases += 1
        rounds += history.rounds.count
        let found = EvidenceProof.compare(told, history, rows, attempts: attempts)
        guard !found.isEmpty else { return }
        different += 1
        if differences.count < 20 { differences.append("\(told.number): " + found.joined(separator: "; ")) }
    }

    private static func compare(
        _ told: ToldCase, _ history: HistoryRounds, _ rows: [CaseOutcome], attempts: Int
    ) -> [String] {
        let numbers = history.rounds.map(\.number)
        guard numbers == rows.map(\.round), history.contests == told.contests else {
            let stored = "rounds \(rows.map(\.round)) and \(told.contests) contests"
            return ["\(stored), by the history \(numbers) and \(history.contests)"]
        }
        var found: [String] = []
        for (round, row) in zip(history.rounds, rows) {
            func insist(_ name: String, _ stored: some Equatable, _ isRight: Bool, _ right: String) {
                if !isRight { found.append("round \(row.round) \(name) \(stored), by the history \(right)") }
            }
            func equal<Value: Equatable>(_ name: String, _ stored: Value, _ right: Value) {
                insist(name, stored, stored == right, "\(right)")
            }
            equal("dispatched", row.dispatchedAt, round.dispatchedAt)
            equal("month", row.month, told.month(of: round.dispatchedAt))
            if let unit = round.unit ?? told.unit { equal("unit", row.unit, unit) }
            equal("type", row.type, told.type)
            equal("category", row.category, told.category)
            equal("nature", row.nature, told.nature)
            equal("against", row.against, told.against)
            equal("place", row.division.ancestor(at: .community), told.division.ancestor(at: .community))
            equal("contacted", row.contactedAt, round.contactedAt)
            let (isInTime, limit) = (inTime(round, row), row.contactDueAt.map { "\($0)" } ?? "–")
            insist("in time \(words(row.isInTime))", row.isInTime, isInTime, "it is not so with the limit \(limit)")
            equal("finished", row.finishedAt, round.finishedAt)
            equal("asked", row.askedAt, round.finishedAt)
            equal("answered", row.answeredAt, round.answeredAt)
            equal("solved", row.isSolved, round.isSolved)
            equal("unreached", row.isUnreached, round.misses >= attempts && round.answeredAt == nil)
            // What one person wrote down as taken back before two had to agree stays out.
            let isLeft = round.isReturned && told.wasReturned && row.isWithdrawn
            equal("withdrawn", row.isWithdrawn, round.isWithdrawn || isLeft)
            let isApproved = round.isReturned && told.returned.contains(round.number)
            equal("excluded", !row.exclusion.isEmpty, told.isExcluded || isApproved)
            // The case keeps what was last said of it; of rounds before, only their row does.
            if round.number == told.contests + 1, round.answeredAt != nil {
                equal("grade", row.grade?.rawValue, told.stars)
            }
        }
        return found
    }

    private static func words(_ isInTime: Bool?) -> String { isInTime.map { $0 ? "yes" : "no" } ?? "open" }

    /// Whether what the row says of the response can be: who was reached in time was, who was not was not, and nothing is
    /// said of who left no way to be reached.
    private static func inTime(_ round: HistoryRounds.Round, _ row: CaseOutcome) -> Bool {
        guard row.isReachable else { return row.isInTime == nil }
        guard let limit = row.contactDueAt else { return true }
        guard let contact = round.contactedAt else { return row.isInTime != true }
        return row.isInTime == (contact <= limit)
    }
}

/// What a case says of itself.
private struct ToldCase {
    let id: ID<Case>
    let number: String
    let type: String
    let version: Int
    let division: DivisionCode
    let against: Int64
    let unit: ID<Unit>?
    let category: String
    let nature: String
    let stars: Int?
    let contests: Int
    let source: CaseSource
    let isVoice: Bool
    let calendar: AssessmentCalendar
    var isExcluded = false
    /// Rounds that another system took back and a second person left out.
    var returned: Set<Int> = []
    /// Whether another system took it back when one person's word was enough.
    var wasReturned = false

    static let columns: SQL = """
        c.id, c.number, c.type, c.type_version, c.division, c.against_unit, c.handler_unit, c.category, c.nature,
        c.stars, c.source, c.speaks_in, c.contests
        """

    init(_ row: Row, _ calendar: AssessmentCalendar) throws {
        id = try row[0]
        number = try row[1]
        type = try row[2]
        version = try row[3]
        division = try row[4]
        against = try row[5]
        unit = try row[6]
        category = try row[7]
        nature = try row[8]
        stars = try row[9]
        source = try row[10]
        isVoice = !row.isNull(11)
        contests = try row[12]
        self.calendar = calendar
    }

    func month(of moment: Instant) -> AssessmentMonth { calendar.month(of: moment) }
}

extension CaseQueries {
    /// Cases read at a time, each lot on one view of the store.
    private static let lot = 200

    /// Compares the evidence of the `newest` cases, or of all of them, with their histories.
    package func proveEvidence(newest: Int? = nil) async throws -> EvidenceProof {
        var proof = EvidenceProof()
        var before = ID<Case>(rawValue: .max)
        var left = newest ?? .max
        while left > 0 {
            let (start, size) = (before, min(left, CaseQueries.lot))
            let lot = try await database.read { tx in try evidenceLot(before: start, limit: size, tx) }
            for (told, history, rows) in lot.looked {
                proof.look(told, history, rows, attempts: settings.rates.attempts)
            }
            guard let last = lot.last else { break }
            before = last
            left -= lot.count
        }
        return proof
    }

    private func evidenceLot(
        before: ID<Case>, limit: Int, _ tx: ReadTx
    ) throws -> (looked: [(ToldCase, HistoryRounds, [CaseOutcome])], count: Int, last: ID<Case>?) {
        let calendar = try AssessmentCalendar.kept(otherwise: settings.rates.cutoff, tx)
        let cases = try tx.all(
            "SELECT \(ToldCase.columns) FROM case_item c WHERE c.id < \(before) ORDER BY c.id DESC LIMIT \(limit)"
        ) { try ToldCase($0, calendar) }
        let asked = try cases.filter { try $0.source.isAsked && types.type($0.type, version: $0.version).asksReporter }
        let ids = asked.map(\.id)
        guard !ids.isEmpty else { return ([], cases.count, cases.last?.id) }
        let lines = try EvidenceHistories.lines(ids, tx)
        let reached = try EvidenceHistories.reached(ids, tx)
        let sent = try EvidenceHistories.sent(ids, tx)
        let excluded = try EvidenceHistories.excluded(ids, tx)
        let returned = try EvidenceHistories.returned(ids, tx)
        let alone = try EvidenceHistories.returnedAlone(ids, tx)
        let rows = try EvidenceHistories.rows(ids, tx)
        let looked = try asked.map { told in
            var told = told
            told.isExcluded = excluded.contains(told.id)
            told.returned = returned[told.id] ?? []
            told.wasReturned = alone.contains(told.id)
            let type = try types.type(told.type, version: told.version)
            let history = HistoryRounds(
                lines[told.id] ?? [], type, reached: reached[told.id] ?? [], sent: sent[told.id]
            )
            return (told, history, rows[told.id] ?? [])
        }
        return (looked, cases.count, cases.last?.id)
    }
}

/// Every SQL text that reads what the evidence of a lot of cases is compared with.
private enum EvidenceHistories {
    static func lines(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: [HistoryRounds.Line]] {
        var lines: [ID<Case>: [HistoryRounds.Line]] = [:]
        try tx.each(
            """
            SELECT e.case_id, e.at, e.kind, e.transition, e.from_state, e.to_state, e.unit_id FROM case_entry e
            WHERE e.case_id IN \(SQL.list(ids)) ORDER BY e.case_id, e.id
            """
        ) { row in
            let kind: String = try row[2]
            let line = HistoryRounds.Line(
                at: try row[1], isNote: kind == "note", name: try row[3], from: try row[4], to: try row[5],
                unit: try row[6]
            )
            lines[try row[0], default: []].append(line)
        }
        return lines
    }

    static func reached(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: Set<Instant>] {
        var reached: [ID<Case>: Set<Instant>] = [:]
        try tx.each(
            "SELECT case_id, at FROM case_contact WHERE case_id IN \(SQL.list(ids)) AND outcome = 'reached'"
        ) { reached[try $0[0], default: []].insert(try $0[1]) }
        return reached
    }

    /// When other systems sent us what came from there.
    static func sent(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: Instant] {
        var sent: [ID<Case>: Instant] = [:]
        let first: SQL = "coalesce(first_dispatched_at, dispatched_at)"
        try tx.each("SELECT case_id, \(first) FROM foreign_order WHERE case_id IN \(SQL.list(ids))") { row in
            let at: Instant = try row[1]
            sent[try row[0]] = at
        }
        return sent
    }

    /// Those that are left out of the rates: with approval, or by a ruling from before that needed one.
    static func excluded(_ ids: [ID<Case>], _ tx: ReadTx) throws -> Set<ID<Case>> {
        let own: [ID<Case>] = try tx.all(
            """
            SELECT case_id FROM case_request
            WHERE case_id IN \(SQL.list(ids)) AND kind = 'exclude' AND state = 'granted' AND round IS NULL
            """
        ) { try $0[0] }
        let foreign: [ID<Case>] = try tx.all(
            """
            SELECT f.case_id FROM foreign_order f JOIN foreign_request q ON q.order_id = f.id
            WHERE f.case_id IN \(SQL.list(ids)) AND q.kind = 'exclude' AND q.is_unapproved = 1
            """
        ) { try $0[0] }
        return Set(own + foreign)
    }

    /// The rounds that other systems took back and that are left out with approval.
    static func returned(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: Set<Int>] {
        var rounds: [ID<Case>: Set<Int>] = [:]
        try tx.each(
            """
            SELECT case_id, round FROM case_request
            WHERE case_id IN \(SQL.list(ids)) AND kind = 'exclude' AND state = 'granted' AND round IS NOT NULL
            """
        ) { rounds[try $0[0], default: []].insert(try $0[1]) }
        return rounds
    }

    /// Those that other systems took back when one person's word was enough.
    static func returnedAlone(_ ids: [ID<Case>], _ tx: ReadTx) throws -> Set<ID<Case>> {
        Set(
            try tx.all(
                """
                SELECT f.case_id FROM foreign_order f JOIN foreign_request q ON q.order_id = f.id
                WHERE f.case_id IN \(SQL.list(ids)) AND q.kind = 'refuse' AND q.is_unapproved = 1
                """
            ) { try $0[0] as ID<Case> })
    }

    static func rows(_ ids: [ID<Case>], _ tx: ReadTx) throws -> [ID<Case>: [CaseOutcome]] {
        let all = try tx.all(
            """
            SELECT \(CaseOutcome.columns) FROM case_outcome o WHERE o.case_id IN \(SQL.list(ids))
            ORDER BY o.case_id, o.round
            """
        ) { try CaseOutcome($0) }
        return Dictionary(grouping: all, by: \.item)
    }
}
