import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// A complaint does not go to whom it is about, although nobody chose a unit from a list; staff correct it later.
@Suite("投诉不落到被投诉的单位手里")
struct AccusedUnitTests {
    private func complain(
        _ house: House, _ text: String, category: String = "R1701", at address: String = "幸福里小区3号楼2单元"
    ) async throws -> ID<Case> {
        var draft = try await house.draft(text, category: category, at: address)
        draft.nature = .complaint
        draft.disclosure = .office
        return try await house.report(draft, try await house.context(.tenant))
    }

    private func against(_ house: House, _ id: ID<Case>) async throws -> String {
        let item = try await house.services.queries.view(id, house.holder(of: id)).item
        return try await house.services.database.read { tx in
            try item.accusation.units.compactMap { try UnitsStore.find($0, tx)?.name.zh }.sorted().joined(
                separator: "、")
        }
    }

    private func handler(_ house: House, _ id: ID<Case>) async throws -> String {
        try await house.value(
            "SELECT u.name FROM case_item c JOIN unit u ON u.id = c.handler_unit WHERE c.id = \(id)"
        ) ?? ""
    }

    @Test("话里说到的单位就是被投诉的：名字、俗称、类别都认", arguments: TestEngine.enabled)
    func fromWords(_ engine: TestEngine) async throws {
        let rows = [
            ("物业态度恶劣，报修三次没人来", "安居物业"),
            ("居委会您好，我要投诉物业乱收费", "安居物业"),
            ("我要投诉居委会，办事推来推去", "幸福里社区居委会"),
            ("安居物业的保安骂人", "安居物业"),
            ("供水公司停水不通知", "城东自来水服务站"),
            ("保安随便放陌生人进来，说了也不改", "安居物业"),
            ("派出所一直不来人", "东华门派出所"),
        ]
        try await withHouse(engine) { house in
            for (text, unit) in rows {
                let id = try await complain(house, text)
                #expect(try await against(house, id) == unit, "\(text)")
                #expect(try await handler(house, id) != unit, "\(text)")
            }
        }
    }

    struct Accused: Sendable {
        let text: String
        let against: String
        let handler: String
        var address = "幸福里小区3号楼2单元"
    }

    static let people: [Accused] = {
        let (committee, centre) = ("幸福里社区居委会", "东华门街道市民诉求处置中心")
        let district = "东城区城市管理指挥中心"
        return [
            Accused(text: "网格员收了商户的钱，一直不管", against: committee, handler: centre),
            Accused(text: "举报社区书记把公益岗位给亲戚", against: committee, handler: centre),
            Accused(text: "社区工作人员态度恶劣", against: committee, handler: centre),
            Accused(text: "书记的亲戚占着公共用房", against: committee, handler: centre),
            Accused(text: "我要举报主任，公章随便盖", against: committee, handler: centre),
            Accused(text: "投诉社区不作为，说了三次", against: committee, handler: centre),
            // By name: three characters wherever they stand, two beside a title, after a verb, at the beginning.
            Accused(text: "装修公司给了马秀英好处", against: committee, handler: centre),
            Accused(text: "那个网格员李强上门骂人", against: committee, handler: centre),
            Accused(text: "举报赵婷吃拿卡要", against: committee, handler: centre),
            Accused(text: "街道办压着信访件不办", against: centre, handler: district),
            Accused(text: "投诉街道不作为，反映三次没人回", against: centre, handler: district),
            Accused(text: "街道干部接受宴请", against: centre, handler: district),
            Accused(text: "周敏把我的工单压了一个月", against: centre, handler: district),
            Accused(
                text: "村主任把低保给了自己弟弟", against: "柳河村村委会", handler: "兴寿镇市民诉求处置中心", address: "柳河村一组"
            ),
            Accused(
                text: "村干部截留补贴", against: "柳河村村委会", handler: "兴寿镇市民诉求处置中心", address: "柳河村一组"
            ),
            Accused(
                text: "柳长青的鱼塘占了耕地", against: "柳河村村委会", handler: "兴寿镇市民诉求处置中心", address: "柳河村一组"
            ),
        ]
    }()

    @Test("举报到人：网格员、社区书记主任、村干部交街道，街道的人交区里", arguments: TestEngine.enabled)
    func people(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            for row in Self.people {
                let id = try await complain(house, row.text, at: row.address)
                #expect(try await against(house, id) == row.against, "\(row.text)")
                #expect(try await handler(house, id) == row.handler, "\(row.text)")
            }
        }
    }

    @Test("地名、同名的邻居、别家的主任，不当成被举报的人", arguments: TestEngine.enabled)
    func notPeople(_ engine: TestEngine) async throws {
        let rows = [
            ("街道上的垃圾堆了三天", ""), ("投诉社区里有人养鸡", ""), ("邻居王芳天天半夜放音乐", ""),
            ("业委会主任挪用维修资金", "幸福里小区业主委员会"),
        ]
        try await withHouse(engine) { house in
            for (text, unit) in rows {
                let id = try await complain(house, text, category: "R1001")
                #expect(try await against(house, id) == unit, "\(text)")
            }
        }
    }

    @Test("被举报的人和他那里的人都看不到，不管他的账号记在哪个单位", arguments: TestEngine.enabled)
    func shutOut(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A grid worker sent by an agency: no unit stands in the account, only the grid.
            let account = try #require(try await house.context(.gridWorker1).actor.account)
            let now = house.clock.clock.now
            try await house.services.database.write(.system("test", now: now), "test.agency") { tx in
                try tx.execute("UPDATE account SET unit_id = NULL WHERE id = \(account)")
                try tx.audit(Subject("account", account))
            }
            let id = try await complain(house, "网格员李强收了商户的钱")
            await house.deliver()
            for person in [DemoStaff.gridWorker1, .head, .worker, .gridWorker2] {
                let context = try await house.context(person)
                let kind = try await house.refusal { _ = try await house.services.queries.view(id, context) }
                #expect(kind == .notFound, "\(person)")
                #expect(try await counts(house, person) == (try await listed(house, person)), "\(person)")
            }
            let seen = try await house.services.queries.view(id, try await house.context(.dispatcher))
            #expect(seen.standing.isDispatcher && seen.unit?.kind == .streetCentre)
            let street = try await complain(house, "街道办压着信访件不办")
            for person in [DemoStaff.dispatcher, .lateDispatcher] {
                let context = try await house.context(person)
                let kind = try await house.refusal { _ = try await house.services.queries.view(street, context) }
                #expect(kind == .notFound, "\(person)")
            }
            let officer = try await house.services.queries.view(street, try await house.context(.districtOfficer))
            #expect(officer.standing.isDispatcher)
        }
    }

    @Test("同时说到两家，哪一家都不派；说了不针对单位就照常派", arguments: TestEngine.enabled)
    func severalOrNone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let both = try await complain(house, "投诉物业和居委会互相推诿")
            #expect(try await against(house, both) == "安居物业、幸福里社区居委会")
            #expect(try await handler(house, both) == "东华门街道市民诉求处置中心")
            var draft = try await house.draft("楼上噪音，物业也劝不动", category: "R1301")
            draft.nature = .complaint
            draft.isAgainstNobody = true
            let usual = try await house.report(draft, try await house.context(.tenant))
            #expect(try await against(house, usual).isEmpty)
            #expect(try await handler(house, usual) == "安居物业")
            // What staff ask another unit to do accuses nobody.
            let part = CasePartDraft(unit: try await house.unit("东华门派出所"), text: "请派出所上门劝一劝")
            let dispatcher = try await house.context(.dispatcher)
            let task = try await house.services.commands.addPart(part, to: usual, dispatcher).id
            #expect(try await against(house, task).isEmpty)
            #expect(try await handler(house, task) == "东华门派出所")
            draft.nature = .assistance
            draft.isAgainstNobody = false
            let help = try await house.report(draft, try await house.context(.tenant))
            #expect(try await against(house, help).isEmpty)
        }
    }

    @Test("调度员补上被投诉的单位：从它手里拿走、另派，它再也看不到", arguments: TestEngine.enabled)
    func corrected(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            let id = try await house.report(try await house.draft("电梯总坏，没人管"), resident)
            await house.deliver()
            let (handlers, dispatcher) = (
                try await house.context(.propertyHandler), try await house.context(.dispatcher)
            )
            let unit = try await house.unit("安居物业")
            try await house.take(CaseStep("accept"), id, handlers)
            await house.deliver()
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let before = try await counts(house, .dispatcher)
            let bare = Form([("against", "\(unit)")])
            let asked = try await house.send("/desk/cases/\(id)/against", bare, dispatcher) ?? ""
            #expect(asked.contains("请写明理由") && asked.contains("value=\"\(unit)\" checked"))
            let form = Form([("against", "\(unit)"), ("text", "师傅自己说漏了嘴")])
            #expect(try await house.send("/desk/cases/\(id)/against", form, handlers) == nil)
            let shown = try await house.send("/desk/cases/\(id)/against", form, dispatcher)
            #expect(shown?.contains("done=against") == true)
            await house.deliver()
            #expect(try await handler(house, id) == "幸福里社区居委会")
            #expect(try await house.state(id) == "dispatched")
            #expect(try await house.refusal { _ = try await house.services.queries.view(id, handlers) } == .notFound)
            let list = try await house.open("/desk/list", query: [("tab", "open")], handlers)
            #expect(!list.contains("\(id)"))
            let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: handlers.actor.scope), after: last)
            #expect(!heard.contains(CasePath.topic(id)))
            #expect(try await counts(house, .propertyHandler) == (try await listed(house, .propertyHandler)))
            #expect(try await counts(house, .dispatcher) == before)
            let recount = try await house.services.database.read { try CaseCounts.recount($0) }
            #expect(recount.counted == recount.stored)
            // What is no unit takes nothing back: the unit would see it again.
            for junk in ["NaN", "-1", "安居物业"] {
                let answer = try await house.send("/desk/cases/\(id)/against", Form([("against", junk)]), dispatcher)
                #expect(answer?.contains("done=against") != true, "\(junk) was taken")
                #expect(try await !against(house, id).isEmpty, "\(junk) took the accusation back")
            }
            try await house.services.commands.setAgainst([], of: id, reason: "核实过", dispatcher)
            await house.deliver()
            #expect(try await against(house, id).isEmpty)
        }
    }

    @Test("更正成投诉时，话里说到的经办单位也要让开；更正这件事它听不到", arguments: TestEngine.enabled)
    func classified(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let id = try await house.report(
                try await house.draft("物业修了三次都没修好"), try await house.context(.tenant)
            )
            await house.deliver()
            #expect(try await handler(house, id) == "安居物业")
            let last: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            let dispatcher = try await house.context(.dispatcher)
            try await house.services.commands.classify(.complaint, "R1701", of: id, dispatcher)
            await house.deliver()
            #expect(try await against(house, id) == "安居物业")
            #expect(try await handler(house, id) != "安居物业")
            let again: Int64 = try await house.value("SELECT sequence FROM live_head") ?? 0
            try await house.services.commands.classify(.complaint, "R1702", of: id, dispatcher)
            await house.deliver()
            let people = try await house.context(.propertyHandler)
            let heard = try await house.heard(LiveHub.Wish(topics: [:], scope: people.actor.scope), after: again)
            #expect(!heard.contains(CasePath.topic(id)))
            let staff = try await house.heard(LiveHub.Wish(topics: [:], scope: dispatcher.actor.scope), after: last)
            #expect(staff.contains(CasePath.topic(id)))
        }
    }

    private func counts(_ house: House, _ person: DemoStaff) async throws -> Int {
        let scope = try await house.context(person).actor.scope(for: .casesRead)
        let totals = try await house.services.database.read { try CaseCounts.totals(scope, $0) }
        return totals.filter { !["closed", "withdrawn", "merged"].contains($0.key) }.values.reduce(0, +)
    }

    private func listed(_ house: House, _ person: DemoStaff) async throws -> Int {
        let context = try await house.context(person)
        let scope = context.actor.scope(for: .casesRead)
        return try await house.services.queries.list(CaseFilter(limit: 500), scope, at: context.now).count
    }

    @Test("有几个岗位的人，页签上的数和列表一样多", arguments: TestEngine.enabled)
    func severalDuties(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            // A community worker who also acts for a unit of the street.
            let (person, unit) = (DemoStaff.worker, try await house.unit("城东自来水服务站"))
            let account = try #require(try await house.context(person).actor.account)
            try await house.services.database.write(.system("test", now: house.clock.clock.now), "test.grant") { tx in
                try AccessStore.grant(.unitHandler, .unit(unit), to: account, tx)
            }
            house.clock.advance(minutes: 1)
            let alone = try await counts(house, .waterHandler)
            #expect(alone > 0)
            let both = try await counts(house, person)
            let shown = try await listed(house, person)
            #expect(both == shown)
        }
    }
}

/// Where a case may lie, and who may register it there.
@Suite("登记在哪里")
struct CaseWhereTests {
    private func body(_ division: String) -> String {
        "{\"text\": \"路灯坏了\", \"category\": \"R0202\", \"division\": \"\(division)\"}"
    }

    @Test("没有的区划、太大的区划不收；工作人员只能登记自己管的地方", arguments: TestEngine.enabled)
    func divisions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let resident = try await house.context(.tenant)
            for division in ["999999999999999", "110101000000000", "110101999"] {
                let kind = try await house.refusal {
                    _ = try await house.call("/api/v1/cases", body(division), resident)
                }
                #expect(kind == .invalid, "\(division)")
            }
            let mine = "110101001901001"
            #expect(try await house.call("/api/v1/cases", body(mine), resident).status == 201)
            #expect(try await house.call("/api/v1/cases", body(mine), try await house.context(.worker)).status == 201)
            for person in [DemoStaff.villageHead, .locustWorker, .propertyHandler] {
                let context = try await house.context(person)
                let kind = try await house.refusal { _ = try await house.call("/api/v1/cases", body(mine), context) }
                #expect(kind == .invalid, "\(person)")
            }
        }
    }

    @Test("网格员没选网格时按定位：站在哪个网格就是哪个", arguments: TestEngine.enabled)
    func grids(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(.severalDuties)
            let scope = context.actor.scope(for: .casesReport)
            let now = house.clock.clock.now
            let inside = try await house.services.database.read { tx in
                try scope.divisions.flatMap { try GridAreasStore.outlines(in: $0, at: now, tx) }
            }
            let grid = try #require(inside.last)
            let box = grid.area.box
            let latitude = (Double(box.southWest.latitudeE7) + Double(box.northEast.latitudeE7)) / 2e7
            let longitude = (Double(box.southWest.longitudeE7) + Double(box.northEast.longitudeE7)) / 2e7
            let form = Form([
                ("text", "井盖松了"), ("category", "E0102"), ("lat", "\(latitude)"), ("lon", "\(longitude)"),
                ("once", "0123456789abcdef"),
            ])
            let answer = try await house.send("/grid/report", form, context)
            #expect(answer?.hasPrefix("/grid?reported=") == true)
            let division: Int64? = try await house.value("SELECT division FROM case_item ORDER BY id DESC LIMIT 1")
            #expect(division == grid.code.rawValue)
        }
    }
}

/// Danger rings at once, at whoever is on duty.
@Suite("紧急的马上通知")
struct UrgentCaseTests {
    @Test("值班的人收到短信，里面没有个人信息；单位有响铃的提醒", arguments: TestEngine.enabled)
    func rings(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let unit = try await house.unit("安居物业")
            let person = DemoStaff.propertyHandler
            let account = try #require(try await house.context(person).actor.account)
            let now = house.clock.clock.now
            try await house.services.database.write(.system("test", now: now), "test.roster") { tx in
                try tx.execute("DELETE FROM duty_shift")
                try UnitsStore.roster(account, unit, from: now.adding(hours: -1), until: now.adding(hours: 8), tx)
            }
            let before = house.messages.all.count
            var draft = try await house.draft("电梯里困着人，救命，我电话 13912345678")
            draft.isUrgent = true
            let id = try await house.report(draft, try await house.context(.tenant))
            await house.deliver()
            let sent = house.messages.all.dropFirst(before)
            #expect(sent.count == 1 && sent.first?.phone == person.phone)
            let text = sent.first.map { $0.text.zh + $0.text.en } ?? ""
            #expect(text.contains("SJ") && !text.contains("139") && !text.contains("电梯"))
            let alerts = try await house.services.database.read { try CaseQueries.alerts(of: [unit], at: now, $0) }
            #expect(alerts.contains { $0.row.id == id && $0.isLoud })
            let usual = try await house.report(try await house.draft(), try await house.context(.tenant))
            await house.deliver()
            #expect(house.messages.all.count == before + 1)
            #expect(try await house.state(usual) == "dispatched")
        }
    }

    @Test("被投诉单位的人值班也不通知", arguments: TestEngine.enabled)
    func notTheAccused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (unit, centre) = (try await house.unit("安居物业"), try await house.unit("东华门街道市民诉求处置中心"))
            let (accused, other) = (DemoStaff.propertyHandler, DemoStaff.dispatcher)
            let accounts = [
                try #require(try await house.context(accused).actor.account),
                try #require(try await house.context(other).actor.account),
            ]
            let now = house.clock.clock.now
            try await house.services.database.write(.system("test", now: now), "test.roster") { tx in
                try tx.execute("DELETE FROM duty_shift")
                // Somebody of the accused unit stands in at the community, and the street's own is there too.
                for (account, place) in [(accounts[0], unit), (accounts[0], centre), (accounts[1], centre)] {
                    try UnitsStore.roster(account, place, from: now.adding(hours: -1), until: now.adding(hours: 8), tx)
                }
            }
            let before = house.messages.all.count
            var draft = try await house.draft("物业的人打人了，救命", category: "R1701")
            draft.nature = .complaint
            draft.isUrgent = true
            _ = try await house.report(draft, try await house.context(.tenant))
            await house.deliver()
            #expect(house.messages.all.dropFirst(before).map(\.phone) == [other.phone])
        }
    }
}
