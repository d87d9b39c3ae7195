import LinliStandards
import Testing

/// GA 36-2018 as `PlateNumber` knows it.
@Suite("车牌")
struct PlateNumberTests {
    @Test(
        "写法和种类",
        arguments: [
            ("京A12345", "京A12345", PlateNumber.Kind.ordinary), ("京a·1234b", "京A1234B", .ordinary),
            (" 京 N-88X88 ", "京N88X88", .ordinary), ("京Ａ１２３４５", "京A12345", .ordinary), ("琼E00001", "琼E00001", .ordinary),
            ("京AD12345", "京AD12345", .newEnergySmall), ("沪AF12345", "沪AF12345", .newEnergySmall),
            ("粤BDF1234", "粤BDF1234", .newEnergySmall), ("京AA12345", "京AA12345", .newEnergySmall),
            ("京A12345D", "京A12345D", .newEnergyLarge), ("京A12345F", "京A12345F", .newEnergyLarge),
            ("京A1234挂", "京A1234挂", .trailer), ("京A1234学", "京A1234学", .learner), ("京A1234警", "京A1234警", .police),
            ("粤Z1234港", "粤Z1234港", .hongKongMacao), ("粤Z1234澳", "粤Z1234澳", .hongKongMacao),
            ("沪A1234领", "沪A1234领", .consulate), ("使014578", "使014578", .embassy), ("使A12345", "使A12345", .embassy),
            ("224578使", "224578使", .embassy), ("WJ12345", "WJ12345", .armedPolice),
            ("WJ京1234X", "WJ京1234X", .armedPolice),
            ("空A·12345", "空A12345", .military), ("VA 12345", "VA12345", .military),
        ]
    )
    func valid(typed: String, text: String, kind: PlateNumber.Kind) throws {
        let plate = try #require(PlateNumber(typed))
        #expect(plate.text == text)
        #expect(plate.kind == kind)
        #expect(plate.isNewEnergy == (kind == .newEnergySmall || kind == .newEnergyLarge))
        #expect(PlateNumber(plate.text) == plate)
    }

    @Test(
        "不是车牌",
        arguments: [
            "", "京", "京A1234", "京A123456", "京AI2345", "京I12345", "京O12345", "京A1234I", "京A1234O", "A12345", "首A12345",
            "京A12345G7", "京1A2345", "京AZ12345", "京A12345Z", "京AD1234A", "使12345", "使I12345", "12345使", "WJ1234",
            "WJ火12345", "空A1234", "XA12345", "京A1234 学警", "京A12３4\u{4E00}",
        ]
    )
    func invalid(typed: String) {
        #expect(PlateNumber(typed) == nil)
    }

    @Test("尾号：末四位，怎么写都一样；没有数字的、多了少了的不是") func ends() throws {
        #expect(try #require(PlateNumber("京A·33K21")).end == "3K21")
        #expect(try #require(PlateNumber("京AD12345")).end == "2345")
        #expect(try #require(PlateNumber("京A1234挂")).end == "234挂")
        for typed in ["3K21", "3k21", " ３ｋ２１ ", "3-K21", "3 K 21"] {
            #expect(PlateNumber.end(typed) == "3K21", "\(typed)")
        }
        #expect(PlateNumber.end("234挂") == "234挂")
        for typed in ["", "3K2", "33K21", "wfxm", "王芳12", "3I21", "3O21", "挂234"] {
            #expect(PlateNumber.end(typed) == nil, "\(typed)")
        }
    }
}
