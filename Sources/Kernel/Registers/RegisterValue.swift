import LinliCore
import LinliStandards

/// Checking what was typed into a field, or stood in a cell of a sheet, and bringing it into the one form it is kept in.
package enum RegisterValue {
    /// What came of a value.
    package struct Checked: Sendable, Equatable {
        /// As it is kept.
        package var value: String
        /// What is doubtful but taken: a pilot code whose check does not fit.
        package var warning: Text?
    }

    /// The value as it is kept; nil when nothing was typed.
    ///
    /// - Throws: `.invalid` with the field's name and what to do about it.
    package static func check(_ typed: String, of field: RegisterField, today: CivilDate) throws -> Checked? {
        let text = typed.trimmed
        guard !text.isEmpty else { return nil }
        switch field.value {
        case .text(let limit):
            guard text.count <= limit else {
                throw refused(field, Text("最多 \(limit) 个字", "At most \(limit) characters"))
            }
            return Checked(value: text, warning: field.id == "person.plates" ? doubt(plates: text) : nil)
        case .day:
            guard let day = day(text), day <= today, today.year - day.year <= 150 else {
                throw refused(field, Text("请写成 1950-06-15 这样的日期，不能是将来", "A day such as 1950-06-15, not in the future"))
            }
            return Checked(value: day.description)
        case .flag:
            guard let flag = flags[text.lowercased()] else {
                throw refused(field, Text("请填“是”或“否”", "Yes or no"))
            }
            return Checked(value: flag)
        case .choice(let choices):
            guard let choice = choices.first(where: { $0.id == text || $0.name.zh == text || $0.name.en == text })
            else { throw refused(field, oneOf(choices.map(\.name))) }
            return Checked(value: choice.id)
        case .whole(let range):
            guard let number = Int(text), range.contains(number) else {
                throw refused(
                    field,
                    Text(
                        "请填 \(range.lowerBound) 到 \(range.upperBound) 的整数",
                        "A whole number from \(range.lowerBound) to \(range.upperBound)"))
            }
            return Checked(value: String(number))
        case .decimal(let range): return Checked(value: try decimal(text, in: range, of: field))
        case .citizenNumber:
            do {
                return Checked(value: try CitizenID(text, today: today).number)
            } catch { throw refused(field, error.text) }
        case .phone:
            // A service's number belongs to no person.
            guard let phone = PhoneNumber(text), field.kind != .person || phone.kind != .service else {
                throw refused(field, PhoneNumber.hint)
            }
            return Checked(value: phone.number)
        case .creditCode:
            do {
                let code = try UnifiedSocialCreditCode(text)
                return Checked(value: code.code, warning: code.warnings.first?.text)
            } catch { throw refused(field, error.text) }
        case .componentCode:
            guard let code = ComponentCode(text) else {
                throw refused(field, Text("部件标识码是 16 位数字", "A component's code has 16 digits"))
            }
            return Checked(value: code.digits)
        case .point:
            guard let point = point(text) else { throw refused(field, pointHint) }
            return Checked(value: self.text(of: point))
        }
    }

    /// A number with decimals as it is kept: to two of them.
    private static func decimal(_ text: String, in range: ClosedRange<Int>, of field: RegisterField) throws -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard isPlain, let number = Double(text),
            (Double(range.lowerBound)...Double(range.upperBound)).contains(number)
        else {
            throw refused(
                field,
                Text(
                    "请填 \(range.lowerBound) 到 \(range.upperBound) 的数，小数记到两位",
                    "A number from \(range.lowerBound) to \(range.upperBound), kept to two decimals"))
        }
        return self.text(of: number)
    }

    /// What of some plates reads like none; taken all the same: there are more plates in the world than the standard has.
    private static func doubt(plates text: String) -> Text? {
        let rest = PlateList(text).rest
        guard !rest.isEmpty else { return nil }
        let words = rest.joined(separator: "、")
        return Text("“\(words)”不像车牌。", "“\(words)” reads like no plate. ") + PlateNumber.hint
    }

    private static let pointHint = Text(
        "请写两个数：纬度,经度，如 39.914,116.402", "Two numbers: latitude,longitude, such as 39.914,116.402")

    /// The box around China: no latitude of it is a longitude, so that the order of two numbers is never in doubt.
    /// - Source: configured, the mainland's extremes rounded outward
    private static let latitudes = 3.0...54.0
    private static let longitudes = 73.0...136.0

    /// A point somebody typed, in either order; nil outside of China.
    package static func point(_ text: String) -> GeoPoint? {
        let numbers = text.split { ",，;； ".contains($0) }.map { Double($0) }
        guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else { return nil }
        let (latitude, longitude) = latitudes.contains(first) ? (first, second) : (second, first)
        guard latitudes.contains(latitude), longitudes.contains(longitude) else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    /// A point of two columns, each of which says which number it holds; nil outside of China.
    static func point(longitude: String, latitude: String) -> GeoPoint? {
        guard let longitude = Double(longitude), let latitude = Double(latitude), latitudes.contains(latitude),
            longitudes.contains(longitude)
        else { return nil }
        return GeoPoint(longitude: longitude, latitude: latitude)
    }

    /// A point as its field has it.
    package static func text(of point: GeoPoint) -> String { "\(point.latitude),\(point.longitude)" }

    /// A number as its field has it: to two decimals, without zeros at the end.
    package static func text(of number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole)" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The value as people read it: the name of a choice, 是 or 否, a masked number.
    package static func shown(_ value: String, of field: RegisterField) -> Text {
        switch field.value {
        case .flag: value == "1" ? Text("是", "Yes") : Text("否", "No")
        case .choice(let choices): choices.first { $0.id == value }?.name ?? Text(same: value)
        default: Text(same: value)
        }
    }

    private static let flags: [String: String] = [
        "是": "1", "有": "1", "对": "1", "1": "1", "y": "1", "yes": "1", "true": "1", "√": "1", "✓": "1", "中共党员": "1",
        "党员": "1", "否": "0", "无": "0", "不是": "0", "没有": "0", "0": "0", "n": "0", "no": "0", "false": "0", "×": "0",
        "群众": "0",
    ]

    /// A day in the forms sheets bring it: 1950-06-15, 1950/6/15, 1950.6.15, 1950年6月15日, 19500615.
    package static func day(_ text: String) -> CivilDate? {
        let parts = text.split(whereSeparator: { !($0.isASCII && $0.isNumber) }).compactMap { Int($0) }
        if parts.count == 3 { return CivilDate(year: parts[0], month: parts[1], day: parts[2]) }
        guard parts.count == 1, text.count == 8, let compact = Int(text) else { return nil }
        return PersonRecord.day(compact)
    }

    private static func oneOf(_ names: [Text]) -> Text {
        Text(
            "只能是：\(names.map(\.zh).joined(separator: "、"))", "One of: \(names.map(\.en).joined(separator: ", "))")
    }

    private static func refused(_ field: RegisterField, _ text: Text) -> LinliError {
        LinliError.invalid("registers.value", [.init(field.id, text)])
    }
}

/// The plates somebody typed into one field, several of them parted by commas or blanks.
struct PlateList {
    private(set) var plates: [PlateNumber] = []
    /// What reads like no plate.
    private(set) var rest: [String] = []

    init(_ text: String) {
        for part in text.split(whereSeparator: { ",，、;；/".contains($0) || $0.isNewline }) {
            // A blank may stand inside a plate, or between two.
            if let plate = PlateNumber(part) {
                plates.append(plate)
                continue
            }
            for word in part.split(whereSeparator: \.isWhitespace) {
                if let plate = PlateNumber(word) { plates.append(plate) } else { rest.append(String(word)) }
            }
        }
    }
}
