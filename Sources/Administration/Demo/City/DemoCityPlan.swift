import LinliCore
import LinliKernel

/// A city as large as Beijing's urban communities, made up: how many live where. The same numbers for the same place.
/// - Source: 1,672 communities, 3.66 million households and 9.69 million people are the size the plan names; how they are
///   spread is configured, no source
struct DemoCityPlan: Sendable {
    static let communities = 1672
    static let households = 3_660_000
    static let people = 9_690_000
    static let gridsPerCommunity = 6

    /// A grid to fill.
    struct Grid: Sendable {
        /// Its number in the whole city, from 0.
        let index: Int
        let division: DivisionCode
        let households: Int
        let people: Int
        /// What addresses in it begin with, and what its estate is called.
        let estate: String
        let address: String
        let latitude: Double
        let longitude: Double
    }

    /// A community to enter with its grids.
    struct Community: Sendable {
        let division: DivisionCode
        let name: String
        let grids: [Grid]
    }

    let all: [Community]

    /// A share of the city: so many of the communities, spread over all districts. `streets` are all there are.
    init(fraction: Double, streets: [Division]) {
        let streets = streets.sorted { $0.code < $1.code }
        let wanted = max(1, Int((Double(DemoCityPlan.communities) * fraction).rounded()))
        var all: [Community] = []
        var ofStreet: [Int: Int] = [:]
        for number in 0..<DemoCityPlan.communities {
            // Each street gets its next community in turn.
            let street = number * streets.count / DemoCityPlan.communities
            let place = ofStreet[street, default: 0]
            ofStreet[street] = place + 1
            let (before, after) = (number * wanted, (number + 1) * wanted)
            let isWanted = before / DemoCityPlan.communities != after / DemoCityPlan.communities
            guard isWanted, streets.indices.contains(street) else { continue }
            all.append(DemoCityPlan.community(number, place, streets[street]))
        }
        self.all = all
    }

    private static func community(_ number: Int, _ place: Int, _ street: Division) -> Community {
        let division = DivisionCode(rawValue: street.code.rawValue + Int64(801 + place) * 1000)
        let kind = ["街道", "地区", "镇", "乡"].first { street.name.hasSuffix($0) && street.name.count > $0.count + 1 }
        let short = String(street.name.dropLast(kind?.count ?? 0))
        let grids = (0..<gridsPerCommunity).map { grid -> Grid in
            let index = number * gridsPerCommunity + grid
            let estate = DemoCityNames.estate(place * gridsPerCommunity + grid)
            return Grid(
                index: index, division: DivisionCode(rawValue: division.rawValue + Int64(grid + 1)),
                households: share(households, index), people: share(people, index), estate: estate,
                address: short + estate,
                latitude: 39.7 + Double(number % 40) * 0.012 + Double(grid) * 0.0015,
                longitude: 116.1 + Double(number / 40) * 0.014 + Double(grid % 3) * 0.002
            )
        }
        return Community(division: division, name: "\(short)\(DemoCityNames.ordinal(place + 1))社区", grids: grids)
    }

    /// What of a total falls to a grid, so that all grids together have exactly the total.
    private static func share(_ total: Int, _ grid: Int) -> Int {
        let grids = communities * gridsPerCommunity
        return total * (grid + 1) / grids - total * grid / grids
    }
}

/// Names of people and estates, put together from lists.
enum DemoCityNames {
    private static let first = ["春风", "和平", "安宁", "清河", "芳草", "槐香", "朝晖", "永安", "书香", "金桥", "翠湖", "瑞祥"]
    private static let last = ["里", "园", "苑", "家园", "花园", "新村"]
    private static let digits = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"]

    static func estate(_ number: Int) -> String {
        let round = number / (first.count * last.count)
        let name = first[number % first.count] + last[number / first.count % last.count]
        return name + (round > 0 ? ordinal(round + 1) + "区" : "小区")
    }

    static func ordinal(_ number: Int) -> String {
        "第" + String(number).compactMap { $0.wholeNumberValue }.map { digits[$0] }.joined()
    }

    /// Surnames and how many of a thousand people have them.
    /// - Source: 公安部 2020 年全国姓名报告 for the order of the first ones; the shares are rounded, the rest configured
    private static let surnames: [(name: String, share: Int)] = [
        ("王", 71), ("李", 70), ("张", 66), ("刘", 53), ("陈", 45), ("杨", 31), ("赵", 27), ("黄", 23), ("周", 20), ("吴", 19),
        ("徐", 16), ("孙", 15), ("胡", 14), ("朱", 13), ("高", 12), ("林", 12), ("何", 12), ("郭", 11), ("马", 11), ("罗", 10),
        ("梁", 9), ("宋", 9), ("郑", 9), ("谢", 8), ("韩", 8), ("唐", 8), ("冯", 7), ("于", 7), ("董", 7), ("萧", 6),
    ]
    private static let rare =
        Array(
            "程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹"
        ).map(String.init) + Array("黎易常武乔贺赖龚文单解仇查盖覃区朴尉乐缪翟").map(String.init)
    private static let female = Array("芳娜敏静丽艳娟霞秀英玉兰红梅桂珍凤洁琳莹雪慧巧美婷瑶怡佳欣雨梦").map(String.init)
    private static let male = Array("伟强磊军洋勇杰涛超明刚平辉鹏飞华建国志文博宇浩轩子俊毅峰海波斌").map(String.init)

    static func person(isFemale: Bool, _ random: inout DemoRandom) -> String {
        var rest = Int(random.next() % 1000)
        var surname = ""
        for (name, share) in surnames {
            if rest < share {
                surname = name
                break
            }
            rest -= share
        }
        if surname.isEmpty { surname = rare[Int(random.next() % UInt64(rare.count))] }
        let words = isFemale ? female : male
        let name = words[Int(random.next() % UInt64(words.count))]
        return surname + name + (random.next() % 100 < 68 ? words[Int(random.next() % UInt64(words.count))] : "")
    }
}
