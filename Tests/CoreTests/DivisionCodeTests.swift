import LinliCore
import Testing

/// Codes of 东城区, 东华门街道 and 多福巷社区 as the 12-digit statistical code (统计用区划代码) writes them.
@Suite("区划代码")
struct DivisionCodeTests {
    @Test(
        "6、9、12、15 位",
        arguments: [
            ("110000", 110_000_000_000_000, DivisionCode.Level.province, "110000"),
            ("110100", 110_100_000_000_000, .city, "110100"),
            ("110101", 110_101_000_000_000, .district, "110101"),
            ("110101001", 110_101_001_000_000, .street, "110101001"),
            ("110101001001", 110_101_001_001_000, .community, "110101001001"),
            ("110101000000", 110_101_000_000_000, .district, "110101"),
            ("110101001001002", 110_101_001_001_002, .grid, "110101001001002"),
            ("110101001001000", 110_101_001_001_000, .community, "110101001001"),
        ]
    )
    func parse(digits: String, value: Int64, level: DivisionCode.Level, short: String) throws {
        let code = try #require(DivisionCode(digits))
        #expect(code.rawValue == value)
        #expect(code.level == level)
        #expect(code.short == short)
        #expect(code.description == String(value))
    }

    @Test(
        "其他写法不是区划代码",
        arguments: [
            "", "11", "1101", "11010100", "1101010010", "000101", "00000000000000", "11010a", "+10101", "１１０１０１",
        ]
    )
    func refused(digits: String) {
        #expect(DivisionCode(digits) == nil)
    }

    @Test("上一级和各级所属")
    func ancestors() throws {
        let grid = try #require(DivisionCode("110101001001002"))
        let chain = sequence(first: grid, next: \.parent).map(\.short)
        #expect(chain == ["110101001001002", "110101001001", "110101001", "110101", "110100", "110000"])
        #expect(grid.ancestor(at: .street).short == "110101001")
        let street = grid.ancestor(at: .street)
        #expect(street.ancestor(at: .grid) == street)
        #expect(street.ancestor(at: .street) == street)
    }

    @Test("范围恰好是下级的全部代码")
    func ranges() throws {
        let street = try #require(DivisionCode("110101001"))
        #expect(street.range == 110_101_001_000_000...110_101_001_999_999)
        let inside = try ["110101001", "110101001001", "110101001999999"].map { try #require(DivisionCode($0)) }
        let outside = try ["110101", "110101000", "110101002", "110101002001", "110102001"]
            .map { try #require(DivisionCode($0)) }
        #expect(inside.allSatisfy(street.contains))
        #expect(!outside.contains(where: street.contains))
    }

    @Test("任何代码都在自己的各级之内，同级的范围互不相交")
    func algebra() throws {
        var codes: [DivisionCode] = []
        for district in ["110101", "110102", "320508"] {
            for street in ["000", "001", "999"] {
                for community in ["000", "001", "601", "999"] {
                    for grid in ["000", "001", "999"] {
                        codes.append(try #require(DivisionCode(district + street + community + grid)))
                    }
                }
            }
        }
        for code in codes {
            for level in DivisionCode.Level.allCases {
                let ancestor = code.ancestor(at: level)
                #expect(ancestor.contains(code))
                #expect(ancestor.level <= level)
                #expect(ancestor.range.contains(code.range.lowerBound))
                #expect(ancestor.range.contains(code.range.upperBound))
            }
            for other in codes where other.level == code.level && other != code {
                #expect(!code.range.overlaps(other.range))
            }
        }
    }
}
