import LinliSQL

extension HouseholdRows {
    /// Warnings about a household and the signals they were made of.
    package static let ofWarnings: [HouseholdRows] = [
        HouseholdRows(
            "warnings", "warning",
            settle: { household, grid, tx in try WarningGrids.move(household: household, to: grid, tx) }),
        HouseholdRows("signals", "warning_signal"),
    ]
}

extension ErasedWords {
    /// What was noted of a warning about a household goes with it; that there was one stays.
    package static let ofWarnings = ErasedWords { _, _ in
    } home: { household, tx in
        try tx.execute("UPDATE warning SET note = '' WHERE household_id = \(household)")
    }
}
