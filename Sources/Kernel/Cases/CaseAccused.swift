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
    private static let breaks: Set<Character> = ["，", "。", "！", "？", "；", "：", "、", "“", "”", " ", "\n", ",", ".", "!"]

    /// The units of a place that `text` names by their name, by what they are or by their people, the one it is most about
    /// first.
    static func named(
        in text: String, division: DivisionCode, place: ID<Place>?, at now: Instant, _ tx: ReadTx
    ) throws -> [UnitSummary] {
        let units = try UnitsStore.reachable(from: division.ancestor(at: .community), tx)
        var search = Search(text)
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
        return search.units
    }

    /// What of a text is not understood yet, and whom it was found to name.
    private struct Search {
        private(set) var rest: String
        private var found: [(unit: UnitSummary, rank: Int)] = []

        init(_ text: String) { rest = text }

        /// Each once, the one it is most about first.
        var units: [UnitSummary] {
            var seen: Set<ID<Unit>> = []
            return found.sorted { $0.rank < $1.rank }.map(\.unit).filter { seen.insert($0.id).inserted }
        }

        mutating func take(_ word: String, _ units: [UnitSummary]) {
            if let range = rest.firstRange(of: word) { take(range, units) }
        }

        mutating func take(_ range: Range<String.Index>, _ units: [UnitSummary]) {
            guard !units.isEmpty else { return }
            let position = rest.distance(from: rest.startIndex, to: range.lowerBound)
            let isObject = isObject(before: range.lowerBound, of: AccusedUnits.verbs)
            for (index, unit) in units.enumerated() {
                found.append((unit, (isObject ? position : position + 10_000) + index))
            }
            // What was understood is not understood again as something shorter; positions stay.
            let word = String(rest[range])
            rest = rest.replacing(word, with: String(repeating: "　", count: word.count))
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
                return isObject(before: range.lowerBound, of: ["投诉", "举报", "控告"])
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

extension CaseCommands {
    /// The units a draft speaks against: those of its words, and for property management the manager of the place.
    func accused(_ draft: CaseDraft, _ division: DivisionCode, _ tx: WriteTx) throws -> [UnitSummary] {
        // A part is against whom the whole is against: its words are staff's, and say who is to do what.
        guard draft.nature.isProtected, draft.parent == nil, draft.against == nil, !draft.isAgainstNobody else {
            return []
        }
        let named = try AccusedUnits.named(in: draft.text, division: division, place: draft.place, at: tx.now, tx)
        guard named.isEmpty, draft.category.hasPrefix("R17") else { return named }
        return [try CaseRouting.manager(of: draft.place, tx)].compactMap { $0 }
    }

    /// Says which unit a case is against, or that it is against none: that unit sees and hears nothing of it any more,
    /// and when it has the case, the case goes to the next one.
    ///
    /// - Throws: `.notFound`, `.forbidden` for who does not dispatch it, `.invalid` for a unit that is not there.
    package func setAgainst(_ unit: ID<Unit>?, of id: ID<Case>, _ context: Context) async throws {
        try await database.write(context, "cases.setAgainst") { tx in
            let (item, standing) = try locked(id, context, tx)
            guard standing.isStaff else { throw LinliError.notFound("cases.hidden") }
            guard standing.isDispatcher else { throw LinliError.forbidden("cases.setAgainst") }
            guard try unit.map({ try UnitsStore.find($0, tx) != nil }) ?? true else {
                throw LinliError.invalid(
                    "cases.against", [.init("against", Text("请从列表里选单位", "Please choose a unit from the list"))]
                )
            }
            // Said again it changes nothing; who said it stands in the audit all the same.
            if unit == item.against { try tx.audit(item.subject, fields: ["against"]) }
            try keepAway(unit, from: item, tx)
        }
    }

    /// Does what `setAgainst` says, for the case and the parts of it; passed on, it goes to none of `avoided` either.
    func keepAway(
        _ unit: ID<Unit>?, from item: CaseRecord, avoiding avoided: Set<ID<Unit>> = [], _ tx: WriteTx
    ) throws {
        guard unit != item.against else { return }
        if unit != nil { try mustSpeakAlone(item, tx) }
        try mark(.against, item, text: "", isVisible: false, tx)
        var change = CaseChange(item)
        var (state, due) = (item.state, item.dueAt)
        let isTheirs = item.handlerUnit.map { $0 == unit || avoided.contains($0) } ?? false
        if unit != nil, isTheirs, item.isOpen {
            (state, due) = try passOn(item, against: unit, avoiding: avoided, &change, tx)
        }
        try accuse(unit, item, handler: change.unit, tx)
        try tx.execute(
            """
            UPDATE case_item SET against_unit = \(unit?.rawValue ?? 0), handler_unit = \(change.unit),
                handler_id = \(change.handler), ground = \(change.ground), state = \(state), due_at = \(due),
                state_since = \(state == item.state ? item.stateSince : tx.now),
                is_bound = \(item.isBound && change.unit == item.handlerUnit),
                is_public = \(item.isPublic && unit == nil)
            WHERE id = \(item.id)
            """
        )
        if let unit {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND unit_id = \(unit) AND until IS NULL
                """
            )
            try tx.execute("DELETE FROM case_copy WHERE case_id = \(item.id) AND unit_id = \(unit)")
        }
        if change.unit != item.handlerUnit {
            try tx.execute(
                """
                UPDATE case_party SET until = \(tx.now)
                WHERE case_id = \(item.id) AND role = 'handler' AND until IS NULL
                """
            )
        }
        if let next = change.unit, next != item.handlerUnit {
            try join(item.id, next, isOpen: true, due: due, state: state, tx)
            if isLoud(item) { try ring(next, for: item.id, item.division, round: item.version, unit, tx) }
        }
        try tx.audit(item.subject, fields: ["against"])
        var facts = facts(
            from: item.state, to: state, units: [change.unit], unit: change.unit, oldUnit: item.handlerUnit,
            against: unit
        )
        facts["oldAgainst"] = String(item.against?.rawValue ?? 0)
        try tx.emit("case.changed", item.subject, facts: facts)
        let parts: [ID<Case>] = try tx.all("SELECT id FROM case_item WHERE parent_id = \(item.id) ORDER BY id") {
            try $0[0]
        }
        for part in parts { try keepAway(unit, from: try CasesStore.lock(part, tx), avoiding: avoided, tx) }
    }

    /// The evidence of every round says so too: otherwise the unit would count and find the case among its results.
    private func accuse(_ unit: ID<Unit>?, _ item: CaseRecord, handler: ID<Unit>?, _ tx: WriteTx) throws {
        let type = try queries.types.type(item.type, version: item.typeVersion)
        try keepEvidence(item, type, try storedClocks(item, type, tx), .accused(unit, handler: handler), tx)
    }
}
