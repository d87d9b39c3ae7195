import LinliCore
import LinliStandards
import Testing

/// Where a need is says nothing of what it is.
@Suite("地点的字不算类别的凭据")
struct PlaceWordsTests {
    private let words = PlaceWords(
        ["松榆里小区", "幸福里社区居委会", "花园小区", "学院路", "北街", "和平小区", "5号院"].flatMap(PlaceWords.forms))

    @Test(
        "楼、单元、室的号和认得的名字去掉；单说的层、楼道、单元门、室内、地铁几号线留着",
        arguments: [
            ("松榆里3号楼2单元电梯坏了", "，，电梯坏了"), ("松榆里社区三号楼二单元501室漏水", "，，漏水"), ("幸福里垃圾满了", "，垃圾满了"),
            ("五号楼一单元5层漏水", "，漏水"), ("3#楼2门301没水", "，301没水"), ("学院路30号院暖气不热", "，，暖气不热"),
            ("学院路30号门口有坑", "，门口有坑"), ("北街路灯不亮", "，路灯不亮"), ("花园小区花园里的灯", "，花园里的灯"),
            ("和平小区停水", "，停水"), ("和平相处", "和平相处"), ("3号楼楼道灯不亮", "，楼道灯不亮"), ("三号楼道灯不亮", "三号楼道灯不亮"),
            ("2单元门坏了", "2单元门坏了"), ("2单元楼道黑", "，楼道黑"), ("501室内漏水", "501室内漏水"), ("六层漏水", "六层漏水"),
            ("地铁10号线太吵", "地铁10号线太吵"),
            ("5号院漏水", "，漏水"), ("5号院3号楼漏水", "，漏水"), ("学院路5号院漏水", "，，漏水"),
            ("一室一厅", "一室一厅"), ("3号楼2单元一直没人修", "，一直没人修"), ("", ""), ("3号楼", "，"),
        ]) func taken(_ text: String, _ rest: String)
    {
        #expect(words.without(text) == rest)
    }

    private func tried(_ change: (String) -> String) throws -> SuggestionTrial.Tally {
        let catalogue = try EventCatalogue.shared()
        let lines = try SuggestionText.evaluation(catalogue).map {
            "\($0.category) | \($0.nature.rawValue) | \(change($0.text))"
        }
        let texts = try SuggestionText.read(lines.joined(separator: "\n"), catalogue)
        return SuggestionTrial(try SuggestionModel.shipped(), on: texts).total(surePercent: SuggestionModel.surePercent)
    }

    @Test("检验语料：去掉地点不比原来差；前面加了地址，去掉地点也到得了门槛")
    func bars() throws {
        let raw = try tried { $0 }
        let plain = try tried { words.without($0) }
        #expect(plain.first >= raw.first && plain.third >= raw.third, "\(raw) → \(plain)")
        #expect(plain.sureRight * 100 >= plain.sure * 95, "\(plain)")
        let address = "松榆里三号楼二单元501"
        let before = try tried { address + $0 }
        let after = try tried { words.without(address + $0) }
        #expect(after.first * 100 >= after.texts * 78 && after.third * 100 >= after.texts * 90, "\(after)")
        #expect(after.sureRight * 100 >= after.sure * 95, "\(after)")
        #expect(after.first > before.first && after.sure > before.sure, "\(before) → \(after)")
    }
}
