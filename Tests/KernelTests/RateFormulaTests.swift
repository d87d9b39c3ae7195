import LinliCore
import LinliKernel
import LinliSQL
import Testing

/// The three rates as tables of evidence rows and what they give.
@Suite("三率的算法")
struct RateFormulaTests {
    /// What became of one round.
    enum Story: Sendable {
        case silent, unreached, declined, excluded, withdrawn, notFinished
        case answered(Bool, Satisfaction?)
    }

    static func row(_ story: Story, round: Int = 1, inTime: Bool? = true) -> CaseOutcome {
        let start = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 10)
        var row = CaseOutcome(
            of: ID(rawValue: 7), round: round, type: "need", division: DivisionCode(rawValue: 110_101_001_901_001),
            against: 0, unit: ID(rawValue: 3), category: "R0202", nature: "assistance",
            month: AssessmentMonth(at: start, cutoff: 31), dispatchedAt: start, isReachable: true
        )
        row.isInTime = inTime
        if case .notFinished = story { return row }
        row.askedAt = start.adding(hours: 5)
        row.finishedAt = row.askedAt
        switch story {
        case .silent, .notFinished: break
        case .unreached: row.isUnreached = true
        case .declined: row.isDeclined = true
        case .excluded: row.exclusion = "lawsuit"
        case .withdrawn: row.isWithdrawn = true
        case .answered(let isSolved, let grade):
            row.answeredAt = start.adding(hours: 6)
            row.channel = .page
            row.isSolved = isSolved
            row.grade = grade
        }
        return row
    }

    static func sums(_ rows: [CaseOutcome]) -> RateSums { rows.reduce(RateSums()) { $0 + RateSums($1) } }

    @Test("没人答复：没有解决率、满意率，也没有综合分")
    func nobodyAnswered() {
        let sums = Self.sums([Self.row(.silent), Self.row(.silent), Self.row(.declined), Self.row(.unreached)])
        #expect(sums.asked == 4 && sums.answered == 0 && sums.silent == 3 && sums.unreached == 1)
        #expect(sums.solutionRate.permille == nil && sums.solutionRate.percent == "–")
        #expect(sums.satisfactionRate(RateSettings()).permille == nil)
        #expect(sums.responseRate == Rate(4, of: 4))
        #expect(sums.score(RateSettings()) == nil)
    }

    @Test("全部剔除：分母都是零，剔除数照数")
    func allExcluded() {
        let sums = Self.sums([Self.row(.excluded), Self.row(.excluded, inTime: false)])
        #expect(sums.exclusions == 2 && sums.rounds == 2 && sums.requests == 2)
        #expect(sums.due == 0 && sums.asked == 0 && sums.silent == 0)
        #expect(sums.responseRate.permille == nil)
    }

    @Test("撤回的、还没办完的不进解决率")
    func notAsked() {
        let sums = Self.sums([
            Self.row(.withdrawn), Self.row(.notFinished, inTime: nil), Self.row(.answered(true, .very)),
        ])
        #expect(sums.withdrawals == 1 && sums.due == 1 && sums.asked == 1)
        #expect(sums.solutionRate == Rate(1, of: 1))
    }

    @Test("分母、四舍五入和括号里的数")
    func denominators() {
        var rows = Array(repeating: Self.row(.answered(true, .satisfied)), count: 52)
        rows += Array(repeating: Self.row(.answered(false, .unsatisfied), inTime: false), count: 5)
        rows += Array(repeating: Self.row(.silent), count: 8)
        rows += Array(repeating: Self.row(.excluded), count: 3)
        let sums = Self.sums(rows)
        #expect(sums.solutionRate == Rate(52, of: 57) && sums.solutionRate.percent == "91.2%")
        #expect(sums.silent == 8 && sums.exclusions == 3)
        #expect(sums.responseRate == Rate(60, of: 65) && sums.responseRate.percent == "92.3%")
        #expect(Rate(1, of: 8).percent == "12.5%" && Rate(1, of: 2000).percent == "0.1%")
        #expect(Rate(2, of: 3).percent == "66.7%" && Rate(0, of: 9).percent == "0.0%")
    }

    @Test("从哪一级算满意、权重多少，都按设置")
    func settings() {
        let grades: [Satisfaction] = [.very, .satisfied, .basic, .basic, .unsatisfied, .veryUnsatisfied]
        let sums = Self.sums(grades.map { Self.row(.answered(true, $0)) } + [Self.row(.answered(true, nil))])
        var settings = RateSettings()
        let expected: [(Satisfaction, Int)] = [(.basic, 4), (.satisfied, 2), (.very, 1)]
        for (grade, count) in expected {
            settings.satisfiedFrom = grade
            // Who said nothing about it is in no denominator.
            #expect(sums.satisfactionRate(settings) == Rate(count, of: 6))
        }
        settings.satisfiedFrom = .basic
        #expect(sums.score(settings) == 8500)
        settings.weights = [0, 0, 100]
        #expect(sums.score(settings) == 6667)
        settings.weights = [1, 1, 2]
        #expect(sums.score(settings) == 8333)
    }

    @Test("加了再减，一个数不差")
    func arithmetic() throws {
        let share = RateShare(Self.row(.answered(false, .basic), round: 2))
        #expect(share.sums.requests == 0 && share.sums.rounds == 1 && share.sums.repeats == 1)
        let twice = share.sums + share.sums
        #expect(twice - share.sums == share.sums && (share.sums - share.sums).isZero)
        #expect(RateSums(share.sums.numbers) == share.sums && RateSums([1, 2]) == nil)
    }

    @Test("响应：限时内联系算，超了不算，没到时候先不算，联系不了的不怪谁")
    func response() {
        var row = Self.row(.notFinished, inTime: nil)
        let limit = row.dispatchedAt.adding(hours: 24)
        func judged(_ contact: Instant?, at now: Instant, reachable: Bool = true) -> Bool? {
            var copy = CaseOutcome(
                of: row.item, round: 1, type: row.type, division: row.division, against: 0, unit: row.unit,
                category: row.category, nature: row.nature, month: row.month, dispatchedAt: row.dispatchedAt,
                isReachable: reachable
            )
            copy.contactDueAt = limit
            copy.contactedAt = contact
            copy.judgeResponse(at: now)
            return copy.isInTime
        }
        #expect(judged(nil, at: limit) == nil)
        #expect(judged(nil, at: limit.adding(minutes: 1)) == false)
        #expect(judged(limit, at: limit.adding(days: 3)) == true)
        #expect(judged(limit.adding(minutes: 1), at: limit.adding(days: 3)) == false)
        #expect(judged(nil, at: limit.adding(days: 3), reachable: false) == nil)
        // While the clock stands still what was decided stays.
        row.isInTime = false
        row.judgeResponse(at: limit)
        #expect(row.isInTime == false)
    }

    @Test("考核月：截止日、月末、跨年")
    func months() throws {
        func month(_ year: Int, _ month: Int, _ day: Int, cutoff: Int) throws -> Int {
            let date = try #require(CivilDate(year: year, month: month, day: day))
            return AssessmentMonth(at: Instant(date, hour: 23, minute: 59), cutoff: cutoff).rawValue
        }
        #expect(try month(2026, 11, 18, cutoff: 18) == 202_611)
        #expect(try month(2026, 11, 19, cutoff: 18) == 202_612)
        #expect(try month(2026, 12, 19, cutoff: 18) == 202_701)
        #expect(try month(2026, 2, 28, cutoff: 31) == 202_602)
        #expect(try month(2026, 2, 28, cutoff: 30) == 202_602)
        #expect(try month(2026, 3, 1, cutoff: 31) == 202_603)
        #expect(try month(2026, 12, 31, cutoff: 31) == 202_612)
        let march = try #require(AssessmentMonth(202_603))
        #expect(march.firstDay(cutoff: 18).description == "2026-02-19")
        #expect(march.lastDay(cutoff: 18).description == "2026-03-18")
        #expect(march.back(4).map(\.rawValue) == [202_512, 202_601, 202_602, 202_603])
        #expect(AssessmentMonth("202613") == nil && AssessmentMonth("20261") == nil && AssessmentMonth("2026x1") == nil)
    }

    @Test("万人诉求比") func perTenThousand() {
        #expect(needsPerTenThousand(57, 12_345) == 4617)
        #expect(needsPerTenThousand(0, 12_345) == 0)
        #expect(needsPerTenThousand(5, 0) == 0)
    }
}
