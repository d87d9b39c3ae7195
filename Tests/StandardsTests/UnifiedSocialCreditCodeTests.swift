import LinliCore
import LinliStandards
import Testing

/// GB 32100-2015 table 2: 31 characters, weights 3^(i-1) mod 31; GB 11714 for the nine characters inside.
@Suite("统一社会信用代码")
struct UnifiedSocialCreditCodeTests {
    @Test(
        "校验通过的代码",
        arguments: [
            ("51110000TE0T00017G", "社会团体", "110000", "TE0T00017"),
            ("52110101TE0T00025U", "民办非企业单位", "110101", "TE0T00025"),
            ("55110101TE0T00033D", "居民委员会", "110101", "TE0T00033"), ("91110105TE0T00041A", "企业", "110105", "TE0T00041"),
        ]
    )
    func valid(text: String, kind: String, division: String, organisation: String) throws {
        let code = try UnifiedSocialCreditCode(text)
        #expect(code.code == text)
        #expect(code.warnings.isEmpty)
        #expect(code.kind?.zh == kind)
        #expect(code.division == division)
        #expect(code.organisationCode == organisation)
    }

    @Test("怎么写都认", arguments: ["55110101te0t00033d", "5511 0101 TE0T 0003 3D", "５５１１０１０１ＴＥ０Ｔ０００３３Ｄ"])
    func forms(typed: String) throws {
        #expect(try UnifiedSocialCreditCode(typed).code == "55110101TE0T00033D")
    }

    @Test("早期试点代码校验不符，只提醒不拒绝")
    func pilotCode() throws {
        let code = try UnifiedSocialCreditCode("91350100M0001TGQXM")
        #expect(code.warnings.contains(.checksumMismatch))
        #expect(try UnifiedSocialCreditCode("91350100M0001TGQX1").warnings.contains(.checksumMismatch) == false)
    }

    @Test("改错任何一位都会提醒或拒绝")
    func everySingleMistake() throws {
        let right = Array("91110105TE0T00041A")
        for place in right.indices {
            for character in "0123456789ABCDEFGHJKLMNPQRTUWXY" where character != right[place] {
                var wrong = right
                wrong[place] = character
                let warnings = (try? UnifiedSocialCreditCode(String(wrong)))?.warnings
                #expect(warnings != [], "\(String(wrong))")
            }
        }
    }

    @Test("组织机构代码自己的校验位单独提醒")
    func organisationChecksum() throws {
        let endings = "0123456789ABCDEFGHJKLMNPQRTUWXY".compactMap {
            try? UnifiedSocialCreditCode("91110105TE0T00042" + String($0))
        }
        #expect(endings.count == 31)
        let fitting = endings.filter { !$0.warnings.contains(.checksumMismatch) }
        #expect(fitting.count == 1)
        #expect(fitting.first?.warnings == [.organisationChecksumMismatch])
    }

    @Test(
        "不是代码的说得出为什么",
        arguments: [
            ("", UnifiedSocialCreditCode.Invalid.length(0)), ("91110105TE0T00041", .length(17)),
            ("91110105TE0T00041AA", .length(19)), ("91110105TEOT00041A", .character(11)),
            ("9111010ATE0T00041A", .character(8)),
            ("I1110105TE0T00041A", .character(1)), ("9111中105TE0T00041A", .character(5)),
            ("91110105TE0T00041*", .character(18)),
        ]
    )
    func invalid(typed: String, expected: UnifiedSocialCreditCode.Invalid) {
        let error = #expect(throws: UnifiedSocialCreditCode.Invalid.self) { try UnifiedSocialCreditCode(typed) }
        #expect(error == expected)
        #expect(error?.text.zh.isEmpty == false)
    }
}
