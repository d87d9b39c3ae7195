import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// The first administrator from the command line, and the link by which somebody chooses a password.
@Suite("开通账号")
struct SetupTests {
    private static let phone = "13900001234"

    private func wish(
        role: String = "administrator", division: String = "110101", unit: String = "", phone: String = Self.phone
    ) -> OperatorAccounts.Wish {
        OperatorAccounts.Wish(phone: phone, name: "钱进", role: role, division: division, unit: unit)
    }

    private func context(_ house: House) -> Context { .system("user", now: house.clock.clock.now) }

    @Test("第一位管理员：加账号、给职责、链接设密码、登录", arguments: TestEngine.enabled)
    func firstAdministrator(_ engine: TestEngine) async throws {
        try await withHouse(engine, isEmpty: true) { house in
            _ = try await DivisionImport.ship(house.services.database, context(house))
            let added = try await OperatorAccounts(house.services).add(wish(), context(house))
            let path = try #require(added.setupPath)
            #expect(try await house.open(path, query: [], house.visitor).contains("钱进，您好"))
            let form = Form([("password", "Linli-2026"), ("again", "Linli-2026")])
            #expect(try await house.send(path, form, house.visitor) == "/sign-in?by=password&done=password")
            // It works once.
            #expect(try await house.open(path, query: [], house.visitor).contains("链接用过了"))
            let again = try await house.send(path, form, house.visitor)
            #expect(again?.contains("链接用过了") == true)
            let begun = try await house.services.signIn.begin(
                phone: Self.phone, password: "Linli-2026", deviceToken: nil, userAgent: "test", house.visitor
            )
            #expect(begun.needsSecondFactor && begun.account.grants.map(\.role) == ["administrator"])
            #expect(try await house.verifiedAudit().problem == nil)
        }
    }

    @Test("链接七天后打不开，新的顶掉旧的，弱密码不收", arguments: TestEngine.enabled)
    func links(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let operators = OperatorAccounts(house.services)
            let resident = DemoResident.tenant.phone
            let old = try await operators.renew(phone: resident, forgetsSecondFactor: false, context(house))
            let new = try await operators.renew(phone: resident, forgetsSecondFactor: false, context(house))
            #expect(try await house.open(old, query: [], house.visitor).contains("链接用过了"))
            for bad in [
                [("password", "short"), ("again", "short")], [("password", "Linli-2026"), ("again", "Linli-2027")],
            ] {
                let page = try await house.send(new, Form(bad.map { (name: $0.0, value: $0.1) }), house.visitor)
                #expect(page?.contains("aria-invalid") == true)
            }
            house.clock.advance(minutes: 7 * 24 * 60)
            #expect(try await house.open(new, query: [], house.visitor).contains("链接用过了"))
        }
    }

    @Test("说不通的都一起指出来；同一个人不能既管理又审计", arguments: TestEngine.enabled)
    func refused(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let operators = OperatorAccounts(house.services)
            let error = await #expect(throws: LinliError.self) {
                _ = try await operators.add(
                    OperatorAccounts.Wish(phone: "123", name: "", role: "boss", division: "", unit: "没有的单位"),
                    context(house)
                )
            }
            #expect(error?.fields.map(\.name) == ["phone", "name", "role", "unit"])
            for bad in [wish(division: "990101"), wish(role: "unitHandler", division: "")] {
                #expect(try await house.refusal { _ = try await operators.add(bad, context(house)) } == .invalid)
            }
            var numbered = wish()
            numbered.name = "钱进13912345678"
            let named = await #expect(throws: LinliError.self) { _ = try await operators.add(numbered, context(house)) }
            #expect(named?.fields.map(\.name) == ["name"])
            let auditor = wish(phone: DemoStaff.auditor.phone)
            #expect(try await house.refusal { _ = try await operators.add(auditor, context(house)) } == .invalid)
            let handler = try await operators.add(wish(role: "unitHandler", division: "", unit: "安居物业"), context(house))
            #expect(handler.setupPath != nil)
            // A second duty for somebody who has an account: no link, the password stays.
            let more = try await operators.add(wish(), context(house))
            #expect(more.setupPath == nil)
            let duties: Int? = try await house.value(
                """
                SELECT count(*) FROM access_grant g JOIN account a ON a.id = g.account_id WHERE a.name = '钱进'
                """
            )
            #expect(duties == 2)
        }
    }

    @Test("手机丢了：第二步验证也重设，设备都要重新验证", arguments: TestEngine.enabled)
    func lostPhone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let operators = OperatorAccounts(house.services)
            let phone = DemoStaff.dispatcher.phone
            _ = try await operators.renew(phone: phone, forgetsSecondFactor: true, context(house))
            let keys = house.services.database.keys
            let now = house.clock.clock.now
            let account = try await house.services.database.read { tx in
                try AccessStore.find(phone: phone, keys: keys, tx).flatMap { try AccessStore.account($0, at: now, tx) }
            }
            #expect(account?.hasSecondFactor == false)
            #expect(
                try await house.refusal {
                    _ = try await operators.renew(phone: "13900009999", forgetsSecondFactor: false, context(house))
                } == .notFound
            )
        }
    }

    @Test("管理员给的链接；自己的账号、别处的人不行", arguments: TestEngine.enabled)
    func byAdministrator(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let administrator = try await house.context(.administrator)
            func id(_ person: DemoStaff) async throws -> ID<Account> {
                try #require(try await house.context(person).actor.account)
            }
            let page = try await house.send("/admin/accounts/\(try await id(.dispatcher))/setup", Form(), administrator)
            #expect(page?.contains("http://127.0.0.1/setup/") == true)
            let own = try await house.send(
                "/admin/accounts/\(try await id(.administrator))/setup", Form(), administrator)
            #expect(own?.contains("/setup/0") == false && own?.contains("另一位管理员") == true)
            let dispatcher = try await house.context(.dispatcher)
            #expect(try await house.send("/admin/accounts/\(try await id(.head))/setup", Form(), dispatcher) == nil)
        }
    }
}
