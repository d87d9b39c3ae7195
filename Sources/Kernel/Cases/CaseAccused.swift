import LinliCore
import LinliSQL
import LinliStandards

/// Finds the units a complaint speaks of, by their names, by what they are or by their people, so that it goes to none of
/// them although nobody chose one from a list.
enum AccusedUnits {
    /// What people call the units of their neighbourhood and who works there; longer words first, because they may hold
    /// shorter ones. Who walks a grid or heads a community stands for its committee, who sits in the street for its centre.
    ///
    /// Configured here, no source.
    private static let words: [(word: String, kinds: [UnitKind])] = [
        ("物业管理委员会", [.managementCommittee]), ("便民服务中心", [.serviceCentre]), ("诉求处置中心", [.streetCentre]),
        ("街道工作人员", street), ("社区工作人员", committee),
        ("居民委员会", [.committee]), ("村民委员会", [.village]), ("业主委员会", [.ownersCommittee]),
        ("自来水公司", [.water]), ("供水公司", [.water]), ("供电公司", [.power]), ("电力公司", [.power]),
        ("燃气公司", [.gas]), ("热力公司", [.heat]), ("供热公司", [.heat]), ("供暖公司", [.heat]), ("卫生服务站", [.clinic]),
        ("社区工作者", committee), ("社区的书记", committee), ("社区的主任", committee), ("街道办事处", street),
        ("业委会主任", [.ownersCommittee]), ("物管会主任", [.managementCommittee]), ("物业经理", [.property]),
        ("物业主任", [.property]), ("社区书记", committee), ("社区主任", committee), ("社区干部", committee),
        ("社区领导", committee), ("街道书记", street), ("街道主任", street), ("街道干部", street), ("街道领导", street),
        ("物管会", [.managementCommittee]), ("居委会", [.committee]), ("村委会", [.village]),
        ("业委会", [.ownersCommittee]), ("执法队", [.enforcement]), ("派出所", [.police]),
        ("司法所", [.judicial]), ("街道办", street), ("镇政府", street), ("乡政府", street), ("镇干部", street),
        ("乡干部", street), ("助餐点", [.mealPoint]), ("养老驿站", [.elderStation]),
        ("网格员", committee), ("网格长", committee), ("村支书", committee), ("村书记", committee), ("村主任", committee),
        ("村干部", committee), ("村两委", committee), ("村长", committee), ("村官", committee),
        ("城管", [.enforcement]), ("物业", [.property]),
    ]

    private static let committee: [UnitKind] = [.committee, .village]
    private static let street: [UnitKind] = [.streetCentre]

    /// Words that mean somebody of the committee where nothing says of what: at the beginning of a clause or after a verb.
    private static let bareTitles = ["书记", "主任"]
    /// Words that are places as well: they mean the people there only as the object of a complaint about what they do.
    private static let barePlaces: [(word: String, kinds: [UnitKind])] = [("社区", committee), ("街道", street)]
    private static let deeds = ["不作为", "不管", "不办", "不处理", "没人管", "推诿", "推来推去", "收钱", "违规", "违纪", "拖着", "包庇"]

    /// What stands before the one a complaint is about.
    private static let verbs = ["投诉", "举报", "告", "反映", "控告"]
    private static let titles = [
        "网格员", "网格长", "书记", "主任", "干部", "工作人员", "工作者", "社工", "支书", "村长", "科长", "队长", "所长", "经理", "师傅",
    ]
    /// What names the object of a complaint whatever else it names.
    private static let strongVerbs = ["投诉", "举报", "控告"]
    /// What joins two that a complaint is about.
    private static let joints = ["和", "跟", "与", "及", "以及", "还有", "、"]
    /// What asks a unit to act, before its name and behind: that accuses it of nothing.
    private static let askings = [
        "请", "让", "叫", "找", "转", "转给", "转交", "交", "交给", "交由", "派", "派给", "由", "联系", "通知", "协调", "移交", "麻烦", "建议",
    ]
    private static let actings = [
        "处理", "办理", "核实", "跟进", "解决", "协调", "上门", "维修", "帮忙", "调解", "回复", "答复", "劝", "查一下", "出面",
    ]
    /// How an order says which unit has it, behind the unit's name and before it: that accuses it of nothing either.
    private static let assignedBehind = ["作为承办", "为承办", "承办", "主办", "协办", "牵头", "配合"]
    private static let assignedBefore = ["承办单位", "主办单位", "协办单位", "办理单位", "责任单位", "配合单位"]
    private static let breaks: Set<Character> = ["，", "。", "！", "？", "；", "：", "、", "“", "”", " ", "\n", ",", ".", "!"]

    /// Whom a text names.
    struct Named: Sendable {
        /// Everybody, the one it is most about first.
        var all: [UnitSummary] = []
        /// Whom it is against: the objects of the complaint and what is named in one breath with them, else the first.
        var accused: [UnitSummary] = []
    }

    /// The units of a place that `text` names by their name, by what they are or by their people; where it is an order,
    /// not those it only says are to handle it.
    static func named(
        in text: String, isOrder: Bool = false, division: DivisionCode, place: ID<Place>?, at now: Instant, _ tx: ReadTx
    ) throws -> Named {
        let units = try UnitsStore.reachable(from: division.ancestor(at: .community), tx)
        var search = Search(text, isOrder: isOrder)
        for unit in units.sorted(by: { $0.name.zh.count > $1.name.zh.count }) where unit.name.zh.count >= 3 {
            search.take(unit.name.zh, [unit])
        }
        // Hundreds of people work there: whose characters do not all stand in the text needs no search.
        let characters = Set(text)
        let people = try AccusedPeople.around(division, units, at: now, tx)
        for person in people where person.name.allSatisfy({ characters.contains($0) }) {
            if let range = search.person(person.name) { search.take(range, try offices(of: person, units, tx)) }
        }
        for (word, kinds) in words where search.rest.contains(word) {
            search.take(word, [try unit(of: kinds, units, division, place, tx)].compactMap { $0 })
        }
        for word in bareTitles {
            guard let range = search.title(word) else { continue }
            search.take(range, [try unit(of: committee, units, division, place, tx)].compactMap { $0 })
        }
        for (word, kinds) in barePlaces {
            guard let range = search.place(word) else { continue }
            search.take(range, [try unit(of: kinds, units, division, place, tx)].compactMap { $0 })
        }
        return Named(all: search.units, accused: search.accused)
    }

    /// What of a text is not understood yet, and whom it was found to name.
    private struct Search {
        private(set) var rest: String
        private let characters: [Character]
        /// Whether it may also say who is to handle it.
        private let isOrder: Bool
        private var found: [Mention] = []

        /// One place of the text, and the units meant there.
        private struct Mention {
            let units: [UnitSummary]
            let start: Int
            let end: Int
            /// Behind one of `verbs`.
            let isObject: Bool
            /// Behind one of `strongVerbs`.
            let isAccused: Bool

            var rank: Int { isObject ? start : start + 10_000 }
        }

        init(_ text: String, isOrder: Bool) {
            rest = text
            self.isOrder = isOrder
            characters = Array(text)
        }

        /// Each once, the one it is most about first.
        var units: [UnitSummary] { Search.once(found.sorted { $0.rank < $1.rank }) }

        /// Whom it is against, the one it is most about first.
        var accused: [UnitSummary] {
            guard let first = found.min(by: { $0.rank < $1.rank }) else { return [] }
            var accused = [first]
            var last: Mention?
            for mention in found.sorted(by: { $0.start < $1.start }) {
                let isFirst = mention.start == first.start
                let isJoined =
                    last.map { AccusedUnits.joints.contains(words(from: $0.end, to: mention.start)) } ?? false
                let isMeant = isFirst || mention.isAccused || isJoined
                if isMeant, !isFirst { accused.append(mention) }
                last = isMeant ? mention : nil
            }
            return Array(Search.once(accused).prefix(Accusation.limit))
        }

        private static func once(_ mentions: [Mention]) -> [UnitSummary] {
            var seen: Set<ID<Unit>> = []
            return mentions.flatMap(\.units).filter { seen.insert($0.id).inserted }
        }

        private func words(from start: Int, to end: Int) -> String {
            start <= end ? String(characters[start..<end]).trimmed : ""
        }

        /// Takes the first place of a word that does not ask the unit to act.
        mutating func take(_ word: String, _ units: [UnitSummary]) {
            let ranges = rest.ranges(of: word)
            if let range = ranges.first(where: { !asksToAct($0) }) { return take(range, units) }
            if !ranges.isEmpty, !units.isEmpty { understand(word) }
        }

        /// Whether a unit is only asked to do something: "请物业上门处理", and not "让物业退钱".
        private func asksToAct(_ range: Range<String.Index>) -> Bool {
            if isOrder, isAssigned(range) { return true }
            guard isObject(before: range.lowerBound, of: AccusedUnits.askings) else { return false }
            let after = String(rest[range.upperBound...].prefix(6))
            return AccusedUnits.actings.contains { after.contains($0) } && !after.contains("不") && !after.contains("没")
        }

        /// Whether an order only says that a unit has it: "安居物业作为承办单位", and not "安居物业配合不力".
        private func isAssigned(_ range: Range<String.Index>) -> Bool {
            let after = String(rest[range.upperBound...].prefix(6))
            guard !after.contains("不"), !after.contains("没") else { return false }
            let before = rest[..<range.lowerBound].suffix(8).filter { !"：: 为是".contains($0) }
            return AccusedUnits.assignedBehind.contains { after.hasPrefix($0) }
                || AccusedUnits.assignedBefore.contains { before.hasSuffix($0) }
        }

        /// What was understood is not understood again as something shorter; positions stay.
        private mutating func understand(_ word: String) {
            rest = rest.replacing(word, with: String(repeating: "　", count: word.count))
        }

        mutating func take(_ range: Range<String.Index>, _ units: [UnitSummary]) {
            guard !units.isEmpty else { return }
            let start = rest.distance(from: rest.startIndex, to: range.lowerBound)
            let word = String(rest[range])
            found.append(
                Mention(
                    units: units, start: start, end: start + word.count,
                    isObject: isObject(before: range.lowerBound, of: AccusedUnits.verbs),
                    isAccused: isObject(before: range.lowerBound, of: AccusedUnits.strongVerbs)))
            understand(word)
        }

        /// Whether one of `verbs` stands before a place of the text.
        private func isObject(before index: String.Index, of verbs: [String]) -> Bool {
            let before = rest[..<index]
            return verbs.contains { before.hasSuffix($0) || before.hasSuffix($0 + "了") }
        }

        private func beginsClause(_ index: String.Index) -> Bool {
            guard index > rest.startIndex else { return true }
            return AccusedUnits.breaks.contains(rest[rest.index(before: index)])
        }

        /// Where somebody is named. Two characters may be anything: they are a name beside a title, after a verb, or at
        /// the beginning of a clause.
        func person(_ name: String) -> Range<String.Index>? {
            rest.ranges(of: name).first { range in
                if name.count >= 3 || beginsClause(range.lowerBound) { return true }
                let (before, after) = (rest[..<range.lowerBound], rest[range.upperBound...])
                return isObject(before: range.lowerBound, of: AccusedUnits.verbs)
                    || AccusedUnits.titles.contains { before.hasSuffix($0) || after.hasPrefix($0) }
            }
        }

        /// Where a title stands without saying of what.
        func title(_ word: String) -> Range<String.Index>? {
            rest.ranges(of: word).first { range in
                beginsClause(range.lowerBound) || isObject(before: range.lowerBound, of: AccusedUnits.verbs)
            }
        }

        /// Where the word for a place means who works there.
        func place(_ word: String) -> Range<String.Index>? {
            rest.ranges(of: word).first { range in
                let after = rest[range.upperBound...]
                let isWhole = after.first.map { AccusedUnits.breaks.contains($0) } ?? true
                return isObject(before: range.lowerBound, of: AccusedUnits.strongVerbs)
                    && (isWhole || AccusedUnits.deeds.contains { after.hasPrefix($0) })
            }
        }
    }

    /// The units a person stands for: that of their duty, then who employs them.
    private static func offices(
        of person: AccusedPeople.Person, _ units: [UnitSummary], _ tx: ReadTx
    ) throws -> [UnitSummary] {
        let duty = try person.division.flatMap { division -> UnitSummary? in
            division.level == .street
                ? try UnitsStore.first(street, of: division, tx)
                : try UnitsStore.first(committee, of: division.ancestor(at: .community), tx)
        }
        return try [duty, person.unit.flatMap { try UnitsStore.find($0, tx) }].compactMap { $0 }
    }

    /// The unit that somebody who lives there means: the manager of the house, what serves it, the community's own. Nil
    /// when several could be meant.
    private static func unit(
        of kinds: [UnitKind], _ units: [UnitSummary], _ division: DivisionCode, _ place: ID<Place>?, _ tx: ReadTx
    ) throws -> UnitSummary? {
        if kinds == [.property], let manager = try CaseRouting.manager(of: place, tx) { return manager }
        for kind in kinds { if let serving = try UnitsStore.serving(kind, division, tx) { return serving } }
        let own = units.filter { kinds.contains($0.kind) && $0.division.contains(division) }
        return own.count == 1 ? own.first : nil
    }
}

/// The people who work where a case lies, by whose names a complaint may mean them.
enum AccusedPeople {
    struct Person: Sendable {
        let name: String
        /// Where they hold a duty: in the community or over the street.
        let division: DivisionCode?
        /// Who employs them.
        let unit: ID<Unit>?
    }

    /// Who holds a duty in the community or over the street, leads a grid there, or works for a unit of the place; longer
    /// names first.
    static func around(
        _ division: DivisionCode, _ units: [UnitSummary], at now: Instant, _ tx: ReadTx
    ) throws -> [Person] {
        let (community, street) = (division.ancestor(at: .community), division.ancestor(at: .street))
        var people: [Person] = []
        for (lower, upper) in [
            (community.range.lowerBound, community.range.upperBound), (street.rawValue, street.rawValue),
        ] {
            people += try tx.all(
                """
                SELECT a.name, g.division, a.unit_id FROM access_grant g JOIN account a ON a.id = g.account_id
                WHERE g.division >= \(lower) AND g.division <= \(upper) AND a.status = 'active'
                AND g.valid_from <= \(now) AND (g.valid_until IS NULL OR g.valid_until > \(now))
                ORDER BY g.division, g.id LIMIT 300
                """
            ) { Person(name: try $0[0], division: try $0[1], unit: try $0[2]) }
        }
        people += try tx.all(
            """
            SELECT r.name, r.division FROM grid_role r
            WHERE r.division >= \(community.range.lowerBound) AND r.division <= \(community.range.upperBound)
            AND r.kind = 'head' AND (r.valid_until IS NULL OR r.valid_until > \(now)) ORDER BY r.id LIMIT 100
            """
        ) { Person(name: try $0[0], division: try $0[1], unit: nil) }
        let near = units.filter { $0.division.level >= .street }.map(\.id)
        if !near.isEmpty {
            people += try tx.all(
                """
                SELECT a.name, a.unit_id FROM account a
                WHERE a.unit_id IN \(SQL.list(near)) AND a.status = 'active' ORDER BY a.id LIMIT 300
                """
            ) { Person(name: try $0[0], division: nil, unit: try $0[1]) }
        }
        return people.filter { $0.name.count >= 2 }.sorted { $0.name.count > $1.name.count }
    }
}
