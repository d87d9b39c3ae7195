import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What happens to entries of the registers by programs: the commands of the pages, with the same limits.
@Suite("台账接口：搬家、注销恢复、关联、合并和撤销、历史")
struct RegisterStepsAPITests {
    private func enter(_ name: String, _ dwelling: String, _ site: Site, _ worker: SiteVisitor) async throws -> String {
        let draft =
            #"{"dwelling":"\#(dwelling)","tie":"tenant","relation":"head","fields":{"person.name":"\#(name)","#
            + #""person.number":"110100195006150020"},"checked":true}"#
        return try await site.shown("POST", "/registers/person", draft, as: worker, status: 201)["id"].text
    }

    @Test("搬进另一户、整户搬、注销、恢复；别处的人动不了；旧版本不收", arguments: TestEngine.enabled)
    func moving(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let stranger = try await site.program(for: .locustHead)
                let list = "/registers/dwelling?division=110101001901001&limit=2"
                let homes = try await site.shown("GET", list, as: worker)["entries"].list.map { $0["id"].text }
                let person = try await enter("样例甲", homes[0], site, worker)
                let path = "/registers/person/\(person)"
                let move = #"{"dwelling":"\#(homes[1])","tie":"owner","relation":"head","version":1}"#
                _ = try await site.shown("POST", path + "/move", move, as: stranger, status: 404)
                _ = try await site.shown("POST", path + "/move", "{}", as: worker, status: 422)
                let moved = try await site.shown("POST", path + "/move", move, as: worker)
                #expect(moved["version"].text == "2")
                let back = move.replacing(homes[1], with: homes[0])
                _ = try await site.shown("POST", path + "/move", back, as: worker, status: 409)
                let around = try await site.shown("GET", path + "/around", as: worker)
                let line = try #require(around["history"].list.first)
                #expect(line["what"].text == "moved" && line["source"].text == "api")
                #expect(line["before"]["address"].text != line["after"]["address"].text)
                let households: [ID<Household>] = try await house.services.database.read { tx in
                    try RegisterQueries.homes(of: ID<Person>(person) ?? ID(rawValue: 0), tx).compactMap(\.household)
                }
                let own = "/registers/household/\(try #require(households.first))"
                let away = try await site.shown("POST", own + "/move", #"{"dwelling":"\#(homes[0])"}"#, as: worker)
                #expect(away["version"].text == "2")
                let late = #"{"reason":"moved","on":"2099-01-01"}"#
                _ = try await site.shown("POST", path + "/end", late, as: worker, status: 422)
                let end = #"{"reason":"moved","on":"2026-11-03"}"#
                let ended = try await site.shown("POST", path + "/end", end, as: worker)
                #expect(!ended["endedAt"].text.isEmpty && ended["endedOn"].text == "2026-11-03")
                let left = try await site.shown("GET", "/registers/dwelling/\(homes[0])/around", as: worker)
                let stay = try #require(left["stays"].list.first { $0["person"].text == person })
                #expect(stay["name"].text == "样例甲" && stay["untilDay"].text == "2026-11-03")
                #expect(stay["reason"].text == "moved" && !stay["until"].text.isEmpty)
                _ = try await site.shown("POST", path + "/end", #"{"reason":"moved"}"#, as: worker, status: 409)
                let reopened = try await site.shown("POST", path + "/reopen", "{}", as: worker)
                #expect(reopened["endedAt"].text.isEmpty)
                let things = try await site.shown("GET", "/registers/thing?limit=1", as: worker)["entries"].list
                let thing = "/registers/thing/\(try #require(things.first)["id"].text)"
                _ = try await site.shown(
                    "POST", thing + "/move", #"{"dwelling":"\#(homes[0])"}"#, as: worker, status: 422)
            }
        }
    }

    @Test("组织登记进一间房、迁到另一间：地址和网格跟着走，历史有一行；别处的、旧版本、同一处、没写去哪里都不行", arguments: TestEngine.enabled)
    func movingOrganizations(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(DemoStaff.worker)
            let place = try await house.place("幸福里小区8号楼1单元")
            let (database, settings) = (house.services.database, house.services.registers)
            let shop = try await RegisterCommands.enterDwelling(
                try House.typed(["dwelling.number": "底商1", "dwelling.kind": "shop"]), in: place.id, context, database,
                settings)
            let home = try await house.enterHome()
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let stranger = try await site.program(for: .locustHead)
                let draft = #"{"dwelling":"\#(home.dwelling)","fields":{"organization.name":"家门口裁缝铺"}}"#
                _ = try await site.shown("POST", "/registers/organization", draft, as: stranger, status: 404)
                let made = try await site.shown("POST", "/registers/organization", draft, as: worker, status: 201)
                #expect(made["fields"]["organization.address"].text == "幸福里小区3号楼2单元1201")
                let path = "/registers/organization/\(made["id"].text)"
                let move = #"{"dwelling":"\#(shop)","version":1}"#
                _ = try await site.shown("POST", path + "/move", move, as: stranger, status: 404)
                let nowhere = try await site.shown("POST", path + "/move", #"{"version":1}"#, as: worker, status: 422)
                #expect(nowhere["fields"].list.map { $0["name"].text } == ["dwelling"])
                let unknown = move.replacing("\(shop)", with: "0000000000000")
                _ = try await site.shown("POST", path + "/move", unknown, as: worker, status: 404)
                let moved = try await site.shown("POST", path + "/move", move, as: worker)
                #expect(moved["fields"]["organization.address"].text == "幸福里小区8号楼1单元底商1")
                #expect(moved["version"].text == "2" && moved["division"].text == "\(place.division)")
                let back = move.replacing("\(shop)", with: "\(home.dwelling)")
                _ = try await site.shown("POST", path + "/move", back, as: worker, status: 409)
                _ = try await site.shown("POST", path + "/move", #"{"dwelling":"\#(shop)"}"#, as: worker, status: 422)
                let around = try await site.shown("GET", path + "/around", as: worker)
                let line = try #require(around["history"].list.first)
                #expect(line["what"].text == "moved" && line["source"].text == "api")
                #expect(line["before"]["address"].text == "幸福里小区3号楼2单元1201")
            }
            await house.deliver()
            #expect(try await database.read { try RegisterCounts.differences($0).isEmpty })
        }
    }

    @Test("关联和解除；同一个号的两条合并再撤销；照片挂上、看、取下", arguments: TestEngine.enabled)
    func tying(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let context = try await house.context(DemoStaff.worker)
            let photo = try await house.photo(context)
            try await withSite(house) { site in
                let worker = try await site.program(for: .worker)
                let stranger = try await site.program(for: .locustHead)
                let list = "/registers/dwelling?division=110101001901001&limit=2"
                let homes = try await site.shown("GET", list, as: worker)["entries"].list.map { $0["id"].text }
                let first = try await enter("样例甲", homes[0], site, worker)
                let second = try await enter("样例乙", homes[1], site, worker)
                let path = "/registers/person/\(first)"
                let shown = try await site.shown("GET", path, as: worker)
                #expect(!shown["source"].text.isEmpty && shown["since"].text.hasPrefix("2026-11-"))
                let tie = #"{"relation":"guardian","kind":"person","other":"\#(second)"}"#
                _ = try await site.shown(
                    "POST", path + "/links", tie.replacing("guardian", with: "upkeep"), as: worker, status: 422)
                _ = try await site.shown("POST", path + "/links", tie, as: stranger, status: 404)
                let tied = try await site.shown("POST", path + "/links", tie, as: worker, status: 201)
                let around = try await site.shown("GET", path + "/around", as: worker)
                #expect(around["links"].list.map { $0["name"].text } == ["样例乙"])
                #expect(around["twins"].list.map { $0["sign"].text } == ["number"])
                _ = try await site.shown("DELETE", path + "/links/\(tied["id"].text)", as: worker, status: 204)
                _ = try await site.shown("DELETE", path + "/links/\(tied["id"].text)", as: worker, status: 404)

                let other = #"{"other":"\#(second)"}"#
                _ = try await site.shown("POST", path + "/merge", other, as: stranger, status: 404)
                _ = try await site.shown("POST", path + "/merge", other, as: worker)
                let gone = "/registers/person/\(second)"
                #expect(try await !site.shown("GET", gone, as: worker)["endedAt"].text.isEmpty)
                #expect(try await site.shown("POST", gone + "/split", as: worker)["endedAt"].text.isEmpty)
                _ = try await site.shown("POST", gone + "/split", as: worker, status: 409)

                _ = try await site.shown("POST", path + "/photos", #"{"photos":[]}"#, as: worker, status: 422)
                _ = try await site.shown("POST", path + "/photos", #"{"photos":["\#(photo)"]}"#, as: worker)
                let at = path + "/photos/\(photo)"
                #expect(try await site.ask("GET", "/api/v1" + at, headers: worker.headers).status == 200)
                _ = try await site.shown("GET", at, as: stranger, status: 404)
                _ = try await site.shown("DELETE", at, as: worker, status: 204)
                _ = try await site.shown("GET", at, as: worker, status: 404)
                #expect(try await site.shown("GET", path + "/around", as: worker)["photos"].list.isEmpty)
            }
        }
    }
}
