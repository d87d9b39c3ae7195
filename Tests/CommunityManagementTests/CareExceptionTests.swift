import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// A service for who may not have it by the rule: only for a reason in words, and counted apart.
@Suite("特殊情况：不符合条件的要写明原因才能告知，单独统计")
struct CareExceptionTests {
    private static let why = "刚做完手术，没人做饭"

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    /// Somebody of 56, whom the rule of meals does not name.
    private func enter(_ house: House) async throws -> TestHome {
        let home = try await house.enterHome("1401", ["person.name": "样例乙", "person.born": "1970-05-02"])
        await house.deliver()
        try await house.workOutLabels()
        return home
    }

    /// How far meals are in the first grid.
    private func meals(_ house: House) async throws -> CareProgress {
        let (now, names) = (house.clock.clock.now, LabelKeys(house.services.database.keys))
        let rows = try await house.services.database.read {
            try CareCoverageRoutes.rows(House.homeGrid, names, at: now, $0)
        }
        return try #require(rows.first { $0.service.id == "meals" }?.parts.first?.progress)
    }

    @Test("不写原因不行，写了记在告知里；原因按用途才看得到，看过留痕；汇总里单独一列", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            let before = try await meals(house)
            let head = try await house.context(.head)
            let base = "/desk/care/people/\(home.person)"
            #expect(try await house.open(base, query: [], head).contains("告知别的服务"))
            let bare = try await house.send(base + "/offer", form([("service", "meals"), ("how", "visit")]), head)
            #expect(bare?.contains("不符合这项服务的条件") == true && bare?.contains("id=\"exception-error\"") == true)
            #expect(try await house.value("SELECT count(*) FROM care_offer", as: Int.self) == 0)
            let said = [("service", "meals"), ("how", "visit"), ("exception", Self.why + "，电话 13855550044")]
            #expect(try await house.send(base + "/offer", form(said), head) == base + "?done=offer")
            let noted = try await house.value(
                "SELECT count(*) FROM audit_entry WHERE command = 'care.offer' AND fields LIKE '%exception%'",
                as: Int.self)
            #expect(noted == 1)
            let page = try await house.open(base, query: [], head)
            #expect(page.contains("特殊情况") && !page.contains(Self.why), "why is kept closely")
            let open = try #require(try await house.send(base, form([("purpose", "service")]), head))
            #expect(open.contains(Self.why) && !open.contains("13855550044"))
            let readings = try await house.services.database.read {
                try RegisterReading.readings(of: home.subject, $0)
            }
            #expect(readings.map(\.purpose) == [.service])

            let told = try await meals(house)
            #expect(told.exceptional == 1 && told.asked == before.asked, "not among the entitled")
            #expect(told.entitled == before.entitled && told.unreached == before.unreached)
            try await reach(home, house)
            let reached = try await meals(house)
            #expect(reached.reached == before.reached && reached.exceptional == 1)
            let counts = try await house.open("/desk/care/services", query: [], head)
            #expect(counts.contains("data-label=\"特殊情况\">1</td>") && counts.contains("单独算"))

            // Who may have it by now is counted with the others, once.
            try await LabelCommands.give("aged", to: home.person, reason: "户口本上是 81 岁", head, house.services.database)
            await house.deliver()
            try await house.workOutLabels()
            let later = try await meals(house)
            #expect(later.exceptional == 0 && later.entitled == before.entitled + 1)
            #expect(later.reached == before.reached + 1 && later.unreached == before.unreached)
        }
    }

    /// They say yes, and it is brought.
    private func reach(_ home: TestHome, _ house: House) async throws {
        let commands = CareCommands(database: house.services.database)
        let worker = try await house.context(.worker)
        let offer: ID<CareOffer> = try #require(
            try await house.value("SELECT id FROM care_offer WHERE person_id = \(home.person)"))
        _ = try await commands.answer(offer, yes: true, .visit, reason: "", worker)
        _ = try await commands.deliver(offer, signer: "本人", note: "", photo: nil, worker)
    }

    @Test("符合条件的照旧告知，写了原因也不算特殊；居民自己不能给自己破例", arguments: TestEngine.enabled)
    func entitled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let commands = CareCommands(database: house.services.database)
            let worker = try await house.context(.worker)
            let offer = try await commands.offer("meals", to: elder, .visit, because: Self.why, worker)
            let found = try #require(try await house.services.database.read { try CareStore.offer(offer, $0) })
            #expect(!found.isException)
            let own = try await house.context(.elderAlone)
            let asked = try await house.refusal {
                try await commands.answer("newborn", of: elder, yes: true, reason: Self.why, own)
            }
            #expect(asked == .conflict)
        }
    }

    @Test("查敏感服务的资格也留痕；删除信息时原因一起删", arguments: TestEngine.enabled)
    func closely(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            let head = try await house.context(.head)
            let commands = CareCommands(database: house.services.database)
            let refused = try await house.refusal {
                _ = try await commands.offer("disabilityCare", to: home.person, .visit, head)
            }
            #expect(refused == .invalid)
            let readings = try await house.services.database.read {
                try RegisterReading.readings(of: home.subject, $0)
            }
            #expect(readings.map(\.purpose) == [.service], "that they may not have it was looked up")
            _ = try await commands.offer("meals", to: home.person, .visit, because: Self.why, head)
            try await house.services.database.write(head, "test.erase") { tx in
                let subject = home.subject.subject(in: House.homeGrid)
                try tx.audit(subject, fields: ["erased"])
                try tx.emit("registers.changed", subject, facts: ["what": "erased"])
            }
            await house.deliver()
            let left = try await house.value(
                "SELECT count(*) FROM care_offer WHERE exception_sealed IS NOT NULL", as: Int.self)
            #expect(left == 0)
        }
    }

    @Test("本人一说不让推荐，标签和“可以享受”就不显示，告知要写原因；不等重新算标签", arguments: TestEngine.enabled)
    func fromTheirAnswerOn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (worker, database) = (try await house.context(.worker), house.services.database)
            try await LabelCommands.give("watch", to: elder, reason: "女儿出差半个月", worker, database)
            await house.deliver()
            try await house.workOutLabels()
            let page = "/desk/care/people/\(elder)"
            let before = try await house.open(page, query: [], worker)
            #expect(before.contains(">高龄（80 岁以上）</span>") && before.contains(">可以享受</span>"))
            let place = [("division", "\(House.homeGrid)")]
            let names = "/desk/care/services/meals"
            #expect(try await house.open(names, query: place, worker).contains("/desk/care/people/\(elder)"))
            try await OwnEntries.setProfiled(false, of: elder, try await house.context(.elderAlone), database)
            #expect(try await !house.open(names, query: place, worker).contains("/desk/care/people/\(elder)"))
            let after = try await house.open(page, query: [], worker)
            #expect(!after.contains(">高龄（80 岁以上）</span>") && !after.contains(">可以享受</span>"))
            let head = try await house.context(.head)
            let opened = try #require(try await house.send(page, form([("purpose", "service")]), head))
            #expect(opened.contains("工作人员标的"), "what was given by hand stays")
            #expect(!opened.contains(">高龄独居</span>"))
            let commands = CareCommands(database: database)
            let error = await #expect(throws: LinliError.self) {
                _ = try await commands.offer("meals", to: elder, .visit, worker)
            }
            #expect(error?.id == "care.exception")
        }
    }

    @Test("接口和页面一样", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await enter(house)
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let path = "/people/\(home.person)"
                let bare = try await site.shown(
                    "POST", path + "/offers", #"{"service":"meals"}"#, as: head, status: 422)
                #expect(bare["fields"].list.map { $0["name"].text } == ["exception"])
                let said = #"{"service":"meals","exception":"\#(Self.why)"}"#
                let told = try await site.shown("POST", path + "/offers", said, as: head, status: 201)
                #expect(told["exceptional"].isTrue && !told.names.contains("exception"))
                let open = try await site.shown("GET", path + "/care", as: head)["offers"].list
                #expect(open.first?["exceptional"].isTrue == true && open.first?["exception"].text.isEmpty == true)
                let read = try await site.shown("POST", path + "/care/readings", #"{"purpose":"service"}"#, as: head)
                #expect(read["offers"].list.first?["exception"].text == Self.why)
                let rows = try await site.shown("GET", "/care/coverage?division=\(House.homeGrid)", as: head)
                let meals = try #require(rows["services"].list.first { $0["service"].text == "meals" })
                #expect(meals["parts"].list.first?["exceptional"].text == "1")
            }
        }
    }
}
