import LinliSQL

extension HouseholdRows {
    /// Warnings about a household and the signals they were made of.
    package static let ofWarnings: [HouseholdRows] = [
        HouseholdRows("warnings", "warning"), HouseholdRows("signals", "warning_signal"),
    ]
}
