import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What cannot wait: found in the words at every door, said later by a dispatcher, told to who is on duty at any hour.
@Suite("紧急：每个入口都认得，办到一半也能改，夜里叫醒值班的人")
struct UrgencyTests {
    /// Nobody is on duty but these, for the next hours.
    private func roster(_ people: [(DemoStaff, ID<Unit>)], _ house: House) async throws {
        let now = house.clock.clock.now
        var shifts: [(ID<Account>, ID<Unit>)] = []
        for (person, unit) in people {
            shifts.append((try #require(try await house.context(person).actor.account), unit))
        }
        let all = shifts
        try await house.services.database.write(.system("test", now: now), "test.roster") { tx in
            try tx.execute("DELETE FROM duty_shift")
            for (account, unit) in all {
                try UnitsStore.roster(account, unit, from: now.adding(hours: -1), until: now.adding(hours: 200), tx)
            }
            try tx.audit(Subject("unit", 1))
        }
    }

    /// The messages about a case so far, in order.
    private func messages(_ item: ID<Case>, _ house: House) async throws -> [(phone: String, text: Text)] {
        await house.deliver()
        let number = try #require(
            try await house.value("SELECT number FROM case_item WHERE id = \(item)", as: String.self))
        return house.messages.all.filter { $0.text.zh.contains(number) }
    }

    /// Their phones.
    private func told(_ item: ID<Case>, _ house: House) async throws -> [String] {
        try await messages(item, house).map(\.phone)
    }

    private func isUrgent(_ item: ID<Case>, _ house: House) async throws -> Bool {
        try await house.value("SELECT is_urgent FROM case_item WHERE id = \(item)") ?? false
    }

    private func clocks(_ item: ID<Case>, _ house: House) async throws -> [String: CaseClock] {
        let view = try await house.services.queries.view(item, house.context(.dispatcher))
        return Dictionary(uniqueKeysWithValues: view.clocks.map { ($0.clock, $0) })
    }

    @Test("说到危险就是紧急，不管从哪个入口进来", arguments: TestEngine.enabled)
    func everyDoor(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let tenant = try await house.context(.tenant)
            let dispatcher = try await house.context(.dispatcher)
            for source in CaseSource.allCases {
                var draft = try await house.draft("三楼楼道冒烟了，快来人", category: "R0104")
                draft.source = source
                let item: ID<Case>
                switch source {
                case .part:
                    let whole = try await house.report(try await house.draft("楼道灯不亮", category: "R0104"), tenant)
                    let part = CasePartDraft(unit: try await house.unit("城东供电服务站"), text: "三楼配电箱冒烟，先断电")
                    item = try await house.services.commands.addPart(part, to: whole, dispatcher).id
                    #expect(try await !isUrgent(whole, house))
                case .hotline:
                    var order = ForeignOrderDraft()
                    order.number = "12345-danger"
                    item = try await house.services.commands.takeOrder(draft, order, dispatcher).item
                case .staff, .grid, .open311: item = try await house.report(draft, dispatcher)
                case .web, .account, .api: item = try await house.report(draft, tenant)
                }
                #expect(try await isUrgent(item, house), "\(source)")
            }
            var quiet = try await house.draft("热水器点不着火", category: "R0104")
            quiet.source = .api
            #expect(try await !isUrgent(try await house.report(quiet, tenant), house))
        }
    }

    @Test("办到一半改为紧急：从现在起按紧急计时，通知值班；不再紧急，时限照原来的算", arguments: TestEngine.enabled)
    func turned(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let property = try await house.unit("安居物业")
            try await roster([(.propertyHandler, property)], house)
            let commands = house.services.commands
            let item = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let before = try await clocks(item, house)
            #expect(before["step"]?.running.counting == .working)
            house.clock.advance(minutes: 60)
            let dispatcher = try await house.context(.dispatcher)
            let now = dispatcher.now
            let handler = try await house.context(.propertyHandler)
            let stranger = try await house.context(.waterHandler)
            #expect(
                try await house.refusal { try await commands.setUrgent(true, reason: "x", of: item, handler) }
                    == .forbidden)
            #expect(
                try await house.refusal { try await commands.setUrgent(true, reason: "x", of: item, stranger) }
                    == .notFound)
            #expect(
                try await house.refusal { try await commands.setUrgent(true, reason: " ", of: item, dispatcher) }
                    == .invalid)
            #expect(try await told(item, house).isEmpty)
            try await commands.setUrgent(true, reason: "有老人摔了，电话13812345678", of: item, dispatcher)
            let urgent = try await clocks(item, house)
            #expect(urgent["step"]?.dueAt == now.adding(minutes: 30))
            #expect(urgent["step"]?.running.counting == .natural)
            #expect(urgent["response"]?.dueAt == now.adding(minutes: 30))
            #expect(urgent["promise"]?.dueAt == now.adding(minutes: 100))
            #expect(urgent["limit"]?.dueAt == now.adding(hours: 2) && urgent["limit"]?.running.counting == .natural)
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(view.item.isUrgent && view.item.dueAt == now.adding(minutes: 30))
            let line = view.entries.last { $0.transition == "urgent" }
            #expect(line?.text.contains("138****5678") == true && line?.isVisible == false)
            // Said again it changes and rings nothing.
            try await commands.setUrgent(true, reason: "再说一遍", of: item, dispatcher)
            #expect(try await told(item, house) == [DemoStaff.propertyHandler.phone])
            let audits: Int? = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'cases.setUrgent' AND subject_id = \(item)")
            #expect(audits == 2)
            house.clock.advance(minutes: 10)
            let later = try await house.context(.dispatcher)
            try await commands.setUrgent(false, reason: "只是擦破皮", of: item, later)
            let after = try await clocks(item, house)
            for name in ["step", "response", "promise", "limit"] {
                #expect(after[name]?.dueAt == before[name]?.dueAt, "\(name)")
                #expect(after[name]?.running.counting == before[name]?.running.counting, "\(name)")
            }
            #expect(try await !isUrgent(item, house))
            // What is done is in no danger any more.
            let hands = try await house.context(.propertyHandler)
            try await house.take(CaseStep("accept"), item, hands)
            try await house.take(CaseStep("finish", text: "换了灯"), item, hands)
            #expect(
                try await house.refusal { try await commands.setUrgent(true, reason: "x", of: item, later) }
                    == .conflict)
        }
    }

    @Test("挂账的改为紧急就不再停表；协办的一起紧急", arguments: TestEngine.enabled)
    func wakes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let item = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            let handler = try await house.context(.propertyHandler)
            let dispatcher = try await house.context(.dispatcher)
            try await house.take(CaseStep("accept"), item, handler)
            let part = try await commands.addPart(
                CasePartDraft(unit: try await house.unit("城东供电服务站"), text: "查线路"), to: item, handler
            ).id
            let asked = try await commands.ask(
                .pause, reason: "material", minutes: 3 * 1440, text: "等灯具", for: item, handler)
            _ = try await commands.decide(asked, isGranted: true, text: "同意", dispatcher)
            #expect(try await clocks(item, house)["limit"]?.dueAt == nil)
            try await commands.setUrgent(true, reason: "线头露着", of: item, dispatcher)
            #expect(try await clocks(item, house)["limit"]?.dueAt == dispatcher.now.adding(hours: 2))
            let view = try await house.services.queries.view(item, dispatcher)
            #expect(!view.item.isPaused)
            #expect(try await isUrgent(part, house))
            #expect(try await house.refusal { try await commands.resume(item, handler) } == .conflict)
        }
    }

    @Test("两小时时限的，夜里两点也马上叫值班的人；响的每一级都发一次短信", arguments: TestEngine.enabled)
    func twoHoursAtNight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 2))
            let property = try await house.unit("安居物业")
            let centre = try await house.unit("东华门街道市民诉求处置中心")
            try await roster([(.propertyHandler, property), (.dispatcher, centre)], house)
            let item = try await house.report(
                try await house.draft("外墙瓷砖松动，要掉下来", category: "R0102"), try await house.context(.tenant))
            #expect(try await !isUrgent(item, house))
            #expect(try await told(item, house) == [DemoStaff.propertyHandler.phone])
            let rings: Instant? = try await house.value(
                "SELECT rings_at FROM case_alert WHERE case_id = \(item) AND clock = 'urgent' AND is_loud = 1")
            #expect(rings == house.clock.clock.now)
            // Half of what was promised: 48 of 96 minutes.
            house.clock.advance(minutes: 50)
            try await house.run(job: "cases.escalate")
            #expect(try await told(item, house) == [DemoStaff.propertyHandler.phone, DemoStaff.propertyHandler.phone])
            try await house.run(job: "cases.escalate")
            #expect(try await told(item, house).count == 2)
            // The promise is over: its unit is reminded once more, the street supervises.
            house.clock.advance(minutes: 50)
            try await house.run(job: "cases.escalate")
            let all = try await messages(item, house)
            let street = all.filter { $0.phone == DemoStaff.dispatcher.phone }
            #expect(all.count == 4 && street.count == 1 && street.first?.text.zh.contains("已超过时限") == true)
        }
    }

    @Test("更正成两小时时限的类别，也马上叫值班的人", arguments: TestEngine.enabled)
    func correctedAtNight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 2))
            let property = try await house.unit("安居物业")
            try await roster([(.propertyHandler, property)], house)
            let item = try await house.report(
                try await house.draft("外墙那里不对劲", category: "R0104"), try await house.context(.tenant))
            #expect(try await told(item, house).isEmpty)
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.classify(.assistance, "R0102", of: item, dispatcher)
            #expect(try await told(item, house) == [DemoStaff.propertyHandler.phone])
        }
    }

    @Test("不急的夜里不发短信", arguments: TestEngine.enabled)
    func quietAtNight(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            house.clock.set(Instant(CivilDate(daysSinceEpoch: 20_780), hour: 2))
            let property = try await house.unit("安居物业")
            try await roster([(.propertyHandler, property)], house)
            let item = try await house.report(
                try await house.draft("楼道灯不亮", category: "R0104"), try await house.context(.tenant))
            house.clock.advance(minutes: 5 * 1440)
            try await house.run(job: "cases.escalate")
            #expect(try await told(item, house).isEmpty)
            let rungs: Int? = try await house.value("SELECT count(*) FROM case_alert WHERE case_id = \(item)")
            #expect((rungs ?? 0) > 0)
        }
    }
}
