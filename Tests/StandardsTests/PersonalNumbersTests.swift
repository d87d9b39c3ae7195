import LinliCore
import LinliStandards
import Testing

@Suite("文字里的个人号码")
struct PersonalNumbersTests {
    private func found(_ text: String) -> [String] {
        PersonalNumbers.find(in: text).map { "\($0.kind) \(text[$0.range])→\($0.value)" }
    }

    @Test(
        "居民会这样写",
        arguments: [
            ("我的电话13800138000，请回电", ["mobile 13800138000→13800138000"]),
            ("电话：138 0013 8000", ["mobile 138 0013 8000→13800138000"]),
            ("138-0013-8000张三", ["mobile 138-0013-8000→13800138000"]),
            ("１３８００１３８０００", ["mobile １３８００１３８０００→13800138000"]),
            ("打+86 138 0013 8000", ["mobile +86 138 0013 8000→13800138000"]),
            ("打+8613800138000吧", ["mobile +8613800138000→13800138000"]),
            ("+86138 0013 8000", ["mobile +86138 0013 8000→13800138000"]),
            ("86138-0013-8000", ["mobile 86138-0013-8000→13800138000"]),
            ("手机(+86)13800138000", ["mobile (+86)13800138000→13800138000"]),
            ("008613800138000", ["mobile 008613800138000→13800138000"]),
            ("微信wx13800138000x", ["mobile 13800138000→13800138000"]),
            ("电话138.0013.8000，", ["mobile 138.0013.8000→13800138000"]),
            (
                "１３８．００１３．８０００或139·0013·9000",
                [
                    "mobile １３８．００１３．８０００→13800138000", "mobile 139·0013·9000→13900139000",
                ]
            ),
            ("13800138000/13900139000", ["mobile 13800138000→13800138000", "mobile 13900139000→13900139000"]),
            ("13800138000 13900139000", ["mobile 13800138000→13800138000", "mobile 13900139000→13900139000"]),
            ("1.13800138000 2.13900139000", ["mobile 13800138000→13800138000", "mobile 13900139000→13900139000"]),
            ("电话13800138000.3号楼2单元1201", ["mobile 13800138000→13800138000"]),
            ("3号楼2单元1201 13800138000", ["mobile 13800138000→13800138000"]),
            ("2026-11-22 10:30 138 0013 8000", ["mobile 138 0013 8000→13800138000"]),
            ("1 3 8 0 0 1 3 8 0 0 0", ["mobile 1 3 8 0 0 1 3 8 0 0 0→13800138000"]),
            ("\u{202D}138\u{200B}0013\u{00A0}8000\u{202C}", ["mobile 138\u{200B}0013\u{00A0}8000→13800138000"]),
            ("86楼 13800138000", ["mobile 13800138000→13800138000"]),
            ("座机010-65123456转801", ["landline 010-65123456→01065123456"]),
            ("（010）6512 3456", ["landline （010）6512 3456→01065123456"]),
            ("(010)65123456", ["landline (010)65123456→01065123456"]),
            ("0312-2123456", ["landline 0312-2123456→03122123456"]),
            ("01065123456", ["landline 01065123456→01065123456"]),
            ("+86-10-65123456", ["landline +86-10-65123456→01065123456"]),
            ("家里电话：65123456", ["landline 65123456→65123456"]),
            ("座机是 6512-3456", ["landline 6512-3456→65123456"]),
            ("身份证110100195006150020。", ["citizenID 110100195006150020→110100195006150020"]),
            ("身份证11010019500615008x，", ["citizenID 11010019500615008x→11010019500615008X"]),
            ("１１０１００１９５００６１５００８Ｘ", ["citizenID １１０１００１９５００６１５００８Ｘ→11010019500615008X"]),
            ("110100 19500615 0020", ["citizenID 110100 19500615 0020→110100195006150020"]),
            ("110100-1950-0615-008X", ["citizenID 110100-1950-0615-008X→11010019500615008X"]),
            ("1101 0019 5006 1500 20", ["citizenID 1101 0019 5006 1500 20→110100195006150020"]),
            ("老身份证110100500615002", ["citizenID 110100500615002→110100195006150020"]),
            ("110100 500615 002", ["citizenID 110100 500615 002→110100195006150020"]),
            ("抄错一位110100195006150021", ["citizenID 110100195006150021→110100195006150021"]),
            (
                "张桂兰110100195006150020电话13800138000",
                ["citizenID 110100195006150020→110100195006150020", "mobile 13800138000→13800138000"]
            ),
        ]
    )
    func lifted(text: String, expected: [String]) {
        #expect(found(text) == expected)
    }

    @Test(
        "这些不是个人号码",
        arguments: [
            "", "没有数字的一句话", "办件SJ20261122-0412", "2026年11月22日10:30", "2026-11-22 10:30:00", "20261122", "电话20261122打的",
            "3号楼2单元1201室", "12345热线", "拨打96156", "110 119 120", "138001380001", "1380013800", "12800138000",
            "共13800138000元",
            "138.0013.8000元", "138.0013.8000.1", "2.138.0013.8000", "138.0013", "128.0013.8000", "138..0013.8000",
            "138. 0013.8000", "192.168.1.1",
            "13800138000.50元", "￥13800138000", "¥13800138000", "13,800,138,000", "110101001001002", "110101001001",
            "110106100201001",
            "3205080101000001", "91110105TE0T00041A", "6222 0200 1234 5678 901", "6222020012345678901",
            "13 14 15 16 17 8号楼",
            "18-11-22 12345", "65123456", "车位65123456号", "00012345678", "010-12345678", "京A12345", "110100195013150020",
            "1101001950061500201", "SJ20261122-04125", "99999999999", "1000000000000元", "电话 12345678", "电费35.60元，水费12元",
        ]
    )
    func untouched(text: String) {
        #expect(found(text) == [])
        #expect(PersonalNumbers.replacing(in: text) { _ in "□" } == text)
    }

    @Test("就地换成掩码，前后文字不动")
    func replacing() {
        let text = "我是张桂兰，身份证１１０１００１９５００６１５００２０，打(+86) 138-0013-8000或010-65123456，急👵🏻！"
        let masked = PersonalNumbers.replacing(in: text) { $0.masked }
        #expect(masked == "我是张桂兰，身份证110***********0020，打138****8000或010-****3456，急👵🏻！")
        #expect(PersonalNumbers.find(in: masked).isEmpty)
        #expect(PersonalNumbers.find(in: text).allSatisfy { !"\($0)".contains($0.value) })
    }

    @Test("没有数字的文字原样不动")
    func noDigits() {
        var random = SeededRandom(1)
        let pieces = [
            "楼道", "电话", "座机：", "+86", "-", " ", "（", "）", "X", "x", "Ｘ", "👵🏻", "é", "\u{200B}", "\n", "元", "¥", "一三八",
            ",",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in random.pick(pieces) }.joined()
            #expect(PersonalNumbers.find(in: text).isEmpty)
            #expect(PersonalNumbers.replacing(in: text) { _ in "□" } == text)
        }
    }

    @Test("随机文字里的每个有效号码都找得到，值和位置都对")
    func everyNumberIsFound() throws {
        var random = SeededRandom(20_261_122)
        for round in 0..<4000 {
            var text = ""
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                text += context(&random)
                let (written, value) = number(&random)
                // An X that ends an ID number is followed by something that cannot be read as part of it.
                text += written + random.pick(["，", "。", "张三", "\n", "；", "（家属）", "/", "、", "🙏", "："])
                expected.append(value)
            }
            text += context(&random)
            let found = PersonalNumbers.find(in: text)
            try #require(found.map(\.value) == expected, "\(round): \(text)")
            let rest = PersonalNumbers.replacing(in: text) { _ in "" }
            try #require(PersonalNumbers.find(in: rest).isEmpty, "\(rest)")
        }
    }

    /// Text without personal numbers that does not end in a digit, plus or amount sign.
    private func context(_ random: inout SeededRandom) -> String {
        let pieces = [
            "居民反映", "楼道堆物", "，", "。", "3号楼2单元1201室", "于2026年11月22日", "SJ20261122-0412，", "abc", "Tel:", "微信wx", "(",
            "（",
            "【", "“", "\n", "电梯坏了3天", "费用35.6元", "电话", "手机号：", "👵🏻", "é", "热线12345，", "、", "x", "X", "：",
        ]
        return (0..<Int.random(in: 1...5, using: &random)).map { _ in random.pick(pieces) }.joined()
    }

    private func number(_ random: inout SeededRandom) -> (written: String, value: String) {
        var (written, value): (String, String)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            value = "1" + random.digits(10, first: 3...9)
            written = grouped(value, random.pick([[11], [3, 4, 4], [3, 8], [7, 4]]), &random)
            written = random.pick(["", "", "+86", "+86 ", "0086", "86", "(+86)"]) + written
        case 1:
            let area = random.pick(["010", "021", "0312", "0755"])
            let local = random.digits(8, first: 2...8)
            value = area + local
            written = random.pick([
                area + "-" + local, "(\(area))" + local, value, area + " " + grouped(local, [4, 4], &random),
            ])
        case 2:
            value = citizenID(&random)
            written = grouped(value, random.pick([[18], [6, 8, 4], [6, 4, 4, 4], [4, 4, 4, 4, 2]]), &random)
            if Bool.random(using: &random) { written = written.lowercased() }
        default:
            value = citizenID(&random)
            while value.dropFirst(6).prefix(2) != "19" || value.dropFirst(8).prefix(1) < "2" {
                value = citizenID(&random)
            }
            written = String(value.prefix(6) + value.dropFirst(8).prefix(9))
        }
        return (Bool.random(using: &random) ? written : fullWidth(written), value)
    }

    private func grouped(_ digits: String, _ lengths: [Int], _ random: inout SeededRandom) -> String {
        let separator = random.pick([" ", "-", "－", "—", "\u{3000}", " - "])
        var rest = digits[...]
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: separator)
    }

    private func citizenID(_ random: inout SeededRandom) -> String {
        let birth = CivilDate(daysSinceEpoch: Int.random(in: -25_000...20_000, using: &random)).compact
        let body = random.pick(["110101", "110103", "320508", "659001", "810000"]) + birth + random.digits(3)
        let today = CivilDate(daysSinceEpoch: 20_779)
        for check in "0123456789X" {
            if let id = try? CitizenID(body + String(check), today: today) { return id.number }
        }
        Issue.record("no check character for \(body)")
        return body
    }

    private func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0x30...0x39).contains(scalar.value) ? Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar : scalar
                }))
    }

    @Test("时间随长度线性增长")
    func linear() {
        let clock = ContinuousClock()
        let hostile = ["1 ", "12-", "1380013", "0086", "(010)", "1", "1 3 8 0 0 1 3 8 0 0 "]
        for piece in hostile {
            let short = String(repeating: piece, count: 500)
            let long = String(repeating: piece, count: 8000)
            let base = clock.measure { _ = PersonalNumbers.find(in: short) }
            let time = clock.measure { _ = PersonalNumbers.find(in: long) }
            // Sixteen times the text; quadratic work would take 256 times as long.
            #expect(time < base * 100 + .milliseconds(100), "\(piece)")
        }
    }
}
