/// The code of an administrative division or grid: 15 digits, 2 province, 2 city, 2 district, 3 street, 3 community,
/// 3 grid; higher levels end in zeros.
///
/// A subtree is a range of codes, so "within" is one comparison. The zeros give the shape; level, parent and successors
/// of a real division come from the versioned divisions table, because codes change yearly.
/// - Source: GB/T 30428.1 (15-digit grid code) over the 12-digit statistical division code
package struct DivisionCode: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// A level of the hierarchy, from the widest to the narrowest.
    package enum Level: Int, Sendable, CaseIterable, Comparable {
        case province = 1
        case city, district, street, community, grid

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// How many codes one division of this level spans.
        package var span: Int64 {
            switch self {
            case .province: 10_000_000_000_000
            case .city: 100_000_000_000
            case .district: 1_000_000_000
            case .street: 1_000_000
            case .community: 1000
            case .grid: 1
            }
        }

        /// What people call it.
        package var name: Text {
            switch self {
            case .province: Text("省（直辖市）", "province")
            case .city: Text("市", "city")
            case .district: Text("区", "district")
            case .street: Text("街道（乡镇）", "street")
            case .community: Text("社区（村）", "community")
            case .grid: Text("网格", "grid")
            }
        }
    }

    /// The 15 digits as a number.
    package let rawValue: Int64

    /// A code read from the database.
    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Parses 6, 9, 12 or 15 digits, as registers write them; nil for anything else or a code without a province.
    package init?(_ digits: some StringProtocol) {
        guard [6, 9, 12, 15].contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), var value = Int64(digits)
        else { return nil }
        for _ in digits.utf8.count..<15 { value *= 10 }
        guard value >= Level.province.span else { return nil }
        rawValue = value
    }

    /// The level its zeros say.
    package var level: Level {
        for level in Level.allCases where rawValue % level.span == 0 { return level }
        return .grid
    }

    /// The division of `level` that holds this one; itself when it is as wide or wider.
    package func ancestor(at level: Level) -> DivisionCode {
        DivisionCode(rawValue: rawValue - rawValue % max(level.span, self.level.span))
    }

    /// The next wider division; nil for a province.
    package var parent: DivisionCode? {
        Level(rawValue: level.rawValue - 1).map { ancestor(at: $0) }
    }

    /// Every code in this division, itself included.
    package var range: ClosedRange<Int64> { rawValue...(rawValue + level.span - 1) }

    /// Whether `other` lies in this division or is it.
    package func contains(_ other: DivisionCode) -> Bool { range.contains(other.rawValue) }

    package static func < (left: DivisionCode, right: DivisionCode) -> Bool { left.rawValue < right.rawValue }

    /// The 15 digits.
    package var description: String { String(rawValue) }

    /// The digits of registers: 6 for a district, 9 for a street, 12 for a community, 15 for a grid.
    package var short: String {
        let length =
            switch level {
            case .province, .city, .district: 6
            case .street: 9
            case .community: 12
            case .grid: 15
            }
        return String(description.prefix(length))
    }
}
