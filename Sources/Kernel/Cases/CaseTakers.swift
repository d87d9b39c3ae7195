import LinliCore
import LinliSQL

/// Which units a case may be given to by whom.
package enum CaseTakers {
    /// Bodies above a community: its dispatcher gives them nothing. They are whistled for, or get what the community
    /// refuses with a reason.
    private static let above: Set<UnitKind> = [
        .streetCentre, .streetOffice, .enforcement, .serviceCentre, .district, .police, .judicial,
    ]

    /// The units a case may be given to by its reader: those that reach where it lies. Who dispatches for the street gives
    /// it to any of its committees, too: which of two communities it lies in may be what is disputed.
    package static func units(of item: CaseRecord, for actor: Actor, _ tx: ReadTx) throws -> [UnitSummary] {
        let near = try UnitsStore.reachable(from: item.division, tx)
        let street = item.division.ancestor(at: .street)
        guard actor.may(.casesDispatch, in: street) || actor.may(.casesArbitrate, in: street) else {
            return near.filter { !isAbove($0, item) }
        }
        guard street.level == .street else { return near }
        return near
            + (try UnitsStore.committees(in: street, tx).filter { unit in !near.contains { $0.id == unit.id } })
    }

    /// Whether a unit is above the community a case lies in.
    private static func isAbove(_ unit: UnitSummary, _ item: CaseRecord) -> Bool {
        above.contains(unit.kind) && unit.division.level < .community
    }

    /// Whether somebody may give a case to a unit, as `units` says; who dispatches or decides where the unit sits may, too.
    ///
    /// - Throws: `.invalid` naming the unit.
    static func check(_ unit: UnitSummary, for item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws {
        guard case .account = actor.kind, item.parent == nil else { return }
        let isTheirs = [Permission.casesDispatch, .casesArbitrate].contains { actor.may($0, in: unit.division) }
        guard try isTheirs || UnitsStore.reaches(unit, item.division, tx) else {
            throw LinliError.invalid(
                "cases.unitElsewhere",
                [.init("unit", Text("这个单位不管这里的事，请另选", "This unit does not serve this place; please choose another"))])
        }
        try checkAccused(item, actor, tx)
        let street = item.division.ancestor(at: .street)
        let isStreets = [Permission.casesDispatch, .casesArbitrate].contains { actor.may($0, in: street) }
        guard isStreets || !isAbove(unit, item) else {
            throw LinliError.invalid(
                "cases.unitAbove",
                [
                    .init(
                        "unit",
                        Text(
                            "社区不能直接派给上级单位：不归社区的请退单并写明理由，要他们到场的请吹哨",
                            "A community gives nothing to bodies above it: refuse with a reason what is not yours, whistle for who is needed"
                        ))
                ])
        }
    }

    /// What is said of a committee is given to somebody by the street, what is said of the street's centre by the district:
    /// not by those beside whom the accused work.
    private static func checkAccused(_ item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws {
        let kinds = try item.accusation.units.compactMap { try UnitsStore.find($0, tx)?.kind }
        let level: DivisionCode.Level? =
            kinds.contains(.streetCentre) ? .district : kinds.contains(where: DutyCatalogue.isCommunity) ? .street : nil
        guard let level else { return }
        let above = item.division.ancestor(at: level)
        guard ![Permission.casesDispatch, .casesArbitrate].contains(where: { actor.may($0, in: above) }) else { return }
        throw LinliError.invalid(
            "cases.unitAccused",
            [
                .init(
                    "unit",
                    Text(
                        "这件事反映的是社区或者街道，由上一级派单",
                        "It is about the community or the street: the level above dispatches it"))
            ])
    }

    /// Whether who decided whose a case is lets it be given to somebody else: only those who decide may, and it is decided
    /// anew by that. So every chain of refusals ends.
    ///
    /// - Throws: `.conflict` for everybody else.
    static func checkRuling(_ unit: ID<Unit>, on item: CaseRecord, _ actor: Actor, _ tx: ReadTx) throws {
        guard case .account = actor.kind, item.isBound, unit != item.handlerUnit else { return }
        guard try !CaseSituation.arbiters(of: item, tx).include(actor) else { return }
        throw LinliError(
            .conflict, "cases.ruled",
            Text(
                "已经裁定由现在的单位办理，要换单位，请作裁定的一级重新裁定",
                "It was decided that the present unit does it: only who decides such disputes may give it to another"))
    }
}
