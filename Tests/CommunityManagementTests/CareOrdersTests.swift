import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// What becomes of an order after it was wanted: brought for good, agreed to alone, stranded, stopped by its person.
@Suite("服务单的后来：送到就关、一项一同意、没人能送退回社区、本人能停")
struct CareOrdersTests {
    private static let version = ConsentPurpose.providers.version
    private static let told = CareConsent(.oral, version)
    private static let list = "/desk/deliveries"

    private func form(_ fields: [(String, String)] = []) -> Form {
        Form(fields.map { (name: $0.0, value: $0.1) })
    }

    /// Somebody told of a service, who said yes.
    private func wanted(
        _ service: String, by person: ID<Person>, consent: CareConsent? = told, _ house: House
    ) async throws -> ID<CareOffer> {
        let worker = try await house.context(.worker)
        let commands = CareCommands(database: house.services.database)
        let offer = try await commands.offer(service, to: person, .visit, because: "确实需要", worker)
        _ = try await commands.answer(offer, yes: true, .visit, reason: "", consent: consent, worker)
        return offer
    }

    private func publish(_ text: String, _ house: House) async throws {
        let administrator = try await house.context(.administrator)
        try await LabelCommands.publish(
            text, reason: "改服务目录", hasSpecialGroups: false, administrator, house.services.database)
        await house.deliver()
        try await house.workOutLabels()
    }

    private func offer(_ id: ID<CareOffer>, _ house: House) async throws -> CareOffer {
        try #require(try await house.services.database.read { try CareStore.offer(id, $0) })
    }

    @Test("一次送完的：再登记不改送到的时间；满 30 天表单没了，单位再送也打不开", arguments: TestEngine.enabled)
    func onceOnly(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("newborn", by: elder, house)
            let nurse = try await house.context(DemoStaff.nurse)
            let path = "\(Self.list)/\(id)"
            _ = try await house.send(path + "/take", form(), nurse)
            let brought = try await house.send(path + "/deliver", form([("note", "看过了")]), nurse)
            #expect(brought == Self.list + "?done=deliver")
            let first = try #require(try await offer(id, house).deliveredAt)
            let open = try #require(try await house.send(path + "/open", form(), nurse))
            #expect(open.contains("已送到</button>") && !open.contains("/refuse\""), "done is not given back")
            let unwanted = try await house.send(path + "/refuse", form([("reason", "unwanted")]), nurse)
            #expect(unwanted?.contains("已经送到的不能再退") == true)
            house.clock.set(house.clock.clock.now.adding(days: 3))
            let again = try await house.context(DemoStaff.nurse)
            #expect(try await house.send(path + "/deliver", form([("note", "又去了")]), again)?.contains("done=") == true)
            #expect(try await offer(id, house).deliveredAt == first, "rework opens it for no longer")
            house.clock.set(house.clock.clock.now.adding(days: 28))
            let late = try await house.context(DemoStaff.nurse)
            let closed = try #require(try await house.send(path + "/open", form(), late))
            #expect(closed.contains("不显示是谁") && !closed.contains("已送到</button>"))
            let refused = try await house.send(path + "/deliver", form([("note", "再去")]), late)
            #expect(refused?.contains("请问社区") == true)
            #expect(try await house.send(path + "/open", form(), late)?.contains("张桂兰") == false)
            #expect(try await offer(id, house).deliveredAt == first)
        }
    }

    @Test("一项服务的同意不管另一项；撤回一起关，再同意只开这一项", arguments: TestEngine.enabled)
    func perService(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (cook, nurse) = (try await house.context(.mealManager), try await house.context(DemoStaff.nurse))
            let checkup = try await wanted("checkup", by: elder, house)
            let meals = try await wanted("meals", by: elder, consent: nil, house)
            _ = try await house.send("\(Self.list)/\(checkup)/take", form(), nurse)
            _ = try await house.send("\(Self.list)/\(meals)/take", form(), cook)
            func opened(_ id: ID<CareOffer>, _ context: Context) async throws -> Bool {
                try await house.send("\(Self.list)/\(id)/open", form(), context)?.contains("张桂兰") == true
            }
            #expect(try await opened(checkup, nurse))
            #expect(try await !opened(meals, cook), "said no to telling this one")
            let kept = try await house.value(
                "SELECT count(*) FROM care_offer WHERE told_how = 'oral' AND told_version = \(Self.version)",
                as: Int.self)
            #expect(kept == 1)
            let own = try await house.context(.elderAlone)
            let withdrawn = form([("entry", "\(elder)"), ("purpose", "providers"), ("given", "no")])
            _ = try await house.send("/me/data/consents", withdrawn, own)
            #expect(try await !opened(checkup, nurse), "taken back for all")
            house.clock.set(house.clock.clock.now.adding(days: 1))
            let yes = [
                ("person", "\(elder)"), ("service", "meals"), ("answer", "yes"), ("text", Self.version),
            ]
            _ = try await house.send("/me/services", form(yes), try await house.context(.elderAlone))
            #expect(try await opened(meals, try await house.context(.mealManager)))
            #expect(try await !opened(checkup, try await house.context(DemoStaff.nurse)), "asked of each by itself")
        }
    }

    @Test("工作人员的表单什么都不预选，不选不行，填过的留着", arguments: TestEngine.enabled)
    func staffForm(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let worker = try await house.context(.worker)
            let commands = CareCommands(database: house.services.database)
            let id = try await commands.offer("meals", to: elder, .visit, worker)
            let page = try await house.open("/desk/care/people/\(elder)", query: [], worker)
            #expect(!page.contains("value=\"oral\" selected") && page.contains("请选本人怎么说的"))
            let step = "/desk/care/offers/\(id)/answer"
            let bare = [("answer", "yes"), ("reason", "中午送"), ("text", Self.version)]
            let back = try #require(try await house.send(step, form(bare), worker))
            #expect(back.contains("请选本人怎么说的：口头同意") && back.contains("value=\"中午送\""))
            #expect(back.contains("told-\(id)-error"))
            #expect(try await offer(id, house).state == .offered)
            let no = try await house.send(step, form(bare + [("consent", "none")]), worker)
            #expect(no == "/desk/care/people/\(elder)?done=answer")
            #expect(try await offer(id, house).toldAt == nil)
        }
    }

    @Test("没接的单位不能说本人不要；送过的要社区来问", arguments: TestEngine.enabled)
    func refusals(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("meals", by: elder, house)
            let cook = try await house.context(.mealManager)
            let path = "\(Self.list)/\(id)"
            func refuse(_ reason: String) async throws -> String? {
                try await house.send(path + "/refuse", form([("reason", reason)]), cook)
            }
            let listed = try await house.open(Self.list, query: [], cook)
            #expect(listed.contains("人手、餐位不够") && !listed.contains("本人说不要了"))
            for reason in ["unwanted", "noAnswer", "unfit", "unsafe"] {
                #expect(try await refuse(reason)?.contains("没接下、没见过本人") == true, "\(reason)")
            }
            #expect(try await offer(id, house).state == .accepted)
            _ = try await house.send(path + "/take", form(), cook)
            _ = try await house.send(path + "/deliver", form([("signer", "张桂兰")]), cook)
            #expect(try await refuse("unwanted")?.contains("请告诉社区") == true)
            #expect(try await offer(id, house).state == .accepted)
            #expect(try await house.value("SELECT count(*) FROM care_refusal", as: Int.self) == 0)
        }
    }

    @Test("目录改了谁提供：单退回没人接，记一笔，别的单位能接", arguments: TestEngine.enabled)
    func anotherProvider(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("meals", by: elder, house)
            let (cook, head) = (try await house.context(.mealManager), try await house.context(.head))
            _ = try await house.send("\(Self.list)/\(id)/take", form(), cook)
            let text = try LabelBook.shippedText()
            try await publish(
                text.replacing("by: [mealPoint, elderStation]", with: "by: [elderStation]"), house)
            #expect(try await offer(id, house).unit == nil)
            let person = try await house.open("/desk/care/people/\(elder)", query: [], head)
            #expect(person.contains("幸福里助餐点：服务目录改了"))
            let unreached = try await house.open(
                "/desk/care/services/meals", query: [("division", "\(House.homeGrid)")], head)
            #expect(unreached.contains("张桂兰") && unreached.contains("没有单位接"))
            let station = try await house.context(.stationHead)
            #expect(
                try await house.send("\(Self.list)/\(id)/take", form(), station) == Self.list + "?done=take")
        }
    }

    @Test("两个人同时定同一项：后一个说明刚有人改过，什么都没记下", arguments: TestEngine.enabled)
    func twoDecisions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (worker, cook) = (try await house.context(.worker), try await house.context(.mealManager))
            let commands = CareCommands(database: house.services.database)
            let id = try await commands.offer("meals", to: elder, .visit, because: "确实需要", worker)
            func changed(_ decide: () async throws -> Void) async throws {
                let before = try await house.value("SELECT count(*) FROM audit_entry", as: Int.self)
                let error = await #expect(throws: LinliError.self) { try await decide() }
                #expect(error?.id == "care.changed" && error?.kind == .conflict)
                #expect(try await house.value("SELECT count(*) FROM audit_entry", as: Int.self) == before)
            }
            let told = try await offer(id, house)
            _ = try await commands.answer(id, yes: true, .visit, reason: "", consent: Self.told, worker)
            try await changed { try await commands.answer(told, .init(isYes: false, how: .phone), worker) }
            let accepted = try await offer(id, house)
            #expect(accepted.state == .accepted && accepted.toldAt != nil)
            // It is brought once, whoever notes it twice; and not to who said no meanwhile.
            try await commands.put(accepted, signer: "张桂兰", note: "", photo: nil, worker)
            try await changed { try await commands.put(accepted, signer: "张桂兰", note: "", photo: nil, worker) }
            let brought = try await offer(id, house)
            _ = try await commands.answer(id, yes: false, .phone, reason: "", worker)
            try await changed { try await commands.put(brought, signer: "张桂兰", note: "", photo: nil, worker) }
            try await changed { try await commands.end(brought, worker) }
            #expect(try await house.value("SELECT count(*) FROM care_delivery", as: Int.self) == 1)
            // A unit that gave it back brings nothing, though nobody else decided on the offer.
            let next = try await wanted("checkup", by: elder, house)
            let nurse = try await house.context(DemoStaff.nurse)
            _ = try await house.send("\(Self.list)/\(next)/take", form(), nurse)
            let taken = try await offer(next, house)
            _ = try await house.send("\(Self.list)/\(next)/refuse", form([("reason", "noHands")]), nurse)
            let error = await #expect(throws: LinliError.self) {
                try await commands.put(taken, by: taken.unit, signer: "", note: "量过了", photo: nil, nurse)
            }
            #expect(error?.id == "care.notTaken")
            #expect(try await house.send("\(Self.list)/\(id)/take", form(), cook) == nil)
        }
    }

    @Test("单位停用：没送完的单退回社区，写明原因、留痕；以前停用的，每天的检查也退", arguments: TestEngine.enabled)
    func closedProvider(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("meals", by: elder, house)
            let cook = try await house.context(.mealManager)
            _ = try await house.send("\(Self.list)/\(id)/take", form(), cook)
            let point = try #require(try await offer(id, house).unit)
            let closed = try await house.send(
                "/admin/units/\(point)/close", form(), try await house.context(.administrator))
            #expect(closed?.contains("done=close") == true)
            // A page of before the closing takes nothing any more.
            await house.deliver()
            #expect(try await house.send("\(Self.list)/\(id)/take", form(), cook) == nil)
            let back = try await offer(id, house)
            #expect(back.unit == nil && back.state == .accepted, "proposed to the others again")
            let head = try await house.context(.head)
            let person = try await house.open("/desk/care/people/\(elder)", query: [], head)
            #expect(person.contains("幸福里助餐点：这家单位停用了"))
            let audited: SQL = """
                SELECT count(*) FROM audit_entry WHERE command = 'care.return' AND subject_kind = 'careOffer'
                AND subject_id = \(id) AND fields LIKE '%closed%'
                """
            #expect(try await house.value(audited, as: Int.self) == 1)
            let station = try await house.context(.stationHead)
            #expect(try await house.send("\(Self.list)/\(id)/take", form(), station) == Self.list + "?done=take")
            // Closed in a store of before: nobody was told.
            let other = try #require(try await offer(id, house).unit)
            try await house.services.database.write(head, "test.close") { tx in
                try tx.execute("UPDATE unit SET closed_at = \(tx.now) WHERE id = \(other)")
                try tx.audit(Subject("unit", other), fields: ["closed"])
            }
            let now = house.clock.clock.now
            for job in Feature.care.jobs {
                for _ in 0..<2 {
                    try await job.run(
                        JobRun(
                            database: house.services.database, payload: "", context: .system(job.id, now: now),
                            logger: house.logger))
                }
            }
            #expect(try await offer(id, house).unit == nil)
            #expect(try await house.value("SELECT count(*) FROM care_return", as: Int.self) == 2)
            #expect(try await house.value(audited, as: Int.self) == 2)
        }
    }

    @Test("人不在了：单位的名单里没有这一单，也接不了；每天的检查告诉单位不用送了", arguments: TestEngine.enabled)
    func goneAway(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (meals, checkup) = (
                try await wanted("meals", by: elder, house), try await wanted("checkup", by: elder, house)
            )
            let (cook, nurse) = (try await house.context(.mealManager), try await house.context(DemoStaff.nurse))
            _ = try await house.send("\(Self.list)/\(meals)/take", form(), cook)
            try await house.services.database.write(try await house.context(.worker), "test.end") { tx in
                try tx.execute("UPDATE person SET valid_to = \(tx.now) WHERE id = \(elder)")
                try tx.audit(Subject("person", elder, division: House.homeGrid), fields: ["end"])
            }
            #expect(try await !house.open(Self.list, query: [], cook).contains("打开：是谁"))
            #expect(try await !house.open(Self.list, query: [], nurse).contains("接下</button>"))
            #expect(try await house.send("\(Self.list)/\(checkup)/take", form(), nurse) == nil)
            let context = Context.system("care.returns", now: house.clock.clock.now)
            try await CareReturns.look(at: nil, context, house.services.database)
            #expect(try await offer(meals, house).unit == nil)
            #expect(try await house.value("SELECT why FROM care_return", as: String.self) == "gone")
            let list = try await house.open(Self.list, query: [], cook)
            #expect(list.contains("收回的单") && list.contains("登记里已没有这个人") && !list.contains("本人不要了"))
            // Who was erased at their wish is not here any more either, and lives.
            #expect(!list.contains("去世") && !list.contains("迁走"))
        }
    }

    @Test("目录里删了的服务：敏感的还是敏感，写名字，社区能停", arguments: TestEngine.enabled)
    func removed(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let commands = CareCommands(database: house.services.database)
            let id = try await commands.offer("disabilityCare", to: elder, .visit, because: "摔伤了", head)
            let text = try LabelBook.shippedText()
            let start = try #require(text.firstRange(of: "\n  disabilityCare:")).lowerBound
            try await publish(String(text[..<start]) + "\n", house)
            let page = "/desk/care/people/\(elder)"
            let closed = try await house.open(page, query: [], head)
            #expect(!closed.contains("残疾人居家照护") && !closed.contains("disabilityCare"))
            let open = try #require(try await house.send(page, form([("purpose", "service")]), head))
            #expect(open.contains("残疾人居家照护") && open.contains("目录里没有这项服务了"))
            let counts = try await house.open("/desk/care/services", query: [], head)
            #expect(counts.contains("目录里没有了、还没停的") && counts.contains("残疾人居家照护"))
            let place = [("division", "\(House.homeGrid)")]
            let names = "/desk/care/services/disabilityCare"
            #expect(try await !house.open(names, query: place, head).contains("张桂兰"), "kept as closely as before")
            let named = try await house.send(names, form(place + [("purpose", "service")]), head)
            #expect(named?.contains("张桂兰") == true)
            let yes = form([("answer", "yes"), ("consent", "none"), ("text", Self.version)])
            #expect(
                try await house.send("/desk/care/offers/\(id)/answer", yes, head)?.contains("只能停掉") == true)
            #expect(try await house.send("/desk/care/offers/\(id)/end", form(), head) == page + "?done=end")
            #expect(try await offer(id, house).state == .ended)
        }
    }

    @Test("人搬到别处：单位送不了，单退回没人接", arguments: TestEngine.enabled)
    func moved(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("meals", by: elder, house)
            let cook = try await house.context(.mealManager)
            _ = try await house.send("\(Self.list)/\(id)/take", form(), cook)
            let there = DivisionCode(rawValue: 110_101_001_902_001)
            try await house.services.database.write(try await house.context(.worker), "test.move") { tx in
                try tx.execute(
                    """
                    UPDATE person SET division = \(there), community = \(there.ancestor(at: .community))
                    WHERE id = \(elder)
                    """)
                let subject = RegisterSubject(.person, elder).subject(in: there)
                try tx.audit(subject, fields: ["division"])
                try tx.emit("registers.changed", subject, facts: ["what": "moved"])
            }
            await house.deliver()
            let order = try await offer(id, house)
            #expect(order.unit == nil && order.grid == there)
            let why = try await house.value("SELECT why FROM care_return", as: String.self)
            #expect(why == "moved")
            #expect(try await house.open(Self.list, query: [], cook).contains("收回的单"))
        }
    }

    @Test("不让按信息推荐：答应过的还在没送到的名单里，汇总对得上，要填的表照样有", arguments: TestEngine.enabled)
    func unprofiled(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            await house.deliver()
            try await house.workOutLabels()
            _ = try await wanted("meals", by: elder, house)
            let (database, now) = (house.services.database, house.clock.clock.now)
            try await OwnEntries.setProfiled(false, of: elder, try await house.context(.elderAlone), database)
            await house.deliver()
            let head = try await house.context(.head)
            let place = [("division", "\(House.homeGrid)")]
            #expect(try await house.open("/desk/care/services/meals", query: place, head).contains("张桂兰"))
            let rows = try await database.read { tx in
                try CareCoverageRoutes.rows(House.homeGrid, LabelKeys(database.keys), at: now, tx)
            }
            let meals = try #require(rows.first { $0.service.id == "meals" }?.parts.first?.progress)
            #expect(meals.asked <= meals.entitled && meals.former == 1 && meals.exceptional == 0)
            // By facts, as a form that is asked for by duty goes: once, whatever page she stands on.
            let named = try await database.read { tx in
                try LabelFacts.people(
                    with: "aged", in: House.homeGrid, after: nil, limit: 500, on: now.date, database.keys, tx)
            }
            #expect(named.filter { $0.id == elder }.count == 1)
            let next = try await database.read { tx in
                try LabelFacts.people(
                    with: "aged", in: House.homeGrid, after: elder, limit: 500, on: now.date, database.keys, tx)
            }
            #expect(!next.contains { $0.id == elder })
        }
    }

    @Test("本人自己停：写不写原因都行，单位看得到，送到过一次的没有可停的", arguments: TestEngine.enabled)
    func stopped(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let id = try await wanted("meals", by: elder, house)
            let (cook, own) = (try await house.context(.mealManager), try await house.context(.elderAlone))
            _ = try await house.send("\(Self.list)/\(id)/take", form(), cook)
            let page = try await house.open("/me/services", query: [], own)
            #expect(page.contains("停掉这项服务</button>"))
            let stop = [("person", "\(elder)"), ("service", "meals"), ("answer", "stop"), ("reason", "女儿回来了")]
            #expect(try await house.send("/me/services", form(stop), own) == "/me/services?done=stop")
            let order = try await offer(id, house)
            #expect(order.state == .declined && order.unit == nil)
            let list = try await house.open(Self.list, query: [], cook)
            #expect(list.contains("收回的单") && list.contains("本人不要了") && !list.contains("张桂兰"))
            try await withSite(house) { site in
                let program = try await site.program(for: .mealManager)
                let back = try await site.shown("GET", "/deliveries?list=returned", as: program)["deliveries"].list
                #expect(back.map { $0["returned"].text } == ["unwanted"] && back.first?["state"].text == "returned")
            }
        }
    }
}
