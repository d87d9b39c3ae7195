import LinliCore
import LinliKernel
import LinliSQL

/// Every SQL text of signing in that the kernel does not have.
enum SignInStore {
    /// Keeps a second factor's sealed secret unless there is one already; tells whether it was kept.
    static func enrol(_ account: ID<Account>, sealed: [UInt8], _ tx: WriteTx) throws -> Bool {
        let changed = try tx.execute(
            "UPDATE account SET totp_sealed = \(sealed) WHERE id = \(account) AND totp_sealed IS NULL"
        )
        try tx.audit(Subject("account", account), fields: ["secondFactor"])
        return changed == 1
    }

    /// What somebody's duties are over, in words for their own page.
    static func units(of grants: [Grant], _ tx: ReadTx) throws -> [ID<Unit>: Text] {
        var names: [ID<Unit>: Text] = [:]
        for grant in grants {
            guard case .unit(let id) = grant.subject else { continue }
            names[id] = try UnitsStore.find(id, tx)?.name
        }
        return names
    }
}
