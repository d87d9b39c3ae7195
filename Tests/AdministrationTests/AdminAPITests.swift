import Administration
import LinliCore
import LinliKernel
import LinliTestSupport
import Testing

/// Administration by programs: the commands of the pages, with the same limits.
@Suite("管理接口")
struct AdminAPITests {
    @Test("账号从建到停", arguments: TestEngine.enabled)
    func accounts(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let unit = try await house.unit("幸福里社区居委会")
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let draft = #"{"name":"吴新","phone":"13900001234","unit":"\#(unit)"}"#
                let made = try await site.shown("POST", "/admin/accounts", draft, as: program, status: 201)
                let id = made["id"].text
                #expect(made["phone"].text == "139****1234" && made["duties"].list.isEmpty)
                _ = try await site.shown("POST", "/admin/accounts", draft, as: program, status: 409)
                let numbered = draft.replacing("吴新", with: "找13912345678").replacing("13900001234", with: "13900001235")
                _ = try await site.shown("POST", "/admin/accounts", numbered, as: program, status: 422)
                let listed = try await site.shown("GET", "/admin/accounts?q=13900001234", as: program)
                #expect(listed["accounts"].list.map { $0["id"].text } == [id])
                let path = "/admin/accounts/\(id)"
                let duty = #"{"role":"communityStaff","division":"110101001901"}"#
                let granted = try await site.shown("POST", path + "/grants", duty, as: program, status: 201)
                let grant = granted["duties"].list.first?["id"].text ?? ""
                _ = try await site.shown("POST", path + "/grants", duty, as: program, status: 422)
                let placeless = #"{"role":"unitHandler","division":"110101001901"}"#
                _ = try await site.shown("POST", path + "/grants", placeless, as: program, status: 422)
                let link = try await site.shown("POST", path + "/setup", as: program)["link"].text
                #expect(link.contains("/setup/"))
                _ = try await site.shown("POST", path + "/unlock", as: program)
                _ = try await site.shown("POST", path + "/second-factor/reset", as: program)
                let ended = try await site.shown("DELETE", path + "/grants/\(grant)", as: program)
                #expect(ended["duties"].list.allSatisfy { !$0["until"].text.isEmpty } && !ended["duties"].list.isEmpty)
                let closed = try await site.shown("POST", path + "/close", as: program)
                #expect(!closed["active"].isTrue)
                _ = try await site.shown("POST", path + "/unlock", as: program, status: 404)
                let own = "\(try #require(program.actor.account))"
                _ = try await site.shown("POST", "/admin/accounts/\(own)/unlock", as: program, status: 422)
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("GET", "/admin/accounts", as: dispatcher, status: 403)
            }
        }
    }

    @Test("账号列表一页一页翻完", arguments: TestEngine.enabled)
    func paging(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                var seen: [String] = []
                var next = ""
                repeat {
                    let page = try await site.shown("GET", "/admin/accounts" + next, as: program)
                    seen += page["accounts"].list.map { $0["id"].text }
                    next = page["next"].text.isEmpty ? "" : "?after=" + page["next"].text
                } while !next.isEmpty && seen.count < 1000
                #expect(Set(seen).count == seen.count && seen.count >= DemoStaff.allCases.count)
            }
        }
    }

    @Test("单位：建、改、服务范围、停用", arguments: TestEngine.enabled)
    func units(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let draft = #"{"kind":"water","name":"测试水务","division":"110101001","phone":"010-12345678"}"#
                let made = try await site.shown("POST", "/admin/units", draft, as: program, status: 201)
                let path = "/admin/units/\(made["id"].text)"
                #expect(made["nameEn"].text == "测试水务" && made["openCases"].text == "0")
                _ = try await site.shown("POST", "/admin/units", draft, as: program, status: 422)
                let renamed = draft.replacing("测试水务", with: "试水公司")
                #expect(try await site.shown("PUT", path, renamed, as: program)["name"].text == "试水公司")
                let phone = draft.replacing("测试水务", with: "找13912345678")
                _ = try await site.shown("PUT", path, phone, as: program, status: 422)
                let serving = try await site.shown("PUT", path + "/services/110101001901", as: program)
                #expect(serving["serves"].list.map(\.text) == ["110101001901000"])
                let ended = try await site.shown("DELETE", path + "/services/110101001901", as: program)
                #expect(ended["serves"].list.isEmpty)
                let auditor = try await site.program(for: .auditor)
                let seen = try await site.shown("GET", "/admin/units?q=%E8%AF%95%E6%B0%B4", as: auditor)["units"].list
                #expect(seen.map { $0["name"].text } == ["试水公司"])
                _ = try await site.shown("PUT", path, renamed, as: auditor, status: 403)
                let closed = try await site.shown("POST", path + "/close", as: program)
                #expect(!closed["closedAt"].text.isEmpty)
                let busy = try await house.unit("安居物业")
                _ = try await site.shown("POST", "/admin/units/\(busy)/close", as: program, status: 422)
            }
        }
    }

    @Test("区划：添、改名、并走", arguments: TestEngine.enabled)
    func divisions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let program = try await site.program(for: .administrator)
                let path = "/admin/divisions/110101001901"
                let before = try await site.shown("GET", path, as: program)
                let number = before["nextNumber"].text
                let draft = #"{"name":"第九网格","number":\#(number)}"#
                let added = try await site.shown("POST", path + "/children", draft, as: program, status: 201)
                #expect(added["level"].text == "6" && added["synthetic"].isTrue)
                _ = try await site.shown("POST", path + "/children", draft, as: program, status: 422)
                let numbered = draft.replacing("第九网格", with: "找13912345678").replacing("\(number)}", with: "998}")
                _ = try await site.shown("POST", path + "/children", numbered, as: program, status: 422)
                let grid = "/admin/divisions/\(added["code"].text)"
                house.clock.advance(minutes: 1)
                let renamed = try await site.shown("PUT", grid, #"{"name":"新网格"}"#, as: program)
                #expect(renamed["name"].text == "新网格")
                house.clock.advance(minutes: 1)
                let successor = #"{"successor":"110101001901001"}"#
                let next = try await site.shown("POST", grid + "/end", successor, as: program)
                #expect(next["code"].text == "110101001901001")
                _ = try await site.shown("GET", grid, as: program, status: 404)
                _ = try await site.shown(
                    "GET", "/admin/divisions/110101001", as: try await site.program(for: .dispatcher), status: 403)
            }
        }
    }

    @Test("令牌：看得到自己的，作废马上不能用；别人的程序由管理员作废", arguments: TestEngine.enabled)
    func tokens(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let key = try await house.key("市民App")
            try await withSite(house) { site in
                let program = try await site.program(for: .dispatcher)
                let other = try await site.program(for: .dispatcher)
                let stranger = try await site.program(for: .worker)
                let mine = try await site.shown("GET", "/tokens", as: program)["tokens"].list
                #expect(mine.count == 2 && mine.allSatisfy { $0["label"].text == "test" })
                #expect(mine.allSatisfy { $0.names == ["createdAt", "expiresAt", "id", "label"] }, "no secret")
                let newest = mine.first?["id"].text ?? ""
                _ = try await site.shown("DELETE", "/tokens/\(newest)", as: stranger, status: 404)
                let account = try #require(stranger.actor.account)
                _ = try await house.services.signIn.makeToken(
                    for: account, label: "给13912345678", try await house.context(DemoStaff.worker))
                let label = try await site.shown("GET", "/tokens", as: stranger)["tokens"].list.first?["label"].text
                #expect(label == "给139****5678", "a number in a label is masked")
                _ = try await site.shown("DELETE", "/tokens/\(newest)", as: program, status: 204)
                _ = try await site.shown("GET", "/me", as: other, status: 401)
                _ = try await site.shown("GET", "/me", as: program)
                _ = try await site.shown("GET", "/admin/keys", as: program, status: 403)
                let wish = OperatorAccounts.Wish(
                    phone: "13900001299", name: "街道管理员", role: "administrator", division: "110101001", unit: "")
                _ = try await OperatorAccounts(house.services).add(wish, .system("user", now: house.clock.clock.now))
                let streets = try await site.program(phone: wish.phone)
                _ = try await site.shown("GET", "/admin/accounts", as: streets)
                _ = try await site.shown("GET", "/admin/keys", as: streets, status: 403)
                let administrator = try await site.program(for: .administrator)
                let keys = try await site.shown("GET", "/admin/keys", as: administrator)["keys"].list
                let id = keys.first { $0["name"].text == "市民App" }?["id"].text ?? ""
                _ = try await site.shown("DELETE", "/admin/keys/\(id)", as: streets, status: 403)
                _ = try await site.shown("DELETE", "/admin/keys/\(id)", as: administrator, status: 204)
                _ = try await site.shown("DELETE", "/admin/keys/\(id)", as: administrator, status: 404)
                let refused = try await site.ask("GET", "/open311/v2/requests.json?api_key=\(key)")
                #expect(refused.status == 403)
            }
        }
    }
}
