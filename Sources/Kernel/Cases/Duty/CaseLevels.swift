import LinliCore
import LinliSQL

/// Who looks after whom: the street after its communities and their units, the district after its streets and after the
/// units of the district itself, the city after its districts where an office of the city is registered.
struct CaseLevels {
    /// The street's centre, the district's office and that of the city; nil where there is none.
    let street: ID<Unit>?
    let district: ID<Unit>?
    let city: ID<Unit>?
    /// The units complained about, which never hear of their case.
    let accusation: Accusation

    /// A chain of offices.
    init(street: ID<Unit>?, district: ID<Unit>?, city: ID<Unit>?, accusation: Accusation) {
        (self.street, self.district, self.city, self.accusation) = (street, district, city, accusation)
    }

    /// Those above a place.
    init(of division: DivisionCode, _ accusation: Accusation, _ tx: ReadTx) throws {
        street = try UnitsStore.first([.streetCentre], of: division.ancestor(at: .street), tx)?.id
        district = try UnitsStore.first([.district], of: division.ancestor(at: .district), tx)?.id
        city = try CaseLevels.city(over: division, tx)
        self.accusation = accusation
    }

    /// The office of the city: of a municipality it is registered with the code of the whole.
    static func city(over division: DivisionCode, _ tx: ReadTx) throws -> ID<Unit>? {
        try UnitsStore.first([.district], of: division.ancestor(at: .city), tx)?.id
            ?? UnitsStore.first([.district], of: division.ancestor(at: .province), tx)?.id
    }

    /// Who hears of an action about `late`, who has to act; `isDistricts` says that this is a unit of the district.
    func hears(_ action: CaseType.Rung.Action, of late: ID<Unit>?, isDistricts: Bool) -> ID<Unit>? {
        switch action {
        case .remind: late.flatMap { accusation.names($0) ? nil : $0 } ?? from(0)
        case .supervise: from(above(late, isDistricts))
        case .raise: from(above(late, isDistricts) + 1)
        }
    }

    /// The place in the chain of who supervises `late`: nobody is supervised by themselves.
    private func above(_ late: ID<Unit>?, _ isDistricts: Bool) -> Int {
        guard let late else { return 0 }
        if late == district || late == city { return 2 }
        return late == street || isDistricts ? 1 : 0
    }

    /// The office at a place of the chain, else the next above, else the next below.
    private func from(_ place: Int) -> ID<Unit>? {
        let chain = [street, district, city].map { accusation.names($0) ? nil : $0 }
        let (up, down) = (chain.dropFirst(place).compactMap { $0 }, chain.prefix(place).compactMap { $0 })
        return up.first ?? down.last
    }
}

extension CaseCommands {
    /// Who hears of it: a unit with a roster, never a person who may be off duty. Reminded is whoever `owner` is.
    func addressee(
        _ action: CaseType.Rung.Action, _ item: CaseRecord, _ owner: CaseType.Performer?, _ tx: ReadTx
    ) throws -> ID<Unit>? {
        let levels = try CaseLevels(of: item.division, item.accusation, tx)
        let late: ID<Unit>? =
            switch owner {
            case .handler, .colleague: item.handlerUnit
            case .collector:
                try UnitsStore.first([.committee, .village], of: item.division.ancestor(at: .community), tx)?.id
            case .lead: try CaseSituation.lead(of: item, tx)
            case .arbiter:
                try CaseSituation.arbiters(of: item, tx).place.level == .district ? levels.district : levels.street
            case .dispatcher, .checker, .reviewer, .reporter, .clock, nil: levels.street
            }
        return try hears(action, of: late, levels, tx)
    }

    /// Who hears that a unit is late, whoever has the case.
    func addressee(
        _ action: CaseType.Rung.Action, of late: ID<Unit>, _ item: CaseRecord, _ tx: ReadTx
    ) throws -> ID<Unit>? {
        try hears(action, of: late, try CaseLevels(of: item.division, item.accusation, tx), tx)
    }

    private func hears(
        _ action: CaseType.Rung.Action, of late: ID<Unit>?, _ levels: CaseLevels, _ tx: ReadTx
    ) throws -> ID<Unit>? {
        // Of who is reminded nobody asks whose level it is.
        let isDistricts =
            try action != .remind
            && late.flatMap { try UnitsStore.find($0, tx) }.map { $0.division.level <= .district }
                ?? false
        return levels.hears(action, of: late, isDistricts: isDistricts)
    }
}
