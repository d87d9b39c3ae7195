import Administration
import LinliCore
import LinliSQL
import LinliTestSupport
import Testing

@testable import LinliKernel

/// The day assessment months end on is a setting: when it changes, months that have begun keep their days.
@Suite("考核月的截止日改了")
struct AssessmentCalendarTests {
    private static func month(_ number: Int) throws -> AssessmentMonth { try #require(AssessmentMonth(number)) }

    /// Months that end by these days, the first of them since ever.
    private static func calendar(_ rules: [(from: Int, cutoff: Int)]) throws -> AssessmentCalendar {
        AssessmentCalendar(
            try rules.map { AssessmentCalendar.Rule(from: try month($0.from), cutoff: $0.cutoff) }, otherwise: 31)
    }

    private static func span(_ number: Int, _ calendar: AssessmentCalendar) throws -> String {
        let month = try month(number)
        return "\(calendar.firstDay(of: month)) \(calendar.lastDay(of: month))"
    }

    @Test("改前、改后、改的那个月：每一天都在一个月里，只在一个月里")
    func noGap() throws {
        let changes: [[(from: Int, cutoff: Int)]] = [
            [], [(197_001, 25), (202_612, 20)], [(197_001, 20), (202_612, 25)], [(197_001, 25), (202_701, 20)],
            [(197_001, 31), (202_703, 1), (202_704, 31)], [(197_001, 30), (202_702, 31), (202_802, 29)],
        ]
        for rules in changes {
            let calendar = try Self.calendar(rules)
            var last: AssessmentMonth?
            let first = try #require(CivilDate("2026-10-01"))
            for offset in 0..<600 {
                let day = first.adding(days: offset)
                let month = calendar.month(of: Instant(day, hour: 23, minute: 59))
                #expect(calendar.month(of: Instant(day)) == month, "\(day)")
                #expect(calendar.firstDay(of: month) <= day && day <= calendar.lastDay(of: month), "\(day)")
                if let last, last != month { #expect(month == last.next && calendar.firstDay(of: month) == day) }
                last = month
            }
        }
    }

    @Test("往前改短，往后改长，跨年也对")
    func days() throws {
        let shorter = try Self.calendar([(197_001, 25), (202_612, 20)])
        #expect(try Self.span(202_611, shorter) == "2026-10-26 2026-11-25")
        #expect(try Self.span(202_612, shorter) == "2026-11-26 2026-12-20")
        #expect(try Self.span(202_701, shorter) == "2026-12-21 2027-01-20")
        let longer = try Self.calendar([(197_001, 20), (202_701, 25)])
        #expect(try Self.span(202_612, longer) == "2026-11-21 2026-12-20")
        #expect(try Self.span(202_701, longer) == "2026-12-21 2027-01-25")
        #expect(try Self.span(202_702, longer) == "2027-01-26 2027-02-25")
        let change = try #require(longer.change(with: try Self.month(202_701)))
        #expect(change.before == 20 && change.after == 25)
        #expect(longer.change(with: try Self.month(202_702)) == nil)
        #expect(shorter.change(with: try Self.month(197_001)) == nil)
    }

    @Test("从哪个月起算：下一个开始的月份；还一件都没有的，一直都算")
    func since() throws {
        let kept = try Self.calendar([(197_001, 25)])
        let november = Instant(try #require(CivilDate("2026-11-25")), hour: 23)
        func begins(_ calendar: AssessmentCalendar, _ cutoff: Int, _ now: Instant, isUsed: Bool = true) -> Int? {
            calendar.change(to: cutoff, at: now, isUsed: isUsed)?.rawValue
        }
        #expect(begins(kept, 20, november) == 202_612)
        #expect(begins(kept, 20, november.adding(days: 1)) == 202_701)
        #expect(begins(kept, 25, november) == nil)
        #expect(begins(kept, 20, november, isUsed: false) == 197_001)
        #expect(begins(try Self.calendar([]), 31, november) == 197_001)
    }

    /// Keeps a day as the cut-off; whether that was new.
    @discardableResult
    private func keep(_ cutoff: Int, _ house: House) async throws -> Bool {
        try await house.services.commands.keep(cutoff: cutoff, .system("test", now: house.clock.clock.now))
    }

    @Test("评价记录和页面上的日子一直对得上：31 改 25，25 改 20，20 改 25", arguments: TestEngine.enabled)
    func keepsDays(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.run(job: "rates.rules")
            let november = try await house.sums(202_611)
            var told = 0
            func tell(_ date: String, hour: Int, is month: Int) async throws {
                house.clock.set(Instant(try #require(CivilDate(date)), hour: hour))
                told += 1
                let draft = try await house.draft("电梯第\(told)回停了")
                let id = try await house.report(draft, try await house.context(.tenant))
                #expect(try await house.outcomes(id).map(\.month.rawValue) == [month], "\(date)")
            }
            #expect(try await keep(25, house))
            #expect(try await !keep(25, house))
            try await tell("2026-11-30", hour: 23, is: 202_611)
            try await tell("2026-12-01", hour: 9, is: 202_612)
            #expect(try await keep(20, house))
            try await tell("2026-12-25", hour: 23, is: 202_612)
            try await tell("2026-12-26", hour: 9, is: 202_701)
            #expect(try await keep(25, house))
            // What was to hold from a month that has not begun is taken back without a trace in any month.
            #expect(try await keep(20, house))
            #expect(try await keep(25, house))
            try await tell("2027-01-20", hour: 23, is: 202_701)
            try await tell("2027-01-21", hour: 9, is: 202_702)
            try await tell("2027-02-25", hour: 23, is: 202_702)
            try await tell("2027-02-26", hour: 9, is: 202_703)
            let rules = try await house.services.queries.assessmentCalendar().rules
            #expect(rules.map(\.cutoff) == [31, 25, 20, 25])
            #expect(rules.map(\.from.rawValue) == [197_001, 202_612, 202_701, 202_702])
            try await proven(house, november)
        }
    }

    /// Insists that what is stored and what pages say of it are the same days.
    private func proven(_ house: House, _ november: RateSums) async throws {
        try await house.proveRates()
        let calendar = try await house.services.queries.assessmentCalendar()
        try await house.services.database.read { tx in
            for month in try RateMonths.months(tx) {
                #expect(try RateMonths.outside(month, calendar, tx) == 0, "\(month)")
            }
        }
        let proof = try await house.services.queries.proveEvidence()
        #expect(proof.cases > 0 && proof.differences == [])
        #expect(try await house.sums(202_611).requests == november.requests + 1)
        #expect(try await house.verifiedAudit().problem == nil)
        // Months that all ended on one day would not be those that were counted.
        let other = AssessmentCalendar(otherwise: 25)
        let outside = try await house.services.database.read { tx in
            try RateMonths.months(tx).reduce(0) { try $0 + RateMonths.outside($1, other, tx) }
        }
        #expect(outside > 0)
    }

    @Test("还没有一件事的时候改，从来就按新的算", arguments: TestEngine.enabled)
    func empty(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            #expect(try await keep(31, house))
            #expect(try await keep(20, house))
            #expect(try await !keep(20, house))
            let rules = try await house.services.queries.assessmentCalendar().rules
            #expect(rules == [AssessmentCalendar.Rule(from: .first, cutoff: 20)])
        }
    }
}
