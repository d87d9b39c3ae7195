import Administration
import Foundation
import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards
import LinliTestSupport
import Testing

/// What used to be on pages alone: rates, files to take away, figures of the map and counts, by the queries and commands
/// of the pages, with the same limits and in the same audit.
@Suite("页面上的数和文件，程序也拿得到")
struct PageProgramsTests {
    private static let purpose = "purpose=Review%20of%20November"

    /// The elder's household.
    private func household(_ house: House) async throws -> ID<Household> {
        let elder = try await house.enterElder()
        await house.deliver()
        let found = try await house.services.database.read { try RegisterQueries.homes(of: elder, $0).first?.household }
        return try #require(found)
    }

    /// A visit announced by a program.
    private func announced(
        _ household: ID<Household>, _ site: Site, _ worker: SiteVisitor
    ) async throws -> Shown {
        let day = site.house.clock.clock.now.date.adding(days: 1)
        let draft = #"{"household":"\#(household)","reason":"看看您","day":"\#(day)","part":"morning"}"#
        return try await site.shown("POST", "/visits", draft, as: worker, status: 201)
    }

    @Test("三率：各月、各处各单位、类别和地点、每一件；别处的看不到", arguments: TestEngine.enabled)
    func rates(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let query = "month=202611&division=\(DemoDivision.street)"
                let month = try await site.shown("GET", "/rates?\(query)", as: dispatcher)
                let rounds = try #require(Int(month["rounds"].text))
                #expect(rounds > 1)

                let months = try await site.shown("GET", "/rates/months?\(query)", as: dispatcher)["months"].list
                #expect(months.map { $0["month"].text } == months.map { $0["month"].text }.sorted())
                #expect(months.count == 12 && months.last?["month"].text == "202611")
                for name in ["rounds", "requests", "silent", "score"] {
                    #expect(months.last?[name].text == month[name].text, "\(name)")
                }
                #expect(months.last?["solution"]["whole"].text == month["solution"]["whole"].text)

                let parts = try await site.shown("GET", "/rates/parts?\(query)", as: dispatcher)
                let happiness = parts["divisions"].list.first { $0["division"].text == "\(DemoDivision.happiness)" }
                let own = try await site.shown(
                    "GET", "/rates?month=202611&division=\(DemoDivision.happiness)", as: dispatcher)
                #expect(happiness?["rounds"].text == own["rounds"].text && happiness?["name"].text == "幸福里社区")
                let unit = try #require(parts["units"].list.first { $0["name"]["zh"].text == "安居物业" })
                let alone = try await site.shown("GET", "/rates?\(query)&unit=\(unit["unit"].text)", as: dispatcher)
                #expect(unit["rounds"].text == alone["rounds"].text)

                let cells = try await site.shown("GET", "/rates/heat?\(query)", as: dispatcher)["cells"].list
                let inside = cells.filter { $0["division"].text == "\(DemoDivision.happiness)" }
                let sum = inside.reduce(0) { $0 + (Int($1["rounds"].text) ?? 0) }
                #expect("\(sum)" == own["rounds"].text)

                let cases = try await site.whole("/rates/cases?\(query)", "rounds", limit: 2, as: dispatcher)
                #expect(cases.count == rounds && Set(cases.map { $0["case"].text + $0["round"].text }).count == rounds)
                let solved = cases.filter {
                    $0["solved"].isTrue && !$0["withdrawn"].isTrue && $0["exclusion"].text.isEmpty
                }
                #expect("\(solved.count)" == month["solution"]["part"].text)
                _ = try await site.shown("GET", "/rates/cases?after=1-2-3", as: dispatcher, status: 400)

                let worker = try await site.program(for: .worker)
                let resident = try await site.program(for: .tenant)
                for path in ["months", "parts", "heat", "cases"] {
                    _ = try await site.shown(
                        "GET", "/rates/\(path)?division=\(DemoDivision.village)", as: worker, status: 404)
                    _ = try await site.shown("GET", "/rates/\(path)", as: resident, status: 404)
                    _ = try await site.shown("GET", "/rates/\(path)", as: site.bare, status: 401)
                }
            }
        }
    }

    @Test("每一件里没有针对自己单位的；公开的只有结束了的月份，谁都能读", arguments: TestEngine.enabled)
    func accused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            var draft = try await house.draft("收费不公开", category: "R0804")
            draft.nature = .complaint
            draft.against = try await house.unit("安居物业")
            let taken = try await house.services.commands.report(draft, try await house.context(.tenant))
            if try await house.state(taken.id) == "received" {
                // Routing found nobody: somebody sends it on.
                let office = try await house.unit("东城区城市管理指挥中心")
                try await house.take(CaseStep("dispatch", unit: office), taken.id, try await house.context(.dispatcher))
            }
            await house.deliver()
            try await withSite(house) { site in
                func knows(_ person: DemoStaff, _ path: String, _ word: String) async throws -> Bool {
                    let program = try await site.program(for: person)
                    let answer = try await site.open("/api/v1/rates/\(path)", as: program)
                    #expect(answer.status == 200, "\(person) \(path)")
                    return answer.text.contains(word)
                }
                #expect(try await knows(.dispatcher, "cases?category=R0804", taken.number))
                #expect(try await knows(.dispatcher, "heat", "R0804"))
                for person in [DemoStaff.propertyHandler, .propertyManager] {
                    #expect(try await !knows(person, "cases?limit=100", taken.number), "\(person)")
                    #expect(try await !knows(person, "heat", "R0804"), "\(person)")
                }
                let query = "/rates/open?month=202611&division=\(DemoDivision.street)"
                let newest = "/rates/open?division=\(DemoDivision.street)"
                let early = try await site.shown("GET", newest, as: site.bare)
                #expect(early["month"].text == "202610" && early["source"].text == "self")
                let refused = try await site.shown("GET", query, as: site.bare, status: 422)
                #expect(refused["fields"].list.map { $0["name"].text } == ["month"])
                for division in ["999999", "110101001999"] {
                    _ = try await site.shown("GET", "/rates/open?division=\(division)", as: site.bare, status: 404)
                }
                house.clock.advance(minutes: 20 * 1440)
                let open = try await site.shown("GET", query, as: site.bare)
                #expect(open["month"].text == "202611" && open["divisions"].list.count > 1)
                let whole = try await site.shown(
                    "GET", "/rates?month=202611&division=\(DemoDivision.street)",
                    as: try await site.program(for: .dispatcher))
                // What is said against single units is left out of what everybody reads.
                #expect(Int(open["rounds"].text) ?? 0 < Int(whole["rounds"].text) ?? 0)
                _ = try await site.shown(
                    "GET", "/rates/open?division=\(DemoDivision.happiness.rawValue + 1)", as: site.bare, status: 404)
            }
        }
    }

    @Test("证据包：同一个文件，先记审计；没写用途、没有权限的拿不到", arguments: TestEngine.enabled)
    func evidence(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let item = try await house.report(
                try await house.draft("电梯停了三天，打 13800138000 没人管"), try await house.context(.tenant))
            try await withSite(house) { site in
                let dispatcher = try await site.program(for: .dispatcher)
                let path = "/api/v1/cases/\(item)/evidence"
                func taken(_ kind: String) async throws -> Int? {
                    try await house.value(
                        """
                        SELECT count(*) FROM audit_entry WHERE command = 'cases.takeBundle' AND subject_id = \(item)
                        AND fields = \("bundle,\(kind)") AND reason = 'Review of November'
                        """, as: Int.self)
                }
                let data = try await site.open("\(path).json?\(Self.purpose)", as: dispatcher)
                #expect(data.status == 200 && data["content-type"] == "application/json")
                let verdict = SignedFile.check(data.body, key: house.services.database.keys.publicKey)
                #expect(verdict.problems.isEmpty && verdict.entries > 0)
                #expect(!data.text.contains("13800138000") && data["content-disposition"]?.contains(".json") == true)
                #expect(try await taken("json") == 1)
                let clear = try await site.open("\(path).json?\(Self.purpose)&reporter=true", as: dispatcher)
                #expect(clear.text.contains("13800138000"))
                let document = try await site.open("\(path).pdf?\(Self.purpose)", as: dispatcher)
                #expect(document.status == 200 && document.body.starts(with: Array("%PDF".utf8)))
                #expect(try await taken("pdf") == 1)

                for query in ["", "?purpose=x"] {
                    let refused = try await site.open("\(path).json\(query)", as: dispatcher)
                    #expect(refused.status == 400 && refused.text.contains("purpose"), "\(query)")
                }
                for (person, status) in [
                    (DemoStaff.worker, 403), (.propertyHandler, 403), (.townDispatcher, 404),
                ] {
                    let program = try await site.program(for: person)
                    #expect(
                        try await site.open("\(path).json?\(Self.purpose)", as: program).status == status, "\(person)")
                }
                #expect(try await taken("json") == 2)
            }
        }
    }

    @Test("工单和走访台账导出成表格，用途记在审计里", arguments: TestEngine.enabled)
    func sheets(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await household(house)
            try await withSite(house) { site in
                let worker = try await site.program(for: .gridWorker1)
                let visit = try await announced(household, site, worker)
                _ = try await site.shown("POST", "/visits/\(visit["id"].text)/end", "{}", as: worker)
                let head = try await site.program(for: .head)
                func file(_ path: String) async throws -> Site.Answer {
                    let answer = try await site.open("/api/v1/exports/\(path)&\(Self.purpose)", as: head)
                    #expect(answer.status == 200, "\(path): \(answer.text.prefix(200))")
                    return answer
                }
                func audited(_ command: String, _ beginning: String) async throws -> Int? {
                    try await house.value(
                        """
                        SELECT count(*) FROM audit_entry WHERE command = \(command) AND reason = 'Review of November'
                        AND fields LIKE \(beginning + "%")
                        """, as: Int.self)
                }
                let cases = try await file("cases.xlsx?order=newest")
                #expect(cases.body.starts(with: Array("PK".utf8)))
                #expect(cases["content-type"]?.contains("spreadsheetml") == true)
                #expect(try await audited("cases.export", "cases,xlsx,open,rows:") == 1)

                let month = house.clock.clock.now.date.description.prefix(7)
                let query = "division=\(DemoDivision.happiness)&month=\(month)"
                let ledger = try await file("visits.csv?\(query)")
                #expect(ledger.text.contains("Review of November") && ledger.text.contains("时间,住户,谁去的"))
                #expect(try await file("visits.xlsx?\(query)").body.starts(with: Array("PK".utf8)))
                #expect(try await audited("visits.export", "visits,csv,\(month),rows:") == 1)
                #expect(try await audited("visits.export", "visits,xlsx,\(month),rows:") == 1)

                _ = try await site.shown("GET", "/exports/visits.csv?\(query)", as: head, status: 400)
                let odd = "/exports/visits.csv?month=2026-13&\(Self.purpose)"
                _ = try await site.shown("GET", odd, as: head, status: 400)
                let elsewhere = "division=\(DemoDivision.locust)&\(Self.purpose)"
                _ = try await site.shown("GET", "/exports/visits.csv?\(elsewhere)", as: head, status: 404)
                let other = try await site.program(for: .worker)
                for path in ["cases.xlsx", "visits.csv", "visits.xlsx"] {
                    _ = try await site.shown("GET", "/exports/\(path)?\(Self.purpose)", as: other, status: 403)
                }
            }
        }
    }

    @Test("地图上的数、标签页上的数、台账的总数，和页面上的一样", arguments: TestEngine.enabled)
    func counts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            await house.deliver()
            try await withSite(house) { site in
                let head = try await site.program(for: .head)
                let under = "under=\(DemoDivision.happiness)"
                let figures = try await site.shown("GET", "/map/figures?\(under)&layer=group.aged", as: head)
                let page = try await house.open(
                    "/desk/map/figures", query: [("under", "\(DemoDivision.happiness)"), ("layer", "group.aged")],
                    try await house.context(.head))
                let shown = try JSONValue.object(in: Array(page.utf8))
                let names = ["open", "late", "people", "things", "devices", "broken", "group"]
                #expect(figures["grids"].list.count == shown.count && shown.count > 1)
                for grid in figures["grids"].list {
                    let code = try #require(Int64(grid["grid"].text)) - DemoDivision.happiness.rawValue
                    let values = names.map { JSONValue.int(Int64(grid[$0].text) ?? -9) }
                    #expect(shown["\(code)"] == .array(values), "\(code)")
                }
                #expect(figures["groups"].list.contains { $0["id"].text == "aged" })
                let points = try await site.shown("GET", "/map/points?\(under)", as: head)["points"].list
                #expect(Set(points.map { $0["state"].text }).isSuperset(of: ["place", "open"]))
                #expect(points.allSatisfy { $0["case"].text.isEmpty == !["open", "late"].contains($0["state"].text) })

                let counts = try await site.shown("GET", "/case-counts", as: head)
                let tabs = try await house.open("/desk/tabs", query: [], try await house.context(.head))
                for tab in CaseFilter.Tab.allCases {
                    let rest = tabs.components(separatedBy: tab.name.zh + "<span").dropFirst().first
                    let number = rest?.split(separator: ">").dropFirst().first?.prefix { $0.isNumber }
                    #expect(counts["desk"][tab.rawValue].text == number.map { String($0) }, "\(tab)")
                }
                let listed = try await site.whole("/cases?tab=open", "cases", limit: 50, as: head).count
                #expect(counts["desk"]["open"].text == "\(listed)" && listed > 0)
                #expect(counts["districts"].list.isEmpty)
                let city = try await site.shown("GET", "/case-counts", as: try await site.program(for: .cityOfficer))
                #expect(city["districts"].list.contains { $0["division"].text == "\(DemoDivision.district)" })

                let entries = try await site.shown("GET", "/register-counts", as: head)
                let things = try await site.whole(
                    "/registers/thing?division=\(DemoDivision.happiness)", "entries", limit: 50, as: head)
                #expect(entries["thing"].text == "\(things.count)" && !things.isEmpty)
                #expect(entries["parts"].list.count > 1)
                let stranger = try await site.program(for: .townDispatcher)
                for path in ["/map/figures?\(under)", "/map/points?\(under)"] {
                    _ = try await site.shown("GET", path, as: stranger, status: 404)
                }
                _ = try await site.shown("GET", "/register-counts", as: stranger, status: 403)
                let elsewhere = "/register-counts?division=\(DemoDivision.locust)"
                _ = try await site.shown("GET", elsewhere, as: head, status: 404)
            }
        }
    }

    @Test("走访记完：签名、照片、跟进的工单；看签名记在审计里", arguments: TestEngine.enabled)
    func visit(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let household = try await household(house)
            let context = try await house.context(.gridWorker1)
            let (drawn, photo) = (
                try await house.photo(context, saying: "ink"), try await house.photo(context, saying: "door")
            )
            let item = try await house.report(try await house.draft(), try await house.context(.tenant))
            let number = try #require(
                try await house.value("SELECT number FROM case_item WHERE id = \(item)", as: String.self))
            try await withSite(house) { site in
                let worker = try await site.program(for: .gridWorker1)
                let stranger = try await site.program(for: .gridWorker3)
                let made = try await announced(household, site, worker)
                let path = "/visits/\(made["id"].text)"
                _ = try await site.shown("GET", path + "/signature", as: worker, status: 404)
                _ = try await site.shown("POST", path + "/end", #"{"signer":"张桂兰"}"#, as: worker, status: 422)
                let ended = try await site.shown(
                    "POST", path + "/end",
                    #"{"signer":"张桂兰","signature":"\#(drawn)","photos":["\#(photo)"]}"#, as: worker)
                #expect(ended["signer"].text == "张桂兰" && ended["photos"].list.map(\.text) == ["\(photo)"])

                let looks: SQL = "SELECT count(*) FROM audit_entry WHERE command = 'visits.readSignature'"
                let before = try await house.value(looks, as: Int.self) ?? 0
                let signature = try await site.open("/api/v1" + path + "/signature", as: worker)
                #expect(signature.status == 200 && signature["content-type"] == "image/jpeg")
                #expect(try await site.open("/api/v1\(path)/photos/\(photo)", as: worker).status == 200)
                _ = try await site.shown("GET", "\(path)/photos/\(drawn)", as: worker, status: 404)
                for end in ["/signature", "/photos/\(photo)"] {
                    _ = try await site.shown("GET", path + end, as: stranger, status: 404)
                }
                #expect(try await house.value(looks, as: Int.self) == before + 1)

                let unknown = #"{"number":"SJ20000101-0001"}"#
                _ = try await site.shown("POST", path + "/follow-up", unknown, as: worker, status: 422)
                let follows = #"{"number":"\#(number.lowercased())"}"#
                _ = try await site.shown("POST", path + "/follow-up", follows, as: stranger, status: 404)
                let followed = try await site.shown("POST", path + "/follow-up", follows, as: worker)
                #expect(followed["followUp"].text == number)
                let code = #"{"code":"\#(made["code"].text)"}"#
                let answer = try await site.ask(
                    "POST", "/api/v1/visit-codes", headers: [("Content-Type", "application/json")],
                    body: Array(code.utf8))
                #expect(!answer.text.contains(number) && !answer.text.contains("张桂兰"), "a household reads no notes")
            }
        }
    }

    @Test("管这一片的人给地点挂照片、拿下来；别的网格的不行", arguments: TestEngine.enabled)
    func placePhotos(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let photo = try await house.photo(try await house.context(.gridWorker1))
            let place = try await house.place("幸福里小区3号楼2单元").id
            try await withSite(house) { site in
                let worker = try await site.program(for: .gridWorker1)
                let stranger = try await site.program(for: .townDispatcher)
                let body = #"{"photos":["\#(photo)"]}"#
                _ = try await site.shown("POST", "/places/\(place)/photos", body, as: stranger, status: 403)
                let shown = try await site.shown("POST", "/places/\(place)/photos", body, as: worker)
                #expect(shown["photos"].list.map(\.text).contains("\(photo)"))
                let path = "/api/v1/places/\(place)/photos/\(photo)"
                #expect(try await site.open(path, as: worker).status == 200)
                let gone = try await site.ask("DELETE", path, headers: worker.headers)
                #expect(gone.status == 204)
                #expect(try await site.open(path, as: worker).status == 404)
            }
        }
    }
}
