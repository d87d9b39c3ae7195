import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Calls to who asked: who may make them, what they write down, and what silence stays.
@Suite("电话回访")
struct FollowUpTests {
    private func call(_ house: House, _ outcome: FollowUpOutcome, _ id: ID<Case>, _ person: DemoStaff) async throws {
        try await house.services.commands.followUp(outcome, of: id, try await house.context(person))
    }

    @Test("调度员代记答复：算本人的，渠道是电话，过程里写明谁打的", arguments: TestEngine.enabled)
    func writesDown(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.finished(try await house.context(.tenant))
            let yes = FollowUpOutcome.answered(isSolved: true, grade: .basic, text: "修得还行")
            try await call(house, yes, id, .dispatcher)
            #expect(try await house.state(id) == "closed")
            let row = try #require(try await house.outcomes(id).first)
            #expect(row.isSolved == true && row.grade == .basic && row.channel == .phone)
            let view = try await house.services.queries.view(id, try await house.context(.tenant))
            let lines = view.entries.suffix(2)
            #expect(lines.map(\.transition) == ["followUp", "confirm"])
            // Who called is named, the answer itself is the reporter's.
            #expect(lines.first?.actorName.isEmpty == false && lines.last?.actorName.isEmpty == true)
            #expect(view.item.stars == 3)
            #expect(try await house.refusal { try await call(house, yes, id, .dispatcher) } == .conflict)
            try await house.proveRates()
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("没解决的要写还差什么，退回重办", arguments: TestEngine.enabled)
    func contests(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.finished(try await house.context(.tenant))
            let empty = FollowUpOutcome.answered(isSolved: false, grade: nil, text: " ")
            #expect(try await house.refusal { try await call(house, empty, id, .dispatcher) } == .invalid)
            let no = FollowUpOutcome.answered(isSolved: false, grade: .unsatisfied, text: "门还是关不严")
            try await call(house, no, id, .dispatcher)
            #expect(try await house.state(id) == "received")
            #expect(try await house.outcomes(id).map(\.isSolved) == [false])
            try await house.proveRates()
        }
    }

    @Test("自己单位办的自己不能回访，没这个职责的也不能", arguments: TestEngine.enabled)
    func notByTheHandler(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let yes = FollowUpOutcome.answered(isSolved: true, grade: nil, text: "")
            let id = try await house.finished(try await house.context(.tenant))
            for person in [DemoStaff.propertyHandler, .worker, .head] {
                #expect(try await house.refusal { try await call(house, yes, id, person) } == .forbidden, "\(person)")
            }
            #expect(try await house.refusal { try await call(house, yes, id, .waterHandler) } == .notFound)
            // What the street's centre did itself, the district asks about.
            let own = try await house.report(try await house.draft("路面塌了", category: "E0110"), house.context(.tenant))
            let centre = try await house.unit("东华门街道市民诉求处置中心")
            try await house.services.database.system { tx in
                try tx.execute(
                    """
                    UPDATE case_outcome SET unit_id = \(centre), is_accepted = 1, asked_at = \(House.start)
                    WHERE case_id = \(own)
                    """)
                try tx.execute("UPDATE case_item SET handler_unit = \(centre) WHERE id = \(own)")
            }
            #expect(try await house.refusal { try await call(house, .declined, own, .dispatcher) } == .forbidden)
            try await call(house, .declined, own, .districtOfficer)
        }
    }

    @Test("三次没打通不再打，也不进分母；本人后来答复照样算", arguments: TestEngine.enabled)
    func unreached(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let id = try await house.finished(try await house.context(.tenant))
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesFollowUp)
            func listed(_ tab: FollowUpTab) async throws -> Bool {
                let now = house.clock.clock.now
                let rows = try await house.services.queries.followUps(tab, scope, at: now, limit: 200)
                return rows.contains { $0.row.id == id }
            }
            // Three days to answer by themselves; the last of them somebody calls.
            #expect(try await listed(.waiting))
            house.clock.advance(minutes: 2 * 1440 + 60)
            #expect(try await listed(.due))
            let soon = house.clock.clock.now.adding(hours: 3)
            try await call(house, .missed(.busy, callAgainAt: soon), id, .dispatcher)
            #expect(try await listed(.later))
            #expect(
                try await house.refusal {
                    try await call(house, .missed(.busy, callAgainAt: House.start), id, .dispatcher)
                } == .invalid)
            try await call(house, .missed(.noAnswer, callAgainAt: nil), id, .lateDispatcher)
            #expect(try await listed(.due))
            try await call(house, .missed(.switchedOff, callAgainAt: nil), id, .dispatcher)
            for tab in FollowUpTab.allCases { #expect(try await !listed(tab)) }
            var added = try await house.sums() - before
            #expect(added.unreached == 1 && added.silent == 0 && added.answered == 0)
            try await house.take(CaseStep("confirm"), id, try await house.context(.tenant))
            added = try await house.sums() - before
            #expect(added.unreached == 0 && added.solutionRate == Rate(1, of: 1))
            try await house.proveRates()
        }
    }

    @Test("到期先行办结的还能回访：只补记评价，工单不动", arguments: TestEngine.enabled)
    func afterTheDeadline(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.finished(try await house.context(.tenant))
            house.clock.advance(minutes: 4 * 1440)
            try await house.run(job: "cases.lapse")
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesFollowUp)
            let rows = try await house.services.queries.followUps(.due, scope, at: house.clock.clock.now, limit: 200)
            #expect(rows.contains { $0.row.id == id })
            try await call(house, .answered(isSolved: true, grade: .very, text: "谢谢"), id, .dispatcher)
            #expect(try await house.state(id) == "closed")
            let row = try #require(try await house.outcomes(id).first)
            #expect(row.isSolved == true && row.channel == .phone)
            try await house.proveRates()
        }
    }

    @Test("不愿答复的不再打，还是未答复", arguments: TestEngine.enabled)
    func declines(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let before = try await house.sums()
            let id = try await house.finished(try await house.context(.tenant))
            try await call(house, .declined, id, .dispatcher)
            let scope = try await house.context(.dispatcher).actor.scope(for: .casesFollowUp)
            let now = house.clock.clock.now
            for tab in FollowUpTab.allCases {
                let rows = try await house.services.queries.followUps(tab, scope, at: now, limit: 200)
                #expect(!rows.contains { $0.row.id == id })
            }
            let added = try await house.sums() - before
            #expect(added.silent == 1 && added.answered == 0)
        }
    }

    @Test("答复过解决了，后来打来说没解决：回访的人代记，重办；期限过了不行，答复不改", arguments: TestEngine.enabled)
    func callsBack(_ engine: TestEngine) async throws {
        try await withHouse(engine, settings: CaseSettings(sampledPercent: 0, repeatDays: 0)) { house in
            let yes = FollowUpOutcome.answered(isSolved: true, grade: .very, text: "")
            let no = FollowUpOutcome.answered(isSolved: false, grade: nil, text: "又停了")
            let id = try await house.finished(try await house.context(.tenant))
            // Told in the same moment it would be a repeated need, which the street's centre always looks at.
            house.clock.advance(minutes: 1)
            let late = try await house.finished(try await house.context(.tenant))
            for item in [id, late] { try await call(house, yes, item, .dispatcher) }
            #expect(try await house.state(id) == "closed")
            let page = try await house.open("/desk/follow-up/\(id)", query: [], house.context(.dispatcher))
            #expect(page.contains("来电说还是没解决"))
            #expect(try await house.refusal { try await call(house, no, id, .propertyHandler) } == .forbidden)
            #expect(try await house.refusal { try await call(house, .declined, id, .dispatcher) } == .conflict)
            try await call(house, no, id, .dispatcher)
            #expect(try await house.state(id) == "received")
            let lines = try await house.services.queries.view(id, house.context(.tenant)).entries.suffix(2)
            #expect(lines.map(\.transition) == ["followUp", "reopen"] && lines.last?.text == "又停了")
            // What was said of the round that is over stays said.
            #expect(try await house.outcomes(id).map(\.isSolved) == [true])
            house.clock.advance(minutes: 31 * 1440)
            #expect(try await house.refusal { try await call(house, no, late, .dispatcher) } == .conflict)
            #expect(try await house.outcomes(late).map(\.isSolved) == [true])
            let over = try await house.open("/desk/follow-up/\(late)", query: [], house.context(.dispatcher))
            #expect(!over.contains("来电说还是没解决"))
            try await house.proveRates()
        }
    }

    @Test("几天内还打电话回访，类型写了的按类型，没写的按设置", arguments: TestEngine.enabled)
    func daysOfTheType(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let queries = house.services.queries
            let id = try await house.finished(try await house.context(.tenant))
            house.clock.advance(minutes: 2 * 1440 + 60)
            let now = house.clock.clock.now
            let scope = Scope(divisions: [DemoDivision.street], units: [], account: nil, interests: [])
            func isCalled() async throws -> Bool {
                try await queries.followUps(.due, scope, at: now, limit: 200).contains { $0.row.id == id }
            }
            #expect(try await isCalled())
            let shipped = try #require(queries.types.shipped("need")?.yaml)
            for (version, days) in [(90, 2), (91, 3)] {
                let text = CaseTypeLoader.renumbered(shipped, version: version)
                    .replacing("initial: received\n", with: "initial: received\nrating: { days: \(days) }\n")
                queries.types.add(try CaseTypeLoader.load(text))
                #expect(try await isCalled(), "a running case keeps what its own version says")
            }
            for (version, isDue) in [(90, false), (91, true)] {
                try await house.services.database.system { tx in
                    _ = try tx.execute("UPDATE case_item SET type_version = \(version) WHERE id = \(id)")
                }
                #expect(try await isCalled() == isDue, "\(version)")
            }
            let wrong = shipped.replacing("initial: received\n", with: "initial: received\nrating: { days: 400 }\n")
            #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load(wrong) }
        }
    }
}
