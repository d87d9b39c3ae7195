import LinliCore

/// A telephone number of the Chinese mainland, in the one form it is stored and looked up in.
///
/// `description` is the mask: the number itself leaves only through `number`, `display` and `e164`.
/// - Source: ITU-T E.164 country code 86; the national plan as generally known (no primary text read)
package struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
    /// What can be done with a number.
    package enum Kind: String, Sendable, CaseIterable {
        /// Eleven digits, receives messages.
        case mobile
        /// Area code and local number.
        case landline
        /// A service: 12345, 96156, 400-…; belongs to no person and is never masked.
        case service
    }

    /// What the number is.
    package let kind: Kind
    /// National digits: `13800138000`, `01065123456`, `12345`.
    package let number: String
    private let areaLength: Int

    /// What to tell somebody whose number is not one.
    package static let hint = Text(
        "请填写 11 位手机号，或带区号的座机号，例如 010-65123456",
        "Please enter an 11-digit mobile number, or a landline with its area code such as 010-65123456"
    )

    /// Takes what somebody typed, with +86, spaces, dashes, brackets or full-width digits; nil for anything else.
    package init?(_ typed: some StringProtocol) {
        var digits: [UInt8] = []
        var isInternational = false
        for scalar in typed.unicodeScalars {
            let plain = narrowed(scalar)
            if let digit = digitValue(plain) {
                digits.append(digit + 0x30)
            } else if plain == "+", digits.isEmpty, !isInternational {
                isInternational = true
            } else if !(plain == " " || plain == "(" || plain == ")" || isDash(plain) || isInvisible(plain)) {
                return nil
            }
        }
        self.init(digits: digits[...], isInternational: isInternational)
    }

    /// Takes ASCII digits, with a plus before them or without.
    init?(digits typed: ArraySlice<UInt8>, isInternational: Bool) {
        var digits = typed
        var isChina = false
        if digits.starts(with: Array("0086".utf8)), !isInternational {
            digits = digits.dropFirst(4)
            isChina = true
        } else if digits.starts(with: Array("86".utf8)), isInternational || digits.count == 13 {
            digits = digits.dropFirst(2)
            isChina = true
        } else if isInternational {
            return nil
        }
        if digits.first == 0x30, PhoneNumber.isMobile(digits.dropFirst()) { digits = digits.dropFirst() }
        if PhoneNumber.isMobile(digits) {
            self.init(.mobile, digits, 0)
            return
        }
        // 8613… of 13 digits is a mobile number or nothing: without the plus it may as well be any other number.
        if isChina, !isInternational, typed.first == 0x38 { return nil }
        if isChina, digits.first != 0x30 { digits = [0x30] + digits }
        if let area = PhoneNumber.areaLength(digits) {
            self.init(.landline, digits, area)
        } else if !isChina, PhoneNumber.isService(digits) {
            self.init(.service, digits, 0)
        } else {
            return nil
        }
    }

    private init(_ kind: Kind, _ digits: ArraySlice<UInt8>, _ areaLength: Int) {
        self.kind = kind
        number = String(decoding: digits, as: UTF8.self)
        self.areaLength = areaLength
    }

    /// `+8613800138000`; nil for a service, which cannot be dialled from abroad.
    package var e164: String? {
        switch kind {
        case .mobile: "+86" + number
        case .landline: "+86" + number.dropFirst()
        case .service: nil
        }
    }

    /// As people write it: `138 0013 8000`, `010-65123456`.
    package var display: String {
        switch kind {
        case .mobile: number.prefix(3) + " " + number.dropFirst(3).prefix(4) + " " + number.suffix(4)
        case .landline: number.prefix(areaLength) + "-" + number.dropFirst(areaLength)
        case .service: number
        }
    }

    /// `138****8000`, `010-****3456`.
    package var masked: String {
        switch kind {
        case .mobile: number.prefix(3) + "****" + number.suffix(4)
        case .landline: number.prefix(areaLength) + "-****" + number.suffix(4)
        case .service: number
        }
    }

    /// The mask, so that a number never slips into a log.
    package var description: String { masked }

    private static func isMobile(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count == 11 && digits.first == 0x31 && (0x33...0x39).contains(digits[digits.startIndex + 1])
    }

    /// How many digits the area code has: 010 and 02x three with eight after, 03xx to 09xx four with seven or eight.
    private static func areaLength(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (11...12).contains(digits.count) else { return nil }
        let all = Array(digits)
        guard all[0] == 0x30 else { return nil }
        let area: Int
        switch (all[1], all[2]) {
        case (0x31, 0x30), (0x32, _): area = 3
        case (0x33...0x39, _): area = 4
        default: return nil
        }
        guard (0x32...0x38).contains(all[area]), all.count - area <= 8, area == 4 || all.count == 11 else { return nil }
        return area
    }

    private static func isService(_ digits: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: digits, as: UTF8.self)
        switch text.count {
        case 3: return ["110", "112", "119", "120", "122"].contains(text)
        case 5, 6: return ["10", "11", "12", "95", "96"].contains(text.prefix(2))
        case 10: return text.hasPrefix("400") || text.hasPrefix("800")
        default: return false
        }
    }
}
