import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Logging
import Testing

/// Evidence of what came of cases, from the first dispatch to the last answer, and the months it adds up to.
@Suite("评价记录和三率汇总")
struct OutcomeTests {
    @Test("联系、办完、本人答复：一行记录，一个月一份汇总", arguments: TestEngine.enabled)
    func oneRound(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            var row = try #require(try await house.outcomes(id).first)
            #expect(row.month.rawValue == 202_611 && row.round == 1 && !row.isAccepted && row.isReachable)
            #expect(row.dispatchedAt == House.start && row.contactDueAt == House.start.adding(hours: 24))
            #expect(row.dueAt != nil && row.isInTime == nil && row.askedAt == nil)
            let handler = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), id, handler)
            house.clock.advance(minutes: 90)
            let later = try await house.context(.propertyHandler)
            try await house.services.commands.contacted(.phone, .reached, text: "约了下午", on: id, later)
            try await house.take(CaseStep("finish", text: "修好了"), id, later)
            var answer = CaseStep("confirm")
            answer.stars = 4
            try await house.take(answer, id, house.holder(of: id))
            row = try #require(try await house.outcomes(id).first)
            #expect(row.isAccepted && row.isInTime == true && row.contactedAt == row.finishedAt)
            #expect(row.isSolved == true && row.grade == .satisfied && row.channel == .link)
            let added = try await house.sums() - before
            #expect(added.requests == 1 && added.rounds == 1 && added.due == 1 && added.responded == 1)
            #expect(added.asked == 1 && added.answered == 1 && added.solved == 1 && added.satisfied == 1)
            try await house.proveRates()
        }
    }

    @Test("先说没解决，重办后解决：两轮各算各的", arguments: TestEngine.enabled)
    func contestedThenSolved(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let resident = try await house.context(.tenant)
            let id = try await house.finished(resident)
            var contest = CaseStep("contest", text: "没好")
            contest.stars = 1
            try await house.take(contest, id, resident)
            #expect(try await house.outcomes(id).map(\.isSolved) == [false])
            let property = try await house.unit("安居物业")
            let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: property)
            try await house.take(again, id, house.context(.dispatcher))
            try await house.finish(id, by: .propertyManager)
            try await house.take(CaseStep("confirm"), id, resident)
            let rows = try await house.outcomes(id)
            #expect(rows.map(\.round) == [1, 2] && rows.map(\.isSolved) == [false, true])
            #expect(rows.map(\.grade) == [.veryUnsatisfied, nil] && rows.map(\.channel) == [.page, .page])
            let added = try await house.sums() - before
            #expect(added.requests == 1 && added.rounds == 2 && added.repeats == 1)
            #expect(added.solutionRate == Rate(1, of: 2) && added.graded == 1)
            try await house.proveRates()
        }
    }

    @Test("下个月才要求重办：这一轮的评价不改，新一轮算在下个月", arguments: TestEngine.enabled)
    func reopenedInTheNextMonth(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let november = try await house.sums()
            let resident = try await house.context(.tenant)
            let id = try await house.finished(resident)
            try await house.take(CaseStep("confirm"), id, resident)
            house.clock.advance(minutes: 14 * 1440)
            let later = try await house.context(.tenant)
            try await house.take(CaseStep("reopen", text: "又坏了"), id, later)
            let property = try await house.unit("安居物业")
            let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: property)
            try await house.take(again, id, house.context(.dispatcher))
            let rows = try await house.outcomes(id)
            #expect(rows.map(\.month.rawValue) == [202_611, 202_612])
            #expect(rows.map(\.isSolved) == [true, nil])
            let added = try await house.sums() - november
            #expect(added.solutionRate == Rate(1, of: 1))
            let december = try await house.sums(202_612)
            #expect(december.rounds == 1 && december.requests == 0 && december.repeats == 1)
            try await house.proveRates()
        }
    }

    @Test("到期没答复就是没答复；后来说没解决，才算没解决", arguments: TestEngine.enabled)
    func silence(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let id = try await house.finished(try await house.context(.tenant))
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            #expect(try await house.state(id) == "closed")
            #expect(try await house.outcomes(id).first?.isSolved == nil)
            var added = try await house.sums() - before
            #expect(added.asked == 1 && added.answered == 0 && added.silent == 1 && added.graded == 0)
            let resident = try await house.context(.tenant)
            try await house.take(CaseStep("reopen", text: "其实没修"), id, resident)
            #expect(try await house.outcomes(id).first?.isSolved == false)
            added = try await house.sums() - before
            #expect(added.solutionRate == Rate(0, of: 1) && added.silent == 0)
            try await house.proveRates()
        }
    }

    @Test("到期以后本人还能补答复，只能一次", arguments: TestEngine.enabled)
    func answersLate(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.finished(try await house.context(.tenant))
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            let commands = house.services.commands
            let resident = try await house.context(.tenant)
            let handler = try await house.context(.propertyHandler)
            func answer(_ context: Context) async throws {
                try await commands.answer(isSolved: true, grade: .very, text: "好了", of: id, context)
            }
            #expect(try await house.refusal { try await answer(handler) } == .notFound)
            try await answer(resident)
            #expect(try await house.state(id) == "closed")
            let row = try #require(try await house.outcomes(id).first)
            #expect(row.isSolved == true && row.grade == .very && row.channel == .page)
            #expect(try await house.refusal { try await answer(resident) } == .conflict)
            try await house.proveRates()
        }
    }

    @Test("退单改派：算在首先签收的单位头上，原单位不留痕", arguments: TestEngine.enabled)
    func unitChanges(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let property = try await house.unit("安居物业")
            let committee = try await house.unit("幸福里社区居委会")
            let water = try await house.unit("城东自来水服务站")
            func counted(_ unit: ID<LinliKernel.Unit>) async throws -> Int { try await house.sums(unit: unit).rounds }
            let (first, second) = (try await counted(property), try await counted(committee))
            let id = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            #expect(try await counted(property) == first + 1)
            var refuse = CaseStep("refuse", text: "不是我们管的")
            refuse.reasonClass = "notOurs"
            try await house.take(refuse, id, house.context(.propertyHandler))
            try await house.take(CaseStep("dispatch", unit: committee), id, house.context(.dispatcher))
            let row = try #require(try await house.outcomes(id).first)
            #expect(row.unit == committee && row.dispatchedAt == House.start)
            #expect(try await counted(property) == first)
            #expect(try await counted(committee) == second + 1)
            try await house.take(CaseStep("accept"), id, house.context(.worker))
            // Who accepted it first answers for the round, wherever it is sent on to.
            try await house.take(CaseStep("dispatch", unit: water), id, house.context(.dispatcher))
            #expect(try await house.outcomes(id).first?.unit == committee)
            #expect(try await counted(committee) == second + 1)
            try await house.proveRates()
        }
    }

    @Test("更正类别：这一件从原来的类别移到新类别", arguments: TestEngine.enabled)
    func corrects(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            func counted(_ category: String) async throws -> Int {
                await house.deliver()
                let sum = try await house.value(
                    """
                    SELECT coalesce(sum(rounds), 0) FROM rate_month WHERE division = \(DemoDivision.street)
                    AND unit_id = 0 AND category = \(category)
                    """, as: Int.self)
                return sum ?? 0
            }
            let (wrong, right) = (try await counted("R0202"), try await counted("R0104"))
            let id = try await house.finished(try await house.context(.tenant))
            #expect(try await counted("R0202") == wrong + 1)
            try await house.services.commands.classify(
                .assistance, "R0104", of: id, try await house.context(.dispatcher))
            #expect(try await counted("R0202") == wrong)
            #expect(try await counted("R0104") == right + 1)
            try await house.proveRates()
        }
    }

    @Test("时限内没联系：到点记超时，后来再联系也还是超时", arguments: TestEngine.enabled)
    func lateResponse(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft(), try await house.context(.tenant))
            let visitor = try await house.draft("楼道灯坏了", category: "R0104")
            var nameless = visitor
            nameless.disclosure = .anonymous
            let silent = try await house.report(nameless, house.visitor)
            house.clock.advance(minutes: 1440)
            try await house.run(job: "rates.late")
            #expect(try await house.outcomes(id).first?.isInTime == nil)
            house.clock.advance(minutes: 1)
            try await house.run(job: "rates.late")
            #expect(try await house.outcomes(id).first?.isInTime == false)
            // Whoever left no way to be contacted makes nobody late.
            #expect(try await house.outcomes(silent).first?.isInTime == nil)
            let handler = try await house.context(.propertyHandler)
            try await house.services.commands.contacted(.phone, .reached, text: "", on: id, handler)
            let row = try #require(try await house.outcomes(id).first)
            #expect(row.isInTime == false && row.contactedAt != nil)
            try await house.proveRates()
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("剔除要有理由，由别人批；批了以后分母里没有它，剔除数里有它", arguments: TestEngine.enabled)
    func excludes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let resident = try await house.context(.tenant)
            let id = try await house.finished(resident)
            try await house.take(CaseStep("contest", text: "要求赔偿"), id, resident)
            let property = try await house.unit("安居物业")
            let again = CaseStep("dispatch", text: "维保合同在它，请换人", unit: property)
            try await house.take(again, id, house.context(.dispatcher))
            let handler = try await house.context(.propertyManager)
            try await house.take(CaseStep("accept"), id, handler)
            let commands = house.services.commands
            let request = try await commands.ask(
                .exclude, reason: "lawsuit", minutes: 0, text: "已经起诉", for: id, handler)
            var added = try await house.sums() - before
            #expect(added.answered == 1)
            _ = try await commands.decide(request, isGranted: true, text: "属实", house.context(.dispatcher))
            added = try await house.sums() - before
            #expect(added.exclusions == 2 && added.answered == 0 && added.due == 0 && added.rounds == 2)
            #expect(try await house.outcomes(id).map(\.exclusion) == ["lawsuit", "lawsuit"])
            try await house.proveRates()
        }
    }

    @Test("网格员自己发现的、当场办结的不算；撤回的另记", arguments: TestEngine.enabled)
    func whatCounts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var found = try await house.draft()
            found.source = .grid
            let own = try await house.report(found, try await house.context(.gridWorker1))
            #expect(try await house.outcomes(own).isEmpty)
            let before = try await house.sums()
            let resident = try await house.context(.tenant)
            let id = try await house.report(try await house.draft(), resident)
            try await house.take(CaseStep("withdraw"), id, resident)
            let added = try await house.sums() - before
            #expect(added.withdrawals == 1 && added.rounds == 1 && added.due == 0 && added.asked == 0)
            try await house.proveRates()
        }
    }

    @Test("两个投递器抢着送、一批里有一条坏的：每条只算一次", arguments: TestEngine.enabled)
    func appliesOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            let resident = try await house.context(.tenant)
            for index in 0..<12 {
                let id = try await house.finished(resident)
                if index % 2 == 0 { try await house.take(CaseStep("confirm"), id, resident) }
            }
            // It fails in its batch and takes the others along; they are delivered again, one by one.
            try await house.services.database.write(.system("test", now: House.start), "test.bad") { tx in
                try tx.audit(Subject("case", 1))
                try tx.emit("case.outcome", Subject("case", 1), facts: ["is": "nonsense"])
            }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let quiet = logger
            let database = house.services.database
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let dispatcher = Dispatcher(database, wake: Wake(), logger: quiet)
                        while await dispatcher.round() > 0 {}
                    }
                }
            }
            await house.deliver()
            let left = try await house.value(
                "SELECT count(*) FROM delivery WHERE subscriber = 'rates.months'", as: Int.self)
            #expect(left == 1)
            let month = try #require(AssessmentMonth(202_611))
            let recount = try await database.read { try RateMonths.recount(month, $0) }
            #expect(recount.differences.isEmpty && recount.compared > 0)
        }
    }

    @Test("汇总被改动查得出来，重建后一致", arguments: TestEngine.enabled)
    func recounts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await house.proveRates()
            let database = house.services.database
            let month = try #require(AssessmentMonth(202_611))
            try await database.system { tx in
                _ = try tx.execute("UPDATE rate_month SET solved = solved + 1 WHERE division = \(DemoDivision.street)")
            }
            let found = try await database.read { try RateMonths.recount(month, $0) }
            #expect(!found.differences.isEmpty)
            _ = try await house.finished(try await house.context(.tenant))
            // What is on its way is in the evidence already: it must not be counted twice.
            try await database.system { try RateMonths.rebuild($0) }
            try await house.proveRates()
        }
    }
}

extension House {
    /// The evidence of a case, the first round first.
    func outcomes(_ id: ID<Case>) async throws -> [CaseOutcome] {
        try await services.database.read { try OutcomesStore.all(of: id, $0) }
    }

    /// The sums of the street in a month, or of one unit in it, after everything was delivered.
    func sums(_ month: Int = 202_611, unit: ID<LinliKernel.Unit>? = nil) async throws -> RateSums {
        await deliver()
        let month = try #require(AssessmentMonth(month))
        let scope = Scope(divisions: [DemoDivision.street], units: [], account: nil, interests: [])
        let area = try RateArea(division: DemoDivision.street, unit: unit, scope)
        return try await services.database.read { try RatesStore.totals([month], area, $0)[month] ?? RateSums() }
    }

    /// Insists that every sum equals a recount.
    func proveRates() async throws {
        await deliver()
        try await services.database.read { tx in
            #expect(try RateMonths.waiting(tx) == 0)
            for month in try RateMonths.months(tx) {
                let recount = try RateMonths.recount(month, tx)
                #expect(recount.differences == [], "\(month)")
            }
        }
    }

    /// Lets the property company do a case that was sent to it.
    func finish(_ id: ID<Case>, by person: DemoStaff = .propertyHandler) async throws {
        let handler = try await context(person)
        try await take(CaseStep("accept"), id, handler)
        try await take(CaseStep("finish", text: "修好了"), id, handler)
    }

    /// A case that was told and done, and waits for an answer.
    func finished(_ reporter: Context) async throws -> ID<Case> {
        let id = try await report(try await draft(), reporter)
        try await finish(id)
        return id
    }
}
