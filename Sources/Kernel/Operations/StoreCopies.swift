import LinliCore
import LinliSQL

/// Copies of the whole store. Nothing is read in clear by one, and everything leaves with it: so the audit says when, where
/// to and by whom on the machine.
package enum StoreCopies {
    /// What the audit calls everything there is.
    private static let everything = ["everything"]

    /// Notes that the store is about to be copied; committed before the copy is made, so that the copy has it, too.
    package static func leaving(to folder: String, by user: String, _ database: Database) async throws {
        let reason = words(folder, user)
        try await database.write(.system("backup", now: database.clock.now), "store.backup", reason: reason) { tx in
            try tx.audit(Subject("store", 0), fields: everything)
        }
    }

    /// Notes that this store is a copy that was brought back.
    package static func broughtBack(from folder: String, by user: String, _ database: Database) async throws {
        let reason = words(folder, user)
        try await database.write(.system("restore", now: database.clock.now), "store.restore", reason: reason) { tx in
            try tx.audit(Subject("store", 0), fields: everything)
        }
    }

    /// The phone of an account as it lies in a store or in a copy of one.
    package struct SealedPhone: Sendable, Equatable {
        let account: Int64
        let sealed: [UInt8]

        /// The phone of an account.
        package init(account: Int64, sealed: [UInt8]) {
            self.account = account
            self.sealed = sealed
        }
    }

    /// Phones of the first and the last accounts of a store as it lies there, of any age; none when it is no store of ours.
    package static func phones(_ engine: any Engine) async throws -> [SealedPhone] {
        try await engine.read { connection in
            guard try connection.exists(SQL.tableNamed("account")) else { return [] }
            let ends: [SQL] = [
                "SELECT id, phone_sealed FROM account ORDER BY id LIMIT 100",
                "SELECT id, phone_sealed FROM account ORDER BY id DESC LIMIT 100",
            ]
            return try ends.flatMap { end in
                try connection.all(end) { SealedPhone(account: try $0[0], sealed: try $0[1]) }
            }
        }
    }

    /// Whether keys open what was sealed, the newest as well as the oldest: a sheet from before a rotation does not.
    package static func fits(_ keys: KeyRing, _ phones: [SealedPhone]) -> Bool {
        phones.allSatisfy { phone in
            // Any failure to open means the same: it is not this key.
            (try? keys.open(phone.sealed, cell: Cell("account", "phone_sealed", phone.account))) != nil
        }
    }

    private static func words(_ folder: String, _ user: String) -> String {
        "\(user.prefix(60)): \(folder.suffix(400))"
    }
}
