/// More routes of cases.
extension RouteSample {
    static let ofCases: [String: RouteSample] = [
        "POST /desk/cases/:id/confirm-kind": .init("/desk/cases/:case/confirm-kind", may: handlers),
        "POST /api/v1/cases/:id/confirmation": .init("/api/v1/cases/:case/confirmation", may: handlers),
        "POST /desk/cases/:id/date": .init("/desk/cases/:case/date", may: handlers),
        "PUT /api/v1/cases/:id/date": .init("/api/v1/cases/:case/date", may: everyone),
        "GET /desk/cases/:id/place": .init("/desk/cases/:case/place", may: handlers),
        "POST /desk/cases/:id/place": .init("/desk/cases/:case/place", may: handlers),
        "PUT /api/v1/cases/:id/place": .init("/api/v1/cases/:case/place", may: everyone),
        "POST /desk/orders/:id/seen": .init("/desk/orders/:order/seen", may: [.dispatcher, .unverified, .program]),
        "POST /api/v1/orders/:number/seen": .init("/api/v1/orders/12345-0001/seen", may: everyone),
    ]

    /// Whoever owes no second factor.
    static let verified = Person.everyone.subtracting([.unverified])
}
