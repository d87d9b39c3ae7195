import LinliCore
import LinliKernel
import LinliSQL

/// Which community a resident's page speaks for.
enum LocalCommunity {
    /// Where somebody is at home: a resident where they live, staff where their first duty lies. Nil for visitors, and
    /// for duties wider than a community.
    static func of(_ account: AccountSummary?) -> DivisionCode? {
        guard let account else { return nil }
        if let home = account.division { return home }
        for case .division(let code) in account.grants.map(\.subject) where code.level >= .community { return code }
        return nil
    }

    /// Who asks, as a neighbour: signed in or with a token, at home in a community; nil for visitors.
    static func neighbour(_ request: Request, _ services: Services) async throws -> Neighbour? {
        var account = request.session?.account
        if account == nil, let id = request.context.actor.account {
            let now = request.context.now
            account = try await services.database.read { try AccessStore.account(id, at: now, $0) }
        }
        return Neighbour(of(account), services.catalogue)
    }

    /// The community a visitor is shown: the first one that has a committee.
    static func first(_ tx: ReadTx) throws -> DivisionCode? {
        try UnitsStore.firstCommittee(tx)
    }
}
