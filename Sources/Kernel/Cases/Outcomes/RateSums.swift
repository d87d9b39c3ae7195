import LinliCore

/// What evidence rows add up to: the numerators and denominators of the three rates.
package struct RateSums: Sendable, Equatable {
    /// Needs: rounds that are the first of their case.
    package var requests = 0
    /// Rounds of work, those done again included.
    package var rounds = 0
    /// Left out of the rates, with a granted request.
    package var exclusions = 0
    /// Taken back by who asked.
    package var withdrawals = 0
    /// Whose response is decided: contacted, or the limit has passed.
    package var due = 0
    /// Contacted within the limit.
    package var responded = 0
    /// Done, and the reporter was asked.
    package var asked = 0
    /// Asked, and they said whether it is solved.
    package var answered = 0
    /// They said it is.
    package var solved = 0
    /// Could not be reached after every attempt.
    package var unreached = 0
    package var very = 0
    package var satisfied = 0
    package var basic = 0
    package var unsatisfied = 0
    package var veryUnsatisfied = 0

    /// Nothing.
    package init() {}

    /// What one row adds. A row that is left out or was taken back adds nothing but that.
    package init(_ row: CaseOutcome) {
        rounds = 1
        requests = row.round == 1 ? 1 : 0
        if !row.exclusion.isEmpty {
            exclusions = 1
            return
        }
        if row.isWithdrawn {
            withdrawals = 1
            return
        }
        due = row.isInTime == nil ? 0 : 1
        responded = row.isInTime == true ? 1 : 0
        guard row.askedAt != nil else { return }
        asked = 1
        answered = row.isSolved == nil ? 0 : 1
        solved = row.isSolved == true ? 1 : 0
        unreached = row.isSolved == nil && row.isUnreached ? 1 : 0
        switch row.grade {
        case .very: very = 1
        case .satisfied: satisfied = 1
        case .basic: basic = 1
        case .unsatisfied: unsatisfied = 1
        case .veryUnsatisfied: veryUnsatisfied = 1
        case nil: break
        }
    }

    /// The numbers in the order of the columns.
    static let count = 15

    /// The numbers in the order of the columns.
    package var numbers: [Int] {
        [
            requests, rounds, exclusions, withdrawals, due, responded, asked, answered, solved, unreached, very,
            satisfied, basic, unsatisfied, veryUnsatisfied,
        ]
    }

    /// The sums with these numbers; nil when there are not as many as columns.
    package init?(_ numbers: [Int]) {
        guard numbers.count == RateSums.count else { return nil }
        requests = numbers[0]
        rounds = numbers[1]
        exclusions = numbers[2]
        withdrawals = numbers[3]
        due = numbers[4]
        responded = numbers[5]
        asked = numbers[6]
        answered = numbers[7]
        solved = numbers[8]
        unreached = numbers[9]
        very = numbers[10]
        satisfied = numbers[11]
        basic = numbers[12]
        unsatisfied = numbers[13]
        veryUnsatisfied = numbers[14]
    }

    package static func + (left: RateSums, right: RateSums) -> RateSums {
        RateSums(zip(left.numbers, right.numbers).map { $0 + $1 }) ?? left
    }

    package static func - (left: RateSums, right: RateSums) -> RateSums {
        RateSums(zip(left.numbers, right.numbers).map { $0 - $1 }) ?? left
    }

    /// Whether nothing is in it.
    package var isZero: Bool { self == RateSums() }

    /// Asked, reachable as far as anybody knows, and silent: in no denominator.
    package var silent: Int { asked - answered - unreached }
    /// Who said how satisfied they are.
    package var graded: Int { very + satisfied + basic + unsatisfied + veryUnsatisfied }
    /// Rounds that were done again because the reporter said so.
    package var repeats: Int { rounds - requests }
}

/// A share with its numerator and denominator; there is none of nothing.
package struct Rate: Sendable, Equatable {
    /// How many of them.
    package let part: Int
    /// How many there are.
    package let whole: Int

    /// A share.
    package init(_ part: Int, of whole: Int) {
        self.part = part
        self.whole = whole
    }

    /// In tenths of a percent, rounded half up; nil when the denominator is 0.
    package var permille: Int? {
        whole > 0 ? (part * 2000 + whole) / (2 * whole) : nil
    }

    /// `91.2%`, or `–` for a share of nothing.
    package var percent: String {
        permille.map { "\($0 / 10).\($0 % 10)%" } ?? "–"
    }
}

/// How results count here; every value is a setting.
///
/// - Source: 北京市接诉即办工作条例 (2021), Art. 32, for the three rates; weights and cut-off: configured, no source
package struct RateSettings: Sendable, Equatable {
    /// The day an assessment month ends; 31 for the last of the month. What holds for which month is kept: see
    /// `AssessmentCalendar`.
    package var cutoff = 31
    /// The weights of response, solution and satisfaction in the score, in percent.
    package var weights = [10, 45, 45]
    /// From which grade on somebody counts as satisfied.
    package var satisfiedFrom = Satisfaction.basic
    /// After how many calls in vain somebody counts as not to be reached.
    package var attempts = 3
    /// How long before the end of an answer somebody is called, in hours.
    /// - Source: configured, no source
    package var callHours = 24
    /// For how many days after asking somebody may still be called: three to answer, thirty to have it done again.
    /// - Source: configured, no source
    package var callDays = 33

    /// The settings of a deployment that says nothing.
    package init() {}
}

extension RateSums {
    /// 响应率: contacted within the limit, of those whose limit has come.
    package var responseRate: Rate { Rate(responded, of: due) }
    /// 解决率: solved, of those who answered.
    package var solutionRate: Rate { Rate(solved, of: answered) }

    /// 满意率: satisfied, of those who said how satisfied they are.
    package func satisfactionRate(_ settings: RateSettings) -> Rate {
        let grades: [(Satisfaction, Int)] = [
            (.very, very), (.satisfied, satisfied), (.basic, basic), (.unsatisfied, unsatisfied),
            (.veryUnsatisfied, veryUnsatisfied),
        ]
        return Rate(grades.filter { $0.0 >= settings.satisfiedFrom }.reduce(0) { $0 + $1.1 }, of: graded)
    }

    /// The weighted score in hundredths of a point; nil while one of the three has no denominator.
    package func score(_ settings: RateSettings) -> Int? {
        let rates = [responseRate, solutionRate, satisfactionRate(settings)]
        let total = settings.weights.reduce(0, +)
        guard total > 0, rates.allSatisfy({ $0.whole > 0 }), settings.weights.count == rates.count else { return nil }
        let sum = zip(rates, settings.weights).reduce(0.0) {
            $0 + Double($1.0.part) / Double($1.0.whole) * Double($1.1)
        }
        return Int((sum / Double(total) * 10_000).rounded())
    }
}

/// What a row counts under.
package struct RateKey: Sendable, Hashable {
    package var month: AssessmentMonth
    package var division: DivisionCode
    package var unit: ID<Unit>
    package var category: String
    package var against: Int64

    /// What a row counts under.
    package init(_ row: CaseOutcome) {
        month = row.month
        division = row.division
        unit = row.unit
        category = row.category
        against = row.against
    }

    init(month: AssessmentMonth, division: DivisionCode, unit: ID<Unit>, category: String, against: Int64) {
        self.month = month
        self.division = division
        self.unit = unit
        self.category = category
        self.against = against
    }
}

/// What one row counts as and under what: as a fact of an event it is `month,division,unit,category,against,…`.
package struct RateShare: Sendable, Equatable {
    package var key: RateKey
    package var sums: RateSums

    /// What a row counts as.
    package init(_ row: CaseOutcome) {
        key = RateKey(row)
        sums = RateSums(row)
    }

    /// As a fact of an event.
    var fact: String {
        ([
            "\(key.month)", "\(key.division)", "\(key.unit.rawValue)", key.category, "\(key.against)",
        ] + sums.numbers.map { "\($0)" }).joined(separator: ",")
    }

    /// Reads a fact; nil for anything else.
    init?(fact: String) {
        let parts = fact.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5 + RateSums.count, let month = AssessmentMonth(parts[0]),
            let division = Int64(parts[1]), let unit = Int64(parts[2]), let against = Int64(parts[4]),
            let sums = RateSums(parts.dropFirst(5).compactMap { Int($0) })
        else { return nil }
        key = RateKey(
            month: month, division: DivisionCode(rawValue: division), unit: ID(rawValue: unit), category: parts[3],
            against: against
        )
        self.sums = sums
    }
}
