import LinliCore

/// The number plate of a vehicle, in the one form it is stored and compared in.
///
/// A vehicle is told apart by plate and colour together: the same characters exist in two colours.
/// - Source: GA 36-2018, as far as public descriptions give it; embassy, armed-police and military forms from practice
package struct PlateNumber: Sendable, Hashable, CustomStringConvertible {
    /// What the form of a plate says.
    package enum Kind: String, Sendable, CaseIterable {
        /// Five characters after province and letter.
        case ordinary
        /// Green, small: a letter, then a character and four digits.
        case newEnergySmall
        /// Green and yellow, large: five digits, then a letter.
        case newEnergyLarge
        /// Ends in 挂.
        case trailer
        /// Ends in 学.
        case learner
        /// Ends in 警.
        case police
        /// Ends in 港 or 澳: may cross the border.
        case hongKongMacao
        /// Ends in 领.
        case consulate
        /// Begins or ends with 使.
        case embassy
        /// Begins with WJ.
        case armedPolice
        /// Two letters, or an old service character and a letter, and five digits.
        case military

        /// What people call it.
        package var name: Text {
            switch self {
            case .ordinary: Text("普通号牌", "ordinary plate")
            case .newEnergySmall: Text("小型新能源号牌", "small new-energy plate")
            case .newEnergyLarge: Text("大型新能源号牌", "large new-energy plate")
            case .trailer: Text("挂车号牌", "trailer plate")
            case .learner: Text("教练车号牌", "driving-school plate")
            case .police: Text("警车号牌", "police plate")
            case .hongKongMacao: Text("港澳入出境号牌", "Hong Kong and Macao border plate")
            case .consulate: Text("领馆号牌", "consulate plate")
            case .embassy: Text("使馆号牌", "embassy plate")
            case .armedPolice: Text("武警号牌", "armed-police plate")
            case .military: Text("军队号牌", "military plate")
            }
        }
    }

    /// Upper case without spaces, dots and dashes: `京A12345`.
    package let text: String
    /// What its form says.
    package let kind: Kind

    /// What to tell somebody whose plate is not one.
    package static let hint = Text(
        "车牌号例如 京A12345，新能源 京AD12345；字母里没有 I 和 O",
        "A plate reads like 京A12345 or, new energy, 京AD12345; letters I and O are not used"
    )

    /// Takes what somebody typed or a camera read; nil when no plate has that form.
    package init?(_ typed: some StringProtocol) {
        let scalars = PlateNumber.plain(typed)
        guard let kind = PlateNumber.kind(scalars) else { return nil }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        self.text = text
        self.kind = kind
    }

    /// Whether the plate is one of the two green ones.
    package var isNewEnergy: Bool { kind == .newEnergySmall || kind == .newEnergyLarge }

    package var description: String { text }

    /// The last four characters, as people read plates out: `3K21`.
    package var end: String { String(text.suffix(4)) }

    /// The last four characters of a plate as somebody typed them, in the form of `end`; nil when no plate ends so. At
    /// least one is a digit.
    package static func end(_ typed: some StringProtocol) -> String? {
        let scalars = plain(typed)
        guard scalars.count == 4, let last = scalars.last, scalars.contains(where: isDigit),
            scalars.dropLast().allSatisfy(isPlateCharacter), isPlateCharacter(last) || lastWords.contains(last)
        else { return nil }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    /// Half width and upper case, without what people put between the characters.
    private static func plain(_ typed: some StringProtocol) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        for scalar in typed.unicodeScalars {
            let plain = narrowed(scalar)
            if plain == " " || isDash(plain) || isInvisible(plain) || dots.contains(plain) { continue }
            scalars.append(("a"..."z").contains(plain) ? Unicode.Scalar(UInt8(plain.value) - 0x20) : plain)
        }
        return scalars
    }

    private static let lastWords = Set("挂学警港澳领使".unicodeScalars)
    private static let dots: Set<Unicode.Scalar> = [".", "·", "•", "・", "‧"]
    private static let provinces = Set("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼".unicodeScalars)
    private static let services = Set("军空海北沈兰济南广成".unicodeScalars)
    private static let serviceLetters = Set("VKHBSLJNGC".unicodeScalars)

    private static func kind(_ plate: [Unicode.Scalar]) -> Kind? {
        guard (7...9).contains(plate.count) else { return nil }
        if plate[0] == "W", plate[1] == "J" { return armedPolice(plate.dropFirst(2)) }
        if plate[0] == "使" { return plate.count == 7 && embassySerial(plate.dropFirst()) ? .embassy : nil }
        if plate.last == "使" { return plate.count == 7 && plate.dropLast().allSatisfy(isDigit) ? .embassy : nil }
        if plate.count == 7, plate.suffix(5).allSatisfy(isDigit), isLetter(plate[1]),
            services.contains(plate[0]) || serviceLetters.contains(plate[0])
        {
            return .military
        }
        guard provinces.contains(plate[0]), isLetter(plate[1]) else { return nil }
        return plate.count == 7 ? ordinary(plate.suffix(5)) : plate.count == 8 ? newEnergy(plate.suffix(6)) : nil
    }

    private static func ordinary(_ serial: ArraySlice<Unicode.Scalar>) -> Kind? {
        guard serial.dropLast().allSatisfy(isPlateCharacter), let last = serial.last else { return nil }
        switch last {
        case "挂": return .trailer
        case "学": return .learner
        case "警": return .police
        case "港", "澳": return .hongKongMacao
        case "领": return .consulate
        default: return isPlateCharacter(last) ? .ordinary : nil
        }
    }

    private static func newEnergy(_ serial: ArraySlice<Unicode.Scalar>) -> Kind? {
        let serial = Array(serial)
        if isEnergyLetter(serial[0]), isPlateCharacter(serial[1]), serial[2...].allSatisfy(isDigit) {
            return .newEnergySmall
        }
        return serial[..<5].allSatisfy(isDigit) && isEnergyLetter(serial[5]) ? .newEnergyLarge : nil
    }

    private static func armedPolice(_ rest: ArraySlice<Unicode.Scalar>) -> Kind? {
        let serial = rest.first.map(provinces.contains) == true ? rest.dropFirst() : rest
        let isSerial = serial.count == 5 && serial.dropLast().allSatisfy(isDigit) && serial.allSatisfy(isPlateCharacter)
        return isSerial ? .armedPolice : nil
    }

    /// Six digits, or a letter and five characters.
    private static func embassySerial(_ serial: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = serial.first else { return false }
        return serial.allSatisfy(isDigit) || (isLetter(first) && serial.dropFirst().allSatisfy(isPlateCharacter))
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("A"..."Z").contains(scalar) && scalar != "I" && scalar != "O"
    }
    private static func isPlateCharacter(_ scalar: Unicode.Scalar) -> Bool { isDigit(scalar) || isLetter(scalar) }
    /// D A B C E pure electric, F G H J K the other new energies.
    private static func isEnergyLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("A"..."K").contains(scalar) && scalar != "I"
    }
}
