import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Giving cases to people and rosters, calling colleagues, and the check by another hand.
@Suite("交给谁：有上限，请假的转值班；提到同事；经手人不能自己核对")
struct AssignmentTests {
    private func accepted(_ house: House, _ text: String = "3号楼2单元电梯坏了") async throws -> ID<Case> {
        let id = try await house.report(try await house.draft(text), try await house.context(.tenant))
        try await house.take(CaseStep("accept"), id, try await house.context(.propertyHandler))
        return id
    }

    private func handler(_ house: House, _ id: ID<Case>) async throws -> ID<Account>? {
        try await house.value("SELECT handler_id FROM case_item WHERE id = \(id)", as: ID<Account>?.self).flatMap { $0 }
    }

    @Test("交给本单位的人或值班；外单位的人不行；满了要确认", arguments: TestEngine.enabled)
    func assigns(_ engine: TestEngine) async throws {
        let settings = CaseSettings(sampledPercent: 0, handlerCap: 1)
        try await withHouse(engine, settings: settings) { house in
            let id = try await accepted(house)
            let commands = house.services.commands
            let worker = try await house.context(.propertyHandler)
            let manager = try #require(try await house.context(.propertyManager).actor.account)
            let stranger = try #require(try await house.context(.waterHandler).actor.account)
            let tenant = try await house.context(.tenant)
            #expect(
                try await house.refusal { _ = try await commands.assign(stranger, of: id, worker) } == .invalid)
            #expect(try await house.refusal { _ = try await commands.assign(manager, of: id, tenant) } == .notFound)
            #expect(
                try await house.refusal {
                    _ = try await commands.assign(manager, of: id, house.context(.waterHandler))
                } == .notFound)
            // The demo gave nothing to the manager, so the first one fits and the second must be confirmed.
            #expect(try await commands.assign(manager, of: id, isSure: true, worker) == .person)
            #expect(try await handler(house, id) == manager)
            let second = try await accepted(house, "5号楼电梯有异响")
            #expect(
                try await house.refusal { _ = try await commands.assign(manager, of: second, worker) } == .invalid)
            #expect(try await commands.assign(manager, of: second, isSure: true, worker) == .person)
            #expect(try await commands.assign(nil, of: second, worker) == .roster)
            #expect(try await handler(house, second) == nil)
            let given = try await house.context(.propertyManager).actor
            let told = try await house.services.database.read { try CaseQueries.notices(for: given, $0) }
            #expect(Set(told.map(\.row.id)) == [id, second] && told.allSatisfy { $0.kind == .assigned })
            let entries = try await house.services.queries.view(id, worker).entries
            #expect(entries.last?.transition == "assign" && entries.last?.isVisible == false)
            #expect(try await !house.services.queries.view(id, tenant).entries.contains { $0.transition == "assign" })
        }
    }

    @Test("自己签收也算：满了要说一声“仍然由我办”；调度员派到单位不算", arguments: TestEngine.enabled)
    func takesWithRoom(_ engine: TestEngine) async throws {
        let settings = CaseSettings(sampledPercent: 0, handlerCap: 1)
        try await withHouse(engine, settings: settings) { house in
            _ = try await accepted(house)
            let commands = house.services.commands
            let worker = try await house.context(.propertyHandler)
            let second = try await house.report(
                try await house.draft("5号楼电梯有异响"), try await house.context(.tenant))
            var step = CaseStep("accept")
            #expect(try await house.refusal { try await commands.take(step, of: second, worker) } == .invalid)
            #expect(try await house.state(second) == "dispatched")
            let property = try await house.unit("安居物业")
            try await commands.take(CaseStep("dispatch", unit: property), of: second, house.context(.dispatcher))
            step.isSure = true
            try await commands.take(step, of: second, worker)
            #expect(try await handler(house, second) == worker.actor.account)
        }
    }

    @Test("请假：手上的转给值班，再交给他也转值班；回来就好", arguments: TestEngine.enabled)
    func goesAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await accepted(house)
            let commands = house.services.commands
            let worker = try await house.context(.propertyHandler)
            let me = try #require(worker.actor.account)
            #expect(try await handler(house, id) == me)
            #expect(
                try await house.refusal { _ = try await commands.goAway(until: worker.now, worker) } == .invalid)
            #expect(try await commands.goAway(until: worker.now.adding(days: 3), worker) >= 1)
            #expect(try await handler(house, id) == nil)
            let manager = try await house.context(.propertyManager)
            let unit = try await house.unit("安居物业")
            func roster(_ account: ID<Account>) async throws {
                try await house.services.database.write(.system("test", now: worker.now), "test.roster") { tx in
                    try tx.execute("DELETE FROM duty_shift WHERE unit_id = \(unit)")
                    let hour = tx.now.adding(hours: -1)
                    try UnitsStore.roster(account, unit, from: hour, until: hour.adding(hours: 9), tx)
                }
            }
            try await roster(try #require(manager.actor.account))
            #expect(try await commands.assign(me, of: id, manager) == .rosterInstead)
            let people = try await house.services.database.read { tx -> [Colleague] in
                guard let unit = try UnitsStore.find(unit, tx) else { return [] }
                return try CaseQueries.colleagues(unit, in: unit.division, at: manager.now, tx)
            }
            #expect(people.first { $0.id == me }?.awayUntil == worker.now.adding(days: 3))
            // With who is on duty away too nobody would have it: that is said.
            try await roster(me)
            #expect(try await house.refusal { _ = try await commands.assign(me, of: id, manager) } == .invalid)
            try await commands.comeBack(worker)
            #expect(try await commands.assign(me, of: id, isSure: true, manager) == .person)
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("内部留言 @同事：能看到工单的人收到一条，看不到的写不上；给居民看的话里 @ 不了", arguments: TestEngine.enabled)
    func mentions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await accepted(house)
            let commands = house.services.commands
            let worker = try await house.context(.propertyHandler)
            let manager = try await house.context(.propertyManager)
            let water = try await house.context(.waterHandler)
            func told(_ context: Context) async throws -> [CaseNotice] {
                try await house.services.database.read { try CaseQueries.notices(for: context.actor, $0) }
            }
            func remark(_ text: String, isVisible: Bool = false) async throws {
                try await commands.remark(text, isVisible: isVisible, photos: [], on: id, worker)
            }
            try await remark("@\(manager.actor.name)请看一下配件，邮箱 a@example.com 不算")
            try await remark("再说一次 @\(manager.actor.name)")
            #expect(try await told(manager).map(\.row.id) == [id], "once until it was seen")
            #expect(try await house.refusal { try await remark("@\(water.actor.name) 来看") } == .invalid)
            #expect(try await told(water).isEmpty)
            for name in [water.actor.name, manager.actor.name] {
                #expect(
                    try await house.refusal { try await remark("请 @\(name) 放心", isVisible: true) } == .invalid,
                    "it would alert nobody and show a resident the name")
            }
            try await remark("邮箱 a@example.com，请放心", isVisible: true)
            #expect(try await told(water).isEmpty)
            let notice = try #require(try await told(manager).first)
            #expect(try await house.refusal { try await commands.see(notice.id, water) } == .notFound)
            #expect(try await house.services.queries.alertCount(manager) >= 1)
            try await commands.see(notice.id, manager)
            #expect(try await told(manager).isEmpty)
        }
    }

    @Test("类型要求同事核对：做的人自己核对不了，同单位的另一个人可以", arguments: TestEngine.enabled)
    func checkedByAnother(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let types = house.services.queries.types
            let shipped =
                house.services.features.features.flatMap(\.caseTypes).first { $0.contains("id: need\n") } ?? ""
            let yaml = CaseTypeLoader.renumbered(shipped, version: 90)
                .replacing("    from: [handling]\n    to: confirming\n", with: "    from: [handling]\n    to: inside\n")
                .replacing(
                    "  confirming:\n    name:",
                    with: """
                          inside:
                            name: { zh: 待同事核对, en: To be checked by a colleague }
                            resident: { zh: 正在办, en: Being handled }
                            step: 3
                            owner: colleague
                            clock: { minutes: 480, kind: working, urgentMinutes: 60 }
                          confirming:
                            name:
                        """
                )
                .replacing(
                    "  confirmSampled:\n",
                    with: """
                          approve:
                            name: { zh: 核对无误, en: Approved }
                            done: { zh: 同事核对无误, en: A colleague approved it }
                            from: [inside]
                            to: confirming
                            by: [colleague]
                            allows: [text]
                          confirmSampled:

                        """
                )
            let now = house.clock.clock.now
            let type = try await house.services.database.write(.system("test", now: now), "test.publish") { tx in
                try types.publish(yaml, tx)
            }
            types.add(type)
            let id = try await accepted(house)
            let hand = try await house.context(.propertyHandler)
            try await house.take(CaseStep("finish", text: "换了皮带"), id, hand)
            #expect(try await house.state(id) == "inside")
            #expect(try await house.services.queries.view(id, hand).transitions.isEmpty)
            #expect(try await house.refusal { try await house.take(CaseStep("approve"), id, hand) } == .forbidden)
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.refusal { try await house.take(CaseStep("approve"), id, dispatcher) } == .forbidden)
            try await house.take(CaseStep("approve"), id, try await house.context(.propertyManager))
            #expect(try await house.state(id) == "confirming")
            let both = yaml.replacing("by: [colleague]", with: "by: [colleague, handler]")
            #expect(throws: CaseTypeProblem.Several.self) { try CaseTypeLoader.load(both) }
        }
    }
}
