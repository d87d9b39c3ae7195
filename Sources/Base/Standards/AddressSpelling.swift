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
        return scanner.output
    }

    /// The number a Chinese numeral below a thousand stands for; nil when it is none.
    package static func number(chinese text: some StringProtocol) -> Int? {
        var (sum, digit): (Int, Int?) = (0, nil)
        for character in text {
            if let value = digits[character] {
                // 二零一: digits one after the other.
                digit = (digit ?? 0) * 10 + value
            } else if character == "十" || character == "百" {
                sum += (digit ?? 1) * (character == "十" ? 10 : 100)
                digit = nil
            } else {
                return nil
            }
        }
        let value = sum + (digit ?? 0)
        return text.isEmpty || value > 999 ? nil : value
    }

    fileprivate static let digits: [Character: Int] = [
        "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    ]

    /// Goes through an address from left to right.
    private struct Scanner {
        private(set) var output = ""
        private var rest: ArraySlice<Character>
        private var hasBuilding = false
        private var hasUnit = false

        /// What a number counts, and the words for it; the longer ones first.
        private static let units: [(word: String, unit: Unit)] = [
            ("号楼", .building), ("号栋", .building), ("#楼", .building), ("#", .building), ("栋", .building),
            ("幢", .building), ("单元", .entrance), ("号院", .kept), ("层", .kept), ("门", .door), ("楼", .storey),
            ("室", .room), ("户", .room), ("号", .room),
        ]

        private enum Unit {
            case building, entrance, door, storey, room, kept
        }

        init(_ text: String) {
            let characters = text.unicodeScalars.compactMap { scalar -> Character? in
                let plain = narrowed(scalar)
                if plain == " " || plain.properties.isWhitespace || isInvisible(plain) { return nil }
                if isDash(plain) { return "-" }
                if [",", "，", "、", "·"].contains(plain) { return nil }
                return Character(plain.properties.isLowercase && plain.isASCII ? Unicode.Scalar(plain.value - 0x20) ?? plain : plain)
            }
            rest = characters[...]
        }

        mutating func step() -> Bool {
            guard let first = rest.first else { return false }
            if first == "-", hasBuilding {
                rest.removeFirst()
            } else if let (number, length, isChinese) = Scanner.number(at: rest) {
                take(number, length, isChinese)
            } else {
                output.append(first)
                rest.removeFirst()
            }
            return true
        }

        /// The number that begins here, how long it is written, and whether in Chinese.
        private static func number(at rest: ArraySlice<Character>) -> (number: String, length: Int, isChinese: Bool)? {
            let plain = rest.prefix { $0.isASCII && $0.isNumber }
            if !plain.isEmpty { return (String(plain), plain.count, false) }
            let chinese = rest.prefix { AddressSpelling.digits[$0] != nil || $0 == "十" || $0 == "百" }
            guard let value = AddressSpelling.number(chinese: String(chinese)) else { return nil }
            return ("\(value)", chinese.count, true)
        }

        private mutating func take(_ number: String, _ length: Int, _ isChinese: Bool) {
            let after = rest.dropFirst(length)
            guard number.count <= 6, let (word, unit) = Scanner.units.first(where: { after.starts(with: $0.word) })
            else {
                guard !isChinese else { return keep(1) }
                if after.first == "-", dashed() { return }
                let isRoom = (hasBuilding || hasUnit) && after.isEmpty
                output += isRoom ? short(number) : number
                rest = after
                return
            }
            let behind = after.dropFirst(word.count)
            switch unit {
            case .building where !hasBuilding: put(number, "号楼", behind)
            case .storey where !hasBuilding && beginsNumber(behind): put(number, "号楼", behind)
            case .entrance: put(number, "单元", behind)
            case .door where hasBuilding && !hasUnit: put(number, "单元", behind)
            // 前三门: a name.
            case .door where isChinese: keep(1)
            case .room where (hasBuilding || hasUnit) && behind.isEmpty:
                output += short(number)
                rest = behind
            default: put(number, word, behind)
            }
        }

        private mutating func put(_ number: String, _ word: String, _ behind: ArraySlice<Character>) {
            output += short(number) + word
            if word == "号楼" { hasBuilding = true }
            if word == "单元" { (hasBuilding, hasUnit) = (true, true) }
            rest = behind
        }

        private mutating func keep(_ count: Int) {
            output += String(rest.prefix(count))
            rest = rest.dropFirst(count)
        }

        /// Building, entrance and room as numbers with dashes, at the end of an address.
        private mutating func dashed() -> Bool {
            var end = rest
            if let last = end.last, "室户号".contains(last) { end = end.dropLast() }
            let numbers = end.split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
            guard numbers.allSatisfy({ (1...5).contains($0.count) && $0.allSatisfy { $0.isASCII && $0.isNumber } })
            else { return false }
            let parts = numbers.map(short)
            switch (hasBuilding, hasUnit, parts.count) {
            case (false, false, 3): output += "\(parts[0])号楼\(parts[1])单元\(parts[2])"
            // A building has fewer than a hundred entrances; three digits are a room.
            case (false, false, 2) where numbers[1].count >= 3: output += "\(parts[0])号楼\(parts[1])"
            case (true, false, 2): output += "\(parts[0])单元\(parts[1])"
            default: return false
            }
            rest = []
            return true
        }

        private func beginsNumber(_ rest: ArraySlice<Character>) -> Bool {
            rest.first == "-" || Scanner.number(at: rest) != nil
        }

        /// A number without zeros in front.
        private func short(_ number: String) -> String {
            let short = number.drop { $0 == "0" }
            return short.isEmpty ? number : String(short)
        }
    }
}
