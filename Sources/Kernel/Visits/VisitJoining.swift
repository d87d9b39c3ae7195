import LinliSQL

extension HouseholdRows {
    /// Visits and what was answered in them go with the household; what was heard last of the two is what was heard of the
    /// one that stays. Visits that are yet to come are made in the grid it lies in.
    package static let ofVisits: [HouseholdRows] = [
        HouseholdRows(
            "visits", "visit",
            join: { gone, survivor, tx in
                for (signal, at) in try Households.signals(of: gone, tx) {
                    try Households.heard(of: survivor, by: signal, at: at, tx)
                }
            },
            settle: { household, grid, tx in try VisitGrids.move(household, to: grid, tx) }),
        HouseholdRows("answers", "visit_answer"),
        HouseholdRows("attempts", "visit_attempt"),
    ]
}
