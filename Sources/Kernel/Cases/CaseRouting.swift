import LinliCore
import LinliSQL
import LinliStandards

extension EventCategory {
    /// Where such trouble usually is, when nobody said.
    package var usualSpot: Spot {
        switch owner {
        case .owner: .home
        case .publicSpace: .street
        default: .estate
        }
    }
}

extension EventCategory.OwnerClass {
    /// The company that looks after pipes and wires of this class.
    var utility: UnitKind? {
        switch self {
        case .utilityWater: .water
        case .utilityPower: .power
        case .utilityGas: .gas
        case .utilityHeat: .heat
        case .utilityTelecom: .telecom
        case .owner, .commonParts, .publicSpace, .government: nil
        }
    }
}

/// Finds who is to act: first whose it is, then who stands in where that one is missing. It never goes back to the
/// resident, and never to the unit complained about.
package enum CaseRouting {
    /// Why a case went where it went.
    package enum Ground: String, Sendable, CaseIterable {
        case rule, duty, manager, ownerManager, managementCommittee, utility, community, street, district, staff
        case onSpot, none

        /// What the history says.
        package var name: Text {
            switch self {
            case .rule: Text("按本地派单规则", "By a rule of this place")
            case .duty: Text("按派单目录的主责单位", "By the catalogue of duties")
            case .manager: Text("房屋公共部分由管理单位负责", "Shared parts belong to the manager of the estate")
            case .ownerManager: Text("户内的事由业主负责，管理单位协助", "Inside a home: the owner's, the manager of the estate helps")
            case .managementCommittee: Text("没有物业公司，由物业管理委员会负责", "No property company: the management committee")
            case .utility: Text("管线由专业公司负责", "Pipes and wires belong to the utility")
            case .community: Text("公共空间由所在社区（村）负责", "Public space belongs to the community")
            case .street: Text("由街道诉求处置中心协调", "The street centre coordinates")
            case .district: Text("由区里协调", "The district coordinates")
            case .staff: Text("由调度员指派", "Sent by a dispatcher")
            case .onSpot: Text("现场发现、当场解决的单位", "They found it and settled it on the spot")
            case .none: Text("等待调度员派单", "Waiting for a dispatcher")
            }
        }
    }

    /// Where a need goes.
    package struct Decision: Sendable {
        package let unit: UnitSummary?
        package let ground: Ground
        /// The rule of the deployment that decided, where one did.
        package internal(set) var rule: ID<DispatchRule>?
        /// The grid it goes to, where a rule says so: who walks it gets it in that unit.
        package internal(set) var grid: DivisionCode?
    }

    /// What routing looks at besides whose it is.
    package struct Question: Sendable {
        package var owner: EventCategory.OwnerClass
        package var place: ID<Place>?
        package var against: ID<Unit>?
        package var facts: DispatchRule.Facts
        /// Units the complaint also speaks of: it goes to none of them.
        package var avoided: Set<ID<Unit>> = []

        /// A question about a case.
        package init(
            owner: EventCategory.OwnerClass, place: ID<Place>?, against: ID<Unit>?, facts: DispatchRule.Facts
        ) {
            self.owner = owner
            self.place = place
            self.against = against
            self.facts = facts
        }

        /// A question about a case as it stands, asked at `moment`.
        package init(_ item: CaseRecord, owner: EventCategory.OwnerClass?, at moment: Instant) {
            self.init(
                owner: owner ?? .publicSpace, place: item.place, against: item.accusation.units.first,
                facts: DispatchRule.Facts(
                    division: item.division, category: item.category, nature: item.nature, spot: item.spot,
                    text: item.text, at: moment, answers: item.answers
                )
            )
            avoided = Set(item.accusation.units)
        }

        /// The units it must not go to.
        var barred: Set<ID<Unit>> { avoided.union([against].compactMap { $0 }) }

        /// Whether it must not go to a unit.
        func keepsAway(_ unit: ID<Unit>) -> Bool { unit == against || avoided.contains(unit) }

        /// The level that must look at it at the lowest: what is said of a committee or its people is the street's, what
        /// is said of the street is the district's. Nil for what is against neither.
        func floor(_ tx: ReadTx) throws -> DivisionCode.Level? {
            let kinds = try barred.compactMap { try UnitsStore.find($0, tx)?.kind }
            if kinds.contains(.streetCentre) { return .district }
            return kinds.contains(where: DutyCatalogue.isCommunity) ? .street : nil
        }
    }

    /// Decides with the rules and duties of the deployment: first its rules in order, then whose it is; a community is
    /// passed over where the catalogue of duties does not let it lead, and the lawful unit found in its place.
    package static func decide(_ question: Question, _ book: DispatchBook, _ tx: ReadTx) throws -> Decision {
        try decide(question, rules: book.rules, book.duties, tx)
    }

    /// Decides with these rules in order and these duties, whatever is in force.
    package static func decide(
        _ question: Question, rules: [DispatchRule], _ duties: DutyCatalogue, _ tx: ReadTx
    ) throws -> Decision {
        try ruled(question, rules, duties, tx) ?? decide(question, duties, tx)
    }

    /// Where a case goes that is against a committee, a street or their people: to the centre above them, past everybody
    /// who works beside them.
    private static func above(
        _ floor: DivisionCode.Level, _ question: Question, _ tx: ReadTx
    ) throws -> Decision {
        let division = question.facts.division
        let street =
            try floor == .street ? UnitsStore.first([.streetCentre], of: division.ancestor(at: .street), tx) : nil
        if let street, !question.keepsAway(street.id) { return Decision(unit: street, ground: .street) }
        let district = try UnitsStore.first([.district], of: division.ancestor(at: .district), tx)
        if let district, !question.keepsAway(district.id) { return Decision(unit: district, ground: .district) }
        return Decision(unit: nil, ground: .none)
    }

    /// The first rule that fits and whose unit may have the case. No rule stands above the catalogue: what a community may
    /// not lead 社区工作准入 goes on to the next rule, and at last to who is lawful.
    package static func ruled(
        _ question: Question, _ rules: [DispatchRule], _ duties: DutyCatalogue, _ tx: ReadTx
    ) throws -> Decision? {
        let floor = try question.floor(tx)
        for rule in rules where rule.fits(question.facts) {
            guard let (unit, grid) = try target(of: rule, question.facts, tx), !question.keepsAway(unit.id),
                duties.mayLead(unit.kind, question.facts.category), floor.map({ unit.division.level <= $0 }) ?? true
            else { continue }
            return Decision(unit: unit, ground: .rule, rule: rule.id, grid: grid)
        }
        return nil
    }

    /// Decides where no rule does: whose it is, then who leads by the catalogue.
    package static func decide(_ question: Question, _ duties: DutyCatalogue, _ tx: ReadTx) throws -> Decision {
        if let floor = try question.floor(tx) { return try above(floor, question, tx) }
        let facts = question.facts
        let found = try decide(
            owner: question.owner, spot: facts.spot, division: facts.division, place: question.place,
            against: question.against, tx
        ) { question.keepsAway($0.id) || !duties.mayLead($0.kind, facts.category) }
        guard found.ground == .street || found.ground == .district,
            let lawful = try lawful(facts.category, facts.division, duties, apartFrom: question.barred, tx)
        else { return found }
        return Decision(unit: lawful, ground: .duty)
    }

    /// The first unit the catalogue names as leading that is there.
    package static func lawful(
        _ category: String, _ division: DivisionCode, _ duties: DutyCatalogue, apartFrom barred: Set<ID<Unit>>,
        _ tx: ReadTx
    ) throws -> UnitSummary? {
        for kind in duties[category]?.leads ?? [] {
            let levels: [DivisionCode.Level] = [.community, .street, .district]
            for level in levels {
                if let unit = try UnitsStore.first([kind], of: division.ancestor(at: level), tx),
                    !barred.contains(unit.id)
                {
                    return unit
                }
            }
            if let unit = try UnitsStore.serving(kind, division, tx), !barred.contains(unit.id) { return unit }
        }
        return nil
    }

    /// Enforcement and work out of its list may not be sent to a community 社区工作准入; says who leads instead.
    package static func barred(
        _ category: String, _ division: DivisionCode, _ duties: DutyCatalogue, against: [ID<Unit>] = [],
        isPart: Bool = false, field: String, _ tx: ReadTx
    ) throws -> LinliError {
        let basis = duties[category].map { $0.basis.isEmpty ? "" : "（\($0.basis)）" } ?? "（派单目录里没有这一类）"
        let what =
            isPart
            ? Text("这类事不能派社区协办\(basis)", "A community may not be asked for this kind")
            : Text("这类事不能派社区主办\(basis)", "A community may not lead this kind")
        let lawful = try lawful(category, division, duties, apartFrom: Set(against), tx)
        let instead = lawful.map { Text("，应派给\($0.name.zh)", "; it belongs to \($0.name.en)") } ?? Text(same: "")
        return LinliError.invalid("cases.barred", [.init(field, what + instead)])
    }

    /// Decides for a need of `owner` class at `spot` in `division`, at `place` if one was named; what `isPassedOver`
    /// says yes to is not taken.
    package static func decide(
        owner: EventCategory.OwnerClass,
        spot: Spot,
        division: DivisionCode,
        place: ID<Place>?,
        against: ID<Unit>?,
        _ tx: ReadTx,
        isPassedOver: (UnitSummary) -> Bool = { _ in false }
    ) throws -> Decision {
        for (ground, find) in candidates(owner, spot, division, place) {
            if let unit = try find(tx), unit.id != against, !isPassedOver(unit) {
                return Decision(unit: unit, ground: ground)
            }
        }
        return Decision(unit: nil, ground: .none)
    }

    private typealias Find = (ReadTx) throws -> UnitSummary?

    private static func candidates(
        _ owner: EventCategory.OwnerClass,
        _ spot: Spot,
        _ division: DivisionCode,
        _ place: ID<Place>?
    ) -> [(Ground, Find)] {
        let community = division.ancestor(at: .community)
        let street = division.ancestor(at: .street)
        var list: [(Ground, Find)] = []
        if let utility = owner.utility {
            list.append((.utility, { try UnitsStore.serving(utility, division, $0) }))
        }
        let isOfBuilding = owner == .commonParts || owner == .owner || spot == .home || spot == .shared
        if owner != .government, owner.utility == nil, isOfBuilding {
            // Inside a dwelling nothing is shared, unless it is the trouble itself: a drain of the house that backs up.
            let isOwners = owner == .owner || (spot == .home && owner != .commonParts)
            list.append((isOwners ? .ownerManager : .manager, { try manager(of: place, $0) }))
            list.append((.managementCommittee, { try UnitsStore.first([.managementCommittee], of: community, $0) }))
        }
        if owner != .government {
            list.append((.community, { try UnitsStore.first([.committee, .village], of: community, $0) }))
        }
        list.append((.street, { try UnitsStore.first([.streetCentre], of: street, $0) }))
        list.append((.district, { try UnitsStore.first([.district], of: division.ancestor(at: .district), $0) }))
        return list
    }

    /// Who manages a place: its own manager or that of the place it is part of.
    static func manager(of place: ID<Place>?, _ tx: ReadTx) throws -> UnitSummary? {
        var next = place
        // Dwelling, entrance, building, estate: four steps reach the top.
        for _ in 0..<5 {
            guard let id = next, let found = try PlacesStore.find(id, tx) else { return nil }
            if let manager = found.manager { return try UnitsStore.find(manager, tx) }
            next = found.parent
        }
        return nil
    }
}
