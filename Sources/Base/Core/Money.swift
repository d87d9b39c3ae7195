/// An amount of yuan in whole 分, so that sums are exact.
package struct Money: Sendable, Hashable, Comparable {
    /// Hundredths of a yuan; negative for a refund.
    package let fen: Int64

    /// An amount in 分.
    package init(fen: Int64) {
        self.fen = fen
    }

    /// Parses `12`, `12.3` or `12.34`, with an optional minus; nil for anything else or beyond ±10¹⁵ yuan.
    package init?(yuan text: some StringProtocol) {
        let negative = text.hasPrefix("-")
        let parts = (negative ? text.dropFirst() : text[...])
            .split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...15).contains(parts[0].count),
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }), let yuan = Int64(parts[0])
        else { return nil }
        var cents: Int64 = 0
        if parts.count == 2 {
            guard (1...2).contains(parts[1].count), let value = Int64(parts[1]) else { return nil }
            cents = parts[1].count == 1 ? value * 10 : value
        }
        fen = (yuan * 100 + cents) * (negative ? -1 : 1)
    }

    package static func < (left: Money, right: Money) -> Bool { left.fen < right.fen }
    package static func + (left: Money, right: Money) -> Money { Money(fen: left.fen + right.fen) }
    package static func - (left: Money, right: Money) -> Money { Money(fen: left.fen - right.fen) }

    /// `1,234.50`.
    package var grouped: String {
        let digits = String(fen.magnitude / 100)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (fen < 0 ? "-" : "") + text + "." + twoDigits(Int(fen.magnitude % 100))
    }

    /// `1,234.50 元`, `¥1,234.50`.
    package var text: Text { Text(grouped + " 元", "¥" + grouped) }
}
