import LinliKernel

extension Feature {
    /// Administration: signing in, accounts and duties, divisions and grids, and the registers a neighbourhood needs.
    package static let administration: [Feature] = [
        .signIn, .accounts, .divisions, .units, .places, .rosters, .gridBorders, .holidays, .divisionsAPI,
    ]
}
