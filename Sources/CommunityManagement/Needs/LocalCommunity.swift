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

    /// The community a visitor is shown: the first one that has a committee.
    static func first(_ tx: ReadTx) throws -> DivisionCode? {
        try UnitsStore.firstCommittee(tx)
    }
}
