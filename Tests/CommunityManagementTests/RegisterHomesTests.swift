import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Homes of a person on their page and by programs.
@Suite("住处：页面和接口上登记另一处、更正、注销")
struct RegisterHomesTests {
    @Test("页面：再登记一处、更正、注销，历史写明前后；没有这个门牌时表单带着原话回来", arguments: TestEngine.enabled)
    func pages(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            _ = try await house.enterHome("1301", ["person.name": "李"])
            let worker = try await house.context(DemoStaff.worker)
            let path = "/registers/person/\(home.person)"
            let shown = try await house.open(path, query: [], worker)
            #expect(shown.contains("再登记一处") && shown.contains("更正怎么住"))
            #expect(!shown.contains("注销这一处"), "the only home goes otherwise")
            let nowhere = try #require(
                try await house.send(
                    path + "/add-home",
                    Form([("home", "没有这个门牌"), ("tie", "registeredOnly"), ("relation", "child"), ("version", "1")]),
                    worker))
            #expect(nowhere.contains("没有这个门牌，或不归您管") && nowhere.contains("value=\"没有这个门牌\""))
            let added = try #require(
                try await house.send(
                    path + "/add-home",
                    Form([
                        ("home", "幸福里小区3号楼2单元1301"), ("tie", "registeredOnly"), ("relation", "child"),
                        ("join", "first"), ("version", "1"),
                    ]), worker))
            #expect(added == path + "?done=add-home")
            let homes = try await house.services.database.read { try RegisterQueries.homes(of: home.person, $0) }
            let second = try #require(homes.last)
            #expect(homes.count == 2 && second.tie == .registeredOnly)
            let corrected = try await house.send(
                path + "/correct-home",
                Form([
                    ("residence", "\(second.residence)"), ("tie", "ownerElsewhere"), ("relation", "other"),
                    ("version", "2"),
                ]), worker)
            #expect(corrected == path + "?done=correct-home")
            let again = try await house.open(path, query: [("done", "correct-home")], worker)
            #expect(again.contains("户在人不在（人户分离） → 产权人（不住）") && again.contains("注销这一处"))
            let ended = try await house.send(
                path + "/end-home", Form([("residence", "\(second.residence)"), ("version", "3")]), worker)
            #expect(ended == path + "?done=end-home")
            let stranger = try await house.context(DemoStaff.locustHead)
            #expect(
                try await house.send(
                    path + "/end-home", Form([("residence", "\(homes[0].residence)"), ("version", "4")]), stranger)
                    == nil)
        }
    }

    @Test("页面：补写哪天搬的；房屋页有“以前住过”和来去的历史；日子不对时表单带着原话回来", arguments: TestEngine.enabled)
    func former(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            _ = try await house.enterHome("1301", ["person.name": "李"])
            house.clock.advance(minutes: 5)
            let worker = try await house.context(DemoStaff.worker)
            let path = "/registers/person/\(home.person)"
            func move(_ day: String) async throws -> String? {
                let form = Form([
                    ("home", "幸福里小区3号楼2单元1301"), ("tie", "family"), ("relation", "parent"), ("join", "first"),
                    ("day", day), ("version", "1"),
                ])
                return try await house.send(path + "/move", form, worker)
            }
            let late = try #require(try await move("2099-01-01"))
            #expect(late.contains("不能晚于今天") && late.contains("value=\"2099-01-01\""))
            #expect(try await move("2026-11-03") == path + "?done=move")
            let person = try await house.open(path, query: [], worker)
            #expect(person.contains("2026年11月3日起") && person.contains("从哪天起：2026年11月3日"))
            for page in ["/registers/dwelling/\(home.dwelling)", "/registers/household/\(home.household)"] {
                let shown = try await house.open(page, query: [], worker)
                #expect(shown.contains("以前住过") && shown.contains("到2026年11月3日"))
                #expect(shown.contains("搬到") && shown.contains("陈秀英</a> 搬走"))
            }
        }
    }

    @Test("页面：登记在这里的人后来搬来住，写两行：登记在这里、住进来；不写不再登记", arguments: TestEngine.enabled)
    func movedIn(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let (database, settings) = (house.services.database, house.services.registers)
            let owner = try await RegisterCommands.enterPerson(
                try House.typed(["person.name": "屋主甲"]), .household(home.household), tie: .ownerElsewhere,
                relation: .other, try await house.context(.worker), database, settings)
            house.clock.advance(minutes: 5)
            let worker = try await house.context(DemoStaff.worker)
            try await RegisterCommands.move(
                owner, to: .household(home.household), tie: .family, relation: .other, version: nil, worker, database)
            for page in ["/registers/dwelling/\(home.dwelling)", "/registers/household/\(home.household)"] {
                let shown = try await house.open(page, query: [], worker)
                #expect(shown.contains("屋主甲</a> 登记在这里") && shown.contains("屋主甲</a> 住进来"))
                #expect(!shown.contains("不再登记在这里"))
            }
        }
    }

    @Test("接口：住处列表、再登记一处、更正、注销；别处的人看不到也动不了；旧版本不收", arguments: TestEngine.enabled)
    func programs(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let home = try await house.enterHome()
            let other = try await house.enterHome("1301", ["person.name": "李"])
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let stranger = try await site.program(for: .locustHead)
                let path = "/registers/person/\(home.person)"
                let first = try await site.shown("GET", path + "/homes", as: worker)["homes"].list
                #expect(first.map { $0["tie"].text } == ["owner"] && first[0]["household"].text == "\(home.household)")
                _ = try await site.shown("GET", path + "/homes", as: stranger, status: 404)
                let body =
                    #"{"household":"\#(other.household)","tie":"registeredOnly","relation":"child","version":1}"#
                _ = try await site.shown("POST", path + "/homes", body, as: stranger, status: 404)
                let nowhere = #"{"tie":"registeredOnly","relation":"child"}"#
                _ = try await site.shown("POST", path + "/homes", nowhere, as: worker, status: 422)
                let added = try await site.shown("POST", path + "/homes", body, as: worker)
                #expect(added["version"].text == "2")
                let members = try await site.shown(
                    "GET", "/registers/household/\(other.household)/homes", as: worker)["homes"].list
                #expect(members.map { $0["name"].text }.sorted() == ["李", "陈秀英"].sorted())
                let dwelling = try await site.shown(
                    "GET", "/registers/dwelling/\(other.dwelling)/homes", as: worker)["homes"].list
                #expect(dwelling.count == 2 && dwelling[0]["address"].text == "幸福里小区3号楼2单元1301")
                let second = try #require(
                    try await site.shown("GET", path + "/homes", as: worker)["homes"].list.last?["id"].text)
                let tie = #"{"tie":"ownerElsewhere","relation":"other","version":1}"#
                _ = try await site.shown("PUT", path + "/homes/\(second)", tie, as: worker, status: 409)
                let right = tie.replacing("\"version\":1", with: "\"version\":2")
                _ = try await site.shown("PUT", path + "/homes/\(second)", right, as: stranger, status: 404)
                let changed = try await site.shown("PUT", path + "/homes/\(second)", right, as: worker)
                #expect(changed["version"].text == "3")
                _ = try await site.shown(
                    "PUT", "/registers/household/\(home.household)/homes/\(second)", right, as: worker, status: 404)
                _ = try await site.shown("POST", path + "/homes/\(second)/end", "{}", as: worker)
                _ = try await site.shown("POST", path + "/homes/\(second)/end", "{}", as: worker, status: 404)
                let line = try #require(
                    try await site.shown("GET", path + "/around", as: worker)["history"].list.first)
                #expect(line["what"].text == "homeEnded" && line["before"]["tie"].text == "ownerElsewhere")
            }
            await house.deliver()
            #expect(try await house.services.database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }
}
