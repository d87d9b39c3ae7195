import LinliCore
import LinliStandards
import Testing

@Suite("事项分类")
struct EventCatalogueTests {
    @Test("数据完整：每类有双语名称，小类都有大类，名称不重复")
    func complete() throws {
        let catalogue = try EventCatalogue.shared()
        #expect(Set(catalogue.all.map(\.code)).count == catalogue.all.count)
        for category in catalogue.all {
            #expect(!category.name.zh.isEmpty && !category.name.en.isEmpty)
            #expect(category.name.en.unicodeScalars.allSatisfy { $0.isASCII }, "\(category.code)")
            #expect(catalogue[code: category.code] == category)
            if let parent = category.parent {
                #expect(catalogue[code: parent]?.isMajor == true)
                #expect(catalogue.children(of: parent).contains(category))
            } else {
                #expect(category.isMajor)
            }
        }
        let minors = catalogue.all.filter { !$0.isMajor }
        for scheme in EventCategory.Scheme.allCases {
            let names = minors.filter { $0.scheme == scheme }.map(\.name.zh)
            #expect(Set(names).count == names.count, "\(scheme)")
        }
        #expect(catalogue[code: "R9999"] == nil)
        #expect(catalogue.children(of: "R0201").isEmpty)
    }

    /// GB/T 30428.2-2013: five major classes of components and six of events, in the standard's order.
    @Test("标准的大类按标准的顺序")
    func majors() throws {
        let catalogue = try EventCatalogue.shared()
        #expect(
            catalogue.majors(.component).map { $0.schemeCode + $0.name.zh }
                == ["01公用设施", "02交通设施", "03市容环境设施", "04园林绿化设施", "05其他部件"]
        )
        #expect(
            catalogue.majors(.event).map { $0.schemeCode + $0.name.zh }
                == ["01市容环境", "02宣传广告", "03施工管理", "04街面秩序", "05突发事件", "06其他事件"]
        )
        #expect(catalogue[code: "C0101"]?.name.zh == "上水井盖")
        #expect(catalogue[code: "C0102"]?.name.zh == "污水井盖")
        #expect(catalogue.children(of: "C01").count == 30)
        #expect(catalogue.children(of: "C02").count == 15)
        #expect(catalogue.children(of: "C03").count == 10)
        #expect(catalogue.children(of: "C04").count == 9)
        #expect(catalogue.children(of: "C05").count == 7)
        #expect((1...5).map { catalogue.children(of: "E0\($0)").count } == [16, 4, 5, 8, 8])
    }

    @Test("公开的只有公共空间的设施和环境")
    func publicOnlyInPublicSpace() throws {
        let catalogue = try EventCatalogue.shared()
        for category in catalogue.all where category.mayBePublic {
            #expect(category.owner != .owner && category.owner != .commonParts, "\(category.code)")
            #expect(category.nature != .tipOff || category.scheme == .event, "\(category.code)")
        }
        for code in ["R0201", "R1001", "R1101", "R1703", "R2101", "R2107", "R2601", "E0402", "E0401", "E0101"] {
            #expect(catalogue[code: code]?.mayBePublic == false, "\(code)")
        }
        #expect(catalogue[code: "C0118"]?.mayBePublic == true)
        #expect(catalogue[code: "E0110"]?.mayBePublic == true)
    }

    @Test("危及生命财产的 2 小时，水电气热 24 小时")
    func limits() throws {
        let catalogue = try EventCatalogue.shared()
        for code in ["R0201", "R0403", "R0501", "R1203", "R1304", "R1604", "E0501", "C0114"] {
            #expect(catalogue[code: code]?.limit == .hours2, "\(code)")
        }
        for code in ["R0301", "R0401", "R0502", "R0601"] {
            #expect(catalogue[code: code]?.limit == .hours24, "\(code)")
        }
        #expect(EventCategory.LimitClass.allCases.map(\.hours) == [2, 24, 168, 360])
    }

    @Test("写错的表说得出每一行错在哪")
    func invalidTable() throws {
        let table = """
            R01 | 电梯 | Lifts | commonParts | assistance | D7 | no |
            R01 | 电梯 | Lifts | commonParts | assistance | D7 | no |
            R0201 | 孤儿 | Orphan | - | - | - | - |
            X01 | 别的 | Other | owner | assistance | D7 | no |
            R011 | 短 | Short | - | - | - | - |
            R0101 | 无 | None | nobody | help | D8 | maybe |
            R0102 | 短词 | Short word | - | - | - | - | 梯
            R0103 | | Nameless | - | - | - | - |
            R0104 | 少格 | Few cells | -
            R03 | 大类 | Major | - | assistance | D7 | no |
            """
        let error = #expect(throws: TableInvalid.self) { try EventCatalogue(table: table) }
        let problems = try #require(error).problems
        #expect(problems.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(problems[4].text.zh.contains("nobody") && problems[4].text.zh.contains("utilityWater"))
    }
}
