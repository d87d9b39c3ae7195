import LinliCore
import LinliStandards
import Testing

@Suite("部件和网格编码")
struct ObjectCodesTests {
    @Test("部件 16 位：区县、大类、小类、顺序号", arguments: [("3205080101000001", "C0101", 1), ("3205820102048188", "C0102", 48_188)])
    func component(digits: String, category: String, serial: Int) throws {
        let code = try #require(ComponentCode(digits))
        #expect(code.district == DivisionCode(digits.prefix(6)))
        #expect(code.category == category)
        #expect(code.serial == serial)
        #expect(code.description == digits)
        #expect(try EventCatalogue.shared()[code: code.category] != nil)
    }

    @Test(
        "不是部件编码",
        arguments: [
            "", "320508010100000", "32050801010000011", "3205080001000001", "3205080100000001", "3205080101000000",
            "0005080101000001", "320508010100000A",
        ]
    )
    func notAComponent(digits: String) {
        #expect(ComponentCode(digits) == nil)
    }

    @Test("社区专用网格 20 位")
    func specialGrid() throws {
        let whole = try #require(SpecialGridCode("01010011010100160100"))
        #expect(whole.object == "010100")
        #expect(whole.community == DivisionCode("110101001601"))
        #expect(whole.serial == nil)
        #expect(SpecialGridCode("01010011010100160112")?.serial == 12)
        #expect(SpecialGridCode("0101001101010016011") == nil)
        #expect(SpecialGridCode("01010011010100100001") == nil)
    }

    @Test("14 位旧网格码补一个零")
    func olderGrid() {
        #expect(DivisionCode(olderGrid: "11010100100102") == DivisionCode("110101001001002"))
        #expect(DivisionCode(olderGrid: "11010100100100") == nil)
        #expect(DivisionCode(olderGrid: "110101001001002") == nil)
    }
}
