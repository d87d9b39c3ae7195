/// How people write addresses, brought into one form, so that two spellings of a home are one: `三号楼`, `3#`, `3栋` become
/// `3号楼`, `二单元` and, behind a building, `2门` become `2单元`, `3-2-301` becomes `3号楼2单元301`, `0302室` becomes `302`.
///
/// What is not understood stays as it was written. Names with numbers in them stay (东四十条, 三里屯): a numeral counts only
/// before a word such as 号楼, 单元, 层.
/// - Source: the parts of an address as in GB/T 23705-2009 [M]; the spellings are from practice, no source
package enum AddressSpelling {
    /// An address in that form.
    package static func normal(_ text: String) -> String {
        var scanner = Scanner(text)
        while scanner.step() {}
        return String(String.UnicodeScalarView(scanner.output))
    }

    /// The number a Chinese numeral below a thousand stands for; nil when it is none.
    package static func number(chinese text: some StringProtocol) -> Int? {
        number(Array(text.unicodeScalars)[...])
    }

    private static func number(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
        guard !scalars.isEmpty else { return nil }
        var (sum, digit): (Int, Int?) = (0, nil)
        for scalar in scalars {
            if let value = digitOf(scalar) {
                // 二零一: digits one after the other.
                digit = (digit ?? 0) * 10 + value
            } else if scalar == "十" || scalar == "百" {
                sum += (digit ?? 1) * (scalar == "十" ? 10 : 100)
                digit = nil
            } else {
                return nil
            }
            guard sum + (digit ?? 0) <= 999 else { return nil }
        }
        return sum + (digit ?? 0)
    }

    private static func digitOf(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "零", "〇": 0
        case "一": 1
        case "二", "两": 2
        case "三": 3
        case "四": 4
        case "五": 5
        case "六": 6
        case "七": 7
        case "八": 8
        case "九": 9
        default: nil
        }
    }

    /// Goes through an address from left to right; scalars, because characters cost ten times as much.
    private struct Scanner {
        private(set) var output: [Unicode.Scalar] = []
        private var rest: ArraySlice<Unicode.Scalar>
        private var hasBuilding = false
        private var hasUnit = false

        /// What a number counts, and the words for it; the longer ones first.
        private static let words: [(String, Unit)] = [
            ("号楼", .building), ("号栋", .building), ("#楼", .building), ("#", .building), ("栋", .building),
            ("幢", .building), ("单元", .entrance), ("号院", .kept), ("层", .kept), ("门", .door), ("楼", .storey),
            ("室", .room), ("户", .room), ("号", .room),
        ]
        private static let units: [(word: [Unicode.Scalar], unit: Unit)] = words.map { word, unit in
            (word: Array(word.unicodeScalars), unit: unit)
        }

        private static let building = Array("号楼".unicodeScalars)
        private static let entrance = Array("单元".unicodeScalars)

        private enum Unit {
            case building, entrance, door, storey, room, kept
        }

        init(_ text: String) {
            rest = text.unicodeScalars.compactMap(Scanner.plain)[...]
            output.reserveCapacity(rest.count + 4)
        }

        /// A scalar as it counts; nil for what says nothing.
        private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
            // Han characters, of which an address is made.
            if (0x4E00...0x9FFF).contains(scalar.value) { return scalar }
            let plain = narrowed(scalar)
            switch plain {
            case "0"..."9", "A"..."Z": return plain
            case "a"..."z": return Unicode.Scalar(plain.value - 0x20)
            case ",", "，", "、", "·": return nil
            default:
                if isDash(plain) { return "-" }
                return plain.properties.isWhitespace || isInvisible(plain) ? nil : plain
            }
        }

        private static func isNumeral(_ scalar: Unicode.Scalar) -> Bool {
            AddressSpelling.digitOf(scalar) != nil || scalar == "十" || scalar == "百"
        }

        private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

        mutating func step() -> Bool {
            guard let first = rest.first else { return false }
            if first == "-", hasBuilding {
                rest.removeFirst()
            } else if let (number, length, isChinese) = Scanner.number(at: rest) {
                take(number, length, isChinese)
            } else {
                keep(1)
            }
            return true
        }

        /// The digits of the number that begins here, how long it is written, and whether in Chinese.
        private static func number(
            at rest: ArraySlice<Unicode.Scalar>
        ) -> (number: [Unicode.Scalar], length: Int, isChinese: Bool)? {
            guard let first = rest.first else { return nil }
            if isDigit(first) {
                let plain = rest.prefix(while: isDigit)
                return (Array(plain), plain.count, false)
            }
            guard isNumeral(first) else { return nil }
            let chinese = rest.prefix(while: isNumeral)
            guard let value = AddressSpelling.number(chinese) else { return nil }
            return (Array("\(value)".unicodeScalars), chinese.count, true)
        }

        private mutating func take(_ number: [Unicode.Scalar], _ length: Int, _ isChinese: Bool) {
            let after = rest.dropFirst(length)
            guard number.count <= 6, let (word, unit) = Scanner.units.first(where: { after.starts(with: $0.word) })
            else {
                guard !isChinese else { return keep(1) }
                if after.first == "-", dashed() { return }
                output.append(contentsOf: (hasBuilding || hasUnit) && after.isEmpty ? short(number) : number[...])
                rest = after
                return
            }
            let behind = after.dropFirst(word.count)
            switch unit {
            case .building where !hasBuilding: put(number, Scanner.building, behind)
            case .storey where !hasBuilding && beginsNumber(behind): put(number, Scanner.building, behind)
            case .entrance: put(number, Scanner.entrance, behind)
            case .door where hasBuilding && !hasUnit: put(number, Scanner.entrance, behind)
            // 前三门: a name.
            case .door where isChinese: keep(1)
            case .room where (hasBuilding || hasUnit) && behind.isEmpty: put(number, [], behind)
            default: put(number, word, behind)
            }
        }

        private mutating func put(
            _ number: [Unicode.Scalar], _ word: [Unicode.Scalar], _ behind: ArraySlice<Unicode.Scalar>
        ) {
            output.append(contentsOf: short(number))
            output.append(contentsOf: word)
            if word == Scanner.building { hasBuilding = true }
            if word == Scanner.entrance { (hasBuilding, hasUnit) = (true, true) }
            rest = behind
        }

        private mutating func keep(_ count: Int) {
            output.append(contentsOf: rest.prefix(count))
            rest = rest.dropFirst(count)
        }

        /// Building, entrance and room as numbers with dashes, at the end of an address.
        private mutating func dashed() -> Bool {
            var end = rest
            if let last = end.last, last == "室" || last == "户" || last == "号" { end = end.dropLast() }
            let numbers = end.split(separator: "-", omittingEmptySubsequences: false).map { Array($0) }
            guard numbers.allSatisfy({ (1...5).contains($0.count) && $0.allSatisfy(Scanner.isDigit) }) else {
                return false
            }
            switch (hasBuilding, hasUnit, numbers.count) {
            case (false, false, 3):
                put(numbers[0], Scanner.building, [])
                put(numbers[1], Scanner.entrance, [])
                put(numbers[2], [], [])
            // A building has fewer than a hundred entrances; three digits are a room.
            case (false, false, 2) where numbers[1].count >= 3:
                put(numbers[0], Scanner.building, [])
                put(numbers[1], [], [])
            case (true, false, 2):
                put(numbers[0], Scanner.entrance, [])
                put(numbers[1], [], [])
            default: return false
            }
            return true
        }

        private func beginsNumber(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
            rest.first == "-" || Scanner.number(at: rest) != nil
        }

        /// A number without zeros in front.
        private func short(_ number: [Unicode.Scalar]) -> ArraySlice<Unicode.Scalar> {
            let short = number.drop { $0 == "0" }
            return short.isEmpty ? number[...] : short
        }
    }
}
