import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// What was entered twice and has no code to tell by: shops and facilities by name and place, the rest by hand.
@Suite("没有代码的也合并得了")
struct RegisterTwinPagesTests {
    private func form(_ fields: (String, String)...) -> Form { Form(fields.map { (name: $0.0, value: $0.1) }) }

    private func shop(
        _ name: String, _ code: String = "", at building: String = "幸福里小区3号楼", _ house: House
    ) async throws -> ID<Organization> {
        var values = ["organization.name": name, "organization.kind": "shop"]
        if !code.isEmpty { values["organization.creditCode"] = code }
        let place = try await house.place(building)
        return try await RegisterCommands.enterOrganization(
            try House.typed(values), in: place.id, division: House.homeGrid, try await house.context(.worker),
            house.services.database, house.services.registers
        ).id
    }

    private func hydrant(_ location: String, _ code: String = "", _ house: House) async throws -> ID<Thing> {
        var values = ["thing.name": "消防栓", "thing.location": location]
        if !code.isEmpty { values["thing.code"] = code }
        return try await RegisterCommands.enterThing(
            try House.typed(values), in: nil, division: House.homeGrid, try await house.context(.worker),
            house.services.database, house.services.registers)
    }

    private func twins(_ subject: RegisterSubject, _ house: House) async throws -> [Int64] {
        try await house.services.database.read { try RegisterQueries.twins(of: subject, $0).map(\.item.subject.id) }
    }

    @Test("同名同地方、至少一家没有代码的算可能重复；两家都有不同代码的、同一社区别处的分店不算", arguments: TestEngine.enabled)
    func signs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let (one, other) = (try await shop("老张修鞋", "", house), try await shop("老张修鞋", "", house))
            _ = try await shop("老张修表", "", house)
            _ = try await shop("老张修鞋", "", at: "幸福里小区1号楼", house)
            #expect(try await twins(RegisterSubject(.organization, one), house) == [other.rawValue])
            let first = try await shop("东街小卖部", "51110000TE0T00017G", house)
            _ = try await shop("东街小卖部", "52110101TE0T00025U", house)
            #expect(try await twins(RegisterSubject(.organization, first), house).isEmpty)
            let (left, right) = (try await hydrant("东门内", "", house), try await hydrant("东门内", "", house))
            _ = try await hydrant("西门内", "", house)
            _ = try await hydrant("", "", house)
            #expect(try await twins(RegisterSubject(.thing, left), house) == [right.rawValue])
        }
    }

    @Test("页面上列出来并进去；认不出来的粘贴网址；别的种类、别人管的不行；可以撤销", arguments: TestEngine.enabled)
    func byHand(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let worker = try await house.context(.worker)
            let (one, twin) = (try await shop("老张修鞋", "", house), try await shop("老张修鞋", "", house))
            let typo = try await shop("老章修鞋", "", house)
            let path = "/registers/organization/\(one)"
            let page = try await house.open(path, query: [], worker)
            #expect(page.contains("登记时间") && page.contains("2026年11月"))
            #expect(page.contains("名称和地方相同") && page.contains("/registers/organization/\(twin)"))
            #expect(try await house.send(path + "/merge", form(("other", "\(twin)")), worker) == path + "?done=merge")

            let address = "http://127.0.0.1/registers/organization/\(typo)?done=entered"
            let wrong = try await house.send(path + "/merge", form(("twin", "老章")), worker)
            #expect(wrong?.contains("请粘贴另一条登记页的网址") == true)
            let thing = try await hydrant("东门内", "", house)
            let odd = form(("twin", "/registers/thing/\(thing)"))
            #expect(try await house.send(path + "/merge", odd, worker)?.contains("请粘贴另一条登记页的网址") == true)
            let stranger = try await house.context(.locustWorker)
            #expect(try await house.send(path + "/merge", form(("twin", address)), stranger) == nil)
            #expect(try await house.send(path + "/merge", form(("twin", address)), worker) == path + "?done=merge")
            let gone = "/registers/organization/\(typo)"
            #expect(try await house.open(gone, query: [], worker).contains("已并入另一条登记"))
            #expect(try await house.send(gone + "/split", form(), worker) == gone + "?done=split")
            #expect(try await !house.open(gone, query: [], worker).contains("已并入另一条登记"))
        }
    }

    @Test("号码、性别、生日不一样的两个人：先问一句，打了勾、写了理由才并，历史里写着；程序也一样", arguments: TestEngine.enabled)
    func differing(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let kept = try await house.enterHome()
            let gone = try await house.enterHome(
                "1301", ["person.name": "陈秀英", "person.number": "110100198507200050"])
            let worker = try await house.context(.worker)
            let path = "/registers/person/\(kept.person)"
            let asked = try #require(
                try await house.send(path + "/merge", form(("other", "\(gone.person)")), worker))
            for word in ["号码不一样（", "性别不一样（女 和 男）", "出生日期不一样（1950年6月15日 和 1985年7月20日）", "确认是同一个人吗"] {
                #expect(asked.contains(word), "\(word)")
            }
            #expect(asked.contains("name=\"other\" value=\"\(gone.person)\"") && asked.contains("name=\"same\""))
            let ticked = form(("other", "\(gone.person)"), ("same", "yes"), ("because", " "))
            let again = try await house.send(path + "/merge", ticked, worker)
            #expect(again?.contains("请写明凭什么确认是同一个人") == true)
            let untold = form(("other", "\(gone.person)"), ("because", "看了户口簿"))
            #expect(try await house.send(path + "/merge", untold, worker)?.contains("确认是同一个人吗") == true)
            let sure = form(("other", "\(gone.person)"), ("same", "yes"), ("because", "看了户口簿，号码当时登错了"))
            #expect(try await house.send(path + "/merge", sure, worker) == path + "?done=merge")
            #expect(try await house.open(path, query: [], worker).contains("看了户口簿，号码当时登错了"))

            let back = "/registers/person/\(gone.person)"
            #expect(try await house.send(back + "/split", form(), worker) == back + "?done=split")
            try await withSite(house) { site in
                let program = try await site.program(for: .worker)
                let other = "\"other\":\"\(gone.person)\""
                _ = try await site.shown("POST", path + "/merge", "{\(other)}", as: program, status: 422)
                let untold = "{\(other),\"same\":true}"
                _ = try await site.shown("POST", path + "/merge", untold, as: program, status: 422)
                let told = "{\(other),\"same\":true,\"because\":\"看了户口簿\"}"
                _ = try await site.shown("POST", path + "/merge", told, as: program)
            }
        }
    }
}
