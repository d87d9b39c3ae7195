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

    @Test(
        "居民的话推荐到哪一类",
        arguments: [
            ("6号楼电梯坏了三天没人修", "R0202"), ("有人被困电梯里了，快来人", "R0201"), ("咨询一下加装电梯怎么申请", "R0203"),
            ("家里暖气不热，室温只有15度", "R0601"), ("楼道里有煤气味，怀疑燃气泄漏", "R0501"), ("我们这一片停电了", "R0401"),
            ("自来水发黄，水有味", "R0303"), ("停水一天了没人通知", "R0301"), ("楼上漏水漏到我家厨房", "R1101"),
            ("屋顶漏雨，顶层住户墙都泡了", "R0101"), ("下水道堵了污水倒灌", "R0103"), ("楼道灯不亮，老人摸黑上楼", "R0104"),
            ("楼道堆满了杂物和纸箱子", "R1301"), ("有人把电动车推进电梯上楼充电", "R0901"), ("邻居从窗户拉线充电", "R0902"),
            ("希望增加电动车充电棚", "R0903"), ("消防通道被车堵住了", "R0803"), ("小区停车位不够，下班没地方停车", "R0801"),
            ("我的车位被占，还有人装地锁", "R0802"), ("广场舞音箱太吵", "R1003"), ("楼上孩子跑来跑去跺脚", "R1001"),
            ("隔壁装修周末也砸墙", "R1002"), ("遛狗不拴绳，吓到孩子", "R1201"), ("孩子被狗咬了", "R1203"),
            ("楼上往下扔烟头", "R1305"), ("垃圾桶满了没人清，垃圾堆成山", "R1401"), ("小区里有马蜂窝", "R1405"),
            ("大树倒了压住车", "R1502"), ("有人在绿地种菜", "R1503"), ("隔壁是群租房，住了十几个人", "R1602"),
            ("楼下砸承重墙", "R1604"), ("物业不作为，打电话没人接", "R1701"), ("物业费涨价合理吗", "R1702"),
            ("怎么成立业委会", "R1703"), ("我们小区什么时候老旧小区改造", "R18"), ("社保断了能补缴吗", "R1901"),
            ("医保报销比例是多少", "R1902"), ("老人想订老年餐", "R2001"), ("高龄津贴怎么领", "R2004"),
            ("独居老人几天没出门，敲门没人应", "R2006"), ("想申请低保", "R2101"), ("幼升小报名需要什么材料", "R2201"),
            ("家庭医生怎么签约", "R2301"), ("居住证到期怎么续", "R2401"), ("公司拖欠工资", "R1906"), ("办卡不退钱", "R2501"),
            ("老人被骗买保健品", "R2602"), ("井盖没了，路上一个大洞", "C0114"), ("路灯不亮", "C0118"), ("马路上有个大坑", "E0110"),
            ("路边乱堆建筑渣土", "E0103"), ("门口摆摊占道经营", "E0401"), ("下雨后路口积水很深", "E0506"), ("路面塌陷", "E0501"),
            ("电线杆上全是小广告", "E0201"), ("工地夜里施工吵", "R1007"), ("公交站等车太久，线路太少", "R2801"),
            ("健身器材坏了", "C0126"), ("电话亭破了", "C0122"), ("ＷＩＦＩ宽带断网", "R0701"),
        ]
    )
    func suggestion(text: String, code: String) throws {
        let suggestions = try EventCatalogue.shared().suggest(for: text)
        #expect(suggestions.first?.category.code.hasPrefix(code) == true, "\(suggestions.map { $0.category.code })")
    }

    @Test("没有线索就不推荐；大类从不推荐；结果每次相同、从高到低")
    func suggestionOrder() throws {
        let catalogue = try EventCatalogue.shared()
        #expect(catalogue.suggest(for: "").isEmpty)
        #expect(catalogue.suggest(for: "您好，谢谢！").isEmpty)
        let text = "电梯坏了，楼道灯也不亮，物业不管，停车位不够，垃圾没人清，暖气不热，噪音扰民"
        let all = catalogue.suggest(for: text, limit: 100)
        #expect(all.count > 5)
        #expect(all.allSatisfy { !$0.category.isMajor && $0.score >= 2 })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(catalogue.suggest(for: text, limit: 100) == all)
        #expect(catalogue.suggest(for: text) == Array(all.prefix(3)))
    }

    @Test("长词里的短词不算，同一个词只算一次")
    func scoring() throws {
        let catalogue = try EventCatalogue(
            table: """
                R01 | 电梯 | Lifts | commonParts | assistance | D7 | no |
                R0101 | 故障 | Broken | - | - | - | - | 电梯 坏了
                R0102 | 加装 | Adding | - | - | D15 | - | 加装电梯
                """
        )
        func scores(_ text: String) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: catalogue.suggest(for: text).map { ($0.category.code, $0.score) })
        }
        #expect(scores("加装电梯") == ["R0102": 4])
        #expect(scores("加装电梯，电梯电梯") == ["R0102": 4, "R0101": 2])
        #expect(scores("电 梯坏了") == ["R0101": 4])
        #expect(catalogue[code: "R0102"]?.limit == .days15 && catalogue[code: "R0101"]?.limit == .days7)
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

/// The five kinds of 北京市接诉即办工作条例, Art. 2.
@Suite("诉求类型")
struct NatureSuggestionTests {
    @Test(
        "从话里听出来",
        arguments: [
            ("我要举报群租", NeedNature.tipOff, NatureSuggestion.Certainty.sure),
            ("我要投诉物业，态度恶劣", .complaint, .sure), ("请问公租房怎么申请？", .consultation, .sure),
            ("建议增设座椅", .suggestion, .sure), ("电梯坏了，请派人来修", .assistance, .sure), ("求助，老人走失", .assistance, .sure),
            ("业委会成立需要什么条件", .consultation, .likely), ("楼上漏水", .assistance, .likely),
            ("有人私自搭建违法建筑", .tipOff, .sure), ("反映多次一直没解决，没人管", .complaint, .sure),
            ("6号楼一层", .assistance, .guess), ("", .assistance, .guess),
        ]
    )
    func words(text: String, nature: NeedNature, certainty: NatureSuggestion.Certainty) {
        let suggestion = NatureSuggestion(for: text)
        #expect(suggestion.nature == nature)
        #expect(suggestion.certainty == certainty)
    }

    @Test("话里没有线索时用分类的通常类型，有线索时听话里的")
    func usual() {
        #expect(NatureSuggestion(for: "电梯广告费", usual: .complaint) == NatureSuggestion(for: "6号楼", usual: .complaint))
        #expect(NatureSuggestion(for: "6号楼", usual: .complaint).nature == .complaint)
        #expect(NatureSuggestion(for: "请问谁负责", usual: .complaint).nature == .consultation)
    }

    @Test("两种一样像时取更保护说话人的，并且不说有把握")
    func tie() {
        let suggestion = NatureSuggestion(for: "我要投诉，也要举报")
        #expect(suggestion.nature == .tipOff)
        #expect(suggestion.certainty == .likely)
    }
}
