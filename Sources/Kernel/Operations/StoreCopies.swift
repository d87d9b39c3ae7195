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

    private static func words(_ folder: String, _ user: String) -> String {
        "\(user.prefix(60)): \(folder.suffix(400))"
    }
}
