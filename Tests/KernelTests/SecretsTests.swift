import LinliCore
import LinliKernel
import Testing

@Suite struct SecretsTests {
    let keys: KeyRing

    init() throws {
        keys = try KeyRing(masters: [[UInt8](repeating: 1, count: 32)])
    }

    @Test("密文只在原来的格子里打得开") func opensInItsCellOnly() throws {
        let cell = Cell("account", "phone_sealed", 5)
        let sealed = try keys.seal("19900000001", cell: cell)
        #expect(try keys.open(sealed, cell: cell) == "19900000001")
        for other in [
            Cell("account", "phone_sealed", 6), Cell("account", "totp_sealed", 5), Cell("case_item", "phone_sealed", 5),
        ] {
            #expect(throws: LinliError.self) { try keys.open(sealed, cell: other) }
        }
    }

    @Test("改动一个字节就打不开") func noticesEveryChange() throws {
        let cell = Cell("t", "c", 1)
        let sealed = try keys.seal("秘密", cell: cell)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: LinliError.self) { try keys.open(changed, cell: cell) }
        }
    }

    @Test("换了主密钥，旧的照样读，新的用新钥匙") func rotates() throws {
        let cell = Cell("t", "c", 1)
        let old = try keys.seal("旧", cell: cell)
        let both = try KeyRing(masters: [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)])
        #expect(try both.open(old, cell: cell) == "旧")
        let new = try both.seal("新", cell: cell)
        #expect(throws: LinliError.self) { try keys.open(new, cell: cell) }
        #expect(both.index("199", kind: "phone") == keys.index("199", kind: "phone"))
    }

    @Test("索引分种类，互不相通") func keepsKindsApart() {
        #expect(keys.index("1", kind: "phone") != keys.index("1", kind: "citizen"))
    }

    /// RFC 6238, appendix B: SHA-1, the last six of the eight digits given there.
    @Test(
        "动态码与 RFC 6238 附录 B 一致",
        arguments: [
            (Int64(59), "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ]
    ) func matchesTheStandard(_ seconds: Int64, _ code: String) {
        let secret = Array("12345678901234567890".utf8)
        let now = Instant(milliseconds: seconds * 1000)
        #expect(TOTP.code(secret: secret, at: now) == code)
        #expect(TOTP.isValid(code, secret: secret, at: now.adding(seconds: 30)))
        #expect(!TOTP.isValid(code, secret: secret, at: now.adding(seconds: 90)))
    }

    @Test("口令哈希认得对的，不认错的，也不认没有口令的账号") func verifiesPasswords() async throws {
        let passwords = Passwords()
        let stored = try await passwords.hash("邻里-一二三")
        #expect(try await passwords.verify("邻里-一二三", stored))
        #expect(try await !passwords.verify("邻里-一二四", stored))
        #expect(try await !passwords.verify("", nil))
    }
}
