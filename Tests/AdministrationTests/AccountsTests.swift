import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// What administrators may do with accounts and divisions, and where their reach ends; through the real server.
@Suite("账号和区划的管理")
struct AccountsTests {
    private struct Office {
        let house: House
        let site: Site
        let administrator: SiteVisitor

        func id(_ phone: String) async throws -> ID<Account> {
            let context = try await house.context(phone)
            return try #require(context.actor.account)
        }

        func post(_ path: String, _ form: [(String, String)], as visitor: SiteVisitor? = nil) async throws -> Int {
            try await site.send(path, form, as: visitor ?? administrator).status
        }

        func duties(_ phone: String) async throws -> [String] {
            try await house.context(phone).actor.grants.map(\.role)
        }
    }

    private func withOffice(_ engine: TestEngine, _ body: (Office) async throws -> Void) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let office = Office(house: house, site: site, administrator: try await site.staff(.administrator))
                try await body(office)
            }
        }
    }

    private static let phone = "13900001234"

    @Test("建账号、给职责、停职责、停账号，每一步都有痕迹", arguments: TestEngine.enabled)
    func fromFirstToLastDay(_ engine: TestEngine) async throws {
        try await withOffice(engine) { office in
            let unit = try await office.house.unit("幸福里社区居委会")
            let new = [("name", "吴新"), ("phone", Self.phone), ("unit", "\(unit)")]
            #expect(try await office.post("/admin/accounts/new", new) == 303)
            #expect(try await office.post("/admin/accounts/new", new) == 409, "the phone has an account")
            let id = try await office.id(Self.phone)
            let duty = [("role", "communityStaff"), ("division", "110101001901")]
            #expect(try await office.post("/admin/accounts/\(id)/grants", duty) == 303)
            #expect(try await office.post("/admin/accounts/\(id)/grants", duty) == 422, "twice the same")
            let apart = [("role", "auditor"), ("division", "110101001901")]
            _ = try await office.post("/admin/accounts/\(id)/grants", apart)
            let over = [("role", "gridWorker"), ("division", "110101001901001"), ("until", "2020-01-01")]
            #expect(try await office.post("/admin/accounts/\(id)/grants", over) == 422, "over before it begins")
            #expect(try await office.duties(Self.phone).contains("communityStaff"))
            let grant = try await office.house.context(Self.phone).actor.grants[0].id
            #expect(try await office.post("/admin/accounts/\(id)/grants/\(grant)/end", []) == 303)
            #expect(try await office.duties(Self.phone).contains("communityStaff") == false)
            #expect(try await office.post("/admin/accounts/\(id)/grants/\(grant)/end", []) == 404, "it has ended")
            #expect(try await office.post("/admin/accounts/\(id)/close", []) == 303)
            #expect(try await office.post("/admin/accounts/\(id)/grants", duty) == 404, "the account is closed")
            let kept = try await office.house.value(
                "SELECT count(*) FROM access_grant WHERE account_id = \(id)", as: Int.self
            )
            #expect((kept ?? 0) >= 1, "what somebody was stays as history")
            try await traces(office, id, ["accounts.create", "accounts.grant", "accounts.endGrant", "accounts.close"])
        }
    }

    /// The audit has the commands, by the administrator, about the account, without what was typed.
    private func traces(_ office: Office, _ id: ID<Account>, _ commands: [String]) async throws {
        let administrator = try #require(office.administrator.actor.account)
        for command in commands {
            let count = try await office.house.value(
                """
                SELECT count(*) FROM audit_entry WHERE command = \(command) AND actor_id = \(administrator)
                AND subject_id = \(id)
                """, as: Int.self
            )
            #expect((count ?? 0) >= 1, "\(command)")
        }
    }

    @Test("停用、重设以后，原来的登录马上失效", arguments: TestEngine.enabled)
    func endsSessions(_ engine: TestEngine) async throws {
        try await withOffice(engine) { office in
            let worker = try await office.site.staff(.worker)
            #expect(try await office.site.open("/desk", as: worker).status == 200)
            let id = try await office.id(DemoStaff.worker.phone)
            #expect(try await office.post("/admin/accounts/\(id)/second-factor/reset", []) == 303)
            #expect(try await office.site.open("/desk", as: worker).status == 303)
            let head = try await office.site.staff(.head)
            #expect(try await office.site.open("/desk", as: head).status == 200)
            let other = try await office.id(DemoStaff.head.phone)
            #expect(try await office.post("/admin/accounts/\(other)/close", []) == 303)
            #expect(try await office.site.open("/desk", as: head).status == 303)
            try await traces(office, id, ["accounts.resetSecondFactor"])
        }
    }

    @Test("输错被锁的，管理员可以解开", arguments: TestEngine.enabled)
    func unlocks(_ engine: TestEngine) async throws {
        try await withOffice(engine) { office in
            let signIn = office.house.services.signIn
            let phone = DemoStaff.worker.phone
            for _ in 0..<6 {
                _ = try await office.house.refusal {
                    _ = try await signIn.begin(
                        phone: phone, code: "000000", deviceToken: nil, userAgent: "test", office.house.visitor
                    )
                }
            }
            let id = try await office.id(phone)
            let isLocked: SQL = "SELECT count(*) FROM account WHERE id = \(id) AND locked_until > 0"
            #expect(try await office.house.value(isLocked, as: Int.self) == 1)
            #expect(try await office.post("/admin/accounts/\(id)/unlock", []) == 303)
            #expect(try await office.house.value(isLocked, as: Int.self) == 0)
            try await traces(office, id, ["accounts.unlock"])
        }
    }

    @Test("街道的管理员只管本街道：别处的人和区划就像不存在", arguments: TestEngine.enabled)
    func reach(_ engine: TestEngine) async throws {
        try await withOffice(engine) { office in
            let id = try await office.id(DemoStaff.windowClerk.phone)
            let duty = [("role", "administrator"), ("division", "110101001")]
            #expect(try await office.post("/admin/accounts/\(id)/grants", duty) == 303)
            let local = try await office.site.staff(.windowClerk)
            let near = try await office.id(DemoStaff.worker.phone)
            let far = try await office.id(DemoStaff.townDispatcher.phone)
            #expect(try await office.site.open("/admin/accounts/\(near)", as: local).status == 200)
            #expect(try await office.site.open("/admin/accounts/\(far)", as: local).status == 404)
            // A village of the demo in another district: whoever may give a duty there gives it, this one may not.
            let beyond = [("role", "communityStaff"), ("division", "110114116291")]
            let other = try await office.id(DemoStaff.locustWorker.phone)
            #expect(try await office.post("/admin/accounts/\(other)/grants", beyond) == 303)
            #expect(try await office.post("/admin/accounts/\(near)/grants", beyond, as: local) == 422)
            let wish = #"{"role": "communityStaff", "division": "110114116291"}"#
            let path = "/api/v1/admin/accounts/\(near)/grants"
            #expect(try await office.site.call(path, wish, as: local).status == 422)
            #expect(try await office.duties(DemoStaff.worker.phone) == ["communityStaff"])
            #expect(try await office.site.call(path, wish, as: office.administrator).status == 201)
            #expect(try await office.post("/admin/accounts/\(far)/close", [], as: local) == 404)
            #expect(try await office.post("/admin/accounts/\(id)/close", [], as: local) == 422, "their own")
            let village = "/admin/divisions/110114116291/rename"
            for under in ["110114", "110114116291"] {
                let list = "/admin/divisions?under=\(under)"
                #expect(try await office.site.open(list, as: office.administrator).status == 200)
                #expect(try await office.site.open(list, as: local).status == 404)
            }
            #expect(try await office.post(village, [("name", "柳河新村")]) == 303)
            office.house.clock.advance(minutes: 1)
            #expect(try await office.post(village, [("name", "别处")], as: local) == 404)
            let called = try await office.house.services.database.read { tx in
                try tx.value("SELECT count(*) FROM division WHERE name = '别处'", as: Int.self)
            }
            #expect(called == 0)
            #expect(try await office.duties(DemoStaff.townDispatcher.phone) == ["dispatcher"])
            // What was tried is in the audit, with the route and nothing of what was typed.
            let tried = try await office.house.services.database.read { tx in
                try tx.all("SELECT fields FROM audit_entry WHERE command = 'access.outside' AND actor_id = \(id)") {
                    try $0[0] as String
                }
            }
            #expect(tried.contains { $0.contains("/admin/accounts/:id/close") })
            #expect(tried.contains { $0.contains("/admin/divisions/:code/rename") } && tried.count == 2)
        }
    }

    @Test("加网格、改名、并进别的网格；编号用过不再用", arguments: TestEngine.enabled)
    func divisions(_ engine: TestEngine) async throws {
        try await withOffice(engine) { office in
            let add = [("name", "第九网格"), ("number", "009")]
            #expect(try await office.post("/admin/divisions/110101001901/add", add) == 303)
            #expect(try await office.post("/admin/divisions/110101001901/add", add) == 422, "the number is used")
            let code = "110101001901009"
            office.house.clock.advance(minutes: 1)
            #expect(try await office.post("/admin/divisions/\(code)/rename", [("name", "广场网格")]) == 303)
            #expect(try await office.post("/admin/divisions/\(code)/rename", [("name", "")]) == 422)
            #expect(try await office.post("/admin/divisions/\(code)/end", [("successor", code)]) == 422)
            #expect(try await office.post("/admin/divisions/\(code)/end", [("successor", "110101001902")]) == 422)
            office.house.clock.advance(minutes: 1)
            let end = [("successor", "110101001901001")]
            #expect(try await office.post("/admin/divisions/110101001901/end", [("successor", "110101001902")]) == 422)
            #expect(try await office.post("/admin/divisions/\(code)/end", end) == 303)
            office.house.clock.advance(minutes: 1)
            let current = try await office.house.services.database.read { tx in
                try DivisionsStore.current(DivisionCode(rawValue: 110_101_001_901_009), tx)
            }
            #expect(current == DivisionCode(rawValue: 110_101_001_901_001))
            #expect(try await office.post("/admin/divisions/110101001901/add", add) == 422, "used once, used for ever")
        }
    }
}
