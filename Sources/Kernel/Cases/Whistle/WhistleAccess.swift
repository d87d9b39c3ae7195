import LinliCore
import LinliSQL

/// How somebody stands to one whistle.
package struct WhistleStanding: Sendable {
    /// Works on the side that whistles: signs others in, writes the minutes.
    package let isWhistler: Bool
    /// Says yes to a draft, closes, takes back and scores.
    package let mayConfirm: Bool
    /// The called units they answer for.
    package let units: [ID<Unit>]
    /// Sees the case it belongs to; who was only called knows what the whistle says and no more.
    package let seesCase: Bool
    /// Gives parts of the case away: whistles, and leads or dispatches the case.
    package let dividesTasks: Bool

    /// Whether anything at all may be seen.
    package var sees: Bool { seesCase || isWhistler || !units.isEmpty }

    /// How `actor` stands to `whistle` of `item`. Whoever works for the unit complained about stands nowhere.
    init(
        _ actor: Actor, _ whistle: WhistleRecord, _ called: [ID<Unit>], _ item: CaseRecord, _ situation: CaseSituation
    ) {
        if item.accusation.concerns(actor.scope) {
            (isWhistler, mayConfirm, units, seesCase, dividesTasks) = (false, false, [], false, false)
            return
        }
        isWhistler = WhistleStanding.may(
            .whistlesDraft, whistle.storey, actor, item.division, handledBy: item.handlerUnit)
        mayConfirm = WhistleStanding.may(
            .whistlesConfirm, whistle.storey, actor, item.division, handledBy: item.handlerUnit)
        let wasCalled = whistle.calledAt != nil
        units = wasCalled ? WhistleStanding.represented(actor).filter(called.contains) : []
        let standing = Standing(actor, item, situation)
        seesCase = standing.isStaff
        dividesTasks = isWhistler && (standing.isHandler || standing.isDispatcher)
    }

    /// The units somebody answers for: those they handle cases for, and the one they work for.
    static func represented(_ actor: Actor) -> [ID<Unit>] {
        guard actor.may(.casesRead) else { return [] }
        let units = actor.scope(for: .casesHandle).units
        return Set(units + [actor.employer].compactMap { $0 }).sorted()
    }

    /// Whether `actor` may whistle, or confirm it, on a storey for a case of `division`: the community's own people on
    /// the first, the street's on the second, and nobody for the level below them. What a committee was given may lie in
    /// its street or next door: its own people whistle for it all the same.
    package static func may(
        _ permission: Permission, _ storey: Whistle.Storey, _ actor: Actor, _ division: DivisionCode,
        handledBy unit: ID<Unit>?
    ) -> Bool {
        if storey == .community, let unit, actor.may(permission, for: [unit]) { return true }
        guard division.level >= storey.ownLevel else { return false }
        return divisions(storey, permission, actor).contains { $0.contains(division) }
    }

    /// The divisions over which somebody may do it on a storey.
    static func divisions(_ storey: Whistle.Storey, _ permission: Permission, _ actor: Actor) -> [DivisionCode] {
        let codes = actor.grants.compactMap { grant -> DivisionCode? in
            guard case .division(let code) = grant.subject, grant.permissions.contains(permission) else { return nil }
            return code
        }
        switch storey {
        case .community: return codes.filter { $0.level >= .community }
        case .street: return codes.filter { $0.level == .street }
        }
    }
}

/// A whistle as its reader may see it.
package struct WhistleView: Sendable {
    package let whistle: WhistleRecord
    package let standing: WhistleStanding
    package let units: [WhistleUnit]
    package let tasks: [WhistleTask]
    /// The code that who came types or scans; for who whistles, while units are expected.
    package let code: String?
    /// Whether its case is still open.
    package let isCaseOpen: Bool

    /// The called unit with an identifier.
    package func called(_ unit: ID<Unit>?) -> WhistleUnit? { units.first { $0.unit == unit } }
}

extension CaseQueries {
    /// A whistle as its reader may see it.
    ///
    /// - Throws: `.notFound` when it does not exist or is not for this reader.
    package func whistle(_ id: ID<Whistle>, _ context: Context) async throws -> WhistleView {
        try await database.read { tx in
            guard let whistle = try WhistlesStore.find(id, tx), let item = try CasesStore.find(whistle.item, tx) else {
                throw LinliError.notFound("whistles.unknown")
            }
            let type = try types.type(item.type, version: item.typeVersion)
            let units = try WhistlesStore.units(of: id, tx)
            let situation = try CaseSituation(item, type, tx)
            let standing = WhistleStanding(context.actor, whistle, units.map(\.unit), item, situation)
            guard standing.sees else { throw LinliError.notFound("whistles.hidden") }
            let showsCode = standing.isWhistler && whistle.state.isCalling
            return WhistleView(
                whistle: whistle, standing: standing, units: units, tasks: try WhistlesStore.tasks(of: id, tx),
                code: showsCode ? WhistleCommands.code(id, database.keys) : nil, isCaseOpen: item.isOpen
            )
        }
    }

    /// Whistles of a tab, the newest first.
    package func whistles(
        _ tab: WhistleTab, before: ID<Whistle>? = nil, limit: Int, _ context: Context
    ) async throws -> [WhistleRow] {
        try await database.read { tx in
            try WhistlesStore.list(tab, context.actor, before: before, limit: limit, tx)
        }
    }

    /// The whistles of a case, for who sees it as staff, and the storeys on which they may whistle for it now.
    package func whistles(
        of view: CaseView, _ context: Context
    ) async throws -> (whistles: [WhistleRecord], storeys: [Whistle.Storey]) {
        guard view.standing.isStaff else { return ([], []) }
        let whistles = try await database.read { try WhistlesStore.all(of: view.item.id, $0) }
        guard view.item.isOpen, view.item.parent == nil else { return (whistles, []) }
        let storeys = Whistle.Storey.allCases.filter { storey in
            WhistleStanding.may(
                .whistlesDraft, storey, context.actor, view.item.division, handledBy: view.item.handlerUnit)
                && !whistles.contains { $0.storey == storey && $0.state.isOpen }
        }
        return (whistles, storeys)
    }

    /// The units that a whistle for a case may call, without those it is against.
    package func callable(_ storey: Whistle.Storey, for item: CaseRecord) async throws -> [UnitSummary] {
        try await database.read { tx in
            try WhistlesStore.callable(storey, from: item.division, tx).filter { !item.accusation.names($0.id) }
        }
    }

    /// The phone of who a unit said would come, in clear, after the audit has it; for who whistles.
    ///
    /// - Throws: `.notFound` for everybody else and where none was left.
    package func whistleContact(
        _ id: ID<Whistle>, of unit: ID<Unit>, purpose: String, _ context: Context
    ) async throws -> String {
        let view = try await whistle(id, context)
        guard view.standing.isWhistler else { throw LinliError.notFound("whistles.contact") }
        guard let cell = try await database.read({ try WhistlesStore.contact(id, unit, $0) }) else {
            throw LinliError.notFound("whistles.contact")
        }
        let clear = try await database.reveal(context, purpose: purpose, view.whistle.subject, [cell])
        return clear.first ?? ""
    }
}
