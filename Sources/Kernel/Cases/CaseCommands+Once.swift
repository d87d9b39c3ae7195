import LinliCore
import LinliSQL
import LinliStandards

extension CaseCommands {
    /// The case a key has made already, or nil; ask before storing photos again.
    ///
    /// - Throws: what the store says.
    package func taken(once key: String, _ context: Context) async throws -> Taken? {
        let receipt = receipt(once: key, context)
        let hash = database.keys.tokenHash("receipt:\(receipt)")
        return try await database.read { tx in
            try tx.first("SELECT id, number, state FROM case_item WHERE receipt_hash = \(hash)") { row in
                Taken(id: try row[0], number: try row[1], receipt: receipt, state: try row[2])
            }
        }
    }

    /// Takes a need in once, however often the same form is sent: the key makes the receipt, and a receipt is unique.
    ///
    /// A key of fewer than 16 characters could be guessed and does not count.
    /// - Throws: as `report(_:_:receipt:)`.
    package func report(
        _ draft: CaseDraft, once key: String, _ context: Context,
        also: @escaping @Sendable (ID<Case>, WriteTx) throws -> Void = { _, _ in }
    ) async throws -> Taken {
        guard key.utf8.count >= 16 else { return try await report(draft, context, also: also) }
        if let taken = try await taken(once: key, context) { return taken }
        do {
            return try await report(draft, context, receipt: receipt(once: key, context), also: also)
        } catch let error as LinliError where error.kind == .conflict {
            // The same form came twice in one moment: the first one has made the case.
            guard let taken = try await taken(once: key, context) else { throw error }
            return taken
        }
    }

    /// One person's key says nothing to another.
    func receipt(once key: String, _ context: Context) -> String {
        let owner = context.actor.account.map { "\($0)" } ?? ""
        return database.keys.secret(of: "receipt:\(owner):\(key)")
    }

    /// `张** 138****1234`.
    static func mask(name: String, phone: String) -> String {
        [name.prefix(1) + (name.isEmpty ? "" : "**"), phone.isEmpty ? "" : maskedPhone(phone)]
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}
