import LinliCore
import LinliStandards

extension CaseType {
    /// Who may begin a case of the type, and between what they choose.
    package struct Opening: Sendable {
        /// Where somebody comes in.
        package enum Door: String, Sendable, CaseIterable {
            /// The report page, with or without an account.
            case resident
            /// The grid worker's phone.
            case grid
            /// The desk, for who calls or comes.
            case staff
            /// The JSON API, and other systems.
            case program

            /// What people read.
            package var name: Text {
                switch self {
                case .resident: Text("居民", "Residents")
                case .grid: Text("网格员", "Grid workers")
                case .staff: Text("工作人员代登", "Staff for others")
                case .program: Text("接口", "Programs")
                }
            }
        }

        /// The doors it is offered at.
        package let by: [Door]
        /// The icon beside its name.
        package let icon: String
        /// When to choose it.
        package let hint: Text?
        /// Codes of the categories it may be about, or what they begin with; empty for every category.
        package let categories: [String]
        /// The category when neither a person nor the words say one; empty where somebody must choose.
        package let otherwise: String
        /// What the person may want; empty for every nature.
        package let natures: [NeedNature]
        /// Kinds of place it may be at; empty for every kind.
        package let spots: [Spot]

        /// Whether a category is one of them.
        package func takes(_ category: EventCategory) -> Bool {
            categories.isEmpty || categories.contains { category.code.hasPrefix($0) }
        }

        /// The kinds of place to choose from.
        package var places: [Spot] { spots.isEmpty ? Spot.allCases : spots }

        /// The natures to choose from.
        package var wishes: [NeedNature] { natures.isEmpty ? NeedNature.allCases : natures }
    }

    /// Whether it is offered at a door.
    package func isOffered(at door: Opening.Door) -> Bool { opening?.by.contains(door) ?? false }

    /// What of a draft the type does not take: who tells it, what it is about, what is wanted, where it is.
    func problems(of draft: CaseDraft, _ catalogue: EventCatalogue) -> [LinliError.Field] {
        // A part of a case is made by the case it belongs to.
        guard let door = draft.source.door else { return [] }
        guard let opening, opening.by.contains(door) else {
            return [.init("type", Text("这里不能登记“\(name.zh)”", "“\(name.en)” cannot be told here"))]
        }
        var problems: [LinliError.Field] = []
        // Categories say what must go which way; what a grid worker found and settled goes nowhere any more.
        let isFoundAndSettled = draft.source == .grid && draft.settledWith != nil
        if !isFoundAndSettled, let category = catalogue[code: draft.category], !opening.takes(category) {
            problems.append(
                .init("category", Text("“\(name.zh)”不收这一类，请另选", "“\(name.en)” does not take this kind"))
            )
        }
        if !opening.wishes.contains(draft.nature) {
            let wishes = Text(
                opening.wishes.map(\.name.zh).joined(separator: "、"),
                opening.wishes.map(\.name.en).joined(separator: ", ")
            )
            let text = Text("“\(name.zh)”只收：\(wishes.zh)", "“\(name.en)” takes only: \(wishes.en)")
            problems.append(.init("nature", text))
        }
        if !opening.places.contains(draft.spot) {
            problems.append(.init("spot", Text("请选是哪种地方", "Please choose what sort of place it is")))
        }
        if draft.settledWith != nil, settled == nil {
            problems.append(
                .init("settledWith", Text("“\(name.zh)”不能当场办结", "“\(name.en)” cannot be settled on the spot"))
            )
        }
        return problems
    }
}

extension CaseSource {
    /// The door it came in by; nil for a part of another case.
    var door: CaseType.Opening.Door? {
        switch self {
        case .web, .account: .resident
        case .staff, .hotline: .staff
        case .grid: .grid
        case .api, .open311: .program
        case .part: nil
        }
    }
}

extension CaseTypes {
    /// The types offered at a door, the newest version of each; those that take everything come first.
    package func offered(at door: CaseType.Opening.Door) -> [CaseType] {
        all.filter { $0.isOffered(at: door) }.sorted { one, other in
            let (left, right) = (one.opening?.categories.count ?? 0, other.opening?.categories.count ?? 0)
            return (left, one.id) < (right, other.id)
        }
    }

    /// The type a form or program names, in its newest version.
    ///
    /// - Throws: `.notFound` for a type that is not offered at this door.
    package func offered(_ id: String, at door: CaseType.Opening.Door) throws -> CaseType {
        guard let type = newest(id), type.isOffered(at: door) else { throw LinliError.notFound("cases.type") }
        return type
    }
}
