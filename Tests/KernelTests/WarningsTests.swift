import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Early warnings: what several signals make, kept by events and worked out again another way.
@Suite("预警：信号合起来才提醒，说得出原因")
struct WarningsTests {
    private static let start = Instant(CivilDate(daysSinceEpoch: 20_779), hour: 10)

    private func signal(
        _ number: Int64, _ kind: WarningSignalKind = .need, day: Int, _ category: String = "R1102"
    ) -> WarningSignal {
        WarningSignal(id: ID(rawValue: number), kind: kind, at: Self.start.adding(days: day), category: category)
    }

    @Test("够数才报，静默期内只添原因，见到人从头算") func replayed() throws {
        let quarrels = try #require(try WarningBook.shipped()["quarrels"])
        let two = [signal(1, day: 0), signal(2, day: 10), signal(3, day: 12, "R0202")]
        #expect(quarrels.replay(two).isEmpty)
        let three = quarrels.replay(two + [signal(4, day: 20)])
        #expect(
            three == [
                .init(at: Self.start.adding(days: 20), reasons: [ID(rawValue: 1), ID(rawValue: 2), ID(rawValue: 4)])
            ])
        // The first fell out of the month: two are left.
        #expect(quarrels.replay([signal(1, day: 0), signal(2, day: 29), signal(4, day: 30)]).isEmpty)
        let more = quarrels.replay(two + [signal(4, day: 20), signal(5, day: 30), signal(6, day: 51)])
        #expect(more.count == 1 && more[0].reasons.count == 4)
        // What goes on for longer than the quiet days warns again, also where only the last days are looked at and the
        // first warning stands.
        let steady = (0...9).map { signal(Int64($0 + 1), day: $0 * 5) }
        let again = WarningRule.Raised(at: Self.start.adding(days: 40), reasons: (4...10).map { ID(rawValue: $0) })
        #expect(quarrels.replay(steady).map(\.at) == [10, 40].map { Self.start.adding(days: $0) })
        #expect(quarrels.replay(steady).last == again)
        let quiet = Self.start.adding(days: 10)..<again.at
        #expect(quarrels.replay(Array(steady.dropFirst(3)), where: { quiet.contains($0) }) == [again])
        let missed = try #require(try WarningBook.shipped()["missed"])
        let met = [signal(1, .missed, day: 0), signal(2, .met, day: 1), signal(3, .missed, day: 2)]
        #expect(missed.replay(met).isEmpty)
        #expect(missed.replay(met + [signal(4, .missed, day: 3)]).count == 1)
        let book = try WarningBook.shipped()
        let numbers = try #require(WarningNumbers("kind=3/5,silent=1/9", for: book))
        let other = book.with(numbers)
        #expect(other["kind"]?.parts.map(\.count) == [3] && other["kind"]?.days == 5 && other.silence == 9)
        #expect(other.mark != book.mark && other["quarrels"] == book["quarrels"])
        #expect(WarningNumbers("nothing=3/5", for: book) == nil && WarningNumbers("kind=0/5", for: book) == nil)
    }

    /// Every warning of a rule over needs at a place, straight from the cases and quadratically.
    private func naive(_ rule: WarningRule, _ house: House) async throws -> [String: [(
        at: Instant, reasons: Set<Int64>
    )]] {
        let cases = try await house.services.database.read { tx in
            try tx.all(
                """
                SELECT id, created_at, place_id, category, community FROM case_item
                WHERE against_unit = 0 AND nature <> 'tipOff' AND parent_id IS NULL ORDER BY created_at, id
                """
            ) {
                (
                    id: try $0[0] as Int64, at: try $0[1] as Instant, place: try $0[2] as Int64?,
                    category: try $0[3] as String, community: try $0[4] as DivisionCode
                )
            }
        }
        var warnings: [String: [(at: Instant, reasons: Set<Int64>)]] = [:]
        let part = try #require(rule.parts.first)
        for one in cases
        where part.categories.isEmpty || part.categories.contains(where: { one.category.hasPrefix($0) }) {
            let cause: String
            if rule.area == .place {
                guard let place = one.place else { continue }
                cause = "place:\(place)"
            } else {
                cause = "kind:\(one.community):\(one.category)"
            }
            let alike = cases.filter { other in
                let isSame =
                    rule.area == .place
                    ? other.place == one.place
                    : other.category == one.category && other.community == one.community
                return isSame && (part.categories.isEmpty || part.categories.contains { other.category.hasPrefix($0) })
                    && (other.at, other.id) <= (one.at, one.id) && other.at > one.at.adding(days: -rule.days)
            }
            if let last = warnings[cause]?.last, one.at < last.at.adding(days: rule.quietDays) {
                let index = (warnings[cause]?.count ?? 1) - 1
                warnings[cause]?[index].reasons.insert(one.id)
            } else if alike.count >= part.count {
                warnings[cause, default: []].append((one.at, Set(alike.map(\.id))))
            }
        }
        return warnings
    }

    @Test("事件攒出来的预警，和从工单重算的一样；原因一件不差", arguments: TestEngine.enabled)
    func equalsARecount(_ engine: TestEngine) async throws {
        let shipped = try WarningBook.shipped()
        let numbers = try #require(WarningNumbers("quarrels=3/30,kind=4/7", for: shipped))
        let rules = shipped.with(numbers).rules
        var settings = CaseSettings(sampledPercent: 0)
        settings.warningNumbers = numbers
        try await withHouse(engine, settings: settings) { house in
            await house.deliver()
            let tenant = try await house.context(.tenant)
            for step in 0..<24 {
                house.clock.advance(minutes: 60 * (step % 5 + 7))
                let context = Context(actor: tenant.actor, now: house.clock.clock.now, requestID: "test")
                let category = ["R1102", "R1001", "R0202", "R1102"][step % 4]
                let address = step % 3 == 0 ? "幸福里小区3号楼1单元" : "幸福里小区3号楼2单元"
                _ = try await house.report(try await house.draft("又吵起来了", category: category, at: address), context)
                if step % 4 == 3 { await house.deliver() }
            }
            // The demo's own needs were delivered under the shipped rules: other rules look back.
            try await house.run(job: "warnings.rules")
            try await house.run(job: "warnings.rules")
            var total = 0
            for rule in rules where rule.parts.map(\.signal) == [.need] {
                let expected = try await naive(rule, house)
                let stored = try await house.services.database.read { tx in
                    try tx.all("SELECT cause, at, id FROM warning WHERE rule = \(rule.id) ORDER BY at, id") {
                        (cause: try $0[0] as String, at: try $0[1] as Instant, id: try $0[2] as ID<Warning>)
                    }.map { row in
                        (row.cause, row.at, Set(try WarningQueries.reasons(of: row.id, tx).map(\.source)))
                    }
                }
                let grouped = Dictionary(grouping: stored) { $0.0 }
                #expect(Set(grouped.keys) == Set(expected.keys), "\(rule.id)")
                for (cause, warnings) in expected {
                    #expect(grouped[cause]?.map(\.1) == warnings.map(\.at), "\(rule.id) \(cause)")
                    #expect(grouped[cause]?.map(\.2) == warnings.map(\.reasons), "\(rule.id) \(cause)")
                    total += warnings.count
                }
            }
            #expect(total > 2, "nothing was warned of")
        }
    }

    @Test("地点更正以后：不再算在原来的地方，算在新的地方；少了一件不够数的预警说明白，改回来又报", arguments: TestEngine.enabled)
    func placeCorrected(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let (wrong, right) = (try await house.place("幸福里小广场").id, try await house.place("槐荫口袋公园").id)
            func quarrel(_ address: String) async throws -> ID<Case> {
                house.clock.advance(minutes: 60)
                var draft = try await house.draft("又吵起来了", category: "R1102", at: address)
                draft.spot = .street
                return try await house.report(draft, try await house.context(.tenant))
            }
            func states(_ place: ID<Place>) async throws -> [String] {
                await house.deliver()
                let query: SQL = "SELECT state FROM warning WHERE rule = 'quarrels' AND place_id = \(place) ORDER BY id"
                return try await house.services.database.read { tx in try tx.all(query) { try $0[0] as String } }
            }
            func reasons(_ place: ID<Place>) async throws -> Set<Int64> {
                try await house.services.database.read { tx in
                    let found: ID<Warning>? = try tx.value(
                        """
                        SELECT id FROM warning WHERE rule = 'quarrels' AND place_id = \(place) AND is_open = 1
                        """)
                    return Set(try found.map { try WarningQueries.reasons(of: $0, tx).map(\.source) } ?? [])
                }
            }
            func move(_ id: ID<Case>, to place: ID<Place>) async throws {
                try await house.services.commands.setPlace(
                    CasePlaceDraft(place: place, reason: "记错了地方"), of: id, try await house.context(.dispatcher))
            }
            let there = [try await quarrel("槐荫口袋公园"), try await quarrel("槐荫口袋公园")]
            let here = [try await quarrel("幸福里小广场"), try await quarrel("幸福里小广场")]
            #expect(try await states(right).isEmpty)
            #expect(try await states(wrong).isEmpty)
            let third = try await quarrel("幸福里小广场")
            #expect(try await states(wrong) == ["open"])
            try await move(third, to: right)
            #expect(try await states(wrong) == ["misplaced"])
            #expect(try await states(right) == ["open"])
            #expect(try await reasons(right) == Set((there + [third]).map(\.rawValue)))
            // Back again it is as it was, and the quiet days of what is over keep nothing quiet.
            try await move(third, to: wrong)
            #expect(try await states(wrong) == ["misplaced", "open"])
            #expect(try await states(right) == ["misplaced"])
            #expect(try await reasons(wrong) == Set((here + [third]).map(\.rawValue)))
            // With one more than it takes it stands, without the one that happened elsewhere.
            let fourth = try await quarrel("幸福里小广场")
            _ = try await states(wrong)
            try await move(third, to: right)
            #expect(try await states(wrong) == ["misplaced", "open"])
            #expect(try await reasons(wrong) == Set((here + [fourth]).map(\.rawValue)))
        }
    }

    @Test("连着两次没见到人就提醒，联系上了自己消；独住老人没音信也提醒", arguments: TestEngine.enabled)
    func households(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let elder = CivilDate(year: 1950, month: 6, day: 15)
            let household = try await VisitsTests.enter(house, born: elder, phone: "13800138000")
            let visits = VisitCommands(database)
            let worker = try await house.context(DemoStaff.gridWorker1)
            func open() async throws -> [Warning] {
                await house.deliver()
                return try await database.read { tx in
                    try WarningQueries.list(
                        in: VisitsTests.grid, households: [VisitsTests.grid], isOpen: true, limit: 50, tx
                    )
                    .filter { $0.household == household }
                }
            }
            let first = try await VisitsTests.announce(house, household)
            try await visits.miss(first, worker)
            try await visits.withdraw(first, worker)
            #expect(try await open().isEmpty)
            let second = try await VisitsTests.announce(house, household)
            try await visits.miss(second, worker)
            let warned = try await open()
            #expect(warned.map(\.rule) == ["missed"])
            #expect(warned.first?.address == "幸福里小区3号楼2单元1201")
            house.clock.advance(minutes: 60)
            try await visits.allWell(VisitCode.make(second, database.keys), house.visitor)
            #expect(try await open().isEmpty)
            // Seven days of the care, seven of the rule, and not again the next hour.
            house.clock.advance(minutes: 13 * 1440)
            try await house.run(job: "warnings.silent")
            #expect(try await open().isEmpty)
            house.clock.advance(minutes: 2 * 1440)
            try await house.run(job: "warnings.silent")
            try await house.run(job: "warnings.silent")
            let silent = try await open()
            #expect(silent.map(\.rule) == ["silent"])
            let id = try #require(silent.first?.id)
            // Who may not visit there finds no such warning; the list leads to a visit.
            let head = try await house.context(DemoStaff.head)
            let stranger = try await house.context(DemoStaff.locustHead)
            let empty = Form()
            #expect(try await house.send("/desk/warnings/\(id)/acknowledge", empty, stranger) == nil)
            #expect(try await house.open("/desk/warnings", query: [], head).contains("独住老人很久没有音信"))
            let card = "id=\"w-\(id)\""
            #expect(try await house.open("/desk/warnings", query: [("tab", "all")], head).contains(card))
            #expect(try await !house.open("/desk/warnings", query: [("tab", "all")], stranger).contains(card))
            // Who may see no household sees no warning about one, this or another.
            for tab in ["open", "all"] {
                let dispatcher = try await house.open(
                    "/desk/warnings", query: [("tab", tab)], house.context(DemoStaff.dispatcher))
                #expect(
                    !dispatcher.isEmpty && !dispatcher.contains(card) && !dispatcher.contains("独住老人很久没有音信"))
            }
            #expect(try await house.send("/desk/warnings/\(id)/acknowledge", empty, head) != nil)
            #expect(
                try await house.send("/desk/warnings/\(id)/visit", empty, head)
                    == "/grid/visits/new?household=\(household)")
            let refused = try await house.send("/desk/warnings/\(id)/dismiss", empty, head)
            #expect(refused?.contains("请写为什么不用处理") == true)
            let reason = Form([(name: "reason", value: "住女儿家，电话 13900001111")])
            #expect(try await house.send("/desk/warnings/\(id)/dismiss", reason, head) == "/desk/warnings?done=dismiss")
            let all = try await house.open("/desk/warnings", query: [("tab", "all")], head)
            #expect(all.contains("住女儿家") && !all.contains("13900001111"))
            #expect(try await house.refusal { try await WarningCommands(database).acknowledge(id, head) } == .conflict)
        }
    }

    @Test("反复的纠纷转成一件工单，预警随之了结", arguments: TestEngine.enabled)
    func turnsIntoACase(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let tenant = try await house.context(.tenant)
            for _ in 0..<3 {
                _ = try await house.report(try await house.draft("楼上又漏水吵架", category: "R1102"), tenant)
            }
            await house.deliver()
            let head = try await house.context(DemoStaff.head)
            let place = try await house.place("幸福里小区3号楼2单元").id
            let found = try await house.services.database.read { tx in
                try WarningQueries.about(households: [], places: [place], seenBy: head.actor, limit: 5, tx)
                    .filter { $0.rule == "quarrels" }
            }
            let id = try #require(found.first?.id)
            let target = try #require(try await house.send("/desk/warnings/\(id)/case", Form(), head))
            #expect(target.hasPrefix("/desk/cases/"))
            let after = try #require(try await house.services.database.read { try WarningQueries.find(id, $0) })
            #expect(after.state == .turned && after.item != nil)
            #expect(try await house.open(target, query: [], head).contains("同一处反复起纠纷"))
        }
    }

    @Test("社区先看到；几天没人看，街道的名单上才有；看过就下去", arguments: TestEngine.enabled)
    func comesToTheStreet(_ engine: TestEngine) async throws {
        var settings = CaseSettings(sampledPercent: 0)
        settings.warningDays = 3
        try await withHouse(engine, settings: settings) { house in
            await house.deliver()
            let tenant = try await house.context(.tenant)
            for _ in 0..<3 {
                _ = try await house.report(try await house.draft("楼上又漏水吵架", category: "R1102"), tenant)
            }
            await house.deliver()
            let place = try await house.place("幸福里小区3号楼2单元").id
            let reader = try await house.context(DemoStaff.head).actor
            let id = try #require(
                try await house.services.database.read {
                    try WarningQueries.about(households: [], places: [place], seenBy: reader, limit: 5, $0)
                }.first { $0.rule == "quarrels" }?.id)
            let card = "id=\"w-\(id)\""
            func isShown(_ person: DemoStaff, _ tab: String? = nil) async throws -> Bool {
                let query = tab.map { [("tab", $0)] } ?? []
                return try await house.open("/desk/warnings", query: query, try await house.context(person))
                    .contains(card)
            }
            #expect(try await isShown(.head))
            #expect(try await !isShown(.dispatcher))
            #expect(try await isShown(.dispatcher, "open"), "whoever asks finds it")
            house.clock.advance(minutes: 3 * 1440 - 1)
            #expect(try await !isShown(.dispatcher))
            house.clock.advance(minutes: 2)
            let street = try await house.open("/desk/warnings", query: [], try await house.context(.dispatcher))
            #expect(street.contains(card) && street.contains("幸福里社区居委会") && street.contains("tel:010-6555-0101"))
            #expect(try await !isShown(.townDispatcher), "another street's")
            try await WarningCommands(house.services.database).acknowledge(id, try await house.context(.head))
            #expect(try await !isShown(.dispatcher))
            #expect(try await isShown(.head))
        }
    }

    @Test("一户人的预警放久了：街道只知道哪个社区有，不知道是谁", arguments: TestEngine.enabled)
    func tellsNoHousehold(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let household = try #require(
                try await house.services.database.read { try RegisterQueries.homes(of: elder, $0).first?.household })
            let grid = DemoDivision.grid(1)
            let id: ID<Warning> = try house.services.database.newID()
            let at = house.clock.clock.now
            _ = try await house.services.database.system { tx in
                try tx.execute(
                    """
                    INSERT INTO warning (id, rule, cause, at, division, community, household_id, category, state,
                        is_open, note, acted_name)
                    VALUES (\(id), 'silent', \("household:\(household.rawValue)"), \(at), \(grid),
                        \(DemoDivision.happiness), \(household), '', 'open', 1, '', '')
                    """)
            }
            house.clock.advance(minutes: 4 * 1440)
            let dispatcher = try await house.context(.dispatcher)
            let street = try await house.open("/desk/warnings", query: [], dispatcher)
            #expect(street.contains("幸福里社区 · 独住老人很久没有音信") && street.contains("tel:010-6555-0101"))
            #expect(!street.contains("w-\(id)") && !street.contains("2单元301"), "neither which nor where")
            let head = try await house.open("/desk/warnings", query: [], try await house.context(.head))
            #expect(head.contains("w-\(id)") && head.contains("2单元301"))
            #expect(try await !house.open("/desk/warnings", query: [("tab", "open")], dispatcher).contains("w-\(id)"))
        }
    }
}
