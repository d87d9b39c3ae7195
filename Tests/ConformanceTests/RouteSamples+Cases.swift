/// More routes of cases.
extension RouteSample {
    static let ofCases: [String: RouteSample] = [
        "POST /desk/cases/:id/confirm-kind": .init("/desk/cases/:case/confirm-kind", may: handlers),
        "POST /api/v1/cases/:id/confirmation": .init("/api/v1/cases/:case/confirmation", may: handlers),
    ]

    /// Whoever owes no second factor.
    static let verified = Person.everyone.subtracting([.unverified])
}
