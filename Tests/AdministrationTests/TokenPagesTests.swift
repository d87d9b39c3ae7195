import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Tokens of programs where people look after them: on one's own page, on the page of an account, and when somebody
/// leaves everywhere.
@Suite("程序令牌的页面")
struct TokenPagesTests {
    /// The newest token of somebody.
    private func token(_ house: House, of account: ID<Account>) async throws -> ID<AccessToken> {
        let tokens = try await house.services.signIn.tokens(of: account, at: house.clock.clock.now)
        return try #require(tokens.first).id
    }

    @Test("“我的”里看得到自己的令牌，作废马上不能用；别人的作废不了", arguments: TestEngine.enabled)
    func own(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let worker = try await site.staff(.worker)
                let account = try #require(worker.actor.account)
                #expect(try await !site.open("/me", as: worker).text.contains("程序令牌"), "nothing to show yet")
                let program = try await site.program(for: .worker)
                let id = try await token(house, of: account)
                let page = try await site.open("/me", as: worker).text
                #expect(page.contains("程序令牌") && page.contains("action=\"/me/tokens/\(id)/end\""))
                let other = try await site.staff(.head)
                #expect(try await site.send("/me/tokens/\(id)/end", [], as: other).status == 404)
                #expect(try await site.send("/me/tokens/\(id)/end", [], as: worker, withToken: false).status == 403)
                _ = try await site.shown("GET", "/me", as: program)
                let ended = try await site.send("/me/tokens/\(id)/end", [], as: worker)
                #expect(ended.status == 303 && ended["location"] == "/me?done=token")
                _ = try await site.shown("GET", "/me", as: program, status: 401)
                #expect(try await site.send("/me/tokens/\(id)/end", [], as: worker).status == 404, "it has ended")
            }
        }
    }

    @Test("处处退出，程序也一起退出：页面上和接口里一样", arguments: TestEngine.enabled)
    func everywhere(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let visitor = try await site.staff(.worker)
                let program = try await site.program(for: .worker)
                let bystander = try await site.program(for: .head)
                #expect(try await site.send("/sign-out/everywhere", [], as: visitor).status == 303)
                _ = try await site.shown("GET", "/me", as: program, status: 401)
                let again = try await site.staff(.worker, isVerified: false)
                let first = try await site.program(for: .worker)
                let second = try await site.program(for: .worker)
                _ = try await site.shown("POST", "/sign-out/everywhere", as: first, status: 204)
                for gone in [first, second] { _ = try await site.shown("GET", "/me", as: gone, status: 401) }
                #expect(try await site.open("/me", as: again).status == 303, "its sessions are gone as well")
                _ = try await site.shown("GET", "/me", as: bystander)
                let account = try #require(visitor.actor.account)
                let lines = try await house.value(
                    """
                    SELECT count(*) FROM audit_entry WHERE command = 'access.signOutEverywhere'
                    AND subject_id = \(account) AND fields = 'session,device,token'
                    """, as: Int.self)
                #expect(lines == 2)
            }
        }
    }

    @Test("管理员在账号页上看得到、作废得了，接口也一样；自己的和别处的不行", arguments: TestEngine.enabled)
    func administered(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            try await withSite(house) { site in
                let administrator = try await site.staff(.administrator)
                let program = try await site.program(for: .worker)
                let account = try #require(program.actor.account)
                let id = try await token(house, of: account)
                let path = "/admin/accounts/\(account)"
                let page = try await site.open(path, as: administrator).text
                #expect(page.contains("action=\"\(path)/tokens/\(id)/end\""))
                #expect(try await site.send("\(path)/tokens/\(id)/end", [], as: administrator).status == 303)
                _ = try await site.shown("GET", "/me", as: program, status: 401)
                let second = try await site.program(for: .worker)
                let keeper = try await site.program(for: .administrator)
                let listed = try await site.shown("GET", "\(path)/tokens", as: keeper)["tokens"].list
                #expect(listed.count == 1 && listed.first?.names == ["createdAt", "expiresAt", "id", "label"])
                let next = listed.first?["id"].text ?? ""
                _ = try await site.shown("DELETE", "\(path)/tokens/\(next)", as: keeper, status: 204)
                _ = try await site.shown("GET", "/me", as: second, status: 401)
                _ = try await site.shown("DELETE", "\(path)/tokens/\(next)", as: keeper, status: 404)
                let own = try #require(keeper.actor.account)
                let mine = try await token(house, of: own)
                _ = try await site.shown("DELETE", "/admin/accounts/\(own)/tokens/\(mine)", as: keeper, status: 422)
                let page2 = try await site.open("/admin/accounts/\(own)", as: administrator).text
                #expect(page2.contains("程序令牌") && !page2.contains("/tokens/\(mine)/end"), "only to be looked at")
                let dispatcher = try await site.program(for: .dispatcher)
                _ = try await site.shown("GET", "\(path)/tokens", as: dispatcher, status: 403)
            }
        }
    }
}
