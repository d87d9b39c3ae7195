import LinliCore
import LinliStandards
import Testing

@Suite("推荐类别和性质")
struct SuggestionModelTests {
    @Test("检验语料上：第一位对七成，前三位对九成，有把握的九成五")
    func bars() throws {
        let trial = SuggestionTrial(
            try SuggestionModel.shipped(), on: try SuggestionText.evaluation(try EventCatalogue.shared())
        )
        let all = trial.total(surePercent: SuggestionModel.surePercent)
        #expect(all.texts >= 300)
        #expect(all.first * 100 >= all.texts * 70, "\(all)")
        #expect(all.third * 100 >= all.texts * 90, "\(all)")
        #expect(all.sureRight * 100 >= all.sure * 95, "\(all)")
        // A threshold that lets nothing pass would be right, too.
        #expect(all.sure * 100 >= all.texts * 30, "\(all)")
        for (code, tally) in trial.byCategory(surePercent: SuggestionModel.surePercent) {
            #expect(tally.texts >= 10, "\(code)")
        }
    }

    @Test("门槛只由出厂知识定：学九份、试一份，过了门槛的九成五对")
    func threshold() throws {
        let catalogue = try EventCatalogue.shared()
        let trial = SuggestionTrial(crossValidating: try SuggestionText.seed(catalogue), parts: 10, catalogue)
        let all = trial.total(surePercent: SuggestionModel.surePercent)
        #expect(all.texts > 3000)
        #expect(all.sureRight * 100 >= all.sure * 95, "\(all)")
    }

    @Test(
        "居民的话：前三位里有这一类",
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
        let guesses = try SuggestionModel.shipped().categories(for: TextFeatures(text))
        #expect(guesses.contains { $0.value.code.hasPrefix(code) }, "\(guesses.map { $0.value.code })")
    }

    @Test("没有字就不推荐；大类从不推荐；从高到低，合起来是一；每次一样")
    func order() throws {
        let catalogue = try EventCatalogue.shared()
        let model = try SuggestionModel.shipped()
        #expect(model.categories(for: TextFeatures("")).isEmpty)
        #expect(model.categories(for: TextFeatures("12345，？！")).isEmpty)
        let text = TextFeatures("电梯坏了，楼道灯也不亮，物业不管，停车位不够，垃圾没人清，暖气不热，噪音扰民")
        let all = model.categories(for: text, limit: .max)
        #expect(all.count == catalogue.all.filter { !$0.isMajor }.count)
        #expect(all.allSatisfy { !$0.value.isMajor })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.sureness >= $1.sureness })
        #expect(abs(all.reduce(0) { $0 + $1.sureness } - 1) < 1e-6)
        #expect(model.categories(for: text) == Array(all.prefix(3)))
        let again = SuggestionModel(catalogue, seed: try SuggestionText.seed(catalogue))
        #expect(again.categories(for: text, limit: .max) == all)
    }

    @Test("看不出是什么的话没有把握", arguments: ["您好，谢谢！", "你们看着办吧", "我有个事想说一下"])
    func vague(_ text: String) throws {
        let first = try #require(try SuggestionModel.shipped().categories(for: TextFeatures(text)).first)
        #expect(first.percent < SuggestionModel.surePercent, "\(first)")
    }

    // MARK: Nature

    @Test(
        "性质：说了举报、投诉的就是；没说的听话里的",
        arguments: [
            ("我要举报群租", NeedNature.tipOff), ("我要投诉物业，态度恶劣", .complaint), ("请问公租房怎么申请？", .consultation),
            ("电梯坏了，请派人来修", .assistance), ("求助，老人走失", .assistance), ("业委会成立需要什么条件", .consultation),
            ("我要投诉，也要举报", .tipOff), ("反映多次一直没解决，没人管", .complaint), ("建议在小区多装几把椅子", .suggestion),
        ]
    )
    func nature(text: String, nature: NeedNature) throws {
        #expect(try SuggestionModel.shipped().nature(of: text, TextFeatures(text), category: nil).value == nature)
    }

    @Test("同一句话，知道了类别，性质跟着类别走")
    func natureOfCategory() throws {
        let model = try SuggestionModel.shipped()
        func nature(_ category: String) -> NeedNature {
            model.nature(of: "六号楼三层", TextFeatures("六号楼三层"), category: category).value
        }
        #expect(nature("R1602") == .tipOff)
        #expect(nature("R1903") == .consultation)
        #expect(nature("R1001") == .complaint)
    }

    // MARK: Learning

    @Test("办结的诉求教会它新词，错的类别改过来，别的类别不受影响")
    func learns() throws {
        let catalogue = try EventCatalogue.shared()
        let seed = try SuggestionText.seed(catalogue)
        let text = TextFeatures("彩虹跑道的蘑菇亭又冒泡了")
        let before = SuggestionModel(catalogue, seed: seed)
        #expect(before.categories(for: text).first?.value.code != "R0306")
        var learned = LearnedCounts()
        learned.categories["R0306"] = Dictionary(uniqueKeysWithValues: text.hashes.map { ($0, Float(6)) })
        let after = SuggestionModel(catalogue, seed: seed, learned: learned)
        #expect(after.categories(for: text).first?.value.code == "R0306")
        let lift = TextFeatures("电梯困人了快来救人")
        #expect(after.categories(for: lift).first?.value.code == "R0201")
    }

    @Test("一类办结上万件，也不会把别的类都吸过去")
    func heavyCategory() throws {
        let catalogue = try EventCatalogue.shared()
        let seed = try SuggestionText.seed(catalogue)
        let own = seed.filter { $0.category == "R1001" }
        var learned = LearnedCounts()
        for sentence in own {
            for hash in TextFeatures(sentence.text).hashes {
                learned.categories["R1001", default: [:]][hash, default: 0] += 10_000
            }
        }
        let texts = try SuggestionText.evaluation(catalogue)
        func first(_ model: SuggestionModel) -> Int {
            SuggestionTrial(model, on: texts).total(surePercent: SuggestionModel.surePercent).first
        }
        let (before, after) = (
            first(try SuggestionModel.shipped()), first(SuggestionModel(catalogue, seed: seed, learned: learned))
        )
        #expect(after * 100 >= before * 98, "\(before) → \(after)")
    }
}
