import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Whom a service is for is told to its unit by consent only, and not for ever.
@Suite("告诉服务单位：本人同意才看得到，撤回就看不到，送完过些天也看不到")
struct CareConsentTests {
    private static let version = ConsentPurpose.providers.version

    private func form(_ fields: [(String, String)]) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func readings(_ person: ID<Person>, _ house: House) async throws -> Int {
        try await house.services.database.read {
            try RegisterReading.readings(of: RegisterSubject(.person, person), $0).count
        }
    }

    /// Told of a service by the community's worker.
    private func told(_ house: House) async throws -> (elder: ID<Person>, offer: ID<CareOffer>) {
        let elder = try await house.enterElder()
        let commands = CareCommands(database: house.services.database)
        return (elder, try await commands.offer("meals", to: elder, .visit, try await house.context(.worker)))
    }

    private func consents(_ person: ID<Person>, _ house: House) async throws -> [DataConsent] {
        try await house.services.database.read { try DataConsents.of(person, $0) }
    }

    @Test("本人在网页上答应：先看说明，答应就是同意，登记用途和文本；在“我的信息”撤回，单位马上看不到", arguments: TestEngine.enabled)
    func byThemselves(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await told(house)
            let (own, cook) = (try await house.context(.elderAlone), try await house.context(.mealManager))
            let page = try await house.open("/me/services", query: [], own)
            #expect(page.contains("姓名、电话、住址告诉提供“老年助餐”的单位") && page.contains(ConsentPurpose.providers.text.zh))
            #expect(page.contains("name=\"text\" value=\"\(Self.version)\""))
            let yes = [("person", "\(elder)"), ("service", "meals"), ("answer", "yes")]
            let stale = try await house.send("/me/services", form(yes + [("text", "2026-11")]), own)
            #expect(stale?.contains("说明换了") == true)
            #expect(try await consents(elder, house).isEmpty)
            let answered = try await house.send("/me/services", form(yes + [("text", Self.version)]), own)
            #expect(answered == "/me/services?done=yes")
            let given = try #require(try await consents(elder, house).first)
            #expect(given.purpose == .providers && given.version == Self.version && given.channel == .web)
            let noted = try await house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = 'care.answer' AND subject_kind = 'person'
                AND subject_id = \(elder) AND fields LIKE '%consent%'
                """, as: Int.self)
            #expect(noted == 1)
            let path = "/desk/deliveries/\(offer)"
            #expect(try await house.send(path + "/take", Form([]), cook) == "/desk/deliveries?done=take")
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("张桂兰") == true)
            #expect(try await readings(elder, house) == 1)

            let withdrawn = form([("entry", "\(elder)"), ("purpose", "providers"), ("given", "no")])
            _ = try await house.send("/me/data/consents", withdrawn, own)
            let closed = try #require(try await house.send(path + "/open", Form([]), cook))
            #expect(!closed.contains("张桂兰") && !closed.contains("2单元301"))
            #expect(!closed.contains(DemoResident.elderAlone.phone))
            #expect(closed.contains("没有同意") && closed.contains("幸福里社区居委会"), "why, and whom to ask")
            #expect(try await readings(elder, house) == 1, "nothing was read")
            let mine = try await house.open("/me/services", query: [], own)
            #expect(mine.contains("您没有同意告诉服务单位") && mine.contains("同意告诉单位</button>"))
            #expect(try await house.send("/me/services", form(yes + [("text", Self.version)]), own) != nil)
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("张桂兰") == true)
        }
    }

    @Test("工作人员记：念了、同意了才算；没有念的只算答应服务，单位看单子看不到人", arguments: TestEngine.enabled)
    func byStaff(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await told(house)
            let (worker, cook) = (try await house.context(.worker), try await house.context(.mealManager))
            let person = "/desk/care/people/\(elder)"
            let page = try await house.open(person, query: [], worker)
            #expect(page.contains("请念给本人听") && page.contains(ConsentPurpose.providers.text.zh))
            let step = "/desk/care/offers/\(offer)/answer"
            #expect(try await house.send(step, form([("answer", "yes")]), worker)?.contains("请选本人怎么说的") == true)
            let alone = [("answer", "yes"), ("consent", "none")]
            #expect(try await house.send(step, form(alone), worker) == person + "?done=answer")
            #expect(try await consents(elder, house).isEmpty)
            let path = "/desk/deliveries/\(offer)"
            _ = try await house.send(path + "/take", Form([]), cook)
            let closed = try #require(try await house.send(path + "/open", Form([]), cook))
            #expect(closed.contains("不显示是谁") && closed.contains("已送到</button>") && !closed.contains("张桂兰"))
            #expect(try await house.open(person, query: [], worker).contains("没有本人的同意"))

            let stale = [("answer", "yes"), ("consent", "oral"), ("text", "2026-11")]
            #expect(try await house.send(step, form(stale), worker)?.contains("说明换了") == true)
            // Only staff say that it was read out: what a page or a program is, is no word of theirs.
            let odd = [("answer", "yes"), ("consent", "web"), ("text", Self.version)]
            _ = try await house.send(step, form(odd), worker)
            #expect(try await consents(elder, house).isEmpty)
            let read = [("answer", "yes"), ("consent", "written"), ("text", Self.version)]
            #expect(try await house.send(step, form(read), worker) == person + "?done=answer")
            let given = try #require(try await consents(elder, house).first)
            #expect(given.channel == .written && given.holds(on: worker.now.date))
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("张桂兰") == true)
            let own = try await house.context(.elderAlone)
            #expect(try await house.open("/me/data", query: [], own).contains("工作人员记的：本人看过，书面同意"))
        }
    }

    @Test("以前记下的答应、旧文本的同意，都不算新的同意", arguments: TestEngine.enabled)
    func earlier(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await told(house)
            let (worker, cook) = (try await house.context(.worker), try await house.context(.mealManager))
            let commands = CareCommands(database: house.services.database)
            _ = try await commands.answer(
                offer, yes: true, .visit, reason: "", consent: CareConsent(.oral, Self.version), worker)
            try await house.services.database.write(worker, "test.older") { tx in
                try tx.execute("UPDATE data_consent SET text_version = '2026-11' WHERE person_id = \(elder)")
                try tx.audit(Subject("person", elder, division: House.homeGrid), fields: ["consent"])
            }
            let path = "/desk/deliveries/\(offer)"
            _ = try await house.send(path + "/take", Form([]), cook)
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("不显示是谁") == true)
        }
    }

    @Test("一次性的服务送到满 30 天，单位就看不到了；停了的马上看不到", arguments: TestEngine.enabled)
    func afterwards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let (worker, nurse) = (try await house.context(.worker), try await house.context(DemoStaff.nurse))
            let commands = CareCommands(database: house.services.database)
            let offer = try await commands.offer("newborn", to: elder, .visit, because: "带着刚满月的外孙女", worker)
            _ = try await commands.answer(
                offer, yes: true, .visit, reason: "", consent: CareConsent(.oral, Self.version), worker)
            let path = "/desk/deliveries/\(offer)"
            #expect(try await house.send(path + "/take", Form([]), nurse) == "/desk/deliveries?done=take")
            let brought = try await house.send(path + "/deliver", form([("note", "看过了，都好")]), nurse)
            #expect(brought == "/desk/deliveries?done=deliver")
            house.clock.set(house.clock.clock.now.adding(days: 29))
            let soon = try await house.context(DemoStaff.nurse)
            #expect(try await house.open("/desk/deliveries", query: [], soon).contains("打开：是谁、在哪里"))
            #expect(try await house.send(path + "/open", Form([]), soon)?.contains("张桂兰") == true)
            house.clock.set(house.clock.clock.now.adding(days: 1))
            let late = try await house.context(DemoStaff.nurse)
            #expect(try await house.open("/desk/deliveries", query: [], late).contains("送到满 30 天"))
            let before = try await readings(elder, house)
            let closed = try #require(try await house.send(path + "/open", Form([]), late))
            #expect(closed.contains("送到已满 30 天") && closed.contains("幸福里社区居委会") && !closed.contains("张桂兰"))
            #expect(try await readings(elder, house) == before)
            _ = try await commands.end(offer, try await house.context(.worker))
            #expect(try await house.send(path + "/open", Form([]), late) == nil, "what has ended is nobody's")
        }
    }

    @Test("接口：说明和版本先给，答应时带上才算同意；看不到时说为什么、问谁", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await told(house)
            try await withSite(house) { site in
                let (worker, cook) = (
                    try await site.program(for: .worker), try await site.program(for: .mealManager)
                )
                let own = try await site.program(for: .elderAlone)
                let all = try await site.shown("GET", "/care/services", as: worker)["services"].list
                let meals = try #require(all.first { $0["id"].text == "meals" })
                #expect(meals["tellingVersion"].text == Self.version && meals["telling"].list.count == 3)
                let step = "/care/offers/\(offer)/answer"
                let bare = #"{"wanted":true,"consent":"oral"}"#
                _ = try await site.shown("POST", step, bare, as: worker, status: 422)
                let old = #"{"wanted":true,"consent":"oral","text":"2026-11"}"#
                _ = try await site.shown("POST", step, old, as: worker, status: 409)
                _ = try await site.shown("POST", step, #"{"wanted":true}"#, as: worker)
                let path = "/deliveries/\(offer)"
                _ = try await site.shown("POST", path + "/take", "{}", as: cook)
                let closed = try await site.shown("POST", path + "/readings", "{}", as: cook)
                #expect(closed["closed"].text == "consent" && !closed.names.contains("name"))
                #expect(!closed.names.contains("phone") && closed["why"].list.count == 1)
                #expect(closed["community"]["name"]["zh"].text == "幸福里社区居委会")
                let mine = try await site.shown("GET", "/me/services", as: own)
                #expect(mine["people"].list.first?["told"].isTrue == false && !mine["services"].list.isEmpty)
                let yes = #"{"person":"\#(elder)","wanted":true,"text":"\#(Self.version)"}"#
                _ = try await site.shown("PUT", "/me/services/meals", yes, as: own, status: 204)
                #expect(try await consents(elder, house).map(\.channel) == [.api])
                let open = try await site.shown("POST", path + "/readings", "{}", as: cook)
                #expect(open["name"].text == "张桂兰" && open["why"].list.isEmpty)
                #expect(try await site.shown("GET", "/people/\(elder)/care", as: worker)["told"].isTrue)
            }
        }
    }
}
