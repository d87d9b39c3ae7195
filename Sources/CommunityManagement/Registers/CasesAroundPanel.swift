import LinliCore
import LinliKernel
import LinliUI

extension Panel {
    /// The cases around a home, somebody who lives there, a firm or a thing: those at its place and at what that lies in,
    /// its building and its estate.
    static let casesAround = Panel(
        "cases.around", on: [.person, .dwelling, .household, .organization, .thing], permission: .casesRead,
        list: { subject, division, request, services in
            let types = services.queries.types
            return try await cases(around: subject, division, request, services).map { row in
                Panel.Line(
                    "case", "\(row.id)", Text(same: row.title.isEmpty ? row.number : row.title),
                    types.state(row.state, of: row.type)?.name ?? Text(same: row.state), at: row.createdAt)
            }
        }
    ) { subject, division, request, services in
        let rows = try await cases(around: subject, division, request, services)
        return AroundCards.cases(Text("这里的工单", "Cases here"), rows, services.queries.types)
    }

    private static func cases(
        around subject: RegisterSubject, _ division: DivisionCode, _ request: Request, _ services: Services
    ) async throws -> [CaseRow] {
        let scope = request.context.actor.scope(for: .casesRead)
        guard scope.contains(division) else { return [] }
        return try await services.database.read { tx in
            try RegistersStore.cases(at: try RegisterQueries.places(around: subject, tx), scope, tx)
        }
    }
}

extension PlacePanel {
    /// The cases at a place and inside it.
    static let casesAround = PlacePanel("cases.around", permission: .casesRead) { around, request, services in
        let scope = request.context.actor.scope(for: .casesRead)
        guard scope.contains(around.place.division) else { return nil }
        let rows = try await services.database.read { try RegistersStore.cases(at: around.inside, scope, $0) }
        return AroundCards.cases(Text("这里的工单", "Cases here"), rows, services.queries.types)
    }

    /// The things inside a place that do not stand at the place itself, those that are not sound first.
    static let thingsInside = PlacePanel("things.inside", permission: .peopleRead) { around, request, services in
        let actor = request.context.actor
        let inside = Array(around.inside.dropFirst())
        let things = try await services.database.read { try RegisterQueries.things(at: inside, limit: 20, $0) }
            .filter { actor.may(.peopleRead, in: $0.division) }
        return AroundCards.things(Text("里面的部件、设备", "Things and devices inside"), things)
    }
}

/// What is around a home or a place, as cards; nil where there is nothing.
private enum AroundCards {
    static func cases(_ title: Text, _ rows: [CaseRow], _ types: CaseTypes) -> HTML? {
        guard !rows.isEmpty else { return nil }
        return card(
            title,
            """
            <ul>\(each: rows, { row in
                cell(
                    CasePath.desk(row.id), "\(row.title.isEmpty ? row.number : row.title)",
                    "\(types.state(row.state, of: row.type)?.name ?? Text(same: row.state)) · \(row.createdAt.date.dayAndMonth)",
                    icon: "list")
            })</ul>
            """)
    }

    static func things(_ title: Text, _ things: [ThingRecord]) -> HTML? {
        guard !things.isEmpty else { return nil }
        return card(
            title,
            """
            <ul>\(each: things, { thing in
                cell(
                    RegisterWords.path(RegisterSubject(.thing, thing.id)), "\(thing.name)",
                    "\(thing.state.name) · \(thing.location)", icon: "tools")
            })</ul>
            """)
    }
}
