import LinliCore
import Testing

@Suite("金额")
struct MoneyTests {
    @Test(
        "读成分",
        arguments: [
            ("0", 0), ("12", 1200), ("12.3", 1230), ("12.34", 1234), ("0.05", 5), ("-12.34", -1234), ("-0.5", -50),
            ("00.10", 10), ("999999999999999.99", 99_999_999_999_999_999),
        ]
    )
    func parse(text: String, fen: Int64) {
        #expect(Money(yuan: text)?.fen == fen)
    }

    @Test(
        "别的写法不是金额",
        arguments: [
            "", "-", ".", "1.", ".5", "1.234", "1,234", "1 2", "+1", "--1", "1e3", "１２", "¥1", "1.-5",
            "1000000000000000",
        ]
    )
    func refused(text: String) {
        #expect(Money(yuan: text) == nil)
    }

    @Test(
        "写出来",
        arguments: [
            (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100, "1.00"), (99_999, "999.99"), (100_000, "1,000.00"),
            (123_450, "1,234.50"), (-123_456_789, "-1,234,567.89"),
        ]
    )
    func print(fen: Int64, text: String) {
        #expect(Money(fen: fen).grouped == text)
        #expect(Money(fen: fen).text == Text(text + " 元", "¥" + text))
    }

    @Test("写出再读回不变", arguments: [0, 1, 10, 99, 100, 12_345, -1, -12_345, 1_000_000_007])
    func roundTrip(fen: Int64) {
        #expect(Money(yuan: Money(fen: fen).grouped.filter { $0 != "," })?.fen == fen)
    }

    @Test("加减和大小都按分")
    func arithmetic() {
        #expect(Money(fen: 10) + Money(fen: 20) == Money(fen: 30))
        #expect(Money(fen: 10) - Money(fen: 20) == Money(fen: -10))
        #expect(Money(fen: -1) < Money(fen: 0))
        #expect((0..<10).reduce(Money(fen: 0)) { sum, _ in sum + Money(fen: 10) }.fen == 100)
    }
}
