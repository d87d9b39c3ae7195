import LinliCore
import LinliSQL

/// Visits, their debts and their plans where grids change.
package enum VisitGrids {
    /// What is kept of a household follows it into its grid: its debt, and the visits that are yet to come, which who walks
    /// that one makes. What was done stays where it was done.
    package static func move(_ household: ID<Household>, to grid: DivisionCode, _ tx: WriteTx) throws {
        let community = grid.ancestor(at: .community)
        try tx.execute(
            """
            UPDATE visit_debt SET division = \(grid), community = \(community) WHERE household_id = \(household)
            """)
        let moved = try tx.execute(
            """
            UPDATE visit SET division = \(grid), community = \(community)
            WHERE household_id = \(household) AND is_open = 1
            """)
        if moved > 0 { try VisitHandovers.settle(in: grid, tx) }
    }

    /// Plans of grids that are no more go to what took over, and the debts of their households are worked out again.
    package static func succeed(in community: DivisionCode, _ tx: WriteTx) throws {
        let range = community.range
        let grids = try tx.all(
            """
            SELECT DISTINCT division FROM visit_plan WHERE ended_at IS NULL
            AND division BETWEEN \(range.lowerBound) AND \(range.upperBound) ORDER BY division LIMIT 999
            """
        ) { try $0[0] as DivisionCode }
        for grid in grids where grid.level == .grid {
            guard try DivisionsStore.find(grid, at: tx.now, tx) == nil else { continue }
            let next = try DivisionsStore.current(grid, tx)
            guard next != grid, community.contains(next) else { continue }
            try tx.execute("UPDATE visit_plan SET division = \(next) WHERE division = \(grid) AND ended_at IS NULL")
            try tx.audit(Subject("division", next.rawValue, division: next), fields: ["visitPlans"])
            try tx.emit("visits.planned", Subject("division", next.rawValue, division: next))
        }
    }
}
