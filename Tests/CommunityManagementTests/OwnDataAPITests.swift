import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// One's own data by programs, and the copy of all of it: what is one's own is there, nothing of anybody else.
@Suite("我的信息：接口和带走的一份")
struct OwnDataAPITests {
    private static let number = "110100198507200050"

    private func own(_ house: House, _ more: [String: String] = [:]) async throws -> TestHome {
        var values = [
            "person.name": "赵明明", "person.number": Self.number, "person.phone": DemoResident.nurse.phone,
            "person.work": "某医院", "person.chronicDiseases": "高血压三级",
        ]
        values.merge(more) { _, new in new }
        return try await house.enterHome("1201", values)
    }

    @Test("关联、谁看过、同意和撤回、申请：和页面是同样的命令，同样的审计；别人的登记碰不到", arguments: TestEngine.enabled)
    func operations(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let worker = try await house.context(DemoStaff.worker)
            _ = try await RegisterReading.read(
                [try House.field("person.phone")], of: home.subject, for: .handling, note: "电梯报修回电", worker,
                house.services.database)
            try await withSite(house) { site in
                let nurse = try await site.program(for: DemoResident.nurse)
                let stranger = try await site.program(for: DemoResident.courier)
                #expect(try await site.shown("GET", "/me/data", as: nurse)["entries"].list.isEmpty)
                _ = try await site.shown("POST", "/me/data/link", #"{"number":"1101"}"#, as: nurse, status: 422)
                let number = #"{"number":"\#(Self.number)"}"#
                let asked = try await site.shown("POST", "/me/data/link", number, as: stranger)
                #expect(asked["outcome"].text == "asked" && asked["entry"].text.isEmpty, "it says nothing of the entry")
                let linked = try await site.shown("POST", "/me/data/link", number, as: nurse)
                #expect(linked["outcome"].text == "linked" && linked["entry"].text == "\(home.person)")
                let mine = try await site.shown("GET", "/me/data", as: nurse)
                let entry = try #require(mine["entries"].list.first)
                #expect(entry["name"].text == "赵明明" && entry["phone"].text.contains("****"))
                #expect(entry["readings"].text == "1" && entry["consents"].list.count == ConsentPurpose.allCases.count)
                #expect(entry["consents"].list.allSatisfy { !$0["given"].isTrue && !$0["text"]["zh"].text.isEmpty })

                let readings = try await site.shown("GET", "/me/data/readings?entry=\(home.person)", as: nurse)
                let reading = try #require(readings["readings"].list.first)
                #expect(reading["purpose"].text == "handling" && reading["reader"].text == "赵婷")
                #expect(reading["fields"].list.map(\.text) == ["person.phone"] && reading["note"].text == "电梯报修回电")
                try await wishes(home, nurse, stranger, site)
            }
        }
    }

    private func wishes(
        _ home: TestHome, _ nurse: SiteVisitor, _ stranger: SiteVisitor, _ site: Site
    ) async throws {
        let house = site.house
        func isGiven() async throws -> Bool {
            let today = house.clock.clock.now.date
            return try await house.services.database.read {
                try DataConsents.isGiven(.family, for: home.person, on: today, $0)
            }
        }
        let yes = #"{"entry":"\#(home.person)","given":true}"#
        let no = #"{"entry":"\#(home.person)","given":false}"#
        _ = try await site.shown("PUT", "/me/data/consents/family", yes, as: stranger, status: 404)
        _ = try await site.shown("PUT", "/me/data/consents/fun", yes, as: nurse, status: 400)
        _ = try await site.shown("PUT", "/me/data/consents/family", yes, as: nurse, status: 204)
        #expect(try await isGiven())
        let channel = try await house.value("SELECT channel FROM data_consent", as: String.self)
        #expect(channel == "api")
        _ = try await site.shown("PUT", "/me/data/consents/family", no, as: nurse, status: 204)
        #expect(try await !isGiven())

        let wrong = #"{"entry":"\#(home.person)","kind":"correct","text":" "}"#
        _ = try await site.shown("POST", "/me/data/requests", wrong, as: nurse, status: 422)
        let words = #"{"entry":"\#(home.person)","kind":"correct","text":"工作单位换了"}"#
        _ = try await site.shown("POST", "/me/data/requests", words, as: stranger, status: 404)
        let asked = try await site.shown("POST", "/me/data/requests", words, as: nurse, status: 201)
        #expect(asked["state"].text == "open" && asked["kind"].text == "correct")
        _ = try await site.shown("POST", "/me/data/requests", words, as: nurse, status: 409)
        let listed = try await site.shown("GET", "/me/data", as: nurse)["requests"].list
        #expect(listed.map { $0["id"].text } == [asked["id"].text] && listed[0]["clock"].list.isEmpty)
        let head = try await house.context(DemoStaff.head)
        let waiting = try await house.services.database.read {
            try DataRequests.waiting(in: [House.homeGrid.ancestor(at: .community)], $0)
        }
        let request = try #require(waiting.first { $0.kind == .correct })
        #expect(try await house.services.dataRequests.words(of: request.id, head).text == "工作单位换了")
        try await answers(request.id, nurse, site)
    }

    /// Who answers does it by programs too: the list, the words once and noted, the decision with its reason.
    private func answers(_ id: ID<DataRequest>, _ nurse: SiteVisitor, _ site: Site) async throws {
        let head = try await site.program(for: DemoStaff.head)
        let path = "/data-requests/\(id)"
        let waiting = try await site.shown("GET", "/data-requests", as: head)["requests"].list
        #expect(waiting.contains { $0["id"].text == "\(id)" && $0["kind"].text == "correct" })
        #expect(waiting.allSatisfy { $0["changes"].list.isEmpty })
        _ = try await site.shown("GET", "/data-requests", as: nurse, status: 404)
        _ = try await site.shown("POST", path + "/readings", "{}", as: nurse, status: 404)
        func noted() async throws -> Int {
            try await site.house.value("SELECT count(*) FROM audit_entry", as: Int.self) ?? 0
        }
        let before = try await noted()
        #expect(try await site.shown("POST", path + "/readings", "{}", as: head)["text"].text == "工作单位换了")
        #expect(try await noted() > before, "reading the words is noted")
        _ = try await site.shown("POST", path + "/decision", #"{"granted":false}"#, as: head, status: 422)
        let unchanged = try await site.shown("POST", path + "/decision", #"{"granted":true}"#, as: head, status: 422)
        #expect(unchanged["fields"].list.map { $0["name"].text } == ["reason"], "nothing changed, and nothing says why")
        let decided = try await site.shown(
            "POST", path + "/decision", #"{"granted":false,"reason":"单位已核对，没有变"}"#, as: head)
        #expect(decided["state"].text == "refused" && decided["reason"].text == "单位已核对，没有变")
        let other = try await site.program(for: DemoStaff.locustHead)
        _ = try await site.shown("POST", path + "/decision", #"{"granted":true}"#, as: other, status: 404)
    }

    /// Fills whatever a copy has: cases and what was said, a visit, a service, an answer, a session, a token.
    private func fill(_ home: TestHome, _ house: House) async throws {
        let (nurse, head) = (try await house.context(DemoResident.nurse), try await house.context(DemoStaff.head))
        let walker = try await house.context(.gridWorker1)
        let taken = try await house.services.commands.report(try await house.draft("楼道灯坏了三天"), nurse)
        try await house.services.commands.remark("晚上更黑", isVisible: true, photos: [], on: taken.id, nurse)
        let visit = try await house.announceVisit(home.household)
        var outcome = VisitOutcome()
        (outcome.isUnchanged, outcome.note, outcome.signer) = (false, "赵明明腿脚不便，李二在家", "李二")
        outcome.isAgreed = true
        outcome.answers = ["helper": "要等"]
        try await VisitCommands(house.services.database).finish(visit, outcome, walker)
        try await house.services.dataRequests.open(.correct, of: home.person, "工作单位换了", nurse)
        try await DataConsents.set(.family, true, for: home.person, nurse, house.services.database)
        _ = try await RegisterReading.read(
            [try House.field("person.phone")], of: home.subject, for: .handling, note: "", head, house.services.database
        )
        let base = "/desk/care/people/\(home.person)"
        let exception = [("service", "meals"), ("how", "visit"), ("exception", "刚做完手术，没人做饭")]
        #expect(try await house.send(base + "/offer", Form(exception), head) == base + "?done=offer")
        _ = try await house.session(DemoResident.nurse.phone)
        _ = try await house.services.signIn.makeToken(
            for: try #require(nurse.actor.account), label: "我的程序", nurse)
    }

    /// The records of a part, as texts by name.
    private func part(_ id: String, _ copy: Shown) throws -> [Shown] {
        let part = try #require(copy["parts"].list.first { $0["id"].text == id }, "\(id)")
        #expect(!part["name"]["zh"].text.isEmpty && !part["name"]["en"].text.isEmpty)
        return part["records"].list.map { $0["values"] }
    }

    @Test("带走的一份什么都有：工单、说过的话、走访、服务、申请、同意、谁看过、登录；没有密钥，没有别人", arguments: TestEngine.enabled)
    func copies(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let head = try await house.context(DemoStaff.head)
            _ = try await RegisterCommands.enterPerson(
                try House.typed([
                    "person.name": "李二", "person.phone": "13800138777", "person.number": "110100195006150020",
                ]),
                .household(home.household), tie: .family, relation: .spouse, head, house.services.database,
                house.services.registers)
            try await house.agree(home.person, to: [])
            try await fill(home, house)
            try await withSite(house) { site in
                let nurse = try await site.program(for: DemoResident.nurse)
                let copy = try await site.shown("GET", "/me/data/copy?entry=\(home.person)", as: nurse)
                #expect(copy["fields"]["person.number"].text == Self.number)
                #expect(["1", "2"].contains(copy["fields"]["person.sex"].text))
                #expect(copy["homes"].list.map { $0["address"].text } == ["幸福里小区3号楼2单元1201"])
                #expect(try part("account", copy).first?["phone"].text == DemoResident.nurse.phone)
                #expect(try part("cases", copy).contains { $0["text"].text == "楼道灯坏了三天" })
                #expect(try part("caseWords", copy).contains { $0["text"].text == "晚上更黑" && $0["by"].text == "self" })
                let visit = try #require(try part("visits", copy).first)
                #expect(visit["note"].text == "赵明明腿脚不便，李**在家" && visit["signer"].text.isEmpty)
                #expect(visit["by"].text == "李**" && visit["answers"].text.contains("要等"))
                #expect(try part("requests", copy).first?["text"].text == "工作单位换了")
                #expect(try part("consents", copy).first?["purpose"].text == "family")
                let reading = try #require(try part("readings", copy).first)
                #expect(reading["by"].text == "马**" && reading["purpose"].text == "handling")
                let service = try #require(try part("services", copy).first)
                #expect(service["service"].text == "meals" && service["exception"].text == "刚做完手术，没人做饭")
                #expect(try part("changes", copy).contains { $0["what"].text == "entered" })
                #expect(try part("tokens", copy).contains { $0["label"].text == "我的程序" })
                #expect(try !part("sessions", copy).isEmpty && part("formAnswers", copy).isEmpty)
                try await nobodyElse(home, nurse, site)
            }
        }
    }

    private func nobodyElse(_ home: TestHome, _ nurse: SiteVisitor, _ site: Site) async throws {
        let house = site.house
        let owner = try await house.context(DemoResident.nurse)
        let query = [("entry", "\(home.person)")]
        let texts = [
            try await site.open("/api/v1/me/data/copy?entry=\(home.person)", as: nurse).text,
            try await house.open("/me/data/export", query: query, owner),
            try await house.open("/me/data/export.json", query: query, owner),
        ]
        let hashes = try await house.services.database.read { tx in
            try tx.all("SELECT token_hash FROM session UNION SELECT token_hash FROM api_token") {
                Hex.encode(try $0[0] as [UInt8])
            }
        }
        #expect(hashes.count >= 2)
        for text in texts {
            for other in ["李二", "13800138777", "110100195006150020", "赵婷", "马秀英", "李强"] {
                #expect(!text.contains(other), "\(other) is somebody else")
            }
            for hash in hashes { #expect(!text.contains(hash)) }
            #expect(text.contains("楼道灯坏了三天") && text.contains("高血压三级"))
        }
        // Without an entry: what the account has, and nothing of the register.
        let account = try await site.shown("GET", "/me/data/copy", as: nurse)
        #expect(account["fields"].names.isEmpty && account["homes"].list.isEmpty)
        #expect(try part("cases", account).count >= 1)
        #expect(!account["parts"].list.contains { $0["id"].text == "visits" })
        let stranger = try await site.program(for: DemoResident.courier)
        _ = try await site.shown("GET", "/me/data/copy?entry=\(home.person)", as: stranger, status: 404)
        let noted = try await house.value(
            """
            SELECT count(*) FROM audit_entry WHERE command = 'own.copy' AND subject_kind = 'person'
            AND subject_id = \(home.person) AND fields LIKE 'copy%'
            """, as: Int.self)
        #expect(noted == 4, "each copy has its line")
    }

    @Test("孩子的一份没有监护人账号里的东西；走访只有住着的时候的", arguments: TestEngine.enabled)
    func wards(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await own(house)
            let (database, settings) = (house.services.database, house.services.registers)
            let early = try await house.announceVisit(home.household)
            try await VisitCommands(database).withdraw(early, try await house.context(.gridWorker1))
            house.clock.advance(minutes: 60 * 24 * 3)
            let later = try await house.context(DemoStaff.head)
            let child = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "赵小明", "person.number": "110100201509090048"]),
                .household(home.household), tie: .family, relation: .child, later, database, settings)
            try await RegisterCommands.link(
                RegisterSubject(.person, child), .guardian, to: home.subject, later, database)
            try await house.agree(home.person, to: [])
            try await withSite(house) { site in
                let nurse = try await site.program(for: DemoResident.nurse)
                let copy = try await site.shown("GET", "/me/data/copy?entry=\(child)", as: nurse)
                #expect(copy["name"].text == "赵小明")
                let ids = Set(copy["parts"].list.map { $0["id"].text })
                #expect(ids.isDisjoint(with: ["account", "cases", "sessions", "tokens", "requests"]))
                #expect(ids.isSuperset(of: ["consents", "readings", "visits", "services"]))
                #expect(try part("visits", copy).isEmpty, "the child did not live there yet")
                let own = try await site.shown("GET", "/me/data/copy?entry=\(home.person)", as: nurse)
                #expect(try part("visits", own).count == 1)
            }
        }
    }
}
