import LinliKernel

extension Feature {
    /// Administration: signing in, accounts and duties, divisions and grids.
    package static let administration: [Feature] = [.signIn, .accounts, .divisions, .divisionsAPI]
}
