import LinliCore

/// The unified social credit code of an organisation: 18 characters.
///
/// A check character that does not fit is a warning, not an error: codes of the first pilots are valid in law although
/// the formula disagrees. Whoever registers the organisation should ask for the certificate then.
/// - Source: GB 32100-2015; the organisation code inside is GB 11714-1997
package struct UnifiedSocialCreditCode: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is not a code.
    package enum Invalid: Error, Sendable, Hashable {
        /// Not 18 characters.
        case length(Int)
        /// The character at a place, counted from 1, cannot stand there.
        case character(Int)

        /// What to tell the person who typed it.
        package var text: Text {
            switch self {
            case .length(let count):
                Text(
                    "统一社会信用代码应是 18 位，现在是 \(count) 位",
                    "A unified social credit code has 18 characters; this has \(count)"
                )
            case .character(let place):
                Text(
                    "统一社会信用代码第 \(place) 位不对：只有数字和大写字母，没有 I、O、S、V、Z",
                    "Character \(place) of the unified social credit code cannot be right: "
                        + "digits and capitals only, without I, O, S, V, Z"
                )
            }
        }
    }

    /// What speaks against a code without refuting it.
    package enum Warning: Sendable, Hashable, CaseIterable {
        /// The 18th character does not fit the 17 before.
        case checksumMismatch
        /// The ninth character of the organisation code inside does not fit the eight before.
        case organisationChecksumMismatch

        /// What to do about it.
        package var text: Text {
            Text("代码的校验位对不上，请对照登记证核对", "The check character does not match; please compare with the certificate")
        }
    }

    /// The 18 characters, upper case.
    package let code: String
    /// What should be looked at; empty for almost every code.
    package let warnings: Set<Warning>

    /// Checks what somebody typed, with spaces, full-width or small letters.
    ///
    /// - Throws: the first thing that is wrong.
    package init(_ text: some StringProtocol) throws(Invalid) {
        guard let typed = compactCode(text) else { throw .character(UnifiedSocialCreditCode.firstForeign(text)) }
        guard typed.count == 18 else { throw .length(typed.count) }
        var values: [Int] = []
        for (index, byte) in typed.enumerated() {
            guard let value = UnifiedSocialCreditCode.alphabet.firstIndex(of: byte),
                !(2..<8).contains(index) || areDigits([byte])
            else { throw .character(index + 1) }
            values.append(value)
        }
        code = String(decoding: typed, as: UTF8.self)
        var warnings: Set<Warning> = []
        if values[17] != UnifiedSocialCreditCode.checkValue(values) { warnings.insert(.checksumMismatch) }
        if typed[16] != UnifiedSocialCreditCode.organisationCheck(typed[8..<16]) {
            warnings.insert(.organisationChecksumMismatch)
        }
        self.warnings = warnings
    }

    /// The nine characters of the organisation code, `TE0T00017`.
    package var organisationCode: String { String(code.dropFirst(8).prefix(9)) }

    /// The six digits of the registering authority's division.
    package var division: String { String(code.dropFirst(2).prefix(6)) }

    /// What kind of organisation the first two characters say; nil for kinds this house has no word for.
    package var kind: Text? {
        switch code.prefix(2) {
        case "11": Text("机关", "government body")
        case "12": Text("事业单位", "public institution")
        case "51": Text("社会团体", "social association")
        case "52": Text("民办非企业单位", "private non-enterprise unit")
        case "53": Text("基金会", "foundation")
        case "54": Text("村民委员会", "villagers' committee")
        case "55": Text("居民委员会", "residents' committee")
        case "91": Text("企业", "enterprise")
        case "92": Text("个体工商户", "sole trader")
        case "93": Text("农民专业合作社", "farmers' cooperative")
        default: nil
        }
    }

    package var description: String { code }

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    private static func checkValue(_ values: [Int]) -> Int {
        var weight = 1
        var sum = 0
        for value in values.prefix(17) {
            sum += value * weight
            weight = weight * 3 % 31
        }
        return (31 - sum % 31) % 31
    }

    private static func organisationCheck(_ body: ArraySlice<UInt8>) -> UInt8 {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body, weights).reduce(0) { sum, pair in
            sum + Int(pair.0 < 0x3A ? pair.0 - 0x30 : pair.0 - 0x37) * pair.1
        }
        return Array("0X987654321".utf8)[sum % 11]
    }

    /// The place, from 1, of the first character that is not ASCII, spaces and dashes not counted.
    private static func firstForeign(_ text: some StringProtocol) -> Int {
        var place = 0
        for scalar in text.unicodeScalars {
            let plain = narrowed(scalar)
            if plain == " " || isDash(plain) || isInvisible(plain) { continue }
            place += 1
            if !plain.isASCII { break }
        }
        return place
    }
}
