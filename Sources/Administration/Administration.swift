import LinliKernel

extension Feature {
    /// Administration: signing in, accounts and duties, divisions and grids, the registers a neighbourhood needs, and
    /// the rules of dispatch; the audit and the state of the server for who looks after them.
    package static let administration: [Feature] = [
        .signIn, .accounts, .divisions, .units, .places, .rosters, .gridBorders, .gridPlans, .gridRoles,
        .holidays, .dispatch, .caseTypes, .divisionsAPI, .labels, .warningRules,
        .auditTrail, .operationsView,
    ]
}
