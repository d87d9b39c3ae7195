import LinliCore
import LinliKernel
import LinliSQL
import LinliStandards

extension Demo {
    /// Cases per transaction.
    private static let chunk = 250

    /// Adds that many made-up cases to the demo's communities, for measurements; returns how many.
    ///
    /// They are spread over the twelve months before `now`; half of the last two weeks is open, and of the older ones
    /// `openPerMille` in a thousand. One word (电梯) stands in a tenth
    /// of them, the names of shops in one of two thousand. They carry no contact and no photo and are numbered apart
    /// (`SJ20261122-D0000001`). Each chunk is one audited write; counts are kept in the same transaction, so no events
    /// flood the outbox. Each has its evidence, and the monthly sums are made anew at the end.
    /// - Throws: a fault when the demo is not installed.
    package static func scale(
        cases: Int, openPerMille: Int = 2, _ services: Services, now: Instant
    ) async throws -> Int {
        let database = services.database
        let cast = try await DemoCast(database, now: now)
        let (first, type) = try await database.read { try (DemoScaleStore.count($0), DemoScaleStore.type($0)) }
        let maker = try ScaledCaseMaker(
            cast: cast, first: first, count: cases, openPerMille: openPerMille, now: now
        )
        let calendar = try await services.queries.assessmentCalendar()
        for start in stride(from: 0, to: cases, by: chunk) {
            let rows = (start..<min(start + chunk, cases)).map { maker.make($0) }
            try await database.write(.system("demo", now: now), "demo.scale") { tx in
                try DemoScaleStore.insert(rows, type, calendar, tx)
            }
        }
        try await database.system { try RateMonths.rebuild($0) }
        return cases
    }
}

/// A made-up case, ready to be stored.
struct ScaledCase: Sendable {
    var seed: Int
    var number: String
    var topic: ScaledTopic
    var state: String
    var title: String
    var text: String
    var search: String
    var place: PlaceSummary
    var unit: ID<Unit>?
    var ground: CaseRouting.Ground
    var isUrgent: Bool
    var stars: Int?
    var createdAt: Instant
    var stateSince: Instant
    var dueAt: Instant

    var isOpen: Bool { state != "closed" && state != "withdrawn" }
}

/// What a made-up case is about.
struct ScaledTopic: Sendable {
    var category: String
    var nature: NeedNature
    var spot: Spot
    var isPublic: Bool
    /// Who has it: the estate's manager, a utility, or the committee.
    var owner: Owner
    /// How many of a hundred cases.
    var share: Int
    var sentences: [String]

    enum Owner: Sendable {
        case manager, committee
        case utility(DemoUnit)
    }

    init(
        _ category: String, _ nature: NeedNature, _ spot: Spot, _ owner: Owner, share: Int, isPublic: Bool = false,
        _ sentences: [String]
    ) {
        self.category = category
        self.nature = nature
        self.spot = spot
        self.owner = owner
        self.share = share
        self.isPublic = isPublic
        self.sentences = sentences
    }

    static let all: [ScaledTopic] = [
        ScaledTopic("R0202", .assistance, .shared, .manager, share: 10, ["电梯又停了", "电梯关不上门", "电梯抖得厉害"]),
        ScaledTopic("C0118", .assistance, .street, .committee, share: 9, isPublic: true, ["路灯不亮", "路灯忽明忽暗"]),
        ScaledTopic("R1401", .complaint, .estate, .manager, share: 14, ["垃圾桶满了没人清", "垃圾堆了两天"]),
        ScaledTopic("R0101", .assistance, .home, .manager, share: 9, ["屋顶漏雨", "外墙渗水，墙皮掉了"]),
        ScaledTopic("R0801", .suggestion, .estate, .manager, share: 11, ["晚上没地方停车", "车位画线看不清了"]),
        ScaledTopic("R1001", .complaint, .home, .manager, share: 8, ["楼上半夜拖椅子", "半夜音响声音大"]),
        ScaledTopic("R0601", .assistance, .home, .utility(.heat), share: 8, ["暖气不热", "暖气片只热半截"]),
        ScaledTopic("R0302", .assistance, .home, .utility(.water), share: 5, ["水压太低", "晚上水流小"]),
        ScaledTopic("R0402", .assistance, .home, .utility(.power), share: 3, ["一开空调就跳闸", "电压不稳"]),
        ScaledTopic("R1301", .complaint, .shared, .manager, share: 9, ["楼道堆满了杂物", "楼道里放着旧柜子"]),
        ScaledTopic("R0904", .complaint, .estate, .manager, share: 6, ["电动车乱停，挡住门口", "车棚停不下电动车"]),
        ScaledTopic("E0110", .assistance, .street, .committee, share: 5, isPublic: true, ["路面有个坑", "便道地砖翘起来了"]),
        ScaledTopic("R1501", .assistance, .estate, .manager, share: 3, ["树枝挡住窗户", "树枝快要断了"]),
    ]
}

/// Makes cases up; the same one for the same place in the row.
struct ScaledCaseMaker: Sendable {
    private let places: [PlaceSummary]
    private let units: [DemoUnit: ID<Unit>]
    private let committees: [DivisionCode: ID<Unit>]
    private let first: Int
    private let count: Int
    private let openPerMille: UInt64
    private let now: Instant

    /// Makes `count` cases; `first` says how many there are already, so that numbers go on from there.
    init(cast: DemoCast, first: Int, count: Int, openPerMille: Int, now: Instant) throws {
        places = cast.places.values.sorted { $0.id < $1.id }
        units = cast.units
        committees = [
            DemoDivision.happiness: try cast.unit(.committee),
            DemoDivision.locust: try cast.unit(.locustCommittee),
            DemoDivision.village: try cast.unit(.villageCommittee),
        ]
        self.first = first
        self.count = count
        self.openPerMille = UInt64(openPerMille)
        self.now = now
    }

    private static let year = 365.0 * 86_400

    func make(_ index: Int) -> ScaledCase {
        var random = DemoRandom(first + index)
        let topic = ScaledCaseMaker.topic(Int(random.next() % 100))
        let place = places[Int(random.next() % UInt64(places.count))]
        let age = (1 - (Double(index) + random.between(0, 1)) / Double(count)) * ScaledCaseMaker.year
        let created = now.adding(seconds: -Int64(age))
        let (state, since, due) = course(from: created, age: age, &random)
        let sentence = ScaledWords.pick(topic.sentences, &random)
        let text = ScaledWords.text(sentence, &random)
        let digits = String(first + index)
        let number = "SJ\(created.date.compact)-D" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
        let isClosed = state == "closed"
        let (unit, ground) = state == "received" ? (nil, .none) : handler(topic, place)
        return ScaledCase(
            seed: first + index,
            number: number,
            topic: topic,
            state: state,
            title: sentence,
            text: text,
            search: SearchText.spaced("\(number) \(text)") + ScaledCaseMaker.scope(place.division),
            place: place,
            unit: unit,
            ground: ground,
            isUrgent: random.next() % 50 == 0,
            stars: isClosed && random.next() % 5 < 3 ? 3 + Int(random.next() % 3) : nil,
            createdAt: created,
            stateSince: since,
            dueAt: due
        )
    }

    /// Where it stands, since when and until when: half of the last two weeks is open, and a few older ones.
    private func course(
        from created: Instant, age: Double, _ random: inout DemoRandom
    ) -> (state: String, since: Instant, due: Instant) {
        let day = 86_400.0
        func later(_ low: Double, _ high: Double) -> Instant {
            min(created.adding(seconds: Int64(random.between(low, high))), now)
        }
        func lately(_ most: Double) -> Instant {
            max(created, now.adding(seconds: -Int64(random.between(0, most))))
        }
        let isRecent = age < 14 * day
        guard random.next() % 1000 < (isRecent ? 500 : openPerMille) else {
            let since = later(4 * 3600, 6 * day)
            return (random.next() % 100 == 0 ? "withdrawn" : "closed", since, since)
        }
        switch random.next() % 100 {
        case 0..<10 where isRecent:
            let since = lately(3600)
            return ("received", since, since.adding(hours: 2))
        case 10..<25 where isRecent:
            // Nobody has let these lapse yet: they were finished within the last two and a half days.
            let since = lately(2.5 * day)
            return ("confirming", since, since.adding(days: 3))
        case 25..<30 where isRecent:
            let since = lately(day / 2)
            return ("checking", since, since.adding(days: 2))
        case 30..<55: return ("dispatched", created, created.adding(hours: 8))
        default:
            let since = later(0, 4 * 3600)
            return ("handling", since, since.adding(days: 7))
        }
    }

    /// Who has it and why, as the routing would decide.
    private func handler(_ topic: ScaledTopic, _ place: PlaceSummary) -> (ID<Unit>?, CaseRouting.Ground) {
        let committee = committees[place.division.ancestor(at: .community)]
        switch topic.owner {
        case .utility(let unit): return (units[unit], .utility)
        case .committee: return (committee, .community)
        case .manager:
            if let manager = place.manager { return (manager, .manager) }
            return DemoDivision.locust.contains(place.division)
                ? (units[.management], .managementCommittee) : (committee, .community)
        }
    }

    private static func topic(_ share: Int) -> ScaledTopic {
        var rest = share
        for topic in ScaledTopic.all {
            if rest < topic.share { return topic }
            rest -= topic.share
        }
        return ScaledTopic.all[0]
    }

    /// The divisions as words of the full text, as the kernel writes them.
    private static func scope(_ division: DivisionCode) -> String {
        [DivisionCode.Level.district, .street, .community, .grid]
            .map { " d\(division.ancestor(at: $0))" }.joined()
    }
}

/// Words the texts are put together from.
enum ScaledWords {
    private static let names = Array("瑞福祥兴隆泰永昌和顺宏盛德裕恒丰广聚源茂万通利成鑫达金宝玉华春秋喜庆吉安康宁远明")
    private static let endings = Array("记堂斋轩居楼阁园坊铺店行社馆庄号房院亭台厅摊市场站点库棚屋家口苑里巷湾桥林园圃")
    private static let times = ["早上", "中午", "晚上", "半夜", "周末", "下雨天", "这几天", "从上周起", "天天", "放学的时候"]
    private static let effects = [
        "老人孩子都不方便", "邻居们都有意见", "实在没法住了", "已经好几天了", "怕出事", "影响休息", "大家都绕着走",
    ]
    private static let wishes = ["麻烦尽快来看看", "请安排人处理", "希望彻底解决", "谢谢", "盼回复", "拜托了"]

    static func pick(_ words: [String], _ random: inout DemoRandom) -> String {
        words[Int(random.next() % UInt64(words.count))]
    }

    /// A few sentences, with the name of a shop that hardly any other text has.
    static func text(_ sentence: String, _ random: inout DemoRandom) -> String {
        let shop =
            String(names[Int(random.next() % UInt64(names.count))])
            + String(endings[Int(random.next() % UInt64(endings.count))])
        let hour = 6 + random.next() % 17
        return "\(pick(times, &random))\(sentence)，\(pick(effects, &random))。就在\(shop)旁边，\(hour)点以后最明显。"
            + "\(pick(wishes, &random))。"
    }
}
