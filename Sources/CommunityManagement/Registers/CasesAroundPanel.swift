import LinliCore
import LinliKernel
import LinliUI

extension Panel {
    /// The cases around a home, a firm or a thing: those whose place is its place.
    static let casesAround = Panel(
        "cases.around", on: [.dwelling, .household, .organization, .thing], permission: .casesRead
    ) { subject, division, request, services in
        let scope = request.context.actor.scope(for: .casesRead)
        guard scope.contains(division) else { return nil }
        let rows = try await services.database.read { tx in
            try RegistersStore.cases(at: try RegistersStore.places(of: subject, tx), scope, tx)
        }
        guard !rows.isEmpty else { return nil }
        let types = services.queries.types
        return card(
            Text("这里的工单", "Cases here"),
            """
            <ul>\(each: rows, { row in
                cell(
                    CasePath.desk(row.id), "\(row.title.isEmpty ? row.number : row.title)",
                    "\(types.state(row.state, of: row.type)?.name ?? Text(same: row.state)) · \(row.createdAt.date.dayAndMonth)",
                    icon: "list")
            })</ul>
            """)
    }
}
