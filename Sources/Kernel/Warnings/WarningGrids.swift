import LinliCore
import LinliSQL

/// Open warnings where grids change: they are for whoever looks after the place or the household now. Signals keep the
/// grid they happened in, and answered warnings the one they were answered in.
package enum WarningGrids {
    /// The open warnings about a place.
    package static func move(place: ID<Place>, to grid: DivisionCode, _ tx: WriteTx) throws {
        try move("place_id = \(place)", to: grid, tx)
    }

    /// The open warnings about a household.
    package static func move(household: ID<Household>, to grid: DivisionCode, _ tx: WriteTx) throws {
        try move("household_id = \(household)", to: grid, tx)
    }

    private static func move(_ condition: SQL, to grid: DivisionCode, _ tx: WriteTx) throws {
        try tx.execute(
            """
            UPDATE warning SET division = \(grid), community = \(grid.ancestor(at: .community))
            WHERE \(condition) AND is_open = 1
            """)
    }
}
