import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A case may be against several units at once; whose words say so, and who looks at that.
@Suite("投诉几个单位；谁的话算数")
struct AccusationTests {
    private func complain(
        _ house: House, _ text: String, against names: [String] = [], source: CaseSource = .account
    ) async throws -> ID<Case> {
        var draft = try await house.draft(text, category: "R1301")
        (draft.nature, draft.disclosure, draft.source) = (.complaint, .office, source)
        for name in names { draft.accused.append(try await house.unit(name)) }
        let teller = source == .account ? try await house.context(.tenant) : try await house.context(DemoStaff.worker)
        let id = try await house.report(draft, teller)
        await house.deliver()
        return id
    }

    private func against(_ house: House, _ id: ID<Case>) async throws -> Set<String> {
        let item = try await house.services.queries.view(id, house.holder(of: id)).item
        return try await house.services.database.read { tx in
            Set(try item.accusation.units.compactMap { try UnitsStore.find($0, tx)?.name.zh })
        }
    }

    private func handler(_ house: House, _ id: ID<Case>) async throws -> String {
        try await house.value(
            "SELECT u.name FROM case_item c JOIN unit u ON u.id = c.handler_unit WHERE c.id = \(id)") ?? ""
    }

    private func sees(_ house: House, _ id: ID<Case>, _ person: DemoStaff) async throws -> Bool {
        let context = try await house.context(person)
        return try await house.refusal { _ = try await house.services.queries.view(id, context) } == nil
    }

    private func counts(_ house: House, _ person: DemoStaff) async throws -> [String: Int] {
        let scope = try await house.context(person).actor.scope(for: .casesRead)
        return try await house.services.database.read { try CaseCounts.totals(scope, $0) }
    }

    // MARK: Several

    @Test("两家都看不到、数不到、听不到；去掉一家，那一家又看得到", arguments: TestEngine.enabled)
    func several(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let people: [DemoStaff] = [.propertyHandler, .propertyManager, .head, .worker, .gridWorker1]
            var before: [DemoStaff: [String: Int]] = [:]
            for person in people { before[person] = try await counts(house, person) }
            let dispatcherHad = try await counts(house, .dispatcher).values.reduce(0, +)
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let id = try await complain(house, "收费的事说不清", against: ["安居物业", "幸福里社区居委会"])
            #expect(try await against(house, id) == ["安居物业", "幸福里社区居委会"])
            for person in people {
                #expect(try await !sees(house, id, person), "\(person)")
                #expect(try await counts(house, person) == before[person], "\(person) counts it")
                let context = try await house.context(person)
                let list = try await house.open("/desk/list", query: [("tab", "open")], context)
                #expect(!list.contains("\(id)"), "\(person)")
                let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: context.actor.scope), after: last)
                #expect(!heard.contains(CasePath.topic(id)), "\(person) hears of it")
            }
            #expect(try await sees(house, id, .dispatcher))
            #expect(try await counts(house, .dispatcher).values.reduce(0, +) == dispatcherHad + 1)
            #expect(!["安居物业", "幸福里社区居委会"].contains(try await handler(house, id)))
            let dispatcher = try await house.context(.dispatcher)
            let property = try await house.unit("安居物业")
            try await house.services.commands.setAgainst([property], of: id, reason: "核实过", dispatcher)
            await house.deliver()
            #expect(try await sees(house, id, .worker))
            #expect(try await !sees(house, id, .propertyHandler))
            #expect(try await counts(house, .propertyHandler) == before[.propertyHandler])
            #expect(try await counts(house, .worker) != before[.worker])
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored)
        }
    }

    @Test("工作台上勾几家、接口里给几家，都是一样的；不是单位的不收", arguments: TestEngine.enabled)
    func chosen(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await complain(house, "楼上半夜拖桌子")
            #expect(try await against(house, id).isEmpty)
            let units = [try await house.unit("安居物业"), try await house.unit("东华门派出所")]
            let dispatcher = try await house.context(.dispatcher)
            let reason = (name: "text", value: "看过材料")
            let form = Form(units.map { (name: "against", value: "\($0)") } + [reason])
            let sent = try await house.send("/desk/cases/\(id)/against", form, dispatcher)
            #expect(sent?.contains("done=against") == true)
            #expect(try await against(house, id) == ["安居物业", "东华门派出所"])
            let page = try await house.open("/desk/cases/\(id)", query: [], dispatcher)
            #expect(page.contains("安居物业、东华门派出所") || page.contains("东华门派出所、安居物业"))
            #expect(page.contains("这些单位都看不到这件工单"))
            for unit in units { #expect(page.contains("value=\"\(unit)\" checked")) }
            let junk = Form([(name: "against", value: "\(units[0])"), (name: "against", value: "安居物业")])
            let answer = try await house.send("/desk/cases/\(id)/against", junk, dispatcher)
            #expect(answer?.contains("done=against") != true)
            #expect(try await against(house, id).count == 2)
            // The same set is one set, whoever says it in whatever order.
            let other = try await complain(house, "投诉东华门派出所、安居物业都不管")
            #expect(try await against(house, other) == ["安居物业", "东华门派出所"])
            let sets = try await house.value("SELECT count(*) FROM accused_set", as: Int.self)
            #expect(sets == 1)
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let shown = try await site.shown("GET", "/cases/\(id)", as: program)
                #expect(Set(shown["against"].list.map(\.text)) == Set(units.map { "\($0)" }))
                // What is hidden and what is not there fail in the same words, for programs, too.
                let theirs = try await site.program(for: .propertyHandler)
                let hidden = try await site.open("/api/v1/cases/\(id)", as: theirs)
                let absent = try await site.open("/api/v1/cases/0123456789abc", as: theirs)
                #expect(hidden.status == 404 && absent.status == 404)
                for name in ["type", "id", "title", "status"] {
                    #expect(Shown(hidden)[name].text == Shown(absent)[name].text, "\(name)")
                }
                let bare = "{\"units\":[\"\(units[1])\"]}"
                _ = try await site.shown("PUT", "/cases/\(id)/against", bare, as: program, status: 422)
                let body = "{\"units\":[\"\(units[1])\"],\"text\":\"核实过\"}"
                let now = try await site.shown("PUT", "/cases/\(id)/against", body, as: program)
                #expect(now["against"].list.map(\.text) == ["\(units[1])"])
                #expect(!now["againstByWords"].isTrue)
                let wrong = "{\"units\":[\"0123456789abc\"]}"
                _ = try await site.shown("PUT", "/cases/\(id)/against", wrong, as: program, status: 422)
            }
        }
    }

    @Test("已经开着的实时更新，一旦变成针对它的就再也听不到；自己反映的照样听", arguments: TestEngine.enabled)
    func listening(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft("电梯总坏"), try await house.context(.tenant))
            await house.deliver()
            let topic = CasePath.topic(id)
            let theirs = try await house.context(.propertyHandler).actor.scope
            let wish = LiveHub.Wish(topics: [topic: topic], scope: theirs, interests: theirs.interests)
            // Who works there and told it.
            let own = LiveHub.Wish(topics: [topic: topic], scope: nil, own: [topic], interests: theirs.interests)
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let dispatcher = try await house.context(.dispatcher)
            let units = [try await house.unit("安居物业"), try await house.unit("幸福里社区居委会")]
            try await house.services.commands.setAgainst(units, of: id, reason: "核实过", dispatcher)
            try await house.services.commands.remark("看过了", isVisible: true, photos: [], on: id, dispatcher)
            await house.deliver()
            #expect(try await house.heard(wish, after: last).isEmpty)
            #expect(try await house.heard(own, after: last).contains(topic))
        }
    }

    @Test("并过又拆出来的，成了针对它的以后，留下来的那件也不再提它的编号", arguments: TestEngine.enabled)
    func splitOff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let lead = try await house.report(try await house.draft("电梯坏了"), try await house.context(.tenant))
            let voice = try await house.report(
                try await house.draft("电梯又坏了"), try await house.context(.youngMother))
            let (dispatcher, commands) = (try await house.context(.dispatcher), house.services.commands)
            try await commands.merge(voice, into: lead, reason: "同一部", dispatcher)
            try await commands.split(voice, reason: "说的是师傅", dispatcher)
            let number: String = try #require(try await house.value("SELECT number FROM case_item WHERE id = \(voice)"))
            let handlers = try await house.context(.propertyHandler)
            #expect(try await house.open("/desk/cases/\(lead)", query: [], handlers).contains(number))
            try await commands.setAgainst([try await house.unit("安居物业")], of: voice, reason: "核实过", dispatcher)
            #expect(try await !house.open("/desk/cases/\(lead)", query: [], handlers).contains(number))
            #expect(try await house.open("/desk/cases/\(lead)", query: [], dispatcher).contains(number))
        }
    }

    // MARK: Whose words

    @Test("请谁来处理不是投诉谁；工作人员写的话也一样", arguments: TestEngine.enabled)
    func askedToAct(_ engine: TestEngine) async throws {
        let rows: [(text: String, against: Set<String>)] = [
            ("楼上半夜拖桌子，请物业上门劝一劝", []),
            ("楼上半夜拖桌子，已转安居物业处理", []),
            ("楼上半夜拖桌子，联系居委会协调", []),
            ("楼上半夜拖桌子，让物业处理，物业不管", ["安居物业"]),
            ("请物业不要再乱收费", ["安居物业"]),
            ("投诉物业、居委会和派出所都不管", ["安居物业", "幸福里社区居委会", "东华门派出所"]),
            ("居委会您好，我要投诉物业乱收费", ["安居物业"]),
        ]
        try await withHouse(engine) { house in
            for source in [CaseSource.account, .staff] {
                for row in rows {
                    let id = try await complain(house, row.text, source: source)
                    #expect(try await against(house, id) == row.against, "\(source) \(row.text)")
                    for unit in row.against { #expect(try await handler(house, id) != unit, "\(row.text)") }
                }
            }
            let asked = try await complain(house, "楼上半夜拖桌子，请物业上门劝一劝")
            #expect(try await handler(house, asked) == "安居物业", "whom it asks may have it")
        }
    }

    @Test("12345 工单没写被反映对象的按内容判断，内容里写谁承办不算；改性质也一样", arguments: TestEngine.enabled)
    func orders(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let dispatcher = try await house.context(.dispatcher)
            func order(_ number: String, _ accused: String, _ nature: NeedNature) async throws -> ID<Case> {
                var draft = try await house.draft("市民反映噪音扰民，安居物业作为承办单位，居委会配合", category: "R1301")
                draft.nature = nature
                var order = ForeignOrderDraft()
                (order.number, order.accused) = (number, accused)
                order.dueAt = house.clock.clock.now.adding(days: 7)
                return try await house.services.commands.takeOrder(draft, order, dispatcher).item
            }
            let plain = try await order("12345-7001", "", .complaint)
            #expect(try await against(house, plain).isEmpty)
            #expect(try await handler(house, plain) == "安居物业")
            #expect(try await sees(house, plain, .propertyHandler))
            for (number, words, nature) in [
                ("12345-7011", "举报安居物业私分小区停车费收入", NeedNature.tipOff),
                ("12345-7012", "反映安居物业的保安态度差", .complaint),
            ] {
                var draft = try await house.draft(words, category: "R1301")
                draft.nature = nature
                var plain = ForeignOrderDraft()
                plain.number = number
                let id = try await house.services.commands.takeOrder(draft, plain, dispatcher).item
                #expect(try await against(house, id) == ["安居物业"], "\(words)")
                #expect(try await handler(house, id) != "安居物业")
                #expect(try await !sees(house, id, .propertyHandler))
                let view = try await house.services.queries.view(id, dispatcher)
                #expect(view.isAccusedByWords, "a dispatcher is asked to check it")
            }
            let named = try await order("12345-7002", "安居物业、幸福里社区居委会", .complaint)
            #expect(try await against(house, named) == ["安居物业", "幸福里社区居委会"])
            let page = try await house.open("/desk/orders/\(named)", query: [], dispatcher)
            #expect(page.contains("被反映对象") && page.contains("安居物业、幸福里社区居委会"))
            let help = try await order("12345-7003", "", .assistance)
            try await house.services.commands.classify(.complaint, "R1301", of: help, dispatcher)
            #expect(try await against(house, help).isEmpty)
            #expect(try await sees(house, help, .propertyHandler))
            // What a unit asks of another accuses nobody either, whatever it turns out to be.
            let part = CasePartDraft(unit: try await house.unit("东华门派出所"), text: "请派出所出面，物业不管")
            let task = try await house.services.commands.addPart(part, to: help, dispatcher).id
            #expect(try await against(house, task).isEmpty)
        }
    }

    @Test("按反映人的话判断的，调度员看得见、核对一次就记下", arguments: TestEngine.enabled)
    func checked(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await complain(house, "投诉物业乱收费")
            let dispatcher = try await house.context(.dispatcher)
            let waiting = "按反映人的话判断，请核对"
            #expect(try await house.open("/desk/cases/\(id)", query: [], dispatcher).contains(waiting))
            let unit = try await house.unit("安居物业")
            let form = Form([(name: "against", value: "\(unit)")])
            _ = try await house.send("/desk/cases/\(id)/against", form, dispatcher)
            #expect(try await against(house, id) == ["安居物业"])
            #expect(try await !house.open("/desk/cases/\(id)", query: [], dispatcher).contains(waiting))
            // Who chose a unit themselves decided; nothing waits for anybody.
            let chosen = try await complain(house, "乱收费", against: ["安居物业"])
            #expect(try await !house.open("/desk/cases/\(chosen)", query: [], dispatcher).contains(waiting))
            // The reporter reads nothing of how it was found out.
            #expect(try await !house.open("/cases/\(id)", query: [], house.context(.tenant)).contains("请核对"))
        }
    }

    // MARK: Nobody is stuck

    @Test("协办单位成了被投诉的：退回主办；主办也没有了，由调度员改派", arguments: TestEngine.enabled)
    func parts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(try await house.draft("电梯总坏"), try await house.context(.tenant))
            let (dispatcher, police) = (try await house.context(.dispatcher), try await house.unit("东华门派出所"))
            let commands = house.services.commands
            let part = try await commands.addPart(CasePartDraft(unit: police, text: "请协助"), to: id, dispatcher).id
            try await commands.setAgainst([police], of: id, reason: "核实过", dispatcher)
            #expect(try await house.state(part) == "declined")
            let view = try await house.services.queries.view(part, try await house.context(.propertyHandler))
            #expect(view.transitions.contains { $0.requires.contains(.unit) })
            #expect(try await !sees(house, part, .policeOfficer))
        }
    }

    @Test("网格事件说的是社区自己的人：街道来核实，不会没人能动", arguments: TestEngine.enabled)
    func collectors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("网格员李强收了摊主的钱", category: "E0404")
            (draft.type, draft.nature, draft.spot, draft.source) = ("gridEvent", .tipOff, .street, .api)
            let id = try await house.report(draft, try await house.context(.tenant))
            #expect(try await house.state(id) == "verifying")
            #expect(try await against(house, id) == ["幸福里社区居委会"])
            try await house.take(CaseStep("verify"), id, try await house.context(.dispatcher))
            #expect(try await house.state(id) != "verifying")
        }
    }

    // MARK: Who is over whom

    @Test("社区不能把街道、区里列成被投诉的，也不能去掉；街道、区里可以，案子转到没被投诉的上一级", arguments: TestEngine.enabled)
    func superiors(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let id = try await house.report(try await house.draft("电梯总坏"), try await house.context(.tenant))
            let (street, district) = (
                try await house.unit("东华门街道市民诉求处置中心"), try await house.unit("东城区城市管理指挥中心")
            )
            let (head, dispatcher) = (try await house.context(.head), try await house.context(.dispatcher))
            let officer = try await house.context(.districtOfficer)
            func refusal(_ units: [ID<LinliKernel.Unit>], _ context: Context) async throws -> LinliError.Kind? {
                try await house.refusal { try await commands.setAgainst(units, of: id, reason: "说的是他们", context) }
            }
            try await house.take(
                CaseStep("dispatch", unit: try await house.unit("幸福里社区居委会")), id, dispatcher)
            for units in [[street, district], [street], [district]] {
                #expect(try await refusal(units, head) == .invalid, "nobody hides a case from who is over them")
            }
            #expect(try await refusal([district], dispatcher) == .invalid)
            #expect(try await against(house, id).isEmpty)
            #expect(try await sees(house, id, .dispatcher))
            #expect(try await handler(house, id) == "幸福里社区居委会")
            #expect(try await refusal([street], officer) == nil)
            #expect(try await handler(house, id) == "东城区城市管理指挥中心", "nobody near goes on with it unwatched")
            #expect(try await !sees(house, id, .dispatcher))
            #expect(try await sees(house, id, .districtOfficer))
            #expect(try await refusal([], head) == .invalid, "nor hands it to whom it is about")
            #expect(try await refusal([], officer) == nil)
            await house.deliver()
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored)
        }
    }

    @Test("谁定的、为什么，写在记录里；改动没有理由的不收，照旧确认的不用写", arguments: TestEngine.enabled)
    func reasons(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let commands = house.services.commands
            let id = try await house.report(try await house.draft("电梯总坏"), try await house.context(.tenant))
            let (dispatcher, property) = (try await house.context(.dispatcher), try await house.unit("安居物业"))
            let bare = try await house.refusal {
                try await commands.setAgainst([property], of: id, reason: " ", dispatcher)
            }
            #expect(bare == .invalid)
            try await commands.setAgainst([property], of: id, reason: "录音里说的是它", dispatcher)
            try await commands.setAgainst([property], of: id, reason: "", dispatcher)
            let view = try await house.services.queries.view(id, dispatcher)
            let line = try #require(view.entries.last { $0.transition == "against" })
            #expect(line.text == "针对：安居物业。录音里说的是它" && line.actorName == dispatcher.actor.name)
            let told = try await house.services.queries.view(id, house.holder(of: id))
            #expect(!told.entries.contains { $0.transition == "against" })
        }
    }
}
