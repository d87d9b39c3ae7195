import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Warnings that join several kinds of signals, and those of whom nothing was ever heard: worked out again another way.
@Suite("预警：几种信号合起来；从没联系上的人")
struct JoinedWarningsTests {
    private static let start = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 10)

    private func signal(
        _ number: Int64, _ kind: WarningSignalKind = .need, day: Int, _ category: String = "R1102"
    ) -> WarningSignal {
        WarningSignal(id: ID(rawValue: number), kind: kind, at: Self.start.adding(days: day), category: category)
    }

    @Test("几种信号合起来才提醒：缺一种不报，见到人从头算") func joined() throws {
        let troubled = try #require(try WarningBook.shipped()["troubled"])
        let quarrels = [signal(1, day: 0), signal(2, day: 5)]
        #expect(troubled.replay(quarrels + [signal(3, day: 6)]).isEmpty, "quarrels alone")
        let hazards = [signal(4, .finding, day: 1, "R1302"), signal(5, .finding, day: 2, "R1301")]
        #expect(troubled.replay([signal(1, day: 0)] + hazards).isEmpty, "one quarrel")
        #expect(
            troubled.replay(quarrels + hazards)
                == [.init(at: Self.start.adding(days: 5), reasons: [1, 4, 5, 2].map { ID(rawValue: $0) })])
        // The need that a hazard is told as is no quarrel.
        #expect(troubled.replay([signal(1, day: 0), signal(6, day: 1, "R1302")] + hazards).isEmpty)
        // The finding is a month old.
        #expect(troubled.replay([hazards[0], signal(7, day: 31), signal(8, day: 32)]).isEmpty)
        let vanished = try #require(try WarningBook.shipped()["vanished"])
        let missed = signal(1, .missed, day: 0, "")
        #expect(vanished.replay([missed]).isEmpty && vanished.replay([signal(2, .silent, day: 3, "")]).isEmpty)
        #expect(vanished.replay([missed, signal(2, .silent, day: 3, "")]).count == 1)
        #expect(vanished.replay([missed, signal(3, .met, day: 2, ""), signal(2, .silent, day: 9, "")]).isEmpty)
    }

    @Test("同一处有纠纷又有隐患：按事件攒出来的，和重算的一样，每个信号都说得出", arguments: TestEngine.enabled)
    func joinedEqualsARecount(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let database = house.services.database
            let tenant = try await house.context(.tenant)
            let places = [
                try await house.place("幸福里小区3号楼1单元").id, try await house.place("幸福里小区3号楼2单元").id,
            ]
            var found: [(at: Instant, place: Int)] = []
            for step in 0..<40 {
                house.clock.advance(minutes: 60 * (step % 7 + 20))
                let context = Context(actor: tenant.actor, now: house.clock.clock.now, requestID: "test")
                let place = step % 3 == 0 ? 0 : 1
                if step % 4 == 2 {
                    found.append((context.now, place))
                    // What a round tells of a hazard; the round itself is another suite's.
                    try await database.write(context, "test.found") { tx in
                        let subject = Subject("case", Int64(step + 1), division: VisitsTests.grid)
                        try tx.audit(subject, fields: ["found"])
                        try tx.emit(
                            "patrol.found", subject,
                            facts: ["place": "\(places[place].rawValue)", "category": "R1302"])
                    }
                } else {
                    let address = place == 0 ? "幸福里小区3号楼1单元" : "幸福里小区3号楼2单元"
                    _ = try await house.report(
                        try await house.draft("又吵起来了", category: "R1102", at: address), context)
                }
                if step % 5 == 4 { await house.deliver() }
            }
            await house.deliver()
            let rule = try #require(try WarningBook.shipped()["troubled"])
            let reader = try await house.context(DemoStaff.head).actor
            var total = 0
            for (index, place) in places.enumerated() {
                var expected: [(at: Instant, reasons: Int)] = []
                let quarrels = try await database.read { tx in
                    try tx.all(
                        """
                        SELECT created_at FROM case_item WHERE place_id = \(place) AND against_unit = 0
                        AND nature <> 'tipOff' AND parent_id IS NULL
                        AND (category LIKE 'R11%' OR category LIKE 'R1001%')
                        """
                    ) { (at: try $0[0] as Instant, isFinding: false) }
                }
                let here = (quarrels + found.filter { $0.place == index }.map { (at: $0.at, isFinding: true) }).sorted {
                    $0.at < $1.at
                }
                for one in here {
                    let window = here.filter { $0.at <= one.at && $0.at > one.at.adding(days: -rule.days) }
                    if let last = expected.last, one.at < last.at.adding(days: rule.quietDays) {
                        expected[expected.count - 1].reasons += 1
                    } else if window.contains(where: \.isFinding), window.filter({ !$0.isFinding }).count >= 2 {
                        expected.append((one.at, window.count))
                    }
                }
                let stored = try await database.read { tx in
                    try WarningQueries.about(households: [], places: [place], seenBy: reader, limit: 50, tx)
                        .filter { $0.rule == rule.id }.reversed()
                        .map { ($0, try WarningQueries.reasons(of: $0.id, tx)) }
                }
                #expect(stored.map(\.0.at) == expected.map(\.at))
                #expect(stored.map(\.1.count) == expected.map(\.reasons))
                #expect(stored.allSatisfy { Set($0.1.map(\.kind)) == [.need, .finding] && $0.0.category.isEmpty })
                total += stored.count
            }
            #expect(total > places.count, "no place was warned of again after the quiet days")
            let page = try await house.open("/desk/warnings", query: [], try await house.context(DemoStaff.head))
            #expect(page.contains("同一处又有纠纷又有隐患") && page.contains("巡查发现隐患") && page.contains("反映过"))
            let numbers: [String] = try await database.read { tx in
                try tx.all("SELECT number FROM case_item WHERE category = 'R1102' ORDER BY id") { try $0[0] }
            }
            #expect(page.contains("又吵起来了"), "each reason says which case it is")
            #expect(numbers.contains { page.contains("<span class=\"num\">\($0)</span>") })
        }
    }

    /// When each of some households should have been warned of: fourteen days after whatever was heard last, or after it
    /// came into the register, unless something was heard before.
    private func silences(_ heard: [Instant], until now: Instant) -> [Instant] {
        heard.enumerated().compactMap { index, moment in
            let due = moment.adding(days: 14)
            let isBroken = heard.dropFirst(index + 1).contains { $0 < due }
            return isBroken || due > now ? nil : due
        }
    }

    @Test("从没联系上的独住老人，从登记那天数起；刚登记的不提醒；和重算的一样", arguments: TestEngine.enabled)
    func neverHeard(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let start = house.clock.clock.now
            let never = try await VisitsTests.enter(
                house, born: CivilDate(year: 1950, month: 6, day: 15), phone: "13800138001", number: "1201")
            let heard = try await VisitsTests.enter(
                house, born: CivilDate(year: 1948, month: 2, day: 3), phone: "13800138002", number: "1202")
            let young = try await VisitsTests.enter(
                house, born: CivilDate(year: 1990, month: 1, day: 9), phone: "13800138003", number: "1203")
            let mine = [never, heard, young]
            var known: [ID<Household>: [Instant]] = [never: [start], heard: [start], young: []]
            for day in 0...45 {
                if day > 0 { house.clock.advance(minutes: 1440) }
                let context = try await house.context(DemoStaff.gridWorker1)
                for (one, days) in [(heard, [3]), (never, [20])] where days.contains(day) {
                    try await database.write(context, "test.heard") { tx in
                        try Households.heard(of: one, by: .call, tx)
                        try tx.audit(Subject("household", one, division: VisitsTests.grid), fields: ["heard"])
                    }
                    known[one]?.append(context.now)
                }
                await house.deliver()
                try await house.run(job: "warnings.silent")
                let stored = try await database.read { tx in
                    try tx.all(
                        """
                        SELECT household_id, at FROM warning WHERE rule = 'silent'
                        AND household_id IN \(SQL.list(mine)) ORDER BY at, id
                        """
                    ) { (household: try $0[0] as ID<Household>, at: try $0[1] as Instant) }
                }
                for one in mine {
                    let expected = silences(known[one] ?? [], until: house.clock.clock.now)
                    #expect(stored.filter { $0.household == one }.map(\.at) == expected, "day \(day)")
                }
            }
            let page = try await house.open("/desk/warnings", query: [], try await house.context(DemoStaff.head))
            // Both are silent again: one was heard of on the third day, the other on the twentieth.
            #expect(page.contains("已 42 天没有音信") && page.contains("已 25 天没有音信"))
        }
    }
}
