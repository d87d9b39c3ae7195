import LinliCore

/// A citizen identity number of 18 characters that passed every check.
///
/// The county is where the number was first given out. Abolished counties stay in numbers for life, so it is never
/// compared with today's divisions. `description` is the mask: the number itself leaves only through `number`.
/// - Source: GB 11643-1999; the 15-digit form it replaced is upgraded
package struct CitizenID: Sendable, Hashable, CustomStringConvertible {
    /// Why a number is not one.
    package enum Invalid: Error, Sendable, Hashable {
        /// Neither 18 nor 15 characters.
        case length(Int)
        /// Something other than digits, or an X that is not at the end.
        case character
        /// The day of birth is not in the calendar.
        case birthDate
        /// Born after today or more than 150 years ago.
        case age
        /// The last character does not fit the others: usually one digit is mistyped.
        case checkCharacter

        /// What to tell the person who typed it.
        package var text: Text {
            switch self {
            case .length(let count):
                Text(
                    "身份证号码应是 18 位，现在是 \(count) 位",
                    "A citizen ID number has 18 characters; this has \(count)"
                )
            case .character:
                Text(
                    "身份证号码只有数字，最后一位可以是 X",
                    "A citizen ID number has digits only; the last character may be X"
                )
            case .birthDate:
                Text("身份证号码里的出生日期不存在", "The date of birth in the citizen ID number does not exist")
            case .age:
                Text("请核对身份证号码里的出生日期", "Please check the date of birth in the citizen ID number")
            case .checkCharacter:
                Text(
                    "身份证号码的最后一位对不上，请核对每一位数字",
                    "The last character of the citizen ID number does not match; please check every digit"
                )
            }
        }
    }

    /// The sex the sequence number tells.
    package enum Sex: String, Sendable, CaseIterable {
        /// Odd sequence.
        case male
        /// Even sequence.
        case female
    }

    /// 17 digits and a digit or X.
    package let number: String
    /// The day of birth.
    package let birthDate: CivilDate
    /// Male or female.
    package let sex: Sex

    /// Checks what somebody typed, with spaces, full-width digits or a small x; 15 digits become 18.
    ///
    /// - Throws: the first thing that is wrong, in the order of `Invalid`'s cases.
    package init(_ text: some StringProtocol, today: CivilDate) throws(Invalid) {
        guard let typed = compactCode(text) else { throw .character }
        guard typed.count == 18 || typed.count == 15 else { throw .length(typed.count) }
        guard areDigits(typed.dropLast()), areDigits(typed.suffix(1)) || (typed.count == 18 && typed.last == 0x58)
        else { throw .character }
        let full = typed.count == 15 ? CitizenID.upgraded(typed) : typed
        guard let birthDate = CitizenID.birthDate(full) else { throw .birthDate }
        guard birthDate <= today, today.year - birthDate.year <= 150 else { throw .age }
        guard full[17] == CitizenID.checkCharacter(full) else { throw .checkCharacter }
        number = String(decoding: full, as: UTF8.self)
        self.birthDate = birthDate
        sex = full[16] % 2 == 1 ? .male : .female
    }

    /// The six digits of the county at first registration; possibly abolished since.
    package var county: String { String(number.prefix(6)) }

    /// Full years of age on a day; negative before birth.
    package func age(on day: CivilDate) -> Int {
        let hadBirthday = (day.month, day.day) >= (birthDate.month, birthDate.day)
        return day.year - birthDate.year - (hadBirthday ? 0 : 1)
    }

    /// `110***********0020`.
    package var masked: String { CitizenID.masked(number) }

    /// The mask, so that a number never slips into a log.
    package var description: String { masked }

    /// The first three and last four characters with stars between; everything starred when it is too short for that.
    package static func masked(_ number: String) -> String {
        guard number.count > 7 else { return String(repeating: "*", count: number.count) }
        return number.prefix(3) + String(repeating: "*", count: number.count - 7) + number.suffix(4)
    }

    /// The last character that belongs to 17 digits; for made-up people. Empty for anything else.
    package static func check(of digits: String) -> String {
        let bytes = Array(digits.utf8)
        guard bytes.count == 17, areDigits(bytes[...]) else { return "" }
        return String(decoding: [checkCharacter(bytes)], as: UTF8.self)
    }

    /// The last character that belongs to the first 17 digits.
    static func checkCharacter(_ digits: [UInt8]) -> UInt8 {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return Array("10X98765432".utf8)[sum % 11]
    }

    /// The 18 characters of a number of the 15-digit form, given out until 1999 to people born in the 1900s.
    static func upgraded(_ digits: [UInt8]) -> [UInt8] {
        let body = digits.prefix(6) + Array("19".utf8) + digits.dropFirst(6)
        return Array(body) + [checkCharacter(Array(body))]
    }

    /// The day of birth in 18 characters whose first 17 are digits; nil when it is not in the calendar.
    static func birthDate(_ number: [UInt8]) -> CivilDate? {
        CivilDate(
            year: LinliStandards.number(number[6..<10]),
            month: LinliStandards.number(number[10..<12]),
            day: LinliStandards.number(number[12..<14])
        )
    }
}
