import LinliCore
import LinliSQL

/// How the reporter's answer came.
package enum AnswerChannel: String, Sendable, CaseIterable, SQLConvertible, SQLDecodable {
    /// Signed in, on their own page.
    case page
    /// By the secret link of the receipt.
    case link
    /// On the phone, written down by who called.
    case phone

    /// What people read.
    package var name: Text {
        switch self {
        case .page: Text("居民页面", "Own page")
        case .link: Text("回执链接", "Receipt link")
        case .phone: Text("电话回访", "Phone")
        }
    }
}

/// How satisfied somebody is; the stars of the resident's page say the same.
package enum Satisfaction: Int, Sendable, CaseIterable, Comparable {
    case veryUnsatisfied = 1
    case unsatisfied, basic, satisfied, very

    /// What people choose between.
    package var name: Text {
        switch self {
        case .veryUnsatisfied: Text("很不满意", "Very unsatisfied")
        case .unsatisfied: Text("不满意", "Unsatisfied")
        case .basic: Text("基本满意", "Basically satisfied")
        case .satisfied: Text("满意", "Satisfied")
        case .very: Text("很满意", "Very satisfied")
        }
    }

    package static func < (left: Satisfaction, right: Satisfaction) -> Bool { left.rawValue < right.rawValue }
}

extension Satisfaction: SQLConvertible, SQLDecodable {
    package var sqlValue: SQLValue { .int(Int64(rawValue)) }
    package static func decode(_ row: Row, _ index: Int) throws -> Satisfaction {
        let number: Int = try row[index]
        guard let value = Satisfaction(rawValue: number) else {
            throw SQLError.unknownWord("\(number)", type: "Satisfaction")
        }
        return value
    }
}

/// The evidence of one round of one case: what the three rates are computed from, and nothing else is.
///
/// A round begins when the case is dispatched to be done, and the next one when the reporter had it done again. What
/// nobody answered stays nil. The row is written in the transaction of what it tells.
package struct CaseOutcome: Sendable, Equatable {
    /// The case.
    package let item: ID<Case>
    /// 1, or 1 more than how often the reporter contested.
    package let round: Int
    /// The identifier of the case's type.
    package let type: String
    /// Where it lies.
    package let division: DivisionCode
    /// The unit complained about, 0 for none; whoever corrects it corrects it here too.
    package var against: Int64
    /// Whose result it is: the first unit of the round that accepted it 首接负责, until then the one it was sent to.
    package var unit: ID<Unit>
    /// Whether that unit accepted it: from then on the row stays with it.
    package var isAccepted: Bool
    /// What it is about; corrections count.
    package var category: String
    /// The reporter's nature, as corrected.
    package var nature: String
    /// The month it counts in: that of the round's first dispatch.
    package let month: AssessmentMonth
    /// When the round was first dispatched.
    package let dispatchedAt: Instant
    /// When the work had to be done.
    package var dueAt: Instant?
    /// When the reporter had to be contacted; nil when the type has no such clock or it stands still.
    package var contactDueAt: Instant?
    /// Whether the reporter left a way to be contacted; nobody can respond to who did not.
    package let isReachable: Bool
    /// When the reporter was first reached in this round.
    package var contactedAt: Instant?
    /// Whether that was within the limit; nil while it is not decided.
    package var isInTime: Bool?
    /// When the work was done.
    package var finishedAt: Instant?
    /// When the reporter was asked.
    package var askedAt: Instant?
    /// When the reporter answered.
    package var answeredAt: Instant?
    /// How the answer came.
    package var channel: AnswerChannel?
    /// What they said; nil for silence.
    package var isSolved: Bool?
    /// How satisfied they are; nil for silence.
    package var grade: Satisfaction?
    /// How often somebody called in vain.
    package var attempts: Int
    /// When to call again, if they asked for a time.
    package var callAgainAt: Instant?
    /// Whether nobody could be reached after as many attempts as the settings say.
    package var isUnreached: Bool
    /// Whether they were reached and did not want to say anything.
    package var isDeclined: Bool
    /// The reason class of the granted request to leave it out; empty when it counts.
    package var exclusion: String
    /// Whether the reporter took the case back.
    package var isWithdrawn: Bool

    static let columns: SQL = """
        o.case_id, o.round, o.type, o.division, o.against_unit, o.unit_id, o.is_accepted, o.category, o.nature, o.month,
        o.dispatched_at, o.due_at, o.contact_due_at, o.is_reachable, o.contacted_at, o.is_in_time, o.finished_at,
        o.asked_at, o.answered_at, o.channel, o.is_solved, o.grade, o.attempts, o.call_again_at, o.is_unreached,
        o.is_declined, o.exclusion, o.is_withdrawn
        """
    static let columnCount = 28

    init(_ row: Row, from start: Int = 0) throws {
        item = try row[start]
        round = try row[start + 1]
        type = try row[start + 2]
        division = try row[start + 3]
        against = try row[start + 4]
        unit = try row[start + 5]
        isAccepted = try row[start + 6]
        category = try row[start + 7]
        nature = try row[start + 8]
        month = try row[start + 9]
        dispatchedAt = try row[start + 10]
        dueAt = try row[start + 11]
        contactDueAt = try row[start + 12]
        isReachable = try row[start + 13]
        contactedAt = try row[start + 14]
        isInTime = try row[start + 15]
        finishedAt = try row[start + 16]
        askedAt = try row[start + 17]
        answeredAt = try row[start + 18]
        channel = try row[start + 19]
        isSolved = try row[start + 20]
        grade = try row[start + 21]
        attempts = try row[start + 22]
        callAgainAt = try row[start + 23]
        isUnreached = try row[start + 24]
        isDeclined = try row[start + 25]
        exclusion = try row[start + 26]
        isWithdrawn = try row[start + 27]
    }

    /// A round that begins.
    package init(
        of item: ID<Case>, round: Int, type: String, division: DivisionCode, against: Int64, unit: ID<Unit>,
        category: String, nature: String, month: AssessmentMonth, dispatchedAt: Instant, isReachable: Bool
    ) {
        self.item = item
        self.round = round
        self.type = type
        self.division = division
        self.against = against
        self.unit = unit
        self.category = category
        self.nature = nature
        self.month = month
        self.dispatchedAt = dispatchedAt
        self.isReachable = isReachable
        isAccepted = false
        attempts = 0
        isUnreached = false
        isDeclined = false
        exclusion = ""
        isWithdrawn = false
    }
}

extension CaseOutcome {
    /// The reporter said something. What was said after the round was over changes it only when it had been silent.
    mutating func answer(_ isSolved: Bool, _ grade: Satisfaction?, _ channel: AnswerChannel, at now: Instant) {
        answeredAt = now
        self.channel = channel
        self.isSolved = isSolved
        self.grade = grade
        isUnreached = false
        isDeclined = false
        callAgainAt = nil
    }

    /// The work goes on in the same round: what was said about it before does not speak of it any more.
    mutating func redo() {
        finishedAt = nil
        askedAt = nil
        answeredAt = nil
        channel = nil
        isSolved = nil
        grade = nil
        attempts = 0
        callAgainAt = nil
        isUnreached = false
        isDeclined = false
    }

    /// Decides about the response, if it can be decided at `now`; who cannot be contacted is nobody's failure.
    package mutating func judgeResponse(at now: Instant) {
        guard isReachable else {
            isInTime = nil
            return
        }
        // The type asks for no contact, or the clock stands still: what was decided stays.
        guard let contactDueAt else { return }
        if let contactedAt {
            isInTime = contactedAt <= contactDueAt
        } else {
            isInTime = now > contactDueAt ? false : nil
        }
    }
}
