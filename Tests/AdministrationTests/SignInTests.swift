import Administration
import LinliCore
import LinliKernel
import LinliSQL
import LinliTestSupport
import Testing

/// Signing in by code, the lock, the second factor and the end of sessions.
@Suite("登录")
struct SignInTests {
    private static let phone = DemoResident.tenant.phone

    /// Asks for a code and reads it from the message.
    private func code(_ house: House, _ phone: String) async throws -> String {
        let before = house.messages.all.count
        try await house.services.signIn.sendCode(to: phone, house.visitor)
        let sent = house.messages.all
        #expect(sent.count == before + 1 && sent.last?.phone == phone)
        return String((sent.last?.text.en ?? "").filter(\.isNumber).prefix(6))
    }

    private func begin(
        _ house: House, _ phone: String, code: String, device: String? = nil
    ) async throws -> SignIn.Begun {
        try await house.services.signIn.begin(
            phone: phone, code: code, deviceToken: device, userAgent: "test", house.visitor
        )
    }

    /// What the session of a token is now.
    private func session(_ house: House, _ token: String) async throws -> Session? {
        let hash = house.services.database.keys.tokenHash(token)
        let now = house.clock.clock.now
        return try await house.services.database.read { try AccessStore.session(hash, at: now, $0) }
    }

    private func other(_ code: String) -> String { code == "123456" ? "654321" : "123456" }

    @Test("验证码用一次，五分钟内有效，十分钟最多三次", arguments: TestEngine.enabled)
    func codes(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let first = try await code(house, Self.phone)
            let begun = try await begin(house, Self.phone, code: first)
            #expect(try await session(house, begun.token)?.account.name == begun.account.name)
            #expect(try await house.refusal { _ = try await begin(house, Self.phone, code: first) } == .invalid)
            let late = try await code(house, Self.phone)
            house.clock.advance(minutes: 5)
            #expect(try await house.refusal { _ = try await begin(house, Self.phone, code: late) } == .invalid)
            _ = try await code(house, Self.phone)
            _ = try await code(house, Self.phone)
            let context = house.visitor
            let fourth = try await house.refusal { try await house.services.signIn.sendCode(to: Self.phone, context) }
            #expect(fourth == .tooMany)
        }
    }

    @Test("输错五次就锁十五分钟，对的也进不来；过后照常", arguments: TestEngine.enabled)
    func lock(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let wrong = other(try await code(house, Self.phone))
            for attempt in 1...5 {
                let kind = try await house.refusal { _ = try await begin(house, Self.phone, code: wrong) }
                #expect(kind == (attempt < 5 ? .invalid : .tooMany), "attempt \(attempt)")
            }
            let right = try await code(house, Self.phone)
            #expect(try await house.refusal { _ = try await begin(house, Self.phone, code: right) } == .tooMany)
            house.clock.advance(minutes: 15)
            let later = try await code(house, Self.phone)
            #expect(try await begin(house, Self.phone, code: later).needsSecondFactor == false)
        }
    }

    @Test("没有账号的手机号和输错的回答一样，也不发短信", arguments: TestEngine.enabled)
    func unknownPhone(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let sent = house.messages.all.count
            try await house.services.signIn.sendCode(to: "19999999999", house.visitor)
            #expect(house.messages.all.count == sent)
            let wrong = other(try await code(house, Self.phone))
            let unknown = await #expect(throws: LinliError.self) { try await begin(house, "19999999999", code: wrong) }
            let known = await #expect(throws: LinliError.self) { try await begin(house, Self.phone, code: wrong) }
            #expect(unknown?.id == known?.id && unknown?.publicText == known?.publicText)
        }
    }

    @Test("工作人员每台设备验证一次动态码；处处退出后要重来", arguments: TestEngine.enabled)
    func secondFactor(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let person = DemoStaff.dispatcher
            let signIn = house.services.signIn
            let begun = try await begin(house, person.phone, code: try await code(house, person.phone))
            #expect(begun.needsSecondFactor)
            let context = try await house.context(person)
            let fresh = try #require(try await session(house, begun.token))
            #expect(!fresh.isVerified)
            let now = house.clock.clock.now
            let right = TOTP.code(secret: person.secondFactor, at: now)
            let wrong = other(right)
            #expect(try await house.refusal { try await signIn.verify(code: wrong, fresh, context) } == .invalid)
            try await signIn.verify(code: right, fresh, context)
            #expect(try await session(house, begun.token)?.isVerified == true)
            let again = try await begin(
                house, person.phone, code: try await code(house, person.phone), device: begun.deviceToken
            )
            #expect(!again.needsSecondFactor)
            try await signIn.endEverywhere(begun.account.id, context)
            #expect(try await session(house, begun.token) == nil)
            #expect(try await session(house, again.token) == nil)
            let third = try await begin(
                house, person.phone, code: try await code(house, person.phone), device: begun.deviceToken
            )
            #expect(third.needsSecondFactor)
        }
    }

    @Test("一个动态码只开一次门，旧的也不行；等下一个就行", arguments: TestEngine.enabled)
    func usedCode(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let person = DemoStaff.dispatcher
            let signIn = house.services.signIn
            let first = try await house.session(of: person)
            let second = try await house.session(of: person)
            var context = try await house.context(person)
            let code = TOTP.code(secret: person.secondFactor, at: context.now)
            let older = TOTP.code(secret: person.secondFactor, at: context.now.adding(seconds: -30))
            try await signIn.verify(code: code, first, context)
            for used in [code, older] {
                #expect(try await house.refusal { try await signIn.verify(code: used, second, context) } == .invalid)
            }
            house.clock.advance(minutes: 1)
            context = try await house.context(person)
            let next = TOTP.code(secret: person.secondFactor, at: context.now)
            try await signIn.verify(code: next, second, context)
        }
    }

    @Test("一百个动态码同时来，也只看五个", arguments: TestEngine.enabled)
    func codesAtOnce(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let person = DemoStaff.dispatcher
            let session = try await house.session(of: person)
            let context = try await house.context(person)
            let wrong = other(TOTP.code(secret: person.secondFactor, at: context.now))
            let answers = try await withThrowingTaskGroup(of: LinliError.Kind?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await house.refusal {
                            try await house.services.signIn.verify(code: wrong, session, context)
                        }
                    }
                }
                return try await group.reduce(into: [LinliError.Kind?]()) { $0.append($1) }
            }
            #expect(answers.count { $0 == .invalid } == 4)
            #expect(answers.count { $0 == .tooMany } == 96)
        }
    }

    @Test("知道密码的人不能靠再输一次密码换来新的动态码机会", arguments: TestEngine.enabled)
    func passwordBuysNoTries(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let person = DemoStaff.dispatcher
            var kinds: [LinliError.Kind?] = []
            for _ in 0..<5 {
                let session = try await house.session(of: person)
                let context = try await house.context(person)
                let wrong = other(TOTP.code(secret: person.secondFactor, at: context.now))
                kinds.append(
                    try await house.refusal { try await house.services.signIn.verify(code: wrong, session, context) }
                )
                house.clock.advance(minutes: 11)
            }
            #expect(kinds == [.invalid, .invalid, .invalid, .invalid, .tooMany])
        }
    }

    @Test("工作人员十二小时、居民三十天后要重新登录", arguments: TestEngine.enabled)
    func expiry(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let staff = try await begin(
                house, DemoStaff.worker.phone, code: try await code(house, DemoStaff.worker.phone)
            )
            let resident = try await begin(house, Self.phone, code: try await code(house, Self.phone))
            house.clock.advance(minutes: 12 * 60 - 1)
            #expect(try await session(house, staff.token) != nil)
            house.clock.advance(minutes: 1)
            #expect(try await session(house, staff.token) == nil)
            house.clock.advance(minutes: 30 * 24 * 60 - 12 * 60 - 1)
            #expect(try await session(house, resident.token) != nil)
            house.clock.advance(minutes: 1)
            #expect(try await session(house, resident.token) == nil)
        }
    }

    @Test("密码登录：对的进得来，错的进不来") func password() async throws {
        try await withHouse(.sqlite) { house in
            let signIn = house.services.signIn
            func begin(_ password: String) async throws -> SignIn.Begun {
                try await signIn.begin(
                    phone: Self.phone, password: password, deviceToken: nil, userAgent: "test", house.visitor
                )
            }
            let begun = try await begin(Demo.password)
            #expect(!begun.account.isStaff)
            let kind = try await house.refusal { _ = try await begin("linli-demo-2025") }
            #expect(kind == .invalid)
        }
    }
}

extension House {
    /// A session of a member of staff who has given a code by message and nothing else.
    func session(of person: DemoStaff) async throws -> Session {
        try await services.signIn.sendCode(to: person.phone, visitor)
        let code = String((messages.all.last?.text.en ?? "").filter(\.isNumber).prefix(6))
        let begun = try await services.signIn.begin(
            phone: person.phone, code: code, deviceToken: nil, userAgent: "test", visitor
        )
        let hash = services.database.keys.tokenHash(begun.token)
        let now = clock.clock.now
        let session = try await services.database.read { try AccessStore.session(hash, at: now, $0) }
        guard let session else { throw LinliError.notFound("test.session") }
        return session
    }
}

/// Versions and successors of divisions, and importing them twice.
@Suite("区划的版本")
struct DivisionsTests {
    private static let code = DemoDivision.grid(3)

    @Test("改名留下旧的一版；撤并以后旧代码通向接手的那个", arguments: TestEngine.enabled)
    func versions(_ engine: TestEngine) async throws {
        try await withHouse(engine) { house in
            let database = house.services.database
            let before = house.clock.clock.now
            house.clock.advance(minutes: 1)
            let renamed = NewDivision(code: Self.code, level: .grid, name: "胡同网格", isSynthetic: true)
            let after = house.clock.clock.now
            let written = try await database.write(.system("test", now: after), "test.rename") { tx in
                try DivisionsStore.put([renamed], source: "test", tx)
            }
            #expect(written == 1)
            let names = try await database.read { tx in
                try [before, after].map { try DivisionsStore.find(Self.code, at: $0, tx)?.name }
            }
            #expect(names == ["第3网格", "胡同网格"])
            house.clock.advance(minutes: 1)
            try await database.write(.system("test", now: house.clock.clock.now), "test.merge") { tx in
                try DivisionsStore.end(Self.code, successor: DemoDivision.grid(2), tx)
            }
            house.clock.advance(minutes: 1)
            let now = house.clock.clock.now
            let (gone, current) = try await database.read { tx in
                (try DivisionsStore.find(Self.code, at: now, tx), try DivisionsStore.current(Self.code, tx))
            }
            #expect(gone == nil && current == DemoDivision.grid(2))
        }
    }
}
