import LinliCore

/// The code of one managed object in public space, such as a manhole cover: 16 digits.
///
/// Six digits of the district, two of the major class, two of the minor class, six of the serial number.
/// - Source: GB/T 30428.1 and .2-2013, layout confirmed by public samples (`3205080101000001`)
package struct ComponentCode: Sendable, Hashable, CustomStringConvertible {
    /// The 16 digits.
    package let digits: String
    /// The district it stands in.
    package let district: DivisionCode

    /// Takes 16 digits; nil for anything else, a code without a district or class, or serial number zero.
    package init?(_ typed: some StringProtocol) {
        guard let code = compactCode(typed), code.count == 16, areDigits(code),
            let district = DivisionCode(String(decoding: code[..<6], as: UTF8.self)),
            number(code[6..<8]) > 0, number(code[8..<10]) > 0, number(code[10...]) > 0
        else { return nil }
        digits = String(decoding: code, as: UTF8.self)
        self.district = district
    }

    /// The identifier of its class in the event catalogue, `C0102`.
    package var category: String { "C" + digits.dropFirst(6).prefix(4) }

    /// Its number among its kind in the district, from 1.
    package var serial: Int { Int(digits.suffix(6)) ?? 0 }

    package var description: String { digits }
}

/// A special-purpose grid of a community: 20 digits.
///
/// Six digits of the managed object, then district, street and community, then a serial number of two digits.
/// - Source: CJ/T 349-2010
package struct SpecialGridCode: Sendable, Hashable, CustomStringConvertible {
    /// The 20 digits.
    package let digits: String
    /// The community; its last group is 601 or more when several were merged.
    package let community: DivisionCode

    /// Takes 20 digits; nil for anything else.
    package init?(_ typed: some StringProtocol) {
        guard let code = compactCode(typed), code.count == 20, areDigits(code),
            let community = DivisionCode(String(decoding: code[6..<18], as: UTF8.self)), community.level == .community
        else { return nil }
        digits = String(decoding: code, as: UTF8.self)
        self.community = community
    }

    /// The six digits of the managed object; the last two are 00 for a whole major class.
    package var object: String { String(digits.prefix(6)) }

    /// The number of the grid; nil when the community is not divided.
    package var serial: Int? { Int(digits.suffix(2)).flatMap { $0 == 0 ? nil : $0 } }

    package var description: String { digits }
}

extension DivisionCode {
    /// The grid of a 14-digit code, whose serial number had two digits; nil for anything else.
    ///
    /// - Source: CJ/T 213-2005, before GB/T 30428.1 made it three digits (layout from memory, not verified)
    package init?(olderGrid typed: some StringProtocol) {
        guard let code = compactCode(typed), code.count == 14, areDigits(code), number(code[12...]) > 0
        else { return nil }
        self.init(String(decoding: code[..<12] + [0x30] + code[12...], as: UTF8.self))
    }
}
