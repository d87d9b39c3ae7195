import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// Families to look after: found, told, answered, reached; each sees what they may.
@Suite("需要关照的家庭和服务")
struct CareTests {
    @Test("名单：不说用途只看年龄，说了用途才看独居，看过本人查得到", arguments: TestEngine.enabled)
    func families(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let head = try await house.context(.head)
            let grid = "110101001901001"
            let list = try await house.open("/desk/care", query: [("division", grid)], head)
            #expect(list.contains("张桂兰，82 岁") && list.contains("高龄（80 岁以上）") && list.contains("因为：1944年出生"))
            // The names of labels stand among those the list may go by; nobody has one of them here.
            #expect(!list.contains(">高龄独居</span>") && !list.contains("，独居") && list.contains("按用途查看"))
            let open = try #require(
                try await house.send("/desk/care", Form([("division", grid), ("purpose", "visit")]), head))
            #expect(open.contains(">高龄独居</span>") && open.contains("因为：1944年出生，独居"))
            let subject = RegisterSubject(.person, elder)
            let readings = try await house.services.database.read { try RegisterReading.readings(of: subject, $0) }
            #expect(readings.map(\.purpose) == [.visit])
            let dwelling: ID<Dwelling> = try #require(
                try await house.value("SELECT dwelling_id FROM residence WHERE person_id = \(elder)"))
            let home = try await house.open("/registers/dwelling/\(dwelling)", query: [], head)
            #expect(home.contains("标签和服务") && home.contains("高龄（80 岁以上）") && !home.contains(">高龄独居</span>"))
            let refused = try await house.send("/desk/care", Form([("division", grid), ("purpose", "fun")]), head)
            #expect(refused?.contains("请选用途") == true)
            for stranger in [try await house.context(.locustHead), try await house.context(.dispatcher)] {
                #expect(try await house.open("/desk/care", query: [("division", grid)], stranger).isEmpty)
                #expect(try await house.open("/desk/care/people/\(elder)", query: [], stranger).isEmpty)
            }
        }
    }

    @Test("告知、答应、送到要有凭据、到期再送、停", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let worker = try await house.context(.worker)
            let base = "/desk/care/people/\(elder)"
            #expect(try await house.open(base, query: [], worker).contains("老年助餐"))
            let told = try await house.send(base + "/offer", Form([("service", "meals"), ("how", "visit")]), worker)
            #expect(told == base + "?done=offer")
            let twice = try await house.send(base + "/offer", Form([("service", "meals")]), worker)
            #expect(twice?.contains("已经告知过了") == true)
            let offer: Int64 = try #require(try await house.value("SELECT id FROM care_offer"))
            let path = "/desk/care/offers/\(ID<Person>(rawValue: offer))"
            let early = try await house.send(path + "/deliver", Form([("signer", "张桂兰")]), worker)
            #expect(early?.contains("本人还没有说愿意") == true)
            // The resident says yes on her own page.
            let own = try await house.context(.elderAlone)
            let page = try await house.open("/me/services", query: [], own)
            #expect(page.contains("老年助餐") && page.contains("因为：1944年出生") && page.contains("巡视探访"))
            let answer = [("person", "\(elder)"), ("service", "meals"), ("answer", "yes")]
            #expect(try await house.send("/me/services", Form(answer), own) == "/me/services?done=yes")
            let other = try await house.context(.tenant)
            #expect(try await house.send("/me/services", Form(answer), other) == nil)
            let unproved = try await house.send(path + "/deliver", Form([]), worker)
            #expect(unproved?.contains("请补上签收人") == true)
            #expect(
                try await house.send(path + "/deliver", Form([("signer", "张桂兰")]), worker) == base + "?done=deliver")
            try await expectHeard(elder, at: worker.now, house)
            let counts = try await house.open("/desk/care/services", query: [], try await house.context(.head))
            #expect(counts.contains("老年助餐"))
            let work = try await house.open("/desk/reports", query: [], try await house.context(.head))
            #expect(work.contains("data-label=\"服务到的人\">1</td>"), "one person got one service")
            let unreached = "/desk/care/services/meals"
            let division = [("division", "110101001901001")]
            #expect(try await !house.open(unreached, query: division, worker).contains("张桂兰"))
            house.clock.set(house.clock.clock.now.adding(days: 31))
            let later = try await house.context(.worker)
            #expect(try await house.open(unreached, query: division, later).contains("该再送了"))
            #expect(try await house.send(path + "/end", Form([]), later) == base + "?done=end")
            #expect(try await house.open(unreached, query: division, later).contains("张桂兰"))
        }
    }

    /// Who was served is heard of: their household is not due before the days of its care are over again.
    private func expectHeard(_ person: ID<Person>, at moment: Instant, _ house: House) async throws {
        await house.deliver()
        try await house.services.database.read { tx in
            let homes = try RegisterQueries.homes(of: person, tx).compactMap(\.household)
            let household = try #require(homes.first)
            #expect(try Households.signals(of: household, tx).map(\.signal) == [.service])
            let debt = try #require(try VisitDebts.find(household, tx))
            #expect(debt.heardAt == moment && debt.dueAt > moment)
        }
    }

    @Test("说不需要就不再问，到时候才能再问；一点就关掉推荐", arguments: TestEngine.enabled)
    func no(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let own = try await house.context(.elderAlone)
            let no = [("person", "\(elder)"), ("service", "meals"), ("answer", "no"), ("reason", "女儿 13800138000 做饭")]
            #expect(try await house.send("/me/services", Form(no), own) == "/me/services?done=no")
            let worker = try await house.context(.worker)
            let path = "/desk/care/people/\(elder)"
            let asked = try await house.send(path + "/offer", Form([("service", "meals")]), worker)
            #expect(asked?.contains("过一段时间再问") == true)
            house.clock.set(house.clock.clock.now.adding(days: 181))
            let later = try await house.context(.worker)
            let again = try await house.send(path + "/offer", Form([("service", "meals")]), later)
            #expect(again == path + "?done=offer")
            let database = house.services.database
            let offer: Int64 = try #require(
                try await house.value("SELECT id FROM care_offer WHERE ended_at IS NULL"))
            let form = Form([("answer", "no"), ("reason", "")])
            let step = "/desk/care/offers/\(ID<Person>(rawValue: offer))/answer"
            #expect(try await house.send(step, form, later) == path + "?done=answer")
            // One tap, and nothing is suggested any more.
            let mine = try await house.context(.elderAlone)
            let off = try await house.send(
                "/me/services/profiling", Form([("person", "\(elder)"), ("allowed", "no")]), mine)
            #expect(off == "/me/services?done=unprofiled")
            #expect(try await !house.open("/me/services", query: [], mine).contains("巡视探访"), "from the answer on")
            await house.deliver()
            let labels = try await database.read { try LabelQueries.labels(of: [elder], $0) }
            #expect(labels[elder, default: [:]].isEmpty)
            #expect(try await !house.open("/me/services", query: [], mine).contains("巡视探访"))
        }
    }

    @Test("本人要求只保存：名单、标签、告知都没有，号码除了紧急都看不了，走访不发短信", arguments: TestEngine.enabled)
    func kept(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (head, worker) = (try await house.context(.head), try await house.context(.worker))
            let database = house.services.database
            let household: ID<Household> = try #require(
                try await house.value("SELECT household_id FROM residence WHERE person_id = \(elder)"))
            try await LabelCommands.give("watch", to: elder, reason: "女儿出差半个月", worker, database)
            await house.deliver()
            let quiet = house.messages.all.count
            let visit = try await house.announceVisit(household)
            await house.deliver()
            let sent = house.messages.all.count
            #expect(sent == quiet + 1)
            try await VisitCommands(database).withdraw(visit, worker)
            let list = Form([("division", "110101001901001"), ("purpose", "service")])
            // The demo has somebody of the same name.
            let line = "/desk/care/people/\(elder)\""
            #expect(try await house.send("/desk/care", list, head)?.contains(line) == true)

            try await database.write(worker, "test.restrict") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(tx.now) WHERE id = \(elder)")
                let subject = Subject("person", elder, division: House.homeGrid)
                try tx.audit(subject, fields: ["restrictedAt"])
                try tx.emit("registers.changed", subject, facts: ["what": "restricted"])
            }
            await house.deliver()
            #expect(try await house.send("/desk/care", list, head)?.contains(line) == false)
            let base = "/desk/care/people/\(elder)"
            #expect(try await house.open(base, query: [], worker).isEmpty)
            let meals = Form([("service", "meals"), ("how", "visit")])
            #expect(try await house.send(base + "/offer", meals, worker) == nil)
            #expect(try await house.send(base + "/label", Form([("label", "watch"), ("reason", "试")]), worker) == nil)

            let page = "/registers/person/\(elder)"
            let phone = DemoResident.elderAlone.phone
            func read(_ purpose: String) async throws -> String? {
                let form = Form([("field", "person.phone"), ("purpose", purpose), ("note", "联系家人")])
                return try await house.send(page + "/reveal", form, head)
            }
            let refused = try await read("visit")
            #expect(refused?.contains("都不能看") == true && refused?.contains(phone) == false)
            #expect(try await read("emergency")?.contains(phone) == true)
            let shown = try await house.open(page, query: [], head)
            #expect(shown.contains("限制使用的登记") && !shown.contains("张桂兰"))

            _ = try await house.announceVisit(household)
            await house.deliver()
            #expect(house.messages.all.count == sent)
        }
    }

    @Test("街道只看数，少于五个只说“少于 5”；标签本由管理员发布", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            _ = try await house.enterElder()
            let street = try await house.open("/desk/care/services", query: [], try await house.context(.dispatcher))
            #expect(street.contains("老年助餐") && street.contains("少于 5") && !street.contains("张桂兰"))
            let administrator = try await house.context(.administrator)
            let page = try await house.open("/admin/labels", query: [], administrator)
            #expect(page.contains("高龄独居") && page.contains("敏感") && page.contains("80 岁以上"))
            let bad = try await house.send(
                "/admin/labels", Form([("text", "groups:\n  a: 3"), ("reason", "试")]), administrator)
            #expect(bad?.contains("第 2 行") == true)
            let text = try LabelBook.shippedText()
            let looked = try await house.send("/admin/labels", Form([("text", text), ("reason", "试")]), administrator)
            #expect(looked?.contains("会改 0 个标签") == true && looked?.contains("按您管的全部") == true)
            #expect(looked?.contains("跟着变的") == false, "the same text changes nobody")
            let published = try await house.send(
                "/admin/labels", Form([("text", text), ("reason", "重新发布"), ("do", "publish")]), administrator)
            #expect(published == "/admin/labels?done=publish")
        }
    }
}
