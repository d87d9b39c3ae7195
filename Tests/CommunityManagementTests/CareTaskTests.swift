import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

@testable import CommunityManagement

/// Services as the unit that gives them sees them: taken, opened, brought, or not and why.
@Suite("服务单")
struct CareTaskTests {
    private static let grid = "110101001901001"

    /// An elder who said yes to meals; with the offer.
    private func wanted(_ house: House) async throws -> (elder: ID<Person>, offer: ID<CareOffer>) {
        let elder = try await house.enterElder()
        let worker = try await house.context(.worker)
        let commands = CareCommands(database: house.services.database)
        let offer = try await commands.offer("meals", to: elder, .visit, worker)
        _ = try await commands.answer(offer, yes: true, .visit, reason: "", consent: Self.told, worker)
        return (elder, offer)
    }

    /// What is told to the unit was read out, and agreed to.
    private static let told = CareConsent(.oral, ConsentPurpose.providers.version)

    private func readings(_ person: ID<Person>, _ house: House) async throws -> [Reading] {
        try await house.services.database.read {
            try RegisterReading.readings(of: RegisterSubject(.person, person), $0)
        }
    }

    @Test("答应之前不见人；接了才打开，打开就留痕；送到要凭据，到期再送", arguments: TestEngine.enabled)
    func story(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let elder = try await house.enterElder()
            let worker = try await house.context(.worker)
            let commands = CareCommands(database: house.services.database)
            let offer = try await commands.offer("meals", to: elder, .visit, worker)
            let cook = try await house.context(.mealManager)
            let list = "/desk/deliveries"
            let path = "\(list)/\(offer)"
            let before = try await house.open(list, query: [], cook)
            #expect(before.contains("还没答复") && before.contains("少于 5") && !before.contains("接下</button>"))
            #expect(try await house.send(path + "/take", Form([]), cook) == nil, "nobody said yes yet")
            _ = try await commands.answer(offer, yes: true, .visit, reason: "", consent: Self.told, worker)
            let open = try await house.open(list, query: [], cook)
            #expect(open.contains("接下</button>") && !open.contains("张桂兰") && !open.contains("2单元301"))
            // Whoever did not take it opens nothing, and nothing is noted.
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("请先接下") == true)
            #expect(try await readings(elder, house).isEmpty)
            #expect(try await house.send(path + "/take", Form([]), cook) == list + "?done=take")
            let taken = try await house.open(list, query: [], cook)
            #expect(taken.contains("打开：是谁、在哪里") && !taken.contains("张桂兰"))
            let shown = try #require(try await house.send(path + "/open", Form([]), cook))
            #expect(shown.contains("张桂兰") && shown.contains("2单元301") && shown.contains(DemoResident.elderAlone.phone))
            #expect(!shown.contains("独居") && !shown.contains("1944年"), "not why she may have it")
            let reading = try #require(try await readings(elder, house).first)
            #expect(reading.purpose == .service && reading.fields.map(\.id).contains("person.phone"))
            let unproved = try await house.send(path + "/deliver", Form([]), cook)
            #expect(unproved?.contains("请补上签收人") == true && unproved?.contains("张桂兰") == true)
            #expect(unproved?.contains("name=\"signer\"") == true && unproved?.contains("signer-error") == true)
            #expect(try await house.send(path + "/deliver", Form([("signer", "张桂兰")]), cook) == list + "?done=deliver")
            let person = try await house.open("/desk/care/people/\(elder)", query: [], worker)
            #expect(person.contains("由幸福里助餐点送") && person.contains("签收：张桂兰"))
            let own = try await house.open("/me/services", query: [], try await house.context(.elderAlone))
            #expect(own.contains("由幸福里助餐点送"), "she sees who has it")
            let after = try await house.open(list, query: [], cook)
            #expect(after.contains("送过了") && after.contains("没有该送的"))
            house.clock.set(house.clock.clock.now.adding(days: 31))
            let later = try await house.context(.mealManager)
            #expect(try await house.open(list, query: [], later).contains("该再送了"))
        }
    }

    @Test("别的单位看不到也接不了；先到先得；本人不要了就撤", arguments: TestEngine.enabled)
    func others(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await wanted(house)
            let path = "/desk/deliveries/\(offer)"
            for stranger in [DemoStaff.nurse, .propertyHandler, .worker] {
                let context = try await house.context(stranger)
                #expect(try await house.send(path + "/take", Form([]), context) == nil, "\(stranger)")
                #expect(try await house.send(path + "/open", Form([]), context) == nil, "\(stranger)")
            }
            let property = try await house.open(
                "/desk/deliveries", query: [], try await house.context(.propertyHandler))
            #expect(property.contains("没有列在服务目录里"))
            // Meals are given by the meal point and the station: who takes first has it.
            let (cook, station) = (try await house.context(.mealManager), try await house.context(.stationHead))
            #expect(try await house.open("/desk/deliveries", query: [], station).contains("接下</button>"))
            #expect(try await house.send(path + "/take", Form([]), cook) == "/desk/deliveries?done=take")
            #expect(try await house.send(path + "/take", Form([]), station) == nil)
            #expect(try await !house.open("/desk/deliveries", query: [], station).contains("接下</button>"))
            let worker = try await house.context(.worker)
            _ = try await CareCommands(database: house.services.database).answer(
                offer, yes: false, .phone, reason: "", worker)
            #expect(try await house.send(path + "/open", Form([]), cook) == nil)
            #expect(try await readings(elder, house).isEmpty)
            let free = try await house.value(
                "SELECT count(*) FROM care_offer WHERE id = \(offer) AND unit_id IS NULL", as: Int.self)
            #expect(free == 1)
        }
    }

    @Test("做不了要说原因：敲不开门再试，人手不够放回去，本人不要算答复；社区和街道看得到", arguments: TestEngine.enabled)
    func refusals(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await wanted(house)
            let path = "/desk/deliveries/\(offer)"
            let (cook, station) = (try await house.context(.mealManager), try await house.context(.stationHead))
            _ = try await house.send(path + "/take", Form([]), cook)
            #expect(try await house.send(path + "/refuse", Form([]), cook)?.contains("请选原因") == true)
            func refuse(_ reason: String, _ context: Context) async throws -> String? {
                try await house.send(path + "/refuse", Form([("reason", reason)]), context)
            }
            #expect(try await refuse("noAnswer", cook) == "/desk/deliveries?done=refuse")
            #expect(try await house.open("/desk/deliveries", query: [], cook).contains("打开：是谁"), "tried again")
            #expect(try await refuse("noHands", cook) == "/desk/deliveries?done=refuse")
            #expect(try await house.send(path + "/open", Form([]), cook)?.contains("请先接下") == true)
            #expect(try await !house.open("/desk/deliveries", query: [], cook).contains("接下</button>"))
            let head = try await house.context(.head)
            let person = try await house.open("/desk/care/people/\(elder)", query: [], head)
            #expect(person.contains("幸福里助餐点：人手、餐位不够"))
            let counts = try await house.open("/desk/care/services", query: [], head)
            #expect(counts.contains("有人要，单位做不了的") && counts.contains("人手、餐位不够"))
            // She is still counted as not reached, and the other unit may take her.
            let unreached = try await house.open(
                "/desk/care/services/meals", query: [("division", Self.grid)], head)
            #expect(unreached.contains("张桂兰"))
            #expect(try await house.send(path + "/take", Form([]), station) == "/desk/deliveries?done=take")
            #expect(try await refuse("unwanted", station) == "/desk/deliveries?done=refuse")
            let state = try await house.value("SELECT state FROM care_offer WHERE id = \(offer)", as: String.self)
            #expect(state == "declined")
        }
    }

    @Test("谁要求限制使用信息，单位也打不开", arguments: TestEngine.enabled)
    func restricted(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await wanted(house)
            let cook = try await house.context(.mealManager)
            let path = "/desk/deliveries/\(offer)"
            _ = try await house.send(path + "/take", Form([]), cook)
            let now = house.clock.clock.now
            try await house.services.database.write(try await house.context(.worker), "test.restrict") { tx in
                try tx.execute("UPDATE person SET restricted_at = \(now) WHERE id = \(elder)")
                try tx.audit(Subject("person", elder, division: DivisionCode(rawValue: 110_101_001_901_001)))
            }
            let answer = try #require(try await house.send(path + "/open", Form([]), cook))
            #expect(answer.contains("限制使用信息") && !answer.contains("张桂兰"))
            #expect(try await readings(elder, house).isEmpty)
        }
    }

    @Test("接口和页面一样：列、接、看、凭据、原因、汇总", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (elder, offer) = try await wanted(house)
            try await withSite(house) { site in
                let cook = try await site.program(for: .mealManager)
                let nurse = try await site.program(for: DemoStaff.nurse)
                let path = "/deliveries/\(offer)"
                let free = try await site.shown("GET", "/deliveries", as: cook)["deliveries"].list
                #expect(free.map { $0["id"].text } == ["\(offer)"] && free.first?["state"].text == "free")
                #expect(free.first?.names.contains("name") == false)
                #expect(try await site.shown("GET", "/deliveries", as: nurse)["deliveries"].list.isEmpty)
                _ = try await site.shown("POST", path + "/readings", "{}", as: cook, status: 409)
                _ = try await site.shown("POST", path + "/take", "{}", as: nurse, status: 404)
                #expect(try await site.shown("POST", path + "/take", "{}", as: cook)["state"].text == "due")
                let read = try await site.shown("POST", path + "/readings", "{}", as: cook)
                #expect(read["name"].text == "张桂兰" && read["phone"].text == DemoResident.elderAlone.phone)
                #expect(try await readings(elder, house).map(\.purpose) == [.service])
                let bare = try await site.shown("POST", path + "/proof", "{}", as: cook, status: 422)
                #expect(bare["fields"].list.map { $0["name"].text } == ["signer"], "the field as the body names it")
                let proof = try await site.shown("POST", path + "/proof", #"{"signer":"张桂兰"}"#, as: cook)
                #expect(proof["state"].text == "brought")
                let due = try await site.shown("GET", "/deliveries?list=due", as: cook)["deliveries"].list
                let brought = try await site.shown("GET", "/deliveries?list=brought", as: cook)["deliveries"].list
                #expect(due.isEmpty && brought.count == 1)
                _ = try await site.shown("POST", path + "/refusals", #"{"reason":"lazy"}"#, as: cook, status: 422)
                let refused = try await site.shown("POST", path + "/refusals", #"{"reason":"noHands"}"#, as: cook)
                #expect(refused["state"].text == "free")
                let head = try await site.program(for: .head)
                let rows = try await site.shown("GET", "/care/refusals?division=\(Self.grid)", as: head)["refusals"]
                #expect(rows.list.first?["reason"].text == "noHands" && rows.list.first?["people"].text == "1")
                let street = try await site.program(for: .dispatcher)
                let above = try await site.shown("GET", "/care/refusals?division=\(Self.grid)", as: street)["refusals"]
                #expect(above.list.first?["people"].text.isEmpty == true)
                _ = try await site.shown("GET", "/care/refusals", as: cook, status: 403)
            }
        }
    }
}
